// Months of failure beside each other: they are the report of the same period, and each is the report of its month.
import { describe, expect, test } from 'vitest';
import { curveByDay } from '../../../core/reports/curve.ts';
import { emptyCell } from '../../../core/reports/tally.ts';
import { startOfMonth, monthAfter } from '../../../core/time.ts';
import { readCohorts, type CohortsQuery } from '../../../core/workflows/read-cohorts.ts';
import { readReport } from '../../../core/workflows/read-report.ts';
import { storeOf } from '../../support/books.ts';
import { at } from '../../support/customers.ts';
import { addCells, caseOf } from '../../support/reports.ts';
import { casesOfAYear, YEAR, YEAR_END } from '../../support/year-of-failures.ts';

/** A case of which one failure failed a month after the others. */
const LONG = caseOf('long', [
  { outcome: 'recovered', failedAt: at('2026-03-30T09:00Z') },
  { outcome: 'lost', failedAt: at('2026-04-02T09:00Z'), minor: 700 },
]);
const CASES = [...casesOfAYear(250), LONG];

const QUERIES: readonly (readonly [string, Partial<CohortsQuery>])[] = [
  ['of a year', {}],
  ['of one month', { from: at('2026-04-01T00:00Z'), to: at('2026-05-01T00:00Z') }],
  ['of one currency', { currency: 'EUR' }],
  ['of one country and cause of decline', { only: { country: 'DE', decline: 'soft_funds' } }],
];

describe('months of failure', () => {
  test.each(QUERIES)('%s sum to the report of the same period', async (_, changes) => {
    const store = await storeOf(CASES);
    const query = { ...YEAR, ...changes };
    // Read twice: first every case, then by the sums that are kept by then.
    for (let i = 0; i < 2; i += 1) {
      const cohorts = await readCohorts(store, query, YEAR_END);
      const { report } = await readReport(store, query, YEAR_END);
      for (const { currency, cell } of report.currencies) {
        const own = cohorts.filter((one) => one.currency === currency);
        expect(own.reduce((sum, one) => addCells(sum, one.cell), emptyCell())).toEqual(cell);
      }
      expect(new Set(cohorts.map(({ currency }) => currency))).toEqual(
        new Set(report.currencies.filter(({ cell }) => cell.failed.n > 0).map(({ currency }) => currency)),
      );
    }
  });

  test('each is the report of its month: cell, rates, and the share recovered by day', async () => {
    const store = await storeOf(CASES);
    const cohorts = await readCohorts(store, YEAR, YEAR_END);
    expect(new Set(cohorts.map(({ month }) => month)).size).toBe(12);
    for (const { month, currency, ...told } of cohorts) {
      const period = { from: startOfMonth(month), to: startOfMonth(monthAfter(month)) };
      const { report } = await readReport(store, { ...YEAR, ...period }, YEAR_END);
      const figures = report.currencies.find((one) => one.currency === currency);
      if (!figures) throw new Error(`the report of ${month} has ${currency}`);
      const { cell, rate, moneyRate, curve, seenDays } = figures;
      expect(told).toEqual({ cell, rate, moneyRate, byDay: curveByDay(curve, seenDays), seenDays });
    }
  });

  test('cost one walk, and no case that is in kept sums', async () => {
    const operations: string[] = [];
    const store = await storeOf(CASES, {
      fault: (operation) => {
        operations.push(operation);
      },
    });
    const read = async (work: () => Promise<unknown>) => {
      operations.length = 0;
      await work();
      return operations.toSorted();
    };
    await readReport(store, YEAR, YEAR_END);
    const asReport = await read(() => readReport(store, YEAR, YEAR_END));
    expect(await read(() => readCohorts(store, YEAR, YEAR_END))).toEqual(asReport);
    expect(asReport.filter((name) => name === 'loadCases').length).toBeLessThan(CASES.length / 5);
  });
});
