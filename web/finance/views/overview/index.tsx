// The overview: what came back of what failed in a period, in each currency for itself.
import type { CurrencyFigures, Report } from '../../api.ts';
import { askedIn } from '../../filters.ts';
import { useAnswer, useAsked, useFormat, usePage } from '../../page.ts';
import { Downloads, ViewHead } from '../../parts/view-head.tsx';
import { FilterBar } from '../../parts/filter-bar.tsx';
import { Empty, Loaded } from '../../parts/states.tsx';
import { ByCurrency, CurrencyTabs } from './currencies.tsx';
import { CurveCard, MonthsCard } from './charts.tsx';
import { Headline } from './headline.tsx';
import { Imported, Reasons, RunningCost } from './reasons.tsx';
import { Tiles } from './tiles.tsx';
import { useOverview } from './words.ts';
import './overview.css';

/** The currency in which most failed says most, so it is first. */
const mostFirst = ({ currencies }: Report): readonly CurrencyFigures[] =>
  currencies.toSorted((a, b) => b.cell.failed.n - a.cell.failed.n);

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
  const { place } = usePage();
  const currencies = mostFirst(report);
  const shown = currencies.find(({ currency }) => currency === place.query['in']) ?? currencies[0];
  if (shown === undefined) {
    return (
      <Empty title={say('empty_title')}>
        <p>{say('empty_text')}</p>
      </Empty>
    );
  }
  return (
    <>
      {currencies.length > 1 && <CurrencyTabs currencies={currencies} shown={shown.currency} />}
      <Figures report={report} shown={shown} />
      {currencies.length > 1 && <ByCurrency currencies={currencies} />}
      <RunningCost report={report} />
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
