// Mails that come back and readers who press in a simulated world: what must happen there, and what must decide nothing.
import { describe, expect, test } from 'vitest';
import type { CaseRecord } from '../../core/recovery/customer.ts';
import { definePolicy } from '../../core/recovery/policy.ts';
import ownRetries from '../../examples/policies/own-retries.ts';
import { simulate } from '../../local/simulation/simulate.ts';
import { POLICY } from '../support/runner.ts';
import { WIDE } from './wide-policies.ts';

const OWN_RETRIES = definePolicy(ownRetries);
const TOLD = definePolicy({ ...WIDE, operator: { email: 'accounts@example.com' } });
const WORLD = { customers: 150, days: 60 };

/** The books at the end. A try by hand is named by the version of its customer, which every event raises. */
const booksOf = async (seed: number, policy: typeof POLICY, unheard: readonly string[]) => {
  let books: readonly CaseRecord[] = [];
  const { totals } = await simulate({
    ...WORLD,
    seed,
    policy,
    faults: false,
    unheard: new Set(unheard),
    ended: ({ records }) => {
      books = records;
    },
  });
  // That a mail was opened is told in the books, and counted in what the case took, and that is all.
  const steps = (record: CaseRecord) => record.steps.map(({ told: _told, ...step }) => step);
  const decided = books.map((record) => ({ ...record, steps: steps(record), requests: null }));
  return { totals, books: JSON.stringify(decided).replaceAll(/by_hand_\d+/g, 'by_hand') };
};

describe('a mail that is opened and whose link is clicked', () => {
  test.each([
    { seed: 31, policy: POLICY, owner: 'the provider' },
    { seed: 32, policy: OWN_RETRIES, owner: 'us' },
    { seed: 33, policy: TOLD, owner: 'the provider, with everything a policy can say' },
  ])('decides nothing: the books are the same without these events, retries by $owner', async (one) => {
    const all = await booksOf(one.seed, one.policy, []);
    const without = await booksOf(one.seed, one.policy, ['Open', 'Click']);
    expect(without).toEqual(all);
    // Of a world without bounces they are not.
    expect(await booksOf(one.seed, one.policy, ['Bounce'])).not.toEqual(all);
  });
});

describe('readers in a world with faults', () => {
  const lines: string[] = [];
  const world = simulate({
    ...WORLD,
    customers: 400,
    seed: 34,
    policy: TOLD,
    faults: true,
    trace: ({ what }) => void lines.push(what),
  });

  test('break no law', async () => {
    expect((await world).violations).toEqual([]);
  });

  test.each([
    ['a mail is told as sent', /^mail service: Send .*: recorded$/],
    ['a mail is delayed', /^mail service: DeliveryDelay /],
    ['a mail is opened', /^mail service: Open .*: recorded$/],
    ['a link is clicked', /^mail service: Click .*: recorded$/],
    ['a mail comes back', /^mail service: Bounce .*: recorded$/],
    ['a reader complains', /^mail service: Complaint .*: recorded$/],
    ['a mail is rejected', /^mail service: Reject /],
    ['an event comes when nothing is at risk', /^mail service: .*: ignored$/],
    ['an event is told again', /^mail service: .*: unchanged$/],
    ['the business is told that nobody is left', /^operator told: unreachable$/],
    ['a page is looked at', /^page GET : 200/],
    ['somebody is led to the invoice', /^page POST pay: 303 https:\/\/pay\.example\.com\//],
    ['somebody is led to change the card', /^page POST card: 303 https:\/\/billing\.stripe\.com\//],
    ['a promise holds', /^page POST answer: 303 .*told=held$/],
    ['a second promise is noted', /^page POST answer: 303 .*told=promised-before$/],
    ['a promise too far ahead is none', /^page POST answer: 303 .*told=not-a-day$/],
    ['another answer is noted', /^page POST answer: 303 .*told=noted$/],
    ['somebody is taken off mails', /^page POST : 200/],
    ['a link leads nowhere', /^page GET : 404/],
  ])('%s', async (_, line) => {
    await world;
    expect(lines.filter((one) => line.test(one)).length).toBeGreaterThan(0);
  });
});
