// How much of the limits of tries is used up, and how fast the clock may ask.
import type { Health } from '../../api.ts';
import { useFormat } from '../../page.ts';
import { Figure, Figures } from '../../parts/basics.tsx';
import { useHealth } from './words.ts';

type Props = { readonly health: Health };

export const Budgets = ({ health: { budgets, looked } }: Props) => {
  const say = useHealth();
  const { count, day } = useFormat();
  const { invoices, cards, requestsPerSecond, ofUnknownCode, ofBankDebit } = budgets;
  const used = ({ usedUp, of }: { usedUp: number; of: number }): string =>
    of === 0 ? say('none_looked') : say('used_up', { used: usedUp, of });
  return (
    <section class="budgets">
      <h2>{say('budgets')}</h2>
      <p class="quiet">
        {looked.since === null
          ? say('looked_none')
          : say('looked', { cases: looked.cases, open: looked.open, since: day(looked.since) })}
      </p>
      <Figures>
        <Figure
          name={say('tries_invoice')}
          help="tries"
          value={say('most_of', { most: invoices.most, limit: invoices.limit })}
        >
          {used(invoices)}
        </Figure>
        <Figure
          name={say('tries_card', { days: cards.days })}
          help="tries"
          value={say('most_of', { most: cards.most, limit: cards.limit })}
        >
          {used(cards)}
        </Figure>
        <Figure
          name={say('requests')}
          value={requestsPerSecond === null ? say('requests_none') : count(requestsPerSecond)}
          look={requestsPerSecond === null ? 'text' : ''}
        >
          {say('requests_text')}
        </Figure>
      </Figures>
      <p class="quiet special">{say('special', { unknown: ofUnknownCode, debit: ofBankDebit })}</p>
    </section>
  );
};
