// Where the finance page is: any place can be sent as a link, and filters go along from view to view.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  askedIn,
  endsIn,
  filtersIn,
  FILTERS,
  monthBy,
  PRESETS,
  presetOf,
} from '../../../web/finance/filters.ts';
import { hashOf, placeIn } from '../../../web/finance/router.ts';

const NOW = '2026-03-14T10:00:00.000Z';

const word = fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => !/^\.{1,2}$/.test(text));
const query = fc.dictionary(fc.constantFrom('from', 'to', 'in', 'total', 'value', ...FILTERS), word, {
  noNullPrototype: true,
});

describe('a hash', () => {
  test('names its place exactly, whatever stands in the parts and the filters', () => {
    fc.assert(
      fc.property(word, fc.array(word), query, (view, parts, asked) => {
        const place = { view, parts, query: asked };
        expect(placeIn(hashOf(place), 'overview')).toEqual(place);
      }),
    );
  });

  test.each([
    ['', { view: 'overview', parts: [], query: {} }],
    ['#', { view: 'overview', parts: [], query: {} }],
    ['#/?from=2026-03', { view: 'overview', parts: [], query: { from: '2026-03' } }],
    ['#/case/stripe/cus_1?', { view: 'case', parts: ['stripe', 'cus_1'], query: {} }],
    ['#/cases?country=', { view: 'cases', parts: [], query: {} }],
    ['#/cases/%E0%A4%A', { view: 'cases', parts: ['%E0%A4%A'], query: {} }],
    // A path of the API made of these would lead to somewhere else.
    ['#/case/../../config.json', { view: 'case', parts: ['config.json'], query: {} }],
    ['#/case/%2e%2E/./me', { view: 'case', parts: ['me'], query: {} }],
    ['#/case/.../a..b/..%2F', { view: 'case', parts: ['...', 'a..b', '../'], query: {} }],
  ])('%s is understood', (hash, place) => {
    expect(placeIn(hash, 'overview')).toEqual(place);
  });

  test('what has no value is left out', () => {
    expect(hashOf({ view: 'cases', query: { from: '2026-03', country: undefined, plan: '' } })).toBe(
      '#/cases?from=2026-03',
    );
  });
});

describe('the period', () => {
  test.each([
    ['2026-03', 0, '2026-03'],
    ['2026-03', -2, '2026-01'],
    ['2026-03', -3, '2025-12'],
    ['2026-12', 1, '2027-01'],
    ['2026-01', -13, '2024-12'],
  ])('the month %s moved by %i is %s', (month, by, moved) => {
    expect(monthBy(month, by)).toBe(moved);
  });

  test('is the last three months unless told, and one end stands for both', () => {
    expect(endsIn({}, NOW)).toEqual({ from: '2026-01', to: '2026-03' });
    expect(endsIn({ from: '2025-12' }, NOW)).toEqual({ from: '2025-12', to: '2025-12' });
    expect(endsIn({ to: '2025-12-31' }, NOW)).toEqual({ from: '2025-12-31', to: '2025-12-31' });
  });

  test('has its name only while it still means the same', () => {
    for (const [name, make] of Object.entries(PRESETS)) expect(presetOf(make('2026-03'), NOW)).toBe(name);
    expect(presetOf(PRESETS.this_month('2026-02'), NOW)).toBe('last_month');
    expect(presetOf({ from: '2026-03-01', to: '2026-03-14' }, NOW)).toBeNull();
  });
});

describe('filters', () => {
  test('go along to another view, and what is the view’s own does not', () => {
    const here = { from: '2026-03', to: '2026-03', country: 'DE', in: 'EUR', total: 'lost' };
    expect(filtersIn(here)).toEqual({ from: '2026-03', to: '2026-03', country: 'DE' });
  });

  test('what the API is asked for always says its period', () => {
    expect(askedIn({ country: 'DE', in: 'EUR' }, NOW)).toEqual({
      country: 'DE',
      from: '2026-01',
      to: '2026-03',
    });
  });
});
