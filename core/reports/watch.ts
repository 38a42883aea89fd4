// What is watched of failures day by day: how many failed, and how many were settled. Days are those of UTC.
import { DAY_MS, instantFromMs, toMs, type Instant } from '../time.ts';
import type { FailureRow } from './rows.ts';

/** What happened on a day. */
export type DayCount = { failed: number; recovered: number; lost: number };

/** A day as a whole number of days since 1970-01-01, so that days can be counted with. */
export type DayNumber = number;

/** The days that were watched. `since`: the first on which anything failed; null = none yet. */
export type Watched = { readonly days: Map<DayNumber, DayCount>; since: DayNumber | null };

export const dayNumber = (at: Instant): DayNumber => Math.floor(toMs(at) / DAY_MS);

/** When a day begins. */
export const startOfDay = (day: DayNumber): Instant => instantFromMs(day * DAY_MS);

/** `2026-03-02` */
export const dayText = (day: DayNumber): string => startOfDay(day).slice(0, 10);

export const nothingWatched = (): Watched => ({ days: new Map(), since: null });

const dayOf = ({ days }: Watched, day: DayNumber): DayCount => {
  const known = days.get(day);
  if (known) return known;
  const made: DayCount = { failed: 0, recovered: 0, lost: 0 };
  days.set(day, made);
  return made;
};

/**
 * Counts a failure on the day on which it failed, and on the day on which it was recovered or given up. What
 * had failed before Recoup knew of the account is left out: it was found on one day and did not fail on it.
 * Changes `to`.
 */
export const watchRow = (to: Watched, row: FailureRow): void => {
  if (row.cohort !== 'live') return;
  const day = dayNumber(row.failedAt);
  dayOf(to, day).failed += 1;
  to.since = to.since === null ? day : Math.min(to.since, day);
  const { outcome, settledAt } = row;
  if (settledAt !== null && (outcome === 'recovered' || outcome === 'lost'))
    dayOf(to, dayNumber(settledAt))[outcome] += 1;
};
