// How much of the limits of tries some customers have used: what network-rules.ts checks before each retry of ours.
import { addMs, type Instant } from '../time.ts';
import type { Customer } from './customer.ts';
import type { Attempt } from './fact.ts';
import { invoiceOf, outcomeIn } from './ladders.ts';
import { CARD_WINDOW_MS, MAX_ATTEMPTS_PER_CARD, MAX_ATTEMPTS_PER_INVOICE } from './network-rules.ts';

/** Of so many, how many have no try left, and the most tries of one. */
type Used = { readonly of: number; readonly usedUp: number; readonly most: number };

/** Open invoices, and cards that were tried for any invoice within the window of the networks. */
export type TriesUsed = { readonly invoices: Used; readonly cards: Used };

const usedOf = (tries: readonly number[], limit: number): Used => ({
  of: tries.length,
  usedUp: tries.filter((n) => n >= limit).length,
  most: Math.max(0, ...tries),
});

const sentIn = ({ facts }: Customer): readonly Attempt[] =>
  Object.values(facts.attempts).filter((attempt) => attempt.sentToNetwork !== false);

/** Of each open invoice: what we know of, or what the provider counts, if that is more. */
const ofInvoices = (customer: Customer): readonly number[] => {
  const open = customer.recovery.case;
  if (open === null) return [];
  return open.ladders
    .filter((ladder) => outcomeIn(open, ladder) === 'open')
    .flatMap((ladder) => {
      const invoice = invoiceOf(customer.facts, ladder);
      if (invoice === null) return [];
      const sent = sentIn(customer).filter(({ invoiceId }) => invoiceId === invoice.id);
      return [Math.max(sent.length, invoice.schedule.value.attemptCount)];
    });
};

/** Of each card that says which it is. */
const ofCards = (customer: Customer, now: Instant): readonly number[] => {
  const since = addMs(now, -CARD_WINDOW_MS);
  const counts = new Map<string, number>();
  for (const { at, card } of sentIn(customer)) {
    const fingerprint = card?.fingerprint ?? null;
    if (at > since && fingerprint !== null) counts.set(fingerprint, (counts.get(fingerprint) ?? 0) + 1);
  }
  return [...counts.values()];
};

/** What some customers have used by now. */
export const triesUsed = (customers: readonly Customer[], now: Instant): TriesUsed => ({
  invoices: usedOf(customers.flatMap(ofInvoices), MAX_ATTEMPTS_PER_INVOICE),
  cards: usedOf(
    customers.flatMap((customer) => ofCards(customer, now)),
    MAX_ATTEMPTS_PER_CARD,
  ),
});
