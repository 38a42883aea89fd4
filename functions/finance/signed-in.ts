// Who is signed in and what they may do, by the claims of the token that API Gateway has checked: the door checks no signature itself.
import * as v from 'valibot';
import type { Environment } from '../environment.ts';
import type { HttpEvent } from '../middleware.ts';

/** `finance` reads; `operator` reads and acts. */
export type Role = 'finance' | 'operator';

/** Somebody who may do something here. `who` stands in the journal. */
export type Person = { readonly who: string; readonly role: Role };

/** Somebody whose token was taken; null = with no role that is known here. */
export type Caller = { readonly who: string; readonly role: Role | null };

/** The longest name that the journal takes. */
const MAX_WHO = 200;

const text = v.pipe(
  v.string(),
  v.trim(),
  v.minLength(1),
  v.maxLength(MAX_WHO),
  v.regex(/^[^\p{Cc}\p{Cf}]+$/u),
);

type Claims = Readonly<Record<string, unknown>>;

const JWT = v.object({ jwt: v.object({ claims: v.record(v.string(), v.unknown()) }) });

/** API Gateway hands a list in a claim over as one text: `[finance operator]`. */
const wordsOf = (claim: unknown): readonly string[] => {
  if (Array.isArray(claim)) return claim.filter((one) => typeof one === 'string');
  return typeof claim === 'string' ? claim.replaceAll(/^\[|\]$/g, '').split(/[\s,]+/) : [];
};

/** The claims that may name a person, the plainest first. An address that nobody has verified may be anybody's. */
const namesOf = (claims: Claims): readonly unknown[] => [
  ...([true, 'true'].includes(claims['email_verified'] as string | boolean) ? [claims['email']] : []),
  claims['preferred_username'],
  claims['sub'],
];

/**
 * Access tokens pass API Gateway as well, by their `client_id` where they have no `aud`; they are not meant for us. Cognito says of its
 * tokens what they are, and an ID token always has an `aud` (OpenID Connect Core 1.0, section 2).
 */
const isForUs = (claims: Claims): boolean =>
  [undefined, 'id'].includes(claims['token_use'] as string) &&
  (claims['aud'] !== undefined || claims['client_id'] === undefined);

/**
 * Who is signed in, by the ID token; null = nobody that can be named. The role stands in the claims that the settings name: the
 * greater one, if both do.
 */
export const signedInBy =
  ({ claims: names, ...values }: Environment['ROLE_CLAIMS']) =>
  ({ requestContext }: HttpEvent): Caller | null => {
    const { authorizer } = requestContext as { readonly authorizer?: unknown };
    const token = v.safeParse(JWT, authorizer);
    if (!token.success) return null;
    const { claims } = token.output.jwt;
    const who = namesOf(claims).find((name) => v.is(text, name));
    if (typeof who !== 'string' || !isForUs(claims)) return null;
    const words = new Set(names.flatMap((name) => wordsOf(claims[name])));
    const role = (['operator', 'finance'] as const).find((one) =>
      values[one].some((word) => words.has(word)),
    );
    return { who: who.trim(), role: role ?? null };
  };
