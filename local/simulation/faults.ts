// What goes wrong in a simulated world, how often, and how many times it did.
import type { CustomerKey } from '../../core/ids.ts';
import {
  OutsideError,
  VersionConflictError,
  type ActOutcome,
  type Mail,
  type Provider,
  type Store,
} from '../../core/ports.ts';
import type { Random } from '../demo/random.ts';

/** How often each thing goes wrong where it can: a share of the occasions. */
const SHARES = {
  webhook_lost: 0.02,
  webhook_late: 0.03,
  webhook_reordered: 0.05,
  webhook_repeated: 0.05,
  webhook_under_two_ids: 0.02,
  webhook_to_two_endpoints: 0.02,
  redelivery_after_close: 0.01,
  crash: 0.002,
  store_throttled: 0.003,
  store_conflict: 0.003,
  index_lag: 0.05,
  mail_timeout_after_success: 0.01,
  mail_throttled: 0.01,
  delivery_event_lost: 0.03,
  delivery_event_late: 0.03,
  delivery_event_reordered: 0.05,
  delivery_event_repeated: 0.05,
  delivery_event_after_close: 0.01,
  page_pressed_twice: 0.15,
  link_forged: 0.01,
  link_old: 0.04,
  provider_timeout: 0.01,
  provider_timeout_after_success: 0.03,
  provider_repeated: 0.03,
  provider_throttled: 0.005,
  paid_between_refresh_and_arm: 0.004,
  paid_while_outcome_unknown: 0.5,
  promised_between_refresh_and_arm: 0.01,
  complained_between_refresh_and_arm: 0.003,
  operator_against_sweep: 0.0005,
  operator_at_work: 0.004,
  late_event_after_erase: 0.3,
  account_throttled: 0.03,
  account_timeout: 0.02,
  walk_stopped: 0.05,
  walk_dies: 0.01,
  policy_edited: 0.05,
  two_sweepers: 0.02,
  outage_of_a_day: 0.01,
  clock_skew: 0.1,
} as const;
/** Everything that can go wrong, by name. */
export type FaultName = keyof typeof SHARES;
/** All of them. */
export const FAULTS = Object.keys(SHARES) as readonly FaultName[];

/**
 * Decides by chance whether a fault happens, and counts those that did. Each customer whom faults befall has a
 * stream of chance of their own (`about`; '' = nobody's), so that one customer's history does not hang on the others'.
 */
export type Faults = {
  readonly happens: (name: FaultName, about?: string) => boolean;
  readonly counts: Readonly<Record<string, number>>;
};

/** What the faults of a world need besides chance. */
export type FaultOptions = {
  readonly enabled: boolean;
  /** Whether a fault is not to happen although chance has it so: it is named `<fault> <customer> <how many-th>`. */
  readonly leftOut: (happening: string) => boolean;
};

/** The chance of all faults for one customer: how many occasions of each are left until it happens. */
type Stream = {
  readonly random: Random;
  readonly left: Map<FaultName, number>;
  readonly seen: Map<FaultName, number>;
};

/** How many occasions pass until something of this chance happens: at least one. */
const occasionsUntil = (random: Random, share: number): number =>
  1 + Math.floor(Math.log(1 - random.next()) / Math.log(1 - share));

/** Makes the faults of one world; none happens unless they are enabled. */
export const createFaults = (random: Random, { enabled, leftOut }: FaultOptions): Faults => {
  const counts: Record<string, number> = {};
  const streams = new Map<string, Stream>();
  const streamOf = (about: string): Stream => {
    const known = streams.get(about);
    if (known) return known;
    const stream = { random: random.fork(about), left: new Map(), seen: new Map() };
    streams.set(about, stream);
    return stream;
  };
  return {
    counts,
    happens: (name, about = '') => {
      if (!enabled) return false;
      const stream = streamOf(about);
      const left = stream.left.get(name) ?? occasionsUntil(stream.random, SHARES[name]);
      if (left > 1) {
        stream.left.set(name, left - 1);
        return false;
      }
      stream.left.set(name, occasionsUntil(stream.random, SHARES[name]));
      const nth = (stream.seen.get(name) ?? 0) + 1;
      stream.seen.set(name, nth);
      if (leftOut(`${name} ${about} ${nth}`)) return false;
      counts[name] = (counts[name] ?? 0) + 1;
      return true;
    },
  };
};

/** A process that was killed: everything it asks for from then on fails, until it is started again. */
export class Killed extends Error {
  override readonly name = 'Killed';
}

/** The life of one process. */
export type Process = { dead: boolean };

/** Whom an operation is about, by its first argument: a customer's key, or something that holds one. */
const aboutOf = (argument: unknown): string => {
  if (typeof argument === 'string') return argument;
  if (typeof argument !== 'object' || argument === null) return '';
  const { key, customerKey } = argument as { readonly key?: unknown; readonly customerKey?: unknown };
  return typeof key === 'string' ? key : typeof customerKey === 'string' ? customerKey : '';
};

/** Lets the process die before or after any request of a port. */
export const mortal = <T extends object>(port: T, process: Process, faults: Faults): T => {
  const wrapped = Object.entries(port).map(([name, operation]) => {
    if (typeof operation !== 'function' || name === 'compose') return [name, operation] as const;
    const call = async (...args: unknown[]): Promise<unknown> => {
      if (process.dead) throw new Killed('dead');
      const about = aboutOf(args[0]);
      process.dead = faults.happens('crash', about);
      if (process.dead) throw new Killed('killed before a request');
      const answer: unknown = await (operation as (...all: unknown[]) => Promise<unknown>)(...args);
      process.dead = faults.happens('crash', about);
      if (process.dead) throw new Killed('killed after a request');
      return answer;
    };
    return [name, call] as const;
  });
  return Object.fromEntries(wrapped) as T;
};

/** A store that is throttled now and then, and where another writer is sometimes first. */
export const faultyStore = (store: Store, process: Process, faults: Faults): Store =>
  mortal(
    {
      ...store,
      load: async (key, now) => {
        if (faults.happens('store_throttled', key)) throw new OutsideError('store: throttled', 'later');
        return store.load(key, now);
      },
      save: async (customer) => {
        if (faults.happens('store_conflict', customer.key))
          throw new VersionConflictError('store: another writer was first');
        return store.save(customer);
      },
    },
    process,
    faults,
  );

/** What else comes about in the moment after the provider was asked something. */
export type Between = Readonly<Record<'refreshed' | 'timedOut', (key: CustomerKey) => Promise<void>>>;

/** An act that times out before or after it was carried out, is turned away, or arrives twice under one key. */
const faultyAct =
  (act: Provider['retry'], faults: Faults, between: Between): Provider['retry'] =>
  async (key, action): Promise<ActOutcome> => {
    if (faults.happens('provider_throttled', key)) return { kind: 'throttled', why: 'provider: 429' };
    if (faults.happens('provider_timeout', key)) {
      await between.timedOut(key);
      return { kind: 'unknown', why: 'provider: timed out' };
    }
    const outcome = await act(key, action);
    if (faults.happens('provider_timeout_after_success', key))
      return { kind: 'unknown', why: 'provider: the answer was lost' };
    return faults.happens('provider_repeated', key) ? act(key, action) : outcome;
  };

/** A provider that times out or turns us away now and then. */
export const faultyProvider = (
  provider: Provider,
  process: Process,
  faults: Faults,
  between: Between,
): Provider =>
  mortal(
    {
      ...provider,
      refresh: async (key, ...rest) => {
        if (faults.happens('provider_timeout', key)) throw new OutsideError('provider: timed out', 'later');
        if (faults.happens('provider_throttled', key)) throw new OutsideError('provider: 429', 'later', true);
        const facts = await provider.refresh(key, ...rest);
        await between.refreshed(key);
        return facts;
      },
      lookUp: async (key, action) => {
        if (faults.happens('provider_timeout', key)) throw new OutsideError('provider: timed out', 'later');
        return provider.lookUp(key, action);
      },
      portal: async (key, returnUrl) => {
        if (faults.happens('provider_timeout', key)) throw new OutsideError('provider: timed out', 'later');
        return provider.portal(key, returnUrl);
      },
      retry: faultyAct((key, action) => provider.retry(key, action), faults, between),
      end: faultyAct((key, action) => provider.end(key, action), faults, between),
    },
    process,
    faults,
  );

/** What the mail service answers when it does not simply accept. */
export const mailFault =
  (faults: Faults) =>
  ({ customerKey }: Mail): ActOutcome | null => {
    if (faults.happens('mail_throttled', customerKey))
      return { kind: 'throttled', why: 'mail service: slow down' };
    if (faults.happens('mail_timeout_after_success', customerKey))
      return { kind: 'unknown', why: 'mail service: timed out' };
    return null;
  };
