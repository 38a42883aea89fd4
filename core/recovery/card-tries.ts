// Tries with another card: the new one that a customer or the network brought, and those on file before giving up.
import { addMs, HOUR_MS, later, type Instant } from '../time.ts';
import { blockedBy, newestAttempt, readDecline, recordOf, type DueStep } from './agenda.ts';
import type { Customer, Facts, Invoice, Ladder } from './customer.ts';
import type { CardDetails } from './fact.ts';
import { cardName, defaultsOf } from './card-names.ts';
import { isBankDebit, isSent } from './failure-kind.ts';
import { whyNotCharged } from './holds.ts';
import { invoiceOf, outcomeIn } from './ladders.ts';
import { own } from './merge.ts';
import { mayTryMethod } from './network-rules.ts';
import type { Policy } from './policy.ts';
import { backupStepId, cardUpdateStepId } from './step-ids.ts';

/** A card on file is tried so long after the last try of another at the earliest. */
const BACKUP_SPACING_MS = 24 * HOUR_MS;

type Candidate = { readonly methodId: string; readonly card: CardDetails; readonly name: string };

/** Whether a card is valid at `now`: to the last day of its month. A card that does not say is taken for valid. */
const isValid = ({ expMonth, expYear }: CardDetails, now: Instant): boolean =>
  expMonth === null ||
  expYear === null ||
  `${expYear}-${String(expMonth).padStart(2, '0')}` >= now.slice(0, 7);

const candidatesOf = (facts: Facts, ids: readonly (string | null)[], now: Instant): readonly Candidate[] =>
  [...new Set(ids)].flatMap((methodId) => {
    if (methodId === null || own(facts.methods, methodId)?.value.attached !== true) return [];
    const card = own(facts.cards, methodId)?.value ?? null;
    const name = cardName(card);
    return card === null || name === null || !isValid(card, now) ? [] : [{ methodId, card, name }];
  });

/** Whether a card has been tried: for this invoice at all, or for any of the customer and it was declined. */
const isTried = ({ attempts }: Facts, invoiceId: string, name: string): boolean =>
  Object.values(attempts).some(
    (attempt) =>
      cardName(attempt.card) === name && (attempt.invoiceId === invoiceId || attempt.result === 'declined'),
  );

const cardInWords = ({ brand, last4 }: CardDetails): string => `${brand ?? 'card'} ${last4 ?? '????'}`;

/** A try with another card that is due. */
export type CardTry = { readonly ladder: Ladder; readonly due: DueStep };

/**
 * Whether it is known what an invoice was tried with: a try with a card that is not known could have been with any. One that
 * was never tried for want of a method was tried with none.
 */
const knowsTries = ({ attempts }: Facts, invoice: Invoice): boolean => {
  const tries = Object.values(attempts).filter(({ invoiceId }) => invoiceId === invoice.id);
  if (tries.length === 0) return invoice.methodRequiredAt !== null;
  return tries.every(({ card, methodType }) => cardName(card) !== null || isBankDebit(methodType));
};

const newCardFor = (facts: Facts, ladder: Ladder, invoice: Invoice, now: Instant): Candidate | null => {
  const { onFile } = ladder;
  if (onFile === null || !knowsTries(facts, invoice)) return null;
  // Who told the bank to stop these payments is not charged by another way unasked.
  if (readDecline(facts, invoice).consentWithdrawn) return null;
  const isNew = ({ name }: Candidate) => !onFile.includes(name) && !isTried(facts, invoice.id, name);
  return candidatesOf(facts, defaultsOf(facts, invoice), now).find(isNew) ?? null;
};

/**
 * The try that a card brings which was not on file when the failure was found: the customer's or the subscription's own
 * default, whoever brought it, the customer or the network. One try an open invoice, the oldest first; when the bank says no,
 * the others are not tried with it. Whoever owns the retries, for no provider's schedule knows of the card.
 */
export const dueCardTry = ({ facts, recovery }: Customer, now: Instant): CardTry | null => {
  const open = recovery.case;
  if (open === null || blockedBy(facts, now) !== null) return null;
  const openLadders = open.ladders.filter((ladder) => outcomeIn(open, ladder) === 'open');
  // Not paid with it, though tried: the bank said no, or nobody knows what it said.
  const unpaid = open.ladders.filter((ladder) =>
    ['open', 'lost'].includes(outcomeIn(open, ladder) ?? 'open'),
  );
  const inOrder = [...openLadders].sort((a, b) => (a.anchor < b.anchor ? -1 : 1));
  for (const ladder of inOrder) {
    const invoice = invoiceOf(facts, ladder);
    if (invoice === null || whyNotCharged(facts, ladder) !== null) continue;
    const found = newCardFor(facts, ladder, invoice, now);
    if (found === null) continue;
    const stepId = cardUpdateStepId(found.name);
    if (unpaid.some((one) => recordOf(one, stepId) !== null)) continue;
    const verdict = mayTryMethod(facts, invoice.id, found.card, invoice.schedule.value.attemptCount, now);
    if (!verdict.allowed) continue;
    const why = `a new ${cardInWords(found.card)} is on file; ${verdict.left} tries left`;
    const { methodId } = found;
    return {
      ladder,
      due: { stepId, kind: 'retry', message: null, dueAt: now, why, supersedes: [], methodId },
    };
  }
  return null;
};

/**
 * The next of the customer's other cards, when the tries of ours with the first are over and the policy wants all of them
 * tried before giving up. null = there is none (left).
 */
export const backupTry = (
  facts: Facts,
  ladder: Ladder,
  invoice: Invoice | null,
  { retries }: Pick<Policy, 'retries'>,
  now: Instant,
): DueStep | null => {
  if (retries.owner !== 'recoup' || !retries.backupMethods || invoice === null || isSent(invoice))
    return null;
  if (readDecline(facts, invoice).consentWithdrawn) return null;
  const attached = Object.keys(facts.methods).sort();
  const { attemptCount } = invoice.schedule.value;
  const [found] = candidatesOf(facts, [...defaultsOf(facts, invoice), ...attached], now).flatMap((one) => {
    if (isTried(facts, invoice.id, one.name) || recordOf(ladder, backupStepId(one.name))) return [];
    const verdict = mayTryMethod(facts, invoice.id, one.card, attemptCount, now);
    return verdict.allowed ? [{ ...one, left: verdict.left }] : [];
  });
  if (!found) return null;
  const last = newestAttempt(facts, invoice.id)?.at ?? null;
  const dueAt = later(last && addMs(last, BACKUP_SPACING_MS), ladder.anchor) as Instant;
  const why = `another card on file, ${cardInWords(found.card)}, before giving up; ${found.left} tries left`;
  const { methodId } = found;
  return {
    stepId: backupStepId(found.name),
    kind: 'retry',
    message: null,
    dueAt,
    why,
    supersedes: [],
    methodId,
  };
};
