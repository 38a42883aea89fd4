// What the indexes show of an item: one rule for the table and for the in-memory store.
import type { Customer, Unrouted } from '../../core/recovery/customer.ts';
import { summaryOf } from '../../core/reports/outcome.ts';
import type { CaseSummary } from '../../core/reports/outcome.ts';
import type { Instant } from '../../core/time.ts';

/** When a customer stands in the due index; null = it does not, as nobody who was set aside does. */
export const customerDueAt = (customer: Customer): Instant | null =>
  customer.setAsideAt === null ? customer.dueAt : null;

/** When a fact that names no customer stands in the due index; null = it does not. */
export const unroutedDueAt = (unrouted: Unrouted): Instant | null =>
  unrouted.setAsideWhy === null ? unrouted.dueAt : null;

/**
 * What the index of cases shows of a customer's own item: the open case, or else the one that was just closed
 * and still waits in the outbox, so that no report finds a month without it.
 */
export const customerSummary = ({ key, recovery, outbox }: Customer): CaseSummary | null => {
  const open = recovery.case;
  if (open)
    return summaryOf({ id: open.id, key, openedAt: open.openedAt, closedAt: null, invoices: open.books });
  return outbox?.closed ? summaryOf(outbox.closed) : null;
};

/**
 * The cases of a month, each once, by the time of opening and id. What a closed case's own item says
 * (`closed`) goes before what its customer's item may still say (`current`).
 */
export const eachCaseOnce = (
  closed: readonly CaseSummary[],
  current: readonly CaseSummary[],
): CaseSummary[] => {
  const cases = new Map<string, CaseSummary>();
  for (const summary of [...current, ...closed]) {
    // Two provider accounts may number their invoices alike, and a case is named after its invoice.
    cases.set(`${summary.key} ${summary.id}`, summary);
  }
  return [...cases.values()].sort(
    (a, b) => compare(a.openedAt, b.openedAt) || compare(a.id, b.id) || compare(a.key, b.key),
  );
};

/** The order of texts by their UTF-16 units: for instants, the order of time. */
export const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
