// Stripe's SDK, set up so that nothing is asked twice without our knowing.
import Stripe from 'stripe';

type Config = NonNullable<ConstructorParameters<typeof Stripe>[1]>;
type HttpClient = NonNullable<Config['httpClient']>;

/**
 * How long an answer is waited for. A sweep stops after 45 s, so it must not spend all of that on one
 * customer.
 */
const TIMEOUT_MS = 20_000;

/** Where requests go, for tests; and who carries them. */
export type StripeClientOptions = Pick<Config, 'host' | 'port' | 'protocol'> & {
  readonly timeoutMs?: number;
  readonly httpClient?: HttpClient;
};

/** A connection that failed. It carries no `code`, which is what the SDK's own repetition looks for. */
class ConnectionFailed extends Error {
  override readonly name = 'ConnectionFailed';
  readonly reason: string;

  constructor(reason: string) {
    super(reason);
    this.reason = reason;
  }
}

const codeOf = (error: unknown): string => {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return typeof code === 'string' ? code : 'UNKNOWN';
};

/**
 * Even with no retries asked for, the SDK repeats a request whose connection was closed. For a read that is
 * welcome: a thawed Lambda holds connections that are long dead. A charge or an end is never repeated unseen.
 * Source: github.com/stripe/stripe-node/issues/2808.
 */
const writingOnce = (client: HttpClient): HttpClient => ({
  getClientName: () => client.getClientName(),
  makeRequest: async (...request) => {
    const [, , , method] = request;
    try {
      return await client.makeRequest(...request);
    } catch (error) {
      const code = codeOf(error);
      if (method === 'GET' || code === 'ETIMEDOUT') throw error;
      throw new ConnectionFailed(code);
    }
  },
});

/**
 * A client of one account: the SDK's API version, no retries, a time-out, nothing told about ourselves.
 * `apiKey` may be a restricted key.
 */
export const createStripeClient = (
  apiKey: string,
  { timeoutMs = TIMEOUT_MS, httpClient, ...where }: StripeClientOptions = {},
): Stripe =>
  new Stripe(apiKey, {
    ...where,
    apiVersion: Stripe.API_VERSION,
    maxNetworkRetries: 0,
    timeout: timeoutMs,
    telemetry: false,
    httpClient: writingOnce(httpClient ?? Stripe.createNodeHttpClient()),
  });
