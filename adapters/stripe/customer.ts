// Customers, their subscriptions, and what they pay with.
import type * as v from 'valibot';
import type { PaymentMethod, SubscriptionSnapshot } from '../../core/recovery/fact.ts';
import { about, ignored, reading, stamped, waiting, type Translator } from './event.ts';
import { subscriptionPlans } from './plans.ts';
import {
  card,
  code,
  codes,
  country,
  email,
  flag,
  hint,
  id,
  isJsonObject,
  kind,
  locales,
  maybe,
  noted,
  own,
  read,
  reference,
  shape,
  stamp,
  text,
  word,
  type Json,
} from './shapes.ts';

/** Source: docs.stripe.com/api/customers/object. */
export const customerTold: Translator = reading(
  shape({
    object: kind('customer'),
    id,
    email,
    name: text(200),
    preferred_locales: locales,
    address: country,
    invoice_settings: maybe(shape({ default_payment_method: maybe(reference) })),
    default_source: maybe(reference),
    created: hint(stamp),
    metadata: noted,
  }),
  (customer, event) =>
    about(customer.id, {
      ...stamped(event),
      kind: 'customer',
      contact: {
        email: customer.email,
        name: customer.name,
        locales: customer.preferred_locales,
        country: customer.address,
        ...customer.metadata,
      },
      defaultMethodId: customer.invoice_settings?.default_payment_method ?? customer.default_source,
      since: customer.created,
    }),
);

/** The customer is gone, and with it the right to keep who it was. */
export const customerDeleted: Translator = reading(
  shape({ object: kind('customer'), id }),
  (customer, event) => about(customer.id, { ...stamped(event), kind: 'customer-deleted' }),
);

const subscriptionShape = shape({
  object: kind('subscription'),
  id,
  customer: maybe(reference),
  status: word,
  cancel_at_period_end: maybe(flag),
  cancellation_details: maybe(shape({ reason: code })),
  ended_at: maybe(stamp),
  status_details: maybe(shape({ paused: maybe(shape({ subscription: maybe(shape({ type: code })) })) })),
  default_payment_method: maybe(reference),
  default_source: maybe(reference),
  start_date: hint(stamp),
  created: hint(stamp),
  trial_end: hint(stamp),
  collection_method: code,
  billing: code,
});

type Subscription = v.InferOutput<typeof subscriptionShape>;

const COLLECTION_METHODS = ['charge_automatically', 'send_invoice'] as const;

const subscriptionOf = (subscription: Subscription, status: string, object: Json): SubscriptionSnapshot => ({
  id: subscription.id,
  status,
  cancelAtPeriodEnd: subscription.cancel_at_period_end ?? false,
  cancellationReason: subscription.cancellation_details?.reason ?? null,
  endedAt: subscription.ended_at,
  // What Stripe says of a pause is about its last one; it means nothing once the subscription runs again.
  pauseReason: status === 'paused' ? (subscription.status_details?.paused?.subscription?.type ?? null) : null,
  defaultMethodId: subscription.default_payment_method ?? subscription.default_source,
  ...subscriptionPlans(object),
  startedAt: subscription.start_date ?? subscription.created,
  trialEndsAt: subscription.trial_end,
  // It was called billing before 2019.
  collectionMethod:
    COLLECTION_METHODS.find((one) => one === (subscription.collection_method ?? subscription.billing)) ??
    null,
});

/**
 * A subscription as it stands; `ended` when the event itself says so.
 * docs.stripe.com/api/subscriptions/object
 */
export const subscriptionTold = (ended: 'ended' | null): Translator =>
  reading(subscriptionShape, (subscription, event) =>
    about(subscription.customer, {
      ...stamped(event),
      kind: 'subscription',
      subscription: subscriptionOf(subscription, ended ? 'canceled' : subscription.status, event.object),
    }),
  );

const methodShape = shape({
  object: kind('payment_method'),
  id,
  type: word,
  customer: maybe(reference),
  card,
});

/**
 * A method added or changed, by its holder or by the card network. docs.stripe.com/api/payment_methods/object
 */
export const methodTold: Translator = reading(
  methodShape,
  ({ id: methodId, type, card: held, customer }, event) =>
    about(customer, {
      ...stamped(event),
      kind: 'payment-method',
      method: { id: methodId, type, card: held, attached: true },
    }),
);

/** The customer a method was taken from; the object itself names nobody any more. */
const holderBefore = (previous: Json): string | null => {
  const holder = read(reference, own(previous, 'customer'), '');
  return holder.ok ? holder.value : null;
};

/** A method taken from its customer. docs.stripe.com/api/payment_methods/detach */
export const methodDetached: Translator = reading(methodShape, ({ id: methodId, type, card: held }, event) =>
  about(holderBefore(event.previous), {
    ...stamped(event),
    kind: 'payment-method',
    method: { id: methodId, type, card: held, attached: false },
  }),
);

const sourceShape = shape({
  object: kind('card', 'source', 'bank_account'),
  id,
  type: code,
  customer: maybe(reference),
  card,
});

/**
 * A legacy card, bank account or source object. A card holds its details itself, a source under its type.
 * Source: docs.stripe.com/api/cards/object, docs.stripe.com/api/sources/object.
 */
export const sourceTold = (attached: boolean): Translator =>
  reading(sourceShape, (source, event) => {
    const itself = read(card, event.object, '');
    const method: PaymentMethod = {
      id: source.id,
      type: source.object === 'source' ? (source.type ?? 'source') : source.object,
      card: source.object === 'card' && itself.ok ? itself.value : source.card,
      attached,
    };
    const holder = source.customer ?? holderBefore(event.previous);
    return about(holder, { ...stamped(event), kind: 'payment-method', method });
  });

const setupShape = shape({
  object: kind('setup_intent'),
  customer: maybe(reference),
  payment_method: maybe(reference),
  payment_method_types: codes,
});

/** A method was set up for later; usually only its id is known. docs.stripe.com/api/setup_intents/object */
export const setupSucceeded: Translator = reading(setupShape, (setup, event) => {
  if (setup.payment_method === null) return ignored('names no payment method');
  const told = own(event.object, 'payment_method');
  const expanded = isJsonObject(told) ? read(methodShape, told, '') : null;
  const [only = null, ...others] = setup.payment_method_types;
  const type = others.length === 0 ? only : null;
  const method: PaymentMethod = {
    id: setup.payment_method,
    type: expanded?.ok ? expanded.value.type : (type ?? 'unknown'),
    card: expanded?.ok ? expanded.value.card : null,
    attached: true,
  };
  return about(setup.customer, { ...stamped(event), kind: 'payment-method', method });
});

/**
 * The right to debit an account given or withdrawn; it names only the method.
 * docs.stripe.com/api/mandates/object
 */
export const mandateUpdated: Translator = reading(
  shape({ object: kind('mandate'), id, payment_method: reference, status: word }),
  (mandate, event) =>
    waiting(
      event,
      { kind: 'payment_method', id: mandate.payment_method },
      {
        ...stamped(event),
        kind: 'mandate',
        methodId: mandate.payment_method,
        mandateStatus: mandate.status,
      },
      mandate.id,
      mandate.status,
    ),
);
