// A provider that knows what recorded events have told so far, and nothing else. It charges nobody and ends nothing.
import { splitKey } from '../core/ids.ts';
import { OutsideError, type AccountPage, type ActOutcome, type Provider } from '../core/ports.ts';
import { NO_FACTS, type Facts } from '../core/recovery/customer.ts';
import type { Attempt, Fact, Reference } from '../core/recovery/fact.ts';
import { merge, own } from '../core/recovery/merge.ts';
import { amountsOf } from '../core/recovery/settle.ts';
import { toMs, type Instant } from '../core/time.ts';
import type { Told } from '../core/workflows/receive-event.ts';

/** A decline and a failed invoice of one customer and one amount belong together when they are this close in time. */
const SAME_FAILURE_MS = 60_000;

/** One failure of an invoice, as an event told it. */
type Failure = { readonly invoiceId: string; readonly at: Instant; readonly amountMinor: number };

type Known = { facts: Facts; failures: Failure[] };

/** A provider with a way to tell it what an event says. */
export type ScriptedProvider = Provider & {
  learn(connection: string, told: Told): void;
  /** That a charge, an intent or the like belongs to a customer, even where the event itself is of no use. */
  learnOwner(connection: string, reference: Reference, customerId: string): void;
  /** Whoever has a subscription that goes on, with what a list of the account would tell of them. */
  subscribers(connection: string, now: Instant): AccountPage['customers'];
};

const OUTCOME_NOT_KNOWN: ActOutcome = { kind: 'refused', why: 'replay: outcome not known' };

const referenceName = (connection: string, { kind, id }: Reference): string => `${connection} ${kind} ${id}`;

/** The invoice a decline belongs to: by payment intent or charge, else the nearest failure of the same amount. */
const invoiceOfAttempt = (
  attempt: Attempt,
  { facts, failures }: Known,
  taken: Set<Failure>,
): string | null => {
  if (attempt.invoiceId !== null) return attempt.invoiceId;
  const byPayment = Object.values(facts.invoices).find(
    ({ paymentIds }) =>
      paymentIds.includes(attempt.id) ||
      (attempt.paymentIntentId !== null && paymentIds.includes(attempt.paymentIntentId)),
  );
  if (byPayment) return byPayment.id;
  const distance = (failure: Failure) => Math.abs(toMs(failure.at) - toMs(attempt.at));
  const [nearest] = failures
    .filter(
      (one) => one.amountMinor === attempt.amountMinor && distance(one) <= SAME_FAILURE_MS && !taken.has(one),
    )
    .sort((a, b) => distance(a) - distance(b) || (a.invoiceId < b.invoiceId ? -1 : 1));
  if (!nearest) return null;
  taken.add(nearest);
  return nearest.invoiceId;
};

const attemptFacts = (known: Known): Fact[] => {
  const taken = new Set<Failure>();
  return Object.values(known.facts.attempts)
    .sort((a, b) => (a.at < b.at || (a.at === b.at && a.id < b.id) ? -1 : 1))
    .map((attempt): Fact => {
      const invoiceId = invoiceOfAttempt(attempt, known, taken);
      return { kind: 'attempt', at: attempt.at, source: 'refresh', attempt: { ...attempt, invoiceId } };
    });
};

/** The invoice of a payment that came back: as told, else the one that names the payment. */
const invoiceOfReversal = (facts: Facts, reversal: Facts['reversals'][string]): string | null =>
  reversal.invoiceId ??
  Object.values(facts.invoices).find(
    ({ paymentIds }) =>
      paymentIds.includes(reversal.id) ||
      (reversal.paymentIntentId !== null && paymentIds.includes(reversal.paymentIntentId)),
  )?.id ??
  null;

/** The state of a customer as a real refresh would bring it: open invoices, those asked for, and what belongs to them. */
const stateFacts = ({ facts }: Known, invoiceIds: readonly string[], now: Instant): Fact[] => {
  const stamp = { at: now, source: 'refresh' } as const;
  const told: Fact[] = [];
  if (facts.deletedAt) told.push({ kind: 'customer-deleted', at: facts.deletedAt, source: 'refresh' });
  if (facts.contact) {
    const defaultMethodId = facts.defaultMethod?.value ?? null;
    const { contact, customerSince: since } = facts;
    told.push({ kind: 'customer', ...stamp, contact: contact.value, defaultMethodId, since });
  }
  for (const { value, incompleteAt } of Object.values(facts.subscriptions)) {
    if (incompleteAt !== null) {
      const subscription = { ...value, status: 'incomplete' };
      told.push({ kind: 'subscription', at: incompleteAt, source: 'event', subscription });
    }
    told.push({ kind: 'subscription', ...stamp, subscription: value });
  }
  const cameBack = new Set(Object.values(facts.reversals).map((one) => invoiceOfReversal(facts, one)));
  for (const invoice of Object.values(facts.invoices)) {
    if (invoice.status !== 'open' && !invoiceIds.includes(invoice.id) && !cameBack.has(invoice.id)) continue;
    const { id, currency, status, paymentIds } = invoice;
    const [schedule, details] = [invoice.schedule.value, invoice.details.value];
    const snapshot = {
      id,
      currency,
      status,
      amounts: amountsOf(facts, invoice),
      schedule,
      details,
      paymentIds,
    };
    told.push({ kind: 'invoice', ...stamp, invoice: snapshot, failure: null, contact: null });
  }
  return told;
};

const methodFacts = ({ facts }: Known, now: Instant): Fact[] =>
  Object.values(facts.methods).map(({ value }) => {
    const method = { ...value, card: own(facts.cards, value.id)?.value ?? null };
    return { kind: 'payment-method', at: now, source: 'refresh', method };
  });

/** What a list of the account's subscriptions tells of a customer; nothing of one without any that goes on. */
const listedFacts = (known: Known, now: Instant): Fact[] => {
  const { facts } = known;
  const goesOn = Object.values(facts.subscriptions).some(({ value }) => value.status !== 'canceled');
  if (!goesOn || facts.deletedAt) return [];
  const told = stateFacts(known, [], now).filter(
    ({ kind }) => kind === 'customer' || kind === 'subscription',
  );
  return [...told, ...methodFacts(known, now)];
};

/** What keeps its own time: debits in flight, disputes, payments that came back. */
const datedFacts = ({ facts }: Known): Fact[] => [
  ...Object.entries(facts.inFlight).map(([paymentIntentId, { at, source, value }]): Fact => ({
    kind: 'in-flight',
    at,
    source,
    paymentIntentId,
    processing: value,
  })),
  ...Object.values(facts.disputes).map(({ at, source, value }): Fact => ({
    kind: 'dispute',
    at,
    source,
    dispute: value,
  })),
  ...Object.values(facts.reversals).map((reversal): Fact => {
    const invoiceId = invoiceOfReversal(facts, reversal);
    return { kind: 'reversal', at: reversal.at, source: 'refresh', reversal: { ...reversal, invoiceId } };
  }),
];

/** The references by which a fact's customer can be found later. */
const referencesIn = (fact: Fact): Reference[] => {
  if (fact.kind === 'invoice') {
    const payments = fact.invoice.paymentIds.map((id): Reference => ({
      kind: id.startsWith('pi_') ? 'payment_intent' : 'charge',
      id,
    }));
    return [{ kind: 'invoice', id: fact.invoice.id }, ...payments];
  }
  if (fact.kind === 'attempt') {
    const { id, paymentIntentId } = fact.attempt;
    const charge: Reference = { kind: 'charge', id };
    return paymentIntentId === null ? [charge] : [charge, { kind: 'payment_intent', id: paymentIntentId }];
  }
  if (fact.kind === 'in-flight') return [{ kind: 'payment_intent', id: fact.paymentIntentId }];
  if (fact.kind === 'reversal') return [{ kind: 'charge', id: fact.reversal.id }];
  if (fact.kind === 'payment-method') return [{ kind: 'payment_method', id: fact.method.id }];
  return [];
};

/** Makes a provider that starts out knowing nothing. */
export const createScriptedProvider = (): ScriptedProvider => {
  const customers = new Map<string, Known>();
  const owners = new Map<string, string>();

  const knownOf = (connection: string, customerId: string): Known => {
    const name = `${connection} ${customerId}`;
    const known = customers.get(name) ?? { facts: NO_FACTS, failures: [] };
    customers.set(name, known);
    return known;
  };
  const learnFact = (connection: string, customerId: string, fact: Fact): void => {
    const known = knownOf(connection, customerId);
    known.facts = merge(known.facts, fact);
    for (const reference of referencesIn(fact)) owners.set(referenceName(connection, reference), customerId);
    if (fact.kind !== 'invoice' || fact.failure === null) return;
    const { id, amounts } = fact.invoice;
    known.failures.push({
      invoiceId: id,
      at: fact.failure.at,
      amountMinor: amounts.remaining || amounts.due,
    });
  };

  return {
    learn: (connection, told) => {
      if (told.kind === 'facts') {
        for (const fact of told.facts) learnFact(connection, told.customerId, fact);
        return;
      }
      const owner = owners.get(referenceName(connection, told.reference));
      if (owner) learnFact(connection, owner, told.fact);
    },
    learnOwner: (connection, reference, customerId) => {
      owners.set(referenceName(connection, reference), customerId);
    },
    subscribers: (connection, now) =>
      [...customers]
        .filter(([name]) => name.startsWith(`${connection} `))
        .map(([name, known]) => ({
          customerId: name.slice(connection.length + 1),
          facts: listedFacts(known, now),
        }))
        .filter(({ facts }) => facts.length > 0),
    refresh: async (key, invoiceIds, now, also) => {
      const { connection, customerId } = splitKey(key);
      const known = knownOf(connection, customerId);
      const told = [...stateFacts(known, invoiceIds, now), ...attemptFacts(known), ...datedFacts(known)];
      // With the subscriptions come the cards that they charge, for what lies ahead.
      return also.subscriptions ? [...told, ...methodFacts(known, now)] : told;
    },
    resolve: async (connection, reference) => owners.get(referenceName(connection, reference)) ?? null,
    retry: async () => OUTCOME_NOT_KNOWN,
    end: async () => OUTCOME_NOT_KNOWN,
    lookUp: async () => OUTCOME_NOT_KNOWN,
    portal: async () => {
      throw new OutsideError('replay: there is no portal', 'never');
    },
  };
};
