// What reports tell a failure apart by, taken down from what is known of the customer while its case is open or being closed.
import { causeOf } from './cause.ts';
import { newestAttempt, readDecline } from '../recovery/agenda.ts';
import { contactOf, deliveryName } from '../recovery/customer.ts';
import type {
  CaseRecord,
  Customer,
  Facts,
  FailureRecord,
  Invoice,
  InvoiceBook,
  Ladder,
  RecoveryCase,
} from '../recovery/customer.ts';
import { DELIVERY_EVENTS } from '../recovery/fact.ts';
import { within } from '../money.ts';
import { own } from '../recovery/merge.ts';
import { lastMailOf } from './last-mail.ts';
import { SNAPSHOT_LEEWAY_MS, subscriptionOf } from '../recovery/settle.ts';
import { addMs, later, monthOf, type Instant } from '../time.ts';

/** The last part of a payment that came back which was paid again. */
const paidAgainAt = ({ changes }: Facts, { invoiceId, anchor }: Ladder): Instant | null =>
  Object.values(changes)
    .filter((change) => change.invoiceId === invoiceId && change.paidMinor > 0 && change.at > anchor)
    .reduce<Instant | null>((last, { at }) => later(last, at), null);

/** Money of a failure that was paid at a time, in minor units. */
export type PaidPart = { readonly at: Instant; readonly minor: number };

/**
 * When the recovered money of a failure was paid, as far as it is known: the parts that were told one by one, and what these
 * do not explain at `restAt`. Together they are `recoveredMinor`. Of an invoice the last parts count, for what was paid before it
 * was heard of is not in its book; of a payment that came back the first, for a later one may pay for the next that came back.
 */
export const paidPartsOf = (
  { changes, invoices }: Facts,
  { invoiceId, reversalId, anchor }: Ladder,
  { outcome, recoveredMinor }: InvoiceBook,
  restAt: Instant,
): readonly PaidPart[] => {
  // What was told together with a failure that was found late is in what had been paid before it.
  const toldAt = reversalId === null ? own(invoices, invoiceId)?.failure?.toldAt : undefined;
  const since = toldAt === undefined ? anchor : addMs(toldAt, SNAPSHOT_LEEWAY_MS);
  const until = outcome === 'recovered' ? restAt : null;
  const told = Object.values(changes)
    .filter((one) => one.invoiceId === invoiceId && one.paidMinor > 0 && one.at > since)
    .filter(({ at }) => until === null || at <= until)
    .sort((a, b) => ((reversalId === null) === a.at < b.at ? 1 : -1));
  const parts: PaidPart[] = [];
  let rest = recoveredMinor;
  for (const { at, paidMinor } of told) {
    const minor = within(paidMinor, rest);
    rest -= minor;
    if (minor > 0) parts.push({ at, minor });
  }
  return rest > 0 ? [...parts, { at: restAt, minor: rest }] : parts;
};

/** By month (`YYYY-MM`, UTC); undefined when all of it is of the month in which the failure was settled. */
const paidInOf = (parts: readonly PaidPart[], settledAt: Instant | null): FailureRecord['paidIn'] => {
  const months: Record<string, number> = {};
  for (const { at, minor } of parts) months[monthOf(at)] = (months[monthOf(at)] ?? 0) + minor;
  const [only, ...more] = Object.keys(months);
  return only === undefined || (more.length === 0 && settledAt?.startsWith(only)) ? undefined : months;
};

/**
 * When the outcome of a failure came about: an invoice when it was first known to be paid, void or uncollectible; a plan when
 * it ended, by us or by the provider; else `seenAt`, when the case was looked at.
 */
export const settledAtOf = (
  facts: Facts,
  ladder: Ladder,
  invoice: Invoice | null,
  { outcome }: InvoiceBook,
  seenAt: Instant,
): Instant | null => {
  if (outcome === 'open') return null;
  if (outcome === 'recovered') {
    const paidAt = invoice?.status === 'paid' ? invoice.statusAt : paidAgainAt(facts, ladder);
    return paidAt ?? seenAt;
  }
  if (ladder.endedAt !== null) return ladder.endedAt;
  if (invoice !== null && invoice.status !== 'open') return invoice.statusAt;
  const ended = (invoice && subscriptionOf(facts, invoice)?.value.endedAt) ?? facts.deletedAt ?? seenAt;
  return ended < ladder.anchor ? seenAt : ended;
};

const failureOf = (
  { facts, recovery }: Customer,
  open: RecoveryCase,
  ladder: Ladder,
  book: InvoiceBook,
  seenAt: Instant,
): FailureRecord => {
  const known = own(facts.invoices, ladder.invoiceId);
  const invoice = ladder.reversalId === null ? known : null;
  const subscription = (known && subscriptionOf(facts, known)?.value) ?? null;
  const reading = readDecline(facts, invoice);
  const { class: declineClass, because, brand } = ladder.failedBy ?? { ...reading, brand: null };
  const details = known?.details.value;
  const settledAt = settledAtOf(facts, ladder, invoice, book, seenAt);
  const isRecovered = book.outcome === 'recovered' && settledAt !== null;
  const paidIn = paidInOf(paidPartsOf(facts, ladder, book, settledAt ?? ladder.anchor), settledAt);
  return {
    subjectId: ladder.subjectId,
    failedAt: ladder.anchor,
    kind: ladder.kind,
    campaignId: ladder.campaignId,
    declineClass,
    because,
    cardBrand: brand ?? newestAttempt(facts, ladder.invoiceId)?.card?.brand ?? null,
    planIds: [...new Set([...(details?.planIds ?? []), ...(subscription?.planIds ?? [])])],
    productIds: [...new Set([...(details?.productIds ?? []), ...(subscription?.productIds ?? [])])],
    country: contactOf(facts).country,
    number: details?.number ?? null,
    periodMinor: subscription?.currency === book.currency ? subscription.amountMinor : null,
    interval: subscription?.interval ?? null,
    settledAt,
    ...(paidIn && { paidIn }),
    cause: isRecovered ? causeOf(facts, ladder, invoice, settledAt, recovery.journal) : null,
    afterMail: lastMailOf(
      open.ladders.flatMap(({ steps }) => steps),
      ladder.anchor,
      settledAt,
    ),
  };
};

/** The failures of a case as reports tell them apart, one a ladder; `closedAt` is null while it is open. */
export const failuresOf = (
  customer: Customer,
  open: RecoveryCase,
  closedAt: Instant | null,
): readonly FailureRecord[] => {
  const seenAt = closedAt ?? customer.recovery.journal.at(-1)?.at ?? open.openedAt;
  return open.ladders.flatMap((ladder) => {
    const book = open.books.find(({ subjectId }) => subjectId === ladder.subjectId);
    return book ? [failureOf(customer, open, ladder, book, seenAt)] : [];
  });
};

/** The steps of a case, each mail with what the mail service said of it. */
export const stepsOf = ({ deliveries }: Facts, { ladders }: RecoveryCase): CaseRecord['steps'] =>
  ladders.flatMap(({ subjectId, steps }) =>
    steps.map((step) => {
      const said = own(deliveries, deliveryName(subjectId, step.id));
      const told = said && DELIVERY_EVENTS.filter((event) => said[event] !== undefined);
      return { ...step, subjectId, ...(told && told.length > 0 && { told }) };
    }),
  );
