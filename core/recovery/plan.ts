// The one decision about a customer: open, step or close, and what to do next. Pure.
import { invariant } from '../assert.ts';
import { caseIdFor } from '../ids.ts';
import { money, sumByCurrency } from '../money.ts';
import type { MailRequest, Message } from '../ports.ts';
import { caseOutcome } from '../reports/outcome.ts';
import { addDays, addLocalDays, DAY_MS, addMs, earlier, localDay, type Instant } from '../time.ts';
import {
  agendaOf,
  newestAttempt,
  promisedAttempt,
  readDecline,
  recordOf,
  type Agenda,
  type DueStep,
} from './agenda.ts';
import {
  contactOf,
  NO_FACTS,
  type Adjustment,
  type ArmedAction,
  type CaseRecord,
  type Customer,
  type Facts,
  type InvoiceBook,
  type Ladder,
  type Outbox,
  type RecoveryCase,
  type StepRecord,
  type Tombstone,
} from './customer.ts';
import { note, overflow } from './journal.ts';
import { own } from './merge.ts';
import { campaignFor, type Campaign, type Policy } from './policy.ts';
import { amountsOf, bookOf, subjectsOf, type Subject } from './settle.ts';

/** An open case is thought of at least this often: it picks up an edited policy and heals a lost wake-up. */
export const HEARTBEAT_MS = DAY_MS;
/** How long a closed case's invoices are remembered: longer than any redelivery or event log, and than most late payers. */
const REMEMBER_DAYS = 400;
const MAX_TOMBSTONES = 300;
const MAX_ATTEMPTS = 100;
const ATTEMPT_DAYS = 30;

/** The next thing to do, or when to look again (`null`: not before another fact arrives). */
export type Next =
  | { readonly kind: 'act'; readonly action: ArmedAction; readonly mail: MailRequest | null }
  | { readonly kind: 'wait'; readonly until: Instant | null; readonly why: string };

/** What a visit decided: the customer as it is to be saved, with what goes beside it in its outbox. */
export type Decision = { readonly customer: Customer; readonly opened: boolean; readonly next: Next };

/** The gravest message goes, and carries the others of the day. */
const GRAVITY: Readonly<Record<Message, number>> = {
  'final-notice': 5,
  'confirm-payment': 4,
  'update-card': 3,
  reminder: 2,
  'payment-failed': 1,
  recovered: 0,
};

const invoiceOf = (facts: Facts, ladder: Ladder) =>
  ladder.reversalId === null ? own(facts.invoices, ladder.invoiceId) : null;

const newLadder = (subject: Subject): Ladder => ({
  subjectId: subject.id,
  invoiceId: subject.invoiceId,
  reversalId: subject.reversalId,
  kind: 'payment_failure',
  campaignId: null,
  anchor: subject.failedAt,
  steps: [],
  endedAt: null,
});

/** Opens a case for a first failure and a ladder for every failure that has none. */
const withLadders = (customer: Customer, policy: Policy, now: Instant): Customer => {
  const standing = customer.recovery.case;
  const known = new Set(standing?.ladders.map((ladder) => ladder.subjectId));
  const added = subjectsOf(customer.facts, policy).filter((subject) => !known.has(subject.id));
  const first = added[0];
  if (!first) return customer;
  const open: RecoveryCase = standing ?? {
    id: caseIdFor(first.id),
    openedAt: first.failedAt,
    ladders: [],
    books: [],
  };
  const recovery = {
    ...customer.recovery,
    case: { ...open, ladders: [...open.ladders, ...added.map(newLadder)] },
  };
  const opened = standing ? recovery : note(recovery, now, 'case opened', `payment of ${first.id} failed`);
  return {
    ...customer,
    recovery: added.reduce(
      (all, subject) => note(all, now, `ladder opened for ${subject.id}`, 'its payment failed'),
      opened,
    ),
  };
};

/** Picks every open ladder's campaign by the class of its failure; steps already done still count. */
const withCampaigns = (customer: Customer, policy: Policy, now: Instant): Customer => {
  const open = customer.recovery.case;
  if (!open) return customer;
  let recovery = customer.recovery;
  const ladders = open.ladders.map((ladder) => {
    const reading = readDecline(customer.facts, invoiceOf(customer.facts, ladder));
    const campaign = campaignFor(policy, reading.class);
    invariant(campaign, `no campaign takes ${reading.class}: the policy was not checked`);
    if (campaign.id === ladder.campaignId) return ladder;
    const what = `campaign ${campaign.id} picked for ${ladder.subjectId}`;
    recovery = note(recovery, now, what, `${reading.class} (${reading.because})`);
    return { ...ladder, campaignId: campaign.id };
  });
  return { ...customer, recovery: { ...recovery, case: { ...open, ladders } } };
};

const withBooks = (customer: Customer, policy: Policy): Customer => {
  const open = customer.recovery.case;
  if (!open) return customer;
  const books = open.ladders.map((ladder) => bookOf(customer.facts, ladder, policy));
  return { ...customer, recovery: { ...customer.recovery, case: { ...open, books } } };
};

/** Adds the records of steps to one ladder, each step once. */
export const withRecords = (
  customer: Customer,
  subjectId: string,
  records: readonly StepRecord[],
): Customer => {
  const open = customer.recovery.case;
  if (!open || records.length === 0) return customer;
  let recovery = customer.recovery;
  const ladders = open.ladders.map((ladder) => {
    if (ladder.subjectId !== subjectId) return ladder;
    const fresh = records.filter((record) => !recordOf(ladder, record.id));
    for (const record of fresh) {
      recovery = note(recovery, record.at, `${record.id} ${record.status} for ${subjectId}`, record.why);
    }
    return { ...ladder, steps: [...ladder.steps, ...fresh] };
  });
  return { ...customer, recovery: { ...recovery, case: { ...open, ladders } } };
};

const withEnd = (customer: Customer, ladder: Ladder, why: string, now: Instant): Customer => {
  const record: StepRecord = { id: 'end', kind: 'end', at: now, status: 'done', why, message: null };
  const recorded = withRecords(customer, ladder.subjectId, [record]);
  const open = recorded.recovery.case;
  invariant(open, `ladder ${ladder.subjectId} has no case`);
  const ladders = open.ladders.map((one) =>
    one.subjectId === ladder.subjectId ? { ...one, endedAt: now } : one,
  );
  return { ...recorded, recovery: { ...recorded.recovery, case: { ...open, ladders } } };
};

const hasMailed = (open: RecoveryCase): boolean =>
  open.ladders.some((ladder) =>
    ladder.steps.some((step) => step.kind === 'email' && step.status !== 'skipped'),
  );

type Wish = { readonly ladder: Ladder; readonly due: DueStep; readonly endsAt: Instant };

const gravity = ({ due }: Wish): number => (due.message === null ? 0 : GRAVITY[due.message]);

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
    carries,
    armedAt: now,
  };
};

/** The mail of a step: everything that is still owed, the failure it is about first. */
const mailOf = (
  customer: Customer,
  wish: Wish,
  action: ArmedAction,
  policy: Policy,
  now: Instant,
): MailRequest | null => {
  const { facts, recovery } = customer;
  const contact = contactOf(facts);
  if (contact.email === null || action.message === null) return null;
  const open = recovery.case as RecoveryCase;
  const paid = action.message === 'recovered';
  const shown = open.books
    .filter((book) => (paid ? book.recoveredMinor > 0 : book.openMinor > 0))
    .sort(
      (a, b) => Number(b.subjectId === wish.ladder.subjectId) - Number(a.subjectId === wish.ladder.subjectId),
    )
    .map((book) => ({ book, invoice: own(facts.invoices, book.invoiceId) }));
  const invoices = shown.map(({ book, invoice }) => ({
    number: invoice?.details.value.number ?? null,
    amount: money(paid ? book.recoveredMinor : owedOf(facts, book), book.currency),
    payUrl: invoice?.details.value.hostedUrl ?? null,
  }));
  const subject = own(facts.invoices, wish.ladder.invoiceId);
  return {
    to: contact.email,
    message: action.message as Message,
    language: contact.locales[0] ?? 'en',
    caseId: action.caseId,
    stepId: action.stepId,
    customerName: contact.name,
    invoices,
    totals: sumByCurrency(invoices.map((invoice) => invoice.amount)),
    payUrl: paid ? null : (subject?.details.value.hostedUrl ?? null),
    cardLast4: newestAttempt(facts, wish.ladder.invoiceId)?.card?.last4 ?? null,
    nextAttemptAt: promisedAttempt(subject, readDecline(facts, subject), now),
    endsAt: action.message === 'final-notice' ? wish.endsAt : null,
    timeZone: policy.timeZone,
    sender: policy.sender,
  };
};

/** What a customer is asked to pay: what the provider says remains, so that the mail and the pay page agree. */
const owedOf = (facts: Facts, book: InvoiceBook): number => {
  const invoice = book.subjectId === book.invoiceId ? own(facts.invoices, book.invoiceId) : null;
  return invoice ? amountsOf(facts, invoice).remaining : book.openMinor;
};

/** When a step may go at the earliest, given that money was asked for today already: its own hour on the next free day. */
const afterTheCap = (dueAt: Instant, lastAskedAt: Instant | null, timeZone: string): Instant => {
  if (lastAskedAt === null) return dueAt;
  const asked = localDay(lastAskedAt, timeZone);
  if (localDay(dueAt, timeZone) > asked) return dueAt;
  const days = Math.floor((Date.parse(lastAskedAt) - Date.parse(dueAt)) / DAY_MS);
  let at = addLocalDays(dueAt, Math.max(0, days), timeZone);
  while (localDay(at, timeZone) <= asked) at = addLocalDays(at, 1, timeZone);
  return at;
};

const skippedFor = (wish: Wish, why: string, now: Instant): StepRecord => ({
  id: wish.due.stepId,
  kind: wish.due.kind,
  at: now,
  status: 'skipped',
  why,
  message: wish.due.message,
});

type Choice = { readonly customer: Customer; readonly next: Next };

const wait = (customer: Customer, until: Instant | null, why: string): Choice => ({
  customer,
  next: { kind: 'wait', until, why },
});

/** Chooses among what the ladders want: an end, then a retry, then the gravest mail with the others in it. */
const choose = (
  customer: Customer,
  wishes: readonly Wish[],
  wakeAt: Instant,
  policy: Policy,
  now: Instant,
): Choice => {
  const other =
    wishes.find(({ due }) => due.kind === 'end') ?? wishes.find(({ due }) => due.kind === 'retry');
  const mails = wishes.filter(({ due }) => due.kind === 'email').sort(byGravity);
  const wish = other ?? mails[0];
  if (!wish) return wait(customer, wakeAt, 'nothing is due');
  const campaign = policy.campaigns.find((one) => one.id === wish.ladder.campaignId);
  invariant(campaign, `ladder ${wish.ladder.subjectId} follows no campaign`);
  if (wish.due.kind !== 'email') {
    return { customer, next: { kind: 'act', action: armed(customer, wish, [], campaign, now), mail: null } };
  }
  const freeAt = afterTheCap(wish.due.dueAt, customer.recovery.lastAskedAt, policy.timeZone);
  if (freeAt > now) return wait(customer, earlier(freeAt, wakeAt), 'a mail asked for money today already');
  // Another final notice is told on a day of its own: it carries a date.
  const carried = mails.slice(1).filter(({ due }) => due.message !== 'final-notice');
  const carries = carried.map(({ ladder, due }) => ({
    subjectId: ladder.subjectId,
    stepId: due.stepId,
    message: due.message as string,
  }));
  const action = armed(customer, wish, carries, campaign, now);
  const mail = mailOf(customer, wish, action, policy, now);
  const recorded = [wish, ...carried].reduce(
    (all, { ladder, due }) => withRecords(all, ladder.subjectId, due.supersedes),
    customer,
  );
  if (mail !== null && mail.invoices.length > 0)
    return { customer: recorded, next: { kind: 'act', action, mail } };
  const why = mail === null ? 'no e-mail address' : 'nothing is owed';
  const skipped = withRecords(recorded, wish.ladder.subjectId, [skippedFor(wish, why, now)]);
  return stepped(skipped, policy, now);
};

/** Walks the open ladders: closes the books of those at their end, gathers what the others want. */
const stepped = (customer: Customer, policy: Policy, now: Instant): Choice => {
  const open = customer.recovery.case;
  invariant(open, 'only an open case is stepped');
  const wishes: Wish[] = [];
  let wakeAt = addMs(now, HEARTBEAT_MS);
  let current = customer;
  for (const ladder of open.ladders) {
    const book = open.books.find((one) => one.subjectId === ladder.subjectId);
    if (book?.outcome !== 'open') continue;
    const campaign = policy.campaigns.find((one) => one.id === ladder.campaignId);
    invariant(campaign, `ladder ${ladder.subjectId} follows no campaign`);
    const agenda: Agenda = agendaOf(
      customer,
      ladder,
      invoiceOf(customer.facts, ladder),
      campaign,
      policy,
      now,
    );
    if (agenda.ended !== null)
      return settled(withBooks(withEnd(current, ladder, agenda.ended, now), policy), policy, now);
    current = withRecords(current, ladder.subjectId, agenda.skipped);
    if (agenda.due) wishes.push({ ladder, due: agenda.due, endsAt: agenda.endsAt });
    if (agenda.wakeAt !== null && agenda.wakeAt > now) wakeAt = earlier(wakeAt, agenda.wakeAt) as Instant;
  }
  return choose(current, wishes, wakeAt, policy, now);
};

/** One thank-you, and only to somebody whom a mail of this case has troubled. */
const thanks = (customer: Customer, open: RecoveryCase, policy: Policy, now: Instant): Choice | null => {
  const ladder = open.ladders.find((one) =>
    one.steps.some((step) => step.kind === 'email' && step.status !== 'skipped'),
  );
  const thanked = open.ladders.some((one) => recordOf(one, 'recovered'));
  if (
    caseOutcome(open.books.map((book) => book.outcome)) !== 'recovered' ||
    !hasMailed(open) ||
    !ladder ||
    thanked
  ) {
    return null;
  }
  const due: DueStep = {
    stepId: 'recovered',
    kind: 'email',
    message: 'recovered',
    dueAt: now,
    why: 'everything is paid and a mail had been sent',
    supersedes: [],
  };
  const wish: Wish = { ladder, due, endsAt: now };
  const campaign = policy.campaigns.find((one) => one.id === ladder.campaignId);
  invariant(campaign, `ladder ${ladder.subjectId} follows no campaign`);
  const action = armed(customer, wish, [], campaign, now);
  const mail = mailOf(customer, wish, action, policy, now);
  if (mail !== null) return { customer, next: { kind: 'act', action, mail } };
  const skipped = withRecords(customer, ladder.subjectId, [skippedFor(wish, 'no e-mail address', now)]);
  return wait(skipped, now, 'closing');
};

/** An open case: thanks and closes when nothing is open any more, else goes a step on. */
const settled = (customer: Customer, policy: Policy, now: Instant): Choice => {
  const open = customer.recovery.case;
  invariant(open, 'only an open case is settled');
  if (open.books.some((book) => book.outcome === 'open')) return stepped(customer, policy, now);
  return thanks(customer, open, policy, now) ?? wait(customer, null, 'closing');
};

const recordFrom = (customer: Customer, open: RecoveryCase, closedAt: Instant): CaseRecord => ({
  id: open.id,
  key: customer.key,
  openedAt: open.openedAt,
  closedAt,
  invoices: open.books,
  steps: open.ladders.flatMap((ladder) =>
    ladder.steps.map((step) => ({ ...step, subjectId: ladder.subjectId })),
  ),
  journal: customer.recovery.journal,
});

const newestTombstones = (all: Readonly<Record<string, Tombstone>>, now: Instant): Facts['tombstones'] => {
  const kept = Object.entries(all)
    .filter(([, tombstone]) => addDays(tombstone.at, REMEMBER_DAYS) > now)
    .sort(([, a], [, b]) => (a.at > b.at ? -1 : 1))
    .slice(0, MAX_TOMBSTONES);
  return Object.fromEntries(kept);
};

/** Lets go of a settled case: what was known of its invoices shrinks to tombstones, and who the customer is, is forgotten. */
const released = (customer: Customer, open: RecoveryCase, now: Instant): Customer => {
  const { facts } = customer;
  const buried = new Map<string, Tombstone>(Object.entries(facts.tombstones));
  for (const ladder of open.ladders) {
    const before = buried.get(ladder.invoiceId);
    const status = own(facts.invoices, ladder.invoiceId)?.status ?? before?.status ?? 'paid';
    const reversalIds = [
      ...(before?.reversalIds ?? []),
      ...(ladder.reversalId === null ? [] : [ladder.reversalId]),
    ];
    const currency =
      open.books.find((book) => book.subjectId === ladder.subjectId)?.currency ?? before?.currency;
    invariant(currency, `ladder ${ladder.subjectId} has no books`);
    buried.set(ladder.invoiceId, { status, caseId: open.id, at: now, currency, reversalIds });
  }
  return {
    ...customer,
    facts: {
      ...NO_FACTS,
      attempts: recentAttempts(facts.attempts, now),
      deletedAt: facts.deletedAt,
      erasedAt: facts.erasedAt,
      tombstones: newestTombstones(Object.fromEntries(buried), now),
    },
    recovery: { ...customer.recovery, case: null, lastAskedAt: customer.recovery.lastAskedAt, journal: [] },
  };
};

/** Attempts count towards the networks' limits for 30 days; the newest are kept. */
const recentAttempts = (attempts: Facts['attempts'], now: Instant): Facts['attempts'] => {
  const since = addDays(now, -ATTEMPT_DAYS);
  const kept = Object.values(attempts)
    .filter((attempt) => attempt.at > since)
    .sort((a, b) => (a.at > b.at || (a.at === b.at && a.id > b.id) ? -1 : 1))
    .slice(0, MAX_ATTEMPTS);
  return Object.fromEntries(kept.map((attempt) => [attempt.id, attempt]));
};

/** Drops what no rule will read again: invoices that belong in no case and are settled, attempts past the limits' window. */
const pruned = (customer: Customer, now: Instant): Customer => {
  const { facts, recovery } = customer;
  const held = new Set(recovery.case?.ladders.map((ladder) => ladder.invoiceId));
  const invoices = Object.values(facts.invoices).filter((invoice) => held.has(invoice.id));
  const ids = new Set(invoices.map((invoice) => invoice.id));
  return {
    ...customer,
    facts: {
      ...facts,
      invoices: Object.fromEntries(invoices.map((invoice) => [invoice.id, invoice])),
      changes: Object.fromEntries(
        Object.entries(facts.changes).filter(([, change]) => ids.has(change.invoiceId)),
      ),
      attempts: recentAttempts(facts.attempts, now),
      tombstones: newestTombstones(facts.tombstones, now),
    },
  };
};

/** What came in for invoices of closed cases: one dated entry each, then only the tombstones remain. */
const latePayments = (customer: Customer): { customer: Customer; adjustments: Adjustment[] } => {
  const { facts } = customer;
  const tombstones = { ...facts.tombstones };
  const entry = (
    id: string,
    invoiceId: string,
    at: Instant,
    minor: number,
    currency: string,
  ): Adjustment[] => {
    const tombstone = own(tombstones, invoiceId);
    if (tombstone === null || minor <= 0) return [];
    const { caseId } = tombstone;
    const amount = money(minor, currency);
    return [{ id, caseId, key: customer.key, subjectId: invoiceId, kind: 'payment', at, amount }];
  };
  const isLate = (invoiceId: string) => own(facts.tombstones, invoiceId) !== null;
  const paid = Object.values(facts.invoices).filter((invoice) => isLate(invoice.id));
  const parts = Object.entries(facts.changes).filter(([, change]) => isLate(change.invoiceId));
  if (paid.length === 0 && parts.length === 0) return { customer, adjustments: [] };
  const adjustments = [
    ...parts.flatMap(([id, change]) => {
      const { at, currency, status } = own(tombstones, change.invoiceId) as Tombstone;
      if (status === 'paid' || change.at <= at) return [];
      return entry(`part:${id}`, change.invoiceId, change.at, change.paidMinor, currency);
    }),
    ...paid.flatMap((invoice) => {
      const { due, credited } = invoice.amounts.value;
      return entry(`paid:${invoice.id}`, invoice.id, invoice.statusAt, due - credited, invoice.currency);
    }),
  ];
  for (const invoice of paid) {
    tombstones[invoice.id] = { ...(own(tombstones, invoice.id) as Tombstone), status: invoice.status };
  }
  const invoices = Object.fromEntries(Object.entries(facts.invoices).filter(([id]) => !isLate(id)));
  const changes = Object.fromEntries(
    Object.entries(facts.changes).filter(([, { invoiceId }]) => !isLate(invoiceId)),
  );
  return { customer: { ...customer, facts: { ...facts, invoices, changes, tombstones } }, adjustments };
};

/** When an item without a case may be forgotten. */
const expiryOf = (customer: Customer, now: Instant): Instant => {
  const latest = Object.values(customer.facts.tombstones).reduce(
    (at, { at: other }) => (other > at ? other : at),
    now,
  );
  return addDays(latest, Object.keys(customer.facts.tombstones).length > 0 ? REMEMBER_DAYS : 1);
};

/**
 * Decides about a customer whose facts have just been refreshed: opens a case and ladders, picks campaigns, settles
 * invoices, closes; and names the one next action with its reason, or when to look again. The same function serves the
 * clock, a dry run and the explain log. Throws {@link InvariantError} for a customer that cannot exist.
 */
export const plan = (customer: Customer, policy: Policy, now: Instant): Decision => {
  const { customer: current, adjustments } = latePayments(customer);
  const standing = withBooks(withCampaigns(withLadders(current, policy, now), policy, now), policy);
  const opened = current.recovery.case === null && standing.recovery.case !== null;
  const closing = standing.recovery.case === null ? null : settled(standing, policy, now);
  const open = closing?.customer.recovery.case ?? null;
  if (closing === null || open === null) {
    const idle = pruned(standing, now);
    const next = { kind: 'wait', until: null, why: 'nothing is at risk' } as const;
    const outbox = outboxOf(null, adjustments, null);
    return { customer: { ...idle, outbox, expiresAt: expiryOf(idle, now) }, opened: false, next };
  }
  const isOver = open.books.every((book) => book.outcome !== 'open') && closing.next.kind === 'wait';
  if (!isOver) {
    const cut = overflow(closing.customer.recovery);
    const kept = pruned({ ...closing.customer, recovery: cut?.recovery ?? closing.customer.recovery }, now);
    const outbox = outboxOf(null, adjustments, cut && { page: cut.page, entries: cut.entries });
    return { customer: { ...kept, outbox, expiresAt: null }, opened, next: closing.next };
  }
  const outcome = caseOutcome(open.books.map((book) => book.outcome));
  const told = {
    ...closing.customer,
    recovery: note(closing.customer.recovery, now, 'case closed', outcome),
  };
  const over = released(told, open, now);
  const outbox = outboxOf(recordFrom(told, open, now), adjustments, null);
  const next = { kind: 'wait', until: null, why: `case closed: ${outcome}` } as const;
  return { customer: { ...over, outbox, expiresAt: expiryOf(over, now) }, opened, next };
};

const outboxOf = (
  closed: CaseRecord | null,
  adjustments: readonly Adjustment[],
  journal: Outbox['journal'],
): Outbox | null =>
  closed === null && adjustments.length === 0 && journal === null ? null : { closed, adjustments, journal };
