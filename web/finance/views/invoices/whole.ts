// The whole list under a total, fetched a page at a time up to a bound. Pure but for asking.
import type { Invoices } from '../../api.ts';
import type { Query } from '../../router.ts';

/** The API's largest page, and how many of them are fetched: each reads what the report reads. */
export const LARGEST = 500;
export const MOST_PAGES = 20;

type Ask = (query: Query) => Promise<Invoices>;

/** The invoices of a list, the first first. `isAll`: false when the bound was reached before its end. */
export type Whole = { readonly invoices: Invoices['invoices']; readonly isAll: boolean };

/** Fetches a list from its beginning. `query`: what it is of, without a place in it. Rejects as `ask` does. */
export const wholeList = async (ask: Ask, query: Query, most = MOST_PAGES): Promise<Whole> => {
  const invoices: Invoices['invoices'] = [];
  let after: string | null = null;
  for (let page = 0; page < most; page += 1) {
    const place: Query = after === null ? {} : { after };
    const told = await ask({ ...query, limit: String(LARGEST), ...place });
    invoices.push(...told.invoices);
    after = told.next;
    if (after === null) return { invoices, isAll: true };
  }
  return { invoices, isAll: false };
};
