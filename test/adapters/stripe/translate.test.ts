// Which of Stripe's events are used, ignored or refused, and that nothing in one can do harm.
import * as fc from 'fast-check';
import type Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { EVENT_TYPES, translate, type Accept } from '../../../adapters/stripe/translate.ts';
import { isProviderId } from '../../../core/ids.ts';
import { MAX_MINOR } from '../../../core/money.ts';
import { NO_FACTS } from '../../../core/recovery/customer.ts';
import { mergeAll } from '../../../core/recovery/merge.ts';
import {
  basilInvoice,
  CREATED,
  creditNote,
  customer,
  declinedIntent,
  dispute,
  earlyFraudWarning,
  failedCharge,
  invoicePayment,
  legacyCard,
  mandate,
  paymentIntent,
  paymentMethod,
  preBasilInvoice,
  refund,
  setupIntent,
  stripeEvent,
  subscription,
  type Json,
} from '../../support/stripe-events.ts';
import { told } from './told.ts';

const ANY: Accept = { livemode: null, account: null };

/** An object of every type that is used. */
const OBJECTS = {
  'invoice.payment_failed': basilInvoice(),
  'invoice.payment_action_required': preBasilInvoice(),
  'invoice.payment_attempt_required': basilInvoice(),
  'invoice.paid': preBasilInvoice(),
  'invoice.payment_succeeded': basilInvoice(),
  'invoice.updated': basilInvoice(),
  'invoice.voided': basilInvoice(),
  'invoice.marked_uncollectible': basilInvoice(),
  'invoice.overdue': basilInvoice(),
  'invoice.will_be_due': basilInvoice(),
  'invoice.finalized': basilInvoice({ collection_method: 'send_invoice' }),
  'invoice_payment.paid': invoicePayment(),
  'credit_note.created': creditNote(),
  'credit_note.voided': creditNote(),
  'payment_intent.processing': paymentIntent(),
  'payment_intent.succeeded': paymentIntent(),
  'payment_intent.canceled': paymentIntent(),
  'payment_intent.payment_failed': declinedIntent(),
  'charge.failed': failedCharge(),
  'charge.refunded': failedCharge(),
  'refund.created': refund(),
  'refund.updated': refund(),
  'refund.failed': refund(),
  'charge.refund.updated': refund(),
  'charge.dispute.created': dispute(),
  'charge.dispute.updated': dispute(),
  'charge.dispute.closed': dispute(),
  'radar.early_fraud_warning.created': earlyFraudWarning(),
  'radar.early_fraud_warning.updated': earlyFraudWarning(),
  'customer.created': customer(),
  'customer.updated': customer(),
  'customer.deleted': customer(),
  'customer.subscription.created': subscription(),
  'customer.subscription.updated': subscription(),
  'customer.subscription.paused': subscription(),
  'customer.subscription.resumed': subscription(),
  'customer.subscription.deleted': subscription(),
  'payment_method.attached': paymentMethod(),
  'payment_method.updated': paymentMethod(),
  'payment_method.automatically_updated': paymentMethod(),
  'payment_method.detached': paymentMethod(),
  'customer.source.created': legacyCard(),
  'customer.source.updated': legacyCard(),
  'customer.source.expiring': legacyCard(),
  'customer.source.deleted': legacyCard(),
  'setup_intent.succeeded': setupIntent(),
  'mandate.updated': mandate(),
} satisfies Partial<Record<Stripe.Event['type'], Json>>;

const USED = Object.entries(OBJECTS).map(([type, object]) =>
  stripeEvent(type, object, { previous: { customer: 'cus_1' } }),
);

describe('what is used', () => {
  test('A14: an endpoint subscribes to exactly the types that are used', () => {
    expect([...EVENT_TYPES].sort()).toEqual(Object.keys(OBJECTS).sort());
  });

  test.each(USED.map((event) => [event.type, event] as const))('%s comes to facts', (_, event) => {
    expect(translate(event, ANY)).toMatchObject({
      kind: expect.stringMatching(/^(facts|unrouted)$/),
      eventId: 'evt_1',
      at: '2025-10-09T08:53:20.000Z',
      livemode: false,
    });
  });

  test('A18: the shape is read as it is, whatever version the envelope names', () => {
    const event = stripeEvent('invoice.paid', preBasilInvoice(), { api_version: '2026-10-28.endive' });
    expect(told('facts', event).facts).toHaveLength(1);
  });
});

const customerEvent = (fields: Json) => stripeEvent('customer.updated', customer(), fields);

describe('whose events a connection takes', () => {
  test.each([
    ['a live event', true, false, 'a live event; this connection takes test events'],
    ['a test event', false, true, 'a test event; this connection takes live events'],
  ])('A12: %s of the other mode is ignored', (_, livemode, takes, reason) => {
    expect(translate(customerEvent({ livemode }), { livemode: takes, account: null })).toEqual({
      kind: 'ignored',
      type: 'customer.updated',
      reason,
    });
  });

  test.each([true, false])('A12: of its own mode it is taken: live %s', (livemode) => {
    expect(translate(customerEvent({ livemode }), { livemode, account: null })).toMatchObject({
      kind: 'facts',
      livemode,
    });
    expect(translate(customerEvent({ livemode }), ANY).kind).toBe('facts');
  });

  test.each([
    [
      'another account',
      { account: 'acct_2' },
      'an event of account acct_2; this connection takes events of account acct_1',
    ],
    ['the platform', {}, 'an event of the platform itself; this connection takes events of account acct_1'],
  ])('A11: an event of %s is ignored', (_, fields, reason) => {
    expect(translate(customerEvent(fields), { livemode: null, account: 'acct_1' })).toMatchObject({
      kind: 'ignored',
      reason,
    });
  });

  test('A11: of its own account it is taken', () => {
    const own = customerEvent({ account: 'acct_1' });
    expect(translate(own, { livemode: null, account: 'acct_1' }).kind).toBe('facts');
    expect(translate(own, ANY).kind).toBe('facts');
  });
});

describe('what is not used is ignored by name, whatever is in it', () => {
  test.each([
    ['invoice.created', 'a new invoice is a draft'],
    ['invoice.upcoming', 'an invoice not made yet has no id'],
    ['invoice.finalization_failed', 'could not be finalised'],
    ['payment_intent.created', 'not tried yet'],
    ['payment_intent.requires_action', 'its invoice tells'],
    ['charge.succeeded', 'its invoice tells'],
    ['charge.pending', 'its payment intent tells'],
    ['subscription_schedule.aborted', 'its subscription tells'],
    ['plan.created', 'not used'],
    ['constructor', 'not used'],
    ['__proto__', 'not used'],
    ['toString', 'not used'],
  ])('%s: %s', (type, reason) => {
    for (const event of [stripeEvent(type, basilInvoice()), { type }, { type, livemode: 7, data: [] }]) {
      expect(translate(event, ANY)).toEqual({
        kind: 'ignored',
        type,
        reason: expect.stringContaining(reason),
      });
    }
  });

  test('a thin event says what to configure', () => {
    const thin = {
      id: 'evt_test_1',
      object: 'v2.core.event',
      type: 'v1.invoice.payment_failed',
      created: '2025-10-09T08:53:20.000Z',
      livemode: true,
      related_object: { id: 'in_1', type: 'invoice', url: '/v1/invoices/in_1' },
    };
    expect(translate(thin, ANY)).toEqual({
      kind: 'ignored',
      type: 'v1.invoice.payment_failed',
      reason: 'a thin event holds no object: configure a snapshot payload for this destination',
    });
  });
});

const failed = (fields: Json) => stripeEvent('invoice.payment_failed', basilInvoice(fields));

describe('what cannot be right is refused, naming the field, what it is and what was expected', () => {
  const minor = `not a whole number of minor units from 0 to ${MAX_MINOR}`;
  const time = 'not a time in whole seconds between 2010 and 2100';
  const id = 'not an id of at most 128 printable characters';

  test.each([
    [failed({ amount_due: 1e30 }), `data.object.amount_due: 1e+30 is ${minor}`],
    [failed({ amount_due: -1 }), `data.object.amount_due: -1 is ${minor}`],
    [failed({ amount_due: 12.5 }), `data.object.amount_due: 12.5 is ${minor}`],
    [failed({ amount_due: '2500' }), `data.object.amount_due: "2500" is ${minor}`],
    [failed({ amount_remaining: undefined }), `data.object.amount_remaining: null is ${minor}`],
    [failed({ amount_paid: MAX_MINOR + 1 }), `data.object.amount_paid: ${MAX_MINOR + 1} is ${minor}`],
    [
      failed({ pre_payment_credit_notes_amount: [] }),
      `data.object.pre_payment_credit_notes_amount: an array is ${minor}`,
    ],
    [failed({ attempt_count: -1 }), 'data.object.attempt_count: -1 is not a whole number from 0 to 1000000'],
    [failed({ created: 1 }), `data.object.created: 1 is ${time}`],
    [
      failed({ next_payment_attempt: 4_102_444_800 }),
      `data.object.next_payment_attempt: 4102444800 is ${time}`,
    ],
    [failed({ due_date: CREATED + 0.5 }), `data.object.due_date: ${CREATED}.5 is ${time}`],
    [failed({ currency: 'euro' }), 'data.object.currency: "euro" is not a currency of three letters'],
    [failed({ id: 'in 1' }), `data.object.id: "in 1" is ${id}`],
    [failed({ id: 'i'.repeat(129) }), `data.object.id: "${'i'.repeat(40)}"… is ${id}`],
    [failed({ customer: { id: 7 } }), `data.object.customer: 7 is ${id}`],
    [
      failed({ parent: { subscription_details: { subscription: '' } } }),
      `data.object.parent.subscription_details.subscription: "" is ${id}`,
    ],
    [failed({ parent: 'sub_1' }), 'data.object.parent: "sub_1" is not an object'],
    [
      failed({ payments: { data: [{}, { payment: { charge: 7 } }] } }),
      `data.object.payments.data.1.payment.charge: 7 is ${id}`,
    ],
    [failed({ payments: { data: {} } }), 'data.object.payments.data: an object is not a list'],
    [failed({ status: 'gone' }), 'data.object.status: "gone" is not one of open, paid, uncollectible, void'],
    [failed({ object: 'charge' }), 'data.object.object: "charge" is not "invoice"'],
    [stripeEvent('invoice.paid', basilInvoice(), { id: null }), `id: null is ${id}`],
    [stripeEvent('invoice.paid', basilInvoice(), { created: '2025' }), `created: "2025" is ${time}`],
    [
      stripeEvent('invoice.paid', basilInvoice(), { livemode: 'yes' }),
      'livemode: "yes" is not true or false',
    ],
    [stripeEvent('invoice.paid', basilInvoice(), { account: {} }), `account: an object is ${id}`],
    [stripeEvent('invoice.paid', basilInvoice(), { data: null }), 'data: null is not an object'],
    [
      stripeEvent('invoice.paid', basilInvoice(), { data: { object: [] } }),
      'data.object: an array is not an object',
    ],
  ])('%#', (event, reason) => {
    expect(translate(event, ANY)).toEqual({ kind: 'refused', type: event.type, reason });
  });

  test.each([
    [null, 'the event is not an object'],
    [[], 'the event is not an object'],
    ['{}', 'the event is not an object'],
    [{}, 'type: null is not a word of at most 64 printable characters'],
    [{ type: 7 }, 'type: 7 is not a word of at most 64 printable characters'],
  ])('%j has no type', (event, reason) => {
    expect(translate(event, ANY)).toEqual({ kind: 'refused', type: null, reason });
  });

  test('a zero written -0 is zero', () => {
    const event = failed(JSON.parse('{"amount_paid":-0,"attempt_count":-0}') as Json);
    expect(told('facts', event).facts[0]).toMatchObject({
      invoice: { amounts: { paid: 0 }, schedule: { attemptCount: 0 } },
    });
  });

  test('the limits themselves are taken', () => {
    const event = failed({
      amount_due: MAX_MINOR,
      created: 1_262_304_000,
      currency: 'JPY',
      id: 'i'.repeat(128),
    });
    expect(told('facts', event).facts[0]).toMatchObject({
      invoice: { currency: 'JPY', amounts: { due: MAX_MINOR } },
    });
  });
});

/** `event` with the value at a path of keys set; an own `__proto__` is what JSON.parse makes of one. */
const withValue = (value: unknown, path: readonly string[], set: unknown): unknown => {
  const [key, ...rest] = path;
  if (key === undefined) return set;
  const isObject = typeof value === 'object' && value !== null;
  const under = isObject ? (value as Json)[key] : undefined;
  const entry = Object.fromEntries([[key, withValue(under, rest, set)]]);
  return Array.isArray(value)
    ? value.map((each, at) => (String(at) === key ? entry[key] : each))
    : { ...(value as Json), ...entry };
};

const pathsOf = (value: unknown): string[][] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, under]) => [
        [key],
        ...pathsOf(under).map((path) => [key, ...path]),
      ])
    : [];

const HOSTILE = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf'];
const hostileJson = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(...HOSTILE),
  fc.constantFrom(-0, 1e30, Number.MAX_SAFE_INTEGER, '', ' ', '\uD800', 'x'.repeat(3000)),
  fc.constantFrom(...HOSTILE).map((key) => JSON.parse(`{"${key}":{"id":"in_1","status":"paid"}}`) as unknown),
);

/** One of the used events with up to four values replaced, dropped or added. */
const mutated = fc.constantFrom(...USED).chain((event) => {
  const paths = pathsOf(event);
  const change = fc.tuple(
    fc.constantFrom(...paths),
    fc.option(fc.constantFrom(...HOSTILE), { nil: null, freq: 4 }),
    fc.oneof(hostileJson, fc.constant(undefined)),
  );
  return fc
    .array(change, { minLength: 1, maxLength: 4 })
    .map((changes) =>
      changes.reduce<unknown>((made, [path, extra, value]) => {
        const under = extra === null ? path : [...path.slice(0, -1), extra];
        return withValue(made, under, value);
      }, event),
    )
    .map((made) => JSON.parse(JSON.stringify(made)) as unknown);
});

const amountsIn = (value: unknown): unknown[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, under]) =>
        /Minor$|^(due|paid|remaining|credited)$/.test(key) && under !== null ? [under] : amountsIn(under),
      )
    : [];

const stampsIn = (value: unknown): unknown[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, under]) =>
        /^at$|At$/.test(key) && under !== null ? [under] : stampsIn(under),
      )
    : [];

const isAmount = (value: unknown): boolean =>
  Number.isSafeInteger(value) && Math.abs(value as number) <= MAX_MINOR && !Object.is(value, -0);

const isStamp = (value: unknown): boolean =>
  typeof value === 'string' && /^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/.test(value);

/** What is wrong with the translation of a JSON value; empty for any. */
const faultsOf = (event: unknown): unknown[] => {
  const translation = translate(event, ANY);
  if (translation.kind === 'ignored' || translation.kind === 'refused') {
    const { reason } = translation;
    return reason.trim() !== '' && reason.length < 400 ? [] : [reason];
  }
  const facts = translation.kind === 'facts' ? translation.facts : [translation.fact];
  const whose = translation.kind === 'facts' ? translation.customerId : translation.reference.id;
  const written = JSON.stringify(facts);
  mergeAll(NO_FACTS, facts);
  return [
    ...[whose, translation.eventId].filter((id) => !isProviderId(id)),
    ...amountsIn(facts).filter((amount) => !isAmount(amount)),
    ...stampsIn(facts).filter((at) => !isStamp(at)),
    ...(facts.length > 0 && written.isWellFormed() && written.length < 20_000 ? [] : [written]),
  ];
};

describe('laws', () => {
  test('any JSON value comes to something, without a throw', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (event) => {
        expect(faultsOf(event)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test('any JSON value as the object of a used type', () => {
    const type = fc.constantFrom(...EVENT_TYPES);
    const object = fc.jsonValue({ maxDepth: 3 });
    fc.assert(
      fc.property(type, object, (each, value) => {
        expect(faultsOf(stripeEvent(each, value as Json))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test('any used event with values replaced, dropped or added, hostile names among them', () => {
    fc.assert(
      fc.property(mutated, (event) => {
        expect(faultsOf(event)).toEqual([]);
      }),
      { numRuns: 3000 },
    );
  });

  test('an event nested beyond any depth is refused or read like another', () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    for (const field of ['parent', 'id', 'customer_name', 'unread']) {
      const event = stripeEvent('invoice.paid', basilInvoice({ [field]: JSON.parse(deep) as unknown }));
      expect(faultsOf(event)).toEqual([]);
    }
  });

  test.each(HOSTILE)('an object called %s is an object like another', (name) => {
    const event = JSON.parse(
      JSON.stringify(stripeEvent('invoice.paid', preBasilInvoice({ id: name, customer: name }))),
    );
    const { customerId, facts } = told('facts', event);
    expect(customerId).toBe(name);
    const merged = mergeAll(NO_FACTS, facts);
    expect(Object.keys(merged.invoices)).toEqual([name]);
    expect(Object.getPrototypeOf(merged.invoices)).toBe(Object.prototype);
  });

  test('what an object inherits is not told by it', () => {
    const heir = Object.create(customer()) as Json;
    expect(told('refused', stripeEvent('customer.updated', heir)).reason).toContain(
      'data.object.object: null',
    );
  });

  test.each(HOSTILE)('a field called %s lends nothing to the others', (name) => {
    const lender = JSON.stringify({ id: 'in_1', amount_due: 1, status: 'paid' });
    const object = JSON.parse(`{"${name}":${lender}}`) as Json;
    const event = stripeEvent('invoice.paid', object);
    expect(translate(event, ANY).kind).toBe('refused');
    expect(({} as Json)['amount_due']).toBeUndefined();
  });
});
