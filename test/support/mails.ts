// Mail requests for tests: one plain and complete, from which each test says what differs.
import type { Templates } from '../../adapters/email/templates.ts';
import { loadEmails } from '../../local/emails.ts';
import { customerKey } from '../../core/ids.ts';
import { money, sumByCurrency } from '../../core/money.ts';
import { messageOf } from '../../core/ports.ts';
import type { MailInvoice, MailNotice, MailRequest, Message, Sender } from '../../core/ports.ts';
import { instantFromMs } from '../../core/time.ts';
import type { Instant } from '../../core/time.ts';

/** The emails as they ship. */
export const shippedTemplates = (): Templates => loadEmails();

/** An instant from any ISO 8601 text. */
export const at = (text: string): Instant => instantFromMs(Date.parse(text));

export const SENDER: Sender = {
  name: 'Acme Radio',
  email: 'billing@acme.example',
  replyTo: 'help@acme.example',
  supportEmail: 'support@acme.example',
};

/** An invoice of `minor` units, with a number and a page of its own unless told otherwise. */
export const anInvoice = (minor: number, currency: string, more: Partial<MailInvoice> = {}): MailInvoice => ({
  number: 'R-1001',
  amount: money(minor, currency),
  payUrl: 'https://pay.example/i/1001',
  ...more,
});

/** Messages about what lies ahead: nothing is owed. */
export const AHEAD: readonly Message[] = ['card-expiring', 'card-expired', 'renewal-notice', 'trial-ending'];
/** What tells of a date: those, and the due date of an invoice, which is owed. */
export const DATED: readonly Message[] = [...AHEAD, 'invoice-due'];

/** What lies ahead: the morning of a last day of a month, and 29 euros. */
export const A_NOTICE: MailNotice = { date: at('2026-05-31T07:00:00Z'), amount: money(2900, 'EUR') };

/**
 * A request with nothing missing: a known person, card and address, one invoice, a next try, an end
 * date. One about what lies ahead has its notice, and no invoice.
 */
export const aMailRequest = (more: Partial<MailRequest> = {}): MailRequest => {
  const { message = 'payment-failed' } = more;
  const isAhead = AHEAD.includes(messageOf(message));
  const invoices = more.invoices ?? (isAhead ? [] : [anInvoice(4900, 'EUR')]);
  return {
    to: 'anna@customer.example',
    message,
    language: 'en',
    customerKey: customerKey('stripe', 'cus_1'),
    caseId: 'case_in_1',
    subjectId: 'in_1',
    stepId: 'first-mail',
    customerName: 'Anna Berg',
    invoices,
    totals: sumByCurrency(invoices.map(({ amount }) => amount)),
    payUrl: 'https://pay.example/p/abc?x=1&y=2',
    cardLast4: '4242',
    nextAttemptAt: at('2026-03-16T13:00:00Z'),
    endsAt: at('2026-03-30T12:00:00Z'),
    notice: DATED.includes(messageOf(message)) ? A_NOTICE : null,
    timeZone: 'Europe/Berlin',
    sender: SENDER,
    ...more,
  };
};
