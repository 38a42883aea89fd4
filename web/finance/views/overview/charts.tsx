// How fast it came back, and in which month money came and went.
import type { CurrencyFigures } from '../../api.ts';
import { useFormat } from '../../page.ts';
import { Card, Key } from '../../parts/basics.tsx';
import { ChartPanel } from '../../parts/chart-panel.tsx';
import { CsvButton } from '../../parts/csv-button.tsx';
import { Bar, ColumnsChart, CurveChart } from '../../parts/charts.tsx';
import { Table, type TableData } from '../../parts/table.tsx';
import { useTotal } from '../../parts/totals.ts';
import { useNames } from '../../words.ts';
import { useOverview } from './words.ts';

type Props = { readonly figures: CurrencyFigures };

const figureHeads = (texts: readonly string[]) => texts.map((text) => ({ text, isFigure: true }));

export const CurveCard = ({ figures: { curve, seenDays } }: Props) => {
  const say = useOverview();
  const names = useNames();
  const { percent, percentWhole, count } = useFormat();
  const last = curve.at(-1);
  const said = ({ day, share, low, high }: (typeof curve)[number]) => ({
    day,
    share: percent(share),
    low: percent(low),
    high: percent(high),
  });
  const table: TableData = {
    caption: say('curve'),
    heads: [{ text: say('day') }, ...figureHeads([say('share'), say('low'), say('high'), say('open_then')])],
    rows: curve.map(({ day, share, low, high, atRisk }) => [
      { text: count(day), csv: String(day) },
      ...[share, low, high].map((value) => ({ text: percent(value), csv: String(value) })),
      { text: count(atRisk), csv: String(atRisk) },
    ]),
  };
  return (
    <ChartPanel
      title={say('curve')}
      help="curve"
      name="curve"
      table={table}
      nothing={last === undefined ? say('curve_none') : null}
      chart={(width) => (
        <CurveChart
          title={say('curve')}
          text={last === undefined ? '' : say('curve_text', said(last))}
          curve={curve}
          seenDays={seenDays}
          width={width}
          percent={percentWhole}
          axis={say('days_after')}
          read={(point) => say('point', said({ atRisk: 0, ...point }))}
        />
      )}
      legend={
        <ul class="legend">
          <li>
            <Key look="recovered" />
            {names('outcome', 'recovered')}
          </li>
          <li>
            <Key look="band" />
            {say('curve_band')}
          </li>
        </ul>
      }
    />
  );
};

/** More months than this are in the table only. */
const MONTHS_DRAWN = 24;

type Month = CurrencyFigures['moved'][number];

/** How money leaves again, each in its colour. */
const LEFT = [
  { name: 'refunded', look: 'withdrawn' },
  { name: 'disputed', look: 'lost' },
  { name: 'reversed', look: 'reversed' },
] as const;

const useMonthsTable = ({ moved, currency }: CurrencyFigures): TableData => {
  const say = useOverview();
  const names = useNames();
  const total = useTotal(currency);
  const { money, month } = useFormat();
  return {
    caption: say('months'),
    heads: [
      { text: say('month') },
      ...figureHeads([names('outcome', 'recovered'), ...LEFT.map(({ name }) => say(name)), say('net')]),
    ],
    rows: moved.map((one: Month) => [
      { text: month(one.month) },
      ...(['recovered', ...LEFT.map(({ name }) => name)] as const).map((name) => ({
        text: money(one[name].amount),
        csv: one[name].amount.decimal,
        to: one[name].n === 0 ? null : total(`moved_${name}`, one.month),
      })),
      { text: money(one.net), csv: one.net.decimal, to: total('moved_net', one.month) },
    ]),
  };
};

/** One month alone: its money as a sum, for one column says nothing that a number does not. */
const OneMonth = ({ figures, one }: Props & { one: Month }) => {
  const { currency } = figures;
  const say = useOverview();
  const names = useNames();
  const total = useTotal(currency);
  const { money, month, count } = useFormat();
  const saved = useMonthsTable(figures);
  const title = say('months');
  const most = Math.max(1, one.recovered.amount.minor, ...LEFT.map(({ name }) => one[name].amount.minor));
  const row = (name: 'recovered' | (typeof LEFT)[number]['name'], look: string, text: string) => [
    {
      text,
      to: one[name].n === 0 ? null : total(`moved_${name}`, one.month),
      more: <Bar share={one[name].amount.minor / most} look={look} />,
    },
    { text: count(one[name].n) },
    { text: `${name === 'recovered' || one[name].n === 0 ? '' : '−'}${money(one[name].amount)}` },
  ];
  const table: TableData = {
    caption: title,
    heads: [{ text: month(one.month) }, ...figureHeads([say('invoices'), say('amount')])],
    rows: [
      row('recovered', 'recovered', names('outcome', 'recovered')),
      ...LEFT.map(({ name, look }) => row(name, look, say(name))),
    ],
    foot: [{ text: say('net'), to: total('moved_net', one.month) }, { text: '' }, { text: money(one.net) }],
  };
  const save = <CsvButton title={title} name={`months-${currency}`} table={saved} />;
  return (
    <Card title={title} help="months" actions={save} look="panel bars">
      <Table data={table} />
    </Card>
  );
};

const SeveralMonths = ({ figures }: Props) => {
  const { currency, moved } = figures;
  const say = useOverview();
  const names = useNames();
  const { money, moneyShort, month, monthShort } = useFormat();
  const table = useMonthsTable(figures);
  const stacks = moved.slice(-MONTHS_DRAWN).map((one: Month) => ({
    label: monthShort(one.month),
    reading: say('month_point', {
      month: month(one.month),
      recovered: money(one.recovered.amount),
      refunded: money(one.refunded.amount),
      disputed: money(one.disputed.amount),
      reversed: money(one.reversed.amount),
      net: money(one.net),
    }),
    up: [{ look: 'recovered', value: Number(one.recovered.amount.decimal) }],
    down: LEFT.map(({ name, look }) => ({ look, value: Number(one[name].amount.decimal) })),
  }));
  return (
    <ChartPanel
      title={say('months')}
      help="months"
      name={`months-${currency}`}
      table={table}
      nothing={moved.length === 0 ? say('months_none') : null}
      chart={(width) => (
        <ColumnsChart
          title={say('months')}
          text={say('months_text', { currency })}
          width={width}
          stacks={stacks}
          label={(value) => moneyShort(value, currency)}
        />
      )}
      legend={
        <ul class="legend">
          <li>
            <Key look="recovered" />
            {names('outcome', 'recovered')}
          </li>
          {LEFT.map(({ name, look }) => (
            <li key={name}>
              <Key look={look} />
              {say(name)}
            </li>
          ))}
        </ul>
      }
    />
  );
};

export const MonthsCard = ({ figures }: Props) => {
  const [first, ...others] = figures.moved;
  return first !== undefined && others.length === 0 ? (
    <OneMonth figures={figures} one={first} />
  ) : (
    <SeveralMonths figures={figures} />
  );
};
