// What is open now, whenever it failed: how much, how old, and what of it is expected back.
import { DAY_MS, toMs, type Instant } from '../time.ts';
import { expectedOf, type CurvePoint, type Expected } from './curve.ts';
import type { FailureRow, ReportCase } from './rows.ts';
import { emptySum, entryOf, put, type Ages, type Sum } from './tally.ts';

/** What is open of one currency: by whole days since it failed; what was imported apart. */
type OpenTally = { readonly ages: Record<string, Sum & Ages[string]>; readonly imported: Sum };

/** What is open, by currency. */
export type OpenTallies = Record<string, OpenTally>;

/** The bands of age, by whole days since the failure, both included. `to`: null = however old. */
export const AGE_BANDS = [
  { name: '0-7', from: 0, to: 7 },
  { name: '8-14', from: 8, to: 14 },
  { name: '15-30', from: 15, to: 30 },
  { name: 'over-30', from: 31, to: null },
] as const;

/** The name of a band of age. */
export type AgeBandName = (typeof AGE_BANDS)[number]['name'];

/** Some of what is open. `name` is what the list of its invoices is asked for by. */
export type AgeBand = (typeof AGE_BANDS)[number] & { readonly sum: Sum };

/** What is open now of one currency, whenever it failed. Money in minor units. */
export type AtRisk = {
  readonly open: Sum;
  readonly ages: readonly AgeBand[];
  /** What of it is expected back by the curve of the report's period; null while the curve says nothing of any of it. */
  readonly expected: Expected | null;
  /** What the curve says nothing of, and of which nothing is expected: older than any failure of the period was seen. */
  readonly untold: Sum;
  /** What had failed before Recoup knew of the account: in none of these. */
  readonly imported: Sum;
};

/** Whole days since a failure; 0 for one that is dated later than `now`. */
const ageIn = (failedAt: Instant, now: Instant): number =>
  Math.max(0, Math.floor((toMs(now) - toMs(failedAt)) / DAY_MS));

/** Whether an age in whole days is one of a band's. */
const isWithin = (days: number, { from, to }: (typeof AGE_BANDS)[number]): boolean =>
  days >= from && (to === null || days <= to);

/** The band that what failed then is in now. */
export const bandOf = (failedAt: Instant, now: Instant): AgeBandName | null =>
  AGE_BANDS.find((band) => isWithin(ageIn(failedAt, now), band))?.name ?? null;

/** Counts what is open of the failures of a case that `takes` says yes to. Changes `to`. */
export const countOpen = (
  to: OpenTallies,
  { rows }: ReportCase,
  takes: (row: FailureRow) => boolean,
  now: Instant,
): void => {
  for (const row of rows) {
    if (row.outcome !== 'open' || !takes(row)) continue;
    const { currency, cohort, openMinor, failedAt } = row;
    const { ages, imported } = entryOf(to, currency, () => ({ ages: {}, imported: emptySum() }));
    if (cohort === 'imported') {
      put(imported, openMinor);
      continue;
    }
    const age = entryOf(ages, String(ageIn(failedAt, now)), () => ({ ...emptySum(), square: 0 }));
    put(age, openMinor);
    age.square += openMinor ** 2;
  }
};

const sumOf = (ages: readonly (readonly [string, Sum])[]): Sum =>
  ages.reduce((sum, [, { n, minor }]) => ({ n: sum.n + n, minor: sum.minor + minor }), emptySum());

/** What is at risk, by the curve of the failures of a period; `seenDays`: how old the oldest of them was seen. */
export const atRiskOf = (
  { ages, imported }: OpenTally = { ages: {}, imported: emptySum() },
  curve: readonly CurvePoint[],
  seenDays: number,
): AtRisk => {
  const all = Object.entries(ages);
  const told = curve.length === 0 ? [] : all.filter(([day]) => Number(day) <= seenDays);
  return {
    open: sumOf(all),
    ages: AGE_BANDS.map((band) => ({
      ...band,
      sum: sumOf(all.filter(([day]) => isWithin(Number(day), band))),
    })),
    expected: told.length === 0 ? null : expectedOf(curve, Object.fromEntries(told)),
    untold: sumOf(told.length === 0 ? all : all.filter(([day]) => Number(day) > seenDays)),
    imported,
  };
};
