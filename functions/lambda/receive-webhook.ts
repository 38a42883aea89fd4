// The Lambda behind POST /webhooks/{connection}.
import { observe } from '../middleware.ts';
import { makeReceiveWebhook, type Connection } from '../receive-webhook.ts';
import { backOff, environment, now, openSecrets, openStore } from './root.ts';

const { TABLE_NAME, CONNECTIONS, STAGE } = environment('TABLE_NAME', 'CONNECTIONS', 'STAGE');
const observed = observe('receive-webhook', STAGE);
const secrets = openSecrets(observed.telemetry);

const connections = Object.fromEntries(
  Object.entries(CONNECTIONS).map(
    ([name, { livemode, account, webhookSecretName }]): [string, Connection] => [
      name,
      { livemode, account, secrets: () => secrets.read(webhookSecretName) },
    ],
  ),
);

export const handler = observed.lambda(
  makeReceiveWebhook({
    store: openStore(TABLE_NAME),
    telemetry: observed.telemetry,
    backOff,
    connections,
    now,
    onError: observed.onError,
  }),
);
