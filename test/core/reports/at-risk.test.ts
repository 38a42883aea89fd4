// What is open now: worked by hand, and the same whatever period is asked for.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AtRisk } from '../../../core/reports/at-risk.ts';
import type { ReportCase } from '../../../core/reports/rows.ts';
import { LOOK_BACK_DAYS, reportOn, type ReportQuery } from '../../../core/workflows/read-report.ts';
import { addDays, addMs } from '../../../core/time.ts';
import { at } from '../../support/customers.ts';
import { caseOf, type Failure } from '../../support/reports.ts';
import { casesOfAYear, YEAR_END } from '../../support/year-of-failures.ts';

const NOW = at('2026-04-15T12:00Z');
const MARCH: ReportQuery = {
  from: at('2026-03-01T00:00Z'),
  to: at('2026-04-01T00:00Z'),
  by: 'decline',
  months: 12,
};
const JANUARY = { ...MARCH, from: at('2026-01-01T00:00Z'), to: at('2026-02-01T00:00Z') };

const openFor = (days: number, more: Partial<Failure> = {}): Failure => ({
  outcome: 'open',
  failedAt: addDays(NOW, -days),
  ...more,
});

const atRisk = async (
  cases: readonly ReportCase[],
  query: Partial<ReportQuery> = {},
): Promise<Record<string, AtRisk>> => {
  const { report } = await reportOn(cases, { ...MARCH, ...query }, NOW);
  return Object.fromEntries(report.currencies.map((one) => [one.currency, one.atRisk]));
};

const NOTHING = { n: 0, minor: 0 };

describe('what is at risk', () => {
  test('is all that is open, before the period, in it and after it, in bands of its age', async () => {
    const ages = [0, 7, 7.9, 8, 14, 15, 30, 31, 200];
    const cases = ages.map((days, i) => caseOf(`a${i}`, [openFor(days, { minor: 10 ** (i % 4) })]));
    for (const query of [MARCH, JANUARY]) {
      const { EUR } = await atRisk(cases, query);
      expect(EUR?.open).toEqual({ n: 9, minor: 1 + 10 + 100 + 1000 + 1 + 10 + 100 + 1000 + 1 });
      expect(EUR?.ages).toEqual([
        { name: '0-7', from: 0, to: 7, sum: { n: 3, minor: 111 } },
        { name: '8-14', from: 8, to: 14, sum: { n: 2, minor: 1001 } },
        { name: '15-30', from: 15, to: 30, sum: { n: 2, minor: 110 } },
        { name: 'over-30', from: 31, to: null, sum: { n: 2, minor: 1001 } },
      ]);
    }
  });

  test('is only what is still owed of it, and nothing that is settled', async () => {
    const inPart = { openMinor: 600, recoveredMinor: 400 };
    const others = (['recovered', 'lost', 'withdrawn'] as const).map((outcome) => ({ outcome }));
    const { EUR } = await atRisk([caseOf('a', [openFor(3, { book: inPart }), ...others])]);
    expect(EUR?.open).toEqual({ n: 1, minor: 600 });
  });

  test('has what was there before Recoup apart', async () => {
    const imported = openFor(90, { minor: 300, book: { cohort: 'imported' } });
    const { EUR } = await atRisk([caseOf('a', [openFor(3), imported])]);
    expect(EUR).toMatchObject({ open: { n: 1, minor: 1000 }, imported: { n: 1, minor: 300 } });
    expect(EUR?.ages.reduce((n, { sum }) => n + sum.n, 0)).toBe(1);
  });

  test('is told of a currency in which nothing else is', async () => {
    const yen = caseOf('a', [openFor(3, { currency: 'JPY' })]);
    const before = caseOf('b', [openFor(90, { currency: 'KWD', book: { cohort: 'imported' } })]);
    const { report } = await reportOn([yen, before], JANUARY, NOW);
    expect(report.currencies.map(({ currency, cell }) => [currency, cell.failed.n])).toEqual([
      ['JPY', 0],
      ['KWD', 0],
    ]);
  });

  test('goes by the filters', async () => {
    const cases = [
      caseOf('a', [openFor(3, { record: { cardBrand: 'amex' } }), openFor(3)]),
      caseOf('b', [openFor(3, { currency: 'JPY' })]),
    ];
    expect((await atRisk(cases, { only: { brand: 'amex' } }))['EUR']?.open.n).toBe(1);
    expect(Object.keys(await atRisk(cases, { currency: 'JPY' }))).toEqual(['JPY']);
  });

  test('is looked for as far back as every report reads, by whole months, and no further', async () => {
    const first = addDays(NOW, -LOOK_BACK_DAYS);
    const monthsFirst = at(`${first.slice(0, 7)}-01T00:00Z`);
    const old = (name: string, failedAt: typeof NOW) => caseOf(name, [{ outcome: 'open', failedAt }]);
    const cases = [old('a', monthsFirst), old('b', addMs(monthsFirst, -1))];
    expect((await atRisk(cases))['EUR']?.open.n).toBe(1);
  });
});

describe('what is expected of it', () => {
  /** Of four that failed in March one came back on day 2, one on day 10, and two never will: half by day 10. */
  const known = [2, 10].map((after) => caseOf(`r${after}`, [{ outcome: 'recovered', after }]));
  const lost = [0, 1].map((i) => caseOf(`l${i}`, [{ outcome: 'lost' }]));

  test('goes by the curve of the period, each failure by its age', async () => {
    const { EUR } = await atRisk(
      [...known, ...lost, caseOf('new', [openFor(0)]), caseOf('older', [openFor(5, { minor: 600 })])],
      // Neither of the open ones is of March: they change nothing of its curve.
      {},
    );
    // 1000 × 1/2, and 600 × (1/2 − 1/4) ÷ (1 − 1/4).
    expect(EUR?.expected?.minor).toBe(700);
    const spread = 1.959964 * Math.sqrt(1000 ** 2 * (1 / 4) + 600 ** 2 * (1 / 3) * (2 / 3));
    expect(EUR?.expected?.low).toBe(Math.max(0, Math.round(700 - spread)));
    expect(EUR?.expected?.high).toBe(Math.min(1600, Math.round(700 + spread)));
    expect(EUR?.untold).toEqual(NOTHING);
  });

  test('is nothing known of what is older than the period was seen, and it says how much that is', async () => {
    const cases = [...known, ...lost, caseOf('a', [openFor(5)]), caseOf('b', [openFor(60, { minor: 5000 })])];
    const { EUR } = await atRisk(cases);
    expect(EUR?.untold).toEqual({ n: 1, minor: 5000 });
    expect(EUR?.expected?.minor).toBe(333);
    expect(EUR?.expected?.high).toBeLessThanOrEqual(1000);
  });

  test.each([
    ['nothing of the period came back', [...lost, caseOf('a', [openFor(5)])]],
    ['all that is open is older', [...known, ...lost, caseOf('a', [openFor(60)])]],
    ['the period is empty', [caseOf('a', [openFor(60)])]],
  ])('is not known while %s', async (_, cases) => {
    const { EUR } = await atRisk(cases);
    expect(EUR).toMatchObject({ expected: null, untold: { n: 1, minor: 1000 } });
  });
});

describe('laws', () => {
  const periods = fc
    .tuple(fc.integer({ min: 0, max: 364 }), fc.integer({ min: 1, max: 200 }))
    .map(([day, days]) => {
      const from = addDays(at('2026-01-01T00:00Z'), day);
      return { ...MARCH, from, to: addDays(from, days) };
    });

  test('every report tells the same of what is open, and its parts add up', async () => {
    const cases = casesOfAYear(800);
    const open = cases.flatMap(({ rows }) => rows).filter(({ outcome }) => outcome === 'open');
    expect(open.length).toBeGreaterThan(10);
    await fc.assert(
      fc.asyncProperty(periods, async (query) => {
        const { report } = await reportOn(cases, query, YEAR_END);
        for (const currency of new Set(open.map((row) => row.currency))) {
          const own = open.filter((row) => row.currency === currency && row.cohort === 'live');
          const told = report.currencies.find((one) => one.currency === currency)?.atRisk;
          const minor = own.reduce((sum, row) => sum + row.openMinor, 0);
          expect(told?.open).toEqual({ n: own.length, minor });
          const bands = told?.ages ?? [];
          expect(bands.reduce((sum, band) => sum + band.sum.n, 0)).toBe(own.length);
          expect(bands.reduce((sum, band) => sum + band.sum.minor, 0)).toBe(minor);
          expect(told?.expected === null).toBe(told?.untold.n === own.length);
          expect(told?.expected?.high ?? 0).toBeLessThanOrEqual(minor - (told?.untold.minor ?? 0));
        }
      }),
      { numRuns: 40 },
    );
  });
});
