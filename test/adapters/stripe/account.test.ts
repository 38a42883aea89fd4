// The whole account through the real SDK: what each list is asked, whom it tells of, what is left out.
import { describe, expect, test } from 'vitest';
import { OutsideError, type Account, type AccountList } from '../../../core/ports.ts';
import { NO_FACTS } from '../../../core/recovery/customer.ts';
import type { Fact } from '../../../core/recovery/fact.ts';
import { mergeAll } from '../../../core/recovery/merge.ts';
import { at } from '../../support/customers.ts';
import {
  basilInvoice,
  CREATED,
  customer,
  legacyCard,
  paidInFull,
  paymentMethod,
  preBasilInvoice,
  subscription,
  VISA,
  type Json,
} from '../../support/stripe-events.ts';
import { API_KEY, failing, listOf, useStripe, type Answer, type Answers } from './provider-server.ts';

const { account, asked } = useStripe();

const NOW = at('2025-10-10T09:00Z');
const CALLS: Readonly<Record<AccountList, string>> = {
  subscriptions: 'GET /v1/subscriptions',
  due_invoices: 'GET /v1/invoices',
  overdue_invoices: 'GET /v1/invoices',
  failed_invoices: 'GET /v1/invoices',
};
const LISTS = Object.keys(CALLS) as AccountList[];

const accountOf = (
  list: AccountList,
  answer: Answers[string] & {},
  accept?: Parameters<typeof account>[1],
): Account => account({ [CALLS[list]]: answer }, accept);

const pageOf = (list: AccountList, ...objects: readonly object[]) =>
  accountOf(list, listOf(objects)).read('stripe', list, null, NOW);

const whole = (fields: Json = {}): Json =>
  customer({ invoice_settings: { default_payment_method: paymentMethod() }, ...fields });

const running = (fields: Json = {}): Json =>
  subscription({ status: 'active', customer: whole(), default_payment_method: null, ...fields });

const overdue = (fields: Json = {}): Json =>
  basilInvoice({
    customer: whole(),
    collection_method: 'send_invoice',
    due_date: CREATED,
    next_payment_attempt: null,
    ...fields,
  });

const due = (fields: Json = {}): Json =>
  overdue({ due_date: Date.parse('2025-10-20T12:00Z') / 1000, ...fields });

const failed = (fields: Json = {}): Json => basilInvoice({ customer: whole(), ...fields });

const OBJECTS: Readonly<Record<AccountList, (fields?: Json) => Json>> = {
  subscriptions: running,
  due_invoices: due,
  overdue_invoices: overdue,
  failed_invoices: failed,
};

const kinds = (facts: readonly Fact[] = []): string[] => facts.map(({ kind }) => kind);

describe('a page', () => {
  const DUE = { 'due_date[lte]': `${Date.parse(NOW) / 1000}` };

  test.each<[AccountList, object]>([
    [
      'subscriptions',
      {
        'expand[0]': 'data.customer',
        'expand[1]': 'data.customer.invoice_settings.default_payment_method',
        'expand[2]': 'data.customer.default_source',
        'expand[3]': 'data.default_payment_method',
      },
    ],
    [
      // Sixty days ahead is the most that a policy can write, and two days lie between the looks at most.
      'due_invoices',
      {
        status: 'open',
        collection_method: 'send_invoice',
        'due_date[gt]': `${Date.parse(NOW) / 1000}`,
        'due_date[lte]': `${Date.parse('2025-12-11T09:00Z') / 1000}`,
        'expand[0]': 'data.customer',
      },
    ],
    [
      'overdue_invoices',
      { status: 'open', collection_method: 'send_invoice', ...DUE, 'expand[0]': 'data.customer' },
    ],
    [
      'failed_invoices',
      { status: 'open', collection_method: 'charge_automatically', 'expand[0]': 'data.customer' },
    ],
  ])('of %s is one request for a hundred, no deeper than Stripe expands', async (list, params) => {
    await pageOf(list);
    expect(asked().map(({ call, query }) => [call, Object.fromEntries(query)])).toEqual([
      [CALLS[list], { limit: '100', ...params }],
    ]);
    const depths = [...(asked()[0]?.query ?? [])]
      .filter(([name]) => name.startsWith('expand'))
      .map(([, path]) => path.split('.').length);
    expect(Math.max(...depths)).toBeLessThanOrEqual(4);
    expect(asked()[0]?.headers['stripe-account']).toBeUndefined();
  });

  test.each(LISTS)(
    'of %s names where the next goes on, though its last object is of no use',
    async (list) => {
      const [first, last] = [OBJECTS[list]({ id: 'obj_1' }), OBJECTS[list]({ id: 'obj_2', customer: null })];
      const pages = accountOf(list, ({ query }) =>
        query.get('starting_after') === 'obj_2' ? listOf([first]) : listOf([first, last], true),
      );
      const one = await pages.read('stripe', list, null, NOW);
      expect([one.customers.length, one.next]).toEqual([1, 'obj_2']);
      const two = await pages.read('stripe', list, one.next, NOW);
      expect([two.customers.length, two.next]).toEqual([1, null]);
    },
  );

  test.each(LISTS)('of %s that is empty and promises more is no end', async (list) => {
    await expect(accountOf(list, listOf([], true)).read('stripe', list, null, NOW)).rejects.toMatchObject({
      name: 'OutsideError',
      retry: 'later',
    });
  });

  test('is asked for in the name of the account of the connection', async () => {
    const accept = { livemode: null, account: 'acct_1' };
    await accountOf('subscriptions', listOf([]), accept).read('stripe', 'subscriptions', null, NOW);
    expect(asked()[0]?.headers['stripe-account']).toBe('acct_1');
  });
});

describe('who is told of', () => {
  test('a subscriber with the card of the customer and that of the subscription', async () => {
    const own = paymentMethod({ id: 'pm_2', card: { ...VISA, exp_month: 11, exp_year: 2025 } });
    const { customers } = await pageOf(
      'subscriptions',
      running({ customer: whole({ default_source: legacyCard() }), default_payment_method: own }),
    );
    expect(customers.map(({ customerId }) => customerId)).toEqual(['cus_1']);
    const facts = customers[0]?.facts ?? [];
    expect(kinds(facts)).toEqual([
      'customer',
      'payment-method',
      'payment-method',
      'subscription',
      'payment-method',
    ]);
    for (const fact of facts) expect(fact).toMatchObject({ at: NOW, source: 'refresh' });
    const state = mergeAll(NO_FACTS, facts);
    expect(state.contact?.value.email).toBe('ada@example.com');
    expect(state.defaultMethod?.value).toBe('pm_1');
    expect(state.subscriptions['sub_1']?.value).toMatchObject({ status: 'active', defaultMethodId: 'pm_2' });
    expect(Object.keys(state.methods).toSorted()).toEqual(['card_1', 'pm_1', 'pm_2']);
    expect(state.cards['pm_2']?.value).toMatchObject({ expMonth: 11, expYear: 2025 });
  });

  test('whose sent invoices are past their due date, since then', async () => {
    const { customers } = await pageOf(
      'overdue_invoices',
      overdue(),
      overdue({ id: 'in_2', amount_remaining: 0, customer: whole({ id: 'cus_2' }) }),
    );
    expect(customers).toHaveLength(1);
    expect(kinds(customers[0]?.facts)).toEqual(['customer', 'payment-method', 'invoice']);
    expect(customers[0]?.facts[2]).toMatchObject({
      invoice: { id: 'in_1', status: 'open' },
      failure: { at: '2025-10-09T08:53:20.000Z', reason: 'overdue' },
    });
  });

  test('whose sent invoices fall due, with the date and what is owed, and as no failure', async () => {
    const { customers } = await pageOf('due_invoices', due({ amount_paid: 500, amount_remaining: 1500 }));
    expect(customers.map(({ customerId }) => customerId)).toEqual(['cus_1']);
    expect(customers[0]?.facts.find(({ kind }) => kind === 'invoice')).toMatchObject({
      invoice: {
        id: 'in_1',
        status: 'open',
        amounts: { paid: 500, remaining: 1500 },
        details: { collectionMethod: 'send_invoice', dueAt: '2025-10-20T12:00:00.000Z' },
      },
      failure: null,
    });
  });

  const FINALIZED = { at: '2025-10-09T08:53:20.000Z', reason: 'declined' };
  const MADE = { at: '2025-10-09T07:53:20.000Z', reason: 'declined' };

  test.each<[string, Json, object | null]>([
    ['tried once', failed(), FINALIZED],
    ['of before basil', preBasilInvoice({ customer: whole() }), FINALIZED],
    ['when it was finalised is not said', failed({ status_transitions: { finalized_at: null } }), MADE],
    ['there is nothing on when it was finalised', failed({ status_transitions: null }), MADE],
    ['what is said of it is no time', failed({ status_transitions: { finalized_at: 'soon' } }), MADE],
    ['not tried yet', failed({ attempt_count: 0, attempted: false }), null],
  ])('whose automatic payments failed: %s', async (_, invoice, failure) => {
    const { customers } = await pageOf('failed_invoices', invoice);
    const told = customers.flatMap(({ facts }) =>
      facts.flatMap((fact) => (fact.kind === 'invoice' ? [fact.failure] : [])),
    );
    expect(told).toEqual(failure === null ? [] : [failure]);
  });

  test.each(LISTS)('on %s once a page, with everything that is on it', async (list) => {
    const { customers } = await pageOf(
      list,
      OBJECTS[list]({ id: 'obj_1' }),
      OBJECTS[list]({ id: 'obj_2', customer: whole({ id: 'cus_2' }) }),
      OBJECTS[list]({ id: 'obj_3' }),
    );
    expect(customers.map(({ customerId }) => customerId)).toEqual(['cus_1', 'cus_2']);
    const ids = customers[0]?.facts.flatMap((fact) =>
      fact.kind === 'subscription'
        ? [fact.subscription.id]
        : fact.kind === 'invoice'
          ? [fact.invoice.id]
          : [],
    );
    expect(ids).toEqual(['obj_1', 'obj_3']);
  });
});

describe('what is left out, and never the page', () => {
  const gone = { id: 'cus_1', object: 'customer', deleted: true };

  test.each<[AccountList, string, Json]>([
    ['subscriptions', 'one that has expired', running({ status: 'incomplete_expired' })],
    ['subscriptions', 'one that was cancelled', running({ status: 'canceled' })],
    ['subscriptions', 'one that cannot be read', running({ status: 7 })],
    ['subscriptions', 'one whose customer cannot be read', running({ customer: { id: 'cus_1' } })],
    ['subscriptions', 'one whose customer has no id', running({ customer: { ...whole(), id: 'two words' } })],
    ['overdue_invoices', 'one that cannot be read', overdue({ amount_due: -1 })],
    ['overdue_invoices', 'one that is not due yet by our clock', overdue({ due_date: CREATED + 7 * 86_400 })],
    ['failed_invoices', 'one that cannot be read', failed({ currency: 'euro' })],
    ['failed_invoices', 'one of nobody', failed({ customer: null })],
    ...LISTS.map((list) => [list, 'one of a deleted customer', OBJECTS[list]({ customer: gone })] as const),
  ] as [AccountList, string, Json][])('%s: %s', async (list, _, object) => {
    const other = OBJECTS[list]({ id: 'obj_9', customer: whole({ id: 'cus_9' }) });
    const { customers } = await pageOf(list, object, other);
    expect(customers.map(({ customerId }) => customerId)).toEqual(['cus_9']);
  });

  test('a customer that was not expanded is told by what is on the list alone', async () => {
    const { customers } = await pageOf('failed_invoices', failed({ customer: 'cus_1' }));
    expect(customers.map(({ facts }) => kinds(facts))).toEqual([['invoice']]);
  });

  test('one paid between the list and the answer is told as it stands', async () => {
    const { customers } = await pageOf('overdue_invoices', overdue(paidInFull));
    expect(customers).toEqual([]);
  });
});

describe('an error', () => {
  test.each<[string, Answer, object]>([
    ['429', failing(429), { retry: 'later', throttled: true }],
    ['500', failing(500), { retry: 'later', throttled: false }],
    ['no answer', 'silence', { retry: 'later', throttled: false }],
    ['no JSON', 'gibberish', { retry: 'later', throttled: false }],
    ['401', failing(401), { retry: 'never', throttled: false }],
    ['403', failing(403), { retry: 'never', throttled: false }],
  ])('%s is told for what it is, without what Stripe wrote', async (_, answer, meaning) => {
    const error = await accountOf('subscriptions', answer)
      .read('stripe', 'subscriptions', null, NOW)
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(OutsideError);
    const message = expect.stringMatching(/^Stripe, listing the subscriptions of the account: /);
    expect(error).toMatchObject({ ...meaning, message });
    expect(String(error)).not.toMatch(new RegExp(`ada@example|${API_KEY}`));
  });

  test.each([
    [true, 'the API key is one of test mode, and this connection takes live events'],
    [false, 'the API key is one of live mode, and this connection takes test events'],
  ])('a key of the other mode is refused when the connection takes livemode %s', async (livemode, says) => {
    const accept = { livemode, account: null };
    const answer = listOf([running({ livemode: !livemode })]);
    await expect(
      accountOf('subscriptions', answer, accept).read('stripe', 'subscriptions', null, NOW),
    ).rejects.toMatchObject({ retry: 'never', message: expect.stringContaining(says) });
  });
});
