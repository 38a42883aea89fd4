// What a function is told of its surroundings, and what is asked for only when the policy has use for it.
import { describe, expect, test } from 'vitest';
import { definePolicy, type PolicyInput } from '../../core/recovery/policy.ts';
import { readEnvironment, variablesToNotify } from '../../functions/environment.ts';
import defaultPolicy from '../../policy.ts';

type Step = PolicyInput['campaigns'][number]['steps'][number];

/** The default policy, with a step more in its last campaign. */
const policyWith = (...more: readonly Step[]) =>
  definePolicy({
    ...defaultPolicy,
    operator: { email: 'finance@example.com' },
    campaigns: defaultPolicy.campaigns.map((campaign, i, all) =>
      i === all.length - 1 ? { ...campaign, steps: [...campaign.steps, ...more] } : campaign,
    ),
  });
const told = (to: 'email' | 'webhook'): Step => ({ id: `tell-${to}`, kind: 'notify', delayDays: 9, to });

describe('where the business is told by webhook', () => {
  test.each([
    ['no notify step', policyWith(), []],
    ['one by mail', policyWith(told('email')), []],
    ['one by webhook', policyWith(told('webhook')), ['OPERATOR_WEBHOOK_SECRET']],
    ['one of each', policyWith(told('email'), told('webhook')), ['OPERATOR_WEBHOOK_SECRET']],
  ])('%s: the variables that are needed', (_, policy, names) => {
    expect(variablesToNotify(policy)).toEqual(names);
  });

  test.each([undefined, ''])(
    'a function that is not told of the secret (%j) says so at its start',
    (value) => {
      const names = ['STAGE', ...variablesToNotify(policyWith(told('webhook')))] as const;
      expect(() => readEnvironment(names, { STAGE: 'dev', OPERATOR_WEBHOOK_SECRET: value })).toThrow(
        /^the environment is not complete:\n {2}OPERATOR_WEBHOOK_SECRET: OPERATOR_WEBHOOK_SECRET is (missing|empty)$/,
      );
    },
  );

  test('a function whose policy posts nothing asks for no such variable', () => {
    expect(readEnvironment(['STAGE', ...variablesToNotify(policyWith())], { STAGE: 'dev' })).toEqual({
      STAGE: 'dev',
    });
  });
});
