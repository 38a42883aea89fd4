// The port `EventLog` in memory, for tests and simulation: what a provider told, and whether it arrived.
import type { EventLog, LoggedEvent, LogWindow } from '../../core/ports.ts';

/** How the log is to behave. */
export type MemoryEventLogOptions = {
  /** Events a page; Stripe's are of 100 at most. */
  readonly pageSize?: number;
  /** Called before every page. What it throws, the read throws. */
  readonly fault?: (window: LogWindow, after: string | null) => void | Promise<void>;
};

export type MemoryEventLog = EventLog & {
  /** Puts an event down; `delivered`: a webhook about it was answered with 2xx. */
  readonly append: (connection: string, event: LoggedEvent, delivered: boolean) => void;
};

type Entry = { readonly connection: string; readonly event: LoggedEvent; readonly delivered: boolean };

/** An empty log. Of the same second what was put down last is the newest. */
export const createMemoryEventLog = (options: MemoryEventLogOptions = {}): MemoryEventLog => {
  const { pageSize = 100, fault = () => {} } = options;
  const entries: Entry[] = [];
  return {
    append: (connection, event, delivered) => void entries.push({ connection, event, delivered }),
    read: async (connection, window, after) => {
      await fault(window, after);
      const found = entries
        .filter(
          (entry) =>
            entry.connection === connection &&
            entry.event.at >= window.from &&
            entry.event.at < window.to &&
            (window.walk === 'all' || !entry.delivered),
        )
        .map(({ event }) => event)
        .toReversed()
        .toSorted((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));
      const start = after === null ? 0 : found.findIndex(({ id }) => id === after) + 1;
      const events = found.slice(start, start + pageSize);
      return { events, next: start + pageSize < found.length ? (events.at(-1)?.id ?? null) : null };
    },
  };
};
