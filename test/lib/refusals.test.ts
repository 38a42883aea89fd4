// What makes no sense is refused at synth, with everything that is to be changed.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { describe, expect, test } from 'vitest';
import { isConnection } from '../../core/ids.ts';
import config from '../../lib/config.ts';
import type { Deployment } from '../../lib/recoup-app.ts';
import { definePolicy, type PolicyInput } from '../../core/recovery/policy.ts';
import { checkSettings, type StageSettings } from '../../lib/settings.ts';
import policy from '../../policy.ts';
import { changed, openApp, PATIENCE_MS, stackNames, TELLING, withFolders } from './deployed.ts';

const POLICY = definePolicy(policy);
const sentFrom = (email: string) => definePolicy({ ...policy, sender: { ...policy.sender, email } });

const faultsOf = (settings: Partial<StageSettings>, input: PolicyInput = policy): string => {
  try {
    checkSettings('prod', { ...config.prod, ...settings }, definePolicy(input));
  } catch (error) {
    return (error as Error).message;
  }
  return '';
};

const connection = { livemode: true, account: null, webhookSecretName: 'a', apiKeySecretName: 'b' };
const { alarms, mail, customerPage } = config.prod;

describe('settings', () => {
  test('the settings that come with Recoup are accepted', () => {
    for (const stage of ['dev', 'prod'] as const) {
      expect(() => checkSettings(stage, config[stage], POLICY)).not.toThrow();
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
    [
      'a tenant that is none',
      { mail: { ...mail, tenant: 'Acme Radio' } },
      /mail\.tenant = "Acme Radio": write/,
    ],
    ['an empty tenant', { mail: { ...mail, tenant: '' } }, /mail\.tenant = ""/],
    ['an address that is none', { alarms: { ...alarms, email: 'ops' } }, /alarms\.email = "ops"/],
    ['a silence longer than an alarm can see', { alarms: { ...alarms, silenceHours: 48 } }, /from 1 to 24/],
    [
      'three sweepers for eight shards',
      { clock: { sweepers: 3, reserveConcurrency: false } },
      /divides the 8 shards/,
    ],
    [
      'a page whose address is no https one',
      { customerPage: { ...customerPage, baseUrl: 'http://pay.acme.test' } },
      /customerPage\.baseUrl = "http:/,
    ],
    [
      'a page whose address ends with a slash',
      { customerPage: { ...customerPage, baseUrl: 'https://pay.acme.test/' } },
      /without a slash at the end/,
    ],
    [
      'a host for payments that is a whole address',
      { customerPage: { ...customerPage, paymentHosts: ['https://pay.acme.test'] } },
      /customerPage\.paymentHosts = "https:/,
    ],
    [
      'the keys of links in a secret of another purpose',
      { customerPage: { ...customerPage, linkSecretName: 'recoup/prod/stripe/webhook' } },
      /every secret a name of its own/,
    ],
    [
      'a page that lets nobody in',
      { customerPage: { ...customerPage, perSecond: 0 } },
      /customerPage\.perSecond = 0/,
    ],
    [
      'a bucket no object could be put into',
      { export: { bucket: 's3://acme-cases' } },
      /export\.bucket = "s3:\/\/acme-cases": write 'create'/,
    ],
    ['no webhooks a second', { webhooks: { perSecond: 0, burst: 1 } }, /webhooks\.perSecond = 0/],
    ['days that CloudWatch does not take', { logDays: 42 }, /logDays = 42: CloudWatch takes 1, 3, 5/],
  ])('refused: %s', (_, settings, words) => {
    const message = faultsOf(settings);
    expect(message).toMatch(words);
    expect(message).toMatch(/^lib\/config\.ts, stage prod:\n {2}/);
  });

  test.each<[string, Partial<StageSettings>, RegExp]>([
    [
      'one secret for the webhook of the business and another purpose',
      { connections: { stripe: connection }, operator: { webhookSecretName: 'a' } },
      /every secret a name of its own/,
    ],
    [
      'a name that no secret can have',
      { operator: { webhookSecretName: 'a secret' } },
      /operator\.webhookSecretName = "a secret": name a secret with letters/,
    ],
  ])('refused: %s', (_, settings, words) => expect(faultsOf(settings)).toMatch(words));

  const OWN = {
    kind: 'oidc',
    issuer: 'https://login.acme.test/tenant/v2.0',
    clientId: '0oa1b2c3',
    scope: null,
    hosts: [],
    endSession: null,
    roles: null,
  } as const;
  const own = (changes: object): Partial<StageSettings> => ({
    financePage: { domain: null, signIn: { ...OWN, ...changes } },
  });
  const pool = (loginPrefix: string): Partial<StageSettings> => ({
    financePage: { domain: null, signIn: { kind: 'cognito', mfa: 'required', loginPrefix } },
  });
  const under = (name: string, certificateArn: string): Partial<StageSettings> => ({
    financePage: { domain: { name, certificateArn }, signIn: OWN },
  });
  const CERTIFICATE = 'arn:aws:acm:us-east-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef';
  const ROLES = { claims: ['groups'], finance: ['8f1c'], operator: ['b2e0'] };

  test.each<[string, Partial<StageSettings>]>([
    ['a provider of one’s own', own({})],
    ['an issuer that ends with a slash', own({ issuer: 'https://acme.eu.auth0.com/' })],
    [
      'a claim that is named by an address',
      own({ roles: { ...ROLES, claims: ['https://acme.test/roles'] } }),
    ],
    ['an end of the session with a query', own({ endSession: 'https://login.acme.test/out?id=1' })],
    ['more scopes', own({ scope: 'openid email profile groups' })],
    ['a login page of one’s own name', pool('acme-finance')],
    ['a domain with its certificate', under('finance.acme.test', CERTIFICATE)],
  ])('accepted for the finance page: %s', (_, settings) => expect(faultsOf(settings)).toBe(''));

  test.each<[string, Partial<StageSettings>, RegExp]>([
    ['an issuer without TLS', own({ issuer: 'http://login.acme.test' }), /signIn\.issuer = "http:/],
    [
      'the discovery document’s query for an issuer',
      own({ issuer: 'https://a.test/?x' }),
      /signIn\.issuer = /,
    ],
    ['no client', own({ clientId: '' }), /signIn\.clientId = "": write the id of the client/],
    ['scopes without openid', own({ scope: 'email' }), /signIn\.scope = "email": name openid/],
    [
      'a host that would open the page’s policy to more',
      own({ hosts: ["a.test; script-src 'unsafe-inline'"] }),
      /signIn\.hosts = "a\.test; /,
    ],
    ['every host', own({ hosts: ['*'] }), /signIn\.hosts = "\*"/],
    ['an end of the session that is a script', own({ endSession: 'javascript:1' }), /signIn\.endSession = /],
    ['no claim for roles', own({ roles: { ...ROLES, claims: [] } }), /signIn\.roles\.claims = \[\]: name/],
    ['no word for a role', own({ roles: { ...ROLES, finance: [] } }), /signIn\.roles\.finance = \[\]/],
    [
      'a role of two words, of which another group could have one',
      own({ roles: { ...ROLES, operator: ['Recoup Operators'] } }),
      /signIn\.roles\.operator = "Recoup Operators": write one word/,
    ],
    [
      'one word for both roles',
      own({ roles: { ...ROLES, finance: ['b2e0'] } }),
      /signIn\.roles\.finance = "b2e0": it stands for operator too/,
    ],
    ['a login page that Cognito refuses', pool('acme-aws'), /signIn\.loginPrefix = "acme-aws": write/],
    ['a login page with a dot', pool('acme.finance'), /signIn\.loginPrefix = "acme\.finance"/],
    ['an address for a domain', under('https://f.acme.test', CERTIFICATE), /domain\.name = "https:/],
    [
      'a certificate of another region',
      under('f.acme.test', CERTIFICATE.replace('us-east-1', 'eu-central-1')),
      /domain\.certificateArn = .*us-east-1/,
    ],
  ])('refused for the finance page: %s', (_, settings, words) => {
    const message = faultsOf(settings);
    expect(message).toMatch(words);
    expect(message.split('\n')).toHaveLength(2);
  });

  test('a policy that tells by webhook needs the secret named, and one that does not needs none', () => {
    const none = { operator: { webhookSecretName: null } };
    expect(faultsOf(none)).toBe('');
    expect(faultsOf({}, TELLING)).toBe('');
    expect(faultsOf(none, TELLING)).toMatch(
      /operator\.webhookSecretName = null: policy\.ts tells you by webhook \([a-z-]+: tell-us\); name the secret/,
    );
  });

  test('every fault is told at once', () => {
    expect(faultsOf({ connections: {}, logDays: 42 }).split('\n')).toHaveLength(3);
  });

  test('a sender on a part of the domain is accepted: SES verifies what stands below it too', () => {
    expect(() => checkSettings('prod', config.prod, sentFrom('billing@mail.example.com'))).not.toThrow();
    const others = (email: string) => definePolicy({ ...policy, senders: { win_back: { email } } });
    expect(() => checkSettings('prod', config.prod, others('hello@news.example.com'))).not.toThrow();
    expect(() => checkSettings('prod', config.prod, others('hello@friends.example'))).toThrow(
      /policy\.ts sends from hello@friends\.example; make the two agree/,
    );
    expect(() => checkSettings('prod', config.prod, sentFrom('billing@notexample.com'))).toThrow(
      /make the two agree/,
    );
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

  test('refuses to go on without the finance page, and says how to make it', () => {
    withFolders((bundles, outdir) => {
      rmSync(join(bundles, 'finance-page', 'index.html'));
      expect(() => openApp(bundles, outdir)).toThrow(
        'the finance page is missing: run "npm run bundle" first',
      );
    });
  });

  test(
    'does not synthesize what cdk-nag finds fault with',
    () => {
      withFolders((bundles, outdir) => {
        const app = openApp(bundles, outdir, {}, { stage: 'dev' });
        new Queue(app.node.findChild('recoup-dev'), 'OpenQueue');
        expect(() => app.synth()).toThrow(/AwsSolutions-SQS4/);
      });
    },
    PATIENCE_MS,
  );
});
