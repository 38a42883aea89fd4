// What lies ahead: the end of the card that is charged, a renewal, the end of a trial, a due date; and whom to win back.
import { invariant } from '../assert.ts';
import { hash32 } from '../ids.ts';
import {
  addDays,
  addLocalDays,
  addMs,
  DAY_MS,
  earlier,
  endOfLocalDay,
  startOfLocalDay,
  type Instant,
} from '../time.ts';
import type { Facts, Invoice, NoticeKind, Tombstone } from './customer.ts';
import type { SubscriptionSnapshot } from './fact.ts';
import { isSent } from './failure-kind.ts';
import { own } from './merge.ts';
import { MOST_DAYS_BEFORE } from './policy-shape.ts';
import { localMorning } from './send-window.ts';
import { amountsOf } from './settle.ts';

/** One thing ahead. */
export type Upcoming = {
  readonly kind: NoticeKind;
  /** `<kind>:<what it is about>:<date>`, so that another date is another notice. */
  readonly subjectId: string;
  /** The payment method that expires, the subscription, the invoice, or the case in which a plan was lost. */
  readonly aboutId: string;
  /** When it comes; of a lost plan when it was lost. */
  readonly date: Instant;
  /** The subscription that is charged with it, or that renews; null = it is about none, or that is not known. */
  readonly subscription: SubscriptionSnapshot | null;
};

/** Statuses of a subscription that goes on and is paid for. docs.stripe.com/billing/subscriptions/overview */
const PAYING: ReadonlySet<string> = new Set(['active', 'trialing', 'past_due']);

/** The hour of the customer's day from which notices go. */
const MORNING = 9;

const MOST_LAST_DAYS = 1000;
const lastDays = new Map<string, Instant>();

/**
 * A card is valid to the last day of its month, where its holder lives: the morning of that day. Remembered: every look at the
 * account asks it of every card.
 */
const lastDayOf = (expYear: number, expMonth: number, zone: string): Instant => {
  const name = `${expYear}-${expMonth} ${zone}`;
  const known = lastDays.get(name);
  if (known !== undefined) return known;
  const day = new Date(Date.UTC(expYear, expMonth, 0)).toISOString().slice(0, 10);
  const end = endOfLocalDay(day, zone);
  invariant(end, `${day} is a day of the calendar`);
  const morning = localMorning(startOfLocalDay(addMs(end, -1), zone), zone, MORNING);
  if (lastDays.size >= MOST_LAST_DAYS) lastDays.clear();
  lastDays.set(name, morning);
  return morning;
};

const cardAhead = (facts: Facts, subscription: SubscriptionSnapshot, zone: string): Upcoming | null => {
  const methodId = subscription.defaultMethodId ?? facts.defaultMethod?.value ?? null;
  if (methodId === null || subscription.collectionMethod === 'send_invoice') return null;
  if (own(facts.methods, methodId)?.value.attached === false) return null;
  const { expMonth, expYear } = own(facts.cards, methodId)?.value ?? { expMonth: null, expYear: null };
  if (expMonth === null || expYear === null) return null;
  const month = `${expYear}-${String(expMonth).padStart(2, '0')}`;
  return {
    kind: 'card_expiry',
    subjectId: `card_expiry:${methodId}:${month}`,
    aboutId: methodId,
    date: lastDayOf(expYear, expMonth, zone),
    subscription,
  };
};

const dateAhead = (
  kind: NoticeKind,
  subscription: SubscriptionSnapshot,
  date: Instant | null,
): Upcoming | null =>
  date && {
    kind,
    subjectId: `${kind}:${subscription.id}:${date.slice(0, 10)}`,
    aboutId: subscription.id,
    date,
    subscription,
  };

/** An invoice that the customer is to pay on their own, before its due date. */
const dueDateOf = (facts: Facts, invoice: Invoice): Upcoming | null => {
  const { dueAt, subscriptionId } = invoice.details.value;
  const isOwed = invoice.status === 'open' && isSent(invoice) && amountsOf(facts, invoice).remaining > 0;
  if (!isOwed || dueAt === null || invoice.failure !== null) return null;
  return {
    kind: 'invoice_due',
    subjectId: `invoice_due:${invoice.id}:${dueAt.slice(0, 10)}`,
    aboutId: invoice.id,
    date: dueAt,
    subscription: subscriptionId === null ? null : (own(facts.subscriptions, subscriptionId)?.value ?? null),
  };
};

/** Whether what a plan was lost for has not been paid since: all of it, or a payment of it that came back. */
const isStillOwed = ({ status, returned }: Tombstone): boolean =>
  status !== 'paid' || Object.values(returned).some(({ owedMinor }) => owedMinor > 0);

/** Of somebody whose plan was lost, and who has neither come back nor paid for it since: once a case. */
export const lostPlansOf = (facts: Facts): readonly Upcoming[] => {
  const hasPlan = Object.values(facts.subscriptions).some(({ value }) => PAYING.has(value.status));
  if (hasPlan || (facts.deletedAt ?? facts.erasedAt) !== null) return [];
  const lost = new Map<string, Upcoming>();
  const paid = new Set<string>();
  for (const tombstone of Object.values(facts.tombstones)) {
    const { caseId, planLostAt: date } = tombstone;
    if (date === undefined) continue;
    const subjectId = `win_back:${caseId}:${date.slice(0, 10)}`;
    if (!isStillOwed(tombstone)) paid.add(subjectId);
    lost.set(subjectId, { kind: 'win_back', subjectId, aboutId: caseId, date, subscription: null });
  }
  return [...lost.values()].filter(({ subjectId }) => !paid.has(subjectId));
};

/**
 * Everything that lies ahead, as far as the facts tell, each once: of a card that several subscriptions charge the first.
 * Of customers who pay on: a subscription that is to end with its period is not written about.
 */
export const upcomingOf = (facts: Facts, zone: string): readonly Upcoming[] => {
  const found = new Map<string, Upcoming>();
  if (facts.deletedAt ?? facts.erasedAt) return [];
  const subscriptions = Object.values(facts.subscriptions)
    .map(({ value }) => value)
    .filter(({ status, cancelAtPeriodEnd }) => PAYING.has(status) && !cancelAtPeriodEnd)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  for (const subscription of subscriptions) {
    const { status, currentPeriodEnd, trialEndsAt } = subscription;
    const ahead = [
      cardAhead(facts, subscription, zone),
      status === 'active' ? dateAhead('renewal_notice', subscription, currentPeriodEnd) : null,
      status === 'trialing' ? dateAhead('trial_ending', subscription, trialEndsAt) : null,
    ];
    for (const one of ahead) if (one && !found.has(one.subjectId)) found.set(one.subjectId, one);
  }
  const due = Object.values(facts.invoices).flatMap((invoice) => dueDateOf(facts, invoice) ?? []);
  return [...found.values(), ...due, ...lostPlansOf(facts)];
};

/** Notices of cards are not all sent in one hour: each customer has a time of their own, a tenth of the lead later at most. */
const LONGEST_SPREAD_MS = 3 * DAY_MS;

/**
 * When a step that is so many days before a date is due: that many local days before, and of a card's end spread over a
 * tenth of the time that is left (72 hours at most), by the customer's key.
 */
export const noticeTime = (
  kind: NoticeKind,
  date: Instant,
  daysBefore: number,
  key: string,
  zone: string,
): Instant => {
  // At its hour an invoice is overdue already: on the day itself it is told in the morning.
  if (kind === 'invoice_due' && daysBefore === 0) {
    return earlier(date, localMorning(startOfLocalDay(date, zone), zone, MORNING)) as Instant;
  }
  const at = addLocalDays(date, -daysBefore, zone);
  if (kind !== 'card_expiry' || daysBefore <= 0) return at;
  const spreadMs = Math.min(LONGEST_SPREAD_MS, (daysBefore * DAY_MS) / 10);
  return addMs(at, Math.floor((hash32(key) / 2 ** 32) * spreadMs));
};

/** The account is looked through once a day: what is due by the look after the next is taken up. */
export const LOOK_AHEAD_DAYS = 2;

/** What comes later than in so many days is not near: the most that a policy can write ahead, and the looks between. */
export const LONGEST_LEAD_DAYS = MOST_DAYS_BEFORE + LOOK_AHEAD_DAYS;

/** Whether the first of some days before a date is near or past. */
export const isNear = (date: Instant, daysBefore: readonly number[], now: Instant): boolean =>
  addDays(date, -(Math.max(...daysBefore) + LOOK_AHEAD_DAYS)) <= now;

/** What is written after the date may wait so many days for the hours in which mails may go: over a weekend and a feast. */
const LATE_DAYS = 7;

/** When the last of the days has passed and nothing is left to write. */
export const lapsesAt = (date: Instant, daysBefore: readonly number[]): Instant => {
  const lastAfter = -Math.min(...daysBefore);
  return addDays(date, lastAfter > 0 ? lastAfter + LATE_DAYS : 1);
};
