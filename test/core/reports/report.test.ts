// Reports of small books worked by hand, and the laws of their sums.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../../core/recovery/customer.ts';
import { wilson } from '../../../core/reports/interval.ts';
import type { ReportCase } from '../../../core/reports/rows.ts';
import {
  addCounts,
  countCase,
  DIMENSIONS,
  emptyCell,
  emptyTally,
  valueOf,
  type Cell,
  type Sum,
  type Tally,
} from '../../../core/reports/tally.ts';
import { MIN_SETTLED } from '../../../core/reports/report.ts';
import { reportOn, type ReportQuery } from '../../../core/workflows/read-report.ts';
import { addDays } from '../../../core/time.ts';
import { at } from '../../support/customers.ts';
import { caseOf, movedAfter, type Failure } from '../../support/reports.ts';

const NOW = at('2026-04-15T12:00Z');
const MARCH: ReportQuery = {
  from: at('2026-03-01T00:00Z'),
  to: at('2026-04-01T00:00Z'),
  by: 'decline',
  months: 12,
};

const eur = async (cases: readonly ReportCase[], query: Partial<ReportQuery> = {}) => {
  const { report, rows } = await reportOn(cases, { ...MARCH, ...query }, NOW);
  const [only, ...more] = report.currencies;
  expect(more).toEqual([]);
  return { report, rows, figures: only ?? expect.unreachable('there is a currency') };
};

const failures = (outcome: Outcome, n: number, more: Partial<Failure> = {}): Failure[] =>
  Array.from({ length: n }, () => ({ outcome, ...more }));

describe('the recovery rate', () => {
  test('is recovered by recovered and lost: what is open or withdrawn is in neither, and stands beside it', async () => {
    const { figures } = await eur([
      caseOf('a', [...failures('recovered', 6), ...failures('lost', 2), ...failures('withdrawn', 3)]),
      caseOf('b', failures('open', 4)),
    ]);
    expect(figures.rate).toMatchObject({ hits: 6, of: 8, share: { share: 0.75 } });
    expect(figures.cell.failed).toEqual({ n: 15, minor: 15_000 });
    expect([figures.cell.open, figures.cell.withdrawn]).toEqual([
      { n: 4, minor: 4000 },
      { n: 3, minor: 3000 },
    ]);
  });

  test('in money counts the part that was paid of what was lost', async () => {
    const part = { lostMinor: 700, recoveredMinor: 300 };
    const { figures } = await eur([caseOf('a', [{ outcome: 'lost', book: part }, { outcome: 'recovered' }])]);
    expect(figures.rate).toMatchObject({ hits: 1, of: 2 });
    expect(figures.moneyRate).toEqual({ minor: 1300, ofMinor: 2000, share: 0.65 });
  });

  test('of nothing settled is none, and no zero', async () => {
    const { figures } = await eur([caseOf('a', failures('open', 2))]);
    expect([figures.rate, figures.moneyRate.share]).toEqual([{ hits: 0, of: 0, share: null }, null]);
  });

  test('goes by when a payment failed, not by when its case was opened', async () => {
    const february = at('2026-02-20T09:00Z');
    const two = caseOf('a', [
      { outcome: 'recovered', failedAt: february },
      { outcome: 'lost', failedAt: at('2026-03-05T09:00Z') },
    ]);
    expect((await eur([two])).figures.rate).toMatchObject({ hits: 0, of: 1 });
    const both = await eur([two], { from: at('2026-02-01T00:00Z') });
    expect(both.figures.rate).toMatchObject({ hits: 1, of: 2 });
  });

  test('of what failed before Recoup knew of the account is apart', async () => {
    const before = caseOf('a', [{ outcome: 'lost', book: { cohort: 'imported' } }, { outcome: 'recovered' }]);
    const { figures } = await eur([before]);
    expect(figures.rate).toMatchObject({ hits: 1, of: 1 });
    expect(figures.imported.failed).toEqual({ n: 1, minor: 1000 });
  });
});

describe('money of several currencies', () => {
  test('is never added', async () => {
    const { report } = await reportOn(
      [
        caseOf('a', [
          { outcome: 'recovered', currency: 'JPY' },
          { outcome: 'recovered', minor: 500 },
        ]),
      ],
      MARCH,
      NOW,
    );
    expect(report.currencies.map(({ currency, cell }) => [currency, cell.recovered.minor])).toEqual([
      ['EUR', 500],
      ['JPY', 1000],
    ]);
  });
});

describe('by the month in which money moved', () => {
  test('a recovery counts when it came, a late payment, a refund and a dispute when they did', async () => {
    const moves = [
      movedAfter('b', 'payment', at('2026-04-02T09:00Z'), 600),
      movedAfter('b', 'refund', at('2026-04-03T09:00Z'), 200),
      movedAfter('b', 'dispute', at('2026-04-04T09:00Z'), 400),
      movedAfter('b', 'dispute_won', at('2026-05-04T09:00Z'), 400),
    ];
    const lost = caseOf('b', [{ outcome: 'lost', after: 20 }], {}, moves);
    const { figures } = await eur([caseOf('a', [{ outcome: 'recovered', after: 3 }]), lost], {
      to: at('2026-06-01T00:00Z'),
    });
    expect(
      figures.moved.map(({ month, recovered, late, refunded, disputed, netMinor }) => [
        month,
        recovered.minor,
        late.minor,
        refunded.minor,
        disputed.minor,
        netMinor,
      ]),
    ).toEqual([
      ['2026-03', 1000, 0, 0, 0, 1000],
      ['2026-04', 600, 600, 200, 400, 0],
      ['2026-05', 0, 0, 0, -400, 400],
    ]);
  });

  test('a debit that came back stands apart from what was disputed, and both leave the net', async () => {
    const moves = [
      movedAfter('a', 'reversal', at('2026-04-02T09:00Z'), 300),
      movedAfter('a', 'dispute', at('2026-04-03T09:00Z'), 200),
      movedAfter('a', 'refund', at('2026-04-04T09:00Z'), 50),
      movedAfter('a', 'refund_failed', at('2026-05-04T09:00Z'), 50),
    ];
    const { figures, rows } = await eur([caseOf('a', [{ outcome: 'recovered', after: 3 }], {}, moves)], {
      to: at('2026-06-01T00:00Z'),
    });
    expect(
      figures.moved.map(({ month, recovered, refunded, disputed, reversed, netMinor }) => [
        month,
        recovered.minor,
        refunded.minor,
        disputed.minor,
        reversed.minor,
        netMinor,
      ]),
    ).toEqual([
      ['2026-03', 1000, 0, 0, 0, 1000],
      ['2026-04', 0, 50, 200, 300, -550],
      ['2026-05', 0, -50, 0, 0, 50],
    ]);
    // 1000 came, 300 and 200 left; of the refund nothing in the end.
    expect(figures.moved.reduce((sum, { netMinor }) => sum + netMinor, 0)).toBe(500);
    expect(rows[0]?.refundedMinor).toBe(500);
    expect(figures.rate).toMatchObject({ hits: 1, of: 1 });
  });

  const monthsOf = async (one: ReportCase) =>
    (await eur([one], { to: at('2026-06-01T00:00Z') })).figures.moved.map(({ month, recovered }) => [
      month,
      recovered.minor,
    ]);

  test('an invoice paid in parts counts each in its own month, and nowhere else', async () => {
    const record = { paidIn: { '2026-03': 300, '2026-04': 700 } };
    expect(await monthsOf(caseOf('a', [{ outcome: 'recovered', after: 35, record }]))).toEqual([
      ['2026-03', 300],
      ['2026-04', 700],
    ]);
  });

  test('a part that was paid in the case stays in its month when the rest is paid late', async () => {
    const book = { recoveredMinor: 300, lostMinor: 700 };
    const rest = [movedAfter('a', 'payment', at('2026-05-02T09:00Z'), 700)];
    expect(await monthsOf(caseOf('a', [{ outcome: 'lost', after: 20, book }], {}, rest))).toEqual([
      ['2026-03', 300],
      ['2026-05', 700],
    ]);
  });

  test('what failed before the period and came in it is there, and in no rate of it', async () => {
    const old = caseOf('a', [{ outcome: 'recovered', failedAt: at('2026-02-20T09:00Z'), after: 20 }]);
    const { figures } = await eur([old]);
    expect(figures.cell).toEqual(emptyCell());
    expect(figures.moved).toMatchObject([{ month: '2026-03', recovered: { n: 1, minor: 1000 } }]);
  });

  test('a late payment makes good what was lost, in the rate of the month of its failure', async () => {
    const paid = [movedAfter('a', 'payment', at('2026-04-10T09:00Z'), 1000)];
    const { figures } = await eur([caseOf('a', [{ outcome: 'lost' }], {}, paid)]);
    expect(figures.rate).toMatchObject({ hits: 1, of: 1 });
    expect(figures.lostBecause).toEqual([]);
  });
});

describe('experiments', () => {
  const sideOf = (arm: 'mailed' | 'held_out', outcome: Outcome, n: number): ReportCase[] =>
    Array.from({ length: n }, (_, i) =>
      caseOf(`${arm}_${outcome}_${i}`, [{ outcome }], {
        exposure: { mails: { arm, at: at('2026-03-02T09:00Z') } },
      }),
    );

  test('compare exposed cases of both sides, with the interval of the difference', async () => {
    const { report } = await eur([
      ...sideOf('mailed', 'recovered', 56),
      ...sideOf('mailed', 'lost', 14),
      ...sideOf('held_out', 'recovered', 48),
      ...sideOf('held_out', 'lost', 32),
      ...sideOf('mailed', 'open', 5),
      caseOf('never_exposed', failures('recovered', 1)),
    ]);
    const [lift] = report.lifts;
    expect(lift).toMatchObject({ experiment: 'mails', isEnough: true });
    expect([lift?.mailed, lift?.heldOut].map((one) => [one?.hits, one?.of])).toEqual([
      [56, 70],
      [48, 80],
    ]);
    // Newcombe's own example.
    expect(lift?.difference?.low).toBeCloseTo(0.0524, 4);
    expect(lift?.difference?.high).toBeCloseTo(0.3339, 4);
  });

  test('say so when there are not enough settled cases', async () => {
    const few = [
      ...sideOf('mailed', 'recovered', MIN_SETTLED),
      ...sideOf('held_out', 'lost', MIN_SETTLED - 1),
    ];
    expect((await eur(few)).report.lifts[0]?.isEnough).toBe(false);
  });
});

describe('mails', () => {
  const step = (
    id: string,
    told: readonly ('delivered' | 'opened' | 'bounced')[],
    status = 'done' as const,
  ) => ({
    subjectId: 'in_a_0',
    id,
    kind: 'email' as const,
    at: at('2026-03-02T09:00Z'),
    status,
    why: 'due',
    message: 'reminder',
    told,
  });

  test('are counted by step and text, and a recovery for the last one before it', async () => {
    const steps = [step('reminder-1', ['delivered', 'opened']), step('reminder-2', ['bounced'])];
    const { report } = await eur([caseOf('a', failures('recovered', 1), { steps })]);
    expect(report.mails).toEqual([
      {
        step: 'reminder-1 (reminder)',
        sent: 1,
        delivered: 1,
        opened: 1,
        clicked: 0,
        bounced: 0,
        complained: 0,
        paid: 1,
        rate: { hits: 1, of: 1, share: wilson(1, 1) },
      },
      {
        step: 'reminder-2 (reminder)',
        sent: 1,
        delivered: 0,
        opened: 0,
        clicked: 0,
        bounced: 1,
        complained: 0,
        paid: 0,
        rate: { hits: 1, of: 1, share: wilson(1, 1) },
      },
    ]);
  });

  test('are judged by the settled cases in which they went, each once, whichever mail was the last', async () => {
    const both = [step('reminder-1', []), { ...step('reminder-1', []), subjectId: 'in_a_1' }];
    const { report } = await eur([
      caseOf('a', failures('recovered', 2), { steps: both }),
      caseOf('b', failures('lost', 1), { steps: [step('reminder-1', []), step('reminder-2', [])] }),
      caseOf('c', failures('open', 1), { steps: [step('reminder-1', [])] }),
      caseOf('d', failures('withdrawn', 1), { steps: [step('reminder-1', [])] }),
      caseOf('e', failures('lost', 1), { steps: [] }),
    ]);
    const rates = Object.fromEntries(
      report.mails.map(({ step: name, rate }) => [name, [rate.hits, rate.of]]),
    );
    expect(rates).toEqual({ 'reminder-1 (reminder)': [1, 2], 'reminder-2 (reminder)': [0, 1] });
  });

  test('of a case that was closed before reports were made are known by its steps', async () => {
    const steps = [step('reminder-1', [])];
    const { figures } = await eur([caseOf('a', failures('recovered', 1), { steps, failures: [] })]);
    expect(figures.unmailed.n).toBe(0);
    expect(figures.after).toMatchObject([{ name: 'reminder-1 (reminder)' }]);
  });

  test('that never went are in the line of their own', async () => {
    const { figures } = await eur([caseOf('a', [{ outcome: 'recovered', record: { afterMail: null } }])]);
    expect(figures.unmailed).toEqual({ n: 1, minor: 1000 });
  });
});

describe('laws', () => {
  const names = fc.constantFrom('visa', 'amex', '__proto__', 'constructor', null);
  const someFailure: fc.Arbitrary<Failure> = fc
    .record({
      outcome: fc.constantFrom<Outcome>('recovered', 'lost', 'withdrawn', 'open'),
      minor: fc.integer({ min: 1, max: 1_000_000 }),
      currency: fc.constantFrom('EUR', 'JPY', 'KWD'),
      after: fc.integer({ min: 0, max: 40 }),
      failedAt: fc.integer({ min: 0, max: 60 }).map((days) => addDays(at('2026-02-15T09:00Z'), days)),
      record: fc.record({ cardBrand: names, country: names, campaignId: names }),
      // What was paid of one that is not recovered as a whole.
      paidShare: fc.constantFrom(0, 0, 0.3),
    })
    .map(({ paidShare, ...made }) => {
      const { outcome, minor } = made;
      const recoveredMinor = Math.floor(minor * paidShare);
      const book = { [`${outcome}Minor`]: minor - recoveredMinor, recoveredMinor };
      return outcome === 'recovered' ? made : { ...made, book };
    });
  const someCases = fc
    .array(
      fc.record({
        made: fc.array(someFailure, { minLength: 1, maxLength: 4 }),
        requests: fc.option(fc.record({ received: fc.nat(9), visits: fc.nat(30), writes: fc.nat(90) })),
      }),
      { maxLength: 12 },
    )
    .map((all) => all.map(({ made, requests }, i) => caseOf(`n${i}`, made, { requests })));

  const tallyOf = (cases: readonly ReportCase[]): Tally => {
    const tally = emptyTally();
    for (const one of cases) countCase(tally, one, () => true, NOW);
    return tally;
  };
  const added = (cells: readonly Cell[]): number[] =>
    (['failed', 'recovered', 'withdrawn', 'lost', 'open'] as const).flatMap((name) => [
      cells.reduce((sum, cell) => sum + cell[name].n, 0),
      cells.reduce((sum, cell) => sum + cell[name].minor, 0),
    ]);

  test('failed is recovered, withdrawn, lost and open, per currency, in number and money', () => {
    fc.assert(
      fc.property(someCases, (cases) => {
        for (const { all } of Object.values(tallyOf(cases).currencies)) {
          const { failed, recovered, withdrawn, lost, open } = all;
          expect(failed.n).toBe(recovered.n + withdrawn.n + lost.n + open.n);
          expect(failed.minor).toBe(recovered.minor + withdrawn.minor + lost.minor + open.minor);
        }
      }),
    );
  });

  test('the causes, and the last mails, come to what was recovered with what was only paid in part', () => {
    const minorOf = (sums: Readonly<Record<string, Sum>>): number =>
      Object.values(sums).reduce((sum, { minor }) => sum + minor, 0);
    fc.assert(
      fc.property(someCases, (cases) => {
        for (const { all, causes, after, inPart } of Object.values(tallyOf(cases).currencies)) {
          expect(minorOf(causes) + inPart.minor).toBe(all.recovered.minor);
          expect(minorOf(after) + inPart.minor).toBe(all.recovered.minor);
        }
      }),
    );
  });

  test('every way to tell failures apart adds up to all of them', () => {
    fc.assert(
      fc.property(someCases, (cases) => {
        for (const { all, by } of Object.values(tallyOf(cases).currencies))
          for (const name of DIMENSIONS) expect(added(Object.values(by[name]))).toEqual(added([all]));
      }),
    );
  });

  test('the order of cases changes nothing', () => {
    fc.assert(
      fc.property(someCases, (cases) => {
        expect(tallyOf(cases.toReversed())).toEqual(tallyOf(cases));
      }),
    );
  });

  test('parts that are counted apart and added are the whole', () => {
    fc.assert(
      fc.property(someCases, fc.nat(12), (cases, at_) => {
        const [a, b] = [tallyOf(cases.slice(0, at_)), tallyOf(cases.slice(at_))];
        const whole = tallyOf(cases);
        expect(addCounts(a, b)).toEqual(whole);
        expect(addCounts(b, a)).toEqual(whole);
        expect(addCounts(emptyTally(), whole)).toEqual(whole);
      }),
    );
  });

  test('the reports of the values of a filter are parts of the whole, and the rows are under the totals', async () => {
    await fc.assert(
      fc.asyncProperty(someCases, async (cases) => {
        const query = { ...MARCH, from: at('2026-02-01T00:00Z'), to: at('2026-06-01T00:00Z') };
        const whole = await reportOn(cases, query, NOW);
        const values = new Set(whole.rows.map(valueOf.brand));
        let rows = 0;
        for (const brand of values)
          rows += (await reportOn(cases, { ...query, only: { brand } }, NOW)).rows.length;
        expect(rows).toBe(whole.rows.length);
        for (const { currency, cell } of whole.report.currencies) {
          const own = whole.rows.filter((row) => row.currency === currency);
          expect(own.reduce((sum, row) => sum + row.failedMinor, 0)).toBe(cell.failed.minor);
          expect(own.length).toBe(cell.failed.n);
        }
      }),
      { numRuns: 30 },
    );
  });
});
