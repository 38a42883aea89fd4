// How a running world is held to its laws: at every save, after every tick, and what was found.
import type { CustomerKey } from '../../core/ids.ts';
import type { Store } from '../../core/ports.ts';
import type { Customer } from '../../core/recovery/customer.ts';
import type { Instant } from '../../core/time.ts';
import { checkArmed, checkCustomer, type Violation } from './laws.ts';

/** An operator's word: of a hold the case that it was about, and until when. null = until it is taken back. */
export type OperatorsWord = {
  readonly kind: 'hold' | 'excluded';
  readonly caseId: string | null;
  readonly until: Instant | null;
};

/** What was checked, what was found, and what the next checks need to know. */
export type Inspection = {
  checks: number;
  readonly violations: Violation[];
  /** Customers saved since the last tick. */
  readonly touched: Set<CustomerKey>;
  /** Every customer as saved last. */
  readonly latest: Map<CustomerKey, Customer>;
  /** Invoices that the store once held as paid. */
  readonly recordedPaid: Set<string>;
  /** What operators have said, and customers promised: nothing is to be sent or charged until then, by customer. */
  readonly words: Map<string, OperatorsWord>;
  /** Subjects that an operator closed as withdrawn. */
  readonly withdrawnByHand: Set<string>;
  /** Who is due and was passed over, since when, and whether that was told. */
  readonly neglected: Map<
    string,
    { readonly dueAt: Instant; readonly since: Instant; readonly isTold: boolean }
  >;
  /** The notices that went out: `<customer> <subject> <step>`. */
  readonly told: Set<string>;
  /** When the final notice of a subject went out: `<customer> <subject>`. */
  readonly noticedAt: Map<string, Instant>;
  /** Addresses of which the mail service said that they are dead, or their reader complained: `<customer> <mailbox>`. */
  readonly toldBack: Set<string>;
  /** Those of them of which that was recorded. */
  readonly cameBack: Set<string>;
  /** Whose final notice came back, as it was recorded: `<customer> <subject>`. */
  readonly noticeCameBack: Set<string>;
  /** Mails of which it was recorded while their case was open that they were sent: `<customer> <case> <subject> <step>`. */
  readonly toldSent: Set<string>;
  /** Who was told that they get no more mails of a stream: `<customer> <stream>`. */
  readonly unsubscribed: Set<string>;
  /** Cases of which the business was told that no mail reaches anybody: `<customer> <case>`. */
  readonly nobodyLeft: Set<string>;
  /** Cases in which a customer was told that their promise holds everything back: `<customer> <case>`. */
  readonly promised: Set<string>;
};

/** An inspection that has seen nothing yet. */
export const createInspection = (): Inspection => ({
  checks: 0,
  violations: [],
  touched: new Set(),
  latest: new Map(),
  recordedPaid: new Set(),
  noticedAt: new Map(),
  toldBack: new Set(),
  cameBack: new Set(),
  noticeCameBack: new Set(),
  toldSent: new Set(),
  unsubscribed: new Set(),
  nobodyLeft: new Set(),
  promised: new Set(),
  words: new Map(),
  withdrawnByHand: new Set(),
  neglected: new Map(),
  told: new Set(),
});

/** Counts a check of a law and keeps what it found. */
export const check = (inspection: Inspection, found: readonly Violation[]): void => {
  inspection.checks += 1;
  inspection.violations.push(...found);
};

/** Checks every customer as it is saved, against the payments recorded before that save. */
export const inspectedStore = (
  store: Store,
  inspection: Inspection,
  now: () => Instant,
  saved: (customer: Customer, before: Customer | undefined) => void,
): Store => ({
  ...store,
  save: async (customer) => {
    await store.save(customer);
    const before = inspection.latest.get(customer.key);
    check(inspection, checkArmed(customer, before, inspection.recordedPaid, now()));
    for (const invoice of Object.values(customer.facts.invoices)) {
      if (invoice.status === 'paid') inspection.recordedPaid.add(invoice.id);
    }
    saved(customer, before);
    if (customer.pending !== null) inspection.neglected.delete(customer.key);
    inspection.touched.add(customer.key);
    inspection.latest.set(customer.key, customer);
  },
});

/** Checks every customer that was saved since the last time. */
export const inspectTouched = (inspection: Inspection, now: Instant): void => {
  for (const key of inspection.touched) {
    const customer = inspection.latest.get(key);
    if (customer) check(inspection, checkCustomer(customer, now));
  }
  inspection.touched.clear();
};
