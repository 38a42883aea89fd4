// What a refresh asks Stripe for, in how many calls, and what it makes of the answers.
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { OutsideError, RefreshAlso } from '../../../core/ports.ts';
import { NO_FACTS } from '../../../core/recovery/customer.ts';
import type { Fact } from '../../../core/recovery/fact.ts';
import { mergeAll } from '../../../core/recovery/merge.ts';
import { at, keyOf } from '../../support/customers.ts';
import {
  basilInvoice,
  CREATED,
  CREATED_AT,
  customer,
  dispute,
  failedCharge,
  invoicePayment,
  legacyCard,
  paidInFull,
  paymentIntent,
  paymentMethod,
  subscription,
  VISA,
  type Json,
} from '../../support/stripe-events.ts';
import { API_KEY, failing, listOf, useStripe, type Answers } from './provider-server.ts';

const { provider, asked, calls } = useStripe();

const NOW = at('2025-10-10T09:00Z');
const KEY = keyOf('cus_1');
const INVOICES = 'GET /v1/invoices';
const CHARGES = 'GET /v1/charges';

const whole = customer({
  invoice_settings: { default_payment_method: paymentMethod() },
  default_source: legacyCard(),
});

const withPayments = (...payments: readonly Json[]): Json => ({ payments: listOf(payments) });

/** An invoice as the list brings it: with its customer, its subscription and its payments. */
const listed = (fields: Json = {}): Json =>
  basilInvoice({
    customer: whole,
    parent: {
      type: 'subscription_details',
      subscription_details: { metadata: {}, subscription: subscription() },
    },
    ...withPayments(invoicePayment({ amount_paid: null, status: 'open', status_transitions: {} })),
    ...fields,
  });

const paidBy = (intent: string, paidAt: number): Json =>
  withPayments(
    invoicePayment({
      payment: { type: 'payment_intent', payment_intent: intent },
      status: 'paid',
      status_transitions: { paid_at: paidAt },
    }),
  );

const declined = (fields: Json = {}): Json =>
  failedCharge({
    created: CREATED,
    disputed: false,
    payment_intent: paymentIntent({ status: 'requires_payment_method' }),
    ...fields,
  });

const answersOf = (
  invoices: readonly Json[],
  charges: readonly Json[] = [],
  more: Answers = {},
): Answers => ({
  [INVOICES]: listOf(invoices),
  [CHARGES]: listOf(charges),
  ...more,
});

const NOTHING_ELSE: RefreshAlso = { methods: false, subscriptions: false };

const refreshed = (
  answers: Answers,
  wanted: readonly string[] = [],
  also: Partial<RefreshAlso> = {},
): Promise<readonly Fact[]> => provider(answers).refresh(KEY, wanted, NOW, { ...NOTHING_ELSE, ...also });

const kinds = (facts: readonly Fact[]): string[] => facts.map(({ kind }) => kind);

const only = <K extends Fact['kind']>(facts: readonly Fact[], kind: K): Extract<Fact, { kind: K }>[] =>
  facts.filter((fact) => fact.kind === kind) as Extract<Fact, { kind: K }>[];

const errorOf = async (work: Promise<unknown>): Promise<OutsideError> =>
  work.then(
    () => expect.unreachable('it should have failed'),
    (error: OutsideError) => error,
  );

describe('the normal refresh', () => {
  test('takes two calls and brings everything there is about a failing customer', async () => {
    const facts = await refreshed(answersOf([listed()], [declined()]), ['in_1']);
    expect([...calls()].sort()).toEqual([CHARGES, INVOICES]);
    expect(kinds(facts)).toEqual([
      'customer',
      'payment-method',
      'payment-method',
      'subscription',
      'invoice',
      'attempt',
      'in-flight',
    ]);
    const state = mergeAll(NO_FACTS, facts);
    expect(state.contact?.value).toEqual({
      email: 'ada@example.com',
      name: 'Ada Lovelace',
      locales: ['de-AT', 'en'],
      country: 'AT',
      timeZone: 'Europe/Vienna',
      metadata: { tier: 'gold', time_zone: 'Europe/Vienna' },
    });
    expect(state.customerSince).toBe(CREATED_AT);
    expect(state.defaultMethod?.value).toBe('pm_1');
    expect(state.cards['pm_1']?.value).toEqual(VISA);
    expect(state.subscriptions['sub_1']?.value).toMatchObject({
      status: 'past_due',
      planIds: ['price_1'],
      interval: { unit: 'month', count: 1 },
      amountMinor: 2500,
    });
    expect(state.invoices['in_1']).toMatchObject({
      status: 'open',
      amounts: { value: { due: 2500, remaining: 2500 } },
      details: { value: { subscriptionId: 'sub_1', planIds: ['price_1'], productIds: ['prod_1'] } },
      paymentIds: ['pi_1'],
    });
  });

  test('asks for one customer, no deeper than Stripe expands, with the version of the SDK', async () => {
    await refreshed(answersOf([listed()]));
    for (const { query, headers } of asked()) {
      expect(query.get('customer')).toBe('cus_1');
      const depths = [...query]
        .filter(([name]) => name.startsWith('expand'))
        .map(([, path]) => path.split('.').length);
      expect(Math.max(...depths)).toBeLessThanOrEqual(4);
      expect(headers['stripe-version']).toBe('2026-10-28.endive');
      // Nothing of the machine it runs on.
      expect(headers['x-stripe-client-user-agent']).not.toMatch(/platform|telemetry/);
    }
  });

  test('stamps what stands with the start of the request, and a try with its own time', async () => {
    const facts = await refreshed(answersOf([listed()], [declined()]));
    const [attempt] = only(facts, 'attempt');
    expect(attempt).toEqual({
      kind: 'attempt',
      at: CREATED_AT,
      source: 'refresh',
      attempt: {
        id: 'ch_1',
        at: CREATED_AT,
        invoiceId: 'in_1',
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
      },
    });
    for (const fact of facts.filter(({ kind }) => kind !== 'attempt')) {
      expect(fact).toMatchObject({ at: NOW, source: 'refresh' });
    }
  });

  test('tells every try, and leaves one that belongs to no invoice without one', async () => {
    const other = declined({ id: 'ch_9', payment_intent: paymentIntent({ id: 'pi_9' }) });
    const facts = await refreshed(answersOf([listed()], [declined({ id: 'ch_2' }), declined(), other]));
    expect(only(facts, 'attempt').map(({ attempt }) => [attempt.id, attempt.invoiceId])).toEqual([
      ['ch_2', 'in_1'],
      ['ch_1', 'in_1'],
      ['ch_9', null],
    ]);
  });

  test('why a subscription ended, what ends it, and what paused it', async () => {
    const ended = subscription({
      status: 'canceled',
      ended_at: CREATED,
      cancellation_details: { reason: 'payment_failed' },
    });
    const leaving = subscription({ id: 'sub_2', cancel_at_period_end: true });
    const paused = subscription({
      id: 'sub_3',
      status: 'paused',
      status_details: { paused: { subscription: { type: 'final_payment_failure' } } },
    });
    const invoices = [ended, leaving, paused].map((one, i) =>
      listed({ id: `in_${i}`, parent: { subscription_details: { subscription: one } } }),
    );
    const { subscriptions } = mergeAll(NO_FACTS, await refreshed(answersOf(invoices)));
    expect(subscriptions['sub_1']?.value).toMatchObject({
      status: 'canceled',
      cancellationReason: 'payment_failed',
    });
    expect(subscriptions['sub_2']?.value).toMatchObject({ cancelAtPeriodEnd: true });
    expect(subscriptions['sub_3']?.value).toMatchObject({ pauseReason: 'final_payment_failure' });
  });
});

describe('what is wanted besides', () => {
  const METHODS = 'GET /v1/customers/cus_1/payment_methods';
  const SUBSCRIPTIONS = 'GET /v1/subscriptions';
  const debit = paymentMethod({ id: 'pm_2', type: 'sepa_debit', card: null });
  const lists: Answers = {
    [METHODS]: listOf([paymentMethod({ id: 'pm_9' }), debit]),
    [SUBSCRIPTIONS]: listOf([
      subscription({ id: 'sub_7', default_payment_method: paymentMethod({ id: 'pm_7' }) }),
      subscription({ id: 'sub_8', status: 'incomplete_expired' }),
      subscription({ status: 'trialing', trial_end: CREATED + 86_400 }),
    ]),
  };
  const answers = answersOf([listed()], [], lists);
  const methodsIn = (facts: readonly Fact[]) => only(facts, 'payment-method').map(({ method }) => method);

  test.each<[string, Partial<RefreshAlso>, string[]]>([
    ['nothing', {}, []],
    ['the payment methods', { methods: true }, [METHODS]],
    ['the subscriptions', { subscriptions: true }, [SUBSCRIPTIONS]],
    ['both', { methods: true, subscriptions: true }, [METHODS, SUBSCRIPTIONS]],
  ])('%s: takes a call each', async (_, also, more) => {
    await refreshed(answers, [], also);
    expect([...calls()].sort()).toEqual([CHARGES, INVOICES, ...more].sort());
  });

  test('every stored payment method is told as attached, a hundred at most', async () => {
    const facts = await refreshed(answers, [], { methods: true });
    expect(methodsIn(facts).slice(-2)).toEqual([
      { id: 'pm_9', type: 'card', card: VISA, attached: true },
      { id: 'pm_2', type: 'sepa_debit', card: null, attached: true },
    ]);
    const request = asked().find(({ call }) => call === METHODS);
    expect(Object.fromEntries(request?.query ?? [])).toEqual({ limit: '100' });
  });

  test('every subscription is told once, with the method it charges, one that has ended too', async () => {
    const facts = await refreshed(answers, [], { subscriptions: true });
    expect(only(facts, 'subscription').map((one) => [one.subscription.id, one.subscription.status])).toEqual([
      ['sub_1', 'trialing'],
      ['sub_7', 'past_due'],
      ['sub_8', 'incomplete_expired'],
    ]);
    expect(methodsIn(facts)).toContainEqual({ id: 'pm_7', type: 'card', card: VISA, attached: true });
    expect(only(facts, 'subscription')[1]?.subscription.defaultMethodId).toBe('pm_7');
    const request = asked().find(({ call }) => call === SUBSCRIPTIONS);
    expect(Object.fromEntries(request?.query ?? [])).toEqual({
      customer: 'cus_1',
      status: 'all',
      limit: '100',
      'expand[0]': 'data.default_payment_method',
    });
  });

  test('A17: of a customer who is gone nothing is told', async () => {
    const missing = failing(404, { code: 'resource_missing', param: 'customer' });
    const gone = { id: 'cus_1', object: 'customer', deleted: true };
    const facts = await refreshed(
      { ...answersOf([listed({ customer: gone })]), [METHODS]: missing, [SUBSCRIPTIONS]: missing },
      [],
      { methods: true, subscriptions: true },
    );
    expect(kinds(facts)).toEqual(['customer-deleted', 'subscription', 'invoice']);
  });

  test.each([METHODS, SUBSCRIPTIONS])('a list that is not answered fails the refresh: %s', async (call) => {
    const error = await errorOf(
      refreshed({ ...answers, [call]: failing(429) }, [], { methods: true, subscriptions: true }),
    );
    expect(error).toMatchObject({ name: 'OutsideError', retry: 'later', throttled: true });
    expect(calls()).toHaveLength(4);
  });
});

describe('which invoices are told', () => {
  test('a sent one past its due date has failed since then', async () => {
    const sent = (id: string, due: number) =>
      listed({ id, collection_method: 'send_invoice', due_date: due, next_payment_attempt: null });
    const facts = await refreshed(answersOf([sent('in_1', CREATED), sent('in_2', CREATED + 7 * 86_400)]));
    expect(only(facts, 'invoice').map(({ failure }) => failure)).toEqual([
      { at: CREATED_AT, reason: 'overdue' },
      null,
    ]);
  });

  const paid = listed({ id: 'in_2', ...paidInFull });
  const voided = listed({ id: 'in_3', status: 'void' });
  const draft = listed({ id: 'in_4', status: 'draft' });

  test.each<[string, string[], string[]]>([
    ['the open ones', [], ['in_1']],
    ['one that was paid meanwhile, because it is asked for', ['in_2'], ['in_1', 'in_2']],
    ['one that was voided meanwhile, because it is asked for', ['in_3'], ['in_1', 'in_3']],
    ['no draft, though it is asked for', ['in_4'], ['in_1']],
  ])('%s', async (_, wanted, told) => {
    const facts = await refreshed(answersOf([listed(), paid, voided, draft]), wanted);
    expect(only(facts, 'invoice').map(({ invoice }) => invoice.id)).toEqual(told);
    expect(calls()).toHaveLength(2);
  });

  test('one asked for that the list does not hold is read by its id', async () => {
    const facts = await refreshed(
      answersOf([listed()], [], { 'GET /v1/invoices/in_old': basilInvoice({ id: 'in_old', ...paidInFull }) }),
      ['in_1', 'in_old'],
    );
    expect(calls()).toHaveLength(3);
    expect(only(facts, 'invoice').map(({ invoice }) => [invoice.id, invoice.status])).toEqual([
      ['in_1', 'open'],
      ['in_old', 'paid'],
    ]);
  });

  test('A17: one that is gone tells nothing and breaks nothing', async () => {
    const facts = await refreshed(
      answersOf([listed()], [], { 'GET /v1/invoices/in_gone': failing(404, { code: 'resource_missing' }) }),
      ['in_gone'],
    );
    expect(only(facts, 'invoice').map(({ invoice }) => invoice.id)).toEqual(['in_1']);
  });

  test('one of another customer is left out', async () => {
    const facts = await refreshed(
      answersOf([listed()], [], { 'GET /v1/invoices/in_x': basilInvoice({ id: 'in_x', customer: 'cus_2' }) }),
      ['in_x'],
    );
    expect(only(facts, 'invoice').map(({ invoice }) => invoice.id)).toEqual(['in_1']);
  });

  test('the further calls are bounded: three pages, then ten by their ids', async () => {
    const wanted = Array.from({ length: 40 }, (_, i) => `in_w${i}`);
    const singles = wanted.map((id) => [`GET /v1/invoices/${id}`, basilInvoice({ id })] as const);
    let pages = 0;
    await refreshed(
      {
        ...answersOf([]),
        ...Object.fromEntries(singles),
        [INVOICES]: () => {
          pages += 1;
          return listOf([listed({ id: `in_p${pages}` })], true);
        },
      },
      wanted,
    );
    expect(calls().filter((call) => call === INVOICES)).toHaveLength(3);
    expect(calls().filter((call) => call.startsWith('GET /v1/invoices/'))).toHaveLength(10);
    expect(asked().map(({ query }) => query.get('starting_after'))).toContain('in_p2');
  });
});

describe('who the customer is', () => {
  test('without any invoice it is asked for by itself', async () => {
    const facts = await refreshed(answersOf([], [], { 'GET /v1/customers/cus_1': whole }));
    expect(calls()).toHaveLength(3);
    expect(kinds(facts)).toEqual(['customer', 'payment-method', 'payment-method']);
  });

  const gone = { id: 'cus_1', object: 'customer', deleted: true };

  test('deleted, as the invoices tell', async () => {
    const facts = await refreshed(answersOf([listed({ customer: gone })]));
    expect(facts[0]).toEqual({ kind: 'customer-deleted', at: NOW, source: 'refresh' });
    expect(only(facts, 'customer')).toEqual([]);
  });

  test('A17: deleted, and the lists do not know it any more', async () => {
    const missing = failing(400, { code: 'resource_missing', param: 'customer' });
    const facts = await refreshed(
      { [INVOICES]: missing, [CHARGES]: missing, 'GET /v1/customers/cus_1': gone },
      ['in_1'],
    );
    expect(facts).toEqual([{ kind: 'customer-deleted', at: NOW, source: 'refresh' }]);
  });

  test('one the account never knew is no deletion: it says to check the key', async () => {
    const missing = failing(404, { code: 'resource_missing' });
    const error = await errorOf(
      refreshed({ [INVOICES]: missing, [CHARGES]: missing, 'GET /v1/customers/cus_1': missing }),
    );
    expect(error).toMatchObject({ name: 'OutsideError', retry: 'never' });
    expect(error.message).toContain('check that the API key belongs to the account and mode');
  });
});

describe('money on its way, come back, disputed', () => {
  test.each<[string, Json, boolean]>([
    ['a pending debit', { status: 'pending', payment_intent: paymentIntent() }, true],
    ['an intent at work though an earlier try failed', { payment_intent: paymentIntent() }, true],
    ['a try that failed', {}, false],
  ])('%s: in flight %s', async (_, fields, processing) => {
    const facts = await refreshed(answersOf([listed()], [declined(fields)]));
    expect(only(facts, 'in-flight')).toEqual([
      { kind: 'in-flight', at: NOW, source: 'refresh', paymentIntentId: 'pi_1', processing },
    ]);
  });

  const cameBack = declined({ failure_balance_transaction: 'txn_1' });
  const bank = listed({ ...paidInFull, ...paidBy('pi_1', CREATED + 86_400) });

  test('a payment that came back names its invoice, and brings that along', async () => {
    const facts = await refreshed(answersOf([bank], [cameBack]));
    expect(only(facts, 'reversal').map(({ reversal }) => reversal)).toEqual([
      {
        id: 'ch_1',
        at: '2025-10-10T08:54:20.000Z',
        amountMinor: 2500,
        currency: 'EUR',
        invoiceId: 'in_1',
        paymentIntentId: 'pi_1',
      },
    ]);
    expect(only(facts, 'invoice').map(({ invoice }) => invoice.status)).toEqual(['paid']);
    expect(only(facts, 'attempt')).toEqual([]);
  });

  test('the time an event gave of it is kept', async () => {
    const told = only(await refreshed(answersOf([bank], [cameBack])), 'reversal');
    const later = at('2025-10-14T00:00Z');
    const event: Fact[] = told.map(({ reversal }) => ({
      kind: 'reversal',
      at: later,
      source: 'event',
      reversal: { ...reversal, at: later, invoiceId: null },
    }));
    for (const order of [
      [...told, ...event],
      [...event, ...told],
    ]) {
      expect(mergeAll(NO_FACTS, order).reversals['ch_1']).toMatchObject({ at: later, invoiceId: 'in_1' });
    }
  });

  test.each<[string, Json, Json[]]>([
    ['of an open invoice', listed(), [cameBack]],
    ['of an invoice paid by a later try', bank, [declined({ id: 'ch_2', status: 'succeeded' }), cameBack]],
    ['of an invoice paid otherwise', listed(paidInFull), [cameBack]],
  ])('a pending debit that failed is a try: %s', async (_, invoice, charges) => {
    const facts = await refreshed(answersOf([invoice], charges));
    expect(only(facts, 'reversal')).toEqual([]);
    expect(only(facts, 'attempt').map(({ attempt }) => attempt.id)).toEqual(['ch_1']);
  });

  test('an open dispute of a recent charge is brought along, in one call more', async () => {
    const facts = await refreshed(
      answersOf([listed()], [declined({ status: 'succeeded', disputed: true })], {
        'GET /v1/disputes': listOf([dispute()]),
      }),
    );
    expect(only(facts, 'dispute')).toEqual([
      {
        kind: 'dispute',
        at: NOW,
        source: 'refresh',
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
    ]);
    expect(calls()).toHaveLength(3);
  });

  test('old disputes cost nothing', async () => {
    const old = declined({ disputed: true, created: CREATED - 200 * 86_400 });
    await refreshed(answersOf([listed()], [old]));
    expect(calls()).toHaveLength(2);
  });

  test('of many disputed charges the newest three are asked about', async () => {
    const many = [1, 2, 3, 4, 5].map((i) => declined({ id: `ch_${i}`, disputed: true }));
    await refreshed(answersOf([listed()], many, { 'GET /v1/disputes': listOf([]) }));
    const charges = asked().map(({ query }) => query.get('charge'));
    expect(charges.filter(Boolean)).toEqual(['ch_1', 'ch_2', 'ch_3']);
  });
});

describe('a read that fails', () => {
  const LATER = { name: 'OutsideError', retry: 'later', throttled: false };
  const SLOW = { name: 'OutsideError', retry: 'later', throttled: true };
  const NEVER = { name: 'OutsideError', retry: 'never', throttled: false };

  test.each<[string, Answers[string], object, string]>([
    ['429', failing(429, { type: 'rate_limit_error' }), SLOW, 'slow down'],
    ['rate limit by its code', failing(400, { code: 'rate_limit' }), SLOW, 'slow down'],
    ['500', failing(500, { type: 'api_error' }), LATER, 'HTTP 500, req_1'],
    ['503', failing(503), LATER, 'HTTP 503'],
    ['409', failing(409, { code: 'lock_timeout' }), LATER, 'lock_timeout'],
    ['no answer in time', 'silence', LATER, 'no answer'],
    ['a page of HTML', 'gibberish', LATER, 'no answer'],
    ['401', failing(401), NEVER, 'the API key is not accepted'],
    ['403', failing(403, { code: 'more_permissions_required' }), NEVER, 'let it read customers'],
    ['400', failing(400, { code: 'parameter_unknown' }), NEVER, 'parameter_unknown'],
    ['404 of the address itself', failing(404), NEVER, 'it is not there'],
    ['an object that cannot be read', listOf([listed({ amount_due: 1.5 })]), NEVER, 'amount_due: 1.5'],
  ])('%s', async (_, answer, error, words) => {
    const failed = await errorOf(
      refreshed({ ...answersOf([]), 'GET /v1/customers/cus_1': failing(404), [INVOICES]: answer }),
    );
    expect(failed).toMatchObject(error);
    expect(failed.message).toContain(words);
    expect(calls().filter((call) => call === INVOICES)).toHaveLength(1);
  });

  test('says nothing of the key, the address or the answer', async () => {
    for (const status of [400, 401, 403, 404, 429, 500]) {
      const failed = await errorOf(
        refreshed({ ...answersOf([]), [INVOICES]: failing(status, { code: 'ada@example.com' }) }),
      );
      // Everything a logger could find, with what only the error itself shows.
      const said = inspect(failed, { depth: null, showHidden: true });
      expect(said).not.toContain('ada@example.com');
      expect(said).not.toContain(API_KEY);
    }
  });

  test('over a connection that was dead already is made once more', async () => {
    let tries = 0;
    const facts = await refreshed({
      ...answersOf([]),
      [INVOICES]: () => {
        tries += 1;
        return tries === 1 ? 'hang up' : listOf([listed()]);
      },
    });
    expect(only(facts, 'invoice')).toHaveLength(1);
    expect(tries).toBe(2);
  });
});

describe('whose it is', () => {
  test.each([
    ['charge', 'ch_1', 'GET /v1/charges/ch_1', failedCharge()],
    ['payment_intent', 'pi_1', 'GET /v1/payment_intents/pi_1', paymentIntent()],
    ['invoice', 'in_1', 'GET /v1/invoices/in_1', basilInvoice()],
    ['payment_method', 'pm_1', 'GET /v1/payment_methods/pm_1', paymentMethod()],
  ] as const)('of a %s', async (kind, id, call, object) => {
    expect(await provider({ [call]: object }).resolve('stripe', { kind, id })).toBe('cus_1');
    expect(
      await provider({ [call]: { ...object, customer: null } }).resolve('stripe', { kind, id }),
    ).toBeNull();
    const missing = failing(404, { code: 'resource_missing' });
    expect(await provider({ [call]: missing }).resolve('stripe', { kind, id })).toBeNull();
    const error = await errorOf(provider({ [call]: failing(500) }).resolve('stripe', { kind, id }));
    expect(error).toMatchObject({ name: 'OutsideError', retry: 'later' });
    expect(calls()).toEqual([call, call, call, call]);
  });
});
