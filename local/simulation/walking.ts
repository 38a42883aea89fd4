// The hourly look at the account in a simulated world: it dies midway, is turned away, and goes on where it stood.
import type { Account } from '../../core/ports.ts';
import { OutsideError } from '../../core/ports.ts';
import { isAhead } from '../../core/recovery/notices.ts';
import type { Policy } from '../../core/recovery/policy.ts';
import { walkAccount, type WalkDeps } from '../../core/workflows/walk-account.ts';
import { CONNECTION } from './business.ts';
import { faultyStore, Killed, mortal, type Faults, type Process } from './faults.ts';
import type { Market } from './market/market.ts';
import { later, noBackOff, secondOf, SILENT, type World } from './world.ts';

const HOUR_S = 3600;

/** Where the policy has no notices nothing comes of the list of subscriptions: nobody is on it, which saves the time. */
const wanted = (account: Account, policyNow: () => Policy): Account => ({
  read: async (connection, list, ...rest) =>
    list === 'subscriptions' && policyNow().notices.length === 0
      ? { customers: [], next: null }
      : account.read(connection, list, ...rest),
});

/** An account that asks to slow down now and then, or does not answer. */
const faultyAccount = (account: Account, process: Process, faults: Faults): Account =>
  mortal(
    {
      read: async (connection, ...rest) => {
        if (faults.happens('account_throttled', connection))
          throw new OutsideError('account: 429', 'later', true);
        if (faults.happens('account_timeout', connection))
          throw new OutsideError('account: timed out', 'later');
        return account.read(connection, ...rest);
      },
    },
    process,
    faults,
  );

const depsOf = (world: World, market: Market, process: Process, policyNow: () => Policy): WalkDeps => ({
  store: faultyStore(world.watch.store, process, world.faults),
  account: faultyAccount(wanted(market.account, policyNow), process, world.faults),
  isAhead: (facts, known, now) => isAhead(policyNow(), facts, known, now),
  telemetry: SILENT,
  backOff: noBackOff,
  pause: async () => {},
});

/** The hourly look ahead, as the deployed one: once a day through the account, and on from where it was stopped. */
export const lookAheadHourly = (
  world: World,
  market: Market,
  policyNow: () => Policy,
  untilSecond: number,
): void => {
  const { faults, clock } = world;
  const process = { dead: false };
  const deps = depsOf(world, market, process, policyNow);
  const goOn = () => !process.dead && !faults.happens('walk_stopped', CONNECTION);
  const run = async (second: number): Promise<void> => {
    try {
      if (faults.happens('walk_dies', CONNECTION)) process.dead = true;
      else await walkAccount(deps, CONNECTION, 'look_ahead', clock.now, goOn);
    } catch (error) {
      const isFault = process.dead || error instanceof Killed || (error as Error).name === 'OutsideError';
      if (!isFault) throw error;
    }
    // A process that was killed is started again for the next hour.
    process.dead = false;
    if (second + HOUR_S <= untilSecond) later(world, second + HOUR_S, run);
  };
  // Apart from the walk through the log, which runs on the hour.
  later(world, secondOf(world) + HOUR_S / 2, run);
};
