// The embedded engine: it keeps what it was given, and lets go of everything when it is stopped.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { createDynamoStore } from '../../../adapters/dynamodb/store.ts';
import { shardOf } from '../../../adapters/dynamodb/table-shape.ts';
import { EMBEDDED_TABLE, startEmbeddedDynamo } from '../../../local/embedded-dynamodb.ts';
import { FAILED_AT, customerOf, keyOf } from '../../support/customers.ts';

const ENGINE = import.meta.resolve('../../../local/embedded-dynamodb.ts');
const KEY = keyOf('cus_1');

const folder = async (): Promise<string> => {
  const path = await mkdtemp(join(tmpdir(), 'recoup-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
};

/** Runs a script in a process of its own, which must end by itself; returns what it printed. */
const run = async (script: string, ...args: readonly string[]): Promise<string> => {
  const source = `import { startEmbeddedDynamo } from ${JSON.stringify(ENGINE)};
    const [path] = process.argv.slice(1);
    ${script}`;
  const options = { timeout: 20_000 };
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', source, '--', ...args],
    options,
  );
  return stdout + stderr;
};

test('what is kept in a folder survives a restart, indexes and all', async () => {
  const path = await folder();
  const customer = customerOf(KEY, { dueAt: FAILED_AT });
  const first = await startEmbeddedDynamo({ path });
  await createDynamoStore({ client: first.client, tableName: EMBEDDED_TABLE }).save(customer);
  await first.stop();

  const second = await startEmbeddedDynamo({ path });
  onTestFinished(() => second.stop());
  const store = createDynamoStore({ client: second.client, tableName: EMBEDDED_TABLE });
  expect(await store.load(KEY, FAILED_AT)).toStrictEqual(customer);
  expect(await store.due(shardOf(KEY), FAILED_AT, 10)).toHaveLength(1);
});

test('what is kept in memory is gone after it', async () => {
  const first = await startEmbeddedDynamo();
  await createDynamoStore({ client: first.client, tableName: EMBEDDED_TABLE }).save(customerOf(KEY));
  await first.stop();
  const second = await startEmbeddedDynamo();
  onTestFinished(() => second.stop());
  const store = createDynamoStore({ client: second.client, tableName: EMBEDDED_TABLE });
  expect((await store.load(KEY, FAILED_AT)).version).toBe(0);
});

test('it never closes a connection just as the next request is on its way', async () => {
  const engine = await startEmbeddedDynamo();
  onTestFinished(() => engine.stop());
  // A server that would close idle connections says here after how long.
  expect((await fetch(engine.endpoint)).headers.get('keep-alive')).toBeNull();
});

test('it listens on the loopback interface only', async () => {
  const { endpoint, stop } = await startEmbeddedDynamo();
  onTestFinished(stop);
  expect(endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
});

test('once stopped, nothing keeps the process alive, and nothing was printed', async () => {
  expect(await run('const engine = await startEmbeddedDynamo(); await engine.stop();')).toBe('');
});

test('a folder that is in use is refused with what to do, and the first engine goes on', async () => {
  const printed = await run(
    `const first = await startEmbeddedDynamo({ path });
     const error = await startEmbeddedDynamo({ path }).catch((error) => error);
     console.log(error.message.replace(path, 'PATH'));
     await first.stop();`,
    await folder(),
  );
  expect(printed).toBe(
    'the data folder "PATH" cannot be opened: stop the other process that uses it, or name another\n',
  );
});
