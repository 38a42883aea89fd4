// What the truth test holds against each other: what a report tells of rates, and what became of it all by the provider's record.
import type { Outcome } from '../../core/recovery/customer.ts';
import type { Lift, Rate } from '../../core/reports/report.ts';
import type { Violation } from '../../local/simulation/laws.ts';

/** Failures, or cases, that are settled. */
export type Settled = { recovered: number; lost: number };
type Named = Record<string, Settled>;

/** One world: what its report tells, and what truly was, by the provider's record. */
export type WorldTruth = {
  readonly violations: readonly Violation[];
  readonly told: { readonly rates: Readonly<Record<string, Rate>>; readonly lift: Lift | null };
  readonly truly: { readonly currencies: Readonly<Named>; readonly arms: Readonly<Named> };
};

/** Counts an outcome under a name. What is open or withdrawn counts nowhere. */
export const addTo = (to: Named, name: string, outcome: Outcome): void => {
  const sum = (to[name] ??= { recovered: 0, lost: 0 });
  if (outcome === 'recovered' || outcome === 'lost') sum[outcome] += 1;
};

/** All of them together, by name. */
export const addAll = (parts: readonly Readonly<Named>[]): Named => {
  const all: Named = {};
  for (const [name, { recovered, lost }] of parts.flatMap((part) => Object.entries(part))) {
    const sum = (all[name] ??= { recovered: 0, lost: 0 });
    sum.recovered += recovered;
    sum.lost += lost;
  }
  return all;
};

/** Recovered by recovered and lost. */
export const shareOf = ({ recovered, lost }: Settled = { recovered: 0, lost: 0 }): number =>
  recovered / (recovered + lost);

/** Whether an interval holds a number. */
export const isWithin = (
  { low, high }: { readonly low: number; readonly high: number },
  truth: number,
): boolean => low <= truth && truth <= high;
