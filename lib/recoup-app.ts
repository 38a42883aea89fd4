// The app: every stage that is asked for, after a check of policy and settings, and checked by cdk-nag.
import { Annotations, App, Validations, type AppProps } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { definePolicy, type PolicyInput } from '../core/recovery/policy.ts';
import { RecoupStack } from './recoup-stack.ts';
import { checkSettings, stagesFor, webhookSteps, type StageName, type StageSettings } from './settings.ts';

/** What is deployed. */
export type Deployment = {
  readonly policy: PolicyInput;
  readonly stages: Readonly<Record<StageName, StageSettings>>;
  /** The folder that the bundles were built into. */
  readonly bundles: string;
};

/** The domain that nobody owns: settings with it are the example's. */
const isExample = (domain: string): boolean => /(^|\.)example\.(com|net|org)$/.test(domain);

/** Makes the app. Throws a PolicyError or a SettingsError that names every fault and what to change. */
export const createRecoupApp = (deployment: Deployment, props: AppProps = {}): App => {
  const policy = definePolicy(deployment.policy);
  const app = new App(props);
  for (const stage of stagesFor(app.node.tryGetContext('stage'))) {
    const settings = deployment.stages[stage];
    checkSettings(stage, settings, policy);
    const stack = new RecoupStack(app, {
      stage,
      settings,
      bundles: deployment.bundles,
      postsNotices: webhookSteps(policy).length > 0,
      mailsFigures: Object.values(policy.operator?.digest ?? {}).some(Boolean),
    });
    if (isExample(settings.mail.domain)) {
      Annotations.of(stack).addWarningV2(
        'recoup:example-domain',
        `mails of stage ${stage} would come from ${settings.mail.domain}, which is nobody's: ` +
          'write your own domain in lib/config.ts and policy.ts before you deploy',
      );
    }
  }
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return app;
};
