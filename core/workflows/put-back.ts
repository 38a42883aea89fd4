// What was set aside for a person goes back to the clock: due now, its trouble counted anew, and who did it written down.
import { isConnection, isProviderId, type CustomerKey } from '../ids.ts';
import { DamagedItemError, VersionConflictError, type Store, type StuckEntry } from '../ports.ts';
import { isKnown, type Customer, type Unrouted } from '../recovery/customer.ts';
import { note as journalled } from '../recovery/journal.ts';
import { withReceived } from '../recovery/requests.ts';
import { addDays, later, type Instant } from '../time.ts';
import { UNVISITED_DAYS } from './record-facts.ts';

/** Who puts back, and why: it stands in the customer's journal. */
export type PutBackBy = { readonly who: string; readonly note: string };

/**
 * What became of one wish. `unknown`: nothing of that id is stored. `not-stuck`: it was not set aside. `damaged`: it
 * cannot be read, so it cannot be put back. `conflict`: somebody else wrote it meanwhile. Only `put-back` changed anything.
 */
export type PutBack =
  | { readonly kind: 'put-back'; readonly id: string; readonly what: StuckEntry['kind'] }
  | { readonly kind: 'unknown' | 'not-stuck' | 'conflict'; readonly id: string }
  | { readonly kind: 'damaged'; readonly id: string; readonly why: string };

/** The id by which an entry is put back: a customer's key, or the id of a fact that names no customer. */
export const stuckId = (entry: StuckEntry): string => (entry.kind === 'customer' ? entry.key : entry.id);

/**
 * A customer back on the clock. `pending` stays: what may still be armed there (an item that was put right from a
 * backup) is settled by the next visit by the rules of every visit that died, and never simply done again.
 */
const customerBack = (customer: Customer, { who, note }: PutBackBy, now: Instant): Customer => ({
  ...withReceived(customer),
  version: customer.version + 1,
  dueAt: now,
  trouble: null,
  setAsideAt: null,
  recovery: journalled(customer.recovery, now, `put back by ${who}`, note),
  // What was set aside did not expire; the visit is to find it.
  expiresAt: customer.expiresAt && later(customer.expiresAt, addDays(now, UNVISITED_DAYS)),
});

const unroutedBack = (unrouted: Unrouted, now: Instant): Unrouted => ({
  ...unrouted,
  version: unrouted.version + 1,
  dueAt: now,
  tries: 0,
  setAsideAt: null,
  setAsideWhy: null,
});

/** Writes once: of a lost race a person is told, who then looks again. */
const write = async (work: Promise<void>, what: StuckEntry['kind'], id: string): Promise<PutBack> => {
  try {
    await work;
    return { kind: 'put-back', id, what };
  } catch (error) {
    if (error instanceof VersionConflictError) return { kind: 'conflict', id };
    throw error;
  }
};

/** What may stand after the connection: a customer's id, or what a fact is told by, which is longer. */
const NAME = /^[!-~]{1,512}$/;

const putBackUnchecked = async (store: Store, id: string, by: PutBackBy, now: Instant): Promise<PutBack> => {
  const slash = id.indexOf('/');
  const name = id.slice(slash + 1);
  if (!isConnection(id.slice(0, Math.max(0, slash))) || !NAME.test(name)) return { kind: 'unknown', id };
  const customer = isProviderId(name) ? await store.load(id as CustomerKey, now) : null;
  if (customer !== null && customer.setAsideAt !== null) {
    return write(store.save(customerBack(customer, by, now)), 'customer', id);
  }
  const unrouted = await store.loadUnrouted(id);
  if (unrouted !== null && unrouted.setAsideWhy !== null) {
    return write(store.saveUnrouted(unroutedBack(unrouted, now)), 'unrouted', id);
  }
  const isThere = unrouted !== null || (customer !== null && isKnown(customer));
  return { kind: isThere ? 'not-stuck' : 'unknown', id };
};

/**
 * Puts one customer or one fact that names no customer back: one conditional write, which is not repeated. Throws
 * {@link OutsideError} when the store does not answer.
 */
export const putBack = async (store: Store, id: string, by: PutBackBy, now: Instant): Promise<PutBack> => {
  try {
    return await putBackUnchecked(store, id, by, now);
  } catch (error) {
    if (error instanceof DamagedItemError) return { kind: 'damaged', id, why: error.message };
    throw error;
  }
};

/** Puts back what is set aside, the longest first, at most `limit`. One that cannot be put back holds up no other. */
export const putAllBack = async (
  store: Store,
  by: PutBackBy,
  now: Instant,
  limit: number,
): Promise<PutBack[]> => {
  const done: PutBack[] = [];
  for (const entry of await store.listStuck(limit)) {
    done.push(await putBack(store, stuckId(entry), by, now));
  }
  return done;
};
