// The period that a report or a list is about, as people write it: days and months of UTC, both ends included.
import { addDays, monthAfter, monthOf, parseInstant, type Instant } from '../time.ts';

/** `[from, to)`. */
export type Period = { readonly from: Instant; readonly to: Instant };

/** What is wrong with a period, and at which of its ends. `isEmpty`: each end is right, and the one is before the other. */
export type PeriodFault = {
  readonly field: 'from' | 'to';
  readonly why: string;
  readonly isEmpty: boolean;
};

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const MONTH = /^\d{4}-\d{2}$/;

const HOW = 'write a month or a day, such as 2026-03 or 2026-03-14';

const midnight = (day: string): Instant | null => (DAY.test(day) ? parseInstant(`${day}T00:00:00Z`) : null);

/** The first moment of a day or a month, UTC; null for any other text. */
const beginOf = (text: string): Instant | null => midnight(MONTH.test(text) ? `${text}-01` : text);

/** The first moment after a day or a month, UTC; null for any other text. */
const endOf = (text: string): Instant | null => {
  if (MONTH.test(text)) return midnight(`${text}-01`) && midnight(`${monthAfter(text)}-01`);
  const begin = midnight(text);
  return begin && addDays(begin, 1);
};

/** The period from one day or month to another, both included; not told, the month that `now` is in. Or what is wrong with it. */
export const periodOf = (
  { from, to }: { readonly from?: string | undefined; readonly to?: string | undefined },
  now: Instant,
): Period | PeriodFault => {
  const month = monthOf(now);
  const begin = beginOf(from ?? to ?? month);
  const end = endOf(to ?? from ?? month);
  if (begin === null) return { field: from === undefined ? 'to' : 'from', why: HOW, isEmpty: false };
  if (end === null) return { field: to === undefined ? 'from' : 'to', why: HOW, isEmpty: false };
  if (end <= begin)
    return { field: 'to', why: 'it is before the beginning: the period has no day', isEmpty: true };
  return { from: begin, to: end };
};

/** Whether a period could not be told. */
export const isFault = (told: Period | PeriodFault): told is PeriodFault => 'field' in told;
