// Reads what a report is made of: the cases of the period and those that reach into it, each once, or their kept sums.
import type { Store } from '../ports.ts';
import { countOpen, type OpenTallies } from '../reports/at-risk.ts';
import { hasFailures, hasMovements, tallyWithin } from '../reports/rollup.ts';
import {
  addCounts,
  countCase,
  countMoved,
  DIMENSIONS,
  emptyTally,
  valueOf,
  type Dimension,
  type Movements,
} from '../reports/tally.ts';
import { reportOf, type Report } from '../reports/report.ts';
import type { FailureRow, ReportCase } from '../reports/rows.ts';
import { addDays, addMs, monthOf, startOfMonth, type Instant } from '../time.ts';
import { foldMonths, type Count, type CountedMonths } from './fold-month.ts';
import { monthsBetween, readEach } from './read-cases.ts';

/** A case that was opened in the month so long before a moment, or since, can have failures, or move money, after it. */
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

/** No invoice is older: what is asked of earlier years costs no more. */
const FIRST_MONTH = '2000-01';

/**
 * The first month whose cases are read for what happened since `from`, and for what is open now: from there on all are, up to
 * now. A failure can be told late, into a case that was opened long after the period's end.
 */
export const firstMonthFor = (from: Instant, now: Instant): string => {
  const month = monthOf(addDays(from < now ? from : now, -LOOK_BACK_DAYS));
  return month > FIRST_MONTH ? month : FIRST_MONTH;
};

/**
 * Every case that can be in a report, as reports read it, in no order: closed ones with their adjustments, open ones as the last
 * visit saw them.
 */
export async function* casesFor(
  store: Store,
  { from }: Pick<ReportQuery, 'from'>,
  now: Instant,
): AsyncGenerator<ReportCase> {
  for (const month of monthsBetween(startOfMonth(firstMonthFor(from, now)), now)) {
    for await (const { one } of readEach(store, await store.listCases(month), now)) if (one) yield one;
  }
}

/** A report with the invoices under it, the oldest first. */
export type ReportWithRows = { readonly report: Report; readonly rows: readonly FailureRow[] };

const byTime = (a: FailureRow, b: FailureRow): number =>
  a.failedAt < b.failedAt || (a.failedAt === b.failedAt && a.subjectId < b.subjectId) ? -1 : 1;

/** Whether sums can stand for settled cases that are in a report: it is of whole months, and of every failure. */
export const isOfWholeMonths = ({
  from,
  to,
  currency,
  only = {},
}: Pick<ReportQuery, 'from' | 'to' | 'currency' | 'only'>): boolean =>
  from < to &&
  from === startOfMonth(monthOf(from)) &&
  to === startOfMonth(monthOf(to)) &&
  currency === undefined &&
  DIMENSIONS.every((name) => only[name] === undefined);

type ReportCount = Count & { readonly report: () => Report; readonly rows: () => readonly FailureRow[] };

/** What is counted for a report, case by case or by sums that were counted before. */
export const createReportCount = (query: ReportQuery, now: Instant, withRows: boolean): ReportCount => {
  const { from, to, by, months } = query;
  const [first, last] = [monthOf(from), monthOf(addMs(to, -1))];
  const openSince = firstMonthFor(now, now);
  const isWhole = isOfWholeMonths(query);
  const takes = takenBy(query);
  const isInPeriod = isIn(query);
  let tally = emptyTally();
  let moved: Movements = {};
  const open: OpenTallies = {};
  const rows: FailureRow[] = [];
  return {
    first: firstMonthFor(from, now),
    isEnough: (sums) =>
      isWhole
        ? !withRows || !hasFailures(sums, first, last)
        : !hasFailures(sums, first, last) && !hasMovements(sums, first, last),
    addSums: (sums) => {
      tally = addCounts(tally, tallyWithin(sums, first, last));
      moved = addCounts(moved, sums.movements);
    },
    add: (one) => {
      countCase(tally, one, (row) => isInPeriod(row) && takes(row), now);
      countMoved(moved, one, takes);
      // Of older cases not every report reads whether they are open, and what is at risk is no matter of the period.
      if (monthOf(one.record.openedAt) >= openSince) countOpen(open, one, takes, now);
      if (withRows) rows.push(...one.rows.filter((row) => isInPeriod(row) && takes(row)));
    },
    report: () =>
      reportOf(tally, moved, open, { from, to, at: now, by, filters: filtersInWords(query), months }),
    rows: () => rows.sort(byTime),
  };
};

/** Makes a report of cases, wherever they come from. */
export const reportOn = async (
  cases: AsyncIterable<ReportCase> | Iterable<ReportCase>,
  query: ReportQuery,
  now: Instant,
): Promise<ReportWithRows> => {
  const count = createReportCount(query, now, true);
  for await (const one of cases) count.add(one);
  return { report: count.report(), rows: count.rows() };
};

/**
 * The report of a period. Months that have nothing in it, and whole months without a filter, are told by the sums that are kept
 * of them. Throws `OutsideError` when the store does not answer.
 */
export const readReport = async (
  store: Store,
  query: ReportQuery,
  now: Instant,
): Promise<{ readonly report: Report; readonly months: CountedMonths }> => {
  const count = createReportCount(query, now, false);
  const months = await foldMonths(store, [count], now);
  return { report: count.report(), months };
};

/** The same with the invoices under it: every case is read of a month that has any of them. */
export const readReportWithRows = async (
  store: Store,
  query: ReportQuery,
  now: Instant,
): Promise<ReportWithRows & { readonly months: CountedMonths }> => {
  const count = createReportCount(query, now, true);
  const months = await foldMonths(store, [count], now);
  return { report: count.report(), rows: count.rows(), months };
};
