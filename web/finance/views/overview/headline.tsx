// What became of the money that failed, at a glance, and at which rate it came back.
import type { CurrencyFigures } from '../../api.ts';
import { useFormat, useLinks } from '../../page.ts';
import { Card, Key } from '../../parts/basics.tsx';
import { CsvButton } from '../../parts/csv-button.tsx';
import { WholeChart } from '../../parts/charts.tsx';
import { Help } from '../../parts/help.tsx';
import { Table, type TableData } from '../../parts/table.tsx';
import { useTotal } from '../../parts/totals.ts';
import { useNames, useShell } from '../../words.ts';
import { useOverview } from './words.ts';

const OUTCOMES = ['recovered', 'lost', 'withdrawn', 'open'] as const;

type Props = { readonly figures: CurrencyFigures };

const useOutcomes = ({ currency, cell }: CurrencyFigures): TableData => {
  const say = useOverview();
  const shell = useShell();
  const names = useNames();
  const total = useTotal(currency);
  const { money, count, percent } = useFormat();
  const all = cell.failed.amount.minor;
  const shareOf = (minor: number): string => (all === 0 ? '–' : percent(minor / all));
  const row = (name: (typeof OUTCOMES)[number] | 'failed') => {
    const { n, amount } = cell[name];
    return [
      { text: names('outcome', name), to: total(name), mark: name === 'failed' ? null : <Key look={name} /> },
      { text: count(n), csv: String(n) },
      {
        text: money(amount),
        csv: amount.decimal,
        more: <small class="under">{shell('invoices', { n })}</small>,
      },
      { text: shareOf(amount.minor) },
    ];
  };
  return {
    caption: say('what_became'),
    heads: [
      { text: say('outcome') },
      ...[say('invoices'), say('amount'), say('share')].map((text) => ({ text, isFigure: true })),
    ],
    rows: OUTCOMES.map(row),
    foot: row('failed'),
  };
};

const Rate = ({ figures: { rate, moneyRate } }: Props) => {
  const say = useOverview();
  const shell = useShell();
  const { money, percent } = useFormat();
  return (
    <Card title={say('rate')} help="rate">
      {rate.share === null ? (
        <>
          <p class="huge">–</p>
          <p class="quiet">{say('rate_none')}</p>
        </>
      ) : (
        <>
          <p class="huge">{percent(rate.share.share)}</p>
          <p class="more">
            {shell('interval', { low: percent(rate.share.low), high: percent(rate.share.high) })}
            <Help of="interval" name="95 %" />
          </p>
          <p class="more">{say('rate_of', { hits: rate.hits, of: rate.of })}</p>
          {moneyRate.share !== null && (
            <p class="more">
              {say('money_rate', {
                share: percent(moneyRate.share),
                hits: money(moneyRate.amount),
                of: money(moneyRate.of),
              })}
              <Help of="money_rate" name={say('money_rate_name')} />
            </p>
          )}
        </>
      )}
    </Card>
  );
};

/** What of it is expected, if it goes as it did in the period. */
const Expected = ({ figures: { atRisk } }: Props) => {
  const say = useOverview();
  const shell = useShell();
  const { money } = useFormat();
  const { open, expected } = atRisk;
  if (open.n === 0) return null;
  return (
    <p class="more">
      {expected === null
        ? say('expected_unknown')
        : say('expected_of', {
            amount: money(expected.amount),
            of: money(open.amount),
            interval: shell('interval', { low: money(expected.low), high: money(expected.high) }),
          })}
      <Help of="expected" name={say('expected')} />
    </p>
  );
};

/** What can still come back: all that is open at this moment, whenever it failed. */
const AtRisk = ({ figures }: Props) => {
  const say = useOverview();
  const shell = useShell();
  const { to } = useLinks();
  const { money } = useFormat();
  const { n, amount } = figures.atRisk.open;
  const link = to('at-risk', { query: { in: figures.currency } });
  return (
    <Card title={say('at_risk')} help="at_risk">
      <p class="huge">{link === null ? money(amount) : <a href={link}>{money(amount)}</a>}</p>
      <p class="more">{say('at_risk_of', { invoices: shell('invoices', { n }) })}</p>
      <Expected figures={figures} />
    </Card>
  );
};

export const Headline = ({ figures }: Props) => {
  const { currency, cell } = figures;
  const say = useOverview();
  const shell = useShell();
  const names = useNames();
  const { money, percent } = useFormat();
  const total = useTotal(currency);
  const table = useOutcomes(figures);
  const all = cell.failed.amount.minor;
  const parts = OUTCOMES.map((look) => ({ look, share: all === 0 ? 0 : cell[look].amount.minor / all }));
  const text = parts.map(({ look, share }) => `${names('outcome', look)} ${percent(share)}`).join(', ');
  const to = total('recovered');
  const amount = money(cell.recovered.amount);
  return (
    <div class="headline">
      <Card
        title={say('recovered')}
        help="recovered"
        look="lead"
        actions={<CsvButton title={say('what_became')} name={`outcomes-${currency}`} table={table} />}
      >
        <p class="huge">{to === null ? amount : <a href={to}>{amount}</a>}</p>
        <p class="more">
          {say('came_back', {
            amount: money(cell.failed.amount),
            invoices: shell('invoices', { n: cell.failed.n }),
          })}
          <Help of="failed" name={names('outcome', 'failed')} />
        </p>
        {all > 0 && <WholeChart title={say('what_became')} text={text} parts={parts} />}
        <Table data={table} />
      </Card>
      <div class="rates">
        <Rate figures={figures} />
        <AtRisk figures={figures} />
      </div>
    </div>
  );
};
