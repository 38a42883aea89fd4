// The months' curves in one frame: one of them stands out, and the others are what it is compared with.
import { useFormat, useLinks, usePage } from '../../page.ts';
import { ChartPanel } from '../../parts/chart-panel.tsx';
import { LinesChart } from '../../parts/lines.tsx';
import { useShareTable } from './heat.tsx';
import { DAYS, isYoung, lineOf, type Cohort } from './seen.ts';
import { useCohorts } from './words.ts';

type Props = { readonly cohorts: readonly Cohort[]; readonly currency: string; readonly at: string };

/** Which month stands out: the one that the place names, else the newest that is not young, else the newest. */
const useShown = ({ cohorts, at }: Props): number => {
  const { place } = usePage();
  const asked = cohorts.findIndex(({ month }) => month === place.query['month']);
  if (asked !== -1) return asked;
  const ripe = cohorts.findLastIndex((cohort) => !isYoung(cohort, at));
  return ripe === -1 ? cohorts.length - 1 : ripe;
};

const Choice = ({ cohorts, shown }: { cohorts: readonly Cohort[]; shown: number }) => {
  const say = useCohorts();
  const { here } = useLinks();
  const { month, monthShort } = useFormat();
  return (
    <nav class="choice" aria-label={say('which_month')}>
      {cohorts.map((cohort, i) => (
        <a
          key={cohort.month}
          href={here({ month: cohort.month })}
          aria-current={i === shown ? 'true' : undefined}
          aria-label={month(cohort.month)}
        >
          {monthShort(cohort.month)}
        </a>
      ))}
    </nav>
  );
};

export const Curves = (props: Props) => {
  const { cohorts, currency, at } = props;
  const say = useCohorts();
  const { month, percent, percentWhole } = useFormat();
  const shown = useShown(props);
  const table = useShareTable(props, say('curves'));
  const series = cohorts.map((cohort) => ({ name: month(cohort.month), points: lineOf(cohort, at) }));
  const looked = series[shown];
  const last = looked?.points.at(-1);
  const said = (day: number, share: number): string =>
    say('point', { month: looked?.name ?? '', day, share: percent(share) });
  return (
    <ChartPanel
      title={say('curves')}
      help="by_day"
      name={`cohort-curves-${currency}`}
      table={table}
      chart={(width) => (
        <LinesChart
          title={say('curves')}
          text={last === undefined ? '' : said(last.day, last.share)}
          series={series}
          shown={shown}
          days={[0, ...DAYS]}
          width={width}
          percent={percentWhole}
          axis={say('days_after')}
          read={({ day, share }) => said(day, share)}
        />
      )}
      legend={<Choice cohorts={cohorts} shown={shown} />}
    />
  );
};
