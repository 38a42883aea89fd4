// What wakes a person: each alarm with its limit, and with its entry in docs/runbook.md.
import { Duration, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { CustomerApi } from './customer-api.ts';
import type { DoorFunction } from './door-function.ts';
import type { FinanceApi } from './finance-api.ts';
import type { StageName, StageSettings } from './settings.ts';
import type { WebhookApi } from './webhook-api.ts';

/** What is watched. */
export type Watched = {
  readonly webhook: DoorFunction;
  readonly sweeper: DoorFunction;
  readonly delivery: DoorFunction;
  readonly reconcile: DoorFunction;
  readonly lookAhead: DoorFunction;
  readonly customerPage: DoorFunction;
  readonly finance: DoorFunction;
  readonly api: WebhookApi;
  readonly page: CustomerApi;
  readonly financeApi: FinanceApi;
  readonly deadLetters: Queue;
  /** null = cases are exported nowhere. */
  readonly caseExport: DoorFunction | null;
  /** null = the policy has no mail about the figures. */
  readonly digest: DoorFunction | null;
};

type AlarmSpec = {
  /** The heading of its entry in docs/runbook.md, as an anchor. */
  readonly entry: string;
  /** Tells alarms of one entry apart. */
  readonly of?: string;
  readonly says: string;
  readonly metric: Metric;
  /** The alarm is raised at this figure; with `below`, under it. */
  readonly limit: number;
  readonly below?: true;
  /** So many periods in a row; default 1. */
  readonly periods?: number;
  /** What a period without a figure means; default: nothing happened, and that is good. */
  readonly missing?: TreatMissingData;
};

const FIVE_MINUTES = Duration.minutes(5);
const QUARTER = Duration.minutes(15);
const HOUR = Duration.hours(1);

const functionAlarms = ({
  webhook,
  sweeper,
  delivery,
  reconcile,
  lookAhead,
  customerPage,
  finance,
}: Watched): AlarmSpec[] =>
  [
    // One tick that fails is made good by the next; one webhook that fails is delivered again.
    { door: webhook, errors: 1, throttles: 1 },
    { door: sweeper, errors: 3, throttles: 10 },
    { door: delivery, errors: 1, throttles: 5 },
    // The next hour walks again what one left.
    { door: reconcile, errors: 1, throttles: 1, period: HOUR, periods: 3 },
    { door: lookAhead, errors: 1, throttles: 1, period: HOUR, periods: 3 },
    { door: customerPage, errors: 1, throttles: 5 },
    { door: finance, errors: 3, throttles: 5 },
  ].flatMap(({ door, errors, throttles, period = QUARTER, periods = 1 }) => [
    {
      entry: 'function-errors',
      of: door.door,
      says: `${door.door} failed or ran out of time`,
      metric: door.fn.metricErrors({ period, statistic: 'Sum' }),
      limit: errors,
      periods,
    },
    {
      entry: 'function-throttles',
      of: door.door,
      says: `${door.door} was held back by a limit on concurrency`,
      metric: door.fn.metricThrottles({ period, statistic: 'Sum' }),
      limit: throttles,
      periods,
    },
  ]);

const clockAlarms = ({ sweeper }: Watched, lagMinutes: number): AlarmSpec[] => [
  {
    entry: 'clock-stopped',
    says: 'no tick for ten minutes: nothing is sent, retried or closed',
    metric: sweeper.fn.metricInvocations({ period: FIVE_MINUTES, statistic: 'Sum' }),
    limit: 1,
    below: true,
    periods: 2,
    missing: TreatMissingData.BREACHING,
  },
  {
    entry: 'sweep-lag',
    says: `customers wait more than ${lagMinutes} minutes beyond their time`,
    metric: sweeper.counted('sweep_lag_seconds', { period: FIVE_MINUTES, statistic: 'Maximum' }),
    limit: lagMinutes * 60,
    periods: 3,
  },
  {
    entry: 'stale-claims',
    says: 'visits were left half-way',
    metric: sweeper.counted('claim_stale', { period: QUARTER }),
    limit: 3,
  },
  {
    entry: 'uncertain-actions',
    says: 'it is not known whether a mail or a charge went through',
    metric: sweeper.counted('step_uncertain', { period: QUARTER }),
    limit: 1,
  },
  {
    entry: 'visits-failing',
    says: 'visits of customers fail',
    metric: sweeper.counted('visit_failed', { period: QUARTER }),
    limit: 10,
  },
  {
    entry: 'ticks-cut-short',
    says: 'the provider or the mail service keeps turning us away, so ticks end early',
    metric: sweeper.counted('throttled', { period: QUARTER }),
    limit: 10,
  },
];

/** What waits for a person to look, or to set something right. */
const personAlarms = ({ sweeper }: Watched): AlarmSpec[] => [
  {
    entry: 'customers-set-aside',
    says: 'a customer was set aside: nothing more happens until a person has looked',
    metric: sweeper.counted('customer_set_aside', { period: QUARTER }),
    limit: 1,
  },
  {
    entry: 'facts-set-aside',
    says: 'a fact from the provider could not be brought home to a customer',
    metric: sweeper.counted('unrouted_set_aside', { period: QUARTER }),
    limit: 1,
  },
  {
    entry: 'invariants-broken',
    says: 'something that cannot happen has happened: a fault in Recoup',
    metric: sweeper.counted('invariant_broken', { period: QUARTER }),
    limit: 1,
  },
  {
    entry: 'two-owners',
    says: 'the provider still plans tries of its own although the policy says that the tries are ours',
    metric: sweeper.counted('two_owners', { period: HOUR }),
    limit: 1,
  },
];

const webhookAlarms = (
  { webhook, api }: Watched,
  { refusedWebhooks, silenceHours }: StageSettings['alarms'],
): AlarmSpec[] => [
  {
    entry: 'webhooks-refused',
    says: 'the signatures of webhooks do not fit',
    metric: webhook.counted('signature_refused', { period: QUARTER }),
    limit: refusedWebhooks,
  },
  {
    entry: 'webhooks-failing',
    says: 'webhooks are answered with 5xx, so the provider will deliver them again',
    metric: api.failures.with({ period: QUARTER }),
    limit: 5,
  },
  ...(silenceHours === null
    ? []
    : [
        {
          entry: 'no-webhooks',
          says: `no webhook for ${silenceHours} h`,
          metric: webhook.counted('webhook_received', { period: Duration.hours(1) }),
          limit: 1,
          below: true,
          periods: silenceHours,
          missing: TreatMissingData.BREACHING,
        } as const,
      ]),
];

/** A full walk comes once a day, and what it leaves is two hours old at least: 27 h when all is well. */
const MAX_LOG_LAG_HOURS = 48;
/** So many events of an hour that no webhook told: more than a delivery that is late by chance. */
const MANY_MISSED = 20;

const logAlarms = ({ reconcile }: Watched): AlarmSpec[] => [
  {
    entry: 'reconcile-stopped',
    says: 'the log of the provider was not looked into for three hours: what webhooks missed stays missed',
    metric: reconcile.fn.metricInvocations({ period: HOUR, statistic: 'Sum' }),
    limit: 1,
    below: true,
    periods: 3,
    missing: TreatMissingData.BREACHING,
  },
  {
    entry: 'reconcile-behind',
    says: `the last ${MAX_LOG_LAG_HOURS} h of the provider's log have not been walked whole`,
    metric: reconcile.counted('reconcile_lag_seconds', { period: HOUR, statistic: 'Maximum' }),
    limit: MAX_LOG_LAG_HOURS * 3600,
    periods: 2,
  },
  {
    entry: 'reconcile-gap',
    says: 'the log of the provider no longer holds what was missed: backfill',
    metric: reconcile.counted('reconcile_gap', { period: HOUR }),
    limit: 1,
  },
  {
    entry: 'events-missed',
    says: 'many events were found in the log of the provider that no webhook had told',
    metric: reconcile.counted('reconcile_recorded', { period: HOUR }),
    limit: MANY_MISSED,
  },
  {
    entry: 'events-refused',
    says: 'an event in the log of the provider could not be taken in',
    metric: reconcile.counted('reconcile_refused', { period: HOUR }),
    limit: 1,
  },
];

const accountAlarms = ({ lookAhead }: Watched): AlarmSpec[] => [
  {
    entry: 'look-ahead-stopped',
    says: 'nobody looked ahead for three hours: what lies ahead and what is overdue is not seen',
    metric: lookAhead.fn.metricInvocations({ period: HOUR, statistic: 'Sum' }),
    limit: 1,
    below: true,
    periods: 3,
    missing: TreatMissingData.BREACHING,
  },
  {
    entry: 'look-ahead-failing',
    says: 'a customer could not be taken in while looking ahead',
    metric: lookAhead.counted('walk_failed', { period: HOUR }),
    limit: 1,
  },
];

/** More than people who mistype, or mail programs that cut a long line: a key was lost, or somebody guesses. */
const MANY_LINKS = 50;

const pageAlarms = ({ customerPage, page }: Watched): AlarmSpec[] => [
  {
    entry: 'customer-page-failing',
    says: "the customer's page is answered with 5xx: who wants to pay cannot",
    metric: page.failures.with({ period: QUARTER }),
    limit: 5,
  },
  {
    entry: 'links-refused',
    says: 'many links of customers are refused: a key that signed them may be gone',
    metric: customerPage.counted('link_refused', { period: QUARTER }),
    limit: MANY_LINKS,
  },
  {
    entry: 'portal-failing',
    says: 'the provider makes no page on which customers can change their card',
    metric: customerPage.counted('portal_failed', { period: QUARTER }),
    limit: 1,
  },
];

const financeAlarms = ({ financeApi }: Watched): AlarmSpec[] => [
  {
    entry: 'finance-api-failing',
    says: 'the finance API is answered with 5xx: reports, cases and actions fail',
    metric: financeApi.failures.with({ period: QUARTER }),
    limit: 5,
  },
];

const exportAlarms = ({ caseExport }: Watched): AlarmSpec[] =>
  caseExport === null
    ? []
    : [
        {
          entry: 'export-failing',
          says: 'cases of some months were not put into the bucket',
          metric: caseExport.fn.metricErrors({ period: HOUR, statistic: 'Sum' }),
          limit: 1,
        },
        {
          entry: 'function-throttles',
          of: caseExport.door,
          says: `${caseExport.door} was held back by a limit on concurrency`,
          metric: caseExport.fn.metricThrottles({ period: HOUR, statistic: 'Sum' }),
          limit: 1,
        },
      ];

const digestAlarms = ({ digest }: Watched): AlarmSpec[] =>
  digest === null
    ? []
    : [
        {
          entry: 'digest-failing',
          says: 'a digest or an alert could not be made or mailed',
          metric: digest.fn.metricErrors({ period: HOUR, statistic: 'Sum' }),
          limit: 1,
        },
        {
          entry: 'function-throttles',
          of: digest.door,
          says: `${digest.door} was held back by a limit on concurrency`,
          metric: digest.fn.metricThrottles({ period: HOUR, statistic: 'Sum' }),
          limit: 1,
        },
      ];

/** Of the whole account in this region, which is what SES judges. */
const reputation = (metricName: string): Metric =>
  new Metric({ namespace: 'AWS/SES', metricName, statistic: 'Maximum', period: Duration.hours(1) });

const mailAlarms = ({ deadLetters }: Watched): AlarmSpec[] => [
  {
    entry: 'dead-letters',
    says: 'what became of some mails could not be recorded',
    metric: deadLetters.metricApproximateNumberOfMessagesVisible({
      period: FIVE_MINUTES,
      statistic: 'Maximum',
    }),
    limit: 1,
  },
  {
    entry: 'mail-reputation',
    of: 'bounces',
    says: 'one mail in 20 bounces; SES reviews an account at this rate and stops it at one in 10',
    metric: reputation('Reputation.BounceRate'),
    limit: 0.05,
    missing: TreatMissingData.IGNORE,
  },
  {
    entry: 'mail-reputation',
    of: 'complaints',
    says: 'one mail in 1000 is called spam; SES reviews an account at this rate and stops it at one in 200',
    metric: reputation('Reputation.ComplaintRate'),
    limit: 0.001,
    missing: TreatMissingData.IGNORE,
  },
];

/** A topic that alarms may publish to; over TLS only, which takes a policy that says who may as well. */
const openTopic = (scope: Construct, stage: StageName): Topic => {
  const topic = new Topic(scope, 'Topic', {
    displayName: `Recoup ${stage}: alarms`,
    enforceSSL: true,
  });
  topic.addToResourcePolicy(
    new PolicyStatement({
      sid: 'AlarmsMayPublish',
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
    }),
  );
  return topic;
};

export class Alarms extends Construct {
  readonly topicArn: string;

  constructor(scope: Construct, id: string, stage: StageName, settings: StageSettings, watched: Watched) {
    super(scope, id);
    const topic = openTopic(this, stage);
    const { email, sweepLagMinutes } = settings.alarms;
    if (email !== null) topic.addSubscription(new EmailSubscription(email));
    this.topicArn = topic.topicArn;
    const specs = [
      ...functionAlarms(watched),
      ...clockAlarms(watched, sweepLagMinutes),
      ...personAlarms(watched),
      ...webhookAlarms(watched, settings.alarms),
      ...logAlarms(watched),
      ...accountAlarms(watched),
      ...pageAlarms(watched),
      ...financeAlarms(watched),
      ...mailAlarms(watched),
      ...exportAlarms(watched),
      ...digestAlarms(watched),
    ];
    for (const spec of specs) this.#raise(stage, spec, topic);
  }

  #raise(stage: StageName, spec: AlarmSpec, topic: Topic): void {
    const name = spec.of === undefined ? spec.entry : `${spec.entry}-${spec.of}`;
    const alarm = new Alarm(this, name, {
      alarmName: `recoup-${stage}-${name}`,
      alarmDescription: `Recoup ${stage}: ${spec.says}. What to do: docs/runbook.md#${spec.entry}`,
      metric: spec.metric,
      threshold: spec.limit,
      comparisonOperator: spec.below
        ? ComparisonOperator.LESS_THAN_THRESHOLD
        : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: spec.periods ?? 1,
      treatMissingData: spec.missing ?? TreatMissingData.NOT_BREACHING,
    });
    const tell = new SnsAction(topic);
    alarm.addAlarmAction(tell);
    alarm.addOkAction(tell);
  }
}
