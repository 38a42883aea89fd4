// The command as people run it: a process of its own, in a folder of its own, with nothing of this one's environment.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { onTestFinished } from 'vitest';
import { createDynamoStore } from '../../adapters/dynamodb/store.ts';
import { customerAt } from '../../adapters/dynamodb/table-shape.ts';
import type { CustomerKey } from '../../core/ids.ts';
import type { Store } from '../../core/ports.ts';
import type { Instant } from '../../core/time.ts';
import { EMBEDDED_TABLE, startEmbeddedDynamo } from '../../local/embedded-dynamodb.ts';
import { folderOf, openFolder } from '../../local/server/folder.ts';

const COMMAND = join(import.meta.dirname, '../../cli/recoup.mjs');

/** What a run printed, and its exit code. */
export type Ran = { readonly status: number; readonly stdout: string; readonly stderr: string };

/** A folder to run commands in; gone when the test is over. */
export const freshBase = (): string => {
  const base = mkdtempSync(join(tmpdir(), 'recoup-cli-'));
  onTestFinished(() => rm(base, { recursive: true }));
  return base;
};

/** Runs `recoup` in a folder. */
export const recoupIn = (base: string, args: readonly string[], env: Record<string, string> = {}) =>
  new Promise<Ran>((resolve) => {
    const options = { cwd: base, env: { PATH: process.env['PATH'], NO_COLOR: '1', ...env } };
    execFile(process.execPath, [COMMAND, ...args], options, (error, stdout, stderr) => {
      resolve({ status: error ? Number(error.code ?? 1) : 0, stdout, stderr });
    });
  });

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
