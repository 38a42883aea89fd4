// Letting go: what stays of a closed case, what comes in for it later, and what no rule will read again.
import { invariant } from '../assert.ts';
import { money } from '../money.ts';
import { addDays, addMs, later, type Instant } from '../time.ts';
import {
  NO_FACTS,
  type Adjustment,
  type CaseRecord,
  type Customer,
  type Facts,
  type RecoveryCase,
  type Tombstone,
} from './customer.ts';
import { own } from './merge.ts';
import { amountsOf, SNAPSHOT_LEEWAY_MS } from './settle.ts';

/** How long a closed case's invoices are remembered: longer than any redelivery or event log, and than most late payers. */
const REMEMBER_DAYS = 400;
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
  steps: open.ladders.flatMap((ladder) =>
    ladder.steps.map((step) => ({ ...step, subjectId: ladder.subjectId })),
  ),
  journal: customer.recovery.journal,
});

const newestTombstones = (all: Readonly<Record<string, Tombstone>>, now: Instant): Facts['tombstones'] => {
  const kept = Object.entries(all)
    .filter(([, tombstone]) => addDays(tombstone.at, REMEMBER_DAYS) > now)
    .sort(([, a], [, b]) => (a.at > b.at ? -1 : 1))
    .slice(0, MAX_TOMBSTONES);
  return Object.fromEntries(kept);
};

/** Lets go of a settled case: what was known of its invoices shrinks to tombstones, and who the customer is, is forgotten. */
export const released = (customer: Customer, open: RecoveryCase, now: Instant): Customer => {
  const { facts } = customer;
  const buried = new Map<string, Tombstone>(Object.entries(facts.tombstones));
  for (const ladder of open.ladders) {
    const before = buried.get(ladder.invoiceId);
    const invoice = own(facts.invoices, ladder.invoiceId);
    const status = invoice?.status ?? before?.status ?? 'paid';
    const reversalIds = [
      ...(before?.reversalIds ?? []),
      ...(ladder.reversalId === null ? [] : [ladder.reversalId]),
    ];
    const currency =
      open.books.find((book) => book.subjectId === ladder.subjectId)?.currency ?? before?.currency;
    invariant(currency, `ladder ${ladder.subjectId} has no books`);
    const paidMinor = invoice ? amountsOf(facts, invoice).paid : (before?.paidMinor ?? 0);
    buried.set(ladder.invoiceId, {
      status,
      caseId: open.id,
      at: now,
      currency,
      paidMinor,
      paidAsOf: now,
      partIds: [],
      reversalIds,
    });
  }
  return {
    ...customer,
    facts: {
      ...NO_FACTS,
      attempts: recentAttempts(facts.attempts, now),
      deletedAt: facts.deletedAt,
      erasedAt: facts.erasedAt,
      tombstones: newestTombstones(Object.fromEntries(buried), now),
    },
    recovery: { ...customer.recovery, case: null, journal: [] },
  };
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
  const held = new Set(recovery.case?.ladders.map((ladder) => ladder.invoiceId));
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

/** What came in for invoices of closed cases: one dated entry each, then only the tombstones remain. */
export const latePayments = (customer: Customer): { customer: Customer; adjustments: Adjustment[] } => {
  const { facts } = customer;
  const tombstones = { ...facts.tombstones };
  const adjustments: Adjustment[] = [];
  for (const [id, { invoiceId, at, paidMinor }] of Object.entries(facts.changes)) {
    const tombstone = own(tombstones, invoiceId);
    if (tombstone === null || tombstone.status === 'paid' || tombstone.partIds.includes(id)) continue;
    // A snapshot of about that time or later has told of it already.
    if (at <= addMs(tombstone.paidAsOf, SNAPSHOT_LEEWAY_MS)) continue;
    adjustments.push(
      ...paymentEntry(customer, tombstone, { id: `part:${id}`, subjectId: invoiceId, at }, paidMinor),
    );
    const partIds = [...tombstone.partIds, id];
    tombstones[invoiceId] = { ...tombstone, paidMinor: tombstone.paidMinor + paidMinor, partIds };
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
    adjustments.push(...paymentEntry(customer, tombstone, entry, paid - tombstone.paidMinor));
    const paidAsOf = later(tombstone.paidAsOf, amounts.at) as Instant;
    tombstones[id] = { ...tombstone, status: isPaid ? status : tombstone.status, paidMinor: paid, paidAsOf };
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

/** When an item without a case may be forgotten. */
export const expiryOf = (customer: Customer, now: Instant): Instant => {
  const latest = Object.values(customer.facts.tombstones).reduce(
    (at, { at: other }) => (other > at ? other : at),
    now,
  );
  return addDays(latest, Object.keys(customer.facts.tombstones).length > 0 ? REMEMBER_DAYS : 1);
};
