// What became of each failure, and its money: the written precedence, rule by rule, and the sum that always holds.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NO_FACTS, type Facts, type InvoiceBook, type Ladder } from '../../../core/recovery/customer.ts';
import type { Fact } from '../../../core/recovery/fact.ts';
import { mergeAll } from '../../../core/recovery/merge.ts';
import { bookOf, endedByUs, isFirstPayment, subjectsOf } from '../../../core/recovery/settle.ts';
import { addMs } from '../../../core/time.ts';
import { FAILED_AT } from '../../support/customers.ts';
import {
  aFact,
  anInstant,
  aStart,
  changeFact,
  day,
  factsFrom,
  failedFact,
  goneFact,
  invoiceFact,
  reversalFact,
  subscriptionFact,
  tombstoneOf,
} from '../../support/facts.ts';

const STOP = { whenCustomerLeaves: 'stop' } as const;
const KEEP_ASKING = { whenCustomerLeaves: 'keep_asking' } as const;

const ladderOf = (changes: Partial<Ladder> = {}): Ladder => ({
  subjectId: 'in_1',
  invoiceId: 'in_1',
  reversalId: null,
  kind: 'payment_failure',
  campaignId: null,
  anchor: FAILED_AT,
  openedAt: FAILED_AT,
  steps: [],
  endedAt: null,
  endedSubscriptionId: null,
  closedAs: null,
  onFile: [],
  cohort: 'live',
  ...changes,
});

type Split = Partial<Pick<InvoiceBook, 'recoveredMinor' | 'withdrawnMinor' | 'lostMinor' | 'openMinor'>>;

/** The whole book of `in_1`; what is not named is 0. */
const book = (outcome: InvoiceBook['outcome'], split: Split, failedMinor = 4900) => ({
  subjectId: 'in_1',
  invoiceId: 'in_1',
  currency: 'EUR',
  outcome,
  failedMinor,
  recoveredMinor: 0,
  withdrawnMinor: 0,
  lostMinor: 0,
  openMinor: 0,
  ...split,
  why: expect.any(String) as string,
  cohort: 'live' as const,
});

const RECOVERED = book('recovered', { recoveredMinor: 4900 });
const WITHDRAWN = book('withdrawn', { withdrawnMinor: 4900 });
const LOST = book('lost', { lostMinor: 4900 });
const OPEN = book('open', { openMinor: 4900 });

const FAILED = failedFact('in_1');
/** The last try failed and the provider plans no other; or it plans one. */
const LAST_FAILED = failedFact('in_1', { at: day(2), attempt: 2 });
const NEXT_PLANNED = failedFact('in_1', { at: day(2), attempt: 2, next: day(5) });
const cancelled = (cancellationReason: string | null) =>
  subscriptionFact({ status: 'canceled', cancellationReason }, { at: day(3) });
const LEAVING = subscriptionFact({ cancelAtPeriodEnd: true, cancellationReason: 'cancellation_requested' });

describe('an invoice', () => {
  test.each<readonly [string, readonly Fact[], InvoiceBook]>([
    ['that nobody has paid is open', [], OPEN],
    ['that was paid is recovered', [invoiceFact('in_1', { at: day(1), status: 'paid' })], RECOVERED],
    [
      'paid out of band is recovered, though the provider counts nothing as paid',
      [invoiceFact('in_1', { at: day(1), status: 'paid', amounts: { paid: 0, remaining: 0 } })],
      RECOVERED,
    ],
    [
      'B18: paid after a part was credited is recovered, the credited part withdrawn',
      [
        invoiceFact('in_1', {
          at: day(1),
          status: 'paid',
          amounts: { due: 4000, paid: 4000, remaining: 0, credited: 900 },
        }),
      ],
      book('recovered', { recoveredMinor: 4000, withdrawnMinor: 900 }),
    ],
    [
      'B18: settled by credit alone is withdrawn, whatever the provider calls it',
      [
        invoiceFact('in_1', {
          at: day(1),
          status: 'paid',
          amounts: { due: 0, paid: 0, remaining: 0, credited: 4900 },
        }),
      ],
      WITHDRAWN,
    ],
    [
      'C18: credited in full is withdrawn before its status says so',
      [invoiceFact('in_1', { at: day(1), amounts: { due: 0, remaining: 0, credited: 4900 } })],
      WITHDRAWN,
    ],
    [
      'C18: credited in full by a note alone is withdrawn',
      [changeFact('cn_1', { creditedMinor: 4900 }, { at: day(1) })],
      WITHDRAWN,
    ],
    [
      'B18: is owed in full again when its credit note is voided',
      [
        changeFact('cn_1', { creditedMinor: 1000 }, { at: day(1) }),
        changeFact('cn_1:voided', { creditedMinor: -1000 }, { at: day(2) }),
      ],
      OPEN,
    ],
    [
      'B18: is owed in full again when a newer state says that nothing is credited any more',
      [
        invoiceFact('in_1', { at: day(1), amounts: { due: 3900, credited: 1000 } }),
        invoiceFact('in_1', { at: day(2) }),
      ],
      OPEN,
    ],
    ['that was voided is withdrawn', [invoiceFact('in_1', { at: day(1), status: 'void' })], WITHDRAWN],
    [
      'voided after a part was paid is withdrawn for the rest',
      [invoiceFact('in_1', { at: day(1), status: 'void', amounts: { paid: 1000 } })],
      book('withdrawn', { recoveredMinor: 1000, withdrawnMinor: 3900 }),
    ],
    ['marked uncollectible is lost', [invoiceFact('in_1', { at: day(1), status: 'uncollectible' })], LOST],
    [
      'C21: marked uncollectible and paid hours later is recovered',
      [
        invoiceFact('in_1', { at: day(1), status: 'uncollectible' }),
        invoiceFact('in_1', { at: day(1.4), status: 'paid' }),
      ],
      RECOVERED,
    ],
  ])('%s', (_, told, expected) => {
    expect(bookOf(factsFrom(FAILED, ...told), ladderOf(), STOP)).toEqual(expected);
  });
});

describe('a part paid', () => {
  const PART = book('open', { recoveredMinor: 1000, openMinor: 3900 });

  test.each<readonly [string, readonly Fact[], InvoiceBook]>([
    ['leaves the rest open', [invoiceFact('in_1', { at: day(1), amounts: { paid: 1000 } })], PART],
    [
      'told on its own counts from then on',
      [changeFact('inpay_1', { paidMinor: 1000 }, { at: day(1) })],
      PART,
    ],
    [
      'told on its own and again in a newer state counts once',
      [
        changeFact('inpay_1', { paidMinor: 1000 }, { at: day(1) }),
        invoiceFact('in_1', { at: addMs(day(1), 1000), amounts: { paid: 1000 } }),
      ],
      PART,
    ],
    [
      'told moments after the state that has it already counts once',
      [
        invoiceFact('in_1', { at: day(1), amounts: { paid: 1000 } }),
        changeFact('inpay_1', { paidMinor: 1000 }, { at: addMs(day(1), 5000) }),
      ],
      PART,
    ],
    [
      'well after a state comes on top of it',
      [
        invoiceFact('in_1', { at: day(1), amounts: { paid: 1000 } }),
        changeFact('inpay_2', { paidMinor: 500 }, { at: addMs(day(1), 5001) }),
      ],
      book('open', { recoveredMinor: 1500, openMinor: 3400 }),
    ],
    [
      'of another invoice counts nothing here',
      [changeFact('inpay_1', { invoiceId: 'in_2', paidMinor: 1000 }, { at: day(1) })],
      OPEN,
    ],
    [
      'and the rest credited settles the invoice as recovered',
      [invoiceFact('in_1', { at: day(1), amounts: { due: 1000, paid: 1000, remaining: 0, credited: 3900 } })],
      book('recovered', { recoveredMinor: 1000, withdrawnMinor: 3900 }),
    ],
    [
      'C30: and the rest given up stays recovered, the rest is lost',
      [invoiceFact('in_1', { at: day(1), status: 'uncollectible', amounts: { paid: 1000 } })],
      book('lost', { recoveredMinor: 1000, lostMinor: 3900 }),
    ],
    [
      'in full settles the invoice before its status says so',
      [changeFact('inpay_1', { paidMinor: 4900 }, { at: day(1) })],
      RECOVERED,
    ],
    [
      'beyond what was owed recovers no more than failed',
      [changeFact('inpay_1', { paidMinor: 9900 }, { at: day(1) })],
      RECOVERED,
    ],
  ])('%s', (_, told, expected) => {
    expect(bookOf(factsFrom(FAILED, ...told), ladderOf(), STOP)).toEqual(expected);
  });

  test('B17: before the failure is no part of what failed', () => {
    const failed = failedFact('in_1', { amounts: { paid: 900 } });
    expect(bookOf(factsFrom(failed), ladderOf(), STOP)).toEqual(book('open', { openMinor: 4000 }, 4000));
    const paid = invoiceFact('in_1', { at: day(1), status: 'paid' });
    expect(bookOf(factsFrom(failed, paid), ladderOf(), STOP)).toEqual(
      book('recovered', { recoveredMinor: 4000 }, 4000),
    );
  });

  test('a failure told of an invoice already settled owed all that was due', () => {
    const settled = failedFact('in_1', { status: 'paid' });
    expect(bookOf(factsFrom(settled), ladderOf(), STOP)).toEqual(RECOVERED);
    const credited = { due: 4000, paid: 4000, remaining: 0, credited: 900 };
    const partly = failedFact('in_1', { status: 'paid', amounts: credited });
    expect(bookOf(factsFrom(partly), ladderOf(), STOP)).toEqual(
      book('recovered', { recoveredMinor: 4000 }, 4000),
    );
  });
});

describe('who ended the subscription decides', () => {
  test.each<readonly [string, readonly Fact[], InvoiceBook]>([
    ['payment_failed: lost', [LAST_FAILED, cancelled('payment_failed')], LOST],
    ['payment_failed with a try still planned: lost', [NEXT_PLANNED, cancelled('payment_failed')], LOST],
    ['B11: cancellation_requested: withdrawn', [LAST_FAILED, cancelled('cancellation_requested')], WITHDRAWN],
    ['payment_disputed: withdrawn', [LAST_FAILED, cancelled('payment_disputed')], WITHDRAWN],
    ['a reason nobody knows: withdrawn', [LAST_FAILED, cancelled('x')], WITHDRAWN],
    ['no reason, and the last try failed with none planned: lost', [LAST_FAILED, cancelled(null)], LOST],
    ['no reason, and a try was still planned: withdrawn', [NEXT_PLANNED, cancelled(null)], WITHDRAWN],
    [
      'no reason, and the plan was dropped only by the cancelling: withdrawn',
      [NEXT_PLANNED, invoiceFact('in_1', { at: day(3), attempt: 2 }), cancelled(null)],
      WITHDRAWN,
    ],
    ['unpaid: lost', [subscriptionFact({ status: 'unpaid' })], LOST],
    ['incomplete_expired: lost', [subscriptionFact({ status: 'incomplete_expired' })], LOST],
    [
      'paused after the final failure: lost',
      [subscriptionFact({ status: 'paused', pauseReason: 'final_payment_failure' })],
      LOST,
    ],
    ['paused for another reason: open', [subscriptionFact({ status: 'paused', pauseReason: 'x' })], OPEN],
    ['past_due: open', [subscriptionFact({ status: 'past_due' })], OPEN],
    ['active: open', [subscriptionFact({ status: 'active' })], OPEN],
    ['B11: cancelled by the customer for the end of the period: withdrawn', [LEAVING], WITHDRAWN],
    [
      'to be cancelled for failed payments at the end of the period: open',
      [subscriptionFact({ cancelAtPeriodEnd: true, cancellationReason: 'payment_failed' })],
      OPEN,
    ],
    [
      'B12: another subscription than the invoice’s: open',
      [subscriptionFact({ id: 'sub_2', status: 'canceled', cancellationReason: 'payment_failed' })],
      OPEN,
    ],
    ['C9: the customer was deleted: withdrawn', [goneFact('customer-deleted')], WITHDRAWN],
    ['the customer was forgotten, and still owes: open', [goneFact('customer-erased')], OPEN],
  ])('%s', (_, told, expected) => {
    expect(bookOf(factsFrom(FAILED, ...told), ladderOf(), STOP)).toEqual(expected);
  });

  test('an invoice without a subscription is none of a subscription’s business', () => {
    const facts = factsFrom(
      failedFact('in_1', { details: { subscriptionId: null } }),
      cancelled('payment_failed'),
    );
    expect(bookOf(facts, ladderOf(), STOP)).toEqual(OPEN);
  });

  test.each<readonly [string, readonly Fact[], InvoiceBook]>([
    ['who cancelled still owes', [cancelled('cancellation_requested')], OPEN],
    ['who cancels for the end of the period still owes', [LEAVING], OPEN],
    ['what the provider gave up on is lost all the same', [cancelled('payment_failed')], LOST],
    ['a deleted customer is gone all the same', [goneFact('customer-deleted')], WITHDRAWN],
    ['a voided invoice is owed no more', [invoiceFact('in_1', { at: day(1), status: 'void' })], WITHDRAWN],
  ])('where the policy says that the debt stays due, %s', (_, told, expected) => {
    expect(bookOf(factsFrom(FAILED, ...told), ladderOf(), KEEP_ASKING)).toEqual(expected);
  });
});

describe('precedence', () => {
  const ENDED = ladderOf({ endedAt: day(26) });

  test.each<readonly [string, readonly Fact[], InvoiceBook]>([
    ['our own end: lost', [], LOST],
    ['our own end before the customer leaves: lost', [cancelled('cancellation_requested')], LOST],
    ['our own end before the customer is deleted: lost', [goneFact('customer-deleted')], LOST],
    ['void before our own end: withdrawn', [invoiceFact('in_1', { at: day(30), status: 'void' })], WITHDRAWN],
    ['paid before our own end: recovered', [invoiceFact('in_1', { at: day(30), status: 'paid' })], RECOVERED],
  ])('%s', (_, told, expected) => {
    expect(bookOf(factsFrom(FAILED, ...told), ENDED, STOP)).toEqual(expected);
  });

  test('C8: paid absorbs everything else at once', () => {
    const facts = factsFrom(
      LAST_FAILED,
      cancelled('payment_failed'),
      goneFact('customer-deleted'),
      invoiceFact('in_1', { status: 'uncollectible', at: day(8) }),
      invoiceFact('in_1', { status: 'paid', at: day(4) }),
    );
    expect(bookOf(facts, ENDED, STOP)).toEqual(RECOVERED);
  });

  test('uncollectible goes before a deleted customer, and a deleted customer before a cancellation', () => {
    const told = [FAILED, goneFact('customer-deleted'), cancelled('payment_failed')];
    expect(bookOf(factsFrom(...told), ladderOf(), STOP)).toEqual(WITHDRAWN);
    const uncollectible = invoiceFact('in_1', { status: 'uncollectible', at: day(1) });
    expect(bookOf(factsFrom(...told, uncollectible), ladderOf(), STOP)).toEqual(LOST);
  });
});

describe('a payment that came back', () => {
  const BACK = ladderOf({ subjectId: 'in_1:ch_1', reversalId: 'ch_1', anchor: day(5) });
  const PAID = invoiceFact('in_1', { at: day(1), status: 'paid' });
  const CAME_BACK = reversalFact('ch_1', { at: day(5) });
  const of = (expected: InvoiceBook): InvoiceBook => ({ ...expected, subjectId: 'in_1:ch_1' });

  test.each<readonly [string, readonly Fact[], InvoiceBook]>([
    ['C20: is open though its invoice stays paid', [], OPEN],
    [
      'is recovered when the whole of it is paid again',
      [changeFact('inpay_2', { paidMinor: 4900 }, { at: day(6) })],
      RECOVERED,
    ],
    [
      'is recovered for the part that is paid again',
      [changeFact('inpay_2', { paidMinor: 1000 }, { at: day(6) })],
      book('open', { recoveredMinor: 1000, openMinor: 3900 }),
    ],
    [
      'is not recovered by the very payment that came back',
      [changeFact('inpay_1', { paidMinor: 4900 }, { at: day(1) })],
      OPEN,
    ],
    ['is lost when the provider gave up', [cancelled('payment_failed')], LOST],
    ['is withdrawn when the customer left', [cancelled('cancellation_requested')], WITHDRAWN],
    ['is withdrawn when the customer was deleted', [goneFact('customer-deleted')], WITHDRAWN],
  ])('%s', (_, told, expected) => {
    expect(bookOf(factsFrom(PAID, CAME_BACK, ...told), BACK, STOP)).toEqual(of(expected));
  });

  test('is lost when the campaign reached its end', () => {
    expect(bookOf(factsFrom(PAID, CAME_BACK), { ...BACK, endedAt: day(30) }, STOP)).toEqual(of(LOST));
  });

  test('is open when its invoice is not known here any more', () => {
    expect(bookOf(factsFrom(CAME_BACK), BACK, STOP)).toEqual(of(OPEN));
  });

  test('keeps its own currency', () => {
    const facts = factsFrom(PAID, reversalFact('ch_1', { currency: 'JPY' }));
    expect(bookOf(facts, BACK, STOP).currency).toBe('JPY');
  });
});

describe('a subscription that our own end of another invoice has ended', () => {
  const OURS = endedByUs(
    [
      ladderOf({ subjectId: 'in_8', endedAt: day(3), endedSubscriptionId: null }),
      ladderOf({ subjectId: 'in_9', endedAt: day(3), endedSubscriptionId: 'sub_1' }),
    ],
    NO_FACTS,
  );
  const THEIRS = endedByUs(
    [ladderOf({ endedAt: day(3), endedSubscriptionId: 'sub_2' }), ladderOf()],
    NO_FACTS,
  );
  const LET_GO = { ...LOST, why: 'the campaign of another invoice ended the subscription' };

  test('is known by the ladders that ended it', () => {
    expect([...OURS]).toEqual(['sub_1']);
    expect([...THEIRS]).toEqual(['sub_2']);
  });

  test.each<readonly [string, readonly Fact[]]>([
    ['cancelled, as if it had been asked for', [cancelled('cancellation_requested')]],
    ['cancelled without a reason, while a try was planned', [NEXT_PLANNED, cancelled(null)]],
    ['to be cancelled at the end of the period', [LEAVING]],
  ])('is no customer who left: its invoices are lost, %s', (_, told) => {
    const facts = factsFrom(FAILED, ...told);
    expect(bookOf(facts, ladderOf(), STOP, OURS)).toEqual(LET_GO);
    expect(bookOf(facts, ladderOf(), KEEP_ASKING, OURS)).toEqual(LET_GO);
    const left = { ...WITHDRAWN, why: 'the customer left' };
    expect(bookOf(facts, ladderOf(), STOP, THEIRS)).toEqual(left);
    expect(bookOf(facts, ladderOf(), STOP)).toEqual(left);
  });

  test.each<readonly [string, readonly Fact[], InvoiceBook]>([
    ['what was paid is recovered', [invoiceFact('in_1', { at: day(5), status: 'paid' })], RECOVERED],
    ['what was voided is withdrawn', [invoiceFact('in_1', { at: day(5), status: 'void' })], WITHDRAWN],
    ['a customer who was deleted is gone', [goneFact('customer-deleted')], WITHDRAWN],
  ])('changes nothing else: %s', (_, told, expected) => {
    const facts = factsFrom(FAILED, cancelled('cancellation_requested'), ...told);
    expect(bookOf(facts, ladderOf(), STOP, OURS)).toEqual(expected);
  });

  test('leaves open what is open for another reason', () => {
    expect(bookOf(factsFrom(FAILED, subscriptionFact()), ladderOf(), STOP, OURS)).toEqual(OPEN);
  });

  test('loses a payment that came back as well, and of an invoice not known any more says nothing', () => {
    const back = ladderOf({ subjectId: 'in_1:ch_1', reversalId: 'ch_1', anchor: day(5) });
    const told = [reversalFact('ch_1', { at: day(5) }), cancelled('cancellation_requested')];
    const known = factsFrom(invoiceFact('in_1', { at: day(1), status: 'paid' }), ...told);
    expect(bookOf(known, back, STOP, OURS)).toEqual({ ...LET_GO, subjectId: 'in_1:ch_1' });
    expect(bookOf(factsFrom(...told), back, STOP, OURS)).toEqual({ ...OPEN, subjectId: 'in_1:ch_1' });
  });
});

describe('what belongs in the books', () => {
  const ids = (facts: Facts, firstPayments: 'ignore' | 'recover' = 'ignore') =>
    subjectsOf(facts, { firstPayments, campaigns: [] }).map((subject) => subject.id);

  test('every invoice that failed, in the order of the failures', () => {
    const facts = factsFrom(
      failedFact('in_3', { at: day(1) }),
      failedFact('in_2', { at: day(1) }),
      failedFact('in_1', { at: day(2) }),
    );
    expect(subjectsOf(facts, { firstPayments: 'ignore', campaigns: [] })).toEqual([
      { id: 'in_2', invoiceId: 'in_2', reversalId: null, failedAt: day(1) },
      { id: 'in_3', invoiceId: 'in_3', reversalId: null, failedAt: day(1) },
      { id: 'in_1', invoiceId: 'in_1', reversalId: null, failedAt: day(2) },
    ]);
  });

  test('not an invoice that never failed', () => {
    expect(ids(factsFrom(invoiceFact('in_1')))).toEqual([]);
  });

  test('A6: failed and paid in one second belongs in them, in either order', () => {
    const paid = invoiceFact('in_1', { status: 'paid' });
    expect(ids(factsFrom(FAILED, paid))).toEqual(['in_1']);
    expect(ids(factsFrom(paid, FAILED))).toEqual(['in_1']);
  });

  test('C31: an invoice of nothing opens nothing and recovers nothing', () => {
    const nothing = { due: 0, paid: 0, remaining: 0 };
    expect(ids(factsFrom(failedFact('in_1', { amounts: nothing })))).toEqual([]);
    expect(ids(factsFrom(invoiceFact('in_1', { status: 'paid', amounts: nothing })))).toEqual([]);
  });

  test('an invoice that was credited in full when it was told to have failed opens nothing', () => {
    const credited = { due: 0, paid: 0, remaining: 0, credited: 4900 };
    expect(ids(factsFrom(failedFact('in_1', { amounts: credited })))).toEqual([]);
  });

  test('C23: not an invoice of a closed case', () => {
    const facts: Facts = { ...factsFrom(FAILED), tombstones: { in_1: tombstoneOf() } };
    expect(ids(facts)).toEqual([]);
  });

  test('C20: a payment that came back of a paid invoice, once under its own id', () => {
    const paid = invoiceFact('in_1', { status: 'paid' });
    expect(ids(factsFrom(paid, reversalFact('ch_1'), reversalFact('ch_1')))).toEqual(['in_1:ch_1']);
    const buried: Facts = {
      ...factsFrom(reversalFact('ch_1')),
      tombstones: { in_1: tombstoneOf({ status: 'paid' }) },
    };
    expect(ids(buried)).toEqual(['in_1:ch_1']);
  });

  test('not a payment that came back of which the invoice is not known, nor one of nothing', () => {
    const paid = invoiceFact('in_1', { status: 'paid' });
    expect(ids(factsFrom(paid, reversalFact('ch_1', { invoiceId: null })))).toEqual([]);
    expect(ids(factsFrom(paid, reversalFact('ch_1', { amountMinor: 0 })))).toEqual([]);
  });

  const incomplete = (at = FAILED_AT) => subscriptionFact({ status: 'incomplete' }, { at });

  test.each<readonly [string, readonly Fact[], boolean]>([
    [
      'one billed for the creation of a subscription is a first payment',
      [failedFact('in_1', { details: { billingReason: 'subscription_create' } })],
      true,
    ],
    [
      'one that failed while its subscription was incomplete is a first payment',
      [FAILED, incomplete()],
      true,
    ],
    [
      'one that failed before its subscription was told to be incomplete is a first payment',
      [FAILED, incomplete(day(1))],
      true,
    ],
    [
      'one that failed while its subscription was incomplete stays a first payment when that is active',
      [FAILED, incomplete(), subscriptionFact({ status: 'active' }, { at: day(1) })],
      true,
    ],
    [
      'one whose sign-up expired after the failure is a first payment',
      [FAILED, subscriptionFact({ status: 'incomplete_expired' }, { at: day(1) })],
      true,
    ],
    [
      'one that failed long after its subscription was incomplete is none',
      [failedFact('in_1', { at: day(30) }), incomplete()],
      false,
    ],
    ['one of a running subscription is none', [FAILED, subscriptionFact({ status: 'past_due' })], false],
    ['one of no subscription that is known is none', [FAILED], false],
  ])('B8: %s', (_, told, expected) => {
    const facts = factsFrom(...told);
    const invoice = facts.invoices['in_1'];
    expect(invoice && isFirstPayment(facts, invoice)).toBe(expected);
    expect(ids(facts, 'ignore')).toEqual(expected ? [] : ['in_1']);
    expect(ids(facts, 'recover')).toEqual(['in_1']);
  });
});

describe('laws', () => {
  const told = fc.array(aFact, { maxLength: 14 });
  const policy = fc.constantFrom(STOP, KEEP_ASKING);
  const ended = fc.option(anInstant, { nil: null });

  /** The books of everything that ever failed, as if each had its ladder. */
  const booksOf = (facts: Facts, rule: typeof STOP | typeof KEEP_ASKING, endedAt: Ladder['endedAt']) => [
    ...Object.values(facts.invoices)
      .filter((invoice) => invoice.failure !== null)
      .map(({ id }) => bookOf(facts, ladderOf({ subjectId: id, invoiceId: id, endedAt }), rule)),
    ...Object.values(facts.reversals).map(({ id, invoiceId }) =>
      bookOf(
        facts,
        ladderOf({ subjectId: `${invoiceId}:${id}`, invoiceId: invoiceId ?? 'x', reversalId: id, endedAt }),
        rule,
      ),
    ),
  ];

  test('failed = recovered + withdrawn + lost + open, no part of it negative, for whatever was told', () => {
    fc.assert(
      fc.property(aStart, told, policy, ended, (start, facts, rule, endedAt) => {
        for (const one of booksOf(mergeAll(start, facts), rule, endedAt)) {
          const parts = [one.recoveredMinor, one.withdrawnMinor, one.lostMinor, one.openMinor];
          expect(parts.reduce((sum, part) => sum + part, 0)).toBe(one.failedMinor);
          expect(Math.min(...parts)).toBeGreaterThanOrEqual(0);
          expect(parts.every(Number.isSafeInteger)).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('an outcome is open exactly as long as something is open, and no money is lost of what is not lost', () => {
    fc.assert(
      fc.property(aStart, told, policy, ended, (start, facts, rule, endedAt) => {
        for (const one of booksOf(mergeAll(start, facts), rule, endedAt)) {
          if (one.failedMinor === 0) continue;
          expect(one.openMinor > 0).toBe(one.outcome === 'open');
          expect(one.lostMinor > 0).toBe(one.outcome === 'lost');
          expect(one.recoveredMinor > 0 || one.outcome !== 'recovered').toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('the books depend on the facts, not on the order in which they were told', () => {
    fc.assert(
      fc.property(told, policy, (facts, rule) => {
        const bySubject = (all: readonly Fact[]) =>
          booksOf(mergeAll(factsFrom(), all), rule, null).sort((a, b) =>
            a.subjectId < b.subjectId ? -1 : 1,
          );
        expect(bySubject(facts.toReversed())).toEqual(bySubject(facts));
      }),
      { numRuns: 500 },
    );
  });

  test('no failure is in the books twice', () => {
    fc.assert(
      fc.property(aStart, told, fc.constantFrom('ignore', 'recover'), (start, facts, firstPayments) => {
        const subjects = subjectsOf(mergeAll(start, facts), { firstPayments, campaigns: [] });
        expect(new Set(subjects.map((subject) => subject.id)).size).toBe(subjects.length);
        expect(subjects.map((subject) => subject.failedAt)).toEqual(
          subjects.map((subject) => subject.failedAt).toSorted(),
        );
      }),
      { numRuns: 500 },
    );
  });
});
