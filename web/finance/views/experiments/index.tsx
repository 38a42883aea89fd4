// Experiments: whether the mails bring anything, told by customers who get none, drawn by lot.
import type { Policy, Report } from '../../api.ts';
import { askedIn, endsIn, PRESETS, presetOf } from '../../filters.ts';
import { useAnswer, useAsked, useFormat, useLinks, usePage } from '../../page.ts';
import { Card } from '../../parts/basics.tsx';
import { FilterBar } from '../../parts/filter-bar.tsx';
import { Loaded } from '../../parts/states.tsx';
import { Snippet } from '../../parts/snippet.tsx';
import { Downloads, ViewHead } from '../../parts/view-head.tsx';
import { Experiment } from './lift.tsx';
import { useExperiments } from './words.ts';
import './experiments.css';

const EXAMPLE = `holdout: { experiment: 'mails', share: 0.1 },`;

/** Nobody is held out: what that means, and what somebody with the code would write. */
const Nobody = () => {
  const say = useExperiments();
  return (
    <Card title={say('nobody')} help="lift" look="verdict">
      <p>{say('nobody_text')}</p>
      <h3>{say('how')}</h3>
      <p class="quiet">{say('how_text')}</p>
      <Snippet file="policy.ts" text={EXAMPLE} />
      <ul class="points">
        <li>{say('how_share')}</li>
        <li>{say('how_still')}</li>
        <li>{say('how_long')}</li>
      </ul>
    </Card>
  );
};

/** Customers are held out, and no case of the period counts yet. */
const NoneCounted = ({ policy: { holdout } }: { policy: Policy }) => {
  const say = useExperiments();
  const { percent } = useFormat();
  return (
    <Card title={say('experiment', { experiment: holdout.experiment })} help="lift" look="verdict">
      <p class="plain-words">{say('none_counted')}</p>
      <p class="quiet">{say('none_counted_text', { share: percent(holdout.share) })}</p>
    </Card>
  );
};

/** The share that is held out now, as the policy says. */
const Now = ({ policy: { holdout } }: { policy: Policy }) => {
  const say = useExperiments();
  const { percent } = useFormat();
  return (
    <p class="quiet now">
      {holdout.share === 0
        ? say('now_nobody')
        : say('now', { share: percent(holdout.share), experiment: holdout.experiment })}
    </p>
  );
};

const All = ({ report: { lifts }, policy }: { report: Report; policy: Policy }) => {
  const say = useExperiments();
  const { place, now } = usePage();
  const { here } = useLinks();
  if (lifts.length === 0 && policy.holdout.share === 0) return <Nobody />;
  const isLongest = presetOf(endsIn(place.query, now()), now()) === 'twelve_months';
  return (
    <>
      {lifts.length === 0 && <NoneCounted policy={policy} />}
      {lifts.map((lift) => (
        <Experiment key={lift.experiment} lift={lift} />
      ))}
      {lifts.length > 0 && <Now policy={policy} />}
      {!isLongest && lifts.every(({ isEnough }) => !isEnough) && (
        <p class="quiet now">
          <a href={here({ ...PRESETS.twelve_months(now().slice(0, 7)) })}>{say('longer')}</a>
        </p>
      )}
    </>
  );
};

export default function Experiments() {
  const say = useExperiments();
  const { place, now } = usePage();
  const { period } = useFormat();
  const answer = useAnswer<Report>('/reports/recovery', useAsked());
  const policy = useAnswer<Policy>('/policy', {});
  const { from = '', to = '' } = askedIn(place.query, now());
  return (
    <>
      <ViewHead
        title={say('title')}
        lead={say('lead', { period: period(from, to) })}
        actions={<Downloads />}
      />
      <FilterBar />
      <Loaded answer={answer} cards={2}>
        {(report) => (
          <Loaded answer={policy} cards={2}>
            {(told) => <All report={report} policy={told} />}
          </Loaded>
        )}
      </Loaded>
    </>
  );
}
