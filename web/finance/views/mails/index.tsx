// Mails and variants: what became of every mail, which text did better, and which mail was the last before the money came.
import type { Policy, Report } from '../../api.ts';
import { askedIn } from '../../filters.ts';
import { useAnswer, useAsked, useFormat, usePage } from '../../page.ts';
import { Figure, Figures } from '../../parts/basics.tsx';
import { CurrencyTabs, mostFirst, useCurrency } from '../../parts/currency-tabs.tsx';
import { FilterBar } from '../../parts/filter-bar.tsx';
import { Empty, Loaded } from '../../parts/states.tsx';
import { Downloads, ViewHead } from '../../parts/view-head.tsx';
import { useShell } from '../../words.ts';
import { sumOf, toldOf, type Event } from './comparisons.ts';
import { Funnel } from './funnel.tsx';
import { LastMail } from './last-mail.tsx';
import { AllTexts } from './texts.tsx';
import { useMails } from './words.ts';
import './mails.css';

/** Of all mails together: what the mail service told of them. */
const Sums = ({ report: { mails, cases } }: { report: Report }) => {
  const say = useMails();
  const shell = useShell();
  const { count, percent } = useFormat();
  const told = toldOf(mails);
  const sent = sumOf(mails, 'sent');
  const one = (event: Event, name: 'delivered' | 'bounced' | 'complained') => {
    if (!told.has(event)) {
      return (
        <Figure name={say(name)} help="mails" value={say('untold')} look="text">
          {say('untold_text')}
        </Figure>
      );
    }
    const n = sumOf(mails, event);
    return (
      <Figure name={say(name)} help="mails" value={count(n)}>
        {say('of_sent', { share: percent(n / sent), sent })}
      </Figure>
    );
  };
  return (
    <div class="sums">
      <Figures>
        <Figure name={say('sent')} help="mails" value={count(sent)}>
          {say('in_cases', { cases: shell('cases', { n: cases }) })}
        </Figure>
        {one('delivered', 'delivered')}
        {one('bounced', 'bounced')}
        {one('complained', 'complained')}
      </Figures>
    </div>
  );
};

const Money = ({ report }: { report: Report }) => {
  const say = useMails();
  const all = mostFirst(
    report.currencies.map(({ currency, cell }) => ({ currency, n: cell.recovered.n })),
  ).filter(({ n }) => n > 0);
  const shown = useCurrency(all);
  const figures = report.currencies.find(({ currency }) => currency === shown);
  if (figures === undefined) return null;
  return (
    <div class="part">
      <h2>{say('money')}</h2>
      <CurrencyTabs all={all} shown={figures.currency} />
      <LastMail figures={figures} />
    </div>
  );
};

const All = ({ report }: { report: Report }) => {
  const say = useMails();
  const { mails } = report;
  const policy = useAnswer<Policy>('/policy', {});
  if (mails.length === 0) {
    return (
      <Empty title={say('empty_title')}>
        <p>{say('empty_text')}</p>
      </Empty>
    );
  }
  return (
    <>
      <Sums report={report} />
      <Funnel mails={mails} />
      <AllTexts mails={mails} policy={policy.value} />
      <Money report={report} />
    </>
  );
};

export default function Mails() {
  const say = useMails();
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
      <Loaded answer={answer}>{(report) => <All report={report} />}</Loaded>
    </>
  );
}
