// The clock's door: every minute, everything that is due in some shards, within a budget.
import { MINUTE_MS, toMs, type Instant } from '../core/time.ts';
import { runDueActions, type Budget, type Tick } from '../core/workflows/run-due-actions.ts';
import type { VisitDeps } from '../core/workflows/visit-customer.ts';

/** What the schedule sends. */
export type TickEvent = { readonly shards: readonly number[] };

export type SweepDeps = VisitDeps & {
  /** Requests a second the provider and the mail service may be asked for by all shards together. */
  readonly requestsPerSecond: number;
  readonly allShards: number;
};

/** Stripe allows 100 requests a second in live mode and 25 in a sandbox; the rest is for the business itself. */
export const REQUESTS_PER_SECOND = 5;

/** A tick stops looking for more after this long and leaves the rest to the next. */
const STOP_AFTER_MS = 45_000;
/** A visit asks the provider twice at most, and the mailer once. */
const REQUESTS_A_VISIT = 3;

const budgetOf = (deps: SweepDeps, shards: number, start: Instant): Budget => ({
  visits: Math.max(1, Math.floor((deps.requestsPerSecond * 60 * shards) / deps.allShards / REQUESTS_A_VISIT)),
  goOn: () => toMs(deps.now()) - toMs(start) < STOP_AFTER_MS,
});

const isTick = (event: unknown, allShards: number): event is TickEvent => {
  const shards = (event as Partial<TickEvent> | null)?.shards;
  return (
    Array.isArray(shards) &&
    shards.length > 0 &&
    shards.every((shard) => Number.isInteger(shard) && shard >= 0 && shard < allShards)
  );
};

/** Makes the handler. Failures of one customer are counted, never thrown; only a store that cannot be read throws. */
export const makeRunDueActions =
  (deps: SweepDeps) =>
  async (event: unknown): Promise<Tick> => {
    if (!isTick(event, deps.allShards)) {
      throw new Error(`a tick names its shards: {"shards":[0,1]}, each from 0 to ${deps.allShards - 1}`);
    }
    // Each minute begins with another shard, so that a tick cut short never starves the same ones.
    const { shards } = event;
    const first = Math.floor(toMs(deps.now()) / MINUTE_MS) % shards.length;
    const turned = [...shards.slice(first), ...shards.slice(0, first)];
    return runDueActions(deps, turned, budgetOf(deps, shards.length, deps.now()));
  };
