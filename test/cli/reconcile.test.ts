// `recoup reconcile`: what it tells of a run, and whom it cannot ask.
import { describe, expect, onTestFinished, test } from 'vitest';
import { createMemoryEventLog } from '../../adapters/memory/event-log.ts';
import { createMemoryStore } from '../../adapters/memory/store.ts';
import { isWhole, printedRun, reconcileAll } from '../../cli/reconcile.ts';
import { OutsideError } from '../../core/ports.ts';
import { addMs, HOUR_MS, instantFromSeconds } from '../../core/time.ts';
import { EMBEDDED_TABLE, startEmbeddedDynamo } from '../../local/embedded-dynamodb.ts';
import { at, keyOf } from '../support/customers.ts';
import { loggedOf } from '../support/event-log.ts';
import { startNoSecrets } from '../support/no-secrets.ts';
import { freshBase, makeFolder, recoupHere } from '../support/recoup.ts';
import { DAY_0, story } from '../support/story.ts';

const NOW = addMs(instantFromSeconds(DAY_0), HOUR_MS);

const world = () => {
  const store = createMemoryStore();
  const log = createMemoryEventLog();
  for (const [i, event] of story({ n: 1 }).failed(0).entries()) {
    log.append('stripe', loggedOf({ ...event, id: `evt_${i}` }), false);
  }
  const refused = { kind: 'refused', reason: 'data.object.id: not a\ntext' } as const;
  log.append('shop', { id: 'evt_9', at: NOW, told: refused }, false);
  log.append('shop', { id: 'evt_8', at: addMs(NOW, -HOUR_MS), told: refused }, false);
  return { target: { store, now: () => NOW }, log };
};

describe('a run', () => {
  test('takes in what was missed, of every connection, and tells each walk', async () => {
    const { target, log } = world();
    const { walks, notes } = await reconcileAll(target, log, ['stripe', 'shop']);
    expect(walks.map(({ connection, walk, complete }) => [connection, walk, complete])).toEqual([
      ['stripe', 'undelivered', true],
      ['stripe', 'all', true],
      ['shop', 'undelivered', true],
      ['shop', 'all', true],
    ]);
    expect(walks[0]).toMatchObject({ events: 2, recorded: 1, ignored: 1, refused: 0 });
    const { facts } = await target.store.load(keyOf('cus_1'), NOW);
    expect(Object.keys(facts.invoices)).toEqual(['in_1']);
    expect(notes).toHaveLength(2);
    expect(notes[0]).toContain('reconcile refused, connection shop, event evt_8');
  });

  test('is printed as a table, with what was refused and why on one line each', async () => {
    const { target, log } = world();
    const text = printedRun(await reconcileAll(target, log, ['stripe', 'shop']), 'stage dev');
    expect(text).toContain('taken into stage dev');
    expect(text).toMatch(
      /connection +walk +from \(UTC\) +to +events +recorded +kept +unchanged +ignored +refused +complete/,
    );
    expect(text).toMatch(/\nstripe +not delivered .* +2 +1 +0 +\d +\d +0 +yes\n/);
    expect(text).toMatch(/\n {2}reconcile refused, .*not a\?text\n/);
    expect(text).toMatch(/All of it was walked\.$/);
  });

  test('that was asked to slow down says that it is not whole, and why', async () => {
    const { target } = world();
    const log = createMemoryEventLog({
      fault: () => {
        throw new OutsideError('Stripe asked us to slow down', 'later', true);
      },
    });
    const run = await reconcileAll(target, log, ['stripe']);
    expect(run.walks).toMatchObject([{ complete: false }]);
    const text = printedRun(run, 'stage dev');
    expect(text).toMatch(/\nstripe +not delivered .* no\n/);
    expect(text).toContain('why Stripe asked us to slow down');
    expect(text).toMatch(/Run this again\.$/);
  });
});

test('a run succeeds when all of it was walked and nothing was refused', async () => {
  const { target, log } = world();
  const run = await reconcileAll(target, log, ['stripe']);
  expect(isWhole(run)).toBe(true);
  const walks = run.walks.map((walk) => ({ ...walk, complete: false }));
  expect(isWhole({ ...run, walks })).toBe(false);
  expect(isWhole(await reconcileAll(target, log, ['shop']))).toBe(false);
});

describe('without anybody to ask', () => {
  const refusedIn = async (args: readonly string[], env: Record<string, string> = {}) => {
    const base = freshBase();
    await makeFolder(base, 'demo', at('2026-03-02T12:00Z'));
    const { status, stdout, stderr } = await recoupHere(base, ['reconcile', ...args], env);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).not.toMatch(/\n\s+at /);
    return stderr;
  };

  test('the demonstration has no provider', async () => {
    expect(await refusedIn([])).toContain('the demonstration has no provider to ask: set STRIPE_API_KEY');
  });

  test('the real account needs its key', async () => {
    expect(await refusedIn(['--live'])).toContain('STRIPE_API_KEY is missing');
  });

  test('a connection that is not there is named with those that are', async () => {
    const env = { STRIPE_API_KEY: 'rk_test_1' };
    expect(await refusedIn(['--connection', 'shop'], env)).toContain(
      'there is no connection "shop": there is stripe',
    );
    expect(await refusedIn(['--stage', 'dev', '--connection', 'shop'])).toContain('there is stripe');
  });

  test('a stage whose key is not there names the secret that the Lambda reads', async () => {
    const { endpoint, asked } = await startNoSecrets();
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
    expect(asked).toEqual([{ SecretId: 'recoup/dev/stripe/api-key' }]);
  });

  test('a real account that was never started is told to be started', async () => {
    expect(await refusedIn([], { STRIPE_API_KEY: 'rk_test_1' })).toContain('no data in .recoup/stripe yet');
  });
});
