// An export of Stripe's own events read on its own: what failed of each invoice and what became of it. No code of the books is used.
import * as v from 'valibot';
import type { ExportedInvoice } from '../../core/reports/tie-out.ts';
import { instantFromSeconds } from '../../core/time.ts';
import { isJsonObject, own } from './shapes.ts';

/** The events that say that a payment of an invoice failed, or that the customer has to act. */
const FAILING: ReadonlySet<string> = new Set([
  'invoice.payment_failed',
  'invoice.payment_action_required',
  'invoice.overdue',
]);

const invoice = v.looseObject({
  object: v.literal('invoice'),
  id: v.string(),
  customer: v.nullish(v.union([v.string(), v.looseObject({ id: v.string() })])),
  currency: v.string(),
  status: v.picklist(['draft', 'open', 'paid', 'uncollectible', 'void']),
  amount_due: v.number(),
  amount_paid: v.number(),
  amount_remaining: v.number(),
  pre_payment_credit_notes_amount: v.nullish(v.number(), 0),
  billing_reason: v.nullish(v.string()),
  collection_method: v.nullish(v.string()),
});

const event = v.looseObject({
  object: v.literal('event'),
  type: v.string(),
  created: v.number(),
  data: v.looseObject({ object: invoice }),
});

type Told = v.InferOutput<typeof event>;

/** Of two tellings within one second the one that is further on. */
const FURTHER: Readonly<Record<string, number>> = { draft: 0, open: 1, uncollectible: 2, void: 3, paid: 4 };

const isLater = (a: Told, b: Told): boolean => {
  const [one, other] = [FURTHER[a.data.object.status] ?? 0, FURTHER[b.data.object.status] ?? 0];
  // What is paid stays paid, whatever arrives with a later stamp.
  return one === other ? a.created >= b.created : one > other;
};

const byInvoice = (all: readonly unknown[]): ReadonlyMap<string, readonly Told[]> => {
  const found = new Map<string, Told[]>();
  for (const one of all) {
    const told = v.safeParse(event, one);
    if (!told.success || !told.output.type.startsWith('invoice.')) continue;
    const { id } = told.output.data.object;
    found.set(id, [...(found.get(id) ?? []), told.output]);
  }
  return found;
};

const idOf = (customer: Told['data']['object']['customer']): string | null =>
  typeof customer === 'string' ? customer : (customer?.id ?? null);

/** One invoice of which a payment failed; null when none did. */
const exported = (told: readonly Told[]): ExportedInvoice | null => {
  const failures = told.filter(({ type, data }) => {
    // An invoice that is sent fails by its due date only.
    const isSent = data.object.collection_method === 'send_invoice';
    return FAILING.has(type) && (!isSent || type === 'invoice.overdue') && data.object.amount_due > 0;
  });
  const [first] = failures.toSorted((a, b) => a.created - b.created);
  const last = told.reduce((a, b) => (isLater(b, a) ? b : a));
  if (first === undefined) return null;
  const [before, now] = [first.data.object, last.data.object];
  return {
    invoiceId: before.id,
    customerId: idOf(before.customer),
    currency: before.currency.toUpperCase(),
    failedAt: instantFromSeconds(first.created),
    isFirstPayment: before.billing_reason === 'subscription_create',
    failedMinor: before.amount_remaining || before.amount_due,
    status: now.status === 'draft' ? 'open' : now.status,
    paidMinor: now.amount_paid - before.amount_paid,
    creditedMinor: now.pre_payment_credit_notes_amount - before.pre_payment_credit_notes_amount,
  };
};

/** What an export tells. `from` and `to`: the earliest and the latest of its events; null when it holds none. */
export type StripeExport = {
  readonly invoices: readonly ExportedInvoice[];
  readonly events: number;
  readonly from: string | null;
  readonly to: string | null;
};

/** Reads an export of events, in any order; what is no event of Stripe's is left out. */
export const readExport = (all: readonly unknown[]): StripeExport => {
  const stamps = all.flatMap((one) => {
    const created = isJsonObject(one) && own(one, 'object') === 'event' ? own(one, 'created') : null;
    return typeof created === 'number' ? [created] : [];
  });
  const told = [...byInvoice(all).values()].flatMap((one) => exported(one) ?? []);
  const edge = (pick: (a: number, b: number) => number) =>
    stamps.length === 0 ? null : instantFromSeconds(stamps.reduce(pick));
  return {
    invoices: told.sort((a, b) => (a.invoiceId < b.invoiceId ? -1 : 1)),
    events: stamps.length,
    from: edge((a, b) => (a < b ? a : b)),
    to: edge((a, b) => (a > b ? a : b)),
  };
};
