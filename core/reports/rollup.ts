// The sums of a month's settled cases, which are kept: they add up to the report of any whole months.
import type { CustomerKey } from '../ids.ts';
import { addDays, addMs, HOUR_MS, monthAfter, monthOf, startOfMonth, type Instant } from '../time.ts';
import type { ReportCase } from './rows.ts';
import {
  addCounts,
  countCase,
  countMoved,
  countWhole,
  emptyTally,
  entryOf,
  type Movements,
  type Tally,
} from './tally.ts';
import { watchRow, type DayCounts } from './watch.ts';

/**
 * Raised with every change of what is counted, or of the shape of the sums: those that an older version of Recoup kept are
 * then folded anew.
 */
export const COUNTED_AS = 5;

/** A case by its names. */
export type CaseRef = { readonly key: CustomerKey; readonly id: string };

/** What the settled cases that were opened in a month come to, and which of its cases were not settled yet. */
export type MonthSums = {
  /** Only of cases that were opened before: until the month is over for long enough, a part of it. */
  readonly until: Instant;
  /**
   * By the month in which the failures failed (`2026-03`). What is counted once a case, whichever of its failures a report
   * takes, stands a second time under each pair of months (`2026-03 2026-05`), as what has to be added when both are taken.
   */
  readonly tallies: Readonly<Record<string, Tally>>;
  readonly movements: Movements;
  /** What alerts are told from: failures and outcomes day by day, all currencies together, nothing imported. */
  readonly days: DayCounts;
  /** They are read anew for every report. */
  readonly open: readonly CaseRef[];
};

/** What is kept of the cases that were opened in a month (`YYYY-MM`, UTC). */
export type Rollup = {
  readonly month: string;
  /** Rises by one with every write; 0 = not written yet. */
  readonly version: number;
  /** When it was last marked stale; null = never. */
  readonly staleAt: Instant | null;
  /** null = none are kept. */
  readonly sums: MonthSums | null;
};

/** What became of an attempt to keep sums. `too_large`: they do not fit, and nothing was written. */
export type Kept = 'kept' | 'too_large';

/** Sums are kept of cases only so long after they were opened: by then most of what is soon heard of them has been heard. */
export const KEPT_AFTER_DAYS = 7;
/** Who changes a case marks its month some time before, so that clocks need not agree to the moment. */
const WATCHED_AFTER_DAYS = 6;
/** What is being written while a month is marked stale is in the store, and in its index, by then. */
const QUIET_MS = HOUR_MS;

/** Whether sums can be kept by now of a case that was opened then, so that whoever changes it has to mark its month stale. */
export const isWatched = (openedAt: Instant, now: Instant): boolean =>
  now >= addDays(openedAt, WATCHED_AFTER_DAYS);

/** The moment at which a month is over, which is in none of it. */
export const endOf = (month: string): Instant => startOfMonth(monthAfter(month));

/** Up to which opening what is now folded of a month may be kept, by whole days of UTC; null = nothing of it. */
export const keptUntil = ({ month, staleAt }: Rollup, now: Instant): Instant | null => {
  const day = `${addDays(now, -KEPT_AFTER_DAYS).slice(0, 10)}T00:00:00.000Z` as Instant;
  const until = day < endOf(month) ? day : endOf(month);
  const isQuiet = staleAt === null || now >= addMs(staleAt, QUIET_MS);
  return isQuiet && until > startOfMonth(month) ? until : null;
};

/** Whether nothing but an adjustment can change what a case comes to: then it counts alike today and in a year. */
export const isSettled = ({ record, rows }: ReportCase): boolean =>
  record.closedAt !== null &&
  rows.every(({ outcome, settledAt }) => outcome !== 'open' && settledAt !== null);

/** Sums that are being counted. */
export type Counting = {
  readonly tallies: Record<string, Tally>;
  readonly movements: Movements;
  readonly days: DayCounts;
};

export const emptyCounting = (): Counting => ({ tallies: {}, movements: {}, days: {} });

const spanOf = (first: string, last: string): string => (first === last ? first : `${first} ${last}`);

/** Counts a case into sums. `now` is up to when what is open has been open. Changes `to`. */
export const countInto = ({ tallies, movements, days }: Counting, one: ReportCase, now: Instant): void => {
  countMoved(movements, one, () => true);
  for (const row of one.rows) watchRow(days, row);
  const first = one.rows[0];
  if (first === undefined) return;
  const month = monthOf(first.failedAt);
  if (one.rows.every(({ failedAt }) => failedAt.startsWith(month))) {
    countCase(entryOf(tallies, month, emptyTally), one, () => true, now);
    return;
  }
  const months = [...new Set(one.rows.map(({ failedAt }) => monthOf(failedAt)))].sort();
  for (const each of months) {
    countCase(entryOf(tallies, each, emptyTally), one, ({ failedAt }) => failedAt.startsWith(each), now);
  }
  for (let i = 0; i < months.length; i += 1) {
    for (let j = i + 1; j < months.length; j += 1) countSpan(tallies, one, months, i, j);
  }
};

/**
 * What a case counts as a whole is not the sum of what it counts in each month: a case with failures in two months is one case
 * of a report of both. So each span of its months carries the rest, by inclusion and exclusion, and the spans within any period
 * add up to what the case counts there.
 */
const countSpan = (
  tallies: Record<string, Tally>,
  one: ReportCase,
  months: readonly string[],
  i: number,
  j: number,
): void => {
  const tally = entryOf(tallies, spanOf(months[i] ?? '', months[j] ?? ''), emptyTally);
  for (const [a, b, weight] of [
    [i, j, 1],
    [i + 1, j, -1],
    [i, j - 1, -1],
    [i + 1, j - 1, 1],
  ] as const) {
    const [from = '', to = ''] = [months[a], months[b]];
    const isIn = (month: string): boolean => a <= b && month >= from && month <= to;
    countWhole(tally, { ...one, rows: one.rows.filter(({ failedAt }) => isIn(monthOf(failedAt))) }, weight);
  }
};

/** Adds to the sums of a month what was counted since, and says up to where, and which cases are still open. */
export const addSums = (
  sums: MonthSums,
  more: Counting,
  { until, open }: Pick<MonthSums, 'until' | 'open'>,
): MonthSums => {
  const tallies = { ...sums.tallies };
  for (const [span, tally] of Object.entries(more.tallies)) {
    tallies[span] = addCounts(tallies[span] ?? emptyTally(), tally);
  }
  return {
    until,
    tallies,
    movements: addCounts(sums.movements, more.movements),
    days: addCounts(sums.days, more.days),
    open,
  };
};

const isWithin = (span: string, from: string, to: string): boolean =>
  span.slice(0, 7) >= from && span.slice(-7) <= to;

/** Whether any failure of the months from `from` to `to`, both included, is counted. */
export const hasFailures = ({ tallies }: MonthSums, from: string, to: string): boolean =>
  Object.keys(tallies).some((span) => isWithin(span, from, to));

/** Whether any money moved in the months from `from` to `to`, both included. */
export const hasMovements = ({ movements }: MonthSums, from: string, to: string): boolean =>
  Object.values(movements).some((months) => Object.keys(months).some((month) => isWithin(month, from, to)));

/** What is counted of the failures of the months from `from` to `to`, both included. */
export const tallyWithin = ({ tallies }: MonthSums, from: string, to: string): Tally =>
  Object.entries(tallies)
    .filter(([span]) => isWithin(span, from, to))
    .reduce((sum, [, tally]) => addCounts(sum, tally), emptyTally());
