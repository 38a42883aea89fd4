// What the figures are narrowed down by: the period and the filters of a place, and the periods that people ask for. Pure.
import type { Query } from './router.ts';

/** The filters that the API takes beside the period. Each goes along from view to view. */
export const FILTERS = [
  'currency',
  'campaign',
  'kind',
  'decline',
  'reason',
  'brand',
  'plan',
  'country',
  'step',
] as const;
export type Filter = (typeof FILTERS)[number];

/** What failures can be told apart by: every filter but the currency. */
export const DIMENSIONS = FILTERS.filter((name) => name !== 'currency');

const KEPT: ReadonlySet<string> = new Set(['from', 'to', ...FILTERS]);

/** What of a query goes along to another view: the period and the filters, and nothing that is the view's own. */
export const filtersIn = (query: Query): Query =>
  Object.fromEntries(Object.entries(query).filter(([name]) => KEPT.has(name)));

/** Days or months of UTC, as the API takes them; both ends included. */
export type Ends = { readonly from: string; readonly to: string };

/** The month that lies `by` months after a month, both `YYYY-MM`. */
export const monthBy = (month: string, by: number): string => {
  const [year = 0, number = 1] = month.split('-').map(Number);
  const months = year * 12 + number - 1 + by;
  return `${String(Math.floor(months / 12)).padStart(4, '0')}-${String((months % 12) + 1).padStart(2, '0')}`;
};

/** The periods that have a name, from the month that `now` is in. */
export const PRESETS = {
  this_month: (month: string): Ends => ({ from: month, to: month }),
  last_month: (month: string): Ends => ({ from: monthBy(month, -1), to: monthBy(month, -1) }),
  three_months: (month: string): Ends => ({ from: monthBy(month, -2), to: month }),
  twelve_months: (month: string): Ends => ({ from: monthBy(month, -11), to: month }),
} as const;
export type Preset = keyof typeof PRESETS;

/** What is shown to somebody who asked for no period: a rate needs some failures that are settled. */
const USUAL: Preset = 'three_months';

/** The period of a place. `now`: an instant, ISO 8601 in UTC. */
export const endsIn = ({ from, to }: Query, now: string): Ends => {
  const one = from ?? to;
  return one === undefined ? PRESETS[USUAL](now.slice(0, 7)) : { from: one, to: to ?? one };
};

/** The name that a period has today; null when it has none. */
export const presetOf = ({ from, to }: Ends, now: string): Preset | null =>
  (Object.keys(PRESETS) as Preset[]).find((name) => {
    const ends = PRESETS[name](now.slice(0, 7));
    return ends.from === from && ends.to === to;
  }) ?? null;

/** What the API is asked for: the period and the filters of a place. */
export const askedIn = (query: Query, now: string): Query => ({ ...filtersIn(query), ...endsIn(query, now) });
