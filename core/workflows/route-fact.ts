// A fact that names no customer: ask the provider whose it is, record it there, let go of it.
import { customerKey } from '../ids.ts';
import { VersionConflictError } from '../ports.ts';
import { addMs, HOUR_MS, MINUTE_MS } from '../time.ts';
import { recordFacts } from './record-facts.ts';
import type { VisitDeps } from './visit-customer.ts';

/** The waits between tries; after the last the fact is set aside for a person. About three days in all. */
const WAITS_MS = [1, 5, 30, 120, 360, 720, 1440, 1440].map((minutes) => minutes * MINUTE_MS);
const LEASE_MS = HOUR_MS;

/** Resolves one unrouted fact. Throws {@link OutsideError} when the provider or the store does not answer. */
export const routeFact = async (deps: VisitDeps, id: string): Promise<void> => {
  const now = deps.now();
  const found = await deps.store.loadUnrouted(id);
  if (found === null || found.dueAt === null || found.dueAt > now) return;
  const wait = WAITS_MS[found.tries];
  // The next try is written down before this one is made: a fact that breaks us is not tried for ever.
  const claimed = {
    ...found,
    version: found.version + 1,
    tries: found.tries + 1,
    dueAt: addMs(now, wait ?? LEASE_MS),
  };
  try {
    await deps.store.saveUnrouted(claimed);
  } catch (error) {
    if (error instanceof VersionConflictError) return deps.telemetry.count('claim_lost');
    throw error;
  }
  const customerId = await deps.provider.resolve(found.connection, found.reference);
  if (customerId !== null) {
    const recorded = await recordFacts(deps, customerKey(found.connection, customerId), [found.fact], now);
    deps.routed?.(id, recorded);
    return deps.store.deleteUnrouted(id);
  }
  if (wait !== undefined) return;
  const why = `no customer found for ${found.reference.kind} ${found.reference.id} after ${claimed.tries} tries`;
  await deps.store.saveUnrouted({
    ...claimed,
    version: claimed.version + 1,
    dueAt: null,
    setAsideAt: now,
    setAsideWhy: why,
  });
  deps.telemetry.count('unrouted_set_aside', { id });
};
