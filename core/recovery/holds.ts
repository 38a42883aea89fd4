// What an operator's word does to the plan: what is held back and until when, and the tries asked for by hand.
import { addDays, DAY_MS, earlier, toMs, type Instant } from '../time.ts';
import { blockedBy, readDecline, readForRetry, recordOf, skippedStep, type DueStep } from './agenda.ts';
import type {
  Customer,
  Facts,
  Hold,
  Ladder,
  OperatorRetry,
  Pause,
  Recovery,
  RecoveryCase,
} from './customer.ts';
import { invoiceOf, outcomeIn, withRecords } from './ladders.ts';
import { mayRetry } from './network-rules.ts';

/** So many holds of one case stop its campaigns' clock; of more the oldest no longer count. */
const MAX_PAUSES = 20;

/** A time as it stands in a reason. */
const inWords = (at: Instant): string => `${at.slice(0, 16).replace('T', ' ')} UTC`;

/** Why nothing may be mailed, charged or ended now, and until when (null = until it is taken back); null = nothing holds. */
export const heldBy = (
  { hold }: Pick<Recovery, 'hold'>,
  now: Instant,
): { readonly why: string; readonly until: Instant | null } | null => {
  if (hold === null || (hold.until !== null && hold.until <= now)) return null;
  const why =
    hold.until === null ? `excluded by ${hold.by}` : `on hold until ${inWords(hold.until)} by ${hold.by}`;
  return { why, until: hold.until };
};

/** The times in which a customer was held, each as long as it lasted by `now`, to be kept in the next hold. */
export const pausesUntil = (hold: Hold | null, now: Instant): readonly Pause[] => {
  if (hold === null) return [];
  const until = earlier(hold.until, now) as Instant;
  const own = hold.at < until ? [{ at: hold.at, until }] : [];
  return [...hold.past, ...own].slice(-MAX_PAUSES);
};

const pausesOf = (hold: Hold): readonly Pause[] =>
  hold.until === null ? hold.past : [...hold.past, { at: hold.at, until: hold.until }];

/** For how many days the clock of something dated `at` has stood still: whole ones, so that steps keep their hour. */
const standstillDays = (pauses: readonly Pause[], at: Instant): number => {
  const ms = pauses.reduce(
    (sum, pause) => sum + Math.max(0, toMs(pause.until) - Math.max(toMs(pause.at), toMs(at))),
    0,
  );
  return Math.ceil(ms / DAY_MS);
};

/**
 * A ladder as its campaign counts its days: those on which the customer was held do not count. So a campaign goes on
 * from where it stood, its remaining mails as far apart as ever, and its end as long after its notice.
 */
export const inCampaignTime = (ladder: Ladder, hold: Hold | null): Ladder => {
  if (hold === null) return ladder;
  const pauses = pausesOf(hold);
  const moved = (at: Instant): Instant => addDays(at, standstillDays(pauses, at));
  return {
    ...ladder,
    anchor: moved(ladder.anchor),
    steps: ladder.steps.map((step) => ({ ...step, at: moved(step.at) })),
  };
};

/** What of an operator's word outlives a case: that the customer is excluded. A promise was about what is settled now. */
export const atRestOf = (recovery: Recovery, now: Instant): Recovery => {
  const { hold } = recovery;
  const stays = hold?.kind === 'excluded' && heldBy(recovery, now) !== null;
  return { ...recovery, hold: stays ? { ...hold, past: [] } : null, retries: [] };
};

/** Why nobody can charge the invoice of a ladder, whatever the limits say; null when it can be tried. */
export const whyNotCharged = (facts: Facts, ladder: Ladder): string | null => {
  if (facts.deletedAt ?? facts.erasedAt) return 'the customer is gone';
  const invoice = invoiceOf(facts, ladder);
  if (invoice === null) return 'its payment came back: an invoice that was paid is not charged again';
  if (invoice.status !== 'open') return `the invoice is ${invoice.status}`;
  return invoice.details.value.collectionMethod === 'send_invoice'
    ? 'the customer pays it on their own: nothing is charged automatically'
    : null;
};

/** What is to become of one wish. `over`: it is done, or there is nothing to charge any more. */
export type OperatorVerdict =
  | { readonly kind: 'due'; readonly left: number }
  | { readonly kind: 'waits'; readonly until: Instant; readonly why: string }
  | { readonly kind: 'skipped'; readonly why: string }
  | { readonly kind: 'over' };

/** Judges one wish: the same limits as for every other try of ours. */
export const operatorVerdict = (
  { facts, recovery }: Customer,
  wish: OperatorRetry,
  now: Instant,
): OperatorVerdict => {
  const open = recovery.case;
  const ladder = open?.ladders.find(({ subjectId }) => subjectId === wish.subjectId);
  if (!open || !ladder || outcomeIn(open, ladder) !== 'open' || recordOf(ladder, wish.id))
    return { kind: 'over' };
  if (wish.at > now) return { kind: 'waits', until: wish.at, why: `asked for by ${wish.by}` };
  const invoice = invoiceOf(facts, ladder);
  const against = whyNotCharged(facts, ladder) ?? blockedBy(facts, now)?.why ?? null;
  if (against !== null || invoice === null) return { kind: 'skipped', why: against ?? 'nothing to charge' };
  const reading = readForRetry(facts, invoice, readDecline(facts, invoice));
  const verdict = mayRetry(facts, invoice.id, reading, invoice.schedule.value.attemptCount, now);
  if (verdict.allowed) return { kind: 'due', left: verdict.left };
  return verdict.notBefore === null
    ? { kind: 'skipped', why: verdict.why }
    : { kind: 'waits', until: verdict.notBefore, why: verdict.why };
};

/** What the wishes of an operator come to now: the one try that is due, and when to look again. */
export type OperatorRetries = {
  /** The customer without the wishes that are done or impossible; of the latter a skipped step tells why. */
  readonly customer: Customer;
  readonly due: { readonly ladder: Ladder; readonly due: DueStep } | null;
  readonly wakeAt: Instant | null;
};

/** Goes through the tries that an operator asked for. The first that the limits allow is due. */
export const dueOperatorRetry = (customer: Customer, now: Instant): OperatorRetries => {
  const { case: open, retries } = customer.recovery;
  if (open === null || retries.length === 0) return { customer, due: null, wakeAt: null };
  let current = customer;
  let due: OperatorRetries['due'] = null;
  let wakeAt: Instant | null = null;
  const kept: OperatorRetry[] = [];
  for (const wish of retries) {
    const verdict = operatorVerdict(customer, wish, now);
    if (verdict.kind === 'skipped') {
      current = withRecords(current, wish.subjectId, [
        skippedStep({ id: wish.id, kind: 'retry' }, now, `asked for by ${wish.by}; ${verdict.why}`),
      ]);
    }
    if (verdict.kind === 'waits') wakeAt = earlier(wakeAt, verdict.until);
    if (verdict.kind === 'due') due ??= dueOf(open, wish, verdict.left);
    if (verdict.kind === 'waits' || verdict.kind === 'due') kept.push(wish);
  }
  return { customer: { ...current, recovery: { ...current.recovery, retries: kept } }, due, wakeAt };
};

const dueOf = (open: RecoveryCase, wish: OperatorRetry, left: number): OperatorRetries['due'] => {
  const ladder = open.ladders.find(({ subjectId }) => subjectId === wish.subjectId);
  if (!ladder) return null;
  const why = `asked for by ${wish.by}; ${left} tries left`;
  return {
    ladder,
    due: {
      stepId: wish.id,
      kind: 'retry',
      message: null,
      dueAt: wish.at,
      why,
      supersedes: [],
      methodId: null,
    },
  };
};
