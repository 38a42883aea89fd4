// A report as an Excel workbook: real numbers, real dates, and texts that are never formulas.
import writeXlsxFile, { type Cell, type CellObject, type Row } from 'write-excel-file/node';
import { exponentOf, toDecimal, type Money } from '../../core/money.ts';
import { COLUMNS, type Column } from '../../core/reports/columns.ts';
import type { CurrencyFigures, Report } from '../../core/reports/report.ts';
import type { FailureRow } from '../../core/reports/rows.ts';
import { toMs, type Instant } from '../../core/time.ts';
import { overviewRows, type OverviewRow } from './overview.ts';

/** The most characters that a cell of Excel holds: support.microsoft.com, Excel specifications and limits. */
const MAX_TEXT = 32_767;

/**
 * Excel reads `_x0041_` in a text as the letter A (ECMA-376, 22.9.2.19), so an underscore that would begin
 * one is written so itself.
 */
const literal = (text: string): string => text.replaceAll(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_');

/** A text by its type: with it no program takes `=1+1` for anything else. */
const textCell = (text: string | null, style: CellObject = {}): Cell =>
  text === null || text === '' ? null : { type: String, value: literal(text.slice(0, MAX_TEXT)), ...style };

const DECIMALS = { 0: '#,##0', 2: '#,##0.00', 3: '#,##0.000' } as const;

const moneyCell = (amount: Money | null): Cell =>
  amount === null
    ? null
    : { type: Number, value: Number(toDecimal(amount)), format: DECIMALS[exponentOf(amount.currency)] };

/** Excel knows no time zones: what it shows is UTC, as its heading says. */
const timeCell = (at: Instant | null): Cell =>
  at === null ? null : { type: Date, value: new Date(toMs(at)), format: 'yyyy-mm-dd hh:mm:ss' };

const countCell = (n: number | null): Cell =>
  n === null ? null : { type: Number, value: n, format: '#,##0' };

const shareCell = (share: number | null): Cell =>
  share === null ? null : { type: Number, value: share, format: '0.0%' };

const head = (titles: readonly string[]): Row =>
  titles.map((title) => textCell(title, { fontWeight: 'bold', backgroundColor: '#e6f1ec', wrap: true }));

const columnCell = (column: Column, row: FailureRow): Cell =>
  column.kind === 'money'
    ? moneyCell(column.read(row))
    : column.kind === 'time'
      ? timeCell(column.read(row))
      : textCell(column.read(row));

const WIDTHS = { text: 20, money: 12, time: 19 } as const;

const invoicesSheet = (rows: readonly FailureRow[]) => ({
  sheet: 'Invoices',
  stickyRowsCount: 1,
  columns: COLUMNS.map(({ kind }) => ({ width: WIDTHS[kind] })),
  data: [
    head(COLUMNS.map(({ title }) => title)),
    ...rows.map((row) => COLUMNS.map((column) => columnCell(column, row))),
  ],
});

const MONTH_HEAD = [
  'Currency',
  'Month (UTC)',
  'Recovered',
  'Refunded',
  'Disputed',
  'Reversed',
  'Net',
  'Late, in recovered',
];

const monthRows = ({ currency, moved }: CurrencyFigures): Row[] =>
  moved.map(({ month, recovered, refunded, disputed, reversed, netMinor, late }) => [
    textCell(currency),
    textCell(month),
    ...[recovered, refunded, disputed, reversed, { minor: netMinor }, late].map(({ minor }) =>
      moneyCell({ minor, currency }),
    ),
  ]);

const monthsSheet = ({ currencies }: Report) => ({
  sheet: 'By month',
  stickyRowsCount: 1,
  columns: MONTH_HEAD.map(() => ({ width: 16 })),
  data: [head(MONTH_HEAD), ...currencies.flatMap(monthRows)],
});

const OVERVIEW_HEAD = [
  'Currency',
  'About',
  'Figure',
  'Invoices',
  'Money',
  'Share',
  '95 % from',
  '95 % to',
  'Share of (invoices)',
  'Share of (money)',
  'What it means',
];

const overviewRow = (one: OverviewRow): Row => {
  const { currency, share = null, minor = null, ofMinor = null } = one;
  const money = (amount: number | null) =>
    amount === null || currency === null ? null : moneyCell({ minor: amount, currency });
  return [
    textCell(currency),
    textCell(one.about),
    textCell(one.figure),
    countCell(one.n ?? null),
    money(minor),
    shareCell(share),
    shareCell(one.low ?? null),
    shareCell(one.high ?? null),
    countCell(one.of ?? null),
    money(ofMinor),
    textCell(one.meaning ?? null),
  ];
};

const day = (at: Instant): string => at.slice(0, 10);

const overviewSheet = (report: Report, where: string) => ({
  sheet: 'Overview',
  columns: [10, 26, 34, 10, 14, 10, 10, 10, 12, 14, 90].map((width) => ({ width })),
  data: [
    [textCell('What came back of failed payments', { fontWeight: 'bold', fontSize: 14 })],
    [textCell(`Failed from ${day(report.from)} on and before ${day(report.to)} (UTC), in ${where}`)],
    [textCell(`As of ${report.at.slice(0, 16).replace('T', ' ')} UTC. Currencies are never added.`)],
    [textCell(report.filters.length > 0 ? `Only: ${report.filters.join('; ')}` : null)],
    [],
    head(OVERVIEW_HEAD),
    ...overviewRows(report).map(overviewRow),
  ],
});

/**
 * The workbook of a report: "Overview", "Invoices" with a row each, "By month". `where` says what was read.
 */
export const reportWorkbook = (
  report: Report,
  rows: readonly FailureRow[],
  where: string,
): Promise<Uint8Array> =>
  writeXlsxFile([overviewSheet(report, where), invoicesSheet(rows), monthsSheet(report)]).toBuffer();
