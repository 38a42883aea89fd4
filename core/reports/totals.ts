// What stands under each total of a report: the table from its name to what one failure counts in it, in number and money.
import { compare } from '../order.ts';
import type { Adjustment } from '../recovery/customer.ts';
import { own } from '../recovery/merge.ts';
import { monthOf, type Instant } from '../time.ts';
import { bandOf } from './at-risk.ts';
import { takenOut, type FailureRow, type ReportCase } from './rows.ts';
import {
  countMoved,
  isInPart,
  stepName,
  UNKNOWN,
  valueOf,
  type Cell,
  type Dimension,
  type Moved,
  type Movements,
  type Sum,
} from './tally.ts';

/** What is asked of a total that is one of several by its name. `by` is what groups are told apart by. */
type Which = { readonly value: string; readonly by: Dimension };

/** What a failure counts. `taken` is its case with only the failures that the report takes; `now`: when it is made. */
type CountIn = (row: FailureRow, taken: ReportCase, which: Which & { readonly now: Instant }) => Sum | null;

type Total = {
  /** Failures of the period; those of which money moved, whenever they failed; or those that are open now, whenever. */
  readonly of: 'period' | 'moved' | 'now';
  /** What `value` names; null = there is one total of this name. */
  readonly valueIs: 'cause' | 'mail' | 'reason' | 'answer' | 'group' | 'month' | 'age' | null;
  readonly countIn: CountIn;
};

const MINOR: Readonly<Record<keyof Cell, (row: FailureRow) => number>> = {
  failed: ({ failedMinor }) => failedMinor,
  recovered: ({ recoveredMinor }) => recoveredMinor,
  withdrawn: ({ withdrawnMinor }) => withdrawnMinor,
  lost: ({ lostMinor }) => lostMinor,
  open: ({ openMinor }) => openMinor,
};

/** A part that was paid of one that was lost counts in money, and not in number. */
const inCell =
  (name: keyof Cell, cohort: FailureRow['cohort']): CountIn =>
  (row) =>
    row.cohort === cohort
      ? { n: name === 'failed' || row.outcome === name ? 1 : 0, minor: MINOR[name](row) }
      : null;

const cell = (name: keyof Cell, cohort: FailureRow['cohort'] = 'live'): Total => ({
  of: 'period',
  valueIs: null,
  countIn: inCell(name, cohort),
});

const atRisk = (cohort: FailureRow['cohort']): Total => ({
  of: 'now',
  valueIs: null,
  countIn: inCell('open', cohort),
});

/** Failures of one outcome, with the money of that outcome. */
const settled = (
  outcome: 'recovered' | 'lost',
  valueIs: Total['valueIs'],
  is: (row: FailureRow, value: string, taken: ReportCase) => boolean,
): Total => ({
  of: 'period',
  valueIs,
  countIn: (row, taken, { value }) =>
    row.cohort === 'live' && row.outcome === outcome && is(row, value, taken)
      ? { n: 1, minor: MINOR[outcome](row) }
      : null,
});

const moved = (countIn: CountIn): Total => ({
  of: 'moved',
  valueIs: 'month',
  countIn: (row, taken, which) => (row.cohort === 'live' ? countIn(row, taken, which) : null),
});

/** Money that came in in a month: by the outcome, or by an entry after the case was closed. */
const movedIn = (name: keyof Moved): Total =>
  moved((row, taken, { value }) => {
    const to: Movements = {};
    countMoved(to, taken, (each) => each === row);
    return own(own(to, row.currency) ?? {}, value)?.[name] ?? null;
  });

/** Money that left again in a month, less what came back: the entries of some kinds. */
const movedOut = (kinds: readonly Adjustment['kind'][]): Total =>
  moved((row, { adjustments }, { value }) => {
    const entries = adjustments.filter(
      ({ subjectId, kind, at }) =>
        subjectId === row.subjectId && kinds.includes(kind) && monthOf(at) === value,
    );
    return { n: entries.length, minor: entries.reduce((sum, entry) => sum + takenOut(entry), 0) };
  });

const NOTHING: Sum = { n: 0, minor: 0 };
/** All that takes money out again or brings it back: a payment does neither. */
const TAKES_OUT = ['refund', 'refund_failed', 'dispute', 'dispute_won', 'reversal'] as const;

/** Every total of a report that is a sum over failures, by its name. */
export const TOTALS = {
  failed: cell('failed'),
  recovered: cell('recovered'),
  withdrawn: cell('withdrawn'),
  lost: cell('lost'),
  open: cell('open'),
  at_risk: atRisk('live'),
  at_risk_aged: {
    of: 'now',
    valueIs: 'age',
    countIn: (row, taken, which) =>
      bandOf(row.failedAt, which.now) === which.value ? inCell('open', 'live')(row, taken, which) : null,
  },
  imported: cell('failed', 'imported'),
  imported_recovered: cell('recovered', 'imported'),
  imported_withdrawn: cell('withdrawn', 'imported'),
  imported_lost: cell('lost', 'imported'),
  imported_open: cell('open', 'imported'),
  imported_at_risk: atRisk('imported'),
  cause: settled('recovered', 'cause', (row, value) => (row.cause ?? UNKNOWN) === value),
  after: settled('recovered', 'mail', (row, value) => stepName(row.afterMail) === value),
  unmailed: settled('recovered', null, (row) => row.afterMail === null),
  in_part: {
    of: 'period',
    valueIs: null,
    countIn: (row) => (row.cohort === 'live' && isInPart(row) ? { n: 1, minor: row.recoveredMinor } : null),
  },
  // As it is counted beside the mails: with what was imported, in a case that is not imported as a whole.
  paid: {
    of: 'period',
    valueIs: 'mail',
    countIn: ({ outcome, afterMail, recoveredMinor }, { rows }, { value }) =>
      outcome === 'recovered' &&
      afterMail !== null &&
      stepName(afterMail) === value &&
      rows.some(({ cohort }) => cohort === 'live')
        ? { n: 1, minor: recoveredMinor }
        : null,
  },
  lost_because: settled('lost', 'reason', (row, value) => row.why === value),
  lost_answered: settled('lost', 'answer', (_, value, { record }) =>
    record.answers.some(({ kind }) => kind === value),
  ),
  group: {
    of: 'period',
    valueIs: 'group',
    countIn: (row, taken, which) =>
      valueOf[which.by](row) === which.value ? inCell('failed', 'live')(row, taken, which) : null,
  },
  moved_recovered: movedIn('recovered'),
  moved_late: movedIn('late'),
  moved_refunded: movedOut(['refund', 'refund_failed']),
  moved_disputed: movedOut(['dispute', 'dispute_won']),
  moved_reversed: movedOut(['reversal']),
  // In number every movement, whichever way the money went.
  moved_net: moved((row, taken, which) => {
    const came = movedIn('recovered').countIn(row, taken, which) ?? NOTHING;
    const left = movedOut(TAKES_OUT).countIn(row, taken, which) ?? NOTHING;
    return { n: came.n + left.n, minor: came.minor - left.minor };
  }),
} as const satisfies Readonly<Record<string, Total>>;

/** The name of a total. */
export type TotalName = keyof typeof TOTALS;
export const TOTAL_NAMES = Object.keys(TOTALS) as readonly TotalName[];

/** One total of a report. */
export type TotalAsked = Which & { readonly total: TotalName };

/** A total as the table has it. */
export const totalOf = (name: TotalName): Total => TOTALS[name];

/** A failure under a total, with what it counts there, in minor units of its currency. */
export type CountedRow = { readonly row: FailureRow; readonly counted: Sum };

/** The failures of a case that are under a total at a moment. `taken` holds only those that the report takes. */
export const countedIn = (taken: ReportCase, asked: TotalAsked, now: Instant): readonly CountedRow[] =>
  taken.rows.flatMap((row) => {
    const counted = totalOf(asked.total).countIn(row, taken, { ...asked, now });
    return counted === null || (counted.n === 0 && counted.minor === 0) ? [] : [{ row, counted }];
  });

/** What some failures come to, by currency. */
export const sumsOf = (rows: readonly CountedRow[]): Readonly<Record<string, Sum>> => {
  const sums = new Map<string, Sum>();
  for (const { row, counted } of rows) {
    const { n, minor } = sums.get(row.currency) ?? { n: 0, minor: 0 };
    sums.set(row.currency, { n: n + counted.n, minor: minor + counted.minor });
  }
  return Object.fromEntries([...sums].sort(([a], [b]) => compare(a, b)));
};

/** Where a failure stands in a list of a total: by what it counts there and by its names. */
export type RowPlace = Pick<FailureRow, 'currency' | 'key' | 'caseId' | 'subjectId'> & Pick<Sum, 'minor'>;

export const placeOfRow = ({ row, counted }: CountedRow): RowPlace => {
  const { currency, key, caseId, subjectId } = row;
  return { currency, minor: counted.minor, key, caseId, subjectId };
};

/** Currency by currency, as amounts of two cannot be compared; the largest amount first, then by name. */
export const byAmount = (a: RowPlace, b: RowPlace): number =>
  compare(a.currency, b.currency) ||
  compare(b.minor, a.minor) ||
  compare(a.key, b.key) ||
  compare(a.caseId, b.caseId) ||
  compare(a.subjectId, b.subjectId);
