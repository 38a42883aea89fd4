// Over 200 worlds the report is the truth: its money is the provider's, and its intervals hold what they say they hold.
//
// A world's report tells a rate (recovered ÷ (recovered + lost), with Wilson's interval) and a lift (with Newcombe's), as a
// business of that size would read them. What they are to hold is worked out from the provider's own record of the worlds:
// - the true rate of a currency: the provider's outcomes of all 200 worlds together. A world is 1/200 of that, so that it
//   hardly moves what it is held against, and what is left of chance in it is a fourteenth of what an interval allows for.
// - the true lift: other worlds, each run twice from the same seed, once with everybody written to and once with nobody. Chance is
//   by customer, so the two differ by the mails and by nothing else. The worlds that are held against it draw half of their
//   customers by lot, as a business does that can see only one of the two.
import { beforeAll, describe, expect, test } from 'vitest';
import { definePolicy, type Policy } from '../../core/recovery/policy.ts';
import type { SimulateOptions } from '../../local/simulation/simulate.ts';
import { runOnWorkers } from '../../local/simulation/workers.ts';
import shipped from '../../policy.ts';
import { addAll, isWithin, shareOf, type Settled, type WorldTruth } from './truth.ts';

const WORLDS = 200;
const PAIRS = 25;
/** What is asked of intervals that say 95 %: of 200 draws at 95 % fewer than 93 % hold in one run of thirteen. */
const LEAST = 0.93;

const HALF = definePolicy({ ...shipped, holdout: { experiment: 'mails', share: 0.5 } });
/** No checked policy can say so: everybody, or nobody, is held out, and each is written down as who they are. */
const heldOut = (share: number): Policy => ({ ...HALF, holdout: { experiment: 'mails', share } });
const [NOBODY, EVERYBODY] = [heldOut(Number.MIN_VALUE), heldOut(1)];

const world = (seed: number, policy: Policy): SimulateOptions => ({
  seed,
  customers: 150,
  days: 40,
  faults: true,
  policy,
});

const WORKER = new URL('./truth-worker.ts', import.meta.url);

const run = async (worlds: readonly SimulateOptions[]): Promise<readonly WorldTruth[]> => {
  const runs = await Promise.all(runOnWorkers<WorldTruth>(worlds, 2, WORKER));
  return runs.map(({ result }) => result);
};

const armOf = (worlds: readonly WorldTruth[], arm: 'mailed' | 'held_out'): Settled =>
  addAll(worlds.map(({ truly }) => truly.arms))[arm] ?? { recovered: 0, lost: 0 };

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

describe(`${WORLDS} worlds with faults`, () => {
  let worlds: readonly WorldTruth[] = [];
  let pairs: readonly WorldTruth[] = [];

  beforeAll(async () => {
    const seeds = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);
    const all = await run([
      ...seeds(1, WORLDS).map((seed) => world(seed, HALF)),
      ...seeds(1001, PAIRS).flatMap((seed) => [world(seed, NOBODY), world(seed, EVERYBODY)]),
    ]);
    [worlds, pairs] = [all.slice(0, WORLDS), all.slice(WORLDS)];
  });

  test('the books and the report are the provider’s, to the minor unit', () => {
    expect([...worlds, ...pairs].flatMap(({ violations }) => violations)).toEqual([]);
  });

  test('the interval of the recovery rate holds the true rate as often as it says', () => {
    const truth = addAll(worlds.map(({ truly }) => truly.currencies));
    const held = worlds.flatMap(({ told }) =>
      Object.entries(told.rates).flatMap(([currency, { share }]) =>
        share === null ? [] : [isWithin(share, shareOf(truth[currency]))],
      ),
    );
    const coverage = held.filter(Boolean).length / held.length;
    const rates = Object.entries(truth).map(
      ([currency, settled]) => `${currency} ${percent(shareOf(settled))}`,
    );
    console.log(
      `recovery rate: ${percent(coverage)} of ${held.length} intervals hold the truth (${rates.join(', ')})`,
    );
    expect(held.length).toBeGreaterThan(WORLDS);
    expect(coverage).toBeGreaterThanOrEqual(LEAST);
  });

  test('the interval of the lift holds the true lift as often as it says', () => {
    const truth = shareOf(armOf(pairs, 'mailed')) - shareOf(armOf(pairs, 'held_out'));
    const drawn = shareOf(armOf(worlds, 'mailed')) - shareOf(armOf(worlds, 'held_out'));
    const held = worlds.flatMap(({ told }) =>
      told.lift?.difference ? [isWithin(told.lift.difference, truth)] : [],
    );
    const coverage = held.filter(Boolean).length / held.length;
    console.log(
      `lift: ${percent(coverage)} of ${held.length} intervals hold the truth (${percent(truth)} in ${PAIRS} pairs; ` +
        `all worlds together by lot: ${percent(drawn)})`,
    );
    expect(held).toHaveLength(WORLDS);
    expect(truth).toBeGreaterThan(0);
    expect(coverage).toBeGreaterThanOrEqual(LEAST);
  });
});
