// The port `Store` in memory, for tests, simulation and bench. It keeps references: core never changes data.
import TinyQueue from 'tinyqueue';
import { invariant } from '../../core/assert.ts';
import type { CustomerKey } from '../../core/ids.ts';
import { VersionConflictError } from '../../core/ports.ts';
import type { AccountWalk, DueEntry, LogCursor, Store, StuckEntry } from '../../core/ports.ts';
import { newCustomer } from '../../core/recovery/customer.ts';
import type {
  Adjustment,
  CaseRecord,
  Customer,
  JournalEntry,
  Unrouted,
} from '../../core/recovery/customer.ts';
import { summaryOf, type CaseSummary } from '../../core/reports/outcome.ts';
import type { Rollup } from '../../core/reports/rollup.ts';
import { monthOf } from '../../core/time.ts';
import type { Instant } from '../../core/time.ts';
import * as index from '../dynamodb/indexed.ts';
import { packSums } from '../dynamodb/sums.ts';
import { compare } from '../../core/order.ts';
import { SHARDS, shardOf, STUCK } from '../dynamodb/table-shape.ts';

/** How the store is to misbehave. */
export type MemoryStoreOptions = {
  /**
   * Called before every operation with its name and what it is about: a customer's key, an unrouted fact's
   * id, a shard as `due#3`, `stuck`, a month, a connection. What it throws, the operation throws, and nothing is read or written.
   */
  readonly fault?: (operation: keyof Store, id: string) => void | Promise<void>;
  /** While it answers true, `due` sees each entry as it was before the latest write of that entry. */
  readonly indexLag?: () => boolean;
};

type State = {
  readonly customers: Map<CustomerKey, Customer>;
  /** Why `setAside` was asked for, until the customer is written again. */
  readonly asides: Map<CustomerKey, string>;
  readonly cases: Map<string, CaseRecord>;
  readonly adjustments: Map<CustomerKey, Map<string, Adjustment>>;
  /** By customer and number: one as a rule, and another each time that the customer was forgotten and came back. */
  readonly pages: Map<string, readonly (readonly JournalEntry[])[]>;
  readonly unrouted: Map<string, Unrouted>;
  readonly cursors: Map<string, LogCursor>;
  readonly walks: Map<string, AccountWalk>;
  readonly rollups: Map<string, Rollup>;
  readonly due: DueShards;
};

type Fault = NonNullable<MemoryStoreOptions['fault']>;

/** An empty store. Every operation is atomic: it runs to its end once `fault` has let it through. */
export const createMemoryStore = ({ fault = () => {}, indexLag }: MemoryStoreOptions = {}): Store => {
  const state: State = {
    customers: new Map(),
    asides: new Map(),
    cases: new Map(),
    adjustments: new Map(),
    pages: new Map(),
    unrouted: new Map(),
    cursors: new Map(),
    walks: new Map(),
    rollups: new Map(),
    due: createDueShards(indexLag),
  };
  return {
    ...customers(state, fault),
    ...cases(state, fault),
    ...unroutedFacts(state, fault),
    ...cursors(state, fault),
    ...walks(state, fault),
    ...rollups(state, fault),
    due: async (shard, now, limit) => {
      await fault('due', `due#${shard}`);
      return state.due.first(shard, now, limit);
    },
    listStuck: async (limit) => {
      await fault('listStuck', STUCK);
      return listStuck(state).slice(0, Math.max(0, limit));
    },
  };
};

const nameOf = (entry: StuckEntry): string => (entry.kind === 'customer' ? entry.key : entry.id);

/** All of it, the longest first. */
const listStuck = ({ customers: all, asides, unrouted }: State): StuckEntry[] =>
  [
    ...[...all.values()].map((customer) => index.stuckCustomer(customer, asides.get(customer.key) ?? null)),
    ...[...unrouted.values()].map(index.stuckUnrouted),
  ]
    .filter((entry) => entry !== null)
    .sort((a, b) => compare(a.setAsideAt, b.setAsideAt) || compare(nameOf(a), nameOf(b)));

const checkVersion = (what: string, stored: number, version: number): void => {
  invariant(Number.isSafeInteger(version) && version > 0, `a written version is 1 or more, not ${version}`);
  if (version !== stored + 1) throw new VersionConflictError(`saving ${what}: another writer was first`);
};

const loaded = (state: State, key: CustomerKey, now: Instant): Customer => {
  const stored = state.customers.get(key);
  if (!stored) return newCustomer(key);
  return index.isForgotten(stored, now) ? newCustomer(key, stored.version) : stored;
};

const beginOf = (entries: readonly JournalEntry[]): string => entries[0]?.at ?? '';

const customers = (
  state: State,
  fault: Fault,
): Pick<Store, 'load' | 'save' | 'setAside' | 'putJournalPage' | 'loadJournalPage'> => ({
  load: async (key, now) => {
    await fault('load', key);
    return loaded(state, key, now);
  },
  save: async (customer) => {
    await fault('save', customer.key);
    const { key, version } = customer;
    checkVersion(`customer ${key}`, state.customers.get(key)?.version ?? 0, version);
    state.customers.set(key, customer);
    state.asides.delete(key);
    const dueAt = index.customerDueAt(customer);
    state.due.put(`customer ${key}`, shardOf(key), dueAt && { kind: 'customer', key, dueAt });
  },
  setAside: async (key, why, now) => {
    await fault('setAside', key);
    const stored = state.customers.get(key);
    if (!stored) return;
    state.customers.set(key, { ...stored, setAsideAt: now });
    state.asides.set(key, why);
    state.due.put(`customer ${key}`, shardOf(key), null);
  },
  putJournalPage: async (key, page, entries) => {
    await fault('putJournalPage', key);
    const name = `${key} ${page}`;
    const stored = state.pages.get(name) ?? [];
    if (stored.some((one) => beginOf(one) === beginOf(entries))) return;
    state.pages.set(
      name,
      [...stored, entries].sort((a, b) => compare(beginOf(a), beginOf(b))),
    );
  },
  loadJournalPage: async (key, page, until) => {
    await fault('loadJournalPage', key);
    const stored = state.pages.get(`${key} ${page}`) ?? [];
    return stored.findLast((one) => beginOf(one) <= until) ?? null;
  },
});

type Cases = Pick<
  Store,
  | 'closeCase'
  | 'loadClosedCase'
  | 'listClosedCases'
  | 'listCases'
  | 'newestCases'
  | 'putAdjustment'
  | 'listAdjustments'
  | 'loadCases'
>;

const casesOf = (state: State, month: string): CaseSummary[] => {
  const ofMonth = ({ openedAt }: { readonly openedAt: Instant }): boolean => monthOf(openedAt) === month;
  const current = [...state.customers.values()].flatMap((customer) => index.customerSummary(customer) ?? []);
  const closed = [...state.cases.values()].filter(ofMonth).map(summaryOf);
  return index.eachCaseOnce(closed, current.filter(ofMonth));
};

const adjustmentsOf = (state: State, key: CustomerKey): Adjustment[] => {
  const own = state.adjustments.get(key)?.values() ?? [];
  return [...own].sort((a, b) => compare(a.at, b.at) || compare(a.id, b.id));
};

const cases = (state: State, fault: Fault): Cases => ({
  closeCase: async (record) => {
    await fault('closeCase', record.key);
    const name = `${record.key} ${record.id}`;
    invariant(record.closedAt !== null, `case ${record.id} is put as closed, but has no time of closing`);
    if (!state.cases.has(name)) state.cases.set(name, record);
  },
  loadClosedCase: async (key, caseId) => {
    await fault('loadClosedCase', key);
    return state.cases.get(`${key} ${caseId}`) ?? null;
  },
  listClosedCases: async (key) => {
    await fault('listClosedCases', key);
    const own = [...state.cases.values()].filter((record) => record.key === key);
    return index.eachCaseOnce(own.map(summaryOf), []);
  },
  listCases: async (month, from) => {
    await fault('listCases', month);
    return casesOf(state, month).filter(({ openedAt }) => from === undefined || openedAt >= from);
  },
  newestCases: async (month, limit) => {
    await fault('newestCases', month);
    return casesOf(state, month).reverse().slice(0, Math.max(0, limit));
  },
  putAdjustment: async (adjustment) => {
    const { key, caseId, id } = adjustment;
    await fault('putAdjustment', key);
    const own = state.adjustments.get(key) ?? new Map<string, Adjustment>();
    const name = `${caseId}#${id}`;
    if (!own.has(name)) own.set(name, adjustment);
    state.adjustments.set(key, own);
  },
  listAdjustments: async (key) => {
    await fault('listAdjustments', key);
    return adjustmentsOf(state, key);
  },
  loadCases: async (refs, now) => {
    for (const { key } of refs) await fault('loadCases', key);
    return refs.map(({ key, id }) => {
      const record = state.cases.get(`${key} ${id}`);
      const adjustments = adjustmentsOf(state, key).filter(({ caseId }) => caseId === id);
      return record
        ? { kind: 'closed', record, adjustments }
        : { kind: 'customer', customer: loaded(state, key, now) };
    });
  },
});

type UnroutedFacts = Pick<Store, 'loadUnrouted' | 'saveUnrouted' | 'deleteUnrouted'>;

const unroutedFacts = (state: State, fault: Fault): UnroutedFacts => ({
  loadUnrouted: async (id) => {
    await fault('loadUnrouted', id);
    return state.unrouted.get(id) ?? null;
  },
  saveUnrouted: async (unrouted) => {
    const { id, version } = unrouted;
    await fault('saveUnrouted', id);
    checkVersion(`unrouted fact ${id}`, state.unrouted.get(id)?.version ?? 0, version);
    state.unrouted.set(id, unrouted);
    const dueAt = index.unroutedDueAt(unrouted);
    state.due.put(`unrouted ${id}`, shardOf(id), dueAt && { kind: 'unrouted', id, dueAt });
  },
  deleteUnrouted: async (id) => {
    await fault('deleteUnrouted', id);
    state.unrouted.delete(id);
    state.due.put(`unrouted ${id}`, shardOf(id), null);
  },
});

const cursors = (state: State, fault: Fault): Pick<Store, 'loadCursor' | 'saveCursor'> => ({
  loadCursor: async (connection) => {
    await fault('loadCursor', connection);
    return state.cursors.get(connection) ?? { connection, version: 0, undelivered: null, all: null };
  },
  saveCursor: async (cursor) => {
    const { connection, version } = cursor;
    await fault('saveCursor', connection);
    checkVersion(`the cursor of ${connection}`, state.cursors.get(connection)?.version ?? 0, version);
    state.cursors.set(connection, cursor);
  },
});

const walks = (state: State, fault: Fault): Pick<Store, 'loadWalk' | 'saveWalk'> => ({
  loadWalk: async (connection, task) => {
    await fault('loadWalk', connection);
    return state.walks.get(`${connection} ${task}`) ?? index.newWalk(connection, task);
  },
  saveWalk: async (walk) => {
    const { connection, task, version } = walk;
    await fault('saveWalk', connection);
    const name = `${connection} ${task}`;
    checkVersion(`the walk ${task} of ${connection}`, state.walks.get(name)?.version ?? 0, version);
    state.walks.set(name, walk);
  },
});

const rollups = (state: State, fault: Fault): Pick<Store, 'loadRollup' | 'saveRollup' | 'markStale'> => {
  const stored = (month: string): Rollup =>
    state.rollups.get(month) ?? { month, version: 0, staleAt: null, sums: null };
  return {
    loadRollup: async (month) => {
      await fault('loadRollup', month);
      return stored(month);
    },
    saveRollup: async (rollup) => {
      const { month, version, sums } = rollup;
      await fault('saveRollup', month);
      if (sums && packSums(sums) === 'too_large') return 'too_large';
      checkVersion(`the sums of ${month}`, stored(month).version, version);
      state.rollups.set(month, rollup);
      return 'kept';
    },
    markStale: async (month, now) => {
      await fault('markStale', month);
      state.rollups.set(month, { month, version: stored(month).version + 1, staleAt: now, sums: null });
    },
  };
};

type DueShards = {
  put(name: string, shard: number, entry: DueEntry | null): void;
  first(shard: number, now: Instant, limit: number): DueEntry[];
};

/** With a lag, a second index stays one write of each entry behind, until a look that does not lag. */
const createDueShards = (indexLag: (() => boolean) | undefined): DueShards => {
  const shards = Array.from({ length: SHARDS }, () => ({
    current: createDueIndex(),
    behind: createDueIndex(),
    late: new Map<string, DueEntry | null>(),
  }));
  return {
    put: (name, shard, entry) => {
      const of = shards[shard];
      const was = of?.current.put(name, entry) ?? null;
      if (!indexLag || !of) return;
      of.behind.put(name, was);
      of.late.set(name, entry);
    },
    first: (shard, now, limit) => {
      const of = shards[shard];
      if (!of) return [];
      if (indexLag?.()) return of.behind.first(now, limit);
      for (const [name, entry] of of.late) of.behind.put(name, entry);
      of.late.clear();
      return of.current.first(now, limit);
    },
  };
};

type DueIndex = {
  /** Writes an entry and returns what it replaced. */
  put(name: string, entry: DueEntry | null): DueEntry | null;
  first(now: Instant, limit: number): DueEntry[];
};

type Queued = { readonly name: string; readonly entry: DueEntry };

/** Entries due at one moment come by name, so that a run can be repeated exactly. */
const byDue = (a: Queued, b: Queued): number =>
  a.entry.dueAt === b.entry.dueAt ? compare(a.name, b.name) : a.entry.dueAt < b.entry.dueAt ? -1 : 1;

/** A heap by time. What is written anew stays in it until it comes to the front, and is passed over there. */
const createDueIndex = (): DueIndex => {
  const entries = new Map<string, DueEntry>();
  const queue = new TinyQueue<Queued>([], byDue);
  return {
    put: (name, entry) => {
      const was = entries.get(name) ?? null;
      if (entry) {
        entries.set(name, entry);
        queue.push({ name, entry });
      } else entries.delete(name);
      return was;
    },
    first: (now, limit) => {
      const found: Queued[] = [];
      for (
        let next = queue.peek();
        next && next.entry.dueAt <= now && found.length < limit;
        next = queue.peek()
      ) {
        queue.pop();
        // An entry that was written twice as it is stands in the queue twice.
        const isCurrent = entries.get(next.name) === next.entry && found.at(-1)?.entry !== next.entry;
        if (isCurrent) found.push(next);
      }
      for (const each of found) queue.push(each);
      return found.map(({ entry }) => entry);
    },
  };
};
