// The way in for customers: an HTTP API of its own, throttled by route, with an access log that holds no link.
import { Duration } from 'aws-cdk-lib';
import { type CfnStage, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { DoorFunction } from './door-function.ts';
import { LOGGED, openHttpApi } from './http-api.ts';
import { acknowledge } from './nag.ts';
import type { StageName, StageSettings } from './settings.ts';

/** How a request went. No path: it is the link, and whoever has that has the page. No address: it is a person's. */
const ACCESS_LOG = JSON.stringify({
  requestId: '$context.requestId',
  at: '$context.requestTime',
  method: '$context.httpMethod',
  route: '$context.routeKey',
  ...LOGGED,
});

/** Beside the function's own time-out, so that the function can still say what went wrong. */
const INTEGRATION_SECONDS = 25;
/** Pages are looked at far more often than something is pressed. */
const PRESSED_PART = 5;

const ROUTES = [
  { path: '/c/{token}', method: HttpMethod.GET, presses: false },
  { path: '/c/{token}/{act}', method: HttpMethod.POST, presses: true },
  { path: '/u/{token}', method: HttpMethod.GET, presses: false },
  { path: '/u/{token}', method: HttpMethod.POST, presses: true },
] as const;

const routeSettings = ({ perSecond, burst }: StageSettings['customerPage']) =>
  Object.fromEntries(
    ROUTES.map(({ method, path, presses }) => {
      const part = presses ? PRESSED_PART : 1;
      const limits = {
        ThrottlingRateLimit: Math.ceil(perSecond / part),
        ThrottlingBurstLimit: Math.ceil(burst / part),
      };
      return [`${method} ${path}`, limits];
    }),
  );

export class CustomerApi extends Construct {
  /** Where the page is reached, without a slash at its end. */
  readonly baseUrl: string;
  readonly failures: Metric;

  constructor(scope: Construct, id: string, door: DoorFunction, stage: StageName, settings: StageSettings) {
    super(scope, id);
    const { customerPage } = settings;
    const { api, stage: httpStage } = openHttpApi(this, settings, {
      api: {
        apiName: `recoup-${stage}-customers`,
        description: 'The page behind the links of mails',
      },
      logName: `/aws/vendedlogs/recoup/${stage}/customers`,
      accessLog: ACCESS_LOG,
      throttle: { rateLimit: customerPage.perSecond, burstLimit: customerPage.burst },
    });
    const integration = new HttpLambdaIntegration('CustomerPage', door.fn, {
      timeout: Duration.seconds(INTEGRATION_SECONDS),
    });
    const routes = ROUTES.flatMap(({ path, method }) =>
      api.addRoutes({ path, methods: [method], integration }),
    );
    for (const route of routes) {
      acknowledge(
        route,
        'AwsSolutions-APIG4',
        'Customers have no login: the door checks the signature of every link first.',
      );
    }
    // A stage names the limits of its routes, which have to be there by then.
    httpStage.node.addDependency(...routes);
    (httpStage.node.defaultChild as CfnStage).routeSettings = routeSettings(customerPage);
    this.baseUrl = customerPage.baseUrl ?? api.apiEndpoint;
    this.failures = api.metricServerError({ statistic: 'Sum' });
  }
}
