// Which mails are compared with which, what is told of them at all, and when a difference says something.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { wilson } from '../../../core/reports/interval.ts';
import { stepName } from '../../../core/reports/tally.ts';
import type { Policy } from '../../../web/finance/api.ts';
import { compared, ENOUGH } from '../../../web/finance/comparison.ts';
import { mailIn, mailNamed } from '../../../web/finance/mail-name.ts';
import { comparisonsOf, toldOf, type Mail } from '../../../web/finance/views/mails/comparisons.ts';

const rate = (hits: number, of: number) => ({ hits, of, share: wilson(hits, of) });

const mailOf = (step: string, told: Partial<Mail> = {}): Mail => ({
  step,
  sent: 10,
  delivered: 0,
  opened: 0,
  clicked: 0,
  bounced: 0,
  complained: 0,
  paid: 0,
  rate: rate(0, 0),
  ...told,
});

/** A policy of campaigns, each with the texts of its step `reminder-1`. */
const policyOf = (texts: Readonly<Record<string, readonly string[]>>): Policy =>
  ({
    campaigns: Object.entries(texts).map(([id, messages]) => ({
      id,
      steps: [{ id: 'reminder-1', texts: messages.map((message) => ({ message, weight: 1 })) }],
    })),
  }) as unknown as Policy;

describe('the name of a mail', () => {
  test('is read as reports write it, whatever the step and the text are called', () => {
    const id = fc.stringMatching(/^[a-z0-9-]{1,20}$/);
    fc.assert(
      fc.property(id, id, fc.option(id), (stepId, message, text) => {
        const said = text === null ? message : `${message}.${text}`;
        expect(mailIn(stepName({ stepId, message: said }))).toEqual(mailNamed(stepId, said));
        expect(mailNamed(stepId, said)).toEqual({ step: stepId, message, text });
      }),
    );
  });
});

describe('texts', () => {
  const mails = [
    mailOf('payment-failed'),
    mailOf('reminder-1 (reminder.short)'),
    mailOf('reminder-1 (reminder)'),
    mailOf('recovered'),
    mailOf('recovered (recovered.warm)'),
  ];

  test('of one step are compared, with its own message first; what goes afterwards is not', () => {
    const [one, ...others] = comparisonsOf(mails, null, undefined);
    expect(others).toEqual([]);
    expect(one?.step).toBe('reminder-1');
    expect(one?.texts.map(({ figures }) => figures.step)).toEqual([
      'reminder-1 (reminder)',
      'reminder-1 (reminder.short)',
    ]);
  });

  test.each([
    [{ soft: ['reminder', 'reminder.short'] }, undefined, false],
    [{ soft: ['reminder', 'reminder.short'], hard: ['reminder', 'reminder.short'] }, undefined, false],
    [{ soft: ['reminder', 'reminder.short'], hard: ['reminder'] }, undefined, true],
    [{ soft: ['reminder', 'reminder.short'], hard: ['reminder'] }, 'soft', false],
  ] as const)('of campaigns %j, of which %s is asked for: mixed is %s', (campaigns, campaign, isMixed) => {
    const [one] = comparisonsOf(mails, policyOf(campaigns), campaign);
    expect(one?.isMixed).toBe(isMixed);
    expect(one?.campaigns).toContain('soft');
    expect(one?.campaigns.includes('hard')).toBe('hard' in campaigns && campaigns.hard.length > 1);
  });
});

describe('what is told', () => {
  test('of nothing is nothing', () => {
    expect([...toldOf([mailOf('a')])]).toEqual([]);
  });

  test('no bounce and no complaint is good news once deliveries are told; no open and no click is not', () => {
    expect([...toldOf([mailOf('a', { delivered: 9 })])].toSorted()).toEqual([
      'bounced',
      'complained',
      'delivered',
    ]);
    expect([...toldOf([mailOf('a', { bounced: 1 })])]).toEqual(['bounced']);
  });
});

describe('two rates', () => {
  test.each([
    [rate(300, 400), rate(200, 400), 'more'],
    [rate(200, 400), rate(300, 400), 'less'],
    [rate(200, 400), rate(201, 400), 'same'],
    [rate(ENOUGH - 1, ENOUGH - 1), rate(0, 400), 'early'],
    [rate(400, 400), rate(0, ENOUGH - 1), 'early'],
    [rate(ENOUGH, ENOUGH), rate(0, ENOUGH), 'more'],
    [rate(0, 0), rate(0, 0), 'early'],
  ] as const)('%j beside %j: %s', (one, other, verdict) => {
    expect(compared(one, other).verdict).toBe(verdict);
  });
});
