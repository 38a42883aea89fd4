// A bill in the simulated market: an invoice whose first payment fails, and what its customer will do.
import { failFirst, payRest } from './collecting.ts';
import { act, refund } from './customer-acts.ts';
import { pickCourse } from './declines.ts';
import {
  DAY_S,
  emitInvoice,
  type Debt,
  type MarketState,
  type TrueCustomer,
  type TrueInvoice,
  type TrueSubscription,
} from './state.ts';

const newInvoice = (customer: TrueCustomer, subscription: TrueSubscription, second: number): TrueInvoice => {
  // Named after its time, so that it is the same whichever bills there were before.
  const id = `in_${subscription.id}_${Math.floor(second / DAY_S)}`;
  const random = customer.random.fork(id);
  return {
    id,
    subscription,
    currency: customer.who.currency.toUpperCase(),
    failedMinor: subscription.amountMinor,
    isFirstPayment: customer.invoices.length === 0 && random.chance(0.05),
    intentId: `pi_${id}`,
    firstSecond: second,
    frozenEmail: customer.who.email,
    random,
    course: pickCourse(random, second),
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
  if (random.chance(0.05)) stage.later(at(60), (now) => refund(market, debt, now));
};

/** Fails the payment of a new invoice of a subscription; all that follows comes about by itself. */
export const bill = (
  market: MarketState,
  customer: TrueCustomer,
  subscription: TrueSubscription,
  second: number,
) => {
  const { status } = subscription.object;
  if (customer.deleted || status === 'canceled' || status === 'unpaid' || status === 'incomplete') return;
  const debt = { customer, invoice: newInvoice(customer, subscription, second) };
  customer.invoices.push(debt.invoice);
  market.owners.set(debt.invoice.id, customer.who.customerId);
  market.owners.set(debt.invoice.intentId, customer.who.customerId);
  failFirst(market, debt, second);
  planActs(market, debt, second);
};

/** A bill that is paid at the first try, of which the code under test hears and which concerns it not. */
const paidAtOnce = (
  market: MarketState,
  customer: TrueCustomer,
  subscription: TrueSubscription,
  second: number,
) => {
  if (customer.deleted) return;
  const invoice = {
    ...newInvoice(customer, subscription, second),
    status: 'paid' as const,
    paidMinor: subscription.amountMinor,
    attempts: 1,
  };
  emitInvoice(market, 'paid', second, { customer, invoice });
};

/** Every bill of every subscription for so many days; most of those that are paid at once are left untold. */
export const planBills = (market: MarketState, startSecond: number, days: number): void => {
  for (const customer of market.customers.values()) {
    for (const subscription of customer.subscriptions) {
      const random = customer.random.fork(`bills ${subscription.id}`);
      const { interval } = subscription;
      for (let day = random.between(0, interval.days); day < days; day += interval.days) {
        const second = startSecond + Math.round(day * DAY_S);
        if (random.chance(interval.fails)) {
          if (market.stage.leftOut(`bill ${subscription.id} ${Math.floor(day)}`)) continue;
          market.stage.later(second, (at) => bill(market, customer, subscription, at));
        } else if (random.chance(0.1)) {
          market.stage.later(second, (at) => paidAtOnce(market, customer, subscription, at));
        }
      }
    }
  }
};
