// What brought the money in, why the rest was lost, and what was there before Recoup.
import type { CurrencyFigures } from '../../api.ts';
import { useFormat } from '../../page.ts';
import { BarsPanel } from '../../parts/bars.tsx';
import { Card } from '../../parts/basics.tsx';
import { useInPart } from '../../parts/in-part.ts';
import { useTotal } from '../../parts/totals.ts';
import { useNames, useShell } from '../../words.ts';
import { useOverview } from './words.ts';

type Props = { readonly figures: CurrencyFigures };

/** How many reasons are shown: the rest is a view of its own. */
const TOP = 6;

export const Reasons = ({ figures }: Props) => {
  const { currency, causes, lostBecause } = figures;
  const say = useOverview();
  const inPart = useInPart(figures);
  const names = useNames();
  const total = useTotal(currency);
  return (
    <div class="pair">
      <BarsPanel
        title={say('causes')}
        help="causes"
        name={`causes-${currency}`}
        look="recovered"
        heads={[say('cause'), say('invoices'), say('amount')]}
        rows={[
          ...causes.map(({ name, n, amount }) => ({
            name: names('cause', name),
            n,
            amount,
            to: total('cause', name),
          })),
          ...inPart,
        ]}
        nothing={say('causes_none')}
      />
      <BarsPanel
        title={say('lost_because')}
        help="lost_because"
        name={`lost-${currency}`}
        look="lost"
        heads={[say('reason'), say('invoices'), say('amount')]}
        rows={lostBecause.slice(0, TOP).map(({ name, n, amount }) => ({
          name: names('lost', name),
          n,
          amount,
          to: total('lost_because', name),
        }))}
        nothing={say('lost_none')}
      />
    </div>
  );
};

export const Imported = ({ figures: { imported } }: Props) => {
  const say = useOverview();
  const shell = useShell();
  const { money } = useFormat();
  const { failed, recovered, lost, withdrawn, open } = imported;
  if (failed.n === 0) return null;
  return (
    <Card title={say('imported')} help="imported">
      <p>
        {say('imported_text', {
          amount: money(failed.amount),
          invoices: shell('invoices', { n: failed.n }),
          recovered: money(recovered.amount),
          lost: money(lost.amount),
          withdrawn: money(withdrawn.amount),
          open: money(open.amount),
        })}
      </p>
    </Card>
  );
};
