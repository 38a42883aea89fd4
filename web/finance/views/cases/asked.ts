// What a place asks of the list of cases: one customer or one invoice by its id, or a period with filters. Pure.
import { askedIn } from '../../filters.ts';
import type { Query } from '../../router.ts';

/** How many cases a page has. */
export const PAGE = 25;

export const OUTCOMES = ['open', 'recovered', 'lost', 'withdrawn'] as const;

/** Exactly one customer, or the case of exactly one invoice. */
export type Searched = { readonly by: 'customer' | 'invoice'; readonly id: string };

/** The API takes ids of visible ASCII characters, a customer's with its connection before it. */
const CUSTOMER = /^([a-z][a-z0-9-]{0,31}\/)?[!-.0-~]{1,128}$/;
const IN_ADDRESS = /(?:cus|in)_\w+/g;

/**
 * What somebody wrote or pasted into the search: `cus_…`, `stripe/cus_…`, `in_…`, or the address of a page of the provider
 * that has one of them in it. null: it can be no id, such as a name or an e-mail address.
 */
export const searchedFor = (text: string): Searched | null => {
  const written = text.trim();
  const id = written.includes('://') ? (written.match(IN_ADDRESS)?.at(-1) ?? '') : written;
  const invoice = /^(?:[a-z][a-z0-9-]*\/)?(in_[!-.0-~]{1,125})$/.exec(id)?.[1];
  if (invoice !== undefined) return { by: 'invoice', id: invoice };
  return CUSTOMER.test(id) && !id.includes('@') ? { by: 'customer', id } : null;
};

/** What a place looks for by its id; null = it lists by period. */
export const searchedIn = ({ customer, invoice }: Query): Searched | null => {
  if (invoice !== undefined) return { by: 'invoice', id: invoice };
  return customer === undefined ? null : { by: 'customer', id: customer };
};

/** What the API is asked. Who looks for an id looks for all of it: no period and no filter hides anything then. */
export const casesAsked = (query: Query, now: string): Query => {
  const searched = searchedIn(query);
  const { outcome, after } = query;
  return {
    ...(searched === null ? askedIn(query, now) : { [searched.by]: searched.id }),
    ...(outcome !== undefined && { outcome }),
    ...(after !== undefined && { after }),
    limit: String(PAGE),
  };
};
