// The page on which a customer changes the card: what is asked of Stripe for it, and what every refusal means.
import { describe, expect, test } from 'vitest';
import { at, keyOf } from '../../support/customers.ts';
import { API_KEY, failing, useStripe, type Answer } from './provider-server.ts';

const { provider, asked, calls } = useStripe();

const CALL = 'POST /v1/billing_portal/sessions';
const BACK = 'https://pay.acme.test/c/token?told=card';
const URL = 'https://billing.stripe.com/p/session/test_1';

const open = (answer: Answer) =>
  provider({ [CALL]: answer }, at('2026-03-10T09:00Z')).portal(keyOf('cus_1'), BACK);

describe('a portal session', () => {
  test('is one request, straight to changing the card and back', async () => {
    expect(await open({ id: 'bps_1', object: 'billing_portal.session', url: URL })).toBe(URL);
    expect(calls()).toEqual([CALL]);
    expect(Object.fromEntries(asked()[0]?.body ?? [])).toEqual({
      customer: 'cus_1',
      return_url: BACK,
      'flow_data[type]': 'payment_method_update',
      'flow_data[after_completion][type]': 'redirect',
      'flow_data[after_completion][redirect][return_url]': BACK,
    });
  });

  test.each<[string, Answer, string, RegExp]>([
    ['settings that were never saved', failing(400), 'never', /save the settings of the customer portal/],
    ['a key that may not', failing(403), 'never', /let the key write "Customer portal"/],
    ['a key that is none', failing(401), 'never', /API key is not accepted/],
    ['too many requests', failing(429), 'later', /slow down/],
    ['a fault of Stripe', failing(500), 'later', /did not answer as it should/],
    ['silence', 'silence', 'later', /did not answer as it should/],
    ['a connection that breaks', 'hang up', 'later', /did not answer as it should/],
  ])('that fails is told: %s', async (_, answer, retry, words) => {
    await expect(open(answer)).rejects.toMatchObject({
      name: 'OutsideError',
      retry,
      message: expect.stringMatching(words),
    });
    await expect(open(answer)).rejects.not.toThrow(new RegExp(`${API_KEY}|ada@example`));
  });
});
