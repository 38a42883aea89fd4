// The few requests we make of the one table, each one round trip (a query: one a page). Errors leave as ours.
import { randomUUID } from 'node:crypto';
import {
  BatchGetItemCommand,
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
import { OutsideError, VersionConflictError } from '../../core/ports.ts';
import { fromSdk, isConditionFailed } from './errors.ts';
import type { ItemKey } from './table-shape.ts';

/** An item as DynamoDB speaks of it. */
export type Item = Readonly<Record<string, AttributeValue>>;

/** The requests; `doing` is said in errors, such as "saving customer stripe/cus_1". */
export type Requests = {
  /** The item as it stands now (a consistent read), or null. */
  get(doing: string, at: ItemKey): Promise<Item | null>;
  /** Those of the items that are there, as they stand now, each under its place; see {@link placeOf}. */
  getMany(doing: string, all: readonly ItemKey[]): Promise<ReadonlyMap<string, Item>>;
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

/** The place of an item as one text. */
export const placeOf = ({ pk, sk }: ItemKey): string => `${pk} ${sk}`;

/** So many items DynamoDB takes in one request, and leaves out those for which an answer is too large. */
const MOST_AT_ONCE = 100;
/** What was left out is asked for again so often, each time after a longer wait, as DynamoDB asks for. */
const MOST_ROUNDS = 8;

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

/** Waits before a request is made once more, the longer the more often. */
export type BackOff = (tries: number) => Promise<void>;

const createGetMany = (
  client: DynamoDBClient,
  TableName: string,
  attempt: Attempt,
  backOff: BackOff,
): Requests['getMany'] => {
  const getSome = async (doing: string, some: readonly ItemKey[], into: Map<string, Item>): Promise<void> => {
    let keys = some.map(keyOf);
    for (let round = 0; keys.length > 0; round += 1) {
      if (round === MOST_ROUNDS)
        throw new OutsideError(`DynamoDB, ${doing}: it leaves out what was asked for`, 'later', true);
      if (round > 0) await backOff(round);
      const get = new BatchGetItemCommand({
        RequestItems: { [TableName]: { Keys: keys, ConsistentRead: true } },
      });
      const { Responses, UnprocessedKeys } = await attempt(doing, () => client.send(get));
      for (const item of Responses?.[TableName] ?? [])
        into.set(placeOf({ pk: item.pk?.S ?? '', sk: item.sk?.S ?? '' }), item);
      keys = UnprocessedKeys?.[TableName]?.Keys ?? [];
    }
  };
  return async (doing, all) => {
    const found = new Map<string, Item>();
    // An item that is named twice is refused.
    const places = [...new Map(all.map((at) => [placeOf(at), at])).values()];
    const batches: Promise<void>[] = [];
    for (let i = 0; i < places.length; i += MOST_AT_ONCE)
      batches.push(getSome(doing, places.slice(i, i + MOST_AT_ONCE), found));
    await Promise.all(batches);
    return found;
  };
};

/** The requests of one table through `client`. Throws the errors of the port `Store`. */
export const createRequests = (client: DynamoDBClient, TableName: string, backOff: BackOff): Requests => {
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
    getMany: createGetMany(client, TableName, attempt, backOff),
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
