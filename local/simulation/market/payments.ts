// What becomes of the money of an invoice in the simulated market: it comes in, or a try to take it is declined.
import { planDeparture } from './departing.ts';
import { freshCourse, otherCourse, succeeds, type Course } from './declines.ts';
import { bookPayment } from './ledger.ts';
import { EXPIRED, isExpired, nameOf, type TrueMethod } from './methods.ts';
import {
  changeSubscription,
  emit,
  emitInvoice,
  isOver,
  unpaidMinor,
  type Debt,
  type MarketState,
  type TrueCharge,
} from './state.ts';

/** Money comes in for an invoice; once nothing is left to pay, it is paid. */
export const pay = (market: MarketState, debt: Debt, second: number, minor: number): void => {
  const { customer, invoice } = debt;
  if (invoice.status === 'paid' || invoice.status === 'void' || customer.deleted) return;
  const owed = unpaidMinor(invoice);
  invoice.paidMinor += minor;
  const isPart = unpaidMinor(invoice) > 0;
  if (!isPart) {
    invoice.paidMinor = invoice.failedMinor - invoice.creditedMinor;
    invoice.status = 'paid';
    invoice.nextAttempt = null;
  }
  const payment = bookPayment(invoice.ledger, invoice.id, { second, minor: Math.min(minor, owed) });
  planDeparture(market, debt, payment);
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
  bookPayment(invoice.ledger, invoice.id, { second, minor: unpaidMinor(invoice), isGone: true });
  invoice.status = 'paid';
  invoice.nextAttempt = null;
  emitInvoice(market, 'paid', second, debt);
  settle(market, debt, second);
};

/** Writes an invoice off; it may still be paid. */
export const markUncollectible = (market: MarketState, debt: Debt, second: number): void => {
  debt.invoice.status = 'uncollectible';
  debt.invoice.nextAttempt = null;
  emitInvoice(market, 'marked_uncollectible', second, debt);
};

/** What comes of a try with a method; one that came after the failure is likely to work. */
const courseWith = ({ invoice }: Debt, method: TrueMethod): Course => {
  const name = nameOf(method);
  const known = invoice.courses.get(name);
  if (known) return known;
  const { firstSecond, random } = invoice;
  const isNew = method.addedSecond >= firstSecond;
  const course = isNew ? freshCourse() : otherCourse(random.fork(`with ${name}`), firstSecond);
  invoice.courses.set(name, course);
  return course;
};

/** Whether a try with a method brings the money. */
export const works = (debt: Debt, method: TrueMethod, second: number): boolean =>
  !isExpired(method, second) && succeeds(courseWith(debt, method), debt.invoice.random, second);

/** Who tries, with what, and when the charge was made. */
export type Try = {
  readonly by: TrueCharge['by'];
  readonly method: TrueMethod;
  readonly second: number;
};

/** Writes a declined charge down. */
export const declinedCharge = (market: MarketState, debt: Debt, { by, method, second }: Try): TrueCharge => {
  const { customer, invoice } = debt;
  const charge: TrueCharge = {
    id: `ch_${invoice.id}_${customer.charges.length + 1}`,
    second,
    invoice,
    codes: isExpired(method, second) ? EXPIRED : courseWith(debt, method).codes,
    who: customer.who,
    method,
    amountMinor: unpaidMinor(invoice),
    by,
  };
  invoice.failed = true;
  customer.charges.push(charge);
  market.owners.set(charge.id, customer.who.customerId);
  return charge;
};
