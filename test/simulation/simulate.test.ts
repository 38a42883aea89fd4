// The simulated world: no law is broken whatever goes wrong, the same seed gives the same world, a breach is told short.
import { describe, expect, test } from 'vitest';
import { definePolicy } from '../../core/recovery/policy.ts';
import ownRetries from '../../examples/policies/own-retries.ts';
import { FAULTS } from '../../local/simulation/faults.ts';
import { shortestHistory } from '../../local/simulation/shorten.ts';
import { simulate } from '../../local/simulation/simulate.ts';
import { POLICY } from '../support/runner.ts';
import { WIDE, WIDE_OWN } from './wide-policies.ts';

const OWN_RETRIES = definePolicy(ownRetries);
const WORLD = { customers: 100, days: 60, faults: true, policy: POLICY };

describe('a simulated business', () => {
  test.each([
    { seed: 1, policy: POLICY, owner: 'the provider' },
    { seed: 2, policy: OWN_RETRIES, owner: 'us' },
    { seed: 5, policy: WIDE, owner: 'the provider, with everything a policy can say' },
    { seed: 6, policy: WIDE_OWN, owner: 'us, with everything a policy can say' },
  ])('breaks no law without faults, retries by $owner', async ({ seed, policy }) => {
    const { violations, totals, faults } = await simulate({ ...WORLD, seed, policy, faults: false });
    expect(violations).toEqual([]);
    expect(faults).toEqual({});
    expect(Object.keys(totals)).toEqual(['JPY', 'KWD', 'USD']);
  });

  test.each([
    { seed: 3, policy: POLICY, owner: 'the provider' },
    { seed: 4, policy: OWN_RETRIES, owner: 'us' },
    { seed: 8, policy: WIDE, owner: 'the provider, with everything a policy can say' },
    { seed: 9, policy: WIDE_OWN, owner: 'us, with everything a policy can say' },
  ])('breaks no law with faults, retries by $owner', async ({ seed, policy }) => {
    const { violations, events, lawsChecked } = await simulate({ ...WORLD, seed, policy });
    expect(violations).toEqual([]);
    expect(events).toBeGreaterThan(500);
    expect(lawsChecked).toBeGreaterThan(1000);
  });

  test('follows up what is overdue and tells of what lies ahead where the policy says so', async () => {
    const { tally } = await simulate({ ...WORLD, customers: 250, seed: 10, policy: WIDE });
    expect(tally.overduePaid).toBeGreaterThan(0);
    expect(tally.overdue).toBeGreaterThan(tally.overduePaid);
    expect(tally.notices).toBeGreaterThan(10);
  });

  test('the same seed gives the same world, to the byte', async () => {
    const world = () => simulate({ ...WORLD, customers: 40, seed: 7, policy: WIDE_OWN });
    expect(JSON.stringify(await world())).toBe(JSON.stringify(await world()));
  });

  test('every kind of fault happens, in a few worlds together', async () => {
    const missing = new Set<string>(FAULTS);
    for (let seed = 18; missing.size > 0 && seed < 26; seed += 1) {
      const { faults } = await simulate({ ...WORLD, customers: 80, seed, policy: OWN_RETRIES });
      for (const name of Object.keys(faults)) missing.delete(name);
    }
    expect([...missing]).toEqual([]);
  });

  test('one customer alone has the same history as among all others', async () => {
    const lines = async (only?: string) => {
      const own: string[] = [];
      const trace = ({ at, customer, what }: { at: string; customer: string; what: string }) =>
        void (customer === 'stripe/cus_5' && own.push(`${at} ${what}`));
      await simulate({ ...WORLD, customers: 20, seed: 3, faults: false, trace, ...(only && { only }) });
      return own;
    };
    const alone = await lines('cus_5');
    expect(alone.length).toBeGreaterThan(3);
    expect(alone).toEqual(await lines());
  });
});

test('a broken law that one customer does not show alone has no shorter history', async () => {
  const broken = { law: 'no such law', customer: 'stripe/cus_1' };
  expect(await shortestHistory({ ...WORLD, customers: 5, seed: 1 }, broken)).toBeNull();
});
