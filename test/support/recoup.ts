// The command, in a folder of its own and with nothing of this environment: as a process, or within this one.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { onTestFinished, vi } from 'vitest';
import { createDynamoStore } from '../../adapters/dynamodb/store.ts';
import { customerAt } from '../../adapters/dynamodb/table-shape.ts';
import { runCommand } from '../../cli/program.ts';
import type { CustomerKey } from '../../core/ids.ts';
import type { Store } from '../../core/ports.ts';
import type { Instant } from '../../core/time.ts';
import { EMBEDDED_TABLE, startEmbeddedDynamo } from '../../local/embedded-dynamodb.ts';
import { folderOf, openFolder } from '../../local/server/folder.ts';

const COMMAND = join(import.meta.dirname, '../../cli/recoup.mjs');

/** What a process before has compiled; where vitest.config.ts keeps it. */
const { NODE_COMPILE_CACHE } = process.env;
const COMPILED = NODE_COMPILE_CACHE ? { NODE_COMPILE_CACHE } : {};

/** What a run printed, and its exit code. */
export type Ran = { readonly status: number; readonly stdout: string; readonly stderr: string };

/** A folder to run commands in; gone when the test is over. */
export const freshBase = (): string => {
  const base = mkdtempSync(join(tmpdir(), 'recoup-cli-'));
  onTestFinished(() => rm(base, { recursive: true }));
  return base;
};

const environment = (env: Record<string, string>) => ({ PATH: process.env['PATH'], NO_COLOR: '1', ...env });

/** Runs `recoup` in a folder as people do: a process of its own. */
export const recoupIn = (base: string, args: readonly string[], env: Record<string, string> = {}) =>
  new Promise<Ran>((resolve) => {
    const options = { cwd: base, env: environment({ ...COMPILED, ...env }) };
    execFile(process.execPath, [COMMAND, ...args], options, (error, stdout, stderr) => {
      resolve({ status: error ? Number(error.code ?? 1) : 0, stdout, stderr });
    });
  });

/** Lends this process another folder and environment, and takes them back. */
const lend = (base: string, env: Record<string, string | undefined>): (() => void) => {
  const own = { folder: process.cwd(), exitCode: process.exitCode };
  process.chdir(base);
  for (const name of Object.keys(process.env)) vi.stubEnv(name, undefined);
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  process.exitCode = undefined;
  return () => {
    process.chdir(own.folder);
    vi.unstubAllEnvs();
    process.exitCode = own.exitCode;
  };
};

/** Everything that is printed from now on, and what ends the process, until it is restored. */
const listen = () => {
  const said = { stdout: '', stderr: '' };
  const take = (name: keyof typeof said, end: string) => (text: unknown) => {
    said[name] += `${String(text)}${end}`;
    return true;
  };
  const spies = [
    vi.spyOn(console, 'log').mockImplementation(take('stdout', '\n')),
    vi.spyOn(console, 'error').mockImplementation(take('stderr', '\n')),
    vi.spyOn(process.stdout, 'write').mockImplementation(take('stdout', '')),
    vi.spyOn(process.stderr, 'write').mockImplementation(take('stderr', '')),
    vi.spyOn(process, 'exit').mockImplementation((code) => {
      throw new Ended(Number(code ?? 0));
    }),
  ];
  return { said, restore: () => spies.forEach((spy) => spy.mockRestore()) };
};

class Ended extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`the process ended with ${status}`);
    this.status = status;
  }
}

/** Runs `recoup` within this process, where nothing has to be started; one command at a time. */
export const recoupHere = async (
  base: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Ran> => {
  const giveBack = lend(base, environment(env));
  const { said, restore } = listen();
  try {
    await runCommand(args);
    return { status: Number(process.exitCode ?? 0), ...said };
  } catch (error) {
    if (!(error instanceof Ended)) throw error;
    return { status: error.status, ...said };
  } finally {
    restore();
    giveBack();
  }
};

/** Makes a data folder as a server that was stopped leaves it, its clock at `at`, and fills its store. */
export const makeFolder = async (
  base: string,
  kind: 'demo' | 'stripe',
  at: Instant,
  fill: (store: Store) => Promise<void> = async () => {},
): Promise<string> => {
  const path = join(base, folderOf(kind));
  mkdirSync(path, { recursive: true });
  const folder = openFolder(path);
  folder.writeState({ at, offsetMs: 0, demo: null });
  await inFolder(path, fill);
  return path;
};

/** Works on the store of a data folder that nothing holds. */
export const inFolder = async <T>(path: string, work: (store: Store) => Promise<T>): Promise<T> => {
  const engine = await startEmbeddedDynamo({ path: openFolder(path).tablePath });
  try {
    return await work(createDynamoStore({ client: engine.client, tableName: EMBEDDED_TABLE }));
  } finally {
    await engine.stop();
  }
};

/** Leaves half of a customer's body in a data folder that nothing holds. */
export const damageIn = async (path: string, key: CustomerKey): Promise<void> => {
  const engine = await startEmbeddedDynamo({ path: openFolder(path).tablePath });
  const { pk, sk } = customerAt(key);
  await engine.client.send(
    new UpdateItemCommand({
      TableName: EMBEDDED_TABLE,
      Key: { pk: { S: pk }, sk: { S: sk } },
      UpdateExpression: 'SET body = :body',
      ExpressionAttributeValues: { ':body': { S: '{"v":1,' } },
    }),
  );
  await engine.stop();
};
