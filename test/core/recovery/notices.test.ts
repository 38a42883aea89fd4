// What lies ahead of a paying customer: which notice goes on which day and what ends it, worked out by hand.
import { describe, expect, test } from 'vitest';
import { hash32 } from '../../../core/ids.ts';
import type { Customer } from '../../../core/recovery/customer.ts';
import type { Fact, SubscriptionSnapshot } from '../../../core/recovery/fact.ts';
import { plan } from '../../../core/recovery/plan.ts';
import type { Policy } from '../../../core/recovery/policy.ts';
import { addDays, addMs, DAY_MS, HOUR_MS, localDay, toMs, type Instant } from '../../../core/time.ts';
import { at, keyOf } from '../../support/customers.ts';
import {
  attemptFact,
  CARD,
  customerFact,
  customerFrom,
  failedFact,
  invoiceFact,
  methodFact,
  subscriptionFact,
} from '../../support/facts.ts';
import { policyOf } from '../../support/operating.ts';
import { linesOf, walk, type Walk, type WalkOptions } from '../../support/walk.ts';

const step = (id: string, message: string, daysBefore: number) => ({ id, message, daysBefore });
const EXPIRY = [
  step('d30', 'card-expiring', 30),
  step('d15', 'card-expiring', 15),
  step('d5', 'card-expiring', 5),
];
const CARDS = { id: 'card', kind: 'card_expiry', steps: EXPIRY };
const policyWith = (notices: readonly object[], more: object = {}): Policy => policyOf({ notices, ...more });
const POLICY = policyWith([CARDS]);

const ahead = (on: Instant): Fact => ({ kind: 'ahead', at: on, source: 'refresh' });
const monthly = (changes: Partial<SubscriptionSnapshot> = {}, on?: Instant) =>
  subscriptionFact(
    {
      status: 'active',
      interval: { unit: 'month', count: 1 },
      collectionMethod: 'charge_automatically',
      amountMinor: 4900,
      currency: 'EUR',
      ...changes,
    },
    on === undefined ? {} : { at: on },
  );
const cardUntil = (expYear: number, expMonth: number, on?: Instant) =>
  methodFact({ card: { ...CARD, expYear, expMonth } }, on === undefined ? {} : { at: on });

/** A paying customer whose card of `pm_1` is valid to the end of a month, looked at from `from` on. */
const payer = (zone: string, card: Fact, from: Instant, more: readonly Fact[] = []): Customer =>
  customerFrom(
    customerFact(
      { country: null, timeZone: zone },
      { at: addDays(at('2026-01-01T00:00Z'), 0), defaultMethodId: 'pm_1' },
    ),
    monthly(),
    card,
    ahead(from),
    ...more,
  );

const run = (customer: Customer, from: Instant, options: Partial<WalkOptions> = {}): Walk =>
  walk(customer, { policy: POLICY, from, until: addDays(from, 120), ...options });

/** The share of the lead by which this customer's notices of cards come later. */
const SHARE = hash32(keyOf('cus_1')) / 2 ** 32;
const spread = (base: string, lead: number, share = SHARE): Instant =>
  addMs(at(base), Math.floor(share * Math.min(72 * HOUR_MS, (lead * DAY_MS) / 10)));
const timesOf = ({ done }: Walk) => done.map(({ at: on, action }) => [action.stepId, on]);

test('who was taken off these mails gets none of them, and each says why', () => {
  const from = at('2027-03-30T00:00Z');
  const customer = payer('UTC', cardUntil(2027, 4), from);
  const unsubscribed = { ...customer, recovery: { ...customer.recovery, unsubscribed: { notices: from } } };
  expect(run(unsubscribed, from).done).toEqual([]);
  const { customer: seen } = plan(unsubscribed, POLICY, addDays(from, 10));
  expect(seen.recovery.notices[0]?.steps).toMatchObject([
    { id: 'd30', status: 'skipped', why: 'unsubscribed' },
  ]);
});

describe('the end of a card is told 30, 15 and 5 days before the last day of its month', () => {
  test.each<readonly [string, string, number, number, readonly [string, string, string]]>([
    // 29 February 2028 at 09:00 is the date: 30 days before is 30 January.
    [
      'February of a leap year',
      'UTC',
      2028,
      2,
      ['2028-01-30T09:00Z', '2028-02-14T09:00Z', '2028-02-24T09:00Z'],
    ],
    // 28 February 2027.
    [
      'February of another year',
      'UTC',
      2027,
      2,
      ['2027-01-29T09:00Z', '2027-02-13T09:00Z', '2027-02-23T09:00Z'],
    ],
    // 30 April: 30 days before is 31 March.
    ['a month of 30 days', 'UTC', 2027, 4, ['2027-03-31T09:00Z', '2027-04-15T09:00Z', '2027-04-25T09:00Z']],
    // 31 January: 30 days before is the 1st.
    ['a month of 31 days', 'UTC', 2027, 1, ['2027-01-01T09:00Z', '2027-01-16T09:00Z', '2027-01-26T09:00Z']],
    ['December', 'UTC', 2026, 12, ['2026-12-01T09:00Z', '2026-12-16T09:00Z', '2026-12-26T09:00Z']],
    // 09:00 in Tokyo is midnight in UTC.
    ['Tokyo', 'Asia/Tokyo', 2028, 2, ['2028-01-30T00:00Z', '2028-02-14T00:00Z', '2028-02-24T00:00Z']],
    // New York goes from UTC-5 to UTC-4 on Sunday 14 March 2027: 09:00 is 14:00 UTC before and 13:00 after.
    [
      'New York in spring',
      'America/New_York',
      2027,
      3,
      ['2027-03-01T14:00Z', '2027-03-16T13:00Z', '2027-03-26T13:00Z'],
    ],
    // And back on Sunday 1 November 2026.
    [
      'New York in autumn',
      'America/New_York',
      2026,
      11,
      ['2026-10-31T13:00Z', '2026-11-15T14:00Z', '2026-11-25T14:00Z'],
    ],
    // UTC+14: 09:00 is 19:00 UTC of the day before. The last day is 31 May there.
    [
      'Kiritimati',
      'Pacific/Kiritimati',
      2027,
      5,
      ['2027-04-30T19:00Z', '2027-05-15T19:00Z', '2027-05-25T19:00Z'],
    ],
  ])('%s', (_, zone, year, month, [d30, d15, d5]) => {
    const from = addDays(at(d30), -1.5);
    const passed = run(payer(zone, cardUntil(year, month), from), from);
    expect(timesOf(passed)).toEqual([
      ['d30', spread(d30, 30)],
      ['d15', spread(d15, 15)],
      ['d5', spread(d5, 5)],
    ]);
    const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
    const last = `${year}-${String(month).padStart(2, '0')}-${days}`;
    for (const { mail } of passed.done) {
      expect(localDay(mail?.notice?.date as Instant, zone)).toBe(last);
      expect(mail).toMatchObject({
        message: 'card-expiring',
        cardLast4: '4242',
        totals: [],
        nextAttemptAt: null,
      });
      expect(mail?.notice?.amount).toBeNull();
    }
    // Let go of once there is nothing left to write.
    expect(passed.customer.recovery.notices).toEqual([]);
    expect(passed.customer.facts.contact).toBeNull();
  });

  test('each customer has a time of their own, a tenth of the lead later at most, 72 hours at most', () => {
    const from = at('2027-03-29T12:00Z');
    const offsets = ['cus_1', 'cus_2', 'cus_3', 'cus_4', 'cus_5', 'cus_6', 'cus_7', 'cus_8'].map((name) => {
      const customer = { ...payer('UTC', cardUntil(2027, 4), from), key: keyOf(name) };
      const bases = ['2027-03-31T09:00Z', '2027-04-15T09:00Z', '2027-04-25T09:00Z'];
      return run(customer, from).done.map(({ at: on }, i) => (toMs(on) - toMs(at(bases[i] ?? ''))) / HOUR_MS);
    });
    for (const [d30 = -1, d15 = -1, d5 = -1] of offsets) {
      for (const [hours, most] of [
        [d30, 72],
        [d15, 36],
        [d5, 12],
      ] as const) {
        expect(hours).toBeGreaterThanOrEqual(0);
        expect(hours).toBeLessThanOrEqual(most);
      }
    }
    expect(new Set(offsets.map(([d30]) => d30)).size).toBe(8);
    // Longer leads are spread no further: 60 days before would be 144 hours.
    const far = policyWith([{ ...CARDS, steps: [step('d60', 'card-expiring', 60)] }]);
    const early = at('2027-02-28T12:00Z');
    const [sent] = run(payer('UTC', cardUntil(2027, 4), early), early, { policy: far }).done;
    expect(sent?.at).toBe(spread('2027-03-01T09:00Z', 30));
  });

  test('found late, of what is overdue the latest is told and the others are passed over', () => {
    const from = at('2027-04-20T10:00Z');
    const passed = run(payer('UTC', cardUntil(2027, 4), from), from);
    expect(timesOf(passed)).toEqual([
      ['d15', from],
      ['d5', spread('2027-04-25T09:00Z', 5)],
    ]);
    expect(passed.done[1]?.before.recovery.notices[0]?.steps.map(({ id, status }) => [id, status])).toEqual([
      ['d30', 'skipped'],
      ['d15', 'done'],
    ]);
  });
});

const APRIL = at('2027-03-30T12:00Z');
const april = (more: readonly Fact[] = []) => payer('UTC', cardUntil(2027, 4), APRIL, more);

describe('no notice of a card', () => {
  test.each<readonly [string, readonly Fact[]]>([
    ['whose subscription is to end', [monthly({ cancelAtPeriodEnd: true }, APRIL)]],
    ['whose subscription has ended', [monthly({ status: 'canceled' }, APRIL)]],
    [
      'of a subscription that the customer pays on their own',
      [monthly({ collectionMethod: 'send_invoice' }, APRIL)],
    ],
    [
      'that was taken off',
      [methodFact({ card: { ...CARD, expYear: 2027, expMonth: 4 }, attached: false }, { at: APRIL })],
    ],
    [
      'that is not the one that is charged',
      [
        monthly({ defaultMethodId: 'pm_2' }, APRIL),
        methodFact({ id: 'pm_2', card: { ...CARD, expYear: 2031 } }, { at: APRIL }),
      ],
    ],
    [
      'that is no default',
      [customerFact({ country: null, timeZone: 'UTC' }, { at: APRIL, defaultMethodId: null })],
    ],
    ['of somebody who was erased', [{ kind: 'customer-erased', at: APRIL, source: 'event' }]],
    ['of somebody who was deleted', [{ kind: 'customer-deleted', at: APRIL, source: 'event' }]],
  ])('%s', (_, more) => {
    const passed = run(april(more), APRIL);
    expect(passed.done).toEqual([]);
    expect(passed.customer.recovery.notices).toEqual([]);
  });

  test('where the policy has none of its kind', () => {
    expect(run(april(), APRIL, { policy: policyOf() }).done).toEqual([]);
  });

  test.each<readonly [string, Fact]>([
    ['it is renewed under the same id', cardUntil(2031, 4, at('2027-04-10T00:00Z'))],
    ['another is charged', monthly({ defaultMethodId: 'pm_2' }, at('2027-04-10T00:00Z'))],
    ['the subscription is to end', monthly({ cancelAtPeriodEnd: true }, at('2027-04-10T00:00Z'))],
  ])('after it is over because %s', (_, fact) => {
    const passed = run(april(), APRIL, { later: [fact] });
    expect(timesOf(passed).map(([id]) => id)).toEqual(['d30']);
    // It stays, silent, until its date is past, so that it is not begun again.
    expect(passed.looks.some(({ decision }) => decision.customer.recovery.notices[0]?.over)).toBe(true);
    expect(passed.customer.recovery.notices).toEqual([]);
  });

  test('one that is over long before its date is looked at again only when there is something to do', () => {
    const renewed = cardUntil(2031, 4, at('2027-04-10T00:00Z'));
    expect(run(april(), APRIL, { later: [renewed] }).looks.length).toBeLessThan(12);
  });

  test('to an address that does not exist', () => {
    const nobody = customerFact(
      { email: null, country: null, timeZone: 'UTC' },
      { at: APRIL, defaultMethodId: 'pm_1' },
    );
    expect(run(april([nobody]), APRIL).done).toEqual([]);
  });
});

describe('beside a case', () => {
  const failed = (on: Instant): Fact[] => [
    failedFact('in_1', { at: on }),
    // What was charged is the card that is about to expire.
    attemptFact('ch_1', { at: on, card: { ...CARD, expYear: 2027, expMonth: 4 } }),
  ];
  const known = [
    customerFact({ country: null, timeZone: 'UTC' }, { defaultMethodId: 'pm_1' }),
    monthly(),
    cardUntil(2027, 4),
  ];

  test('a notice of a card is left out, and goes on when the case is closed', () => {
    const failedOn = at('2027-04-12T08:00Z');
    const paid = invoiceFact('in_1', { status: 'paid', at: at('2027-04-20T08:00Z') });
    const passed = run(april(), APRIL, { later: [...failed(failedOn), paid], refreshed: known });
    // Day 1 and day 4 of the case are the 13th and the 16th at 08:00; the notice of day 15 falls in between.
    expect(timesOf(passed)).toEqual([
      ['d30', spread('2027-03-31T09:00Z', 30)],
      ['first', at('2027-04-13T08:00Z')],
      ['second', at('2027-04-16T08:00Z')],
      ['recovered', at('2027-04-20T08:00Z')],
      ['d5', spread('2027-04-25T09:00Z', 5)],
    ]);
    expect(passed.done.at(-1)?.before.recovery.notices[0]?.steps[1]).toMatchObject({
      id: 'd15',
      status: 'skipped',
    });
  });

  const renewal = {
    id: 'renews',
    kind: 'renewal_notice',
    when: { intervals: ['month'] },
    steps: [step('soon', 'renewal-notice', 7)],
  };
  const renewing = (end: string) => monthly({ currentPeriodEnd: at(end) }, at('2027-04-01T00:00Z'));
  const start = at('2027-04-11T12:00Z');

  test('a notice waits for the next day when money was asked for, and goes at its own hour', () => {
    // The notice is due on the 13th at 10:30, on the day of the case's first mail (08:00).
    const passed = run(april([renewing('2027-04-20T10:30Z')]), start, {
      policy: policyWith([renewal]),
      later: failed(at('2027-04-12T08:00Z')),
      until: at('2027-04-15T00:00Z'),
    });
    expect(timesOf(passed)).toEqual([
      ['first', at('2027-04-13T08:00Z')],
      ['soon', at('2027-04-14T10:30Z')],
    ]);
  });

  test('a mail that asks for money waits for the next day when a notice went', () => {
    // The notice goes on the 13th at 06:30; the case's first mail is due on that day at 08:00.
    const passed = run(april([renewing('2027-04-20T06:30Z')]), start, {
      policy: policyWith([renewal]),
      later: failed(at('2027-04-12T08:00Z')),
      until: at('2027-04-15T00:00Z'),
    });
    expect(timesOf(passed)).toEqual([
      ['soon', at('2027-04-13T06:30Z')],
      ['first', at('2027-04-14T08:00Z')],
    ]);
  });

  test('two notices of one day are two days', () => {
    const both = policyWith([{ ...CARDS, steps: [step('d0', 'card-expiring', 0)] }, renewal]);
    // The card's last day is the 30th; the renewal of 7 May is told on the same day, an hour later.
    const from = at('2027-04-28T12:00Z');
    const passed = run(april([renewing('2027-05-07T10:00Z')]), from, { policy: both });
    expect(timesOf(passed)).toEqual([
      ['d0', at('2027-04-30T09:00Z')],
      ['soon', at('2027-05-01T10:00Z')],
    ]);
  });

  test('what is told of the last day is not told on the day after', () => {
    const steps = [step('d0', 'card-expiring', 0), step('gone', 'card-expired', -2)];
    const both = policyWith([{ ...CARDS, steps }, renewal]);
    // The renewal of 7 May is told on the 30th at 08:00: the card's own mail of that day would come a day late.
    const from = at('2027-04-28T12:00Z');
    const passed = run(april([renewing('2027-05-07T08:00Z')]), from, { policy: both });
    expect(timesOf(passed)).toEqual([
      ['soon', at('2027-04-30T08:00Z')],
      ['gone', at('2027-05-02T09:00Z')],
    ]);
  });
});

describe('the hours in which mails may go', () => {
  const sendWindow = { from: '09:00', to: '17:00', weekdays: [1, 2, 3, 4, 5] };

  test('hold a notice back', () => {
    const policy = policyWith([{ ...CARDS, steps: [step('d5', 'card-expiring', 5)] }], { sendWindow });
    // 25 April 2027 is a Sunday: spread by 12 hours at most, the window is shut until Monday at 09:00.
    const from = at('2027-04-24T12:00Z');
    expect(timesOf(run(april(), from, { policy }))).toEqual([['d5', at('2027-04-26T09:00Z')]]);
  });

  test('hold one that comes after the end over a weekend, and do not lose it', () => {
    const policy = policyWith([{ ...CARDS, steps: [step('gone', 'card-expired', -1)] }], { sendWindow });
    // 30 April 2027 is a Friday: the day after is a Saturday, so it goes on Monday 3 May at 09:00.
    const from = at('2027-04-29T12:00Z');
    const passed = run(april(), from, { policy });
    expect(timesOf(passed)).toEqual([['gone', at('2027-05-03T09:00Z')]]);
    expect(passed.done[0]?.mail?.message).toBe('card-expired');
  });

  test('keep the hours of the customer', () => {
    const policy = policyWith([{ ...CARDS, steps: [step('gone', 'card-expired', -1)] }], { sendWindow });
    // Kiritimati is 14 hours ahead: Monday 09:00 there is Sunday 19:00 in UTC.
    const from = at('2027-04-28T20:00Z');
    expect(timesOf(run(payer('Pacific/Kiritimati', cardUntil(2027, 4), from), from, { policy }))).toEqual([
      ['gone', at('2027-05-02T19:00Z')],
    ]);
  });
});

describe('a renewal', () => {
  const renewal = (when?: object) =>
    policyWith([
      {
        id: 'renews',
        kind: 'renewal_notice',
        steps: [step('soon', 'renewal-notice', 14)],
        ...(when && { when }),
      },
    ]);
  // Saturday 20 March 2027 at 15:30 UTC is 11:30 in New York (UTC-4); 14 days before it was UTC-5 there.
  const END = at('2027-03-20T15:30Z');
  const from = at('2027-03-05T00:00Z');
  const renewing = (unit: 'month' | 'year', count: number, changes: Partial<SubscriptionSnapshot> = {}) =>
    payer('America/New_York', cardUntil(2030, 1), from, [
      monthly({ interval: { unit, count }, currentPeriodEnd: END, ...changes }, from),
    ]);

  test('of a year is told at its own hour, with what is charged', () => {
    const passed = run(renewing('year', 1), from, { policy: renewal() });
    expect(timesOf(passed)).toEqual([['soon', at('2027-03-06T16:30Z')]]);
    expect(passed.done[0]?.mail?.notice).toEqual({ date: END, amount: { minor: 4900, currency: 'EUR' } });
  });

  test.each([
    ['twelve months are a year', renewing('month', 12), undefined, 1],
    ['a month is not told of', renewing('month', 1), undefined, 0],
    ['a quarter is not told of', renewing('month', 3), undefined, 0],
    ['a month is, where the policy names it', renewing('month', 1), { intervals: ['month'] }, 1],
    ['a year is not, where the policy names others', renewing('year', 1), { intervals: ['month'] }, 0],
    ['an interval that is not known is not', renewing('year', 1, { interval: null }), undefined, 0],
    ['one that is to end is not', renewing('year', 1, { cancelAtPeriodEnd: true }), undefined, 0],
    ['a trial does not renew', renewing('year', 1, { status: 'trialing' }), undefined, 0],
  ])('%s', (_, customer, when, mails) => {
    expect(run(customer, from, { policy: renewal(when) }).done).toHaveLength(mails);
  });

  test('that came is over, and is looked at no more than daily', () => {
    const next = monthly(
      { interval: { unit: 'year', count: 1 }, currentPeriodEnd: at('2028-03-20T15:30Z') },
      END,
    );
    const passed = run(renewing('year', 1), from, { policy: renewal(), later: [next] });
    expect(passed.done).toHaveLength(1);
    expect(passed.looks.length).toBeLessThan(8);
    expect(passed.customer.recovery.notices).toEqual([]);
  });
});

test('the end of a trial is told at its own hour, over the change of the clocks', () => {
  // Berlin goes from UTC+2 to UTC+1 on Sunday 25 October 2026: 11:00 there is 10:00 UTC on the 27th,
  // and 09:00 UTC on the 24th.
  const from = at('2026-10-22T12:00Z');
  const policy = policyWith([
    { id: 'trial', kind: 'trial_ending', steps: [step('soon', 'trial-ending', 3)] },
  ]);
  const trial = monthly({ status: 'trialing', trialEndsAt: at('2026-10-27T10:00Z') }, from);
  const passed = run(payer('Europe/Berlin', cardUntil(2030, 1), from, [trial]), from, { policy });
  expect(linesOf(passed)).toEqual(['2026-10-24 09:00 soon trial_ending:sub_1:2026-10-27']);
  expect(passed.done[0]?.mail?.notice?.amount).toEqual({ minor: 4900, currency: 'EUR' });
});
