// The hourly door of the look ahead: one connection a call, and its bounds.
import { describe, expect, test } from 'vitest';
import { addMs } from '../../core/time.ts';
import { makeLookAhead } from '../../functions/look-ahead.ts';
import { createWalker, debtor, subscriber, type WalkerOptions } from '../support/account.ts';
import { at } from '../support/customers.ts';

const NOW = at('2026-03-10T12:00Z');
const people = (count: number) => Array.from({ length: count }, (_, i) => debtor(`cus_${i}`, NOW));

const doorOf = (walker: ReturnType<typeof createWalker>) =>
  makeLookAhead({ ...walker.deps, connections: ['stripe', 'stripe-eu'] });

const slowWalker = (pageMs: number, options: WalkerOptions) => {
  const walker = createWalker(NOW, {
    ...options,
    fault: () => walker.setNow(addMs(walker.now(), pageMs)),
  });
  return walker;
};

describe('a call', () => {
  test('looks through the account of its connection, and leaves the other alone', async () => {
    const walker = createWalker(NOW, {
      lists: { subscriptions: [subscriber('cus_1', NOW)], overdue_invoices: people(1) },
    });
    expect(await doorOf(walker)({ connection: 'stripe' })).toMatchObject({
      connection: 'stripe',
      task: 'look_ahead',
      seen: 2,
      recorded: 2,
      done: true,
    });
    expect((await walker.store.loadWalk('stripe-eu', 'look_ahead')).version).toBe(0);
    expect((await walker.store.loadWalk('stripe', 'backfill')).version).toBe(0);
  });

  test('an hour after it was done asks for nothing', async () => {
    const walker = createWalker(NOW, { lists: { overdue_invoices: people(1) } });
    await doorOf(walker)({ connection: 'stripe' });
    walker.setNow(addMs(NOW, 3_600_000));
    walker.asked.length = 0;
    expect(await doorOf(walker)({ connection: 'stripe' })).toMatchObject({ seen: 0, done: true });
    expect(walker.asked).toEqual([]);
  });

  test.each([null, {}, { connection: 'paddle' }, { connection: 7 }, { connection: '__proto__' }])(
    '%j names no connection that is configured and is told so',
    async (event) => {
      await expect(doorOf(createWalker(NOW))(event)).rejects.toThrow(
        'a run names its connection, such as {"connection":"stripe"}; configured are stripe, stripe-eu',
      );
    },
  );

  test('begins no page after four minutes, and leaves the rest to the next', async () => {
    const walker = slowWalker(50_000, { lists: { overdue_invoices: people(9) }, pageSize: 1 });
    expect(await doorOf(walker)({ connection: 'stripe' })).toMatchObject({
      seen: 3,
      done: false,
      at: { list: 'overdue_invoices', after: 'cus_2' },
      ended: 'stopped',
    });
    walker.setNow(addMs(NOW, 3_600_000));
    expect(await doorOf(walker)({ connection: 'stripe' })).toMatchObject({ seen: 5, done: false });
  });
});
