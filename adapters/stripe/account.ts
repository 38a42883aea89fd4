// A whole Stripe account, list by list and page by page: whose subscriptions run, and who owes what.
import type Stripe from 'stripe';
import { OutsideError, type Account, type AccountList, type AccountPage } from '../../core/ports.ts';
import type { Fact } from '../../core/recovery/fact.ts';
import { addDays, toMs, type Instant } from '../../core/time.ts';
import { LONGEST_LEAD_DAYS } from '../../core/recovery/upcoming.ts';
import { reading } from './errors.ts';
import { invoiceTold } from './invoice.ts';
import { customerFacts, subscriptionFacts, translated } from './refresh.ts';
import { isJsonObject, known, own, reference, stamp, type Json } from './shapes.ts';
import type { Accept } from './translate.ts';

/** Whether a subscription has ended. Not asked for its status, Stripe leaves out only what was cancelled. */
const hasEnded = (subscription: Json): boolean =>
  ['canceled', 'incomplete_expired'].some((status) => own(subscription, 'status') === status);

/**
 * What the account needs. `clientFor` is asked before every page; `acceptFor` says what a connection takes.
 */
export type StripeAccountOptions = {
  readonly clientFor: (connection: string) => Promise<Stripe>;
  readonly acceptFor: (connection: string) => Accept;
};

/** The most that Stripe gives. */
const PAGE = 100;

type Listed = { readonly data: readonly object[]; readonly has_more: boolean };
type Place = { readonly limit: number; readonly starting_after?: string };
type As = { readonly stripeAccount?: string };

type Rule = {
  readonly doing: string;
  readonly list: (stripe: Stripe, place: Place, now: Instant, as: As) => Promise<Listed>;
  /** What one object of the list tells besides its customer; none = it is not one of those looked for. */
  readonly facts: (object: Json, now: Instant) => readonly Fact[];
};

/** Stripe expands four levels deep and counts `data` as one. docs.stripe.com/expand */
const WITH_SUBSCRIPTION = [
  'data.customer',
  'data.customer.invoice_settings.default_payment_method',
  'data.customer.default_source',
  'data.default_payment_method',
];

type InvoiceFact = Extract<Fact, { kind: 'invoice' }>;

const secondsOf = (at: Instant): number => Math.floor(toMs(at) / 1000);

const invoicesIn = (object: Json, now: Instant): readonly InvoiceFact[] =>
  translated(object, invoiceTold, now).filter((fact) => fact.kind === 'invoice');

/**
 * An invoice whose automatic payment was tried and that is still open. The list does not say when the payment
 * failed: it failed first when the invoice was finalised, or soon after, and that is what is told.
 */
const asFailed = (object: Json, fact: InvoiceFact): readonly Fact[] => {
  const { schedule, details } = fact.invoice;
  if (schedule.attemptCount === 0) return [];
  const finalizedAt = known(stamp, own(own(object, 'status_transitions'), 'finalized_at'));
  return [{ ...fact, failure: { at: finalizedAt ?? details.createdAt, reason: 'declined' } }];
};

/** Source: docs.stripe.com/api/subscriptions/list, docs.stripe.com/api/invoices/list. */
const RULES: Readonly<Record<AccountList, Rule>> = {
  subscriptions: {
    doing: 'listing the subscriptions of the account',
    list: (stripe, place, _, as) => stripe.subscriptions.list({ ...place, expand: WITH_SUBSCRIPTION }, as),
    facts: (object, now) => (hasEnded(object) ? [] : subscriptionFacts(object, now)),
  },
  due_invoices: {
    doing: 'listing the invoices of the account that fall due soon',
    list: (stripe, place, now, as) =>
      stripe.invoices.list(
        {
          ...place,
          status: 'open',
          collection_method: 'send_invoice',
          due_date: { gt: secondsOf(now), lte: secondsOf(addDays(now, LONGEST_LEAD_DAYS)) },
          expand: ['data.customer'],
        },
        as,
      ),
    facts: invoicesIn,
  },
  overdue_invoices: {
    doing: 'listing the overdue invoices of the account',
    list: (stripe, place, now, as) =>
      stripe.invoices.list(
        {
          ...place,
          status: 'open',
          collection_method: 'send_invoice',
          due_date: { lte: secondsOf(now) },
          expand: ['data.customer'],
        },
        as,
      ),
    facts: (object, now) => invoicesIn(object, now).filter(({ failure }) => failure !== null),
  },
  failed_invoices: {
    doing: 'listing the failed invoices of the account',
    list: (stripe, place, _, as) =>
      stripe.invoices.list(
        {
          ...place,
          status: 'open',
          collection_method: 'charge_automatically',
          expand: ['data.customer'],
        },
        as,
      ),
    facts: (object, now) => invoicesIn(object, now).flatMap((fact) => asFailed(object, fact)),
  },
};

/**
 * The facts of one object with those of its customer; none for a customer that was deleted or cannot be read.
 */
const factsOf = (rule: Rule, object: Json, now: Instant): readonly Fact[] => {
  const customer = own(object, 'customer');
  if (own(customer, 'deleted') === true) return [];
  try {
    const facts = rule.facts(object, now);
    if (facts.length === 0) return [];
    return [...(isJsonObject(customer) ? customerFacts(customer, now) : []), ...facts];
  } catch (error) {
    // One object of a page that cannot be read is no reason to give up the page.
    if (error instanceof OutsideError) return [];
    throw error;
  }
};

/** One entry a customer, in the order of the list. */
const byCustomer = (rule: Rule, objects: readonly Json[], now: Instant): AccountPage['customers'] => {
  const customers = new Map<string, Fact[]>();
  for (const object of objects) {
    const customerId = known(reference, own(object, 'customer'));
    const facts = factsOf(rule, object, now);
    if (customerId === null || facts.length === 0) continue;
    customers.set(customerId, [...(customers.get(customerId) ?? []), ...facts]);
  }
  return [...customers].map(([customerId, facts]) => ({ customerId, facts }));
};

const mode = (livemode: boolean): string => (livemode ? 'live' : 'test');

/** A key of the other mode answers with customers that no event of this connection will ever be about. */
const checkMode = (doing: string, objects: readonly Json[], { livemode }: Accept): void => {
  if (livemode === null || !objects.some((object) => own(object, 'livemode') === !livemode)) return;
  throw new OutsideError(
    `Stripe, ${doing}: the API key is one of ${mode(!livemode)} mode, and this connection takes ` +
      `${mode(livemode)} events: put a key of that mode into its secret`,
    'never',
  );
};

/**
 * Makes the account. Each page is one GET of 100 at most, in the name of the connection's account when it has
 * one. What cannot be read, and who was deleted, is left out. Errors come as in the event log: throws {@link
 * OutsideError}. Stripe lists the newest first, so what comes into being during a walk is not on its later
 * pages.
 */
export const createStripeAccount = ({ clientFor, acceptFor }: StripeAccountOptions): Account => ({
  read: async (connection, list, after, now) => {
    const stripe = await clientFor(connection);
    const accept = acceptFor(connection);
    const rule = RULES[list];
    const place = { limit: PAGE, ...(after !== null && { starting_after: after }) };
    const as = accept.account === null ? {} : { stripeAccount: accept.account };
    const { data, has_more: more } = await reading(rule.doing, () => rule.list(stripe, place, now, as));
    const objects = data.filter(isJsonObject);
    checkMode(rule.doing, objects, accept);
    const last = known(reference, objects.at(-1));
    if (more && last === null)
      throw new OutsideError(`Stripe, ${rule.doing}: more are promised than were sent`, 'later');
    return { customers: byCustomer(rule, objects, now), next: more ? last : null };
  },
});
