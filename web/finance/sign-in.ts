// Signing in by OIDC: the authorisation-code flow with PKCE. Fetched only where config.json names a provider.
import * as oauth from 'oauth4webapi';
import type { Session } from './api.ts';
import type { SignIn } from './config.ts';
import { AskError } from './problem.ts';

/** What has to outlive the way to the provider and back, and nothing else does. */
type Trip = {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  /** Where on the page somebody was: the query and the hash of the address. */
  readonly place: string;
};

const TRIP = 'recoup.sign-in';

/** What the provider gave: kept in memory only. */
type Tokens = { readonly id: string; readonly refresh: string | null };

/** Somebody who is signed in. `signOut`: forgets the tokens, and leaves the page for the provider's where there is one. */
export type SignedIn = Session & { readonly signOut: () => void };

/** The provider, as it tells of itself. */
type Provider = {
  readonly config: SignIn;
  readonly server: oauth.AuthorizationServer;
  readonly client: oauth.Client;
  readonly options: { [oauth.allowInsecureRequests]?: boolean };
};

/** Where the provider sends people back to, signed in or out: registered there exactly like this. */
const HOME = `${location.origin}/`;

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
    place: `${location.search}${location.hash}`,
  };
  sessionStorage.setItem(TRIP, JSON.stringify(trip));
  if (server.authorization_endpoint === undefined)
    throw new Error('the provider names no page for signing in');
  const address = new URL(server.authorization_endpoint);
  const asked = {
    response_type: 'code',
    client_id: config.clientId,
    redirect_uri: HOME,
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

/** What the provider says of a refusal stands in fields of the error. */
const told = (error: unknown): unknown =>
  error instanceof oauth.AuthorizationResponseError || error instanceof oauth.ResponseBodyError
    ? new Error(`the provider says: ${[error.error, error.error_description].filter(Boolean).join(', ')}`)
    : error;

/** The tokens for the code that the provider has just sent somebody back with. */
const finish = async ({ server, client, options }: Provider, trip: Trip, back: URL): Promise<Tokens> => {
  try {
    const params = oauth.validateAuthResponse(server, client, back, trip.state);
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      oauth.None(),
      params,
      HOME,
      trip.verifier,
      options,
    );
    const checks = { expectedNonce: trip.nonce, requireIdToken: true };
    return tokensOf(await oauth.processAuthorizationCodeResponse(server, client, response, checks), null);
  } catch (error) {
    throw told(error);
  }
};

const isRefusal = (error: unknown): boolean =>
  error instanceof oauth.WWWAuthenticateChallengeError ||
  (error instanceof oauth.ResponseBodyError && error.status < 500);

/**
 * Newer tokens; null when the provider gives none, so that somebody has to sign in again. Rejects with an {@link AskError} when the
 * provider cannot be asked: what somebody has on the page is not thrown away for that.
 */
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
  } catch (error) {
    if (isRefusal(error)) return null;
    throw new AskError({ kind: 'unreachable' });
  }
};

/** Where the provider ends its own session; null = nowhere. */
const endOf = ({ endSession, clientId }: SignIn, tokens: Tokens): URL | null => {
  if (endSession === null) return null;
  const address = new URL(endSession);
  // Cognito has a `logout_uri` of its own, and its settings hold the whole address.
  if (address.searchParams.has('logout_uri')) return address;
  // OpenID Connect RP-Initiated Logout 1.0, section 2.
  address.searchParams.set('client_id', clientId);
  address.searchParams.set('post_logout_redirect_uri', HOME);
  address.searchParams.set('id_token_hint', tokens.id);
  return address;
};

/** A session that begins with these tokens, and keeps the newest: Cognito takes each refresh token once. */
const sessionOf = (provider: Provider, first: Tokens): SignedIn => {
  let tokens: Tokens | null = first;
  // Several requests may find at once that the token is not taken any more, and one new token is enough.
  let renewing: Promise<string> | null = null;
  const renew = async (): Promise<string> => {
    tokens = (tokens && (await refreshed(provider, tokens))) ?? (await begin(provider));
    return tokens.id;
  };
  return {
    token: () => tokens?.id ?? null,
    renew: () =>
      (renewing ??= renew().finally(() => {
        renewing = null;
      })),
    signOut: () => {
      const end = tokens && endOf(provider.config, tokens);
      tokens = null;
      if (end !== null) location.assign(end);
    },
  };
};

/**
 * Finishes signing in when the provider has just sent somebody back, else begins and leaves the page. Rejects when the provider cannot
 * be reached, or what it says does not fit: it is never begun again by itself then.
 */
export const signIn = async (config: SignIn): Promise<SignedIn> => {
  const trip = takeTrip();
  const back = new URL(location.href);
  const isBack = back.searchParams.has('code') || back.searchParams.has('error');
  // Good or not, what the provider sent is good once: it leaves the address, and the place of before comes back.
  if (isBack) history.replaceState(null, '', `/${trip?.place ?? ''}`);
  const provider = await discover(config);
  if (!isBack) return begin(provider);
  if (trip === null) throw new Error('this sign-in was not begun here, or it was finished before');
  return sessionOf(provider, await finish(provider, trip, back));
};
