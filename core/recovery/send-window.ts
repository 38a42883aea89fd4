// When a mail may go and when money may be there: send windows, mornings and paydays where a customer lives.
import { InvariantError } from '../assert.ts';
import { DAY_MS, HOUR_MS, instantFromMs, MINUTE_MS, offsetSpanAt, toMs } from '../time.ts';
import type { Instant, OffsetSpan } from '../time.ts';

/**
 * The hours in which a mail may go, by the clock on the customer's wall. Over midnight (`from` after `to`)
 * they belong to the day on which they begin.
 */
export type SendWindow = {
  /** `HH:MM`, 00:00 to 23:59. */
  readonly from: string;
  /** `HH:MM`, 00:00 to 24:00; at this minute no mail goes any more. */
  readonly to: string;
  /** 1 = Monday to 7 = Sunday. */
  readonly weekdays: readonly number[];
  /** Days without mail: `YYYY-MM-DD`, or `MM-DD` for every year. */
  readonly quietDates: readonly string[];
};

/** A window made ready: times in milliseconds since local midnight, days as numbers since 1970-01-01. */
type Hours = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly overnight: boolean;
  readonly weekdays: ReadonlySet<number>;
  readonly quietDays: ReadonlySet<number>;
  /** Month × 100 + day of the month. */
  readonly quietEveryYear: ReadonlySet<number>;
};

/** A policy's window opens within a fraction of this, see {@link LONGEST_CLOSED_DAYS}. */
const SEARCH_DAYS = 400;

const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d$/;
const QUIET_DATE = /^(?:[12]\d{3}-)?\d{2}-\d{2}$/;

/** Milliseconds since midnight of `HH:MM`. */
const timeMs = (text: string): number =>
  Number(text.slice(0, 2)) * HOUR_MS + Number(text.slice(3)) * MINUTE_MS;

/** The days of a calendar are counted from 1970-01-01, whatever the zone. */
const dayOf = (localMs: number): number => Math.floor(localMs / DAY_MS);

/** 1 = Monday to 7 = Sunday; day 0 was a Thursday. */
const weekdayOf = (day: number): number => ((((day + 3) % 7) + 7) % 7) + 1;

const monthAndDay = (day: number): number => {
  const date = new Date(day * DAY_MS);
  return (date.getUTCMonth() + 1) * 100 + date.getUTCDate();
};

const hoursFrom = ({ from, to, weekdays, quietDates }: SendWindow): Hours => ({
  fromMs: timeMs(from),
  toMs: timeMs(to),
  overnight: timeMs(from) > timeMs(to),
  weekdays: new Set(weekdays),
  quietDays: new Set(quietDates.filter((date) => date.length > 5).map((date) => Date.parse(date) / DAY_MS)),
  quietEveryYear: new Set(
    quietDates.filter((date) => date.length === 5).map((date) => Number(date.replace('-', ''))),
  ),
});

const knownHours = new WeakMap<SendWindow, Hours>();

const hoursOf = (window: SendWindow): Hours => {
  const known = knownHours.get(window);
  if (known) return known;
  const hours = hoursFrom(window);
  knownHours.set(window, hours);
  return hours;
};

/** Whether the window opens on a day. */
const opensOn = ({ weekdays, quietDays, quietEveryYear }: Hours, day: number): boolean =>
  weekdays.has(weekdayOf(day)) &&
  !quietDays.has(day) &&
  (quietEveryYear.size === 0 || !quietEveryYear.has(monthAndDay(day)));

/** The day that was lived before `day`: yesterday, unless the clocks were moved over all of yesterday. */
const dayBefore = (day: number, { fromMs, offsetMs, offsetBeforeMs }: OffsetSpan): number => {
  const skippedFrom = fromMs + offsetBeforeMs;
  const isSkipped = skippedFrom <= (day - 1) * DAY_MS && day * DAY_MS <= fromMs + offsetMs;
  return isSkipped ? dayOf(skippedFrom - 1) : day - 1;
};

/** The first local moment of `day`, not before its `localMs`, at which a mail may go; else infinity. */
const openingOn = (hours: Hours, day: number, localMs: number, span: OffsetSpan): number => {
  const midnight = day * DAY_MS;
  if (hours.overnight && localMs < midnight + hours.toMs && opensOn(hours, dayBefore(day, span))) {
    return localMs;
  }
  const opening = Math.max(localMs, midnight + hours.fromMs);
  const isOver = opening >= midnight + (hours.overnight ? DAY_MS : hours.toMs);
  return isOver || !opensOn(hours, day) ? Number.POSITIVE_INFINITY : opening;
};

/**
 * The earliest instant, not before `at`, at which a mail may go: when the clock of the zone shows a time in
 * the window. Of a window whose beginning the clocks leave out it is the first moment that exists; what they show
 * twice is in the window twice. `null`: a mail may always go.
 * Throws when the window stays shut for 400 days, which {@link windowFaults} rules out.
 */
export const nextInWindow = (at: Instant, window: SendWindow | null, timeZone: string): Instant => {
  const start = toMs(at);
  if (window === null) return instantFromMs(start);
  const hours = hoursOf(window);
  const limit = start + SEARCH_DAYS * DAY_MS;
  for (let ms = start; ms < limit;) {
    const span = offsetSpanAt(ms, timeZone);
    const local = ms + span.offsetMs;
    const localEnd = span.untilMs + span.offsetMs;
    for (let day = dayOf(local); day * DAY_MS < localEnd; day += 1) {
      const opening = openingOn(hours, day, Math.max(local, day * DAY_MS), span);
      if (opening < localEnd) return instantFromMs(opening - span.offsetMs);
    }
    ms = span.untilMs;
  }
  throw new InvariantError(`a send window stays shut for ${SEARCH_DAYS} days: ${JSON.stringify(window)}`);
};

/** Whether a mail may go at `at` in a zone; `null`: it always may. */
export const isInWindow = (at: Instant, window: SendWindow | null, timeZone: string): boolean => {
  if (window === null) return true;
  const span = offsetSpanAt(toMs(at), timeZone);
  const local = toMs(at) + span.offsetMs;
  return openingOn(hoursOf(window), dayOf(local), local, span) === local;
};

/** Longer without a day on which mails may go, and the campaign is over first. */
const LONGEST_CLOSED_DAYS = 180;

/** The years in which a window's days are counted: every kind of year, and those of its dates. */
const yearsOf = (quietDates: readonly string[]): number[] => {
  const cycle = Array.from({ length: 30 }, (_, i) => 2000 + i);
  const named = quietDates.filter((date) => date.length > 5).map((date) => Number(date.slice(0, 4)));
  const years = [...cycle, ...named.flatMap((year) => [year - 1, year, year + 1])];
  return [...new Set(years)].sort((a, b) => a - b);
};

/** Whether a window stays shut for more than 180 days on end. */
const isShut = (window: SendWindow): boolean => {
  // A weekday comes round 25 times in that time, and a quiet date at most once.
  if (window.quietDates.length < Math.floor(LONGEST_CLOSED_DAYS / 7)) return false;
  const hours = hoursFrom(window);
  let closed = 0;
  for (const year of yearsOf(window.quietDates)) {
    const newYear = Date.UTC(year, 0, 1) / DAY_MS;
    const nextYear = Date.UTC(year + 1, 0, 1) / DAY_MS;
    for (let day = newYear; day < nextYear; day += 1) {
      closed = opensOn(hours, day) ? 0 : closed + 1;
      if (closed > LONGEST_CLOSED_DAYS) return true;
    }
  }
  return false;
};

/** Whether a quiet date is in the calendar; 02-29 is, and comes in leap years only. */
const isQuietDate = (text: string): boolean => {
  if (!QUIET_DATE.test(text)) return false;
  const date = text.length === 5 ? `2000-${text}` : text;
  const ms = Date.parse(date);
  return !Number.isNaN(ms) && instantFromMs(ms).startsWith(date);
};

/** Everything that is wrong with a window, each with what to change; empty when nothing is. */
export const windowFaults = (window: SendWindow): string[] => {
  const { from, to, weekdays, quietDates } = window;
  const faults: string[] = [];
  if (!TIME.test(from)) faults.push(`from = ${from}: write a time from 00:00 to 23:59`);
  if (!TIME.test(to) && to !== '24:00') faults.push(`to = ${to}: write a time from 00:00 to 24:00`);
  if (from === to) faults.push(`from and to are both ${from}: for the whole day write 00:00 to 24:00`);
  if (weekdays.length === 0) faults.push('weekdays is empty: name at least one, 1 = Monday to 7 = Sunday');
  for (const weekday of weekdays) {
    if (Number.isInteger(weekday) && weekday >= 1 && weekday <= 7) continue;
    faults.push(`weekdays has ${weekday}: use 1 = Monday to 7 = Sunday`);
  }
  for (const date of quietDates) {
    if (!isQuietDate(date)) faults.push(`quietDates has ${date}: write a date as YYYY-MM-DD, or MM-DD`);
  }
  if (faults.length === 0 && isShut(window)) {
    faults.push(`no mail could go for more than ${LONGEST_CLOSED_DAYS} days on end: remove quiet dates`);
  }
  return faults;
};

/** No zone has ever been further from UTC. */
const FURTHEST_OFFSET_MS = 16 * HOUR_MS;

/** The first moment of a local day from an hour of it on, milliseconds since 1970; `null`: there is none. */
const hourOfDay = (day: number, hour: number, timeZone: string): number | null => {
  const wanted = day * DAY_MS + hour * HOUR_MS;
  let span = offsetSpanAt(wanted - FURTHEST_OFFSET_MS, timeZone);
  while (wanted - span.offsetMs >= span.untilMs) span = offsetSpanAt(span.untilMs, timeZone);
  const ms = Math.max(wanted - span.offsetMs, span.fromMs);
  return dayOf(ms + span.offsetMs) === day ? ms : null;
};

const localDayNumber = (ms: number, timeZone: string): number =>
  dayOf(ms + offsetSpanAt(ms, timeZone).offsetMs);

/**
 * The earliest instant, not before `at`, at which a day of the zone reaches a full hour (0 to 23), once a
 * day: of an hour that the clocks leave out it is the next moment that exists, of one they show twice the first.
 */
export const localMorning = (at: Instant, timeZone: string, hour = 9): Instant => {
  const start = toMs(at);
  for (let day = localDayNumber(start, timeZone); ; day += 1) {
    const ms = hourOfDay(day, hour, timeZone);
    if (ms !== null && ms >= start) return instantFromMs(ms);
  }
};

/** The 1st, the 15th, and the last Monday to Friday of a month. */
const isPayday = (day: number): boolean => {
  const date = monthAndDay(day) % 100;
  const weekday = weekdayOf(day);
  const isLastWeekday = weekday <= 5 && monthAndDay(day + (weekday === 5 ? 3 : 1)) % 100 <= 3 && date > 3;
  return date === 1 || date === 15 || isLastWeekday;
};

/**
 * The local morning of the next payday, the day of `at` included: the 1st, the 15th or the last Monday
 * to Friday of a month. Never before `at`: later on a payday it is `at` itself.
 */
export const nextPayday = (at: Instant, timeZone: string, hour = 9): Instant => {
  const start = toMs(at);
  for (let day = localDayNumber(start, timeZone); ; day += 1) {
    const ms = isPayday(day) ? hourOfDay(day, hour, timeZone) : null;
    if (ms !== null) return instantFromMs(Math.max(ms, start));
  }
};
