// Every kind of failure through its whole life: what is done on which day, each date worked out by hand.
import { describe, expect, test } from 'vitest';
import type { Customer } from '../../../core/recovery/customer.ts';
import type { CardDetails, Fact } from '../../../core/recovery/fact.ts';
import { operatorVerdict } from '../../../core/recovery/holds.ts';
import { plan } from '../../../core/recovery/plan.ts';
import { armOf } from '../../../core/recovery/restraint.ts';
import { at, FAILED_AT } from '../../support/customers.ts';
import {
  attemptFact,
  CARD,
  customerFact,
  customerFrom,
  day,
  declineOf,
  failedFact,
  inFlightFact,
  invoiceFact,
  reversalFact,
  subscriptionFact,
} from '../../support/facts.ts';
import { policyOf } from '../../support/operating.ts';
import { declinedCharge, linesOf, paidCharge, walk, type WalkOptions } from '../../support/walk.ts';

/** Everything failed on Sunday 2026-03-01 at 09:00 UTC, and the customer lives by UTC. */
const ANA = customerFact({ country: null }, { at: day(-1) });
const mail = (id: string, message: string, delayDays: number, more: object = {}) => ({
  id,
  kind: 'email',
  message,
  delayDays,
  ...more,
});
const retry = (id: string, delayDays: number) => ({ id, kind: 'retry', delayDays });
const campaign = (id: string, steps: readonly object[], more: object = {}) => ({
  id,
  declines: 'any',
  steps,
  finalNotice: { id: 'final', delayDays: 12, atLastAttempt: false },
  end: { action: 'leave', daysAfterNotice: 14, latestDay: 45 },
  ...more,
});
const ANY = campaign('any', [mail('first', 'payment-failed', 1), mail('second', 'reminder', 4)]);
const withFirst = (first: object, more: object = {}) => policyOf({ campaigns: [first, ANY], ...more });
const OURS = { retries: { owner: 'recoup' } };

const run = (facts: readonly Fact[], options: Partial<WalkOptions> & Pick<WalkOptions, 'policy'>) =>
  walk(customerFrom(ANA, ...facts), { from: FAILED_AT, until: day(120), ...options });
const outcomes = (passed: ReturnType<typeof run>) =>
  passed.closed.map(({ closedAt, invoices }) => [closedAt, ...invoices.map(({ outcome }) => outcome)]);

const SOFT = [failedFact('in_1'), attemptFact('ch_1')];

/** The first experiment whose lots hold this customer out. */
const HELD_OUT =
  Array.from({ length: 50 }, (_, i) => `lots-${i}`).find(
    (experiment) => armOf(customerFrom(ANA).key, { experiment, share: 0.5 }) === 'held_out',
  ) ?? '';

describe('payment_failure', () => {
  test('is mailed about on its days, tried on ours, given notice and let go', () => {
    const own = campaign('own', [mail('first', 'payment-failed', 1), retry('again', 5)]);
    const passed = run(SOFT, { policy: policyOf({ ...OURS, campaigns: [own] }) });
    // Day 5 is Friday the 6th; the next payday, the 15th, is more than 4 days off: it runs at 09:00 that day.
    // The end comes 14 days after the notice of the 13th.
    expect(linesOf(passed)).toEqual([
      '2026-03-02 09:00 first',
      '2026-03-06 09:00 again',
      '2026-03-13 09:00 final',
    ]);
    expect(outcomes(passed)).toEqual([[at('2026-03-27T09:00Z'), 'lost']]);
  });

  test('promises the day and hour of a try of ours, at the policy’s hour of a payday too', () => {
    const own = campaign('own', [
      mail('first', 'payment-failed', 1),
      retry('again', 5),
      retry('later', 11.5),
    ]);
    const hours = { retries: { owner: 'recoup', hour: 7 } };
    const passed = run(SOFT, { policy: policyOf({ ...hours, campaigns: [own] }) });
    // The first on Friday the 6th, for the 15th is more than 4 days off; the second would come on the 12th and waits
    // for the 15th. Both at 07:00.
    expect(linesOf(passed)).toEqual([
      '2026-03-02 09:00 first',
      '2026-03-06 07:00 again',
      '2026-03-15 07:00 later',
      '2026-03-15 07:00 final',
    ]);
    expect(passed.done.map(({ mail: sent }) => sent?.nextAttemptAt)).toEqual([
      at('2026-03-06T07:00Z'),
      undefined,
      undefined,
      null,
    ]);
  });

  test.each([
    ['is cancelled', { action: 'cancel', daysAfterNotice: 7, latestDay: 45 }, {}, true],
    ['is left as it is', { action: 'leave', daysAfterNotice: 7, latestDay: 45 }, {}, undefined],
    // Half of all are held out, and this customer is among them by name.
    [
      'is left to somebody held out',
      { action: 'cancel', daysAfterNotice: 7, latestDay: 45 },
      { holdout: { experiment: HELD_OUT, share: 0.5 } },
      undefined,
    ],
  ])('a final notice says that the plan ends only when it does: it %s', (_, end, changes, says) => {
    const policy = policyOf({
      campaigns: [campaign('own', [mail('first', 'payment-failed', 1)], { end })],
      ...changes,
    });
    const told = [failedFact('in_1', { details: { subscriptionId: 'sub_1' } }), attemptFact('ch_1')];
    const notice = run(told, { policy }).done.find(({ action }) => action.message === 'final-notice');
    expect(notice?.mail?.endsPlan).toBe(says);
  });

  test('a try that takes the money is thanked for', () => {
    const own = campaign('own', [mail('first', 'payment-failed', 1), retry('again', 5)]);
    const policy = policyOf({ ...OURS, campaigns: [own] });
    const passed = run(SOFT, {
      policy,
      outcome: (action, now) =>
        action.kind === 'retry' ? paidCharge(action, now) : { kind: 'done', why: '', facts: [] },
    });
    expect(linesOf(passed)).toEqual([
      '2026-03-02 09:00 first',
      '2026-03-06 09:00 again',
      '2026-03-06 09:00 recovered',
    ]);
    expect(outcomes(passed)).toEqual([[at('2026-03-06T09:00Z'), 'recovered']]);
  });
});

describe('authentication_required', () => {
  const confirm = campaign('confirm', [mail('confirm', 'confirm-payment', 0), mail('again', 'reminder', 3)], {
    kind: 'authentication_required',
  });

  test.each<readonly [string, readonly Fact[]]>([
    ['that the provider asks for', [failedFact('in_1', { reason: 'action_required' })]],
    [
      'that failed',
      [failedFact('in_1'), attemptFact('ch_1', { decline: declineOf('authentication_required') })],
    ],
  ])('one %s follows the campaign of its kind', (_, facts) => {
    const passed = run(facts, { policy: withFirst(confirm) });
    expect(linesOf(passed)).toEqual([
      '2026-03-01 09:00 confirm',
      '2026-03-04 09:00 again',
      '2026-03-13 09:00 final',
    ]);
    expect(passed.done[0]?.before.recovery.case?.ladders[0]?.kind).toBe('authentication_required');
    expect(outcomes(passed)).toEqual([[at('2026-03-27T09:00Z'), 'lost']]);
  });

  test('no retry of ours runs on it', () => {
    const own = { ...confirm, steps: [...confirm.steps, retry('try', 5)] };
    const passed = run([failedFact('in_1', { reason: 'action_required' })], {
      policy: withFirst(own, OURS),
    });
    expect(passed.done.map(({ action }) => action.kind)).not.toContain('retry');
  });

  test('another decline does not follow it', () => {
    expect(linesOf(run(SOFT, { policy: withFirst(confirm) }))[0]).toBe('2026-03-02 09:00 first');
  });
});

describe('invoice_overdue', () => {
  const net30 = campaign('overdue', [mail('due', 'invoice-overdue', 1), mail('due-2', 'reminder', 20)], {
    kind: 'invoice_overdue',
    finalNotice: { id: 'final', delayDays: 40, atLastAttempt: false },
    end: { action: 'leave', daysAfterNotice: 20, latestDay: 90 },
  });
  const DUE_AT = at('2026-03-31T09:00Z');
  /** Sent on the 1st of March, to be paid within 30 days, found two days late. */
  const overdue = (next: string | null = null) =>
    failedFact('in_1', {
      at: at('2026-04-02T06:00Z'),
      next: next === null ? null : at(next),
      attempt: 0,
      failure: { at: DUE_AT, reason: 'overdue' },
      details: { collectionMethod: 'send_invoice', dueAt: DUE_AT },
    });
  const start = { from: at('2026-04-02T06:00Z'), until: at('2026-08-01T00:00Z') };

  test('counts from the due date, and may be longer than a bill', () => {
    const passed = run([overdue()], { ...start, policy: withFirst(net30) });
    // Day 1 (1 April) had passed; day 20 is 20 April, day 40 is 10 May, and 20 days later it is let go.
    expect(linesOf(passed)).toEqual([
      '2026-04-02 06:00 due',
      '2026-04-20 09:00 due-2',
      '2026-05-10 09:00 final',
    ]);
    expect(outcomes(passed)).toEqual([[at('2026-05-30T09:00Z'), 'lost']]);
  });

  test('is nothing to us where the policy has no campaign for it', () => {
    const passed = run([overdue()], { ...start, policy: policyOf() });
    expect(passed.done).toEqual([]);
    expect(passed.customer.recovery.case).toBeNull();
  });

  test('is never tried, and no mail promises a try, whatever the provider says of one', () => {
    const card = { ...CARD, fingerprint: 'card_new' };
    const brought: Fact[] = [
      customerFact({ country: null }, { at: at('2026-04-05T00:00Z'), defaultMethodId: 'pm_new' }),
      {
        kind: 'payment-method',
        at: at('2026-04-05T00:00Z'),
        source: 'event',
        method: { id: 'pm_new', type: 'card', card, attached: true },
      },
    ];
    for (const more of [{}, { retries: { owner: 'recoup', backupMethods: true } }]) {
      const policy = withFirst(net30, more);
      const passed = run([overdue('2026-05-01T00:00Z')], { ...start, policy, later: brought });
      expect(passed.done.map(({ action }) => action.kind)).not.toContain('retry');
      expect(passed.done.map(({ mail: sent }) => sent?.nextAttemptAt)).toEqual([null, null, null]);
      expect(passed.looks.every(({ decision }) => decision.twoOwners === null)).toBe(true);
    }
  });

  test('an invoice that came to be sent while it was followed up is not tried either', () => {
    const own = campaign('own', [mail('first', 'payment-failed', 1), retry('again', 5)]);
    const sent = invoiceFact('in_1', { at: day(2), details: { collectionMethod: 'send_invoice' } });
    const passed = run(SOFT, { policy: policyOf({ ...OURS, campaigns: [own] }), later: [sent] });
    expect(linesOf(passed)).toEqual(['2026-03-02 09:00 first', '2026-03-13 09:00 final']);
  });

  test('paid, it is thanked for', () => {
    const paid = invoiceFact('in_1', { at: at('2026-04-10T12:00Z'), status: 'paid' });
    const passed = run([overdue()], { ...start, policy: withFirst(net30), later: [paid] });
    expect(linesOf(passed)).toEqual(['2026-04-02 06:00 due', '2026-04-10 12:00 recovered']);
    expect(outcomes(passed)).toEqual([[at('2026-04-10T12:00Z'), 'recovered']]);
  });
});

describe('bank_debit', () => {
  const debit = campaign('debit', [mail('debit', 'bank-debit-failed', 0), retry('again', 5)], {
    kind: 'bank_debit',
  });
  const policy = withFirst(debit, OURS);
  const bounced = (id: string, changes: Parameters<typeof attemptFact>[1] = {}) =>
    attemptFact(id, { methodType: 'sepa_debit', card: null, ...changes });

  test('is tried once more, and silent while that debit is on its way, and then goes on', () => {
    const sent = inFlightFact('pi_2', true, { at: day(5.01) });
    const back = [
      inFlightFact('pi_2', false, { at: day(15) }),
      bounced('ch_2', { at: day(15), trigger: 'ladder' }),
    ];
    const passed = run([failedFact('in_1'), bounced('ch_1')], {
      policy,
      later: [sent, ...back],
      outcome: () => ({ kind: 'done', why: '', facts: [] }),
    });
    // The notice was due on the 13th, while the debit was on its way: it goes when that has bounced.
    expect(linesOf(passed)).toEqual([
      '2026-03-01 09:00 debit',
      '2026-03-06 09:00 again',
      '2026-03-16 09:00 final',
    ]);
    expect(outcomes(passed)).toEqual([[at('2026-03-30T09:00Z'), 'lost']]);
  });

  test('is never tried a third time, whoever tried it twice', () => {
    const passed = run(
      [failedFact('in_1', { attempt: 2 }), bounced('ch_1'), bounced('ch_2', { at: day(0.1) })],
      {
        policy,
      },
    );
    expect(linesOf(passed)).toEqual(['2026-03-01 09:00 debit', '2026-03-13 09:00 final']);
    const skipped = passed.closed[0]?.steps.find(({ id }) => id === 'again');
    expect(skipped).toMatchObject({ status: 'skipped', why: '2 of 2 tries of this invoice used' });
  });

  test('is not tried within three days of the last debit, to the minute', () => {
    const late = attemptFact('ch_1', { methodType: 'us_bank_account', card: null, at: day(2.5) });
    const passed = run([failedFact('in_1'), late], { policy, from: day(2.5) });
    // It bounced on the 3rd at 21:00: not before the 6th at 21:00, though its day begins at 09:00.
    expect(linesOf(passed)).toContain('2026-03-06 21:00 again');
  });

  test('one of which nothing is heard is silent for 14 days, and no longer', () => {
    const passed = run([failedFact('in_1'), bounced('ch_1'), inFlightFact('pi_2', true)], {
      policy,
      outcome: () => ({ kind: 'done', why: '', facts: [] }),
    });
    // In flight from the 1st: looked at again on the 15th, when the retry goes first and then the mail.
    expect(linesOf(passed).slice(0, 2)).toEqual(['2026-03-15 09:00 again', '2026-03-15 09:00 debit']);
  });
});

describe('a payment that came back', () => {
  test('is asked for again, promises no try, and is never charged', () => {
    const paid = [invoiceFact('in_1', { status: 'paid', at: day(-10) }), reversalFact('re_1')];
    const own = campaign('own', [mail('first', 'payment-failed', 1), retry('again', 5)]);
    const passed = run(paid, { policy: policyOf({ ...OURS, campaigns: [own] }), refreshed: paid });
    expect(linesOf(passed)).toEqual(['2026-03-02 09:00 first in_1:re_1', '2026-03-13 09:00 final in_1:re_1']);
    expect(passed.done.map(({ mail: sent }) => sent?.nextAttemptAt)).toEqual([null, null]);
    expect(outcomes(passed)).toEqual([[at('2026-03-27T09:00Z'), 'lost']]);
  });

  test('of a bank debit follows the campaign of bank debits', () => {
    const debit = campaign('debit', [mail('debit', 'bank-debit-failed', 0)], { kind: 'bank_debit' });
    const landed = attemptFact('ch_1', {
      at: day(-10),
      methodType: 'bacs_debit',
      card: null,
      result: 'succeeded',
      decline: null,
    });
    const paid = [invoiceFact('in_1', { status: 'paid', at: day(-10) }), landed, reversalFact('re_1')];
    expect(linesOf(run(paid, { policy: withFirst(debit), refreshed: paid }))[0]).toBe(
      '2026-03-01 09:00 debit in_1:re_1',
    );
  });
});

describe('a step that tells the business itself', () => {
  const tell = { id: 'call', kind: 'notify', delayDays: 3, to: 'email', note: 'Call them.' };
  const own = campaign('own', [mail('first', 'payment-failed', 1), tell, mail('second', 'reminder', 4)]);
  const policy = policyOf({ campaigns: [own], operator: { email: 'ops@example.com' } });

  test('is told once on its day, with the money and no person', () => {
    const passed = run(SOFT, { policy });
    expect(linesOf(passed)).toEqual([
      '2026-03-02 09:00 first',
      '2026-03-04 09:00 call',
      '2026-03-05 09:00 second',
      '2026-03-13 09:00 final',
    ]);
    const notice = passed.done[1]?.notice;
    expect(notice).toMatchObject({
      to: 'email',
      email: 'ops@example.com',
      note: 'Call them.',
      campaignId: 'own',
    });
    expect(notice?.totals).toEqual([{ minor: 4900, currency: 'EUR' }]);
    expect(JSON.stringify(notice)).not.toContain('ana@example.com');
  });

  test('waits for no window, and counts as no mail of the day', () => {
    const same = campaign('own', [{ ...tell, delayDays: 1 }, mail('first', 'payment-failed', 1)]);
    const passed = run(SOFT, {
      policy: policyOf({
        campaigns: [same],
        operator: { email: 'ops@example.com' },
        sendWindow: { from: '10:00', to: '12:00' },
      }),
    });
    expect(linesOf(passed).slice(0, 2)).toEqual(['2026-03-02 09:00 call', '2026-03-02 10:00 first']);
  });

  test('is not told once the money is in, nor while a payment is on its way', () => {
    const paid = invoiceFact('in_1', { at: day(2), status: 'paid' });
    expect(linesOf(run(SOFT, { policy, later: [paid] }))).not.toContain('2026-03-04 09:00 call');
    const flying = [inFlightFact('pi_1', true, { at: day(2) }), inFlightFact('pi_1', false, { at: day(6) })];
    expect(linesOf(run(SOFT, { policy, later: flying }))[1]).toBe('2026-03-07 09:00 call');
  });

  test('is still told after the final notice', () => {
    const early = campaign('own', [mail('first', 'payment-failed', 1), { ...tell, delayDays: 9 }], {
      finalNotice: { id: 'final', delayDays: 10, atLastAttempt: true },
    });
    const over = failedFact('in_1', { at: day(6), attempt: 3 });
    const passed = run(SOFT, {
      policy: policyOf({ campaigns: [early], operator: { email: 'ops@example.com' } }),
      later: [over],
    });
    expect(linesOf(passed)).toEqual([
      '2026-03-02 09:00 first',
      '2026-03-07 09:00 final',
      '2026-03-10 09:00 call',
    ]);
  });
});

describe('a mail so many hours before the next try', () => {
  const ahead = (delayDays: number) => mail('ahead', 'reminder', delayDays, { hoursBeforeTry: 24 });
  const own = campaign('own', [mail('first', 'payment-failed', 1), ahead(2), mail('second', 'reminder', 3)]);
  const policy = policyOf({ campaigns: [own] });
  const failing = (next: number | null, count = 1, on = 0) =>
    failedFact('in_1', { at: day(on), attempt: count, next: next === null ? null : day(next) });

  test('goes before the provider’s try, though another was sent meanwhile', () => {
    const over = failing(null, 2, 6);
    const passed = run([failing(6), attemptFact('ch_1')], { policy, later: [over] });
    // The try is planned for the 7th at 09:00.
    expect(linesOf(passed)).toEqual([
      '2026-03-02 09:00 first',
      '2026-03-04 09:00 second',
      '2026-03-06 09:00 ahead',
      '2026-03-13 09:00 final',
    ]);
    expect(passed.done[2]?.mail?.nextAttemptAt).toBe(day(6));
  });

  test('moves with the try', () => {
    const moved = invoiceFact('in_1', { at: day(4.5), next: day(8) });
    const passed = run([failing(6), attemptFact('ch_1')], { policy, later: [moved, failing(null, 2, 8)] });
    expect(linesOf(passed)).toContain('2026-03-08 09:00 ahead');
    expect(linesOf(passed)).not.toContain('2026-03-06 09:00 ahead');
  });

  test.each<readonly [string, readonly Fact[]]>([
    ['no try is planned', [failing(null), attemptFact('ch_1')]],
    [
      'the planned one will not be made',
      [failing(6), attemptFact('ch_1', { decline: declineOf('stolen_card') })],
    ],
  ])('is not sent when %s', (_, facts) => {
    expect(linesOf(run(facts, { policy })).join()).not.toContain('ahead');
  });

  const ours = campaign('own', [mail('first', 'payment-failed', 1), ahead(2), retry('again', 5)]);

  test('goes before a try of ours', () => {
    const passed = run(SOFT, { policy: policyOf({ ...OURS, campaigns: [ours] }) });
    // The try runs on the 6th at 09:00.
    expect(linesOf(passed).slice(0, 3)).toEqual([
      '2026-03-02 09:00 first',
      '2026-03-05 09:00 ahead',
      '2026-03-06 09:00 again',
    ]);
  });

  test('goes with a try of ours that waits for a payday', () => {
    const payday = { ...ours, steps: [mail('first', 'payment-failed', 1), ahead(2), retry('again', 11)] };
    const passed = run(SOFT, { policy: policyOf({ ...OURS, campaigns: [payday] }) });
    // Day 11 is Thursday the 12th; Sunday the 15th is a payday within four days of it.
    expect(linesOf(passed).slice(1, 3)).toEqual(['2026-03-14 09:00 ahead', '2026-03-15 09:00 again']);
  });

  test('announces no try of ours that the networks forbid', () => {
    const hard = [failedFact('in_1'), attemptFact('ch_1', { decline: declineOf('lost_card') })];
    const passed = run(hard, { policy: policyOf({ ...OURS, campaigns: [ours] }) });
    expect(linesOf(passed)).toEqual(['2026-03-02 09:00 first', '2026-03-13 09:00 final']);
  });

  test('as the first step it does not stand in the way of the final notice', () => {
    const only = campaign('own', [ahead(0), mail('second', 'reminder', 3)]);
    const passed = run([failing(null), attemptFact('ch_1')], { policy: policyOf({ campaigns: [only] }) });
    expect(linesOf(passed)).toEqual(['2026-03-04 09:00 second', '2026-03-13 09:00 final']);
  });
});

describe('the hours in which a soft decline is left alone', () => {
  test('last until a try of ours has told, to the hour at which it runs', () => {
    const own = campaign('own', [mail('first', 'payment-failed', 0), retry('again', 1)]);
    const policy = policyOf({
      ...OURS,
      retries: { owner: 'recoup', hour: 18 },
      silentHours: 72,
      campaigns: [own],
    });
    // Day 1 is Monday the 2nd: the try runs at 18:00 and tells; only then the mail goes.
    expect(linesOf(run(SOFT, { policy })).slice(0, 2)).toEqual([
      '2026-03-02 18:00 again',
      '2026-03-02 18:00 first',
    ]);
  });

  test('are 72 at most, and none when the customer has to act', () => {
    const own = campaign('own', [mail('first', 'payment-failed', 0)]);
    const policy = policyOf({ silentHours: 72, campaigns: [own] });
    const planned = failedFact('in_1', { next: day(6) });
    expect(linesOf(run([planned, attemptFact('ch_1')], { policy }))[0]).toBe('2026-03-04 09:00 first');
    const expired = attemptFact('ch_1', { decline: declineOf('expired_card') });
    expect(linesOf(run([planned, expired], { policy }))[0]).toBe('2026-03-01 09:00 first');
  });
});

describe('what a backfill found', () => {
  const imported: Fact = { kind: 'imported', at: day(2), source: 'refresh' };
  const ending = policyOf({}, { end: { action: 'cancel', daysAfterNotice: 14, latestDay: 40 } });

  test('is never mailed about, and its service is not ended', () => {
    const passed = run([...SOFT, imported], { policy: ending, from: day(2) });
    expect(passed.done).toEqual([]);
    expect(
      passed.closed.map(({ invoices }) => invoices.map(({ cohort, outcome }) => [cohort, outcome])),
    ).toEqual([[['imported', 'lost']]]);
  });

  test('paid after all, it is not thanked for', () => {
    const paid = invoiceFact('in_1', { status: 'paid', at: day(9) });
    const passed = run([...SOFT, imported], { policy: ending, from: day(2), later: [paid] });
    expect(passed.done).toEqual([]);
    expect(outcomes(passed)).toEqual([[day(9), 'recovered']]);
  });

  test('stands beside a later failure, which is live and is mailed about alone', () => {
    const next = [failedFact('in_2', { at: day(3) }), attemptFact('ch_2', { at: day(3), invoiceId: 'in_2' })];
    const passed = run([...SOFT, imported], { policy: policyOf(), from: day(2), later: next });
    // The later one failed on the 4th: days 1, 4, 8 and 12 from then.
    expect(linesOf(passed)).toEqual([
      '2026-03-05 09:00 first in_2',
      '2026-03-08 09:00 second in_2',
      '2026-03-12 09:00 third in_2',
      '2026-03-16 09:00 final in_2',
    ]);
    const cohorts = passed.closed.flatMap(({ invoices }) =>
      invoices.map(({ subjectId, cohort }) => [subjectId, cohort]),
    );
    expect(cohorts).toEqual([
      ['in_1', 'imported'],
      ['in_2', 'live'],
    ]);
  });
});

describe('two owners of the tries', () => {
  const own = campaign('own', [mail('first', 'payment-failed', 1), retry('again', 5)]);

  test('are named, and no try of ours is made', () => {
    const planned = failedFact('in_1', { next: day(8) });
    const passed = run([planned, attemptFact('ch_1')], { policy: policyOf({ ...OURS, campaigns: [own] }) });
    expect(linesOf(passed)).not.toContain('2026-03-06 09:00 again');
    expect(passed.looks.map(({ at: seen, decision }) => [seen < day(8), decision.twoOwners])).toEqual(
      passed.looks.map(({ at: seen, decision }) => [
        seen < day(8),
        seen < day(8) && decision.customer.outbox?.closed == null ? 'in_1' : null,
      ]),
    );
  });

  test('are none where the tries are the provider’s, or it plans none', () => {
    const planned = failedFact('in_1', { next: day(8) });
    const theirs = run([planned, attemptFact('ch_1')], { policy: policyOf() });
    const none = run(SOFT, { policy: policyOf({ ...OURS, campaigns: [own] }) });
    for (const { looks } of [theirs, none])
      expect(looks.every(({ decision }) => decision.twoOwners === null)).toBe(true);
  });
});

const cardOf = (fingerprint: string, changes: Partial<CardDetails> = {}): CardDetails => ({
  ...CARD,
  fingerprint,
  ...changes,
});
const method = (id: string, card: CardDetails, on = 0, attached = true): Fact => ({
  kind: 'payment-method',
  at: day(on),
  source: 'event',
  method: { id, type: 'card', card, attached },
});

describe('the other cards on file', () => {
  const own = campaign('own', [mail('first', 'payment-failed', 1), retry('again', 2)]);
  const policyWith = (changes: object = {}) =>
    policyOf({ retries: { owner: 'recoup', backupMethods: true }, campaigns: [{ ...own, ...changes }] });
  const filed = [
    customerFact({ country: null }, { at: day(0), defaultMethodId: 'pm_a' }),
    method('pm_a', CARD),
    method('pm_c', cardOf('card_c')),
    method('pm_b', cardOf('card_b')),
  ];
  const cards: Readonly<Record<string, CardDetails>> = { pm_b: cardOf('card_b'), pm_c: cardOf('card_c') };
  const declines: NonNullable<WalkOptions['outcome']> = (action, now) =>
    action.kind === 'retry'
      ? declinedCharge(action, now, action.methodId === null ? CARD : cards[action.methodId])
      : { kind: 'done', why: '', facts: [] };
  const tries = (passed: ReturnType<typeof run>) =>
    passed.done
      .filter(({ action }) => action.kind === 'retry')
      .map(({ at: on, action }) => [on.slice(0, 16), action.methodId]);

  test('are each tried once, a day apart, after our tries and before the final notice', () => {
    const passed = run([...SOFT, ...filed], { policy: policyWith(), outcome: declines });
    // Our try on Tuesday the 3rd, then the two others in the order of their ids.
    expect(tries(passed)).toEqual([
      ['2026-03-03T09:00', null],
      ['2026-03-04T09:00', 'pm_b'],
      ['2026-03-05T09:00', 'pm_c'],
    ]);
    expect(linesOf(passed).at(-1)).toBe('2026-03-13 09:00 final');
  });

  test('come before a final notice that would go with the last try', () => {
    // A try of ours that comes too late for the card to heal: lost, and only then would its day come.
    const early = {
      steps: [mail('first', 'payment-failed', 1), retry('again', 2), retry('again-2', 9)],
      finalNotice: { id: 'final', delayDays: 12, atLastAttempt: true },
    };
    const lost = [
      failedFact('in_1', { attempt: 2 }),
      attemptFact('ch_1', { decline: declineOf('lost_card') }),
    ];
    const passed = run([...lost, ...filed], { policy: policyWith(early), outcome: declines });
    const kinds = passed.done.map(({ action }) =>
      action.message === 'final-notice' ? 'final' : action.kind,
    );
    expect(kinds.filter((kind) => kind === 'retry')).toHaveLength(2);
    expect(kinds.lastIndexOf('retry')).toBeLessThan(kinds.indexOf('final'));
  });

  test('one that pays ends it', () => {
    const passed = run([...SOFT, ...filed], {
      policy: policyWith(),
      outcome: (action, now) =>
        action.methodId === 'pm_b' ? paidCharge(action, now) : declines(action, now),
    });
    expect(tries(passed).at(-1)).toEqual(['2026-03-04T09:00', 'pm_b']);
    expect(outcomes(passed)).toEqual([[at('2026-03-04T09:00Z'), 'recovered']]);
  });

  test.each<readonly [string, readonly Fact[]]>([
    [
      'once consent was withdrawn',
      [attemptFact('ch_2', { at: day(1), decline: declineOf('stop_payment_order') })],
    ],
    [
      'that are expired',
      [
        method('pm_b', cardOf('card_b', { expMonth: 2, expYear: 2026 }), 0.1),
        method('pm_c', cardOf('card_c', { expMonth: 2, expYear: 2026 }), 0.1),
      ],
    ],
    [
      'that were taken off',
      [method('pm_b', cardOf('card_b'), 0.1, false), method('pm_c', cardOf('card_c'), 0.1, false)],
    ],
    [
      'that the bank declined for another invoice',
      [
        attemptFact('ch_b', { invoiceId: 'in_9', card: cardOf('card_b') }),
        attemptFact('ch_c', { invoiceId: 'in_9', card: cardOf('card_c') }),
      ],
    ],
    ['once eight tries are used', [failedFact('in_1', { at: day(0.1), attempt: 8 })]],
  ])('none are tried %s', (_, facts) => {
    const passed = run([...SOFT, ...filed, ...facts], { policy: policyWith(), outcome: declines });
    expect(tries(passed).filter(([, id]) => id !== null)).toEqual([]);
  });

  test('one that is used up does not stand in the way of the next', () => {
    // Fifteen tries of card b elsewhere in these 30 days, that went well.
    const used = Array.from({ length: 15 }, (_, i) =>
      attemptFact(`ch_b${i}`, {
        invoiceId: `in_b${i}`,
        card: cardOf('card_b'),
        result: 'succeeded',
        decline: null,
      }),
    );
    const passed = run([...SOFT, ...filed, ...used], { policy: policyWith(), outcome: declines });
    expect(tries(passed).map(([, id]) => id)).toContain('pm_c');
  });

  test('forgive nothing to the first: refused for good, it is charged by no retry and no operator', () => {
    const lost = [
      failedFact('in_1'),
      attemptFact('ch_1', { decline: declineOf('lost_card') }),
      customerFact({ country: null }, { at: day(0), defaultMethodId: 'pm_a' }),
      method('pm_a', CARD),
      // The customer tried another card on the payment page since, which had too little money.
      attemptFact('ch_2', { at: day(1), card: cardOf('card_b') }),
    ];
    const policy = policyOf({ ...OURS, campaigns: [own] });
    expect(tries(run(lost, { policy, outcome: declines }))).toEqual([]);
    const customer = plan(customerFrom(ANA, ...lost), policy, day(1.1)).customer;
    const wish = { id: 'by_hand_9', subjectId: 'in_1', at: day(1.1), by: 'Anna' };
    expect(operatorVerdict(customer, wish, day(2.5))).toEqual({
      kind: 'skipped',
      why: 'lost_card: not again without the customer',
    });
  });

  test('are not tried where the policy does not say so', () => {
    const policy = policyOf({ ...OURS, campaigns: [own] });
    expect(tries(run([...SOFT, ...filed], { policy, outcome: declines }))).toEqual([
      ['2026-03-03T09:00', null],
    ]);
  });
});

describe.each([
  ['the provider’s', policyOf()],
  ['ours', policyOf(OURS)],
])('a new card, where the tries are %s', (_, policy) => {
  const NEW = cardOf('card_new', { last4: '1881' });
  const brought = (on: number, id = 'pm_new', card = NEW): Fact[] => [
    customerFact({ country: null }, { at: day(on), defaultMethodId: id }),
    method(id, card, on),
  ];
  const filed = [
    customerFact({ country: null }, { at: day(0), defaultMethodId: 'pm_a' }),
    method('pm_a', CARD),
  ];
  const two = [
    ...SOFT,
    failedFact('in_0', { at: day(1) }),
    attemptFact('ch_0', { at: day(1), invoiceId: 'in_0' }),
    ...filed,
  ];
  const tries = (passed: ReturnType<typeof run>) =>
    passed.done
      .filter(({ action }) => action.kind === 'retry')
      .map(({ at: on, action }) => `${on.slice(0, 16)} ${action.subjectId} ${action.methodId}`);
  const declines: WalkOptions['outcome'] = (action, now) =>
    action.kind === 'retry' ? declinedCharge(action, now, NEW) : { kind: 'done', why: '', facts: [] };
  const pays: WalkOptions['outcome'] = (action, now) => {
    const paid = paidCharge(action, now);
    if (action.kind !== 'retry' || paid.kind !== 'done') return { kind: 'done', why: '', facts: [] };
    return {
      ...paid,
      facts: paid.facts.map((fact) =>
        fact.kind === 'attempt' ? { ...fact, attempt: { ...fact.attempt, card: NEW } } : fact,
      ),
    };
  };

  test('takes one try an open invoice, the oldest first, and goes on after one that paid', () => {
    const passed = run(two, { policy, later: brought(2), from: day(1), outcome: pays });
    expect(tries(passed)).toEqual(['2026-03-03T09:00 in_1 pm_new', '2026-03-03T09:00 in_0 pm_new']);
    expect(passed.closed[0]?.invoices.map(({ outcome }) => outcome)).toEqual(['recovered', 'recovered']);
  });

  test('is tried no more once the bank said no', () => {
    const passed = run(two, { policy, later: brought(2), from: day(1), outcome: declines });
    expect(tries(passed)).toEqual(['2026-03-03T09:00 in_1 pm_new']);
  });

  test('is tried no more when nobody knows what the bank said, or the provider refused', () => {
    for (const kind of ['unknown', 'refused'] as const) {
      const passed = run(two, {
        policy,
        later: brought(2),
        from: day(1),
        outcome: (action) =>
          action.kind === 'retry' ? { kind, why: 'x' } : { kind: 'done', why: '', facts: [] },
      });
      expect(tries(passed)).toEqual(['2026-03-03T09:00 in_1 pm_new']);
    }
  });

  test('of the subscription itself goes before the customer’s', () => {
    const own = [
      subscriptionFact({ defaultMethodId: 'pm_sub' }, { at: day(2) }),
      method('pm_sub', cardOf('card_sub'), 2),
    ];
    const passed = run([...SOFT, ...filed], { policy, later: [...brought(2), ...own], outcome: pays });
    expect(tries(passed)).toEqual(['2026-03-03T09:00 in_1 pm_sub']);
  });

  test('is new too when the network renewed it under the same id', () => {
    const renewed = { ...CARD, expYear: 2034 };
    const passed = run([...SOFT, ...filed], { policy, later: [method('pm_a', renewed, 2)], outcome: pays });
    expect(tries(passed)).toEqual(['2026-03-03T09:00 in_1 pm_a']);
  });

  test.each<readonly [string, readonly Fact[], readonly Fact[]]>([
    ['was on file when the failure was found', [...SOFT, ...filed, method('pm_new', NEW)], brought(2)],
    ['was tried already', [...SOFT, ...filed, attemptFact('ch_9', { card: NEW, at: day(0.5) })], brought(2)],
    ['is expired', [...SOFT, ...filed], brought(2, 'pm_new', { ...NEW, expMonth: 2, expYear: 2026 })],
    ['cannot be told from others', [...SOFT, ...filed], brought(2, 'pm_new', { ...NEW, fingerprint: null })],
    [
      'comes where a try with an unknown card is on record',
      [failedFact('in_1'), attemptFact('ch_1', { card: null }), ...filed],
      brought(2),
    ],
    ['comes where no try is on record', [failedFact('in_1'), ...filed], brought(2)],
    ['is no default of anybody', [...SOFT, ...filed], [method('pm_new', NEW, 2)]],
    [
      'comes while a payment is on its way',
      [...SOFT, ...filed, inFlightFact('pi_1', true, { at: day(1.9) })],
      brought(2),
    ],
    [
      'is of somebody erased',
      [...SOFT, ...filed, { kind: 'customer-erased', at: day(1), source: 'event' }],
      brought(2),
    ],
  ])('is not tried when it %s', (__, facts, later) => {
    expect(tries(run(facts, { policy, later, until: day(12), outcome: pays }))).toEqual([]);
  });

  test('is new when it was chosen between the failure and our look', () => {
    const passed = run([...SOFT, ...filed, ...brought(0.05)], { policy, outcome: pays });
    expect(tries(passed)).toHaveLength(1);
    expect(tries(passed)[0]).toMatch(/ in_1 pm_new$/);
  });

  test('is not tried when the cardholder told the bank to stop these payments', () => {
    const stopped = [
      failedFact('in_1'),
      attemptFact('ch_1', { decline: declineOf('stop_payment_order') }),
      ...filed,
    ];
    expect(tries(run(stopped, { policy, later: brought(2), outcome: pays }))).toEqual([]);
  });

  test('is tried where there was no method to charge', () => {
    const none = failedFact('in_1', { reason: 'method_required' });
    const passed = run([none], { policy, later: brought(2), outcome: pays });
    expect(tries(passed)).toEqual(['2026-03-03T09:00 in_1 pm_new']);
  });

  test('the action that is armed names the method, and who asked', () => {
    const start: Customer = plan(customerFrom(ANA, ...SOFT, ...filed), policy, day(0.1)).customer;
    const passed = walk(start, { policy, from: day(0.1), until: day(3), later: brought(2), outcome: pays });
    const [action] = passed.done.flatMap(({ action: one }) => (one.kind === 'retry' ? [one] : []));
    expect(action).toMatchObject({ methodId: 'pm_new', subjectId: 'in_1', kind: 'retry' });
    expect(action?.stepId).toMatch(/^card_update_[0-9a-f]+$/);
    expect(action?.key).toBe(`case_in_1:in_1:${action?.stepId}`);
  });
});
