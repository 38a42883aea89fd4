// Several curves in one frame: the one that is looked at stands out, by its weight and its points as well as by its colour.
import { useId, useState } from 'preact/hooks';
import { AxisY, FRAME, Reading, Title, type Told } from './charts.tsx';
import { linesOf, type LinePoint } from './comparing.ts';
import type { Frame } from './geometry.ts';

/** A curve. */
export type Series = { readonly name: string; readonly points: readonly LinePoint[] };

type LinesProps = Told & {
  readonly series: readonly Series[];
  /** Which of them is looked at. */
  readonly shown: number;
  /** The marks of the axis. */
  readonly days: readonly number[];
  readonly width: number;
  readonly percent: (share: number) => string;
  readonly axis: string;
  readonly read: (point: LinePoint) => string;
};

export const LinesChart = ({ title, text, series, shown, days, width, percent, axis, read }: LinesProps) => {
  const id = useId();
  const [under, setUnder] = useState<number | null>(null);
  const frame: Frame = { ...FRAME, width, right: 20, bottom: 46 };
  const drawn = linesOf(
    series.map(({ points }) => points),
    days,
    frame,
  );
  const base = frame.height - frame.bottom;
  const looked = drawn.lines[shown];
  const point = under === null ? undefined : looked?.points[under];
  const nearest = (event: PointerEvent) => {
    const { left } = (event.currentTarget as SVGElement).getBoundingClientRect();
    const x = event.clientX - left;
    const away = (looked?.points ?? []).map((one) => Math.abs(one.x - x));
    setUnder(away.length === 0 ? null : away.indexOf(Math.min(...away)));
  };
  return (
    <>
      <svg
        class="chart lines"
        viewBox={`0 0 ${width} ${frame.height}`}
        role="img"
        aria-labelledby={`${id}-title ${id}-text`}
        onPointerMove={nearest}
        onPointerLeave={() => setUnder(null)}
      >
        <Title id={id} title={title} text={text} />
        <AxisY ticks={drawn.shares} frame={frame} label={percent} />
        {drawn.days.map(({ at, value }) => (
          <text key={value} class="mid" x={at} y={base + 18}>
            {value}
          </text>
        ))}
        <text class="mid" x={(frame.left + width - frame.right) / 2} y={base + 38}>
          {axis}
        </text>
        {drawn.lines.map(({ path }, i) => i !== shown && <path key={i} class="other" d={path} />)}
        {looked && <path class="curve" d={looked.path} />}
        {looked?.points.map(({ x, y, day }) => (
          <circle key={day} class="dot" cx={x} cy={y} r={point?.day === day ? 6 : 4} />
        ))}
      </svg>
      <Reading text={point ? read(point) : null} />
    </>
  );
};
