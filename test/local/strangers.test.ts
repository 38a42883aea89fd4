// The local server asks nobody to sign in: what pages elsewhere can reach of it, by a request, a form, or a name that leads here.
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROUTES } from '../../functions/finance-api.ts';
import type { Source } from '../../local/server/system.ts';
import { startRig, tidyUp, type Rig } from './server-rig.ts';

const NO_EVENTS: Source = { kind: 'demo', seed: 1, subscriptions: 0 };

/** Every address that shows or moves something. Not those that ask for a signature or a signed link of their own. */
const ADDRESSES: readonly (readonly [string, string])[] = [
  ...Object.keys(ROUTES).map((name) => {
    const [method = '', path = ''] = name.split(' ');
    return [method, `/api${path.replaceAll(/\{\w+\}/g, 'stripe')}`] as const;
  }),
  ['GET', '/'],
  ['GET', '/config.json'],
  ['GET', '/assets/x.js'],
  ['GET', '/cases'],
  ['GET', '/outbox'],
  ['GET', '/outbox/1/html'],
  ['GET', '/preview'],
  ['GET', '/style.css'],
  ['GET', '/clock'],
  ['POST', '/clock'],
  ['POST', '/store/load'],
  ['OPTIONS', '/api/customers/stripe/cus_1/erase'],
  ['GET', '/nowhere'],
];

/** What the browser sends for a page elsewhere. `{host}`: the server's own. */
const STRANGERS: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['a page elsewhere', { origin: 'https://elsewhere.example' }],
  ['a page of another program on this machine', { origin: 'http://localhost:3000' }],
  ['a page that names no origin', { origin: 'null' }],
  ['a name that leads here', { host: 'elsewhere.example:4100' }],
  ['a name that leads here, with its own origin', { host: 'evil.test', origin: 'http://evil.test' }],
  ['a name that begins like ours', { host: 'localhost.evil.test' }],
  ['a name that ends like ours', { host: 'evil-localhost:4100' }],
];

describe('the local server', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig({ source: NO_EVENTS });
  });
  afterAll(tidyUp);

  // `fetch` sends its own host.
  const ask = (method: string, path: string, headers: Readonly<Record<string, string>>): Promise<number> =>
    new Promise((resolve, reject) => {
      const json = { 'content-type': 'application/json' };
      const asked = request(`${rig.url}${path}`, { method, headers: { ...json, ...headers } }, (answer) => {
        answer.resume();
        answer.on('end', () => resolve(answer.statusCode ?? 0));
      });
      asked.on('error', reject);
      asked.end(method === 'POST' ? '{"note":"x","advance":"3d"}' : undefined);
    });

  test.each(STRANGERS)('answers nothing and does nothing for %s', async (_, headers) => {
    const before = rig.system.now();
    for (const [method, path] of ADDRESSES) {
      expect([method, path, await ask(method, path, headers)]).toEqual([method, path, 403]);
    }
    expect(rig.system.now()).toBe(before);
  });

  test.each(['localhost', '127.0.0.1', '[::1]'])('answers its own pages under %s', async (name) => {
    const host = `${name}:${new URL(rig.url).port}`;
    expect(await ask('GET', '/api/me', { host })).toBe(200);
    expect(await ask('GET', '/api/me', { host, origin: `http://${host}` })).toBe(200);
  });

  test('takes no action as a form would send it', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
      expect(await ask('POST', '/api/customers/stripe/cus_1/erase', { 'content-type': type })).toBe(415);
    }
  });

  test.each(ADDRESSES.filter(([method]) => method === 'GET'))(
    'lets no page elsewhere take in what it answers to %s %s',
    async (_, path) => {
      const { headers } = await rig.get(path);
      expect(Object.fromEntries(headers)).toMatchObject({
        'cross-origin-resource-policy': 'same-origin',
        'x-content-type-options': 'nosniff',
        'referrer-policy': expect.stringMatching(/^(same-origin|no-referrer)$/),
        'content-security-policy': expect.stringContaining("default-src 'none'"),
      });
      expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    },
  );
});
