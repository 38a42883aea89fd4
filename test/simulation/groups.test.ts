// Worlds in groups: the sums are the groups' own, the workers change nothing, and one that dies is told of.
import { tmpdir } from 'node:os';
import { describe, expect, test } from 'vitest';
import { instantFromSeconds } from '../../core/time.ts';
import { groupsOf, mergeGroups, type Merged } from '../../local/simulation/groups.ts';
import { simulateMany } from '../../local/simulation/many-worlds.ts';
import type { Simulated } from '../../local/simulation/simulate.ts';
import { runOnWorkers } from '../../local/simulation/workers.ts';
import { recoupHere, recoupIn } from '../support/recoup.ts';
import { POLICY } from '../support/runner.ts';

const WORLD = { customers: 30, days: 20, seed: 7, faults: true, policy: POLICY };
const SMALL = 11;

const done = (fields: Partial<Simulated>): Simulated => ({
  seed: 1,
  customers: 10,
  days: 20,
  events: 0,
  actions: 0,
  faults: {},
  lawsChecked: 0,
  violations: [],
  totals: {},
  tally: { failures: 1, recovered: 1, mails: 2, tries: 3, overdue: 2, overduePaid: 1, notices: 4 },
  ...fields,
});
const total = (failed: number, recovered: number) => ({
  failed,
  recovered,
  withdrawn: 1,
  lost: 2,
  open: failed - recovered - 3,
});

describe('the groups of a world', () => {
  test('a small world is one group: itself', () => {
    expect(groupsOf(WORLD)).toEqual([WORLD]);
  });

  test('a big world is groups of at most 2,000 customers, each with a seed of its own', () => {
    const groups = groupsOf({ ...WORLD, customers: 100_001, days: 365 });
    expect(groups).toHaveLength(51);
    expect(groups.reduce((sum, { customers }) => sum + customers, 0)).toBe(100_001);
    expect(Math.max(...groups.map(({ customers }) => customers))).toBeLessThanOrEqual(2000);
    expect(new Set(groups.map(({ seed }) => seed)).size).toBe(51);
  });

  test('the longer a world, the fewer customers in a group', () => {
    const [first] = groupsOf({ ...WORLD, customers: 2000, days: 3650 });
    expect(first?.customers).toBe(200);
  });

  test('the seed and the number of customers of a group show it again', () => {
    for (const group of groupsOf({ ...WORLD, customers: 4001 })) expect(groupsOf(group)).toEqual([group]);
  });
});

describe('groups together', () => {
  test('are the sums of their figures, by currency and by fault', () => {
    const merged = mergeGroups(WORLD, [
      done({ events: 5, actions: 2, lawsChecked: 9, faults: { crash: 1 }, totals: { USD: total(20, 9) } }),
      done({ events: 7, actions: 1, lawsChecked: 4, faults: { crash: 2, index_lag: 3 } }),
      done({ totals: { USD: total(50, 1), JPY: total(7, 4) } }),
    ]);
    expect(merged).toEqual({
      seed: 7,
      customers: 30,
      days: 20,
      events: 12,
      actions: 3,
      tally: { failures: 3, recovered: 3, mails: 6, tries: 9, overdue: 6, overduePaid: 3, notices: 12 },
      lawsChecked: 13,
      faults: { crash: 3, index_lag: 3 },
      violations: [],
      totals: {
        JPY: { failed: 7, recovered: 4, withdrawn: 1, lost: 2, open: 0 },
        USD: { failed: 70, recovered: 10, withdrawn: 2, lost: 4, open: 54 },
      },
    });
    expect(Object.keys(merged.totals)).toEqual(['JPY', 'USD']);
  });

  test('tell each broken law with the group that shows it again, in the order of the groups', () => {
    const broken = (law: string) => ({ law, customer: 'cus_1', at: instantFromSeconds(0), detail: '' });
    const { violations } = mergeGroups(WORLD, [
      done({ seed: 91, violations: [broken('first'), broken('second')] }),
      done({ seed: 92, customers: 9, violations: [broken('third')] }),
    ]);
    expect(violations).toEqual([
      { ...broken('first'), seed: 91, customers: 10 },
      { ...broken('second'), seed: 91, customers: 10 },
      { ...broken('third'), seed: 92, customers: 9 },
    ]);
  });
});

describe('worker threads', () => {
  const ranBy = async (workers: number) => {
    const worlds: Merged[] = [];
    const options = { done: (world: Merged) => worlds.push(world), workers, mostCustomers: SMALL };
    await simulateMany([WORLD, { ...WORLD, seed: 8 }], options);
    return worlds;
  };

  test('one or two of them give the same worlds in the same order, to the byte', async () => {
    const worlds = await ranBy(1);
    expect(JSON.stringify(await ranBy(2))).toBe(JSON.stringify(worlds));
    expect(worlds.map(({ seed }) => seed)).toEqual([7, 8]);
  });

  test.each([
    ['ends', 'process.exit(3)', 'it ended with code 3'],
    ['throws', 'throw new Error("out of luck")', 'out of luck'],
    ['hears nothing', '', 'it ended with code 0'],
  ])('one that %s is told of with its group, and the others end', async (_how, code, why) => {
    const groups = groupsOf(WORLD, SMALL);
    const dying = new URL(`data:text/javascript,${encodeURIComponent(code)}`);
    const ends = await Promise.allSettled(runOnWorkers(groups, 2, dying));
    expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    const told = ends.map((end) => String(end.status === 'rejected' && end.reason));
    expect(new Set(told).size).toBe(1);
    expect(told[0]).toContain(why);
    const named = groups.filter(({ seed }) => told[0]?.includes(`--seed ${seed} --customers 10 --days 20`));
    expect(named).toHaveLength(1);
  });
});

describe('recoup simulate', () => {
  const ARGS = ['simulate', '--customers', '20', '--days', '20', '--faults'];
  const FIELDS = [
    'seed',
    'customers',
    'days',
    'events',
    'actions',
    'faults',
    'lawsChecked',
    'violations',
    'totals',
    'elapsedMs',
  ];

  test('--seeds tells one line a seed, in order, then all of them together', async () => {
    const ran = await recoupIn(tmpdir(), [...ARGS, '--seed', '5', '--seeds', '2']);
    const { status, stdout, stderr } = ran;
    expect([status, stderr]).toEqual([0, '']);
    const [first, second, sum] = stdout.split('\n');
    expect(first).toMatch(/^seed 5: [\d,]+ events?, .*no law broken/);
    expect(second).toMatch(/^seed 6: [\d,]+ events?, .*no law broken/);
    expect(sum).toMatch(/^2 worlds, 40 customers, 20 days, [\d.]+ s: [\d,]+ events delivered/);
    expect(stdout).toMatch(/No law was broken \(checked [\d,]+ times\)/);
    expect(stdout).toMatch(/Never happened: .*provider repeated/);
  });

  test('--json is one world, and with --seeds an array of them', async () => {
    const told = async (...args: string[]): Promise<unknown> =>
      JSON.parse((await recoupHere(tmpdir(), [...ARGS, '--json', ...args])).stdout);
    const one = (await told()) as Merged;
    const all = await told('--seeds', '1');
    expect(Object.keys(one)).toEqual(FIELDS);
    expect(all).toEqual([{ ...one, elapsedMs: expect.any(Number) }]);
  });
});
