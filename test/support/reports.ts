// Cases as reports read them, built from the few things that a test says.
import type {
  Adjustment,
  CaseRecord,
  FailureRecord,
  InvoiceBook,
  Outcome,
} from '../../core/recovery/customer.ts';
import { reportCase, type ReportCase } from '../../core/reports/rows.ts';
import { emptyCell, type Cell } from '../../core/reports/tally.ts';
import { addDays, type Instant } from '../../core/time.ts';
import { at, bookOf, closedCaseOf, keyOf } from './customers.ts';

/** One failure: what it was, what became of it, and after how many days. */
export type Failure = {
  readonly outcome: Outcome;
  readonly minor?: number;
  readonly currency?: string;
  readonly failedAt?: Instant;
  /** Days from failure to outcome. */
  readonly after?: number;
  readonly book?: Partial<InvoiceBook>;
  readonly record?: Partial<FailureRecord>;
};

const FAILED_AT = at('2026-03-01T09:00Z');

const MONEY_OF: Readonly<Record<Outcome, keyof InvoiceBook>> = {
  recovered: 'recoveredMinor',
  lost: 'lostMinor',
  withdrawn: 'withdrawnMinor',
  open: 'openMinor',
};

const bookFor = (id: string, { outcome, minor = 1000, currency = 'EUR', book }: Failure): InvoiceBook =>
  bookOf(id, {
    invoiceId: id,
    currency,
    outcome,
    failedMinor: minor,
    openMinor: 0,
    why: outcome === 'lost' ? 'the provider gave up' : 'paid',
    [MONEY_OF[outcome]]: minor,
    ...book,
  });

const recordFor = (
  id: string,
  { outcome, failedAt = FAILED_AT, after = 3, record }: Failure,
): FailureRecord => ({
  subjectId: id,
  failedAt,
  kind: 'payment_failure',
  campaignId: 'soft-decline',
  declineClass: 'soft_funds',
  because: 'insufficient_funds',
  cardBrand: 'visa',
  planIds: ['price_1'],
  productIds: [],
  country: 'DE',
  number: `R-${id}`,
  periodMinor: 1000,
  interval: { unit: 'month', count: 1 },
  settledAt: outcome === 'open' ? null : addDays(failedAt, after),
  cause: outcome === 'recovered' ? 'provider_try' : null,
  afterMail: { stepId: 'reminder-1', message: 'reminder' },
  ...record,
});

/** A case of some failures. `name` tells it from others, and its invoices from theirs. */
export const caseOf = (
  name: string,
  failures: readonly Failure[],
  changes: Partial<CaseRecord> = {},
  adjustments: readonly Adjustment[] = [],
): ReportCase => {
  const ids = failures.map((_, i) => `in_${name}_${i}`);
  const isOpen = failures.some(({ outcome }) => outcome === 'open');
  const record = closedCaseOf(keyOf(`cus_${name}`), `case_${name}`, {
    openedAt: failures[0]?.failedAt ?? FAILED_AT,
    ...(isOpen && { closedAt: null }),
    invoices: failures.map((failure, i) => bookFor(ids[i] ?? '', failure)),
    failures: failures.map((failure, i) => recordFor(ids[i] ?? '', failure)),
    steps: [],
    ...changes,
  });
  return reportCase(record, adjustments);
};

/** The figures of both together. */
export const addCells = (a: Cell, b: Cell): Cell => {
  const sum = emptyCell();
  for (const name of Object.keys(sum) as (keyof Cell)[])
    sum[name] = { n: a[name].n + b[name].n, minor: a[name].minor + b[name].minor };
  return sum;
};

/** Money that came or went after a case of {@link caseOf} was closed, for its first invoice. */
export const movedAfter = (
  name: string,
  kind: Adjustment['kind'],
  when: Instant,
  minor: number,
  id = `${kind}:${when}`,
): Adjustment => ({
  id,
  caseId: `case_${name}`,
  key: keyOf(`cus_${name}`),
  subjectId: `in_${name}_0`,
  kind,
  at: when,
  amount: { minor, currency: 'EUR' },
});
