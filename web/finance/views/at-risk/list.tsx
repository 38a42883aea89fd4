// The open invoices, the largest amounts first, each with the way to its case.
import { useState } from 'preact/hooks';
import type { Invoices } from '../../api.ts';
import { mailNamed } from '../../mail-name.ts';
import { useAnswer, useAsked, useFormat, useLinks, usePage } from '../../page.ts';
import { AskError, type Problem } from '../../problem.ts';
import { Card } from '../../parts/basics.tsx';
import { SaveButton } from '../../parts/csv-button.tsx';
import { useMailLabel } from '../../parts/mail-label.ts';
import { Loaded, Wrong } from '../../parts/states.tsx';
import { saveTable, Table, type Cell, type TableData } from '../../parts/table.tsx';
import type { Query } from '../../router.ts';
import { useNames, useShell } from '../../words.ts';
import { daysSince } from './age.ts';
import { useAtRisk } from './words.ts';

type Invoice = Invoices['invoices'][number];

/** As many as one answer holds. */
const MOST_AT_ONCE = '500';

const useRow = (): ((invoice: Invoice) => readonly Cell[]) => {
  const say = useAtRisk();
  const names = useNames();
  const mailLabel = useMailLabel();
  const { now } = usePage();
  const { to } = useLinks();
  const { money, day, count } = useFormat();
  return ({ kind, decline, lastMail, counted, ...one }) => [
    { text: one.customer, to: to('case', { parts: [one.connection, one.customer, one.case] }) },
    { text: one.number ?? one.invoice },
    { text: count(daysSince(one.failedAt, now())), more: <small>{day(one.failedAt)}</small> },
    // What was sent to be paid was declined by nobody.
    { text: kind === 'invoice_overdue' ? names('kind', kind) : names('decline', decline) },
    { text: lastMail === null ? say('no_mail') : mailLabel(mailNamed(lastMail.step, lastMail.message)) },
    { text: money(counted), csv: counted.decimal },
  ];
};

const useTable = (): ((invoices: readonly Invoice[], caption: string) => TableData) => {
  const say = useAtRisk();
  const row = useRow();
  return (invoices, caption) => ({
    caption,
    heads: [
      { text: say('customer') },
      { text: say('invoice') },
      { text: say('age_in_days'), isFigure: true },
      { text: say('why') },
      { text: say('last_mail') },
      { text: say('amount'), isFigure: true },
    ],
    rows: invoices.map(row),
  });
};

/** The whole list as a file, however many pages it has. */
const SaveAll = ({ asked, currency }: { asked: Query; currency: string }) => {
  const own = useAtRisk();
  const { api } = usePage();
  const table = useTable();
  const [problem, setProblem] = useState<Problem | null>(null);
  const save = async () => {
    setProblem(null);
    try {
      const all: Invoice[] = [];
      let after: string | null = '';
      while (after !== null) {
        const query: Query = { ...asked, limit: MOST_AT_ONCE, ...(after && { after }) };
        const page: Invoices = await api.get<Invoices>('/invoices', query);
        all.push(...page.invoices);
        after = page.next;
      }
      saveTable(`at-risk-${currency}`, table(all, own('list')));
    } catch (error) {
      setProblem(error instanceof AskError ? error.problem : { kind: 'unreachable' });
    }
  };
  return (
    <>
      <SaveButton title={own('list')} onClick={() => void save()} />
      {problem && <Wrong problem={problem} again={() => void save()} />}
    </>
  );
};

const Pages = ({ next }: { next: string | null }) => {
  const say = useShell();
  const { place } = usePage();
  const { here } = useLinks();
  const isFirst = place.query['after'] === undefined;
  if (isFirst && next === null) return null;
  return (
    <nav class="pages" aria-label={say('total')}>
      {!isFirst && (
        <a class="button plain" href={here({ after: undefined })}>
          {say('first_page')}
        </a>
      )}
      {next !== null && (
        <a class="button plain" href={here({ after: next })}>
          {say('next_page')}
        </a>
      )}
    </nav>
  );
};

const Page = ({ page, currency }: { page: Invoices; currency: string }) => {
  const say = useAtRisk();
  const shell = useShell();
  const table = useTable();
  const { money } = useFormat();
  const sum = page.sum.find(({ amount }) => amount.currency === currency);
  const caption =
    sum === undefined
      ? say('list')
      : say('list_of', { invoices: shell('invoices', { n: sum.n }), amount: money(sum.amount) });
  return (
    <>
      {page.invoices.length === 0 ? (
        <p class="quiet">{say('list_end')}</p>
      ) : (
        <Table data={table(page.invoices, caption)} shown stacks />
      )}
      <Pages next={page.next} />
    </>
  );
};

/** The open invoices of a currency. What was imported is in its own total. */
export const OpenInvoices = ({ currency }: { currency: string }) => {
  const say = useAtRisk();
  const { place } = usePage();
  const asked: Query = { ...useAsked(), currency, total: 'at_risk' };
  const { after } = place.query;
  const answer = useAnswer<Invoices>('/invoices', { ...asked, ...(after && { after }) });
  return (
    <Card title={say('list')} look="panel" actions={<SaveAll asked={asked} currency={currency} />}>
      <Loaded answer={answer} cards={1}>
        {(page) => <Page page={page} currency={currency} />}
      </Loaded>
    </Card>
  );
};
