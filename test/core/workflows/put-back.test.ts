// What was set aside goes back to the clock: once, told by whom, and nothing that was armed is done again.
import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '../../../adapters/memory/store.ts';
import { shardOf } from '../../../adapters/dynamodb/table-shape.ts';
import {
  DamagedItemError,
  OutsideError,
  VersionConflictError,
  type ActOutcome,
  type Store,
} from '../../../core/ports.ts';
import { addDays, addMs, HOUR_MS } from '../../../core/time.ts';
import { putAllBack, putBack, type PutBackBy } from '../../../core/workflows/put-back.ts';
import { at, customerOf, factsOf, FAILED_AT, keyOf, unroutedOf } from '../../support/customers.ts';
import { createRunner, POLICY, START, type Runner } from '../../support/runner.ts';
import { story } from '../../support/story.ts';

const NOW = at('2026-03-02T12:00Z');
const KEY = keyOf('cus_1');
const FACT = `stripe/charge.dispute.updated:${'dp_1'.repeat(40)}:1772355600:needs_response`;
const BY: PutBackBy = { who: 'Ana', note: 'the key is right again' };
const trouble = { count: 10, lastAt: FAILED_AT, why: 'the key was refused' };
const stuck = customerOf(KEY, { setAsideAt: FAILED_AT, trouble });
const stuckFact = unroutedOf(FACT, { dueAt: null, tries: 9, setAsideAt: FAILED_AT, setAsideWhy: 'whose?' });

describe('a customer', () => {
  test('is due now, its trouble is counted anew, and the journal says who and why', async () => {
    const store = createMemoryStore();
    await store.save(stuck);
    expect(await putBack(store, KEY, BY, NOW)).toEqual({ kind: 'put-back', id: KEY, what: 'customer' });
    expect(await store.load(KEY, NOW)).toStrictEqual({
      ...stuck,
      version: 2,
      requests: { received: 1, visits: 0, before: 0 },
      dueAt: NOW,
      setAsideAt: null,
      trouble: null,
      recovery: {
        ...stuck.recovery,
        journal: [{ at: NOW, what: 'put back by Ana', why: 'the key is right again', count: 1 }],
      },
    });
    expect(await store.due(shardOf(KEY), NOW, 10)).toHaveLength(1);
    expect(await store.listStuck(10)).toEqual([]);
  });

  test('whose time ran out while they waited is still there for the visit', async () => {
    const store = createMemoryStore();
    await store.save({ ...stuck, expiresAt: FAILED_AT });
    await putBack(store, KEY, BY, NOW);
    const back = await store.load(KEY, NOW);
    expect(back.facts).toEqual(factsOf());
    expect(back.expiresAt).toBe(addDays(NOW, 90));
  });

  test('with a later end of their time keeps it', async () => {
    const store = createMemoryStore();
    const expiresAt = addDays(NOW, 300);
    await store.save({ ...stuck, expiresAt });
    await putBack(store, KEY, BY, NOW);
    expect((await store.load(KEY, NOW)).expiresAt).toBe(expiresAt);
  });
});

test('a fact that names no customer is due now, with all its tries before it', async () => {
  const store = createMemoryStore();
  await store.saveUnrouted(stuckFact);
  expect(await putBack(store, FACT, BY, NOW)).toEqual({ kind: 'put-back', id: FACT, what: 'unrouted' });
  expect(await store.loadUnrouted(FACT)).toStrictEqual({
    ...stuckFact,
    version: 2,
    dueAt: NOW,
    tries: 0,
    setAsideAt: null,
    setAsideWhy: null,
  });
  expect(await store.due(shardOf(FACT), NOW, 10)).toHaveLength(1);
});

test('a fact that nobody could place is listed since its last try, and once it is known whose it is, brought home', async () => {
  let owner: string | null = null;
  const runner = createRunner({ provider: (scripted) => ({ ...scripted, resolve: async () => owner }) });
  await runner.tell(...story().failed(0, { code: 'expired_card' }));
  await runner.deps.store.saveUnrouted(unroutedOf(FACT, { dueAt: START, receivedAt: START }));
  await runner.toDay(5);
  const [listed] = await runner.store.listStuck(10);
  expect(listed).toMatchObject({ id: FACT, tries: 9, why: expect.stringContaining('no customer found') });
  // After the waits between nine tries: some three days.
  expect(listed && listed.setAsideAt > addDays(START, 2.8)).toBe(true);
  owner = 'cus_1';
  await putBack(runner.deps.store, FACT, BY, runner.clock.now());
  await runner.sweep();
  expect(await runner.store.loadUnrouted(FACT)).toBeNull();
  expect(Object.keys((await runner.store.load(KEY, runner.clock.now())).facts.disputes)).toEqual(['dp_1']);
});

describe('what cannot be put back is told, and nothing is written', () => {
  /** A store that fails the test on any write. */
  const readOnly = (store: Store): Store => ({
    ...store,
    save: () => Promise.reject(new Error('written')),
    saveUnrouted: () => Promise.reject(new Error('written')),
  });

  test.each(['stripe/cus_2', 'cus_1', '', 'stripe/', '/cus_1', 'no such thing', 'Ünïcode/cus_1'])(
    'an id that nothing is stored under: "%s"',
    async (id) => {
      const store = createMemoryStore();
      await store.save(stuck);
      expect(await putBack(readOnly(store), id, BY, NOW)).toEqual({ kind: 'unknown', id });
    },
  );

  test('a customer and a fact that were not set aside', async () => {
    const store = createMemoryStore();
    await store.save(customerOf(KEY, { dueAt: FAILED_AT, trouble }));
    await store.saveUnrouted(unroutedOf(FACT, { tries: 3 }));
    for (const id of [KEY, FACT]) {
      expect(await putBack(readOnly(store), id, BY, NOW)).toEqual({ kind: 'not-stuck', id });
    }
  });

  test('a customer who cannot be read', async () => {
    const store = createMemoryStore({
      fault: (operation) => {
        if (operation === 'load') throw new DamagedItemError('its field "facts" is missing');
      },
    });
    await store.save(customerOf(KEY));
    await store.setAside(KEY, 'damaged', NOW);
    const why = 'its field "facts" is missing';
    expect(await putBack(readOnly(store), KEY, BY, NOW)).toEqual({ kind: 'damaged', id: KEY, why });
  });

  test.each([
    ['a customer', KEY, (store: Store) => store.save(stuck), 'save'],
    ['a fact', FACT, (store: Store) => store.saveUnrouted(stuckFact), 'saveUnrouted'],
  ] as const)(
    '%s whom another writer was first at; it is not tried again',
    async (_, id, write, operation) => {
      let tries = 0;
      const store = createMemoryStore({
        fault: (asked) => {
          if (asked !== operation) return;
          tries += 1;
          if (tries > 1) throw new VersionConflictError('another writer was first');
        },
      });
      await write(store);
      expect(await putBack(store, id, BY, NOW)).toEqual({ kind: 'conflict', id });
      expect(tries).toBe(2);
    },
  );

  test('a store that does not answer is thrown: nothing is known then', async () => {
    const store = createMemoryStore({
      fault: (operation) => {
        if (operation === 'load') throw new OutsideError('the table does not answer', 'later');
      },
    });
    await expect(putBack(store, KEY, BY, NOW)).rejects.toThrow('the table does not answer');
  });
});

describe('all of it', () => {
  test('is put back the longest first, and one that cannot be holds up no other', async () => {
    const broken = keyOf('cus_2');
    const store = createMemoryStore({
      fault: (operation, id) => {
        if (operation === 'load' && id === broken) throw new DamagedItemError('broken');
      },
    });
    await store.save({ ...stuck, setAsideAt: addMs(NOW, -1) });
    await store.save(customerOf(broken, { setAsideAt: addMs(NOW, -2) }));
    await store.saveUnrouted({ ...stuckFact, setAsideAt: addMs(NOW, -3) });
    expect(await putAllBack(store, BY, NOW, 10)).toEqual([
      { kind: 'put-back', id: FACT, what: 'unrouted' },
      { kind: 'damaged', id: broken, why: 'broken' },
      { kind: 'put-back', id: KEY, what: 'customer' },
    ]);
    expect(await store.listStuck(10)).toMatchObject([{ key: broken }]);
  });

  test('is as many as asked for at most', async () => {
    const store = createMemoryStore();
    for (let i = 0; i < 5; i += 1)
      await store.save(customerOf(keyOf(`cus_${i}`), { setAsideAt: addMs(NOW, i) }));
    expect(await putAllBack(store, BY, NOW, 2)).toHaveLength(2);
    expect(await store.listStuck(10)).toHaveLength(3);
  });
});

describe('what was armed', () => {
  const s = story();
  const putAside = async (runner: Runner): Promise<void> => {
    const customer = await runner.store.load(KEY, runner.clock.now());
    await runner.store.save({
      ...customer,
      version: customer.version + 1,
      setAsideAt: runner.clock.now(),
      dueAt: null,
    });
  };
  const afterPutBack = async (runner: Runner): Promise<void> => {
    expect(await putBack(runner.deps.store, KEY, BY, runner.clock.now())).toMatchObject({ kind: 'put-back' });
    await runner.sweep();
  };

  test('a mail that may have gone is not sent again', async () => {
    // The process dies once the mail is out and before that is written down.
    for (let killAt = 1; killAt < 40; killAt += 1) {
      const runner = createRunner({ killAt, killWhen: 'after' });
      await runner.tell(...s.failed(0, { code: 'expired_card' }));
      await runner.sweep();
      const armed = (await runner.store.load(KEY, START)).pending?.armed ?? null;
      if (armed === null || runner.mails.length === 0) continue;
      runner.clock.set(addMs(START, HOUR_MS));
      await putAside(runner);
      runner.clock.set(addMs(START, 2 * HOUR_MS));
      await afterPutBack(runner);
      expect(runner.mails).toHaveLength(1);
      const { pending, recovery } = await runner.store.load(KEY, runner.clock.now());
      expect(pending).toBeNull();
      expect(recovery.case?.ladders[0]?.steps).toMatchObject([{ id: armed.stepId, status: 'uncertain' }]);
      return;
    }
    throw new Error('no request was found at which a mail is out and not written down');
  });

  test('a charge whose answer was lost is looked up first, and its step is never charged anew', async () => {
    const asked: string[] = [];
    const lost: ActOutcome = { kind: 'unknown', why: 'no answer' };
    const runner = createRunner({
      policy: {
        ...POLICY,
        retries: { owner: 'recoup', hour: 11, paydays: true, backupMethods: false },
        campaigns: POLICY.campaigns.map((campaign) => ({
          ...campaign,
          steps: [...campaign.steps, { id: 'try-again', kind: 'retry', delayDays: 9 }],
        })),
      },
      provider: (scripted) => ({
        ...scripted,
        retry: async (_, { key }) => {
          asked.push(`retry ${key}`);
          return lost;
        },
        lookUp: async (_, { key }) => {
          asked.push(`look up ${key}`);
          return lost;
        },
      }),
    });
    await runner.tell(...s.failed(0, { code: 'do_not_honor' }));
    await runner.toDay(12);
    expect(await runner.store.listStuck(1)).toMatchObject([{ why: 'try-again: no answer' }]);
    expect(asked.at(-1)).toBe('look up case_in_1:in_1:try-again');
    const before = asked.length;
    expect(await putBack(runner.deps.store, KEY, BY, runner.clock.now())).toMatchObject({ kind: 'put-back' });
    await runner.toDay(60);
    expect(asked).toHaveLength(before);
    // The days go on where the campaign stood.
    expect((await runner.store.load(KEY, runner.clock.now())).recovery.case).toBeNull();
  });
});
