// Runs a simulated world on code in which one passage is replaced while it is loaded: nothing is written anywhere.
import { registerHooks } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { HistoryLine } from '../../local/simulation/shorten.ts';
import type { SimulateOptions } from '../../local/simulation/simulate.ts';

/** The seed of the world that broke the law, null when none did; and how it came about, if that was asked. */
export type MutantFound = { readonly seed: number | null; readonly history: readonly HistoryLine[] | null };

const MOST_SEEDS = 30;

/** Which passage of which file (from the project's root) is replaced by what, and which law that is to break in
 * a world such as this one. */
export type MutantRun = {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly world: SimulateOptions;
  readonly law: string;
  readonly wantsHistory: boolean;
};

const { file, from, to, world, law, wantsHistory } = workerData as MutantRun;
const mutated = new URL(`../../${file}`, import.meta.url).href;

registerHooks({
  load: (url, context, nextLoad) => {
    const loaded = nextLoad(url, context);
    if (url !== mutated) return loaded;
    const source = Buffer.from(loaded.source as Uint8Array).toString('utf8');
    if (source.split(from).length !== 2) throw new Error(`${file} does not hold this once: ${from}`);
    return { ...loaded, source: source.replace(from, () => to) };
  },
});

const { simulate } = await import('../../local/simulation/simulate.ts');
const { shortestHistory } = await import('../../local/simulation/shorten.ts');

/** One world after another until one of them shows the law broken, each small and soon over. */
const look = async (seed: number): Promise<MutantFound> => {
  const options = { ...world, seed };
  const { violations } = await simulate(options);
  const broken = violations.find((violation) => violation.law === law);
  if (!broken) return seed - world.seed < MOST_SEEDS ? look(seed + 1) : { seed: null, history: null };
  return { seed, history: wantsHistory ? await shortestHistory(options, broken) : null };
};

const found = await look(world.seed);
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
parentPort?.postMessage(found);
