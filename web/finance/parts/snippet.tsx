// What somebody with the code would write: shown as it is, with a button that copies it.
import { useState } from 'preact/hooks';
import { useShell } from '../words.ts';
import { Button } from './basics.tsx';

/** `file`: where it is written. */
export const Snippet = ({ file, text }: { file: string; text: string }) => {
  const say = useShell();
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <figure class="snippet">
      <figcaption>
        <code>{file}</code>
        <Button look="quiet" onClick={() => void copy()}>
          <span role="status">{say(isCopied ? 'copied' : 'copy')}</span>
        </Button>
      </figcaption>
      <pre role="group" aria-label={file} tabIndex={0}>
        <code>{text}</code>
      </pre>
    </figure>
  );
};
