// What leaves for other programs: cases and adjustments as plain lines of ids and money, naming nobody.
import { splitKey, type CustomerKey } from '../ids.ts';
import type { Adjustment, CaseRecord } from '../recovery/customer.ts';
import { monthOf } from '../time.ts';
import { caseOutcome } from './outcome.ts';
import { takenOut, type FailureRow, type ReportCase } from './rows.ts';

/** The number of the schema of docs/export.md. Fields are added under it; whatever else changes raises it. */
export const EXPORT_VERSION = 1;

const customerOf = (key: CustomerKey) => {
  const { connection, customerId } = splitKey(key);
  return { connection, customer_id: customerId };
};

/** The invoice's number is left out: it can be set to any text, and the id names the invoice as well. */
const failureOf = (row: FailureRow) => ({
  failure_id: row.subjectId,
  invoice_id: row.invoiceId,
  currency: row.currency,
  failed_minor: row.failedMinor,
  recovered_minor: row.recoveredMinor,
  withdrawn_minor: row.withdrawnMinor,
  lost_minor: row.lostMinor,
  open_minor: row.openMinor,
  refunded_minor: row.refundedMinor,
  outcome: row.outcome,
  why: row.why,
  failed_at: row.failedAt,
  settled_at: row.settledAt,
  cohort: row.cohort,
  kind: row.kind,
  campaign: row.campaignId,
  decline_class: row.declineClass,
  reason: row.because,
  card_brand: row.cardBrand,
  plans: row.planIds,
  products: row.productIds,
  list_price_minor: row.periodMinor,
  billed_every: row.interval && { unit: row.interval.unit, count: row.interval.count },
  country: row.country,
  cause: row.cause,
  last_mail: row.afterMail && { step: row.afterMail.stepId, message: row.afterMail.message },
});

/** Why a step was made is left out: it can name the operator who asked for it. */
const stepOf = ({ subjectId, id, kind, message, status, at, said, told }: CaseRecord['steps'][number]) => ({
  failure_id: subjectId,
  step: id,
  kind,
  message,
  status,
  at,
  language: said?.language ?? null,
  told: told ?? [],
});

/** A case as it stands now, with what came in for it since it was closed. */
export const exportedCase = ({ record, rows }: ReportCase) => ({
  type: 'case' as const,
  version: EXPORT_VERSION,
  month: monthOf(record.openedAt),
  ...customerOf(record.key),
  case_id: record.id,
  opened_at: record.openedAt,
  closed_at: record.closedAt,
  outcome: caseOutcome(rows.map(({ outcome }) => outcome)),
  failures: rows.map(failureOf),
  steps: record.steps.map(stepOf),
  answers: record.answers.map(({ at, kind, promisedDay, held }) => ({
    at,
    kind,
    promised_day: promisedDay,
    held,
  })),
  experiments: Object.entries(record.exposure).map(([experiment, { arm, at }]) => ({ experiment, arm, at })),
});

/** Money that moved after a case was closed, beside the month in which that case was opened. */
export const exportedAdjustment = (adjustment: Adjustment, { openedAt }: Pick<CaseRecord, 'openedAt'>) => ({
  type: 'adjustment' as const,
  version: EXPORT_VERSION,
  month: monthOf(openedAt),
  ...customerOf(adjustment.key),
  case_id: adjustment.caseId,
  adjustment_id: adjustment.id,
  failure_id: adjustment.subjectId,
  kind: adjustment.kind,
  moved_at: adjustment.at,
  moved_month: monthOf(adjustment.at),
  currency: adjustment.amount.currency,
  amount_minor: adjustment.amount.minor,
  refunded_minor: takenOut(adjustment),
});

/** One line of an export. */
export type ExportLine = ReturnType<typeof exportedCase> | ReturnType<typeof exportedAdjustment>;
