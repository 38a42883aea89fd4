// The commands about policies: one is checked and told in words, several are compared on the same customers.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import shipped from '../../policy.ts';
import { freshBase, recoupHere } from '../support/recoup.ts';

const ROOT = join(import.meta.dirname, '../..');

const fileOf = (policy: unknown): string => {
  const file = join(freshBase(), 'mine.json');
  writeFileSync(file, JSON.stringify(policy));
  return file;
};

describe('recoup check-policy', () => {
  test('tells in words what a policy says', async () => {
    const { stdout, status } = await recoupHere(freshBase(), [
      'check-policy',
      '--policy',
      join(ROOT, 'examples/policies/b2b-annual.ts'),
    ]);
    expect(status).toBe(0);
    expect(stdout).toContain('The policy makes sense.');
    expect(stdout).toContain("mails: from 09:00 to 17:00 in the customer's time (else UTC)");
    expect(stdout).toContain('campaign annual (bills every year or less often): any decline');
    expect(stdout).toContain('campaign overdue: invoices past their due date\n  day 3: mail invoice-overdue');
    expect(stdout).toContain('day 17: tell the operator by email: Call the accounts department');
    expect(stdout).toContain('notice renewal: a subscription renews; of yearly plans\n  45 days before');
  });

  test('tells every fault at once, and ends with 1', async () => {
    const [first, ...others] = shipped.campaigns;
    const campaigns = [{ ...first, serves: 'week' }, ...others];
    const { stderr, status } = await recoupHere(freshBase(), [
      'check-policy',
      '--policy',
      fileOf({ ...shipped, silentHours: 100, campaigns }),
    ]);
    expect(status).toBe(1);
    expect(stderr).toContain('the policy has 2 faults');
    expect(stderr).toContain('silentHours = 100: at most 72 hours');
    expect(stderr).toContain('campaigns.0.serves = "week"');
  });

  test('--json prints the whole policy with its defaults', async () => {
    const { stdout } = await recoupHere(freshBase(), ['check-policy', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ ...shipped, mailsPerCase: 12, sendWindow: null });
  });
});

describe('recoup compare-policies', () => {
  test('runs the same customers under each policy and prints what came back', async () => {
    const file = fileOf(shipped);
    const args = [
      'compare-policies',
      join(ROOT, 'policy.ts'),
      file,
      '--customers',
      '20',
      '--days',
      '30',
      '--seeds',
      '1',
    ];
    const { stdout, status } = await recoupHere(freshBase(), args);
    expect(status).toBe(0);
    const [head = '', one = '', two = ''] = stdout.split('\n');
    expect(head).toMatch(/^policy +failures +recovered +95 % interval +mails a failure +tries a failure$/);
    expect(one.replace('policy.ts', '').trim()).toBe(two.replace('mine.json', '').trim());
    expect(one).toMatch(/\d+\.\d % +\d+\.\d % to \d+\.\d %/);
  });
});
