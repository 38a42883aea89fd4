// One campaign: whom it takes, and its ladder as a line of days and in words.
import type { Policy } from '../../api.ts';
import { Card } from '../../parts/basics.tsx';
import { useWidth } from '../../parts/chart-panel.tsx';
import { isSentOnly, takenBy } from './conditions.ts';
import { ladderOf, marksOf, type Rung } from './ladder.ts';
import type { Tell } from './tell.ts';

const LINE = { height: 46, at: 14, inset: 12, apart: 26 };

/** The ladder drawn: decoration, for the list under it says the same. */
const Line = ({ rungs }: { rungs: readonly Rung[] }) => {
  const { element, width } = useWidth();
  const marks = marksOf(rungs, { width, inset: LINE.inset, apart: LINE.apart });
  return (
    <div class="days" ref={element} aria-hidden="true">
      <svg class="chart" viewBox={`0 0 ${width} ${LINE.height}`}>
        <path class="zero" d={`M${LINE.inset} ${LINE.at}H${width - LINE.inset}`} />
        {marks.map(({ x, look, label }, i) => (
          <g key={i}>
            {look === 'end' ? (
              <rect class={`mark ${look}`} x={x - 5} y={LINE.at - 5} width="10" height="10" rx="1.5" />
            ) : (
              <circle class={`mark ${look}`} cx={x} cy={LINE.at} r={look === 'final' ? 6.5 : 5} />
            )}
            {label !== null && (
              <text class="mid" x={x} y={LINE.at + 24}>
                {label}
              </text>
            )}
          </g>
        ))}
      </svg>
    </div>
  );
};

const Ladder = ({ rungs, tell }: { rungs: readonly Rung[]; tell: Tell }) => (
  <ol class="ladder">
    {rungs.map(({ id, look, day, what, more }, i) => (
      <li key={`${id}-${i}`} class={look}>
        <span class="on">{tell.say('day', { day: tell.format.count(day) })}</span>
        <span class="what">
          <strong>{what}</strong>
          {more.map((text) => (
            <small key={text}>{text}</small>
          ))}
        </span>
      </li>
    ))}
  </ol>
);

type CampaignProps = {
  readonly campaign: Policy['campaigns'][number];
  readonly at: number;
  readonly tell: Tell;
};

export const CampaignCard = ({ campaign, at, tell }: CampaignProps) => {
  const { say, format } = tell;
  const rungs = ladderOf(campaign, tell);
  return (
    <Card title={say('campaign', { n: format.count(at), id: campaign.id })} look="panel campaign">
      <div class="takes">
        <h3>{say('takes')}</h3>
        <ul>
          {takenBy(campaign, tell).map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      </div>
      <div class="does">
        <h3>{say(isSentOnly(campaign) ? 'does_after_due' : 'does_after_failure')}</h3>
        <Line rungs={rungs} />
        <Ladder rungs={rungs} tell={tell} />
      </div>
    </Card>
  );
};
