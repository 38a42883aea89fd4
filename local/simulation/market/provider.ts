// The simulated market behind the provider port: it answers what it is asked, and does each act once a key.
import { translate } from '../../../adapters/stripe/translate.ts';
import { invariant } from '../../../core/assert.ts';
import { splitKey, type CustomerKey } from '../../../core/ids.ts';
import type { ActOutcome, Provider, RefreshAlso } from '../../../core/ports.ts';
import type { ArmedAction } from '../../../core/recovery/customer.ts';
import type { Fact } from '../../../core/recovery/fact.ts';
import { triggerOf } from '../../../core/recovery/step-ids.ts';
import { addMs, instantFromSeconds, toMs, type Instant } from '../../../core/time.ts';
import { customerObject, eventOf, intentObject, type Json } from '../../demo/objects.ts';
import { START_S } from '../business.ts';
import { tryNow } from './collecting.ts';
import { debitFor } from './debits.ts';
import { chargedFor, chargeJson, defaultOf, isDebit, methodJson, type TrueMethod } from './methods.ts';
import { markUncollectible } from './payments.ts';
import {
  cancelSubscription,
  changeSubscription,
  DAY_S,
  invoiceJson,
  returnJson,
  type Debt,
  type MarketState,
  type TrueCharge,
  type TrueCustomer,
  type TrueInvoice,
  type TrueSubscription,
} from './state.ts';

/** The facts of one object, translated as those of an event are. */
const factsOf = (
  type: string,
  second: number,
  object: Json,
  previous: Json | null = null,
): readonly Fact[] => {
  const told = translate(eventOf('evt_refresh', type, second, object, previous), {
    livemode: null,
    account: null,
  });
  invariant(told.kind !== 'refused', `the market told of a ${type} that cannot be read`);
  return told.kind === 'facts' ? told.facts : told.kind === 'unrouted' ? [told.fact] : [];
};

/** Works out once what is asked for of the same object again and again. */
const onceFor = <K extends object>(make: (of: K) => readonly Fact[]): ((of: K) => readonly Fact[]) => {
  const made = new WeakMap<K, readonly Fact[]>();
  return (of) => {
    const facts = made.get(of) ?? make(of);
    made.set(of, facts);
    return facts;
  };
};

/** What is so at the moment of any request: whoever asks puts a stamp of their own on it. */
const holderFacts = onceFor((who: TrueCustomer['who']) =>
  factsOf('customer.updated', START_S, customerObject(who)),
);
const methodFacts = (customer: TrueCustomer, method: TrueMethod): readonly Fact[] =>
  factsOf('payment_method.attached', START_S, methodJson(customer.who, method));
const subscriptionFacts = onceFor((object: Json) =>
  factsOf('customer.subscription.updated', START_S, object),
);

/** A declined charge as a refresh tells it: the payment of an invoice, so its invoice is known. */
const attemptOf = onceFor((charge: TrueCharge) =>
  factsOf('charge.failed', charge.second, chargeJson(charge), { status: 'pending' }).map((fact) =>
    fact.kind === 'attempt'
      ? { ...fact, source: 'refresh', attempt: { ...fact.attempt, invoiceId: charge.invoice.id } }
      : fact,
  ),
);

/** A provider lists the newest charges only. */
const CHARGES_DAYS = 60;

/** What keeps its own time: declined charges and payments that came back. */
const datedFacts = (customer: TrueCustomer, second: number): Fact[] => [
  ...customer.charges
    .filter((charge) => charge.second > second - CHARGES_DAYS * DAY_S)
    .flatMap((charge) => attemptOf(charge)),
  ...customer.returns.flatMap((back) =>
    factsOf('charge.failed', back.second, returnJson(customer, back), { status: 'succeeded' }).map(
      (fact): Fact =>
        fact.kind === 'reversal'
          ? { ...fact, source: 'refresh', reversal: { ...fact.reversal, invoiceId: back.invoice.id } }
          : fact,
    ),
  ),
];

/** Of a subscription that has ended nothing is listed. */
const hasEnded = ({ object }: TrueSubscription): boolean => object['status'] === 'canceled';

/** What is told only when it is asked for: every method on file, every subscription that goes on with its own method. */
const besides = (customer: TrueCustomer, { methods, subscriptions }: RefreshAlso): Fact[] => [
  ...(methods ? [...customer.methods.values()].flatMap((method) => methodFacts(customer, method)) : []),
  ...(subscriptions
    ? customer.subscriptions.filter((one) => !hasEnded(one)).flatMap((one) => listedFacts(customer, one))
    : []),
];

/** A subscription of a list, with the method that it charges itself. */
const listedFacts = (customer: TrueCustomer, subscription: TrueSubscription): readonly Fact[] => {
  const own = customer.methods.get(String(subscription.object['default_payment_method']));
  return [...subscriptionFacts(subscription.object), ...(own ? methodFacts(customer, own) : [])];
};

/** Who a customer is and what they would be charged with. */
const customerFacts = (customer: TrueCustomer): Fact[] => [
  ...holderFacts(customer.who),
  ...methodFacts(customer, defaultOf(customer)),
];

/** What a list of the account tells of a customer, as of now. */
export const toldInList = (
  customer: TrueCustomer,
  what: readonly TrueSubscription[] | readonly TrueInvoice[],
  now: Instant,
): readonly Fact[] => {
  const second = Math.floor(toMs(now) / 1000);
  const own = what.flatMap((one) =>
    'status' in one
      ? factsOf('invoice.updated', second, invoiceJson({ customer, invoice: one }))
      : listedFacts(customer, one),
  );
  return [...customerFacts(customer), ...own].map((fact): Fact => ({ ...fact, at: now, source: 'refresh' }));
};

/** Whether the debit of an invoice is on its way, of those that were ever debited. */
const debitFacts = (
  customer: TrueCustomer,
  invoices: readonly TrueInvoice[],
  second: number,
): readonly Fact[] => {
  const own = new Map(invoices.map(({ intentId, courses }) => [intentId, courses]));
  const going = [...customer.inFlight.keys()].flatMap((intent) =>
    factsOf('payment_intent.processing', second, intentObject(customer.who, intent, 'processing')),
  );
  const over = customer.charges
    .filter(({ method, invoice }) => isDebit(method) && own.has(invoice.intentId))
    .map(({ invoice }) => invoice.intentId)
    .filter((intent) => !customer.inFlight.has(intent));
  return [
    ...going,
    ...[...new Set(over)].flatMap((intent) =>
      factsOf('payment_intent.canceled', second, intentObject(customer.who, intent, 'canceled')),
    ),
  ];
};

/** What is so at the moment of the request. */
const presentFacts = (
  customer: TrueCustomer,
  shown: readonly string[],
  also: RefreshAlso,
  second: number,
): Fact[] => {
  const returned = new Set(customer.returns.map(({ invoice }) => invoice));
  const invoices = customer.invoices.filter(
    (invoice) => invoice.status === 'open' || shown.includes(invoice.id) || returned.has(invoice),
  );
  return [
    ...customerFacts(customer),
    ...besides(customer, also),
    ...[...new Set(invoices.map((invoice) => invoice.subscription))].flatMap(({ object }) =>
      subscriptionFacts(object),
    ),
    ...invoices.flatMap((invoice) => factsOf('invoice.updated', second, invoiceJson({ customer, invoice }))),
    ...debitFacts(customer, invoices, second),
    ...[...customer.disputes.values()].flatMap((object) => factsOf('charge.dispute.updated', second, object)),
  ].map((fact): Fact => ({ ...fact, source: 'refresh' }));
};

const stateOf = (
  customer: TrueCustomer,
  invoiceIds: readonly string[],
  also: RefreshAlso,
  now: Instant,
): readonly Fact[] => {
  const second = Math.floor(toMs(now) / 1000);
  if (customer.deleted) return factsOf('customer.deleted', second, customerObject(customer.who));
  const asked = `${invoiceIds.join()} ${also.methods} ${also.subscriptions}`;
  const { told, revision } = customer;
  // Nothing has happened since it was last asked the same: only the stamp is new.
  const facts =
    told?.revision === revision && told.asked === asked
      ? told.facts
      : [...presentFacts(customer, invoiceIds, also, second), ...datedFacts(customer, second)];
  customer.told = { revision, asked, facts };
  return facts.map((fact) =>
    fact.kind === 'attempt' || fact.kind === 'reversal' ? fact : { ...fact, at: now },
  );
};

/** A returned payment's subject is named `<invoice>:<payment>`. */
const debtOf = (state: MarketState, key: CustomerKey, { subjectId }: ArmedAction): Debt | null => {
  const customer = state.customers.get(splitKey(key).customerId);
  const [invoiceId = ''] = subjectId.split(':');
  const invoice = customer?.invoices.find(({ id }) => id === invoiceId);
  return customer && invoice ? { customer, invoice } : null;
};

const done = (why: string, facts: readonly Fact[]): ActOutcome => ({ kind: 'done', why, facts });
const refused = (why: string): ActOutcome => ({ kind: 'refused', why });

const invoiceFacts = (debt: Debt, second: number): Fact[] =>
  factsOf('invoice.updated', second, invoiceJson(debt)).map((fact) => ({ ...fact, source: 'refresh' }));

/** A debit that we asked for has set off. The answer comes after the look that went before the request. */
const onItsWay = ({ invoice }: Debt, second: number): Fact => ({
  kind: 'in-flight',
  at: addMs(instantFromSeconds(second), 1),
  source: 'refresh',
  paymentIntentId: invoice.intentId,
  processing: true,
});

const retryOnce = (state: MarketState, debt: Debt, action: ArmedAction, second: number): ActOutcome => {
  const { customer, invoice } = debt;
  if (action.subjectId.includes(':')) return refused('the invoice is paid');
  if (customer.deleted) return refused('there is no such customer');
  if (invoice.status === 'paid') return done('the invoice is paid already', invoiceFacts(debt, second));
  if (invoice.status === 'void') return refused('the invoice is void');
  if (invoice.dueSecond !== null && action.methodId === null) return refused('nothing to charge it with');
  const method =
    action.methodId === null
      ? chargedFor(customer, invoice.subscription)
      : customer.methods.get(action.methodId);
  if (!method) return refused(`there is no payment method ${action.methodId ?? ''}`);
  const one = { by: 'recoup', method, second } as const;
  if (isDebit(method)) {
    if (customer.inFlight.has(invoice.intentId)) return refused('its payment is being processed');
    debitFor(state, debt, one, { bound: null, plan: () => {}, failed: () => {} });
    return done('accepted: the payment is on its way', [
      ...invoiceFacts(debt, second),
      onItsWay(debt, second),
    ]);
  }
  const charge = tryNow(state, debt, one);
  if (charge === null) return done('paid', invoiceFacts(debt, second));
  const facts = attemptOf(charge).map((fact): Fact =>
    fact.kind === 'attempt' ? { ...fact, attempt: { ...fact.attempt, trigger: triggerOf(action) } } : fact,
  );
  return done(`declined: ${charge.codes.reason}`, facts);
};

const endOnce = (state: MarketState, debt: Debt, action: ArmedAction, second: number): ActOutcome => {
  const { customer, invoice } = debt;
  const { subscription } = invoice;
  if (customer.deleted) return refused('there is no such customer');
  const told = (): readonly Fact[] =>
    factsOf('customer.subscription.updated', second, subscription.object).map((fact) => ({
      ...fact,
      source: 'refresh',
    }));
  if (action.endAction === 'mark_uncollectible') {
    if (invoice.status !== 'open') return done(`the invoice is ${invoice.status} already`, []);
    markUncollectible(state, debt, second);
    return done('ended', invoiceFacts(debt, second));
  }
  if (subscription.object['status'] === 'canceled') return done('the subscription has ended already', told());
  if (action.endAction === 'cancel')
    cancelSubscription(state, { customer, subscription }, second, 'cancellation_requested');
  else if (action.endAction === 'cancel_at_period_end')
    changeSubscription(state, debt, second, { cancel_at_period_end: true });
  else changeSubscription(state, debt, second, { pause_collection: { behavior: 'keep_as_draft' } });
  return done('ended', told());
};

/** What is looked at before the market does something for the code under test. */
export type Witness = {
  readonly retry: (debt: Debt, action: ArmedAction, second: number) => void;
  readonly end: (debt: Debt, action: ArmedAction, second: number) => void;
};

/** The provider port of a market. */
export const providerOf = (state: MarketState, witness: Witness, secondNow: () => number): Provider => {
  const { customers, owners, acts } = state;
  const once =
    (what: 'retry' | 'end', perform: typeof retryOnce): Provider['retry'] =>
    async (key, action) => {
      const known = acts.get(action.key);
      if (known) return known;
      const debt = debtOf(state, key, action);
      if (debt === null) return refused('there is no such invoice');
      const second = secondNow();
      witness[what](debt, action, second);
      const outcome = perform(state, debt, action, second);
      acts.set(action.key, outcome);
      return outcome;
    };
  return {
    refresh: async (key, invoiceIds, now, also) => {
      const customer = customers.get(splitKey(key).customerId);
      return customer ? stateOf(customer, invoiceIds, also, now) : [];
    },
    resolve: async (_connection, { id }) => owners.get(id) ?? null,
    retry: once('retry', retryOnce),
    end: once('end', endOnce),
    lookUp: async (_key, { key }) => acts.get(key) ?? refused('the request never arrived'),
    // What is done there the market does itself.
    portal: async () => 'https://billing.stripe.com/p/session/simulated',
  };
};
