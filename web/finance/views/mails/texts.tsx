// Texts of one step beside each other: how many of the cases in which each went were recovered, and whether that is chance.
import type { Policy } from '../../api.ts';
import { compared, ENOUGH, type Compared } from '../../comparison.ts';
import { useFormat, useLinks, usePage } from '../../page.ts';
import { Card } from '../../parts/basics.tsx';
import { ChartPanel } from '../../parts/chart-panel.tsx';
import { IntervalsChart } from '../../parts/intervals.tsx';
import { useMailLabel } from '../../parts/mail-label.ts';
import { Snippet } from '../../parts/snippet.tsx';
import { NotEnough } from '../../parts/states.tsx';
import type { TableData } from '../../parts/table.tsx';
import { useShell } from '../../words.ts';
import { comparisonsOf, type Comparison, type Mail, type Text } from './comparisons.ts';
import { useMails } from './words.ts';

type Props = { readonly comparison: Comparison };

const useTable = ({ step, texts }: Comparison): TableData => {
  const say = useMails();
  const label = useMailLabel();
  const { count, percent } = useFormat();
  return {
    caption: say('texts_of', { step }),
    heads: [
      { text: say('text') },
      ...[say('sent'), say('settled'), say('recovered'), say('rate'), say('low'), say('high')].map(
        (text) => ({
          text,
          isFigure: true,
        }),
      ),
    ],
    rows: texts.map(({ mail, figures: { sent, rate } }) => [
      { text: label(mail) },
      ...[sent, rate.of, rate.hits].map((n) => ({ text: count(n), csv: String(n) })),
      ...(['share', 'low', 'high'] as const).map((name) =>
        rate.share === null
          ? { text: '–', csv: '' }
          : { text: percent(rate.share[name]), csv: String(rate.share[name]) },
      ),
    ]),
  };
};

/** One text beside the step's own, in words. */
const Judged = ({ text, own }: { text: Text; own: Text }) => {
  const say = useMails();
  const label = useMailLabel();
  const { points } = useFormat();
  const { verdict, difference }: Compared = compared(text.figures.rate, own.figures.rate);
  const names = { text: label(text.mail), own: label(own.mail) };
  if (verdict === 'early' || difference === null) {
    const [n, of] = [text.figures.rate.of, own.figures.rate.of];
    return <NotEnough>{say('early', { ...names, enough: ENOUGH, settled: n, own_settled: of })}</NotEnough>;
  }
  return (
    <p>
      <strong>{say(`verdict_${verdict}`, { ...names, points: points(difference.difference) })}</strong>{' '}
      <span class="quiet">
        {say('difference', { low: points(difference.low), high: points(difference.high) })}
      </span>
    </p>
  );
};

/** That texts of campaigns that are not alike stand beside each other, and how to look at one campaign. */
const Mixed = ({ comparison: { campaigns } }: Props) => {
  const say = useMails();
  const { here } = useLinks();
  return (
    <p class="quiet">
      {say('mixed')}{' '}
      {campaigns.map((campaign) => (
        <a key={campaign} class="only" href={here({ campaign })}>
          {say('only_campaign', { campaign })}
        </a>
      ))}
    </p>
  );
};

const Texts = ({ comparison }: Props) => {
  const { step, texts, isMixed } = comparison;
  const say = useMails();
  const shell = useShell();
  const label = useMailLabel();
  const { percent, percentWhole } = useFormat();
  const table = useTable(comparison);
  const [own, ...others] = texts;
  const rows = texts.flatMap(({ mail, figures: { rate } }, i) =>
    rate.share === null
      ? []
      : [
          {
            name: label(mail),
            text: percent(rate.share.share),
            value: rate.share.share,
            low: rate.share.low,
            high: rate.share.high,
            look: i === 0 ? 'open' : 'recovered',
            of: rate.of,
          },
        ],
  );
  const told = rows
    .map(
      ({ name, text, low, high }) =>
        `${name} ${text}, ${shell('interval', { low: percent(low), high: percent(high) })}`,
    )
    .join('; ');
  return (
    <div class="texts">
      <ChartPanel
        title={say('texts_of', { step })}
        help="texts"
        name={`texts-${step.replaceAll(/[^\w-]/g, '-')}`}
        table={table}
        nothing={rows.length === 0 ? say('none_settled') : null}
        chart={(width) => (
          <IntervalsChart
            title={say('texts_of', { step })}
            text={told}
            rows={rows}
            ends={[0, 1]}
            width={width}
            label={percentWhole}
          />
        )}
        legend={
          <div class="judged">
            {isMixed ? (
              <Mixed comparison={comparison} />
            ) : (
              own && others.map((text) => <Judged key={text.figures.step} text={text} own={own} />)
            )}
          </div>
        }
      />
    </div>
  );
};

const EXAMPLE = `{ id: 'reminder-1', kind: 'email', message: 'reminder', delayDays: 4,
  variants: [{ message: 'reminder.short', weight: 1 }] },`;

/** All steps with several texts; or how to have some. */
export const AllTexts = ({ mails, policy }: { mails: readonly Mail[]; policy: Policy | null }) => {
  const say = useMails();
  const { place } = usePage();
  const all = comparisonsOf(mails, policy, place.query['campaign']);
  if (all.length > 0) {
    return (
      <>
        {all.map((comparison) => (
          <Texts key={comparison.step} comparison={comparison} />
        ))}
      </>
    );
  }
  return (
    <Card title={say('no_texts')} help="texts" look="panel">
      <p class="quiet">{say('no_texts_text')}</p>
      <Snippet file="policy.ts" text={EXAMPLE} />
    </Card>
  );
};
