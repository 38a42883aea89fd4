// The in-memory store: the contract, and the ways in which it can be told to misbehave.
import { describe, expect, test } from 'vitest';
import { shardOf } from '../../../adapters/dynamodb/table-shape.ts';
import { createMemoryStore } from '../../../adapters/memory/store.ts';
import { DamagedItemError, OutsideError, VersionConflictError } from '../../../core/ports.ts';
import type { Customer } from '../../../core/recovery/customer.ts';
import { addMs } from '../../../core/time.ts';
import { at, customerOf, keyOf, unroutedOf } from '../../support/customers.ts';
import { storeContract } from './contract.ts';

const NOW = at('2026-03-02T12:00Z');
const KEY = keyOf('cus_1');
const SHARD = shardOf(KEY);

storeContract('memory', async () => {
  const broken = new Set<string>();
  const fault = (operation: string, id: string): void => {
    if (operation === 'load' && broken.has(id)) throw new DamagedItemError(`customer ${id} cannot be read`);
  };
  const damage = async (key: string): Promise<void> => void broken.add(key);
  return { store: createMemoryStore({ fault }), damage };
});

describe('a fault', () => {
  test('is what the operation throws, and nothing was written', async () => {
    const faults = [new OutsideError('slow down', 'later', true), new VersionConflictError('first'), null];
    const store = createMemoryStore({
      fault: async (operation) => {
        const error = operation === 'save' ? faults.shift() : null;
        if (error) throw error;
      },
    });
    await expect(store.save(customerOf(KEY, { dueAt: NOW }))).rejects.toBeInstanceOf(OutsideError);
    await expect(store.save(customerOf(KEY, { dueAt: NOW }))).rejects.toBeInstanceOf(VersionConflictError);
    expect((await store.load(KEY, NOW)).version).toBe(0);
    expect(await store.due(SHARD, NOW, 10)).toStrictEqual([]);
    await store.save(customerOf(KEY, { dueAt: NOW }));
    expect(await store.due(SHARD, NOW, 10)).toHaveLength(1);
  });

  test('is told what is about to be done, and to what', async () => {
    const told: string[] = [];
    const store = createMemoryStore({ fault: (operation, id) => void told.push(`${operation} ${id}`) });
    await store.load(KEY, NOW);
    await store.due(3, NOW, 1);
    await store.listCases('2026-03');
    await store.deleteUnrouted('evt_1');
    expect(told).toStrictEqual([
      'load stripe/cus_1',
      'due due#3',
      'listCases 2026-03',
      'deleteUnrouted evt_1',
    ]);
  });
});

describe('a lagging index', () => {
  test('shows each entry as it was before its latest write, and what is loaded is current', async () => {
    let lags = true;
    const store = createMemoryStore({ indexLag: () => lags });
    await store.save(customerOf(KEY, { dueAt: NOW }));
    expect(await store.due(SHARD, NOW, 10)).toStrictEqual([]);
    const moved = addMs(NOW, -1);
    await store.save(customerOf(KEY, { version: 2, dueAt: moved }));
    expect(await store.due(SHARD, NOW, 10)).toStrictEqual([{ kind: 'customer', key: KEY, dueAt: NOW }]);
    await store.setAside(KEY, 'why', NOW);
    expect(await store.due(SHARD, NOW, 10)).toStrictEqual([{ kind: 'customer', key: KEY, dueAt: moved }]);
    expect((await store.load(KEY, NOW)).setAsideAt).toBe(NOW);
    lags = false;
    expect(await store.due(SHARD, NOW, 10)).toStrictEqual([]);
  });

  test('still shows an unrouted fact that was just deleted', async () => {
    const store = createMemoryStore({ indexLag: () => true });
    await store.saveUnrouted(unroutedOf('evt_1'));
    await store.deleteUnrouted('evt_1');
    expect(await store.due(shardOf('evt_1'), NOW, 10)).toHaveLength(1);
    expect(await store.loadUnrouted('evt_1')).toBeNull();
  });
});

const orderOf = async (written: readonly string[]): Promise<unknown> => {
  const store = createMemoryStore();
  for (const id of written) await store.saveUnrouted(unroutedOf(id));
  return Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map((shard) => store.due(shard, NOW, 10)));
};

test('entries due at one moment come in the same order whatever order they were written in', async () => {
  const ids = ['evt_3', 'evt_1', 'evt_2', 'evt_5', 'evt_4', 'evt_9', 'evt_11', 'evt_17'];
  expect(await orderOf(ids)).toStrictEqual(await orderOf(ids.toReversed()));
});

const change = (customer: Customer): void => {
  // @ts-expect-error a version is only raised in a copy
  customer.version = 7;
  // @ts-expect-error facts are merged into new facts
  customer.facts.contact = null;
  // @ts-expect-error records are read-only too
  customer.facts.invoices.in_1 = customer.facts.invoices.in_2;
  // @ts-expect-error and lists
  customer.recovery.journal.pop();
};

test('what is loaded cannot be changed: the store keeps references, and core’s types are read-only', () => {
  expect(change).toBeTypeOf('function');
});
