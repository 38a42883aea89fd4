// The Lambda that the schedule calls each hour, once for every connection.
import { createStripeEventLog } from '../../adapters/stripe/event-log.ts';
import { observe } from '../middleware.ts';
import { makeReconcile } from '../reconcile.ts';
import { backOff, environment, now, openSecrets, openStore } from './root.ts';
import { openStripeClients } from './stripe-clients.ts';

/** A page that is asked for at the last moment has to come before the function's time is over. */
const TIMEOUT_MS = 10_000;

const { TABLE_NAME, CONNECTIONS, STAGE } = environment('TABLE_NAME', 'CONNECTIONS', 'STAGE');
const observed = observe('reconcile', STAGE);

export const handler = observed.lambda(
  makeReconcile({
    store: openStore(TABLE_NAME),
    eventLog: createStripeEventLog({
      clientFor: openStripeClients(CONNECTIONS, openSecrets(observed.telemetry), { timeoutMs: TIMEOUT_MS }),
      acceptFor: (connection) => CONNECTIONS[connection] ?? { livemode: null, account: null },
    }),
    telemetry: observed.telemetry,
    backOff,
    now,
    connections: Object.keys(CONNECTIONS),
  }),
);
