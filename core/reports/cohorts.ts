// Months of failure beside each other: what came back of each, and by which day after the failure.
import { compare } from '../order.ts';
import { curveByDay, curveOf, type DayShare } from './curve.ts';
import { lastDay, moneyRateOf, rateOf, type MoneyRate, type Rate } from './report.ts';
import type { Cell, Tally } from './tally.ts';

/** The failures of one month (`YYYY-MM`, UTC) in one currency. Nothing imported is in it. */
export type Cohort = {
  readonly month: string;
  readonly currency: string;
  readonly cell: Cell;
  readonly rate: Rate;
  readonly moneyRate: MoneyRate;
  /** As `curveByDay` tells it: no day of which nobody has seen anything yet. */
  readonly byDay: readonly DayShare[];
  /** The last day after a failure on which any was seen. */
  readonly seenDays: number;
};

/** The cohorts of what was counted of each month, by month and currency; none where nothing failed. */
export const cohortsOf = (tallies: Readonly<Record<string, Tally>>): readonly Cohort[] =>
  Object.entries(tallies)
    .flatMap(([month, { currencies }]) =>
      Object.entries(currencies).map(([currency, { all, days }]): Cohort => {
        const seenDays = lastDay(days);
        return {
          month,
          currency,
          cell: all,
          rate: rateOf(all),
          moneyRate: moneyRateOf(all),
          byDay: curveByDay(curveOf(days), seenDays),
          seenDays,
        };
      }),
    )
    .filter(({ cell }) => cell.failed.n > 0)
    .sort((a, b) => compare(a.month, b.month) || compare(a.currency, b.currency));
