// Money of several currencies as one, by rates that somebody gives: labelled as such, and beside the figures, never in them.
import { exponentOf } from '../money.ts';
import type { Cell } from './tally.ts';
import type { Report } from './report.ts';

/** What one unit of each currency is in the base currency, such as `{ USD: 0.92 }` for EUR, and of when these rates are. */
export type Rates = {
  readonly base: string;
  readonly asOf: string;
  readonly rates: Readonly<Record<string, number>>;
};

/** The money of a report in one currency, in its minor units, each sum rounded once. */
export type Converted = {
  readonly base: string;
  readonly asOf: string;
  readonly minor: Readonly<Record<keyof Cell, number>>;
  /** Recovered ÷ (recovered + lost); null = nothing is settled. */
  readonly share: number | null;
  /** Currencies for which no rate is given: they are in none of the sums. */
  readonly missing: readonly string[];
};

const PARTS = ['failed', 'recovered', 'withdrawn', 'lost', 'open'] as const;

/** The money of all currencies of a report as one. */
export const convert = (
  { currencies }: Pick<Report, 'currencies'>,
  { base, asOf, rates }: Rates,
): Converted => {
  const rateOf = (currency: string): number | null =>
    currency === base ? 1 : Object.hasOwn(rates, currency) ? (rates[currency] ?? null) : null;
  const sums = Object.fromEntries(
    PARTS.map((part) => {
      const sum = currencies.reduce((all, { currency, cell }) => {
        const rate = rateOf(currency) ?? 0;
        return all + cell[part].minor * rate * 10 ** (exponentOf(base) - exponentOf(currency));
      }, 0);
      return [part, Math.round(sum)];
    }),
  ) as Record<keyof Cell, number>;
  const settled = sums.recovered + sums.lost;
  return {
    base,
    asOf,
    minor: sums,
    share: settled === 0 ? null : sums.recovered / settled,
    missing: currencies.map(({ currency }) => currency).filter((currency) => rateOf(currency) === null),
  };
};
