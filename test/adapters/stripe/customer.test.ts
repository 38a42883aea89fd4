// What Stripe's customers, subscriptions and payment methods tell us.
import { describe, expect, test } from 'vitest';
import {
  CREATED,
  CREATED_AT,
  customer,
  legacyCard,
  mandate,
  paymentMethod,
  setupIntent,
  stripeEvent,
  subscription,
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
        contact: { email: 'ada@example.com', name: 'Ada Lovelace', locales: ['de-AT', 'en'], country: 'AT' },
        defaultMethodId: 'pm_1',
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
      contact: { email: null, name: null, locales: [], country: null },
      defaultMethodId: null,
    });
  });

  test('languages are tags, at most five', () => {
    const preferred_locales = ['de', 'not a tag', 7, '../../etc', 'zh-Hant-TW', 'fr', 'it', 'es', 'pt-BR'];
    expect(customerOf({ preferred_locales }).contact.locales).toEqual(['de', 'zh-Hant-TW', 'fr', 'it', 'es']);
  });

  test.each([['Austria'], ['A1'], [7], [null]])('a country %j is not known', (country) => {
    expect(customerOf({ address: { country } }).contact.country).toBeNull();
  });

  test('deleted is deleted', () => {
    expect(factOf('customer-deleted', stripeEvent('customer.deleted', customer()))).toEqual({
      kind: 'customer-deleted',
      at: CREATED_AT,
      source: 'event',
    });
  });
});

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
    });
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
