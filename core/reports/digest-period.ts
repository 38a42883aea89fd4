// The week or the month that a digest is about: weeks of ISO 8601, from Monday to Sunday, and days of UTC.
import {
  addDays,
  addMs,
  monthAfter,
  monthOf,
  parseInstant,
  startOfMonth,
  toMs,
  type Instant,
} from '../time.ts';
import { dayNumber, startOfDay } from './watch.ts';

/** `name`: `2026-W10` or `2026-03`. From `from` until before `to`. */
export type DigestPeriod = {
  readonly kind: 'week' | 'month';
  readonly name: string;
  readonly from: Instant;
  readonly to: Instant;
};

/** 1970-01-05, a Monday. */
const FIRST_MONDAY = 4;

/** The Monday of the week that a day is in. */
const mondayOf = (day: number): number => day - ((((day - FIRST_MONDAY) % 7) + 7) % 7);

/** The Monday of the first week of a year: the week that holds its 4th of January. */
const firstMonday = (year: number): number =>
  mondayOf(dayNumber(parseInstant(`${String(year).padStart(4, '0')}-01-04T00:00:00Z`) ?? startOfDay(0)));

/** The week that a moment is in. */
export const weekAt = (at: Instant): DigestPeriod => {
  const monday = mondayOf(dayNumber(at));
  // A week belongs to the year of its Thursday.
  const year = Number(startOfDay(monday + 3).slice(0, 4));
  const week = (monday - firstMonday(year)) / 7 + 1;
  const from = startOfDay(monday);
  return { kind: 'week', name: `${year}-W${String(week).padStart(2, '0')}`, from, to: addDays(from, 7) };
};

/** The month that a moment is in. */
export const monthAt = (at: Instant): DigestPeriod => {
  const name = monthOf(at);
  return { kind: 'month', name, from: startOfMonth(name), to: startOfMonth(monthAfter(name)) };
};

/** The week of a name such as `2026-W10`; null where there is none. */
export const weekNamed = (name: string): DigestPeriod | null => {
  const [, year, week] = /^(\d{4})-W(\d\d)$/.exec(name) ?? [];
  if (year === undefined || week === undefined) return null;
  const found = weekAt(startOfDay(firstMonday(Number(year)) + 7 * (Number(week) - 1)));
  return found.name === name ? found : null;
};

/** The month of a name such as `2026-03`; null where there is none. */
export const monthNamed = (name: string): DigestPeriod | null => {
  const at = /^\d{4}-\d\d$/.test(name) ? parseInstant(`${name}-01T00:00:00Z`) : null;
  return at && monthAt(at);
};

/** The period before a period. */
export const periodBefore = ({ kind, from }: DigestPeriod): DigestPeriod =>
  (kind === 'week' ? weekAt : monthAt)(addMs(from, -1));

/** The last week or month that is over. */
export const lastWhole = (kind: DigestPeriod['kind'], now: Instant): DigestPeriod =>
  periodBefore((kind === 'week' ? weekAt : monthAt)(now));

/**
 * Up to when the period before is looked at, so that both are as old: what has had a month longer to come
 * back would otherwise always look better, or worse.
 */
export const asOldAs = ({ to }: DigestPeriod, before: DigestPeriod, now: Instant): Instant =>
  addMs(before.to, toMs(now) - toMs(to));
