// Many worlds, or a big one, on all cores: told in order, whichever is finished first.
import { availableParallelism } from 'node:os';
import { groupsOf, mergeGroups, type Merged } from './groups.ts';
import { simulate, type SimulateOptions } from './simulate.ts';
import { runOnWorkers, type GroupRun } from './workers.ts';

/** How worlds are run, and who is told. */
export type ManyOptions = {
  /** Told of each world, in order: what became of it, and how long it was being run. */
  readonly done: (result: Merged, elapsedMs: number) => void;
  /** Told each time a group has ended: how many have, of how many. */
  readonly progress?: (ended: number, all: number) => void;
  /** How many workers; without it one a core. */
  readonly workers?: number;
  /** How many customers may be in one group; without it what memory allows. */
  readonly mostCustomers?: number;
};

const runHere = async (group: SimulateOptions): Promise<GroupRun> => {
  const begunMs = performance.now();
  const result = await simulate(group);
  return { result, begunMs, endedMs: performance.now() };
};

/**
 * Runs worlds to their ends: the same worlds give the same results in the same order, whatever the workers. A
 * single group is run in this thread, where a debugger sees it.
 */
export const simulateMany = async (
  worlds: readonly SimulateOptions[],
  { done, progress, workers = availableParallelism(), mostCustomers }: ManyOptions,
): Promise<void> => {
  const groups = worlds.map((world) => groupsOf(world, mostCustomers));
  const all = groups.flat();
  const runs = all.length === 1 ? all.map(runHere) : runOnWorkers(all, workers);
  let ended = 0;
  for (const run of runs) {
    const tell = (): void => progress?.((ended += 1), all.length);
    // A run that fails is told below, to whoever waits for the world.
    run.then(tell, () => {});
  }
  for (const [i, world] of worlds.entries()) {
    const own = await Promise.all(runs.splice(0, groups[i]?.length));
    const begunMs = Math.min(...own.map((run) => run.begunMs));
    const endedMs = Math.max(...own.map((run) => run.endedMs));
    const results = own.map((run) => run.result);
    done(mergeGroups(world, results), Math.round(endedMs - begunMs));
  }
};
