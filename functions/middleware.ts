// The onion around every door: errors become answers that help the right person and tell nobody else anything.
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { OutsideError, type Metric, type Telemetry } from '../core/ports.ts';

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

const FAILED = { outcome: 'failed', reason: 'not recorded; deliver it again' };

/**
 * Wraps the handler of an HTTP door. Whatever is thrown becomes a 5xx, so that the sender delivers again: 503 when
 * something outside did not answer and trying later helps, else 500. The answer says nothing of what happened; `failed`
 * makes it where a person reads it.
 */
export const httpDoor = (
  onError: OnError,
  handler: (event: HttpEvent) => Promise<HttpResult>,
  failed: (statusCode: number, event: HttpEvent) => HttpResult = (statusCode) => answer(statusCode, FAILED),
): ((event: HttpEvent) => Promise<HttpResult>) => {
  const wrapped = middy<HttpEvent, HttpResult>()
    .onError(async (request) => {
      onError(request.error);
      const later = request.error instanceof OutsideError && request.error.retry === 'later';
      request.response = failed(later ? 503 : 500, request.event);
    })
    .handler(handler);
  // middy asks for a Lambda context that no door of ours reads.
  return (event) => wrapped(event, {} as Context);
};

/** What happens so often that a count is enough; everything else is written to the log as well. */
const COUNTED_ONLY: ReadonlySet<Metric> = new Set([
  'webhook_received',
  'fact_recorded',
  'fact_ignored',
  'claim_lost',
  'page_opened',
]);

/** How a Lambda is watched: metrics by Powertools, notes in its log, and a wrapper that writes both out. */
export type Observed = {
  readonly telemetry: Telemetry;
  readonly onError: OnError;
  /** Wraps the outermost handler: metrics are written when it ends, however it ends. */
  readonly lambda: <E, R>(handler: (event: E) => Promise<R>) => (event: E, context: Context) => Promise<R>;
};

/** The message and the kind of an error; never what was being worked on. */
const described = (error: unknown): Record<string, string> =>
  error instanceof Error ? { error: error.name, message: error.message } : { error: 'unknown' };

/** Sets the watching up. Case ids and customer keys may be written; addresses, names and payloads never are. */
export const observe = (service: string, stage: string): Observed => {
  const logger = new Logger({ serviceName: service });
  const metrics = new Metrics({ namespace: 'Recoup', serviceName: service, defaultDimensions: { stage } });
  return {
    telemetry: {
      count: (metric, fields = {}) => {
        metrics.addMetric(metric, 'Count', 1);
        if (!COUNTED_ONLY.has(metric)) logger.info(metric, { ...fields });
      },
      gauge: (name, value) => {
        metrics.addMetric(name, 'Seconds', value);
      },
    },
    onError: (error) => logger.error('the door failed', described(error)),
    lambda: (handler) => {
      const wrapped = middy()
        .use(logMetrics(metrics))
        .handler(handler as (event: unknown) => Promise<unknown>);
      return (event, context) => wrapped(event, context) as Promise<never>;
    },
  };
};
