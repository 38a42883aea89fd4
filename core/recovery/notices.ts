// Notices of what lies ahead: opened, followed and let go of, apart from every case. Pure.
import { invariant } from '../assert.ts';
import { caseIdFor } from '../ids.ts';
import { money } from '../money.ts';
import type { MailRequest } from '../ports.ts';
import { DAY_MS, earlier, localDay, toMs, type Instant } from '../time.ts';
import { skippedStep } from './agenda.ts';
import { noticeCampaignFor } from './campaign.ts';
import { zoneOfCustomer } from './customer-zone.ts';
import {
  addressOf,
  contactOf,
  type ArmedAction,
  type Customer,
  type Facts,
  type Notice,
  type StepRecord,
} from './customer.ts';
import { note } from './journal.ts';
import { mailLanguage } from './mail-language.ts';
import { own } from './merge.ts';
import type { NoticeCampaign, Policy } from './policy.ts';
import { mailTime } from './restraint.ts';
import { isNear, lapsesAt, noticeTime, upcomingOf, type Upcoming } from './upcoming.ts';

const campaignOf = ({ campaignId }: Notice, { notices }: Policy): NoticeCampaign | null =>
  notices.find(({ id }) => id === campaignId) ?? null;

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
    const campaign = one.date > now ? noticeCampaignFor(policy, facts, one, now) : null;
    return campaign !== null && isNear(one.date, daysOf(campaign), now) ? [{ ...one, campaign }] : [];
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
  return notice.kind === 'card_expiry'
    ? 'the card is charged no more, or was renewed'
    : 'the subscription ends, has changed, or went on';
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
  const known = new Set(recovery.notices.map(({ subjectId }) => subjectId));
  const opened = takenUp(ahead, facts, policy, now).flatMap(
    ({ subjectId, kind, aboutId, date, campaign }): Notice[] => {
      if (known.has(subjectId)) return [];
      told = note(told, now, `notice opened: ${subjectId}`, `campaign ${campaign.id}`);
      const from = { subjectId, kind, aboutId, date, openedAt: now };
      return [{ ...from, campaignId: campaign.id, steps: [], over: null }];
    },
  );
  return { ...customer, recovery: { ...told, notices: [...standing, ...opened] } };
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

/** The mail of a notice: when it comes, what is charged then, and with which card. */
const noticeMailOf = (
  { key, facts }: Customer,
  notice: Notice,
  step: NoticeCampaign['steps'][number],
  policy: Policy,
): MailRequest | null => {
  const contact = contactOf(facts);
  const to = addressOf(facts);
  if (to === null) return null;
  const zone = zoneOfCustomer(facts, policy);
  const about = upcomingOf(facts, zone).find(({ subjectId }) => subjectId === notice.subjectId);
  invariant(about, `notice ${notice.subjectId} is about nothing`);
  const { amountMinor, currency, defaultMethodId } = about.subscription;
  const methodId =
    notice.kind === 'card_expiry' ? notice.aboutId : (defaultMethodId ?? facts.defaultMethod?.value);
  const isCharged = notice.kind !== 'card_expiry' && amountMinor !== null && currency !== null;
  return {
    to,
    message: step.message,
    language: mailLanguage(contact, policy),
    customerKey: key,
    caseId: caseIdFor(notice.subjectId),
    subjectId: notice.subjectId,
    stepId: step.id,
    customerName: to === contact.email ? contact.name : null,
    invoices: [],
    totals: [],
    payUrl: null,
    cardLast4: methodId ? (own(facts.cards, methodId)?.value.last4 ?? null) : null,
    nextAttemptAt: null,
    endsAt: null,
    notice: { date: notice.date, amount: isCharged ? money(amountMinor, currency) : null },
    timeZone: zone,
    sender: policy.sender,
  };
};

const actionOf = (notice: Notice, step: NoticeCampaign['steps'][number], now: Instant): ArmedAction => {
  const caseId = caseIdFor(notice.subjectId);
  const days = Math.max(0, Math.floor((toMs(notice.date) - toMs(now)) / DAY_MS));
  return {
    caseId,
    subjectId: notice.subjectId,
    stepId: step.id,
    kind: 'email',
    key: `${caseId}:${step.id}`,
    why: `${days} days before ${notice.date.slice(0, 10)}, in campaign ${notice.campaignId ?? ''}`,
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
  { recovery }: Customer,
  notice: Notice,
  { step }: Timed,
  zone: string,
  now: Instant,
): string | null => {
  const isPast = step.daysBefore > 0 ? notice.date <= now : localDay(notice.date, zone) < localDay(now, zone);
  if (step.daysBefore >= 0 && isPast) return 'it has come already';
  if (recovery.unsubscribed.notices !== undefined) return 'unsubscribed';
  if (notice.kind !== 'card_expiry' || recovery.case === null) return null;
  return 'a payment has failed: the mails about it ask for another card already';
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
