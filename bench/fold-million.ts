// A program of its own, so that its memory is its own: folds a million cases and prints how long it took and what it needed.
import { countInto, emptyCounting, type Counting } from '../core/reports/rollup.ts';
import { reportCase } from '../core/reports/rows.ts';
import { instantFromMs, monthOf, startOfMonth, type Instant } from '../core/time.ts';
import { madeCase } from './made-cases.ts';

const MILLION = 1_000_000;
/** Made a few at a time, so that the fold is measured without the making, and no more are in memory. */
const AT_ONCE = 1000;

/** `cpuSeconds`: of the thread that folds, which other work on the machine does not lengthen as it does `seconds`. */
export type Folded = {
  readonly cases: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMb: number;
};

/** Folds a million cases of a year into the sums of their months. */
const foldMillion = (): Folded => {
  const year = Date.parse(startOfMonth('2025-01'));
  const step = (365 * 86_400_000) / MILLION;
  const byMonth = new Map<string, Counting>();
  let [ms, cpuMs] = [0, 0];
  for (let made = 0; made < MILLION; made += AT_ONCE) {
    const cases = Array.from({ length: AT_ONCE }, (_, i) => {
      const openedAt: Instant = instantFromMs(year + Math.floor((made + i) * step));
      return madeCase(made + i, openedAt);
    });
    const start = performance.now();
    const cpu = process.threadCpuUsage();
    for (const one of cases) {
      const month = monthOf(one.openedAt);
      const sums = byMonth.get(month) ?? emptyCounting();
      byMonth.set(month, sums);
      countInto(sums, reportCase(one), one.openedAt);
    }
    const { user, system } = process.threadCpuUsage(cpu);
    cpuMs += (user + system) / 1000;
    ms += performance.now() - start;
  }
  const counted = [...byMonth.values()].flatMap(({ tallies }) => Object.values(tallies));
  const cases = counted.reduce((sum, tally) => sum + tally.cases, 0);
  if (cases < MILLION) throw new Error(`${cases} cases were counted, not ${MILLION}`);
  return {
    cases: MILLION,
    seconds: ms / 1000,
    cpuSeconds: cpuMs / 1000,
    peakMb: process.resourceUsage().maxRSS / 1024,
  };
};

console.log(JSON.stringify(foldMillion()));
