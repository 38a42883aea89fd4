// The groups of the figures in the order that a place asks for. Pure.
import type { CurrencyFigures } from '../../api.ts';
import { DIMENSIONS, type Filter } from '../../filters.ts';
import type { Query } from '../../router.ts';

export type Group = CurrencyFigures['groups'][number];

/** What groups can be sorted by. Names go up, figures come down. */
export const ORDERS = ['failed', 'recovered', 'lost', 'open', 'rate', 'name'] as const;
export type Order = (typeof ORDERS)[number];

/** The order that a place asks for. */
export const orderIn = ({ sort }: Query): Order => ORDERS.find((one) => one === sort) ?? 'failed';

/** What failures are told apart by at a place. */
export const dimensionIn = ({ by }: Query): Exclude<Filter, 'currency'> =>
  DIMENSIONS.find((one) => one === by) ?? 'decline';

/** A group that says no rate stands behind those that do. */
const figureOf = ({ cell, rate }: Group, order: Exclude<Order, 'name'>): number =>
  order === 'rate' ? (rate.share?.share ?? -1) : cell[order].amount.minor;

/** Groups in an order; equal ones by what failed, then by name. `nameOf`: as the reader calls a value. */
export const sorted = (
  groups: readonly Group[],
  order: Order,
  nameOf: (value: string) => string,
): readonly Group[] => {
  const byName = (a: Group, b: Group) => nameOf(a.value).localeCompare(nameOf(b.value));
  if (order === 'name') return groups.toSorted(byName);
  return groups.toSorted(
    (a, b) =>
      figureOf(b, order) - figureOf(a, order) ||
      b.cell.failed.amount.minor - a.cell.failed.amount.minor ||
      byName(a, b),
  );
};

/** A group of which fewer are recovered or lost says little by its rate. */
export const FEW = 10;
