// A bill in the simulated market: an invoice whose first payment fails, and what its customer will do.
import { failFirst, payRest } from './collecting.ts';
import { act } from './customer-acts.ts';
import { DAY_S, type MarketState, type TrueCustomer, type TrueInvoice } from './market-state.ts';

const newInvoice = (
  customer: TrueCustomer,
  id: string,
  isFirstPayment: boolean,
  second: number,
): TrueInvoice => ({
  id,
  customerId: customer.who.customerId,
  currency: customer.who.currency.toUpperCase(),
  failedMinor: customer.who.amountMinor,
  isFirstPayment,
  paidMinor: 0,
  creditedMinor: 0,
  status: 'open',
  attempts: 0,
  nextAttempt: null,
  intentId: `pi_${id}`,
  number: id,
  firstSecond: second,
});

/** Fails the payment of a new invoice of a customer; all that follows comes about by itself. */
export const bill = (market: MarketState, customerId: string, second: number): void => {
  const { random, stage } = market;
  const customer = market.customers.get(customerId);
  if (!customer || customer.deleted || customer.subscription['status'] === 'canceled') return;
  const isFirstPayment = customer.invoices.length === 0 && random.chance(0.05);
  const id = `in_${customerId}_${customer.invoices.length + 1}`;
  const debt = { customer, invoice: newInvoice(customer, id, isFirstPayment, second) };
  customer.invoices.push(debt.invoice);
  market.owners.set(id, customerId);
  failFirst(market, debt, second);
  // Some payments come in at the very moment of the failure, before anybody has thought about it.
  if (random.chance(0.03)) stage.later(second, (at) => payRest(market, debt, at));
  const acts = random.whole(0, 2);
  for (let i = 0; i < acts; i += 1) {
    if (random.chance(0.5))
      stage.later(second + Math.round(random.between(0, 20) * DAY_S), (at) => act(market, debt, at));
  }
};
