// Closed cases by number: some thousand kinds of them, as a year of a business has, each the same every time.
import { customerKey } from '../core/ids.ts';
import type { CaseRecord, FailureRecord, InvoiceBook, Outcome } from '../core/recovery/customer.ts';
import { addMs, DAY_MS, HOUR_MS, type Instant } from '../core/time.ts';

/** The entry of a list for a number, as if drawn. */
const drawn = <T>(list: readonly [T, ...T[]], n: number, salt: number): T =>
  list[((Math.imul(n + 1, 2_654_435_761) ^ Math.imul(salt, 40_503)) >>> 7) % list.length] ?? list[0];

const PLANS = Array.from({ length: 40 }, (_, i) => `price_${i}`) as [string, ...string[]];
const OUTCOMES = ['recovered', 'recovered', 'recovered', 'lost', 'withdrawn'] as const;
const REASONS = [
  'insufficient_funds',
  'do_not_honor',
  'expired_card',
  'lost_card',
  'try_again_later',
] as const;
const CLASSES = ['soft_funds', 'soft_bank', 'hard_card', 'unknown'] as const;
const COUNTRIES = ['DE', 'AT', 'FR', 'ES', 'US', 'JP', 'TW', 'BR'] as const;
const MAILS = ['payment-failed', 'reminder', 'final-notice'] as const;

const bookOf = (n: number, subjectId: string, outcome: Exclude<Outcome, 'open'>): InvoiceBook => {
  const failedMinor = 900 + (n % 90) * 100;
  const of = (word: Outcome) => (word === outcome ? failedMinor : 0);
  return {
    subjectId,
    invoiceId: subjectId,
    currency: drawn(['EUR', 'USD', 'JPY'], n, 1),
    outcome,
    failedMinor,
    recoveredMinor: of('recovered'),
    withdrawnMinor: of('withdrawn'),
    lostMinor: of('lost'),
    openMinor: 0,
    why: outcome === 'lost' ? drawn(['the provider gave up', 'the campaign ended'], n, 2) : 'paid',
    cohort: n % 20 === 0 ? 'imported' : 'live',
  };
};

const failureOf = (n: number, { subjectId, outcome }: InvoiceBook, failedAt: Instant): FailureRecord => {
  const message = drawn(MAILS, n, 3);
  return {
    subjectId,
    failedAt,
    kind: 'payment_failure',
    campaignId: drawn(['soft-decline', 'hard-decline', 'default'], n, 4),
    declineClass: drawn(CLASSES, n, 5) as FailureRecord['declineClass'],
    because: drawn(REASONS, n, 6),
    cardBrand: drawn(['visa', 'mastercard', 'amex', 'jcb'], n, 7),
    planIds: [drawn(PLANS, n, 8)],
    productIds: [],
    country: drawn(COUNTRIES, n, 9),
    number: `R-${n}`,
    periodMinor: 900,
    interval: { unit: 'month', count: 1 },
    settledAt: addMs(failedAt, (n % 30) * DAY_MS + (n % 24) * HOUR_MS),
    cause: outcome === 'recovered' ? drawn(['provider_try', 'our_try', 'new_card', 'customer'], n, 10) : null,
    afterMail: n % 3 === 0 ? null : { stepId: message, message },
  };
};

/** The case of a number: one failure, every tenth two, the second a month later; and two mails. */
export const madeCase = (n: number, openedAt: Instant): CaseRecord => {
  const key = customerKey('stripe', `cus_${n}`);
  const count = n % 10 === 0 ? 2 : 1;
  const invoices = Array.from({ length: count }, (_, i) =>
    bookOf(n + i, `in_${n}_${i}`, drawn(OUTCOMES, n + i, 11)),
  );
  const steps = MAILS.slice(0, 2).map((id, i) => ({
    subjectId: `in_${n}_0`,
    id,
    kind: 'email' as const,
    at: addMs(openedAt, (1 + 3 * i) * DAY_MS),
    status: 'done' as const,
    why: 'due',
    message: id,
    told: ['delivered', 'opened'] as const,
  }));
  return {
    id: `case_in_${n}_0`,
    key,
    openedAt,
    closedAt: addMs(openedAt, 60 * DAY_MS),
    invoices,
    failures: invoices.map((book, i) => failureOf(n + i, book, addMs(openedAt, i * 30 * DAY_MS))),
    steps,
    answers: [],
    exposure: n % 5 === 0 ? { lift: { arm: n % 10 === 0 ? 'held_out' : 'mailed', at: openedAt } } : {},
    journal: [],
    requests: { received: 5, visits: 17, writes: 45 },
  };
};
