// Tells the life of one invoice as the events Stripe would send, so that a test reads like a story.
import {
  basilInvoice,
  customer,
  failedCharge,
  preBasilInvoice,
  stripeEvent,
  subscription,
  visa,
  type Json,
} from './stripe-events.ts';

export type StripeEvent = ReturnType<typeof stripeEvent>;

/** 2026-03-02T10:00:00Z, a Monday. */
export const DAY_0 = Date.UTC(2026, 2, 2, 10) / 1000;
const DAY = 86_400;

/** The moment `days` after {@link DAY_0}, as a result shows it. */
export const onDay = (days: number): string =>
  new Date((DAY_0 + Math.round(days * DAY)) * 1000).toISOString();

export type StoryOptions = {
  readonly n?: number;
  readonly customerId?: string;
  readonly subscriptionId?: string;
  readonly amount?: number;
  readonly currency?: string;
  readonly email?: string | null;
  readonly name?: string | null;
  readonly livemode?: boolean;
  readonly shape?: 'basil' | 'pre-basil';
  readonly invoice?: Json;
  readonly start?: number;
};

export type Failing = {
  readonly attempt?: number;
  /** The day of the provider's next try; null = none. */
  readonly next?: number | null;
  readonly code?: string;
  /** How the failure is told. */
  readonly type?: string;
  /** False: no charge event tells the decline. */
  readonly told?: boolean;
  readonly remaining?: number;
  readonly card?: Json;
};

/** The events of one invoice of one customer. Days count from the story's start and may be fractions. */
export const story = (options: StoryOptions = {}) => {
  const {
    n = 1,
    amount = 2500,
    currency = 'usd',
    livemode = false,
    shape = 'basil',
    start = DAY_0,
  } = options;
  const { customerId = `cus_${n}`, subscriptionId = `sub_${n}` } = options;
  const email = options.email === undefined ? `customer${n}@example.com` : options.email;
  const name = options.name === undefined ? 'Ada Lovelace' : options.name;
  const id = `in_${n}`;
  let made = 0;
  const second = (day: number) => start + Math.round(day * DAY);
  const event = (type: string, day: number, object: Json, fields: Json = {}): StripeEvent => {
    made += 1;
    return stripeEvent(
      type,
      { ...object, livemode },
      { id: `evt_${n}_${made}`, created: second(day), livemode, ...fields },
    );
  };
  const invoice = (fields: Json): Json => {
    const base = {
      id,
      customer: customerId,
      currency,
      amount_due: amount,
      amount_remaining: amount,
      number: `R-${String(n).padStart(4, '0')}`,
      customer_email: email,
      customer_name: name,
      // Where Vienna's time is kept and nobody can tell the language from the country: mails are in the policy's.
      customer_address: {
        city: 'Basel',
        country: 'CH',
        line1: null,
        line2: null,
        postal_code: null,
        state: null,
      },
      created: start - 3600,
      hosted_invoice_url: `https://invoice.stripe.com/i/acct_1/${id}`,
      ...options.invoice,
      ...fields,
    };
    return shape === 'basil'
      ? basilInvoice({
          parent: {
            quote_details: null,
            subscription_details: { metadata: {}, subscription: subscriptionId },
            type: 'subscription_details',
          },
          ...base,
        })
      : preBasilInvoice({ subscription: subscriptionId, charge: null, payment_intent: `pi_${n}`, ...base });
  };
  return {
    id,
    customerId,
    event,
    invoice,
    /** A payment of it failed: the charge's event with the reason, and the invoice's. */
    failed: (day: number, failing: Failing = {}): StripeEvent[] => {
      const {
        attempt = 1,
        next = null,
        code = 'insufficient_funds',
        told = true,
        remaining = amount,
      } = failing;
      const charge = failedCharge({
        id: `ch_${n}_${attempt}_${Math.round(day * 100)}`,
        amount: remaining,
        currency,
        customer: customerId,
        payment_intent: `pi_${n}`,
        failure_code: code === 'expired_card' ? code : 'card_declined',
        outcome: {
          advice_code: null,
          network_advice_code: null,
          network_decline_code: null,
          network_status: 'declined_by_network',
          reason: code,
          type: 'issuer_declined',
        },
        payment_method_details: { card: { ...visa, ...failing.card }, type: 'card' },
      });
      const failure = invoice({
        attempt_count: attempt,
        amount_remaining: remaining,
        amount_paid: amount - remaining,
        next_payment_attempt: next === null ? null : second(next),
      });
      const type = failing.type ?? 'invoice.payment_failed';
      return [...(told ? [event('charge.failed', day, charge)] : []), event(type, day, failure)];
    },
    paid: (day: number, fields: Json = {}): StripeEvent[] => [
      event(
        'invoice.paid',
        day,
        invoice({
          status: 'paid',
          amount_paid: amount,
          amount_remaining: 0,
          next_payment_attempt: null,
          ...fields,
        }),
      ),
    ],
    told: (type: string, day: number, fields: Json): StripeEvent[] => [event(type, day, invoice(fields))],
    subscription: (type: string, day: number, fields: Json): StripeEvent[] => [
      event(
        `customer.subscription.${type}`,
        day,
        subscription({ id: subscriptionId, customer: customerId, ...fields }),
      ),
    ],
    customer: (type: string, day: number, fields: Json = {}): StripeEvent[] => [
      event(
        `customer.${type}`,
        day,
        customer({ id: customerId, email, name, preferred_locales: ['en'], ...fields }),
      ),
    ],
  };
};

/** A shuffled copy: the same seed, the same order. */
export const shuffled = <T>(items: readonly T[], seed: number): T[] => {
  let state = seed >>> 0 || 1;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const copy = [...items];
  for (let i = copy.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [copy[i], copy[j]] = [copy[j] as T, copy[i] as T];
  }
  return copy;
};
