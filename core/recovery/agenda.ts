// What one ladder wants next: which step is due, when the final notice and the end may come, when to look again.
import { addDays, addMs, earlier, HOUR_MS, later, type Instant } from '../time.ts';
import type { Message } from '../ports.ts';
import { zoneOfCustomer } from './customer-zone.ts';
import { deliveryName } from './customer.ts';
import type { Facts, Invoice, Ladder, StepRecord } from './customer.ts';
import { classifyDecline, mayHeal, UNKNOWN_DECLINE, type DeclineReading } from './decline.ts';
import type { Attempt } from './fact.ts';
import { own } from './merge.ts';
import { mayRetry } from './network-rules.ts';
import type { Campaign, Policy } from './policy.ts';
import { retryTime } from './retries.ts';

/** A try that the provider had planned this long ago and that left no trace is no promise any more. */
const ATTEMPT_GRACE_MS = 24 * HOUR_MS;
/** A bank debit is settled within 14 days; after that a person has to look, and we go on. */
const IN_FLIGHT_DAYS = 14;
/** A warning of fraud is not closed by anybody; it stops the mails for this long. */
const FRAUD_WARNING_DAYS = 30;

/** A step that is due now, and the earlier ones that it makes pointless. */
export type DueStep = {
  readonly stepId: string;
  readonly kind: 'email' | 'retry' | 'end';
  readonly message: Message | null;
  readonly dueAt: Instant;
  readonly why: string;
  readonly supersedes: readonly StepRecord[];
};

/** What a ladder wants. `ended`: the campaign's end is reached and only our books are left to close. */
export type Agenda = {
  readonly due: DueStep | null;
  readonly ended: string | null;
  /** Steps that are over without anything being done. */
  readonly skipped: readonly StepRecord[];
  /** When something of this ladder can next become due; null = only by a new fact. */
  readonly wakeAt: Instant | null;
  /** The date on which the campaign ends if a final notice goes out now. */
  readonly endsAt: Instant;
};

/** The newest attempt on an invoice whose result is known. */
export const newestAttempt = (facts: Facts, invoiceId: string): Attempt | null =>
  Object.values(facts.attempts)
    .filter((attempt) => attempt.invoiceId === invoiceId && attempt.result === 'declined')
    .reduce<Attempt | null>((a, b) => (a && (a.at > b.at || (a.at === b.at && a.id > b.id)) ? a : b), null);

/**
 * Why an invoice's payment fails: the newest decline that is known, unless the provider said later that the customer
 * must confirm, or that there is no method to charge.
 */
export const readDecline = (facts: Facts, invoice: Invoice | null): DeclineReading => {
  if (invoice === null) return UNKNOWN_DECLINE;
  const attempt = newestAttempt(facts, invoice.id);
  // One failure is told in several ways within moments: what the customer must do says more than the code does.
  const since = attempt ? addMs(attempt.at, -60_000) : null;
  const told = (at: Instant | null) => at !== null && (since === null || at >= since);
  const waiting = { ...UNKNOWN_DECLINE, retry: 'after_customer', providerRetries: false } as const;
  if (told(invoice.actionRequiredAt))
    return { ...waiting, class: 'authentication', because: 'the customer must confirm' };
  if (attempt?.decline) return classifyDecline(attempt.decline, attempt.card?.brand ?? null);
  if (told(invoice.methodRequiredAt))
    return { ...waiting, class: 'no_method', because: 'no method to charge' };
  return UNKNOWN_DECLINE;
};

/**
 * Whether the owner of the retries will execute no further attempt. A decline on which the provider runs nothing
 * without a new method ends the tries whatever `nextAttemptAt` says.
 */
export const attemptsAreOver = (
  invoice: Invoice | null,
  reading: DeclineReading,
  ladder: Ladder,
  campaign: Campaign,
  policy: Pick<Policy, 'retries'>,
  now: Instant,
): boolean => {
  if (invoice === null || !reading.providerRetries) return true;
  const next = invoice.schedule.value.nextAttemptAt;
  const planned = next !== null && addMs(next, ATTEMPT_GRACE_MS) > now;
  if (policy.retries.owner === 'provider') return !planned;
  const retriesLeft = campaign.steps.some((step) => step.kind === 'retry' && !recordOf(ladder, step.id));
  return !planned && !retriesLeft;
};

/** When a planned try that left no trace stops being a promise. */
const promiseLapsesAt = (invoice: Invoice | null): Instant | null => {
  const next = invoice?.schedule.value.nextAttemptAt ?? null;
  return next && addMs(next, ATTEMPT_GRACE_MS);
};

/** The next try that will really come, for a mail to promise; null = promise none. */
export const promisedAttempt = (
  invoice: Invoice | null,
  reading: DeclineReading,
  now: Instant,
): Instant | null => {
  const next = invoice?.schedule.value.nextAttemptAt ?? null;
  return invoice && reading.providerRetries && next !== null && next > now ? next : null;
};

/** Why nobody may be asked for money now; null = nothing stands against it. */
export const blockedBy = (facts: Facts, now: Instant): { why: string; until: Instant | null } | null => {
  for (const { at, value } of Object.values(facts.disputes)) {
    const until = value.status === 'early_fraud_warning' ? addDays(at, FRAUD_WARNING_DAYS) : null;
    if (value.open && (until === null || until > now)) return { why: `dispute ${value.id} is open`, until };
  }
  for (const [id, { at, value }] of Object.entries(facts.inFlight)) {
    const settled = Object.values(facts.invoices).some(
      (one) => one.status === 'paid' && one.paymentIds.includes(id),
    );
    const until = addDays(at, IN_FLIGHT_DAYS);
    if (value && !settled && until > now) return { why: `payment ${id} is in flight`, until };
  }
  return null;
};

/** The record of a step that is behind us. */
export const recordOf = (ladder: Ladder, stepId: string): StepRecord | null =>
  ladder.steps.find((step) => step.id === stepId) ?? null;

const skip = (
  step: { id: string; kind: 'email' | 'retry'; message?: Message },
  at: Instant,
  why: string,
): StepRecord => ({
  id: step.id,
  kind: step.kind,
  at,
  status: 'skipped',
  why,
  message: step.message ?? null,
});

/** The campaign's own first message, which tells what to do. */
const openingOf = (campaign: Campaign) => campaign.steps.find((step) => step.kind === 'email') ?? null;

/**
 * When the final notice is due: no further attempt will be executed, the date of the end is known, and it is the last
 * mail before it. null = it cannot come yet, or has come. This is the one place that decides it.
 */
export const finalNoticeDueAt = (
  invoice: Invoice | null,
  ladder: Ladder,
  campaign: Campaign,
  attemptsOver: boolean,
): Instant | null => {
  if (!attemptsOver || recordOf(ladder, campaign.finalNotice.id)) return null;
  const afterLadder = addDays(ladder.anchor, campaign.finalNotice.delayDays);
  // After the provider's last try of several there is nothing left to wait for. A first try that was also the last
  // still gets the whole ladder: the final notice is never the first a customer hears.
  const last = invoice?.lastFailure ?? null;
  const triedAgain = (invoice?.schedule.value.attemptCount ?? 0) >= 2;
  if (campaign.finalNotice.atLastAttempt && triedAgain && last) return earlier(last.at, afterLadder);
  // Not even after an outage or a dispute: the campaign's own first message goes before it.
  const opening = openingOf(campaign);
  return opening && !recordOf(ladder, opening.id) ? null : afterLadder;
};

/** When the campaign ends: some days after the final notice, and at the latest on its last day. */
const endDueAt = (ladder: Ladder, campaign: Campaign): { at: Instant; noticed: StepRecord | null } => {
  const latest = addDays(ladder.anchor, campaign.end.latestDay);
  const noticed = recordOf(ladder, campaign.finalNotice.id);
  const at = noticed
    ? (earlier(addDays(noticed.at, campaign.end.daysAfterNotice), latest) as Instant)
    : latest;
  return { at, noticed };
};

/**
 * Until when a soft decline is not written about: until the owner's next try has told whether it heals by itself, and for
 * the policy's hours at most. null = nobody is spared a mail.
 */
const silentUntil = (
  facts: Facts,
  invoice: Invoice | null,
  ladder: Ladder,
  campaign: Campaign,
  reading: DeclineReading,
  { silentHours, retries }: Policy,
): Instant | null => {
  if (silentHours === 0 || invoice === null || !mayHeal(reading.class)) return null;
  const tried = Object.values(facts.attempts).filter((attempt) => attempt.invoiceId === invoice.id).length;
  const { attemptCount, nextAttemptAt } = invoice.schedule.value;
  if (Math.max(tried, attemptCount) > 1) return null;
  const step = campaign.steps.find(({ kind }) => kind === 'retry');
  const ours = step ? addDays(ladder.anchor, step.delayDays) : null;
  const next = retries.owner === 'provider' ? nextAttemptAt : ours;
  return next && earlier(addMs(next, HOUR_MS), addMs(ladder.anchor, silentHours * HOUR_MS));
};

const mailDue = (
  ladder: Ladder,
  campaign: Campaign,
  finalAt: Instant | null,
  quietUntil: Instant | null,
  now: Instant,
): { due: DueStep | null; wakeAt: Instant | null } => {
  if (recordOf(ladder, campaign.finalNotice.id)) return { due: null, wakeAt: null };
  const waiting = campaign.steps.flatMap((step) =>
    step.kind === 'email' && !recordOf(ladder, step.id)
      ? [{ ...step, dueAt: later(addDays(ladder.anchor, step.delayDays), quietUntil) as Instant }]
      : [],
  );
  if (finalAt !== null && finalAt <= now) {
    return {
      due: {
        stepId: campaign.finalNotice.id,
        kind: 'email',
        message: 'final-notice',
        dueAt: finalAt,
        why: 'no further try will come',
        supersedes: waiting.map((step) => skip(step, now, 'superseded by the final notice')),
      },
      wakeAt: null,
    };
  }
  // A step that an edited policy has put before one that is behind us has been passed over; the first message never is.
  const opening = openingOf(campaign);
  const lastBehind = campaign.steps.findLastIndex(
    (step) => step.kind === 'email' && recordOf(ladder, step.id),
  );
  const isPassed = (id: string) =>
    id !== opening?.id && campaign.steps.findIndex((step) => step.id === id) < lastBehind;
  const due = waiting.filter((step) => step.dueAt <= now);
  const upcoming = waiting.find((step) => step.dueAt > now)?.dueAt ?? null;
  const wakeAt = earlier(upcoming, finalAt);
  // Of several that are due the first message goes, else the latest.
  const chosen = due.find((step) => step.id === opening?.id) ?? due.findLast((step) => !isPassed(step.id));
  if (!chosen) return { due: null, wakeAt };
  const others = due.filter((step) => step !== chosen);
  return {
    due: {
      stepId: chosen.id,
      kind: 'email',
      message: chosen.message,
      dueAt: chosen.dueAt,
      why: `day ${chosen.delayDays} of campaign ${campaign.id}`,
      supersedes: others.map((step) => skip(step, now, `superseded by ${chosen.id}`)),
    },
    wakeAt,
  };
};

const retryDue = (
  facts: Facts,
  invoice: Invoice | null,
  ladder: Ladder,
  campaign: Campaign,
  reading: DeclineReading,
  zone: string,
  hour: number,
  now: Instant,
): { due: DueStep | null; skipped: StepRecord[]; wakeAt: Instant | null } => {
  const [step, next] = campaign.steps.filter((one) => one.kind === 'retry' && !recordOf(ladder, one.id));
  if (!step || invoice === null) return { due: null, skipped: [], wakeAt: null };
  const nextAt = next ? addDays(ladder.anchor, next.delayDays) : null;
  const failedAt = newestAttempt(facts, invoice.id)?.at ?? null;
  const dueAt = retryTime(addDays(ladder.anchor, step.delayDays), nextAt, failedAt, reading, zone, hour);
  if (dueAt > now) return { due: null, skipped: [], wakeAt: dueAt };
  const schedule = invoice.schedule.value;
  if (schedule.nextAttemptAt !== null && schedule.nextAttemptAt > now) {
    const why = 'the provider still plans tries of its own: two owners; switch its retries off';
    return { due: null, skipped: [skip({ id: step.id, kind: 'retry' }, now, why)], wakeAt: null };
  }
  const verdict = mayRetry(facts, invoice.id, reading, schedule.attemptCount, now);
  if (verdict.allowed) {
    const why = `day ${step.delayDays} of campaign ${campaign.id}; ${verdict.left} tries left`;
    return {
      due: { stepId: step.id, kind: 'retry', message: null, dueAt, why, supersedes: [] },
      skipped: [],
      wakeAt: null,
    };
  }
  if (verdict.notBefore === null) {
    return { due: null, skipped: [skip({ id: step.id, kind: 'retry' }, now, verdict.why)], wakeAt: null };
  }
  return { due: null, skipped: [], wakeAt: verdict.notBefore };
};

/** The end of a ladder: `leave` closes only our books; whatever touches the subscription needs its notice first. */
const endDue = (
  facts: Facts,
  ladder: Ladder,
  campaign: Campaign,
  blocked: boolean,
  now: Instant,
): { due: DueStep | null; ended: string | null; wakeAt: Instant | null } => {
  const { at, noticed } = endDueAt(ladder, campaign);
  const latest = addDays(ladder.anchor, campaign.end.latestDay);
  const { action, daysAfterNotice } = campaign.end;
  const delivered = own(facts.deliveries, deliveryName(ladder.subjectId, campaign.finalNotice.id));
  const cameBack = Boolean(delivered?.bounced ?? delivered?.rejected);
  if (action === 'leave' || recordOf(ladder, 'end')) {
    const due = action === 'leave' ? at : latest;
    if (due > now) return { due: null, ended: null, wakeAt: due };
    return { due: null, ended: `campaign ${campaign.id} reached its end`, wakeAt: null };
  }
  const noticedLongAgo =
    noticed?.status === 'done' && !cameBack && addDays(noticed.at, daysAfterNotice) <= now;
  if (noticedLongAgo && !blocked) {
    const why = `${daysAfterNotice} days after the final notice`;
    return {
      due: { stepId: 'end', kind: 'end', message: null, dueAt: at, why, supersedes: [] },
      ended: null,
      wakeAt: null,
    };
  }
  if (latest > now) return { due: null, ended: null, wakeAt: at > now ? at : latest };
  return {
    due: null,
    ended: `campaign ${campaign.id} reached its last day without leave to ${action}`,
    wakeAt: null,
  };
};

/** What one open ladder wants at `now`. Pure; the cap of one mail a day and the choice between ladders come after it. */
export const agendaOf = (
  facts: Facts,
  ladder: Ladder,
  invoice: Invoice | null,
  campaign: Campaign,
  policy: Policy,
  now: Instant,
): Agenda => {
  const reading = readDecline(facts, invoice);
  const blocked = blockedBy(facts, now);
  const over = attemptsAreOver(invoice, reading, ladder, campaign, policy, now);
  const latest = addDays(ladder.anchor, campaign.end.latestDay);
  const endsAt = earlier(addDays(now, campaign.end.daysAfterNotice), latest) as Instant;
  const end = endDue(facts, ladder, campaign, blocked !== null, now);
  if (end.ended !== null || end.due !== null) return { ...end, skipped: [], endsAt };
  if (blocked !== null)
    return { due: null, ended: null, skipped: [], wakeAt: earlier(blocked.until, end.wakeAt), endsAt };
  const zone = zoneOfCustomer(facts, policy);
  const retry = retryDue(facts, invoice, ladder, campaign, reading, zone, policy.retries.hour, now);
  const quietUntil = silentUntil(facts, invoice, ladder, campaign, reading, policy);
  const finalAt = finalNoticeDueAt(invoice, ladder, campaign, over);
  const mail = mailDue(ladder, campaign, finalAt, quietUntil, now);
  return {
    due: retry.due ?? mail.due,
    ended: null,
    skipped: retry.skipped,
    wakeAt: [retry.wakeAt, mail.wakeAt, end.wakeAt, over ? null : promiseLapsesAt(invoice)].reduce(
      earlier,
      null,
    ),
    endsAt,
  };
};
