// Who the customers of a simulated business are, what they subscribe to, and how much they pay.
import type { Card, Plan, Subscriber } from '../../demo/objects.ts';
import type { Random } from '../../demo/random.ts';
import { START_S } from '../business.ts';
import type { TrueMethod } from './methods.ts';

/** How often a subscription bills: days between bills, the share of bills that fail, the share of subscriptions. */
export const INTERVALS = [
  { name: 'week', unit: 'week', count: 1, days: 7, fails: 0.12, share: 0.1 },
  { name: 'month', unit: 'month', count: 1, days: 30, fails: 0.5, share: 0.6 },
  { name: 'quarter', unit: 'month', count: 3, days: 91, fails: 0.8, share: 0.15 },
  { name: 'year', unit: 'year', count: 1, days: 365, fails: 0.9, share: 0.15 },
] as const;
export type Interval = (typeof INTERVALS)[number];

/** What somebody subscribes to, and on what terms. */
export type Subscribed = {
  readonly who: Subscriber;
  readonly interval: Interval;
  /** Days from the start to the end of a trial; null = it has none. */
  readonly trialDays: number | null;
  /** Which of the person's methods it charges whatever their default is; null = the default. */
  readonly ownMethodId: string | null;
  /** Days until an invoice that is sent is due; null = invoices are charged automatically. */
  readonly netDays: number | null;
};

/** A customer and what they subscribe to: the same person under each subscription's id and amount. */
export type Person = {
  readonly who: Subscriber;
  /** What is on file of them; the first is their default. */
  readonly methods: readonly TrueMethod[];
  readonly subscriptions: readonly Subscribed[];
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

/** Whom else bills go to, as some businesses note it: nobody, a colleague, or two of them. */
const billingOf = (random: Random, n: number): Subscriber['metadata'] => {
  const roll = random.next();
  const colleague = `accounts${n}@example.com`;
  if (roll < 0.1) return { billing_email: colleague };
  return roll < 0.15 ? { billing_contacts: `${colleague}; finance${n}@example.com` } : {};
};

/** How a person pays: most by card, some from a bank account; a business gets its invoices sent. */
const PAYS = [
  { pays: 'sepa_debit', share: 0.05 },
  { pays: 'us_bank_account', share: 0.05 },
  { pays: 'sent', share: 0.07 },
] as const;

const paysBy = (random: Random): (typeof PAYS)[number]['pays'] | 'card' => {
  let left = random.next();
  for (const { pays, share } of PAYS) {
    left -= share;
    if (left < 0) return pays;
  }
  return 'card';
};

/** The months in which some of the cards end: those of the world, not of its past. */
const EXPIRY_MONTHS = 4;

const methodsOf = (random: Random, card: Card, type: TrueMethod['type']): readonly TrueMethod[] => {
  const isShort = random.chance(0.08);
  const expMonth = random.whole(1, EXPIRY_MONTHS);
  const own = isShort && type === 'card' ? { ...card, expMonth, expYear: 2026 } : card;
  const others = random.chance(0.15) ? random.whole(1, 2) : 0;
  return [
    { ...own, type, addedSecond: 0 },
    ...Array.from({ length: others }, (_, i) => {
      const other = { id: `${card.id}_other${i}`, fingerprint: `${card.fingerprint}_other${i}` };
      const expYear = random.chance(0.15) ? 2025 : card.expYear;
      return { ...card, ...other, expYear, type: 'card' as const, addedSecond: 0 };
    }),
  ];
};

/** On what terms somebody subscribes. Drawn apart, so that nothing else hangs on it. */
const termsOf = (
  random: Random,
  isSent: boolean,
  methods: readonly TrueMethod[],
): Pick<Subscribed, 'trialDays' | 'ownMethodId' | 'netDays'> => {
  const inTrial = random.chance(0.03);
  const trialDays = random.whole(2, 40);
  const ownMethod = random.chance(0.06) ? random.pick(methods) : null;
  const netDays = random.pick([14, 30]);
  return {
    trialDays: inTrial && !isSent ? trialDays : null,
    ownMethodId: isSent ? null : (ownMethod?.id ?? null),
    netDays: isSent ? netDays : null,
  };
};

const personOf = (random: Random, n: number): Person => {
  const { currency, low, high } = random.pick(CURRENCIES);
  // Drawn apart, so that nothing else of the person hangs on it.
  const apart = random.fork('noted');
  const since = START_S - 86_400 * apart.whole(1, 1500);
  const metadata = { ...apart.pick(METADATA), ...billingOf(random.fork('billing'), n) };
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
  const pays = paysBy(random.fork('pays'));
  const isSent = pays === 'sent';
  const methods = methodsOf(random.fork('methods'), who.card, isSent || pays === 'card' ? 'card' : pays);
  const holder = { ...who, card: methods[0] ?? who.card };
  const count = random.chance(0.2) ? random.whole(2, 3) : 1;
  const subscribed = (i: number): Subscribed => {
    const amountMinor = i === 0 ? who.amountMinor : random.whole(low, high);
    const picked = pickInterval(random);
    // Invoices are sent to businesses, by the month or the year.
    const interval = isSent && picked.name !== 'year' ? INTERVALS[1] : picked;
    const plan = planOf(interval, currency, amountMinor > (low + high) / 2);
    const subscriptionId = `sub_${n}_${i + 1}`;
    const terms = termsOf(random.fork(`terms ${i}`), isSent, methods);
    return { who: { ...holder, subscriptionId, amountMinor, plan }, interval, ...terms };
  };
  const first = subscribed(0);
  const others = Array.from({ length: count - 1 }, (_, i) => subscribed(i + 1));
  return { who: first.who, methods, subscriptions: [first, ...others] };
};

/** Makes so many customers; each has a stream of chance of their own, whoever else there is. */
export const createPeople = (random: Random, count: number): Person[] =>
  Array.from({ length: count }, (_, n) => personOf(random.fork(`person ${n + 1}`), n + 1));
