// One stage of Recoup: the table, the functions, and what wakes each of them.
import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Alarms } from './alarms.ts';
import { CaseExport } from './case-export.ts';
import { Clock, Daily, Hourly } from './clock.ts';
import { CustomerApi } from './customer-api.ts';
import { DoorFunction } from './door-function.ts';
import { FinanceApi } from './finance-api.ts';
import { FinancePage } from './finance-page.ts';
import { openSignIn, roleClaimsOf, signInOrigins, StaffPool } from './finance-sign-in.ts';
import { Mail } from './mail.ts';
import { grantConnections, grantLinks, grantOperatorWebhook } from './secrets.ts';
import type { StageName, StageSettings } from './settings.ts';
import { RecoupTable } from './table.ts';
import { WebhookApi } from './webhook-api.ts';

export type RecoupStackProps = {
  readonly stage: StageName;
  readonly settings: StageSettings;
  /** The folder that the bundles were built into. */
  readonly bundles: string;
  /** Whether the policy tells the business by webhook. */
  readonly postsNotices: boolean;
  /** Whether the policy has a digest or alerts on. */
  readonly mailsFigures: boolean;
};

/** The functions of a stage. A tick ends after 45 s and a claim after three minutes, well beyond 60 s. */
const openDoors = (scope: Construct, { stage, settings, bundles }: RecoupStackProps) => {
  const { sweepers, reserveConcurrency } = settings.clock;
  const shared = { stage, settings, bundles };
  return {
    webhook: new DoorFunction(scope, 'ReceiveWebhook', {
      door: 'receive-webhook',
      ...shared,
      does: 'Checks and records webhooks of the billing provider',
      memoryMb: 512,
      timeoutSeconds: 15,
    }),
    sweeper: new DoorFunction(scope, 'RunDueActions', {
      door: 'run-due-actions',
      ...shared,
      does: 'Does what is due: mails, retries, endings',
      memoryMb: 512,
      timeoutSeconds: 60,
      ...(reserveConcurrency ? { reservedConcurrency: sweepers } : {}),
    }),
    delivery: new DoorFunction(scope, 'RecordDelivery', {
      door: 'record-delivery',
      ...shared,
      does: 'Records what became of each mail',
      memoryMb: 256,
      timeoutSeconds: 30,
    }),
    reconcile: new DoorFunction(scope, 'Reconcile', {
      door: 'reconcile',
      ...shared,
      does: 'Takes in what webhooks missed, from the log of the billing provider',
      memoryMb: 512,
      timeoutSeconds: 60,
    }),
    lookAhead: new DoorFunction(scope, 'LookAhead', {
      door: 'look-ahead',
      ...shared,
      does: 'Goes through the account at the billing provider for what lies ahead and what is overdue',
      memoryMb: 512,
      timeoutSeconds: 300,
    }),
    customerPage: new DoorFunction(scope, 'CustomerPage', {
      door: 'customer-page',
      ...shared,
      does: 'Shows customers what is owed, and takes in what they tell',
      memoryMb: 512,
      timeoutSeconds: 20,
    }),
    finance: new DoorFunction(scope, 'FinanceApi', {
      door: 'finance-api',
      ...shared,
      does: 'Reports, cases, and what an operator may do, for whoever is signed in',
      memoryMb: 1024,
      timeoutSeconds: 28,
    }),
  };
};

export class RecoupStack extends Stack {
  constructor(scope: Construct, props: RecoupStackProps) {
    const { stage, settings } = props;
    super(scope, `recoup-${stage}`, {
      description: `Recoup (${stage}): recovers failed subscription payments`,
      terminationProtection: stage === 'prod',
    });
    const { connections } = settings;
    const doors = openDoors(this, props);

    const table = new RecoupTable(this, 'Data');
    table.grantRecording(doors.webhook);
    table.grantRecording(doors.delivery);
    table.grantRecording(doors.reconcile);
    table.grantRecording(doors.lookAhead);
    table.grantRecording(doors.customerPage);
    table.grantSweeping(doors.sweeper);
    table.grantFinance(doors.finance);

    grantConnections(doors.webhook, connections, 'webhookSecretName');
    grantConnections(doors.sweeper, connections, 'apiKeySecretName');
    grantConnections(doors.reconcile, connections, 'apiKeySecretName');
    grantConnections(doors.lookAhead, connections, 'apiKeySecretName');
    grantConnections(doors.customerPage, connections, 'apiKeySecretName');

    const { webhookSecretName } = settings.operator;
    if (props.postsNotices && webhookSecretName !== null) {
      grantOperatorWebhook(doors.sweeper, webhookSecretName);
    }

    const mail = new Mail(this, 'Mail', stage, settings.mail);
    mail.grantSending(doors.sweeper);
    const deadLetters = mail.sendEventsTo(doors.delivery);

    const api = new WebhookApi(this, 'Webhooks', doors.webhook, stage, settings);
    const page = this.#openPage(doors, props);
    new Clock(this, 'Clock', doors.sweeper, settings.clock.sweepers);
    const names = Object.keys(connections);
    const finance = this.#openFinance(doors.finance, props);
    new Hourly(this, 'Hourly', doors.reconcile, names, (name) => `Takes in what webhooks of ${name} missed`);
    new Hourly(this, 'Ahead', doors.lookAhead, names, (name) => `Looks through the account of ${name}`);
    const alarms = new Alarms(this, 'Alarms', stage, settings, {
      ...doors,
      api,
      page,
      financeApi: finance,
      deadLetters,
      caseExport: this.#openExport(table, props),
      digest: this.#openDigest(table, mail, props),
    });

    this.#tell('TableName', table.name);
    this.#tell('AlarmTopic', alarms.topicArn);
    this.#tell('CustomerPageUrl', page.baseUrl);
    for (const name of names) {
      this.#tell(`WebhookUrl-${name}`, `${api.baseUrl}/${name}`);
    }
    for (const [index, record] of mail.dkimRecords.entries()) {
      this.#tell(`DnsRecord${index + 1}`, `${record.name} CNAME ${record.value}`);
    }
  }

  /** The customer's page, and what needs to know where it is: itself, and who writes the mails. */
  #openPage(
    { customerPage, sweeper }: ReturnType<typeof openDoors>,
    { stage, settings }: RecoupStackProps,
  ): CustomerApi {
    const { linkSecretName, paymentHosts } = settings.customerPage;
    const page = new CustomerApi(this, 'Customers', customerPage, stage, settings);
    for (const door of [customerPage, sweeper]) grantLinks(door, linkSecretName, page.baseUrl);
    customerPage.grant('PAYMENT_HOSTS', JSON.stringify(paymentHosts), []);
    return page;
  }

  /**
   * The finance page, its API and its sign-in. The page has the API at its own origin; the sign-in leads back to the page; and both
   * are told of the sign-in.
   */
  #openFinance(door: DoorFunction, { stage, settings, bundles }: RecoupStackProps): FinanceApi {
    const { domain, signIn } = settings.financePage;
    const api = new FinanceApi(this, 'Finance', door, stage, settings);
    const page = new FinancePage(this, 'FinancePage', {
      stage,
      settings,
      bundles,
      apiHost: api.host,
      signInOrigins: signInOrigins(stage, signIn),
    });
    const staff = openSignIn(this, 'FinanceSignIn', stage, signIn, page.url);
    api.openTo(staff);
    page.publish(staff);
    door.grant('CONNECTION_NAMES', JSON.stringify(Object.keys(settings.connections)), []);
    door.grant('ROLE_CLAIMS', JSON.stringify(roleClaimsOf(signIn)), []);
    this.#tell('FinancePageUrl', page.url);
    if (domain !== null) this.#tell('FinancePageDns', `${domain.name} CNAME ${page.cloudFrontDomain}`);
    if (staff instanceof StaffPool) this.#tell('FinanceUserPool', staff.userPoolId);
    return api;
  }

  /** The export of cases, where the settings say where to. */
  #openExport(table: RecoupTable, { stage, settings, bundles }: RecoupStackProps): DoorFunction | null {
    if (settings.export === null) return null;
    const { bucket } = settings.export;
    const { door, bucketName } = new CaseExport(this, 'Export', { stage, settings, bundles, table, bucket });
    this.#tell('ExportBucket', bucketName);
    return door;
  }

  /** The mails about the figures, where the policy has any. */
  #openDigest(
    table: RecoupTable,
    mail: Mail,
    { stage, settings, bundles, mailsFigures }: RecoupStackProps,
  ): DoorFunction | null {
    if (!mailsFigures) return null;
    const door = new DoorFunction(this, 'Digest', {
      door: 'digest',
      stage,
      settings,
      bundles,
      does: 'Mails finance what came back, and what has to be looked at',
      memoryMb: 1024,
      timeoutSeconds: 900,
    });
    table.grantTelling(door);
    mail.grantSending(door, { files: true });
    new Daily(this, 'Figures', door, 'Mails the digests and alerts that are due');
    return door;
  }

  /** Printed at the end of a deployment. Output names are letters and digits only. */
  #tell(name: string, value: string): void {
    new CfnOutput(this, name.replaceAll(/[^A-Za-z0-9]/g, ''), { value });
  }
}
