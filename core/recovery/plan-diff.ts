// What another policy would change for an open case: next step, mails, ends, the steps between. Pure.
import type { CustomerKey } from '../ids.ts';
import { totalsOf, type CaseTotals } from '../reports/outcome.ts';
import type { Instant } from '../time.ts';
import type { Customer, Outcome, StepKind } from './customer.ts';
import { explain, type ExplainedInvoice, type ExplainedStep, type Explanation } from './explain.ts';
import type { Campaign, Policy } from './policy.ts';

/** A step that comes at a time, if nobody pays before it. */
export type PlannedStep = {
  readonly subjectId: string;
  readonly step: string;
  /** null: it is in no campaign, such as the thanks after a payment. */
  readonly kind: StepKind | null;
  readonly message: string | null;
  readonly at: Instant;
};

/** What happens next to a case. */
export type PlannedNext =
  | ({ readonly kind: 'step' } & { readonly step: PlannedStep })
  | { readonly kind: 'close'; readonly at: Instant; readonly outcome: Outcome }
  | { readonly kind: 'nothing'; readonly why: string };

/** How one failure ends: what becomes of the subscription, and when. */
export type PlannedEnd = {
  readonly subjectId: string;
  readonly action: Campaign['end']['action'];
  readonly at: Instant;
};

/** What a policy has in store for a case. */
export type CasePlan = {
  readonly next: PlannedNext;
  /** Every step to come but the ends. */
  readonly steps: readonly PlannedStep[];
  /** How many of the steps are mails. */
  readonly mails: number;
  readonly ends: readonly PlannedEnd[];
};

/** How an end changes. `otherwise`: something else becomes of the subscription, on whatever day. */
export type EndChange = {
  readonly subjectId: string;
  readonly change: 'earlier' | 'later' | 'otherwise' | 'new' | 'gone';
  readonly before: PlannedEnd | null;
  readonly after: PlannedEnd | null;
};

/** One open case under two policies. */
export type PlanDiff = {
  readonly key: CustomerKey;
  readonly caseId: string;
  readonly totals: Readonly<Record<string, CaseTotals>>;
  readonly before: CasePlan;
  readonly after: CasePlan;
  readonly isChanged: boolean;
  readonly nextChanges: boolean;
  /** Mails more (or, below 0, fewer). */
  readonly mails: number;
  readonly ends: readonly EndChange[];
  /** How many steps come under one policy only, or at another time. */
  readonly steps: { readonly added: number; readonly gone: number; readonly moved: number };
};

/** Many cases under two policies. `mails`: those of customers who get more, and of those who get fewer. */
export type PlanDiffSummary = {
  readonly openCases: number;
  readonly changed: number;
  readonly mails: { readonly more: number; readonly fewer: number };
  readonly ends: Readonly<Record<EndChange['change'], number>>;
};

/** What is held back now and comes afterwards is to come as well: the dry run knows when. */
const isToCome = ({ status, at }: ExplainedStep): boolean =>
  (status === 'waiting' || status === 'blocked') && at !== null;

const plannedStep = (subjectId: string, { id, kind, message, at }: ExplainedStep): PlannedStep[] =>
  at === null ? [] : [{ subjectId, step: id, kind, message, at }];

const stepsToCome = ({ book, steps }: ExplainedInvoice): readonly PlannedStep[] =>
  steps.filter(isToCome).flatMap((step) => plannedStep(book.subjectId, step));

/** An end by which the plan only says that the campaign is over touches nothing, whatever its action is. */
const CLOSES_BOOKS_ONLY = /^campaign .+ reached its (end|last day)/;

const endOf = ({ book, campaign, steps }: ExplainedInvoice, policy: Policy): PlannedEnd[] => {
  const end = steps.find((step) => step.kind === 'end' && isToCome(step));
  const followed = policy.campaigns.find(({ id }) => id === campaign);
  if (!end || end.at === null || !followed) return [];
  const action = CLOSES_BOOKS_ONLY.test(end.rule ?? '') ? 'leave' : followed.end.action;
  return [{ subjectId: book.subjectId, action, at: end.at }];
};

const nextOf = ({ next, invoices }: Explanation): PlannedNext => {
  if (next.kind !== 'act') return next.kind === 'close' ? closeOf(next) : { kind: 'nothing', why: next.why };
  const { at, step, subjectId } = next;
  const known = invoices
    .find(({ book }) => book.subjectId === subjectId)
    ?.steps.find(({ id }) => id === step);
  const { kind = null, message = null } = known ?? {};
  return { kind: 'step', step: { subjectId, step, kind, message, at } };
};

const closeOf = ({ at, outcome }: { at: Instant; outcome: Outcome }): PlannedNext => ({
  kind: 'close',
  at,
  outcome,
});

const planOf = (explained: Explanation, policy: Policy): CasePlan => {
  const steps = explained.invoices.flatMap(stepsToCome).filter(({ kind }) => kind !== 'end');
  return {
    next: nextOf(explained),
    steps,
    mails: steps.filter(({ kind }) => kind === 'email').length,
    ends: explained.invoices.flatMap((invoice) => endOf(invoice, policy)),
  };
};

const isSameStep = (a: PlannedStep, b: PlannedStep): boolean =>
  a.subjectId === b.subjectId && a.step === b.step && a.kind === b.kind && a.message === b.message;

const isSameNext = (a: PlannedNext, b: PlannedNext): boolean => {
  if (a.kind === 'step' && b.kind === 'step') return isSameStep(a.step, b.step) && a.step.at === b.step.at;
  if (a.kind === 'close' && b.kind === 'close') return a.at === b.at && a.outcome === b.outcome;
  return a.kind === b.kind;
};

const stepChanges = (before: readonly PlannedStep[], after: readonly PlannedStep[]): PlanDiff['steps'] => {
  const stays = before.flatMap((step) => {
    const other = after.find((one) => isSameStep(one, step));
    return other ? [{ isMoved: other.at !== step.at }] : [];
  });
  return {
    added: after.length - stays.length,
    gone: before.length - stays.length,
    moved: stays.filter(({ isMoved }) => isMoved).length,
  };
};

const endChange = (before: PlannedEnd | null, after: PlannedEnd | null): EndChange['change'] | null => {
  if (before === null || after === null) return before === after ? null : before === null ? 'new' : 'gone';
  if (before.action !== after.action) return 'otherwise';
  if (before.at === after.at) return null;
  return after.at < before.at ? 'earlier' : 'later';
};

const endChanges = (before: readonly PlannedEnd[], after: readonly PlannedEnd[]): EndChange[] => {
  const subjects = new Set([...before, ...after].map(({ subjectId }) => subjectId));
  return [...subjects].flatMap((subjectId) => {
    const of = (ends: readonly PlannedEnd[]) => ends.find((one) => one.subjectId === subjectId) ?? null;
    const change = endChange(of(before), of(after));
    return change === null ? [] : [{ subjectId, change, before: of(before), after: of(after) }];
  });
};

/**
 * Compares what two policies have in store for a customer's open case, each by a dry run from where the case
 * stands at `now`; null when no case is open. Throws {@link InvariantError} for a customer that cannot exist.
 */
export const planDiff = (
  customer: Customer,
  policies: { readonly before: Policy; readonly after: Policy },
  now: Instant,
): PlanDiff | null => {
  const open = customer.recovery.case;
  if (open === null) return null;
  const explained = explain(customer, policies.before, now);
  const before = planOf(explained, policies.before);
  const after = planOf(explain(customer, policies.after, now), policies.after);
  const nextChanges = !isSameNext(before.next, after.next);
  const ends = endChanges(before.ends, after.ends);
  const steps = stepChanges(before.steps, after.steps);
  return {
    key: customer.key,
    caseId: open.id,
    totals: totalsOf(explained.invoices.map(({ book }) => book)),
    before,
    after,
    isChanged: nextChanges || ends.length > 0 || steps.added + steps.gone + steps.moved > 0,
    nextChanges,
    mails: after.mails - before.mails,
    ends,
    steps,
  };
};

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

/** Adds up what changes in many open cases. */
export const sumOfDiffs = (diffs: readonly PlanDiff[]): PlanDiffSummary => {
  const ends = diffs.flatMap((diff) => diff.ends);
  const count = (change: EndChange['change']) => ends.filter((one) => one.change === change).length;
  return {
    openCases: diffs.length,
    changed: diffs.filter(({ isChanged }) => isChanged).length,
    mails: {
      more: sum(diffs.map(({ mails }) => Math.max(0, mails))),
      fewer: sum(diffs.map(({ mails }) => Math.max(0, -mails))),
    },
    ends: {
      earlier: count('earlier'),
      later: count('later'),
      otherwise: count('otherwise'),
      new: count('new'),
      gone: count('gone'),
    },
  };
};
