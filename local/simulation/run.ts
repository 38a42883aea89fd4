// The clock's run: from one happening or due moment to the next, with sweepers that die and days of outage.
import {
  addMs,
  DAY_MS,
  HOUR_MS,
  instantFromMs,
  instantFromSeconds,
  MINUTE_MS,
  toMs,
  type Instant,
} from '../../core/time.ts';
import { runDueActions } from '../../core/workflows/run-due-actions.ts';
import type { VisitDeps } from '../../core/workflows/visit-customer.ts';
import { Killed } from './faults.ts';
import { check, inspectTouched } from './inspection.ts';
import type { World } from './world.ts';

/** One sweep of what is due, by one sweeper or two at once; then the laws. */
const tick = async (world: World, engine: VisitDeps, shards: readonly number[]): Promise<void> => {
  const { faults, process, clock, inspection } = world;
  const budget = { visits: 1_000_000, goOn: () => !process.dead };
  const sweepers = faults.happens('two_sweepers') ? 2 : 1;
  const runs = Array.from({ length: sweepers }, () => runDueActions(engine, shards, budget));
  for (const result of await Promise.allSettled(runs)) {
    if (result.status === 'rejected' && !(result.reason instanceof Killed) && !process.dead)
      throw result.reason;
  }
  // A sweeper that was killed is started again for the next tick.
  process.dead = false;
  inspectTouched(inspection, clock.now());
};

/** What may befall the whole business once a day. Answers until when the sweepers are down; null = they run. */
const newDay = ({ faults, clock }: World, editPolicy: () => void): Instant | null => {
  if (faults.happens('policy_edited')) editPolicy();
  return faults.happens('outage_of_a_day') ? addMs(clock.now(), DAY_MS) : null;
};

/** The clock ticks every minute, as the deployed one does. */
const nextTick = (at: Instant): Instant => instantFromMs(Math.ceil(toMs(at) / MINUTE_MS) * MINUTE_MS);

/** An outage of a day, and the back-off of failed visits: what is due longer than that will be due for good. */
const NEGLECTED_MS = DAY_MS + 12 * HOUR_MS;

/** Tells once of each who has been due that long: nobody looks at them. Answers whether that is so of all. */
const tellNeglected = ({ clock, inspection }: World, dueAt: Instant, ids: ReadonlySet<string>): boolean => {
  const now = clock.now();
  for (const customer of ids) {
    const known = inspection.neglected.get(customer);
    // What is found late is due since its own time: it counts from when it was first passed over.
    if (known?.dueAt !== dueAt) inspection.neglected.set(customer, { dueAt, since: now, isTold: false });
    else if (!known.isTold && addMs(known.since, NEGLECTED_MS) < now) {
      inspection.neglected.set(customer, { ...known, isTold: true });
      check(inspection, [
        { law: 'what is due is looked at', customer, at: now, detail: `due since ${dueAt}` },
      ]);
    }
  }
  return [...ids].every((id) => inspection.neglected.get(id)?.isTold);
};

/** Runs everything until `until`, what happens outside before what is due inside at the same moment. */
export const runTo = async (
  world: World,
  engine: VisitDeps,
  until: Instant,
  editPolicy: () => void,
): Promise<void> => {
  const { clock, queue, watch } = world;
  let downUntil: Instant | null = null;
  let daily = clock.now();
  for (;;) {
    const outside = queue.peek();
    const due = watch.next();
    const outsideAt = outside ? instantFromSeconds(outside.at) : null;
    const dueAt = due && (downUntil !== null && due.at < downUntil ? downUntil : nextTick(due.at));
    if (outsideAt !== null && outsideAt <= until && (dueAt === null || outsideAt <= dueAt)) {
      queue.pop();
      clock.set(outsideAt);
      await outside?.happen(outside.at);
      continue;
    }
    if (due === null || dueAt === null || dueAt > until) break;
    clock.set(dueAt);
    if (clock.now() > addMs(daily, DAY_MS)) {
      daily = clock.now();
      const down = newDay(world, editPolicy);
      if (down !== null) {
        downUntil = down;
        continue;
      }
    }
    await tick(world, engine, watch.dueBy(clock.now()));
    // What a tick could not do is due still: it is tried again a minute later, as by the real clock.
    const after = watch.next();
    if (after === null || after.at > due.at) continue;
    // A world that is broken for good is not gone through minute by minute.
    const isHopeless = tellNeglected(world, after.at, after.ids);
    clock.set(addMs(clock.now(), isHopeless ? HOUR_MS : MINUTE_MS));
  }
  clock.set(until);
};
