// The books beside the provider's own export: no difference where all is told, and each fault planted in the books is found.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readExport } from '../../../adapters/stripe/export.ts';
import { tieOut, type TieOut } from '../../../core/reports/tie-out.ts';
import type { FailureRow } from '../../../core/reports/rows.ts';
import { addDays } from '../../../core/time.ts';
import { readReportWithRows } from '../../../core/workflows/read-report.ts';
import { createRunner, START } from '../../support/runner.ts';
import { DAY_0, story, type StripeEvent } from '../../support/story.ts';
import type { Json } from '../../support/stripe-events.ts';

const a = story({ n: 1 });
const b = story({ n: 2, currency: 'jpy' });
const c = story({ n: 3 });
const d = story({ n: 4 });
const EVENTS: readonly (readonly [number, readonly StripeEvent[]])[] = [
  [0, [...a.failed(0, { next: 3 }), ...b.failed(0), ...d.failed(0)]],
  [1, c.failed(1)],
  [3, a.paid(3)],
  [4, c.told('invoice.voided', 4, { status: 'void' })],
  [5, b.told('invoice.marked_uncollectible', 5, { status: 'uncollectible' })],
];

const lived = async () => {
  const runner = createRunner();
  for (const [day, events] of EVENTS) {
    await runner.toDay(day);
    await runner.tell(...events);
  }
  await runner.toDay(9);
  const query = { from: addDays(START, -1), to: addDays(START, 30), by: 'decline', months: 12 } as const;
  const { rows } = await readReportWithRows(runner.store, query, runner.clock.now());
  return { rows, exported: readExport(EVENTS.flatMap(([, events]) => events)) };
};

const whats = ({ differences }: TieOut) =>
  differences.map(({ invoiceId, what, ours, theirs }) => [invoiceId, what, ours, theirs]);

const NEITHER = { firstPayments: false, overdue: false };

describe('the tie-out', () => {
  test('finds no difference where the books heard what the export tells', async () => {
    const { rows, exported } = await lived();
    const result = tieOut(rows, exported.invoices, NEITHER);
    expect(whats(result)).toEqual([]);
    expect(result.totals).toEqual([
      {
        currency: 'JPY',
        invoices: 1,
        failed: { ours: 2500, theirs: 2500 },
        recovered: { ours: 0, theirs: 0 },
      },
      {
        currency: 'USD',
        invoices: 3,
        failed: { ours: 7500, theirs: 7500 },
        recovered: { ours: 2500, theirs: 2500 },
      },
    ]);
  });

  const changed = (rows: readonly FailureRow[], id: string, change: Partial<FailureRow>): FailureRow[] =>
    rows.map((row) => (row.invoiceId === id ? { ...row, ...change } : row));

  test.each<[string, (rows: readonly FailureRow[]) => readonly FailureRow[], readonly unknown[]]>([
    [
      'a failure left out',
      (rows) => rows.filter(({ invoiceId }) => invoiceId !== 'in_4'),
      ['in_4', 'not_in_books', null, 2500],
    ],
    [
      'another amount',
      (rows) => changed(rows, 'in_4', { failedMinor: 2600 }),
      ['in_4', 'failed', 2600, 2500],
    ],
    [
      'a recovery too many',
      (rows) => changed(rows, 'in_2', { recoveredMinor: 100 }),
      ['in_2', 'recovered', 100, 0],
    ],
    [
      'a recovery not booked',
      (rows) => changed(rows, 'in_1', { recoveredMinor: 0 }),
      ['in_1', 'recovered', 0, 2500],
    ],
    [
      'a paid invoice called lost',
      (rows) => changed(rows, 'in_1', { outcome: 'lost' }),
      ['in_1', 'outcome', 'lost', 'paid'],
    ],
    [
      'a void one called open',
      (rows) => changed(rows, 'in_3', { outcome: 'open' }),
      ['in_3', 'outcome', 'open', 'void'],
    ],
    [
      'a failure that never was',
      (rows) => [
        ...rows,
        ...changed(rows, 'in_4', { invoiceId: 'in_9', subjectId: 'in_9' }).filter(
          ({ invoiceId }) => invoiceId === 'in_9',
        ),
      ],
      ['in_9', 'not_in_export', 2500, null],
    ],
  ])('lists %s', async (_what, plant, difference) => {
    const { rows, exported } = await lived();
    expect(whats(tieOut(plant(rows), exported.invoices, NEITHER))).toEqual([difference]);
  });

  test('first payments of sign-ups are left out where the policy ignores them, and counted', async () => {
    const first = story({ n: 7, invoice: { billing_reason: 'subscription_create' } });
    const { invoices } = readExport(first.failed(0));
    expect(tieOut([], invoices, NEITHER)).toMatchObject({ differences: [], leftOut: { first_payment: 1 } });
    expect(whats(tieOut([], invoices, { ...NEITHER, firstPayments: true }))).toEqual([
      ['in_7', 'not_in_books', null, 2500],
    ]);
  });

  const DUE = DAY_0 + 10 * 86_400;
  const SENT = { collection_method: 'send_invoice', due_date: DUE };
  /** A sent invoice that is due on day 10, in an export that reaches to day 30. */
  const sentOnes = (...told: readonly (readonly [type: string, day: number, fields?: Json])[]) => {
    const sent = story({ n: 8, invoice: SENT });
    const events = told.flatMap(([type, day, fields]) => sent.told(`invoice.${type}`, day, fields ?? {}));
    return readExport([...events, ...story({ n: 9 }).customer('updated', 30)]).invoices;
  };
  const PAID = { status: 'paid', amount_paid: 2500, amount_remaining: 0 };
  const ASKED = { ...NEITHER, overdue: true };

  test('sent invoices that were not paid are left out where no campaign asks for them, and counted', () => {
    const invoices = sentOnes(['finalized', 0], ['overdue', 10]);
    expect(tieOut([], invoices, NEITHER)).toMatchObject({ differences: [], leftOut: { overdue: 1 } });
    expect(whats(tieOut([], invoices, ASKED))).toEqual([['in_8', 'not_in_books', null, 2500]]);
  });

  test.each([
    ['is a failure, though nobody told that it was overdue', [['paid', 12, PAID]], 'not_in_books'],
    ['is none when it was paid before', [['paid', 9, PAID]], null],
    ['is none when it was made void before', [['voided', 9, { status: 'void' }]], null],
  ] as const)('a sent invoice that was not paid when it was due %s', (_what, told, what) => {
    const result = tieOut([], sentOnes(['finalized', 0], ...told), ASKED);
    expect(result.differences.map((one) => one.what)).toEqual(what === null ? [] : [what]);
  });

  test('one that was settled within a day after it was due may never have been seen unpaid', () => {
    const invoices = sentOnes(['finalized', 0], ['paid', 10.5, PAID]);
    expect(tieOut([], invoices, ASKED)).toMatchObject({ differences: [], leftOut: { brief: 1 } });
    const told = sentOnes(['finalized', 0], ['overdue', 10], ['paid', 10.5, PAID]);
    expect(whats(tieOut([], told, ASKED))).toEqual([['in_8', 'not_in_books', null, 2500]]);
  });

  test('nothing falls due of a customer who was deleted before', () => {
    const sent = story({ n: 8, invoice: SENT });
    const events = [...sent.told('invoice.finalized', 0, {}), ...sent.customer('deleted', 5)];
    expect(readExport([...events, ...story({ n: 9 }).customer('updated', 30)]).invoices).toEqual([]);
  });

  test('the books may have first seen a sent invoice when a part of it was paid, and no other amount', async () => {
    const partly = { amount_paid: 1000, amount_remaining: 1500 };
    const invoices = sentOnes(['finalized', 0], ['updated', 11, partly], ['paid', 14, PAID]);
    const row = (await lived()).rows.find(({ invoiceId }) => invoiceId === 'in_1');
    const seenAs = (minor: number) =>
      row
        ? [{ ...row, invoiceId: 'in_8', subjectId: 'in_8', failedMinor: minor, recoveredMinor: minor }]
        : [];
    expect(whats(tieOut(seenAs(2500), invoices, ASKED))).toEqual([]);
    expect(whats(tieOut(seenAs(1500), invoices, ASKED))).toEqual([]);
    expect(whats(tieOut(seenAs(1600), invoices, ASKED))).not.toEqual([]);
  });
});

describe('an export', () => {
  test('says the same in any order, and twice over', () => {
    const events = EVENTS.flatMap(([, all]) => all);
    expect(readExport(events.toReversed())).toEqual(readExport(events));
    expect(readExport([...events, ...events]).invoices).toEqual(readExport(events).invoices);
  });

  test('with anything else in it is read all the same', () => {
    const odd = [
      null,
      7,
      'x',
      {},
      { object: 'event' },
      { object: 'event', type: 'invoice.paid', created: 1, data: {} },
    ];
    expect(readExport([...odd, ...a.failed(0)]).invoices).toHaveLength(1);
    expect(readExport([])).toEqual({ invoices: [], events: 0, from: null, to: null });
  });

  test('of the examples tells of what fails there', async () => {
    const file = join(import.meta.dirname, '../../../examples/events/07-part-paid-part-credited.jsonl');
    const lines = (await readFile(file, 'utf8')).trim().split('\n');
    const { invoices } = readExport(lines.map((line): unknown => JSON.parse(line)));
    expect(invoices).toHaveLength(1);
  });
});
