// One experiment: a verdict in plain words, both rates with their intervals, and the difference with its own.
import type { Report } from '../../api.ts';
import { ENOUGH, verdictOf } from '../../comparison.ts';
import { useFormat } from '../../page.ts';
import { Card } from '../../parts/basics.tsx';
import { ChartPanel } from '../../parts/chart-panel.tsx';
import { Bar } from '../../parts/charts.tsx';
import { endsOfDifferences } from '../../parts/comparing.ts';
import { IntervalsChart } from '../../parts/intervals.tsx';
import type { TableData } from '../../parts/table.tsx';
import { useShell } from '../../words.ts';
import { useExperiments } from './words.ts';

type Lift = Report['lifts'][number];
type Side = Lift['mailed'];
/** An experiment that says something: both rates are there, and their difference. */
type Told = {
  readonly experiment: string;
  readonly mailed: Side & { readonly share: NonNullable<Side['share']> };
  readonly heldOut: Side & { readonly share: NonNullable<Side['share']> };
  readonly difference: NonNullable<Lift['difference']>;
};

const toldIn = ({ experiment, mailed, heldOut, difference, isEnough }: Lift): Told | null => {
  const [a, b] = [mailed.share, heldOut.share];
  if (!isEnough || a === null || b === null || difference === null) return null;
  return { experiment, mailed: { ...mailed, share: a }, heldOut: { ...heldOut, share: b }, difference };
};

const Verdict = ({ lift: { experiment, mailed, heldOut, difference } }: { lift: Told }) => {
  const say = useExperiments();
  const { points, percentWhole } = useFormat();
  const verdict = verdictOf(difference);
  return (
    <Card title={say('experiment', { experiment })} help="lift" look="verdict">
      <p class="plain-words">{say(`verdict_${verdict}`)}</p>
      <p>
        {say('of_hundred', {
          mailed: percentWhole(mailed.share.share),
          held: percentWhole(heldOut.share.share),
          points: points(difference.difference),
        })}{' '}
        {say(verdict === 'same' ? 'chance' : 'not_chance', {
          low: points(difference.low),
          high: points(difference.high),
        })}
      </p>
    </Card>
  );
};

const useSides = ({ mailed, heldOut }: Told) => {
  const say = useExperiments();
  const { percent } = useFormat();
  return [
    { name: say('mailed'), side: mailed, look: 'recovered' },
    { name: say('held_out'), side: heldOut, look: 'open' },
  ].map(({ name, side, look }) => ({
    name,
    look,
    text: percent(side.share.share),
    value: side.share.share,
    low: side.share.low,
    high: side.share.high,
    hits: side.hits,
    of: side.of,
  }));
};

const Rates = ({ lift }: { lift: Told }) => {
  const say = useExperiments();
  const shell = useShell();
  const { percent, percentWhole, count } = useFormat();
  const sides = useSides(lift);
  const table: TableData = {
    caption: say('rates'),
    heads: [
      { text: say('side') },
      ...[say('settled'), say('recovered'), say('rate'), say('low'), say('high')].map((text) => ({
        text,
        isFigure: true,
      })),
    ],
    rows: sides.map(({ name, hits, of, value, low, high }) => [
      { text: name },
      ...[of, hits].map((n) => ({ text: count(n), csv: String(n) })),
      ...[value, low, high].map((share) => ({ text: percent(share), csv: String(share) })),
    ]),
  };
  const told = sides.map(
    ({ name, text, hits, of, low, high }) =>
      `${name}: ${text}, ${shell('of', { hits, of })}; ${shell('interval', { low: percent(low), high: percent(high) })}`,
  );
  return (
    <ChartPanel
      title={say('rates')}
      help="rate"
      name={`experiment-${lift.experiment}-rates`}
      table={table}
      chart={(width) => (
        <IntervalsChart
          title={say('rates')}
          text={told.join('. ')}
          rows={sides}
          ends={[0, 1]}
          width={width}
          label={percentWhole}
        />
      )}
      legend={
        <ul class="told">
          {told.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      }
    />
  );
};

const DifferencePanel = ({ lift: { experiment, difference } }: { lift: Told }) => {
  const say = useExperiments();
  const { points, pointsWhole } = useFormat();
  const { low, high } = difference;
  const row = {
    name: say('in_points'),
    text: points(difference.difference),
    value: difference.difference,
    low,
    high,
  };
  const told = say('difference_text', {
    points: points(difference.difference),
    low: points(low),
    high: points(high),
  });
  const table: TableData = {
    caption: say('difference'),
    heads: [
      { text: say('difference') },
      ...[say('in_points'), say('low'), say('high')].map((text) => ({ text, isFigure: true })),
    ],
    rows: [
      [
        { text: say('mailed_less_held') },
        ...[row.value, low, high].map((value) => ({ text: points(value), csv: String(value * 100) })),
      ],
    ],
  };
  return (
    <ChartPanel
      title={say('difference')}
      help="difference"
      name={`experiment-${experiment}-difference`}
      table={table}
      chart={(width) => (
        <IntervalsChart
          title={say('difference')}
          text={told}
          rows={[{ ...row, look: 'recovered' }]}
          ends={endsOfDifferences([row])}
          width={width}
          label={pointsWhole}
        />
      )}
      legend={
        <p class="told">
          {told} {say('zero')}
        </p>
      }
    />
  );
};

/** How far it is from saying anything: a side at a time. */
const Early = ({ lift: { experiment, mailed, heldOut } }: { lift: Lift }) => {
  const say = useExperiments();
  return (
    <Card title={say('experiment', { experiment })} help="lift" look="verdict">
      <p class="plain-words">{say('early')}</p>
      <p class="quiet">{say('early_text', { enough: ENOUGH })}</p>
      <ul class="progress">
        {[
          { name: say('mailed'), n: mailed.of, look: 'recovered' },
          { name: say('held_out'), n: heldOut.of, look: 'open' },
        ].map(({ name, n, look }) => (
          <li key={name}>
            <span>{name}</span> <strong>{say('progress', { settled: n, enough: ENOUGH })}</strong>
            <Bar share={n / ENOUGH} look={look} />
          </li>
        ))}
      </ul>
    </Card>
  );
};

export const Experiment = ({ lift }: { lift: Lift }) => {
  const told = toldIn(lift);
  if (told === null) return <Early lift={lift} />;
  return (
    <div class="experiment">
      <Verdict lift={told} />
      <div class="pair">
        <Rates lift={told} />
        <DifferencePanel lift={told} />
      </div>
    </div>
  );
};
