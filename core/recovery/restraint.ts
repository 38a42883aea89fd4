// What holds a mail back that a campaign wants: the hour, the day's and the case's caps, an experiment, a late finding.
import { lotOf } from '../ids.ts';
import { messageOf, type MailText } from '../ports.ts';
import { addLocalDays, DAY_MS, later, localDay, toMs, type Instant } from '../time.ts';
import type { Customer, Exposure, Ladder, RecoveryCase } from './customer.ts';
import type { Policy } from './policy.ts';
import { nextInWindow } from './send-window.ts';
import { CANCELLED, RECOVERED } from './step-ids.ts';

/** When a mail may go at the earliest, given that one went today already: at its own hour on the next free day. */
const afterTheCap = (dueAt: Instant, lastAskedAt: Instant | null, zone: string): Instant => {
  if (lastAskedAt === null) return dueAt;
  const asked = localDay(lastAskedAt, zone);
  if (localDay(dueAt, zone) > asked) return dueAt;
  const days = Math.floor((toMs(lastAskedAt) - toMs(dueAt)) / DAY_MS);
  let at = addLocalDays(dueAt, Math.max(0, days), zone);
  while (localDay(at, zone) <= asked) at = addLocalDays(at, 1, zone);
  return at;
};

/** When a mail that is due may go, and what it waits for until then. */
export type MailTime = { readonly at: Instant; readonly why: string };

/**
 * The earliest time for a mail that asks for money: on a customer's local day without another, and in the window in which
 * mails may go. `why` tells what it waits for when that is later than `now`.
 */
export const mailTime = (
  dueAt: Instant,
  { recovery }: Customer,
  { sendWindow }: Policy,
  zone: string,
  now: Instant,
): MailTime => {
  const free = later(afterTheCap(dueAt, recovery.lastAskedAt, zone), now) as Instant;
  const at = nextInWindow(free, sendWindow, zone);
  return { at, why: free > now ? 'a mail went out today already' : 'the hours in which mails may go' };
};

/** How many mails of a case have asked for money. */
const mailsOf = ({ ladders }: RecoveryCase): number =>
  ladders
    .flatMap(({ steps }) => steps)
    .filter(
      ({ kind, status, message }) =>
        kind === 'email' && status !== 'skipped' && message !== RECOVERED && message !== CANCELLED,
    ).length;

/** Which side of an experiment a customer is on: drawn by name, so that it never changes. */
export const armOf = (key: string, { experiment, share }: Policy['holdout']): Exposure['arm'] =>
  lotOf(`${key} ${experiment}`) < share ? 'held_out' : 'mailed';

/** The side a customer is on, once a mail would first have gone; null before, and where nobody is held out. */
export const exposureOf = ({ recovery }: Customer, { holdout }: Policy): Exposure | null =>
  recovery.exposure[holdout.experiment] ?? null;

/** What a customer needs to get in and what tells the date of an end is never part of an experiment. */
const isHoldable = (text: MailText | null): boolean => {
  const message = text && messageOf(text);
  return message !== 'confirm-payment' && message !== 'final-notice';
};

/** Writes down which side of the experiment a customer is on, now that a mail would go. */
export const withExposure = (
  customer: Customer,
  { holdout }: Policy,
  message: MailText | null,
  now: Instant,
): Customer => {
  const { recovery, key } = customer;
  if (holdout.share === 0 || !isHoldable(message) || recovery.exposure[holdout.experiment]) return customer;
  const exposure = { ...recovery.exposure, [holdout.experiment]: { arm: armOf(key, holdout), at: now } };
  return { ...customer, recovery: { ...recovery, exposure } };
};

/** How late a failure was found, in days. */
const lateDays = ({ anchor, openedAt }: Ladder): number => (toMs(openedAt) - toMs(anchor)) / DAY_MS;

/** Whether a failure was found so late, or by a backfill, that its campaign is not followed: one mail at most, and no end. */
export const isHistoric = (ladder: Ladder, { catchUp }: Policy): boolean =>
  ladder.cohort === 'imported' || lateDays(ladder) > catchUp.oneMailAfterDays;

/** Whether a failure's campaign may end nothing but our books: it was found late, imported, or its customer held out. */
export const isSpared = (customer: Customer, ladder: Ladder, policy: Policy): boolean =>
  isHistoric(ladder, policy) || exposureOf(customer, policy)?.arm === 'held_out';

/** Whether a mail of a ladder has gone out, or may have. */
export const hasMailed = ({ steps }: Ladder): boolean =>
  steps.some(({ kind, status }) => kind === 'email' && status !== 'skipped');

/** Why a mail is never to go although its campaign wants it; null when nothing stands against it. */
export const whyNeverMailed = (
  customer: Customer,
  open: RecoveryCase,
  ladder: Ladder,
  message: MailText | null,
  policy: Policy,
): string | null => {
  if (ladder.cohort === 'imported')
    return 'the failure was there before Recoup: its past is not written about';
  const late = Math.floor(lateDays(ladder));
  if (late > policy.catchUp.noMailAfterDays) return `found ${late} days after the failure: too late to write`;
  if (isHistoric(ladder, policy) && hasMailed(ladder))
    return `found ${late} days after the failure: one mail about it is enough`;
  if (message !== 'final-notice' && mailsOf(open) >= policy.mailsPerCase)
    return `${policy.mailsPerCase} mails of this case asked for money: the most that the policy allows`;
  if (isHoldable(message) && exposureOf(customer, policy)?.arm === 'held_out')
    return `held out of experiment ${policy.holdout.experiment}`;
  return null;
};
