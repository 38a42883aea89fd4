// What brought the money in and the last mail before it; why the rest was lost, and what these customers told.
import type { CurrencyFigures } from '../../api.ts';
import { useFormat } from '../../page.ts';
import { BarsPanel, type Named } from '../../parts/bars.tsx';
import { Figure, Figures } from '../../parts/basics.tsx';
import { useTotal } from '../../parts/totals.ts';
import { useNames, useShell } from '../../words.ts';
import { useCauses } from './words.ts';

type Props = { readonly figures: CurrencyFigures };

/** The sums above the bars, each with the way to its invoices. */
export const Sums = ({ figures: { cell, unmailed, currency } }: Props) => {
  const say = useCauses();
  const shell = useShell();
  const names = useNames();
  const total = useTotal(currency);
  const { money, percent } = useFormat();
  const ofAll = (minor: number, all: number): string => (all === 0 ? '–' : percent(minor / all));
  return (
    <Figures>
      <Figure
        name={names('outcome', 'recovered')}
        help="recovered"
        value={money(cell.recovered.amount)}
        to={total('recovered')}
      >
        {say('share_of_failed', {
          share: ofAll(cell.recovered.amount.minor, cell.failed.amount.minor),
          invoices: shell('invoices', { n: cell.recovered.n }),
        })}
      </Figure>
      <Figure name={say('unmailed')} help="unmailed" value={money(unmailed.amount)} to={total('unmailed')}>
        {say('share_of_recovered', {
          share: ofAll(unmailed.amount.minor, cell.recovered.amount.minor),
          invoices: shell('invoices', { n: unmailed.n }),
        })}
      </Figure>
      <Figure name={names('outcome', 'lost')} help="lost" value={money(cell.lost.amount)} to={total('lost')}>
        {say('share_of_failed', {
          share: ofAll(cell.lost.amount.minor, cell.failed.amount.minor),
          invoices: shell('invoices', { n: cell.lost.n }),
        })}
      </Figure>
    </Figures>
  );
};

export const Reasons = ({ figures: { currency, causes, after, lostBecause, lostAnswered } }: Props) => {
  const say = useCauses();
  const names = useNames();
  const total = useTotal(currency);
  const rows = (
    all: CurrencyFigures['causes'],
    of: 'cause' | 'after' | 'lost_because' | 'lost_answered',
    group: 'cause' | 'other' | 'lost' | 'answer',
  ): Named[] =>
    all.map(({ name, n, amount }) => ({ name: names(group, name), n, amount, to: total(of, name) }));
  const figures = [say('invoices'), say('amount')] as const;
  return (
    <>
      <div class="pair">
        <BarsPanel
          title={say('causes')}
          help="causes"
          name={`causes-${currency}`}
          look="recovered"
          heads={[say('cause'), ...figures]}
          rows={rows(causes, 'cause', 'cause')}
          nothing={say('causes_none')}
        />
        <BarsPanel
          title={say('after')}
          help="last_mail"
          name={`last-mail-${currency}`}
          look="recovered"
          heads={[say('mail'), ...figures]}
          rows={rows(after, 'after', 'other')}
          nothing={say('causes_none')}
        />
      </div>
      <div class="pair">
        <BarsPanel
          title={say('lost_because')}
          help="lost_because"
          name={`lost-${currency}`}
          look="lost"
          heads={[say('reason'), ...figures]}
          rows={rows(lostBecause, 'lost_because', 'lost')}
          nothing={say('lost_none')}
        />
        <BarsPanel
          title={say('answered')}
          help="lost_answered"
          name={`answers-${currency}`}
          look="lost"
          heads={[say('answer'), ...figures]}
          rows={rows(lostAnswered, 'lost_answered', 'answer')}
          nothing={say('answered_none')}
        />
      </div>
    </>
  );
};
