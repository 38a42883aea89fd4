// Figures of the finance page as each language writes them: money exact, days those of UTC, tables safe to open.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { money, toDecimal } from '../../../core/money.ts';
import { createFormat } from '../../../web/finance/format.ts';
import { chooseLanguage, LANGUAGES, type Language } from '../../../web/finance/language.ts';
import { messageOf } from '../../../web/finance/message.ts';
import { csvOf } from '../../../web/finance/parts/csv.ts';
import { ConfigError, configIn } from '../../../web/finance/config.ts';

const plain = (text: string): string => text.replaceAll(/[\u00A0\u202F]/g, ' ');
const told = (minor: number, currency: string) => ({
  minor,
  currency,
  decimal: toDecimal(money(minor, currency)),
});

describe('money', () => {
  test.each([
    ['en', 123_456, 'EUR', '€1,234.56'],
    ['de', 123_456, 'EUR', '1.234,56 €'],
    ['ja', 5000, 'JPY', '￥5,000'],
    ['en', 12_340, 'KWD', 'KWD 12.340'],
    ['fr', -990, 'EUR', '-9,90 €'],
    ['en', 999_999_999_999, 'USD', '$9,999,999,999.99'],
  ] as const)('%s writes %i of %s as %s', (language, minor, currency, text) => {
    expect(plain(createFormat(language).money(told(minor, currency)))).toBe(text);
  });

  test('no digit is lost on the way, in any language', () => {
    const amounts = fc.integer({ min: -999_999_999_999, max: 999_999_999_999 });
    fc.assert(
      fc.property(
        amounts,
        fc.constantFrom('EUR', 'JPY', 'KWD'),
        fc.constantFrom(...(Object.keys(LANGUAGES) as Language[])),
        (minor, currency, language) => {
          const format = createFormat(language);
          const written = format.money(told(minor, currency));
          expect(Number(written.replaceAll(/\D/g, ''))).toBe(Math.abs(minor));
          expect(format.moneyOf(minor, told(0, currency))).toBe(written);
        },
      ),
    );
  });
});

describe('other figures', () => {
  const en = createFormat('en');

  test('shares, points, counts and durations', () => {
    expect([en.percent(0.9166), en.points(0.123), en.points(-0.02), en.count(1229)]).toEqual([
      '91.7%',
      '+12.3',
      '-2.0',
      '1,229',
    ]);
    expect([en.duration(1), en.duration(47), en.duration(48), en.duration(130)]).toEqual([
      '1 hour',
      '47 hours',
      '2 days',
      '5 days',
    ]);
  });

  test('what an address says instead of a day, a month or a currency stays as it is', () => {
    const { day, month, period, currencyName, country } = createFormat('en');
    for (const text of ['2026-99', '2026-03-99', '__proto__', 'EURO', '%', '\u202E<b>', 'x'.repeat(3000)]) {
      expect([day, month, currencyName, country].map((say) => say(text))).toEqual(Array(4).fill(text));
      expect(period(text, '2026-03')).toBe(`${text} – 2026-03`);
    }
    expect([currencyName('EUR'), currencyName('XXQ')]).toEqual(['Euro', 'XXQ']);
    expect(period('2026-03', '2026-01')).toMatch(/March.*January 2026/);
  });

  test('days and months are those of UTC, wherever the reader is', () => {
    expect([
      en.day('2026-03-01T00:30:00.000Z'),
      en.month('2026-03'),
      en.instant('2026-03-01T23:30:00.000Z'),
    ]).toEqual(['1 Mar 2026', 'March 2026', '1 Mar 2026, 23:30 UTC']);
    expect(en.period('2026-01', '2026-03')).toBe('January – March 2026'.replaceAll(' – ', '\u2009–\u2009'));
    expect(createFormat('de').day('2026-03-01')).toBe('01.03.2026');
  });
});

describe('a table as CSV', () => {
  test('is RFC 4180, numbers stay numbers, and no text is a formula', () => {
    const rows = [
      [{ text: '=1+1' }, { number: '-4.50' }],
      [{ text: 'a "b", c' }, { number: '=2' }],
    ];
    expect(csvOf(['Name', 'Amount'], rows)).toBe(
      '\uFEFFName,Amount\r\n\'=1+1,-4.50\r\n"a ""b"", c",\'=2\r\n',
    );
  });
});

describe('messages', () => {
  const catalogue = { invoices_one: '{n} invoice', invoices_other: '{n} invoices', hello: 'Hello {name}' };

  test('a count chooses its text and is written as the language does', () => {
    expect(messageOf(catalogue, 'invoices', { n: 1 }, 'en')).toBe('1 invoice');
    expect(messageOf(catalogue, 'invoices', { n: 1200 }, 'en')).toBe('1,200 invoices');
  });

  test('what is put in is never read as a message itself', () => {
    expect(messageOf(catalogue, 'hello', { name: '{n} $& {name}' }, 'en')).toBe('Hello {n} $& {name}');
  });

  test('a name that there is not is null, as are those of every object', () => {
    expect(messageOf(catalogue, 'nothing', {}, 'en')).toBeNull();
    expect(messageOf(catalogue, 'constructor', {}, 'en')).toBeNull();
  });
});

describe('the language', () => {
  test.each([
    [['de-AT', 'en'], 'de'],
    [['zh-Hant-HK'], 'zh-TW'],
    [['zh'], 'zh-CN'],
    [['pt-PT'], 'pt-BR'],
    [[null, 'xx', 'ja'], 'ja'],
    [['xx'], 'en'],
    [[], 'en'],
  ])('%j gets %s', (tags, language) => {
    expect(chooseLanguage(tags)).toBe(language);
  });
});

describe('config.json', () => {
  const signIn = { issuer: 'https://id.example', clientId: 'page', scope: 'openid', endSession: null };

  test('is read by hand, and an address ends without a slash', () => {
    expect(configIn(JSON.stringify({ api: 'https://api.example/', signIn }))).toEqual({
      api: 'https://api.example',
      signIn,
      local: null,
    });
  });

  test.each([
    ['nothing', ''],
    ['[]', ''],
    ['{}', 'api'],
    ['{"api": 3}', 'api'],
    ['{"api":"/api","signIn":{"issuer":"x"}}', 'signIn.clientId'],
    ['{"api":"/api","signIn":"x"}', 'signIn'],
  ])('%s is refused, and the field is named', (text, field) => {
    expect(() => configIn(text)).toThrow(ConfigError);
    expect(() => configIn(text)).toThrow(field);
  });
});
