// What the simulated provider knows, and how it tells of it: its customers, their invoices, its event log.
import {
  chargeObject,
  declined,
  eventOf,
  invoiceObject,
  subscriptionObject,
  type DeclineCodes,
  type Json,
  type Subscriber,
} from '../demo/objects.ts';
import type { Random } from '../demo/random.ts';

/** A day in the seconds that the provider reckons with. */
export const DAY_S = 86_400;

/** An invoice as the provider itself knows it: what the books are held against. */
export type TrueInvoice = {
  readonly id: string;
  readonly customerId: string;
  readonly currency: string;
  readonly failedMinor: number;
  readonly isFirstPayment: boolean;
  paidMinor: number;
  creditedMinor: number;
  status: 'open' | 'paid' | 'void' | 'uncollectible';
  attempts: number;
  nextAttempt: number | null;
  readonly intentId: string;
  readonly number: string;
  readonly firstSecond: number;
};

/** A charge that was declined. */
export type TrueCharge = {
  readonly id: string;
  readonly second: number;
  readonly invoice: TrueInvoice;
  readonly codes: DeclineCodes;
};

/** A customer of the simulated business. */
export type TrueCustomer = {
  who: Subscriber;
  readonly invoices: TrueInvoice[];
  readonly charges: TrueCharge[];
  subscription: Json;
  deleted: boolean;
  inFlight: string | null;
};

/** An invoice and the customer who owes it. */
export type Debt = { readonly customer: TrueCustomer; readonly invoice: TrueInvoice };

/** Where the market's happenings go: an event to deliver, or something that comes about later. */
export type Stage = {
  readonly emit: (second: number, event: Json) => void;
  readonly later: (second: number, happen: (second: number) => void) => void;
};

/** An event as the provider keeps it in its log. */
export type Logged = { readonly second: number; readonly event: Json };

/** Everything a market is made of. All chance comes from `random`; nothing reads a clock. */
export type MarketState = {
  readonly random: Random;
  readonly stage: Stage;
  readonly customers: Map<string, TrueCustomer>;
  /** Whose an invoice or a charge is. */
  readonly owners: Map<string, string>;
  readonly log: Logged[];
};

const newcomer = (who: Subscriber): TrueCustomer => ({
  who,
  invoices: [],
  charges: [],
  subscription: subscriptionObject(who, {}),
  deleted: false,
  inFlight: null,
});

/** A market in which nothing has happened yet. */
export const createMarketState = (
  random: Random,
  people: readonly Subscriber[],
  stage: Stage,
): MarketState => ({
  random,
  stage,
  customers: new Map(people.map((who) => [who.customerId, newcomer(who)])),
  owners: new Map(),
  log: [],
});

/** What is still to be paid of an invoice. */
export const unpaidMinor = (invoice: TrueInvoice): number =>
  invoice.failedMinor - invoice.creditedMinor - invoice.paidMinor;

/** Whether nobody waits for the money any more. */
export const isOver = ({ customer, invoice }: Debt): boolean =>
  customer.deleted || invoice.status !== 'open' || customer.subscription['status'] === 'canceled';

/** An invoice as the provider shows it. */
export const invoiceJson = ({ customer, invoice }: Debt): Json =>
  invoiceObject(
    customer.who,
    { id: invoice.id, number: invoice.number, intentId: invoice.intentId, second: invoice.firstSecond },
    {
      amount_due: invoice.failedMinor - invoice.creditedMinor,
      amount_paid: invoice.paidMinor,
      amount_remaining: Math.max(0, unpaidMinor(invoice)),
      pre_payment_credit_notes_amount: invoice.creditedMinor,
      attempt_count: invoice.attempts,
      next_payment_attempt: invoice.nextAttempt,
      status: invoice.status,
      ...(invoice.isFirstPayment && { billing_reason: 'subscription_create' }),
    },
  );

/** A declined charge as the provider shows it. */
export const chargeJson = (customer: TrueCustomer, charge: TrueCharge): Json =>
  chargeObject(customer.who, charge.id, charge.invoice.intentId, {
    amount: charge.invoice.failedMinor - charge.invoice.paidMinor,
    invoice: charge.invoice.id,
    ...declined(charge.codes),
  });

/** Writes an event into the provider's log and sends it off. */
export const emit = (market: MarketState, type: string, second: number, object: Json): void => {
  const event = eventOf(`evt_${market.log.length + 1}`, type, second, object);
  market.log.push({ second, event });
  market.stage.emit(second, event);
};

/** Tells of an invoice as it is now. */
export const emitInvoice = (market: MarketState, type: string, second: number, debt: Debt): void =>
  emit(market, `invoice.${type}`, second, invoiceJson(debt));

/** Changes a customer's subscription and tells of it. */
export const changeSubscription = (
  market: MarketState,
  customer: TrueCustomer,
  second: number,
  fields: Json,
): void => {
  customer.subscription = { ...customer.subscription, ...fields };
  emit(market, 'customer.subscription.updated', second, customer.subscription);
};

/** Ends a customer's subscription for a reason and tells of it. */
export const cancelSubscription = (
  market: MarketState,
  customer: TrueCustomer,
  second: number,
  reason: 'payment_failed' | 'cancellation_requested',
): void => {
  customer.subscription = {
    ...customer.subscription,
    status: 'canceled',
    ended_at: second,
    cancellation_details: { reason },
  };
  emit(market, 'customer.subscription.deleted', second, customer.subscription);
};
