// Who is signed in and what they may do, by what the authorizer of API Gateway says: the door checks no signature itself.
import * as v from 'valibot';
import type { HttpEvent } from '../middleware.ts';

/** `finance` reads; `operator` reads and acts. */
export type Role = 'finance' | 'operator';

/** A person, or a program, that the authorizer let in. `who` stands in the journal. */
export type Person = { readonly who: string; readonly role: Role };

/** The longest name that the journal takes. */
const MAX_WHO = 200;

const text = v.pipe(
  v.string(),
  v.trim(),
  v.minLength(1),
  v.maxLength(MAX_WHO),
  v.regex(/^[^\p{Cc}\p{Cf}]+$/u),
);

const IAM = v.object({ iam: v.object({ userArn: v.pipe(v.string(), v.regex(/^arn:[!-~]{1,2000}$/)) }) });
const JWT = v.object({ jwt: v.object({ claims: v.record(v.string(), v.unknown()) }) });

/** The claims that may name a person, the plainest first. */
const NAMES = ['email', 'preferred_username', 'sub'] as const;
/** The claims that may hold roles: a list, or words in one text. */
const ROLES = ['roles', 'groups', 'cognito:groups'] as const;

/** API Gateway hands a list in a claim over as one text: `[finance operator]`. */
const wordsOf = (claim: unknown): readonly string[] => {
  if (Array.isArray(claim)) return claim.filter((one) => typeof one === 'string');
  return typeof claim === 'string' ? claim.replaceAll(/^\[|\]$/g, '').split(/[\s,]+/) : [];
};

/** An address that nobody has checked may be anybody's. */
const isChecked = (claims: Readonly<Record<string, unknown>>): boolean =>
  !['false', false].includes(claims['email_verified'] as string | boolean);

const byClaims = (claims: Readonly<Record<string, unknown>>): Person | null => {
  const names = NAMES.filter((name) => name !== 'email' || isChecked(claims));
  const who = names.map((name) => v.safeParse(text, claims[name])).find(({ success }) => success)?.output;
  const roles = new Set(ROLES.flatMap((name) => wordsOf(claims[name])));
  const role = (['operator', 'finance'] as const).find((one) => roles.has(one));
  return typeof who === 'string' && role !== undefined ? { who, role } : null;
};

/** `user/ana`, or of an assumed role its name and that of the session: `Finance/ana@example.com`. */
const byArn = (arn: string): Person => {
  const name = arn.slice(arn.lastIndexOf(':') + 1).replace(/^assumed-role\//, '');
  return { who: name.slice(0, MAX_WHO), role: 'operator' };
};

/**
 * Who is signed in; null = nobody that is known. With IAM the person's own policy has already said whether this very method and
 * path may be called, so that is the role. With a JWT the role stands in its claims; a token without one lets nobody in.
 */
export const signedIn = ({ requestContext }: HttpEvent): Person | null => {
  const { authorizer } = requestContext as { readonly authorizer?: unknown };
  // A token names its bearer better than the machine that brought it.
  const token = v.safeParse(JWT, authorizer);
  if (token.success) return byClaims(token.output.jwt.claims);
  const signed = v.safeParse(IAM, authorizer);
  return signed.success ? byArn(signed.output.iam.userArn) : null;
};
