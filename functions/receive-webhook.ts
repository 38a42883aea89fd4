// The webhook door: POST /webhooks/{connection}. It checks, translates and records; it never mails and never charges.
import { translate } from '../adapters/stripe/translate.ts';
import { verifySignature } from '../adapters/stripe/signature.ts';
import type { Instant } from '../core/time.ts';
import { receiveEvent } from '../core/workflows/receive-event.ts';
import type { RecordDeps } from '../core/workflows/record-facts.ts';
import { answer, httpDoor, type HttpEvent, type HttpResult, type OnError } from './middleware.ts';

/** One configured provider account. */
export type Connection = {
  /** Signing secrets that are valid now: two while one is rolled. */
  readonly secrets: () => Promise<readonly string[]>;
  /** Whether it takes live events; null takes both. */
  readonly livemode: boolean | null;
  /** The one account it takes events of; null takes any. */
  readonly account: string | null;
};

export type WebhookDeps = RecordDeps & {
  readonly connections: Readonly<Record<string, Connection>>;
  readonly now: () => Instant;
  /** The time signatures are checked against; `now` unless the clock is a movable one. */
  readonly signatureNow?: () => Instant;
  readonly onError: OnError;
};

const MAX_BODY_BYTES = 1024 * 1024;

const headerOf = (event: HttpEvent, name: string): string | undefined =>
  Object.entries(event.headers ?? {}).find(([key]) => key.toLowerCase() === name)?.[1];

/** The raw bytes that were signed. Lambda writes a body that is not plain text in base64. */
const bytesOf = (event: HttpEvent): Buffer =>
  Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');

const parse = (body: Buffer): { readonly value: unknown } | null => {
  try {
    return { value: JSON.parse(body.toString('utf8')) };
  } catch {
    return null;
  }
};

const refuse = (statusCode: number, reason: string): HttpResult =>
  answer(statusCode, { outcome: 'refused', reason });

/**
 * Makes the handler. 2xx after one durable write at most, or none when there is nothing to write; 4xx for what is
 * refused, told in words only once the signature has been found good; 5xx for what should be delivered again.
 */
export const makeReceiveWebhook = (deps: WebhookDeps): ((event: HttpEvent) => Promise<HttpResult>) =>
  httpDoor(deps.onError, async (event) => {
    const name = event.pathParameters?.['connection'] ?? '';
    const connection = Object.hasOwn(deps.connections, name) ? deps.connections[name] : undefined;
    if (!connection) return refuse(404, 'no such connection');
    const rawBody = bytesOf(event);
    if (rawBody.byteLength > MAX_BODY_BYTES) return refuse(413, 'the body is over 1 MiB');
    const header = headerOf(event, 'stripe-signature');
    const checkedAt = (deps.signatureNow ?? deps.now)();
    const verdict = verifySignature({ rawBody, header, secrets: await connection.secrets(), now: checkedAt });
    if (!verdict.ok) {
      deps.telemetry.count('signature_refused', { connection: name, why: verdict.reason });
      return refuse(400, 'the signature does not fit');
    }
    // Only what is signed counts: a stranger must not hide that the provider has fallen silent.
    deps.telemetry.count('webhook_received');
    const parsed = parse(rawBody);
    if (parsed === null) return refuse(400, 'the body is not JSON');
    const told = translate(parsed.value, { livemode: connection.livemode, account: connection.account });
    if (told.kind === 'refused') return refuse(400, told.reason);
    if (told.kind === 'ignored') {
      deps.telemetry.count('fact_ignored', { type: told.type });
      return answer(200, { outcome: 'ignored', reason: told.reason });
    }
    const received = await receiveEvent(deps, name, told, deps.now());
    return answer(200, {
      outcome: received.kind,
      ...(received.kind === 'ignored' ? { reason: received.reason } : {}),
    });
  });
