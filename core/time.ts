// Instants and durations. Time is always an argument: nothing in core reads a clock.
import { Temporal } from 'temporal-polyfill';
import { invariant } from './assert.ts';

/** A moment in UTC, always `YYYY-MM-DDTHH:mm:ss.sssZ`, so that text order is time order. */
export type Instant = string & { readonly __instant: never };

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** The instant of a count of milliseconds since 1970-01-01T00:00Z. */
export const instantFromMs = (ms: number): Instant => new Date(ms).toISOString() as Instant;

/** The instant of a count of whole seconds since 1970-01-01T00:00Z, as Stripe stamps its objects. */
export const instantFromSeconds = (seconds: number): Instant => instantFromMs(seconds * 1000);

/** Milliseconds since 1970-01-01T00:00Z. */
export const toMs = (at: Instant): number => Date.parse(at);

/** `at` moved by `ms` milliseconds (negative: earlier). */
export const addMs = (at: Instant, ms: number): Instant => instantFromMs(toMs(at) + ms);

/** `at` moved by `days` × 24 hours; `days` may be a fraction. */
export const addDays = (at: Instant, days: number): Instant => addMs(at, Math.round(days * DAY_MS));

/** The earlier of two instants; `null` means never. */
export const earlier = (a: Instant | null, b: Instant | null): Instant | null =>
  a === null ? b : b === null ? a : a < b ? a : b;

/** The later of two instants; `null` means not yet. */
export const later = (a: Instant | null, b: Instant | null): Instant | null =>
  a === null ? b : b === null ? a : a > b ? a : b;

/** The calendar day of `at` in an IANA time zone, `YYYY-MM-DD`. */
export const localDay = (at: Instant, timeZone: string): string =>
  Temporal.Instant.from(at).toZonedDateTimeISO(timeZone).toPlainDate().toString();

/** `at` moved by whole calendar days in a time zone: the same time of day there, across any change of offset. */
export const addLocalDays = (at: Instant, days: number, timeZone: string): Instant =>
  instantFromMs(Temporal.Instant.from(at).toZonedDateTimeISO(timeZone).add({ days }).epochMilliseconds);

/** When the calendar day of `at` begins in a time zone. */
export const startOfLocalDay = (at: Instant, timeZone: string): Instant =>
  instantFromMs(Temporal.Instant.from(at).toZonedDateTimeISO(timeZone).startOfDay().epochMilliseconds);

/** The last millisecond of a calendar day (`YYYY-MM-DD`) in a time zone; null when there is no such day. */
export const endOfLocalDay = (day: string, timeZone: string): Instant | null => {
  if (!/^\d{4}-\d\d-\d\d$/.test(day)) return null;
  try {
    const next = Temporal.PlainDate.from(day).add({ days: 1 });
    return instantFromMs(next.toZonedDateTime(timeZone).epochMilliseconds - 1);
  } catch {
    return null;
  }
};

/** The instant that a text names with its offset (`2026-12-04T12:00:00+01:00`); null when it names none. */
export const parseInstant = (text: string): Instant | null => {
  try {
    return instantFromMs(Temporal.Instant.from(text).epochMilliseconds);
  } catch {
    return null;
  }
};

/** The calendar month of `at` in UTC, `YYYY-MM`. */
export const monthOf = (at: Instant): string => at.slice(0, 7);

/** When a month (`YYYY-MM`, UTC) begins. */
export const startOfMonth = (month: string): Instant => `${month}-01T00:00:00.000Z` as Instant;

/** The month after a month, both `YYYY-MM`. */
export const monthAfter = (month: string): string => {
  const [year = 0, number = 0] = month.split('-').map(Number);
  const [nextYear, next] = number === 12 ? [year + 1, 1] : [year, number + 1];
  return `${String(nextYear).padStart(4, '0')}-${String(next).padStart(2, '0')}`;
};

/**
 * A stretch of time in which the clocks of a zone are not changed: from `fromMs` until before `untilMs`,
 * milliseconds since 1970-01-01T00:00Z. Local time is UTC + `offsetMs`; just before `fromMs` it was
 * UTC + `offsetBeforeMs`. A stretch without a change may be told in several parts.
 */
export type OffsetSpan = {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly offsetMs: number;
  readonly offsetBeforeMs: number;
};

const offsetAt = (ms: number, timeZone: string): number =>
  Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timeZone).offsetNanoseconds / 1_000_000;

/** No two changes of a zone's offset since 1970 are less than six days apart. */
const OFFSET_STEP_MS = 4 * DAY_MS;
const OFFSET_PART_MS = 16 * OFFSET_STEP_MS;
const MOST_PARTS = 5000;

/** The first whole second after `fromMs` with another offset than there; there is one by `untilMs`. */
const offsetChange = (fromMs: number, untilMs: number, timeZone: string): number => {
  const old = offsetAt(fromMs, timeZone);
  let [before, after] = [fromMs / 1000, untilMs / 1000];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (offsetAt(middle * 1000, timeZone) === old) before = middle;
    else after = middle;
  }
  return after * 1000;
};

/** The spans of one part of time, and of the step before it, so that a change shortly before it is told. */
const spansOfPart = (part: number, timeZone: string): OffsetSpan[] => {
  const untilMs = (part + 1) * OFFSET_PART_MS;
  let fromMs = part * OFFSET_PART_MS - OFFSET_STEP_MS;
  let offsetMs = offsetAt(fromMs, timeZone);
  let offsetBeforeMs = offsetMs;
  const spans: OffsetSpan[] = [];
  for (let ms = fromMs; ms < untilMs; ms += OFFSET_STEP_MS) {
    const next = offsetAt(ms + OFFSET_STEP_MS, timeZone);
    if (next === offsetMs) continue;
    const change = offsetChange(ms, ms + OFFSET_STEP_MS, timeZone);
    spans.push({ fromMs, untilMs: change, offsetMs, offsetBeforeMs });
    [fromMs, offsetBeforeMs, offsetMs] = [change, offsetMs, next];
  }
  spans.push({ fromMs, untilMs, offsetMs, offsetBeforeMs });
  return spans;
};

const knownSpans = new Map<string, readonly OffsetSpan[]>();

/**
 * The span that holds a moment, milliseconds since 1970-01-01T00:00Z. Remembered: Temporal takes some 15 µs
 * for an offset. Its own search for the next change depends on the clock of the machine, so it is not used.
 */
export const offsetSpanAt = (ms: number, timeZone: string): OffsetSpan => {
  const part = Math.floor(ms / OFFSET_PART_MS);
  const name = `${part} ${timeZone}`;
  let spans = knownSpans.get(name);
  if (!spans) {
    if (knownSpans.size >= MOST_PARTS) knownSpans.clear();
    spans = spansOfPart(part, timeZone);
    knownSpans.set(name, spans);
  }
  const span = spans.find((one) => ms < one.untilMs);
  invariant(span, `no offset of ${timeZone} is known at ${ms}`);
  return span;
};

/** Names and offsets: Temporal would also take the time zone out of a whole date. */
const ZONE_NAME = /^(?:[A-Za-z][A-Za-z0-9_+/-]*|[+-]\d\d(?::?\d\d)?)$/;

const MOST_NAMES = 1000;
const zoneNames = new Map<string, boolean>();

/** Whether an IANA time zone of that name is known. Remembered: Intl takes its time to answer. */
export const isTimeZone = (name: string): boolean => {
  const known = zoneNames.get(name);
  if (known !== undefined) return known;
  if (zoneNames.size >= MOST_NAMES) zoneNames.clear();
  const answer = ZONE_NAME.test(name) && intlKnows(name);
  zoneNames.set(name, answer);
  return answer;
};

const intlKnows = (name: string): boolean => {
  try {
    // Intl, as the door asks this too and is to start without a library of calendars.
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
};

const UNIT_MS: Readonly<Record<string, number>> = { m: MINUTE_MS, h: HOUR_MS, d: DAY_MS, w: 7 * DAY_MS };

/**
 * Milliseconds of a duration written `90m`, `12h`, `3d` or `2w`; `null` when it is not one.
 * The longest is 100 years.
 */
export const parseDuration = (text: string): number | null => {
  const match = /^(\d{1,7})([mhdw])$/.exec(text);
  if (!match) return null;
  const ms = Number(match[1]) * (UNIT_MS[match[2] ?? ''] ?? Number.NaN);
  return ms <= 36_500 * DAY_MS ? ms : null;
};
