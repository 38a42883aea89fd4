// Lets a customer's days go by with `plan` and `settledBy`, as a dry run does, and tells what was done and when.
import type { ActOutcome, MailRequest, OperatorNotice } from '../../core/ports.ts';
import { settledBy } from '../../core/recovery/acted.ts';
import type { ArmedAction, CaseRecord, Customer } from '../../core/recovery/customer.ts';
import type { Fact } from '../../core/recovery/fact.ts';
import { mergeAll } from '../../core/recovery/merge.ts';
import { plan, type Decision } from '../../core/recovery/plan.ts';
import type { Policy } from '../../core/recovery/policy.ts';
import type { Instant } from '../../core/time.ts';
import { attemptFact, CARD, invoiceFact, told } from './facts.ts';

/** One thing that was done. */
export type Done = {
  readonly at: Instant;
  readonly action: ArmedAction;
  readonly mail: MailRequest | null;
  readonly notice: OperatorNotice | null;
  readonly before: Customer;
};

export type Walk = {
  readonly customer: Customer;
  readonly done: readonly Done[];
  readonly closed: readonly CaseRecord[];
  readonly looks: readonly { readonly at: Instant; readonly decision: Decision }[];
};

export type WalkOptions = {
  readonly policy: Policy;
  readonly from: Instant;
  readonly until: Instant;
  /** What is told on the way, each at its own time. */
  readonly later?: readonly Fact[];
  /** What a refresh of the provider brings at every look: it is lost with a case that closes. */
  readonly refreshed?: readonly Fact[];
  /** What becomes of an action; unless told, everything goes well and every charge is declined. */
  readonly outcome?: (action: ArmedAction, at: Instant) => ActOutcome;
};

const MOST_LOOKS = 3_000;

/** A charge that the bank declines, of the card given. */
export const declinedCharge = (action: ArmedAction, at: Instant, card = CARD): ActOutcome => ({
  kind: 'done',
  why: 'declined',
  facts: [attemptFact(`ch_${action.key}`, { at, invoiceId: action.subjectId, card, trigger: 'ladder' })],
});

/** A charge that takes the money. */
export const paidCharge = (action: ArmedAction, at: Instant): ActOutcome => ({
  kind: 'done',
  why: 'paid',
  facts: [
    attemptFact(`ch_${action.key}`, { at, invoiceId: action.subjectId, result: 'succeeded', decline: null }),
    invoiceFact(action.subjectId, { status: 'paid', at }),
  ],
});

const usualOutcome = (action: ArmedAction, at: Instant): ActOutcome =>
  action.kind === 'retry' ? declinedCharge(action, at) : { kind: 'done', why: '', facts: [] };

/** Looks whenever the last decision said so or something is told. Throws when a decision names a time that is past. */
export const walk = (start: Customer, options: WalkOptions): Walk => {
  const { policy, from, until, later = [], refreshed = [], outcome = usualOutcome } = options;
  const coming = [...later].sort((a, b) => (a.at < b.at ? -1 : 1));
  const done: Done[] = [];
  const closed: CaseRecord[] = [];
  const looks: { at: Instant; decision: Decision }[] = [];
  let customer = start;
  let now = from;
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    while (coming[0] && coming[0].at <= now) customer = told(customer, coming.shift() as Fact);
    const seen = { ...customer, outbox: null, facts: mergeAll(customer.facts, refreshed) };
    const decision = plan(seen, policy, now);
    looks.push({ at: now, decision });
    customer = decision.customer;
    if (customer.outbox?.closed) closed.push(customer.outbox.closed);
    const { next } = decision;
    if (next.kind === 'act') {
      done.push({ at: now, action: next.action, mail: next.mail, notice: next.notice, before: customer });
      customer = settledBy(customer, next.action, outcome(next.action, now), now);
      continue;
    }
    // A case that closed leaves its notices to a second look in the same visit.
    if (customer.outbox?.closed && next.until === now) continue;
    if (next.until !== null && next.until <= now) throw new Error(`${now}: to be looked at ${next.until}`);
    const fact = coming[0]?.at ?? null;
    const wake = next.until !== null && (fact === null || next.until < fact) ? next.until : fact;
    if (wake === null || wake > until) return { customer, done, closed, looks };
    now = wake;
  }
  throw new Error(`more than ${MOST_LOOKS} looks: the plan does not come to rest`);
};

/** What was done, as `2026-03-02 09:00 first` in UTC; of another subject than `in_1` with its name. */
export const linesOf = ({ done }: Walk): readonly string[] =>
  done.map(({ at, action: { stepId, subjectId } }) => {
    const of = subjectId === 'in_1' ? '' : ` ${subjectId}`;
    return `${at.slice(0, 10)} ${at.slice(11, 16)} ${stepId}${of}`;
  });
