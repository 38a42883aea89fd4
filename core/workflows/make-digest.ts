// Reads what a digest is made of, and what has to be looked at, in one go through the months.
import type { Store } from '../ports.ts';
import { alertsOn, WATCH_DAYS, type Alert } from '../reports/alerts.ts';
import { countBefore, digestOf, type Digest, type RatesBefore } from '../reports/digest.ts';
import { asOldAs, periodBefore, type DigestPeriod } from '../reports/digest-period.ts';
import { hasFailures } from '../reports/rollup.ts';
import { addCounts } from '../reports/tally.ts';
import { dayNumber, startOfDay, watchedOf, watchRow, type DayCounts } from '../reports/watch.ts';
import { addDays, addMs, monthOf, type Instant } from '../time.ts';
import { foldMonths, type Count } from './fold-month.ts';
import { createReportCount, firstMonthFor, isIn, type ReportWithRows } from './read-report.ts';

/** Months that a recovered plan is assumed to go on: no figure of a digest, so it is as in every report. */
const MONTHS = 12;

/** A digest with the report and the invoices under it. */
export type MadeDigest = ReportWithRows & { readonly digest: Digest };

type AlertsCount = Count & { readonly alerts: () => readonly Alert[] };

/** What alerts are told from: the sums of each month have its days. */
const createAlertsCount = (now: Instant): AlertsCount => {
  // The last day that is over.
  const last = dayNumber(now) - 1;
  let days: DayCounts = {};
  return {
    first: firstMonthFor(startOfDay(last - WATCH_DAYS), now),
    isEnough: () => true,
    addSums: (sums) => {
      days = addCounts(days, sums.days);
    },
    add: ({ rows }) => {
      for (const row of rows) watchRow(days, row);
    },
    alerts: () => alertsOn(watchedOf(days), last),
  };
};

/**
 * What has to be looked at on the last day that is over. Throws `OutsideError` when the store does not
 * answer.
 */
export const readAlerts = async (store: Store, now: Instant): Promise<readonly Alert[]> => {
  const count = createAlertsCount(now);
  await foldMonths(store, [count], now);
  return count.alerts();
};

/** The rates of the period before as it stood at a moment: a case that was opened later was not known then. */
const createBeforeCount = (
  before: DigestPeriod,
  until: Instant,
  now: Instant,
): Count & { readonly rates: RatesBefore } => {
  const rates: RatesBefore = {};
  const [first, last] = [monthOf(before.from), monthOf(addMs(before.to, -1))];
  const isBefore = isIn(before);
  return {
    rates,
    first: firstMonthFor(before.from, now),
    isEnough: (sums) => !hasFailures(sums, first, last),
    addSums: () => {},
    add: ({ record, rows }) => {
      if (record.openedAt >= until) return;
      for (const row of rows) if (isBefore(row)) countBefore(rates, row, until);
    },
  };
};

/**
 * Makes the digest of a period. The alerts in it are those of the last day that is over, and only while the
 * period is just over: an old digest is no place for news. Throws `OutsideError` when the store does not
 * answer.
 */
export const makeDigest = async (
  store: Store,
  period: DigestPeriod,
  where: string,
  now: Instant,
): Promise<MadeDigest> => {
  const before = periodBefore(period);
  const query = { from: period.from, to: period.to, by: 'decline', months: MONTHS } as const;
  const told = createReportCount(query, now, true);
  const earlier = createBeforeCount(before, asOldAs(period, before, now), now);
  const watched = addDays(period.to, 7) > now ? createAlertsCount(now) : null;
  await foldMonths(store, [told, earlier, ...(watched ? [watched] : [])], now);
  const report = told.report();
  const digest = digestOf({
    period,
    report,
    before: { period: before, rates: earlier.rates },
    alerts: watched?.alerts() ?? [],
    where,
  });
  return { report, rows: told.rows(), digest };
};
