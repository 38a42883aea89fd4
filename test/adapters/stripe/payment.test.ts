// What Stripe's payment intents and charges tell us.
import { describe, expect, test } from 'vitest';
import {
  CREATED_AT,
  declinedIntent,
  failedCharge,
  paymentIntent,
  stripeEvent,
  VISA,
  type Json,
} from '../../support/stripe-events.ts';
import { factOf, told } from './told.ts';

const NO_CODES = {
  code: null,
  declineCode: null,
  adviceCode: null,
  networkAdviceCode: null,
  networkDeclineCode: null,
};

const intentAttempt = (error: Json = {}, fields: Json = {}) =>
  factOf('attempt', stripeEvent('payment_intent.payment_failed', declinedIntent(error, fields))).attempt;

const chargeAttempt = (fields: Json = {}) =>
  factOf('attempt', stripeEvent('charge.failed', failedCharge(fields))).attempt;

describe('money on its way', () => {
  test.each([
    ['payment_intent.processing', true],
    ['payment_intent.succeeded', false],
    ['payment_intent.canceled', false],
    ['payment_intent.payment_failed', false],
  ])('%s: in flight %s', (type, processing) => {
    expect(factOf('in-flight', stripeEvent(type, paymentIntent()))).toEqual({
      kind: 'in-flight',
      at: CREATED_AT,
      source: 'event',
      paymentIntentId: 'pi_1',
      processing,
    });
  });

  test.each(['processing', 'succeeded', 'canceled', 'payment_failed'])(
    'of nobody is ignored: %s',
    (change) => {
      const event = stripeEvent(`payment_intent.${change}`, paymentIntent({ customer: null }));
      expect(told('ignored', event).reason).toBe('names no customer');
    },
  );
});

describe('a declined payment intent is an attempt', () => {
  test('with its charge, its codes and its card', () => {
    expect(
      intentAttempt({
        advice_code: 'try_again_later',
        network_advice_code: '02',
        network_decline_code: '51',
      }),
    ).toEqual({
      id: 'ch_1',
      at: CREATED_AT,
      invoiceId: null,
      paymentIntentId: 'pi_1',
      amountMinor: 2500,
      currency: 'EUR',
      result: 'declined',
      decline: {
        code: 'card_declined',
        declineCode: 'insufficient_funds',
        adviceCode: 'try_again_later',
        networkAdviceCode: '02',
        networkDeclineCode: '51',
      },
      card: VISA,
      methodType: 'card',
      trigger: null,
      sentToNetwork: null,
    });
  });

  test('A18: of an invoice where it still names one', () => {
    expect(intentAttempt({}, { invoice: 'in_1' }).invoiceId).toBe('in_1');
    expect(intentAttempt({}, { invoice: { id: 'in_2' } }).invoiceId).toBe('in_2');
  });

  test.each([
    ['the error’s charge', { charge: 'ch_2' }, { latest_charge: 'ch_9' }, 'ch_2', null],
    ['else the latest charge: a bank debit’s error names none', { charge: null }, {}, 'ch_1', null],
    ['an expanded one', { charge: null }, { latest_charge: { id: 'py_1' } }, 'py_1', null],
    ['else the intent', { charge: null }, { latest_charge: null }, 'pi_1', null],
    [
      'the intent where the customer failed the bank’s check: the latest charge is of an earlier try',
      { charge: null, code: 'payment_intent_authentication_failure', decline_code: null },
      {},
      'pi_1',
      false,
    ],
  ])('its id: %s', (_, error, fields, id, sentToNetwork) => {
    expect(intentAttempt(error, fields)).toMatchObject({ id, sentToNetwork });
  });

  test('an error without codes or card leaves them unknown', () => {
    const error = { code: '', decline_code: null, payment_method: { id: 'pm_1', type: 'sepa_debit' } };
    expect(intentAttempt(error)).toMatchObject({ decline: null, card: null });
    expect(intentAttempt({}, { last_payment_error: null })).toMatchObject({
      id: 'ch_1',
      decline: null,
      card: null,
    });
  });

  test.each([
    ['a bank debit', { payment_method: { id: 'pm_1', type: 'sepa_debit' } }, 'sepa_debit'],
    ['none that was tried', { payment_method: null }, null],
    ['a card of before payment methods', { payment_method: null, source: { object: 'card' } }, null],
    ['one without a type', { payment_method: { id: 'pm_1' } }, null],
    ['a type that is no word', { payment_method: { id: 'pm_1', type: 'two words' } }, null],
  ])('says what was charged: %s', (_, error, methodType) => {
    expect(intentAttempt(error).methodType).toBe(methodType);
  });
});

describe('a failed charge is an attempt', () => {
  test('C12: the reason the network gave stands beside the generic code', () => {
    expect(chargeAttempt()).toEqual({
      id: 'ch_1',
      at: CREATED_AT,
      invoiceId: null,
      paymentIntentId: 'pi_1',
      amountMinor: 2500,
      currency: 'EUR',
      result: 'declined',
      decline: {
        code: 'card_declined',
        declineCode: 'insufficient_funds',
        adviceCode: 'try_again_later',
        networkAdviceCode: '02',
        networkDeclineCode: '51',
      },
      card: VISA,
      methodType: 'card',
      trigger: null,
      sentToNetwork: true,
    });
  });

  test.each([
    ['declined_by_network', true],
    ['reversed_after_approval', true],
    ['not_sent_to_network', false],
    [null, null],
  ])('a network status %s: sent to the network %s', (status, sent) => {
    expect(chargeAttempt({ outcome: { network_status: status } }).sentToNetwork).toBe(sent);
  });

  test('without an outcome its code is all that is known', () => {
    expect(chargeAttempt({ outcome: null, failure_code: 'insufficient_funds' })).toMatchObject({
      decline: { ...NO_CODES, code: 'insufficient_funds' },
      sentToNetwork: null,
    });
    expect(chargeAttempt({ outcome: null, failure_code: null }).decline).toBeNull();
  });

  test.each([
    ['a card', undefined, 'card'],
    ['a bank debit', { type: 'us_bank_account', us_bank_account: {} }, 'us_bank_account'],
    ['a source of before payment methods', { type: 'ach_debit', ach_debit: {} }, 'ach_debit'],
    ['one of an API version without details', null, null],
    ['details without a type', { card: null }, null],
  ])('says what was charged: %s', (_, details, methodType) => {
    const fields = details === undefined ? {} : { payment_method_details: details, source: { id: 'card_1' } };
    expect(chargeAttempt(fields).methodType).toBe(methodType);
  });

  test('A18: of an invoice where it still names one', () => {
    expect(chargeAttempt({ invoice: 'in_1' }).invoiceId).toBe('in_1');
  });

  test('of nobody is ignored', () => {
    expect(told('ignored', stripeEvent('charge.failed', failedCharge({ customer: null }))).reason).toBe(
      'names no customer',
    );
  });

  test.each([
    ['a full number', { last4: '4242424242424242' }, { last4: null }],
    ['a number as a number', { last4: 4242 }, { last4: null }],
    ['a month that is none', { exp_month: 13 }, { expMonth: null }],
    ['a year in two digits', { exp_year: 27 }, { expYear: null }],
    ['a fingerprint that is none', { fingerprint: 'a b' }, { fingerprint: null }],
    ['a hostile brand', { brand: '__proto__' }, { brand: '__proto__' }],
  ])('a card with %s', (_, fields, shown) => {
    const card = {
      brand: 'visa',
      exp_month: 8,
      exp_year: 2027,
      fingerprint: 'fp_1',
      last4: '4242',
      ...fields,
    };
    expect(chargeAttempt({ payment_method_details: { card } }).card).toEqual({ ...VISA, ...shown });
  });
});

const kinds = (fields: Json, previous?: Json) =>
  told('facts', stripeEvent('charge.failed', failedCharge(fields), previous && { previous })).facts.map(
    ({ kind }) => kind,
  );

describe('C20: a payment that succeeded and came back is a reversal', () => {
  const returned = {
    failure_balance_transaction: 'txn_1',
    payment_method_details: { type: 'us_bank_account' },
  };
  test('with its amount, and its invoice where it names one', () => {
    const event = stripeEvent('charge.failed', failedCharge({ ...returned, invoice: 'in_1' }));
    expect(factOf('reversal', event)).toEqual({
      kind: 'reversal',
      at: CREATED_AT,
      source: 'event',
      reversal: {
        id: 'ch_1',
        at: CREATED_AT,
        amountMinor: 2500,
        currency: 'EUR',
        invoiceId: 'in_1',
        paymentIntentId: 'pi_1',
      },
    });
    expect(
      factOf('reversal', stripeEvent('charge.failed', failedCharge(returned))).reversal.invoiceId,
    ).toBeNull();
  });

  test.each([
    ['booked money taken off again', returned, undefined, 'reversal'],
    ['an expanded transaction', { failure_balance_transaction: { id: 'txn_1' } }, undefined, 'reversal'],
    ['a status that was succeeded', {}, { status: 'succeeded' }, 'reversal'],
    ['a debit that failed while it was pending', returned, { status: 'pending' }, 'attempt'],
    ['a card declined at once', {}, undefined, 'attempt'],
  ])('%s', (_, fields, previous, kind) => {
    expect(kinds(fields, previous)).toEqual([kind]);
  });

  test('of nobody is ignored', () => {
    const event = stripeEvent('charge.failed', failedCharge({ ...returned, customer: null }));
    expect(told('ignored', event).reason).toBe('names no customer');
  });
});
