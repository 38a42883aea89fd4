// The clients of the configured Stripe accounts, each with its key from the secrets.
import { createStripeClient } from '../../adapters/stripe/client.ts';
import { OutsideError } from '../../core/ports.ts';
import type { Environment } from '../environment.ts';
import type { openSecrets } from './root.ts';

/** Answers with the client of a connection; asked again, with one that has the key as it is now. */
export const openStripeClients =
  (
    connections: Environment['CONNECTIONS'],
    secrets: ReturnType<typeof openSecrets>,
    options: Parameters<typeof createStripeClient>[1] = {},
  ) =>
  async (connection: string): Promise<ReturnType<typeof createStripeClient>> => {
    const configured = Object.hasOwn(connections, connection) ? connections[connection] : undefined;
    if (!configured) throw new OutsideError(`connection ${connection} is not configured any more`, 'never');
    const [apiKey] = await secrets.read(configured.apiKeySecretName);
    if (!apiKey) throw new OutsideError(`the secret ${configured.apiKeySecretName} is empty`, 'never');
    return createStripeClient(apiKey, options);
  };
