// What a customer does on their page, as it is written down: with a bound for everything, as anybody with the link can press.
import { addLocalDays, addMs, endOfLocalDay, HOUR_MS, localDay, type Instant } from '../time.ts';
import type { Answer, AnswerKind, Customer, Recovery } from './customer.ts';
import { note } from './journal.ts';

/** So many answers a case are kept; what comes after them is not. */
export const MAX_ANSWERS = 10;
/** How far ahead a promise may lie. */
export const MAX_PROMISE_DAYS = 14;
/** The longest text of an answer, in UTF-16 units. */
export const MAX_ANSWER_TEXT = 500;
/** So many lines of the journal are the customer's own; what is pressed after them is carried out and not noted. */
const MAX_OWN_LINES = 40;
/** The same thing pressed again within this time is noted once. */
const SAME_PRESS_MS = HOUR_MS;

const BY_CUSTOMER = 'the customer ';

/** What was told: of a promise the day, `YYYY-MM-DD`. */
export type Told = Pick<Answer, 'kind' | 'promisedDay' | 'text'>;

/** The first and the last day that can be promised at `now` in a time zone. */
export const promiseDays = (now: Instant, zone: string): { readonly from: string; readonly to: string } => ({
  from: localDay(now, zone),
  to: localDay(addLocalDays(now, MAX_PROMISE_DAYS, zone), zone),
});

/** The end of a promised day; null when the day cannot be promised. */
export const promisedUntil = (day: string | null, now: Instant, zone: string): Instant | null => {
  const { from, to } = promiseDays(now, zone);
  return day === null || day < from || day > to ? null : endOfLocalDay(day, zone);
};

/** Whether a promise of this case has been made already: the first only holds anything back. */
export const hasPromised = ({ answers }: Recovery): boolean => answers.some(({ kind }) => kind === 'promise');

const inWords: Readonly<Record<AnswerKind, string>> = {
  too_expensive: 'too expensive',
  not_using: 'not using it',
  promise: 'will pay',
  wrong_person: 'wrong person',
  other: 'something else',
};

const whyOf = ({ kind, promisedDay, text }: Told, held: boolean): string => {
  const words = text === null ? '' : `; wrote ${text.length} characters`;
  if (kind !== 'promise') return `${inWords[kind]}${words}`;
  return `will pay on ${promisedDay ?? '?'}${held ? '' : '; holds nothing back'}${words}`;
};

/** Writes an answer down. The journal, which outlives the case, has none of the customer's own words. */
export const withAnswer = (customer: Customer, told: Told, held: boolean, now: Instant): Customer => {
  const noted = note(customer.recovery, now, `${BY_CUSTOMER}answered`, whyOf(told, held));
  return { ...customer, recovery: { ...noted, answers: [...noted.answers, { at: now, ...told, held }] } };
};

/**
 * Notes what the customer went to do; null when it was noted a short time ago, or enough is noted.
 */
export const withPress = (
  { recovery, ...customer }: Customer,
  what: string,
  why: string,
  now: Instant,
): Customer | null => {
  const own = recovery.journal.filter((line) => line.what.startsWith(BY_CUSTOMER));
  const since = addMs(now, -SAME_PRESS_MS);
  const line = `${BY_CUSTOMER}${what}`;
  if (own.length >= MAX_OWN_LINES) return null;
  if (own.some((one) => one.what === line && one.why === why && one.at > since)) return null;
  // A line of its own each time, not a count: reports ask when it was.
  const entry = { at: now, what: line, why, count: 1 };
  return { ...customer, recovery: { ...recovery, journal: [...recovery.journal, entry] } };
};
