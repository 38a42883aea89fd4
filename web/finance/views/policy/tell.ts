// What sentences about the policy are made with: words, names of codes, and how a language writes lists, days and names. Pure.
import type { Format } from '../../format.ts';
import { dateLocaleOf } from '../../language.ts';
import type { Say } from '../../message.ts';
import type en from '../../words/en/policy.json';

/** The groups of names that a policy's codes are in. */
type NamedGroup = 'kind' | 'decline' | 'interval' | 'collection' | 'message' | 'notice';

export type Tell = {
  readonly say: Say<typeof en>;
  readonly names: (group: NamedGroup, code: string) => string;
  readonly format: Format;
  /** Texts as a list of which one is enough, or of which all are meant. */
  readonly anyOf: (texts: readonly string[]) => string;
  readonly allOf: (texts: readonly string[]) => string;
  /** The name of a day of the week; 1 = Monday. */
  readonly weekday: (day: number) => string;
  /** A day of every year (`12-24`) or of one (`2026-12-24`). */
  readonly date: (text: string) => string;
  readonly languageName: (tag: string) => string;
  /** A count of days, which may hold a fraction. */
  readonly days: (n: number) => string;
};

/** A Monday. */
const MONDAY = Date.UTC(2024, 0, 1);
const DAY_MS = 86_400_000;

export const createTell = (say: Tell['say'], names: Tell['names'], format: Format): Tell => {
  const locale = dateLocaleOf(format.language);
  const inUtc = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' });
  const [weekdays, yearly] = [inUtc({ weekday: 'long' }), inUtc({ month: 'long', day: 'numeric' })];
  const any = new Intl.ListFormat(locale, { type: 'disjunction' });
  const all = new Intl.ListFormat(locale, { type: 'conjunction' });
  const tags = new Intl.DisplayNames(locale, { type: 'language', fallback: 'code' });
  const span = new Intl.NumberFormat(format.language, { style: 'unit', unit: 'day', unitDisplay: 'long' });
  return {
    say,
    names,
    format,
    anyOf: (texts) => any.format(texts),
    allOf: (texts) => all.format(texts),
    weekday: (day) => weekdays.format(MONDAY + (day - 1) * DAY_MS),
    date: (text) => (text.length === 5 ? yearly.format(new Date(`2024-${text}`)) : format.day(text)),
    languageName: (tag) => tags.of(tag) ?? tag,
    days: (n) => span.format(n),
  };
};
