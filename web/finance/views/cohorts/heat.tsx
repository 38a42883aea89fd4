// The share recovered by so many days after the failure, month by month: every figure is written, and darker where it is higher.
import { CsvButton } from '../../parts/csv-button.tsx';
import { useFormat } from '../../page.ts';
import { Card } from '../../parts/basics.tsx';
import { Table, type Cell, type TableData } from '../../parts/table.tsx';
import { useMonthCell } from './months.tsx';
import { darknessOf, DAYS, seenBy, type Cohort } from './seen.ts';
import { useCohorts } from './words.ts';

type Props = { readonly cohorts: readonly Cohort[]; readonly currency: string; readonly at: string };

/** The cells of a cohort, one a day. */
const useShares = (at: string): ((cohort: Cohort) => readonly Cell[]) => {
  const say = useCohorts();
  const { percent } = useFormat();
  return (cohort) =>
    DAYS.map((day) => {
      const { of, point } = seenBy(cohort, day, at);
      if (point === null) return { text: '–', csv: '', look: 'heat unknown' };
      const isPart = of === 'part';
      return {
        text: isPart ? `${percent(point.share)}*` : percent(point.share),
        csv: String(point.share),
        look: `heat h${darknessOf(point.share)}${isPart ? ' part' : ''}`,
        more: isPart && <span class="unseen">{say('part')}</span>,
      };
    });
};

/** The table of shares: what is drawn, and what the chart is as a table. */
export const useShareTable = ({ cohorts, at }: Props, caption: string): TableData => {
  const say = useCohorts();
  const { count } = useFormat();
  const monthCell = useMonthCell(at);
  const shares = useShares(at);
  return {
    caption,
    heads: [
      { text: say('month') },
      { text: say('invoices'), isFigure: true },
      ...DAYS.map((day) => ({ text: say('by_day', { day }), isFigure: true })),
    ],
    rows: cohorts.map((cohort) => {
      const { n } = cohort.cell.failed;
      return [monthCell(cohort), { text: count(n), csv: String(n) }, ...shares(cohort)];
    }),
  };
};

export const Heat = (props: Props) => {
  const say = useCohorts();
  const table = useShareTable(props, say('heat'));
  const save = <CsvButton title={say('heat')} name={`cohorts-by-day-${props.currency}`} table={table} />;
  return (
    <Card title={say('heat')} help="by_day" look="panel heat-table" actions={save}>
      <Table data={table} />
      <p class="quiet marks">
        {say('mark_part')}
        <br />
        {say('mark_unknown')}
      </p>
    </Card>
  );
};
