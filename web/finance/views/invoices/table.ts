// The invoices of a list as they are saved, and what is said of each.
import type { TotalName } from '../../../../core/reports/totals.ts';
import type { Invoices } from '../../api.ts';
import type { Cell, TableData } from '../../parts/table.tsx';
import { useNames } from '../../words.ts';
import { useInvoicesWords } from './words.ts';

export type Invoice = Invoices['invoices'][number];

/** The last mail as the figures name it; empty = there was none. */
export const mailName = ({ lastMail }: Invoice): string => {
  if (lastMail === null) return '';
  const { step, message } = lastMail;
  return step === message ? step : `${step} (${message})`;
};

/** Why an invoice is what it is: what brought its money in, or the rule that settled it. */
export const useWhy = (): ((invoice: Invoice) => string) => {
  const names = useNames();
  return ({ cause, outcome, why }) =>
    cause === null ? names(outcome === 'lost' ? 'lost' : 'why', why) : names('cause', cause);
};

const text = (value: string | null): Cell => ({ text: value ?? '' });
const number = (value: string): Cell => ({ text: value, csv: value });

/** Everything that is known of each, for a spreadsheet: money in its major unit, times of UTC. */
export const useSavedTable = (): ((total: TotalName, invoices: readonly Invoice[]) => TableData) => {
  const say = useInvoicesWords();
  const names = useNames();
  const why = useWhy();
  return (total, invoices) => ({
    caption: total,
    heads: [
      say('invoice'),
      say('invoice_id'),
      say('connection'),
      say('customer'),
      say('case'),
      say('failed_at'),
      say('settled_at'),
      say('outcome'),
      say('currency'),
      say('counted'),
      say('counted_n'),
      ...(['failed', 'recovered', 'withdrawn', 'lost', 'open'] as const).map((name) =>
        names('outcome', name),
      ),
      say('why'),
      say('last_mail'),
      names('filter', 'campaign'),
      names('filter', 'decline'),
      names('filter', 'reason'),
    ].map((head) => ({ text: head })),
    rows: invoices.map((one) => [
      text(one.number),
      text(one.subject),
      text(one.connection),
      text(one.customer),
      text(one.case),
      text(one.failedAt),
      text(one.settledAt),
      text(names('outcome', one.outcome)),
      text(one.counted.currency),
      number(one.counted.decimal),
      number(String(one.n)),
      ...[one.failed, one.recovered, one.withdrawn, one.lost, one.open].map(({ decimal }) => number(decimal)),
      text(why(one)),
      text(mailName(one)),
      text(one.campaign),
      text(names('decline', one.decline)),
      text(one.reason),
    ]),
  });
};
