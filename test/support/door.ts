// A webhook door on an in-memory store that counts its reads and writes.
import { signPayload } from '../../adapters/stripe/signature.ts';
import { createMemoryStore } from '../../adapters/memory/store.ts';
import type { Store, Telemetry } from '../../core/ports.ts';
import { instantFromSeconds, type Instant } from '../../core/time.ts';
import type { HttpEvent, HttpResult } from '../../functions/middleware.ts';
import { makeReceiveWebhook, type Connection } from '../../functions/receive-webhook.ts';
import { webhookEvent } from '../../local/webhook-event.ts';
import { DAY_0 } from './story.ts';

export const SECRET = 'whsec_test';
export const NOW = instantFromSeconds(DAY_0);

const READS: ReadonlySet<string> = new Set([
  'load',
  'loadUnrouted',
  'due',
  'listStuck',
  'listCases',
  'loadClosedCase',
  'listAdjustments',
  'loadCases',
  'loadCursor',
  'loadWalk',
]);

export type Counted = {
  readonly store: Store;
  readonly counts: { reads: number; writes: number };
  reset(): void;
};

/** Counts the requests that pass through to a store. */
export const counted = (store: Store): Counted => {
  const counts = { reads: 0, writes: 0 };
  const watched = Object.fromEntries(
    Object.entries(store).map(([name, operation]) => [
      name,
      (...args: unknown[]) => {
        counts[READS.has(name) ? 'reads' : 'writes'] += 1;
        return (operation as (...all: unknown[]) => unknown)(...args);
      },
    ]),
  );
  return {
    store: watched as unknown as Store,
    counts,
    reset: () => {
      counts.reads = 0;
      counts.writes = 0;
    },
  };
};

export const silent: Telemetry = { count: () => {}, gauge: () => {} };

export type DoorOptions = {
  readonly store?: Store;
  readonly connection?: Partial<Connection>;
  readonly now?: () => Instant;
  readonly onError?: (error: unknown) => void;
};

export type Posted = { readonly status: number; readonly body: Readonly<Record<string, unknown>> };

export type Door = {
  readonly counted: Counted;
  post(value: unknown, tweak?: Partial<HttpEvent>): Promise<Posted>;
};

const opened = (result: HttpResult): Posted => ({
  status: result.statusCode ?? 0,
  body: JSON.parse(result.body ?? '{}') as Record<string, unknown>,
});

/** A door for one connection named `stripe`; `post` signs what it is given. */
export const createDoor = (options: DoorOptions = {}): Door => {
  const watched = counted(options.store ?? createMemoryStore());
  const now = options.now ?? (() => NOW);
  const receive = makeReceiveWebhook({
    store: watched.store,
    telemetry: silent,
    backOff: async () => {},
    connections: {
      stripe: { secrets: async () => [SECRET], livemode: false, account: null, ...options.connection },
    },
    now,
    onError: options.onError ?? (() => {}),
  });
  return {
    counted: watched,
    post: async (value, tweak = {}) => {
      const body = typeof value === 'string' ? value : JSON.stringify(value);
      const signature = signPayload(Buffer.from(body), SECRET, now());
      const event = { ...webhookEvent({ connection: 'stripe', body, signature }), ...tweak };
      return opened(await receive(event));
    },
  };
};
