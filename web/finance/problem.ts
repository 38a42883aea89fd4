// What can go wrong between the page and its API, as it is told to people. Pure.

/** A problem as the API tells it (RFC 9457), or what stood in the way of asking. */
export type Problem =
  | {
      readonly kind: 'told';
      readonly status: number;
      /** What happened and what to do, in English, as the API says it. */
      readonly detail: string;
      readonly fields: readonly { readonly field: string; readonly why: string }[];
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

const fieldsOf = (value: unknown): { field: string; why: string }[] =>
  (Array.isArray(value) ? (value as readonly Fields[]) : []).flatMap((one) =>
    typeof one?.['field'] === 'string' && typeof one['why'] === 'string'
      ? [{ field: one['field'], why: one['why'] }]
      : [],
  );

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
  const detail = typeof fields['detail'] === 'string' ? fields['detail'] : '';
  return { kind: 'told', status, detail, fields: fieldsOf(fields['fields']) };
};

/** Which words say a problem: a name in the shell's words. */
export const wordsOf = (problem: Problem) => {
  if (problem.kind !== 'told') return problem.kind;
  const { status } = problem;
  if (status === 400 || status === 422) return 'refused';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'missing';
  if (status === 409) return 'raced';
  return 'broken';
};
