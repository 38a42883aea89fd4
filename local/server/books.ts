// Every case in memory, kept in step with the store by watching what is written to it: pages need not read the table.
import { splitKey, type CustomerKey } from '../../core/ids.ts';
import type { Store } from '../../core/ports.ts';
import type { Adjustment, CaseRecord, Customer } from '../../core/recovery/customer.ts';
import { foldCase } from '../../core/reports/outcome.ts';
import type { Instant } from '../../core/time.ts';
import { monthsBetween, openCaseOf } from '../../core/workflows/read-cases.ts';

/** A case as a page shows it; `customer` is there while the case is open, what moved since once it is closed. */
export type BookedCase = {
  readonly record: CaseRecord;
  readonly customer: Customer | null;
  readonly adjustments: readonly Adjustment[];
};

/** The cases of a store. */
export type Books = {
  /** The store to write through. */
  readonly store: Store;
  /** Reads the cases that were opened between two instants in an earlier run. */
  load(from: Instant, to: Instant): Promise<void>;
  /** Every case, in no order. */
  all(): readonly BookedCase[];
  find(key: string, caseId: string): BookedCase | null;
};

const nameOf = (key: string, caseId: string): string => `${key} ${caseId}`;

const bookOf = (customer: Customer): BookedCase | null => {
  const record = openCaseOf(customer);
  return record && { record, customer, adjustments: [] };
};

/** Adjustments by customer; each once under its id, as in the store. */
const createAdjustments = () => {
  const known = new Map<CustomerKey, Map<string, Adjustment>>();
  return {
    add: (adjustment: Adjustment): void => {
      const own = known.get(adjustment.key) ?? new Map<string, Adjustment>();
      if (!own.has(adjustment.id)) own.set(adjustment.id, adjustment);
      known.set(adjustment.key, own);
    },
    folded: (record: CaseRecord): BookedCase => {
      const adjustments = [...(known.get(record.key)?.values() ?? [])]
        .filter(({ caseId }) => caseId === record.id)
        .sort((a, b) => (a.at < b.at || (a.at === b.at && a.id < b.id) ? -1 : 1));
      return { record: foldCase(record, adjustments), customer: null, adjustments };
    },
  };
};

/** Watches a store. Only what is written through {@link Books.store}, or read by `load`, is known. */
export const watchBooks = (store: Store): Books => {
  const open = new Map<CustomerKey, Customer>();
  const closed = new Map<string, CaseRecord>();
  const adjustments = createAdjustments();

  const learn = (customer: Customer): void => {
    if (customer.recovery.case) open.set(customer.key, customer);
    else open.delete(customer.key);
  };
  const close = (record: CaseRecord): void => {
    const name = nameOf(record.key, record.id);
    // A closed case is never changed: the first one written is the one that stays.
    if (!closed.has(name)) closed.set(name, record);
  };
  return {
    store: {
      ...store,
      save: async (customer) => {
        await store.save(customer);
        if (customer.outbox?.closed) close(customer.outbox.closed);
        learn(customer);
      },
      closeCase: async (record) => {
        await store.closeCase(record);
        close(record);
      },
      putAdjustment: async (adjustment) => {
        await store.putAdjustment(adjustment);
        adjustments.add(adjustment);
      },
    },
    load: async (from, to) => {
      for (const month of monthsBetween(from, to)) {
        for (const summary of await store.listCases(month)) {
          const record = await store.loadClosedCase(summary.key, summary.id);
          if (record) close(record);
          else learn(await store.load(summary.key, to));
          if (!record) continue;
          for (const one of await store.listAdjustments(summary.key)) adjustments.add(one);
        }
      }
    },
    all: () => [
      ...[...open.values()].flatMap((customer) => bookOf(customer) ?? []),
      ...[...closed.values()].map(adjustments.folded),
    ],
    find: (key, caseId) => {
      const customer = open.get(key as CustomerKey);
      if (customer?.recovery.case?.id === caseId) return bookOf(customer);
      const record = closed.get(nameOf(key, caseId));
      return record ? adjustments.folded(record) : null;
    },
  };
};

/** Where the finance page lists the cases. */
export const CASES_PATH = '/#/cases';

/** Where it shows one of them: every part escaped, for ids come from outside. */
export const casePath = (key: string, caseId: string): string => {
  const { connection, customerId } = splitKey(key as CustomerKey);
  return `/#/case/${[connection, customerId, caseId].map(encodeURIComponent).join('/')}`;
};
