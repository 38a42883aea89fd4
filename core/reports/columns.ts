// The columns of the invoices under a report, one a failure: the same in every file that lists them.
import { splitKey } from '../ids.ts';
import type { Money } from '../money.ts';
import type { Instant } from '../time.ts';
import type { FailureRow } from './rows.ts';
import { stepName } from './tally.ts';

type Named = {
  /** For programs, and for good: what reads these files goes by it. */
  readonly name: string;
  /** For people. */
  readonly title: string;
};

/** A column. What is not known, or not yet, is null. */
export type Column = Named &
  (
    | { readonly kind: 'text'; readonly read: (row: FailureRow) => string | null }
    | { readonly kind: 'money'; readonly read: (row: FailureRow) => Money | null }
    | { readonly kind: 'time'; readonly read: (row: FailureRow) => Instant | null }
  );

const text = (name: string, title: string, read: (row: FailureRow) => string | null): Column => ({
  kind: 'text',
  name,
  title,
  read,
});

const minor = (name: string, title: string, read: (row: FailureRow) => number | null): Column => ({
  kind: 'money',
  name,
  title,
  read: (row) => {
    const amount = read(row);
    return amount === null ? null : { minor: amount, currency: row.currency };
  },
});

const time = (name: string, title: string, read: (row: FailureRow) => Instant | null): Column => ({
  kind: 'time',
  name,
  title,
  read,
});

/** `2 months`, as people write it. */
const intervalInWords = ({ interval }: FailureRow): string | null =>
  interval === null ? null : `${interval.count} ${interval.unit}${interval.count === 1 ? '' : 's'}`;

/** Every column, from the left. Ids are the provider's own, to the letter; several stand apart by spaces. */
export const COLUMNS: readonly Column[] = [
  text('connection', 'Connection', ({ key }) => splitKey(key).connection),
  text('customer', 'Customer', ({ key }) => splitKey(key).customerId),
  text('case', 'Case', ({ caseId }) => caseId),
  text('failure', 'Failure', ({ subjectId }) => subjectId),
  text('invoice', 'Invoice', ({ invoiceId }) => invoiceId),
  text('number', 'Number', ({ number }) => number),
  text('currency', 'Currency', ({ currency }) => currency),
  minor('failed', 'Failed', ({ failedMinor }) => failedMinor),
  minor('recovered', 'Recovered', ({ recoveredMinor }) => recoveredMinor),
  minor('withdrawn', 'Withdrawn', ({ withdrawnMinor }) => withdrawnMinor),
  minor('lost', 'Lost', ({ lostMinor }) => lostMinor),
  minor('open', 'Open', ({ openMinor }) => openMinor),
  minor('refunded', 'Refunded', ({ refundedMinor }) => refundedMinor),
  text('outcome', 'Outcome', ({ outcome }) => outcome),
  text('why', 'Why', ({ why }) => why),
  time('failed_at', 'Failed at (UTC)', ({ failedAt }) => failedAt),
  time('settled_at', 'Settled at (UTC)', ({ settledAt }) => settledAt),
  text('case_closed', 'Case closed', ({ isClosed }) => (isClosed ? 'yes' : 'no')),
  text('cohort', 'Cohort', ({ cohort }) => cohort),
  text('campaign', 'Campaign', ({ campaignId }) => campaignId),
  text('kind', 'Kind', ({ kind }) => kind),
  text('decline_class', 'Decline class', ({ declineClass }) => declineClass),
  text('reason', 'Reason', ({ because }) => because),
  text('card_brand', 'Card brand', ({ cardBrand }) => cardBrand),
  text('plans', 'Plans', ({ planIds }) => planIds.join(' ') || null),
  text('products', 'Products', ({ productIds }) => productIds.join(' ') || null),
  minor('list_price', 'List price', ({ periodMinor }) => periodMinor),
  text('billed_every', 'Billed every', intervalInWords),
  text('country', 'Country', ({ country }) => country),
  text('cause', 'What brought it in', ({ cause }) => cause),
  text('last_mail', 'Last mail', ({ afterMail }) => (afterMail === null ? null : stepName(afterMail))),
];
