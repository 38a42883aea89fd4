// Facts as a provider tells them: builders that take what should differ, and arbitraries for the laws.
import * as fc from 'fast-check';
import { newCustomer, NO_FACTS } from '../../core/recovery/customer.ts';
import type { ArmedAction, Customer, Facts, StepRecord, Tombstone } from '../../core/recovery/customer.ts';
import type {
  Attempt,
  CardDetails,
  Contact,
  Decline,
  Delivery,
  DeliveryEvent,
  Dispute,
  Fact,
  FailureReason,
  InvoiceAmounts,
  InvoiceDetails,
  InvoiceStatus,
  PaymentMethod,
  Refund,
  Reversal,
  Source,
  SubscriptionSnapshot,
} from '../../core/recovery/fact.ts';
import { withRecords } from '../../core/recovery/ladders.ts';
import { mergeAll } from '../../core/recovery/merge.ts';
import { plan } from '../../core/recovery/plan.ts';
import type { Policy } from '../../core/recovery/policy.ts';
import { addDays, addMs } from '../../core/time.ts';
import type { Instant } from '../../core/time.ts';
import { FAILED_AT, keyOf } from './customers.ts';

type FactOf<K extends Fact['kind']> = Extract<Fact, { kind: K }>;
type Stamp = { readonly at?: Instant; readonly source?: Source };

/** The moment `days` after {@link FAILED_AT}; fractions count. */
export const day = (days: number): Instant => addDays(FAILED_AT, days);

/** How many days after {@link FAILED_AT} an instant lies, to the hundredth. */
export const dayOf = (at: Instant): number =>
  Math.round((Date.parse(at) - Date.parse(FAILED_AT)) / 864_000) / 100;

const stamp = ({ at = FAILED_AT, source = 'event' }: Stamp) => ({ at, source });

/** Nobody that anything is known of. */
export const NOBODY: Contact = {
  email: null,
  name: null,
  locales: [],
  country: null,
  timeZone: null,
  metadata: {},
};

/** Who the builders' customer is. */
export const ANA: Contact = {
  email: 'ana@example.com',
  name: 'Ana',
  locales: ['en'],
  country: 'AT',
  timeZone: null,
  metadata: {},
};

export const CARD: CardDetails = {
  fingerprint: 'card_a',
  brand: 'visa',
  last4: '4242',
  expMonth: 12,
  expYear: 2030,
};

/** A decline by its code alone. */
export const declineOf = (declineCode: string | null, changes: Partial<Decline> = {}): Decline => ({
  code: declineCode === null ? null : 'card_declined',
  declineCode,
  adviceCode: null,
  networkAdviceCode: null,
  networkDeclineCode: null,
  ...changes,
});

export type InvoiceTold = Stamp & {
  readonly status?: InvoiceStatus;
  readonly currency?: string;
  readonly amounts?: Partial<InvoiceAmounts>;
  readonly attempt?: number;
  readonly next?: Instant | null;
  readonly details?: Partial<InvoiceDetails>;
  readonly paymentIds?: readonly string[];
  readonly failure?: { readonly at: Instant; readonly reason: FailureReason } | null;
  readonly contact?: Contact | null;
};

/** An invoice of 49.00 EUR as it stands, all of it still owed. */
export const invoiceFact = (id: string, told: InvoiceTold = {}): FactOf<'invoice'> => {
  const paid = told.amounts?.paid ?? (told.status === 'paid' ? 4900 : 0);
  const due = told.amounts?.due ?? 4900;
  return {
    ...stamp(told),
    kind: 'invoice',
    invoice: {
      id,
      currency: told.currency ?? 'EUR',
      status: told.status ?? 'open',
      amounts: { due, paid, remaining: due - paid, credited: 0, ...told.amounts },
      schedule: { attemptCount: told.attempt ?? 1, nextAttemptAt: told.next ?? null },
      details: {
        number: `R-${id}`,
        hostedUrl: `https://pay.example/${id}`,
        collectionMethod: 'charge_automatically',
        billingReason: 'subscription_cycle',
        subscriptionId: 'sub_1',
        dueAt: null,
        createdAt: FAILED_AT,
        productIds: [],
        planIds: [],
        ...told.details,
      },
      paymentIds: told.paymentIds ?? [],
    },
    failure: told.failure ?? null,
    contact: told.contact ?? null,
  };
};

/** An invoice whose payment failed at the fact's own time. */
export const failedFact = (
  id: string,
  told: InvoiceTold & { readonly reason?: FailureReason } = {},
): FactOf<'invoice'> =>
  invoiceFact(id, {
    failure: { at: told.at ?? FAILED_AT, reason: told.reason ?? 'declined' },
    ...told,
  });

/** A declined try to take the money of `in_1`. */
export const attemptFact = (
  id: string,
  changes: Partial<Attempt> = {},
  told: Stamp = {},
): FactOf<'attempt'> => ({
  ...stamp({ at: changes.at ?? FAILED_AT, ...told }),
  kind: 'attempt',
  attempt: {
    id,
    at: FAILED_AT,
    invoiceId: 'in_1',
    paymentIntentId: null,
    amountMinor: 4900,
    currency: 'EUR',
    result: 'declined',
    decline: declineOf('insufficient_funds'),
    card: CARD,
    methodType: 'card',
    trigger: 'provider',
    sentToNetwork: true,
    ...changes,
  },
});

/** The customer as the provider knows them. */
export const customerFact = (
  contact: Partial<Contact> = {},
  told: Stamp & { readonly defaultMethodId?: string | null; readonly since?: Instant | null } = {},
): FactOf<'customer'> => ({
  ...stamp(told),
  kind: 'customer',
  contact: { ...ANA, ...contact },
  defaultMethodId: told.defaultMethodId ?? null,
  since: told.since ?? null,
});

/** The provider deleted the customer, or somebody asked to be forgotten. */
export const goneFact = (
  kind: 'customer-deleted' | 'customer-erased',
  told: Stamp = {},
): FactOf<'customer-deleted'> | FactOf<'customer-erased'> => ({ ...stamp(told), kind });

/** The subscription `sub_1`. */
export const subscriptionFact = (
  changes: Partial<SubscriptionSnapshot> = {},
  told: Stamp = {},
): FactOf<'subscription'> => ({
  ...stamp(told),
  kind: 'subscription',
  subscription: {
    id: 'sub_1',
    status: 'past_due',
    cancelAtPeriodEnd: false,
    cancellationReason: null,
    endedAt: null,
    pauseReason: null,
    defaultMethodId: null,
    planIds: [],
    productIds: [],
    interval: null,
    startedAt: null,
    currentPeriodEnd: null,
    trialEndsAt: null,
    collectionMethod: null,
    amountMinor: null,
    currency: null,
    ...changes,
  },
});

export const methodFact = (
  changes: Partial<PaymentMethod> = {},
  told: Stamp = {},
): FactOf<'payment-method'> => ({
  ...stamp(told),
  kind: 'payment-method',
  method: { id: 'pm_1', type: 'card', card: CARD, attached: true, ...changes },
});

export const mandateFact = (
  methodId: string,
  mandateStatus: string,
  told: Stamp = {},
): FactOf<'mandate'> => ({
  ...stamp(told),
  kind: 'mandate',
  methodId,
  mandateStatus,
});

/** A bank debit that is on its way, or is so no more. */
export const inFlightFact = (
  paymentIntentId: string,
  processing: boolean,
  told: Stamp = {},
): FactOf<'in-flight'> => ({ ...stamp(told), kind: 'in-flight', paymentIntentId, processing });

/** A part of an invoice that was paid or credited. */
export const changeFact = (
  id: string,
  changes: { readonly invoiceId?: string; readonly paidMinor?: number; readonly creditedMinor?: number } = {},
  told: Stamp = {},
): FactOf<'invoice-changed'> => ({
  ...stamp(told),
  kind: 'invoice-changed',
  id,
  invoiceId: 'in_1',
  paidMinor: 0,
  creditedMinor: 0,
  ...changes,
});

export const disputeFact = (
  id: string,
  changes: Partial<Dispute> = {},
  told: Stamp = {},
): FactOf<'dispute'> => ({
  ...stamp(told),
  kind: 'dispute',
  dispute: {
    id,
    open: true,
    status: 'needs_response',
    chargeId: 'ch_1',
    amountMinor: 4900,
    currency: 'EUR',
    ...changes,
  },
});

export const refundFact = (
  id: string,
  changes: Partial<Refund> = {},
  told: Stamp = {},
): FactOf<'refund'> => ({
  ...stamp(told),
  kind: 'refund',
  refund: { id, chargeId: 'ch_1', amountMinor: 4900, currency: 'EUR', failed: false, ...changes },
});

/** A payment of `in_1` that had succeeded and came back. */
export const reversalFact = (
  id: string,
  changes: Partial<Reversal> = {},
  told: Stamp = {},
): FactOf<'reversal'> => ({
  ...stamp({ at: changes.at ?? FAILED_AT, ...told }),
  kind: 'reversal',
  reversal: {
    id,
    at: FAILED_AT,
    amountMinor: 4900,
    currency: 'EUR',
    invoiceId: 'in_1',
    paymentIntentId: null,
    ...changes,
  },
});

/** What became of the mail of a step of `in_1`. */
export const deliveryFact = (
  event: DeliveryEvent,
  changes: Partial<Delivery> = {},
  told: Stamp = {},
): FactOf<'delivery'> => ({
  ...stamp(told),
  kind: 'delivery',
  delivery: {
    caseId: 'case_in_1',
    subjectId: 'in_1',
    stepId: 'final-notice',
    event,
    address: ANA.email,
    unreachable: false,
    ...changes,
  },
});

/** What stays of an invoice of a closed case. */
export const tombstoneOf = (changes: Partial<Tombstone> = {}): Tombstone => ({
  status: 'open',
  caseId: 'case_in_1',
  at: FAILED_AT,
  currency: 'EUR',
  returned: {},
  paidMinor: 0,
  paidAsOf: FAILED_AT,
  partIds: [],
  ...changes,
});

/** All that some facts come to. */
export const factsFrom = (...told: readonly Fact[]): Facts => mergeAll(NO_FACTS, told);

/** A customer of whom these facts have been told, with no case yet. */
export const customerFrom = (...told: readonly Fact[]): Customer =>
  told.length === 0
    ? newCustomer(keyOf('cus_1'))
    : { ...newCustomer(keyOf('cus_1')), version: 1, facts: factsFrom(...told) };

/** The same customer, told more. */
export const told = (customer: Customer, ...facts: readonly Fact[]): Customer => ({
  ...customer,
  facts: mergeAll(customer.facts, facts),
});

/** What a visit writes once an action has been carried out. */
export const performed = (
  customer: Customer,
  action: ArmedAction,
  now: Instant,
  status: StepRecord['status'] = 'done',
): Customer => {
  const { kind, stepId: id, message, why } = action;
  const own = withRecords(customer, action.subjectId, [{ id, kind, at: now, status, why, message }]);
  if (status === 'skipped') return own;
  const all = action.carries.reduce((so, { subjectId, stepId, message: said }) => {
    const record = {
      id: stepId,
      kind: 'email',
      at: now,
      status: 'skipped',
      why: 'carried',
      message: said,
    } as const;
    return withRecords(so, subjectId, [record]);
  }, own);
  const { recovery } = all;
  if (kind === 'email' && message !== 'recovered')
    return { ...all, recovery: { ...recovery, lastAskedAt: now } };
  if (kind !== 'end' || recovery.case === null) return all;
  const ladders = recovery.case.ladders.map((one) =>
    one.subjectId === action.subjectId ? { ...one, endedAt: now, endedSubscriptionId: null } : one,
  );
  return { ...all, recovery: { ...recovery, case: { ...recovery.case, ladders } } };
};

/** One thing that happened while a customer's days went by. */
export type Happening = { readonly day: number; readonly what: string };

export type Life = {
  readonly customer: Customer;
  readonly happened: readonly Happening[];
  readonly outboxes: readonly NonNullable<Customer['outbox']>[];
};

const MOST_VISITS = 2_000;

/**
 * Lets days go by: visits the customer whenever the last decision said to look again, or a fact of `later` comes in, and
 * carries every action out. Tells each step as `<step> (<subject>)`, and a closing as `closed: <outcome>`.
 */
export const live = (
  start: Customer,
  policy: Policy,
  from: Instant,
  until: Instant,
  later: readonly Fact[] = [],
): Life => {
  const coming = [...later].sort((a, b) => (a.at < b.at ? -1 : 1));
  const happened: Happening[] = [];
  const outboxes: NonNullable<Customer['outbox']>[] = [];
  let customer = start;
  let now = from;
  for (let visits = 0; visits < MOST_VISITS; visits += 1) {
    while (coming[0] && coming[0].at <= now) customer = told(customer, coming.shift() as Fact);
    const decision = plan({ ...customer, outbox: null }, policy, now);
    customer = decision.customer;
    if (customer.outbox !== null) outboxes.push(customer.outbox);
    const { next } = decision;
    if (next.kind === 'act') {
      happened.push({ day: dayOf(now), what: `${next.action.stepId} (${next.action.subjectId})` });
      customer = performed(customer, next.action, now);
      continue;
    }
    if (customer.outbox?.closed) happened.push({ day: dayOf(now), what: next.why.replace('case ', '') });
    const fact = coming[0]?.at ?? null;
    const wake = next.until !== null && (fact === null || next.until < fact) ? next.until : fact;
    if (wake === null || wake > until) return { customer, happened, outboxes };
    now = wake > now ? wake : addMs(now, 1);
  }
  throw new Error(`more than ${MOST_VISITS} visits: the plan does not come to rest`);
};

// Arbitraries. Few ids, few instants and few words, so that facts meet and collide in one second.

const IDS = ['a', 'b', '__proto__', 'constructor'] as const;
const id = fc.constantFrom(...IDS);
/** Plain objects, as a parser makes them. */
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record<T>(model, { noNullPrototype: true });
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { nil: null });

/** Four instants, three of them in one day and two in neighbouring seconds. */
export const anInstant: fc.Arbitrary<Instant> = fc.constantFrom(
  FAILED_AT,
  addMs(FAILED_AT, 1000),
  addMs(FAILED_AT, 6 * 3_600_000),
  day(3),
);
const aSource: fc.Arbitrary<Source> = fc.constantFrom('event', 'refresh');
const stamped = { at: anInstant, source: aSource };
const anAmount = fc.constantFrom(0, 9, 10, 4900);
const aCurrency = fc.constantFrom('EUR', 'JPY');
const someIds = fc.constantFrom<readonly string[]>([], ['a'], ['__proto__', 'b']);
const aStatus: fc.Arbitrary<InvoiceStatus> = fc.constantFrom('open', 'uncollectible', 'void', 'paid');

const aContact: fc.Arbitrary<Contact> = record({
  email: maybe(fc.constantFrom('a@example.com', 'b@example.com')),
  name: maybe(fc.constantFrom('A', '__proto__')),
  locales: fc.constantFrom<readonly string[]>([], ['de'], ['en', 'de']),
  country: maybe(fc.constantFrom('AT', 'JP')),
  timeZone: maybe(fc.constantFrom('Europe/Vienna', 'Asia/Tokyo')),
  // Keys in any order: two tellings of one metadata are one metadata.
  metadata: fc.constantFrom<Contact['metadata']>(
    {},
    { tier: 'gold' },
    Object.fromEntries([
      ['__proto__', 'a'],
      ['tier', 'silver'],
    ]),
  ),
});

const aCard: fc.Arbitrary<CardDetails> = record({
  fingerprint: maybe(fc.constantFrom('card_a', 'card_b')),
  brand: maybe(fc.constantFrom('visa', 'mastercard')),
  last4: maybe(fc.constantFrom('4242', '0005')),
  expMonth: maybe(fc.constantFrom(9, 10)),
  expYear: maybe(fc.constantFrom(2026, 2030)),
});

const CODES = [
  'insufficient_funds',
  'expired_card',
  'lost_card',
  'authentication_required',
  'constructor',
  'x',
];

const aDecline: fc.Arbitrary<Decline> = record({
  code: maybe(fc.constantFrom('card_declined', ...CODES)),
  declineCode: maybe(fc.constantFrom(...CODES)),
  adviceCode: maybe(fc.constantFrom('do_not_try_again', 'try_again_later', 'confirm_card_data', 'x')),
  networkAdviceCode: maybe(fc.constantFrom('01', '03', '24', '30')),
  networkDeclineCode: maybe(fc.constantFrom('14', '51')),
});

const anInvoice = record({
  id,
  currency: aCurrency,
  status: aStatus,
  amounts: record({ due: anAmount, paid: anAmount, remaining: anAmount, credited: anAmount }),
  schedule: record({ attemptCount: fc.nat(3), nextAttemptAt: maybe(anInstant) }),
  details: record({
    number: maybe(fc.constantFrom('R-1', 'R-2')),
    hostedUrl: maybe(fc.constant('https://pay.example/1')),
    collectionMethod: fc.constantFrom('charge_automatically', 'send_invoice'),
    billingReason: maybe(fc.constantFrom('subscription_create', 'subscription_cycle')),
    subscriptionId: maybe(id),
    dueAt: maybe(anInstant),
    createdAt: anInstant,
    productIds: someIds,
    planIds: someIds,
  }),
  paymentIds: fc.uniqueArray(id, { maxLength: 2 }),
}).map((invoice) => invoice as FactOf<'invoice'>['invoice']);

const aFailure: fc.Arbitrary<FactOf<'invoice'>['failure']> = maybe(
  record({
    at: anInstant,
    reason: fc.constantFrom<FailureReason>('declined', 'action_required', 'method_required'),
  }),
);

const SUBSCRIPTION_STATUSES = [
  'trialing',
  'active',
  'incomplete',
  'past_due',
  'paused',
  'unpaid',
  'incomplete_expired',
  'canceled',
  'constructor',
];

/** One arbitrary fact of every kind. */
export const factArbitraries: { readonly [K in Fact['kind']]: fc.Arbitrary<FactOf<K>> } = {
  invoice: record({
    ...stamped,
    kind: fc.constant('invoice'),
    invoice: anInvoice,
    failure: aFailure,
    contact: maybe(aContact),
  }),
  'invoice-changed': record({
    ...stamped,
    kind: fc.constant('invoice-changed'),
    id,
    invoiceId: id,
    paidMinor: anAmount,
    creditedMinor: fc.constantFrom(0, 9, 10, -9),
  }),
  attempt: record({
    ...stamped,
    kind: fc.constant('attempt'),
    attempt: record({
      id,
      at: anInstant,
      invoiceId: maybe(id),
      paymentIntentId: maybe(id),
      amountMinor: maybe(anAmount),
      currency: maybe(aCurrency),
      result: fc.constantFrom('declined', 'succeeded'),
      decline: maybe(aDecline),
      card: maybe(aCard),
      methodType: maybe(fc.constantFrom('card', 'sepa_debit')),
      trigger: maybe(fc.constantFrom('provider', 'ladder', 'customer')),
      sentToNetwork: maybe(fc.boolean()),
    }),
  }),
  customer: record({
    ...stamped,
    kind: fc.constant('customer'),
    contact: aContact,
    defaultMethodId: maybe(id),
    since: maybe(anInstant),
  }),
  ahead: record({ ...stamped, kind: fc.constant('ahead') }),
  imported: record({ ...stamped, kind: fc.constant('imported') }),
  'customer-deleted': record({ ...stamped, kind: fc.constant('customer-deleted') }),
  'customer-erased': record({ ...stamped, kind: fc.constant('customer-erased') }),
  subscription: record({
    ...stamped,
    kind: fc.constant('subscription'),
    subscription: record({
      id,
      status: fc.constantFrom(...SUBSCRIPTION_STATUSES),
      cancelAtPeriodEnd: fc.boolean(),
      cancellationReason: maybe(fc.constantFrom('payment_failed', 'cancellation_requested')),
      endedAt: maybe(anInstant),
      pauseReason: maybe(fc.constantFrom('final_payment_failure', 'x')),
      defaultMethodId: maybe(id),
      planIds: someIds,
      productIds: someIds,
      interval: maybe(record({ unit: fc.constantFrom('month', 'year'), count: fc.constantFrom(1, 3) })),
      startedAt: maybe(anInstant),
      currentPeriodEnd: maybe(anInstant),
      trialEndsAt: maybe(anInstant),
      collectionMethod: maybe(fc.constantFrom('charge_automatically', 'send_invoice')),
      amountMinor: maybe(anAmount),
      currency: maybe(aCurrency),
    }),
  }),
  'payment-method': record({
    ...stamped,
    kind: fc.constant('payment-method'),
    method: record({
      id,
      type: fc.constantFrom('card', 'sepa_debit'),
      card: maybe(aCard),
      attached: fc.boolean(),
    }),
  }),
  mandate: record({
    ...stamped,
    kind: fc.constant('mandate'),
    methodId: id,
    mandateStatus: fc.constantFrom('active', 'inactive', 'pending'),
  }),
  'in-flight': record({
    ...stamped,
    kind: fc.constant('in-flight'),
    paymentIntentId: id,
    processing: fc.boolean(),
  }),
  dispute: record({
    ...stamped,
    kind: fc.constant('dispute'),
    dispute: record({
      id,
      open: fc.boolean(),
      status: fc.constantFrom('needs_response', 'won', 'early_fraud_warning'),
      chargeId: maybe(id),
      amountMinor: maybe(anAmount),
      currency: maybe(aCurrency),
      paymentIntentId: maybe(id),
      takenAt: maybe(anInstant),
      backAt: maybe(anInstant),
    }),
  }),
  refund: record({
    ...stamped,
    kind: fc.constant('refund'),
    refund: record({
      id,
      chargeId: maybe(id),
      amountMinor: anAmount,
      currency: aCurrency,
      failed: fc.boolean(),
      paymentIntentId: maybe(id),
      createdAt: maybe(anInstant),
      failedAt: maybe(anInstant),
    }),
  }),
  delivery: record({
    ...stamped,
    kind: fc.constant('delivery'),
    delivery: record({
      caseId: fc.constant('case_a'),
      subjectId: id,
      stepId: fc.constantFrom('final-notice', '__proto__'),
      event: fc.constantFrom<DeliveryEvent>('sent', 'delivered', 'bounced', 'complained'),
      address: maybe(fc.constantFrom('a@example.com', '__proto__')),
      unreachable: fc.boolean(),
    }),
  }),
  reversal: record({
    ...stamped,
    kind: fc.constant('reversal'),
    reversal: record({
      id,
      at: anInstant,
      amountMinor: anAmount,
      currency: aCurrency,
      invoiceId: maybe(id),
      paymentIntentId: maybe(id),
    }),
  }),
};

/** A fact of one of some kinds. */
export const aFactOf = (...kinds: readonly Fact['kind'][]): fc.Arbitrary<Fact> =>
  fc.oneof(...kinds.map((kind): fc.Arbitrary<Fact> => factArbitraries[kind]));

/** A fact of any kind; invoices and those who are gone are told often enough to matter. */
export const aFact: fc.Arbitrary<Fact> = fc.oneof(
  { weight: 8, arbitrary: factArbitraries.invoice },
  { weight: 12, arbitrary: aFactOf(...(Object.keys(factArbitraries) as Fact['kind'][])) },
);

/** Nothing known but, perhaps, invoices of closed cases. */
export const aStart: fc.Arbitrary<Facts> = fc
  .array(
    fc.tuple(
      id,
      record({
        status: aStatus,
        caseId: fc.constant('case_a'),
        at: anInstant,
        currency: aCurrency,
        paidMinor: anAmount,
        paidAsOf: anInstant,
        partIds: fc.uniqueArray(id, { maxLength: 1 }),
        returned: fc.dictionary(id, fc.record({ caseId: id, at: anInstant, owedMinor: fc.nat(10_000) }), {
          maxKeys: 1,
        }),
      }),
    ),
    { maxLength: 2 },
  )
  .map((buried) => ({ ...NO_FACTS, tombstones: Object.fromEntries(buried) }));

/** Some facts, and the same facts again in another order and some of them several times. */
export const retold = (
  fact: fc.Arbitrary<Fact>,
  maxLength: number,
): fc.Arbitrary<{ readonly once: readonly Fact[]; readonly again: readonly Fact[] }> =>
  fc
    .array(fc.tuple(fact, fc.array(fc.nat(1000), { minLength: 1, maxLength: 3 })), { maxLength })
    .map((all) => ({
      once: all.map(([one]) => one),
      again: all
        .flatMap(([one, places]) => places.map((place) => ({ one, place })))
        .sort((a, b) => a.place - b.place)
        .map(({ one }) => one),
    }));
