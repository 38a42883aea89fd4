// Signing in by OIDC: the authorisation-code flow with PKCE. Fetched only where config.json names a provider.
import * as oauth from 'oauth4webapi';
import type { Session } from './api.ts';
import type { SignIn } from './config.ts';

/** What has to outlive the way to the provider and back, and nothing else does. */
type Trip = {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly hash: string;
};

const TRIP = 'recoup.sign-in';

/** What the provider gave: kept in memory only. */
type Tokens = { readonly id: string; readonly refresh: string | null };

/** Somebody who is signed in. */
export type SignedIn = Session & { readonly signOut: () => void };

/** The provider, as it tells of itself. */
type Provider = {
  readonly config: SignIn;
  readonly server: oauth.AuthorizationServer;
  readonly client: oauth.Client;
  readonly options: { [oauth.allowInsecureRequests]?: boolean };
};

/** Where the provider sends people back to: this page, whatever the hash. */
const redirectUri = (): string => `${location.origin}${location.pathname}`;

const takeTrip = (): Trip | null => {
  const text = sessionStorage.getItem(TRIP);
  sessionStorage.removeItem(TRIP);
  return text === null ? null : (JSON.parse(text) as Trip);
};

/** A provider on this machine is for tests, and has no certificate. */
const ON_THIS_MACHINE = /^http:\/\/(localhost|127\.0\.0\.1)(:|\/|$)/;

const discover = async (config: SignIn): Promise<Provider> => {
  const issuer = new URL(config.issuer);
  const options = ON_THIS_MACHINE.test(config.issuer) ? { [oauth.allowInsecureRequests]: true } : {};
  const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options));
  return { config, server, client: { client_id: config.clientId }, options };
};

/** Leaves the page for the provider's. Never comes back. */
const begin = async ({ config, server }: Provider): Promise<never> => {
  const trip: Trip = {
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    verifier: oauth.generateRandomCodeVerifier(),
    hash: location.hash,
  };
  sessionStorage.setItem(TRIP, JSON.stringify(trip));
  const address = new URL(server.authorization_endpoint ?? '');
  const asked = {
    response_type: 'code',
    client_id: config.clientId,
    redirect_uri: redirectUri(),
    scope: config.scope,
    state: trip.state,
    nonce: trip.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(trip.verifier),
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(asked)) address.searchParams.set(name, value);
  location.assign(address);
  return new Promise(() => {});
};

const tokensOf = (response: oauth.TokenEndpointResponse, before: Tokens | null): Tokens => {
  const id = response.id_token ?? before?.id;
  if (id === undefined) throw new Error('the provider gave no ID token: add "openid" to the scope');
  return { id, refresh: response.refresh_token ?? before?.refresh ?? null };
};

/** The tokens for the code that the provider has just sent somebody back with. */
const finish = async ({ server, client, options }: Provider, trip: Trip): Promise<Tokens> => {
  const params = oauth.validateAuthResponse(server, client, new URL(location.href), trip.state);
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    oauth.None(),
    params,
    redirectUri(),
    trip.verifier,
    options,
  );
  const checks = { expectedNonce: trip.nonce, requireIdToken: true };
  return tokensOf(await oauth.processAuthorizationCodeResponse(server, client, response, checks), null);
};

/** Newer tokens; null when the provider gives none, so that somebody has to sign in again. */
const refreshed = async ({ server, client, options }: Provider, before: Tokens): Promise<Tokens | null> => {
  if (before.refresh === null) return null;
  try {
    const response = await oauth.refreshTokenGrantRequest(
      server,
      client,
      oauth.None(),
      before.refresh,
      options,
    );
    const tokens = tokensOf(await oauth.processRefreshTokenResponse(server, client, response), before);
    return tokens.id === before.id ? null : tokens;
  } catch {
    return null;
  }
};

/** The provider ends its own session, where it has a page for that; here everything is forgotten in any case. */
const leave = ({ config }: Provider, tokens: Tokens): void => {
  if (config.endSession === null) return location.reload();
  const address = new URL(config.endSession);
  // `logout_uri` is Cognito's name for it, the others are of OpenID Connect RP-Initiated Logout 1.0.
  address.searchParams.set('client_id', config.clientId);
  address.searchParams.set('logout_uri', redirectUri());
  address.searchParams.set('post_logout_redirect_uri', redirectUri());
  address.searchParams.set('id_token_hint', tokens.id);
  return location.assign(address);
};

/**
 * Finishes signing in when the provider has just sent somebody back, else begins and leaves the page. Rejects when the
 * provider cannot be reached, or what it says does not fit.
 */
export const signIn = async (config: SignIn): Promise<SignedIn> => {
  const provider = await discover(config);
  const trip = takeTrip();
  if (trip === null || !/[?&](code|error)=/.test(location.search)) return begin(provider);
  let tokens = await finish(provider, trip);
  // The code is used up: it leaves the address, and the place of before comes back.
  history.replaceState(null, '', `${location.pathname}${trip.hash}`);
  // Several requests may find at once that the token is not taken any more, and one new token is enough.
  let renewing: Promise<string> | null = null;
  const renew = async (): Promise<string> => {
    tokens = (await refreshed(provider, tokens)) ?? (await begin(provider));
    renewing = null;
    return tokens.id;
  };
  return {
    token: () => tokens.id,
    renew: () => (renewing ??= renew()),
    signOut: () => leave(provider, tokens),
  };
};
