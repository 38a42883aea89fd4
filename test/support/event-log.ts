// Reconcile on an in-memory store and log: what the provider told, what got through, and a clock that is set.
import { createMemoryEventLog, type MemoryEventLogOptions } from '../../adapters/memory/event-log.ts';
import { createMemoryStore } from '../../adapters/memory/store.ts';
import { translate } from '../../adapters/stripe/translate.ts';
import type { LogWindow, LoggedEvent, Store } from '../../core/ports.ts';
import { instantFromSeconds, type Instant } from '../../core/time.ts';
import { receiveEvent } from '../../core/workflows/receive-event.ts';
import { reconcile, type Reconciled, type ReconcileBudget } from '../../core/workflows/reconcile.ts';
import { counted } from './door.ts';
import type { StripeEvent } from './story.ts';

const PLENTY: ReconcileBudget = { requests: 10_000, goOn: () => true };

/** The event as the log holds it. */
export const loggedOf = (event: StripeEvent): LoggedEvent => ({
  id: event.id,
  at: instantFromSeconds(event.created),
  told: translate(event, { livemode: false, account: null }),
});

/** A provider with a log, and a system that hears of some of it. Times are Stripe's: whole seconds. */
export const createReconciler = (
  start: Instant,
  options: MemoryEventLogOptions & { readonly store?: Store } = {},
) => {
  const windows: LogWindow[] = [];
  const metrics: { readonly metric: string; readonly [field: string]: unknown }[] = [];
  const gauges: number[] = [];
  const log = createMemoryEventLog({
    ...options,
    fault: (window, after) => {
      windows.push(window);
      return options.fault?.(window, after);
    },
  });
  const watched = counted(options.store ?? createMemoryStore());
  let now = start;
  let last = 0;
  const deps = {
    store: watched.store,
    eventLog: log,
    telemetry: {
      count: (metric: string, fields = {}) => void metrics.push({ metric, ...fields }),
      gauge: (_: string, value: number) => void gauges.push(value),
    },
    backOff: async () => {},
    now: () => now,
  };
  return {
    ...watched,
    windows,
    metrics,
    gauges,
    /** How often something was counted. */
    times: (metric: string) => metrics.filter((each) => each.metric === metric).length,
    setNow: (at: Instant) => {
      now = at;
    },
    /** Puts events into the log under ids of their own; what is `delivered` has come through the door. */
    happen: async (events: readonly StripeEvent[], delivered: boolean) => {
      for (const event of events) {
        last += 1;
        const logged = loggedOf({ ...event, id: `evt_${last}` });
        log.append('stripe', logged, delivered);
        const { told } = logged;
        if (delivered && (told.kind === 'facts' || told.kind === 'unrouted'))
          await receiveEvent(deps, 'stripe', told, now);
      }
    },
    append: (event: LoggedEvent, delivered = false) => log.append('stripe', event, delivered),
    run: (budget: Partial<ReconcileBudget> = {}): Promise<readonly Reconciled[]> =>
      reconcile(deps, 'stripe', { ...PLENTY, ...budget }),
    deps,
  };
};
