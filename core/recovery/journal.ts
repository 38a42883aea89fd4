// The journal: what happened to a case and why, in words, with a bound.
import type { JournalEntry, Recovery } from './customer.ts';
import type { Instant } from '../time.ts';

/** The entries a customer's item holds at most; older ones move to pages of their own. */
export const MAX_JOURNAL = 200;
const PAGE = 100;

/** Adds a line. The same line again only raises the count of the last one. */
export const note = (recovery: Recovery, at: Instant, what: string, why: string): Recovery => {
  const last = recovery.journal.at(-1);
  const entry: JournalEntry =
    last && last.what === what && last.why === why
      ? { ...last, count: last.count + 1 }
      : { at, what, why, count: 1 };
  const before = entry.count > 1 ? recovery.journal.slice(0, -1) : recovery.journal;
  return { ...recovery, journal: [...before, entry] };
};

/** Cuts the oldest page off a journal that has grown too long; null when it has not. */
export const overflow = (
  recovery: Recovery,
): { readonly recovery: Recovery; readonly page: number; readonly entries: readonly JournalEntry[] } | null =>
  recovery.journal.length <= MAX_JOURNAL
    ? null
    : {
        recovery: {
          ...recovery,
          journal: recovery.journal.slice(PAGE),
          journalPages: recovery.journalPages + 1,
        },
        page: recovery.journalPages,
        entries: recovery.journal.slice(0, PAGE),
      };
