// One route of the finance API: what it works with, what it takes, who may call it, and how it answers.
import type * as v from 'valibot';
import type { Store } from '../../core/ports.ts';
import type { Instant } from '../../core/time.ts';
import type { HttpResult } from '../middleware.ts';
import type { ActionDeps, ActionName } from './actions.ts';
import type { ReadMail } from './answers.ts';
import type { ProblemStatus } from './codes.ts';
import { HEADERS, parsed } from './problem.ts';
import * as shapes from './shapes.ts';
import type { Person, Role } from './signed-in.ts';

/** What the routes work with. */
export type FinanceDeps = ActionDeps & {
  readonly store: Store;
  /** The connections there are. */
  readonly connections: readonly string[];
  /** What is read, in words: `stage prod`. */
  readonly where: string;
  /** The version of Recoup. */
  readonly version: string;
  /** What the provider and the mail service may be asked a second by the clock; null = as much as there is to do. */
  readonly requestsPerSecond: number | null;
  /** Makes the words of a mail again. */
  readonly readMail: ReadMail;
};

/** A request that was let in. */
export type Asked = {
  readonly person: Person;
  readonly query: Readonly<Record<string, unknown>>;
  readonly parts: Readonly<Record<string, string | undefined>>;
  /** The body, read and parsed only when it is asked for. */
  readonly body: () => unknown;
  readonly now: Instant;
};

/** One route. `answers` is a name of `COMPONENTS`, or the media type of a file. */
export type Route = {
  readonly role: Role;
  readonly id: string;
  readonly does: string;
  readonly query: v.ObjectEntries;
  readonly parts: readonly (keyof typeof shapes.PATH_PARTS)[];
  readonly body: (typeof shapes.BODIES)[ActionName] | null;
  readonly example?: object;
  readonly answers: keyof typeof shapes.COMPONENTS | `${string}/${string}` | null;
  readonly problems: readonly ProblemStatus[];
  readonly answer: (deps: FinanceDeps, asked: Asked) => Promise<HttpResult>;
};

/** An answer in JSON. */
export const json = (body: object): HttpResult => ({
  statusCode: 200,
  headers: { ...HEADERS, 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(body),
});

/** What every route that only reads has in common. */
export const READS = { role: 'finance', parts: [], body: null } as const;

/** What every such route for reading that has nothing to be asked has besides. */
const PLAIN = { ...READS, query: {}, problems: [400] } as const;

/** A route that answers a question of nothing but its address. */
export const plainRoute = (
  told: Pick<Route, 'id' | 'does' | 'answers'>,
  answer: (deps: FinanceDeps, asked: Asked) => object | Promise<object>,
): Route => ({
  ...PLAIN,
  ...told,
  answer: async (deps, asked) => {
    parsed(shapes.NO_QUERY, asked.query, 'query');
    return json(await answer(deps, asked));
  },
});
