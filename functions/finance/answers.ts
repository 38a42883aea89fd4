// What core knows, as the finance API says it: money with its decimal, ids apart, and nothing that is not to leave.
import type * as v from 'valibot';
import type { WordsAgain } from '../../adapters/email/said.ts';
import { splitKey } from '../../core/ids.ts';
import { money, toDecimal } from '../../core/money.ts';
import type { Customer, JournalEntry, Said } from '../../core/recovery/customer.ts';
import { explain, type Explanation } from '../../core/recovery/explain.ts';
import { heldBy } from '../../core/recovery/holds.ts';
import type { Policy } from '../../core/recovery/policy.ts';
import { REQUEST_KINDS, type RunningCost } from '../../core/reports/cost.ts';
import type { Cohort } from '../../core/reports/cohorts.ts';
import { caseOutcome, totalsOf } from '../../core/reports/outcome.ts';
import type { Expected } from '../../core/reports/curve.ts';
import type { CurrencyFigures, GroupFigures, MoneyRate, Named, Report } from '../../core/reports/report.ts';
import type { FailureRow, ReportCase } from '../../core/reports/rows.ts';
import type { Cell, Sum } from '../../core/reports/tally.ts';
import type { Instant } from '../../core/time.ts';
import { olderPagesOf, type CaseFile } from '../../core/workflows/list-cases.ts';
import type { InvoicesPage } from '../../core/workflows/list-invoices.ts';
import type { CohortsQuery } from '../../core/workflows/read-cohorts.ts';
import { filtersInWords } from '../../core/workflows/read-report.ts';
import type { CASE, CASE_LINE, COHORTS, INVOICES, JOURNAL_PAGE, MONEY, REPORT } from './shapes.ts';

type Answer<S extends v.GenericSchema> = v.InferInput<S>;
type CaseAnswer = Answer<typeof CASE>;

/** An amount, with the same as a decimal of the major unit. */
export const amountOf = (minor: number, currency: string): Answer<typeof MONEY> => ({
  ...money(minor, currency),
  decimal: toDecimal({ minor, currency }),
});

const sumOf = ({ n, minor }: Sum, currency: string) => ({ n, amount: amountOf(minor, currency) });

const expectedOf = (expected: Expected | null, currency: string) =>
  expected && {
    amount: amountOf(expected.minor, currency),
    low: amountOf(expected.low, currency),
    high: amountOf(expected.high, currency),
  };

const atRiskAnswer = ({ currency, atRisk }: CurrencyFigures) => ({
  open: sumOf(atRisk.open, currency),
  ages: atRisk.ages.map(({ name, from, to, sum }) => ({
    name,
    fromDays: from,
    toDays: to,
    ...sumOf(sum, currency),
  })),
  expected: expectedOf(atRisk.expected, currency),
  untold: sumOf(atRisk.untold, currency),
  imported: sumOf(atRisk.imported, currency),
});

/** How figures of one currency are told. */
const inCurrency = (currency: string) => {
  const amount = (minor: number) => amountOf(minor, currency);
  const sum = (one: Sum) => sumOf(one, currency);
  const cell = ({ failed, recovered, withdrawn, lost, open }: Cell) => ({
    failed: sum(failed),
    recovered: sum(recovered),
    withdrawn: sum(withdrawn),
    lost: sum(lost),
    open: sum(open),
  });
  const moneyRate = ({ minor, ofMinor, share }: MoneyRate) => ({
    amount: amount(minor),
    of: amount(ofMinor),
    share,
  });
  return { amount, sum, cell, moneyRate };
};

const figuresAnswer = (figures: CurrencyFigures) => {
  const { currency, rate, curve, seenDays, hours, recurring } = figures;
  const { amount, sum, cell, moneyRate } = inCurrency(currency);
  const named = (all: readonly Named[]) => all.map((one) => ({ name: one.name, ...sum(one.sum) }));
  const group = (one: GroupFigures) => ({
    value: one.value,
    cell: cell(one.cell),
    rate: one.rate,
    moneyRate: moneyRate(one.moneyRate),
  });
  return {
    currency,
    cell: cell(figures.cell),
    imported: cell(figures.imported),
    rate,
    moneyRate: moneyRate(figures.moneyRate),
    curve: [...curve],
    seenDays,
    causes: named(figures.causes),
    after: named(figures.after),
    unmailed: sum(figures.unmailed),
    inPart: sum(figures.inPart),
    lostBecause: named(figures.lostBecause),
    lostAnswered: named(figures.lostAnswered),
    hours,
    expected: expectedOf(figures.expected, currency),
    recurring: {
      monthly: amount(recurring.monthlyMinor),
      months: recurring.months,
      lifetime: amount(recurring.lifetimeMinor),
    },
    groups: figures.groups.map(group),
    atRisk: atRiskAnswer(figures),
    moved: figures.moved.map((one) => ({
      month: one.month,
      recovered: sum(one.recovered),
      late: sum(one.late),
      refunded: sum(one.refunded),
      disputed: sum(one.disputed),
      reversed: sum(one.reversed),
      net: amount(one.netMinor),
    })),
  };
};

const costAnswer = ({ asOf, requests, dollars, anInvoice, currencies }: RunningCost) => ({
  asOf,
  requests: REQUEST_KINDS.map((kind) => ({ kind, n: requests[kind].n, dollars: requests[kind].dollars })),
  dollars,
  anInvoice,
  currencies: currencies.map((one) => ({
    currency: one.currency,
    dollars: one.dollars,
    aUnit: one.aUnit,
  })),
});

/** The figures of a period. */
export const reportAnswer = (report: Report): Answer<typeof REPORT> => ({
  from: report.from,
  to: report.to,
  at: report.at,
  by: report.by,
  filters: [...report.filters],
  cases: report.cases,
  currencies: report.currencies.map(figuresAnswer),
  mails: report.mails.map(({ step, sent, delivered, opened, clicked, bounced, complained, paid, rate }) => ({
    step,
    sent,
    delivered,
    opened,
    clicked,
    bounced,
    complained,
    paid,
    rate,
  })),
  lifts: report.lifts.map(({ experiment, mailed, heldOut, difference, isEnough }) => ({
    experiment,
    mailed,
    heldOut,
    difference,
    isEnough,
  })),
  cost: costAnswer(report.cost),
});

/** Months of failure beside each other. */
export const cohortsAnswer = (
  { from, to, ...query }: CohortsQuery,
  cohorts: readonly Cohort[],
  at: Instant,
): Answer<typeof COHORTS> => ({
  from,
  to,
  at,
  filters: filtersInWords(query),
  cohorts: cohorts.map(({ month, currency, cell, rate, moneyRate, byDay, seenDays }) => {
    const told = inCurrency(currency);
    return {
      month,
      currency,
      cell: told.cell(cell),
      rate,
      moneyRate: told.moneyRate(moneyRate),
      byDay: [...byDay],
      seenDays,
    };
  }),
});

const headOf = ({ record, rows }: ReportCase) => {
  const { connection, customerId } = splitKey(record.key);
  return {
    connection,
    customer: customerId,
    case: record.id,
    outcome: caseOutcome(rows.map(({ outcome }) => outcome)),
    openedAt: record.openedAt,
    closedAt: record.closedAt,
    totals: Object.entries(totalsOf(rows)).map(([currency, sums]) => ({
      failed: amountOf(sums.failed, currency),
      recovered: amountOf(sums.recovered, currency),
      withdrawn: amountOf(sums.withdrawn, currency),
      lost: amountOf(sums.lost, currency),
      open: amountOf(sums.open, currency),
    })),
  };
};

/** A case as a list shows it. */
export const caseLine = (one: ReportCase): Answer<typeof CASE_LINE> => ({
  ...headOf(one),
  invoices: one.rows.map(({ invoiceId, number }) => ({ invoice: invoiceId, number })),
});

const invoiceAnswer = (row: FailureRow): CaseAnswer['invoices'][number] => {
  const amount = (minor: number) => amountOf(minor, row.currency);
  return {
    subject: row.subjectId,
    invoice: row.invoiceId,
    number: row.number,
    outcome: row.outcome,
    why: row.why,
    cohort: row.cohort,
    failed: amount(row.failedMinor),
    recovered: amount(row.recoveredMinor),
    withdrawn: amount(row.withdrawnMinor),
    lost: amount(row.lostMinor),
    open: amount(row.openMinor),
    refunded: amount(row.refundedMinor),
    failedAt: row.failedAt,
    settledAt: row.settledAt,
    kind: row.kind,
    campaign: row.campaignId,
    decline: row.declineClass,
    reason: row.because,
    brand: row.cardBrand,
    plans: [...row.planIds],
    country: row.country,
    cause: row.cause,
    lastMail: row.afterMail && { step: row.afterMail.stepId, message: row.afterMail.message },
  };
};

/** A page of the invoices under a total. */
export const invoicesAnswer = (
  { invoices, sums }: InvoicesPage,
  next: string | null,
): Answer<typeof INVOICES> => ({
  invoices: invoices.map(({ row, counted }) => {
    const { connection, customerId } = splitKey(row.key);
    return {
      connection,
      customer: customerId,
      case: row.caseId,
      ...invoiceAnswer(row),
      n: counted.n,
      counted: amountOf(counted.minor, row.currency),
    };
  }),
  sum: Object.entries(sums).map(([currency, { n, minor }]) => ({ n, amount: amountOf(minor, currency) })),
  next,
});

type Steps = CaseAnswer['steps'];

const stepsBehind = ({ record }: ReportCase): Steps =>
  record.steps.map(({ subjectId, id, kind, message, status, at, why }) => ({
    subject: subjectId,
    step: id,
    kind,
    message,
    status,
    at,
    why,
    rule: why,
    until: null,
  }));

/** Those behind and those to come, as `recoup case` explains them. */
const stepsExplained = ({ invoices }: Explanation): Steps =>
  invoices.flatMap(({ book, steps }) =>
    steps.map(({ id, kind, message, status, at, why, rule, until }) => ({
      subject: book.subjectId,
      step: id,
      kind,
      message,
      status,
      at,
      why,
      rule,
      until,
    })),
  );

/** Makes the words of a mail again of what is kept; null when they cannot be made. */
export type ReadMail = (said: Said, message: string) => WordsAgain | null;

const wordsOf = (readMail: ReadMail, said: Said | undefined, message: string) => {
  const made = said ? readMail(said, message) : null;
  return made && { ...made, leftOut: [...made.leftOut] };
};

const mailsOf = ({ record }: ReportCase, readMail: ReadMail): CaseAnswer['mails'] =>
  record.steps.flatMap(({ kind, status, subjectId, id, message, at, messageId, told, said }) =>
    kind !== 'email' || status === 'skipped'
      ? []
      : [
          {
            subject: subjectId,
            step: id,
            message: message ?? id,
            at,
            status,
            messageId: messageId ?? null,
            told: [...(told ?? [])],
            language: said?.language ?? null,
            words: wordsOf(readMail, said, message ?? id),
          },
        ],
  );

const nextOf = ({ next }: Explanation): CaseAnswer['next'] => {
  if (next.kind !== 'act') return next;
  const { kind, at, step, subjectId, why } = next;
  return { kind, at, step, subject: subjectId, why };
};

/** The customer's own words are for who may act on them; of a closed case they are not kept. */
const answersOf = (
  { recovery }: Customer,
  { one, isOpen }: CaseFile,
  mayAct: boolean,
): CaseAnswer['answers'] =>
  (isOpen ? recovery.answers : one.record.answers.map((told) => ({ ...told, text: null }))).map(
    ({ at, kind, promisedDay, held, text }) => ({ at, kind, promisedDay, held, text: mayAct ? text : null }),
  );

const linesOf = (journal: readonly JournalEntry[]): CaseAnswer['journal'] =>
  journal.map(({ at, what, why, count }) => ({ at, what, why, count }));

/** Everything that is known of a case. What comes next is foretold for an open one. Throws `InvariantError` as `explain` does. */
export const caseAnswer = (
  file: CaseFile,
  { policy, readMail }: { readonly policy: Policy; readonly readMail: ReadMail },
  mayAct: boolean,
  now: Instant,
): CaseAnswer => {
  const { customer, one, isOpen } = file;
  const explained = isOpen ? explain(customer, policy, now) : null;
  return {
    ...headOf(one),
    version: customer.version,
    erasedAt: customer.facts.erasedAt,
    held: heldBy(customer.recovery, now),
    setAside:
      explained?.setAside ??
      (customer.setAsideAt && { at: customer.setAsideAt, why: customer.trouble?.why ?? 'see the runbook' }),
    next: explained && nextOf(explained),
    nextLook: explained?.nextLook ?? null,
    invoices: one.rows.map(invoiceAnswer),
    steps: explained ? stepsExplained(explained) : stepsBehind(one),
    mails: mailsOf(one, readMail),
    adjustments: one.adjustments.map(({ id, subjectId, kind, at, amount }) => ({
      id,
      subject: subjectId,
      kind,
      at,
      amount: amountOf(amount.minor, amount.currency),
    })),
    answers: answersOf(customer, file, mayAct),
    journal: linesOf(one.record.journal),
    olderJournalPages: olderPagesOf(file),
  };
};

/** An older page of the journal of a case. */
export const journalPageAnswer = (
  file: CaseFile,
  page: number,
  journal: readonly JournalEntry[],
): Answer<typeof JOURNAL_PAGE> => ({ page, pages: olderPagesOf(file), journal: linesOf(journal) });
