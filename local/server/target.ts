// Where a request to move the clock wants it to go, or what to write instead.
import { addMs, DAY_MS, instantFromMs, parseDuration, toMs, type Instant } from '../../core/time.ts';
import type { Target } from './system.ts';

/** What a request to move the clock says. */
export const HOW_TO_MOVE = '{"advance":"3d"} (90m, 12h, 3d or 2w) or {"to":"2026-12-01T09:00:00Z"}';

const LONGEST_DAYS = 366;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z$/;

const refuse = (why: string): Target => ({ kind: 'refused', why: `${why}: write ${HOW_TO_MOVE}` });

/** The instant a text names; null when there is no such time, as on the 30th of February. */
const instantIn = (text: string): Instant | null => {
  if (!TIME.test(text)) return null;
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) return null;
  const at = instantFromMs(ms);
  return at.slice(0, 16) === text.slice(0, 16) ? at : null;
};

const bounded = (at: Instant, now: Instant): Target => {
  if (at < now) return refuse(`${at} is before ${now}, and the clock never goes back`);
  if (toMs(at) - toMs(now) > LONGEST_DAYS * DAY_MS) {
    return refuse(`that is more than ${LONGEST_DAYS} days at once; go in parts`);
  }
  return { kind: 'to', at };
};

/** Reads `{"advance":"3d"}` or `{"to":"…Z"}`. */
export const targetOf = (fields: unknown, now: Instant): Target => {
  if (typeof fields !== 'object' || fields === null) return refuse('that is not a JSON object');
  const { advance, to } = fields as { readonly advance?: unknown; readonly to?: unknown };
  if ((advance === undefined) === (to === undefined)) return refuse('name either advance or to');
  if (advance !== undefined) {
    const ms = typeof advance === 'string' ? parseDuration(advance) : null;
    return ms === null ? refuse('advance is not a duration') : bounded(addMs(now, ms), now);
  }
  const at = typeof to === 'string' ? instantIn(to) : null;
  return at === null ? refuse('to is not a time in UTC') : bounded(at, now);
};
