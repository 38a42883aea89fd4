// Money that leaves again in the simulated market: refunds, some of which fail, and disputes, won, lost or mere inquiries.
import { chargeObject, type Json } from '../../demo/objects.ts';
import { bookDeparture, type TrueDeparture, type TruePayment } from './ledger.ts';
import { DAY_S, emit, type Debt, type MarketState } from './state.ts';

/** The share of payments of which something leaves again. */
const LEAVES = 0.15;

/** A payment, whose it was, and the chance of what becomes of it. */
type Paid = {
  readonly market: MarketState;
  readonly debt: Debt;
  readonly payment: TruePayment;
  readonly luck: MarketState['random'];
};

const restOf = ({ minor, refundedMinor, isGone }: TruePayment): number =>
  isGone ? 0 : minor - refundedMinor;

/** What names the payment on everything that is about it. */
const aboutPayment = ({ debt: { invoice }, payment }: Paid): Json => ({
  charge: payment.chargeId,
  currency: invoice.currency.toLowerCase(),
  livemode: false,
  payment_intent: payment.intentId,
});

/** Tells the running total that was given back of a charge. */
const tellTotal = ({ market, debt, payment }: Paid, second: number): void => {
  const { customer } = debt;
  const charge = chargeObject(customer.who, payment.chargeId, payment.intentId, {
    amount: payment.minor,
    amount_refunded: payment.refundedMinor,
    refunded: payment.refundedMinor === payment.minor,
  });
  emit(market, customer, 'charge.refunded', second, charge);
};

const tellRefund = (
  paid: Paid,
  { id, minor, second: created }: TrueDeparture,
  types: readonly string[],
  status: 'pending' | 'succeeded' | 'failed' | 'canceled',
  second: number,
): void => {
  const refund = { id, object: 'refund', amount: minor, created, status, ...aboutPayment(paid) };
  for (const type of types) emit(paid.market, paid.debt.customer, type, second, refund);
};

/** A refund of what is asked for, or of as much as is left; an account hears of it by itself, by its charge's total, or by both. */
const refund = (paid: Paid, second: number, wanted: number, name: string, fails = false): void => {
  const { market, debt, payment, luck } = paid;
  const { ledger, id } = debt.invoice;
  const minor = Math.min(wanted, restOf(payment));
  if (minor <= 0) return;
  payment.refundedMinor += minor;
  const left = bookDeparture(ledger, { id: `re_${id}_${name}`, kind: 'refund', second, minor });
  const isPending = fails || luck.chance(0.2);
  const told = luck.fork(`told ${name}`).next();
  const created = () =>
    tellRefund(paid, left, ['refund.created'], isPending ? 'pending' : 'succeeded', second);
  if (told < 0.4) created();
  if (told < 0.85) tellTotal(paid, second);
  if (told >= 0.4 && told < 0.7) created();
  if (told >= 0.85) created();
  if (!isPending) return;
  market.stage.later(second + Math.round(luck.between(0.1, 12) * DAY_S), (at) => {
    if (!fails) return tellRefund(paid, left, ['refund.updated', 'charge.refund.updated'], 'succeeded', at);
    left.backSecond = at;
    payment.refundedMinor -= minor;
    const status = luck.chance(0.7) ? 'failed' : 'canceled';
    const first = status === 'failed' ? 'refund.failed' : 'refund.updated';
    return tellRefund(paid, left, [first, 'charge.refund.updated'], status, at);
  });
};

/** What a dispute has moved, in the currency of the business's balance, less a fee: only the times mean anything. */
const movements = (seconds: readonly (number | null)[], minor: number): Json[] =>
  seconds.flatMap((created, i) =>
    created === null
      ? []
      : [{ amount: (i === 0 ? -1 : 1) * (minor + 15), created, object: 'balance_transaction' }],
  );

type DisputeStage = {
  readonly type: 'created' | 'updated' | 'closed' | 'funds_withdrawn' | 'funds_reinstated';
  readonly status: string;
  readonly takenSecond: number | null;
  readonly backSecond: number | null;
};

/**
 * The payment is disputed, whole or in part, whatever was refunded of it before. Some disputes are inquiries first, of which
 * some never take anything.
 */
const dispute = (paid: Paid, second: number): void => {
  const { market, debt, payment, luck } = paid;
  const { customer, invoice } = debt;
  if (restOf(payment) <= 0) return;
  const minor = luck.chance(0.7) ? payment.minor : Math.ceil(payment.minor / 3);
  const id = `dp_${payment.chargeId}`;
  payment.isGone = true;
  const tell = (at: number, { type, status, takenSecond, backSecond }: DisputeStage): void => {
    const object = {
      id,
      object: 'dispute',
      amount: minor,
      balance_transactions: movements([takenSecond, backSecond], minor),
      created: second,
      status,
      ...aboutPayment(paid),
    };
    customer.disputes.set(id, object);
    emit(market, customer, `charge.dispute.${type}`, at, object);
  };
  const take = (at: number, type: 'created' | 'updated'): void => {
    const left = bookDeparture(invoice.ledger, { id, kind: 'dispute', second: at, minor });
    const taken = { status: 'needs_response', takenSecond: at, backSecond: null };
    tell(at, { type, ...taken });
    tell(at, { type: 'funds_withdrawn', ...taken });
    market.stage.later(at + luck.whole(3, 70) * DAY_S, (closed) => {
      const status = luck.pick(['won', 'lost']);
      if (status === 'won') left.backSecond = closed;
      const ended = { status, takenSecond: at, backSecond: left.backSecond };
      tell(closed, { type: 'closed', ...ended });
      if (status === 'won') tell(closed, { type: 'funds_reinstated', ...ended });
    });
  };
  if (luck.chance(0.75)) return take(second, 'created');
  const asked = { status: 'warning_needs_response', takenSecond: null, backSecond: null };
  tell(second, { type: 'created', ...asked });
  const grows = luck.chance(0.5);
  return market.stage.later(second + luck.whole(2, 20) * DAY_S, (at) =>
    grows ? take(at, 'updated') : tell(at, { type: 'closed', ...asked, status: 'warning_closed' }),
  );
};

const inParts = (paid: Paid, second: number): void => {
  refund(paid, second, Math.ceil(paid.payment.minor / 3), 'first');
  later(paid, second, (at) => refund(paid, at, Math.ceil(paid.payment.minor / 4), 'second'));
  later(paid, second, (at) => refund(paid, at, paid.payment.minor, 'third', paid.luck.chance(0.3)));
};

/** How money leaves: each equally often. */
const WAYS: readonly ((paid: Paid, second: number) => void)[] = [
  (paid, second) => refund(paid, second, paid.payment.minor, 'whole'),
  (paid, second) => refund(paid, second, Math.ceil(paid.payment.minor / 2), 'part'),
  (paid, second) => refund(paid, second, paid.payment.minor, 'failing', true),
  inParts,
  (paid, second) => {
    refund(paid, second, Math.ceil(paid.payment.minor / 4), 'before');
    later(paid, second, (at) => dispute(paid, at));
  },
  dispute,
  dispute,
];

const later = ({ market, luck }: Paid, second: number, happen: (second: number) => void): void =>
  market.stage.later(second + Math.round(luck.between(0, 25) * DAY_S), happen);

/** Of what was paid before the invoice was due, at most one refund: a total told later cannot be told apart into before and since. */
const AT_ONCE = WAYS.filter((way) => way !== inParts);

/** Of some payments something leaves again: at once, within days, or when its case is long closed. */
export const planDeparture = (market: MarketState, debt: Debt, payment: TruePayment): void => {
  const { customer, invoice } = debt;
  const luck = invoice.random.fork(`leaves ${payment.chargeId}`);
  if (!luck.chance(LEAVES) || market.stage.leftOut(`leaves ${payment.chargeId}`)) return;
  market.owners.set(payment.chargeId, customer.who.customerId);
  market.owners.set(payment.intentId, customer.who.customerId);
  const days = luck.pick([1, 30, 90]);
  const isBefore = payment.second < (invoice.dueSecond ?? 0);
  const way = luck.pick(isBefore ? AT_ONCE : WAYS);
  const at = payment.second + Math.round(luck.between(0, days) * DAY_S);
  market.stage.later(at, (second) => way({ market, debt, payment, luck }, second));
};
