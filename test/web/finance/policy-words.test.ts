// The policy in words: every policy that can be written is said whole, in every language, and no sentence has a hole.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { policyAnswer } from '../../../functions/finance/policy-answer.ts';
import { MESSAGES } from '../../../core/ports.ts';
import { NOTICE_KINDS } from '../../../core/recovery/customer.ts';
import { definePolicy, type PolicyInput } from '../../../core/recovery/policy.ts';
import type { Policy } from '../../../web/finance/api.ts';
import { createFormat } from '../../../web/finance/format.ts';
import { LANGUAGES, type Language } from '../../../web/finance/language.ts';
import { messageOf, type Catalogue } from '../../../web/finance/message.ts';
import { conditionsOf, takenBy } from '../../../web/finance/views/policy/conditions.ts';
import { endDayOf, ladderOf, marksOf } from '../../../web/finance/views/policy/ladder.ts';
import { rulesOf } from '../../../web/finance/views/policy/rules.ts';
import { createTell, type Tell } from '../../../web/finance/views/policy/tell.ts';
import policyInput from '../../../policy.ts';

const FOLDER = join(import.meta.dirname, '../../../web/finance/words');
const read = (language: string, file: string): Catalogue =>
  JSON.parse(readFileSync(join(FOLDER, language, `${file}.json`), 'utf8')) as Catalogue;

const missing: string[] = [];

const tellIn = (language: Language): Tell => {
  const [words, names] = [read(language, 'policy'), read(language, 'names')];
  const told = (catalogue: Catalogue, name: string, values = {}): string => {
    const text = messageOf(catalogue, name, values, language);
    if (text === null) missing.push(`${language}: ${name}`);
    return text ?? name;
  };
  return createTell(
    (name, values) => told(words, name, values),
    (group, code) => told(names, `${group}.${code}`),
    createFormat(language),
  );
};

/** Everything that a policy can say at once. */
const FULL: PolicyInput = {
  ...policyInput,
  retries: { owner: 'recoup', hour: 7, paydays: true, backupMethods: true },
  sendWindow: { from: '08:30', to: '20:00', weekdays: [5, 1, 3], quietDates: ['12-24', '2026-05-01'] },
  silentHours: 48,
  mailsPerCase: 1,
  holdout: { experiment: 'winter', share: 0.05 },
  firstPayments: 'recover',
  whenCustomerLeaves: 'keep_asking',
  wayBackUrl: 'https://example.com/plans',
  senders: { notices: { name: 'Notices Inc', email: 'n@example.com' } },
  operator: { email: 'ops@example.com', digest: { weekly: true, monthly: true, alerts: true } },
  campaigns: [
    {
      id: 'rich',
      kind: 'payment_failure',
      serves: 'week',
      when: {
        amount: { currency: 'KWD', minMinor: 1500, maxMinor: 99_000 },
        plans: ['price_a', 'price_b'],
        products: ['prod_a'],
        countries: ['DE', 'JP'],
        languages: ['pt-BR'],
        intervals: ['week', 'year'],
        collectionMethods: ['charge_automatically', 'send_invoice'],
        metadata: { tier: ['gold'] },
        tenureDays: { min: 30, max: 400 },
      },
      declines: ['soft_funds', 'technical'],
      steps: [
        { id: 'again', kind: 'retry', delayDays: 0.5 },
        {
          id: 'hello',
          kind: 'email',
          message: 'reminder',
          delayDays: 1,
          hoursBeforeTry: 1,
          variants: [{ message: 'reminder.short', weight: 3 }],
        },
        { id: 'call', kind: 'notify', delayDays: 2, to: 'email', note: 'Call them.' },
        { id: 'hook', kind: 'notify', delayDays: 2, to: 'webhook' },
      ],
      finalNotice: { id: 'final-notice', delayDays: 3, atLastAttempt: true },
      end: { action: 'cancel', daysAfterNotice: 3, latestDay: 6 },
    },
    ...policyInput.campaigns,
  ],
};

const answerOf = (input: PolicyInput): Policy => {
  // The answer is JSON: what the page reads has been through it.
  return JSON.parse(JSON.stringify(policyAnswer(definePolicy(input)))) as Policy;
};

const sentencesOf = (policy: Policy, tell: Tell): string[] => [
  ...rulesOf(policy, tell).flatMap(({ term, sentences }) => [term, ...sentences]),
  ...policy.campaigns.flatMap((campaign) => [
    ...takenBy(campaign, tell),
    ...ladderOf(campaign, tell).flatMap(({ what, more }) => [what, ...more]),
  ]),
  ...policy.notices.flatMap(({ conditions }) => conditionsOf(conditions, tell)),
];

describe.each(Object.keys(LANGUAGES) as Language[])('in %s', (language) => {
  test.each([
    ['the usual policy', policyInput],
    ['everything at once', FULL],
  ])('%s is said without a hole, a code or a name of a message', (_, input) => {
    missing.length = 0;
    const said = sentencesOf(answerOf(input), tellIn(language));
    expect(missing).toEqual([]);
    // Ids are the business's own words.
    const rest = said.map((text) => text.replaceAll(/price_\w+|prod_\w+/g, ''));
    expect(rest.filter((text) => /\{\w+\}|\b[a-z]+_[a-z_]+\b|undefined|null|NaN/.test(text))).toEqual([]);
    expect(said.filter((text) => text.trim() === '')).toEqual([]);
  });

  test('every message and kind of notice has a name', () => {
    const names = Object.keys(read(language, 'names'));
    expect(names).toEqual(expect.arrayContaining(MESSAGES.map((name) => `message.${name}`)));
    expect(names).toEqual(expect.arrayContaining(NOTICE_KINDS.map((name) => `notice.${name}`)));
  });
});

describe('in English', () => {
  const tell = tellIn('en');
  const policy = answerOf(FULL);
  const [rich] = policy.campaigns;
  if (rich === undefined) throw new Error('there is no campaign');

  test('whom a campaign takes is told with every condition', () => {
    expect(takenBy(rich, tell)).toEqual([
      'What failed: Card declined',
      'Decline: Not enough money or A technical fault',
      'Amount from KWD\u00A01.500 to KWD\u00A099.000',
      'Plan: price_a or price_b',
      'Product: prod_a',
      'Country: Germany or Japan',
      'Language: Brazilian Portuguese',
      'Billed weekly or yearly',
      'Paid: charged automatically or by the customer, on an invoice',
      'Metadata “tier”: gold',
      'Customer for 30 days or longer',
      'Customer for 400 days at most',
      'Meant for plans billed weekly or less often',
    ]);
  });

  test('a ladder is told in the order of its days, with what each text gets of the lot, and ends with the end', () => {
    expect(ladderOf(rich, tell).map(({ day, what, more }) => [day, what, ...more])).toEqual([
      [0.5, 'The payment is tried again'],
      [
        1,
        'Mail: Reminder',
        '1 hour before the next try that will come, on this day or later; without one it does not go',
        'Each case gets one of these texts by lot: Reminder 25.0% and Reminder (short) 75.0%',
      ],
      [2, 'A colleague is told by mail', 'Call them.'],
      [2, 'Another system of the business is told'],
      [
        3,
        'Final notice, with the date of the end',
        'Once the steps before it are done and no further try will come',
        'Or at once when the provider’s last try has failed',
      ],
      [
        6,
        'The subscription is cancelled and the case closed as lost',
        '3 days after the final notice, on day 6 at the latest',
      ],
    ]);
  });

  test('rules that hold for all are told with their figures', () => {
    const said = rulesOf(policy, tell).flatMap(({ sentences }) => sentences);
    expect(said).toEqual(
      expect.arrayContaining([
        'From 08:30 to 20:00 in the customer’s time, on these days: Monday, Wednesday and Friday.',
        'Never on: 24 December and 1 May 2026.',
        'At most 1 mail of a case asks for money; the final notice comes on top.',
        '5.0% of customers, drawn by lot (experiment “winter”).',
        'Sent to the business: the week’s figures, the month’s figures and alerts.',
        'About debts from “Example Company”, notices from “Notices Inc”, to win back from “Example Company”.',
      ]),
    );
  });
});

describe('the line of days', () => {
  const FRAME = { width: 300, inset: 10, apart: 24 };

  test('begins at day 0 and ends with the last day', () => {
    const marks = marksOf(
      [
        { day: 0, look: 'mail' },
        { day: 5, look: 'mail' },
        { day: 10, look: 'end' },
      ],
      FRAME,
    );
    expect(marks.map(({ x }) => x)).toEqual([10, 150, 290]);
    expect(marks.map(({ label }) => label)).toEqual([0, 5, 10]);
  });

  test('leaves out a label where there is no room for it', () => {
    const marks = marksOf(
      [
        { day: 0, look: 'mail' },
        { day: 0.5, look: 'retry' },
        { day: 10, look: 'end' },
      ],
      FRAME,
    );
    expect(marks.map(({ label }) => label)).toEqual([0, null, 10]);
  });

  test('the end never comes after the latest day', () => {
    const campaign = { finalNotice: { delayDays: 20 }, end: { daysAfterNotice: 30, latestDay: 45 } };
    expect(endDayOf(campaign as Policy['campaigns'][number])).toBe(45);
  });
});
