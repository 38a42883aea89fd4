// The guard rails of a policy: what would harm customers or cost fines is refused with field, value and what to change.
import { describe, expect, test } from 'vitest';
import { definePolicy, PolicyError, type PolicyInput } from '../../../core/recovery/policy.ts';
import b2bAnnual from '../../../examples/policies/b2b-annual.ts';
import b2cMonthly from '../../../examples/policies/b2c-monthly.ts';
import chargify from '../../../examples/policies/chargify-ladder.ts';
import ownRetries from '../../../examples/policies/own-retries.ts';
import stripe from '../../../examples/policies/stripe-ladder.ts';
import weekly from '../../../examples/policies/weekly.ts';
import shipped from '../../../policy.ts';

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
        'campaigns = ["soft_funds","soft_later","technical","authentication","expired","invalid_data": no campaign without conditions takes these failures: add a last campaign with declines "any" and no "when"',
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
  ])('the example %s', (_, policy) => {
    expect(faultsOf(policy)).toEqual([]);
  });
});
