// A row a month of failure: what failed, what became of it, and at which rates it came back.
import { CsvButton } from '../../parts/csv-button.tsx';
import { useFormat, useLinks } from '../../page.ts';
import { Card } from '../../parts/basics.tsx';
import { Table, type Cell, type TableData } from '../../parts/table.tsx';
import { useNames, useShell } from '../../words.ts';
import { isYoung, type Cohort } from './seen.ts';
import { useCohorts } from './words.ts';

type Props = { readonly cohorts: readonly Cohort[]; readonly currency: string; readonly at: string };

const OUTCOMES = ['failed', 'recovered', 'lost', 'withdrawn', 'open'] as const;

/** The month as the way to its overview, with a mark while it is young. */
export const useMonthCell = (at: string): ((cohort: Cohort) => Cell) => {
  const say = useCohorts();
  const { to } = useLinks();
  const { month } = useFormat();
  return (cohort) => ({
    text: month(cohort.month),
    to: to('overview', { query: { from: cohort.month, to: cohort.month, in: cohort.currency } }),
    more: isYoung(cohort, at) && <span class="badge open young">{say('young')}</span>,
  });
};

const useRates = (): ((cohort: Cohort) => readonly Cell[]) => {
  const shell = useShell();
  const { percent } = useFormat();
  return ({ rate, moneyRate }) => [
    rate.share === null
      ? { text: '–', csv: '' }
      : {
          text: percent(rate.share.share),
          csv: String(rate.share.share),
          more: (
            <>
              <small>{shell('of', { hits: rate.hits, of: rate.of })}</small>
              <small>
                {shell('interval', { low: percent(rate.share.low), high: percent(rate.share.high) })}
              </small>
            </>
          ),
        },
    moneyRate.share === null
      ? { text: '–', csv: '' }
      : { text: percent(moneyRate.share), csv: String(moneyRate.share) },
  ];
};

const useTable = ({ cohorts, currency, at }: Props): TableData => {
  const say = useCohorts();
  const names = useNames();
  const { to } = useLinks();
  const { money, count } = useFormat();
  const monthCell = useMonthCell(at);
  const rates = useRates();
  return {
    caption: say('months_text'),
    heads: [
      { text: say('month') },
      ...[...OUTCOMES.map((name) => names('outcome', name)), say('rate'), say('money_rate')].map((text) => ({
        text,
        isFigure: true,
      })),
    ],
    rows: cohorts.map((cohort) => [
      monthCell(cohort),
      ...OUTCOMES.map((name): Cell => {
        const { n, amount } = cohort.cell[name];
        return {
          text: money(amount),
          csv: amount.decimal,
          to:
            n === 0
              ? null
              : to('invoices', { query: { total: name, currency, from: cohort.month, to: cohort.month } }),
          more: <small>{count(n)}</small>,
        };
      }),
      ...rates(cohort),
    ]),
  };
};

export const MonthsTable = (props: Props) => {
  const say = useCohorts();
  const table = useTable(props);
  const save = <CsvButton title={say('months')} name={`cohorts-${props.currency}`} table={table} />;
  return (
    <Card title={say('months')} help="rate" look="panel cohort-months" actions={save}>
      <Table data={table} shown stacks />
    </Card>
  );
};
