// What one ladder wants: why a payment fails, when tries are over, what stands against asking, when the notice is due.
import { describe, expect, test } from 'vitest';
import type { Ladder, StepRecord } from '../../../core/recovery/customer.ts';
import {
  agendaOf,
  attemptsAreOver,
  blockedBy,
  finalNoticeDueAt,
  promisedAttempt,
  readDecline,
} from '../../../core/recovery/agenda.ts';
import { classifyDecline, UNKNOWN_DECLINE } from '../../../core/recovery/decline.ts';
import type { Decline, Fact } from '../../../core/recovery/fact.ts';
import { definePolicy } from '../../../core/recovery/policy.ts';
import type { Campaign, Policy } from '../../../core/recovery/policy.ts';
import { addMs } from '../../../core/time.ts';
import type { Instant } from '../../../core/time.ts';
import shipped from '../../../policy.ts';
import { FAILED_AT } from '../../support/customers.ts';
import {
  attemptFact,
  CARD,
  day,
  declineOf,
  disputeFact,
  factsFrom,
  failedFact,
  inFlightFact,
  invoiceFact,
} from '../../support/facts.ts';

const POLICY = definePolicy(shipped);
const campaignNamed = (id: string) => POLICY.campaigns.find((one) => one.id === id) as Campaign;
const SOFT = campaignNamed('soft-decline');
const NEEDS_CUSTOMER = campaignNamed('needs-customer');
const SOFT_READING = classifyDecline(declineOf('insufficient_funds'), 'visa');
const HARD_READING = classifyDecline(declineOf('lost_card'), 'visa');

const done = (id: string, at: Instant = day(1)): StepRecord => ({
  id,
  kind: 'email',
  at,
  status: 'done',
  why: 'due',
  message: 'reminder',
});

const ladderOf = (steps: readonly StepRecord[] = [], campaign: Campaign = SOFT): Ladder => ({
  subjectId: 'in_1',
  invoiceId: 'in_1',
  reversalId: null,
  kind: 'payment_failure',
  campaignId: campaign.id,
  anchor: FAILED_AT,
  openedAt: FAILED_AT,
  steps,
  endedAt: null,
  endedSubscriptionId: null,
  closedAs: null,
  onFile: [],
  cohort: 'live',
});

const invoiceFrom = (...told: readonly Fact[]) => factsFrom(...told).invoices['in_1'] ?? null;
/** An invoice that failed so many times, with the provider's next try. */
const tried = (attempt: number, next: Instant | null, at: Instant = FAILED_AT) =>
  invoiceFrom(failedFact('in_1', { at, attempt, next }));

describe('why a payment fails', () => {
  const read = (...told: readonly Fact[]) => {
    const facts = factsFrom(...told);
    return readDecline(facts, facts.invoices['in_1'] ?? null);
  };
  const declined = (id: string, code: string, at: Instant = FAILED_AT) =>
    attemptFact(id, { at, decline: declineOf(code) });

  test('the newest decline decides', () => {
    const told = [
      failedFact('in_1'),
      declined('ch_1', 'insufficient_funds'),
      declined('ch_2', 'lost_card', day(3)),
    ];
    expect(read(...told).class).toBe('fraud_lost_stolen');
    expect(read(...told.toReversed()).class).toBe('fraud_lost_stolen');
  });

  test('of two declines in one second the same one decides in either order', () => {
    const told = [failedFact('in_1'), declined('ch_1', 'lost_card'), declined('ch_2', 'expired_card')];
    expect(read(...told).class).toBe('expired');
    expect(read(...told.toReversed()).class).toBe('expired');
  });

  test.each<readonly [string, readonly Fact[]]>([
    ['no attempt is known', [failedFact('in_1')]],
    ['the attempt’s decline is not known', [failedFact('in_1'), attemptFact('ch_1', { decline: null })]],
    ['the attempt is another invoice’s', [failedFact('in_1'), attemptFact('ch_1', { invoiceId: 'in_2' })]],
    ['the attempt succeeded', [failedFact('in_1'), attemptFact('ch_1', { result: 'succeeded' })]],
  ])('it is unknown when %s', (_, told) => {
    expect(read(...told)).toEqual(UNKNOWN_DECLINE);
  });

  test('a payment that came back has no decline', () => {
    expect(readDecline(factsFrom(), null)).toEqual(UNKNOWN_DECLINE);
  });

  test('that the customer must confirm says more than the code told in the same minute', () => {
    const called = failedFact('in_1', { reason: 'action_required' });
    for (const at of [FAILED_AT, addMs(FAILED_AT, 60_000)]) {
      expect(read(called, declined('ch_1', 'generic_decline', at))).toMatchObject({
        class: 'authentication',
        retry: 'after_customer',
        providerRetries: false,
      });
    }
    const muchLater = declined('ch_1', 'generic_decline', addMs(FAILED_AT, 60_001));
    expect(read(called, muchLater).class).toBe('soft_later');
  });

  test('a later call to confirm goes before an earlier decline', () => {
    const called = failedFact('in_1', { at: day(3), reason: 'action_required' });
    expect(read(failedFact('in_1'), called, declined('ch_1', 'lost_card')).class).toBe('authentication');
  });

  test('with no method to charge it waits for one, unless a decline says more', () => {
    const called = failedFact('in_1', { reason: 'method_required' });
    expect(read(called)).toMatchObject({
      class: 'no_method',
      retry: 'after_customer',
      providerRetries: false,
    });
    expect(read(called, declined('ch_1', 'expired_card')).class).toBe('expired');
    const later = failedFact('in_1', { at: day(3), reason: 'method_required' });
    expect(read(later, attemptFact('ch_1', { decline: null })).class).toBe('no_method');
  });

  test('the card’s brand counts', () => {
    const decline: Decline = declineOf('do_not_honor', { networkDeclineCode: '14' });
    expect(read(failedFact('in_1'), attemptFact('ch_1', { decline })).class).toBe('hard');
    const card = { ...CARD, brand: 'mastercard' };
    expect(read(failedFact('in_1'), attemptFact('ch_1', { decline, card })).class).toBe('soft_later');
  });
});

describe('tries of the provider', () => {
  const over = (attempt: number, next: Instant | null, now: Instant, reading = SOFT_READING) =>
    attemptsAreOver(tried(attempt, next), reading, ladderOf(), SOFT, POLICY, now);

  test.each<readonly [string, boolean, Instant | null, Instant]>([
    ['are over when none is planned', true, null, day(1)],
    ['are not while one is planned', false, day(5), day(1)],
    ['are not at the moment of the try', false, day(5), day(5)],
    ['are not within a day of a try that left no trace', false, day(5), addMs(day(6), -1)],
    ['are over a day after a try that left no trace', true, day(5), day(6)],
  ])('%s', (_, expected, next, now) => {
    expect(over(2, next, now)).toBe(expected);
  });

  test('are over after a hard decline, whatever the provider has planned', () => {
    expect(over(2, day(5), day(1), HARD_READING)).toBe(true);
  });

  test('are over for a payment that came back', () => {
    expect(attemptsAreOver(null, SOFT_READING, ladderOf(), SOFT, POLICY, day(1))).toBe(true);
  });

  test('our own are over when every retry step is behind us and none is planned elsewhere', () => {
    const steps = [{ id: 'retry-1', kind: 'retry', delayDays: 2 } as const, ...SOFT.steps];
    const campaign: Campaign = { ...SOFT, steps };
    const owned: Policy = {
      ...POLICY,
      retries: { owner: 'recoup', hour: 10, paydays: true, backupMethods: false },
      campaigns: [campaign],
    };
    const ask = (next: Instant | null, records: readonly StepRecord[]) =>
      attemptsAreOver(tried(1, next), SOFT_READING, ladderOf(records), campaign, owned, day(3));
    expect(ask(null, [])).toBe(false);
    expect(ask(null, [{ ...done('retry-1'), kind: 'retry' }])).toBe(true);
    expect(ask(null, [{ ...done('retry-1'), kind: 'retry', status: 'skipped' }])).toBe(true);
    expect(ask(day(5), [{ ...done('retry-1'), kind: 'retry' }])).toBe(false);
  });
});

describe('a try that a mail may promise', () => {
  test('is one that is still to come and will really run', () => {
    expect(promisedAttempt(tried(1, day(5)), SOFT_READING, day(1))).toBe(day(5));
  });

  test.each([
    ['none that is planned for now', promisedAttempt(tried(1, day(5)), SOFT_READING, day(5))],
    ['none that is past', promisedAttempt(tried(1, day(5)), SOFT_READING, day(5.5))],
    ['none when none is planned', promisedAttempt(tried(1, null), SOFT_READING, day(1))],
    ['none after a hard decline', promisedAttempt(tried(1, day(5)), HARD_READING, day(1))],
    ['none for a payment that came back', promisedAttempt(null, SOFT_READING, day(1))],
  ])('is %s', (_, promised) => {
    expect(promised).toBeNull();
  });
});

describe('what stands against asking for money', () => {
  const DISPUTE = disputeFact('dp_1');
  const WARNING = disputeFact('issfr_1', { status: 'early_fraud_warning' });
  const DEBIT = inFlightFact('pi_1', true);

  test.each<readonly [string, readonly Fact[], Instant, Instant | null]>([
    ['an open dispute, for as long as it is open', [DISPUTE], day(300), null],
    ['a warning of fraud, for 30 days', [WARNING], addMs(day(30), -1), day(30)],
    ['a debit in flight, for 14 days', [DEBIT], addMs(day(14), -1), day(14)],
    [
      'a debit in flight, though another payment settled another invoice',
      [DEBIT, invoiceFact('in_2', { status: 'paid' })],
      day(1),
      day(14),
    ],
  ])('%s', (_, told, now, until) => {
    expect(blockedBy(factsFrom(...told), now)).toEqual({ why: expect.any(String) as string, until });
  });

  test.each<readonly [string, readonly Fact[], Instant]>([
    ['nothing', [], day(0)],
    ['a dispute that was won', [DISPUTE, disputeFact('dp_1', { open: false }, { at: day(1) })], day(2)],
    ['a warning of fraud 30 days old', [WARNING], day(30)],
    ['a debit told 14 days ago', [DEBIT], day(14)],
    ['a debit that failed', [DEBIT, inFlightFact('pi_1', false, { at: day(1) })], day(2)],
    [
      'a debit whose invoice is paid',
      [DEBIT, invoiceFact('in_1', { status: 'paid', paymentIds: ['pi_1'] })],
      day(2),
    ],
  ])('is not %s', (_, told, now) => {
    expect(blockedBy(factsFrom(...told), now)).toBeNull();
  });
});

describe('the final notice', () => {
  const HEARD = [done('payment-failed'), done('update-card')];
  const dueAt = (attempt: number, over: boolean, campaign = SOFT, steps: readonly StepRecord[] = HEARD) =>
    finalNoticeDueAt(tried(attempt, null, day(5)), ladderOf(steps, campaign), campaign, over);

  test('B9: is never due while a try is still to come', () => {
    expect(dueAt(2, false)).toBeNull();
  });

  test('B9: is due at once after the provider’s last try of several', () => {
    expect(dueAt(2, true)).toBe(day(5));
  });

  test('is due at the end of the ladder after a first try that was also the last', () => {
    expect(dueAt(1, true)).toBe(day(12));
  });

  test('is due no later than at the end of the ladder', () => {
    const late = tried(6, null, day(20));
    expect(finalNoticeDueAt(late, ladderOf(HEARD), SOFT, true)).toBe(day(12));
  });

  test('is due at the end of the ladder where the policy says so, or for a payment that came back', () => {
    expect(dueAt(4, true, NEEDS_CUSTOMER)).toBe(day(11));
    expect(finalNoticeDueAt(null, ladderOf(HEARD), SOFT, true)).toBe(day(12));
  });

  test('is never the first that a customer hears, but after the provider’s last try of several', () => {
    expect(dueAt(1, true, SOFT, [])).toBeNull();
    expect(dueAt(1, true, NEEDS_CUSTOMER, [])).toBeNull();
    expect(dueAt(4, true, NEEDS_CUSTOMER, [])).toBeNull();
    expect(dueAt(2, true, SOFT, [])).toBe(day(5));
  });

  test('waits for no first message that could not be sent', () => {
    expect(dueAt(1, true, SOFT, [{ ...done('payment-failed'), status: 'skipped' }])).toBe(day(12));
  });

  test('comes once, however its step ended', () => {
    for (const status of ['done', 'skipped', 'uncertain'] as const) {
      expect(dueAt(2, true, SOFT, [{ ...done('final-notice'), status }])).toBeNull();
    }
  });
});

describe('what is due', () => {
  const ask = (
    now: Instant,
    told: readonly Fact[] = [failedFact('in_1')],
    steps: readonly StepRecord[] = [],
  ) => {
    const facts = factsFrom(...told);
    return agendaOf(facts, ladderOf(steps), facts.invoices['in_1'] ?? null, SOFT, POLICY, now);
  };

  test('C1: a step is due on its day to the millisecond, not before', () => {
    expect(ask(addMs(day(1), -1))).toMatchObject({ due: null, wakeAt: day(1) });
    expect(ask(day(1))).toMatchObject({
      due: { stepId: 'payment-failed', message: 'payment-failed', dueAt: day(1), supersedes: [] },
      wakeAt: day(4),
    });
  });

  test('B1: a step that is behind us is not due again', () => {
    expect(ask(day(1), undefined, [done('payment-failed')])).toMatchObject({ due: null, wakeAt: day(4) });
  });

  test('an edited policy’s new step before one that is behind us is passed over', () => {
    const steps = [done('payment-failed'), done('reminder-2', day(8))];
    expect(ask(day(9), undefined, steps)).toMatchObject({ due: null, wakeAt: day(12) });
    const { due } = ask(day(12), undefined, steps);
    expect(due?.stepId).toBe('final-notice');
    expect(due?.supersedes.map(({ id }) => id)).toEqual(['reminder-1']);
  });

  test('a first message is never passed over', () => {
    const steps = [done('reminder-1', day(4)), done('reminder-2', day(8))];
    expect(ask(day(9), undefined, steps).due).toMatchObject({ stepId: 'payment-failed', supersedes: [] });
  });

  test('the final notice makes the reminders before it pointless, those still to come too', () => {
    const last = failedFact('in_1', { at: day(2), attempt: 3 });
    const { due } = ask(day(2), [failedFact('in_1'), last], [done('payment-failed')]);
    expect(due).toMatchObject({ stepId: 'final-notice', message: 'final-notice', dueAt: day(2) });
    expect(due?.supersedes.map(({ id, status, at }) => [id, status, at])).toEqual([
      ['reminder-1', 'skipped', day(2)],
      ['reminder-2', 'skipped', day(2)],
    ]);
  });

  test('B9: after the final notice there is no mail', () => {
    expect(ask(day(20), undefined, [done('final-notice', day(12))])).toMatchObject({
      due: null,
      wakeAt: day(26),
    });
  });

  test('the date of the end is 14 days after the notice, and at the latest day 45', () => {
    expect(ask(day(12)).endsAt).toBe(day(26));
    expect(ask(day(31)).endsAt).toBe(day(45));
    expect(ask(day(40)).endsAt).toBe(day(45));
  });

  test('the campaign ends 14 days after the notice to the millisecond, or on day 45', () => {
    const noticed = [done('final-notice', day(12))];
    expect(ask(addMs(day(26), -1), undefined, noticed).ended).toBeNull();
    expect(ask(day(26), undefined, noticed).ended).toEqual(expect.any(String));
    expect(ask(addMs(day(45), -1), undefined, [done('payment-failed')]).ended).toBeNull();
    expect(ask(day(45), undefined, [done('payment-failed')]).ended).toEqual(expect.any(String));
  });

  test('while something stands against asking nothing is due, and the end of our books still comes', () => {
    const told = [failedFact('in_1'), disputeFact('dp_1')];
    expect(ask(day(1), told)).toMatchObject({ due: null, ended: null, wakeAt: day(45) });
    expect(ask(day(45), told).ended).toEqual(expect.any(String));
    const flying = [failedFact('in_1'), inFlightFact('pi_1', true)];
    expect(ask(day(1), flying)).toMatchObject({ due: null, wakeAt: day(14) });
  });
});

describe('when to look again', () => {
  const own = {
    ...SOFT,
    id: 'own',
    finalNotice: { ...SOFT.finalNotice, atLastAttempt: false },
    steps: [
      { id: 'first', kind: 'email', message: 'payment-failed', delayDays: 1 },
      { id: 'again', kind: 'retry', delayDays: 2 },
      { id: 'again-2', kind: 'retry', delayDays: 6 },
    ],
  } as Campaign;
  const policy = definePolicy({ ...shipped, retries: { owner: 'recoup' }, campaigns: [own] });
  const wake = (told: readonly Fact[], steps: readonly StepRecord[], now: Instant) => {
    const facts = factsFrom(...told);
    return agendaOf(facts, ladderOf(steps, own), facts.invoices['in_1'] ?? null, own, policy, now);
  };

  test('a provider’s try that was planned long ago hides no try of ours, nor a mail', () => {
    // The promise of day -10 lapsed on day -9; the first mail is due on day 1, the first try on day 2 at 09:00.
    const stale = [failedFact('in_1', { next: day(-10) }), attemptFact('ch_1')];
    expect(wake(stale, [], day(0.5)).wakeAt).toBe(day(1));
    expect(wake(stale, [done('first')], day(1.5)).wakeAt).toBe(day(2));
    const charged = { ...done('again', day(2)), kind: 'retry', message: null } as const;
    expect(wake(stale, [done('first'), charged], day(2.5)).wakeAt).toBe(day(6));
  });

  test('a try of ours that was passed over leaves the next one’s time, and the final notice’s', () => {
    const hard = [failedFact('in_1'), attemptFact('ch_1', { decline: declineOf('lost_card') })];
    // Day 2 is over: its try is passed over, and the next one’s day is day 6.
    const second = wake(hard, [done('first')], day(3));
    expect(second.skipped.map(({ id }) => id)).toEqual(['again']);
    expect(second.wakeAt).toBe(day(6));
    // Of both the day is over: eight tries are used, and what is left is the final notice of day 12.
    const used = [failedFact('in_1', { attempt: 8 }), attemptFact('ch_1')];
    const both = wake(used, [done('first')], day(7));
    expect(both.skipped.map(({ id }) => id)).toEqual(['again', 'again-2']);
    expect(both.wakeAt).toBe(day(12));
  });
});
