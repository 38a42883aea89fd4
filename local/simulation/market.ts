// A provider that behaves like Stripe: it tries, declines, retries, gives up; and its customers act as people do.
import { translate } from '../../adapters/stripe/translate.ts';
import { splitKey } from '../../core/ids.ts';
import type { ActOutcome, Provider } from '../../core/ports.ts';
import type { Fact } from '../../core/recovery/fact.ts';
import { toMs, type Instant } from '../../core/time.ts';
import type { Random } from '../demo/random.ts';
import {
  chargeObject,
  customerObject,
  declined,
  eventOf,
  intentObject,
  invoiceObject,
  subscriptionObject,
  type DeclineCodes,
  type Json,
  type Subscriber,
} from '../demo/objects.ts';

const DAY_S = 86_400;

/** An invoice as the provider itself knows it: what the books are held against. */
export type TrueInvoice = {
  readonly id: string;
  readonly customerId: string;
  readonly currency: string;
  readonly failedMinor: number;
  readonly isFirstPayment: boolean;
  paidMinor: number;
  creditedMinor: number;
  status: 'open' | 'paid' | 'void' | 'uncollectible';
  attempts: number;
  nextAttempt: number | null;
  lastCharge: string | null;
  readonly intentId: string;
  readonly number: string;
  readonly firstSecond: number;
};

/** A customer of the simulated business. */
export type TrueCustomer = {
  who: Subscriber;
  readonly invoices: TrueInvoice[];
  charges: {
    readonly id: string;
    readonly second: number;
    readonly invoice: TrueInvoice;
    readonly codes: DeclineCodes;
  }[];
  subscription: Json;
  deleted: boolean;
  inFlight: string | null;
  disputes: Map<string, string>;
};

/** Chances of each kind of decline, and of a later try of it to succeed; round figures in the range that is published. */
const DECLINES: readonly {
  readonly share: number;
  readonly recovers: number;
  readonly codes: DeclineCodes;
}[] = [
  {
    share: 0.4,
    recovers: 0.3,
    codes: { failureCode: 'card_declined', reason: 'insufficient_funds', advice: null },
  },
  {
    share: 0.22,
    recovers: 0.2,
    codes: { failureCode: 'card_declined', reason: 'do_not_honor', advice: null },
  },
  {
    share: 0.08,
    recovers: 0.2,
    codes: { failureCode: 'card_declined', reason: 'generic_decline', advice: 'try_again_later' },
  },
  {
    share: 0.05,
    recovers: 0.7,
    codes: { failureCode: 'processing_error', reason: 'processing_error', advice: null },
  },
  {
    share: 0.12,
    recovers: 0.1,
    codes: { failureCode: 'expired_card', reason: 'expired_card', advice: null },
  },
  {
    share: 0.05,
    recovers: 0,
    codes: { failureCode: 'card_declined', reason: 'stolen_card', advice: 'do_not_try_again' },
  },
  {
    share: 0.08,
    recovers: 0,
    codes: { failureCode: 'authentication_required', reason: 'authentication_required', advice: null },
  },
];

/** Days between the provider's tries: 8 of them in two to three weeks, fewer for some. */
const RETRY_DAYS = [2, 2, 3, 3, 3, 4, 4];

/** Where the market's happenings go: an event to deliver, or something that comes about later. */
export type Stage = {
  readonly emit: (second: number, event: Json) => void;
  readonly later: (second: number, happen: (second: number) => void) => void;
};

export type Market = {
  readonly provider: Provider;
  readonly customers: ReadonlyMap<string, TrueCustomer>;
  /** Everything the provider keeps in its event log. */
  readonly log: readonly { readonly second: number; readonly event: Json }[];
  /** Fails the payment of a new invoice of a customer; all that follows comes about by itself. */
  readonly bill: (customerId: string, second: number) => void;
  /** A mail has reached its reader, who may act on it. */
  readonly read: (customerId: string, second: number) => void;
  /** A customer pays everything at once, this very moment. */
  readonly payAll: (customerId: string, second: number) => void;
};

const pickDecline = (random: Random) => {
  let left = random.next();
  for (const decline of DECLINES) {
    left -= decline.share;
    if (left < 0) return decline;
  }
  return DECLINES[0] as (typeof DECLINES)[number];
};

const invoiceJson = (customer: TrueCustomer, invoice: TrueInvoice, fields: Json = {}): Json =>
  invoiceObject(
    customer.who,
    { id: invoice.id, number: invoice.number, intentId: invoice.intentId, second: invoice.firstSecond },
    {
      amount_due: invoice.failedMinor - invoice.creditedMinor,
      amount_paid: invoice.paidMinor,
      amount_remaining: Math.max(0, invoice.failedMinor - invoice.creditedMinor - invoice.paidMinor),
      pre_payment_credit_notes_amount: invoice.creditedMinor,
      attempt_count: invoice.attempts,
      next_payment_attempt: invoice.nextAttempt,
      status: invoice.status,
      ...(invoice.isFirstPayment && { billing_reason: 'subscription_create' }),
      ...fields,
    },
  );

const chargeJson = (customer: TrueCustomer, charge: TrueCustomer['charges'][number]): Json =>
  chargeObject(customer.who, charge.id, charge.invoice.intentId, {
    amount: charge.invoice.failedMinor - charge.invoice.paidMinor,
    invoice: charge.invoice.id,
    ...declined(charge.codes),
  });

/** The facts of objects as a refresh brings them: the same translation as of an event, stamped with the request. */
const refreshed = (
  objects: readonly (readonly [type: string, second: number, object: Json])[],
  now: Instant,
): Fact[] =>
  objects.flatMap(([type, second, object]) => {
    const told = translate(eventOf('evt_refresh', type, second, object), { livemode: null, account: null });
    if (told.kind !== 'facts') return [];
    return told.facts.map((fact): Fact => {
      if (fact.kind === 'attempt') return { ...fact, source: 'refresh' };
      return fact.kind === 'invoice'
        ? { ...fact, at: now, source: 'refresh', failure: null }
        : { ...fact, at: now, source: 'refresh' };
    });
  });

const stateOf = (customer: TrueCustomer, invoiceIds: readonly string[], now: Instant): readonly Fact[] => {
  const second = Math.floor(toMs(now) / 1000);
  if (customer.deleted) return refreshed([['customer.deleted', second, customerObject(customer.who)]], now);
  const shown = customer.invoices.filter((one) => one.status === 'open' || invoiceIds.includes(one.id));
  return refreshed(
    [
      ['customer.updated', second, customerObject(customer.who)],
      ['customer.subscription.updated', second, customer.subscription],
      ...shown.map((one) => ['invoice.updated', second, invoiceJson(customer, one)] as const),
      ...customer.charges.map(
        (charge) => ['charge.failed', charge.second, chargeJson(customer, charge)] as const,
      ),
    ],
    now,
  );
};

const NOT_DONE: ActOutcome = { kind: 'refused', why: 'the simulated policy leaves retries to the provider' };

/** Makes a market. All chance comes from `random`; nothing reads a clock. */
export const createMarket = (random: Random, people: readonly Subscriber[], stage: Stage): Market => {
  const customers = new Map<string, TrueCustomer>();
  const owners = new Map<string, string>();
  const log: { second: number; event: Json }[] = [];
  let made = 0;

  for (const who of people) {
    customers.set(who.customerId, {
      who,
      invoices: [],
      charges: [],
      subscription: subscriptionObject(who, {}),
      deleted: false,
      inFlight: null,
      disputes: new Map(),
    });
  }
  const emit = (type: string, second: number, object: Json): void => {
    made += 1;
    const event = eventOf(`evt_${made}`, type, second, object);
    log.push({ second, event });
    stage.emit(second, event);
  };
  const subscription = (customer: TrueCustomer, second: number, type: string, fields: Json): void => {
    customer.subscription = { ...customer.subscription, ...fields };
    emit(`customer.subscription.${type}`, second, customer.subscription);
  };
  const pay = (customer: TrueCustomer, invoice: TrueInvoice, second: number, minor: number): void => {
    if (invoice.status === 'paid' || invoice.status === 'void' || customer.deleted) return;
    invoice.paidMinor += minor;
    const rest = invoice.failedMinor - invoice.creditedMinor - invoice.paidMinor;
    if (rest > 0) return emit('invoice.updated', second, invoiceJson(customer, invoice));
    invoice.paidMinor = invoice.failedMinor - invoice.creditedMinor;
    invoice.status = 'paid';
    invoice.nextAttempt = null;
    emit('invoice.paid', second, invoiceJson(customer, invoice));
    return emit('invoice.payment_succeeded', second, invoiceJson(customer, invoice));
  };
  const rest = (invoice: TrueInvoice): number =>
    invoice.failedMinor - invoice.creditedMinor - invoice.paidMinor;
  const isOver = (customer: TrueCustomer, invoice: TrueInvoice): boolean =>
    customer.deleted || invoice.status !== 'open' || customer.subscription['status'] === 'canceled';

  const fail = (
    customer: TrueCustomer,
    invoice: TrueInvoice,
    second: number,
    decline: (typeof DECLINES)[number],
  ): void => {
    invoice.attempts += 1;
    const days = RETRY_DAYS[invoice.attempts - 1];
    const goesOn = days !== undefined && !invoice.isFirstPayment && random.chance(0.85);
    // Stripe goes on planning tries after a hard decline, and runs none of them.
    invoice.nextAttempt = goesOn ? second + Math.round(days * DAY_S * random.between(0.8, 1.2)) : null;
    const charge = { id: `ch_${invoice.id}_${invoice.attempts}`, second, invoice, codes: decline.codes };
    customer.charges.push(charge);
    owners.set(charge.id, customer.who.customerId);
    emit('charge.failed', second, chargeJson(customer, charge));
    const asks = decline.codes.reason === 'authentication_required';
    emit(
      asks ? 'invoice.payment_action_required' : 'invoice.payment_failed',
      second,
      invoiceJson(customer, invoice),
    );
    if (invoice.attempts === 1)
      subscription(customer, second, 'updated', {
        status: invoice.isFirstPayment ? 'incomplete' : 'past_due',
      });
    if (invoice.nextAttempt !== null)
      return stage.later(invoice.nextAttempt, (at) => tryAgain(customer, invoice, at, decline));
    return stage.later(second + random.whole(0, 2) * DAY_S, (at) => giveUp(customer, invoice, at));
  };
  const tryAgain = (
    customer: TrueCustomer,
    invoice: TrueInvoice,
    second: number,
    decline: (typeof DECLINES)[number],
  ): void => {
    if (isOver(customer, invoice)) return;
    if (decline.recovers === 0) {
      const days = RETRY_DAYS[invoice.attempts] ?? null;
      invoice.attempts += 1;
      invoice.nextAttempt = days === null ? null : second + days * DAY_S;
      emit('invoice.updated', second, invoiceJson(customer, invoice));
      if (invoice.nextAttempt === null) return giveUp(customer, invoice, second);
      return stage.later(invoice.nextAttempt, (at) => tryAgain(customer, invoice, at, decline));
    }
    if (random.chance(decline.recovers)) return pay(customer, invoice, second, rest(invoice));
    return fail(customer, invoice, second, random.chance(0.1) ? pickDecline(random) : decline);
  };
  const giveUp = (customer: TrueCustomer, invoice: TrueInvoice, second: number): void => {
    if (isOver(customer, invoice) || invoice.isFirstPayment) return;
    const how = random.pick(['cancel', 'unpaid', 'leave', 'uncollectible'] as const);
    if (how === 'cancel') {
      subscription(customer, second, 'deleted', {
        status: 'canceled',
        ended_at: second,
        cancellation_details: { reason: 'payment_failed' },
      });
    }
    if (how === 'unpaid') subscription(customer, second, 'updated', { status: 'unpaid' });
    if (how === 'uncollectible') {
      invoice.status = 'uncollectible';
      emit('invoice.marked_uncollectible', second, invoiceJson(customer, invoice));
    }
    // Some pay long after everybody has given up.
    if (random.chance(0.1))
      stage.later(second + random.whole(3, 40) * DAY_S, (at) => pay(customer, invoice, at, rest(invoice)));
  };
  /** What a customer may do of their own accord while an invoice is open. */
  const act = (customer: TrueCustomer, invoice: TrueInvoice, second: number): void => {
    if (isOver(customer, invoice)) return;
    const kinds = [
      'pay',
      'part',
      'credit',
      'void',
      'leave',
      'delete',
      'dispute',
      'debit',
      'address',
    ] as const;
    const kind = random.pick(kinds);
    if (kind === 'pay') pay(customer, invoice, second, rest(invoice));
    if (kind === 'part') pay(customer, invoice, second, Math.max(1, Math.floor(rest(invoice) / 3)));
    if (kind === 'credit') {
      invoice.creditedMinor += Math.floor(rest(invoice) / 4);
      emit('invoice.updated', second, invoiceJson(customer, invoice));
    }
    if (kind === 'void') {
      invoice.status = 'void';
      emit('invoice.voided', second, invoiceJson(customer, invoice));
    }
    if (kind === 'leave') {
      subscription(customer, second, 'deleted', {
        status: 'canceled',
        ended_at: second,
        cancellation_details: { reason: 'cancellation_requested' },
      });
    }
    if (kind === 'delete') {
      customer.deleted = true;
      emit('customer.deleted', second, customerObject(customer.who));
    }
    if (kind === 'dispute') disputed(customer, second);
    if (kind === 'debit') debited(customer, invoice, second);
    if (kind === 'address') {
      customer.who = { ...customer.who, email: `moved.${customer.who.customerId}@example.com` };
      emit('customer.updated', second, customerObject(customer.who));
    }
  };
  const disputed = (customer: TrueCustomer, second: number): void => {
    const [charge] = customer.charges;
    if (!charge) return;
    const id = `dp_${customer.who.customerId}_${second}`;
    const tell = (at: number, type: string, status: string): void => {
      customer.disputes.set(id, status);
      const { currency, amountMinor } = customer.who;
      emit(`charge.dispute.${type}`, at, {
        id,
        object: 'dispute',
        amount: amountMinor,
        charge: charge.id,
        currency,
        status,
        livemode: false,
      });
    };
    tell(second, 'created', 'needs_response');
    stage.later(second + random.whole(2, 12) * DAY_S, (at) =>
      tell(at, 'closed', random.pick(['won', 'lost'])),
    );
  };
  const debited = (customer: TrueCustomer, invoice: TrueInvoice, second: number): void => {
    if (customer.inFlight !== null) return;
    const intent = `${invoice.intentId}_debit_${second}`;
    customer.inFlight = intent;
    emit('payment_intent.processing', second, intentObject(customer.who, intent, 'processing'));
    stage.later(second + random.whole(2, 6) * DAY_S, (at) => {
      customer.inFlight = null;
      const works = random.chance(0.7) && !isOver(customer, invoice);
      emit(
        works ? 'payment_intent.succeeded' : 'payment_intent.canceled',
        at,
        intentObject(customer.who, intent, works ? 'succeeded' : 'canceled'),
      );
      if (works) pay(customer, invoice, at, rest(invoice));
    });
  };

  const bill = (customerId: string, second: number): void => {
    const customer = customers.get(customerId);
    if (!customer || customer.deleted || customer.subscription['status'] === 'canceled') return;
    const id = `in_${customerId}_${customer.invoices.length + 1}`;
    const isFirstPayment = customer.invoices.length === 0 && random.chance(0.05);
    const invoice: TrueInvoice = {
      id,
      customerId,
      currency: customer.who.currency.toUpperCase(),
      failedMinor: customer.who.amountMinor,
      isFirstPayment,
      paidMinor: 0,
      creditedMinor: 0,
      status: 'open',
      attempts: 0,
      nextAttempt: null,
      lastCharge: null,
      intentId: `pi_${id}`,
      number: id,
      firstSecond: second,
    };
    customer.invoices.push(invoice);
    owners.set(id, customerId);
    fail(customer, invoice, second, pickDecline(random));
    if (random.chance(0.03)) stage.later(second, (at) => pay(customer, invoice, at, rest(invoice)));
    const acts = random.whole(0, 2);
    for (let i = 0; i < acts; i += 1) {
      if (random.chance(0.5))
        stage.later(second + Math.round(random.between(0, 20) * DAY_S), (at) => act(customer, invoice, at));
    }
  };
  const read = (customerId: string, second: number): void => {
    const customer = customers.get(customerId);
    const open = customer?.invoices.find((one) => one.status === 'open');
    if (!customer || !open || !random.chance(0.25)) return;
    stage.later(second + Math.round(random.between(0.01, 2) * DAY_S), (at) => {
      if (!isOver(customer, open)) pay(customer, open, at, rest(open));
    });
  };

  return {
    customers,
    log,
    bill,
    read,
    payAll: (customerId, second) => {
      const customer = customers.get(customerId);
      for (const invoice of customer?.invoices ?? []) {
        if (customer && invoice.status === 'open') pay(customer, invoice, second, rest(invoice));
      }
    },
    provider: {
      refresh: async (key, invoiceIds, now) => {
        const customer = customers.get(splitKey(key).customerId);
        return customer ? stateOf(customer, invoiceIds, now) : [];
      },
      resolve: async (_connection, { id }) => owners.get(id) ?? null,
      retry: async () => NOT_DONE,
      end: async () => NOT_DONE,
      lookUp: async () => NOT_DONE,
    },
  };
};
