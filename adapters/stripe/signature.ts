// Stripe's webhook signature: made and checked over the exact bytes that came over the wire.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { invariant } from '../../core/assert.ts';
import { toMs, type Instant } from '../../core/time.ts';

/** `ok: false` carries a reason an operator can act on; it never holds a secret or the body. */
export type Verification = { readonly ok: true } | { readonly ok: false; readonly reason: string };

const TOLERANCE_SECONDS = 300;
const MAX_HEADER_LENGTH = 4096;
const TIMESTAMP = /^[1-9]\d{0,11}$/;
const DIGEST = /^[0-9a-f]{64}$/i;

const refuse = (reason: string): Verification => ({ ok: false, reason });

const digest = (secret: string, timestamp: string, rawBody: Uint8Array): Buffer =>
  createHmac('sha256', secret).update(`${timestamp}.`).update(rawBody).digest();

const mustBeSecret = (secret: string): void => {
  invariant(secret.trim() !== '', 'a webhook signing secret is blank');
  invariant(secret.trim() === secret, 'a webhook signing secret has white space around it');
};

/** The parts of `t=1700000000,v1=<hex>[,v1=<hex>][,v0=...]`; null when there is not exactly one time. */
const parseHeader = (header: string): { timestamp: string; digests: Buffer[] } | null => {
  const parts = header.split(',').map((part) => {
    const [name = '', ...value] = part.trim().split('=');
    return { name, value: value.join('=') };
  });
  const [timestamp, ...more] = parts.filter(({ name }) => name === 't').map(({ value }) => value);
  if (timestamp === undefined || more.length > 0 || !TIMESTAMP.test(timestamp)) return null;
  const digests = parts
    .filter(({ name, value }) => name === 'v1' && DIGEST.test(value))
    .map(({ value }) => Buffer.from(value, 'hex'));
  return { timestamp, digests };
};

/**
 * Whether `rawBody` was signed by one of `secrets` at about `now`. Several secrets are valid while one is
 * rolled, and Stripe then sends several `v1`. Unlike the SDK a time in the future is refused too. Verify
 * where the request comes in, with the time it came in: after a queue the signature is too old.
 *
 * Throws an InvariantError when there is no secret or one is blank: that is a fault of ours, never a matching
 * request. Source: docs.stripe.com/webhooks#verify-manually.
 */
export const verifySignature = (request: {
  readonly rawBody: Uint8Array;
  readonly header: string | undefined;
  readonly secrets: readonly string[];
  readonly now: Instant;
  readonly toleranceSeconds?: number;
}): Verification => {
  const { rawBody, header, secrets, now, toleranceSeconds = TOLERANCE_SECONDS } = request;
  invariant(secrets.length > 0, 'there is no webhook signing secret to check with');
  secrets.forEach(mustBeSecret);
  invariant(toleranceSeconds > 0, `a tolerance of ${toleranceSeconds} s is not above 0`);

  if (header === undefined || header.trim() === '') return refuse('there is no Stripe-Signature header');
  if (header.length > MAX_HEADER_LENGTH) {
    return refuse(`the Stripe-Signature header is longer than ${MAX_HEADER_LENGTH} characters`);
  }
  const parsed = parseHeader(header);
  if (parsed === null) return refuse('the Stripe-Signature header has no single time `t=<seconds>`');
  const { timestamp, digests } = parsed;
  if (digests.length === 0)
    return refuse('the Stripe-Signature header has no signature `v1=<64 hex digits>`');

  // Every pair is compared, so that the time taken does not tell which secret was near.
  const matches = secrets.flatMap((secret) => {
    const expected = digest(secret, timestamp, rawBody);
    return digests.map((given) => timingSafeEqual(expected, given));
  });
  if (!matches.includes(true)) {
    return refuse('no signature matches: another endpoint’s secret, or a body changed on its way');
  }
  const age = Math.floor(toMs(now) / 1000) - Number(timestamp);
  if (Math.abs(age) <= toleranceSeconds) return { ok: true };
  const side = age > 0 ? 'ago' : 'in the future';
  return refuse(`signed ${Math.abs(age)} s ${side}, more than the ${toleranceSeconds} s allowed`);
};

/**
 * A `Stripe-Signature` header for `rawBody` as signed at `at`, as Stripe makes it. Throws an InvariantError
 * on a blank secret. Source: docs.stripe.com/webhooks#verify-manually.
 */
export const signPayload = (rawBody: Uint8Array, secret: string, at: Instant): string => {
  mustBeSecret(secret);
  const timestamp = String(Math.floor(toMs(at) / 1000));
  return `t=${timestamp},v1=${digest(secret, timestamp, rawBody).toString('hex')}`;
};
