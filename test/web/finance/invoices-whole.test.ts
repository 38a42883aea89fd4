// The whole list under a total, page by page; the order of groups; and what a place asks for.
import { describe, expect, test } from 'vitest';
import { TOTAL_NAMES } from '../../../core/reports/totals.ts';
import type { Invoices } from '../../../web/finance/api.ts';
import type { Query } from '../../../web/finance/router.ts';
import { dimensionIn, orderIn, sorted, type Group } from '../../../web/finance/views/causes/sorted.ts';
import { totalIn, whenOf, whichOf } from '../../../web/finance/views/invoices/totals.ts';
import { wholeList } from '../../../web/finance/views/invoices/whole.ts';

describe('the whole list', () => {
  /** Answers with a list of so many, two to a page. */
  const listOf = (n: number) => {
    const asked: Query[] = [];
    const ask = (query: Query): Promise<Invoices> => {
      asked.push(query);
      const from = Number(query['after'] ?? 0);
      const invoices = Array.from({ length: Math.min(2, n - from) }, (_, i) => ({
        invoice: `in_${from + i}`,
      }));
      const next = from + 2 < n ? String(from + 2) : null;
      return Promise.resolve({ invoices, sum: [], next } as unknown as Invoices);
    };
    return { asked, ask };
  };

  test.each([0, 1, 2, 5])('of %i has each once, and every page asks for the same', async (n) => {
    const { asked, ask } = listOf(n);
    const { invoices, isAll } = await wholeList(ask, { total: 'lost', currency: 'EUR' });
    expect(invoices.map(({ invoice }) => invoice)).toEqual(Array.from({ length: n }, (_, i) => `in_${i}`));
    expect(isAll).toBe(true);
    for (const query of asked) expect(query).toMatchObject({ total: 'lost', currency: 'EUR', limit: '500' });
  });

  test('ends at the bound and says so', async () => {
    const { asked, ask } = listOf(9);
    const { invoices, isAll } = await wholeList(ask, {}, 3);
    expect([invoices.length, isAll, asked.length]).toEqual([6, false, 3]);
  });

  test('stops at what goes wrong', async () => {
    await expect(wholeList(() => Promise.reject(new Error('gone')), {})).rejects.toThrow('gone');
  });
});

describe('a total', () => {
  test.each(TOTAL_NAMES)('%s is known by its name, with when it counts', (name) => {
    expect(totalIn(name)).toBe(name);
    expect(['period', 'failed', 'moved', 'now']).toContain(whenOf(name));
    expect(whichOf(name) === null || !name.startsWith('moved_')).toBe(true);
  });

  test.each(['net', '__proto__', 'constructor', '', undefined])('%s is none', (name) => {
    expect(totalIn(name)).toBeNull();
  });
});

describe('groups', () => {
  const group = (value: string, failed: number, share: number | null): Group =>
    ({
      value,
      cell: Object.fromEntries(
        ['failed', 'recovered', 'lost', 'open', 'withdrawn'].map((name) => [
          name,
          { n: 1, amount: { minor: name === 'failed' ? failed : 0, currency: 'EUR', decimal: '0.00' } },
        ]),
      ),
      rate: { hits: 0, of: 0, share: share === null ? null : { share, low: 0, high: 1 } },
    }) as unknown as Group;
  const GROUPS = [group('b', 10, null), group('a', 30, 0.5), group('c', 20, 0.9), group('d', 10, 0)];
  const namesBy = (order: Parameters<typeof sorted>[1]) =>
    sorted(GROUPS, order, (value) => value).map(({ value }) => value);

  test('stand in the order asked for; what says no rate stands last, and equal ones by name', () => {
    expect(namesBy('failed')).toEqual(['a', 'c', 'b', 'd']);
    expect(namesBy('rate')).toEqual(['c', 'a', 'd', 'b']);
    expect(namesBy('name')).toEqual(['a', 'b', 'c', 'd']);
  });

  test('a place with anything else in it is shown as usual', () => {
    expect([orderIn({ sort: 'x' }), orderIn({}), orderIn({ sort: 'lost' })]).toEqual([
      'failed',
      'failed',
      'lost',
    ]);
    expect([dimensionIn({ by: 'currency' }), dimensionIn({ by: 'plan' })]).toEqual(['decline', 'plan']);
  });
});
