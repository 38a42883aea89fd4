// A mail as it looks, in a frame in which no script can run, as high as the mail is.
import { useEffect, useRef, useState } from 'preact/hooks';
import { putMail } from './mail-document.ts';

/** In standards mode, as a mail is shown elsewhere. */
const EMPTY = '<!doctype html><html><head></head><body></body></html>';
const FIRST_HEIGHT = 480;

export const MailFrame = ({ html, title }: { html: string; title: string }) => {
  const frame = useRef<HTMLIFrameElement>(null);
  const [isLoaded, setLoaded] = useState(false);
  const [height, setHeight] = useState(FIRST_HEIGHT);
  useEffect(() => {
    const shown = frame.current;
    const root = shown?.contentDocument?.documentElement;
    if (!isLoaded || !shown || !root) return undefined;
    putMail(shown, html);
    const measure = () => setHeight(Math.ceil(root.getBoundingClientRect().height));
    // A narrower screen makes a longer mail.
    const watch = new ResizeObserver(measure);
    watch.observe(root);
    return () => watch.disconnect();
  }, [isLoaded, html]);
  return (
    <iframe
      ref={frame}
      class="mail"
      sandbox="allow-same-origin"
      srcdoc={EMPTY}
      title={title}
      height={height}
      onLoad={() => setLoaded(true)}
    />
  );
};
