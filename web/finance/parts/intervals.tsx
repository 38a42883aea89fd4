// Values with their intervals, one under the other on one axis: a dot, and a line as long as the interval.
import { useId } from 'preact/hooks';
import { Title, type Told } from './charts.tsx';
import { whiskersOf, type Interval } from './comparing.ts';

/** One value. `text`: the value in words; `look`: its colour. */
export type IntervalRow = Interval & { readonly name: string; readonly text: string; readonly look: string };

type IntervalsProps = Told & {
  readonly rows: readonly IntervalRow[];
  /** The ends of the axis. */
  readonly ends: readonly [number, number];
  readonly width: number;
  readonly label: (value: number) => string;
};

const [ROW, ASIDE, AXIS] = [56, 22, 26];

/** A line of the grid, which leaves the names of the rows alone. */
const upright = (x: number, rows: number): string =>
  Array.from({ length: rows }, (_, i) => `M${x} ${i * ROW + 24}v${ROW - 26}`).join('');

export const IntervalsChart = ({ title, text, rows, ends, width, label }: IntervalsProps) => {
  const id = useId();
  const { whiskers, ticks, zero } = whiskersOf(rows, ends, [ASIDE, width - ASIDE]);
  const base = rows.length * ROW;
  return (
    <svg
      class="chart intervals"
      viewBox={`0 0 ${width} ${base + AXIS}`}
      role="img"
      aria-labelledby={`${id}-title ${id}-text`}
    >
      <Title id={id} title={title} text={text} />
      {ticks.map(({ at, value }) => (
        <g key={value}>
          <path class="grid" d={upright(at, rows.length)} />
          <text class="mid" x={at} y={base + 18}>
            {label(value)}
          </text>
        </g>
      ))}
      {zero !== null && <path class="zero" d={upright(zero, rows.length)} />}
      {whiskers.map(({ at, from, to }, i) => {
        const y = i * ROW + 38;
        const row = rows[i];
        return (
          <g key={i} class={`whisker ${row?.look ?? ''}`}>
            <text class="name" x={0} y={i * ROW + 16}>
              {row?.name}
            </text>
            <text class="name end" x={width} y={i * ROW + 16}>
              {row?.text}
            </text>
            <path d={`M${from} ${y}H${to}M${from} ${y - 6}v12M${to} ${y - 6}v12`} />
            <circle cx={at} cy={y} r="6" />
          </g>
        );
      })}
    </svg>
  );
};
