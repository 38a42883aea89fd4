// The two stores are one: whatever is asked of them, they answer alike.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { SHARDS } from '../../../adapters/dynamodb/table-shape.ts';
import { createMemoryStore } from '../../../adapters/memory/store.ts';
import type { CustomerKey } from '../../../core/ids.ts';
import type { Store } from '../../../core/ports.ts';
import type { Customer } from '../../../core/recovery/customer.ts';
import { newCustomer } from '../../../core/recovery/customer.ts';
import { addMs } from '../../../core/time.ts';
import type { Instant } from '../../../core/time.ts';
import {
  adjustmentOf,
  at,
  FAILED_AT,
  closedCaseOf,
  customerOf,
  keyOf,
  openCaseOf,
  unroutedOf,
} from '../../support/customers.ts';
import { useDynamo } from './dynamo-table.ts';

const NOW = at('2026-03-02T12:00Z');
const { openTable } = useDynamo();

/** One thing asked of a store. */
type Step = (store: Store) => Promise<unknown>;

/** The same steps are run on two stores, so each is made once and knows nothing of either. */
const steps = {
  load:
    (key: CustomerKey, now: Instant): Step =>
    (store) =>
      store.load(key, now),
  save:
    (customer: Customer): Step =>
    (store) =>
      store.save(customer),
  saveNext:
    (customer: Customer): Step =>
    async (store) => {
      const { version } = await store.load(customer.key, NOW);
      await store.save({ ...customer, version: version + 1 });
    },
  setAside:
    (key: CustomerKey, now: Instant): Step =>
    (store) =>
      store.setAside(key, 'why', now),
  due:
    (now: Instant): Step =>
    async (store) => {
      const shards = Array.from({ length: SHARDS }, (_, shard) => store.due(shard, now, 1000));
      // Entries due at the same moment come in any order.
      return (await Promise.all(shards)).flatMap((entries) =>
        entries.map((entry) => JSON.stringify(entry)).sort(),
      );
    },
  listStuck:
    (limit: number): Step =>
    async (store) => {
      const entries = await store.listStuck(limit);
      // As many, and the same order of time; what was set aside at the same moment comes in any order.
      const times = entries.map(({ setAsideAt }) => setAsideAt);
      return limit < 100 ? times : [times, entries.map((entry) => JSON.stringify(entry)).sort()];
    },
  closeCase:
    (key: CustomerKey, caseId: string, closedAt: Instant | null): Step =>
    (store) =>
      store.closeCase(closedCaseOf(key, caseId, { closedAt })),
  putAdjustment:
    (key: CustomerKey, id: string, when: Instant): Step =>
    (store) =>
      store.putAdjustment(adjustmentOf(key, id, { at: when })),
  listAdjustments:
    (key: CustomerKey): Step =>
    (store) =>
      store.listAdjustments(key),
  saveRollup:
    (version: number): Step =>
    (store) =>
      store.saveRollup({
        month: '2026-03',
        version,
        staleAt: null,
        sums: { until: at('2026-03-20T00:00Z'), tallies: {}, movements: {}, days: {}, open: [] },
      }),
  saveUnrouted:
    (version: number, dueAt: Instant | null, setAsideAt: Instant | null): Step =>
    (store) =>
      store.saveUnrouted(
        unroutedOf('evt_1', { version, dueAt, setAsideAt, setAsideWhy: setAsideAt && 'why' }),
      ),
};

const anyKey = fc.constantFrom(keyOf('cus_1'), keyOf('cus_2'));
const anyTime = fc.integer({ min: -3, max: 3 }).map((hours) => addMs(NOW, hours * 3_600_000));
const timeOrNone = fc.option(anyTime);
const anyCaseId = fc.constantFrom('case_a', 'case_b');

const anyCustomer = fc
  .record({
    key: anyKey,
    version: fc.integer({ min: 1, max: 3 }),
    dueAt: timeOrNone,
    setAsideAt: timeOrNone,
    expiresAt: timeOrNone,
    caseId: fc.option(anyCaseId),
    closing: fc.option(anyCaseId),
  })
  .map(({ key, caseId, closing, ...changes }) =>
    customerOf(key, {
      ...changes,
      recovery: { ...newCustomer(key).recovery, case: caseId === null ? null : openCaseOf(caseId) },
      outbox:
        closing === null ? null : { closed: closedCaseOf(key, closing), adjustments: [], journal: null },
    }),
  );

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  anyCustomer.map(steps.save),
  anyCustomer.map(steps.saveNext),
  fc.tuple(anyKey, anyTime).map((args) => steps.load(...args)),
  fc.tuple(anyKey, anyTime).map((args) => steps.setAside(...args)),
  anyTime.map(steps.due),
  fc.tuple(anyKey, anyCaseId, timeOrNone).map((args) => steps.closeCase(...args)),
  fc.tuple(anyKey, fc.constantFrom('ch_1', 'ch_2'), anyTime).map((args) => steps.putAdjustment(...args)),
  anyKey.map(steps.listAdjustments),
  fc.tuple(fc.integer({ min: 1, max: 2 }), timeOrNone, timeOrNone).map((args) => steps.saveUnrouted(...args)),
  fc.constantFrom(1, 100).map(steps.listStuck),
  fc.constantFrom<Step[]>(
    (store) => store.listCases('2026-03'),
    (store) => store.listCases('2026-03', addMs(FAILED_AT, 1)),
    (store) => store.loadUnrouted('evt_1'),
    (store) => store.deleteUnrouted('evt_1'),
    (store) => store.markStale('2026-03', NOW),
    (store) => store.loadRollup('2026-03'),
  ),
  fc.integer({ min: 1, max: 3 }).map(steps.saveRollup),
);

/** What a store says to a step: its answer, or the name of its error. */
const answerOf = (work: Promise<unknown>): Promise<unknown> =>
  work.catch((error: unknown) => (error instanceof Error ? error.name : error));

test('DynamoDB answers as the in-memory store does', async () => {
  const law = fc.asyncProperty(fc.array(anyStep, { maxLength: 25, size: 'max' }), async (asked) => {
    const { store } = await openTable(NOW);
    const memory = createMemoryStore();
    for (const [i, step] of asked.entries()) {
      expect([i, await answerOf(step(store))]).toStrictEqual([i, await answerOf(step(memory))]);
    }
  });
  await fc.assert(law, { numRuns: 50 });
});
