// Ages in whole days, and costs that are far below a cent.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { daysSince } from '../../../web/finance/views/at-risk/age.ts';
import { unitCostOf } from '../../../web/finance/views/overview/unit-cost.ts';

test.each([
  ['2026-03-01T10:00:00Z', '2026-03-02T09:59:59Z', 0],
  ['2026-03-01T10:00:00Z', '2026-03-02T10:00:00Z', 1],
  ['2026-03-01T10:00:00Z', '2026-04-01T10:00:00Z', 31],
  // A provider's clock may be ahead.
  ['2026-03-02T10:00:00Z', '2026-03-01T10:00:00Z', 0],
] as const)('a failure of %s is at %s so many whole days old: %i', (failedAt, now, days) => {
  expect(daysSince(failedAt, now)).toBe(days);
});

describe('the cost of recovered money', () => {
  test.each([
    [0.02, { units: 1, dollars: 0.02 }],
    [0.00002, { units: 1000, dollars: 0.02 }],
    [0, { units: 1e9, dollars: 0 }],
  ])('%f a unit is told of as much as makes a cent', (aUnit, { units, dollars }) => {
    const told = unitCostOf(aUnit);
    expect(told.units).toBe(units);
    expect(told.dollars).toBeCloseTo(dollars, 10);
  });

  test('is the same rate, of a power of ten of units', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-12, max: 10, noNaN: true }), (aUnit) => {
        const { units, dollars } = unitCostOf(aUnit);
        expect(dollars / units).toBeCloseTo(aUnit, 12);
        expect(Number.isInteger(Math.log10(units))).toBe(true);
        expect(dollars >= 0.01 || units === 1e9).toBe(true);
      }),
    );
  });
});
