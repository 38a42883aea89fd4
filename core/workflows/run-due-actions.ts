// The clock's tick: everything due in some shards is visited, the earliest first, within a budget.
import { InvariantError } from '../assert.ts';
import type { CustomerKey } from '../ids.ts';
import { DamagedItemError, OutsideError, type DueEntry } from '../ports.ts';
import { toMs } from '../time.ts';
import { routeFact } from './route-fact.ts';
import { visitCustomer, type VisitDeps } from './visit-customer.ts';

/** How much one tick may do: it stops at the budget and leaves the rest untouched for the next. */
export type Budget = {
  readonly visits: number;
  /** Asked before every visit: false ends the tick, as when the function's time runs out. */
  readonly goOn: () => boolean;
};

/** What a tick did. `throttled`: the provider or the mailer asked us to slow down, so it ended early. */
export type Tick = { readonly visits: number; readonly failed: number; readonly throttled: boolean };

const PAGE = 100;
/** A customer who is due again at once is visited again in the same tick, but not for ever. */
const MAX_VISITS_A_CUSTOMER = 20;

const nameOf = (entry: DueEntry): string => (entry.kind === 'customer' ? entry.key : entry.id);

const putAside = async (deps: VisitDeps, key: CustomerKey, error: DamagedItemError): Promise<void> => {
  await deps.store.setAside(key, error.message, deps.now());
  deps.telemetry.count('customer_set_aside', { customer: key, why: 'damaged item' });
};

/** How late the oldest of what is due is already: the clock keeps up while this stays small. */
const tellLag = (deps: VisitDeps, [oldest]: readonly DueEntry[]): void => {
  const seconds = oldest ? (toMs(deps.now()) - toMs(oldest.dueAt)) / 1000 : 0;
  deps.telemetry.gauge('sweep_lag_seconds', Math.max(0, seconds));
};

/** Visits one entry; a poisoned one never stops the others. Answers whether the tick may go on. */
const visit = async (deps: VisitDeps, entry: DueEntry): Promise<'ok' | 'failed' | 'throttled'> => {
  try {
    if (entry.kind === 'unrouted') await routeFact(deps, entry.id);
    else await visitCustomer(deps, entry.key);
    return 'ok';
  } catch (error) {
    if (error instanceof OutsideError && error.throttled) return 'throttled';
    if (error instanceof DamagedItemError && entry.kind === 'customer') {
      await putAside(deps, entry.key, error);
      return 'failed';
    }
    if (error instanceof InvariantError) {
      deps.telemetry.count('invariant_broken', { customer: nameOf(entry), what: error.message });
    }
    deps.telemetry.count('visit_failed', {
      what: nameOf(entry),
      why: error instanceof Error ? error.message : 'unknown',
    });
    return 'failed';
  }
};

/**
 * Runs what is due in the given shards. Failures of one customer are counted and told, never thrown; only a store that
 * cannot be read throws.
 */
export const runDueActions = async (
  deps: VisitDeps,
  shards: readonly number[],
  budget: Budget,
): Promise<Tick> => {
  const visited = new Map<string, number>();
  let [visits, failed] = [0, 0];
  for (const shard of shards) {
    for (let page = 0; ; page += 1) {
      const entries = await deps.store.due(shard, deps.now(), PAGE);
      if (page === 0) tellLag(deps, entries);
      const fresh = entries.filter((entry) => (visited.get(nameOf(entry)) ?? 0) < MAX_VISITS_A_CUSTOMER);
      if (fresh.length === 0) break;
      for (const entry of fresh) {
        if (visits >= budget.visits || !budget.goOn()) return { visits, failed, throttled: false };
        const name = nameOf(entry);
        visited.set(name, (visited.get(name) ?? 0) + 1);
        visits += 1;
        const result = await visit(deps, entry);
        if (result === 'throttled') {
          deps.telemetry.count('throttled', { shard });
          return { visits, failed, throttled: true };
        }
        if (result === 'failed') {
          failed += 1;
          visited.set(name, MAX_VISITS_A_CUSTOMER);
        }
      }
    }
  }
  return { visits, failed, throttled: false };
};
