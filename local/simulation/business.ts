// The one business of every simulated world.
import { customerKey, type CustomerKey } from '../../core/ids.ts';

/** When every world begins. */
export const START_S = Date.UTC(2026, 0, 5, 8) / 1000;
/** The one connection of the business to its provider. */
export const CONNECTION = 'stripe';

const keys = new Map<string, CustomerKey>();

/** The key of a customer of the business; each is made once, as it is asked for all the time. */
export const keyOf = (customerId: string): CustomerKey => {
  const key = keys.get(customerId) ?? customerKey(CONNECTION, customerId);
  keys.set(customerId, key);
  return key;
};
