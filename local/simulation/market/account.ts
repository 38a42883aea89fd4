// The port `Account` over the simulated market: who subscribes, and whose invoices are overdue, page by page.
import type { Account, AccountList } from '../../../core/ports.ts';
import { toMs } from '../../../core/time.ts';
import { expiresAt } from './methods.ts';
import { toldInList } from './provider.ts';
import {
  DAY_S,
  type MarketState,
  type TrueCustomer,
  type TrueInvoice,
  type TrueSubscription,
} from './state.ts';

/** A provider gives so many at a time. */
const PAGE = 100;
/** Further ahead than any notice is written about. */
const FAR_DAYS = 75;

const isRunning = ({ object }: TrueSubscription): boolean => object['status'] !== 'canceled';

/**
 * When the next thing comes that could be written about. Most have none for years: they are left out of the list, of
 * which nothing would come, for a world would else read them all each day.
 */
const nearest = ({ methods, subscriptions }: TrueCustomer, second: number): number =>
  Math.min(
    ...[...methods.values()].map(expiresAt).filter((at) => at > second - 2 * DAY_S),
    ...subscriptions
      .filter((one) => one.interval.name === 'year' || one.terms.trialDays !== null)
      .map(periodEnd)
      .filter((at) => at > second),
  );

const periodEnd = ({ object }: TrueSubscription): number => {
  const items = object['items'] as { readonly data: readonly { readonly current_period_end: number }[] };
  return items.data[0]?.current_period_end ?? 0;
};

type Listed = (
  customer: TrueCustomer,
  second: number,
) => readonly TrueSubscription[] | readonly TrueInvoice[];

const overdue = ({ dueSecond, status }: TrueInvoice, second: number): boolean =>
  dueSecond !== null && dueSecond <= second && status === 'open';

/** What of a customer is on each list. */
const LISTED: Readonly<Record<AccountList, Listed>> = {
  subscriptions: (customer, second) =>
    nearest(customer, second) < second + FAR_DAYS * DAY_S ? customer.subscriptions.filter(isRunning) : [],
  overdue_invoices: ({ invoices }, second) => invoices.filter((invoice) => overdue(invoice, second)),
  failed_invoices: ({ invoices }) =>
    invoices.filter(({ dueSecond, status, failed }) => dueSecond === null && status === 'open' && failed),
};

/** The whole account of the market. */
export const accountOf = ({ customers }: MarketState): Account => {
  const all = [...customers.values()];
  return {
    read: async (_connection, list, after, now) => {
      const second = Math.floor(toMs(now) / 1000);
      const told: { customerId: string; facts: ReturnType<typeof toldInList> }[] = [];
      let position = after === null ? 0 : Number(after);
      for (; position < all.length && told.length < PAGE; position += 1) {
        const customer = all[position];
        if (!customer || customer.deleted) continue;
        const what = LISTED[list](customer, second);
        if (what.length > 0)
          told.push({ customerId: customer.who.customerId, facts: toldInList(customer, what, now) });
      }
      return { customers: told, next: position < all.length ? String(position) : null };
    },
  };
};
