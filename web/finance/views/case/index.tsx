// One case: how it stands, what comes next, everything that happened, why, the money, the mails, and what an operator can do.
import type { Case } from '../../api.ts';
import { go, useAnswer, useFormat, useLinks, usePage } from '../../page.ts';
import { Badge, Button } from '../../parts/basics.tsx';
import { Loaded, Notice } from '../../parts/states.tsx';
import { ViewHead } from '../../parts/view-head.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { Head, Notices } from './head.tsx';
import { Invoices } from './invoices.tsx';
import { Journal } from './journal.tsx';
import { Mails } from './mails.tsx';
import { useOperating } from './operating.tsx';
import { NumbersContext } from './said.ts';
import { Steps } from './steps.tsx';
import { Timeline } from './timeline.tsx';
import { useCaseWords } from './words.ts';
import './case.css';

const TABS = ['timeline', 'steps', 'money', 'mails', 'journal'] as const;
type Tab = (typeof TABS)[number];

const Parts = ({ shown, one }: { shown: Tab; one: Case }) => {
  const say = useCaseWords();
  const { count } = useFormat();
  const { here } = useLinks();
  const counts: Partial<Record<Tab, number>> = { money: one.invoices.length, mails: one.mails.length };
  return (
    <Tabs label={say('parts')}>
      {TABS.map((tab) => {
        const n = counts[tab];
        return (
          <a
            key={tab}
            href={here({
              tab: tab === 'timeline' ? undefined : tab,
              mail: undefined,
              as: undefined,
              older: undefined,
            })}
            aria-current={tab === shown ? 'true' : undefined}
          >
            {say(tab)} {n !== undefined && <small>{count(n)}</small>}
          </a>
        );
      })}
    </Tabs>
  );
};

const Part = ({ tab, one, path }: { tab: Tab; one: Case; path: string }) => {
  if (tab === 'steps') return <Steps one={one} />;
  if (tab === 'money') return <Invoices one={one} />;
  if (tab === 'mails') return <Mails one={one} />;
  if (tab === 'journal') return <Journal one={one} path={path} />;
  return <Timeline one={one} />;
};

const NoCase = () => {
  const say = useCaseWords();
  const { to } = useLinks();
  return (
    <Notice title={say('no_case')} isWhole>
      <p>{say('no_case_text')}</p>
      <Button look="main" onClick={() => go(to('cases') ?? '#/')}>
        {say('to_cases')}
      </Button>
    </Notice>
  );
};

const tabIn = (text: string | undefined): Tab => TABS.find((tab) => tab === text) ?? 'timeline';

const numbersOf = (one: Case | null): ReadonlyMap<string, string> =>
  new Map(one?.invoices.flatMap(({ subject, number }) => (number === null ? [] : [[subject, number]])));

const Lead = ({ one }: { one: Case }) => {
  const say = useCaseWords();
  const { day } = useFormat();
  return (
    <>
      {one.connection} · <code>{one.case}</code> · {say('opened_on', { day: day(one.openedAt) })}
      {one.closedAt !== null && ` · ${say('closed_on', { day: day(one.closedAt) })}`}
    </>
  );
};

const OneCase = ({ parts }: { parts: readonly string[] }) => {
  const say = useCaseWords();
  const { place } = usePage();
  const { to } = useLinks();
  const path = `/cases/${parts.map(encodeURIComponent).join('/')}`;
  const answer = useAnswer<Case>(path, {});
  const { actions, told, question } = useOperating(answer);
  const one = answer.value;
  const tab = tabIn(place.query['tab']);
  return (
    <NumbersContext.Provider value={numbersOf(one)}>
      <p class="crumbs">
        <a href={to('cases') ?? '#/'}>{say('cases')}</a>
      </p>
      <ViewHead
        title={
          <>
            <bdi>{parts[1]}</bdi> {one && <Badge outcome={one.outcome} />}
          </>
        }
        lead={one && <Lead one={one} />}
        actions={actions}
      />
      {told}
      {question}
      <Loaded answer={answer}>
        {(value) => (
          <>
            <Notices one={value} />
            <Head one={value} />
            <Parts shown={tab} one={value} />
            <Part tab={tab} one={value} path={path} />
          </>
        )}
      </Loaded>
    </NumbersContext.Provider>
  );
};

export default function CaseView() {
  const { parts } = usePage().place;
  return parts.length === 3 ? <OneCase key={parts.join('/')} parts={parts} /> : <NoCase />;
}
