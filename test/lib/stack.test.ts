// What the stack promises, stage by stage.
import type { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, test } from 'vitest';
import { tablePrefix } from '../../cli/store-target.ts';
import { createTableInput, SHARDS } from '../../adapters/dynamodb/table-shape.ts';
import { readEnvironment, type VariableName } from '../../functions/environment.ts';
import { objectName } from '../../functions/export.ts';
import { ROUTES as FINANCE_ROUTES } from '../../functions/finance-api.ts';
import { shareShards } from '../../lib/clock.ts';
import config from '../../lib/config.ts';
import { STAGES } from '../../lib/settings.ts';
import {
  deployAll,
  deployStage,
  only,
  PATIENCE_MS,
  propertiesOf,
  TELLING,
  type Deployed,
} from './deployed.ts';

let deployed: Deployed;
beforeAll(() => {
  deployed = deployAll();
}, PATIENCE_MS);

type Statement = {
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
};

const listed = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T]);

/** A resource as one readable text: `${Table.Arn}/index/due`, without the generated ends of logical ids. */
const shown = (value: unknown): string => {
  if (typeof value === 'string') return value;
  const part = value as { Ref?: string; 'Fn::GetAtt'?: [string, string]; 'Fn::Join'?: [string, unknown[]] };
  const bare = (id: string) => id.replace(/[0-9A-F]{8}$/, '');
  if (part.Ref) return part.Ref.startsWith('AWS::') ? part.Ref.slice(5) : `\${${bare(part.Ref)}}`;
  if (part['Fn::GetAtt']) return `\${${bare(part['Fn::GetAtt'][0])}.${part['Fn::GetAtt'][1]}}`;
  return (part['Fn::Join']?.[1] ?? []).map(shown).join('');
};

/** What a role may do, one line an action and resource. */
const allowed = (template: Template, policy: string): string[] =>
  Object.entries(propertiesOf(template, 'AWS::IAM::Policy'))
    .filter(([id]) => id.startsWith(policy))
    .flatMap(([, { PolicyDocument }]) => (PolicyDocument as { Statement: Statement[] }).Statement)
    .flatMap(({ Action, Resource }) =>
      listed(Action).flatMap((action) => listed(Resource).map((resource) => `${action} ${shown(resource)}`)),
    )
    .toSorted();

const schedulesOf = (
  template: Template,
  construct: 'Clock' | 'Hourly' | 'Ahead' | 'Export',
): Record<string, unknown>[] =>
  Object.entries(propertiesOf(template, 'AWS::Scheduler::Schedule'))
    .filter(([id]) => id.startsWith(construct))
    .map(([, properties]) => properties);

const SECRET = 'arn:Partition:secretsmanager:Region:AccountId:secret';

describe.each(STAGES)('stage %s', (stage) => {
  test('the table is of the shape that the store works on', () => {
    const { TableName: _, ...shape } = createTableInput('any');
    expect(only(deployed[stage], 'AWS::DynamoDB::GlobalTable')).toMatchObject({
      ...shape,
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
    });
  });

  test('the table is named by CloudFormation as the command looks for it', () => {
    const [[id, table] = []] = Object.entries(deployed[stage].findResources('AWS::DynamoDB::GlobalTable'));
    expect(`recoup-${stage}-${id}-1ABCDEF`.startsWith(tablePrefix(stage))).toBe(true);
    expect(table).not.toHaveProperty('Properties.TableName');
  });

  test('the table can be put back to any second, and survives a mistake and the stack itself', () => {
    const [table] = Object.values(deployed[stage].findResources('AWS::DynamoDB::GlobalTable'));
    expect(table).toMatchObject({
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        Replicas: [
          {
            DeletionProtectionEnabled: true,
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          },
        ],
      },
    });
  });

  test('nothing stays behind but the table and, in prod, who was invited, so that the stage can be deployed again', () => {
    const { Resources } = deployed[stage].toJSON() as {
      Resources: Record<string, { Type: string; DeletionPolicy?: string }>;
    };
    const staying = Object.values(Resources).filter(({ DeletionPolicy }) =>
      DeletionPolicy?.startsWith('Retain'),
    );
    expect(staying.map(({ Type }) => Type)).toEqual([
      'AWS::DynamoDB::GlobalTable',
      ...(stage === 'prod' ? ['AWS::Cognito::UserPool'] : []),
    ]);
  });

  test('the webhook door may read and put items, read its signing secrets, and nothing else', () => {
    expect(allowed(deployed[stage], 'ReceiveWebhook')).toEqual([
      'dynamodb:GetItem ${DataTable.Arn}',
      'dynamodb:PutItem ${DataTable.Arn}',
      'logs:CreateLogStream ${ReceiveWebhookLog.Arn}',
      'logs:PutLogEvents ${ReceiveWebhookLog.Arn}',
      `secretsmanager:GetSecretValue ${SECRET}:recoup/${stage}/stripe/webhook-??????`,
    ]);
  });

  test('the sweeper may use the due index, read its keys, send as this domain, and nothing else', () => {
    expect(allowed(deployed[stage], 'RunDueActions')).toEqual([
      'dynamodb:DeleteItem ${DataTable.Arn}',
      'dynamodb:GetItem ${DataTable.Arn}',
      'dynamodb:PutItem ${DataTable.Arn}',
      'dynamodb:Query ${DataTable.Arn}/index/due',
      'dynamodb:UpdateItem ${DataTable.Arn}',
      'logs:CreateLogStream ${RunDueActionsLog.Arn}',
      'logs:PutLogEvents ${RunDueActionsLog.Arn}',
      `secretsmanager:GetSecretValue ${SECRET}:recoup/${stage}/links-??????`,
      `secretsmanager:GetSecretValue ${SECRET}:recoup/${stage}/stripe/api-key-??????`,
      'ses:SendEmail arn:Partition:ses:Region:AccountId:configuration-set/${MailConfigurationSet}',
      'ses:SendEmail arn:Partition:ses:Region:AccountId:identity/${MailIdentity}',
    ]);
  });

  test('the delivery door may read and put items, hand over dead letters, and nothing else', () => {
    expect(allowed(deployed[stage], 'RecordDelivery')).toEqual([
      'dynamodb:GetItem ${DataTable.Arn}',
      'dynamodb:PutItem ${DataTable.Arn}',
      'logs:CreateLogStream ${RecordDeliveryLog.Arn}',
      'logs:PutLogEvents ${RecordDeliveryLog.Arn}',
      'sqs:GetQueueAttributes ${MailDeadLetters.Arn}',
      'sqs:GetQueueUrl ${MailDeadLetters.Arn}',
      'sqs:SendMessage ${MailDeadLetters.Arn}',
    ]);
  });

  test('reconcile may read and put items, read its API keys, and nothing else', () => {
    expect(allowed(deployed[stage], 'Reconcile')).toEqual([
      'dynamodb:GetItem ${DataTable.Arn}',
      'dynamodb:PutItem ${DataTable.Arn}',
      'logs:CreateLogStream ${ReconcileLog.Arn}',
      'logs:PutLogEvents ${ReconcileLog.Arn}',
      `secretsmanager:GetSecretValue ${SECRET}:recoup/${stage}/stripe/api-key-??????`,
    ]);
  });

  test('the look ahead may read and put items, read its API keys, and nothing else', () => {
    expect(allowed(deployed[stage], 'LookAhead')).toEqual([
      'dynamodb:GetItem ${DataTable.Arn}',
      'dynamodb:PutItem ${DataTable.Arn}',
      'logs:CreateLogStream ${LookAheadLog.Arn}',
      'logs:PutLogEvents ${LookAheadLog.Arn}',
      `secretsmanager:GetSecretValue ${SECRET}:recoup/${stage}/stripe/api-key-??????`,
    ]);
  });

  test('the customer’s page may read and put items, read its API keys and the keys of links, and nothing else', () => {
    expect(allowed(deployed[stage], 'CustomerPage')).toEqual([
      'dynamodb:GetItem ${DataTable.Arn}',
      'dynamodb:PutItem ${DataTable.Arn}',
      'logs:CreateLogStream ${CustomerPageLog.Arn}',
      'logs:PutLogEvents ${CustomerPageLog.Arn}',
      `secretsmanager:GetSecretValue ${SECRET}:recoup/${stage}/links-??????`,
      `secretsmanager:GetSecretValue ${SECRET}:recoup/${stage}/stripe/api-key-??????`,
    ]);
  });

  test('the finance API may read cases, their index and what is due, write single items, delete nothing, and read no secret', () => {
    expect(allowed(deployed[stage], 'FinanceApi')).toEqual([
      'dynamodb:BatchGetItem ${DataTable.Arn}',
      'dynamodb:GetItem ${DataTable.Arn}',
      'dynamodb:PutItem ${DataTable.Arn}',
      'dynamodb:Query ${DataTable.Arn}',
      'dynamodb:Query ${DataTable.Arn}/index/cases',
      'dynamodb:Query ${DataTable.Arn}/index/due',
      'dynamodb:UpdateItem ${DataTable.Arn}',
      'logs:CreateLogStream ${FinanceApiLog.Arn}',
      'logs:PutLogEvents ${FinanceApiLog.Arn}',
    ]);
  });

  const financeRoutes = () =>
    Object.entries(propertiesOf(deployed[stage], 'AWS::ApiGatewayV2::Route'))
      .filter(([id]) => id.startsWith('Finance'))
      .map(([, properties]) => properties);

  test('the finance API has the routes of its door, and none that does not ask for a token', () => {
    expect(
      financeRoutes()
        .map(({ RouteKey }) => RouteKey as string)
        .toSorted(),
    ).toEqual([...Object.keys(FINANCE_ROUTES), '$default'].toSorted());
    const authorizers = Object.keys(deployed[stage].findResources('AWS::ApiGatewayV2::Authorizer'));
    expect(authorizers).toHaveLength(1);
    for (const route of financeRoutes()) {
      expect(route).toMatchObject({ AuthorizationType: 'JWT', AuthorizerId: { Ref: authorizers[0] } });
    }
  });

  test('nothing but webhooks and the customer’s page is open to whoever is not signed in', () => {
    const open = Object.values(propertiesOf(deployed[stage], 'AWS::ApiGatewayV2::Route'))
      .filter(({ AuthorizationType }) => AuthorizationType !== 'JWT')
      .map(({ RouteKey }) => (RouteKey as string).replace(/^\w+ /, ''));
    expect(new Set(open)).toEqual(
      new Set(['/webhooks/{connection}', '/c/{token}', '/c/{token}/{act}', '/u/{token}']),
    );
  });

  test('the finance API is throttled, lets no other site in, and answers before API Gateway gives up', () => {
    expect(only(deployed[stage], 'AWS::ApiGatewayV2::Stage', 'Finance')).toMatchObject({
      DefaultRouteSettings: { ThrottlingRateLimit: 10, ThrottlingBurstLimit: 20 },
    });
    expect(only(deployed[stage], 'AWS::ApiGatewayV2::Api', 'Finance')).not.toHaveProperty(
      'CorsConfiguration',
    );
    const { Timeout } = only(deployed[stage], 'AWS::Lambda::Function', 'FinanceApi');
    const waits = Object.entries(propertiesOf(deployed[stage], 'AWS::ApiGatewayV2::Integration'))
      .filter(([id]) => id.startsWith('Finance'))
      .map(([, { TimeoutInMillis }]) => TimeoutInMillis as number);
    for (const ms of waits) expect(ms).toBeGreaterThan((Timeout as number) * 1000);
  });

  test('the access log of finance holds no query, no body, and nobody’s name', () => {
    const { AccessLogSettings } = only(deployed[stage], 'AWS::ApiGatewayV2::Stage', 'Finance');
    expect((AccessLogSettings as { Format: string }).Format).not.toMatch(
      /query|body|sourceIp|userAgent|user|caller|claims|authorizer/i,
    );
  });

  test('no role of ours takes a managed policy or allows an action or a resource by *, but for the files of the page', () => {
    const lines = allowed(deployed[stage], '');
    expect(lines.length).toBeGreaterThan(15);
    expect(lines.filter((line) => line.includes('*'))).toEqual([
      's3:DeleteObject ${FinancePageFilesBucket.Arn}/*',
      's3:PutObject ${FinancePageFilesBucket.Arn}/*',
    ]);
    const managed = Object.entries(propertiesOf(deployed[stage], 'AWS::IAM::Role')).filter(
      ([, role]) => role['ManagedPolicyArns'] !== undefined,
    );
    // The CDK's own, which empties the bucket of the page when the stack goes.
    expect(managed.map(([id]) => id)).toEqual([expect.stringMatching('^CustomS3AutoDeleteObjects')]);
  });

  const NEEDS: Readonly<Record<string, readonly VariableName[]>> = {
    ReceiveWebhook: ['TABLE_NAME', 'CONNECTIONS', 'STAGE'],
    RunDueActions: [
      'TABLE_NAME',
      'CONNECTIONS',
      'CONFIGURATION_SET',
      'SES_TENANT',
      'STAGE',
      'LINK_SECRET',
      'LINK_BASE_URL',
    ],
    CustomerPage: ['TABLE_NAME', 'CONNECTIONS', 'STAGE', 'LINK_SECRET', 'LINK_BASE_URL', 'PAYMENT_HOSTS'],
    RecordDelivery: ['TABLE_NAME', 'STAGE'],
    Reconcile: ['TABLE_NAME', 'CONNECTIONS', 'STAGE'],
    LookAhead: ['TABLE_NAME', 'CONNECTIONS', 'STAGE'],
    FinanceApi: ['TABLE_NAME', 'CONNECTION_NAMES', 'ROLE_CLAIMS', 'STAGE'],
  };

  test.each(Object.entries(NEEDS))('%s is given every variable it reads, and no other', (door, names) => {
    const { Environment } = only(deployed[stage], 'AWS::Lambda::Function', door);
    const variables = Object.fromEntries(
      Object.entries((Environment as { Variables: object }).Variables).map(([name, value]) => [
        name,
        // What CloudFormation puts there once it has made the API.
        shown(value).replace('${CustomersApi.ApiEndpoint}', 'https://api.example.com'),
      ]),
    );
    expect(Object.keys(variables).toSorted()).toEqual(names.toSorted());
    expect(readEnvironment(names, variables)).toMatchObject({
      STAGE: stage,
      ...(names.includes('CONNECTIONS') ? { CONNECTIONS: config[stage].connections } : {}),
    });
  });

  test('every function of ours runs on Node 24 and arm64, from a bundle, with a log that is kept for a time', () => {
    const functions = Object.entries(propertiesOf(deployed[stage], 'AWS::Lambda::Function'))
      .filter(([id]) => !id.startsWith('Custom') || id.startsWith('CustomerPage'))
      .map(([, properties]) => properties);
    expect(functions).toHaveLength(7);
    for (const properties of functions) {
      expect(properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
        LoggingConfig: { LogGroup: expect.anything() },
      });
      expect(properties).not.toHaveProperty('TracingConfig');
    }
    const logs = Object.values(propertiesOf(deployed[stage], 'AWS::Logs::LogGroup'));
    expect(logs.map(({ RetentionInDays }) => RetentionInDays)).toEqual(Array(11).fill(config[stage].logDays));
  });

  test('a tick ends well before the claim of a visit does, which is after three minutes', () => {
    const { Timeout } = only(deployed[stage], 'AWS::Lambda::Function', 'RunDueActions');
    expect(Timeout).toBe(60);
  });

  test('webhooks come in by one throttled route', () => {
    expect(only(deployed[stage], 'AWS::ApiGatewayV2::Route', 'Webhooks')).toMatchObject({
      RouteKey: 'POST /webhooks/{connection}',
    });
    expect(only(deployed[stage], 'AWS::ApiGatewayV2::Stage', 'Webhooks')).toMatchObject({
      DefaultRouteSettings: {
        ThrottlingRateLimit: config[stage].webhooks.perSecond,
        ThrottlingBurstLimit: config[stage].webhooks.burst,
      },
    });
  });

  test('customers come in by four routes, each with limits of its own, tighter where something is pressed', () => {
    const { perSecond, burst } = config[stage].customerPage;
    const routes = Object.entries(propertiesOf(deployed[stage], 'AWS::ApiGatewayV2::Route'))
      .filter(([id]) => id.startsWith('Customers'))
      .map(([, { RouteKey }]) => RouteKey as string);
    const { RouteSettings } = only(deployed[stage], 'AWS::ApiGatewayV2::Stage', 'Customers');
    const looked = { ThrottlingRateLimit: perSecond, ThrottlingBurstLimit: burst };
    const pressed = { ThrottlingRateLimit: perSecond / 5, ThrottlingBurstLimit: burst / 5 };
    expect(RouteSettings).toEqual({
      'GET /c/{token}': looked,
      'POST /c/{token}/{act}': pressed,
      'GET /u/{token}': looked,
      'POST /u/{token}': pressed,
    });
    expect(Object.keys(RouteSettings as object).toSorted()).toEqual(routes.toSorted());
  });

  test('the stage of the customers’ API is made after its routes, which its limits name', () => {
    const stages = Object.entries(deployed[stage].findResources('AWS::ApiGatewayV2::Stage'));
    const [, made] = stages.find(([id]) => id.startsWith('Customers')) ?? [];
    const routes = Object.keys(deployed[stage].findResources('AWS::ApiGatewayV2::Route')).filter((id) =>
      id.startsWith('Customers'),
    );
    expect((made as { DependsOn: string[] }).DependsOn).toEqual(expect.arrayContaining(routes));
  });

  test('the access log of customers holds no link and no address', () => {
    const { AccessLogSettings } = only(deployed[stage], 'AWS::ApiGatewayV2::Stage', 'Customers');
    expect((AccessLogSettings as { Format: string }).Format).not.toMatch(
      /path\b|sourceIp|userAgent|query|body/i,
    );
  });

  test('the access log holds no payload, no query and no header', () => {
    const { AccessLogSettings } = only(deployed[stage], 'AWS::ApiGatewayV2::Stage', 'Webhooks');
    const { Format } = AccessLogSettings as { Format: string };
    const fields = Object.values(JSON.parse(Format) as Record<string, string>);
    expect(fields).toContain('$context.status');
    expect(fields.filter((field) => !/^\$context\.[A-Za-z.]+$/.test(field))).toEqual([]);
    expect(fields.filter((field) => /query|header|authorizer|body/i.test(field))).toEqual([]);
  });

  test('every minute every shard is swept, each once; a failed tick is not repeated beside the next', () => {
    const swept = schedulesOf(deployed[stage], 'Clock').flatMap((schedule) => {
      expect(schedule).toMatchObject({ ScheduleExpression: 'rate(1 minute)', State: 'ENABLED' });
      const { Input, RetryPolicy } = schedule['Target'] as { Input: string; RetryPolicy: object };
      expect(RetryPolicy).toEqual({ MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 });
      return (JSON.parse(Input) as { shards: number[] }).shards;
    });
    expect(swept.toSorted((a, b) => a - b)).toEqual(Array.from({ length: SHARDS }, (_, shard) => shard));
    expect(only(deployed[stage], 'AWS::Lambda::EventInvokeConfig', 'RunDueActions')).toMatchObject({
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 60,
    });
  });

  test('every hour each connection’s log is looked into; a call that fails waits for the next', () => {
    expect(schedulesOf(deployed[stage], 'Hourly')).toEqual([
      expect.objectContaining({
        ScheduleExpression: 'rate(1 hour)',
        State: 'ENABLED',
        Target: expect.objectContaining({
          Arn: { 'Fn::GetAtt': [expect.stringMatching('^Reconcile'), 'Arn'] },
          Input: '{"connection":"stripe"}',
          RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 1800 },
        }),
      }),
    ]);
    expect(only(deployed[stage], 'AWS::Lambda::EventInvokeConfig', 'Reconcile')).toMatchObject({
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 1800,
    });
    // It stops asking after 45 s, and a page takes 10 s at most.
    expect(only(deployed[stage], 'AWS::Lambda::Function', 'Reconcile')).toMatchObject({ Timeout: 60 });
  });

  test('every hour each connection’s account is looked through; a call that fails waits for the next', () => {
    expect(schedulesOf(deployed[stage], 'Ahead')).toEqual([
      expect.objectContaining({
        Description: 'Looks through the account of stripe',
        ScheduleExpression: 'rate(1 hour)',
        State: 'ENABLED',
        Target: expect.objectContaining({
          Arn: { 'Fn::GetAtt': [expect.stringMatching('^LookAhead'), 'Arn'] },
          Input: '{"connection":"stripe"}',
          RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 1800 },
        }),
      }),
    ]);
    expect(only(deployed[stage], 'AWS::Lambda::EventInvokeConfig', 'LookAhead')).toMatchObject({
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 1800,
    });
    // It begins no page after four minutes.
    expect(only(deployed[stage], 'AWS::Lambda::Function', 'LookAhead')).toMatchObject({ Timeout: 300 });
  });

  test('mail goes out over TLS only, and who bounced or complained is not written to again', () => {
    expect(only(deployed[stage], 'AWS::SES::ConfigurationSet')).toMatchObject({
      DeliveryOptions: { TlsPolicy: 'REQUIRE' },
      ReputationOptions: { ReputationMetricsEnabled: true },
      SuppressionOptions: { SuppressedReasons: ['BOUNCE', 'COMPLAINT'] },
    });
  });

  test('what became of a mail of this stage reaches the delivery door', () => {
    const set = { Ref: expect.stringMatching('^MailConfigurationSet') };
    expect(only(deployed[stage], 'AWS::SES::ConfigurationSetEventDestination')).toMatchObject({
      ConfigurationSetName: set,
      EventDestination: {
        Enabled: true,
        MatchingEventTypes: expect.arrayContaining(['send', 'delivery', 'bounce', 'complaint', 'reject']),
      },
    });
    expect(only(deployed[stage], 'AWS::Events::Rule')).toMatchObject({
      EventPattern: { source: ['aws.ses'], detail: { mail: { tags: { 'ses:configuration-set': [set] } } } },
      Targets: [{ Arn: { 'Fn::GetAtt': [expect.stringMatching('^RecordDelivery'), 'Arn'] } }],
    });
  });

  test('what cannot be recorded of a mail is tried again, and then kept where an alarm sees it', () => {
    const letters = { 'Fn::GetAtt': [expect.stringMatching('^MailDeadLetters'), 'Arn'] };
    expect(only(deployed[stage], 'AWS::Events::Rule')).toMatchObject({
      Targets: [{ DeadLetterConfig: { Arn: letters } }],
    });
    expect(only(deployed[stage], 'AWS::Lambda::EventInvokeConfig', 'RecordDelivery')).toMatchObject({
      MaximumRetryAttempts: 2,
      DestinationConfig: { OnFailure: { Destination: letters } },
    });
  });

  test('SES puts no pixel into mails and leaves pay links alone', () => {
    const destination = only(deployed[stage], 'AWS::SES::ConfigurationSetEventDestination');
    expect(JSON.stringify(destination)).not.toMatch(/"open"|"click"/);
  });

  test('no secret stands in the template, neither made nor read in', () => {
    expect(propertiesOf(deployed[stage], 'AWS::SecretsManager::Secret')).toEqual({});
    expect(JSON.stringify(deployed[stage].toJSON())).not.toMatch(
      /resolve:secretsmanager|whsec_|sk_live|rk_live/,
    );
  });

  test('where to send webhooks, and the three records for the domain, are told at the end', () => {
    const outputs = Object.keys(deployed[stage].findOutputs('*'));
    expect(outputs).toEqual(
      expect.arrayContaining([
        'WebhookUrlstripe',
        'CustomerPageUrl',
        'FinancePageUrl',
        'FinanceUserPool',
        'TableName',
        'DnsRecord1',
        'DnsRecord2',
        'DnsRecord3',
      ]),
    );
  });
});

test('a policy that tells by webhook lets the sweeper, and no other, read where to', () => {
  const template = deployStage('dev', {}, { policy: TELLING });
  const line = `secretsmanager:GetSecretValue ${SECRET}:recoup/dev/operator/webhook-??????`;
  expect(allowed(template, 'RunDueActions')).toContain(line);
  expect(allowed(template, '').filter((one) => one === line)).toHaveLength(1);
  const { Environment } = only(template, 'AWS::Lambda::Function', 'RunDueActions');
  expect(Environment).toMatchObject({
    Variables: { OPERATOR_WEBHOOK_SECRET: 'recoup/dev/operator/webhook' },
  });
});

test('a domain of one’s own before the page is where links lead, in mails and back from the provider', () => {
  const own = { baseUrl: 'https://billing.acme.test', paymentHosts: ['pay.acme.test'] };
  const template = deployStage('dev', { customerPage: { ...config.dev.customerPage, ...own } });
  for (const door of ['CustomerPage', 'RunDueActions']) {
    expect(only(template, 'AWS::Lambda::Function', door)).toMatchObject({
      Environment: { Variables: { LINK_BASE_URL: own.baseUrl } },
    });
  }
  expect(only(template, 'AWS::Lambda::Function', 'CustomerPage')).toMatchObject({
    Environment: { Variables: { PAYMENT_HOSTS: '["pay.acme.test"]' } },
  });
});

describe('settings', () => {
  test('prod keeps one run for the sweeper; dev fits an account that is new', () => {
    const reserved = (template: Template) =>
      Object.values(propertiesOf(template, 'AWS::Lambda::Function')).flatMap(
        (properties) => properties['ReservedConcurrentExecutions'] ?? [],
      );
    expect(reserved(deployed.prod)).toEqual([1]);
    expect(reserved(deployed.dev)).toEqual([]);
  });

  test('four sweepers share the shards out, with as many runs kept for them', () => {
    const template = deployStage('prod', { clock: { sweepers: 4, reserveConcurrency: true } });
    const inputs = schedulesOf(template, 'Clock').map(({ Target }) => (Target as { Input: string }).Input);
    expect(inputs.toSorted()).toEqual([
      '{"shards":[0,4]}',
      '{"shards":[1,5]}',
      '{"shards":[2,6]}',
      '{"shards":[3,7]}',
    ]);
    expect(only(template, 'AWS::Lambda::Function', 'RunDueActions')).toMatchObject({
      ReservedConcurrentExecutions: 4,
    });
  });

  test.each([1, 2, 4, 8])('%i sweepers together sweep every shard once', (sweepers) => {
    const all = shareShards(sweepers).flat();
    expect(all.toSorted((a, b) => a - b)).toEqual(Array.from({ length: SHARDS }, (_, shard) => shard));
  });

  test('each connection has its secrets, and they can be read', () => {
    const { stripe } = config.prod.connections;
    if (!stripe) throw new Error('the example has a connection named stripe');
    const connections = {
      stripe,
      'stripe-eu': { ...stripe, webhookSecretName: 'eu/webhook', apiKeySecretName: 'eu/api-key' },
    };
    const template = deployStage('prod', { connections });
    const secrets = (door: string) =>
      allowed(template, door).filter((line) => line.startsWith('secretsmanager:'));
    expect(secrets('ReceiveWebhook').join(' ')).toMatch(
      /secret:eu\/webhook-.* .*secret:recoup\/prod\/stripe\/webhook-/,
    );
    expect(secrets('ReceiveWebhook').join(' ')).not.toContain('api-key');
    expect(secrets('RunDueActions').join(' ')).not.toContain('/webhook-');
    expect(secrets('CustomerPage')).toEqual(secrets('RunDueActions'));
    expect(secrets('Reconcile')).toEqual(
      secrets('RunDueActions').filter((line) => !line.includes('/links-')),
    );
    const inputs = schedulesOf(template, 'Hourly').map(({ Target }) => (Target as { Input: string }).Input);
    expect(inputs).toEqual(['{"connection":"stripe"}', '{"connection":"stripe-eu"}']);
    expect(Object.keys(template.findOutputs('*'))).toContain('WebhookUrlstripeeu');
  });

  test('an identity that another stack has made is used and not made again', () => {
    const template = deployStage('dev', { mail: { ...config.dev.mail, identity: 'use' } });
    expect(propertiesOf(template, 'AWS::SES::EmailIdentity')).toEqual({});
    expect(allowed(template, 'RunDueActions')).toContain(
      'ses:SendEmail arn:Partition:ses:Region:AccountId:identity/example.com',
    );
  });

  test('a tenant of SES is sent in the name of, and nothing else of SES is allowed for it', () => {
    const template = deployStage('dev', { mail: { ...config.dev.mail, tenant: 'acme' } });
    const actions = allowed(template, 'RunDueActions');
    expect(actions).toContain('ses:SendEmail arn:Partition:ses:Region:AccountId:tenant/acme/*');
    expect(actions.filter((one) => one.startsWith('ses:') && !one.startsWith('ses:SendEmail '))).toEqual([]);
    expect(only(template, 'AWS::Lambda::Function', 'RunDueActions')).toMatchObject({
      Environment: { Variables: { SES_TENANT: 'acme' } },
    });
    const without = deployStage('dev', {});
    expect(allowed(without, 'RunDueActions').filter((one) => one.includes('tenant'))).toEqual([]);
  });

  test('X-Ray and the tracking of opens and clicks are there for who asks for them', () => {
    const template = deployStage('dev', {
      tracing: true,
      mail: { ...config.dev.mail, trackOpensAndClicks: true },
    });
    expect(only(template, 'AWS::Lambda::Function', 'ReceiveWebhook')).toMatchObject({
      TracingConfig: { Mode: 'Active' },
    });
    expect(only(template, 'AWS::SES::ConfigurationSetEventDestination')).toMatchObject({
      EventDestination: { MatchingEventTypes: expect.arrayContaining(['open', 'click']) },
    });
  });
});

describe('the export of cases', () => {
  const created = { export: { bucket: 'create' } };
  const exportBuckets = (template: Template) =>
    Object.entries(template.findResources('AWS::S3::Bucket'))
      .filter(([id]) => id.startsWith('Export'))
      .map(([, bucket]) => bucket);

  test.each(STAGES)(
    'is not deployed in %s unless it is asked for: no function, bucket, call, alarm',
    (stage) => {
      expect(config[stage].export).toBeNull();
      expect(exportBuckets(deployed[stage])).toEqual([]);
      expect(JSON.stringify(deployed[stage].toJSON())).not.toMatch(/export-failing|EXPORT_BUCKET|cases\/v1/);
      expect(schedulesOf(deployed[stage], 'Export')).toEqual([]);
      expect(Object.keys(deployed[stage].findOutputs('*'))).not.toContain('ExportBucket');
    },
  );

  test('may read cases, put the objects of months into its bucket, and nothing else', () => {
    expect(allowed(deployStage('dev', created), 'ExportDoor')).toEqual([
      'dynamodb:BatchGetItem ${DataTable.Arn}',
      'dynamodb:GetItem ${DataTable.Arn}',
      'dynamodb:Query ${DataTable.Arn}',
      'dynamodb:Query ${DataTable.Arn}/index/cases',
      'logs:CreateLogStream ${ExportDoorLog.Arn}',
      'logs:PutLogEvents ${ExportDoorLog.Arn}',
      's3:PutObject arn:Partition:s3:::${ExportBucket}/cases/v1/month=????-??.ndjson.gz',
    ]);
  });

  test('puts objects of the names that it may put', () => {
    const line = allowed(deployStage('dev', { export: { bucket: 'acme-cases' } }), 'ExportDoor').at(-1) ?? '';
    const allowedName = line.slice(line.indexOf('acme-cases/') + 'acme-cases/'.length);
    const shape = new RegExp(`^${allowedName.replaceAll('.', String.raw`\.`).replaceAll('?', '.')}$`);
    expect(objectName('2026-03')).toMatch(shape);
    expect(objectName('2026-03/../x')).not.toMatch(shape);
  });

  test('has a bucket that is private, takes TLS only, is encrypted, and lets old versions go', () => {
    const template = deployStage('prod', created);
    expect(only(template, 'AWS::S3::Bucket', 'Export')).toEqual({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      LifecycleConfiguration: {
        Rules: [
          {
            AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
            NoncurrentVersionExpiration: { NoncurrentDays: 30 },
            Status: 'Enabled',
          },
        ],
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      VersioningConfiguration: { Status: 'Enabled' },
    });
    expect(only(template, 'AWS::S3::BucketPolicy', 'Export')).toMatchObject({
      PolicyDocument: {
        Statement: [
          {
            Effect: 'Deny',
            Principal: { AWS: '*' },
            Action: 's3:*',
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          },
        ],
      },
    });
  });

  test.each([
    ['prod', 'Retain'],
    ['dev', 'Delete'],
  ] as const)('has a bucket in %s whose fate with the stack is: %s', (stage, fate) => {
    const [bucket] = exportBuckets(deployStage(stage, created));
    expect(bucket).toMatchObject({ DeletionPolicy: fate, UpdateReplacePolicy: fate });
  });

  test('is called once a day with all that it reads in its environment; a call that fails waits for the next', () => {
    const template = deployStage('dev', created);
    expect(schedulesOf(template, 'Export')).toEqual([
      expect.objectContaining({
        ScheduleExpression: 'rate(1 day)',
        State: 'ENABLED',
        Target: expect.objectContaining({
          Arn: { 'Fn::GetAtt': [expect.stringMatching('^ExportDoor'), 'Arn'] },
          RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 21_600 },
        }),
      }),
    ]);
    const door = only(template, 'AWS::Lambda::Function', 'ExportDoor');
    // It begins no month after twelve minutes.
    expect(door).toMatchObject({ Timeout: 900, Runtime: 'nodejs24.x', Handler: 'index.handler' });
    const { Variables } = door['Environment'] as { Variables: object };
    expect(Object.keys(Variables).toSorted()).toEqual(['EXPORT_BUCKET', 'STAGE', 'TABLE_NAME']);
    expect(Object.keys(template.findOutputs('*'))).toContain('ExportBucket');
  });

  test('into a bucket that is there makes none, and may put there and nowhere else', () => {
    const template = deployStage('prod', { export: { bucket: 'acme-cases' } });
    expect(exportBuckets(template)).toEqual([]);
    expect(allowed(template, 'Export').filter((line) => line.startsWith('s3:'))).toEqual([
      's3:PutObject arn:Partition:s3:::acme-cases/cases/v1/month=????-??.ndjson.gz',
    ]);
    expect(only(template, 'AWS::Lambda::Function', 'ExportDoor')).toMatchObject({
      Environment: { Variables: { EXPORT_BUCKET: 'acme-cases' } },
    });
  });
});
