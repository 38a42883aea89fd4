// Whom a campaign or a notice takes, in sentences: all of them have to hold. Pure.
import type { Policy } from '../../api.ts';
import type { Tell } from './tell.ts';

type Campaign = Policy['campaigns'][number];
type Conditions = Campaign['conditions'];

/** What is charged without the customer: a campaign that names no kind is for all of it. */
const AUTOMATIC = ['payment_failure', 'authentication_required', 'bank_debit'];

/** Whether a campaign is for invoices that customers pay on their own: no bank declines these. */
export const isSentOnly = ({ kinds: all }: Campaign): boolean =>
  all.every((kind) => kind === 'invoice_overdue');

const kinds = ({ kinds: all }: Campaign, { say, names, anyOf }: Tell): string =>
  AUTOMATIC.length === all.length && all.every((kind) => AUTOMATIC.includes(kind))
    ? say('kinds_automatic')
    : say('kinds', { list: anyOf(all.map((kind) => names('kind', kind))) });

const amount = ({ amount: asked }: Conditions, { say, format }: Tell): string[] => {
  if (asked === null) return [];
  const { currency, min, max } = asked;
  const [least, most] = [min && format.money(min), max && format.money(max)];
  if (least && most) return [say('amount_between', { least, most })];
  if (least) return [say('amount_least', { least })];
  return [most ? say('amount_most', { most }) : say('amount_currency', { currency })];
};

const tenure = ({ tenureDays }: Conditions, { say, days }: Tell): string[] => {
  if (tenureDays === null) return [];
  const { min, max } = tenureDays;
  return [
    ...(min === null ? [] : [say('tenure_least', { days: days(min) })]),
    ...(max === null ? [] : [say('tenure_most', { days: days(max) })]),
  ];
};

/** What else has to be so, a sentence each. */
export const conditionsOf = (asked: Conditions, tell: Tell): readonly string[] => {
  const { say, names, anyOf, format, languageName } = tell;
  const listed = (
    name: 'plans' | 'products' | 'countries' | 'languages' | 'intervals' | 'collection',
    values: readonly string[] | null,
    nameOf: (value: string) => string = (value) => value,
  ): string[] => (values === null ? [] : [say(name, { list: anyOf(values.map(nameOf)) })]);
  return [
    ...amount(asked, tell),
    ...listed('plans', asked.plans),
    ...listed('products', asked.products),
    ...listed('countries', asked.countries, format.country),
    ...listed('languages', asked.languages, languageName),
    ...listed('intervals', asked.intervals, (name) => names('interval', name)),
    ...listed('collection', asked.collectionMethods, (name) => names('collection', name)),
    ...asked.metadata.map(({ key, values }) => say('metadata', { key, list: anyOf(values) })),
    ...tenure(asked, tell),
  ];
};

/** Whom a campaign takes, a sentence each. */
export const takenBy = (campaign: Campaign, tell: Tell): readonly string[] => {
  const { say, names, anyOf } = tell;
  const { declines, serves, conditions } = campaign;
  return [
    kinds(campaign, tell),
    ...(declines !== null
      ? [say('declines', { list: anyOf(declines.map((one) => names('decline', one))) })]
      : isSentOnly(campaign)
        ? []
        : [say('declines_any')]),
    ...conditionsOf(conditions, tell),
    // Said only where it differs from what is usual.
    ...(serves === 'month' ? [] : [say('serves', { interval: names('interval', serves) })]),
  ];
};
