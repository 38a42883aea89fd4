// The commands about policies: one is checked and told in words, several are compared on the same customers.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { policyInWords } from '../../cli/check-policy.ts';
import { definePolicy } from '../../core/recovery/policy.ts';
import shipped from '../../policy.ts';
import { freshBase, recoupHere } from '../support/recoup.ts';

const ROOT = join(import.meta.dirname, '../..');

const WIN_BACK = {
  id: 'back',
  kind: 'win_back',
  steps: [{ id: 'd30', message: 'win-back', daysBefore: -30 }],
} as const;

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

  test('tells which mails about the figures go where', () => {
    const digest = { weekly: true, alerts: true };
    const policy = definePolicy({ ...shipped, operator: { email: 'finance@example.com', digest } });
    expect(policyInWords(policy)).toContain('figures to finance@example.com: weekly, alerts');
  });

  test('tells how often each text of a step goes', () => {
    const [first, ...others] = shipped.campaigns;
    const [opening, ...later] = first?.steps ?? [];
    const variants = [
      { message: 'reminder.short', weight: 2 },
      { message: 'reminder.warm', weight: 3 },
    ];
    const steps = [opening, { ...later[0], variants }, ...later.slice(1)];
    const win = [{ ...WIN_BACK.steps[0], variants: [{ message: 'win-back.warm', weight: 1 }] }];
    const lines = policyInWords(
      definePolicy({
        ...shipped,
        sender: { ...shipped.sender, postalAddress: '1 High Street' },
        wayBackUrl: 'https://example.com/plans',
        campaigns: [{ ...first, steps }, ...others],
        notices: [{ ...WIN_BACK, steps: win }],
      }),
    );
    expect(lines).toContain(
      `  day ${later[0]?.delayDays}: mail reminder (16.7 %) or reminder.short (33.3 %) or reminder.warm (50 %)`,
    );
    expect(lines.slice(-2)).toEqual([
      'notice back: a plan was lost',
      '  30 days after: mail win-back (50 %) or win-back.warm (50 %)',
    ]);
  });

  test('refuses a text that nobody has written, with where it belongs', async () => {
    const [first, ...others] = shipped.campaigns;
    const steps = first?.steps.map((step) =>
      step.kind === 'email' ? { ...step, variants: [{ message: `${step.message}.short`, weight: 1 }] } : step,
    );
    const file = fileOf({ ...shipped, campaigns: [{ ...first, steps }, ...others] });
    const { stdout, stderr, status } = await recoupHere(freshBase(), ['check-policy', '--policy', file]);
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain(
      'emails/en.json: section "bank-debit-failed.short" is missing, and the policy sends it',
    );
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
