// Whether somebody lost what they subscribed to because a payment did not come: for the mail about it, and for winning back.
import type { Facts, InvoiceBook, Ladder, RecoveryCase } from './customer.ts';
import { own } from './merge.ts';

/**
 * Whether the subscription of a lost invoice is cancelled for it, by our end or by the provider. Not where an operator closed
 * it by hand, who says themselves what the customer hears, nor where it failed before us.
 */
export const hasLostPlan = (
  facts: Facts,
  { closedAs, cohort, invoiceId, endedSubscriptionId }: Ladder,
  { outcome }: Pick<InvoiceBook, 'outcome'>,
): boolean => {
  if (outcome !== 'lost' || closedAs !== null || cohort === 'imported') return false;
  const billed = own(facts.invoices, invoiceId)?.details.value.subscriptionId ?? null;
  return [endedSubscriptionId, billed].some(
    (id) => id !== null && own(facts.subscriptions, id)?.value.status === 'canceled',
  );
};

/** The ladders of a settled case for which a plan was lost. */
export const lostPlansIn = (facts: Facts, { ladders, books }: RecoveryCase): readonly Ladder[] =>
  ladders.filter((ladder) => {
    const book = books.find(({ subjectId }) => subjectId === ladder.subjectId);
    return book !== undefined && hasLostPlan(facts, ladder, book);
  });
