// Reads cases as the books show them: open ones as the last visit saw them, closed ones with their adjustments.
import type { CustomerKey } from '../ids.ts';
import type { Store } from '../ports.ts';
import { recordFrom } from '../recovery/close.ts';
import type { Adjustment, CaseRecord, Customer } from '../recovery/customer.ts';
import { foldCase, type CaseSummary } from '../reports/outcome.ts';
import { monthAfter, monthOf, type Instant } from '../time.ts';

/** The months (`YYYY-MM`, UTC) from one instant to another, both included. */
export const monthsBetween = (from: Instant, to: Instant): string[] => {
  const months: string[] = [];
  for (let month = monthOf(from); month <= monthOf(to); month = monthAfter(month)) months.push(month);
  return months;
};

/** The open case of a customer as a record, or null. */
export const openCaseOf = (customer: Customer): CaseRecord | null =>
  customer.recovery.case && recordFrom(customer, customer.recovery.case, null);

const readCase = async (store: Store, summary: CaseSummary, now: Instant): Promise<CaseRecord | null> => {
  const closed = await store.loadClosedCase(summary.key, summary.id);
  if (closed) return foldCase(closed, await store.listAdjustments(summary.key));
  const open = openCaseOf(await store.load(summary.key, now));
  return open?.id === summary.id ? open : null;
};

/** What the store holds of one customer. */
export type CustomerFile = {
  readonly customer: Customer;
  /** The closed cases that the customer's item still remembers, the newest first, as they were closed. */
  readonly closed: readonly CaseRecord[];
  readonly adjustments: readonly Adjustment[];
};

/** Reads one customer with the closed cases of the invoices that are remembered, and what came in for them later. */
export const readCustomer = async (store: Store, key: CustomerKey, now: Instant): Promise<CustomerFile> => {
  const customer = await store.load(key, now);
  const { facts, outbox } = customer;
  const buried = Object.values(facts.tombstones).flatMap((one) => [one, ...Object.values(one.returned)]);
  const closed = outbox?.closed ? [outbox.closed] : [];
  for (const id of new Set(buried.map(({ caseId }) => caseId))) {
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
    for (const summary of await store.listCases(month)) {
      const record = await readCase(store, summary, to);
      if (record) records.push(record);
    }
  }
  return records
    .filter((record) => record.openedAt >= from && record.openedAt <= to)
    .sort((a, b) => (a.openedAt < b.openedAt || (a.openedAt === b.openedAt && a.id < b.id) ? -1 : 1));
};
