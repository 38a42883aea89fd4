// Letting go: what stays of a closed case, what comes in for it later, and what no rule will read again.
import { invariant } from '../assert.ts';
import { money, within } from '../money.ts';
import { addDays, addMs, later, type Instant } from '../time.ts';
import {
  NO_FACTS,
  type Adjustment,
  type CaseRecord,
  type Customer,
  type Facts,
  type InvoiceBook,
  type InvoiceChange,
  type Ladder,
  type RecoveryCase,
  type Tombstone,
} from './customer.ts';
import { atRestOf, heldBy } from './holds.ts';
import { lateDepartures, withBook, withLatePayment } from './late-money.ts';
import { failuresOf, stepsOf } from '../reports/failure.ts';
import { own } from './merge.ts';
import { lostPlansIn } from './plan-lost.ts';
import { requestsOf } from './requests.ts';
import { amountsOf, SNAPSHOT_LEEWAY_MS } from './settle.ts';

/** How long a closed case's invoices are remembered: longer than any redelivery or event log, and than most late payers. */
export const REMEMBER_DAYS = 400;
const MAX_TOMBSTONES = 300;
const MAX_ATTEMPTS = 100;
const ATTEMPT_DAYS = 30;

/** A case as it stands in the books: as it goes there when it is closed, or, not closed yet, as the last visit saw it. */
export const recordFrom = (customer: Customer, open: RecoveryCase, closedAt: Instant | null): CaseRecord => ({
  id: open.id,
  key: customer.key,
  openedAt: open.openedAt,
  closedAt,
  invoices: open.books,
  failures: failuresOf(customer, open, closedAt),
  steps: stepsOf(customer.facts, open),
  // Their own words may hold anything, and a closed case is kept for years.
  answers: customer.recovery.answers.map(({ at, kind, promisedDay, held }) => ({
    at,
    kind,
    promisedDay,
    held,
  })),
  exposure: customer.recovery.exposure,
  journal: customer.recovery.journal,
  requests: requestsOf(customer, closedAt !== null),
  ...(customer.recovery.journalPages > 0 && { journalPages: customer.recovery.journalPages }),
});

const newestTombstones = (all: Readonly<Record<string, Tombstone>>, now: Instant): Facts['tombstones'] => {
  const kept = Object.entries(all)
    .filter(([, tombstone]) => addDays(tombstone.at, REMEMBER_DAYS) > now)
    .sort(([, a], [, b]) => (a.at > b.at ? -1 : 1))
    .slice(0, MAX_TOMBSTONES);
  return Object.fromEntries(kept);
};

/** An invoice of a settled case, as it is remembered. */
const buriedInvoice = (
  facts: Facts,
  ladder: Ladder,
  book: InvoiceBook,
  caseId: string,
  isPlanLost: boolean,
  now: Instant,
): Tombstone => {
  const before = own(facts.tombstones, ladder.invoiceId);
  const invoice = own(facts.invoices, ladder.invoiceId);
  const endedSubscriptionId = ladder.endedSubscriptionId ?? before?.endedSubscriptionId;
  return {
    status: invoice?.status ?? before?.status ?? 'paid',
    caseId: before?.caseId ?? caseId,
    at: now,
    currency: book.currency,
    paidMinor: invoice ? amountsOf(facts, invoice).paid : (before?.paidMinor ?? 0),
    paidAsOf: now,
    partIds: before?.partIds ?? [],
    returned: before?.returned ?? {},
    ...(before?.money && { money: before.money }),
    ...(endedSubscriptionId !== undefined && { endedSubscriptionId }),
    ...(isPlanLost && { planLostAt: now }),
  };
};

/** The same with a payment of it that came back, and what was paid again for that. */
const withReturned = (
  buried: Tombstone,
  facts: Facts,
  { invoiceId, reversalId, anchor, endedSubscriptionId }: Ladder,
  book: InvoiceBook,
  caseId: string,
): Tombstone => {
  if (reversalId === null) return buried;
  const paidAgain = Object.entries(facts.changes).filter(
    ([, change]) => change.invoiceId === invoiceId && change.at > anchor,
  );
  return {
    ...buried,
    ...(endedSubscriptionId !== null && { endedSubscriptionId }),
    partIds: [...new Set([...buried.partIds, ...paidAgain.map(([id]) => id)])],
    returned: {
      ...buried.returned,
      [reversalId]: { caseId, at: anchor, owedMinor: book.failedMinor - book.recoveredMinor },
    },
  };
};

/** A customer, and what is to go into the books beside. */
type Entered = { readonly customer: Customer; readonly adjustments: readonly Adjustment[] };

/**
 * Lets go of a settled case: what was known of its invoices shrinks to tombstones, and who the customer is, is forgotten.
 * What was recovered in it and has left again by now is dated apart from it.
 */
export const released = (customer: Customer, open: RecoveryCase, now: Instant): Entered => {
  const { facts } = customer;
  const buried = new Map<string, Tombstone>(Object.entries(facts.tombstones));
  const fresh = new Set<string>();
  // Whoever says that we write to the wrong person is not written to again.
  const isWrongPerson = customer.recovery.answers.some(({ kind }) => kind === 'wrong_person');
  const lost = new Set(isWrongPerson ? [] : lostPlansIn(facts, open).map((ladder) => ladder.invoiceId));
  for (const ladder of open.ladders) {
    const book = open.books.find((one) => one.subjectId === ladder.subjectId);
    invariant(book, `ladder ${ladder.subjectId} has no books`);
    const { invoiceId } = ladder;
    const standing = fresh.has(invoiceId) ? buried.get(invoiceId) : undefined;
    fresh.add(invoiceId);
    const of = standing ?? buriedInvoice(facts, ladder, book, open.id, lost.has(invoiceId), now);
    const known = withBook(of, facts, ladder, book, open.id, now);
    buried.set(invoiceId, withReturned(known, facts, ladder, book, open.id));
  }
  const tombstones = Object.fromEntries(buried);
  const left = lateDepartures({ ...customer, facts: { ...facts, tombstones } });
  const recovery = atRestOf(customer.recovery, now);
  return {
    customer: {
      ...customer,
      facts: atRest(left.customer.facts, now),
      recovery: { ...recovery, case: null, answers: [], exposure: {}, journal: [] },
    },
    adjustments: left.adjustments,
  };
};

/**
 * What is kept of a customer with nothing at risk: the limits' tries, the tombstones, whether they are gone, and which
 * addresses are never written to again.
 */
const atRest = ({ attempts, deletedAt, erasedAt, tombstones, unreachable }: Facts, now: Instant): Facts => ({
  ...NO_FACTS,
  attempts: recentAttempts(attempts, now),
  unreachable,
  deletedAt,
  erasedAt,
  tombstones: newestTombstones(tombstones, now),
});

/** Lets go of what a look at a customer with nothing at risk has brought. A returned payment still waits for its invoice. */
export const rested = (customer: Customer, now: Instant): Customer => {
  if (Object.keys(customer.facts.reversals).length > 0) return pruned(customer, now);
  return { ...customer, facts: atRest(customer.facts, now), recovery: atRestOf(customer.recovery, now) };
};

/** Attempts count towards the networks' limits for 30 days; the newest are kept. */
const recentAttempts = (attempts: Facts['attempts'], now: Instant): Facts['attempts'] => {
  const since = addDays(now, -ATTEMPT_DAYS);
  const kept = Object.values(attempts)
    .filter((attempt) => attempt.at > since)
    .sort((a, b) => (a.at > b.at || (a.at === b.at && a.id > b.id) ? -1 : 1))
    .slice(0, MAX_ATTEMPTS);
  return Object.fromEntries(kept.map((attempt) => [attempt.id, attempt]));
};

/** Payments in flight, without those of paid invoices: that they have landed outlives the invoice that told it. */
const landed = (facts: Facts): Facts['inFlight'] => {
  const paidBy = new Set(
    Object.values(facts.invoices).flatMap(({ status, paymentIds }) => (status === 'paid' ? paymentIds : [])),
  );
  const flights = Object.entries(facts.inFlight).map(([id, flight]) => [
    id,
    paidBy.has(id) ? { ...flight, value: false } : flight,
  ]);
  return Object.fromEntries(flights) as Facts['inFlight'];
};

/** Drops what no rule will read again: invoices that belong in no case and are settled, attempts past the limits' window. */
export const pruned = (customer: Customer, now: Instant): Customer => {
  const { facts, recovery } = customer;
  const due = recovery.notices.flatMap(({ kind, aboutId }) => (kind === 'invoice_due' ? [aboutId] : []));
  const held = new Set([...(recovery.case?.ladders.map(({ invoiceId }) => invoiceId) ?? []), ...due]);
  const invoices = Object.values(facts.invoices).filter((invoice) => held.has(invoice.id));
  return {
    ...customer,
    facts: {
      ...facts,
      invoices: Object.fromEntries(invoices.map((invoice) => [invoice.id, invoice])),
      changes: Object.fromEntries(
        Object.entries(facts.changes).filter(([, change]) => held.has(change.invoiceId)),
      ),
      inFlight: landed(facts),
      attempts: recentAttempts(facts.attempts, now),
      tombstones: newestTombstones(facts.tombstones, now),
    },
  };
};

/** A late payment of an invoice: the entry for the books, and the tombstone that knows of it. */
const paymentEntry = (
  customer: Customer,
  tombstone: Tombstone,
  entry: Pick<Adjustment, 'id' | 'subjectId' | 'at'>,
  minor: number,
): Adjustment[] =>
  minor <= 0
    ? []
    : [
        {
          ...entry,
          caseId: tombstone.caseId,
          key: customer.key,
          kind: 'payment',
          amount: money(minor, tombstone.currency),
        },
      ];

/** A payment that came in for an invoice of a closed case: what it pays, and the tombstone that knows of it. */
type Late = { readonly adjustments: readonly Adjustment[]; readonly tombstone: Tombstone };

/** A part of an invoice that was lost is paid after all. */
const latePart = (
  customer: Customer,
  tombstone: Tombstone,
  id: string,
  change: InvoiceChange,
): Late | null => {
  // A snapshot of about that time or later has told of it already.
  if (change.at <= addMs(tombstone.paidAsOf, SNAPSHOT_LEEWAY_MS)) return null;
  const entry = { id: `part:${id}`, subjectId: change.invoiceId, at: change.at };
  const { subjectId, at } = entry;
  const part = { subjectId, caseId: tombstone.caseId, at, minor: change.paidMinor };
  return {
    adjustments: paymentEntry(customer, tombstone, entry, change.paidMinor),
    tombstone: {
      ...withLatePayment(tombstone, customer.facts, change.invoiceId, part),
      paidMinor: tombstone.paidMinor + change.paidMinor,
      partIds: [...tombstone.partIds, id],
    },
  };
};

/** A payment that came back and was lost is paid again after all. */
const lateAgain = (
  customer: Customer,
  tombstone: Tombstone,
  id: string,
  change: InvoiceChange,
): Late | null => {
  // Of several the latest before it: an earlier one can also be paid by a part that came between them.
  const [owed] = Object.entries(tombstone.returned)
    .filter(([, { at, owedMinor }]) => at < change.at && owedMinor > 0)
    .sort(([, a], [, b]) => (a.at > b.at ? -1 : 1));
  if (!owed) return null;
  const [reversalId, { caseId, owedMinor, at }] = owed;
  const minor = within(change.paidMinor, owedMinor);
  const entry = { id: `part:${id}`, subjectId: `${change.invoiceId}:${reversalId}`, at: change.at };
  const part = { subjectId: entry.subjectId, caseId, at: change.at, minor };
  return {
    adjustments: paymentEntry(customer, { ...tombstone, caseId }, entry, minor),
    tombstone: {
      ...withLatePayment(tombstone, customer.facts, change.invoiceId, part),
      partIds: [...tombstone.partIds, id],
      returned: { ...tombstone.returned, [reversalId]: { caseId, at, owedMinor: owedMinor - minor } },
    },
  };
};

/** Whether a payment of an invoice of a closed case could be news to the books. */
export const isLateChange = (id: string, change: InvoiceChange, tombstone: Tombstone): boolean => {
  if (change.paidMinor <= 0 || tombstone.partIds.includes(id)) return false;
  if (tombstone.status !== 'paid') return change.at > tombstone.paidAsOf;
  return Object.values(tombstone.returned).some(({ at, owedMinor }) => at < change.at && owedMinor > 0);
};

/** Whether a payment of a paid invoice pays for one that came back before it and is not settled yet. */
const hasLadder = ({ reversals }: Facts, change: InvoiceChange): boolean =>
  Object.values(reversals).some(({ invoiceId, at }) => invoiceId === change.invoiceId && at < change.at);

/** What came in for invoices of closed cases: one dated entry each, then only the tombstones remain. */
export const latePayments = (customer: Customer): { customer: Customer; adjustments: Adjustment[] } => {
  const { facts } = customer;
  const tombstones = { ...facts.tombstones };
  const adjustments: Adjustment[] = [];
  for (const [id, change] of Object.entries(facts.changes)) {
    const tombstone = own(tombstones, change.invoiceId);
    if (tombstone === null || !isLateChange(id, change, tombstone)) continue;
    const isPaid = tombstone.status === 'paid';
    // While a returned payment has a ladder, what is paid again counts there: see `bookOf`.
    if (isPaid && hasLadder(facts, change)) continue;
    const late = (isPaid ? lateAgain : latePart)(customer, tombstone, id, change);
    if (late === null) continue;
    adjustments.push(...late.adjustments);
    tombstones[change.invoiceId] = late.tombstone;
  }
  for (const { id, status, statusAt, amounts } of Object.values(facts.invoices)) {
    const tombstone = own(tombstones, id);
    if (tombstone === null) continue;
    // What had not been paid before has come in late: a part of it, or, out of band included, everything.
    const isPaid = status === 'paid';
    const paid = isPaid ? amounts.value.due : Math.max(amounts.value.paid, tombstone.paidMinor);
    const entry = {
      id: isPaid ? `paid:${id}` : `paid:${id}:${paid}`,
      subjectId: id,
      at: isPaid ? statusAt : amounts.at,
    };
    const minor = paid - tombstone.paidMinor;
    adjustments.push(...paymentEntry(customer, tombstone, entry, minor));
    const paidAsOf = later(tombstone.paidAsOf, amounts.at) as Instant;
    const part = { subjectId: id, caseId: tombstone.caseId, at: entry.at, minor };
    const known = withLatePayment(tombstone, facts, id, part);
    tombstones[id] = { ...known, status: isPaid ? status : tombstone.status, paidMinor: paid, paidAsOf };
  }
  const isLate = (invoiceId: string) => own(facts.tombstones, invoiceId) !== null;
  const invoices = Object.fromEntries(Object.entries(facts.invoices).filter(([id]) => !isLate(id)));
  // What is paid of an invoice whose payment came back counts for the returned payment: see `bookOf`.
  const returned = new Set(Object.values(facts.reversals).map(({ invoiceId }) => invoiceId));
  const changes = Object.fromEntries(
    Object.entries(facts.changes).filter(
      ([, { invoiceId }]) => !isLate(invoiceId) || returned.has(invoiceId),
    ),
  );
  const inFlight = landed(facts);
  return {
    customer: { ...customer, facts: { ...facts, invoices, changes, inFlight, tombstones } },
    adjustments,
  };
};

/**
 * When an item without a case may be forgotten: not while an event could still bring back what is over; null = never, for
 * one that an operator excluded or who wants no more mails of some kind, and not yet, while a notice is open.
 */
export const expiryOf = ({ facts, recovery }: Customer, now: Instant): Instant | null => {
  // What lies ahead is written about until its date is past: who is forgotten before would be written to again.
  if (heldBy(recovery, now)?.until === null || recovery.notices.length > 0) return null;
  if (facts.erasedAt === null && Object.keys(recovery.unsubscribed).length > 0) return null;
  const over = [
    ...Object.values(facts.tombstones).map(({ at }) => at),
    facts.erasedAt,
    facts.deletedAt,
    // Of who is forgotten before, an address that came back would be written to again, however little else is known.
    ...Object.values(facts.unreachable),
    // A link is good for as long: of who is forgotten before, revoked ones would work again.
    recovery.linksRevokedAt,
  ];
  const latest = over.reduce(later, null);
  return latest === null ? addDays(now, 1) : later(addDays(latest, REMEMBER_DAYS), addDays(now, 1));
};
