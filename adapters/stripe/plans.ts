// What is paid for: the prices, or before them plans, of a subscription's items and an invoice's lines.
import { MAX_MINOR } from '../../core/money.ts';
import type { BillingInterval, InvoiceDetails, SubscriptionSnapshot } from '../../core/recovery/fact.ts';
import { earlier, type Instant } from '../../core/time.ts';
import { count, currency, isJsonObject, known, minor, oneOf, own, reference, stamp } from './shapes.ts';
import type { Json } from './shapes.ts';

const MAX_IDS = 20;

const rowsOf = (list: unknown): readonly Json[] => {
  const data = own(list, 'data');
  return Array.isArray(data) ? data.filter(isJsonObject) : [];
};

/** Most of what could be named is not there, and looking closely at nothing takes as long as at something. */
const idsOf = (references: readonly unknown[]): readonly string[] => {
  const named = references.filter((each) => each !== null && each !== undefined);
  return [...new Set(named.flatMap((each) => known(reference, each) ?? []))].sort().slice(0, MAX_IDS);
};

/** The items; before subscriptions had any, the one plan of all. */
const itemsOf = (subscription: Json): readonly Json[] => {
  const items = rowsOf(own(subscription, 'items'));
  const [plan, quantity] = [own(subscription, 'plan'), own(subscription, 'quantity')];
  return items.length > 0 || plan === null ? items : [{ plan, quantity }];
};

const priceOf = (item: Json): unknown => own(item, 'price') ?? own(item, 'plan');

const intervalOf = (price: unknown): BillingInterval | null => {
  const recurring = own(price, 'recurring') ?? price;
  const unit = known(oneOf('day', 'week', 'month', 'year'), own(recurring, 'interval'));
  const times = known(count, own(recurring, 'interval_count'));
  return unit && times ? { unit, count: times } : null;
};

type Amount = { readonly amountMinor: number; readonly currency: string };

/** What an item costs a period. Not known in advance by tiers, by use, and by packages of a quantity. */
const amountOf = (item: Json): Amount | null => {
  const price = priceOf(item);
  const packaged = own(price, 'transform_quantity') ?? own(price, 'transform_usage');
  const unit = known(minor, own(price, 'unit_amount') ?? own(price, 'amount'));
  const quantity = known(count, own(item, 'quantity'));
  const money = known(currency, own(price, 'currency'));
  if (packaged !== null || unit === null || quantity === null || money === null) return null;
  return { amountMinor: unit * quantity, currency: money };
};

/** The amounts of all items in one; null where one is not known, or in another currency. */
const sumOf = (items: readonly Json[]): Amount | null => {
  const amounts = items.map(amountOf);
  const first = amounts[0]?.currency;
  if (!first || amounts.some((amount) => amount?.currency !== first)) return null;
  const amountMinor = amounts.reduce((sum, amount) => sum + (amount?.amountMinor ?? 0), 0);
  return amountMinor <= MAX_MINOR ? { amountMinor, currency: first } : null;
};

type SubscriptionPlans = Pick<
  SubscriptionSnapshot,
  'planIds' | 'productIds' | 'interval' | 'currentPeriodEnd' | 'amountMinor' | 'currency'
>;

/**
 * What a subscription is to. Items hold a price since 2020 and a plan besides or before; since basil each
 * has a period of its own, and the earliest end counts, as where Stripe lists by it. Amounts are list prices,
 * before discounts and taxes. Source: docs.stripe.com/api/subscription_items/object,
 * docs.stripe.com/api/prices/object, docs.stripe.com/api/plans/object, docs.stripe.com/changelog/basil.
 */
export const subscriptionPlans = (subscription: Json): SubscriptionPlans => {
  const items = itemsOf(subscription);
  const plans = items.flatMap((item) => [own(item, 'price'), own(item, 'plan')]);
  const isWhole = own(own(subscription, 'items'), 'has_more') !== true;
  const sum = isWhole ? sumOf(items) : null;
  const ends = items.map((item): Instant | null => known(stamp, own(item, 'current_period_end')));
  return {
    planIds: idsOf(plans),
    productIds: idsOf(plans.map((plan) => own(plan, 'product'))),
    interval: intervalOf(items[0] ? priceOf(items[0]) : null),
    currentPeriodEnd: ends.reduce(earlier, null) ?? known(stamp, own(subscription, 'current_period_end')),
    amountMinor: sum?.amountMinor ?? null,
    currency: sum?.currency ?? null,
  };
};

/**
 * What an invoice's lines are for: ids alone since basil, a price or a plan before. Source:
 * docs.stripe.com/api/invoice-line-item/object, docs.stripe.com/changelog/basil.
 */
export const invoicePlans = (invoice: Json): Pick<InvoiceDetails, 'planIds' | 'productIds'> => {
  const lines = rowsOf(own(invoice, 'lines'));
  const details = lines.map((line) => own(own(line, 'pricing'), 'price_details'));
  const plans = lines.flatMap((line) => [own(line, 'price'), own(line, 'plan')]);
  return {
    productIds: idsOf([...details, ...plans].map((each) => own(each, 'product'))),
    planIds: idsOf([...details.map((each) => own(each, 'price')), ...plans]),
  };
};
