// What another policy would change for an open case: nothing for the same one, each difference by its name.
import { describe, expect, test } from 'vitest';
import type { Customer } from '../../../core/recovery/customer.ts';
import { planDiff, sumOfDiffs, type PlanDiff } from '../../../core/recovery/plan-diff.ts';
import type { Policy } from '../../../core/recovery/policy.ts';
import { hold } from '../../../core/workflows/operate.ts';
import { day, disputeFact, invoiceFact, told } from '../../support/facts.ts';
import { ANNA, failing, operated, pass, policyOf } from '../../support/operating.ts';

const POLICY = policyOf();
const OPEN = pass(failing('in_1'), POLICY, day(0), day(4.5)).customer;
const NOW = day(5);

const mail = (id: string, delayDays: number, message = 'reminder') => ({
  id,
  kind: 'email',
  message,
  delayDays,
});
const FIRST = mail('first', 1, 'payment-failed');
const SECOND = mail('second', 4);
const THIRD = mail('third', 8);
const withSteps = (...steps: readonly object[]): Policy => policyOf({}, { steps });
const withEnd = (end: object): Policy => policyOf({}, { end });
const CANCEL = { action: 'cancel', daysAfterNotice: 14, latestDay: 45 };

const diffOf = (after: Policy, customer: Customer = OPEN, now = NOW): PlanDiff => {
  const diff = planDiff(customer, { before: POLICY, after }, now);
  if (diff === null) throw new Error('a case is open');
  return diff;
};

/** A difference in short. */
const inShort = ({ isChanged, nextChanges, mails, ends, steps }: PlanDiff) => ({
  isChanged,
  nextChanges,
  mails,
  ends: ends.map(({ change }) => change),
  steps: [steps.added, steps.gone, steps.moved],
});
const SAME = { isChanged: false, nextChanges: false, mails: 0, ends: [], steps: [0, 0, 0] };
const CHANGED = { ...SAME, isChanged: true };

describe('a case of which a reminder, the final notice and the end are to come', () => {
  test.each<readonly [string, Policy, ReturnType<typeof inShort>]>([
    ['the same policy changes nothing', policyOf(), SAME],
    ['what is behind the case changes nothing', withSteps(mail('first', 0), SECOND, THIRD), SAME],
    [
      'a later reminder is another next step, and no mail more',
      withSteps(FIRST, SECOND, mail('third', 9)),
      { ...CHANGED, nextChanges: true, steps: [0, 0, 1] },
    ],
    [
      'a reminder more before the next is another next step and a mail more',
      withSteps(FIRST, SECOND, mail('extra', 6), THIRD),
      { ...CHANGED, nextChanges: true, mails: 1, steps: [1, 0, 0] },
    ],
    [
      'a reminder more after the next is told although the next step stays',
      withSteps(FIRST, SECOND, THIRD, mail('extra', 10)),
      { ...CHANGED, mails: 1, steps: [1, 0, 0] },
    ],
    [
      'a reminder less is a mail less',
      withSteps(FIRST, SECOND),
      { ...CHANGED, nextChanges: true, mails: -1, steps: [0, 1, 0] },
    ],
    [
      'another message on the same day is another next step, and as many mails',
      withSteps(FIRST, SECOND, mail('third', 8, 'update-card')),
      { ...CHANGED, nextChanges: true, steps: [1, 1, 0] },
    ],
    [
      'a final notice on another day moves the end with it',
      policyOf({}, { finalNotice: { id: 'final', delayDays: 10, atLastAttempt: false } }),
      { ...CHANGED, ends: ['earlier'], steps: [0, 0, 1] },
    ],
    [
      'a longer notice moves the end alone',
      withEnd({ action: 'leave', daysAfterNotice: 15, latestDay: 45 }),
      { ...CHANGED, ends: ['later'] },
    ],
    ['an end that cancels is another end', withEnd(CANCEL), { ...CHANGED, ends: ['otherwise'] }],
  ])('%s', (_, after, expected) => {
    expect(inShort(diffOf(after))).toEqual(expected);
  });
});

test('the next step is told with its kind, message and time under both, the ends with what they do', () => {
  const { before, after, totals, caseId } = diffOf(policyOf({}, { steps: [FIRST, SECOND], end: CANCEL }));
  expect(before.next).toEqual({
    kind: 'step',
    step: { subjectId: 'in_1', step: 'third', kind: 'email', message: 'reminder', at: day(8) },
  });
  expect(after.next).toMatchObject({
    step: { step: 'final', kind: 'email', message: 'final-notice', at: day(12) },
  });
  expect([before.mails, after.mails]).toEqual([2, 1]);
  expect(before.ends).toEqual([{ subjectId: 'in_1', action: 'leave', at: day(26) }]);
  expect(after.ends).toEqual([{ subjectId: 'in_1', action: 'cancel', at: day(26) }]);
  expect(totals).toMatchObject({ EUR: { open: 4900 } });
  expect(caseId).toBe('case_in_1');
});

test('tries of ours are steps and no mails', () => {
  const retry = { id: 'retry', kind: 'retry', delayDays: 7 };
  const after = policyOf({ retries: { owner: 'recoup' } }, { steps: [FIRST, SECOND, retry, THIRD] });
  expect(inShort(diffOf(after))).toMatchObject({ nextChanges: true, mails: 0, steps: [1, 0, 0] });
});

describe('what stands against the steps is seen under both policies', () => {
  test('mails that a hold keeps back are to come after it', async () => {
    const { customer } = await operated(OPEN, POLICY, (deps) => hold(deps, OPEN.key, day(10), ANNA, day(5)));
    const diff = diffOf(withSteps(FIRST, SECOND), customer, day(6));
    expect([diff.before.mails, diff.after.mails, diff.nextChanges]).toEqual([2, 1, false]);
  });

  test('while a dispute is open no mail is to come, and an end by the last day only closes the books', () => {
    const disputed = told(OPEN, disputeFact('dp_1', {}, { at: day(5) }));
    const diff = diffOf(withEnd(CANCEL), disputed, day(6));
    expect(diff.after).toMatchObject({ mails: 0, ends: [{ action: 'leave', at: day(45) }] });
    expect(diff.isChanged).toBe(false);
  });

  test('somebody found too late for any end is left as they are, whatever the campaign does', () => {
    const late = pass(failing('in_1'), POLICY, day(6), day(7)).customer;
    expect(diffOf(withEnd(CANCEL), late, day(8))).toMatchObject({ isChanged: false });
    expect(diffOf(withEnd(CANCEL), late, day(8)).after.ends).toMatchObject([{ action: 'leave' }]);
  });

  test('somebody set aside for a person has nothing to come', () => {
    const aside = { ...OPEN, setAsideAt: day(4), trouble: { count: 10, lastAt: day(4), why: 'refused' } };
    expect(inShort(diffOf(withSteps(FIRST), aside))).toEqual(SAME);
  });
});

test('a case that is paid closes as before, and a customer without a case is not compared', () => {
  const paid = told(OPEN, invoiceFact('in_1', { status: 'paid', at: day(5) }));
  expect(inShort(diffOf(withSteps(FIRST, SECOND), paid, day(6)))).toEqual(SAME);
  expect(planDiff(failing('in_1'), { before: POLICY, after: POLICY }, day(1))).toBeNull();
});

test('of two failures each has its own end', () => {
  const two = pass(failing('in_1', 'in_2'), POLICY, day(0), day(4.5)).customer;
  expect(diffOf(withEnd(CANCEL), two).ends.map(({ subjectId, change }) => [subjectId, change])).toEqual([
    ['in_1', 'otherwise'],
    ['in_2', 'otherwise'],
  ]);
});

test('the sum keeps mails more and mails fewer apart, and counts ends by how they change', () => {
  const diffs = [
    diffOf(POLICY),
    diffOf(withSteps(FIRST, SECOND, mail('extra', 6), THIRD, mail('more', 10))),
    diffOf(withSteps(FIRST, SECOND)),
    diffOf(withEnd(CANCEL)),
    diffOf(withEnd({ action: 'leave', daysAfterNotice: 7, latestDay: 45 })),
  ];
  expect(sumOfDiffs(diffs)).toEqual({
    openCases: 5,
    changed: 4,
    mails: { more: 2, fewer: 1 },
    ends: { earlier: 1, later: 0, otherwise: 1, new: 0, gone: 0 },
  });
});
