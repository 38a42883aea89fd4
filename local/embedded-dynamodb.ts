// DynamoDB on a laptop: dynalite in this process, on the loopback interface, in memory or in a folder.
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { createTableInput } from '../adapters/dynamodb/table-shape.ts';

/** The table that {@link startEmbeddedDynamo} makes. */
export const EMBEDDED_TABLE = 'recoup';

/** A running engine. `stop` lets go of the port, the folder and every socket. */
export type EmbeddedDynamo = {
  readonly client: DynamoDBClient;
  readonly endpoint: string;
  readonly stop: () => Promise<void>;
};

/**
 * Starts an engine that holds the table {@link EMBEDDED_TABLE}: in the folder `path`, where it survives a
 * restart, or in memory. One process at a time may use a folder. The engine removes nothing when its TTL is
 * over, and has neither streams nor transactions.
 */
export const startEmbeddedDynamo = async (
  options: { readonly path?: string } = {},
): Promise<EmbeddedDynamo> => {
  const server = dynalite({ createTableMs: 0, ...options });
  // Else a connection that has been idle for five seconds is closed just as the next request is on its way.
  server.keepAliveTimeout = 0;
  const endpoint = await listen(server);
  // It asks for credentials, and takes any.
  const credentials = { accessKeyId: 'embedded', secretAccessKey: 'embedded' };
  const client = new DynamoDBClient({ endpoint, region: 'local', credentials, maxAttempts: 1 });
  const stop = async (): Promise<void> => {
    client.destroy();
    await close(server);
  };
  try {
    await unlessFolderIsTaken(options.path, createTable(client, EMBEDDED_TABLE));
  } catch (error) {
    server.closeAllConnections();
    await stop();
    throw error;
  }
  return { client, endpoint, stop };
};

/** When LevelDB cannot open a folder, dynalite throws past every caller; this catches it during `work`. */
const unlessFolderIsTaken = async (path: string | undefined, work: Promise<void>): Promise<void> => {
  if (path === undefined) return work;
  const watching = new AbortController();
  const thrown = once(process, 'uncaughtException', { signal: watching.signal }).then(
    ([error]: unknown[]) => {
      if (!(error instanceof Error) || error.message !== 'Database is closed') throw error;
      throw new Error(
        `the data folder "${path}" cannot be opened: stop the other process that uses it, or name another`,
        { cause: error },
      );
    },
  );
  try {
    await Promise.race([work, thrown]);
  } finally {
    watching.abort();
  }
};

/** Makes a table of our shape unless there is one of that name, and waits until it can be used. */
export const createTable = async (client: DynamoDBClient, tableName: string): Promise<void> => {
  if ((await statusOf(client, tableName)) === null) {
    await client.send(new CreateTableCommand(createTableInput(tableName)));
  }
  for (let tries = 0; tries < 500; tries += 1) {
    if ((await statusOf(client, tableName)) === 'ACTIVE') return;
    await pause(2);
  }
  throw new Error(`the embedded table "${tableName}" was not ready within a second`);
};

const statusOf = async (client: DynamoDBClient, tableName: string): Promise<string | null> => {
  try {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: tableName }));
    return Table?.TableStatus ?? null;
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return null;
    throw error;
  }
};

const listen = (server: Server): Promise<string> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      // A server on a port has an address of this form; only one on a pipe has a text.
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    });
  });

const close = (server: Server): Promise<void> =>
  new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()));
  });
