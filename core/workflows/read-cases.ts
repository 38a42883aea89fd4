// Reads cases as the books show them: open ones as the last visit saw them, closed ones with their adjustments.
import type { CustomerKey } from '../ids.ts';
import type { KeptCase, Store } from '../ports.ts';
import { recordFrom } from '../recovery/close.ts';
import type { Adjustment, CaseRecord, Customer } from '../recovery/customer.ts';
import type { CaseRef } from '../reports/rollup.ts';
import { reportCase, type ReportCase } from '../reports/rows.ts';
import { monthAfter, monthOf, type Instant } from '../time.ts';

/** The months (`YYYY-MM`, UTC) from one instant to another, both included. */
export const monthsBetween = (from: Instant, to: Instant): string[] => {
  const months: string[] = [];
  const last = monthOf(to);
  for (let month = monthOf(from); month <= last; month = monthAfter(month)) months.push(month);
  return months;
};

/** The open case of a customer as a record, or null. */
export const openCaseOf = (customer: Customer): CaseRecord | null =>
  customer.recovery.case && recordFrom(customer, customer.recovery.case, null);

/** How many cases are read, and held in memory, at a time. */
const AT_ONCE = 400;

const caseIn = async (store: Store, { key, id }: CaseRef, kept: KeptCase): Promise<ReportCase | null> => {
  if (kept.kind === 'closed') return reportCase(kept.record, kept.adjustments);
  const { customer } = kept;
  const open = openCaseOf(customer);
  if (open?.id === id) return reportCase(open);
  // It is being closed right now: it waits in the outbox, or has just left it.
  const leaving = customer.outbox?.closed ?? null;
  const record = leaving?.id === id ? leaving : await store.loadClosedCase(key, id);
  return record && reportCase(record, await store.listAdjustments(key));
};

/** Reads cases, some at a time, in their order; `one` is null where there is none of that name. */
export async function* readEach(
  store: Store,
  refs: readonly CaseRef[],
  now: Instant,
): AsyncGenerator<{ readonly ref: CaseRef; readonly one: ReportCase | null }> {
  for (let i = 0; i < refs.length; i += AT_ONCE) {
    const some = refs.slice(i, i + AT_ONCE);
    const kept = await store.loadCases(some, now);
    for (const [j, ref] of some.entries()) {
      const found = kept[j];
      yield { ref, one: found ? await caseIn(store, ref, found) : null };
    }
  }
}

/** What the store holds of one customer. */
export type CustomerFile = {
  readonly customer: Customer;
  /** Every closed case, the newest first, as they were closed. */
  readonly closed: readonly CaseRecord[];
  readonly adjustments: readonly Adjustment[];
};

/** Reads one customer with every closed case, and what came in for them later. */
export const readCustomer = async (store: Store, key: CustomerKey, now: Instant): Promise<CustomerFile> => {
  const customer = await store.load(key, now);
  const { outbox } = customer;
  const closed = outbox?.closed ? [outbox.closed] : [];
  for (const { id } of await store.listClosedCases(key)) {
    const record = closed.some((one) => one.id === id) ? null : await store.loadClosedCase(key, id);
    if (record) closed.push(record);
  }
  closed.sort((a, b) => (a.openedAt > b.openedAt ? -1 : 1));
  return { customer, closed, adjustments: await store.listAdjustments(key) };
};

/** Every case opened between two instants, in the order of opening and id. */
export const readCases = async (store: Store, from: Instant, to: Instant): Promise<CaseRecord[]> => {
  const records: CaseRecord[] = [];
  for (const month of monthsBetween(from, to)) {
    for await (const { one } of readEach(store, await store.listCases(month), to))
      if (one) records.push(one.record);
  }
  return records
    .filter((record) => record.openedAt >= from && record.openedAt <= to)
    .sort((a, b) => (a.openedAt < b.openedAt || (a.openedAt === b.openedAt && a.id < b.id) ? -1 : 1));
};
