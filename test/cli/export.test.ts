// `recoup export`: what it writes and prints, what it leaves behind, and what each mistake is answered with.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '../../adapters/memory/store.ts';
import { answerExport } from '../../cli/export.ts';
import { OutsideError, type Store } from '../../core/ports.ts';
import { at } from '../support/customers.ts';
import { linesOf } from '../support/exports.ts';
import { caseOf, movedAfter } from '../support/reports.ts';
import { freshBase, makeFolder, recoupHere } from '../support/recoup.ts';

const NOW = at('2026-03-21T12:00Z');
const FEBRUARY = caseOf('a', [{ outcome: 'lost', failedAt: at('2026-02-02T09:00Z') }]).record;
const MARCH = caseOf('b', [{ outcome: 'recovered', failedAt: at('2026-03-02T09:00Z') }]).record;

const fill = async (store: Store): Promise<void> => {
  await store.closeCase(FEBRUARY);
  await store.closeCase(MARCH);
  await store.putAdjustment(movedAfter('b', 'refund', NOW, 100));
};

const targetOf = async () => {
  const store = createMemoryStore();
  await fill(store);
  return { store, now: () => NOW };
};

const namesIn = (file: string): string[] => linesOf(readFileSync(file, 'utf8')).map((line) => line.case_id);

describe('a file', () => {
  test('holds the months that were asked for, both included, over what was there', async () => {
    const out = join(freshBase(), 'cases.ndjson');
    writeFileSync(out, 'x'.repeat(100_000));
    expect(await answerExport(await targetOf(), { from: '2026-02', to: '2026-03', out })).toBe(
      `${out}: 3 lines, cases opened 2026-02 to 2026-03`,
    );
    expect(namesIn(out)).toEqual(['case_a', 'case_b', 'case_b']);
    await answerExport(await targetOf(), { from: '2026-02', out });
    expect(namesIn(out)).toEqual(['case_a']);
  });

  test('is of this month unless told, and ends with it however far it is asked for', async () => {
    const out = join(freshBase(), 'cases.ndjson');
    await answerExport(await targetOf(), { out });
    expect(namesIn(out)).toEqual(['case_b', 'case_b']);
    expect(await answerExport(await targetOf(), { from: '2026-02', to: '9999-12', out })).toContain(
      'to 2026-03',
    );
  });

  test('that cannot be finished leaves what was there, and nothing beside it', async () => {
    const base = freshBase();
    const out = join(base, 'cases.ndjson');
    writeFileSync(out, 'of yesterday');
    const { store } = await targetOf();
    const failing: Store = {
      ...store,
      listCases: async (month) => {
        if (month === '2026-03') throw new OutsideError('DynamoDB did not answer', 'later');
        return store.listCases(month);
      },
    };
    const asked = { from: '2026-02', to: '2026-03', out };
    await expect(answerExport({ store: failing, now: () => NOW }, asked)).rejects.toThrow(OutsideError);
    expect(readFileSync(out, 'utf8')).toBe('of yesterday');
    expect(readdirSync(base)).toEqual(['cases.ndjson']);
  });

  test.each([
    ['in a folder that is not there', 'none/cases.ndjson', 'there is no such folder: make it first'],
    ['that is a folder', 'folder', 'it is a folder: name a file in it'],
  ])('%s is refused with what to do', async (_, name, words) => {
    const base = freshBase();
    mkdirSync(join(base, 'folder'));
    const out = join(base, name);
    await expect(answerExport(await targetOf(), { out })).rejects.toThrow(
      `${out} cannot be written: ${words}`,
    );
    expect(readdirSync(base)).toEqual(['folder']);
  });
});

test.each([
  [{ from: 'march' }, '--from: write a month, such as 2026-03'],
  [{ from: '2026-03-01' }, '--from: write a month'],
  [{ to: '2026-13' }, '--to: write a month'],
  [{ from: '2026-03', to: '2026-02' }, '--to is before --from'],
  [{ from: '2026-04' }, '--from 2026-04 has not begun: it is 2026-03-21 there'],
])('%j is refused in words', async (options, words) => {
  await expect(answerExport(await targetOf(), options)).rejects.toThrow(words);
});

test('without a file the lines are printed, of the demonstration, and nothing but the lines', async () => {
  const base = freshBase();
  await makeFolder(base, 'demo', NOW, fill);
  const { status, stdout, stderr } = await recoupHere(base, [
    'export',
    '--from',
    '2026-02',
    '--to',
    '2026-03',
  ]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(linesOf(stdout).map((line) => line.type)).toEqual(['case', 'case', 'adjustment']);
});
