// The same doors as in the cloud, wired to an embedded store, an outbox and a clock that is moved by hand.
import { createComposer } from '../adapters/email/render.ts';
import { createOutbox, type Outbox, type OutboxOptions } from '../adapters/memory/outbox.ts';
import { createToldList, type Told, type ToldOptions } from '../adapters/memory/told.ts';
import type { Mailer, Notifier, Provider, Store, Telemetry } from '../core/ports.ts';
import type { Policy } from '../core/recovery/policy.ts';
import type { Instant } from '../core/time.ts';
import type { Recorded } from '../core/workflows/record-facts.ts';
import { runDueActions } from '../core/workflows/run-due-actions.ts';
import type { VisitDeps } from '../core/workflows/visit-customer.ts';
import { makeReceiveWebhook, type Connection } from '../functions/receive-webhook.ts';
import type { HttpResult } from '../functions/middleware.ts';
import { webhookEvent } from './webhook-event.ts';
import { loadEmails } from './emails.ts';
import { createVirtualClock, runUntil, watchDue, type VirtualClock } from './clock.ts';

/** What a local world is made of. */
export type WorldOptions = {
  readonly store: Store;
  readonly provider: Provider;
  readonly policy: Policy;
  /** The clock of everything but signatures; a moment makes one that stands still there until it is set. */
  readonly clock: VirtualClock | Instant;
  /** The time signatures are checked against; the clock's unless given. */
  readonly signatureNow?: () => Instant;
  /** What the outbox holds already, and who is told of each new mail. */
  readonly outbox?: Pick<OutboxOptions, 'kept' | 'keep'>;
  /** Puts something before the composer, such as links of our own; the mails keep the provider's unless given. */
  readonly compose?: (compose: Mailer['compose']) => Mailer['compose'];
  /** Puts something before the outbox, which alone takes the mails unless given. */
  readonly mailer?: (outbox: Mailer) => Mailer;
  /** What the business was told before, and who hears of each new notice. */
  readonly told?: Pick<ToldOptions, 'kept' | 'keep'>;
  /** Puts something before the list of what the business is told, which alone takes the notices unless given. */
  readonly notifier?: (outbox: Notifier) => Notifier;
  readonly connections: Readonly<Record<string, Connection>>;
  readonly telemetry: Telemetry;
  readonly onError: (error: unknown) => void;
  /** How often an open case is looked at although nothing happened; the core's own rhythm unless given. */
  readonly heartbeatMs?: number | (() => number);
  readonly routed?: (id: string, recorded: Recorded) => void;
};

/** A system that runs: post to its door, move its clock, look at what went out. */
export type World = {
  /** The store to write through from outside: the clock sees what becomes due. */
  readonly store: Store;
  readonly outbox: Outbox;
  /** What the business itself was told, oldest first. */
  readonly told: readonly Told[];
  /** Calls the webhook door as API Gateway does, at the present moment of the clock. */
  post(connection: string, body: string | Uint8Array, signature: string | undefined): Promise<HttpResult>;
  /** Does everything due until then, in order and at its own moment, for as long as `goOn` says so. */
  runUntil(at: Instant, goOn?: () => boolean): Promise<void>;
  /** Learns what an earlier run on the same store left to do. */
  restore(): Promise<void>;
  /** Sets the clock and does nothing: what is posted now comes before what is due now. */
  setClock(at: Instant): void;
  now(): Instant;
};

/** One process and one writer: there is nobody to wait for. */
const backOff = async (): Promise<void> => {};

/** Puts a world together. */
export const createWorld = (options: WorldOptions): World => {
  const clock = typeof options.clock === 'string' ? createVirtualClock(options.clock) : options.clock;
  const watch = watchDue(options.store);
  const compose = createComposer(loadEmails());
  const outbox = createOutbox({
    compose: options.compose?.(compose) ?? compose,
    now: clock.now,
    ...options.outbox,
  });
  const list = createToldList({ now: clock.now, ...options.told });
  const { policy, provider, telemetry } = options;
  const base = { store: watch.store, telemetry, backOff, now: clock.now };
  const deps: VisitDeps = {
    ...base,
    policy,
    provider,
    mailer: options.mailer ? options.mailer(outbox.mailer) : outbox.mailer,
    notifier: options.notifier ? options.notifier(list.notifier) : list.notifier,
    ...(options.routed && { routed: options.routed }),
  };
  const receive = makeReceiveWebhook({
    ...base,
    connections: options.connections,
    onError: options.onError,
    ...(options.signatureNow && { signatureNow: options.signatureNow }),
  });
  const budget = { visits: Number.MAX_SAFE_INTEGER, goOn: () => true };
  const sweep = async (shards: readonly number[]) => {
    const { heartbeatMs } = options;
    const beat = typeof heartbeatMs === 'function' ? heartbeatMs() : heartbeatMs;
    await runDueActions(beat === undefined ? deps : { ...deps, heartbeatMs: beat }, shards, budget);
  };
  return {
    store: watch.store,
    outbox,
    told: list.told,
    now: clock.now,
    setClock: clock.set,
    post: (connection, body, signature) => receive(webhookEvent({ connection, body, signature })),
    runUntil: (at, goOn) => runUntil(clock, watch, at, sweep, goOn),
    restore: () => watch.restore(),
  };
};
