// A walk through an account: what it takes in, where it goes on, and what cannot stop it.
import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '../../../adapters/memory/store.ts';
import { DamagedItemError, OutsideError, type AccountList, type Store } from '../../../core/ports.ts';
import { newCustomer, NO_FACTS } from '../../../core/recovery/customer.ts';
import { mergeAll } from '../../../core/recovery/merge.ts';
import { addDays, addMs, HOUR_MS, type Instant } from '../../../core/time.ts';
import { needsLook, type Task } from '../../../core/workflows/walk-account.ts';
import { createWalker, debtor, subscriber, trialEnds } from '../../support/account.ts';
import { at, customerOf, keyOf, openCaseOf } from '../../support/customers.ts';
import { failedFact, goneFact, methodFact, subscriptionFact } from '../../support/facts.ts';

const NOW = at('2026-03-10T12:00Z');
const DUE_AT = at('2026-03-05T00:00Z');
const TRIAL_END = at('2026-03-13T00:00Z');

const LISTS = {
  subscriptions: [subscriber('cus_1'), subscriber('cus_2', TRIAL_END)],
  overdue_invoices: [debtor('cus_3', DUE_AT)],
  failed_invoices: [debtor('cus_4', DUE_AT, 'declined')],
};

const people = (count: number, first = 1) =>
  Array.from({ length: count }, (_, i) => debtor(`cus_${i + first}`, DUE_AT));

const known = async (store: Store, ...ids: readonly string[]): Promise<readonly boolean[]> =>
  Promise.all(ids.map(async (id) => (await store.load(keyOf(id), NOW)).version > 0));

describe('a look ahead', () => {
  test('goes through the subscriptions, then what falls due, then the overdue invoices, and is done', async () => {
    const walker = createWalker(NOW, { lists: LISTS });
    expect(await walker.walk('look_ahead')).toEqual({
      connection: 'stripe',
      task: 'look_ahead',
      seen: 3,
      recorded: 2,
      failed: 0,
      done: true,
      at: null,
      ended: 'done',
    });
    expect(walker.asked).toEqual([
      ['subscriptions', null],
      ['due_invoices', null],
      ['overdue_invoices', null],
    ]);
    expect(await walker.store.loadWalk('stripe', 'look_ahead')).toMatchObject({
      at: null,
      startedAt: NOW,
      doneAt: NOW,
      seen: 3,
    });
  });

  test('leaves an overdue invoice alone that is followed up already, and takes in another of its customer', async () => {
    const store = createMemoryStore();
    const followed = openCaseOf('case_in_cus_1');
    const ladders = followed.ladders.map((one) => ({ ...one, subjectId: 'in_cus_1', invoiceId: 'in_cus_1' }));
    const { recovery } = newCustomer(keyOf('cus_1'));
    const open = { ...recovery, case: { ...followed, ladders } };
    await store.save(customerOf(keyOf('cus_1'), { recovery: open }));
    const again = createWalker(NOW, { store, lists: { overdue_invoices: [debtor('cus_1', DUE_AT)] } });
    expect(await again.walk('look_ahead')).toMatchObject({ seen: 1, recorded: 0 });
    const other = { ...debtor('cus_2', DUE_AT), customerId: 'cus_1' };
    const both = { customerId: 'cus_1', facts: [...debtor('cus_1', DUE_AT).facts, ...other.facts] };
    const another = createWalker(addDays(NOW, 1), { store, lists: { overdue_invoices: [both] } });
    expect(await another.walk('look_ahead')).toMatchObject({ seen: 1, recorded: 1 });
  });

  test('has the clock look at a subscriber ahead of whom something lies, now', async () => {
    const walker = createWalker(NOW, { lists: LISTS });
    await walker.walk('look_ahead');
    const { facts, dueAt } = await walker.store.load(keyOf('cus_2'), NOW);
    expect([facts.aheadAt, facts.importedAt, dueAt]).toEqual([NOW, null, NOW]);
  });

  test('neither reads nor writes a subscriber ahead of whom nothing lies', async () => {
    const walker = createWalker(NOW, { lists: { subscriptions: [subscriber('cus_1')] } });
    expect(await walker.walk('look_ahead')).toMatchObject({ seen: 1, recorded: 0 });
    expect(await known(walker.store, 'cus_1')).toEqual([false]);
    walker.setNow(addDays(NOW, 1));
    walker.reset();
    await walker.walk('look_ahead');
    // The walk is read, and written after each of three lists.
    expect(walker.counts).toEqual({ reads: 1, writes: 3 });
  });

  test('what is written about already is not taken up a second time', async () => {
    const walker = createWalker(NOW, { lists: { subscriptions: [subscriber('cus_2', TRIAL_END)] } });
    expect(await walker.walk('look_ahead')).toMatchObject({ recorded: 1 });
    walker.setNow(addDays(NOW, 1));
    expect(await walker.walk('look_ahead')).toMatchObject({ seen: 1, recorded: 0, done: true });
    expect((await walker.store.load(keyOf('cus_2'), NOW)).version).toBe(1);
  });

  test('an invoice that was to be paid by now opens at its due date', async () => {
    const walker = createWalker(NOW, { lists: LISTS });
    await walker.walk('look_ahead');
    const { facts, dueAt } = await walker.store.load(keyOf('cus_3'), NOW);
    expect(facts.invoices['in_cus_3']?.failure).toMatchObject({ at: DUE_AT });
    expect(facts.importedAt).toBeNull();
    expect(dueAt).toBe(DUE_AT);
  });
});

describe('a backfill', () => {
  test('goes through all three lists', async () => {
    const walker = createWalker(NOW, { lists: LISTS });
    expect(await walker.walk('backfill')).toMatchObject({ seen: 4, recorded: 3, done: true });
    expect(walker.asked.map(([list]) => list)).toEqual([
      'subscriptions',
      'overdue_invoices',
      'failed_invoices',
    ]);
    expect(await known(walker.store, 'cus_1', 'cus_2', 'cus_3', 'cus_4')).toEqual([false, true, true, true]);
  });

  test('what it records is marked as found, and not as ours', async () => {
    const walker = createWalker(NOW, { lists: LISTS });
    const ids = ['cus_2', 'cus_3', 'cus_4'];
    await walker.walk('backfill');
    const found = await Promise.all(ids.map(async (id) => (await walker.store.load(keyOf(id), NOW)).facts));
    expect(found.map(({ importedAt }) => importedAt)).toEqual([NOW, NOW, NOW]);
  });
});

describe('where a walk goes on', () => {
  const lists = { overdue_invoices: people(5) };
  const places = async (store: Store, task: Task) => (await store.loadWalk('stripe', task)).at;

  test('stopped, it stands after the last page, and the next run goes on there', async () => {
    const walker = createWalker(NOW, { lists, pageSize: 2 });
    let pages = 3;
    const first = await walker.walk('backfill', { goOn: () => (pages -= 1) >= 0 });
    const place = { list: 'overdue_invoices', after: 'cus_4' };
    expect(first).toMatchObject({ seen: 4, recorded: 4, done: false, at: place, ended: 'stopped' });
    expect(await places(walker.store, 'backfill')).toEqual(place);
    walker.asked.length = 0;
    expect(await walker.walk('backfill')).toMatchObject({ seen: 1, recorded: 1, done: true });
    expect(walker.asked).toEqual([
      ['overdue_invoices', 'cus_4'],
      ['failed_invoices', null],
    ]);
    const { seen, startedAt, doneAt } = await walker.store.loadWalk('stripe', 'backfill');
    expect([seen, startedAt, doneAt]).toEqual([5, NOW, NOW]);
  });

  test('with no time at all it asks for nothing and writes nothing', async () => {
    const walker = createWalker(NOW, { lists });
    const walked = await walker.walk('look_ahead', { goOn: () => false });
    expect(walked).toMatchObject({ seen: 0, done: false, at: { list: 'subscriptions', after: null } });
    expect([walker.asked, walker.counts.writes]).toEqual([[], 0]);
  });

  test('each page is written down before the next is asked for, with a pause between', async () => {
    const seen: (readonly [number, number])[] = [];
    const walker = createWalker(NOW, {
      lists,
      pageSize: 2,
      fault: async () =>
        void seen.push([(await walker.store.loadWalk('stripe', 'backfill')).seen, walker.pauses()]),
    });
    await walker.walk('backfill');
    expect(seen).toEqual([
      [0, 0],
      [0, 1],
      [2, 2],
      [4, 3],
      [5, 4],
    ]);
  });

  test('whoever watches is told after every page', async () => {
    const told: number[] = [];
    const walker = createWalker(NOW, { lists, pageSize: 2 });
    await walker.walk('backfill', { told: ({ seen }) => told.push(seen) });
    expect(told).toEqual([0, 2, 4, 5, 5]);
  });

  test('the two tasks stand apart', async () => {
    const walker = createWalker(NOW, { lists });
    await walker.walk('look_ahead');
    expect(await walker.store.loadWalk('stripe', 'backfill')).toMatchObject({ version: 0 });
    expect(await walker.walk('backfill')).toMatchObject({ seen: 5 });
  });

  test.each<[string, Task, number, object, boolean]>([
    ['a look that was done 19 hours ago is not begun', 'look_ahead', 19 * HOUR_MS, {}, false],
    ['nor one of 20 hours ago to the millisecond', 'look_ahead', 20 * HOUR_MS, {}, false],
    ['one of longer ago is', 'look_ahead', 20 * HOUR_MS + 1, {}, true],
    ['any is when it is asked for', 'look_ahead', 0, { again: true }, true],
    ['a backfill that is done stays done', 'backfill', 4000 * HOUR_MS, {}, false],
    ['unless it is asked for again', 'backfill', 0, { again: true }, true],
  ])('%s', async (_, task, later, options, begins) => {
    const walker = createWalker(NOW, { lists });
    await walker.walk(task);
    walker.setNow(addMs(NOW, later));
    walker.asked.length = 0;
    walker.reset();
    const walked = await walker.walk(task, options);
    expect(walked).toMatchObject({ seen: begins ? 5 : 0, done: true, ended: 'done' });
    expect(walker.asked.length > 0).toBe(begins);
    const isWritten = walker.counts.writes > 0;
    expect([isWritten, (await walker.store.loadWalk('stripe', task)).seen]).toEqual([begins, 5]);
  });

  test.each<[Task, number, object, string | null]>([
    ['look_ahead', 6, {}, 'cus_2'],
    ['look_ahead', 8, {}, null],
    ['backfill', 300, {}, 'cus_2'],
    ['backfill', 0, { again: true }, null],
  ])(
    'a place of %s, %i days old, asked for with %j: goes on after %s',
    async (task, days, options, after) => {
      const walker = createWalker(NOW, { lists, pageSize: 2 });
      let pages = task === 'look_ahead' ? 3 : 2;
      await walker.walk(task, { goOn: () => (pages -= 1) >= 0 });
      walker.setNow(addDays(NOW, days));
      walker.asked.length = 0;
      await walker.walk(task, options);
      expect(walker.asked[0]).toEqual([after === null ? 'subscriptions' : 'overdue_invoices', after]);
    },
  );
});

describe('what cannot stop a walk', () => {
  const failing = (id: string, error: unknown, operation: keyof Store = 'load') =>
    createMemoryStore({
      fault: (name, about) => {
        if (name === operation && about === keyOf(id)) throw error;
      },
    });

  test.each<[string, unknown]>([
    ['an item that cannot be read', new DamagedItemError('customer stripe/cus_2 cannot be read')],
    ['one the store refuses', new OutsideError('too large', 'never')],
    ['one the store does not answer for', new OutsideError('no answer', 'later')],
    ['a fault of ours', new TypeError('x is not a function')],
    ['what is no error', 'oops'],
  ])('%s: counted, and the others are taken in', async (_, error) => {
    const walker = createWalker(NOW, {
      lists: { overdue_invoices: people(3) },
      store: failing('cus_2', error),
    });
    expect(await walker.walk('backfill')).toMatchObject({ seen: 3, recorded: 2, failed: 1, done: true });
    expect(walker.metrics.filter(({ metric }) => metric === 'walk_failed')).toEqual([
      {
        metric: 'walk_failed',
        connection: 'stripe',
        task: 'backfill',
        customer: 'cus_2',
        why: error instanceof Error ? error.message : 'unknown',
      },
    ]);
    expect(await known(walker.store, 'cus_1', 'cus_3')).toEqual([true, true]);
  });

  test('a subscriber whose look breaks: counted, and the others are taken in', async () => {
    const walker = createWalker(NOW, {
      lists: { subscriptions: [subscriber('cus_1', TRIAL_END), subscriber('cus_2', TRIAL_END)] },
      isAhead: (facts, customer, now) => {
        if (customer.key === keyOf('cus_1')) throw new RangeError('no such month');
        return trialEnds(facts, customer, now);
      },
    });
    expect(await walker.walk('look_ahead')).toMatchObject({ recorded: 1, failed: 1, done: true });
    expect(await known(walker.store, 'cus_2')).toEqual([true]);
  });

  test('other writers that keep winning over one customer', async () => {
    const store = createMemoryStore();
    const walker = createWalker(NOW, { lists: { overdue_invoices: people(2) }, store: contended(store) });
    expect(await walker.walk('backfill')).toMatchObject({ recorded: 1, failed: 1, done: true });
  });

  /** A store in which somebody else always writes cus_1 first. */
  const contended = (store: Store): Store => ({
    ...store,
    save: async (customer) => {
      if (customer.key === keyOf('cus_1'))
        await store.save({ ...newCustomer(customer.key), version: customer.version });
      await store.save(customer);
    },
  });
});

describe('what ends a run', () => {
  const SLOW = new OutsideError('Stripe asked us to slow down', 'later', true);

  test.each<[string, AccountList, string | null]>([
    ['at its first page', 'subscriptions', null],
    ['on its way', 'overdue_invoices', 'cus_2'],
  ])('being asked to slow down %s ends it quietly, and the place is kept', async (_, list, after) => {
    const walker = createWalker(NOW, {
      lists: { overdue_invoices: people(5) },
      pageSize: 2,
      fault: (asked, place) => {
        if (asked === list && place === after) throw SLOW;
      },
    });
    expect(await walker.walk('look_ahead')).toMatchObject({
      done: false,
      at: { list, after },
      ended: 'slow_down',
    });
    expect(walker.times('throttled')).toBe(1);
    const { at: kept, version } = await walker.store.loadWalk('stripe', 'look_ahead');
    expect(version === 0 ? null : kept).toEqual(version === 0 ? null : { list, after });
  });

  test('a store that asks to slow down does too, and the page is walked again', async () => {
    let slow = true;
    const store = createMemoryStore({
      fault: (operation, about) => {
        if (slow && operation === 'save' && about === keyOf('cus_2')) throw SLOW;
      },
    });
    const walker = createWalker(NOW, { lists: { overdue_invoices: people(3) }, store });
    expect(await walker.walk('backfill')).toMatchObject({ done: false, ended: 'slow_down', seen: 0 });
    slow = false;
    expect(await walker.walk('backfill')).toMatchObject({ done: true, seen: 3, failed: 0 });
    expect(await known(store, 'cus_1', 'cus_2', 'cus_3')).toEqual([true, true, true]);
  });

  test('another run over the same walk: it says so, and the other goes on', async () => {
    const store = createMemoryStore();
    const lists = { overdue_invoices: people(4) };
    const other = createWalker(NOW, { lists, pageSize: 2, store });
    const walker = createWalker(NOW, {
      lists,
      pageSize: 2,
      store,
      fault: async (list, after) => {
        if (list === 'overdue_invoices' && after === null) {
          let pages = 1;
          await other.walk('backfill', { goOn: () => (pages -= 1) >= 0 });
        }
      },
    });
    const place = { list: 'overdue_invoices', after: null };
    expect(await walker.walk('backfill')).toMatchObject({ done: false, at: place, ended: 'taken' });
    expect(await store.loadWalk('stripe', 'backfill')).toMatchObject({ version: 2, at: { after: 'cus_2' } });
    expect(await other.walk('backfill')).toMatchObject({ done: true });
  });

  test('an account that does not answer is thrown, and the place is kept', async () => {
    const walker = createWalker(NOW, {
      lists: { overdue_invoices: people(4) },
      pageSize: 2,
      fault: (_, after) => {
        if (after === 'cus_2') throw new OutsideError('no answer', 'later');
      },
    });
    await expect(walker.walk('backfill')).rejects.toThrow('no answer');
    expect(await walker.store.loadWalk('stripe', 'backfill')).toMatchObject({
      at: { list: 'overdue_invoices', after: 'cus_2' },
    });
  });

  test('a store that does not answer for several is thrown, rather than to leave them all out', async () => {
    const store = createMemoryStore({
      fault: (operation) => {
        if (operation === 'load') throw new OutsideError('the table does not answer', 'later');
      },
    });
    const walker = createWalker(NOW, { lists: { overdue_invoices: people(50) }, store });
    await expect(walker.walk('backfill')).rejects.toThrow('the table does not answer');
    expect(walker.times('walk_failed')).toBe(2);
    expect(await store.loadWalk('stripe', 'backfill')).toMatchObject({ at: { list: 'overdue_invoices' } });
  });
});

describe('whether the clock is to look at a subscriber', () => {
  const customer = (...facts: Parameters<typeof mergeAll>[1]) => ({
    ...newCustomer(keyOf('cus_1')),
    facts: mergeAll(NO_FACTS, facts),
  });
  const TRIAL = [subscriptionFact({ trialEndsAt: TRIAL_END }), methodFact()];

  test.each<[string, ReturnType<typeof customer>, typeof TRIAL, boolean]>([
    ['something lies ahead', customer(), TRIAL, true],
    ['nothing does', customer(), [subscriptionFact(), methodFact()], false],
    ['it was taken up before', customer({ kind: 'ahead', at: NOW, source: 'refresh' }), TRIAL, false],
    ['they asked to be forgotten', customer(goneFact('customer-erased')), TRIAL, false],
  ])('%s', (_, about, facts, expected) => {
    expect(needsLook(trialEnds)(about, facts, NOW)).toBe(expected);
  });

  test('is asked with what the list told, what is known, and the time', () => {
    const asked: unknown[] = [];
    const about = customer(failedFact('in_1'));
    needsLook((facts, who, now: Instant) => {
      asked.push([Object.keys(facts.subscriptions), Object.keys(facts.invoices), who, now]);
      return false;
    })(about, TRIAL, NOW);
    expect(asked).toEqual([[['sub_1'], [], about, NOW]]);
  });
});
