// The charts: a curve with its band, columns by month, a whole in its parts, and bars beside rows. Accessible SVG, classes only.
import { useId, useState } from 'preact/hooks';
import {
  columnsOf,
  curveOf,
  partsOf,
  type CurvePoint,
  type Frame,
  type Stack,
  type Tick,
} from './geometry.ts';

export const FRAME: Omit<Frame, 'width'> = { height: 260, left: 52, right: 12, top: 12, bottom: 30 };

/** What a picture says to who cannot see it. */
export type Told = { readonly title: string; readonly text: string };

export const Title = ({ id, title, text }: Told & { id: string }) => (
  <>
    <title id={`${id}-title`}>{title}</title>
    <desc id={`${id}-text`}>{text}</desc>
  </>
);

export const AxisY = ({
  ticks,
  frame,
  label,
}: {
  ticks: readonly Tick[];
  frame: Frame;
  label: (n: number) => string;
}) => (
  <>
    {ticks.map(({ at, value }) => (
      <g key={value}>
        <path class="grid" d={`M${frame.left} ${at}H${frame.width - frame.right}`} />
        <text class="end" x={frame.left - 8} y={at + 4}>
          {label(value)}
        </text>
      </g>
    ))}
  </>
);

/** What stands under the pointer, told in a line below the chart; the table has it for who has no pointer. */
export const Reading = ({ text }: { text: string | null }) => (
  <p class="reading" aria-hidden="true">
    {text ?? '\u00A0'}
  </p>
);

type CurveProps = Told & {
  readonly curve: readonly CurvePoint[];
  readonly seenDays: number;
  readonly width: number;
  readonly percent: (share: number) => string;
  readonly axis: string;
  readonly read: (point: CurvePoint) => string;
};

/** How the share recovered grows with the days since the failure. */
export const CurveChart = ({ title, text, curve, seenDays, width, percent, axis, read }: CurveProps) => {
  const id = useId();
  const [under, setUnder] = useState<number | null>(null);
  const frame: Frame = { ...FRAME, width, bottom: 46 };
  const { line, band, points, days, shares } = curveOf(curve, seenDays, frame);
  const base = frame.height - frame.bottom;
  const point = under === null ? undefined : points[under];
  const nearest = (event: PointerEvent) => {
    const { left } = (event.currentTarget as SVGElement).getBoundingClientRect();
    const x = event.clientX - left;
    const found = points.findLastIndex((one) => one.x <= x);
    setUnder(found === -1 ? null : found);
  };
  return (
    <>
      <svg
        class="chart"
        viewBox={`0 0 ${width} ${frame.height}`}
        role="img"
        aria-labelledby={`${id}-title ${id}-text`}
        onPointerMove={nearest}
        onPointerLeave={() => setUnder(null)}
      >
        <Title id={id} title={title} text={text} />
        <AxisY ticks={shares} frame={frame} label={percent} />
        {days.map(({ at, value }) => (
          <text key={value} class="mid" x={at} y={base + 18}>
            {value}
          </text>
        ))}
        <text class="mid" x={(frame.left + width - frame.right) / 2} y={base + 38}>
          {axis}
        </text>
        <path class="band" d={band} />
        <path class="curve" d={line} />
        {point && (
          <>
            <path class="cross" d={`M${point.x} ${frame.top}V${base}`} />
            <circle class="dot" cx={point.x} cy={point.y} r="4.5" />
          </>
        )}
      </svg>
      <Reading text={point ? read(point) : null} />
    </>
  );
};

type ColumnsProps = Told & {
  readonly width: number;
  readonly stacks: readonly (Stack & { readonly label: string; readonly reading: string })[];
  readonly label: (value: number) => string;
};

/** What came and what went, month by month, around a line of nothing. */
export const ColumnsChart = ({ title, text, width, stacks, label }: ColumnsProps) => {
  const id = useId();
  const [under, setUnder] = useState<number | null>(null);
  const frame: Frame = { ...FRAME, width, left: 60 };
  const { columns, values, zero, every } = columnsOf(stacks, frame);
  return (
    <>
      <svg
        class="chart"
        viewBox={`0 0 ${width} ${frame.height}`}
        role="img"
        aria-labelledby={`${id}-title ${id}-text`}
        onPointerLeave={() => setUnder(null)}
      >
        <Title id={id} title={title} text={text} />
        <AxisY ticks={values} frame={frame} label={label} />
        <path class="zero" d={`M${frame.left} ${zero}H${width - frame.right}`} />
        {columns.map(({ x, width: wide, pieces }, i) => (
          <g key={i} class={under === null || under === i ? 'column' : 'column pale'}>
            {pieces.map(({ look, y, height }) => (
              <rect key={look} class={look} x={x} y={y} width={wide} height={height} rx="2" />
            ))}
            {i % every === 0 && (
              <text class="mid" x={x + wide / 2} y={frame.height - 8}>
                {stacks[i]?.label}
              </text>
            )}
            <rect
              class="catch"
              x={x - wide / 3}
              y={frame.top}
              width={wide * 1.66}
              height={frame.height - frame.top}
              onPointerEnter={() => setUnder(i)}
            />
          </g>
        ))}
      </svg>
      <Reading text={under === null ? null : (stacks[under]?.reading ?? null)} />
    </>
  );
};

type WholeProps = Told & { readonly parts: readonly { readonly look: string; readonly share: number }[] };

const WHOLE = { width: 1000, height: 20 };

/** Parts of a whole, side by side. */
export const WholeChart = ({ title, text, parts }: WholeProps) => {
  const id = useId();
  return (
    <svg
      class="whole"
      viewBox={`0 0 ${WHOLE.width} ${WHOLE.height}`}
      preserveAspectRatio="none"
      role="img"
      aria-labelledby={`${id}-title ${id}-text`}
    >
      <Title id={id} title={title} text={text} />
      {partsOf(parts, WHOLE.width).map(({ look, x, width }) => (
        <rect key={look} class={look} x={x} width={width} height={WHOLE.height} />
      ))}
    </svg>
  );
};

/** A bar beside the figure it stands for: decoration, for the figure is there. `share`: of the longest. */
export const Bar = ({ share, look }: { share: number; look: string }) => (
  <svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
    <rect class={look} width={Math.round(Math.max(0, Math.min(1, share)) * 1000) / 10} height="8" />
  </svg>
);
