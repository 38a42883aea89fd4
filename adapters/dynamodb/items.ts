// What is kept, as items of the table and back: a JSON body beside the keys, index attributes and TTL.
import { invariant } from '../../core/assert.ts';
import type { CustomerKey } from '../../core/ids.ts';
import { DamagedItemError } from '../../core/ports.ts';
import type { AccountWalk, LogCursor, StuckEntry } from '../../core/ports.ts';
import { NO_FACTS, newCustomer } from '../../core/recovery/customer.ts';
import type {
  Adjustment,
  CaseRecord,
  Customer,
  Facts,
  JournalEntry,
  Unrouted,
} from '../../core/recovery/customer.ts';
import { summaryOf } from '../../core/reports/outcome.ts';
import type { CaseSummary } from '../../core/reports/outcome.ts';
import type { Rollup } from '../../core/reports/rollup.ts';
import { monthOf, toMs } from '../../core/time.ts';
import type { Instant } from '../../core/time.ts';
import * as bodies from './body.ts';
import * as index from './indexed.ts';
import type { Item } from './requests.ts';
import { packSums, unpackSums } from './sums.ts';
import * as shape from './table-shape.ts';
import { TABLE } from './table-shape.ts';

/** A customer in words, for errors. */
export const customerNamed = (key: CustomerKey): string => `customer ${key}`;
/** A closed case in words, for errors. */
export const caseNamed = (key: CustomerKey, caseId: string): string => `case ${caseId} of customer ${key}`;
/** An adjustment in words, for errors. */
export const adjustmentNamed = (key: CustomerKey, id: string): string =>
  `adjustment ${id} of customer ${key}`;
/** A page of a customer's journal in words, for errors. */
export const journalPageNamed = (key: CustomerKey, page: number): string =>
  `journal page ${page} of customer ${key}`;
/** A fact that names no customer in words, for errors. */
export const unroutedNamed = (id: string): string => `unrouted fact ${id}`;
/** A cursor in words, for errors. */
export const cursorNamed = (connection: string): string => `the cursor of connection ${connection}`;
/** A walk through an account in words, for errors. */
export const walkNamed = (connection: string, task: AccountWalk['task']): string =>
  `the walk ${task} of connection ${connection}`;

/** The sums of a month in words, for errors. */
export const rollupNamed = (month: string): string => `the sums of ${month}`;

/**
 * Within DynamoDB's limits. Half a surrogate pair would be stored as U+FFFD, and two ids would become one.
 */
const placed = ({ pk, sk }: shape.ItemKey, ...ids: readonly string[]): Item => {
  const name = `${pk} ${sk}`;
  invariant(!ids.includes(''), `the key "${name}" lacks an id`);
  invariant(name.isWellFormed(), `the key "${name}" is not well-formed text`);
  invariant(
    Buffer.byteLength(pk) <= 2048 && Buffer.byteLength(sk) <= 1024,
    `the key "${name.slice(0, 80)}…" is too long: at most 2048 bytes for the partition and 1024 within it`,
  );
  return { [TABLE.partitionKey]: { S: pk }, [TABLE.sortKey]: { S: sk } };
};

/** An index key is never empty and sorts by time; the embedded engine takes an empty one, AWS refuses it. */
const indexed = (what: string, field: string, at: Instant): Instant => {
  invariant(bodies.isInstant(at), `${what}: ${field} "${at}" is not an instant`);
  return at;
};

const dueKeys = (what: string, id: string, dueAt: Instant | null): Item =>
  dueAt === null
    ? {}
    : {
        [TABLE.due.partitionKey]: { S: shape.dueShard(shape.shardOf(id)) },
        [TABLE.due.sortKey]: { S: indexed(what, 'dueAt', dueAt) },
      };

/** Since when the index shows an item as set aside; null when it does not. */
const stuckSince = (item: Item): Instant | null =>
  item[TABLE.due.partitionKey]?.S === shape.STUCK
    ? ((item[TABLE.due.sortKey]?.S as Instant | undefined) ?? null)
    : null;

const stuckKeys = (what: string, setAsideAt: Instant | null): Item =>
  setAsideAt === null
    ? {}
    : {
        [TABLE.due.partitionKey]: { S: shape.STUCK },
        [TABLE.due.sortKey]: { S: indexed(what, 'setAsideAt', setAsideAt) },
      };

const caseKeys = (what: string, summary: CaseSummary): Item => {
  const openedAt = indexed(what, 'openedAt', summary.openedAt);
  return {
    [TABLE.cases.partitionKey]: { S: shape.caseShard(monthOf(openedAt), shape.shardOf(summary.id)) },
    [TABLE.cases.sortKey]: { S: `${openedAt}#${summary.id}` },
    [TABLE.cases.include]: { S: JSON.stringify(summary) },
  };
};

/** Rounded up to the second: the broom never comes before the rule. */
const ttl = (expiresAt: Instant | null): Item =>
  expiresAt === null ? {} : { [TABLE.ttl]: { N: String(Math.ceil(toMs(expiresAt) / 1000)) } };

/** Whether an item's TTL is over; DynamoDB may take days to remove it. */
export const isExpired = (item: Item, now: Instant): boolean => {
  const seconds = item[TABLE.ttl]?.N;
  return seconds !== undefined && Number(seconds) * 1000 <= toMs(now);
};

/** The item of a customer. */
export const customerItem = (customer: Customer): Item => {
  const { key } = customer;
  const what = customerNamed(key);
  const summary = index.customerSummary(customer);
  return {
    ...placed(shape.customerAt(key), key),
    ...dueKeys(what, key, index.customerDueAt(customer)),
    ...stuckKeys(what, customer.setAsideAt),
    ...(summary && caseKeys(what, summary)),
    // What waits for a person is not swept away.
    ...ttl(customer.setAsideAt === null ? customer.expiresAt : null),
    body: { S: bodies.writeBody(what, customer) },
  };
};

/** A customer nothing is known of is told by the identity of its facts, which no text keeps. */
export const knownOrNot = (facts: Facts): Facts => {
  for (const field of Object.values(facts)) {
    if (typeof field === 'string' || (field !== null && Object.keys(field).length > 0)) return facts;
  }
  return NO_FACTS;
};

const versionOf = (what: string, item: Item): number => {
  const version = Number(item.version?.N);
  if (!Number.isSafeInteger(version)) throw bodies.damaged(what, 'version');
  return version;
};

/** The customer of an item; an expired one is empty but for its version. Throws `DamagedItemError`. */
export const customerOf = (key: CustomerKey, item: Item, now: Instant): Customer => {
  const what = customerNamed(key);
  const version = versionOf(what, item);
  const forgotten = newCustomer(key, version);
  if (isExpired(item, now)) return forgotten;
  const customer = bodies.readBody(what, item.body?.S, bodies.CUSTOMER);
  if (customer.key !== key) throw bodies.damaged(what, 'key');
  if (customer.version !== version) throw bodies.damaged(what, 'version');
  const setAsideAt = (item.setAside?.M?.at?.S as Instant | undefined) ?? customer.setAsideAt;
  const current = { ...customer, facts: knownOrNot(customer.facts), setAsideAt };
  return index.isForgotten(current, now) ? forgotten : current;
};

/**
 * A customer as it is listed for a person; null when its item is set aside no more. One that cannot be read is
 * listed by its keys and by what was written beside its body.
 */
export const stuckCustomerOf = (key: CustomerKey, item: Item): StuckEntry | null => {
  const setAsideAt = stuckSince(item);
  if (setAsideAt === null) return null;
  const told = item.setAside?.M?.why?.S ?? null;
  try {
    return index.stuckCustomer(customerOf(key, item, setAsideAt), told);
  } catch (error) {
    if (!(error instanceof DamagedItemError)) throw error;
    return { kind: 'customer', key, setAsideAt, why: told ?? error.message, tries: 0 };
  }
};

/** The item of a closed case. */
export const closedCaseItem = (record: CaseRecord): Item => {
  const what = caseNamed(record.key, record.id);
  return {
    ...placed(shape.closedCaseAt(record.key, record.id), record.key, record.id),
    ...caseKeys(what, summaryOf(record)),
    amended: { BOOL: false },
    body: { S: bodies.writeBody(what, record) },
  };
};

/** Whether a closed case may have adjustments. Of items that were put before this was written down nobody knows. */
export const mayBeAmended = (item: Item): boolean => item.amended?.BOOL !== false;

/** The closed case of an item. Throws `DamagedItemError`. */
export const closedCaseOf = (key: CustomerKey, caseId: string, item: Item): CaseRecord =>
  bodies.readBody(caseNamed(key, caseId), item.body?.S, bodies.CLOSED_CASE);

/** The item of an adjustment. */
export const adjustmentItem = (adjustment: Adjustment): Item => {
  const { key, caseId, id } = adjustment;
  return {
    ...placed(shape.adjustmentAt(key, caseId, id), key, caseId, id),
    body: { S: bodies.writeBody(adjustmentNamed(key, id), adjustment) },
  };
};

/** The adjustment of an item. Throws `DamagedItemError`. */
export const adjustmentOf = (key: CustomerKey, item: Item): Adjustment =>
  bodies.readBody(
    adjustmentNamed(key, (item.sk?.S ?? '').slice(shape.ADJUSTMENTS.length)),
    item.body?.S,
    bodies.ADJUSTMENT,
  );

/** The item of a page of a customer's journal. */
export const journalPageItem = (key: CustomerKey, page: number, entries: readonly JournalEntry[]): Item => ({
  ...placed(shape.journalPageAt(key, page, entries[0]?.at ?? null), key),
  body: { S: bodies.writeBody(journalPageNamed(key, page), { key, page, entries }) },
});

/** The entries of an item of a page of a customer's journal. Throws `DamagedItemError`. */
export const journalPageOf = (key: CustomerKey, page: number, item: Item): readonly JournalEntry[] =>
  bodies.readBody(journalPageNamed(key, page), item.body?.S, bodies.JOURNAL_PAGE).entries;

/** The item of a fact that names no customer. */
export const unroutedItem = (unrouted: Unrouted): Item => {
  const what = unroutedNamed(unrouted.id);
  return {
    ...placed(shape.unroutedAt(unrouted.id), unrouted.id),
    ...dueKeys(what, unrouted.id, index.unroutedDueAt(unrouted)),
    ...stuckKeys(what, index.unroutedSetAsideAt(unrouted)),
    body: { S: bodies.writeBody(what, unrouted) },
  };
};

/** The fact that names no customer of an item. Throws `DamagedItemError`. */
export const unroutedOf = (id: string, item: Item): Unrouted => {
  const what = unroutedNamed(id);
  const unrouted = bodies.readBody(what, item.body?.S, bodies.UNROUTED);
  if (unrouted.id !== id) throw bodies.damaged(what, 'id');
  if (unrouted.version !== versionOf(what, item)) throw bodies.damaged(what, 'version');
  return unrouted;
};

/** A fact that names no customer as it is listed for a person, on the terms of {@link stuckCustomerOf}. */
export const stuckUnroutedOf = (id: string, item: Item): StuckEntry | null => {
  const setAsideAt = stuckSince(item);
  if (setAsideAt === null) return null;
  try {
    return index.stuckUnrouted(unroutedOf(id, item));
  } catch (error) {
    if (!(error instanceof DamagedItemError)) throw error;
    return { kind: 'unrouted', id, setAsideAt, why: error.message, tries: 0, reference: null };
  }
};

/** The item of a cursor. */
export const cursorItem = (cursor: LogCursor): Item => ({
  ...placed(shape.cursorAt(cursor.connection), cursor.connection),
  body: { S: bodies.writeBody(cursorNamed(cursor.connection), cursor) },
});

/** The cursor of an item. Throws `DamagedItemError`. */
export const cursorOf = (connection: string, item: Item): LogCursor => {
  const what = cursorNamed(connection);
  const cursor = bodies.readBody(what, item.body?.S, bodies.CURSOR);
  if (cursor.connection !== connection) throw bodies.damaged(what, 'connection');
  if (cursor.version !== versionOf(what, item)) throw bodies.damaged(what, 'version');
  return cursor;
};

/** The item of a walk through an account. */
export const walkItem = (walk: AccountWalk): Item => ({
  ...placed(shape.walkAt(walk.connection, walk.task), walk.connection, walk.task),
  body: { S: bodies.writeBody(walkNamed(walk.connection, walk.task), walk) },
});

/** The walk of an item. Throws `DamagedItemError`. */
export const walkOf = (connection: string, task: AccountWalk['task'], item: Item): AccountWalk => {
  const what = walkNamed(connection, task);
  const walk = bodies.readBody(what, item.body?.S, bodies.WALK);
  if (walk.connection !== connection) throw bodies.damaged(what, 'connection');
  if (walk.task !== task) throw bodies.damaged(what, 'task');
  if (walk.version !== versionOf(what, item)) throw bodies.damaged(what, 'version');
  return walk;
};

/** The item of what is kept of a month; null when its sums do not fit. */
export const rollupItem = ({ month, staleAt, sums }: Rollup): Item | null => {
  const packed = sums && packSums(sums);
  if (packed === 'too_large') return null;
  return {
    ...placed(shape.rollupAt(month), month),
    ...(staleAt && { staleAt: { S: staleAt } }),
    ...(packed && { sums: { B: packed } }),
  };
};

/** What is kept of a month of an item. Throws `DamagedItemError`. */
export const rollupOf = (month: string, item: Item): Rollup => {
  const what = rollupNamed(month);
  const staleAt = item.staleAt?.S ?? null;
  if (staleAt !== null && !bodies.isInstant(staleAt)) throw bodies.damaged(what, 'staleAt');
  const sums = item.sums ? unpackSums(what, item.sums.B) : null;
  return { month, version: versionOf(what, item), staleAt, sums };
};

/** Whether an item of the index of cases is a closed case's own, and not its customer's. */
export const isClosedCase = (item: Item): boolean => item.sk?.S?.startsWith(shape.CLOSED_CASES) ?? false;

/** The summary of an item of the index of cases. Throws `DamagedItemError`. */
export const summaryOfItem = (item: Item): CaseSummary =>
  bodies.readSummary(`the case at ${item.pk?.S} ${item.sk?.S}`, item[TABLE.cases.include]?.S);
