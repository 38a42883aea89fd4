// What Stripe's disputes, fraud warnings and refunds tell us.
import { describe, expect, test } from 'vitest';
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
  const total = { id: 'ch_1', chargeId: 'ch_1', amountMinor: 900, currency: 'EUR', failed: false };
  const single = { ...total, id: 're_1' };
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
    expect(factOf('refund', event).refund).toEqual({ ...single, failed });
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
