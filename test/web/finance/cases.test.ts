// What the list of cases asks the API, and what a search takes for an id.
import { describe, expect, test } from 'vitest';
import { casesAsked, searchedFor, searchedIn } from '../../../web/finance/views/cases/asked.ts';

const NOW = '2026-03-06T10:00:00.000Z';

describe('a search', () => {
  test.each([
    ['cus_123', 'customer', 'cus_123'],
    ['  cus_123\n', 'customer', 'cus_123'],
    ['stripe/cus_123', 'customer', 'stripe/cus_123'],
    ['1234', 'customer', '1234'],
    ['in_123', 'invoice', 'in_123'],
    ['stripe/in_123', 'invoice', 'in_123'],
    ['https://dashboard.stripe.com/test/customers/cus_123', 'customer', 'cus_123'],
    ['https://dashboard.stripe.com/acct_1/invoices/in_123?x=1#y', 'invoice', 'in_123'],
  ])('for %j finds the %s %s', (text, by, id) => {
    expect(searchedFor(text)).toEqual({ by, id });
  });

  test.each([
    'Grace Hopper',
    'grace@example.com',
    'https://example.com/',
    '',
    'R-2026/001 a',
    '客戶',
    'x'.repeat(129),
  ])('for %j is told that it is no id', (text) => {
    expect(searchedFor(text)).toBeNull();
  });

  test('looks at all times and past every filter', () => {
    const place = { customer: 'cus_1', from: '2026-03', currency: 'EUR', in: 'EUR', outcome: 'lost' };
    expect(casesAsked(place, NOW)).toEqual({ customer: 'cus_1', outcome: 'lost', limit: '25' });
    expect(searchedIn({ invoice: 'in_1', customer: 'cus_1' })).toEqual({ by: 'invoice', id: 'in_1' });
  });
});

describe('a list', () => {
  test('is of the period and the filters of its place, a page at a time', () => {
    expect(casesAsked({ decline: 'expired', after: 'abc', outcome: 'open' }, NOW)).toEqual({
      from: '2026-01',
      to: '2026-03',
      decline: 'expired',
      outcome: 'open',
      after: 'abc',
      limit: '25',
    });
    expect(casesAsked({ from: '2026-02', tab: 'x' }, NOW)).toEqual({
      from: '2026-02',
      to: '2026-02',
      limit: '25',
    });
  });
});
