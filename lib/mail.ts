// Mail: the sender's identity and the configuration set at SES, and how its events reach the delivery door.
import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import { EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import {
  ConfigurationSet,
  ConfigurationSetEventDestination,
  ConfigurationSetTlsPolicy,
  EmailIdentity,
  EmailSendingEvent,
  EventDestination,
  Identity,
  SuppressionReasons,
} from 'aws-cdk-lib/aws-ses';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { DoorFunction } from './door-function.ts';
import { acknowledge } from './nag.ts';
import type { StageName, StageSettings } from './settings.ts';

const DELIVERY_EVENTS = [
  EmailSendingEvent.SEND,
  EmailSendingEvent.DELIVERY,
  EmailSendingEvent.DELIVERY_DELAY,
  EmailSendingEvent.BOUNCE,
  EmailSendingEvent.COMPLAINT,
  EmailSendingEvent.REJECT,
];

/** For these SES puts a pixel into every mail and sends every link through itself. */
const TRACKING_EVENTS = [EmailSendingEvent.OPEN, EmailSendingEvent.CLICK];

export type DkimRecord = { readonly name: string; readonly value: string };

export class Mail extends Construct {
  /** The records that prove to SES whose domain it is; none when the identity is another stack's. */
  readonly dkimRecords: readonly DkimRecord[];
  readonly #configurationSet: string;
  readonly #tenant: string;
  readonly #resources: readonly string[];

  constructor(scope: Construct, id: string, stage: StageName, mail: StageSettings['mail']) {
    super(scope, id);
    const set = new ConfigurationSet(this, 'ConfigurationSet', {
      configurationSetName: `recoup-${stage}`,
      reputationMetrics: true,
      suppressionReasons: SuppressionReasons.BOUNCES_AND_COMPLAINTS,
      tlsPolicy: ConfigurationSetTlsPolicy.REQUIRE,
    });
    new ConfigurationSetEventDestination(this, 'Events', {
      configurationSet: set,
      // SES knows no other bus.
      destination: EventDestination.eventBus(EventBus.fromEventBusName(this, 'DefaultBus', 'default')),
      events: mail.trackOpensAndClicks ? [...DELIVERY_EVENTS, ...TRACKING_EVENTS] : DELIVERY_EVENTS,
    });
    const identity =
      mail.identity === 'create'
        ? new EmailIdentity(this, 'Identity', { identity: Identity.domain(mail.domain) })
        : undefined;
    this.dkimRecords = identity?.dkimRecords ?? [];
    const arn = (resource: string, resourceName: string) =>
      Stack.of(this).formatArn({
        service: 'ses',
        resource,
        resourceName,
        arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
      });
    this.#configurationSet = set.configurationSetName;
    this.#tenant = mail.tenant ?? '';
    this.#resources = [
      arn('identity', identity?.emailIdentityName ?? mail.domain),
      arn('configuration-set', set.configurationSetName),
      ...(mail.tenant === null ? [] : [arn('tenant', `${mail.tenant}/*`)]),
    ];
  }

  /**
   * Sending in the name of this domain through this configuration set, and in no other way. What is sent with
   * files is a raw mail to SES, whichever call sends it.
   */
  grantSending(door: DoorFunction, { files = false }: { readonly files?: boolean } = {}): void {
    const actions = files ? ['ses:SendEmail', 'ses:SendRawEmail'] : ['ses:SendEmail'];
    door.grant('CONFIGURATION_SET', this.#configurationSet, [
      new PolicyStatement({ actions, resources: [...this.#resources] }),
    ]);
    door.grant('SES_TENANT', this.#tenant, []);
    if (this.#tenant === '' || door.fn.role === undefined) return;
    const any = `arn:<AWS::Partition>:ses:<AWS::Region>:<AWS::AccountId>:tenant/${this.#tenant}/*`;
    acknowledge(
      door.fn.role,
      `AwsSolutions-IAM5[Resource::${any}]`,
      'SES gives a tenant an id only when it is made.',
    );
  }

  /** Sends the events of this configuration set to a door. Answers with the queue of what it never took. */
  sendEventsTo(door: DoorFunction): Queue {
    const deadLetters = new Queue(this, 'DeadLetters', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    acknowledge(deadLetters, 'AwsSolutions-SQS3', 'It is itself where dead letters are put.');
    new Rule(this, 'Rule', {
      description: 'What became of each mail',
      eventPattern: {
        source: ['aws.ses'],
        detail: { mail: { tags: { 'ses:configuration-set': [this.#configurationSet] } } },
      },
      targets: [
        new LambdaFunction(door.fn, {
          deadLetterQueue: deadLetters,
          retryAttempts: 20,
          maxEventAge: Duration.hours(6),
        }),
      ],
    });
    door.fn.configureAsyncInvoke({
      retryAttempts: 2,
      maxEventAge: Duration.hours(6),
      onFailure: new SqsDestination(deadLetters),
    });
    return deadLetters;
  }
}
