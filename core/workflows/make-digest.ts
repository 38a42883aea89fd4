// Reads what a digest is made of, and what has to be looked at, in one go through the cases.
import type { Store } from '../ports.ts';
import { alertsOn, WATCH_DAYS, type Alert } from '../reports/alerts.ts';
import { countBefore, digestOf, type Digest, type RatesBefore } from '../reports/digest.ts';
import { asOldAs, periodBefore, type DigestPeriod } from '../reports/digest-period.ts';
import type { ReportCase } from '../reports/rows.ts';
import { dayNumber, nothingWatched, startOfDay, watchRow, type Watched } from '../reports/watch.ts';
import { addDays, earlier, later, monthOf, type Instant } from '../time.ts';
import { casesFor, isIn, LOOK_BACK_DAYS, reportOn, type ReportWithRows } from './read-report.ts';

/** Months that a recovered plan is assumed to go on: no figure of a digest, so it is as in every report. */
const MONTHS = 12;

/** A digest with the report and the invoices under it. */
export type MadeDigest = ReportWithRows & { readonly digest: Digest };

/** The last day that is over. */
const lastDay = (now: Instant): number => dayNumber(now) - 1;

const watchFrom = (now: Instant): Instant => startOfDay(lastDay(now) - WATCH_DAYS);

const watchCase = (to: Watched, { rows }: ReportCase): void => {
  for (const row of rows) watchRow(to, row);
};

/**
 * What has to be looked at on the last day that is over. Throws `OutsideError` when the store does not
 * answer.
 */
export const readAlerts = async (store: Store, now: Instant): Promise<readonly Alert[]> => {
  const watched = nothingWatched();
  for await (const one of casesFor(store, { from: watchFrom(now), to: now }, now)) watchCase(watched, one);
  return alertsOn(watched, lastDay(now));
};

/**
 * Whether a case is one that the report of the period alone would read: money that moved is told of these.
 */
const isOf = ({ from, to }: DigestPeriod): ((one: ReportCase) => boolean) => {
  const first = monthOf(addDays(from, -LOOK_BACK_DAYS));
  return ({ record }) => record.openedAt < to && monthOf(record.openedAt) >= first;
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
  const until = asOldAs(period, before, now);
  const isFresh = addDays(period.to, 7) > now;
  const reach = isFresh
    ? { from: earlier(before.from, watchFrom(now)) ?? before.from, to: later(period.to, now) ?? now }
    : { from: before.from, to: period.to };
  const [watched, rates]: [Watched, RatesBefore] = [nothingWatched(), {}];
  const [isBefore, isOfPeriod] = [isIn(before), isOf(period)];
  const read = async function* (): AsyncGenerator<ReportCase> {
    for await (const one of casesFor(store, reach, now)) {
      watchCase(watched, one);
      for (const row of one.rows) if (isBefore(row)) countBefore(rates, row, until);
      if (isOfPeriod(one)) yield one;
    }
  };
  const query = { from: period.from, to: period.to, by: 'decline', months: MONTHS } as const;
  const told = await reportOn(read(), query, now);
  const alerts = isFresh ? alertsOn(watched, lastDay(now)) : [];
  const digest = digestOf({ period, report: told.report, before: { period: before, rates }, alerts, where });
  return { ...told, digest };
};
