// At risk: all that is open now, whenever it failed, and the invoices that it is made of.
import type { Report } from '../../api.ts';
import { useAnswer, useAsked, useFormat } from '../../page.ts';
import { CurrencyTabs, mostFirst, useCurrency } from '../../parts/currency-tabs.tsx';
import { FilterBar } from '../../parts/filter-bar.tsx';
import { Empty, Loaded } from '../../parts/states.tsx';
import { ViewHead } from '../../parts/view-head.tsx';
import { AtRiskFigures } from './figures.tsx';
import { OpenInvoices } from './list.tsx';
import { useAtRisk } from './words.ts';
import './at-risk.css';

const All = ({ report }: { report: Report }) => {
  const say = useAtRisk();
  const all = mostFirst(
    report.currencies.map(({ currency, atRisk: { open, imported } }) => ({
      currency,
      n: open.n + imported.n,
    })),
  ).filter(({ n }) => n > 0);
  const shown = useCurrency(all);
  const figures = report.currencies.find(({ currency }) => currency === shown);
  if (figures === undefined) {
    return (
      <Empty title={say('empty_title')}>
        <p>{say('empty_text')}</p>
      </Empty>
    );
  }
  return (
    <>
      <CurrencyTabs all={all} shown={figures.currency} />
      <AtRiskFigures figures={figures} />
      {figures.atRisk.open.n > 0 && <OpenInvoices key={figures.currency} currency={figures.currency} />}
    </>
  );
};

export default function AtRisk() {
  const say = useAtRisk();
  const { instant } = useFormat();
  const answer = useAnswer<Report>('/reports/recovery', useAsked());
  const at = answer.value?.at;
  return (
    <>
      <ViewHead
        title={say('title')}
        lead={at === undefined ? say('lead') : say('lead_at', { at: instant(at) })}
      />
      <FilterBar />
      <p class="quiet period-note">{say('period_note')}</p>
      <Loaded answer={answer}>{(report) => <All report={report} />}</Loaded>
    </>
  );
}
