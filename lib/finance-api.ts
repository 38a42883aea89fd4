// The way in for finance: an HTTP API of its own on which every route asks for a token, throttled, with a log that names nobody.
import { Duration, Fn } from 'aws-cdk-lib';
import { type HttpApi, HttpMethod, HttpRoute, HttpRouteKey } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { DoorFunction } from './door-function.ts';
import type { FinanceSignIn } from './finance-sign-in.ts';
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

/** A route an action, so that the access log tells them apart. */
const ROUTES = [
  ...READS.map((path) => ({ path, method: HttpMethod.GET })),
  ...ACTS.map((act) => ({ path: `${customer}/${act}`, method: HttpMethod.POST })),
];

export class FinanceApi extends Construct {
  /** Its own host, which the page reaches under `/api` of its address. */
  readonly host: string;
  readonly failures: Metric;
  readonly #api: HttpApi;
  readonly #door: DoorFunction;

  constructor(scope: Construct, id: string, door: DoorFunction, stage: StageName, settings: StageSettings) {
    super(scope, id);
    const { api } = openHttpApi(this, settings, {
      api: { apiName: `recoup-${stage}-finance`, description: 'Reports, cases, and what an operator may do' },
      logName: `/aws/vendedlogs/recoup/${stage}/finance`,
      accessLog: ACCESS_LOG,
      throttle: THROTTLE,
    });
    this.#api = api;
    this.#door = door;
    this.host = Fn.select(2, Fn.split('/', api.apiEndpoint));
    this.failures = api.metricServerError({ statistic: 'Sum' });
  }

  /** Opens its routes to whoever brings an ID token of this sign-in: it knows the page, and the page knows the API. */
  openTo({ issuer, clientId }: FinanceSignIn): void {
    const integration = new HttpLambdaIntegration('FinanceApi', this.#door.fn, {
      timeout: Duration.seconds(INTEGRATION_SECONDS),
    });
    const authorizer = new HttpJwtAuthorizer('IdToken', issuer, { jwtAudience: [clientId] });
    for (const { path, method } of ROUTES) {
      this.#api.addRoutes({ path, methods: [method], integration, authorizer });
    }
    // Whoever is signed in is told what is wrong with an address.
    new HttpRoute(this, 'Elsewhere', {
      httpApi: this.#api,
      routeKey: HttpRouteKey.DEFAULT,
      integration,
      authorizer,
    });
  }
}
