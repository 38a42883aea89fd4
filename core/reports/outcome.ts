// What a case comes to: its books, its adjustments, and the one word for it.
import type { CustomerKey } from '../ids.ts';
import { within } from '../money.ts';
import type { Adjustment, CaseRecord, InvoiceBook, Outcome } from '../recovery/customer.ts';
import type { Instant } from '../time.ts';

/** Money of a case in one currency, in minor units: failed = recovered + withdrawn + lost + open. */
export type CaseTotals = {
  readonly failed: number;
  readonly recovered: number;
  readonly withdrawn: number;
  readonly lost: number;
  readonly open: number;
};

/** The part of a case that the index by month carries: at most 1 KB. */
export type CaseSummary = {
  readonly id: string;
  readonly key: CustomerKey;
  readonly openedAt: Instant;
  readonly closedAt: Instant | null;
  readonly outcome: Outcome;
  readonly invoices: number;
  readonly totals: Readonly<Record<string, CaseTotals>>;
};

/**
 * The one word for a case: open while any invoice is open, else lost if any is lost, else recovered if any is
 * recovered, else withdrawn.
 */
export const caseOutcome = (outcomes: readonly Outcome[]): Outcome =>
  (['open', 'lost', 'recovered'] as const).find((word) => outcomes.includes(word)) ?? 'withdrawn';

const NOTHING: CaseTotals = { failed: 0, recovered: 0, withdrawn: 0, lost: 0, open: 0 };

/** The sums of some books, by currency, in the order of the currencies' codes. */
export const totalsOf = (books: readonly InvoiceBook[]): Readonly<Record<string, CaseTotals>> => {
  const totals = new Map<string, CaseTotals>();
  for (const book of books) {
    const sum = totals.get(book.currency) ?? NOTHING;
    totals.set(book.currency, {
      failed: sum.failed + book.failedMinor,
      recovered: sum.recovered + book.recoveredMinor,
      withdrawn: sum.withdrawn + book.withdrawnMinor,
      lost: sum.lost + book.lostMinor,
      open: sum.open + book.openMinor,
    });
  }
  return Object.fromEntries([...totals].sort(([a], [b]) => (a < b ? -1 : 1)));
};

/** The summary of a case for the index by month. */
export const summaryOf = (
  record: Pick<CaseRecord, 'id' | 'key' | 'openedAt' | 'closedAt' | 'invoices'>,
): CaseSummary => ({
  id: record.id,
  key: record.key,
  openedAt: record.openedAt,
  closedAt: record.closedAt,
  outcome: caseOutcome(record.invoices.map((book) => book.outcome)),
  invoices: record.invoices.length,
  totals: totalsOf(record.invoices),
});

/** A late payment first makes good what was lost, then what was withdrawn; never more than failed. */
const withPayment = (book: InvoiceBook, minor: number): InvoiceBook => {
  const fromLost = within(minor, book.lostMinor);
  const fromWithdrawn = within(minor - fromLost, book.withdrawnMinor);
  const recoveredMinor = book.recoveredMinor + fromLost + fromWithdrawn;
  return {
    ...book,
    lostMinor: book.lostMinor - fromLost,
    withdrawnMinor: book.withdrawnMinor - fromWithdrawn,
    recoveredMinor,
    outcome: fromLost + fromWithdrawn > 0 && book.lostMinor === fromLost ? 'recovered' : book.outcome,
    why: 'paid after the case was closed',
  };
};

/** What an adjustment says of its money, in words that follow an amount and an invoice. */
export const ADJUSTMENT_WORDS: Readonly<Record<Adjustment['kind'], string>> = {
  payment: 'paid after the case was closed',
  refund: 'refunded',
  refund_failed: 'back: its refund failed',
  dispute: 'taken by a dispute',
  dispute_won: 'back: the dispute took nothing in the end',
  reversal: 'taken back by the bank: a failure of its own now',
};

/**
 * What a report shows of a case: the closed record with its later payments, applied in the order of time and id. What left
 * again changes no book: what was recovered was recovered, and its way back is dated in its own month.
 */
export const foldCase = (record: CaseRecord, adjustments: readonly Adjustment[]): CaseRecord => {
  const own = adjustments
    .filter((adjustment) => adjustment.caseId === record.id)
    .sort((a, b) => (a.at < b.at || (a.at === b.at && a.id < b.id) ? -1 : 1));
  const invoices = record.invoices.map((book) =>
    own
      .filter(({ kind, subjectId }) => kind === 'payment' && subjectId === book.subjectId)
      .reduce((folded, adjustment) => withPayment(folded, adjustment.amount.minor), book),
  );
  return { ...record, invoices };
};
