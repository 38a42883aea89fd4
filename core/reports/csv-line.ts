// The lines of a CSV file (RFC 4180) that is safe to open in a spreadsheet.

/**
 * Without it Excel takes UTF-8 for the code page of its machine, and breaks every name that is not English.
 */
export const BOM = '\uFEFF';

/**
 * What a spreadsheet may take for a formula: also with blanks before it, and in the full-width forms that
 * Excel reads as the plain ones. With apostrophes before it, so that a text which has one already is told
 * from one that was given it here. Source: owasp.org/www-community/attacks/CSV_Injection.
 */
const FORMULA = /^'*(?:[\t\r\n]|\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/;

/** A text that no spreadsheet takes for a formula: an apostrophe goes before what one could. */
export const disarmed = (text: string): string => (FORMULA.test(text) ? `'${text}` : text);

/** A cell as it stands in a line. Not every program parts cells at commas alone: LibreOffice does at semicolons and tabs too. */
export const quoted = (cell: string): string =>
  /[",;\t\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;

/** A line of cells. */
export const line = (cells: readonly string[]): string => `${cells.join(',')}\r\n`;
