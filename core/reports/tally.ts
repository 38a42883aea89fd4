// What a report counts, as sums that can be added: a month's tallies add up to a year's, in any order.
import type { Adjustment, AnswerKind, StepKind } from '../recovery/customer.ts';
import type { BillingInterval } from '../recovery/fact.ts';
import type { Requests } from '../recovery/requests.ts';
import { DAY_MS, HOUR_MS, monthOf, toMs, type Instant } from '../time.ts';
import { caseOutcome } from './outcome.ts';
import { armsOf, takenOut, type FailureRow, type ReportCase } from './rows.ts';

/** How many failures, and their money in minor units of one currency. */
export type Sum = { n: number; minor: number };

/** Failures by what became of them, in number and money. `failed` = recovered + withdrawn + lost + open, in money. */
export type Cell = Record<'failed' | 'recovered' | 'withdrawn' | 'lost' | 'open', Sum>;

/** What failures can be told apart by. */
export const DIMENSIONS = [
  'campaign',
  'kind',
  'decline',
  'reason',
  'brand',
  'plan',
  'country',
  'step',
] as const;
export type Dimension = (typeof DIMENSIONS)[number];

type Sums = Record<string, Sum>;
type Counts = Record<string, number>;

/** What became of the failures of a group, day by day since each failed. `lost` stay at risk for ever. */
export type Days = {
  recovered: Counts;
  withdrawn: Counts;
  open: Counts;
  lost: number;
};

/** Open money by the days that it has been open; `square` is the sum of the squares, for the interval of an expectation. */
export type Ages = Record<string, { minor: number; square: number }>;

/** Everything counted of one currency. */
export type CurrencyTally = {
  all: Cell;
  /** What had failed before Recoup knew of the account: apart from everything else here. */
  imported: Cell;
  by: Record<Dimension, Record<string, Cell>>;
  /** Recovered money by what brought it in, and by the last mail before it. */
  causes: Sums;
  after: Sums;
  /** Recovered before any mail had gone. */
  unmailed: Sum;
  /** What was paid of failures that are not recovered as a whole. */
  inPart: Sum;
  lostBecause: Sums;
  lostAnswered: Sums;
  days: Days;
  /** Hours from failure to recovery. */
  hours: Counts;
  ages: Ages;
  /** What the plans of recovered invoices cost a month at list price. */
  monthlyMinor: number;
};

/** Money by currency and by the month (`YYYY-MM`, UTC) in which it moved, whenever the failure was. */
export type Movements = Record<string, Record<string, Moved>>;

/**
 * Money that moved in a month. `late`: after the case was closed; it is in `recovered` too. `refunded` and `disputed`: less what
 * was given back. `reversed`: of a bank debit that had paid and came back.
 */
export type Moved = Record<'recovered' | 'late' | 'refunded' | 'disputed' | 'reversed', Sum>;

/**
 * What became of the mails of one step. `paid`: failures recovered with it as the last mail before. `recovered`, `lost`: cases in
 * which it went, whichever mail was the last.
 */
export type Mails = Record<
  'sent' | 'delivered' | 'opened' | 'clicked' | 'bounced' | 'complained' | 'paid' | 'recovered' | 'lost',
  number
>;

/** Settled cases of one side of an experiment. */
export type Arm = { recovered: number; lost: number; open: number; withdrawn: number };

/** Everything that is counted. Plain data, so that it can be kept. */
export type Tally = {
  cases: number;
  /** What these cases took; `counted`: in how many of them it was counted. Of the others only the mails are known. */
  requests: Record<keyof Requests | 'mails' | 'counted', number>;
  currencies: Record<string, CurrencyTally>;
  /** By step and text, as `reminder-1 (reminder)`. */
  mails: Record<string, Mails>;
  /** By experiment. */
  arms: Record<string, Record<'mailed' | 'held_out', Arm>>;
};

export const emptySum = (): Sum => ({ n: 0, minor: 0 });

export const emptyCell = (): Cell => ({
  failed: emptySum(),
  recovered: emptySum(),
  withdrawn: emptySum(),
  lost: emptySum(),
  open: emptySum(),
});

export const emptyCurrency = (): CurrencyTally => ({
  all: emptyCell(),
  imported: emptyCell(),
  by: Object.fromEntries(DIMENSIONS.map((name) => [name, {}])) as CurrencyTally['by'],
  causes: {},
  after: {},
  unmailed: emptySum(),
  inPart: emptySum(),
  lostBecause: {},
  lostAnswered: {},
  days: { recovered: {}, withdrawn: {}, open: {}, lost: 0 },
  hours: {},
  ages: {},
  monthlyMinor: 0,
});

export const emptyTally = (): Tally => ({
  cases: 0,
  requests: { received: 0, visits: 0, writes: 0, mails: 0, counted: 0 },
  currencies: {},
  mails: {},
  arms: {},
});

export const emptyMails = (): Mails => ({
  sent: 0,
  delivered: 0,
  opened: 0,
  clicked: 0,
  bounced: 0,
  complained: 0,
  paid: 0,
  recovered: 0,
  lost: 0,
});

export const emptyMoved = (): Moved => ({
  recovered: emptySum(),
  late: emptySum(),
  refunded: emptySum(),
  disputed: emptySum(),
  reversed: emptySum(),
});

export const emptyArm = (): Arm => ({ recovered: 0, lost: 0, open: 0, withdrawn: 0 });

/** The entry of a name, made when it is not there, whatever the name: `__proto__` and `constructor` are names like any other. */
export const entryOf = <T>(record: Record<string, T>, name: string, make: () => T): T => {
  if (Object.hasOwn(record, name)) return record[name] as T;
  const made = make();
  // That one name would not become an entry by assignment; all others stay quick to find by it.
  if (name !== '__proto__') record[name] = made;
  else
    Object.defineProperty(record, name, {
      value: made,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  return made;
};

/** Counts one more. Changes `to`. */
export const put = (to: Sum, minor: number): void => {
  to.n += 1;
  to.minor += minor;
};

const count = (to: Counts, name: string): void => {
  to[name] = (Object.hasOwn(to, name) ? (to[name] ?? 0) : 0) + 1;
};

const putRow = (cell: Cell, row: FailureRow): void => {
  put(cell.failed, row.failedMinor);
  cell[row.outcome].n += 1;
  cell.recovered.minor += row.recoveredMinor;
  cell.withdrawn.minor += row.withdrawnMinor;
  cell.lost.minor += row.lostMinor;
  cell.open.minor += row.openMinor;
};

/** What stands for what is not known. */
export const UNKNOWN = '(not known)';
/** What stands for a failure of which no mail was sent. */
export const NO_MAIL = '(no mail)';

/** The last mail before an outcome, as reports name it. */
export const stepName = (mail: FailureRow['afterMail']): string =>
  mail === null ? NO_MAIL : mail.stepId === mail.message ? mail.stepId : `${mail.stepId} (${mail.message})`;

/** What a row is told apart by. Of several plans the first. */
export const valueOf: Readonly<Record<Dimension, (row: FailureRow) => string>> = {
  campaign: ({ campaignId }) => campaignId ?? UNKNOWN,
  kind: ({ kind }) => kind,
  decline: ({ declineClass }) => declineClass,
  reason: ({ because }) => because,
  brand: ({ cardBrand }) => cardBrand ?? UNKNOWN,
  plan: ({ planIds }) => planIds[0] ?? UNKNOWN,
  country: ({ country }) => country ?? UNKNOWN,
  step: ({ afterMail }) => stepName(afterMail),
};

const MONTHS_OF: Readonly<Record<BillingInterval['unit'], number>> = {
  day: 12 / 365,
  week: 12 / 52,
  month: 1,
  year: 12,
};

/** What a plan costs a month at list price, in minor units; 0 = not known. A year has 12 months, 52 weeks, 365 days. */
export const monthlyOf = ({ periodMinor, interval }: Pick<FailureRow, 'periodMinor' | 'interval'>): number =>
  periodMinor === null || interval === null || interval.count < 1
    ? 0
    : Math.round(periodMinor / (MONTHS_OF[interval.unit] * interval.count));

/** Whether a part was paid of a failure that is not recovered as a whole: money that came back without a cause. */
export const isInPart = ({ outcome, recoveredMinor }: FailureRow): boolean =>
  outcome !== 'recovered' && recoveredMinor > 0;

/** How long a failure has been what it is, in milliseconds. */
const lasted = ({ failedAt, settledAt }: FailureRow, now: Instant): number =>
  Math.max(0, toMs(settledAt ?? now) - toMs(failedAt));

const putOutcome = (to: CurrencyTally, row: FailureRow, { record }: ReportCase, now: Instant): void => {
  const { outcome } = row;
  if (isInPart(row)) put(to.inPart, row.recoveredMinor);
  if (outcome === 'lost') {
    to.days.lost += 1;
    put(entryOf(to.lostBecause, row.why, emptySum), row.lostMinor);
    for (const kind of new Set<AnswerKind>(record.answers.map((answer) => answer.kind)))
      put(entryOf(to.lostAnswered, kind, emptySum), row.lostMinor);
    return;
  }
  const ms = lasted(row, now);
  const day = String(Math.floor(ms / DAY_MS));
  count(to.days[outcome], day);
  if (outcome === 'open') {
    const age = entryOf(to.ages, day, () => ({ minor: 0, square: 0 }));
    age.minor += row.openMinor;
    age.square += row.openMinor ** 2;
  }
  if (outcome !== 'recovered') return;
  put(entryOf(to.causes, row.cause ?? UNKNOWN, emptySum), row.recoveredMinor);
  put(entryOf(to.after, stepName(row.afterMail), emptySum), row.recoveredMinor);
  if (row.afterMail === null) put(to.unmailed, row.recoveredMinor);
  count(to.hours, String(Math.floor(ms / HOUR_MS)));
  to.monthlyMinor += monthlyOf(row);
};

/** Where the money of an adjustment stands in its month. A payment is what was recovered, and late. */
const PLACE_OF = {
  payment: 'late',
  refund: 'refunded',
  refund_failed: 'refunded',
  dispute: 'disputed',
  dispute_won: 'disputed',
  reversal: 'reversed',
} as const satisfies Record<Adjustment['kind'], keyof Moved>;

const putMoved = (to: Movements, row: FailureRow, { record, adjustments }: ReportCase): void => {
  const own = adjustments.filter(({ subjectId }) => subjectId === row.subjectId);
  const months = entryOf(to, row.currency, () => ({}));
  const month = (name: string): Moved => entryOf(months, name, emptyMoved);
  let lateMinor = 0;
  for (const adjustment of own) {
    const { kind, amount } = adjustment;
    const moved = month(monthOf(adjustment.at));
    if (kind === 'payment') {
      // More than what was failed is no recovery: see foldCase.
      const minor = Math.min(amount.minor, row.recoveredMinor - lateMinor);
      lateMinor += minor;
      put(moved.late, minor);
      put(moved.recovered, minor);
    } else {
      put(moved[PLACE_OF[kind]], takenOut(adjustment));
    }
  }
  const inCase = row.recoveredMinor - lateMinor;
  if (inCase <= 0) return;
  if (row.paidIn) {
    for (const [name, minor] of Object.entries(row.paidIn)) put(month(name).recovered, minor);
    return;
  }
  // The row is settled by its last late payment; what was paid in the case was paid when that was settled.
  const told = record.failures.find(({ subjectId }) => subjectId === row.subjectId) ?? row;
  put(month(monthOf(told.settledAt ?? row.failedAt)).recovered, inCase);
};

/**
 * Counts the money of a case by the month in which it moved: what was recovered by its outcome, what came or went later by its own
 * entry. What had failed before Recoup knew of the account is left out. Changes `to`.
 */
export const countMoved = (to: Movements, one: ReportCase, takes: (row: FailureRow) => boolean): void => {
  for (const row of one.rows) if (row.cohort === 'live' && takes(row)) putMoved(to, row, one);
};

const tallyOf = (tally: Tally, currency: string): CurrencyTally =>
  entryOf(tally.currencies, currency, emptyCurrency);

const TOLD = ['delivered', 'opened', 'clicked', 'bounced', 'complained'] as const;

/** Steps that are mails; what the business itself is told is taken for one. */
const MAILED: ReadonlySet<StepKind> = new Set(['email', 'notify']);

const putMails = (tally: Tally, { record, rows }: ReportCase, weight: 1 | -1): void => {
  const went: Mails[] = [];
  for (const { kind, status, id, message, told = [] } of record.steps) {
    if (kind !== 'email' || status === 'skipped') continue;
    const mails = entryOf(tally.mails, stepName({ stepId: id, message: message ?? id }), emptyMails);
    if (!went.includes(mails)) went.push(mails);
    mails.sent += weight;
    for (const event of TOLD) if (told.includes(event)) mails[event] += weight;
  }
  const became = went.length === 0 ? 'open' : caseOutcome(rows.map((row) => row.outcome));
  if (became === 'recovered' || became === 'lost') for (const mails of went) mails[became] += weight;
  for (const { outcome, afterMail } of rows)
    if (outcome === 'recovered' && afterMail !== null)
      entryOf(tally.mails, stepName(afterMail), emptyMails).paid += weight;
};

const putArms = (tally: Tally, { record, rows }: ReportCase, weight: 1 | -1): void => {
  const outcome = caseOutcome(rows.map((row) => row.outcome));
  for (const { experiment, arm } of armsOf(record)) {
    const arms = entryOf(tally.arms, experiment, () => ({ mailed: emptyArm(), held_out: emptyArm() }));
    arms[arm][outcome] += weight;
  }
};

/** Who pays late, or takes money back: the event, the visit, and the writes of both with the entry's own. */
const OF_LATE_MONEY: Requests = { received: 1, visits: 1, writes: 5 };

const putRequests = ({ requests }: Tally, { record, adjustments }: ReportCase, weight: 1 | -1): void => {
  for (const { kind, status } of record.steps)
    if (status !== 'skipped' && MAILED.has(kind)) requests.mails += weight;
  if (record.requests === null) return;
  const add = ({ received, visits, writes }: Requests): void => {
    requests.received += weight * received;
    requests.visits += weight * visits;
    requests.writes += weight * writes;
  };
  requests.counted += weight;
  add(record.requests);
  for (const { at } of adjustments) {
    const isLate = record.closedAt !== null && at >= record.closedAt;
    add(isLate ? OF_LATE_MONEY : { received: 0, visits: 0, writes: 1 });
  }
};

/** Counts what a case counts once, whichever of its failures are taken: `weight` -1 takes it out again. Changes `tally`. */
export const countWhole = (tally: Tally, taken: ReportCase, weight: 1 | -1): void => {
  if (taken.rows.every(({ cohort }) => cohort === 'imported')) return;
  tally.cases += weight;
  putRequests(tally, taken, weight);
  putMails(tally, taken, weight);
  putArms(tally, taken, weight);
};

/**
 * Counts a case in. Only the rows that `takes` says yes to; mails and experiments only of a case one of whose rows is taken.
 * `now` is up to when what is open has been open. Changes `tally`.
 */
export const countCase = (
  tally: Tally,
  one: ReportCase,
  takes: (row: FailureRow) => boolean,
  now: Instant,
): void => {
  // Most cases are taken whole: a copy of each would be most of what a large fold leaves behind.
  const taken = one.rows.every(takes) ? one : { ...one, rows: one.rows.filter(takes) };
  if (taken.rows.length === 0) return;
  for (const row of taken.rows) {
    const to = tallyOf(tally, row.currency);
    if (row.cohort === 'imported') {
      putRow(to.imported, row);
      continue;
    }
    putRow(to.all, row);
    for (const name of DIMENSIONS) putRow(entryOf(to.by[name], valueOf[name](row), emptyCell), row);
    putOutcome(to, row, taken, now);
  }
  countWhole(tally, taken, 1);
};

type Plain = { [name: string]: Plain | number };

/** Adds numbers at the same places; what one side lacks is taken from the other. */
const addPlain = (a: Plain | number | undefined, b: Plain | number): Plain | number => {
  if (typeof b === 'number') return (typeof a === 'number' ? a : 0) + b;
  const sums: Plain = typeof a === 'object' ? { ...a } : {};
  for (const [name, value] of Object.entries(b)) {
    const known = Object.hasOwn(sums, name) ? sums[name] : undefined;
    Object.defineProperty(sums, name, {
      value: addPlain(known, value),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return sums;
};

/** What is counted in both together, place by place. Commutative and associative; what is empty changes nothing. */
export const addCounts = <T extends object>(a: T, b: T): T =>
  // Sums of plain numbers at the same places have the shape of what was added, which no type can follow through.
  addPlain(a as unknown as Plain, b as unknown as Plain) as unknown as T;
