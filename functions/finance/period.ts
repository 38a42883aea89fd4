// Which failures and cases a request means: its period and filters, as core asks for them.
import type * as v from 'valibot';
import { isFault, periodOf, type Period } from '../../core/reports/period.ts';
import { addDays, addMs, DAY_MS, instantFromMs, toMs, type Instant } from '../../core/time.ts';
import { LOOK_BACK_DAYS, onlyOf, type ReportQuery } from '../../core/workflows/read-report.ts';
import { faultOf } from './codes.ts';
import { invalid } from './problem.ts';
import type { CASES_QUERY, REPORT_QUERY } from './shapes.ts';

/** Three years: what a request can read before its time is up. */
const MAX_DAYS = 1100;

type Ends = { readonly from?: string | undefined; readonly to?: string | undefined };

/** The period that is asked for. Throws a {@link ProblemError}. */
export const askedPeriod = (ends: Ends, now: Instant): Period => {
  const told = periodOf(ends, now);
  if (isFault(told)) {
    throw invalid('period', faultOf(told.field, told.isEmpty ? 'backwards' : 'day_or_month'));
  }
  if (toMs(told.to) - toMs(told.from) > MAX_DAYS * DAY_MS) {
    throw invalid('period', faultOf('from', 'period_too_long', String(MAX_DAYS)));
  }
  return told;
};

/** The same of a list of cases: who names a customer means every case of theirs; an invoice, as far back as reports look. */
export const casesPeriod = (
  { from, to, customer, invoice }: v.InferOutput<typeof CASES_QUERY>,
  now: Instant,
): Period =>
  from === undefined && to === undefined && (customer !== undefined || invoice !== undefined)
    ? { from: customer === undefined ? addDays(now, -LOOK_BACK_DAYS) : instantFromMs(0), to: addMs(now, 1) }
    : askedPeriod({ from, to }, now);

/** What a report is made of. Throws a {@link ProblemError}. */
export const reportQuery = (asked: v.InferOutput<typeof REPORT_QUERY>, now: Instant): ReportQuery => ({
  ...askedPeriod(asked, now),
  by: asked.by,
  months: asked.months,
  currency: asked.currency,
  only: onlyOf(asked),
});
