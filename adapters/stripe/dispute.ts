// Money that is asked back or given back: disputes, warnings of fraud, refunds.
import * as v from 'valibot';
import type { Dispute, Reference, Refund } from '../../core/recovery/fact.ts';
import { earlier, type Instant } from '../../core/time.ts';
import {
  about,
  ignored,
  reading,
  stamped,
  waiting,
  type StripeEvent,
  type Told,
  type Translator,
} from './event.ts';
import {
  code,
  currency,
  flag,
  hint,
  id,
  kind,
  list,
  maybe,
  minor,
  reference,
  shape,
  stamp,
  word,
} from './shapes.ts';

/** What the provider can be asked about: the charge, else the payment intent. */
const paymentOf = (charge: string | null, intent: string | null): Reference | null =>
  charge !== null
    ? { kind: 'charge', id: charge }
    : intent !== null
      ? { kind: 'payment_intent', id: intent }
      : null;

/**
 * `charge_refunded` is of old API versions. Source:
 * docs.stripe.com/api/disputes/object#dispute_object-status.
 */
const SETTLED: ReadonlySet<string> = new Set([
  'won',
  'lost',
  'warning_closed',
  'prevented',
  'charge_refunded',
]);

/** What moved money because of a dispute: taken (below 0), or given back. */
const movement = shape({ amount: v.pipe(v.number(), v.safeInteger()), created: stamp });

const disputeShape = shape({
  object: kind('dispute'),
  id,
  status: word,
  amount: minor,
  currency,
  charge: maybe(reference),
  payment_intent: maybe(reference),
  created: hint(stamp),
  balance_transactions: hint(list(movement)),
});

type DisputeObject = v.InferOutput<typeof disputeShape>;

/** An inquiry (`warning_…`) takes no money, nor does what ended before it became a chargeback. */
const takesMoney = (status: string): boolean =>
  !status.startsWith('warning_') && status !== 'prevented' && status !== 'charge_refunded';

const firstOf = (movements: DisputeObject['balance_transactions'], sign: 1 | -1): Instant | null =>
  (movements ?? [])
    .filter(({ amount }) => sign * amount > 0)
    .map(({ created }) => created)
    .reduce<Instant | null>(earlier, null);

/**
 * When a dispute took its money and when it gave it back. Stripe lists both movements with the dispute, in
 * the currency of the balance, so that only their times count here; where it does not, a chargeback took it
 * when it was made, and one that is settled otherwise than lost gives back what it took. Source:
 * docs.stripe.com/api/disputes/object#dispute_object-balance_transactions
 */
const movedBy = (dispute: DisputeObject, at: Instant): Pick<Dispute, 'takenAt' | 'backAt'> => {
  const { status, balance_transactions: movements } = dispute;
  const isGivenBack = SETTLED.has(status) && status !== 'lost';
  return {
    takenAt: firstOf(movements, -1) ?? (takesMoney(status) ? (dispute.created ?? at) : null),
    backAt: firstOf(movements, 1) ?? (isGivenBack ? at : null),
  };
};

/** A chargeback or an inquiry; `closed` when the event itself says that it is over. */
export const disputeTold = (closed: 'closed' | null): Translator =>
  reading(disputeShape, (dispute, event) => {
    const payment = paymentOf(dispute.charge, dispute.payment_intent);
    if (payment === null) return ignored('names no payment');
    const fact = {
      ...stamped(event),
      kind: 'dispute',
      dispute: {
        id: dispute.id,
        open: closed === null && !SETTLED.has(dispute.status),
        status: dispute.status,
        chargeId: dispute.charge,
        amountMinor: dispute.amount,
        currency: dispute.currency,
        paymentIntentId: dispute.payment_intent,
        ...movedBy(dispute, event.at),
      },
    } as const;
    return waiting(event, payment, fact, dispute.id, dispute.status);
  });

const warningShape = shape({
  object: kind('radar.early_fraud_warning'),
  id,
  charge: maybe(reference),
  payment_intent: maybe(reference),
  actionable: flag,
});

/**
 * The card's bank suspects fraud; a dispute may follow. docs.stripe.com/api/radar/early_fraud_warnings/object
 */
export const fraudWarning: Translator = reading(warningShape, (warning, event) => {
  const payment = paymentOf(warning.charge, warning.payment_intent);
  if (payment === null) return ignored('names no payment');
  const fact = {
    ...stamped(event),
    kind: 'dispute',
    dispute: {
      id: warning.id,
      open: warning.actionable,
      status: 'early_fraud_warning',
      chargeId: warning.charge,
      amountMinor: null,
      currency: null,
    },
  } as const;
  return waiting(event, payment, fact, warning.id, warning.actionable ? 'open' : 'closed');
});

/**
 * A customer's fact where the object names one, else one that waits; money not given back for a payment is no
 * refund.
 */
const refunded = (
  event: StripeEvent,
  refund: Refund,
  customer: string | null,
  payment: Reference | null,
): Told => {
  const fact = { ...stamped(event), kind: 'refund', refund } as const;
  if (customer !== null) return about(customer, fact);
  if (payment === null) return ignored('names neither a customer nor a payment');
  return waiting(event, payment, fact, refund.id, refund.amountMinor, refund.failed ? 'failed' : 'made');
};

const chargeShape = shape({
  object: kind('charge'),
  id,
  customer: maybe(reference),
  currency,
  amount_refunded: minor,
  payment_intent: maybe(reference),
});

/** The running total given back of a charge, under the charge's id. docs.stripe.com/api/charges/object */
export const chargeRefunded: Translator = reading(chargeShape, (charge, event) => {
  const refund: Refund = {
    id: charge.id,
    chargeId: charge.id,
    amountMinor: charge.amount_refunded,
    currency: charge.currency,
    failed: false,
    paymentIntentId: charge.payment_intent,
  };
  return refunded(event, refund, charge.customer, { kind: 'charge', id: charge.id });
});

const refundShape = shape({
  object: kind('refund'),
  id,
  amount: minor,
  currency,
  status: code,
  charge: maybe(reference),
  payment_intent: maybe(reference),
  customer: maybe(reference),
  created: hint(stamp),
});

/** One refund under its own id; `failed` when the event itself says so. docs.stripe.com/api/refunds/object */
export const refundTold = (failed: 'failed' | null): Translator =>
  reading(refundShape, (told, event) => {
    const isFailed = failed !== null || told.status === 'failed' || told.status === 'canceled';
    const refund: Refund = {
      id: told.id,
      chargeId: told.charge,
      amountMinor: told.amount,
      currency: told.currency,
      failed: isFailed,
      paymentIntentId: told.payment_intent,
      createdAt: told.created,
      failedAt: isFailed ? event.at : null,
    };
    return refunded(event, refund, told.customer, paymentOf(told.charge, told.payment_intent));
  });
