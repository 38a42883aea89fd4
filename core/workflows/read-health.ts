// What an operator looks at: how far the logs were walked, how late the clock is, what waits for a person. Bounded in what it reads.
import { splitKey } from '../ids.ts';
import { compare } from '../order.ts';
import { DamagedItemError, type AccountWalk, type LogCursor, type Store, type StuckEntry } from '../ports.ts';
import type { Customer, StepKind } from '../recovery/customer.ts';
import { triesUsed, type TriesUsed } from '../recovery/tries-used.ts';
import type { CaseSummary } from '../reports/outcome.ts';
import { addMs, later, monthOf, startOfMonth, toMs, type Instant } from '../time.ts';

/** How many of the newest cases are looked at, and how much of what was set aside is told. */
export const LOOKED_AT = 50;
export const MOST_STUCK = 100;

/** How many customers are loaded at a time. */
const AT_ONCE = 16;

/** How far the account of a connection is followed. */
export type ConnectionHealth = {
  readonly connection: string;
  /** The newest try, failure or opening among the newest cases; null = none of them is of this connection. */
  readonly heardAt: Instant | null;
  readonly log: LogCursor;
  readonly lookAhead: AccountWalk;
};

/** A step that was asked for, and of which nobody knows (yet) what became of it. */
export type UncertainStep = {
  readonly key: Customer['key'];
  readonly caseId: string;
  readonly subjectId: string;
  readonly stepId: string;
  readonly kind: StepKind;
  /** `armed`: it is under way, or the visit that armed it died. */
  readonly status: 'armed' | 'uncertain';
  readonly at: Instant;
  readonly why: string;
};

export type Health = {
  /** How long the most overdue of what is due has been waiting; 0 = nothing is. */
  readonly lagSeconds: number;
  readonly connections: readonly ConnectionHealth[];
  /** The longest first. */
  readonly stuck: readonly StuckEntry[];
  readonly isAllStuck: boolean;
  /** Of the newest cases: those that are open are looked into. */
  readonly looked: { readonly cases: number; readonly open: number; readonly since: Instant | null };
  readonly uncertain: readonly UncertainStep[];
  readonly tries: TriesUsed;
};

/** What is due, the earliest of every shard, is waiting since then. */
const lagOf = async (store: Store, shards: readonly number[], now: Instant): Promise<number> => {
  const due = await Promise.all(shards.map((shard) => store.due(shard, now, 1)));
  const times = due.flat().map(({ dueAt }) => toMs(now) - toMs(dueAt));
  return Math.max(0, ...times) / 1000;
};

/** The newest cases of this month, and of the month before where these are few. */
const newestCases = async (store: Store, now: Instant): Promise<readonly CaseSummary[]> => {
  const month = monthOf(now);
  const found = await store.newestCases(month, LOOKED_AT);
  if (found.length >= LOOKED_AT) return found;
  const before = await store.newestCases(monthOf(addMs(startOfMonth(month), -1)), LOOKED_AT - found.length);
  return [...found, ...before];
};

/** One that cannot be read is set aside by the clock, and told there. */
const loaded = async (store: Store, key: Customer['key'], now: Instant): Promise<Customer | null> => {
  try {
    return await store.load(key, now);
  } catch (error) {
    if (error instanceof DamagedItemError) return null;
    throw error;
  }
};

const openAmong = async (
  store: Store,
  newest: readonly CaseSummary[],
  now: Instant,
): Promise<readonly Customer[]> => {
  const keys = [...new Set(newest.filter(({ closedAt }) => closedAt === null).map(({ key }) => key))];
  const customers: Customer[] = [];
  for (let i = 0; i < keys.length; i += AT_ONCE) {
    const some = await Promise.all(keys.slice(i, i + AT_ONCE).map((key) => loaded(store, key, now)));
    customers.push(...some.flatMap((one) => (one?.recovery.case ? [one] : [])));
  }
  return customers;
};

const uncertainIn = ({ key, recovery, pending }: Customer): readonly UncertainStep[] => {
  const ladders = recovery.case?.ladders ?? [];
  const behind = ladders.flatMap(({ subjectId, steps }) =>
    steps
      .filter(({ status }) => status === 'uncertain')
      .map(({ id, kind, at, why }) => ({
        subjectId,
        stepId: id,
        kind,
        status: 'uncertain' as const,
        at,
        why,
      })),
  );
  const armed = pending?.armed ?? null;
  const underWay = armed && {
    subjectId: armed.subjectId,
    stepId: armed.stepId,
    kind: armed.kind,
    status: 'armed' as const,
    at: armed.armedAt,
    why: armed.why,
  };
  const caseId = recovery.case?.id ?? '';
  return [...behind, ...(underWay ? [underWay] : [])].map((step) => ({ key, caseId, ...step }));
};

const heardIn = ({ facts }: Customer): readonly Instant[] => [
  ...Object.values(facts.attempts).map(({ at }) => at),
  ...Object.values(facts.invoices).flatMap(({ lastFailure }) => lastFailure?.at ?? []),
];

const heardOf = (
  connection: string,
  newest: readonly CaseSummary[],
  open: readonly Customer[],
): Instant | null =>
  [
    ...newest.map(({ key, openedAt }) => ({ key, times: [openedAt] })),
    ...open.map((customer) => ({ key: customer.key, times: heardIn(customer) })),
  ]
    .filter(({ key }) => splitKey(key).connection === connection)
    .flatMap(({ times }) => times)
    .reduce<Instant | null>((last, at) => later(last, at), null);

/**
 * How the system stands. Reads one entry of each shard of what is due, at most {@link LOOKED_AT} cases of each shard of one or two
 * months of their index, the customers of the newest that are open, {@link MOST_STUCK} of what was set aside, and two items a
 * connection. Throws `OutsideError`.
 */
export const readHealth = async (
  store: Store,
  { connections, shards }: { readonly connections: readonly string[]; readonly shards: readonly number[] },
  now: Instant,
): Promise<Health> => {
  const newest = await newestCases(store, now);
  const open = await openAmong(store, newest, now);
  const stuck = await store.listStuck(MOST_STUCK + 1);
  return {
    lagSeconds: await lagOf(store, shards, now),
    connections: await Promise.all(
      connections.map(async (connection) => ({
        connection,
        heardAt: heardOf(connection, newest, open),
        log: await store.loadCursor(connection),
        lookAhead: await store.loadWalk(connection, 'look_ahead'),
      })),
    ),
    stuck: stuck.slice(0, MOST_STUCK),
    isAllStuck: stuck.length <= MOST_STUCK,
    looked: { cases: newest.length, open: open.length, since: newest.at(-1)?.openedAt ?? null },
    uncertain: open.flatMap(uncertainIn).sort((a, b) => compare(a.at, b.at)),
    tries: triesUsed(open, now),
  };
};
