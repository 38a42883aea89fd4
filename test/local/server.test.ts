// The local server over real HTTP: the door, the clock, what survives a restart, and what it refuses.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { createMemoryAccount } from '../../adapters/memory/account.ts';
import { definePolicy } from '../../core/recovery/policy.ts';
import { OutsideError } from '../../core/ports.ts';
import { addDays, DAY_MS, toMs, type Instant } from '../../core/time.ts';
import { createScriptedProvider } from '../../local/scripted-provider.ts';
import { openFolder } from '../../local/server/folder.ts';
import { stripeSource } from '../../local/server/real.ts';
import type { SendTo } from '../../local/server/send-to.ts';
import { serveSystem } from '../../local/server/serve.ts';
import { openSystem, type LocalSystem, type Source } from '../../local/server/system.ts';
import policyInput from '../support/plain-policy.ts';
import { debtor } from '../support/account.ts';
import { keyOf } from '../support/customers.ts';
import { story } from '../support/story.ts';
import { freshFolder, MACHINE, SECRET, startRig, tidyUp, type Rig } from './server-rig.ts';

afterEach(tidyUp);

const START = toMs(MACHINE) / 1000;
const NO_EVENTS: Source = { kind: 'demo', seed: 1, subscriptions: 0 };
const REAL: Source = {
  kind: 'stripe',
  provider: createScriptedProvider(),
  account: createMemoryAccount(),
  livemode: false,
};

/** Everything that is kept, in an order of its own. */
const kept = ({ books, mails, withheld }: LocalSystem) => ({
  cases: books
    .all()
    .map(({ record }) => record)
    .sort((a, b) => (a.id < b.id ? -1 : 1)),
  mails: mails.map(({ at, subject, to, stepId }) => ({ at, subject, to, stepId })),
  withheld: [...withheld],
});

describe('the webhook door', () => {
  test('a failed payment opens a case at the next look of the clock', async () => {
    const rig = await startRig({ source: NO_EVENTS });
    const s = story({ start: START, name: 'Grace Hopper' });
    const [charge, invoice] = s.failed(0, { code: 'expired_card' }) as [object, object];
    expect((await rig.deliver(charge)).body).toMatchObject({ outcome: 'ignored' });
    expect(await rig.deliver(invoice)).toEqual({ status: 200, body: { outcome: 'recorded' } });
    const cases = async () => (JSON.parse((await rig.get('/api/cases')).text) as { cases: object[] }).cases;
    expect(await cases()).toEqual([]);
    await rig.system.tick();
    expect(await cases()).toMatchObject([{ customer: s.customerId, outcome: 'open' }]);
    expect(rig.system.mails.map(({ message }) => message)).toEqual(['update-card']);
  });

  test('a wrong signature, none, and an unknown connection are refused, and nothing is recorded', async () => {
    const rig = await startRig({ source: NO_EVENTS });
    const [event] = story({ start: START }).failed(0);
    const post = (path: string, headers: Record<string, string>) =>
      fetch(`${rig.url}${path}`, { method: 'POST', headers, body: JSON.stringify(event) });
    const wrong = await post('/webhooks/stripe', { 'stripe-signature': `t=${START},v1=${'0'.repeat(64)}` });
    expect([wrong.status, await wrong.json()]).toEqual([
      400,
      { outcome: 'refused', reason: 'the signature does not fit' },
    ]);
    expect((await post('/webhooks/stripe', {})).status).toBe(400);
    expect((await post('/webhooks/other', {})).status).toBe(404);
    await rig.system.tick();
    expect(rig.system.books.all()).toEqual([]);
  });

  test('a body over 1 MiB is refused before it is read to the end', async () => {
    const rig = await startRig({ source: NO_EVENTS });
    const body = 'x'.repeat(1024 * 1024 + 1);
    expect((await fetch(`${rig.url}/webhooks/stripe`, { method: 'POST', body })).status).toBe(413);
  });

  test('signatures are checked by the machine’s clock, wherever the movable one stands', async () => {
    const rig = await startRig({ source: NO_EVENTS });
    await rig.moveClock({ advance: '3d' });
    const [charge, invoice] = story({ start: START }).failed(0) as [object, object];
    expect((await rig.deliver(charge)).status).toBe(200);
    expect((await rig.deliver(invoice, addDays(MACHINE, 3))).status).toBe(400);
  });

  test('in the demonstration the provider behind it knows what came over HTTP, after a restart too', async () => {
    const folder = freshFolder();
    const first = await startRig({ source: NO_EVENTS, folder });
    const s = story({ start: START });
    for (const event of s.failed(0, { code: 'expired_card' })) await first.deliver(event);
    await first.stop();
    const second = await startRig({ source: NO_EVENTS, folder });
    await second.system.tick();
    for (const event of s.paid(0)) await second.deliver(event);
    await second.system.tick();
    expect(kept(second.system).cases[0]?.invoices[0]).toMatchObject({ outcome: 'recovered' });
  });
});

describe('the clock', () => {
  test('moves on by a duration; what is due on the way happens in order, at its own moment', async () => {
    const rig = await startRig();
    const before = rig.system.mails.length;
    const { status, body } = await rig.moveClock({ advance: '10d' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ kind: 'moved', from: MACHINE, to: addDays(MACHINE, 10) });
    const sent = rig.system.mails.slice(before).map(({ at }) => at);
    expect(sent.length).toBeGreaterThan(0);
    expect(sent).toEqual(sent.toSorted());
    expect(sent.every((at) => at > MACHINE && at <= addDays(MACHINE, 10))).toBe(true);
    expect(new Set(sent).size).toBeGreaterThan(1);
    expect(body['mails']).toBe(sent.length);
  });

  test('moves on to a time, and from there runs along with the machine’s clock', async () => {
    const rig = await startRig({ source: NO_EVENTS });
    expect((await rig.moveClock({ to: '2026-03-05T12:00Z' })).body['now']).toBe('2026-03-05T12:00:00.000Z');
    rig.pass(5000);
    const shown = JSON.parse((await rig.get('/clock', 'application/json')).text) as unknown;
    expect(shown).toEqual({ now: '2026-03-05T12:00:05.000Z', movable: true });
  });

  test('a form moves it and is shown the page', async () => {
    const rig = await startRig({ source: NO_EVENTS });
    const post = (fields: Record<string, string>) =>
      fetch(`${rig.url}/clock`, {
        method: 'POST',
        headers: { accept: 'text/html' },
        body: new URLSearchParams(fields),
      });
    const moved = await post({ advance: '1d' });
    expect([moved.status, await moved.text()]).toEqual([200, expect.stringContaining('Moved to 3 Mar 2026')]);
    expect((await post({ to: '2026-03-04T10:00' })).status).toBe(200);
    expect(rig.system.now()).toBe('2026-03-04T10:00:00.000Z');
    const refused = await post({ to: '2026-03-01T10:00' });
    expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('never goes back')]);
  });

  test.each([
    ['not JSON', 'three days'],
    ['a list', []],
    ['nothing', {}],
    ['both', { advance: '1d', to: '2026-03-05T12:00:00Z' }],
    ['a duration without a unit', { advance: '3' }],
    ['a number', { advance: 3 }],
    ['backwards', { advance: '-1d' }],
    ['a time in the past', { to: '2026-03-01T12:00:00Z' }],
    ['a time without its zone', { to: '2026-03-05T12:00:00' }],
    ['a day that is not', { to: '2026-02-30T12:00:00Z' }],
    ['more than a year at once', { advance: '60w' }],
  ])('%s is a 400 that says what to write', async (_what, fields) => {
    const rig = await startRig({ source: NO_EVENTS });
    const { status, body } = await rig.moveClock(fields);
    expect(status).toBe(400);
    expect(body['error']).toContain('write {"advance":"3d"}');
    expect(rig.system.now()).toBe(MACHINE);
  });

  test('with a real account it is a 409 with the reason, and shows the machine’s own time', async () => {
    const rig = await startRig({ source: REAL });
    const { status, body } = await rig.moveClock({ advance: '3d' });
    expect([status, body['error']]).toEqual([409, expect.stringContaining('STRIPE_API_KEY')]);
    rig.pass(1000);
    expect(rig.system.now()).toBe(new Date(toMs(MACHINE) + 1000).toISOString());
    expect((await rig.get('/clock')).text).toContain('cannot be moved');
  });
});

describe('a restart', () => {
  test('keeps cases, mails, the secret and the clock, and delivers nothing twice', async () => {
    const folder = freshFolder();
    const first = await startRig({ folder, secret: null });
    await first.moveClock({ advance: '5d' });
    const before = { ...kept(first.system), secret: first.system.secret, now: first.system.now() };
    await first.stop();
    expect(statSync(join(folder, 'webhook-secret')).mode & 0o777).toBe(0o600);

    const second = await startRig({ folder, secret: null });
    expect({ ...kept(second.system), secret: second.system.secret, now: second.system.now() }).toEqual(
      before,
    );

    await second.moveClock({ advance: '15d' });
    const straight = await startRig();
    await straight.moveClock({ advance: '20d' });
    expect(kept(second.system)).toEqual(kept(straight.system));
  });

  test('in the middle of loading goes on where it stopped', async () => {
    const folder = freshFolder();
    const first = await startRig({ folder, started: false });
    const loading = first.system.start();
    const half = addDays(MACHINE, -15);
    while (first.system.now() < half) await setImmediate();
    expect((await first.get('/outbox')).text).toContain('Loading the demonstration: day');
    await first.stop();
    await loading;
    expect(openFolder(folder).readState()?.at).toSatisfy((at: Instant) => at >= half && at < MACHINE);

    const second = await startRig({ folder });
    expect(kept(second.system)).toEqual(kept((await startRig()).system));
  });

  test('after a while catches up with the machine’s clock, everything at its own moment', async () => {
    const folder = freshFolder();
    // A debit that was paid before the restart comes back after it: only the provider knows its invoice.
    const source: Source = { kind: 'demo', seed: 135, subscriptions: 30 };
    await (await startRig({ folder, source })).stop();
    const second = await startRig({ folder, source, machine: addDays(MACHINE, 10) });
    const moved = await startRig({ source });
    await moved.moveClock({ advance: '10d' });
    expect(kept(second.system)).toEqual(kept(moved.system));
  });

  test('a demonstration compares: some get no reminders, the same after a restart and whatever the policy says then', async () => {
    const folder = freshFolder();
    const source: Source = { kind: 'demo', seed: 9, subscriptions: 16, holdout: 0.5 };
    const heldOut = ({ system }: Rig) =>
      kept(system).cases.flatMap(({ id, steps }) =>
        steps.some(({ why }) => why === 'held out of experiment mails') ? [id] : [],
      );
    const first = await startRig({ folder, source });
    expect(first.system.policy.holdout).toEqual({ experiment: 'mails', share: 0.5 });
    const before = heldOut(first);
    expect(before.length).toBeGreaterThan(0);
    await first.stop();
    const second = await startRig({ folder, source: { ...source, holdout: 0.1 } });
    expect(second.system.policy.holdout.share).toBe(0.5);
    expect(heldOut(second)).toEqual(before);
  });

  test('a holdout of the policy’s own stands in a demonstration too', async () => {
    const holdout = { experiment: 'spring', share: 0.3 };
    const source: Source = { kind: 'demo', seed: 9, subscriptions: 4, holdout: 0.2 };
    const { system } = await startRig({ source, policy: definePolicy({ ...policyInput, holdout }) });
    expect(system.policy.holdout).toEqual(holdout);
  });

  test('one folder serves one process at a time, and a taken port is told', async () => {
    const folder = freshFolder();
    const rig = await startRig({ folder });
    const again = openSystem({
      source: NO_EVENTS,
      folder: openFolder(folder),
      policy: definePolicy(policyInput),
      secret: SECRET,
      machineNow: () => MACHINE,
    });
    await expect(again).rejects.toThrow(/cannot be opened: stop the other process/);
    const port = Number(new URL(rig.url).port);
    await expect(serveSystem(rig.system, port, () => {})).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

test('charges and ends are noted as what would have been done, once, and survive a restart', async () => {
  const policy = definePolicy({
    ...policyInput,
    retries: { owner: 'recoup', hour: 10, paydays: true, backupMethods: false },
    campaigns: policyInput.campaigns.map((campaign) => ({
      ...campaign,
      steps:
        campaign.declines === 'any'
          ? [...campaign.steps, { id: 'try-again', kind: 'retry' as const, delayDays: 9 }]
          : campaign.steps,
      end: { ...campaign.end, action: 'cancel' as const },
    })),
  });
  const folder = freshFolder();
  const first = await startRig({ folder, policy, source: NO_EVENTS });
  for (const event of story({ start: START }).failed(0)) await first.deliver(event);
  await first.moveClock({ advance: '50d' });
  expect(first.system.withheld.map(({ what, words }) => [what, words])).toEqual([
    ['retry', 'charge in_1'],
    ['end', 'cancel the subscription of in_1'],
  ]);
  const before = kept(first.system);
  expect(before.cases[0]?.steps.find(({ kind }) => kind === 'retry')).toMatchObject({
    status: 'skipped',
    why: 'local: would have asked the provider to charge in_1',
  });
  await first.stop();
  const second = await startRig({ folder, policy, source: NO_EVENTS, machine: addDays(MACHINE, 1) });
  expect(kept(second.system).withheld).toEqual(before.withheld);
  expect((await second.get('/outbox')).text).toContain('would have charge in_1');
});

test('a payment that comes after the case was closed is in its books, after a restart too', async () => {
  const folder = freshFolder();
  const first = await startRig({ folder, source: NO_EVENTS });
  const s = story({ start: START });
  for (const event of s.failed(0, { code: 'expired_card' })) await first.deliver(event);
  await first.moveClock({ advance: '40d' });
  const outcomes = ({ books }: LocalSystem) =>
    books.all().map(({ record }) => [record.closedAt !== null, record.invoices[0]?.outcome]);
  expect(outcomes(first.system)).toEqual([[true, 'lost']]);
  for (const event of s.paid(0)) await first.deliver(event);
  await first.system.tick();
  expect(outcomes(first.system)).toEqual([[true, 'recovered']]);
  await first.stop();
  const second = await startRig({ folder, source: NO_EVENTS });
  expect(outcomes(second.system)).toEqual([[true, 'recovered']]);
});

describe('a look ahead', () => {
  const overdue = debtor('cus_9', addDays(MACHINE, -1));

  test('through a real account takes in what no event told, once a day', async () => {
    const asked: string[] = [];
    const account = createMemoryAccount({
      lists: { overdue_invoices: [overdue] },
      fault: (list) => void asked.push(list),
    });
    const rig = await startRig({ source: { ...REAL, account } });
    // Asked for twice at once it is one look.
    await Promise.all([rig.system.lookAhead(), rig.system.lookAhead()]);
    const store = await rig.system.useStore();
    expect((await store.load(keyOf('cus_9'), MACHINE)).facts.invoices).toHaveProperty('in_cus_9');
    await rig.system.lookAhead();
    expect(asked).toEqual(['subscriptions', 'due_invoices', 'overdue_invoices']);
  });

  test('through a demonstration finds nothing', async () => {
    const rig = await startRig({ source: NO_EVENTS });
    await rig.system.lookAhead();
    const store = await rig.system.useStore();
    expect(await store.loadWalk('stripe', 'look_ahead')).toMatchObject({ at: null, seen: 0 });
  });

  test('that an account does not answer is told, and the next one is taken', async () => {
    let isDown = true;
    const account = createMemoryAccount({
      fault: () => {
        if (isDown) throw new OutsideError('Stripe, listing: it did not answer', 'later');
      },
    });
    const rig = await startRig({ source: { ...REAL, account } });
    await expect(rig.system.lookAhead()).rejects.toThrow('it did not answer');
    isDown = false;
    await rig.system.lookAhead();
  });
});

test('mail is really sent to the one allowed address, and to nobody else', async () => {
  const sent: string[] = [];
  const sendTo: SendTo = {
    address: 'Me@Example.com',
    mailer: (outbox) => ({
      compose: (request) => outbox.compose(request),
      send: async ({ to }) => {
        sent.push(to);
        return { kind: 'done', why: 'accepted', facts: [] };
      },
    }),
    operatorMail: () => expect.unreachable('the policy tells nobody'),
  };
  const rig = await startRig({ source: NO_EVENTS, sendTo });
  for (const [n, email] of ['me@example.com', 'you@example.com'].entries()) {
    const [, invoice] = story({ n: n + 1, start: START, email }).failed(0, { code: 'expired_card' });
    await rig.deliver(invoice as object);
  }
  await rig.moveClock({ advance: '1d' });
  expect(sent).toEqual(['me@example.com']);
  expect(rig.system.mails.map(({ to }) => to).toSorted()).toEqual(['me@example.com', 'you@example.com']);
  expect((await rig.get('/outbox')).text).toContain('Mails to <bdi>Me@Example.com</bdi> are really sent');
});

test.each([
  ['sk_live_1', true],
  ['rk_live_1', true],
  ['rk_test_1', false],
  ['sk_other', null],
])('the key %s takes events of livemode %s', (key, livemode) => {
  expect(stripeSource(key)).toMatchObject({ kind: 'stripe', livemode });
});

test('a page elsewhere can neither read nor move anything here', async () => {
  const rig = await startRig({ source: NO_EVENTS });
  const origin = { origin: 'https://elsewhere.example', 'content-type': 'application/json' };
  const moved = await fetch(`${rig.url}/clock`, {
    method: 'POST',
    headers: origin,
    body: JSON.stringify({ advance: '3d' }),
  });
  expect([moved.status, rig.system.now()]).toEqual([403, MACHINE]);
});

test('the days of a move are told in the state, so that a crash right after it loses nothing', async () => {
  const folder = freshFolder();
  const rig = await startRig({ folder });
  await rig.moveClock({ advance: '3d' });
  expect(openFolder(folder).readState()).toMatchObject({ at: addDays(MACHINE, 3), offsetMs: 3 * DAY_MS });
});
