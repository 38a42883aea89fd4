// How finance staff sign in: a user pool that the stack makes, or the OpenID Connect provider of the settings. Both look the same.
import { Aws, Duration, Fn, RemovalPolicy } from 'aws-cdk-lib';
import {
  AccountRecovery,
  CfnManagedLoginBranding,
  ClientAttributes,
  FeaturePlan,
  ManagedLoginVersion,
  Mfa,
  OAuthScope,
  UserPool,
  UserPoolClient,
  UserPoolClientIdentityProvider,
  UserPoolDomain,
} from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import { acknowledge } from './nag.ts';
import type { RoleClaims, SignInSettings, StageName } from './settings.ts';

/** What the page and the API need to know of it. */
export type FinanceSignIn = {
  /** The claim `iss` of its tokens; its discovery document stands below it. */
  readonly issuer: string;
  /** The claim `aud` of its ID tokens. */
  readonly clientId: string;
  readonly scope: string;
  /** Where who signs out is sent; null = nowhere. */
  readonly endSession: string | null;
};

type Pool = Extract<SignInSettings, { kind: 'cognito' }>;

const SCOPE = 'openid email profile';

/** The groups of the pool are the roles. */
const GROUPS = {
  finance: 'Reads reports and cases',
  operator: 'Reads, and does what an operator may do',
} as const;

const OWN_ROLES: RoleClaims = {
  claims: ['roles', 'groups', 'cognito:groups'],
  finance: ['finance'],
  operator: ['operator'],
};

/** Where roles stand in a token. Of a pool of ours nothing but its groups counts. */
export const roleClaimsOf = (settings: SignInSettings): RoleClaims =>
  settings.kind === 'oidc' ? (settings.roles ?? OWN_ROLES) : { ...OWN_ROLES, claims: ['cognito:groups'] };

/** Login pages of a region share one name space: the stack's own id keeps us out of everybody's way. */
const prefixOf = (stage: StageName, { loginPrefix }: Pool): string =>
  loginPrefix ?? `recoup-${stage}-${Fn.select(0, Fn.split('-', Fn.select(2, Fn.split('/', Aws.STACK_ID))))}`;

const loginHost = (stage: StageName, settings: Pool): string =>
  `${prefixOf(stage, settings)}.auth.${Aws.REGION}.amazoncognito.com`;

/**
 * The origins that the page calls to sign somebody in: of the discovery document and its keys, and of the token endpoint. Known before
 * the pool is there, whose invitations name the page.
 */
export const signInOrigins = (stage: StageName, settings: SignInSettings): readonly string[] =>
  settings.kind === 'oidc'
    ? [...new Set([new URL(settings.issuer).origin, ...settings.hosts.map((host) => `https://${host}`)])]
    : [`https://cognito-idp.${Aws.REGION}.amazonaws.com`, `https://${loginHost(stage, settings)}`];

const invitation = (pageUrl: string) => ({
  emailSubject: 'Your access to the finance page',
  emailBody:
    `<p>You can sign in at <a href="${pageUrl}">${pageUrl}</a> as {username}.</p>` +
    '<p>The password for the first time is <code>{####}</code>. It is good for three days.</p>',
});

/** A code of an authenticator app: texts can be diverted, and the address is what resets the password. */
const secondFactor = (mfa: Pool['mfa']) => ({
  mfa: mfa === 'required' ? Mfa.REQUIRED : Mfa.OPTIONAL,
  mfaSecondFactor: { otp: true, sms: false },
});

const createPool = (scope: Construct, stage: StageName, settings: Pool, pageUrl: string): UserPool => {
  const pool = new UserPool(scope, 'People', {
    userPoolName: `recoup-${stage}-finance`,
    selfSignUpEnabled: false,
    signInAliases: { email: true },
    signInCaseSensitive: false,
    autoVerify: { email: true },
    userInvitation: invitation(pageUrl),
    ...secondFactor(settings.mfa),
    passwordPolicy: {
      minLength: 12,
      requireLowercase: true,
      requireUppercase: true,
      requireDigits: true,
      requireSymbols: true,
      tempPasswordValidity: Duration.days(3),
    },
    accountRecovery: AccountRecovery.EMAIL_ONLY,
    featurePlan: FeaturePlan.ESSENTIALS,
    deletionProtection: stage === 'prod',
    removalPolicy: stage === 'prod' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
  acknowledge(
    pool,
    'AwsSolutions-COG8',
    'The plan Plus is paid by head; here people are invited, with a second factor.',
  );
  if (settings.mfa === 'optional') {
    acknowledge(
      pool,
      'AwsSolutions-COG2',
      'The settings of the stage leave the second factor to each person.',
    );
  }
  for (const [groupName, description] of Object.entries(GROUPS))
    pool.addGroup(groupName, { groupName, description });
  return pool;
};

/** Public, for a page can keep no secret. A sign-in lasts a working day, and a token that was lost a quarter of an hour. */
const createClient = (scope: Construct, pool: UserPool, pageUrl: string): UserPoolClient =>
  new UserPoolClient(scope, 'Page', {
    userPool: pool,
    generateSecret: false,
    oAuth: {
      flows: { authorizationCodeGrant: true, implicitCodeGrant: false, clientCredentials: false },
      scopes: [OAuthScope.OPENID, OAuthScope.EMAIL, OAuthScope.PROFILE],
      callbackUrls: [pageUrl],
      logoutUrls: [pageUrl],
    },
    // Without any, Cognito would let in what it calls custom authentication.
    authFlows: { userSrp: true },
    supportedIdentityProviders: [UserPoolClientIdentityProvider.COGNITO],
    preventUserExistenceErrors: true,
    idTokenValidity: Duration.minutes(15),
    accessTokenValidity: Duration.minutes(15),
    refreshTokenValidity: Duration.hours(10),
    // Each is good once, so that one that was stolen is found out. The grace is for two tabs at once.
    refreshTokenRotationGracePeriod: Duration.seconds(10),
    enableTokenRevocation: true,
    readAttributes: new ClientAttributes().withStandardAttributes({
      email: true,
      emailVerified: true,
      preferredUsername: true,
    }),
    // Nothing that names a person: nobody chooses the name that stands in the journal.
    writeAttributes: new ClientAttributes().withStandardAttributes({ locale: true }),
  });

/** The user pool, its login pages, and the page as its client. */
export class StaffPool extends Construct implements FinanceSignIn {
  readonly issuer: string;
  readonly clientId: string;
  readonly scope = SCOPE;
  readonly endSession: string;
  readonly userPoolId: string;

  /** `pageUrl` ends with a slash: people come back there, signed in or out. */
  constructor(scope: Construct, id: string, stage: StageName, settings: Pool, pageUrl: string) {
    super(scope, id);
    const pool = createPool(this, stage, settings, pageUrl);
    new UserPoolDomain(this, 'Login', {
      userPool: pool,
      cognitoDomain: { domainPrefix: prefixOf(stage, settings) },
      managedLoginVersion: ManagedLoginVersion.NEWER_MANAGED_LOGIN,
    });
    const client = createClient(this, pool, pageUrl);
    // Without a style, if only Cognito's own, these login pages are not shown.
    new CfnManagedLoginBranding(this, 'Style', {
      userPoolId: pool.userPoolId,
      clientId: client.userPoolClientId,
      useCognitoProvidedValues: true,
    });
    this.userPoolId = pool.userPoolId;
    this.issuer = pool.userPoolProviderUrl;
    this.clientId = client.userPoolClientId;
    this.endSession =
      `https://${loginHost(stage, settings)}/logout?client_id=${this.clientId}` +
      `&logout_uri=${pageUrl.replace('https://', 'https%3A%2F%2F').replace(/\/$/, '%2F')}`;
  }
}

/** The sign-in of the settings: their provider as it is, or a pool of ours that leads back to the page. */
export const openSignIn = (
  scope: Construct,
  id: string,
  stage: StageName,
  settings: SignInSettings,
  pageUrl: string,
): FinanceSignIn =>
  settings.kind === 'oidc'
    ? { ...settings, scope: settings.scope ?? SCOPE }
    : new StaffPool(scope, id, stage, settings, pageUrl);
