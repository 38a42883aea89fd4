// What an operator does by hand: who is erased is forgotten for good, and the journal says who did it and why.
import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '../../../adapters/memory/store.ts';
import { OutsideError, type Provider, type Store } from '../../../core/ports.ts';
import { NO_FACTS } from '../../../core/recovery/customer.ts';
import { addDays, addMs } from '../../../core/time.ts';
import { erase, type Operator } from '../../../core/workflows/operate.ts';
import { readCases } from '../../../core/workflows/read-cases.ts';
import { keyOf } from '../../support/customers.ts';
import {
  ANA,
  attemptFact,
  customerFact,
  customerFrom,
  day,
  deliveryFact,
  failedFact,
  mandateFact,
  methodFact,
} from '../../support/facts.ts';
import { createRunner, START, type Runner } from '../../support/runner.ts';
import { onDay, story } from '../../support/story.ts';

const KEY = keyOf('cus_1');
const NOW = day(2);
const BY: Operator = { who: 'Kim', note: 'asked for by letter', ifVersion: null };
const at = (ifVersion: number): Operator => ({ ...BY, ifVersion });
/** Anything that says who the tests' customers are, or what they pay with. */
const PERSON = /@example|Ana|Ada|4242|fp_1|card_a|visa|pm_1/;

const operating = (store: Store) => {
  const waits: number[] = [];
  const backOff = async (tries: number): Promise<void> => {
    waits.push(tries);
  };
  return { deps: { store, backOff }, waits };
};

/** A customer of whom everything is known that can be. */
const KNOWN = {
  ...customerFrom(
    customerFact({}, { defaultMethodId: 'pm_1' }),
    failedFact('in_1', { contact: ANA }),
    attemptFact('ch_1'),
    methodFact(),
    mandateFact('pm_1', 'active'),
    deliveryFact('bounced', { unreachable: true }),
  ),
  dueAt: day(9),
};

describe('who is erased', () => {
  test('is forgotten at once: contact, methods and cards; what they owe is not', async () => {
    const store = createMemoryStore();
    await store.save(KNOWN);
    expect(JSON.stringify(KNOWN)).toMatch(PERSON);
    expect(await erase(operating(store).deps, KEY, BY, NOW)).toEqual({ kind: 'done', version: 2, told: [] });
    const { facts } = await store.load(KEY, NOW);
    expect(JSON.stringify(facts)).not.toMatch(PERSON);
    expect(facts).toMatchObject({ contact: null, methods: {}, cards: {}, unreachable: {}, erasedAt: NOW });
    expect(facts.invoices).toEqual(KNOWN.facts.invoices);
    expect(facts.attempts['ch_1']).toEqual({ ...KNOWN.facts.attempts['ch_1'], card: null });
  });

  test('has in the journal who asked for it, and why', async () => {
    const store = createMemoryStore();
    await store.save(KNOWN);
    await erase(operating(store).deps, KEY, BY, NOW);
    expect((await store.load(KEY, NOW)).recovery.journal).toEqual([
      { at: NOW, what: 'erased by Kim', why: 'asked for by letter', count: 1 },
    ]);
  });

  test('is told of a second time, with the day of the first, and nothing is written', async () => {
    const store = createMemoryStore();
    await store.save(KNOWN);
    await erase(operating(store).deps, KEY, BY, NOW);
    const before = await store.load(KEY, NOW);
    expect(await erase(operating(store).deps, KEY, BY, day(3))).toEqual({
      kind: 'refused',
      code: 'erased_already',
      why: `${KEY} was erased on 2026-03-03 already`,
    });
    expect(await store.load(KEY, NOW)).toBe(before);
  });

  test('and is somebody else’s work by now is left as they are, and it is told', async () => {
    const store = createMemoryStore();
    await store.save(KNOWN);
    const told = await erase(operating(store).deps, KEY, at(4), NOW);
    expect(told).toMatchObject({ code: 'changed', why: expect.stringMatching(/at version 1, not 4/) });
    expect(await store.load(KEY, NOW)).toBe(KNOWN);
    expect(await erase(operating(store).deps, KEY, at(1), NOW)).toEqual({
      kind: 'done',
      version: 2,
      told: [],
    });
  });
});

describe('another writer who is first', () => {
  /** A store in which somebody else writes first, so many times. */
  const contested = async (times: number) => {
    const store = createMemoryStore();
    await store.save(KNOWN);
    let left = times;
    const save: Store['save'] = async (customer) => {
      left -= 1;
      if (left >= 0) {
        const stored = await store.load(KEY, NOW);
        await store.save({ ...stored, version: stored.version + 1, dueAt: day(10 + left) });
      }
      await store.save(customer);
    };
    return { store, ...operating({ ...store, save }) };
  };

  test('is waited for, and what they wrote is kept', async () => {
    const { store, deps, waits } = await contested(2);
    expect(await erase(deps, KEY, BY, NOW)).toEqual({ kind: 'done', version: 4, told: [] });
    expect(waits).toEqual([1, 2]);
    expect(await store.load(KEY, NOW)).toMatchObject({ dueAt: day(10), facts: { erasedAt: NOW } });
  });

  test('eight times in a row is told, and nothing was changed', async () => {
    const { store, deps, waits } = await contested(99);
    expect(await erase(deps, KEY, BY, NOW)).toEqual({
      kind: 'refused',
      code: 'contended',
      why: `${KEY}: other writers were first 8 times in a row; try again`,
    });
    expect(waits).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(await store.load(KEY, NOW)).toMatchObject({ version: 9, facts: KNOWN.facts });
  });

  test('makes the customer another than the one that was shown', async () => {
    const { store, deps } = await contested(1);
    expect(await erase(deps, KEY, at(1), NOW)).toMatchObject({ kind: 'refused' });
    expect((await store.load(KEY, NOW)).facts.erasedAt).toBeNull();
  });

  test('is the only reason to try again: a store that does not answer is thrown', async () => {
    const store = createMemoryStore({
      fault: (operation) => {
        if (operation === 'save') throw new OutsideError('the table does not answer', 'later');
      },
    });
    const { deps, waits } = operating(store);
    await expect(erase(deps, KEY, BY, NOW)).rejects.toThrow('the table does not answer');
    expect(waits).toEqual([]);
  });
});

describe('from then on', () => {
  const s = story();
  const failure = (days = 0) => s.failed(days, { code: 'insufficient_funds' });
  const erased = (runner: Runner) => erase(runner.deps, KEY, BY, runner.clock.now());
  const casesOf = ({ store }: Runner) => readCases(store, START, addDays(START, 120));

  /** A provider that tells of the person with every refresh. */
  const telling = (scripted: Provider): Provider => ({
    ...scripted,
    refresh: async (key, ids, now, also) => [
      ...(await scripted.refresh(key, ids, now, also)),
      customerFact({}, { at: now, source: 'refresh', defaultMethodId: 'pm_1' }),
      methodFact({}, { at: now, source: 'refresh' }),
      mandateFact('pm_1', 'active', { at: now, source: 'refresh' }),
    ],
  });

  /** A store, and everything that is written to it about anybody. */
  const watched = () => {
    const store = createMemoryStore();
    const written: string[] = [];
    const noted = <T>(value: T): T => {
      written.push(JSON.stringify(value));
      return value;
    };
    const watching: Store = {
      ...store,
      save: (customer) => store.save(noted(customer)),
      closeCase: (record) => store.closeCase(noted(record)),
      putAdjustment: (adjustment) => store.putAdjustment(noted(adjustment)),
      putJournalPage: (key, page, entries) => store.putJournalPage(key, page, noted(entries)),
    };
    return { store: watching, written };
  };

  test('an open case is looked at at once, and its mails end', async () => {
    const runner = createRunner({ provider: telling });
    await runner.tell(...failure());
    await runner.toDay(1.5);
    expect(runner.mails.map(({ message }) => message)).toEqual(['payment-failed']);
    await erased(runner);
    expect((await runner.store.load(KEY, runner.clock.now())).dueAt).toBe(onDay(1.5));
    await runner.toDay(60);
    expect(runner.mails).toHaveLength(1);
    const [record] = await casesOf(runner);
    expect(record?.invoices).toMatchObject([{ outcome: 'lost', lostMinor: 2500 }]);
    expect(record?.steps.filter(({ status }) => status === 'done').map(({ id }) => id)).toEqual([
      'payment-failed',
      'end',
    ]);
    expect(record?.journal.map(({ what }) => what)).toContain('erased by Kim');
  });

  test('a mail that a visit is about to arm does not go', async () => {
    const runner: Runner = createRunner({
      provider: (scripted) => ({
        ...scripted,
        refresh: async (...args) => {
          const told = await scripted.refresh(...args);
          // Somebody asks to be forgotten while we look: the answer still has the address.
          await erased(runner);
          return told;
        },
      }),
    });
    await runner.tell(...s.failed(0, { code: 'expired_card' }), ...s.customer('updated', 0));
    await runner.toDay(5);
    expect(runner.mails).toEqual([]);
  });

  test('no late event and no refresh brings anything back, at any write', async () => {
    const { store, written } = watched();
    const runner = createRunner({ store, provider: telling });
    await runner.tell(...failure());
    await runner.toDay(1.5);
    expect(written.join()).toMatch(PERSON);
    await erased(runner);
    written.length = 0;
    await runner.tell(...s.customer('updated', 1.5), ...s.failed(1.5, { attempt: 2 }));
    await runner.toDay(3);
    await runner.tell(...s.customer('updated', 3), ...story({ n: 2, customerId: 'cus_1' }).failed(3));
    await runner.toDay(80);
    await runner.tell(...s.paid(80));
    await runner.toDay(81);
    expect(written.length).toBeGreaterThan(10);
    expect(written.filter((text) => PERSON.test(text))).toEqual([]);
    expect(await runner.store.listAdjustments(KEY)).toMatchObject([{ amount: { minor: 2500 } }]);
  });

  test('a customer nobody knows has the marker too, and a late failure brings in no person', async () => {
    const { store, written } = watched();
    const runner = createRunner({ store, provider: telling });
    expect(await erased(runner)).toEqual({ kind: 'done', version: 1, told: [] });
    expect(await runner.store.load(KEY, START)).toMatchObject({
      dueAt: null,
      facts: { ...NO_FACTS, erasedAt: START },
      recovery: { case: null, journal: [{ what: 'erased by Kim' }] },
    });
    written.length = 0;
    await runner.toDay(7);
    await runner.tell(...failure(7), ...s.customer('updated', 7));
    await runner.toDay(60);
    expect(runner.mails).toEqual([]);
    expect(await casesOf(runner)).toMatchObject([{ id: 'case_in_1', invoices: [{ outcome: 'lost' }] }]);
    expect(written.filter((text) => PERSON.test(text))).toEqual([]);
  });
});

describe('the marker', () => {
  const s = story();
  const firstPayment = { ...s, invoice: { billing_reason: 'subscription_create' } };
  const KEPT_UNTIL = addDays(START, 400);

  test('is kept for 400 days, and no longer', async () => {
    const store = createMemoryStore();
    await erase(operating(store).deps, KEY, BY, START);
    expect((await store.load(KEY, START)).expiresAt).toBe(KEPT_UNTIL);
    expect((await store.load(KEY, addMs(KEPT_UNTIL, -1))).facts.erasedAt).toBe(START);
    expect((await store.load(KEY, KEPT_UNTIL)).facts.erasedAt).toBeNull();
  });

  test('is kept as long when the clock has looked at the customer meanwhile', async () => {
    const runner = createRunner();
    await erase(runner.deps, KEY, BY, START);
    await runner.toDay(7);
    // A sign-up that was not finished is no failure: the visit finds nothing at risk.
    await runner.tell(...story(firstPayment).failed(7));
    await runner.toDay(8);
    const visited = await runner.store.load(KEY, runner.clock.now());
    expect(visited.version).toBeGreaterThan(2);
    expect(visited).toMatchObject({ expiresAt: KEPT_UNTIL, facts: { erasedAt: START, invoices: {} } });
  });

  test('is kept for at least as long as the case that was open then, and as what is left of it', async () => {
    const runner = createRunner();
    await runner.tell(...s.failed(0, { code: 'expired_card' }));
    await runner.toDay(1);
    await erase(runner.deps, KEY, BY, runner.clock.now());
    expect((await runner.store.load(KEY, runner.clock.now())).expiresAt).toBeNull();
    await runner.toDay(60);
    const { expiresAt, facts } = await runner.store.load(KEY, runner.clock.now());
    expect(facts.tombstones['in_1']).toMatchObject({ status: 'open' });
    expect(expiresAt).toBe(addDays(facts.tombstones['in_1']?.at ?? START, 400));
  });

  test('does not shorten what is kept of a customer for longer', async () => {
    const store = createMemoryStore();
    const expiresAt = addDays(NOW, 500);
    await store.save({ ...customerFrom(customerFact()), expiresAt });
    await erase(operating(store).deps, KEY, BY, NOW);
    expect((await store.load(KEY, NOW)).expiresAt).toBe(expiresAt);
  });
});
