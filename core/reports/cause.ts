// What brought the money of a failure in: one cause each, by the first rule that applies.
import { addMs, DAY_MS, MINUTE_MS, type Instant } from '../time.ts';
import { defaultCardName } from '../recovery/card-names.ts';
import type { Cause, Facts, Invoice, JournalEntry, Ladder } from '../recovery/customer.ts';
import { own } from '../recovery/merge.ts';
import { isNewCardStep } from '../recovery/step-ids.ts';

/** A try of ours is told by its step and by the provider's event, which may be some minutes apart. */
const APART_MS = 15 * MINUTE_MS;
/** A bank debit of ours takes days to come in: docs.stripe.com/payments/bank-debits. */
const DEBIT_MS = 14 * DAY_MS;
/** Who pressed a link of ours so long before is taken to have paid by it. */
const PRESSED_MS = 3 * DAY_MS;

/** The try of ours that a payment came of. */
const tryOf = ({ kind, steps }: Ladder, paidAt: Instant): string | null => {
  const before = kind === 'bank_debit' ? DEBIT_MS : APART_MS;
  const ours = steps.filter(
    (step) =>
      step.kind === 'retry' &&
      step.status !== 'skipped' &&
      step.at >= addMs(paidAt, -before) &&
      step.at <= addMs(paidAt, APART_MS),
  );
  return ours.at(-1)?.id ?? null;
};

/** Whether the card that is charged now came after the failure, and if so who brought it. */
const newCardOf = (facts: Facts, invoice: Invoice, ladder: Ladder): Cause | null => {
  const name = defaultCardName(facts, invoice);
  if (name === null || ladder.onFile === null || ladder.onFile.includes(name)) return null;
  // The network renews a card under the id of the payment method that was there.
  const { methodId = null } = ladder;
  return methodId !== null && own(facts.cards, methodId) !== null && isOfMethod(facts, invoice, methodId)
    ? 'network_updater'
    : 'new_card';
};

const isOfMethod = (facts: Facts, { details }: Invoice, methodId: string): boolean => {
  const { subscriptionId } = details.value;
  const chosen =
    subscriptionId === null ? null : own(facts.subscriptions, subscriptionId)?.value.defaultMethodId;
  return (chosen ?? facts.defaultMethod?.value ?? null) === methodId;
};

const hasPressed = (journal: readonly JournalEntry[], invoiceId: string, paidAt: Instant): boolean =>
  journal.some(
    ({ at, what, why }) =>
      what === 'the customer went to pay' &&
      why === invoiceId &&
      at <= paidAt &&
      at >= addMs(paidAt, -PRESSED_MS),
  );

/**
 * What brought the money of a recovered failure in. In this order: no payment of the provider's stands behind it (out of band);
 * a try of ours stands beside it; the provider counts one more automatic try than when it failed last; else the customer paid
 * on their own, by our link when they had pressed it within three days before. A try, ours or the provider's, that charged a
 * card which came after the failure counts for the card. `invoice` is null for a payment that came back and was paid again:
 * only the customer can have done that.
 */
export const causeOf = (
  facts: Facts,
  ladder: Ladder,
  invoice: Invoice | null,
  paidAt: Instant,
  journal: readonly JournalEntry[],
): Cause => {
  const byCustomer = hasPressed(journal, ladder.invoiceId, paidAt) ? 'customer_link' : 'customer';
  if (invoice === null) return byCustomer;
  if (invoice.status === 'paid' && invoice.paymentIds.length === 0) return 'out_of_band';
  const ours = tryOf(ladder, paidAt);
  if (ours !== null) {
    const card = newCardOf(facts, invoice, ladder);
    return card ?? (isNewCardStep(ours) ? 'new_card' : 'our_try');
  }
  const counted = invoice.lastFailure?.schedule.attemptCount ?? 0;
  if (invoice.schedule.value.attemptCount <= counted) return byCustomer;
  return newCardOf(facts, invoice, ladder) ?? 'provider_try';
};
