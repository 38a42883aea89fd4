// How the cards of simulated customers come and change: by their holders, and by the card network.
import { customerObject } from '../../demo/objects.ts';
import { defaultOf, methodJson, type TrueMethod } from './methods.ts';
import {
  emit,
  tellSubscription,
  type MarketState,
  type TrueCustomer,
  type TrueSubscription,
} from './state.ts';

/** Stores a method under its id; the default is told of together with its holder. */
const put = (customer: TrueCustomer, method: TrueMethod): void => {
  customer.methods.set(method.id, method);
  if (customer.who.card.id === method.id) customer.who = { ...customer.who, card: method };
};

/**
 * The card network tells the provider the new date of a card, and often a new number: the id stays, nobody is asked.
 */
export const updateByNetwork = (
  market: MarketState,
  customer: TrueCustomer,
  methodId: string,
  second: number,
): void => {
  const known = customer.methods.get(methodId);
  if (customer.deleted || known?.type !== 'card') return;
  customer.cards += 1;
  const isRenumbered = customer.random.fork(`update ${customer.cards}`).chance(0.5);
  const fingerprint = isRenumbered ? `fp_${customer.who.customerId}_${customer.cards}` : known.fingerprint;
  const expYear = Math.max(known.expYear, new Date(second * 1000).getUTCFullYear()) + 3;
  put(customer, { ...known, fingerprint, expYear, addedSecond: second });
  const method = customer.methods.get(methodId) ?? known;
  emit(market, customer, 'payment_method.automatically_updated', second, methodJson(customer.who, method), {
    card: { exp_year: known.expYear },
  });
};

const makeDefault = (
  market: MarketState,
  customer: TrueCustomer,
  method: TrueMethod,
  second: number,
): void => {
  customer.who = { ...customer.who, card: method };
  emit(market, customer, 'customer.updated', second, customerObject(customer.who));
};

/**
 * The customer stores another card. Most make it their default, which a subscription with a method of its own does not
 * charge; some make it that of one subscription, and their default stays what it was; some do both.
 */
export const changeCard = (
  market: MarketState,
  customer: TrueCustomer,
  subscription: TrueSubscription,
  second: number,
): void => {
  if (customer.deleted) return;
  customer.cards += 1;
  const luck = customer.random.fork(`card ${customer.cards}`);
  const name = `${customer.who.customerId}_${customer.cards}`;
  const method: TrueMethod = {
    ...defaultOf(customer),
    id: `pm_${name}`,
    fingerprint: `fp_${name}`,
    expMonth: 1,
    expYear: 2031,
    type: 'card',
    addedSecond: second,
  };
  customer.methods.set(method.id, method);
  const how = luck.next();
  emit(market, customer, 'payment_method.attached', second, methodJson(customer.who, method));
  if (how < 0.75 || how >= 0.9) makeDefault(market, customer, method, second);
  if (how >= 0.75)
    tellSubscription(market, { customer, subscription }, second, { default_payment_method: method.id });
};
