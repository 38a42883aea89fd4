// The lines of the charts: inside their frame, in order, and in proportion.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { columnsOf, curveOf, partsOf } from '../../../web/finance/parts/geometry.ts';

const FRAME = { width: 600, height: 260, left: 50, right: 10, top: 10, bottom: 30 };

const curve = fc
  .uniqueArray(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 40 })
  .chain((days) =>
    fc.tuple(
      fc.constant(days.toSorted((a, b) => a - b)),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), {
        minLength: days.length,
        maxLength: days.length,
      }),
    ),
  )
  .map(([days, shares]) => {
    const sorted = shares.toSorted((a, b) => a - b);
    return days.map((day, i) => {
      const share = sorted[i] ?? 0;
      return { day, share, low: share * 0.8, high: Math.min(1, share * 1.2) };
    });
  });

const numbersIn = (path: string): number[] =>
  [...path.matchAll(/-?\d+(\.\d+)?/g)].map(([text]) => Number(text));

describe('a curve', () => {
  test('stays in its frame, goes to the right and never down', () => {
    fc.assert(
      fc.property(curve, fc.integer({ min: 0, max: 500 }), (points, seenDays) => {
        const drawn = curveOf(points, seenDays, FRAME);
        const pairs = numbersIn(drawn.line);
        const [xs, ys] = [pairs.filter((_, i) => i % 2 === 0), pairs.filter((_, i) => i % 2 === 1)];
        expect(xs).toEqual(xs.toSorted((a, b) => a - b));
        expect(ys).toEqual(ys.toSorted((a, b) => b - a));
        for (const x of xs) expect(x >= FRAME.left && x <= FRAME.width - FRAME.right).toBe(true);
        for (const y of ys) expect(y >= FRAME.top && y <= FRAME.height - FRAME.bottom).toBe(true);
      }),
    );
  });

  test('its last step is as wide as a day, though nothing was seen after it', () => {
    const { line, points } = curveOf([{ day: 5, share: 0.5, low: 0.4, high: 0.6 }], 5, FRAME);
    expect(numbersIn(line).at(-2)).toBe(FRAME.width - FRAME.right);
    expect(points[0]?.x).toBeLessThan(FRAME.width - FRAME.right);
  });

  test('a curve of nothing draws nothing', () => {
    expect(curveOf([], 30, FRAME)).toMatchObject({ line: '', band: '', points: [] });
  });

  test('goes on to the last day on which anything was seen, and no further', () => {
    const { line, days } = curveOf([{ day: 5, share: 0.5, low: 0.4, high: 0.6 }], 30, FRAME);
    expect(numbersIn(line).at(-2)).toBe(FRAME.width - FRAME.right);
    expect(days.at(-1)?.value).toBeLessThanOrEqual(30);
  });
});

describe('columns', () => {
  test('what came stands above the line, what went hangs below it, in proportion', () => {
    const { columns, zero } = columnsOf(
      [
        { up: [{ look: 'recovered', value: 100 }], down: [{ look: 'lost', value: 50 }] },
        { up: [{ look: 'recovered', value: 200 }], down: [] },
      ],
      FRAME,
    );
    const [up, down] = columns[0]?.pieces ?? [];
    expect((up?.y ?? 0) + (up?.height ?? 0)).toBeCloseTo(zero, 0);
    expect(down?.y).toBeCloseTo(zero, 0);
    expect((up?.height ?? 0) / (down?.height ?? 1)).toBeCloseTo(2, 1);
    expect((columns[1]?.pieces[0]?.height ?? 0) / (up?.height ?? 1)).toBeCloseTo(2, 1);
  });

  test('months of nothing have an axis and no column', () => {
    const { columns, values } = columnsOf([{ up: [], down: [] }], FRAME);
    expect(columns[0]?.pieces).toEqual([]);
    expect(values.length).toBeGreaterThan(1);
  });
});

test('the parts of a whole fill it in their order, and something is never nothing', () => {
  const parts = partsOf(
    [
      { look: 'recovered', share: 0.5 },
      { look: 'lost', share: 0 },
      { look: 'open', share: 0.4999 },
      { look: 'withdrawn', share: 0.0001 },
    ],
    1000,
  );
  expect(parts.map(({ look }) => look)).toEqual(['recovered', 'open', 'withdrawn']);
  expect(parts.map(({ x }) => x)).toEqual([0, 500, 999.9]);
  expect(Math.min(...parts.map(({ width }) => width))).toBeGreaterThanOrEqual(1);
});
