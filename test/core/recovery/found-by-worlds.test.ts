// What simulated worlds have shown to be wrong: who we let go of earlier has not left, a notice outlives an exclusion.
import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '../../../adapters/memory/store.ts';
import { expiryOf, released } from '../../../core/recovery/close.ts';
import { type Customer, type Notice } from '../../../core/recovery/customer.ts';
import { bookOf, endedByUs } from '../../../core/recovery/settle.ts';
import { resume } from '../../../core/workflows/operate.ts';
import { addDays } from '../../../core/time.ts';
import { customerOf, FAILED_AT, keyOf, openCaseOf } from '../../support/customers.ts';
import {
  customerFrom,
  day,
  failedFact,
  factsFrom,
  invoiceFact,
  reversalFact,
  subscriptionFact,
} from '../../support/facts.ts';

describe('a subscription that we ended with a case that is closed', () => {
  const open = openCaseOf('case_1');
  const [ladder] = open.ladders;
  if (!ladder) throw new Error('a case has a ladder');

  test('has not been left: a payment of another invoice of it that comes back later is lost', () => {
    const ended = { ...open, ladders: [{ ...ladder, endedSubscriptionId: 'sub_1' }] };
    const { customer: closed } = released(customerFrom(failedFact(ladder.invoiceId)), ended, day(20));
    const ours = endedByUs([], closed.facts);
    expect([...ours]).toEqual(['sub_1']);
    const facts = factsFrom(
      invoiceFact('in_2', { at: day(1), status: 'paid' }),
      subscriptionFact({ status: 'canceled', cancellationReason: 'cancellation_requested' }),
      reversalFact('ch_1', { at: day(25), invoiceId: 'in_2' }),
    );
    const back = { ...ladder, subjectId: 'in_2:ch_1', invoiceId: 'in_2', reversalId: 'ch_1' };
    expect(bookOf(facts, back, { whenCustomerLeaves: 'stop' }, ours)).toMatchObject({ outcome: 'lost' });
    expect(bookOf(facts, back, { whenCustomerLeaves: 'stop' })).toMatchObject({ outcome: 'withdrawn' });
  });

  test('is still known when another payment of the same invoice has come back', () => {
    const { customer: before } = released(
      customerFrom(failedFact(ladder.invoiceId)),
      { ...open, ladders: [{ ...ladder, endedSubscriptionId: 'sub_1' }] },
      day(20),
    );
    const { customer: after } = released(before, { ...open, id: 'case_2' }, day(40));
    expect([...endedByUs([], after.facts)]).toEqual(['sub_1']);
  });
});

describe('an excluded customer with a notice', () => {
  const notice: Notice = {
    subjectId: 'card_expiry:pm_1:2026-04',
    kind: 'card_expiry',
    aboutId: 'pm_1',
    campaignId: 'card',
    date: addDays(FAILED_AT, 30),
    openedAt: FAILED_AT,
    steps: [],
    over: null,
  };
  const key = keyOf('cus_1');
  const base = customerOf(key);
  const excluded: Customer = {
    ...base,
    version: 1,
    dueAt: null,
    expiresAt: null,
    facts: factsFrom(subscriptionFact()),
    recovery: {
      ...base.recovery,
      case: null,
      notices: [notice],
      hold: { kind: 'excluded', until: null, at: FAILED_AT, by: 'Ana', note: 'x', past: [] },
    },
  };

  test('is remembered while the notice is open, and looked at as soon as the exclusion is taken back', async () => {
    const store = createMemoryStore();
    await store.save(excluded);
    const by = { who: 'Ana', note: 'goes on', ifVersion: null };
    const now = addDays(FAILED_AT, 2);
    await resume({ store, backOff: async () => {} }, key, by, now);
    const resumed = await store.load(key, addDays(now, 10));
    expect(resumed.recovery).toMatchObject({ hold: null, notices: [notice] });
    expect(resumed.dueAt).toBe(now);
    expect(expiryOf(resumed, now)).toBeNull();
    const without = { ...resumed, recovery: { ...resumed.recovery, notices: [] } };
    expect(expiryOf(without, now)).toBe(addDays(now, 1));
  });
});
