// The decision about a customer: what happens on which day, worked out by hand; and the laws that hold on every day.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ArmedAction, Customer, StepRecord } from '../../../core/recovery/customer.ts';
import type { Fact } from '../../../core/recovery/fact.ts';
import { blockedBy } from '../../../core/recovery/agenda.ts';
import { own } from '../../../core/recovery/merge.ts';
import { withRecords } from '../../../core/recovery/ladders.ts';
import { HEARTBEAT_MS, plan } from '../../../core/recovery/plan.ts';
import type { Decision } from '../../../core/recovery/plan.ts';
import { definePolicy } from '../../../core/recovery/policy.ts';
import type { Policy, PolicyInput } from '../../../core/recovery/policy.ts';
import type { MailRequest } from '../../../core/ports.ts';
import { addMs, DAY_MS, HOUR_MS, localDay } from '../../../core/time.ts';
import type { Instant } from '../../../core/time.ts';
import shipped from '../../support/plain-policy.ts';
import { FAILED_AT } from '../../support/customers.ts';
import {
  aFact,
  attemptFact,
  changeFact,
  customerFact,
  customerFrom,
  day,
  dayOf,
  declineOf,
  deliveryFact,
  disputeFact,
  failedFact,
  goneFact,
  inFlightFact,
  invoiceFact,
  live,
  performed,
  reversalFact,
  subscriptionFact,
  told,
} from '../../support/facts.ts';

/** The shipped policy, but what is found late is treated as if it had been found at once: most tests look late. */
const BASE = { ...shipped, catchUp: { oneMailAfterDays: 120, noMailAfterDays: 120 } };
const POLICY = definePolicy(BASE);
const withEach = (change: (campaign: PolicyInput['campaigns'][number]) => object): Policy =>
  definePolicy({ ...BASE, campaigns: shipped.campaigns.map((one) => ({ ...one, ...change(one) })) });
const ENDING = withEach((one) => ({ end: { ...one.end, action: 'cancel' } }));

const ANA = customerFact({ country: null });
const declined = (code: string, at: Instant = FAILED_AT, invoiceId = 'in_1') =>
  attemptFact(`ch_${invoiceId}_${at}`, { at, invoiceId, decline: declineOf(code) });
const paidOn = (days: number, id = 'in_1') => invoiceFact(id, { status: 'paid', at: day(days) });

type Day = readonly [day: number, what: string];

/** What happens to a customer of whom `first` is told at once and `later` on its days. */
const lifeOf = (
  first: readonly Fact[],
  later: readonly Fact[] = [],
  { policy = POLICY, from = FAILED_AT, until = day(90) } = {},
) => live(customerFrom(ANA, ...first), policy, from, until, later);

const daysOf = (...args: Parameters<typeof lifeOf>): Day[] =>
  lifeOf(...args).happened.map(({ day: on, what }) => [on, what]);

const on = (days: number, step: string, subject = 'in_1'): Day => [days, `${step} (${subject})`];
const closed = (days: number, outcome: string): Day => [days, `closed: ${outcome}`];

/** The next mail of a customer at a moment. */
const mailAt = (customer: Customer, now: Instant, policy = POLICY): MailRequest | null => {
  const { next } = plan(customer, policy, now);
  return next.kind === 'act' ? next.mail : null;
};

const actionAt = (customer: Customer, now: Instant, policy = POLICY): ArmedAction | null => {
  const { next } = plan(customer, policy, now);
  return next.kind === 'act' ? next.action : null;
};

describe('the days of a campaign', () => {
  const SOFT = [on(1, 'payment-failed'), on(4, 'reminder-1'), on(8, 'reminder-2'), on(12, 'final-notice')];
  const reminders = [on(3, 'reminder-1'), on(7, 'reminder-2'), on(11, 'final-notice'), closed(25, 'lost')];

  test.each<readonly [string, readonly Fact[], readonly Day[]]>([
    ['C1: a soft decline', [declined('insufficient_funds')], [...SOFT, closed(26, 'lost')]],
    ['a decline that is not known', [], [...SOFT, closed(26, 'lost')]],
    ['a technical decline', [declined('processing_error')], [...SOFT, closed(26, 'lost')]],
    ['an expired card', [declined('expired_card')], [on(0, 'update-card'), ...reminders]],
    ['a lost card', [declined('lost_card')], [on(0, 'update-card'), ...reminders]],
    [
      'no method to charge',
      [failedFact('in_1', { reason: 'method_required' })],
      [on(0, 'update-card'), ...reminders],
    ],
    [
      'a payment to confirm',
      [failedFact('in_1', { reason: 'action_required' })],
      [on(0, 'confirm-payment'), ...reminders],
    ],
    [
      'C28: an authentication that failed',
      [declined('authentication_required')],
      [on(0, 'confirm-payment'), ...reminders],
    ],
  ])('%s', (_, facts, expected) => {
    expect(daysOf([failedFact('in_1'), ...facts])).toEqual(expected);
  });

  test('B14: nothing is sent before its day, to the millisecond', () => {
    const customer = customerFrom(ANA, failedFact('in_1'));
    expect(plan(customer, POLICY, addMs(day(1), -1)).next).toEqual({
      kind: 'wait',
      until: day(1),
      why: expect.any(String) as string,
    });
    expect(actionAt(customer, day(1))?.stepId).toBe('payment-failed');
  });

  test('a case opens at its first failure, and is named after it', () => {
    const decision = plan(customerFrom(ANA, failedFact('in_1')), POLICY, day(0.5));
    expect(decision.opened).toBe(true);
    expect(decision.customer.recovery.case).toMatchObject({ id: 'case_in_1', openedAt: FAILED_AT });
    expect(plan(decision.customer, POLICY, day(0.6)).opened).toBe(false);
  });

  test('delays need no further events, and a repeat of the first one changes no day', () => {
    const repeats = [1, 2, 5, 9].map((days) =>
      failedFact('in_1', { at: day(days), failure: { at: FAILED_AT, reason: 'declined' } }),
    );
    expect(daysOf([failedFact('in_1')], repeats)).toEqual([...SOFT, closed(26, 'lost')]);
  });

  test('B3: four tries that fail are one ladder, not four', () => {
    const tries = [2, 3, 5].map((days, i) =>
      failedFact('in_1', { at: day(days), attempt: i + 2, next: day(60) }),
    );
    expect(daysOf([failedFact('in_1', { next: day(2) })], tries, { until: day(20) })).toEqual(
      SOFT.slice(0, 3),
    );
  });
});

describe('the final notice', () => {
  const attempt = (count: number, days: number, next: number | null, code = 'insufficient_funds') => [
    failedFact('in_1', { at: day(days), attempt: count, next: next === null ? null : day(next) }),
    declined(code, day(days)),
  ];

  test.each<readonly [string, readonly Fact[], readonly Day[]]>([
    [
      'B9: comes at once after the provider’s last try of several, in place of the reminders left',
      [...attempt(1, 0, 3), ...attempt(2, 3, 5), ...attempt(3, 5, null)],
      [on(1, 'payment-failed'), on(4, 'reminder-1'), on(5, 'final-notice'), closed(19, 'lost')],
    ],
    [
      'on the day of a reminder it goes in the reminder’s place',
      [...attempt(1, 0, 3), ...attempt(2, 3, 8), ...attempt(3, 8, null)],
      [on(1, 'payment-failed'), on(4, 'reminder-1'), on(8, 'final-notice'), closed(22, 'lost')],
    ],
    [
      'is not sent while a try is still to come, and is sent once that try was the last',
      [...attempt(1, 0, 5), ...attempt(2, 5, 20), ...attempt(3, 20, null)],
      [
        on(1, 'payment-failed'),
        on(4, 'reminder-1'),
        on(8, 'reminder-2'),
        on(20, 'final-notice'),
        closed(34, 'lost'),
      ],
    ],
    [
      'after a first try that was also the last it comes at the end of the ladder',
      attempt(1, 0, null),
      [
        on(1, 'payment-failed'),
        on(4, 'reminder-1'),
        on(8, 'reminder-2'),
        on(12, 'final-notice'),
        closed(26, 'lost'),
      ],
    ],
    [
      'waits for no try that was planned and left no trace for a day',
      [...attempt(1, 0, 3), ...attempt(2, 3, 5)],
      [on(1, 'payment-failed'), on(4, 'reminder-1'), on(6, 'final-notice'), closed(20, 'lost')],
    ],
    [
      'waits for no try after a hard decline, whatever the provider has planned',
      attempt(1, 0, 20, 'stolen_card'),
      [
        on(0, 'update-card'),
        on(3, 'reminder-1'),
        on(7, 'reminder-2'),
        on(11, 'final-notice'),
        closed(25, 'lost'),
      ],
    ],
    [
      'waits for the tries that the provider still runs on an expired card',
      attempt(1, 0, 20, 'expired_card'),
      [
        on(0, 'update-card'),
        on(3, 'reminder-1'),
        on(7, 'reminder-2'),
        on(21, 'final-notice'),
        closed(35, 'lost'),
      ],
    ],
    [
      'is left out when tries go on to the last day of the campaign',
      attempt(1, 0, 60),
      [on(1, 'payment-failed'), on(4, 'reminder-1'), on(8, 'reminder-2'), closed(45, 'lost')],
    ],
  ])('%s', (_, facts, expected) => {
    const [first, ...rest] = facts as [Fact, ...Fact[]];
    const later = rest.filter((fact) => fact.at > FAILED_AT);
    expect(daysOf([first, ...rest.filter((fact) => fact.at <= FAILED_AT)], later)).toEqual(expected);
  });

  test('never comes first at a first try, however long nobody could write', () => {
    const customer = customerFrom(ANA, failedFact('in_1'));
    expect(
      live(customer, POLICY, day(13), day(90)).happened.map(({ day: days, what }) => [days, what]),
    ).toEqual([on(13, 'payment-failed'), on(14, 'final-notice'), closed(28, 'lost')]);
  });

  test('tells the date until which payment is taken, and promises no try', () => {
    const { customer } = lifeOf([failedFact('in_1')], [], { until: day(11.9) });
    expect(mailAt(customer, day(12))).toMatchObject({
      message: 'final-notice',
      endsAt: day(26),
      nextAttemptAt: null,
    });
  });

  test('a mail before it promises the next try that will come, and none that is past', () => {
    const customer = customerFrom(ANA, failedFact('in_1', { next: day(3) }), declined('insufficient_funds'));
    expect(mailAt(customer, day(1))).toMatchObject({ nextAttemptAt: day(3), endsAt: null });
    expect(mailAt(customer, day(3.1))).toMatchObject({ nextAttemptAt: null });
    const hard = customerFrom(ANA, failedFact('in_1', { next: day(3) }), declined('lost_card'));
    expect(mailAt(hard, day(0))).toMatchObject({ message: 'update-card', nextAttemptAt: null });
  });
});

describe('the end of a campaign', () => {
  test('comes on day 45 at the latest, though nobody was ever written to', () => {
    expect(daysOf([failedFact('in_1'), disputeFact('dp_1')])).toEqual([closed(45, 'lost')]);
  });

  test('on the subscription comes 14 days after the notice, through the provider', () => {
    const happened = daysOf([failedFact('in_1')], [], { policy: ENDING });
    expect(happened.slice(-2)).toEqual([on(26, 'end'), closed(26, 'lost')]);
    const { customer } = lifeOf([failedFact('in_1')], [], { policy: ENDING, until: day(25.9) });
    expect(actionAt(customer, day(26), ENDING)).toMatchObject({
      kind: 'end',
      endAction: 'cancel',
      key: 'case_in_1:in_1:end',
    });
  });

  test('on the subscription waits for a dispute to be over, and is never done without leave', () => {
    const dispute = disputeFact('dp_1', {}, { at: day(20) });
    const won = disputeFact('dp_1', { open: false }, { at: day(40) });
    expect(daysOf([failedFact('in_1')], [dispute, won], { policy: ENDING }).slice(-2)).toEqual([
      on(40, 'end'),
      closed(40, 'lost'),
    ]);
    expect(daysOf([failedFact('in_1')], [dispute], { policy: ENDING }).slice(-2)).toEqual([
      on(12, 'final-notice'),
      closed(45, 'lost'),
    ]);
  });

  test('on the subscription never comes without its notice, nor on a notice that came back', () => {
    const unwritten = daysOf([failedFact('in_1')], [], { policy: ENDING, from: day(44) });
    expect(unwritten).toEqual([on(44, 'payment-failed'), closed(45, 'lost')]);
    const bounced = deliveryFact('bounced', {}, { at: day(12.1) });
    expect(daysOf([failedFact('in_1')], [bounced], { policy: ENDING }).slice(-1)).toEqual([
      closed(45, 'lost'),
    ]);
  });

  test('on the subscription never comes on a notice of which nobody knows whether it went out', () => {
    const { customer } = lifeOf([failedFact('in_1')], [], { policy: ENDING, until: day(11.9) });
    const notice = actionAt(customer, day(12), ENDING) as ArmedAction;
    for (const status of ['uncertain', 'skipped'] as const) {
      const unsure = performed(plan(customer, ENDING, day(12)).customer, notice, day(12), status);
      const { happened } = live(unsure, ENDING, day(12), day(90));
      expect(happened).toEqual([{ day: 45, what: 'closed: lost' }]);
    }
  });

  test('after an outage comes days after the notice, never in the same minute', () => {
    const { customer } = lifeOf([failedFact('in_1')], [], { policy: ENDING, until: day(11.9) });
    const resumed = live(customer, ENDING, day(30), day(90)).happened;
    expect(resumed.map(({ day: days, what }) => [days, what])).toEqual([
      on(30, 'final-notice'),
      on(44, 'end'),
      closed(44, 'lost'),
    ]);
  });

  test('of our books alone is held up by nothing', () => {
    const dispute = disputeFact('dp_1', {}, { at: day(20) });
    expect(daysOf([failedFact('in_1')], [dispute]).slice(-1)).toEqual([closed(26, 'lost')]);
  });
});

describe('while something stands against asking', () => {
  test.each<readonly [string, readonly Fact[], readonly Day[]]>([
    [
      'a dispute stops the mails, and what is overdue when it is over goes as one',
      [disputeFact('dp_1', {}, { at: day(2) }), disputeFact('dp_1', { open: false }, { at: day(9) })],
      [on(1, 'payment-failed'), on(9, 'reminder-2'), on(12, 'final-notice'), closed(26, 'lost')],
    ],
    [
      'a debit in flight stops them until it has failed',
      [inFlightFact('pi_1', true, { at: day(0.5) }), inFlightFact('pi_1', false, { at: day(5) })],
      [on(5, 'payment-failed'), on(8, 'reminder-2'), on(12, 'final-notice'), closed(26, 'lost')],
    ],
    [
      'a debit of which nothing is heard stops them for 14 days',
      [inFlightFact('pi_1', true, { at: day(0.5) })],
      [on(14.5, 'payment-failed'), on(15, 'final-notice'), closed(29, 'lost')],
    ],
    [
      'a warning of fraud stops them for 30 days',
      [disputeFact('issfr_1', { status: 'early_fraud_warning' }, { at: day(0.5) })],
      [on(30.5, 'payment-failed'), on(31, 'final-notice'), closed(45, 'lost')],
    ],
    [
      'a debit in flight that pays closes the case without a word',
      [inFlightFact('pi_1', true, { at: day(0.5) }), paidOn(6)],
      [closed(6, 'recovered')],
    ],
  ])('%s', (_, later, expected) => {
    expect(daysOf([failedFact('in_1')], later)).toEqual(expected);
  });
});

test('a debit that paid another invoice stands against nothing, on that day and on the next', () => {
  const other = invoiceFact('in_9', { status: 'paid', at: day(0.5), paymentIds: ['pi_1'] });
  const later = [inFlightFact('pi_1', true, { at: day(0.2) }), other];
  expect(daysOf([failedFact('in_1')], later, { until: day(5) })).toEqual([
    on(1, 'payment-failed'),
    on(4, 'reminder-1'),
  ]);
});

test('a debit that paid an invoice of a closed case stands against nothing', () => {
  const { customer } = lifeOf([failedFact('in_1')]);
  const debit = inFlightFact('pi_1', true, { at: day(90) });
  const paid = invoiceFact('in_1', { status: 'paid', at: day(91), paymentIds: ['pi_1'] });
  const next = failedFact('in_2', { at: day(90) });
  const { happened } = live(told(customer, ANA, next, debit, paid), POLICY, day(91), day(95));
  expect(happened.map(({ day: days, what }) => [days, what])).toEqual([
    on(91, 'payment-failed', 'in_2'),
    on(94, 'reminder-1', 'in_2'),
  ]);
});

describe('a failure of another kind in the middle', () => {
  const again = (code: string, days: number, next: number | null = null) => [
    failedFact('in_1', { at: day(days), attempt: 2, next: next === null ? null : day(next) }),
    declined(code, day(days)),
  ];
  const FIRST = [failedFact('in_1', { next: day(3) }), declined('insufficient_funds')];

  test('its first message goes at once, and steps of the same id are not said again', () => {
    expect(daysOf(FIRST, again('stolen_card', 5))).toEqual([
      on(1, 'payment-failed'),
      on(4, 'reminder-1'),
      on(5, 'update-card'),
      on(7, 'reminder-2'),
      on(11, 'final-notice'),
      closed(25, 'lost'),
    ]);
  });

  test('what was overdue in the new campaign is said by its first message', () => {
    const { customer, happened } = lifeOf(FIRST, again('authentication_required', 3.5, 9), {
      until: day(30),
    });
    expect(happened.map(({ day: days, what }) => [days, what])).toEqual([
      on(1, 'payment-failed'),
      on(3.5, 'confirm-payment'),
      on(7, 'reminder-2'),
      on(11, 'final-notice'),
      closed(25, 'lost'),
    ]);
    expect(customer.recovery.case).toBeNull();
  });

  test('a first message that comes when the notice is due goes before it, a day apart', () => {
    expect(
      daysOf([failedFact('in_1', { next: day(12) }), declined('insufficient_funds')], again('lost_card', 12)),
    ).toEqual([
      on(1, 'payment-failed'),
      on(4, 'reminder-1'),
      on(8, 'reminder-2'),
      on(12, 'update-card'),
      on(13, 'final-notice'),
      closed(27, 'lost'),
    ]);
  });

  test('why each campaign was picked stands in the journal', () => {
    const { customer } = lifeOf(FIRST, again('stolen_card', 5), { until: day(6) });
    const picked = customer.recovery.journal.filter(({ what }) => what.startsWith('campaign '));
    expect(picked.map(({ what, why }) => [what, why])).toEqual([
      ['campaign soft-decline picked for in_1', 'soft_funds (insufficient_funds)'],
      ['campaign needs-customer picked for in_1', 'fraud_lost_stolen (stolen_card)'],
    ]);
  });
});

describe('after an outage', () => {
  test('B16: everything overdue is one mail, the first message before all others', () => {
    const customer = customerFrom(ANA, failedFact('in_1'));
    const { happened, customer: after } = live(customer, POLICY, day(9.5), day(25));
    expect(happened.map(({ day: days, what }) => [days, what])).toEqual([
      on(9.5, 'payment-failed'),
      on(12, 'final-notice'),
    ]);
    const steps = after.recovery.case?.ladders[0]?.steps ?? [];
    expect(steps.map(({ id, status }) => [id, status])).toEqual([
      ['reminder-1', 'skipped'],
      ['reminder-2', 'skipped'],
      ['payment-failed', 'done'],
      ['final-notice', 'done'],
    ]);
  });

  test('B16: of the reminders missed in three days only the latest goes', () => {
    const { customer } = lifeOf([failedFact('in_1')], [], { until: day(3.9) });
    expect(live(customer, POLICY, day(8.5), day(11)).happened).toEqual([
      { day: 8.5, what: 'reminder-2 (in_1)' },
    ]);
  });

  test('B7: what was paid meanwhile is thanked for, never asked for', () => {
    const { customer } = lifeOf([failedFact('in_1')], [], { until: day(3.9) });
    const { happened } = live(told(customer, paidOn(5)), POLICY, day(8.5), day(30));
    expect(happened).toEqual([
      { day: 8.5, what: 'recovered (in_1)' },
      { day: 8.5, what: 'closed: recovered' },
    ]);
  });
});

describe('several invoices of one customer', () => {
  test('B25: are one case, each on its own clock', () => {
    const second = failedFact('in_2', { at: day(2) });
    const { happened, outboxes } = lifeOf([failedFact('in_1')], [second]);
    expect(happened.map(({ day: days, what }) => [days, what])).toEqual([
      on(1, 'payment-failed'),
      on(3, 'payment-failed', 'in_2'),
      on(4, 'reminder-1'),
      on(6, 'reminder-1', 'in_2'),
      on(8, 'reminder-2'),
      on(10, 'reminder-2', 'in_2'),
      on(12, 'final-notice'),
      on(14, 'final-notice', 'in_2'),
      closed(28, 'lost'),
    ]);
    expect(outboxes.map(({ closed: record }) => record?.invoices.map((book) => book.invoiceId))).toEqual([
      ['in_1', 'in_2'],
    ]);
  });

  test('B25: what falls on one day is one mail that says all that is owed; final notices have a day each', () => {
    const both = [failedFact('in_1'), failedFact('in_2')];
    expect(daysOf(both)).toEqual([
      on(1, 'payment-failed'),
      on(4, 'reminder-1'),
      on(8, 'reminder-2'),
      on(12, 'final-notice'),
      on(13, 'final-notice', 'in_2'),
      closed(27, 'lost'),
    ]);
    const customer = customerFrom(ANA, ...both);
    expect(actionAt(customer, day(1))?.carries).toEqual([
      { subjectId: 'in_2', stepId: 'payment-failed', message: 'payment-failed' },
    ]);
    expect(mailAt(customer, day(1))).toMatchObject({
      invoices: [
        { number: 'R-in_1', amount: { minor: 4900, currency: 'EUR' } },
        { number: 'R-in_2', amount: { minor: 4900, currency: 'EUR' } },
      ],
      totals: [{ minor: 9800, currency: 'EUR' }],
    });
  });

  test('the gravest message goes, and carries the others of the day', () => {
    const second = [failedFact('in_2', { at: day(8) }), declined('expired_card', day(8), 'in_2')];
    const { customer } = lifeOf([failedFact('in_1')], second, { until: day(7.9) });
    const now = told(customer, ...second);
    expect(actionAt(now, day(8))).toMatchObject({
      subjectId: 'in_2',
      message: 'update-card',
      carries: [{ subjectId: 'in_1', stepId: 'reminder-2', message: 'reminder' }],
    });
    expect(mailAt(now, day(8))?.invoices.map(({ number }) => number)).toEqual(['R-in_2', 'R-in_1']);
  });

  test('B20: amounts in two currencies are told apart', () => {
    const customer = customerFrom(ANA, failedFact('in_1'), failedFact('in_2', { currency: 'JPY' }));
    expect(mailAt(customer, day(1))?.totals).toEqual([
      { minor: 4900, currency: 'EUR' },
      { minor: 4900, currency: 'JPY' },
    ]);
  });

  test('C16: paying one leaves the other’s case open, and its mails go on without the first', () => {
    const happened = daysOf([failedFact('in_1'), failedFact('in_2', { at: day(2) })], [paidOn(5)]);
    expect(happened).toEqual([
      on(1, 'payment-failed'),
      on(3, 'payment-failed', 'in_2'),
      on(4, 'reminder-1'),
      on(6, 'reminder-1', 'in_2'),
      on(10, 'reminder-2', 'in_2'),
      on(14, 'final-notice', 'in_2'),
      closed(28, 'lost'),
    ]);
    const { customer } = lifeOf([failedFact('in_1'), failedFact('in_2', { at: day(2) })], [paidOn(5)], {
      until: day(5.5),
    });
    expect(mailAt(customer, day(6))?.invoices.map(({ number }) => number)).toEqual(['R-in_2']);
  });

  test('an end touches only the subscription whose ladder ended', () => {
    const second = failedFact('in_2', { at: day(10), details: { subscriptionId: 'sub_2' } });
    const { happened } = lifeOf([failedFact('in_1')], [second], { policy: ENDING });
    expect(
      happened.filter(({ what }) => what.startsWith('end')).map(({ day: days, what }) => [days, what]),
    ).toEqual([on(26, 'end'), on(36, 'end', 'in_2')]);
  });

  test('C25: a pile of invoices in three weeks is at most one mail a day', () => {
    const weekly = [0, 7, 14, 21].map((days) => failedFact(`in_${days}`, { at: day(days) }));
    const days = daysOf([weekly[0] as Fact], weekly.slice(1)).filter(
      ([, what]) => !what.startsWith('closed'),
    );
    expect(new Set(days.map(([when]) => Math.floor(when))).size).toBe(days.length);
  });
});

describe('one mail asking for money a local day', () => {
  // The second invoice's mail is due an hour and a half after the first's: 10:30 UTC, past midnight on Kiritimati.
  const both = [failedFact('in_1'), failedFact('in_2', { at: addMs(FAILED_AT, 1.5 * HOUR_MS) })];
  const mailsIn = (timeZone: string) =>
    lifeOf(both, [], { policy: definePolicy({ ...BASE, timeZone }), until: day(3) }).happened.map(
      ({ day: days, what }) => [days, what],
    );

  test('a second one waits for its own hour of the next day', () => {
    expect(mailsIn('UTC')).toEqual([on(1, 'payment-failed'), on(2.06, 'payment-failed', 'in_2')]);
  });

  test('B15: the day is the policy’s zone’s own', () => {
    expect(mailsIn('Pacific/Kiritimati')).toEqual([
      on(1, 'payment-failed'),
      on(1.06, 'payment-failed', 'in_2'),
    ]);
  });

  test('B15: a day of 23 hours is a day', () => {
    // Vienna, 29 March 2026. Asked at 23:30 on the 28th, the next may go at 00:30 on the 29th and at its own hour.
    const policy = definePolicy({ ...BASE, timeZone: 'Europe/Vienna' });
    const failed = failedFact('in_1', { at: day(20) });
    const asked = plan(customerFrom(ANA, failed), policy, day(20)).customer;
    const lastAskedAt = '2026-03-28T22:30:00.000Z' as Instant;
    const customer = { ...asked, recovery: { ...asked.recovery, lastAskedAt } };
    const { next } = plan(customer, policy, addMs(lastAskedAt, HOUR_MS));
    // Due on day 21 at 10:00 Vienna winter time: on the 29th that hour is 08:00 UTC.
    expect(next).toMatchObject({ kind: 'wait', until: '2026-03-29T08:00:00.000Z' });
  });

  test('B15: across a change of the clocks a mail keeps its own hour', () => {
    const policy = definePolicy({ ...BASE, timeZone: 'Europe/Vienna' });
    const asked = plan(customerFrom(ANA, failedFact('in_1', { at: day(20) })), policy, day(20)).customer;
    // 00:30 on 31 March in Vienna; due since 22 March at 10:00, which on 1 April is 08:00 UTC.
    const lastAskedAt = '2026-03-30T22:30:00.000Z' as Instant;
    const customer = { ...asked, recovery: { ...asked.recovery, lastAskedAt } };
    const { next } = plan(customer, policy, addMs(lastAskedAt, 20 * HOUR_MS));
    expect(next).toMatchObject({ kind: 'wait', until: '2026-04-01T08:00:00.000Z' });
  });

  test('B15: a day that goes on past midnight in UTC is still one day', () => {
    // Due at 23:00 and 00:30 UTC: noon and half past one of one day on Pago Pago.
    const [noon, after] = [addMs(FAILED_AT, 14 * HOUR_MS), addMs(FAILED_AT, 15.5 * HOUR_MS)];
    const pair = [failedFact('in_1', { at: noon }), failedFact('in_2', { at: after })];
    const mails = (timeZone: string) =>
      lifeOf(pair, [], { policy: definePolicy({ ...BASE, timeZone }), until: day(3.9) }).happened;
    expect(mails('UTC').map(({ day: days }) => days)).toEqual([1.58, 1.65]);
    expect(mails('Pacific/Pago_Pago').map(({ day: days }) => days)).toEqual([1.58, 2.65]);
  });

  test('a thank-you does not wait for the next day', () => {
    expect(daysOf([failedFact('in_1')], [paidOn(1.1)])).toEqual([
      on(1, 'payment-failed'),
      on(1.1, 'recovered'),
      closed(1.1, 'recovered'),
    ]);
  });

  test('a case that follows another counts the mails of that one', () => {
    const { customer } = lifeOf([failedFact('in_1')], [paidOn(1.1)]);
    const next = told(
      customer,
      ANA,
      failedFact('in_2', { at: day(1.2) }),
      declined('lost_card', day(1.2), 'in_2'),
    );
    expect(plan(next, POLICY, day(1.2)).next).toMatchObject({ kind: 'wait', until: day(2.2) });
  });
});

describe('settling', () => {
  test.each<readonly [string, readonly Fact[], readonly Fact[], readonly Day[]]>([
    [
      'A6: failed and paid in one second is recovered without a mail',
      [failedFact('in_1'), paidOn(0)],
      [],
      [closed(0, 'recovered')],
    ],
    [
      'paid before the first mail is recovered without one',
      [failedFact('in_1')],
      [paidOn(0.5)],
      [closed(0.5, 'recovered')],
    ],
    [
      'B5: paid after a mail is thanked for once',
      [failedFact('in_1')],
      [paidOn(5), paidOn(5.1), invoiceFact('in_1', { status: 'paid', at: day(6), source: 'refresh' })],
      [on(1, 'payment-failed'), on(4, 'reminder-1'), on(5, 'recovered'), closed(5, 'recovered')],
    ],
    [
      'B18: voided after a mail is withdrawn without a word',
      [failedFact('in_1')],
      [invoiceFact('in_1', { status: 'void', at: day(5) })],
      [on(1, 'payment-failed'), on(4, 'reminder-1'), closed(5, 'withdrawn')],
    ],
    [
      'marked uncollectible is lost without a word',
      [failedFact('in_1')],
      [invoiceFact('in_1', { status: 'uncollectible', at: day(5) })],
      [on(1, 'payment-failed'), on(4, 'reminder-1'), closed(5, 'lost')],
    ],
    [
      'B11: who cancels is not asked again',
      [failedFact('in_1')],
      [
        subscriptionFact(
          { status: 'canceled', cancellationReason: 'cancellation_requested' },
          { at: day(5) },
        ),
      ],
      [on(1, 'payment-failed'), on(4, 'reminder-1'), closed(5, 'withdrawn')],
    ],
    [
      'C9: who is deleted is not asked again',
      [failedFact('in_1')],
      [goneFact('customer-deleted', { at: day(5) })],
      [on(1, 'payment-failed'), on(4, 'reminder-1'), closed(5, 'withdrawn')],
    ],
    [
      'all paid, one after the other, is thanked for once',
      [failedFact('in_1'), failedFact('in_2')],
      [paidOn(2), paidOn(3, 'in_2')],
      [on(1, 'payment-failed'), on(3, 'recovered'), closed(3, 'recovered')],
    ],
    [
      'one paid and one given up is lost, and not thanked for',
      [failedFact('in_1'), failedFact('in_2')],
      [paidOn(2), invoiceFact('in_2', { status: 'uncollectible', at: day(3) })],
      [on(1, 'payment-failed'), closed(3, 'lost')],
    ],
    [
      'one paid and one voided is recovered',
      [failedFact('in_1'), failedFact('in_2')],
      [paidOn(2), invoiceFact('in_2', { status: 'void', at: day(3) })],
      [on(1, 'payment-failed'), on(3, 'recovered'), closed(3, 'recovered')],
    ],
  ])('%s', (_, first, later, expected) => {
    expect(daysOf(first, later)).toEqual(expected);
  });

  test.each<readonly [string, readonly Fact[]]>([
    ['nothing is known', []],
    [
      'C31: a trial’s invoice of nothing is paid',
      [invoiceFact('in_1', { status: 'paid', amounts: { due: 0, paid: 0, remaining: 0 } })],
    ],
    [
      'B8: a first payment failed',
      [failedFact('in_1', { details: { billingReason: 'subscription_create' } })],
    ],
    ['an invoice is open and never failed', [invoiceFact('in_1')]],
  ])('no case opens when %s', (_, facts) => {
    const decision = plan(customerFrom(...facts), POLICY, day(1));
    expect(decision).toMatchObject({ opened: false, next: { kind: 'wait', until: null } });
    expect(decision.customer.recovery.case).toBeNull();
    expect(decision.customer.outbox).toBeNull();
  });

  test('B17: a mail asks for what is left, not for all of it', () => {
    const customer = customerFrom(
      ANA,
      failedFact('in_1'),
      invoiceFact('in_1', { at: day(0.5), amounts: { paid: 900 } }),
      changeFact('inpay_2', { paidMinor: 1000 }, { at: day(0.8) }),
    );
    expect(mailAt(customer, day(1))?.invoices[0]?.amount).toEqual({ minor: 3000, currency: 'EUR' });
  });

  test('B17: a thank-you tells what was paid', () => {
    const partly = failedFact('in_1', { amounts: { paid: 900 } });
    const { customer } = lifeOf([partly], [], { until: day(2) });
    const mail = mailAt(told(customer, paidOn(2)), day(2));
    expect(mail).toMatchObject({
      message: 'recovered',
      totals: [{ minor: 4000, currency: 'EUR' }],
      payUrl: null,
    });
    expect(mail).toMatchObject({ nextAttemptAt: null, endsAt: null });
  });
});

test('C3: a step is recorded once, with what was recorded first', () => {
  const { customer } = plan(customerFrom(ANA, failedFact('in_1')), POLICY, day(1));
  const record = (status: StepRecord['status']): StepRecord => ({
    id: 'payment-failed',
    kind: 'email',
    at: day(1),
    status,
    why: 'due',
    message: 'payment-failed',
  });
  const twice = withRecords(withRecords(customer, 'in_1', [record('done')]), 'in_1', [record('skipped')]);
  expect(twice.recovery.case?.ladders[0]?.steps).toEqual([record('done')]);
});

describe('nobody to write to', () => {
  test.each<readonly [string, readonly Fact[]]>([
    ['there is no address', [customerFact({ email: null }, { at: day(0.1) })]],
    ['the customer was forgotten', [goneFact('customer-erased', { at: day(0.1) })]],
    [
      'B24: mail to the address came back',
      [deliveryFact('bounced', { stepId: 'x', unreachable: true }, { at: day(0.1) })],
    ],
  ])('%s: every step is passed over with its reason, and the case still ends', (_, later) => {
    const { happened, outboxes } = lifeOf([failedFact('in_1')], later);
    expect(happened.map(({ day: days, what }) => [days, what])).toEqual([closed(26, 'lost')]);
    const steps = outboxes[0]?.closed?.steps.filter(({ kind }) => kind === 'email') ?? [];
    expect(steps.map(({ id, status }) => [id, status])).toEqual([
      ['payment-failed', 'skipped'],
      ['reminder-1', 'skipped'],
      ['reminder-2', 'skipped'],
      ['final-notice', 'skipped'],
    ]);
    expect(steps.every(({ why }) => why.length > 0)).toBe(true);
  });

  test('an address that comes in later is written to from then on', () => {
    const first = [customerFact({ email: null }, { at: day(0.1) })];
    const happened = daysOf([failedFact('in_1')], [...first, customerFact({}, { at: day(5) })]);
    expect(happened[0]).toEqual(on(8, 'reminder-2'));
  });
});

describe('closing', () => {
  test('puts the whole case into the books, and keeps of the customer only what must be remembered', () => {
    const { customer, outboxes } = lifeOf([failedFact('in_1'), declined('insufficient_funds')], [paidOn(5)]);
    expect(outboxes).toHaveLength(1);
    expect(outboxes[0]?.closed).toMatchObject({
      id: 'case_in_1',
      openedAt: FAILED_AT,
      closedAt: day(5),
      invoices: [{ invoiceId: 'in_1', outcome: 'recovered', failedMinor: 4900, recoveredMinor: 4900 }],
    });
    expect(outboxes[0]?.closed?.steps.map(({ id, status }) => [id, status])).toEqual([
      ['payment-failed', 'done'],
      ['reminder-1', 'done'],
      ['recovered', 'done'],
    ]);
    expect(outboxes[0]?.closed?.journal.at(-1)).toMatchObject({ what: 'case closed', why: 'recovered' });
    expect(customer.recovery).toMatchObject({ case: null, journal: [] });
    expect(customer.facts.invoices).toEqual({});
    expect(customer.facts.contact).toBeNull();
    expect(customer.facts.tombstones['in_1']).toMatchObject({
      status: 'paid',
      caseId: 'case_in_1',
      at: day(5),
    });
    expect(JSON.stringify(customer)).not.toMatch(/ana@example|Ana/);
  });

  test('remembers the tries of the last 30 days, which count for the card', () => {
    const old = attemptFact('ch_old', { at: day(-26) });
    const { customer } = lifeOf([failedFact('in_1'), old, declined('insufficient_funds')], [paidOn(5)]);
    expect(Object.keys(customer.facts.attempts)).toEqual([`ch_in_1_${FAILED_AT}`]);
  });

  test('C22: a new invoice after it opens a case of its own', () => {
    const { customer } = lifeOf([failedFact('in_1')], [paidOn(5)]);
    const decision = plan(told(customer, failedFact('in_2', { at: day(35) })), POLICY, day(35));
    expect(decision).toMatchObject({ opened: true, customer: { recovery: { case: { id: 'case_in_2' } } } });
  });

  test('A5, C23: a late failure of a closed invoice opens nothing', () => {
    const { customer } = lifeOf([failedFact('in_1')], [paidOn(5)]);
    const later = told(customer, failedFact('in_1', { at: day(9), attempt: 4 }));
    expect(plan(later, POLICY, day(9))).toMatchObject({
      opened: false,
      customer: { recovery: { case: null } },
    });
  });
});

describe('money that comes in after the case was closed', () => {
  const CLOSED = lifeOf(
    [failedFact('in_1')],
    [invoiceFact('in_1', { at: day(2), amounts: { paid: 900 } })],
  ).customer;
  const adjustments = (customer: Customer, now: Instant) =>
    plan(customer, POLICY, now).customer.outbox?.adjustments;

  test('C21: is one dated entry of its own', () => {
    const decision = plan(told(CLOSED, paidOn(40)), POLICY, day(40));
    expect(decision).toMatchObject({ opened: false, next: { kind: 'wait', until: null } });
    expect(decision.customer.outbox).toEqual({
      closed: null,
      journal: null,
      adjustments: [
        {
          id: 'paid:in_1',
          caseId: 'case_in_1',
          key: CLOSED.key,
          subjectId: 'in_1',
          kind: 'payment',
          at: day(40),
          amount: { minor: 4000, currency: 'EUR' },
        },
      ],
    });
    expect(decision.customer.facts.tombstones['in_1']?.status).toBe('paid');
    expect(decision.customer.facts.invoices).toEqual({});
  });

  test('told again is no second entry', () => {
    const { customer } = plan(told(CLOSED, paidOn(40)), POLICY, day(40));
    const again = told({ ...customer, outbox: null }, paidOn(40), paidOn(41));
    expect(again.facts).toBe(customer.facts);
    expect(plan(again, POLICY, day(41)).customer.outbox).toBeNull();
  });

  test('C29: in parts and then in whole comes to what had not been paid, and no more', () => {
    const part = changeFact('inpay_1', { paidMinor: 1500 }, { at: day(40) });
    const first = plan(told(CLOSED, part), POLICY, day(40)).customer;
    expect(first.outbox?.adjustments).toMatchObject([
      { id: 'part:inpay_1', at: day(40), amount: { minor: 1500 } },
    ]);
    const again = told({ ...first, outbox: null }, part);
    expect(adjustments(again, day(41)) ?? []).toEqual([]);
    const whole = plan(told({ ...first, outbox: null }, paidOn(50)), POLICY, day(50)).customer;
    expect(whole.outbox?.adjustments).toMatchObject([
      { id: 'paid:in_1', at: day(50), amount: { minor: 2500 } },
    ]);
  });

  test('B18: is net of what was credited', () => {
    const amounts = { due: 4000, paid: 4000, remaining: 0, credited: 900 };
    const paid = invoiceFact('in_1', { status: 'paid', at: day(40), amounts });
    expect(adjustments(told(CLOSED, paid), day(40))).toMatchObject([
      { amount: { minor: 3100, currency: 'EUR' } },
    ]);
  });
});

describe('a payment that came back', () => {
  const CLOSED = lifeOf([failedFact('in_1')], [paidOn(0.5)]).customer;
  const back = (days = 10) => reversalFact('ch_1', { at: day(days) });
  /** Who the customer is, as a refresh tells it then: it was forgotten with the closed case. */
  const ana = { ...ANA, at: day(10) };

  test('C20: opens one new ladder in a case of its own, once', () => {
    const { happened, outboxes } = live(CLOSED, POLICY, day(9), day(60), [back(), back(), ana]);
    expect(happened.map(({ day: days, what }) => [days, what])).toEqual([
      on(11, 'payment-failed', 'in_1:ch_1'),
      on(14, 'reminder-1', 'in_1:ch_1'),
      on(18, 'reminder-2', 'in_1:ch_1'),
      on(22, 'final-notice', 'in_1:ch_1'),
      closed(36, 'lost'),
    ]);
    expect(outboxes.flatMap((outbox) => outbox.closed?.id ?? [])).toEqual(['case_in_1-ch_1']);
    expect(outboxes.flatMap(({ adjustments }) => adjustments)).toMatchObject([
      { id: 'reversal:ch_1', caseId: 'case_in_1', subjectId: 'in_1', amount: { minor: 4900 } },
    ]);
  });

  test('C20: told again after its case was closed, it opens nothing', () => {
    const { customer } = live(CLOSED, POLICY, day(9), day(60), [back(), ana]);
    expect(plan(told(customer, back()), POLICY, day(60))).toMatchObject({
      opened: false,
      customer: { recovery: { case: null } },
    });
  });

  test('C20: paid again, it is recovered and thanked for', () => {
    const again = changeFact('inpay_2', { paidMinor: 4900 }, { at: day(15) });
    const { happened } = live(CLOSED, POLICY, day(9), day(60), [back(), ana, again]);
    expect(happened.map(({ day: days, what }) => [days, what])).toEqual([
      on(11, 'payment-failed', 'in_1:ch_1'),
      on(14, 'reminder-1', 'in_1:ch_1'),
      on(15, 'recovered', 'in_1:ch_1'),
      closed(15, 'recovered'),
    ]);
  });

  test('C20: a part paid again stays paid, visit after visit', () => {
    const part = changeFact('inpay_2', { paidMinor: 900 }, { at: day(15) });
    const { customer } = live(CLOSED, POLICY, day(9), day(17.9), [back(), ana, part]);
    expect(mailAt(customer, day(18))?.totals).toEqual([{ minor: 4000, currency: 'EUR' }]);
  });

  test('C20: stands beside its invoice in a case that is still open', () => {
    const { happened } = lifeOf([failedFact('in_1'), failedFact('in_2')], [paidOn(2), back(3)], {
      until: day(5),
    });
    expect(happened.map(({ day: days, what }) => [days, what])).toEqual([
      on(1, 'payment-failed'),
      on(4, 'reminder-1', 'in_2'),
    ]);
  });
});

describe('retries of our own', () => {
  const RETRYING = definePolicy({
    ...BASE,
    retries: { owner: 'recoup' },
    campaigns: shipped.campaigns.map((one) =>
      one.id === 'soft-decline'
        ? {
            ...one,
            steps: [
              ...one.steps.slice(0, 2),
              { id: 'retry-1', kind: 'retry', delayDays: 5 },
              { id: 'retry-2', kind: 'retry', delayDays: 7 },
              ...one.steps.slice(2),
            ],
          }
        : one,
    ),
  });
  const retries = (first: readonly Fact[], later: readonly Fact[] = [], policy = RETRYING) =>
    lifeOf(first, later, { policy, until: day(11) })
      .happened.filter(({ what }) => what.startsWith('retry'))
      .map(({ day: days, what }) => [days, what]);

  test('go on their days, with a key of their own', () => {
    expect(retries([failedFact('in_1'), declined('insufficient_funds')])).toEqual([
      on(5, 'retry-1'),
      on(7, 'retry-2'),
    ]);
    const { customer } = lifeOf([failedFact('in_1')], [], { policy: RETRYING, until: day(4.9) });
    expect(actionAt(customer, day(5), RETRYING)).toMatchObject({
      kind: 'retry',
      key: 'case_in_1:in_1:retry-1',
    });
  });

  test('the final notice waits for the last of them', () => {
    const { customer } = lifeOf([failedFact('in_1')], [], { policy: RETRYING, until: day(20) });
    const steps = customer.recovery.case?.ladders[0]?.steps ?? [];
    expect(steps.filter(({ status }) => status === 'done').map(({ id, at }) => [id, dayOf(at)])).toEqual([
      ['payment-failed', 1],
      ['reminder-1', 4],
      ['retry-1', 5],
      ['retry-2', 7],
      ['reminder-2', 8],
      ['final-notice', 12],
    ]);
  });

  test.each<readonly [string, readonly Fact[], readonly Fact[]]>([
    ['C11: after a hard decline', [declined('lost_card')], []],
    [
      'C27: while the provider plans tries of its own',
      [failedFact('in_1', { at: day(4), attempt: 2, next: day(30) })],
      [],
    ],
    ['C7: after the invoice was paid', [], [paidOn(2)]],
    ['while a payment is in flight', [], [inFlightFact('pi_1', true, { at: day(2) })]],
    ['while a payment is disputed', [], [disputeFact('dp_1', {}, { at: day(2) })]],
    ['once eight tries are used', [failedFact('in_1', { attempt: 8 })], []],
  ])('none goes %s', (_, first, later) => {
    expect(retries([failedFact('in_1'), ...first], later)).toEqual([]);
  });

  test('one that is too soon after another try waits, and goes then', () => {
    const byHand = attemptFact('ch_9', { at: day(4.5), trigger: 'operator' });
    expect(retries([failedFact('in_1')], [byHand])).toEqual([on(5.5, 'retry-1'), on(7, 'retry-2')]);
  });
});

describe('the hour of the next thought', () => {
  test('is never more than a day away while a case is open', () => {
    const { next } = plan(customerFrom(ANA, failedFact('in_1'), disputeFact('dp_1')), POLICY, FAILED_AT);
    expect(HEARTBEAT_MS).toBe(DAY_MS);
    expect(next).toMatchObject({ kind: 'wait', until: day(1) });
  });

  test('is the moment at which something can become due', () => {
    const { customer } = lifeOf([failedFact('in_1')], [], { until: day(1.5) });
    const standing = customerFrom(ANA, failedFact('in_1'));
    expect(plan(standing, POLICY, day(0.5)).next).toMatchObject({ until: day(1) });
    expect(plan(customer, POLICY, day(3.5)).next).toMatchObject({ until: day(4) });
    const planned = customerFrom(
      ANA,
      failedFact('in_1', { attempt: 2, next: day(0.25) }),
      declined('expired_card'),
    );
    const heard = performed(
      plan(planned, POLICY, day(0.5)).customer,
      actionAt(planned, day(0.5)) as ArmedAction,
      day(0.5),
    );
    expect(plan(heard, POLICY, day(1)).next).toMatchObject({ until: day(1.25) });
  });
});

describe('laws', () => {
  const RECOUP = definePolicy({
    ...BASE,
    timeZone: 'Pacific/Kiritimati',
    retries: { owner: 'recoup' },
    firstPayments: 'recover',
    whenCustomerLeaves: 'keep_asking',
    campaigns: shipped.campaigns.map((one) => ({
      ...one,
      steps:
        one.declines === 'any' ? [...one.steps, { id: 'retry-1', kind: 'retry', delayDays: 8.5 }] : one.steps,
      end: { ...one.end, action: 'pause' },
    })),
  });
  const somePolicy = fc.constantFrom(POLICY, ENDING, RECOUP);
  const someStatus = fc.constantFrom<StepRecord['status']>('done', 'done', 'skipped', 'uncertain');

  /** A failure as it is told in life, beside facts of every kind. */
  const failure = fc
    .record({
      id: fc.constantFrom('a', 'b', 'c', '__proto__'),
      days: fc.constantFrom(0, 1, 3),
      attempt: fc.integer({ min: 1, max: 3 }),
      next: fc.constantFrom(null, null, 2, 6),
    })
    .map(({ id, days, attempt, next }) =>
      failedFact(id, { at: day(days), attempt, next: next === null ? null : day(next) }),
    );
  const someFacts = fc.array(fc.oneof(failure, aFact), { maxLength: 3 });

  /** A history: facts, then a visit, then more facts and another visit some days on. */
  const history = fc.record({
    policy: somePolicy,
    visits: fc
      .tuple(fc.tuple(failure, someFacts), fc.array(fc.option(someFacts, { nil: [] }), { maxLength: 9 }))
      .chain(([[first, others], later]) =>
        fc.tuple(
          ...[[first, ...others], ...later].map((facts) =>
            fc.record({
              facts: fc.constant<readonly Fact[]>(facts),
              waitDays: fc.constantFrom(0, 0.3, 1, 3, 8, 15),
              status: someStatus,
            }),
          ),
        ),
      ),
  });

  const deepFreeze = <T>(value: T): T => {
    if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
      Object.freeze(value);
      Object.values(value).forEach(deepFreeze);
    }
    return value;
  };

  type Look = {
    readonly before: Customer;
    readonly decision: Decision;
    readonly policy: Policy;
    readonly now: Instant;
  };

  const MOST_ACTS = 200;

  /** Plays a history with a customer that no code may change, and shows every decision on the way. */
  const play = ({ policy, visits }: typeof history extends fc.Arbitrary<infer H> ? H : never): Look[] => {
    const looks: Look[] = [];
    let customer = customerFrom(ANA);
    let now = day(3);
    for (const { facts, waitDays, status } of visits) {
      customer = told(customer, ...facts);
      now = addMs(now, waitDays * DAY_MS);
      for (let acts = 0; ; acts += 1) {
        expect(acts).toBeLessThan(MOST_ACTS);
        const before = deepFreeze({ ...customer, outbox: null });
        const decision = plan(before, policy, now);
        looks.push({ before, decision, policy, now });
        if (decision.next.kind === 'wait') {
          customer = decision.customer;
          break;
        }
        customer = performed(decision.customer, decision.next.action, now, status);
      }
    }
    return looks;
  };

  const acts = (looks: readonly Look[]) =>
    looks.flatMap(({ decision, now, policy }) =>
      decision.next.kind === 'act' ? [{ ...decision.next, customer: decision.customer, now, policy }] : [],
    );

  test('a decision changes nothing it was given, is the same when made again, and comes to rest', () => {
    fc.assert(
      fc.property(history, (one) => {
        for (const { before, policy, now, decision } of play(one)) {
          expect(plan(before, policy, now)).toEqual(decision);
        }
      }),
      { numRuns: 250 },
    );
  });

  test('nobody is asked for money that is settled, disputed or on its way, nor once they are gone', () => {
    fc.assert(
      fc.property(history, (one) => {
        for (const { action, mail, customer, now } of acts(play(one))) {
          const asks = action.message !== 'recovered';
          const book = customer.recovery.case?.books.find((each) => each.subjectId === action.subjectId);
          expect(asks && book?.outcome !== 'open').toBe(false);
          expect(asks && blockedBy(customer.facts, now) !== null).toBe(false);
          expect(action.kind === 'email' && mail === null).toBe(false);
          expect(mail !== null && customer.facts.deletedAt !== null).toBe(false);
          expect(mail !== null && customer.facts.erasedAt !== null).toBe(false);
          expect(mail?.invoices.every(({ amount }) => amount.minor > 0) ?? true).toBe(true);
        }
      }),
      { numRuns: 250 },
    );
  });

  test('B1: no step of a ladder is taken twice', () => {
    fc.assert(
      fc.property(history, (one) => {
        for (const { decision } of play(one)) {
          const { next, customer } = decision;
          for (const ladder of customer.recovery.case?.ladders ?? []) {
            const ids = ladder.steps.map((step) => step.id);
            expect(new Set(ids).size).toBe(ids.length);
            const again = next.kind === 'act' && next.action.subjectId === ladder.subjectId;
            expect(again && ids.includes(next.action.stepId)).toBe(false);
          }
        }
      }),
      { numRuns: 250 },
    );
  });

  test('an open case is thought of again within a day, and a closed one only when something is told', () => {
    fc.assert(
      fc.property(history, (one) => {
        for (const { decision, now } of play(one)) {
          if (decision.next.kind === 'act') continue;
          const { until } = decision.next;
          const isOpen = decision.customer.recovery.case !== null;
          expect(until !== null).toBe(isOpen);
          expect(until === null || (until > now && until <= addMs(now, HEARTBEAT_MS))).toBe(true);
        }
      }),
      { numRuns: 250 },
    );
  });

  test('B25: at most one mail asks for money in a local day', () => {
    fc.assert(
      fc.property(history, (one) => {
        const days = acts(play(one))
          .filter(({ action, mail }) => mail !== null && action.message !== 'recovered')
          .map(({ now, policy, customer, action }) => ({
            at: localDay(now, policy.timeZone),
            last: customer.recovery.lastAskedAt,
            zone: policy.timeZone,
            action,
          }));
        for (const { at, last, zone } of days)
          expect(last !== null && localDay(last, zone) === at).toBe(false);
      }),
      { numRuns: 250 },
    );
  });

  test('a final notice promises no try, has a date for the end, and that date is to come', () => {
    fc.assert(
      fc.property(history, (one) => {
        for (const { mail, now } of acts(play(one))) {
          if (mail?.message !== 'final-notice') continue;
          expect(mail.nextAttemptAt).toBeNull();
          expect(mail.endsAt !== null && mail.endsAt > now).toBe(true);
        }
      }),
      { numRuns: 250 },
    );
  });

  test('a case is closed when nothing of it is open, once, and every failure stands in its books once', () => {
    fc.assert(
      fc.property(history, (one) => {
        const looks = play(one);
        const ids: string[] = [];
        for (const { decision } of looks) {
          const record = decision.customer.outbox?.closed;
          if (!record) continue;
          ids.push(record.id);
          expect(record.invoices.some((book) => book.outcome === 'open')).toBe(false);
          const subjects = record.invoices.map((book) => book.subjectId);
          expect(new Set(subjects).size).toBe(subjects.length);
          for (const book of record.invoices) {
            expect(book.recoveredMinor + book.withdrawnMinor + book.lostMinor).toBe(book.failedMinor);
            expect(own(decision.customer.facts.tombstones, book.invoiceId)).not.toBeNull();
          }
        }
        expect(new Set(ids).size).toBe(ids.length);
      }),
      { numRuns: 250 },
    );
  });

  test('an end of the subscription comes only days after a notice that went out', () => {
    fc.assert(
      fc.property(history, (one) => {
        for (const { action, customer, now } of acts(play(one))) {
          if (action.kind !== 'end') continue;
          const ladder = customer.recovery.case?.ladders.find((each) => each.subjectId === action.subjectId);
          const notice = ladder?.steps.find((step) => step.id === 'final-notice');
          expect(notice?.status).toBe('done');
          expect(notice !== undefined && addMs(notice.at, 14 * DAY_MS) <= now).toBe(true);
        }
      }),
      { numRuns: 250 },
    );
  });
});
