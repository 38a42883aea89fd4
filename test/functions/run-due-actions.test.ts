// The clock's door: what a tick takes, how much it does, and where it begins.
import { describe, expect, test } from 'vitest';
import { SHARDS } from '../../adapters/dynamodb/table-shape.ts';
import { createMemoryStore } from '../../adapters/memory/store.ts';
import { addMs } from '../../core/time.ts';
import { makeRunDueActions } from '../../functions/run-due-actions.ts';
import { createRunner, START } from '../support/runner.ts';
import { story } from '../support/story.ts';

const ALL = Array.from({ length: SHARDS }, (_, shard) => shard);
const doorOf = (runner: ReturnType<typeof createRunner>, requestsPerSecond = 5) =>
  makeRunDueActions({ ...runner.deps, requestsPerSecond, allShards: SHARDS });

describe('a tick', () => {
  test('does what is due', async () => {
    const runner = createRunner();
    await runner.tell(...story().failed(0, { code: 'expired_card' }));
    await doorOf(runner)({ shards: ALL });
    expect(runner.mails.map(({ message }) => message)).toEqual(['update-card']);
  });

  test.each([null, {}, { shards: [] }, { shards: [8] }, { shards: ['1'] }, { shards: [-1] }])(
    '%j names no shards and is told so',
    async (event) => {
      await expect(doorOf(createRunner())(event)).rejects.toThrow(/\{"shards":\[0,1\]\}/);
    },
  );

  test('stops at its budget and leaves the rest untouched for the next', async () => {
    const runner = createRunner();
    for (let n = 1; n <= 30; n += 1) await runner.tell(...story({ n }).failed(0, { code: 'expired_card' }));
    // 0.5 requests a second are 30 a minute: 10 visits of at most 3 requests.
    const { visits } = await doorOf(runner, 0.5)({ shards: ALL });
    expect(visits).toBe(10);
    expect(runner.mails.length).toBeLessThanOrEqual(10);
  });

  test('begins each minute with another shard, so that none is starved', async () => {
    const store = createMemoryStore();
    const asked: number[] = [];
    const runner = createRunner({
      store: {
        ...store,
        due: (shard, ...rest) => {
          asked.push(shard);
          return store.due(shard, ...rest);
        },
      },
    });
    const firsts = new Set<number | undefined>();
    for (let minute = 0; minute < SHARDS; minute += 1) {
      runner.clock.set(addMs(START, minute * 60_000));
      asked.length = 0;
      await doorOf(runner)({ shards: ALL });
      expect([...asked].sort((a, b) => a - b)).toEqual(ALL);
      firsts.add(asked[0]);
    }
    expect(firsts.size).toBe(SHARDS);
  });

  test('tells of every shard how late it is', async () => {
    const runner = createRunner();
    const lags: number[] = [];
    await runner.tell(...story().failed(0, { code: 'expired_card' }));
    runner.sleepTo(1 / 24);
    const deps = {
      ...runner.deps,
      telemetry: { ...runner.deps.telemetry, gauge: (_: string, value: number) => lags.push(value) },
    };
    await makeRunDueActions({ ...deps, requestsPerSecond: 5, allShards: SHARDS })({ shards: ALL });
    expect(lags).toHaveLength(SHARDS);
    expect(Math.max(...lags)).toBe(3600);
  });
});
