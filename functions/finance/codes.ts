// What can be wrong, by codes that stay: each problem with its status, and each rule that a field can break with what is said of it.
import type { Refusal } from '../../core/workflows/operate.ts';

/** Why an operator's wish is refused. What somebody else was first with is a conflict, all else is as the customer stands. */
const REFUSED = {
  changed: 409,
  contended: 409,
  not_known: 422,
  erased: 422,
  deleted: 422,
  nothing_open: 422,
  not_looked_at: 422,
  not_open: 422,
  held: 422,
  held_already: 422,
  excluded: 422,
  excluded_already: 422,
  not_held: 422,
  until_past: 422,
  until_too_far: 422,
  not_chargeable: 422,
  asked_already: 422,
  ending: 422,
  mail_goes: 422,
  erased_already: 422,
} as const satisfies Record<Refusal, 409 | 422>;

/** Each problem that the API tells, with its HTTP status. */
export const PROBLEMS = {
  ...REFUSED,
  invalid: 400,
  no_json: 400,
  not_signed_in: 401,
  no_role: 403,
  operators_only: 403,
  no_address: 404,
  no_connection: 404,
  no_case: 404,
  no_journal_page: 404,
  no_method: 405,
  body_too_large: 413,
  not_sent_as_json: 415,
  file_too_large: 422,
  failed: 500,
  unavailable: 503,
} as const;
export type ProblemCode = keyof typeof PROBLEMS;
export type ProblemStatus = (typeof PROBLEMS)[ProblemCode];
export const PROBLEM_CODES = Object.keys(PROBLEMS) as readonly ProblemCode[];

/** What is said of each rule, in English, with what it takes. */
const RULES = {
  unknown_field: () => 'there is no such field',
  needed: () => 'it is needed',
  empty: () => 'it is empty: write something, or leave it out',
  too_long: (most: string) => `at most ${most} characters`,
  format: (how: string) => `write ${how}`,
  choice: (how: string) => `write ${how}`,
  whole_number: (least: string, most: string) => `write a whole number from ${least} to ${most}`,
  currency: () => 'write a code of three letters, such as EUR',
  month: () => 'write a month, such as 2026-03',
  day_or_month: () => 'write a month or a day, such as 2026-03 or 2026-03-14',
  backwards: () => 'it is before the beginning: the period has no day',
  period_too_long: (days: string) => `at most ${days} days at a time`,
  id: () => 'write an id as the provider has it',
  customer_id: () => 'write cus_… or stripe/cus_…',
  place: () => 'it is no `next` of a page: ask without it for the first',
  note_needed: () => 'say why: it stands in the journal',
  until: (timeZone = 'the policy’s zone') =>
    `write until when: 2026-12-04 (to the end of that day in ${timeZone}) or 2026-12-04T12:00:00Z`,
  value_unwanted: () => 'there is one total of this name: leave it out',
  value_needed: (what: string) => `write ${what}`,
  value_month: () => 'write a month of the period, such as 2026-03, or leave it out for all of them',
  value_age: (names: string) => `write an age as the report names it: ${names}`,
};
export type Rule = keyof typeof RULES;
export const RULE_CODES = Object.keys(RULES) as readonly Rule[];

/** A field that breaks a rule. */
export type FieldFault = { readonly field: string; readonly code: Rule; readonly why: string };

/** The fault of a field, said with what its rule takes. */
export const faultOf = (field: string, code: Rule, ...takes: readonly string[]): FieldFault => {
  const say: (...all: readonly string[]) => string = RULES[code];
  return { field, code, why: say(...takes) };
};

/** A rule as the message of a schema: its code, and what it takes. */
export const rule = (code: Rule, ...takes: readonly number[]): string => [code, ...takes].join(' ');

export const isRule = (name: string): name is Rule => Object.hasOwn(RULES, name);
