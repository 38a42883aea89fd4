// Money: whole minor units, sums by currency, and every currency's own decimals.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvariantError } from '../../core/assert.ts';
import {
  exponentOf,
  formatMoney,
  MAX_MINOR,
  money,
  sumByCurrency,
  toDecimal,
  within,
} from '../../core/money.ts';
import type { Money } from '../../core/money.ts';

describe('an amount', () => {
  test.each([0, -0, 1, -1, MAX_MINOR, Number.MAX_SAFE_INTEGER])('of %s minor units is one', (minor) => {
    expect(money(minor, 'EUR')).toEqual({ minor, currency: 'EUR' });
  });

  test.each([0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, -(2 ** 53)])(
    'of %s minor units is none',
    (minor) => {
      expect(() => money(minor, 'EUR')).toThrow(InvariantError);
    },
  );

  test.each(['eur', 'EURO', '', 'E1R', 'EUR ', '__proto__'])('in “%s” is none', (currency) => {
    expect(() => money(1, currency)).toThrow(InvariantError);
  });
});

describe('decimals', () => {
  test.each([
    ['JPY', 0],
    ['KRW', 0],
    ['VND', 0],
    ['CLP', 0],
    ['XOF', 0],
    ['EUR', 2],
    ['USD', 2],
    ['HUF', 2],
    ['TWD', 2],
    ['KWD', 3],
    ['BHD', 3],
    ['JOD', 3],
    ['OMR', 3],
    ['TND', 3],
  ])('B19: %s has %i', (currency, exponent) => {
    expect(exponentOf(currency)).toBe(exponent);
  });

  test('B19: currencies that Stripe writes with two decimals have two, whatever ISO 4217 says', () => {
    expect(exponentOf('ISK')).toBe(2);
    expect(exponentOf('UGX')).toBe(2);
  });

  test('the zero-decimal currencies are those of Stripe’s list', () => {
    const listed = 'BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' ');
    const known = Intl.supportedValuesOf('currency').filter((currency) => exponentOf(currency) === 0);
    expect(known).toEqual(listed);
  });
});

describe('as a decimal string', () => {
  test.each<readonly [Money, string]>([
    [{ minor: 1234, currency: 'EUR' }, '12.34'],
    [{ minor: 5, currency: 'EUR' }, '0.05'],
    [{ minor: 0, currency: 'EUR' }, '0.00'],
    [{ minor: -5, currency: 'EUR' }, '-0.05'],
    [{ minor: -1234, currency: 'EUR' }, '-12.34'],
    [{ minor: 5000, currency: 'JPY' }, '5000'],
    [{ minor: 0, currency: 'JPY' }, '0'],
    [{ minor: 12_340, currency: 'KWD' }, '12.340'],
    [{ minor: 1, currency: 'KWD' }, '0.001'],
    [{ minor: Number.MAX_SAFE_INTEGER, currency: 'EUR' }, '90071992547409.91'],
    [{ minor: Number.MIN_SAFE_INTEGER, currency: 'KWD' }, '-9007199254740.991'],
  ])('%o is %s', (amount, text) => {
    expect(toDecimal(amount)).toBe(text);
  });

  test('it is exact at any size: the digits are the minor units', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.constantFrom('JPY', 'EUR', 'KWD'), (minor, currency) => {
        const text = toDecimal({ minor, currency });
        expect(BigInt(text.replace('.', ''))).toBe(BigInt(minor));
        expect(text.split('.')[1]?.length ?? 0).toBe(exponentOf(currency));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('as a person reads it', () => {
  test.each<readonly [number, string, string, string]>([
    [5000, 'JPY', 'en', '¥5,000'],
    [12_340, 'KWD', 'en', 'KWD 12.340'],
    [123_456, 'EUR', 'de', '1.234,56 €'],
    [2500, 'USD', 'en', '$25.00'],
    [2500, 'GBP', 'en-GB', '£25.00'],
    [5000, 'KRW', 'en', '₩5,000'],
    [123_456_789, 'EUR', 'fr', '1 234 567,89 €'],
    [2500, 'ISK', 'en', 'ISK 25.00'],
    [-2500, 'USD', 'en', '-$25.00'],
    [0, 'EUR', 'en', '€0.00'],
    [Number.MAX_SAFE_INTEGER, 'EUR', 'en', '€90,071,992,547,409.91'],
  ])('B19: %i minor units of %s in %s: %s', (minor, currency, language, text) => {
    expect(formatMoney({ minor, currency }, language)).toBe(text);
  });

  test('it holds no space that a mail could break or garble', () => {
    for (const language of ['de', 'fr', 'sv', 'pl', 'en', 'ja', 'ar', 'hi']) {
      for (const currency of ['EUR', 'KWD', 'JPY']) {
        expect(formatMoney({ minor: 123_456_789, currency }, language)).not.toMatch(/[\u00A0\u202F]/);
      }
    }
  });

  test('every digit of the amount is there, in every currency', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.constantFrom('JPY', 'EUR', 'KWD'), (minor, currency) => {
        const digits = formatMoney({ minor, currency }, 'en').replaceAll(/[^\d]/g, '');
        expect(BigInt(digits)).toBe(BigInt(Math.abs(minor)));
      }),
      { numRuns: 500 },
    );
  });
});

describe('sums', () => {
  test('B20, C29: are kept by currency, in the order of the codes', () => {
    const amounts = [money(100, 'USD'), money(250, 'EUR'), money(5000, 'JPY'), money(1, 'USD')];
    expect(sumByCurrency(amounts)).toEqual([money(250, 'EUR'), money(5000, 'JPY'), money(101, 'USD')]);
  });

  test('of nothing are nothing', () => {
    expect(sumByCurrency([])).toEqual([]);
  });

  test('beyond what a number holds exactly are refused, never rounded', () => {
    expect(() => sumByCurrency([money(Number.MAX_SAFE_INTEGER, 'EUR'), money(1, 'EUR')])).toThrow(
      InvariantError,
    );
  });

  test('are the same in any order, and each currency’s own', () => {
    const amount = fc.record({ minor: fc.integer(), currency: fc.constantFrom('EUR', 'JPY', 'USD') });
    fc.assert(
      fc.property(fc.array(amount, { maxLength: 12 }), (amounts) => {
        const sums = sumByCurrency(amounts);
        expect(sumByCurrency(amounts.toReversed())).toEqual(sums);
        for (const { minor, currency } of sums) {
          const own = amounts
            .filter((one) => one.currency === currency)
            .reduce((sum, one) => sum + one.minor, 0);
          expect(minor).toBe(own);
        }
      }),
      { numRuns: 300 },
    );
  });
});

test.each([
  [5, 10, 5],
  [15, 10, 10],
  [-5, 10, 0],
  [0, 0, 0],
  [10, 10, 10],
])('%i held within 0 and %i is %i', (value, limit, held) => {
  expect(within(value, limit)).toBe(held);
});
