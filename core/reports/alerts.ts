// When figures leave the band in which they used to lie: failures of a day, and the recovery rate of the last four weeks.
import { invariant } from '../assert.ts';
import { newcombe, wilson, type Share } from './interval.ts';
import { MIN_SETTLED } from './report.ts';
import { counted, percent } from './words.ts';
import { dayText, type DayNumber, type Watched } from './watch.ts';

/** So many of the same weekday before it are what a day is held against. */
export const WEEKS = 8;
/** Standard deviations to the edge of the band: the limits of Shewhart's charts. */
const SIGMAS = 3;
/** A day with fewer failures than this is no rush, whatever went before. */
const MIN_RUSH = 5;

/** The last days whose rate is held against that of the days before them. */
const RECENT_DAYS = 28;
const TRAILING_DAYS = 84;
/** It has to be so for so many days in a row. */
const HELD_DAYS = 7;
/** One and the same fall is told once: windows of neighbouring days are nearly the same. */
const RECOVERY_MEMORY_DAYS = RECENT_DAYS;
const FAILURES_MEMORY_DAYS = 1;

/** How far back the beginning of an alert is looked for. */
const LONGEST_DAYS = 56;
/** So many days before a day its alerts are told from. */
export const WATCH_DAYS = LONGEST_DAYS + RECENT_DAYS + TRAILING_DAYS;

/** Between these all is as it was, both included. */
export type Band = { readonly low: number; readonly high: number };

/** A rate, and what it is a share of. */
export type Window = { readonly hits: number; readonly of: number; readonly share: Share };

/**
 * Something that a person should look at. `isNew`: it was not so on the days before, so nobody was told yet.
 */
export type Alert = {
  readonly day: DayNumber;
  readonly since: DayNumber;
  readonly isNew: boolean;
} & (
  | {
      readonly what: 'failures_high' | 'failures_low';
      readonly failed: number;
      /** A day of this kind had so many on average. */
      readonly usual: number;
      readonly band: Band;
    }
  | {
      readonly what: 'recovery_low' | 'recovery_high';
      readonly recent: Window;
      readonly trailing: Window;
    }
);

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, n) => sum + n, 0);

/**
 * The counts between which the next one lies, as those before it were: a prediction interval for a Poisson
 * count by its joint distribution with them, at three standard deviations, widened where they scatter more
 * than a Poisson law allows. Nothing at all counts as half a failure.
 *
 * Source: K. Krishnamoorthy, J. Peng, Improved closed-form prediction intervals for binomial and Poisson
 * distributions, Journal of Statistical Planning and Inference 141 (2011); the widening is that of quasi-
 * Poisson: P. McCullagh, J. A. Nelder, Generalized linear models (1989), 6.2.
 */
export const bandOf = (before: readonly number[]): Band => {
  const n = before.length;
  invariant(n > 1, 'a band is made of two counts or more');
  const mean = Math.max(sumOf(before), 0.5) / n;
  const variance = sumOf(before.map((count) => (count - mean) ** 2)) / (n - 1);
  const z2 = SIGMAS ** 2 * Math.max(1, variance / mean);
  const middle = mean + z2 / (2 * n);
  const spread = Math.sqrt(z2 * (mean * (1 + 1 / n) + z2 / (4 * n ** 2)));
  return { low: Math.max(0, Math.ceil(middle - spread)), high: Math.floor(middle + spread) };
};

type Found = Alert extends infer One ? (One extends Alert ? Omit<One, 'since' | 'isNew'> : never) : never;

const failuresOn = ({ days, since }: Watched, day: DayNumber): Found | null => {
  const first = day - 7 * WEEKS;
  if (since === null || since > first) return null;
  const before = Array.from({ length: WEEKS }, (_, week) => days.get(first + 7 * week)?.failed ?? 0);
  const failed = days.get(day)?.failed ?? 0;
  const band = bandOf(before);
  const told = { day, failed, usual: sumOf(before) / WEEKS, band };
  if (failed > band.high && failed >= MIN_RUSH) return { what: 'failures_high', ...told };
  return failed < band.low ? { what: 'failures_low', ...told } : null;
};

/**
 * The rate of what was recovered or given up in `[from, to)`; null when there is too little to say anything.
 */
const windowOf = ({ days }: Watched, from: DayNumber, to: DayNumber): Window | null => {
  let [hits, of] = [0, 0];
  for (let day = from; day < to; day += 1) {
    const one = days.get(day);
    if (!one) continue;
    hits += one.recovered;
    of += one.recovered + one.lost;
  }
  const share = of < MIN_SETTLED ? null : wilson(hits, of);
  return share && { hits, of, share };
};

const rateOn = (watched: Watched, day: DayNumber): Found | null => {
  const middle = day + 1 - RECENT_DAYS;
  if (watched.since === null || watched.since > middle - TRAILING_DAYS) return null;
  const recent = windowOf(watched, middle, day + 1);
  const trailing = windowOf(watched, middle - TRAILING_DAYS, middle);
  if (recent === null || trailing === null) return null;
  const change = newcombe({ hits: recent.hits, all: recent.of }, { hits: trailing.hits, all: trailing.of });
  if (change === null || (change.low <= 0 && change.high >= 0)) return null;
  return { what: change.low > 0 ? 'recovery_high' : 'recovery_low', day, recent, trailing };
};

/**
 * As {@link rateOn}, once it has been so for a whole week: a rate that is looked at every day crosses its
 * interval now and then.
 */
const recoveryOn = (watched: Watched, day: DayNumber): Found | null => {
  const found = rateOn(watched, day);
  const isSo = (before: number) => rateOn(watched, day - before)?.what === found?.what;
  return Array.from({ length: HELD_DAYS - 1 }, (_, i) => i + 1).every(isSo) ? found : null;
};

/** Since when it is as on `found.day`, with breaks shorter than `memory` days. */
const dated = (
  look: (watched: Watched, day: DayNumber) => Found | null,
  watched: Watched,
  day: DayNumber,
  memory: number,
): Alert[] => {
  const found = look(watched, day);
  if (found === null) return [];
  let since = day;
  for (let one = day - 1; one >= Math.max(since - memory, day - LONGEST_DAYS); one -= 1)
    if (look(watched, one)?.what === found.what) since = one;
  return [{ ...found, since, isNew: since === day }];
};

/** What has to be looked at on a day that is over. `watched` reaches {@link WATCH_DAYS} back from it. */
export const alertsOn = (watched: Watched, day: DayNumber): readonly Alert[] => [
  ...dated(failuresOn, watched, day, FAILURES_MEMORY_DAYS),
  ...dated(recoveryOn, watched, day, RECOVERY_MEMORY_DAYS),
];

const WEEKDAYS = ['Thursday', 'Friday', 'Saturday', 'Sunday', 'Monday', 'Tuesday', 'Wednesday'];

const LOOK_AT: Readonly<Record<Alert['what'], string>> = {
  failures_high:
    'recoup report --by reason (or --by brand, --by country) of that day shows what they have in common; look for an outage ' +
    'at the provider or at a bank, a change of prices, a large billing run.',
  failures_low:
    'Fewer may be good news, or news that does not arrive: look whether payments were billed as on other days, at the alarms ' +
    'no-webhooks and webhooks-failing, and run recoup reconcile.',
  recovery_low:
    'recoup report --by reason and --by step of the last four weeks against those before; look whether mails go and arrive, ' +
    'whether tries still run, and whether the policy was changed.',
  recovery_high:
    'Good news, if lost ones are still given up in their time: look at what is open in recoup report, and at what was changed.',
};

const bandInWords = ({ low, high }: Band): string => `${counted(low)} to ${counted(high)}`;

const windowInWords = ({ share, hits, of }: Window): string =>
  `${percent(share.share)} (${counted(hits)} of ${counted(of)})`;

const intervalInWords = ({ share }: Window): string => `${percent(share.low)} to ${percent(share.high)}`;

const figureInWords = (alert: Alert): string => {
  if ('failed' in alert) {
    const { what, day, failed, usual, band } = alert;
    const name = WEEKDAYS[day % 7] ?? '';
    return (
      `${what === 'failures_high' ? 'More' : 'Fewer'} payments failed than usual: ${counted(failed)} on ${name}, ` +
      `${dayText(day)}. The last ${WEEKS} ${name}s had ${usual.toFixed(1)} on average, and ${bandInWords(band)} was to be ` +
      'expected.'
    );
  }
  const { what, recent, trailing } = alert;
  return (
    `${what === 'recovery_low' ? 'Less' : 'More'} comes back than before: of what was settled in the last ${RECENT_DAYS} ` +
    `days ${windowInWords(recent)} was recovered, in the ${TRAILING_DAYS / 7} weeks before ${windowInWords(trailing)}; 95 %: ` +
    `${intervalInWords(recent)} now, ${intervalInWords(trailing)} before.`
  );
};

/** An alert in plain sentences: what, since when, and what to look at. */
export const alertInWords = (alert: Alert): { readonly says: string; readonly lookAt: string } => ({
  says: `${figureInWords(alert)}${alert.isNew ? '' : ` So since ${dayText(alert.since)}.`}`,
  lookAt: LOOK_AT[alert.what],
});
