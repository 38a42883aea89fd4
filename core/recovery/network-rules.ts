// How often a card may be tried, by the networks' rules and our own stricter ones. A hard stop for every retry of ours.
import { addMs, DAY_MS, HOUR_MS, type Instant } from '../time.ts';
import { newestOf } from './attempts.ts';
import type { Facts } from './customer.ts';
import type { DeclineReading } from './decline.ts';
import type { Attempt, CardDetails } from './fact.ts';
import { isBankDebit } from './failure-kind.ts';

// Visa allows 20 reattempts in 30 days for one card, merchant and amount (15 until May 2025; Core Rules, April 2026);
// Mastercard charges from the 35th decline in 30 days and the 10th in a day. Stripe advises at most 8 in all.
// Ours stay below all of them, and count the provider's own tries too.
export const MAX_ATTEMPTS_PER_INVOICE = 8;
export const MAX_ATTEMPTS_PER_CARD = 15;
/** Of a code that nobody knows: the first try and two more. */
export const MAX_ATTEMPTS_OF_UNKNOWN = 3;
/**
 * A bank debit that bounced costs both sides a fee, and its account fills no faster than days: the first try and one more.
 * (Nacha's rules would allow a second one more, within 180 days.)
 */
export const MAX_ATTEMPTS_OF_DEBIT = 2;
export const DEBIT_SPACING_DAYS = 3;
export const CARD_WINDOW_MS = 30 * DAY_MS;
const SPACING_MS: Readonly<Record<'days' | 'hours', number>> = { days: 24 * HOUR_MS, hours: HOUR_MS };

/** Whether a retry may run now, and if not, why and when it is worth asking again (null = not with this card). */
export type RetryVerdict =
  | { readonly allowed: true; readonly left: number }
  | { readonly allowed: false; readonly why: string; readonly notBefore: Instant | null };

const mostTries = (reading: DeclineReading, isDebit: boolean): number => {
  if (isDebit) return MAX_ATTEMPTS_OF_DEBIT;
  return reading.class === 'unknown' ? MAX_ATTEMPTS_OF_UNKNOWN : MAX_ATTEMPTS_PER_INVOICE;
};

/** Why a card may not be tried for now, by the tries of it in 30 days; null when it may. An unknown card counts as every card. */
const cardUsedUp = (
  sent: readonly Attempt[],
  fingerprint: string | null,
  now: Instant,
): Extract<RetryVerdict, { allowed: false }> | null => {
  const windowStart = addMs(now, -CARD_WINDOW_MS);
  const ofCard = sent.filter(
    (attempt) =>
      attempt.at > windowStart &&
      (fingerprint === null || !attempt.card?.fingerprint || attempt.card.fingerprint === fingerprint),
  );
  if (ofCard.length < MAX_ATTEMPTS_PER_CARD) return null;
  const oldest = ofCard.map((attempt) => attempt.at).sort()[ofCard.length - MAX_ATTEMPTS_PER_CARD] as Instant;
  return {
    allowed: false,
    why: `${ofCard.length} of ${MAX_ATTEMPTS_PER_CARD} tries of this card in 30 days used`,
    notBefore: addMs(oldest, CARD_WINDOW_MS),
  };
};

/**
 * Checks the first try of an invoice with a method that it has not been tried with: what the bank said of another card
 * does not count, how often the invoice was tried at all does.
 */
export const mayTryMethod = (
  facts: Facts,
  invoiceId: string,
  card: CardDetails | null,
  countedByProvider: number,
  now: Instant,
): RetryVerdict => {
  const sent = Object.values(facts.attempts).filter((attempt) => attempt.sentToNetwork !== false);
  const used = Math.max(sent.filter((attempt) => attempt.invoiceId === invoiceId).length, countedByProvider);
  if (used >= MAX_ATTEMPTS_PER_INVOICE) {
    const why = `${used} of ${MAX_ATTEMPTS_PER_INVOICE} tries of this invoice used`;
    return { allowed: false, why, notBefore: null };
  }
  const usedUp = cardUsedUp(sent, card?.fingerprint ?? null, now);
  return usedUp ?? { allowed: true, left: MAX_ATTEMPTS_PER_INVOICE - used };
};

/**
 * Checks a retry of one invoice against every limit. Attempts without a card fingerprint count against every card, and
 * every attempt counts when this invoice's own card is unknown: unknown history is counted as used.
 * `countedByProvider` is the provider's own count of its tries.
 */
export const mayRetry = (
  facts: Facts,
  invoiceId: string,
  reading: DeclineReading,
  countedByProvider: number,
  now: Instant,
): RetryVerdict => {
  if (reading.retry === 'never' || reading.retry === 'after_customer') {
    return { allowed: false, why: `${reading.because}: not again without the customer`, notBefore: null };
  }
  const sent = Object.values(facts.attempts).filter((attempt) => attempt.sentToNetwork !== false);
  const ofInvoice = sent.filter((attempt) => attempt.invoiceId === invoiceId);
  const used = Math.max(ofInvoice.length, countedByProvider);
  const newest = newestOf(ofInvoice);
  // Once a bank account has been debited for it, its slower rules hold, whatever was tried since.
  const isDebit = ofInvoice.some(({ methodType }) => isBankDebit(methodType));
  const most = mostTries(reading, isDebit);
  if (used >= most) {
    return { allowed: false, why: `${used} of ${most} tries of this invoice used`, notBefore: null };
  }
  const usedUp = isDebit ? null : cardUsedUp(sent, newest?.card?.fingerprint ?? null, now);
  if (usedUp !== null) return usedUp;
  const advised = reading.waitHours ? reading.waitHours * HOUR_MS : SPACING_MS[reading.retry];
  const spacing = isDebit ? Math.max(advised, DEBIT_SPACING_DAYS * DAY_MS) : advised;
  const notBefore = newest ? addMs(newest.at, spacing) : now;
  if (notBefore > now) return { allowed: false, why: 'too soon after the last try', notBefore };
  return { allowed: true, left: most - used };
};
