// The DynamoDB store on an embedded engine: the contract, and what is DynamoDB's own.
import { GetItemCommand, PutItemCommand, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createDynamoStore } from '../../../adapters/dynamodb/store.ts';
import { SHARDS, shardOf } from '../../../adapters/dynamodb/table-shape.ts';
import { createMemoryStore } from '../../../adapters/memory/store.ts';
import { DamagedItemError, OutsideError, VersionConflictError } from '../../../core/ports.ts';
import type { Store } from '../../../core/ports.ts';
import { newCustomer } from '../../../core/recovery/customer.ts';
import type { Customer } from '../../../core/recovery/customer.ts';
import { addMs, toMs } from '../../../core/time.ts';
import type { Instant } from '../../../core/time.ts';
import { createTable, startEmbeddedDynamo } from '../../../local/embedded-dynamodb.ts';
import type { EmbeddedDynamo } from '../../../local/embedded-dynamodb.ts';
import {
  FAILED_AT,
  adjustmentOf,
  at,
  bookOf,
  closedCaseOf,
  customerOf,
  factsOf,
  keyOf,
  lineOf,
  openCaseOf,
  unroutedOf,
} from '../../support/customers.ts';
import { storeContract } from './contract.ts';

const NOW = at('2026-03-02T12:00Z');
const KEY = keyOf('cus_1');

let engine: EmbeddedDynamo;
let client: DynamoDBClient;
let tables = 0;

beforeAll(async () => {
  engine = await startEmbeddedDynamo();
  client = engine.client;
});

afterAll(() => engine.stop());

/** A table of its own for each test, on the one engine. */
const openTable = async () => {
  tables += 1;
  const tableName = `table-${tables}`;
  await createTable(client, tableName);
  const raw = {
    get: async (pk: string, sk: string): Promise<Record<string, AttributeValue>> => {
      const key = { TableName: tableName, Key: { pk: { S: pk }, sk: { S: sk } } };
      return (await client.send(new GetItemCommand(key))).Item ?? {};
    },
    put: async (item: Record<string, AttributeValue>): Promise<void> => {
      await client.send(new PutItemCommand({ TableName: tableName, Item: item }));
    },
    /** Sets one attribute of an item that is there. */
    set: async (pk: string, sk: string, name: string, value: AttributeValue): Promise<void> => {
      const update = new UpdateItemCommand({
        TableName: tableName,
        Key: { pk: { S: pk }, sk: { S: sk } },
        UpdateExpression: 'SET #name = :value',
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeNames: { '#name': name },
        ExpressionAttributeValues: { ':value': value },
      });
      await client.send(update);
    },
  };
  return { tableName, raw, store: createDynamoStore({ client, tableName, now: () => NOW }) };
};

/** Adds a middleware for the length of a test: it sees every request before the SDK's own retries. */
const onRequest = (name: string, before: (input: Record<string, unknown>) => void): void => {
  client.middlewareStack.add(
    (next) => (args) => {
      before(args.input as Record<string, unknown>);
      return next(args);
    },
    { step: 'initialize', name },
  );
  onTestFinished(() => void client.middlewareStack.remove(name));
};

/** The error that `work` is expected to fail with. */
const errorOf = async (work: Promise<unknown>): Promise<Error> => {
  const [result] = await Promise.allSettled([work]);
  if (result.status === 'rejected' && result.reason instanceof Error) return result.reason;
  throw new Error('it should have failed with an error');
};

const dueEverywhere = async (store: Store, now: Instant): Promise<unknown[]> => {
  const shards = Array.from({ length: SHARDS }, (_, shard) => store.due(shard, now, 1000));
  return (await Promise.all(shards)).flat();
};

storeContract('dynamodb', async ({ pageSize } = {}) => {
  const { store, raw } = await openTable();
  if (pageSize !== undefined) {
    onRequest('small-pages', (input) => {
      if ('KeyConditionExpression' in input)
        input.Limit = Math.min(Number(input.Limit ?? pageSize), pageSize);
    });
  }
  const damage = (key: string): Promise<void> =>
    raw.set(`CUSTOMER#${key}`, 'CUSTOMER', 'body', { S: '{"v":1,"facts":' });
  return { store, damage };
});

describe('requests', () => {
  const counted = async (work: () => Promise<unknown>): Promise<number> => {
    let requests = 0;
    client.middlewareStack.add(
      (next) => (args) => {
        requests += 1;
        return next(args);
      },
      // After the retries: a request that the SDK repeats counts again.
      { step: 'finalizeRequest', priority: 'low', name: 'count' },
    );
    onTestFinished(() => void client.middlewareStack.remove('count'));
    await work();
    return requests;
  };

  test.each<[string, number, (store: Store) => Promise<unknown>]>([
    ['a load', 1, (store) => store.load(KEY, NOW)],
    ['a first save', 1, (store) => store.save(customerOf(KEY))],
    ['a later save that loses', 1, (store) => errorOf(store.save(customerOf(KEY, { version: 2 })))],
    ['setting aside', 1, (store) => store.setAside(KEY, 'why', NOW)],
    ['a look at a shard', 1, (store) => store.due(0, NOW, 25)],
    ['closing a case', 1, (store) => store.closeCase(closedCaseOf(KEY, 'case_in_1'))],
    ['an adjustment', 1, (store) => store.putAdjustment(adjustmentOf(KEY, 'ch_1'))],
    ['a page of the journal', 1, (store) => store.putJournalPage(KEY, 0, [])],
    ['the cases of a month', SHARDS, (store) => store.listCases('2026-03')],
    ['saving an unrouted fact', 1, (store) => store.saveUnrouted(unroutedOf('evt_1'))],
  ])('%s makes %i', async (_, expected, work) => {
    const { store } = await openTable();
    expect(await counted(() => work(store))).toBe(expected);
  });

  test('a save that changes a stored customer is one conditional write', async () => {
    const { store } = await openTable();
    await store.save(customerOf(KEY));
    expect(await counted(() => store.save(customerOf(KEY, { version: 2 })))).toBe(1);
  });

  test('a full page of what is due asks for no other', async () => {
    const { store } = await openTable();
    for (let i = 0; i < 60; i += 1) await store.save(customerOf(keyOf(`cus_${i}`), { dueAt: FAILED_AT }));
    expect(await counted(() => store.due(shardOf(KEY), NOW, 2))).toBe(1);
  });

  test('a customer is read consistently', async () => {
    const { store } = await openTable();
    const inputs: Record<string, unknown>[] = [];
    onRequest('record', (input) => inputs.push({ ...input }));
    await store.load(KEY, NOW);
    await store.loadUnrouted('evt_1');
    await store.loadClosedCase(KEY, 'case_in_1');
    expect(inputs.map((input) => input.ConsistentRead)).toStrictEqual([true, true, true]);
  });
});

describe('an item', () => {
  test('stands where the table shape says, with its indexes, its version and its TTL', async () => {
    const { store, raw } = await openTable();
    const expiresAt = at('2026-06-01T00:00:00.001Z');
    const recovery = { ...newCustomer(KEY).recovery, case: openCaseOf('case_in_1') };
    await store.save(customerOf(KEY, { dueAt: NOW, expiresAt, recovery }));
    const { body, writeId, ...rest } = await raw.get('CUSTOMER#stripe/cus_1', 'CUSTOMER');
    expect(rest).toStrictEqual({
      pk: { S: 'CUSTOMER#stripe/cus_1' },
      sk: { S: 'CUSTOMER' },
      version: { N: '1' },
      dueShard: { S: `due#${shardOf(KEY)}` },
      dueAt: { S: NOW },
      caseShard: { S: `2026-03#${shardOf('case_in_1')}` },
      caseSort: { S: `${FAILED_AT}#case_in_1` },
      summary: { S: expect.stringContaining('"failed":4900') },
      expiresAt: { N: String(Math.floor(toMs(expiresAt) / 1000) + 1) },
    });
    expect(JSON.parse(body?.S ?? '')).toMatchObject({ v: 1, version: 1, key: KEY });
    expect(writeId?.S).toHaveLength(36);
  });

  test('carries no attribute of an index in which it does not stand', async () => {
    const { store, raw } = await openTable();
    await store.save(customerOf(KEY, { dueAt: NOW, setAsideAt: NOW }));
    await store.saveUnrouted(unroutedOf('evt_1', { setAsideWhy: 'unknown charge' }));
    const attributes = ['body', 'pk', 'sk', 'version', 'writeId'];
    expect(Object.keys(await raw.get(`CUSTOMER#${KEY}`, 'CUSTOMER')).toSorted()).toStrictEqual(attributes);
    expect(Object.keys(await raw.get('UNROUTED#evt_1', 'UNROUTED')).toSorted()).toStrictEqual(attributes);
  });

  test('of a closed case, an adjustment and a page of the journal stands in the customer’s partition', async () => {
    const { store, raw } = await openTable();
    await store.closeCase(closedCaseOf(KEY, 'case_in_1'));
    await store.putAdjustment(adjustmentOf(KEY, 'ch_1'));
    await store.putJournalPage(KEY, 7, [lineOf('first')]);
    await store.putJournalPage(KEY, 7, [lineOf('second')]);
    const pk = `CUSTOMER#${KEY}`;
    expect(await raw.get(pk, 'CASE#case_in_1')).toMatchObject({ caseSort: { S: `${FAILED_AT}#case_in_1` } });
    expect(await raw.get(pk, 'ADJUSTMENT#case_in_1#ch_1')).toHaveProperty('body');
    const { body } = await raw.get(pk, 'JOURNAL#00000007');
    expect(JSON.parse(body?.S ?? '')).toStrictEqual({ v: 1, key: KEY, page: 7, entries: [lineOf('first')] });
  });

  test('that was set aside keeps its body as it was, and says when and why', async () => {
    const { store, raw } = await openTable();
    await store.save(customerOf(KEY, { dueAt: NOW }));
    await raw.set(`CUSTOMER#${KEY}`, 'CUSTOMER', 'body', { S: 'half a bo' });
    await store.setAside(KEY, 'x'.repeat(9000), NOW);
    const item = await raw.get(`CUSTOMER#${KEY}`, 'CUSTOMER');
    expect(item.body).toStrictEqual({ S: 'half a bo' });
    expect(item.setAside).toStrictEqual({ M: { at: { S: NOW }, why: { S: 'x'.repeat(500) } } });
    expect(item).not.toHaveProperty('dueShard');
  });

  test('of a kind this version does not know holds up no shard', async () => {
    const { store, raw } = await openTable();
    const shard = shardOf(KEY);
    for (const n of [1, 2, 3]) {
      const due = { dueShard: { S: `due#${shard}` }, dueAt: { S: FAILED_AT } };
      await raw.put({ pk: { S: `LETTER#${n}` }, sk: { S: 'LETTER' }, ...due });
    }
    await store.save(customerOf(KEY, { dueAt: NOW }));
    expect(await store.due(shard, NOW, 1)).toStrictEqual([{ kind: 'customer', key: KEY, dueAt: NOW }]);
  });

  test('with an index key that AWS refuses never leaves for the table', async () => {
    const { store } = await openTable();
    const requests: unknown[] = [];
    onRequest('record', (input) => requests.push(input));
    for (const wrong of ['', '2026-03-01', '2026-03-01T09:00:00Z', 'null'] as unknown as Instant[]) {
      await expect(store.save(customerOf(KEY, { dueAt: wrong }))).rejects.toThrow('is not an instant');
      await expect(store.saveUnrouted(unroutedOf('evt_1', { dueAt: wrong }))).rejects.toThrow(
        'is not an instant',
      );
      const opened = closedCaseOf(KEY, 'case_in_1', { openedAt: wrong });
      await expect(store.closeCase(opened)).rejects.toThrow('is not an instant');
    }
    expect(requests).toStrictEqual([]);
  });

  test.each([
    ['no id', '', 'lacks an id'],
    ['half a surrogate pair, which would fall together with another', 'evt_\uD83D', 'not well-formed'],
    ['more than DynamoDB takes', '€'.repeat(1000), 'too long'],
  ])('with %s is refused', async (_, id, why) => {
    const { store } = await openTable();
    await expect(store.saveUnrouted(unroutedOf(id))).rejects.toThrow(why);
    await expect(store.putAdjustment(adjustmentOf(KEY, id))).rejects.toThrow(why);
    await expect(store.closeCase(closedCaseOf(KEY, id))).rejects.toThrow(why);
  });

  test('of which the TTL is over is absent, removed or not', async () => {
    const { store, raw } = await openTable();
    await store.closeCase(closedCaseOf(KEY, 'case_in_1'));
    await store.putAdjustment(adjustmentOf(KEY, 'ch_1'));
    await store.putAdjustment(adjustmentOf(KEY, 'ch_2'));
    const expire = (sk: string, ms: number): Promise<void> =>
      raw.set(`CUSTOMER#${KEY}`, sk, 'expiresAt', { N: String((toMs(NOW) + ms) / 1000) });
    await expire('CASE#case_in_1', 1000);
    expect(await store.loadClosedCase(KEY, 'case_in_1')).not.toBeNull();
    await expire('CASE#case_in_1', 0);
    await expire('ADJUSTMENT#case_in_1#ch_1', -1000);
    expect(await store.loadClosedCase(KEY, 'case_in_1')).toBeNull();
    expect(await store.listAdjustments(KEY)).toStrictEqual([adjustmentOf(KEY, 'ch_2')]);
  });
});

describe('an item that is not what it should be', () => {
  type Body = Record<string, unknown> & { facts: Record<string, unknown>; recovery: Record<string, unknown> };

  test.each<[string, (body: Body) => unknown]>([
    ['body', () => null],
    ['v', (body) => ({ ...body, v: undefined })],
    ['v', () => 'a text'],
    ['key', (body) => ({ ...body, key: 'stripe/cus_2' })],
    ['version', (body) => ({ ...body, version: '1' })],
    ['version', (body) => ({ ...body, version: 2 })],
    ['dueAt', (body) => ({ ...body, dueAt: '2026-03-01' })],
    ['expiresAt', (body) => ({ ...body, expiresAt: undefined })],
    ['pending.leaseUntil', (body) => ({ ...body, pending: { token: 1, armed: null } })],
    ['outbox.closed', (body) => ({ ...body, outbox: [] })],
    ['facts', (body) => ({ ...body, facts: null })],
    ['facts.contact', (body) => ({ ...body, facts: { ...body.facts, contact: 'ana@example.com' } })],
    ['facts.invoices', (body) => ({ ...body, facts: { ...body.facts, invoices: [] } })],
    ['facts.invoices', (body) => ({ ...body, facts: { ...body.facts, invoices: { in_1: { id: 'in_1' } } } })],
    ['facts.attempts', (body) => ({ ...body, facts: { ...body.facts, attempts: { ch_1: null } } })],
    ['facts.mandates', (body) => ({ ...body, facts: { ...body.facts, mandates: { pm_1: 'active' } } })],
    ['facts.tombstones', (body) => ({ ...body, facts: { ...body.facts, tombstones: undefined } })],
    ['recovery', (body) => ({ ...body, recovery: undefined })],
    ['recovery.journal', (body) => ({ ...body, recovery: { ...body.recovery, journal: 'ana@example.com' } })],
    ['recovery.case.books', (body) => ({ ...body, recovery: withBook(body, { openMinor: 0.5 }) })],
    ['recovery.case.books', (body) => ({ ...body, recovery: withBook(body, { currency: null }) })],
    ['recovery.case.ladders', (body) => ({ ...body, recovery: withLadder(body, { steps: null }) })],
  ])('names itself and its field "%s", never what stands in it (%#)', async (field, change) => {
    const { store, raw } = await openTable();
    const recovery = { ...newCustomer(KEY).recovery, case: openCaseOf('case_in_1') };
    const stored = customerOf(KEY, { recovery });
    await store.save(stored);
    const changed = change({ v: 1, ...stored } as unknown as Body);
    const text = changed === null ? '{"contact":"ana@example.com",' : JSON.stringify(changed);
    await raw.set(`CUSTOMER#${KEY}`, 'CUSTOMER', 'body', { S: text });
    const error = await errorOf(store.load(KEY, NOW));
    expect(error).toBeInstanceOf(DamagedItemError);
    expect(error.message).toContain(`customer stripe/cus_1 cannot be read: its field "${field}"`);
    expect(error.message).not.toContain('ana@example');
    expect(error.cause).toBeUndefined();
  });

  const withCase = (body: Body, change: (found: Record<string, unknown[]>) => object): object => ({
    ...body.recovery,
    case: change(body.recovery.case as Record<string, unknown[]>),
  });
  const withBook = (body: Body, change: object): object =>
    withCase(body, (found) => ({ ...found, books: [{ ...bookOf('in_1'), ...change }] }));
  const withLadder = (body: Body, change: object): object =>
    withCase(body, (found) => ({ ...found, ladders: [{ ...(found.ladders?.[0] as object), ...change }] }));

  test('of a newer format is no damage: it is to be tried again, and says what to do', async () => {
    const { store, raw } = await openTable();
    await store.save(customerOf(KEY));
    await raw.set(`CUSTOMER#${KEY}`, 'CUSTOMER', 'body', { S: '{"v":2}' });
    const error = await errorOf(store.load(KEY, NOW));
    expect(error).toBeInstanceOf(OutsideError);
    expect(error).toMatchObject({
      retry: 'later',
      message: expect.stringContaining('newer version of Recoup'),
    });
  });

  test.each<[string, string, string, (store: Store) => Promise<unknown>]>([
    ['a version', 'CUSTOMER', 'version', (store) => store.load(KEY, NOW)],
    ['a closed case', 'CASE#case_in_1', 'body', (store) => store.loadClosedCase(KEY, 'case_in_1')],
    ['a summary', 'CASE#case_in_1', 'summary', (store) => store.listCases('2026-03')],
    ['an adjustment', 'ADJUSTMENT#case_in_1#ch_1', 'body', (store) => store.listAdjustments(KEY)],
  ])('is found out in %s too', async (_, sk, attribute, read) => {
    const { store, raw } = await openTable();
    await store.save(customerOf(KEY));
    await store.closeCase(closedCaseOf(KEY, 'case_in_1'));
    await store.putAdjustment(adjustmentOf(KEY, 'ch_1'));
    await raw.set(`CUSTOMER#${KEY}`, sk, attribute, { S: '{"v":1}' });
    const error = await errorOf(read(store));
    expect(error).toBeInstanceOf(DamagedItemError);
    expect(String(error)).toContain('stripe/cus_1');
  });

  test('of an unrouted fact names it', async () => {
    const { store, raw } = await openTable();
    await store.saveUnrouted(unroutedOf('evt_1'));
    await raw.set('UNROUTED#evt_1', 'UNROUTED', 'body', { S: '{"v":1,"id":"evt_1"}' });
    await expect(store.loadUnrouted('evt_1')).rejects.toThrow('unrouted fact evt_1 cannot be read');
  });
});

describe('an item over 380 KB', () => {
  const long = (kb: number): string => 'x'.repeat(kb * 1024);
  const named = (name: string): Partial<Customer> => {
    const { contact } = factsOf();
    return { facts: factsOf({ contact: contact && { ...contact, value: { ...contact.value, name } } }) };
  };

  test('is refused for good before it is sent, by name', async () => {
    const { store } = await openTable();
    const requests: unknown[] = [];
    onRequest('record', (input) => requests.push(input));
    const error = await errorOf(store.save(customerOf(KEY, named(long(380)))));
    expect(error).toBeInstanceOf(OutsideError);
    expect(error).toMatchObject({ retry: 'never', throttled: false });
    expect(String(error)).toContain('customer stripe/cus_1 is too large to store');
    expect(requests).toStrictEqual([]);
  });

  test('is measured in bytes, not letters', async () => {
    const { store } = await openTable();
    await expect(store.save(customerOf(KEY, named('€'.repeat(130 * 1024))))).rejects.toThrow('too large');
  });

  test('is the first that is: one just below is taken whole', async () => {
    const { store } = await openTable();
    const customer = customerOf(KEY, named(long(377)));
    await store.save(customer);
    expect(await store.load(KEY, NOW)).toStrictEqual(customer);
  });

  test('of any other kind is refused too', async () => {
    const { store } = await openTable();
    const journal = [lineOf(long(400))];
    await expect(store.closeCase(closedCaseOf(KEY, 'case_in_1', { journal }))).rejects.toThrow(
      'case case_in_1',
    );
    await expect(store.putJournalPage(KEY, 3, journal)).rejects.toThrow(
      'journal page 3 of customer stripe/cus_1',
    );
    const unrouted = unroutedOf('evt_1', { setAsideWhy: long(400) });
    await expect(store.saveUnrouted(unrouted)).rejects.toThrow('unrouted fact evt_1');
  });
});

describe('an error of the SDK', () => {
  const sdkError = (name: string, status?: number, more: object = {}): Error =>
    Object.assign(new Error(`the words of AWS about ${name}`), {
      name,
      ...(status !== undefined && { $metadata: { httpStatusCode: status } }),
      ...more,
    });

  const LATER = { retry: 'later', throttled: false };
  const SLOW = { retry: 'later', throttled: true };
  const NEVER = { retry: 'never', throttled: false };

  test.each<[string, Error, object, string]>([
    ['throughput', sdkError('ProvisionedThroughputExceededException', 400), SLOW, 'slow down'],
    ['throttling', sdkError('ThrottlingException', 400), SLOW, 'slow down'],
    ['request limit', sdkError('RequestLimitExceeded', 400), SLOW, 'slow down'],
    ['429 by any name', sdkError('Whatever', 429), SLOW, 'slow down'],
    ['internal error', sdkError('InternalServerError', 500), LATER, 'did not answer as it should'],
    ['unavailable', sdkError('ServiceUnavailable', 503), LATER, 'ServiceUnavailable'],
    ['time-out', sdkError('TimeoutError'), LATER, 'TimeoutError'],
    ['aborted', sdkError('AbortError'), LATER, 'AbortError'],
    ['connection refused', sdkError('Error', undefined, { code: 'ECONNREFUSED' }), LATER, 'ECONNREFUSED'],
    ['connection reset', sdkError('Error', undefined, { code: 'ECONNRESET' }), LATER, 'ECONNRESET'],
    ['name not found', sdkError('Error', undefined, { code: 'ENOTFOUND' }), LATER, 'ENOTFOUND'],
    ['a page of HTML for an answer', sdkError('SyntaxError', 200), LATER, 'SyntaxError'],
    ['expired session', sdkError('ExpiredTokenException', 400), LATER, 'ExpiredTokenException'],
    ['conflict with a transaction', sdkError('TransactionConflictException', 400), LATER, 'Transaction'],
    ['validation', sdkError('ValidationException', 400), NEVER, 'deploy the stack of this version'],
    [
      'access denied',
      sdkError('AccessDeniedException', 400),
      NEVER,
      'let this role read and write the table',
    ],
    [
      'no table',
      sdkError('ResourceNotFoundException', 400),
      NEVER,
      "deploy the stack, or correct the table's",
    ],
    ['unknown credentials', sdkError('UnrecognizedClientException', 400), NEVER, 'sign in again'],
    ['no credentials', sdkError('CredentialsProviderError'), NEVER, 'sign in again'],
    ['any other refusal', sdkError('SomethingNewException', 400), NEVER, 'SomethingNewException'],
  ])('%s', async (_, thrown, expected, words) => {
    const { store } = await openTable();
    onRequest('fail', () => {
      throw thrown;
    });
    const calls: [string, Promise<unknown>][] = [
      ['loading customer stripe/cus_1', store.load(KEY, NOW)],
      ['saving customer stripe/cus_1', store.save(customerOf(KEY, { version: 2 }))],
      ['setting aside customer stripe/cus_1', store.setAside(KEY, 'why', NOW)],
      ['closing case case_in_1', store.closeCase(closedCaseOf(KEY, 'case_in_1'))],
      ['what is due in shard 0', store.due(0, NOW, 1)],
      ['the cases of 2026-03', store.listCases('2026-03')],
      ['deleting unrouted fact evt_1', store.deleteUnrouted('evt_1')],
    ];
    for (const [doing, call] of calls) {
      const error = await errorOf(call);
      expect(error).toBeInstanceOf(OutsideError);
      expect(error).toMatchObject(expected);
      expect(error.message).toContain(doing);
      expect(error.message).toContain(words);
      expect(error.message).not.toContain('the words of AWS');
      expect(error.cause).toBe(thrown);
    }
  });

  test('about the size of an item says what to do', async () => {
    const { store } = await openTable();
    const message = 'Item size has exceeded the maximum allowed size';
    onRequest('fail', () => {
      throw Object.assign(sdkError('ValidationException', 400), { message });
    });
    await expect(store.save(customerOf(KEY))).rejects.toThrow('the item is over 400 KB');
  });

  test('that is a fault of ours comes through as it is', async () => {
    const { store } = await openTable();
    const fault = new TypeError('undefined is not a function');
    onRequest('fail', () => {
      throw fault;
    });
    expect(await errorOf(store.load(KEY, NOW))).toBe(fault);
  });

  test('of the real engine: a table that is not there', async () => {
    const store = createDynamoStore({ client, tableName: 'nowhere' });
    const error = await errorOf(store.load(KEY, NOW));
    expect(error).toMatchObject({ retry: 'never', message: expect.stringContaining('the table "nowhere"') });
  });
});

describe('a write whose answer was lost', () => {
  const conflict = (Item?: object): Error =>
    Object.assign(new Error('The conditional request failed'), {
      name: 'ConditionalCheckFailedException',
      $metadata: { httpStatusCode: 400 },
      Item,
    });

  test('and which the SDK repeats finds itself, and is no conflict', async () => {
    const { store } = await openTable();
    onRequest('landed', (input) => {
      throw conflict(input.Item as object);
    });
    await store.save(customerOf(KEY));
    await store.saveUnrouted(unroutedOf('evt_1'));
  });

  test('is a conflict when another writer stored the very same', async () => {
    const { store } = await openTable();
    onRequest('beaten', (input) => {
      throw conflict({ ...(input.Item as object), writeId: { S: 'of another' } });
    });
    const error = await errorOf(store.save(customerOf(KEY)));
    expect(error).toBeInstanceOf(VersionConflictError);
    expect(error.cause).toBeUndefined();
  });

  test('asks for what it needs to tell, and marks each write anew', async () => {
    const { store } = await openTable();
    const inputs: { Item: Record<string, AttributeValue>; ReturnValuesOnConditionCheckFailure: string }[] =
      [];
    onRequest('record', (input) => inputs.push(input as (typeof inputs)[number]));
    await store.save(customerOf(KEY));
    await store.save(customerOf(KEY, { version: 2 }));
    expect(inputs.map((input) => input.ReturnValuesOnConditionCheckFailure)).toStrictEqual([
      'ALL_OLD',
      'ALL_OLD',
    ]);
    expect(new Set(inputs.map((input) => input.Item.writeId?.S)).size).toBe(2);
  });
});

test('the index of what is due carries keys only, and the index of cases the summary', async () => {
  const { store, tableName } = await openTable();
  const recovery = { ...newCustomer(KEY).recovery, case: openCaseOf('case_in_1') };
  await store.save(customerOf(KEY, { dueAt: NOW, recovery }));
  const query = async (IndexName: string, name: string, value: string): Promise<string[]> => {
    const { Items } = await client.send(
      new QueryCommand({
        TableName: tableName,
        IndexName,
        KeyConditionExpression: `${name} = :value`,
        ExpressionAttributeValues: { ':value': { S: value } },
      }),
    );
    return Object.keys(Items?.[0] ?? {}).toSorted();
  };
  expect(await query('due', 'dueShard', `due#${shardOf(KEY)}`)).toStrictEqual([
    'dueAt',
    'dueShard',
    'pk',
    'sk',
  ]);
  expect(await query('cases', 'caseShard', `2026-03#${shardOf('case_in_1')}`)).toStrictEqual([
    'caseShard',
    'caseSort',
    'pk',
    'sk',
    'summary',
  ]);
});

describe('law', () => {
  const keys = [keyOf('cus_1'), keyOf('cus_2')] as const;
  const key = fc.constantFrom(...keys);
  const time = fc.integer({ min: -3, max: 3 }).map((hours) => addMs(NOW, hours * 3_600_000));
  const maybe = fc.option(time);
  const caseId = fc.constantFrom('case_a', 'case_b');
  const recovery = fc.option(caseId).map((id) => ({
    ...newCustomer(keys[0]).recovery,
    case: id === null ? null : openCaseOf(id),
  }));
  type Step = (store: Store) => Promise<unknown>;
  const save = fc
    .tuple(key, fc.integer({ min: 1, max: 3 }), maybe, maybe, maybe, recovery)
    .map(([k, version, dueAt, setAsideAt, expiresAt, decided]): Step => {
      const customer = customerOf(k, { version, dueAt, setAsideAt, expiresAt, recovery: decided });
      return (store) => store.save(customer);
    });
  const load = fc.tuple(key, time).map(
    ([k, now]): Step =>
      (store) =>
        store.load(k, now),
  );
  const next = fc.tuple(key, maybe).map(([k, dueAt]): Step => async (store) => {
    const { version } = await store.load(k, NOW);
    await store.save(customerOf(k, { version: version + 1, dueAt }));
  });
  const step = fc.oneof(
    save,
    next,
    load,
    fc.tuple(key, time).map(
      ([k, now]): Step =>
        (store) =>
          store.setAside(k, 'why', now),
    ),
    time.map(
      (now): Step =>
        (store) =>
          dueEverywhere(store, now).then((found) => found.map((e) => JSON.stringify(e)).sort()),
    ),
    fc.tuple(key, caseId, maybe).map(
      ([k, id, at]): Step =>
        (store) =>
          store.closeCase(closedCaseOf(k, id, { closedAt: at })),
    ),
    fc.tuple(key, fc.constantFrom('ch_1', 'ch_2'), time).map(
      ([k, id, when]): Step =>
        (store) =>
          store.putAdjustment(adjustmentOf(k, id, { at: when })),
    ),
    key.map(
      (k): Step =>
        (store) =>
          store.listAdjustments(k),
    ),
    fc.constant((store: Store) => store.listCases('2026-03')),
    fc.tuple(fc.integer({ min: 1, max: 2 }), maybe).map(
      ([version, dueAt]): Step =>
        (store) =>
          store.saveUnrouted(unroutedOf('evt_1', { version, dueAt })),
    ),
    fc.constant((store: Store) => store.loadUnrouted('evt_1')),
    fc.constant((store: Store) => store.deleteUnrouted('evt_1')),
  );
  const answer = async (work: Promise<unknown>): Promise<unknown> =>
    work.catch((error: unknown) => (error instanceof Error ? error.name : error));

  test('whatever is asked of it, DynamoDB answers as the in-memory store does', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25, size: 'max' }), async (steps) => {
        const { store } = await openTable();
        const memory = createMemoryStore();
        for (const [i, run] of steps.entries()) {
          expect([i, await answer(run(store))]).toStrictEqual([i, await answer(run(memory))]);
        }
      }),
      { numRuns: 40 },
    );
  });
});
