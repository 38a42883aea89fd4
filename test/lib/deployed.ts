// The templates of both stages as `npx cdk synth` writes them, with empty bundles for the built ones.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import config from '../../lib/config.ts';
import { createRecoupApp, type Deployment } from '../../lib/recoup-app.ts';
import { STAGES, type StageName, type StageSettings } from '../../lib/settings.ts';
import policy from '../../policy.ts';

const DOORS = [
  'receive-webhook',
  'run-due-actions',
  'record-delivery',
  'reconcile',
  'look-ahead',
  'customer-page',
  'finance-api',
  'export',
  'digest',
];

export type Deployed = Readonly<Record<StageName, Template>>;

/** Runs `work` with a folder of empty bundles and one for what the app writes; both are gone afterwards. */
export const withFolders = <T>(work: (bundles: string, outdir: string) => T): T => {
  const folder = mkdtempSync(join(tmpdir(), 'recoup-lib-'));
  const bundles = join(folder, 'bundles');
  for (const door of DOORS) {
    mkdirSync(join(bundles, door), { recursive: true });
    writeFileSync(join(bundles, door, 'index.js'), `// ${door}`);
  }
  mkdirSync(join(bundles, 'finance-page', 'assets'), { recursive: true });
  writeFileSync(join(bundles, 'finance-page', 'index.html'), '<!doctype html><title>x</title>');
  try {
    return work(bundles, join(folder, 'out'));
  } finally {
    rmSync(folder, { recursive: true });
  }
};

/** The settings of a stage with some of them changed. */
export const changed = (stage: StageName, settings: Partial<StageSettings>): Deployment['stages'] => ({
  ...config,
  [stage]: { ...config[stage], ...settings },
});

/** The app before it is synthesized, for a look at what is refused. */
export const openApp = (
  bundles: string,
  outdir: string,
  deployment: Partial<Deployment> = {},
  context: Readonly<Record<string, unknown>> = {},
): App =>
  createRecoupApp(
    { policy, stages: config, bundles, ...deployment },
    // The CDK's own assets are large, and nobody here looks at them.
    { outdir, context: { 'aws:cdk:disable-asset-staging': true, ...context } },
  );

/** The names of the stacks that are made when the context asks for them. */
export const stackNames = (context: Readonly<Record<string, unknown>>): string[] =>
  withFolders((bundles, outdir) =>
    openApp(bundles, outdir, {}, context).node.children.map(({ node }) => node.id),
  ).filter((id) => id.startsWith('recoup-'));

/** A machine that is busy takes long to load the CDK. */
export const PATIENCE_MS = 60_000;

const deploy = <S extends StageName>(
  wanted: readonly S[],
  deployment: Partial<Deployment>,
  context: Readonly<Record<string, unknown>>,
): Readonly<Record<S, Template>> =>
  withFolders((bundles, outdir) => {
    const assembly = openApp(bundles, outdir, deployment, context).synth();
    const templates = wanted.map((stage) => [
      stage,
      Template.fromJSON(assembly.getStackByName(`recoup-${stage}`).template as Record<string, unknown>),
    ]);
    return Object.fromEntries(templates) as Readonly<Record<S, Template>>;
  });

/** The template of one stage with some settings changed, or another policy. */
export const deployStage = (
  stage: StageName,
  settings: Partial<StageSettings> = {},
  deployment: Partial<Deployment> = {},
): Template => deploy([stage], { stages: changed(stage, settings), ...deployment }, { stage })[stage];

/** The templates of both stages as lib/config.ts has them. */
export const deployAll = (): Deployed => deploy(STAGES, {}, {});

/** The default policy, with a step in its last campaign that tells the business by webhook. */
export const TELLING: Deployment['policy'] = {
  ...policy,
  campaigns: policy.campaigns.map((campaign, i, all) =>
    i < all.length - 1
      ? campaign
      : {
          ...campaign,
          steps: [...campaign.steps, { id: 'tell-us', kind: 'notify', delayDays: 9, to: 'webhook' }],
        },
  ),
};

/** The default policy, with every mail about the figures. */
export const MAILING: Deployment['policy'] = {
  ...policy,
  operator: { email: 'finance@example.com', digest: { weekly: true, monthly: true, alerts: true } },
};

/** The properties of every resource of a type, by logical id. */
export const propertiesOf = (template: Template, type: string): Record<string, Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(template.findResources(type)).map(([id, resource]) => [
      id,
      (resource as { Properties?: Record<string, unknown> }).Properties ?? {},
    ]),
  );

/** The properties of the one resource of a type whose logical id begins so. */
export const only = (template: Template, type: string, prefix = ''): Record<string, unknown> => {
  const found = Object.entries(propertiesOf(template, type)).filter(([id]) => id.startsWith(prefix));
  const [[, properties] = []] = found;
  if (!properties || found.length > 1) throw new Error(`there are ${found.length} of ${type} ${prefix}`);
  return properties;
};
