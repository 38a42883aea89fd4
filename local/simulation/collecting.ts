// How the simulated provider collects an invoice: it tries, is declined, tries again, gives up, or is paid.
import type { DeclineCodes } from '../demo/objects.ts';
import type { Random } from '../demo/random.ts';
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
} from './market-state.ts';

/** A kind of decline: its share of all, and the chance of each later try to succeed. */
type Decline = { readonly share: number; readonly recovers: number; readonly codes: DeclineCodes };

/** Round figures in the range that is published. */
const DECLINES: readonly Decline[] = [
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

const pickDecline = (random: Random): Decline => {
  let left = random.next();
  for (const decline of DECLINES) {
    left -= decline.share;
    if (left < 0) return decline;
  }
  return DECLINES[0] as Decline;
};

/** Money comes in for an invoice; once nothing is left to pay, it is paid. */
export const pay = (market: MarketState, debt: Debt, second: number, minor: number): void => {
  const { customer, invoice } = debt;
  if (invoice.status === 'paid' || invoice.status === 'void' || customer.deleted) return;
  invoice.paidMinor += minor;
  if (unpaidMinor(invoice) > 0) return emitInvoice(market, 'updated', second, debt);
  invoice.paidMinor = invoice.failedMinor - invoice.creditedMinor;
  invoice.status = 'paid';
  invoice.nextAttempt = null;
  emitInvoice(market, 'paid', second, debt);
  return emitInvoice(market, 'payment_succeeded', second, debt);
};

/** All that is left to pay of an invoice comes in. */
export const payRest = (market: MarketState, debt: Debt, second: number): void =>
  pay(market, debt, second, unpaidMinor(debt.invoice));

/** The first try of an invoice is declined; the provider's further tries come about by themselves. */
export const failFirst = (market: MarketState, debt: Debt, second: number): void =>
  fail(market, debt, second, pickDecline(market.random));

const fail = (market: MarketState, debt: Debt, second: number, decline: Decline): void => {
  const { customer, invoice } = debt;
  const { random, stage } = market;
  invoice.attempts += 1;
  const days = RETRY_DAYS[invoice.attempts - 1];
  const goesOn = days !== undefined && !invoice.isFirstPayment && random.chance(0.85);
  invoice.nextAttempt = goesOn ? second + Math.round(days * DAY_S * random.between(0.8, 1.2)) : null;
  const charge = { id: `ch_${invoice.id}_${invoice.attempts}`, second, invoice, codes: decline.codes };
  customer.charges.push(charge);
  market.owners.set(charge.id, customer.who.customerId);
  emit(market, 'charge.failed', second, chargeJson(customer, charge));
  const asks = decline.codes.reason === 'authentication_required';
  emitInvoice(market, asks ? 'payment_action_required' : 'payment_failed', second, debt);
  if (invoice.attempts === 1) {
    const status = invoice.isFirstPayment ? 'incomplete' : 'past_due';
    changeSubscription(market, customer, second, { status });
  }
  if (invoice.nextAttempt !== null)
    return stage.later(invoice.nextAttempt, (at) => tryAgain(market, debt, at, decline));
  return stage.later(second + random.whole(0, 2) * DAY_S, (at) => giveUp(market, debt, at));
};

const tryAgain = (market: MarketState, debt: Debt, second: number, decline: Decline): void => {
  const { random } = market;
  if (isOver(debt)) return;
  if (decline.recovers === 0) return planOnly(market, debt, second, decline);
  if (random.chance(decline.recovers)) return payRest(market, debt, second);
  return fail(market, debt, second, random.chance(0.1) ? pickDecline(random) : decline);
};

/** Stripe goes on planning tries after a hard decline, and runs none of them. */
const planOnly = (market: MarketState, debt: Debt, second: number, decline: Decline): void => {
  const { invoice } = debt;
  const days = RETRY_DAYS[invoice.attempts] ?? null;
  invoice.attempts += 1;
  invoice.nextAttempt = days === null ? null : second + days * DAY_S;
  emitInvoice(market, 'updated', second, debt);
  if (invoice.nextAttempt === null) return giveUp(market, debt, second);
  return market.stage.later(invoice.nextAttempt, (at) => tryAgain(market, debt, at, decline));
};

const giveUp = (market: MarketState, debt: Debt, second: number): void => {
  const { customer, invoice } = debt;
  const { random, stage } = market;
  if (isOver(debt) || invoice.isFirstPayment) return;
  const how = random.pick(['cancel', 'unpaid', 'leave', 'uncollectible'] as const);
  if (how === 'cancel') cancelSubscription(market, customer, second, 'payment_failed');
  if (how === 'unpaid') changeSubscription(market, customer, second, { status: 'unpaid' });
  if (how === 'uncollectible') {
    invoice.status = 'uncollectible';
    emitInvoice(market, 'marked_uncollectible', second, debt);
  }
  // Some pay long after everybody has given up.
  if (random.chance(0.1))
    stage.later(second + random.whole(3, 40) * DAY_S, (at) => payRest(market, debt, at));
};
