// Who the customers of a simulated business are, and how much each of them pays.
import type { Subscriber } from '../demo/objects.ts';
import type { Random } from '../demo/random.ts';

/** Currencies of two, no and three decimals, with amounts in their minor units. */
const CURRENCIES = [
  { currency: 'usd', low: 500, high: 20_000 },
  { currency: 'jpy', low: 500, high: 30_000 },
  { currency: 'kwd', low: 1000, high: 90_000 },
] as const;

const personOf = (random: Random, n: number): Subscriber => {
  const { currency, low, high } = random.pick(CURRENCIES);
  return {
    customerId: `cus_${n}`,
    subscriptionId: `sub_${n}`,
    name: `Customer ${n}`,
    email: random.chance(0.98) ? `customer${n}@example.com` : null,
    country: 'US',
    locale: 'en',
    currency,
    amountMinor: random.whole(low, high),
    card: { id: `pm_${n}`, fingerprint: `fp_${n}`, brand: 'visa', last4: '4242', expMonth: 1, expYear: 2030 },
  };
};

/** Makes so many customers. */
export const createPeople = (random: Random, count: number): Subscriber[] =>
  Array.from({ length: count }, (_, n) => personOf(random, n + 1));
