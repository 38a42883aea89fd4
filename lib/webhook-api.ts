// The way in for webhooks: one HTTP API with one route, throttled, with an access log that holds no payload.
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, HttpMethod, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { DoorFunction } from './door-function.ts';
import { acknowledge } from './nag.ts';
import type { StageName, StageSettings } from './settings.ts';

/** What is written about a request: who asked for what and how it went; no body, no query, no header. */
const ACCESS_LOG = JSON.stringify({
  requestId: '$context.requestId',
  at: '$context.requestTime',
  from: '$context.identity.sourceIp',
  method: '$context.httpMethod',
  path: '$context.path',
  route: '$context.routeKey',
  status: '$context.status',
  bytes: '$context.responseLength',
  ms: '$context.responseLatency',
  error: '$context.error.message',
  integrationError: '$context.integrationErrorMessage',
});

/** Beside the function's own time-out, so that the function can still say what went wrong. */
const INTEGRATION_SECONDS = 20;

export class WebhookApi extends Construct {
  /** Where webhooks of a connection are sent: this, and its name. */
  readonly baseUrl: string;
  readonly failures: Metric;

  constructor(scope: Construct, id: string, door: DoorFunction, stage: StageName, settings: StageSettings) {
    super(scope, id);
    const log = new LogGroup(this, 'AccessLog', {
      // API Gateway writes to logs of this beginning without a policy of its own for each.
      logGroupName: `/aws/vendedlogs/recoup/${stage}/webhooks`,
      retention: settings.logDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const api = new HttpApi(this, 'Api', {
      apiName: `recoup-${stage}`,
      description: 'Webhooks of the billing provider',
      createDefaultStage: false,
    });
    new HttpStage(this, 'Stage', {
      httpApi: api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: settings.webhooks.perSecond, burstLimit: settings.webhooks.burst },
      accessLogSettings: {
        destination: new LogGroupLogDestination(log),
        format: AccessLogFormat.custom(ACCESS_LOG),
      },
    });
    const [route] = api.addRoutes({
      // One route for all: the door knows its connections and refuses the rest before it reads anything.
      path: '/webhooks/{connection}',
      methods: [HttpMethod.POST],
      integration: new HttpLambdaIntegration('ReceiveWebhook', door.fn, {
        timeout: Duration.seconds(INTEGRATION_SECONDS),
      }),
    });
    if (route) {
      acknowledge(
        route,
        'AwsSolutions-APIG4',
        'The provider cannot log in: the door checks the signature of every webhook first.',
      );
    }
    this.baseUrl = `${api.apiEndpoint}/webhooks`;
    this.failures = api.metricServerError({ statistic: 'Sum' });
  }
}
