// What the outcome of an action does to the customer: the step's record, what the mail carried, what has ended.
import type { ActOutcome } from '../ports.ts';
import { addMs, MINUTE_MS, type Instant } from '../time.ts';
import type { ArmedAction, Customer, StepRecord } from './customer.ts';
import { withEndedAt, withRecords } from './ladders.ts';
import { mergeAll } from './merge.ts';
import { withNoticeRecords } from './notices.ts';

const recordOfAct = (
  action: ArmedAction,
  status: StepRecord['status'],
  outcome: ActOutcome,
  at: Instant,
): StepRecord => ({
  id: action.stepId,
  kind: action.kind,
  at,
  status,
  why: whyOf(action, outcome),
  message: action.message,
  // What the business itself was written is no mail that the customer could find in their thread.
  ...(action.kind === 'email' &&
    outcome.kind === 'done' &&
    outcome.messageId !== undefined && { messageId: outcome.messageId }),
  ...(action.said !== undefined && status !== 'skipped' && { said: action.said }),
});

const whyOf = (action: ArmedAction, outcome: ActOutcome): string =>
  outcome.kind === 'done' ? action.why : outcome.why;

const statusOf = ({ kind }: ActOutcome): StepRecord['status'] =>
  kind === 'done' ? 'done' : kind === 'refused' ? 'skipped' : 'uncertain';

const isOfNotice = ({ recovery }: Customer, { subjectId }: ArmedAction): boolean =>
  recovery.notices.some((notice) => notice.subjectId === subjectId);

/** A mail about what lies ahead asks for no money and carries no other, and is the one mail of its day all the same. */
const noticeSettled = (
  customer: Customer,
  action: ArmedAction,
  outcome: ActOutcome,
  now: Instant,
): Customer => {
  const status = statusOf(outcome);
  const record = recordOfAct(action, status, outcome, now);
  const recorded = withNoticeRecords(customer, action.subjectId, [record]);
  if (status === 'skipped') return recorded;
  return { ...recorded, recovery: { ...recorded.recovery, lastAskedAt: now } };
};

/** What an outcome does to the customer: the step's record, what the mail carried, when money was last asked for. */
export const settledBy = (
  customer: Customer,
  action: ArmedAction,
  outcome: ActOutcome,
  now: Instant,
): Customer => {
  const base = { ...customer, pending: null, dueAt: now };
  if (outcome.kind === 'throttled') return { ...base, dueAt: addMs(now, MINUTE_MS) };
  if (isOfNotice(customer, action)) return noticeSettled(base, action, outcome, now);
  const status = statusOf(outcome);
  const recorded = withRecords(base, action.subjectId, [recordOfAct(action, status, outcome, now)]);
  if (status === 'skipped') return recorded;
  const merged = outcome.kind === 'done' ? mergeAll(recorded.facts, outcome.facts) : recorded.facts;
  const carried = action.carries.reduce(
    (all, { subjectId, stepId, message }) =>
      withRecords(all, subjectId, [
        {
          id: stepId,
          kind: 'email',
          at: now,
          status: 'skipped',
          why: `said in the ${action.message} mail`,
          message,
        },
      ]),
    { ...recorded, facts: merged },
  );
  return finished(carried, action, outcome, now);
};

/** What else a step that was carried out means: a mail asked for money; an end ended the ladder. */
const finished = (customer: Customer, action: ArmedAction, outcome: ActOutcome, now: Instant): Customer => {
  const { recovery } = customer;
  if (action.kind === 'email' && action.message !== 'recovered') {
    return { ...customer, recovery: { ...recovery, lastAskedAt: now } };
  }
  if (action.kind !== 'end') return customer;
  // Who marks an invoice leaves its subscription alone, whatever the answer tells of it.
  const touched = outcome.kind === 'done' && action.endAction !== 'mark_uncollectible';
  const told = touched ? outcome.facts : [];
  const ended = told.find((fact) => fact.kind === 'subscription')?.subscription.id ?? null;
  return withEndedAt(customer, action.subjectId, now, { endedSubscriptionId: ended });
};
