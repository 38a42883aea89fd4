// Notices of what lies ahead: opened, followed and let go of, apart from every case. Pure.
import { invariant } from '../assert.ts';
import { caseIdFor } from '../ids.ts';
import { money } from '../money.ts';
import type { MailInvoice, MailRequest } from '../ports.ts';
import { DAY_MS, earlier, localDay, toMs, type Instant } from '../time.ts';
import { blockedBy, skippedStep } from './agenda.ts';
import { noticeCampaignFor } from './campaign.ts';
import { zoneOfCustomer } from './customer-zone.ts';
import {
  addressOf,
  contactOf,
  type ArmedAction,
  type Customer,
  type Facts,
  type Notice,
  type NoticeKind,
  type Recovery,
  type StepRecord,
  type Stream,
} from './customer.ts';
import { note } from './journal.ts';
import { mailLanguage } from './mail-language.ts';
import { own } from './merge.ts';
import type { NoticeCampaign, Policy } from './policy.ts';
import { mailTime } from './restraint.ts';
import { senderFor, threadOf } from './sender.ts';
import { amountsOf } from './settle.ts';
import { isNear, lapsesAt, lostPlansOf, noticeTime, upcomingOf, type Upcoming } from './upcoming.ts';
import { withTexts } from './variants.ts';

/** The campaign as this notice follows it: of several texts of a step one. */
const campaignOf = ({ campaignId, subjectId }: Notice, { notices }: Policy): NoticeCampaign | null => {
  const campaign = notices.find(({ id }) => id === campaignId) ?? null;
  return campaign && { ...campaign, steps: withTexts(campaign.steps, caseIdFor(subjectId)) };
};

/** What somebody is taken off who wants no more of such mails, and whose sender they come from. */
export const streamOf = (kind: NoticeKind): Stream => (kind === 'win_back' ? 'win_back' : 'notices');

const daysOf = ({ steps }: NoticeCampaign): readonly number[] => steps.map(({ daysBefore }) => daysBefore);

/** When a notice is let go of: once nothing of it can be written any more. */
const lapseOf = ({ date }: Notice, campaign: NoticeCampaign | null): Instant =>
  campaign === null ? date : lapsesAt(date, daysOf(campaign));

/** What of all that lies ahead is near enough to be taken up now, and has a notice in the policy. */
const takenUp = (
  ahead: readonly Upcoming[],
  facts: Facts,
  policy: Policy,
  now: Instant,
): readonly (Upcoming & { campaign: NoticeCampaign })[] =>
  ahead.flatMap((one) => {
    const campaign =
      one.date > now || one.kind === 'win_back' ? noticeCampaignFor(policy, facts, one, now) : null;
    if (campaign === null || lapsesAt(one.date, daysOf(campaign)) <= now) return [];
    // No look at the account finds who has gone: a lost plan is taken up with its loss, however long the wait is.
    return one.kind === 'win_back' || isNear(one.date, daysOf(campaign), now) ? [{ ...one, campaign }] : [];
  });

/** Whether a look at a customer's facts finds something ahead that no notice stands for yet. */
export const isAhead = (
  policy: Policy,
  facts: Facts,
  { recovery }: Pick<Customer, 'recovery'>,
  now: Instant,
): boolean =>
  takenUp(upcomingOf(facts, zoneOfCustomer(facts, policy)), facts, policy, now).some(
    ({ subjectId }) => !recovery.notices.some((known) => known.subjectId === subjectId),
  );

/** Why a notice that is open has nothing ahead of it any more; null when it has. */
const whyOver = (notice: Notice, ahead: readonly Upcoming[]): string | null => {
  if (notice.over !== null) return notice.over;
  if (ahead.some(({ subjectId }) => subjectId === notice.subjectId)) return null;
  return OVER[notice.kind];
};

const ENDS = 'the subscription ends, has changed, or went on';
/** Why a notice is about nothing any more. */
const OVER: Readonly<Record<NoticeKind, string>> = {
  card_expiry: 'the card is charged no more, or was renewed',
  renewal_notice: ENDS,
  trial_ending: ENDS,
  invoice_due: 'the invoice is paid, is owed no more, or is past its due date',
  win_back: 'the customer came back, has paid, or is gone',
};

/** Opens notices for what has come near, picks their campaigns, ends those that are about nothing any more, drops the past. */
export const withNotices = (customer: Customer, policy: Policy, now: Instant): Customer => {
  const { facts, recovery } = customer;
  if (facts.aheadAt === null && recovery.notices.length === 0) return customer;
  const ahead = upcomingOf(facts, zoneOfCustomer(facts, policy));
  let told = recovery;
  const standing = recovery.notices.flatMap((notice): Notice[] => {
    const campaign = campaignOf(notice, policy);
    const over = campaign === null ? 'the policy has no such notice any more' : whyOver(notice, ahead);
    if (over !== null && notice.over === null) told = note(told, now, `${notice.subjectId} is over`, over);
    // Kept until its date is past, so that it is not begun a second time.
    return lapseOf(notice, campaign) <= now ? [] : [{ ...notice, over }];
  });
  return withOpened({ ...customer, recovery: { ...told, notices: standing } }, ahead, recovery, policy, now);
};

/** Opens a notice for each thing that has come near and is not `known`. */
const withOpened = (
  customer: Customer,
  ahead: readonly Upcoming[],
  known: Pick<Recovery, 'notices'>,
  policy: Policy,
  now: Instant,
): Customer => {
  const fresh = takenUp(ahead, customer.facts, policy, now).filter(
    ({ subjectId }) => !known.notices.some((notice) => notice.subjectId === subjectId),
  );
  let told = customer.recovery;
  const opened = fresh.map(({ subjectId, kind, aboutId, date, campaign }): Notice => {
    told = note(told, now, `notice opened: ${subjectId}`, `campaign ${campaign.id}`);
    const from = { subjectId, kind, aboutId, date, openedAt: now };
    return { ...from, campaignId: campaign.id, steps: [], over: null };
  });
  return { ...customer, recovery: { ...told, notices: [...told.notices, ...opened] } };
};

/**
 * Opens the notice that is to win back somebody who has just been let go of, where the policy has one. `before`: the
 * customer as they were, of whom more is known that a notice may be chosen by.
 */
export const withWinBack = (customer: Customer, before: Facts, policy: Policy, now: Instant): Customer => {
  const facts = { ...before, tombstones: customer.facts.tombstones };
  const opened = withOpened({ ...customer, facts }, lostPlansOf(facts), customer.recovery, policy, now);
  return { ...opened, facts: customer.facts };
};

/** Writes down steps of a notice, each once. */
export const withNoticeRecords = (
  customer: Customer,
  subjectId: string,
  records: readonly StepRecord[],
): Customer => {
  let recovery = customer.recovery;
  const notices = recovery.notices.map((notice) => {
    if (notice.subjectId !== subjectId) return notice;
    const fresh = records.filter(({ id }) => !notice.steps.some((step) => step.id === id));
    for (const { at, id, status, why } of fresh) {
      recovery = note(recovery, at, `${id} ${status} for ${subjectId}`, why);
    }
    return { ...notice, steps: [...notice.steps, ...fresh] };
  });
  return { ...customer, recovery: { ...recovery, notices } };
};

/** What the notices of a customer want: a mail that goes now, or when to look again (null = no notice is open). */
export type NoticeTurn = {
  readonly customer: Customer;
  readonly due: { readonly action: ArmedAction; readonly mail: MailRequest } | null;
  readonly wakeAt: Instant | null;
};

const skipped = ({ id, message }: NoticeCampaign['steps'][number], why: string, now: Instant): StepRecord =>
  skippedStep({ id, kind: 'email', message }, now, why);

/** What a due invoice asks for; of all else nothing is owed. */
const owedFor = ({ facts }: Customer, { kind, aboutId }: Notice): MailInvoice[] => {
  const invoice = kind === 'invoice_due' ? own(facts.invoices, aboutId) : null;
  if (invoice === null) return [];
  const { number, hostedUrl } = invoice.details.value;
  const amount = money(amountsOf(facts, invoice).remaining, invoice.currency);
  return [{ number, amount, payUrl: hostedUrl }];
};

/** What is charged on the day, and with which card; null = not known, or nothing is charged. */
const chargeOf = ({ facts }: Customer, { kind, aboutId }: Notice, { subscription }: Upcoming) => {
  if (subscription === null || kind === 'invoice_due') return { amount: null, last4: null };
  const { amountMinor, currency, defaultMethodId } = subscription;
  const methodId = kind === 'card_expiry' ? aboutId : (defaultMethodId ?? facts.defaultMethod?.value);
  const isCharged = kind !== 'card_expiry' && amountMinor !== null && currency !== null;
  return {
    amount: isCharged ? money(amountMinor, currency) : null,
    last4: methodId ? (own(facts.cards, methodId)?.value.last4 ?? null) : null,
  };
};

/** The mail of a notice: when it comes, what is charged then, and with which card. */
const noticeMailOf = (
  customer: Customer,
  notice: Notice,
  step: NoticeCampaign['steps'][number],
  policy: Policy,
): MailRequest | null => {
  const { key, facts } = customer;
  const contact = contactOf(facts);
  const to = addressOf(facts);
  if (to === null) return null;
  const zone = zoneOfCustomer(facts, policy);
  const about = upcomingOf(facts, zone).find(({ subjectId }) => subjectId === notice.subjectId);
  invariant(about, `notice ${notice.subjectId} is about nothing`);
  const { amount, last4 } = chargeOf(customer, notice, about);
  const invoices = owedFor(customer, notice);
  const isWinBack = notice.kind === 'win_back';
  const stream = streamOf(notice.kind);
  return {
    to,
    message: step.message,
    language: mailLanguage(contact, policy),
    customerKey: key,
    caseId: caseIdFor(notice.subjectId),
    subjectId: notice.subjectId,
    stepId: step.id,
    customerName: to === contact.email ? contact.name : null,
    invoices,
    totals: invoices.map((invoice) => invoice.amount),
    payUrl: isWinBack ? (policy.wayBackUrl ?? null) : (invoices[0]?.payUrl ?? null),
    cardLast4: last4,
    nextAttemptAt: null,
    endsAt: null,
    notice: isWinBack ? null : { date: notice.date, amount },
    stream,
    thread: threadOf(notice.steps),
    timeZone: zone,
    sender: senderFor(policy, stream),
  };
};

const actionOf = (notice: Notice, step: NoticeCampaign['steps'][number], now: Instant): ArmedAction => {
  const caseId = caseIdFor(notice.subjectId);
  const days = Math.floor((toMs(notice.date) - toMs(now)) / DAY_MS);
  const when = days < 0 ? `${-days} days after` : `${days} days before`;
  return {
    caseId,
    subjectId: notice.subjectId,
    stepId: step.id,
    kind: 'email',
    key: `${caseId}:${step.id}`,
    why: `${when} ${notice.date.slice(0, 10)}, in campaign ${notice.campaignId ?? ''}`,
    message: step.message,
    endAction: null,
    methodId: null,
    carries: [],
    armedAt: now,
  };
};

type Timed = { readonly step: NoticeCampaign['steps'][number]; readonly at: Instant };

/** The steps of a notice that are not behind it, with their times. */
const timesOf = (
  customer: Customer,
  notice: Notice,
  campaign: NoticeCampaign,
  zone: string,
): readonly Timed[] =>
  campaign.steps
    .filter(({ id }) => !notice.steps.some((step) => step.id === id))
    .map((step) => ({
      step,
      at: noticeTime(notice.kind, notice.date, step.daysBefore, customer.key, zone),
    }))
    .sort((a, b) => (a.at < b.at ? -1 : 1));

/** Why a step of a notice is not to go at all; null when nothing stands against it. */
const whyNot = (
  { facts, recovery }: Customer,
  notice: Notice,
  { step }: Timed,
  zone: string,
  now: Instant,
): string | null => {
  const isPast = step.daysBefore > 0 ? notice.date <= now : localDay(notice.date, zone) < localDay(now, zone);
  if (step.daysBefore >= 0 && isPast) return 'it has come already';
  if (recovery.unsubscribed[streamOf(notice.kind)] !== undefined) return 'unsubscribed';
  if (notice.kind === 'invoice_due') return blockedBy(facts, now)?.why ?? null;
  if (recovery.case === null) return null;
  if (notice.kind === 'win_back') return 'a payment has failed: nobody is won back who has to pay first';
  return notice.kind === 'card_expiry'
    ? 'a payment has failed: the mails about it ask for another card already'
    : null;
};

/** What one open notice wants: of several steps that are due the latest, the others are passed over. */
const turnOf = (customer: Customer, notice: Notice, policy: Policy, now: Instant): NoticeTurn => {
  const campaign = campaignOf(notice, policy);
  const lapse = lapseOf(notice, campaign);
  if (campaign === null || notice.over !== null) return { customer, due: null, wakeAt: lapse };
  const zone = zoneOfCustomer(customer.facts, policy);
  const times = timesOf(customer, notice, campaign, zone);
  const due = times.filter(({ at }) => at <= now);
  const next = times.find(({ at }) => at > now)?.at ?? null;
  const chosen = due.at(-1);
  if (!chosen) return { customer, due: null, wakeAt: earlier(next, lapse) };
  const passed = due.slice(0, -1).map(({ step }) => skipped(step, `superseded by ${chosen.step.id}`, now));
  const against = whyNot(customer, notice, chosen, zone, now);
  // One mail of ours a day, whatever it is about: else at its own hour of the next free day.
  const { at: goAt } = mailTime(chosen.at, customer, policy, zone, now);
  if (against === null && goAt > now) return { customer, due: null, wakeAt: goAt };
  const mail = against === null ? noticeMailOf(customer, notice, chosen.step, policy) : null;
  if (mail !== null) {
    const action = actionOf(notice, chosen.step, now);
    return {
      customer: withNoticeRecords(customer, notice.subjectId, passed),
      due: { action, mail },
      wakeAt: null,
    };
  }
  const why = against ?? 'no e-mail address, or mail to it came back';
  const over = [...passed, skipped(chosen.step, why, now)];
  return {
    customer: withNoticeRecords(customer, notice.subjectId, over),
    due: null,
    wakeAt: earlier(next, lapse),
  };
};

/** When the first of the notices is let go of, whatever holds its mails back. */
export const nextLapse = ({ recovery }: Customer, policy: Policy): Instant | null =>
  recovery.notices
    .map((notice) => lapseOf(notice, campaignOf(notice, policy)))
    .reduce<Instant | null>(earlier, null);

/** Goes through the open notices: the first mail that is due, else when to look again. */
export const noticeTurn = (customer: Customer, policy: Policy, now: Instant): NoticeTurn => {
  let current = customer;
  let wakeAt: Instant | null = null;
  for (const notice of customer.recovery.notices) {
    const turn = turnOf(current, notice, policy, now);
    if (turn.due) return turn;
    current = turn.customer;
    wakeAt = earlier(wakeAt, turn.wakeAt);
  }
  return { customer: current, due: null, wakeAt };
};

/** The steps of a notice that are still to come, each with the time at which it is due if nothing stands against it. */
export const noticeStepsToCome = (
  customer: Customer,
  notice: Notice,
  policy: Policy,
): readonly { readonly id: string; readonly message: string; readonly at: Instant }[] => {
  const campaign = campaignOf(notice, policy);
  if (campaign === null || notice.over !== null) return [];
  const zone = zoneOfCustomer(customer.facts, policy);
  return timesOf(customer, notice, campaign, zone).map(({ step: { id, message }, at }) => ({
    id,
    message,
    at,
  }));
};
