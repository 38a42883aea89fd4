// The finance door about the system itself: who is signed in, what it is busy with, and the policy that it follows.
import { describe, expect, test } from 'vitest';
import { SHARDS } from '../../adapters/dynamodb/table-shape.ts';
import { DamagedItemError } from '../../core/ports.ts';
import { definePolicy, type Policy } from '../../core/recovery/policy.ts';
import { addDays, addMs, MINUTE_MS } from '../../core/time.ts';
import { LOOKED_AT, MOST_STUCK } from '../../core/workflows/read-health.ts';
import shipped from '../../policy.ts';
import { WIDE, WIDE_OWN } from '../simulation/wide-policies.ts';
import {
  closedCaseOf,
  customerOf,
  factsOf,
  invoiceOf,
  keyOf,
  openCaseOf,
  unroutedOf,
} from '../support/customers.ts';
import { attemptFact } from '../support/facts.ts';
import { byToken, NOW, openFinance } from '../support/finance.ts';

describe('who is signed in', () => {
  test('is told with the role, what is looked at, and the clock of the server', async () => {
    const rig = openFinance({ connections: ['stripe', 'stripe-eu'] });
    expect((await rig.as(byToken('finance')).get('/me')).body).toEqual({
      who: 'ana@example.com',
      role: 'finance',
      connections: ['stripe', 'stripe-eu'],
      where: 'a test',
      now: NOW,
      version: '1.2.3',
    });
    expect((await rig.get('/me')).body).toMatchObject({ who: 'ana@example.com', role: 'operator' });
    expect(rig.operations).toEqual([]);
  });
});

describe('how the system stands', () => {
  test('is told of an empty one: nothing is late, nothing waits, and what is not known is null with a word why', async () => {
    const { body } = await openFinance().get('/health');
    expect(body).toEqual({
      at: NOW,
      lagSeconds: 0,
      connections: [
        {
          connection: 'stripe',
          heard: { at: null, why: expect.stringContaining('not kept') },
          log: { undelivered: null, all: null },
          lookAhead: { startedAt: null, doneAt: null, isUnderWay: false },
        },
      ],
      stuck: [],
      isAllStuck: true,
      looked: { cases: 0, open: 0, since: null },
      uncertain: [],
      budgets: {
        requestsPerSecond: 5,
        invoices: { limit: 8, of: 0, usedUp: 0, most: 0 },
        cards: { limit: 15, days: 30, of: 0, usedUp: 0, most: 0 },
        ofUnknownCode: 3,
        ofBankDebit: 2,
      },
    });
  });

  test('says how long the most overdue of all shards waits, and what was set aside', async () => {
    const rig = openFinance();
    for (let i = 0; i < 20; i += 1) {
      await rig.store.save(customerOf(keyOf(`cus_${i}`), { dueAt: addMs(NOW, (10 - i) * MINUTE_MS) }));
    }
    await rig.store.save(
      customerOf(keyOf('cus_late'), { dueAt: addDays(NOW, -3), setAsideAt: addDays(NOW, -2) }),
    );
    const aside = { setAsideAt: addDays(NOW, -1), setAsideWhy: 'nobody knows the charge', tries: 7 };
    await rig.store.saveUnrouted(unroutedOf('evt_1', aside));
    const { body } = await rig.get('/health');
    expect(body).toMatchObject({
      lagSeconds: 9 * 60,
      stuck: [
        {
          kind: 'customer',
          connection: 'stripe',
          customer: 'cus_late',
          event: null,
          since: addDays(NOW, -2),
        },
        { kind: 'unrouted', connection: null, event: 'evt_1', why: 'nobody knows the charge', tries: 7 },
      ],
      isAllStuck: true,
    });
  });

  test('says of each connection up to when its log was walked, and when anything of it was heard of', async () => {
    const rig = openFinance({ connections: ['stripe', 'stripe-eu'] });
    const walked = { connection: 'stripe', version: 1, undelivered: addDays(NOW, -1), all: addDays(NOW, -2) };
    await rig.store.saveCursor(walked);
    const walk = await rig.store.loadWalk('stripe', 'look_ahead');
    const at = { list: 'subscriptions', after: null } as const;
    await rig.store.saveWalk({ ...walk, version: 1, startedAt: NOW, at });
    await rig.store.closeCase(closedCaseOf(keyOf('cus_1'), 'case_in_1', { openedAt: addDays(NOW, -4) }));
    const heard = async () => {
      const { body } = await rig.get('/health');
      return body['connections'] as { heard: { at: string | null } }[];
    };
    expect(await heard()).toMatchObject([
      {
        heard: { at: addDays(NOW, -4), why: expect.stringContaining('not kept') },
        log: { undelivered: walked.undelivered, all: walked.all },
        lookAhead: { startedAt: NOW, doneAt: null, isUnderWay: true },
      },
      { connection: 'stripe-eu', heard: { at: null } },
    ]);
    const customer = customerOf(keyOf('cus_2'), {
      facts: factsOf({ attempts: { ch_1: attemptFact('ch_1', { at: addMs(NOW, -MINUTE_MS) }).attempt } }),
    });
    const recovery = { ...customer.recovery, case: openCaseOf('case_in_2', { openedAt: addDays(NOW, -1) }) };
    await rig.store.save({ ...customer, recovery });
    expect((await heard())[0]?.heard.at).toBe(addMs(NOW, -MINUTE_MS));
  });

  test('names every step of open cases of which nobody knows what became of it', async () => {
    const rig = openFinance();
    const customer = customerOf(keyOf('cus_1'));
    const open = openCaseOf('case_in_1', { openedAt: addDays(NOW, -2) });
    const [ladder] = open.ladders;
    if (!ladder) throw new Error('the case has a ladder');
    const step = { kind: 'retry', message: null, why: 'no answer came' } as const;
    const ladders = [
      {
        ...ladder,
        steps: [
          { ...step, id: 'retry-1', at: addDays(NOW, -1), status: 'uncertain' as const },
          { ...step, id: 'retry-2', at: NOW, status: 'done' as const },
        ],
      },
    ];
    const armed = {
      caseId: 'case_in_1',
      subjectId: 'in_1',
      stepId: 'reminder-1',
      kind: 'email',
      key: 'k',
      why: 'day 4',
      message: 'reminder',
      endAction: null,
      methodId: null,
      carries: [],
      armedAt: addMs(NOW, -MINUTE_MS),
    } as const;
    await rig.store.save({
      ...customer,
      recovery: { ...customer.recovery, case: { ...open, ladders } },
      pending: { token: 1, leaseUntil: NOW, armed },
    });
    const at = { connection: 'stripe', customer: 'cus_1', case: 'case_in_1', subject: 'in_1' };
    expect((await rig.get('/health')).body).toMatchObject({
      looked: { cases: 1, open: 1, since: addDays(NOW, -2) },
      uncertain: [
        { ...at, step: 'retry-1', kind: 'retry', status: 'uncertain', why: 'no answer came' },
        { ...at, step: 'reminder-1', kind: 'email', status: 'armed', at: addMs(NOW, -MINUTE_MS) },
      ],
    });
  });

  test('says how much of the limits of tries is used by what is open', async () => {
    const rig = openFinance();
    const tries = (n: number, invoiceId: string, days: number) =>
      Array.from({ length: n }, (_, i) => {
        const id = `ch_${invoiceId}_${i}`;
        return [id, attemptFact(id, { invoiceId, at: addDays(NOW, -days) }).attempt] as const;
      });
    const put = async (name: string, invoiceId: string, attempts: ReturnType<typeof tries>) => {
      const facts = factsOf({
        invoices: { [invoiceId]: invoiceOf(invoiceId) },
        attempts: Object.fromEntries(attempts),
      });
      const customer = customerOf(keyOf(name), { facts });
      const open = openCaseOf(`case_${invoiceId}`, { openedAt: addDays(NOW, -2) });
      const ladders = open.ladders.map((one) => ({ ...one, subjectId: invoiceId, invoiceId }));
      const books = open.books.map((one) => ({ ...one, subjectId: invoiceId, invoiceId }));
      await rig.store.save({
        ...customer,
        recovery: { ...customer.recovery, case: { ...open, ladders, books } },
      });
    };
    await put('cus_1', 'in_1', tries(8, 'in_1', 3));
    await put('cus_2', 'in_2', [
      ...tries(2, 'in_2', 3),
      ...tries(13, 'in_other', 4),
      ...tries(9, 'in_old', 31),
    ]);
    expect((await rig.get('/health')).body).toMatchObject({
      budgets: {
        invoices: { limit: 8, of: 2, usedUp: 1, most: 8 },
        cards: { limit: 15, of: 2, usedUp: 1, most: 15 },
      },
    });
  });

  test('costs the same however much there is, and goes on past a customer that cannot be read', async () => {
    const rig = openFinance({
      fault: (operation, id) => {
        if (operation === 'load' && id === 'stripe/cus_3') throw new DamagedItemError('it cannot be read');
      },
    });
    for (let i = 0; i < LOOKED_AT * 3; i += 1) {
      const key = keyOf(`cus_${i}`);
      const customer = customerOf(key, { dueAt: addDays(NOW, -1) });
      const openedAt = addMs(NOW, -i * MINUTE_MS);
      await rig.store.save({
        ...customer,
        recovery: { ...customer.recovery, case: openCaseOf(`case_${i}`, { openedAt }) },
      });
    }
    for (let i = 0; i < MOST_STUCK + 20; i += 1) {
      await rig.store.save(customerOf(keyOf(`stuck_${i}`), { setAsideAt: addDays(NOW, -2) }));
    }
    rig.operations.length = 0;
    const { body } = await rig.get('/health');
    expect(body).toMatchObject({ looked: { cases: LOOKED_AT, open: LOOKED_AT - 1 }, isAllStuck: false });
    expect(body['stuck']).toHaveLength(MOST_STUCK);
    const counted = Object.groupBy(rig.operations, (name) => name);
    expect(Object.fromEntries(Object.entries(counted).map(([name, all]) => [name, all?.length]))).toEqual({
      newestCases: 1,
      load: LOOKED_AT,
      listStuck: 1,
      due: SHARDS,
      loadCursor: 1,
      loadWalk: 1,
    });
  });
});

describe('the policy', () => {
  const policyIn = async (policy?: Policy) =>
    (await openFinance(policy ? { policy } : {}).get('/policy')).body;

  test('is told with its campaigns in their order, and what each step does when', async () => {
    const body = await policyIn(definePolicy(shipped));
    expect(body['campaigns']).toMatchObject(shipped.campaigns.map(({ id }) => ({ id })));
    expect((body['campaigns'] as object[]).at(-1)).toMatchObject({
      id: 'soft-decline',
      kinds: ['payment_failure', 'authentication_required', 'bank_debit'],
      declines: null,
      serves: 'month',
      steps: [
        {
          id: 'payment-failed',
          kind: 'email',
          delayDays: 1,
          texts: [{ message: 'payment-failed', weight: 1 }],
        },
        { id: 'reminder-1', delayDays: 4, hoursBeforeTry: null, to: null, note: null },
        { id: 'reminder-2', delayDays: 8 },
      ],
      finalNotice: { id: 'final-notice', delayDays: 12, atLastAttempt: true },
      end: { action: 'leave', daysAfterNotice: 14, latestDay: 45 },
    });
    expect(body).toMatchObject({
      retries: { owner: 'provider', hour: 9, paydays: true, backupMethods: false },
      sendWindow: null,
      mailsPerCase: 12,
      holdout: { share: 0 },
      digest: { weekly: false, monthly: false, alerts: false },
      // What is not said of a renewal is that it is of yearly plans.
      notices: [{ id: 'card-expiry' }, { id: 'renewal', conditions: { intervals: ['year'], plans: null } }],
    });
  });

  test('is told with every condition, text and threshold as data', async () => {
    const when = {
      amount: { currency: 'JPY', minMinor: 5000 },
      countries: ['DE', 'AT'],
      metadata: { tier: ['gold'] },
      tenureDays: { max: 30 },
    };
    const steps = [
      {
        id: 'first',
        kind: 'email',
        message: 'payment-failed',
        delayDays: 0.5,
        hoursBeforeTry: 6,
        variants: [{ message: 'payment-failed.short', weight: 2 }],
      },
      { id: 'told', kind: 'notify', to: 'email', note: 'call them', delayDays: 2 },
    ];
    const first = { ...shipped.campaigns.at(-1), id: 'large', declines: ['soft_funds'], when, steps };
    const body = await policyIn(
      definePolicy({
        ...shipped,
        operator: { email: 'boss@example.com', digest: { weekly: true } },
        sendWindow: { from: '08:00', to: '18:30', weekdays: [1, 2], quietDates: ['12-24'] },
        campaigns: [first, ...shipped.campaigns],
      }),
    );
    expect((body['campaigns'] as object[])[0]).toMatchObject({
      id: 'large',
      declines: ['soft_funds'],
      conditions: {
        amount: { currency: 'JPY', min: { minor: 5000, decimal: '5000' }, max: null },
        countries: ['DE', 'AT'],
        products: null,
        metadata: [{ key: 'tier', values: ['gold'] }],
        tenureDays: { min: null, max: 30 },
      },
      steps: [
        {
          delayDays: 0.5,
          hoursBeforeTry: 6,
          texts: [
            { message: 'payment-failed', weight: 1 },
            { message: 'payment-failed.short', weight: 2 },
          ],
        },
        { kind: 'notify', texts: [], to: 'email', note: 'call them' },
      ],
    });
    expect(body).toMatchObject({
      hasOperator: true,
      digest: { weekly: true, monthly: false },
      sendWindow: { from: '08:00', to: '18:30', weekdays: [1, 2], quietDates: ['12-24'] },
    });
  });

  test.each([
    ['shipped', definePolicy(shipped)],
    ['with everything in it', WIDE],
    ['whose retries are ours', WIDE_OWN],
  ])('%s is told field by field, without an address', async (_, policy) => {
    const body = await policyIn(policy);
    const told = new Set([...Object.keys(body), 'sender', 'wayBackUrl', 'operator']);
    expect(Object.keys(policy).filter((name) => !told.has(name))).toEqual([]);
    expect(JSON.stringify(body)).not.toMatch(/@|https?:/);
    expect(body['senders']).toMatchObject({ debts: policy.sender.name });
  });
});
