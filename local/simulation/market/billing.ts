// A bill in the simulated market: an invoice whose first payment fails, and what its customer will do.
import { debitFirst, failFirst } from './collecting.ts';
import { act, endLater } from './customer-acts.ts';
import { pickCourse } from './declines.ts';
import { planDeparture } from './departing.ts';
import { bookPayment, emptyLedger } from './ledger.ts';
import { chargedFor, isDebit, isExpired, nameOf } from './methods.ts';
import { payRest } from './payments.ts';
import { sendInvoice } from './sent.ts';
import {
  beginPeriod,
  cancelSubscription,
  DAY_S,
  emitInvoice,
  tellSubscription,
  type Debt,
  type Holding,
  type MarketState,
  type TrueInvoice,
} from './state.ts';

const newInvoice = ({ customer, subscription }: Holding, second: number): TrueInvoice => {
  // Named after its time, so that it is the same whichever bills there were before.
  const id = `in_${subscription.id}_${Math.floor(second / DAY_S)}`;
  const random = customer.random.fork(id);
  const { netDays } = subscription.terms;
  const isFirst = customer.invoices.length === 0 && random.chance(0.05);
  const method = chargedFor(customer, subscription);
  return {
    id,
    subscription,
    currency: customer.who.currency.toUpperCase(),
    failedMinor: subscription.amountMinor,
    isFirstPayment: isFirst && netDays === null,
    intentId: `pi_${id}`,
    firstSecond: second,
    frozenEmail: customer.who.email,
    random,
    courses: new Map([[nameOf(method), pickCourse(random, second, isDebit(method))]]),
    dueSecond: netDays === null ? null : second + netDays * DAY_S,
    owedSinceDue: [],
    ledger: emptyLedger(),
    failed: false,
    settledSecond: null,
    since: {},
    paidMinor: 0,
    paidOutOfBand: false,
    creditedMinor: 0,
    mostCreditedMinor: 0,
    status: 'open',
    attempts: 0,
    nextAttempt: null,
  };
};

/** What the customer does about an invoice of their own accord, at times drawn beforehand. */
const planActs = (market: MarketState, debt: Debt, second: number): void => {
  const { stage } = market;
  const { id, random } = debt.invoice;
  const at = (days: number) => second + Math.round(random.between(0, days) * DAY_S);
  // Some payments come in at the very moment of the failure, before anybody has thought about it.
  if (random.chance(0.03)) stage.later(second, (now) => payRest(market, debt, now));
  for (let n = random.whole(0, 2); n > 0; n -= 1) {
    const when = at(20);
    if (random.chance(0.5) && !stage.leftOut(`act ${id} ${n}`)) {
      stage.later(when, (now) => act(market, debt, now));
    }
  }
};

/** Puts a subscription into the period that begins now. Answers whether it goes on at all. */
const renew = (market: MarketState, holding: Holding, second: number): boolean => {
  const { customer, subscription } = holding;
  const { status, cancel_at_period_end: ends } = subscription.object;
  if (customer.deleted || status === 'canceled' || status === 'unpaid' || status === 'incomplete')
    return false;
  if (ends === true && customer.left.has(subscription.id)) {
    cancelSubscription(market, holding, second, 'cancellation_requested');
    return false;
  }
  beginPeriod(customer, subscription, second + subscription.interval.days * DAY_S);
  if (status === 'trialing') tellSubscription(market, holding, second, { status: 'active' });
  return true;
};

/** Fails the payment of a new invoice of a subscription; all that follows comes about by itself. */
const bill = (market: MarketState, holding: Holding, second: number): void => {
  const { customer, subscription } = holding;
  if (!renew(market, holding, second)) return;
  const debt = { customer, invoice: newInvoice(holding, second) };
  customer.invoices.push(debt.invoice);
  market.owners.set(debt.invoice.id, customer.who.customerId);
  market.owners.set(debt.invoice.intentId, customer.who.customerId);
  const failed = (at: number) => planActs(market, debt, at);
  if (debt.invoice.dueSecond !== null) return sendInvoice(market, debt, second, failed);
  if (isDebit(chargedFor(customer, subscription))) return debitFirst(market, debt, second, failed);
  failFirst(market, debt, second);
  return failed(second);
};

/** A bill that is paid at the first try, of which the code under test hears only now and then; an expired card fails it. */
const billPaid = (market: MarketState, holding: Holding, second: number, isTold: boolean): void => {
  const { customer, subscription } = holding;
  const { netDays } = subscription.terms;
  if (netDays === null && isExpired(chargedFor(customer, subscription), second))
    return bill(market, holding, second);
  if (!renew(market, holding, second) || !isTold) return;
  const invoice: TrueInvoice = {
    ...newInvoice(holding, second),
    status: 'paid',
    paidMinor: subscription.amountMinor,
    attempts: 1,
  };
  emitInvoice(market, 'paid', second, { customer, invoice });
  const payment = bookPayment(invoice.ledger, invoice.id, { second, minor: invoice.paidMinor });
  planDeparture(market, { customer, invoice }, payment);
};

/** Whether somebody hears of a bill that is paid at once, or a notice may tell of it, or it may fail after all. */
const matters = ({ customer, subscription }: Holding): boolean =>
  subscription.interval.name === 'year' ||
  subscription.terms.trialDays !== null ||
  [...customer.methods.values()].some(({ expYear }) => expYear < 2028);

/** Who has a trial, or pays by the year, now and then ends it before it is billed. */
const planLeaving = (market: MarketState, holding: Holding, startSecond: number, firstDay: number): void => {
  const { customer, subscription } = holding;
  const random = customer.random.fork(`leaves ${subscription.id}`);
  const { trialDays } = subscription.terms;
  const share = trialDays !== null ? 0.3 : subscription.interval.name === 'year' ? 0.12 : 0;
  if (!random.chance(share) || market.stage.leftOut(`end ${subscription.id}`)) return;
  const second = startSecond + Math.round(random.between(0, firstDay) * DAY_S);
  market.stage.later(second, (at) => endLater(market, holding, at));
};

const planBillsOf = (market: MarketState, holding: Holding, startSecond: number, days: number): void => {
  const { customer, subscription } = holding;
  const random = customer.random.fork(`bills ${subscription.id}`);
  const { interval } = subscription;
  const { trialDays } = subscription.terms;
  const drawn = random.between(0, interval.days);
  const firstDay = trialDays ?? drawn;
  const firstSecond = startSecond + Math.round(firstDay * DAY_S);
  const trial = { status: 'trialing', trial_end: firstSecond };
  beginPeriod(customer, subscription, firstSecond, trialDays === null ? {} : trial);
  planLeaving(market, holding, startSecond, firstDay);
  for (let day = firstDay; day < days; day += interval.days) {
    const second = startSecond + Math.round(day * DAY_S);
    if (random.chance(interval.fails)) {
      if (market.stage.leftOut(`bill ${subscription.id} ${Math.floor(day)}`)) continue;
      market.stage.later(second, (at) => bill(market, holding, at));
      continue;
    }
    const isTold = random.chance(0.1);
    if (isTold || matters(holding)) market.stage.later(second, (at) => billPaid(market, holding, at, isTold));
  }
};

/** Every bill of every subscription for so many days; most of those that are paid at once are left untold. */
export const planBills = (market: MarketState, startSecond: number, days: number): void => {
  for (const customer of market.customers.values()) {
    for (const subscription of customer.subscriptions)
      planBillsOf(market, { customer, subscription }, startSecond, days);
  }
};
