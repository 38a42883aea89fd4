// A sheet with one row a name: its bar, its money and its invoices, the largest first. The table is the chart.
import type { Money } from '../format.ts';
import { useFormat } from '../page.ts';
import { useShell } from '../words.ts';
import { Card } from './basics.tsx';
import { Bar } from './charts.tsx';
import { CsvButton } from './csv-button.tsx';
import type { Definition } from './help.tsx';
import { Table, type TableData } from './table.tsx';

/** One row. `to`: the invoices under it; `n` null: it is money of some that count elsewhere. */
export type Named = {
  readonly name: string;
  readonly n: number | null;
  readonly amount: Money;
  readonly to?: string | null;
};

type BarsPanelProps = {
  readonly title: string;
  readonly help?: Definition;
  /** Of the file that is saved. */
  readonly name: string;
  readonly look: string;
  readonly heads: readonly [name: string, invoices: string, amount: string];
  readonly rows: readonly Named[];
  /** Said when there is no row. */
  readonly nothing: string;
};

export const BarsPanel = ({ title, help, name, look, heads, rows, nothing }: BarsPanelProps) => {
  const say = useShell();
  const { money, count } = useFormat();
  const most = Math.max(1, ...rows.map(({ amount }) => amount.minor));
  const [first, ...figures] = heads;
  const table: TableData = {
    caption: title,
    heads: [{ text: first }, ...figures.map((text) => ({ text, isFigure: true }))],
    rows: rows.map((row) => [
      {
        text: row.name,
        to: row.to ?? null,
        more: <Bar share={row.amount.minor / most} look={look} />,
      },
      { text: row.n === null ? '–' : count(row.n), csv: row.n === null ? '' : String(row.n) },
      {
        text: money(row.amount),
        csv: row.amount.decimal,
        more: row.n !== null && <small class="under">{say('invoices', { n: row.n })}</small>,
      },
    ]),
  };
  const save = <CsvButton title={title} name={name} table={table} />;
  return (
    <Card title={title} {...(help && { help })} actions={rows.length > 0 && save} look="panel bars">
      {rows.length === 0 ? <p class="quiet">{nothing}</p> : <Table data={table} />}
    </Card>
  );
};
