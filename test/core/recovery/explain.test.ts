// Why a customer is where they are: each step with its rule, what comes next, what stands against it. Equal to the plan.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Customer } from '../../../core/recovery/customer.ts';
import { explain } from '../../../core/recovery/explain.ts';
import { plan } from '../../../core/recovery/plan.ts';
import { close, exclude, hold, retryNow } from '../../../core/workflows/operate.ts';
import { attemptFact, changeFact, day, dayOf, disputeFact, invoiceFact, told } from '../../support/facts.ts';
import { ANNA, failing, operated, pass, policyOf } from '../../support/operating.ts';

const POLICY = policyOf();
const OPEN = pass(failing('in_1'), POLICY, day(0), day(4.5)).customer;
const { key: KEY } = OPEN;

/** Each step in short: its status, its day, its id, why. */
const stepsAt = (customer: Customer, at: number, policy = POLICY) =>
  explain(customer, policy, day(at)).invoices.flatMap(({ steps }) =>
    steps.map(({ status, at: when, id, why }) => [status, when && dayOf(when), id, why]),
  );

describe('the steps', () => {
  test('behind are as they were recorded, those to come wait for their day with the rule that decides it', () => {
    expect(stepsAt(OPEN, 5)).toEqual([
      ['done', 1, 'first', 'day 1 of campaign all'],
      ['done', 4, 'second', 'day 4 of campaign all'],
      ['waiting', 8, 'third', 'day 8 of campaign all'],
      ['waiting', 12, 'final', 'no further try will come'],
      ['waiting', 26, 'end', 'campaign all reached its end'],
    ]);
  });

  test('that another takes the place of now are passed over, and it is told which', () => {
    const { customer } = pass(failing('in_1'), POLICY, day(0), day(1.5));
    expect(stepsAt(customer, 13).slice(1, 4)).toEqual([
      ['skipped', 13, 'second', 'superseded by the final notice'],
      ['skipped', 13, 'third', 'superseded by the final notice'],
      ['waiting', 13, 'final', 'no further try will come'],
    ]);
  });

  test('to come are foretold though a try of the provider was planned long ago, and left no trace', () => {
    const policy = policyOf(
      // 10:00 in Vienna is 09:00 in UTC.
      { retries: { owner: 'recoup', hour: 10 } },
      {
        steps: [
          { id: 'first', kind: 'email', message: 'payment-failed', delayDays: 1 },
          { id: 'again', kind: 'retry', delayDays: 5 },
        ],
      },
    );
    const stale = told(failing('in_1'), invoiceFact('in_1', { at: day(0.1), next: day(-10) }));
    expect(stepsAt(stale, 0.2, policy)).toEqual([
      ['waiting', 1, 'first', 'day 1 of campaign all'],
      ['waiting', 5, 'again', 'day 5 of campaign all; 7 tries left'],
      ['waiting', 12, 'final', 'no further try will come'],
      ['waiting', 26, 'end', 'campaign all reached its end'],
    ]);
  });

  test('an end that comes now is told as one', () => {
    expect(stepsAt(OPEN, 50).at(-1)).toEqual(['blocked', null, 'final', 'the campaign reached its end']);
    expect(stepsAt(OPEN, 50)[2]).toEqual(['waiting', 50, 'end', 'campaign all reached its end']);
  });

  test('to come stand still while somebody is held, until when, and when they can come after it', async () => {
    const { customer } = await operated(OPEN, POLICY, (deps) => hold(deps, KEY, day(10), ANNA, day(5)));
    const why = 'on hold until 2026-03-11 09:00 UTC by Anna';
    expect(stepsAt(customer, 6).slice(2)).toEqual([
      ['blocked', 10, 'by_hand_2', why],
      ['blocked', 13, 'third', why],
      ['blocked', 17, 'final', why],
      ['blocked', 31, 'end', why],
    ]);
    expect(explain(customer, POLICY, day(6))).toMatchObject({
      held: { why, until: day(10) },
      hold: { by: 'Anna', note: 'promised by phone' },
      asked: [{ subjectId: 'in_1', at: day(10) }],
      next: { kind: 'act', at: day(10), step: 'by_hand_2' },
      nextLook: day(5),
      version: 2,
    });
  });

  test('never come for somebody who is excluded', async () => {
    const { customer } = await operated(OPEN, POLICY, (deps) => exclude(deps, KEY, false, ANNA, day(5)));
    expect(stepsAt(customer, 6).slice(2)).toEqual(
      ['third', 'final', 'end'].map((id) => ['blocked', null, id, 'excluded by Anna']),
    );
    expect(explain(customer, POLICY, day(6)).next.kind).toBe('nothing');
  });

  test('that ask for money are blocked by a dispute; an end in our books is not', () => {
    expect(stepsAt(told(OPEN, disputeFact('dp_1', {}, { at: day(5) })), 6).slice(2)).toEqual([
      ['waiting', 45, 'end', 'campaign all reached its end'],
      ['blocked', null, 'third', 'dispute dp_1 is open'],
      ['blocked', null, 'final', 'dispute dp_1 is open'],
    ]);
  });

  test('of an invoice that is settled do not come, for the reason that it is settled', async () => {
    const two = pass(failing('in_1', 'in_2'), POLICY, day(0), day(4.5)).customer;
    const { customer } = await operated(two, POLICY, (deps) =>
      close(deps, KEY, 'lost', 'in_2', ANNA, day(5)),
    );
    const explained = explain(customer, POLICY, day(6));
    expect(explained.invoices.map(({ book }) => [book.subjectId, book.outcome])).toEqual([
      ['in_1', 'open'],
      ['in_2', 'lost'],
    ]);
    expect(explained.invoices[1]?.steps.at(-1)).toMatchObject({
      status: 'blocked',
      why: 'closed by hand as lost',
    });
  });

  test('that an operator asked for wait as long as the limits say', async () => {
    const tried = told(OPEN, attemptFact('ch_2', { at: day(5) }));
    const { customer } = await operated(tried, POLICY, (deps) => retryNow(deps, KEY, null, ANNA, day(5.5)));
    expect(stepsAt(customer, 5.5)).toContainEqual([
      'waiting',
      6,
      'by_hand_2',
      'asked for by Anna; 6 tries left',
    ]);
  });
});

describe('a customer', () => {
  test('whose last invoice is paid is about to be closed, with the money of it', () => {
    const paid = told(OPEN, invoiceFact('in_1', { status: 'paid', at: day(5) }));
    const explained = explain(paid, POLICY, day(6));
    expect(explained.invoices[0]?.book).toMatchObject({ outcome: 'recovered', recoveredMinor: 4900 });
    expect(explained.next).toMatchObject({ kind: 'act', step: 'recovered' });
    const quiet = told(failing('in_1'), invoiceFact('in_1', { status: 'paid', at: day(0.1) }));
    const seen = plan(failing('in_1'), POLICY, day(0.05)).customer;
    expect(explain({ ...quiet, recovery: seen.recovery }, POLICY, day(0.2)).next).toEqual({
      kind: 'close',
      at: day(0.2),
      outcome: 'recovered',
      why: 'paid',
    });
  });

  test('says why the payment fails and when the provider tries again', () => {
    const next = told(OPEN, invoiceFact('in_1', { at: day(4), attempt: 2, next: day(7) }));
    expect(explain(next, POLICY, day(5)).invoices[0]).toMatchObject({
      fails: { because: 'insufficient_funds', card: 'visa 4242' },
      providerTriesAt: day(7),
      campaign: 'all',
      number: 'R-in_1',
    });
  });

  test('without a case has none, and nothing follows', () => {
    const { customer } = pass(failing('in_1'), POLICY, day(0), day(60));
    expect(explain(customer, POLICY, day(61))).toMatchObject({ case: null, invoices: [] });
    expect(explain(customer, POLICY, day(61)).next).toMatchObject({ kind: 'nothing' });
  });

  test('who was set aside waits for a person; what is under way is told', () => {
    const trouble = { count: 10, lastAt: day(4), why: 'the key was refused' };
    const aside = { ...OPEN, setAsideAt: day(4), trouble };
    expect(explain(aside, POLICY, day(5))).toMatchObject({
      setAside: { at: day(4), why: 'the key was refused' },
      next: { kind: 'nothing', why: 'set aside for a person: the key was refused' },
      nextLook: null,
    });
    expect(stepsAt(aside, 5)[2]?.[0]).toBe('blocked');
  });
});

test('law: what waits comes when it was foretold, as long as nothing else happens', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 30, noNaN: true }),
      fc.option(fc.integer({ min: 1, max: 48 }), { nil: null }),
      fc.boolean(),
      (at, part, two) => {
        const start = failing('in_1', ...(two ? ['in_2'] : []));
        const paid = changeFact('pay_1', { paidMinor: (part ?? 0) * 100 }, { at: day(0.5) });
        const { customer } = pass(part === null ? start : told(start, paid), POLICY, day(0), day(at));
        const waiting = explain(customer, POLICY, day(at)).invoices.flatMap(({ book, steps }) =>
          steps
            .filter(({ status, kind }) => status === 'waiting' && kind === 'email')
            .map((step) => `${step.at} ${book.subjectId} ${step.id}`),
        );
        const { did } = pass(customer, POLICY, day(at), day(100));
        const done = did
          .filter(({ action }) => action.message !== 'recovered')
          .map(({ at: when, action }) => `${when} ${action.subjectId} ${action.stepId}`);
        expect(waiting.toSorted()).toEqual(done.toSorted());
      },
    ),
    { numRuns: 60 },
  );
});
