// The head of a view: its name, what it is about, and what can be done with all of it.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { AskError, type Problem } from '../problem.ts';
import { useAsked, usePage } from '../page.ts';
import { useShell } from '../words.ts';
import { Button, Menu } from './basics.tsx';
import { saveBlob } from './save.ts';
import { Wrong } from './states.tsx';

/** Copies the address of this view with all its filters. */
export const CopyLink = () => {
  const say = useShell();
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(location.href);
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <Button icon="link" onClick={() => void copy()}>
      <span role="status">{say(isCopied ? 'copied' : 'copy_link')}</span>
    </Button>
  );
};

const FILES = [
  ['/reports/recovery.csv', 'download_csv'],
  ['/reports/recovery.xlsx', 'download_xlsx'],
] as const;

/** The invoices under a report as files of the API, and the view on paper. */
export const Downloads = () => {
  const say = useShell();
  const { api } = usePage();
  const asked = useAsked();
  const [problem, setProblem] = useState<Problem | null>(null);
  const fetchFile = async (path: string) => {
    setProblem(null);
    try {
      const { name, blob } = await api.file(path, asked);
      saveBlob(name, blob);
    } catch (error) {
      setProblem(error instanceof AskError ? error.problem : { kind: 'unreachable' });
    }
  };
  return (
    <Menu label={say('download')} name={say('download')} icon="download">
      {(close) => (
        <>
          <ul class="choices">
            {FILES.map(([path, name]) => (
              <li key={path}>
                <button type="button" onClick={() => void fetchFile(path).then(close)}>
                  {say(name)}
                </button>
              </li>
            ))}
            <li>
              <button
                type="button"
                onClick={() => {
                  close();
                  print();
                }}
              >
                {say('print')}
              </button>
            </li>
          </ul>
          {problem && <Wrong problem={problem} again={() => setProblem(null)} />}
        </>
      )}
    </Menu>
  );
};

type ViewHeadProps = {
  readonly title: ComponentChildren;
  readonly lead?: ComponentChildren;
  readonly actions?: ComponentChildren;
};

/** The only h1 of the page. It takes the focus when a view is gone to, so that it is read out. */
export const ViewHead = ({ title, lead, actions }: ViewHeadProps) => (
  <header class="view-head">
    <div>
      <h1 tabIndex={-1}>{title}</h1>
      {lead && <p class="quiet">{lead}</p>}
    </div>
    <div class="actions">
      {actions}
      <CopyLink />
    </div>
  </header>
);
