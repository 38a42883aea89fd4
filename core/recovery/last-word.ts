// What a settled case is still to say before it is closed: thanks, or that the plan has ended.
import { caseOutcome } from '../reports/outcome.ts';
import type { Facts, Ladder, RecoveryCase } from './customer.ts';
import { lostPlansIn } from './plan-lost.ts';
import { hasMailed } from './restraint.ts';
import { CANCELLED, RECOVERED } from './step-ids.ts';

/** Its message is the id of its step as well. `ladder`: the failure that it is about. */
export type LastWord = {
  readonly ladder: Ladder;
  readonly message: typeof RECOVERED | typeof CANCELLED;
  readonly why: string;
};

/** The last word of a settled case, and only to somebody whom a mail of it has troubled; null = there is none. */
export const lastWordOf = (facts: Facts, open: RecoveryCase): LastWord | null => {
  const mailed = open.ladders.filter(hasMailed);
  const [first] = mailed;
  // Every mail of a case lists all that is owed: who got one has heard of each failure in it.
  if (first === undefined) return null;
  if (caseOutcome(open.books.map((book) => book.outcome)) === 'recovered') {
    return { ladder: first, message: RECOVERED, why: 'everything is paid and a mail had been sent' };
  }
  const all = lostPlansIn(facts, open);
  const lost = all.find((ladder) => mailed.includes(ladder)) ?? all[0];
  return lost
    ? { ladder: lost, message: CANCELLED, why: 'the plan has ended for want of the payment' }
    : null;
};
