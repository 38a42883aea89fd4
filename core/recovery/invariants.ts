// What cannot be in a customer who was read from the store: each rule a row, told by name when it is broken.
import type { Instant } from '../time.ts';
import type { Customer, Facts, InvoiceBook, Ladder, RecoveryCase } from './customer.ts';
import { MAX_JOURNAL } from './journal.ts';
import { own } from './merge.ts';
import { lastWordOf } from './last-word.ts';

/**
 * A rule that does not hold. `what` is its name, which the runbook knows; `detail` has ids and figures, never
 * personal data. `setsAside`: a visit may not go on with such a customer.
 */
export type BrokenInvariant = {
  readonly what: string;
  readonly detail: string;
  readonly setsAside: boolean;
};

/** A rule. `broken` answers with what breaks it first, null when it holds. */
type Rule<Args extends readonly unknown[]> = {
  readonly what: string;
  /**
   * Only where going on would do what cannot be undone: a charge or a mail twice, wrong money in a closed
   * case. All else is put right by the visit, which works it out anew, or stopped by its own checks before
   * anything is done.
   */
  readonly setsAside: boolean;
  readonly broken: (...args: Args) => string | null;
};

/** The first name that comes twice. */
const repeated = (names: readonly string[]): string | null =>
  names.length < 2 ? null : (names.find((name, i) => names.indexOf(name) !== i) ?? null);

const subjectOf = ({ subjectId }: Ladder | InvoiceBook): string => subjectId;

const ladderOf = (open: RecoveryCase, subjectId: string): Ladder | null =>
  open.ladders.find((ladder) => ladder.subjectId === subjectId) ?? null;

/** Whether a book's parts are its whole, none below nothing, and its word says whether any of it is open. */
const addsUp = (book: InvoiceBook): boolean => {
  const { failedMinor, recoveredMinor, withdrawnMinor, lostMinor, openMinor } = book;
  const parts = [recoveredMinor, withdrawnMinor, lostMinor, openMinor];
  return (
    parts.every((minor) => minor >= 0) &&
    recoveredMinor + withdrawnMinor + lostMinor + openMinor === failedMinor &&
    (book.outcome === 'open') === openMinor > 0
  );
};

/** Whether a refresh said that nothing is left to pay of an invoice, and nothing has moved since. */
const isToldSettled = ({ invoices, changes }: Facts, invoiceId: string): boolean => {
  const { source, value } = own(invoices, invoiceId)?.amounts ?? { source: 'event', value: null };
  if (source !== 'refresh' || value?.remaining !== 0) return false;
  return Object.values(changes).every((change) => change.invoiceId !== invoiceId);
};

/** Whether an answer of the provider to a charge or an end of ours was taken in at that time or later. */
const hasActedSince = (ladders: readonly Ladder[], at: Instant | null): boolean =>
  ladders.some(({ steps }) => steps.some((step) => step.kind !== 'email' && at !== null && step.at >= at));

const holdsAny = (...records: readonly object[]): boolean =>
  records.some((record) => Object.keys(record).length > 0);

/** Whether it says who somebody is, or what they pay with. */
const namesPerson = ({ contact, invoiceContact, defaultMethod, methods, cards, mandates }: Facts): boolean =>
  (contact ?? invoiceContact ?? defaultMethod) !== null || holdsAny(methods, cards, mandates);

const holdsPerson = (facts: Facts): boolean =>
  namesPerson(facts) ||
  holdsAny(facts.unreachable) ||
  Object.values(facts.attempts).some((attempt) => attempt.card !== null);

/** What keeps a customer on the clock; null = nothing does. */
const whyOnTheClock = ({ facts, pending, outbox, recovery }: Customer): string | null => {
  if (recovery.case !== null) return `case ${recovery.case.id} is open`;
  if (pending !== null) return 'a claim';
  if (outbox !== null) return 'an outbox';
  const [notice] = recovery.notices;
  if (notice) return `notice ${notice.subjectId}`;
  const [invoiceId] = Object.keys(facts.invoices);
  return invoiceId === undefined ? null : `invoice ${invoiceId}`;
};

/** Of every customer. */
const ITEM_RULES: readonly Rule<[Customer]>[] = [
  {
    // Every write that leaves something to do gives the time of the next look; nobody comes without one.
    what: 'never_due',
    setsAside: false,
    broken: (customer) =>
      customer.dueAt === null && customer.setAsideAt === null ? whyOnTheClock(customer) : null,
  },
  {
    // The merge scrubs whoever is erased or deleted with every fact, and takes nothing in that brings them
    // back.
    what: 'person_kept',
    setsAside: false,
    broken: ({ facts }) => {
      const gone: Instant | null = facts.erasedAt ?? facts.deletedAt;
      return gone !== null && holdsPerson(facts) ? `gone since ${gone}` : null;
    },
  },
  {
    // The plan that finds nothing at risk lets go of the person in the same write, and no fact about a person
    // is taken in before one that puts something at risk. The cards of late tries stay: limits count them. So do
    // the addresses that are never to be written to again: forgotten, they would be.
    what: 'person_at_rest',
    setsAside: false,
    broken: ({ facts, recovery }) => {
      const isAtRest =
        recovery.case === null &&
        recovery.notices.length === 0 &&
        facts.aheadAt === null &&
        Object.keys(facts.invoices).length === 0 &&
        Object.keys(facts.reversals).length === 0;
      return isAtRest && namesPerson(facts) ? 'nothing is at risk' : null;
    },
  },
  {
    // A plan cuts what is over the bound, page by page through the outbox. Until the next plan a mail adds a
    // line for each ladder that it speaks of, and a person who puts the customer back a line each time: room
    // for both is left.
    what: 'journal_too_long',
    setsAside: false,
    broken: ({ recovery, outbox }) => {
      const limit = 2 * MAX_JOURNAL + (recovery.case?.ladders.length ?? 0);
      const { length } = recovery.journal;
      return length > limit && !outbox?.journal ? `${length} lines` : null;
    },
  },
  {
    // An action is armed with the case and the ladder that want it, and a case does not change while it is
    // armed.
    what: 'armed_for_nothing',
    setsAside: true,
    broken: ({ pending, recovery: { case: open, notices } }) => {
      const armed = pending?.armed;
      if (!armed || notices.some(({ subjectId }) => subjectId === armed.subjectId)) return null;
      const isWanted = open !== null && open.id === armed.caseId && ladderOf(open, armed.subjectId) !== null;
      return isWanted ? null : `${armed.key} is armed`;
    },
  },
  {
    // A step's record and the end of its arming are one write: to go on could charge a second time.
    what: 'armed_and_recorded',
    setsAside: true,
    broken: ({ pending, recovery }) => {
      const armed = pending?.armed;
      if (!armed) return null;
      const followed =
        recovery.notices.find(({ subjectId }) => subjectId === armed.subjectId) ??
        (recovery.case && ladderOf(recovery.case, armed.subjectId));
      return followed?.steps.some(({ id }) => id === armed.stepId) ? `${armed.key} is armed` : null;
    },
  },
];

/** Of a customer with an open case. */
const CASE_RULES: readonly Rule<[RecoveryCase, Customer]>[] = [
  {
    // A case is opened with its first ladder, and no ladder is ever taken out. One that lost its ladders
    // would get new ones without their steps, and mail them all again.
    what: 'case_without_ladder',
    setsAside: true,
    broken: ({ id, ladders }) => (ladders.length === 0 ? id : null),
  },
  {
    // Ladders are opened for failures that have none. Of two the closed case would count the money twice, for
    // good.
    what: 'ladder_twice',
    setsAside: true,
    broken: ({ ladders }) => (ladders.length < 2 ? null : repeated(ladders.map(subjectOf))),
  },
  {
    // A record is added only for a step that has none.
    what: 'step_twice',
    setsAside: false,
    broken: ({ ladders }) => {
      for (const { subjectId, steps } of ladders) {
        const twice = steps.length < 2 ? null : repeated(steps.map(({ id }) => id));
        if (twice !== null) return `${twice} of ${subjectId}`;
      }
      return null;
    },
  },
  {
    // What a ladder is about stays known for as long as its case is open: only a closing case lets go of it.
    what: 'ladder_of_nothing',
    setsAside: false,
    broken: ({ ladders }, { facts }) =>
      ladders.find(({ invoiceId, reversalId }) =>
        reversalId === null
          ? !own(facts.invoices, invoiceId)?.failure
          : own(facts.reversals, reversalId) === null,
      )?.subjectId ?? null,
  },
  {
    // An invoice gets its tombstone when its case is closed, and from then on no ladder but for a returned
    // payment.
    what: 'ladder_of_a_closed_invoice',
    setsAside: false,
    broken: ({ ladders }, { facts }) =>
      ladders.find(({ invoiceId, reversalId }) => reversalId === null && own(facts.tombstones, invoiceId))
        ?.subjectId ?? null,
  },
  {
    // The write that closes a case lets go of it. Closed again under its id, what it has by then would be
    // lost.
    what: 'closed_case_open',
    setsAside: true,
    broken: ({ id }, { facts, outbox }) => {
      if (outbox?.closed) return `${outbox.closed.id} is being closed`;
      const over = Object.values(facts.tombstones).flatMap((one) => [one, ...Object.values(one.returned)]);
      return over.some(({ caseId }) => caseId === id) ? id : null;
    },
  },
  {
    // The end of a ladder and its record are one write. To go on would close it as lost, and nobody decided
    // that.
    what: 'ended_without_step',
    setsAside: true,
    broken: ({ ladders }) =>
      ladders.find(({ endedAt, steps }) => endedAt !== null && !steps.some(({ id }) => id === 'end'))
        ?.subjectId ?? null,
  },
  {
    // Books are made of the ladders, one each, in the write that opens them.
    what: 'ladder_without_book',
    setsAside: false,
    broken: ({ ladders, books }) =>
      ladders.find(({ subjectId }) => !books.some((book) => book.subjectId === subjectId))?.subjectId ?? null,
  },
  {
    // The same, seen from the books; money without a ladder, or twice for one, would be settled by nobody.
    what: 'book_without_ladder',
    setsAside: false,
    broken: (open) =>
      open.books.find(({ subjectId }) => ladderOf(open, subjectId) === null)?.subjectId ??
      (open.books.length < 2 ? null : repeated(open.books.map(subjectOf))),
  },
  {
    // failed = recovered + withdrawn + lost + open: what is left over is the open part, and the word follows
    // from it.
    what: 'books_do_not_add_up',
    setsAside: false,
    broken: ({ books }) => books.find((book) => !addsUp(book))?.subjectId ?? null,
  },
  {
    // What a refresh tells is saved only together with books made of it. Of a payment that a webhook told, or
    // that a retry of ours brought, this cannot be claimed: facts are ahead of the books until the next visit.
    what: 'paid_and_open',
    setsAside: false,
    broken: ({ ladders, books }, { facts }) =>
      books.find(
        ({ outcome, subjectId, invoiceId }) =>
          outcome === 'open' &&
          isToldSettled(facts, invoiceId) &&
          !hasActedSince(ladders, own(facts.invoices, invoiceId)?.amounts.at ?? null) &&
          ladders.some((one) => one.subjectId === subjectId && one.reversalId === null),
      )?.subjectId ?? null,
  },
  {
    // The plan that settles the last failure closes the case, unless there is still something to say. An erasure takes away whom to
    // say it to: a door writes that down, and the next visit closes the case.
    what: 'settled_and_open',
    setsAside: false,
    broken: (open, { facts }) => {
      if (facts.erasedAt !== null) return null;
      if (open.books.length === 0 || open.books.some(({ outcome }) => outcome === 'open')) return null;
      return lastWordOf(facts, open) === null ? open.id : null;
    },
  },
  {
    // A plan gives a date only to an item without a case; with one, the store would forget what is at risk.
    what: 'open_case_expires',
    setsAside: false,
    broken: ({ id }, { expiresAt }) => (expiresAt === null ? null : `${id} on ${expiresAt}`),
  },
];

/** The names of all rules. */
export const INVARIANTS: readonly string[] = [...ITEM_RULES, ...CASE_RULES].map(({ what }) => what);

/**
 * What cannot be, and is, in a customer as it was read: the rules that do not hold, each at most once. Every
 * rule holds after each write that Recoup makes, also in the middle of a visit. Pure, and cheap: every visit
 * asks it.
 */
export const brokenInvariants = (customer: Customer): readonly BrokenInvariant[] => {
  const found: BrokenInvariant[] = [];
  for (const { what, setsAside, broken } of ITEM_RULES) {
    const detail = broken(customer);
    if (detail !== null) found.push({ what, detail, setsAside });
  }
  const open = customer.recovery.case;
  if (open === null) return found;
  for (const { what, setsAside, broken } of CASE_RULES) {
    const detail = broken(open, customer);
    if (detail !== null) found.push({ what, detail, setsAside });
  }
  return found;
};
