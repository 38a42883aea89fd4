// Walks through an account on an in-memory store: who is on which list, and a clock that is set.
import { createMemoryAccount, type MemoryAccountOptions } from '../../adapters/memory/account.ts';
import { createMemoryStore } from '../../adapters/memory/store.ts';
import type { Account, AccountList, Store } from '../../core/ports.ts';
import type { Fact } from '../../core/recovery/fact.ts';
import type { Instant } from '../../core/time.ts';
import {
  walkAccount,
  type IsAhead,
  type Task,
  type Walked,
  type WalkOptions,
} from '../../core/workflows/walk-account.ts';
import { counted } from './door.ts';
import { invoiceFact, subscriptionFact } from './facts.ts';

export type Person = { readonly customerId: string; readonly facts: readonly Fact[] };

/** A subscriber; something lies ahead when the trial ends, as {@link trialEnds} says. */
export const subscriber = (customerId: string, trialEndsAt: Instant | null = null): Person => ({
  customerId,
  facts: [subscriptionFact({ id: `sub_${customerId}`, trialEndsAt }, { source: 'refresh' })],
});

/** Somebody whose invoice is overdue, or failed. */
export const debtor = (
  customerId: string,
  at: Instant,
  reason: 'overdue' | 'declined' = 'overdue',
): Person => ({
  customerId,
  facts: [invoiceFact(`in_${customerId}`, { at, source: 'refresh', failure: { at, reason } })],
});

/** Something lies ahead of whoever has a trial that ends, unless it was taken up before. */
export const trialEnds: IsAhead = (facts, known) =>
  known.facts.aheadAt === null &&
  Object.values(facts.subscriptions).some(({ value }) => value.trialEndsAt !== null);

export type WalkerOptions = Pick<MemoryAccountOptions, 'lists' | 'pageSize' | 'fault'> & {
  readonly store?: Store;
  readonly account?: Account;
  readonly isAhead?: IsAhead;
};

/**
 * A walker at `start`; `asked` holds every page that it asked for, `pauses` counts the waits between them.
 */
export const createWalker = (start: Instant, options: WalkerOptions = {}) => {
  const asked: (readonly [AccountList, string | null])[] = [];
  const metrics: { readonly metric: string; readonly [field: string]: unknown }[] = [];
  const watched = counted(options.store ?? createMemoryStore());
  const memory = createMemoryAccount({
    ...options,
    fault: (list, after) => {
      asked.push([list, after]);
      return options.fault?.(list, after);
    },
  });
  let now = start;
  let pauses = 0;
  const deps = {
    store: watched.store,
    account: options.account ?? memory,
    isAhead: options.isAhead ?? trialEnds,
    telemetry: {
      count: (metric: string, fields = {}) => void metrics.push({ metric, ...fields }),
      gauge: () => {},
    },
    backOff: async () => {},
    pause: async () => void (pauses += 1),
    now: () => now,
  };
  return {
    ...watched,
    deps,
    asked,
    metrics,
    pauses: () => pauses,
    now: () => now,
    setNow: (at: Instant) => {
      now = at;
    },
    times: (metric: string) => metrics.filter((each) => each.metric === metric).length,
    walk: (task: Task, walk: WalkOptions & { readonly goOn?: () => boolean } = {}): Promise<Walked> =>
      walkAccount(deps, 'stripe', task, deps.now, walk.goOn ?? (() => true), walk),
  };
};
