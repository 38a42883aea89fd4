// The journal: repeats fold into a count, and it never outgrows its bound.
import { describe, expect, test } from 'vitest';
import { newCustomer } from '../../../core/recovery/customer.ts';
import type { Recovery } from '../../../core/recovery/customer.ts';
import { MAX_JOURNAL, note, overflow } from '../../../core/recovery/journal.ts';
import { keyOf } from '../../support/customers.ts';
import { day } from '../../support/facts.ts';
import { failing, pass, policyOf } from '../../support/operating.ts';

const EMPTY = newCustomer(keyOf('cus_1')).recovery;

const noted = (lines: number): Recovery =>
  Array.from({ length: lines }).reduce<Recovery>((all, _, i) => note(all, day(i), `line ${i}`, 'why'), EMPTY);

describe('a line', () => {
  test('tells when, what and why', () => {
    expect(note(EMPTY, day(1), 'case opened', 'in_1 failed').journal).toEqual([
      { at: day(1), what: 'case opened', why: 'in_1 failed', count: 1 },
    ]);
  });

  test('told again right after itself only counts up, and keeps its first time', () => {
    const twice = note(note(EMPTY, day(1), 'looked', 'nothing new'), day(2), 'looked', 'nothing new');
    expect(twice.journal).toEqual([{ at: day(1), what: 'looked', why: 'nothing new', count: 2 }]);
  });

  test('told again after another one, or for another reason, is a line of its own', () => {
    const back = note(note(note(EMPTY, day(1), 'a', 'x'), day(2), 'b', 'x'), day(3), 'a', 'x');
    expect(back.journal.map((line) => line.what)).toEqual(['a', 'b', 'a']);
    expect(note(note(EMPTY, day(1), 'a', 'x'), day(2), 'a', 'y').journal).toHaveLength(2);
  });

  test('leaves the journal it was added to as it was', () => {
    const before = noted(1);
    note(before, day(9), 'line 0', 'why');
    expect(before.journal).toEqual([{ at: day(0), what: 'line 0', why: 'why', count: 1 }]);
  });
});

describe('overflow', () => {
  test(`${MAX_JOURNAL} lines fit; one more cuts the oldest page off`, () => {
    expect(overflow(noted(MAX_JOURNAL))).toBeNull();
    const cut = overflow(noted(MAX_JOURNAL + 1));
    expect(cut?.entries).toHaveLength(100);
    expect(cut?.entries[0]?.what).toBe('line 0');
    expect(cut?.recovery.journal).toHaveLength(101);
    expect(cut?.recovery.journal[0]?.what).toBe('line 100');
  });

  test('pages are numbered on, so that none replaces another', () => {
    const first = overflow(noted(MAX_JOURNAL + 1));
    const again = overflow({ ...noted(MAX_JOURNAL + 1), journalPages: first?.recovery.journalPages ?? 0 });
    expect([first?.page, again?.page, again?.recovery.journalPages]).toEqual([0, 1, 2]);
  });

  test('no line is lost: the page and what is left are the whole journal', () => {
    const whole = noted(MAX_JOURNAL + 37);
    const cut = overflow(whole);
    expect([...(cut?.entries ?? []), ...(cut?.recovery.journal ?? [])]).toEqual(whole.journal);
  });
});

test('a closed case says how many older pages there were by then, and nothing where there were none', () => {
  const debtor = failing('in_1');
  const closedFrom = (journalPages: number) => {
    const start = { ...debtor, recovery: { ...debtor.recovery, journalPages } };
    return pass(start, policyOf(), day(0), day(90)).closed.map(({ outbox }) => outbox?.closed);
  };
  expect(closedFrom(3)).toMatchObject([{ id: 'case_in_1', journalPages: 3 }]);
  expect(closedFrom(0)[0]).not.toHaveProperty('journalPages');
});
