// What a mail about a case may say: everything that is still owed, and nothing that will not come true.
import { money, sumByCurrency } from '../money.ts';
import type { MailInvoice, MailRequest, OperatorNotice } from '../ports.ts';
import type { Instant } from '../time.ts';
import { newestAttempt, readDecline, type DueStep } from './agenda.ts';
import {
  addressOf,
  contactOf,
  type ArmedAction,
  type Customer,
  type Facts,
  type Invoice,
  type InvoiceBook,
  type Ladder,
  type RecoveryCase,
} from './customer.ts';
import { zoneOfCustomer } from './customer-zone.ts';
import { invoiceOf } from './ladders.ts';
import { mailLanguage } from './mail-language.ts';
import { own } from './merge.ts';
import { lostPlansIn } from './plan-lost.ts';
import type { Campaign, Policy } from './policy.ts';
import { isSpared } from './restraint.ts';
import { senderFor, threadOf } from './sender.ts';
import { amountsOf } from './settle.ts';
import { CANCELLED, RECOVERED, UNREACHABLE } from './step-ids.ts';

/** A step of one ladder that is due. */
export type Wish = {
  readonly ladder: Ladder;
  readonly due: DueStep;
  readonly endsAt: Instant;
  readonly nextTryAt: Instant | null;
};

/** Which of an invoice's money a message is about: what was paid, what was lost, else what is still owed. */
const shownOf = (facts: Facts, book: InvoiceBook, message: string): number => {
  if (message === RECOVERED) return book.recoveredMinor;
  if (message === CANCELLED) return book.lostMinor;
  return book.openMinor > 0 ? owedOf(facts, book) : 0;
};

/** The invoices of a mail, that of the failure it is about first. */
const invoicesOf = ({ facts, recovery }: Customer, ladder: Ladder, message: string): MailInvoice[] => {
  const isAbout = ({ subjectId }: InvoiceBook) => Number(subjectId === ladder.subjectId);
  const open = recovery.case as RecoveryCase;
  // Of what was lost only that for which a plan has ended: another plan may run on.
  const lost = message === CANCELLED ? lostPlansIn(facts, open).map(({ subjectId }) => subjectId) : null;
  return open.books
    .filter(({ subjectId }) => lost?.includes(subjectId) ?? true)
    .map((book) => ({ book, minor: shownOf(facts, book, message) }))
    .filter(({ book, minor }) => minor > 0 || book.openMinor > 0)
    .sort((a, b) => isAbout(b.book) - isAbout(a.book))
    .map(({ book, minor }) => {
      const invoice = own(facts.invoices, book.invoiceId);
      return {
        number: invoice?.details.value.number ?? null,
        amount: money(minor, book.currency),
        payUrl: invoice?.details.value.hostedUrl ?? null,
      };
    });
};

/** Where the button leads: to the payment; once a plan has ended to the way back; after a payment nowhere. */
const pageFor = (message: string, invoice: Invoice | null, { wayBackUrl }: Policy): string | null => {
  if (message === RECOVERED) return null;
  return message === CANCELLED ? (wayBackUrl ?? null) : (invoice?.details.value.hostedUrl ?? null);
};

/** The mail of a step: everything that is still owed, the failure it is about first. */
export const mailOf = (
  customer: Customer,
  wish: Wish,
  action: ArmedAction,
  policy: Policy,
): MailRequest | null => {
  const { facts, recovery } = customer;
  const { message } = wish.due;
  const contact = contactOf(facts);
  const to = addressOf(facts);
  if (to === null || message === null) return null;
  const invoices = invoicesOf(customer, wish.ladder, message);
  const subject = own(facts.invoices, wish.ladder.invoiceId);
  const steps = (recovery.case as RecoveryCase).ladders.flatMap((ladder) => ladder.steps);
  return {
    to,
    message,
    language: mailLanguage(contact, policy),
    customerKey: customer.key,
    caseId: action.caseId,
    subjectId: action.subjectId,
    stepId: action.stepId,
    // Whoever else is written to is not greeted by the customer's name.
    customerName: to === contact.email ? contact.name : null,
    invoices,
    totals: sumByCurrency(invoices.map((invoice) => invoice.amount)),
    payUrl: pageFor(message, subject, policy),
    cardLast4: newestAttempt(facts, wish.ladder.invoiceId)?.card?.last4 ?? null,
    nextAttemptAt: wish.nextTryAt,
    endsAt: message === 'final-notice' ? wish.endsAt : null,
    ...(message === 'final-notice' && endsPlan(customer, wish.ladder, subject, policy) && { endsPlan: true }),
    notice: null,
    thread: threadOf(steps),
    timeZone: zoneOfCustomer(facts, policy),
    sender: senderFor(policy, null),
  };
};

/** What the business is told when mail reaches nobody any more, whatever its campaigns say. */
const NOBODY_LEFT = {
  kind: 'notify',
  to: 'email',
  note: 'Mail to every known address came back. Nothing more is written: find another address, or call.',
} as const;

/** What the business itself is told by a step: the same money as a mail would name, and no person. */
export const operatorNoticeOf = (
  { key, facts, recovery }: Customer,
  { ladder, due }: Wish,
  action: ArmedAction,
  campaign: Campaign,
  policy: Policy,
): OperatorNotice | null => {
  const step = due.stepId === UNREACHABLE ? NOBODY_LEFT : campaign.steps.find(({ id }) => id === due.stepId);
  if (step?.kind !== 'notify') return null;
  const open = recovery.case as RecoveryCase;
  const invoices = open.books
    .filter((book) => book.openMinor > 0)
    .map((book) => ({
      number: own(facts.invoices, book.invoiceId)?.details.value.number ?? null,
      amount: money(owedOf(facts, book), book.currency),
      payUrl: null,
    }));
  const reading = readDecline(facts, invoiceOf(facts, ladder));
  return {
    to: step.to,
    email: step.to === 'email' ? (policy.operator?.email ?? null) : null,
    key: action.key,
    customerKey: key,
    caseId: action.caseId,
    subjectId: action.subjectId,
    stepId: action.stepId,
    campaignId: campaign.id,
    note: step.note ?? null,
    failedAt: ladder.anchor,
    fails: { class: reading.class, because: reading.because },
    invoices,
    totals: sumByCurrency(invoices.map(({ amount }) => amount)),
    sender: policy.sender,
  };
};

/** Whether what the customer subscribed to ends with the campaign. At the end of a period it may not be that day yet. */
const endsPlan = (customer: Customer, ladder: Ladder, invoice: Invoice | null, policy: Policy): boolean =>
  !isSpared(customer, ladder, policy) &&
  (invoice?.details.value.subscriptionId ?? null) !== null &&
  policy.campaigns.find(({ id }) => id === ladder.campaignId)?.end.action === 'cancel';

/** What a customer is asked to pay: what the provider says remains, so that the mail and the pay page agree. */
export const owedOf = (facts: Facts, book: InvoiceBook): number => {
  const invoice = book.subjectId === book.invoiceId ? own(facts.invoices, book.invoiceId) : null;
  return invoice ? amountsOf(facts, invoice).remaining : book.openMinor;
};
