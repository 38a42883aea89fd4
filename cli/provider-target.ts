// Which accounts at the provider a command asks, and with whose keys: those of a stage, or this machine's.
import { createStripeClient } from '../adapters/stripe/client.ts';
import type { StripeAccountOptions } from '../adapters/stripe/account.ts';
import type { Telemetry } from '../core/ports.ts';
import { openSecrets } from '../functions/lambda/root.ts';
import { openStripeClients } from '../functions/lambda/stripe-clients.ts';
import { livemodeOf } from '../local/server/real.ts';
import { CONNECTION } from '../local/server/system.ts';
import { plain } from './printed.ts';
import { stageNamed, type StoreOptions } from './store-target.ts';
import { UserError } from './user-error.ts';

/** The connections there are, the client of each, and which events it takes. */
export type ProviderTarget = StripeAccountOptions & { readonly connections: readonly string[] };

const SILENT: Telemetry = { count: () => {}, gauge: () => {} };

const ofStage = async (stage: string): Promise<ProviderTarget> => {
  const { connections } = (await stageNamed(stage)).settings;
  return {
    connections: Object.keys(connections),
    clientFor: openStripeClients(connections, openSecrets(SILENT)),
    acceptFor: (connection) => connections[connection] ?? { livemode: null, account: null },
  };
};

const ofThisMachine = (apiKey: string): ProviderTarget => {
  const stripe = createStripeClient(apiKey);
  return {
    connections: [CONNECTION],
    clientFor: async () => stripe,
    acceptFor: () => ({ livemode: livemodeOf(apiKey), account: null }),
  };
};

/**
 * Whom a command can ask; `reads` is what its key has to be allowed to read. Throws {@link UserError} before
 * any store is opened: without a key there is nobody to ask.
 */
export const providerFor = async (
  { stage, live }: StoreOptions,
  apiKey: string | undefined,
  reads: string,
): Promise<ProviderTarget> => {
  if (stage !== undefined) return ofStage(stage);
  if (apiKey) return ofThisMachine(apiKey);
  const how = `set STRIPE_API_KEY to a key that may read ${reads}, or name a stage with --stage`;
  throw new UserError(
    live === true ? `STRIPE_API_KEY is missing: ${how}` : `the demonstration has no provider to ask: ${how}`,
  );
};

/** The connection of a name, or all. Throws {@link UserError} for one that is not there. */
export const chosenConnections = (
  connections: readonly string[],
  name: string | undefined,
): readonly string[] => {
  if (name === undefined) return connections;
  if (connections.includes(name)) return [name];
  throw new UserError(`there is no connection "${plain(name)}": there is ${connections.join(', ')}`);
};
