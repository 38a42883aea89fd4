// What goes wrong in a simulated world, how often, and how many times it did.
import {
  OutsideError,
  VersionConflictError,
  type ActOutcome,
  type Mail,
  type Provider,
  type Store,
} from '../../core/ports.ts';
import type { Random } from '../demo/random.ts';

/** Everything that can go wrong, by name. */
export const FAULTS = [
  'webhook_lost',
  'webhook_late',
  'webhook_repeated',
  'webhook_under_two_ids',
  'crash',
  'store_throttled',
  'store_conflict',
  'index_lag',
  'mail_timeout_after_success',
  'mail_throttled',
  'provider_timeout',
  'provider_throttled',
  'paid_between_refresh_and_arm',
  'two_sweepers',
  'outage_of_a_day',
  'clock_skew',
] as const;
/** One of them. */
export type FaultName = (typeof FAULTS)[number];

/** How often each happens where it can: a share of the occasions. */
const SHARES: Readonly<Record<FaultName, number>> = {
  webhook_lost: 0.02,
  webhook_late: 0.03,
  webhook_repeated: 0.05,
  webhook_under_two_ids: 0.02,
  crash: 0.002,
  store_throttled: 0.003,
  store_conflict: 0.003,
  index_lag: 0.05,
  mail_timeout_after_success: 0.01,
  mail_throttled: 0.01,
  provider_timeout: 0.01,
  provider_throttled: 0.005,
  paid_between_refresh_and_arm: 0.004,
  two_sweepers: 0.02,
  outage_of_a_day: 0.005,
  clock_skew: 0.1,
};

/** Decides by its own stream of chance whether a fault happens, and counts those that did. */
export type Faults = {
  readonly happens: (name: FaultName) => boolean;
  readonly counts: Readonly<Record<string, number>>;
};

/** Makes the faults of one world; each has a stream of its own, and none happens unless they are enabled. */
export const createFaults = (random: Random, enabled: boolean): Faults => {
  const counts: Record<string, number> = {};
  const streams = new Map(FAULTS.map((name) => [name, random.fork(name)]));
  return {
    counts,
    happens: (name) => {
      if (!enabled || !streams.get(name)?.chance(SHARES[name])) return false;
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

const mortal = <T extends object>(port: T, process: Process, faults: Faults, only?: readonly string[]): T => {
  const wrapped = Object.entries(port).map(([name, operation]) => {
    if (typeof operation !== 'function' || name === 'compose' || (only && !only.includes(name))) {
      return [name, operation] as const;
    }
    const call = async (...args: unknown[]): Promise<unknown> => {
      if (process.dead) throw new Killed('dead');
      const before = faults.happens('crash');
      process.dead = before;
      if (before) throw new Killed('killed before a request');
      const answer: unknown = await (operation as (...all: unknown[]) => Promise<unknown>)(...args);
      process.dead = faults.happens('crash');
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
      load: async (...args) => {
        if (faults.happens('store_throttled')) throw new OutsideError('store: throttled', 'later');
        return store.load(...args);
      },
      save: async (customer) => {
        if (faults.happens('store_conflict'))
          throw new VersionConflictError('store: another writer was first');
        return store.save(customer);
      },
    },
    process,
    faults,
  );

/** A provider that times out or turns us away now and then. */
export const faultyProvider = (
  provider: Provider,
  process: Process,
  faults: Faults,
  onRefreshed: (key: string) => Promise<void>,
): Provider =>
  mortal(
    {
      ...provider,
      refresh: async (key, ...rest) => {
        if (faults.happens('provider_timeout')) throw new OutsideError('provider: timed out', 'later');
        if (faults.happens('provider_throttled')) throw new OutsideError('provider: 429', 'later', true);
        const facts = await provider.refresh(key, ...rest);
        await onRefreshed(key);
        return facts;
      },
    },
    process,
    faults,
  );

/** What the mail service answers when it does not simply accept. */
export const mailFault =
  (faults: Faults) =>
  (_mail: Mail): ActOutcome | null => {
    if (faults.happens('mail_throttled')) return { kind: 'throttled', why: 'mail service: slow down' };
    if (faults.happens('mail_timeout_after_success'))
      return { kind: 'unknown', why: 'mail service: timed out' };
    return null;
  };

/** Lets a mailer die as everything else does. */
export const mortalMailer = <T extends object>(mailer: T, process: Process, faults: Faults): T =>
  mortal(mailer, process, faults);
