// Who the customers of a simulated business are, what they subscribe to, and how much they pay.
import type { Subscriber } from '../../demo/objects.ts';
import type { Random } from '../../demo/random.ts';

/** How often a subscription bills: days between bills, the share of bills that fail, the share of subscriptions. */
export const INTERVALS = [
  { name: 'week', days: 7, fails: 0.12, share: 0.1 },
  { name: 'month', days: 30, fails: 0.5, share: 0.6 },
  { name: 'quarter', days: 91, fails: 0.8, share: 0.15 },
  { name: 'year', days: 365, fails: 0.9, share: 0.15 },
] as const;
export type Interval = (typeof INTERVALS)[number];

/** A customer and what they subscribe to: the same person under each subscription's id and amount. */
export type Person = {
  readonly who: Subscriber;
  readonly subscriptions: readonly { readonly who: Subscriber; readonly interval: Interval }[];
};

/** Currencies of two, no and three decimals, with amounts in their minor units. */
const CURRENCIES = [
  { currency: 'usd', low: 500, high: 20_000 },
  { currency: 'jpy', low: 500, high: 30_000 },
  { currency: 'kwd', low: 1000, high: 90_000 },
] as const;

const pickInterval = (random: Random): Interval => {
  let left = random.next();
  for (const interval of INTERVALS) {
    left -= interval.share;
    if (left < 0) return interval;
  }
  return INTERVALS[1];
};

const personOf = (random: Random, n: number): Person => {
  const { currency, low, high } = random.pick(CURRENCIES);
  const who: Subscriber = {
    customerId: `cus_${n}`,
    subscriptionId: `sub_${n}_1`,
    name: `Customer ${n}`,
    email: random.chance(0.98) ? `customer${n}@example.com` : null,
    country: 'US',
    locale: 'en',
    currency,
    amountMinor: random.whole(low, high),
    card: {
      id: `pm_${n}_1`,
      fingerprint: `fp_${n}_1`,
      brand: 'visa',
      last4: '4242',
      expMonth: 1,
      expYear: 2030,
    },
  };
  const count = random.chance(0.2) ? random.whole(2, 3) : 1;
  const subscriptions = Array.from({ length: count }, (_, i) => ({
    who:
      i === 0 ? who : { ...who, subscriptionId: `sub_${n}_${i + 1}`, amountMinor: random.whole(low, high) },
    interval: pickInterval(random),
  }));
  return { who, subscriptions };
};

/** Makes so many customers; each has a stream of chance of their own, whoever else there is. */
export const createPeople = (random: Random, count: number): Person[] =>
  Array.from({ length: count }, (_, n) => personOf(random.fork(`person ${n + 1}`), n + 1));
