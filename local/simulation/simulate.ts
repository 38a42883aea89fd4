// Years of billing in seconds: the real doors, workflows and store, a clock that jumps, faults by a seed.
import { createOutbox } from '../../adapters/memory/outbox.ts';
import type { Policy } from '../../core/recovery/policy.ts';
import { totalsOf, type CaseTotals } from '../../core/reports/outcome.ts';
import { addDays, instantFromSeconds } from '../../core/time.ts';
import { openDoor, sendOff, type Door } from './delivery.ts';
import { compose, createEngine } from './engine.ts';
import { mailFault } from './faults.ts';
import type { Violation } from './laws.ts';
import { createMarket, type Market } from './market.ts';
import { createPeople } from './people.ts';
import { checkEnd, reconcile } from './reconcile.ts';
import { runTo } from './run.ts';
import { createWorld, later, START_S, type World } from './world.ts';

/** After the last bill every ladder has ended, and everybody who pays late has paid. */
const SETTLING_DAYS = 120;

/** What a world is made of. */
export type SimulateOptions = {
  readonly customers: number;
  readonly days: number;
  readonly seed: number;
  readonly faults: boolean;
  readonly policy: Policy;
};

/** What became of a world. */
export type Simulated = {
  readonly seed: number;
  readonly customers: number;
  readonly days: number;
  readonly events: number;
  readonly actions: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly lawsChecked: number;
  readonly violations: readonly Violation[];
  readonly totals: Readonly<Record<string, CaseTotals>>;
};

const marketOf = (world: World, customers: number, door: Door): Market =>
  createMarket(world.random.fork('market'), createPeople(world.random, customers), {
    later: (second, happen) => later(world, second, happen),
    emit: (second, event) => sendOff(world, door, second, event),
  });

/** A bill that fails comes every few weeks to each customer, for as long as the simulation runs. */
const planBills = (world: World, market: Market, days: number): void => {
  const bills = world.random.fork('bills');
  for (const { who } of market.customers.values()) {
    let day = bills.between(0, 30);
    while (day < days) {
      later(world, START_S + Math.round(day * 86_400), (second) => market.bill(who.customerId, second));
      day += bills.between(20, 70);
    }
  }
};

/** Runs one world to its end and checks every law. The same options give the same answer, to the byte. */
export const simulate = async (options: SimulateOptions): Promise<Simulated> => {
  const { seed, customers, days, policy } = options;
  const world = createWorld(seed, options.faults);
  const { clock, faults, inspection } = world;
  const door = openDoor(world, faults, () => {});
  const market = marketOf(world, customers, door);
  const outbox = createOutbox({ compose, now: clock.now, fault: mailFault(faults) });
  const engine = createEngine(world, market, door, outbox, policy);

  planBills(world, market, days);
  const end = addDays(instantFromSeconds(START_S), days + SETTLING_DAYS);
  await runTo(world, engine, end);
  await reconcile(world, market);
  await runTo(world, engine, addDays(end, SETTLING_DAYS));
  const records = await checkEnd(world, market, outbox.mails);

  return {
    seed,
    customers,
    days,
    events: world.events,
    actions: world.mails,
    faults: { ...faults.counts },
    lawsChecked: inspection.checks,
    violations: inspection.violations,
    totals: totalsOf(records.flatMap((record) => record.invoices)),
  };
};
