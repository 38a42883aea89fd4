// What must hold in every world, whatever goes wrong. A breach names the law, the customer and the moment.
import { within } from '../../core/money.ts';
import { brokenInvariants } from '../../core/recovery/invariants.ts';
import type { CaseRecord, Customer } from '../../core/recovery/customer.ts';
import type { Policy } from '../../core/recovery/policy.ts';
import { isInWindow } from '../../core/recovery/send-window.ts';
import { addMs, DAY_MS, HOUR_MS, localDay, toMs, type Instant } from '../../core/time.ts';
import type { SentMail } from '../../adapters/memory/outbox.ts';
import type { Owed, TrueCustomer, TrueInvoice } from './market/state.ts';
import { keyOf } from './business.ts';
import { isAsking } from './messages.ts';

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

/** Most items are so small that counting their entries shows it; the others are written out. */
const isLarge = (customer: Customer): boolean => {
  const { invoices, attempts, tombstones, changes } = customer.facts;
  const entries = [invoices, attempts, tombstones, changes].reduce(
    (n, each) => n + Object.keys(each).length,
    0,
  );
  return entries > 100 && JSON.stringify(customer).length > MAX_ITEM_BYTES;
};

/** Laws of one customer's item, checked after every visit. */
export const checkCustomer = (customer: Customer, now: Instant): Violation[] => {
  const found: Violation[] = [];
  const tell = (law: string, detail: string) => found.push({ law, customer: customer.key, at: now, detail });
  const open = customer.recovery.case;
  for (const ladder of open?.ladders ?? []) {
    const ids = ladder.steps.map((step) => step.id);
    if (new Set(ids).size !== ids.length) tell('no step twice', `${ladder.subjectId}: ${ids.join()}`);
  }
  const { facts } = customer;
  if ((facts.erasedAt ?? facts.deletedAt) && (facts.contact ?? facts.invoiceContact ?? facts.defaultMethod))
    tell('erased and deleted stay so', 'the contact is back');
  for (const { what, detail } of brokenInvariants(customer)) tell(`invariant ${what}`, detail);
  if (open && customer.setAsideAt === null) {
    const latest = addMs(now, DAILY_MS);
    if (customer.dueAt === null || customer.dueAt > latest)
      tell('an open case is thought of within a day', `due ${customer.dueAt}`);
  }
  if (isLarge(customer)) tell('item within bounds', `over ${MAX_ITEM_BYTES} bytes`);
  return found;
};

/**
 * What must hold of a mail when it is armed: its payment has not been recorded, and its reader is neither
 * erased nor deleted. `before` is the customer as saved last, `recordedPaid` the invoices the store once held as paid.
 */
export const checkArmed = (
  customer: Customer,
  before: Customer | undefined,
  recordedPaid: ReadonlySet<string>,
  now: Instant,
): Violation[] => {
  const armed = customer.pending?.armed;
  if (!armed || armed.kind !== 'email' || armed.message === 'recovered') return [];
  // What a visit that died had armed before stays armed while webhooks write.
  if (before?.pending?.armed?.armedAt === armed.armedAt) return [];
  const found: Violation[] = [];
  const tell = (law: string) => found.push({ law, customer: customer.key, at: now, detail: armed.key });
  if (recordedPaid.has(armed.subjectId)) tell('no mail armed after the payment was recorded');
  if (customer.facts.erasedAt ?? customer.facts.deletedAt) tell('erased and deleted stay so');
  return found;
};

/**
 * No step of one ladder is mailed twice, whatever died in between; nobody is asked for money twice on one day
 * of theirs.
 */
export const checkMails = (
  mails: readonly SentMail[],
  zoneOf: (customerKey: SentMail['customerKey']) => string,
  window: Policy['sendWindow'],
): Violation[] => {
  const found: Violation[] = [];
  const seen = new Set<string>();
  const isNew = (name: string): boolean => seen.size < seen.add(name).size;
  for (const { customerKey: customer, caseId, subjectId, stepId, message, at } of mails) {
    if (!isNew(`${customer} ${caseId} ${subjectId} ${stepId}`))
      found.push({ law: 'no step twice', customer, at, detail: `${stepId} was mailed twice` });
    if (!isInWindow(at, window, zoneOf(customer)))
      found.push({ law: 'no mail outside its hours', customer, at, detail: `${stepId} of ${subjectId}` });
    if (isAsking(message) && !isNew(`${customer} ${localDay(at, zoneOf(customer))}`))
      found.push({ law: 'one mail asks for money a day', customer, at, detail: `${stepId} of ${subjectId}` });
  }
  return found;
};

const paidTruly = (invoice: TrueInvoice): number =>
  invoice.status === 'paid'
    ? invoice.failedMinor - invoice.creditedMinor
    : within(invoice.paidMinor, invoice.failedMinor);

/** A failure as the provider's own books have it. */
type TrueEntry = {
  readonly subjectId: string;
  /** How often it belongs in ours, at least and at most. */
  readonly least: 0 | 1;
  readonly most: 0 | 1;
  /** Why the money of our book of it is not the provider's; null when it is. */
  readonly whyNot: (book: CaseRecord['invoices'][number]) => string | null;
  /** The most of it that can have been withdrawn. */
  readonly withdrawnMinor: number;
};

/** What the books are held against besides the provider's own. */
export type BookTerms = {
  /** Whether the policy follows up what was to be paid by a date. */
  readonly asksOverdue: boolean;
  /** Subjects that an operator closed as withdrawn. */
  readonly withdrawnByHand: ReadonlySet<string>;
};

/** A customer who left or is gone, or an invoice voided, withdraws everything; else only what was credited. */
const withdrawable = ({ deleted, left }: TrueCustomer, invoice: TrueInvoice): number =>
  deleted || left.has(invoice.subscription.id) || invoice.status === 'void'
    ? invoice.failedMinor
    : invoice.mostCreditedMinor;

const exactly =
  (failedMinor: number, recoveredMinor: number): TrueEntry['whyNot'] =>
  (book) => {
    if (book.failedMinor !== failedMinor) return `failed ${book.failedMinor}, truly ${failedMinor}`;
    return book.recoveredMinor === recoveredMinor
      ? null
      : `recovered ${book.recoveredMinor}, truly ${recoveredMinor}`;
  };

/** A moment since it was due at which an invoice that is sent may have been first heard of, by our book of it. */
export const heardOf = (
  { owedSinceDue, status, paidMinor, creditedMinor }: TrueInvoice,
  { failedMinor, recoveredMinor }: CaseRecord['invoices'][number],
): Owed | undefined =>
  owedSinceDue.find(({ unpaid, paid, credited }) => {
    const truly =
      status === 'paid'
        ? unpaid - within(creditedMinor - credited, unpaid)
        : within(paidMinor - paid, unpaid);
    return unpaid === failedMinor && truly === recoveredMinor;
  });

/** What is overdue failed with what was owed when it was first heard of: at some moment since it was due. */
const sinceDue =
  (invoice: TrueInvoice): TrueEntry['whyNot'] =>
  (book) => {
    const { failedMinor, recoveredMinor } = book;
    return heardOf(invoice, book)
      ? null
      : `failed ${failedMinor}, recovered ${recoveredMinor}, at no time since it was due`;
  };

/** A look at the account may be late by its faults, and by an outage. */
const FOUND_WITHIN_S = 4 * 86_400;

const entryOf = (
  customer: TrueCustomer,
  invoice: TrueInvoice,
  terms: BookTerms,
  endSecond: number,
): TrueEntry => {
  const { id: subjectId, dueSecond, failed, isFirstPayment, failedMinor, settledSecond } = invoice;
  const withdrawnMinor = terms.withdrawnByHand.has(subjectId)
    ? invoice.failedMinor
    : withdrawable(customer, invoice);
  if (dueSecond === null) {
    const entries = isFirstPayment || !failed ? 0 : 1;
    const whyNot = exactly(failedMinor, paidTruly(invoice));
    return { subjectId, least: entries, most: entries, whyNot, withdrawnMinor };
  }
  const most = failed && terms.asksOverdue ? 1 : 0;
  const isLong = (settledSecond ?? endSecond) - dueSecond > FOUND_WITHIN_S && !customer.deleted;
  return { subjectId, least: isLong ? most : 0, most, whyNot: sinceDue(invoice), withdrawnMinor };
};

const trueEntries = (customer: TrueCustomer, terms: BookTerms, endSecond: number): TrueEntry[] => [
  ...customer.invoices.map((invoice) => entryOf(customer, invoice, terms, endSecond)),
  ...customer.returns.map(({ id, invoice, amountMinor, paidMinor }): TrueEntry => {
    const subjectId = `${invoice.id}:${id}`;
    const withdrawnMinor = terms.withdrawnByHand.has(subjectId)
      ? amountMinor
      : withdrawable(customer, invoice);
    return { subjectId, least: 1, most: 1, whyNot: exactly(amountMinor, paidMinor), withdrawnMinor };
  }),
];

const checkEntry = (
  truth: TrueEntry,
  entries: CaseRecord['invoices'],
  tell: (law: string, detail: string) => void,
): void => {
  const { subjectId } = truth;
  if (entries.length < truth.least || entries.length > truth.most)
    tell('every failed invoice is in the books exactly once', `${subjectId}: ${entries.length} entries`);
  for (const book of entries) {
    const ours = `${subjectId} (${book.outcome}):`;
    const whyNot = truth.whyNot(book);
    if (whyNot !== null) tell('the books are the provider’s', `${ours} ${whyNot}`);
    if (book.withdrawnMinor > truth.withdrawnMinor)
      tell('nothing is withdrawn that nobody withdrew', `${ours} ${book.withdrawnMinor} (${book.why})`);
    const parts = book.recoveredMinor + book.withdrawnMinor + book.lostMinor + book.openMinor;
    if (parts !== book.failedMinor)
      tell('failed = recovered + withdrawn + lost + open', JSON.stringify(book));
  }
};

/** The books against the provider's own: every failed invoice once, with the money that it truly brought. */
export const checkBooks = (
  records: readonly CaseRecord[],
  customers: ReadonlyMap<string, TrueCustomer>,
  terms: BookTerms,
  now: Instant,
): Violation[] => {
  const endSecond = toMs(now) / 1000;
  const found: Violation[] = [];
  const books = new Map<string, CaseRecord['invoices'][number][]>();
  for (const record of records) {
    if (record.closedAt === null)
      found.push({ law: 'every case ends', customer: record.key, at: now, detail: record.id });
    for (const book of record.invoices)
      books.set(book.subjectId, [...(books.get(book.subjectId) ?? []), book]);
  }
  for (const customer of customers.values()) {
    const key = keyOf(customer.who.customerId);
    const tell = (law: string, detail: string) => found.push({ law, customer: key, at: now, detail });
    for (const truth of trueEntries(customer, terms, endSecond))
      checkEntry(truth, books.get(truth.subjectId) ?? [], tell);
  }
  return found;
};
