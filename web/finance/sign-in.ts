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

/** Where the provider sends people back to: this page, whatever the hash. */
const redirectUri = (): string => `${location.origin}${location.pathname}`;

const takeTrip = (): Trip | null => {
  const text = sessionStorage.getItem(TRIP);
  sessionStorage.removeItem(TRIP);
  return text === null ? null : (JSON.parse(text) as Trip);
};

/** A provider on this machine is for tests, and has no certificate. */
const insecureFor = (issuer: string) =>
  /^http:\/\/(localhost|127\.0\.0\.1)(:|\/|$)/.test(issuer) ? { [oauth.allowInsecureRequests]: true } : {};

/** Never comes back: the browser is on its way to the provider. */
const leaving = (): Promise<never> => new Promise(() => {});

/**
 * Finishes signing in when the provider has just sent somebody back, else begins and leaves the page. Rejects when the
 * provider cannot be reached, or what it says does not fit.
 */
export const signIn = async (config: SignIn): Promise<SignedIn> => {
  const issuer = new URL(config.issuer);
  const client: oauth.Client = { client_id: config.clientId };
  const options = insecureFor(config.issuer);
  const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options));

  const begin = async (): Promise<never> => {
    const trip: Trip = {
      state: oauth.generateRandomState(),
      nonce: oauth.generateRandomNonce(),
      verifier: oauth.generateRandomCodeVerifier(),
      hash: location.hash,
    };
    sessionStorage.setItem(TRIP, JSON.stringify(trip));
    const address = new URL(server.authorization_endpoint ?? '');
    for (const [name, value] of Object.entries({
      response_type: 'code',
      client_id: config.clientId,
      redirect_uri: redirectUri(),
      scope: config.scope,
      state: trip.state,
      nonce: trip.nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(trip.verifier),
      code_challenge_method: 'S256',
    })) {
      address.searchParams.set(name, value);
    }
    location.assign(address);
    return leaving();
  };

  const tokensOf = (response: oauth.TokenEndpointResponse, before: Tokens | null): Tokens => {
    const id = response.id_token ?? before?.id;
    if (id === undefined) throw new Error('the provider gave no ID token: add "openid" to the scope');
    return { id, refresh: response.refresh_token ?? before?.refresh ?? null };
  };

  const finish = async (trip: Trip): Promise<Tokens> => {
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
    return tokensOf(
      await oauth.processAuthorizationCodeResponse(server, client, response, {
        expectedNonce: trip.nonce,
        requireIdToken: true,
      }),
      null,
    );
  };

  const refreshed = async (before: Tokens): Promise<Tokens | null> => {
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

  const trip = takeTrip();
  if (trip === null || !/[?&](code|error)=/.test(location.search)) return begin();
  let tokens = await finish(trip);
  // The code is used up: it leaves the address, and the place of before comes back.
  history.replaceState(null, '', `${location.pathname}${trip.hash}`);
  return {
    token: () => tokens.id,
    renew: async () => {
      const next = await refreshed(tokens);
      if (next === null) return begin();
      tokens = next;
      return tokens.id;
    },
    signOut: () => {
      if (config.endSession === null) {
        location.reload();
        return;
      }
      const address = new URL(config.endSession);
      address.searchParams.set('client_id', config.clientId);
      address.searchParams.set('logout_uri', redirectUri());
      address.searchParams.set('post_logout_redirect_uri', redirectUri());
      address.searchParams.set('id_token_hint', tokens.id);
      location.assign(address);
    },
  };
};
