// The store of a running server, over its store API: the contract of every store, and who may not use it.
import { readdirSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { shardOf } from '../../adapters/dynamodb/table-shape.ts';
import { createMemoryStore } from '../../adapters/memory/store.ts';
import { InvariantError } from '../../core/assert.ts';
import { DamagedItemError, OutsideError, VersionConflictError, type Store } from '../../core/ports.ts';
import { addDays, addMs } from '../../core/time.ts';
import { openFolder } from '../../local/server/folder.ts';
import { createRemoteStore } from '../../local/server/remote-store.ts';
import { storeRoutes } from '../../local/server/store-api.ts';
import type { Source } from '../../local/server/system.ts';
import { errorOf, storeContract } from '../adapters/stores/contract.ts';
import { at, customerOf, keyOf } from '../support/customers.ts';
import { freshFolder, MACHINE, startRig, tidyUp, type Rig } from './server-rig.ts';

const NOW = at('2026-03-02T12:00Z');
const KEY = keyOf('cus_1');
const DOOR = { port: 4100, token: 'a token' };
const NO_EVENTS: Source = { kind: 'demo', seed: 1, subscriptions: 0 };

/** The store `behind` as another process sees it, without a socket between them. */
const across = (behind: Store, { token = DOOR.token, failures = [] as unknown[] } = {}) => {
  const app = storeRoutes({
    useStore: async () => behind,
    now: () => NOW,
    token: DOOR.token,
    onError: (error) => failures.push(error),
  });
  return createRemoteStore({ ...DOOR, token }, (url, init) => {
    const { pathname } = new URL(url);
    return app.request(pathname.replace('/store', ''), init);
  });
};

storeContract('the store API', async () => {
  const broken = new Set<string>();
  const fault = (operation: string, id: string): void => {
    if (operation === 'load' && broken.has(id)) throw new DamagedItemError(`customer ${id} cannot be read`);
  };
  const { store } = across(createMemoryStore({ fault }));
  return { store, damage: async (key) => void broken.add(key) };
});

describe('an error of the store arrives as itself', () => {
  test.each([
    ['another writer', new VersionConflictError('another writer was first')],
    ['a damaged item', new DamagedItemError('its field "facts" is missing')],
    ['a fault of ours', new InvariantError('a written version is 1 or more')],
    ['one that passes', new OutsideError('it did not answer', 'later')],
    ['one that asks to slow down', new OutsideError('slow down', 'later', true)],
    ['one that does not pass', new OutsideError('the item is too large', 'never')],
  ])('%s', async (_, error) => {
    const { store } = across(
      createMemoryStore({
        fault: () => {
          throw error;
        },
      }),
    );
    const thrown = await errorOf(store.load(KEY, NOW));
    expect(thrown).toBeInstanceOf(error.constructor);
    const told = (one: Error) => {
      const { message, retry, throttled } = one as OutsideError;
      return [one.name, message, retry, throttled];
    };
    expect(told(thrown)).toEqual(told(error));
  });

  test('any other is told to the console of the server and not to the caller', async () => {
    const failures: unknown[] = [];
    const secret = new Error('a detail');
    const fault = () => {
      throw secret;
    };
    const { store } = across(createMemoryStore({ fault }), { failures });
    expect((await errorOf(store.load(KEY, NOW))).message).toBe(
      'the running server failed; its console says how',
    );
    expect(failures).toEqual([secret]);
  });
});

test('no answer, and one that is not ours, is an error from outside that says what to do', async () => {
  const gone = createRemoteStore(DOOR, () => Promise.reject(new Error('ECONNREFUSED')));
  const stranger = createRemoteStore(DOOR, () => new Response('<h1>Another server</h1>'));
  for (const { store, now } of [gone, stranger, across(createMemoryStore(), { token: 'another' })]) {
    for (const asked of [store.load(KEY, NOW), now()]) {
      const error = await errorOf(asked);
      expect(error).toBeInstanceOf(OutsideError);
      expect(error.message).toContain('does not answer any more');
    }
  }
});

describe('a running server', () => {
  afterEach(tidyUp);

  const start = async (): Promise<{ rig: Rig; folder: string; door: { port: number; token: string } }> => {
    const folder = freshFolder();
    const rig = await startRig({ source: NO_EVENTS, folder });
    const door = openFolder(folder).readStoreDoor();
    if (!door) throw new Error('no door was left');
    return { rig, folder, door };
  };

  test('leaves how to get at its store where only its owner reads it, and takes it away at its end', async () => {
    const { rig, folder, door } = await start();
    const named = readdirSync(folder).filter((name) => name.startsWith('store-door'));
    expect(named).toEqual(['store-door.json']);
    expect(statSync(join(folder, 'store-door.json')).mode & 0o777).toBe(0o600);
    expect(door.token).toMatch(/^[0-9a-f]{64}$/);
    await rig.stop();
    expect(openFolder(folder).readStoreDoor()).toBeNull();
  });

  test('acts on what is written through it, at its own moment', async () => {
    const { rig, door } = await start();
    const { store, now } = createRemoteStore(door);
    await rig.moveClock({ advance: '1d' });
    expect(await now()).toBe(addDays(MACHINE, 1));
    await store.save(customerOf(KEY, { dueAt: addDays(MACHINE, 2) }));
    await rig.moveClock({ advance: '12h' });
    expect((await store.load(KEY, MACHINE)).version).toBe(1);
    await rig.moveClock({ advance: '1d' });
    const visited = await store.load(KEY, MACHINE);
    expect(visited.version).toBeGreaterThan(1);
    expect(await store.due(shardOf(KEY), addMs(await now(), -1), 10)).toEqual([]);
  });

  test('tells what is written through it to its pages', async () => {
    const { rig, door } = await start();
    const { store } = createRemoteStore(door);
    await store.save(customerOf(KEY, { dueAt: MACHINE }));
    await rig.system.tick();
    expect((await rig.get('/api/cases?customer=cus_1')).text).toContain('"outcome":"open"');
  });

  const ask = (rig: Rig, headers: Record<string, string>, path = '/store/listStuck', body = '[10]') =>
    fetch(`${rig.url}${path}`, { method: 'POST', headers, body });

  test.each([
    ['no token', () => ({}), 401],
    ['a wrong token', () => ({ authorization: `Bearer ${'0'.repeat(64)}` }), 401],
    [
      'the beginning of the token',
      (token: string) => ({ authorization: `Bearer ${token.slice(0, 63)}` }),
      401,
    ],
    ['the token as a page would send it', (token: string) => ({ ...bearer(token), origin: 'null' }), 403],
    ['the server’s own origin', (token: string, origin: string) => ({ ...bearer(token), origin }), 403],
  ])('refuses %s', async (_, headers, status) => {
    const { rig, door } = await start();
    const refused = await ask(rig, headers(door.token, rig.url));
    expect(refused.status).toBe(status);
    expect(refused.headers.get('access-control-allow-origin')).toBeNull();
    expect((await ask(rig, bearer(door.token))).status).toBe(200);
  });

  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

  test('refuses a name that leads to this machine, with the token too', async () => {
    const { rig, door } = await start();
    const status = await new Promise<number>((resolve, reject) => {
      const headers = { ...bearer(door.token), host: 'rebound.example' };
      const asked = request(`${rig.url}/store/now`, { method: 'POST', headers }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      asked.on('error', reject).end();
    });
    expect(status).toBe(403);
  });

  test('takes only the operations of the port, by POST, with a list', async () => {
    const { rig, door } = await start();
    const token = bearer(door.token);
    expect((await ask(rig, token, '/store/constructor')).status).toBe(404);
    expect((await ask(rig, token, '/store/load', '{"key":"stripe/cus_1"}')).status).toBe(400);
    expect((await ask(rig, token, '/store/load', 'not JSON')).status).toBe(400);
    expect((await fetch(`${rig.url}/store/listStuck`, { headers: token })).status).toBe(404);
  });
});
