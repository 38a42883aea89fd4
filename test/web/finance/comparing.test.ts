// Lines of several curves and whiskers of intervals: inside their frame, in order, with nothing where nothing is.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { endsOfDifferences, linesOf, whiskersOf } from '../../../web/finance/parts/comparing.ts';

const FRAME = { width: 600, height: 260, left: 50, right: 10, top: 10, bottom: 30 };
const share = fc.double({ min: 0, max: 1, noNaN: true });

describe('lines', () => {
  test('stay in their frame, whatever they are', () => {
    const series = fc.array(
      fc.array(fc.record({ day: fc.integer({ min: 0, max: 90 }), share }), { maxLength: 10 }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(series, (all) => {
        const drawn = linesOf(all, [0, 1, 3, 7, 14, 30, 60, 90], FRAME);
        expect(drawn.lines.map(({ points }) => points.length)).toEqual(all.map((one) => one.length));
        for (const { x, y } of drawn.lines.flatMap(({ points }) => points)) {
          expect(x >= FRAME.left && x <= FRAME.width - FRAME.right).toBe(true);
          expect(y >= FRAME.top && y <= FRAME.height - FRAME.bottom).toBe(true);
        }
      }),
    );
  });

  test('marks of the axis that do not fit are left out, the first never', () => {
    const { days } = linesOf([], [0, 1, 3, 7, 14, 30, 60, 90], FRAME);
    expect(days[0]?.value).toBe(0);
    const gaps = days.slice(1).map(({ at }, i) => at - (days[i]?.at ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(48);
  });
});

describe('whiskers', () => {
  const intervals = fc.array(
    fc.tuple(share, share, share).map((three) => {
      const [low = 0, value = 0, high = 0] = three.toSorted((a, b) => a - b);
      return { low, value, high };
    }),
    { minLength: 1, maxLength: 5 },
  );

  test('hold their value between their ends, and stay on the axis', () => {
    fc.assert(
      fc.property(intervals, (all) => {
        const { whiskers, zero } = whiskersOf(all, [0, 1], [20, 580]);
        expect(zero).toBe(20);
        for (const { from, at, to } of whiskers) {
          expect(20 <= from && from <= at && at <= to && to <= 580).toBe(true);
        }
      }),
    );
  });

  test('of differences stand around 0, which is in the middle', () => {
    const ends = endsOfDifferences([{ value: 0.2, low: 0.07, high: 0.34 }]);
    expect(ends).toEqual([-0.4, 0.4]);
    expect(whiskersOf([], ends, [0, 500]).zero).toBe(250);
    expect(endsOfDifferences([{ value: 0, low: -1, high: 1 }])).toEqual([-1, 1]);
    expect(endsOfDifferences([])).toEqual([-0.1, 0.1]);
  });
});
