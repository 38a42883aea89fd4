// The store of a running server for the commands on this machine: one route an operation, behind a token from the folder.
import { createHash, timingSafeEqual } from 'node:crypto';
import { Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { InvariantError } from '../../core/assert.ts';
import { DamagedItemError, OutsideError, VersionConflictError, type Store } from '../../core/ports.ts';
import type { Instant } from '../../core/time.ts';

/** What the routes are made of. */
export type StoreApi = {
  readonly useStore: () => Promise<Store>;
  readonly now: () => Instant;
  readonly token: string;
  /** Told of errors that are none of the store's own. */
  readonly onError: (error: unknown) => void;
};

/** What an operation came to, as it travels. `name` is that of the error's class. */
export type StoreAnswer =
  | { readonly result?: unknown }
  | {
      readonly error: {
        readonly name: string;
        readonly message: string;
        readonly retry?: OutsideError['retry'];
        readonly throttled?: boolean;
      };
    };

/** Every operation of the port: one that is added there is missing here until it is named. */
const NAMED: Readonly<Record<keyof Store, true>> = {
  load: true,
  save: true,
  setAside: true,
  due: true,
  listStuck: true,
  closeCase: true,
  putAdjustment: true,
  putJournalPage: true,
  loadJournalPage: true,
  listCases: true,
  newestCases: true,
  listClosedCases: true,
  loadClosedCase: true,
  listAdjustments: true,
  loadCases: true,
  loadUnrouted: true,
  saveUnrouted: true,
  deleteUnrouted: true,
  loadCursor: true,
  saveCursor: true,
  loadWalk: true,
  saveWalk: true,
  loadRollup: true,
  saveRollup: true,
  markStale: true,
};

/** The operations of the port {@link Store}, by name. */
export const STORE_OPERATIONS = Object.keys(NAMED) as readonly (keyof Store)[];

/** An item holds 400 KB at most; escapes in JSON may make it several times as long. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Only who can read the folder. No web page: a browser says where a request comes from, a command does not. */
const onlyWithToken = (token: string): MiddlewareHandler => {
  const expected = digest(`Bearer ${token}`);
  return async (context, next) => {
    if (context.req.header('origin') !== undefined) return context.json({ error: 'not for pages' }, 403);
    // Digests are of one length, so that nothing is told by the time that the comparison takes.
    const isRight = timingSafeEqual(digest(context.req.header('authorization') ?? ''), expected);
    return isRight ? next() : context.json({ error: 'the token of the data folder is needed' }, 401);
  };
};

const answerOf = (thrown: unknown): StoreAnswer | null => {
  if (thrown instanceof OutsideError) {
    const { name, message, retry, throttled } = thrown;
    return { error: { name, message, retry, throttled } };
  }
  const isOwn =
    thrown instanceof VersionConflictError ||
    thrown instanceof DamagedItemError ||
    thrown instanceof InvariantError;
  return isOwn ? { error: { name: thrown.name, message: thrown.message } } : null;
};

/** The routes: `POST /<operation>` with the arguments as a JSON list, and `POST /now`. */
export const storeRoutes = ({ useStore, now, token, onError }: StoreApi): Hono => {
  const app = new Hono();
  app.use(onlyWithToken(token), bodyLimit({ maxSize: MAX_BODY_BYTES }));
  app.post('/now', (context) => context.json({ result: now() } satisfies StoreAnswer));
  for (const operation of STORE_OPERATIONS) {
    app.post(`/${operation}`, async (context) => {
      const args = await context.req.json<unknown>().catch(() => null);
      if (!Array.isArray(args)) return context.json({ error: 'write the arguments as a JSON list' }, 400);
      try {
        const store = await useStore();
        const run = store[operation] as (...all: unknown[]) => Promise<unknown>;
        return context.json({ result: await run(...(args as unknown[])) } satisfies StoreAnswer);
      } catch (error) {
        const answer = answerOf(error);
        if (answer) return context.json(answer);
        onError(error);
        const message = 'the running server failed; its console says how';
        return context.json({ error: { name: 'Error', message } } satisfies StoreAnswer);
      }
    });
  }
  return app;
};
