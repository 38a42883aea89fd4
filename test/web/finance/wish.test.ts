// What an operator is offered, what is said before it is done, and what is sent.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Case } from '../../../web/finance/api.ts';
import { createFormat } from '../../../web/finance/format.ts';
import { messageOf, type Catalogue } from '../../../web/finance/message.ts';
import { DAYS, dayIn, isHoldable } from '../../../web/finance/views/case/days.ts';
import { ACTIONS, bodyOf, foretold, offeredFor, type Wish } from '../../../web/finance/views/case/wish.ts';
import { caseWith, eur, invoiceWith, stepWith } from './a-case.ts';

const WORDS = join(import.meta.dirname, '../../../web/finance/words/en/case.json');
const catalogue = JSON.parse(readFileSync(WORDS, 'utf8')) as Catalogue;
const format = createFormat('en');

const wishWith = (changes: Partial<Wish>): Wish => ({
  action: 'hold',
  until: '2026-03-13',
  invoice: null,
  as: 'lost',
  ...changes,
});

const RULES = { timeZone: 'Europe/Vienna', triesOwner: 'provider' } as const;

/** What is said of a wish, in English. */
const saidOf = (wish: Partial<Wish>, one: Case, rules: Parameters<typeof foretold>[3] = RULES): string[] =>
  foretold(wishWith(wish), one, format, rules).map(
    ({ name, values }) => messageOf(catalogue, name, values, 'en') ?? `no words: ${name}`,
  );

const EXCLUDED = { why: 'excluded by Ana', until: null };
const HELD = { why: 'on hold until 2026-03-13 23:59 UTC by Ana', until: '2026-03-13T23:59:59.999Z' };
const MAIL: Case['mails'][number] = {
  subject: 'in_1',
  step: 'reminder-1',
  message: 'reminder',
  at: '2026-03-02T09:00:00.000Z',
  status: 'done',
  messageId: null,
  told: [],
  language: 'en',
  words: null,
};
const CLOSED = { outcome: 'lost', closedAt: '2026-03-20T09:00:00.000Z' } as const;

describe('what is offered', () => {
  test.each<[string, Partial<Case>, string]>([
    ['an open case', {}, 'hold retry-now exclude close erase'],
    ['one that is held', { held: HELD }, 'hold resume exclude close erase'],
    ['one that is excluded', { held: EXCLUDED }, 'resume close erase'],
    ['one whose customer is erased', { erasedAt: CLOSED.closedAt }, 'close'],
    [
      'one with mails of which one came back',
      { mails: [{ ...MAIL, told: ['sent', 'bounced'] }] },
      'hold retry-now exclude close write-again revoke-links erase',
    ],
    [
      'one that is paid by hand',
      { invoices: [invoiceWith({ kind: 'invoice_overdue' })] },
      'hold exclude close erase',
    ],
    ['a closed case', { ...CLOSED, invoices: [invoiceWith({ outcome: 'lost' })] }, 'exclude erase'],
  ])('%s', (_, changes, actions) => {
    expect(offeredFor(caseWith(changes)).join(' ')).toBe(actions);
  });
});

describe('what is said before', () => {
  test('a hold: until when, what is charged then, what waits, and who goes on', () => {
    const one = caseWith({
      invoices: [
        invoiceWith(),
        invoiceWith({ subject: 'in_2', invoice: 'in_2', number: null, open: eur(100) }),
        invoiceWith({ subject: 'in_3:re_1', invoice: 'in_3', open: eur(999) }),
      ],
      steps: [stepWith(), stepWith({ step: 'end' }), stepWith({ step: 'x', status: 'done' })],
    });
    expect(saidOf({}, one)).toEqual([
      'Nothing is sent, charged or ended before the end of 13 March 2026 (Europe/Vienna).',
      'On that day €50.00 is charged once, for R-1, in_2, if the limits of the card networks allow.',
      'After it the campaign goes on from where it stood: the 2 steps to come are put off by the days of the hold.',
      'The billing provider’s own tries go on: stop them there if they must not run.',
      'If the customer pays before, the case is closed as always.',
    ]);
  });

  test('a hold puts off no step of an invoice that is paid', () => {
    const one = caseWith({
      invoices: [invoiceWith(), invoiceWith({ subject: 'in_2', invoice: 'in_2', outcome: 'recovered' })],
      steps: [stepWith(), stepWith({ subject: 'in_2', status: 'blocked' })],
    });
    expect(saidOf({}, one).join(' ')).toContain('the 1 step to come is put off');
  });

  test('nothing is promised of the provider’s tries where we own them', () => {
    const said = saidOf({}, caseWith(), { timeZone: 'UTC', triesOwner: 'recoup' });
    expect(said.join(' ')).not.toContain('billing provider’s own tries');
  });

  test('of several currencies none is added to another', () => {
    const yen = { minor: 500, currency: 'JPY', decimal: '500' };
    const one = caseWith({ invoices: [invoiceWith(), invoiceWith({ number: 'R-2', open: yen })] });
    expect(saidOf({ action: 'exclude' }, one)[1]).toContain('€49.00 + ¥500 (R-1, R-2) stays open');
  });

  test('one invoice of two is closed: it alone counts, and the other stays', () => {
    const two = invoiceWith({ subject: 'in_2', invoice: 'in_2', number: 'R-2', open: eur(100) });
    const said = saidOf(
      { action: 'close', as: 'withdrawn', invoice: 'in_2' },
      caseWith({ invoices: [invoiceWith(), two] }),
    );
    expect(said[0]).toBe('€1.00 (R-2) counts as withdrawn from now on.');
    expect(said[2]).toBe('€49.00 (R-1) stays open.');
    const all = saidOf({ action: 'close' }, caseWith());
    expect(all[0]).toBe('€49.00 (R-1) counts as lost from now on.');
    expect(all[2]).toContain('cannot be opened again');
  });

  test('a try: what is charged, and what is not', () => {
    const sent = invoiceWith({ subject: 'in_2', invoice: 'in_2', number: 'R-2', kind: 'invoice_overdue' });
    const said = saidOf({ action: 'retry-now' }, caseWith({ invoices: [invoiceWith(), sent] }));
    expect(said[0]).toContain('€49.00 is charged once, for R-1, within minutes');
    expect(said[1]).toContain('€49.00 is not charged, for R-2');
  });

  test('to resume says whether a promise or an exclusion ends', () => {
    expect(saidOf({ action: 'resume' }, caseWith({ held: HELD })).join(' ')).toContain(
      'try on the promised day',
    );
    expect(saidOf({ action: 'resume' }, caseWith({ held: EXCLUDED })).join(' ')).toContain('followed again');
  });

  test('every action has words for all that it says, and erasing says that nobody can undo it', () => {
    for (const action of ACTIONS) {
      const said = saidOf({ action }, caseWith({ held: HELD, steps: [stepWith()] }));
      expect(said.length).toBeGreaterThan(1);
      for (const line of said) expect(line).not.toMatch(/no words|\{\w+\}/);
    }
    expect(saidOf({ action: 'erase' }, caseWith())[0]).toContain('for good');
  });
});

test('is sent with its note, its version, and only what it takes', () => {
  const sent = (changes: Partial<Wish>) => bodyOf(wishWith(changes), 'why', 7);
  expect(sent({})).toEqual({ note: 'why', ifVersion: 7, until: '2026-03-13' });
  expect(sent({ action: 'close', invoice: 'in_1' })).toEqual({
    note: 'why',
    ifVersion: 7,
    as: 'lost',
    invoice: 'in_1',
  });
  expect(sent({ action: 'retry-now' })).toEqual({ note: 'why', ifVersion: 7 });
  expect(sent({ action: 'erase', invoice: 'in_1' })).toEqual({ note: 'why', ifVersion: 7 });
});

describe('days', () => {
  test.each([
    // A Wednesday, a Thursday, a Friday, a Saturday; the last day of a month, of a year, of a February in a leap year.
    ['2026-03-04', ['2026-03-05', '2026-03-06', '2026-03-11', '2026-03-31']],
    ['2026-03-05', ['2026-03-06', '2026-03-06', '2026-03-12', '2026-03-31']],
    ['2026-03-06', ['2026-03-07', '2026-03-13', '2026-03-13', '2026-03-31']],
    ['2026-03-07', ['2026-03-08', '2026-03-13', '2026-03-14', '2026-03-31']],
    ['2026-03-31', ['2026-04-01', '2026-04-03', '2026-04-07', '2026-04-30']],
    ['2026-12-31', ['2027-01-01', '2027-01-01', '2027-01-07', '2027-01-31']],
    ['2028-02-29', ['2028-03-01', '2028-03-03', '2028-03-07', '2028-03-31']],
  ])('from %s: tomorrow, Friday, in a week, the end of the month', (today, days) => {
    expect(Object.values(DAYS).map((day) => day(today))).toEqual(days);
    for (const day of days) expect(isHoldable(day, today)).toBe(true);
  });

  test('today is that of the zone by which a day ends', () => {
    const at = '2026-03-05T23:30:00.000Z';
    expect(dayIn(at, 'UTC')).toBe('2026-03-05');
    expect(dayIn(at, 'Asia/Tokyo')).toBe('2026-03-06');
    expect(dayIn('2026-03-06T02:00:00.000Z', 'America/New_York')).toBe('2026-03-05');
    expect(dayIn(at, 'Nowhere/At-All')).toBe('2026-03-05');
  });

  test.each(['', '2026-03-05', 'tomorrow', '2027-03-07'])('%j is no day to hold until', (day) => {
    expect(isHoldable(day, '2026-03-06')).toBe(false);
  });
});
