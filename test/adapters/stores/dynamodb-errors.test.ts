// What the DynamoDB store makes of errors: which are worth another try, and which write was really lost.
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import { createDynamoStore } from '../../../adapters/dynamodb/store.ts';
import { OutsideError, VersionConflictError } from '../../../core/ports.ts';
import { at, closedCaseOf, customerOf, keyOf, unroutedOf } from '../../support/customers.ts';
import { errorOf } from './contract.ts';
import { useDynamo } from './dynamo-table.ts';

const NOW = at('2026-03-02T12:00Z');
const KEY = keyOf('cus_1');

const { client, openTable, onRequest } = useDynamo();

const sdkError = (name: string, status?: number, more: object = {}): Error =>
  Object.assign(new Error(`the words of AWS about ${name}`), {
    name,
    ...(status !== undefined && { $metadata: { httpStatusCode: status } }),
    ...more,
  });

const LATER = { retry: 'later', throttled: false };
const SLOW = { retry: 'later', throttled: true };
const NEVER = { retry: 'never', throttled: false };

const conflict = (Item?: object): Error =>
  Object.assign(new Error('The conditional request failed'), {
    name: 'ConditionalCheckFailedException',
    $metadata: { httpStatusCode: 400 },
    Item,
  });

describe('an error of the SDK', () => {
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
    const { store } = await openTable(NOW);
    onRequest(() => {
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
    const { store } = await openTable(NOW);
    const message = 'Item size has exceeded the maximum allowed size';
    onRequest(() => {
      throw Object.assign(sdkError('ValidationException', 400), { message });
    });
    await expect(store.save(customerOf(KEY))).rejects.toThrow('the item is over 400 KB');
  });

  test('that is a fault of ours comes through as it is', async () => {
    const { store } = await openTable(NOW);
    const fault = new TypeError('undefined is not a function');
    onRequest(() => {
      throw fault;
    });
    expect(await errorOf(store.load(KEY, NOW))).toBe(fault);
  });

  test('of the real engine: a table that is not there', async () => {
    const store = createDynamoStore({ client: client(), tableName: 'nowhere' });
    const error = await errorOf(store.load(KEY, NOW));
    expect(error).toMatchObject({ retry: 'never', message: expect.stringContaining('the table "nowhere"') });
  });
});

describe('a write whose answer was lost', () => {
  test('and which the SDK repeats finds itself, and is no conflict', async () => {
    const { store } = await openTable(NOW);
    onRequest((input) => {
      throw conflict(input.Item as object);
    });
    await expect(store.save(customerOf(KEY))).resolves.toBeUndefined();
    await expect(store.saveUnrouted(unroutedOf('evt_1'))).resolves.toBeUndefined();
  });

  test('is a conflict when another writer stored the very same', async () => {
    const { store } = await openTable(NOW);
    onRequest((input) => {
      throw conflict({ ...(input.Item as object), writeId: { S: 'of another' } });
    });
    const error = await errorOf(store.save(customerOf(KEY)));
    expect(error).toBeInstanceOf(VersionConflictError);
    expect(error.cause).toBeUndefined();
  });

  test('asks for what it needs to tell, and marks each write anew', async () => {
    const { store } = await openTable(NOW);
    const inputs: { Item: Record<string, AttributeValue>; ReturnValuesOnConditionCheckFailure: string }[] =
      [];
    onRequest((input) => inputs.push(input as (typeof inputs)[number]));
    await store.save(customerOf(KEY));
    await store.save(customerOf(KEY, { version: 2 }));
    expect(inputs.map((input) => input.ReturnValuesOnConditionCheckFailure)).toStrictEqual([
      'ALL_OLD',
      'ALL_OLD',
    ]);
    expect(new Set(inputs.map((input) => input.Item.writeId?.S)).size).toBe(2);
  });
});
