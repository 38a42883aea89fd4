// How the page asks the finance API: with a token when there is one, problems in words, and an end when nobody waits any more.
import type * as v from 'valibot';
import type {
  CASE,
  CASES,
  COHORTS,
  DONE,
  HEALTH,
  INVOICES,
  JOURNAL_PAGE,
  ME,
  POLICY,
  REPORT,
} from '../../functions/finance/shapes.ts';
import { AskError, problemIn } from './problem.ts';
import type { Query } from './router.ts';

export type Report = v.InferOutput<typeof REPORT>;
export type CurrencyFigures = Report['currencies'][number];
export type Cases = v.InferOutput<typeof CASES>;
export type Case = v.InferOutput<typeof CASE>;
export type JournalPage = v.InferOutput<typeof JOURNAL_PAGE>;
export type Invoices = v.InferOutput<typeof INVOICES>;
export type Cohorts = v.InferOutput<typeof COHORTS>;
export type Health = v.InferOutput<typeof HEALTH>;
export type Policy = v.InferOutput<typeof POLICY>;
export type Me = v.InferOutput<typeof ME>;
export type Done = v.InferOutput<typeof DONE>;

/** Who is signed in. `token`: sent with every request; null = nobody need be. */
export type Session = {
  readonly token: () => string | null;
  /**
   * The token is not taken any more: gets another, or leaves the page to sign in again. Rejects with an {@link AskError} when nobody
   * can be asked for one.
   */
  readonly renew: () => Promise<string | null>;
};

export type Api = {
  /** Asks for JSON. Rejects with an {@link AskError}, or as the signal says when it is aborted. */
  readonly get: <T>(path: string, query: Query, signal?: AbortSignal) => Promise<T>;
  readonly post: <T>(path: string, body: object) => Promise<T>;
  /** Fetches a file, whose name the API tells. */
  readonly file: (path: string, query: Query) => Promise<{ readonly name: string; readonly blob: Blob }>;
};

/** The address of a path with a query, in an order that does not change. */
export const addressOf = (base: string, path: string, query: Query): string => {
  const params = new URLSearchParams(query);
  params.sort();
  return params.size === 0 ? `${base}${path}` : `${base}${path}?${params.toString()}`;
};

const fetched = async (address: string, init: RequestInit): Promise<Response> => {
  try {
    return await fetch(address, { ...init, cache: 'no-store', credentials: 'omit', redirect: 'error' });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new AskError({ kind: 'unreachable' });
  }
};

const withToken = (token: string | null, init: RequestInit): RequestInit => {
  const headers = new Headers(init.headers);
  if (token !== null) headers.set('authorization', `Bearer ${token}`);
  return { ...init, headers };
};

/** The API at `base`, asked as `session` says. */
export const createApi = (base: string, session: Session): Api => {
  let taken: string | null = null;
  /** What to try in place of a token that was refused; null when nothing else would be taken either. */
  const insteadOf = async (sent: string | null): Promise<string | null> => {
    const newest = session.token();
    if (newest !== sent) return newest;
    // A token that was never taken is not too old: with another one it would go round for ever.
    return sent !== null && sent === taken ? session.renew() : null;
  };
  const ask = async (address: string, init: RequestInit): Promise<Response> => {
    let token = session.token();
    let response = await fetched(address, withToken(token, init));
    if (response.status === 401) {
      token = await insteadOf(token);
      if (token !== null) response = await fetched(address, withToken(token, init));
    }
    if (!response.ok) throw new AskError(problemIn(response.status, await response.text()));
    if (token === session.token()) taken = token;
    return response;
  };
  return {
    get: async <T>(path: string, query: Query, signal?: AbortSignal) => {
      const response = await ask(addressOf(base, path, query), signal === undefined ? {} : { signal });
      return (await response.json()) as T;
    },
    post: async <T>(path: string, body: object) => {
      const init = {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      };
      return (await (await ask(`${base}${path}`, init)).json()) as T;
    },
    file: async (path, query) => {
      const response = await ask(addressOf(base, path, query), {});
      const told = response.headers.get('content-disposition') ?? '';
      return { name: /filename="([^"]+)"/.exec(told)?.[1] ?? 'recoup', blob: await response.blob() };
    },
  };
};
