// Money that leaves again after it was recovered: what it comes to in the books, in any order.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Adjustment, Customer, Tombstone } from '../../../core/recovery/customer.ts';
import type { Dispute, Fact, Refund } from '../../../core/recovery/fact.ts';
import { isLateDeparture } from '../../../core/recovery/late-money.ts';
import { own } from '../../../core/recovery/merge.ts';
import { plan } from '../../../core/recovery/plan.ts';
import { definePolicy } from '../../../core/recovery/policy.ts';
import { takenOut } from '../../../core/reports/rows.ts';
import type { Instant } from '../../../core/time.ts';
import shipped from '../../../policy.ts';
import {
  attemptFact,
  changeFact,
  customerFact,
  customerFrom,
  day,
  dayOf,
  disputeFact,
  factsFrom,
  failedFact,
  invoiceFact,
  live,
  refundFact,
  reversalFact,
  told,
} from '../../support/facts.ts';

const POLICY = definePolicy(shipped);
const PAYMENT = { paymentIds: ['ch_1', 'pi_1'] };

/** A customer whose invoice of 49.00 EUR failed on day 0; what is told of it until its case is closed. */
const lived = (until: Instant, ...later: readonly Fact[]) =>
  live(customerFrom(customerFact(), failedFact('in_1', PAYMENT)), POLICY, day(0), until, later);

const paidOn = (days: number) => invoiceFact('in_1', { ...PAYMENT, status: 'paid', at: day(days) });

/** Paid on day 4, and its case is closed. */
const RECOVERED = lived(day(9), paidOn(4)).customer;
/** Nothing of it was ever paid. */
const LOST = lived(day(60)).customer;

/** Visits with more facts each, on day 100; what all of them put into the books. */
const visits = (start: Customer, ...each: readonly (readonly Fact[])[]) => {
  const adjustments: Adjustment[] = [];
  const customer = each.reduce((before, facts) => {
    const decision = plan(told(before, ...facts), POLICY, day(100));
    adjustments.push(...(decision.customer.outbox?.adjustments ?? []));
    return { ...decision.customer, outbox: null };
  }, start);
  return { customer, adjustments };
};

/** As `<id> <minor> on <day>`. */
const lines = (adjustments: readonly Adjustment[]): string[] =>
  adjustments.map(({ id, amount, at }) => `${id} ${amount.minor} on ${dayOf(at)}`);

const inBooks = (start: Customer, ...each: readonly (readonly Fact[])[]): string[] =>
  lines(visits(start, ...each).adjustments);

const netOf = (adjustments: readonly Adjustment[]): number =>
  adjustments.reduce((sum, one) => sum + takenOut(one), 0);

/** A refund of the payment that was made on a day, as its event tells it. */
const refunded = (id: string, days: number, amountMinor: number, changes: Partial<Refund> = {}) =>
  refundFact(id, { amountMinor, createdAt: day(days), ...changes }, { at: day(days) });

/** The same, failed later. */
const failedOn = (days: number, { refund }: ReturnType<typeof refunded>) =>
  refundFact(refund.id, { ...refund, failed: true, failedAt: day(days) }, { at: day(days) });

/** What was given back of the charge in all, as its own event tells it. */
const inAll = (days: number, amountMinor: number) =>
  refundFact('ch_1', { amountMinor, paymentIntentId: 'pi_1' }, { at: day(days) });

const disputed = (id: string, days: number, amountMinor = 4900, changes: Partial<Dispute> = {}) =>
  disputeFact(id, { amountMinor, takenAt: day(days), ...changes }, { at: day(days) });

const won = (days: number, { dispute }: ReturnType<typeof disputed>) =>
  disputeFact(dispute.id, { ...dispute, open: false, status: 'won', backAt: day(days) }, { at: day(days) });

const tombstone = ({ facts }: Customer): Tombstone => own(facts.tombstones, 'in_1') as Tombstone;

describe('a refund of a recovered invoice', () => {
  test('is one entry in its case, dated when it was made, and nothing else is kept', () => {
    const { customer, adjustments } = visits(RECOVERED, [refunded('re_1', 40, 900)]);
    expect(adjustments).toEqual([
      {
        id: 'refund:re_1',
        caseId: 'case_in_1',
        key: RECOVERED.key,
        subjectId: 'in_1',
        kind: 'refund',
        at: day(40),
        amount: { minor: 900, currency: 'EUR' },
      },
    ]);
    expect(customer.facts).toEqual({ ...RECOVERED.facts, tombstones: customer.facts.tombstones });
    expect(customer.recovery.case).toBeNull();
  });

  test.each<readonly [string, readonly (readonly Fact[])[], readonly string[]]>([
    ['told again', [[refunded('re_1', 9, 900)], [refunded('re_1', 9, 900)]], ['refund:re_1 900 on 9']],
    [
      'in two parts',
      [[refunded('re_1', 9, 900)], [refunded('re_2', 30, 1000)]],
      ['refund:re_1 900 on 9', 'refund:re_2 1000 on 30'],
    ],
    ['of more than was recovered', [[refunded('re_1', 9, 9900)]], ['refund:re_1 4900 on 9']],
    [
      'of more than is left of it',
      [[refunded('re_1', 9, 4000)], [refunded('re_2', 10, 4000)], [refunded('re_3', 11, 4000)]],
      ['refund:re_1 4000 on 9', 'refund:re_2 900 on 10'],
    ],
    ['of nothing', [[refunded('re_1', 9, 0)]], []],
    [
      'by its payment intent alone',
      [[refunded('re_1', 9, 900, { chargeId: null, paymentIntentId: 'pi_1' })]],
      ['refund:re_1 900 on 9'],
    ],
    ['of another payment', [[refunded('re_1', 9, 900, { chargeId: 'ch_2', paymentIntentId: 'pi_2' })]], []],
    ['in another currency', [[refunded('re_1', 9, 900, { currency: 'USD' })]], []],
    ['from before it was recovered', [[refunded('re_1', 3, 900)]], []],
    [
      'that tells no time of its own',
      [[refundFact('re_1', { amountMinor: 900 }, { at: day(9) })]],
      ['refund:re_1 900 on 9'],
    ],
    [
      'that fails',
      [[refunded('re_1', 9, 900)], [failedOn(40, refunded('re_1', 9, 900))]],
      ['refund:re_1 900 on 9', 'refund_failed:re_1 900 on 40'],
    ],
    [
      'that is told only when it has failed',
      [[failedOn(40, refunded('re_1', 9, 900))], [refunded('re_1', 9, 900)]],
      ['refund:re_1 900 on 9', 'refund_failed:re_1 900 on 40'],
    ],
    [
      'that fails after another took the rest: what is back can be given back again',
      [[refunded('re_1', 9, 4000)], [refunded('re_2', 10, 4000)], [failedOn(20, refunded('re_1', 9, 4000))]],
      [
        'refund:re_1 4000 on 9',
        'refund:re_2 900 on 10',
        'refund_failed:re_1 4000 on 20',
        'refund:re_2:2 3100 on 10',
      ],
    ],
  ])('%s', (_, each, expected) => {
    expect(inBooks(RECOVERED, ...each).toSorted()).toEqual([...expected].sort());
  });
});

describe('a charge’s running total beside its single refunds', () => {
  test.each<readonly [string, readonly (readonly Fact[])[], readonly string[]]>([
    ['counts by itself where no single one is told', [[inAll(9, 900)]], ['refund:ch_1 900 on 9']],
    [
      'counts what has come on top',
      [[inAll(9, 900)], [inAll(12, 1500)]],
      ['refund:ch_1 900 on 9', 'refund:ch_1:2 600 on 12'],
    ],
    ['is not counted with it', [[refunded('re_1', 9, 900), inAll(9, 900)]], ['refund:re_1 900 on 9']],
    ['nor after it', [[refunded('re_1', 9, 900)], [inAll(9, 900)]], ['refund:re_1 900 on 9']],
    ['nor before it', [[inAll(9, 900)], [refunded('re_1', 9, 900)]], ['refund:ch_1 900 on 9']],
    [
      'counts what single ones do not explain',
      [[refunded('re_2', 12, 600), inAll(12, 1500)]],
      ['refund:ch_1 900 on 12', 'refund:re_2 600 on 12'],
    ],
    [
      'leaves a later single one to itself',
      [[inAll(9, 900)], [refunded('re_1', 9, 900), refunded('re_2', 12, 600)]],
      ['refund:ch_1 900 on 9', 'refund:re_2 600 on 12'],
    ],
    [
      'counted first, is taken back by the single one that fails',
      [[inAll(9, 900)], [failedOn(20, refunded('re_1', 9, 900))]],
      ['refund:ch_1 900 on 9', 'refund_failed:re_1 900 on 20'],
    ],
    [
      'does not bring back one that failed',
      [[failedOn(20, refunded('re_1', 9, 900))], [inAll(9, 900)]],
      ['refund:re_1 900 on 9', 'refund_failed:re_1 900 on 20'],
    ],
    [
      'counts what was given back again after one failed',
      [[failedOn(20, refunded('re_1', 9, 900))], [inAll(30, 900)]],
      ['refund:re_1 900 on 9', 'refund_failed:re_1 900 on 20', 'refund:ch_1 900 on 30'],
    ],
  ])('%s', (_, each, expected) => {
    expect(inBooks(RECOVERED, ...each).toSorted()).toEqual([...expected].sort());
  });
});

describe('a dispute of a recovered invoice', () => {
  test.each<readonly [string, readonly (readonly Fact[])[], readonly string[]]>([
    ['takes the money when it is made', [[disputed('dp_1', 20)]], ['dispute:dp_1 4900 on 20']],
    [
      'lost keeps it',
      [[disputed('dp_1', 20)], [disputed('dp_1', 20, 4900, { open: false, status: 'lost' })]],
      ['dispute:dp_1 4900 on 20'],
    ],
    [
      'won brings it back',
      [[disputed('dp_1', 20)], [won(50, disputed('dp_1', 20))]],
      ['dispute:dp_1 4900 on 20', 'dispute_won:dp_1 4900 on 50'],
    ],
    [
      'won, and told only then, stands in both months',
      [[won(50, disputed('dp_1', 20))], [disputed('dp_1', 20)]],
      ['dispute:dp_1 4900 on 20', 'dispute_won:dp_1 4900 on 50'],
    ],
    [
      'of more than a refund has left takes the rest only, and brings only that back',
      [[refunded('re_1', 9, 4000)], [disputed('dp_1', 20)], [won(50, disputed('dp_1', 20))]],
      ['refund:re_1 4000 on 9', 'dispute:dp_1 900 on 20', 'dispute_won:dp_1 900 on 50'],
    ],
    [
      'cannot come back before it was taken',
      [[won(15, disputed('dp_1', 20))]],
      ['dispute:dp_1 4900 on 20', 'dispute_won:dp_1 4900 on 20'],
    ],
    [
      'that is a mere inquiry takes nothing',
      [[disputeFact('dp_1', { status: 'warning_needs_response' })]],
      [],
    ],
    [
      'of a warning of fraud takes nothing',
      [[disputeFact('issfr_1', { amountMinor: null, currency: null })]],
      [],
    ],
    ['in another currency counts nowhere', [[disputed('dp_1', 20, 4900, { currency: 'USD' })]], []],
    ['from before it was recovered counts nowhere', [[disputed('dp_1', 2)]], []],
  ])('%s', (_, each, expected) => {
    expect(inBooks(RECOVERED, ...each)).toEqual(expected);
  });
});

describe('money that left while the case was still open', () => {
  const second = failedFact('in_2', { at: day(3), failure: { at: day(3), reason: 'declined' } });

  test('is dated at its own time once the case is closed, in the same outbox as the closed case', () => {
    const later = [second, paidOn(4), refunded('re_1', 6, 900), disputed('dp_1', 7, 500)];
    const { outboxes } = lived(day(70), ...later);
    expect(outboxes.map(({ closed, adjustments }) => [closed?.id, lines(adjustments)])).toEqual([
      ['case_in_1', ['refund:re_1 900 on 6', 'dispute:dp_1 500 on 7']],
    ]);
  });

  test('of what was lost counts up to the part of it that had been paid, from then on', () => {
    const part = changeFact('inpay_1', { paidMinor: 1000 }, { at: day(5) });
    const { outboxes } = lived(day(60), refunded('re_0', 4, 300), part, refunded('re_1', 8, 3000));
    expect(
      outboxes.map(({ closed, adjustments }) => [closed?.invoices[0]?.outcome, lines(adjustments)]),
    ).toEqual([['lost', ['refund:re_1 1000 on 8']]]);
  });

  test('of what was never recovered counts nowhere, nor does it afterwards', () => {
    const { customer, outboxes } = lived(day(60), refunded('re_1', 6, 900));
    expect(outboxes.flatMap(({ adjustments }) => adjustments)).toEqual([]);
    expect(inBooks(customer, [refunded('re_2', 62, 900)])).toEqual([]);
  });
});

describe('a payment after the case was closed', () => {
  const late = (id: string, days: number, paidMinor: number) =>
    changeFact(id, { paidMinor }, { at: day(days) });

  test.each<readonly [string, readonly (readonly Fact[])[], readonly string[]]>([
    [
      'can be given back',
      [[paidOn(70)], [refunded('re_1', 80, 900)]],
      ['paid:in_1 4900 on 70', 'refund:re_1 900 on 80'],
    ],
    [
      'and given back before either was told',
      [[paidOn(70), refunded('re_1', 80, 900)]],
      ['paid:in_1 4900 on 70', 'refund:re_1 900 on 80'],
    ],
    [
      'told after its refund',
      [[refunded('re_1', 80, 900)], [paidOn(70)]],
      ['paid:in_1 4900 on 70', 'refund:re_1 900 on 80'],
    ],
    [
      'is not what was given back before it',
      [[refunded('re_1', 65, 900)], [paidOn(70)]],
      ['paid:in_1 4900 on 70'],
    ],
    [
      'of a part gives back no more than that part',
      [[late('inpay_1', 70, 1000)], [refunded('re_1', 80, 3000)]],
      ['part:inpay_1 1000 on 70', 'refund:re_1 1000 on 80'],
    ],
    [
      'of two parts gives back no more than was paid by then',
      [[late('inpay_1', 70, 1000)], [refunded('re_1', 80, 3000)], [late('inpay_2', 90, 3000)]],
      ['part:inpay_1 1000 on 70', 'refund:re_1 1000 on 80', 'part:inpay_2 3000 on 90'],
    ],
  ])('%s', (_, each, expected) => {
    expect(inBooks(LOST, ...each).toSorted()).toEqual([...expected].sort());
  });

  test('recovers no more than had failed, so no more of it can leave', () => {
    const { adjustments } = visits(LOST, [late('inpay_1', 70, 9900)], [refunded('re_1', 80, 9900)]);
    expect(lines(adjustments)).toEqual(['part:inpay_1 9900 on 70', 'refund:re_1 4900 on 80']);
  });

  test('is not what had left before it, also when the time of that is told last', () => {
    const undated = refundFact('re_1', { amountMinor: 900 }, { at: day(80) });
    const each = [[undated], [refunded('re_1', 65, 900)], [paidOn(70)]];
    expect(inBooks(LOST, ...each)).toEqual(['paid:in_1 4900 on 70']);
  });

  test('is found by the payment that it names itself', () => {
    const paid = invoiceFact('in_1', { status: 'paid', at: day(70), paymentIds: ['pi_late'] });
    const given = refunded('re_1', 80, 900, { chargeId: 'ch_late', paymentIntentId: 'pi_late' });
    expect(inBooks(LOST, [paid], [given])).toEqual(['paid:in_1 4900 on 70', 'refund:re_1 900 on 80']);
  });
});

describe('an invoice that is paid in parts while its case is open', () => {
  const partOn = (days: number, paidMinor: number) =>
    changeFact(`inpay_${days}`, { paidMinor }, { at: day(days) });
  const shown = (days: number, paid: number) =>
    invoiceFact('in_1', { ...PAYMENT, at: day(days), amounts: { paid, remaining: 4900 - paid } });
  const closedBy = (...facts: readonly Fact[]) => {
    const failed = failedFact('in_1', {
      ...PAYMENT,
      at: day(10),
      failure: { at: day(10), reason: 'declined' },
    });
    const start = customerFrom(customerFact(), failed);
    const { outboxes } = live(start, POLICY, day(10), day(90), facts);
    const [{ closed, adjustments } = expect.unreachable('the case is closed')] = outboxes;
    return { failure: closed?.failures[0], left: lines(adjustments) };
  };

  test.each<readonly [string, readonly Fact[], Readonly<Record<string, number>> | undefined]>([
    ['in one month', [partOn(14, 1000), shown(14, 1000), paidOn(19)], undefined],
    ['in two', [partOn(14, 1000), shown(14, 1000), paidOn(33)], { '2026-03': 1000, '2026-04': 3900 }],
    [
      'all of them told',
      [partOn(14, 1000), shown(14, 1000), partOn(32, 500), partOn(33, 3400), paidOn(33)],
      { '2026-03': 1000, '2026-04': 3900 },
    ],
    ['and lost', [partOn(14, 1000), shown(14, 1000)], { '2026-03': 1000 }],
  ])('was paid %s', (_, facts, paidIn) => {
    expect(closedBy(...facts).failure?.paidIn).toEqual(paidIn);
  });

  test('found late, does not count again what had been paid before it was found', () => {
    const found = { at: day(13), failure: { at: day(10), reason: 'overdue' } } as const;
    const amounts = { paid: 1000, remaining: 3900 };
    const start = customerFrom(customerFact(), failedFact('in_1', { ...PAYMENT, ...found, amounts }));
    const facts = [partOn(13, 1000), partOn(14, 500), shown(14, 1500), paidOn(33)];
    const { outboxes } = live(start, POLICY, day(13), day(90), facts);
    expect(outboxes[0]?.closed).toMatchObject({
      invoices: [{ failedMinor: 3900, recoveredMinor: 3900 }],
      failures: [{ paidIn: { '2026-03': 500, '2026-04': 3400 } }],
    });
  });

  test('gives back what had been paid by then, though the rest came later', () => {
    const facts = [partOn(14, 1000), shown(14, 1000), refunded('re_1', 16, 3000), paidOn(33)];
    expect(closedBy(...facts).left).toEqual(['refund:re_1 1000 on 16']);
  });
});

describe('a bank debit that came back', () => {
  const back = reversalFact('ch_1', { at: day(10) });
  const ana = customerFact({}, { at: day(10) });

  test('takes out what was recovered by it, in the month in which it came back, once', () => {
    const { outboxes } = live(RECOVERED, POLICY, day(9), day(60), [back, back, ana]);
    const all = outboxes.flatMap(({ adjustments }) => adjustments);
    expect(all).toMatchObject([{ caseId: 'case_in_1', subjectId: 'in_1', kind: 'reversal' }]);
    expect(lines(all)).toEqual(['reversal:ch_1 4900 on 10']);
    expect(outboxes.at(-1)?.closed).toMatchObject({
      invoices: [{ subjectId: 'in_1:ch_1', outcome: 'lost' }],
    });
  });

  test('is told together with the case in which it was recovered, when that was still open', () => {
    const second = failedFact('in_2', { at: day(3), failure: { at: day(3), reason: 'declined' } });
    const { outboxes } = lived(day(90), second, paidOn(4), back);
    const [{ closed, adjustments } = { closed: null, adjustments: [] }] = outboxes;
    expect(closed?.invoices).toMatchObject([
      { subjectId: 'in_1', outcome: 'recovered', recoveredMinor: 4900 },
      { subjectId: 'in_2' },
      { subjectId: 'in_1:ch_1', failedMinor: 4900 },
    ]);
    expect(lines(adjustments)).toEqual(['reversal:ch_1 4900 on 10']);
  });

  test('of a payment that never failed takes nothing out: nothing of it was recovered', () => {
    const sound = customerFrom(customerFact(), paidOn(1), reversalFact('ch_1', { at: day(10) }));
    const { outboxes } = live(sound, POLICY, day(10), day(90));
    expect(outboxes.flatMap(({ adjustments }) => adjustments)).toEqual([]);
  });

  test('cannot have come back before it was paid, whatever a refresh makes of it', () => {
    const early = reversalFact('ch_1', { at: day(3) }, { at: day(9.5), source: 'refresh' });
    const { outboxes } = live(RECOVERED, POLICY, day(9), day(60), [early, ana, back]);
    expect(lines(outboxes.flatMap(({ adjustments }) => adjustments))).toEqual(['reversal:ch_1 4900 on 4']);
  });

  test('in part and was paid again: what is given back then is of the latest payment', () => {
    const part = reversalFact('ch_1', { at: day(10), amountMinor: 1000 });
    const again = changeFact('inpay_2', { paidMinor: 1000 }, { at: day(15) });
    const { customer } = live(RECOVERED, POLICY, day(9), day(60), [part, ana, again]);
    const { adjustments } = visits(customer, [refunded('re_1', 70, 900)]);
    expect(adjustments).toMatchObject([{ caseId: 'case_in_1-ch_1', subjectId: 'in_1:ch_1' }]);
  });

  test('and was paid again: what is given back then is of the second payment', () => {
    const again = changeFact('inpay_2', { paidMinor: 4900 }, { at: day(15) });
    const { customer } = live(RECOVERED, POLICY, day(9), day(60), [back, ana, again]);
    const { adjustments } = visits(customer, [refunded('re_1', 70, 900)]);
    expect(adjustments).toMatchObject([
      { id: 'refund:re_1', caseId: 'case_in_1-ch_1', subjectId: 'in_1:ch_1', amount: { minor: 900 } },
    ]);
  });
});

describe('what a tombstone remembers', () => {
  test('is the payments that may have paid, and no charge that was declined', () => {
    const declined = attemptFact('ch_0', { invoiceId: 'in_1', paymentIntentId: 'pi_1' });
    const start = customerFrom(
      customerFact(),
      declined,
      failedFact('in_1', { paymentIds: ['ch_0', 'ch_1'] }),
    );
    const paid = invoiceFact('in_1', { status: 'paid', at: day(4), paymentIds: ['ch_1'] });
    const { customer } = live(start, POLICY, day(0), day(9), [paid]);
    expect(tombstone(customer).money).toEqual({
      paymentIds: ['pi_1', 'ch_1'],
      recovered: [{ subjectId: 'in_1', caseId: 'case_in_1', at: day(4), minor: 4900 }],
      owedMinor: 0,
      left: {},
    });
  });

  test('is bounded: what a business gives back in many parts is told by the charge’s total', () => {
    const many = Array.from({ length: 40 }, (_, n) => refunded(`re_${n}`, 10 + n, 10));
    const { customer, adjustments } = visits(RECOVERED, many, [inAll(60, 400)]);
    expect(netOf(adjustments)).toBe(400);
    expect(Object.keys(tombstone(customer).money?.left ?? {})).toHaveLength(21);
  });

  test('is bounded, and its sum is not: what came in late in many parts can all be given back', () => {
    const parts = Array.from({ length: 30 }, (_, n) =>
      changeFact(`inpay_${n}`, { paidMinor: 100 }, { at: day(61 + n) }),
    );
    const { customer, adjustments } = visits(LOST, parts, [refunded('re_1', 95, 9900)]);
    expect(lines(adjustments).at(-1)).toBe('refund:re_1 3000 on 95');
    expect(tombstone(customer).money?.recovered).toHaveLength(20);
  });

  test('absent in an older item, leaves everything as it was', () => {
    const { money: _, ...older } = tombstone(RECOVERED);
    const before = { ...RECOVERED, facts: { ...RECOVERED.facts, tombstones: { in_1: older } } };
    const { customer, adjustments } = visits(before, [refunded('re_1', 9, 900), disputed('dp_1', 9)]);
    expect(adjustments).toEqual([]);
    expect(customer.facts.tombstones).toEqual({ in_1: older });
  });

  test('says nothing of a person who was erased, and their money goes on being counted', () => {
    const erased = told(RECOVERED, { kind: 'customer-erased', at: day(50), source: 'event' });
    const { customer, adjustments } = visits(erased, [refunded('re_1', 60, 900)]);
    expect(lines(adjustments)).toEqual(['refund:re_1 900 on 60']);
    const kept = JSON.stringify([customer, adjustments]);
    expect(kept).not.toMatch(/ana|4242/i);
  });
});

describe('whether a fact is news to a closed case', () => {
  const { customer } = visits(RECOVERED, [refunded('re_1', 9, 900)]);
  const isNews = (fact: Fact) => isLateDeparture(fact, customer.facts.tombstones);

  test.each<readonly [string, boolean, Fact]>([
    ['another refund', true, refunded('re_2', 9, 900)],
    ['that it failed', true, failedOn(10, refunded('re_1', 9, 900))],
    ['a dispute', true, disputed('dp_1', 9)],
    ['the running total', true, inAll(9, 900)],
    ['the refund that is known', false, refunded('re_1', 9, 900)],
    ['a refund of another payment', false, refunded('re_2', 9, 900, { chargeId: 'ch_2' })],
    ['a refund of nothing', false, refunded('re_2', 9, 0)],
    ['an inquiry', false, disputeFact('dp_1', { status: 'warning_needs_response' })],
    ['a payment', false, paidOn(9)],
  ])('%s: %s', (_, expected, fact) => {
    expect(isNews(fact)).toBe(expected);
  });
});

/** What happened to a charge in the end: refunds that may fail, and disputes that may be won. */
type Fate = {
  readonly refunds: readonly {
    readonly minor: number;
    readonly on: number;
    readonly failsAfter: number | null;
  }[];
  readonly disputes: readonly {
    readonly minor: number;
    readonly on: number;
    readonly wonAfter: number | null;
  }[];
};

/** Every event that tells of it; `total`: whether the charge's own events come as well. */
const eventsOf = ({ refunds, disputes }: Fate, total: boolean): Fact[] => {
  const made = refunds.map(({ minor, on }, n) => refunded(`re_${n}`, on, minor));
  const totalOn = (on: number) =>
    refunds
      .filter((one) => one.on <= on && (one.failsAfter === null || one.on + one.failsAfter > on))
      .reduce((sum, { minor }) => sum + minor, 0);
  return [
    ...made,
    ...refunds.flatMap(({ on, failsAfter }, n) =>
      failsAfter === null ? [] : [failedOn(on + failsAfter, made[n] as ReturnType<typeof refunded>)],
    ),
    ...(total ? refunds.map(({ on }) => inAll(on, totalOn(on))) : []),
    ...disputes.flatMap(({ minor, on, wonAfter }, n) => {
      const opened = disputed(`dp_${n}`, on, minor);
      return wonAfter === null ? [opened] : [opened, won(on + wonAfter, opened)];
    }),
  ];
};

describe('laws', () => {
  const minor = fc.constantFrom(1, 900, 2000, 4000, 4900, 9900);
  // A charge that recovered an invoice is given back after that.
  const on = fc.integer({ min: 5, max: 40 });
  const early = fc.integer({ min: 2, max: 40 });
  const after = fc.option(fc.integer({ min: 1, max: 30 }), { nil: null });
  const aFate: fc.Arbitrary<Fate> = fc.record({
    refunds: fc.array(fc.record({ minor, on, failsAfter: after }), { maxLength: 4 }),
    disputes: fc.array(fc.record({ minor, on: early, wonAfter: after }), { maxLength: 2 }),
  });
  /** Some of the events, each told in one or two of four visits. */
  const aTelling = fc
    .tuple(
      aFate,
      fc.boolean(),
      fc.array(fc.tuple(fc.nat(3), fc.nat(3), fc.nat(99)), { minLength: 14, maxLength: 14 }),
    )
    .map(([fate, total, places]) => {
      const events = eventsOf(fate, total);
      const each = [0, 1, 2, 3].map((visit) =>
        events
          .map((fact, n) => ({ fact, place: places[n % 14] ?? ([0, 0, 0] as const) }))
          .filter(({ place }) => place[0] === visit || place[1] === visit)
          .sort((a, b) => a.place[2] - b.place[2])
          .map(({ fact }) => fact),
      );
      return { events, each };
    });
  const start = fc.constantFrom(RECOVERED, LOST);

  test('in any order, told any number of times, the same has left in the end', () => {
    fc.assert(
      fc.property(start, aTelling, (from, { events, each }) => {
        const paid = from === LOST ? [paidOn(4.5)] : [];
        const atOnce = visits(from, [...events, ...paid]);
        const bits = visits(from, ...each, paid);
        expect(netOf(bits.adjustments)).toBe(netOf(atOnce.adjustments));
      }),
      { numRuns: 500 },
    );
  });

  test('never more leaves than was recovered, nor comes back than has left, and no entry is put twice', () => {
    fc.assert(
      fc.property(aTelling, ({ each }) => {
        const { customer, adjustments } = visits(RECOVERED, ...each, each.flat());
        expect(netOf(adjustments)).toBeGreaterThanOrEqual(0);
        expect(netOf(adjustments)).toBeLessThanOrEqual(4900);
        expect(new Set(adjustments.map(({ id }) => id)).size).toBe(adjustments.length);
        expect(adjustments.every(({ amount, subjectId }) => amount.minor > 0 && subjectId === 'in_1')).toBe(
          true,
        );
        expect(visits(customer, each.flat()).adjustments).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test('what nothing bounds is what was given back: each month has what left and what came back in it', () => {
    const small = fc.constantFrom(1, 10, 300);
    const fate = fc.record({
      refunds: fc.array(fc.record({ minor: small, on: fc.integer({ min: 5, max: 40 }), failsAfter: after }), {
        maxLength: 4,
      }),
      disputes: fc.array(fc.record({ minor: small, on: fc.integer({ min: 5, max: 40 }), wonAfter: after }), {
        maxLength: 2,
      }),
    });
    fc.assert(
      fc.property(fate, (one) => {
        const { adjustments } = visits(RECOVERED, eventsOf(one, false));
        const expected = [
          ...one.refunds.flatMap(({ minor: amount, on: from, failsAfter }, n) => [
            `refund:re_${n} ${amount} on ${from}`,
            ...(failsAfter === null ? [] : [`refund_failed:re_${n} ${amount} on ${from + failsAfter}`]),
          ]),
          ...one.disputes.flatMap(({ minor: amount, on: from, wonAfter }, n) => [
            `dispute:dp_${n} ${amount} on ${from}`,
            ...(wonAfter === null ? [] : [`dispute_won:dp_${n} ${amount} on ${from + wonAfter}`]),
          ]),
        ];
        expect(lines(adjustments).toSorted()).toEqual(expected.sort());
      }),
      { numRuns: 300 },
    );
  });

  test('facts of money that left join in any order', () => {
    const facts = eventsOf(
      {
        refunds: [
          { minor: 900, on: 9, failsAfter: 3 },
          { minor: 800, on: 9, failsAfter: null },
        ],
        disputes: [{ minor: 4900, on: 20, wonAfter: 9 }],
      },
      true,
    );
    fc.assert(
      fc.property(fc.shuffledSubarray(facts, { minLength: facts.length }), (shuffled) => {
        expect(factsFrom(...shuffled, ...facts)).toEqual(factsFrom(...facts));
      }),
    );
  });
});
