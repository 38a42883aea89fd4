// The few requests we make of the one table, each one round trip (a query: one a page). Errors leave as ours.
import { randomUUID } from 'node:crypto';
import {
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type {
  AttributeValue,
  ConditionalCheckFailedException,
  DynamoDBClient,
  QueryCommandInput,
  UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { invariant } from '../../core/assert.ts';
import { VersionConflictError } from '../../core/ports.ts';
import { fromSdk, isConditionFailed } from './errors.ts';
import type { ItemKey } from './table-shape.ts';

/** An item as DynamoDB speaks of it. */
export type Item = Readonly<Record<string, AttributeValue>>;

/** The requests; `doing` is said in errors, such as "saving customer stripe/cus_1". */
export type Requests = {
  /** The item as it stands now (a consistent read), or null. */
  get(doing: string, at: ItemKey): Promise<Item | null>;
  /** Puts the item unless one is there: then nothing happens. */
  putOnce(doing: string, item: Item): Promise<void>;
  /** Puts the item if the stored one has `version` - 1, or if none is stored and `version` is 1. */
  putVersion(doing: string, item: Item, version: number): Promise<void>;
  /** Changes an item that is there; when none is, nothing happens. */
  updateExisting(doing: string, at: ItemKey, change: Change): Promise<void>;
  /** Changes an item, or makes it. */
  update(doing: string, at: ItemKey, change: Change): Promise<void>;
  remove(doing: string, at: ItemKey): Promise<void>;
  /** All that matches, page after page; a reader that stops early asks for no further page. */
  query(doing: string, query: Omit<QueryCommandInput, 'TableName'>): AsyncGenerator<Item>;
};

type Change = Pick<UpdateItemCommandInput, 'UpdateExpression' | 'ExpressionAttributeValues'>;

const keyOf = ({ pk, sk }: ItemKey): Record<string, AttributeValue> => ({ pk: { S: pk }, sk: { S: sk } });

/** Of two writers of one version, one meets its condition. */
const versionCondition = (version: number) => {
  invariant(Number.isSafeInteger(version) && version > 0, `a written version is 1 or more, not ${version}`);
  return version === 1
    ? { ConditionExpression: 'attribute_not_exists(pk)' }
    : {
        ConditionExpression: 'version = :previous',
        ExpressionAttributeValues: { ':previous': { N: String(version - 1) } },
      };
};

/**
 * When the SDK repeats a write whose answer was lost, the second finds the first in its way. Each write
 * carries a mark of its own, and a failed condition brings the stored item back, so that this is told from a
 * real conflict.
 */
const wroteItself = (error: unknown, writeId: string): boolean =>
  (error as ConditionalCheckFailedException).Item?.writeId?.S === writeId;

const createWrites = (client: DynamoDBClient, TableName: string, attempt: Attempt) => ({
  putOnce: async (doing: string, item: Item): Promise<void> => {
    const put = new PutItemCommand({
      TableName,
      Item: { ...item },
      ConditionExpression: 'attribute_not_exists(pk)',
    });
    await attempt(doing, () => client.send(put)).catch(unlessConditionFailed);
  },
  putVersion: async (doing: string, item: Item, version: number): Promise<void> => {
    const writeId = randomUUID();
    const put = new PutItemCommand({
      TableName,
      Item: { ...item, version: { N: String(version) }, writeId: { S: writeId } },
      ...versionCondition(version),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    try {
      await attempt(doing, () => client.send(put));
    } catch (error) {
      if (!isConditionFailed(error)) throw error;
      // The error carries the stored item, contacts and all, so it goes no further than here.
      if (!wroteItself(error, writeId)) throw new VersionConflictError(`${doing}: another writer was first`);
    }
  },
  updateExisting: async (doing: string, at: ItemKey, change: Change): Promise<void> => {
    const update = { TableName, Key: keyOf(at), ConditionExpression: 'attribute_exists(pk)', ...change };
    await attempt(doing, () => client.send(new UpdateItemCommand(update))).catch(unlessConditionFailed);
  },
  update: async (doing: string, at: ItemKey, change: Change): Promise<void> => {
    const update = { TableName, Key: keyOf(at), ...change };
    await attempt(doing, () => client.send(new UpdateItemCommand(update)));
  },
});

const unlessConditionFailed = (error: unknown): void => {
  if (!isConditionFailed(error)) throw error;
};

type Attempt = <T>(doing: string, request: () => Promise<T>) => Promise<T>;

/** The requests of one table through `client`. Throws the errors of the port `Store`. */
export const createRequests = (client: DynamoDBClient, TableName: string): Requests => {
  const attempt: Attempt = async (doing, request) => {
    try {
      return await request();
    } catch (error) {
      throw isConditionFailed(error) ? error : fromSdk(error, doing, TableName);
    }
  };
  return {
    ...createWrites(client, TableName, attempt),
    get: async (doing, at) => {
      const get = new GetItemCommand({ TableName, Key: keyOf(at), ConsistentRead: true });
      return (await attempt(doing, () => client.send(get))).Item ?? null;
    },
    remove: async (doing, at) => {
      await attempt(doing, () => client.send(new DeleteItemCommand({ TableName, Key: keyOf(at) })));
    },
    query: async function* (doing, query) {
      let start: QueryCommandInput['ExclusiveStartKey'];
      do {
        const page = new QueryCommand({ TableName, ...query, ExclusiveStartKey: start });
        const { Items, LastEvaluatedKey } = await attempt(doing, () => client.send(page));
        yield* Items ?? [];
        start = LastEvaluatedKey;
      } while (start);
    },
  };
};
