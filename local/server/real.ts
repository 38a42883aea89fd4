// The real services behind the local server: a Stripe account that is only read, and SES for one allowed address.
import { createSesClient, createSesMailer, createSesOperatorMailer } from '../../adapters/ses/mailer.ts';
import { createStripeAccount } from '../../adapters/stripe/account.ts';
import { createStripeClient, createStripeProvider } from '../../adapters/stripe/provider.ts';
import type { SendTo } from './send-to.ts';
import type { Source } from './system.ts';

/** Which events a key's account sends; null when the key does not say. */
export const livemodeOf = (apiKey: string): boolean | null =>
  /^[a-z]+_live_/.test(apiKey) ? true : /^[a-z]+_test_/.test(apiKey) ? false : null;

/** A real account. A restricted key that can only read is enough. */
export const stripeSource = (apiKey: string): Source => {
  const stripe = createStripeClient(apiKey);
  const clientFor = async () => stripe;
  const livemode = livemodeOf(apiKey);
  return {
    kind: 'stripe',
    provider: createStripeProvider({ clientFor }),
    account: createStripeAccount({ clientFor, acceptFor: () => ({ livemode, account: null }) }),
    livemode,
  };
};

/** SES with the machine's own AWS credentials and region. */
export const sesTo = (address: string, configurationSet: string): SendTo => {
  const ses = { client: createSesClient(), configurationSet };
  return {
    address,
    mailer: (outbox) => createSesMailer({ ...ses, compose: (request) => outbox.compose(request) }),
    operatorMail: createSesOperatorMailer(ses),
  };
};
