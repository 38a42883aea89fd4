// Reads what a report is made of: the cases of the period and those that reach into it, each once, or their kept sums.
import type { Store } from '../ports.ts';
import { hasFailures, tallyWithin, type Counting, type MonthSums } from '../reports/rollup.ts';
import {
  DIMENSIONS,
  addMovements,
  addTallies,
  countCase,
  countMoved,
  emptyTally,
  valueOf,
  type Dimension,
  type Movements,
} from '../reports/tally.ts';
import { reportOf, type Report } from '../reports/report.ts';
import type { FailureRow, ReportCase } from '../reports/rows.ts';
import { addDays, addMs, monthOf, startOfMonth, type Instant } from '../time.ts';
import { foldMonth, loadRollup, type Count, type How } from './fold-month.ts';
import { monthsBetween, readEach } from './read-cases.ts';

/** A case that was opened in the month so long before a period, or since, can have failures, or move money, in it. */
export const LOOK_BACK_DAYS = 400;

/** Which failures a report is about: those that failed in `[from, to)`, and of them those that every named value takes. */
export type ReportQuery = {
  readonly from: Instant;
  readonly to: Instant;
  readonly currency?: string | undefined;
  /** By what failures are told apart, which value is taken. */
  readonly only?: Readonly<Partial<Record<Dimension, string>>>;
  readonly by: Dimension;
  readonly months: number;
};

/** The values by which failures are told apart, those that are asked for. */
export const onlyOf = (
  asked: Readonly<Partial<Record<Dimension, string | undefined>>>,
): NonNullable<ReportQuery['only']> =>
  Object.fromEntries(DIMENSIONS.flatMap((name) => (asked[name] === undefined ? [] : [[name, asked[name]]])));

/** Whether a row is one that the filters of a report take, whenever it failed. */
export const takenBy =
  ({ currency, only = {} }: Pick<ReportQuery, 'currency' | 'only'>) =>
  (row: FailureRow): boolean =>
    (currency === undefined || row.currency === currency) &&
    DIMENSIONS.every((name) => only[name] === undefined || only[name] === valueOf[name](row));

/** Whether a row failed in the period. */
export const isIn =
  ({ from, to }: Pick<ReportQuery, 'from' | 'to'>) =>
  ({ failedAt }: Pick<FailureRow, 'failedAt'>): boolean =>
    failedAt >= from && failedAt < to;

/** The filters in words, for a reader. */
export const filtersInWords = ({ currency, only = {} }: Pick<ReportQuery, 'currency' | 'only'>): string[] => [
  ...(currency === undefined ? [] : [`currency ${currency}`]),
  ...DIMENSIONS.flatMap((name) => (only[name] === undefined ? [] : [`${name} ${only[name]}`])),
];

/** The months whose cases can be in a report. */
const monthsFor = ({ from, to }: Pick<ReportQuery, 'from' | 'to'>): readonly string[] =>
  monthsBetween(addDays(from, -LOOK_BACK_DAYS), addMs(to, -1));

/**
 * Every case that can be in a report, as reports read it, in no order: closed ones with their adjustments, open ones as the last
 * visit saw them.
 */
export async function* casesFor(
  store: Store,
  query: Pick<ReportQuery, 'from' | 'to'>,
  now: Instant,
): AsyncGenerator<ReportCase> {
  for (const month of monthsFor(query)) {
    const listed = await store.listCases(month);
    const refs = listed.filter(({ openedAt }) => openedAt < query.to);
    for await (const { one } of readEach(store, refs, now)) if (one) yield one;
  }
}

/** A report with the invoices under it, the oldest first. */
export type ReportWithRows = { readonly report: Report; readonly rows: readonly FailureRow[] };

/** How each month was counted for a report of whole months without a filter; empty for any other. */
type HowCounted = { readonly months: readonly { readonly month: string; readonly how: How }[] };

const byTime = (a: FailureRow, b: FailureRow): number =>
  a.failedAt < b.failedAt || (a.failedAt === b.failedAt && a.subjectId < b.subjectId) ? -1 : 1;

type ReportCount = Count & { readonly report: () => Report; readonly rows: () => readonly FailureRow[] };

/** What is counted for a report, case by case or by sums that were counted before. */
const createCount = (query: ReportQuery, now: Instant, withRows: boolean): ReportCount => {
  const { from, to, by, months } = query;
  const [first, last] = [monthOf(from), monthOf(addMs(to, -1))];
  const takes = takenBy(query);
  const isInPeriod = isIn(query);
  let tally = emptyTally();
  let moved: Movements = {};
  const rows: FailureRow[] = [];
  const collect = (one: ReportCase): void => {
    if (withRows) rows.push(...one.rows.filter((row) => isInPeriod(row) && takes(row)));
  };
  return {
    collect,
    add: (one: ReportCase): void => {
      countCase(tally, one, (row) => isInPeriod(row) && takes(row), now);
      countMoved(moved, one, takes);
      collect(one);
    },
    addSums: (sums: Counting): void => {
      tally = addTallies(tally, tallyWithin(sums, first, last));
      moved = addMovements(moved, sums.movements);
    },
    /** Whether the sums of a month are all that is needed of it. */
    isEnough: (sums: MonthSums): boolean => !withRows || !hasFailures(sums, first, last),
    report: (): Report =>
      reportOf(tally, moved, { from, to, at: now, by, filters: filtersInWords(query), months }),
    rows: (): readonly FailureRow[] => rows.sort(byTime),
  };
};

/** Makes a report of cases, wherever they come from. */
export const reportOn = async (
  cases: AsyncIterable<ReportCase> | Iterable<ReportCase>,
  query: ReportQuery,
  now: Instant,
): Promise<ReportWithRows> => {
  const count = createCount(query, now, true);
  for await (const one of cases) count.add(one);
  return { report: count.report(), rows: count.rows() };
};

/** What says which cases are read. */
type Walked = Pick<ReportQuery, 'from' | 'to' | 'currency' | 'only'>;

/** Whether a report can be made of sums: they are of whole months, and of every failure. */
const isOfWholeMonths = ({ from, to, currency, only = {} }: Walked): boolean =>
  from < to &&
  from === startOfMonth(monthOf(from)) &&
  to === startOfMonth(monthOf(to)) &&
  currency === undefined &&
  DIMENSIONS.every((name) => only[name] === undefined);

const countMonths = async (store: Store, query: Walked, now: Instant, count: Count): Promise<HowCounted> => {
  const months: { month: string; how: How }[] = [];
  for (const loaded of await Promise.all(monthsFor(query).map((month) => loadRollup(store, month)))) {
    months.push({ month: loaded.rollup.month, how: await foldMonth(store, loaded, now, count) });
  }
  return { months };
};

/** Counts every case that can be in a report: whole months without a filter by their sums where these are enough. */
export const countPeriod = async (
  store: Store,
  query: Walked,
  now: Instant,
  count: Count,
): Promise<HowCounted> => {
  if (isOfWholeMonths(query)) return countMonths(store, query, now, count);
  for await (const one of casesFor(store, query, now)) count.add(one);
  return { months: [] };
};

/**
 * The report of a period. Whole months without a filter are told by the sums that are kept of them. Throws `OutsideError` when
 * the store does not answer.
 */
export const readReport = async (
  store: Store,
  query: ReportQuery,
  now: Instant,
): Promise<{ readonly report: Report } & HowCounted> => {
  const count = createCount(query, now, false);
  const how = await countPeriod(store, query, now, count);
  return { report: count.report(), ...how };
};

/** The same with the invoices under it: every case is read that has any of them. */
export const readReportWithRows = async (
  store: Store,
  query: ReportQuery,
  now: Instant,
): Promise<ReportWithRows & HowCounted> => {
  const count = createCount(query, now, true);
  const how = await countPeriod(store, query, now, count);
  return { report: count.report(), rows: count.rows(), ...how };
};
