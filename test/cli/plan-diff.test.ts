// `recoup plan-diff`, as somebody runs it before a policy holds: what it tells, and that it changes nothing.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Store } from '../../core/ports.ts';
import type { Customer } from '../../core/recovery/customer.ts';
import type { PlanDiff, PlanDiffSummary } from '../../core/recovery/plan-diff.ts';
import { definePolicy } from '../../core/recovery/policy.ts';
import { addDays, monthOf } from '../../core/time.ts';
import { exclude } from '../../core/workflows/operate.ts';
import shipped from '../../policy.ts';
import { keyOf } from '../support/customers.ts';
import { day } from '../support/facts.ts';
import { ANNA, failing, operated, pass } from '../support/operating.ts';
import { damageIn, freshBase, inFolder, makeFolder, recoupHere } from '../support/recoup.ts';

const ROOT = join(import.meta.dirname, '../..');
const POLICY = definePolicy(shipped);

/** A folder whose clock stands later than any machine's, and customers of that time. */
const SHIFT_DAYS = 355_000;
const CLOCK = addDays(day(5), SHIFT_DAYS);
const moved = <T>(value: T): T =>
  JSON.parse(
    JSON.stringify(value).replaceAll(/"(\d{4}-[^"]*Z)"/g, (_, at: string) =>
      JSON.stringify(addDays(at as typeof CLOCK, SHIFT_DAYS)),
    ),
  ) as T;

const stored = (id: string, customer: Customer): Customer =>
  moved({ ...customer, key: keyOf(id), version: 1, dueAt: day(6), expiresAt: null, outbox: null });

const OPEN = pass(failing('in_1'), POLICY, day(0), day(4.5)).customer;
const TWO = pass(failing('in_1', 'in_2'), POLICY, day(0), day(4.5)).customer;
const { customer: EXCLUDED } = await operated(OPEN, POLICY, (deps) =>
  exclude(deps, OPEN.key, false, ANNA, day(4.7)),
);
/** Open since 13 months, as after a long hold. */
const OLD: Customer = {
  ...OPEN,
  recovery: { ...OPEN.recovery, case: OPEN.recovery.case && { ...OPEN.recovery.case, openedAt: day(-395) } },
};

const CUSTOMERS = [
  stored('cus_1', OPEN),
  stored('cus_2', EXCLUDED),
  stored('cus_3', TWO),
  stored('cus_4', OLD),
];

/** The shipped policy, but a soft decline has one reminder less and ends with the subscription cancelled. */
const STRICTER = {
  ...shipped,
  campaigns: shipped.campaigns.map((campaign) =>
    campaign.id === 'soft-decline'
      ? { ...campaign, steps: campaign.steps.slice(0, 2), end: { ...campaign.end, action: 'cancel' } }
      : campaign,
  ),
};

/** A data folder with customers, and the command in it with a policy of its own. */
const folder = async (policy: unknown = STRICTER, customers: readonly Customer[] = CUSTOMERS) => {
  const base = freshBase();
  const path = await makeFolder(base, 'demo', CLOCK, async (store) => {
    for (const customer of customers) await store.save(customer);
  });
  writeFileSync(join(base, 'mine.json'), JSON.stringify(policy));
  return {
    path,
    planDiff: (...args: string[]) => recoupHere(base, ['plan-diff', '--policy', 'mine.json', ...args]),
  };
};

const everythingIn = (path: string) =>
  inFolder(path, async (store: Store) => ({
    customers: await Promise.all(CUSTOMERS.map(({ key }) => store.load(key, CLOCK))),
    cases: [await store.listCases(monthOf(CLOCK)), await store.listCases(monthOf(addDays(CLOCK, -400)))],
    stuck: await store.listStuck(100),
    cursor: await store.loadCursor('stripe'),
  }));

describe('recoup plan-diff', () => {
  test('tells of each customer with a difference what comes under either policy, then the sum', async () => {
    const { planDiff } = await folder();
    const { status, stdout, stderr } = await planDiff();
    expect([status, stderr]).toEqual([0, '']);
    const lines = stdout.split('\n');
    expect(lines[0]).toMatch(
      /^mine\.json instead of policy\.ts, in the demonstration \(\.recoup\/demo\), as of .* UTC$/,
    );
    expect(lines[2]).toMatch(/^customer +open +what +policy\.ts +mine\.json$/);
    const found = (words: RegExp) => expect(lines.slice(3, 7).join('\n')).toMatch(words);
    found(
      /^stripe\/cus_1 +€49\.00 +next step +\S+ 09:00 mail reminder \(reminder-2\) +\S+ 09:00 mail final-n/m,
    );
    found(/^ +mails to come +2 +1 \(-1\)$/m);
    found(/^ +steps to come +2 +1: 1 dropped$/m);
    found(/^ +end +\S+ 09:00 given up, subscription left as it is +\S+ 09:00 subscription cancelled$/m);
    expect(stdout).toMatch(/^stripe\/cus_3 +€98\.00 +next step +.* of in_1/m);
    expect(stdout).toMatch(/^ +end of in_2 +/m);
    expect(stdout).toMatch(/\n4 open cases, 3 change; mails \+0\/-\d; ends: 4 in another way\n/);
    expect(stdout).toContain('Nothing was changed.');
  });

  test('leaves out who is not touched, and finds a case that was opened 13 months ago', async () => {
    const { stdout } = await (await folder()).planDiff();
    expect(stdout.match(/cus_\d/g)).toEqual(['cus_1', 'cus_3', 'cus_4']);
  });

  test('--json gives the counts and every case that changes to a program', async () => {
    const { stdout } = await (await folder()).planDiff('--json');
    const told = JSON.parse(stdout) as PlanDiffSummary & { now: string; policy: string; cases: PlanDiff[] };
    expect(told).toMatchObject({ policy: 'mine.json', now: CLOCK, openCases: 4, changed: 3, unreadable: [] });
    expect(told.cases[0]).toMatchObject({
      key: 'stripe/cus_1',
      mails: -1,
      before: { next: { kind: 'step', step: { step: 'reminder-2', kind: 'email', message: 'reminder' } } },
      after: { next: { step: { step: 'final-notice', message: 'final-notice' } }, mails: 1 },
      ends: [{ change: 'otherwise', before: { action: 'leave' }, after: { action: 'cancel' } }],
    });
  });

  test('what comes now under the other policy is told as coming at once', async () => {
    const sooner = {
      ...shipped,
      campaigns: shipped.campaigns.map((campaign) => ({
        ...campaign,
        steps: campaign.steps.map((step) => (step.id === 'reminder-2' ? { ...step, delayDays: 5 } : step)),
      })),
    };
    const { stdout } = await (await folder(sooner)).planDiff();
    expect(stdout).toMatch(/^stripe\/cus_1 .* at once: mail reminder \(reminder-2\)$/m);
  });

  test('where only the end is to come, one line says how it changes', async () => {
    const ending = pass(failing('in_1'), POLICY, day(0), day(13)).customer;
    const { stdout } = await (await folder(STRICTER, [stored('cus_1', ending)])).planDiff();
    expect(stdout).toMatch(
      /^stripe\/cus_1 +€49\.00 +end +.* given up, .* subscription cancelled\n\n1 open case, 1/m,
    );
  });

  test('writes nothing', async () => {
    const { path, planDiff } = await folder();
    const before = await everythingIn(path);
    expect(before.cases.flat()).toHaveLength(4);
    expect((await planDiff()).status).toBe(0);
    expect(await everythingIn(path)).toEqual(before);
  });

  test('says so where nothing changes, and where no case is open', async () => {
    const same = await (await folder(shipped)).planDiff();
    expect(same).toMatchObject({ status: 0, stderr: '' });
    expect(same.stdout).toMatch(/\nNothing changes: 4 open cases, each as before\.\n$/);
    const none = await (await folder(STRICTER, [])).planDiff();
    expect(none.stdout).toMatch(/\nNo case is open: nothing to compare\.\n$/);
  });

  test('names a customer that cannot be read, and compares the others', async () => {
    const { path, planDiff } = await folder();
    await damageIn(path, keyOf('cus_1'));
    const { status, stdout } = await planDiff();
    expect(status).toBe(0);
    expect(stdout).toContain('\n3 open cases, 2 change;');
    expect(stdout).toContain(
      'Not compared, because they cannot be read: stripe/cus_1. See npx recoup stuck.',
    );
  });
});

describe('is told with exit code 1:', () => {
  test.each<readonly [string, readonly string[], RegExp]>([
    ['no policy', [], /required option '--policy <file>' not specified/],
    ['a file that is not there', ['--policy', 'other.json'], /other\.json: no such policy file/],
    [
      'a policy with faults',
      ['--policy', 'mine.json'],
      /mine\.json: the policy has \d faults?[^]*silentHours/,
    ],
    ['no store', ['--policy', join(ROOT, 'policy.ts')], /no data in \.recoup\/demo yet: run npm start first/],
    [
      'two stores',
      ['--policy', join(ROOT, 'policy.ts'), '--live', '--stage', 'dev'],
      /write either --stage or --live/,
    ],
    [
      'no such stage',
      ['--policy', join(ROOT, 'policy.ts'), '--stage', 'moon'],
      /there is no stage "moon" in lib\/config\.ts/,
    ],
  ])('%s', async (_, args, words) => {
    const base = freshBase();
    writeFileSync(join(base, 'mine.json'), JSON.stringify({ ...shipped, silentHours: 100 }));
    const { status, stdout, stderr } = await recoupHere(base, ['plan-diff', ...args]);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(words);
  });
});
