// The figures beside the headline: net, how long it takes, what is kept, and the lift.
import type { CurrencyFigures, Report } from '../../api.ts';
import { verdictOf } from '../../comparison.ts';
import { useFormat, useLinks } from '../../page.ts';
import { Figure, Figures } from '../../parts/basics.tsx';
import { useTotal } from '../../parts/totals.ts';
import { useShell } from '../../words.ts';
import { useOverview } from './words.ts';

type Month = CurrencyFigures['moved'][number];

type Props = { readonly report: Report; readonly figures: CurrencyFigures };

/** Money of the period's months: recovered less what left again. Sums of exact minor units stay exact. */
const Net = ({ figures: { moved, currency } }: Props) => {
  const say = useOverview();
  const { moneyOf } = useFormat();
  const total = useTotal(currency);
  const [first] = moved;
  if (first === undefined)
    return <Figure name={say('net_received')} help="net" value="–" children={say('months_none')} />;
  const sum = (read: (month: Month) => number): string =>
    moneyOf(
      moved.reduce((all, month) => all + read(month), 0),
      first.net,
    );
  const wentBack = moved.some(({ refunded, disputed, reversed }) => refunded.n + disputed.n + reversed.n > 0);
  const told = wentBack ? 'net_of' : 'net_plain';
  return (
    <Figure name={say('net_received')} help="net" value={sum(({ net }) => net.minor)} to={total('moved_net')}>
      {say(told, {
        received: sum(({ recovered }) => recovered.amount.minor),
        refunded: sum(({ refunded }) => refunded.amount.minor),
        disputed: sum(({ disputed }) => disputed.amount.minor),
        reversed: sum(({ reversed }) => reversed.amount.minor),
      })}
    </Figure>
  );
};

const Time = ({ figures: { hours } }: Props) => {
  const say = useOverview();
  const shell = useShell();
  const { duration } = useFormat();
  return hours.median === null || hours.p90 === null ? (
    <Figure name={say('time')} help="time_to_recover" value={shell('none_yet')} look="text" />
  ) : (
    <Figure name={say('time')} help="time_to_recover" value={duration(hours.median)}>
      {say('time_most', { most: duration(hours.p90) })}
    </Figure>
  );
};

const Kept = ({ figures: { recurring } }: Props) => {
  const say = useOverview();
  const { money } = useFormat();
  return (
    <Figure
      name={say('recurring')}
      help="recurring"
      value={say('recurring_value', { amount: money(recurring.monthly) })}
    >
      {say('recurring_over', { amount: money(recurring.lifetime), months: recurring.months })}
    </Figure>
  );
};

const Lift = ({ report: { lifts } }: Props) => {
  const say = useOverview();
  const shell = useShell();
  const { percent, points } = useFormat();
  const { to } = useLinks();
  const name = say('lift');
  const lift = lifts.toSorted((a, b) => b.heldOut.of - a.heldOut.of)[0];
  if (lift === undefined) {
    return (
      <Figure name={name} help="lift" value={say('lift_none')} look="text" to={to('experiments')}>
        {say('lift_none_text', { view: shell('view_experiments') })}
      </Figure>
    );
  }
  const { mailed, heldOut, difference, isEnough } = lift;
  if (!isEnough || difference === null || mailed.share === null || heldOut.share === null) {
    return (
      <Figure name={name} help="lift" value={say('lift_early')} look="text" to={to('experiments')}>
        {say('lift_early_text', { mailed: mailed.of, held: heldOut.of })}
      </Figure>
    );
  }
  return (
    <Figure
      name={name}
      help="lift"
      value={say(`lift_${verdictOf(difference)}`, { points: points(difference.difference) })}
      look="text"
      to={to('experiments')}
    >
      {say('lift_sides', {
        mailed: percent(mailed.share.share),
        held: percent(heldOut.share.share),
        low: points(difference.low),
        high: points(difference.high),
      })}
    </Figure>
  );
};

export const Tiles = (props: Props) => (
  <Figures>
    <Net {...props} />
    <Time {...props} />
    <Kept {...props} />
    <Lift {...props} />
  </Figures>
);
