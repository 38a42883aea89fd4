// What webhooks missed comes in by the provider's log: nothing twice, nothing skipped, whatever ends a run.
import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '../../../adapters/memory/store.ts';
import { DamagedItemError, OutsideError } from '../../../core/ports.ts';
import { addDays, addMs, HOUR_MS, instantFromSeconds, MINUTE_MS, toMs } from '../../../core/time.ts';
import { keyOf } from '../../support/customers.ts';
import { createReconciler, loggedOf } from '../../support/event-log.ts';
import { DAY_0, story } from '../../support/story.ts';
import { dispute, invoicePayment, stripeEvent } from '../../support/stripe-events.ts';

/** The stories begin at DAY_0; runs come an hour later. */
const NOW = addMs(instantFromSeconds(DAY_0), HOUR_MS);
const hoursLater = (hours: number) => addMs(NOW, hours * HOUR_MS);
const hours = (count: number): number => count / 24;

/** So many customers' failures, from `first` hours on, one each `every` hours. */
const failures = (count: number, first: number, every: number) =>
  Array.from({ length: count }, (_, i) =>
    story({ n: i + 1 }).failed(hours(first + i * every), { told: false }),
  ).flat();

const knownInvoices = async (reconciler: ReturnType<typeof createReconciler>, count: number) => {
  const keys = Array.from({ length: count }, (_, i) => keyOf(`cus_${i + 1}`));
  const loaded = await Promise.all(keys.map((key) => reconciler.store.load(key, NOW)));
  return loaded.flatMap(({ facts }) => Object.keys(facts.invoices)).length;
};

/** When the first of those failures happened that is not known yet; never, when all are. */
const oldestMissing = async (reconciler: ReturnType<typeof createReconciler>, count: number) => {
  const times = Array.from({ length: count }, (_, i) => DAY_0 * 1000 + (2 + i * 0.25) * HOUR_MS);
  for (const [i, time] of times.entries()) {
    const { facts } = await reconciler.store.load(keyOf(`cus_${i + 1}`), NOW);
    if (Object.keys(facts.invoices).length === 0) return time;
  }
  return Number.POSITIVE_INFINITY;
};

describe('a run', () => {
  test('takes in what no webhook told, through the same door', async () => {
    const reconciler = createReconciler(NOW);
    await reconciler.happen(story({ n: 1 }).failed(0), true);
    await reconciler.happen(story({ n: 2 }).failed(0), false);
    const [undelivered] = await reconciler.run();
    expect(undelivered).toMatchObject({ walk: 'undelivered', events: 2, recorded: 1, complete: true });
    const { facts, dueAt } = await reconciler.store.load(keyOf('cus_2'), NOW);
    expect(facts.invoices['in_2']?.failure).not.toBeNull();
    expect(dueAt).not.toBeNull();
    expect(reconciler.times('reconcile_recorded')).toBeGreaterThanOrEqual(1);
  });

  test('repeats nothing: what is known costs a read and no write', async () => {
    const reconciler = createReconciler(NOW);
    await reconciler.happen(failures(20, 0, 0), false);
    await reconciler.run();
    const before = await reconciler.store.load(keyOf('cus_1'), NOW);
    reconciler.reset();
    const [again] = await reconciler.run();
    expect(again).toMatchObject({ events: 20, unchanged: 20, recorded: 0 });
    expect(reconciler.counts).toEqual({ reads: 21, writes: 0 });
    expect(await reconciler.store.load(keyOf('cus_1'), NOW)).toBe(before);
  });

  test('the first begins two hours back, and asks for nothing of the last minute', async () => {
    const reconciler = createReconciler(NOW);
    await reconciler.happen(story({ n: 1 }).failed(hours(1), { told: false }), false);
    const walks = await reconciler.run();
    const to = addMs(NOW, -MINUTE_MS);
    for (const walk of walks) expect(walk).toMatchObject({ from: addMs(to, -2 * HOUR_MS), to, events: 0 });
    expect(walks.map(({ walk }) => walk)).toEqual(['undelivered', 'all']);
  });

  test('every later one overlaps by two hours; everything is walked once a day', async () => {
    const reconciler = createReconciler(NOW);
    await reconciler.run();
    const fulls: number[] = [];
    for (let hour = 1; hour <= 50; hour += 1) {
      reconciler.setNow(hoursLater(hour));
      const walks = await reconciler.run();
      expect(toMs(hoursLater(hour)) - toMs(walks[0]?.from ?? NOW)).toBe(3 * HOUR_MS + MINUTE_MS);
      if (walks.length > 1) fulls.push(hour);
    }
    expect(fulls).toEqual([24, 48]);
  });

  test('what was taken for delivered, and was not recorded, comes in by the daily walk', async () => {
    const reconciler = createReconciler(NOW);
    await reconciler.run();
    for (const event of story({ n: 1 }).failed(hours(2), { told: false }))
      reconciler.append(loggedOf(event), true);
    reconciler.setNow(hoursLater(6));
    await reconciler.run();
    expect(await knownInvoices(reconciler, 1)).toBe(0);
    reconciler.setNow(hoursLater(25));
    expect((await reconciler.run())[1]).toMatchObject({ walk: 'all', recorded: 1, complete: true });
    expect(await knownInvoices(reconciler, 1)).toBe(1);
  });

  test('an event that comes into the log an hour late is not passed by', async () => {
    const reconciler = createReconciler(NOW);
    await reconciler.run();
    reconciler.setNow(hoursLater(1));
    await reconciler.run();
    await reconciler.happen(story({ n: 1 }).failed(hours(1), { told: false }), false);
    reconciler.setNow(hoursLater(2));
    expect((await reconciler.run())[0]).toMatchObject({ recorded: 1 });
  });

  test('tells how far behind it is', async () => {
    const reconciler = createReconciler(NOW);
    await reconciler.run();
    reconciler.setNow(hoursLater(1));
    await reconciler.run();
    expect(reconciler.gauges).toEqual([2 * 3600 + 60, 3 * 3600 + 60]);
  });
});

describe('the cursor', () => {
  /** After a first run, 40 failures over ten hours that no webhook told, in pages of two. */
  const outage = async (store = createMemoryStore()) => {
    const reconciler = createReconciler(NOW, { store, pageSize: 2 });
    await reconciler.run();
    await reconciler.happen(failures(40, 2, 0.25), false);
    reconciler.setNow(hoursLater(24));
    return reconciler;
  };

  test('stays where it was when the time is over in the middle of a window', async () => {
    const reconciler = await outage();
    const before = await reconciler.store.loadCursor('stripe');
    let asked = 0;
    const [stopped] = await reconciler.run({ goOn: () => (asked += 1) < 30 });
    expect(stopped).toMatchObject({ walk: 'undelivered', complete: false });
    expect(stopped?.recorded).toBeGreaterThan(0);
    expect(await reconciler.store.loadCursor('stripe')).toEqual(before);
    expect((await reconciler.run())[0]).toMatchObject({ complete: true });
    expect(await knownInvoices(reconciler, 40)).toBe(40);
  });

  test('stays when there is no time at all, and nothing is asked for', async () => {
    const reconciler = await outage();
    reconciler.windows.length = 0;
    expect((await reconciler.run({ goOn: () => false }))[0]).toMatchObject({ events: 0, complete: false });
    expect(reconciler.windows).toEqual([]);
  });

  test('moves after each whole window, so that short runs come to the end of a long log', async () => {
    const reconciler = await outage();
    const cursors: string[] = [];
    for (let runs = 0; runs < 40; runs += 1) {
      // The first window is too long for any run: 20 pages are read of it before it is given up.
      const [walk] = await reconciler.run({ requests: 26 });
      cursors.push((await reconciler.store.loadCursor('stripe')).undelivered ?? '');
      if (walk?.complete) break;
    }
    expect(new Set(cursors).size).toBe(cursors.length);
    expect(cursors).toEqual(cursors.toSorted());
    expect(cursors.length).toBeLessThan(10);
    expect(await knownInvoices(reconciler, 40)).toBe(40);
  });

  test('never passes anything: wherever a run is cut off, the ones after it find the rest', async () => {
    for (let cut = 1; cut <= 60; cut += 1) {
      const reconciler = await outage();
      await reconciler.run({ requests: cut });
      for (let runs = 0; runs < 20; runs += 1) if ((await reconciler.run({ requests: 26 })).length > 1) break;
      expect(await knownInvoices(reconciler, 40), `cut off after ${cut} requests`).toBe(40);
    }
  });

  test('a crash at any write leaves it there, and the next run makes it good', async () => {
    for (let crash = 1; crash <= 45; crash += 4) {
      let writes = Number.NEGATIVE_INFINITY;
      const store = createMemoryStore({
        fault: (operation) => {
          if (operation !== 'save' && operation !== 'saveCursor') return;
          writes += 1;
          if (writes === crash) throw new OutsideError('the table does not answer', 'later');
        },
      });
      const reconciler = await outage(store);
      writes = 0;
      await expect(reconciler.run()).rejects.toThrow('the table does not answer');
      expect(reconciler.times('reconcile_failed')).toBe(1);
      const { undelivered } = await reconciler.store.loadCursor('stripe');
      expect(toMs(undelivered ?? NOW)).toBeLessThanOrEqual(await oldestMissing(reconciler, 40));
      await reconciler.run();
      expect(await knownInvoices(reconciler, 40)).toBe(40);
    }
  });

  test('of two runs at once one gives way', async () => {
    const reconciler = await outage();
    const runs = await Promise.all([reconciler.run(), reconciler.run()]);
    expect(runs.filter(([walk]) => walk?.complete)).toHaveLength(1);
    expect(reconciler.times('reconcile_failed')).toBe(0);
    expect(await knownInvoices(reconciler, 40)).toBe(40);
  });

  test('a second with more events than a window may have is walked through', async () => {
    const reconciler = createReconciler(NOW, { pageSize: 1 });
    await reconciler.happen(failures(50, 0, 0), false);
    expect((await reconciler.run())[0]).toMatchObject({ complete: true });
    expect(await knownInvoices(reconciler, 50)).toBe(50);
  });

  test('a month of silence takes few requests', async () => {
    const reconciler = createReconciler(NOW);
    await reconciler.run();
    reconciler.windows.length = 0;
    reconciler.setNow(addDays(NOW, 29));
    await reconciler.run();
    expect(reconciler.windows.length).toBeLessThan(14);
  });
});

describe('a gap', () => {
  test('of more than 30 days is told, and the walk begins at the oldest event that is kept', async () => {
    const reconciler = createReconciler(NOW);
    await reconciler.run();
    const later = addDays(NOW, 31);
    reconciler.setNow(later);
    const [walk] = await reconciler.run();
    expect(walk).toMatchObject({ from: addDays(later, -30), complete: true });
    expect(reconciler.metrics).toContainEqual(
      expect.objectContaining({ metric: 'reconcile_gap', oldestKept: addDays(later, -30) }),
    );
    reconciler.metrics.length = 0;
    await reconciler.run();
    expect(reconciler.times('reconcile_gap')).toBe(0);
  });

  test('of 29 days is none', async () => {
    const reconciler = createReconciler(NOW);
    await reconciler.run();
    reconciler.setNow(addDays(NOW, 29));
    await reconciler.run();
    expect(reconciler.times('reconcile_gap')).toBe(0);
  });
});

describe('what goes wrong', () => {
  test('a refused event is counted by its id and stops nobody', async () => {
    const reconciler = createReconciler(NOW);
    const at = instantFromSeconds(DAY_0);
    reconciler.append({ id: 'evt_bad', at, told: { kind: 'refused', reason: 'created: not a number' } });
    reconciler.append({ id: 'evt_other', at, told: { kind: 'ignored', reason: 'not used' } });
    await reconciler.happen(failures(1, 0, 0), false);
    const [walk] = await reconciler.run();
    expect(walk).toMatchObject({ events: 3, refused: 1, ignored: 1, recorded: 1, complete: true });
    expect(reconciler.metrics).toContainEqual({
      metric: 'reconcile_refused',
      connection: 'stripe',
      event: 'evt_bad',
      why: 'created: not a number',
    });
  });

  test.each([
    ['cannot be read', new DamagedItemError('customer stripe/cus_2 cannot be read')],
    ['has grown too large', new OutsideError('customer stripe/cus_2 is too large to store', 'never')],
    ['breaks us', new TypeError('undefined is not a function')],
  ])('a customer whose item %s stops nobody', async (_, error) => {
    const store = createMemoryStore({
      fault: (operation, id) => {
        if (operation === 'load' && id === keyOf('cus_2')) throw error;
      },
    });
    const reconciler = createReconciler(NOW, { store });
    await reconciler.happen(failures(3, 0, 0), false);
    const [walk] = await reconciler.run();
    expect(walk).toMatchObject({ recorded: 2, refused: 1, complete: true });
    expect((await reconciler.store.loadCursor('stripe')).undelivered).not.toBeNull();
  });

  test.each(['the provider', 'the table'])('%s asks to slow down: the run ends quietly', async (who) => {
    const slow = new OutsideError('slow down', 'later', true);
    let [pages, throttles] = [0, true];
    const store = createMemoryStore({
      fault: (operation, id) => {
        if (throttles && who === 'the table' && operation === 'load' && id === keyOf('cus_1')) throw slow;
      },
    });
    const reconciler = createReconciler(NOW, {
      store,
      pageSize: 2,
      fault: () => {
        pages += 1;
        if (throttles && who === 'the provider' && pages === 2) throw slow;
      },
    });
    await reconciler.happen(failures(3, 0, 0), false);
    const walks = await reconciler.run();
    expect(walks).toHaveLength(1);
    expect(walks[0]).toMatchObject({ complete: false });
    expect(reconciler.times('throttled')).toBe(1);
    expect(reconciler.times('reconcile_failed')).toBe(0);
    expect((await reconciler.store.loadCursor('stripe')).version).toBe(0);
    throttles = false;
    expect((await reconciler.run())[0]).toMatchObject({ complete: true });
    expect(await knownInvoices(reconciler, 3)).toBe(3);
  });

  test('a log that does not answer is told and thrown', async () => {
    const fault = () => {
      throw new OutsideError('Stripe, listing events: the key is not accepted', 'never');
    };
    const reconciler = createReconciler(NOW, { fault });
    await expect(reconciler.run()).rejects.toThrow('the key is not accepted');
    expect(reconciler.metrics[0]).toMatchObject({ metric: 'reconcile_failed', walk: 'undelivered' });
  });
});

describe('an event that names no customer', () => {
  test('is kept for the clock, once while it waits', async () => {
    const reconciler = createReconciler(NOW);
    const disputed = stripeEvent('charge.dispute.created', dispute(), { created: DAY_0 });
    await reconciler.happen([disputed], false);
    expect((await reconciler.run())[0]).toMatchObject({ kept: 1, recorded: 0 });
    expect((await reconciler.run())[0]).toMatchObject({ kept: 0, unchanged: 1 });
  });

  test('but an invoice that its neighbours name is brought home at once', async () => {
    const reconciler = createReconciler(NOW, { pageSize: 1 });
    const part = invoicePayment({ id: 'inpay_1', invoice: 'in_1', amount_paid: 500 });
    await reconciler.happen([stripeEvent('invoice_payment.paid', part, { created: DAY_0 - 1 })], false);
    await reconciler.happen(story({ n: 1 }).failed(0, { told: false }), false);
    expect((await reconciler.run())[0]).toMatchObject({ kept: 0, recorded: 2 });
    const { facts } = await reconciler.store.load(keyOf('cus_1'), NOW);
    expect(Object.keys(facts.changes)).toEqual(['inpay_1']);
  });
});
