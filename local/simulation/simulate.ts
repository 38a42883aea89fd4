// Years of billing in seconds: the real doors, workflows and store, a clock that jumps, faults by a seed.
import { createOutbox, type SentMail } from '../../adapters/memory/outbox.ts';
import { withLinks } from '../../adapters/links/mails.ts';
import type { Store } from '../../core/ports.ts';
import type { CaseRecord } from '../../core/recovery/customer.ts';
import type { Policy } from '../../core/recovery/policy.ts';
import { totalsOf, type CaseTotals } from '../../core/reports/outcome.ts';
import type { Report } from '../../core/reports/report.ts';
import { addDays, instantFromSeconds, toMs, type Instant } from '../../core/time.ts';
import { openDoor, sendOff, type Door } from './delivery.ts';
import { createEngine, reconcileHourly, reconcileOnce } from './engine.ts';
import { mailFault } from './faults.ts';
import { checkEnd } from './final-check.ts';
import type { Violation } from './laws.ts';
import { isAsking, isNotice } from './messages.ts';
import { createMarket, type Market } from './market/market.ts';
import { createPeople } from './market/people.ts';
import type { Logged, TrueCustomer } from './market/state.ts';
import { linksIn } from './page-door.ts';
import { policyVersions } from './policy-edits.ts';
import { openPostOffice } from './post-office.ts';
import { compose, createReaders } from './readers.ts';
import { readMonthly } from './report-check.ts';
import { runTo } from './run.ts';
import { START_S } from './business.ts';
import { createWorld, later, secondOf, type World, type WorldOptions } from './world.ts';
import { lookAheadHourly } from './walking.ts';
import { witnessOf } from './witness.ts';

/** After the last bill every ladder has ended, and everybody who pays late has paid. */
const SETTLING_DAYS = 150;
/** After the last walk through the provider's log everything is put in its place. */
const LAST_DAYS = 60;

/** The end of a world: what Recoup keeps of it, and the provider's own record of its customers and of all that it told. */
export type Ended = {
  readonly store: Store;
  readonly records: readonly CaseRecord[];
  readonly report: Report;
  readonly customers: ReadonlyMap<string, TrueCustomer>;
  readonly log: readonly Logged[];
  readonly from: Instant;
  readonly now: Instant;
};

/** What a world is made of. */
export type SimulateOptions = WorldOptions & {
  readonly customers: number;
  readonly days: number;
  readonly policy: Policy;
  /** Only this one of the customers, whose history is the same as among the others but for what they share. */
  readonly only?: string;
  /** Shown the whole world once it has ended. */
  readonly ended?: (end: Ended) => Promise<void> | void;
};

/** What a policy is compared by: failed payments that are ours to recover, and what was done for them. */
export type Tally = {
  readonly failures: number;
  readonly recovered: number;
  /** Mails that asked for money. */
  readonly mails: number;
  /** Tries after the first, whoever made them. */
  readonly tries: number;
  /** Invoices that were sent and not paid when they were due, and how many of them were paid in the end. */
  readonly overdue: number;
  readonly overduePaid: number;
  /** Mails about what lay ahead. */
  readonly notices: number;
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
  readonly tally: Tally;
};

const tallyOf = (market: Market, mails: readonly SentMail[]): Tally => {
  const invoices = [...market.customers.values()].flatMap((customer) => customer.invoices);
  const ours = invoices.filter(({ isFirstPayment, failed }) => !isFirstPayment && failed);
  const isPaid = ({ status }: (typeof ours)[number]) => status === 'paid';
  const charged = ours.filter(({ dueSecond }) => dueSecond === null);
  const sent = ours.filter(({ dueSecond }) => dueSecond !== null);
  return {
    failures: charged.length,
    recovered: charged.filter(isPaid).length,
    mails: mails.filter(({ message }) => isAsking(message)).length,
    tries: market.tries(),
    overdue: sent.length,
    overduePaid: sent.filter(isPaid).length,
    notices: mails.filter(({ message }) => isNotice(message)).length,
  };
};

const marketOf = (
  world: World,
  options: SimulateOptions,
  door: Door,
  versions: readonly Policy[],
): Market => {
  const { customers, only, policy } = options;
  const people = createPeople(world.random.fork('people'), customers);
  return createMarket(world.random.fork('market'), {
    people: only === undefined ? people : people.filter(({ who }) => who.customerId === only),
    stage: {
      later: (second, happen) => later(world, second, happen),
      emit: (logged) => sendOff(world, door, logged),
      leftOut: world.leftOut,
    },
    witness: witnessOf(world, versions),
    retriesItself: policy.retries.owner === 'provider',
    secondNow: () => secondOf(world),
  });
};

/** Runs one world to its end and checks every law. The same options give the same answer, to the byte. */
export const simulate = async (options: SimulateOptions): Promise<Simulated> => {
  const { seed, customers, days, policy } = options;
  const world = createWorld(options);
  const { clock, faults, inspection } = world;
  const versions = policyVersions(policy);
  let version = 0;
  const door = openDoor(world, () => {});
  const market = marketOf(world, options, door, versions);
  const linked = withLinks(compose, linksIn(world));
  const outbox = createOutbox({ compose: linked, now: clock.now, fault: mailFault(faults) });
  const policyNow = () => versions[version] ?? policy;
  const readers = createReaders(world, market, policyNow);
  const office = openPostOffice(world, readers.arrived);
  const engine = createEngine(world, market, door, { outbox, office, readers }, policyNow);
  const editPolicy = (): void => {
    version = (version + 1) % versions.length;
  };

  market.planBills(START_S, days);
  const end = addDays(instantFromSeconds(START_S), days + SETTLING_DAYS);
  reconcileHourly(world, market, Math.floor(toMs(end) / 1000));
  lookAheadHourly(world, market, policyNow, Math.floor(toMs(end) / 1000));
  readMonthly(world, instantFromSeconds(START_S), Math.floor(toMs(end) / 1000));
  await runTo(world, engine, end, editPolicy);
  await reconcileOnce(world, market);
  await runTo(world, engine, addDays(end, LAST_DAYS), editPolicy);
  const { records, report } = await checkEnd(world, market, outbox.mails, policy);
  const from = instantFromSeconds(START_S);
  const { log, customers: people } = market;
  await options.ended?.({
    records,
    report,
    customers: people,
    store: world.memory,
    log,
    from,
    now: clock.now(),
  });

  return {
    seed,
    customers,
    days,
    events: world.events,
    actions: world.actions,
    faults: { ...faults.counts },
    lawsChecked: inspection.checks,
    violations: inspection.violations,
    totals: totalsOf(records.flatMap((record) => record.invoices)),
    tally: tallyOf(market, outbox.mails),
  };
};
