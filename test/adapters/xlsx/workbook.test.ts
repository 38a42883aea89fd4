// The workbook as a spreadsheet opens it: a text is a text, an amount a number, a time a date.
import { describe, expect, test } from 'vitest';
import { reportWorkbook } from '../../../adapters/xlsx/workbook.ts';
import { COLUMNS } from '../../../core/reports/columns.ts';
import { addDays } from '../../../core/time.ts';
import { reportOn, type ReportWithRows } from '../../../core/workflows/read-report.ts';
import { HOSTILE_TEXTS } from '../../support/hostile-text.ts';
import { caseOf, movedAfter } from '../../support/reports.ts';
import { unzip } from '../../support/unzip.ts';
import { reportOfAYear, YEAR, YEAR_END } from '../../support/year-of-failures.ts';

type ReadCell = { readonly value: string | number; readonly isText: boolean; readonly format: string | null };

const plain = (xml: string): string =>
  xml
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
    .replaceAll(/_x([0-9A-Fa-f]{4})_/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

const attribute = (tag: string, name: string): string | null =>
  new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1] ?? null;

/** The number format of each style. */
const formatsOf = (styles: string): (string | null)[] => {
  const codes = new Map(
    [...styles.matchAll(/<numFmt\s[^>]*>/g)].map(([tag]) => [
      attribute(tag, 'numFmtId'),
      attribute(tag, 'formatCode'),
    ]),
  );
  const [, list = ''] = /<cellXfs[^>]*>([\s\S]*?)<\/cellXfs>/.exec(styles) ?? [];
  return [...list.matchAll(/<xf\s[^>]*>/g)].map(([tag]) => codes.get(attribute(tag, 'numFmtId')) ?? null);
};

/** The cells of each sheet by their place, such as `B7`. */
const readWorkbook = (bytes: Uint8Array) => {
  const files = unzip(bytes);
  const file = (name: string): string => files[name] ?? expect.unreachable(`${name} is missing`);
  const names = [...file('xl/workbook.xml').matchAll(/<sheet\s[^>]*>/g)].map(([tag]) =>
    plain(attribute(tag, 'name') ?? ''),
  );
  const strings = [
    ...file('xl/sharedStrings.xml').matchAll(/<si>(?:<t[^>]*>([\s\S]*?)<\/t>|<t[^>]*\/>)<\/si>/g),
  ].map((found) => plain(found[1] ?? ''));
  const formats = formatsOf(file('xl/styles.xml'));
  const sheets = names.map((name, i) => {
    const xml = file(`xl/worksheets/sheet${i + 1}.xml`);
    const cells = [...xml.matchAll(/<c(\s[^>]*?)(?:\/>|>([\s\S]*?)<\/c>)/g)].map(
      ([, tag = '', inner = '']) => {
        const value = /<v>([\s\S]*?)<\/v>/.exec(inner)?.[1] ?? '';
        const isText = attribute(tag, 't') === 's';
        const style = attribute(tag, 's');
        const cell: ReadCell = {
          value: isText ? (strings[Number(value)] ?? '') : Number(value),
          isText,
          format: style === null ? null : (formats[Number(style)] ?? null),
        };
        return [attribute(tag, 'r') ?? '', cell] as const;
      },
    );
    return [name, new Map(cells)] as const;
  });
  return { names, sheets: new Map(sheets), xml: Object.values(files).join('\n') };
};

const letter = (i: number): string =>
  i < 26 ? String.fromCharCode(65 + i) : `A${String.fromCharCode(65 + i - 26)}`;

const columnOf = (name: string): string => letter(COLUMNS.findIndex((column) => column.name === name));

const open = async ({ report, rows }: ReportWithRows) =>
  readWorkbook(await reportWorkbook(report, rows, 'a test'));

const cellsOf = (book: Awaited<ReturnType<typeof open>>, sheet: string): ReadonlyMap<string, ReadCell> =>
  book.sheets.get(sheet) ?? expect.unreachable(`there is no sheet ${sheet}`);

const inOne = (currency: string, minor: number) =>
  reportOn([caseOf('a', [{ outcome: 'recovered', currency, minor, failedAt: YEAR.from }])], YEAR, YEAR_END);

describe('the sheets', () => {
  test('are the figures, the invoices and the months', async () => {
    expect((await open(await reportOfAYear(40))).names).toEqual(['Overview', 'Invoices', 'By month']);
  });

  test('list every invoice, and their money adds up to what the overview says failed', async () => {
    const told = await reportOfAYear(200, { currency: 'EUR' });
    const book = await open(told);
    const invoices = cellsOf(book, 'Invoices');
    const failed = told.rows.map((_, i) => invoices.get(`${columnOf('failed')}${i + 2}`)?.value);
    expect(failed.every((value) => typeof value === 'number')).toBe(true);
    expect(invoices.has(`A${told.rows.length + 2}`)).toBe(false);
    const overview = cellsOf(book, 'Overview');
    const rowsSaying = (about: string, figure: string) =>
      [...overview].filter(
        ([at, { value }]) =>
          at.startsWith('B') && value === about && overview.get(at.replace('B', 'C'))?.value === figure,
      );
    const sums = ['Money', 'Imported'].flatMap((about) =>
      rowsSaying(about, 'Failed').map(([at]) => Number(overview.get(at.replace('B', 'E'))?.value)),
    );
    expect(sums).toHaveLength(2);
    const cents = (values: readonly unknown[]) =>
      values.reduce<number>((sum, value) => sum + Math.round(Number(value) * 100), 0);
    expect(cents(failed)).toBe(cents(sums));
  });

  test('tell what is at risk now, and what came back of bank debits apart from disputes', async () => {
    const moves = [
      movedAfter('a', 'dispute', addDays(YEAR.from, 3), 200),
      movedAfter('a', 'reversal', addDays(YEAR.from, 4), 700),
    ];
    const cases = [
      caseOf('a', [{ outcome: 'recovered', failedAt: YEAR.from, after: 2 }], {}, moves),
      caseOf('b', [{ outcome: 'open', failedAt: addDays(YEAR_END, -40), minor: 2500 }]),
    ];
    const book = await open(await reportOn(cases, YEAR, YEAR_END));
    const months = cellsOf(book, 'By month');
    const row = (at: number) =>
      ['C', 'D', 'E', 'F', 'G'].map((column) => months.get(`${column}${at}`)?.value);
    expect([row(1), row(2)]).toEqual([
      ['Recovered', 'Refunded', 'Disputed', 'Reversed', 'Net'],
      [10, 0, 2, 7, 1],
    ]);
    const overview = cellsOf(book, 'Overview');
    const atRisk = [...overview].filter(([at, { value }]) => at.startsWith('B') && value === 'At risk now');
    expect(
      atRisk.map(([at]) => ['C', 'D', 'E'].map((column) => overview.get(at.replace('B', column))?.value)),
    ).toEqual(
      expect.arrayContaining([
        ['Open, whenever it failed', 1, 25],
        ['Open for over 30 days', 1, 25],
        ['Expected', undefined, 0],
      ]),
    );
  });

  test('tell what was only paid in part beside the causes and the last mails, in money alone', async () => {
    const part = { openMinor: 700, recoveredMinor: 300 };
    const cases = [caseOf('a', [{ outcome: 'open', failedAt: YEAR.from, book: part }])];
    const overview = cellsOf(await open(await reportOn(cases, YEAR, YEAR_END)), 'Overview');
    const rows = [...overview].filter(
      ([at, { value }]) => at.startsWith('C') && value === 'Only paid in part',
    );
    expect(
      rows.map(([at]) => ['B', 'D', 'E'].map((column) => overview.get(at.replace('C', column))?.value)),
    ).toEqual([
      ['What brought the money in', undefined, 3],
      ['The last mail before it', undefined, 3],
    ]);
  });

  test('open without a failure too', async () => {
    const book = await open(await reportOn([], YEAR, YEAR_END));
    expect(cellsOf(book, 'Overview').get('A1')?.value).toBe('What came back of failed payments');
    expect(cellsOf(book, 'Invoices').get('A1')?.value).toBe('Connection');
  });
});

describe('the types', () => {
  test.each([
    ['EUR', 123_456, 1234.56, '#,##0.00'],
    ['JPY', 123_456, 123_456, '#,##0'],
    ['KWD', 123_456, 123.456, '#,##0.000'],
  ])('money of %s is a number with its decimals', async (currency, minor, value, format) => {
    const cells = cellsOf(await open(await inOne(currency, minor)), 'Invoices');
    expect(cells.get(`${columnOf('failed')}2`)).toEqual({ value, isText: false, format });
    expect(cells.get(`${columnOf('currency')}2`)).toMatchObject({ value: currency, isText: true });
  });

  test('a time is a date of the calendar in UTC', async () => {
    const cells = cellsOf(await open(await inOne('EUR', 100)), 'Invoices');
    // 1 January 2026 is day 46023 of the calendar of 1900.
    expect(cells.get(`${columnOf('failed_at')}2`)).toEqual({
      value: 46_023,
      isText: false,
      format: 'yyyy-mm-dd hh:mm:ss',
    });
  });

  test.each([
    ...Object.entries(HOSTILE_TEXTS),
    ['a formula', '=1+1'],
    ['a command', '@SUM(A1)'],
    ['an escape', '_x0041_'],
  ])('a text that is %s is a text, and nothing in the book is a formula', async (_, text) => {
    const cases = [
      caseOf('a', [{ outcome: 'lost', failedAt: YEAR.from, book: { why: text }, record: { number: text } }]),
    ];
    const book = await open(await reportOn(cases, YEAR, YEAR_END));
    const cell = cellsOf(book, 'Invoices').get(`${columnOf('number')}2`);
    expect(cell?.isText).toBe(true);
    // XML has no place for control characters and half pairs: the library leaves them out.
    const inXml = (value: unknown) => String(value).replaceAll(/[\p{Cc}\uFEFF\uFFFD\uD800-\uDFFF]/gu, '');
    expect(inXml(cell?.value)).toBe(inXml(text));
    expect(book.xml).not.toMatch(/<f[\s>]/);
    expect(book.xml).not.toContain('externalLink');
  });
});
