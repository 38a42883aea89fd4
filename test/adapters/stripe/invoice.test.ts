// What Stripe's invoices, credit notes and invoice payments tell us.
import { describe, expect, test } from 'vitest';
import type { Fact } from '../../../core/recovery/fact.ts';
import {
  basilInvoice,
  CREATED,
  CREATED_AT,
  creditNote,
  invoicePayment,
  itemsOf,
  paidInFull,
  plan,
  preBasilInvoice,
  price,
  stripeEvent,
} from '../../support/stripe-events.ts';
import { factOf, told } from './told.ts';

const invoiceOf = (type: string, object: Parameters<typeof stripeEvent>[1]) =>
  factOf('invoice', stripeEvent(type, object));

const expected: Extract<Fact, { kind: 'invoice' }> = {
  kind: 'invoice',
  at: CREATED_AT as Fact['at'],
  source: 'event',
  invoice: {
    id: 'in_1',
    currency: 'EUR',
    status: 'open',
    amounts: { due: 2500, paid: 0, remaining: 2500, credited: 0 },
    schedule: { attemptCount: 1, nextAttemptAt: '2025-10-12T08:53:20.000Z' as Fact['at'] },
    details: {
      number: 'A-0001',
      hostedUrl: 'https://invoice.stripe.com/i/acct_1/live_abc?s=ap',
      collectionMethod: 'charge_automatically',
      billingReason: 'subscription_cycle',
      subscriptionId: 'sub_1',
      dueAt: null,
      createdAt: '2025-10-09T07:53:20.000Z' as Fact['at'],
      productIds: ['prod_1'],
      planIds: ['price_1'],
    },
    paymentIds: [],
  },
  failure: { at: CREATED_AT as Fact['at'], reason: 'declined' },
  contact: {
    email: 'ada@example.com',
    name: 'Ada Lovelace',
    locales: [],
    country: 'AT',
    timeZone: null,
    metadata: {},
  },
};

describe('A18: both shapes of an invoice are read', () => {
  test('since basil: the subscription is the parent’s, the payments are not there', () => {
    expect(invoiceOf('invoice.payment_failed', basilInvoice())).toEqual(expected);
  });

  test('before basil: subscription, charge and payment intent stand on the invoice', () => {
    expect(invoiceOf('invoice.payment_failed', preBasilInvoice())).toEqual({
      ...expected,
      invoice: { ...expected.invoice, paymentIds: ['ch_1', 'pi_1'] },
    });
  });

  const line = (priceId: string, product: unknown) => ({
    pricing: { price_details: { price: priceId, product } },
  });

  test.each<[string, object, readonly string[], readonly string[]]>([
    ['one of before', preBasilInvoice(), ['price_1'], ['prod_1']],
    ['a plan of before prices', { lines: itemsOf({ plan: plan() }) }, ['price_1'], ['prod_1']],
    [
      'an expanded product of before',
      { lines: itemsOf({ price: price({ product: { id: 'prod_9' } }) }) },
      ['price_1'],
      ['prod_9'],
    ],
    [
      'several, some twice',
      { lines: itemsOf(line('price_2', 'prod_1'), line('price_1', 'prod_1'), line('price_2', 'prod_1')) },
      ['price_1', 'price_2'],
      ['prod_1'],
    ],
    ['one for no product', { lines: itemsOf({ amount: 1, pricing: null, price: null }) }, [], []],
    ['none', { lines: undefined }, [], []],
    ['no list', { lines: 'x' }, [], []],
    ['no lines', { lines: { data: [null, 7, 'x', [], { pricing: 7 }, { price: 'two words' }] } }, [], []],
    ['no ids', { lines: itemsOf(line('two words', { id: 7 })) }, [], []],
  ])('the plans and products of its lines: %s', (_, fields, planIds, productIds) => {
    const { invoice } = invoiceOf('invoice.payment_failed', basilInvoice({ ...fields }));
    expect(invoice.details).toMatchObject({ planIds, productIds });
  });

  test('of many lines twenty plans and products are kept, the same whatever their order', () => {
    const lines = Array.from({ length: 300 }, (_, n) => line(`price_${n}`, `prod_${n}`));
    const detailsOf = (data: typeof lines) =>
      invoiceOf('invoice.paid', basilInvoice({ lines: itemsOf(...data) })).invoice.details;
    expect(detailsOf(lines).planIds).toHaveLength(20);
    expect(detailsOf(lines).productIds).toHaveLength(20);
    expect(detailsOf(lines.toReversed())).toEqual(detailsOf(lines));
  });

  test.each([
    ['no parent', { parent: null }, null],
    [
      'a parent without a subscription',
      { parent: { type: 'quote_details', subscription_details: null } },
      null,
    ],
    ['an expanded parent', { parent: { subscription_details: { subscription: { id: 'sub_9' } } } }, 'sub_9'],
    ['both places', { subscription: 'sub_old' }, 'sub_1'],
    ['an expanded subscription of before', { parent: null, subscription: { id: 'sub_8' } }, 'sub_8'],
  ])('the subscription with %s', (_, fields, subscriptionId) => {
    const { invoice } = invoiceOf('invoice.payment_failed', basilInvoice(fields));
    expect(invoice.details.subscriptionId).toBe(subscriptionId);
  });

  test.each([
    [
      'expanded ones of before',
      preBasilInvoice({ charge: { id: 'ch_7' }, payment_intent: { id: 'pi_7' } }),
      ['ch_7', 'pi_7'],
    ],
    ['none', preBasilInvoice({ charge: null, payment_intent: null }), []],
    [
      'an expanded list of payments',
      basilInvoice({
        payments: {
          data: [
            { id: 'inpay_1', payment: { type: 'payment_intent', payment_intent: 'pi_1' } },
            { id: 'inpay_2', payment: { type: 'charge', charge: { id: 'ch_2' } } },
            { id: 'inpay_3', payment: { type: 'payment_intent', payment_intent: { id: 'pi_1' } } },
            { id: 'inpay_4', payment: { type: 'payment_record', payment_record: 'pr_1' } },
          ],
        },
      }),
      ['pi_1', 'ch_2'],
    ],
  ])('the payments: %s', (_, object, paymentIds) => {
    expect(invoiceOf('invoice.paid', object).invoice.paymentIds).toEqual(paymentIds);
  });

  test('however many payments there are, fifty ids are kept', () => {
    const data = Array.from({ length: 80 }, (_, index) => ({ payment: { payment_intent: `pi_${index}` } }));
    expect(invoiceOf('invoice.paid', basilInvoice({ payments: { data } })).invoice.paymentIds).toHaveLength(
      50,
    );
  });

  test('an expanded customer is the same customer', () => {
    const object = basilInvoice({ customer: { id: 'cus_1', object: 'customer', deleted: true } });
    expect(invoiceOf('invoice.paid', object).invoice.id).toBe('in_1');
  });
});

describe('what an event says of an invoice', () => {
  test.each([
    ['invoice.payment_failed', 'declined'],
    ['invoice.payment_action_required', 'action_required'],
    ['invoice.payment_attempt_required', 'method_required'],
  ])('%s is a failure: %s', (type, reason) => {
    expect(invoiceOf(type, basilInvoice()).failure).toEqual({ at: CREATED_AT, reason });
    expect(invoiceOf(type, preBasilInvoice()).failure).toEqual({ at: CREATED_AT, reason });
  });

  test.each([
    ['invoice.paid', paidInFull, 'paid'],
    ['invoice.payment_succeeded', paidInFull, 'paid'],
    ['invoice.updated', { amount_paid: 1000, amount_remaining: 1500 }, 'open'],
    ['invoice.voided', { status: 'void' }, 'void'],
    ['invoice.marked_uncollectible', { status: 'uncollectible' }, 'uncollectible'],
    ['invoice.overdue', {}, 'open'],
    ['invoice.will_be_due', {}, 'open'],
  ])('%s is no failure and tells the state', (type, fields, status) => {
    const fact = invoiceOf(type, basilInvoice(fields));
    expect(fact.failure).toBeNull();
    expect(fact.invoice.status).toBe(status);
    expect(fact).toEqual({ ...invoiceOf(type, preBasilInvoice(fields)), invoice: fact.invoice });
  });

  test.each([
    ['paid', { paid_at: CREATED - 60, voided_at: null }, CREATED_AT.replace('08:53:20', '08:52:20')],
    ['void', { paid_at: null, voided_at: CREATED }, CREATED_AT],
    ['uncollectible', { marked_uncollectible_at: CREATED }, CREATED_AT],
    ['paid', { paid_at: null }, undefined],
    ['paid', { paid_at: 'soon' }, undefined],
    ['paid', null, undefined],
    ['open', { paid_at: CREATED }, undefined],
  ])('%s with %j since then', (status, moved, since) => {
    const fact = invoiceOf('invoice.updated', basilInvoice({ status, status_transitions: moved }));
    expect(fact.invoice.statusAt).toBe(since);
  });

  test('B17, B18: the amounts are those Stripe tells, credit notes before payment apart', () => {
    const object = basilInvoice({
      amount_due: 1800,
      amount_paid: 300,
      amount_remaining: 1500,
      pre_payment_credit_notes_amount: 700,
    });
    expect(invoiceOf('invoice.updated', object).invoice.amounts).toEqual({
      due: 1800,
      paid: 300,
      remaining: 1500,
      credited: 700,
    });
  });

  test('a failure told with a snapshot already paid, or of nothing, is passed on as told', () => {
    const late = invoiceOf('invoice.payment_failed', basilInvoice(paidInFull));
    expect([late.invoice.status, late.invoice.amounts.remaining, late.failure?.reason]).toEqual([
      'paid',
      0,
      'declined',
    ]);
    const free = invoiceOf('invoice.payment_failed', basilInvoice({ amount_due: 0, amount_remaining: 0 }));
    expect(free.failure?.reason).toBe('declined');
  });

  test('a sent invoice has a due date, and is told when it is finalised', () => {
    const object = basilInvoice({ collection_method: 'send_invoice', due_date: CREATED + 86_400 });
    const { details } = invoiceOf('invoice.finalized', object).invoice;
    expect(details.collectionMethod).toBe('send_invoice');
    expect(details.dueAt).toBe('2025-10-10T08:53:20.000Z');
  });

  describe('a sent invoice is paid by the customer on their own', () => {
    const sent = {
      collection_method: 'send_invoice',
      due_date: CREATED - 86_400,
      next_payment_attempt: null,
    };
    const OVERDUE = { at: '2025-10-08T08:53:20.000Z', reason: 'overdue' };
    const EVENTS = [
      'invoice.overdue',
      'invoice.updated',
      'invoice.finalized',
      'invoice.payment_failed',
      'invoice.payment_action_required',
      'invoice.payment_attempt_required',
    ];

    test.each(EVENTS)('past its due date it has failed since then, whatever tells of it: %s', (type) => {
      expect(invoiceOf(type, basilInvoice(sent)).failure).toEqual(OVERDUE);
      expect(invoiceOf(type, preBasilInvoice(sent)).failure).toEqual(OVERDUE);
    });

    test.each<[string, object, object | null]>([
      ['a day before its due date', { due_date: CREATED + 86_400 }, null],
      ['a second before it', { due_date: CREATED + 1 }, null],
      ['at that very second', { due_date: CREATED }, { at: CREATED_AT, reason: 'overdue' }],
      ['without a due date', { due_date: null }, null],
      ['part paid', { amount_paid: 1000, amount_remaining: 1500 }, OVERDUE],
      ['with nothing left to pay', { amount_remaining: 0 }, null],
      ['paid', paidInFull, null],
      ['void', { status: 'void' }, null],
      ['given up', { status: 'uncollectible' }, null],
      ['by its old name', { collection_method: null, billing: 'send_invoice' }, OVERDUE],
      [
        'charged automatically, though it has a due date',
        { collection_method: 'charge_automatically' },
        { at: CREATED_AT, reason: 'declined' },
      ],
    ])('a payment of it that fails, %s', (_, fields, failure) => {
      const object = basilInvoice({ ...sent, ...fields });
      expect(invoiceOf('invoice.payment_failed', object).failure).toEqual(failure);
    });
  });

  test('no further attempt scheduled is said by null', () => {
    const object = basilInvoice({ attempt_count: 9, next_payment_attempt: null });
    expect(invoiceOf('invoice.payment_failed', object).invoice.schedule).toEqual({
      attemptCount: 9,
      nextAttemptAt: null,
    });
  });
});

const old = (fields: object) => {
  const { status: _, created: date, amount_paid: _p, amount_remaining: _r, ...rest } = preBasilInvoice();
  return { ...rest, date, ...fields };
};

describe('an invoice of an old API version has no status', () => {
  test.each([
    ['paid', { paid: true, closed: true }, 'paid', 2500, 0],
    ['open', { paid: false, closed: false }, 'open', 0, 2500],
    ['closed unpaid', { paid: false, closed: true }, 'uncollectible', 0, 2500],
    ['forgiven', { paid: false, closed: true, forgiven: true }, 'uncollectible', 0, 2500],
    ['partly paid', { paid: false, amount_paid: 500, amount_remaining: 2000 }, 'open', 500, 2000],
  ])('%s', (_, fields, status, paid, remaining) => {
    const { invoice } = invoiceOf('invoice.updated', old(fields));
    expect(invoice.status).toBe(status);
    expect(invoice.amounts).toEqual({ due: 2500, paid, remaining, credited: 0 });
    expect(invoice.details.createdAt).toBe('2025-10-09T07:53:20.000Z');
  });

  test('and with a status `paid` means nothing', () => {
    expect(invoiceOf('invoice.updated', preBasilInvoice({ paid: true })).invoice.status).toBe('open');
  });

  test('`billing` was the name of the collection method', () => {
    const object = old({ paid: false, billing: 'send_invoice', collection_method: null });
    expect(invoiceOf('invoice.updated', object).invoice.details.collectionMethod).toBe('send_invoice');
  });

  test('with nothing that tells the status it is refused', () => {
    expect(told('refused', stripeEvent('invoice.updated', basilInvoice({ status: null }))).reason).toBe(
      'data.object.status: null is not one of open, paid, uncollectible, void',
    );
  });
});

describe('an invoice that matters to nobody is ignored by name', () => {
  test.each([
    ['invoice.updated', { status: 'draft' }, 'not finalised: nothing is owed yet'],
    [
      'invoice.updated',
      { status: 'draft', amount_due: -5, currency: null },
      'not finalised: nothing is owed yet',
    ],
    ['invoice.payment_failed', { customer: null }, 'names no customer'],
    ['invoice.finalized', {}, 'charged automatically'],
  ])('%s of %j', (type, fields, reason) => {
    expect(told('ignored', stripeEvent(type, basilInvoice(fields))).reason).toContain(reason);
  });
});

describe('the contact frozen on an invoice', () => {
  test.each([
    ['nothing', { customer_email: null, customer_name: null, customer_address: null }, null],
    ['empty words', { customer_email: '', customer_name: '  ', customer_address: { country: '' } }, null],
    [
      'a country only',
      { customer_email: null, customer_name: null, customer_address: { country: 'jp' } },
      { email: null, name: null, locales: [], country: 'JP', timeZone: null, metadata: {} },
    ],
  ])('%s', (_, fields, contact) => {
    expect(invoiceOf('invoice.paid', basilInvoice(fields)).contact).toEqual(contact);
  });

  test.each([
    ['two addresses', 'a@example.com,b@example.com'],
    ['a display name', 'Ada <ada@example.com>'],
    ['a second header', 'ada@example.com\r\nBcc: all@example.com'],
    ['a space', 'ada @example.com'],
    ['two at signs', 'ada@@example.com'],
    ['no at sign', 'ada.example.com'],
    ['nobody', '@example.com'],
    ['a line separator', 'ada@example.com\u2028'],
    ['255 characters', `${'a'.repeat(243)}@example.com`],
    ['a list', ['ada@example.com']],
  ])('an address with %s is no address', (_, address) => {
    expect(invoiceOf('invoice.paid', basilInvoice({ customer_email: address })).contact?.email).toBeNull();
  });

  test('an address of 254 characters is one, in any script', () => {
    const address = `${'a'.repeat(242)}@example.com`;
    expect(invoiceOf('invoice.paid', basilInvoice({ customer_email: address })).contact?.email).toBe(address);
    const other = 'ünï@例え.jp';
    expect(invoiceOf('invoice.paid', basilInvoice({ customer_email: other })).contact?.email).toBe(other);
  });

  test.each([
    ['is cut at 200 characters', 'x'.repeat(5000), 'x'.repeat(200)],
    ['is never cut inside a character', `${'x'.repeat(199)}🎈`, 'x'.repeat(199)],
    ['is one line', 'Ada\r\nLovelace\u0000', 'Ada Lovelace'],
    ['has no broken characters', 'A\uDC00da', 'A\uFFFDda'],
    ['of another type is none', { first: 'Ada' }, undefined],
  ])('a name %s', (_, name, expectedName) => {
    const object = basilInvoice({ customer_name: name });
    expect(invoiceOf('invoice.paid', object).contact?.name ?? undefined).toBe(expectedName);
  });

  test.each([
    ['http', 'http://invoice.stripe.com/i/1'],
    ['a script', 'javascript:alert(1)'],
    ['a quote', 'https://invoice.stripe.com/"onclick=1'],
    ['white space', 'https://invoice.stripe.com/ x'],
    ['no host', 'https://'],
    ['2049 characters', `https://invoice.stripe.com/${'i'.repeat(2022)}`],
    ['a number', 7],
  ])('a pay link with %s is no pay link', (_, url) => {
    const { details } = invoiceOf('invoice.paid', basilInvoice({ hosted_invoice_url: url })).invoice;
    expect(details.hostedUrl).toBeNull();
  });

  test('a pay link of 2048 characters is one', () => {
    const url = `https://invoice.stripe.com/${'i'.repeat(2021)}`;
    expect(
      invoiceOf('invoice.paid', basilInvoice({ hosted_invoice_url: url })).invoice.details.hostedUrl,
    ).toBe(url);
  });
});

describe('credit notes', () => {
  const changed = {
    kind: 'invoice-changed',
    at: CREATED_AT,
    source: 'event',
    invoiceId: 'in_1',
    paidMinor: 0,
  };

  test.each([
    ['issued', 'credit_note.created', {}, 'cn_1', 700],
    ['voided', 'credit_note.voided', { status: 'void' }, 'cn_1:voided', -700],
    ['of both kinds', 'credit_note.created', { type: 'mixed', pre_payment_amount: 200 }, 'cn_1', 200],
    [
      'of an old version',
      'credit_note.created',
      { pre_payment_amount: null, post_payment_amount: null },
      'cn_1',
      700,
    ],
  ])('B18: one %s changes what is owed by its part before payment', (_, type, fields, id, creditedMinor) => {
    const fact = factOf('invoice-changed', stripeEvent(type, creditNote(fields)));
    expect(fact).toEqual({ ...changed, id, creditedMinor });
  });

  test.each([
    [{ pre_payment_amount: 0, post_payment_amount: 700, type: 'post_payment' }],
    [{ pre_payment_amount: null, post_payment_amount: null, type: 'post_payment' }],
  ])('one after payment is left to its refund: %j', (fields) => {
    for (const type of ['credit_note.created', 'credit_note.voided']) {
      expect(told('ignored', stripeEvent(type, creditNote(fields))).reason).toContain('its refund tells');
    }
  });

  test('one that names no customer waits for the invoice’s', () => {
    const unrouted = told('unrouted', stripeEvent('credit_note.created', creditNote({ customer: null })));
    expect(unrouted.reference).toEqual({ kind: 'invoice', id: 'in_1' });
    expect(unrouted.fact).toEqual({ ...changed, id: 'cn_1', creditedMinor: 700 });
  });

  test('one that does not say which part it is of is refused', () => {
    const event = stripeEvent('credit_note.created', creditNote({ pre_payment_amount: null, type: 'mixed' }));
    expect(told('refused', event).reason).toContain('data.object.pre_payment_amount: null');
  });
});

describe('a payment of a part of an invoice', () => {
  test('waits for the invoice’s customer', () => {
    expect(told('unrouted', stripeEvent('invoice_payment.paid', invoicePayment()))).toEqual({
      kind: 'unrouted',
      eventId: 'evt_1',
      type: 'invoice_payment.paid',
      at: CREATED_AT,
      livemode: false,
      id: `invoice_payment.paid:inpay_1:${CREATED}`,
      reference: { kind: 'invoice', id: 'in_1' },
      fact: {
        kind: 'invoice-changed',
        at: CREATED_AT,
        source: 'event',
        id: 'inpay_1',
        invoiceId: 'in_1',
        paidMinor: 1000,
        creditedMinor: 0,
      },
    });
  });

  test('one that does not say how much is refused', () => {
    const event = stripeEvent('invoice_payment.paid', invoicePayment({ amount_paid: null }));
    expect(told('refused', event).reason).toContain('data.object.amount_paid: null is not a whole number');
  });
});
