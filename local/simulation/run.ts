// The clock's run: from one happening or due moment to the next, with sweepers that die and days of outage.
import { addMs, DAY_MS, instantFromSeconds, MINUTE_MS, type Instant } from '../../core/time.ts';
import { runDueActions } from '../../core/workflows/run-due-actions.ts';
import type { VisitDeps } from '../../core/workflows/visit-customer.ts';
import { Killed } from './faults.ts';
import { inspectTouched } from './inspection.ts';
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

/** Runs everything until `until`, what happens outside before what is due inside at the same moment. */
export const runTo = async (world: World, engine: VisitDeps, until: Instant): Promise<void> => {
  const { clock, faults, queue, watch } = world;
  let downUntil: Instant | null = null;
  let daily = clock.now();
  for (;;) {
    const outside = queue.peek();
    const due = watch.next();
    const outsideAt = outside ? instantFromSeconds(outside.at) : null;
    const dueAt = due && downUntil && due.at < downUntil ? downUntil : (due?.at ?? null);
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
      if (faults.happens('outage_of_a_day')) {
        downUntil = addMs(daily, DAY_MS);
        continue;
      }
    }
    await tick(world, engine, due.shards);
    // What a tick could not do is due still: it is tried again a minute later, as by the real clock.
    const after = watch.next();
    if (after !== null && after.at <= due.at) clock.set(addMs(clock.now(), MINUTE_MS));
  }
  clock.set(until);
};
