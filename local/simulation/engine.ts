// The code under test, wired to a simulated outside: store, provider and mailer fail, mails find readers.
import type { Outbox } from '../../adapters/memory/outbox.ts';
import { splitKey, type CustomerKey } from '../../core/ids.ts';
import type { Mailer, Notifier } from '../../core/ports.ts';
import type { Policy } from '../../core/recovery/policy.ts';
import { UNREACHABLE } from '../../core/recovery/step-ids.ts';
import { erase } from '../../core/workflows/operate.ts';
import { reconcile, type ReconcileDeps } from '../../core/workflows/reconcile.ts';
import type { VisitDeps } from '../../core/workflows/visit-customer.ts';
import { deliver, deliverAgain, type Door } from './delivery.ts';
import { eventLogOf } from './event-log.ts';
import { check } from './inspection.ts';
import { watchMail, watchNobodyLeft } from './mail-witness.ts';
import { operateInBetween } from './operators.ts';
import type { PostOffice } from './post-office.ts';
import type { Readers } from './readers.ts';
import { faultyProvider, faultyStore, Killed, mortal, type FaultName } from './faults.ts';
import type { Market } from './market/market.ts';
import { CONNECTION } from './business.ts';
import { later, noBackOff, secondOf, SILENT, type World } from './world.ts';

/** A customer pays in the middle of a visit: before its mail is armed, or while nobody knows what became of a charge. */
const payInBetween = async (
  world: World,
  market: Market,
  door: Door,
  key: CustomerKey,
  when: FaultName,
): Promise<void> => {
  if (!world.faults.happens(when, key)) return;
  const before = market.log.length;
  market.payAll(splitKey(key).customerId, secondOf(world));
  // Its events get through before the visit goes on.
  for (const logged of market.log.slice(before)) await deliver(world, door, logged);
};

const DAY_S = 86_400;

/** An operator erases a customer in that same moment; what the provider told before comes again later. */
const eraseInBetween = async (world: World, market: Market, door: Door, key: CustomerKey): Promise<void> => {
  const { faults, clock, watch } = world;
  if (!faults.happens('operator_against_sweep', key)) return;
  const by = { who: 'operator', note: 'asked to be forgotten', ifVersion: null };
  await erase({ store: watch.store, backOff: noBackOff }, key, by, clock.now());
  const { customerId } = splitKey(key);
  const luck = world.luckOf(customerId);
  for (const logged of market.log.filter((one) => one.customerId === customerId)) {
    if (faults.happens('late_event_after_erase', key))
      deliverAgain(world, door, logged, secondOf(world) + luck.whole(1, 20 * DAY_S));
  }
};

/** Where mails go: into the outbox, then by the mail service to their readers. */
export type Mails = { readonly outbox: Outbox; readonly office: PostOffice; readonly readers: Readers };

/** A mailer whose mails are read by the market's customers. */
const readMailer = (world: World, market: Market, { outbox, office }: Mails): Mailer => ({
  compose: (request) => outbox.mailer.compose(request),
  send: async (mail) => {
    const outcome = await outbox.mailer.send(mail);
    world.tell(mail.customerKey, `mail ${mail.message} about ${mail.subjectId}: ${outcome.kind}`);
    if (outcome.kind === 'throttled' || outcome.kind === 'refused') return outcome;
    world.actions += 1;
    watchMail(world, market, mail);
    if (mail.message === 'final-notice')
      world.inspection.noticedAt.set(`${mail.customerKey} ${mail.subjectId}`, world.clock.now());
    office.take(mail);
    return outcome;
  },
});

/** The business itself is told, each thing once. */
const toldNotifier = (world: World): Notifier => {
  const keys = new Set<string>();
  const { inspection, clock } = world;
  return {
    notify: async (notice) => {
      const { customerKey: customer, stepId, key } = notice;
      world.tell(customer, `operator told: ${stepId}`);
      world.actions += 1;
      const again = { law: 'no step twice', customer, at: clock.now(), detail: key };
      check(inspection, keys.has(key) ? [again] : []);
      keys.add(key);
      if (stepId === UNREACHABLE) watchNobodyLeft(world, notice);
      return { kind: 'done', why: 'told', facts: [] };
    },
  };
};

/** Everything a visit needs, with the world's faults in all of it. The policy may be edited while it runs. */
export const createEngine = (
  world: World,
  market: Market,
  door: Door,
  mails: Mails,
  policyNow: () => Policy,
): VisitDeps => {
  const { process, faults } = world;
  return {
    store: faultyStore(world.watch.store, process, faults),
    provider: faultyProvider(market.provider, process, faults, {
      refreshed: async (key) => {
        await payInBetween(world, market, door, key, 'paid_between_refresh_and_arm');
        await eraseInBetween(world, market, door, key);
        await operateInBetween({ world, policyNow }, key);
        await mails.readers.promiseNow(key);
        await mails.office.complainNow(key);
      },
      timedOut: (key) => payInBetween(world, market, door, key, 'paid_while_outcome_unknown'),
    }),
    mailer: mortal(readMailer(world, market, mails), process, faults),
    notifier: mortal(toldNotifier(world), process, faults),
    telemetry: SILENT,
    backOff: noBackOff,
    get policy() {
      return policyNow();
    },
    now: world.clock.now,
  };
};

const HOUR_S = 3600;
const WHOLE_LOG = { requests: Number.MAX_SAFE_INTEGER, goOn: () => true };

/** The hourly walk through the provider's log, which may die of the world's faults as everything else does. */
export const reconcileHourly = (world: World, market: Market, untilSecond: number): void => {
  const process = { dead: false };
  const deps: ReconcileDeps = {
    store: faultyStore(world.watch.store, process, world.faults),
    eventLog: eventLogOf(market.log),
    telemetry: SILENT,
    backOff: noBackOff,
    now: world.clock.now,
  };
  const run = async (second: number): Promise<void> => {
    try {
      await reconcile(deps, CONNECTION, { ...WHOLE_LOG, goOn: () => !process.dead });
    } catch (error) {
      const isFault = process.dead || error instanceof Killed || (error as Error).name === 'OutsideError';
      if (!isFault) throw error;
    }
    // A process that was killed is started again for the next hour.
    process.dead = false;
    if (second + HOUR_S <= untilSecond) later(world, second + HOUR_S, run);
  };
  later(world, secondOf(world) + HOUR_S, run);
};

/** One more walk through everything the log still holds, in which nothing goes wrong. */
export const reconcileOnce = async (world: World, market: Market): Promise<void> => {
  const store = world.watch.store;
  const now = world.clock.now;
  const deps = { store, eventLog: eventLogOf(market.log), telemetry: SILENT, backOff: noBackOff, now };
  await reconcile(deps, CONNECTION, WHOLE_LOG);
};
