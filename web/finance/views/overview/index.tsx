// The overview: what came back of what failed in a period, in each currency for itself.
import type { CurrencyFigures, Report } from '../../api.ts';
import { askedIn } from '../../filters.ts';
import { useAnswer, useAsked, useFormat, usePage } from '../../page.ts';
import { Downloads, ViewHead } from '../../parts/view-head.tsx';
import { FilterBar } from '../../parts/filter-bar.tsx';
import { Empty, Loaded } from '../../parts/states.tsx';
import { CurrencyTabs, mostFirst, useCurrency } from '../../parts/currency-tabs.tsx';
import { ByCurrency } from './currencies.tsx';
import { CurveCard, MonthsCard } from './charts.tsx';
import { Headline } from './headline.tsx';
import { RunningCost } from './cost.tsx';
import { Imported, Reasons } from './reasons.tsx';
import { Tiles } from './tiles.tsx';
import { useOverview } from './words.ts';
import './overview.css';

const Figures = ({ report, shown }: { report: Report; shown: CurrencyFigures }) => (
  <div class="overview">
    <Headline figures={shown} />
    <Tiles report={report} figures={shown} />
    <div class="pair">
      <CurveCard figures={shown} />
      <MonthsCard figures={shown} />
    </div>
    <Reasons figures={shown} />
    <Imported figures={shown} />
  </div>
);

const All = ({ report }: { report: Report }) => {
  const say = useOverview();
  const all = mostFirst(report.currencies.map(({ currency, cell }) => ({ currency, n: cell.failed.n })));
  const currency = useCurrency(all);
  const currencies = all.flatMap((one) =>
    report.currencies.filter((other) => other.currency === one.currency),
  );
  const shown = currencies.find((one) => one.currency === currency);
  if (shown === undefined) {
    return (
      <Empty title={say('empty_title')}>
        <p>{say('empty_text')}</p>
      </Empty>
    );
  }
  return (
    <>
      <CurrencyTabs all={all} shown={shown.currency} />
      <Figures report={report} shown={shown} />
      {currencies.length > 1 && <ByCurrency currencies={currencies} />}
      <RunningCost report={report} shown={shown} />
    </>
  );
};

export default function Overview() {
  const say = useOverview();
  const { place, now } = usePage();
  const { period } = useFormat();
  const answer = useAnswer<Report>('/reports/recovery', useAsked());
  const { from = '', to = '' } = askedIn(place.query, now());
  return (
    <>
      <ViewHead
        title={say('title')}
        lead={say('lead', { period: period(from, to) })}
        actions={<Downloads />}
      />
      <FilterBar />
      <Loaded answer={answer} cards={6}>
        {(report) => <All report={report} />}
      </Loaded>
    </>
  );
}
