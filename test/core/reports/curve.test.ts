// The curve of what comes back against a published one, and the laws that it keeps.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { curveOf, expectedOf, quantileOf, shareBy } from '../../../core/reports/curve.ts';
import { newcombe } from '../../../core/reports/interval.ts';

const NOBODY = { recovered: {}, withdrawn: {}, open: {}, lost: 0 };

describe('the curve', () => {
  // E. J. Freireich and others, Blood 21 (1963): weeks of remission under 6-MP, as D. R. Cox, JRSS B 34 (1972) gives them. The
  // shares and standard errors are those of every textbook; the intervals those of R's survfit with conf.type = "log-log".
  const REMISSION = {
    recovered: { 6: 3, 7: 1, 10: 1, 13: 1, 16: 1, 22: 1, 23: 1 },
    withdrawn: { 6: 1, 9: 1, 10: 1, 11: 1, 17: 1, 19: 1 },
    open: { 20: 1, 25: 1, 32: 2, 34: 1, 35: 1 },
    lost: 0,
  };

  test.each([
    [6, 21, 0.857, 0.6197, 0.9516],
    [7, 17, 0.807, 0.5631, 0.9228],
    [10, 15, 0.753, 0.5032, 0.8894],
    [13, 12, 0.69, 0.4316, 0.8491],
    [16, 11, 0.627, 0.3675, 0.8049],
    [22, 7, 0.538, 0.2678, 0.7468],
    [23, 6, 0.448, 0.1881, 0.6801],
  ])('on day %i of %i at risk a share of %f is left', (day, atRisk, left, low, high) => {
    const point = curveOf(REMISSION).find((one) => one.day === day);
    expect(point?.atRisk).toBe(atRisk);
    expect(1 - (point?.share ?? 0)).toBeCloseTo(left, 3);
    expect(1 - (point?.high ?? 0)).toBeCloseTo(low, 3);
    expect(1 - (point?.low ?? 0)).toBeCloseTo(high, 3);
  });

  test('a lost one counts as never recovered: with nobody left out it is the plain share', () => {
    const curve = curveOf({ ...NOBODY, recovered: { 0: 2, 3: 1 }, lost: 7 });
    expect(curve.map(({ day, share }) => [day, Number(share.toFixed(9))])).toEqual([
      [0, 0.2],
      [3, 0.3],
    ]);
  });

  test('of nothing it is empty, and of all at once it is all', () => {
    expect(curveOf(NOBODY)).toEqual([]);
    expect(curveOf({ ...NOBODY, recovered: { 2: 5 } })).toMatchObject([{ share: 1, low: 1, high: 1 }]);
  });

  const aDay = fc.nat(40).map(String);
  const counts = fc.dictionary(aDay, fc.integer({ min: 1, max: 50 }), { maxKeys: 12 });
  const someDays = fc.record({ recovered: counts, withdrawn: counts, open: counts, lost: fc.nat(60) });

  test('rises from 0 towards 1, and its interval holds it', () => {
    fc.assert(
      fc.property(someDays, (days) => {
        let before = 0;
        for (const { share, low, high } of curveOf(days)) {
          expect(share).toBeGreaterThanOrEqual(before - 1e-12);
          expect([low <= share + 1e-9, share <= high + 1e-9, low >= 0, high <= 1]).toEqual([
            true,
            true,
            true,
            true,
          ]);
          before = share;
        }
      }),
    );
  });

  test('what is expected of the open lies between nothing and all of it, and within its interval', () => {
    fc.assert(
      fc.property(someDays, fc.nat(60), fc.integer({ min: 1, max: 1_000_000 }), (days, age, minor) => {
        const curve = curveOf(days);
        const of = (day: number) => expectedOf(curve, { [day]: { minor, square: minor ** 2 } });
        const expected = of(age);
        fc.pre(expected !== null);
        expect(expected.minor).toBeGreaterThanOrEqual(0);
        expect(expected.low).toBeLessThanOrEqual(expected.minor);
        expect(expected.high).toBeGreaterThanOrEqual(expected.minor);
        expect(expected.high).toBeLessThanOrEqual(minor);
      }),
    );
  });

  test('an open failure is expected by what came of those as old as it', () => {
    const curve = curveOf({ ...NOBODY, recovered: { 1: 50, 5: 25 }, lost: 25 });
    const ages = { 0: { minor: 1000, square: 1_000_000 }, 3: { minor: 1000, square: 1_000_000 } };
    // Of all 75 in 100 come back; of those still open on day 3, 25 of 50.
    expect(expectedOf(curve, ages)?.minor).toBe(750 + 500);
    expect(shareBy(curve, 4)).toBeCloseTo(0.5, 12);
  });
});

describe('how long it takes', () => {
  test.each([
    [{ 5: 1 }, 0.5, 5],
    [{ 1: 1, 2: 1, 3: 1, 10: 1 }, 0.5, 2],
    [{ 1: 1, 2: 1, 3: 1, 10: 1 }, 0.9, 10],
    [{ 2: 9, 100: 1 }, 0.9, 2],
    [{ 10: 1, 9: 1 }, 0.5, 9],
  ])('of %j the quantile %f is %i hours', (hours, share, expected) => {
    expect(quantileOf(hours, share)).toBe(expected);
  });

  test('of nothing there is none', () => {
    expect(quantileOf({}, 0.5)).toBeNull();
  });
});

describe('the 95 % interval of a difference', () => {
  // Newcombe, Interval estimation for the difference between independent proportions, Statistics in Medicine 17 (1998), table II,
  // method 10.
  test.each([
    [56, 70, 48, 80, 0.0524, 0.3339],
    [9, 10, 3, 10, 0.1705, 0.809],
    [6, 7, 2, 7, 0.0582, 0.8062],
    [5, 56, 0, 29, -0.0381, 0.1926],
    [0, 10, 0, 20, -0.1611, 0.2775],
    [0, 10, 0, 10, -0.2775, 0.2775],
    [10, 10, 0, 20, 0.6791, 1],
    [10, 10, 0, 10, 0.6075, 1],
  ])('%i of %i less %i of %i is %f to %f', (a, m, b, n, low, high) => {
    const found = newcombe({ hits: a, all: m }, { hits: b, all: n });
    expect(found?.low).toBeCloseTo(low, 4);
    expect(found?.high).toBeCloseTo(high, 4);
  });

  test('there is none while one of them is of nothing', () => {
    expect(newcombe({ hits: 0, all: 0 }, { hits: 1, all: 2 })).toBeNull();
    expect(newcombe({ hits: 1, all: 2 }, { hits: 0, all: 0 })).toBeNull();
  });

  test('turned around it is the same with the other sign', () => {
    const some = fc
      .tuple(fc.integer({ min: 1, max: 5000 }), fc.nat())
      .map(([all, n]) => ({ all, hits: n % (all + 1) }));
    fc.assert(
      fc.property(some, some, (a, b) => {
        const [one, other] = [newcombe(a, b), newcombe(b, a)];
        expect(one?.low).toBeCloseTo(-(other?.high ?? 0), 9);
        expect(one?.difference).toBeCloseTo(-(other?.difference ?? 0), 9);
      }),
    );
  });
});
