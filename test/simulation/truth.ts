// What is held against each other in the truth test: the rates a report tells, and the provider's own outcomes.
import type { Outcome } from '../../core/recovery/customer.ts';
import type { Lift, Rate } from '../../core/reports/report.ts';
import type { Violation } from '../../local/simulation/laws.ts';

/** Failures, or cases, that are settled. */
export type Settled = { recovered: number; lost: number };

/** One world: what its report tells, and what truly was, by the provider's record. */
export type WorldTruth = {
  readonly violations: readonly Violation[];
  readonly told: { readonly rates: Readonly<Record<string, Rate>>; readonly lift: Lift | null };
  readonly truly: {
    readonly currencies: Readonly<Record<string, Settled>>;
    readonly arms: Readonly<Record<string, Settled>>;
  };
};

/** Counts an outcome under a name. What was withdrawn counts nowhere. */
export const addTo = (to: Record<string, Settled>, name: string, outcome: Outcome): void => {
  const sum = (to[name] ??= { recovered: 0, lost: 0 });
  if (outcome === 'recovered' || outcome === 'lost') sum[outcome] += 1;
};
