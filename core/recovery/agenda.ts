// What one ladder wants next: which step is due, when the final notice and the end may come, when to look again.
import { addDays, addMs, earlier, HOUR_MS, later, type Instant } from '../time.ts';
import type { MailText } from '../ports.ts';
import { newestOf } from './attempts.ts';
import { cardName, defaultCardName } from './card-names.ts';
import { zoneOfCustomer } from './customer-zone.ts';
import { deliveryName } from './customer.ts';
import type { Facts, Invoice, Ladder, StepKind, StepRecord } from './customer.ts';
import { classifyDecline, mayHeal, UNKNOWN_DECLINE, type DeclineReading } from './decline.ts';
import type { Attempt } from './fact.ts';
import { isSent } from './failure-kind.ts';
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
  readonly kind: StepKind;
  readonly message: MailText | null;
  readonly dueAt: Instant;
  readonly why: string;
  readonly supersedes: readonly StepRecord[];
  /** The payment method that a charge is to use; null = the provider's own choice. */
  readonly methodId: string | null;
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
  /** The next try that will really come, whoever makes it, for a mail to promise; null = promise none. */
  readonly nextTryAt: Instant | null;
};

const declinesOf = ({ attempts }: Facts, invoiceId: string): readonly Attempt[] =>
  Object.values(attempts).filter(
    (attempt) => attempt.invoiceId === invoiceId && attempt.result === 'declined',
  );

/** The newest attempt on an invoice that was declined. */
export const newestAttempt = (facts: Facts, invoiceId: string): Attempt | null =>
  newestOf(declinesOf(facts, invoiceId));

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
 * Why the card fails that a retry would be charged to. Another card may have been declined since, less gravely, and that
 * forgives nothing to one that was refused for good.
 */
export const readForRetry = (facts: Facts, invoice: Invoice, reading: DeclineReading): DeclineReading => {
  const name = defaultCardName(facts, invoice);
  const ofCard = ({ card }: Attempt) => name !== null && cardName(card) === name;
  const last = newestOf(declinesOf(facts, invoice.id).filter(ofCard));
  if (!last?.decline) return reading;
  const refused = classifyDecline(last.decline, last.card?.brand ?? null);
  return refused.retry === 'never' || refused.retry === 'after_customer' ? refused : reading;
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
  if (invoice === null || isSent(invoice) || !reading.providerRetries) return true;
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
  if (invoice === null || isSent(invoice)) return null;
  return reading.providerRetries && next !== null && next > now ? next : null;
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

type MailStep = Extract<Campaign['steps'][number], { kind: 'email' }>;

/** The record of a step that nothing came of. */
export const skippedStep = (
  step: { readonly id: string; readonly kind: StepKind; readonly message?: string | null },
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

/** The campaign's own first message, which tells what to do. One that waits for a try may never come. */
const openingOf = (campaign: Campaign): MailStep | null =>
  campaign.steps.find(
    (step): step is MailStep => step.kind === 'email' && step.hoursBeforeTry === undefined,
  ) ?? null;

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
  ours: Instant | null,
  reading: DeclineReading,
  { silentHours, retries }: Policy,
): Instant | null => {
  if (silentHours === 0 || invoice === null || isSent(invoice) || !mayHeal(reading.class)) return null;
  const tried = Object.values(facts.attempts).filter((attempt) => attempt.invoiceId === invoice.id).length;
  const { attemptCount, nextAttemptAt } = invoice.schedule.value;
  if (Math.max(tried, attemptCount) > 1) return null;
  const next = retries.owner === 'provider' ? nextAttemptAt : ours;
  return next && earlier(addMs(next, HOUR_MS), addMs(ladder.anchor, silentHours * HOUR_MS));
};

/** A mail that waits for a try that nobody has planned. */
const NEVER = '9999-12-31T00:00:00.000Z' as Instant;

/** When a mail is due that is due from `from` on: then, or so many hours before the next try that will come. */
const mailDueAt = ({ hoursBeforeTry }: MailStep, from: Instant, nextTry: Instant | null): Instant => {
  if (hoursBeforeTry === undefined) return from;
  return nextTry === null || nextTry <= from
    ? NEVER
    : (later(from, addMs(nextTry, -hoursBeforeTry * HOUR_MS)) as Instant);
};

const whyDue = ({ delayDays, hoursBeforeTry }: MailStep, { id }: Campaign): string =>
  hoursBeforeTry === undefined
    ? `day ${delayDays} of campaign ${id}`
    : `${hoursBeforeTry} hours before the next try, in campaign ${id}`;

/** What the business itself is to be told, the first that is due. */
const notifyDue = (
  ladder: Ladder,
  campaign: Campaign,
  now: Instant,
): { due: DueStep | null; wakeAt: Instant | null } => {
  const step = campaign.steps.find((one) => one.kind === 'notify' && !recordOf(ladder, one.id));
  if (!step) return { due: null, wakeAt: null };
  const dueAt = addDays(ladder.anchor, step.delayDays);
  if (dueAt > now) return { due: null, wakeAt: dueAt };
  const why = `day ${step.delayDays} of campaign ${campaign.id}`;
  return {
    due: { stepId: step.id, kind: 'notify', message: null, dueAt, why, supersedes: [], methodId: null },
    wakeAt: null,
  };
};

/**
 * Whether a step was passed over: an edited policy has put it before one that is behind us. The first message never is, nor
 * one that waits for a try: it goes by that try's clock, whatever was sent meanwhile.
 */
const isPassed = ({ id, hoursBeforeTry }: MailStep, ladder: Ladder, campaign: Campaign): boolean => {
  const lastBehind = campaign.steps.findLastIndex(
    (step) => step.kind === 'email' && recordOf(ladder, step.id),
  );
  return (
    id !== openingOf(campaign)?.id &&
    hoursBeforeTry === undefined &&
    campaign.steps.findIndex((step) => step.id === id) < lastBehind
  );
};

const mailDue = (
  ladder: Ladder,
  campaign: Campaign,
  finalAt: Instant | null,
  quietUntil: Instant | null,
  nextTry: Instant | null,
  now: Instant,
): { due: DueStep | null; wakeAt: Instant | null } => {
  if (recordOf(ladder, campaign.finalNotice.id)) return { due: null, wakeAt: null };
  const waiting = campaign.steps.flatMap((step) => {
    if (step.kind !== 'email' || recordOf(ladder, step.id)) return [];
    const dueAt = mailDueAt(
      step,
      later(addDays(ladder.anchor, step.delayDays), quietUntil) as Instant,
      nextTry,
    );
    return [{ ...step, dueAt }];
  });
  if (finalAt !== null && finalAt <= now) {
    return {
      due: {
        stepId: campaign.finalNotice.id,
        kind: 'email',
        message: 'final-notice',
        dueAt: finalAt,
        why: 'no further try will come',
        supersedes: waiting.map((step) => skippedStep(step, now, 'superseded by the final notice')),
        methodId: null,
      },
      wakeAt: null,
    };
  }
  const opening = openingOf(campaign);
  const due = waiting.filter((step) => step.dueAt <= now);
  const upcoming = waiting
    .map((step) => step.dueAt)
    .filter((at) => at > now && at < NEVER)
    .reduce(earlier, null);
  const wakeAt = earlier(upcoming, finalAt);
  // Of several that are due the first message goes, else the latest.
  const chosen =
    due.find((step) => step.id === opening?.id) ?? due.findLast((step) => !isPassed(step, ladder, campaign));
  if (!chosen) return { due: null, wakeAt };
  const others = due.filter((step) => step !== chosen);
  return {
    due: {
      stepId: chosen.id,
      kind: 'email',
      message: chosen.message,
      dueAt: chosen.dueAt,
      why: whyDue(chosen, campaign),
      supersedes: others.map((step) => skippedStep(step, now, `superseded by ${chosen.id}`)),
      methodId: null,
    },
    wakeAt,
  };
};

/** What comes of a campaign's next retry. `comesAt`: when it will really run as things stand; null = not at all. */
type OurTry = {
  readonly due: DueStep | null;
  readonly skipped: readonly StepRecord[];
  readonly wakeAt: Instant | null;
  readonly comesAt: Instant | null;
};

const retryDue = (
  facts: Facts,
  invoice: Invoice | null,
  ladder: Ladder,
  campaign: Campaign,
  reading: DeclineReading,
  zone: string,
  retries: Policy['retries'],
  now: Instant,
): OurTry => {
  const none = { due: null, skipped: [], wakeAt: null, comesAt: null };
  const [step, next] = campaign.steps.filter((one) => one.kind === 'retry' && !recordOf(ladder, one.id));
  if (!step || invoice === null || isSent(invoice)) return none;
  const nextAt = next ? addDays(ladder.anchor, next.delayDays) : null;
  const failedAt = newestAttempt(facts, invoice.id)?.at ?? null;
  const dueAt = retryTime(addDays(ladder.anchor, step.delayDays), nextAt, failedAt, reading, zone, retries);
  const schedule = invoice.schedule.value;
  if (dueAt > now) {
    const then = mayRetry(facts, invoice.id, reading, schedule.attemptCount, dueAt);
    return { ...none, wakeAt: dueAt, comesAt: then.allowed ? dueAt : then.notBefore };
  }
  // Its day has come in vain: the next one is what there is to come.
  const passedOver = (why: string): OurTry => {
    const record = skippedStep({ id: step.id, kind: 'retry' }, now, why);
    const on = { ...ladder, steps: [...ladder.steps, record] };
    const rest = retryDue(facts, invoice, on, campaign, reading, zone, retries, now);
    return { ...rest, skipped: [record, ...rest.skipped] };
  };
  if (schedule.nextAttemptAt !== null && schedule.nextAttemptAt > now) {
    return passedOver('the provider still plans tries of its own: two owners; switch its retries off');
  }
  const verdict = mayRetry(facts, invoice.id, reading, schedule.attemptCount, now);
  if (!verdict.allowed) {
    if (verdict.notBefore === null) return passedOver(verdict.why);
    return { ...none, wakeAt: verdict.notBefore, comesAt: verdict.notBefore };
  }
  const why = `day ${step.delayDays} of campaign ${campaign.id}; ${verdict.left} tries left`;
  const due = { kind: 'retry', message: null, dueAt, why, supersedes: [], methodId: null } as const;
  return { ...none, due: { ...due, stepId: step.id } };
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
      due: { stepId: 'end', kind: 'end', message: null, dueAt: at, why, supersedes: [], methodId: null },
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

/** A step that is due now, or the time when it will be. */
const atItsTime = (step: DueStep, now: Instant): { due: DueStep | null; wakeAt: Instant | null } =>
  step.dueAt <= now ? { due: step, wakeAt: null } : { due: null, wakeAt: step.dueAt };

/** What one open ladder wants at `now`. Pure; the cap of one mail a day and the choice between ladders come after it. */
export const agendaOf = (
  facts: Facts,
  ladder: Ladder,
  invoice: Invoice | null,
  campaign: Campaign,
  policy: Policy,
  now: Instant,
  backup: DueStep | null = null,
): Agenda => {
  const reading = readDecline(facts, invoice);
  const blocked = blockedBy(facts, now);
  const latest = addDays(ladder.anchor, campaign.end.latestDay);
  const endsAt = earlier(addDays(now, campaign.end.daysAfterNotice), latest) as Instant;
  const end = endDue(facts, ladder, campaign, blocked !== null, now);
  if (end.ended !== null || end.due !== null) return { ...end, skipped: [], endsAt, nextTryAt: null };
  if (blocked !== null)
    return {
      due: null,
      ended: null,
      skipped: [],
      wakeAt: earlier(blocked.until, end.wakeAt),
      endsAt,
      nextTryAt: null,
    };
  const zone = zoneOfCustomer(facts, policy);
  const refused = invoice ? readForRetry(facts, invoice, reading) : reading;
  const ours = retryDue(facts, invoice, ladder, campaign, refused, zone, policy.retries, now);
  // A try of ours that was passed over just now is none that is left.
  const tried = { ...ladder, steps: [...ladder.steps, ...ours.skipped] };
  const over = attemptsAreOver(invoice, reading, tried, campaign, policy, now);
  const quietUntil = silentUntil(facts, invoice, ladder, ours.comesAt, reading, policy);
  // The customer's other cards are tried when no try with the first is left, and before the final notice.
  const isGivingUp = over && ours.due === null && ours.wakeAt === null;
  const backedUp = isGivingUp && backup !== null ? atItsTime(backup, now) : null;
  const retry = backedUp ? { ...ours, ...backedUp, comesAt: backedUp.wakeAt } : ours;
  const finalAt = finalNoticeDueAt(invoice, ladder, campaign, over && backup === null);
  const nextTry = policy.retries.owner === 'recoup' ? retry.comesAt : promisedAttempt(invoice, reading, now);
  const mail = mailDue(ladder, campaign, finalAt, quietUntil, nextTry, now);
  const told = notifyDue(ladder, campaign, now);
  return {
    due: retry.due ?? told.due ?? mail.due,
    ended: null,
    skipped: retry.skipped,
    wakeAt: [retry.wakeAt, told.wakeAt, mail.wakeAt, end.wakeAt, over ? null : promiseLapsesAt(invoice)]
      // A promise that lapsed long ago wakes nobody.
      .filter((at) => at !== null && at > now)
      .reduce(earlier, null),
    endsAt,
    nextTryAt: nextTry,
  };
};
