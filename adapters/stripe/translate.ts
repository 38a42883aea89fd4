// Stripe's events in our own words: which are used, by what, and why the others are not.
import type { Fact, Reference } from '../../core/recovery/fact.ts';
import type { Instant } from '../../core/time.ts';
import {
  customerDeleted,
  customerTold,
  mandateUpdated,
  methodDetached,
  methodTold,
  setupSucceeded,
  sourceTold,
  subscriptionTold,
} from './customer.ts';
import { chargeRefunded, disputeTold, fraudWarning, refundTold } from './dispute.ts';
import { readEvent, type StripeEvent, type Translator } from './event.ts';
import { creditNote, invoiceFailed, invoiceFinalized, invoicePaymentPaid, invoiceTold } from './invoice.ts';
import { chargeFailed, intentFailed, intentInFlight } from './payment.ts';
import { isJsonObject, own, read, word } from './shapes.ts';

type Heading = {
  readonly eventId: string;
  readonly type: string;
  /** When Stripe made the event. */
  readonly at: Instant;
  readonly livemode: boolean;
};

/**
 * What an event comes to. `facts` belong to `customerId`; an `unrouted` fact waits under `id` until the
 * provider has said whose `reference` is; `ignored` is to be acknowledged; `refused` is not an event that can
 * be right.
 */
export type Translation =
  | (Heading & {
      readonly kind: 'facts';
      readonly customerId: string;
      readonly facts: readonly Fact[];
    })
  | (Heading & {
      readonly kind: 'unrouted';
      readonly id: string;
      readonly reference: Reference;
      readonly fact: Fact;
    })
  | { readonly kind: 'ignored'; readonly type: string; readonly reason: string }
  | { readonly kind: 'refused'; readonly type: string | null; readonly reason: string };

/** Which events a connection takes; null = any. */
export type Accept = { readonly livemode: boolean | null; readonly account: string | null };

/** Each type's translator, or why it is ignored. Source of the names: docs.stripe.com/api/events/types. */
const RULES: Readonly<Record<string, Translator | string>> = {
  'invoice.payment_failed': invoiceFailed('declined'),
  'invoice.payment_action_required': invoiceFailed('action_required'),
  'invoice.payment_attempt_required': invoiceFailed('method_required'),
  'invoice.paid': invoiceTold,
  'invoice.payment_succeeded': invoiceTold,
  'invoice.updated': invoiceTold,
  'invoice.voided': invoiceTold,
  'invoice.marked_uncollectible': invoiceTold,
  'invoice.overdue': invoiceTold,
  'invoice.will_be_due': invoiceTold,
  'invoice.finalized': invoiceFinalized,
  'invoice_payment.paid': invoicePaymentPaid,
  'credit_note.created': creditNote(1),
  'credit_note.voided': creditNote(-1),
  'payment_intent.processing': intentInFlight(true),
  'payment_intent.succeeded': intentInFlight(false),
  'payment_intent.canceled': intentInFlight(false),
  'payment_intent.payment_failed': intentFailed,
  'charge.failed': chargeFailed,
  'charge.refunded': chargeRefunded,
  'refund.created': refundTold(null),
  'refund.updated': refundTold(null),
  'refund.failed': refundTold('failed'),
  'charge.refund.updated': refundTold(null),
  'charge.dispute.created': disputeTold(null),
  'charge.dispute.updated': disputeTold(null),
  'charge.dispute.closed': disputeTold('closed'),
  'radar.early_fraud_warning.created': fraudWarning,
  'radar.early_fraud_warning.updated': fraudWarning,
  'customer.created': customerTold,
  'customer.updated': customerTold,
  'customer.deleted': customerDeleted,
  'customer.subscription.created': subscriptionTold(null),
  'customer.subscription.updated': subscriptionTold(null),
  'customer.subscription.paused': subscriptionTold(null),
  'customer.subscription.resumed': subscriptionTold(null),
  'customer.subscription.deleted': subscriptionTold('ended'),
  'payment_method.attached': methodTold,
  'payment_method.updated': methodTold,
  'payment_method.automatically_updated': methodTold,
  'payment_method.detached': methodDetached,
  'customer.source.created': sourceTold(true),
  'customer.source.updated': sourceTold(true),
  'customer.source.expiring': sourceTold(true),
  'customer.source.deleted': sourceTold(false),
  'setup_intent.succeeded': setupSucceeded,
  'mandate.updated': mandateUpdated,
  'invoice.created': 'a new invoice is a draft: nothing is owed yet',
  'invoice.upcoming': 'an invoice not made yet has no id',
  'invoice.finalization_failed': 'an invoice that could not be finalised: nothing is owed yet',
  'payment_intent.created': 'a payment not tried yet',
  'payment_intent.requires_action': 'its invoice tells that the customer has to act',
  'charge.succeeded': 'its invoice tells that it is paid',
  'charge.pending': 'its payment intent tells that the money is on its way',
  'subscription_schedule.aborted': 'its subscription tells that it has ended',
};

/** The types a webhook endpoint has to subscribe to. */
export const EVENT_TYPES: readonly string[] = Object.keys(RULES).filter(
  (type) => typeof RULES[type] === 'function',
);

const mode = (livemode: boolean): string => (livemode ? 'live' : 'test');

/** Why an event is not for this connection; null when it is. */
const foreign = (event: StripeEvent, accept: Accept): string | null => {
  if (accept.livemode !== null && accept.livemode !== event.livemode) {
    return `a ${mode(event.livemode)} event; this connection takes ${mode(accept.livemode)} events`;
  }
  if (accept.account !== null && accept.account !== event.account) {
    const whose = event.account === null ? 'the platform itself' : `account ${event.account}`;
    return `an event of ${whose}; this connection takes events of account ${accept.account}`;
  }
  return null;
};

/**
 * A snapshot event of any API version, before and since 2025-03-31.basil, in our own words. `event` is the
 * parsed JSON, already verified. Never throws for any JSON value: what cannot be right is refused with a
 * reason that names the field, what it is and what was expected. Source: docs.stripe.com/api/events/object.
 */
export const translate = (event: unknown, accept: Accept): Translation => {
  if (!isJsonObject(event)) return { kind: 'refused', type: null, reason: 'the event is not an object' };
  const typed = read(word, own(event, 'type'), 'type');
  if (!typed.ok) return { kind: 'refused', type: null, reason: typed.reason };
  const type = typed.value;
  if (own(event, 'object') === 'v2.core.event') {
    const reason = 'a thin event holds no object: configure a snapshot payload for this destination';
    return { kind: 'ignored', type, reason };
  }
  const rule = Object.hasOwn(RULES, type) ? RULES[type] : undefined;
  if (rule === undefined) return { kind: 'ignored', type, reason: 'not used' };
  if (typeof rule === 'string') return { kind: 'ignored', type, reason: rule };

  const envelope = readEvent(event, type);
  if (!envelope.ok) return { kind: 'refused', type, reason: envelope.reason };
  const why = foreign(envelope.value, accept);
  if (why !== null) return { kind: 'ignored', type, reason: why };
  const told = rule(envelope.value);
  if (told.kind === 'ignored' || told.kind === 'refused') return { ...told, type };
  const { id: eventId, at, livemode } = envelope.value;
  return { ...told, eventId, type, at, livemode };
};
