// The row for what was only paid in part, below causes or mails, so that their sheet comes to what was recovered.
import type { CurrencyFigures } from '../api.ts';
import { useShell } from '../words.ts';
import type { Named } from './bars.tsx';
import { useTotal } from './totals.ts';

/** One row, or none where everything that came back is of recovered invoices. It counts none: they are not among these. */
export const useInPart = ({ currency, inPart }: CurrencyFigures): readonly Named[] => {
  const say = useShell();
  const total = useTotal(currency);
  if (inPart.n === 0) return [];
  return [{ name: say('paid_in_part'), n: null, amount: inPart.amount, to: total('in_part') }];
};
