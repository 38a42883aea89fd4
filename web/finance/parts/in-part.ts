// What was paid of invoices that are not recovered as a whole: money that came back and that no cause and no mail stands for.
import type { CurrencyFigures } from '../api.ts';
import { moneyLike, type Money } from '../format.ts';

/** What was only paid in part, so that causes and it come to what was recovered; null = nothing. Pure. */
export const paidInPart = ({ cell, causes }: Pick<CurrencyFigures, 'cell' | 'causes'>): Money | null => {
  const whole = causes.reduce((sum, { amount }) => sum + amount.minor, 0);
  const { amount } = cell.recovered;
  return amount.minor === whole ? null : moneyLike(amount.minor - whole, amount);
};
