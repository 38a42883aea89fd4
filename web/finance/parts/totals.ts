// The way from a total to the invoices under it.
import { useLinks } from '../page.ts';

/**
 * A link to the invoices under a total of a currency, with the period and the filters of this place; null while there is
 * no view of them. `value`: of which row, where a total has several.
 */
export const useTotal = (currency: string): ((total: string, value?: string) => string | null) => {
  const { to } = useLinks();
  return (total, value) => to('invoices', { query: { total, value, currency } });
};
