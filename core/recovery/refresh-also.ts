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

/** What the next refresh of a customer is to bring besides. */
export const refreshAlso = (customer: Customer, { retries }: Pick<Policy, 'retries'>): RefreshAlso => {
  const { facts, recovery } = customer;
  const wantsBackups = retries.owner === 'recoup' && retries.backupMethods && recovery.case !== null;
  return {
    methods: wantsBackups || lacksCard(customer),
    subscriptions: facts.aheadAt !== null || recovery.notices.length > 0,
  };
};
