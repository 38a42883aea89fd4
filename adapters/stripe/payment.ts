// Payment intents and charges: tries to take money, and debits on their way.
import type * as v from 'valibot';
import type { Attempt, Decline } from '../../core/recovery/fact.ts';
import type { Instant } from '../../core/time.ts';
import { about, reading, stamped, type Translator } from './event.ts';
import {
  card,
  code,
  currency,
  flag,
  id,
  kind,
  maybe,
  minor,
  own,
  read,
  reference,
  shape,
  stamp,
  word,
  type Read,
} from './shapes.ts';

const lastErrorShape = shape({
  charge: maybe(reference),
  code,
  decline_code: code,
  advice_code: code,
  network_advice_code: code,
  network_decline_code: code,
  payment_method: maybe(shape({ card, type: code })),
});

/** `invoice` was there until 2025-03-31.basil. Source: docs.stripe.com/api/payment_intents/object. */
const intentShape = shape({
  object: kind('payment_intent'),
  id,
  customer: maybe(reference),
  amount: minor,
  currency,
  invoice: maybe(reference),
  latest_charge: maybe(reference),
  last_payment_error: maybe(lastErrorShape),
});

type Intent = v.InferOutput<typeof intentShape>;
type LastError = v.InferOutput<typeof lastErrorShape>;

/** The decline, or null when none of its codes is known. */
const someDecline = (decline: Decline): Decline | null =>
  Object.values(decline).some((each) => each !== null) ? decline : null;

const declineOfError = (error: LastError): Decline | null =>
  someDecline({
    code: error.code,
    declineCode: error.decline_code,
    adviceCode: error.advice_code,
    networkAdviceCode: error.network_advice_code,
    networkDeclineCode: error.network_decline_code,
  });

/**
 * The customer failed or left the check by the bank: no charge was made, so the latest one is an earlier
 * try's.
 */
const UNAUTHENTICATED = 'payment_intent_authentication_failure';

const attemptOfIntent = (intent: Intent): Omit<Attempt, 'at'> => {
  const error = intent.last_payment_error;
  const uncharged = error?.code === UNAUTHENTICATED && error.charge === null;
  return {
    id: error?.charge ?? (uncharged ? null : intent.latest_charge) ?? intent.id,
    invoiceId: intent.invoice,
    paymentIntentId: intent.id,
    amountMinor: intent.amount,
    currency: intent.currency,
    result: 'declined',
    decline: error && declineOfError(error),
    card: error?.payment_method?.card ?? null,
    methodType: error?.payment_method?.type ?? null,
    trigger: null,
    sentToNetwork: uncharged ? false : null,
  };
};

/** A payment intent whose money is on its way (`processing`), or is so no more. */
export const intentInFlight = (processing: boolean): Translator =>
  reading(shape({ object: kind('payment_intent'), id, customer: maybe(reference) }), (intent, event) =>
    about(intent.customer, {
      ...stamped(event),
      kind: 'in-flight',
      paymentIntentId: intent.id,
      processing,
    }),
  );

/** A try that failed; it is in flight no more. Source: docs.stripe.com/api/payment_intents/object. */
export const intentFailed: Translator = reading(intentShape, (intent, event) =>
  about(
    intent.customer,
    { ...stamped(event), kind: 'in-flight', paymentIntentId: intent.id, processing: false },
    { ...stamped(event), kind: 'attempt', attempt: { ...attemptOfIntent(intent), at: event.at } },
  ),
);

const outcomeShape = shape({
  reason: code,
  advice_code: code,
  network_advice_code: code,
  network_decline_code: code,
  network_status: code,
});

const chargeEntries = {
  object: kind('charge'),
  id,
  customer: maybe(reference),
  amount: minor,
  currency,
  invoice: maybe(reference),
  payment_intent: maybe(reference),
  failure_code: code,
  failure_balance_transaction: maybe(reference),
  outcome: maybe(outcomeShape),
  payment_method_details: maybe(shape({ card, type: code })),
};

const chargeShape = shape(chargeEntries);

type Charge = v.InferOutput<typeof chargeShape>;

const attemptOfCharge = (charge: Charge): Omit<Attempt, 'at'> => {
  const { outcome } = charge;
  const network = outcome?.network_status ?? null;
  return {
    id: charge.id,
    invoiceId: charge.invoice,
    paymentIntentId: charge.payment_intent,
    amountMinor: charge.amount,
    currency: charge.currency,
    result: 'declined',
    decline: someDecline({
      code: charge.failure_code,
      declineCode: outcome?.reason ?? null,
      adviceCode: outcome?.advice_code ?? null,
      networkAdviceCode: outcome?.network_advice_code ?? null,
      networkDeclineCode: outcome?.network_decline_code ?? null,
    }),
    card: charge.payment_method_details?.card ?? null,
    methodType: charge.payment_method_details?.type ?? null,
    trigger: null,
    sentToNetwork: network === null ? null : network !== 'not_sent_to_network',
  };
};

/**
 * A charge that failed: a try that was declined, or a payment that had succeeded and came back.
 *
 * `failure_balance_transaction` says that money already booked was taken off again. That is also so for a
 * debit that failed while it was pending, which never was a success; Stripe tells the two apart, where it
 * does, by the status the change replaced. Source: docs.stripe.com/api/charges/object,
 * docs.stripe.com/reports/balance-transaction-types.
 */
export const chargeFailed: Translator = reading(chargeShape, (charge, event) => {
  const before = own(event.previous, 'status');
  const cameBack =
    before === 'succeeded' || (charge.failure_balance_transaction !== null && before !== 'pending');
  return about(
    charge.customer,
    cameBack
      ? {
          ...stamped(event),
          kind: 'reversal',
          reversal: {
            id: charge.id,
            at: event.at,
            amountMinor: charge.amount,
            currency: charge.currency,
            invoiceId: charge.invoice,
            paymentIntentId: charge.payment_intent,
          },
        }
      : {
          ...stamped(event),
          kind: 'attempt',
          attempt: { ...attemptOfCharge(charge), at: event.at },
        },
  );
});

/** A charge as a list holds it: how it stands, and the attempt it would be if it was declined. */
export type ListedCharge = {
  readonly id: string;
  readonly at: Instant;
  readonly status: string;
  readonly disputed: boolean;
  /** Money that had been booked was taken off again: it came back, or a pending debit failed. */
  readonly wasBooked: boolean;
  readonly paymentIntentId: string | null;
  /** Of the expanded payment intent; null when it is not expanded. */
  readonly intentStatus: string | null;
  readonly attempt: Attempt;
};

const listedShape = shape({ ...chargeEntries, status: word, created: stamp, disputed: maybe(flag) });

/**
 * A charge of a list, whose payment intent may be expanded. docs.stripe.com/api/charges/list
 */
export const readCharge = (object: unknown): Read<ListedCharge> => {
  const told = read(listedShape, object, 'charge');
  if (!told.ok) return told;
  const { id: chargeId, created: at, status, disputed } = told.value;
  const intentStatus = own(own(object, 'payment_intent'), 'status');
  return {
    ok: true,
    value: {
      id: chargeId,
      at,
      status,
      disputed: disputed ?? false,
      wasBooked: told.value.failure_balance_transaction !== null,
      paymentIntentId: told.value.payment_intent,
      intentStatus: typeof intentStatus === 'string' ? intentStatus : null,
      attempt: { ...attemptOfCharge(told.value), at },
    },
  };
};

/**
 * The attempt that an error of a charge tells of; null when it names no charge. The error of a request has
 * the fields of a payment intent's last one. docs.stripe.com/api/errors
 */
export const attemptOfError = (error: unknown, invoiceId: string, at: Instant): Attempt | null => {
  const told = read(lastErrorShape, error, 'error');
  if (!told.ok || told.value.charge === null) return null;
  const intent = read(reference, own(error, 'payment_intent'), '');
  return {
    id: told.value.charge,
    at,
    invoiceId,
    paymentIntentId: intent.ok ? intent.value : null,
    amountMinor: null,
    currency: null,
    result: 'declined',
    decline: declineOfError(told.value),
    card: told.value.payment_method?.card ?? null,
    methodType: told.value.payment_method?.type ?? null,
    trigger: 'ladder',
    sentToNetwork: null,
  };
};
