// Builders of Stripe's events and objects, in the shapes of before and since API version 2025-03-31.basil.

/** A JSON object as Stripe would send it. */
export type Json = Readonly<Record<string, unknown>>;

/** When every event and object is made unless told otherwise: 2025-10-09T08:53:20Z. */
export const CREATED = 1_760_000_000;
export const CREATED_AT = '2025-10-09T08:53:20.000Z';

/**
 * An event's envelope; `previous` is `data.previous_attributes`. Other fields replace those of the envelope.
 */
export const stripeEvent = (
  type: string,
  object: Json,
  { previous, ...fields }: Json & { readonly previous?: Json } = {},
) => ({
  id: 'evt_1',
  object: 'event',
  api_version: '2026-10-28.endive',
  created: CREATED,
  livemode: false,
  pending_webhooks: 1,
  request: { id: null, idempotency_key: null },
  type,
  data: { object, ...(previous && { previous_attributes: previous }) },
  ...fields,
});

const openInvoice: Json = {
  id: 'in_1',
  object: 'invoice',
  amount_due: 2500,
  amount_paid: 0,
  amount_remaining: 2500,
  attempt_count: 1,
  attempted: true,
  auto_advance: true,
  billing_reason: 'subscription_cycle',
  collection_method: 'charge_automatically',
  created: CREATED - 3600,
  currency: 'eur',
  customer: 'cus_1',
  customer_address: { city: 'Wien', country: 'AT', line1: null, line2: null, postal_code: null, state: null },
  customer_email: 'ada@example.com',
  customer_name: 'Ada Lovelace',
  due_date: null,
  hosted_invoice_url: 'https://invoice.stripe.com/i/acct_1/live_abc?s=ap',
  livemode: false,
  metadata: {},
  next_payment_attempt: CREATED + 259_200,
  number: 'A-0001',
  post_payment_credit_notes_amount: 0,
  pre_payment_credit_notes_amount: 0,
  status: 'open',
  status_transitions: {
    finalized_at: CREATED,
    marked_uncollectible_at: null,
    paid_at: null,
    voided_at: null,
  },
  total: 2500,
};

/** Items or lines as an object holds them. */
export const itemsOf = (...data: readonly Json[]): Json => ({ object: 'list', data, has_more: false });

/** A price of 25.00 EUR a month, as since 2020. */
export const price = (fields: Json = {}): Json => ({
  id: 'price_1',
  object: 'price',
  active: true,
  billing_scheme: 'per_unit',
  currency: 'eur',
  product: 'prod_1',
  recurring: { interval: 'month', interval_count: 1, usage_type: 'licensed' },
  tiers_mode: null,
  transform_quantity: null,
  type: 'recurring',
  unit_amount: 2500,
  ...fields,
});

/** The same as a plan, which prices were before. */
export const plan = (fields: Json = {}): Json => ({
  id: 'price_1',
  object: 'plan',
  active: true,
  amount: 2500,
  billing_scheme: 'per_unit',
  currency: 'eur',
  interval: 'month',
  interval_count: 1,
  product: 'prod_1',
  transform_usage: null,
  usage_type: 'licensed',
  ...fields,
});

/** An open invoice of a subscription, as since basil. */
export const basilInvoice = (fields: Json = {}): Json => ({
  ...openInvoice,
  lines: itemsOf({
    id: 'il_1',
    object: 'line_item',
    amount: 2500,
    currency: 'eur',
    pricing: {
      price_details: { price: 'price_1', product: 'prod_1' },
      type: 'price_details',
      unit_amount_decimal: '2500',
    },
    quantity: 1,
  }),
  parent: {
    quote_details: null,
    subscription_details: { metadata: {}, subscription: 'sub_1' },
    type: 'subscription_details',
  },
  ...fields,
});

/** The same invoice as before basil. */
export const preBasilInvoice = (fields: Json = {}): Json => ({
  ...openInvoice,
  charge: 'ch_1',
  lines: itemsOf({
    id: 'il_1',
    object: 'line_item',
    amount: 2500,
    currency: 'eur',
    plan: plan(),
    price: price(),
    quantity: 1,
  }),
  paid: false,
  paid_out_of_band: false,
  payment_intent: 'pi_1',
  subscription: 'sub_1',
  ...fields,
});

/** What becomes of either when it is paid. */
export const paidInFull: Json = {
  amount_paid: 2500,
  amount_remaining: 0,
  next_payment_attempt: null,
  status: 'paid',
};

export const creditNote = (fields: Json = {}): Json => ({
  id: 'cn_1',
  object: 'credit_note',
  amount: 700,
  created: CREATED,
  currency: 'eur',
  customer: 'cus_1',
  invoice: 'in_1',
  post_payment_amount: 0,
  pre_payment_amount: 700,
  status: 'issued',
  type: 'pre_payment',
  ...fields,
});

export const invoicePayment = (fields: Json = {}): Json => ({
  id: 'inpay_1',
  object: 'invoice_payment',
  amount_paid: 1000,
  amount_requested: 2500,
  created: CREATED,
  currency: 'eur',
  invoice: 'in_1',
  is_default: true,
  livemode: false,
  payment: { payment_intent: 'pi_1', type: 'payment_intent' },
  status: 'paid',
  ...fields,
});

/** A card as payment methods and charges hold it. */
export const visa: Json = {
  brand: 'visa',
  checks: { cvc_check: 'pass' },
  country: 'AT',
  exp_month: 8,
  exp_year: 2027,
  fingerprint: 'fp_1',
  funding: 'credit',
  last4: '4242',
};
/** The same card as it comes out. */
export const VISA = { fingerprint: 'fp_1', brand: 'visa', last4: '4242', expMonth: 8, expYear: 2027 };

export const paymentMethod = (fields: Json = {}): Json => ({
  id: 'pm_1',
  object: 'payment_method',
  billing_details: { email: null, name: null },
  card: visa,
  created: CREATED,
  customer: 'cus_1',
  livemode: false,
  type: 'card',
  ...fields,
});

export const paymentIntent = (fields: Json = {}): Json => ({
  id: 'pi_1',
  object: 'payment_intent',
  amount: 2500,
  currency: 'eur',
  customer: 'cus_1',
  last_payment_error: null,
  latest_charge: null,
  livemode: false,
  status: 'processing',
  ...fields,
});

/** A payment intent whose last try the bank declined. */
export const declinedIntent = (error: Json = {}, fields: Json = {}): Json =>
  paymentIntent({
    last_payment_error: {
      charge: 'ch_1',
      code: 'card_declined',
      decline_code: 'insufficient_funds',
      message: 'Your card has insufficient funds.',
      payment_method: paymentMethod(),
      type: 'card_error',
      ...error,
    },
    latest_charge: 'ch_1',
    status: 'requires_payment_method',
    ...fields,
  });

/** A charge the bank declined. */
export const failedCharge = (fields: Json = {}): Json => ({
  id: 'ch_1',
  object: 'charge',
  amount: 2500,
  amount_refunded: 0,
  currency: 'eur',
  customer: 'cus_1',
  failure_balance_transaction: null,
  failure_code: 'card_declined',
  livemode: false,
  outcome: {
    advice_code: 'try_again_later',
    network_advice_code: '02',
    network_decline_code: '51',
    network_status: 'declined_by_network',
    reason: 'insufficient_funds',
    type: 'issuer_declined',
  },
  paid: false,
  payment_intent: 'pi_1',
  payment_method: 'pm_1',
  payment_method_details: { card: visa, type: 'card' },
  status: 'failed',
  ...fields,
});

export const customer = (fields: Json = {}): Json => ({
  id: 'cus_1',
  object: 'customer',
  address: { city: null, country: 'at' },
  created: CREATED,
  default_source: null,
  email: 'ada@example.com',
  invoice_settings: { default_payment_method: 'pm_1' },
  livemode: false,
  metadata: { tier: 'gold', time_zone: 'Europe/Vienna' },
  name: 'Ada Lovelace',
  preferred_locales: ['de-AT', 'en'],
  ...fields,
});

/** When the period of the builders' subscription ends, and as it comes out. */
export const PERIOD_END = CREATED + 30 * 86_400;
export const PERIOD_END_AT = '2025-11-08T08:53:20.000Z';

const runningSubscription: Json = {
  id: 'sub_1',
  object: 'subscription',
  cancel_at_period_end: false,
  cancellation_details: { comment: null, feedback: null, reason: null },
  collection_method: 'charge_automatically',
  created: CREATED,
  customer: 'cus_1',
  default_payment_method: null,
  default_source: null,
  ended_at: null,
  livemode: false,
  start_date: CREATED - 86_400,
  status: 'past_due',
  trial_end: null,
};

/** One item of a subscription, as since basil: it has a period of its own. */
export const subscriptionItem = (fields: Json = {}): Json => ({
  id: 'si_1',
  object: 'subscription_item',
  current_period_end: PERIOD_END,
  plan: plan(),
  price: price(),
  quantity: 1,
  ...fields,
});

/** A subscription as since basil. */
export const subscription = (fields: Json = {}): Json => ({
  ...runningSubscription,
  items: itemsOf(subscriptionItem()),
  ...fields,
});

/** The same subscription as before basil: the period is its own. */
export const preBasilSubscription = (fields: Json = {}): Json => ({
  ...runningSubscription,
  current_period_end: PERIOD_END,
  items: itemsOf({ id: 'si_1', object: 'subscription_item', plan: plan(), price: price(), quantity: 1 }),
  plan: plan(),
  quantity: 1,
  ...fields,
});

/** The same subscription as before prices: a plan, and no price anywhere. */
export const planSubscription = (fields: Json = {}): Json => ({
  ...runningSubscription,
  billing: 'charge_automatically',
  collection_method: undefined,
  current_period_end: PERIOD_END,
  items: itemsOf({ id: 'si_1', object: 'subscription_item', plan: plan(), quantity: 1 }),
  plan: plan(),
  quantity: 1,
  ...fields,
});

/** A card object of before payment methods. */
export const legacyCard = (fields: Json = {}): Json => ({
  id: 'card_1',
  object: 'card',
  brand: 'Visa',
  customer: 'cus_1',
  exp_month: 8,
  exp_year: 2027,
  fingerprint: 'fp_1',
  last4: '4242',
  ...fields,
});

export const setupIntent = (fields: Json = {}): Json => ({
  id: 'seti_1',
  object: 'setup_intent',
  customer: 'cus_1',
  livemode: false,
  payment_method: 'pm_1',
  payment_method_types: ['card'],
  status: 'succeeded',
  ...fields,
});

export const mandate = (fields: Json = {}): Json => ({
  id: 'mandate_1',
  object: 'mandate',
  livemode: false,
  payment_method: 'pm_1',
  status: 'inactive',
  type: 'multi_use',
  ...fields,
});

export const dispute = (fields: Json = {}): Json => ({
  id: 'dp_1',
  object: 'dispute',
  amount: 2500,
  charge: 'ch_1',
  created: CREATED,
  currency: 'eur',
  livemode: false,
  payment_intent: 'pi_1',
  reason: 'fraudulent',
  status: 'needs_response',
  ...fields,
});

export const earlyFraudWarning = (fields: Json = {}): Json => ({
  id: 'issfr_1',
  object: 'radar.early_fraud_warning',
  actionable: true,
  charge: 'ch_1',
  created: CREATED,
  fraud_type: 'misc',
  livemode: false,
  ...fields,
});

export const refund = (fields: Json = {}): Json => ({
  id: 're_1',
  object: 'refund',
  amount: 900,
  charge: 'ch_1',
  created: CREATED,
  currency: 'eur',
  customer: null,
  payment_intent: 'pi_1',
  status: 'succeeded',
  ...fields,
});
