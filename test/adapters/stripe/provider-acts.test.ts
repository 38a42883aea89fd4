// What is asked of Stripe for a charge and an end, and what every answer and every error of it means.
import { describe, expect, test } from 'vitest';
import { createStripeProvider } from '../../../adapters/stripe/provider.ts';
import { OutsideError, type ActOutcome } from '../../../core/ports.ts';
import type { ArmedAction } from '../../../core/recovery/customer.ts';
import { at, keyOf } from '../../support/customers.ts';
import {
  basilInvoice,
  CREATED,
  failedCharge,
  invoicePayment,
  paidInFull,
  paymentIntent,
  paymentMethod,
  subscription,
  VISA,
  type Json,
} from '../../support/stripe-events.ts';
import { API_KEY, failing, listOf, useStripe, type Answers } from './provider-server.ts';

const { provider, asked, calls } = useStripe();

const KEY = keyOf('cus_1');
const NOW = at('2025-10-10T09:00Z');
const PAY = 'POST /v1/invoices/in_1/pay';
const INVOICE = 'GET /v1/invoices/in_1';

const armed = (changes: Partial<ArmedAction> = {}): ArmedAction => ({
  caseId: 'case_in_1',
  subjectId: 'in_1',
  stepId: 'retry-3',
  kind: 'retry',
  key: 'case_in_1:in_1:retry-3',
  why: 'day 3',
  message: null,
  endAction: null,
  methodId: null,
  carries: [],
  armedAt: NOW,
  ...changes,
});

const ending = (endAction: string | null, changes: Partial<ArmedAction> = {}): ArmedAction =>
  armed({ kind: 'end', stepId: 'end', key: 'case_in_1:in_1:end', endAction, ...changes });

const retry = (answers: Answers, action = armed()): Promise<ActOutcome> =>
  provider(answers, NOW).retry(KEY, action);
const end = (answers: Answers, action: ArmedAction): Promise<ActOutcome> =>
  provider(answers, NOW).end(KEY, action);
const lookUp = (answers: Answers, action: ArmedAction): Promise<ActOutcome> =>
  provider(answers, NOW).lookUp(KEY, action);

const paid = basilInvoice(paidInFull);

const cardError = (error: Json = {}) =>
  failing(402, {
    type: 'card_error',
    code: 'card_declined',
    decline_code: 'insufficient_funds',
    advice_code: 'try_again_later',
    network_decline_code: '51',
    charge: 'ch_2',
    payment_intent: paymentIntent(),
    payment_method: paymentMethod(),
    ...error,
  });

describe('a try to take the money', () => {
  test('is one request, under the key it was armed with', async () => {
    await retry({ [PAY]: paid });
    expect(calls()).toEqual([PAY]);
    expect(asked()[0]?.headers['idempotency-key']).toBe('case_in_1:in_1:retry-3');
    expect(Object.fromEntries(asked()[0]?.body ?? [])).toEqual({
      off_session: 'true',
      'expand[0]': 'payments.data.payment.payment_intent',
    });
  });

  test('made again is the very same request, to the letter', async () => {
    const stripe = provider({ [PAY]: 'silence' }, NOW);
    await stripe.retry(KEY, armed());
    await stripe.retry(KEY, armed());
    const said = asked().map(({ call, body, headers }) => [
      call,
      body.toString(),
      headers['idempotency-key'],
    ]);
    expect(said).toHaveLength(2);
    expect(said[0]).toEqual(said[1]);
  });

  test('paid is done, with the invoice as it now stands', async () => {
    expect(await retry({ [PAY]: paid })).toEqual({
      kind: 'done',
      why: 'paid',
      facts: [
        {
          kind: 'invoice',
          at: NOW,
          source: 'refresh',
          invoice: expect.objectContaining({ id: 'in_1', status: 'paid' }) as unknown,
          failure: null,
          contact: expect.anything() as unknown,
        },
      ],
    });
  });

  test('a bank debit is done and on its way', async () => {
    const pending = invoicePayment({
      payment: { type: 'payment_intent', payment_intent: paymentIntent({ status: 'processing' }) },
    });
    const outcome = await retry({ [PAY]: basilInvoice({ payments: listOf([pending]) }) });
    expect(outcome).toMatchObject({
      kind: 'done',
      why: 'accepted: the payment is on its way',
      facts: [{ kind: 'invoice' }, { kind: 'in-flight', paymentIntentId: 'pi_1', processing: true }],
    });
  });

  test('names the method that is to be charged, the same at every repetition', async () => {
    const stripe = provider({ [PAY]: paid }, NOW);
    await stripe.retry(KEY, armed({ methodId: 'pm_2' }));
    await stripe.retry(KEY, armed({ methodId: 'pm_2' }));
    const [first, second] = asked();
    expect(Object.fromEntries(first?.body ?? [])).toEqual({
      off_session: 'true',
      'expand[0]': 'payments.data.payment.payment_intent',
      payment_method: 'pm_2',
    });
    expect(second?.body.toString()).toBe(first?.body.toString());
    expect(second?.headers['idempotency-key']).toBe(first?.headers['idempotency-key']);
  });

  test('with a method that is gone is refused: nothing was done', async () => {
    const gone = failing(400, { code: 'resource_missing', param: 'payment_method' });
    const outcome = await retry({ [PAY]: gone, [INVOICE]: basilInvoice() }, armed({ methodId: 'pm_gone' }));
    expect(outcome).toMatchObject({ kind: 'refused', why: expect.stringContaining('resource_missing') });
  });

  test("the bank's no is done: a declined attempt of our own", async () => {
    expect(await retry({ [PAY]: cardError() })).toEqual({
      kind: 'done',
      why: 'declined: insufficient_funds',
      facts: [
        {
          kind: 'attempt',
          at: NOW,
          source: 'refresh',
          attempt: {
            id: 'ch_2',
            at: NOW,
            invoiceId: 'in_1',
            paymentIntentId: 'pi_1',
            amountMinor: null,
            currency: null,
            result: 'declined',
            decline: {
              code: 'card_declined',
              declineCode: 'insufficient_funds',
              adviceCode: 'try_again_later',
              networkAdviceCode: null,
              networkDeclineCode: '51',
            },
            card: VISA,
            methodType: 'card',
            trigger: 'ladder',
            sentToNetwork: null,
          },
        },
      ],
    });
  });

  test('a try that an operator asked for is marked as theirs', async () => {
    const outcome = await retry({ [PAY]: cardError() }, armed({ stepId: 'by_hand_7' }));
    expect(outcome).toMatchObject({ facts: [{ attempt: { id: 'ch_2', trigger: 'operator' } }] });
  });

  test.each<[string, Json, string]>([
    [
      'the customer has to confirm',
      { code: 'invoice_payment_intent_requires_action' },
      'invoice_payment_intent',
    ],
    ['no charge is named', { code: 'expired_card' }, 'expired_card'],
    ['no code at all', { code: null }, 'no reason given'],
  ])('a decline without a charge tells no attempt: %s', async (_, error, why) => {
    const outcome = await retry({ [PAY]: cardError({ decline_code: null, charge: null, ...error }) });
    expect(outcome).toMatchObject({ kind: 'done', facts: [] });
    expect(outcome.why).toContain(`declined: ${why}`);
  });

  test('of an invoice that is paid already is done', async () => {
    const outcome = await retry({ [PAY]: failing(400), [INVOICE]: paid });
    expect(outcome).toMatchObject({
      kind: 'done',
      why: 'the invoice is paid already',
      facts: [{ kind: 'invoice', invoice: { status: 'paid' } }],
    });
    expect(calls()).toEqual([PAY, INVOICE]);
  });

  test.each<[string, Answers[string], string]>([
    ['void', basilInvoice({ status: 'void' }), 'the invoice is void'],
    ['uncollectible, which can still be paid', basilInvoice({ status: 'uncollectible' }), 'HTTP 400'],
    ['out of reach', failing(500), 'HTTP 400'],
  ])('that is refused while the invoice is %s', async (_, invoice, why) => {
    const outcome = await retry({ [PAY]: failing(400), [INVOICE]: invoice });
    expect(outcome.kind).toBe('refused');
    expect(outcome.why).toContain(why);
  });

  test('of a payment that came back is refused without asking', async () => {
    const outcome = await retry({}, armed({ subjectId: 'in_1:ch_1' }));
    expect(outcome).toMatchObject({ kind: 'refused' });
    expect(calls()).toEqual([]);
  });
});

/** Every row of the table of errors, for acts. */
const ERRORS: readonly (readonly [string, Answers[string], ActOutcome['kind'], string])[] = [
  ['429', failing(429, { type: 'rate_limit_error' }), 'throttled', 'slow down'],
  ['429 of a lock', failing(429, { code: 'lock_timeout' }), 'throttled', 'lock_timeout'],
  ['rate limit by its code', failing(400, { code: 'rate_limit' }), 'throttled', 'slow down'],
  ['401', failing(401), 'throttled', 'the API key is not accepted'],
  ['403', failing(403), 'throttled', 'let it write invoices and subscriptions'],
  ['no answer in time', 'silence', 'unknown', 'did not answer'],
  ['a connection cut', 'hang up', 'unknown', 'did not answer'],
  ['a page of HTML', 'gibberish', 'unknown', 'did not answer'],
  ['500', failing(500, { type: 'api_error' }), 'unknown', 'HTTP 500, req_1'],
  ['502', failing(502), 'unknown', 'HTTP 502'],
  ['503', failing(503), 'unknown', 'HTTP 503'],
  ['409: still at work', failing(409, { code: 'idempotency_key_in_use' }), 'unknown', 'still working'],
  [
    'key used with other parameters',
    failing(400, { type: 'idempotency_error' }),
    'unknown',
    'other parameters',
  ],
  ['C10: 400', failing(400, { code: 'parameter_invalid_empty' }), 'refused', 'parameter_invalid_empty'],
  ['C10: 400 that calls itself a card error', failing(400, { type: 'card_error' }), 'refused', 'HTTP 400'],
  ['402 that is no card error', failing(402, { code: 'payment_failed' }), 'refused', 'payment_failed'],
  ['404', failing(404, { code: 'resource_missing' }), 'refused', 'does not know it'],
  ['an unknown 4xx', failing(418), 'refused', 'HTTP 418'],
];

describe('an error of a charge', () => {
  test.each(ERRORS)('%s', async (_, answer, kind, words) => {
    const outcome = await retry({ [PAY]: answer, [INVOICE]: basilInvoice() });
    expect(outcome.kind).toBe(kind);
    expect(outcome.why).toContain(words);
    expect(outcome.why).not.toContain('ada@example.com');
    expect(outcome.why).not.toContain(API_KEY);
    expect(calls().filter((call) => call === PAY)).toHaveLength(1);
  });

  test('without a client nothing was done: the step is given back', async () => {
    const clientFor = () => Promise.reject(new OutsideError('secret "k": it is not there', 'never'));
    const outcome = await createStripeProvider({ clientFor }).retry(KEY, armed());
    expect(outcome).toEqual({ kind: 'throttled', why: 'secret "k": it is not there' });
  });

  test('a fault of ours is no outcome', async () => {
    const clientFor = () => Promise.reject(new TypeError('a fault'));
    await expect(createStripeProvider({ clientFor }).retry(KEY, armed())).rejects.toThrow(TypeError);
  });
});

const billing = (sub: Json | null, fields: Json = {}): Json =>
  basilInvoice({ parent: { subscription_details: { subscription: sub } }, ...fields });

const CANCEL = 'DELETE /v1/subscriptions/sub_1';
const UPDATE = 'POST /v1/subscriptions/sub_1';
const WRITE_OFF = 'POST /v1/invoices/in_1/mark_uncollectible';

describe('an end', () => {
  test.each<[string, string, Json, Json]>([
    ['cancel', CANCEL, {}, subscription({ status: 'canceled' })],
    [
      'cancel_at_period_end',
      UPDATE,
      { cancel_at_period_end: 'true' },
      subscription({ cancel_at_period_end: true }),
    ],
    ['pause', UPDATE, { 'pause_collection[behavior]': 'keep_as_draft' }, subscription()],
    ['mark_uncollectible', WRITE_OFF, {}, basilInvoice({ status: 'uncollectible' })],
  ])('%s: a look, then one request under its key', async (action, call, body, answer) => {
    const outcome = await end({ [INVOICE]: billing(subscription()), [call]: answer }, ending(action));
    expect(outcome).toMatchObject({ kind: 'done', why: 'ended' });
    expect(outcome).toHaveProperty('facts.length', 1);
    expect(calls()).toEqual([INVOICE, call]);
    expect(Object.fromEntries(asked()[1]?.body ?? [])).toEqual(body);
    expect(asked()[1]?.headers['idempotency-key']).toBe('case_in_1:in_1:end');
  });

  test.each<[string, string, Json]>([
    ['cancel', 'has ended already', billing(subscription({ status: 'canceled' }))],
    ['cancel_at_period_end', 'has ended already', billing(subscription({ status: 'incomplete_expired' }))],
    ['cancel_at_period_end', 'with its period', billing(subscription({ cancel_at_period_end: true }))],
    ['pause', 'paused already', billing(subscription({ pause_collection: { behavior: 'void' } }))],
    ['mark_uncollectible', 'is paid already', billing(null, paidInFull)],
    ['mark_uncollectible', 'uncollectible already', billing(null, { status: 'uncollectible' })],
  ])('%s of what %s is done, and nothing is changed', async (action, why, invoice) => {
    const outcome = await end({ [INVOICE]: invoice }, ending(action));
    expect(outcome.kind).toBe('done');
    expect(outcome.why).toContain(why);
    expect(calls()).toEqual([INVOICE]);
  });

  test('cancel: ended between the look and the act is done', async () => {
    let looks = 0;
    const outcome = await end(
      {
        [INVOICE]: () => {
          looks += 1;
          return billing(subscription({ status: looks === 1 ? 'past_due' : 'canceled' }));
        },
        [CANCEL]: failing(404, { code: 'resource_missing' }),
      },
      ending('cancel'),
    );
    expect(outcome).toMatchObject({ kind: 'done', why: 'the subscription has ended already' });
  });

  test('of a returned payment looks at the invoice', async () => {
    await end(
      { [INVOICE]: billing(subscription()), [CANCEL]: subscription({ status: 'canceled' }) },
      ending('cancel', { subjectId: 'in_1:ch_1' }),
    );
    expect(calls()).toEqual([INVOICE, CANCEL]);
  });

  test.each<[string | null, string]>([
    ['cancel', 'bills no subscription'],
    ['leave', 'no end "leave"'],
    ['constructor', 'no end "constructor"'],
    [null, 'no end ""'],
  ])('that cannot be: %s', async (action, why) => {
    const outcome = await end({ [INVOICE]: billing(null) }, ending(action));
    expect(outcome.kind).toBe('refused');
    expect(outcome.why).toContain(why);
  });

  test.each(ERRORS)('an error of it: %s', async (_, answer, kind, words) => {
    const outcome = await end({ [INVOICE]: billing(subscription()), [CANCEL]: answer }, ending('cancel'));
    expect(outcome.kind).toBe(kind);
    expect(outcome.why).toContain(words);
    expect(calls().filter((call) => call === CANCEL)).toHaveLength(1);
  });

  test.each(ERRORS)('an error of the look before it ends nothing: %s', async (_, answer, kind) => {
    const outcome = await end({ [INVOICE]: answer }, ending('cancel'));
    expect(outcome.kind).toBe(kind);
    expect(calls()).not.toContain(CANCEL);
  });
});

describe('a look at what became of a charge', () => {
  const PAYMENTS = 'GET /v1/invoice_payments';
  const SOON = at('2025-10-09T08:54Z'); // 40 s after every object here is made
  const LONG_AFTER = at('2025-10-10T08:00Z');
  const held = (intent: Json, fields: Json = {}) =>
    invoicePayment({
      status: 'open',
      amount_paid: null,
      payment: { type: 'payment_intent', payment_intent: paymentIntent(intent) },
      status_transitions: { paid_at: null, canceled_at: null },
      ...fields,
    });
  const charge = failedCharge({ created: CREATED });
  const tried = { status: 'requires_payment_method', latest_charge: charge };
  const success = held(
    { status: 'succeeded', latest_charge: { ...charge, status: 'succeeded' } },
    { status: 'paid', status_transitions: { paid_at: CREATED } },
  );

  test.each<[string, Json[], ArmedAction['armedAt'], ActOutcome['kind'], string]>([
    ['paid since', [success], SOON, 'done', 'paid since'],
    ['paid long before', [success], LONG_AFTER, 'refused', 'never arrived'],
    ['declined since', [held(tried)], SOON, 'done', 'a try was made since: failed'],
    ['the last try is older', [held(tried)], LONG_AFTER, 'refused', 'never arrived'],
    ['no try at all', [held({ status: 'requires_payment_method' })], SOON, 'refused', 'never arrived'],
    ['no payment at all', [], SOON, 'refused', 'never arrived'],
    ['on its way', [held({ status: 'processing' })], LONG_AFTER, 'done', 'on its way'],
    ['to be confirmed', [held({ status: 'requires_action' })], LONG_AFTER, 'unknown', 'has to confirm'],
    [
      'a charge without its details',
      [held({ ...tried, latest_charge: 'ch_1' })],
      SOON,
      'unknown',
      'cannot be read',
    ],
  ])('%s', async (_, payments, armedAt, kind, why) => {
    const outcome = await lookUp({ [PAYMENTS]: listOf(payments) }, armed({ armedAt }));
    expect(outcome.kind).toBe(kind);
    expect(outcome.why).toContain(why);
    expect(calls()).toEqual([PAYMENTS]);
    expect(asked()[0]?.query.get('expand[0]')).toBe('data.payment.payment_intent.latest_charge');
  });

  test('tells the attempt it found, and of whom it does not say', async () => {
    const outcome = await lookUp({ [PAYMENTS]: listOf([held(tried)]) }, armed({ armedAt: SOON }));
    expect(outcome).toMatchObject({
      facts: [{ kind: 'attempt', attempt: { id: 'ch_1', invoiceId: 'in_1', trigger: null } }],
    });
  });

  test('more payments than were looked through prove nothing', async () => {
    const outcome = await lookUp({ [PAYMENTS]: listOf([], true) }, armed());
    expect(outcome.kind).toBe('unknown');
  });

  test.each<[string, Answers[string], object]>([
    ['429', failing(429), { retry: 'later', throttled: true }],
    ['500', failing(500), { retry: 'later', throttled: false }],
    ['no answer', 'silence', { retry: 'later', throttled: false }],
  ])('that fails is made later, and the charge stays armed: %s', async (_, answer, error) => {
    await expect(lookUp({ [PAYMENTS]: answer }, armed())).rejects.toMatchObject(error);
  });

  test.each([401, 403, 404, 400])('that is refused is for a person: %i', async (status) => {
    expect(await lookUp({ [PAYMENTS]: failing(status) }, armed())).toMatchObject({ kind: 'unknown' });
  });

  test.each<[string, Json, ActOutcome['kind']]>([
    ['has ended', subscription({ status: 'canceled' }), 'done'],
    ['runs on', subscription(), 'refused'],
  ])('and of an end: the subscription %s', async (_, sub, kind) => {
    const outcome = await lookUp({ [INVOICE]: billing(sub) }, ending('cancel'));
    expect(outcome.kind).toBe(kind);
    expect(calls()).toEqual([INVOICE]);
  });
});
