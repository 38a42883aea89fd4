// The way in for finance: an HTTP API of its own on which every route asks who calls, throttled, with a log that names nobody.
import { Duration } from 'aws-cdk-lib';
import { HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { DoorFunction } from './door-function.ts';
import { LOGGED, openHttpApi } from './http-api.ts';
import type { StageName, StageSettings } from './settings.ts';

/** How a request went. No query, and not who asked: what is changed stands in the journal with its name. */
const ACCESS_LOG = JSON.stringify({
  requestId: '$context.requestId',
  at: '$context.requestTime',
  method: '$context.httpMethod',
  path: '$context.path',
  route: '$context.routeKey',
  ...LOGGED,
});

/** Beside the function's own time-out, so that the function can still say what went wrong. HTTP APIs wait for 30 s at most. */
const INTEGRATION_SECONDS = 29;

/** A handful of people and the programs of theirs: a report is read from the whole table. */
const THROTTLE = { rateLimit: 10, burstLimit: 20 };

const customer = '/customers/{connection}/{customer}';
const READS = [
  '/openapi.json',
  '/me',
  '/health',
  '/policy',
  '/reports/recovery',
  '/reports/recovery.csv',
  '/reports/recovery.xlsx',
  '/reports/cohorts',
  '/invoices',
  '/cases',
  '/cases/{connection}/{customer}/{case}',
  '/cases/{connection}/{customer}/{case}/journal',
];
const ACTS = ['hold', 'resume', 'exclude', 'retry-now', 'close', 'write-again', 'revoke-links', 'erase'];

/** A route an action, so that a policy of IAM can let somebody hold a customer and not erase one. */
const ROUTES = [
  ...READS.map((path) => ({ path, method: HttpMethod.GET })),
  ...ACTS.map((act) => ({ path: `${customer}/${act}`, method: HttpMethod.POST })),
];

export class FinanceApi extends Construct {
  readonly baseUrl: string;
  readonly failures: Metric;

  constructor(scope: Construct, id: string, door: DoorFunction, stage: StageName, settings: StageSettings) {
    super(scope, id);
    const integration = new HttpLambdaIntegration('FinanceApi', door.fn, {
      timeout: Duration.seconds(INTEGRATION_SECONDS),
    });
    const { api } = openHttpApi(this, settings, {
      api: {
        apiName: `recoup-${stage}-finance`,
        description: 'Reports, cases, and what an operator may do',
        // What is added here is closed unless it says otherwise.
        defaultAuthorizer: new HttpIamAuthorizer(),
        // Whoever is signed in is told what is wrong with an address.
        defaultIntegration: integration,
      },
      logName: `/aws/vendedlogs/recoup/${stage}/finance`,
      accessLog: ACCESS_LOG,
      throttle: THROTTLE,
    });
    for (const { path, method } of ROUTES) api.addRoutes({ path, methods: [method], integration });
    this.baseUrl = api.apiEndpoint;
    this.failures = api.metricServerError({ statistic: 'Sum' });
  }
}
