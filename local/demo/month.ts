// The demonstration: a month of an invented business that ends now, and the two months that follow it.
import { DAY_MS, instantFromSeconds, toMs, type Instant } from '../../core/time.ts';
import type { DemoAct } from './acts.ts';
import { createBill, drawCard, type Bill, type Stage } from './bill.ts';
import {
  customerObject,
  eventOf,
  methodObject,
  subscriptionObject,
  type Card,
  type Json,
  type Plan,
  type Subscriber,
} from './objects.ts';
import { CULTURE_DECK, drawPerson, PLANS, type Culture } from './people.ts';
import { createRandom, type Random } from './random.ts';
import { COMPANY_STORIES, STORIES, withoutMails, type Story } from './stories.ts';

const DAY_SECONDS = DAY_MS / 1000;
/** Days of events before the base time, and after it. */
export const DAYS_BEFORE = 30;
const DAYS_AFTER = 60;
/** The share of renewals whose payment fails: more than in most businesses, so that there is something to see. */
const FAILING_SHARE = 0.24;
/** Of businesses more are late: they pay by invoice, and somebody has to think of it. */
const FAILING_SHARE_OF_COMPANIES = 0.45;
/** The shares of those who pay by the year, and whose card is about to end. */
const YEARLY_SHARE = 0.05;
const EXPIRING_SHARE = 0.03;
/** A year costs as much as ten months. */
const MONTHS_OF_A_YEAR = 10;

/** What a demonstration is made from. The same give the same events, to the byte. */
export type DemoOptions = {
  readonly seed: number;
  /** When the month ends; whole seconds. */
  readonly base: Instant;
  readonly subscriptions: number;
  /** Whether a customer of the provider gets no reminders, for comparison; nobody unless given. */
  readonly isHeldOut?: (customerId: string) => boolean;
};

/** An event with the moment at which it is delivered. */
export type DemoEvent = { readonly at: Instant; readonly event: Json };

/** Something that happens without an event, and when. */
export type DemoActAt = { readonly at: Instant; readonly act: DemoAct };

/** A demonstration, ready to be delivered. */
export type Demo = {
  readonly from: Instant;
  readonly until: Instant;
  /** What the provider knows from before the month and nobody is told of. */
  readonly before: readonly Json[];
  /** In the order of delivery. */
  readonly events: readonly DemoEvent[];
  /** In the order in which they happen; of one second after the events. */
  readonly acts: readonly DemoActAt[];
};

const PLAN_NAMES = ['solo', 'team', 'business'] as const;

const planOf = (currency: string, amountMinor: number, unit: 'month' | 'year'): Plan => {
  const name = PLAN_NAMES[PLANS[currency]?.indexOf(amountMinor) ?? 0] ?? 'solo';
  const priceId = `price_${name}_${currency.toLowerCase()}${unit === 'year' ? '_year' : ''}`;
  return { priceId, productId: `prod_${name}`, unit, count: 1 };
};

/** The same card, but it ends while the demonstration runs: with the month of its middle, or with the next. */
const expiring = (random: Random, card: Card, start: number): Card => {
  const last = new Date((start + (DAYS_BEFORE / 2) * DAY_SECONDS) * 1000);
  last.setUTCMonth(last.getUTCMonth() + random.whole(0, 1), 1);
  return { ...card, expMonth: last.getUTCMonth() + 1, expYear: last.getUTCFullYear() };
};

const drawSubscriber = (random: Random, n: number, start: number, from: Culture): Subscriber => {
  const { name, email, country, locale, currency } = drawPerson(random, n, from);
  const plans = PLANS[currency];
  const monthly = plans ? random.pick([plans[0], plans[0], plans[1], plans[1], plans[2]]) : 2900;
  const unit = random.chance(YEARLY_SHARE) ? 'year' : 'month';
  const card = drawCard(random, start);
  const isCompany = email.startsWith('accounts.');
  return {
    customerId: random.id('cus'),
    subscriptionId: random.id('sub'),
    name,
    email,
    country,
    locale,
    currency: currency.toLowerCase(),
    amountMinor: unit === 'year' ? monthly * MONTHS_OF_A_YEAR : monthly,
    card: random.chance(EXPIRING_SHARE) ? expiring(random, card, start) : card,
    plan: planOf(currency, monthly, unit),
    since: start - DAY_SECONDS * (unit === 'year' ? 340 : 40 + ((n - 1) % 300)),
    metadata: isCompany
      ? { account: 'company', billing_email: email.replace('accounts.', 'finance.') }
      : { account: 'person' },
    periodEnd: unit === 'year' ? start + DAY_SECONDS * random.whole(25, 85) : start,
  };
};

/** What the provider knows of a subscriber from before the month. */
const knownBefore = (who: Subscriber, n: number): Json[] => [
  eventOf(`evt_before${n}`, 'customer.created', who.since, customerObject(who)),
  eventOf(`evt_card${n}`, 'payment_method.attached', who.since, methodObject(who)),
  eventOf(`evt_begun${n}`, 'customer.subscription.created', who.since, subscriptionObject(who, {})),
];

type Renewal = { readonly n: number; readonly second: number; readonly round: number };

/** When each subscription renews: once in thirty days, at a time of its own; one of a year when its year is over. */
const renewalsOf = (people: readonly Subscriber[], start: number, random: Random): Renewal[] => {
  const rounds = (DAYS_BEFORE + DAYS_AFTER) / 30;
  return people
    .flatMap(({ plan, periodEnd }, n) => {
      const offset = random.whole(0, 30 * DAY_SECONDS - 1);
      if (plan.unit === 'year') return [{ n, round: 0, second: periodEnd }];
      return Array.from({ length: rounds }, (__, round) => ({
        n,
        round,
        second: start + offset + round * 30 * DAY_SECONDS,
      }));
    })
    .sort((a, b) => a.second - b.second || a.n - b.n);
};

/** The stories in turn, shuffled anew whenever all have been told. */
const storyteller = (random: Random, stories: readonly Story[]): (() => Story) => {
  let deck: Story[] = [];
  return () => {
    if (deck.length === 0) deck = random.shuffle(stories);
    return deck.pop() as Story;
  };
};

/** What comes up to a moment, the earliest first; of one second in the order in which it was told. */
const inOrder = <T extends { readonly second: number }>(all: readonly T[], until: number): T[] =>
  all.filter(({ second }) => second <= until).toSorted((a, b) => a.second - b.second);

/** A look ahead each day, as the cloud takes it. */
const looksBetween = (start: number, until: number): { second: number; act: DemoAct }[] =>
  Array.from({ length: Math.floor((until - start) / DAY_SECONDS) }, (_, day) => ({
    second: start + day * DAY_SECONDS + 3600,
    act: { kind: 'look' },
  }));

/** Makes a demonstration. */
export const createDemo = (options: DemoOptions): Demo => {
  const { seed, base, subscriptions, isHeldOut = () => false } = options;
  const random = createRandom(seed);
  const end = Math.floor(toMs(base) / 1000);
  const [start, until] = [end - DAYS_BEFORE * DAY_SECONDS, end + DAYS_AFTER * DAY_SECONDS];
  const told: { readonly second: number; readonly event: Json }[] = [];
  const before: Json[] = [];
  const acts: { readonly second: number; readonly act: DemoAct }[] = looksBetween(start, until);
  const stage: Stage = {
    emit: (second, event) => told.push({ second, event }),
    earlier: (event) => before.push(event),
    act: (second, act) => acts.push({ second, act }),
  };
  // Dealt, not drawn: in every few dozen customers each language is spoken.
  const cultures = random.fork('cultures').shuffle(CULTURE_DECK);
  const people = Array.from({ length: subscriptions }, (_, n) => {
    const culture = cultures[n % cultures.length] as Culture;
    return drawSubscriber(random.fork(`subscriber ${n}`), n + 1, start, culture);
  });
  before.push(...people.flatMap(knownBefore));
  const gone = new Set<number>();
  const nextStory = storyteller(random.fork('stories'), STORIES);
  const nextOfCompany = storyteller(random.fork('company stories'), COMPANY_STORIES);
  const fails = random.fork('failures');
  let number = 1000;
  for (const { n, second, round } of renewalsOf(people, start, random.fork('renewals'))) {
    const who = people[n];
    const isCompany = who?.metadata['account'] === 'company';
    const failing = fails.chance(isCompany ? FAILING_SHARE_OF_COMPANIES : FAILING_SHARE);
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
    const usual = isCompany ? nextOfCompany() : nextStory();
    const story = isHeldOut(who.customerId) ? withoutMails(usual) : usual;
    if (story({ bill: first, another }) === 'gone') gone.add(n);
    else people[n] = first.who();
  }
  return {
    from: instantFromSeconds(start),
    until: instantFromSeconds(until),
    before,
    events: inOrder(told, until).map(({ second, event }) => ({ at: instantFromSeconds(second), event })),
    acts: inOrder(acts, until).map(({ second, act }) => ({ at: instantFromSeconds(second), act })),
  };
};
