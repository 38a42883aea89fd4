// The months' curves in one frame: one of them stands out, and the others are what it is compared with.
import { useFormat, useLinks, usePage } from '../../page.ts';
import { ChartPanel } from '../../parts/chart-panel.tsx';
import { LinesChart } from '../../parts/lines.tsx';
import { useShareTable } from './heat.tsx';
import { axisOf, isYoung, lineOf, type Cohort } from './seen.ts';
import { useCohorts } from './words.ts';

type Props = { readonly cohorts: readonly Cohort[]; readonly currency: string; readonly at: string };

/** Which month stands out: the one that the place names, else the newest that is not young, else the one that is known longest. */
const useShown = ({ cohorts, at }: Props): number => {
  const { place } = usePage();
  const asked = cohorts.findIndex(({ month }) => month === place.query['month']);
  if (asked !== -1) return asked;
  const ripe = cohorts.findLastIndex((cohort) => !isYoung(cohort, at));
  if (ripe !== -1) return ripe;
  const known = cohorts.map((cohort) => lineOf(cohort, at).at(-1)?.day ?? 0);
  return known.lastIndexOf(Math.max(...known));
};

const Choice = ({ cohorts, shown }: { cohorts: readonly Cohort[]; shown: number }) => {
  const say = useCohorts();
  const { here } = useLinks();
  const { month } = useFormat();
  return (
    <nav class="choice" aria-label={say('which_month')}>
      {cohorts.map((cohort, i) => (
        <a
          key={cohort.month}
          href={here({ month: cohort.month })}
          aria-current={i === shown ? 'true' : undefined}
        >
          {month(cohort.month)}
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
          days={axisOf(series)}
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
