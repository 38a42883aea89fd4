// The same doors as in the cloud, wired to an embedded store, an outbox and a clock that is moved by hand.
import { createComposer } from '../adapters/email/render.ts';
import { loadTemplates } from '../adapters/email/templates.ts';
import { createOutbox, type Outbox } from '../adapters/memory/outbox.ts';
import type { Provider, Store, Telemetry } from '../core/ports.ts';
import type { Policy } from '../core/recovery/policy.ts';
import type { Instant } from '../core/time.ts';
import type { Recorded } from '../core/workflows/record-facts.ts';
import { runDueActions } from '../core/workflows/run-due-actions.ts';
import type { VisitDeps } from '../core/workflows/visit-customer.ts';
import { makeReceiveWebhook, type Connection } from '../functions/receive-webhook.ts';
import type { HttpEvent, HttpResult } from '../functions/middleware.ts';
import { createVirtualClock, runUntil, watchDue } from './clock.ts';

/** What a local world is made of. */
export type WorldOptions = {
  readonly store: Store;
  readonly provider: Provider;
  readonly policy: Policy;
  readonly start: Instant;
  readonly connections: Readonly<Record<string, Connection>>;
  readonly telemetry: Telemetry;
  readonly onError: (error: unknown) => void;
  /** How often an open case is looked at although nothing happened; the core's own rhythm unless given. */
  readonly heartbeatMs?: number;
  readonly routed?: (id: string, recorded: Recorded) => void;
};

/** A system that runs: post to its door, move its clock, look at what went out. */
export type World = {
  readonly outbox: Outbox;
  /** Calls the webhook door as API Gateway does, at the present moment of the clock. */
  post(connection: string, body: string, signature: string): Promise<HttpResult>;
  /** Does everything due until then, in order and at its own moment. */
  runUntil(at: Instant): Promise<void>;
  /** Sets the clock and does nothing: what is posted now comes before what is due now. */
  setClock(at: Instant): void;
  now(): Instant;
};

/** The templates that come with the project. */
const EMAILS = new URL('../emails/', import.meta.url).pathname;

const httpEvent = (connection: string, body: string, signature: string): HttpEvent => ({
  version: '2.0',
  routeKey: 'POST /webhooks/{connection}',
  rawPath: `/webhooks/${connection}`,
  rawQueryString: '',
  headers: { 'content-type': 'application/json', 'stripe-signature': signature },
  pathParameters: { connection },
  requestContext: {} as HttpEvent['requestContext'],
  body,
  isBase64Encoded: false,
});

/** One process and one writer: there is nobody to wait for. */
const backOff = async (): Promise<void> => {};

/** Puts a world together. */
export const createWorld = (options: WorldOptions): World => {
  const clock = createVirtualClock(options.start);
  const watch = watchDue(options.store);
  const outbox = createOutbox({ compose: createComposer(loadTemplates(EMAILS)), now: clock.now });
  const { policy, provider, telemetry } = options;
  const base = { store: watch.store, telemetry, backOff, now: clock.now };
  const deps: VisitDeps = {
    ...base,
    policy,
    provider,
    mailer: outbox.mailer,
    ...(options.heartbeatMs !== undefined && { heartbeatMs: options.heartbeatMs }),
    ...(options.routed && { routed: options.routed }),
  };
  const receive = makeReceiveWebhook({ ...base, connections: options.connections, onError: options.onError });
  const budget = { visits: Number.MAX_SAFE_INTEGER, goOn: () => true };
  const sweep = async (shards: readonly number[]) => {
    await runDueActions(deps, shards, budget);
  };
  return {
    outbox,
    now: clock.now,
    setClock: clock.set,
    post: (connection, body, signature) => receive(httpEvent(connection, body, signature)),
    runUntil: (at) => runUntil(clock, watch, at, sweep),
  };
};
