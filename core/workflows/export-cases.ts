// Every case opened in some months, and every adjustment of them, as lines for other programs.
import type { Store } from '../ports.ts';
import { exportedAdjustment, exportedCase, type ExportLine } from '../reports/export-lines.ts';
import type { CaseRef } from '../reports/rollup.ts';
import { monthAfter, type Instant } from '../time.ts';
import { readEach } from './read-cases.ts';
import { compare } from '../order.ts';

/** Whole months (`YYYY-MM`, UTC), both included, in which cases were opened. */
export type MonthRange = { readonly from: string; readonly to: string };

/**
 * The cases of a month, by key and id. It is listed twice: a case that is closed while a list is made moves
 * in the index and can be passed by; then it is in the other list.
 */
const casesOf = async (store: Store, month: string): Promise<CaseRef[]> => {
  const listed = [...(await store.listCases(month)), ...(await store.listCases(month))];
  const byName = new Map(listed.map(({ key, id }) => [`${key} ${id}`, { key, id }]));
  return [...byName.values()].sort((a, b) => compare(a.key, b.key) || compare(a.id, b.id));
};

/**
 * The lines of the months, by month, key of the customer and id of the case; the adjustments of a case
 * follow it, by time and id. Open cases are as the last visit saw them. Of a month only the names of its
 * cases are in memory. Throws `OutsideError` when the store does not answer, `DamagedItemError` for a case
 * that cannot be read: an export is whole or fails.
 */
export async function* exportCases(
  store: Store,
  { from, to }: MonthRange,
  now: Instant,
): AsyncGenerator<ExportLine> {
  for (let month = from; month <= to; month = monthAfter(month)) {
    for await (const { one } of readEach(store, await casesOf(store, month), now)) {
      if (one === null) continue;
      yield exportedCase(one);
      for (const adjustment of one.adjustments.toSorted(
        (a, b) => compare(a.at, b.at) || compare(a.id, b.id),
      )) {
        yield exportedAdjustment(adjustment, one.record);
      }
    }
  }
}

/** The lines as text, each with the line feed at its end. */
export async function* asNdjson(lines: AsyncIterable<ExportLine>): AsyncGenerator<string> {
  for await (const line of lines) yield `${JSON.stringify(line)}\n`;
}
