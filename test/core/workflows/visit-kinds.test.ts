// Visits that tell the business itself, that write of what lies ahead, and what they ask a refresh for.
import { describe, expect, test } from 'vitest';
import { customerKey } from '../../../core/ids.ts';
import type { ActOutcome, Notifier, OperatorNotice, Provider, RefreshAlso } from '../../../core/ports.ts';
import { hasMailed } from '../../../core/recovery/restraint.ts';
import type { Fact } from '../../../core/recovery/fact.ts';
import type { Policy } from '../../../core/recovery/policy.ts';
import { addDays, type Instant } from '../../../core/time.ts';
import { readCases } from '../../../core/workflows/read-cases.ts';
import { recordFacts } from '../../../core/workflows/record-facts.ts';
import { CARD, customerFact, failedFact, methodFact, subscriptionFact } from '../../support/facts.ts';
import { policyOf } from '../../support/operating.ts';
import { createRunner, START, type Runner, type RunnerOptions } from '../../support/runner.ts';
import { onDay, story } from '../../support/story.ts';

const KEY = customerKey('stripe', 'cus_1');
const s = story();
const casesOf = ({ store }: Runner) => readCases(store, START, addDays(START, 120));
const recorded = (runner: Runner, facts: readonly Fact[]) => {
  const { store, telemetry, backOff } = runner.deps;
  return recordFacts({ store, telemetry, backOff }, KEY, facts, runner.clock.now());
};

describe('a step that tells the business itself', () => {
  const POLICY = policyOf(
    { operator: { email: 'ops@example.com' } },
    {
      steps: [
        { id: 'first', kind: 'email', message: 'payment-failed', delayDays: 1 },
        { id: 'call', kind: 'notify', delayDays: 3, to: 'email', note: 'Call them.' },
        { id: 'second', kind: 'email', message: 'reminder', delayDays: 4 },
      ],
    },
  );
  const DONE: ActOutcome = { kind: 'done', why: 'told', facts: [] };

  const live = async (options: RunnerOptions = {}, answers: readonly ActOutcome[] = []) => {
    const heard: OperatorNotice[] = [];
    const notifier: Notifier = {
      notify: async (notice) => {
        heard.push(notice);
        return answers[heard.length - 1] ?? DONE;
      },
    };
    const runner = createRunner({ policy: POLICY, notifier, ...options });
    await runner.tell(...s.failed(0, { code: 'insufficient_funds' }));
    await runner.toDay(60);
    const [record] = await casesOf(runner);
    return { runner, heard, record, step: record?.steps.find(({ id }) => id === 'call') };
  };

  test('is told once on its day, and is done', async () => {
    const { heard, record, step } = await live();
    expect(heard).toHaveLength(1);
    expect(heard[0]).toMatchObject({
      email: 'ops@example.com',
      note: 'Call them.',
      stepId: 'call',
      customerKey: KEY,
    });
    expect(step).toMatchObject({ status: 'done', at: onDay(3), kind: 'notify' });
    expect(record?.closedAt).toBe(onDay(26));
  });

  test.each([
    [{ kind: 'unknown', why: 'no answer' }, 'uncertain', 'step_uncertain'],
    [{ kind: 'refused', why: 'no such address' }, 'skipped', 'step_skipped'],
  ] as const)(
    'answered with %o it is told no more, and the ladder goes on',
    async (answer, status, metric) => {
      const { runner, heard, record, step } = await live({}, [answer]);
      expect(heard).toHaveLength(1);
      expect(step).toMatchObject({ status, why: answer.why });
      expect(runner.metrics.filter((one) => one === metric)).toHaveLength(1);
      expect(record?.steps.map(({ id }) => id)).toEqual(['first', 'call', 'second', 'final', 'end']);
      expect(record?.closedAt).toBe(onDay(26));
    },
  );

  test('asked to slow down it is told a minute later', async () => {
    const { heard, step } = await live({}, [{ kind: 'throttled', why: 'slow down' }]);
    expect(heard).toHaveLength(2);
    expect(step?.status).toBe('done');
    expect(step?.at).toBe(onDay(3 + 1 / 1440));
  });

  test.each(['before', 'after'] as const)(
    'is never told twice when the process dies %s any request, and the case goes on',
    async (killWhen) => {
      const { runner } = await live();
      const statuses = new Set<string>();
      for (let killAt = 1; killAt <= runner.killer.requests; killAt += 1) {
        const { heard, record, step, runner: killed } = await live({ killAt, killWhen });
        expect(heard.length, `killed ${killWhen} request ${killAt}`).toBeLessThanOrEqual(1);
        expect(step?.status === 'done' && heard.length === 0).toBe(false);
        expect(record?.closedAt, `killed ${killWhen} request ${killAt}`).not.toBeNull();
        expect(killed.mails.map(({ stepId }) => stepId).sort()).toEqual(
          [...new Set(killed.mails.map(({ stepId }) => stepId))].sort(),
        );
        statuses.add(`${step?.status}`);
      }
      expect([...statuses].sort()).toEqual(['done', 'uncertain']);
    },
  );
});

describe('two owners of the tries', () => {
  const ours = policyOf(
    { retries: { owner: 'recoup' } },
    {
      steps: [
        { id: 'first', kind: 'email', message: 'payment-failed', delayDays: 1 },
        { id: 'again', kind: 'retry', delayDays: 2 },
      ],
    },
  );
  const countOf = async (policy: Policy, next: number | null) => {
    const runner = createRunner({ policy });
    await runner.tell(...s.failed(0, { next }));
    await runner.toDay(1.5);
    return runner.metrics.filter((one) => one === 'two_owners').length;
  };

  test('are counted at each look for as long as the provider plans a try', async () => {
    // Looked at on the failure, after the first mail on day 1, and not yet after that.
    expect(await countOf(ours, 5)).toBe(2);
  });

  test('are none where the provider plans nothing, or where its tries are meant', async () => {
    expect(await countOf(ours, null)).toBe(0);
    expect(await countOf(policyOf(), 5)).toBe(0);
  });
});

/** A runner that writes down what each refresh is asked for; `also` facts come with every refresh, stamped with its time. */
const listening = (policy: Policy, brought: (now: Instant) => readonly Fact[] = () => []) => {
  const asked: RefreshAlso[] = [];
  const provider = (scripted: Provider): Provider => ({
    ...scripted,
    refresh: async (key, ids, now, also) => {
      asked.push(also);
      return [...(await scripted.refresh(key, ids, now, also)), ...brought(now)];
    },
  });
  return { asked, runner: createRunner({ policy, provider }) };
};

describe('a refresh is asked', () => {
  const none = { methods: false, subscriptions: false };
  const own = (now: Instant): readonly Fact[] => [
    subscriptionFact({ defaultMethodId: 'pm_sub' }, { at: now, source: 'refresh' }),
  ];

  test('for nothing besides, as a rule', async () => {
    const { asked, runner } = listening(policyOf());
    await runner.tell(...s.failed(0));
    await runner.toDay(5);
    expect(asked.length).toBeGreaterThan(4);
    expect(new Set(asked.map((one) => JSON.stringify(one)))).toEqual(new Set([JSON.stringify(none)]));
  });

  test('for the methods while a case is open whose other cards are to be tried', async () => {
    const { asked, runner } = listening(policyOf({ retries: { owner: 'recoup', backupMethods: true } }));
    await runner.tell(...s.failed(0));
    await runner.toDay(2);
    const [first, ...others] = asked;
    expect(first).toEqual(none);
    expect(others.length).toBeGreaterThan(1);
    for (const one of others) expect(one).toEqual({ methods: true, subscriptions: false });
  });

  test('for the methods until the card of the subscription’s own method is known', async () => {
    let known = false;
    const { asked, runner } = listening(policyOf(), (now) => [
      ...own(now),
      ...(known ? [methodFact({ id: 'pm_sub' }, { at: now, source: 'refresh' })] : []),
    ]);
    await runner.tell(...s.failed(0));
    await runner.toDay(1.5);
    known = true;
    await runner.toDay(4);
    const methods = asked.map((one) => one.methods);
    expect(methods[0]).toBe(false);
    expect(methods[1]).toBe(true);
    expect(methods.at(-1)).toBe(false);
  });

  test('for the subscriptions while something lies ahead, and no longer', async () => {
    const { asked, runner } = listening(policyOf());
    await recorded(runner, [{ kind: 'ahead', at: START, source: 'refresh' }]);
    await runner.sweep();
    expect(asked).toEqual([{ methods: false, subscriptions: true }]);
    // Nothing lies ahead in this policy: it is forgotten again.
    await runner.tell(...s.failed(1));
    await runner.sweep();
    expect(asked.at(-1)).toEqual(none);
  });
});

describe('a notice', () => {
  const POLICY = policyOf({
    notices: [
      {
        id: 'card',
        kind: 'card_expiry',
        steps: [30, 15, 5].map((daysBefore) => ({
          id: `d${daysBefore}`,
          message: 'card-expiring',
          daysBefore,
        })),
      },
    ],
  });
  /** The card of `pm_1` is valid to 30 April 2026; 30 days before is 31 March, the 29th day of the story. */
  const payer = (now: Instant): readonly Fact[] => [
    customerFact({ country: null }, { at: now, source: 'refresh', defaultMethodId: 'pm_1' }),
    subscriptionFact({ status: 'active' }, { at: now, source: 'refresh' }),
    methodFact({ card: { ...CARD, expYear: 2026, expMonth: 4 } }, { at: now, source: 'refresh' }),
  ];
  const provider = (scripted: Provider): Provider => ({
    ...scripted,
    refresh: async (key, ids, now, also) => [...(await scripted.refresh(key, ids, now, also)), ...payer(now)],
  });
  const live = async (options: RunnerOptions = {}) => {
    const runner = createRunner({ policy: POLICY, provider, ...options });
    runner.sleepTo(28);
    await recorded(runner, [{ kind: 'ahead', at: runner.clock.now(), source: 'refresh' }]).catch(() => {});
    runner.killer.dead = false;
    return runner;
  };
  const notesOf = (runner: Runner) => runner.mails.map(({ stepId }) => stepId);

  test('goes on its days, and the customer is let go of', async () => {
    const runner = await live();
    await runner.toDay(70);
    expect(notesOf(runner)).toEqual(['d30', 'd15', 'd5']);
    const customer = await runner.store.load(KEY, runner.clock.now());
    expect([customer.facts.contact, customer.recovery.notices, customer.dueAt]).toEqual([null, [], null]);
    // From its last mail to the day after the card's last day it is looked at twice, not each minute.
    expect(runner.metrics).not.toContain('invariant_broken');
  });

  test('goes on after a case has been closed', async () => {
    const runner = await live();
    await runner.toDay(40);
    await runner.tell(...s.failed(40, { code: 'insufficient_funds' }));
    await runner.toDay(46);
    await runner.tell(...s.paid(46));
    await runner.toDay(70);
    // Day 44, the 15th of April, falls into the case: its own mails ask for another card.
    expect(notesOf(runner)).toEqual(['d30', 'first', 'second', 'recovered', 'd5']);
    expect((await casesOf(runner)).map(({ closedAt }) => closedAt)).toEqual([onDay(46)]);
    expect(runner.metrics).not.toContain('invariant_broken');
  });

  test.each(['before', 'after'] as const)(
    'is never sent twice when the process dies %s any request',
    async (killWhen) => {
      const whole = await live();
      await whole.toDay(70);
      const statuses = new Set<string>();
      // The first two requests write down that there is something to look at.
      for (let killAt = 3; killAt <= whole.killer.requests; killAt += 1) {
        const runner = await live({ killAt, killWhen });
        await runner.toDay(62);
        const sent = notesOf(runner);
        expect(new Set(sent).size, `killed ${killWhen} request ${killAt}: ${sent.join()}`).toBe(sent.length);
        await runner.toDay(70);
        expect((await runner.store.load(KEY, runner.clock.now())).recovery.notices).toEqual([]);
        statuses.add(`${sent.length} sent, uncertain: ${runner.metrics.includes('step_uncertain')}`);
      }
      // Dead between arming and sending a mail is not sent at all; dead after it, nobody can know.
      expect([...statuses].sort()).toEqual([
        '2 sent, uncertain: true',
        '3 sent, uncertain: false',
        '3 sent, uncertain: true',
      ]);
    },
  );

  test('whose sending is not known is uncertain, and the next one goes', async () => {
    const runner = await live({
      mailFault: ({ stepId }) => (stepId === 'd30' ? { kind: 'unknown', why: 'no answer' } : null),
    });
    await runner.toDay(32);
    const { notices } = (await runner.store.load(KEY, runner.clock.now())).recovery;
    expect(notices[0]?.steps.map(({ id, status }) => [id, status])).toEqual([['d30', 'uncertain']]);
    await runner.toDay(70);
    expect(notesOf(runner).filter((id) => id === 'd30').length).toBeLessThanOrEqual(1);
    expect(notesOf(runner).slice(-2)).toEqual(['d15', 'd5']);
  });
});

test('a failure that a backfill tells of somebody unknown is marked as found, and never mailed about', async () => {
  const runner = createRunner();
  runner.sleepTo(3);
  const now = runner.clock.now();
  await recorded(runner, [
    { kind: 'imported', at: now, source: 'refresh' },
    failedFact('in_9', { at: START }),
  ]);
  await runner.toDay(10);
  const { case: open } = (await runner.store.load(KEY, now)).recovery;
  expect(open?.ladders.map(({ cohort }) => cohort)).toEqual(['imported']);
  expect(open?.ladders.some(hasMailed)).toBe(false);
  expect(runner.mails).toEqual([]);
});

test('that a backfill saw somebody with nothing failed is not written down', async () => {
  const runner = createRunner();
  const told = await recorded(runner, [{ kind: 'imported', at: START, source: 'refresh' }]);
  expect(told.kind).toBe('ignored');
});
