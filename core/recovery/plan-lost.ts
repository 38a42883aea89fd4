// Whether somebody lost what they subscribed to because a payment did not come: for the mail about it, and for winning back.
import type { Facts, InvoiceBook, Ladder, RecoveryCase } from './customer.ts';
import { own } from './merge.ts';
import { bySubscription, endedByUs } from './settle.ts';

/**
 * Whether the subscription of a lost invoice is cancelled for it, by an end of ours or by the provider: who cancelled it on
 * their own has left, whatever became of the debt. Not where an operator closed it by hand, who says themselves what the
 * customer hears, nor where it failed before us.
 */
const hasLostPlan = (
  facts: Facts,
  { closedAs, cohort, invoiceId, endedSubscriptionId }: Ladder,
  { outcome }: Pick<InvoiceBook, 'outcome'>,
  ours: ReadonlySet<string>,
): boolean => {
  if (outcome !== 'lost' || closedAs !== null || cohort === 'imported') return false;
  const invoice = own(facts.invoices, invoiceId);
  return [endedSubscriptionId, invoice?.details.value.subscriptionId ?? null].some((id) => {
    const subscription = id === null ? null : own(facts.subscriptions, id);
    if (id === null || subscription?.value.status !== 'canceled') return false;
    return ours.has(id) || bySubscription(invoice, subscription)?.outcome === 'lost';
  });
};

/** The ladders of a settled case for which a plan was lost. */
export const lostPlansIn = (facts: Facts, { ladders, books }: RecoveryCase): readonly Ladder[] => {
  const ours = endedByUs(ladders, facts);
  return ladders.filter((ladder) => {
    const book = books.find(({ subjectId }) => subjectId === ladder.subjectId);
    return book !== undefined && hasLostPlan(facts, ladder, book, ours);
  });
};
