// The Lambda that the schedule calls each hour, once for every connection, to look ahead.
import { createStripeAccount } from '../../adapters/stripe/account.ts';
import { isAhead } from '../../core/recovery/notices.ts';
import { definePolicy } from '../../core/recovery/policy.ts';
import policy from '../../policy.ts';
import { makeLookAhead } from '../look-ahead.ts';
import { observe } from '../middleware.ts';
import { backOff, environment, now, openSecrets, openStore, pause } from './root.ts';
import { openStripeClients } from './stripe-clients.ts';

/** A page that is asked for at the last moment has to come before the function's time is over. */
const TIMEOUT_MS = 10_000;

const { TABLE_NAME, CONNECTIONS, STAGE } = environment('TABLE_NAME', 'CONNECTIONS', 'STAGE');
const rules = definePolicy(policy);
const observed = observe('look-ahead', STAGE);

export const handler = observed.lambda(
  makeLookAhead({
    store: openStore(TABLE_NAME),
    account: createStripeAccount({
      clientFor: openStripeClients(CONNECTIONS, openSecrets(observed.telemetry), { timeoutMs: TIMEOUT_MS }),
      acceptFor: (connection) => CONNECTIONS[connection] ?? { livemode: null, account: null },
    }),
    isAhead: (facts, known, at) => isAhead(rules, facts, known, at),
    telemetry: observed.telemetry,
    backOff,
    pause,
    now,
    connections: Object.keys(CONNECTIONS),
  }),
);
