// How pages write times, counts and the steps of a case.
import { toMs, type Instant } from '../../../core/time.ts';

const DATE = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'UTC',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
});

/** `24 Nov 2026`, UTC. */
const date = (at: Instant): string => DATE.format(toMs(at));

/** `24 Nov 2026, 09:30`, UTC. */
export const dateAndTime = (at: Instant): string => `${date(at)}, ${at.slice(11, 16)}`;

/** `1 case`, `3 cases`, `1,200 cases`. */
export const plural = (count: number, noun: string): string =>
  `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;

const MESSAGES: Readonly<Record<string, string>> = {
  'payment-failed': 'Mail: payment failed',
  'update-card': 'Mail: update the card',
  'confirm-payment': 'Mail: confirm the payment',
  reminder: 'Mail: reminder',
  'final-notice': 'Mail: final notice',
  recovered: 'Mail: thank you',
  'bank-debit-failed': 'Mail: direct debit failed',
  'invoice-overdue': 'Mail: invoice overdue',
  'card-expiring': 'Mail: card expires soon',
  'card-expired': 'Mail: card has expired',
  'renewal-notice': 'Mail: plan renews soon',
  'trial-ending': 'Mail: trial ends soon',
  cancelled: 'Mail: plan has ended',
  'win-back': 'Mail: welcome back',
};

/** A step as a person would say it. */
export const stepWords = (kind: string, message: string | null, id: string): string => {
  if (kind === 'email') return MESSAGES[message ?? ''] ?? `Mail: ${message ?? id}`;
  if (kind === 'retry') return `Retry: ${id}`;
  if (kind === 'notify') return `You are told: ${id}`;
  return kind === 'end' ? 'End of the campaign' : id;
};
