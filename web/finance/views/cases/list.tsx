// The cases of a page as a table, each with the way into it.
import type { Cases } from '../../api.ts';
import { useFormat, useLinks } from '../../page.ts';
import { Badge } from '../../parts/basics.tsx';
import { Table, type Cell, type TableData } from '../../parts/table.tsx';
import { useNames } from '../../words.ts';
import { useCasesWords } from './words.ts';

type Line = Cases['cases'][number];
type Sum = keyof Line['totals'][number];

/** The column of the outcome. */
const OUTCOME = 1;

const SUMS = ['failed', 'recovered', 'open'] as const;

/** The table of a page. A case with several currencies has a line each in its cells: they are never added. */
export const useCasesTable = (cases: readonly Line[]): TableData => {
  const say = useCasesWords();
  const names = useNames();
  const { money, day } = useFormat();
  const { to } = useLinks();
  const sum = ({ totals }: Line, name: Sum): Cell => {
    const [first, ...others] = totals.map((total) => total[name]);
    if (first === undefined) return { text: '–' };
    return {
      text: money(first),
      ...(others.length === 0 && { csv: first.decimal }),
      more: others.map((one) => <small key={one.currency}>{money(one)}</small>),
    };
  };
  const isOfOne = new Set(cases.map(({ connection }) => connection)).size <= 1;
  const customer = (line: Line): Cell => ({
    text: isOfOne ? line.customer : `${line.connection}/${line.customer}`,
    to: to('case', { parts: [line.connection, line.customer, line.case], query: {} }),
    more: (
      <small>
        <bdi>{line.invoices.map(({ invoice, number }) => number ?? invoice).join(', ')}</bdi>
      </small>
    ),
  });
  return {
    caption: say('table'),
    heads: [
      { text: say('customer') },
      { text: say('outcome') },
      ...SUMS.map((name) => ({ text: names('outcome', name), isFigure: true })),
      { text: say('opened') },
      { text: say('closed') },
    ],
    rows: cases.map((line) => [
      customer(line),
      { text: '', csv: names('outcome', line.outcome), mark: <Badge outcome={line.outcome} /> },
      ...SUMS.map((name) => sum(line, name)),
      { text: day(line.openedAt) },
      { text: line.closedAt === null ? '–' : day(line.closedAt) },
    ]),
  };
};

/** The same as it is shown: when a case was closed stands under what it came to, for there is little room. */
const useShown = (cases: readonly Line[]): TableData => {
  const say = useCasesWords();
  const { day } = useFormat();
  const { heads, rows, ...table } = useCasesTable(cases);
  const closedOn = ({ closedAt }: Line) =>
    closedAt !== null && <small>{say('closed_on', { day: day(closedAt) })}</small>;
  return {
    ...table,
    heads: heads.slice(0, -1),
    rows: rows.map((cells, i) =>
      cells
        .slice(0, -1)
        .map((cell, column) => (column === OUTCOME ? { ...cell, more: closedOn(cases[i] as Line) } : cell)),
    ),
  };
};

export const List = ({ cases }: { cases: readonly Line[] }) => (
  <div class="card case-list">
    <Table data={useShown(cases)} stacks />
  </div>
);
