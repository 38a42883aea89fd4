// What is known of a month of failures by a day: of all of them, of a part, or of none.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  axisOf,
  darknessOf,
  DAYS,
  isYoung,
  lineOf,
  monthsOf,
  seenBy,
  type Cohort,
} from '../../../web/finance/views/cohorts/seen.ts';

const nothing = { n: 0, amount: { minor: 0, currency: 'EUR', decimal: '0.00' } };

/** A cohort of March 2026 with so many open, seen up to a day. */
const cohortOf = (open: number, seenDays: number, byDay: Cohort['byDay']): Cohort => ({
  month: '2026-03',
  currency: 'EUR',
  cell: {
    failed: { ...nothing, n: 10 },
    recovered: { ...nothing, n: 10 - open },
    lost: nothing,
    withdrawn: nothing,
    open: { ...nothing, n: open },
  },
  rate: { hits: 0, of: 0, share: null },
  moneyRate: { amount: nothing.amount, of: nothing.amount, share: null },
  byDay,
  seenDays,
});

const point = (day: number, share: number) => ({ day, share, low: share / 2, high: share });

describe('by a day', () => {
  const young = cohortOf(4, 12, [point(3, 0.2), point(7, 0.4), point(12, 0.5)]);

  test.each([
    // What failed in the last moment of March has its day 0 on 1 April, and its day 1 on 2 April.
    [1, '2026-04-03T00:00:00Z', 'all', 0],
    [1, '2026-04-02T23:59:59Z', 'part', 0],
    [3, '2026-04-05T00:00:00Z', 'all', 0.2],
    [3, '2026-03-20T00:00:00Z', 'part', 0.2],
    [7, '2026-04-04T00:00:00Z', 'part', 0.4],
    [14, '2026-04-04T00:00:00Z', 'none', undefined],
  ] as const)('%s at %s, it is known of %s', (day, at, of, share) => {
    const seen = seenBy(young, day, at);
    expect(seen.of).toBe(of);
    expect(seen.point?.share).toBe(share);
    expect(seen.point?.day).toBe(share === undefined ? undefined : day);
  });

  test('what is settled stays as it is on every later day, once the month is over', () => {
    const settled = cohortOf(0, 12, [point(7, 0.4)]);
    expect(seenBy(settled, 90, '2026-04-01T00:00:00Z')).toMatchObject({ of: 'all', point: { share: 0.4 } });
    expect(seenBy(settled, 90, '2026-03-31T23:59:59Z')).toEqual({ of: 'none', point: null });
  });

  test('a month is young until all of its failures could be 30 days old', () => {
    const seen = cohortOf(1, 40, [point(7, 0.4)]);
    expect(isYoung(seen, '2026-05-01T23:59:59Z')).toBe(true);
    expect(isYoung(seen, '2026-05-02T00:00:00Z')).toBe(false);
  });

  test('the more time has passed, the more is known', () => {
    const rank = { none: 0, part: 1, all: 2 };
    const hours = fc.integer({ min: 0, max: 200 * 24 });
    fc.assert(
      fc.property(
        hours,
        hours,
        fc.constantFrom(...DAYS),
        fc.integer({ min: 0, max: 5 }),
        (a, b, day, open) => {
          const at = (after: number) => new Date(Date.UTC(2026, 2, 1) + after * 3_600_000).toISOString();
          const cohort = cohortOf(open, 60, [point(7, 0.4)]);
          const [early, late] = [Math.min(a, b), Math.max(a, b)].map(
            (hour) => rank[seenBy(cohort, day, at(hour)).of],
          );
          expect(late).toBeGreaterThanOrEqual(early ?? 0);
        },
      ),
    );
  });
});

test('a curve begins at nothing and ends on the last day on which any failure was seen', () => {
  const at = '2026-04-04T00:00:00Z';
  const line = lineOf(cohortOf(4, 12, [point(3, 0.2), point(7, 0.4), point(12, 0.5)]), at);
  expect(line.map(({ day, share }) => [day, share])).toEqual([
    [0, 0],
    [1, 0],
    [3, 0.2],
    [7, 0.4],
    [12, 0.5],
  ]);
  expect(axisOf([{ points: line }])).toEqual([0, 1, 3, 7, 14]);
  expect(axisOf([])).toEqual([0, 1]);
});

test('a higher share is never drawn lighter, and only nothing is drawn as nothing', () => {
  expect([0, 0.001, 0.2, 0.4, 0.6, 0.8, 1].map(darknessOf)).toEqual([0, 1, 2, 3, 4, 5, 5]);
});

test('days are asked for as the months they lie in', () => {
  expect(monthsOf({ from: '2026-02-10', to: '2026-03' })).toEqual({ from: '2026-02', to: '2026-03' });
});
