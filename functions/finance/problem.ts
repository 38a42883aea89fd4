// What is said when something is not as it should be: problem details as RFC 9457 has them, and the headers of every answer.
import * as v from 'valibot';
import type { HttpResult } from '../middleware.ts';
import { faultOf, isRule, PROBLEMS, type FieldFault, type ProblemCode, type ProblemStatus } from './codes.ts';
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

const TITLES: Readonly<Record<ProblemStatus, string>> = {
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
};

type More = {
  readonly fields?: readonly FieldFault[];
  readonly headers?: Readonly<Record<string, string>>;
};

/** Thrown by what answers a request, and told to whoever asked. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly code: ProblemCode;
  readonly more: More;

  constructor(code: ProblemCode, detail: string, more: More = {}) {
    super(detail);
    this.code = code;
    this.more = more;
  }
}

/** That fields of what was sent are not as they should be: `what` is the query, the body, the path or the period. */
export const invalid = (what: string, ...fields: readonly FieldFault[]): ProblemError => {
  const told = fields.map(({ field, why }) => `${field}: ${why}`).join('; ');
  return new ProblemError('invalid', `the ${what} is not as it should be: ${told}`, { fields });
};

/** A problem as it is answered. */
export const problem = (
  code: ProblemCode,
  detail: string,
  { fields = [], headers = {} }: More = {},
): HttpResult => {
  const status = PROBLEMS[code];
  return {
    statusCode: status,
    headers: { ...HEADERS, ...headers, 'content-type': 'application/problem+json; charset=utf-8' },
    body: JSON.stringify({
      type: 'about:blank',
      title: TITLES[status],
      status,
      code,
      detail,
      ...(fields.length > 0 && { fields: [...fields] }),
    } satisfies v.InferInput<typeof PROBLEM>),
  };
};

/** What may stand in an answer of a name that came from outside. */
const named = (name: string): string => name.replaceAll(/[^\w.-]/g, '?').slice(0, 60);

/** What valibot would quote of the input is left out: only how it should be is told. */
const faultIn = (
  field: string,
  { type, message, expected, requirement }: v.BaseIssue<unknown>,
): FieldFault => {
  if (type === 'strict_object') return faultOf(field, expected === 'never' ? 'unknown_field' : 'needed');
  const [name = '', ...takes] = message.split(' ');
  if (isRule(name)) return faultOf(field, name, ...takes);
  if (type === 'min_length') return faultOf(field, 'empty');
  if (type === 'max_length') return faultOf(field, 'too_long', String(requirement));
  return faultOf(field, type === 'picklist' ? 'choice' : 'format', expected ?? 'another value');
};

/** The value that a schema makes of `input`. Throws a {@link ProblemError} that names every field that does not fit. */
export const parsed = <T>(schema: v.GenericSchema<unknown, T>, input: unknown, what: string): T => {
  const result = v.safeParse(schema, input);
  if (result.success) return result.output;
  throw invalid(what, ...result.issues.map((issue) => faultIn(named(v.getDotPath(issue) ?? what), issue)));
};
