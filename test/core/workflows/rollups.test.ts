// Kept sums: whatever is written while they are made, a report by them is the report of every case read anew.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '../../../adapters/memory/store.ts';
import { DamagedItemError, OutsideError, VersionConflictError, type Store } from '../../../core/ports.ts';
import type { Adjustment, CaseRecord, Customer, Outbox } from '../../../core/recovery/customer.ts';
import { newCustomer } from '../../../core/recovery/customer.ts';
import { summaryOf } from '../../../core/reports/outcome.ts';
import { countInto, emptyCounting } from '../../../core/reports/rollup.ts';
import type { ReportCase } from '../../../core/reports/rows.ts';
import { addDays, addMs, HOUR_MS, monthOf, startOfMonth, type Instant } from '../../../core/time.ts';
import { markOpened, publish } from '../../../core/workflows/publish.ts';
import {
  casesFor,
  readReport,
  readReportWithRows,
  reportOn,
  type ReportQuery,
} from '../../../core/workflows/read-report.ts';
import { at, bookOf, openCaseOf } from '../../support/customers.ts';
import { caseOf, movedAfter, type Failure } from '../../support/reports.ts';
import { createRunner } from '../../support/runner.ts';
import { story } from '../../support/story.ts';

const MONTHS: ReportQuery = {
  from: at('2026-01-01T00:00Z'),
  to: at('2026-05-01T00:00Z'),
  by: 'decline',
  months: 12,
};
/** Long enough after March for its sums to be kept, and in the month after it. */
const NOW = at('2026-04-20T12:00Z');

/** The report as it is without any sums. */
const anew = (store: Store, query: ReportQuery, now: Instant) =>
  reportOn(casesFor(store, query, now), query, now);

const howOf = async (store: Store, now: Instant, month = '2026-03', query = MONTHS) => {
  const { months } = await readReport(store, query, now);
  return months.find((one) => one.month === month)?.how;
};

/** What is kept of a month is what its cases come to, but for those that it says were open. */
const expectSound = async (store: Store, now: Instant): Promise<void> => {
  const cases: ReportCase[] = [];
  for await (const one of casesFor(store, MONTHS, now)) cases.push(one);
  for (const month of ['2026-01', '2026-02', '2026-03', '2026-04']) {
    const { sums } = await store.loadRollup(month);
    if (sums === null) continue;
    const counted = emptyCounting();
    const open = new Set(sums.open.map(({ id }) => id));
    for (const one of cases) {
      if (monthOf(one.record.openedAt) === month && !open.has(one.record.id)) countInto(counted, one, now);
    }
    expect([month, sums]).toEqual([month, { ...counted, open: sums.open }]);
  }
};

/** A case that a test takes through its life: it is opened, closed, and amended as often as the test goes on. */
type Life = { readonly record: CaseRecord; stage: number };

const openOf = ({ id, openedAt, failures, invoices }: CaseRecord) =>
  openCaseOf(id, {
    openedAt,
    ladders: failures.flatMap(({ subjectId, failedAt }) =>
      openCaseOf(id).ladders.map((one) => ({
        ...one,
        subjectId,
        invoiceId: subjectId,
        anchor: failedAt,
      })),
    ),
    books: invoices.map(({ subjectId, failedMinor }) =>
      bookOf(subjectId, { failedMinor, openMinor: failedMinor }),
    ),
  });

const amendmentOf = ({ record, stage }: Life, now: Instant): Adjustment =>
  movedAfter(
    record.id.slice('case_'.length),
    stage % 2 === 0 ? 'payment' : 'refund',
    now,
    100 + stage,
    `a${stage}`,
  );

/** Writes as a visit does: what is left to put stands in the outbox first. A process that dies leaves it there. */
const visit = async (store: Store, life: Life, now: Instant, dies = false): Promise<void> => {
  const { record } = life;
  let customer = await store.load(record.key, now);
  const save = async (changes: Partial<Customer>): Promise<void> => {
    customer = { ...customer, ...changes, version: customer.version + 1 };
    await store.save(customer);
  };
  await publish(store, customer, now);
  const { recovery } = newCustomer(record.key);
  const stage = life.stage;
  life.stage += 1;
  if (stage === 0) {
    const next = { recovery: { ...recovery, case: openOf(record) }, outbox: null };
    await markOpened(store, { ...customer, ...next }, now);
    return save(next);
  }
  const outbox: Outbox = {
    closed: stage === 1 ? record : null,
    adjustments: stage === 1 ? [] : [amendmentOf(life, now)],
    journal: null,
  };
  await save({ recovery, outbox });
  if (dies) return;
  await publish(store, customer, now);
  await save({ outbox: null });
};

const live = async (store: Store, record: CaseRecord, stages: number, now: Instant): Promise<Life> => {
  const life = { record, stage: 0 };
  for (let i = 0; i < stages; i += 1) await visit(store, life, now);
  return life;
};

const named = (name: string): CaseRecord =>
  caseOf(name, [{ outcome: 'lost', failedAt: at('2026-03-05T09:00Z') }]).record;

const MARCH_CASE = named('a');

describe('laws', () => {
  const failure = fc.record({
    outcome: fc.constantFrom('recovered', 'lost', 'withdrawn'),
    minor: fc.integer({ min: 1, max: 5000 }),
    months: fc.integer({ min: 0, max: 2 }),
    after: fc.integer({ min: 0, max: 70 }),
    cohort: fc.constantFrom('live', 'live', 'imported'),
  });
  const someCase = fc.record({
    month: fc.integer({ min: 0, max: 3 }),
    failures: fc.array(failure, { minLength: 1, maxLength: 3 }),
    arm: fc.constantFrom('mailed', 'held_out', null),
    requests: fc.option(fc.record({ received: fc.nat(9), visits: fc.nat(9), writes: fc.nat(9) })),
  });
  const act = fc.record({ life: fc.nat(), reads: fc.boolean(), dies: fc.boolean() });
  const phase = fc.record({
    hours: fc.constantFrom(0, 0.5, 2, 30),
    acts: fc.array(act, { minLength: 1, maxLength: 5 }),
  });

  const recordOf = (name: string, made: typeof someCase extends fc.Arbitrary<infer T> ? T : never) => {
    const failures = made.failures.map(({ outcome, minor, months, after, cohort }): Failure => {
      const month = `2026-0${made.month + months + 1}`;
      return { outcome, minor, after, failedAt: addDays(startOfMonth(month), 4), book: { cohort } };
    });
    const openedAt = addDays(startOfMonth(`2026-0${made.month + 1}`), 4);
    const steps = openCaseOf('').ladders.map(({ subjectId }) => ({
      ...({ subjectId, id: 'reminder-1', kind: 'email', at: openedAt, status: 'done', why: 'due' } as const),
      message: 'reminder',
    }));
    const exposure = made.arm === null ? {} : { lift: { arm: made.arm, at: openedAt } };
    return caseOf(name, failures, { openedAt, steps, exposure, requests: made.requests }).record;
  };

  test('a report by sums is the report of every case, and sums that are kept are what their cases come to', async () => {
    const law = fc.asyncProperty(
      fc.array(someCase, { minLength: 1, maxLength: 4 }),
      fc.array(phase, { minLength: 1, maxLength: 5 }),
      fc.scheduler(),
      async (made, phases, scheduler) => {
        let isRacing = true;
        const store = createMemoryStore({
          fault: async () => void (isRacing && (await scheduler.schedule(Promise.resolve()))),
        });
        const lives = made.map((one, i): Life => ({ record: recordOf(`c${i}`, one), stage: 0 }));
        let now = NOW;
        for (const { hours, acts } of phases) {
          now = addMs(now, hours * HOUR_MS);
          // One visit at a time holds the lease of a customer; everything else runs at once.
          const turns = new Map<Life, Promise<void>>();
          const reads = acts.filter(({ reads: isRead }) => isRead).map(() => readReport(store, MONTHS, now));
          for (const { life: n, dies, reads: isRead } of acts) {
            const life = lives[n % lives.length];
            if (life === undefined || isRead) continue;
            turns.set(
              life,
              (turns.get(life) ?? Promise.resolve()).then(() => visit(store, life, now, dies)),
            );
          }
          await scheduler.waitFor(Promise.all([...reads, ...turns.values()]));
          isRacing = false;
          await expectSound(store, now);
          const whole = await anew(store, MONTHS, now);
          expect((await readReport(store, MONTHS, now)).report).toEqual(whole.report);
          expect(await readReportWithRows(store, MONTHS, now)).toMatchObject(whole);
          const march = { ...MONTHS, from: at('2026-03-01T00:00Z'), to: at('2026-04-01T00:00Z') };
          expect((await readReport(store, march, now)).report).toEqual(
            (await anew(store, march, now)).report,
          );
          await expectSound(store, now);
          isRacing = true;
        }
      },
    );
    await fc.assert(law, { numRuns: 150 });
  });
});

/** A store whose operations a test can make do something first, or throw. */
const watched = (before: (operation: keyof Store, id: string) => void | Promise<void> = () => {}) => {
  const calls: string[] = [];
  const store = createMemoryStore({
    fault: async (operation, id) => {
      calls.push(operation);
      await before(operation, id);
    },
  });
  const reads = async (work: () => Promise<unknown>): Promise<number> => {
    calls.length = 0;
    await work();
    return calls.filter((one) => one === 'loadClosedCase').length;
  };
  return { store, calls, reads };
};

const expectTrue = async (store: Store, now: Instant): Promise<void> => {
  await expectSound(store, now);
  const { report } = await readReport(store, MONTHS, now);
  expect(report).toEqual((await anew(store, MONTHS, now)).report);
};

describe('the sums of a month', () => {
  test('are kept once it is over for a week: from then on none of its settled cases is read', async () => {
    const { store, reads } = watched();
    for (const name of ['a', 'b', 'c']) await live(store, named(name), 2, at('2026-03-20T12:00Z'));
    for (const day of ['2026-03-25', '2026-04-07']) {
      expect(await howOf(store, at(`${day}T23:59Z`))).toBe('too_soon');
    }
    expect(await howOf(store, at('2026-04-08T00:00Z'))).toBe('kept');
    expect(await reads(() => readReport(store, MONTHS, NOW))).toBe(0);
    expect(await howOf(store, NOW)).toBe('sums');
    await expectTrue(store, NOW);
  });

  test('name the cases that are open: these alone are read, and counted in once they are settled', async () => {
    const { store, reads } = watched();
    for (const name of ['a', 'b', 'c']) await live(store, named(name), 2, NOW);
    const open = await live(store, named('d'), 1, at('2026-03-20T12:00Z'));
    const later = addMs(NOW, 2 * HOUR_MS);
    expect(await howOf(store, later)).toBe('kept');
    expect(await reads(() => readReport(store, MONTHS, later))).toBe(1);
    await visit(store, open, later);
    await expectTrue(store, later);
    expect((await store.loadRollup('2026-03')).sums?.open).toEqual([]);
    expect(await reads(() => readReport(store, MONTHS, later))).toBe(0);
  });

  test('are no part of a report of days, or with a filter, and change none', async () => {
    const { store, reads } = watched();
    await live(store, MARCH_CASE, 2, at('2026-03-20T12:00Z'));
    await readReport(store, MONTHS, NOW);
    for (const part of [{ to: at('2026-04-30T00:00Z') }, { currency: 'EUR' }, { only: { brand: 'visa' } }]) {
      const query = { ...MONTHS, ...part };
      expect(await reads(() => readReport(store, query, NOW))).toBe(1);
      expect(await readReport(store, query, NOW)).toMatchObject({ months: [] });
    }
  });

  test('do for the invoices too, of a month without any in the period', async () => {
    const { store, reads } = watched();
    await live(store, MARCH_CASE, 2, at('2026-03-20T12:00Z'));
    await readReport(store, MONTHS, NOW);
    const april = { ...MONTHS, from: at('2026-04-01T00:00Z') };
    expect(await reads(() => readReportWithRows(store, april, NOW))).toBe(0);
    expect((await readReportWithRows(store, MONTHS, NOW)).rows).toHaveLength(1);
  });
});

describe('a month that changes', () => {
  test('is folded again after an amendment, and not kept within the hour', async () => {
    const { store } = watched();
    const life = await live(store, MARCH_CASE, 2, at('2026-03-20T12:00Z'));
    expect(await howOf(store, NOW)).toBe('kept');
    await visit(store, life, NOW);
    expect(await howOf(store, addMs(NOW, HOUR_MS - 1))).toBe('too_soon');
    await expectTrue(store, NOW);
    expect(await howOf(store, addMs(NOW, HOUR_MS))).toBe('kept');
    await expectTrue(store, addMs(NOW, HOUR_MS));
  });

  test('is folded again when a failure of then is found late', async () => {
    const { store } = watched();
    await live(store, MARCH_CASE, 2, at('2026-03-20T12:00Z'));
    await readReport(store, MONTHS, NOW);
    await live(store, named('late'), 1, NOW);
    await expectTrue(store, NOW);
    expect((await readReport(store, MONTHS, NOW)).report.cases).toBe(2);
  });

  test('is never kept without what is just being put, wherever the process dies', async () => {
    for (let last = 0; last <= 4; last += 1) {
      const { store } = watched();
      const life = await live(store, MARCH_CASE, 2, at('2026-03-20T12:00Z'));
      await readReport(store, MONTHS, NOW);
      let writes = 0;
      const write =
        <A extends unknown[]>(operation: (...args: A) => Promise<void>) =>
        async (...args: A): Promise<void> => {
          writes += 1;
          if (writes > last) throw new Error('the process died');
          await operation(...args);
        };
      const dying: Store = {
        ...store,
        save: write((...args) => store.save(...args)),
        markStale: write((...args) => store.markStale(...args)),
        putAdjustment: write((...args) => store.putAdjustment(...args)),
      };
      await visit(dying, life, NOW).catch(() => {});
      expect(writes).toBe(Math.min(last + 1, 4));
      // Whatever is kept then and in the next hours is what the cases come to.
      for (const hours of [0, 0.5, 2]) await expectTrue(store, addMs(NOW, hours * HOUR_MS));
      await publish(store, await store.load(MARCH_CASE.key, NOW), addMs(NOW, 2 * HOUR_MS));
      await expectTrue(store, addMs(NOW, 2 * HOUR_MS));
    }
  });

  test('is not kept as it was read between the mark and what was put', async () => {
    const { store } = watched(async (operation) => {
      if (operation === 'putAdjustment') await readReport(store, MONTHS, NOW);
    });
    const life = await live(store, MARCH_CASE, 2, at('2026-03-20T12:00Z'));
    await visit(store, life, NOW);
    expect((await store.loadRollup('2026-03')).sums).toBeNull();
    await expectTrue(store, NOW);
    await expectTrue(store, addMs(NOW, 2 * HOUR_MS));
  });

  test('is not kept when it is amended while it is folded', async () => {
    let amend: (() => Promise<void>) | null = null;
    const { store } = watched(async (operation) => {
      if (operation !== 'saveRollup' || amend === null) return;
      const now = amend;
      amend = null;
      await now();
    });
    const life = await live(store, MARCH_CASE, 2, at('2026-03-20T12:00Z'));
    amend = () => visit(store, life, NOW);
    expect(await howOf(store, NOW)).toBe('raced');
    await expectTrue(store, addMs(NOW, 2 * HOUR_MS));
  });

  test('is not kept when a case was passed by as it moved in the index, and that case is in the next report', async () => {
    const { store } = watched();
    for (const name of ['a', 'b']) await live(store, named(name), 2, at('2026-03-20T12:00Z'));
    let listed = 0;
    const moving: Store = {
      ...store,
      listCases: async (month) => {
        const all = await store.listCases(month);
        listed += month === '2026-03' ? 1 : 0;
        return month === '2026-03' && listed === 1 ? all.slice(1) : all;
      },
    };
    expect(await howOf(moving, NOW)).toBe('unsure');
    expect(await howOf(moving, NOW)).toBe('kept');
    await expectTrue(store, NOW);
  });

  test('is not kept while its index names a case that nobody can read', async () => {
    const { store } = watched();
    await live(store, MARCH_CASE, 2, at('2026-03-20T12:00Z'));
    const gone = summaryOf(named('gone'));
    const lagging: Store = {
      ...store,
      listCases: async (month) => [...(await store.listCases(month)), ...(month === '2026-03' ? [gone] : [])],
    };
    expect(await howOf(lagging, NOW)).toBe('unsure');
    expect(await howOf(store, NOW)).toBe('kept');
  });

  test('has a case that is being closed, and waits in the outbox, in its report', async () => {
    const { store } = watched();
    const life = await live(store, MARCH_CASE, 1, at('2026-03-20T12:00Z'));
    await visit(store, life, NOW, true);
    expect((await readReport(store, MONTHS, NOW)).report.cases).toBe(1);
    await publish(store, await store.load(MARCH_CASE.key, NOW), NOW);
    await expectTrue(store, NOW);
  });
});

describe('sums that cannot be kept or read', () => {
  test('that are damaged are forgotten, folded anew, and kept an hour later', async () => {
    let isBroken = false;
    const { store } = watched((operation, month) => {
      if (operation === 'markStale') isBroken = false;
      if (operation === 'loadRollup' && month === '2026-03' && isBroken) throw new DamagedItemError('no');
    });
    await live(store, MARCH_CASE, 2, at('2026-03-20T12:00Z'));
    await readReport(store, MONTHS, NOW);
    isBroken = true;
    const { report, months } = await readReport(store, MONTHS, NOW);
    expect(months.find(({ month }) => month === '2026-03')?.how).toBe('damaged');
    expect(report).toEqual((await anew(store, MONTHS, NOW)).report);
    expect(await howOf(store, NOW)).toBe('too_soon');
    expect(await howOf(store, addMs(NOW, HOUR_MS))).toBe('kept');
  });

  test('that are too large are folded each time, and no report fails for it', async () => {
    const { store } = watched();
    await live(store, MARCH_CASE, 2, at('2026-03-20T12:00Z'));
    const small: Store = { ...store, saveRollup: async () => 'too_large' };
    for (let i = 0; i < 2; i += 1) expect(await howOf(small, NOW)).toBe('too_large');
    await expectTrue(small, NOW);
  });

  test.each([
    ['a store that may only be read', new OutsideError('access was denied', 'never'), 'unwritten'],
    ['another reader who was first', new VersionConflictError('another writer was first'), 'raced'],
  ])('stop no report: %s', async (_, error, how) => {
    const { store } = watched((operation) => {
      if (operation === 'saveRollup') throw error;
    });
    await live(store, MARCH_CASE, 2, at('2026-03-20T12:00Z'));
    expect(await howOf(store, NOW)).toBe(how);
    await expectTrue(store, NOW);
  });
});

describe('what it costs the clock', () => {
  const s = story();

  const marksOf = async (life: (runner: ReturnType<typeof createRunner>) => Promise<void>) => {
    const { store, calls } = watched();
    const runner = createRunner({ store });
    await life(runner);
    return { runner, marks: calls.filter((one) => one === 'markStale').length };
  };

  test('a life within its month and the first days of the next marks nothing', async () => {
    const { marks } = await marksOf(async (runner) => {
      await runner.tell(...s.failed(0, { next: 3 }));
      await runner.toDay(5.5);
      await runner.tell(...s.paid(5.5));
      await runner.toDay(80);
    });
    expect(marks).toBe(0);
  });

  test('a case that is closed months later marks nothing; what comes in for it afterwards does, once', async () => {
    const lose = async (runner: ReturnType<typeof createRunner>) => {
      await runner.tell(...s.failed(0, { next: null }));
      await runner.toDay(60);
      await runner.tell(...s.told('invoice.marked_uncollectible', 60, { status: 'uncollectible' }));
      await runner.toDay(70);
    };
    expect((await marksOf(lose)).marks).toBe(0);
    const { runner, marks } = await marksOf(async (one) => {
      await lose(one);
      expect(await howOf(one.store, one.clock.now())).toBe('kept');
      await one.tell(...s.paid(75));
      await one.toDay(76);
    });
    expect(marks).toBe(1);
    await expectTrue(runner.store, runner.clock.now());
    expect((await readReport(runner.store, MONTHS, runner.clock.now())).report.currencies).toMatchObject([
      { cell: { recovered: { n: 1, minor: 2500 }, lost: { n: 0 } } },
    ]);
  });

  test('a failure of a month that is over, found late, marks that month once', async () => {
    const { runner, marks } = await marksOf(async (one) => {
      await one.toDay(45);
      await one.tell(...s.failed(0, { next: 3 }));
      await one.toDay(46);
    });
    expect(marks).toBe(1);
    expect((await runner.store.loadRollup('2026-03')).staleAt).not.toBeNull();
  });
});
