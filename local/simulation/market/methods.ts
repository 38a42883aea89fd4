// What simulated customers pay with: cards and bank accounts on file, and which of them is charged for what.
import {
  chargeObject,
  declined,
  methodObject,
  type Card,
  type DeclineCodes,
  type Json,
  type Subscriber,
} from '../../demo/objects.ts';
import type { TrueCharge, TrueCustomer, TrueSubscription } from './state.ts';

/** A stored payment method. Of a bank account only the id and the fingerprint mean anything. */
export type TrueMethod = Card & {
  readonly type: 'card' | 'sepa_debit' | 'us_bank_account';
  /** Since when it is on file; 0 = since before the world began. */
  readonly addedSecond: number;
};

/** What a bank or a network tells one card from another by: renewed under the same id it is another card. */
export const nameOf = ({ fingerprint, expMonth, expYear }: Card): string =>
  `${fingerprint} ${expMonth}/${expYear}`;

export const isDebit = ({ type }: TrueMethod): boolean => type !== 'card';

/** A card is good to the last day of its month. */
export const expiresAt = ({ expMonth, expYear }: Card): number => Date.UTC(expYear, expMonth, 1) / 1000;

export const isExpired = (method: TrueMethod, second: number): boolean =>
  !isDebit(method) && expiresAt(method) <= second;

/** What a bank says of an expired card. */
export const EXPIRED: DeclineCodes = { failureCode: 'expired_card', reason: 'expired_card', advice: null };

/** The customer's own default. */
export const defaultOf = ({ who, methods }: TrueCustomer): TrueMethod =>
  methods.get(who.card.id) ?? { ...who.card, type: 'card', addedSecond: 0 };

/** What the provider charges for a subscription: its own default, else the customer's. */
export const chargedFor = (customer: TrueCustomer, { object }: TrueSubscription): TrueMethod =>
  customer.methods.get(String(object['default_payment_method'])) ?? defaultOf(customer);

/** A method as the provider shows it. */
export const methodJson = (who: Subscriber, method: TrueMethod): Json => {
  const object = methodObject({ ...who, card: method });
  if (!isDebit(method)) return object;
  const { card: _, ...rest } = object;
  return { ...rest, type: method.type, [method.type]: { last4: method.last4 } };
};

/** A declined charge as a webhook shows it: since basil it does not name its invoice. */
export const chargeJson = ({ who, method, id, invoice, amountMinor, codes }: TrueCharge): Json => ({
  ...chargeObject({ ...who, card: method }, id, invoice.intentId, {
    amount: amountMinor,
    ...declined(codes),
  }),
  ...(isDebit(method) && {
    payment_method_details: { type: method.type, [method.type]: { last4: method.last4 } },
    outcome: null,
    failure_balance_transaction: `txn_${id}`,
  }),
});
