// Winning back who lost a plan: taken up with the loss, written once its time has come, let go of when it has no point.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createComposer } from '../../../adapters/email/render.ts';
import { expiryOf } from '../../../core/recovery/close.ts';
import type { Customer, Tombstone } from '../../../core/recovery/customer.ts';
import { explain } from '../../../core/recovery/explain.ts';
import type { Fact } from '../../../core/recovery/fact.ts';
import { brokenInvariants } from '../../../core/recovery/invariants.ts';
import { plan } from '../../../core/recovery/plan.ts';
import { crossFaults } from '../../../core/recovery/policy-faults.ts';
import type { Policy } from '../../../core/recovery/policy.ts';
import { armOf } from '../../../core/recovery/restraint.ts';
import { refreshAlso } from '../../../core/recovery/refresh-also.ts';
import { lostPlansOf } from '../../../core/recovery/upcoming.ts';
import { addDays, addMs, HOUR_MS, type Instant } from '../../../core/time.ts';
import { keyOf } from '../../support/customers.ts';
import {
  attemptFact,
  customerFact,
  customerFrom,
  day,
  deliveryFact,
  failedFact,
  goneFact,
  invoiceFact,
  reversalFact,
  subscriptionFact,
  told,
  tombstoneOf,
} from '../../support/facts.ts';
import { shippedTemplates } from '../../support/mails.ts';
import { failing, policyOf } from '../../support/operating.ts';
import { createRunner, START } from '../../support/runner.ts';
import { story } from '../../support/story.ts';
import { linesOf, walk, type Walk, type WalkOptions } from '../../support/walk.ts';

const WAY_BACK = 'https://acme.example/plans';
const step = (id: string, daysBefore: number) => ({ id, message: 'win-back', daysBefore });
const MONTH = { id: 'back', kind: 'win_back', steps: [step('d30', -30)] };
const SENDER = {
  name: 'Acme',
  email: 'billing@acme.example',
  replyTo: 'help@acme.example',
  supportEmail: 'help@acme.example',
  postalAddress: 'Acme, 1 High Street, Exampleton',
};
const policyWith = (notices: readonly object[] = [MONTH], changes: object = {}): Policy =>
  policyOf({ wayBackUrl: WAY_BACK, sender: SENDER, notices, ...changes });
const POLICY = policyWith();

const canceled = (on: number, id = 'sub_1'): Fact =>
  subscriptionFact({ id, status: 'canceled', cancellationReason: 'payment_failed' }, { at: day(on) });
/** The provider gives up on day 6, after the mails of days 1 and 4: what follows is the mail about it, and on day 36 this one. */
const GIVES_UP = canceled(6);
const active = (on: number): Fact => subscriptionFact({ id: 'sub_2', status: 'active' }, { at: day(on) });
/** Who the customer is, as every refresh of the provider tells. */
const known = (): Fact => customerFact();

const start = (): Customer => told(failing('in_1'), subscriptionFact());
const go = (options: Partial<WalkOptions> = {}, customer = start()): Walk =>
  walk(customer, {
    policy: POLICY,
    from: day(0),
    until: day(200),
    refreshed: [known()],
    ...options,
    later: [GIVES_UP, ...(options.later ?? [])],
  });
const winBacks = ({ done }: Walk) => done.filter(({ action }) => action.message === 'win-back');
const linesAfter = (passed: Walk) => winBacks(passed).map(({ at }) => at);
/** The same hour of the day in Vienna, where summer time has begun meanwhile. */
const DAY_36 = '2026-04-06T08:00:00.000Z';

test('while another case is open it is asked which plans there are: its end may be the moment to write', () => {
  const lost = { in_0: tombstoneOf({ status: 'open', planLostAt: day(-5) }) };
  const ana = start();
  const owing = { ...ana, facts: { ...ana.facts, tombstones: lost } };
  expect(refreshAlso(owing, POLICY).subscriptions).toBe(true);
  expect(refreshAlso(owing, policyWith([])).subscriptions).toBe(false);
  expect(refreshAlso(ana, POLICY).subscriptions).toBe(false);
});

test('a lost plan is written about once, so many days after, from the sender of its own stream', () => {
  const passed = go({ policy: policyWith([MONTH], { senders: { win_back: { email: 'hi@acme.example' } } }) });
  expect(linesAfter(passed)).toEqual([DAY_36]);
  expect(winBacks(passed)[0]?.mail).toMatchObject({
    message: 'win-back',
    payUrl: WAY_BACK,
    invoices: [],
    totals: [],
    notice: null,
    stream: 'win_back',
    cardLast4: null,
    thread: [],
    sender: { name: 'Acme', email: 'hi@acme.example', postalAddress: SENDER.postalAddress },
  });
  expect(winBacks(passed)[0]?.action.why).toBe('30 days after 2026-03-07, in campaign back');
});

test('it says who writes and where to, and asks for nothing', () => {
  const request = winBacks(go())[0]?.mail;
  const mail = request && createComposer(shippedTemplates())(request);
  expect(mail?.text).toContain(WAY_BACK);
  expect(mail?.text).toContain(SENDER.postalAddress);
  expect(mail?.html).toContain(SENDER.postalAddress);
  expect(mail?.text).not.toContain('49');
});

test('several steps go each on its day, and then the customer is forgotten', () => {
  const passed = go({ policy: policyWith([{ ...MONTH, steps: [step('d10', -10), step('d60', -60)] }]) });
  expect(
    linesOf(passed)
      .slice(-2)
      .map((line) => line.slice(0, 20)),
  ).toEqual(['2026-03-17 09:00 d10', '2026-05-06 08:00 d60']);
  expect(passed.customer.recovery.notices).toEqual([]);
  expect(passed.customer.facts.contact).toBeNull();
});

describe('while it waits', () => {
  const waiting = go({ until: day(20) });

  test('the clock is told of its day, and no store forgets the customer before it', () => {
    const { decision } = waiting.looks.at(-1) ?? {};
    expect(decision?.next).toMatchObject({ kind: 'wait', until: DAY_36 });
    expect(decision?.customer.expiresAt).toBeNull();
    expect(decision && expiryOf(decision.customer, day(20))).toBeNull();
    expect(decision && brokenInvariants({ ...decision.customer, dueAt: day(36) })).toEqual([]);
  });

  test('every refresh brings the subscriptions, so that one of now is seen', () => {
    expect(refreshAlso(waiting.customer, POLICY)).toEqual({ methods: false, subscriptions: true });
  });

  test('an operator is told when it goes', () => {
    const { notices, next } = explain(waiting.customer, POLICY, day(20));
    expect(notices).toMatchObject([
      {
        kind: 'win_back',
        campaign: 'back',
        over: null,
        steps: [{ id: 'd30', status: 'waiting', at: DAY_36 }],
      },
    ]);
    expect(next).toMatchObject({ kind: 'act', step: 'd30', at: DAY_36 });
  });

  test('an edited policy without it lets go of it', () => {
    const passed = go({ policy: policyWith([]), from: day(20), later: [] }, waiting.customer);
    expect(winBacks(passed)).toEqual([]);
    expect(passed.customer.recovery.notices).toEqual([]);
  });
});

describe('it does not go', () => {
  const edited = (change: object, at = 20): Walk => {
    const { customer } = go({ until: day(at) });
    const other = { ...customer, recovery: { ...customer.recovery, ...change } };
    return go({ from: day(at) }, other);
  };
  test.each<readonly [string, Partial<WalkOptions>]>([
    ['without such a notice in the policy', { policy: policyWith([]) }],
    ['once the customer has a plan again', { later: [active(16)] }],
    ['once another plan is known to run', { later: [active(5)] }],
    ['once the debt is paid late', { later: [invoiceFact('in_1', { status: 'paid', at: day(16) })] }],
    ['to somebody who was deleted', { later: [goneFact('customer-deleted', { at: day(16) })] }],
    ['to somebody who was erased', { later: [goneFact('customer-erased', { at: day(16) })] }],
    [
      'to an address that complained in the case that closed',
      {
        later: [deliveryFact('complained', { stepId: 'first', unreachable: true }, { at: day(5) })],
      },
    ],
    [
      'to an address that complained after it',
      {
        later: [deliveryFact('complained', { stepId: 'cancelled', unreachable: true }, { at: day(9) })],
      },
    ],
  ])('%s', (_, options) => {
    expect(winBacks(go(options))).toEqual([]);
  });

  test('to somebody who says in the case that we write to the wrong person', () => {
    const { customer } = go({ until: day(5), later: [] });
    const wrong = { at: day(5), kind: 'wrong_person', promisedDay: null, held: false, text: null } as const;
    const answered = { ...customer, recovery: { ...customer.recovery, answers: [wrong] } };
    const passed = go({ from: day(5) }, answered);
    expect(winBacks(passed)).toEqual([]);
    expect(passed.customer.facts.tombstones['in_1']?.planLostAt).toBeUndefined();
  });

  test('to somebody who was taken off such mails; off others makes no difference', () => {
    expect(winBacks(edited({ unsubscribed: { win_back: day(20) } }))).toEqual([]);
    expect(winBacks(edited({ unsubscribed: { notices: day(20) } }))).toHaveLength(1);
  });

  test('to somebody whom an operator excludes, until they are forgotten', () => {
    const hold = { by: 'Anna', note: '', at: day(20), kind: 'excluded', until: null, past: [] };
    const passed = edited({ hold });
    expect(winBacks(passed)).toEqual([]);
    expect(passed.customer.recovery.notices).toEqual([]);
    expect(passed.customer.recovery.hold).toMatchObject({ kind: 'excluded' });
  });

  test('while another payment fails: who is to pay is not won back', () => {
    const again = failedFact('in_9', { at: day(30), details: { subscriptionId: 'sub_9' } });
    expect(winBacks(go({ later: [again] }))).toEqual([]);
  });

  test('a customer who comes back and leaves again stays unbothered', () => {
    const left = subscriptionFact(
      { id: 'sub_2', status: 'canceled', cancellationReason: 'cancellation_requested' },
      { at: day(20) },
    );
    expect(winBacks(go({ later: [active(16), left] }))).toEqual([]);
  });
});

describe('of one mail a day and the hours of mails', () => {
  test('it waits for its hours', () => {
    const policy = policyWith([MONTH], {
      sendWindow: { from: '10:00', to: '12:00', weekdays: [2], quietDates: [] },
    });
    // The plan is told to have ended on Tuesday the 10th; 30 days after the loss comes the next Tuesday.
    const passed = go({ policy });
    expect(linesOf(passed).at(-1)).toMatch(/^2026-04-14 08:00 d30/);
  });

  test('it goes on another day than a mail about what lies ahead', () => {
    const { customer } = go({ until: day(35) });
    const asked = { ...customer, recovery: { ...customer.recovery, lastAskedAt: day(36) } };
    expect(linesAfter(go({ from: day(36) }, asked))).toEqual([addDays(DAY_36 as Instant, 1)]);
  });
});

describe('for which failures', () => {
  const both = (): Customer =>
    told(
      failing('in_1'),
      subscriptionFact(),
      failedFact('in_2', { details: { subscriptionId: 'sub_2' } }),
      attemptFact('ch_2', { invoiceId: 'in_2' }),
      subscriptionFact({ id: 'sub_2' }),
    );

  test('what failed before Recoup is not written about', () => {
    const imported: Fact = { kind: 'imported', at: day(0), source: 'refresh' };
    const before = customerFrom(imported, customerFact(), subscriptionFact(), failedFact('in_1'));
    expect(go({}, before).done).toEqual([]);
  });

  test('of two in one case where one was paid, the plan of the other is lost all the same', () => {
    const over = subscriptionFact(
      { id: 'sub_2', status: 'canceled', cancellationReason: 'cancellation_requested' },
      { at: day(5) },
    );
    const paid = invoiceFact('in_2', { status: 'paid', at: day(4.5), details: { subscriptionId: 'sub_2' } });
    expect(winBacks(go({ later: [paid, over] }, both()))).toHaveLength(1);
  });

  test('two plans lost in one case are one mail', () => {
    expect(winBacks(go({ later: [canceled(8, 'sub_2')] }, both()))).toHaveLength(1);
  });

  test('a payment that came back and cost the plan counts, until it is paid again', () => {
    const returned = customerFrom(
      customerFact(),
      subscriptionFact({ status: 'active' }),
      invoiceFact('in_1', { status: 'paid', at: day(-9) }),
      reversalFact('py_1'),
    );
    expect(winBacks(go({}, returned))).toHaveLength(1);
    const again: Fact = {
      kind: 'invoice-changed',
      id: 'pay_2',
      invoiceId: 'in_1',
      paidMinor: 4900,
      creditedMinor: 0,
      at: day(16),
      source: 'event',
    };
    expect(winBacks(go({ later: [again] }, returned))).toEqual([]);
  });

  test('somebody held out of reminders is won back too: the comparison is over with the case', () => {
    const holdout = { experiment: 'mails', share: 0.5 };
    const keys = Array.from({ length: 40 }, (_, i) => keyOf(`cus_${i}`));
    const key = keys.find((one) => armOf(one, holdout) === 'held_out') as Customer['key'];
    const passed = go({ policy: policyWith([MONTH], { holdout }) }, { ...start(), key });
    expect(passed.done.map(({ mail }) => mail?.message)).toEqual(['win-back']);
  });

  test('the conditions are asked of the invoice for which the plan was lost', () => {
    const when = (plans: string[]) => policyWith([{ ...MONTH, when: { plans } }]);
    const billed = customerFrom(
      customerFact(),
      failedFact('in_1', { details: { planIds: ['price_gold'] } }),
      attemptFact('ch_1'),
      subscriptionFact(),
    );
    expect(winBacks(go({ policy: when(['price_gold']) }, billed))).toHaveLength(1);
    expect(winBacks(go({ policy: when(['price_tin']) }, billed))).toEqual([]);
  });

  test('two cases lost one after the other are one mail each, the first over once the customer was back', () => {
    const second = [
      active(12),
      failedFact('in_2', { at: day(14), details: { subscriptionId: 'sub_2' } }),
      attemptFact('ch_2', { at: day(14), invoiceId: 'in_2' }),
      canceled(20, 'sub_2'),
    ];
    const passed = go({ later: second });
    expect(winBacks(passed).map(({ at, action }) => [at, action.subjectId])).toEqual([
      ['2026-04-20T08:00:00.000Z', 'win_back:case_in_2:2026-03-21'],
    ]);
  });
});

describe('what is remembered of a lost plan', () => {
  test('an item that was written before there were such mails opens none', () => {
    const before: Customer = {
      ...customerFrom(customerFact(), { kind: 'ahead', at: day(10), source: 'refresh' }),
    };
    const old = { ...before, facts: { ...before.facts, tombstones: { in_1: tombstoneOf({ at: day(6) }) } } };
    expect(plan(old, POLICY, day(10)).customer.recovery.notices).toEqual([]);
  });

  test('one that has been written about is not taken up again, whatever is told later', () => {
    const passed = go();
    const ahead: Fact = { kind: 'ahead', at: day(60), source: 'refresh' };
    expect(passed.customer.facts.tombstones['in_1']?.planLostAt).toBe(day(6));
    const later = go({ from: day(60), later: [ahead] }, passed.customer);
    expect(winBacks(later)).toEqual([]);
    expect(later.looks.every(({ decision }) => decision.customer.recovery.notices.length === 0)).toBe(true);
  });

  test('law: whoever pays for one of the lost, has a plan, or is gone, is no one to win back', () => {
    const aTombstone = fc.record({
      status: fc.constantFrom<Tombstone['status']>('open', 'paid', 'void', 'uncollectible'),
      caseId: fc.constantFrom('case_a', 'case_b'),
      planLostAt: fc.option(fc.constantFrom<Instant>(day(1), day(2)), { nil: undefined }),
    });
    const facts = customerFrom(customerFact()).facts;
    fc.assert(
      fc.property(fc.array(aTombstone, { maxLength: 5 }), (some) => {
        const tombstones = Object.fromEntries(
          some.map(({ planLostAt, ...one }, i) => [
            `in_${i}`,
            tombstoneOf({ ...one, ...(planLostAt && { planLostAt }) }),
          ]),
        );
        const found = lostPlansOf({ ...facts, tombstones });
        expect(new Set(found.map(({ subjectId }) => subjectId)).size).toBe(found.length);
        for (const { aboutId, date } of found) {
          const of = some.filter((one) => one.caseId === aboutId && one.planLostAt === date);
          expect(of.length).toBeGreaterThan(0);
          expect(of.every(({ status }) => status !== 'paid')).toBe(true);
        }
        const paying = customerFrom(customerFact(), active(3)).facts;
        expect(lostPlansOf({ ...paying, tombstones })).toEqual([]);
        expect(lostPlansOf({ ...facts, tombstones, erasedAt: day(3) })).toEqual([]);
      }),
    );
  });
});

describe('a policy that wins back', () => {
  const faults = (changes: object) => crossFaults({ ...policyWith(), ...changes }).map(({ field }) => field);
  const bare = { ...SENDER, postalAddress: undefined };
  test.each<readonly [string, object, readonly string[]]>([
    ['has a page to come back to', { wayBackUrl: undefined }, ['wayBackUrl']],
    ['names a postal address', { sender: bare }, ['sender.postalAddress']],
    [
      'may name it for these mails alone',
      { sender: bare, senders: { win_back: { postalAddress: SENDER.postalAddress } } },
      [],
    ],
    [
      'writes after the loss',
      { notices: [{ ...MONTH, steps: [step('d0', 0)] }] },
      ['notices.0.steps.0.daysBefore'],
    ],
    [
      'writes in its own words',
      { notices: [{ ...MONTH, steps: [{ ...step('d30', -30), message: 'card-expired' }] }] },
      ['notices.0.steps.0.message'],
    ],
  ])('%s', (_, changes, expected) => {
    expect(faults(changes)).toEqual(expected);
  });
});

test('through the store: the case closes, and 30 days later the clock comes back by itself', async () => {
  const runner = createRunner({ policy: POLICY });
  const one = story();
  await runner.tell(...one.customer('updated', 0), ...one.failed(0));
  await runner.toDay(5);
  const gaveUp = { cancellation_details: { comment: null, feedback: null, reason: 'payment_failed' } };
  await runner.tell(...one.subscription('deleted', 5, { status: 'canceled', ...gaveUp }));
  await runner.toDay(34);
  expect(runner.mails.map(({ message }) => message)).toEqual(['payment-failed', 'reminder', 'cancelled']);
  await runner.toDay(60);
  const last = runner.mails.at(-1);
  expect([last?.message, last?.at]).toEqual(['win-back', addMs(addDays(START, 35), -HOUR_MS)]);
});
