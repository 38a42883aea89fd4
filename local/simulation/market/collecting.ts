// How the simulated provider collects an invoice: it tries, is declined, tries again, gives up, or is paid.
import { customerObject, intentObject, methodObject } from '../../demo/objects.ts';
import { healed, pickCourse, succeeds } from './declines.ts';
import {
  cancelSubscription,
  changeSubscription,
  chargeJson,
  DAY_S,
  emit,
  emitInvoice,
  isOver,
  unpaidMinor,
  type Debt,
  type MarketState,
  type TrueCharge,
  type TrueCustomer,
} from './state.ts';

/** Days between the provider's tries: 8 of them in two to three weeks, fewer for some. */
const RETRY_DAYS = [2, 2, 3, 3, 3, 4, 4];

/** Money comes in for an invoice; once nothing is left to pay, it is paid. */
export const pay = (market: MarketState, debt: Debt, second: number, minor: number): void => {
  const { customer, invoice } = debt;
  if (invoice.status === 'paid' || invoice.status === 'void' || customer.deleted) return;
  invoice.paidMinor += minor;
  const isPart = unpaidMinor(invoice) > 0;
  if (!isPart) {
    invoice.paidMinor = invoice.failedMinor - invoice.creditedMinor;
    invoice.status = 'paid';
    invoice.nextAttempt = null;
  }
  // Every payment is told by an event of its own; of whole ones only a few, as they say nothing new.
  if (isPart || invoice.random.chance(0.1)) tellPayment(market, debt, second, minor);
  if (isPart) return emitInvoice(market, 'updated', second, debt);
  emitInvoice(market, 'paid', second, debt);
  emitInvoice(market, 'payment_succeeded', second, debt);
  return settle(market, debt, second);
};

/** A subscription with nothing left to pay is active again. */
const settle = (market: MarketState, debt: Debt, second: number): void => {
  const { customer, invoice } = debt;
  const owes = customer.invoices.some(
    ({ subscription, status }) => subscription === invoice.subscription && status === 'open',
  );
  const status = invoice.subscription.object['status'];
  if (!owes && (status === 'past_due' || status === 'incomplete'))
    changeSubscription(market, debt, second, { status: 'active' });
};

/** Tells of one payment of an invoice (basil and later); it does not say whose it is. */
export const tellPayment = (
  market: MarketState,
  { customer, invoice }: Debt,
  second: number,
  minor: number,
) =>
  emit(market, customer, 'invoice_payment.paid', second, {
    id: `inpay_${invoice.id}_${customer.revision}`,
    object: 'invoice_payment',
    amount_paid: minor,
    currency: invoice.currency.toLowerCase(),
    invoice: invoice.id,
    livemode: false,
  });

/** All that is left to pay of an invoice comes in. */
export const payRest = (market: MarketState, debt: Debt, second: number): void =>
  pay(market, debt, second, unpaidMinor(debt.invoice));

/** Somebody wrote down at the provider that an invoice was paid elsewhere. */
export const payOutOfBand = (market: MarketState, debt: Debt, second: number): void => {
  const { invoice } = debt;
  if (isOver(debt)) return;
  invoice.paidOutOfBand = true;
  invoice.status = 'paid';
  invoice.nextAttempt = null;
  emitInvoice(market, 'paid', second, debt);
  settle(market, debt, second);
};

/** A declined charge: written down and told, with what its invoice says then. */
export const decline = (
  market: MarketState,
  debt: Debt,
  second: number,
  by: TrueCharge['by'],
): TrueCharge => {
  const { customer, invoice } = debt;
  const charge: TrueCharge = {
    id: `ch_${invoice.id}_${customer.charges.length + 1}`,
    second,
    invoice,
    codes: invoice.course.codes,
    who: customer.who,
    fingerprint: customer.who.card.fingerprint,
    amountMinor: unpaidMinor(invoice),
    by,
  };
  customer.charges.push(charge);
  market.owners.set(charge.id, customer.who.customerId);
  emit(market, customer, 'charge.failed', second, chargeJson(charge));
  const asks = charge.codes.reason === 'authentication_required';
  if (by === 'customer' && asks) {
    emit(market, customer, 'payment_intent.payment_failed', second, {
      ...intentObject(customer.who, invoice.intentId, 'requires_payment_method'),
      latest_charge: charge.id,
      last_payment_error: { code: 'payment_intent_authentication_failure', charge: null },
    });
  }
  emitInvoice(market, asks ? 'payment_action_required' : 'payment_failed', second, debt);
  return charge;
};

/** The first try of an invoice is declined; the provider's further tries come about by themselves. */
export const failFirst = (market: MarketState, debt: Debt, second: number): void => {
  const { customer, invoice } = debt;
  planNext(market, debt, second);
  decline(market, debt, second, 'provider');
  changeSubscription(market, debt, second, { status: invoice.isFirstPayment ? 'incomplete' : 'past_due' });
  goOn(market, debt, second);
  if (invoice.course.codes.reason === 'expired_card' && invoice.random.chance(0.35)) {
    const at = second + Math.round(invoice.random.between(0.2, 10) * DAY_S);
    market.stage.later(at, () => updateByNetwork(market, customer, at));
  }
};

/** The provider's own next try: a count one higher, and a date unless it was the last. */
const planNext = (market: MarketState, { invoice }: Debt, second: number): void => {
  invoice.attempts += 1;
  const days = RETRY_DAYS[invoice.attempts - 1];
  const goes = market.retriesItself && days !== undefined && !invoice.isFirstPayment;
  invoice.nextAttempt =
    goes && invoice.random.chance(0.9)
      ? second + Math.round(days * DAY_S * invoice.random.between(0.8, 1.2))
      : null;
};

const goOn = (market: MarketState, debt: Debt, second: number): void => {
  const { invoice } = debt;
  const { stage, retriesItself } = market;
  if (invoice.nextAttempt !== null)
    return stage.later(invoice.nextAttempt, (at) => tryAgain(market, debt, at));
  if (retriesItself)
    stage.later(second + invoice.random.whole(0, 2) * DAY_S, (at) => giveUp(market, debt, at));
};

/** On these Stripe goes on planning tries and runs none of them until there is another card. */
const runsNone = ({ customer, invoice }: Debt): boolean => {
  const last = customer.charges.findLast((charge) => charge.invoice === invoice);
  const sameCard = last?.fingerprint === customer.who.card.fingerprint;
  return sameCard && ['stolen_card', 'authentication_required'].includes(last?.codes.reason ?? '');
};

const tryAgain = (market: MarketState, debt: Debt, second: number): void => {
  const { invoice } = debt;
  if (isOver(debt) || invoice.nextAttempt !== second) return;
  if (runsNone(debt)) {
    planNext(market, debt, second);
    emitInvoice(market, 'updated', second, debt);
    return goOn(market, debt, second);
  }
  market.tries += 1;
  if (succeeds(invoice.course, invoice.random, second)) return payRest(market, debt, second);
  planNext(market, debt, second);
  declineAgain(market, debt, second, 'provider');
  return goOn(market, debt, second);
};

/** Another try is declined; now and then for another reason than before. */
const declineAgain = (market: MarketState, debt: Debt, second: number, by: TrueCharge['by']): TrueCharge => {
  const { invoice } = debt;
  if (invoice.random.chance(0.08)) invoice.course = pickCourse(invoice.random, second);
  return decline(market, debt, second, by);
};

/** A try that somebody else than the provider's schedule asked for. Answers with the decline; null = it was paid. */
export const tryNow = (
  market: MarketState,
  debt: Debt,
  second: number,
  by: 'recoup' | 'customer',
): TrueCharge | null => {
  const { invoice } = debt;
  if (by === 'recoup') market.tries += 1;
  if (succeeds(invoice.course, invoice.random, second)) {
    payRest(market, debt, second);
    return null;
  }
  return declineAgain(market, debt, second, by);
};

const giveUp = (market: MarketState, debt: Debt, second: number): void => {
  const { invoice } = debt;
  const { random } = invoice;
  if (isOver(debt) || invoice.isFirstPayment || invoice.nextAttempt !== null) return;
  const how = random.pick(['cancel', 'unpaid', 'leave', 'uncollectible'] as const);
  if (how === 'cancel') cancelSubscription(market, debt, second, 'payment_failed');
  if (how === 'unpaid') changeSubscription(market, debt, second, { status: 'unpaid' });
  if (how === 'uncollectible') markUncollectible(market, debt, second);
  // Some pay long after everybody has given up.
  if (random.chance(0.1)) {
    market.stage.later(second + random.whole(3, 40) * DAY_S, (at) => payRest(market, debt, at));
  }
};

/** Writes an invoice off; it may still be paid. */
export const markUncollectible = (market: MarketState, debt: Debt, second: number): void => {
  debt.invoice.status = 'uncollectible';
  debt.invoice.nextAttempt = null;
  emitInvoice(market, 'marked_uncollectible', second, debt);
};

const heal = (customer: TrueCustomer, second: number): void => {
  for (const invoice of customer.invoices) invoice.course = healed(invoice.course, second);
};

/** The card network tells the provider the new number and date of a card: the id stays, nobody is asked. */
const updateByNetwork = (market: MarketState, customer: TrueCustomer, second: number): void => {
  if (customer.deleted) return;
  customer.cards += 1;
  const { card } = customer.who;
  const fingerprint = `fp_${customer.who.customerId}_${customer.cards}`;
  customer.who = { ...customer.who, card: { ...card, fingerprint, expYear: card.expYear + 3 } };
  heal(customer, second);
  emit(market, customer, 'payment_method.automatically_updated', second, methodObject(customer.who), {
    card: { exp_year: card.expYear },
  });
};

/** The customer stores another card, which from then on is the default. */
export const changeCard = (market: MarketState, customer: TrueCustomer, second: number): void => {
  if (customer.deleted) return;
  customer.cards += 1;
  const { card, customerId } = customer.who;
  const name = `${customerId}_${customer.cards}`;
  customer.who = { ...customer.who, card: { ...card, id: `pm_${name}`, fingerprint: `fp_${name}` } };
  heal(customer, second);
  emit(market, customer, 'payment_method.attached', second, methodObject(customer.who));
  emit(market, customer, 'customer.updated', second, customerObject(customer.who));
};
