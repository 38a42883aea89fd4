// Bank debits in the simulated market: on their way for days, then paid or failed, and some come back later.
import { intentObject } from '../../demo/objects.ts';
import { chargeJson } from './methods.ts';
import { planDeparture } from './departing.ts';
import { bookDeparture, bookPayment } from './ledger.ts';
import { declinedCharge, payRest, tellPayment, works, type Try } from './payments.ts';
import {
  DAY_S,
  emit,
  emitInvoice,
  returnJson,
  unpaidMinor,
  type Debt,
  type MarketState,
  type TrueReturn,
} from './state.ts';

const tellIntent = (
  market: MarketState,
  { customer }: Debt,
  id: string,
  second: number,
  status: 'processing' | 'succeeded' | 'canceled',
): void => emit(market, customer, `payment_intent.${status}`, second, intentObject(customer.who, id, status));

/** A debit sets off. */
const send = (market: MarketState, debt: Debt, intent: string, second: number): void => {
  debt.customer.inFlight.set(intent, debt.invoice);
  market.owners.set(intent, debt.customer.who.customerId);
  tellIntent(market, debt, intent, second, 'processing');
};

/** The bank takes a debit back that had succeeded; half of these customers pay again. */
const giveBack = (
  market: MarketState,
  debt: Debt,
  second: number,
  amountMinor: number,
  landedSecond: number,
): void => {
  const { customer, invoice } = debt;
  const debit = invoice.ledger.payments.find((payment) => payment.second === landedSecond);
  // What was given back before, the bank need not take.
  if (customer.deleted || amountMinor === 0 || !debit || debit.isGone || debit.refundedMinor > 0) return;
  debit.isGone = true;
  const back: TrueReturn = { id: `py_${invoice.id}_${second}`, second, invoice, amountMinor, paidMinor: 0 };
  customer.returns.push(back);
  bookDeparture(invoice.ledger, { id: back.id, kind: 'reversal', second, minor: amountMinor });
  market.owners.set(back.id, customer.who.customerId);
  emit(market, customer, 'charge.failed', second, returnJson(customer, back), { status: 'succeeded' });
  if (!invoice.random.chance(0.5)) return;
  market.stage.later(second + Math.round(invoice.random.between(0.5, 30) * DAY_S), (at) => {
    if (customer.deleted) return;
    back.paidMinor = amountMinor;
    const subjectId = `${invoice.id}:${back.id}`;
    const { intentId } = debit;
    const told = { subjectId, intentId, second: at, minor: amountMinor };
    const again = bookPayment(invoice.ledger, invoice.id, told);
    planDeparture(market, debt, again);
    tellPayment(market, debt, at, amountMinor);
  });
};

/** A debit has brought all that was left to pay; of some the bank thinks better. */
const landed = (market: MarketState, debt: Debt, second: number, returned: number): void => {
  const { random } = debt.invoice;
  const minor = unpaidMinor(debt.invoice);
  payRest(market, debt, second);
  if (random.chance(returned)) {
    market.stage.later(second + random.whole(2, 20) * DAY_S, (back) =>
      giveBack(market, debt, back, minor, second),
    );
  }
};

/** Pays by a debit, which takes days to succeed or not; only one is under way at a time. */
export const payByDebit = (market: MarketState, debt: Debt, second: number): void => {
  const { customer, invoice } = debt;
  const { random } = invoice;
  if (customer.inFlight.size > 0) return;
  const intent = `${invoice.intentId}_debit_${second}`;
  send(market, debt, intent, second);
  market.stage.later(second + random.whole(2, 6) * DAY_S, (at) => {
    customer.inFlight.delete(intent);
    const isOpen = !customer.deleted && invoice.status === 'open';
    const ended = invoice.subscription.object['status'] === 'canceled';
    const comes = random.chance(0.75) && isOpen && !ended;
    tellIntent(market, debt, intent, at, comes ? 'succeeded' : 'canceled');
    if (comes) landed(market, debt, at, 0.2);
  });
};

/** What is to come of a debit. */
export type DebitTerms = {
  /** Whether it brings the money, where that is settled beforehand; null = chance decides. */
  readonly bound: boolean | null;
  /** Plans the provider's next try once it has failed, before anybody is told. */
  readonly plan: (second: number) => void;
  /** What happens after it has failed and everybody was told. */
  readonly failed: (second: number) => void;
};

/** A debit that was pending has failed: its charge, its intent and its invoice tell of it. */
const fail = (market: MarketState, debt: Debt, one: Try, at: number, { plan, failed }: DebitTerms): void => {
  const { customer, invoice } = debt;
  const charge = declinedCharge(market, debt, one);
  plan(at);
  emit(market, customer, 'charge.failed', at, chargeJson(charge), { status: 'pending' });
  emit(market, customer, 'payment_intent.payment_failed', at, {
    ...intentObject(customer.who, invoice.intentId, 'requires_payment_method'),
    latest_charge: charge.id,
    last_payment_error: {
      code: charge.codes.failureCode,
      charge: charge.id,
      payment_method: { id: one.method.id, type: one.method.type },
    },
  });
  emitInvoice(market, 'payment_failed', at, debt);
  failed(at);
};

/** Three to five days; a bank that sees at once that nothing is to be had says so within two. */
const daysOnItsWay = (debt: Debt): number => {
  const { random } = debt.invoice;
  return random.chance(0.25) ? random.between(0.4, 2) : random.between(3, 5);
};

/** Debits the customer's bank account for an invoice. */
export const debitFor = (market: MarketState, debt: Debt, one: Try, terms: DebitTerms): void => {
  const { customer, invoice } = debt;
  if (one.by !== 'provider' || invoice.attempts > 0) market.tries += 1;
  if (one.by === 'provider') {
    invoice.attempts += 1;
    invoice.nextAttempt = null;
  }
  send(market, debt, invoice.intentId, one.second);
  const at = one.second + Math.round(daysOnItsWay(debt) * DAY_S);
  market.stage.later(at, (second) => {
    customer.inFlight.delete(invoice.intentId);
    if (customer.deleted) return;
    if (invoice.status === 'paid' || invoice.status === 'void' || unpaidMinor(invoice) <= 0)
      return tellIntent(market, debt, invoice.intentId, second, 'canceled');
    if (terms.bound ?? works(debt, one.method, second)) {
      tellIntent(market, debt, invoice.intentId, second, 'succeeded');
      return landed(market, debt, second, terms.bound === null ? 0.1 : 1);
    }
    return fail(market, debt, one, second, terms);
  });
};
