// Where time, chance and the environment enter a Lambda: once, here.
import { setTimeout } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createDynamoStore } from '../../adapters/dynamodb/store.ts';
import {
  createSecrets,
  createSecretsOf,
  type SecretForm,
  type Secrets,
  type SecretsOf,
  type SecretsOptions,
} from '../../adapters/secrets-manager/secrets.ts';
import type { Store, Telemetry } from '../../core/ports.ts';
import { instantFromMs, type Instant } from '../../core/time.ts';
import { readEnvironment, type Environment, type VariableName } from '../environment.ts';

export const now = (): Instant => instantFromMs(Date.now());

/** Waits up to 25 ms, doubling with every try, by chance: two writers that met do not meet again. */
export const backOff = async (tries: number): Promise<void> => {
  await setTimeout(Math.random() * 25 * 2 ** Math.min(tries, 6));
};

/**
 * At most five pages of an account a second, as the sweeper: the rest of what Stripe allows is for the
 * business.
 */
const PAGE_PAUSE_MS = 200;

/** Waits between two pages of an account. */
export const pause = async (): Promise<void> => {
  await setTimeout(PAGE_PAUSE_MS);
};

/** The variables a function needs. Throws one error that names every gap. */
export const environment = <K extends VariableName>(...names: readonly K[]): Pick<Environment, K> =>
  readEnvironment(names, process.env);

/**
 * The table of this stage. A request that hangs is given up after a few seconds, so that the door can say so.
 */
export const openStore = (tableName: string): Store =>
  createDynamoStore({
    client: new DynamoDBClient({
      maxAttempts: 3,
      requestHandler: { connectionTimeout: 1000, requestTimeout: 3000, throwOnRequestTimeout: true },
    }),
    tableName,
    backOff,
  });

const secretsOptions = (telemetry: Telemetry): SecretsOptions => ({
  client: new SecretsManagerClient({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 1000, requestTimeout: 3000, throwOnRequestTimeout: true },
  }),
  now,
  onStale: (name) => telemetry.count('secret_stale', { name }),
});

/** Reads secrets by name, cached for some minutes. That an old value had to serve is counted. */
export const openSecrets = (telemetry: Telemetry): Secrets => createSecrets(secretsOptions(telemetry));

/** As {@link openSecrets}, for secrets of another form. */
export const openSecretsOf = <T>(form: SecretForm<T>, telemetry: Telemetry): SecretsOf<T> =>
  createSecretsOf(form, secretsOptions(telemetry));
