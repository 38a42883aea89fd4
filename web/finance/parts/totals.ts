// The way from a total to the invoices under it, and back again.
import type { TotalName } from '../../../core/reports/totals.ts';
import type { Filter } from '../filters.ts';
import { useLinks, usePage } from '../page.ts';
import { hashOf, type Query } from '../router.ts';

/** Of what: `by` is what groups are told apart by, `only` filters beside those of this place. */
type Of = { readonly by?: Filter; readonly only?: Query };

/**
 * A link to the invoices under a total of a currency, with the period and the filters of this place, and with the place
 * itself, to come back to; null while there is no view of them. `value`: of which row, where a total has several.
 */
export const useTotal = (
  currency: string,
): ((total: TotalName, value?: string, of?: Of) => string | null) => {
  const { place } = usePage();
  const { to } = useLinks();
  const back = hashOf(place).slice('#/'.length);
  return (total, value, { by, only } = {}) =>
    to('invoices', { query: { ...only, total, value, by, currency, back } });
};
