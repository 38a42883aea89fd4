// A row of tabs, each a link. What does not fit on a phone moves sideways, and the tab that is shown is in sight.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { usePage } from '../page.ts';

/** `label`: what the tabs choose. The link of the tab that is shown has `aria-current`. */
export const Tabs = ({ label, children }: { label: string; children: ComponentChildren }) => {
  const row = useRef<HTMLElement>(null);
  const { place } = usePage();
  useEffect(() => {
    const shown = row.current?.querySelector<HTMLElement>('[aria-current]');
    if (!row.current || !shown) return;
    row.current.scrollLeft = shown.offsetLeft - (row.current.clientWidth - shown.offsetWidth) / 2;
  }, [place]);
  return (
    <nav ref={row} class="tabs" aria-label={label}>
      {children}
    </nav>
  );
};
