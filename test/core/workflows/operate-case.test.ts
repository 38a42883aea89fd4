// What an operator does to a case by hand: holds, exclusions, tries, closings; what is refused, and that it changes nothing.
import { describe, expect, test } from 'vitest';
import type { ArmedAction, Customer } from '../../../core/recovery/customer.ts';
import { heldBy } from '../../../core/recovery/holds.ts';
import { brokenInvariants } from '../../../core/recovery/invariants.ts';
import { plan } from '../../../core/recovery/plan.ts';
import {
  close,
  exclude,
  hold,
  resume,
  retryNow,
  type HoldDeps,
  type Operated,
  type Refusal,
} from '../../../core/workflows/operate.ts';
import { readCustomer } from '../../../core/workflows/read-cases.ts';
import { keyOf } from '../../support/customers.ts';
import {
  attemptFact,
  customerFrom,
  day,
  declineOf,
  failedFact,
  goneFact,
  invoiceFact,
  told,
} from '../../support/facts.ts';
import { ANNA, failing, operated, pass, policyOf } from '../../support/operating.ts';
import { createRunner, POLICY as SHIPPED } from '../../support/runner.ts';
import { onDay, story } from '../../support/story.ts';

const KEY = keyOf('cus_1');
const POLICY = policyOf();
const NOW = day(2);
const OPEN = pass(failing('in_1', 'in_2'), POLICY, day(0), day(1.5)).customer;
const REST = { ...customerFrom(attemptFact('ch_9')), expiresAt: day(20) };

type Operation = (deps: HoldDeps) => Promise<Operated>;
const holding =
  (until = day(10)): Operation =>
  (deps) =>
    hold(deps, KEY, until, ANNA, NOW);
const resuming: Operation = (deps) => resume(deps, KEY, ANNA, NOW);
const excluding =
  (ahead = false): Operation =>
  (deps) =>
    exclude(deps, KEY, ahead, ANNA, NOW);
const retrying =
  (invoice: string | null = null): Operation =>
  (deps) =>
    retryNow(deps, KEY, invoice, ANNA, NOW);
const closing =
  (invoice: string | null = null, as: 'lost' | 'withdrawn' = 'lost'): Operation =>
  (deps) =>
    close(deps, KEY, as, invoice, ANNA, NOW);

const after = async (customer: Customer, ...operations: readonly Operation[]) => {
  let current = customer;
  let answer: Operated = { kind: 'refused', code: 'nothing_open', why: 'nothing was done' };
  for (const operation of operations) {
    ({ answer, customer: current } = await operated(current, POLICY, operation));
  }
  return { answer, customer: current };
};

const armed = (customer: Customer, changes: Partial<ArmedAction>): Customer => {
  const action: ArmedAction = {
    caseId: 'case_in_1',
    subjectId: 'in_1',
    stepId: 'second',
    kind: 'email',
    key: 'k',
    why: 'due',
    message: 'reminder',
    endAction: null,
    methodId: null,
    carries: [],
    armedAt: NOW,
    ...changes,
  };
  return { ...customer, pending: { token: 1, leaseUntil: day(3), armed: action } };
};

const gone = told(OPEN, goneFact('customer-erased', { at: day(1) }));
describe('refused, with nothing changed', () => {
  const HELD = after(OPEN, holding());
  const EXCLUDED = after(OPEN, excluding());
  const late = told(OPEN, invoiceFact('in_1', { at: day(1), details: { collectionMethod: 'send_invoice' } }));

  test.each<readonly [string, Refusal, Customer | ReturnType<typeof after>, Operation, RegExp]>([
    [
      'a hold of an unknown customer',
      'not_known',
      customerFrom(),
      holding(),
      /nothing is known of stripe\/cus_1/,
    ],
    ['a hold without anything open', 'nothing_open', REST, holding(), /nothing of stripe\/cus_1 is open/],
    [
      'a hold before the first look',
      'not_looked_at',
      failing('in_1'),
      holding(),
      /has just come in.*try again in a minute/,
    ],
    ['a date in the past', 'until_past', OPEN, holding(day(1)), /is in the past: it is 2026-03-03/],
    ['a date that is now', 'until_past', OPEN, holding(NOW), /is in the past/],
    ['a date over a year ahead', 'until_too_far', OPEN, holding(day(368)), /over 365 days ahead/],
    [
      'the same date again',
      'held_already',
      HELD,
      holding(),
      /is on hold until 2026-03-11 09:00 UTC by Anna already/,
    ],
    ['a hold of somebody excluded', 'excluded', EXCLUDED, holding(), /is excluded by Anna: resume first/],
    [
      'a hold of somebody erased',
      'erased',
      gone,
      holding(),
      /was erased on 2026-03-02: nobody is written to/,
    ],
    ['to resume what is not held', 'not_held', OPEN, resuming, /is not held/],
    ['to resume somebody unknown', 'not_known', customerFrom(), resuming, /nothing is known/],
    ['to exclude somebody unknown', 'not_known', customerFrom(), excluding(), /nothing is known/],
    ['to exclude somebody twice', 'excluded_already', EXCLUDED, excluding(), /is excluded by Anna already/],
    ['to exclude somebody erased', 'erased', gone, excluding(), /was erased/],
    ['a try for somebody unknown', 'not_known', customerFrom(), retrying(), /nothing is known/],
    ['a try of nothing', 'nothing_open', REST, retrying(), /nothing of stripe\/cus_1 is open/],
    [
      'a try of another invoice',
      'not_open',
      OPEN,
      retrying('in_9'),
      /in_9 is no open invoice of .*: open is in_1, in_2/,
    ],
    [
      'a try for somebody held',
      'held',
      HELD,
      retrying(),
      /is on hold until .*: nothing is charged; resume first/,
    ],
    ['a try for somebody erased', 'erased', gone, retrying(), /was erased/],
    [
      'a try of what customers pay on their own',
      'not_chargeable',
      late,
      retrying('in_1'),
      /in_1 is not charged: the customer pays it/,
    ],
    [
      'the same try again',
      'asked_already',
      after(OPEN, retrying()),
      retrying('in_1'),
      /a try of in_1, in_2 is asked for already/,
    ],
    ['to close somebody unknown', 'not_known', customerFrom(), closing(), /nothing is known/],
    ['to close nothing', 'nothing_open', REST, closing(), /nothing of stripe\/cus_1 is open/],
    ['to close twice', 'nothing_open', after(OPEN, closing()), closing(), /nothing of stripe\/cus_1 is open/],
    [
      'to close what is just ended',
      'ending',
      armed(OPEN, { kind: 'end', stepId: 'end' }),
      closing(),
      /end of in_1 is being carried out/,
    ],
  ])('%s: %s', async (_, code, before, operation, why) => {
    const standing = await before;
    const start = 'answer' in standing ? standing.customer : standing;
    const { answer, customer } = await operated(start, POLICY, operation);
    expect(answer).toEqual({ kind: 'refused', code, why: expect.stringMatching(why) });
    expect(customer).toBe(start);
  });

  test('a version that is another by now', async () => {
    const { answer, customer } = await operated(OPEN, POLICY, (deps) =>
      retryNow(deps, KEY, null, { ...ANNA, ifVersion: 7 }, NOW),
    );
    expect(answer).toMatchObject({ why: expect.stringMatching(/at version 1, not 7; look at it again/) });
    expect(customer).toBe(OPEN);
  });
});

describe('a hold', () => {
  test('wishes for one try of each invoice on its date, is looked at at once, and is in the journal', async () => {
    const { answer, customer } = await after({ ...OPEN, dueAt: day(9) }, holding());
    expect(answer).toMatchObject({ kind: 'done', version: 2 });
    expect(customer.recovery.hold).toEqual({
      kind: 'hold',
      until: day(10),
      at: NOW,
      by: 'Anna',
      note: 'promised by phone',
      past: [],
    });
    expect(customer.recovery.retries).toEqual(
      ['in_1', 'in_2'].map((subjectId) => ({ id: 'by_hand_2', subjectId, at: day(10), by: 'Anna' })),
    );
    expect(customer.dueAt).toBe(NOW);
    expect(customer.recovery.journal.at(-1)).toMatchObject({
      what: `held until ${day(10)} by Anna`,
      why: 'promised by phone',
    });
  });

  test('tells whose tries go on', async () => {
    const words = async (policy = POLICY) => {
      const { answer } = await operated(OPEN, policy, holding());
      return answer.kind === 'done' ? answer.told.join('; ') : '';
    };
    expect(await words()).toMatch(/in_1, in_2 is charged once.*its own tries go on/);
    expect(await words(policyOf({ retries: { owner: 'recoup' } }))).not.toContain('go on');
  });

  test('is charged on its date, then the campaign goes on; a new date takes the place of the old', async () => {
    const { customer } = await after(OPEN, holding(), holding(day(6)));
    expect(customer.recovery.hold).toMatchObject({ until: day(6), past: [] });
    expect(customer.recovery.retries).toMatchObject([{ at: day(6) }, { at: day(6) }]);
    const { did } = pass(customer, POLICY, NOW, day(12.5));
    expect(did.map(({ at, action }) => [at, action.stepId, action.subjectId])).toEqual([
      [day(6), 'by_hand_3', 'in_1'],
      [day(6), 'by_hand_3', 'in_2'],
      [day(8), 'second', 'in_1'],
      [day(12), 'third', 'in_1'],
    ]);
  });

  test('can be taken back: the campaign goes on at once, and nothing is charged on the date', async () => {
    const { customer } = await operated((await after(OPEN, holding())).customer, POLICY, (deps) =>
      resume(deps, KEY, ANNA, day(4)),
    );
    expect(heldBy(customer.recovery, day(4))).toBeNull();
    expect(customer.recovery.retries).toEqual([]);
    const { did } = pass(customer, POLICY, day(4), day(11));
    expect(did.map(({ at, action }) => [at, action.stepId])).toEqual([
      [day(6), 'second'],
      [day(10), 'third'],
    ]);
  });

  test('says what is under way, and that a person has to put the customer back', async () => {
    const { answer } = await after({ ...armed(OPEN, {}), setAsideAt: day(1) }, holding());
    expect(answer).toMatchObject({
      told: expect.arrayContaining([
        'second of in_1 was under way: what becomes of it is written down first',
        expect.stringMatching(/set aside for a person/),
      ]),
    });
  });
});

describe('an exclusion', () => {
  test('outlives the case and the item’s own end, and holds the next failure too', async () => {
    const { customer } = await after(OPEN, excluding());
    const paid = ['in_1', 'in_2'].map((id) => invoiceFact(id, { status: 'paid', at: day(3) }));
    const over = plan(told(customer, ...paid), POLICY, day(3)).customer;
    expect(over).toMatchObject({ expiresAt: null, recovery: { case: null, hold: { kind: 'excluded' } } });
    const next = told(over, failedFact('in_3', { at: day(30) }));
    const { did, customer: later } = pass(next, POLICY, day(30), day(200));
    expect(did).toEqual([]);
    expect(later.recovery.case?.id).toBe('case_in_3');
  });

  test('of somebody with nothing open can be taken back, and the item may be forgotten again', async () => {
    const { answer, customer } = await after(REST, excluding());
    expect(answer).toMatchObject({
      told: expect.arrayContaining([expect.stringMatching(/nothing is open/)]),
    });
    expect(customer.expiresAt).toBeNull();
    const back = await after(customer, resuming);
    expect(back.customer).toMatchObject({ expiresAt: day(3), recovery: { hold: null } });
  });

  test('ahead of any failure is for those of whom nothing is known', async () => {
    const { answer, customer } = await after(customerFrom(), excluding(true));
    expect(answer).toMatchObject({ kind: 'done', version: 1 });
    const { did } = pass(told(customer, failedFact('in_1')), POLICY, day(3), day(100));
    expect(did).toEqual([]);
    expect((await after(customer, resuming)).answer.kind).toBe('done');
  });
});

describe('a try', () => {
  test('of one invoice is foretold and made with the next look', async () => {
    const { answer, customer } = await after(OPEN, retrying('in_2'));
    expect(answer).toMatchObject({ told: ['in_2 is charged now; 7 tries left'] });
    expect(pass(customer, POLICY, NOW, NOW).did.map(({ action }) => action.key)).toEqual([
      'case_in_1:in_2:by_hand_2',
    ]);
  });

  test('that cannot be made is foretold too', async () => {
    const lost = told(OPEN, attemptFact('ch_2', { at: day(1), decline: declineOf('lost_card') }));
    const { answer } = await after(lost, retrying());
    expect(answer).toMatchObject({
      told: [expect.stringMatching(/^in_1 is not charged: .*lost_card/), 'in_2 is charged now; 7 tries left'],
    });
    const soon = told(OPEN, attemptFact('ch_2', { at: day(1.5) }));
    expect((await after(soon, retrying('in_1'))).answer).toMatchObject({
      told: [`in_1 is charged from ${day(2.5)} on: too soon after the last try`],
    });
  });
});

describe('closing', () => {
  test.each(['lost', 'withdrawn'] as const)(
    'as %s ends the case with who and why, and with its books',
    async (as) => {
      const { answer, customer } = await after(OPEN, closing(null, as));
      expect(answer).toMatchObject({ kind: 'done' });
      expect(brokenInvariants(customer)).toEqual([]);
      const { outbox } = plan(customer, POLICY, NOW).customer;
      const minor = as === 'lost' ? { lostMinor: 4900 } : { withdrawnMinor: 4900 };
      expect(outbox?.closed?.invoices).toMatchObject(
        ['in_1', 'in_2'].map((subjectId) => ({
          subjectId,
          outcome: as,
          why: `closed by hand as ${as}`,
          ...minor,
        })),
      );
      expect(outbox?.closed?.steps.filter(({ id }) => id === 'end')).toMatchObject([
        { subjectId: 'in_1', status: 'done', why: `closed by hand as ${as} by Anna: promised by phone` },
        { subjectId: 'in_2' },
      ]);
      expect(outbox?.closed?.journal.map(({ what }) => what)).toContain(`closed as ${as} by Anna`);
    },
  );

  test('one invoice leaves the others as they are', async () => {
    const { answer, customer } = await after(OPEN, retrying(), closing('in_1'));
    expect(answer).toMatchObject({ told: ['in_1 counts as lost; 1 stays open', expect.anything()] });
    expect(customer.recovery.retries.map(({ subjectId }) => subjectId)).toEqual(['in_2']);
    const { customer: next } = plan(customer, POLICY, NOW);
    expect(next.recovery.case?.books).toMatchObject([{ outcome: 'lost' }, { outcome: 'open' }]);
  });

  test('what is paid meanwhile is recovered all the same', async () => {
    const { customer } = await after(OPEN, holding(), closing());
    const paid = told(customer, invoiceFact('in_1', { status: 'paid', at: day(3) }));
    expect(plan(paid, POLICY, day(3)).customer.outbox?.closed?.invoices).toMatchObject([
      { outcome: 'recovered', recoveredMinor: 4900 },
      { outcome: 'lost' },
    ]);
  });

  test('while a mail is under way settles the mail first', async () => {
    const { answer, customer } = await after(armed(OPEN, {}), closing());
    expect(answer).toMatchObject({
      told: expect.arrayContaining([expect.stringMatching(/second of in_1 was under way/)]),
    });
    expect(brokenInvariants(customer)).toEqual([]);
  });
});

describe('on a clock that runs', () => {
  const s = story();

  test('a hold stops the mails until its date; the case that is closed then is found by its customer', async () => {
    const runner = createRunner();
    const deps = { ...runner.deps, policy: SHIPPED };
    await runner.tell(...s.failed(0, { code: 'insufficient_funds' }));
    await runner.toDay(1.5);
    expect(runner.mails).toHaveLength(1);
    const until = onDay(20) as typeof NOW;
    expect(await hold(deps, KEY, until, ANNA, runner.clock.now())).toMatchObject({ kind: 'done' });
    await runner.toDay(19.9);
    expect(runner.mails).toHaveLength(1);
    await runner.toDay(20.1);
    const { steps } = (await runner.store.load(KEY, until)).recovery.case?.ladders[0] ?? { steps: [] };
    expect(steps.at(-1)).toMatchObject({
      kind: 'retry',
      status: 'skipped',
      why: 'replay: outcome not known',
    });
    await runner.toDay(24);
    expect(runner.mails.length).toBeGreaterThan(1);
    await close(deps, KEY, 'withdrawn', null, ANNA, runner.clock.now());
    await runner.toDay(24.1);
    const file = await readCustomer(runner.store, KEY, runner.clock.now());
    expect(file.customer.recovery).toMatchObject({ case: null, hold: null, retries: [] });
    expect(file.closed).toMatchObject([{ id: 'case_in_1', invoices: [{ outcome: 'withdrawn' }] }]);
    await runner.tell(...s.paid(30));
    await runner.toDay(31);
    expect((await readCustomer(runner.store, KEY, runner.clock.now())).adjustments).toHaveLength(1);
  });

  test('a charge whose answer was lost is only looked up once a hold has come in', async () => {
    const asked: string[] = [];
    const runner = createRunner({
      provider: (scripted) => ({
        ...scripted,
        retry: async (_, { key }) => {
          asked.push(`retry ${key}`);
          return { kind: 'unknown', why: 'no answer' };
        },
        lookUp: async (_, { key }) => {
          asked.push(`look up ${key}`);
          return { kind: 'refused', why: 'it never arrived' };
        },
      }),
    });
    const deps = { ...runner.deps, policy: SHIPPED };
    await runner.tell(...s.failed(0, { code: 'insufficient_funds' }));
    await runner.toDay(1.5);
    await retryNow(deps, KEY, null, ANNA, runner.clock.now());
    await runner.sweep();
    const version = (await runner.store.load(KEY, NOW)).version;
    const [key] = asked.map((words) => words.replace('retry ', ''));
    expect(asked).toEqual([`retry ${key}`]);
    await hold(deps, KEY, onDay(9) as typeof NOW, { ...ANNA, ifVersion: version }, runner.clock.now());
    await runner.toDay(2);
    expect(asked).toEqual([`retry ${key}`, `look up ${key}`]);
  });
});
