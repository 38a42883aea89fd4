// Cohorts: months of failure beside each other, so that one can see whether it gets better.
import type { Cohorts } from '../../api.ts';
import { askedIn, endsIn, PRESETS, presetOf } from '../../filters.ts';
import { useAnswer, useFormat, useLinks, usePage } from '../../page.ts';
import { CurrencyTabs, mostFirst, useCurrency } from '../../parts/currency-tabs.tsx';
import { FilterBar } from '../../parts/filter-bar.tsx';
import { Empty, Loaded } from '../../parts/states.tsx';
import { Downloads, ViewHead } from '../../parts/view-head.tsx';
import { Curves } from './curves.tsx';
import { Heat } from './heat.tsx';
import { MonthsTable } from './months.tsx';
import { monthsOf } from './seen.ts';
import { useCohorts } from './words.ts';
import './cohorts.css';

/** How many failed in each currency. */
const inCurrencies = ({ cohorts }: Cohorts) =>
  [...new Set(cohorts.map(({ currency }) => currency))].map((currency) => ({
    currency,
    n: cohorts.reduce((sum, one) => sum + (one.currency === currency ? one.cell.failed.n : 0), 0),
  }));

const All = ({ answer }: { answer: Cohorts }) => {
  const say = useCohorts();
  const all = mostFirst(inCurrencies(answer));
  const currency = useCurrency(all);
  if (currency === null) {
    return (
      <Empty title={say('empty_title')}>
        <p>{say('empty_text')}</p>
      </Empty>
    );
  }
  const props = {
    cohorts: answer.cohorts.filter((one) => one.currency === currency),
    currency,
    at: answer.at,
  };
  return (
    <>
      <CurrencyTabs all={all} shown={currency} />
      <Heat {...props} />
      <Curves {...props} />
      <MonthsTable {...props} />
    </>
  );
};

/** Few months beside each other say little: the way to twelve of them. */
const Longer = () => {
  const say = useCohorts();
  const { place, now } = usePage();
  const { here } = useLinks();
  if (presetOf(endsIn(place.query, now()), now()) === 'twelve_months') return null;
  return (
    <p class="quiet longer">
      {say('whole_months')}{' '}
      <a href={here({ ...PRESETS.twelve_months(now().slice(0, 7)) })}>{say('longer')}</a>
    </p>
  );
};

export default function CohortsView() {
  const say = useCohorts();
  const { place, now } = usePage();
  const { period } = useFormat();
  const months = monthsOf(endsIn(place.query, now()));
  const answer = useAnswer<Cohorts>('/reports/cohorts', { ...askedIn(place.query, now()), ...months });
  return (
    <>
      <ViewHead
        title={say('title')}
        lead={say('lead', { period: period(months.from, months.to) })}
        actions={<Downloads />}
      />
      <FilterBar />
      <Longer />
      <Loaded answer={answer} cards={3}>
        {(value) => <All answer={value} />}
      </Loaded>
    </>
  );
}
