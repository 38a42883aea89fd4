// `recoup stuck` as an operator runs it: what is listed, what goes back, and what each mistake is answered with.
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Store, StuckEntry } from '../../core/ports.ts';
import type { PutBack } from '../../core/workflows/put-back.ts';
import { folderOf } from '../../local/server/folder.ts';
import { startRig, tidyUp } from '../local/server-rig.ts';
import { at, customerOf, FAILED_AT, keyOf, unroutedOf } from '../support/customers.ts';
import { damageIn, freshBase, inFolder, makeFolder, recoupHere, recoupIn } from '../support/recoup.ts';

/** Later than any machine’s clock that runs these tests, so that the clock of the folder is what counts. */
const CLOCK = at('2999-01-01T12:00Z');
const KEY = keyOf('cus_1');
const FACT = 'stripe/charge.dispute.created:dp_1:1772355600';
const BY = ['--who', 'Ana', '--note', 'the key is right again'];

const fill = async (store: Store): Promise<void> => {
  const trouble = { count: 10, lastAt: FAILED_AT, why: 'the API key was\nrefused' };
  await store.save(customerOf(KEY, { setAsideAt: at('2026-03-02T10:00Z'), trouble }));
  await store.saveUnrouted(
    unroutedOf(FACT, { dueAt: null, tries: 9, setAsideAt: FAILED_AT, setAsideWhy: 'no customer found' }),
  );
  await store.save(customerOf(keyOf('cus_2')));
};

describe('the list', () => {
  test('tells since when, what and why, the longest first, and how to put one back', async () => {
    const base = freshBase();
    await makeFolder(base, 'demo', CLOCK, fill);
    const { status, stdout, stderr } = await recoupIn(base, ['stuck']);
    expect([status, stderr]).toEqual([0, '']);
    const lines = stdout.split('\n');
    expect(lines[0]).toContain('Set aside in the demonstration (.recoup/demo)');
    expect(lines[2]).toMatch(/^since \(UTC\) +id +what +tries +why$/);
    expect(lines[3]).toMatch(
      /^2026-03-01 09:00 +\S+dp_1:1772355600 +fact about charge ch_1 +9 +no customer found$/,
    );
    expect(lines[4]).toMatch(/^2026-03-02 10:00 +stripe\/cus_1 +customer +10 +the API key was\?refused$/);
    expect(stdout).toContain(`npx recoup stuck --again ${FACT} --who NAME --note TEXT`);
    expect(stdout).not.toContain('cus_2');
    expect(stdout).not.toContain('ana@example.com');
  });

  test('--json gives it to a program', async () => {
    const base = freshBase();
    await makeFolder(base, 'demo', CLOCK, fill);
    const { stdout } = await recoupHere(base, ['stuck', '--json']);
    const { stuck, ...rest } = JSON.parse(stdout) as { stuck: StuckEntry[] };
    expect(rest).toEqual({ where: 'the demonstration (.recoup/demo)', now: CLOCK });
    expect(stuck.map((entry) => [entry.kind, entry.tries])).toEqual([
      ['unrouted', 9],
      ['customer', 10],
    ]);
  });

  test('says so when it is empty', async () => {
    const base = freshBase();
    await makeFolder(base, 'demo', CLOCK);
    expect(await recoupHere(base, ['stuck'])).toEqual({
      status: 0,
      stdout: 'Nothing is set aside in the demonstration (.recoup/demo).\n',
      stderr: '',
    });
    expect(JSON.parse((await recoupHere(base, ['stuck', '--json'])).stdout)).toMatchObject({ stuck: [] });
  });
});

describe('--again', () => {
  test('puts one back, due at the clock’s own time, with the name and the note in the journal', async () => {
    const base = freshBase();
    const path = await makeFolder(base, 'demo', CLOCK, fill);
    const { status, stdout, stderr } = await recoupHere(base, ['stuck', '--again', KEY, ...BY]);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^stripe\/cus_1: put back\. The next visit is due now/);
    await inFolder(path, async (store) => {
      expect(await store.load(KEY, CLOCK)).toMatchObject({
        dueAt: CLOCK,
        setAsideAt: null,
        trouble: null,
        recovery: { journal: [{ at: CLOCK, what: 'put back by Ana', why: 'the key is right again' }] },
      });
      expect(await store.listStuck(10)).toMatchObject([{ id: FACT }]);
    });
  });

  test('all puts back everything; after that there is nothing, which is no failure', async () => {
    const base = freshBase();
    const path = await makeFolder(base, 'demo', CLOCK, fill);
    const { status, stdout } = await recoupHere(base, ['stuck', '--again', 'all', ...BY, '--json']);
    expect(status).toBe(0);
    const { done } = JSON.parse(stdout) as { done: PutBack[] };
    expect(done).toEqual([
      { kind: 'put-back', id: FACT, what: 'unrouted' },
      { kind: 'put-back', id: KEY, what: 'customer' },
    ]);
    expect(await inFolder(path, (store) => store.listStuck(10))).toEqual([]);
    const again = await recoupHere(base, ['stuck', '--again', 'all', ...BY]);
    expect(again).toMatchObject({ status: 0, stdout: expect.stringContaining('Nothing is set aside') });
  });

  test('what cannot be read is told with what to do, holds up no other, and is no success', async () => {
    const base = freshBase();
    const broken = keyOf('cus_3');
    const path = await makeFolder(base, 'demo', CLOCK, async (store) => {
      await fill(store);
      await store.save(customerOf(broken));
      await store.setAside(broken, 'its field "facts" is missing', FAILED_AT);
    });
    await damageIn(path, broken);
    const listed = await recoupHere(base, ['stuck']);
    expect(listed.stdout).toMatch(/stripe\/cus_3 +customer +0 +its field "facts" is missing/);
    const { status, stdout, stderr } = await recoupIn(base, ['stuck', '--again', 'all', ...BY]);
    expect([status, stdout.split('\n').filter(Boolean).length]).toEqual([1, 2]);
    expect(stderr).toMatch(
      /^stripe\/cus_3: it cannot be put back.* customer stripe\/cus_3 cannot be read.*runbook/,
    );
    expect(await inFolder(path, (store) => store.listStuck(10))).toMatchObject([{ key: broken }]);
  });

  test.each([
    ['an unknown id', 'stripe/cus_9', 'nothing is stored under this id'],
    ['an id that is not stuck', 'stripe/cus_2', 'it is not set aside. Nothing was changed'],
  ])('%s is told and changes nothing', async (_, id, words) => {
    const base = freshBase();
    const path = await makeFolder(base, 'demo', CLOCK, fill);
    const { status, stdout, stderr } = await recoupHere(base, ['stuck', '--again', id, ...BY]);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toContain(`${id}: ${words}`);
    await inFolder(path, async (store) => {
      expect(await store.load(keyOf('cus_2'), CLOCK)).toEqual(customerOf(keyOf('cus_2')));
      expect(await store.listStuck(10)).toHaveLength(2);
    });
  });

  test.each([
    ['without a name', ['--again', KEY, '--note', 'x'], '--again needs --who NAME'],
    ['without a note', ['--again', KEY, '--who', 'Ana'], '--again needs --note TEXT'],
    ['with an empty note', ['--again', KEY, '--who', 'Ana', '--note', ' \t'], '--again needs --note TEXT'],
    ['forgotten', ['--who', 'Ana', '--note', 'x'], '--who and --note go with --again'],
  ])('%s is refused before anything is opened', async (_, args, words) => {
    const { status, stderr } = await recoupHere(freshBase(), ['stuck', ...args]);
    expect(status).toBe(1);
    expect(stderr).toContain(words);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

describe('while npm start holds the folder', () => {
  afterEach(tidyUp);

  test('it works through the running system, whose clock visits at once who was put back', async () => {
    const base = freshBase();
    const folder = join(base, folderOf('demo'));
    const rig = await startRig({ folder, source: { kind: 'demo', seed: 1, subscriptions: 0 } });
    await rig.moveClock({ advance: '2d' });
    await fill(await rig.system.useStore());
    const clock = rig.system.now();
    const { stdout } = await recoupHere(base, ['stuck', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ stuck: [{ id: FACT }, { key: KEY }] });
    const back = await recoupIn(base, ['stuck', '--again', KEY, ...BY]);
    expect(back).toMatchObject({ status: 0, stderr: '' });
    rig.pass(60_000);
    await rig.system.tick();
    const customer = await (await rig.system.useStore()).load(KEY, clock);
    expect(customer.version).toBeGreaterThan(2);
    expect(customer.recovery.journal[0]).toMatchObject({ what: 'put back by Ana' });
  });
});
