// What Stripe's disputes, fraud warnings and refunds tell us.
import { describe, expect, test } from 'vitest';
import { instantFromSeconds } from '../../../core/time.ts';
import {
  CREATED,
  CREATED_AT,
  dispute,
  earlyFraudWarning,
  failedCharge,
  refund,
  stripeEvent,
  type Json,
} from '../../support/stripe-events.ts';
import { factOf, told } from './told.ts';

const ofCharge = { kind: 'charge', id: 'ch_1' };

const DAY = 86_400;

const waitingOf = (type: string, object: Json, fields: Json = {}) =>
  told('unrouted', stripeEvent(type, object, fields));

const disputeOf = (type: string, fields: Json = {}) => {
  const { fact } = told('unrouted', stripeEvent(`charge.dispute.${type}`, dispute(fields)));
  return fact.kind === 'dispute' ? fact.dispute : null;
};

describe('a dispute waits for the customer of its charge', () => {
  test('with its amount and its state', () => {
    expect(told('unrouted', stripeEvent('charge.dispute.created', dispute()))).toEqual({
      kind: 'unrouted',
      eventId: 'evt_1',
      type: 'charge.dispute.created',
      at: CREATED_AT,
      livemode: false,
      id: `charge.dispute.created:dp_1:${CREATED}:needs_response`,
      reference: ofCharge,
      fact: {
        kind: 'dispute',
        at: CREATED_AT,
        source: 'event',
        dispute: {
          id: 'dp_1',
          open: true,
          status: 'needs_response',
          chargeId: 'ch_1',
          amountMinor: 2500,
          currency: 'EUR',
          paymentIntentId: 'pi_1',
          takenAt: CREATED_AT,
          backAt: null,
        },
      },
    });
  });

  test.each([
    ['warning_needs_response', true],
    ['warning_under_review', true],
    ['under_review', true],
    ['appeal_needs_response', true],
    ['some_later_status', true],
    ['won', false],
    ['lost', false],
    ['warning_closed', false],
    ['prevented', false],
    ['charge_refunded', false],
  ])('%s: open %s', (status, open) => {
    expect(disputeOf('updated', { status })).toMatchObject({ status, open });
  });

  test('that is closed is open no more, whatever its status is called', () => {
    expect(disputeOf('closed', { status: 'some_later_status' })?.open).toBe(false);
  });

  test.each([
    ['needs_response', true, false],
    ['under_review', true, false],
    ['some_later_status', true, false],
    ['lost', true, false],
    ['won', true, true],
    ['warning_needs_response', false, false],
    ['warning_under_review', false, false],
    ['warning_closed', false, true],
    ['prevented', false, true],
    ['charge_refunded', false, true],
  ])('%s: money is taken when it is made: %s; given back with this event: %s', (status, taken, back) => {
    const later = { created: CREATED + 7 * DAY };
    const { fact } = waitingOf('charge.dispute.updated', dispute({ status }), later);
    expect(fact.kind === 'dispute' && [fact.dispute.takenAt, fact.dispute.backAt]).toEqual([
      taken ? CREATED_AT : null,
      back ? instantFromSeconds(CREATED + 7 * DAY) : null,
    ]);
  });

  test('that was an inquiry at first takes the money when Stripe says, and gives it back when Stripe says', () => {
    const moved = [
      { object: 'balance_transaction', amount: -2500, created: CREATED + 3 * DAY },
      { object: 'balance_transaction', amount: 2500, created: CREATED + 5 * DAY },
    ];
    const object = dispute({ status: 'won', balance_transactions: moved });
    const { fact } = waitingOf('charge.dispute.closed', object, { created: CREATED + 7 * DAY });
    expect(fact).toMatchObject({
      dispute: {
        takenAt: instantFromSeconds(CREATED + 3 * DAY),
        backAt: instantFromSeconds(CREATED + 5 * DAY),
      },
    });
  });

  test.each([
    ['ids of movements', ['txn_1']],
    ['a movement without an amount', [{ created: CREATED }]],
    ['no list', 'txn_1'],
  ])('with %s is taken in all the same', (_, movements) => {
    expect(disputeOf('created', { balance_transactions: movements })).toMatchObject({ takenAt: CREATED_AT });
  });

  test('that names no time of its own took the money when it was told', () => {
    expect(disputeOf('created', { created: null })).toMatchObject({ takenAt: CREATED_AT });
  });

  test('of a payment intent where it names no charge', () => {
    const { reference } = told('unrouted', stripeEvent('charge.dispute.created', dispute({ charge: null })));
    expect(reference).toEqual({ kind: 'payment_intent', id: 'pi_1' });
  });

  test('of no payment is ignored', () => {
    const event = stripeEvent('charge.dispute.created', dispute({ charge: null, payment_intent: null }));
    expect(told('ignored', event).reason).toBe('names no payment');
  });
});

describe('a warning of fraud is a dispute while something can be done', () => {
  test.each([
    ['created', true],
    ['updated', false],
  ])('%s, actionable %s', (change, actionable) => {
    const event = stripeEvent(`radar.early_fraud_warning.${change}`, earlyFraudWarning({ actionable }));
    const unrouted = told('unrouted', event);
    expect(unrouted.reference).toEqual(ofCharge);
    expect(unrouted.fact).toMatchObject({
      kind: 'dispute',
      dispute: {
        id: 'issfr_1',
        open: actionable,
        status: 'early_fraud_warning',
        chargeId: 'ch_1',
        amountMinor: null,
        currency: null,
      },
    });
  });
});

const refundedCharge = (fields: Json = {}) => failedCharge({ amount_refunded: 900, ...fields });

describe('refunds', () => {
  const total = {
    id: 'ch_1',
    chargeId: 'ch_1',
    amountMinor: 900,
    currency: 'EUR',
    failed: false,
    paymentIntentId: 'pi_1',
  };
  const single = { ...total, id: 're_1', createdAt: CREATED_AT, failedAt: null };
  test('a charge’s running total stands under the charge’s id', () => {
    expect(factOf('refund', stripeEvent('charge.refunded', refundedCharge()))).toEqual({
      kind: 'refund',
      at: CREATED_AT,
      source: 'event',
      refund: total,
    });
  });

  test.each([
    ['refund.created', 'succeeded', false],
    ['refund.created', 'pending', false],
    ['refund.updated', 'failed', true],
    ['refund.updated', 'canceled', true],
    ['refund.failed', null, true],
    ['charge.refund.updated', 'failed', true],
  ])('%s with status %s, failed %s, stands under its own id', (type, status, failed) => {
    const event = stripeEvent(type, refund({ status, customer: 'cus_1' }));
    const failedAt = failed ? CREATED_AT : null;
    expect(factOf('refund', event).refund).toEqual({ ...single, failed, failedAt });
  });

  test('one that fails later is dated by both: when it was made, and when it failed', () => {
    const object = refund({ status: 'failed', customer: 'cus_1' });
    const event = stripeEvent('refund.failed', object, { created: CREATED + 40 * DAY });
    expect(factOf('refund', event).refund).toMatchObject({
      createdAt: CREATED_AT,
      failedAt: instantFromSeconds(CREATED + 40 * DAY),
    });
  });

  test.each([
    ['a charge of nobody', 'charge.refunded', refundedCharge({ customer: null }), ofCharge, total],
    ['a refund', 'refund.created', refund(), ofCharge, single],
    [
      'a refund of an intent',
      'refund.created',
      refund({ charge: null }),
      { kind: 'payment_intent', id: 'pi_1' },
      { ...single, chargeId: null },
    ],
  ])('%s that names no customer waits', (_, type, object, reference, expected) => {
    const unrouted = told('unrouted', stripeEvent(type, object));
    expect(unrouted.reference).toEqual(reference);
    expect(unrouted.fact).toMatchObject({ kind: 'refund', refund: expected });
  });

  test('a refund of a customer’s balance belongs to no payment', () => {
    const event = stripeEvent('refund.created', refund({ charge: null, payment_intent: null }));
    expect(told('ignored', event).reason).toBe('names neither a customer nor a payment');
  });
});

const idOf = (type: string, object: Json, fields: Json = {}) =>
  told('unrouted', stripeEvent(type, object, fields)).id;

const after = (amount_refunded: number) => failedCharge({ amount_refunded, customer: null });

describe('what waits has an id of its change', () => {
  test('A3: a redelivery, even as another event, has the same', () => {
    const first = idOf('charge.dispute.updated', dispute());
    expect(idOf('charge.dispute.updated', dispute(), { id: 'evt_2' })).toBe(first);
  });

  test.each([
    ['another second', 'charge.dispute.updated', dispute(), { created: CREATED + 1 }],
    ['another type', 'charge.dispute.created', dispute(), {}],
    ['another state in the same second', 'charge.dispute.updated', dispute({ status: 'under_review' }), {}],
    ['another object', 'charge.dispute.updated', dispute({ id: 'dp_2' }), {}],
  ])('%s has another', (_, type, object, fields) => {
    expect(idOf(type, object, fields)).not.toBe(idOf('charge.dispute.updated', dispute()));
  });

  test('two refunds of a charge within a second have two', () => {
    expect(idOf('charge.refunded', after(100))).not.toBe(idOf('charge.refunded', after(200)));
  });
});
