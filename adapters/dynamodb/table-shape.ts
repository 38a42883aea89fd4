// The one table: its keys, indexes and shards. Plain data for the store, the stack and the embedded engine.
import { hash32 } from '../../core/ids.ts';
import type { CustomerKey } from '../../core/ids.ts';
import { FIGURES, type AccountWalk } from '../../core/ports.ts';
import type { Instant } from '../../core/time.ts';

/** How many partitions each index is spread over. Fixed: stored items carry their shard. */
export const SHARDS = 8;

/** The shard of a customer's key, of an unrouted fact's id or of a case's id: 0 to {@link SHARDS} - 1. */
export const shardOf = (id: string): number => hash32(id) % SHARDS;

/**
 * Names of the attributes and indexes. Every key is a string; `ttl` is a number of seconds since 1970.
 * - `due`: keys only, and sparse: what waits for the clock carries `dueShard` and `dueAt`; what was set aside
 *   for a person stands there too, in the partition {@link STUCK} by when that was, so that it is never due.
 * - `cases`: cases by the month of their opening, with the one attribute `summary` beside the keys.
 */
export const TABLE = {
  partitionKey: 'pk',
  sortKey: 'sk',
  ttl: 'expiresAt',
  due: { name: 'due', partitionKey: 'dueShard', sortKey: 'dueAt' },
  cases: { name: 'cases', partitionKey: 'caseShard', sortKey: 'caseSort', include: 'summary' },
} as const;

/** Where an item stands in the table. */
export type ItemKey = { readonly pk: string; readonly sk: string };

const CUSTOMER = 'CUSTOMER';
const UNROUTED = 'UNROUTED';
const CURSOR = 'CURSOR';
const WALK = 'WALK';
const ROLLUP = 'ROLLUP';

/** What the sort keys of a customer's closed cases begin with. */
export const CLOSED_CASES = 'CASE#';

/** What the sort keys of a customer's adjustments begin with. */
export const ADJUSTMENTS = 'ADJUSTMENT#';

/** The partition in which everything about one customer stands. */
export const customerPartition = (key: CustomerKey): string => `${CUSTOMER}#${key}`;

/** Where a customer's own item stands. */
export const customerAt = (key: CustomerKey): ItemKey => ({ pk: customerPartition(key), sk: CUSTOMER });

/** Where a closed case stands. */
export const closedCaseAt = (key: CustomerKey, caseId: string): ItemKey => ({
  pk: customerPartition(key),
  sk: `${CLOSED_CASES}${caseId}`,
});

/** Where an adjustment of a closed case stands. */
export const adjustmentAt = (key: CustomerKey, caseId: string, id: string): ItemKey => ({
  pk: customerPartition(key),
  sk: `${ADJUSTMENTS}${caseId}#${id}`,
});

/**
 * Where a page of a customer's journal stands, by its number and by when it begins: padded, so that text order is their order. A page
 * without `begin` is the first of its number: one without a line, or from before pages were told apart by that.
 */
export const journalPageAt = (key: CustomerKey, page: number, begin: Instant | null): ItemKey => ({
  pk: customerPartition(key),
  sk: `JOURNAL#${String(page).padStart(8, '0')}${begin === null ? '' : `#${begin}`}`,
});

/** Where a fact that names no customer stands. */
export const unroutedAt = (id: string): ItemKey => ({ pk: `${UNROUTED}#${id}`, sk: UNROUTED });

/** Where it stands how far the event log of a connection has been walked. */
export const cursorAt = (connection: string): ItemKey => ({ pk: `${CURSOR}#${connection}`, sk: CURSOR });

/** Where it stands how far an account has been gone through for a task. */
export const walkAt = (connection: string, task: AccountWalk['task']): ItemKey => ({
  pk: `${WALK}#${connection}#${task}`,
  sk: WALK,
});

/** The partitions in which it stands how far the mails about the figures have gone. */
export const FIGURES_PLACES: readonly string[] = (['weekly_digest', 'monthly_digest', 'alerts'] as const).map(
  (task) => walkAt(FIGURES, task).pk,
);

/** Where it stands what the cases of a month (`YYYY-MM`) come to. */
export const rollupAt = (month: string): ItemKey => ({ pk: `${ROLLUP}#${month}`, sk: ROLLUP });

/** Whose item stands at a key of the due index; null when it is of no kind that is ever due. */
export const dueItemOf = (
  at: ItemKey,
): { readonly kind: 'customer'; readonly key: CustomerKey } | { kind: 'unrouted'; id: string } | null => {
  const name = at.pk.slice(at.sk.length + 1);
  if (at.sk === CUSTOMER) return { kind: 'customer', key: name as CustomerKey };
  return at.sk === UNROUTED ? { kind: 'unrouted', id: name } : null;
};

/** The partition of the due index for a shard. */
export const dueShard = (shard: number): string => `due#${shard}`;

/**
 * The partition of the due index for what was set aside for a person. It is no shard, so no sweep looks
 * there.
 */
export const STUCK = 'stuck';

/** The partition of the index of cases for a month (`YYYY-MM`) and a shard. */
export const caseShard = (month: string, shard: number): string => `${month}#${shard}`;

const text = (name: string) => ({ AttributeName: name, AttributeType: 'S' as const });

const keys = (partition: string, sort: string) => [
  { AttributeName: partition, KeyType: 'HASH' as const },
  { AttributeName: sort, KeyType: 'RANGE' as const },
];

/** The input of `CreateTable`, for an engine that the stack does not deploy. It leaves out the TTL. */
export const createTableInput = (tableName: string) => ({
  TableName: tableName,
  BillingMode: 'PAY_PER_REQUEST' as const,
  AttributeDefinitions: [
    text(TABLE.partitionKey),
    text(TABLE.sortKey),
    text(TABLE.due.partitionKey),
    text(TABLE.due.sortKey),
    text(TABLE.cases.partitionKey),
    text(TABLE.cases.sortKey),
  ],
  KeySchema: keys(TABLE.partitionKey, TABLE.sortKey),
  GlobalSecondaryIndexes: [
    {
      IndexName: TABLE.due.name,
      KeySchema: keys(TABLE.due.partitionKey, TABLE.due.sortKey),
      Projection: { ProjectionType: 'KEYS_ONLY' as const },
    },
    {
      IndexName: TABLE.cases.name,
      KeySchema: keys(TABLE.cases.partitionKey, TABLE.cases.sortKey),
      Projection: { ProjectionType: 'INCLUDE' as const, NonKeyAttributes: [TABLE.cases.include] },
    },
  ],
});
