// `recoup simulate --report`: the report of a simulated business, whose books agree with the provider's own events.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { reportWorld } from '../../cli/simulate-report.ts';
import { definePolicy } from '../../core/recovery/policy.ts';
import { simulate } from '../../local/simulation/simulate.ts';
import ownRetries from '../../examples/policies/own-retries.ts';
import policy from '../../policy.ts';
import { freshBase } from '../support/recoup.ts';

const holdout = { experiment: 'mails', share: 0.3 };

describe('the report of a simulated business', () => {
  test.each([
    { seed: 4, policy: definePolicy(policy), retries: 'by the provider' },
    { seed: 6, policy: definePolicy({ ...ownRetries, holdout }), retries: 'by us, some without mails' },
  ])('agrees with the provider’s own events whatever goes wrong, retries $retries', async (world) => {
    const folder = join(freshBase(), 'year');
    let text = '';
    await simulate({
      ...world,
      customers: 70,
      days: 45,
      faults: true,
      ended: async (ended) => {
        text = await reportWorld(ended, world.policy, folder);
      },
    });
    expect(text).toContain('No difference: every invoice agrees to the minor unit.');
    expect(text).toContain('Recovery rate: ');
    expect(readdirSync(folder).sort()).toEqual([
      'events.jsonl',
      'invoices.csv',
      'report.html',
      'report.xlsx',
    ]);
    const [first = ''] = readFileSync(join(folder, 'events.jsonl'), 'utf8').split('\n');
    expect(JSON.parse(first)).toMatchObject({ object: 'event' });
  });
});
