// What the business is told by webhook: one signed POST, never repeated by us, to an address that is a secret.
import { createHmac } from 'node:crypto';
import * as v from 'valibot';
import type { Money } from '../../core/money.ts';
import type { ActOutcome, OperatorNotice } from '../../core/ports.ts';
import { toMs, type Instant } from '../../core/time.ts';
import type { SecretForm } from '../secrets-manager/secrets.ts';

/** Where notices are posted, and what they are signed with. Both are secret. */
export type WebhookTarget = { readonly url: string; readonly signingSecret: string };

/** No answer within this is no answer: the sweep has other customers to look at. */
export const TIMEOUT_MS = 5000;
const MAX_URL = 2048;
const MIN_SECRET = 16;

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost']);

/** https and no credentials; plain http on this machine only. */
const isSafe = (text: string): boolean => {
  const url = text.length > MAX_URL ? null : URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname));
};

const targetShape = v.strictObject(
  {
    url: v.pipe(
      v.string('"url" is no text'),
      v.check(isSafe, '"url" has to begin with https:// and hold no user or password'),
    ),
    signingSecret: v.pipe(
      v.string('"signingSecret" is no text'),
      v.minLength(MIN_SECRET, `"signingSecret" is shorter than ${MIN_SECRET} characters`),
      v.regex(/^\S+$/, '"signingSecret" holds white space'),
    ),
  },
  'it has to hold "url" and "signingSecret", and nothing else',
);

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

/** The secret that a target is read from: JSON with `url` and `signingSecret`. */
export const TARGET_SECRET: SecretForm<WebhookTarget> = {
  how: 'store it as JSON, {"url": "https://…", "signingSecret": "…"}',
  parse: (text) => {
    const value = parseJson(text);
    if (typeof value !== 'object' || value === null) return { wrong: 'it holds no JSON object' };
    const parsed = v.safeParse(targetShape, value);
    return parsed.success ? { value: parsed.output } : { wrong: parsed.issues[0].message };
  },
};

const plain = ({ minor, currency }: Money) => ({ minor, currency });

/** The body of a notice; docs/policy.md is its reference. Fields may be added, none is taken away in version 1. */
export const webhookBody = (notice: OperatorNotice, at: Instant): string =>
  JSON.stringify({
    version: 1,
    key: notice.key,
    at,
    customer: notice.customerKey,
    case: notice.caseId,
    subject: notice.subjectId,
    campaign: notice.campaignId,
    step: notice.stepId,
    note: notice.note,
    failingSince: notice.failedAt,
    fails: { class: notice.fails.class, because: notice.fails.because },
    // No pay links: who has one can see the customer's name and address.
    invoices: notice.invoices.map(({ number, amount }) => ({ number, ...plain(amount) })),
    totals: notice.totals.map(plain),
  });

/** `t=<seconds>,v1=<hex>` over `<seconds>.<body>`: Stripe's scheme, so that what verifies theirs verifies ours. */
export const signatureOf = (body: string, secret: string, at: Instant): string => {
  const seconds = Math.floor(toMs(at) / 1000);
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
};

/** The connection was never made, so nothing was told. */
const NOT_REACHED: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** The code of what went wrong below `fetch`, which wraps it; never its text, which quotes the address. */
const codeOf = (error: unknown): string => {
  const { name, cause } = error instanceof Error ? error : { name: 'unknown', cause: undefined };
  const code: unknown = (cause as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : name;
};

/** No trust, no request: TLS is agreed on before anything is told. */
const NOT_TRUSTED = /^(CERT_|DEPTH_ZERO_|ERR_SSL_|ERR_TLS_|SELF_SIGNED_|UNABLE_TO_)/;

const outcomeOfError = (error: unknown): ActOutcome => {
  const code = codeOf(error);
  if (NOT_REACHED.has(code)) return { kind: 'refused', why: `the webhook could not be reached (${code})` };
  if (NOT_TRUSTED.test(code)) return { kind: 'refused', why: `the webhook is not to be trusted (${code})` };
  const why = code === 'TimeoutError' ? 'did not answer in time' : 'broke off';
  return {
    kind: 'unknown',
    why: `the webhook ${why} (${code}): it may have been told, and is not told again`,
  };
};

/**
 * What an answer means. Never `throttled`: that would end the tick, and no endpoint of the business may hold up
 * the customers of others.
 */
const outcomeOfStatus = (status: number): ActOutcome => {
  if (status >= 200 && status < 300) {
    return { kind: 'done', why: `accepted by the webhook (${status})`, facts: [] };
  }
  if (status >= 500) {
    const why = `the webhook failed (${status}): it may have been told, and is not told again`;
    return { kind: 'unknown', why };
  }
  if (status === 429) return { kind: 'refused', why: 'the webhook takes no more just now (429)' };
  if (status >= 300 && status < 400) {
    return { kind: 'refused', why: `the webhook answered ${status}: store the address that it leads to` };
  }
  return { kind: 'refused', why: `the webhook refused (${status})` };
};

export type PostOptions = {
  readonly fetch: typeof globalThis.fetch;
  readonly timeoutMs?: number;
};

/**
 * Posts a body once, signed as of `at`. `key` goes along as `Idempotency-Key`, so that the other side can leave out
 * what it knows. No redirect is followed. Answers with what became of it and never throws for what the other side
 * does; no outcome names the address.
 */
export const postNotice = async (
  { fetch, timeoutMs = TIMEOUT_MS }: PostOptions,
  target: WebhookTarget,
  { key, body }: { readonly key: string; readonly body: string },
  at: Instant,
): Promise<ActOutcome> => {
  try {
    const response = await fetch(target.url, {
      method: 'POST',
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'user-agent': 'Recoup',
        'idempotency-key': key,
        'recoup-signature': signatureOf(body, target.signingSecret, at),
      },
      body,
    });
    // Only the status is of use; the rest is let go, so that the connection is free.
    await response.body?.cancel().catch(() => {});
    return outcomeOfStatus(response.status);
  } catch (error) {
    return outcomeOfError(error);
  }
};
