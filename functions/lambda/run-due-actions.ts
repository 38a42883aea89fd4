// The Lambda that the schedule calls each minute.
import { join } from 'node:path';
import { SHARDS } from '../../adapters/dynamodb/table-shape.ts';
import { createComposer } from '../../adapters/email/render.ts';
import { loadTemplates, requireTexts } from '../../adapters/email/templates.ts';
import { LINK_KEYS_SECRET, type LinkKeys } from '../../adapters/links/keys.ts';
import { linksFor, withLinks } from '../../adapters/links/mails.ts';
import { createOperatorNotifier } from '../../adapters/operator/notifier.ts';
import { TARGET_SECRET } from '../../adapters/operator/webhook.ts';
import { createSesClient, createSesMailer, createSesOperatorMailer } from '../../adapters/ses/mailer.ts';
import { createStripeProvider } from '../../adapters/stripe/provider.ts';
import { invariant } from '../../core/assert.ts';
import { definePolicy } from '../../core/recovery/policy.ts';
import { textsIn } from '../../core/recovery/variants.ts';
import policyInput from '../../policy.ts';
import { variablesToNotify } from '../environment.ts';
import { observe } from '../middleware.ts';
import { makeRunDueActions, REQUESTS_PER_SECOND } from '../run-due-actions.ts';
import { backOff, environment, now, openSecrets, openSecretsOf, openStore } from './root.ts';
import { openStripeClients } from './stripe-clients.ts';

const policy = definePolicy(policyInput);
const [webhook] = variablesToNotify(policy);
const variables = environment(
  'TABLE_NAME',
  'CONNECTIONS',
  'CONFIGURATION_SET',
  'SES_TENANT',
  'STAGE',
  'LINK_SECRET',
  'LINK_BASE_URL',
  ...variablesToNotify(policy),
);
const { TABLE_NAME, CONNECTIONS, CONFIGURATION_SET, SES_TENANT, STAGE, LINK_SECRET, LINK_BASE_URL } =
  variables;
const observed = observe('run-due-actions', STAGE);
const clientFor = openStripeClients(CONNECTIONS, openSecrets(observed.telemetry));
const ses = { client: createSesClient(), configurationSet: CONFIGURATION_SET, tenant: SES_TENANT };
const targets = openSecretsOf(TARGET_SECRET, observed.telemetry);
const linkSecrets = openSecretsOf(LINK_KEYS_SECRET, observed.telemetry);

/** Read before every tick: mails are composed without waiting for anything. */
let linkKeys: LinkKeys | null = null;
const keysNow = (): LinkKeys => {
  invariant(linkKeys, 'the keys of links are read before a tick begins');
  return linkKeys;
};
// The bundle carries the folder of the emails beside it.
const templates = loadTemplates(join(__dirname, 'emails'));
requireTexts(templates, textsIn(policy));
const linkFor = linksFor({ keys: keysNow, baseUrl: () => LINK_BASE_URL, now });

const sweep = makeRunDueActions({
  store: openStore(TABLE_NAME),
  provider: createStripeProvider({ clientFor, now }),
  mailer: createSesMailer({
    ...ses,
    compose: withLinks(createComposer(templates), linkFor),
  }),
  notifier: createOperatorNotifier({
    sendMail: createSesOperatorMailer(ses),
    webhook: webhook === undefined ? null : () => targets.read(variables[webhook]),
    fetch,
    now,
  }),
  policy,
  telemetry: observed.telemetry,
  backOff,
  now,
  requestsPerSecond: REQUESTS_PER_SECOND,
  allShards: SHARDS,
});

export const handler = observed.lambda(async (event: unknown) => {
  linkKeys = await linkSecrets.read(LINK_SECRET);
  return sweep(event);
});
