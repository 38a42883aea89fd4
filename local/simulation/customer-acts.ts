// What people do about an open invoice: customers of their own accord, and the business for them.
import { customerObject, intentObject } from '../demo/objects.ts';
import { pay, payRest } from './collecting.ts';
import {
  cancelSubscription,
  DAY_S,
  emit,
  emitInvoice,
  isOver,
  unpaidMinor,
  type Debt,
  type MarketState,
} from './market-state.ts';

type Act = (market: MarketState, debt: Debt, second: number) => void;

const payPart: Act = (market, debt, second) =>
  pay(market, debt, second, Math.max(1, Math.floor(unpaidMinor(debt.invoice) / 3)));

const getCredit: Act = (market, debt, second) => {
  debt.invoice.creditedMinor += Math.floor(unpaidMinor(debt.invoice) / 4);
  emitInvoice(market, 'updated', second, debt);
};

const getVoided: Act = (market, debt, second) => {
  debt.invoice.status = 'void';
  emitInvoice(market, 'voided', second, debt);
};

const leave: Act = (market, { customer }, second) =>
  cancelSubscription(market, customer, second, 'cancellation_requested');

const getDeleted: Act = (market, { customer }, second) => {
  customer.deleted = true;
  emit(market, 'customer.deleted', second, customerObject(customer.who));
};

/** Disputes the first charge; the bank decides some days later. */
const dispute: Act = (market, { customer }, second) => {
  const { random, stage } = market;
  const [charge] = customer.charges;
  if (!charge) return;
  const id = `dp_${customer.who.customerId}_${second}`;
  const tell = (at: number, type: string, status: string): void => {
    const { currency, amountMinor } = customer.who;
    emit(market, `charge.dispute.${type}`, at, {
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
  stage.later(second + random.whole(2, 12) * DAY_S, (at) => tell(at, 'closed', random.pick(['won', 'lost'])));
};

/** Pays by a debit, which takes days to succeed or not; only one is under way at a time. */
const payByDebit: Act = (market, debt, second) => {
  const { random, stage } = market;
  const { customer, invoice } = debt;
  if (customer.inFlight !== null) return;
  const intent = `${invoice.intentId}_debit_${second}`;
  customer.inFlight = intent;
  const tell = (at: number, status: 'processing' | 'succeeded' | 'canceled'): void =>
    emit(market, `payment_intent.${status}`, at, intentObject(customer.who, intent, status));
  tell(second, 'processing');
  stage.later(second + random.whole(2, 6) * DAY_S, (at) => {
    customer.inFlight = null;
    const works = random.chance(0.7) && !isOver(debt);
    tell(at, works ? 'succeeded' : 'canceled');
    if (works) payRest(market, debt, at);
  });
};

const changeAddress: Act = (market, { customer }, second) => {
  customer.who = { ...customer.who, email: `moved.${customer.who.customerId}@example.com` };
  emit(market, 'customer.updated', second, customerObject(customer.who));
};

/** All of them equally often. A seed picks by position: another order is another world. */
const ACTS: readonly Act[] = [
  payRest,
  payPart,
  getCredit,
  getVoided,
  leave,
  getDeleted,
  dispute,
  payByDebit,
  changeAddress,
];

/** What a customer may do of their own accord while an invoice is open. */
export const act = (market: MarketState, debt: Debt, second: number): void => {
  if (isOver(debt)) return;
  market.random.pick(ACTS)(market, debt, second);
};

/** A mail has reached its reader, and some pay for it within two days. */
export const read = (market: MarketState, customerId: string, second: number): void => {
  const { random, stage } = market;
  const customer = market.customers.get(customerId);
  const invoice = customer?.invoices.find((one) => one.status === 'open');
  if (!customer || !invoice || !random.chance(0.25)) return;
  const debt = { customer, invoice };
  stage.later(second + Math.round(random.between(0.01, 2) * DAY_S), (at) => {
    if (!isOver(debt)) payRest(market, debt, at);
  });
};

/** A customer pays every open invoice at once. */
export const payAll = (market: MarketState, customerId: string, second: number): void => {
  const customer = market.customers.get(customerId);
  if (!customer) return;
  for (const invoice of customer.invoices) {
    if (invoice.status === 'open') payRest(market, { customer, invoice }, second);
  }
};
