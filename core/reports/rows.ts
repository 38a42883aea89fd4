// The failures of cases as reports count them: one row a failed invoice, with its money, its outcome and what it is told apart by.
import type { Adjustment, CaseRecord, Exposure, FailureRecord, InvoiceBook } from '../recovery/customer.ts';
import type { CustomerKey } from '../ids.ts';
import { lastMailOf } from './last-mail.ts';
import { foldCase } from './outcome.ts';

/** One failed invoice, or one payment that came back. `refundedMinor`: what was given back or taken back of it since. */
export type FailureRow = InvoiceBook &
  FailureRecord & {
    readonly caseId: string;
    readonly key: CustomerKey;
    readonly isClosed: boolean;
    readonly refundedMinor: number;
  };

/** A case as reports read it. */
export type ReportCase = {
  readonly record: CaseRecord;
  readonly rows: readonly FailureRow[];
  readonly adjustments: readonly Adjustment[];
};

/** What stands for what was not taken down: cases that were closed before reports were made. */
const unknownOf = ({ subjectId }: InvoiceBook, { openedAt, closedAt, steps }: CaseRecord): FailureRecord => ({
  subjectId,
  failedAt: openedAt,
  kind: 'payment_failure',
  campaignId: null,
  declineClass: 'unknown',
  because: 'not taken down',
  cardBrand: null,
  planIds: [],
  productIds: [],
  country: null,
  number: null,
  periodMinor: null,
  interval: null,
  settledAt: closedAt,
  cause: null,
  afterMail: lastMailOf(steps, openedAt, closedAt),
});

/** Which adjustments take money out again, and which bring it back. */
const SIGN: Readonly<Record<Adjustment['kind'], -1 | 0 | 1>> = {
  payment: 0,
  refund: 1,
  refund_failed: -1,
  dispute: 1,
  dispute_won: -1,
  reversal: 1,
};

/** What an adjustment takes out of what was recovered, in minor units; below 0 brings back, 0 does neither. */
export const takenOut = ({ kind, amount }: Adjustment): number => SIGN[kind] * amount.minor;

/** The rows of a case, with what came in for it after it was closed. */
export const reportCase = (closed: CaseRecord, adjustments: readonly Adjustment[] = []): ReportCase => {
  const own = adjustments.filter(({ caseId }) => caseId === closed.id);
  const record = own.length === 0 ? closed : foldCase(closed, own);
  const rows = record.invoices.map((book): FailureRow => {
    const told = record.failures.find(({ subjectId }) => subjectId === book.subjectId);
    const failure = told ?? unknownOf(book, record);
    const late = own.filter(({ kind, subjectId }) => kind === 'payment' && subjectId === book.subjectId);
    const refundedMinor = own
      .filter(({ subjectId }) => subjectId === book.subjectId)
      .reduce((sum, adjustment) => sum + takenOut(adjustment), 0);
    // What was lost and is paid after all was recovered then, and not when it was given up.
    const settledAt = late.length > 0 && book.outcome === 'recovered' ? lastOf(late) : failure.settledAt;
    return {
      ...book,
      ...failure,
      settledAt,
      caseId: record.id,
      key: record.key,
      isClosed: record.closedAt !== null,
      refundedMinor,
    };
  });
  return { record, rows, adjustments: own };
};

const lastOf = (adjustments: readonly Adjustment[]) =>
  adjustments.map(({ at }) => at).reduce((a, b) => (a > b ? a : b));

/** Which side of its experiments a case was on, once a mail would have gone. */
export const armsOf = ({ exposure }: CaseRecord): readonly { experiment: string; arm: Exposure['arm'] }[] =>
  Object.entries(exposure).map(([experiment, { arm }]) => ({ experiment, arm }));
