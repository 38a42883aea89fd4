// What became of each failed invoice, and the money of it. One precedence, written down once.
import { invariant } from '../assert.ts';
import { within } from '../money.ts';
import { addMs, type Instant } from '../time.ts';
import type { Facts, Invoice, InvoiceBook, Ladder, Outcome, Subscription } from './customer.ts';
import type { InvoiceAmounts } from './fact.ts';
import { isSent } from './failure-kind.ts';
import { own } from './merge.ts';
import type { Policy } from './policy.ts';

/** A failure that belongs in the books: an invoice whose payment failed, or a payment that came back. */
export type Subject = {
  readonly id: string;
  readonly invoiceId: string;
  readonly reversalId: string | null;
  readonly failedAt: Instant;
};

// A snapshot and the event of one part-payment can straddle a second: what came within this time is in the snapshot.
export const SNAPSHOT_LEEWAY_MS = 5_000;

/** The amounts of an invoice: its newest snapshot and every part paid or credited well after it. */
export const amountsOf = (facts: Facts, invoice: Invoice): InvoiceAmounts => {
  const { at, value } = invoice.amounts;
  const since = addMs(at, SNAPSHOT_LEEWAY_MS);
  return Object.values(facts.changes)
    .filter((change) => change.invoiceId === invoice.id && change.at > since)
    .reduce(
      (sum, change) => ({
        due: sum.due,
        paid: sum.paid + change.paidMinor,
        remaining: Math.max(0, sum.remaining - change.paidMinor - change.creditedMinor),
        credited: Math.max(0, sum.credited + change.creditedMinor),
      }),
      value,
    );
};

/** The subscription an invoice bills, as far as it is known. */
export const subscriptionOf = (facts: Facts, invoice: Invoice): Subscription | null => {
  const id = invoice.details.value.subscriptionId;
  return id === null ? null : own(facts.subscriptions, id);
};

/**
 * Whether a failed payment was the very first of a subscription: a sign-up not finished, not money to recover. Either
 * sign is enough: the billing reason `subscription_create`, or the subscription still `incomplete` when it failed.
 */
export const isFirstPayment = (facts: Facts, invoice: Invoice): boolean => {
  if (invoice.details.value.billingReason === 'subscription_create') return true;
  const incompleteAt = subscriptionOf(facts, invoice)?.incompleteAt ?? null;
  return incompleteAt !== null && invoice.failure !== null && invoice.failure.at <= incompleteAt;
};

/**
 * What was owed when the payment first failed. A failure told of an invoice already settled owed all that was due;
 * the amount due is net of credit notes (docs.stripe.com/invoicing/integration/programmatic-credit-notes).
 */
const failedMinorOf = ({ amounts }: NonNullable<Invoice['failure']>): number =>
  amounts.remaining || amounts.due;

/**
 * Every failure that belongs in the books and is not in a closed case yet, in the order in which they failed. An
 * invoice of nothing, and a first payment unless the policy wants it, belongs in none.
 */
export const subjectsOf = (facts: Facts, policy: Pick<Policy, 'firstPayments' | 'campaigns'>): Subject[] => {
  const isOverdueAsked = policy.campaigns.some(({ kind }) => kind === 'invoice_overdue');
  const failed = Object.values(facts.invoices).flatMap((invoice): Subject[] => {
    if (invoice.failure === null || failedMinorOf(invoice.failure) === 0) return [];
    if (own(facts.tombstones, invoice.id) !== null) return [];
    // What the customer pays on their own is asked for only where the policy has words for it.
    if (isSent(invoice) && !isOverdueAsked) return [];
    if (policy.firstPayments === 'ignore' && isFirstPayment(facts, invoice)) return [];
    return [{ id: invoice.id, invoiceId: invoice.id, reversalId: null, failedAt: invoice.failure.at }];
  });
  const returned = Object.values(facts.reversals).flatMap((reversal): Subject[] => {
    const { id, invoiceId, at, amountMinor } = reversal;
    if (invoiceId === null || amountMinor === 0) return [];
    // A debit that failed before it had paid anything is an ordinary failure of its invoice, told by the invoice.
    const wasPaid = (own(facts.invoices, invoiceId) ?? own(facts.tombstones, invoiceId))?.status === 'paid';
    if (!wasPaid) return [];
    return [{ id: `${invoiceId}:${id}`, invoiceId, reversalId: id, failedAt: at }];
  });
  return [...failed, ...returned].sort((a, b) =>
    a.failedAt < b.failedAt || (a.failedAt === b.failedAt && a.id < b.id) ? -1 : 1,
  );
};

type Verdict = { readonly outcome: Outcome; readonly why: string };

/** What the end of a subscription means for an invoice of it: who ended it, the provider or the customer? */
export const bySubscription = (invoice: Invoice | null, subscription: Subscription): Verdict | null => {
  const { status, cancellationReason, cancelAtPeriodEnd, pauseReason } = subscription.value;
  const withdrawn: Verdict = { outcome: 'withdrawn', why: 'the customer left' };
  const lost: Verdict = { outcome: 'lost', why: 'the provider gave up' };
  if (status === 'unpaid' || status === 'incomplete_expired') return lost;
  if (status === 'paused' && pauseReason === 'final_payment_failure') return lost;
  if (status === 'canceled') {
    if (cancellationReason !== null) return cancellationReason === 'payment_failed' ? lost : withdrawn;
    // Older API versions name no reason: the provider gave up when its last try failed and it planned no other.
    const last = invoice?.lastFailure ?? null;
    return last !== null && last.schedule.nextAttemptAt === null ? lost : withdrawn;
  }
  return cancelAtPeriodEnd && cancellationReason !== 'payment_failed' ? withdrawn : null;
};

/** The precedence for a failure that has not been paid: the first rule that applies decides. */
const unpaidVerdict = (
  facts: Facts,
  invoice: Invoice | null,
  { endedAt, closedAs }: Ladder,
  policy: LeavingRule,
  ours: ReadonlySet<string>,
): Verdict => {
  if (invoice?.status === 'void') return { outcome: 'withdrawn', why: 'the invoice was voided' };
  if (closedAs) return { outcome: closedAs, why: `closed by hand as ${closedAs}` };
  if (endedAt !== null) return { outcome: 'lost', why: 'the campaign reached its end' };
  if (invoice?.status === 'uncollectible') return { outcome: 'lost', why: 'marked uncollectible' };
  if (facts.deletedAt !== null) return { outcome: 'withdrawn', why: 'the customer was deleted' };
  const subscription = invoice && subscriptionOf(facts, invoice);
  const verdict = subscription ? bySubscription(invoice, subscription) : null;
  if (verdict?.outcome === 'withdrawn' && subscription && ours.has(subscription.value.id)) {
    return { outcome: 'lost', why: 'the campaign of another invoice ended the subscription' };
  }
  if (verdict?.outcome === 'withdrawn' && policy.whenCustomerLeaves === 'keep_asking') {
    return { outcome: 'open', why: 'the customer left; the policy says that the debt stays due' };
  }
  return verdict ?? { outcome: 'open', why: 'not paid yet' };
};

type LeavingRule = Pick<Policy, 'whenCustomerLeaves'>;

/** Where the rest goes that was neither paid nor credited. */
const spread = (
  base: Pick<InvoiceBook, 'subjectId' | 'invoiceId' | 'currency' | 'cohort'>,
  failedMinor: number,
  recoveredMinor: number,
  creditedMinor: number,
  verdict: Verdict,
): InvoiceBook => {
  const rest = failedMinor - recoveredMinor - creditedMinor;
  invariant(rest >= 0, `books of ${base.subjectId}: more settled than failed`);
  // Nothing left to pay settles an invoice whatever its status says.
  const nothingLeft: Outcome = recoveredMinor > 0 ? 'recovered' : 'withdrawn';
  const outcome = rest === 0 && verdict.outcome !== 'recovered' ? nothingLeft : verdict.outcome;
  return {
    ...base,
    outcome,
    failedMinor,
    recoveredMinor,
    withdrawnMinor: creditedMinor + (verdict.outcome === 'withdrawn' ? rest : 0),
    lostMinor: verdict.outcome === 'lost' ? rest : 0,
    openMinor: verdict.outcome === 'open' ? rest : 0,
    why: verdict.why,
  };
};

const bookOfInvoice = (
  facts: Facts,
  ladder: Ladder,
  invoice: Invoice,
  policy: LeavingRule,
  ours: ReadonlySet<string>,
): InvoiceBook => {
  invariant(invoice.failure, `invoice ${invoice.id} has a ladder and never failed`);
  const { subjectId, cohort } = ladder;
  const base = { subjectId, invoiceId: invoice.id, currency: invoice.currency, cohort };
  const before = invoice.failure.amounts;
  const now = amountsOf(facts, invoice);
  const failedMinor = failedMinorOf(invoice.failure);
  const creditedSince = within(now.credited - before.credited, failedMinor);
  if (invoice.status === 'paid') {
    // Paid, out of band included, is everything that was not credited: some providers report such a payment as 0.
    const recoveredMinor = failedMinor - creditedSince;
    const verdict: Verdict =
      recoveredMinor > 0 ? { outcome: 'recovered', why: 'paid' } : { outcome: 'withdrawn', why: 'credited' };
    return spread(base, failedMinor, recoveredMinor, creditedSince, verdict);
  }
  const recoveredMinor = within(now.paid - before.paid, failedMinor);
  const unpaidMinor = failedMinor - recoveredMinor;
  // What is no longer owed and was not paid has been credited.
  const creditedMinor = Math.max(
    within(creditedSince, unpaidMinor),
    unpaidMinor - within(now.remaining, unpaidMinor),
  );
  const verdict = unpaidVerdict(facts, invoice, ladder, policy, ours);
  return spread(base, failedMinor, recoveredMinor, creditedMinor, verdict);
};

const bookOfReversal = (
  facts: Facts,
  ladder: Ladder,
  reversalId: string,
  policy: LeavingRule,
  ours: ReadonlySet<string>,
): InvoiceBook => {
  const reversal = own(facts.reversals, reversalId);
  invariant(reversal, `ladder ${ladder.subjectId} names a returned payment that is not known`);
  const paidSince = Object.values(facts.changes)
    .filter((change) => change.invoiceId === ladder.invoiceId && change.at > reversal.at)
    .reduce((sum, change) => sum + change.paidMinor, 0);
  const recoveredMinor = within(paidSince, reversal.amountMinor);
  const { subjectId, invoiceId, cohort } = ladder;
  const base = { subjectId, invoiceId, currency: reversal.currency, cohort };
  const invoice = own(facts.invoices, ladder.invoiceId);
  const verdict: Verdict =
    recoveredMinor === reversal.amountMinor
      ? { outcome: 'recovered', why: 'paid again' }
      : unpaidVerdict(facts, invoice, ladder, policy, ours);
  return spread(base, reversal.amountMinor, recoveredMinor, 0, verdict);
};

const NONE: ReadonlySet<string> = new Set();

/**
 * The subscriptions that the end of some ladder's campaign has ended, now or in a case that is closed: nobody left, we
 * let them go.
 */
export const endedByUs = (
  ladders: readonly Ladder[],
  { tombstones }: Pick<Facts, 'tombstones'>,
): ReadonlySet<string> =>
  new Set(
    [...ladders, ...Object.values(tombstones)].flatMap(
      ({ endedSubscriptionId }) => endedSubscriptionId ?? [],
    ),
  );

/**
 * The books of one failure: failed = recovered + withdrawn + lost + open, always. Paid absorbs everything; then void,
 * what an operator closed it as, our own end, uncollectible, a deleted customer, the end of the subscription (by `ours`:
 * one that we ended for another invoice); else it is open.
 */
export const bookOf = (
  facts: Facts,
  ladder: Ladder,
  policy: LeavingRule,
  ours: ReadonlySet<string> = NONE,
): InvoiceBook => {
  if (ladder.reversalId !== null) return bookOfReversal(facts, ladder, ladder.reversalId, policy, ours);
  const invoice = own(facts.invoices, ladder.invoiceId);
  invariant(invoice, `ladder ${ladder.subjectId} names an invoice that is not known`);
  return bookOfInvoice(facts, ladder, invoice, policy, ours);
};
