// One invoice of the demonstration and everything that can happen to it, each told as Stripe would tell it.
import {
  chargeObject,
  customerObject,
  declined,
  eventOf,
  intentObject,
  invoiceObject,
  methodObject,
  subscriptionObject,
  type DeclineCodes,
  type Json,
  type Subscriber,
} from './objects.ts';
import type { AnswerKind } from '../../core/recovery/customer.ts';
import type { DemoAct } from './acts.ts';
import type { Random } from './random.ts';

const DAY_SECONDS = 86_400;

/** An invoice under way. Days count from its first try and may be fractions. */
export type Bill = {
  readonly random: Random;
  readonly who: () => Subscriber;
  readonly amountMinor: number;
  /** A try that the bank declined. `next`: the day of the provider's next try; null = none. */
  failed(day: number, codes: DeclineCodes, next: number | null, type?: string): void;
  /** The bank wants to see the cardholder. */
  needsConfirming(day: number): void;
  paid(day: number): void;
  /** The invoice as it stands after a change, told by an event of this type. */
  told(type: string, day: number, fields: Json): void;
  /** A part is paid; the rest stays owed. */
  partPaid(day: number, minor: number): void;
  credited(day: number, minor: number): void;
  refunded(day: number, minor: number): void;
  /** The bank takes a debit back that had been paid. */
  returned(day: number): void;
  /** The debit that came back is paid once more. */
  paidAgain(day: number): void;
  inFlight(day: number, status: 'processing' | 'succeeded'): void;
  /** The holder of an earlier payment asks for the money back. */
  disputed(day: number, id: string, status: string): void;
  subscription(type: 'updated' | 'deleted', day: number, fields: Json): void;
  /** The customer stores a new card, or the network replaces the one we have. */
  newCard(day: number, how: 'attached' | 'automatically_updated'): void;
  deleted(day: number): void;
  /** The invoice is sent, for the customer to pay on their own until its due date. */
  sent(dueDay: number): void;
  /** The last mail comes back: its address is no more. */
  bounced(day: number): void;
  /** The customer answers on the page that the last mail leads to. `inDays`: when a promised payment is to come. */
  answered(day: number, answer: AnswerKind, inDays?: number): void;
};

/** Where events go; `earlier` takes what only the provider knows, from before the month. */
export type Stage = {
  readonly emit: (second: number, event: Json) => void;
  readonly earlier: (event: Json) => void;
  /** What happens without an event. */
  readonly act: (second: number, act: DemoAct) => void;
};

const randomCard = (random: Random, year: number): Subscriber['card'] => ({
  id: random.id('pm'),
  fingerprint: random.id('fp').slice(3),
  brand: random.pick(['visa', 'visa', 'mastercard', 'mastercard', 'amex']),
  last4: String(random.whole(0, 9999)).padStart(4, '0'),
  expMonth: random.whole(1, 12),
  expYear: year + random.whole(1, 4),
});

/** A card that is good for some years from `second` on. */
export const drawCard = (random: Random, second: number): Subscriber['card'] =>
  randomCard(random, new Date(second * 1000).getUTCFullYear());

/** What the parts of a bill share: how things stand, and how an event of it is told. */
type Told = {
  readonly random: Random;
  readonly state: {
    who: Subscriber;
    attempts: number;
    paid: number;
    credited: number;
    chargeId: string;
    /** What an invoice that is sent says besides. */
    sent: Json;
  };
  readonly intentId: string;
  readonly billId: string;
  readonly emit: (type: string, day: number, object: Json, previous?: Json | null) => void;
  readonly earlier: (type: string, object: Json) => void;
  readonly act: (day: number, act: DemoAct) => void;
  readonly remaining: () => number;
  readonly object: (fields?: Json) => Json;
};

const createTold = (who: Subscriber, number: string, second: number, random: Random, stage: Stage): Told => {
  const bill = { id: random.id('in'), number, intentId: random.id('pi'), second };
  const period = who.plan.unit === 'year' ? 365 : 30;
  const ours = { ...who, periodEnd: second + period * DAY_SECONDS };
  const state = { who: ours, attempts: 0, paid: 0, credited: 0, chargeId: random.id('ch'), sent: {} };
  const secondOf = (day: number) => second + Math.round(day * DAY_SECONDS);
  const due = () => who.amountMinor - state.credited;
  const remaining = () => due() - state.paid;
  return {
    random,
    state,
    intentId: bill.intentId,
    billId: bill.id,
    emit: (type, day, object, previous = null) => {
      const at = secondOf(day);
      stage.emit(at, eventOf(random.id('evt'), type, at, object, previous));
    },
    earlier: (type, object) => {
      stage.earlier(eventOf(random.id('evt'), type, second - 30 * DAY_SECONDS, object));
    },
    act: (day, act) => stage.act(secondOf(day), act),
    remaining,
    object: (fields = {}) =>
      invoiceObject(state.who, bill, {
        attempt_count: state.attempts,
        amount_due: due(),
        amount_paid: state.paid,
        amount_remaining: remaining(),
        pre_payment_credit_notes_amount: state.credited,
        ...state.sent,
        ...fields,
      }),
  };
};

const tries = ({ random, state, intentId, emit, remaining, object }: Told) => ({
  failed: (day: number, codes: DeclineCodes, next: number | null, type = 'invoice.payment_failed') => {
    state.attempts += 1;
    state.chargeId = random.id('ch');
    const charge = chargeObject(state.who, state.chargeId, intentId, declined(codes));
    emit('charge.failed', day, { ...charge, amount: remaining() });
    const created = object()['created'] as number;
    const firstTry = created + 3600;
    const at = next === null ? null : firstTry + Math.round(next * DAY_SECONDS);
    emit(type, day, object({ next_payment_attempt: at }));
    if (state.attempts > 1) return;
    const previous = { status: 'active' };
    const pastDue = subscriptionObject(state.who, { status: 'past_due' });
    emit('customer.subscription.updated', day, pastDue, previous);
  },
  needsConfirming: (day: number) => {
    state.attempts += 1;
    emit('payment_intent.requires_action', day, intentObject(state.who, intentId, 'requires_action'));
    emit('invoice.payment_action_required', day, object());
    emit('customer.subscription.updated', day, subscriptionObject(state.who, { status: 'past_due' }), {
      status: 'active',
    });
  },
  paid: (day: number) => {
    const troubled = state.attempts > 0;
    state.attempts += 1;
    state.chargeId = random.id('ch');
    const amount = remaining();
    state.paid += amount;
    if (troubled)
      emit('charge.succeeded', day, {
        ...chargeObject(state.who, state.chargeId, intentId, {}),
        amount,
      });
    emit('invoice.paid', day, object({ status: 'paid' }));
    if (troubled) {
      const previous = { status: 'past_due' };
      emit('customer.subscription.updated', day, subscriptionObject(state.who, {}), previous);
    }
  },
});

const changes = (told: Told) => {
  const { random, state, intentId, billId, emit, object } = told;
  const invoicePayment = (day: number, minor: number) =>
    emit('invoice_payment.paid', day, {
      id: random.id('inpay'),
      object: 'invoice_payment',
      amount_paid: minor,
      currency: state.who.currency,
      invoice: billId,
      livemode: false,
      payment: { payment_intent: intentId, type: 'payment_intent' },
      status: 'paid',
    });
  return {
    told: (type: string, day: number, fields: Json) => emit(type, day, object(fields)),
    partPaid: (day: number, minor: number) => {
      state.paid += minor;
      invoicePayment(day, minor);
      emit('invoice.updated', day, object(), { amount_paid: state.paid - minor });
    },
    paidAgain: (day: number) => invoicePayment(day, state.who.amountMinor),
    credited: (day: number, minor: number) => {
      state.credited += minor;
      emit('credit_note.created', day, {
        id: random.id('cn'),
        object: 'credit_note',
        amount: minor,
        currency: state.who.currency,
        customer: state.who.customerId,
        invoice: billId,
        post_payment_amount: 0,
        pre_payment_amount: minor,
        status: 'issued',
        type: 'pre_payment',
      });
    },
    inFlight: (day: number, status: 'processing' | 'succeeded') =>
      emit(`payment_intent.${status}`, day, intentObject(state.who, intentId, status)),
  };
};

const takenBack = ({ random, state, intentId, emit, earlier }: Told) => ({
  refunded: (day: number, minor: number) => {
    const charge = chargeObject(state.who, state.chargeId, intentId, { amount_refunded: minor });
    emit('charge.refunded', day, charge, { amount_refunded: 0 });
  },
  returned: (day: number) => {
    const charge = chargeObject(state.who, state.chargeId, intentId, {
      failure_balance_transaction: random.id('txn'),
      failure_code: 'refer_to_customer',
      paid: false,
      status: 'failed',
    });
    emit('charge.failed', day, charge, { status: 'succeeded' });
  },
  disputed: (day: number, id: string, status: string) => {
    const [charge, intent] = [`ch_${id.slice(3)}`, `pi_${id.slice(3)}`];
    // The payment in dispute is an earlier one, which the provider knows.
    earlier('charge.succeeded', chargeObject(state.who, charge, intent, {}));
    const type = status === 'won' || status === 'lost' ? 'closed' : 'created';
    emit(`charge.dispute.${type}`, day, {
      id,
      object: 'dispute',
      amount: state.who.amountMinor,
      charge,
      currency: state.who.currency,
      livemode: false,
      payment_intent: intent,
      reason: 'product_not_received',
      status,
    });
  },
});

const SENT: Json = { collection_method: 'send_invoice' };

const people = ({ random, state, emit, object, act }: Told) => ({
  subscription: (type: 'updated' | 'deleted', day: number, fields: Json) =>
    emit(`customer.subscription.${type}`, day, subscriptionObject(state.who, fields)),
  newCard: (day: number, how: 'attached' | 'automatically_updated') => {
    const drawn = drawCard(random, object()['created'] as number);
    const card = how === 'attached' ? drawn : { ...drawn, id: state.who.card.id };
    state.who = { ...state.who, card };
    emit(`payment_method.${how}`, day, methodObject(state.who));
    if (how === 'attached') emit('customer.updated', day, customerObject(state.who));
  },
  deleted: (day: number) => emit('customer.deleted', day, customerObject(state.who)),
  sent: (dueDay: number) => {
    const dueDate = (object()['created'] as number) + Math.round(dueDay * DAY_SECONDS);
    state.sent = { collection_method: 'send_invoice', due_date: dueDate };
    emit('invoice.finalized', 0, object());
    emit('customer.subscription.updated', 0, subscriptionObject(state.who, SENT));
  },
  bounced: (day: number) => act(day, { kind: 'bounce', customerId: state.who.customerId }),
  answered: (day: number, answer: AnswerKind, inDays?: number) =>
    act(day, { kind: 'answer', customerId: state.who.customerId, answer, inDays: inDays ?? null }),
});

/** An invoice of `who`, first tried at `second`. */
export const createBill = (
  who: Subscriber,
  number: string,
  second: number,
  random: Random,
  stage: Stage,
): Bill => {
  const told = createTold(who, number, second, random, stage);
  return {
    random,
    who: () => told.state.who,
    amountMinor: who.amountMinor,
    ...tries(told),
    ...changes(told),
    ...takenBack(told),
    ...people(told),
  };
};
