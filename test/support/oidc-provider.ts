// A small OpenID Connect provider, as strict as Cognito with a public client: PKCE by S256, exact addresses, and every code and every
// refresh token good once.
import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { html } from 'hono/html';
import { listen } from './listening.ts';

export const CLIENT_ID = 'the-page';

/** An ID token lasts a quarter of an hour, as in lib/finance-sign-in.ts. */
export const TOKEN_SECONDS = 900;

/** Who is signed in at the provider, as claims of the ID token. */
export type PersonClaims = Readonly<Record<string, unknown>>;

export type OidcProvider = {
  readonly issuer: string;
  /** Where the one client may be sent back to, once that is known: its address with a slash. */
  home: string;
  /** Null: it asks. */
  person: PersonClaims | null;
  /** What it does next that it should not: another state or nonce than it was given, or an error. */
  bent: { readonly state?: string; readonly nonce?: string; readonly error?: string };
  /** How it answers who asks for newer tokens. */
  refreshing: 'good' | 'refused' | 'down';
  /** What came to the page for signing in, to the token endpoint and to the page for signing out. */
  readonly asked: { readonly [to in 'authorize' | 'token' | 'logout']: Record<string, string>[] };
  /** The newest refresh token. */
  newest: string | null;
  readonly close: () => Promise<void>;
};

type Begun = { readonly challenge: string; readonly nonce: string };

const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A key, what the world may know of it, and tokens signed by it with RS256. */
const createSigner = () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const head = { alg: 'RS256', kid: randomUUID(), typ: 'JWT' };
  return {
    jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: head.kid, use: 'sig', alg: head.alg }] },
    token: (claims: object): string => {
      const said = `${base64(head)}.${base64(claims)}`;
      return `${said}.${sign('sha256', Buffer.from(said), privateKey).toString('base64url')}`;
    },
  };
};

/** Starts it. `now`: the clock, in milliseconds. */
export const startOidcProvider = async (now: () => number): Promise<OidcProvider> => {
  const app = new Hono();
  const served = await listen(app);
  const signer = createSigner();
  const issuer = `${served.origin}/pool`;
  const codes = new Map<string, Begun>();
  const provider: OidcProvider = {
    issuer,
    home: '',
    person: null,
    bent: {},
    refreshing: 'good',
    asked: { authorize: [], token: [], logout: [] },
    newest: null,
    close: served.close,
  };
  const tokens = (nonce: string | null) => {
    const iat = Math.floor(now() / 1000);
    const all = { iss: issuer, sub: 'u-1', iat, exp: iat + TOKEN_SECONDS };
    provider.newest = randomUUID();
    return {
      token_type: 'Bearer',
      expires_in: TOKEN_SECONDS,
      access_token: signer.token({ ...all, client_id: CLIENT_ID, token_use: 'access' }),
      id_token: signer.token({
        ...all,
        aud: CLIENT_ID,
        token_use: 'id',
        ...(nonce !== null && { nonce: provider.bent.nonce ?? nonce }),
        ...provider.person,
      }),
      refresh_token: provider.newest,
    };
  };
  const byCode = ({ code = '', code_verifier = '', redirect_uri }: Record<string, string>) => {
    const begun = codes.get(code);
    codes.delete(code);
    const challenge = createHash('sha256').update(code_verifier).digest('base64url');
    const isGood = begun?.challenge === challenge && redirect_uri === provider.home;
    return isGood ? tokens(begun.nonce) : null;
  };
  const byRefresh = ({ refresh_token }: Record<string, string>) =>
    provider.refreshing === 'good' && refresh_token === provider.newest ? tokens(null) : null;

  app.get('/pool/.well-known/openid-configuration', cors(), (context) =>
    context.json({
      issuer,
      authorization_endpoint: `${served.origin}/authorize`,
      token_endpoint: `${served.origin}/token`,
      jwks_uri: `${issuer}/jwks.json`,
      id_token_signing_alg_values_supported: ['RS256'],
      response_types_supported: ['code'],
    }),
  );
  app.get('/pool/jwks.json', (context) => context.json(signer.jwks));
  app.get('/authorize', (context) => {
    const asked = context.req.query();
    provider.asked.authorize.push(asked);
    const isGood =
      asked['client_id'] === CLIENT_ID &&
      asked['redirect_uri'] === provider.home &&
      asked['response_type'] === 'code' &&
      asked['code_challenge_method'] === 'S256' &&
      asked['scope']?.split(' ').includes('openid');
    if (!isGood) return context.text('This request is refused.', 400);
    if (provider.person === null)
      return context.html(
        html`<title>Sign in</title>
          <h1>Who are you?</h1>`,
      );
    const back = new URL(provider.home);
    const { error } = provider.bent;
    const code = randomUUID();
    codes.set(code, { challenge: asked['code_challenge'] ?? '', nonce: asked['nonce'] ?? '' });
    back.searchParams.set('state', provider.bent.state ?? asked['state'] ?? '');
    if (error === undefined) back.searchParams.set('code', code);
    else back.searchParams.set('error', error);
    return context.redirect(back.href, 302);
  });
  app.post('/token', cors(), async (context) => {
    const asked = (await context.req.parseBody()) as Record<string, string>;
    provider.asked.token.push(asked);
    if (provider.refreshing === 'down') return context.text('Service Unavailable', 503);
    const isRefresh = asked['grant_type'] === 'refresh_token';
    const given = asked['client_id'] === CLIENT_ID && (isRefresh ? byRefresh(asked) : byCode(asked));
    return given ? context.json(given) : context.json({ error: 'invalid_grant' }, 400);
  });
  app.get('/logout', (context) => {
    const asked = context.req.query();
    provider.asked.logout.push(asked);
    const to = asked['post_logout_redirect_uri'] ?? asked['logout_uri'] ?? '';
    if (asked['client_id'] !== CLIENT_ID || to !== provider.home) return context.text('Refused.', 400);
    provider.person = null;
    return context.redirect(to, 302);
  });
  return provider;
};
