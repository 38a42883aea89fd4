// Several currencies: one is shown at a time, as they are never added.
import { useFormat, useLinks, usePage } from '../page.ts';
import { Tabs } from './tabs.tsx';
import { useShell } from '../words.ts';

/** A currency, and how many of what a view is about there are in it. */
export type InCurrency = { readonly currency: string; readonly n: number };

/** The currency in which there is most says most, so it is first. */
export const mostFirst = (all: readonly InCurrency[]): readonly InCurrency[] =>
  all.toSorted((a, b) => b.n - a.n);

/** The currency that this place shows: the one it names, else the first; null when there is none. */
export const useCurrency = (all: readonly InCurrency[]): string | null => {
  const { place } = usePage();
  const asked = all.find(({ currency }) => currency === place.query['in']);
  return (asked ?? all[0])?.currency ?? null;
};

/** The way from one currency to another. Nothing where there is but one. */
export const CurrencyTabs = ({ all, shown }: { all: readonly InCurrency[]; shown: string }) => {
  const say = useShell();
  const { count, currencyName } = useFormat();
  const { here } = useLinks();
  if (all.length < 2) return null;
  return (
    <Tabs label={say('currencies')}>
      {all.map(({ currency, n }) => (
        <a
          key={currency}
          href={here({ in: currency })}
          aria-current={currency === shown ? 'true' : undefined}
          title={currencyName(currency)}
        >
          {currency} <small>{count(n)}</small>
        </a>
      ))}
    </Tabs>
  );
};
