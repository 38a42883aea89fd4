// A charge or an end of a visit that died: asked for once more or only asked about, and never lost sight of.
import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '../../../adapters/memory/store.ts';
import { OutsideError, type ActOutcome, type Provider } from '../../../core/ports.ts';
import type { ArmedAction, Customer } from '../../../core/recovery/customer.ts';
import type { Fact } from '../../../core/recovery/fact.ts';
import { addMs, MINUTE_MS, toMs } from '../../../core/time.ts';
import { putBack } from '../../../core/workflows/put-back.ts';
import { readCases } from '../../../core/workflows/read-cases.ts';
import { recordFacts } from '../../../core/workflows/record-facts.ts';
import { at, keyOf } from '../../support/customers.ts';
import {
  changeFact,
  disputeFact,
  goneFact,
  inFlightFact,
  invoiceFact,
  reversalFact,
  subscriptionFact,
} from '../../support/facts.ts';
import { createRunner, POLICY, START, type Runner } from '../../support/runner.ts';
import { onDay, story } from '../../support/story.ts';

const KEY = keyOf('cus_1');
const RETRY = 'case_in_1:in_1:try-again';
const END = 'case_in_1:in_1:end';
const NEVER_ARRIVED: ActOutcome = { kind: 'refused', why: 'the request never arrived' };
const DONE: ActOutcome = { kind: 'done', why: 'done', facts: [] };

const OWNED = {
  ...POLICY,
  retries: { owner: 'recoup' as const, hour: 11, paydays: true, backupMethods: false },
  campaigns: POLICY.campaigns.map((campaign) => ({
    ...campaign,
    steps: [...campaign.steps, { id: 'try-again', kind: 'retry' as const, delayDays: 9 }],
    end: { ...campaign.end, action: 'cancel' as const },
  })),
};

type Answer = (action: ArmedAction) => ActOutcome;
type Asked = { readonly what: string; readonly at: string; readonly armedAt: string };

/** A runner on which the first request of one kind dies on its way, and what was asked of its provider. */
const dying = (kind: 'retry' | 'end', lookUp: Answer = () => NEVER_ARRIVED, again: Answer = () => DONE) => {
  const asked: Asked[] = [];
  const saves: Customer[] = [];
  const store = createMemoryStore();
  let dead = false;
  const runner: Runner = createRunner({
    policy: OWNED,
    store: {
      ...store,
      save: async (customer) => {
        await store.save(customer);
        saves.push(customer);
      },
    },
    provider: (scripted: Provider) => {
      const act = (verb: 'retry' | 'end') => async (_: unknown, action: ArmedAction) => {
        if (verb !== kind) return DONE;
        asked.push({ what: `${verb} ${action.key}`, at: runner.clock.now(), armedAt: action.armedAt });
        if (dead) return again(action);
        dead = true;
        throw new Error('the process died');
      };
      return {
        ...scripted,
        retry: act('retry'),
        end: act('end'),
        lookUp: async (_, action) => {
          asked.push({ what: `look up ${action.key}`, at: runner.clock.now(), armedAt: action.armedAt });
          return lookUp(action);
        },
      };
    },
  });
  return { runner, asked, saves, names: () => asked.map(({ what }) => what) };
};

const s = story();
const load = (runner: Runner) => runner.store.load(KEY, runner.clock.now());
const told = (runner: Runner, ...facts: readonly Fact[]) =>
  recordFacts(runner.deps, KEY, facts, runner.clock.now());
const stepsOf = async (runner: Runner, stepId: string) => {
  const [record] = await readCases(runner.store, START, addMs(START, 1));
  return record?.steps.filter(({ id }) => id === stepId).map(({ status }) => status);
};

/** Lives up to the day on which the request dies. */
const diedOn = async (runner: Runner, day: number): Promise<void> => {
  await runner.tell(...s.failed(0, { code: 'do_not_honor' }));
  await runner.toDay(day);
  const { pending } = await load(runner);
  expect(pending?.armed).not.toBeNull();
};

/** What may have come in since, told with the time of the day on which the visit died. */
const SINCE: readonly (readonly [string, (days: number) => Fact])[] = [
  ['the invoice was paid', (d) => invoiceFact('in_1', { status: 'paid', at: at(onDay(d)) })],
  ['it was voided', (d) => invoiceFact('in_1', { status: 'void', at: at(onDay(d)) })],
  ['a dispute was opened', (d) => disputeFact('dp_1', {}, { at: at(onDay(d)) })],
  ['a payment is in flight', (d) => inFlightFact('pi_9', true, { at: at(onDay(d)) })],
  ['the customer was erased', (d) => goneFact('customer-erased', { at: at(onDay(d)) })],
  ['the customer was deleted', (d) => goneFact('customer-deleted', { at: at(onDay(d)) })],
  [
    'the customer left',
    (d) =>
      subscriptionFact(
        { status: 'canceled', cancellationReason: 'cancellation_requested' },
        { at: at(onDay(d)) },
      ),
  ],
];

describe.each([
  ['a charge', 'retry', RETRY, 'try-again', 9],
  ['an end', 'end', END, 'end', 26],
] as const)('%s of a visit that died', (_, kind, key, stepId, diesOn) => {
  test('is asked for again under its key when nothing stands against it', async () => {
    const { runner, asked, names } = dying(kind);
    await diedOn(runner, diesOn);
    await runner.toDay(diesOn + 0.5);
    expect(names()).toEqual([`${kind} ${key}`, `${kind} ${key}`]);
    expect(new Set(asked.map(({ armedAt }) => armedAt))).toEqual(new Set([onDay(diesOn)]));
    expect(await stepsOf(runner, stepId)).toEqual(['done']);
  });

  test.each(SINCE)('is only looked up when %s', async (__, since) => {
    const { runner, names } = dying(kind, () => DONE);
    await diedOn(runner, diesOn);
    await told(runner, since(diesOn));
    await runner.toDay(diesOn + 0.5);
    expect(names()).toEqual([`${kind} ${key}`, `look up ${key}`]);
    expect(await stepsOf(runner, stepId)).toEqual(['done']);
  });

  test.each(SINCE)(
    'and never arrived is given up when %s, with a line in the journal',
    async (what, since) => {
      const { runner, names, saves } = dying(kind);
      const GIVEN_UP = `${stepId} given up for in_1`;
      await diedOn(runner, diesOn);
      await told(runner, since(diesOn));
      await runner.toDay(diesOn + 0.1);
      const given = saves.find(({ recovery }) => recovery.journal.some((line) => line.what === GIVEN_UP));
      const line = given?.recovery.journal.at(-1);
      expect(line).toMatchObject({ what: GIVEN_UP, why: 'the request never arrived', count: 1 });
      expect(given).toMatchObject({ pending: null, dueAt: line?.at });
      const steps = given?.recovery.case?.ladders[0]?.steps ?? [];
      expect(steps.map(({ id }) => id)).not.toContain(stepId);
      expect(names().slice(0, 2)).toEqual([`${kind} ${key}`, `look up ${key}`]);
      // It is planned anew: somebody who is erased still owes, all others are not asked for money now.
      expect(names().slice(2)).toEqual(what === 'the customer was erased' ? [`${kind} ${key}`] : []);
    },
  );

  test('that was given up is planned again once nothing stands against it', async () => {
    const { runner, asked, names } = dying(kind);
    await diedOn(runner, diesOn);
    await told(runner, disputeFact('dp_1', {}, { at: at(onDay(diesOn)) }));
    await runner.toDay(diesOn + 1);
    await told(runner, disputeFact('dp_1', { open: false }, { at: at(onDay(diesOn + 1)) }));
    await runner.toDay(diesOn + 1.5);
    expect(names()).toEqual([`${kind} ${key}`, `look up ${key}`, `${kind} ${key}`]);
    expect(asked.at(-1)?.armedAt).toBe(onDay(diesOn + 1));
    expect(await stepsOf(runner, stepId)).toEqual(['done']);
  });

  test('is only looked up once its key may be forgotten, and planned again when it never arrived', async () => {
    const { runner, asked, names } = dying(kind);
    await diedOn(runner, diesOn);
    runner.sleepTo(diesOn + 2);
    await runner.sweep();
    await runner.sweep();
    expect(names()).toEqual([`${kind} ${key}`, `look up ${key}`, `${kind} ${key}`]);
    expect(asked.at(-1)?.armedAt).toBe(onDay(diesOn + 2));
  });

  test('stays as it is while nobody can say what became of it', async () => {
    let answers = 2;
    const { runner, names } = dying(kind, () => {
      answers -= 1;
      return answers >= 0 ? { kind: 'unknown', why: 'no answer' } : DONE;
    });
    await diedOn(runner, diesOn);
    await told(runner, disputeFact('dp_1', {}, { at: at(onDay(diesOn)) }));
    await runner.toDay(diesOn + 0.5);
    expect(names()).toEqual([`${kind} ${key}`, ...Array.from({ length: 3 }, () => `look up ${key}`)]);
    expect(await stepsOf(runner, stepId)).toEqual(['done']);
  });
});

test('the end of a returned payment that was paid again meanwhile is only looked up', async () => {
  const { runner, names } = dying('end');
  await runner.tell(...s.failed(0), ...s.customer('created', 0));
  await runner.toDay(0.5);
  await runner.tell(...s.paid(0.5));
  await runner.toDay(5);
  await told(runner, reversalFact('ch_back', { at: at(onDay(5)), amountMinor: 2500, currency: 'USD' }));
  await runner.tell(...s.customer('updated', 5));
  await runner.toDay(31);
  const key = 'case_in_1-ch_back:in_1:ch_back:end';
  expect(names()).toEqual([`end ${key}`]);
  await told(runner, changeFact('inpay_2', { paidMinor: 2500 }, { at: at(onDay(31)) }));
  await runner.toDay(32);
  expect(names()).toEqual([`end ${key}`, `look up ${key}`]);
  expect((await runner.store.loadClosedCase(KEY, 'case_in_1-ch_back'))?.invoices).toMatchObject([
    { outcome: 'recovered', recoveredMinor: 2500 },
  ]);
});

describe('while it cannot be settled', () => {
  const failing = (): never => {
    throw new OutsideError('no answer', 'later');
  };
  const gapsOf = (asked: readonly Asked[]) =>
    asked.slice(1).map((one, i) => {
      const before = asked[i]?.at ?? one.at;
      return (toMs(at(one.at)) - toMs(at(before))) / MINUTE_MS;
    });
  /** The lease first, then ever longer. */
  const WAITS = [3, 3, 3, 4, 8, 16, 32, 64, 128, 256];

  test.each<readonly [string, readonly Fact[], Answer, Answer]>([
    ['look-up', [disputeFact('dp_1', {}, { at: at(onDay(9)) })], failing, () => DONE],
    ['repetition', [], () => DONE, failing],
  ])('a %s that fails is tried ever later, and after ten set aside armed', async (_, since, ...how) => {
    const { runner, asked } = dying('retry', ...how);
    await diedOn(runner, 9);
    if (since.length > 0) await told(runner, ...since);
    const armed = (await load(runner)).pending?.armed;
    await runner.toDay(9.01);
    expect(await load(runner)).toMatchObject({
      trouble: { count: 4 },
      pending: { armed },
      setAsideAt: null,
    });
    await runner.toDay(12);
    expect(gapsOf(asked)).toEqual(WAITS);
    const aside = await load(runner);
    expect(aside).toMatchObject({
      dueAt: null,
      trouble: { count: 10, why: 'no answer' },
      pending: { armed },
    });
    expect(aside.setAsideAt).toBe(asked.at(-1)?.at);
    expect(runner.metrics.filter((metric) => metric === 'customer_set_aside')).toHaveLength(1);
    expect(await stepsOf(runner, 'try-again')).toEqual([]);
  });

  test('and once it is put back, what was armed is settled', async () => {
    let down = true;
    const { runner, names } = dying('retry', () => (down ? failing() : DONE));
    await diedOn(runner, 9);
    await told(runner, disputeFact('dp_1', {}, { at: at(onDay(9)) }));
    await runner.toDay(12);
    down = false;
    await putBack(runner.deps.store, KEY, { who: 'Kim', note: 'it answers' }, runner.clock.now());
    await runner.sweep();
    expect(names().filter((what) => what.startsWith('retry'))).toHaveLength(1);
    expect(await stepsOf(runner, 'try-again')).toEqual(['done']);
    expect(await load(runner)).toMatchObject({ pending: null, setAsideAt: null });
  });

  test('who is told to slow down keeps what is armed, and it is no trouble', async () => {
    let busy = 12;
    const { runner, asked } = dying('retry', () => {
      busy -= 1;
      return busy >= 0 ? { kind: 'throttled', why: 'slow down' } : DONE;
    });
    await diedOn(runner, 9);
    await told(runner, disputeFact('dp_1', {}, { at: at(onDay(9)) }));
    const armed = (await load(runner)).pending?.armed;
    await runner.toDay(9.02);
    expect(busy).toBeGreaterThan(0);
    expect(await load(runner)).toMatchObject({ trouble: null, pending: { armed }, setAsideAt: null });
    await runner.toDay(9.5);
    expect(new Set(asked.map(({ armedAt }) => armedAt)).size).toBe(1);
    expect(asked).toHaveLength(14);
    expect(await stepsOf(runner, 'try-again')).toEqual(['done']);
  });
});
