// Causes and losses: what brought the money in, why the rest was lost, and how it went group by group.
import type { CurrencyFigures, Report } from '../../api.ts';
import { useAnswer, useAsked, useFormat, usePage } from '../../page.ts';
import { FilterBar } from '../../parts/filter-bar.tsx';
import { Empty, Loaded } from '../../parts/states.tsx';
import { Downloads, ViewHead } from '../../parts/view-head.tsx';
import { CurrencyTabs } from '../../parts/currency-tabs.tsx';
import { Groups } from './groups.tsx';
import { Reasons, Sums } from './reasons.tsx';
import { dimensionIn } from './sorted.ts';
import { useCauses } from './words.ts';
import './causes.css';

/** Currencies of which something failed in the period, the most failures first. */
const failedFirst = ({ currencies }: Report): readonly CurrencyFigures[] =>
  currencies.filter(({ cell }) => cell.failed.n > 0).toSorted((a, b) => b.cell.failed.n - a.cell.failed.n);

const All = ({ report }: { report: Report }) => {
  const say = useCauses();
  const { place } = usePage();
  const currencies = failedFirst(report);
  const shown = currencies.find(({ currency }) => currency === place.query['in']) ?? currencies[0];
  if (shown === undefined) {
    return (
      <Empty title={say('empty_title')}>
        <p>{say('empty_text')}</p>
      </Empty>
    );
  }
  return (
    <div class="causes">
      <CurrencyTabs
        all={currencies.map(({ currency, cell }) => ({ currency, n: cell.failed.n }))}
        shown={shown.currency}
      />
      <Sums figures={shown} />
      <Reasons figures={shown} />
      <Groups figures={shown} />
    </div>
  );
};

export default function Causes() {
  const say = useCauses();
  const { place } = usePage();
  const { period } = useFormat();
  const asked = useAsked();
  const answer = useAnswer<Report>('/reports/recovery', { ...asked, by: dimensionIn(place.query) });
  return (
    <>
      <ViewHead
        title={say('title')}
        lead={say('lead', { period: period(asked['from'] ?? '', asked['to'] ?? '') })}
        actions={<Downloads />}
      />
      <FilterBar />
      <Loaded answer={answer} cards={5}>
        {(report) => <All report={report} />}
      </Loaded>
    </>
  );
}
