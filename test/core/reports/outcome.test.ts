// What a case comes to: the one word for it, its totals, and what later payments make of it.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ADJUSTMENT_KINDS } from '../../../core/recovery/customer.ts';
import type { Adjustment, CaseRecord, InvoiceBook, Outcome } from '../../../core/recovery/customer.ts';
import { caseOutcome, foldCase, summaryOf, totalsOf } from '../../../core/reports/outcome.ts';
import { adjustmentOf, at, bookOf, closedCaseOf, keyOf } from '../../support/customers.ts';
import { anInstant, day } from '../../support/facts.ts';

const KEY = keyOf('cus_1');

const lost = (subjectId: string, changes: Partial<InvoiceBook> = {}) =>
  bookOf(subjectId, { outcome: 'lost', lostMinor: 4900, openMinor: 0, ...changes });
const withdrawn = (subjectId: string) =>
  bookOf(subjectId, { outcome: 'withdrawn', withdrawnMinor: 4900, openMinor: 0 });
const recovered = (subjectId: string) =>
  bookOf(subjectId, { outcome: 'recovered', recoveredMinor: 4900, openMinor: 0 });
const closed = (...invoices: InvoiceBook[]): CaseRecord => closedCaseOf(KEY, 'case_in_1', { invoices });
const paid = (minor: number, changes: Partial<Adjustment> = {}): Adjustment =>
  adjustmentOf(KEY, 'paid:in_1', { amount: { minor, currency: 'EUR' }, ...changes });

describe('the one word for a case', () => {
  test.each<readonly [readonly Outcome[], Outcome]>([
    [['open', 'lost', 'recovered', 'withdrawn'], 'open'],
    [['lost', 'recovered', 'withdrawn'], 'lost'],
    [['recovered', 'withdrawn'], 'recovered'],
    [['withdrawn', 'withdrawn'], 'withdrawn'],
    [['recovered'], 'recovered'],
    [['open'], 'open'],
    [['lost'], 'lost'],
  ])('C16: of %j is %s', (outcomes, word) => {
    expect(caseOutcome(outcomes)).toBe(word);
    expect(caseOutcome(outcomes.toReversed())).toBe(word);
  });
});

describe('totals', () => {
  test('C29: are kept by currency, in the order of the codes', () => {
    const yen = recovered('in_2');
    const totals = totalsOf([lost('in_1'), { ...yen, currency: 'AUD' }, withdrawn('in_3'), bookOf('in_4')]);
    expect(Object.entries(totals)).toEqual([
      ['AUD', { failed: 4900, recovered: 4900, withdrawn: 0, lost: 0, open: 0 }],
      ['EUR', { failed: 14_700, recovered: 0, withdrawn: 4900, lost: 4900, open: 4900 }],
    ]);
  });

  test('a summary tells what a report needs, and nothing of the customer', () => {
    expect(summaryOf(closed(lost('in_1'), recovered('in_2')))).toEqual({
      id: 'case_in_1',
      key: KEY,
      openedAt: at('2026-03-01T09:00Z'),
      closedAt: at('2026-03-05T09:00Z'),
      outcome: 'lost',
      invoices: 2,
      totals: { EUR: { failed: 9800, recovered: 4900, withdrawn: 0, lost: 4900, open: 0 } },
    });
  });
});

describe('a payment after the case was closed', () => {
  const after = (record: CaseRecord, ...adjustments: Adjustment[]) => foldCase(record, adjustments).invoices;

  test('C21: makes a lost invoice recovered', () => {
    expect(after(closed(lost('in_1')), paid(4900))).toEqual([
      { ...recovered('in_1'), why: 'paid after the case was closed' },
    ]);
  });

  test('makes a withdrawn invoice recovered', () => {
    expect(after(closed(withdrawn('in_1')), paid(4900))[0]).toMatchObject({
      outcome: 'recovered',
      recoveredMinor: 4900,
      withdrawnMinor: 0,
    });
  });

  test('of a part leaves the rest lost', () => {
    expect(after(closed(lost('in_1')), paid(1000))[0]).toMatchObject({
      outcome: 'lost',
      recoveredMinor: 1000,
      lostMinor: 3900,
    });
  });

  test('makes good what was lost before what was withdrawn', () => {
    const both = lost('in_1', { lostMinor: 2000, withdrawnMinor: 2900 });
    expect(after(closed(both), paid(2500))[0]).toMatchObject({
      outcome: 'recovered',
      recoveredMinor: 2500,
      lostMinor: 0,
      withdrawnMinor: 2400,
    });
  });

  test('C29: told twice, in parts and in whole, never recovers more than failed', () => {
    const parts = [paid(3000, { id: 'part:1' }), paid(1900, { id: 'part:2' }), paid(4900)];
    expect(after(closed(lost('in_1')), ...parts)[0]).toMatchObject({ recoveredMinor: 4900, lostMinor: 0 });
  });

  test('touches only the invoice it is for, of the case it is for', () => {
    const record = closed(lost('in_1'), lost('in_2'));
    const [first, second] = after(
      record,
      paid(4900, { subjectId: 'in_2' }),
      paid(4900, { caseId: 'case_x' }),
    );
    expect(first).toEqual(lost('in_1'));
    expect(second?.outcome).toBe('recovered');
  });

  test('of an invoice says nothing about a payment of it that came back', () => {
    const back = lost('in_1:ch_1', { invoiceId: 'in_1' });
    expect(after(closed(lost('in_1'), back), paid(4900))[1]).toEqual(back);
  });

  test('leaves the closed case itself as it was', () => {
    const record = closed(lost('in_1'));
    foldCase(record, [paid(4900)]);
    expect(record).toEqual(closed(lost('in_1')));
  });

  test.each(ADJUSTMENT_KINDS.filter((kind) => kind !== 'payment'))('%s changes no book', (kind) => {
    const record = closed(lost('in_1'), recovered('in_2'));
    const moved = ['in_1', 'in_2'].map((subjectId) => paid(1000, { id: `${kind}:1`, kind, subjectId }));
    expect(foldCase(record, moved)).toEqual(record);
  });

  test('none leaves everything as it was', () => {
    const record = closed(lost('in_1'), recovered('in_2'));
    expect(foldCase(record, [])).toEqual(record);
  });
});

describe('laws of the fold', () => {
  const outcome = fc.constantFrom<Outcome>('recovered', 'withdrawn', 'lost');
  const aBook = (subjectId: string) =>
    fc
      .record({
        outcome,
        recoveredMinor: fc.nat(50),
        withdrawnMinor: fc.nat(50),
        lostMinor: fc.nat(50),
        currency: fc.constantFrom('EUR', 'JPY'),
      })
      .map((parts): InvoiceBook => {
        const { recoveredMinor, withdrawnMinor, lostMinor } = parts;
        const failedMinor = recoveredMinor + withdrawnMinor + lostMinor;
        return bookOf(subjectId, { ...parts, failedMinor, openMinor: 0 });
      });
  const aRecord = fc
    .tuple(aBook('in_1'), aBook('in_2'), aBook('in_2:ch_1'))
    .map((invoices): CaseRecord => closed(...invoices));
  const someAdjustments = fc.uniqueArray(
    fc
      .record({
        id: fc.stringMatching(/^[ab]{1,3}$/),
        subjectId: fc.constantFrom('in_1', 'in_2', 'in_2:ch_1', 'in_9'),
        caseId: fc.constantFrom('case_in_1', 'case_in_1', 'case_x'),
        at: anInstant,
        minor: fc.nat(80),
      })
      .map(({ minor, ...rest }) => paid(minor, rest)),
    { selector: (adjustment) => adjustment.id, maxLength: 6 },
  );

  test('adjustments in any order come to the same case', () => {
    fc.assert(
      fc.property(aRecord, someAdjustments, (record, adjustments) => {
        const folded = foldCase(record, adjustments);
        expect(foldCase(record, adjustments.toReversed())).toEqual(folded);
        expect(
          foldCase(
            record,
            adjustments.toSorted((a, b) => a.amount.minor - b.amount.minor),
          ),
        ).toEqual(folded);
      }),
      { numRuns: 1000 },
    );
  });

  test('what failed stays what it was, and its parts always come to it', () => {
    fc.assert(
      fc.property(aRecord, someAdjustments, (record, adjustments) => {
        foldCase(record, adjustments).invoices.forEach((book, i) => {
          const parts = [book.recoveredMinor, book.withdrawnMinor, book.lostMinor, book.openMinor];
          expect(book.failedMinor).toBe(record.invoices[i]?.failedMinor);
          expect(parts.reduce((sum, part) => sum + part, 0)).toBe(book.failedMinor);
          expect(Math.min(...parts)).toBeGreaterThanOrEqual(0);
        });
      }),
      { numRuns: 1000 },
    );
  });

  test('a later payment never takes back what was recovered', () => {
    fc.assert(
      fc.property(aRecord, someAdjustments, (record, adjustments) => {
        foldCase(record, adjustments).invoices.forEach((book, i) => {
          const before = record.invoices[i];
          expect(book.recoveredMinor).toBeGreaterThanOrEqual(before?.recoveredMinor ?? 0);
          expect(
            book.outcome === 'lost' || book.outcome === before?.outcome || book.outcome === 'recovered',
          ).toBe(true);
        });
      }),
      { numRuns: 500 },
    );
  });

  test('the totals of a case are the totals of its invoices: failed is the sum of the other four', () => {
    fc.assert(
      fc.property(aRecord, someAdjustments, (record, adjustments) => {
        for (const total of Object.values(totalsOf(foldCase(record, adjustments).invoices))) {
          expect(total.recovered + total.withdrawn + total.lost + total.open).toBe(total.failed);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('of two payments in one second the one with the lower id comes first', () => {
    const record = closed(lost('in_1', { lostMinor: 10, withdrawnMinor: 10, failedMinor: 20 }));
    const pair = [paid(5, { id: 'b', at: day(9) }), paid(7, { id: 'a', at: day(9) })];
    expect(foldCase(record, pair)).toEqual(foldCase(record, pair.toReversed()));
  });
});
