// `recoup backfill`: what it tells of a run, how it is gone on with, and whom it cannot ask.
import { EventEmitter } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createMemoryAccount, type MemoryAccountOptions } from '../../adapters/memory/account.ts';
import { createMemoryStore } from '../../adapters/memory/store.ts';
import {
  backfillAll,
  createProgress,
  isComplete,
  printedBackfill,
  watchSignals,
  type BackfillWork,
} from '../../cli/backfill.ts';
import { DamagedItemError, OutsideError, type Store } from '../../core/ports.ts';
import { addDays } from '../../core/time.ts';
import { EMBEDDED_TABLE, startEmbeddedDynamo } from '../../local/embedded-dynamodb.ts';
import { debtor, subscriber, trialEnds } from '../support/account.ts';
import { at, keyOf } from '../support/customers.ts';
import { startNoSecrets } from '../support/no-secrets.ts';
import { freshBase, makeFolder, recoupHere } from '../support/recoup.ts';

const NOW = at('2026-03-10T12:00Z');
const DUE_AT = at('2026-03-05T00:00Z');

const LISTS = {
  subscriptions: [subscriber('cus_1'), subscriber('cus_2', NOW)],
  overdue_invoices: [debtor('cus_3', DUE_AT)],
  failed_invoices: [debtor('cus_4', DUE_AT, 'declined')],
};

type Asked = Partial<Omit<BackfillWork, 'account'>> & {
  readonly store?: Store;
  readonly account?: MemoryAccountOptions;
  readonly connections?: readonly string[];
};

const backfill = ({
  store = createMemoryStore(),
  account = { lists: LISTS },
  connections = ['stripe'],
  ...work
}: Asked = {}) =>
  backfillAll({ store, now: () => NOW }, connections, {
    isAhead: trialEnds,
    pause: async () => {},
    again: false,
    goOn: () => true,
    told: () => {},
    ...work,
    account: createMemoryAccount(account),
  });

/** Lets so many pages through. */
const pages = (count: number) => {
  let left = count;
  return () => (left -= 1) >= 0;
};

describe('a run', () => {
  test('takes in what was there before, of every connection', async () => {
    const store = createMemoryStore();
    const run = await backfill({ store, connections: ['stripe', 'shop'] });
    expect(run.walks).toMatchObject([
      { connection: 'stripe', seen: 4, recorded: 3, failed: 0, done: true, wasDoneAt: null },
      { connection: 'shop', seen: 4, recorded: 3, failed: 0, done: true, wasDoneAt: null },
    ]);
    expect(isComplete(run)).toBe(true);
    expect(printedBackfill(run, 'stage dev')).toBe(
      'Existing accounts, taken into stage dev:\n\n' +
        'stripe: 4 customers seen, 3 recorded. Done: the whole account was gone through.\n' +
        'shop: 4 customers seen, 3 recorded. Done: the whole account was gone through.',
    );
    const { facts } = await store.load(keyOf('cus_4'), NOW);
    expect(facts.invoices['in_cus_4']?.failure).toMatchObject({ at: DUE_AT });
  });

  test('that was stopped keeps its place, says so, and is gone on with', async () => {
    const store = createMemoryStore();
    const first = await backfill({ store, connections: ['stripe', 'shop'], goOn: pages(2) });
    expect(isComplete(first)).toBe(false);
    const told = printedBackfill(first, 'stage dev');
    expect(told).toContain(
      'stripe: 3 customers seen, 2 recorded. Stopped before the end; the place is kept.',
    );
    expect(told).toContain('shop: 0 customers seen, 0 recorded. Stopped before the end');
    const second = await backfill({ store });
    expect(second.walks).toMatchObject([{ seen: 1, recorded: 1, done: true }]);
  });

  test('of an account that is done says since when, and how to begin again', async () => {
    const store = createMemoryStore();
    await backfill({ store });
    const run = await backfill({ store });
    expect(printedBackfill(run, 'stage dev')).toContain(
      'stripe: was done already, 2026-03-10 12:00 UTC, so nothing was asked. ' +
        'To go through the account once more: --again',
    );
    expect(isComplete(run)).toBe(true);
    const again = await backfill({ store, again: true });
    expect(again.walks).toMatchObject([{ seen: 4, done: true, wasDoneAt: null }]);
  });

  test('of an empty account is done, and not done already', async () => {
    const run = await backfill({ account: {} });
    expect(printedBackfill(run, 'x')).toContain('stripe: 0 customers seen, 0 recorded. Done');
  });

  test('that leaves somebody out names them and why, and is no success', async () => {
    const store = createMemoryStore({
      fault: (operation, about) => {
        if (operation === 'load' && about === keyOf('cus_3'))
          throw new DamagedItemError('customer stripe/cus_3\ncannot be read');
      },
    });
    const run = await backfill({ store });
    expect(isComplete(run)).toBe(false);
    const told = printedBackfill(run, 'stage dev');
    expect(told).toContain('4 customers seen, 2 recorded, 1 could not be taken in. Done');
    expect(told).toMatch(/\n {2}walk failed, .*customer cus_3, why customer stripe\/cus_3\?cannot be read\n/);
    expect(told).toMatch(/then use --again\.$/);
  });

  test('names the first twenty of very many', async () => {
    const lists = { overdue_invoices: Array.from({ length: 70 }, (_, i) => debtor(`cus_${i}`, DUE_AT)) };
    const store = createMemoryStore({
      fault: (operation) => {
        if (operation === 'save') throw new OutsideError('the item is too large', 'never');
      },
    });
    const run = await backfill({ store, account: { lists } });
    expect([run.walks[0]?.failed, run.notes.length]).toEqual([70, 20]);
  });

  test('that was asked to slow down says so', async () => {
    const fault = () => {
      throw new OutsideError('Stripe asked us to slow down', 'later', true);
    };
    const run = await backfill({ account: { lists: LISTS, fault } });
    const told = printedBackfill(run, 'stage dev');
    expect(told).toContain('Asked to slow down; the place is kept. Run this again in a few minutes');
    expect(run.notes).toEqual([expect.stringContaining('why Stripe asked us to slow down')]);
    expect(isComplete(run)).toBe(false);
  });

  test('while another goes through the same account says so and stops', async () => {
    const store = createMemoryStore();
    let isFirst = true;
    const fault = async () => {
      if (!isFirst) return;
      isFirst = false;
      await backfill({ store });
    };
    const run = await backfill({ store, account: { lists: LISTS, fault } });
    expect(printedBackfill(run, 'x')).toContain('Another run is going through this account right now');
    expect(isComplete(run)).toBe(false);
  });

  test('that an account does not answer fails with its words, and the place is kept', async () => {
    const store = createMemoryStore();
    const fault = (list: string) => {
      if (list === 'failed_invoices') throw new OutsideError('Stripe, listing: it did not answer', 'later');
    };
    await expect(backfill({ store, account: { lists: LISTS, fault } })).rejects.toThrow('it did not answer');
    expect((await store.loadWalk('stripe', 'backfill')).at).toEqual({ list: 'failed_invoices', after: null });
  });

  test('asks what the policy in force says of a subscriber', async () => {
    const asked: unknown[] = [];
    await backfill({
      isAhead: (facts, known, now) => {
        asked.push([Object.keys(facts.subscriptions), known.key, now]);
        return false;
      },
    });
    expect(asked).toEqual([
      [['sub_cus_1'], keyOf('cus_1'), NOW],
      [['sub_cus_2'], keyOf('cus_2'), NOW],
    ]);
  });
});

describe('how far a run is', () => {
  const watch = (isTTY: boolean) => {
    const written: string[] = [];
    return { written, progress: createProgress({ isTTY, write: (text) => written.push(text) }) };
  };
  const seen = (count: number, recorded = 0) => ({ seen: count, recorded, failed: 0 });

  test('is one line that changes on a terminal, and ends in a new one', () => {
    const { written, progress } = watch(true);
    progress.told('stripe', seen(100, 1));
    progress.told('stripe', seen(1200, 3));
    progress.end();
    progress.end();
    expect(written.join('')).toBe(
      '\rstripe: 100 customers seen, 1 recorded\u001B[K\rstripe: 1,200 customers seen, 3 recorded\u001B[K\n',
    );
  });

  test('is a line for every thousand customers elsewhere, for each connection', () => {
    const { written, progress } = watch(false);
    for (const count of [100, 999, 1000, 1100, 1990, 3050, 3090]) progress.told('stripe', seen(count));
    for (const count of [100, 1050]) progress.told('shop', seen(count, 2));
    progress.end();
    expect(written).toEqual([
      'stripe: 1,000 customers seen, 0 recorded\n',
      'stripe: 3,050 customers seen, 0 recorded\n',
      'shop: 1,050 customers seen, 2 recorded\n',
    ]);
  });
});

describe('a process that is asked to end', () => {
  test.each(['SIGINT', 'SIGTERM'])(
    'by %s stops after the page it is at, and the second time at once',
    (signal) => {
      const from = new EventEmitter();
      const said: string[] = [];
      const { goOn, forget } = watchSignals(from, (text) => said.push(text));
      expect(goOn()).toBe(true);
      from.emit(signal);
      expect(goOn()).toBe(false);
      expect(said.join('')).toContain('stops after this page');
      // Nobody listens any more, so that the next signal does what it does by itself.
      expect(from.listenerCount(signal)).toBe(0);
      forget();
    },
  );
});

describe('without anybody to ask', () => {
  const refusedIn = async (args: readonly string[], env: Record<string, string> = {}) => {
    const base = freshBase();
    await makeFolder(base, 'demo', addDays(NOW, -1));
    const { status, stdout, stderr } = await recoupHere(base, ['backfill', ...args], env);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).not.toMatch(/\n\s+at /);
    return stderr;
  };

  test('the demonstration has no provider', async () => {
    expect(await refusedIn([])).toContain(
      'the demonstration has no provider to ask: set STRIPE_API_KEY to a key that may read customers, ' +
        'payment methods, subscriptions and invoices, or name a stage with --stage',
    );
  });

  test.each<[string, readonly string[], Record<string, string>, string]>([
    ['the real account needs its key', ['--live'], {}, 'STRIPE_API_KEY is missing'],
    ['a stage that is not there', ['--stage', 'test'], {}, 'there is no stage "test"'],
    [
      'a connection that is not there',
      ['--connection', 'shop'],
      { STRIPE_API_KEY: 'rk_test_1' },
      'there is no connection "shop": there is stripe',
    ],
    [
      'a real account that was never started',
      [],
      { STRIPE_API_KEY: 'rk_test_1' },
      'no data in .recoup/stripe yet',
    ],
    [
      'a stage and the real account at once',
      ['--stage', 'dev', '--live'],
      {},
      'write either --stage or --live',
    ],
  ])('%s is told', async (_, args, env, words) => {
    expect(await refusedIn(args, env)).toContain(words);
  });

  test('a stage whose key is not there names the secret that the Lambda reads', async () => {
    const { endpoint } = await startNoSecrets();
    const engine = await startEmbeddedDynamo();
    onTestFinished(engine.stop);
    const env = {
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'key',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoint,
    };
    const told = await refusedIn(['--stage', 'dev', '--table', EMBEDDED_TABLE], env);
    expect(told).toContain('secret "recoup/dev/stripe/api-key": it is not there');
  });

  test('the process is asked to end by nobody once a command is over', async () => {
    const before = process.listenerCount('SIGINT');
    await refusedIn(['--live']);
    expect(process.listenerCount('SIGINT')).toBe(before);
  });
});
