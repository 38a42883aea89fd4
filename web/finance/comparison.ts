// What a difference between two shares says, in one word, and when there is too little to say anything. Pure.
import { newcombe, type Difference } from '../../core/reports/interval.ts';
import { MIN_SETTLED } from '../../core/reports/report.ts';

/** A share of settled cases, as the API tells it. */
export type Rate = {
  readonly hits: number;
  readonly of: number;
  readonly share: { readonly share: number; readonly low: number; readonly high: number } | null;
};

/** How many settled cases there have to be on each side. */
export const ENOUGH = MIN_SETTLED;

/** `early`: there are not enough cases; `same`: the interval holds 0, so it could be chance. */
export type Verdict = 'early' | 'more' | 'less' | 'same';

/** What a difference says, given that there are enough cases. */
export const verdictOf = ({ low, high }: Pick<Difference, 'low' | 'high'>): Exclude<Verdict, 'early'> =>
  low > 0 ? 'more' : high < 0 ? 'less' : 'same';

/** One rate beside another: `difference` is its own less the other's. */
export type Compared = { readonly verdict: Verdict; readonly difference: Difference | null };

/** Compares a rate with another by Newcombe's interval. */
export const compared = (rate: Rate, other: Rate): Compared => {
  const difference = newcombe({ hits: rate.hits, all: rate.of }, { hits: other.hits, all: other.of });
  const isEnough = difference !== null && Math.min(rate.of, other.of) >= ENOUGH;
  return { verdict: isEnough ? verdictOf(difference) : 'early', difference };
};
