// What holds a mail back that its campaign wants: the hour, the caps, an experiment, a late finding, a quiet time.
import { describe, expect, test } from 'vitest';
import { splitKey } from '../../../core/ids.ts';
import type { Policy, PolicyInput } from '../../../core/recovery/policy.ts';
import { definePolicy } from '../../../core/recovery/policy.ts';
import { armOf } from '../../../core/recovery/restraint.ts';
import { addMs } from '../../../core/time.ts';
import { readCases } from '../../../core/workflows/read-cases.ts';
import shipped from '../../../policy.ts';
import { createRunner, START, type RunnerOptions } from '../../support/runner.ts';
import { keyOf } from '../../support/customers.ts';
import { DAY_0, story } from '../../support/story.ts';

const policyWith = (changes: Partial<PolicyInput>): Policy => definePolicy({ ...shipped, ...changes });
const KEY = keyOf('cus_1');
/** DAY_0 is Monday 2026-03-02T10:00Z, which is 11:00 where the customer of the story lives (UTC+1). */
const atOf = (mails: readonly { message: string; at: string }[]) =>
  mails.map(({ message, at }) => `${message} ${at.slice(0, 16)}`);

const live = async (policy: Policy, untilDay: number, options: Partial<RunnerOptions> = {}, fails = {}) => {
  const runner = createRunner({ policy, ...options });
  await runner.tell(...story().failed(0, { code: 'do_not_honor', ...fails }));
  await runner.toDay(untilDay);
  return runner;
};

describe('the window in which mails may go', () => {
  type Window = NonNullable<PolicyInput['sendWindow']>;
  const window: Window = { from: '14:00', to: '16:00' };

  test('keeps a mail that is due before it until it opens, in the customer’s own time', async () => {
    const { mails } = await live(policyWith({ sendWindow: window, timeZone: 'Pacific/Auckland' }), 1.5);
    // Due on Tuesday at 11:00 in the customer's zone (UTC+1); the window opens at 14:00 there: 13:00Z.
    expect(atOf(mails)).toEqual(['payment-failed 2026-03-03T13:00']);
  });

  test('keeps a mail that is due after it until the next day, and over a quiet day and a weekend', async () => {
    const early: Window = { from: '08:00', to: '10:00' };
    const quiet: Window = { ...early, weekdays: [1, 2, 3, 4, 5], quietDates: ['03-04', '2026-03-05'] };
    expect(atOf((await live(policyWith({ sendWindow: early }), 3)).mails)).toEqual([
      'payment-failed 2026-03-04T07:00',
    ]);
    // Wednesday and Thursday are quiet: Friday. The reminder of day 4 (Friday too) waits for Monday.
    expect(atOf((await live(policyWith({ sendWindow: quiet }), 7)).mails)).toEqual([
      'payment-failed 2026-03-06T07:00',
      'reminder 2026-03-09T07:00',
    ]);
  });

  test('keeps the thanks too, and the case is closed only then', async () => {
    const runner = await live(policyWith({ sendWindow: window }), 1.3);
    const s = story();
    await runner.tell(...s.paid(1.3));
    await runner.toDay(1.4);
    expect(runner.mails.map(({ message }) => message)).toEqual(['payment-failed']);
    expect((await runner.store.load(KEY, runner.clock.now())).recovery.case).not.toBeNull();
    await runner.toDay(3);
    expect(atOf(runner.mails).at(-1)).toBe('recovered 2026-03-04T13:00');
    expect((await runner.store.load(KEY, runner.clock.now())).recovery.case).toBeNull();
  });
});

describe('the cap of a case', () => {
  test('writes off what comes beyond it, but never the final notice', async () => {
    const { mails } = await live(policyWith({ mailsPerCase: 2 }), 30);
    expect(mails.map(({ message }) => message)).toEqual(['payment-failed', 'reminder', 'final-notice']);
  });
});

describe('the quiet time of a soft decline', () => {
  const quiet = policyWith({ silentHours: 72 });

  test('lasts until the provider’s next try has told, and for three days at most', async () => {
    const soon = await live(quiet, 6, {}, { next: 2 });
    // The next try is planned on day 2; an hour later its result is known, and nothing has come of it.
    expect(atOf(soon.mails)[0]).toBe('payment-failed 2026-03-04T11:00');
    const far = await live(quiet, 6, {}, { next: 5 });
    expect(atOf(far.mails)[0]).toBe('payment-failed 2026-03-05T10:00');
  });

  test('ends when nothing more will be tried, and is none for a decline that needs the customer', async () => {
    expect(atOf((await live(quiet, 2)).mails)).toEqual(['payment-failed 2026-03-03T10:00']);
    const hard = await live(quiet, 2, {}, { code: 'lost_card', next: 5 });
    expect(atOf(hard.mails)).toEqual(['update-card 2026-03-02T10:00']);
  });
});

describe('an experiment', () => {
  const holdout = (share: number) => ({ experiment: 'mails-1', share });
  const HALF = policyWith({ holdout: holdout(0.5) });
  const held = ['a', 'b', 'c', 'd', 'e', 'f'].find(
    (name) => armOf(keyOf(`cus_${name}`), HALF.holdout) === 'held_out',
  );

  test('another name draws lots anew: who was held out once is so again only by chance', () => {
    const all = Array.from({ length: 4000 }, (_, n) => `stripe/cus_${n}`);
    const heldOut = (experiment: string) =>
      all.filter((key) => armOf(key, { experiment, share: 0.5 }) === 'held_out');
    const before = new Set(heldOut('mails-1'));
    const both = heldOut('mails-2').filter((key) => before.has(key)).length;
    expect(both / all.length).toBeGreaterThan(0.22);
    expect(both / all.length).toBeLessThan(0.28);
  });

  test('draws each customer once and for all, about as many as it says', () => {
    const arms = Array.from({ length: 4000 }, (_, n) => armOf(`stripe/cus_${n}`, holdout(0.1)));
    const share = arms.filter((arm) => arm === 'held_out').length / arms.length;
    expect(share).toBeGreaterThan(0.08);
    expect(share).toBeLessThan(0.12);
    expect(armOf('stripe/cus_1', holdout(0))).toBe('mailed');
  });

  const run = async (customerId: string, fails = {}, policy = HALF) => {
    const runner = createRunner({ policy });
    await runner.tell(...story({ customerId }).failed(0, { code: 'do_not_honor', ...fails }));
    await runner.toDay(40);
    const [record] = await readCases(runner.store, START, addMs(START, 1));
    return { runner, record };
  };

  test('sends a customer who is held out no reminder, but the final notice, and says so of each step', async () => {
    const { runner, record } = await run(`cus_${held}`);
    expect(runner.mails.map(({ message }) => message)).toEqual(['final-notice']);
    expect(record?.steps.filter(({ why }) => why === 'held out of experiment mails-1')).toHaveLength(3);
    expect(record?.exposure).toMatchObject({ 'mails-1': { arm: 'held_out' } });
  });

  test('sends the link to confirm a payment to everybody', async () => {
    const { runner } = await run(`cus_${held}`, {
      code: 'authentication_required',
      reason: 'action_required',
    });
    expect(runner.mails.map(({ message }) => message)).toContain('confirm-payment');
  });

  test('counts from the moment at which a mail would first have gone, on both sides', async () => {
    const mailed = ['a', 'b', 'c', 'd', 'e', 'f'].find(
      (name) => armOf(keyOf(`cus_${name}`), HALF.holdout) === 'mailed',
    );
    const { record } = await run(`cus_${mailed}`);
    expect(record?.exposure['mails-1']).toEqual({ arm: 'mailed', at: addMs(START, 86_400_000) });
  });

  test('never ends the service of who was held out', async () => {
    const ending = definePolicy({
      ...shipped,
      holdout: holdout(0.5),
      campaigns: shipped.campaigns.map((one) => ({ ...one, end: { ...one.end, action: 'cancel' } })),
    });
    const { record } = await run(`cus_${held}`, {}, ending);
    expect(record?.closedAt).not.toBeNull();
    expect(record?.steps.find(({ kind }) => kind === 'end')?.why).toContain('reached its end');
  });
});

describe('what is found late', () => {
  const found = async (day: number) => {
    const runner = createRunner({ policy: policyWith({}) });
    runner.sleepTo(day);
    await runner.tell(...story().failed(0, { code: 'do_not_honor' }));
    await runner.toDay(day + 40);
    const [record] = await readCases(runner.store, START, addMs(START, 1));
    return { mails: runner.mails.map(({ message }) => message), record };
  };

  test('within some days it follows its campaign', async () => {
    expect((await found(3)).mails).toEqual(['payment-failed', 'reminder', 'reminder', 'final-notice']);
  });

  test('after that it gets one mail, and no more', async () => {
    const { mails, record } = await found(10);
    expect(mails).toEqual(['payment-failed']);
    expect(record?.invoices[0]?.outcome).toBe('lost');
  });

  test('after a month it gets none', async () => {
    const { mails, record } = await found(31);
    expect(mails).toEqual([]);
    expect(record?.steps.some(({ why }) => why.startsWith('found 31 days after the failure'))).toBe(true);
  });
});

test('the names used here are those of the story', () => {
  expect(splitKey(KEY)).toEqual({ connection: 'stripe', customerId: 'cus_1' });
  expect(new Date(DAY_0 * 1000).toISOString()).toBe('2026-03-02T10:00:00.000Z');
});
