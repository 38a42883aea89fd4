// The shape of the settings and what is refused: every fault at once, each with what to change.
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { SHARDS } from '../adapters/dynamodb/table-shape.ts';
import type { Policy } from '../core/recovery/policy.ts';
import type { Environment } from '../functions/environment.ts';

/** The stages that can be deployed. */
export const STAGES = ['dev', 'prod'] as const;
export type StageName = (typeof STAGES)[number];

/** One configured provider account: exactly what the functions are told of it. */
export type ConnectionSettings = Environment['CONNECTIONS'][string];

/** Which claims of a token may hold roles, and which of their words stand for which. */
export type RoleClaims = Environment['ROLE_CLAIMS'];

/** How staff sign in to the finance page. */
export type SignInSettings =
  | {
      /** A user pool that the stack makes: people are invited, and nobody signs up. */
      readonly kind: 'cognito';
      /** Whether a code of an authenticator app is asked for from everybody, or from who has set one up. */
      readonly mfa: 'required' | 'optional';
      /** The login page stands at `<prefix>.auth.<region>.amazoncognito.com`; null = `recoup-<stage>-` and eight characters. */
      readonly loginPrefix: string | null;
    }
  | {
      /** The OpenID Connect provider that you have. */
      readonly kind: 'oidc';
      /** As its discovery document and the claim `iss` say it, to the last slash. */
      readonly issuer: string;
      /** The public client (authorization code with PKCE, no secret) that is registered for the page. */
      readonly clientId: string;
      /** What is asked for; null = `openid email profile`. */
      readonly scope: string | null;
      /** Hosts besides the issuer's that the page calls, such as that of the token endpoint. */
      readonly hosts: readonly string[];
      /** Where who signs out is sent; null = the page forgets its tokens, and the provider's session goes on. */
      readonly endSession: string | null;
      /** null = the claims `roles`, `groups` and `cognito:groups`, with the words `finance` and `operator`. */
      readonly roles: RoleClaims | null;
    };

export type StageSettings = {
  readonly connections: Readonly<Record<string, ConnectionSettings>>;
  readonly mail: {
    /** The domain that mails come from, verified at SES. */
    readonly domain: string;
    /** `create` makes the identity at SES, `use` takes one that is there: an account has one a region. */
    readonly identity: 'create' | 'use';
    /** An SES tenant to send in the name of, with the identity and the configuration set of this stack in it; null = none. */
    readonly tenant: string | null;
    /** Whether SES puts a pixel into mails and rewrites their links. Off: pay links stay as they are. */
    readonly trackOpensAndClicks: boolean;
  };
  readonly operator: {
    /**
     * Name of the secret that holds where `notify` steps of the policy are posted; null = nowhere. It is read only
     * when the policy has such a step.
     */
    readonly webhookSecretName: string | null;
  };
  readonly customerPage: {
    /** Name of the secret with the keys that its links are signed with. */
    readonly linkSecretName: string;
    /** Where it is reached, when you put a domain of your own before it; null = the address of its API. */
    readonly baseUrl: string | null;
    /** Hosts besides those of Stripe on which your invoices are paid, such as a custom domain of yours at Stripe. */
    readonly paymentHosts: readonly string[];
    /** How many requests a second are let in, and how many at once; of what changes something a fifth of it. */
    readonly perSecond: number;
    readonly burst: number;
  };
  readonly financePage: {
    /**
     * A domain of your own with its certificate, which for CloudFront has to be in us-east-1; null = the address that
     * CloudFront gives.
     */
    readonly domain: { readonly name: string; readonly certificateArn: string } | null;
    readonly signIn: SignInSettings;
  };
  readonly alarms: {
    /** Who gets the alarms by e-mail; null = nobody, they stand in CloudWatch and on the topic. */
    readonly email: string | null;
    /** How late the clock may be, in minutes. */
    readonly sweepLagMinutes: number;
    /** So many webhooks refused within 15 minutes raise the alarm. */
    readonly refusedWebhooks: number;
    /** So many hours without a webhook raise the alarm, 1 to 24; null = never. */
    readonly silenceHours: number | null;
  };
  /**
   * Where every case is put each day for other programs (docs/export.md): a bucket that the stack makes
   * (`create`), or the name of one in the region of the stack; null = nowhere, and nothing is deployed.
   */
  readonly export: { readonly bucket: string } | null;
  readonly clock: {
    /** Among how many runs of the sweeper a minute's shards are shared out: 1, 2, 4 or 8. */
    readonly sweepers: number;
    /** Keeps as many runs for the sweeper, and no more. Needs an account whose limit is above 100. */
    readonly reserveConcurrency: boolean;
  };
  /** How many webhooks a second are let in, and how many at once. */
  readonly webhooks: { readonly perSecond: number; readonly burst: number };
  /** For how many days logs are kept: one of the numbers CloudWatch takes. */
  readonly logDays: number;
  /** X-Ray. */
  readonly tracing: boolean;
};

/** Thrown for settings that make no sense; carries every fault. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';

  constructor(stage: string, faults: readonly string[]) {
    super(`lib/config.ts, stage ${stage}:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
  }
}

const CONNECTION = /^[a-z][a-z0-9-]{0,31}$/;
const SECRET_NAME = /^[A-Za-z0-9/_+=.@-]{1,512}$/;
/** Secrets Manager ends ARNs like that, and takes a name with such an ending for part of an ARN. */
const ARN_ENDING = /-[A-Za-z0-9]{6}$/;
const DOMAIN = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;
const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

const LOG_DAYS = Object.values(RetentionDays).filter(
  (days): days is RetentionDays => typeof days === 'number' && days !== RetentionDays.INFINITE,
);

type Faults = (string | false)[];

const secretFaults = (field: string, name: string): Faults => [
  !SECRET_NAME.test(name) && `${field} = "${name}": name a secret with letters, digits and /_+=.@- only`,
  ARN_ENDING.test(name) &&
    `${field} = "${name}": end it otherwise; Secrets Manager itself adds a hyphen and six characters`,
];

const connectionFaults = ({ connections, operator, customerPage }: StageSettings): Faults => {
  const entries = Object.entries(connections);
  const names = [
    ...entries.flatMap(([, { webhookSecretName, apiKeySecretName }]) => [
      webhookSecretName,
      apiKeySecretName,
    ]),
    ...(operator.webhookSecretName === null ? [] : [operator.webhookSecretName]),
    customerPage.linkSecretName,
  ];
  return [
    entries.length === 0 && 'connections: name at least one, such as stripe',
    new Set(names).size < names.length &&
      'connections: give every secret a name of its own; two of them share one',
    ...entries.flatMap(([name, settings]) => [
      !CONNECTION.test(name) &&
        `connections.${name}: begin with a letter, then lower-case letters, digits and hyphens, at most 32`,
      ...secretFaults(`connections.${name}.webhookSecretName`, settings.webhookSecretName),
      ...secretFaults(`connections.${name}.apiKeySecretName`, settings.apiKeySecretName),
    ]),
  ];
};

const TENANT = /^[A-Za-z0-9_-]{1,64}$/;

/** Every address that mails come from. */
const sendersOf = ({ sender, senders }: Policy): string[] => [
  sender.email,
  ...Object.values(senders).flatMap((other) => other?.email ?? []),
];

const mailFaults = ({ domain, tenant }: StageSettings['mail'], policy: Policy): Faults => {
  const isOurs = (email: string): boolean => {
    const from = email.slice(email.lastIndexOf('@') + 1).toLowerCase();
    return from === domain || from.endsWith(`.${domain}`);
  };
  return [
    tenant !== null &&
      !TENANT.test(tenant) &&
      `mail.tenant = "${tenant}": write the tenant's name (letters, digits, _ and -, at most 64), or null`,
    !DOMAIN.test(domain) && `mail.domain = "${domain}": write a domain in lower case, such as example.com`,
    ...sendersOf(policy)
      .filter((email) => !isOurs(email))
      .map((email) => `mail.domain = "${domain}": policy.ts sends from ${email}; make the two agree`),
  ];
};

/** The steps that tell the business by webhook, as `campaign: step`. */
export const webhookSteps = ({ campaigns }: Pick<Policy, 'campaigns'>): readonly string[] =>
  campaigns.flatMap(({ id, steps }) =>
    steps.flatMap((step) => (step.kind === 'notify' && step.to === 'webhook' ? [`${id}: ${step.id}`] : [])),
  );

const operatorFaults = ({ webhookSecretName }: StageSettings['operator'], policy: Policy): Faults => {
  const steps = webhookSteps(policy);
  if (webhookSecretName !== null) return secretFaults('operator.webhookSecretName', webhookSecretName);
  return [
    steps.length > 0 &&
      `operator.webhookSecretName = null: policy.ts tells you by webhook (${steps.join('; ')}); ` +
        'name the secret with its address, such as "recoup/dev/operator/webhook", or tell by "email"',
  ];
};

const BASE_URL = /^https:\/\/[a-z0-9.-]+(\/[A-Za-z0-9._~-]+)*$/;

const pageFaults = (page: StageSettings['customerPage']): Faults => [
  ...secretFaults('customerPage.linkSecretName', page.linkSecretName),
  page.baseUrl !== null &&
    !BASE_URL.test(page.baseUrl) &&
    `customerPage.baseUrl = "${page.baseUrl}": write https:// and a domain, without a slash at the end, or null`,
  ...page.paymentHosts.map(
    (host) =>
      !DOMAIN.test(host) &&
      `customerPage.paymentHosts = "${host}": write a domain in lower case, such as pay.example.com`,
  ),
  whole('customerPage.perSecond', page.perSecond, 5, 10_000),
  whole('customerPage.burst', page.burst, 5, 5000),
];

const CERTIFICATE = /^arn:aws[a-z-]*:acm:us-east-1:\d{12}:certificate\/[0-9a-f-]{36}$/;
const LOGIN_PREFIX = /^(?!.*(?:aws|amazon|cognito))[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const ADDRESS = /^https:\/\/[a-z0-9.-]+(?::\d+)?(?:\/[^\s?#]*)?$/;
const QUERIED = /^https:\/\/[a-z0-9.-]+(?::\d+)?(?:[/?][^\s#]*)?$/;
const CLIENT_ID = /^[!-~]{1,200}$/;
/** API Gateway hands a list over as words with blanks between, so a word is all that can be told apart. */
const ROLE_WORD = /^[^\s,[\]]{1,200}$/;

const roleFaults = (at: string, roles: RoleClaims): Faults => [
  ...(['claims', 'finance', 'operator'] as const).flatMap((name) => [
    roles[name].length === 0 && `${at}.${name} = []: name at least one, or write roles: null`,
    ...roles[name].map(
      (word) =>
        !ROLE_WORD.test(word) && `${at}.${name} = "${word}": write one word, without blanks and commas`,
    ),
  ]),
  ...roles.finance.map(
    (word) =>
      roles.operator.includes(word) &&
      `${at}.finance = "${word}": it stands for operator too; leave it in one`,
  ),
];

const signInFaults = (signIn: SignInSettings): Faults => {
  const at = 'financePage.signIn';
  if (signIn.kind === 'cognito') {
    const { loginPrefix } = signIn;
    return [
      loginPrefix !== null &&
        !LOGIN_PREFIX.test(loginPrefix) &&
        `${at}.loginPrefix = "${loginPrefix}": write lower-case letters, digits and hyphens, at most 63, ` +
          'without "aws", "amazon" and "cognito", or null',
    ];
  }
  const { issuer, clientId, scope, hosts, endSession, roles } = signIn;
  return [
    !ADDRESS.test(issuer) &&
      `${at}.issuer = "${issuer}": write the https address that its discovery document calls "issuer"`,
    !CLIENT_ID.test(clientId) &&
      `${at}.clientId = "${clientId}": write the id of the client at your provider`,
    scope !== null &&
      !scope.split(' ').includes('openid') &&
      `${at}.scope = "${scope}": name openid among the scopes, such as "openid email profile groups", or null`,
    ...hosts.map(
      (host) =>
        !DOMAIN.test(host) && `${at}.hosts = "${host}": write a domain in lower case, such as id.example.com`,
    ),
    endSession !== null &&
      !QUERIED.test(endSession) &&
      `${at}.endSession = "${endSession}": write the https address that ends the session, or null`,
    ...(roles === null ? [] : roleFaults(`${at}.roles`, roles)),
  ];
};

const financePageFaults = ({ domain, signIn }: StageSettings['financePage']): Faults => [
  domain !== null &&
    !DOMAIN.test(domain.name) &&
    `financePage.domain.name = "${domain.name}": write a domain in lower case, such as finance.example.com`,
  domain !== null &&
    !CERTIFICATE.test(domain.certificateArn) &&
    `financePage.domain.certificateArn = "${domain.certificateArn}": write the ARN of its certificate in ACM, ` +
      'which for CloudFront has to be in us-east-1',
  ...signInFaults(signIn),
];

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

const exportFaults = (to: StageSettings['export']): Faults => [
  to !== null &&
    !BUCKET.test(to.bucket) &&
    `export.bucket = "${to.bucket}": write 'create', or the name of a bucket (lower case, digits, . and -)`,
];

const whole = (field: string, value: number, least: number, most: number): string | false =>
  (!Number.isInteger(value) || value < least || value > most) &&
  `${field} = ${value}: write a whole number from ${least} to ${most}`;

const alarmFaults = ({
  email,
  sweepLagMinutes,
  refusedWebhooks,
  silenceHours,
}: StageSettings['alarms']): Faults => [
  email !== null && !EMAIL.test(email) && `alarms.email = "${email}": write an e-mail address, or null`,
  whole('alarms.sweepLagMinutes', sweepLagMinutes, 5, 1440),
  whole('alarms.refusedWebhooks', refusedWebhooks, 1, 100_000),
  silenceHours !== null && whole('alarms.silenceHours', silenceHours, 1, 24),
];

/**
 * Checks the settings of a stage against each other and against the policy. Throws one
 * {@link SettingsError} that names every fault and what to change.
 */
export const checkSettings = (stage: StageName, settings: StageSettings, policy: Policy): void => {
  const { clock, webhooks, logDays } = settings;
  const faults: Faults = [
    ...connectionFaults(settings),
    ...mailFaults(settings.mail, policy),
    ...operatorFaults(settings.operator, policy),
    ...pageFaults(settings.customerPage),
    ...financePageFaults(settings.financePage),
    ...alarmFaults(settings.alarms),
    ...exportFaults(settings.export),
    (!Number.isInteger(clock.sweepers) || clock.sweepers < 1 || SHARDS % clock.sweepers !== 0) &&
      `clock.sweepers = ${clock.sweepers}: write a number that divides the ${SHARDS} shards evenly`,
    whole('webhooks.perSecond', webhooks.perSecond, 1, 10_000),
    whole('webhooks.burst', webhooks.burst, 1, 5000),
    !LOG_DAYS.includes(logDays) && `logDays = ${logDays}: CloudWatch takes ${LOG_DAYS.join(', ')}`,
  ];
  const found = faults.filter((fault) => fault !== false);
  if (found.length > 0) throw new SettingsError(stage, found);
};

/** The stages that the context `stage` asks for: one, or all when it is not given. */
export const stagesFor = (asked: unknown): readonly StageName[] => {
  if (asked === undefined) return STAGES;
  const stage = STAGES.find((name) => name === asked);
  if (stage === undefined) {
    throw new Error(
      `there is no stage ${JSON.stringify(asked)}: write --context stage=${STAGES.join(' or ')}`,
    );
  }
  return [stage];
};
