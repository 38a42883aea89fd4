// Customers under an operator's hand: a policy that stands still, what an operator does, and days that go by.
import { createMemoryStore } from '../../adapters/memory/store.ts';
import type { Store } from '../../core/ports.ts';
import type { ArmedAction, Customer } from '../../core/recovery/customer.ts';
import type { Fact } from '../../core/recovery/fact.ts';
import { plan } from '../../core/recovery/plan.ts';
import { definePolicy, type Policy } from '../../core/recovery/policy.ts';
import { addMs, type Instant } from '../../core/time.ts';
import type { HoldDeps, Operated, Operator } from '../../core/workflows/operate.ts';
import shipped from '../../policy.ts';
import { attemptFact, customerFact, customerFrom, failedFact, performed, told } from './facts.ts';

/** One campaign for everything: mails on days 1, 4 and 8, the final notice on day 12, the end 14 days later. */
export const policyOf = (changes: object = {}, campaign: object = {}): Policy =>
  definePolicy({
    sender: shipped.sender,
    timeZone: 'UTC',
    retries: { owner: 'provider' },
    firstPayments: 'ignore',
    whenCustomerLeaves: 'stop',
    campaigns: [
      {
        id: 'all',
        declines: 'any',
        steps: [
          { id: 'first', kind: 'email', message: 'payment-failed', delayDays: 1 },
          { id: 'second', kind: 'email', message: 'reminder', delayDays: 4 },
          { id: 'third', kind: 'email', message: 'reminder', delayDays: 8 },
        ],
        finalNotice: { id: 'final', delayDays: 12, atLastAttempt: false },
        end: { action: 'leave', daysAfterNotice: 14, latestDay: 45 },
        ...campaign,
      },
    ],
    ...changes,
  });

export const ANNA: Operator = { who: 'Anna', note: 'promised by phone', ifVersion: null };

/** A customer whose invoices failed on day 0, with a soft decline each. */
export const failing = (...ids: readonly string[]): Customer =>
  customerFrom(
    customerFact(),
    ...ids.flatMap((invoiceId) => [failedFact(invoiceId), attemptFact(`ch_${invoiceId}`, { invoiceId })]),
  );

/** What an operator does to this customer as it is stored: the answer, and the customer after it. */
export const operated = async (
  customer: Customer,
  policy: Policy,
  operation: (deps: HoldDeps) => Promise<Operated>,
): Promise<{ readonly answer: Operated; readonly customer: Customer }> => {
  let stored = customer;
  const store: Store = {
    ...createMemoryStore(),
    load: async () => stored,
    save: async (saved) => {
      stored = saved;
    },
  };
  const answer = await operation({ store, policy, backOff: async () => {} });
  return { answer, customer: stored };
};

/** Something that was done, and the customer it was armed for. */
export type Did = { readonly at: Instant; readonly action: ArmedAction; readonly customer: Customer };

export type Passed = {
  readonly customer: Customer;
  readonly did: readonly Did[];
  readonly closed: Customer[];
};

/** Lets days go by in which nobody pays and every charge is declined; a charge leaves its attempt. */
export const pass = (start: Customer, policy: Policy, from: Instant, until: Instant): Passed => {
  const did: Did[] = [];
  const closed: Customer[] = [];
  let customer = start;
  let now = from;
  for (let looks = 0; looks < 3000; looks += 1) {
    const decision = plan({ ...customer, outbox: null }, policy, now);
    customer = decision.customer;
    if (customer.outbox?.closed) closed.push(customer);
    const { next } = decision;
    if (next.kind === 'act') {
      did.push({ at: now, action: next.action, customer });
      customer = performed(customer, next.action, now);
      const charge: Fact[] =
        next.action.kind === 'retry'
          ? [attemptFact(`ch_${did.length}_${now}`, { at: now, invoiceId: next.action.subjectId })]
          : [];
      customer = told(customer, ...charge);
      continue;
    }
    if (next.until === null || next.until > until) return { customer, did, closed };
    now = next.until > now ? next.until : addMs(now, 1);
  }
  throw new Error('the plan does not come to rest');
};
