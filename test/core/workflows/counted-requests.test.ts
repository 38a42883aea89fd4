// What a case takes of the store, as its books say it and as it is counted at the store's own port.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '../../../adapters/memory/store.ts';
import type { CaseRecord, Customer } from '../../../core/recovery/customer.ts';
import { plan } from '../../../core/recovery/plan.ts';
import { countCase, emptyTally, type Tally } from '../../../core/reports/tally.ts';
import { addDays } from '../../../core/time.ts';
import { close, hold } from '../../../core/workflows/operate.ts';
import { readEach } from '../../../core/workflows/read-cases.ts';
import { countedStore, type Counts } from '../../support/counted-store.ts';
import { FAILED_AT, keyOf, lineOf } from '../../support/customers.ts';
import { CARD, customerFact, customerFrom, methodFact, subscriptionFact } from '../../support/facts.ts';
import { policyOf } from '../../support/operating.ts';
import { createRunner, POLICY, type Runner } from '../../support/runner.ts';
import { story } from '../../support/story.ts';

const KEY = keyOf('cus_1');
const s = story();
const BY = { who: 'ops', note: 'said so by phone', ifVersion: null };

type Life = Runner & { readonly counts: Counts; readonly marks: { amendments: number } };

/** `onClosing`: happens between the write that closes a case and the one that lets go of it. */
const begin = (onClosing: () => Promise<unknown> = async () => {}): Life => {
  const counts = { reads: 0, writes: 0 };
  const marks = { amendments: 0 };
  const store = createMemoryStore({
    fault: async (operation) => {
      if (operation === 'markStale') marks.amendments += 1;
      if (operation === 'closeCase') await onClosing();
    },
  });
  return { ...createRunner({ store: countedStore(store, counts) }), counts, marks };
};

/** What the store was asked for meanwhile. */
const during = async ({ counts }: Life, work: () => Promise<unknown>): Promise<Counts> => {
  const before = { ...counts };
  await work();
  return { reads: counts.reads - before.reads, writes: counts.writes - before.writes };
};

const closed = async ({ store }: Life, id = 'case_in_1'): Promise<CaseRecord> => {
  const record = await store.loadClosedCase(KEY, id);
  if (record === null) throw new Error(`${id} is not closed`);
  return record;
};

/** What the books say of a case, as a store would have counted it. */
const booked = ({ requests }: CaseRecord): Counts | null =>
  requests && { reads: requests.received + requests.visits, writes: requests.writes };

const tallied = async ({ store, clock }: Life, id = 'case_in_1'): Promise<Tally['requests']> => {
  const tally = emptyTally();
  for await (const { one } of readEach(store, [{ key: KEY, id }], clock.now()))
    if (one) countCase(tally, one, () => true, clock.now());
  return tally.requests;
};

const edit = async ({ store, clock }: Life, change: (customer: Customer) => Partial<Customer>) => {
  const customer = await store.load(KEY, clock.now());
  await store.save({ ...customer, ...change(customer), version: customer.version + 1 });
};

/** Fails on a day and six days later, and is paid on the ninth. */
const failsAndPays = async (life: Life, one = s, day = 0): Promise<void> => {
  await life.toDay(day);
  await life.tell(...one.failed(day, { told: false, next: day + 6 }));
  await life.toDay(day + 6);
  await life.tell(...one.failed(day + 6, { told: false, attempt: 2, next: day + 9 }));
  await life.toDay(day + 9);
  await life.tell(...one.paid(day + 9));
  await life.toDay(day + 30);
};

describe('the books of a case', () => {
  test('tell each read and write of it, from its first event to the write that lets go of it', async () => {
    const life = begin();
    const took = await during(life, () => failsAndPays(life));
    const record = await closed(life);
    expect(record.requests?.received).toBe(3);
    expect(booked(record)).toEqual(took);
    expect(await tallied(life)).toEqual({ ...record.requests, counted: 1, mails: life.mails.length });
  });

  test('tell those of an open case so far', async () => {
    const life = begin();
    const took = await during(life, async () => {
      await life.tell(...s.failed(0, { told: false, next: 3 }));
      await life.toDay(1.2);
    });
    const { received, visits, writes, counted } = await tallied(life);
    expect({ reads: received + visits, writes, counted }).toEqual({ ...took, counted: 1 });
  });

  test('tell what an operator does', async () => {
    const life = begin();
    const took = await during(life, async () => {
      await life.tell(...s.failed(0, { told: false, next: 9 }));
      await life.toDay(1.2);
      const now = life.clock.now();
      await hold({ ...life.deps, policy: POLICY }, KEY, addDays(now, 2), BY, now);
      await life.toDay(5);
      await close(life.deps, KEY, 'lost', null, BY, life.clock.now());
      await life.toDay(9);
    });
    expect(booked(await closed(life))).toEqual(took);
  });

  test('tell nothing of the case before, nor of what was paid after all in between', async () => {
    const life = begin();
    await life.tell(...s.failed(0, { told: false, next: 9 }));
    await life.toDay(2);
    await close(life.deps, KEY, 'lost', null, BY, life.clock.now());
    await life.toDay(20);
    await life.tell(...s.paid(20));
    await life.toDay(40);
    const next = story({ n: 2, customerId: 'cus_1' });
    const took = await during(life, () => failsAndPays(life, next, 60));
    expect(booked(await closed(life, 'case_in_2'))).toEqual(took);
  });

  test('tell the mark of a month whose sums may be kept, and a page of the journal', async () => {
    const life = begin();
    const took = await during(life, async () => {
      life.sleepTo(45);
      await life.tell(...s.failed(20, { told: false, next: 50 }));
      await life.toDay(46);
      const lines = Array.from({ length: 250 }, (_, i) => lineOf(`line ${i}`));
      await edit(life, ({ recovery }) => ({ recovery: { ...recovery, journal: lines } }));
      await life.toDay(50);
      await life.tell(...s.paid(50));
      await life.toDay(60);
    });
    // The test's own look at the item is nobody's read.
    expect(booked(await closed(life))).toEqual({ ...took, reads: took.reads - 1 });
    expect((await life.store.loadRollup('2026-03')).staleAt).not.toBeNull();
    expect((await life.store.load(KEY, life.clock.now())).recovery.journalPages).toBeGreaterThan(0);
  });

  test('tell of who pays after all one event, one visit and five writes', async () => {
    const life = begin();
    await life.tell(...s.failed(0, { told: false, next: 9 }));
    await life.toDay(2);
    await close(life.deps, KEY, 'lost', null, BY, life.clock.now());
    await life.toDay(4);
    const before = await tallied(life);
    const took = await during(life, async () => {
      await life.tell(...s.paid(10));
      await life.toDay(20);
    });
    const after = await tallied(life);
    expect(took).toEqual({ reads: 2, writes: 5 });
    expect(after).toEqual({
      ...before,
      received: before.received + 1,
      visits: before.visits + 1,
      writes: before.writes + took.writes,
    });
  });

  test('tell of each write once, of a failure that comes in while the case before is being closed, too', async () => {
    const next = story({ n: 2, customerId: 'cus_1' });
    let isFirst = true;
    const life = begin(async () => {
      if (!isFirst) return;
      isFirst = false;
      await life.tell(...next.failed(9, { told: false, next: 18 }));
    });
    const took = await during(life, async () => {
      await failsAndPays(life);
      await life.tell(...next.paid(30));
      await life.toDay(50);
    });
    const both = [await closed(life), await closed(life, 'case_in_2')].map(
      ({ requests }) => requests?.writes,
    );
    // The last write of the first case was tried, lost to the failure, and made by the visit that opened the second.
    expect((both[0] ?? 0) + (both[1] ?? 0) + 1).toBe(took.writes);
  });

  test('leave out an event that changes nothing: it is read, and nothing is written', async () => {
    const life = begin();
    const failed = s.failed(0, { told: false, next: 9 });
    await life.tell(...failed);
    const before = await tallied(life);
    expect(await during(life, () => life.tell(...failed))).toEqual({ reads: 1, writes: 0 });
    expect(await tallied(life)).toEqual(before);
  });
});

describe('a decision that finds nothing failed', () => {
  const facts = [
    customerFact({}, { defaultMethodId: 'pm_1' }),
    subscriptionFact({ status: 'active', interval: { unit: 'month', count: 1 } }),
    methodFact({ card: { ...CARD, expYear: 2026, expMonth: 3 } }),
  ];
  const known = customerFrom(...facts, { kind: 'ahead', at: FAILED_AT, source: 'refresh' });
  const counted = { ...known, version: 12, requests: { received: 4, visits: 3, before: 2 } };
  const card = {
    id: 'card',
    kind: 'card_expiry',
    steps: [{ id: 'd30', message: 'card-expiring', daysBefore: 30 }],
  };

  test.each([
    ['and nothing that lies ahead', [], 0],
    ['and something that lies ahead', [card], 1],
  ])('%s counts anew from its own write on', (_, notices, ahead) => {
    const { customer } = plan(counted, policyOf({ notices }), FAILED_AT);
    expect(customer.recovery.notices).toHaveLength(ahead);
    expect(customer.requests).toEqual({ received: 0, visits: 0, before: 13 });
  });
});

describe('an item that is older than the count', () => {
  test('has one case that is not counted, and then all of them are', async () => {
    const life = begin();
    await life.tell(...s.failed(0, { told: false, next: 9 }));
    await edit(life, () => ({ requests: null }));
    await life.toDay(9);
    await life.tell(...s.paid(9));
    await life.toDay(20);
    expect((await closed(life)).requests).toBeNull();
    expect(await tallied(life)).toEqual({
      received: 0,
      visits: 0,
      writes: 0,
      counted: 0,
      mails: life.mails.length,
    });
    const next = story({ n: 2, customerId: 'cus_1' });
    const took = await during(life, () => failsAndPays(life, next, 60));
    expect(booked(await closed(life, 'case_in_2'))).toEqual(took);
  });
});

describe('law', () => {
  const codes = fc.constantFrom('insufficient_funds', 'expired_card', 'stolen_card', 'do_not_honor');
  const someFailure = fc.record({ day: fc.integer({ min: 0, max: 8 }), code: codes, told: fc.boolean() });

  test('whatever a case goes through, its books tell each write of it', async () => {
    const failures = fc.uniqueArray(someFailure, {
      minLength: 1,
      maxLength: 5,
      selector: ({ day }) => day,
    });
    const law = fc.asyncProperty(failures, fc.boolean(), async (made, pays) => {
      const life = begin();
      const days = made.toSorted((a, b) => a.day - b.day);
      const took = await during(life, async () => {
        for (const [i, { day, code, told }] of days.entries()) {
          await life.toDay(day);
          const next = days[i + 1]?.day ?? null;
          await life.tell(...s.failed(day, { attempt: i + 1, next, code, told }));
        }
        await life.toDay(27);
        // By then it may have been given up: who pays then pays after all.
        if (pays) await life.tell(...s.paid(27));
        else await close(life.deps, KEY, 'lost', null, BY, life.clock.now());
        await life.toDay(40);
      });
      // The mark that an amendment leaves is not counted; nothing else leaves one here.
      expect((await tallied(life)).writes).toBe(took.writes - life.marks.amendments);
    });
    await fc.assert(law, { numRuns: 60 });
  });
});
