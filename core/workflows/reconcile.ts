// What webhooks missed: the provider's event log since the cursor, through the same door, window by window.
import {
  OutsideError,
  VersionConflictError,
  type EventLog,
  type LogCursor,
  type LoggedEvent,
  type LogWindow,
  type Walk,
} from '../ports.ts';
import { addMs, DAY_MS, earlier, HOUR_MS, instantFromMs, MINUTE_MS, toMs, type Instant } from '../time.ts';
import { receiveEvent, type Told } from './receive-event.ts';
import type { RecordDeps } from './record-facts.ts';

export type ReconcileDeps = RecordDeps & {
  readonly eventLog: EventLog;
  readonly now: () => Instant;
};

/** How much one run may do; the rest is left to the next. */
export type ReconcileBudget = {
  /** Pages of the log. */
  readonly requests: number;
  /** Asked before every page and every event: false ends the run, as when the function's time runs out. */
  readonly goOn: () => boolean;
};

/**
 * What a walk through `[from, to)` came to. `recorded`: it changed something, so no webhook had told it. `kept`: it
 * names no customer. `complete`: all of it was walked; else the next run goes on.
 */
export type Reconciled = {
  readonly connection: string;
  readonly walk: Walk;
  readonly from: Instant;
  readonly to: Instant;
  readonly complete: boolean;
} & Readonly<Tally>;

type Tally = Record<'events' | 'recorded' | 'kept' | 'unchanged' | 'ignored' | 'refused', number>;

/** What the provider's log may still lack of the last minute. */
const SETTLING_MS = MINUTE_MS;
/** Everything is walked once more when it is at least so old: an event may come into the log late. */
const OVERLAP_MS = 2 * HOUR_MS;
/** Once a day, with room for a schedule that is a little early. */
const FULL_EVERY_MS = DAY_MS - HOUR_MS / 2;
/** How long Stripe keeps events. Source: docs.stripe.com/api/events. */
const KEPT_MS = 30 * DAY_MS;
/** The first window of a full walk; later ones grow while they are nearly empty. */
const FIRST_WINDOW_MS = HOUR_MS;
const SECOND_MS = 1000;
/** A window of more pages is given up for a shorter one, so that every run gets somewhere. */
const MAX_PAGES = 20;
/** A window of so few pages is followed by one twice as long. */
const FEW_PAGES = 2;

/** One run over one connection. `cursor` is as it was last written. */
type Run = {
  readonly deps: ReconcileDeps;
  readonly connection: string;
  readonly budget: ReconcileBudget;
  cursor: LogCursor;
  requests: number;
};

const wholeSecond = (at: Instant): Instant => instantFromMs(Math.floor(toMs(at) / SECOND_MS) * SECOND_MS);

/** Whose invoices are named in some events: what is told of an invoice alone need not be asked for. */
const ownersIn = (events: readonly LoggedEvent[]): readonly (readonly [string, string])[] =>
  events.flatMap(({ told }) =>
    told.kind === 'facts'
      ? told.facts.flatMap((fact) =>
          fact.kind === 'invoice' ? [[fact.invoice.id, told.customerId] as const] : [],
        )
      : [],
  );

const routed = (told: Told, owners: ReadonlyMap<string, string>): Told => {
  if (told.kind === 'facts' || told.reference.kind !== 'invoice') return told;
  const customerId = owners.get(told.reference.id);
  return customerId === undefined ? told : { kind: 'facts', customerId, facts: [told.fact] };
};

/**
 * Takes one event in. One that cannot be taken never stops the walk; a store that does not answer does. What the
 * store refuses for good may be one customer's fault: if it is not, the cursor cannot be written either.
 */
const takeIn = async (
  { deps, connection }: Run,
  { id, told }: LoggedEvent,
  owners: ReadonlyMap<string, string>,
): Promise<Exclude<keyof Tally, 'events'>> => {
  const refuse = (why: string) => {
    deps.telemetry.count('reconcile_refused', { connection, event: id, why });
    return 'refused' as const;
  };
  if (told.kind === 'refused') return refuse(told.reason);
  if (told.kind === 'ignored') return 'ignored';
  try {
    const received = await receiveEvent(deps, connection, routed(told, owners), deps.now());
    if (received.kind === 'recorded') deps.telemetry.count('reconcile_recorded', { connection, event: id });
    return received.kind;
  } catch (error) {
    if (error instanceof OutsideError && error.retry === 'later') throw error;
    return refuse(error instanceof Error ? error.message : 'unknown');
  }
};

/** `dense`: more than {@link MAX_PAGES}, of which the oldest event read is given. */
type WindowRead =
  | { readonly kind: 'done'; readonly pages: number }
  | { readonly kind: 'dense'; readonly oldest: Instant }
  | { readonly kind: 'stopped' };

const STOPPED: WindowRead = { kind: 'stopped' };

const walkWindow = async (run: Run, tally: Tally, window: LogWindow): Promise<WindowRead> => {
  const { deps, connection, budget } = run;
  const canShrink = toMs(window.to) - toMs(window.from) > SECOND_MS;
  const owners = new Map<string, string>();
  let after: string | null = null;
  for (let pages = 1; ; pages += 1) {
    if (run.requests >= budget.requests || !budget.goOn()) return STOPPED;
    run.requests += 1;
    const { events, next } = await deps.eventLog.read(connection, window, after);
    for (const [invoiceId, customerId] of ownersIn(events)) owners.set(invoiceId, customerId);
    // The oldest first: what is told of a customer before the failure is known would be dropped.
    for (const event of events.toReversed()) {
      if (!budget.goOn()) return STOPPED;
      tally.events += 1;
      tally[await takeIn(run, event, owners)] += 1;
    }
    if (next === null) return { kind: 'done', pages };
    if (pages >= MAX_PAGES && canShrink) return { kind: 'dense', oldest: events.at(-1)?.at ?? window.from };
    after = next;
  }
};

/** Moves the cursor to the end of a window that was walked, but not into what is to be walked once more. */
const advance = async (run: Run, walk: Walk, end: Instant, to: Instant): Promise<void> => {
  const settled = earlier(end, addMs(to, -OVERLAP_MS));
  const was = run.cursor[walk];
  if (settled === null || (was !== null && settled <= was)) return;
  const next: LogCursor = { ...run.cursor, version: run.cursor.version + 1, [walk]: settled };
  await run.deps.store.saveCursor(next);
  run.cursor = next;
};

/** Half of what {@link MAX_PAGES} pages hold. */
const shorter = (end: Instant, oldest: Instant): number =>
  Math.max(1, Math.floor((toMs(end) - toMs(oldest)) / SECOND_MS / 2)) * SECOND_MS;

/** Walks `[from, to)` in windows, the oldest first. Answers whether all of it was walked. */
const walkSpan = async (run: Run, tally: Tally, { walk, from, to }: LogWindow): Promise<boolean> => {
  let start = from;
  let widthMs = walk === 'all' ? FIRST_WINDOW_MS : toMs(to) - toMs(from);
  while (start < to) {
    const end = earlier(addMs(start, widthMs), to) ?? to;
    const read = await walkWindow(run, tally, { walk, from: start, to: end });
    if (read.kind === 'stopped') return false;
    if (read.kind === 'dense') {
      widthMs = shorter(end, read.oldest);
      continue;
    }
    await advance(run, walk, end, to);
    start = end;
    if (read.pages <= FEW_PAGES) widthMs *= 2;
  }
  return true;
};

/** Where a walk begins. The first goes back as far as every other overlaps. */
const startOf = ({ deps, connection, cursor }: Run, walk: Walk, to: Instant): Instant => {
  const from = cursor[walk] ?? addMs(to, -OVERLAP_MS);
  const oldestKept = wholeSecond(addMs(deps.now(), -KEPT_MS));
  if (from >= oldestKept) return from;
  deps.telemetry.count('reconcile_gap', { connection, walk, from, oldestKept });
  return oldestKept;
};

const walkLog = async (run: Run, walk: Walk): Promise<Reconciled> => {
  const { deps, connection } = run;
  const to = wholeSecond(addMs(deps.now(), -SETTLING_MS));
  const from = startOf(run, walk, to);
  const tally: Tally = { events: 0, recorded: 0, kept: 0, unchanged: 0, ignored: 0, refused: 0 };
  const done = (complete: boolean): Reconciled => ({ connection, walk, from, to, ...tally, complete });
  try {
    return done(await walkSpan(run, tally, { walk, from, to }));
  } catch (error) {
    // Another run is at work on the same connection.
    if (error instanceof VersionConflictError) return done(false);
    if (error instanceof OutsideError && error.throttled) {
      deps.telemetry.count('throttled', { connection, why: error.message });
      return done(false);
    }
    const why = error instanceof Error ? error.message : 'unknown';
    deps.telemetry.count('reconcile_failed', { connection, walk, why });
    throw error;
  }
};

const isFullDue = ({ deps, cursor }: Run): boolean =>
  cursor.all === null || toMs(deps.now()) - SETTLING_MS - OVERLAP_MS - toMs(cursor.all) >= FULL_EVERY_MS;

/**
 * Takes in what the provider's log holds and no webhook told: what was not delivered, and once a day everything. What
 * is known already costs a read and no write. The cursor moves after each window that was walked whole, and never to
 * less than two hours ago. A run that ends early leaves it there: everything merges, so the next walks again.
 *
 * Throws {@link OutsideError} when the log or the store does not answer; being asked to slow down ends the run quietly.
 */
export const reconcile = async (
  deps: ReconcileDeps,
  connection: string,
  budget: ReconcileBudget,
): Promise<readonly Reconciled[]> => {
  const run: Run = { deps, connection, budget, cursor: await deps.store.loadCursor(connection), requests: 0 };
  try {
    const undelivered = await walkLog(run, 'undelivered');
    // Everything else waits until what is surely missing has been taken in.
    if (!undelivered.complete || !isFullDue(run)) return [undelivered];
    return [undelivered, await walkLog(run, 'all')];
  } finally {
    const walked = run.cursor.all;
    if (walked !== null)
      deps.telemetry.gauge('reconcile_lag_seconds', (toMs(deps.now()) - toMs(walked)) / SECOND_MS);
  }
};
