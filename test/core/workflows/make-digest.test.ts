// A digest read from a store: its sentences, what it is held against, and the mail that it becomes.
import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '../../../adapters/memory/store.ts';
import type { Outcome } from '../../../core/recovery/customer.ts';
import { monthNamed, weekNamed, type DigestPeriod } from '../../../core/reports/digest-period.ts';
import { addDays, type Instant } from '../../../core/time.ts';
import { alertsOn } from '../../../core/reports/alerts.ts';
import type { ReportCase } from '../../../core/reports/rows.ts';
import { dayNumber, watchedOf, watchRow, type DayCounts } from '../../../core/reports/watch.ts';
import { makeDigest, readAlerts } from '../../../core/workflows/make-digest.ts';
import { casesFor, readReport, readReportWithRows, reportOn } from '../../../core/workflows/read-report.ts';
import { alertsLetter, digestLetter, MAX_FILES_BYTES } from '../../../web/digest/letter.ts';
import { at } from '../../support/customers.ts';
import { HOSTILE_TEXTS } from '../../support/hostile-text.ts';
import { createValidator, MAIL_RULES } from '../../support/html-validator.ts';
import { caseOf, movedAfter, type Failure } from '../../support/reports.ts';
import { live, visit, type Life } from '../../support/lives.ts';
import { casesOfAYear, YEAR, YEAR_END } from '../../support/year-of-failures.ts';

const NOW = at('2026-04-01T06:00Z');
const named = (name: string): DigestPeriod =>
  monthNamed(name) ?? weekNamed(name) ?? expect.unreachable('there is one');
const MARCH = named('2026-03');

const storeOf = async (cases: readonly ReturnType<typeof caseOf>[]) => {
  const store = createMemoryStore();
  for (const { record } of cases) await store.closeCase(record);
  return store;
};

/** So many closed cases of one failure each, on the days after `from`. */
const many = (
  name: string,
  n: number,
  from: Instant,
  outcome: Outcome,
  changes: Partial<Failure> = {},
): ReturnType<typeof caseOf>[] =>
  Array.from({ length: n }, (_, i) =>
    caseOf(`${name}${i}`, [{ failedAt: addDays(from, i % 20), outcome, after: 2, ...changes }]),
  );

const [IN_FEBRUARY, IN_MARCH] = [at('2026-02-01T09:00Z'), at('2026-03-02T09:00Z')];

const sentencesOf = async (cases: readonly ReturnType<typeof caseOf>[], now = NOW) => {
  const { digest } = await makeDigest(await storeOf(cases), MARCH, 'a test', now);
  return digest.currencies.flatMap(({ headline, sentences }) => [headline, ...sentences]);
};

describe('the figures', () => {
  test('are told each with what it is of, and the three largest of a list', async () => {
    const cause = (name: 'our_try' | 'new_card' | 'customer' | 'out_of_band', n: number) =>
      many(name, n, IN_MARCH, 'recovered', { record: { cause: name } });
    const told = await sentencesOf([
      ...cause('our_try', 5),
      ...cause('new_card', 3),
      ...cause('customer', 2),
      ...cause('out_of_band', 1),
      ...many('l', 2, IN_MARCH, 'lost'),
      ...many('w', 1, IN_MARCH, 'withdrawn'),
    ]);
    expect(told).toEqual([
      '€110.00 came back of €140.00 that failed in 14 invoices.',
      'Lost: €20.00 in 2 invoices. Not owed any more: €10.00 in 1 invoice.',
      'Nothing is open any more.',
      'Recovery rate: 84.6 %, which is 11 of 13 that are recovered or lost (95 %: 57.8 % to 95.7 %).',
      'What brought the money in: A try of ours (€50.00 in 5 invoices); A new card (€30.00 in 3 invoices); ' +
        'The customer, on their own (€20.00 in 2 invoices), and 1 more.',
      'Why the rest was lost: the provider gave up (€20.00 in 2 invoices).',
    ]);
  });

  test('are those of the report of the same time, with its invoices', async () => {
    const store = await storeOf(casesOfAYear(400).filter(({ record }) => record.closedAt !== null));
    for (const name of ['2026-06', '2026-W24']) {
      const period = named(name);
      const now = addDays(period.to, 3);
      const { report, rows } = await makeDigest(store, period, 'a test', now);
      const query = { from: period.from, to: period.to, by: 'decline', months: 12 } as const;
      const same = await readReportWithRows(store, query, now);
      expect({ report, rows }).toEqual({ report: same.report, rows: same.rows });
    }
  });

  test('have what is at risk now, whenever it failed, and what of it is old', async () => {
    const open = (failedAt: Instant, minor: number, currency = 'EUR') =>
      caseOf(`o${minor}`, [{ failedAt, outcome: 'open', minor, currency }]);
    const store = createMemoryStore();
    const cases = [
      ...many('a', 3, IN_MARCH, 'recovered'),
      open(at('2026-03-28T09:00Z'), 2500),
      open(at('2026-01-28T09:00Z'), 7500),
      open(at('2026-01-29T09:00Z'), 900, 'JPY'),
    ];
    for (const { record } of cases)
      await live(store, record, record.closedAt === null ? 1 : 2, record.openedAt);
    const { digest } = await makeDigest(store, MARCH, 'a test', NOW);
    expect(digest.subject).toBe('Recoup: Failed payments in 2026-03: €30.00 came back');
    const [eur, jpy] = digest.currencies;
    expect(eur?.sentences).toContain(
      'At risk now, whenever it failed: €100.00 in 2 invoices, €75.00 of it over 30 days.',
    );
    expect(jpy).toMatchObject({
      headline: 'Nothing failed in that time.',
      sentences: ['At risk now, whenever it failed: ¥900 in 1 invoice, ¥900 of it over 30 days.'],
    });
  });

  test('leave out money of a case that is too old for the report of the time, though not for what it is held against', async () => {
    const failedAt = at('2024-12-30T09:00Z');
    const refund = movedAfter('old', 'refund', at('2026-03-10T09:00Z'), 400);
    const old = caseOf('old', [{ failedAt, outcome: 'recovered' }], {}, [refund]);
    const store = await storeOf([old, ...many('a', 3, IN_MARCH, 'recovered')]);
    await store.putAdjustment(refund);
    const query = { from: MARCH.from, to: MARCH.to, by: 'decline', months: 12 } as const;
    const { report } = await makeDigest(store, MARCH, 'a test', NOW);
    expect(report.currencies[0]?.moved).toMatchObject([{ refunded: { n: 0 } }]);
    expect(report).toEqual((await readReport(store, query, NOW)).report);
  });

  test('of a time in which nothing failed say so', async () => {
    const made = await makeDigest(await storeOf([]), MARCH, 'a test', NOW);
    expect(made.digest.subject).toBe('Recoup: Failed payments in 2026-03: none');
    expect(digestLetter(made, '2026-03', 'a test').text).toContain('No payment failed in that time.');
  });
});

describe('against the period before', () => {
  const before = (recovered: number, lost: number, changes: Partial<Failure> = {}) => [
    ...many('br', recovered, IN_FEBRUARY, 'recovered', changes),
    ...many('bl', lost, IN_FEBRUARY, 'lost'),
  ];
  const march = (recovered: number, lost: number) => [
    ...many('mr', recovered, IN_MARCH, 'recovered'),
    ...many('ml', lost, IN_MARCH, 'lost'),
  ];
  const saysChange = async (cases: readonly ReturnType<typeof caseOf>[]) =>
    (await sentencesOf(cases)).filter((text) => text.includes('2026-02'));

  test('a change is told with its interval where that leaves 0 out', async () => {
    expect(await saysChange([...before(30, 30), ...march(55, 5)])).toEqual([
      'That is more than in 2026-02 when it was as old: +41.7 points (95 %: +26.0 points to +54.8 points), against 30 of 60.',
    ]);
    expect((await saysChange([...before(55, 5), ...march(30, 30)]))[0]).toContain('That is less than');
  });

  test('none is told where it may be chance, or where fewer than 30 are settled on a side', async () => {
    expect(await saysChange([...before(40, 20), ...march(44, 16)])).toEqual([]);
    expect(await saysChange([...before(2, 27), ...march(55, 5)])).toEqual([]);
  });

  test('it is looked at as it stood then: what came back since had not', async () => {
    // Settled 40 days after the failure: in March's digest none of February's was seen so early.
    expect(await saysChange([...before(60, 30, { after: 40 }), ...march(55, 5)])).toEqual([
      expect.stringContaining('against 0 of 30'),
    ]);
  });

  test('what was told late is in it, unless its case was opened after that moment', async () => {
    const told = (name: string, openedAt: Instant) =>
      Array.from({ length: 30 }, (_, i) =>
        caseOf(`${name}${i}`, [{ failedAt: at('2026-02-27T09:00Z'), outcome: 'lost', after: 1 }], {
          openedAt,
        }),
      );
    // March is looked at a few hours after its end, so February as it stood a few hours after its own.
    const [soon, later] = [at('2026-03-01T05:00Z'), at('2026-03-01T07:00Z')];
    const [says = ''] = await saysChange([...before(30, 30), ...told('soon', soon), ...march(55, 5)]);
    expect(says).toContain('against 30 of 90');
    const [without = ''] = await saysChange([...before(30, 30), ...told('later', later), ...march(55, 5)]);
    expect(without).toContain('against 30 of 60');
  });
});

describe('an experiment', () => {
  test('says that there are not enough cases yet', async () => {
    const exposure = { mails: { arm: 'mailed', at: IN_MARCH } } as const;
    const cases = [caseOf('a', [{ failedAt: IN_MARCH, outcome: 'recovered' }], { exposure })];
    const { digest } = await makeDigest(await storeOf(cases), MARCH, 'a test', NOW);
    expect(digest.lifts).toEqual([
      'What the mails bring (mails): not enough cases yet, 1 of 1 with mails, 0 of 0 without; it takes 30 settled ones on each side.',
    ]);
  });
});

describe('what has to be looked at', () => {
  const cases = [
    ...Array.from({ length: 130 }, (_, day) =>
      many(`d${day}-`, 2, addDays(at('2025-11-21T09:00Z'), day), 'recovered').slice(0, 2),
    ).flat(),
    ...Array.from({ length: 40 }, (_, i) =>
      caseOf(`rush${i}`, [{ failedAt: at('2026-03-31T09:00Z'), outcome: 'recovered', after: 0.1 }]),
    ),
  ];

  test('is in the digest of the time just over, and in a mail of its own; in no older digest', async () => {
    const store = await storeOf(cases);
    const alerts = await readAlerts(store, NOW);
    expect(alerts).toMatchObject([{ what: 'failures_high', isNew: true }]);
    const { digest } = await makeDigest(store, MARCH, 'a test', NOW);
    expect(digest.alerts[0]?.says).toContain('on Tuesday, 2026-03-31');
    expect((await makeDigest(store, named('2026-02'), 'a test', NOW)).digest.alerts).toEqual([]);
    const letter = alertsLetter(alerts, 'a test');
    expect(letter).toMatchObject({ subject: 'Recoup: to be looked at, 2026-03-31', html: null, files: [] });
    expect(letter.text).toContain('More payments failed than usual');
  });
});

describe('by kept sums', () => {
  /** A year of failures, with a rush and a fall of what comes back, so that there is something to be looked at. */
  const year = [
    ...casesOfAYear(1500),
    ...Array.from({ length: 60 }, (_, i) =>
      caseOf(`rush${i}`, [{ failedAt: at('2026-10-14T09:00Z'), outcome: 'recovered' }]),
    ),
    ...many('fall', 160, at('2026-08-20T09:00Z'), 'lost', { after: 9 }),
  ];

  /** The store of a year of which every month was kept while some of its cases were open; most are closed by now. */
  const keptYear = async () => {
    const read: string[] = [];
    const store = createMemoryStore({
      fault: async (operation, id) => {
        if (operation === 'loadCases') read.push(id);
      },
    });
    const lives: Life[] = [];
    for (const [i, { record, adjustments }] of year.entries()) {
      const isOpen = record.closedAt === null || i % 10 === 0;
      lives.push(await live(store, record, isOpen ? 1 : 2, record.openedAt));
      for (const adjustment of adjustments) await store.putAdjustment(adjustment);
    }
    await readReport(store, YEAR, YEAR_END);
    for (const life of lives) {
      if (life.stage === 1 && life.record.closedAt !== null) await visit(store, life, YEAR_END);
    }
    const isOpen = ({ record }: Life) => record.closedAt === null;
    return { store, read, open: lives.filter(isOpen).map(({ record }) => record.key as string) };
  };

  /** Alerts as they are told from the cases themselves. */
  const alertsOf = (cases: readonly ReportCase[], now: Instant) => {
    const counts: DayCounts = {};
    for (const { rows } of cases) for (const row of rows) watchRow(counts, row);
    return alertsOn(watchedOf(counts), dayNumber(now) - 1);
  };

  test('alerts are those of the cases themselves, from day to day', async () => {
    const { store } = await keptYear();
    const all: ReportCase[] = [];
    for await (const one of casesFor(store, YEAR, YEAR_END)) all.push(one);
    expect(all).toHaveLength(year.length);
    const told = new Set<string>();
    for (let day = 0; day <= 234; day += 3) {
      const now = addDays(at('2026-05-21T06:00Z'), day);
      const alerts = await readAlerts(store, now);
      expect(alerts).toEqual(alertsOf(all, now));
      for (const { what } of alerts) told.add(what);
    }
    expect([...told].toSorted()).toEqual(expect.arrayContaining(['failures_high', 'recovery_low']));
  });

  test('alerts read no case that is settled', async () => {
    const { store, read, open } = await keptYear();
    await readAlerts(store, YEAR_END);
    read.length = 0;
    await readAlerts(store, YEAR_END);
    expect(open.length).toBeGreaterThan(10);
    expect([...new Set(read)].toSorted()).toEqual(open.toSorted());
  });

  test('a digest reads the cases of its own time and of the one before it, and the open ones', async () => {
    const { store, read, open } = await keptYear();
    const digest = () => makeDigest(store, named('2026-12'), 'a test', YEAR_END);
    await digest();
    read.length = 0;
    const { report, rows } = await digest();
    const own = year
      .map(({ record }) => record)
      .filter(({ openedAt }) => openedAt >= at('2026-11-01T00:00Z'));
    expect(new Set(read)).toEqual(new Set([...own.map(({ key }) => key as string), ...open]));
    expect(own.length).toBeLessThan(0.25 * year.length);
    const query = { ...YEAR, from: at('2026-12-01T00:00Z') };
    expect({ report, rows }).toEqual(await reportOn(casesFor(store, query, YEAR_END), query, YEAR_END));
  });
});

describe('the mail', () => {
  const faultsIn = createValidator(MAIL_RULES);
  const letterOf = async (cases: readonly ReturnType<typeof caseOf>[]) =>
    digestLetter(await makeDigest(await storeOf(cases), MARCH, 'a test', NOW), '2026-03', 'a test');

  test('is HTML as the standard has it, with the curve as cells of a table, and loads nothing', async () => {
    const { html, text } = await letterOf([
      ...many('a', 8, IN_MARCH, 'recovered'),
      ...many('b', 2, IN_MARCH, 'lost'),
    ]);
    expect(faultsIn(html ?? '')).toEqual([]);
    expect(html).toMatch(/<td width="80%" bgcolor="#0f766e"/);
    expect(html).not.toMatch(/<svg|<img|<script|<link|https?:/);
    expect(text).toMatch(/day {2}2 {2}█{16}░{4} {2}80\.0 %/);
  });

  test('carries the invoices as CSV and the report as a page', async () => {
    const { files } = await letterOf(many('a', 3, IN_MARCH, 'recovered'));
    expect(files.map(({ name, type }) => [name, type])).toEqual([
      ['recoup-2026-03.csv', 'text/csv'],
      ['recoup-2026-03.html', 'text/html'],
    ]);
    expect(files[0]?.content.split('\r\n')).toHaveLength(5);
    expect(files[1]?.content).toContain('What came back of failed payments');
  });

  test('leaves out a file that it cannot carry, and says how to get it', async () => {
    const made = await makeDigest(await storeOf(many('a', 1, IN_MARCH, 'lost')), MARCH, 'a test', NOW);
    const [row = expect.unreachable('there is one')] = made.rows;
    const rows = [{ ...row, because: 'x'.repeat(MAX_FILES_BYTES) }];
    const { files, text } = digestLetter({ ...made, rows }, '2026-03', 'a test');
    expect(files.map(({ name }) => name)).toEqual(['recoup-2026-03.html']);
    expect(text).toContain('recoup-2026-03.csv is too large for a mail (recoup digest --out DIR writes it)');
  });

  test.each(Object.entries(HOSTILE_TEXTS))('shows %s as text', async (_, why) => {
    const { html, text } = await letterOf([
      caseOf('a', [{ failedAt: IN_MARCH, outcome: 'lost', book: { why } }]),
    ]);
    expect(faultsIn(html ?? '')).toEqual([]);
    expect(html).not.toMatch(/<script|<img|onload=alert\(1\)>/);
    expect(text).not.toMatch(/^Bcc:/m);
  });
});
