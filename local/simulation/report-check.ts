// The report of a whole simulated world against its books: the same figures however they were read, to the minor unit.
import { isDeepStrictEqual } from 'node:util';
import type { Store } from '../../core/ports.ts';
import type { CaseRecord } from '../../core/recovery/customer.ts';
import { totalsOf, type CaseTotals } from '../../core/reports/outcome.ts';
import type { Cell } from '../../core/reports/tally.ts';
import type { Report } from '../../core/reports/report.ts';
import { monthAfter, monthOf, startOfMonth, type Instant } from '../../core/time.ts';
import { readEach } from '../../core/workflows/read-cases.ts';
import {
  readReport,
  readReportWithRows,
  reportOn,
  type ReportQuery,
} from '../../core/workflows/read-report.ts';
import type { ReportCase } from '../../core/reports/rows.ts';
import type { Violation } from './laws.ts';
import type { TrueCustomer } from './market/state.ts';
import { faultsOfMoney, isToldInAnotherOrder } from './money-check.ts';
import { keyOf } from './business.ts';
import { later, secondOf, type World } from './world.ts';

/** The report of every month from the one of `from` to that of `now`. */
const queryOf = (from: Instant, now: Instant): ReportQuery => ({
  from: startOfMonth(monthOf(from)),
  to: startOfMonth(monthAfter(monthOf(now))),
  by: 'decline',
  months: 12,
});

const DAY_S = 86_400;
const MONTH_S = 30 * DAY_S;

/** Somebody reads the report once a month, so that sums are kept while cases are still found late, closed and amended. */
export const readMonthly = (world: World, from: Instant, untilSecond: number): void => {
  const read = async (second: number): Promise<void> => {
    const now = world.clock.now();
    await readReport(world.memory, queryOf(from, now), now);
    if (second + MONTH_S <= untilSecond) later(world, second + MONTH_S, read);
  };
  later(world, secondOf(world) + MONTH_S + 10 * DAY_S, read);
};

const moneyOf = (cell: Cell): CaseTotals => ({
  failed: cell.failed.minor,
  recovered: cell.recovered.minor,
  withdrawn: cell.withdrawn.minor,
  lost: cell.lost.minor,
  open: cell.open.minor,
});

/** What of a report is not as the books have it, in words. */
const faultsOf = (report: Report, records: readonly CaseRecord[]): string[] => {
  const books = records.flatMap(({ invoices }) => invoices);
  const faults: string[] = [];
  for (const cohort of ['live', 'imported'] as const) {
    const ours = totalsOf(books.filter((book) => book.cohort === cohort));
    const cellOf = ({ cell, imported }: Report['currencies'][number]): Cell =>
      cohort === 'live' ? cell : imported;
    const told = Object.fromEntries(
      report.currencies
        .filter((one) => cellOf(one).failed.n > 0)
        .map((one) => [one.currency, moneyOf(cellOf(one))]),
    );
    if (!isDeepStrictEqual(told, ours))
      faults.push(`${cohort}: ${JSON.stringify(told)}, books ${JSON.stringify(ours)}`);
  }
  for (const { currency, cell, moved, causes } of report.currencies) {
    const came = moved.reduce((sum, { recovered }) => sum + recovered.minor, 0);
    if (came !== cell.recovered.minor)
      faults.push(`${currency}: ${came} came by month, ${cell.recovered.minor} was recovered`);
    const caused = causes.reduce((sum, one) => sum + one.sum.n, 0);
    if (caused !== cell.recovered.n)
      faults.push(`${currency}: ${caused} have a cause, ${cell.recovered.n} were recovered`);
  }
  return faults;
};

const THEIRS = 'the money of a month is the provider’s';

/** The money by month against the provider's account: of everybody at once, and where that differs, whose it is. */
const checkMoney = async (
  store: Store,
  report: Report,
  records: readonly CaseRecord[],
  customers: ReadonlyMap<string, TrueCustomer>,
  now: Instant,
): Promise<Violation[]> => {
  const all = faultsOfMoney(report, records, customers);
  if (all.length === 0) return [];
  const found: Violation[] = [];
  let isExplained = false;
  for (const [id, customer] of customers) {
    const key = keyOf(id);
    const own = records.filter((record) => record.key === key);
    const cases: ReportCase[] = [];
    for await (const { one } of readEach(store, own, now)) if (one) cases.push(one);
    const theirs = (await reportOn(cases, queryOf(report.from, now), now)).report;
    const faults = faultsOfMoney(theirs, own, new Map([[id, customer]]));
    if (faults.length === 0) continue;
    isExplained = true;
    if (isToldInAnotherOrder(theirs, own, customer)) continue;
    for (const detail of faults) found.push({ law: THEIRS, customer: key, at: now, detail });
  }
  return isExplained
    ? found
    : all.map((detail) => ({ law: THEIRS, customer: keyOf('all'), at: now, detail }));
};

/** Reads the report of everything by its sums as they are kept, by the sums that were kept, and with its invoices. */
export const checkReport = async (
  store: Store,
  records: readonly CaseRecord[],
  customers: ReadonlyMap<string, TrueCustomer>,
  from: Instant,
  now: Instant,
): Promise<{ readonly report: Report; readonly violations: readonly Violation[] }> => {
  const query = queryOf(from, now);
  const { report } = await readReport(store, query, now);
  const kept = await readReport(store, query, now);
  const listed = await readReportWithRows(store, query, now);
  const tell = (law: string, detail: string): Violation => ({ law, customer: keyOf('all'), at: now, detail });
  const ways = [kept.report, listed.report].filter((other) => !isDeepStrictEqual(other, report));
  const violations = [
    ...faultsOf(report, records).map((detail) => tell('the report is its books', detail)),
    ...(await checkMoney(store, report, records, customers, now)),
    ...ways.map(() => tell('a report is the same however it is read', JSON.stringify(kept.months))),
  ];
  return { report, violations };
};
