// The weeks and months of digests: their names, their ends, and what goes before them.
import { describe, expect, test } from 'vitest';
import {
  asOldAs,
  lastWhole,
  monthNamed,
  periodBefore,
  weekAt,
  weekNamed,
} from '../../../core/reports/digest-period.ts';
import { at } from '../../support/customers.ts';

const named = (name: string) => weekNamed(name) ?? monthNamed(name) ?? expect.unreachable(name);

describe('weeks of ISO 8601', () => {
  test.each([
    ['2026-W10', '2026-03-02', '2026-03-09'],
    ['2026-W01', '2025-12-29', '2026-01-05'],
    ['2026-W53', '2026-12-28', '2027-01-04'],
    ['2027-W01', '2027-01-04', '2027-01-11'],
    ['2021-W01', '2021-01-04', '2021-01-11'],
  ])('%s is from %s until before %s', (name, from, to) => {
    expect(weekNamed(name)).toEqual({
      kind: 'week',
      name,
      from: `${from}T00:00:00.000Z`,
      to: `${to}T00:00:00.000Z`,
    });
    expect(weekAt(at(`${from}T00:00Z`)).name).toBe(name);
    expect(weekAt(at('2026-03-08T23:59Z')).name).toBe('2026-W10');
  });

  test.each(['2026-W00', '2025-W53', '2026-W54', '2026-w10', '2026-10', ''])('%j is none', (name) => {
    expect(weekNamed(name)).toBeNull();
  });
});

test.each(['2026-13', '2026-00', '2026-3', '2026-W03'])('%j is no month', (name) => {
  expect(monthNamed(name)).toBeNull();
});

test.each([
  ['2026-03', '2026-02'],
  ['2026-01', '2025-12'],
  ['2026-W10', '2026-W09'],
  ['2027-W01', '2026-W53'],
])('before %s was %s', (name, before) => {
  expect(periodBefore(named(name)).name).toBe(before);
});

test('the last that is over, on its first and last moment', () => {
  expect(lastWhole('week', at('2026-03-09T00:00Z')).name).toBe('2026-W10');
  expect(lastWhole('week', at('2026-03-08T23:59Z')).name).toBe('2026-W09');
  expect(lastWhole('month', at('2026-03-01T00:00Z')).name).toBe('2026-02');
});

test('the period before is looked at when it was as old as this one is, also while this one runs', () => {
  const [march, february] = [named('2026-03'), named('2026-02')];
  expect(asOldAs(march, february, at('2026-04-02T06:00Z'))).toBe('2026-03-02T06:00:00.000Z');
  expect(asOldAs(march, february, at('2026-03-31T00:00Z'))).toBe('2026-02-28T00:00:00.000Z');
});
