// How often a card may be tried, by the networks' rules and our own stricter ones. A hard stop for every retry of ours.
import { addMs, DAY_MS, HOUR_MS, type Instant } from '../time.ts';
import type { Facts } from './customer.ts';
import type { DeclineReading } from './decline.ts';

// Visa allows 20 reattempts in 30 days for one card, merchant and amount (15 until May 2025; Core Rules, April 2026);
// Mastercard charges from the 35th decline in 30 days and the 10th in a day. Stripe advises at most 8 in all.
// Ours stay below all of them, and count the provider's own tries too.
export const MAX_ATTEMPTS_PER_INVOICE = 8;
export const MAX_ATTEMPTS_PER_CARD = 15;
/** Of a code that nobody knows: the first try and two more. */
export const MAX_ATTEMPTS_OF_UNKNOWN = 3;
export const CARD_WINDOW_MS = 30 * DAY_MS;
const SPACING_MS: Readonly<Record<'days' | 'hours', number>> = { days: 24 * HOUR_MS, hours: HOUR_MS };

/** Whether a retry may run now, and if not, why and when it is worth asking again (null = not with this card). */
export type RetryVerdict =
  | { readonly allowed: true; readonly left: number }
  | { readonly allowed: false; readonly why: string; readonly notBefore: Instant | null };

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
  const most = reading.class === 'unknown' ? MAX_ATTEMPTS_OF_UNKNOWN : MAX_ATTEMPTS_PER_INVOICE;
  if (used >= most) {
    return { allowed: false, why: `${used} of ${most} tries of this invoice used`, notBefore: null };
  }
  const newest = ofInvoice.reduce<(typeof sent)[number] | null>(
    (a, b) => (a && (a.at > b.at || (a.at === b.at && a.id > b.id)) ? a : b),
    null,
  );
  const fingerprint = newest?.card?.fingerprint ?? null;
  const windowStart = addMs(now, -CARD_WINDOW_MS);
  const ofCard = sent.filter(
    (attempt) =>
      attempt.at > windowStart &&
      (fingerprint === null || !attempt.card?.fingerprint || attempt.card.fingerprint === fingerprint),
  );
  if (ofCard.length >= MAX_ATTEMPTS_PER_CARD) {
    const oldest = ofCard.map((attempt) => attempt.at).sort()[
      ofCard.length - MAX_ATTEMPTS_PER_CARD
    ] as Instant;
    return {
      allowed: false,
      why: `${ofCard.length} of ${MAX_ATTEMPTS_PER_CARD} tries of this card in 30 days used`,
      notBefore: addMs(oldest, CARD_WINDOW_MS),
    };
  }
  const spacing = reading.waitHours ? reading.waitHours * HOUR_MS : SPACING_MS[reading.retry];
  const notBefore = newest ? addMs(newest.at, spacing) : now;
  if (notBefore > now) return { allowed: false, why: 'too soon after the last try', notBefore };
  return { allowed: true, left: most - used };
};
