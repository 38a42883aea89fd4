// The recovery policy: what an operator may say, checked as a whole, every fault told at once.
import * as v from 'valibot';
import { crossFaults, shown, type PolicyFault } from './policy-faults.ts';
import { policyShape, type Policy } from './policy-shape.ts';

export type { PolicyFault } from './policy-faults.ts';
export { MIN_NOTICE_DAYS } from './policy-faults.ts';
export type { Campaign, Condition, NoticeCampaign, Policy, PolicyInput } from './policy-shape.ts';

/** Thrown for a policy that makes no sense; carries every fault. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
  readonly faults: readonly PolicyFault[];

  constructor(faults: readonly PolicyFault[]) {
    const lines = faults.map(({ field, value, change }) => `  ${field} = ${value}: ${change}`);
    super(`the policy has ${faults.length} fault${faults.length === 1 ? '' : 's'}:\n${lines.join('\n')}`);
    this.faults = faults;
  }
}

/** The issue of a field that nobody knows. */
const isUnknownField = (issue: v.BaseIssue<unknown>): boolean =>
  issue.type === 'strict_object' && issue.expected === 'never';

const faultOf = (issue: v.BaseIssue<unknown>): PolicyFault => {
  const field = v.getDotPath(issue) || '(the policy)';
  if (isUnknownField(issue)) {
    const value = shown(issue.path?.at(-1)?.value);
    return { field, value, change: 'unknown field: remove it or correct its name' };
  }
  const missing = issue.input === undefined;
  const change = issue.type === 'strict_object' && missing ? 'this field is missing: add it' : issue.message;
  return { field, value: missing ? 'missing' : shown(issue.input), change };
};

/** The same value without what stands at a path; something with fields is all it has to be. */
const without = (value: unknown, [key, ...rest]: readonly unknown[]): unknown => {
  const isHere = (name: string | number) => String(name) === String(key);
  if (rest.length === 0) {
    return Object.fromEntries(Object.entries(value as object).filter(([name]) => !isHere(name)));
  }
  if (Array.isArray(value)) return value.map((one, i) => (isHere(i) ? without(one, rest) : one));
  return Object.fromEntries(
    Object.entries(value as object).map(([name, one]) => [name, isHere(name) ? without(one, rest) : one]),
  );
};

/** Checks a policy. Throws {@link PolicyError} with every fault: field, value, what to change. */
export const definePolicy = (input: unknown): Policy => {
  const faults: PolicyFault[] = [];
  let known = input;
  let parsed = v.safeParse(policyShape, known);
  // Of several unknown fields in one object valibot names only the first: take it out and look again.
  for (let strange = parsed.issues?.filter(isUnknownField); strange?.length;) {
    faults.push(...strange.map(faultOf));
    known = strange.reduce((all, { path }) => without(all, path?.map((item) => item.key) ?? []), known);
    parsed = v.safeParse(policyShape, known);
    strange = parsed.issues?.filter(isUnknownField);
  }
  faults.push(...(parsed.issues ?? []).map(faultOf), ...crossFaults(known));
  if (!parsed.success || faults.length > 0) throw new PolicyError(faults);
  return parsed.output;
};
