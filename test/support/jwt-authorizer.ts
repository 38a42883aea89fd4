// The JWT authorizer of API Gateway, as its documentation has it: what stands before the finance door in the cloud.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
import { createPublicKey, verify, type JsonWebKey } from 'node:crypto';

/** What the door is handed of a token that was taken. */
export type Authorizer = {
  readonly jwt: { readonly claims: Readonly<Record<string, string>>; readonly scopes: null };
};

type Claims = Readonly<Record<string, unknown>>;
type Jwks = { readonly keys: readonly (JsonWebKey & { readonly kid: string })[] };

const partOf = (text: string): Claims => {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as Claims;
  } catch {
    return {};
  }
};

/** Claims come as text each: a list as its words in brackets. */
const textOf = (claim: unknown): string => (Array.isArray(claim) ? `[${claim.join(' ')}]` : String(claim));

export type AuthorizerOptions = {
  readonly issuer: string;
  readonly audience: string;
  /** Milliseconds. */
  readonly now: () => number;
};

/** Takes the header `authorization`; null = 401. */
export const createJwtAuthorizer =
  ({ issuer, audience, now }: AuthorizerOptions) =>
  async (header: string): Promise<Authorizer | null> => {
    const [head = '', body = '', signature = ''] = header.replace(/^Bearer /, '').split('.');
    const { kid, alg } = partOf(head);
    const claims = partOf(body);
    const discovered = await fetch(`${issuer}/.well-known/openid-configuration`);
    const { jwks_uri } = (await discovered.json()) as { jwks_uri: string };
    const { keys } = (await (await fetch(jwks_uri)).json()) as Jwks;
    const key = keys.find((one) => one.kid === kid);
    if (!key || alg !== 'RS256') return null;
    const isSigned = verify(
      'sha256',
      Buffer.from(`${head}.${body}`),
      createPublicKey({ key, format: 'jwk' }),
      Buffer.from(signature, 'base64url'),
    );
    const seconds = now() / 1000;
    const isTaken =
      isSigned &&
      claims['iss'] === issuer &&
      [claims['aud'] ?? claims['client_id']].flat().includes(audience) &&
      Number(claims['exp']) > seconds &&
      Number(claims['nbf'] ?? 0) <= seconds &&
      Number(claims['iat']) <= seconds;
    if (!isTaken) return null;
    const texts = Object.entries(claims).map(([name, claim]) => [name, textOf(claim)]);
    return { jwt: { claims: Object.fromEntries(texts) as Record<string, string>, scopes: null } };
  };
