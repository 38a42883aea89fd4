// The overview: what came back of what failed in a period, in each currency for itself.
import type { CurrencyFigures, Report } from '../../api.ts';
import { askedIn } from '../../filters.ts';
import { useAnswer, useAsked, useFormat, useLinks, usePage } from '../../page.ts';
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
import { useShell } from '../../words.ts';
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

/** Whether the period has anything in a currency. What is open of before is told by another view. */
const isTold = ({ cell, imported, moved }: CurrencyFigures): boolean =>
  cell.failed.n + imported.failed.n + moved.length > 0;

/** Nothing failed: but something of before may be open. */
const Nothing = ({ report }: { report: Report }) => {
  const say = useOverview();
  const shell = useShell();
  const { to } = useLinks();
  const n = report.currencies.reduce((sum, { atRisk }) => sum + atRisk.open.n, 0);
  const link = to('at-risk');
  return (
    <Empty title={say('empty_title')}>
      <p>{say('empty_text')}</p>
      {n > 0 && link !== null && (
        <p>
          <a href={link}>{say('at_risk_of', { invoices: shell('invoices', { n }) })}</a>
        </p>
      )}
    </Empty>
  );
};

const All = ({ report }: { report: Report }) => {
  const told = report.currencies.filter(isTold);
  const all = mostFirst(told.map(({ currency, cell }) => ({ currency, n: cell.failed.n })));
  const currency = useCurrency(all);
  const currencies = all.flatMap((one) => told.filter((other) => other.currency === one.currency));
  const shown = currencies.find((one) => one.currency === currency);
  if (shown === undefined) return <Nothing report={report} />;
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
