// A table of its own for each test, on one embedded engine a test file, with a back door to the raw items.
import { GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { createDynamoStore } from '../../../adapters/dynamodb/store.ts';
import type { Store } from '../../../core/ports.ts';
import type { Instant } from '../../../core/time.ts';
import { createTable, startEmbeddedDynamo } from '../../../local/embedded-dynamodb.ts';
import type { EmbeddedDynamo } from '../../../local/embedded-dynamodb.ts';

type RawItem = Record<string, AttributeValue>;

/** Items as they stand in the table, past the store. */
export type RawTable = {
  readonly get: (pk: string, sk: string) => Promise<RawItem>;
  readonly put: (item: RawItem) => Promise<void>;
  /** Sets one attribute of an item that is there. */
  readonly set: (pk: string, sk: string, name: string, value: AttributeValue) => Promise<void>;
};

/** What a test gets from {@link useDynamo}. */
export type Dynamo = {
  readonly client: () => DynamoDBClient;
  /** A new table with a store on it, whose clock stands at `now`. */
  readonly openTable: (now: Instant) => Promise<{ store: Store; raw: RawTable; tableName: string }>;
  /** Until the test is over, `before` sees the input of every request, ahead of the SDK's own retries. */
  readonly onRequest: (before: (input: Record<string, unknown>) => void) => void;
  /** How many requests go out while `work` runs; one that the SDK repeats counts again. */
  readonly countRequests: (work: () => Promise<unknown>) => Promise<number>;
};

/** Starts an engine before the tests of a file and stops it after them. */
export const useDynamo = (): Dynamo => {
  let engine: EmbeddedDynamo | null = null;
  let tables = 0;
  beforeAll(async () => {
    engine = await startEmbeddedDynamo();
  });
  afterAll(() => engine?.stop());
  const client = (): DynamoDBClient => {
    if (!engine) throw new Error('the engine runs only while tests run');
    return engine.client;
  };
  return {
    client,
    openTable: async (now) => {
      tables += 1;
      const tableName = `table-${tables}`;
      await createTable(client(), tableName);
      const store = createDynamoStore({ client: client(), tableName, now: () => now });
      return { tableName, store, raw: rawTable(client(), tableName) };
    },
    onRequest: (before) => {
      client().middlewareStack.add(
        (next) => (args) => {
          before(args.input as Record<string, unknown>);
          return next(args);
        },
        { step: 'initialize', name: 'test-on-request' },
      );
      onTestFinished(() => void client().middlewareStack.remove('test-on-request'));
    },
    countRequests: async (work) => {
      let requests = 0;
      client().middlewareStack.add(
        (next) => (args) => {
          requests += 1;
          return next(args);
        },
        { step: 'finalizeRequest', priority: 'low', name: 'test-count' },
      );
      onTestFinished(() => void client().middlewareStack.remove('test-count'));
      await work();
      return requests;
    },
  };
};

const rawTable = (client: DynamoDBClient, TableName: string): RawTable => ({
  get: async (pk, sk) => {
    const { Item } = await client.send(
      new GetItemCommand({ TableName, Key: { pk: { S: pk }, sk: { S: sk } } }),
    );
    return Item ?? {};
  },
  put: async (item) => {
    await client.send(new PutItemCommand({ TableName, Item: item }));
  },
  set: async (pk, sk, name, value) => {
    const update = new UpdateItemCommand({
      TableName,
      Key: { pk: { S: pk }, sk: { S: sk } },
      UpdateExpression: 'SET #name = :value',
      ConditionExpression: 'attribute_exists(pk)',
      ExpressionAttributeNames: { '#name': name },
      ExpressionAttributeValues: { ':value': value },
    });
    await client.send(update);
  },
});
