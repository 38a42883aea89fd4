// The export of cases: it adds up to the report, keeps one order, misses nobody, and names nobody.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '../../../adapters/memory/store.ts';
import { OutsideError, type Store } from '../../../core/ports.ts';
import { exportedAdjustment, exportedCase } from '../../../core/reports/export-lines.ts';
import { addDays } from '../../../core/time.ts';
import { readReportWithRows } from '../../../core/workflows/read-report.ts';
import {
  adjustmentOf,
  at,
  closedCaseOf,
  customerOf,
  factsOf,
  invoiceOf,
  keyOf,
  openCaseOf,
} from '../../support/customers.ts';
import { adjustmentsIn, casesIn, exportedText, linesOf } from '../../support/exports.ts';
import { HOSTILE_TEXTS } from '../../support/hostile-text.ts';
import { caseOf, movedAfter } from '../../support/reports.ts';
import { createRunner } from '../../support/runner.ts';
import { story } from '../../support/story.ts';
import { casesOfAYear, YEAR, YEAR_END } from '../../support/year-of-failures.ts';

const NOW = at('2026-04-20T12:00Z');
const WHOLE_YEAR = { from: '2026-01', to: '2026-12' };
/** With the months in which what was recovered at the end of the year leaves again. */
const AND_AFTER = { ...YEAR, to: at('2027-04-01T00:00Z') };

/** Holds the closed cases of a year; open ones stand in items of their customers, which other tests have. */
const yearStore = async (n: number): Promise<Store> => {
  const store = createMemoryStore();
  for (const { record, adjustments } of casesOfAYear(n)) {
    if (record.closedAt === null) continue;
    await store.closeCase(record);
    for (const adjustment of adjustments) await store.putAdjustment(adjustment);
  }
  return store;
};

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

describe('the lines of a year', () => {
  test('add up to the report, currency by currency, to the minor unit', async () => {
    const store = await yearStore(400);
    const lines = linesOf(await exportedText(store, WHOLE_YEAR, YEAR_END));
    const { report, rows } = await readReportWithRows(store, AND_AFTER, YEAR_END);
    const failures = casesIn(lines).flatMap((line) => line.failures);
    expect(failures.map((one) => one.failure_id).toSorted()).toEqual(
      rows.map((row) => row.subjectId).toSorted(),
    );
    expect(report.currencies.length).toBeGreaterThan(2);
    for (const { currency, cell, imported, moved } of report.currencies) {
      const own = failures.filter((one) => one.currency === currency);
      for (const word of ['failed', 'recovered', 'withdrawn', 'lost', 'open'] as const) {
        expect(sum(own.map((one) => one[`${word}_minor`]))).toBe(cell[word].minor + imported[word].minor);
      }
      for (const one of own) {
        expect(one.failed_minor).toBe(
          one.recovered_minor + one.withdrawn_minor + one.lost_minor + one.open_minor,
        );
      }
      const left = adjustmentsIn(lines).filter((line) => line.currency === currency);
      const told = sum(moved.map((month) => month.refunded.minor + month.disputed.minor));
      expect(sum(left.map((line) => line.refunded_minor))).toBe(told);
      expect(sum(own.map((one) => one.refunded_minor))).toBe(told);
    }
  });

  test('stand by month, key and id, the same in every export, at once or month by month', async () => {
    const store = await yearStore(120);
    const text = await exportedText(store, WHOLE_YEAR, YEAR_END);
    const places = casesIn(linesOf(text)).map((line) => `${line.month} ${line.customer_id} ${line.case_id}`);
    expect(places).toHaveLength(new Set(places).size);
    expect(places).toEqual(places.toSorted());
    expect(await exportedText(store, WHOLE_YEAR, YEAR_END)).toBe(text);
    const months = Array.from({ length: 12 }, (_, i) => `2026-${String(i + 1).padStart(2, '0')}`);
    const parts = await Promise.all(months.map((from) => exportedText(store, { from, to: from }, YEAR_END)));
    expect(parts.join('')).toBe(text);
  });
});

describe('an adjustment', () => {
  test('follows its case, in the month in which that was opened, and tells what left', async () => {
    const store = createMemoryStore();
    const moved = [
      movedAfter('a', 'refund_failed', at('2026-04-11T09:00Z'), 300),
      movedAfter('a', 'refund', at('2026-04-10T09:00Z'), 300),
    ];
    const [a, b] = [caseOf('a', [{ outcome: 'recovered' }]), caseOf('b', [{ outcome: 'lost' }])];
    for (const { record } of [b, a]) await store.closeCase(record);
    for (const one of [...moved, movedAfter('b', 'payment', at('2026-04-09T09:00Z'), 1000)]) {
      await store.putAdjustment(one);
    }
    const lines = linesOf(await exportedText(store, { from: '2026-03', to: '2026-03' }, NOW));
    expect(lines.map((line) => [line.type, line.case_id])).toEqual([
      ['case', 'case_a'],
      ['adjustment', 'case_a'],
      ['adjustment', 'case_a'],
      ['case', 'case_b'],
      ['adjustment', 'case_b'],
    ]);
    expect(adjustmentsIn(lines)).toMatchObject([
      { kind: 'refund', month: '2026-03', moved_month: '2026-04', amount_minor: 300, refunded_minor: 300 },
      { kind: 'refund_failed', amount_minor: 300, refunded_minor: -300 },
      { kind: 'payment', amount_minor: 1000, refunded_minor: 0 },
    ]);
    // What was lost and is paid after all stands so in its case too.
    expect(casesIn(lines)[1]).toMatchObject({ outcome: 'recovered', failures: [{ recovered_minor: 1000 }] });
    expect(await exportedText(store, { from: '2026-04', to: '2026-04' }, NOW)).toBe('');
  });
});

describe('cases on the move', () => {
  test('an open case is there as the last visit saw it, and so is one that waits in the outbox', async () => {
    const store = createMemoryStore();
    const open = customerOf(keyOf('cus_open'));
    await store.save({ ...open, recovery: { ...open.recovery, case: openCaseOf('case_in_1') } });
    const lines = casesIn(linesOf(await exportedText(store, { from: '2026-03', to: '2026-03' }, NOW)));
    expect(lines).toMatchObject([
      { case_id: 'case_in_1', closed_at: null, outcome: 'open', failures: [{ open_minor: 4900 }] },
    ]);
  });

  test('one that the first list passes by is in the second', async () => {
    const store = createMemoryStore();
    await store.closeCase(closedCaseOf(keyOf('cus_1'), 'case_in_1'));
    let lists = 0;
    const moving: Store = {
      ...store,
      listCases: async (month) => {
        lists += 1;
        return lists === 1 ? [] : store.listCases(month);
      },
    };
    expect(
      casesIn(linesOf(await exportedText(moving, { from: '2026-03', to: '2026-03' }, NOW))),
    ).toHaveLength(1);
  });

  test('a store that does not answer is no short export', async () => {
    const store = createMemoryStore();
    await store.closeCase(closedCaseOf(keyOf('cus_1'), 'case_in_1'));
    const away: Store = {
      ...store,
      loadCases: async () => {
        throw new OutsideError('DynamoDB did not answer', 'later');
      },
    };
    await expect(exportedText(away, { from: '2026-03', to: '2026-03' }, NOW)).rejects.toThrow(
      'did not answer',
    );
  });
});

describe('nothing of a person', () => {
  const PERSON = {
    name: 'Ana Ferreira',
    email: 'ana.ferreira@personal.test',
    words: 'I lost my job, write to Rua das Flores 7',
    link: 'https://pay.example/r-1001',
    operator: 'Otto Operator',
  };
  const FORBIDDEN = [
    ...Object.values(PERSON),
    ...Object.values(HOSTILE_TEXTS),
    'Ferreira',
    'Otto',
    'Flores',
    '@',
    'http',
    '4242',
    'journal',
    'fingerprint',
  ];
  /** The forbidden words in an export, as it stands and as it is read back: JSON escapes some. */
  const leaked = (text: string): string[] => {
    const strings: string[] = [];
    for (const line of text.split('\n').filter(Boolean)) {
      JSON.parse(line, (_, value: unknown) => {
        if (typeof value === 'string') strings.push(value);
        return value;
      });
    }
    const plain = strings.join('\n');
    return FORBIDDEN.filter((word) => text.includes(word) || plain.includes(word));
  };

  test.each(Object.entries({ plain: PERSON.name, ...HOSTILE_TEXTS }))(
    'of a customer who is called %s leaves, from an open case or a closed one',
    async (_, name) => {
      const store = createMemoryStore();
      const step = {
        subjectId: 'in_1',
        id: 'by_hand_3',
        kind: 'retry' as const,
        at: NOW,
        status: 'done' as const,
        why: `asked for by ${PERSON.operator}`,
        message: null,
        messageId: '<1@eu-central-1.amazonses.com>',
      };
      const { ladders } = openCaseOf('case_in_1');
      const contact = {
        email: PERSON.email,
        name,
        locales: ['de'],
        country: 'AT',
        timeZone: null,
        metadata: { name },
      };
      const facts = factsOf();
      const open = customerOf(keyOf('cus_open'), {
        facts: { ...facts, contact: { at: NOW, source: 'event', value: contact } },
      });
      const invoice = invoiceOf('in_1');
      const value = { ...invoice.details.value, number: name, hostedUrl: PERSON.link };
      const told = { ...invoice.details, value };
      const line = { at: NOW, what: 'held', why: `${PERSON.operator}: ${name}`, count: 1 };
      await store.save({
        ...open,
        facts: { ...open.facts, invoices: { in_1: { ...invoice, details: told } } },
        recovery: {
          ...open.recovery,
          case: openCaseOf('case_in_1', { ladders: ladders.map((one) => ({ ...one, steps: [step] })) }),
          answers: [{ at: NOW, kind: 'other', promisedDay: null, held: false, text: PERSON.words }],
          journal: [line],
        },
      });
      const closed = caseOf('closed', [{ outcome: 'lost', record: { number: name } }], {
        steps: [step],
        journal: [line],
      });
      await store.closeCase(closed.record);
      const text = await exportedText(store, { from: '2026-03', to: '2026-03' }, NOW);
      expect(casesIn(linesOf(text))).toHaveLength(2);
      expect(leaked(text)).toEqual([]);
    },
  );

  test('leaves a whole story with mails either', async () => {
    const runner = createRunner();
    const tale = story();
    await runner.tell(...tale.failed(0, { next: 3 }));
    await runner.toDay(9);
    const month = runner.clock.now().slice(0, 7);
    const text = await exportedText(
      runner.store,
      { from: '2025-01', to: month },
      addDays(runner.clock.now(), 1),
    );
    expect(casesIn(linesOf(text))[0]?.steps.some(({ kind }) => kind === 'email')).toBe(true);
    for (const { to } of runner.mails) expect(text).not.toContain(to);
    expect(text).not.toMatch(/@|http/);
  });
});

describe('docs/export.md', () => {
  const GUIDE = readFileSync(join(import.meta.dirname, '../../../docs/export.md'), 'utf8');

  const fieldsOf = (value: unknown, prefix = ''): string[] =>
    Array.isArray(value)
      ? value.flatMap((one) => fieldsOf(one, prefix))
      : value === null || typeof value !== 'object'
        ? []
        : Object.entries(value).flatMap(([name, inner]) => [
            `${prefix}${name}`,
            ...fieldsOf(inner, `${prefix}${name}.`),
          ]);

  const FULL = caseOf('full', [{ outcome: 'recovered' }], {
    steps: closedCaseOf(keyOf('cus_full'), 'case_full').steps,
    answers: [{ at: NOW, kind: 'promise', promisedDay: '2026-03-09', held: true }],
    exposure: { 'holdout-2026': { arm: 'mailed', at: NOW } },
  });
  const ADJUSTMENT = exportedAdjustment(adjustmentOf(keyOf('cus_full'), 'a'), FULL.record);

  test('has a row for every field, and no row for a field that is not there', () => {
    const [, schema = ''] = GUIDE.split('## A case');
    const written = [...schema.matchAll(/^\| `([a-z_.]+)` /gm)].map(([, name = '']) => name);
    const there = [...fieldsOf(exportedCase(FULL)), ...fieldsOf(ADJUSTMENT)];
    expect([...new Set(written)].toSorted()).toEqual([...new Set(there)].toSorted());
  });

  test('shows a line of each type as it is today', () => {
    const examples = [...GUIDE.matchAll(/```json\n([^`]+)```/g)].map(
      ([, text = '']) => JSON.parse(text) as object,
    );
    expect(examples.map((one) => [...new Set(fieldsOf(one))])).toEqual(
      [exportedCase(FULL), ADJUSTMENT].map((one) => [...new Set(fieldsOf(one))]),
    );
  });
});
