// The present state of a customer: what is asked of Stripe for it, and the facts that the answers come to.
import type Stripe from 'stripe';
import { OutsideError, type RefreshAlso } from '../../core/ports.ts';
import type { Fact } from '../../core/recovery/fact.ts';
import { addDays, addMs, MINUTE_MS, toMs, type Instant } from '../../core/time.ts';
import { customerTold, methodTold, sourceTold, subscriptionTold } from './customer.ts';
import { disputeTold } from './dispute.ts';
import { reading, readingMaybe } from './errors.ts';
import { answered, type Told, type Translator } from './event.ts';
import { invoicePayments, invoiceTold, type InvoicePayment } from './invoice.ts';
import { readCharge, type ListedCharge } from './payment.ts';
import { isJsonObject, own, type Json } from './shapes.ts';

/**
 * What is brought along with an invoice. Stripe expands four levels deep and counts `data` of a list as one,
 * so the charges behind `payments` are out of reach and come by a list of their own. Source:
 * docs.stripe.com/expand, github.com/stripe/stripe-java/issues/2011.
 */
const WITH_INVOICE = ['payments', 'parent.subscription_details.subscription'];
const WITH_CUSTOMER = ['invoice_settings.default_payment_method', 'default_source'];

/** Invoices made earlier than this are asked for only by their ids. */
const DAYS_BACK = 400;
const PAGE = 100;
/** Invoices asked for that the first page does not hold: so many pages in all, then so many one by one. */
const MAX_PAGES = 3;
const MAX_SINGLE = 10;
/** Charges disputed this long ago at most, and the newest so many, have their disputes asked for. */
const DISPUTE_DAYS = 120;
const MAX_DISPUTED = 3;

const jsonOf = (object: object): Json => object as Json;

const idOf = (object: unknown): string | null => {
  const id = isJsonObject(object) ? own(object, 'id') : object;
  return typeof id === 'string' ? id : null;
};

/** Everything that was asked for, as Stripe answered. */
type Answers = {
  readonly customer: Json;
  readonly invoices: readonly Json[];
  readonly charges: readonly ListedCharge[];
  readonly disputes: readonly Json[];
  /** Asked for besides; empty unless wanted. */
  readonly methods: readonly Json[];
  readonly subscriptions: readonly Json[];
};

const listInvoices = async (
  stripe: Stripe,
  customer: string,
  now: Instant,
  after: string | null,
): Promise<{ readonly data: readonly Json[]; readonly more: boolean } | null> => {
  const list = await readingMaybe('listing the invoices of a customer', () =>
    stripe.invoices.list({
      customer,
      limit: PAGE,
      created: { gte: Math.floor(toMs(addDays(now, -DAYS_BACK)) / 1000) },
      expand: [...WITH_INVOICE, 'customer', ...WITH_CUSTOMER.map((field) => `customer.${field}`)].map(
        (field) => `data.${field}`,
      ),
      ...(after !== null && { starting_after: after }),
    }),
  );
  return list && { data: list.data.map(jsonOf), more: list.has_more };
};

const listCharges = async (stripe: Stripe, customer: string): Promise<readonly ListedCharge[]> => {
  const list = await readingMaybe('listing the charges of a customer', () =>
    stripe.charges.list({ customer, limit: PAGE, expand: ['data.payment_intent'] }),
  );
  return (list?.data ?? []).map((charge) => {
    const told = readCharge(charge);
    if (!told.ok) throw unreadable(told.reason);
    return told.value;
  });
};

/** The invoices asked for by id that are not there yet, at most {@link MAX_SINGLE} one by one. */
const findInvoices = async (
  stripe: Stripe,
  customer: string,
  wanted: readonly string[],
  now: Instant,
): Promise<readonly Json[]> => {
  const found: Json[] = [];
  const missing = () => wanted.filter((id) => !found.some((invoice) => own(invoice, 'id') === id));
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const list = await listInvoices(stripe, customer, now, idOf(found.at(-1) ?? null));
    if (list === null) return [];
    found.push(...list.data);
    if (!list.more || missing().length === 0) break;
  }
  for (const id of missing().slice(0, MAX_SINGLE)) {
    const invoice = await readingMaybe('reading an invoice', () =>
      stripe.invoices.retrieve(id, { expand: WITH_INVOICE }),
    );
    if (invoice) found.push(jsonOf(invoice));
  }
  return found;
};

/** docs.stripe.com/api/payment_methods/customer_list */
const listMethods = async (stripe: Stripe, customer: string): Promise<readonly Json[]> => {
  const list = await readingMaybe('listing the payment methods of a customer', () =>
    stripe.customers.listPaymentMethods(customer, { limit: PAGE }),
  );
  return (list?.data ?? []).map(jsonOf);
};

/**
 * All of them, those that have ended too: what was known to run would seem to run on when the event of its end was
 * missed. docs.stripe.com/api/subscriptions/list
 */
const listSubscriptions = async (stripe: Stripe, customer: string): Promise<readonly Json[]> => {
  const list = await readingMaybe('listing the subscriptions of a customer', () =>
    stripe.subscriptions.list({
      customer,
      status: 'all',
      limit: PAGE,
      expand: ['data.default_payment_method'],
    }),
  );
  return (list?.data ?? []).map(jsonOf);
};

/** An invoice brings its customer along; without any, the customer is asked for. */
const findCustomer = async (stripe: Stripe, customer: string, invoices: readonly Json[]): Promise<Json> => {
  const brought = invoices.map((invoice) => own(invoice, 'customer')).find(isJsonObject);
  if (brought) return brought;
  return jsonOf(
    await reading('reading a customer', () =>
      stripe.customers.retrieve(customer, { expand: [...WITH_CUSTOMER] }),
    ),
  );
};

const findDisputes = async (
  stripe: Stripe,
  charges: readonly ListedCharge[],
  now: Instant,
): Promise<readonly Json[]> => {
  const since = addDays(now, -DISPUTE_DAYS);
  const disputed = charges.filter((charge) => charge.disputed && charge.at > since).slice(0, MAX_DISPUTED);
  const found: Json[] = [];
  for (const { id } of disputed) {
    const list = await reading('listing the disputes of a charge', () =>
      stripe.disputes.list({ charge: id }),
    );
    found.push(...list.data.map(jsonOf));
  }
  return found;
};

const unreadable = (reason: string): OutsideError =>
  new OutsideError(`Stripe, refreshing a customer: the answer cannot be read: ${reason}`, 'never');

const factsIn = (told: Told): readonly Fact[] => {
  if (told.kind === 'refused') throw unreadable(told.reason);
  return told.kind === 'facts' ? told.facts : told.kind === 'unrouted' ? [told.fact] : [];
};

/**
 * The facts of an object that Stripe answered with; none when it is not there. Throws when it cannot be read.
 */
export const translated = (object: unknown, as: Translator, now: Instant): readonly Fact[] =>
  isJsonObject(object) ? factsIn(as(answered(object, now))) : [];

/**
 * The facts of a customer with what they pay with, as far as that is expanded. Throws when it cannot be read.
 */
export const customerFacts = (customer: Json, now: Instant): readonly Fact[] => {
  if (own(customer, 'deleted') === true) return [{ kind: 'customer-deleted', at: now, source: 'refresh' }];
  return [
    ...translated(customer, customerTold, now),
    ...translated(own(own(customer, 'invoice_settings'), 'default_payment_method'), methodTold, now),
    ...translated(own(customer, 'default_source'), sourceTold(true), now),
  ];
};

/**
 * The facts of a subscription, and of the method it charges where that is expanded. Throws when it cannot be
 * read.
 */
export const subscriptionFacts = (subscription: unknown, now: Instant): readonly Fact[] => [
  ...translated(subscription, subscriptionTold(null), now),
  ...translated(own(subscription, 'default_payment_method'), methodTold, now),
];

/** The invoice that a payment belongs to, by payment intent or charge. */
type Links = ReadonlyMap<string, { readonly invoice: Json; readonly payment: InvoicePayment }>;

const linksOf = (invoices: readonly Json[]): Links =>
  new Map(
    invoices.flatMap((invoice) =>
      invoicePayments(invoice).map((payment) => [payment.paymentId, { invoice, payment }] as const),
    ),
  );

const linkOf = (links: Links, charge: ListedCharge) =>
  links.get(charge.id) ?? (charge.paymentIntentId === null ? undefined : links.get(charge.paymentIntentId));

/**
 * When a charge's money came back at the earliest; null when it did not. Stripe marks a pending debit that
 * failed and a success that was taken back alike; only of the latter does the invoice count as paid by it,
 * and by no other charge. An event about it knows the time, which is later and so is the one that is kept.
 */
const cameBackAfter = (
  charge: ListedCharge,
  link: ReturnType<typeof linkOf>,
  charges: readonly ListedCharge[],
): Instant | null => {
  if (!charge.wasBooked || !link?.payment.paidAt) return null;
  const paidByAnother = charges.some(
    (other) => other.status === 'succeeded' && other.paymentIntentId === charge.paymentIntentId,
  );
  return paidByAnother ? null : addMs(link.payment.paidAt, MINUTE_MS);
};

const failedCharge = (
  charge: ListedCharge,
  links: Links,
  charges: readonly ListedCharge[],
): Extract<Fact, { kind: 'attempt' | 'reversal' }> => {
  const link = linkOf(links, charge);
  const invoiceId = idOf(link?.invoice ?? null) ?? charge.attempt.invoiceId;
  const backAt = cameBackAfter(charge, link, charges);
  if (backAt === null) {
    return { kind: 'attempt', at: charge.at, source: 'refresh', attempt: { ...charge.attempt, invoiceId } };
  }
  const reversal = {
    id: charge.id,
    at: backAt,
    amountMinor: charge.attempt.amountMinor ?? 0,
    currency: charge.attempt.currency ?? '',
    invoiceId,
    paymentIntentId: charge.paymentIntentId,
  };
  return { kind: 'reversal', at: backAt, source: 'refresh', reversal };
};

/** Whether the payments of the told invoices are on their way, by payment intent. */
const inFlightFacts = (
  charges: readonly ListedCharge[],
  told: ReadonlySet<Json>,
  links: Links,
  now: Instant,
): readonly Fact[] => {
  const processing = new Map<string, boolean>();
  for (const charge of charges) {
    const link = linkOf(links, charge);
    if (charge.paymentIntentId === null || !link || !told.has(link.invoice)) continue;
    const onItsWay = charge.intentStatus === 'processing' || charge.status === 'pending';
    processing.set(charge.paymentIntentId, onItsWay || processing.get(charge.paymentIntentId) === true);
  }
  return [...processing].map(([paymentIntentId, onItsWay]) => ({
    kind: 'in-flight',
    at: now,
    source: 'refresh',
    paymentIntentId,
    processing: onItsWay,
  }));
};

/**
 * The facts of all answers. Told are the open invoices, those asked for, and those whose payment came back.
 */
const factsOf = (answers: Answers, wanted: readonly string[], now: Instant): readonly Fact[] => {
  const { customer, invoices, charges, disputes, methods } = answers;
  const links = linksOf(invoices);
  const failed = charges
    .filter(({ status }) => status === 'failed')
    .map((charge) => failedCharge(charge, links, charges));
  const asked = new Set(wanted);
  for (const fact of failed) {
    if (fact.kind === 'reversal' && fact.reversal.invoiceId !== null) asked.add(fact.reversal.invoiceId);
  }
  const told = invoices.filter(
    (invoice) =>
      idOf(own(invoice, 'customer')) === idOf(customer) &&
      (own(invoice, 'status') === 'open' || asked.has(idOf(invoice) ?? '')),
  );
  const billed = told.map((invoice) =>
    own(own(own(invoice, 'parent'), 'subscription_details'), 'subscription'),
  );
  const subscriptions = new Map([...billed, ...answers.subscriptions].map((each) => [idOf(each), each]));
  return [
    ...customerFacts(customer, now),
    ...methods.flatMap((method) => translated(method, methodTold, now)),
    ...[...subscriptions.values()].flatMap((each) => subscriptionFacts(each, now)),
    ...told.flatMap((invoice) => translated(invoice, invoiceTold, now)),
    ...failed,
    ...inFlightFacts(charges, new Set(told), links, now),
    ...disputes.flatMap((dispute) => translated(dispute, disputeTold(null), now)),
  ];
};

/** Waits for all reads even if one fails: no request is left under way behind the caller's back. */
const together = async <T extends readonly unknown[]>(
  ...reads: { readonly [K in keyof T]: Promise<T[K]> }
): Promise<{ readonly [K in keyof T]: T[K] }> => {
  await Promise.allSettled(reads);
  return Promise.all(reads);
};

const NONE: readonly Json[] = [];

/**
 * Asks for the present state of a customer: the invoices, each with its payments, subscription and customer,
 * and the newest 100 charges. Two calls; further ones only for what these do not hold: what is wanted `also`
 * (1 each: the stored payment methods; the newest subscriptions, each with the method it charges;
 * at most 100 of both), a customer without invoices (1), invoices of `wanted` that are older or many
 * ({@link MAX_PAGES} pages in all, then {@link MAX_SINGLE} one by one; those beyond stay as they are known),
 * disputes of recent charges ({@link MAX_DISPUTED}).
 *
 * A deleted customer is told as such. One that Stripe has never heard of is an error, not a deletion: it
 * means that the key is of another account or mode, and a deletion could not be taken back. An invoice that
 * is gone tells nothing. Throws {@link OutsideError}.
 */
export const refreshCustomer = async (
  stripe: Stripe,
  customerId: string,
  wanted: readonly string[],
  now: Instant,
  also: RefreshAlso,
): Promise<readonly Fact[]> => {
  const [invoices, charges, methods, subscriptions] = await together(
    findInvoices(stripe, customerId, wanted, now),
    listCharges(stripe, customerId),
    also.methods ? listMethods(stripe, customerId) : Promise.resolve(NONE),
    also.subscriptions ? listSubscriptions(stripe, customerId) : Promise.resolve(NONE),
  );
  const customer = await findCustomer(stripe, customerId, invoices);
  const disputes = await findDisputes(stripe, charges, now);
  return factsOf({ customer, invoices, charges, disputes, methods, subscriptions }, wanted, now);
};
