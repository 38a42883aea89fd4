// What every store promises, whatever it is built on. Run by memory.test.ts and dynamodb.test.ts.
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { SHARDS, shardOf } from '../../../adapters/dynamodb/table-shape.ts';
import { customerKey } from '../../../core/ids.ts';
import type { CustomerKey } from '../../../core/ids.ts';
import { DamagedItemError, FIGURES, VersionConflictError } from '../../../core/ports.ts';
import type { DueEntry, Store } from '../../../core/ports.ts';
import { ADJUSTMENT_KINDS, NO_FACTS, isKnown, newCustomer } from '../../../core/recovery/customer.ts';
import type { Customer } from '../../../core/recovery/customer.ts';
import { summaryOf } from '../../../core/reports/outcome.ts';
import { countInto, emptyCounting, type MonthSums, type Rollup } from '../../../core/reports/rollup.ts';
import { reportCase } from '../../../core/reports/rows.ts';
import { addMs, instantFromMs } from '../../../core/time.ts';
import type { Instant } from '../../../core/time.ts';
import {
  FAILED_AT,
  adjustmentOf,
  at,
  bookOf,
  closedCaseOf,
  customerOf,
  factsOf,
  keyOf,
  lineOf,
  openCaseOf,
  unroutedOf,
} from '../../support/customers.ts';

/** A fresh, empty store. */
export type OpenStore = (options?: {
  /** At most so many items a page, for a store that reads in pages. */
  readonly pageSize?: number;
}) => Promise<{
  readonly store: Store;
  /** Makes the stored customer unreadable, as a crash of the world outside would. */
  readonly damage: (key: CustomerKey) => Promise<void>;
}>;

const NOW = at('2026-03-02T12:00Z');
const KEY = keyOf('cus_1');

const dueEverywhere = async (store: Store, now: Instant = NOW): Promise<DueEntry[]> => {
  const shards = Array.from({ length: SHARDS }, (_, shard) => store.due(shard, now, 1000));
  return (await Promise.all(shards)).flat();
};

/** Keys of customers that stand in one shard. */
const keysInShard = (shard: number, count: number): CustomerKey[] => {
  const keys: CustomerKey[] = [];
  for (let i = 0; keys.length < count; i += 1) {
    if (shardOf(keyOf(`cus_${i}`)) === shard) keys.push(keyOf(`cus_${i}`));
  }
  return keys;
};

const race = async (writes: readonly Promise<void>[]): Promise<{ won: number[]; errors: unknown[] }> => {
  const results = await Promise.allSettled(writes);
  const won = results.flatMap((result, i) => (result.status === 'fulfilled' ? [i] : []));
  return { won, errors: results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : [])) };
};

/** The error that `work` is expected to fail with. */
export const errorOf = async (work: Promise<unknown>): Promise<Error> => {
  const [result] = await Promise.allSettled([work]);
  if (result.status === 'rejected' && result.reason instanceof Error) return result.reason;
  throw new Error('it should have failed with an error');
};

/** Declares the tests of the contract for the store that `open` opens. */
export const storeContract = (name: string, open: OpenStore): void => {
  const promises = {
    'a customer': testCustomers,
    'two writers': testRaces,
    'what is due': testDue,
    'what was set aside or damaged': testSetAside,
    'what waits for a person': testStuck,
    'what has expired': testExpiry,
    'cases of a month': testCaseList,
    'a closed case and its adjustments': testClosedCases,
    'an unrouted fact': testUnrouted,
    'the cursor of a connection': testCursors,
    'a walk through an account': testWalks,
    'the sums of a month': testRollups,
    'text and ids': testText,
  };
  for (const [about, declare] of Object.entries(promises)) {
    describe(`${name}: ${about}`, () => {
      declare(open);
    });
  }
};

const testCustomers = (open: OpenStore): void => {
  test('one that was never written comes back empty, with version 0', async () => {
    const { store } = await open();
    const customer = await store.load(KEY, NOW);
    expect(customer).toStrictEqual(newCustomer(KEY));
    expect(isKnown(customer)).toBe(false);
  });

  test('everything that was saved comes back', async () => {
    const { store } = await open();
    const armed = {
      caseId: 'case_in_1',
      subjectId: 'in_1',
      stepId: 'day-3',
      kind: 'email',
      key: 'case_in_1:in_1:day-3',
      why: 'due',
      message: 'reminder',
      endAction: null,
      methodId: 'pm_2',
      carries: [],
      armedAt: NOW,
    } as const;
    const full = customerOf(KEY, {
      dueAt: NOW,
      pending: { token: 1, leaseUntil: NOW, armed },
      trouble: { count: 2, lastAt: NOW, why: 'the gateway is down' },
      recovery: {
        case: openCaseOf('case_in_1'),
        notices: [
          {
            subjectId: 'trial_ending:sub_1:2026-03-09',
            kind: 'trial_ending',
            aboutId: 'sub_1',
            campaignId: 'trial',
            date: NOW,
            openedAt: FAILED_AT,
            steps: [],
            over: null,
          },
        ],
        lastAskedAt: FAILED_AT,
        hold: { kind: 'hold', until: NOW, at: FAILED_AT, by: 'Ana', note: 'promised', past: [] },
        retries: [{ id: 'operator-1', subjectId: 'in_1', at: NOW, by: 'Ana' }],
        answers: [{ at: NOW, kind: 'promise', promisedDay: '2026-03-20', held: true, text: 'on payday' }],
        unsubscribed: { notices: NOW },
        linksRevokedAt: NOW,
        exposure: { mails: { arm: 'mailed', at: FAILED_AT } },
        journal: [lineOf('case opened')],
        journalPages: 2,
      },
      outbox: {
        closed: closedCaseOf(KEY, 'case_in_0'),
        adjustments: [adjustmentOf(KEY, 'ch_9')],
        journal: { page: 1, entries: [lineOf('older')] },
      },
    });
    await store.save(full);
    const loaded = await store.load(KEY, NOW);
    expect(loaded).toStrictEqual(full);
    expect(isKnown(loaded)).toBe(true);
  });

  test('one that was saved without facts is still unknown', async () => {
    const { store } = await open();
    await store.save(customerOf(KEY, { facts: NO_FACTS }));
    expect(isKnown(await store.load(KEY, NOW))).toBe(false);
  });

  test('is another one under another connection', async () => {
    const { store } = await open();
    await store.save(customerOf(KEY));
    expect((await store.load(customerKey('stripe-eu', 'cus_1'), NOW)).version).toBe(0);
  });

  test('two pages of a journal, one of them put twice, leave the customer as it is', async () => {
    const { store } = await open();
    await store.save(customerOf(KEY));
    for (const page of [0, 1, 1]) await store.putJournalPage(KEY, page, [lineOf(`page ${page}`)]);
    expect(await store.load(KEY, NOW)).toStrictEqual(customerOf(KEY));
  });

  test('a page of a journal comes back as it was first put, and is null where there is none', async () => {
    const { store } = await open();
    const lines = [lineOf('case opened'), { ...lineOf('looked'), count: 7 }];
    await store.putJournalPage(KEY, 0, lines);
    await store.putJournalPage(KEY, 0, [lineOf('another')]);
    await store.putJournalPage(KEY, 12, []);
    expect(await store.loadJournalPage(KEY, 0, NOW)).toStrictEqual(lines);
    expect(await store.loadJournalPage(KEY, 12, NOW)).toStrictEqual([]);
    expect(await store.loadJournalPage(KEY, 1, NOW)).toBeNull();
    expect(await store.loadJournalPage(keyOf('cus_2'), 0, NOW)).toBeNull();
  });

  test('pages of one number are told apart by when they begin: who was forgotten begins at 0 again', async () => {
    const { store } = await open();
    const lives = ['2024-01-01T00:00Z', '2025-06-01T00:00Z', '2026-12-01T00:00Z'].map(at);
    const pages = lives.map((since) => [{ ...lineOf(`since ${since}`), at: since }, lineOf('later')]);
    for (const lines of [...pages].reverse()) await store.putJournalPage(KEY, 0, lines);
    await store.putJournalPage(KEY, 1, [lineOf('the page after')]);
    for (const [life, since] of lives.entries()) {
      expect(await store.loadJournalPage(KEY, 0, since)).toStrictEqual(pages[life]);
      expect(await store.loadJournalPage(KEY, 0, addMs(since, 1))).toStrictEqual(pages[life]);
      expect(await store.loadJournalPage(KEY, 0, addMs(since, -1))).toStrictEqual(pages[life - 1] ?? null);
    }
  });
};

const testRaces = (open: OpenStore): void => {
  test('of 24 that create the same customer at once exactly one wins (failure A2)', async () => {
    const { store } = await open();
    const racers = Array.from({ length: 24 }, (_, i) => customerOf(KEY, { dueAt: instantFromMs(i) }));
    const { won, errors } = await race(racers.map((customer) => store.save(customer)));
    expect(won).toHaveLength(1);
    expect(errors).toHaveLength(23);
    for (const error of errors) expect(error).toBeInstanceOf(VersionConflictError);
    expect(await store.load(KEY, NOW)).toStrictEqual(racers[won[0] ?? -1]);
  });

  test('of 24 that change the same customer at once exactly one wins (failure C24)', async () => {
    const { store } = await open();
    await store.save(customerOf(KEY));
    const racers = Array.from({ length: 24 }, (_, i) =>
      customerOf(KEY, { version: 2, dueAt: instantFromMs(i) }),
    );
    const { won, errors } = await race(racers.map((customer) => store.save(customer)));
    expect(won).toHaveLength(1);
    for (const error of errors) expect(error).toBeInstanceOf(VersionConflictError);
    expect(await store.load(KEY, NOW)).toStrictEqual(racers[won[0] ?? -1]);
  });

  test('writers that reload after a conflict all get their turn, and the version counts them', async () => {
    const { store } = await open();
    const write = async (): Promise<void> => {
      for (;;) {
        const { version } = await store.load(KEY, NOW);
        const { won, errors } = await race([store.save(customerOf(KEY, { version: version + 1 }))]);
        if (won.length === 1) return;
        expect(errors[0]).toBeInstanceOf(VersionConflictError);
      }
    };
    await Promise.all(Array.from({ length: 8 }, write));
    expect((await store.load(KEY, NOW)).version).toBe(8);
  });

  test.each([
    ['creates it again', 1],
    ['writes the version that is stored', 3],
    ['skips a version', 5],
  ])('one that %s is refused, and the customer and its place in the queue stay', async (_, version) => {
    const { store } = await open();
    const [first, second] = [customerOf(KEY), customerOf(KEY, { version: 2 })];
    const third = customerOf(KEY, { version: 3, dueAt: FAILED_AT });
    for (const customer of [first, second, third]) await store.save(customer);
    await expect(store.save(customerOf(KEY, { version, dueAt: NOW }))).rejects.toBeInstanceOf(
      VersionConflictError,
    );
    expect(await store.load(KEY, NOW)).toStrictEqual(third);
    expect(await dueEverywhere(store)).toStrictEqual([{ kind: 'customer', key: KEY, dueAt: FAILED_AT }]);
  });

  test('a change of a customer that is not stored is refused', async () => {
    const { store } = await open();
    await expect(store.save(customerOf(KEY, { version: 2 }))).rejects.toBeInstanceOf(VersionConflictError);
    expect((await store.load(KEY, NOW)).version).toBe(0);
  });

  test('version 0 is never written', async () => {
    const { store } = await open();
    await expect(store.save(customerOf(KEY, { version: 0 }))).rejects.toThrow(
      'a written version is 1 or more',
    );
  });
};

const testDue = (open: OpenStore): void => {
  test('a customer stands in its own shard only, and only from its time on', async () => {
    const { store } = await open();
    await store.save(customerOf(KEY, { dueAt: NOW }));
    const entry = { kind: 'customer', key: KEY, dueAt: NOW };
    for (let shard = 0; shard < SHARDS; shard += 1) {
      expect(await store.due(shard, NOW, 10)).toStrictEqual(shard === shardOf(KEY) ? [entry] : []);
      expect(await store.due(shard, addMs(NOW, -1), 10)).toStrictEqual([]);
    }
  });

  test('one with no time to think of it does not stand in the queue', async () => {
    const { store } = await open();
    await store.save(customerOf(KEY, { dueAt: null }));
    expect(await dueEverywhere(store)).toStrictEqual([]);
  });

  test('each write moves or removes the one entry', async () => {
    const { store } = await open();
    await store.save(customerOf(KEY, { dueAt: FAILED_AT }));
    await store.save(customerOf(KEY, { version: 2, dueAt: addMs(NOW, 1) }));
    expect(await dueEverywhere(store)).toStrictEqual([]);
    await store.save(customerOf(KEY, { version: 3, dueAt: NOW }));
    expect(await dueEverywhere(store)).toStrictEqual([{ kind: 'customer', key: KEY, dueAt: NOW }]);
    await store.save(customerOf(KEY, { version: 4, dueAt: null }));
    expect(await dueEverywhere(store)).toStrictEqual([]);
  });

  test('the earliest come first, and at most as many as asked for', async () => {
    const { store } = await open({ pageSize: 2 });
    const keys = keysInShard(3, 9);
    const times = [4, 8, 1, 7, 3, 9, 2, 6, 5].map((n) => addMs(NOW, -n * 37_000));
    for (const [i, key] of keys.entries()) await store.save(customerOf(key, { dueAt: times[i] ?? NOW }));
    const ordered = times.toSorted();
    for (const limit of [0, 1, 2, 4, 5, 9, 100]) {
      const entries = await store.due(3, NOW, limit);
      expect(entries.map((entry) => entry.dueAt)).toStrictEqual(ordered.slice(0, limit));
    }
  });

  test('customers due at the same moment are all there, once', async () => {
    const { store } = await open({ pageSize: 2 });
    const keys = keysInShard(0, 7);
    for (const key of keys) await store.save(customerOf(key, { dueAt: NOW }));
    const found = (await store.due(0, NOW, 100)).map((entry) => (entry.kind === 'customer' ? entry.key : ''));
    expect(found.toSorted()).toStrictEqual(keys.toSorted());
  });

  test('what is handed out is a copy: changing it changes nothing stored', async () => {
    const { store } = await open();
    await store.save(
      customerOf(KEY, {
        dueAt: NOW,
        recovery: { ...newCustomer(KEY).recovery, case: openCaseOf('case_in_1') },
      }),
    );
    await store.putAdjustment(adjustmentOf(KEY, 'ch_1'));
    (await store.due(shardOf(KEY), NOW, 10)).pop();
    (await store.listCases('2026-03')).pop();
    (await store.listAdjustments(KEY)).pop();
    expect(await store.due(shardOf(KEY), NOW, 10)).toHaveLength(1);
    expect(await store.listCases('2026-03')).toHaveLength(1);
    expect(await store.listAdjustments(KEY)).toHaveLength(1);
  });
};

const testSetAside = (open: OpenStore): void => {
  test('a customer that was set aside is never due, and says since when', async () => {
    const { store } = await open();
    const customer = customerOf(KEY, { dueAt: FAILED_AT });
    await store.save(customer);
    await store.setAside(KEY, 'five visits failed', NOW);
    expect(await dueEverywhere(store)).toStrictEqual([]);
    expect(await store.load(KEY, NOW)).toStrictEqual({ ...customer, setAsideAt: NOW });
  });

  test('one that is saved as set aside is not due either, until it is put back', async () => {
    const { store } = await open();
    await store.save(customerOf(KEY, { dueAt: FAILED_AT, setAsideAt: NOW }));
    expect(await dueEverywhere(store)).toStrictEqual([]);
    await store.save(customerOf(KEY, { version: 2, dueAt: FAILED_AT }));
    expect(await dueEverywhere(store)).toHaveLength(1);
  });

  test('after setAside the next save puts it back', async () => {
    const { store } = await open();
    await store.save(customerOf(KEY, { dueAt: FAILED_AT }));
    await store.setAside(KEY, 'five visits failed', NOW);
    const back = customerOf(KEY, { version: 2, dueAt: NOW });
    await store.save(back);
    expect(await store.load(KEY, NOW)).toStrictEqual(back);
    expect(await dueEverywhere(store)).toHaveLength(1);
  });

  test('setting aside one that is not stored makes nothing', async () => {
    const { store } = await open();
    await store.setAside(KEY, 'gone', NOW);
    expect(await store.load(KEY, NOW)).toStrictEqual(newCustomer(KEY));
    await store.save(customerOf(KEY));
  });

  test('a damaged one says so by name, and once it is set aside the others go on', async () => {
    const { store, damage } = await open();
    const [broken, healthy] = keysInShard(5, 2) as [CustomerKey, CustomerKey];
    await store.save(customerOf(broken, { dueAt: FAILED_AT }));
    await store.save(customerOf(healthy, { dueAt: NOW }));
    await damage(broken);
    const error = await errorOf(store.load(broken, NOW));
    expect(error).toBeInstanceOf(DamagedItemError);
    expect(String(error)).toContain(broken);
    expect(await store.due(5, NOW, 10)).toHaveLength(2);

    await store.setAside(broken, String(error), NOW);
    expect(await store.due(5, NOW, 10)).toStrictEqual([{ kind: 'customer', key: healthy, dueAt: NOW }]);
    expect(await store.load(healthy, NOW)).toStrictEqual(customerOf(healthy, { dueAt: NOW }));
    await expect(store.load(broken, NOW)).rejects.toBeInstanceOf(DamagedItemError);
  });
};

const testStuck = (open: OpenStore): void => {
  const minutesAgo = (minutes: number): Instant => addMs(NOW, -minutes * 60_000);
  const trouble = { count: 10, lastAt: NOW, why: 'the provider does not know this customer' };

  test('customers and facts are listed, the longest first and at most as many as asked for', async () => {
    const { store } = await open({ pageSize: 2 });
    await store.save(customerOf(keyOf('cus_9'), { dueAt: FAILED_AT }));
    await store.saveUnrouted(unroutedOf('evt_9'));
    await store.save(customerOf(keyOf('cus_1'), { setAsideAt: minutesAgo(1), trouble }));
    await store.saveUnrouted(
      unroutedOf('evt_1', { dueAt: null, tries: 9, setAsideAt: minutesAgo(3), setAsideWhy: 'no customer' }),
    );
    await store.save(customerOf(keyOf('cus_2')));
    await store.setAside(keyOf('cus_2'), 'cannot be read', minutesAgo(2));
    await store.save(customerOf(keyOf('cus_3'), { setAsideAt: minutesAgo(4), dueAt: FAILED_AT }));
    const { why } = trouble;
    const all = [
      {
        kind: 'customer',
        key: keyOf('cus_3'),
        setAsideAt: minutesAgo(4),
        why: 'no reason was written down',
        tries: 0,
      },
      {
        kind: 'unrouted',
        id: 'evt_1',
        setAsideAt: minutesAgo(3),
        why: 'no customer',
        tries: 9,
        reference: { kind: 'charge', id: 'ch_1' },
      },
      { kind: 'customer', key: keyOf('cus_2'), setAsideAt: minutesAgo(2), why: 'cannot be read', tries: 0 },
      { kind: 'customer', key: keyOf('cus_1'), setAsideAt: minutesAgo(1), why, tries: 10 },
    ];
    for (const limit of [0, 1, 2, 3, 4, 100]) {
      expect(await store.listStuck(limit)).toStrictEqual(all.slice(0, limit));
    }
    expect((await dueEverywhere(store)).map(({ kind }) => kind).toSorted()).toStrictEqual([
      'customer',
      'unrouted',
    ]);
  });

  test('nothing of it is ever due, however long it waits', async () => {
    const { store } = await open();
    await store.save(customerOf(KEY, { dueAt: FAILED_AT, setAsideAt: FAILED_AT }));
    await store.save(customerOf(keyOf('cus_2'), { dueAt: FAILED_AT }));
    await store.setAside(keyOf('cus_2'), 'why', FAILED_AT);
    await store.saveUnrouted(unroutedOf('evt_1', { setAsideAt: FAILED_AT, setAsideWhy: 'why' }));
    expect(await dueEverywhere(store, at('2036-01-01T00:00Z'))).toStrictEqual([]);
    expect(await store.listStuck(10)).toHaveLength(3);
  });

  test('a customer who cannot be read is listed with the reason that was given', async () => {
    const { store, damage } = await open();
    await store.save(customerOf(KEY, { dueAt: FAILED_AT }));
    await damage(KEY);
    await store.setAside(KEY, 'its field "facts" is missing', NOW);
    expect(await store.listStuck(10)).toStrictEqual([
      { kind: 'customer', key: KEY, setAsideAt: NOW, why: 'its field "facts" is missing', tries: 0 },
    ]);
  });

  test('one that was set aside at a step of unknown outcome is listed with that step', async () => {
    const { store } = await open();
    const step = { id: 'retry-2', kind: 'retry', at: NOW, status: 'uncertain', message: null } as const;
    const [ladder] = openCaseOf('case_in_1').ladders;
    const steps = [
      { ...step, at: FAILED_AT, id: 'retry-1', why: 'older' },
      { ...step, why: 'the answer never came' },
    ];
    const open1 = openCaseOf('case_in_1', { ladders: ladder ? [{ ...ladder, steps }] : [] });
    const recovery = { ...newCustomer(KEY).recovery, case: open1 };
    await store.save(customerOf(KEY, { setAsideAt: NOW, recovery }));
    expect(await store.listStuck(1)).toMatchObject([{ why: 'retry-2: the answer never came' }]);
  });

  test('a later fact about a customer leaves them set aside; what is written as put back is gone', async () => {
    const { store } = await open();
    await store.save(customerOf(KEY, { setAsideAt: NOW, trouble }));
    await store.save(customerOf(KEY, { version: 2, setAsideAt: NOW, trouble, dueAt: FAILED_AT }));
    expect(await store.listStuck(10)).toMatchObject([{ key: KEY, setAsideAt: NOW, tries: 10 }]);
    await store.save(customerOf(KEY, { version: 3, dueAt: NOW }));
    await store.saveUnrouted(unroutedOf('evt_1', { setAsideAt: NOW, setAsideWhy: 'why' }));
    await store.saveUnrouted(unroutedOf('evt_1', { version: 2 }));
    await store.saveUnrouted(unroutedOf('evt_2', { setAsideAt: NOW, setAsideWhy: 'why' }));
    await store.deleteUnrouted('evt_2');
    expect(await store.listStuck(10)).toStrictEqual([]);
    expect(await dueEverywhere(store)).toHaveLength(2);
  });

  test('the reason given to setAside holds until the customer is written again', async () => {
    const { store } = await open();
    await store.save(customerOf(KEY, { trouble }));
    await store.setAside(KEY, 'cannot be read', NOW);
    expect(await store.listStuck(1)).toMatchObject([{ why: 'cannot be read', tries: 10 }]);
    await store.save(customerOf(KEY, { version: 2, setAsideAt: NOW, trouble }));
    expect(await store.listStuck(1)).toMatchObject([{ why: trouble.why }]);
  });

  test('it is kept beyond its time, until it is put back', async () => {
    const { store } = await open();
    const customer = customerOf(KEY, { setAsideAt: FAILED_AT, expiresAt: NOW });
    await store.save(customer);
    expect(await store.load(KEY, addMs(NOW, 1))).toStrictEqual(customer);
    const other = customerOf(keyOf('cus_2'), { expiresAt: NOW });
    await store.save(other);
    await store.setAside(other.key, 'why', FAILED_AT);
    expect(await store.load(other.key, addMs(NOW, 1))).toStrictEqual({ ...other, setAsideAt: FAILED_AT });
    expect(await store.listStuck(10)).toHaveLength(2);
    await store.save(customerOf(KEY, { version: 2, expiresAt: NOW }));
    expect(await store.load(KEY, NOW)).toStrictEqual(newCustomer(KEY, 2));
  });
};

const testExpiry = (open: OpenStore): void => {
  const EXPIRES = at('2026-04-10T00:00:00.500Z');

  test('it is there until its time, and absent from then on, but for its version', async () => {
    const { store } = await open();
    const customer = customerOf(KEY, { expiresAt: EXPIRES });
    await store.save(customer);
    expect(await store.load(KEY, addMs(EXPIRES, -1))).toStrictEqual(customer);
    for (const later of [0, 1, 499, 500, 86_400_000]) {
      const forgotten = await store.load(KEY, addMs(EXPIRES, later));
      expect(forgotten).toStrictEqual(newCustomer(KEY, 1));
      expect(isKnown(forgotten)).toBe(false);
    }
  });

  test('the version goes on where it stood', async () => {
    const { store } = await open();
    await store.save(customerOf(KEY));
    await store.save(customerOf(KEY, { version: 2, expiresAt: EXPIRES }));
    await expect(store.save(customerOf(KEY, { version: 1 }))).rejects.toBeInstanceOf(VersionConflictError);
    const { version } = await store.load(KEY, EXPIRES);
    await store.save(customerOf(KEY, { version: version + 1 }));
    expect(await store.load(KEY, EXPIRES)).toStrictEqual(customerOf(KEY, { version: 3 }));
  });

  test('of two that write over it exactly one wins', async () => {
    const { store } = await open();
    await store.save(customerOf(KEY, { expiresAt: EXPIRES }));
    const again = customerOf(KEY, { version: 2 });
    expect((await race([store.save(again), store.save(again)])).won).toHaveLength(1);
  });
};

const withCase = (key: CustomerKey, id: string, openedAt: Instant): Customer =>
  customerOf(key, { recovery: { ...newCustomer(key).recovery, case: openCaseOf(id, { openedAt }) } });

const testCaseList = (open: OpenStore): void => {
  test('open and closed ones of every shard are found, by time of opening and id', async () => {
    const { store } = await open({ pageSize: 2 });
    const expected: string[] = [];
    for (let i = 0; i < 40; i += 1) {
      const key = keyOf(`cus_${i}`);
      const id = `case_in_${String(i).padStart(2, '0')}`;
      const openedAt = addMs(FAILED_AT, Math.floor(i / 2) * -60_000);
      if (i % 3 === 0) await store.closeCase(closedCaseOf(key, id, { openedAt }));
      else await store.save(withCase(key, id, openedAt));
      expected.push(`${openedAt} ${id}`);
    }
    const found = (await store.listCases('2026-03')).map((summary) => `${summary.openedAt} ${summary.id}`);
    // From a moment on, its own cases included.
    const from = addMs(FAILED_AT, -5 * 60_000);
    const later = (await store.listCases('2026-03', from)).map(({ openedAt, id }) => `${openedAt} ${id}`);
    expect(later).toStrictEqual(found.filter((one) => one >= from));
    expect(later.length).toBeLessThan(found.length);
    expect(found).toStrictEqual(expected.toSorted());
  });

  test('a summary carries the money and the outcome', async () => {
    const { store } = await open();
    await store.save(withCase(KEY, 'case_in_1', FAILED_AT));
    const closed = closedCaseOf(keyOf('cus_2'), 'case_in_2', {
      invoices: [bookOf('in_2'), bookOf('in_3', { currency: 'JPY', failedMinor: 700, openMinor: 700 })],
    });
    await store.closeCase(closed);
    const books = {
      id: 'case_in_1',
      key: KEY,
      openedAt: FAILED_AT,
      closedAt: null,
      invoices: [bookOf('in_1')],
    };
    expect(await store.listCases('2026-03')).toStrictEqual([summaryOf(books), summaryOf(closed)]);
  });

  test('while a case stands open and closed, it is there once, closed', async () => {
    const { store } = await open();
    const closed = closedCaseOf(KEY, 'case_in_1');
    await store.save(withCase(KEY, 'case_in_1', FAILED_AT));
    await store.closeCase(closed);
    expect(await store.listCases('2026-03')).toStrictEqual([summaryOf(closed)]);
  });

  test('between the decision to close and the closed case it does not go missing', async () => {
    const { store } = await open();
    const closed = closedCaseOf(KEY, 'case_in_1');
    await store.save(withCase(KEY, 'case_in_1', FAILED_AT));
    const outbox = { closed, adjustments: [], journal: null };
    await store.save(customerOf(KEY, { version: 2, outbox }));
    expect(await store.listCases('2026-03')).toStrictEqual([summaryOf(closed)]);
    await store.closeCase(closed);
    await store.save(customerOf(KEY, { version: 3 }));
    expect(await store.listCases('2026-03')).toStrictEqual([summaryOf(closed)]);
  });

  test('a closed case is as it was put, whatever its customer says later', async () => {
    const { store } = await open();
    const put = closedCaseOf(KEY, 'case_in_1');
    await store.closeCase(put);
    const closed = closedCaseOf(KEY, 'case_in_1', { closedAt: NOW });
    await store.save(customerOf(KEY, { outbox: { closed, adjustments: [], journal: null } }));
    expect(await store.listCases('2026-03')).toStrictEqual([summaryOf(put)]);
  });

  test('a customer without a case is in no month', async () => {
    const { store } = await open();
    await store.save(withCase(KEY, 'case_in_1', FAILED_AT));
    await store.save(customerOf(KEY, { version: 2 }));
    expect(await store.listCases('2026-03')).toStrictEqual([]);
  });

  test('the month is that of the opening, in UTC, and of no other year', async () => {
    const { store } = await open();
    const times = [
      '2026-02-28T23:59:59.999Z',
      '2026-03-01T00:00Z',
      '2026-03-31T23:59:59.999Z',
      '2026-04-01T00:00Z',
    ];
    for (const [i, time] of times.entries())
      await store.save(withCase(keyOf(`cus_${i}`), `case_${i}`, at(time)));
    await store.save(withCase(keyOf('cus_9'), 'case_9', at('2025-03-10T00:00Z')));
    expect((await store.listCases('2026-03')).map((summary) => summary.id)).toStrictEqual([
      'case_1',
      'case_2',
    ]);
  });

  test('the newest of them come newest first, open and closed, each once, and no more than asked for', async () => {
    const { store } = await open({ pageSize: 2 });
    for (let i = 0; i < 12; i += 1) {
      const key = keyOf(`cus_${i}`);
      const openedAt = addMs(FAILED_AT, i * 60_000);
      if (i % 3 === 0) await store.save(withCase(key, `case_${i}`, openedAt));
      else await store.closeCase(closedCaseOf(key, `case_${i}`, { openedAt }));
    }
    const closing = closedCaseOf(keyOf('cus_11'), 'case_11', { openedAt: addMs(FAILED_AT, 11 * 60_000) });
    const outbox = { closed: closing, adjustments: [], journal: null };
    await store.save(customerOf(keyOf('cus_11'), { outbox }));
    const all = (await store.listCases('2026-03')).toReversed();
    expect(all).toHaveLength(12);
    for (const limit of [0, 1, 5, 12, 50]) {
      expect(await store.newestCases('2026-03', limit)).toStrictEqual(all.slice(0, limit));
    }
    expect(await store.newestCases('2026-04', 5)).toStrictEqual([]);
  });

  test('two accounts that number their invoices alike keep both their cases', async () => {
    const { store } = await open();
    const [here, there] = [customerKey('shop-eu', '7'), customerKey('shop-us', '7')];
    await store.closeCase(closedCaseOf(here, 'case_1'));
    await store.save(withCase(there, 'case_1', FAILED_AT));
    expect((await store.listCases('2026-03')).map((summary) => summary.key)).toStrictEqual([here, there]);
  });
};

const testClosedCases = (open: OpenStore): void => {
  test('a case put twice is there once, as it was first put', async () => {
    const { store } = await open();
    const first = closedCaseOf(KEY, 'case_in_1');
    await store.closeCase(first);
    await store.closeCase(closedCaseOf(KEY, 'case_in_1', { invoices: [], closedAt: NOW }));
    expect(await store.loadClosedCase(KEY, 'case_in_1')).toStrictEqual(first);
    expect(await store.listCases('2026-03')).toStrictEqual([summaryOf(first)]);
  });

  test('a case that was never closed, or of another customer, is null', async () => {
    const { store } = await open();
    await store.closeCase(closedCaseOf(KEY, 'case_in_1'));
    expect(await store.loadClosedCase(KEY, 'case_in_2')).toBeNull();
    expect(await store.loadClosedCase(keyOf('cus_2'), 'case_in_1')).toBeNull();
  });

  test('all of a customer’s are listed, whenever they were opened, by time and id, and nobody else’s', async () => {
    const { store } = await open({ pageSize: 2 });
    const opened = { in_3: '2026-03-01T00:00Z', in_1: '2019-01-01T00:00Z', in_2: '2026-03-01T00:00Z' };
    const put = Object.entries(opened).map(([id, openedAt]) =>
      closedCaseOf(KEY, `case_${id}`, { openedAt: at(openedAt), journalPages: 3 }),
    );
    for (const record of put) await store.closeCase(record);
    await store.closeCase(closedCaseOf(keyOf('cus_10'), 'case_in_9'));
    await store.putAdjustment(adjustmentOf(KEY, 'ch_1'));
    await store.putJournalPage(KEY, 0, [lineOf('older')]);
    await store.save(withCase(KEY, 'case_in_4', FAILED_AT));
    const [third, first, second] = put.map(summaryOf);
    expect(await store.listClosedCases(KEY)).toStrictEqual([first, second, third]);
    expect(await store.listClosedCases(keyOf('cus_2'))).toStrictEqual([]);
    expect(await store.loadClosedCase(KEY, 'case_in_1')).toStrictEqual(put[1]);
  });

  test('a case without a time of closing is never put', async () => {
    const { store } = await open();
    const put = store.closeCase(closedCaseOf(KEY, 'case_in_1', { closedAt: null }));
    await expect(put).rejects.toThrow('no time of closing');
    expect(await store.loadClosedCase(KEY, 'case_in_1')).toBeNull();
  });

  test('are loaded many at a time, in their order, each with what amends it', async () => {
    const { store } = await open({ pageSize: 2 });
    const put = Array.from({ length: 120 }, (_, i) => closedCaseOf(keyOf(`cus_${i}`), `case_in_${i}`));
    for (const record of put) await store.closeCase(record);
    const other = closedCaseOf(keyOf('cus_7'), 'case_in_7b');
    await store.closeCase(other);
    const amends = [
      adjustmentOf(keyOf('cus_7'), 'b', { caseId: 'case_in_7', at: at('2026-04-01T00:00Z') }),
      adjustmentOf(keyOf('cus_7'), 'a', { caseId: 'case_in_7', at: at('2026-04-02T00:00Z') }),
    ];
    for (const adjustment of amends.toReversed()) await store.putAdjustment(adjustment);
    const all = [...put, other].toReversed();
    const loaded = await store.loadCases(all, NOW);
    expect(loaded).toStrictEqual(
      all.map((record) => ({
        kind: 'closed',
        record,
        adjustments: record.id === 'case_in_7' ? amends : [],
      })),
    );
  });

  test('that are not closed are loaded as their customers', async () => {
    const { store } = await open();
    const customer = withCase(KEY, 'case_in_1', FAILED_AT);
    await store.save(customer);
    const refs = [
      { key: KEY, id: 'case_in_1' },
      { key: keyOf('cus_2'), id: 'case_in_2' },
      { key: KEY, id: 'case_in_0' },
    ];
    const loaded = await store.loadCases(refs, NOW);
    expect(loaded).toStrictEqual([
      { kind: 'customer', customer },
      { kind: 'customer', customer: newCustomer(keyOf('cus_2')) },
      { kind: 'customer', customer },
    ]);
    expect(loaded.map((one) => one.kind === 'customer' && isKnown(one.customer))).toEqual([
      true,
      false,
      true,
    ]);
    expect(await store.loadCases([], NOW)).toEqual([]);
  });

  test('an adjustment put twice counts once, as it was first put', async () => {
    const { store } = await open();
    const first = adjustmentOf(KEY, 'ch_1');
    const again = adjustmentOf(KEY, 'ch_1', { amount: { minor: 9, currency: 'EUR' } });
    await Promise.all([store.putAdjustment(first), store.putAdjustment(first)]);
    await store.putAdjustment(again);
    expect(await store.listAdjustments(KEY)).toStrictEqual([first]);
  });

  test('an adjustment of any kind is read as it was put', async () => {
    const { store } = await open();
    const put = ADJUSTMENT_KINDS.map((kind) => adjustmentOf(KEY, `${kind}:re_1`, { kind })).sort((a, b) =>
      a.id < b.id ? -1 : 1,
    );
    for (const adjustment of put) await store.putAdjustment(adjustment);
    await store.save(customerOf(KEY, { outbox: { closed: null, adjustments: put, journal: null } }));
    expect(await store.listAdjustments(KEY)).toStrictEqual(put);
    expect((await store.load(KEY, NOW)).outbox?.adjustments).toStrictEqual(put);
  });

  test('adjustments of all cases come by time, then id', async () => {
    const { store } = await open({ pageSize: 2 });
    const put = [
      adjustmentOf(KEY, 'b', { at: at('2026-04-02T00:00Z') }),
      adjustmentOf(KEY, 'z', { at: at('2026-04-01T00:00Z'), caseId: 'case_in_2' }),
      adjustmentOf(KEY, 'a', { at: at('2026-04-02T00:00Z'), caseId: 'case_in_2' }),
      adjustmentOf(KEY, 'c', { at: at('2026-03-30T00:00Z') }),
      adjustmentOf(KEY, 'a', { at: at('2026-04-03T00:00Z') }),
    ] as const;
    for (const adjustment of put) await store.putAdjustment(adjustment);
    await store.putAdjustment(adjustmentOf(keyOf('cus_2'), 'other'));
    await store.closeCase(closedCaseOf(KEY, 'case_in_1'));
    expect(await store.listAdjustments(KEY)).toStrictEqual([put[3], put[1], put[2], put[0], put[4]]);
    expect(await store.listAdjustments(keyOf('cus_3'))).toStrictEqual([]);
  });
};

const testUnrouted = (open: OpenStore): void => {
  test('is due in its own shard, beside the customers', async () => {
    const { store } = await open();
    const unrouted = unroutedOf('evt_1', { dueAt: NOW });
    await store.saveUnrouted(unrouted);
    const [key] = keysInShard(shardOf('evt_1'), 1) as [CustomerKey];
    await store.save(customerOf(key, { dueAt: FAILED_AT }));
    expect(await store.loadUnrouted('evt_1')).toStrictEqual(unrouted);
    expect(await store.due(shardOf('evt_1'), NOW, 10)).toStrictEqual([
      { kind: 'customer', key, dueAt: FAILED_AT },
      { kind: 'unrouted', id: 'evt_1', dueAt: NOW },
    ]);
  });

  test('of two that write it exactly one wins', async () => {
    const { store } = await open();
    const first = unroutedOf('evt_1');
    expect((await race([store.saveUnrouted(first), store.saveUnrouted(first)])).won).toHaveLength(1);
    const second = unroutedOf('evt_1', { version: 2, tries: 1 });
    const { won, errors } = await race([store.saveUnrouted(second), store.saveUnrouted(second)]);
    expect(won).toHaveLength(1);
    expect(errors[0]).toBeInstanceOf(VersionConflictError);
    expect(await store.loadUnrouted('evt_1')).toStrictEqual(second);
  });

  test('set aside, it is kept and no longer due', async () => {
    const { store } = await open();
    await store.saveUnrouted(unroutedOf('evt_1'));
    const why = 'the provider does not know the charge';
    const aside = unroutedOf('evt_1', { version: 2, setAsideAt: NOW, setAsideWhy: why });
    await store.saveUnrouted(aside);
    expect(await dueEverywhere(store)).toStrictEqual([]);
    expect(await store.loadUnrouted('evt_1')).toStrictEqual(aside);
  });

  test('deleted, it is gone, and deleting it again is no error', async () => {
    const { store } = await open();
    await store.saveUnrouted(unroutedOf('evt_1'));
    await store.deleteUnrouted('evt_1');
    await store.deleteUnrouted('evt_1');
    expect(await store.loadUnrouted('evt_1')).toBeNull();
    expect(await dueEverywhere(store)).toStrictEqual([]);
    await expect(store.saveUnrouted(unroutedOf('evt_1', { version: 2 }))).rejects.toBeInstanceOf(
      VersionConflictError,
    );
  });
};

const testCursors = (open: OpenStore): void => {
  const cursor = { connection: 'stripe', version: 1, undelivered: NOW, all: null } as const;

  test('of a connection whose log was never walked has version 0 and stands nowhere', async () => {
    const { store } = await open();
    const fresh = { connection: 'stripe', version: 0, undelivered: null, all: null };
    expect(await store.loadCursor('stripe')).toStrictEqual(fresh);
  });

  test('comes back as it was written, and moves; that of another connection stays', async () => {
    const { store } = await open();
    await store.saveCursor(cursor);
    expect(await store.loadCursor('stripe')).toStrictEqual(cursor);
    const moved = { ...cursor, version: 2, undelivered: addMs(NOW, 1000), all: FAILED_AT };
    await store.saveCursor(moved);
    expect(await store.loadCursor('stripe')).toStrictEqual(moved);
    expect((await store.loadCursor('stripe-eu')).version).toBe(0);
  });

  test('of two that move it at once exactly one wins', async () => {
    const { store } = await open();
    for (const version of [1, 2]) {
      const racers = [NOW, FAILED_AT].map((all) => ({ ...cursor, version, all }));
      const { won, errors } = await race(racers.map((racer) => store.saveCursor(racer)));
      expect(won).toHaveLength(1);
      expect(errors[0]).toBeInstanceOf(VersionConflictError);
      expect(await store.loadCursor('stripe')).toStrictEqual(racers[won[0] ?? -1]);
    }
  });

  test.each([0, 1, 3])(
    'stored with version 1, version %i is refused and changes nothing',
    async (version) => {
      const { store } = await open();
      await store.saveCursor(cursor);
      await expect(store.saveCursor({ ...cursor, version, all: NOW })).rejects.toThrow(
        version === 0 ? 'a written version is 1 or more' : 'another writer was first',
      );
      expect(await store.loadCursor('stripe')).toStrictEqual(cursor);
    },
  );

  test('is never due', async () => {
    const { store } = await open();
    await store.saveCursor(cursor);
    expect(await dueEverywhere(store)).toStrictEqual([]);
  });
};

const testWalks = (open: OpenStore): void => {
  const walk = {
    connection: 'stripe',
    task: 'backfill',
    version: 1,
    at: { list: 'subscriptions', after: 'sub_100' },
    startedAt: FAILED_AT,
    doneAt: null,
    seen: 100,
  } as const;

  test.each(['look_ahead', 'backfill'] as const)(
    '%s that was never begun has version 0 and stands nowhere',
    async (task) => {
      const { store } = await open();
      const nowhere = { at: null, startedAt: null, doneAt: null, seen: 0 };
      const fresh = { connection: 'stripe', task, version: 0, ...nowhere };
      expect(await store.loadWalk('stripe', task)).toStrictEqual(fresh);
    },
  );

  test.each(['subscriptions', 'due_invoices', 'overdue_invoices', 'failed_invoices'] as const)(
    'goes on from the list %s',
    async (list) => {
      const { store } = await open();
      await store.saveWalk({ ...walk, at: { list, after: null } });
      expect((await store.loadWalk('stripe', 'backfill')).at).toEqual({ list, after: null });
    },
  );

  test.each(['weekly_digest', 'monthly_digest', 'alerts'] as const)(
    '%s stands how far it has gone, and only one of two writers gets further',
    async (task) => {
      const { store } = await open();
      const told = { ...walk, connection: FIGURES, task, at: null, doneAt: NOW, seen: 0 };
      await store.saveWalk(told);
      expect(await store.loadWalk(FIGURES, task)).toStrictEqual(told);
      await expect(store.saveWalk(told)).rejects.toThrow(VersionConflictError);
    },
  );

  test('comes back as it was written, and moves; other tasks and connections stay apart', async () => {
    const { store } = await open();
    await store.saveWalk(walk);
    expect(await store.loadWalk('stripe', 'backfill')).toStrictEqual(walk);
    const done = { ...walk, version: 2, at: null, doneAt: NOW, seen: 130 };
    await store.saveWalk(done);
    const ahead = {
      ...walk,
      task: 'look_ahead',
      at: { list: 'failed_invoices', after: null },
      seen: 7,
    } as const;
    await store.saveWalk(ahead);
    expect(await store.loadWalk('stripe', 'backfill')).toStrictEqual(done);
    expect(await store.loadWalk('stripe', 'look_ahead')).toStrictEqual(ahead);
    expect((await store.loadWalk('stripe-eu', 'backfill')).version).toBe(0);
    expect((await store.loadCursor('stripe')).version).toBe(0);
  });

  test('of two that move it at once exactly one wins', async () => {
    const { store } = await open();
    for (const version of [1, 2]) {
      const racers = [1, 2].map((seen) => ({ ...walk, version, seen }));
      const { won, errors } = await race(racers.map((racer) => store.saveWalk(racer)));
      expect(won).toHaveLength(1);
      expect(errors[0]).toBeInstanceOf(VersionConflictError);
      expect(await store.loadWalk('stripe', 'backfill')).toStrictEqual(racers[won[0] ?? -1]);
    }
  });

  test.each([0, 1, 3])(
    'stored with version 1, version %i is refused and changes nothing',
    async (version) => {
      const { store } = await open();
      await store.saveWalk(walk);
      await expect(store.saveWalk({ ...walk, version, seen: 0 })).rejects.toThrow(
        version === 0 ? 'a written version is 1 or more' : 'another writer was first',
      );
      expect(await store.loadWalk('stripe', 'backfill')).toStrictEqual(walk);
    },
  );

  test('is never due', async () => {
    const { store } = await open();
    await store.saveWalk(walk);
    expect(await dueEverywhere(store)).toStrictEqual([]);
  });
};

/** The sums of a month in which one case with an odd word for why it was lost was settled. */
const sumsOf = (why: string): MonthSums => {
  const counted = emptyCounting();
  const lost = bookOf('in_1', { outcome: 'lost', lostMinor: 4900, openMinor: 0, why });
  countInto(counted, reportCase(closedCaseOf(KEY, 'case_in_1', { invoices: [lost] })), NOW);
  return { until: at('2026-03-20T00:00Z'), ...counted, open: [{ key: KEY, id: 'case_in_2' }] };
};

const testRollups = (open: OpenStore): void => {
  const kept: Rollup = { month: '2026-03', version: 1, staleAt: null, sums: sumsOf('gone') };

  test('of which nothing was ever kept have version 0', async () => {
    const { store } = await open();
    const none = { month: '2026-03', version: 0, staleAt: null, sums: null };
    expect(await store.loadRollup('2026-03')).toStrictEqual(none);
  });

  test('come back as they were kept, and those of another month stay', async () => {
    const { store } = await open();
    expect(await store.saveRollup(kept)).toBe('kept');
    expect(await store.loadRollup('2026-03')).toStrictEqual(kept);
    const next = { ...kept, version: 2, sums: sumsOf('void') };
    expect(await store.saveRollup(next)).toBe('kept');
    expect(await store.loadRollup('2026-03')).toStrictEqual(next);
    expect((await store.loadRollup('2026-04')).version).toBe(0);
    expect(await dueEverywhere(store)).toStrictEqual([]);
    expect(await store.listCases('2026-03')).toStrictEqual([]);
  });

  test('are kept under names that every object has', async () => {
    const { store } = await open();
    const odd = { ...kept, sums: sumsOf('__proto__') };
    await store.saveRollup(odd);
    const { sums } = await store.loadRollup('2026-03');
    const names = Object.values(sums?.tallies ?? {}).map(({ currencies }) =>
      Object.keys(currencies.EUR?.lostBecause ?? {}),
    );
    expect(names).toStrictEqual([['__proto__']]);
    expect(JSON.stringify(sums)).toBe(JSON.stringify(odd.sums));
  });

  test('of two that keep them at once exactly one wins', async () => {
    const { store } = await open();
    for (const version of [1, 2]) {
      const racers = ['gone', 'void'].map((why) => ({ ...kept, version, sums: sumsOf(why) }));
      const { won, errors } = await race(racers.map(async (racer) => void (await store.saveRollup(racer))));
      expect(won).toHaveLength(1);
      expect(errors[0]).toBeInstanceOf(VersionConflictError);
      expect(await store.loadRollup('2026-03')).toStrictEqual(racers[won[0] ?? -1]);
    }
  });

  test.each([0, 1, 3])(
    'stored with version 1, version %i is refused and changes nothing',
    async (version) => {
      const { store } = await open();
      await store.saveRollup(kept);
      await expect(store.saveRollup({ ...kept, version, sums: sumsOf('void') })).rejects.toThrow(
        version === 0 ? 'a written version is 1 or more' : 'another writer was first',
      );
      expect(await store.loadRollup('2026-03')).toStrictEqual(kept);
    },
  );

  test('marked stale are forgotten, whoever was folding them loses, and they can be kept anew', async () => {
    const { store } = await open();
    await store.saveRollup(kept);
    const { version } = await store.loadRollup('2026-03');
    await store.markStale('2026-03', NOW);
    await store.markStale('2026-03', NOW);
    const stale = { month: '2026-03', version: 3, staleAt: NOW, sums: null };
    expect(await store.loadRollup('2026-03')).toStrictEqual(stale);
    const late = errorOf(store.saveRollup({ ...kept, version: version + 1 }));
    expect(await late).toBeInstanceOf(VersionConflictError);
    const anew = { ...kept, version: 4, staleAt: NOW };
    await store.saveRollup(anew);
    expect(await store.loadRollup('2026-03')).toStrictEqual(anew);
  });

  test('of which nothing was kept can be marked stale: whoever was folding them loses too', async () => {
    const { store } = await open();
    await store.markStale('2026-03', NOW);
    expect(await store.loadRollup('2026-03')).toStrictEqual({
      month: '2026-03',
      version: 1,
      staleAt: NOW,
      sums: null,
    });
    expect(await errorOf(store.saveRollup(kept))).toBeInstanceOf(VersionConflictError);
  });

  test('that do not fit into an item are not kept, which is said, and what was kept stays', async () => {
    const { store } = await open();
    await store.saveRollup(kept);
    // Names without any pattern, so that they do not shrink.
    const refs = Array.from({ length: 12_000 }, (_, i) => ({
      key: keyOf(`cus_${createHash('sha256').update(`${i}`).digest('base64')}`),
      id: `case_${i}`,
    }));
    const large = { ...kept, version: 2, sums: { ...sumsOf('gone'), open: refs } };
    expect(await store.saveRollup(large)).toBe('too_large');
    expect(await store.loadRollup('2026-03')).toStrictEqual(kept);
  });
};

const testText = (open: OpenStore): void => {
  test.each([
    ['emoji and a flag', 'Zoë 👩‍👩‍👧 🇦🇹'],
    ['right to left', 'שלום عليكم \u202E\u200F'],
    ['Chinese, and letters beyond the first plane', '王小明 𠮷田 𝕏'],
    ['composed and decomposed marks', 'é e\u0301 ﬃ'],
    ['half a surrogate pair', 'cut \uD83D here \uDE00'],
    ['control characters and quotes', 'a\u0000b\n"\\\' \u2028 \u007F'],
    ['what could be taken for markup or a key', '<b>#due#3 CUSTOMER#x {"v":2}'],
    ['nothing', ''],
  ])('a name survives: %s', async (_, name) => {
    const { store } = await open();
    const told = factsOf().contact;
    const contact = told && { ...told, value: { ...told.value, name } };
    const facts = factsOf({ contact, mandates: { [name]: { at: NOW, source: 'event', value: name } } });
    await store.save(customerOf(KEY, { facts }));
    expect(await store.load(KEY, NOW)).toStrictEqual(customerOf(KEY, { facts }));
  });

  test.each(['__proto__', 'constructor', 'toString'])('an id like "%s" is only an id', async (id) => {
    const { store } = await open();
    const register = { at: NOW, source: 'event', value: 'active' } as const;
    const facts = factsOf({ mandates: Object.fromEntries([[id, register]]) });
    await store.save(customerOf(KEY, { facts }));
    const loaded = await store.load(KEY, NOW);
    expect(Object.entries(loaded.facts.mandates)).toStrictEqual([[id, register]]);
  });

  test.each(['a#b', 'a/b', '~!@$%^&*()', '#', 'CUSTOMER#x', '..', '\'"`', '{}', 'due#3'])(
    'the id "%s" is kept apart in every place it is a key',
    async (id) => {
      const { store } = await open();
      const key = keyOf(id);
      await store.save(customerOf(key, { dueAt: NOW }));
      await store.saveUnrouted(unroutedOf(id, { dueAt: NOW }));
      await store.putAdjustment(adjustmentOf(key, id));
      await store.closeCase(closedCaseOf(key, id));
      expect(await store.load(key, NOW)).toStrictEqual(customerOf(key, { dueAt: NOW }));
      expect(await store.loadUnrouted(id)).toStrictEqual(unroutedOf(id, { dueAt: NOW }));
      expect(await store.listAdjustments(key)).toStrictEqual([adjustmentOf(key, id)]);
      expect(await store.loadClosedCase(key, id)).toStrictEqual(closedCaseOf(key, id));
      expect(await dueEverywhere(store)).toHaveLength(2);
      expect(await dueEverywhere(store)).toContainEqual({ kind: 'unrouted', id, dueAt: NOW });
      expect(await dueEverywhere(store)).toContainEqual({ kind: 'customer', key, dueAt: NOW });
    },
  );
};
