// Where everything is kept: the port `Store` on one DynamoDB table.
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { invariant } from '../../core/assert.ts';
import type { CustomerKey } from '../../core/ids.ts';
import type { DueEntry, KeptCase, Store, StuckEntry } from '../../core/ports.ts';
import { newCustomer } from '../../core/recovery/customer.ts';
import type { Adjustment } from '../../core/recovery/customer.ts';
import type { CaseSummary } from '../../core/reports/outcome.ts';
import type { CaseRef } from '../../core/reports/rollup.ts';
import { instantFromMs } from '../../core/time.ts';
import type { Instant } from '../../core/time.ts';
import { eachCaseOnce, newWalk } from './indexed.ts';
import { compare } from '../../core/order.ts';
import * as items from './items.ts';
import { createRequests, placeOf } from './requests.ts';
import type { BackOff, Item, Requests } from './requests.ts';
import * as shape from './table-shape.ts';
import { TABLE } from './table-shape.ts';

/** What the store runs on. Time-outs and retries are the client's; repeating a write is safe. */
export type DynamoStoreOptions = {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  /** The present, for reads that are not told it: what has expired is absent. Default: the system's clock. */
  readonly now?: () => Instant;
  /** Waits before what the table left out of an answer is asked for again. Default: not at all; the embedded one leaves out nothing. */
  readonly backOff?: BackOff;
};

/** The store on a table of the shape in `table-shape.ts`. */
export const createDynamoStore = (options: DynamoStoreOptions): Store => {
  const { client, tableName, now = () => instantFromMs(Date.now()), backOff = async () => {} } = options;
  const requests = createRequests(client, tableName, backOff);
  return {
    ...customers(requests),
    ...closedCases(requests, now),
    ...unroutedFacts(requests),
    ...cursors(requests),
    ...walks(requests),
    ...rollups(requests),
    due: (shard, until, limit) => readDue(requests, shard, until, limit),
    listStuck: (limit) => readStuck(requests, limit),
    listCases: (month, from) => readCases(requests, month, { from }),
    newestCases: async (month, limit) =>
      limit < 1 ? [] : (await readCases(requests, month, { newest: limit })).reverse().slice(0, limit),
  };
};

const MAX_WHY = 500;

type Customers = Pick<Store, 'load' | 'save' | 'setAside' | 'putJournalPage' | 'loadJournalPage'>;

const customers = (requests: Requests): Customers => ({
  load: async (key, now) => {
    const item = await requests.get(`loading ${items.customerNamed(key)}`, shape.customerAt(key));
    return item ? items.customerOf(key, item, now) : newCustomer(key);
  },
  save: async (customer) =>
    requests.putVersion(
      `saving ${items.customerNamed(customer.key)}`,
      items.customerItem(customer),
      customer.version,
    ),
  // The body stays as it is: it may be the only thing left from which a person can put the customer right.
  setAside: (key, why, now) =>
    requests.updateExisting(`setting aside ${items.customerNamed(key)}`, shape.customerAt(key), {
      UpdateExpression: 'SET dueShard = :stuck, dueAt = :now, setAside = :setAside REMOVE expiresAt',
      ExpressionAttributeValues: {
        ':stuck': { S: shape.STUCK },
        ':now': { S: now },
        ':setAside': { M: { at: { S: now }, why: { S: why.slice(0, MAX_WHY) } } },
      },
    }),
  putJournalPage: async (key, page, entries) =>
    requests.putOnce(
      `putting ${items.journalPageNamed(key, page)}`,
      items.journalPageItem(key, page, entries),
    ),
  loadJournalPage: async (key, page, until) => {
    const found = requests.query(`loading ${items.journalPageNamed(key, page)}`, {
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
      ExpressionAttributeValues: {
        ':pk': { S: shape.customerPartition(key) },
        ':first': { S: shape.journalPageAt(key, page, null).sk },
        ':last': { S: shape.journalPageAt(key, page, until).sk },
      },
      ConsistentRead: true,
      ScanIndexForward: false,
      Limit: 1,
    });
    for await (const item of found) return items.journalPageOf(key, page, item);
    return null;
  },
});

type ClosedCases = Pick<
  Store,
  'closeCase' | 'loadClosedCase' | 'listClosedCases' | 'putAdjustment' | 'listAdjustments' | 'loadCases'
>;

/** What of a customer's partition has sort keys that begin so. */
const partOf = (key: CustomerKey, prefix: string) => ({
  KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
  ExpressionAttributeValues: { ':pk': { S: shape.customerPartition(key) }, ':prefix': { S: prefix } },
  ConsistentRead: true,
});

/** The adjustments of a customer's cases, by time and id. */
const adjustmentsOf = async (requests: Requests, key: CustomerKey, now: Instant): Promise<Adjustment[]> => {
  const found = requests.query(
    `listing the adjustments of ${items.customerNamed(key)}`,
    partOf(key, shape.ADJUSTMENTS),
  );
  const adjustments: Adjustment[] = [];
  for await (const item of found) {
    if (!items.isExpired(item, now)) adjustments.push(items.adjustmentOf(key, item));
  }
  return adjustments.sort((a, b) => compare(a.at, b.at) || compare(a.id, b.id));
};

const placeOfClosed = ({ key, id }: CaseRef): shape.ItemKey => shape.closedCaseAt(key, id);

/** Closed cases first, then the customers of those that are not: what is closed between the two is in its outbox, or there by then. */
const loadCases = async (requests: Requests, refs: readonly CaseRef[], now: Instant): Promise<KeptCase[]> => {
  const closed = await requests.getMany(`loading ${refs.length} cases`, refs.map(placeOfClosed));
  const closedItem = (ref: CaseRef): Item | null => {
    const item = closed.get(placeOf(placeOfClosed(ref)));
    return item && !items.isExpired(item, now) ? item : null;
  };
  const others = refs.filter((ref) => closedItem(ref) === null);
  const owners = await requests.getMany(
    `loading the customers of ${others.length} cases`,
    others.map(({ key }) => shape.customerAt(key)),
  );
  const read = refs.map(async (ref): Promise<KeptCase> => {
    const { key, id } = ref;
    const item = closedItem(ref);
    if (item === null) {
      const stored = owners.get(placeOf(shape.customerAt(key)));
      return { kind: 'customer', customer: stored ? items.customerOf(key, stored, now) : newCustomer(key) };
    }
    const all = items.mayBeAmended(item) ? await adjustmentsOf(requests, key, now) : [];
    const adjustments = all.filter(({ caseId }) => caseId === id);
    return { kind: 'closed', record: items.closedCaseOf(key, id, item), adjustments };
  });
  return Promise.all(read);
};

const closedCases = (requests: Requests, now: () => Instant): ClosedCases => ({
  closeCase: async (record) => {
    const what = items.caseNamed(record.key, record.id);
    invariant(record.closedAt !== null, `${what} is put as closed, but has no time of closing`);
    await requests.putOnce(`closing ${what}`, items.closedCaseItem(record));
  },
  loadClosedCase: async (key, caseId) => {
    const item = await requests.get(
      `loading ${items.caseNamed(key, caseId)}`,
      shape.closedCaseAt(key, caseId),
    );
    return item && !items.isExpired(item, now()) ? items.closedCaseOf(key, caseId, item) : null;
  },
  listClosedCases: async (key) => {
    const found = requests.query(`listing the closed cases of ${items.customerNamed(key)}`, {
      ...partOf(key, shape.CLOSED_CASES),
      // The cases themselves can be long, and a list needs none of them.
      ProjectionExpression: [TABLE.partitionKey, TABLE.sortKey, TABLE.cases.include, TABLE.ttl].join(', '),
    });
    const summaries: CaseSummary[] = [];
    for await (const item of found) {
      if (!items.isExpired(item, now())) summaries.push(items.summaryOfItem(item));
    }
    return eachCaseOnce(summaries, []);
  },
  putAdjustment: async (adjustment) => {
    const { key, caseId, id } = adjustment;
    // First, so that whoever finds a case not amended misses nothing that is there.
    await requests.updateExisting(
      `marking ${items.caseNamed(key, caseId)} amended`,
      shape.closedCaseAt(key, caseId),
      { UpdateExpression: 'SET amended = :yes', ExpressionAttributeValues: { ':yes': { BOOL: true } } },
    );
    await requests.putOnce(`putting ${items.adjustmentNamed(key, id)}`, items.adjustmentItem(adjustment));
  },
  listAdjustments: (key) => adjustmentsOf(requests, key, now()),
  loadCases: (refs, at) => loadCases(requests, refs, at),
});

type UnroutedFacts = Pick<Store, 'loadUnrouted' | 'saveUnrouted' | 'deleteUnrouted'>;

const unroutedFacts = (requests: Requests): UnroutedFacts => ({
  loadUnrouted: async (id) => {
    const item = await requests.get(`loading ${items.unroutedNamed(id)}`, shape.unroutedAt(id));
    return item && items.unroutedOf(id, item);
  },
  saveUnrouted: async (unrouted) =>
    requests.putVersion(
      `saving ${items.unroutedNamed(unrouted.id)}`,
      items.unroutedItem(unrouted),
      unrouted.version,
    ),
  deleteUnrouted: (id) => requests.remove(`deleting ${items.unroutedNamed(id)}`, shape.unroutedAt(id)),
});

const cursors = (requests: Requests): Pick<Store, 'loadCursor' | 'saveCursor'> => ({
  loadCursor: async (connection) => {
    const item = await requests.get(`loading ${items.cursorNamed(connection)}`, shape.cursorAt(connection));
    return item ? items.cursorOf(connection, item) : { connection, version: 0, undelivered: null, all: null };
  },
  saveCursor: (cursor) =>
    requests.putVersion(
      `saving ${items.cursorNamed(cursor.connection)}`,
      items.cursorItem(cursor),
      cursor.version,
    ),
});

const walks = (requests: Requests): Pick<Store, 'loadWalk' | 'saveWalk'> => ({
  loadWalk: async (connection, task) => {
    const item = await requests.get(
      `loading ${items.walkNamed(connection, task)}`,
      shape.walkAt(connection, task),
    );
    return item ? items.walkOf(connection, task, item) : newWalk(connection, task);
  },
  saveWalk: async (walk) =>
    requests.putVersion(
      `saving ${items.walkNamed(walk.connection, walk.task)}`,
      items.walkItem(walk),
      walk.version,
    ),
});

const rollups = (requests: Requests): Pick<Store, 'loadRollup' | 'saveRollup' | 'markStale'> => ({
  loadRollup: async (month) => {
    const item = await requests.get(`loading ${items.rollupNamed(month)}`, shape.rollupAt(month));
    return item ? items.rollupOf(month, item) : { month, version: 0, staleAt: null, sums: null };
  },
  saveRollup: async (rollup) => {
    const item = items.rollupItem(rollup);
    if (item === null) return 'too_large';
    await requests.putVersion(`saving ${items.rollupNamed(rollup.month)}`, item, rollup.version);
    return 'kept';
  },
  markStale: (month, now) =>
    requests.update(`marking ${items.rollupNamed(month)} stale`, shape.rollupAt(month), {
      UpdateExpression: 'SET staleAt = :now REMOVE sums ADD version :one',
      ExpressionAttributeValues: { ':now': { S: now }, ':one': { N: '1' } },
    }),
});

const readDue = async (
  requests: Requests,
  shard: number,
  now: Instant,
  limit: number,
): Promise<DueEntry[]> => {
  const entries: DueEntry[] = [];
  if (limit < 1) return entries;
  const found = requests.query(`asking what is due in shard ${shard}`, {
    IndexName: TABLE.due.name,
    KeyConditionExpression: 'dueShard = :shard AND dueAt <= :now',
    ExpressionAttributeValues: { ':shard': { S: shape.dueShard(shard) }, ':now': { S: now } },
    Limit: limit,
  });
  for await (const item of found) {
    const whose = shape.dueItemOf({ pk: textOf(item, TABLE.partitionKey), sk: textOf(item, TABLE.sortKey) });
    // A kind this version does not know must not hold up the shard.
    if (whose) entries.push({ ...whose, dueAt: textOf(item, TABLE.due.sortKey) as Instant });
    if (entries.length === limit) break;
  }
  return entries;
};

/** Loads each entry for its reason: the index carries keys only, and few are set aside. */
const readStuck = async (requests: Requests, limit: number): Promise<StuckEntry[]> => {
  const entries: StuckEntry[] = [];
  if (limit < 1) return entries;
  const found = requests.query('asking what was set aside', {
    IndexName: TABLE.due.name,
    KeyConditionExpression: 'dueShard = :stuck',
    ExpressionAttributeValues: { ':stuck': { S: shape.STUCK } },
    Limit: limit,
  });
  for await (const item of found) {
    const entry = await loadStuck(requests, {
      pk: textOf(item, TABLE.partitionKey),
      sk: textOf(item, TABLE.sortKey),
    });
    if (entry) entries.push(entry);
    if (entries.length === limit) break;
  }
  return entries;
};

/** What is set aside at a key now; null when it was put back since, or is of a kind this version does not know. */
const loadStuck = async (requests: Requests, at: shape.ItemKey): Promise<StuckEntry | null> => {
  const whose = shape.dueItemOf(at);
  const item = whose && (await requests.get('loading what was set aside', at));
  if (!item) return null;
  return whose.kind === 'customer'
    ? items.stuckCustomerOf(whose.key, item)
    : items.stuckUnroutedOf(whose.id, item);
};

const textOf = (item: Item, name: string): string => item[name]?.S ?? '';

type Which = { readonly from?: Instant | undefined; readonly newest?: number };

/** The cases of a month: those of a moment on, or only so many of each shard, the newest. */
const readCases = async (
  requests: Requests,
  month: string,
  { from, newest }: Which,
): Promise<CaseSummary[]> => {
  const closed: CaseSummary[] = [];
  const current: CaseSummary[] = [];
  const shards = Array.from({ length: shape.SHARDS }, (_, shard) => shard);
  await Promise.all(
    shards.map(async (shard) => {
      const found = requests.query(`listing the cases of ${month}`, {
        IndexName: TABLE.cases.name,
        KeyConditionExpression: `caseShard = :shard${from === undefined ? '' : ' AND caseSort >= :from'}`,
        ExpressionAttributeValues: {
          ':shard': { S: shape.caseShard(month, shard) },
          ...(from !== undefined && { ':from': { S: from } }),
        },
        ...(newest !== undefined && { ScanIndexForward: false, Limit: newest }),
      });
      let read = 0;
      for await (const item of found) {
        (items.isClosedCase(item) ? closed : current).push(items.summaryOfItem(item));
        read += 1;
        if (read === newest) break;
      }
    }),
  );
  return eachCaseOnce(closed, current);
};
