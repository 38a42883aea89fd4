// Stripe's objects and events as the demonstration sends them, in the shape since API version 2025-03-31.basil.

/** A JSON object as Stripe would send it. */
export type Json = Readonly<Record<string, unknown>>;

/** A card as a customer holds it. */
export type Card = {
  readonly id: string;
  readonly fingerprint: string;
  readonly brand: string;
  readonly last4: string;
  readonly expMonth: number;
  readonly expYear: number;
};

/** What a subscription is to: one price of one product, billed every `count` units. */
export type Plan = {
  readonly priceId: string;
  readonly productId: string;
  readonly unit: 'day' | 'week' | 'month' | 'year';
  readonly count: number;
};

/** A customer with one subscription. */
export type Subscriber = {
  readonly customerId: string;
  readonly subscriptionId: string;
  readonly name: string;
  readonly email: string | null;
  readonly country: string;
  readonly locale: string;
  /** In lower case, as Stripe writes it. */
  readonly currency: string;
  readonly amountMinor: number;
  readonly card: Card;
  readonly plan: Plan;
  /** Since when they are a customer, and what the business has noted of them. */
  readonly since: number;
  readonly metadata: Readonly<Record<string, string>>;
  /** When what they have paid for, or should have, comes to its end. */
  readonly periodEnd: number;
};

/** Why a charge failed: the code of the failure and the bank's own. */
export type DeclineCodes = {
  readonly failureCode: string;
  readonly reason: string;
  readonly advice: string | null;
  /** The kind of bank debit that failed; none for a card. */
  readonly debit?: string;
};

const API_VERSION = '2026-10-28.endive';

/** An event as the webhook endpoint gets it. Always in test mode: nothing of it is real. */
export const eventOf = (
  id: string,
  type: string,
  second: number,
  object: Json,
  previous: Json | null = null,
): Json => ({
  id,
  object: 'event',
  api_version: API_VERSION,
  created: second,
  livemode: false,
  pending_webhooks: 1,
  request: { id: null, idempotency_key: null },
  type,
  data: { object, ...(previous && { previous_attributes: previous }) },
});

const cardObject = (card: Card): Json => ({
  brand: card.brand,
  exp_month: card.expMonth,
  exp_year: card.expYear,
  fingerprint: card.fingerprint,
  funding: 'credit',
  last4: card.last4,
});

export const customerObject = (who: Subscriber): Json => ({
  id: who.customerId,
  object: 'customer',
  address: { city: null, country: who.country },
  created: who.since,
  default_source: null,
  email: who.email,
  invoice_settings: { default_payment_method: who.card.id },
  livemode: false,
  metadata: who.metadata,
  name: who.name,
  preferred_locales: [who.locale],
});

export const methodObject = (who: Subscriber): Json => ({
  id: who.card.id,
  object: 'payment_method',
  card: cardObject(who.card),
  customer: who.customerId,
  livemode: false,
  type: 'card',
});

const priceObject = ({ plan, currency, amountMinor }: Subscriber): Json => ({
  id: plan.priceId,
  object: 'price',
  billing_scheme: 'per_unit',
  currency,
  livemode: false,
  product: plan.productId,
  recurring: { interval: plan.unit, interval_count: plan.count, usage_type: 'licensed' },
  transform_quantity: null,
  type: 'recurring',
  unit_amount: amountMinor,
});

/** What a subscription is to: since basil an item has its own period. */
export const itemsObject = (who: Subscriber): Json => ({
  object: 'list',
  data: [
    {
      id: who.subscriptionId.replace('sub', 'si'),
      object: 'subscription_item',
      current_period_end: who.periodEnd,
      price: priceObject(who),
      quantity: 1,
      subscription: who.subscriptionId,
    },
  ],
  has_more: false,
});

export const subscriptionObject = (who: Subscriber, fields: Json): Json => ({
  id: who.subscriptionId,
  object: 'subscription',
  cancel_at_period_end: false,
  cancellation_details: { comment: null, feedback: null, reason: null },
  collection_method: 'charge_automatically',
  created: who.since,
  customer: who.customerId,
  default_payment_method: null,
  ended_at: null,
  items: itemsObject(who),
  livemode: false,
  start_date: who.since,
  status: 'active',
  trial_end: null,
  ...fields,
});

/** An open invoice of one period. Since basil it names its payments in a list, which the provider fills when asked. */
export const invoiceObject = (
  who: Subscriber,
  bill: { readonly id: string; readonly number: string; readonly intentId: string; readonly second: number },
  fields: Json,
): Json => ({
  id: bill.id,
  object: 'invoice',
  amount_due: who.amountMinor,
  amount_paid: 0,
  amount_remaining: who.amountMinor,
  attempt_count: 1,
  attempted: true,
  auto_advance: true,
  billing_reason: 'subscription_cycle',
  collection_method: 'charge_automatically',
  created: bill.second - 3600,
  currency: who.currency,
  customer: who.customerId,
  customer_address: { city: null, country: who.country },
  customer_email: who.email,
  customer_name: who.name,
  due_date: null,
  hosted_invoice_url: `https://pay.example.com/i/${bill.id}`,
  lines: {
    object: 'list',
    data: [
      {
        id: bill.id.replace('in', 'il'),
        object: 'line_item',
        amount: who.amountMinor,
        currency: who.currency,
        pricing: {
          price_details: { price: who.plan.priceId, product: who.plan.productId },
          type: 'price_details',
        },
        quantity: 1,
      },
    ],
    has_more: false,
  },
  livemode: false,
  next_payment_attempt: null,
  number: bill.number,
  parent: {
    quote_details: null,
    subscription_details: { metadata: {}, subscription: who.subscriptionId },
    type: 'subscription_details',
  },
  payments: { data: [{ payment: { payment_intent: bill.intentId, type: 'payment_intent' } }] },
  post_payment_credit_notes_amount: 0,
  pre_payment_credit_notes_amount: 0,
  status: 'open',
  total: who.amountMinor,
  ...fields,
});

export const chargeObject = (who: Subscriber, id: string, intentId: string, fields: Json): Json => ({
  id,
  object: 'charge',
  amount: who.amountMinor,
  amount_refunded: 0,
  currency: who.currency,
  customer: who.customerId,
  failure_balance_transaction: null,
  failure_code: null,
  livemode: false,
  outcome: null,
  paid: true,
  payment_intent: intentId,
  payment_method: who.card.id,
  payment_method_details: { card: cardObject(who.card), type: 'card' },
  status: 'succeeded',
  ...fields,
});

/** What a decline says on a charge. */
export const declined = ({ failureCode, reason, advice, debit }: DeclineCodes): Json => ({
  failure_code: failureCode,
  ...(debit !== undefined && { payment_method_details: { type: debit } }),
  outcome: {
    advice_code: advice,
    network_advice_code: null,
    network_decline_code: null,
    network_status: 'declined_by_network',
    reason,
    type: 'issuer_declined',
  },
  paid: false,
  status: 'failed',
});

export const intentObject = (who: Subscriber, id: string, status: string): Json => ({
  id,
  object: 'payment_intent',
  amount: who.amountMinor,
  currency: who.currency,
  customer: who.customerId,
  last_payment_error: null,
  latest_charge: null,
  livemode: false,
  status,
});
