// Every total of a report opens the invoices under it: the law, over drawn books, and how such a list goes on.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ANSWER_KINDS, CAUSES } from '../../../core/recovery/customer.ts';
import { AGE_BANDS } from '../../../core/reports/at-risk.ts';
import type { CurrencyFigures, Report } from '../../../core/reports/report.ts';
import type { ReportCase } from '../../../core/reports/rows.ts';
import { DIMENSIONS, type Sum } from '../../../core/reports/tally.ts';
import type { CountedRow, TotalAsked } from '../../../core/reports/totals.ts';
import { addDays, type Instant } from '../../../core/time.ts';
import { listInvoices, type TotalQuery } from '../../../core/workflows/list-invoices.ts';
import { readReport, readReportWithRows, type ReportQuery } from '../../../core/workflows/read-report.ts';
import type { Store } from '../../../core/ports.ts';
import { storeOf } from '../../support/books.ts';
import { at } from '../../support/customers.ts';
import { caseOf, movedAfter } from '../../support/reports.ts';
import { casesOfAYear, YEAR, YEAR_END } from '../../support/year-of-failures.ts';

const NOW = at('2026-06-20T12:00Z');

/** A total of a report as it is asked for, with what the report says it comes to. `minor` is null where it says a number only. */
type Told = {
  readonly asked: Omit<TotalAsked, 'by'>;
  readonly only?: ReportQuery['only'];
  readonly currency: string | null;
  readonly n: number;
  readonly minor: number | null;
};

const CELL = ['failed', 'recovered', 'withdrawn', 'lost', 'open'] as const;

const MOVED = ['recovered', 'late', 'refunded', 'disputed', 'reversed'] as const;

const summed = (sums: readonly Sum[]): Sum =>
  sums.reduce((all, { n, minor }) => ({ n: all.n + n, minor: all.minor + minor }), { n: 0, minor: 0 });

/** Each movement counts in the number of the net. */
const netOf = ({ netMinor, ...moved }: CurrencyFigures['moved'][number]): Sum => ({
  n: summed([moved.recovered, moved.refunded, moved.disputed, moved.reversed]).n,
  minor: netMinor,
});

const toldIn = (figures: CurrencyFigures, by: ReportQuery['by']): Told[] => {
  const { currency } = figures;
  const told = (total: TotalAsked['total'], value: string, { n, minor }: Sum): Told => ({
    asked: { total, value },
    currency,
    n,
    minor,
  });
  const imported = (name: (typeof CELL)[number]) =>
    name === 'failed' ? ('imported' as const) : (`imported_${name}` as const);
  return [
    ...CELL.map((name) => told(name, '', figures.cell[name])),
    ...CELL.map((name) => told(imported(name), '', figures.imported[name])),
    ...figures.causes.map(({ name, sum }) => told('cause', name, sum)),
    ...figures.after.map(({ name, sum }) => told('after', name, sum)),
    told('unmailed', '', figures.unmailed),
    told('in_part', '', figures.inPart),
    ...figures.lostBecause.map(({ name, sum }) => told('lost_because', name, sum)),
    ...figures.lostAnswered.map(({ name, sum }) => told('lost_answered', name, sum)),
    ...figures.groups.flatMap(({ value, cell }) => [
      told('group', value, cell.failed),
      ...CELL.map((name) => ({ ...told(name, '', cell[name]), only: { [by]: value } })),
    ]),
    told('at_risk', '', figures.atRisk.open),
    ...figures.atRisk.ages.map(({ name, sum }) => told('at_risk_aged', name, sum)),
    told('imported_at_risk', '', figures.atRisk.imported),
    ...figures.moved.flatMap((one) => [
      ...MOVED.map((name) => told(`moved_${name}`, one.month, one[name])),
      told('moved_net', one.month, netOf(one)),
    ]),
    // Of the whole period what its months come to.
    ...MOVED.map((name) => told(`moved_${name}`, '', summed(figures.moved.map((one) => one[name])))),
    told('moved_net', '', summed(figures.moved.map(netOf))),
  ];
};

/** Every total that a report tells. */
const totalsOf = ({ currencies, mails, by }: Report): Told[] => [
  ...currencies.flatMap((figures) => toldIn(figures, by)),
  ...mails.map(({ step, paid }) => ({
    asked: { total: 'paid' as const, value: step },
    currency: null,
    n: paid,
    minor: null,
  })),
];

const NOTHING: Sum = { n: 0, minor: 0 };
const ALL = { after: null, limit: 100_000 };

/** What the invoices of a list come to, of one currency or of all. */
const cameOf = (invoices: readonly CountedRow[], currency: string | null): Sum =>
  invoices
    .filter(({ row }) => currency === null || row.currency === currency)
    .reduce((all, { counted }) => ({ n: all.n + counted.n, minor: all.minor + counted.minor }), NOTHING);

const differ = (came: Sum, { n, minor }: Pick<Told, 'n' | 'minor'>): boolean =>
  came.n !== n || (minor !== null && came.minor !== minor);

/** The totals of a report whose lists do not come to what it says: by what each invoice counts, and by the sum told. */
const brokenIn = async (store: Store, query: ReportQuery, now: Instant): Promise<unknown[]> => {
  const { report } = await readReport(store, query, now);
  const broken: unknown[] = [];
  for (const told of totalsOf(report)) {
    const { asked, only, currency } = told;
    if (only && Object.keys(only).some((name) => name in (query.only ?? {}))) continue;
    const wanted = { ...query, ...asked, only: { ...query.only, ...only } };
    const { invoices, sums } = await listInvoices(store, wanted, ALL, now);
    const came = cameOf(invoices, currency);
    if (differ(came, told)) broken.push({ told, came });
    if (currency !== null && differ(sums[currency] ?? NOTHING, came)) broken.push({ told, sums });
  }
  return broken;
};

const failure = fc.record({
  outcome: fc.constantFrom('recovered', 'recovered', 'lost', 'withdrawn', 'open'),
  minor: fc.integer({ min: 1, max: 5000 }),
  part: fc.integer({ min: 0, max: 100 }),
  days: fc.integer({ min: 0, max: 90 }),
  after: fc.integer({ min: 0, max: 60 }),
  currency: fc.constantFrom('EUR', 'EUR', 'USD'),
  cohort: fc.constantFrom('live', 'live', 'live', 'imported'),
  cause: fc.constantFrom(...CAUSES),
  mail: fc.constantFrom('reminder-1', 'payment-failed', '__proto__', null),
  why: fc.constantFrom('the provider gave up', 'marked uncollectible', 'constructor'),
  country: fc.constantFrom('DE', 'US', null),
});
const entry = fc.record({
  kind: fc.constantFrom('payment', 'refund', 'refund_failed', 'dispute', 'dispute_won', 'reversal'),
  days: fc.integer({ min: 30, max: 140 }),
  minor: fc.integer({ min: 1, max: 3000 }),
});
const someCase = fc.record({
  opened: fc.integer({ min: 0, max: 100 }),
  failures: fc.array(failure, { minLength: 1, maxLength: 3 }),
  entries: fc.array(entry, { maxLength: 3 }),
  answers: fc.subarray([...ANSWER_KINDS]),
});
type Drawn<T> = T extends fc.Arbitrary<infer U> ? U : never;

const FROM = at('2026-01-05T09:00Z');

const caseFrom = (name: string, made: Drawn<typeof someCase>): ReportCase => {
  const openedAt = addDays(FROM, made.opened);
  const isOpen = made.failures.some(({ outcome }) => outcome === 'open');
  return caseOf(
    name,
    made.failures.map((one) => {
      const paidMinor = Math.floor((one.minor * one.part) / 100);
      return {
        ...one,
        failedAt: addDays(openedAt, one.days),
        book: {
          cohort: one.cohort,
          why: one.why,
          // Some of what was lost had been paid in part.
          ...(one.outcome === 'lost' && { recoveredMinor: paidMinor, lostMinor: one.minor - paidMinor }),
        },
        record: {
          cause: one.outcome === 'recovered' ? one.cause : null,
          country: one.country,
          afterMail: one.mail === null ? null : { stepId: one.mail, message: 'reminder' },
        },
      };
    }),
    {
      openedAt,
      answers: made.answers.map((kind) => ({ at: openedAt, kind, promisedDay: null, held: false })),
      steps: [],
    },
    isOpen
      ? []
      : made.entries.map(({ kind, days, minor }, i) =>
          movedAfter(name, kind, addDays(openedAt, days), minor, `e${i}`),
        ),
  );
};

const somePeriod = fc.constantFrom(
  { from: at('2026-01-01T00:00Z'), to: at('2026-07-01T00:00Z') },
  { from: at('2026-03-01T00:00Z'), to: at('2026-04-01T00:00Z') },
  { from: at('2026-02-10T00:00Z'), to: at('2026-05-15T00:00Z') },
);
const someFilter = fc.constantFrom<Pick<ReportQuery, 'only' | 'currency'>>(
  {},
  {},
  { currency: 'EUR' },
  { only: { country: 'DE' } },
  { only: { step: '(no mail)' } },
);

describe('the law', () => {
  test('for every total of any report, the list under it sums to its number and its money, currency by currency', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(someCase, { minLength: 1, maxLength: 12 }),
        somePeriod,
        someFilter,
        fc.constantFrom(...DIMENSIONS),
        async (made, period, filter, by) => {
          const store = await storeOf(made.map((one, i) => caseFrom(`c${i}`, one)));
          expect(await brokenIn(store, { ...period, ...filter, by, months: 12 }, NOW)).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('holds for a year of failures, with sums that are kept and without', async () => {
    const store = await storeOf(casesOfAYear(300));
    expect(await brokenIn(store, YEAR, YEAR_END)).toEqual([]);
    expect(await brokenIn(store, { ...YEAR, from: at('2026-05-03T00:00Z') }, YEAR_END)).toEqual([]);
  });

  test('what is at risk is everything that is open now, whatever the period, and what was imported apart', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(someCase, { minLength: 1, maxLength: 12 }),
        someFilter,
        async (made, filter) => {
          const store = await storeOf(made.map((one, i) => caseFrom(`c${i}`, one)));
          const everything = {
            from: at('2026-01-01T00:00Z'),
            to: at('2026-12-01T00:00Z'),
            by: 'kind',
            months: 1,
          };
          const narrow = { from: at('2026-01-01T00:00Z'), to: at('2026-01-02T00:00Z'), by: 'kind' } as const;
          // Read twice: first every case, then by the sums that are kept by then.
          for (let i = 0; i < 2; i += 1) {
            const { report } = await readReport(store, { ...everything, by: 'kind', ...filter }, NOW);
            for (const [total, of] of [
              ['at_risk', 'cell'],
              ['imported_at_risk', 'imported'],
            ] as const) {
              const { sums } = await listInvoices(
                store,
                { ...narrow, ...filter, total, value: '' },
                ALL,
                NOW,
              );
              const open = report.currencies.map((one) => [one.currency, one[of].open] as const);
              expect([total, sums]).toEqual([total, Object.fromEntries(open.filter(([, { n }]) => n > 0))]);
            }
            await readReport(store, { ...everything, by: 'kind' }, NOW);
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});

test('the list of a band of age begins and ends with the whole day, and all bands together are what is at risk', async () => {
  const open = (days: number, more: object = {}) =>
    caseOf(`a${String(days).replaceAll(/\W/g, '_')}`, [
      { outcome: 'open', failedAt: addDays(NOW, -days), ...more },
    ]);
  const cases = [-1, 0, 7.9, 8, 14.9, 15, 30.9, 31, 200].map((days) => open(days));
  const store = await storeOf([...cases, open(9, { book: { cohort: 'imported' } })]);
  const query = {
    from: at('2026-01-01T00:00Z'),
    to: at('2026-01-02T00:00Z'),
    by: 'kind',
    months: 1,
  } as const;
  const idsOf = async (total: TotalAsked['total'], value: string): Promise<string[]> => {
    const { invoices } = await listInvoices(store, { ...query, total, value }, ALL, NOW);
    return invoices.map(({ row }) => row.subjectId.replaceAll(/^in_a|_0$/g, ''));
  };
  const bands = await Promise.all(AGE_BANDS.map(({ name }) => idsOf('at_risk_aged', name)));
  expect(bands).toEqual([
    ['0', '7_9', '_1'],
    ['14_9', '8'],
    ['15', '30_9'],
    ['200', '31'],
  ]);
  expect(bands.flat().toSorted()).toEqual((await idsOf('at_risk', '')).toSorted());
});

describe('a list', () => {
  const failed = (value: Partial<TotalQuery> = {}): TotalQuery => ({
    ...YEAR,
    total: 'failed',
    value: '',
    ...value,
  });

  test('goes on page by page: each invoice once, the largest amounts of each currency first, the sum the same', async () => {
    const store = await storeOf(casesOfAYear(120));
    const whole = await listInvoices(store, failed(), ALL, YEAR_END);
    expect(whole.next).toBeNull();
    for (const limit of [1, 7, 50, whole.invoices.length]) {
      const seen: string[] = [];
      let after: Parameters<typeof listInvoices>[2]['after'] = null;
      do {
        const page = await listInvoices(store, failed(), { after, limit }, YEAR_END);
        expect(page.sums).toEqual(whole.sums);
        seen.push(...page.invoices.map(({ row }) => row.subjectId));
        after = page.next;
      } while (after !== null);
      expect(seen).toEqual(whole.invoices.map(({ row }) => row.subjectId));
    }
    const order = whole.invoices.map(({ row, counted }) => [row.currency, -counted.minor] as const);
    expect(order).toEqual(order.toSorted(([a, x], [b, y]) => (a === b ? x - y : a < b ? -1 : 1)));
  });

  test('holds while books change: what comes in before the place is not seen, and nothing is seen twice', async () => {
    const cases = casesOfAYear(40);
    const page = { after: null, limit: 10 };
    const first = await listInvoices(await storeOf(cases), failed(), page, YEAR_END);
    const large = caseOf('large', [
      { outcome: 'lost', minor: 9_999_999, failedAt: at('2026-05-02T00:00Z'), currency: 'EUR' },
    ]);
    const later = await listInvoices(
      await storeOf([...cases, large]),
      failed(),
      { after: first.next, limit: 1000 },
      YEAR_END,
    );
    const seen = [...first.invoices, ...later.invoices].map(({ row }) => row.subjectId);
    expect(seen.toSorted()).toEqual(
      cases
        .flatMap(({ rows }) => rows.map((row) => row.subjectId))
        .filter(isCounted(cases))
        .toSorted(),
    );
  });

  /** What was imported is in no total of its own accord. */
  const isCounted = (cases: readonly ReportCase[]) => (subjectId: string) =>
    cases.some(({ rows }) =>
      rows.some(
        (row) =>
          row.subjectId === subjectId &&
          row.cohort === 'live' &&
          row.failedAt >= YEAR.from &&
          row.failedAt < YEAR.to,
      ),
    );

  test('reads what the report with its invoices reads, and of money that moved only the months that moved any', async () => {
    const operations: string[] = [];
    const store = await storeOf(casesOfAYear(200), {
      fault: (operation) => {
        operations.push(operation);
      },
    });
    const read = async (work: () => Promise<unknown>) => {
      operations.length = 0;
      await work();
      return operations.filter((name) => name === 'loadCases').length;
    };
    const march = { ...YEAR, from: at('2026-03-01T00:00Z'), to: at('2026-04-01T00:00Z') };
    await readReport(store, YEAR, YEAR_END);
    const rows = await read(() => readReportWithRows(store, march, YEAR_END));
    expect(rows).toBeGreaterThan(5);
    expect(await read(() => listInvoices(store, failed(march), ALL, YEAR_END))).toBe(rows);
    // What is open is named by the sums: of the last month alone none are kept yet.
    const open = (await listInvoices(store, failed({ total: 'at_risk' }), ALL, YEAR_END)).invoices.length;
    const risk = await read(() => listInvoices(store, failed({ total: 'at_risk' }), ALL, YEAR_END));
    expect([risk, open > 0]).toEqual([open, true]);
  });

  test('of money that moved reads only months of whose cases any did', async () => {
    const reads: string[] = [];
    const paid = (name: string, failedAt: Instant) =>
      caseOf(name, [{ outcome: 'recovered', failedAt, after: 2 }]);
    const store = await storeOf(
      [paid('march', at('2026-03-03T09:00Z')), paid('may', at('2026-05-03T09:00Z'))],
      {
        fault: (operation, id) => {
          if (operation === 'loadCases') reads.push(id);
        },
      },
    );
    await readReport(store, YEAR, YEAR_END);
    reads.length = 0;
    const query = failed({ total: 'moved_recovered', value: '2026-05' });
    expect((await listInvoices(store, query, ALL, YEAR_END)).sums).toEqual({ EUR: { n: 1, minor: 1000 } });
    expect(reads).toEqual(['stripe/cus_may']);
  });
});
