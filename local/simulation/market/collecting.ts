// How the simulated provider collects an invoice: it tries, is declined, tries again, gives up, or is paid.
import { intentObject } from '../../demo/objects.ts';
import { updateByNetwork } from './cards.ts';
import { debitFor, type DebitTerms } from './debits.ts';
import { pickCourse } from './declines.ts';
import { chargedFor, chargeJson, isDebit, nameOf } from './methods.ts';
import { declinedCharge, markUncollectible, payRest, works, type Try } from './payments.ts';
import {
  cancelSubscription,
  changeSubscription,
  DAY_S,
  emit,
  emitInvoice,
  isOver,
  type Debt,
  type MarketState,
  type TrueCharge,
} from './state.ts';

/** Days between the provider's tries: 8 of them in two to three weeks. Now and then it stops before. */
const RETRY_DAYS = [2, 2, 3, 3, 3, 4, 4];

/** A declined charge of a card: written down and told, with what its invoice says then. */
export const decline = (market: MarketState, debt: Debt, one: Try): TrueCharge => {
  const { customer, invoice } = debt;
  const { by, second } = one;
  const charge = declinedCharge(market, debt, one);
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
  const method = chargedFor(customer, invoice.subscription);
  planNext(market, debt, second);
  const { codes } = decline(market, debt, { by: 'provider', method, second });
  changeSubscription(market, debt, second, { status: invoice.isFirstPayment ? 'incomplete' : 'past_due' });
  goOn(market, debt, second);
  if (codes.reason === 'expired_card' && invoice.random.chance(0.35)) {
    const at = second + Math.round(invoice.random.between(0.2, 10) * DAY_S);
    market.stage.later(at, () => updateByNetwork(market, customer, method.id, at));
  }
};

/** The provider's own next try: a count one higher, and a date unless it was the last. */
const planNext = (market: MarketState, { invoice }: Debt, second: number): void => {
  invoice.attempts += 1;
  const days = RETRY_DAYS[invoice.attempts - 1];
  const goes = market.retriesItself && days !== undefined && !invoice.isFirstPayment;
  invoice.nextAttempt =
    goes && invoice.random.chance(0.97)
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
  const sameCard = last && nameOf(last.method) === nameOf(chargedFor(customer, invoice.subscription));
  return Boolean(sameCard) && ['stolen_card', 'authentication_required'].includes(last?.codes.reason ?? '');
};

const tryAgain = (market: MarketState, debt: Debt, second: number): void => {
  const { invoice } = debt;
  if (isOver(debt) || invoice.nextAttempt !== second) return;
  if (runsNone(debt)) {
    planNext(market, debt, second);
    emitInvoice(market, 'updated', second, debt);
    return goOn(market, debt, second);
  }
  const method = chargedFor(debt.customer, invoice.subscription);
  if (isDebit(method)) return debitAgain(market, debt, { by: 'provider', method, second });
  market.tries += 1;
  if (works(debt, method, second)) return payRest(market, debt, second);
  planNext(market, debt, second);
  declineAgain(market, debt, { by: 'provider', method, second });
  return goOn(market, debt, second);
};

/** Of bank debits the provider tries again only those that failed for want of money, and once. */
const planDebit = (market: MarketState, { customer, invoice }: Debt, second: number): void => {
  const last = customer.charges.findLast((charge) => charge.invoice === invoice);
  const goes = market.retriesItself && !invoice.isFirstPayment && invoice.attempts < 2;
  const again = goes && last?.codes.reason === 'insufficient_funds';
  invoice.nextAttempt = again ? second + Math.round(invoice.random.between(3, 6) * DAY_S) : null;
};

/** What comes after a debit of the provider's own. */
const ownDebit = (market: MarketState, debt: Debt): DebitTerms => ({
  bound: null,
  plan: (second) => planDebit(market, debt, second),
  failed: (second) => goOn(market, debt, second),
});

const debitAgain = (market: MarketState, debt: Debt, one: Try): void =>
  debt.customer.inFlight.has(debt.invoice.intentId)
    ? undefined
    : debitFor(market, debt, one, ownDebit(market, debt));

/** The first debit of an invoice sets off: it fails days later, or comes back when everybody has forgotten it. */
export const debitFirst = (
  market: MarketState,
  debt: Debt,
  second: number,
  failedFirst: (second: number) => void,
): void => {
  const { customer, invoice } = debt;
  const method = chargedFor(customer, invoice.subscription);
  const terms = ownDebit(market, debt);
  const returns = invoice.random.fork('debit').chance(0.2);
  debitFor(
    market,
    debt,
    { by: 'provider', method, second },
    {
      ...terms,
      bound: returns,
      failed: (at) => {
        const status = invoice.isFirstPayment ? 'incomplete' : 'past_due';
        if (invoice.subscription.object['status'] !== 'canceled')
          changeSubscription(market, debt, at, { status });
        terms.failed(at);
        failedFirst(at);
      },
    },
  );
};

/** Another try is declined; now and then for another reason than before. */
const declineAgain = (market: MarketState, debt: Debt, one: Try): TrueCharge => {
  const { random, courses } = debt.invoice;
  if (random.chance(0.08)) courses.set(nameOf(one.method), pickCourse(random, one.second));
  return decline(market, debt, one);
};

/** A try with a card that somebody else than the provider's schedule asked for. null = it was paid. */
export const tryNow = (market: MarketState, debt: Debt, one: Try): TrueCharge | null => {
  if (one.by === 'recoup') market.tries += 1;
  if (works(debt, one.method, one.second)) {
    payRest(market, debt, one.second);
    return null;
  }
  return declineAgain(market, debt, one);
};

const giveUp = (market: MarketState, debt: Debt, second: number): void => {
  const { customer, invoice } = debt;
  const { random } = invoice;
  if (isOver(debt) || invoice.isFirstPayment || invoice.nextAttempt !== null) return;
  const how = random.pick(['cancel', 'unpaid', 'leave', 'uncollectible'] as const);
  if (how === 'cancel') {
    const { subscription } = invoice;
    cancelSubscription(market, { customer, subscription }, second, 'payment_failed');
  }
  if (how === 'unpaid') changeSubscription(market, debt, second, { status: 'unpaid' });
  if (how === 'uncollectible') markUncollectible(market, debt, second);
  // Some pay long after everybody has given up.
  if (random.chance(0.1)) {
    market.stage.later(second + random.whole(3, 40) * DAY_S, (at) => payRest(market, debt, at));
  }
};
