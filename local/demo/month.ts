// The demonstration: a month of an invented business that ends now, and the two months that follow it.
import { DAY_MS, instantFromSeconds, toMs, type Instant } from '../../core/time.ts';
import { createBill, drawCard, type Bill, type Stage } from './bill.ts';
import { customerObject, eventOf, type Json, type Plan, type Subscriber } from './objects.ts';
import { drawPerson, PLANS } from './people.ts';
import { createRandom, type Random } from './random.ts';
import { STORIES, type Story } from './stories.ts';

const DAY_SECONDS = DAY_MS / 1000;
/** Days of events before the base time, and after it. */
export const DAYS_BEFORE = 30;
const DAYS_AFTER = 60;
/** The share of renewals whose payment fails: more than in most businesses, so that there is something to see. */
const FAILING_SHARE = 0.24;

/** What a demonstration is made from. The same three give the same events, to the byte. */
export type DemoOptions = {
  readonly seed: number;
  /** When the month ends; whole seconds. */
  readonly base: Instant;
  readonly subscriptions: number;
};

/** An event with the moment at which it is delivered. */
export type DemoEvent = { readonly at: Instant; readonly event: Json };

/** A demonstration, ready to be delivered. */
export type Demo = {
  readonly from: Instant;
  readonly until: Instant;
  /** What the provider knows from before the month and nobody is told of. */
  readonly before: readonly Json[];
  /** In the order of delivery. */
  readonly events: readonly DemoEvent[];
};

const PLAN_NAMES = ['solo', 'team', 'business'] as const;

const planOf = (currency: string, amountMinor: number): Plan => {
  const name = PLAN_NAMES[PLANS[currency]?.indexOf(amountMinor) ?? 0] ?? 'solo';
  const priceId = `price_${name}_${currency.toLowerCase()}`;
  return { priceId, productId: `prod_${name}`, unit: 'month', count: 1 };
};

const drawSubscriber = (random: Random, n: number, start: number): Subscriber => {
  const { name, email, country, locale, currency } = drawPerson(random, n);
  const plans = PLANS[currency];
  const amountMinor = plans ? random.pick([plans[0], plans[0], plans[1], plans[1], plans[2]]) : 2900;
  return {
    customerId: random.id('cus'),
    subscriptionId: random.id('sub'),
    name,
    email,
    country,
    locale,
    currency: currency.toLowerCase(),
    amountMinor,
    card: drawCard(random, start),
    plan: planOf(currency, amountMinor),
    since: start - DAY_SECONDS * (40 + ((n - 1) % 300)),
    metadata: { account: email.startsWith('accounts.') ? 'company' : 'person' },
    periodEnd: start,
  };
};

type Renewal = { readonly n: number; readonly second: number; readonly round: number };

/** When each subscription renews: once in thirty days, at a time of its own. */
const renewalsOf = (count: number, start: number, random: Random): Renewal[] => {
  const rounds = (DAYS_BEFORE + DAYS_AFTER) / 30;
  return Array.from({ length: count }, (_, n) => {
    const offset = random.whole(0, 30 * DAY_SECONDS - 1);
    return Array.from({ length: rounds }, (__, round) => ({
      n,
      round,
      second: start + offset + round * 30 * DAY_SECONDS,
    }));
  })
    .flat()
    .sort((a, b) => a.second - b.second || a.n - b.n);
};

/** The stories in turn, shuffled anew whenever all have been told. */
const storyteller = (random: Random): (() => Story) => {
  let deck: Story[] = [];
  return () => {
    if (deck.length === 0) deck = random.shuffle(STORIES);
    return deck.pop() as Story;
  };
};

/** Makes a demonstration. */
export const createDemo = ({ seed, base, subscriptions }: DemoOptions): Demo => {
  const random = createRandom(seed);
  const end = Math.floor(toMs(base) / 1000);
  const [start, until] = [end - DAYS_BEFORE * DAY_SECONDS, end + DAYS_AFTER * DAY_SECONDS];
  const told: { readonly second: number; readonly event: Json }[] = [];
  const before: Json[] = [];
  const stage: Stage = {
    emit: (second, event) => told.push({ second, event }),
    earlier: (event) => before.push(event),
  };
  const people = Array.from({ length: subscriptions }, (_, n) =>
    drawSubscriber(random.fork(`subscriber ${n}`), n + 1, start),
  );
  for (const [n, who] of people.entries()) {
    before.push(eventOf(`evt_before${n}`, 'customer.created', who.since, customerObject(who)));
  }
  const gone = new Set<number>();
  const nextStory = storyteller(random.fork('stories'));
  const fails = random.fork('failures');
  let number = 1000;
  for (const { n, second, round } of renewalsOf(subscriptions, start, random.fork('renewals'))) {
    const who = people[n];
    const failing = fails.chance(FAILING_SHARE);
    if (!who || gone.has(n)) continue;
    const name = `invoice ${n} ${round}`;
    const bill = (own: Subscriber, from: number, label: string): Bill => {
      number += 1;
      return createBill(own, `DEMO-${number}`, from, random.fork(label), stage);
    };
    const first = bill(who, second, name);
    if (!failing) {
      first.paid(0);
      continue;
    }
    const another = (day: number): Bill => {
      const other = { ...who, subscriptionId: random.fork(`${name} other`).id('sub') };
      return bill(other, second + Math.round(day * DAY_SECONDS), `${name} another`);
    };
    if (nextStory()({ bill: first, another }) === 'gone') gone.add(n);
    else people[n] = first.who();
  }
  const events = told
    .map((one, order) => ({ ...one, order }))
    .filter(({ second }) => second <= until)
    .sort((a, b) => a.second - b.second || a.order - b.order)
    .map(({ second, event }) => ({ at: instantFromSeconds(second), event }));
  return { from: instantFromSeconds(start), until: instantFromSeconds(until), before, events };
};
