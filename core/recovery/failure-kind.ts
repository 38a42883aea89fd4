// Which kind of failure it is, as far as a campaign is chosen by it: what was charged, and who was to pay.
import type { Facts, FailureKind, Invoice } from './customer.ts';
import type { DeclineReading } from './decline.ts';

/** Stripe's words for methods that take money from a bank account, days later. docs.stripe.com/payments/bank-debits */
const BANK_DEBITS: ReadonlySet<string> = new Set([
  'acss_debit',
  'au_becs_debit',
  'bacs_debit',
  'bank_account',
  'nz_bank_account',
  'sepa_debit',
  'us_bank_account',
]);

/** Whether a method takes money from a bank account. null = not known, which is taken for a card. */
export const isBankDebit = (methodType: string | null): boolean =>
  methodType !== null && BANK_DEBITS.has(methodType);

/** Whether an invoice is paid by the customer on their own: nothing of it is ever charged automatically. */
export const isSent = (invoice: Invoice | null): boolean =>
  invoice?.details.value.collectionMethod === 'send_invoice';

/** What the newest try of an invoice, failed or not, was charged to; null when none is known. */
const chargedTo = ({ attempts }: Facts, invoiceId: string): string | null =>
  Object.values(attempts)
    .filter((attempt) => attempt.invoiceId === invoiceId)
    .reduce<{ at: string; methodType: string | null } | null>(
      (a, b) =>
        a && (a.at > b.at || (a.at === b.at && (a.methodType ?? '') >= (b.methodType ?? ''))) ? a : b,
      null,
    )?.methodType ?? null;

/** The kind of a failure of `invoiceId`; `invoice` is null for a payment of it that came back. */
export const failureKindOf = (
  facts: Facts,
  invoice: Invoice | null,
  invoiceId: string,
  reading: DeclineReading,
): FailureKind => {
  if (isSent(invoice)) return 'invoice_overdue';
  if (isBankDebit(chargedTo(facts, invoiceId))) return 'bank_debit';
  return reading.class === 'authentication' ? 'authentication_required' : 'payment_failure';
};
