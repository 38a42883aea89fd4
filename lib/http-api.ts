// An HTTP API of its own for a door: its one stage, throttled, and an access log that is kept as long as all logs.
import { RemovalPolicy } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, HttpStage, LogGroupLogDestination, type HttpApiProps } from 'aws-cdk-lib/aws-apigatewayv2';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { StageSettings } from './settings.ts';

/** What of a request every access log has: how it went, and nothing of who asked. */
export const LOGGED = {
  status: '$context.status',
  bytes: '$context.responseLength',
  ms: '$context.responseLatency',
  error: '$context.error.message',
  integrationError: '$context.integrationErrorMessage',
} as const;

type HttpApiOptions = {
  readonly api: HttpApiProps;
  /** API Gateway writes to logs under `/aws/vendedlogs/` without a policy of its own for each. */
  readonly logName: string;
  /** What a line of the access log has, as JSON. */
  readonly accessLog: string;
  readonly throttle: { readonly rateLimit: number; readonly burstLimit: number };
};

/** Makes the API with its stage, whose limits may be told route by route. */
export const openHttpApi = (
  scope: Construct,
  { logDays }: Pick<StageSettings, 'logDays'>,
  { api: props, logName, accessLog, throttle }: HttpApiOptions,
): { readonly api: HttpApi; readonly stage: HttpStage } => {
  const log = new LogGroup(scope, 'AccessLog', {
    logGroupName: logName,
    retention: logDays,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const api = new HttpApi(scope, 'Api', { ...props, createDefaultStage: false });
  const stage = new HttpStage(scope, 'Stage', {
    httpApi: api,
    stageName: '$default',
    autoDeploy: true,
    throttle,
    accessLogSettings: {
      destination: new LogGroupLogDestination(log),
      format: AccessLogFormat.custom(accessLog),
    },
  });
  return { api, stage };
};
