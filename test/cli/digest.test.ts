// `recoup digest` on a store in memory: what it prints and writes, and what each mistake is answered with.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '../../adapters/memory/store.ts';
import { answerDigest } from '../../cli/digest.ts';
import { at } from '../support/customers.ts';
import { freshBase } from '../support/recoup.ts';
import { caseOf } from '../support/reports.ts';

const answer = async (options: Parameters<typeof answerDigest>[1] = {}) => {
  const store = createMemoryStore();
  await store.closeCase(
    caseOf('a', [{ failedAt: at('2026-03-03T09:00Z'), outcome: 'recovered', minor: 5000 }]).record,
  );
  return answerDigest({ store, where: 'a store in memory', now: () => at('2026-04-10T12:00Z') }, options);
};

test('prints the mail of the last month that is over', async () => {
  const [text] = await answer();
  expect(text).toContain('Subject: Recoup: Failed payments in 2026-03: €50.00 came back');
  expect(text).toContain(
    'Payments that failed from 2026-03-01 to 2026-03-31 (UTC), as of 2026-04-10, 12:00 UTC.',
  );
  expect(text).toContain('Attached: recoup-2026-03.csv, recoup-2026-03.html.');
});

test('takes a week as well', async () => {
  expect((await answer({ week: '2026-W10' }))[0]).toContain('€50.00 came back');
  expect((await answer({ week: '2026-W11' }))[0]).toContain('No payment failed in that time.');
});

test('writes the mail and what goes with it into a folder, which it makes', async () => {
  const out = join(freshBase(), 'mails', 'march');
  const lines = await answer({ month: '2026-03', out });
  const names = ['digest-2026-03.txt', 'digest-2026-03.html', 'recoup-2026-03.csv', 'recoup-2026-03.html'];
  expect(lines).toEqual(names.map((name) => join(out, name)));
  expect(readdirSync(out).toSorted()).toEqual(names.toSorted());
  expect(readFileSync(join(out, 'digest-2026-03.html'), 'utf8')).toContain('a store in memory');
});

describe('is refused', () => {
  test.each([
    [{ month: '2026-3' }, '--month 2026-3: write a month, such as 2026-03'],
    [{ week: '2026-W54' }, '--week 2026-W54: write a week of ISO 8601, such as 2026-W10'],
    [{ week: '2026-W10', month: '2026-03' }, 'write either --month or --week'],
    [{ month: '2026-05' }, '2026-05 has not begun: it is 2026-04-10 there; name one before it'],
  ])('%j', async (options, why) => {
    await expect(answer(options)).rejects.toThrow(why);
  });

  test('a folder that is a file', async () => {
    const out = join(freshBase(), 'taken');
    writeFileSync(out, '');
    await expect(answer({ out })).rejects.toThrow(`${out} cannot be made`);
  });
});
