// Reads months of failure beside each other: one walk for all of them, by kept sums where a report would be made of them.
import type { Store } from '../ports.ts';
import { cohortsOf, type Cohort } from '../reports/cohorts.ts';
import { hasFailures, tallyWithin } from '../reports/rollup.ts';
import { addCounts, countCase, emptyTally, type Tally } from '../reports/tally.ts';
import { addMs, monthOf, type Instant } from '../time.ts';
import { foldMonths, type Count } from './fold-month.ts';
import { monthsBetween } from './read-cases.ts';
import { firstMonthFor, isOfWholeMonths, takenBy, type ReportQuery } from './read-report.ts';

/** Which failures: those of whole months that every filter takes. */
export type CohortsQuery = Pick<ReportQuery, 'from' | 'to' | 'currency' | 'only'>;

/** The cohorts of a period of whole months. Costs what the report of the period costs. Throws `OutsideError`. */
export const readCohorts = async (
  store: Store,
  query: CohortsQuery,
  now: Instant,
): Promise<readonly Cohort[]> => {
  const takes = takenBy(query);
  const [first, last] = [monthOf(query.from), monthOf(addMs(query.to, -1))];
  const isWhole = isOfWholeMonths(query);
  const tallies: Record<string, Tally> = {};
  for (const month of monthsBetween(query.from, addMs(query.to, -1))) tallies[month] = emptyTally();
  const count: Count = {
    first: firstMonthFor(query.from, now),
    isEnough: (sums) => isWhole || !hasFailures(sums, first, last),
    addSums: (sums) => {
      for (const [month, tally] of Object.entries(tallies))
        tallies[month] = addCounts(tally, tallyWithin(sums, month, month));
    },
    add: (one) => {
      for (const month of new Set(one.rows.map(({ failedAt }) => monthOf(failedAt)))) {
        const tally = tallies[month];
        if (tally) countCase(tally, one, (row) => monthOf(row.failedAt) === month && takes(row), now);
      }
    },
  };
  await foldMonths(store, [count], now);
  return cohortsOf(tallies);
};
