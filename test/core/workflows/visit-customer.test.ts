// Claim, refresh, plan, arm, act, settle: what must hold when anything dies, races or answers badly.
import { describe, expect, test } from 'vitest';
import { SHARDS } from '../../../adapters/dynamodb/table-shape.ts';
import { createMemoryStore } from '../../../adapters/memory/store.ts';
import { customerKey } from '../../../core/ids.ts';
import { DamagedItemError, OutsideError } from '../../../core/ports.ts';
import type { Metric, Provider, Store } from '../../../core/ports.ts';
import type { Customer, Ladder } from '../../../core/recovery/customer.ts';
import { caseOutcome } from '../../../core/reports/outcome.ts';
import { addDays, addMs } from '../../../core/time.ts';
import { readCases } from '../../../core/workflows/read-cases.ts';
import { runDueActions } from '../../../core/workflows/run-due-actions.ts';
import { visitCustomer } from '../../../core/workflows/visit-customer.ts';
import { createRunner, START, type Runner } from '../../support/runner.ts';
import { onDay, story } from '../../support/story.ts';

const KEY = customerKey('stripe', 'cus_1');
const casesOf = (store: Store) => readCases(store, START, addDays(START, 120));
const ALL_SHARDS = Array.from({ length: SHARDS }, (_, shard) => shard);
const messages = (runner: Runner) => runner.mails.map(({ message }) => message);

const s = story();
const softFailure = () => s.failed(0, { next: 3, code: 'insufficient_funds' });

/** A failure, two mails, a second failure, a payment on day 5.5, a thank-you. */
const live = async (runner: Runner): Promise<void> => {
  await runner.tell(...softFailure());
  await runner.toDay(3);
  await runner.tell(...s.failed(3, { attempt: 2, next: 5 }));
  await runner.toDay(5.5);
  await runner.tell(...s.paid(5.5));
  await runner.toDay(60);
};

describe('a life without faults', () => {
  test('mails on its days, thanks once, closes as recovered', async () => {
    const runner = createRunner();
    await live(runner);
    expect(runner.mails.map(({ message, at }) => [message, at])).toEqual([
      ['payment-failed', onDay(1)],
      ['reminder', onDay(4)],
      ['recovered', onDay(5.5)],
    ]);
    const [record, ...others] = await casesOf(runner.store);
    expect(others).toEqual([]);
    expect(record?.closedAt).toBe(onDay(5.5));
    expect(record?.invoices.map(({ outcome, recoveredMinor }) => [outcome, recoveredMinor])).toEqual([
      ['recovered', 2500],
    ]);
  });

  test('a hundred sweeps of one moment send one mail (B1)', async () => {
    const runner = createRunner();
    await runner.tell(...s.failed(0, { code: 'expired_card' }));
    for (let i = 0; i < 100; i += 1) await runner.sweep();
    expect(messages(runner)).toEqual(['update-card']);
  });

  test('an outage of ten days is caught up with one mail, not three (B16)', async () => {
    const runner = createRunner();
    await runner.tell(...s.failed(0, { code: 'expired_card' }));
    await runner.toDay(0.1);
    runner.sleepTo(10);
    await runner.sweep();
    expect(messages(runner)).toEqual(['update-card', 'reminder']);
  });
});

describe('a process that dies between any two requests (A19, C4)', () => {
  const requests = async () => {
    const runner = createRunner();
    await live(runner);
    return runner.killer.requests;
  };

  test.each(['before', 'after'] as const)(
    'never mails a step twice, and the case still closes: killed %s',
    async (when) => {
      const all = await requests();
      expect(all).toBeGreaterThan(20);
      for (let killAt = 1; killAt <= all; killAt += 1) {
        const runner = createRunner({ killAt, killWhen: when });
        await live(runner);
        const steps = runner.mails.map(({ stepId }) => stepId);
        expect(new Set(steps).size, `killed ${when} request ${killAt}: ${steps.join()}`).toBe(steps.length);
        const records = await casesOf(runner.store);
        const outcomes = records.map((record) => [
          record.closedAt === null,
          caseOutcome(record.invoices.map((b) => b.outcome)),
        ]);
        expect(outcomes, `killed ${when} request ${killAt}`).toEqual([[false, 'recovered']]);
        const known = records[0]?.steps.map(({ id }) => id) ?? [];
        expect(new Set(known).size, `killed ${when} request ${killAt}`).toBe(known.length);
      }
    },
  );

  test('a mail whose sending died is uncertain: counted, and never sent again', async () => {
    const outcomes = new Set<string>();
    for (let killAt = 1; killAt <= 7; killAt += 1) {
      const runner = createRunner({ killAt, killWhen: 'after' });
      await runner.tell(...s.failed(0, { code: 'expired_card' }));
      await runner.toDay(1);
      const step = (await casesOf(runner.store))[0]?.steps[0];
      outcomes.add(
        `${step?.status} with ${runner.mails.length} mail, counted ${runner.metrics.includes('step_uncertain')}`,
      );
    }
    // Killed after the arming and before the sending, the mail is not sent at all: nobody can know which it was.
    expect([...outcomes].sort()).toEqual([
      'done with 1 mail, counted false',
      'uncertain with 0 mail, counted true',
      'uncertain with 1 mail, counted true',
    ]);
  });
});

describe('races', () => {
  test('of two sweepers on one customer one acts (B2, C19)', async () => {
    const runner = createRunner();
    await runner.tell(...s.failed(0, { code: 'expired_card' }));
    await Promise.all([visitCustomer(runner.deps, KEY), visitCustomer(runner.deps, KEY)]);
    expect(messages(runner)).toEqual(['update-card']);
    expect(runner.metrics).toContain('claim_lost');
  });

  test('a payment between the refresh and the arming stops the mail (B7, C7)', async () => {
    const runner: Runner = createRunner({
      provider: (scripted) => ({
        ...scripted,
        refresh: async (key, ids, now, also) => {
          const facts = await scripted.refresh(key, ids, now, also);
          // The customer pays while we look: the webhook is recorded after the provider has answered us.
          await runner.tell(...s.paid(0));
          return facts;
        },
      }),
    });
    await runner.tell(...s.failed(0, { code: 'expired_card' }));
    await runner.toDay(60);
    expect(messages(runner)).toEqual([]);
    expect((await casesOf(runner.store))[0]?.invoices[0]?.outcome).toBe('recovered');
  });

  test('a second failure while a case is being closed opens a case of its own, and no invoice is lost', async () => {
    const other = story({ n: 2, customerId: 'cus_1' });
    const store = createMemoryStore();
    let told = false;
    const runner: Runner = createRunner({
      store: {
        ...store,
        closeCase: async (record) => {
          await store.closeCase(record);
          if (!told) {
            told = true;
            await runner.tell(...other.failed(2, { code: 'expired_card' }));
          }
        },
      },
    });
    await runner.tell(...s.failed(0, { code: 'insufficient_funds' }));
    await runner.toDay(2);
    await runner.tell(...s.paid(2));
    await runner.toDay(3);
    const records = await casesOf(runner.store);
    expect(records.map(({ id, invoices }) => [id, invoices.map((book) => book.outcome)])).toEqual([
      ['case_in_1', ['recovered']],
      ['case_in_2', ['open']],
    ]);
  });
});

describe('answers that are no answers', () => {
  test('a mailer that never answers leaves the step uncertain and the ladder going on', async () => {
    const runner = createRunner({
      mailFault: ({ message }) => (message === 'update-card' ? { kind: 'unknown', why: 'timed out' } : null),
    });
    await runner.tell(...s.failed(0, { code: 'expired_card' }));
    await runner.toDay(3.5);
    expect(messages(runner)).toEqual(['update-card', 'reminder']);
    const [record] = await casesOf(runner.store);
    expect(record?.steps.map(({ id, status }) => [id, status])).toEqual([
      ['update-card', 'uncertain'],
      ['reminder-1', 'done'],
    ]);
  });

  test('a mailer that refuses an address has the step skipped with its reason', async () => {
    const runner = createRunner({ mailFault: () => ({ kind: 'refused', why: 'address rejected' }) });
    await runner.tell(...s.failed(0, { code: 'expired_card' }));
    await runner.toDay(0.5);
    const [record] = await casesOf(runner.store);
    expect(record?.steps.map(({ status, why }) => [status, why])).toEqual([['skipped', 'address rejected']]);
  });

  test('a mailer that is busy is nobody’s failure: the mail goes a minute later', async () => {
    let busy = 1;
    const runner = createRunner({
      mailFault: () => (busy-- > 0 ? { kind: 'throttled', why: 'rate exceeded' } : null),
    });
    await runner.tell(...s.failed(0, { code: 'expired_card' }));
    await runner.toDay(1);
    expect(runner.mails.map(({ at }) => at)).toEqual([addMs(START, 60_000)]);
    expect(runner.metrics).not.toContain('visit_failed');
  });

  test('a provider that is down is waited for, ever longer, and the mail still goes', async () => {
    let down = 3;
    const runner = createRunner({
      provider: (scripted) => ({
        ...scripted,
        refresh: (...args) => {
          if (down-- > 0) throw new OutsideError('no answer', 'later');
          return scripted.refresh(...args);
        },
      }),
    });
    await runner.tell(...s.failed(0, { code: 'expired_card' }));
    await runner.toDay(1);
    // 1 + 2 + 4 minutes.
    expect(runner.mails.map(({ at }) => at)).toEqual([addMs(START, 7 * 60_000)]);
  });

  test('a customer who breaks every visit is set aside with an alarm, and the others go on (B24)', async () => {
    const other = story({ n: 2 });
    const runner = createRunner({
      provider: (scripted) => ({
        ...scripted,
        refresh: (key, ...rest) => {
          if (key === KEY) throw new TypeError('cannot read properties of undefined');
          return scripted.refresh(key, ...rest);
        },
      }),
    });
    await runner.tell(...s.failed(0, { code: 'expired_card' }), ...other.failed(0, { code: 'expired_card' }));
    await runner.toDay(5);
    expect(runner.metrics.filter((metric) => metric === 'customer_set_aside')).toHaveLength(1);
    expect((await runner.store.load(KEY, runner.clock.now())).setAsideAt).not.toBeNull();
    expect(runner.mails.map(({ to }) => to)).toEqual(['customer2@example.com', 'customer2@example.com']);
  });
});

describe('a damaged item', () => {
  test('has its customer set aside with an alarm, and the others go on', async () => {
    const store = createMemoryStore();
    const aside: string[] = [];
    const runner = createRunner({
      store: {
        ...store,
        load: (key, now) => {
          if (key === KEY && runner.clock.now() > START)
            throw new DamagedItemError(`${key}: facts: not what it should be`);
          return store.load(key, now);
        },
        setAside: async (key, why, now) => {
          aside.push(`${key} ${why}`);
          await store.setAside(key, why, now);
        },
      },
    });
    const other = story({ n: 2 });
    await runner.tell(...s.failed(0, { code: 'expired_card' }), ...other.failed(0, { code: 'expired_card' }));
    runner.sleepTo(0.01);
    await runner.toDay(0.5);
    expect(aside).toEqual([`${KEY} ${KEY}: facts: not what it should be`]);
    expect(runner.metrics).toContain('customer_set_aside');
    expect(runner.mails.map(({ to }) => to)).toEqual(['customer2@example.com']);
  });
});

describe('what cannot be in a customer', () => {
  type Counted = readonly [Metric, Readonly<Record<string, string | number>> | undefined];

  /** The same runner, whose visits tell what they count with its fields. */
  const telling = (runner: Runner): { deps: Runner['deps']; counted: Counted[] } => {
    const counted: Counted[] = [];
    const telemetry = {
      count: (...one: Counted) => {
        counted.push(one);
      },
      gauge: () => {},
    };
    return { deps: { ...runner.deps, telemetry }, counted };
  };

  /** Somebody has edited the table. */
  const edited = async (runner: Runner, edit: (customer: Customer) => Partial<Customer>): Promise<void> => {
    const customer = await runner.store.load(KEY, runner.clock.now());
    await runner.store.save({ ...customer, ...edit(customer), version: customer.version + 1 });
  };

  const withLadders = ({ recovery }: Customer, change: (ladder: Ladder) => Ladder): Partial<Customer> => ({
    dueAt: START,
    recovery: {
      ...recovery,
      case: recovery.case && { ...recovery.case, ladders: recovery.case.ladders.map(change) },
    },
  });

  const ofInvariants = (counted: readonly Counted[]) =>
    counted.filter(([metric]) => metric === 'invariant_broken' || metric === 'customer_set_aside');

  test('is counted by its name and the customer, once a visit, and the visit goes on', async () => {
    const runner = createRunner();
    await runner.tell(...s.failed(0, { code: 'expired_card' }));
    await runner.toDay(3.5);
    await edited(runner, (customer) =>
      withLadders(customer, (ladder) => ({ ...ladder, steps: [...ladder.steps, ...ladder.steps] })),
    );
    runner.sleepTo(11);
    const { deps, counted } = telling(runner);
    await visitCustomer(deps, KEY);
    expect(ofInvariants(counted)).toEqual([['invariant_broken', { customer: KEY, what: 'step_twice' }]]);
    expect(messages(runner)).toEqual(['update-card', 'reminder', 'final-notice']);
  });

  test('is put right by the visit where it only has to be worked out anew', async () => {
    const runner = createRunner();
    await runner.tell(...s.failed(0, { code: 'expired_card' }));
    await runner.toDay(1);
    await edited(runner, ({ recovery }) => ({
      dueAt: START,
      recovery: { ...recovery, case: recovery.case && { ...recovery.case, books: [] } },
    }));
    const { deps, counted } = telling(runner);
    await visitCustomer(deps, KEY);
    await edited(runner, () => ({ dueAt: START }));
    await visitCustomer(deps, KEY);
    expect(ofInvariants(counted)).toEqual([
      ['invariant_broken', { customer: KEY, what: 'ladder_without_book' }],
    ]);
  });

  test('sets the customer aside where going on could charge twice, and the others go on', async () => {
    const asked: string[] = [];
    const runner = createRunner({
      provider: (scripted) => ({
        ...scripted,
        refresh: (key, ...rest) => {
          asked.push(`refresh ${key}`);
          return scripted.refresh(key, ...rest);
        },
        retry: async (key) => {
          asked.push(`retry ${key}`);
          return { kind: 'done', why: 'paid', facts: [] };
        },
      }),
    });
    const other = story({ n: 2 });
    await runner.tell(...s.failed(0, { code: 'expired_card' }));
    await runner.toDay(1);
    await edited(runner, ({ recovery, version }) => {
      const armed = {
        caseId: 'case_in_1',
        subjectId: 'in_1',
        stepId: recovery.case?.ladders[0]?.steps[0]?.id ?? '',
        kind: 'retry' as const,
        key: 'case_in_1:in_1:update-card',
        why: 'due',
        message: null,
        endAction: null,
        methodId: null,
        carries: [],
        armedAt: START,
      };
      return { dueAt: START, pending: { token: version, leaseUntil: START, armed } };
    });
    await runner.tell(...other.failed(1, { code: 'expired_card' }));
    asked.length = 0;
    const { deps, counted } = telling(runner);
    for (let i = 0; i < 3; i += 1) await visitCustomer(deps, KEY);
    await runner.sweep();
    expect(ofInvariants(counted)).toEqual([
      ['invariant_broken', { customer: KEY, what: 'armed_and_recorded' }],
      [
        'customer_set_aside',
        {
          customer: KEY,
          why: 'invariant broken: armed_and_recorded (case_in_1:in_1:update-card is armed)',
        },
      ],
    ]);
    const aside = await runner.store.load(KEY, runner.clock.now());
    expect([aside.setAsideAt, aside.dueAt, aside.pending?.armed?.kind]).toEqual([onDay(1), null, 'retry']);
    expect(aside.trouble?.why).toContain('armed_and_recorded');
    expect(asked.filter((one) => one.endsWith(KEY))).toEqual([]);
    expect(runner.mails.at(-1)?.to).toBe('customer2@example.com');
  });

  test('is counted by nobody who lost the claim', async () => {
    const runner = createRunner();
    await runner.tell(...s.failed(0, { code: 'expired_card' }));
    await runner.toDay(1);
    await edited(runner, (customer) =>
      withLadders(customer, (ladder) => ({ ...ladder, steps: [...ladder.steps, ...ladder.steps] })),
    );
    const { deps, counted } = telling(runner);
    await Promise.all([visitCustomer(deps, KEY), visitCustomer(deps, KEY)]);
    expect(ofInvariants(counted)).toHaveLength(1);
    expect(counted.map(([metric]) => metric)).toContain('claim_lost');
  });

  test('is not a payment that a webhook recorded and no visit has seen yet', async () => {
    const runner = createRunner();
    await live(runner);
    expect(runner.metrics).not.toContain('invariant_broken');
  });

  test('and is found by the visit itself is counted with the customer as well', async () => {
    const runner = createRunner();
    await runner.tell(...s.failed(0, { code: 'expired_card' }));
    const { deps, counted } = telling(runner);
    const lawless = { ...deps, policy: { ...deps.policy, campaigns: [] } };
    await runDueActions(lawless, ALL_SHARDS, { visits: 10, goOn: () => true });
    expect(ofInvariants(counted)).toEqual([
      ['invariant_broken', { customer: KEY, what: expect.stringContaining('no campaign takes') }],
    ]);
  });
});

describe('retries and ends of our own', () => {
  const owned = (end: 'leave' | 'cancel') => ({
    policy: {
      ...createRunner().deps.policy,
      retries: { owner: 'recoup' as const, hour: 11, paydays: true, backupMethods: false },
      campaigns: createRunner().deps.policy.campaigns.map((campaign) => ({
        ...campaign,
        steps: [...campaign.steps, { id: 'try-again', kind: 'retry' as const, delayDays: 9 }],
        end: { ...campaign.end, action: end },
      })),
    },
  });

  test('an unknown outcome of a charge is asked again under the same key, never charged anew (C6)', async () => {
    const keys: string[] = [];
    const runner = createRunner({
      ...owned('leave'),
      provider: (scripted: Provider) => ({
        ...scripted,
        retry: async (_key, action) => {
          keys.push(action.key);
          return keys.length < 3
            ? { kind: 'unknown', why: 'timed out' }
            : { kind: 'done', why: 'declined', facts: [] };
        },
      }),
    });
    await runner.tell(...s.failed(0, { code: 'do_not_honor' }));
    await runner.toDay(10);
    expect(keys).toEqual(Array.from({ length: 3 }, () => 'case_in_1:in_1:try-again'));
  });

  test('a repeat that is throttled stays armed since its first try, so that its key is not taken for a fresh one', async () => {
    const armedAts: string[] = [];
    const runner = createRunner({
      ...owned('leave'),
      provider: (scripted: Provider) => ({
        ...scripted,
        retry: async (_key, action) => {
          armedAts.push(action.armedAt);
          if (armedAts.length === 1) return { kind: 'unknown', why: 'timed out' };
          return armedAts.length < 4
            ? { kind: 'throttled', why: 'slow down' }
            : { kind: 'done', why: 'declined', facts: [] };
        },
      }),
    });
    await runner.tell(...s.failed(0, { code: 'do_not_honor' }));
    await runner.toDay(10);
    expect(armedAts).toHaveLength(4);
    expect(new Set(armedAts).size).toBe(1);
  });

  test('a hard decline is never tried again, whatever the policy plans (C11)', async () => {
    let tries = 0;
    const runner = createRunner({
      ...owned('leave'),
      provider: (scripted: Provider) => ({
        ...scripted,
        retry: async () => {
          tries += 1;
          return { kind: 'done', why: 'declined', facts: [] };
        },
      }),
    });
    await runner.tell(...s.failed(0, { code: 'stolen_card' }));
    await runner.toDay(40);
    expect(tries).toBe(0);
  });

  test('a provider that still plans tries of its own makes ours stand back (C27)', async () => {
    const runner = createRunner(owned('leave'));
    await runner.tell(...s.failed(0, { code: 'do_not_honor', next: 20 }));
    await runner.toDay(10);
    const [record] = await casesOf(runner.store);
    expect(record?.steps.find(({ id }) => id === 'try-again')?.why).toMatch(/two owners/);
  });

  test('a subscription is cancelled only 14 days after its final notice, and once', async () => {
    const ends: string[] = [];
    const runner: Runner = createRunner({
      ...owned('cancel'),
      provider: (scripted: Provider) => ({
        ...scripted,
        end: async () => {
          ends.push(runner.clock.now());
          return { kind: 'done', why: 'cancelled', facts: [] };
        },
      }),
    });
    await runner.tell(...s.failed(0, { code: 'expired_card' }));
    await runner.toDay(60);
    const notice = runner.mails.find(({ message }) => message === 'final-notice');
    expect(notice?.at).toBe(onDay(11));
    expect(ends).toEqual([onDay(25)]);
    expect((await casesOf(runner.store))[0]?.invoices[0]?.outcome).toBe('lost');
  });

  test('an end without its notice never happens: on the last day only our books are closed', async () => {
    let ends = 0;
    const runner = createRunner({
      ...owned('cancel'),
      mailFault: ({ message }) => (message === 'final-notice' ? { kind: 'unknown', why: 'timed out' } : null),
      provider: (scripted: Provider) => ({
        ...scripted,
        end: async () => {
          ends += 1;
          return { kind: 'done', why: 'cancelled', facts: [] };
        },
      }),
    });
    await runner.tell(...s.failed(0, { code: 'expired_card' }));
    await runner.toDay(60);
    expect(ends).toBe(0);
    const [record] = await casesOf(runner.store);
    expect(record?.closedAt).toBe(onDay(45));
  });
});
