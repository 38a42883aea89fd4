// How a card is told from another, as the networks know it.
import { hash32 } from '../ids.ts';
import type { Facts } from './customer.ts';
import type { CardDetails } from './fact.ts';
import { own } from './merge.ts';

/**
 * A card as the networks know it, by its number and its expiry: the network renews a card under the same payment method, so
 * the method's id does not tell. A hash of 32 bits, which says nothing of the person. null = it cannot be told from others.
 */
export const cardName = (card: CardDetails | null): string | null =>
  card?.fingerprint
    ? hash32(`${card.fingerprint} ${card.expMonth ?? '?'}/${card.expYear ?? '?'}`).toString(16)
    : null;

/** The names of all cards on file, kept when a ladder opens: only what comes later is new. */
export const cardNames = (facts: Facts): readonly string[] =>
  Object.keys(facts.methods)
    .flatMap((id) => cardName(own(facts.cards, id)?.value ?? null) ?? [])
    .sort();
