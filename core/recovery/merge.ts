// Facts merge, they never overwrite: any order and any repetition of the same facts gives the same result.
import { earlier, later, type Instant } from '../time.ts';
import { deliveryName, mailboxName } from './customer.ts';
import type { Delivered, Facts, Invoice, Register, Subscription, Tombstone } from './customer.ts';
import type {
  Attempt,
  Contact,
  Dispute,
  Fact,
  InvoiceAmounts,
  InvoiceSnapshot,
  InvoiceStatus,
  Refund,
  Source,
  SubscriptionSnapshot,
} from './fact.ts';
import { compare } from '../order.ts';

const STATUS_RANK: Readonly<Record<InvoiceStatus, number>> = { open: 0, uncollectible: 1, void: 2, paid: 3 };
const SOURCE_RANK: Readonly<Record<Source, number>> = { event: 0, refresh: 1 };

/** Whether `a` stands above `b` in the order open < uncollectible < void < paid. */
export const outranks = (a: InvoiceStatus, b: InvoiceStatus): boolean => STATUS_RANK[a] > STATUS_RANK[b];

/** The value kept under `id`, and never something an object inherits. */
export const own = <T>(record: Readonly<Record<string, T>>, id: string): T | null =>
  Object.hasOwn(record, id) ? (record[id] as T) : null;

type Order<T> = (a: T, b: T) => number;

const text = (value: unknown): string => JSON.stringify(value);

/** The newer of two registers by (time, source, `tie`, text): a total order, so that arrival order never matters. */
const newest = <T>(a: Register<T> | null, b: Register<T>, tie: Order<T> = () => 0): Register<T> => {
  if (a === null) return b;
  const order =
    compare(a.at, b.at) ||
    compare(SOURCE_RANK[a.source], SOURCE_RANK[b.source]) ||
    tie(a.value, b.value) ||
    compare(text(a.value), text(b.value));
  return order < 0 ? b : a;
};

/** Sets one entry; returns the same record when the entry is the same, so that "nothing changed" is a comparison. */
const put = <T>(record: Readonly<Record<string, T>>, id: string, value: T): Readonly<Record<string, T>> =>
  own(record, id) === value ? record : { ...record, [id]: value };

/** Whether two values of plain data are equal. Every fact that is told again comes through here. */
export const same = (a: unknown, b: unknown): boolean => {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const [keys, others] = [Object.keys(a), Object.keys(b)];
  const [x, y] = [a as Readonly<Record<string, unknown>>, b as Readonly<Record<string, unknown>>];
  return keys.length === others.length && keys.every((key) => Object.hasOwn(y, key) && same(x[key], y[key]));
};

/** Fills gaps field by field; where two tellings differ the greater text wins, so that order never matters. */
const fill = <T extends object>(a: T | null, b: T | null): T | null => {
  if (a === null || b === null) return a ?? b;
  if (same(a, b)) return a;
  const joined: Record<string, unknown> = {};
  for (const key of Object.keys(a)) {
    const [x, y] = [a[key as keyof T] as unknown, b[key as keyof T] as unknown];
    const nested = typeof x === 'object' && typeof y === 'object';
    joined[key] = nested ? fill(x, y) : x === null ? y : y === null || compare(text(x), text(y)) >= 0 ? x : y;
  }
  return same(joined, a) ? a : (joined as T);
};

/** In one second more paid beats less, then less owed. */
const settledFirst: Order<InvoiceAmounts> = (a, b) =>
  compare(a.paid + a.credited, b.paid + b.credited) || compare(b.remaining, a.remaining);

const unionSorted = (a: readonly string[], b: readonly string[]): readonly string[] => {
  const added = b.filter((id) => !a.includes(id));
  return added.length === 0 ? a : [...a, ...new Set(added)].sort();
};

type InvoiceFact = Extract<Fact, { kind: 'invoice' }>;

const invoiceFrom = ({ invoice, failure, at, source }: InvoiceFact): Invoice => ({
  id: invoice.id,
  currency: invoice.currency,
  status: invoice.status,
  statusAt: invoice.statusAt ?? at,
  amounts: { at, source, value: invoice.amounts },
  schedule: { at, source, value: invoice.schedule },
  details: { at, source, value: invoice.details },
  failure: failure && {
    at: failure.at,
    amounts: invoice.amounts,
    ...(at !== failure.at && { toldAt: at }),
  },
  lastFailure: failure && { at: failure.at, schedule: invoice.schedule },
  actionRequiredAt: failure?.reason === 'action_required' ? failure.at : null,
  methodRequiredAt: failure?.reason === 'method_required' ? failure.at : null,
  paymentIds: [...new Set(invoice.paymentIds)].sort(),
});

/** The earliest failure; of two in one second the one that left more to pay. */
const earliestFailure = (a: Invoice['failure'], b: Invoice['failure']): Invoice['failure'] => {
  if (a === null || b === null) return a ?? b;
  const order =
    compare(a.at, b.at) || compare(b.amounts.remaining, a.amounts.remaining) || compare(text(a), text(b));
  return order <= 0 ? a : b;
};

/** The latest failure; of two in one second the one the provider counted higher. */
const latestFailure = (a: Invoice['lastFailure'], b: Invoice['lastFailure']): Invoice['lastFailure'] => {
  if (a === null || b === null) return a ?? b;
  const order =
    compare(a.at, b.at) ||
    compare(a.schedule.attemptCount, b.schedule.attemptCount) ||
    compare(text(a), text(b));
  return order >= 0 ? a : b;
};

const joinInvoice = (a: Invoice, b: Invoice): Invoice => {
  const status = outranks(b.status, a.status) ? b : a;
  const joined: Invoice = {
    id: a.id,
    currency: compare(a.currency, b.currency) >= 0 ? a.currency : b.currency,
    status: status.status,
    statusAt: a.status === b.status ? (earlier(a.statusAt, b.statusAt) as Instant) : status.statusAt,
    amounts: newest(a.amounts, b.amounts, settledFirst),
    // The provider counts its tries up: a higher count is later whatever the stamp says.
    schedule:
      a.schedule.value.attemptCount === b.schedule.value.attemptCount
        ? newest(a.schedule, b.schedule)
        : a.schedule.value.attemptCount > b.schedule.value.attemptCount
          ? a.schedule
          : b.schedule,
    details: newest(a.details, b.details),
    failure: earliestFailure(a.failure, b.failure),
    lastFailure: latestFailure(a.lastFailure, b.lastFailure),
    actionRequiredAt: later(a.actionRequiredAt, b.actionRequiredAt),
    methodRequiredAt: later(a.methodRequiredAt, b.methodRequiredAt),
    paymentIds: unionSorted(a.paymentIds, b.paymentIds),
  };
  return same(joined, a) ? a : joined;
};

/** A subscription that has ended stays ended; within one second the graver status wins. */
const SUBSCRIPTION_RANK: Readonly<Record<string, number>> = {
  trialing: 0,
  active: 1,
  incomplete: 2,
  past_due: 3,
  paused: 4,
  unpaid: 5,
  incomplete_expired: 6,
  canceled: 7,
};
const rankOf = (status: string): number => own(SUBSCRIPTION_RANK, status) ?? 0;
const ENDED = 6;

const graver: Order<SubscriptionSnapshot> = (a, b) => compare(rankOf(a.status), rankOf(b.status));

const joinSubscription = (a: Subscription | null, b: Register<SubscriptionSnapshot>): Subscription => {
  const incompleteAt = rankOf(b.value.status) === 2 || rankOf(b.value.status) === 6 ? b.at : null;
  if (a === null) return { ...b, incompleteAt };
  const [aEnded, bEnded] = [rankOf(a.value.status) >= ENDED, rankOf(b.value.status) >= ENDED];
  const kept: Register<SubscriptionSnapshot> =
    aEnded === bEnded ? newest<SubscriptionSnapshot>(a, b, graver) : aEnded ? a : b;
  const joined = {
    at: kept.at,
    source: kept.source,
    value: kept.value,
    incompleteAt: later(a.incompleteAt, incompleteAt),
  };
  return same(joined, { at: a.at, source: a.source, value: a.value, incompleteAt: a.incompleteAt })
    ? a
    : joined;
};

const joinAttempt = (a: Attempt | null, b: Attempt): Attempt => {
  if (a === null) return b;
  const at = earlier(a.at, b.at) as Instant;
  const result = a.result === 'succeeded' || b.result === 'succeeded' ? 'succeeded' : 'declined';
  const filled = fill(a, b) as Attempt;
  if (filled === a && at === a.at && result === a.result) return a;
  const joined = { ...filled, at, result } satisfies Attempt;
  return same(joined, a) ? a : joined;
};

const closedFirst: Order<Dispute> = (a, b) => compare(Number(!a.open), Number(!b.open));

/** Within one second a refund that failed beats one that was made, and a running total only climbs. */
const failedFirst: Order<Refund> = (a, b) =>
  compare(Number(a.failed), Number(b.failed)) || compare(a.amountMinor, b.amountMinor);

/** What is known of money that left whichever telling is the newest: the earliest of each time, and which payment it was. */
type Kept = Pick<Dispute, 'paymentIntentId' | 'takenAt' | 'backAt'> & Pick<Refund, 'createdAt' | 'failedAt'>;
const KEPT_TIMES = ['createdAt', 'failedAt', 'takenAt', 'backAt'] as const satisfies readonly (keyof Kept)[];

const KEPT: ReadonlySet<string> = new Set<keyof Kept>(['paymentIntentId', ...KEPT_TIMES]);

/** A telling without what is kept apart from it, so that two of them are compared by what they say anew. */
const withoutKept = <T extends Kept>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([field]) => !KEPT.has(field))) as T;

/** Joins what was told of money that left. What is not known is left out: an older item does not have it. */
const putDeparture = <T extends Kept>(
  record: Readonly<Record<string, Register<T>>>,
  id: string,
  { at, source }: Fact,
  told: T,
  tie?: Order<T>,
): Readonly<Record<string, Register<T>>> => {
  const known = own(record, id);
  const before = known && { ...known, value: withoutKept(known.value) };
  const kept = newest(before, { at, source, value: withoutKept(told) }, tie);
  const all = known ? [known.value, told] : [told];
  const intentId = all
    .map(({ paymentIntentId }) => paymentIntentId ?? null)
    .reduce((a, b) => (a === null || (b !== null && b > a) ? b : a), null);
  const times = KEPT_TIMES.flatMap((field) => {
    const first = all.map((each) => each[field] ?? null).reduce(earlier, null);
    return first === null ? [] : [[field, first] as const];
  });
  const value = {
    ...kept.value,
    ...(intentId !== null && { paymentIntentId: intentId }),
    ...Object.fromEntries(times),
  };
  const joined = { at: kept.at, source: kept.source, value };
  return known !== null && same(joined, known) ? record : put(record, id, joined);
};

/** A closed case's invoice takes in one thing only: that it was paid after all, or more of it than was known. */
export const isLateMoney = ({ status, amounts }: InvoiceSnapshot, tombstone: Tombstone): boolean =>
  tombstone.status !== 'paid' && (status === 'paid' || amounts.paid > tombstone.paidMinor);

/** Erased and deleted absorb everything that says who somebody is. */
const scrubbed = (facts: Facts): Facts => {
  if (facts.erasedAt === null && facts.deletedAt === null) return facts;
  const bare =
    facts.contact === null &&
    facts.invoiceContact === null &&
    facts.defaultMethod === null &&
    facts.customerSince === null &&
    Object.keys(facts.methods).length === 0 &&
    Object.keys(facts.cards).length === 0 &&
    Object.keys(facts.mandates).length === 0 &&
    Object.keys(facts.unreachable).length === 0 &&
    Object.values(facts.attempts).every((attempt) => attempt.card === null);
  if (bare) return facts;
  const attempts = Object.values(facts.attempts).map((attempt) => [attempt.id, { ...attempt, card: null }]);
  return {
    ...facts,
    contact: null,
    invoiceContact: null,
    defaultMethod: null,
    customerSince: null,
    methods: {},
    cards: {},
    mandates: {},
    unreachable: {},
    attempts: Object.fromEntries(attempts) as Facts['attempts'],
  };
};

/** What a fact still says about somebody who is gone; null = nothing. Taken in whole, it would look like news each time. */
const withoutPerson = (fact: Fact): Fact | null => {
  if (fact.kind === 'customer' || fact.kind === 'payment-method' || fact.kind === 'mandate') return null;
  if (fact.kind === 'invoice') return { ...fact, contact: null };
  if (fact.kind === 'attempt') return { ...fact, attempt: { ...fact.attempt, card: null } };
  if (fact.kind === 'delivery') return { ...fact, delivery: { ...fact.delivery, address: null } };
  return fact;
};

const joinInvoiceFact = (facts: Facts, fact: InvoiceFact): Facts => {
  const tombstone = own(facts.tombstones, fact.invoice.id);
  if (tombstone !== null && !isLateMoney(fact.invoice, tombstone)) return facts;
  const known = own(facts.invoices, fact.invoice.id);
  const told = invoiceFrom(fact);
  const invoices = put(facts.invoices, fact.invoice.id, known ? joinInvoice(known, told) : told);
  const contact: Register<Contact> | null = fact.contact && {
    at: fact.at,
    source: fact.source,
    value: fact.contact,
  };
  const invoiceContact = contact ? newest(facts.invoiceContact, contact) : facts.invoiceContact;
  return invoices === facts.invoices && invoiceContact === facts.invoiceContact
    ? facts
    : { ...facts, invoices, invoiceContact };
};

/** Replaces one field, keeping the object when the field is the same. */
const set = <K extends keyof Facts>(facts: Facts, field: K, value: Facts[K]): Facts =>
  facts[field] === value ? facts : { ...facts, [field]: value };

/** Joins a register kept by id. */
const putNewest = <T>(
  record: Readonly<Record<string, Register<T>>>,
  id: string,
  { at, source }: Fact,
  value: T,
  tie?: Order<T>,
): Readonly<Record<string, Register<T>>> =>
  put(record, id, newest(own(record, id), { at, source, value }, tie));

const tombstoneHas = (facts: Facts, reversalId: string): boolean =>
  Object.values(facts.tombstones).some((tombstone) => own(tombstone.returned, reversalId) !== null);

/** In one second the outcome of a payment beats the waiting for it. */
const outcomeFirst: Order<boolean> = (a, b) => compare(Number(!a), Number(!b));

type Joins = {
  readonly [K in Fact['kind']]: (facts: Facts, fact: Extract<Fact, { kind: K }>) => Facts;
};

/** How each kind of fact is taken in: the table of rules. */
const JOINS: Joins = {
  invoice: joinInvoiceFact,
  'invoice-changed': (facts, { id, invoiceId, at, paidMinor, creditedMinor }) => {
    const told = { invoiceId, at, paidMinor, creditedMinor };
    const known = own(facts.changes, id);
    const kept = known && compare(text(known), text(told)) >= 0 ? known : told;
    return set(facts, 'changes', put(facts.changes, id, kept));
  },
  attempt: (facts, { attempt }) => {
    const joined = joinAttempt(own(facts.attempts, attempt.id), attempt);
    return set(facts, 'attempts', put(facts.attempts, attempt.id, joined));
  },
  customer: (facts, { at, source, contact, defaultMethodId, since }) => {
    const told = {
      contact: newest(facts.contact, { at, source, value: contact }),
      defaultMethod: newest(facts.defaultMethod, { at, source, value: defaultMethodId }),
      customerSince: earlier(facts.customerSince, since),
    };
    const withContact = set(facts, 'contact', told.contact);
    const withMethod = set(withContact, 'defaultMethod', told.defaultMethod);
    return set(withMethod, 'customerSince', told.customerSince);
  },
  ahead: (facts, { at }) => set(facts, 'aheadAt', later(facts.aheadAt, at)),
  imported: (facts, { at }) => set(facts, 'importedAt', later(facts.importedAt, at)),
  'customer-deleted': (facts, { at }) => set(facts, 'deletedAt', earlier(facts.deletedAt, at)),
  'customer-erased': (facts, { at }) => set(facts, 'erasedAt', earlier(facts.erasedAt, at)),
  subscription: (facts, { at, source, subscription: value }) => {
    const joined = joinSubscription(own(facts.subscriptions, value.id), { at, source, value });
    return set(facts, 'subscriptions', put(facts.subscriptions, value.id, joined));
  },
  'payment-method': (facts, fact) => {
    const { id, type, attached, card } = fact.method;
    const told = set(facts, 'methods', putNewest(facts.methods, id, fact, { id, type, attached }));
    return card === null ? told : set(told, 'cards', putNewest(told.cards, id, fact, card));
  },
  mandate: (facts, fact) =>
    set(facts, 'mandates', putNewest(facts.mandates, fact.methodId, fact, fact.mandateStatus)),
  'in-flight': (facts, fact) =>
    set(
      facts,
      'inFlight',
      putNewest(facts.inFlight, fact.paymentIntentId, fact, fact.processing, outcomeFirst),
    ),
  dispute: (facts, fact) =>
    set(facts, 'disputes', putDeparture(facts.disputes, fact.dispute.id, fact, fact.dispute, closedFirst)),
  refund: (facts, fact) =>
    set(facts, 'refunds', putDeparture(facts.refunds, fact.refund.id, fact, fact.refund, failedFirst)),
  delivery: (facts, { at, delivery: { subjectId, stepId, event, address, unreachable } }) => {
    const name = deliveryName(subjectId, stepId);
    const known: Delivered = own(facts.deliveries, name) ?? {};
    const first = earlier(known[event] ?? null, at) as Instant;
    const told = known[event] === first ? known : { ...known, [event]: first };
    const delivered = set(facts, 'deliveries', put(facts.deliveries, name, told));
    if (!unreachable || address === null) return delivered;
    const mailbox = mailboxName(address);
    const since = earlier(own(facts.unreachable, mailbox), at) as Instant;
    return set(delivered, 'unreachable', put(delivered.unreachable, mailbox, since));
  },
  reversal: (facts, { reversal }) => {
    if (tombstoneHas(facts, reversal.id)) return facts;
    const joined = fill(own(facts.reversals, reversal.id), reversal) ?? reversal;
    return set(facts, 'reversals', put(facts.reversals, reversal.id, joined));
  },
};

const join = (facts: Facts, fact: Fact): Facts =>
  // The table's type pairs every kind with its fact; TypeScript cannot follow that through an index.
  (JOINS[fact.kind] as (facts: Facts, fact: Fact) => Facts)(facts, fact);

/**
 * Takes one fact in. Commutative, associative and idempotent: only the set of facts matters. Returns the very same
 * object when the fact changes nothing, so that the caller can leave the store alone.
 */
export const merge = (facts: Facts, fact: Fact): Facts => {
  const gone = facts.erasedAt !== null || facts.deletedAt !== null;
  const told = gone ? withoutPerson(fact) : fact;
  return told === null ? facts : scrubbed(join(facts, told));
};

/** Takes many facts in. */
export const mergeAll = (facts: Facts, told: readonly Fact[]): Facts => told.reduce(merge, facts);
