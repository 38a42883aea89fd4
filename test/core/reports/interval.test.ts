// The interval of a share against published values, and the laws that it keeps.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { wilson } from '../../../core/reports/interval.ts';

describe('the 95 % interval of a share', () => {
  // Newcombe, Two-sided confidence intervals for the single proportion, Statistics in Medicine 17 (1998), table I, method 3.
  test.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('%i of %i is %f to %f', (hits, all, low, high) => {
    expect(wilson(hits, all)?.low).toBeCloseTo(low, 4);
    expect(wilson(hits, all)?.high).toBeCloseTo(high, 4);
  });

  test('of nothing there is none', () => {
    expect(wilson(0, 0)).toBeNull();
  });

  test('holds the share, stays between 0 and 1, and narrows with more cases', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), fc.nat(10_000), (all, n) => {
        const hits = n % (all + 1);
        const one = wilson(hits, all);
        const ten = wilson(hits * 10, all * 10);
        if (one === null || ten === null) throw new Error('there are cases');
        expect(one.low).toBeLessThanOrEqual(one.share + 1e-12);
        expect(one.high).toBeGreaterThanOrEqual(one.share - 1e-12);
        expect([one.low >= 0, one.high <= 1]).toEqual([true, true]);
        expect(ten.high - ten.low).toBeLessThan(one.high - one.low);
      }),
    );
  });
});
