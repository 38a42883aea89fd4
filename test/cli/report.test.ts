// `recoup report` on a store in memory: what it prints and writes, and what each mistake is answered with.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '../../adapters/memory/store.ts';
import { answerReport } from '../../cli/report.ts';
import type { CaseRecord, FailureRecord } from '../../core/recovery/customer.ts';
import { at, bookOf, closedCaseOf, keyOf } from '../support/customers.ts';
import { live } from '../support/lives.ts';
import { caseOf, movedAfter, type Failure } from '../support/reports.ts';
import { freshBase } from '../support/recoup.ts';
import { unzip } from '../support/unzip.ts';

const NOW = at('2026-03-21T12:00Z');
const FAILED_AT = at('2026-03-02T09:00Z');
const OPTIONS = { by: 'decline', months: 12 } as const;

const recordOf = (name: string, failures: readonly Failure[]): CaseRecord =>
  caseOf(
    name,
    failures.map((failure) => ({ failedAt: FAILED_AT, ...failure })),
  ).record;

const MARCH = [
  recordOf('a', [{ outcome: 'recovered', minor: 5000, after: 3 }]),
  recordOf('b', [{ outcome: 'lost', minor: 250_000 }]),
  recordOf('c', [{ outcome: 'recovered', minor: 900, currency: 'JPY', after: 10 }]),
];

const targetOf = async (records: readonly CaseRecord[] = MARCH) => {
  const store = createMemoryStore();
  for (const record of records) await store.closeCase(record);
  return { store, where: 'a store in memory', now: () => NOW };
};

const answer = async (options: Partial<Parameters<typeof answerReport>[1]> = {}) =>
  answerReport(await targetOf(), { ...OPTIONS, ...options });

const textOf = async (options: Partial<Parameters<typeof answerReport>[1]> = {}): Promise<string> =>
  (await answer(options)).text ?? expect.unreachable('there is a text');

describe('the text', () => {
  test('has its figures under one another, to the right', async () => {
    const lines = (await textOf({ currency: 'EUR' })).split('\n');
    const from = lines.indexOf('           invoices      money');
    expect(lines.slice(from + 1, from + 4)).toEqual([
      'failed            2  €2,550.00',
      'recovered         1     €50.00',
      'lost              1  €2,500.00',
    ]);
  });

  test('tells the curve up to the last day on which a failure was seen, and no further', async () => {
    const days = (await textOf({ currency: 'JPY' })).match(/^day \d+/gm);
    expect(days).toEqual(['day 10']);
    const open = recordOf('d', [
      { outcome: 'recovered', after: 2 },
      { outcome: 'withdrawn', after: 19 },
    ]);
    const { text } = await answerReport(await targetOf([open]), OPTIONS);
    expect(text?.match(/^day \d+/gm)).toEqual(['day 3', 'day 7', 'day 14', 'day 19']);
  });
});

describe('what is open and what left again', () => {
  const moved = async () => {
    const store = createMemoryStore();
    const { record, adjustments } = caseOf(
      'a',
      [{ outcome: 'recovered', failedAt: FAILED_AT, after: 3 }],
      {},
      [
        movedAfter('a', 'dispute', at('2026-03-10T09:00Z'), 200),
        movedAfter('a', 'reversal', at('2026-03-12T09:00Z'), 700),
      ],
    );
    await live(store, record, 2, FAILED_AT);
    for (const adjustment of adjustments) await store.putAdjustment(adjustment);
    const open = (name: string, failedAt: typeof NOW, currency = 'EUR') =>
      live(store, recordOf(name, [{ outcome: 'open', failedAt, minor: 2500, currency }]), 1, failedAt);
    await open('b', at('2026-03-18T09:00Z'));
    await open('c', at('2026-01-18T09:00Z'));
    await open('d', at('2026-01-18T09:00Z'), 'JPY');
    const { text } = await answerReport(
      { store, where: 'a test', now: () => NOW },
      { ...OPTIONS, from: '2026-03' },
    );
    return (text ?? '').split('\n').map((line) => line.trim().replaceAll(/ {2,}/g, '  '));
  };

  test('has what was only paid in part below the causes and the last mails, so that each comes to what was recovered', async () => {
    const part = { lostMinor: 700, recoveredMinor: 300 };
    const { record } = caseOf('part', [{ outcome: 'lost', book: part }, { outcome: 'recovered' }]);
    const { text } = await answerReport(await targetOf([record]), OPTIONS);
    const lines = (text ?? '').split('\n').map((line) => line.trim().replaceAll(/ {2,}/g, '  '));
    for (const title of ['What brought the money in', 'The last mail before it']) {
      const first = lines.indexOf(title) + 2;
      expect([title, lines.slice(first, first + 2).map((line) => line.split('  ').slice(-2))]).toEqual([
        title,
        [
          ['1', '€10.00'],
          ['-', '€3.00'],
        ],
      ]);
    }
  });

  test('is told of everything that is at risk now, also of a currency in which nothing failed', async () => {
    const lines = await moved();
    const from = lines.indexOf('At risk now, whenever it failed: €50.00 in 2 invoices');
    expect(lines.slice(from + 1, from + 8)).toEqual([
      'open for  invoices  money',
      '0 to 7 days  1  €25.00',
      '8 to 14 days  0  €0.00',
      '15 to 30 days  0  €0.00',
      'over 30 days  1  €25.00',
      'Expected of it: €0.00 (95 %: €0.00 to €0.00)',
      'The curve says nothing yet of €25.00 in 1 invoice',
    ]);
    expect(lines.slice(lines.indexOf('JPY')).slice(0, 5)).toEqual([
      'JPY',
      '───',
      '',
      'Nothing failed in this currency in that time.',
      '',
    ]);
    expect(lines).toContain('At risk now, whenever it failed: ¥2,500 in 1 invoice');
  });

  test('has disputes and debits that came back in columns of their own', async () => {
    const lines = await moved();
    expect(lines).toContain('recovered  refunded  disputed  reversed  net');
    expect(lines).toContain('2026-03  €10.00  €0.00  €2.00  €7.00  €1.00');
  });
});

describe('what running costs', () => {
  const running = async (...records: CaseRecord[]): Promise<string> => {
    const { text } = await answerReport(await targetOf(records), OPTIONS);
    return text?.split('\n\n').find((part) => part.startsWith('Running Recoup')) ?? '';
  };
  const took = (record: CaseRecord): CaseRecord => ({
    ...record,
    requests: { received: 1000, visits: 2000, writes: 3000 },
  });
  const [a, b, c] = MARCH as [CaseRecord, CaseRecord, CaseRecord];

  test('is told by kind of request, and for each unit of each currency that came back', async () => {
    expect((await running(took(a), took(b), took(c))).split('\n')).toEqual([
      'Running Recoup for these 3 cases, at AWS prices of 2026-11: $0.05, $0.02 an invoice recovered',
      '                             requests',
      'Events and presses taken in     3,000  $0.006',
      'Visits of the clock             6,000  $0.006',
      'Writes                          9,000   $0.03',
      '  0.061 US cents for each €1.00 recovered',
      '  0.0017 US cents for each ¥1 recovered',
    ]);
  });

  test('says of how many cases it is an estimate', async () => {
    expect(await running(took(a), b)).toContain('One of these cases ran before requests were counted');
    expect(await running(a, b, took(c))).toContain('2 of these cases ran before requests were counted');
    expect(await running(took(a))).not.toContain('estimate');
  });
});

describe('the files', () => {
  test('are written as asked for, several at once, and told of in a line each', async () => {
    const base = freshBase();
    const [csv, xlsx, html] = ['r.csv', 'r.xlsx', 'r.html'].map((name) => join(base, name)) as [
      string,
      string,
      string,
    ];
    const { text, wrote } = await answer({ csv, xlsx, html });
    expect(text).toBeNull();
    expect(wrote).toEqual([
      `${csv}: 3 invoices, 1 KB`,
      expect.stringMatching(/r\.xlsx: 3 invoices, \d+ KB$/),
      expect.stringMatching(/r\.html: 3 invoices, \d+ KB$/),
    ]);
    expect(readFileSync(csv, 'utf8').split('\r\n')).toHaveLength(5);
    expect(Object.keys(unzip(readFileSync(xlsx)))).toContain('xl/workbook.xml');
    expect(readFileSync(html, 'utf8')).toContain('a store in memory');
  });

  test('go over what was there', async () => {
    const csv = join(freshBase(), 'r.csv');
    writeFileSync(csv, 'x'.repeat(100_000));
    await answer({ csv });
    expect(readFileSync(csv, 'utf8')).toMatch(/^\uFEFFconnection,/);
  });

  test('hold the same invoices as the data beside them', async () => {
    const csv = join(freshBase(), 'r.csv');
    const { text, wrote } = await answer({ csv, json: true, currency: 'jpy' });
    const { invoices } = JSON.parse(text ?? '') as { invoices: FailureRecord[] };
    expect(invoices.map(({ subjectId }) => subjectId)).toEqual(['in_c_0']);
    expect(readFileSync(csv, 'utf8').split('\r\n')[1]).toContain(',in_c_0,');
    expect(wrote).toHaveLength(1);
  });

  test.each([
    [
      'in a folder that is not there',
      'none/r.csv',
      'cannot be written: there is no such folder: make it first',
    ],
    ['that are a folder', 'folder', 'cannot be written: it is a folder: name a file in it'],
  ])('%s are refused with what to do', async (_, name, words) => {
    const base = freshBase();
    mkdirSync(join(base, 'folder'));
    await expect(answer({ csv: join(base, name) })).rejects.toThrow(`${join(base, name)} ${words}`);
  });

  test('of two forms are not one and the same', async () => {
    const file = join(freshBase(), 'r.csv');
    await expect(answer({ csv: file, html: `${file}/../r.csv` })).rejects.toThrow('--html names');
  });
});

describe('what cannot be told', () => {
  test.each([
    [{ currency: 'EURO' }, '--currency EURO: there is no such currency; write its code, such as EUR'],
    [{ from: 'march' }, '--from: write a month or a day, such as 2026-03 or 2026-03-14'],
    [{ to: '2026-02-30' }, 'write a month or a day, such as 2026-03 or 2026-03-14'],
    [{ from: '2026-13' }, '--from: write a month or a day'],
    [{ from: '2026-04', to: '2026-03' }, '--to is before --from: the period has no day'],
    [{ from: '2026-04' }, 'the period has not begun: it is 2026-03-21 there'],
  ])('%j is refused in words', async (options, words) => {
    await expect(answer(options)).rejects.toThrow(words);
  });

  test('a currency in which nothing failed is told, with those there are', async () => {
    const text = await textOf({ currency: 'chf' });
    expect(text).toContain('Only: currency CHF');
    expect(text).toContain('No payment failed in that time.');
    expect(text).toContain('there is EUR, JPY');
  });

  test('a period in which nothing failed is told', async () => {
    expect(await textOf({ from: '2025-03' })).toContain('No payment failed in that time.');
  });

  test('a case that was closed before reports were made is listed with what is known of it', async () => {
    const csv = join(freshBase(), 'r.csv');
    const old = closedCaseOf(keyOf('cus_9'), 'case_in_9', {
      invoices: [bookOf('in_9', { outcome: 'lost', lostMinor: 4900, openMinor: 0 })],
    });
    await answerReport(await targetOf([old]), { ...OPTIONS, csv });
    expect(readFileSync(csv, 'utf8')).toContain(
      'cus_9,case_in_9,in_9,in_9,,EUR,49.00,0.00,0.00,49.00,0.00,0.00,lost',
    );
  });
});
