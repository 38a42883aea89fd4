// The hourly door: one connection a call, and its bounds.
import { describe, expect, test } from 'vitest';
import { addMs } from '../../core/time.ts';
import { makeReconcile } from '../../functions/reconcile.ts';
import { NOW } from '../support/door.ts';
import { createReconciler } from '../support/event-log.ts';
import { story } from '../support/story.ts';

const doorOf = (reconciler: ReturnType<typeof createReconciler>, now = reconciler.deps.now) =>
  makeReconcile({ ...reconciler.deps, now, connections: ['stripe', 'stripe-eu'] });

describe('a call', () => {
  test('walks the log of its connection and no other', async () => {
    const reconciler = createReconciler(addMs(NOW, 3_600_000));
    await reconciler.happen(story().failed(0, { told: false }), false);
    expect(await doorOf(reconciler)({ connection: 'stripe-eu' })).toMatchObject([
      { events: 0 },
      { events: 0 },
    ]);
    expect(await doorOf(reconciler)({ connection: 'stripe' })).toMatchObject([
      { connection: 'stripe', recorded: 1, complete: true },
      { connection: 'stripe', unchanged: 1, complete: true },
    ]);
  });

  test.each([null, {}, { connection: 'paddle' }, { connection: 7 }, { connection: '__proto__' }])(
    '%j names no connection that is configured and is told so',
    async (event) => {
      await expect(doorOf(createReconciler(NOW))(event)).rejects.toThrow(
        'a run names its connection, such as {"connection":"stripe"}; configured are stripe, stripe-eu',
      );
    },
  );

  test('stops after 45 s, and leaves the rest and the cursor to the next', async () => {
    let now = addMs(NOW, 3_600_000);
    const slow = createReconciler(now, { pageSize: 1, fault: () => void (now = addMs(now, 10_000)) });
    for (let n = 1; n <= 8; n += 1) await slow.happen(story({ n }).failed(0, { told: false }), false);
    const walks = await doorOf(slow, () => now)({ connection: 'stripe' });
    expect(walks).toMatchObject([{ events: 4, recorded: 4, complete: false }]);
    expect((await slow.store.loadCursor('stripe')).version).toBe(0);
  });

  test('asks for 225 pages at most', async () => {
    const reconciler = createReconciler(addMs(NOW, 3_600_000), { pageSize: 1 });
    for (let n = 1; n <= 250; n += 1) await reconciler.happen(story({ n }).failed(0, { told: false }), false);
    await doorOf(reconciler)({ connection: 'stripe' });
    expect(reconciler.windows).toHaveLength(225);
  });
});
