// The Lambda of the finance API: reports, cases, and what an operator may do, for whom API Gateway has signed in.
import { join } from 'node:path';
import { loadTemplates } from '../../adapters/email/templates.ts';
import { definePolicy } from '../../core/recovery/policy.ts';
import packageJson from '../../package.json' with { type: 'json' };
import policyInput from '../../policy.ts';
import { makeFinanceApi } from '../finance-api.ts';
import { createReadMail } from '../finance/read-mail.ts';
import { signedInBy } from '../finance/signed-in.ts';
import { observe } from '../middleware.ts';
import { REQUESTS_PER_SECOND } from '../run-due-actions.ts';
import { backOff, environment, now, openStore } from './root.ts';

const { TABLE_NAME, CONNECTION_NAMES, ROLE_CLAIMS, STAGE } = environment(
  'TABLE_NAME',
  'CONNECTION_NAMES',
  'ROLE_CLAIMS',
  'STAGE',
);
const policy = definePolicy(policyInput);
const observed = observe('finance-api', STAGE);

export const handler = observed.lambda(
  makeFinanceApi({
    store: openStore(TABLE_NAME),
    policy,
    connections: CONNECTION_NAMES,
    // The bundle carries the folder of the emails beside it.
    readMail: createReadMail(() => loadTemplates(join(__dirname, 'emails')), policy),
    where: `stage ${STAGE}`,
    version: packageJson.version,
    requestsPerSecond: REQUESTS_PER_SECOND,
    backOff,
    signedIn: signedInBy(ROLE_CLAIMS),
    now,
    onError: observed.onError,
  }),
);
