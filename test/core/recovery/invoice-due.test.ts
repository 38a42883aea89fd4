// An invoice that is sent, before its due date: told of in time, over when it is paid, an ordinary overdue one after it.
import { describe, expect, test } from 'vitest';
import { createComposer } from '../../../adapters/email/render.ts';
import type { Customer } from '../../../core/recovery/customer.ts';
import { explain } from '../../../core/recovery/explain.ts';
import type { Fact } from '../../../core/recovery/fact.ts';
import { isAhead } from '../../../core/recovery/notices.ts';
import type { Policy } from '../../../core/recovery/policy.ts';
import { crossFaults } from '../../../core/recovery/policy-faults.ts';
import {
  changeFact,
  customerFact,
  customerFrom,
  day,
  factsFrom,
  goneFact,
  inFlightFact,
  invoiceFact,
  subscriptionFact,
  told,
  type InvoiceTold,
} from '../../support/facts.ts';
import { shippedTemplates } from '../../support/mails.ts';
import { policyOf } from '../../support/operating.ts';
import { linesOf, walk, type Walk, type WalkOptions } from '../../support/walk.ts';

const step = (id: string, daysBefore: number) => ({ id, message: 'invoice-due', daysBefore });
const DUE = { id: 'due', kind: 'invoice_due', steps: [step('d7', 7), step('d2', 2)] };
const OVERDUE = {
  id: 'overdue',
  kind: 'invoice_overdue',
  declines: 'any',
  steps: [{ id: 'overdue-1', kind: 'email', message: 'invoice-overdue', delayDays: 1 }],
  finalNotice: { id: 'final', delayDays: 12, atLastAttempt: false },
  end: { action: 'leave', daysAfterNotice: 14, latestDay: 45 },
};
const policyWith = (notice: object = {}, changes: object = {}): Policy => {
  const { campaigns } = policyOf();
  return policyOf({ notices: [{ ...DUE, ...notice }], campaigns: [OVERDUE, ...campaigns], ...changes });
};
const POLICY = policyWith();

/** An invoice that the customer pays on their own, due on day 20 at 09:00. */
const sent = (id: string, { details, ...rest }: InvoiceTold = {}) =>
  invoiceFact(id, {
    attempt: 0,
    ...rest,
    details: { collectionMethod: 'send_invoice', dueAt: day(20), ...details },
  });
const ahead = (on: number): Fact => ({ kind: 'ahead', at: day(on), source: 'refresh' });
const LIVES = { country: null, timeZone: 'UTC' };
const owing = (...more: readonly Fact[]): Customer =>
  customerFrom(customerFact(LIVES), sent('in_1'), ahead(11), ...more);
const go = (options: Partial<WalkOptions> = {}, customer = owing()): Walk =>
  walk(customer, { policy: POLICY, from: day(11), until: day(100), ...options });
const dueMails = ({ done }: Walk) => done.filter(({ mail }) => mail?.message === 'invoice-due');
const daysOf = (passed: Walk) => dueMails(passed).map(({ action, at }) => [action.stepId, at]);

/** What a refresh tells once the due date has come. */
const fellDue = (id = 'in_1') =>
  ({ ...sent(id, { at: day(20) }), failure: { at: day(20), reason: 'declined' } }) as Fact;

test('it is told of seven and two days before, with its number, its amount and the way to pay it', () => {
  const passed = go();
  expect(daysOf(passed)).toEqual([
    ['d7', day(13)],
    ['d2', day(18)],
  ]);
  expect(dueMails(passed)[0]?.mail).toMatchObject({
    subjectId: 'invoice_due:in_1:2026-03-21',
    invoices: [
      { number: 'R-in_1', amount: { minor: 4900, currency: 'EUR' }, payUrl: 'https://pay.example/in_1' },
    ],
    totals: [{ minor: 4900, currency: 'EUR' }],
    payUrl: 'https://pay.example/in_1',
    notice: { date: day(20), amount: null },
    stream: 'notices',
    cardLast4: null,
  });
});

test('in words that name the date and the amount, and say that nothing is late', () => {
  const request = dueMails(go())[0]?.mail;
  const mail = request && createComposer(shippedTemplates())(request);
  expect(mail?.subject).toBe('Your invoice from Example Company is due on March 21, 2026');
  expect(mail?.text).toContain('€49.00');
  expect(mail?.text).toContain('R-in_1');
  expect(mail?.html).toContain('Nothing is late');
  expect(mail?.text).not.toContain('past its due date');
});

test('of an invoice of a subscription the price of the subscription is not what is told', () => {
  const running = subscriptionFact({
    status: 'active',
    collectionMethod: 'send_invoice',
    amountMinor: 9900,
    currency: 'EUR',
  });
  expect(dueMails(go({}, owing(running)))[0]?.mail).toMatchObject({
    totals: [{ minor: 4900, currency: 'EUR' }],
    notice: { amount: null },
  });
});

test('what was paid of it is not asked for again', () => {
  const part = changeFact('part_1', { paidMinor: 1900 }, { at: day(12) });
  expect(dueMails(go({ later: [part] })).map(({ mail }) => mail?.totals[0]?.minor)).toEqual([3000, 3000]);
});

describe('nothing goes', () => {
  const SPARED: readonly (readonly [what: string, Partial<WalkOptions>, Customer?])[] = [
    ['once it is paid', { later: [sent('in_1', { status: 'paid', at: day(12) })] }],
    ['once it is void', { later: [sent('in_1', { status: 'void', at: day(12) })] }],
    ['once all of it is credited', { later: [changeFact('cn_1', { creditedMinor: 4900 }, { at: day(12) })] }],
    ['while a payment of it is on its way', { later: [inFlightFact('pi_1', true, { at: day(12) })] }],
    ['once the customer is deleted', { later: [goneFact('customer-deleted', { at: day(12) })] }],
    ['once the customer is erased', { later: [goneFact('customer-erased', { at: day(12) })] }],
    [
      'of an invoice of nothing',
      {},
      customerFrom(
        customerFact(LIVES),
        sent('in_1', { amounts: { due: 0, paid: 0, remaining: 0, credited: 0 } }),
        ahead(11),
      ),
    ],
    [
      'of an invoice that is charged automatically',
      {},
      customerFrom(
        customerFact(LIVES),
        sent('in_1', { details: { collectionMethod: 'charge_automatically' } }),
        ahead(11),
      ),
    ],
    [
      'of an invoice without a due date',
      {},
      customerFrom(customerFact(LIVES), sent('in_1', { details: { dueAt: null } }), ahead(11)),
    ],
    ['without such a notice in the policy', { policy: policyWith({}, { notices: [] }) }],
    ['of a plan that the notice is not for', { policy: policyWith({ when: { plans: ['price_gold'] } }) }],
  ];
  test.each(SPARED.map(([what, options, customer]) => ({ what, options, customer })))(
    '$what',
    ({ options, customer }) => {
      const passed = go({ until: day(19), ...options }, customer);
      expect(dueMails(passed)).toEqual([]);
    },
  );

  test('to who was taken off mails about what lies ahead; off those that win back makes no difference', () => {
    const customer = owing();
    const off = (unsubscribed: object) =>
      dueMails(go({}, { ...customer, recovery: { ...customer.recovery, unsubscribed } }));
    expect(off({ notices: day(1) })).toEqual([]);
    expect(off({ win_back: day(1) })).toHaveLength(2);
  });
});

test('paid after the first mail, the second does not go', () => {
  const passed = go({ later: [sent('in_1', { status: 'paid', at: day(15) })] });
  expect(daysOf(passed)).toEqual([['d7', day(13)]]);
  expect(passed.customer.recovery.notices).toEqual([]);
  expect(passed.customer.facts.contact).toBeNull();
});

test('on the day itself it is told in the morning, before its hour comes', () => {
  const policy = policyWith({ steps: [step('d0', 0)] });
  const later = (hours: number) => {
    const dueAt = day(20 + hours / 24);
    const customer = customerFrom(customerFact(LIVES), sent('in_1', { details: { dueAt } }), ahead(19));
    return daysOf(go({ policy, from: day(19) }, customer));
  };
  // Due at 18:00 it is told of at 09:00.
  expect(later(9)).toEqual([['d0', day(20)]]);
});

test('after the date it is an ordinary overdue invoice, and no day has two mails', () => {
  const passed = go({ later: [fellDue()] });
  expect(linesOf(passed).slice(0, 4)).toEqual([
    '2026-03-14 09:00 d7 invoice_due:in_1:2026-03-21',
    '2026-03-19 09:00 d2 invoice_due:in_1:2026-03-21',
    '2026-03-22 09:00 overdue-1',
    '2026-04-02 09:00 final',
  ]);
  expect(passed.closed[0]?.invoices[0]).toMatchObject({ failedMinor: 4900, outcome: 'lost' });
});

test('what is told of it stays known as long as it is written about', () => {
  const { customer } = go({ until: day(15) });
  expect(Object.keys(customer.facts.invoices)).toEqual(['in_1']);
  expect(customer.expiresAt).toBeNull();
});

test('another due date is another notice', () => {
  const moved = (on: number) => sent('in_1', { at: day(on), details: { dueAt: day(40) } });
  // What is far away again is let go of, and found by a look at the account when it is near.
  const passed = go({ later: [moved(14), moved(32), ahead(32)], refreshed: [customerFact(LIVES)] });
  expect(dueMails(passed).map(({ action, at }) => [action.subjectId, at])).toEqual([
    ['invoice_due:in_1:2026-03-21', day(13)],
    ['invoice_due:in_1:2026-04-10', day(33)],
    ['invoice_due:in_1:2026-04-10', day(38)],
  ]);
});

test('of several each is told by itself, one a day', () => {
  const passed = go({}, owing(sent('in_2')));
  expect(linesOf(passed)).toEqual([
    '2026-03-14 09:00 d7 invoice_due:in_1:2026-03-21',
    '2026-03-15 09:00 d7 invoice_due:in_2:2026-03-21',
    '2026-03-19 09:00 d2 invoice_due:in_1:2026-03-21',
    '2026-03-20 09:00 d2 invoice_due:in_2:2026-03-21',
  ]);
  expect(dueMails(passed).map(({ mail }) => mail?.invoices.map(({ number }) => number))).toEqual([
    ['R-in_1'],
    ['R-in_2'],
    ['R-in_1'],
    ['R-in_2'],
  ]);
});

test('a list of what falls due is enough to see that a customer has something ahead', () => {
  const { recovery } = customerFrom();
  const near = factsFrom(sent('in_1'));
  expect(isAhead(POLICY, near, { recovery }, day(11))).toBe(true);
  // The first mail is due on day 13, and the account is looked through every day.
  expect(isAhead(POLICY, near, { recovery }, day(10))).toBe(false);
  expect(isAhead(POLICY, near, { recovery }, day(20))).toBe(false);
  expect(isAhead(POLICY, near, go({ until: day(15) }).customer, day(15))).toBe(false);
});

test('an operator is told which mails are to come', () => {
  const { notices } = explain(told(owing()), POLICY, day(11));
  expect(notices).toMatchObject([
    {
      kind: 'invoice_due',
      date: day(20),
      steps: [
        { id: 'd7', status: 'waiting', at: day(13) },
        { id: 'd2', status: 'waiting', at: day(18) },
      ],
    },
  ]);
});

test.each<readonly [string, object, readonly string[]]>([
  ['before the date', {}, []],
  ['not after it', { steps: [step('late', -1)] }, ['notices.0.steps.0.daysBefore']],
  [
    'in its own words',
    { steps: [{ ...step('d7', 7), message: 'invoice-overdue' }] },
    ['notices.0.steps.0.message'],
  ],
])('a policy writes of it %s', (_, notice, fields) => {
  const faults = crossFaults({ ...POLICY, notices: [{ ...DUE, ...notice }] });
  expect(faults.map(({ field }) => field)).toEqual(fields);
});
