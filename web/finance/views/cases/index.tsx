// The cases: found by the id of a customer or an invoice, or listed by period, outcome and filters, a page at a time.
import type { Cases } from '../../api.ts';
import { useAnswer, useAsked, useFormat, useLinks, usePage } from '../../page.ts';
import { Button } from '../../parts/basics.tsx';
import { FilterBar } from '../../parts/filter-bar.tsx';
import { saveTable } from '../../parts/table.tsx';
import { Empty, Loaded } from '../../parts/states.tsx';
import { ViewHead } from '../../parts/view-head.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { useNames, useShell } from '../../words.ts';
import { casesAsked, OUTCOMES, PAGE, searchedIn } from './asked.ts';
import { List, useCasesTable } from './list.tsx';
import { Search } from './search.tsx';
import { useCasesWords } from './words.ts';
import './cases.css';

const Outcomes = () => {
  const say = useCasesWords();
  const names = useNames();
  const { place } = usePage();
  const { here } = useLinks();
  const chosen = place.query['outcome'];
  return (
    <Tabs label={say('by_outcome')}>
      <a href={here({ outcome: undefined })} aria-current={chosen === undefined ? 'true' : undefined}>
        {say('every_outcome')}
      </a>
      {OUTCOMES.map((outcome) => (
        <a key={outcome} href={here({ outcome })} aria-current={chosen === outcome ? 'true' : undefined}>
          {names('outcome', outcome)}
        </a>
      ))}
    </Tabs>
  );
};

/** The way on, and why a page that goes on is short. */
const Pages = ({ cases, next }: Cases) => {
  const say = useCasesWords();
  const shell = useShell();
  const { count } = useFormat();
  const { place } = usePage();
  const { here } = useLinks();
  const isShort = next !== null && cases.length < PAGE;
  return (
    <nav class="pages" aria-label={say('pages')}>
      {isShort && cases.length > 0 && <p class="quiet">{say('short_page', { n: cases.length })}</p>}
      {next === null && cases.length > 0 && (
        <p class="quiet">
          {place.query['after'] === undefined
            ? say('all_shown', { cases: shell('cases', { n: cases.length }) })
            : say('last_page', { count: count(cases.length) })}
        </p>
      )}
      <div class="actions">
        {place.query['after'] !== undefined && (
          <a class="button plain" href={here({})}>
            {shell('first_page')}
          </a>
        )}
        {next !== null && (
          <a class={isShort ? 'button main' : 'button plain'} href={here({ after: next })} rel="next">
            {isShort ? say('look_further') : shell('next_page')}
          </a>
        )}
      </div>
    </nav>
  );
};

/** Nothing was found: in what was looked at, or at all. */
const Nothing = ({ next }: Cases) => {
  const say = useCasesWords();
  const { place } = usePage();
  const { here } = useLinks();
  const searched = searchedIn(place.query);
  if (next !== null) return <Empty title={say('none_yet_title')}>{<p>{say('none_yet_text')}</p>}</Empty>;
  if (searched !== null) {
    return (
      <Empty title={say('not_found_title', { id: searched.id })}>
        <p>{say(searched.by === 'customer' ? 'not_found_customer' : 'not_found_invoice')}</p>
        <a class="button plain" href={here({ customer: undefined, invoice: undefined })}>
          {say('show_all')}
        </a>
      </Empty>
    );
  }
  return (
    <Empty title={say(place.query['after'] === undefined ? 'none_title' : 'no_more_title')}>
      <p>{say('none_text')}</p>
    </Empty>
  );
};

const SaveList = ({ cases }: { cases: Cases['cases'] }) => {
  const say = useCasesWords();
  const shell = useShell();
  const table = useCasesTable(cases);
  return (
    <Button icon="download" onClick={() => saveTable('cases', table)} label={say('save_page')}>
      {shell('csv')}
    </Button>
  );
};

export default function CasesView() {
  const say = useCasesWords();
  const { place, now, format } = usePage();
  const { from = '', to = '' } = useAsked();
  const searched = searchedIn(place.query);
  const answer = useAnswer<Cases>('/cases', casesAsked(place.query, now()));
  const lead =
    searched === null
      ? say('lead', { period: format.period(from, to) })
      : say(searched.by === 'customer' ? 'lead_customer' : 'lead_invoice', { id: searched.id });
  return (
    <>
      <ViewHead
        title={say('title')}
        lead={lead}
        actions={answer.value && answer.value.cases.length > 0 && <SaveList cases={answer.value.cases} />}
      />
      <Search key={searched?.id ?? ''} />
      {searched === null && <FilterBar />}
      <Outcomes />
      <Loaded answer={answer} cards={1}>
        {(value) => (
          <>
            {value.cases.length === 0 ? <Nothing {...value} /> : <List cases={value.cases} />}
            <Pages {...value} />
          </>
        )}
      </Loaded>
    </>
  );
}
