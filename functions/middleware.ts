// The onion around every door: errors become answers that help the right person and tell nobody else anything.
import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { OutsideError } from '../core/ports.ts';

export type HttpEvent = APIGatewayProxyEventV2;
export type HttpResult = APIGatewayProxyStructuredResultV2;

/** A JSON answer. */
export const answer = (statusCode: number, body: Readonly<Record<string, unknown>>): HttpResult => ({
  statusCode,
  headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
  body: JSON.stringify(body),
});

/** Told of every error that a door did not expect, before it is hidden from the caller. */
export type OnError = (error: unknown) => void;

/**
 * Wraps the handler of an HTTP door. Whatever is thrown becomes a 5xx, so that the sender delivers again: 503 when
 * something outside did not answer and trying later helps, else 500. The answer says nothing of what happened.
 */
export const httpDoor = (
  onError: OnError,
  handler: (event: HttpEvent) => Promise<HttpResult>,
): ((event: HttpEvent) => Promise<HttpResult>) => {
  const wrapped = middy<HttpEvent, HttpResult>()
    .onError(async (request) => {
      onError(request.error);
      const later = request.error instanceof OutsideError && request.error.retry === 'later';
      request.response = answer(later ? 503 : 500, {
        outcome: 'failed',
        reason: 'not recorded; deliver it again',
      });
    })
    .handler(handler);
  // middy asks for a Lambda context that no door of ours reads.
  return (event) => wrapped(event, {} as Parameters<typeof wrapped>[1]);
};
