// What an operator's word does to the plan: nothing goes out while it stands, and then the campaign goes on from there.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Customer, Hold, Ladder } from '../../../core/recovery/customer.ts';
import {
  atRestOf,
  heldBy,
  inCampaignTime,
  operatorVerdict,
  pausesUntil,
} from '../../../core/recovery/holds.ts';
import { brokenInvariants } from '../../../core/recovery/invariants.ts';
import { MAX_ATTEMPTS_PER_INVOICE } from '../../../core/recovery/network-rules.ts';
import { plan } from '../../../core/recovery/plan.ts';
import type { Policy } from '../../../core/recovery/policy.ts';
import { operatorStepId, triggerOf } from '../../../core/recovery/step-ids.ts';
import { addDays, type Instant } from '../../../core/time.ts';
import { close, exclude, hold, resume, retryNow } from '../../../core/workflows/operate.ts';
import { FAILED_AT, openCaseOf } from '../../support/customers.ts';
import {
  attemptFact,
  changeFact,
  day,
  dayOf,
  declineOf,
  disputeFact,
  goneFact,
  invoiceFact,
  told,
} from '../../support/facts.ts';
import { ANNA, failing, operated, pass, policyOf, type Did } from '../../support/operating.ts';

const POLICY = policyOf();
const KEY = failing().key;

const heldFrom = (at: number, until: number | null, past: Hold['past'] = []): Hold => ({
  kind: until === null ? 'excluded' : 'hold',
  until: until === null ? null : day(until),
  at: day(at),
  by: 'Anna',
  note: 'promised',
  past,
});

const withHold = (customer: Customer, standing: Hold | null): Customer => ({
  ...customer,
  recovery: { ...customer.recovery, hold: standing },
});

const steps = (did: readonly Did[]) => did.map(({ at, action }) => [dayOf(at), action.stepId]);

describe('who is held', () => {
  test.each<readonly [string, Hold | null, number, string | null]>([
    ['nobody, without a word', null, 1, null],
    ['until the date', heldFrom(0, 5), 4.99, 'on hold until 2026-03-06 09:00 UTC by Anna'],
    ['not on the date itself', heldFrom(0, 5), 5, null],
    ['without end, once excluded', heldFrom(0, null), 5000, 'excluded by Anna'],
  ])('%s', (_, standing, at, why) => {
    expect(heldBy({ hold: standing }, day(at))?.why ?? null).toBe(why);
  });

  test('what lasted is kept for the next hold: as long as it lasted', () => {
    expect(pausesUntil(null, day(1))).toEqual([]);
    expect(pausesUntil(heldFrom(2, 9), day(5))).toEqual([{ at: day(2), until: day(5) }]);
    expect(pausesUntil(heldFrom(2, null, [{ at: day(0), until: day(1) }]), day(5))).toEqual([
      { at: day(0), until: day(1) },
      { at: day(2), until: day(5) },
    ]);
    expect(pausesUntil(heldFrom(2, 2), day(5))).toEqual([]);
    const many = Array.from({ length: 20 }, (_, i) => ({ at: day(i), until: day(i + 0.5) }));
    expect(pausesUntil(heldFrom(30, 31, many), day(40))).toEqual([
      ...many.slice(1),
      { at: day(30), until: day(31) },
    ]);
  });

  test('only an exclusion outlives its case', () => {
    const { recovery } = failing();
    const wish = { id: 'by_hand_1', subjectId: 'in_1', at: day(1), by: 'Anna' };
    const rest = (standing: Hold | null) =>
      atRestOf({ ...recovery, hold: standing, retries: [wish] }, day(3));
    expect(rest(heldFrom(0, 9))).toEqual(recovery);
    expect(rest({ ...heldFrom(0, null), until: day(2) })).toEqual(recovery);
    const past = [{ at: day(0), until: day(1) }];
    expect(rest(heldFrom(0, null, past))).toEqual({ ...recovery, hold: heldFrom(0, null) });
  });
});

describe('the days on which a customer was held', () => {
  const [ladder] = openCaseOf('case_in_1').ladders as [Ladder];
  const dates = (standing: Hold | null, on = 3) => {
    const step = { id: 'first', kind: 'email', status: 'done', why: '', message: null } as const;
    const moved = inCampaignTime({ ...ladder, steps: [{ ...step, at: day(on) }] }, standing);
    return [moved.anchor, ...moved.steps.map(({ at }) => at)].map(dayOf);
  };

  test.each<readonly [string, Hold | null, readonly number[]]>([
    ['none without a hold', null, [0, 3]],
    ['do not count for what came before', heldFrom(4, 10), [6, 9]],
    ['count in whole days, so that steps keep their hour', heldFrom(4, 9.1), [6, 9]],
    ['count for a part where it came within', heldFrom(1, 6), [5, 6]],
    ['are nothing to what came after', heldFrom(1, 2), [1, 3]],
    ['count of every hold', heldFrom(4, 10, [{ at: day(1), until: day(2) }]), [7, 9]],
    ['have no end yet while somebody is excluded', heldFrom(4, null), [0, 3]],
  ])('%s', (_, standing, expected) => {
    expect(dates(standing)).toEqual(expected);
  });
});

describe('a campaign that was held', () => {
  const life = (standing: Hold, policy = POLICY, until = 90) =>
    pass(withHold(failing('in_1'), standing), policy, FAILED_AT, day(until));

  test('goes on from where it stood: its mails as far apart as ever, and the end as long after its notice', () => {
    const { customer } = pass(failing('in_1'), POLICY, FAILED_AT, day(4.5));
    const { did, closed } = pass(withHold(customer, heldFrom(5, 30)), POLICY, day(5), day(120));
    expect(steps(did)).toEqual([
      [33, 'third'],
      [37, 'final'],
    ]);
    expect(closed.map(({ outbox }) => outbox?.closed?.closedAt)).toEqual([day(51)]);
  });

  test('whose notice had been given ends as many days later as it was held', () => {
    const { customer } = pass(failing('in_1'), POLICY, FAILED_AT, day(13));
    const { did, closed } = pass(withHold(customer, heldFrom(13, 70)), POLICY, day(13), day(120));
    expect(did).toEqual([]);
    expect(closed.map(({ outbox }) => outbox?.closed?.closedAt)).toEqual([day(26 + 57)]);
  });

  test('that failed meanwhile begins when the hold is over', () => {
    expect(steps(life(heldFrom(-3, 10)).did)).toEqual([
      [11, 'first'],
      [14, 'second'],
      [18, 'third'],
      [22, 'final'],
    ]);
  });

  test('closes by payment, and nobody is thanked', () => {
    const { customer } = pass(failing('in_1'), POLICY, FAILED_AT, day(2));
    const paid = invoiceFact('in_1', { status: 'paid', at: day(6) });
    const { did, closed } = pass(told(withHold(customer, heldFrom(5, 30)), paid), POLICY, day(6), day(40));
    expect(did).toEqual([]);
    expect(closed[0]?.outbox?.closed?.invoices).toMatchObject([{ outcome: 'recovered', lostMinor: 0 }]);
    expect(closed[0]?.recovery.hold).toBeNull();
  });

  test('is looked at each day, and when the hold is over', () => {
    const next = (at: number) => plan(withHold(failing('in_1'), heldFrom(0, 3)), POLICY, day(at)).next;
    expect(next(1)).toEqual({ kind: 'wait', until: day(2), why: expect.stringMatching(/^on hold until/) });
    expect(next(2.5)).toMatchObject({ until: day(3) });
  });

  test('somebody who is excluded is never written to, and the case stays', () => {
    const { did, closed, customer } = life(heldFrom(0, null), POLICY, 700);
    expect([did, closed]).toEqual([[], []]);
    expect(customer.recovery.case?.books).toMatchObject([{ outcome: 'open', openMinor: 4900 }]);
  });
});

describe('a try that an operator asked for', () => {
  const wish = { id: operatorStepId(7), subjectId: 'in_1', at: day(2), by: 'Anna' };
  const seen = plan(failing('in_1'), POLICY, day(0.5)).customer;
  const asking = (...facts: Parameters<typeof told>[1][]): Customer => {
    const customer = told(seen, ...facts);
    return { ...customer, recovery: { ...customer.recovery, retries: [wish] } };
  };
  const code = (declineCode: string) => attemptFact('ch_2', { at: day(1), decline: declineOf(declineCode) });

  test.each<readonly [string, Customer, number, object]>([
    ['waits for its date', asking(), 1.9, { kind: 'waits', until: day(2) }],
    ['is due then', asking(), 2, { kind: 'due', left: 7 }],
    [
      'waits for as long as the limits say',
      asking(attemptFact('ch_2', { at: day(1.5) })),
      2,
      { kind: 'waits', until: day(2.5) },
    ],
    ['is skipped after a decline that needs the customer', asking(code('lost_card')), 3, { kind: 'skipped' }],
    [
      'is skipped while a payment is disputed',
      asking(disputeFact('dp_1')),
      3,
      { kind: 'skipped', why: 'dispute dp_1 is open' },
    ],
    [
      'is skipped when every try is used',
      asking(invoiceFact('in_1', { at: day(1), attempt: 8 })),
      3,
      { kind: 'skipped' },
    ],
    [
      'is skipped when the customer was erased',
      asking(goneFact('customer-erased')),
      3,
      { kind: 'skipped', why: 'the customer is gone' },
    ],
    [
      'is skipped for what customers pay on their own',
      asking(invoiceFact('in_1', { at: day(1), details: { collectionMethod: 'send_invoice' } })),
      3,
      { kind: 'skipped' },
    ],
  ])('%s', (_, customer, at, expected) => {
    expect(operatorVerdict(customer, wish, day(at))).toMatchObject(expected);
  });

  test('is over once it is settled, done, or about nothing', () => {
    expect(operatorVerdict(asking(), { ...wish, subjectId: 'in_9' }, day(3))).toEqual({ kind: 'over' });
    const { did, customer } = pass(asking(), POLICY, day(2), day(3));
    expect(steps(did)).toContainEqual([2, 'by_hand_7']);
    expect(customer.recovery.retries).toEqual([]);
    expect(operatorVerdict(customer, wish, day(3))).toEqual({ kind: 'over' });
  });

  test('goes before mails, under a key of its own, and says who asked', () => {
    const { next } = plan(asking(), POLICY, day(2));
    expect(next).toMatchObject({
      kind: 'act',
      action: { kind: 'retry', key: 'case_in_1:in_1:by_hand_7', why: 'asked for by Anna; 7 tries left' },
    });
  });

  test('that is impossible is a skipped step with the reason, and is let go of', () => {
    const { customer } = plan(asking(code('lost_card')), POLICY, day(3));
    expect(customer.recovery.retries).toEqual([]);
    expect(customer.recovery.case?.ladders[0]?.steps).toContainEqual({
      id: 'by_hand_7',
      kind: 'retry',
      at: day(3),
      status: 'skipped',
      why: expect.stringMatching(/^asked for by Anna; .*lost_card/) as string,
      message: null,
    });
  });

  test('is known by its step, which no policy can give', () => {
    expect([triggerOf({ stepId: 'by_hand_7' }), triggerOf({ stepId: 'retry-1' })]).toEqual([
      'operator',
      'ladder',
    ]);
    const id = operatorStepId(7);
    expect(() => policyOf({}, { finalNotice: { id, delayDays: 12, atLastAttempt: false } })).toThrow(id);
  });
});

describe('laws', () => {
  type Move = readonly [
    days: number,
    what: 'hold' | 'resume' | 'exclude' | 'retry' | 'lost' | 'pay',
    arg: number,
  ];
  const aMove: fc.Arbitrary<Move> = fc.tuple(
    fc.double({ min: 0.1, max: 12, noNaN: true }),
    fc.constantFrom('hold', 'hold', 'resume', 'exclude', 'retry', 'retry', 'pay', 'lost'),
    fc.integer({ min: 1, max: 40 }),
  );
  const RETRYING = policyOf(
    { retries: { owner: 'recoup' } },
    {
      steps: [
        { id: 'first', kind: 'email', message: 'payment-failed', delayDays: 1 },
        { id: 'try-1', kind: 'retry', delayDays: 3 },
        { id: 'try-2', kind: 'retry', delayDays: 6 },
      ],
      end: { action: 'cancel', daysAfterNotice: 7, latestDay: 45 },
    },
  );

  const moved = (customer: Customer, policy: Policy, [, what, arg]: Move, now: Instant) =>
    operated(customer, policy, (deps) => {
      if (what === 'hold') return hold(deps, KEY, addDays(now, arg), ANNA, now);
      if (what === 'resume') return resume(deps, KEY, ANNA, now);
      if (what === 'exclude') return exclude(deps, KEY, false, ANNA, now);
      if (what === 'lost') return close(deps, KEY, 'lost', arg > 20 ? null : 'in_1', ANNA, now);
      return retryNow(deps, KEY, null, ANNA, now);
    });

  /** Plays moves on a customer; every answer and everything that was done, each with the hold that stood then. */
  const play = async (moves: readonly Move[], policy: Policy) => {
    let { customer, did, closed } = pass(failing('in_1', 'in_2'), policy, FAILED_AT, day(0.05));
    const all = [...did];
    const over = [...closed];
    let now = day(0.05);
    for (const move of moves) {
      const at = addDays(now, move[0]);
      ({ customer, did, closed } = pass(customer, policy, now, at));
      all.push(...did);
      over.push(...closed);
      now = at;
      customer =
        move[1] === 'pay'
          ? told(customer, changeFact(`pay_${now}`, { paidMinor: move[2] * 10 }, { at: now }))
          : (await moved(customer, policy, move, now)).customer;
    }
    const last = pass(customer, policy, now, addDays(now, 150));
    return { did: [...all, ...last.did], closed: [...over, ...last.closed], customer: last.customer };
  };

  const moves = fc.array(aMove, { maxLength: 8 });
  const policies = fc.constantFrom(POLICY, RETRYING);

  test('nothing is armed while a hold or an exclusion stands; no step twice; no limit is passed', async () => {
    await fc.assert(
      fc.asyncProperty(moves, policies, async (some, policy) => {
        const { did, customer } = await play(some, policy);
        for (const { at, customer: then } of did) expect(heldBy(then.recovery, at)).toBeNull();
        const keys = did.map(({ action }) => action.key);
        expect(new Set(keys).size).toBe(keys.length);
        for (const id of ['in_1', 'in_2']) {
          const tries = did.filter(({ action }) => action.kind === 'retry' && action.subjectId === id);
          expect(tries.length + 1).toBeLessThanOrEqual(MAX_ATTEMPTS_PER_INVOICE);
        }
        const mailDays = did
          .filter(({ action }) => action.kind === 'email' && action.message !== 'recovered')
          .map(({ at }) => at.slice(0, 10));
        expect(new Set(mailDays).size).toBe(mailDays.length);
        expect(brokenInvariants({ ...customer, dueAt: day(0) })).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test('what is closed by hand ends the case, with books that add up', async () => {
    await fc.assert(
      fc.asyncProperty(
        moves,
        policies,
        fc.constantFrom('lost' as const, 'withdrawn' as const),
        async (some, policy, as) => {
          const { customer: now } = await play(
            some.filter(([, what]) => what !== 'lost').slice(0, 3),
            POLICY,
          );
          const { customer: standing } = now.recovery.case
            ? { customer: now }
            : pass(failing('in_1'), policy, FAILED_AT, day(5));
          const at = day(400);
          const done = await operated(standing, policy, (deps) => close(deps, KEY, as, null, ANNA, at));
          expect(done.answer.kind).toBe('done');
          expect(brokenInvariants(done.customer)).toEqual([]);
          const { customer } = plan(done.customer, policy, at);
          expect(customer.recovery).toMatchObject({ case: null, retries: [] });
          for (const book of customer.outbox?.closed?.invoices ?? []) {
            const { failedMinor, recoveredMinor, withdrawnMinor, lostMinor, openMinor } = book;
            expect(openMinor).toBe(0);
            expect(recoveredMinor + withdrawnMinor + lostMinor).toBe(failedMinor);
            expect(book.why).toMatch(/closed by hand as|paid/);
          }
          expect(customer.outbox?.closed?.invoices.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 40 },
    );
  });
});
