// Why a customer is where they are, and what comes next: every step of every ladder with the rule behind it. Pure.
import { caseOutcome } from '../reports/outcome.ts';
import { addDays, DAY_MS, type Instant } from '../time.ts';
import { settledBy } from './acted.ts';
import { blockedBy, newestAttempt, promisedAttempt, readDecline, recordOf } from './agenda.ts';
import type {
  ArmedAction,
  Customer,
  Hold,
  InvoiceBook,
  Ladder,
  Notice,
  NoticeKind,
  OperatorRetry,
  Outcome,
  RecoveryCase,
  StepKind,
  StepStatus,
} from './customer.ts';
import type { Fact } from './fact.ts';
import { heldBy } from './holds.ts';
import { invoiceOf } from './ladders.ts';
import { own } from './merge.ts';
import { noticeStepsToCome } from './notices.ts';
import { plan } from './plan.ts';
import type { Campaign, Policy } from './policy.ts';
import { subscriptionOf } from './settle.ts';
import { CANCELLED, RECOVERED } from './step-ids.ts';
import { withTexts } from './variants.ts';

/** One step. `waiting`: it can come at `at`. `blocked`: it cannot, for the reason given, until then (null = not by itself). */
export type ExplainedStep = {
  readonly id: string;
  readonly kind: StepKind;
  readonly message: string | null;
  readonly status: StepStatus | 'waiting' | 'blocked';
  /** When it was done or passed over; for one that is to come, the earliest time if nothing else happens. */
  readonly at: Instant | null;
  /** Why it has this status. */
  readonly why: string;
  /** The rule that decided it, or would if nothing stood against it; null where none comes to it. */
  readonly rule: string | null;
  /** Until when it is blocked. */
  readonly until: Instant | null;
};

/** One failure: its money, why it fails, and its steps in the order of time. */
export type ExplainedInvoice = {
  readonly book: InvoiceBook;
  readonly number: string | null;
  readonly campaign: string | null;
  readonly failedAt: Instant;
  /** Why the payment fails; null for a returned payment. */
  readonly fails: { readonly class: string; readonly because: string; readonly card: string | null } | null;
  /** The provider's own next try, when it will really come. */
  readonly providerTriesAt: Instant | null;
  readonly steps: readonly ExplainedStep[];
};

/** Something ahead of the customer: what was written about it and what is still to come. */
export type ExplainedNotice = {
  readonly subjectId: string;
  readonly kind: NoticeKind;
  readonly campaign: string | null;
  readonly date: Instant;
  /** Why nothing more is written about it; null while something may be. */
  readonly over: string | null;
  readonly steps: readonly ExplainedStep[];
};

/** What happens next, by a dry run of the plan on what is stored. */
export type ExplainedNext =
  | {
      readonly kind: 'act';
      readonly at: Instant;
      readonly step: string;
      readonly subjectId: string;
      readonly why: string;
    }
  | { readonly kind: 'close'; readonly at: Instant; readonly outcome: Outcome; readonly why: string }
  | { readonly kind: 'nothing'; readonly why: string };

/** Everything that is decided and open about one customer. */
export type Explanation = {
  readonly key: Customer['key'];
  readonly version: number;
  readonly now: Instant;
  readonly case: { readonly id: string; readonly openedAt: Instant; readonly outcome: Outcome } | null;
  readonly hold: Hold | null;
  /** Why nothing may go out now, and until when. */
  readonly held: { readonly why: string; readonly until: Instant | null } | null;
  readonly setAside: { readonly at: Instant; readonly why: string } | null;
  /** What is being carried out, or of which it is not known yet what became of it. */
  readonly underWay: { readonly step: string; readonly subjectId: string; readonly since: Instant } | null;
  /** Tries that an operator asked for. */
  readonly asked: readonly OperatorRetry[];
  readonly invoices: readonly ExplainedInvoice[];
  readonly notices: readonly ExplainedNotice[];
  readonly next: ExplainedNext;
  /** When the clock looks next; null = not before something is told. */
  readonly nextLook: Instant | null;
};

/** What the dry run says of a step. */
type Foreseen = { readonly at: Instant; readonly status: StepStatus; readonly why: string };

type Run = {
  /** The customer as the plan sees them now, with the case that it closes, if it closes it at once. */
  readonly customer: Customer;
  readonly next: ExplainedNext;
  /** By `<subject> <step>`. */
  readonly foreseen: ReadonlyMap<string, Foreseen>;
};

const nameOf = (subjectId: string, stepId: string): string => `${subjectId} ${stepId}`;

/** Only steps matter here, no daily look in between. */
const NO_HEARTBEAT_MS = 3650 * DAY_MS;
const HORIZON_DAYS = 800;
const MAX_LOOKS = 1000;

/** The steps behind a customer, those of a case that was just closed too. */
const stepsOf = ({ recovery, outbox }: Customer) => [
  ...[...(recovery.case?.ladders ?? []), ...recovery.notices].flatMap(({ subjectId, steps }) =>
    steps.map((step) => ({ ...step, subjectId })),
  ),
  ...(outbox?.closed?.steps ?? []),
];

/** What an end that cancels a plan brings about, so that what is written about it is foretold too. */
const cancelledBy = (
  { facts, recovery }: Customer,
  { kind, endAction, subjectId }: ArmedAction,
  at: Instant,
): readonly Fact[] => {
  if (kind !== 'end' || endAction !== 'cancel') return [];
  const ladder = recovery.case?.ladders.find((one) => one.subjectId === subjectId);
  const invoice = ladder ? own(facts.invoices, ladder.invoiceId) : null;
  const subscription = invoice && subscriptionOf(facts, invoice)?.value;
  if (!subscription) return [];
  return [
    { kind: 'subscription', at, source: 'refresh', subscription: { ...subscription, status: 'canceled' } },
  ];
};

/** Lets the days go by with nobody paying and everything going well, and writes down what each step comes to. */
const dryRun = (customer: Customer, policy: Policy, now: Instant): Run => {
  const foreseen = new Map<string, Foreseen>();
  const behind = new Set(stepsOf(customer).map(({ subjectId, id }) => nameOf(subjectId, id)));
  const learn = (seen: Customer): void => {
    for (const { subjectId, id, at, status, why } of stepsOf(seen)) {
      const name = nameOf(subjectId, id);
      if (!behind.has(name) && !foreseen.has(name)) foreseen.set(name, { at, status, why });
    }
  };
  let first: Customer | null = null;
  let next: ExplainedNext | null = null;
  let current: Customer = { ...customer, pending: null, outbox: null };
  let at = now;
  for (let looks = 0; looks < MAX_LOOKS && at <= addDays(now, HORIZON_DAYS); looks += 1) {
    const decision = plan(current, policy, at, NO_HEARTBEAT_MS);
    first ??= decision.customer;
    learn(decision.customer);
    const { closed } = decision.customer.outbox ?? { closed: null };
    if (closed) next ??= closing(closed.invoices, at);
    if (decision.next.kind === 'act') {
      const { action } = decision.next;
      next ??= { kind: 'act', at, step: action.stepId, subjectId: action.subjectId, why: action.why };
      const facts = cancelledBy(decision.customer, action, at);
      current = settledBy(decision.customer, action, { kind: 'done', why: '', facts }, at);
      learn(current);
      continue;
    }
    const { until, why } = decision.next;
    if (closed || until === null) {
      next ??= { kind: 'nothing', why };
      break;
    }
    current = { ...decision.customer, outbox: null };
    at = until;
  }
  const nothing: ExplainedNext = { kind: 'nothing', why: 'nothing can come as things stand' };
  return { customer: first ?? customer, next: next ?? nothing, foreseen };
};

const closing = (books: readonly InvoiceBook[], at: Instant): ExplainedNext => {
  const outcome = caseOutcome(books.map((book) => book.outcome));
  const why = books.find((book) => book.outcome === outcome)?.why ?? '';
  return { kind: 'close', at, outcome, why };
};

type Planned = { readonly id: string; readonly kind: StepKind; readonly message: string | null };

/** Every step that a campaign has, and every try that was asked for by hand. */
const plannedOf = (
  ladder: Ladder,
  campaign: Campaign | undefined,
  caseId: string,
  asked: readonly OperatorRetry[],
): readonly Planned[] => {
  const steps = withTexts(campaign?.steps ?? [], caseId);
  const wishes = asked.filter(({ subjectId }) => subjectId === ladder.subjectId);
  return [
    ...wishes.map(({ id }): Planned => ({ id, kind: 'retry', message: null })),
    ...steps.map((step): Planned => ({
      id: step.id,
      kind: step.kind,
      message: step.kind === 'email' ? step.message : null,
    })),
    ...(campaign
      ? [{ id: campaign.finalNotice.id, kind: 'email', message: 'final-notice' } satisfies Planned]
      : []),
    { id: 'end', kind: 'end', message: null },
  ];
};

/** What stands against the steps to come, in the order in which it is told. */
type Against = {
  readonly settled: string | null;
  readonly setAside: string | null;
  readonly held: { readonly why: string; readonly until: Instant | null } | null;
  readonly blocked: { readonly why: string; readonly until: Instant | null } | null;
};

const stepToCome = (step: Planned, foreseen: Foreseen | undefined, against: Against): ExplainedStep => {
  const blocked = (why: string, until: Instant | null, at: Instant | null): ExplainedStep => ({
    ...step,
    status: 'blocked',
    at,
    why,
    rule: foreseen?.why ?? null,
    until,
  });
  const isDoneNow = foreseen?.status === 'done';
  if (against.settled !== null && !isDoneNow) return blocked(against.settled, null, null);
  if (against.setAside !== null) return blocked(against.setAside, null, null);
  const at = foreseen?.status === 'skipped' ? null : (foreseen?.at ?? null);
  if (against.held) return blocked(against.held.why, against.held.until, at);
  // An end that only closes our books waits for nothing: the dry run comes to it all the same.
  const isFree = step.kind === 'end' && foreseen !== undefined;
  if (against.blocked && !isFree) return blocked(against.blocked.why, against.blocked.until, at);
  if (foreseen === undefined) return blocked('the case is over before it comes', null, null);
  if (foreseen.status === 'skipped') return blocked(foreseen.why, null, null);
  return { ...step, status: 'waiting', at: foreseen.at, why: foreseen.why, rule: foreseen.why, until: null };
};

const byTime = (a: ExplainedStep, b: ExplainedStep): number => {
  const rank = ({ status }: ExplainedStep) => Number(status === 'waiting' || status === 'blocked');
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  if (a.at === b.at) return 0;
  return (a.at ?? '9') < (b.at ?? '9') ? -1 : 1;
};

const invoiceExplained = (
  { customer, foreseen }: Run,
  ladder: Ladder,
  book: InvoiceBook,
  caseId: string,
  against: Omit<Against, 'settled'>,
  policy: Policy,
  now: Instant,
): ExplainedInvoice => {
  const { facts, recovery } = customer;
  const invoice = invoiceOf(facts, ladder);
  const campaign = policy.campaigns.find(({ id }) => id === ladder.campaignId);
  const settled = book.outcome === 'open' ? null : book.why;
  const behind = ladder.steps.map((step): ExplainedStep => ({ ...step, rule: step.why, until: null }));
  // No campaign names what is said last.
  const lastWords = [RECOVERED, CANCELLED]
    .filter((id) => foreseen.has(nameOf(ladder.subjectId, id)))
    .map((id): Planned => ({ id, kind: 'email', message: id }));
  const toCome = [...plannedOf(ladder, campaign, caseId, recovery.retries), ...lastWords]
    .filter(({ id }) => recordOf(ladder, id) === null)
    .map((step) =>
      stepToCome(step, foreseen.get(nameOf(ladder.subjectId, step.id)), { ...against, settled }),
    );
  const reading = readDecline(facts, invoice);
  const card = newestAttempt(facts, ladder.invoiceId)?.card ?? null;
  return {
    book,
    number: invoice?.details.value.number ?? null,
    campaign: ladder.campaignId,
    failedAt: ladder.anchor,
    fails: invoice && {
      class: reading.class,
      because: reading.because,
      card: card && `${card.brand ?? 'card'} ${card.last4 ?? '????'}`,
    },
    providerTriesAt: promisedAttempt(invoice, reading, now),
    steps: [...behind, ...toCome].sort(byTime),
  };
};

const noticeExplained = (
  { customer, foreseen }: Run,
  notice: Notice,
  against: Omit<Against, 'settled' | 'blocked'>,
  policy: Policy,
): ExplainedNotice => {
  const { subjectId, kind, date, over } = notice;
  const behind = notice.steps.map((step): ExplainedStep => ({ ...step, rule: step.why, until: null }));
  const toCome = noticeStepsToCome(customer, notice, policy).map(({ id, message }) =>
    stepToCome({ id, kind: 'email', message }, foreseen.get(nameOf(subjectId, id)), {
      ...against,
      settled: null,
      blocked: null,
    }),
  );
  const steps = [...behind, ...toCome].sort(byTime);
  return { subjectId, kind, campaign: notice.campaignId, date, over, steps };
};

/** The case as the plan sees it now; the one that was stored, where the plan closes it at once. */
const caseOf = (stored: Customer, seen: Customer): RecoveryCase | null => {
  const open = seen.recovery.case ?? stored.recovery.case;
  const books = seen.recovery.case?.books ?? seen.outbox?.closed?.invoices ?? open?.books ?? [];
  return open && { ...open, books };
};

/**
 * Explains a customer: what was done and why, what waits for what, what is blocked and until when. What is to come is
 * foretold by a dry run of the plan itself, in which nobody pays and every step goes well. Throws {@link InvariantError}
 * for a customer that cannot exist.
 */
export const explain = (customer: Customer, policy: Policy, now: Instant): Explanation => {
  const run = dryRun(customer, policy, now);
  const isSeen = run.customer.recovery.case !== null || run.customer.recovery.notices.length > 0;
  const { recovery, facts } = isSeen ? run.customer : customer;
  const open = caseOf(customer, run.customer);
  const armed = customer.pending?.armed ?? null;
  const setAside = customer.setAsideAt && {
    at: customer.setAsideAt,
    why: customer.trouble?.why ?? 'the outcome of a charge or an end could not be found out',
  };
  const against = {
    setAside: setAside && `set aside for a person: ${setAside.why}`,
    held: heldBy(recovery, now),
    blocked: blockedBy(facts, now),
  };
  const explained = { ...run, customer: { ...customer, facts, recovery } };
  return {
    key: customer.key,
    version: customer.version,
    now,
    case: open && {
      id: open.id,
      openedAt: open.openedAt,
      outcome: caseOutcome(open.books.map(({ outcome }) => outcome)),
    },
    hold: customer.recovery.hold,
    held: against.held,
    setAside,
    underWay: armed && { step: armed.stepId, subjectId: armed.subjectId, since: armed.armedAt },
    asked: recovery.retries,
    invoices: (open?.ladders ?? []).flatMap((ladder) => {
      const book = open?.books.find(({ subjectId }) => subjectId === ladder.subjectId);
      return open && book ? [invoiceExplained(explained, ladder, book, open.id, against, policy, now)] : [];
    }),
    notices: recovery.notices.map((notice) => noticeExplained(explained, notice, against, policy)),
    next: setAside ? { kind: 'nothing', why: against.setAside ?? '' } : run.next,
    nextLook: customer.setAsideAt === null ? customer.dueAt : null,
  };
};
