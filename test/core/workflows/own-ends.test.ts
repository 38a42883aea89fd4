// An end of our own touches a subscription that other invoices hang on: nobody left, and the books say so.
import { describe, expect, test } from 'vitest';
import type { ActOutcome, Provider } from '../../../core/ports.ts';
import type { Fact } from '../../../core/recovery/fact.ts';
import type { Campaign } from '../../../core/recovery/policy.ts';
import { recordFacts } from '../../../core/workflows/record-facts.ts';
import { at, keyOf } from '../../support/customers.ts';
import { invoiceFact, reversalFact, subscriptionFact } from '../../support/facts.ts';
import { createRunner, POLICY, type Runner } from '../../support/runner.ts';
import { onDay, story } from '../../support/story.ts';

const KEY = keyOf('cus_1');
const LEFT = { status: 'canceled', cancellationReason: 'cancellation_requested' } as const;
const [first, second] = [1, 2].map((n) => story({ n, customerId: 'cus_1', subscriptionId: 'sub_1' })) as [
  ReturnType<typeof story>,
  ReturnType<typeof story>,
];

/** A runner whose campaigns end as told; its provider answers an end with these facts. */
const ending = (action: Campaign['end']['action'], facts: (now: string) => readonly Fact[]) => {
  const ends: string[] = [];
  const runner: Runner = createRunner({
    policy: {
      ...POLICY,
      campaigns: POLICY.campaigns.map((campaign) => ({ ...campaign, end: { ...campaign.end, action } })),
    },
    provider: (scripted: Provider) => ({
      ...scripted,
      end: async (_, { key }): Promise<ActOutcome> => {
        ends.push(key);
        return { kind: 'done', why: 'ended', facts: facts(runner.clock.now()) };
      },
    }),
  });
  return { runner, ends };
};

const cancelled = (now: string): Fact[] => [subscriptionFact(LEFT, { at: at(now), source: 'refresh' })];

const told = (runner: Runner, ...facts: readonly Fact[]) =>
  recordFacts(runner.deps, KEY, facts, runner.clock.now());

const booksOf = async ({ store }: Runner, caseId = 'case_in_1') =>
  (await store.loadClosedCase(KEY, caseId))?.invoices.map(({ subjectId, outcome, why }) => [
    subjectId,
    outcome,
    why,
  ]);

const BY_ANOTHER = 'the campaign of another invoice ended the subscription';

describe('two invoices of one subscription', () => {
  test('when the end of one cancels it, the other is lost with it, and it is ended once', async () => {
    const { runner, ends } = ending('cancel', cancelled);
    await runner.tell(...first.failed(0, { code: 'expired_card' }));
    await runner.toDay(10);
    await runner.tell(...second.failed(10, { code: 'expired_card' }));
    await runner.toDay(60);
    expect(ends).toEqual(['case_in_1:in_1:end']);
    expect(await booksOf(runner)).toEqual([
      ['in_1', 'lost', 'the campaign reached its end'],
      ['in_2', 'lost', BY_ANOTHER],
    ]);
  });

  test('when the customer cancels it, both are withdrawn', async () => {
    const { runner, ends } = ending('cancel', cancelled);
    await runner.tell(...first.failed(0, { code: 'expired_card' }));
    await runner.toDay(10);
    await runner.tell(...second.failed(10, { code: 'expired_card' }));
    await told(runner, subscriptionFact(LEFT, { at: at(onDay(10)) }));
    await runner.toDay(60);
    expect(ends).toEqual([]);
    expect(await booksOf(runner)).toEqual([
      ['in_1', 'withdrawn', 'the customer left'],
      ['in_2', 'withdrawn', 'the customer left'],
    ]);
  });

  test('an end that only marks its invoice ends no subscription: who leaves later has left', async () => {
    // What the provider answers when the invoice has been marked already tells of its subscription too.
    const { runner, ends } = ending('mark_uncollectible', (now) => [
      invoiceFact('in_1', { status: 'uncollectible', at: at(now), source: 'refresh', currency: 'USD' }),
      subscriptionFact({}, { at: at(now), source: 'refresh' }),
    ]);
    await runner.tell(...first.failed(0, { code: 'expired_card' }));
    await runner.toDay(10);
    await runner.tell(...second.failed(10, { code: 'expired_card' }));
    await runner.toDay(26);
    expect(ends).toEqual(['case_in_1:in_1:end']);
    await told(runner, subscriptionFact(LEFT, { at: at(onDay(26)) }));
    await runner.toDay(60);
    expect(await booksOf(runner)).toMatchObject([
      ['in_1', 'lost', 'the campaign reached its end'],
      ['in_2', 'withdrawn', 'the customer left'],
    ]);
  });
});

describe('a returned payment of an invoice of which only its closed case is known', () => {
  /** in_1 was paid and its case closed; its payment came back on day 5, and in_2 failed on a later day. */
  const cameBack = async (runner: Runner, failsOn: number): Promise<void> => {
    await runner.tell(...first.failed(0), ...first.customer('created', 0));
    await runner.toDay(0.5);
    await runner.tell(...first.paid(0.5));
    await runner.toDay(5);
    await told(runner, reversalFact('ch_1', { at: at(onDay(5)), amountMinor: 2500, currency: 'USD' }));
    await runner.toDay(failsOn);
    await runner.tell(...second.failed(failsOn, { code: 'expired_card' }));
  };

  test('when its end cancels the subscription, the other invoice is lost with it', async () => {
    const { runner, ends } = ending('cancel', cancelled);
    await cameBack(runner, 20);
    await runner.toDay(60);
    expect(ends).toEqual(['case_in_1-ch_1:in_1:ch_1:end']);
    expect(await booksOf(runner, 'case_in_1-ch_1')).toEqual([
      ['in_1:ch_1', 'lost', 'the campaign reached its end'],
      ['in_2', 'lost', BY_ANOTHER],
    ]);
  });

  test('when the end of the other cancels it, is never withdrawn', async () => {
    const { runner, ends } = ending('cancel', cancelled);
    await cameBack(runner, 5.1);
    await runner.toDay(80);
    expect(ends[0]).toBe('case_in_1-ch_1:in_2:end');
    const books = await booksOf(runner, 'case_in_1-ch_1');
    expect(books?.map(([subjectId, outcome]) => [subjectId, outcome])).toEqual([
      ['in_1:ch_1', 'lost'],
      ['in_2', 'lost'],
    ]);
  });
});
