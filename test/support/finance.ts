// The finance door on an in-memory store, with requests as API Gateway hands them over. Every answer is held to its shape.
import * as v from 'valibot';
import { createMemoryStore } from '../../adapters/memory/store.ts';
import type { Templates } from '../../adapters/email/templates.ts';
import type { Store } from '../../core/ports.ts';
import type { Policy } from '../../core/recovery/policy.ts';
import { instantFromMs, type Instant } from '../../core/time.ts';
import { makeFinanceApi, ROUTES } from '../../functions/finance-api.ts';
import { createReadMail } from '../../functions/finance/read-mail.ts';
import { signedInBy } from '../../functions/finance/signed-in.ts';
import { COMPONENTS, PROBLEM } from '../../functions/finance/shapes.ts';
import type { HttpEvent, HttpResult } from '../../functions/middleware.ts';
import { at } from './customers.ts';
import { shippedTemplates } from './mails.ts';
import { policyOf } from './operating.ts';

export const NOW = at('2026-03-10T09:00Z');

/** Where roles stand in a token, and by which words: as the settings have it unless they say otherwise. */
export const ROLE_CLAIMS = {
  claims: ['roles', 'groups', 'cognito:groups'],
  finance: ['finance'],
  operator: ['operator'],
};

/** As the JWT authorizer hands a token over: a list in a claim comes as one text. */
export const byToken = (...roles: readonly string[]) => ({
  jwt: {
    claims: {
      sub: 'u-1',
      email: 'ana@example.com',
      email_verified: 'true',
      ...(roles.length > 0 && { groups: `[${roles.join(' ')}]` }),
    },
    scopes: null,
  },
});

/** What was answered: its JSON, or its bytes. */
export type Answered = {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly bytes: Buffer;
  /** The JSON, for a look at what a test is about. */
  readonly body: Record<string, unknown>;
};

export type FinanceRig = {
  readonly store: Store;
  readonly errors: unknown[];
  /** Which operations of the store were asked for. */
  readonly operations: string[];
  get(path: string, changes?: Partial<HttpEvent>): Promise<Answered>;
  post(path: string, body: unknown, changes?: Partial<HttpEvent>): Promise<Answered>;
  ask(method: string, path: string, changes?: Partial<HttpEvent>): Promise<Answered>;
  as(authorizer: unknown): FinanceRig;
  pass(until: Instant): void;
};

const patterns = Object.keys(ROUTES).map((name) => {
  const [method = '', path = ''] = name.split(' ');
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, part = '']) => part);
  return {
    name,
    method,
    names,
    pattern: new RegExp(`^${path.replaceAll('.', String.raw`\.`).replaceAll(/\{\w+\}/g, '([^/]+)')}$`),
  };
});

/** What API Gateway makes of a method and a path. */
const routed = (method: string, path: string): Pick<HttpEvent, 'routeKey' | 'pathParameters'> => {
  for (const one of patterns) {
    const match = one.method === method ? one.pattern.exec(path) : null;
    if (match) {
      const parts = one.names.map((name, i) => [name, decodeURIComponent(match[i + 1] ?? '')]);
      return { routeKey: one.name, pathParameters: Object.fromEntries(parts) as Record<string, string> };
    }
  }
  return { routeKey: '$default' };
};

const ALWAYS: readonly number[] = [401, 403, 404, 405, 500, 503];

/** Throws unless an answer is one that the table of routes, and so the document, promises. */
const held = (routeKey: string, { statusCode = 0, headers = {} }: HttpResult, body: unknown): void => {
  const route = ROUTES[routeKey];
  const type = String(headers['content-type']);
  if (statusCode !== 200) {
    const told: readonly number[] = [...ALWAYS, ...(route?.problems ?? [])];
    if (!told.includes(statusCode)) throw new Error(`${routeKey} does not promise ${statusCode}`);
    if (!type.startsWith('application/problem+json')) throw new Error(`a problem came as ${type}`);
    v.parse(PROBLEM, body);
    return;
  }
  const answers = route?.answers ?? null;
  if (answers === null) return;
  if (answers in COMPONENTS) v.parse(COMPONENTS[answers as keyof typeof COMPONENTS], body);
  else if (!type.startsWith(answers)) throw new Error(`${routeKey} came as ${type}`);
};

const jsonOf = (bytes: Buffer): Record<string, unknown> => {
  try {
    return JSON.parse(bytes.toString('utf8')) as Record<string, unknown>;
  } catch {
    return {};
  }
};

export type RigOptions = {
  readonly policy?: Policy;
  readonly templates?: () => Templates;
  readonly connections?: readonly string[];
  readonly fault?: NonNullable<Parameters<typeof createMemoryStore>[0]>['fault'];
};

/** A door with an empty store; whoever asks is an operator unless told otherwise. */
export const openFinance = (options: RigOptions = {}): FinanceRig => {
  const operations: string[] = [];
  const errors: unknown[] = [];
  const policy = options.policy ?? policyOf();
  let now = NOW;
  const store = createMemoryStore({
    fault: (operation, id) => {
      operations.push(operation);
      return options.fault?.(operation, id);
    },
  });
  const handler = makeFinanceApi({
    store,
    policy,
    connections: options.connections ?? ['stripe'],
    where: 'a test',
    version: '1.2.3',
    requestsPerSecond: 5,
    readMail: createReadMail(options.templates ?? shippedTemplates, policy),
    backOff: async () => {},
    signedIn: signedInBy(ROLE_CLAIMS),
    now: () => now,
    onError: (error) => errors.push(error),
  });
  const rigAs = (authorizer: unknown): FinanceRig => {
    const ask: FinanceRig['ask'] = async (method, path, changes = {}) => {
      const [address = '', query = ''] = path.split('?');
      const event = {
        version: '2.0',
        ...routed(method, address),
        rawPath: address,
        rawQueryString: query,
        headers: {},
        ...(query !== '' && { queryStringParameters: Object.fromEntries(new URLSearchParams(query)) }),
        requestContext: { authorizer } as unknown as HttpEvent['requestContext'],
        isBase64Encoded: false,
        ...changes,
      };
      const result = await handler(event);
      const bytes = Buffer.from(result.body ?? '', result.isBase64Encoded ? 'base64' : 'utf8');
      const body = jsonOf(bytes);
      held(event.routeKey, result, body);
      return { status: result.statusCode ?? 0, headers: result.headers ?? {}, bytes, body };
    };
    const headers = { 'Content-Type': 'application/json' };
    return {
      store,
      errors,
      operations,
      ask,
      get: (path, changes) => ask('GET', path, changes),
      post: (path, body, changes) => ask('POST', path, { body: JSON.stringify(body), headers, ...changes }),
      as: rigAs,
      pass: (until) => {
        now = instantFromMs(Date.parse(until));
      },
    };
  };
  return rigAs(byToken('operator'));
};
