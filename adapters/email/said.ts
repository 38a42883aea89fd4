// What is kept of a mail's words, and the words made of it again: without names, digits of cards and links.
import { createHash } from 'node:crypto';
import { hash32, type CustomerKey } from '../../core/ids.ts';
import type { Mail, MailInvoice, MailRequest, MailText, Sender } from '../../core/ports.ts';
import type { Said } from '../../core/recovery/customer.ts';
import { HIDDEN_LAST4 } from './inert.ts';
import type { Templates } from './templates.ts';
import type { Values } from './words.ts';

/** The version of a folder of emails: another text, another layout, another version. */
export const versionOf = (templates: Templates): string =>
  createHash('sha256').update(JSON.stringify(templates)).digest('hex').slice(0, 12);

/** What of the sender stands in a mail's words. */
const senderVersion = ({ name, supportEmail, postalAddress }: Sender): string =>
  hash32(JSON.stringify([name, supportEmail, postalAddress ?? null])).toString(16);

/** The version of what a mail is made with. */
export const madeWith = (templatesVersion: string, sender: Sender): string =>
  `${templatesVersion}.${senderVersion(sender)}`;

/** How a mail was made: with which words, the values in them, and how many invoices it lists. */
type Made = {
  readonly version: string;
  readonly language: string;
  readonly values: Values;
  readonly leads: boolean;
  readonly unsubscribes: boolean;
  readonly listed: number;
};

/** What is kept of a mail: what it could say, and nothing that it was given besides. */
export const saidOf = (request: MailRequest, made: Made): Said => {
  const { invoices, totals, nextAttemptAt, endsAt, notice, timeZone } = request;
  const { version, language, values, listed } = made;
  const isIn = (name: string) => (values[name] ?? null) !== null;
  const more = invoices.length - listed;
  return {
    version,
    language,
    timeZone,
    ...(invoices.length > 0 && {
      invoices: invoices.slice(0, listed).map(({ number, amount }) => ({ number, amount })),
    }),
    ...(more > 0 && { more, totals }),
    ...(isIn('nextAttempt') && nextAttemptAt !== null && { nextAttemptAt }),
    ...(isIn('ends') && endsAt !== null && { endsAt }),
    ...(request.endsPlan === true && { endsPlan: true }),
    ...(isIn('date') &&
      notice !== null && { notice: { date: notice.date, amount: isIn('amount') ? notice.amount : null } }),
    ...(isIn('name') && { named: true }),
    ...(isIn('last4') && { card: true }),
    ...(made.leads && { leads: true }),
    ...(made.unsubscribes && { unsubscribes: true }),
  };
};

/** Leads nowhere: RFC 2606. */
const NO_LINK = 'https://link.invalid/';
const NOBODY = 'nobody@example.invalid';

const invoicesOf = ({ invoices = [], more = 0 }: Said): MailInvoice[] => {
  const [first] = invoices;
  const listed = invoices.map(({ number, amount }) => ({ number, amount, payUrl: null }));
  // Those that were only counted are counted again; what they came to is in the totals.
  const counted = first ? Array.from({ length: more }, () => ({ ...first, number: null, payUrl: null })) : [];
  return [...listed, ...counted];
};

const requestOf = (said: Said, message: MailText, sender: Sender): MailRequest => ({
  to: NOBODY,
  message,
  language: said.language,
  customerKey: 'none/none' as CustomerKey,
  caseId: '',
  subjectId: '',
  stepId: '',
  customerName: null,
  invoices: invoicesOf(said),
  totals: said.totals ?? [],
  payUrl: said.leads ? NO_LINK : null,
  cardLast4: said.card ? HIDDEN_LAST4 : null,
  nextAttemptAt: said.nextAttemptAt ?? null,
  endsAt: said.endsAt ?? null,
  ...(said.endsPlan && { endsPlan: true }),
  notice: said.notice ?? null,
  ...(said.unsubscribes && { unsubscribeUrl: NO_LINK }),
  timeZone: said.timeZone,
  sender,
});

/** What was in a mail and is not kept. */
export type LeftOut = 'name' | 'card' | 'links';

/** A mail's words made again. `isAsSent`: with the templates and the sender of then; else with those of now. */
export type WordsAgain = Pick<Mail, 'subject' | 'text' | 'html'> & {
  readonly isAsSent: boolean;
  readonly leftOut: readonly LeftOut[];
};

/** Makes the words of a mail again; null when the present templates have none for it. */
export const wordsAgain = (
  compose: (request: MailRequest) => Mail,
  said: Said,
  message: string,
  sender: Sender,
): WordsAgain | null => {
  let mail: Mail;
  try {
    mail = compose(requestOf(said, message as MailText, sender));
  } catch {
    // A text or a value that the templates of today do not know: nothing is better than other words.
    return null;
  }
  const { subject, text, html } = mail;
  const leftOut: LeftOut[] = [];
  if (said.named) leftOut.push('name');
  if (said.card) leftOut.push('card');
  if (said.leads || said.unsubscribes) leftOut.push('links');
  return { subject, text, html, isAsSent: mail.said?.version === said.version, leftOut };
};
