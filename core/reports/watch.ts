// What is watched of failures day by day: how many failed, and how many were settled. Days are those of UTC.
import { DAY_MS, instantFromMs, toMs, type Instant } from '../time.ts';
import type { FailureRow } from './rows.ts';

/** What happened on a day. */
export type DayCount = { failed: number; recovered: number; lost: number };

/** What happened on each day (`2026-03-02`, UTC) on which anything did. Plain data, so that it can be kept and added. */
export type DayCounts = Record<string, DayCount>;

/** A day as a whole number of days since 1970-01-01, so that days can be counted with. */
export type DayNumber = number;

/** The days that were watched. `since`: the first on which anything failed; null = none yet. */
export type Watched = { readonly days: ReadonlyMap<DayNumber, DayCount>; readonly since: DayNumber | null };

export const dayNumber = (at: Instant): DayNumber => Math.floor(toMs(at) / DAY_MS);

/** When a day begins. */
export const startOfDay = (day: DayNumber): Instant => instantFromMs(day * DAY_MS);

/** `2026-03-02` */
export const dayText = (day: DayNumber): string => startOfDay(day).slice(0, 10);

const dayOf = (days: DayCounts, at: Instant): DayCount =>
  (days[at.slice(0, 10)] ??= { failed: 0, recovered: 0, lost: 0 });

/**
 * Counts a failure on the day on which it failed, and on the day on which it was recovered or given up. What
 * had failed before Recoup knew of the account is left out: it was found on one day and did not fail on it.
 * Changes `to`.
 */
export const watchRow = (to: DayCounts, row: FailureRow): void => {
  if (row.cohort !== 'live') return;
  dayOf(to, row.failedAt).failed += 1;
  const { outcome, settledAt } = row;
  if (settledAt !== null && (outcome === 'recovered' || outcome === 'lost'))
    dayOf(to, settledAt)[outcome] += 1;
};

/** The days that were counted, as they are looked at. */
export const watchedOf = (counts: DayCounts): Watched => {
  const days = Object.entries(counts).map(
    ([day, count]) => [dayNumber(`${day}T00:00:00.000Z` as Instant), count] as const,
  );
  const failed = days.filter(([, count]) => count.failed > 0).map(([day]) => day);
  return {
    days: new Map(days),
    since: failed.length === 0 ? null : failed.reduce((a, b) => Math.min(a, b)),
  };
};
