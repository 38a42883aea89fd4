// Puts what a decision left to write beside the customer's item, and marks the months stale whose sums it changes.
import { DamagedItemError, type Store } from '../ports.ts';
import type { Adjustment, Customer } from '../recovery/customer.ts';
import { isWatched } from '../reports/rollup.ts';
import { monthOf, type Instant } from '../time.ts';

/** When the case of an adjustment was opened; null when there is no such case that could be read. */
const openingOf = async (store: Store, { key, caseId }: Adjustment): Promise<Instant | null> => {
  try {
    const closed = await store.loadClosedCase(key, caseId);
    return closed && closed.openedAt;
  } catch (error) {
    // No report can read it either: nobody is kept from paying by that.
    if (error instanceof DamagedItemError) return null;
    throw error;
  }
};

/**
 * Marks the months stale in which cases were opened that adjustments amend. Before they are put: of a crash in between
 * comes a fold too many, and nothing that is folded within the hour is kept, so the adjustments are in what is.
 */
const markAmended = async (store: Store, adjustments: readonly Adjustment[], now: Instant): Promise<void> => {
  const openings = await Promise.all(adjustments.map((adjustment) => openingOf(store, adjustment)));
  const months = openings.flatMap((openedAt) =>
    openedAt !== null && isWatched(openedAt, now) ? [monthOf(openedAt)] : [],
  );
  for (const month of new Set(months)) await store.markStale(month, now);
};

/**
 * Marks the month stale that the case of a decision is about to be opened in, when it is one of a while ago: what failed then was
 * found late. That a case is closed marks nothing: sums name the cases that were open, and whoever adds sums up reads these.
 */
export const markOpened = async (
  store: Store,
  { recovery, outbox }: Customer,
  now: Instant,
): Promise<void> => {
  const found = recovery.case ?? outbox?.closed ?? null;
  if (found && isWatched(found.openedAt, now)) await store.markStale(monthOf(found.openedAt), now);
};

/** Puts what a decision left in the outbox; every part under its own id, so doing it again does no harm. */
export const publish = async (store: Store, { key, outbox }: Customer, now: Instant): Promise<void> => {
  if (outbox === null) return;
  const { closed, adjustments, journal } = outbox;
  // First, so that the case of an adjustment is there to be found.
  if (closed) await store.closeCase(closed);
  if (adjustments.length > 0) await markAmended(store, adjustments, now);
  for (const adjustment of adjustments) await store.putAdjustment(adjustment);
  if (journal) await store.putJournalPage(key, journal.page, journal.entries);
};
