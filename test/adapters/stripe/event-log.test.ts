// Stripe's log of events through the real SDK: what is asked, how pages follow, what errors mean.
import { describe, expect, test } from 'vitest';
import { OutsideError, type EventLog } from '../../../core/ports.ts';
import { instantFromSeconds } from '../../../core/time.ts';
import {
  basilInvoice,
  CREATED,
  CREATED_AT,
  preBasilInvoice,
  stripeEvent,
} from '../../support/stripe-events.ts';
import { API_KEY, failing, listOf, useStripe, type Answer } from './provider-server.ts';

const { eventLog, asked } = useStripe();

const WINDOW = {
  walk: 'all',
  from: instantFromSeconds(CREATED - 3600),
  to: instantFromSeconds(CREATED + 60),
} as const;

const failed = (id: string, fields = {}) =>
  stripeEvent('invoice.payment_failed', basilInvoice(), { id, ...fields });

const logOf = (answer: Answer, accept?: Parameters<typeof eventLog>[1]): EventLog =>
  eventLog({ 'GET /v1/events': answer }, accept);

describe('a page', () => {
  test('is asked for by time, whole seconds, a hundred at once and without a filter of types', async () => {
    await logOf(listOf([])).read('stripe', WINDOW, null);
    expect(asked().map(({ call, query }) => [call, Object.fromEntries(query)])).toEqual([
      [
        'GET /v1/events',
        { limit: '100', 'created[gte]': `${CREATED - 3600}`, 'created[lt]': `${CREATED + 60}` },
      ],
    ]);
    expect(asked()[0]?.headers['stripe-account']).toBeUndefined();
  });

  test('of what was not delivered says so', async () => {
    await logOf(listOf([])).read('stripe', { ...WINDOW, walk: 'undelivered' }, null);
    expect(asked()[0]?.query.get('delivery_success')).toBe('false');
  });

  test('that is not the last names where the next goes on', async () => {
    const log = eventLog({
      'GET /v1/events': ({ query }) =>
        query.get('starting_after') === 'evt_2'
          ? listOf([failed('evt_3')])
          : listOf([failed('evt_1'), failed('evt_2')], true),
    });
    const first = await log.read('stripe', WINDOW, null);
    expect([first.events.map(({ id }) => id), first.next]).toEqual([['evt_1', 'evt_2'], 'evt_2']);
    const second = await log.read('stripe', WINDOW, first.next);
    expect([second.events.map(({ id }) => id), second.next]).toEqual([['evt_3'], null]);
  });

  test('without events that promises more is no end', async () => {
    await expect(logOf(listOf([], true)).read('stripe', WINDOW, null)).rejects.toMatchObject({
      name: 'OutsideError',
      retry: 'later',
    });
  });
});

describe('an event', () => {
  const toldBy = async (event: object, accept?: Parameters<typeof eventLog>[1]) => {
    const { events } = await logOf(listOf([event]), accept).read('stripe', WINDOW, null);
    return events[0];
  };

  test.each([
    ['since basil', basilInvoice()],
    ['before basil', preBasilInvoice()],
  ])('is told in our words, in the shape of %s', async (_, invoice) => {
    expect(await toldBy(stripeEvent('invoice.payment_failed', invoice))).toMatchObject({
      id: 'evt_1',
      at: CREATED_AT,
      told: { kind: 'facts', customerId: 'cus_1' },
    });
  });

  test('that is not used is ignored, one that cannot be right is refused', async () => {
    expect(await toldBy(stripeEvent('balance.available', {}))).toMatchObject({ told: { kind: 'ignored' } });
    expect(await toldBy(stripeEvent('invoice.paid', { id: 7 }))).toMatchObject({
      id: 'evt_1',
      told: { kind: 'refused' },
    });
  });

  test('of the other mode is ignored', async () => {
    const event = failed('evt_1', { livemode: true });
    expect(await toldBy(event)).toMatchObject({
      told: { kind: 'ignored', reason: expect.stringContaining('a live event') },
    });
  });

  test('is asked for in the name of the account of the connection; another account’s is ignored', async () => {
    const accept = { livemode: false, account: 'acct_1' };
    expect(await toldBy(failed('evt_1'), accept)).toMatchObject({ told: { kind: 'facts' } });
    expect(asked()[0]?.headers['stripe-account']).toBe('acct_1');
    expect(await toldBy(failed('evt_1', { account: 'acct_1' }), accept)).toMatchObject({
      told: { kind: 'facts' },
    });
    expect(await toldBy(failed('evt_1', { account: 'acct_2' }), accept)).toMatchObject({
      told: { kind: 'ignored' },
    });
  });
});

describe('an error', () => {
  test.each<[string, Answer, object]>([
    ['429', failing(429), { retry: 'later', throttled: true }],
    ['500', failing(500), { retry: 'later', throttled: false }],
    ['no answer', 'silence', { retry: 'later', throttled: false }],
    ['a hang-up', 'hang up', { retry: 'later', throttled: false }],
    ['no JSON', 'gibberish', { retry: 'later', throttled: false }],
    ['401', failing(401), { retry: 'never', throttled: false }],
    ['403', failing(403), { retry: 'never', throttled: false }],
  ])('%s is told for what it is, without what Stripe wrote', async (_, answer, meaning) => {
    const error = await logOf(answer)
      .read('stripe', WINDOW, null)
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(OutsideError);
    expect(error).toMatchObject({ ...meaning, message: expect.stringMatching(/^Stripe, listing events: /) });
    expect(String(error)).not.toMatch(new RegExp(`ada@example|${API_KEY}`));
  });
});
