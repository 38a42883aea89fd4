// Invoices that are sent in the simulated market: the customer pays them on their own, in time, late, in part, or never.
import { markUncollectible, pay, payRest } from './payments.ts';
import {
  changeSubscription,
  DAY_S,
  emitInvoice,
  isOver,
  noteOwed,
  unpaidMinor,
  type Debt,
  type MarketState,
} from './state.ts';

/** How businesses pay: the shares of those who do so before the due date, soon after it, or only when they are written to. */
const PAYS_BEFORE = 0.35;
const PAYS_SOON_AFTER = 0.3;

/** The due date has passed: some accounts have an event for it, the others are found by a look at the account. */
const fallDue = (
  market: MarketState,
  debt: Debt,
  second: number,
  overdue: (second: number) => void,
): void => {
  const { customer, invoice } = debt;
  if (customer.deleted || invoice.status !== 'open') return;
  const luck = invoice.random.fork('due');
  invoice.failed = true;
  noteOwed(invoice, second);
  if (luck.chance(0.4)) emitInvoice(market, 'overdue', second, debt);
  if (luck.chance(0.5)) changeSubscription(market, debt, second, { status: 'past_due' });
  if (luck.chance(PAYS_SOON_AFTER)) {
    const at = second + Math.round(luck.between(0, 25) * DAY_S);
    market.stage.later(at, (when) => {
      if (!isOver(debt)) payRest(market, debt, when);
    });
  }
  if (luck.chance(0.1)) {
    market.stage.later(second + luck.whole(30, 60) * DAY_S, (at) => {
      if (!isOver(debt)) markUncollectible(market, debt, at);
    });
  }
  overdue(second);
};

/** Sends an invoice: told when it is finalised, then nothing happens until somebody pays or the date is past. */
export const sendInvoice = (
  market: MarketState,
  debt: Debt,
  second: number,
  overdue: (second: number) => void,
): void => {
  const { customer, invoice } = debt;
  const { stage } = market;
  const dueSecond = invoice.dueSecond ?? second;
  const luck = invoice.random.fork('sent');
  const before = () => second + Math.round(luck.between(0, (dueSecond - second) / DAY_S) * DAY_S);
  emitInvoice(market, 'finalized', second, debt);
  if (luck.chance(0.15)) {
    stage.later(before(), (at) => {
      if (!isOver(debt)) pay(market, debt, at, Math.max(1, Math.floor(unpaidMinor(invoice) / 4)));
    });
  }
  if (luck.chance(PAYS_BEFORE)) {
    stage.later(before(), (at) => {
      if (!customer.deleted && invoice.status === 'open') payRest(market, debt, at);
    });
  }
  stage.later(dueSecond, (at) => fallDue(market, debt, at, overdue));
};
