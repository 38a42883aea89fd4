// The guard rails of a policy: what would harm customers or cost fines is refused with field, value and what to change.
import { describe, expect, test } from 'vitest';
import { definePolicy, PolicyError, type PolicyInput } from '../../../core/recovery/policy.ts';
import b2bAnnual from '../../../examples/policies/b2b-annual.ts';
import b2cMonthly from '../../../examples/policies/b2c-monthly.ts';
import chargify from '../../../examples/policies/chargify-ladder.ts';
import ownRetries from '../../../examples/policies/own-retries.ts';
import polar from '../../../examples/policies/polar-ladder.ts';
import recurly from '../../../examples/policies/recurly-ladder.ts';
import stripe from '../../../examples/policies/stripe-ladder.ts';
import weekly from '../../../examples/policies/weekly.ts';
import shipped from '../../support/plain-policy.ts';

type Campaign = PolicyInput['campaigns'][number];
const SOFT = shipped.campaigns[2] as Campaign;

const faultsOf = (input: unknown): string[] => {
  try {
    definePolicy(input);
    return [];
  } catch (error) {
    if (error instanceof PolicyError)
      return error.faults.map(({ field, value, change }) => `${field} = ${value}: ${change}`);
    throw error;
  }
};

const retries = (...days: number[]) =>
  days.map((delayDays, i) => ({ id: `retry-${i + 1}`, kind: 'retry', delayDays }));
const only = (campaign: object, more: object = {}) => ({
  ...shipped,
  ...more,
  campaigns: [{ ...SOFT, ...campaign }],
});
const OURS = { retries: { owner: 'recoup' } };

describe('refused', () => {
  test.each<readonly [string, unknown, readonly string[]]>([
    [
      'a campaign that outlasts the interval it serves',
      only({ serves: 'week' }),
      [
        'campaigns.0.serves = "week": it ends on day 26, after the next bill: shorten it, or say which longer interval it serves',
      ],
    ],
    [
      'a monthly campaign whose end comes after the shortest month',
      only({ end: { ...SOFT.end, daysAfterNotice: 16 } }),
      [
        'campaigns.0.serves = "month": it ends on day 28, after the next bill: shorten it, or say which longer interval it serves',
      ],
    ],
    [
      'more retries than an invoice may have tries',
      only({ steps: retries(1, 2, 3, 4, 5, 6, 7, 8) }, OURS),
      [
        'campaigns.0.steps.7 = "retry-8": at most 7 retries, as the first try counts too (8 an invoice): remove it',
      ],
    ],
    [
      'two retries within a day',
      only({ steps: retries(2, 2.5) }, OURS),
      [
        'campaigns.0.steps.1.delayDays = 2.5: the card networks allow one try a day: put it a day after retry-1 at least',
      ],
    ],
    [
      'a retry of declines that no retry heals',
      {
        ...shipped,
        ...OURS,
        campaigns: [{ ...SOFT, id: 'hard', declines: ['hard', 'expired'], steps: retries(2) }, SOFT],
      },
      [
        'campaigns.0.steps.0.kind = "retry": no retry succeeds on hard, expired without the customer: remove it',
      ],
    ],
    [
      'one id for steps of two kinds',
      {
        ...shipped,
        ...OURS,
        campaigns: [
          { ...SOFT, id: 'first', declines: ['unknown'] },
          { ...SOFT, steps: [{ id: 'payment-failed', kind: 'retry', delayDays: 1 }] },
        ],
      },
      [
        'campaigns.1.steps.0.id = "payment-failed": another campaign uses this id for a step of kind email: choose another',
      ],
    ],
    [
      'a last campaign with a condition: what does not meet it would follow none',
      only({ when: { countries: ['DE'] } }),
      [
        'campaigns = ["soft_funds","soft_later","technical","authentication","expired","invalid_data": no campaign without conditions takes these failures: add a last one with declines "any", no "when" and no "kind"',
      ],
    ],
    [
      'a country, a currency and a language that are none',
      {
        ...shipped,
        campaigns: [
          {
            ...SOFT,
            id: 'x',
            when: { countries: ['de'], amount: { currency: 'eur' }, languages: ['german!'] },
          },
          SOFT,
        ],
      },
      [
        'campaigns.0.when.amount.currency = "eur": write the currency as three capital letters',
        'campaigns.0.when.countries.0 = "de": write a country as two capital letters',
        'campaigns.0.when.languages.0 = "german!": write a language as in "de" or "pt-BR"',
      ],
    ],
    [
      'a condition that nobody knows',
      { ...shipped, campaigns: [{ ...SOFT, id: 'x', when: { planets: ['mars'] } }, SOFT] },
      ['campaigns.0.when.planets = ["mars"]: unknown field: remove it or correct its name'],
    ],
    [
      'no mails sooner than one mail',
      { ...shipped, catchUp: { oneMailAfterDays: 10, noMailAfterDays: 5 } },
      ['catchUp.noMailAfterDays = 5: put it at 10 or later: oneMailAfterDays comes first'],
    ],
    [
      'most customers held out',
      { ...shipped, holdout: { experiment: 'x', share: 0.6 } },
      ['holdout.share = 0.6: at most half of all can be held out'],
    ],
    [
      'a quiet time of more than three days',
      { ...shipped, silentHours: 73 },
      ['silentHours = 73: at most 72 hours'],
    ],
  ])('%s', (_, input, expected) => {
    expect(faultsOf(input)).toEqual(expected);
  });

  const OVERDUE = {
    id: 'overdue',
    kind: 'invoice_overdue',
    declines: 'any',
    steps: [{ id: 'due', kind: 'email', message: 'invoice-overdue', delayDays: 1 }],
    finalNotice: SOFT.finalNotice,
    end: SOFT.end,
  };
  const DEBIT = { ...OVERDUE, id: 'debit', kind: 'bank_debit' };
  const CARD = { id: 'card', kind: 'card_expiry' };
  const beside = (campaign: object, more: object = {}) => ({
    ...shipped,
    ...more,
    campaigns: [campaign, SOFT],
  });
  const notice = (steps: readonly object[], more: object = {}) => ({
    ...shipped,
    notices: [{ ...CARD, steps, ...more }],
  });
  const due = (id: string, message: string, daysBefore: unknown) => ({ id, message, daysBefore });
  const call = { id: 'call', kind: 'notify', delayDays: 2, to: 'email' };

  test.each<readonly [string, unknown, readonly string[]]>([
    [
      'an overdue campaign that is chosen by a decline',
      beside({ ...OVERDUE, declines: ['hard'] }),
      ['campaigns.0.declines = ["hard"]: an overdue invoice was never declined: write "any"'],
    ],
    [
      'an overdue campaign with a retry',
      beside({ ...OVERDUE, steps: [...OVERDUE.steps, ...retries(5)] }, OURS),
      ['campaigns.0.steps.1.kind = "retry": the customer pays this invoice on their own: remove the step'],
    ],
    [
      'an overdue campaign with a mail before a try',
      beside({ ...OVERDUE, steps: [{ ...OVERDUE.steps[0], hoursBeforeTry: 24 }] }),
      ['campaigns.0.steps.0.hoursBeforeTry = 24: nobody tries to charge this invoice: remove it'],
    ],
    [
      'overdue campaigns that leave some overdue invoices to those of failed payments',
      beside({ ...OVERDUE, when: { countries: ['DE'] } }),
      [
        'campaigns = ["overdue"]: an overdue invoice that meets no condition of these would be told that a payment failed: add a last one of this kind with no "when"',
      ],
    ],
    [
      'a campaign of bank debits with two retries',
      beside({ ...DEBIT, steps: [...DEBIT.steps, ...retries(5, 9)] }, OURS),
      [
        'campaigns.0.steps.2 = "retry-2": a bank debit is tried 2 times at most, the first try counts too: remove it',
      ],
    ],
    [
      'a campaign of bank debits with a retry within three days',
      beside({ ...DEBIT, steps: [...DEBIT.steps, ...retries(2)] }, OURS),
      ['campaigns.0.steps.1.delayDays = 2: an account fills no faster: put it on day 3 or later'],
    ],
    [
      'a message of a notice in a campaign',
      only({ steps: [{ id: 'x', kind: 'email', message: 'card-expiring', delayDays: 1 }] }),
      [
        'campaigns.0.steps.0.message = "card-expiring": this message is no part of a campaign: use it in a notice, another one here',
      ],
    ],
    [
      'a message of a campaign in a notice',
      notice([due('x', 'payment-failed', 5)]),
      [
        'notices.0.steps.0.message = "payment-failed": it does not fit card_expiry: use card-expiring or card-expired',
      ],
    ],
    [
      'the message of another notice',
      notice([due('x', 'trial-ending', 5)], { kind: 'renewal_notice' }),
      ['notices.0.steps.0.message = "trial-ending": it does not fit renewal_notice: use renewal-notice'],
    ],
    [
      'steps of a notice that are not in order',
      notice([due('a', 'card-expiring', 5), due('b', 'card-expiring', 15)]),
      ['notices.0.steps.1.daysBefore = 15: put the steps in order: the one before is 5 days before'],
    ],
    [
      'two steps of a notice on one day',
      notice([due('a', 'card-expiring', 5), due('b', 'card-expiring', 5)]),
      ['notices.0.steps.1.daysBefore = 5: put the steps in order: the one before is 5 days before'],
    ],
    [
      'a card called expired on its last day, and one called expiring after it',
      notice([due('a', 'card-expired', 0), due('b', 'card-expiring', -1)]),
      [
        'notices.0.steps.0.daysBefore = 0: it goes after what it is about: write a number below 0, such as -30',
        'notices.0.steps.1.daysBefore = -1: it goes before what it is about, or on its day: write 0 or more',
      ],
    ],
    [
      'one id for two steps of a notice',
      notice([due('a', 'card-expiring', 15), due('a', 'card-expiring', 5)]),
      ['notices.0.steps = "a": this id is used twice in the notice: every step needs its own'],
    ],
    [
      'one id for two notices, and one that a campaign has',
      {
        ...shipped,
        notices: [
          { ...CARD, id: 'soft-decline', steps: [due('a', 'card-expiring', 5)] },
          { ...CARD, id: 'x', steps: [due('a', 'card-expiring', 5)] },
          { ...CARD, id: 'x', steps: [due('a', 'card-expiring', 5)] },
        ],
      },
      [
        'notices = "soft-decline": this id is used already: rename one',
        'notices = "x": this id is used already: rename one',
      ],
    ],
    [
      'a step that tells nobody by mail',
      only({ steps: [call] }),
      [
        'campaigns.0.steps.0.to = "email": nobody is named to be told: add operator: { email: "…" } to the policy',
      ],
    ],
    [
      'a digest of which nothing is on',
      { ...shipped, operator: { email: 'finance@example.com', digest: { weekly: false } } },
      [
        'operator.digest = {"weekly":false}: nothing of it is on: write weekly, monthly or alerts: true, or remove it',
      ],
    ],
    [
      'a digest that is no yes or no',
      { ...shipped, operator: { email: 'finance@example.com', digest: { monthly: 'yes' } } },
      ['operator.digest.monthly = "yes": write the monthly digest as true or false'],
    ],
    [
      'fields of notices that nobody knows',
      notice([{ ...due('a', 'card-expiring', 5), hour: 9 }], { steps2: 1 }),
      [
        'notices.0.steps2 = 1: unknown field: remove it or correct its name',
        'notices.0.steps.0.hour = 9: unknown field: remove it or correct its name',
      ],
    ],
    [
      'half a day, and more days than are looked ahead',
      notice([due('a', 'card-expiring', 61), due('b', 'card-expiring', 1.5)]),
      [
        'notices.0.steps.0.daysBefore = 61: at most 60 days before it comes',
        'notices.0.steps.1.daysBefore = 1.5: write daysBefore as a whole number of days',
      ],
    ],
    [
      'a language that is none',
      { ...shipped, language: 'tlh' },
      [expect.stringMatching(/^language = "tlh": use one of /) as string],
    ],
    [
      'a kind of failure that is none',
      beside({ ...DEBIT, kind: 'barter' }),
      [expect.stringMatching(/^campaigns\.0\.kind = "barter": use one of /) as string],
    ],
  ])('%s', (_, input, expected) => {
    expect(faultsOf(input).toSorted()).toEqual(expected.toSorted());
  });

  test('a step that tells a webhook needs no address, and one of an overdue campaign may be long', () => {
    const webhook = only({ steps: [{ ...call, to: 'webhook' }] });
    expect(faultsOf(webhook)).toEqual([]);
    const long = {
      ...OVERDUE,
      finalNotice: { ...SOFT.finalNotice, delayDays: 40 },
      end: { ...SOFT.end, latestDay: 90 },
    };
    expect(faultsOf(beside(long))).toEqual([]);
    expect(faultsOf(beside({ ...long, kind: 'bank_debit' }))).toEqual([
      'campaigns.0.serves = "month": it ends on day 54, after the next bill: shorten it, or say which longer interval it serves',
    ]);
  });

  test.each([
    ['that never opens', { from: '09:00', to: '09:00' }],
    ['of no weekday', { from: '09:00', to: '17:00', weekdays: [] }],
    ['of times that are none', { from: '9', to: '25:00' }],
    ['with a date that is none', { from: '09:00', to: '17:00', quietDates: ['02-30'] }],
  ])('a window %s', (_, sendWindow) => {
    const faults = faultsOf({ ...shipped, sendWindow });
    expect(faults.length).toBeGreaterThan(0);
    for (const fault of faults) expect(fault).toMatch(/^sendWindow/);
  });

  test('all faults of the whole policy are told at once', () => {
    const faults = faultsOf({
      ...only({ serves: 'week', steps: retries(1, 1.5) }),
      sendWindow: { from: '09:00', to: '09:00' },
      silentHours: 100,
    });
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual(
      expect.arrayContaining([
        'silentHours',
        'sendWindow',
        'campaigns.0.serves',
        'campaigns.0.steps.1.delayDays',
      ]),
    );
  });
});

describe('accepted', () => {
  test.each([
    ['b2c-monthly', b2cMonthly],
    ['b2b-annual', b2bAnnual],
    ['weekly', weekly],
    ['own-retries', ownRetries],
    ['stripe-ladder', stripe],
    ['chargify-ladder', chargify],
    ['polar-ladder', polar],
    ['recurly-ladder', recurly],
  ])('the example %s', (_, policy) => {
    expect(faultsOf(policy)).toEqual([]);
  });
});
