// Instants and durations. Time is always an argument: nothing in core reads a clock.
import { Temporal } from 'temporal-polyfill';

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

/** The calendar month of `at` in UTC, `YYYY-MM`. */
export const monthOf = (at: Instant): string => at.slice(0, 7);

/** Whether an IANA time zone of that name is known. */
export const isTimeZone = (name: string): boolean => {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return true;
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
