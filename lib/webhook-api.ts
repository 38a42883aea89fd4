// The way in for webhooks: one HTTP API with one route, throttled, with an access log that holds no payload.
import { Duration } from 'aws-cdk-lib';
import { HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { DoorFunction } from './door-function.ts';
import { LOGGED, openHttpApi } from './http-api.ts';
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
  ...LOGGED,
});

/** Beside the function's own time-out, so that the function can still say what went wrong. */
const INTEGRATION_SECONDS = 20;

export class WebhookApi extends Construct {
  /** Where webhooks of a connection are sent: this, and its name. */
  readonly baseUrl: string;
  readonly failures: Metric;

  constructor(scope: Construct, id: string, door: DoorFunction, stage: StageName, settings: StageSettings) {
    super(scope, id);
    const { api } = openHttpApi(this, settings, {
      api: {
        apiName: `recoup-${stage}`,
        description: 'Webhooks of the billing provider',
      },
      logName: `/aws/vendedlogs/recoup/${stage}/webhooks`,
      accessLog: ACCESS_LOG,
      throttle: { rateLimit: settings.webhooks.perSecond, burstLimit: settings.webhooks.burst },
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
