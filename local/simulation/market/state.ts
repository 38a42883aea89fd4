// What the simulated provider knows, and how it tells of it: its customers, their invoices, its event log.
import {
  chargeObject,
  eventOf,
  invoiceObject,
  itemsObject,
  subscriptionObject,
  type DeclineCodes,
  type Json,
  type Subscriber,
} from '../../demo/objects.ts';
import type { ActOutcome } from '../../../core/ports.ts';
import type { Fact } from '../../../core/recovery/fact.ts';
import type { Random } from '../../demo/random.ts';
import type { Course } from './declines.ts';
import type { Ledger } from './ledger.ts';
import type { TrueMethod } from './methods.ts';
import type { Interval, Person, Subscribed } from './people.ts';

/** A day in the seconds that the provider reckons with. */
export const DAY_S = 86_400;

/** A subscription as the provider itself knows it. */
export type TrueSubscription = {
  readonly id: string;
  /** Who had taken it out, and of what plan. */
  readonly who: Subscriber;
  readonly amountMinor: number;
  readonly interval: Interval;
  readonly terms: Subscribed;
  object: Json;
};

/** What was owed of an invoice at a moment, in minor units. */
export type Owed = {
  readonly second: number;
  readonly unpaid: number;
  readonly paid: number;
  readonly credited: number;
};

/** Where an invoice says since when it has a status. */
const SINCE = { paid: 'paid_at', void: 'voided_at', uncollectible: 'marked_uncollectible_at' } as const;

/** An invoice as the provider itself knows it: what the books are held against. */
export type TrueInvoice = {
  readonly id: string;
  readonly subscription: TrueSubscription;
  readonly currency: string;
  readonly failedMinor: number;
  readonly isFirstPayment: boolean;
  readonly intentId: string;
  readonly firstSecond: number;
  /** The customer's address as it stood when the invoice was finalised. */
  readonly frozenEmail: string | null;
  /** Chance of its own, so that one invoice's fate does not hang on another's. */
  readonly random: Random;
  /** What comes of a try, by the name of the method that is charged. */
  readonly courses: Map<string, Course>;
  /** When the customer is to have paid it; null = it is charged automatically. */
  readonly dueSecond: number | null;
  /** What was owed, paid and credited at each moment since it was due: what we may have heard first. */
  readonly owedSinceDue: Owed[];
  /** What came in and left again, each with its time. */
  readonly ledger: Ledger;
  /** Whether a payment of it has failed, or it was not paid when it was due. */
  failed: boolean;
  /** When it was paid, voided or written off; null while it is open. */
  settledSecond: number | null;
  /** When it came to each status that it has had. */
  readonly since: Partial<Record<(typeof SINCE)[keyof typeof SINCE], number>>;
  paidMinor: number;
  paidOutOfBand: boolean;
  creditedMinor: number;
  /** The most that was ever credited: a credit may be taken back. */
  mostCreditedMinor: number;
  status: 'open' | 'paid' | 'void' | 'uncollectible';
  /** The provider's own tries; those of a customer or of ours are not counted. */
  attempts: number;
  nextAttempt: number | null;
};

/** A charge that was declined. `second`: when it was made. `by`: who asked for it. */
export type TrueCharge = {
  readonly id: string;
  readonly second: number;
  readonly invoice: TrueInvoice;
  readonly codes: DeclineCodes;
  /** The customer and what was charged as they were then. */
  readonly who: Subscriber;
  readonly method: TrueMethod;
  readonly amountMinor: number;
  readonly by: 'provider' | 'recoup' | 'customer';
};

/** A payment that had succeeded and was taken back by the bank, and what has been paid for it since. */
export type TrueReturn = {
  readonly id: string;
  readonly second: number;
  readonly invoice: TrueInvoice;
  readonly amountMinor: number;
  paidMinor: number;
};

/** A customer of the simulated business. */
export type TrueCustomer = {
  who: Subscriber;
  readonly subscriptions: readonly TrueSubscription[];
  readonly invoices: TrueInvoice[];
  readonly charges: TrueCharge[];
  readonly returns: TrueReturn[];
  readonly disputes: Map<string, Json>;
  /** What is on file, by its id; the default is that of `who.card`. */
  readonly methods: Map<string, TrueMethod>;
  readonly random: Random;
  cards: number;
  deleted: boolean;
  /** Subscriptions that the customer ended of their own accord. */
  readonly left: Set<string>;
  /** The bank debits that are on their way, by their payment intents, each with what it is to pay. */
  readonly inFlight: Map<string, TrueInvoice>;
  /** Rises with everything that happens to the customer. */
  revision: number;
  /** What the last refresh told, of which revision and which invoices. */
  told: { readonly revision: number; readonly asked: string; readonly facts: readonly Fact[] } | null;
};

/** An invoice and the customer who owes it. */
export type Debt = { readonly customer: TrueCustomer; readonly invoice: TrueInvoice };

/** An event as the provider keeps it in its log. */
export type Logged = {
  readonly second: number;
  readonly customerId: string;
  readonly event: Json;
  /** Whether the provider believes that it has arrived. */
  delivered: boolean;
};

/** Where the market's happenings go. `leftOut` says which of them are not to come about at all. */
export type Stage = {
  readonly emit: (logged: Logged) => void;
  readonly later: (second: number, happen: (second: number) => void) => void;
  readonly leftOut: (happening: string) => boolean;
};

/** Everything a market is made of. All chance comes from `random`; nothing reads a clock. */
export type MarketState = {
  readonly random: Random;
  readonly stage: Stage;
  readonly customers: Map<string, TrueCustomer>;
  /** Whose an invoice, an intent or a charge is. */
  readonly owners: Map<string, string>;
  readonly log: Logged[];
  /** What every idempotency key has been answered. */
  readonly acts: Map<string, ActOutcome>;
  /** How many tries after the first were made, by the provider or for us. */
  tries: number;
  /** Whether the provider tries again by itself, or leaves that to the code under test. */
  readonly retriesItself: boolean;
};

const newSubscription = (terms: Subscribed): TrueSubscription => {
  const { who, interval, ownMethodId, netDays } = terms;
  return {
    id: who.subscriptionId,
    who,
    amountMinor: who.amountMinor,
    interval,
    terms,
    object: subscriptionObject(who, {
      default_payment_method: ownMethodId,
      collection_method: netDays === null ? 'charge_automatically' : 'send_invoice',
    }),
  };
};

const newcomer = (random: Random, { who, methods, subscriptions }: Person): TrueCustomer => ({
  who,
  subscriptions: subscriptions.map(newSubscription),
  invoices: [],
  charges: [],
  returns: [],
  disputes: new Map(),
  methods: new Map(methods.map((method) => [method.id, method])),
  random: random.fork(who.customerId),
  cards: 1,
  deleted: false,
  left: new Set(),
  inFlight: new Map(),
  revision: 0,
  told: null,
});

/** A market in which nothing has happened yet. */
export const createMarketState = (
  random: Random,
  people: readonly Person[],
  stage: Stage,
  retriesItself: boolean,
): MarketState => ({
  random,
  stage,
  customers: new Map(people.map((person) => [person.who.customerId, newcomer(random, person)])),
  owners: new Map(),
  log: [],
  acts: new Map(),
  tries: 0,
  retriesItself,
});

/** What is still to be paid of an invoice. */
export const unpaidMinor = (invoice: TrueInvoice): number =>
  invoice.failedMinor - invoice.creditedMinor - invoice.paidMinor;

/** The debits on their way that something may still come of: what another payment has settled waits for none. */
export const awaited = ({ inFlight }: TrueCustomer): readonly string[] =>
  [...inFlight].flatMap(([intent, { status }]) => (status === 'paid' || status === 'void' ? [] : [intent]));

/** Whether nobody waits for the money any more. */
export const isOver = ({ customer, invoice }: Debt): boolean =>
  customer.deleted || invoice.status !== 'open' || invoice.subscription.object['status'] === 'canceled';

const subscriberOf = ({ customer, invoice }: Debt): Subscriber => ({
  ...customer.who,
  subscriptionId: invoice.subscription.id,
  amountMinor: invoice.failedMinor,
  plan: invoice.subscription.who.plan,
  email: invoice.frozenEmail,
});

/** The payment intents of an invoice: its own, and those of its further payments. */
const intentsOf = ({ intentId, ledger }: TrueInvoice): readonly string[] => [
  ...new Set([intentId, ...ledger.payments.map((payment) => payment.intentId)]),
];

/** An invoice as the provider shows it. */
export const invoiceJson = (debt: Debt): Json => {
  const { invoice } = debt;
  return invoiceObject(
    subscriberOf(debt),
    { id: invoice.id, number: invoice.id, intentId: invoice.intentId, second: invoice.firstSecond },
    {
      amount_due: invoice.failedMinor - invoice.creditedMinor,
      amount_paid: invoice.paidMinor,
      amount_remaining: Math.max(0, unpaidMinor(invoice)),
      pre_payment_credit_notes_amount: invoice.creditedMinor,
      attempt_count: invoice.attempts,
      next_payment_attempt: invoice.nextAttempt,
      status: invoice.status,
      payments: { data: intentsOf(invoice).map((id) => ({ payment: { payment_intent: id } })) },
      status_transitions: { finalized_at: invoice.firstSecond, ...invoice.since },
      ...(invoice.dueSecond !== null && {
        collection_method: 'send_invoice',
        due_date: invoice.dueSecond,
      }),
      ...(invoice.isFirstPayment && { billing_reason: 'subscription_create' }),
    },
  );
};

/** A charge that came back as a webhook shows it. */
export const returnJson = (customer: TrueCustomer, { id, invoice, amountMinor }: TrueReturn): Json =>
  chargeObject(customer.who, id, invoice.intentId, {
    amount: amountMinor,
    failure_balance_transaction: `txn_${id}`,
    failure_code: 'insufficient_funds',
    paid: false,
    status: 'failed',
  });

/** Writes an event into the provider's log and sends it off. */
export const emit = (
  market: MarketState,
  customer: TrueCustomer,
  type: string,
  second: number,
  object: Json,
  previous: Json | null = null,
): void => {
  customer.revision += 1;
  const event = eventOf(
    `evt_${customer.who.customerId}_${customer.revision}`,
    type,
    second,
    object,
    previous,
  );
  const logged = { second, customerId: customer.who.customerId, event, delivered: false };
  market.log.push(logged);
  market.stage.emit(logged);
};

/** Writes down what is owed of an invoice that is due: whoever asks from now on hears this. */
export const noteOwed = (invoice: TrueInvoice, second: number): void => {
  const { dueSecond, status, paidMinor: paid, creditedMinor: credited } = invoice;
  if (dueSecond === null || second < dueSecond || status !== 'open') return;
  invoice.owedSinceDue.push({ second, unpaid: unpaidMinor(invoice), paid, credited });
};

/** Tells of an invoice as it is now. */
export const emitInvoice = (market: MarketState, type: string, second: number, debt: Debt): void => {
  const { customer, invoice } = debt;
  if (invoice.status !== 'open') invoice.settledSecond ??= second;
  if (invoice.status !== 'open') invoice.since[SINCE[invoice.status]] ??= second;
  noteOwed(invoice, second);
  emit(market, customer, `invoice.${type}`, second, invoiceJson(debt));
};

/** Puts a subscription into its next period: who asks is shown it, and nobody is told. */
export const beginPeriod = (
  customer: TrueCustomer,
  subscription: TrueSubscription,
  periodEnd: number,
  fields: Json = {},
): void => {
  const items = itemsObject({ ...subscription.who, periodEnd });
  subscription.object = { ...subscription.object, items, ...fields };
  customer.revision += 1;
};

/** What somebody has a subscription as. */
export type Holding = { readonly customer: TrueCustomer; readonly subscription: TrueSubscription };

/** Changes a subscription and tells of it. */
export const tellSubscription = (
  market: MarketState,
  { customer, subscription }: Holding,
  second: number,
  fields: Json,
): void => {
  subscription.object = { ...subscription.object, ...fields };
  emit(market, customer, 'customer.subscription.updated', second, subscription.object);
};

/** Changes a subscription and tells of it, within the period that the invoice is for. */
export const changeSubscription = (
  market: MarketState,
  { customer, invoice: { subscription, firstSecond } }: Debt,
  second: number,
  fields: Json,
): void => {
  const periodEnd = firstSecond + subscription.interval.days * DAY_S;
  const items = itemsObject({ ...subscription.who, periodEnd });
  tellSubscription(market, { customer, subscription }, second, { items, ...fields });
};

/** Ends a subscription for a reason and tells of it. */
export const cancelSubscription = (
  market: MarketState,
  { customer, subscription }: Holding,
  second: number,
  reason: 'payment_failed' | 'cancellation_requested',
): void => {
  subscription.object = {
    ...subscription.object,
    status: 'canceled',
    ended_at: second,
    cancellation_details: { reason },
  };
  emit(market, customer, 'customer.subscription.deleted', second, subscription.object);
};
