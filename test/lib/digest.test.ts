// The mails about the figures in the cloud: deployed only where the policy has one, and allowed no more than they need.
import { beforeAll, describe, expect, test } from 'vitest';
import { FIGURES_PLACES } from '../../adapters/dynamodb/table-shape.ts';
import policy from '../../policy.ts';
import { deployStage, MAILING, only, PATIENCE_MS, propertiesOf } from './deployed.ts';

type Statement = {
  readonly Action: string | readonly string[];
  readonly Condition?: object;
  readonly Resource: unknown;
};

const isOfDigest = (properties: object) => JSON.stringify(properties).includes('recoup-dev-digest');

let template: ReturnType<typeof deployStage>;
beforeAll(() => {
  template = deployStage('dev', {}, { policy: MAILING });
}, PATIENCE_MS);

const statements = (): readonly Statement[] =>
  (only(template, 'AWS::IAM::Policy', 'Digest')['PolicyDocument'] as { Statement: Statement[] }).Statement;

describe('the function', () => {
  test('reads cases, writes down how far the mails have gone and nothing else, and sends from the domain', () => {
    const allowed = statements().map(({ Action }) => [Action].flat());
    expect(new Set(allowed.flat())).toEqual(
      new Set([
        'dynamodb:BatchGetItem',
        'dynamodb:GetItem',
        'dynamodb:Query',
        'dynamodb:PutItem',
        'ses:SendEmail',
        'ses:SendRawEmail',
        'logs:CreateLogStream',
        'logs:PutLogEvents',
      ]),
    );
    const [writing = expect.unreachable('it may write'), ...others] = statements().filter(({ Action }) =>
      [Action].flat().includes('dynamodb:PutItem'),
    );
    expect(others).toEqual([]);
    expect(writing).toMatchObject({
      Action: 'dynamodb:PutItem',
      Condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': FIGURES_PLACES } },
    });
    expect(FIGURES_PLACES).toEqual(['WALK#all#weekly_digest', 'WALK#all#monthly_digest', 'WALK#all#alerts']);
  });

  test('knows its table and its way to send, and no secret', () => {
    const { Environment } = only(template, 'AWS::Lambda::Function', 'Digest');
    expect(Object.keys((Environment as { Variables: object }).Variables).toSorted()).toEqual([
      'CONFIGURATION_SET',
      'SES_TENANT',
      'STAGE',
      'TABLE_NAME',
    ]);
  });

  test('is called once a day, and not again for a call that failed', () => {
    expect(only(template, 'AWS::Scheduler::Schedule', 'Figures')).toMatchObject({
      ScheduleExpression: 'rate(1 day)',
      Target: { RetryPolicy: { MaximumRetryAttempts: 0 } },
    });
  });

  test('has an alarm for one run that fails', () => {
    const alarms = Object.values(propertiesOf(template, 'AWS::CloudWatch::Alarm')).filter(isOfDigest);
    expect(alarms.map(({ Threshold, MetricName }) => [MetricName, Threshold])).toEqual([['Errors', 1]]);
  });
});

test.each([
  ['the default policy', policy],
  ['a policy that only names the operator', { ...policy, operator: { email: 'finance@example.com' } }],
])('%s deploys none of it', (_, without) => {
  const deployed = deployStage('dev', {}, { policy: without });
  const names = Object.keys({
    ...propertiesOf(deployed, 'AWS::Lambda::Function'),
    ...propertiesOf(deployed, 'AWS::Scheduler::Schedule'),
  });
  expect(names.filter((name) => /^(Digest|Figures)/.test(name))).toEqual([]);
});
