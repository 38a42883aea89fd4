// Counts the cases of each month for a report: by the sums that are kept of them, or each case anew, and then keeps the sums.
import { DamagedItemError, OutsideError, VersionConflictError, type Store } from '../ports.ts';
import {
  addSums,
  countInto,
  emptyCounting,
  endOf,
  isSettled,
  keptUntil,
  type CaseRef,
  type Counting,
  type Kept,
  type MonthSums,
  type Rollup,
} from '../reports/rollup.ts';
import type { CaseSummary } from '../reports/outcome.ts';
import type { ReportCase } from '../reports/rows.ts';
import { startOfMonth, type Instant } from '../time.ts';
import { monthsBetween, readEach } from './read-cases.ts';

/** What cases are counted for, month by month of their opening. */
export type Count = {
  /** The first month (`2026-03`, UTC) whose cases it counts: those of every later one too, for a failure can be told late. */
  readonly first: string;
  /** Whether the kept sums of a month say all that is asked of its settled cases. */
  isEnough(sums: MonthSums): boolean;
  /** Counts the settled cases of a month by its sums. */
  addSums(sums: MonthSums): void;
  add(one: ReportCase): void;
};

/**
 * How a month was counted. `sums`: by what was kept of it. All else case by case; `kept`: and its sums are kept from now on.
 * They are not: `too_soon` after its beginning, or after it was marked stale; `too_large` for the store; `raced`: somebody changed the
 * month meanwhile; `unsure`: so it seems; `damaged`: what was kept could not be read and is forgotten; `unwritten`: the store
 * did not take them.
 */
export type How = 'sums' | Kept | 'too_soon' | 'raced' | 'unsure' | 'damaged' | 'unwritten';

/** What is kept of a month as far as it can be read. */
type LoadedRollup = { readonly rollup: Rollup; readonly isDamaged: boolean };

/** Loads what is kept of a month. What cannot be read is as good as not kept. Throws `OutsideError`. */
const loadRollup = async (store: Store, month: string): Promise<LoadedRollup> => {
  try {
    return { rollup: await store.loadRollup(month), isDamaged: false };
  } catch (error) {
    if (!(error instanceof DamagedItemError)) throw error;
    return { rollup: { month, version: 0, staleAt: null, sums: null }, isDamaged: true };
  }
};

/** A report is as right without sums that are kept, so whatever stands against keeping them is no failure of it. */
const unlessRefused = async <T>(work: Promise<T>): Promise<T | 'raced' | 'unwritten'> => {
  try {
    return await work;
  } catch (error) {
    if (error instanceof VersionConflictError) return 'raced';
    if (error instanceof OutsideError) return 'unwritten';
    throw error;
  }
};

const keep = (store: Store, rollup: Rollup, sums: MonthSums): Promise<How> =>
  unlessRefused(store.saveRollup({ ...rollup, version: rollup.version + 1, sums }));

/** What came of reading cases: what the settled ones of those to be kept come to, and which of them are open. */
type CountedCases = {
  readonly settled: Counting;
  readonly open: readonly CaseRef[];
  /** Whether each of those to be kept was there. */
  readonly isRead: boolean;
};

/** Reads cases and counts each, and those to be kept for themselves. */
const countEach = async (
  store: Store,
  refs: readonly CaseRef[],
  toKeep: ReadonlySet<CaseRef>,
  now: Instant,
  counts: readonly Count[],
): Promise<CountedCases> => {
  const settled = emptyCounting();
  const open: CaseRef[] = [];
  let isRead = true;
  for await (const { ref, one } of readEach(store, refs, now)) {
    if (one) for (const count of counts) count.add(one);
    if (!toKeep.has(ref)) continue;
    if (one === null) isRead = false;
    if (one && isSettled(one)) countInto(settled, one, now);
    else open.push({ key: ref.key, id: ref.id });
  }
  return { settled, open, isRead };
};

const namesOf = (refs: readonly CaseRef[]): string => refs.map(({ key, id }) => `${key} ${id}`).join('\n');

const before = (cases: readonly CaseSummary[], until: Instant): readonly CaseSummary[] =>
  cases.filter(({ openedAt }) => openedAt < until);

/**
 * Counts by sums, and reads what was open, and what was opened since. What has been settled since is added to them, so that it need
 * not be read again.
 */
const countBySums = async (
  store: Store,
  rollup: Rollup,
  sums: MonthSums,
  now: Instant,
  counts: readonly Count[],
): Promise<How> => {
  const { month } = rollup;
  for (const count of counts) count.addSums(sums);
  const list = async () => (sums.until < endOf(month) ? store.listCases(month, sums.until) : []);
  const rest = await list();
  const reach = keptUntil(rollup, now);
  const until = reach !== null && reach > sums.until ? reach : sums.until;
  const added = before(rest, until);
  const toKeep = new Set<CaseRef>([...sums.open, ...added]);
  const { settled, open, isRead } = await countEach(store, [...sums.open, ...rest], toKeep, now, counts);
  const isNews = until > sums.until || open.length < toKeep.size;
  if (!isNews || reach === null) return 'sums';
  const isWhole = until === sums.until || (isRead && namesOf(added) === namesOf(before(await list(), until)));
  if (isWhole) await keep(store, rollup, addSums(sums, settled, { until, open }));
  return 'sums';
};

/**
 * Counts every case of the month. It answers with the sums of those that were opened before `until`; null: none are to be kept, or
 * a case was seen to change meanwhile.
 */
const countCases = async (
  store: Store,
  month: string,
  now: Instant,
  counts: readonly Count[],
  until: Instant | null,
): Promise<MonthSums | null> => {
  const listed = await store.listCases(month);
  const reached = until === null ? [] : before(listed, until);
  const { settled, open, isRead } = await countEach(store, listed, new Set(reached), now, counts);
  if (until === null || !isRead) return null;
  // A case that is closed while the month is listed moves in the index, and can be passed by: then it is there now.
  const isWhole = namesOf(reached) === namesOf(before(await store.listCases(month), until));
  return isWhole ? { ...settled, until, open } : null;
};

/** Counts the cases that were opened in a month. */
const foldMonth = async (
  store: Store,
  { rollup, isDamaged }: LoadedRollup,
  now: Instant,
  counts: readonly Count[],
): Promise<How> => {
  const { month, sums: known } = rollup;
  if (known !== null && counts.every((count) => count.isEnough(known)))
    return countBySums(store, rollup, known, now, counts);
  const until = known === null && !isDamaged ? keptUntil(rollup, now) : null;
  const sums = await countCases(store, month, now, counts, until);
  if (isDamaged) {
    await unlessRefused(store.markStale(month, now));
    return 'damaged';
  }
  if (known !== null) return 'kept';
  if (until === null) return 'too_soon';
  return sums === null ? 'unsure' : keep(store, rollup, sums);
};

/** So many months are loaded at a time: a year with its look-back, and no ten years of sums in memory. */
const AT_ONCE = 32;

/** How each month was counted. */
export type CountedMonths = readonly { readonly month: string; readonly how: How }[];

/**
 * Counts, in one go, the cases of every month up to the one of `now`, for everything that asks for them. Throws `OutsideError`
 * when they cannot be read.
 */
export const foldMonths = async (
  store: Store,
  counts: readonly Count[],
  now: Instant,
): Promise<CountedMonths> => {
  const first = counts.map((count) => count.first).reduce((a, b) => (a < b ? a : b));
  const months = monthsBetween(startOfMonth(first), now);
  const counted: { month: string; how: How }[] = [];
  for (let i = 0; i < months.length; i += AT_ONCE) {
    const some = months.slice(i, i + AT_ONCE).map((month) => loadRollup(store, month));
    for (const loaded of await Promise.all(some)) {
      const { month } = loaded.rollup;
      const asked = counts.filter((count) => count.first <= month);
      counted.push({ month, how: await foldMonth(store, loaded, now, asked) });
    }
  }
  return counted;
};
