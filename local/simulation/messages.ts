// Which messages ask for money, which tell of what lies ahead, and which come after the end.
import { messageOf, type MailText, type Message } from '../../core/ports.ts';
import type { Stream } from '../../core/recovery/customer.ts';

const NOTICES: ReadonlySet<Message> = new Set([
  'card-expiring',
  'card-expired',
  'renewal-notice',
  'trial-ending',
  'invoice-due',
  'win-back',
]);

export const isNotice = (text: MailText): boolean => NOTICES.has(messageOf(text));

export const isAsking = (text: MailText): boolean =>
  text !== 'recovered' && text !== 'cancelled' && !isNotice(text);

/** What a reader of such a mail is taken off who wants no more of them; null = it is about a debt, or its end. */
export const streamOfMail = (text: MailText): Stream | null =>
  messageOf(text) === 'win-back' ? 'win_back' : isNotice(text) ? 'notices' : null;
