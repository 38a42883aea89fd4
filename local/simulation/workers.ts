// Groups of customers on worker threads: a queue, and workers that each run one group at a time.
import { Worker } from 'node:worker_threads';
import type { SimulateOptions, Simulated } from './simulate.ts';

const WORKER_FILE = new URL('./group-worker.ts', import.meta.url);
/** What one worker may hold: several times what a group needs, and small enough to have the garbage collected. */
const HEAP_MB = 512;
/** Most of what a world makes lives but for a moment: a larger nursery is emptied less often. */
const YOUNG_MB = 64;

/** What became of a group, and from when to when it was run. */
export type GroupRun<R = Simulated> = {
  readonly result: R;
  readonly begunMs: number;
  readonly endedMs: number;
};

/** A group that did not come to its end, and how it is begun again. */
export class GroupError extends Error {
  override readonly name = 'GroupError';

  constructor({ seed, customers, days, faults }: SimulateOptions, why: string) {
    const group = `--seed ${seed} --customers ${customers} --days ${days}${faults ? ' --faults' : ''}`;
    super(`the worker that ran ${group} died: ${why}`);
  }
}

type Waiting<R> = PromiseWithResolvers<GroupRun<R>> & { readonly group: SimulateOptions };

/** Starts a worker that takes group after group from the queue, and tells when it dies over one of them. */
const startWorker = <R>(
  file: URL,
  queue: Iterator<Waiting<R>>,
  died: (error: GroupError) => void,
): Worker => {
  const worker = new Worker(file, {
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: YOUNG_MB },
  });
  let current: Waiting<R> | null = null;
  let begunMs = 0;
  const takeNext = (): void => {
    const next = queue.next();
    current = next.done ? null : next.value;
    begunMs = performance.now();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
    if (current) worker.postMessage(current.group);
    else void worker.terminate();
  };
  const fail = (why: string): void => {
    if (current) died(new GroupError(current.group, why));
  };
  worker.on('message', (result: R) => {
    current?.resolve({ result, begunMs, endedMs: performance.now() });
    takeNext();
  });
  worker.on('error', (error: unknown) => fail(error instanceof Error ? error.message : String(error)));
  worker.on('messageerror', (error) => fail(error.message));
  worker.on('exit', (code) => fail(`it ended with code ${code} before the group did`));
  takeNext();
  return worker;
};

/**
 * Begins every group, in order, on so many workers; answers with a promise for each. Once a worker has died the
 * others are ended, and every group without a result is rejected with the same {@link GroupError}. `file`: what a worker runs; it
 * answers each group it is sent with a message.
 */
export const runOnWorkers = <R = Simulated>(
  groups: readonly SimulateOptions[],
  workers: number,
  file = WORKER_FILE,
): Promise<GroupRun<R>>[] => {
  const all = groups.map((group): Waiting<R> => ({ group, ...Promise.withResolvers<GroupRun<R>>() }));
  const queue = all.values();
  const pool: Worker[] = [];
  const stop = (error: GroupError): void => {
    for (const worker of pool) void worker.terminate();
    for (const { reject } of all) reject(error);
  };
  for (let i = 0; i < Math.min(workers, groups.length); i += 1) pool.push(startWorker(file, queue, stop));
  return all.map(({ promise }) => {
    // Whoever waits for the first of them is told; nobody need wait for the others.
    promise.catch(() => {});
    return promise;
  });
};
