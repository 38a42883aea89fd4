// Which campaign a failure follows: the first whose conditions it meets. What is not known meets no condition.
import { toMs, DAY_MS, type Instant } from '../time.ts';
import { contactOf, type Facts, type Invoice } from './customer.ts';
import type { DeclineClass } from './decline.ts';
import { own } from './merge.ts';
import type { Campaign, Condition, Policy } from './policy.ts';

/** A billing interval by its usual name; others, such as every two months, are named by none. */
type IntervalName = Campaign['serves'];

/** What a campaign is chosen by. Empty or null = not known. */
export type Traits = {
  readonly declineClass: DeclineClass;
  /** What was owed when the payment first failed, in minor units of {@link Traits.currency}. */
  readonly amountMinor: number | null;
  readonly currency: string | null;
  readonly plans: readonly string[];
  readonly products: readonly string[];
  /** ISO 3166-1 alpha-2. */
  readonly country: string | null;
  /** The first of the customer's preferred locales. */
  readonly language: string | null;
  readonly interval: IntervalName | null;
  readonly collectionMethod: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  /** Whole days since the provider first knew the customer. */
  readonly tenureDays: number | null;
};

const INTERVALS: Readonly<Record<string, IntervalName>> = {
  '1 day': 'day',
  '7 day': 'week',
  '1 week': 'week',
  '1 month': 'month',
  '3 month': 'quarter',
  '12 month': 'year',
  '1 year': 'year',
};

/** Everything known of a failure that a campaign may be chosen by. */
export const traitsOf = (
  facts: Facts,
  invoice: Invoice | null,
  declineClass: DeclineClass,
  now: Instant,
): Traits => {
  const contact = contactOf(facts);
  const details = invoice?.details.value ?? null;
  const subscriptionId = details?.subscriptionId ?? null;
  const subscription =
    subscriptionId === null ? null : (own(facts.subscriptions, subscriptionId)?.value ?? null);
  const interval = subscription?.interval ?? null;
  const owed = invoice?.failure?.amounts ?? invoice?.amounts.value ?? null;
  const since = facts.customerSince;
  return {
    declineClass,
    amountMinor: owed && (owed.remaining || owed.due),
    currency: invoice?.currency ?? null,
    plans: [...new Set([...(details?.planIds ?? []), ...(subscription?.planIds ?? [])])],
    products: [...new Set([...(details?.productIds ?? []), ...(subscription?.productIds ?? [])])],
    country: contact.country,
    language: contact.locales[0] ?? null,
    interval: interval && (own(INTERVALS, `${interval.count} ${interval.unit}`) ?? null),
    collectionMethod: details?.collectionMethod ?? null,
    metadata: contact.metadata,
    tenureDays: since && Math.floor((toMs(now) - toMs(since)) / DAY_MS),
  };
};

/** Why a condition is not met; null when it is. */
type Test<K extends keyof Condition> = (wanted: NonNullable<Condition[K]>, traits: Traits) => string | null;

const oneOf = (what: string, wanted: readonly string[], known: readonly string[]): string | null => {
  if (known.length === 0) return `its ${what} is not known`;
  return known.some((value) => wanted.includes(value)) ? null : `its ${what} is ${known.join(', ')}`;
};

const some = (value: string | null): readonly string[] => (value === null ? [] : [value]);

const inRange = (
  what: string,
  { min, max }: { readonly min?: number | undefined; readonly max?: number | undefined },
  value: number | null,
): string | null => {
  if (value === null) return `its ${what} is not known`;
  return value < (min ?? -Infinity) || value > (max ?? Infinity) ? `its ${what} is ${value}` : null;
};

/** `pt` takes `pt-BR` too; `pt-BR` takes nothing else. */
const language: Test<'languages'> = (wanted, { language: known }) => {
  if (known === null) return 'its language is not known';
  const speaks = wanted.some((tag) => {
    const [tagged, spoken] = [tag.toLowerCase(), known.toLowerCase()];
    return spoken === tagged || spoken.startsWith(`${tagged}-`);
  });
  return speaks ? null : `its language is ${known}`;
};

/** One test a condition: the table of all that a campaign may ask. */
const TESTS: { readonly [K in keyof Required<Condition>]: Test<K> } = {
  amount: ({ currency, minMinor: min, maxMinor: max }, traits) =>
    oneOf('currency', [currency], some(traits.currency)) ??
    inRange('amount', { min, max }, traits.amountMinor),
  plans: (wanted, { plans }) => oneOf('plan', wanted, plans),
  products: (wanted, { products }) => oneOf('product', wanted, products),
  countries: (wanted, { country }) => oneOf('country', wanted, some(country)),
  languages: language,
  intervals: (wanted, { interval }) => oneOf('billing interval', wanted, some(interval)),
  collectionMethods: (wanted, { collectionMethod }) =>
    oneOf('collection method', wanted, some(collectionMethod)),
  metadata: (wanted, { metadata }) => {
    for (const [key, values] of Object.entries(wanted)) {
      const why = oneOf(`metadata ${key}`, values, some(own(metadata, key)));
      if (why !== null) return why;
    }
    return null;
  },
  tenureDays: (wanted, { tenureDays }) => inRange('tenure in days', wanted, tenureDays),
};

/** Why a failure does not meet a campaign's conditions; null when it does. */
const whyNotTaken = ({ when = {} }: Campaign, traits: Traits): string | null => {
  for (const [name, wanted] of Object.entries(when)) {
    // The table's type pairs every condition with its test; TypeScript cannot follow that through an index.
    const why =
      wanted === undefined ? null : (TESTS[name as keyof Condition] as Test<never>)(wanted as never, traits);
    if (why !== null) return why;
  }
  return null;
};

/** The campaign of a failure, and why those before it that are for such a decline did not take it. */
export type Chosen = { readonly campaign: Campaign; readonly passed: readonly string[] };

/** The first campaign that takes a failure. `definePolicy` has made sure that there is one. */
export const campaignFor = ({ campaigns }: Pick<Policy, 'campaigns'>, traits: Traits): Chosen | null => {
  const passed: string[] = [];
  for (const campaign of campaigns) {
    if (campaign.declines !== 'any' && !campaign.declines.includes(traits.declineClass)) continue;
    const why = whyNotTaken(campaign, traits);
    if (why === null) return { campaign, passed };
    passed.push(`${campaign.id}: ${why}`);
  }
  return null;
};
