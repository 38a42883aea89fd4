// The figures of a report, worked out of what was counted. Each rate carries its denominator.
import { addMs, monthOf, type Instant } from '../time.ts';
import { atRiskOf, type AtRisk, type OpenTallies } from './at-risk.ts';
import { curveOf, expectedOf, quantileOf, type CurvePoint, type Expected } from './curve.ts';
import { newcombe, wilson, type Difference, type Share } from './interval.ts';
import { costOf, type RunningCost } from './cost.ts';
import { emptyCurrency } from './tally.ts';
import type {
  Arm,
  Cell,
  CurrencyTally,
  Days,
  Dimension,
  Mails,
  Moved,
  Movements,
  Sum,
  Tally,
} from './tally.ts';
import { compare } from '../order.ts';

/** A share of failures, with what it is a share of. `share` is null when that is nothing. */
export type Rate = { readonly hits: number; readonly of: number; readonly share: Share | null };

/** A share of money: no interval, for invoices are not alike. */
export type MoneyRate = { readonly minor: number; readonly ofMinor: number; readonly share: number | null };

/** One group of failures: `rate` and `moneyRate` are recovered ÷ (recovered + lost). */
export type GroupFigures = {
  readonly value: string;
  readonly cell: Cell;
  readonly rate: Rate;
  readonly moneyRate: MoneyRate;
};

/** A sum under a name, the largest first in a list. */
export type Named = { readonly name: string; readonly sum: Sum };

/** What a report tells of one currency. Money is in minor units of it. */
export type CurrencyFigures = {
  readonly currency: string;
  readonly cell: Cell;
  readonly imported: Cell;
  readonly rate: Rate;
  readonly moneyRate: MoneyRate;
  readonly curve: readonly CurvePoint[];
  /** The last day after a failure on which any was seen: what the curve says of later ones nobody has seen. */
  readonly seenDays: number;
  readonly causes: readonly Named[];
  readonly after: readonly Named[];
  readonly unmailed: Sum;
  /** What was paid of invoices that are not recovered as a whole: with the causes it comes to what was recovered. */
  readonly inPart: Sum;
  readonly lostBecause: readonly Named[];
  readonly lostAnswered: readonly Named[];
  /** Hours from failure to recovery: half, and nine in ten, are not longer. */
  readonly hours: { readonly median: number | null; readonly p90: number | null };
  /** What of the open money of the period is expected to come back by the curve. */
  readonly expected: Expected | null;
  /** What the plans of recovered invoices cost a month; and over the months that are assumed to follow. */
  readonly recurring: {
    readonly monthlyMinor: number;
    readonly months: number;
    readonly lifetimeMinor: number;
  };
  readonly groups: readonly GroupFigures[];
  /** What is open at the time of the report, whenever it failed: of the period only its filters and its curve. */
  readonly atRisk: AtRisk;
  /** Money by the month in which it moved; `netMinor` = recovered − refunded − disputed − reversed. */
  readonly moved: readonly (Moved & { readonly month: string; readonly netMinor: number })[];
};

/** An experiment: settled cases of both sides, recovered ÷ (recovered + lost), and the difference. */
export type Lift = {
  readonly experiment: string;
  readonly mailed: Rate;
  readonly heldOut: Rate;
  readonly difference: Difference | null;
  /** Whether there are enough settled cases on both sides to say anything. */
  readonly isEnough: boolean;
};

/**
 * What became of the mails of one step and text. `rate`: of the cases in which it went, so that texts between which lots are drawn
 * can be compared.
 */
export type MailFigures = Omit<Mails, 'recovered' | 'lost'> & { readonly step: string; readonly rate: Rate };

export type Report = {
  readonly from: Instant;
  /** Not included. */
  readonly to: Instant;
  /** When it was made: what is open was open then. */
  readonly at: Instant;
  readonly by: Dimension;
  /** What is left out, in words; empty = nothing. */
  readonly filters: readonly string[];
  readonly cases: number;
  readonly currencies: readonly CurrencyFigures[];
  readonly mails: readonly MailFigures[];
  readonly lifts: readonly Lift[];
  readonly cost: RunningCost;
};

/** Fewer settled cases on a side than this say nothing about a difference. */
export const MIN_SETTLED = 30;

/** Recovered ÷ (recovered + lost): what is open or withdrawn is in neither. */
const settledRate = ({ recovered, lost }: { readonly recovered: number; readonly lost: number }): Rate => {
  const of = recovered + lost;
  return { hits: recovered, of, share: wilson(recovered, of) };
};

/** The same of failures, in number. */
export const rateOf = ({ recovered, lost }: Cell): Rate =>
  settledRate({ recovered: recovered.n, lost: lost.n });

/** The same in money. */
export const moneyRateOf = ({ recovered, lost }: Cell): MoneyRate => {
  const ofMinor = recovered.minor + lost.minor;
  const { minor } = recovered;
  return { minor, ofMinor, share: ofMinor === 0 ? null : minor / ofMinor };
};

const named = (sums: Readonly<Record<string, Sum>>): readonly Named[] =>
  Object.entries(sums)
    .map(([name, one]) => ({ name, sum: one }))
    .sort((a, b) => b.sum.minor - a.sum.minor || compare(a.name, b.name));

const groupsOf = (cells: Readonly<Record<string, Cell>>): readonly GroupFigures[] =>
  Object.entries(cells)
    .map(([value, cell]) => ({ value, cell, rate: rateOf(cell), moneyRate: moneyRateOf(cell) }))
    .sort((a, b) => b.cell.failed.minor - a.cell.failed.minor || compare(a.value, b.value));

const movedIn = (
  moved: Readonly<Record<string, Moved>>,
  from: string,
  to: string,
): CurrencyFigures['moved'] =>
  Object.entries(moved)
    .filter(([month]) => month >= from && month <= to)
    .map(([month, one]) => {
      const netMinor = one.recovered.minor - one.refunded.minor - one.disputed.minor - one.reversed.minor;
      return { month, ...one, netMinor };
    })
    .sort((a, b) => compare(a.month, b.month));

const liftOf = (experiment: string, arms: Readonly<Record<'mailed' | 'held_out', Arm>>): Lift => {
  const [mailed, heldOut] = [settledRate(arms.mailed), settledRate(arms.held_out)];
  const difference = newcombe({ hits: mailed.hits, all: mailed.of }, { hits: heldOut.hits, all: heldOut.of });
  return {
    experiment,
    mailed,
    heldOut,
    difference,
    isEnough: Math.min(mailed.of, heldOut.of) >= MIN_SETTLED,
  };
};

/** How a report is made of what was counted. `months`: how many months a recovered plan is assumed to go on. */
export type ReportOptions = {
  readonly from: Instant;
  readonly to: Instant;
  readonly at: Instant;
  readonly by: Dimension;
  readonly filters: readonly string[];
  readonly months: number;
};

/** The last day after a failure on which any was seen. */
export const lastDay = ({ recovered, withdrawn, open }: Days): number =>
  Math.max(0, ...[recovered, withdrawn, open].flatMap((counts) => Object.keys(counts).map(Number)));

const figuresOf = (
  currency: string,
  tally: CurrencyTally,
  moved: Readonly<Record<string, Moved>>,
  open: OpenTallies[string] | undefined,
  { from, to, by, months }: ReportOptions,
): CurrencyFigures => {
  const { all, imported, monthlyMinor } = tally;
  const curve = curveOf(tally.days);
  const seenDays = lastDay(tally.days);
  return {
    currency,
    cell: all,
    imported,
    rate: rateOf(all),
    moneyRate: moneyRateOf(all),
    curve,
    seenDays,
    causes: named(tally.causes),
    after: named(tally.after),
    unmailed: tally.unmailed,
    inPart: tally.inPart,
    lostBecause: named(tally.lostBecause),
    lostAnswered: named(tally.lostAnswered),
    hours: { median: quantileOf(tally.hours, 0.5), p90: quantileOf(tally.hours, 0.9) },
    expected: expectedOf(curve, tally.ages),
    recurring: { monthlyMinor, months, lifetimeMinor: monthlyMinor * months },
    groups: groupsOf(tally.by[by]),
    atRisk: atRiskOf(open, curve, seenDays),
    moved: movedIn(moved, monthOf(from), monthOf(addMs(to, -1))),
  };
};

const saysAnything = ({ cell, imported, moved, atRisk }: CurrencyFigures): boolean =>
  cell.failed.n + imported.failed.n + moved.length + atRisk.open.n + atRisk.imported.n > 0;

/** The report of what was counted of the failures of a period, of the money that moved in it, and of what is open now. */
export const reportOf = (
  tally: Tally,
  moved: Movements,
  open: OpenTallies,
  options: ReportOptions,
): Report => {
  const { from, to, at, by, filters } = options;
  const currencies = [...new Set([tally.currencies, moved, open].flatMap(Object.keys))]
    .sort(compare)
    .map((currency) => {
      const counted = tally.currencies[currency] ?? emptyCurrency();
      return figuresOf(currency, counted, moved[currency] ?? {}, open[currency], options);
    })
    .filter(saysAnything);
  return {
    from,
    to,
    at,
    by,
    filters,
    cases: tally.cases,
    currencies,
    mails: Object.entries(tally.mails)
      .map(([step, { recovered, lost, ...mails }]) => ({
        step,
        ...mails,
        rate: settledRate({ recovered, lost }),
      }))
      .sort((a, b) => b.sent - a.sent || compare(a.step, b.step)),
    lifts: Object.entries(tally.arms)
      .sort(([a], [b]) => compare(a, b))
      .map(([experiment, arms]) => liftOf(experiment, arms)),
    cost: costOf(tally, currencies),
  };
};
