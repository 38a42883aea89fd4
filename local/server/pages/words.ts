// How pages write times, money and the steps of a case.
import { formatMoney, type Money } from '../../../core/money.ts';
import type { Outcome } from '../../../core/recovery/customer.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, toMs, type Instant } from '../../../core/time.ts';
import type { Forecast } from '../forecast.ts';

const DATE = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'UTC',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
});

/** `24 Nov 2026`, UTC. */
export const date = (at: Instant): string => DATE.format(toMs(at));

/** `24 Nov 2026, 09:30`, UTC. */
export const dateAndTime = (at: Instant): string => `${date(at)}, ${at.slice(11, 16)}`;

/** How far away a moment is: `in 3 days`, `2 hours ago`, `now`. */
export const distance = (at: Instant, now: Instant): string => {
  const ms = toMs(at) - toMs(now);
  const size = Math.abs(ms);
  if (size < MINUTE_MS) return 'now';
  const [count, unit] =
    size < HOUR_MS
      ? [Math.round(size / MINUTE_MS), 'minute']
      : size < 2 * DAY_MS
        ? [Math.round(size / HOUR_MS), 'hour']
        : [Math.round(size / DAY_MS), 'day'];
  const text = plural(count, unit);
  return ms > 0 ? `in ${text}` : `${text} ago`;
};

/** `1 case`, `3 cases`, `1,200 cases`. */
export const plural = (count: number, noun: string): string =>
  `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;

/** An amount in its currency's own form, so that it does not break over a line. */
export const amount = (money: Money): string => formatMoney(money, 'en').replaceAll(' ', '\u00A0');

export const OUTCOMES = ['open', 'recovered', 'lost', 'withdrawn'] as const satisfies readonly Outcome[];

export const OUTCOME_WORDS: Readonly<Record<Outcome, string>> = {
  open: 'Open',
  recovered: 'Recovered',
  lost: 'Lost',
  withdrawn: 'Withdrawn',
};

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

/** What comes next, in a few words. */
export const nextWords = (next: Forecast): string => {
  if (next.kind === 'act') return stepWords(next.does, next.message, next.step);
  if (next.kind === 'close') return `Closes as ${next.outcome}`;
  return 'Waits for news';
};
