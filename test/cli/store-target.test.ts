// Which store a command works on: chosen in one place, and what is missing is said with what to do.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createDynamoStore } from '../../adapters/dynamodb/store.ts';
import { tableOf, tablePrefix, withStore, type StoreOptions } from '../../cli/store-target.ts';
import { UserError } from '../../cli/user-error.ts';
import { addMs } from '../../core/time.ts';
import { createTable, startEmbeddedDynamo } from '../../local/embedded-dynamodb.ts';
import { folderOf, openFolder } from '../../local/server/folder.ts';
import { startRig, tidyUp } from '../local/server-rig.ts';
import { at, customerOf, FAILED_AT, keyOf } from '../support/customers.ts';
import { freshBase, makeFolder, recoupHere, recoupIn } from '../support/recoup.ts';

const NOW = at('2026-03-02T12:00Z');
const LATER = at('2026-03-09T12:00Z');
const KEY = keyOf('cus_1');

const openIn = (base: string, options: StoreOptions = {}, env: Record<string, string> = {}) =>
  withStore(
    options,
    async ({ kind, where, now, store }) => ({
      kind,
      where,
      now: now(),
      version: (await store.load(KEY, NOW)).version,
    }),
    { base, env, machineNow: () => NOW },
  );

afterEach(tidyUp);

describe('on this machine', () => {
  test('it is the demonstration, at the time where its clock stands', async () => {
    const base = freshBase();
    await makeFolder(base, 'demo', LATER, (store) => store.save(customerOf(KEY)));
    expect(await openIn(base)).toEqual({
      kind: 'demo',
      where: 'the demonstration (.recoup/demo)',
      now: LATER,
      version: 1,
    });
  });

  test('a clock that was left behind or moved on runs along with the machine’s', async () => {
    const base = freshBase();
    const path = await makeFolder(base, 'demo', FAILED_AT);
    expect((await openIn(base)).now).toBe(NOW);
    openFolder(path).writeState({ at: FAILED_AT, offsetMs: 5000, demo: null });
    expect((await openIn(base)).now).toBe(addMs(NOW, 5000));
  });

  test.each<[string, StoreOptions, Record<string, string>]>([
    ['--live', { live: true }, {}],
    ['STRIPE_API_KEY', {}, { STRIPE_API_KEY: 'rk_test_1' }],
  ])('%s means the real account, beside the demonstration', async (_, options, env) => {
    const base = freshBase();
    await makeFolder(base, 'demo', NOW);
    await makeFolder(base, 'stripe', NOW, (store) => store.save(customerOf(KEY)));
    expect(await openIn(base, options, env)).toMatchObject({ kind: 'live', version: 1 });
    expect(await openIn(base, {}, { STRIPE_API_KEY: '' })).toMatchObject({ kind: 'demo', version: 0 });
  });

  test('without a folder, or with one that was never used, it says what to start, and makes none', async () => {
    const base = freshBase();
    await expect(openIn(base)).rejects.toThrow(
      new UserError(
        'there is no data in .recoup/demo yet: run npm start first, or name a stage with --stage',
      ),
    );
    await expect(openIn(base, { live: true })).rejects.toThrow('npm start with STRIPE_API_KEY set');
    mkdirSync(join(base, folderOf('demo')), { recursive: true });
    await expect(openIn(base)).rejects.toThrow('no data in .recoup/demo yet');
  });

  test('of two commands at once the second is told that the folder is in use', async () => {
    const base = freshBase();
    await makeFolder(base, 'demo', NOW);
    const surroundings = { base, env: {}, machineNow: () => NOW };
    const second = withStore({}, () => openIn(base).catch((error: unknown) => error), surroundings);
    expect(await second).toBeInstanceOf(UserError);
    expect(String(await second)).toContain('stop the other process that uses it');
    expect(await openIn(base)).toMatchObject({ kind: 'demo' });
  });
});

describe('while a server runs', () => {
  const start = async (base: string) => {
    const folder = join(base, folderOf('demo'));
    const rig = await startRig({ folder, source: { kind: 'demo', seed: 1, subscriptions: 0 } });
    await (await rig.system.useStore()).save(customerOf(KEY));
    return { rig, folder };
  };

  test('it is the server’s own store, at the time of its clock', async () => {
    const base = freshBase();
    const { rig } = await start(base);
    await rig.moveClock({ advance: '3d' });
    expect(await openIn(base)).toEqual({
      kind: 'demo',
      where: 'the demonstration (.recoup/demo)',
      now: rig.system.now(),
      version: 1,
    });
  });

  test('what a server that crashed has left behind leads nowhere: the folder is opened', async () => {
    const base = freshBase();
    const { rig, folder } = await start(base);
    const door = openFolder(folder).readStoreDoor();
    await rig.stop();
    if (door) openFolder(folder).writeStoreDoor(door);
    expect(await openIn(base)).toMatchObject({ version: 1 });
  });

  test('a stranger who listens there now is not taken for it', async () => {
    const base = freshBase();
    const { rig, folder } = await start(base);
    await rig.stop();
    const stranger = await startRig({ source: { kind: 'demo', seed: 1, subscriptions: 0 } });
    openFolder(folder).writeStoreDoor({ port: Number(new URL(stranger.url).port), token: 'old' });
    expect(await openIn(base)).toMatchObject({ version: 1 });
  });
});

describe('a stage', () => {
  test('has the one table of its name', () => {
    const names = ['recoup-dev-DataTableFDBAD0F2-1ABC', 'recoup-prod-DataTableFDBAD0F2-1DEF', 'orders'];
    expect(tableOf('dev', names)).toBe(names[0]);
    expect(tableOf('prod', names)).toBe(names[1]);
  });

  test('without a table, or with one left from before, asks for its name', () => {
    expect(() => tableOf('dev', ['orders', 'recoup-prod-DataTable1'])).toThrow(/AWS_PROFILE.*--table NAME/);
    const two = [`${tablePrefix('dev')}A-1`, `${tablePrefix('dev')}A-2`];
    expect(() => tableOf('dev', two)).toThrow(`2 tables of stage dev (${two.join(', ')})`);
  });

  test.each<[StoreOptions, string]>([
    [{ stage: 'dev', live: true }, 'either --stage or --live'],
    [{ table: 'any' }, '--table goes with --stage'],
  ])('%o is refused', async (options, words) => {
    await expect(openIn(freshBase(), options)).rejects.toThrow(words);
  });

  const AWS = { AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' };

  test('is found in the account and region of the caller, by its name or by --table', async () => {
    const engine = await startEmbeddedDynamo();
    const tableName = `${tablePrefix('dev')}FDBAD0F2-1ABC`;
    await createTable(engine.client, tableName);
    const store = createDynamoStore({ client: engine.client, tableName });
    await store.save(customerOf(KEY, { setAsideAt: FAILED_AT }));
    const env = { ...AWS, AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint };
    const base = freshBase();
    for (const [run, named] of [
      [recoupIn, []],
      [recoupHere, ['--table', tableName]],
    ] as const) {
      const { status, stdout, stderr } = await run(base, ['stuck', '--stage', 'dev', ...named], env);
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout).toContain(`stage dev (table ${tableName})`);
      expect(stdout).toContain(KEY);
    }
    const args = ['stuck', '--stage', 'dev', '--table', 'nowhere'];
    const wrong = await recoupHere(base, args, env);
    expect(wrong).toMatchObject({ status: 1, stdout: '' });
    expect(wrong.stderr).toMatch(/^recoup: DynamoDB, .*table "nowhere" .*is not there/);
    await engine.stop();
  });

  test('without a region or an account is told what to set', async () => {
    const none = { AWS_EC2_METADATA_DISABLED: 'true', HOME: freshBase() };
    const { status, stderr } = await recoupIn(freshBase(), ['stuck', '--stage', 'dev'], none);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^recoup: AWS cannot be asked: .*AWS_PROFILE.*AWS_REGION/);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test('that lib/config.ts does not have is refused with those that it has', async () => {
    const { status, stderr } = await recoupHere(freshBase(), ['stuck', '--stage', 'staging']);
    expect(status).toBe(1);
    expect(stderr).toContain('there is no stage "staging" in lib/config.ts: there is dev, prod');
  });
});
