// An export of Stripe's own events read on its own: what failed of each invoice and what became of it. No code of the books is used.
import * as v from 'valibot';
import type { ExportedInvoice } from '../../core/reports/tie-out.ts';
import { instantFromSeconds } from '../../core/time.ts';
import { isJsonObject, own } from './shapes.ts';

/** The events that say that a payment of an invoice failed, or that the customer has to act. */
const FAILING: ReadonlySet<string> = new Set(['invoice.payment_failed', 'invoice.payment_action_required']);

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
  due_date: v.nullish(v.number(), null),
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

type Moment = { readonly at: number; readonly object: Told['data']['object'] };

/**
 * A sent invoice fails by its due date, and `invoice.overdue` comes only where it is switched on: the last that was told before
 * it was due, and all that was told since. Empty: it was settled by then, or is not due yet.
 * Source: docs.stripe.com/invoicing/automatic-collection#overdue-invoices.
 */
const sinceDue = (told: readonly Told[], until: number): readonly Moment[] => {
  const overdue = told.find(({ type }) => type === 'invoice.overdue');
  const due = told.map(({ data }) => data.object.due_date).find((at) => at !== null) ?? overdue?.created;
  if (due === undefined || due === null || due > until) return [];
  const ordered = told.toSorted((a, b) => (isLater(b, a) ? -1 : 1));
  const [before, after] = [
    ordered.filter(({ created }) => created <= due),
    ordered.filter(({ created }) => created > due),
  ];
  const last = before.at(-1) ?? overdue;
  const moments = last?.data.object.status === 'open' || overdue ? [...(last ? [last] : []), ...after] : [];
  return moments.map(({ data }) => ({ at: due, object: data.object }));
};

/** When a payment of an invoice first failed, as it stood then; of a sent one also as it stood later. */
const failuresOf = (told: readonly Told[], until: number): readonly Moment[] => {
  if (told.some(({ data }) => data.object.collection_method === 'send_invoice')) return sinceDue(told, until);
  return told
    .filter(({ type }) => FAILING.has(type))
    .toSorted((a, b) => a.created - b.created)
    .slice(0, 1)
    .map(({ created, data }) => ({ at: created, object: data.object }));
};

const DAY_S = 86_400;

/** A sent invoice of which nobody told that it was overdue, and which was settled within a day after it was due. */
const isBrief = (told: readonly Told[], due: number): boolean =>
  !told.some(({ type }) => FAILING.has(type) || type === 'invoice.overdue') &&
  told.some(({ created, data }) => data.object.status !== 'open' && created <= due + DAY_S);

/** One invoice of which a payment failed; null when none did. `until`: the export reaches so far, in seconds. */
const exported = (told: readonly Told[], until: number): ExportedInvoice | null => {
  const failures = failuresOf(told, until).filter(({ object }) => object.amount_due > 0);
  const [first] = failures;
  if (first === undefined) return null;
  const now = told.reduce((a, b) => (isLater(b, a) ? b : a)).data.object;
  const { object, at } = first;
  return {
    invoiceId: object.id,
    customerId: idOf(object.customer),
    currency: object.currency.toUpperCase(),
    failedAt: instantFromSeconds(at),
    isFirstPayment: object.billing_reason === 'subscription_create',
    isSent: object.collection_method === 'send_invoice',
    isBrief: isBrief(told, at),
    status: now.status === 'draft' ? 'open' : now.status,
    owed: failures.map(({ object: then }) => ({
      failedMinor: then.amount_remaining || then.amount_due,
      paidMinor: now.amount_paid - then.amount_paid,
      creditedMinor: now.pre_payment_credit_notes_amount - then.pre_payment_credit_notes_amount,
    })),
  };
};

const deletion = v.looseObject({
  type: v.literal('customer.deleted'),
  created: v.number(),
  data: v.looseObject({ object: v.looseObject({ id: v.string() }) }),
});

/** When each customer that is no more was deleted: nothing of theirs falls due after that. */
const deletedAt = (all: readonly unknown[]): ReadonlyMap<string, number> =>
  new Map(
    all.flatMap((one) => {
      const told = v.safeParse(deletion, one);
      return told.success ? [[told.output.data.object.id, told.output.created] as const] : [];
    }),
  );

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
  const until = stamps.reduce((a, b) => Math.max(a, b), 0);
  const deleted = deletedAt(all);
  const told = [...byInvoice(all).values()].flatMap((one) => {
    const customerId = idOf(one[0]?.data.object.customer);
    return exported(one, Math.min(until, deleted.get(customerId ?? '') ?? until)) ?? [];
  });
  const edge = (pick: (a: number, b: number) => number) =>
    stamps.length === 0 ? null : instantFromSeconds(stamps.reduce(pick));
  return {
    invoices: told.sort((a, b) => (a.invoiceId < b.invoiceId ? -1 : 1)),
    events: stamps.length,
    from: edge((a, b) => (a < b ? a : b)),
    to: edge((a, b) => (a > b ? a : b)),
  };
};
