// Which campaign a failure follows: the first whose conditions it meets. What is not known meets no condition.
import { toMs, DAY_MS, type Instant } from '../time.ts';
import {
  contactOf,
  FAILURE_KINDS,
  type FailureKind,
  type Facts,
  type Invoice,
  type NoticeKind,
} from './customer.ts';
import type { DeclineClass } from './decline.ts';
import type { BillingInterval } from './fact.ts';
import { own } from './merge.ts';
import type { Campaign, Condition, NoticeCampaign, Policy } from './policy.ts';
import type { Upcoming } from './upcoming.ts';

/** A billing interval by its usual name; others, such as every two months, are named by none. */
type IntervalName = Campaign['serves'];

/** What a campaign is chosen by. Empty or null = not known. */
export type Traits = {
  readonly kind: FailureKind;
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

const nameOfInterval = (interval: BillingInterval | null): IntervalName | null =>
  interval && (own(INTERVALS, `${interval.count} ${interval.unit}`) ?? null);

/** Everything known of a failure that a campaign may be chosen by. */
export const traitsOf = (
  facts: Facts,
  invoice: Invoice | null,
  kind: FailureKind,
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
    kind,
    declineClass,
    amountMinor: owed && (owed.remaining || owed.due),
    currency: invoice?.currency ?? null,
    plans: [...new Set([...(details?.planIds ?? []), ...(subscription?.planIds ?? [])])],
    products: [...new Set([...(details?.productIds ?? []), ...(subscription?.productIds ?? [])])],
    country: contact.country,
    language: contact.locales[0] ?? null,
    interval: nameOfInterval(interval),
    collectionMethod: details?.collectionMethod ?? null,
    metadata: contact.metadata,
    tenureDays: since && Math.floor((toMs(now) - toMs(since)) / DAY_MS),
  };
};

/** Why a condition is not met; null when it is. */
type Test<K extends keyof Condition> = (
  wanted: NonNullable<Condition[K]>,
  traits: Omit<Traits, 'kind'>,
) => string | null;

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
const whyNotTaken = ({ when = {} }: Pick<Campaign, 'when'>, traits: Omit<Traits, 'kind'>): string | null => {
  for (const [name, wanted] of Object.entries(when)) {
    // The table's type pairs every condition with its test; TypeScript cannot follow that through an index.
    const why =
      wanted === undefined ? null : (TESTS[name as keyof Condition] as Test<never>)(wanted as never, traits);
    if (why !== null) return why;
  }
  return null;
};

/** Whether a campaign is for a kind: one that names none is for all that is charged automatically. */
const takesKind = ({ kind }: Campaign, wanted: FailureKind): boolean =>
  kind === undefined ? wanted !== 'invoice_overdue' : kind === wanted;

/** The kinds of failures that a campaign is for. */
export const kindsOf = (campaign: Campaign): readonly FailureKind[] =>
  FAILURE_KINDS.filter((kind) => takesKind(campaign, kind));

/** The campaign of a failure, and why those before it that are for such a decline did not take it. */
export type Chosen = { readonly campaign: Campaign; readonly passed: readonly string[] };

/** The first campaign that takes a failure. `definePolicy` has made sure that there is one. */
export const campaignFor = ({ campaigns }: Pick<Policy, 'campaigns'>, traits: Traits): Chosen | null => {
  const passed: string[] = [];
  for (const campaign of campaigns) {
    if (!takesKind(campaign, traits.kind)) continue;
    if (campaign.declines !== 'any' && !campaign.declines.includes(traits.declineClass)) continue;
    const why = whyNotTaken(campaign, traits);
    if (why === null) return { campaign, passed };
    passed.push(`${campaign.id}: ${why}`);
  }
  // An invoice that came to be sent while it was followed up, or whose campaign was taken out of the policy.
  return traits.kind === 'invoice_overdue'
    ? campaignFor({ campaigns }, { ...traits, kind: 'payment_failure' })
    : null;
};

/** The invoice that a notice is about: the one that falls due, or one for which a plan was lost. */
const invoiceOfNotice = (
  facts: Facts,
  { kind, aboutId }: Pick<Upcoming, 'kind' | 'aboutId'>,
): Invoice | null => {
  if (kind === 'invoice_due') return own(facts.invoices, aboutId);
  if (kind !== 'win_back') return null;
  const isLost = ({ id }: Invoice): boolean => {
    const tombstone = own(facts.tombstones, id);
    return tombstone?.caseId === aboutId && tombstone.planLostAt !== undefined;
  };
  return Object.values(facts.invoices).find(isLost) ?? null;
};

/** What a notice may be chosen by: what is known of the subscription, or of the invoice, that it is about. */
const traitsOfNotice = (
  facts: Facts,
  ahead: Pick<Upcoming, 'kind' | 'aboutId' | 'subscription'>,
  now: Instant,
): Omit<Traits, 'kind'> => {
  const { subscription } = ahead;
  const invoice = invoiceOfNotice(facts, ahead);
  const traits = traitsOf(facts, invoice, 'payment_failure', 'unknown', now);
  if (subscription === null || invoice !== null) return traits;
  const { amountMinor, currency, planIds, productIds, interval, collectionMethod } = subscription;
  return {
    ...traits,
    amountMinor,
    currency,
    plans: planIds,
    products: productIds,
    interval: nameOfInterval(interval),
    collectionMethod,
  };
};

/** A renewal is told of where it comes as a surprise, unless the policy names the intervals. */
const USUAL: Readonly<Partial<Record<NoticeKind, Condition>>> = { renewal_notice: { intervals: ['year'] } };

/** What a notice asks of what lies ahead, said in the policy or not. */
export const conditionsOfNotice = ({ kind, when }: Pick<NoticeCampaign, 'kind' | 'when'>): Condition => ({
  ...USUAL[kind],
  ...when,
});

/** The first notice of the policy that takes what lies ahead; null = nothing is written about it. */
export const noticeCampaignFor = (
  { notices }: Pick<Policy, 'notices'>,
  facts: Facts,
  ahead: Pick<Upcoming, 'kind' | 'aboutId' | 'subscription'>,
  now: Instant,
): NoticeCampaign | null => {
  const { kind } = ahead;
  const traits = traitsOfNotice(facts, ahead, now);
  const found = notices.find(
    (one) => one.kind === kind && whyNotTaken({ when: conditionsOfNotice(one) }, traits) === null,
  );
  return found ?? null;
};
