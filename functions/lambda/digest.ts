// The Lambda that the schedule calls each day to mail finance. It is deployed only where the policy has such a mail on.
import { createSesClient, createSesOperatorMailer } from '../../adapters/ses/mailer.ts';
import { definePolicy } from '../../core/recovery/policy.ts';
import policy from '../../policy.ts';
import { makeSendDigests } from '../digest.ts';
import { observe } from '../middleware.ts';
import { environment, now, openStore } from './root.ts';

const { TABLE_NAME, CONFIGURATION_SET, SES_TENANT, STAGE } = environment(
  'TABLE_NAME',
  'CONFIGURATION_SET',
  'SES_TENANT',
  'STAGE',
);
const observed = observe('digest', STAGE);

export const handler = observed.lambda(
  makeSendDigests({
    store: openStore(TABLE_NAME),
    policy: definePolicy(policy),
    send: createSesOperatorMailer({
      client: createSesClient(),
      configurationSet: CONFIGURATION_SET,
      tenant: SES_TENANT,
    }),
    now,
    where: `stage ${STAGE}`,
  }),
);
