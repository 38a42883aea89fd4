// The law of the merge: only the set of facts matters, never their order nor how often they were told.
import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contactOf, mailboxName, NO_FACTS } from '../../../core/recovery/customer.ts';
import type { Facts } from '../../../core/recovery/customer.ts';
import type { Fact, InvoiceStatus } from '../../../core/recovery/fact.ts';
import { merge, mergeAll, outranks, own } from '../../../core/recovery/merge.ts';
import { addMs } from '../../../core/time.ts';
import { FAILED_AT } from '../../support/customers.ts';
import {
  aFact,
  aFactOf,
  ANA,
  aStart,
  attemptFact,
  CARD,
  changeFact,
  customerFact,
  day,
  declineOf,
  deliveryFact,
  disputeFact,
  factsFrom,
  failedFact,
  goneFact,
  inFlightFact,
  invoiceFact,
  mandateFact,
  methodFact,
  NOBODY,
  refundFact,
  retold,
  reversalFact,
  subscriptionFact,
  tombstoneOf,
} from '../../support/facts.ts';

const SECOND_LATER = addMs(FAILED_AT, 1000);

/**
 * What differs between two values, null when nothing does; the order in which an object holds its keys says nothing.
 * Node's own comparison, because it is much the faster one.
 */
const difference = (actual: unknown, expected: unknown): unknown =>
  isDeepStrictEqual(actual, expected) ? null : { actual, expected };

/** Every order of some facts. */
const ordersOf = <T>(items: readonly T[]): T[][] =>
  items.length < 2
    ? [[...items]]
    : items.flatMap((item, i) => ordersOf(items.toSpliced(i, 1)).map((rest) => [item, ...rest]));

/** What facts come to, having made sure that every order, and every fact told twice, comes to the same. */
const settledFrom = (...told: readonly Fact[]): Facts => {
  const facts = factsFrom(...told);
  for (const order of ordersOf(told)) expect(difference(factsFrom(...order, ...order), facts)).toBeNull();
  return facts;
};

const DELETIONS = ['customer-deleted', 'customer-erased'] as const;

/** Every field of the facts, with the kinds of facts that reach it. */
const REACHED_BY: { readonly [K in keyof Facts]: readonly Fact['kind'][] } = {
  contact: ['customer', ...DELETIONS],
  invoiceContact: ['invoice', ...DELETIONS],
  defaultMethod: ['customer', ...DELETIONS],
  customerSince: ['customer', ...DELETIONS],
  aheadAt: ['ahead', ...DELETIONS],
  importedAt: ['imported', ...DELETIONS],
  subscriptions: ['subscription', ...DELETIONS],
  invoices: ['invoice', ...DELETIONS],
  changes: ['invoice-changed', 'invoice'],
  attempts: ['attempt', ...DELETIONS],
  methods: ['payment-method', ...DELETIONS],
  cards: ['payment-method', ...DELETIONS],
  mandates: ['mandate', ...DELETIONS],
  inFlight: ['in-flight', ...DELETIONS],
  disputes: ['dispute', ...DELETIONS],
  refunds: ['refund', ...DELETIONS],
  reversals: ['reversal', 'invoice'],
  deliveries: ['delivery', ...DELETIONS],
  unreachable: ['delivery', ...DELETIONS],
  deletedAt: ['customer-deleted', 'customer'],
  erasedAt: ['customer-erased', 'customer'],
  tombstones: ['invoice', 'reversal', 'invoice-changed'],
};
const FIELDS = Object.keys(REACHED_BY) as (keyof Facts)[];

describe('the law', () => {
  test('A4: facts in any order, told any number of times, come to the same facts', () => {
    fc.assert(
      fc.property(aStart, retold(aFact, 10), (start, { once, again }) => {
        expect(difference(mergeAll(start, again), mergeAll(start, once))).toBeNull();
      }),
      { numRuns: 3000 },
    );
  });

  test('every field of the facts is held by a law of its own', () => {
    expect(FIELDS.toSorted()).toEqual(Object.keys(NO_FACTS).toSorted());
  });

  test.each(FIELDS)('%s depends on the set of facts alone, not on order or repetition', (field) => {
    fc.assert(
      fc.property(aStart, retold(aFactOf(...REACHED_BY[field]), 5), (start, { once, again }) => {
        expect(difference(mergeAll(start, again)[field], mergeAll(start, once)[field])).toBeNull();
      }),
      { numRuns: 1000 },
    );
  });

  test('three tellings of one thing come to the same in all six orders', () => {
    fc.assert(
      fc.property(
        aStart,
        fc
          .constantFrom(...(Object.keys(REACHED_BY) as (keyof Facts)[]))
          .chain((field) => fc.tuple(...Array.from({ length: 3 }, () => aFactOf(...REACHED_BY[field])))),
        (start, told) => {
          const [first, ...others] = ordersOf(told).map((order) => mergeAll(start, order));
          for (const other of others) expect(difference(other, first)).toBeNull();
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('a fact already taken in gives back the very same object, so that nothing is written', () => {
    fc.assert(
      fc.property(aStart, fc.array(aFact, { maxLength: 8 }), (start, told) => {
        const facts = mergeAll(start, told);
        for (const fact of told) expect(merge(facts, fact)).toBe(facts);
      }),
      { numRuns: 1500 },
    );
  });

  test('facts that were kept as JSON and read again take in the same facts without a change', () => {
    fc.assert(
      fc.property(aStart, fc.array(aFact, { maxLength: 8 }), (start, told) => {
        const read = JSON.parse(JSON.stringify(mergeAll(start, told))) as Facts;
        for (const fact of told) expect(merge(read, fact)).toBe(read);
      }),
      { numRuns: 500 },
    );
  });

  test('merging changes neither what was known nor what is told', () => {
    fc.assert(
      fc.property(aStart, fc.array(aFact, { maxLength: 8 }), (start, told) => {
        const before = JSON.stringify([start, told]);
        mergeAll(start, told);
        expect(JSON.stringify([start, told])).toBe(before);
      }),
      { numRuns: 500 },
    );
  });

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'an id of %s is an id like any other',
    (id) => {
      const facts = settledFrom(failedFact(id), invoiceFact(id, { status: 'paid', at: day(1) }));
      expect(Object.keys(facts.invoices)).toEqual([id]);
      expect(own(facts.invoices, id)?.status).toBe('paid');
      expect(Object.getPrototypeOf(facts.invoices)).toBe(Object.prototype);
      expect(own({}, id)).toBeNull();
      for (const fact of [attemptFact(id), disputeFact(id), refundFact(id), reversalFact(id)]) {
        const known = settledFrom(fact);
        const kept = [known.attempts, known.disputes, known.refunds, known.reversals].flatMap(Object.keys);
        expect(kept).toEqual([id]);
      }
    },
  );
});

describe('the status of an invoice', () => {
  const STATUSES: readonly InvoiceStatus[] = ['open', 'uncollectible', 'void', 'paid'];
  const PAIRS = STATUSES.flatMap((low, i) => STATUSES.slice(i + 1).map((high) => [low, high] as const));

  test('only ever climbs, whatever is told', () => {
    fc.assert(
      fc.property(fc.array(aFactOf('invoice'), { maxLength: 8 }), (told) => {
        told.reduce((facts, fact) => {
          const next = merge(facts, fact);
          for (const [id, invoice] of Object.entries(facts.invoices)) {
            const status = own(next.invoices, id)?.status ?? 'open';
            expect(outranks(invoice.status, status)).toBe(false);
          }
          return next;
        }, NO_FACTS);
      }),
      { numRuns: 500 },
    );
  });

  test.each(PAIRS)('%s gives way to %s, older, newer and in the same second', (low, high) => {
    for (const at of [day(-1), FAILED_AT, day(1)]) {
      const facts = settledFrom(
        invoiceFact('in_1', { status: low }),
        invoiceFact('in_1', { status: high, at }),
      );
      expect(facts.invoices['in_1']).toMatchObject({ status: high, statusAt: at });
    }
  });

  test('holds since the provider says it does, however late that is told', () => {
    const told = invoiceFact('in_1', { status: 'paid', at: day(2), source: 'refresh' });
    const facts = settledFrom({ ...told, invoice: { ...told.invoice, statusAt: day(1) } });
    expect(facts.invoices['in_1']).toMatchObject({ statusAt: day(1), amounts: { at: day(2) } });
  });

  test('holds since the earliest time at which it was known', () => {
    const facts = settledFrom(
      invoiceFact('in_1', { status: 'paid', at: day(2) }),
      invoiceFact('in_1', { status: 'paid', at: day(1), source: 'refresh' }),
      invoiceFact('in_1', { status: 'open', at: FAILED_AT }),
    );
    expect(facts.invoices['in_1']?.statusAt).toBe(day(1));
  });

  test.each([
    ['older', day(0)],
    ['in the same second', day(1)],
    ['newer', day(2)],
  ])('A5: a paid invoice stays paid when a failure %s is told late', (_, at) => {
    const paid = invoiceFact('in_1', { status: 'paid', at: day(1) });
    const facts = settledFrom(paid, failedFact('in_1', { at }));
    expect(facts.invoices['in_1']?.status).toBe('paid');
  });

  test('A6: failed and paid in one second come to paid, in either order, and the failure is kept', () => {
    const facts = settledFrom(failedFact('in_1'), invoiceFact('in_1', { status: 'paid' }));
    expect(facts.invoices['in_1']).toMatchObject({
      status: 'paid',
      failure: { at: FAILED_AT, amounts: { remaining: 4900 } },
      amounts: { value: { paid: 4900, remaining: 0 } },
    });
  });

  test('A9: an unfinished state told late never takes a settled payment back', () => {
    const paid = invoiceFact('in_1', { status: 'paid', at: day(1) });
    const facts = settledFrom(paid, invoiceFact('in_1', { status: 'open', at: day(2), source: 'refresh' }));
    expect(facts.invoices['in_1']?.status).toBe('paid');
  });

  test('A10: the end of one payment never reopens an invoice that another one paid', () => {
    const facts = settledFrom(
      invoiceFact('in_1', { status: 'paid', at: day(1), paymentIds: ['pi_2'] }),
      inFlightFact('pi_1', false, { at: day(2) }),
      attemptFact('ch_1', { at: day(2), paymentIntentId: 'pi_1' }),
    );
    expect(facts.invoices['in_1']?.status).toBe('paid');
  });

  test('C8, C21: a void or uncollectible invoice is not pulled back to open, and can still be paid', () => {
    for (const status of ['void', 'uncollectible'] as const) {
      const ended = invoiceFact('in_1', { status });
      const late = failedFact('in_1', { at: day(1) });
      expect(settledFrom(ended, late).invoices['in_1']?.status).toBe(status);
      const paid = invoiceFact('in_1', { status: 'paid', at: day(2) });
      expect(settledFrom(ended, late, paid).invoices['in_1']?.status).toBe('paid');
    }
  });
});

describe('what else is known of an invoice', () => {
  test('B17: the newest amounts win', () => {
    const facts = settledFrom(
      failedFact('in_1'),
      invoiceFact('in_1', { at: day(1), amounts: { paid: 1000 } }),
      invoiceFact('in_1', { at: day(2), amounts: { paid: 2500 } }),
    );
    expect(facts.invoices['in_1']?.amounts.value).toEqual({
      due: 4900,
      paid: 2500,
      remaining: 2400,
      credited: 0,
    });
  });

  test('B18: what remains may rise again when a credit note is voided', () => {
    const facts = settledFrom(
      failedFact('in_1'),
      invoiceFact('in_1', { at: day(1), amounts: { due: 3900, credited: 1000 } }),
      invoiceFact('in_1', { at: day(2) }),
    );
    expect(facts.invoices['in_1']?.amounts.value).toMatchObject({ remaining: 4900, credited: 0 });
  });

  test('A6: of two amounts in one second the more settled one wins', () => {
    const facts = settledFrom(
      invoiceFact('in_1'),
      invoiceFact('in_1', { amounts: { paid: 1000 } }),
      invoiceFact('in_1', { amounts: { paid: 900 } }),
    );
    expect(facts.invoices['in_1']?.amounts.value).toMatchObject({ paid: 1000, remaining: 3900 });
  });

  test('a refresh wins over an event of the same moment', () => {
    const facts = settledFrom(
      invoiceFact('in_1', { amounts: { paid: 1000 } }),
      invoiceFact('in_1', { source: 'refresh' }),
    );
    expect(facts.invoices['in_1']?.amounts).toMatchObject({ source: 'refresh', value: { paid: 0 } });
  });

  test('the schedule with more attempts wins, whatever its stamp', () => {
    const facts = settledFrom(
      failedFact('in_1', { at: day(2), attempt: 2, next: day(5) }),
      invoiceFact('in_1', { at: day(3), attempt: 1, next: day(2), source: 'refresh' }),
    );
    expect(facts.invoices['in_1']?.schedule.value).toEqual({ attemptCount: 2, nextAttemptAt: day(5) });
  });

  test('of two schedules with as many attempts the newer wins, so that a cancelled try is seen', () => {
    const facts = settledFrom(
      failedFact('in_1', { attempt: 2, next: day(5) }),
      invoiceFact('in_1', { at: day(3), attempt: 2, next: null }),
    );
    expect(facts.invoices['in_1']?.schedule.value).toEqual({ attemptCount: 2, nextAttemptAt: null });
  });

  test('the first failure keeps what was owed then; the last one what the provider then planned', () => {
    const facts = settledFrom(
      failedFact('in_1', { at: day(0), attempt: 1, next: day(3) }),
      failedFact('in_1', { at: day(3), attempt: 2, amounts: { paid: 900 } }),
      invoiceFact('in_1', { at: day(4), attempt: 2, amounts: { paid: 900 } }),
    );
    expect(facts.invoices['in_1']).toMatchObject({
      failure: { at: day(0), amounts: { remaining: 4900 } },
      lastFailure: { at: day(3), schedule: { attemptCount: 2, nextAttemptAt: null } },
    });
  });

  test('of two first failures in one second the one with more to pay counts', () => {
    const facts = settledFrom(failedFact('in_1'), failedFact('in_1', { amounts: { paid: 4900 } }));
    expect(facts.invoices['in_1']?.failure?.amounts.remaining).toBe(4900);
    const more = settledFrom(failedFact('in_1'), failedFact('in_1', { amounts: { due: 5900 } }));
    expect(more.invoices['in_1']?.failure?.amounts.remaining).toBe(5900);
  });

  test('the latest call for the customer is kept, by its kind', () => {
    const facts = settledFrom(
      failedFact('in_1', { at: day(1), reason: 'action_required' }),
      failedFact('in_1', { at: day(2), reason: 'method_required' }),
      failedFact('in_1', { at: day(3), reason: 'declined' }),
    );
    expect(facts.invoices['in_1']).toMatchObject({ actionRequiredAt: day(1), methodRequiredAt: day(2) });
  });

  test('its payments gather, each once', () => {
    const facts = settledFrom(
      invoiceFact('in_1', { paymentIds: ['pi_2', 'ch_1', 'pi_2'] }),
      invoiceFact('in_1', { at: day(1), paymentIds: ['pi_1', 'ch_1'] }),
    );
    expect(facts.invoices['in_1']?.paymentIds).toEqual(['ch_1', 'pi_1', 'pi_2']);
  });

  test('what its lines are for is that of its newest details', () => {
    const facts = settledFrom(
      invoiceFact('in_1', { details: { planIds: ['price_1'], productIds: ['prod_1'] } }),
      invoiceFact('in_1', { at: day(1), details: { planIds: ['price_2'] } }),
    );
    expect(facts.invoices['in_1']?.details.value).toMatchObject({ planIds: ['price_2'], productIds: [] });
  });

  test('B20: one invoice never ends up between two currencies', () => {
    const facts = settledFrom(
      invoiceFact('in_1', { currency: 'EUR' }),
      invoiceFact('in_1', { currency: 'USD' }),
    );
    expect(facts.invoices['in_1']?.currency).toBe('USD');
  });

  test('a part paid or credited is kept once under its id', () => {
    const facts = settledFrom(
      changeFact('inpay_1', { paidMinor: 1000 }),
      changeFact('cn_1', { creditedMinor: 500 }),
      changeFact('cn_1:voided', { creditedMinor: -500 }),
    );
    expect(Object.keys(facts.changes).toSorted()).toEqual(['cn_1', 'cn_1:voided', 'inpay_1']);
  });
});

describe('attempts', () => {
  test('two tellings of one attempt fill each other’s gaps', () => {
    const byCharge = attemptFact('ch_1', { invoiceId: null, amountMinor: 4900, trigger: null });
    const byIntent = attemptFact('ch_1', {
      card: null,
      decline: null,
      sentToNetwork: null,
      paymentIntentId: 'pi_1',
    });
    expect(settledFrom(byCharge, byIntent).attempts['ch_1']).toEqual({
      ...byCharge.attempt,
      invoiceId: 'in_1',
      paymentIntentId: 'pi_1',
      trigger: 'provider',
    });
  });

  test('C12: the codes of one decline told apart come together', () => {
    const generic = attemptFact('ch_1', { decline: declineOf(null, { code: 'card_declined' }) });
    const exact = attemptFact('ch_1', { decline: { ...declineOf('lost_card'), code: null } });
    const { decline } = settledFrom(generic, exact).attempts['ch_1'] ?? {};
    expect(decline).toMatchObject({ code: 'card_declined', declineCode: 'lost_card' });
  });

  test('an attempt has its earliest time, and succeeded beats declined', () => {
    const facts = settledFrom(
      attemptFact('ch_1', { at: SECOND_LATER }),
      attemptFact('ch_1', { at: FAILED_AT, result: 'succeeded' }),
    );
    expect(facts.attempts['ch_1']).toMatchObject({ at: FAILED_AT, result: 'succeeded' });
  });

  test('an attempt told again with a later stamp is nothing new', () => {
    const facts = factsFrom(attemptFact('ch_1'), attemptFact('ch_1', { at: SECOND_LATER }));
    expect(merge(facts, attemptFact('ch_1', { at: SECOND_LATER }))).toBe(facts);
  });
});

describe('who the customer is', () => {
  test('the customer’s own record goes before an invoice’s copy, which only fills gaps', () => {
    const frozen = { ...NOBODY, email: 'old@example.com', name: 'Ana Alt', country: 'DE' };
    const facts = settledFrom(
      customerFact({ email: 'new@example.com', name: null, country: null }),
      failedFact('in_1', { at: day(9), contact: frozen }),
    );
    expect(contactOf(facts)).toEqual({
      email: 'new@example.com',
      name: 'Ana Alt',
      locales: ['en'],
      country: 'DE',
      timeZone: null,
      metadata: {},
    });
  });

  test('the newest record wins, a refresh in case of a tie', () => {
    const facts = settledFrom(
      customerFact({ email: 'a@example.com' }),
      customerFact({ email: 'z@example.com' }, { at: day(-1) }),
      customerFact({ email: 'b@example.com' }, { source: 'refresh', defaultMethodId: 'pm_1' }),
    );
    expect(contactOf(facts).email).toBe('b@example.com');
    expect(facts.defaultMethod?.value).toBe('pm_1');
  });

  test('what the business noted is that of the newest record, whole, and never an invoice’s', () => {
    const noted = { timeZone: 'Europe/Vienna', metadata: { tier: 'gold' } };
    const facts = settledFrom(
      customerFact({ timeZone: 'Asia/Tokyo', metadata: { old: 'yes' } }, { at: day(-1) }),
      customerFact(noted),
      failedFact('in_1', { at: day(9), contact: { ...NOBODY, name: 'Ana' } }),
    );
    expect(contactOf(facts)).toMatchObject(noted);
    expect(contactOf(facts).metadata).toEqual({ tier: 'gold' });
    expect(contactOf(factsFrom(failedFact('in_1', { contact: ANA })))).toMatchObject({
      timeZone: null,
      metadata: {},
    });
  });

  test('metadata under a key that objects inherit is told apart', () => {
    const metadata = Object.fromEntries([['__proto__', 'gold']]);
    const facts = settledFrom(customerFact({ metadata }), customerFact({ metadata: {} }, { at: day(-1) }));
    expect(own(contactOf(facts).metadata, '__proto__')).toBe('gold');
    expect(own(contactOf(facts).metadata, 'constructor')).toBeNull();
  });

  test('they are a customer since the earliest time that was told', () => {
    const facts = settledFrom(
      customerFact({}, { since: day(-30) }),
      customerFact({}, { at: day(1), since: day(-60) }),
      customerFact({}, { at: day(2), since: null, source: 'refresh' }),
    );
    expect(facts.customerSince).toBe(day(-60));
    expect(factsFrom(customerFact()).customerSince).toBeNull();
  });

  test('an invoice without a contact leaves the one that is known', () => {
    const facts = settledFrom(failedFact('in_1', { contact: ANA }), failedFact('in_1', { at: day(1) }));
    expect(contactOf(facts).email).toBe(ANA.email);
  });

  test('a card told once is not lost when its method is told again without it', () => {
    const facts = settledFrom(methodFact(), methodFact({ card: null, attached: false }, { at: day(1) }));
    expect(facts.methods['pm_1']?.value.attached).toBe(false);
    expect(facts.cards['pm_1']?.value).toEqual(CARD);
  });
});

describe.each(DELETIONS)('%s', (kind) => {
  const WHO_THEY_ARE: readonly Fact[] = [
    customerFact(
      { timeZone: 'Europe/Vienna', metadata: { nickname: 'Ana' } },
      { at: day(9), defaultMethodId: 'pm_1', since: day(-60) },
    ),
    failedFact('in_1', { at: day(9), contact: ANA }),
    attemptFact('ch_1', { at: day(9) }),
    methodFact({}, { at: day(9) }),
    mandateFact('pm_1', 'active', { at: day(9) }),
    deliveryFact('bounced', { unreachable: true }, { at: day(9) }),
  ];

  test('no later fact brings anything of the person back', () => {
    for (const fact of WHO_THEY_ARE) {
      const facts = settledFrom(goneFact(kind), fact);
      expect(contactOf(facts)).toEqual(NOBODY);
      expect(facts.customerSince).toBeNull();
      expect(JSON.stringify(facts)).not.toMatch(/ana@example|Ana|Vienna|card_a|4242|pm_1/);
    }
  });

  test('a late fact about the person changes nothing, so that nothing is written', () => {
    const facts = factsFrom(...WHO_THEY_ARE, goneFact(kind));
    expect(facts.unreachable).toEqual({});
    for (const fact of WHO_THEY_ARE) expect(merge(facts, fact)).toBe(facts);
  });

  test('the first time it was told counts', () => {
    const facts = settledFrom(goneFact(kind, { at: day(2) }), goneFact(kind, { at: day(1) }));
    expect(kind === 'customer-deleted' ? facts.deletedAt : facts.erasedAt).toBe(day(1));
  });

  test('amounts stay', () => {
    const facts = settledFrom(failedFact('in_1'), goneFact(kind), attemptFact('ch_1'));
    expect(facts.invoices['in_1']?.amounts.value.due).toBe(4900);
    expect(facts.attempts['ch_1']).toMatchObject({ amountMinor: 4900, card: null });
  });
});

describe('subscriptions', () => {
  test.each(['canceled', 'incomplete_expired'])(
    'one that is %s stays so, whatever is told later',
    (status) => {
      const facts = settledFrom(
        subscriptionFact({ status, cancellationReason: 'payment_failed' }),
        subscriptionFact({ status: 'active' }, { at: day(9), source: 'refresh' }),
      );
      expect(facts.subscriptions['sub_1']?.value).toMatchObject({
        status,
        cancellationReason: 'payment_failed',
      });
    },
  );

  test('A7: a stale telling never brings a cancelled subscription back', () => {
    const facts = settledFrom(
      subscriptionFact({ status: 'canceled' }, { at: day(2) }),
      subscriptionFact({ status: 'active' }, { at: day(1) }),
      subscriptionFact({ status: 'active' }, { at: day(2) }),
    );
    expect(facts.subscriptions['sub_1']?.value.status).toBe('canceled');
  });

  test('of those still running the newest wins, and in one second the graver', () => {
    const newest = settledFrom(
      subscriptionFact({ status: 'unpaid' }),
      subscriptionFact({ status: 'active' }, { at: SECOND_LATER }),
    );
    expect(newest.subscriptions['sub_1']?.value.status).toBe('active');
    const graver = settledFrom(
      subscriptionFact({ status: 'active' }),
      subscriptionFact({ status: 'past_due' }),
    );
    expect(graver.subscriptions['sub_1']?.value.status).toBe('past_due');
  });

  test('what it is to is that of the telling that counts, whole', () => {
    const facts = settledFrom(
      subscriptionFact({ planIds: ['price_1'], amountMinor: 4900, currency: 'EUR' }),
      subscriptionFact({ planIds: ['price_2'], productIds: ['prod_2'] }, { at: day(1) }),
    );
    expect(facts.subscriptions['sub_1']?.value).toMatchObject({
      planIds: ['price_2'],
      productIds: ['prod_2'],
      amountMinor: null,
    });
  });

  test('B12: a new subscription is another one, not the old one come back', () => {
    const facts = settledFrom(
      subscriptionFact({ status: 'canceled' }),
      subscriptionFact({ id: 'sub_2', status: 'active' }, { at: day(1) }),
    );
    expect(facts.subscriptions['sub_1']?.value.status).toBe('canceled');
    expect(facts.subscriptions['sub_2']?.value.status).toBe('active');
  });

  test('B8: that its first payment was still missing is remembered after it is active', () => {
    const facts = settledFrom(
      subscriptionFact({ status: 'incomplete' }),
      subscriptionFact({ status: 'incomplete' }, { at: SECOND_LATER }),
      subscriptionFact({ status: 'active' }, { at: day(1) }),
    );
    expect(facts.subscriptions['sub_1']).toMatchObject({
      incompleteAt: SECOND_LATER,
      value: { status: 'active' },
    });
  });
});

describe('payments on their way, disputes, refunds', () => {
  test('in one second the outcome of a payment beats the waiting for it', () => {
    expect(settledFrom(inFlightFact('pi_1', true), inFlightFact('pi_1', false)).inFlight['pi_1']?.value).toBe(
      false,
    );
  });

  test('a payment that starts again later is on its way again', () => {
    const facts = settledFrom(inFlightFact('pi_1', false), inFlightFact('pi_1', true, { at: day(1) }));
    expect(facts.inFlight['pi_1']?.value).toBe(true);
  });

  test('in one second a dispute’s end beats its beginning', () => {
    const facts = settledFrom(disputeFact('dp_1'), disputeFact('dp_1', { open: false, status: 'won' }));
    expect(facts.disputes['dp_1']?.value).toMatchObject({ open: false, status: 'won' });
  });

  test('of money that left the earliest times stay, and the payment that any telling named', () => {
    const facts = settledFrom(
      disputeFact('dp_1', { takenAt: day(1), paymentIntentId: 'pi_1' }, { at: day(1) }),
      disputeFact('dp_1', { open: false, status: 'won', backAt: day(5) }, { at: day(5) }),
      disputeFact('dp_1', { open: false, status: 'won', takenAt: day(3), backAt: day(9) }, { at: day(9) }),
      refundFact('re_1', { createdAt: day(2) }, { at: day(2) }),
      refundFact('re_1', { failed: true, failedAt: day(4) }, { at: day(4) }),
    );
    expect(facts.disputes['dp_1']).toMatchObject({
      at: day(9),
      value: { status: 'won', takenAt: day(1), backAt: day(5), paymentIntentId: 'pi_1' },
    });
    expect(facts.refunds['re_1']?.value).toMatchObject({ createdAt: day(2), failedAt: day(4), failed: true });
  });

  test('in one second a running total only climbs', () => {
    const facts = settledFrom(
      refundFact('ch_1', { amountMinor: 900 }),
      refundFact('ch_1', { amountMinor: 1800 }),
    );
    expect(facts.refunds['ch_1']?.value.amountMinor).toBe(1800);
  });

  test('the newest word on a refund counts', () => {
    const facts = settledFrom(refundFact('re_1'), refundFact('re_1', { failed: true }, { at: day(1) }));
    expect(facts.refunds['re_1']?.value.failed).toBe(true);
  });
});

describe('what became of mails', () => {
  test('each thing told of a mail is kept once, with its first time', () => {
    const facts = settledFrom(
      deliveryFact('sent', {}, { at: day(2) }),
      deliveryFact('sent', {}, { at: day(1) }),
      deliveryFact('delivered', {}, { at: day(3) }),
    );
    expect(facts.deliveries).toEqual({ 'in_1/final-notice': { sent: day(1), delivered: day(3) } });
  });

  test('an address that is not to be written to again is kept since the first time it was told', () => {
    const bounced = { unreachable: true, address: 'old@example.com' };
    const facts = settledFrom(
      deliveryFact('bounced', bounced, { at: day(2) }),
      deliveryFact('complained', bounced, { at: day(1) }),
      deliveryFact('delayed', { address: 'slow@example.com' }),
    );
    expect(facts.unreachable).toEqual({ [mailboxName('old@example.com')]: day(1) });
    expect(JSON.stringify(facts.unreachable)).not.toContain('old');
  });
});

describe('a payment that came back', () => {
  test('C20: is kept once under its id, and a later telling fills in its invoice', () => {
    const facts = settledFrom(
      reversalFact('ch_1', { invoiceId: null, paymentIntentId: 'pi_1' }),
      reversalFact('ch_1', {}, { source: 'refresh' }),
    );
    expect(facts.reversals).toEqual({
      ch_1: { ...reversalFact('ch_1').reversal, paymentIntentId: 'pi_1' },
    });
  });

  test('C20: leaves the invoice paid', () => {
    const facts = settledFrom(invoiceFact('in_1', { status: 'paid' }), reversalFact('ch_1', { at: day(3) }));
    expect(facts.invoices['in_1']?.status).toBe('paid');
  });

  test('C20: one that a closed case has dealt with is not taken in again', () => {
    const start: Facts = {
      ...NO_FACTS,
      tombstones: {
        in_1: tombstoneOf({ returned: { ch_1: { caseId: 'case_1', at: FAILED_AT, owedMinor: 0 } } }),
      },
    };
    expect(merge(start, reversalFact('ch_1'))).toBe(start);
    expect(Object.keys(merge(start, reversalFact('ch_2')).reversals)).toEqual(['ch_2']);
  });
});

const closedAs = (status: InvoiceStatus): Facts => ({
  ...NO_FACTS,
  tombstones: { in_1: tombstoneOf({ status }) },
});

describe('an invoice of a closed case', () => {
  test.each(['open', 'uncollectible', 'void', 'paid'] as const)(
    'A5, C23: told of a late failure after it closed as %s, nothing changes',
    (status) => {
      const start = closedAs(status);
      const late = failedFact('in_1', { at: day(9), contact: ANA });
      expect(merge(start, late)).toBe(start);
    },
  );

  test.each(['open', 'uncollectible', 'void'] as const)(
    'C21: closed as %s, a late payment is taken in',
    (status) => {
      const facts = merge(closedAs(status), invoiceFact('in_1', { status: 'paid', at: day(9) }));
      expect(facts.invoices['in_1']).toMatchObject({ status: 'paid', statusAt: day(9) });
    },
  );

  test('closed as paid, being paid again is nothing new', () => {
    const start = closedAs('paid');
    expect(merge(start, invoiceFact('in_1', { status: 'paid', at: day(9) }))).toBe(start);
  });

  test('says nothing about the customer’s other invoices', () => {
    const facts = merge(closedAs('paid'), failedFact('in_2'));
    expect(Object.keys(facts.invoices)).toEqual(['in_2']);
  });
});
