// What brought the money in and why the rest was lost; the last mail before the one, and what customers told before the other.
import type { CurrencyFigures } from '../../api.ts';
import { useFormat } from '../../page.ts';
import { BarsPanel, type Named } from '../../parts/bars.tsx';
import { Figure, Figures } from '../../parts/basics.tsx';
import { useInPart } from '../../parts/in-part.ts';
import { useMailName } from '../../parts/mail-label.ts';
import { useTotal } from '../../parts/totals.ts';
import { useNames, useShell } from '../../words.ts';
import { useCauses } from './words.ts';

type Props = { readonly figures: CurrencyFigures };

/** One outcome of what failed, with its share and the way to its invoices. */
const Part = ({ figures, of }: Props & { of: 'recovered' | 'lost' | 'open' }) => {
  const { cell, currency } = figures;
  const say = useCauses();
  const shell = useShell();
  const names = useNames();
  const total = useTotal(currency);
  const { money, percent } = useFormat();
  const { n, amount } = cell[of];
  const all = cell.failed.amount.minor;
  return (
    <Figure name={names('outcome', of)} help={of} value={money(amount)} to={total(of)}>
      {say('share_of_failed', {
        share: all === 0 ? '–' : percent(amount.minor / all),
        invoices: shell('invoices', { n }),
      })}
    </Figure>
  );
};

/** The sums above the bars. */
export const Sums = ({ figures }: Props) => {
  const { cell, unmailed, currency } = figures;
  const say = useCauses();
  const shell = useShell();
  const total = useTotal(currency);
  const { money, percent } = useFormat();
  const all = cell.recovered.amount.minor;
  return (
    <Figures>
      <Part figures={figures} of="recovered" />
      <Figure name={say('unmailed')} help="unmailed" value={money(unmailed.amount)} to={total('unmailed')}>
        {say('share_of_recovered', {
          share: all === 0 ? '–' : percent(unmailed.amount.minor / all),
          invoices: shell('invoices', { n: unmailed.n }),
        })}
      </Figure>
      <Part figures={figures} of="lost" />
      <Part figures={figures} of="open" />
    </Figures>
  );
};

export const Reasons = ({ figures }: Props) => {
  const { currency, causes, after, lostBecause, lostAnswered } = figures;
  const say = useCauses();
  const inPart = useInPart(figures);
  const names = useNames();
  const mailName = useMailName();
  const total = useTotal(currency);
  const rows = (
    all: CurrencyFigures['causes'],
    of: 'cause' | 'after' | 'lost_because' | 'lost_answered',
    named: (name: string) => string,
  ): Named[] => all.map(({ name, n, amount }) => ({ name: named(name), n, amount, to: total(of, name) }));
  const called = (group: 'cause' | 'lost' | 'answer') => (name: string) => names(group, name);
  const amounts = [say('invoices'), say('amount')] as const;
  return (
    <>
      <div class="pair">
        <BarsPanel
          title={say('causes')}
          help="causes"
          name={`causes-${currency}`}
          look="recovered"
          heads={[say('cause'), ...amounts]}
          rows={[...rows(causes, 'cause', called('cause')), ...inPart]}
          nothing={say('causes_none')}
        />
        <BarsPanel
          title={say('lost_because')}
          help="lost_because"
          name={`lost-${currency}`}
          look="lost"
          heads={[say('reason'), ...amounts]}
          rows={rows(lostBecause, 'lost_because', called('lost'))}
          nothing={say('lost_none')}
        />
      </div>
      <div class="pair">
        <BarsPanel
          title={say('after')}
          help="last_mail"
          name={`last-mail-${currency}`}
          look="recovered"
          heads={[say('mail'), ...amounts]}
          rows={[...rows(after, 'after', mailName), ...inPart]}
          nothing={say('causes_none')}
        />
        <BarsPanel
          title={say('answered')}
          help="lost_answered"
          name={`answers-${currency}`}
          look="lost"
          heads={[say('answer'), ...amounts]}
          rows={rows(lostAnswered, 'lost_answered', called('answer'))}
          nothing={say('answered_none')}
        />
      </div>
    </>
  );
};
