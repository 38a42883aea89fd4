// A year of failures, for files that hold a whole report: every outcome, cause and currency.
import { CAUSES, ANSWER_KINDS, type CaseRecord, type Outcome } from '../../core/recovery/customer.ts';
import { DECLINE_CLASSES } from '../../core/recovery/decline.ts';
import type { ReportCase } from '../../core/reports/rows.ts';
import { addDays, type Instant } from '../../core/time.ts';
import { reportOn, type ReportQuery, type ReportWithRows } from '../../core/workflows/read-report.ts';
import { at } from './customers.ts';
import { caseOf, movedAfter } from './reports.ts';

export const YEAR: ReportQuery = {
  from: at('2026-01-01T00:00Z'),
  to: at('2027-01-01T00:00Z'),
  by: 'decline',
  months: 12,
};
export const YEAR_END = at('2027-01-10T12:00Z');

/** Numbers that look drawn, and are the same in every run. */
const createDraw = (seed: number) => {
  let state = seed;
  return (limit: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
};

const OUTCOMES: readonly Outcome[] = [
  'recovered',
  'recovered',
  'recovered',
  'recovered',
  'lost',
  'withdrawn',
];
const LOST_BECAUSE = ['the campaign reached its end', 'the provider gave up', 'marked uncollectible'];
const MAIL_STEPS = ['payment-failed', 'reminder-1', 'reminder-2', 'final-notice'];
const CURRENCIES = ['EUR', 'EUR', 'EUR', 'USD', 'USD', 'JPY', 'KWD'];
const COUNTRIES = ['DE', 'AT', 'US', 'JP', 'KW'];

const pick = <T>(list: readonly T[], n: number): T => list[n % list.length] as T;

const changesOf = (i: number, failedAt: Instant, mails: number): Partial<CaseRecord> => ({
  ...(i % 9 === 0 && {
    answers: [{ at: failedAt, kind: pick(ANSWER_KINDS, i / 9), promisedDay: null, held: false }],
  }),
  ...(i % 2 === 0 && {
    exposure: { 'holdout-2026': { arm: i % 6 === 0 ? 'held_out' : 'mailed', at: failedAt } },
  }),
  steps: MAIL_STEPS.slice(0, mails).map((id, step) => ({
    subjectId: `in_y${i}_0`,
    id,
    kind: 'email',
    at: addDays(failedAt, 3 * step),
    status: 'done',
    why: 'due',
    message: id.startsWith('reminder') ? 'reminder' : id,
    told: i % 11 === 0 ? ['bounced'] : i % 3 === 0 ? ['delivered', 'opened', 'clicked'] : ['delivered'],
  })),
});

const oneOf = (i: number, draw: (limit: number) => number): ReportCase => {
  const failedAt = addDays(YEAR.from, draw(365) + draw(24) / 24);
  const isLate = failedAt > addDays(YEAR_END, -20);
  const outcome: Outcome = isLate && draw(3) > 0 ? 'open' : pick(OUTCOMES, draw(OUTCOMES.length));
  const currency = pick(CURRENCIES, draw(CURRENCIES.length));
  const minor = 1000 + 100 * draw(300);
  const mails = draw(MAIL_STEPS.length + 1);
  const last = MAIL_STEPS[mails - 1];
  const after = draw(draw(2) === 0 ? 6 : 28) + draw(24) / 24;
  const refunds =
    outcome === 'recovered' && currency === 'EUR' && i % 13 === 0
      ? [movedAfter(`y${i}`, i % 2 === 0 ? 'refund' : 'dispute', addDays(failedAt, 40), minor)]
      : [];
  return caseOf(
    `y${i}`,
    [
      {
        outcome,
        minor,
        currency,
        failedAt,
        after,
        book: {
          ...(outcome === 'lost' && { why: pick(LOST_BECAUSE, i) }),
          ...(outcome === 'open' && { why: 'not paid yet' }),
          ...(i % 40 === 7 && { cohort: 'imported' }),
        },
        record: {
          declineClass: pick(DECLINE_CLASSES, draw(6)),
          country: pick(COUNTRIES, draw(5)),
          periodMinor: minor,
          cause: outcome === 'recovered' ? pick(CAUSES, draw(draw(2) === 0 ? 2 : CAUSES.length)) : null,
          afterMail:
            last === undefined
              ? null
              : { stepId: last, message: last.startsWith('reminder') ? 'reminder' : last },
        },
      },
    ],
    changesOf(i, failedAt, mails),
    refunds,
  );
};

/** Cases of a year, each of one failure. */
export const casesOfAYear = (n: number): ReportCase[] => {
  const draw = createDraw(7);
  return Array.from({ length: n }, (_, i) => oneOf(i, draw));
};

/** The report of a year with so many failures. */
export const reportOfAYear = (n: number, query: Partial<ReportQuery> = {}): Promise<ReportWithRows> =>
  reportOn(casesOfAYear(n), { ...YEAR, ...query }, YEAR_END);
