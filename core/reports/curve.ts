// How much comes back by which day after the failure: the curve of Kaplan and Meier, and what it makes of what is still open.
import { Z_95 } from './interval.ts';
import type { Ages, Days } from './tally.ts';

/** The share recovered by the end of a day (0 = the day of the failure), with its 95 % interval and who was still at risk. */
export type CurvePoint = {
  readonly day: number;
  readonly share: number;
  readonly low: number;
  readonly high: number;
  readonly atRisk: number;
};

const days = (counts: Readonly<Record<string, number>>): readonly [number, number][] =>
  Object.entries(counts).map(([day, n]) => [Number(day), n]);

/**
 * The share of failures recovered by each day on which any was. A lost one is never recovered and stays at risk; a withdrawn one
 * counts until it was withdrawn, an open one until now; who leaves on a day on which others pay was at risk on it. The interval
 * is Greenwood's on the scale of log(-log), which stays between 0 and 1.
 *
 * Source: E. L. Kaplan, P. Meier, Nonparametric estimation from incomplete observations, JASA 53 (1958); J. D. Kalbfleisch, R. L.
 * Prentice, The statistical analysis of failure time data (2002), 1.4.
 */
export const curveOf = ({ recovered, withdrawn, open, lost }: Days): readonly CurvePoint[] => {
  const paid = new Map(days(recovered));
  const gone = new Map<number, number>();
  for (const [day, n] of [...days(withdrawn), ...days(open)]) gone.set(day, (gone.get(day) ?? 0) + n);
  const all = [...new Set([...paid.keys(), ...gone.keys()])].sort((a, b) => a - b);
  let atRisk = lost + [...paid.values(), ...gone.values()].reduce((sum, n) => sum + n, 0);
  let unpaid = 1;
  let greenwood = 0;
  const points: CurvePoint[] = [];
  for (const day of all) {
    const n = paid.get(day) ?? 0;
    if (n > 0) {
      unpaid *= 1 - n / atRisk;
      greenwood += n / (atRisk * (atRisk - n));
      points.push({ day, atRisk, ...bounds(unpaid, greenwood) });
    }
    atRisk -= n + (gone.get(day) ?? 0);
  }
  return points;
};

const bounds = (unpaid: number, greenwood: number): Pick<CurvePoint, 'share' | 'low' | 'high'> => {
  const share = 1 - unpaid;
  // All of them: the interval of this kind has no width there.
  if (unpaid <= 0) return { share: 1, low: 1, high: 1 };
  const spread = (Z_95 * Math.sqrt(greenwood)) / Math.log(unpaid);
  const [a, b] = [1 - unpaid ** Math.exp(spread), 1 - unpaid ** Math.exp(-spread)];
  return { share, low: Math.min(a, b), high: Math.max(a, b) };
};

/** The share recovered by the end of a day. */
export const shareBy = (curve: readonly CurvePoint[], day: number): number =>
  curve.findLast((point) => point.day <= day)?.share ?? 0;

/** Money that is expected to come back, with its 95 % interval, in minor units. */
export type Expected = { readonly minor: number; readonly low: number; readonly high: number };

/**
 * What of the open money is expected to come back: each failure by the share of those as old as it that were recovered later.
 * The interval takes the curve for known and each failure for an independent one; so it is too narrow while the curve is uncertain.
 * null: the curve says nothing yet.
 */
export const expectedOf = (curve: readonly CurvePoint[], ages: Ages): Expected | null => {
  const last = curve.at(-1);
  if (last === undefined) return null;
  let [minor, variance, all] = [0, 0, 0];
  for (const [day, open] of Object.entries(ages)) {
    const before = shareBy(curve, Number(day));
    const chance = before >= 1 ? 0 : (last.share - before) / (1 - before);
    minor += open.minor * chance;
    variance += open.square * chance * (1 - chance);
    all += open.minor;
  }
  const spread = Z_95 * Math.sqrt(variance);
  return {
    minor: Math.round(minor),
    low: Math.round(Math.max(0, minor - spread)),
    high: Math.round(Math.min(all, minor + spread)),
  };
};

/** The value below which a share of the counted hours lies: the smallest with at least so many; null when none was counted. */
export const quantileOf = (hours: Readonly<Record<string, number>>, share: number): number | null => {
  const sorted = days(hours).toSorted(([a], [b]) => a - b);
  const all = sorted.reduce((sum, [, n]) => sum + n, 0);
  let seen = 0;
  for (const [hour, n] of sorted) {
    seen += n;
    if (seen >= share * all) return hour;
  }
  return null;
};

const DAYS_TOLD = [1, 3, 7, 14, 30, 60, 90];
const LAST_TOLD = 90;

/** The share recovered by the end of a day, with its 95 % interval. */
export type DayShare = Omit<CurvePoint, 'atRisk'>;

/**
 * The curve on the days that people ask for, up to the last one on which a failure was seen, which is told too: of later ones
 * nobody knows. Days before the first recovery are left out.
 */
export const curveByDay = (curve: readonly CurvePoint[], seenDays: number): readonly DayShare[] => {
  const told = new Set([...DAYS_TOLD.filter((day) => day <= seenDays), Math.min(seenDays, LAST_TOLD)]);
  return [...told].flatMap((day) => {
    const point = curve.findLast((one) => one.day <= day);
    return point === undefined ? [] : [{ day, share: point.share, low: point.low, high: point.high }];
  });
};
