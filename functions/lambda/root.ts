// Where time, chance and the environment enter a Lambda: once, here.
import { setTimeout } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createDynamoStore } from '../../adapters/dynamodb/store.ts';
import { createSecrets } from '../../adapters/secrets-manager/secrets.ts';
import type { Store, Telemetry } from '../../core/ports.ts';
import { instantFromMs, type Instant } from '../../core/time.ts';
import { readEnvironment, type Environment, type VariableName } from '../environment.ts';

export const now = (): Instant => instantFromMs(Date.now());

/** Waits up to 25 ms, doubling with every try, by chance: two writers that met do not meet again. */
export const backOff = async (tries: number): Promise<void> => {
  await setTimeout(Math.random() * 25 * 2 ** Math.min(tries, 6));
};

/** The variables a function needs. Throws one error that names every gap. */
export const environment = <K extends VariableName>(...names: readonly K[]): Pick<Environment, K> =>
  readEnvironment(names, process.env);

/** The table of this stage. A request that hangs is given up after a few seconds, so that the door can say so. */
export const openStore = (tableName: string): Store =>
  createDynamoStore({
    client: new DynamoDBClient({
      maxAttempts: 3,
      requestHandler: { connectionTimeout: 1000, requestTimeout: 3000, throwOnRequestTimeout: true },
    }),
    tableName,
  });

/** Reads secrets by name, cached for some minutes. That an old value had to serve is counted. */
export const openSecrets = (telemetry: Telemetry): ReturnType<typeof createSecrets> =>
  createSecrets({
    client: new SecretsManagerClient({
      maxAttempts: 3,
      requestHandler: { connectionTimeout: 1000, requestTimeout: 3000, throwOnRequestTimeout: true },
    }),
    now,
    onStale: (name) => telemetry.count('secret_stale', { name }),
  });
