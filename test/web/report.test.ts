// The report as a page: HTML as the standard has it, nothing that leads out, every figure with what it is of.
import { describe, expect, test } from 'vitest';
import type { Report } from '../../core/reports/report.ts';
import { reportOn, type ReportWithRows } from '../../core/workflows/read-report.ts';
import { COLOURS } from '../../web/report/style.ts';
import { MAX_INVOICES, reportPage } from '../../web/report/page.ts';
import { movedAfter, caseOf } from '../support/reports.ts';
import { HOSTILE_TEXTS } from '../support/hostile-text.ts';
import { createValidator, PAGE_RULES } from '../support/html-validator.ts';
import { at } from '../support/customers.ts';
import { reportOfAYear, YEAR, YEAR_END } from '../support/year-of-failures.ts';

const faultsIn = createValidator({
  ...PAGE_RULES,
  // What scrolls takes the keyboard's focus, so it needs a role and a name; it is no section of the page.
  'prefer-native-element': ['error', { exclude: ['group'] }],
});

const pageOf = ({ report, rows }: ReportWithRows): string => reportPage(report, rows, 'a test');

const textOf = (html: string): string =>
  html
    .replace(/<style>[\s\S]*?<\/style>/, '')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll('\u00A0', ' ')
    .replaceAll(/\s+/g, ' ');

const FAILED_AT = at('2026-03-01T09:00Z');
const one = { failedAt: FAILED_AT } as const;
const small = () =>
  reportOn(
    [
      caseOf('a', [{ ...one, outcome: 'recovered', minor: 5000 }]),
      caseOf('b', [{ ...one, outcome: 'lost', minor: 2500 }]),
      caseOf('c', [{ ...one, outcome: 'open', minor: 2500 }]),
    ],
    YEAR,
    at('2026-03-21T09:00Z'),
  );

describe('the page of a year', () => {
  test.each([1, 60, 700])('with %i failures is sound HTML', async (n) => {
    expect(faultsIn(pageOf(await reportOfAYear(n)))).toEqual([]);
  });

  test('is sound HTML when there is nothing, and says so', async () => {
    const html = pageOf(await reportOn([], YEAR, YEAR_END));
    expect(faultsIn(html)).toEqual([]);
    expect(textOf(html)).toContain('No payment failed in that time.');
  });

  test('asks for nothing, runs nothing and leads nowhere else', async () => {
    const html = pageOf(await reportOfAYear(700));
    expect(html).not.toMatch(/<script|<link|<img|<iframe|<form|<object|@import|\bon\w+=|javascript:|url\(/i);
    const addresses = [...html.matchAll(/\s(?:href|src|action|xlink:href)="([^"]*)"/g)].map(
      (found) => found[1] ?? '',
    );
    expect(addresses.length).toBeGreaterThan(4);
    for (const address of addresses) {
      expect(address).toMatch(/^#/);
      expect(html).toContain(`id="${address.slice(1)}"`);
    }
    expect(html).not.toContain('http');
  });

  test('is small enough for a mail, and sends who wants more invoices to the CSV', async () => {
    const told = await reportOfAYear(4000);
    const html = pageOf(told);
    expect(Buffer.byteLength(html)).toBeLessThan(200_000);
    expect(textOf(html)).toContain(
      `${(told.rows.length - MAX_INVOICES).toLocaleString('en')} more: see the CSV`,
    );
    expect(html.match(/<tr><th scope="row">R-in_y/g)).toHaveLength(MAX_INVOICES);
  });

  test('has a table beside every picture, and every picture a title and a description', async () => {
    const html = pageOf(await reportOfAYear(700));
    const pictures = [...html.matchAll(/<svg[^>]*role="img"[\s\S]*?<\/svg>/g)];
    expect(pictures.length).toBeGreaterThan(8);
    for (const { 0: picture, index } of pictures) {
      expect(picture).toMatch(/<title id="[\w-]+">[^<]+<\/title><desc id="[\w-]+">[^<]+<\/desc>/);
      const after = html.slice(index + picture.length);
      expect(after.slice(0, after.indexOf('</section>'))).toContain('<table>');
    }
    expect(html).not.toMatch(/NaN|undefined|Infinity|\[object/);
  });

  test('has every head of a table with its scope, and no figure without its denominator', async () => {
    const html = pageOf(await reportOfAYear(700));
    expect(html.match(/<th(?=[\s>])(?![^>]*scope=)/g)).toBeNull();
    expect(html.match(/<table>(?!<caption>.+<\/caption>)/g)).toBeNull();
  });
});

describe('what it says', () => {
  test('is what the report says, with what it is of', async () => {
    const text = textOf(pageOf(await small()));
    expect(text).toContain('€50.00 came back of €100.00 that failed in 3 invoices.');
    expect(text).toContain(
      'Recovery rate 50.0 % 1 of 2 invoices that are recovered or lost; 95 %: 9.5 % to 90.5 %.',
    );
    expect(text).toContain('Still open €25.00 in 1 of 3 invoices that failed.');
    expect(text).toContain('from 1 January 2026 to 31 December 2026');
  });

  test('of what is at risk now is everything that is open, by its age, whenever it failed', async () => {
    const cases = [
      caseOf('a', [{ ...one, outcome: 'open', minor: 2500 }]),
      caseOf('b', [{ failedAt: at('2026-01-20T09:00Z'), outcome: 'open', minor: 7500 }]),
      caseOf('c', [{ ...one, outcome: 'open', minor: 300, book: { cohort: 'imported' } }]),
      caseOf('d', [{ ...one, outcome: 'recovered', minor: 100, after: 19 }]),
    ];
    const march = { ...YEAR, from: at('2026-03-01T00:00Z'), to: at('2026-04-01T00:00Z') };
    const text = textOf(pageOf(await reportOn(cases, march, at('2026-03-11T09:00Z'))));
    expect(text).toContain('At risk now €100.00 is open in 2 invoices, whenever they failed.');
    expect(text).toContain('8 to 14 days 1 €25.00 25.0 %');
    expect(text).toContain('Over 30 days 1 €75.00 75.0 %');
    expect(text).toContain('Of €75.00 in 1 invoice nothing is expected');
    expect(text).toContain('Another €3.00 in 1 invoice that had failed before Recoup is open too.');
  });

  test('of a currency in which nothing failed is only what is at risk in it', async () => {
    const open = caseOf('a', [{ failedAt: at('2026-01-20T09:00Z'), outcome: 'open', minor: 7500 }]);
    const march = { ...YEAR, from: at('2026-03-01T00:00Z'), to: at('2026-04-01T00:00Z') };
    const html = pageOf(await reportOn([open], march, at('2026-03-11T09:00Z')));
    expect(faultsIn(html)).toEqual([]);
    expect(textOf(html)).toContain(
      'Nothing failed in this currency in that time. At risk now €75.00 is open',
    );
    expect(textOf(html)).not.toMatch(/0 invoices|Why the rest was lost/);
  });

  test('tells what running cost, for each unit that came back, and of how many cases it is an estimate', async () => {
    const took = { requests: { received: 1000, visits: 2000, writes: 3000 } };
    const cases = [
      caseOf('a', [{ ...one, outcome: 'recovered', minor: 5000 }], took),
      caseOf('b', [{ ...one, outcome: 'lost', minor: 2500 }]),
    ];
    const html = pageOf(await reportOn(cases, YEAR, at('2026-03-21T09:00Z')));
    expect(faultsIn(html)).toEqual([]);
    const text = textOf(html);
    expect(text).toContain('What running costs $0.02: $0.02 for each invoice recovered.');
    expect(text).toContain('0.031 US cents for each €1.00 recovered');
    expect(text).toContain('One of these cases ran before requests were counted');
    expect(text).toContain('Writes 3,000 $0.01');
  });

  test('of mails is nothing when nobody was held out of them', async () => {
    expect(textOf(pageOf(await small()))).toContain('This cannot be told.');
  });

  const arm = (name: string, n: number, recovered: number, side: 'mailed' | 'held_out') =>
    Array.from({ length: n }, (_, i) =>
      caseOf(`${name}${i}`, [{ ...one, outcome: i < recovered ? 'recovered' : 'lost' }], {
        exposure: { winter: { arm: side, at: FAILED_AT } },
      }),
    );

  test.each([
    [
      29,
      'Not enough cases yet. It takes 30 settled cases on each side; there are 100 with mails and 29 without.',
    ],
    [60, 'Yes: more came back with mails. The difference is +40.0 points;'],
  ])('of mails with %i cases held out is "%s"', async (n, words) => {
    const cases = [...arm('m', 100, 80, 'mailed'), ...arm('h', n, Math.round(n * 0.4), 'held_out')];
    expect(textOf(pageOf(await reportOn(cases, YEAR, YEAR_END)))).toContain(words);
  });

  test('shows no day of the curve that nobody has lived to see', async () => {
    const text = textOf(pageOf(await small()));
    expect(text).toMatch(/Day 14 33\.3 %/);
    expect(text).toMatch(/Day 20 33\.3 %/);
    expect(text).not.toContain('Day 30');
  });

  test('keeps currencies apart, the one with the most failures first', async () => {
    const cases = [
      caseOf('a', [{ ...one, outcome: 'recovered', currency: 'CHF', minor: 900 }]),
      caseOf('b', [
        { ...one, outcome: 'recovered', currency: 'JPY', minor: 900 },
        { ...one, outcome: 'lost', currency: 'JPY', minor: 100 },
      ]),
    ];
    const text = textOf(pageOf(await reportOn(cases, YEAR, YEAR_END)));
    expect(text.indexOf('Japanese Yen (JPY)')).toBeLessThan(text.indexOf('Swiss Franc (CHF)'));
    expect(text).toContain('¥900 came back of ¥1,000 that failed in 2 invoices.');
    expect(text).toContain('CHF 9.00 came back of CHF 9.00 that failed in 1 invoice.');
  });

  test('tells what was given back, and what was there before', async () => {
    const cases = [
      caseOf('a', [{ ...one, outcome: 'recovered', minor: 5000 }], {}, [
        movedAfter('a', 'refund', at('2026-04-02T00:00Z'), 2000),
      ]),
      caseOf('b', [{ ...one, outcome: 'open', minor: 700, book: { cohort: 'imported' } }]),
    ];
    const text = textOf(pageOf(await reportOn(cases, YEAR, YEAR_END)));
    expect(text).toMatch(/Apr 2026 €0\.00 €20\.00 €0\.00 €0\.00 -€20\.00/);
    expect(text).toContain('€7.00 in 1 invoice had failed before Recoup knew of the account.');
    expect(text).toContain('open (imported)');
  });
});

describe('text from outside', () => {
  test.each(Object.entries(HOSTILE_TEXTS))('that is %s comes out as text', async (_, text) => {
    const record = {
      number: text,
      campaignId: text,
      cardBrand: text,
      planIds: [text],
      country: text,
      because: text,
    };
    const cases = [caseOf('a', [{ ...one, outcome: 'lost', record, book: { why: text } }])];
    const { report, rows } = await reportOn(cases, { ...YEAR, by: 'brand' }, YEAR_END);
    const named: Report = { ...report, filters: [`brand ${text}`] };
    const html = reportPage(named, rows, text);
    expect(faultsIn(html)).toEqual([]);
    expect(html.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202A-\u202E\u2066-\u2069]/u);
    expect(html).not.toMatch(/<script|<img|<body [^>]*on/);
  });
});

describe('the colours', () => {
  const part = (hex: string, i: number): number => {
    const value = Number.parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  const light = (hex: string): number =>
    0.2126 * part(hex, 0) + 0.7152 * part(hex, 1) + 0.0722 * part(hex, 2);
  /** The contrast of two colours by WCAG 2.2. */
  const contrast = (a: string, b: string): number => {
    const [low = 0, high = 0] = [light(a), light(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };

  test.each(['light', 'dark'] as const)('keep their contrast when it is %s', (scheme) => {
    const colours = COLOURS[scheme];
    for (const text of [colours.ink, colours.quiet, colours.link])
      for (const under of [colours.ground, colours.sheet]) expect(contrast(text, under)).toBeGreaterThan(4.5);
    for (const name of ['recovered', 'lost', 'withdrawn', 'open'] as const)
      expect(contrast(colours[name], colours.sheet)).toBeGreaterThan(3);
  });
});
