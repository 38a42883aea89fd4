// What people do about an open invoice: customers of their own accord, and the business for them.
import type { Message } from '../../../core/ports.ts';
import { customerObject } from '../../demo/objects.ts';
import { changeCard } from './cards.ts';
import { tryNow } from './collecting.ts';
import { payByDebit } from './debits.ts';
import { chargedFor } from './methods.ts';
import { pay, payOutOfBand, payRest } from './payments.ts';
import {
  cancelSubscription,
  DAY_S,
  emit,
  emitInvoice,
  isOver,
  unpaidMinor,
  tellSubscription,
  type Debt,
  type Holding,
  type MarketState,
  type TrueCustomer,
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
  const { customer, invoice } = debt;
  const { subscription } = invoice;
  cancelSubscription(market, { customer, subscription }, second, 'cancellation_requested');
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

const changeAddress: Act = (market, { customer }, second) => {
  customer.who = { ...customer.who, email: `moved.${customer.who.customerId}@example.com` };
  emit(market, customer, 'customer.updated', second, customerObject(customer.who));
};

/** The holder tries on the payment page and fails: a try that the provider does not count. */
const tryInVain: Act = (market, debt, second) => {
  const method = chargedFor(debt.customer, debt.invoice.subscription);
  // An account cannot be debited from a page on which cards are asked for.
  if (method.type === 'card') tryNow(market, debt, { by: 'customer', method, second });
};

const changeTheCard: Act = (market, { customer, invoice }, second) =>
  changeCard(market, customer, invoice.subscription, second);

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

/** What may befall an invoice that is sent: there is no card to change and nothing that is tried. */
const SENT_ACTS: readonly Act[] = [
  payRest,
  payPart,
  payPart,
  payOutOfBand,
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
  const { random, dueSecond } = debt.invoice;
  random.pick(dueSecond === null ? ACTS : SENT_ACTS)(market, debt, second);
};

/** The share of readers who act on a message within two days. */
const ACTED_ON: Readonly<Partial<Record<Message, number>>> = {
  'payment-failed': 0.15,
  'bank-debit-failed': 0.2,
  'invoice-overdue': 0.3,
  'update-card': 0.3,
  'confirm-payment': 0.4,
  reminder: 0.18,
  'final-notice': 0.28,
};

/**
 * How a reader sets about paying or bringing another card at a second: by the link of the mail, or on their own. `carryOut`
 * is what they do at the provider.
 */
export type SetAbout = (what: 'pay' | 'card', second: number, carryOut: (second: number) => void) => void;

/** A mail has reached its reader, and some act on it: most pay by its link, others store a new card. */
export const read = (
  market: MarketState,
  debt: Debt,
  message: Message,
  second: number,
  setAbout: SetAbout,
): void => {
  const { customer, invoice } = debt;
  const { random } = invoice;
  if (!random.chance(ACTED_ON[message] ?? 0)) return;
  const how = random.pick(
    invoice.dueSecond === null
      ? [payRest, payRest, payRest, changeTheCard, tryInVain, payByDebit]
      : [payRest, payRest, payRest, payRest, payPart, payByDebit],
  );
  const what = how === changeTheCard ? 'card' : 'pay';
  setAbout(what, second + Math.round(random.between(0.01, 2) * DAY_S), (at) => {
    if (!isOver({ customer, invoice })) how(market, debt, at);
  });
};

/** The share of readers of a notice who do something about it. */
const HEEDED: Readonly<Partial<Record<Message, number>>> = {
  'card-expiring': 0.4,
  'card-expired': 0.3,
  'renewal-notice': 0.1,
  'trial-ending': 0.2,
  'invoice-due': 0.25,
};

/** A notice has reached its reader: some bring another card before theirs fails, some end what would be renewed. */
export const heed = (
  market: MarketState,
  customer: TrueCustomer,
  message: Message,
  aboutId: string,
  second: number,
  setAbout: SetAbout,
): void => {
  const { stage } = market;
  const luck = customer.random.fork(`heeds ${message} ${second}`);
  if (!luck.chance(HEEDED[message] ?? 0)) return;
  const at = second + Math.round(luck.between(0.05, 5) * DAY_S);
  const invoice = customer.invoices.find(({ id }) => id === aboutId);
  if (invoice) {
    return setAbout('pay', at, (when) => {
      if (!isOver({ customer, invoice })) payRest(market, { customer, invoice }, when);
    });
  }
  const named = customer.subscriptions.find(({ id }) => id === aboutId);
  const subscription = named ?? customer.subscriptions[0];
  if (!subscription) return;
  const isOn = () => !customer.deleted && subscription.object['status'] !== 'canceled';
  if (message === 'card-expiring' || message === 'card-expired') {
    return setAbout('card', at, (when) => {
      if (isOn()) changeCard(market, customer, subscription, when);
    });
  }
  return stage.later(at, () => {
    if (isOn()) endLater(market, { customer, subscription }, at);
  });
};

/** The customer ends a subscription, with its period or at once. */
export const endLater = (market: MarketState, holding: Holding, second: number): void => {
  const { customer, subscription } = holding;
  const { status } = subscription.object;
  if (customer.deleted || status === 'canceled') return;
  customer.left.add(subscription.id);
  if (customer.random.fork(`ends ${subscription.id}`).chance(0.5))
    return cancelSubscription(market, holding, second, 'cancellation_requested');
  return tellSubscription(market, holding, second, { cancel_at_period_end: true });
};

/** A customer pays every open invoice at once. */
export const payAll = (market: MarketState, customerId: string, second: number): void => {
  const customer = market.customers.get(customerId);
  if (!customer) return;
  for (const invoice of customer.invoices) {
    if (invoice.status === 'open') payRest(market, { customer, invoice }, second);
  }
};
