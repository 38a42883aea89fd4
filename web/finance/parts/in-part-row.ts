// The row for what was only paid in part, below causes or mails, so that their sheet comes to what was recovered.
import type { CurrencyFigures } from '../api.ts';
import { useShell } from '../words.ts';
import type { Named } from './bars.tsx';
import { paidInPart } from './in-part.ts';

/** One row, or none where everything that came back is of recovered invoices. */
export const useInPart = (figures: Pick<CurrencyFigures, 'cell' | 'causes'>): readonly Named[] => {
  const say = useShell();
  const amount = paidInPart(figures);
  return amount === null ? [] : [{ name: say('paid_in_part'), n: null, amount }];
};
