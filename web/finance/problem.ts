// What can go wrong between the page and its API, as it is told to people. Pure.

type FieldFault = { readonly field: string; readonly code: string; readonly why: string };

/** A problem as the API tells it (RFC 9457), or what stood in the way of asking. */
export type Problem =
  | {
      readonly kind: 'told';
      readonly status: number;
      /** Which problem it is, by the API's word for it; null where what answered has none. */
      readonly code: string | null;
      /** What happened and what to do, in English, as the API says it. */
      readonly detail: string;
      /** Each field with the rule that it breaks, as a word and in English. */
      readonly fields: readonly FieldFault[];
    }
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'signed_out' };

/** Thrown by what asks the API. */
export class AskError extends Error {
  override readonly name = 'AskError';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.kind === 'told' ? problem.detail : problem.kind);
    this.problem = problem;
  }
}

type Fields = Readonly<Record<string, unknown>>;

const textIn = (fields: Fields, name: string): string => {
  const value = fields[name];
  return typeof value === 'string' ? value : '';
};

const fieldsOf = (value: unknown): FieldFault[] =>
  (Array.isArray(value) ? (value as readonly (Fields | null)[]) : []).flatMap((one) =>
    one !== null && textIn(one, 'field') !== ''
      ? [{ field: textIn(one, 'field'), code: textIn(one, 'code'), why: textIn(one, 'why') }]
      : [],
  );

/** What a status without a code comes to: what stands before the API answers so when the API does not. */
const CODES: Readonly<Record<number, string>> = {
  500: 'failed',
  502: 'unavailable',
  503: 'unavailable',
  504: 'unavailable',
};

/** The problem that an answer holds; what is no problem document is told by its status alone. */
export const problemIn = (status: number, body: string): Problem => {
  if (status === 401) return { kind: 'signed_out' };
  let told: unknown;
  try {
    told = JSON.parse(body);
  } catch {
    told = null;
  }
  const fields = (typeof told === 'object' && told !== null ? told : {}) as Fields;
  const code = textIn(fields, 'code') || (CODES[status] ?? null);
  return { kind: 'told', status, code, detail: textIn(fields, 'detail'), fields: fieldsOf(fields['fields']) };
};

/** Which words say a problem: a name in the shell's words. */
export const wordsOf = (problem: Problem) => {
  if (problem.kind !== 'told') return problem.kind;
  const { status } = problem;
  if (status === 400 || status === 422) return 'refused';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'missing';
  if (status === 409) return 'raced';
  if (status === 429) return 'throttled';
  return 'broken';
};
