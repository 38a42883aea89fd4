// What is done at Stripe: a try to take the money of an invoice, an end; and what became of one of them.
import type Stripe from 'stripe';
import { OutsideError, type ActOutcome } from '../../core/ports.ts';
import type { ArmedAction } from '../../core/recovery/customer.ts';
import type { Fact } from '../../core/recovery/fact.ts';
import { triggerOf } from '../../core/recovery/step-ids.ts';
import { addMs, MINUTE_MS, toMs, type Instant } from '../../core/time.ts';
import { subscriptionTold } from './customer.ts';
import { failureOf, outcomeOf, readError, type Failure } from './errors.ts';
import { answered, type Translator } from './event.ts';
import { invoiceTold } from './invoice.ts';
import { attemptOfError, intentInFlight, readCharge, type ListedCharge } from './payment.ts';
import { isJsonObject, own, type Json } from './shapes.ts';

/** What an act works with. */
export type Acting = { readonly stripe: Stripe; readonly action: ArmedAction; readonly now: () => Instant };

const done = (why: string, facts: readonly Fact[]): ActOutcome => ({ kind: 'done', why, facts });
const refused = (why: string): ActOutcome => ({ kind: 'refused', why });

/**
 * What an answer tells. It is only more news of what has been done, so an answer that cannot be read tells
 * nothing.
 */
const factsIn = (object: unknown, as: Translator, at: Instant): readonly Fact[] => {
  if (!isJsonObject(object)) return [];
  const told = as(answered(object, at));
  return told.kind === 'facts' ? told.facts : [];
};

/** The failure of Stripe behind an error; a fault of ours is thrown on. */
const failureIn = (error: unknown): Failure => {
  const failure = failureOf(error);
  if (failure === null) throw error;
  return failure;
};

const STATUS: Readonly<Record<string, string>> = {
  paid: 'the invoice is paid',
  void: 'the invoice is void',
  uncollectible: 'the invoice is marked uncollectible',
};

/** The payment intents that an invoice brought along. */
const intentsOf = (invoice: unknown): readonly Json[] => {
  const payments = own(own(invoice, 'payments'), 'data');
  return (Array.isArray(payments) ? payments : [])
    .map((each: unknown) => own(own(each, 'payment'), 'payment_intent'))
    .filter(isJsonObject);
};

const afterPay = (invoice: Stripe.Invoice, at: Instant): ActOutcome => {
  const intents = intentsOf(invoice).filter((intent) => own(intent, 'status') === 'processing');
  const facts = [
    ...factsIn(invoice, invoiceTold, at),
    ...intents.flatMap((intent) => factsIn(intent, intentInFlight(true), at)),
  ];
  return done(invoice.status === 'paid' ? 'paid' : 'accepted: the payment is on its way', facts);
};

/**
 * Stripe refuses to charge an invoice that is paid or void, and names no code for it: the invoice itself
 * tells. null = it is neither, or could not be read.
 */
const settledMeanwhile = async (
  stripe: Stripe,
  invoiceId: string,
  at: Instant,
): Promise<ActOutcome | null> => {
  try {
    const invoice = await stripe.invoices.retrieve(invoiceId);
    if (invoice.status === 'paid')
      return done('the invoice is paid already', factsIn(invoice, invoiceTold, at));
    return invoice.status === 'void' ? refused('the invoice is void: there is nothing to charge') : null;
  } catch (error) {
    failureIn(error);
    return null;
  }
};

/**
 * One try to take the money of the invoice `action.subjectId`. The bank's no is `done`: the step was carried
 * out, and the decline comes as an attempt. `action.methodId` is charged when it is set, else what Stripe has
 * for the invoice. The same key and parameters every time, so that a repetition is none.
 * docs.stripe.com/api/invoices/pay
 */
export const payInvoice = async ({ stripe, action, now }: Acting): Promise<ActOutcome> => {
  const { subjectId: invoiceId, key, methodId } = action;
  if (invoiceId.includes(':')) {
    return refused('the payment came back after the invoice was paid: Stripe charges a paid invoice no more');
  }
  const at = now();
  try {
    const invoice = await stripe.invoices.pay(
      invoiceId,
      {
        off_session: true,
        expand: ['payments.data.payment.payment_intent'],
        ...(methodId !== null && { payment_method: methodId }),
      },
      { idempotencyKey: key },
    );
    return afterPay(invoice, at);
  } catch (error) {
    const failure = failureIn(error);
    if (failure.kind === 'declined') {
      const attempt = attemptOfError(failure.error.raw, invoiceId, at);
      const { decline_code: declineCode, code } = failure.error;
      return done(
        `declined: ${declineCode || code || 'no reason given'}`,
        attempt
          ? [{ kind: 'attempt', at, source: 'refresh', attempt: { ...attempt, trigger: triggerOf(action) } }]
          : [],
      );
    }
    const settled = failure.kind === 'refused' ? await settledMeanwhile(stripe, invoiceId, at) : null;
    return settled ?? outcomeOf(failure);
  }
};

/** What an end works on: the invoice, and the subscription it bills. */
type Target = { readonly invoice: Stripe.Invoice; readonly subscription: Stripe.Subscription | null };

type End = {
  readonly needsSubscription: boolean;
  /** Why nothing is left to end; null when there is. */
  readonly over: (target: Target) => string | null;
  readonly act: (
    stripe: Stripe,
    target: { readonly invoiceId: string; readonly subscriptionId: string },
    options: { readonly idempotencyKey: string },
  ) => Promise<Stripe.Invoice | Stripe.Subscription>;
};

const hasEnded = ({ subscription }: Target): string | null =>
  subscription?.status === 'canceled' || subscription?.status === 'incomplete_expired'
    ? 'the subscription has ended already'
    : null;

/** The ends of a policy. Source: docs.stripe.com/api/subscriptions, docs.stripe.com/api/invoices. */
const ENDS: Readonly<Record<string, End>> = {
  cancel: {
    needsSubscription: true,
    over: hasEnded,
    act: (stripe, { subscriptionId }, options) => stripe.subscriptions.cancel(subscriptionId, {}, options),
  },
  cancel_at_period_end: {
    needsSubscription: true,
    over: (target) =>
      hasEnded(target) ??
      (target.subscription?.cancel_at_period_end ? 'the subscription ends with its period already' : null),
    act: (stripe, { subscriptionId }, options) =>
      stripe.subscriptions.update(subscriptionId, { cancel_at_period_end: true }, options),
  },
  pause: {
    needsSubscription: true,
    over: (target) =>
      hasEnded(target) ?? (target.subscription?.pause_collection ? 'collection is paused already' : null),
    act: (stripe, { subscriptionId }, options) =>
      stripe.subscriptions.update(
        subscriptionId,
        { pause_collection: { behavior: 'keep_as_draft' } },
        options,
      ),
  },
  mark_uncollectible: {
    needsSubscription: false,
    over: ({ invoice }) => (STATUS[invoice.status ?? ''] ? `${STATUS[invoice.status ?? '']} already` : null),
    act: (stripe, { invoiceId }, options) => stripe.invoices.markUncollectible(invoiceId, {}, options),
  },
};

const endOf = ({ endAction }: ArmedAction): End | null =>
  endAction !== null && Object.hasOwn(ENDS, endAction) ? (ENDS[endAction] ?? null) : null;

/** A returned payment's subject is named `<invoice>:<payment>`. */
const invoiceIdOf = ({ subjectId }: ArmedAction): string => subjectId.split(':', 1)[0] ?? subjectId;

const targetOf = async (stripe: Stripe, action: ArmedAction): Promise<Target> => {
  const invoice = await stripe.invoices.retrieve(invoiceIdOf(action), {
    expand: ['parent.subscription_details.subscription'],
  });
  const held = invoice.parent?.subscription_details?.subscription ?? null;
  return { invoice, subscription: typeof held === 'object' ? held : null };
};

const factsOfTarget = ({ invoice, subscription }: Target, at: Instant): readonly Fact[] => [
  ...factsIn(invoice, invoiceTold, at),
  ...factsIn(subscription, subscriptionTold(null), at),
];

/**
 * Ends what the campaign says is to end, after a look at it: what has ended already is left alone. Deleting
 * has no idempotency at Stripe, but a subscription can be cancelled only once.
 */
export const endSubscription = async ({ stripe, action, now }: Acting): Promise<ActOutcome> => {
  const end = endOf(action);
  if (end === null) return refused(`there is no end "${action.endAction ?? ''}" at Stripe`);
  const at = now();
  try {
    const target = await targetOf(stripe, action);
    const over = end.over(target);
    if (over !== null) return done(over, factsOfTarget(target, at));
    if (end.needsSubscription && target.subscription === null) {
      return refused('the invoice bills no subscription: end by hand what it was for');
    }
    const ids = { invoiceId: target.invoice.id ?? '', subscriptionId: target.subscription?.id ?? '' };
    const after = await end.act(stripe, ids, { idempotencyKey: action.key });
    return done('ended', factsIn(after, end.needsSubscription ? subscriptionTold(null) : invoiceTold, at));
  } catch (error) {
    const failure = failureIn(error);
    const vanished = failure.kind === 'missing' || failure.kind === 'refused';
    return (vanished ? await overMeanwhile(stripe, action, end, at) : null) ?? outcomeOf(failure);
  }
};

/**
 * Whether what was refused had ended between the look and the act; null when not, or when it cannot be read.
 */
const overMeanwhile = async (
  stripe: Stripe,
  action: ArmedAction,
  end: End,
  at: Instant,
): Promise<ActOutcome | null> => {
  try {
    const target = await targetOf(stripe, action);
    const over = end.over(target);
    return over === null ? null : done(over, factsOfTarget(target, at));
  } catch (error) {
    failureIn(error);
    return null;
  }
};

/** Stripe's clock and ours may differ by this much. */
const CLOCKS_MS = MINUTE_MS;
const NEVER_ARRIVED = 'the request never arrived at Stripe';

const unsure = (why: string): ActOutcome => ({ kind: 'unknown', why });

const triedSince = ({ attempt, at, status }: ListedCharge, invoiceId: string): ActOutcome => {
  const fact = { kind: 'attempt', at, source: 'refresh', attempt: { ...attempt, invoiceId } } as const;
  return done(`a try was made since: ${status}`, status === 'failed' ? [fact] : []);
};

/**
 * What the payments of an invoice say of a charge armed at a time. docs.stripe.com/api/invoice-payment/list
 */
const lookUpCharge = async (stripe: Stripe, { subjectId, armedAt }: ArmedAction): Promise<ActOutcome> => {
  const list = await stripe.invoicePayments.list({
    invoice: subjectId,
    limit: 100,
    expand: ['data.payment.payment_intent.latest_charge'],
  });
  const since = addMs(armedAt, -CLOCKS_MS);
  for (const { payment, status_transitions: moved } of list.data) {
    const paidAt = moved.paid_at === null ? null : moved.paid_at * 1000;
    if (paidAt !== null && paidAt >= toMs(since)) return done('paid since', []);
    const status = own(payment.payment_intent, 'status');
    if (status === 'processing') return done('a payment is on its way', []);
    if (status === 'requires_action') return unsure('the customer has to confirm a payment of unknown age');
    const told = own(payment.payment_intent, 'latest_charge') ?? payment.charge ?? null;
    if (told === null) continue;
    const charge = readCharge(told);
    if (!charge.ok) return unsure('a charge of the invoice cannot be read');
    if (charge.value.at < since) continue;
    return triedSince(charge.value, subjectId);
  }
  return list.has_more
    ? unsure('the invoice has more payments than can be looked through')
    : refused(NEVER_ARRIVED);
};

const lookUpEnd = async (stripe: Stripe, action: ArmedAction, at: Instant): Promise<ActOutcome> => {
  const end = endOf(action);
  if (end === null) return refused(`there is no end "${action.endAction ?? ''}" at Stripe`);
  const target = await targetOf(stripe, action);
  const over = end.over(target);
  return over === null ? refused(NEVER_ARRIVED) : done(over, factsOfTarget(target, at));
};

/**
 * What became of an act whose answer never came. Somebody else's try or end since then counts as ours: the
 * safe side is not to do it again. Throws {@link OutsideError} where asking later may help; what a person
 * must look at is `unknown`.
 */
export const lookUpAct = async ({ stripe, action, now }: Acting): Promise<ActOutcome> => {
  try {
    return action.kind === 'retry'
      ? await lookUpCharge(stripe, action)
      : await lookUpEnd(stripe, action, now());
  } catch (error) {
    const outside: OutsideError = readError(failureIn(error), 'looking up what became of a charge or an end');
    if (outside.retry === 'later') throw outside;
    return { kind: 'unknown', why: outside.message };
  }
};
