// Kept sums: whatever is written while they are made, a report by them is the report of every case read anew.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '../../../adapters/memory/store.ts';
import { DamagedItemError, OutsideError, VersionConflictError, type Store } from '../../../core/ports.ts';
import type { CaseRecord } from '../../../core/recovery/customer.ts';
import { summaryOf } from '../../../core/reports/outcome.ts';
import { countInto, emptyCounting } from '../../../core/reports/rollup.ts';
import type { ReportCase } from '../../../core/reports/rows.ts';
import { addDays, addMs, HOUR_MS, monthOf, startOfMonth, type Instant } from '../../../core/time.ts';
import { publish } from '../../../core/workflows/publish.ts';
import {
  casesFor,
  readReport,
  readReportWithRows,
  reportOn,
  type ReportQuery,
} from '../../../core/workflows/read-report.ts';
import { at, openCaseOf } from '../../support/customers.ts';
import { live, visit, type Life } from '../../support/lives.ts';
import { caseOf, type Failure } from '../../support/reports.ts';
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

const [FEBRUARY_1, MARCH_1, APRIL_1] = [
  at('2026-02-01T00:00Z'),
  at('2026-03-01T00:00Z'),
  at('2026-04-01T00:00Z'),
];

/** Every kind of query: whole months and parts of them, some failures and all. */
const QUERIES: readonly ReportQuery[] = [
  MONTHS,
  { ...MONTHS, from: MARCH_1, to: APRIL_1 },
  { ...MONTHS, from: FEBRUARY_1, to: MARCH_1, currency: 'EUR' },
  { ...MONTHS, from: at('2026-02-10T00:00Z'), to: at('2026-03-06T00:00Z') },
  { ...MONTHS, from: at('2025-12-01T00:00Z'), to: FEBRUARY_1, only: { brand: 'visa' } },
  { ...MONTHS, from: at('2026-06-01T00:00Z'), to: at('2026-07-01T00:00Z') },
];

/** What is kept of a month is what its cases come to, but for those that it says were open. */
const expectSound = async (store: Store, now: Instant): Promise<void> => {
  const cases: ReportCase[] = [];
  for await (const one of casesFor(store, MONTHS, now)) cases.push(one);
  for (const month of ['2026-01', '2026-02', '2026-03', '2026-04']) {
    const { sums } = await store.loadRollup(month);
    if (sums === null) continue;
    const { until } = sums;
    const counted = emptyCounting();
    const open = new Set(sums.open.map(({ id }) => id));
    for (const one of cases) {
      const { openedAt, id } = one.record;
      if (monthOf(openedAt) === month && openedAt < until && !open.has(id)) countInto(counted, one, now);
    }
    expect([month, sums]).toEqual([month, { until, ...counted, open: sums.open }]);
  }
};

const named = (name: string): CaseRecord =>
  caseOf(name, [{ outcome: 'lost', failedAt: at('2026-03-05T09:00Z') }]).record;

const MARCH_CASE = named('a');

describe('laws', () => {
  const failure = fc.record({
    outcome: fc.constantFrom('recovered', 'lost', 'withdrawn'),
    minor: fc.integer({ min: 1, max: 5000 }),
    // Before the month in which its case is opened: it was told late.
    months: fc.integer({ min: -1, max: 2 }),
    currency: fc.constantFrom('EUR', 'EUR', 'JPY'),
    brand: fc.constantFrom('visa', 'amex'),
    after: fc.integer({ min: 0, max: 70 }),
    cohort: fc.constantFrom('live', 'live', 'imported'),
  });
  const someCase = fc.record({
    month: fc.integer({ min: 0, max: 3 }),
    // In the month that is not over: what sums reach from the first, in a few days, and not yet.
    day: fc.constantFrom(4, 13, 17),
    failures: fc.array(failure, { minLength: 1, maxLength: 3 }),
    arm: fc.constantFrom('mailed', 'held_out', null),
    requests: fc.option(fc.record({ received: fc.nat(9), visits: fc.nat(9), writes: fc.nat(9) })),
  });
  const act = fc.record({
    life: fc.nat(),
    reads: fc.option(fc.constantFrom(...QUERIES)),
    dies: fc.boolean(),
  });
  const phase = fc.record({
    hours: fc.constantFrom(0, 0.5, 2, 30),
    acts: fc.array(act, { minLength: 1, maxLength: 5 }),
  });

  const recordOf = (name: string, made: typeof someCase extends fc.Arbitrary<infer T> ? T : never) => {
    const failures = made.failures.map(({ months, cohort, brand, ...one }): Failure => {
      const month = made.month + months === -1 ? '2025-12' : `2026-0${made.month + months + 1}`;
      const failedAt = addDays(startOfMonth(month), made.day);
      return { ...one, failedAt, book: { cohort }, record: { cardBrand: brand } };
    });
    const openedAt = addDays(startOfMonth(`2026-0${made.month + 1}`), made.day);
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
          const reads = acts.flatMap(({ reads: query }) =>
            query === null ? [] : [readReport(store, query, now)],
          );
          for (const { life: n, dies, reads: query } of acts) {
            const life = lives[n % lives.length];
            if (life === undefined || query !== null) continue;
            turns.set(
              life,
              (turns.get(life) ?? Promise.resolve()).then(() => visit(store, life, now, dies)),
            );
          }
          await scheduler.waitFor(Promise.all([...reads, ...turns.values()]));
          isRacing = false;
          await expectSound(store, now);
          for (const query of QUERIES) {
            const whole = await anew(store, query, now);
            expect((await readReport(store, query, now)).report).toEqual(whole.report);
            const { report, rows } = await readReportWithRows(store, query, now);
            expect({ report, rows }).toEqual(whole);
          }
          await expectSound(store, now);
          isRacing = true;
        }
      },
    );
    await fc.assert(law, { numRuns: 100 });
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
    return calls.filter((one) => one === 'loadCases').length;
  };
  return { store, calls, reads };
};

const expectTrue = async (store: Store, now: Instant): Promise<void> => {
  await expectSound(store, now);
  const { report } = await readReport(store, MONTHS, now);
  expect(report).toEqual((await anew(store, MONTHS, now)).report);
};

describe('the sums of a month', () => {
  test('are kept of what was opened a week ago: from then on none of it that is settled is read', async () => {
    const { store, reads } = watched();
    for (const name of ['a', 'b', 'c']) await live(store, named(name), 2, at('2026-03-05T12:00Z'));
    const at2359 = (day: string) => at(`${day}T23:59Z`);
    expect(await howOf(store, at2359('2026-03-08'))).toBe('too_soon');
    // Kept of the first day, and from the midnight on that ends the seventh day of theirs too.
    expect(await howOf(store, at2359('2026-03-09'))).toBe('kept');
    for (const [day, cases] of [
      ['2026-03-12', 3],
      ['2026-03-13', 3],
      ['2026-03-13', 0],
      ['2026-04-20', 0],
    ] as const) {
      expect([day, await reads(() => readReport(store, MONTHS, at2359(day)))]).toEqual([day, cases]);
      await expectSound(store, at2359(day));
    }
    expect(await howOf(store, NOW)).toBe('sums');
    await expectTrue(store, NOW);
  });

  test('reach on from day to day, and never back', async () => {
    const { store, reads } = watched();
    const opened = ['2026-04-02', '2026-04-08', '2026-04-12', '2026-04-18'].map((day) => {
      const failedAt = at(`${day}T09:00Z`);
      return caseOf(day, [{ outcome: 'recovered', failedAt, after: 1 }], { openedAt: failedAt }).record;
    });
    for (const record of opened) await live(store, record, 2, addDays(record.openedAt, 2));
    const april = async () => (await store.loadRollup('2026-04')).sums?.until;
    for (const [day, until, cases] of [
      ['2026-04-10', '2026-04-03', 4],
      ['2026-04-19', '2026-04-12', 3],
      ['2026-04-20', '2026-04-13', 2],
      // A clock that is behind takes nothing back.
      ['2026-04-11', '2026-04-13', 1],
      ['2026-05-30', '2026-05-01', 1],
      ['2026-06-30', '2026-05-01', 0],
    ] as const) {
      expect([day, await reads(() => readReport(store, MONTHS, at(`${day}T12:00Z`)))]).toEqual([day, cases]);
      expect([day, await april()]).toEqual([day, at(`${until}T00:00Z`)]);
      await expectTrue(store, at(`${day}T12:00Z`));
    }
  });

  test('reach no further when a case moved in the index while it was listed', async () => {
    const { store } = watched();
    const failedAt = at('2026-04-10T09:00Z');
    const { record } = caseOf('a', [{ outcome: 'recovered', failedAt, after: 1 }], { openedAt: failedAt });
    await live(store, record, 2, at('2026-04-12T09:00Z'));
    await readReport(store, MONTHS, at('2026-04-12T12:00Z'));
    let listed = 0;
    const moving: Store = {
      ...store,
      listCases: async (month, from) => {
        listed += month === '2026-04' ? 1 : 0;
        return month === '2026-04' && listed === 1 ? [] : store.listCases(month, from);
      },
    };
    await readReport(moving, MONTHS, NOW);
    await expectTrue(store, at('2026-04-12T12:00Z'));
    expect((await store.loadRollup('2026-04')).sums?.until).toBe(at('2026-04-05T00:00Z'));
    await expectTrue(store, NOW);
    expect((await store.loadRollup('2026-04')).sums?.until).toBe(at('2026-04-13T00:00Z'));
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

  const PARTS = [{ to: at('2026-04-30T00:00Z') }, { currency: 'EUR' }, { only: { brand: 'visa' } }] as const;

  test.each(PARTS)(
    'are no part of a report of days, or with a filter, that has any of them: %j',
    async (part) => {
      const { store, reads } = watched();
      await live(store, MARCH_CASE, 2, at('2026-03-20T12:00Z'));
      const query = { ...MONTHS, ...part };
      // Whoever reads the cases keeps the sums, whatever was asked.
      expect(await howOf(store, NOW, '2026-03', query)).toBe('kept');
      await expectSound(store, NOW);
      expect(await reads(() => readReport(store, query, NOW))).toBe(1);
    },
  );

  test.each([{}, ...PARTS])(
    'are enough for every report of a time in which nothing of theirs happened: %j',
    async (part) => {
      const { store, reads } = watched();
      await live(store, MARCH_CASE, 2, at('2026-03-20T12:00Z'));
      await readReport(store, MONTHS, NOW);
      const april = { ...MONTHS, from: APRIL_1, ...part };
      for (const read of [readReport, readReportWithRows]) {
        expect(await reads(() => read(store, april, NOW))).toBe(0);
      }
      expect((await readReportWithRows(store, MONTHS, NOW)).rows).toHaveLength(1);
    },
  );

  test('are not enough with a filter where money of an older failure moved in the period', async () => {
    const { store, reads } = watched();
    const failedAt = at('2026-02-20T09:00Z');
    const { record } = caseOf('a', [{ outcome: 'recovered', failedAt, after: 20 }]);
    await live(store, record, 2, at('2026-03-20T12:00Z'));
    await readReport(store, MONTHS, NOW);
    const query = { ...MONTHS, from: MARCH_1, currency: 'EUR' };
    expect(await reads(() => readReport(store, query, NOW))).toBe(1);
    expect((await readReport(store, query, NOW)).report.currencies).toMatchObject([
      { cell: { failed: { n: 0 } }, moved: [{ month: '2026-03', netMinor: 1000 }] },
    ]);
    // All failures alike are told by the sums, those of the movements too.
    expect(await reads(() => readReport(store, { ...MONTHS, from: MARCH_1 }, NOW))).toBe(0);
  });
});

describe('a report up to now', () => {
  const FEBRUARY: ReportQuery = { ...MONTHS, from: FEBRUARY_1, to: MARCH_1 };
  /** Opened on 2 March, with an invoice that had failed on 27 February and was told after it. */
  const lateCase = (changes: Partial<Failure> = {}): CaseRecord =>
    caseOf(
      'late',
      [
        { outcome: 'recovered', failedAt: at('2026-03-02T09:00Z') },
        { outcome: 'lost', failedAt: at('2026-02-27T09:00Z'), minor: 700, ...changes },
      ],
      { openedAt: at('2026-03-02T09:00Z') },
    ).record;

  test.each([
    ['the whole month', FEBRUARY],
    ['a few days', { ...FEBRUARY, from: at('2026-02-26T00:00Z'), to: at('2026-02-28T00:00Z') }],
    ['a currency', { ...FEBRUARY, currency: 'EUR' }],
  ])(
    'has a failure that was told late in %s in which it failed, although its case was opened later',
    async (_, query) => {
      const { store } = watched();
      await live(store, lateCase(), 2, at('2026-03-20T12:00Z'));
      // Once by its case, once by what is kept of March.
      for (let i = 0; i < 2; i += 1) {
        const { report, rows } = await readReportWithRows(store, query, NOW);
        expect(report.currencies).toMatchObject([{ cell: { failed: { n: 1, minor: 700 }, lost: { n: 1 } } }]);
        expect(rows.map(({ failedAt }) => failedAt)).toEqual([at('2026-02-27T09:00Z')]);
        expect((await readReport(store, query, NOW)).report).toEqual(report);
      }
    },
  );

  test('has one that was imported months later', async () => {
    const { store } = watched();
    const imported = { failedAt: at('2025-11-03T09:00Z'), book: { cohort: 'imported' } } as const;
    await live(store, lateCase(imported), 2, at('2026-03-20T12:00Z'));
    const november = { ...MONTHS, from: at('2025-11-01T00:00Z'), to: at('2025-12-01T00:00Z') };
    expect((await readReport(store, november, NOW)).report.currencies).toMatchObject([
      { imported: { failed: { n: 1, minor: 700 } } },
    ]);
  });

  test('reads no case of a month that has nothing of its time', async () => {
    const { store, reads } = watched();
    await live(store, lateCase(), 2, at('2026-03-20T12:00Z'));
    await live(store, named('a'), 2, at('2026-03-20T12:00Z'));
    await readReport(store, MONTHS, NOW);
    const january = { ...MONTHS, from: at('2026-01-10T00:00Z'), to: at('2026-01-20T00:00Z') };
    expect(await reads(() => readReportWithRows(store, january, NOW))).toBe(0);
  });

  test('tells what is at risk now of a time that is yet to come', async () => {
    const { store } = watched();
    await live(store, MARCH_CASE, 1, at('2026-03-20T12:00Z'));
    const later = { ...MONTHS, from: at('2029-01-01T00:00Z'), to: at('2029-02-01T00:00Z') };
    for (let i = 0; i < 2; i += 1) {
      expect((await readReport(store, later, NOW)).report.currencies).toMatchObject([
        { cell: { failed: { n: 0 } }, atRisk: { open: { n: 1, minor: 1000 } } },
      ]);
    }
  });

  test('asks a store of years gone by for no more than there can be', async () => {
    const { store, calls } = watched();
    await readReport(store, { ...MONTHS, from: at('0001-01-01T00:00Z') }, NOW);
    expect(calls.filter((one) => one === 'loadRollup').length).toBe(26 * 12 + 4);
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
