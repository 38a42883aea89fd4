// How commands print for people: columns, times, and texts from outside.
import type { Instant } from '../core/time.ts';

/** A time to the minute, in UTC. */
export const minute = (at: Instant): string => at.slice(0, 16).replace('T', ' ');

/**
 * Columns as wide as their widest cell. `figures`: how many of the last ones hold figures, which stand to
 * the right.
 */
export const table = (head: readonly string[], rows: readonly (readonly string[])[], figures = 0): string => {
  const widths = head.map((cell, i) => Math.max(cell.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) =>
        i < head.length - figures ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return [line(head), ...rows.map(line)].join('\n');
};

/** Foreign ids and reasons on a terminal: no control characters. */
export const plain = (text: string): string => text.replaceAll(/\p{Cc}/gu, '?');

/** What one prints with `--json`. */
export const asJson = (value: unknown): string => JSON.stringify(value, null, 2);
