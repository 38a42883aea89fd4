// The finance page in the cloud: who reaches its files, what it may do in a browser, how staff sign in, and what it is told.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, test } from 'vitest';
import config from '../../lib/config.ts';
import { STAGES, type StageSettings } from '../../lib/settings.ts';
import {
  changed,
  deployAll,
  deployStage,
  only,
  openApp,
  PATIENCE_MS,
  propertiesOf,
  withFolders,
  type Deployed,
} from './deployed.ts';

type Json = Record<string, unknown>;

const OWN: Extract<StageSettings['financePage']['signIn'], { kind: 'oidc' }> = {
  kind: 'oidc',
  issuer: 'https://login.acme.test/tenant/v2.0',
  clientId: '0oa1b2c3',
  scope: 'openid email profile groups',
  hosts: ['tokens.acme.test'],
  endSession: null,
  roles: { claims: ['groups'], finance: ['8f1c'], operator: ['b2e0'] },
};
const DOMAIN = {
  name: 'finance.acme.test',
  certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef',
};

let deployed: Deployed;
let own: Template;
let open: Template;
beforeAll(() => {
  deployed = deployAll();
  own = deployStage('prod', { financePage: { domain: DOMAIN, signIn: OWN } });
  open = deployStage('dev', {
    financePage: { domain: null, signIn: { kind: 'cognito', mfa: 'optional', loginPrefix: 'acme-finance' } },
  });
}, PATIENCE_MS);

/** A value as one text, with the names of what CloudFormation puts there. */
const said = (value: unknown): string => {
  if (typeof value === 'string') return value;
  const { Ref, ...part } = value as { Ref?: string } & Json;
  if (Ref !== undefined) return `{${Ref.replace(/[0-9A-F]{8}$/, '')}}`;
  const [[name, inner] = ['', []]] = Object.entries(part);
  const parts = inner as unknown[];
  if (name === 'Fn::Join') return (parts[1] as unknown[]).map(said).join('');
  if (name === 'Fn::GetAtt') return `{${(parts as string[]).join('.').replace(/[0-9A-F]{8}\./, '.')}}`;
  // Eight characters of the stack's id.
  return '{Some}';
};

const PAGE = 'https://{FinancePageDistribution.DomainName}/';
const LOGIN = (stage: string) => `https://recoup-${stage}-{Some}.auth.{AWS::Region}.amazoncognito.com`;

type Behaviour = {
  readonly PathPattern?: string;
  readonly CachePolicyId: string;
  readonly ViewerProtocolPolicy: string;
  readonly FunctionAssociations?: readonly { readonly EventType: string }[];
} & Json;
type Distribution = Json & {
  readonly Origins: readonly Json[];
  readonly DefaultCacheBehavior: Behaviour;
  readonly CacheBehaviors: readonly Behaviour[];
};

const distributionOf = (template: Template): Distribution =>
  only(template, 'AWS::CloudFront::Distribution')['DistributionConfig'] as Distribution;

const behaviour = (template: Template, path: string): Behaviour | undefined =>
  distributionOf(template).CacheBehaviors.find(({ PathPattern }) => PathPattern === path);

// Of the policies that CloudFront has by itself: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
const NOT_CACHED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';
const CACHED = '658327ea-f89d-4fab-a63d-7e88639e58f6';
const ALL_BUT_HOST = 'b689b0a8-53d0-40ab-baf2-68738e2966ac';

describe.each(STAGES)('the files of stage %s', (stage) => {
  test('lie in a bucket that is private, encrypted, without old versions, and goes with the stack', () => {
    const [[, bucket] = []] = Object.entries(deployed[stage].findResources('AWS::S3::Bucket'));
    expect(bucket).toMatchObject({
      DeletionPolicy: 'Delete',
      Properties: {
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
        },
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
      },
    });
    expect(bucket).not.toHaveProperty('Properties.VersioningConfiguration');
    expect(propertiesOf(deployed[stage], 'Custom::S3AutoDeleteObjects')).not.toEqual({});
  });

  test('are read by this distribution alone, and over TLS', () => {
    const { PolicyDocument } = only(deployed[stage], 'AWS::S3::BucketPolicy', 'FinancePage');
    const { Statement } = PolicyDocument as { Statement: Json[] };
    expect(Statement.filter(({ Effect }) => Effect === 'Deny')).toEqual([
      expect.objectContaining({ Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
    ]);
    const reading = Statement.filter(({ Effect, Action }) => Effect === 'Allow' && Action === 's3:GetObject');
    expect(reading).toHaveLength(1);
    const [{ Principal, Condition } = {}] = reading;
    expect(Principal).toEqual({ Service: 'cloudfront.amazonaws.com' });
    expect(said((Condition as { StringEquals: Json }).StringEquals['AWS:SourceArn'])).toMatch(
      /:distribution\/\{FinancePageDistribution\}$/,
    );
    expect(only(deployed[stage], 'AWS::CloudFront::OriginAccessControl')).toMatchObject({
      OriginAccessControlConfig: { SigningBehavior: 'always', SigningProtocol: 'sigv4' },
    });
    expect(distributionOf(deployed[stage]).Origins[0]).toHaveProperty('OriginAccessControlId');
  });

  test('are put there the hashed ones first and to be kept for a year, then those that are asked for anew each time', () => {
    const [[, hashed] = [], [, rest] = []] = Object.entries(
      deployed[stage].findResources('Custom::CDKBucketDeployment'),
    ).toSorted(([a], [b]) => a.localeCompare(b)) as [string, { Properties: Json; DependsOn: string[] }][];
    expect(hashed?.Properties).toMatchObject({
      Exclude: ['*'],
      Include: ['assets/*'],
      Prune: false,
      SystemMetadata: { 'cache-control': 'public, max-age=31536000, immutable' },
    });
    expect(rest?.Properties).toMatchObject({
      Exclude: ['assets/*'],
      SystemMetadata: { 'cache-control': 'no-cache' },
    });
    expect(rest?.DependsOn).toContainEqual(expect.stringMatching('^FinancePageFilesHashedCustomResource'));
  });

  test('are put there by a role that may list this bucket, write into it, read two archives, and nothing else', () => {
    const { PolicyDocument } = only(deployed[stage], 'AWS::IAM::Policy', 'FinancePageFiles');
    const { Statement } = PolicyDocument as { Statement: { Action: string | string[]; Resource: unknown }[] };
    const lines = Statement.flatMap(({ Action, Resource }) =>
      [Action].flat().flatMap((action) => [Resource].flat().map((one) => `${action} ${said(one)}`)),
    );
    expect(lines.toSorted()).toEqual([
      'logs:CreateLogStream {FinancePageFilesLog.Arn}',
      'logs:PutLogEvents {FinancePageFilesLog.Arn}',
      's3:DeleteObject {FinancePageFilesBucket.Arn}/*',
      expect.stringMatching(/^s3:GetObject .*\/[0-9a-f]{64}\.zip$/),
      expect.stringMatching(/^s3:GetObject .*\/[0-9a-f]{64}\.zip$/),
      's3:ListBucket {FinancePageFilesBucket.Arn}',
      's3:PutObject {FinancePageFilesBucket.Arn}/*',
    ]);
  });
});

describe.each(STAGES)('what a browser gets in stage %s', (stage) => {
  const headers = () =>
    only(deployed[stage], 'AWS::CloudFront::ResponseHeadersPolicy')['ResponseHeadersPolicyConfig'] as {
      SecurityHeadersConfig: Json & { ContentSecurityPolicy: Json };
      CustomHeadersConfig: { Items: { Header: string; Value: string }[] };
    };

  test('is a page that runs its own scripts, asks its own origin and the sign-in, and stands in no frame', () => {
    const { ContentSecurityPolicy } = headers().SecurityHeadersConfig;
    expect(ContentSecurityPolicy['Override']).toBe(true);
    expect(said(ContentSecurityPolicy['ContentSecurityPolicy']).split('; ')).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data:",
      "font-src 'self'",
      `connect-src 'self' https://cognito-idp.{AWS::Region}.amazonaws.com ${LOGIN(stage)}`,
      "frame-src 'self' blob:",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ]);
  });

  test('comes under every other header that keeps others out, whichever file it is', () => {
    expect(headers().SecurityHeadersConfig).toMatchObject({
      ContentTypeOptions: { Override: true },
      FrameOptions: { FrameOption: 'DENY', Override: true },
      ReferrerPolicy: { ReferrerPolicy: 'no-referrer', Override: true },
      StrictTransportSecurity: { AccessControlMaxAgeSec: 31_536_000, Override: true },
    });
    const custom = headers().CustomHeadersConfig.Items.map(({ Header, Value }) => [Header, Value]);
    expect(Object.fromEntries(custom)).toMatchObject({
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': expect.stringContaining('camera=()'),
    });
    const { DefaultCacheBehavior } = distributionOf(deployed[stage]);
    for (const files of [DefaultCacheBehavior, behaviour(deployed[stage], 'assets/*')]) {
      expect(files).toMatchObject({
        ResponseHeadersPolicyId: { Ref: expect.stringMatching('^FinancePageHeaders') },
        ViewerProtocolPolicy: 'redirect-to-https',
      });
    }
  });

  test('is never an old page: CloudFront keeps hashed files alone', () => {
    const { DefaultCacheBehavior, CacheBehaviors, ...rest } = distributionOf(deployed[stage]);
    expect(DefaultCacheBehavior.CachePolicyId).toBe(NOT_CACHED);
    expect(CacheBehaviors.map((one) => [one.PathPattern, one.CachePolicyId])).toEqual([
      ['assets/*', CACHED],
      ['/api/*', NOT_CACHED],
    ]);
    expect(rest).toMatchObject({ DefaultRootObject: 'index.html', HttpVersion: 'http2and3' });
  });

  test('can be read and never written, and no refusal of the API or of the bucket becomes the page', () => {
    const { DefaultCacheBehavior, ...rest } = distributionOf(deployed[stage]);
    for (const files of [DefaultCacheBehavior, behaviour(deployed[stage], 'assets/*')]) {
      // Without any, CloudFront takes GET and HEAD.
      expect(files?.['AllowedMethods'] ?? ['GET', 'HEAD']).toEqual(['GET', 'HEAD']);
      expect(files).not.toHaveProperty('OriginRequestPolicyId');
    }
    expect(rest).not.toHaveProperty('CustomErrorResponses');
  });

  test('is the API at the same origin: each method, with the token and the query, over TLS only', () => {
    const api = behaviour(deployed[stage], '/api/*');
    expect(api).toMatchObject({
      AllowedMethods: expect.arrayContaining(['GET', 'POST']),
      OriginRequestPolicyId: ALL_BUT_HOST,
      ViewerProtocolPolicy: 'https-only',
      FunctionAssociations: [{ EventType: 'viewer-request' }],
    });
    const origin = distributionOf(deployed[stage]).Origins.find(({ Id }) => Id === api?.['TargetOriginId']);
    expect(origin).toMatchObject({
      CustomOriginConfig: { OriginProtocolPolicy: 'https-only', OriginSSLProtocols: ['TLSv1.2'] },
    });
  });

  test.each([
    ['/api/cases', '/cases'],
    ['/api/', '/'],
    ['/api/customers/stripe/api/hold', '/customers/stripe/api/hold'],
  ])('asks for %s, and the API for %s', (asked, got) => {
    const { FunctionCode, FunctionConfig } = only(deployed[stage], 'AWS::CloudFront::Function');
    expect(FunctionConfig).toMatchObject({ Runtime: 'cloudfront-js-2.0' });
    // oxlint-disable-next-line no-new-func, typescript/no-implied-eval
    const run = new Function('event', `${FunctionCode as string}\nreturn handler(event);`) as (event: {
      request: Json;
    }) => Json;
    const request = { uri: asked, method: 'GET', querystring: { from: { value: '2026-03' } } };
    expect(run({ request })).toEqual({ ...request, uri: got });
  });
});

describe.each(STAGES)('the user pool of stage %s', (stage) => {
  const pool = () => deployed[stage].findResources('AWS::Cognito::UserPool');

  test('lets in who was invited, with a strong password and a code of an app', () => {
    expect(only(deployed[stage], 'AWS::Cognito::UserPool')).toMatchObject({
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
      MfaConfiguration: 'ON',
      EnabledMfas: ['SOFTWARE_TOKEN_MFA'],
      UsernameAttributes: ['email'],
      UsernameConfiguration: { CaseSensitive: false },
      Policies: { PasswordPolicy: { MinimumLength: 12, TemporaryPasswordValidityDays: 3 } },
      AccountRecoverySetting: { RecoveryMechanisms: [{ Name: 'verified_email', Priority: 1 }] },
    });
  });

  test('tells who is invited where the page is', () => {
    const { AdminCreateUserConfig } = only(deployed[stage], 'AWS::Cognito::UserPool');
    const { EmailMessage } = (AdminCreateUserConfig as { InviteMessageTemplate: Json }).InviteMessageTemplate;
    expect(said(EmailMessage)).toContain(`href="${PAGE}"`);
    expect(said(EmailMessage)).toContain('{####}');
  });

  test('in prod survives a mistake and the stack', () => {
    const [found] = Object.values(pool());
    expect(found).toMatchObject(
      stage === 'prod'
        ? { DeletionPolicy: 'Retain', Properties: { DeletionProtection: 'ACTIVE' } }
        : { DeletionPolicy: 'Delete', Properties: { DeletionProtection: 'INACTIVE' } },
    );
  });

  test('has the roles as its groups, and nothing else of a token counts', () => {
    const groups = Object.values(propertiesOf(deployed[stage], 'AWS::Cognito::UserPoolGroup'));
    expect(groups.map(({ GroupName }) => GroupName)).toEqual(['finance', 'operator']);
    const { Environment } = only(deployed[stage], 'AWS::Lambda::Function', 'FinanceApi');
    expect(
      JSON.parse((Environment as { Variables: Record<string, string> }).Variables['ROLE_CLAIMS'] ?? ''),
    ).toEqual({
      claims: ['cognito:groups'],
      finance: ['finance'],
      operator: ['operator'],
    });
  });

  test('has one client: public, by code alone, back to the page alone, for a working day', () => {
    const client = only(deployed[stage], 'AWS::Cognito::UserPoolClient');
    expect(client).toMatchObject({
      GenerateSecret: false,
      AllowedOAuthFlows: ['code'],
      AllowedOAuthScopes: ['openid', 'email', 'profile'],
      // No password is sent by anything but the login pages, and no token comes without them.
      ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH'],
      SupportedIdentityProviders: ['COGNITO'],
      PreventUserExistenceErrors: 'ENABLED',
      EnableTokenRevocation: true,
      RefreshTokenRotation: { Feature: 'ENABLED' },
      TokenValidityUnits: { AccessToken: 'minutes', IdToken: 'minutes', RefreshToken: 'minutes' },
      IdTokenValidity: 15,
      AccessTokenValidity: 15,
      RefreshTokenValidity: 600,
    });
    for (const urls of ['CallbackURLs', 'LogoutURLs'])
      expect((client[urls] as unknown[]).map(said)).toEqual([PAGE]);
  });

  test('lets nobody change the name that stands in the journal', () => {
    const { WriteAttributes, AllowedOAuthScopes } = only(deployed[stage], 'AWS::Cognito::UserPoolClient');
    expect(WriteAttributes).toEqual(['locale']);
    expect(AllowedOAuthScopes).not.toContain('aws.cognito.signin.user.admin');
  });

  test('has login pages, with a style, without which they are not shown', () => {
    const client = { Ref: expect.stringMatching('^FinanceSignInPage') };
    expect(only(deployed[stage], 'AWS::Cognito::UserPoolDomain')).toMatchObject({ ManagedLoginVersion: 2 });
    expect(only(deployed[stage], 'AWS::Cognito::ManagedLoginBranding')).toMatchObject({
      ClientId: client,
      UseCognitoProvidedValues: true,
    });
  });
});

/** What the page is told, where CloudFormation fills in values, with their names. */
const toldOf = (template: Template): string[] => {
  const { SourceMarkers } = only(template, 'Custom::CDKBucketDeployment', 'FinancePageFilesRest');
  const [, markers = {}] = SourceMarkers as Record<string, unknown>[];
  return Object.values(markers).map(said);
};

/** The file that the page is told by, with `{}` where CloudFormation fills something in. */
const configJson = (financePage: StageSettings['financePage']): unknown =>
  withFolders((bundles, outdir) => {
    const stages = changed('dev', { financePage });
    openApp(bundles, outdir, { stages }, { stage: 'dev', 'aws:cdk:disable-asset-staging': false });
    const path = readdirSync(outdir)
      .map((folder) => join(outdir, folder, 'config.json'))
      .find(existsSync);
    return JSON.parse(readFileSync(path ?? '', 'utf8').replaceAll(/<<marker:[^>]*>>/g, '{}'));
  });

describe('how the page and the API agree', () => {
  test.each(STAGES)('in %s the API takes the ID tokens that the page is given, and those alone', (stage) => {
    const { JwtConfiguration } = only(deployed[stage], 'AWS::ApiGatewayV2::Authorizer');
    const { Issuer, Audience } = JwtConfiguration as { Issuer: unknown; Audience: unknown[] };
    expect(said(Issuer)).toBe('{FinanceSignInPeople.ProviderURL}');
    expect(Audience.map(said)).toEqual(['{FinanceSignInPage}']);
    expect(toldOf(deployed[stage])).toEqual(expect.arrayContaining([said(Issuer), ...Audience.map(said)]));
  });

  test('the page is told where the API is and how to sign in and out', () => {
    expect(configJson(config.dev.financePage)).toEqual({
      api: '/api',
      signIn: {
        issuer: '{}',
        clientId: '{}',
        scope: 'openid email profile',
        endSession:
          'https://recoup-dev-{}.auth.{}.amazoncognito.com/logout?client_id={}&logout_uri=https%3A%2F%2F{}%2F',
      },
    });
    const { issuer, clientId, scope, endSession } = OWN;
    expect(configJson({ domain: DOMAIN, signIn: OWN })).toEqual({
      api: '/api',
      signIn: { issuer, clientId, scope, endSession },
    });
  });

  test('a provider of one’s own is asked by the page and believed by the API, and no pool is made', () => {
    expect(only(own, 'AWS::ApiGatewayV2::Authorizer')).toMatchObject({
      AuthorizerType: 'JWT',
      IdentitySource: ['$request.header.Authorization'],
      JwtConfiguration: { Issuer: OWN.issuer, Audience: [OWN.clientId] },
    });
    expect(propertiesOf(own, 'AWS::Cognito::UserPool')).toEqual({});
    expect(JSON.stringify(own.findResources('AWS::CloudFront::ResponseHeadersPolicy'))).toContain(
      "connect-src 'self' https://login.acme.test https://tokens.acme.test; ",
    );
    const { Environment } = only(own, 'AWS::Lambda::Function', 'FinanceApi');
    expect(Environment).toMatchObject({ Variables: { ROLE_CLAIMS: JSON.stringify(OWN.roles) } });
    expect(Object.keys(own.findOutputs('*'))).not.toContain('FinanceUserPool');
  });

  test('a provider whose settings name no roles has them in the usual claims', () => {
    const template = deployStage('dev', { financePage: { domain: null, signIn: { ...OWN, roles: null } } });
    const { Environment } = only(template, 'AWS::Lambda::Function', 'FinanceApi');
    expect(Environment).toMatchObject({
      Variables: {
        ROLE_CLAIMS:
          '{"claims":["roles","groups","cognito:groups"],"finance":["finance"],"operator":["operator"]}',
      },
    });
  });

  test('a domain of one’s own is where the page is, over TLS 1.2 and newer, with its record told', () => {
    expect(distributionOf(own)).toMatchObject({
      Aliases: [DOMAIN.name],
      ViewerCertificate: {
        AcmCertificateArn: DOMAIN.certificateArn,
        MinimumProtocolVersion: 'TLSv1.2_2021',
        SslSupportMethod: 'sni-only',
      },
    });
    const { FinancePageUrl, FinancePageDns } = own.findOutputs('*');
    expect(FinancePageUrl?.['Value']).toBe('https://finance.acme.test/');
    expect(said(FinancePageDns?.['Value'])).toBe(
      'finance.acme.test CNAME {FinancePageDistribution.DomainName}',
    );
    expect(Object.keys(deployed.prod.findOutputs('*'))).not.toContain('FinancePageDns');
  });

  test('a login page has the name that it is given, and people their own choice of a second factor', () => {
    expect(only(open, 'AWS::Cognito::UserPoolDomain')).toMatchObject({ Domain: 'acme-finance' });
    expect(only(open, 'AWS::Cognito::UserPool')).toMatchObject({ MfaConfiguration: 'OPTIONAL' });
    expect(JSON.stringify(open.findResources('AWS::CloudFront::ResponseHeadersPolicy'))).toContain(
      'https://acme-finance.auth.',
    );
  });

  test('by default everybody needs a second factor, in dev as in prod', () => {
    for (const stage of STAGES) expect(config[stage].financePage.signIn).toMatchObject({ mfa: 'required' });
  });
});
