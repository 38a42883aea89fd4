// Letting go: how long a customer is remembered, what is left of them at rest, what is paid late.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expiryOf, isLateChange, REMEMBER_DAYS } from '../../../core/recovery/close.ts';
import { NO_FACTS } from '../../../core/recovery/customer.ts';
import type { Adjustment, Customer, Facts, Tombstone } from '../../../core/recovery/customer.ts';
import type { Fact } from '../../../core/recovery/fact.ts';
import { plan } from '../../../core/recovery/plan.ts';
import { definePolicy } from '../../../core/recovery/policy.ts';
import type { Instant } from '../../../core/time.ts';
import shipped from '../../../policy.ts';
import {
  ANA,
  attemptFact,
  changeFact,
  customerFact,
  customerFrom,
  day,
  failedFact,
  inFlightFact,
  invoiceFact,
  live,
  mandateFact,
  methodFact,
  reversalFact,
  subscriptionFact,
  told,
  tombstoneOf,
} from '../../support/facts.ts';

const POLICY = definePolicy(shipped);

/** What a visit leaves of a customer, its outbox published. */
const visited = (customer: Customer, now: Instant): Customer => ({
  ...plan(customer, POLICY, now).customer,
  outbox: null,
});

const withFacts = (facts: Partial<Facts>): Customer => ({
  ...customerFrom(customerFact()),
  facts: { ...NO_FACTS, ...facts },
});

describe('a customer with nothing at risk is remembered', () => {
  const of = (facts: Partial<Facts>, now = day(10)) => expiryOf(withFacts(facts), now);

  test.each<readonly [string, Partial<Facts>]>([
    ['who was erased', { erasedAt: day(3) }],
    ['who was deleted', { deletedAt: day(3) }],
    ['of whom an invoice of a closed case is left', { tombstones: { in_1: tombstoneOf({ at: day(3) }) } }],
    ['whose address is not to be written to again', { unreachable: { '1a2b3c': day(3) } }],
  ])('for 400 days, %s', (_, facts) => {
    expect(REMEMBER_DAYS).toBe(400);
    expect(of(facts)).toBe(day(403));
  });

  test.each<readonly [string, Partial<Facts>]>([
    ['erased', { erasedAt: day(5), deletedAt: day(4), tombstones: { in_1: tombstoneOf({ at: day(3) }) } }],
    ['deleted', { erasedAt: day(3), deletedAt: day(5), tombstones: { in_1: tombstoneOf({ at: day(4) }) } }],
    [
      'closed',
      {
        erasedAt: day(3),
        deletedAt: day(4),
        tombstones: { in_1: tombstoneOf({ at: day(5) }), in_2: tombstoneOf({ at: day(2) }) },
      },
    ],
  ])('counted from what came last: %s', (_, facts) => {
    expect(of(facts)).toBe(day(405));
  });

  test('for a day when nothing is over, and for a day at least', () => {
    expect(of({})).toBe(day(11));
    expect(of({ erasedAt: day(0) }, day(399.5))).toBe(day(400.5));
  });

  test('so long by the decision of a visit', () => {
    expect(visited(withFacts({ erasedAt: day(3) }), day(10)).expiresAt).toBe(day(403));
  });
});

describe('at rest', () => {
  const person: readonly Fact[] = [
    customerFact({}, { source: 'refresh', defaultMethodId: 'pm_1' }),
    methodFact({}, { source: 'refresh' }),
    mandateFact('pm_1', 'active', { source: 'refresh' }),
    subscriptionFact({}, { source: 'refresh' }),
    inFlightFact('pi_1', false, { source: 'refresh' }),
  ];

  test.each<readonly [string, readonly Fact[]]>([
    ['nothing that failed', [invoiceFact('in_1', { contact: ANA })]],
    [
      'a sign-up that was not finished',
      [failedFact('in_1', { contact: ANA, details: { billingReason: 'subscription_create' } })],
    ],
    ['nothing at all', []],
  ])('nothing is kept of what a refresh brought, when it finds %s', (_, facts) => {
    const kept = visited(customerFrom(...person, ...facts), day(1));
    expect(kept.facts).toEqual(NO_FACTS);
    expect(kept.dueAt).toBeNull();
  });

  test('but the tries of late, which count for the card, what was closed, and who is gone', () => {
    const gone = { erasedAt: day(0.5), deletedAt: day(0.6), tombstones: { in_9: tombstoneOf() } };
    const { facts } = customerFrom(...person, attemptFact('ch_1'), attemptFact('ch_0', { at: day(-40) }));
    const kept = visited(withFacts({ ...facts, ...gone }), day(1));
    expect(kept.facts).toEqual({ ...NO_FACTS, ...gone, attempts: { ch_1: facts.attempts['ch_1'] } });
  });

  test('a returned payment of which the invoice is not known yet keeps what is known', () => {
    const waiting = customerFrom(...person, reversalFact('ch_1', { invoiceId: null }));
    const { facts } = visited(waiting, day(1));
    expect(facts).toEqual(waiting.facts);
    const known = invoiceFact('in_1', { status: 'paid', at: day(1), source: 'refresh' });
    const found = reversalFact('ch_1', { invoiceId: 'in_1' }, { source: 'refresh' });
    const decision = plan(told({ ...waiting, facts }, known, found), POLICY, day(2));
    expect(decision.next).toMatchObject({ kind: 'act', mail: { to: 'ana@example.com' } });
  });
});

const part = (id: string, days: number, paidMinor = 4900) => changeFact(id, { paidMinor }, { at: day(days) });

/** Visits with more facts each; what all of them put into the books. */
const visits = (start: Customer, ...each: readonly (readonly Fact[])[]) => {
  const adjustments: Adjustment[] = [];
  const customer = each.reduce((before, facts) => {
    const decision = plan(told(before, ...facts), POLICY, day(70));
    adjustments.push(...(decision.customer.outbox?.adjustments ?? []));
    return { ...decision.customer, outbox: null };
  }, start);
  return { customer, adjustments };
};

const sumOf = (adjustments: readonly Adjustment[]) =>
  adjustments.reduce((sum, { amount }) => sum + amount.minor, 0);

/** A customer who paid an invoice late, whose payment came back on day 10, and who never paid again. */
const lostAgain = (...later: readonly Fact[]): Customer => {
  const paid = invoiceFact('in_1', { status: 'paid', at: day(0.5) });
  const first = live(customerFrom(customerFact(), failedFact('in_1')), POLICY, day(0), day(9), [paid]);
  const back = [reversalFact('ch_1', { at: day(10) }), customerFact({}, { at: day(10) })];
  const { customer, outboxes } = live(first.customer, POLICY, day(9), day(60), [...back, ...later]);
  expect(outboxes.at(-1)?.closed).toMatchObject({
    id: 'case_in_1-ch_1',
    invoices: [{ outcome: 'lost' }],
  });
  return { ...customer, outbox: null };
};

describe('a returned payment that was lost and is paid again later', () => {
  const LOST = lostAgain();

  test('is one entry for it, in the case in which it was lost', () => {
    const { customer, adjustments } = visits(LOST, [part('inpay_2', 70)]);
    expect(adjustments).toEqual([
      {
        id: 'part:inpay_2',
        caseId: 'case_in_1-ch_1',
        key: LOST.key,
        subjectId: 'in_1:ch_1',
        kind: 'payment',
        at: day(70),
        amount: { minor: 4900, currency: 'EUR' },
      },
    ]);
    expect(customer.facts.changes).toEqual({});
    expect(customer.recovery.case).toBeNull();
  });

  test('is no second entry when it is told again, nor when more is paid than was owed', () => {
    const { customer, adjustments } = visits(LOST, [part('inpay_2', 70, 9900)]);
    expect(adjustments).toMatchObject([{ amount: { minor: 4900 } }]);
    expect(visits(customer, [part('inpay_2', 70, 9900)], [part('inpay_3', 71)]).adjustments).toEqual([]);
  });

  test('counts also when it was paid before the case was closed, and told only afterwards', () => {
    expect(visits(LOST, [part('inpay_2', 20)]).adjustments).toMatchObject([
      { id: 'part:inpay_2', at: day(20), subjectId: 'in_1:ch_1', amount: { minor: 4900 } },
    ]);
  });

  test('is not what the closed book counted already', () => {
    const counted = part('inpay_2', 15, 900);
    const { customer, adjustments } = visits(lostAgain(counted), [counted]);
    expect(adjustments).toEqual([]);
    expect(visits(customer, [part('inpay_3', 70)]).adjustments).toMatchObject([{ amount: { minor: 4000 } }]);
  });

  test('is not the payment that came back, nor a credit', () => {
    const credit = changeFact('cn_1', { creditedMinor: 4900 }, { at: day(70) });
    expect(visits(LOST, [part('inpay_1', 0.5), part('inpay_0', 10), credit]).adjustments).toEqual([]);
  });

  test('comes to what is paid and never to more than was owed, in any order, told any number of times', () => {
    const payment = fc.record({
      n: fc.nat(4),
      visit: fc.nat(3),
    });
    const amounts = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(amounts, fc.array(payment, { maxLength: 12 }), (minors, tellings) => {
        const factOf = (n: number) => part(`inpay_${n}`, 12 + 15 * n, minors[n]);
        const each = [0, 1, 2, 3].map((visit) =>
          tellings.filter((one) => one.visit === visit).map(({ n }) => factOf(n)),
        );
        const { adjustments } = visits(LOST, ...each);
        const paid = [...new Set(tellings.map(({ n }) => n))].reduce((sum, n) => sum + (minors[n] ?? 0), 0);
        expect(sumOf(adjustments)).toBe(Math.min(paid, 4900));
        const ids = adjustments.map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
      }),
      { numRuns: 200 },
    );
  });
});

describe('of two payments of one invoice that came back', () => {
  const returned = {
    ch_1: { caseId: 'case_a', at: day(10), owedMinor: 4900 },
    ch_2: { caseId: 'case_b', at: day(50), owedMinor: 4900 },
  };
  const tombstones = { in_1: tombstoneOf({ status: 'paid', paidMinor: 4900, returned }) };
  const early = part('inpay_3', 40);
  const late = part('inpay_4', 60);

  test.each([
    ['in one visit', [[late, early]]],
    ['the earlier first', [[early], [late]]],
    ['the later first', [[late], [early]]],
  ])('both lost, each is made good by what was paid after it: %s', (_, each) => {
    const { adjustments } = visits(withFacts({ tombstones }), ...each);
    const rows = adjustments.map(({ id, caseId, subjectId }) => `${id} ${caseId} ${subjectId}`).sort();
    expect(rows).toEqual(['part:inpay_3 case_a in_1:ch_1', 'part:inpay_4 case_b in_1:ch_2']);
  });

  test('the first lost, what was paid between them is its money, what came later is the second’s', () => {
    const first = { in_1: tombstoneOf({ status: 'paid', returned: { ch_1: returned.ch_1 } }) };
    const between = part('inpay_3', 40, 1000);
    const start = told(withFacts({ tombstones: first }), reversalFact('ch_2', { at: day(50) }));
    const { customer, adjustments } = visits(start, [between], [between, part('inpay_4', 60, 900)]);
    expect(adjustments).toMatchObject([{ id: 'part:inpay_3', caseId: 'case_a', subjectId: 'in_1:ch_1' }]);
    expect(customer.facts.tombstones['in_1']?.returned['ch_1']?.owedMinor).toBe(3900);
    expect(customer.recovery.case?.books).toMatchObject([
      { subjectId: 'in_1:ch_2', recoveredMinor: 900, openMinor: 4000 },
    ]);
  });
});

test('a late part that comes back stands in the way of no other part of an invoice that was never paid', () => {
  const start = withFacts({ tombstones: { in_1: tombstoneOf() } });
  const { adjustments } = visits(
    start,
    [part('inpay_1', 40, 1000)],
    [reversalFact('ch_1', { at: day(45), amountMinor: 1000 })],
    [part('inpay_2', 60, 1500)],
    [part('inpay_2', 60, 1500)],
  );
  expect(adjustments.map(({ id, amount }) => [id, amount.minor])).toEqual([
    ['part:inpay_1', 1000],
    ['part:inpay_2', 1500],
  ]);
});

describe('a payment of an invoice of a closed case is news', () => {
  const owed = { ch_1: { caseId: 'case_a', at: day(10), owedMinor: 100 } };
  const nothing = { ch_1: { caseId: 'case_a', at: day(10), owedMinor: 0 } };
  const paid = (changes: Partial<Tombstone> = {}) => tombstoneOf({ status: 'paid', ...changes });

  test.each<readonly [string, Tombstone, number, number, boolean]>([
    ['when a returned payment is still owed', paid({ returned: owed }), 11, 50, true],
    ['not when it was made before that came back', paid({ returned: owed }), 10, 50, false],
    ['not when it pays nothing', paid({ returned: owed }), 11, 0, false],
    ['not when nothing is owed of it any more', paid({ returned: nothing }), 11, 50, false],
    ['not when no payment came back', paid(), 11, 50, false],
    ['not when it is known', paid({ returned: owed, partIds: ['inpay_1'] }), 11, 50, false],
    ['when the invoice was never paid', tombstoneOf({ paidAsOf: day(10) }), 11, 50, true],
    ['not when what is known is newer', tombstoneOf({ paidAsOf: day(10) }), 10, 50, false],
  ])('%s: %#', (_, tombstone, days, paidMinor, expected) => {
    const change = { invoiceId: 'in_1', at: day(days), paidMinor, creditedMinor: 0 };
    expect(isLateChange('inpay_1', change, tombstone)).toBe(expected);
  });
});
