// What makes no sense is refused at synth, with everything that is to be changed.
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { describe, expect, test } from 'vitest';
import { isConnection } from '../../core/ids.ts';
import config from '../../lib/config.ts';
import type { Deployment } from '../../lib/recoup-app.ts';
import { checkSettings, type StageSettings } from '../../lib/settings.ts';
import policy from '../../policy.ts';
import { changed, openApp, stackNames, withFolders } from './deployed.ts';

const faultsOf = (settings: Partial<StageSettings>): string => {
  try {
    checkSettings('prod', { ...config.prod, ...settings }, policy.sender.email);
  } catch (error) {
    return (error as Error).message;
  }
  return '';
};

const connection = { livemode: true, account: null, webhookSecretName: 'a', apiKeySecretName: 'b' };
const { alarms, mail } = config.prod;

describe('settings', () => {
  test('the settings that come with Recoup are accepted', () => {
    for (const stage of ['dev', 'prod'] as const) {
      expect(() => checkSettings(stage, config[stage], policy.sender.email)).not.toThrow();
    }
  });

  test.each<[string, Partial<StageSettings>, RegExp]>([
    ['no connection', { connections: {} }, /connections: name at least one/],
    [
      'a connection no route can have',
      { connections: { 'Stripe EU': connection } },
      /connections\.Stripe EU: begin/,
    ],
    [
      'one secret for two purposes',
      { connections: { stripe: { ...connection, apiKeySecretName: 'a' } } },
      /every secret a name of its own/,
    ],
    [
      'a secret name that no secret can have',
      { connections: { stripe: { ...connection, webhookSecretName: 'a secret' } } },
      /webhookSecretName = "a secret": name a secret with letters/,
    ],
    [
      'a secret name that ends as an ARN does',
      { connections: { stripe: { ...connection, webhookSecretName: 'stripe-secret' } } },
      /end it otherwise/,
    ],
    [
      'a domain that is none',
      { mail: { ...mail, domain: 'Example' } },
      /mail\.domain = "Example": write a domain/,
    ],
    ['another domain than the sender’s', { mail: { ...mail, domain: 'acme.test' } }, /make the two agree/],
    ['an address that is none', { alarms: { ...alarms, email: 'ops' } }, /alarms\.email = "ops"/],
    ['a silence longer than an alarm can see', { alarms: { ...alarms, silenceHours: 48 } }, /from 1 to 24/],
    [
      'three sweepers for eight shards',
      { clock: { sweepers: 3, reserveConcurrency: false } },
      /divides the 8 shards/,
    ],
    ['no webhooks a second', { webhooks: { perSecond: 0, burst: 1 } }, /webhooks\.perSecond = 0/],
    ['days that CloudWatch does not take', { logDays: 42 }, /logDays = 42: CloudWatch takes 1, 3, 5/],
  ])('refused: %s', (_, settings, words) => {
    const message = faultsOf(settings);
    expect(message).toMatch(words);
    expect(message).toMatch(/^lib\/config\.ts, stage prod:\n {2}/);
  });

  test('every fault is told at once', () => {
    expect(faultsOf({ connections: {}, logDays: 42 }).split('\n')).toHaveLength(3);
  });

  test('a sender on a part of the domain is accepted: SES verifies what stands below it too', () => {
    expect(() => checkSettings('prod', config.prod, 'billing@mail.example.com')).not.toThrow();
    expect(() => checkSettings('prod', config.prod, 'billing@notexample.com')).toThrow(/make the two agree/);
  });

  test.each(['stripe', 'stripe-eu', 'a', '1a', 'Stripe', 'a_b', '', 'a'.repeat(32), 'a'.repeat(33)])(
    'the stack takes "%s" for a connection when the door does',
    (name) => {
      expect(faultsOf({ connections: { [name]: connection } }) === '').toBe(isConnection(name));
    },
  );
});

describe('the app', () => {
  const opened = (deployment: Partial<Deployment>, context = {}) =>
    withFolders((bundles, outdir) => openApp(bundles, outdir, deployment, context));

  test('refuses a policy that makes no sense', () => {
    expect(() => opened({ policy: { ...policy, campaigns: [] } })).toThrow(
      /campaigns.*at least one campaign/s,
    );
  });

  test('refuses settings that make no sense', () => {
    expect(() => opened({ stages: changed('dev', { logDays: 42 }) })).toThrow(/stage dev:\n {2}logDays = 42/);
  });

  test('makes both stages, or the one that is asked for, and no other', () => {
    expect(stackNames({})).toEqual(['recoup-dev', 'recoup-prod']);
    expect(stackNames({ stage: 'dev' })).toEqual(['recoup-dev']);
    expect(() => opened({}, { stage: 'live' })).toThrow(/no stage "live": write --context stage=dev or prod/);
  });

  test('refuses to go on without a bundle, and says how to make one', () => {
    expect(() => opened({ bundles: '/nowhere' })).toThrow(
      'the bundle of receive-webhook is missing: run "npm run bundle" first',
    );
  });

  test('does not synthesize what cdk-nag finds fault with', () => {
    withFolders((bundles, outdir) => {
      const app = openApp(bundles, outdir, {}, { stage: 'dev' });
      new Queue(app.node.findChild('recoup-dev'), 'OpenQueue');
      expect(() => app.synth()).toThrow(/AwsSolutions-SQS4/);
    });
  });
});
