// The door of finance: reports, cases and what an operator may do, over HTTP as JSON, for whoever the authorizer let in.
import { openApiOf } from './finance/openapi.ts';
import { HEADERS, parsed, problem, ProblemError } from './finance/problem.ts';
import type { Asked, FinanceDeps, Route } from './finance/route.ts';
import { ROUTES as TABLE } from './finance/routes.ts';
import { NO_QUERY } from './finance/shapes.ts';
import type { Caller, Role } from './finance/signed-in.ts';
import type { Instant } from '../core/time.ts';
import { httpDoor, type HttpEvent, type HttpResult, type OnError } from './middleware.ts';

export type FinanceApiDeps = FinanceDeps & {
  /** Who is signed in, by what the authorizer says; null = nobody. */
  readonly signedIn: (event: HttpEvent) => Caller | null;
  readonly now: () => Instant;
  readonly onError: OnError;
};

/** A note of 500 characters, each at most twelve bytes in JSON, and the other fields. */
const MAX_BODY_BYTES = 8192;

let document: string | null = null;

/** Made when it is first asked for, of a table that never changes. */
const documentText = (): string => (document ??= JSON.stringify(openApiOf(ROUTES)));

/** Every route by method and path, as API Gateway names them. */
export const ROUTES: Readonly<Record<string, Route>> = {
  ...TABLE,
  'GET /openapi.json': {
    role: 'finance',
    id: 'openapi',
    does: 'This document.',
    query: {},
    parts: [],
    body: null,
    answers: null,
    problems: [400],
    answer: async (_, { query }) => {
      parsed(NO_QUERY, query, 'query');
      return {
        statusCode: 200,
        headers: { ...HEADERS, 'content-type': 'application/json; charset=utf-8' },
        body: documentText(),
      };
    },
  },
};

const headerOf = (event: HttpEvent, name: string): string =>
  Object.entries(event.headers ?? {}).find(([key]) => key.toLowerCase() === name)?.[1] ?? '';

const IS_JSON = /^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i;

/** The body as it was meant. Throws a {@link ProblemError}. */
const bodyOf = (event: HttpEvent): unknown => {
  if (!IS_JSON.test(headerOf(event, 'content-type').trim())) {
    throw new ProblemError(
      'not_sent_as_json',
      'the body has to be JSON: send it with "content-type: application/json"',
    );
  }
  const bytes = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.byteLength > MAX_BODY_BYTES) {
    throw new ProblemError(
      'body_too_large',
      `the body is larger than ${MAX_BODY_BYTES} bytes: shorten the note`,
    );
  }
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    // The parser's own words quote the body.
    throw new ProblemError(
      'no_json',
      'the body is no JSON: send an object such as {"note": "promised by phone"}',
    );
  }
};

const patternOf = (path: string): RegExp =>
  new RegExp(`^${path.replaceAll('.', String.raw`\.`).replaceAll(/\{\w+\}/g, '[^/]+')}$`);

const PATTERNS = Object.keys(ROUTES).map((name) => {
  const [method = '', path = ''] = name.split(' ');
  return { method, pattern: patternOf(path) };
});

/** What is said where no route is: which methods the address takes, if it takes any. */
const lost = ({ rawPath }: HttpEvent): ProblemError => {
  const methods = PATTERNS.filter(({ pattern }) => pattern.test(rawPath)).map(({ method }) => method);
  if (methods.length === 0) {
    return new ProblemError(
      'no_address',
      'there is nothing at this address: GET /openapi.json lists what there is',
    );
  }
  const allow = [...new Set(methods)].join(', ');
  return new ProblemError('no_method', `this address takes ${allow} only`, { headers: { allow } });
};

const mayCall = (is: Role, needed: Role): boolean => is === 'operator' || is === needed;

const respond = async (deps: FinanceApiDeps, event: HttpEvent): Promise<HttpResult> => {
  const caller = deps.signedIn(event);
  if (caller === null) {
    throw new ProblemError(
      'not_signed_in',
      'nobody is signed in: send the ID token of the sign-in as a bearer token',
      {
        headers: { 'www-authenticate': 'Bearer' },
      },
    );
  }
  const { who, role } = caller;
  if (role === null) {
    throw new ProblemError(
      'no_role',
      'you are signed in, and have no role here: ask for finance or operator',
    );
  }
  const route = Object.hasOwn(ROUTES, event.routeKey) ? ROUTES[event.routeKey] : undefined;
  if (!route) throw lost(event);
  if (!mayCall(role, route.role)) {
    throw new ProblemError('operators_only', `this is for the role ${route.role}, and you have ${role}`);
  }
  const asked: Asked = {
    person: { who, role },
    query: event.queryStringParameters ?? {},
    parts: event.pathParameters ?? {},
    body: () => bodyOf(event),
    now: deps.now(),
  };
  return route.answer(deps, asked);
};

const FAILED = {
  failed: 'something failed on our side, and the log says what; nothing is known to have changed',
  unavailable: 'something that we depend on did not answer: try again in a minute',
} as const;

/**
 * Makes the handler. Nobody is answered who is not signed in; a GET changes no customer; every fault is a problem (RFC 9457) that says
 * what to do, and never what stands inside.
 */
export const makeFinanceApi = (deps: FinanceApiDeps): ((event: HttpEvent) => Promise<HttpResult>) =>
  httpDoor(
    deps.onError,
    async (event) => {
      try {
        return await respond(deps, event);
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error;
        return problem(error.code, error.message, error.more);
      }
    },
    (statusCode) => {
      const code = statusCode === 503 ? 'unavailable' : 'failed';
      return problem(code, FAILED[code]);
    },
  );
