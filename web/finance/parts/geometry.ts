// Where the lines of charts run, in pixels: the curve with its band, and bars above and below a line. Pure.
import { scaleLinear, scaleBand } from 'd3-scale';
import { area, curveStepAfter, line } from 'd3-shape';

/** A chart's size, and what its axes need at each side. */
export type Frame = {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
};

/** A mark of an axis. */
export type Tick = { readonly at: number; readonly value: number };

/** A point of a curve: a share by the end of a day, with its interval. */
export type CurvePoint = {
  readonly day: number;
  readonly share: number;
  readonly low: number;
  readonly high: number;
};

export type Curve = {
  readonly line: string;
  readonly band: string;
  readonly points: readonly (CurvePoint & { readonly x: number; readonly y: number })[];
  readonly days: readonly Tick[];
  readonly shares: readonly Tick[];
};

const rounded = (n: number): number => Math.round(n * 10) / 10;

/** What a tick may stand apart, in pixels. */
const [APART_X, APART_Y] = [64, 44];

/**
 * A stair of shares from day 0 to the last day on which anything was seen, that day included: of later ones nobody knows.
 * Before the first point the share is nothing, and there is no band.
 */
export const curveOf = (curve: readonly CurvePoint[], seenDays: number, frame: Frame): Curve => {
  const last = Math.max(seenDays, (curve.at(-1)?.day ?? 0) + 1);
  const x = scaleLinear([0, last], [frame.left, frame.width - frame.right]);
  const highest = Math.max(0.2, ...curve.map(({ high }) => high));
  const y = scaleLinear(
    [0, Math.min(1, Math.ceil(highest * 5) / 5)],
    [frame.height - frame.bottom, frame.top],
  );
  const end = curve.at(-1);
  const toEnd = end === undefined || end.day >= last ? curve : [...curve, { ...end, day: last }];
  const fromZero = toEnd[0]?.day === 0 ? toEnd : [{ day: 0, share: 0, low: 0, high: 0 }, ...toEnd];
  const stair = line<CurvePoint>()
    .x(({ day }) => rounded(x(day)))
    .y(({ share }) => rounded(y(share)))
    .curve(curveStepAfter);
  const band = area<CurvePoint>()
    .x(({ day }) => rounded(x(day)))
    .y0(({ low }) => rounded(y(low)))
    .y1(({ high }) => rounded(y(high)))
    .curve(curveStepAfter);
  const across = Math.max(2, Math.floor((frame.width - frame.left - frame.right) / APART_X));
  return {
    line: curve.length === 0 ? '' : (stair(fromZero) ?? ''),
    band: curve.length === 0 ? '' : (band(toEnd) ?? ''),
    points: curve.map((point) => ({ ...point, x: rounded(x(point.day)), y: rounded(y(point.share)) })),
    days: x
      .ticks(Math.min(across, last))
      .filter(Number.isInteger)
      .map((value) => ({ value, at: rounded(x(value)) })),
    shares: y
      .ticks(Math.max(2, Math.floor((frame.height - frame.top - frame.bottom) / APART_Y)))
      .map((value) => ({ value, at: rounded(y(value)) })),
  };
};

/** A piece of a column: whose it is, and where. */
export type Piece = { readonly look: string; readonly y: number; readonly height: number };

export type Column = { readonly x: number; readonly width: number; readonly pieces: readonly Piece[] };

export type Columns = {
  readonly columns: readonly Column[];
  readonly values: readonly Tick[];
  readonly zero: number;
  /** Every how many columns have room for their name. */
  readonly every: number;
};

/** Values of a column: those above the line are stacked upwards, those below it downwards, in their order. */
export type Stack = {
  readonly up: readonly { readonly look: string; readonly value: number }[];
  readonly down: readonly { readonly look: string; readonly value: number }[];
};

const MOST_WIDE = 44;

const total = (values: Stack['up']): number => values.reduce((sum, { value }) => sum + Math.max(0, value), 0);

/** Columns of stacked values around a line of nothing. */
export const columnsOf = (stacks: readonly Stack[], frame: Frame): Columns => {
  const highest = Math.max(0, ...stacks.map(({ up }) => total(up)));
  const lowest = -Math.max(0, ...stacks.map(({ down }) => total(down)));
  const y = scaleLinear(
    [lowest, highest === 0 && lowest === 0 ? 1 : highest],
    [frame.height - frame.bottom, frame.top],
  ).nice(4);
  const places = scaleBand<number>()
    .domain(stacks.map((_, i) => i))
    .range([frame.left, frame.width - frame.right])
    .paddingInner(0.35)
    .paddingOuter(0.2);
  const width = Math.min(MOST_WIDE, places.bandwidth());
  const piled = (values: Stack['up'], way: 1 | -1): Piece[] => {
    let from = 0;
    return values.flatMap(({ look, value }) => {
      if (value <= 0) return [];
      const ends = [y(from), y(from + way * value)] as const;
      from += way * value;
      const [top, bottom] = [Math.min(...ends), Math.max(...ends)];
      return [{ look, y: rounded(top), height: rounded(Math.max(bottom - top, 1)) }];
    });
  };
  return {
    columns: stacks.map(({ up, down }, i) => ({
      x: rounded((places(i) ?? 0) + (places.bandwidth() - width) / 2),
      width: rounded(width),
      pieces: [...piled(up, 1), ...piled(down, -1)],
    })),
    values: y
      .ticks(Math.max(2, Math.floor((frame.height - frame.top - frame.bottom) / APART_Y)))
      .map((value) => ({ value, at: rounded(y(value)) })),
    zero: rounded(y(0)),
    every: Math.max(1, Math.ceil((stacks.length * APART_X) / (frame.width - frame.left - frame.right))),
  };
};

/** Parts of a whole side by side, from 0 to `width`; what is something is never less than a line. */
export const partsOf = (
  shares: readonly { readonly look: string; readonly share: number }[],
  width: number,
): readonly { readonly look: string; readonly x: number; readonly width: number }[] => {
  let from = 0;
  return shares.flatMap(({ look, share }) => {
    const x = from;
    from += share * width;
    return share <= 0 ? [] : [{ look, x: rounded(x), width: rounded(Math.max(share * width - 1.5, 1)) }];
  });
};
