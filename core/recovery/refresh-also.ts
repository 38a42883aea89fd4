// What a refresh is to bring besides the invoices and their payments: only where a rule will read it.
import type { RefreshAlso } from '../ports.ts';
import type { Customer } from './customer.ts';
import { isSent } from './failure-kind.ts';
import { invoiceOf } from './ladders.ts';
import { own } from './merge.ts';
import type { Policy } from './policy.ts';
import { subscriptionOf } from './settle.ts';

/** Whether the card of a subscription's own payment method is not known: the refresh tells of its id alone. */
const lacksCard = ({ facts, recovery }: Customer): boolean =>
  (recovery.case?.ladders ?? []).some((ladder) => {
    const invoice = invoiceOf(facts, ladder);
    if (invoice === null || isSent(invoice)) return false;
    const methodId = subscriptionOf(facts, invoice)?.value.defaultMethodId ?? null;
    return methodId !== null && own(facts.methods, methodId) === null;
  });

/** Whether somebody may be won back as soon as the open case is closed: not who has another plan, which no event of ours tells. */
const mayBeWonBack = ({ facts }: Customer, { notices }: Pick<Policy, 'notices'>): boolean =>
  notices.some(({ kind }) => kind === 'win_back') &&
  Object.values(facts.tombstones).some(({ planLostAt }) => planLostAt !== undefined);

/** What the next refresh of a customer is to bring besides. */
export const refreshAlso = (customer: Customer, policy: Pick<Policy, 'retries' | 'notices'>): RefreshAlso => {
  const { facts, recovery } = customer;
  const { retries } = policy;
  const wantsBackups = retries.owner === 'recoup' && retries.backupMethods && recovery.case !== null;
  return {
    methods: wantsBackups || lacksCard(customer),
    subscriptions: facts.aheadAt !== null || recovery.notices.length > 0 || mayBeWonBack(customer, policy),
  };
};
