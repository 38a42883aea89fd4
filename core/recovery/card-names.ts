// How a card is told from another, as the networks know it.
import { hash32 } from '../ids.ts';
import type { Facts, Invoice } from './customer.ts';
import type { CardDetails } from './fact.ts';
import { own } from './merge.ts';
import { subscriptionOf } from './settle.ts';

/**
 * A card as the networks know it, by its number and its expiry: the network renews a card under the same payment method, so
 * the method's id does not tell. A hash of 32 bits, which says nothing of the person. null = it cannot be told from others.
 */
export const cardName = (card: CardDetails | null): string | null =>
  card?.fingerprint
    ? hash32(`${card.fingerprint} ${card.expMonth ?? '?'}/${card.expYear ?? '?'}`).toString(16)
    : null;

/** What an invoice would be charged with, its subscription's own choice first; null = none chosen. */
export const defaultsOf = (facts: Facts, invoice: Invoice): readonly (string | null)[] => [
  subscriptionOf(facts, invoice)?.value.defaultMethodId ?? null,
  facts.defaultMethod?.value ?? null,
];

/** The payment method that an invoice would be charged to now; null = not known. */
export const chargedByDefault = (facts: Facts, invoiceId: string): string | null => {
  const invoice = own(facts.invoices, invoiceId);
  return (invoice && defaultsOf(facts, invoice).find((id) => id !== null)) ?? null;
};

const nameOfMethod = (facts: Facts, methodId: string): string | null =>
  cardName(own(facts.cards, methodId)?.value ?? null);

/** The card that the invoice would be charged to now; null = not known. */
export const defaultCardName = (facts: Facts, invoice: Invoice): string | null => {
  const methodId = defaultsOf(facts, invoice).find((id) => id !== null);
  return methodId ? nameOfMethod(facts, methodId) : null;
};

/** The card that would be charged now, when the invoice was tried with others only: it was chosen, or renewed, since. */
const chosenSince = (facts: Facts, invoice: Invoice | null): string | null => {
  const name = invoice && defaultCardName(facts, invoice);
  if (name === null) return null;
  const tried = Object.values(facts.attempts)
    .filter(({ invoiceId }) => invoiceId === invoice?.id)
    .map(({ card }) => cardName(card));
  return tried.length > 0 && tried.every((one) => one !== null && one !== name) ? name : null;
};

/**
 * The names of the cards on file when a ladder opens: only what comes later is new. What was chosen between the failure and
 * our look is left out, for it is new too.
 */
export const cardsOnFile = (facts: Facts, invoiceId: string): readonly string[] => {
  const chosen = chosenSince(facts, own(facts.invoices, invoiceId));
  return Object.keys(facts.methods)
    .flatMap((id) => nameOfMethod(facts, id) ?? [])
    .filter((name) => name !== chosen)
    .sort();
};
