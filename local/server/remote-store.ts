// The store of a server that runs on this machine, seen from another process: the port `Store` over its store API.
import * as v from 'valibot';
import { knownOrNot } from '../../adapters/dynamodb/items.ts';
import { InvariantError } from '../../core/assert.ts';
import { DamagedItemError, OutsideError, VersionConflictError, type Store } from '../../core/ports.ts';
import type { Customer } from '../../core/recovery/customer.ts';
import type { Instant } from '../../core/time.ts';
import type { StoreDoor } from './folder.ts';
import { STORE_OPERATIONS } from './store-api.ts';

/** A running server's store, and what its clock shows. */
export type RemoteStore = { readonly store: Store; readonly now: () => Promise<Instant> };

/** How a request is sent; `fetch` unless it is given. */
export type Send = (url: string, init: RequestInit) => Response | Promise<Response>;

const FAILURE = v.object({
  name: v.string(),
  message: v.string(),
  retry: v.optional(v.picklist(['later', 'never'])),
  throttled: v.optional(v.boolean()),
});
const ANSWER = v.union([v.object({ error: FAILURE }), v.object({ result: v.optional(v.unknown()) })]);

const NOT_THERE = 'the running server does not answer any more: was it stopped? Run this again';

/** The error as the store threw it, so that callers find the class that they look for. */
const thrown = ({ name, message, retry = 'later', throttled }: v.InferOutput<typeof FAILURE>): Error => {
  if (name === 'VersionConflictError') return new VersionConflictError(message);
  if (name === 'DamagedItemError') return new DamagedItemError(message);
  if (name === 'OutsideError') return new OutsideError(message, retry, throttled);
  return name === 'InvariantError' ? new InvariantError(message) : new Error(message);
};

const createAsk =
  ({ port, token }: StoreDoor, send: Send) =>
  async (operation: string, args: readonly unknown[]): Promise<unknown> => {
    let response: Response;
    try {
      response = await send(`http://127.0.0.1:${port}/store/${operation}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(args),
        redirect: 'error',
      });
    } catch (error) {
      throw new OutsideError(NOT_THERE, 'later', false, error);
    }
    const answer = v.safeParse(ANSWER, await response.json().catch(() => null));
    if (response.status !== 200 || !answer.success) {
      throw new OutsideError(`${NOT_THERE} (${operation} was answered ${response.status})`, 'later');
    }
    if ('error' in answer.output) throw thrown(answer.output.error);
    return answer.output.result;
  };

/** That nothing is known of a customer is told by identity, which does not travel. */
const withIdentity = (customer: Customer): Customer => ({ ...customer, facts: knownOrNot(customer.facts) });

/** The store behind a door. Every operation throws what the store threw, and an {@link OutsideError} without an answer. */
export const createRemoteStore = (door: StoreDoor, send: Send = fetch): RemoteStore => {
  const ask = createAsk(door, send);
  const operations = STORE_OPERATIONS.map((name) => [name, (...args: unknown[]) => ask(name, args)] as const);
  // The list names every operation of the port; what each takes and answers cannot follow through a list.
  const store = Object.fromEntries(operations) as unknown as Store;
  return {
    store: {
      ...store,
      load: async (key, now) => {
        const customer = await store.load(key, now);
        return withIdentity(customer);
      },
      loadCases: async (refs, now) =>
        (await store.loadCases(refs, now)).map((one) =>
          one.kind === 'closed' ? one : { ...one, customer: withIdentity(one.customer) },
        ),
    },
    now: async () => (await ask('now', [])) as Instant,
  };
};
