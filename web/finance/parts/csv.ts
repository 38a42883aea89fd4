// A table of the page as CSV (RFC 4180), as safe to open as the files of the API. Pure.
import { BOM, disarmed, line, quoted } from '../../../core/reports/csv-line.ts';

/** A cell: its text, or a number (money as its exact decimal), which no spreadsheet takes for a formula. */
export type CsvCell = { readonly text: string } | { readonly number: string };

const NUMBER = /^-?\d+(\.\d+)?$/;

const cellOf = (cell: CsvCell): string =>
  'number' in cell && NUMBER.test(cell.number)
    ? cell.number
    : quoted(disarmed('number' in cell ? cell.number : cell.text));

/** Rows under their heads, a line each. */
export const csvOf = (heads: readonly string[], rows: readonly (readonly CsvCell[])[]): string =>
  BOM + line(heads.map((head) => quoted(disarmed(head)))) + rows.map((row) => line(row.map(cellOf))).join('');
