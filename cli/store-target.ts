// Which store a command works on: the demonstration or a real account on this machine, or the table of a stage.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient, paginateListTables } from '@aws-sdk/client-dynamodb';
import type { Command } from 'commander';
import { fromSdk } from '../adapters/dynamodb/errors.ts';
import { createDynamoStore } from '../adapters/dynamodb/store.ts';
import { OutsideError, type Store } from '../core/ports.ts';
import { addMs, instantFromMs, later, toMs, type Instant } from '../core/time.ts';
import { openStore } from '../functions/lambda/root.ts';
import type config from '../lib/config.ts';
import { EMBEDDED_TABLE, startEmbeddedDynamo, type EmbeddedDynamo } from '../local/embedded-dynamodb.ts';
import { folderOf, openFolder, type Folder, type FolderState } from '../local/server/folder.ts';
import { createRemoteStore } from '../local/server/remote-store.ts';
import { UserError } from './user-error.ts';

/** A stage of lib/config.ts. */
export type Stage = keyof typeof config;
type Settings = (typeof config)[Stage];

/** What every command that works on a store takes; see {@link withStoreOptions}. */
export type StoreOptions = { readonly live?: boolean; readonly stage?: string; readonly table?: string };

/** A store that a command works on. */
export type StoreTarget = {
  readonly kind: 'demo' | 'live' | 'stage';
  /** Which it is, in words. */
  readonly where: string;
  readonly store: Store;
  /** The present there: that of the demonstration is where its clock stands. */
  readonly now: () => Instant;
};

type Opened = StoreTarget & { readonly close: () => Promise<void> };

/** What of the world outside decides which store it is. */
export type Surroundings = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly machineNow: () => Instant;
  /** The folder that the data folders stand in. */
  readonly base: string;
};

const SURROUNDINGS: Surroundings = {
  env: process.env,
  machineNow: () => instantFromMs(Date.now()),
  base: '.',
};

/** Adds the options that say which store a command works on. */
export const withStoreOptions = (command: Command): Command =>
  command
    .option('--live', 'the real account of the local server, as with STRIPE_API_KEY set')
    .option('--stage <name>', 'a deployed stage of lib/config.ts')
    .option('--table <name>', 'its table, when it is not found by its name');

/**
 * A stage and its settings. They are read only when a command names a stage: a mistake in them hinders no other. Throws
 * {@link UserError} for one that is not there.
 */
export const stageNamed = async (name: string): Promise<{ stage: Stage; settings: Settings }> => {
  const { default: stages } = await import('../lib/config.ts');
  if (Object.hasOwn(stages, name)) {
    const stage = name as Stage;
    return { stage, settings: stages[stage] };
  }
  throw new UserError(
    `there is no stage "${name}" in lib/config.ts: there is ${Object.keys(stages).join(', ')}`,
  );
};

const nothing = async (): Promise<void> => {};

/** The server that holds a folder, when one answers. */
const openRunning = async (
  folder: Folder,
  machineNow: () => Instant,
): Promise<Pick<Opened, 'store' | 'now' | 'close'> | null> => {
  const door = folder.readStoreDoor();
  if (door === null) return null;
  const remote = createRemoteStore(door);
  try {
    const aheadMs = toMs(await remote.now()) - toMs(machineNow());
    return { store: remote.store, now: () => addMs(machineNow(), aheadMs), close: nothing };
  } catch (error) {
    // Left behind by a server that crashed: then nobody holds the folder, or opening it says who does.
    if (error instanceof OutsideError) return null;
    throw error;
  }
};

/** Where the clock of a folder stands while nothing runs: where it would go on at the next start. */
const clockOf = (state: FolderState, machineNow: () => Instant) => (): Instant =>
  later(state.at, addMs(machineNow(), state.offsetMs)) ?? state.at;

const startEngine = async (folder: Folder): Promise<EmbeddedDynamo> => {
  try {
    return await startEmbeddedDynamo({ path: folder.tablePath });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UserError(`${why}. When it is npm start and has just begun, try again in a moment`);
  }
};

const openLocal = async (options: StoreOptions, { env, machineNow, base }: Surroundings): Promise<Opened> => {
  const isLive = options.live === true || Boolean(env['STRIPE_API_KEY']);
  const path = folderOf(isLive ? 'stripe' : 'demo');
  const kind = isLive ? 'live' : 'demo';
  const state = existsSync(join(base, path)) ? openFolder(join(base, path)).readState() : null;
  if (state === null) {
    const start = isLive ? 'npm start with STRIPE_API_KEY set' : 'npm start';
    throw new UserError(`there is no data in ${path} yet: run ${start} first, or name a stage with --stage`);
  }
  const folder = openFolder(join(base, path));
  const where = `${isLive ? 'the local server’s real account' : 'the demonstration'} (${path})`;
  const running = await openRunning(folder, machineNow);
  if (running) return { kind, where, ...running };
  const engine = await startEngine(folder);
  const now = clockOf(state, machineNow);
  const store = createDynamoStore({ client: engine.client, tableName: EMBEDDED_TABLE, now });
  return { kind, where, store, now, close: engine.stop };
};

/** How the names of a stage's tables begin: the stack's name and the table's place in it. */
export const tablePrefix = (stage: Stage): string => `recoup-${stage}-DataTable`;

const HOW_TO_NAME = 'name it: --table NAME (the output TableName of the deployment)';

/** The table of a stage among all the tables there are. Throws {@link UserError} unless there is exactly one. */
export const tableOf = (stage: Stage, names: readonly string[]): string => {
  const found = names.filter((name) => name.startsWith(tablePrefix(stage)));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  throw new UserError(
    only === undefined
      ? `there is no table ${tablePrefix(stage)}… in this AWS account and region: is it the right one ` +
          `(AWS_PROFILE, AWS_REGION), and is the stage deployed? Or ${HOW_TO_NAME}`
      : `there are ${found.length} tables of stage ${stage} (${found.join(', ')}); a stack that was taken down ` +
          `leaves its table. ${HOW_TO_NAME}`,
  );
};

const listTables = async (client: DynamoDBClient): Promise<string[]> => {
  const names: string[] = [];
  try {
    for await (const page of paginateListTables({ client }, {})) names.push(...(page.TableNames ?? []));
    return names;
  } catch (thrown) {
    const error = fromSdk(thrown, 'listing the tables', 'recoup-…');
    throw new UserError(`${error instanceof Error ? error.message : String(error)}. Or ${HOW_TO_NAME}`);
  }
};

/** Throws {@link UserError} when the region or the credentials are nowhere to be found. */
const checkAws = async (client: DynamoDBClient): Promise<void> => {
  try {
    await client.config.region();
    await client.config.credentials();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UserError(`AWS cannot be asked: ${why}. Set AWS_PROFILE or sign in, and set AWS_REGION`);
  }
};

const openStage = async (
  named: string,
  table: string | undefined,
  { machineNow }: Surroundings,
): Promise<Opened> => {
  const { stage } = await stageNamed(named);
  const client = new DynamoDBClient({ maxAttempts: 3 });
  try {
    await checkAws(client);
    const name = table ?? tableOf(stage, await listTables(client));
    const where = `stage ${stage} (table ${name})`;
    return { kind: 'stage', where, store: openStore(name), now: machineNow, close: nothing };
  } finally {
    client.destroy();
  }
};

/**
 * Opens the store that the options mean, and lets go of it once `work` is done. On this machine it is the store of the
 * running server when there is one, so that its clock sees what is written. Throws {@link UserError} with what to do.
 */
export const withStore = async <T>(
  options: StoreOptions,
  work: (target: StoreTarget) => Promise<T>,
  surroundings: Surroundings = SURROUNDINGS,
): Promise<T> => {
  const { stage, table, live } = options;
  if (stage !== undefined && live === true) throw new UserError('write either --stage or --live');
  if (stage === undefined && table !== undefined) throw new UserError('--table goes with --stage');
  const opened =
    stage === undefined
      ? await openLocal(options, surroundings)
      : await openStage(stage, table, surroundings);
  try {
    return await work(opened);
  } finally {
    await opened.close();
  }
};
