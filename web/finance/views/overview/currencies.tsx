// All currencies in a table that never adds them.
import { CsvButton } from '../../parts/csv-button.tsx';
import type { CurrencyFigures } from '../../api.ts';
import { useFormat, useLinks } from '../../page.ts';
import { Card } from '../../parts/basics.tsx';
import { Table, type TableData } from '../../parts/table.tsx';
import { useNames, useShell } from '../../words.ts';
import { useOverview } from './words.ts';

type Props = { readonly currencies: readonly CurrencyFigures[] };

const OUTCOMES = ['recovered', 'lost', 'withdrawn', 'open'] as const;

export const ByCurrency = ({ currencies }: Props) => {
  const say = useOverview();
  const names = useNames();
  const shell = useShell();
  const { money, percent, currencyName } = useFormat();
  const { here } = useLinks();
  const table: TableData = {
    caption: say('by_currency_text'),
    heads: [
      { text: say('currency') },
      ...[say('failed'), ...OUTCOMES.map((outcome) => names('outcome', outcome)), say('rate_short')].map(
        (text) => ({ text, isFigure: true }),
      ),
    ],
    rows: currencies.map(({ currency, cell, rate }) => [
      { text: currency, to: here({ in: currency }), more: <small>{currencyName(currency)}</small> },
      ...(['failed', ...OUTCOMES] as const).map((name) => ({
        text: money(cell[name].amount),
        csv: cell[name].amount.decimal,
        more: name === 'failed' && <small>{shell('invoices', { n: cell.failed.n })}</small>,
      })),
      rate.share === null
        ? { text: '–', csv: '' }
        : { text: percent(rate.share.share), csv: String(rate.share.share) },
    ]),
  };
  const save = <CsvButton title={say('by_currency')} name="currencies" table={table} />;
  return (
    <Card title={say('by_currency')} look="panel by-currency" actions={save}>
      <Table data={table} shown stacks />
    </Card>
  );
};
