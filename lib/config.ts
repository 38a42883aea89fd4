// The settings of each stage. Yours to edit; refused at synth when they make no sense.
import type { StageSettings, StageName } from './settings.ts';

const config: Readonly<Record<StageName, StageSettings>> = {
  dev: {
    // Each connection is one account at the provider, with a route of its own: POST /webhooks/<name>.
    connections: {
      stripe: {
        livemode: false,
        account: null,
        webhookSecretName: 'recoup/dev/stripe/webhook',
        apiKeySecretName: 'recoup/dev/stripe/api-key',
      },
    },
    // Where `notify` steps of policy.ts to 'webhook' are posted. Without such a step it is not read.
    operator: { webhookSecretName: 'recoup/dev/operator/webhook' },
    // The page behind the link of every mail. With a domain of your own before its API, say so in `baseUrl`.
    customerPage: {
      linkSecretName: 'recoup/dev/links',
      baseUrl: null,
      paymentHosts: [],
      perSecond: 20,
      burst: 50,
    },
    // Where finance staff sign in and look: docs/deploy.md says how people are invited, and how to take your own provider.
    financePage: { domain: null, signIn: { kind: 'cognito', mfa: 'required', loginPrefix: null } },
    // The domain of `sender.email` in policy.ts. 'use' when another stack of this account and region made it.
    mail: { domain: 'example.com', identity: 'create', tenant: null, trackOpensAndClicks: false },
    alarms: { email: null, sweepLagMinutes: 30, refusedWebhooks: 5, silenceHours: null },
    // { bucket: 'create' } or the name of yours puts every case there once a day: docs/export.md.
    export: null,
    clock: { sweepers: 1, reserveConcurrency: false },
    webhooks: { perSecond: 20, burst: 50 },
    logDays: 14,
    tracing: false,
  },

  prod: {
    connections: {
      stripe: {
        livemode: true,
        account: null,
        webhookSecretName: 'recoup/prod/stripe/webhook',
        apiKeySecretName: 'recoup/prod/stripe/api-key',
      },
    },
    operator: { webhookSecretName: 'recoup/prod/operator/webhook' },
    customerPage: {
      linkSecretName: 'recoup/prod/links',
      baseUrl: null,
      paymentHosts: [],
      perSecond: 50,
      burst: 100,
    },
    financePage: { domain: null, signIn: { kind: 'cognito', mfa: 'required', loginPrefix: null } },
    mail: { domain: 'example.com', identity: 'create', tenant: null, trackOpensAndClicks: false },
    alarms: { email: null, sweepLagMinutes: 15, refusedWebhooks: 5, silenceHours: 24 },
    export: null,
    clock: { sweepers: 1, reserveConcurrency: true },
    webhooks: { perSecond: 50, burst: 100 },
    logDays: 90,
    tracing: false,
  },
};

export default config;
