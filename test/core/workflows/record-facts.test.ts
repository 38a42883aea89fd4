// The door's only write: what is taken in about a customer with nothing at risk, and what becomes of it.
import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '../../../adapters/memory/store.ts';
import { NO_FACTS, type Customer } from '../../../core/recovery/customer.ts';
import { foldCase } from '../../../core/reports/outcome.ts';
import { recordFacts } from '../../../core/workflows/record-facts.ts';
import { customerOf, keyOf } from '../../support/customers.ts';
import {
  changeFact,
  customerFact,
  day,
  deliveryFact,
  disputeFact,
  factsFrom,
  failedFact,
  invoiceFact,
  methodFact,
  refundFact,
  tombstoneOf,
} from '../../support/facts.ts';
import { silent } from '../../support/door.ts';
import { createRunner, type Runner } from '../../support/runner.ts';
import { DAY_0, onDay, story } from '../../support/story.ts';
import { failedCharge, invoicePayment, stripeEvent } from '../../support/stripe-events.ts';

const KEY = keyOf('cus_1');
const NOW = day(70);

/** A customer whose payment came back on day 10, of whom it is still owed that much. */
const lost = (owedMinor: number): Customer => {
  const returned = { ch_1: { caseId: 'case_in_1-ch_1', at: day(10), owedMinor } };
  const tombstones = { in_1: tombstoneOf({ status: 'paid', paidMinor: 4900, returned }) };
  return customerOf(KEY, { facts: { ...NO_FACTS, tombstones } });
};

const doorOf = async (customer: Customer) => {
  const store = createMemoryStore();
  await store.save(customer);
  return { store, telemetry: silent, backOff: async () => {} };
};

describe('of a customer with nothing at risk', () => {
  const paidAgain = changeFact('inpay_2', { paidMinor: 4900 }, { at: day(69) });

  test('a returned payment that is paid again after all is taken in, and looked at at once', async () => {
    const door = await doorOf(lost(4900));
    expect(await recordFacts(door, KEY, [paidAgain], NOW)).toEqual({ kind: 'recorded' });
    expect(await door.store.load(KEY, NOW)).toMatchObject({
      dueAt: NOW,
      facts: { changes: { inpay_2: { paidMinor: 4900 } } },
    });
    expect(await recordFacts(door, KEY, [paidAgain], NOW)).toEqual({ kind: 'unchanged' });
  });

  test.each([
    ['when nothing of it is owed any more', lost(0), paidAgain],
    ['when it is the payment that came back', lost(4900), { ...paidAgain, at: day(1) }],
    ['when it is no payment', lost(4900), changeFact('cn_1', { creditedMinor: 4900 }, { at: day(69) })],
    ['of another invoice', lost(4900), { ...paidAgain, invoiceId: 'in_2' }],
    ['of one that is paid already', lost(4900), invoiceFact('in_1', { status: 'paid', at: day(69) })],
    ['who they are', lost(4900), customerFact({}, { at: day(69) })],
  ])('nothing is written %s', async (_, customer, fact) => {
    const door = await doorOf(customer);
    const reason = 'nothing of this customer is at risk';
    expect(await recordFacts(door, KEY, [fact], NOW)).toEqual({ kind: 'ignored', reason });
    expect(await door.store.load(KEY, NOW)).toBe(customer);
  });

  test('an address that comes back is remembered as long as everything that is over', async () => {
    const door = await doorOf({ ...lost(0), expiresAt: day(71) });
    await recordFacts(door, KEY, [deliveryFact('bounced', { unreachable: true }, { at: NOW })], NOW);
    const { facts, expiresAt } = await door.store.load(KEY, NOW);
    expect(Object.values(facts.unreachable)).toEqual([NOW]);
    expect(expiresAt).toBe(day(470));
  });
});

describe('of money that was recovered and leaves again', () => {
  const part = { subjectId: 'in_1', caseId: 'case_in_1', at: day(4), minor: 4900 };
  const money = { paymentIds: ['ch_1', 'pi_1'], recovered: [part], owedMinor: 0, left: {} };
  const tombstones = { in_1: tombstoneOf({ status: 'paid', paidMinor: 4900, money }) };
  const atRest = customerOf(KEY, { facts: { ...NO_FACTS, tombstones } });
  const back = refundFact('re_1', { amountMinor: 900 }, { at: day(69) });

  test.each([
    ['a refund', back],
    [
      'a refund that names the payment intent alone',
      refundFact('re_1', { chargeId: null, paymentIntentId: 'pi_1' }),
    ],
    ['a dispute', disputeFact('dp_1', { takenAt: day(69) })],
  ])('%s is taken in of a customer at rest, and looked at at once', async (_, fact) => {
    const door = await doorOf(atRest);
    expect(await recordFacts(door, KEY, [fact], NOW)).toEqual({ kind: 'recorded' });
    expect((await door.store.load(KEY, NOW)).dueAt).toBe(NOW);
  });

  test.each([
    ['a refund of another payment', refundFact('re_1', { chargeId: 'ch_2' })],
    ['a refund in another currency', refundFact('re_1', { currency: 'USD' })],
    ['an inquiry', disputeFact('dp_1', { status: 'warning_needs_response' })],
    ['a dispute of another payment', disputeFact('dp_1', { chargeId: 'ch_2', takenAt: day(69) })],
  ])('%s is not', async (_, fact) => {
    const door = await doorOf(atRest);
    expect(await recordFacts(door, KEY, [fact], NOW)).toMatchObject({ kind: 'ignored' });
    expect(await door.store.load(KEY, NOW)).toBe(atRest);
  });

  test.each([
    ['of a closed case is looked at at once, of a customer who is at risk too', back, NOW],
    ['of none waits for the next look', refundFact('re_1', { chargeId: 'ch_2' }), day(90)],
  ])('a refund %s', async (_, fact, dueAt) => {
    const facts = { ...factsFrom(failedFact('in_2')), tombstones };
    const door = await doorOf(customerOf(KEY, { facts, dueAt: day(90) }));
    expect(await recordFacts(door, KEY, [fact], NOW)).toEqual({ kind: 'recorded' });
    expect((await door.store.load(KEY, NOW)).dueAt).toBe(dueAt);
  });
});

describe('of a customer at risk', () => {
  const known = factsFrom(failedFact('in_1'), customerFact({}, { defaultMethodId: 'pm_1' }));
  const later = { at: day(2) };

  test.each([
    ['another card to charge, at once', customerFact({}, { ...later, defaultMethodId: 'pm_2' }), NOW],
    ['a card that its bank has renewed, at once', methodFact({ id: 'pm_1' }, later), NOW],
    [
      'another address, at the next look',
      customerFact({ email: 'new@customer.example' }, { ...later, defaultMethodId: 'pm_1' }),
      day(90),
    ],
  ])('the clock looks at %s', async (_, fact, dueAt) => {
    const door = await doorOf(customerOf(KEY, { facts: known, dueAt: day(90) }));
    expect(await recordFacts(door, KEY, [fact], NOW)).toEqual({ kind: 'recorded' });
    expect((await door.store.load(KEY, NOW)).dueAt).toBe(dueAt);
  });
});

describe('a bank debit that came back, was given up and is paid again', () => {
  const s = story();
  const charge = {
    id: 'ch_back',
    invoice: 'in_1',
    payment_intent: 'pi_1',
    currency: 'usd',
    status: 'failed',
  };
  const seconds = (days: number) => ({ created: DAY_0 + days * 86_400 });
  const cameBack = (days: number) =>
    stripeEvent('charge.failed', failedCharge(charge), {
      ...seconds(days),
      previous: { status: 'succeeded' },
    });
  const paid = (id: string, days: number, minor: number) =>
    stripeEvent('invoice_payment.paid', invoicePayment({ id, amount_paid: minor, currency: 'usd' }), {
      ...seconds(days),
    });

  const givenUp = async (): Promise<Runner> => {
    const runner = createRunner();
    await runner.tell(...s.failed(0), ...s.customer('created', 0));
    await runner.toDay(0.5);
    await runner.tell(...s.paid(0.5));
    await runner.toDay(5);
    await runner.tell(cameBack(5));
    await runner.toDay(50);
    const record = await runner.store.loadClosedCase(KEY, 'case_in_1-ch_back');
    expect(record?.invoices).toMatchObject([{ subjectId: 'in_1:ch_back', outcome: 'lost' }]);
    return runner;
  };

  test('ends in the books of its case as recovered, once, however often it is told', async () => {
    const runner = await givenUp();
    await runner.tell(paid('inpay_2', 50, 1000));
    await runner.toDay(52);
    await runner.tell(paid('inpay_3', 52, 1500), paid('inpay_2', 50, 1000));
    await runner.toDay(54);
    await runner.tell(paid('inpay_3', 52, 1500), paid('inpay_4', 54, 2500));
    await runner.toDay(60);
    const adjustments = await runner.store.listAdjustments(KEY);
    expect(adjustments.map(({ id, at, amount, caseId }) => [id, at, amount.minor, caseId])).toEqual([
      ['reversal:ch_back', onDay(5), 2500, 'case_in_1'],
      ['part:inpay_2', onDay(50), 1000, 'case_in_1-ch_back'],
      ['part:inpay_3', onDay(52), 1500, 'case_in_1-ch_back'],
    ]);
    const record = await runner.store.loadClosedCase(KEY, 'case_in_1-ch_back');
    expect(record && foldCase(record, adjustments).invoices).toMatchObject([
      { outcome: 'recovered', failedMinor: 2500, recoveredMinor: 2500, lostMinor: 0 },
    ]);
  });

  test('opens nothing, mails nobody, and leaves nothing of the person', async () => {
    const runner = await givenUp();
    const before = runner.mails.length;
    await runner.tell(paid('inpay_2', 50, 2500));
    await runner.toDay(60);
    expect(runner.mails).toHaveLength(before);
    const customer = await runner.store.load(KEY, runner.clock.now());
    expect(customer.recovery.case).toBeNull();
    expect(JSON.stringify(customer)).not.toMatch(/@example|Ada/);
  });
});
