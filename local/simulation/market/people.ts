// Who the customers of a simulated business are, what they subscribe to, and how much they pay.
import type { Plan, Subscriber } from '../../demo/objects.ts';
import type { Random } from '../../demo/random.ts';
import { START_S } from '../business.ts';

/** How often a subscription bills: days between bills, the share of bills that fail, the share of subscriptions. */
export const INTERVALS = [
  { name: 'week', unit: 'week', count: 1, days: 7, fails: 0.12, share: 0.1 },
  { name: 'month', unit: 'month', count: 1, days: 30, fails: 0.5, share: 0.6 },
  { name: 'quarter', unit: 'month', count: 3, days: 91, fails: 0.8, share: 0.15 },
  { name: 'year', unit: 'year', count: 1, days: 365, fails: 0.9, share: 0.15 },
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

/** Where customers live: on both sides of the globe, one country of several zones, one in which the clocks change. */
const COUNTRIES = ['US', 'DE', 'JP', 'NZ', 'KW', 'IN'] as const;

const pickInterval = (random: Random): Interval => {
  let left = random.next();
  for (const interval of INTERVALS) {
    left -= interval.share;
    if (left < 0) return interval;
  }
  return INTERVALS[1];
};

/** A plan of one of two products, by what it costs. */
const planOf = ({ name, unit, count }: Interval, currency: string, isLarge: boolean): Plan => {
  const product = isLarge ? 'large' : 'small';
  const priceId = `price_${product}_${name}_${currency}`;
  return { priceId, productId: `prod_${product}`, unit, count };
};

/** What businesses note: many of them nothing, some a time zone, and some what they take for one. */
const METADATA: readonly Subscriber['metadata'][] = [
  {},
  {},
  {},
  { tier: 'gold' },
  { tier: 'gold', time_zone: 'America/Los_Angeles' },
  { tier: 'silver', tz: 'Asia/Kathmandu' },
  { tier: 'silver', timezone: 'Middle Earth' },
];

const personOf = (random: Random, n: number): Person => {
  const { currency, low, high } = random.pick(CURRENCIES);
  // Drawn apart, so that nothing else of the person hangs on it.
  const apart = random.fork('noted');
  const since = START_S - 86_400 * apart.whole(1, 1500);
  const metadata = apart.pick(METADATA);
  const who = {
    customerId: `cus_${n}`,
    name: `Customer ${n}`,
    email: random.chance(0.98) ? `customer${n}@example.com` : null,
    country: random.pick(COUNTRIES),
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
    since,
    metadata,
    periodEnd: START_S,
  };
  const count = random.chance(0.2) ? random.whole(2, 3) : 1;
  const subscribed = (i: number): Person['subscriptions'][number] => {
    const amountMinor = i === 0 ? who.amountMinor : random.whole(low, high);
    const interval = pickInterval(random);
    const plan = planOf(interval, currency, amountMinor > (low + high) / 2);
    const subscriptionId = `sub_${n}_${i + 1}`;
    return { who: { ...who, subscriptionId, amountMinor, plan }, interval };
  };
  const first = subscribed(0);
  const others = Array.from({ length: count - 1 }, (_, i) => subscribed(i + 1));
  return { who: first.who, subscriptions: [first, ...others] };
};

/** Makes so many customers; each has a stream of chance of their own, whoever else there is. */
export const createPeople = (random: Random, count: number): Person[] =>
  Array.from({ length: count }, (_, n) => personOf(random.fork(`person ${n + 1}`), n + 1));
