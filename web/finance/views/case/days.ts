// The days until which somebody is usually held back. Pure: days are `YYYY-MM-DD`.

const DAY_MS = 86_400_000;
const FRIDAY = 5;
/** As far ahead as the API takes a promise. */
const MOST_DAYS = 365;

const dateOf = (day: string): Date => new Date(`${day}T00:00:00Z`);
const dayOf = (date: Date): string => date.toISOString().slice(0, 10);

/** The day that lies `by` days after a day. */
export const dayBy = (day: string, by: number): string =>
  dayOf(new Date(dateOf(day).getTime() + by * DAY_MS));

/** The day on which an instant is in a time zone; in UTC where nobody knows the zone. */
export const dayIn = (instant: string, timeZone: string): string => {
  try {
    const parts = new Intl.DateTimeFormat('en', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    }).formatToParts(new Date(instant));
    const of = (type: string) => parts.find((part) => part.type === type)?.value ?? '';
    return `${of('year')}-${of('month')}-${of('day')}`;
  } catch {
    return instant.slice(0, 10);
  }
};

const lastOfMonth = (day: string): string => {
  const date = dateOf(day);
  return dayOf(new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)));
};

/** The days that are chosen most, from today: each lies ahead. */
export const DAYS = {
  tomorrow: (today: string): string => dayBy(today, 1),
  friday: (today: string): string => {
    const ahead = (FRIDAY - dateOf(today).getUTCDay() + 7) % 7;
    return dayBy(today, ahead === 0 ? 7 : ahead);
  },
  week: (today: string): string => dayBy(today, 7),
  month_end: (today: string): string => {
    const last = lastOfMonth(today);
    return last === today ? lastOfMonth(dayBy(today, 1)) : last;
  },
} as const;
export type DayName = keyof typeof DAYS;

/** Whether somebody can be held until a day: from today on, a year at most. */
export const isHoldable = (day: string, today: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(day) && day >= today && day <= dayBy(today, MOST_DAYS);
