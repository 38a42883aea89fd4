// What Stripe's customers, subscriptions and payment methods tell us.
import { describe, expect, test } from 'vitest';
import {
  CREATED,
  CREATED_AT,
  customer,
  itemsOf,
  legacyCard,
  mandate,
  paymentMethod,
  PERIOD_END,
  PERIOD_END_AT,
  plan,
  planSubscription,
  preBasilSubscription,
  price,
  setupIntent,
  stripeEvent,
  subscription,
  subscriptionItem,
  VISA,
  type Json,
} from '../../support/stripe-events.ts';
import { factOf, told } from './told.ts';

const customerOf = (fields: Json = {}) =>
  factOf('customer', stripeEvent('customer.updated', customer(fields)));

describe('a customer', () => {
  test.each(['customer.created', 'customer.updated'])(
    '%s tells the contact and the default method',
    (type) => {
      expect(factOf('customer', stripeEvent(type, customer()))).toEqual({
        kind: 'customer',
        at: CREATED_AT,
        source: 'event',
        contact: {
          email: 'ada@example.com',
          name: 'Ada Lovelace',
          locales: ['de-AT', 'en'],
          country: 'AT',
          timeZone: 'Europe/Vienna',
          metadata: { tier: 'gold', time_zone: 'Europe/Vienna' },
        },
        defaultMethodId: 'pm_1',
        since: CREATED_AT,
      });
    },
  );

  test.each([
    ['invoice settings first', { default_source: 'card_1' }, 'pm_1'],
    [
      'else the default source',
      { invoice_settings: { default_payment_method: null }, default_source: 'card_1' },
      'card_1',
    ],
    ['either expanded', { invoice_settings: null, default_source: { id: 'src_1' } }, 'src_1'],
    ['none', { invoice_settings: { default_payment_method: null } }, null],
  ])('C14: the default method: %s', (_, fields, defaultMethodId) => {
    expect(customerOf(fields).defaultMethodId).toBe(defaultMethodId);
  });

  test('of whom hardly anything is known is one all the same', () => {
    const event = stripeEvent('customer.created', { id: 'cus_1', object: 'customer' });
    expect(factOf('customer', event)).toMatchObject({
      contact: { email: null, name: null, locales: [], country: null, timeZone: null, metadata: {} },
      defaultMethodId: null,
      since: null,
    });
  });

  test.each([['yesterday'], [-1], [1.5], [null], [{}], [CREATED * 1000]])(
    'since %j is not known, and no reason to refuse the rest',
    (created) => {
      expect(customerOf({ created })).toMatchObject({ since: null, contact: { email: 'ada@example.com' } });
    },
  );

  test('languages are tags, at most five', () => {
    const preferred_locales = ['de', 'not a tag', 7, '../../etc', 'zh-Hant-TW', 'fr', 'it', 'es', 'pt-BR'];
    expect(customerOf({ preferred_locales }).contact.locales).toEqual(['de', 'zh-Hant-TW', 'fr', 'it', 'es']);
  });

  test.each([['Austria'], ['A1'], [7], [null]])('a country %j is not known', (country) => {
    expect(customerOf({ address: { country } }).contact.country).toBeNull();
  });

  test.each<[string, Json, string | null]>([
    ['time_zone', { time_zone: 'Asia/Tokyo' }, 'Asia/Tokyo'],
    ['timezone', { timezone: 'Asia/Tokyo' }, 'Asia/Tokyo'],
    ['tz', { tz: ' Asia/Tokyo\n' }, 'Asia/Tokyo'],
    ['the first of several', { tz: 'Asia/Tokyo', time_zone: 'UTC' }, 'UTC'],
    ['the first that is one', { tz: 'Asia/Tokyo', time_zone: 'Middle Earth' }, 'Asia/Tokyo'],
    ['none', { time_zone: 'Mars/Olympus' }, null],
    ['an offset', { time_zone: '+02:00' }, null],
    ['a date that names a zone', { time_zone: '2026-01-01T00:00[Asia/Tokyo]' }, null],
    ['no text', { time_zone: ['Asia/Tokyo'] }, null],
    ['of a prototype', { time_zone: 'constructor' }, null],
    ['far too long', { time_zone: `Asia/${'x'.repeat(5000)}` }, null],
    ['under another key', { Time_Zone: 'Asia/Tokyo' }, null],
  ])('the time zone in the metadata: %s', (_, metadata, timeZone) => {
    expect(customerOf({ metadata }).contact.timeZone).toBe(timeZone);
  });

  test.each<[string, unknown, Json]>([
    ['texts', { b: '2', a: '1' }, { a: '1', b: '2' }],
    ['none', null, {}],
    ['a list', ['gold'], {}],
    ['a text', 'gold', {}],
    ['no text', { a: 1, b: null, c: {}, d: ['x'], e: true, f: 'kept' }, { f: 'kept' }],
    ['empty ones', { a: '', b: '  ', ' ': 'x', '': 'y' }, {}],
    ['of two lines', { a: 'x\r\nBcc: y' }, { a: 'x Bcc: y' }],
    ['half characters', { a: 'x\uD800y', 'b\uD800': 'z' }, { a: 'x\uFFFDy' }],
    ['at the limits', { ['k'.repeat(40)]: 'v'.repeat(100) }, { ['k'.repeat(40)]: 'v'.repeat(100) }],
    ['beyond the limits', { ['k'.repeat(41)]: 'v', a: 'v'.repeat(101) }, {}],
  ])('metadata: %s', (_, metadata, kept) => {
    expect(customerOf({ metadata }).contact.metadata).toEqual(kept);
  });

  test('of much metadata the first twenty by key are kept, in their order', () => {
    const keys = Array.from({ length: 5000 }, (_, n) => `key_${String(n).padStart(4, '0')}`);
    const metadata = Object.fromEntries(keys.toReversed().map((key) => [key, 'x'.repeat(100)]));
    expect(Object.keys(customerOf({ metadata }).contact.metadata)).toEqual(keys.slice(0, 20));
  });

  test('a key that objects inherit is a key like any other', () => {
    const metadata = JSON.parse('{"__proto__":"a","constructor":"b","toString":"c"}') as Json;
    const kept = customerOf({ metadata }).contact.metadata;
    expect(Object.entries(kept)).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
      ['toString', 'c'],
    ]);
    expect(Object.getPrototypeOf(kept)).toBe(Object.prototype);
  });

  test('deleted is deleted', () => {
    expect(factOf('customer-deleted', stripeEvent('customer.deleted', customer()))).toEqual({
      kind: 'customer-deleted',
      at: CREATED_AT,
      source: 'event',
    });
  });
});

/** What the builders' subscription is to. */
const PLANS_TOLD = {
  planIds: ['price_1'],
  productIds: ['prod_1'],
  interval: { unit: 'month', count: 1 },
  startedAt: '2025-10-08T08:53:20.000Z',
  currentPeriodEnd: PERIOD_END_AT,
  trialEndsAt: null,
  collectionMethod: 'charge_automatically',
  amountMinor: 2500,
  currency: 'EUR',
};
/** The same where nothing of it is known. */
const PLANS_UNKNOWN = {
  planIds: [],
  productIds: [],
  interval: null,
  currentPeriodEnd: null,
  amountMinor: null,
  currency: null,
};

const subscriptionOf = (type: string, fields: Json = {}) =>
  factOf('subscription', stripeEvent(`customer.subscription.${type}`, subscription(fields))).subscription;

describe('a subscription', () => {
  test.each(['created', 'updated', 'paused', 'resumed'])('%s tells how it stands', (type) => {
    expect(subscriptionOf(type)).toEqual({
      id: 'sub_1',
      status: 'past_due',
      cancelAtPeriodEnd: false,
      cancellationReason: null,
      endedAt: null,
      pauseReason: null,
      defaultMethodId: null,
      ...PLANS_TOLD,
    });
  });

  test.each([
    ['before basil', preBasilSubscription()],
    ['before there were prices', planSubscription()],
    ['before there were items', planSubscription({ items: undefined })],
    ['of a source that says little', planSubscription({ items: itemsOf({ plan: plan(), quantity: 1 }) })],
  ])('%s tells the same', (_, object) => {
    const event = stripeEvent('customer.subscription.updated', object);
    expect(factOf('subscription', event).subscription).toEqual(subscriptionOf('updated'));
  });

  test('deleted is cancelled whatever the snapshot says, and why', () => {
    const fields = { ended_at: CREATED, cancellation_details: { reason: 'payment_failed' } };
    expect(subscriptionOf('deleted', fields)).toMatchObject({
      status: 'canceled',
      endedAt: CREATED_AT,
      cancellationReason: 'payment_failed',
    });
  });

  test('one that will end says so', () => {
    expect(subscriptionOf('updated', { cancel_at_period_end: true }).cancelAtPeriodEnd).toBe(true);
  });

  test('an old one without a reason has none', () => {
    expect(subscriptionOf('deleted', { cancellation_details: undefined }).cancellationReason).toBeNull();
  });

  test.each([
    ['paused', 'final_payment_failure'],
    ['active', null],
  ])('why it is paused is told while it is %s', (status, pauseReason) => {
    const status_details = {
      paused: { type: 'subscription', subscription: { type: 'final_payment_failure' } },
    };
    expect(subscriptionOf('updated', { status, status_details }).pauseReason).toBe(pauseReason);
  });

  test.each([
    ['its own', { default_payment_method: 'pm_2', default_source: 'card_1' }, 'pm_2'],
    ['else its source', { default_source: { id: 'card_1' } }, 'card_1'],
  ])('C14: the default method: %s', (_, fields, defaultMethodId) => {
    expect(subscriptionOf('updated', fields).defaultMethodId).toBe(defaultMethodId);
  });

  test('a status Stripe may add later is passed on', () => {
    expect(subscriptionOf('updated', { status: 'dormant' }).status).toBe('dormant');
  });

  const itemsTold = (...items: readonly Json[]) => subscriptionOf('updated', { items: itemsOf(...items) });

  test('of several items every plan and product is told, the interval of the first, the earliest end', () => {
    const yearly = price({
      id: 'price_0',
      product: { id: 'prod_0' },
      recurring: { interval: 'year', interval_count: 2 },
      unit_amount: 100,
    });
    const later = PERIOD_END + 86_400;
    const first = { price: yearly, plan: null, quantity: 3, current_period_end: later };
    expect(itemsTold(first, subscriptionItem(), subscriptionItem())).toMatchObject({
      planIds: ['price_0', 'price_1'],
      productIds: ['prod_0', 'prod_1'],
      interval: { unit: 'year', count: 2 },
      currentPeriodEnd: PERIOD_END_AT,
      amountMinor: 5300,
      currency: 'EUR',
    });
  });

  test.each<[string, Json]>([
    ['priced by tiers', { price: price({ unit_amount: null, tiers_mode: 'graduated' }) }],
    ['billed by use', { quantity: undefined }],
    ['sold in packages', { price: price({ transform_quantity: { divide_by: 10, round: 'up' } }) }],
    ['a plan in packages', { price: null, plan: plan({ transform_usage: { divide_by: 10 } }) }],
    ['in another currency', { price: price({ currency: 'usd' }) }],
    ['without a currency', { price: price({ currency: 'euro' }) }],
    ['of no whole amount', { price: price({ unit_amount: 0.5 }) }],
    ['of less than nothing', { price: price({ unit_amount: -1 }) }],
    ['of no whole quantity', { quantity: '2' }],
    ['dearer than anything', { price: price({ unit_amount: 999_999_999_999 }), quantity: 1_000_000 }],
    ['whose price is an id', { price: 'price_1' }],
  ])('the amount is not known with an item %s', (_, fields) => {
    const snapshot = itemsTold(subscriptionItem(), subscriptionItem(fields));
    expect(snapshot).toMatchObject({ amountMinor: null, currency: null, planIds: ['price_1'] });
  });

  test('the amount is not known when there are more items than it holds', () => {
    const items = { ...itemsOf(subscriptionItem()), has_more: true };
    expect(subscriptionOf('updated', { items })).toMatchObject({ amountMinor: null, planIds: ['price_1'] });
  });

  test('an item that costs nothing costs nothing', () => {
    const free = subscriptionItem({ price: price({ unit_amount: 0 }), quantity: 0 });
    expect(itemsTold(free)).toMatchObject({ amountMinor: 0, currency: 'EUR' });
  });

  test.each([
    [undefined],
    [null],
    [7],
    ['items'],
    [[]],
    [{ data: 'x' }],
    [{ data: [null, 1, 'x', []] }],
    [{ data: [{ price: 1, plan: 'a plan', current_period_end: 'soon' }] }],
    [{ data: [{ price: { id: 'two words', product: 7, recurring: 'often', unit_amount: '1' } }] }],
    [{ data: [{ price: { recurring: { interval: 'constructor', interval_count: 1 } } }] }],
    [{ data: [{ price: { recurring: { interval: 'month', interval_count: 0 } } }] }],
    [{ data: [JSON.parse('{"__proto__":{"price":{"id":"price_9"}}}')] }],
  ])('items %j are no reason to refuse a subscription: they are not known', (items) => {
    expect(subscriptionOf('updated', { items })).toMatchObject(PLANS_UNKNOWN);
  });

  test('of many plans twenty are kept, the same whatever their order', () => {
    const many = Array.from({ length: 500 }, (_, n) => {
      const id = String(n).padStart(3, '0');
      return subscriptionItem({ plan: null, price: price({ id: `price_${id}`, product: `prod_${id}` }) });
    });
    const snapshot = itemsTold(...many.toReversed());
    expect(snapshot.planIds).toEqual(
      Array.from({ length: 20 }, (_, n) => `price_0${String(n).padStart(2, '0')}`),
    );
    expect(snapshot.productIds).toHaveLength(20);
    expect(itemsTold(...many)).toMatchObject({ planIds: snapshot.planIds, productIds: snapshot.productIds });
  });

  test.each<[Json, Json]>([
    [{ start_date: undefined }, { startedAt: CREATED_AT }],
    [{ start_date: 'x', created: 'y' }, { startedAt: null }],
    [{ trial_end: CREATED }, { trialEndsAt: CREATED_AT }],
    [{ trial_end: 'x' }, { trialEndsAt: null }],
    [{ collection_method: 'send_invoice' }, { collectionMethod: 'send_invoice' }],
    [{ collection_method: null, billing: 'send_invoice' }, { collectionMethod: 'send_invoice' }],
    [{ collection_method: 'by_post' }, { collectionMethod: null }],
    [{ collection_method: { toString: 'x' } }, { collectionMethod: null }],
  ])('%j tells %j', (fields, known) => {
    expect(subscriptionOf('updated', fields)).toMatchObject(known);
  });

  test('of nobody is ignored', () => {
    const event = stripeEvent('customer.subscription.updated', subscription({ customer: null }));
    expect(told('ignored', event).reason).toBe('names no customer');
  });
});

describe('a payment method', () => {
  const card = { id: 'pm_1', type: 'card', card: VISA, attached: true };

  test.each(['attached', 'updated', 'automatically_updated'])('%s tells its card', (change) => {
    expect(factOf('payment-method', stripeEvent(`payment_method.${change}`, paymentMethod()))).toEqual({
      kind: 'payment-method',
      at: CREATED_AT,
      source: 'event',
      method: card,
    });
  });

  test('that is no card has none', () => {
    const { card: _, ...method } = paymentMethod({ type: 'sepa_debit', sepa_debit: { last4: '3000' } });
    expect(factOf('payment-method', stripeEvent('payment_method.attached', method)).method).toEqual({
      ...card,
      type: 'sepa_debit',
      card: null,
    });
  });

  test.each([['cus_1'], [{ id: 'cus_1' }]])('detached was its holder’s before: %j', (holder) => {
    const event = stripeEvent('payment_method.detached', paymentMethod({ customer: null }), {
      previous: { customer: holder },
    });
    expect(factOf('payment-method', event).method).toEqual({ ...card, attached: false });
  });

  test.each([
    ['payment_method.detached', { customer: null }],
    ['payment_method.updated', {}],
    ['payment_method.updated', { customer: 'not an id' }],
  ])('%s of nobody is ignored', (type, previous) => {
    const event = stripeEvent(type, paymentMethod({ customer: null }), { previous });
    expect(told('ignored', event).reason).toBe('names no customer');
  });
});

const sourceOf = (type: string, object: Json, previous: Json = {}) =>
  factOf('payment-method', stripeEvent(`customer.source.${type}`, object, { previous })).method;

describe('a legacy source', () => {
  test.each([
    ['created', true],
    ['updated', true],
    ['expiring', true],
    ['deleted', false],
  ])('a card %s', (type, attached) => {
    expect(sourceOf(type, legacyCard())).toEqual({ id: 'card_1', type: 'card', card: VISA, attached });
  });

  test('a card deleted that names its holder only as before', () => {
    expect(sourceOf('deleted', legacyCard({ customer: null }), { customer: 'cus_1' }).attached).toBe(false);
  });

  test.each([
    ['American Express', 'amex'],
    ['MasterCard', 'mastercard'],
    ['Diners Club', 'diners'],
    ['constructor', 'constructor'],
    [7, null],
  ])('a card’s brand %j is written %j, as payment methods write it', (brand, written) => {
    expect(sourceOf('updated', legacyCard({ brand })).card?.brand).toBe(written);
  });

  test('a source holds its card under its type', () => {
    const { id: _, object: _o, customer: holder, ...card } = legacyCard();
    const source = { id: 'src_1', object: 'source', type: 'card', customer: holder, card };
    expect(sourceOf('updated', source)).toEqual({ id: 'src_1', type: 'card', card: VISA, attached: true });
  });

  test('a bank account has no card', () => {
    const account = {
      id: 'ba_1',
      object: 'bank_account',
      customer: 'cus_1',
      fingerprint: 'fp_2',
      last4: '6789',
    };
    expect(sourceOf('created', account)).toEqual({
      id: 'ba_1',
      type: 'bank_account',
      card: null,
      attached: true,
    });
  });
});

const setupOf = (fields: Json = {}) =>
  factOf('payment-method', stripeEvent('setup_intent.succeeded', setupIntent(fields))).method;

describe('a setup intent that succeeded', () => {
  test.each([
    ['its one possible type', {}, { type: 'card', card: null }],
    [
      'of several types none',
      { payment_method_types: ['card', 'sepa_debit'] },
      { type: 'unknown', card: null },
    ],
    ['all of an expanded method', { payment_method: paymentMethod() }, { type: 'card', card: VISA }],
  ])('tells the method and %s', (_, fields, known) => {
    expect(setupOf(fields)).toEqual({ id: 'pm_1', attached: true, ...known });
  });

  test.each([
    [{ customer: null }, 'names no customer'],
    [{ payment_method: null }, 'names no payment method'],
  ])('%j is ignored: %s', (fields, reason) => {
    expect(told('ignored', stripeEvent('setup_intent.succeeded', setupIntent(fields))).reason).toBe(reason);
  });
});

test('a mandate waits for the customer of its method', () => {
  expect(told('unrouted', stripeEvent('mandate.updated', mandate()))).toMatchObject({
    id: `mandate.updated:mandate_1:${CREATED}:inactive`,
    reference: { kind: 'payment_method', id: 'pm_1' },
    fact: { kind: 'mandate', at: CREATED_AT, source: 'event', methodId: 'pm_1', mandateStatus: 'inactive' },
  });
});
