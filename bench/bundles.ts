// The bundles as Lambda loads them: size, and time to import in a fresh process, against the least possible.
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { VariableName } from '../functions/environment.ts';
import { BUNDLES, bundleAll } from '../scripts/bundle.ts';
import { median } from './measure.ts';

const ROUNDS = 15;

/** What each function cannot do without: its AWS clients, made and nothing else. */
const BARE: Readonly<Record<string, string>> = {
  'bare-dynamodb': `
    import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
    export const handler = [new DynamoDBClient({}), GetItemCommand, PutItemCommand];`,
  'bare-dynamodb-ses': `
    import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
    import { SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
    const clients = [new DynamoDBClient({}), new SESv2Client({})];
    export const handler = [...clients, GetItemCommand, PutItemCommand, SendEmailCommand];`,
};
/** The others have DynamoDB's client only. */
const WITH_SES: ReadonlySet<string> = new Set(['run-due-actions', 'digest']);

/** Every variable that a function may ask for: without one of its own it does not load. */
const VARIABLES: Readonly<Record<VariableName, string>> = {
  TABLE_NAME: 'recoup',
  STAGE: 'dev',
  CONFIGURATION_SET: 'recoup',
  LINK_SECRET: 'links',
  LINK_BASE_URL: 'https://pay.example.com',
  PAYMENT_HOSTS: '[]',
  SES_TENANT: '',
  CONNECTION_NAMES: '["stripe"]',
  ROLE_CLAIMS: '{"claims":["groups"],"finance":["finance"],"operator":["operator"]}',
  OPERATOR_WEBHOOK_SECRET: 'operator',
  EXPORT_BUCKET: 'exports',
  CONNECTIONS: JSON.stringify({
    stripe: { livemode: false, account: null, webhookSecretName: 'webhook', apiKeySecretName: 'key' },
  }),
};

const ENVIRONMENT = {
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'bench',
  AWS_SECRET_ACCESS_KEY: 'bench',
  ...VARIABLES,
};

/** The bare clients, by the very same settings but as the SDK ships: with its whole chain of credentials. */
const buildBare = async (folder: string): Promise<void> => {
  for (const [name, contents] of Object.entries(BARE)) {
    await build({
      stdin: { contents, resolveDir: import.meta.dirname, loader: 'ts' },
      outfile: join(folder, name, 'index.js'),
      bundle: true,
      minify: true,
      platform: 'node',
      target: 'node24',
      format: 'cjs',
      mainFields: ['module', 'main'],
      logLevel: 'warning',
    });
  }
};

/** Milliseconds from the start of the import to its end, in a process of its own. */
const importMs = (file: string): number => {
  const script = `const t = performance.now();
    require(${JSON.stringify(file)});
    console.log('ms', performance.now() - t)`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ['-e', script], {
    encoding: 'utf8',
    env: { ...process.env, ...ENVIRONMENT },
  });
  const ms = /ms ([\d.]+)/.exec(stdout)?.[1];
  if (status !== 0 || ms === undefined) throw new Error(`${file} does not load: ${stderr}`);
  return Number(ms);
};

const round = (value: number): number => Number(value.toFixed(value < 10 ? 2 : 1));

/** Size in KB (1,000 bytes), import in ms (median of 15 that alternate), the ratio to the bare clients. */
export const benchBundles = async (): Promise<Record<string, number>> => {
  const folder = await mkdtemp(join(tmpdir(), 'recoup-bench-'));
  try {
    const bytes = await bundleAll(folder);
    await buildBare(folder);
    await writeFile(join(folder, 'empty.js'), 'exports.handler = async () => {};');
    const names = [...Object.keys(BARE), ...BUNDLES];
    const files = new Map([
      ['empty', join(folder, 'empty.js')],
      ...names.map((n) => [n, join(folder, n, 'index.js')] as const),
    ]);
    const times = new Map<string, number[]>([...files.keys()].map((name) => [name, []]));
    for (let i = 0; i < ROUNDS; i += 1) {
      for (const [name, file] of files) times.get(name)?.push(importMs(file));
    }
    const ms = (name: string): number => median(times.get(name) ?? []);
    const figures: Record<string, number> = { 'empty import ms': round(ms('empty')) };
    for (const name of Object.keys(BARE)) figures[`${name} import ms`] = round(ms(name));
    for (const name of BUNDLES) {
      figures[`${name} KB`] = Math.round((bytes[name] ?? 0) / 1000);
      figures[`${name} import ms`] = round(ms(name));
      figures[`${name} import over bare client`] = round(
        ms(name) / ms(WITH_SES.has(name) ? 'bare-dynamodb-ses' : 'bare-dynamodb'),
      );
    }
    return figures;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
