// Counts the cases of one month for a report: by the sums that are kept of them, or each case anew, and then keeps the sums.
import { DamagedItemError, OutsideError, VersionConflictError, type Store } from '../ports.ts';
import {
  addSums,
  countInto,
  emptyCounting,
  isSettled,
  mayKeep,
  type CaseRef,
  type Counting,
  type Kept,
  type MonthSums,
  type Rollup,
} from '../reports/rollup.ts';
import type { ReportCase } from '../reports/rows.ts';
import type { Instant } from '../time.ts';
import { readEach } from './read-cases.ts';

/** What a month's cases are counted for. */
export type Count = {
  add(one: ReportCase): void;
  addSums(sums: Counting): void;
  /** Takes a case that is in sums which are added, for what sums do not tell. */
  collect(one: ReportCase): void;
  /** Whether the kept sums of a month say all that is asked of its settled cases. */
  isEnough(sums: MonthSums): boolean;
};

/**
 * How a month was counted. `sums`: by what was kept of it. All else case by case; `kept`: and its sums are kept from now on.
 * They are not: `too_soon` after its end, or after it was marked stale; `too_large` for the store; `raced`: somebody changed the
 * month meanwhile; `unsure`: so it seems; `damaged`: what was kept could not be read and is forgotten; `unwritten`: the store
 * did not take them.
 */
export type How = 'sums' | Kept | 'too_soon' | 'raced' | 'unsure' | 'damaged' | 'unwritten';

/** What is kept of a month as far as it can be read. */
export type LoadedRollup = { readonly rollup: Rollup; readonly isDamaged: boolean };

/** Loads what is kept of a month. What cannot be read is as good as not kept. Throws `OutsideError`. */
export const loadRollup = async (store: Store, month: string): Promise<LoadedRollup> => {
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

/** What has been settled since the sums were folded is added to them, so that it need not be read again. */
const countBySums = async (
  store: Store,
  rollup: Rollup,
  sums: MonthSums,
  now: Instant,
  count: Count,
): Promise<How> => {
  count.addSums(sums);
  const settled = emptyCounting();
  const open: CaseRef[] = [];
  for await (const { ref, one } of readEach(store, sums.open, now)) {
    if (one) count.add(one);
    if (one && isSettled(one)) countInto(settled, one, now);
    else open.push(ref);
  }
  const isNews = open.length < sums.open.length;
  if (isNews && mayKeep(rollup, now)) await keep(store, rollup, addSums(sums, settled, open));
  return 'sums';
};

const namesOf = (refs: readonly CaseRef[]): string => refs.map(({ key, id }) => `${key} ${id}`).join('\n');

/** Counts every case of the month, and answers with its sums; `isWhole`: no case was seen to change meanwhile. */
const countCases = async (
  store: Store,
  month: string,
  now: Instant,
  count: Count,
): Promise<{ sums: MonthSums; isWhole: () => Promise<boolean> }> => {
  const settled = emptyCounting();
  const open: CaseRef[] = [];
  const listed = await store.listCases(month);
  let isRead = true;
  for await (const { ref, one } of readEach(store, listed, now)) {
    if (one === null) isRead = false;
    else if (isSettled(one)) {
      countInto(settled, one, now);
      count.collect(one);
    } else {
      open.push({ key: ref.key, id: ref.id });
      count.add(one);
    }
  }
  count.addSums(settled);
  return {
    sums: { ...settled, open },
    // A case that is closed while the month is listed moves in the index, and can be passed by: then it is there now.
    isWhole: async () => isRead && namesOf(listed) === namesOf(await store.listCases(month)),
  };
};

/** Counts the cases that were opened in a month. Throws `OutsideError` when they cannot be read. */
export const foldMonth = async (
  store: Store,
  { rollup, isDamaged }: LoadedRollup,
  now: Instant,
  count: Count,
): Promise<How> => {
  const { month, sums: known } = rollup;
  if (known !== null && count.isEnough(known)) return countBySums(store, rollup, known, now, count);
  const { sums, isWhole } = await countCases(store, month, now, count);
  if (isDamaged) {
    await unlessRefused(store.markStale(month, now));
    return 'damaged';
  }
  if (known !== null) return 'kept';
  if (!mayKeep(rollup, now)) return 'too_soon';
  return (await isWhole()) ? keep(store, rollup, sums) : 'unsure';
};
