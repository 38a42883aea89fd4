// The table's shape: what is stored depends on it, so it may not change by accident.
import { describe, expect, test } from 'vitest';
import {
  SHARDS,
  createTableInput,
  customerAt,
  dueItemOf,
  journalPageAt,
  shardOf,
  unroutedAt,
} from '../../../adapters/dynamodb/table-shape.ts';
import type { Instant } from '../../../core/time.ts';
import { at, keyOf } from '../../support/customers.ts';

describe('shards', () => {
  test.each([
    ['stripe/cus_1', 6],
    ['stripe/cus_2', 3],
    ['stripe-eu/cus_1', 3],
    ['evt_1', 2],
    ['', 5],
  ])('"%s" stands in shard %i for good: stored items carry it', (id, shard) => {
    expect(shardOf(id)).toBe(shard);
  });

  test('customers spread evenly: of 8000 no shard holds a fifth more or less than its share', () => {
    const counts = Array.from({ length: SHARDS }, () => 0);
    for (let i = 0; i < 8000; i += 1) {
      const shard = shardOf(keyOf(`cus_${i.toString(36)}`));
      counts[shard] = (counts[shard] ?? 0) + 1;
    }
    expect(counts).toHaveLength(SHARDS);
    for (const count of counts) {
      expect(count).toBeGreaterThan(800);
      expect(count).toBeLessThan(1200);
    }
  });
});

test.each([
  [customerAt(keyOf('cus_1')), { kind: 'customer', key: 'stripe/cus_1' }],
  [customerAt(keyOf('#UNROUTED#')), { kind: 'customer', key: 'stripe/#UNROUTED#' }],
  [unroutedAt('evt_1'), { kind: 'unrouted', id: 'evt_1' }],
  [unroutedAt('CUSTOMER#x'), { kind: 'unrouted', id: 'CUSTOMER#x' }],
  [{ pk: 'LETTER#1', sk: 'LETTER' }, null],
])('an entry of the due index says whose it is: %o', (place, whose) => {
  expect(dueItemOf(place)).toStrictEqual(whose);
});

test('pages of a journal are in order as text, those of one number by when they begin', () => {
  const placeOf = (page: number, begin: Instant | null) => journalPageAt(keyOf('cus_1'), page, begin).sk;
  const [earlier, later] = [at('2025-03-02T00:00Z'), at('2026-03-02T00:00Z')];
  const inOrder = [0, 2, 9, 10, 1_000_000].flatMap((page) => [
    placeOf(page, null),
    placeOf(page, earlier),
    placeOf(page, later),
  ]);
  expect(inOrder.toReversed().toSorted()).toStrictEqual(inOrder);
});

test('the table is one, billed by request, with a sparse index of keys and one of summaries', () => {
  expect(createTableInput('recoup')).toMatchObject({
    TableName: 'recoup',
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'due',
        KeySchema: [{ AttributeName: 'dueShard' }, { AttributeName: 'dueAt' }],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
      {
        IndexName: 'cases',
        KeySchema: [{ AttributeName: 'caseShard' }, { AttributeName: 'caseSort' }],
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['summary'] },
      },
    ],
  });
});
