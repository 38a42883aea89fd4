// The environment of every Lambda, parsed once at its start: every gap in one error.
import * as v from 'valibot';
import { isConnection } from '../core/ids.ts';
import type { Policy } from '../core/recovery/policy.ts';

/** A connection as the stack configures it: which events it takes, and the names of its secrets. */
const connectionShape = v.strictObject({
  /** Whether it takes live events; null takes both. */
  livemode: v.nullable(v.boolean('write true, false or null')),
  /** The one account it takes events of; null takes any. */
  account: v.nullable(v.string()),
  /** Name of the secret that holds the signing secrets: one a line, two while one is rolled. */
  webhookSecretName: v.pipe(v.string(), v.nonEmpty('name the secret')),
  /** Name of the secret that holds the API key; a restricted key is enough. */
  apiKeySecretName: v.pipe(v.string(), v.nonEmpty('name the secret')),
});

const text = (what: string) => v.pipe(v.string(`${what} is missing`), v.nonEmpty(`${what} is empty`));

const parseJson = (value: string): unknown => {
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
};

const connections = v.pipe(
  text('CONNECTIONS'),
  v.transform(parseJson),
  v.record(
    v.pipe(
      v.string(),
      v.check(isConnection, 'a connection is named by lower-case letters, digits and hyphens'),
    ),
    connectionShape,
    'CONNECTIONS is a JSON object, one entry a connection',
  ),
);

const SHAPES = {
  TABLE_NAME: text('TABLE_NAME'),
  CONNECTIONS: connections,
  /** The names of the connections alone: for who asks no provider, and so needs no name of a secret. */
  CONNECTION_NAMES: v.pipe(
    text('CONNECTION_NAMES'),
    v.transform(parseJson),
    v.array(
      v.pipe(
        v.string('a connection is a text'),
        v.check(isConnection, 'a connection is named by lower-case letters, digits and hyphens'),
      ),
      'CONNECTION_NAMES is a JSON list of names',
    ),
  ),
  /** Which claims of a token may hold roles, and which of their words stand for which. */
  ROLE_CLAIMS: v.pipe(
    text('ROLE_CLAIMS'),
    v.transform(parseJson),
    v.strictObject(
      { claims: v.array(v.string()), finance: v.array(v.string()), operator: v.array(v.string()) },
      'ROLE_CLAIMS is a JSON object with claims, finance and operator',
    ),
  ),
  CONFIGURATION_SET: text('CONFIGURATION_SET'),
  /** The SES tenant to send in the name of; empty = none. */
  SES_TENANT: v.pipe(
    v.string('SES_TENANT is missing: leave it empty for none'),
    v.transform((name) => (name === '' ? null : name)),
  ),
  /** The bucket that cases are exported to. */
  EXPORT_BUCKET: text('EXPORT_BUCKET'),
  STAGE: v.picklist(['dev', 'prod'], 'STAGE is dev or prod'),
  /** Name of the secret that holds where `notify` steps are posted, and what they are signed with. */
  OPERATOR_WEBHOOK_SECRET: text('OPERATOR_WEBHOOK_SECRET'),
  /** Name of the secret with the keys that links to the customer's page are signed with. */
  LINK_SECRET: text('LINK_SECRET'),
  /** Where the customer's page is reached, without a slash at its end. */
  LINK_BASE_URL: v.pipe(
    text('LINK_BASE_URL'),
    v.regex(/^https:\/\/[^\s?#]+[^\s?#/]$/, 'LINK_BASE_URL begins with https:// and ends without a slash'),
  ),
  /** Hosts besides those of Stripe on which invoices are paid. */
  PAYMENT_HOSTS: v.pipe(
    text('PAYMENT_HOSTS'),
    v.transform(parseJson),
    v.array(v.string('a host is a text'), 'PAYMENT_HOSTS is a JSON list of hosts'),
  ),
} as const;

/** Every variable a function can be given, with what it holds once parsed. */
export type Environment = { readonly [K in keyof typeof SHAPES]: v.InferOutput<(typeof SHAPES)[K]> };
/** The names of the variables: what the stack may set. */
export type VariableName = keyof Environment;

/** The variables that the `notify` steps of a policy need: none when no step tells the business by webhook. */
export const variablesToNotify = ({ campaigns }: Policy): readonly 'OPERATOR_WEBHOOK_SECRET'[] =>
  campaigns.some(({ steps }) => steps.some((step) => step.kind === 'notify' && step.to === 'webhook'))
    ? ['OPERATOR_WEBHOOK_SECRET']
    : [];

/** Reads the variables a function needs. Throws one error that names every gap and what to change. */
export const readEnvironment = <K extends VariableName>(
  names: readonly K[],
  variables: Readonly<Record<string, string | undefined>>,
): Pick<Environment, K> => {
  const gaps: string[] = [];
  const read: Partial<Record<VariableName, unknown>> = {};
  for (const name of names) {
    const parsed = v.safeParse(SHAPES[name], variables[name]);
    if (parsed.success) read[name] = parsed.output;
    else {
      for (const issue of parsed.issues)
        gaps.push(`  ${[name, v.getDotPath(issue)].filter(Boolean).join('.')}: ${issue.message}`);
    }
  }
  if (gaps.length > 0) throw new Error(`the environment is not complete:\n${gaps.join('\n')}`);
  return read as Pick<Environment, K>;
};
