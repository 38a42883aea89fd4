// Opens ladders, picks their campaigns, writes down their steps. Each function gives a new customer back.
import { invariant } from '../assert.ts';
import { caseIdFor } from '../ids.ts';
import type { Instant } from '../time.ts';
import { blockedBy, newestAttempt, readDecline, recordOf } from './agenda.ts';
import { deliveryName } from './customer.ts';
import type { ArmedAction, Customer, Facts, Ladder, Outcome, RecoveryCase, StepRecord } from './customer.ts';
import type { DeclineReading } from './decline.ts';
import { note } from './journal.ts';
import { own } from './merge.ts';
import { campaignFor, traitsOf } from './campaign.ts';
import { cardsOnFile, chargedByDefault } from './card-names.ts';
import { failureKindOf } from './failure-kind.ts';
import type { Policy } from './policy.ts';
import { bookOf, endedByUs, subjectsOf, type Subject } from './settle.ts';

/** The invoice a ladder is about; null for a returned payment, which no invoice of the provider stands for. */
export const invoiceOf = (facts: Facts, ladder: Ladder) =>
  ladder.reversalId === null ? own(facts.invoices, ladder.invoiceId) : null;

/** What became of a ladder by the books of its case; null = it has none yet. */
export const outcomeIn = (
  { books }: Pick<RecoveryCase, 'books'>,
  ladder: Pick<Ladder, 'subjectId'>,
): Outcome | null => books.find(({ subjectId }) => subjectId === ladder.subjectId)?.outcome ?? null;

const newLadder = (subject: Subject, facts: Facts, now: Instant): Ladder => ({
  subjectId: subject.id,
  invoiceId: subject.invoiceId,
  reversalId: subject.reversalId,
  kind: 'payment_failure',
  campaignId: null,
  anchor: subject.failedAt,
  openedAt: now,
  steps: [],
  endedAt: null,
  endedSubscriptionId: null,
  closedAs: null,
  methodId: chargedByDefault(facts, subject.invoiceId),
  onFile: cardsOnFile(facts, subject.invoiceId),
  // What had failed when a backfill saw the account was there before us.
  cohort: facts.importedAt !== null && subject.failedAt <= facts.importedAt ? 'imported' : 'live',
});

/** Opens a case for a first failure and a ladder for every failure that has none. */
export const withLadders = (customer: Customer, policy: Policy, now: Instant): Customer => {
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
    case: {
      ...open,
      ladders: [...open.ladders, ...added.map((subject) => newLadder(subject, customer.facts, now))],
    },
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

/** Why a payment failed, once more than that is known. */
const failedByOf = (
  facts: Facts,
  { invoiceId }: Ladder,
  { class: declineClass, because }: DeclineReading,
): NonNullable<Ladder['failedBy']> | null =>
  declineClass === 'unknown'
    ? null
    : { class: declineClass, because, brand: newestAttempt(facts, invoiceId)?.card?.brand ?? null };

/** Picks every open ladder's campaign by the class of its failure; steps already done still count. */
export const withCampaigns = (customer: Customer, policy: Policy, now: Instant): Customer => {
  const open = customer.recovery.case;
  if (!open) return customer;
  let recovery = customer.recovery;
  const ladders = open.ladders.map((ladder) => {
    const invoice = invoiceOf(customer.facts, ladder);
    const reading = readDecline(customer.facts, invoice);
    const kind = failureKindOf(customer.facts, invoice, ladder.invoiceId, reading);
    const chosen = campaignFor(policy, traitsOf(customer.facts, invoice, kind, reading.class, now));
    invariant(chosen, `no campaign takes ${kind} (${reading.class}): the policy was not checked`);
    const { campaign, passed } = chosen;
    const known = ladder.failedBy ?? failedByOf(customer.facts, ladder, reading);
    const told = known === null || known === ladder.failedBy ? ladder : { ...ladder, failedBy: known };
    if (campaign.id === ladder.campaignId && kind === ladder.kind) return told;
    const what = `campaign ${campaign.id} picked for ${ladder.subjectId}`;
    const why = [
      `${kind === 'payment_failure' ? '' : `${kind}: `}${reading.class} (${reading.because})`,
      ...passed.map((one) => `not ${one}`),
    ].join('; ');
    recovery = note(recovery, now, what, why);
    return { ...told, kind, campaignId: campaign.id };
  });
  return { ...customer, recovery: { ...recovery, case: { ...open, ladders } } };
};

/** Puts right the steps whose mail was uncertain and of which the mail service said later that it was sent. */
export const withDeliveries = (customer: Customer): Customer => {
  const { facts, recovery } = customer;
  const putRight = <T extends Pick<Ladder, 'subjectId' | 'steps'>>(one: T): T => ({
    ...one,
    steps: one.steps.map((step): StepRecord => {
      const sent = own(facts.deliveries, deliveryName(one.subjectId, step.id))?.sent;
      if (step.status !== 'uncertain' || !sent) return step;
      return { ...step, at: sent, status: 'done', why: 'the mail service told later that it was sent' };
    }),
  });
  const open = recovery.case && { ...recovery.case, ladders: recovery.case.ladders.map(putRight) };
  return { ...customer, recovery: { ...recovery, case: open, notices: recovery.notices.map(putRight) } };
};

/** Works out the money of every ladder anew. */
export const withBooks = (customer: Customer, policy: Policy): Customer => {
  const open = customer.recovery.case;
  if (!open) return customer;
  const ended = endedByUs(open.ladders, customer.facts);
  const books = open.ladders.map((ladder) => bookOf(customer.facts, ladder, policy, ended));
  return { ...customer, recovery: { ...customer.recovery, case: { ...open, books } } };
};

/**
 * Why a charge or an end that was armed, and of which nobody knows whether it reached the provider, is not to be
 * asked for once more; null = nothing stands against it.
 */
export const whyNotAgain = (
  { facts, recovery }: Customer,
  { subjectId }: ArmedAction,
  policy: Policy,
  now: Instant,
): string | null => {
  const ladders = recovery.case?.ladders ?? [];
  const ladder = ladders.find((one) => one.subjectId === subjectId);
  const book = ladder && bookOf(facts, ladder, policy, endedByUs(ladders, facts));
  if (book && book.outcome !== 'open') return book.why;
  if (facts.deletedAt ?? facts.erasedAt) return 'the customer is gone';
  return blockedBy(facts, now)?.why ?? null;
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

/** How a ladder ended, besides when. */
type Ending = Partial<Pick<Ladder, 'endedSubscriptionId' | 'closedAs'>>;

/** Marks one ladder as at its end. */
export const withEndedAt = (
  customer: Customer,
  subjectId: string,
  at: Instant,
  ending: Ending = {},
): Customer => {
  const open = customer.recovery.case;
  if (!open) return customer;
  const ladders = open.ladders.map((one) =>
    one.subjectId === subjectId ? { ...one, endedAt: at, ...ending } : one,
  );
  return { ...customer, recovery: { ...customer.recovery, case: { ...open, ladders } } };
};

/** Ends one ladder in our books. */
export const withEnd = (
  customer: Customer,
  ladder: Ladder,
  why: string,
  now: Instant,
  ending: Ending = {},
): Customer => {
  const record: StepRecord = { id: 'end', kind: 'end', at: now, status: 'done', why, message: null };
  invariant(customer.recovery.case, `ladder ${ladder.subjectId} has no case`);
  return withEndedAt(withRecords(customer, ladder.subjectId, [record]), ladder.subjectId, now, ending);
};
