// The sums of a month as they stand in the table: zipped, with the number of how they were counted, and checked when read.
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { DamagedItemError } from '../../../core/ports.ts';
import { COUNTED_AS, countInto, emptyCounting, type Rollup } from '../../../core/reports/rollup.ts';
import { at } from '../../support/customers.ts';
import { caseOf } from '../../support/reports.ts';
import { errorOf } from './contract.ts';
import { useDynamo } from './dynamo-table.ts';

const NOW = at('2026-04-20T12:00Z');
const { openTable } = useDynamo();

const rollup = (): Rollup => {
  const counted = emptyCounting();
  const steps = [{ id: 'reminder', kind: 'email', status: 'done', message: null, told: ['opened'] }] as never;
  const exposure = { lift: { arm: 'mailed', at: NOW } } as const;
  countInto(counted, caseOf('a', [{ outcome: 'recovered' }, { outcome: 'lost' }], { steps, exposure }), NOW);
  return {
    month: '2026-03',
    version: 1,
    staleAt: null,
    sums: { until: at('2026-04-01T00:00Z'), ...counted, open: [] },
  };
};

const PLACE = ['ROLLUP#2026-03', 'ROLLUP'] as const;

type Json = { [name: string]: Json } & { v: unknown };

/** A table in which the sums of March stand with a change. */
const changed = async (change: (body: Json) => unknown) => {
  const { store, raw } = await openTable(NOW);
  await store.saveRollup(rollup());
  const { sums } = await raw.get(...PLACE);
  const body = JSON.parse(gunzipSync(sums?.B ?? new Uint8Array()).toString()) as Json;
  const bytes = change(body);
  await raw.set(...PLACE, 'sums', {
    B: bytes instanceof Uint8Array ? bytes : gzipSync(JSON.stringify(bytes ?? body)),
  });
  return store;
};

test('the item holds the version, the time of the last mark, and no attribute of an index', async () => {
  const { store, raw } = await openTable(NOW);
  await store.markStale('2026-03', NOW);
  await store.saveRollup({ ...rollup(), version: 2, staleAt: NOW });
  const { sums, writeId, ...rest } = await raw.get(...PLACE);
  expect(rest).toStrictEqual({
    pk: { S: PLACE[0] },
    sk: { S: PLACE[1] },
    version: { N: '2' },
    staleAt: { S: NOW },
  });
  expect(writeId?.S).toHaveLength(36);
  expect(JSON.parse(gunzipSync(sums?.B ?? '').toString())).toStrictEqual({ v: COUNTED_AS, ...rollup().sums });
});

describe('sums that are not what they should be', () => {
  const march = (body: Json): Json => body.tallies?.['2026-03'] as Json;

  test.each<[string, (body: Json) => unknown]>([
    ['sums', () => new Uint8Array([1, 2, 3])],
    ['sums', () => gzipSync('{"tallies":')],
    // What unzips to more than anybody wrote is not unzipped.
    ['sums', () => gzipSync(Buffer.alloc(80 * 1024 * 1024))],
    ['sums.v', (body) => ({ ...body, v: '1' })],
    ['sums.v', () => []],
    ['sums.tallies', (body) => ({ ...body, tallies: [] })],
    ['sums.tallies', (body) => void (march(body).cases = null as never)],
    ['sums.tallies', (body) => void delete march(body).currencies?.EUR?.by?.step],
    ['sums.tallies', (body) => void (march(body).currencies!.EUR!.days!.recovered = 1 as never)],
    ['sums.tallies', (body) => void (march(body).mails = { reminder: { sent: 1 } } as never)],
    ['sums.tallies', (body) => void (march(body).arms = { lift: { mailed: {} } } as never)],
    ['sums.movements', (body) => ({ ...body, movements: { EUR: { '2026-03': {} } } })],
    ['sums.days', (body) => ({ ...body, days: { '2026-03-01': { failed: 1 } } })],
    ['sums.open', (body) => ({ ...body, open: ['case_1'] })],
  ])('say so by the field %s (%#)', async (field, change) => {
    const store = await changed(change);
    const error = await errorOf(store.loadRollup('2026-03'));
    expect(error).toBeInstanceOf(DamagedItemError);
    expect(error.message).toContain(`the sums of 2026-03 cannot be read: its field "${field}"`);
  });

  test.each([COUNTED_AS - 1, COUNTED_AS + 1])(
    'counted by another version of Recoup (%i) are none, and are written over',
    async (v) => {
      const store = await changed((body) => ({ v, other: body }));
      expect(await store.loadRollup('2026-03')).toMatchObject({ version: 1, sums: null });
      await store.saveRollup({ ...rollup(), version: 2 });
      expect(await store.loadRollup('2026-03')).toStrictEqual({ ...rollup(), version: 2 });
    },
  );

  test('can be marked stale, and are sound again', async () => {
    const store = await changed(() => new Uint8Array([1]));
    await store.markStale('2026-03', NOW);
    expect(await store.loadRollup('2026-03')).toMatchObject({ version: 2, sums: null });
  });
});
