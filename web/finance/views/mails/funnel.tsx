// What became of each mail, from left to right: sent, delivered, opened, clicked; what came back; and what was paid after it.
import { CsvButton } from '../../parts/csv-button.tsx';
import { useFormat, useLinks } from '../../page.ts';
import { mailIn } from '../../mail-name.ts';
import { Card } from '../../parts/basics.tsx';
import { Bar } from '../../parts/charts.tsx';
import { useMailLabel } from '../../parts/mail-label.ts';
import { Table, type Cell, type TableData } from '../../parts/table.tsx';
import { AFTERWARDS, EVENTS, toldOf, type Event, type Mail } from './comparisons.ts';
import { useMails } from './words.ts';

type Props = { readonly mails: readonly Mail[] };

const LOOKS: Readonly<Record<Event, string>> = {
  delivered: 'open',
  opened: 'withdrawn',
  clicked: 'open',
  bounced: 'lost',
  complained: 'lost',
};

/** The cells of one mail. */
const useCells = (told: ReadonlySet<Event>): ((mail: Mail) => readonly Cell[]) => {
  const { count, percent } = useFormat();
  const { to } = useLinks();
  const label = useMailLabel();
  const share = (n: number, of: number, look: string) =>
    n > 0 && (
      <>
        <small>{percent(n / of)}</small>
        <Bar share={n / of} look={look} />
      </>
    );
  return (mail) => {
    const { step, sent, paid } = mail;
    const name = mailIn(step);
    return [
      { text: label(name), more: <small>{name.step}</small> },
      { text: count(sent), csv: String(sent) },
      ...EVENTS.map((event): Cell => {
        const n = mail[event];
        if (!told.has(event)) return { text: '–', csv: '' };
        return { text: count(n), csv: String(n), more: share(n, sent, LOOKS[event]) };
      }),
      AFTERWARDS.has(name.message)
        ? { text: '–', csv: '' }
        : {
            text: count(paid),
            csv: String(paid),
            to: paid === 0 ? null : to('invoices', { query: { total: 'paid', value: step } }),
            more: share(paid, sent, 'recovered'),
          },
    ];
  };
};

export const Funnel = ({ mails }: Props) => {
  const say = useMails();
  const told = toldOf(mails);
  const cells = useCells(told);
  const table: TableData = {
    caption: say('funnel'),
    heads: [
      { text: say('mail') },
      ...[
        say('sent'),
        say('delivered'),
        say('opened'),
        say('clicked'),
        say('bounced'),
        say('complained'),
        say('paid'),
      ].map((text) => ({ text, isFigure: true })),
    ],
    rows: mails.map(cells),
  };
  const save = <CsvButton title={say('funnel')} name="mails" table={table} />;
  return (
    <Card title={say('funnel')} help="mails" look="panel funnel" actions={save}>
      <Table data={table} stacks />
      <p class="quiet marks">
        {say('mark_opened')} {say('mark_after')}
        {told.size < EVENTS.length && (
          <>
            <br />
            {say('mark_untold')}
          </>
        )}
      </p>
    </Card>
  );
};
