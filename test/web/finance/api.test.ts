// How the finance page asks its API when a token is not taken any more: once more with a newer one, and never round and round.
import { afterEach, expect, test, vi } from 'vitest';
import { addressOf, createApi, type Session } from '../../../web/finance/api.ts';
import { AskError } from '../../../web/finance/problem.ts';

afterEach(() => vi.unstubAllGlobals());

const problem = (status: number) => new Response('{"detail":"why"}', { status });

/** An API that takes one token, and a session that gets the next one whenever it is asked to. */
const rigOf = (taken: string) => {
  const sent: string[] = [];
  const rig = { taken, sent, renewals: 0, status: 200 };
  vi.stubGlobal('fetch', async (_: string, init: RequestInit) => {
    const token = new Headers(init.headers).get('authorization') ?? 'none';
    sent.push(token);
    await Promise.resolve();
    if (token !== `Bearer ${rig.taken}`) return problem(401);
    return rig.status === 200 ? new Response('{"is":"good"}') : problem(rig.status);
  });
  let n = 1;
  let renewing: Promise<string> | null = null;
  const renew = async (): Promise<string> => {
    rig.renewals += 1;
    await Promise.resolve();
    n += 1;
    renewing = null;
    return `token ${n}`;
  };
  const session: Session = { token: () => `token ${n}`, renew: () => (renewing ??= renew()) };
  return Object.assign(rig, { api: createApi('/api', session) });
};

const askedOf = (asking: Promise<unknown>) =>
  asking.then(
    () => 'good',
    (error: unknown) => (error instanceof AskError ? error.problem.kind : 'another error'),
  );

test('a token that was taken and is not any more is renewed, once for all who ask at the time', async () => {
  const rig = rigOf('token 1');
  await rig.api.get('/me', {});
  rig.taken = 'token 2';
  const all = await Promise.all(['/me', '/health', '/policy'].map((path) => askedOf(rig.api.get(path, {}))));
  expect(all).toEqual(['good', 'good', 'good']);
  expect(rig.renewals).toBe(1);
});

test('each token is renewed in its turn', async () => {
  const rig = rigOf('token 1');
  for (const taken of ['token 1', 'token 2', 'token 3']) {
    rig.taken = taken;
    expect(await askedOf(rig.api.get('/me', {}))).toBe('good');
  }
  expect(rig.renewals).toBe(2);
});

test('a token that was never taken is not renewed: another would not be taken either', async () => {
  const rig = rigOf('of somebody else');
  expect(await askedOf(rig.api.get('/me', {}))).toBe('signed_out');
  expect(rig.sent).toEqual(['Bearer token 1']);
  expect(rig.renewals).toBe(0);
});

test('when the newer one is not taken either it ends there, and with the next question too', async () => {
  const rig = rigOf('token 1');
  await rig.api.get('/me', {});
  rig.taken = 'of somebody else';
  expect(await askedOf(rig.api.get('/me', {}))).toBe('signed_out');
  expect(await askedOf(rig.api.get('/me', {}))).toBe('signed_out');
  expect(rig.renewals).toBe(1);
});

test.each([403, 404, 500])('%i is told, and is no matter of the token', async (status) => {
  const rig = rigOf('token 1');
  rig.status = status;
  expect(await askedOf(rig.api.get('/me', {}))).toBe('told');
  expect(rig.renewals).toBe(0);
});

test('where nobody signs in no token is sent, and none is asked for', async () => {
  const renew = vi.fn<Session['renew']>();
  vi.stubGlobal('fetch', async (_: string, init: RequestInit) =>
    problem(new Headers(init.headers).has('authorization') ? 500 : 401),
  );
  const api = createApi('/api', { token: () => null, renew });
  expect(await askedOf(api.get('/me', {}))).toBe('signed_out');
  expect(renew).not.toHaveBeenCalled();
});

test('an address says the same in the same order', () => {
  expect(addressOf('/api', '/cases', { to: '2026-03', from: '2026-02' })).toBe(
    '/api/cases?from=2026-02&to=2026-03',
  );
  expect(addressOf('/api', '/me', {})).toBe('/api/me');
});
