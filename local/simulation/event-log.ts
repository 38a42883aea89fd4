// The port `EventLog` over what the simulated provider keeps: by time, newest first, in pages.
import { translate } from '../../adapters/stripe/translate.ts';
import type { EventLog, LoggedEvent } from '../../core/ports.ts';
import { instantFromSeconds, toMs } from '../../core/time.ts';
import type { Logged } from './market/state.ts';

const PAGE = 100;

/** The first position in the log, which is in the order of time, at or after a second. */
const firstFrom = (log: readonly Logged[], second: number): number => {
  let [low, high] = [0, log.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((log[middle] as Logged).second < second) low = middle + 1;
    else high = middle;
  }
  return low;
};

const translated = new WeakMap<Logged, LoggedEvent>();

/** An event of the log in our words; each is translated once, however often it is walked over. */
export const readLogged = (logged: Logged): LoggedEvent => {
  const known = translated.get(logged);
  if (known) return known;
  const told = translate(logged.event, { livemode: null, account: null });
  const event = { id: String(logged.event['id']), at: instantFromSeconds(logged.second), told };
  translated.set(logged, event);
  return event;
};

/** The log behind the port. */
export const eventLogOf = (log: readonly Logged[]): EventLog => ({
  read: async (_connection, { walk, from, to }, after) => {
    const first = firstFrom(log, toMs(from) / 1000);
    let position = after === null ? firstFrom(log, toMs(to) / 1000) : Number(after);
    const events: LoggedEvent[] = [];
    while (position > first && events.length < PAGE) {
      position -= 1;
      const logged = log[position] as Logged;
      if (walk === 'all' || !logged.delivered) events.push(readLogged(logged));
    }
    return { events, next: position > first ? String(position) : null };
  },
});
