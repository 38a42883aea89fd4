// Older pages of a journal: which lines a case shows before its own, also of a customer who was forgotten and came back.
import { expect, test } from 'vitest';
import { addMs, type Instant } from '../../../core/time.ts';
import { olderPagesOf, readCaseFile, readOlderPage } from '../../../core/workflows/list-cases.ts';
import { keyOf } from '../../support/customers.ts';
import { createRunner, type Runner } from '../../support/runner.ts';
import { onDay, story } from '../../support/story.ts';

const KEY = keyOf('cus_1');

/** Fails on a day, has a long journal on the next, and is paid on the ninth. */
const talksMuch = async (runner: Runner, n: number, day: number): Promise<void> => {
  const { store, clock } = runner;
  const one = story({ n, customerId: 'cus_1' });
  await runner.toDay(day);
  await runner.tell(...one.failed(day, { told: false, next: day + 6 }));
  await runner.toDay(day + 1);
  const customer = await store.load(KEY, clock.now());
  const journal = Array.from({ length: 250 }, (_, i) => ({
    at: addMs(onDay(day) as Instant, i),
    what: `line ${i}`,
    why: `in_${n}`,
    count: 1,
  }));
  await store.save({
    ...customer,
    recovery: { ...customer.recovery, journal },
    version: customer.version + 1,
  });
  await runner.toDay(day + 7);
};

const oldestPage = async ({ store, clock }: Runner, n: number) => {
  const file = await readCaseFile(store, KEY, `case_in_${n}`, clock.now());
  if (file === null) throw new Error(`there is no case_in_${n}`);
  const lines = await readOlderPage(store, file, olderPagesOf(file), clock.now());
  return {
    pages: olderPagesOf(file),
    whose: [...new Set(lines?.map(({ why }) => why))],
    isOpen: file.isOpen,
  };
};

test('who was forgotten and comes back loses no line, and each case shows the lines of its own time', async () => {
  const runner = createRunner();
  await talksMuch(runner, 1, 0);
  await runner.tell(...story({ n: 1, customerId: 'cus_1' }).paid(9));
  await runner.toDay(9 + 402);
  expect((await runner.store.load(KEY, runner.clock.now())).recovery.journalPages).toBe(0);
  await talksMuch(runner, 2, 500);
  expect(await oldestPage(runner, 2)).toEqual({ pages: 1, whose: ['in_2'], isOpen: true });
  expect(await oldestPage(runner, 1)).toEqual({ pages: 1, whose: ['in_1'], isOpen: false });
  await runner.tell(...story({ n: 2, customerId: 'cus_1' }).paid(509));
  await runner.toDay(540);
  expect(await oldestPage(runner, 2)).toEqual({ pages: 1, whose: ['in_2'], isOpen: false });
});
