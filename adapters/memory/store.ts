// The port `Store` in memory, for tests, simulation and bench. It keeps references: core never changes data.
import { invariant } from '../../core/assert.ts';
import type { CustomerKey } from '../../core/ids.ts';
import { VersionConflictError } from '../../core/ports.ts';
import type { DueEntry, LogCursor, Store } from '../../core/ports.ts';
import { newCustomer } from '../../core/recovery/customer.ts';
import type {
  Adjustment,
  CaseRecord,
  Customer,
  JournalEntry,
  Unrouted,
} from '../../core/recovery/customer.ts';
import { summaryOf } from '../../core/reports/outcome.ts';
import { monthOf } from '../../core/time.ts';
import type { Instant } from '../../core/time.ts';
import { compare, customerDueAt, customerSummary, eachCaseOnce, unroutedDueAt } from '../dynamodb/indexed.ts';
import { SHARDS, shardOf } from '../dynamodb/table-shape.ts';

/** How the store is to misbehave. */
export type MemoryStoreOptions = {
  /**
   * Called before every operation with its name and what it is about: a customer's key, an unrouted fact's
   * id, a shard as `due#3`, a month, a connection. What it throws, the operation throws, and nothing is read or written.
   */
  readonly fault?: (operation: keyof Store, id: string) => void | Promise<void>;
  /** While it answers true, `due` sees each entry as it was before the latest write of that entry. */
  readonly indexLag?: () => boolean;
};

type State = {
  readonly customers: Map<CustomerKey, Customer>;
  readonly cases: Map<string, CaseRecord>;
  readonly adjustments: Map<CustomerKey, Map<string, Adjustment>>;
  readonly pages: Map<string, readonly JournalEntry[]>;
  readonly unrouted: Map<string, Unrouted>;
  readonly cursors: Map<string, LogCursor>;
  readonly due: DueShards;
};

type Fault = NonNullable<MemoryStoreOptions['fault']>;

/** An empty store. Every operation is atomic: it runs to its end once `fault` has let it through. */
export const createMemoryStore = ({ fault = () => {}, indexLag }: MemoryStoreOptions = {}): Store => {
  const state: State = {
    customers: new Map(),
    cases: new Map(),
    adjustments: new Map(),
    pages: new Map(),
    unrouted: new Map(),
    cursors: new Map(),
    due: createDueShards(indexLag),
  };
  return {
    ...customers(state, fault),
    ...cases(state, fault),
    ...unroutedFacts(state, fault),
    ...cursors(state, fault),
    due: async (shard, now, limit) => {
      await fault('due', `due#${shard}`);
      return state.due.first(shard, now, limit);
    },
  };
};

const checkVersion = (what: string, stored: number, version: number): void => {
  invariant(Number.isSafeInteger(version) && version > 0, `a written version is 1 or more, not ${version}`);
  if (version !== stored + 1) throw new VersionConflictError(`saving ${what}: another writer was first`);
};

const customers = (
  state: State,
  fault: Fault,
): Pick<Store, 'load' | 'save' | 'setAside' | 'putJournalPage'> => ({
  load: async (key, now) => {
    await fault('load', key);
    const stored = state.customers.get(key);
    if (!stored) return newCustomer(key);
    const isExpired = stored.expiresAt !== null && stored.expiresAt <= now;
    return isExpired ? { ...newCustomer(key), version: stored.version } : stored;
  },
  save: async (customer) => {
    await fault('save', customer.key);
    const { key, version } = customer;
    checkVersion(`customer ${key}`, state.customers.get(key)?.version ?? 0, version);
    state.customers.set(key, customer);
    const dueAt = customerDueAt(customer);
    state.due.put(`customer ${key}`, shardOf(key), dueAt && { kind: 'customer', key, dueAt });
  },
  setAside: async (key, _why, now) => {
    await fault('setAside', key);
    const stored = state.customers.get(key);
    if (!stored) return;
    state.customers.set(key, { ...stored, setAsideAt: now });
    state.due.put(`customer ${key}`, shardOf(key), null);
  },
  putJournalPage: async (key, page, entries) => {
    await fault('putJournalPage', key);
    const name = `${key} ${page}`;
    if (!state.pages.has(name)) state.pages.set(name, entries);
  },
});

type Cases = Pick<Store, 'closeCase' | 'loadClosedCase' | 'listCases' | 'putAdjustment' | 'listAdjustments'>;

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
  listCases: async (month) => {
    await fault('listCases', month);
    const ofMonth = ({ openedAt }: { readonly openedAt: Instant }): boolean => monthOf(openedAt) === month;
    const current = [...state.customers.values()].flatMap((customer) => customerSummary(customer) ?? []);
    const closed = [...state.cases.values()].filter(ofMonth).map(summaryOf);
    return eachCaseOnce(closed, current.filter(ofMonth));
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
    const own = state.adjustments.get(key)?.values() ?? [];
    return [...own].sort((a, b) => compare(a.at, b.at) || compare(a.id, b.id));
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
    const dueAt = unroutedDueAt(unrouted);
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

type DueShards = {
  put(name: string, shard: number, entry: DueEntry | null): void;
  first(shard: number, now: Instant, limit: number): DueEntry[];
};

/** With a lag, a second index follows the first, always one write of each entry behind. */
const createDueShards = (indexLag: (() => boolean) | undefined): DueShards => {
  const shards = Array.from({ length: SHARDS }, createDueIndex);
  const behind = indexLag && Array.from({ length: SHARDS }, createDueIndex);
  return {
    put: (name, shard, entry) => {
      const was = shards[shard]?.put(name, entry) ?? null;
      behind?.[shard]?.put(name, was);
    },
    first: (shard, now, limit) => (behind && indexLag() ? behind : shards)[shard]?.first(now, limit) ?? [],
  };
};

type DueIndex = {
  /** Writes an entry and returns what it replaced. */
  put(name: string, entry: DueEntry | null): DueEntry | null;
  first(now: Instant, limit: number): DueEntry[];
};

const minuteOf = (at: Instant): string => at.slice(0, 16);

/**
 * Entries by the minute: a write moves one between two small maps, a read sorts only the minutes it needs.
 */
const createDueIndex = (): DueIndex => {
  const entries = new Map<string, DueEntry>();
  const minutes = new Map<string, Map<string, DueEntry>>();
  let inOrder: string[] | null = [];
  const remove = (name: string, entry: DueEntry): void => {
    const minute = minutes.get(minuteOf(entry.dueAt));
    minute?.delete(name);
    if (minute?.size === 0) minutes.delete(minuteOf(entry.dueAt));
    entries.delete(name);
  };
  const add = (name: string, entry: DueEntry): void => {
    const minute = minutes.get(minuteOf(entry.dueAt));
    if (minute) minute.set(name, entry);
    else {
      minutes.set(minuteOf(entry.dueAt), new Map([[name, entry]]));
      inOrder = null;
    }
    entries.set(name, entry);
  };
  return {
    put: (name, entry) => {
      const was = entries.get(name) ?? null;
      if (was) remove(name, was);
      if (entry) add(name, entry);
      return was;
    },
    first: (now, limit) => {
      inOrder ??= [...minutes.keys()].sort();
      const found: DueEntry[] = [];
      for (const minute of inOrder) {
        if (minute > minuteOf(now) || found.length >= limit) break;
        const due = [...(minutes.get(minute) ?? [])].filter(([, { dueAt }]) => dueAt <= now);
        // Entries due at one moment come by name, so that a run can be repeated exactly.
        due.sort(([a, { dueAt: atA }], [b, { dueAt: atB }]) => compare(atA, atB) || compare(a, b));
        for (const [, entry] of due) found.push(entry);
      }
      return found.slice(0, Math.max(0, limit));
    },
  };
};
