// The one decision about a customer: open, step or close, and what to do next. Pure.
import { invariant } from '../assert.ts';
import { messageOf, type MailRequest, type Message, type OperatorNotice } from '../ports.ts';
import { caseOutcome } from '../reports/outcome.ts';
import { isWatched } from '../reports/rollup.ts';
import { addMs, DAY_MS, earlier, type Instant } from '../time.ts';
import { agendaOf, blockedBy, recordOf, skippedStep } from './agenda.ts';
import { backupTry, dueCardTry } from './card-tries.ts';
import { expiryOf, latePayments, pruned, recordFrom, released, rested } from './close.ts';
import { zoneOfCustomer } from './customer-zone.ts';
import { addressesOf, addressOf } from './customer.ts';
import type {
  Adjustment,
  ArmedAction,
  CaseRecord,
  Customer,
  Outbox,
  Ladder,
  RecoveryCase,
  StepKind,
  StepRecord,
} from './customer.ts';
import { lastWordOf } from './last-word.ts';
import { dueOperatorRetry, heldBy, inCampaignTime } from './holds.ts';
import { isSent } from './failure-kind.ts';
import { note, overflow } from './journal.ts';
import { lateDepartures } from './late-money.ts';
import {
  invoiceOf,
  outcomeIn,
  withBooks,
  withCampaigns,
  withDeliveries,
  withEnd,
  withLadders,
  withRecords,
} from './ladders.ts';
import { mailOf, operatorNoticeOf, type Wish } from './mail-request.ts';
import { nextLapse, noticeTurn, withNotices, withWinBack } from './notices.ts';
import type { Campaign, Policy } from './policy.ts';
import { isSpared, mailTime, whyNeverMailed, withExposure } from './restraint.ts';
import { countedAfterClosing, countedAnew, withWriteBeside } from './requests.ts';
import { nextInWindow } from './send-window.ts';
import { UNREACHABLE } from './step-ids.ts';
import { withTexts } from './variants.ts';

/** An open case is thought of at least this often: it picks up an edited policy and heals a lost wake-up. */
export const HEARTBEAT_MS = DAY_MS;

/** The next thing to do, or when to look again (`null`: not before another fact arrives). */
export type Next =
  | {
      readonly kind: 'act';
      readonly action: ArmedAction;
      readonly mail: MailRequest | null;
      readonly notice: OperatorNotice | null;
    }
  | { readonly kind: 'wait'; readonly until: Instant | null; readonly why: string };

/** What a visit decided: the customer as it is to be saved, with what goes beside it in its outbox. */
export type Decision = {
  readonly customer: Customer;
  readonly opened: boolean;
  readonly next: Next;
  /** An invoice that the provider still means to try although the tries are ours: nothing of ours is charged; null = none. */
  readonly twoOwners: string | null;
};

/** The gravest message goes, and carries the others of the day. */
const GRAVITY: Readonly<Record<Message, number>> = {
  'final-notice': 5,
  'confirm-payment': 4,
  'update-card': 3,
  'bank-debit-failed': 3,
  'invoice-overdue': 2,
  reminder: 2,
  'payment-failed': 1,
  recovered: 0,
  // These are about what lies ahead and never in one mail with others.
  'card-expired': 0,
  'card-expiring': 0,
  'renewal-notice': 0,
  'trial-ending': 0,
  'invoice-due': 0,
  // These come after the end.
  cancelled: 0,
  'win-back': 0,
};

const gravity = ({ due }: Wish): number => (due.message === null ? 0 : GRAVITY[messageOf(due.message)]);

/** The graver first; of equals the older failure. */
const byGravity = (a: Wish, b: Wish): number =>
  gravity(b) - gravity(a) || (a.ladder.anchor < b.ladder.anchor ? -1 : 1);

const armed = (
  customer: Customer,
  wish: Wish,
  carries: ArmedAction['carries'],
  campaign: Campaign,
  now: Instant,
): ArmedAction => {
  const open = customer.recovery.case;
  invariant(open, 'an action needs a case');
  return {
    caseId: open.id,
    subjectId: wish.ladder.subjectId,
    stepId: wish.due.stepId,
    kind: wish.due.kind,
    key: `${open.id}:${wish.ladder.subjectId}:${wish.due.stepId}`,
    why: wish.due.why,
    message: wish.due.message,
    endAction: wish.due.kind === 'end' ? campaign.end.action : null,
    methodId: wish.due.methodId,
    carries,
    armedAt: now,
  };
};

const skippedFor = ({ due }: Wish, why: string, now: Instant): StepRecord =>
  skippedStep({ id: due.stepId, kind: due.kind, message: due.message }, now, why);

const whyNoMail = ({ facts }: Customer): string =>
  addressesOf(facts).length === 0
    ? 'no e-mail address'
    : 'mail to every address came back, or its reader complained';

/** What a decision is made by, besides the customer. */
type Setting = { readonly policy: Policy; readonly now: Instant; readonly heartbeatMs: number };

/** `stays`: the case is not closed yet although everything in it is settled. */
type Choice = { readonly customer: Customer; readonly next: Next; readonly stays?: true };

const wait = (customer: Customer, until: Instant | null, why: string): Choice => ({
  customer,
  next: { kind: 'wait', until, why },
});

const campaignOf = (ladder: Ladder, policy: Policy): Campaign => {
  const campaign = policy.campaigns.find((one) => one.id === ladder.campaignId);
  invariant(campaign, `ladder ${ladder.subjectId} follows no campaign`);
  return campaign;
};

/**
 * The campaign as this ladder follows it: of several texts of a step one, and who was held out or found late never loses
 * the service for it.
 */
const campaignFollowed = (
  customer: Customer,
  { id }: RecoveryCase,
  ladder: Ladder,
  policy: Policy,
): Campaign => {
  const stated = campaignOf(ladder, policy);
  const campaign = { ...stated, steps: withTexts(stated.steps, id) };
  return isSpared(customer, ladder, policy)
    ? { ...campaign, end: { ...campaign.end, action: 'leave' } }
    : campaign;
};

/** Writes off the mails that are never to go, and looks again. null: all of them may. */
const withoutNever = (customer: Customer, mails: readonly Wish[], setting: Setting): Choice | null => {
  const { policy, now } = setting;
  const open = customer.recovery.case;
  invariant(open, 'a mail needs a case');
  const never = mails.flatMap((wish) => {
    const why = whyNeverMailed(customer, open, wish.ladder, wish.due.message, policy);
    return why === null ? [] : [{ wish, why }];
  });
  if (never.length === 0) return null;
  const skipped = never.reduce(
    (all, { wish, why }) =>
      withRecords(all, wish.ladder.subjectId, [...wish.due.supersedes, skippedFor(wish, why, now)]),
    customer,
  );
  return stepped(skipped, setting);
};

/** Sends the gravest mail with the others in it, at the time when money may be asked for. */
const mailChosen = (
  asked: Customer,
  mails: readonly [Wish, ...Wish[]],
  wakeAt: Instant,
  setting: Setting,
): Choice => {
  const { policy, now } = setting;
  const [wish, ...others] = mails;
  const time = mailTime(wish.due.dueAt, asked, policy, zoneOfCustomer(asked.facts, policy), now);
  if (time.at > now) return wait(asked, earlier(time.at, wakeAt), time.why);
  const customer = withExposure(asked, policy, wish.due.message, now);
  const never = withoutNever(customer, mails, setting);
  if (never !== null) return never;
  // Another final notice is told on a day of its own: it carries a date.
  const carried = others.filter(({ due }) => due.message !== 'final-notice');
  const carries = carried.map(({ ladder: { subjectId }, due: { stepId, message } }) => ({
    subjectId,
    stepId,
    message: message as string,
  }));
  const action = armed(customer, wish, carries, campaignOf(wish.ladder, policy), now);
  const mail = mailOf(customer, wish, action, policy);
  const recorded = [wish, ...carried].reduce(
    (all, { ladder, due }) => withRecords(all, ladder.subjectId, due.supersedes),
    customer,
  );
  if (mail !== null && mail.invoices.length > 0) {
    return { customer: recorded, next: { kind: 'act', action, mail, notice: null } };
  }
  const why = mail === null ? whyNoMail(customer) : 'nothing is owed';
  return stepped(withRecords(recorded, wish.ladder.subjectId, [skippedFor(wish, why, now)]), setting);
};

/** Chooses among what the ladders want: an end, then a retry, then the gravest mail with the others in it. */
const choose = (customer: Customer, wishes: readonly Wish[], wakeAt: Instant, setting: Setting): Choice => {
  const { policy, now } = setting;
  const first = (kind: StepKind) => wishes.find(({ due }) => due.kind === kind);
  const wish = first('end') ?? first('retry') ?? first('notify');
  if (wish) {
    const campaign = campaignOf(wish.ladder, policy);
    const action = armed(customer, wish, [], campaign, now);
    const notice =
      wish.due.kind === 'notify' ? operatorNoticeOf(customer, wish, action, campaign, policy) : null;
    return { customer, next: { kind: 'act', action, mail: null, notice } };
  }
  const [gravest, ...others] = wishes.filter(({ due }) => due.kind === 'email').sort(byGravity);
  return gravest
    ? mailChosen(customer, [gravest, ...others], wakeAt, setting)
    : wait(customer, wakeAt, 'nothing is due');
};

/** Told once a case, where the policy names whom to tell: no mail reaches the customer any more. */
const nobodyLeft = (
  customer: Customer,
  open: RecoveryCase,
  { operator }: Policy,
  now: Instant,
): Omit<Wish, 'endsAt' | 'nextTryAt'> | null => {
  const { facts } = customer;
  if (operator === undefined || addressesOf(facts).length === 0 || addressOf(facts) !== null) return null;
  if (open.ladders.some((ladder) => recordOf(ladder, UNREACHABLE))) return null;
  const ladder = open.ladders.find((one) => outcomeIn(open, one) === 'open');
  const why = whyNoMail(customer);
  const step = { stepId: UNREACHABLE, kind: 'notify', message: null, dueAt: now, why } as const;
  return ladder ? { ladder, due: { ...step, supersedes: [], methodId: null } } : null;
};

/** Walks the open ladders: closes the books of those at their end, gathers what the others want. */
const stepped = (customer: Customer, setting: Setting): Choice => {
  const { policy, now } = setting;
  const open = customer.recovery.case;
  invariant(open, 'only an open case is stepped');
  const wishes: Wish[] = [];
  const asked = dueOperatorRetry(customer, now);
  const first = asked.due ?? dueCardTry(asked.customer, now) ?? nobodyLeft(asked.customer, open, policy, now);
  if (first) return choose(asked.customer, [{ ...first, endsAt: now, nextTryAt: null }], now, setting);
  let wakeAt = earlier(asked.wakeAt, addMs(now, setting.heartbeatMs)) as Instant;
  let current = asked.customer;
  for (const ladder of open.ladders) {
    if (outcomeIn(open, ladder) !== 'open') continue;
    const invoice = invoiceOf(customer.facts, ladder);
    const campaign = campaignFollowed(customer, open, ladder, policy);
    const counted = inCampaignTime(ladder, customer.recovery.hold);
    const backup = backupTry(customer.facts, ladder, invoice, policy, now);
    const agenda = agendaOf(customer.facts, counted, invoice, campaign, policy, now, backup);
    if (agenda.ended !== null) {
      return settled(withBooks(withEnd(current, ladder, agenda.ended, now), policy), setting);
    }
    current = withRecords(current, ladder.subjectId, agenda.skipped);
    if (agenda.due) wishes.push({ ladder, ...agenda, due: agenda.due });
    if (agenda.wakeAt !== null && agenda.wakeAt > now) wakeAt = earlier(wakeAt, agenda.wakeAt) as Instant;
  }
  return choose(current, wishes, wakeAt, setting);
};

/** The last mail of a settled case; null when there is none (left) to send. */
const farewell = (
  customer: Customer,
  open: RecoveryCase,
  { policy, now, heartbeatMs }: Setting,
): Choice | null => {
  const word = lastWordOf(customer.facts, open);
  if (word === null || open.ladders.some((one) => recordOf(one, word.message))) return null;
  // While the payment is disputed or under way nobody is told that it did not come.
  if (word.message === 'cancelled' && blockedBy(customer.facts, now) !== null) return null;
  const { ladder, message, why } = word;
  const step = { stepId: message, kind: 'email', message, dueAt: now, why } as const;
  const wish: Wish = {
    ladder,
    due: { ...step, supersedes: [], methodId: null },
    endsAt: now,
    nextTryAt: null,
  };
  const zone = zoneOfCustomer(customer.facts, policy);
  // Thanks trouble nobody: they may come on a day with another mail.
  const { at, why: waitsFor } =
    message === 'recovered'
      ? { at: nextInWindow(now, policy.sendWindow, zone), why: 'the hours in which mails may go' }
      : mailTime(now, customer, policy, zone, now);
  if (at > now) {
    return { ...wait(customer, earlier(at, addMs(now, heartbeatMs)), waitsFor), stays: true };
  }
  const action = armed(customer, wish, [], campaignOf(ladder, policy), now);
  const mail = mailOf(customer, wish, action, policy);
  if (mail !== null) return { customer, next: { kind: 'act', action, mail, notice: null } };
  const skipped = withRecords(customer, ladder.subjectId, [skippedFor(wish, whyNoMail(customer), now)]);
  return wait(skipped, null, 'closing');
};

/** An open case: says its last word and closes when nothing is open any more, else goes a step on. */
const settled = (customer: Customer, setting: Setting): Choice => {
  const open = customer.recovery.case;
  invariant(open, 'only an open case is settled');
  const held = heldBy(customer.recovery, setting.now);
  if (open.books.every((book) => book.outcome !== 'open')) {
    return (held ? null : farewell(customer, open, setting)) ?? wait(customer, null, 'closing');
  }
  if (held === null) return stepped(customer, setting);
  return wait(customer, earlier(held.until, addMs(setting.now, setting.heartbeatMs)), held.why);
};

const outboxOf = (
  closed: CaseRecord | null,
  adjustments: readonly Adjustment[],
  journal: Outbox['journal'],
): Outbox | null =>
  closed === null && adjustments.length === 0 && journal === null ? null : { closed, adjustments, journal };

/** Nothing at risk: only what must be remembered stays. */
const idle = (customer: Customer, adjustments: readonly Adjustment[], now: Instant): Decision => {
  const kept = countedAnew(rested(customer, now));
  const next = { kind: 'wait', until: null, why: 'nothing is at risk' } as const;
  const outbox = outboxOf(null, adjustments, null);
  return {
    customer: { ...kept, outbox, expiresAt: expiryOf(kept, now) },
    opened: false,
    next,
    twoOwners: null,
  };
};

/** A mail about what lies ahead goes when nothing else does, and never on a day with another. */
const withNoticeTurn = (choice: Choice, { policy, now }: Setting): Choice => {
  const { customer, next } = choice;
  if (next.kind === 'act' || customer.recovery.notices.length === 0) return choice;
  const held = heldBy(customer.recovery, now);
  if (held !== null) {
    const until = [held.until, nextLapse(customer, policy)].reduce(earlier, next.until);
    return { ...choice, next: { ...next, until } };
  }
  const turn = noticeTurn(customer, policy, now);
  if (turn.due)
    return { ...choice, customer: turn.customer, next: { kind: 'act', ...turn.due, notice: null } };
  return { ...choice, customer: turn.customer, next: { ...next, until: earlier(next.until, turn.wakeAt) } };
};

/** A customer of whom something is still to come, as they are kept: without what no rule reads, and what is too long apart. */
const stayed = (customer: Customer, adjustments: readonly Adjustment[], now: Instant): Customer => {
  const cut = overflow(customer.recovery);
  const shortened = cut === null ? customer : withWriteBeside({ ...customer, recovery: cut.recovery });
  const kept = pruned(shortened, now);
  const outbox = outboxOf(null, adjustments, cut && { page: cut.page, entries: cut.entries });
  return { ...kept, outbox, expiresAt: null };
};

/** Nothing has failed, and something lies ahead. */
const ahead = (customer: Customer, adjustments: readonly Adjustment[], setting: Setting): Decision => {
  const choice = withNoticeTurn(wait(customer, null, 'something lies ahead'), setting);
  const stays = stayed(choice.customer, adjustments, setting.now);
  return { customer: countedAnew(stays), opened: false, next: choice.next, twoOwners: null };
};

/** The invoice of an open ladder that the provider will try although the policy says that the tries are ours. */
const twoOwnersOf = ({ facts }: Customer, open: RecoveryCase, { policy, now }: Setting): string | null => {
  if (policy.retries.owner === 'provider') return null;
  const found = open.ladders.find((ladder) => {
    const invoice = invoiceOf(facts, ladder);
    const next = invoice?.schedule.value.nextAttemptAt ?? null;
    const isOpen = outcomeIn(open, ladder) === 'open';
    return isOpen && next !== null && next > now && !isSent(invoice);
  });
  return found?.invoiceId ?? null;
};

/** Every failure of the case is settled: its record goes into the books, and the customer lets go of it. */
const closed = (
  customer: Customer,
  open: RecoveryCase,
  adjustments: readonly Adjustment[],
  { policy, now }: Setting,
) => {
  const outcome = caseOutcome(open.books.map((book) => book.outcome));
  const told = { ...customer, recovery: note(customer.recovery, now, 'case closed', outcome) };
  const left = released(told, open, now);
  const over = countedAfterClosing(withWinBack(left.customer, customer.facts, policy, now));
  const outbox = outboxOf(recordFrom(told, open, now), [...adjustments, ...left.adjustments], null);
  // What lies ahead outlives the case: a fresh look brings back what is needed for it.
  const isOn = over.recovery.notices.length > 0;
  const next = { kind: 'wait', until: isOn ? now : null, why: `case closed: ${outcome}` } as const;
  return { customer: { ...over, outbox, expiresAt: isOn ? null : expiryOf(over, now) }, next };
};

/** Whether everything of a case is settled and nobody is to be thanked any more. */
const isSettled = ({ customer, next, stays }: Choice): boolean =>
  next.kind === 'wait' &&
  !stays &&
  (customer.recovery.case?.books.every((book) => book.outcome !== 'open') ?? false);

/**
 * Decides about a customer whose facts have just been refreshed: opens a case and ladders, picks campaigns, settles
 * invoices, closes; and names the one next action with its reason, or when to look again. The same function serves the
 * clock, a dry run and the explain log. An open case is thought of again within `heartbeatMs`. Throws
 * {@link InvariantError} for a customer that cannot exist.
 */
export const plan = (
  customer: Customer,
  policy: Policy,
  now: Instant,
  heartbeatMs: number = HEARTBEAT_MS,
): Decision => {
  const paid = latePayments(customer);
  const { customer: current, adjustments: departures } = lateDepartures(paid.customer);
  const adjustments = [...paid.adjustments, ...departures];
  const setting = { policy, now, heartbeatMs };
  const laddered = withCampaigns(withLadders(withDeliveries(current), policy, now), policy, now);
  const standing = withNotices(withBooks(laddered, policy), policy, now);
  if (standing.recovery.case === null) {
    return standing.recovery.notices.length > 0
      ? ahead(standing, adjustments, setting)
      : idle(standing, adjustments, now);
  }
  const opened = current.recovery.case === null;
  // What failed long ago marks its month stale: see `markOpened` of publish.ts.
  const isLate = opened && isWatched(standing.recovery.case.openedAt, now);
  const chosen = settled(isLate ? withWriteBeside(standing) : standing, setting);
  const isClosing = isSettled(chosen);
  const choice = isClosing ? chosen : withNoticeTurn(chosen, setting);
  const open = choice.customer.recovery.case;
  invariant(open, 'a case does not vanish while it is stepped');
  if (isClosing) return { ...closed(choice.customer, open, adjustments, setting), opened, twoOwners: null };
  const stays = stayed(choice.customer, adjustments, now);
  return {
    customer: stays,
    opened,
    next: choice.next,
    twoOwners: twoOwnersOf(choice.customer, open, setting),
  };
};
