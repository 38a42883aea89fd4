// The invoices under a report as CSV (RFC 4180), for spreadsheets and programs.
import { toDecimal } from '../money.ts';
import { COLUMNS, type Column } from './columns.ts';
import { BOM, disarmed, line, quoted } from './csv-line.ts';
import type { FailureRow } from './rows.ts';

const cellOf = (column: Column, row: FailureRow): string => {
  if (column.kind === 'money') {
    const amount = column.read(row);
    // What was made here is a number, so its minus is none of a formula.
    return amount === null ? '' : toDecimal(amount);
  }
  return quoted(disarmed(column.read(row) ?? ''));
};

/**
 * The rows under a head of the columns' names, a line each. Money is a decimal of the currency's major
 * unit, a time is ISO 8601 in UTC, what is not known is empty. A text that a spreadsheet could take for a
 * formula has an apostrophe before it, and is safe to open.
 */
export const invoicesCsv = (rows: readonly FailureRow[]): string =>
  BOM +
  line(COLUMNS.map(({ name }) => name)) +
  rows.map((row) => line(COLUMNS.map((column) => cellOf(column, row)))).join('');
