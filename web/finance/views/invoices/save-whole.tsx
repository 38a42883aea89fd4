// The whole list as a file: its pages are fetched one after the other, and the reader sees how far it is.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { TotalName } from '../../../../core/reports/totals.ts';
import type { Invoices } from '../../api.ts';
import { usePage } from '../../page.ts';
import { Button } from '../../parts/basics.tsx';
import { saveTable } from '../../parts/table.tsx';
import { Wrong } from '../../parts/states.tsx';
import { AskError, type Problem } from '../../problem.ts';
import type { Query } from '../../router.ts';
import { useSavedTable } from './table.ts';
import { wholeList } from './whole.ts';
import { useInvoicesWords } from './words.ts';

type SaveProps = { readonly total: TotalName; readonly query: Query };

export const SaveWhole = ({ total, query }: SaveProps) => {
  const say = useInvoicesWords();
  const { api } = usePage();
  const table = useSavedTable();
  const [state, setState] = useState<'ready' | 'fetching' | 'cut'>('ready');
  const [problem, setProblem] = useState<Problem | null>(null);
  const under = useRef<AbortController | null>(null);
  const key = new URLSearchParams(query).toString();
  // What is fetched of another list, or for a view that is gone, is given up.
  useEffect(() => {
    setState('ready');
    setProblem(null);
    return () => under.current?.abort();
  }, [total, key]);
  const save = async () => {
    const end = new AbortController();
    under.current = end;
    setState('fetching');
    setProblem(null);
    try {
      const ask = (page: Query) => api.get<Invoices>('/invoices', page, end.signal);
      const { invoices, isAll } = await wholeList(ask, query);
      saveTable(`invoices-${total.replaceAll('_', '-')}`, table(total, invoices));
      setState(isAll ? 'ready' : 'cut');
    } catch (error) {
      if (end.signal.aborted) return;
      setState('ready');
      setProblem(error instanceof AskError ? error.problem : { kind: 'unreachable' });
    }
  };
  return (
    <>
      <Button icon="download" disabled={state === 'fetching'} onClick={() => void save()}>
        <span role="status">{say(state === 'fetching' ? 'saving' : 'save')}</span>
      </Button>
      {state === 'cut' && (
        <p class="quiet" role="status">
          {say('cut')}
        </p>
      )}
      {problem && <Wrong problem={problem} again={() => void save()} />}
    </>
  );
};
