// Goes through a whole account page by page, for what no event tells: what lies ahead, what failed before us.
import { customerKey } from '../ids.ts';
import { OutsideError, VersionConflictError } from '../ports.ts';
import type { Account, AccountList, AccountPage, AccountWalk, FiguresTask } from '../ports.ts';
import { NO_FACTS, newCustomer, type Customer, type Facts } from '../recovery/customer.ts';
import type { Fact } from '../recovery/fact.ts';
import { mergeAll } from '../recovery/merge.ts';
import { DAY_MS, HOUR_MS, toMs, type Instant } from '../time.ts';
import { recordFacts, type RecordDeps } from './record-facts.ts';

export type Task = Exclude<AccountWalk['task'], FiguresTask>;

/**
 * Whether something lies ahead of a customer, by what a list has told of them, that is not written about yet.
 * What is known of them can only be a reason against it.
 */
export type IsAhead = (facts: Facts, known: Customer, now: Instant) => boolean;

export type WalkDeps = RecordDeps & {
  readonly account: Account;
  readonly isAhead: IsAhead;
  /** Waits between two pages, so that the provider is not asked too often. */
  readonly pause: () => Promise<void>;
};

/** How a walk is gone. */
export type WalkOptions = {
  /** From the beginning, wherever it stands and even if it is done. */
  readonly again?: boolean;
  /** Told after every page that was taken in: what this run came to so far. */
  readonly told?: (run: WalkedSoFar) => void;
};

/**
 * What one run came to. `seen` and `recorded` count customers once for every page that they are on; `failed`
 * those who could not be taken in.
 */
export type WalkedSoFar = Readonly<Tally>;

/** `at`: where the walk stands; null when it is done. `ended`: why the run went no further. */
export type Walked = WalkedSoFar & {
  readonly connection: string;
  readonly task: Task;
  readonly done: boolean;
  readonly at: AccountWalk['at'];
  /**
   * `done`: there was no more. `stopped`: `goOn` said so. `slow_down`: somebody asked to. `taken`: another
   * run walks.
   */
  readonly ended: 'done' | 'stopped' | 'slow_down' | 'taken';
};

type Tally = Record<'seen' | 'recorded' | 'failed', number>;

/** The lists of each task, in the order in which they are gone through. */
const LISTS: Readonly<Record<Task, readonly [AccountList, ...AccountList[]]>> = {
  look_ahead: ['subscriptions', 'due_invoices', 'overdue_invoices'],
  backfill: ['subscriptions', 'overdue_invoices', 'failed_invoices'],
};

/** Once a day, with room for a clock that ticks each hour. */
const LOOK_EVERY_MS = 20 * HOUR_MS;
/** A place so old may be gone at the provider: then the look begins anew rather than fail each hour. */
const STALE_MS = 7 * DAY_MS;
/** Of one or two customers of a page a store may not answer for a moment; of more it is the store. */
const MAX_UNANSWERED = 2;

/** One run over one walk. `walk` is as it was last written, `tally` what this run came to. */
type Run = {
  readonly deps: WalkDeps;
  readonly connection: string;
  readonly task: Task;
  readonly tally: Tally;
  walk: AccountWalk;
};

/**
 * Whether the clock is to look at a customer of a list of what may lie ahead; `facts` is what the list told of
 * them.
 */
export const needsLook =
  (isAhead: IsAhead) =>
  (known: Customer, facts: readonly Fact[], now: Instant): boolean =>
    known.facts.erasedAt === null && isAhead(mergeAll(NO_FACTS, facts), known, now);

/** Whether every invoice told has its ladder: the clock looks at it each day by itself. */
const isFollowed = ({ recovery }: Customer, facts: readonly Fact[]): boolean =>
  facts.every(
    (fact) =>
      fact.kind !== 'invoice' ||
      recovery.case?.ladders.some(({ invoiceId }) => invoiceId === fact.invoice.id),
  );

const takeIn = async (
  { deps, connection, task }: Run,
  list: AccountList,
  { customerId, facts }: AccountPage['customers'][number],
  now: Instant,
): Promise<boolean> => {
  const key = customerKey(connection, customerId);
  const stamp = { at: now, source: 'refresh' } as const;
  const told: Fact[] = [...facts];
  if (list === 'subscriptions' || list === 'due_invoices') {
    const look = needsLook(deps.isAhead);
    // Nothing lies ahead of most: they are not even read.
    if (!look(newCustomer(key), facts, now)) return false;
    if (!look(await deps.store.load(key, now), facts, now)) return false;
    told.push({ kind: 'ahead', ...stamp });
  } else if (task === 'look_ahead' && isFollowed(await deps.store.load(key, now), facts)) return false;
  // First, so that whoever reads the facts in order knows it before any failure; see the fact `imported`.
  if (task === 'backfill') told.unshift({ kind: 'imported', ...stamp });
  return (await recordFacts(deps, key, told, now)).kind === 'recorded';
};

/**
 * Takes a page in. A customer who cannot be taken in is counted and left to the next walk. Throws when the
 * store does not answer for several, or asks to slow down: the page is then walked again.
 */
const takeInPage = async (
  run: Run,
  list: AccountList,
  { customers }: AccountPage,
  now: Instant,
): Promise<Tally> => {
  const tally: Tally = { seen: 0, recorded: 0, failed: 0 };
  let unanswered = 0;
  for (const entry of customers) {
    tally.seen += 1;
    try {
      if (await takeIn(run, list, entry, now)) tally.recorded += 1;
    } catch (error) {
      if (error instanceof OutsideError && error.retry === 'later') {
        unanswered += 1;
        if (error.throttled || unanswered > MAX_UNANSWERED) throw error;
      }
      tally.failed += 1;
      const { connection, task } = run;
      const why = error instanceof Error ? error.message : 'unknown';
      run.deps.telemetry.count('walk_failed', { connection, task, customer: entry.customerId, why });
    }
  }
  return tally;
};

/** The place after a page: the next page, the next list, or null for the end. */
const placeAfter = (task: Task, list: AccountList, next: string | null): AccountWalk['at'] => {
  if (next !== null) return { list, after: next };
  const following = LISTS[task][LISTS[task].indexOf(list) + 1];
  return following === undefined ? null : { list: following, after: null };
};

const walkPage = async (
  run: Run,
  { list, after }: NonNullable<AccountWalk['at']>,
  now: Instant,
): Promise<void> => {
  const { deps, connection, task, walk } = run;
  const page = await deps.account.read(connection, list, after, now);
  const tally = await takeInPage(run, list, page, now);
  const at = placeAfter(task, list, page.next);
  const moved: AccountWalk = {
    ...walk,
    version: walk.version + 1,
    at,
    doneAt: at === null ? now : walk.doneAt,
    seen: walk.seen + tally.seen,
  };
  await deps.store.saveWalk(moved);
  run.walk = moved;
  for (const name of ['seen', 'recorded', 'failed'] as const) run.tally[name] += tally[name];
};

/** Whether a walk is to begin at its first list, and not to go on where it stands. */
const beginsAnew = ({ task, at, startedAt, doneAt }: AccountWalk, now: Instant, again: boolean): boolean => {
  if (again) return true;
  const olderThan = (since: Instant | null, ms: number): boolean =>
    since === null || toMs(now) - toMs(since) > ms;
  if (at !== null) return task === 'look_ahead' && olderThan(startedAt, STALE_MS);
  return task === 'look_ahead' ? olderThan(doneAt, LOOK_EVERY_MS) : doneAt === null;
};

/** Walks on until the end, or until `goOn` says no. */
const walkOn = async (
  run: Run,
  now: () => Instant,
  goOn: () => boolean,
  told: WalkOptions['told'],
): Promise<Walked['ended']> => {
  let isFirst = true;
  while (run.walk.at !== null) {
    if (!goOn()) return 'stopped';
    if (!isFirst) await run.deps.pause();
    isFirst = false;
    await walkPage(run, run.walk.at, now());
    told?.({ ...run.tally });
  }
  return 'done';
};

/**
 * Goes on with the walk of a task from where it stands, and writes its place down after every page.
 * `look_ahead` goes through the account about once a day and finds who is to be written to before something
 * comes, and invoices that were to be paid by now; `backfill` goes through it once and finds besides whose
 * payments had failed before us, so that they count as found and not as ours. `now` is asked for each page,
 * `goOn` before it.
 *
 * A customer who cannot be taken in is counted as `walk_failed` and stops nobody. Being asked to slow down
 * ends the run quietly, and so does another run over the same walk. Throws {@link OutsideError} when the
 * account or the store does not answer: the next run goes on from the same place.
 */
export const walkAccount = async (
  deps: WalkDeps,
  connection: string,
  task: Task,
  now: () => Instant,
  goOn: () => boolean,
  { again = false, told }: WalkOptions = {},
): Promise<Walked> => {
  const stored = await deps.store.loadWalk(connection, task);
  const start = now();
  const [list] = LISTS[task];
  const walk: AccountWalk = beginsAnew(stored, start, again)
    ? { ...stored, at: { list, after: null }, startedAt: start, seen: 0 }
    : stored;
  const run: Run = { deps, connection, task, walk, tally: { seen: 0, recorded: 0, failed: 0 } };
  const done = (ended: Walked['ended']): Walked => {
    const { at } = run.walk;
    return { connection, task, ...run.tally, done: at === null, at, ended };
  };
  try {
    return done(await walkOn(run, now, goOn, told));
  } catch (error) {
    if (error instanceof VersionConflictError) return done('taken');
    if (!(error instanceof OutsideError && error.throttled)) throw error;
    deps.telemetry.count('throttled', { connection, task, why: error.message });
    return done('slow_down');
  }
};
