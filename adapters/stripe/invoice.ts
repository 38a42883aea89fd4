// Invoices and what changes them between two snapshots: credit notes and payments of a part.
import type * as v from 'valibot';
import type { Contact, Fact, FailureReason, InvoiceSnapshot } from '../../core/recovery/fact.ts';
import type { Instant } from '../../core/time.ts';
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
import { invoicePlans } from './plans.ts';
import {
  code,
  count,
  country,
  currency,
  email,
  hint,
  httpsUrl,
  id,
  kind,
  list,
  maybe,
  minor,
  oneOf,
  own,
  read,
  reference,
  shape,
  stamp,
  text,
  type Json,
} from './shapes.ts';

const since = maybe(stamp);
const paymentRefs = shape({ charge: maybe(reference), payment_intent: maybe(reference) });

/**
 * An invoice of any API version: before 2025-03-31.basil `subscription`, `charge` and `payment_intent` stand
 * on the invoice; since then `parent.subscription_details` holds the subscription and the payments are a list
 * that is only there when expanded. Source: docs.stripe.com/api/invoices/object,
 * docs.stripe.com/changelog/basil.
 */
const invoiceShape = shape({
  object: kind('invoice'),
  id,
  customer: maybe(reference),
  currency,
  status: oneOf('open', 'paid', 'uncollectible', 'void'),
  amount_due: minor,
  amount_paid: minor,
  amount_remaining: minor,
  pre_payment_credit_notes_amount: maybe(minor),
  attempt_count: maybe(count),
  next_payment_attempt: maybe(stamp),
  number: text(100),
  hosted_invoice_url: httpsUrl,
  collection_method: code,
  billing_reason: code,
  due_date: maybe(stamp),
  created: stamp,
  subscription: maybe(reference),
  parent: maybe(shape({ subscription_details: maybe(shape({ subscription: maybe(reference) })) })),
  charge: maybe(reference),
  payment_intent: maybe(reference),
  payments: maybe(shape({ data: list(shape({ payment: maybe(paymentRefs) })) })),
  status_transitions: hint(shape({ paid_at: since, voided_at: since, marked_uncollectible_at: since })),
  customer_email: email,
  customer_name: text(200),
  customer_address: country,
});

type Invoice = v.InferOutput<typeof invoiceShape>;

/**
 * An invoice of an old API version in the words of a new one. `date` and `billing` became `created` and
 * `collection_method` in 2019. Before 2018-11-08 there was no `status` but `paid`, `closed` and `forgiven`: a
 * closed one that is not paid is not collected any more, yet it may still be paid, which is what
 * uncollectible says. Source: docs.stripe.com/changelog.
 */
const modern = (told: Json): Json => {
  const named = {
    ...told,
    created: own(told, 'created') ?? own(told, 'date'),
    collection_method: own(told, 'collection_method') ?? own(told, 'billing'),
  };
  if (own(told, 'status') !== null) return named;
  const { paid, closed, forgiven, amount_due: due } = told;
  const known = typeof paid === 'boolean' || typeof closed === 'boolean';
  const unpaid = forgiven === true || closed === true ? 'uncollectible' : 'open';
  return {
    ...named,
    status: paid === true ? 'paid' : known ? unpaid : null,
    amount_paid: own(told, 'amount_paid') ?? (paid === true ? due : 0),
    amount_remaining: own(told, 'amount_remaining') ?? (paid === true ? 0 : due),
  };
};

/** At most this many payments of one invoice are kept: each is an id the customer's item has to carry. */
const MAX_PAYMENTS = 50;

const paymentIdsOf = (invoice: Invoice): readonly string[] => {
  const payments = [invoice, ...(invoice.payments?.data ?? []).map(({ payment }) => payment)];
  const ids = payments.flatMap((payment) => [payment?.charge, payment?.payment_intent]);
  return [...new Set(ids.filter((each) => typeof each === 'string'))].slice(0, MAX_PAYMENTS);
};

/** When an invoice came to its status, where that is told: a look at the account may come long after it. */
const statusAtOf = ({ status, status_transitions: moved }: Invoice): Instant | null => {
  if (moved === null || status === 'open') return null;
  const { paid_at: paid, voided_at: voided, marked_uncollectible_at: uncollectible } = moved;
  return { paid, void: voided, uncollectible }[status];
};

const withStatusAt = (statusAt: Instant | null): Pick<InvoiceSnapshot, 'statusAt'> =>
  statusAt === null ? {} : { statusAt };

const snapshotOf = (invoice: Invoice, object: Json): InvoiceSnapshot => ({
  id: invoice.id,
  currency: invoice.currency,
  status: invoice.status,
  ...withStatusAt(statusAtOf(invoice)),
  amounts: {
    due: invoice.amount_due,
    paid: invoice.amount_paid,
    remaining: invoice.amount_remaining,
    credited: invoice.pre_payment_credit_notes_amount ?? 0,
  },
  schedule: {
    attemptCount: invoice.attempt_count ?? 0,
    nextAttemptAt: invoice.next_payment_attempt,
  },
  details: {
    number: invoice.number,
    hostedUrl: invoice.hosted_invoice_url,
    collectionMethod: invoice.collection_method === 'send_invoice' ? 'send_invoice' : 'charge_automatically',
    billingReason: invoice.billing_reason,
    subscriptionId: invoice.parent?.subscription_details?.subscription ?? invoice.subscription,
    dueAt: invoice.due_date,
    createdAt: invoice.created,
    ...invoicePlans(object),
  },
  paymentIds: paymentIdsOf(invoice),
});

const contactOf = (invoice: Invoice): Contact | null => {
  const { customer_email: address, customer_name: name, customer_address: land } = invoice;
  return address || name || land
    ? { email: address, name, locales: [], country: land, timeZone: null, metadata: {} }
    : null;
};

type Failure = Extract<Fact, { kind: 'invoice' }>['failure'];

/**
 * An invoice that is sent is paid by the customer on their own, until its due date: a payment that fails
 * before that is no failure, and none is needed after it. docs.stripe.com/api/invoices/object
 * (`collection_method`)
 */
const overdueAt = (invoice: Invoice, now: Instant): Failure =>
  invoice.status === 'open' &&
  invoice.amount_remaining > 0 &&
  invoice.due_date !== null &&
  invoice.due_date <= now
    ? { at: invoice.due_date, reason: 'overdue' }
    : null;

const failureOf = (invoice: Invoice, at: Instant, failed: FailureReason | null): Failure =>
  invoice.collection_method === 'send_invoice' ? overdueAt(invoice, at) : failed && { at, reason: failed };

const invoiceTranslator =
  (failed: FailureReason | null, only: (invoice: Invoice) => string | null = () => null): Translator =>
  (event) => {
    // A draft may still hold anything, and none of it counts.
    if (own(event.object, 'status') === 'draft') {
      return ignored('a draft invoice is not finalised: nothing is owed yet');
    }
    const invoice = read(invoiceShape, modern(event.object), 'data.object');
    if (!invoice.ok) return { kind: 'refused', reason: invoice.reason };
    const unused = only(invoice.value);
    if (unused !== null) return ignored(unused);
    return about(invoice.value.customer, {
      ...stamped(event),
      kind: 'invoice',
      invoice: snapshotOf(invoice.value, event.object),
      failure: failureOf(invoice.value, event.at, failed),
      contact: contactOf(invoice.value),
    });
  };

/** An invoice as it stands; nothing failed, but for one that is sent and not paid by its due date. */
export const invoiceTold = invoiceTranslator(null);

/**
 * An invoice whose payment failed, and why it needs attention; of one that is sent only its due date counts.
 * docs.stripe.com/billing/revenue-recovery
 */
export const invoiceFailed = (reason: FailureReason): Translator => invoiceTranslator(reason);

/**
 * A finalised invoice matters when it is sent: one that is charged automatically is told of by its payment.
 */
export const invoiceFinalized = invoiceTranslator(null, (invoice) =>
  invoice.collection_method === 'send_invoice'
    ? null
    : 'an invoice that is charged automatically: its payment will tell what becomes of it',
);

const creditNoteShape = shape({
  object: kind('credit_note'),
  id,
  invoice: reference,
  customer: maybe(reference),
  amount: minor,
  pre_payment_amount: maybe(minor),
  type: code,
});

type CreditNote = v.InferOutput<typeof creditNoteShape>;

/** Older API versions say only of which type the whole note is; newer ones say how much is of which. */
const prePaymentPart = ({ pre_payment_amount: part, type, amount }: CreditNote): number | null =>
  part ?? (type === 'pre_payment' ? amount : type === 'post_payment' ? 0 : null);

/**
 * A customer's fact where the object names one, else one that waits for the provider to say whose the invoice
 * is.
 */
const changed = (
  event: StripeEvent,
  fact: Extract<Fact, { kind: 'invoice-changed' }>,
  customer: string | null,
): Told =>
  customer === null
    ? waiting(event, { kind: 'invoice', id: fact.invoiceId }, fact, fact.id)
    : about(customer, fact);

/**
 * A credit note lowers what is owed by its part before payment; voiding it raises that again. The part after
 * payment is a refund, told by its refund. Source: docs.stripe.com/api/credit_notes/object.
 */
export const creditNote = (sign: 1 | -1): Translator =>
  reading(creditNoteShape, (note, event) => {
    const credited = prePaymentPart(note);
    if (credited === null) {
      const reason = 'data.object.pre_payment_amount: null is not an amount, and the type does not tell it';
      return { kind: 'refused', reason };
    }
    if (credited === 0) return ignored('a credit note issued after payment: its refund tells of it');
    const fact = {
      ...stamped(event),
      kind: 'invoice-changed',
      id: sign === 1 ? note.id : `${note.id}:voided`,
      invoiceId: note.invoice,
      paidMinor: 0,
      creditedMinor: sign * credited,
    } as const;
    return changed(event, fact, note.customer);
  });

/**
 * A payment of a part or the whole of an invoice (basil and later).
 * docs.stripe.com/api/invoice-payment/object
 */
export const invoicePaymentPaid: Translator = reading(
  shape({ object: kind('invoice_payment'), id, invoice: reference, amount_paid: minor }),
  (payment, event) =>
    changed(
      event,
      {
        ...stamped(event),
        kind: 'invoice-changed',
        id: payment.id,
        invoiceId: payment.invoice,
        paidMinor: payment.amount_paid,
        creditedMinor: 0,
      },
      null,
    ),
);

/** A payment of an invoice as its expanded list of payments holds it. */
export type InvoicePayment = {
  /** The payment intent, or a charge that has none. */
  readonly paymentId: string;
  /** When it succeeded; null while it has not. */
  readonly paidAt: Instant | null;
};

const heldPayment = shape({
  payment: paymentRefs,
  status_transitions: maybe(shape({ paid_at: maybe(stamp) })),
});

/**
 * The payments of an invoice that was asked for with `payments` expanded; none where they are not. A payment
 * that is neither an intent nor a charge was made outside Stripe. docs.stripe.com/api/invoice-payment/object
 */
export const invoicePayments = (invoice: unknown): readonly InvoicePayment[] => {
  const held = own(own(invoice, 'payments'), 'data');
  return (Array.isArray(held) ? held : []).flatMap((each: unknown) => {
    const told = read(heldPayment, each, '');
    if (!told.ok) return [];
    const { payment, status_transitions: moved } = told.value;
    const paymentId = payment.payment_intent ?? payment.charge;
    return paymentId === null ? [] : [{ paymentId, paidAt: moved?.paid_at ?? null }];
  });
};
