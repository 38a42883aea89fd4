// Counts the cases of each month for a report: by the sums that are kept of them, or each case anew, and then keeps the sums.
import { DamagedItemError, OutsideError, VersionConflictError, type Store } from '../ports.ts';
import {
  addSums,
  countInto,
  emptyCounting,
  isSettled,
  mayKeep,
  type CaseRef,
  type Kept,
  type MonthSums,
  type Rollup,
} from '../reports/rollup.ts';
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
 * They are not: `too_soon` after its end, or after it was marked stale; `too_large` for the store; `raced`: somebody changed the
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

/** Counts by sums, and reads what was open. What has been settled since is added to them, so that it need not be read again. */
const countBySums = async (
  store: Store,
  rollup: Rollup,
  sums: MonthSums,
  now: Instant,
  counts: readonly Count[],
): Promise<How> => {
  for (const count of counts) count.addSums(sums);
  const settled = emptyCounting();
  const open: CaseRef[] = [];
  for await (const { ref, one } of readEach(store, sums.open, now)) {
    if (one) for (const count of counts) count.add(one);
    if (one && isSettled(one)) countInto(settled, one, now);
    else open.push(ref);
  }
  const isNews = open.length < sums.open.length;
  if (isNews && mayKeep(rollup, now)) await keep(store, rollup, addSums(sums, settled, open));
  return 'sums';
};

const namesOf = (refs: readonly CaseRef[]): string => refs.map(({ key, id }) => `${key} ${id}`).join('\n');

/**
 * Counts every case of the month. With `keeps` it answers with the month's sums; null: it was not asked for them, or a case was
 * seen to change meanwhile.
 */
const countCases = async (
  store: Store,
  month: string,
  now: Instant,
  counts: readonly Count[],
  keeps: boolean,
): Promise<MonthSums | null> => {
  const settled = emptyCounting();
  const open: CaseRef[] = [];
  const listed = await store.listCases(month);
  let isRead = true;
  for await (const { ref, one } of readEach(store, listed, now)) {
    if (one === null) isRead = false;
    else for (const count of counts) count.add(one);
    if (!keeps || one === null) continue;
    if (isSettled(one)) countInto(settled, one, now);
    else open.push({ key: ref.key, id: ref.id });
  }
  if (!keeps || !isRead) return null;
  // A case that is closed while the month is listed moves in the index, and can be passed by: then it is there now.
  const isWhole = namesOf(listed) === namesOf(await store.listCases(month));
  return isWhole ? { ...settled, open } : null;
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
  const keeps = known === null && !isDamaged && mayKeep(rollup, now);
  const sums = await countCases(store, month, now, counts, keeps);
  if (isDamaged) {
    await unlessRefused(store.markStale(month, now));
    return 'damaged';
  }
  if (known !== null) return 'kept';
  if (!keeps) return 'too_soon';
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
