// The invoices under one total of a report: read by the walk that the report is made by, the largest amounts first.
import type { Store } from '../ports.ts';
import { hasFailures, hasMovements } from '../reports/rollup.ts';
import type { Sum } from '../reports/tally.ts';
import {
  byAmount,
  countedIn,
  placeOfRow,
  sumsOf,
  totalOf,
  type CountedRow,
  type RowPlace,
  type TotalAsked,
} from '../reports/totals.ts';
import { addMs, monthOf, type Instant } from '../time.ts';
import { foldMonths, type Count } from './fold-month.ts';
import { monthsBetween } from './read-cases.ts';
import { firstMonthFor, isIn, takenBy, type ReportQuery } from './read-report.ts';

/** A total of the report of a query. A month has to be one of its period; no month: all of the period. */
export type TotalQuery = Omit<ReportQuery, 'months'> & TotalAsked;

/** A page, and what the whole total comes to by currency. */
export type InvoicesPage = {
  readonly invoices: readonly CountedRow[];
  readonly sums: Readonly<Record<string, Sum>>;
  readonly next: RowPlace | null;
};

/** The values that a total is asked for: of money that moved the months, one after the other. */
const valuesOf = ({ total, value, from, to }: TotalQuery): readonly string[] =>
  totalOf(total).valueIs === 'month' && value === '' ? monthsBetween(from, addMs(to, -1)) : [value];

/** What a failure counts, of all that is asked for together. */
const added = (counted: readonly CountedRow[]): CountedRow[] => {
  const sums = new Map<CountedRow['row'], CountedRow['counted']>();
  for (const { row, counted: more } of counted) {
    const { n, minor } = sums.get(row) ?? { n: 0, minor: 0 };
    sums.set(row, { n: n + more.n, minor: minor + more.minor });
  }
  return [...sums].map(([row, sum]) => ({ row, counted: sum }));
};

/** What is counted for a list: the failures under a total. A month of which none is there is told by its sums. */
const createListCount = (query: TotalQuery, now: Instant): Count & { readonly rows: CountedRow[] } => {
  const { of } = totalOf(query.total);
  const [takes, isInPeriod] = [takenBy(query), isIn(query)];
  const [first, last] = [monthOf(query.from), monthOf(addMs(query.to, -1))];
  const values = valuesOf(query);
  const rows: CountedRow[] = [];
  return {
    rows,
    first: firstMonthFor(of === 'now' ? now : query.from, now),
    isEnough: (sums) => {
      // What is settled is not open any more.
      if (of === 'now') return true;
      return of === 'moved'
        ? values.every((month) => !hasMovements(sums, month, month))
        : !hasFailures(sums, first, last);
    },
    addSums: () => {},
    add: (one) => {
      const taken = one.rows.filter((row) => takes(row) && (of !== 'period' || isInPeriod(row)));
      const counted = values.flatMap((value) => countedIn({ ...one, rows: taken }, { ...query, value }, now));
      rows.push(...added(counted));
    },
  };
};

/**
 * The invoices under a total, at most `limit` after a place, or the largest. Every page reads what the report with its invoices
 * reads. Between pages an invoice whose amount changes can be seen twice or be missed; all others are there once. Throws
 * `OutsideError`.
 */
export const listInvoices = async (
  store: Store,
  query: TotalQuery,
  { after, limit }: { readonly after: RowPlace | null; readonly limit: number },
  now: Instant,
): Promise<InvoicesPage> => {
  const count = createListCount(query, now);
  await foldMonths(store, [count], now);
  const rest = count.rows
    .map((each) => ({ each, place: placeOfRow(each) }))
    .filter(({ place }) => after === null || byAmount(after, place) < 0)
    .sort((a, b) => byAmount(a.place, b.place));
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  return {
    invoices: page.map(({ each }) => each),
    sums: sumsOf(count.rows),
    next: rest.length > limit && last ? last.place : null,
  };
};
