// What is said when something is not as it should be: problem details as RFC 9457 has them, and the headers of every answer.
import * as v from 'valibot';
import type { HttpResult } from '../middleware.ts';
import type { PROBLEM } from './shapes.ts';

/** Nothing of ours is kept by anybody on the way, shown in a frame, or taken for what it is not. */
export const HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

const TITLES = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
} as const;
export type ProblemStatus = keyof typeof TITLES;

type Field = { readonly field: string; readonly why: string };

/** Thrown by what answers a request, and told to whoever asked. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly status: ProblemStatus;
  readonly fields: readonly Field[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: ProblemStatus,
    detail: string,
    more: { readonly fields?: readonly Field[]; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(detail);
    this.status = status;
    this.fields = more.fields ?? [];
    this.headers = more.headers ?? {};
  }
}

/** A problem as it is answered. */
export const problem = (
  status: ProblemStatus,
  detail: string,
  { fields = [], headers = {} }: Partial<Pick<ProblemError, 'fields' | 'headers'>> = {},
): HttpResult => ({
  statusCode: status,
  headers: { ...HEADERS, ...headers, 'content-type': 'application/problem+json; charset=utf-8' },
  body: JSON.stringify({
    type: 'about:blank',
    title: TITLES[status],
    status,
    detail,
    ...(fields.length > 0 && { fields: [...fields] }),
  } satisfies v.InferInput<typeof PROBLEM>),
});

/** What may stand in an answer of a name that came from outside. */
const named = (name: string): string => name.replaceAll(/[^\w.-]/g, '?').slice(0, 60);

/** What valibot would quote of the input is left out: only how it should be is told. */
const whyOf = ({ type, message, expected }: v.BaseIssue<unknown>): string => {
  if (type === 'strict_object' && expected === 'never') return 'there is no such field';
  if (type === 'strict_object') return 'it is needed';
  return /received /i.test(message) ? `write ${expected ?? 'another value'}` : message;
};

/** The value that a schema makes of `input`. Throws a {@link ProblemError} that names every field that does not fit. */
export const parsed = <T>(schema: v.GenericSchema<unknown, T>, input: unknown, what: string): T => {
  const result = v.safeParse(schema, input);
  if (result.success) return result.output;
  const fields = result.issues.map((issue) => ({
    field: named(v.getDotPath(issue) ?? what),
    why: whyOf(issue),
  }));
  const told = fields.map(({ field, why }) => `${field}: ${why}`).join('; ');
  throw new ProblemError(400, `the ${what} is not as it should be: ${told}`, { fields });
};
