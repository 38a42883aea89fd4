// Where the lines of several curves run, and the whiskers of intervals, in pixels. Pure.
import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';
import type { Frame, Tick } from './geometry.ts';

/** A point of a line: a share by the end of a day. */
export type LinePoint = { readonly day: number; readonly share: number };

export type Lines = {
  /** In the order of what was given. */
  readonly lines: readonly {
    readonly path: string;
    readonly points: readonly (LinePoint & { readonly x: number; readonly y: number })[];
  }[];
  readonly days: readonly Tick[];
  readonly shares: readonly Tick[];
};

const rounded = (n: number): number => Math.round(n * 10) / 10;

/** What a tick may stand apart, in pixels. */
const [APART_X, APART_Y] = [48, 44];

/** Straight lines between the points of each series; `days` are the marks of the axis, of which those are left out that do not fit. */
export const linesOf = (
  series: readonly (readonly LinePoint[])[],
  days: readonly number[],
  frame: Frame,
): Lines => {
  const all = series.flat();
  const x = scaleLinear(
    [0, Math.max(1, ...days, ...all.map(({ day }) => day))],
    [frame.left, frame.width - frame.right],
  );
  const highest = Math.max(0.2, ...all.map(({ share }) => share));
  const y = scaleLinear(
    [0, Math.min(1, Math.ceil(highest * 5) / 5)],
    [frame.height - frame.bottom, frame.top],
  );
  const path = line<LinePoint>()
    .x(({ day }) => rounded(x(day)))
    .y(({ share }) => rounded(y(share)));
  let last = Number.NEGATIVE_INFINITY;
  const marks = days.flatMap((value) => {
    const at = rounded(x(value));
    if (at - last < APART_X) return [];
    last = at;
    return [{ value, at }];
  });
  return {
    lines: series.map((points) => ({
      path: path(points) ?? '',
      points: points.map((point) => ({ ...point, x: rounded(x(point.day)), y: rounded(y(point.share)) })),
    })),
    days: marks,
    shares: y
      .ticks(Math.max(2, Math.floor((frame.height - frame.top - frame.bottom) / APART_Y)))
      .map((value) => ({ value, at: rounded(y(value)) })),
  };
};

/** A value with its interval. */
export type Interval = { readonly value: number; readonly low: number; readonly high: number };

export type Whiskers = {
  readonly whiskers: readonly { readonly at: number; readonly from: number; readonly to: number }[];
  readonly ticks: readonly Tick[];
  /** Where nothing is; null when that is not on the axis. */
  readonly zero: number | null;
};

/** What marks of a line may stand apart, in pixels. */
const APART = 72;

/** Intervals along one axis, from `left` to `right`. `from` and `to` are the ends of the axis. */
export const whiskersOf = (
  intervals: readonly Interval[],
  [from, to]: readonly [number, number],
  [left, right]: readonly [number, number],
): Whiskers => {
  const x = scaleLinear([from, to], [left, right]).clamp(true);
  return {
    whiskers: intervals.map(({ value, low, high }) => ({
      at: rounded(x(value)),
      from: rounded(x(low)),
      to: rounded(x(high)),
    })),
    ticks: x
      .ticks(Math.max(2, Math.floor((right - left) / APART)))
      .map((value) => ({ value, at: rounded(x(value)) })),
    zero: from <= 0 && to >= 0 ? rounded(x(0)) : null,
  };
};

/** The ends of an axis for differences of shares: nothing in the middle, in tenths, 1 at most. */
export const endsOfDifferences = (intervals: readonly Interval[]): readonly [number, number] => {
  const most = Math.max(0.1, ...intervals.flatMap(({ low, high }) => [Math.abs(low), Math.abs(high)]));
  const end = Math.min(1, Math.ceil(most * 10) / 10);
  return [-end, end];
};
