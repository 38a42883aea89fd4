// What an operator may do to a customer by hand. Each change says who made it and why, in the journal.
import type { CustomerKey } from '../ids.ts';
import { VersionConflictError, type Store } from '../ports.ts';
import { REMEMBER_DAYS } from '../recovery/close.ts';
import type { Customer } from '../recovery/customer.ts';
import { note } from '../recovery/journal.ts';
import { merge } from '../recovery/merge.ts';
import { addDays, earlier, later, type Instant } from '../time.ts';
import { MAX_CONFLICTS } from './record-facts.ts';

export type OperateDeps = {
  readonly store: Store;
  /** Waits a little, longer with every try, by chance: two writers must not meet again. */
  readonly backOff: (tries: number) => Promise<void>;
};

/** Who asks for a change and why. `ifVersion`: only if the customer is still as it was shown; null = in any case. */
export type Operator = {
  readonly who: string;
  readonly note: string;
  readonly ifVersion: number | null;
};

/** What became of an operator's wish: the customer's version now, or why nothing was changed. */
export type Operated =
  | { readonly kind: 'done'; readonly version: number }
  | { readonly kind: 'refused'; readonly why: string };

/** A change of a customer, or why there is none. */
type Change = (customer: Customer) => Customer | string;

/** Makes a change in one conditional write. The clock looks at the customer at once. */
const change = async (
  deps: OperateDeps,
  key: CustomerKey,
  by: Operator,
  now: Instant,
  make: Change,
): Promise<Operated> => {
  for (let tries = 1; tries <= MAX_CONFLICTS; tries += 1) {
    const customer = await deps.store.load(key, now);
    const { version } = customer;
    if (by.ifVersion !== null && by.ifVersion !== version) {
      const why = `${key} has changed meanwhile: it is at version ${version}, not ${by.ifVersion}; look at it again`;
      return { kind: 'refused', why };
    }
    const changed = make(customer);
    if (typeof changed === 'string') return { kind: 'refused', why: changed };
    try {
      await deps.store.save({ ...changed, version: version + 1 });
      return { kind: 'done', version: version + 1 };
    } catch (error) {
      if (!(error instanceof VersionConflictError)) throw error;
      await deps.backOff(tries);
    }
  }
  return {
    kind: 'refused',
    why: `${key}: other writers were first ${MAX_CONFLICTS} times in a row; try again`,
  };
};

/**
 * Forgets who a customer is, for good: no later event, refresh or backfill brings it back. Amounts stay. A customer we
 * do not know gets the same marker, so that a late event cannot bring the person in.
 */
export const erase = (deps: OperateDeps, key: CustomerKey, by: Operator, now: Instant): Promise<Operated> =>
  change(deps, key, by, now, (customer) => {
    const { facts, recovery } = customer;
    if (facts.erasedAt !== null) return `${key} was erased on ${facts.erasedAt.slice(0, 10)} already`;
    const kept = addDays(now, REMEMBER_DAYS);
    return {
      ...customer,
      facts: merge(facts, { kind: 'customer-erased', at: now, source: 'event' }),
      recovery: note(recovery, now, `erased by ${by.who}`, by.note),
      dueAt: recovery.case === null ? customer.dueAt : earlier(customer.dueAt, now),
      expiresAt: recovery.case === null ? later(customer.expiresAt, kept) : null,
    };
  });
