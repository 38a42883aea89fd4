// A webhook's request as API Gateway hands it to the door.
import type { HttpEvent } from '../functions/middleware.ts';

/** What is posted: the body as text, or as raw bytes, which travel in base64. */
export type Posted = {
  readonly connection: string;
  readonly body: string | Uint8Array;
  readonly signature?: string | undefined;
};

/** The event of one request, in payload format 2.0. Only what the door reads is filled in. */
export const webhookEvent = ({ connection, body, signature }: Posted): HttpEvent => ({
  version: '2.0',
  routeKey: 'POST /webhooks/{connection}',
  rawPath: `/webhooks/${connection}`,
  rawQueryString: '',
  headers: {
    'content-type': 'application/json',
    ...(signature !== undefined && { 'stripe-signature': signature }),
  },
  pathParameters: { connection },
  requestContext: {} as HttpEvent['requestContext'],
  body: typeof body === 'string' ? body : Buffer.from(body).toString('base64'),
  isBase64Encoded: typeof body !== 'string',
});
