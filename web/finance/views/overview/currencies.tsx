// Several currencies: one is shown at a time, and all of them in a table that never adds them.
import type { CurrencyFigures } from '../../api.ts';
import { useFormat, useLinks } from '../../page.ts';
import { Card } from '../../parts/basics.tsx';
import { Table, type TableData } from '../../parts/table.tsx';
import { useNames, useShell } from '../../words.ts';
import { useOverview } from './words.ts';

type Props = { readonly currencies: readonly CurrencyFigures[] };

export const CurrencyTabs = ({ currencies, shown }: Props & { shown: string }) => {
  const say = useShell();
  const { count, currencyName } = useFormat();
  const { here } = useLinks();
  return (
    <nav class="tabs" aria-label={say('currencies')}>
      {currencies.map(({ currency, cell }) => (
        <a
          key={currency}
          href={here({ in: currency })}
          aria-current={currency === shown ? 'true' : undefined}
          title={currencyName(currency)}
        >
          {currency} <small>{count(cell.failed.n)}</small>
        </a>
      ))}
    </nav>
  );
};

const OUTCOMES = ['recovered', 'lost', 'withdrawn', 'open'] as const;

export const ByCurrency = ({ currencies }: Props) => {
  const say = useOverview();
  const names = useNames();
  const { money, count, percent, currencyName } = useFormat();
  const { here } = useLinks();
  const table: TableData = {
    caption: say('by_currency_text'),
    heads: [
      { text: say('currency') },
      ...[
        say('invoices'),
        say('failed'),
        ...OUTCOMES.map((outcome) => names('outcome', outcome)),
        say('rate'),
      ].map((text) => ({ text, isFigure: true })),
    ],
    rows: currencies.map(({ currency, cell, rate }) => [
      { text: currency, to: here({ in: currency }), more: <small>{currencyName(currency)}</small> },
      { text: count(cell.failed.n) },
      ...(['failed', ...OUTCOMES] as const).map((name) => ({ text: money(cell[name].amount) })),
      { text: rate.share === null ? '–' : percent(rate.share.share) },
    ]),
  };
  return (
    <Card title={say('by_currency')} look="panel">
      <Table data={table} shown />
    </Card>
  );
};
