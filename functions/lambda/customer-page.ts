// The Lambda behind the links of mails: GET /c/{token}, POST /c/{token}/{act}, GET and POST /u/{token}.
import { LINK_KEYS_SECRET } from '../../adapters/links/keys.ts';
import { createStripeProvider } from '../../adapters/stripe/provider.ts';
import { definePolicy } from '../../core/recovery/policy.ts';
import policy from '../../policy.ts';
import { makeCustomerPage } from '../customer-page.ts';
import { observe } from '../middleware.ts';
import { backOff, environment, now, openSecrets, openSecretsOf, openStore } from './root.ts';
import { openStripeClients } from './stripe-clients.ts';

/** A person waits: what is stored is shown rather than what comes late. */
const TIMEOUT_MS = 5000;

const { TABLE_NAME, CONNECTIONS, STAGE, LINK_SECRET, LINK_BASE_URL, PAYMENT_HOSTS } = environment(
  'TABLE_NAME',
  'CONNECTIONS',
  'STAGE',
  'LINK_SECRET',
  'LINK_BASE_URL',
  'PAYMENT_HOSTS',
);
const observed = observe('customer-page', STAGE);
const keys = openSecretsOf(LINK_KEYS_SECRET, observed.telemetry);
const clients = openStripeClients(CONNECTIONS, openSecrets(observed.telemetry), { timeoutMs: TIMEOUT_MS });

export const handler = observed.lambda(
  makeCustomerPage({
    store: openStore(TABLE_NAME),
    provider: createStripeProvider({ clientFor: clients, now }),
    policy: definePolicy(policy),
    keys: () => keys.read(LINK_SECRET),
    baseUrl: () => LINK_BASE_URL,
    paymentHosts: PAYMENT_HOSTS,
    telemetry: observed.telemetry,
    backOff,
    now,
    onError: observed.onError,
  }),
);
