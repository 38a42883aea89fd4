// What is known of a month of failures by a day after them, and how sure that is while the month is young. Pure.
import type { Cohorts } from '../../api.ts';
import { monthBy, type Ends } from '../../filters.ts';

export type Cohort = Cohorts['cohorts'][number];

/** The days that months are compared on, as the API tells them. */
export const DAYS = [1, 3, 7, 14, 30, 60, 90] as const;

/** A month is young until each of its failures could be so many days old: by then most of what comes back has come. */
export const YOUNG_DAYS = 30;

const DAY_MS = 24 * 60 * 60 * 1000;

/** The share recovered by a day, with its interval where it has one: before the first recovery there is none. */
export type SeenShare = {
  readonly day: number;
  readonly share: number;
  readonly low?: number;
  readonly high?: number;
};

/**
 * What is known by a day: of `all` failures of the month; of a `part`, as the others are not that old yet; or of `none` of them.
 */
export type Seen =
  | { readonly of: 'all' | 'part'; readonly point: SeenShare }
  | { readonly of: 'none'; readonly point: null };

/** The first moment after a month (`YYYY-MM`, UTC), in milliseconds. */
const endOf = (month: string): number => Date.parse(`${monthBy(month, 1)}-01T00:00:00Z`);

const pointBy = ({ byDay }: Cohort, day: number): SeenShare =>
  byDay.findLast((point) => point.day <= day) ?? { day, share: 0 };

/** What is known of a cohort by the end of a day after the failure. `at`: when the answer was made, an instant. */
export const seenBy = (cohort: Cohort, day: number, at: string): Seen => {
  const since = Date.parse(at) - endOf(cohort.month);
  const point = { ...pointBy(cohort, day), day };
  // Nothing is open any more: whatever is lost stays so, on every later day.
  if (since >= 0 && cohort.cell.open.n === 0) return { of: 'all', point };
  if (day > cohort.seenDays) return { of: 'none', point: null };
  return { of: since >= (day + 1) * DAY_MS ? 'all' : 'part', point };
};

/** Whether some failures of a month are not old enough to be judged. */
export const isYoung = (cohort: Cohort, at: string): boolean => seenBy(cohort, YOUNG_DAYS, at).of !== 'all';

/** The points of a month's curve: its start, every day that is known, and the last on which any failure was seen. */
export const lineOf = (cohort: Cohort, at: string): readonly SeenShare[] => {
  const known = DAYS.flatMap((day) => seenBy(cohort, day, at).point ?? []);
  const last = known.at(-1)?.day ?? 0;
  const further = cohort.byDay.filter(({ day }) => day > last);
  return [{ day: 0, share: 0 }, ...known, ...further];
};

/** The marks of an axis as long as the longest of some curves. */
export const axisOf = (
  series: readonly { readonly points: readonly { readonly day: number }[] }[],
): number[] => {
  const longest = Math.max(0, ...series.flatMap(({ points }) => points.map(({ day }) => day)));
  const end = DAYS.find((day) => day >= longest) ?? longest;
  return [0, ...DAYS.filter((day) => day <= end)];
};

/** How dark a share is drawn: 0 = nothing came back, 5 = nearly all of it. */
export const darknessOf = (share: number): number =>
  share <= 0 ? 0 : Math.min(5, 1 + Math.floor(share * 5));

/** The whole months that days lie in, or the months themselves. */
export const monthsOf = ({ from, to }: Ends): Ends => ({ from: from.slice(0, 7), to: to.slice(0, 7) });
