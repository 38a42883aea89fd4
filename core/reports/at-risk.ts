// What is open now, whenever it failed: how much, how old, and what of it is expected back.
import { DAY_MS, toMs, type Instant } from '../time.ts';
import { expectedOf, type CurvePoint, type Expected } from './curve.ts';
import type { FailureRow, ReportCase } from './rows.ts';
import { emptySum, entryOf, put, type Ages, type Sum } from './tally.ts';

/** What is open of one currency: by whole days since it failed; what was imported apart. */
type OpenTally = { readonly ages: Record<string, Sum & Ages[string]>; readonly imported: Sum };

/** What is open, by currency. */
export type OpenTallies = Record<string, OpenTally>;

/** Some of what is open, by whole days since it failed, both included. `to`: null = however old. */
export type AgeBand = { readonly from: number; readonly to: number | null; readonly sum: Sum };

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

/** The last day of each band but the last. */
const BAND_ENDS = [7, 14, 30];

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
    const day = Math.max(0, Math.floor((toMs(now) - toMs(failedAt)) / DAY_MS));
    const age = entryOf(ages, String(day), () => ({ ...emptySum(), square: 0 }));
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
  const between = (from: number, to: number): typeof all =>
    all.filter(([day]) => Number(day) >= from && Number(day) <= to);
  const told = curve.length === 0 ? [] : between(0, seenDays);
  const starts = [0, ...BAND_ENDS.map((day) => day + 1)];
  return {
    open: sumOf(all),
    ages: starts.map((from, i) => {
      const to = BAND_ENDS[i] ?? null;
      return { from, to, sum: sumOf(between(from, to ?? Number.POSITIVE_INFINITY)) };
    }),
    expected: told.length === 0 ? null : expectedOf(curve, Object.fromEntries(told)),
    untold: sumOf(told.length === 0 ? all : between(seenDays + 1, Number.POSITIVE_INFINITY)),
    imported,
  };
};
