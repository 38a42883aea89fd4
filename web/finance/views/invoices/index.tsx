// The invoices under one total of the figures: what they are called together, what they come to, and each with its case.
import type { TotalName } from '../../../../core/reports/totals.ts';
import type { Invoices as Answer } from '../../api.ts';
import type { Filter } from '../../filters.ts';
import { useAnswer, useAsked, useFormat, useLinks, usePage } from '../../page.ts';
import { Card } from '../../parts/basics.tsx';
import { FilterBar, useValueName } from '../../parts/filter-bar.tsx';
import { useMailName } from '../../parts/mail-label.ts';
import { Empty, Loaded, Notice } from '../../parts/states.tsx';
import { Table } from '../../parts/table.tsx';
import { ViewHead } from '../../parts/view-head.tsx';
import { hashOf, placeIn, type Query } from '../../router.ts';
import { HOME } from '../index.ts';
import { useNames, useShell, useWords } from '../../words.ts';
import { Sums, useShownTable } from './list.tsx';
import { SaveWhole } from './save-whole.tsx';

import { bandIn, TOLD, totalIn, whenOf, whichOf } from './totals.ts';
import { useInvoicesWords } from './words.ts';
import './invoices.css';

/** Where somebody came from, or the first view. */
const Back = () => {
  const say = useInvoicesWords();
  const named = useWords<Readonly<Record<string, string>>>('shell');
  const { place, hasView } = usePage();
  const { to } = useLinks();
  const from = placeIn(place.query['back'] ?? '', HOME);
  const isThere = place.query['back'] !== undefined && hasView(from.view);
  const view = isThere ? from.view : HOME;
  return (
    <a class="back" href={isThere ? hashOf(from) : (to(HOME) ?? '#/')}>
      <span aria-hidden="true">←</span> {say('back_to', { view: named(`view_${view}`) })}
    </a>
  );
};

/** Which of several totals of the name, in words; null where there is one. */
const useWhich = (): ((total: TotalName, value: string, by: string) => string | null) => {
  const say = useInvoicesWords();
  const names = useNames();
  const valueName = useValueName();
  const mailName = useMailName();
  return (total, value, by) => {
    const which = whichOf(total);
    // The API says what is missing.
    if (which !== null && value === '') return null;
    if (which === null) return TOLD[total].isImported ? say('which_imported') : null;
    if (which === 'group') {
      return say('which_group', {
        name: names('filter', by),
        value: valueName(by as Filter, value),
      });
    }
    if (which === 'mail') return say('which_mail', { value: mailName(value) });
    const group = { cause: 'cause', reason: 'lost', answer: 'answer' } as const;
    return say(`which_${which}`, { value: names(group[which], value) });
  };
};

/** When what is listed was: in the period, in a month of it, or so many days ago. */
const useWhen = (): ((total: TotalName, value: string, asked: Query) => string) => {
  const say = useInvoicesWords();
  const { period, month } = useFormat();
  return (total, value, { from = '', to = '' }) => {
    const band = bandIn(total, value);
    if (band?.to === null) return say('when_aged_over', { days: band.from - 1 });
    if (band) return say('when_aged', { from: band.from, to: band.to });
    const isMonth = whenOf(total) === 'moved' && /^\d{4}-\d{2}$/.test(value);
    return say(`when_${whenOf(total)}`, { period: isMonth ? month(value) : period(from, to) });
  };
};

/** Which total this is, in words. */
const useHeading = (): ((total: TotalName, asked: Query) => string) => {
  const say = useInvoicesWords();
  const which = useWhich();
  const whenTold = useWhen();
  const { place } = usePage();
  return (total, asked) => {
    const { currency } = asked;
    const { value = '', by = 'decline' } = place.query;
    const what = say(`what_${TOLD[total].what}`);
    const told = {
      what: currency === undefined ? what : say('in_currency', { what, currency }),
      when: whenTold(total, value, asked),
    };
    const one = which(total, value, by);
    return one === null ? say('heading', told) : say('heading_which', { ...told, which: one });
  };
};

/** From the first page on; the way back through the pages is the browser's. */
const Pages = ({ next }: { next: string | null }) => {
  const say = useInvoicesWords();
  const shell = useShell();
  const { place } = usePage();
  const { here } = useLinks();
  const page = Math.max(1, Math.trunc(Number(place.query['page'] ?? 1)) || 1);
  if (place.query['after'] === undefined && next === null) return null;
  return (
    <nav class="pages" aria-label={say('pages')}>
      <span class="quiet">{say('page', { page })}</span>
      {place.query['after'] !== undefined && (
        <a class="button" href={here({ after: undefined, page: undefined })}>
          {shell('first_page')}
        </a>
      )}
      {next !== null && (
        <a class="button" href={here({ after: next, page: String(page + 1) })}>
          {shell('next_page')}
        </a>
      )}
    </nav>
  );
};

const List = ({ total, answer, caption }: { total: TotalName; answer: Answer; caption: string }) => {
  const say = useInvoicesWords();
  const table = useShownTable(caption);
  if (answer.sum.length === 0) {
    return (
      <Empty title={say('empty_title')}>
        <p>{say('empty_text')}</p>
      </Empty>
    );
  }
  return (
    <>
      <Sums total={total} sum={answer.sum} />
      <Card title={say('list')} help="counted" look="panel invoices">
        <Table data={table(answer.invoices)} stacks />
        <Pages next={answer.next} />
      </Card>
      <p class="quiet order">{say('order')}</p>
    </>
  );
};

const Under = ({ total }: { total: TotalName }) => {
  const asked = useAsked();
  const { place } = usePage();
  const heading = useHeading()(total, asked);
  const { value, by, after } = place.query;
  const query: Query = {
    ...asked,
    total,
    ...(value !== undefined && { value }),
    ...(by !== undefined && { by }),
  };
  const answer = useAnswer<Answer>('/invoices', { ...query, ...(after !== undefined && { after }) });
  return (
    <>
      <Back />
      <ViewHead title={heading} actions={<SaveWhole total={total} query={query} />} />
      <FilterBar hasPeriod={whenOf(total) !== 'now'} />
      <Loaded answer={answer} cards={2}>
        {(told) => <List total={total} answer={told} caption={heading} />}
      </Loaded>
    </>
  );
};

export default function Invoices() {
  const say = useInvoicesWords();
  const { place } = usePage();
  const total = totalIn(place.query['total']);
  return total === null ? (
    <>
      <Back />
      <Notice title={say('no_total_title')} isWhole>
        <p>{say('no_total_text')}</p>
      </Notice>
    </>
  ) : (
    <Under key={total} total={total} />
  );
}
