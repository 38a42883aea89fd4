// What must hold in every world, whatever goes wrong. A breach names the law, the customer and the moment.
import { within } from '../../core/money.ts';
import type { CaseRecord, Customer } from '../../core/recovery/customer.ts';
import { addMs, DAY_MS, HOUR_MS, type Instant } from '../../core/time.ts';
import type { SentMail } from '../../adapters/memory/outbox.ts';
import type { TrueCustomer, TrueInvoice } from './market-state.ts';

/** A law that was broken: which, by whose item, when, and how. */
export type Violation = {
  readonly law: string;
  readonly customer: string;
  readonly at: Instant;
  readonly detail: string;
};

/** A visit that failed is tried again within six hours; the daily look may be late by that. */
const DAILY_MS = DAY_MS + 12 * HOUR_MS;
const MAX_ITEM_BYTES = 380_000;
const MAX_JOURNAL = 200;

/** Laws of one customer's item, checked after every visit. */
export const checkCustomer = (customer: Customer, now: Instant): Violation[] => {
  const found: Violation[] = [];
  const tell = (law: string, detail: string) => found.push({ law, customer: customer.key, at: now, detail });
  const open = customer.recovery.case;
  for (const ladder of open?.ladders ?? []) {
    const ids = ladder.steps.map((step) => step.id);
    if (new Set(ids).size !== ids.length) tell('no step twice', `${ladder.subjectId}: ${ids.join()}`);
  }
  for (const book of open?.books ?? []) {
    const parts = book.recoveredMinor + book.withdrawnMinor + book.lostMinor + book.openMinor;
    if (parts !== book.failedMinor)
      tell('failed = recovered + withdrawn + lost + open', JSON.stringify(book));
  }
  if (open && customer.setAsideAt === null) {
    const latest = addMs(now, DAILY_MS);
    if (customer.dueAt === null || customer.dueAt > latest)
      tell('an open case is thought of within a day', `due ${customer.dueAt}`);
  }
  if (customer.recovery.journal.length > MAX_JOURNAL)
    tell('journal within bounds', `${customer.recovery.journal.length}`);
  if (JSON.stringify(customer).length > MAX_ITEM_BYTES) tell('item within bounds', 'over 380 KB');
  return found;
};

/**
 * What must hold of a mail when it is armed: its payment has not been recorded, and its reader is neither
 * erased nor deleted. `recordedPaid` are the invoices that the store once held as paid.
 */
export const checkArmed = (
  customer: Customer,
  recordedPaid: ReadonlySet<string>,
  now: Instant,
): Violation[] => {
  const armed = customer.pending?.armed;
  if (!armed || armed.kind !== 'email' || armed.message === 'recovered') return [];
  const found: Violation[] = [];
  const tell = (law: string) => found.push({ law, customer: customer.key, at: now, detail: armed.key });
  if (recordedPaid.has(armed.subjectId)) tell('no mail armed after the payment was recorded');
  if (customer.facts.erasedAt ?? customer.facts.deletedAt) tell('erased and deleted stay so');
  return found;
};

/** No step of one ladder is mailed twice, whatever died in between. */
export const checkMails = (mails: readonly SentMail[]): Violation[] => {
  const seen = new Set<string>();
  return mails.flatMap((mail) => {
    const name = `${mail.customerKey} ${mail.caseId} ${mail.subjectId} ${mail.stepId}`;
    if (!seen.has(name)) {
      seen.add(name);
      return [];
    }
    return [
      {
        law: 'no step twice',
        customer: mail.customerKey,
        at: mail.at,
        detail: `${mail.stepId} was mailed twice`,
      },
    ];
  });
};

const paidTruly = (invoice: TrueInvoice): number =>
  invoice.status === 'paid'
    ? invoice.failedMinor - invoice.creditedMinor
    : within(invoice.paidMinor, invoice.failedMinor);

/** The books against the provider's own: every failed invoice once, with the money that it truly brought. */
export const checkBooks = (
  records: readonly CaseRecord[],
  customers: ReadonlyMap<string, TrueCustomer>,
  now: Instant,
): Violation[] => {
  const found: Violation[] = [];
  const tell = (law: string, customer: string, detail: string) =>
    found.push({ law, customer, at: now, detail });
  const books = new Map<string, CaseRecord['invoices'][number][]>();
  for (const record of records) {
    if (record.closedAt === null) tell('every case ends', record.key, record.id);
    for (const book of record.invoices)
      books.set(book.invoiceId, [...(books.get(book.invoiceId) ?? []), book]);
  }
  for (const { invoices, who } of customers.values()) {
    for (const invoice of invoices) {
      const entries = books.get(invoice.id) ?? [];
      const expected = invoice.isFirstPayment ? 0 : 1;
      if (entries.length !== expected) {
        tell(
          'every failed invoice is in the books exactly once',
          who.customerId,
          `${invoice.id}: ${entries.length} entries`,
        );
      }
      for (const book of entries) {
        if (book.failedMinor !== invoice.failedMinor) {
          tell(
            'the books are the provider’s',
            who.customerId,
            `${invoice.id}: failed ${book.failedMinor}, truly ${invoice.failedMinor}`,
          );
        }
        if (book.recoveredMinor !== paidTruly(invoice)) {
          tell(
            'the books are the provider’s',
            who.customerId,
            `${invoice.id} (${book.outcome}): recovered ${book.recoveredMinor}, truly ${paidTruly(invoice)}`,
          );
        }
        const parts = book.recoveredMinor + book.withdrawnMinor + book.lostMinor + book.openMinor;
        if (parts !== book.failedMinor)
          tell('failed = recovered + withdrawn + lost + open', who.customerId, JSON.stringify(book));
      }
    }
  }
  return found;
};
