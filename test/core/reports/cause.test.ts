// What brought money in: one cause a failure, by the first rule that applies.
import { describe, expect, test } from 'vitest';
import type { Facts, Invoice, JournalEntry, Ladder, StepRecord } from '../../../core/recovery/customer.ts';
import type { CardDetails } from '../../../core/recovery/fact.ts';
import { cardName } from '../../../core/recovery/card-names.ts';
import { backupStepId, cardUpdateStepId, operatorStepId } from '../../../core/recovery/step-ids.ts';
import { causeOf } from '../../../core/reports/cause.ts';
import { addDays, addMs, HOUR_MS, MINUTE_MS } from '../../../core/time.ts';
import { at, factsOf, invoiceOf, openCaseOf } from '../../support/customers.ts';

const FAILED_AT = at('2026-03-01T09:00Z');
const PAID_AT = addDays(FAILED_AT, 6);

const OLD: CardDetails = { fingerprint: 'fp_old', brand: 'visa', last4: '4242', expMonth: 3, expYear: 2026 };
const RENEWED: CardDetails = { ...OLD, expYear: 2030 };
const OTHER: CardDetails = { ...OLD, fingerprint: 'fp_other' };
const NAME = cardName(OLD) ?? '';

const paidInvoice = (changes: Partial<Invoice> = {}): Invoice =>
  invoiceOf('in_1', {
    status: 'paid',
    statusAt: PAID_AT,
    paymentIds: ['pi_1'],
    schedule: { at: PAID_AT, source: 'refresh', value: { attemptCount: 1, nextAttemptAt: null } },
    lastFailure: { at: FAILED_AT, schedule: { attemptCount: 1, nextAttemptAt: null } },
    ...changes,
  });

const counted = (attemptCount: number): Partial<Invoice> => ({
  schedule: { at: PAID_AT, source: 'refresh', value: { attemptCount, nextAttemptAt: null } },
});

/** What is charged by default when the money comes. */
const charging = (methodId: string, card: CardDetails): Partial<Facts> => {
  const register = { at: PAID_AT, source: 'refresh' } as const;
  return {
    defaultMethod: { ...register, value: methodId },
    cards: { [methodId]: { ...register, value: card } },
  };
};

const retry = (id: string, changes: Partial<StepRecord> = {}): StepRecord => ({
  id,
  kind: 'retry',
  at: addMs(PAID_AT, 20_000),
  status: 'done',
  why: 'paid',
  message: null,
  ...changes,
});

const ladderOf = (changes: Partial<Ladder> = {}): Ladder => {
  const [ladder] = openCaseOf('case_in_1').ladders;
  return {
    ...(ladder ?? expect.unreachable('a case has a ladder')),
    onFile: [NAME],
    methodId: 'pm_1',
    ...changes,
  };
};

const pressed = (hoursBefore: number, invoiceId = 'in_1'): JournalEntry => ({
  at: addMs(PAID_AT, -hoursBefore * HOUR_MS),
  what: 'the customer went to pay',
  why: invoiceId,
  count: 1,
});

type Situation = {
  readonly invoice?: Partial<Invoice>;
  readonly facts?: Partial<Facts>;
  readonly ladder?: Partial<Ladder>;
  readonly journal?: readonly JournalEntry[];
};

describe('the cause', () => {
  test.each<[string, Situation, string]>([
    ['no payment of the provider’s', { invoice: { paymentIds: [] } }, 'out_of_band'],
    ['one more automatic try than when it failed', { invoice: counted(2) }, 'provider_try'],
    [
      'one more automatic try, with the card of before',
      { invoice: counted(2), facts: charging('pm_1', OLD) },
      'provider_try',
    ],
    [
      'one more automatic try, with another card that the customer stored',
      { invoice: counted(2), facts: charging('pm_2', OTHER) },
      'new_card',
    ],
    [
      'one more automatic try, with the card that the network renewed in its place',
      { invoice: counted(2), facts: charging('pm_1', RENEWED) },
      'network_updater',
    ],
    ['a try of ours beside it', { ladder: { steps: [retry('retry-1')] } }, 'our_try'],
    [
      'a try of ours that never answered',
      { ladder: { steps: [retry('retry-1', { status: 'uncertain' })] } },
      'our_try',
    ],
    ['a try that an operator asked for', { ladder: { steps: [retry(operatorStepId(7))] } }, 'our_try'],
    [
      'a try of ours with a card that was on file',
      { ladder: { steps: [retry(backupStepId('abc'))] } },
      'our_try',
    ],
    ['the try of a new card', { ladder: { steps: [retry(cardUpdateStepId('abc'))] } }, 'new_card'],
    [
      'the try of a card that the network renewed',
      { ladder: { steps: [retry(cardUpdateStepId('abc'))] }, facts: charging('pm_1', RENEWED) },
      'network_updater',
    ],
    [
      'a try of ours that did not go',
      { ladder: { steps: [retry('retry-1', { status: 'skipped' })] } },
      'customer',
    ],
    [
      'a try of ours days before: the customer paid since',
      { ladder: { steps: [retry('retry-1', { at: addDays(PAID_AT, -2) })] } },
      'customer',
    ],
    [
      'a debit of ours days before, which takes so long',
      { ladder: { kind: 'bank_debit', steps: [retry('retry-1', { at: addDays(PAID_AT, -5) })] } },
      'our_try',
    ],
    [
      'a try of ours after it',
      { ladder: { steps: [retry('retry-1', { at: addMs(PAID_AT, 30 * MINUTE_MS) })] } },
      'customer',
    ],
    ['our link, pressed an hour before', { journal: [pressed(1)] }, 'customer_link'],
    ['our link, pressed for another invoice', { journal: [pressed(1, 'in_2')] }, 'customer'],
    ['our link, pressed a week before', { journal: [pressed(170)] }, 'customer'],
    ['our link, pressed after it', { journal: [pressed(-1)] }, 'customer'],
    ['nothing that we know of', {}, 'customer'],
    [
      'our link pressed, and an automatic try of the provider’s all the same',
      { journal: [pressed(1)], invoice: counted(2) },
      'provider_try',
    ],
    [
      'the cards of before not known: no card is called new',
      { invoice: counted(2), facts: charging('pm_2', OTHER), ladder: { onFile: null } },
      'provider_try',
    ],
  ])('%s', (_what, { invoice, facts, ladder, journal = [] }, cause) => {
    const paid = paidInvoice(invoice);
    const known = factsOf({ invoices: { in_1: paid }, ...facts });
    expect(causeOf(known, ladderOf(ladder), paid, PAID_AT, journal)).toBe(cause);
  });

  test('a payment that came back and was paid again was paid by the customer', () => {
    expect(causeOf(factsOf({}), ladderOf(), null, PAID_AT, [])).toBe('customer');
    expect(causeOf(factsOf({}), ladderOf(), null, PAID_AT, [pressed(2)])).toBe('customer_link');
  });
});
