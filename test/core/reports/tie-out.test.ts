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
import { story, type StripeEvent } from '../../support/story.ts';

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

describe('the tie-out', () => {
  test('finds no difference where the books heard what the export tells', async () => {
    const { rows, exported } = await lived();
    const result = tieOut(rows, exported.invoices, false);
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
    expect(whats(tieOut(plant(rows), exported.invoices, false))).toEqual([difference]);
  });

  test('first payments of sign-ups are left out where the policy ignores them, and counted', async () => {
    const first = story({ n: 7, invoice: { billing_reason: 'subscription_create' } });
    const { invoices } = readExport(first.failed(0));
    expect(tieOut([], invoices, false)).toMatchObject({ differences: [], leftOut: { first_payment: 1 } });
    expect(whats(tieOut([], invoices, true))).toEqual([['in_7', 'not_in_books', null, 2500]]);
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
