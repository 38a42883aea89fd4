// Customers, cases and what hangs on them, for tests. Each builder gives a sound value and takes changes.
import { customerKey } from '../../core/ids.ts';
import type { CustomerKey } from '../../core/ids.ts';
import { NO_FACTS, newCustomer } from '../../core/recovery/customer.ts';
import type {
  Adjustment,
  CaseRecord,
  Customer,
  Facts,
  Invoice,
  InvoiceBook,
  JournalEntry,
  RecoveryCase,
  Unrouted,
} from '../../core/recovery/customer.ts';
import { instantFromMs } from '../../core/time.ts';
import type { Instant } from '../../core/time.ts';

/** The instant of any text a date can be read from: `at('2026-03-01T09:00Z')`. */
export const at = (text: string): Instant => instantFromMs(Date.parse(text));

/** When the builders' invoices failed and their cases opened. */
export const FAILED_AT = at('2026-03-01T09:00Z');

/** The key of a customer of the connection `stripe`. */
export const keyOf = (customerId: string): CustomerKey => customerKey('stripe', customerId);

/** An invoice of 49.00 EUR whose payment failed. */
export const invoiceOf = (id: string, changes: Partial<Invoice> = {}): Invoice => {
  const amounts = { due: 4900, paid: 0, remaining: 4900, credited: 0 };
  const told = { at: FAILED_AT, source: 'event' } as const;
  return {
    id,
    currency: 'EUR',
    status: 'open',
    statusAt: FAILED_AT,
    amounts: { ...told, value: amounts },
    schedule: { ...told, value: { attemptCount: 1, nextAttemptAt: null } },
    details: {
      ...told,
      value: {
        number: 'R-1001',
        hostedUrl: 'https://pay.example/r-1001',
        collectionMethod: 'charge_automatically',
        billingReason: 'subscription_cycle',
        subscriptionId: 'sub_1',
        dueAt: null,
        createdAt: FAILED_AT,
        productIds: [],
        planIds: [],
      },
    },
    failure: { at: FAILED_AT, amounts },
    lastFailure: { at: FAILED_AT, schedule: { attemptCount: 1, nextAttemptAt: null } },
    actionRequiredAt: null,
    methodRequiredAt: null,
    paymentIds: ['ch_1'],
    ...changes,
  };
};

/** What is known of a customer with one failed invoice. */
export const factsOf = (changes: Partial<Facts> = {}): Facts => ({
  ...NO_FACTS,
  contact: {
    at: FAILED_AT,
    source: 'event',
    value: {
      email: 'ana@example.com',
      name: 'Ana',
      locales: ['de-AT'],
      country: 'AT',
      timeZone: null,
      metadata: {},
    },
  },
  invoices: { in_1: invoiceOf('in_1') },
  ...changes,
});

/** A customer with one failed invoice and no case yet, as it is first written: version 1. */
export const customerOf = (key: CustomerKey, changes: Partial<Customer> = {}): Customer => ({
  ...newCustomer(key),
  version: 1,
  facts: factsOf(),
  ...changes,
});

/** The books of an invoice of 49.00 EUR, all of it still open. */
export const bookOf = (subjectId: string, changes: Partial<InvoiceBook> = {}): InvoiceBook => ({
  subjectId,
  invoiceId: subjectId,
  currency: 'EUR',
  outcome: 'open',
  failedMinor: 4900,
  recoveredMinor: 0,
  withdrawnMinor: 0,
  lostMinor: 0,
  openMinor: 4900,
  why: 'still owed',
  cohort: 'live',
  ...changes,
});

/** An open case of one invoice. */
export const openCaseOf = (id: string, changes: Partial<RecoveryCase> = {}): RecoveryCase => ({
  id,
  openedAt: FAILED_AT,
  ladders: [
    {
      subjectId: 'in_1',
      invoiceId: 'in_1',
      reversalId: null,
      kind: 'payment_failure',
      campaignId: 'default',
      anchor: FAILED_AT,
      openedAt: FAILED_AT,
      steps: [],
      endedAt: null,
      endedSubscriptionId: null,
      closedAs: null,
      onFile: [],
      cohort: 'live',
    },
  ],
  books: [bookOf('in_1')],
  ...changes,
});

/** A case of one invoice, closed four days later with all of it recovered. */
export const closedCaseOf = (
  key: CustomerKey,
  id: string,
  changes: Partial<CaseRecord> = {},
): CaseRecord => ({
  id,
  key,
  openedAt: FAILED_AT,
  closedAt: at('2026-03-05T09:00Z'),
  invoices: [bookOf('in_1', { outcome: 'recovered', recoveredMinor: 4900, openMinor: 0, why: 'paid' })],
  failures: [],
  exposure: {},
  answers: [],
  steps: [
    {
      subjectId: 'in_1',
      id: 'day-0',
      kind: 'email',
      at: FAILED_AT,
      status: 'done',
      why: 'due',
      message: 'payment-failed',
    },
  ],
  journal: [lineOf('case opened')],
  requests: null,
  ...changes,
});

/** A line of a journal. */
export const lineOf = (what: string): JournalEntry => ({ at: FAILED_AT, what, why: 'in_1 failed', count: 1 });

/** 10.00 EUR paid after a case was closed. */
export const adjustmentOf = (
  key: CustomerKey,
  id: string,
  changes: Partial<Adjustment> = {},
): Adjustment => ({
  id,
  caseId: 'case_in_1',
  key,
  subjectId: 'in_1',
  kind: 'payment',
  at: at('2026-04-01T09:00Z'),
  amount: { minor: 1000, currency: 'EUR' },
  ...changes,
});

/** A dispute that names only a charge, as it is first written: version 1. */
export const unroutedOf = (id: string, changes: Partial<Unrouted> = {}): Unrouted => ({
  id,
  connection: 'stripe',
  version: 1,
  dueAt: FAILED_AT,
  tries: 0,
  reference: { kind: 'charge', id: 'ch_1' },
  fact: {
    kind: 'dispute',
    at: FAILED_AT,
    source: 'event',
    dispute: {
      id: 'dp_1',
      open: true,
      status: 'needs_response',
      chargeId: 'ch_1',
      amountMinor: 4900,
      currency: 'EUR',
    },
  },
  receivedAt: FAILED_AT,
  setAsideAt: null,
  setAsideWhy: null,
  ...changes,
});
