// A clock that is moved by hand, and a runner that jumps from one due moment to the next.
import TinyQueue from 'tinyqueue';
import { SHARDS, shardOf } from '../adapters/dynamodb/table-shape.ts';
import type { Store } from '../core/ports.ts';
import { addMs, instantFromMs, MINUTE_MS, toMs, type Instant } from '../core/time.ts';

/** Time that stands still until it is set; it never goes back. */
export type VirtualClock = { readonly now: () => Instant; readonly set: (at: Instant) => void };

export const createVirtualClock = (start: Instant): VirtualClock => {
  let current = start;
  return {
    now: () => current,
    set: (at) => {
      if (at > current) current = at;
    },
  };
};

/** Time that runs along with the machine's, some way off it, and can be held still and moved on. */
export type MovableClock = VirtualClock & {
  /** Stops the clock where it is; from then on only `set` moves it. */
  readonly hold: () => void;
  /** Lets the clock run again from where it stands, or from where it would be by now when that is later. */
  readonly release: () => void;
  /** How far it is ahead of the machine's clock, in milliseconds. */
  readonly offsetMs: () => number;
};

/** A clock that is held at `at`; once released it is `offsetMs` or more ahead of `machineNow`. */
export const createMovableClock = (
  machineNow: () => Instant,
  start: { readonly at: Instant; readonly offsetMs: number },
): MovableClock => {
  let held: Instant | null = start.at;
  let latest = start.at;
  let { offsetMs } = start;
  // The machine's clock may be put back; this one never goes back.
  const running = (): Instant => {
    const at = addMs(machineNow(), offsetMs);
    if (at > latest) latest = at;
    return latest;
  };
  const now = (): Instant => held ?? running();
  return {
    now,
    set: (at) => {
      if (held !== null && at > held) held = at;
    },
    hold: () => {
      held = now();
    },
    release: () => {
      if (held === null) return;
      latest = held;
      offsetMs = Math.max(offsetMs, toMs(held) - toMs(machineNow()));
      held = null;
    },
    offsetMs: () => offsetMs,
  };
};

type Wake = { readonly at: Instant; readonly id: string };

/** What is due first: when, what, and the shards to sweep then. */
type Due = { readonly at: Instant; readonly ids: ReadonlySet<string>; readonly shards: readonly number[] };

/** Watches what is written, so that the next due moment is known without asking every shard. */
export type DueWatch = {
  readonly store: Store;
  /** The earliest moment at which something is due, and the shards to sweep then; null = nothing is due ever. */
  next(): Due | null;
  /** The shards that hold something due at `at` or before. */
  dueBy(at: Instant): readonly number[];
  /** Learns what waits in the store already, from an earlier run. */
  restore(): Promise<void>;
};

/** Later than anything is ever due. */
const END_OF_TIME = instantFromMs(Date.UTC(9999, 0));
/** More than one machine ever holds; the engine finds nothing when it is asked for too many at once. */
const MOST_WAITING = 1_000_000;

/** Wraps a store; reads and writes pass through unchanged. */
export const watchDue = (store: Store): DueWatch => {
  const due = new Map<string, Instant>();
  const queue = new TinyQueue<Wake>([], (a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  const keep = (id: string, at: Instant | null) => {
    if (at === null) due.delete(id);
    else {
      due.set(id, at);
      queue.push({ at, id });
    }
  };
  const isStale = (wake: Wake) => due.get(wake.id) !== wake.at;
  const waitingBy = (at: Instant): { ids: ReadonlySet<string>; shards: readonly number[] } => {
    const ids = new Set<string>();
    for (let wake = queue.peek(); wake && wake.at <= at; wake = queue.peek()) {
      queue.pop();
      if (!isStale(wake)) ids.add(wake.id);
    }
    for (const id of ids) queue.push({ at: due.get(id) as Instant, id });
    return { ids, shards: [...new Set([...ids].map(shardOf))].sort((a, b) => a - b) };
  };
  return {
    store: {
      ...store,
      save: async (customer) => {
        await store.save(customer);
        keep(customer.key, customer.setAsideAt === null ? customer.dueAt : null);
      },
      saveUnrouted: async (unrouted) => {
        await store.saveUnrouted(unrouted);
        keep(unrouted.id, unrouted.dueAt);
      },
      deleteUnrouted: async (id) => {
        await store.deleteUnrouted(id);
        keep(id, null);
      },
      setAside: async (key, why, now) => {
        await store.setAside(key, why, now);
        keep(key, null);
      },
    },
    restore: async () => {
      for (let shard = 0; shard < SHARDS; shard += 1) {
        for (const entry of await store.due(shard, END_OF_TIME, MOST_WAITING)) {
          keep(entry.kind === 'customer' ? entry.key : entry.id, entry.dueAt);
        }
      }
    },
    next: () => {
      while (queue.peek() && isStale(queue.peek() as Wake)) queue.pop();
      const first = queue.peek();
      return first ? { at: first.at, ...waitingBy(first.at) } : null;
    },
    dueBy: (at) => waitingBy(at).shards,
  };
};

/**
 * Runs the clock on to `until`, everything due on the way in order and at its own moment. `sweep` is one tick over some
 * shards; a moment at which a sweep leaves the same thing due is passed after a minute, as the real clock's tick would.
 */
export const runUntil = async (
  clock: VirtualClock,
  watch: DueWatch,
  until: Instant,
  sweep: (shards: readonly number[]) => Promise<void>,
  goOn: () => boolean = () => true,
): Promise<void> => {
  for (;;) {
    if (!goOn()) return;
    const next = watch.next();
    if (next === null || next.at > until) break;
    const before = next.at > clock.now() ? next.at : clock.now();
    if (before > until) break;
    clock.set(before);
    await sweep(next.shards);
    const after = watch.next();
    const isStuck = after !== null && after.at === next.at && [...after.ids].every((id) => next.ids.has(id));
    if (!isStuck) continue;
    const later = addMs(before, MINUTE_MS);
    if (later > until) break;
    clock.set(later);
  }
  clock.set(until);
};
