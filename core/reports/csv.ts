// The invoices under a report as CSV (RFC 4180), for spreadsheets and programs.
import { toDecimal } from '../money.ts';
import { COLUMNS, type Column } from './columns.ts';
import type { FailureRow } from './rows.ts';

/**
 * Without it Excel takes UTF-8 for the code page of its machine, and breaks every name that is not English.
 */
const BOM = '\uFEFF';

/**
 * What a spreadsheet may take for a formula: also with blanks before it, and in the full-width forms that
 * Excel reads as the plain ones. With apostrophes before it, so that a text which has one already is told
 * from one that was given it here. Source: owasp.org/www-community/attacks/CSV_Injection.
 */
const FORMULA = /^'*(?:[\t\r\n]|\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/;

/** A text that no spreadsheet takes for a formula: an apostrophe goes before what one could. */
export const disarmed = (text: string): string => (FORMULA.test(text) ? `'${text}` : text);

const quoted = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

const cellOf = (column: Column, row: FailureRow): string => {
  if (column.kind === 'money') {
    const amount = column.read(row);
    // What was made here is a number, so its minus is none of a formula.
    return amount === null ? '' : toDecimal(amount);
  }
  return quoted(disarmed(column.read(row) ?? ''));
};

const line = (cells: readonly string[]): string => `${cells.join(',')}\r\n`;

/**
 * The rows under a head of the columns' names, a line each. Money is a decimal of the currency's major
 * unit, a time is ISO 8601 in UTC, what is not known is empty. A text that a spreadsheet could take for a
 * formula has an apostrophe before it, and is safe to open.
 */
export const invoicesCsv = (rows: readonly FailureRow[]): string =>
  BOM +
  line(COLUMNS.map(({ name }) => name)) +
  rows.map((row) => line(COLUMNS.map((column) => cellOf(column, row)))).join('');
