// What a webhook does with an event that has been translated: record it, keep it for the clock, or say why not.
import { customerKey } from '../ids.ts';
import { VersionConflictError } from '../ports.ts';
import type { Unrouted } from '../recovery/customer.ts';
import type { Fact, Reference } from '../recovery/fact.ts';
import type { Instant } from '../time.ts';
import { recordFacts, type RecordDeps, type Recorded } from './record-facts.ts';

/** An event in our words: facts about a customer, or a fact that names none. */
export type Told =
  | { readonly kind: 'facts'; readonly customerId: string; readonly facts: readonly Fact[] }
  | { readonly kind: 'unrouted'; readonly id: string; readonly reference: Reference; readonly fact: Fact };

/** `kept`: it names no customer; the clock asks the provider whose it is. */
export type Received = Recorded | { readonly kind: 'kept' };

/** Takes one event in with at most one write. Throws {@link OutsideError} when it should be delivered again. */
export const receiveEvent = async (
  deps: RecordDeps,
  connection: string,
  told: Told,
  now: Instant,
): Promise<Received> => {
  if (told.kind === 'facts')
    return recordFacts(deps, customerKey(connection, told.customerId), told.facts, now);
  const unrouted: Unrouted = {
    id: `${connection}/${told.id}`,
    connection,
    version: 1,
    dueAt: now,
    tries: 0,
    reference: told.reference,
    fact: told.fact,
    receivedAt: now,
    setAsideAt: null,
    setAsideWhy: null,
  };
  try {
    await deps.store.saveUnrouted(unrouted);
    return { kind: 'kept' };
  } catch (error) {
    // The same event again, while the first still waits.
    if (error instanceof VersionConflictError) return { kind: 'unchanged' };
    throw error;
  }
};
