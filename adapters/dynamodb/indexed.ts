// What the indexes show of an item, and what stands for one not there: one rule for the table and the memory.
import type { AccountWalk, StuckEntry } from '../../core/ports.ts';
import type { Customer, Unrouted } from '../../core/recovery/customer.ts';
import { summaryOf } from '../../core/reports/outcome.ts';
import type { CaseSummary } from '../../core/reports/outcome.ts';
import type { Instant } from '../../core/time.ts';
import { compare } from '../../core/order.ts';

/** When a customer stands in the due index; null = it does not, as nobody who was set aside does. */
export const customerDueAt = (customer: Customer): Instant | null =>
  customer.setAsideAt === null ? customer.dueAt : null;

/** When a fact that names no customer stands in the due index; null = it does not. */
export const unroutedDueAt = (unrouted: Unrouted): Instant | null =>
  unrouted.setAsideWhy === null ? unrouted.dueAt : null;

/** Since when a fact that names no customer has been set aside; null = it is not. */
export const unroutedSetAsideAt = ({ setAsideAt, setAsideWhy, receivedAt }: Unrouted): Instant | null =>
  setAsideWhy === null ? null : (setAsideAt ?? receivedAt);

/** The visits that failed, or else the step at whose unknown outcome the customer was set aside. */
const whyAside = ({ trouble, recovery, setAsideAt }: Customer): string => {
  if (trouble) return trouble.why;
  const steps = recovery.case?.ladders.flatMap((ladder) => ladder.steps) ?? [];
  const lost = steps.find(({ at, status }) => status === 'uncertain' && at === setAsideAt);
  return lost ? `${lost.id}: ${lost.why}` : 'no reason was written down';
};

/** A customer as it is listed for a person, null unless set aside; `told` is the reason `setAside` was given. */
export const stuckCustomer = (customer: Customer, told: string | null): StuckEntry | null => {
  const { key, setAsideAt, trouble } = customer;
  if (setAsideAt === null) return null;
  return { kind: 'customer', key, setAsideAt, why: told ?? whyAside(customer), tries: trouble?.count ?? 0 };
};

/** A fact that names no customer as it is listed for a person; null unless set aside. */
export const stuckUnrouted = (unrouted: Unrouted): StuckEntry | null => {
  const { id, setAsideWhy: why, tries, reference } = unrouted;
  const setAsideAt = unroutedSetAsideAt(unrouted);
  return setAsideAt === null || why === null
    ? null
    : { kind: 'unrouted', id, setAsideAt, why, tries, reference };
};

/** Whether a customer's item is forgotten by now: what waits for a person is not. */
export const isForgotten = ({ expiresAt, setAsideAt }: Customer, now: Instant): boolean =>
  setAsideAt === null && expiresAt !== null && expiresAt <= now;

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

/** A walk through an account as it stands before it was ever begun. */
export const newWalk = (connection: string, task: AccountWalk['task']): AccountWalk => ({
  connection,
  task,
  version: 0,
  at: null,
  startedAt: null,
  doneAt: null,
  seen: 0,
});
