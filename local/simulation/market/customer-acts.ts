// What people do about an open invoice: customers of their own accord, and the business for them.
import type { Message } from '../../../core/ports.ts';
import { customerObject, intentObject } from '../../demo/objects.ts';
import { changeCard, pay, payOutOfBand, payRest, tellPayment, tryNow } from './collecting.ts';
import {
  cancelSubscription,
  DAY_S,
  emit,
  emitInvoice,
  isOver,
  returnJson,
  unpaidMinor,
  type Debt,
  type MarketState,
  type TrueReturn,
} from './state.ts';

type Act = (market: MarketState, debt: Debt, second: number) => void;

const payPart: Act = (market, debt, second) =>
  pay(market, debt, second, Math.max(1, Math.floor(unpaidMinor(debt.invoice) / 3)));

/** A credit note before payment; a quarter of them are voided later, and the debt is as it was. */
const getCredit: Act = (market, debt, second) => {
  const { customer, invoice } = debt;
  const minor = Math.floor(unpaidMinor(invoice) / 4);
  if (minor === 0) return;
  const note = {
    id: `cn_${invoice.id}_${second}`,
    object: 'credit_note',
    amount: minor,
    customer: customer.who.customerId,
    invoice: invoice.id,
    livemode: false,
    pre_payment_amount: minor,
    type: 'pre_payment',
  };
  invoice.creditedMinor += minor;
  invoice.mostCreditedMinor = Math.max(invoice.mostCreditedMinor, invoice.creditedMinor);
  emit(market, customer, 'credit_note.created', second, note);
  emitInvoice(market, 'updated', second, debt);
  if (!invoice.random.chance(0.25)) return;
  market.stage.later(second + invoice.random.whole(1, 5) * DAY_S, (at) => {
    if (isOver(debt)) return;
    invoice.creditedMinor -= minor;
    emit(market, customer, 'credit_note.voided', at, note);
    emitInvoice(market, 'updated', at, debt);
  });
};

const getVoided: Act = (market, debt, second) => {
  debt.invoice.status = 'void';
  debt.invoice.nextAttempt = null;
  emitInvoice(market, 'voided', second, debt);
};

const leave: Act = (market, debt, second) => {
  debt.customer.left.add(debt.invoice.subscription.id);
  cancelSubscription(market, debt, second, 'cancellation_requested');
};

const getDeleted: Act = (market, { customer }, second) => {
  customer.deleted = true;
  emit(market, customer, 'customer.deleted', second, customerObject(customer.who));
};

/** Disputes an earlier payment; the bank decides some days later. */
const dispute: Act = (market, { customer, invoice: { random } }, second) => {
  const charge = `ch_before_${customer.who.customerId}`;
  const id = `dp_${customer.who.customerId}_${second}`;
  market.owners.set(charge, customer.who.customerId);
  const tell = (at: number, type: string, status: string): void => {
    const { currency, amountMinor } = customer.who;
    const object = { id, object: 'dispute', amount: amountMinor, charge, currency, status, livemode: false };
    if (type === 'closed') customer.disputes.delete(id);
    else customer.disputes.set(id, object);
    emit(market, customer, `charge.dispute.${type}`, at, object);
  };
  tell(second, 'created', 'needs_response');
  market.stage.later(second + random.whole(2, 12) * DAY_S, (at) =>
    tell(at, 'closed', random.pick(['won', 'lost'])),
  );
};

/** Pays by a debit, which takes days to succeed or not; only one is under way at a time. */
const payByDebit: Act = (market, debt, second) => {
  const { customer, invoice } = debt;
  const { random } = invoice;
  if (customer.inFlight !== null) return;
  const intent = `${invoice.intentId}_debit_${second}`;
  customer.inFlight = intent;
  market.owners.set(intent, customer.who.customerId);
  const tell = (at: number, status: 'processing' | 'succeeded' | 'canceled'): void =>
    emit(market, customer, `payment_intent.${status}`, at, intentObject(customer.who, intent, status));
  tell(second, 'processing');
  market.stage.later(second + random.whole(2, 6) * DAY_S, (at) => {
    customer.inFlight = null;
    const works = random.chance(0.75) && !isOver(debt);
    tell(at, works ? 'succeeded' : 'canceled');
    if (!works) return;
    const minor = unpaidMinor(invoice);
    payRest(market, debt, at);
    if (random.chance(0.2)) {
      market.stage.later(at + random.whole(2, 20) * DAY_S, (back) => giveBack(market, debt, back, minor));
    }
  });
};

/** The bank takes a debit back that had succeeded; half of these customers pay again. */
const giveBack = (market: MarketState, debt: Debt, second: number, amountMinor: number): void => {
  const { customer, invoice } = debt;
  if (customer.deleted || amountMinor === 0) return;
  const back: TrueReturn = { id: `py_${invoice.id}_${second}`, second, invoice, amountMinor, paidMinor: 0 };
  customer.returns.push(back);
  market.owners.set(back.id, customer.who.customerId);
  emit(market, customer, 'charge.failed', second, returnJson(customer, back), { status: 'succeeded' });
  if (!invoice.random.chance(0.5)) return;
  market.stage.later(second + Math.round(invoice.random.between(0.5, 30) * DAY_S), (at) => {
    if (customer.deleted) return;
    back.paidMinor = amountMinor;
    tellPayment(market, debt, at, amountMinor);
  });
};

const changeAddress: Act = (market, { customer }, second) => {
  customer.who = { ...customer.who, email: `moved.${customer.who.customerId}@example.com` };
  emit(market, customer, 'customer.updated', second, customerObject(customer.who));
};

/** The holder tries on the payment page and fails: a try that the provider does not count. */
const tryInVain: Act = (market, debt, second) => void tryNow(market, debt, second, 'customer');

const changeTheCard: Act = (market, { customer }, second) => changeCard(market, customer, second);

/** All of them equally often. A seed picks by position: another order is another world. */
const ACTS: readonly Act[] = [
  payRest,
  payPart,
  payOutOfBand,
  getCredit,
  getVoided,
  leave,
  getDeleted,
  dispute,
  payByDebit,
  payByDebit,
  changeAddress,
  changeTheCard,
  tryInVain,
];

/** What a customer may do of their own accord while an invoice is open. */
export const act = (market: MarketState, debt: Debt, second: number): void => {
  if (isOver(debt)) return;
  debt.invoice.random.pick(ACTS)(market, debt, second);
};

/** A part of what was paid is given back to the customer. */
export const refund = (market: MarketState, { customer, invoice }: Debt, second: number): void => {
  if (invoice.status !== 'paid' || customer.deleted) return;
  emit(market, customer, 'refund.created', second, {
    id: `re_${invoice.id}`,
    object: 'refund',
    amount: Math.ceil(invoice.failedMinor / 2),
    charge: null,
    currency: invoice.currency.toLowerCase(),
    livemode: false,
    payment_intent: invoice.intentId,
    status: 'succeeded',
  });
};

/** The share of readers who act on a message within two days. */
const ACTED_ON: Readonly<Partial<Record<Message, number>>> = {
  'payment-failed': 0.15,
  'update-card': 0.3,
  'confirm-payment': 0.4,
  reminder: 0.18,
  'final-notice': 0.28,
};

/** A mail has reached its reader, and some act on it: most pay by its link, others store a new card. */
export const read = (market: MarketState, debt: Debt, message: Message, second: number): void => {
  const { customer, invoice } = debt;
  const { random } = invoice;
  if (!random.chance(ACTED_ON[message] ?? 0)) return;
  const how = random.pick([payRest, payRest, payRest, changeTheCard, tryInVain, payByDebit]);
  market.stage.later(second + Math.round(random.between(0.01, 2) * DAY_S), (at) => {
    if (!isOver({ customer, invoice })) how(market, debt, at);
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
