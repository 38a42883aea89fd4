// The port `Account` over the simulated market: who subscribes, and whose invoices are overdue, page by page.
import type { Account, AccountList } from '../../../core/ports.ts';
import type { Fact } from '../../../core/recovery/fact.ts';
import { toMs, type Instant } from '../../../core/time.ts';
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

const periodEnd = ({ object }: TrueSubscription): number => {
  const items = object['items'] as { readonly data: readonly { readonly current_period_end: number }[] };
  return items.data[0]?.current_period_end ?? 0;
};

/** When things come that could be written about: ends of cards, years and trials. */
const timesAhead = ({ methods, subscriptions }: TrueCustomer): readonly number[] => [
  ...[...methods.values()].map(expiresAt),
  ...subscriptions
    .filter((one) => one.interval.name === 'year' || one.terms.trialDays !== null)
    .map(periodEnd),
];

/** What was worked out of a customer, as long as nothing happens to them. */
type Memo = {
  readonly revision: number;
  readonly times: readonly number[];
  readonly told: Map<string, readonly Fact[]>;
};

const memos = new WeakMap<TrueCustomer, Memo>();

const memoOf = (customer: TrueCustomer): Memo => {
  const known = memos.get(customer);
  if (known?.revision === customer.revision) return known;
  const memo = { revision: customer.revision, times: timesAhead(customer), told: new Map() };
  memos.set(customer, memo);
  return memo;
};

/**
 * Whether something comes soon that could be written about. For most nothing does in years: they are left out of the
 * list, of which nothing would come, for a world would else read them all each day.
 */
const isNear = (customer: TrueCustomer, second: number): boolean =>
  memoOf(customer).times.some((at) => at > second - 2 * DAY_S && at < second + FAR_DAYS * DAY_S);

type Listed = (
  customer: TrueCustomer,
  second: number,
) => readonly TrueSubscription[] | readonly TrueInvoice[];

const overdue = ({ dueSecond, status }: TrueInvoice, second: number): boolean =>
  dueSecond !== null && dueSecond <= second && status === 'open';

const due = ({ dueSecond, status }: TrueInvoice, second: number): boolean =>
  dueSecond !== null && dueSecond > second && dueSecond < second + FAR_DAYS * DAY_S && status === 'open';

/** What of a customer is on each list. */
const LISTED: Readonly<Record<AccountList, Listed>> = {
  subscriptions: (customer, second) =>
    isNear(customer, second) ? customer.subscriptions.filter(isRunning) : [],
  due_invoices: ({ invoices }, second) => invoices.filter((invoice) => due(invoice, second)),
  overdue_invoices: ({ invoices }, second) => invoices.filter((invoice) => overdue(invoice, second)),
  failed_invoices: ({ invoices }) =>
    invoices.filter(({ dueSecond, status, failed }) => dueSecond === null && status === 'open' && failed),
};

/** What a list tells of a customer: worked out once as long as nothing happens, only the stamp is new. */
const toldOf = (customer: TrueCustomer, list: AccountList, now: Instant): readonly Fact[] => {
  const what = LISTED[list](customer, Math.floor(toMs(now) / 1000));
  if (what.length === 0) return [];
  const { told } = memoOf(customer);
  const name = `${list} ${what.map(({ id }) => id).join()}`;
  const facts = told.get(name) ?? toldInList(customer, what, now);
  told.set(name, facts);
  return facts.map((fact): Fact => ({ ...fact, at: now }));
};

/** The whole account of the market. */
export const accountOf = ({ customers }: MarketState): Account => {
  const all = [...customers.values()];
  return {
    read: async (_connection, list, after, now) => {
      const told: { customerId: string; facts: readonly Fact[] }[] = [];
      let position = after === null ? 0 : Number(after);
      for (; position < all.length && told.length < PAGE; position += 1) {
        const customer = all[position];
        if (!customer || customer.deleted) continue;
        const facts = toldOf(customer, list, now);
        if (facts.length > 0) told.push({ customerId: customer.who.customerId, facts });
      }
      return { customers: told, next: position < all.length ? String(position) : null };
    },
  };
};
