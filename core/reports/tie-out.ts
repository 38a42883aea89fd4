// The books beside the provider's own export: what each says of every invoice, and where the two differ.
import type { Instant } from '../time.ts';
import type { FailureRow } from './rows.ts';

/** An invoice of which a payment failed, as the provider's export alone tells it. Amounts are in minor units of its currency. */
export type ExportedInvoice = {
  readonly invoiceId: string;
  readonly customerId: string | null;
  readonly currency: string;
  readonly failedAt: Instant;
  readonly isFirstPayment: boolean;
  /** It is sent to be paid, and failed by its due date. */
  readonly isSent: boolean;
  /** It was settled within a day after it was due, and nobody told that it was overdue: it may never have been seen so. */
  readonly isBrief: boolean;
  readonly status: 'open' | 'paid' | 'uncollectible' | 'void';
  /**
   * What was owed when it first failed. Of a sent one also what was owed at each telling after it was due: the books have it as
   * it was first seen then.
   */
  readonly owed: readonly Owed[];
};

/** What remained to be paid at a moment, and what was paid, and credited before payment, since then. */
export type Owed = {
  readonly failedMinor: number;
  readonly paidMinor: number;
  readonly creditedMinor: number;
};

/** One thing in which the two differ. `ours` and `theirs` are null where one of them does not know the invoice. */
export type TieOutDifference = {
  readonly invoiceId: string;
  readonly customerId: string | null;
  readonly currency: string;
  readonly what: 'not_in_books' | 'not_in_export' | 'failed' | 'recovered' | 'outcome';
  readonly ours: number | string | null;
  readonly theirs: number | string | null;
};

/** The sums of both sides in one currency, of the invoices that both know and that each alone knows. */
export type TieOutTotals = {
  readonly currency: string;
  readonly invoices: number;
  readonly failed: { readonly ours: number; readonly theirs: number };
  readonly recovered: { readonly ours: number; readonly theirs: number };
};

/** Which failures the policy asks for at all. */
export type TieOutTerms = { readonly firstPayments: boolean; readonly overdue: boolean };

export type TieOut = {
  readonly totals: readonly TieOutTotals[];
  readonly differences: readonly TieOutDifference[];
  /** Failures in the export that belong in no books, by why. */
  readonly leftOut: Readonly<Record<'first_payment' | 'overdue' | 'brief' | 'nothing_owed', number>>;
};

/** What was owed as the books have it, where that was so at any moment; else when it first failed. */
const owedOf = ({ owed }: ExportedInvoice, row: FailureRow | null): Owed =>
  owed.find(({ failedMinor }) => failedMinor === row?.failedMinor) ??
  owed[0] ?? { failedMinor: 0, paidMinor: 0, creditedMinor: 0 };

/** What was paid of the failed part: everything that was not credited once it is paid, out of band included. */
const recoveredOf = (
  status: ExportedInvoice['status'],
  { failedMinor, paidMinor, creditedMinor }: Owed,
): number =>
  status === 'paid'
    ? failedMinor - Math.min(failedMinor, Math.max(0, creditedMinor))
    : Math.max(0, Math.min(failedMinor, paidMinor));

/** The outcomes that a status of the provider's allows. */
const ALLOWED: Readonly<Record<ExportedInvoice['status'], readonly FailureRow['outcome'][]>> = {
  paid: ['recovered', 'withdrawn'],
  // What was given up may be made void then.
  void: ['withdrawn', 'recovered', 'lost'],
  uncollectible: ['lost', 'withdrawn'],
  open: ['open', 'lost', 'withdrawn'],
};

const compared = (row: FailureRow, told: ExportedInvoice): readonly TieOutDifference[] => {
  const { invoiceId, customerId, currency } = told;
  const about = { invoiceId, customerId, currency };
  const owed = owedOf(told, row);
  const theirs = recoveredOf(told.status, owed);
  const differences: TieOutDifference[] = [];
  if (row.failedMinor !== owed.failedMinor)
    differences.push({ ...about, what: 'failed', ours: row.failedMinor, theirs: owed.failedMinor });
  if (row.recoveredMinor !== theirs)
    differences.push({ ...about, what: 'recovered', ours: row.recoveredMinor, theirs });
  // A closed case stays as it is when what it lost is credited later: then the rest that is paid makes the invoice whole.
  const isCredited = row.outcome === 'lost' && row.lostMinor > 0 && row.lostMinor <= owed.creditedMinor;
  if (!ALLOWED[told.status].includes(row.outcome) && !(told.status === 'paid' && isCredited))
    differences.push({ ...about, what: 'outcome', ours: row.outcome, theirs: told.status });
  return differences;
};

type Sums = { invoices: number; failed: [number, number]; recovered: [number, number] };

/** Both sums of each currency. */
const createTotals = () => {
  const sums = new Map<string, Sums>();
  return {
    add: (currency: string, row: FailureRow | null, told: ExportedInvoice | null): void => {
      const owed = told && owedOf(told, row);
      const sum = sums.get(currency) ?? { invoices: 0, failed: [0, 0], recovered: [0, 0] };
      sum.invoices += 1;
      sum.failed[0] += row?.failedMinor ?? 0;
      sum.failed[1] += owed?.failedMinor ?? 0;
      sum.recovered[0] += row?.recoveredMinor ?? 0;
      sum.recovered[1] += told && owed ? recoveredOf(told.status, owed) : 0;
      sums.set(currency, sum);
    },
    all: (): TieOutTotals[] =>
      [...sums]
        .map(([currency, { invoices, failed, recovered }]) => ({
          currency,
          invoices,
          failed: { ours: failed[0], theirs: failed[1] },
          recovered: { ours: recovered[0], theirs: recovered[1] },
        }))
        .sort((a, b) => (a.currency < b.currency ? -1 : 1)),
  };
};

const alone = (
  { invoiceId, currency }: Pick<ExportedInvoice, 'invoiceId' | 'currency'>,
  customerId: string | null,
  what: TieOutDifference['what'],
  [ours, theirs]: readonly [number | null, number | null],
): TieOutDifference => ({ invoiceId, customerId, currency, what, ours, theirs });

/**
 * Ties the books to an export: `rows` are failures of the time that the export covers (a payment that came back is left out: no
 * event of its invoice tells it). What the policy does not ask for may be in no books, and is counted apart. Each invoice once.
 */
export const tieOut = (
  rows: readonly FailureRow[],
  exported: readonly ExportedInvoice[],
  asks: TieOutTerms,
): TieOut => {
  const ours = new Map(
    rows.filter((row) => row.subjectId === row.invoiceId).map((row) => [row.invoiceId, row]),
  );
  const known = new Set(exported.map(({ invoiceId }) => invoiceId));
  const totals = createTotals();
  const differences: TieOutDifference[] = [];
  const leftOut = { first_payment: 0, overdue: 0, brief: 0, nothing_owed: 0 };
  for (const told of exported) {
    const row = ours.get(told.invoiceId) ?? null;
    if (row === null && owedOf(told, null).failedMinor === 0) leftOut.nothing_owed += 1;
    else if (row === null && told.isFirstPayment && !asks.firstPayments) leftOut.first_payment += 1;
    else if (row === null && told.isSent && !asks.overdue) leftOut.overdue += 1;
    else if (row === null && told.isBrief) leftOut.brief += 1;
    else {
      totals.add(told.currency, row, told);
      if (row === null)
        differences.push(
          alone(told, told.customerId, 'not_in_books', [null, owedOf(told, null).failedMinor]),
        );
      else differences.push(...compared(row, told));
    }
  }
  for (const [invoiceId, row] of ours) {
    if (known.has(invoiceId)) continue;
    totals.add(row.currency, row, null);
    const customerId = row.key.slice(row.key.indexOf('/') + 1);
    differences.push(alone(row, customerId, 'not_in_export', [row.failedMinor, null]));
  }
  return {
    totals: totals.all(),
    differences: differences.sort((a, b) => (a.invoiceId < b.invoiceId ? -1 : 1)),
    leftOut,
  };
};
