// The simulated provider's own account of an invoice: what came in for it and what left again, each with its second.

/** Money that came in. `subjectId`: of which failure, if it failed before: the invoice, or `<invoice>:<returned payment>`. */
export type TruePayment = {
  readonly chargeId: string;
  /** The first is that of the invoice; each further payment has one of its own. */
  readonly intentId: string;
  readonly subjectId: string;
  readonly second: number;
  readonly minor: number;
  /** What of it was given back and has not come back. */
  refundedMinor: number;
  /** Whether it can be given back or disputed no more: paid elsewhere, or taken back already. */
  isGone: boolean;
};

/** Money that left again, as the provider booked it. `backSecond`: when it came back; null = it did not. */
export type TrueDeparture = {
  readonly id: string;
  readonly kind: 'refund' | 'dispute' | 'reversal';
  readonly second: number;
  readonly minor: number;
  backSecond: number | null;
};

/** All of it, in the order in which it came about. */
export type Ledger = { readonly payments: TruePayment[]; readonly departures: TrueDeparture[] };

export const emptyLedger = (): Ledger => ({ payments: [], departures: [] });

/** Books money that came in for an invoice, or again for a payment of it that had come back. */
export const bookPayment = (
  ledger: Ledger,
  invoiceId: string,
  { second, minor, isGone = false, ...told }: Partial<TruePayment> & BookedPayment,
): TruePayment => {
  const nth = ledger.payments.length + 1;
  const payment = {
    chargeId: `ch_${invoiceId}_paid_${nth}`,
    intentId: told.intentId ?? `pi_${invoiceId}${nth === 1 ? '' : `_${nth}`}`,
    subjectId: told.subjectId ?? invoiceId,
    second,
    minor,
    refundedMinor: 0,
    isGone,
  };
  ledger.payments.push(payment);
  return payment;
};

type BookedPayment = Pick<TruePayment, 'second' | 'minor'>;

/** Books money that left. */
export const bookDeparture = (
  ledger: Ledger,
  left: Pick<TrueDeparture, 'id' | 'kind' | 'second' | 'minor'>,
): TrueDeparture => {
  const departure = { ...left, backSecond: null };
  ledger.departures.push(departure);
  return departure;
};
