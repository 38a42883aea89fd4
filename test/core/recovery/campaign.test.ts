// Which campaign a failure follows: the first whose conditions it meets; what is not known meets none.
import { describe, expect, test } from 'vitest';
import { campaignFor, traitsOf, type Traits } from '../../../core/recovery/campaign.ts';
import { NO_FACTS, type Facts } from '../../../core/recovery/customer.ts';
import { DECLINE_CLASSES } from '../../../core/recovery/decline.ts';
import type { Fact } from '../../../core/recovery/fact.ts';
import { mergeAll } from '../../../core/recovery/merge.ts';
import { definePolicy, type Condition, type PolicyInput } from '../../../core/recovery/policy.ts';
import { addDays } from '../../../core/time.ts';
import shipped from '../../support/plain-policy.ts';
import { FAILED_AT } from '../../support/customers.ts';
import { customerFact, failedFact, factsFrom, subscriptionFact } from '../../support/facts.ts';

const POLICY = definePolicy(shipped);
const SOFT = shipped.campaigns[2] as PolicyInput['campaigns'][number];

const UNKNOWN: Traits = {
  kind: 'payment_failure',
  declineClass: 'soft_funds',
  amountMinor: null,
  currency: null,
  plans: [],
  products: [],
  country: null,
  language: null,
  interval: null,
  collectionMethod: null,
  metadata: {},
  tenureDays: null,
};
const KNOWN: Traits = {
  kind: 'payment_failure',
  declineClass: 'soft_funds',
  amountMinor: 4900,
  currency: 'EUR',
  plans: ['price_pro'],
  products: ['prod_a', 'prod_b'],
  country: 'DE',
  language: 'pt-BR',
  interval: 'month',
  collectionMethod: 'charge_automatically',
  metadata: { tier: 'gold' },
  tenureDays: 400,
};

const policyWhen = (when: Condition) =>
  definePolicy({ ...shipped, campaigns: [{ ...SOFT, id: 'special', when }, SOFT] });

describe('by the class of the decline', () => {
  test.each([
    ['soft_funds', 'soft-decline'],
    ['soft_later', 'soft-decline'],
    ['technical', 'soft-decline'],
    ['unknown', 'soft-decline'],
    ['authentication', 'authentication'],
    ['expired', 'needs-customer'],
    ['invalid_data', 'needs-customer'],
    ['hard', 'needs-customer'],
    ['fraud_lost_stolen', 'needs-customer'],
    ['no_method', 'needs-customer'],
  ] as const)('%s: %s', (declineClass, id) => {
    expect(campaignFor(POLICY, { ...UNKNOWN, declineClass })?.campaign.id).toBe(id);
  });

  test('every class of failure has one in an accepted policy, though nothing else is known', () => {
    const without = DECLINE_CLASSES.filter(
      (declineClass) => campaignFor(POLICY, { ...UNKNOWN, declineClass }) === null,
    );
    expect(without).toEqual([]);
  });

  test('the first that takes it is taken', () => {
    const two = definePolicy({
      ...shipped,
      campaigns: [
        { ...SOFT, id: 'first', declines: ['hard'] },
        { ...SOFT, id: 'second', declines: ['hard'] },
        SOFT,
      ],
    });
    expect(campaignFor(two, { ...UNKNOWN, declineClass: 'hard' })?.campaign.id).toBe('first');
  });
});

describe('by a condition', () => {
  test.each<readonly [string, Condition, Condition, string]>([
    [
      'amount',
      { amount: { currency: 'EUR', minMinor: 4900, maxMinor: 4900 } },
      { amount: { currency: 'EUR', minMinor: 4901 } },
      'its amount is 4900',
    ],
    ['currency', { amount: { currency: 'EUR' } }, { amount: { currency: 'USD' } }, 'its currency is EUR'],
    ['plan', { plans: ['price_x', 'price_pro'] }, { plans: ['price_x'] }, 'its plan is price_pro'],
    ['product', { products: ['prod_b'] }, { products: ['prod_c'] }, 'its product is prod_a, prod_b'],
    ['country', { countries: ['DE', 'AT'] }, { countries: ['AT'] }, 'its country is DE'],
    ['language', { languages: ['pt'] }, { languages: ['pt-PT', 'de'] }, 'its language is pt-BR'],
    ['billing interval', { intervals: ['month'] }, { intervals: ['year'] }, 'its billing interval is month'],
    [
      'collection method',
      { collectionMethods: ['charge_automatically'] },
      { collectionMethods: ['send_invoice'] },
      'its collection method is charge_automatically',
    ],
    [
      'metadata tier',
      { metadata: { tier: ['silver', 'gold'] } },
      { metadata: { tier: ['silver'] } },
      'its metadata tier is gold',
    ],
    [
      'tenure in days',
      { tenureDays: { min: 400 } },
      { tenureDays: { max: 399 } },
      'its tenure in days is 400',
    ],
  ])('%s: met, not met and told why, and never met when it is not known', (what, met, unmet, why) => {
    expect(campaignFor(policyWhen(met), KNOWN)?.campaign.id).toBe('special');
    expect(campaignFor(policyWhen(unmet), KNOWN)).toMatchObject({
      campaign: { id: SOFT.id },
      passed: [`special: ${why}`],
    });
    expect(campaignFor(policyWhen(met), UNKNOWN)).toMatchObject({
      campaign: { id: SOFT.id },
      passed: [`special: its ${what === 'amount' ? 'currency' : what} is not known`],
    });
  });

  test('all of them have to be met', () => {
    const both = policyWhen({ countries: ['DE'], intervals: ['year'] });
    expect(campaignFor(both, KNOWN)?.passed).toEqual(['special: its billing interval is month']);
  });

  test('a key that every object has is no metadata to ask for', () => {
    expect(() => policyWhen({ metadata: { constructor: ['gold'] } })).toThrow('this key cannot be asked for');
  });

  test('a campaign for other declines is not told as passed', () => {
    const policy = definePolicy({
      ...shipped,
      campaigns: [{ ...SOFT, id: 'hard-ones', declines: ['hard'], when: { countries: ['AT'] } }, SOFT],
    });
    expect(campaignFor(policy, KNOWN)?.passed).toEqual([]);
  });
});

describe('what is known of a failure', () => {
  const traits = (facts: Facts, days = 0) =>
    traitsOf(facts, facts.invoices['in_1'] ?? null, 'payment_failure', 'hard', addDays(FAILED_AT, days));

  test('of nothing, nothing', () => {
    expect(traits(NO_FACTS)).toEqual({ ...UNKNOWN, declineClass: 'hard' });
  });

  test('the amount as it failed, not as it stands now', () => {
    const facts = factsFrom(failedFact('in_1'));
    expect(traits(facts)).toMatchObject({ amountMinor: 4900, currency: 'EUR' });
  });

  const withInterval = (unit: 'day' | 'week' | 'month' | 'year', count: number): Fact[] => [
    failedFact('in_1'),
    subscriptionFact({ interval: { unit, count } }),
  ];

  test.each([
    ['day', 1, 'day'],
    ['day', 7, 'week'],
    ['week', 1, 'week'],
    ['month', 1, 'month'],
    ['month', 3, 'quarter'],
    ['month', 12, 'year'],
    ['year', 1, 'year'],
    ['month', 2, null],
    ['week', 4, null],
  ] as const)('an interval of %s × %i is %s', (unit, count, name) => {
    expect(traits(mergeAll(NO_FACTS, withInterval(unit, count))).interval).toBe(name);
  });

  test('the tenure in whole days since the provider first knew the customer', () => {
    const facts = factsFrom({ ...customerFact(), since: addDays(FAILED_AT, -10) });
    expect(traits(facts, 0.9).tenureDays).toBe(10);
    expect(traits(facts, 1).tenureDays).toBe(11);
  });
});
