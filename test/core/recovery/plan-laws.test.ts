// Laws of the plan with every kind at once: notices, overdue invoices, debits, other cards, windows, holds.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { settledBy } from '../../../core/recovery/acted.ts';
import { blockedBy } from '../../../core/recovery/agenda.ts';
import type { Customer, Hold } from '../../../core/recovery/customer.ts';
import type { Fact } from '../../../core/recovery/fact.ts';
import { isBankDebit } from '../../../core/recovery/failure-kind.ts';
import { heldBy } from '../../../core/recovery/holds.ts';
import { MAX_ATTEMPTS_OF_DEBIT, MAX_ATTEMPTS_PER_INVOICE } from '../../../core/recovery/network-rules.ts';
import { HEARTBEAT_MS, plan, type Decision } from '../../../core/recovery/plan.ts';
import type { Policy } from '../../../core/recovery/policy.ts';
import { isInWindow } from '../../../core/recovery/send-window.ts';
import { addDays, addMs, localDay, type Instant } from '../../../core/time.ts';
import {
  attemptFact,
  CARD,
  customerFact,
  customerFrom,
  day,
  declineOf,
  disputeFact,
  failedFact,
  inFlightFact,
  invoiceFact,
  methodFact,
  reversalFact,
  subscriptionFact,
  told,
} from '../../support/facts.ts';
import { policyOf } from '../../support/operating.ts';

const END = { action: 'leave', daysAfterNotice: 10, latestDay: 30 };
const mail = (id: string, message: string, delayDays: number, more: object = {}) => ({
  id,
  kind: 'email',
  message,
  delayDays,
  ...more,
});
const NOTICES = [
  {
    id: 'card',
    kind: 'card_expiry',
    steps: [15, 5, 0].map((daysBefore) => ({ id: `c${daysBefore}`, message: 'card-expiring', daysBefore })),
  },
  {
    id: 'renews',
    kind: 'renewal_notice',
    when: { intervals: ['month', 'year'] },
    steps: [{ id: 'soon', message: 'renewal-notice', daysBefore: 7 }],
  },
  { id: 'trial', kind: 'trial_ending', steps: [{ id: 'ends', message: 'trial-ending', daysBefore: 3 }] },
];
const GONE = {
  id: 'gone',
  kind: 'card_expiry',
  steps: [{ id: 'g', message: 'card-expired', daysBefore: -2 }],
};

/** A policy with everything in it. */
const aPolicy: fc.Arbitrary<Policy> = fc
  .record({
    owner: fc.constantFrom('provider', 'recoup'),
    backupMethods: fc.boolean(),
    sendWindow: fc.constantFrom(
      null,
      { from: '09:00', to: '17:00', weekdays: [1, 2, 3, 4, 5] },
      { from: '22:00', to: '06:00', weekdays: [1, 6] },
    ),
    gone: fc.boolean(),
    silentHours: fc.constantFrom(0, 48),
    atLastAttempt: fc.boolean(),
  })
  .map(({ owner, backupMethods, sendWindow, gone, silentHours, atLastAttempt }) => {
    const retries = (...days: number[]) =>
      owner === 'recoup'
        ? days.map((delayDays) => ({ id: `try-${delayDays}`, kind: 'retry', delayDays }))
        : [];
    const rest = { declines: 'any', finalNotice: { id: 'final', delayDays: 12, atLastAttempt }, end: END };
    const inOrder = <S extends { delayDays: number }>(steps: readonly S[]) =>
      steps.toSorted((a, b) => a.delayDays - b.delayDays);
    return policyOf({
      retries: { owner, backupMethods },
      operator: { email: 'ops@example.com' },
      sendWindow,
      silentHours,
      notices: [...(gone ? [GONE] : []), ...NOTICES],
      campaigns: [
        {
          ...rest,
          id: 'overdue',
          kind: 'invoice_overdue',
          steps: [mail('due', 'invoice-overdue', 1), mail('due-2', 'reminder', 6)],
        },
        {
          ...rest,
          id: 'debit',
          kind: 'bank_debit',
          steps: inOrder([mail('debit', 'bank-debit-failed', 0), ...retries(4)]),
        },
        {
          ...rest,
          id: 'any',
          steps: inOrder([
            mail('first', 'payment-failed', 0),
            mail('ahead', 'reminder', 1, { hoursBeforeTry: 24 }),
            { id: 'call', kind: 'notify', delayDays: 2, to: 'email' },
            ...retries(2, 4, 7),
            mail('second', 'reminder', 5),
          ]),
        },
      ],
    });
  });

const invoiceId = fc.constantFrom('in_1', 'in_2');
const code = fc.constantFrom(
  'insufficient_funds',
  'lost_card',
  'authentication_required',
  'stop_payment_order',
);
const cardOf = (name: string) => ({ ...CARD, fingerprint: name });

/** Something that is told at a moment. */
type Happens = (now: Instant) => readonly Fact[];
const hasFailed = fc
  .record({
    id: invoiceId,
    code,
    methodType: fc.constantFrom('card', 'card', 'sepa_debit'),
    next: fc.constantFrom(null, null, 2, 5),
    known: fc.boolean(),
  })
  .map(({ id, code: why, methodType, next, known }): Happens => (now) => [
    failedFact(id, { at: now, next: next === null ? null : addDays(now, next) }),
    attemptFact(`ch_${id}_${now}`, {
      at: now,
      invoiceId: id,
      methodType,
      decline: declineOf(why),
      card: known && methodType === 'card' ? CARD : null,
    }),
  ]);
const happens: fc.Arbitrary<Happens> = fc.oneof(
  { weight: 4, arbitrary: hasFailed },
  fc.constant<Happens>((now) => [
    failedFact('in_3', {
      at: now,
      attempt: 0,
      failure: { at: addDays(now, -1), reason: 'overdue' },
      details: { collectionMethod: 'send_invoice' },
    }),
  ]),
  invoiceId.map((id): Happens => (now) => [invoiceFact(id, { at: now, status: 'paid' })]),
  fc.boolean().map((on): Happens => (now) => [inFlightFact('pi_1', on, { at: now })]),
  fc.boolean().map((open): Happens => (now) => [disputeFact('dp_1', { open }, { at: now })]),
  fc.constantFrom('pm_1', 'pm_2', 'pm_3').map((id): Happens => (now) => [
    customerFact({ country: null }, { at: now, defaultMethodId: id }),
    methodFact({ id, card: cardOf(`card_${id}`) }, { at: now }),
  ]),
  fc.constantFrom(3, 12, 40).map((days): Happens => (now) => {
    const until = addDays(now, days);
    const card = { ...CARD, expYear: Number(until.slice(0, 4)), expMonth: Number(until.slice(5, 7)) };
    return [
      { kind: 'ahead', at: now, source: 'refresh' },
      customerFact({ country: null }, { at: now, defaultMethodId: 'pm_x' }),
      methodFact({ id: 'pm_x', card }, { at: now }),
      subscriptionFact(
        { status: 'active', interval: { unit: 'month', count: 1 }, currentPeriodEnd: until },
        { at: now },
      ),
    ];
  }),
  fc.constant<Happens>((now) => [
    subscriptionFact({ status: 'trialing', trialEndsAt: addDays(now, 4) }, { at: now }),
    { kind: 'ahead', at: now, source: 'refresh' },
  ]),
  fc.constant<Happens>((now) => [
    invoiceFact('in_4', { at: now, status: 'paid' }),
    reversalFact('re_1', { at: now, invoiceId: 'in_4' }),
  ]),
  fc.constant<Happens>((now) => [{ kind: 'imported', at: now, source: 'refresh' }]),
);

const history = fc.record({
  policy: aPolicy,
  zone: fc.constantFrom('UTC', 'Pacific/Kiritimati', 'America/New_York'),
  visits: fc.array(
    fc.record({
      gapDays: fc.constantFrom(0.1, 1, 3, 9),
      facts: fc.array(happens, { maxLength: 3 }),
      status: fc.constantFrom<Look['status']>('done', 'done', 'done', 'unknown', 'refused'),
      hold: fc.constantFrom(null, null, null, null, 2),
    }),
    { minLength: 3, maxLength: 9 },
  ),
});

type Look = {
  readonly before: Customer;
  readonly decision: Decision;
  readonly policy: Policy;
  readonly zone: string;
  readonly now: Instant;
  /** What becomes of what the decision does. */
  readonly status: 'done' | 'unknown' | 'refused';
};

const heldFor = (days: number, now: Instant): Hold => ({
  kind: 'hold',
  until: addDays(now, days),
  at: now,
  by: 'Ana',
  note: '',
  past: [],
});

const MOST_LOOKS = 1_500;

/** Plays a history: looks whenever the plan says so or something is told, and shows every decision. */
const play = ({ policy, zone, visits }: typeof history extends fc.Arbitrary<infer H> ? H : never): Look[] => {
  const looks: Look[] = [];
  const who: Fact = customerFact({ country: null, timeZone: zone }, { at: day(-1) });
  // Of somebody with nothing at risk all is forgotten; a look at the provider brings the person back.
  let customer = customerFrom(who);
  let now = day(0);
  for (const { gapDays, facts, status, hold } of [
    ...visits,
    { gapDays: 60, facts: [], status: 'done', hold: null } as const,
  ]) {
    const fresh = facts
      .flatMap((one) => one(now))
      .map((fact): Fact =>
        fact.kind === 'customer' ? { ...fact, contact: { ...fact.contact, timeZone: zone } } : fact,
      );
    customer = told(customer, ...fresh);
    if (hold !== null)
      customer = { ...customer, recovery: { ...customer.recovery, hold: heldFor(hold, now) } };
    const until = addDays(now, gapDays);
    for (let acts = 0; ;) {
      expect(looks.length).toBeLessThan(MOST_LOOKS);
      const before = told({ ...customer, outbox: null }, who);
      const decision = plan(before, policy, now);
      looks.push({ before, decision, policy, zone, now, status });
      customer = decision.customer;
      const { next } = decision;
      if (next.kind === 'act') {
        acts += 1;
        expect(acts).toBeLessThan(60);
        const charged =
          next.action.kind === 'retry'
            ? [
                attemptFact(`ch_${next.action.key}`, {
                  at: now,
                  invoiceId: next.action.subjectId,
                  card: next.action.methodId === null ? CARD : cardOf(`card_${next.action.methodId}`),
                }),
              ]
            : [];
        const why = 'x';
        const outcome =
          status === 'done'
            ? ({ kind: 'done', why, facts: charged } as const)
            : ({ kind: status, why } as const);
        customer = settledBy(customer, next.action, outcome, now);
        continue;
      }
      if (decision.customer.outbox?.closed && next.until === now) continue;
      acts = 0;
      if (next.until === null || next.until > until) break;
      now = next.until > now ? next.until : addMs(now, 1);
    }
    now = until;
  }
  return looks;
};

const acts = (looks: readonly Look[]) =>
  looks.flatMap(({ decision, ...look }) =>
    decision.next.kind === 'act' ? [{ ...decision.next, ...look }] : [],
  );
const holds = (law: (looks: readonly Look[]) => void) =>
  fc.assert(
    fc.property(history, (one) => law(play(one))),
    { numRuns: 120 },
  );

describe('laws', () => {
  test('a mail goes in its window, on a local day without another, over cases and notices together', () => {
    holds((looks) => {
      const days = new Set<string>();
      for (const { action, mail: sent, policy, zone, now, status } of acts(looks)) {
        if (sent === null) continue;
        expect(sent.timeZone).toBe(zone);
        expect(isInWindow(now, policy.sendWindow, zone)).toBe(true);
        if (action.message === 'recovered') continue;
        const on = localDay(now, zone);
        // What was refused was never sent, and nothing that follows counts it.
        expect(days.has(on), `two mails on ${on}`).toBe(false);
        if (status !== 'refused') days.add(on);
      }
    });
  });

  test('no try goes past a limit, of an invoice that is settled, sent, blocked or of a customer held', () => {
    holds((looks) => {
      for (const { action, before, now } of acts(looks)) {
        expect(heldBy(before.recovery, now)).toBeNull();
        if (action.kind !== 'retry') continue;
        const { facts } = before;
        expect(blockedBy(facts, now)).toBeNull();
        const invoice = facts.invoices[action.subjectId];
        expect(invoice?.status).toBe('open');
        expect(invoice?.details.value.collectionMethod).toBe('charge_automatically');
        const tries = Object.values(facts.attempts).filter(({ invoiceId: of }) => of === action.subjectId);
        const isDebit = tries.some(({ methodType }) => isBankDebit(methodType));
        const most = isDebit && action.methodId === null ? MAX_ATTEMPTS_OF_DEBIT : MAX_ATTEMPTS_PER_INVOICE;
        expect(tries.length).toBeLessThan(most);
      }
    });
  });

  test('no step of a ladder or of a notice is taken twice', () => {
    holds((looks) => {
      const keys = new Set<string>();
      for (const { action, before } of acts(looks)) {
        const opened = before.recovery.case?.openedAt ?? '';
        const name = `${action.key} ${opened}`;
        const { ladders = [] } = before.recovery.case ?? {};
        const known = [...ladders, ...before.recovery.notices].find(
          ({ subjectId }) => subjectId === action.subjectId,
        );
        expect(known?.steps.some(({ id }) => id === action.stepId) ?? false).toBe(false);
        expect(action.message !== 'recovered' && keys.has(name)).toBe(false);
        keys.add(name);
      }
    });
  });

  test('nothing goes that belongs to no case that is open and to no notice that is', () => {
    holds((looks) => {
      for (const { decision } of looks) {
        const { next, customer } = decision;
        if (next.kind !== 'act') continue;
        const { case: open, notices } = customer.recovery;
        const notice = notices.find(({ subjectId }) => subjectId === next.action.subjectId);
        const book = open?.books.find(({ subjectId }) => subjectId === next.action.subjectId);
        const ofNotice = notice !== undefined && notice.over === null && next.action.kind === 'email';
        const thanks = next.action.message === 'recovered' && book !== undefined;
        expect(ofNotice || thanks || book?.outcome === 'open').toBe(true);
        expect(notice === undefined || book === undefined).toBe(true);
      }
    });
  });

  test('an open case and an open notice are thought of again, later, and the case within a day', () => {
    holds((looks) => {
      for (const { decision, now } of looks) {
        const { next, customer } = decision;
        if (next.kind === 'act') continue;
        const { case: open, notices } = customer.recovery;
        expect(next.until !== null).toBe(open !== null || notices.length > 0);
        if (customer.outbox?.closed) continue;
        const until = next.until ?? addMs(now, HEARTBEAT_MS);
        expect(until > now).toBe(true);
        expect(open === null || until <= addMs(now, HEARTBEAT_MS)).toBe(true);
      }
    });
  });

  test('what a backfill found is never mailed about, and nothing is told of a try that nobody makes', () => {
    holds((looks) => {
      for (const { action, mail: sent, before, now } of acts(looks)) {
        const ladder = before.recovery.case?.ladders.find(({ subjectId }) => subjectId === action.subjectId);
        expect(ladder?.cohort === 'imported' && sent !== null).toBe(false);
        expect(sent?.nextAttemptAt != null && sent.nextAttemptAt <= now).toBe(false);
        expect(action.message === 'final-notice' && sent?.nextAttemptAt !== null).toBe(false);
      }
    });
  });
});
