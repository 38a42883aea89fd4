// The last mail before the money came, and what came before any mail had gone. In one currency.
import { NO_MAIL } from '../../../../core/reports/tally.ts';
import type { CurrencyFigures } from '../../api.ts';
import { useFormat } from '../../page.ts';
import { BarsPanel } from '../../parts/bars.tsx';
import { Figure, Figures } from '../../parts/basics.tsx';
import { useMailName } from '../../parts/mail-label.ts';
import { useTotal } from '../../parts/totals.ts';
import { useShell } from '../../words.ts';
import { useMails } from './words.ts';

export const LastMail = ({ figures }: { figures: CurrencyFigures }) => {
  const { currency, after, unmailed, inPart, cell } = figures;
  const say = useMails();
  const shell = useShell();
  const total = useTotal(currency);
  const mailName = useMailName();
  const { money, moneyOf, percent } = useFormat();
  const { n, amount } = cell.recovered;
  const afterMail = { n: n - unmailed.n, minor: amount.minor - unmailed.amount.minor - inPart.amount.minor };
  const share = (minor: number) => (amount.minor === 0 ? '–' : percent(minor / amount.minor));
  return (
    <>
      <Figures>
        <Figure name={say('after_mail')} help="last_mail" value={moneyOf(afterMail.minor, amount)}>
          {say('of_recovered', {
            invoices: shell('invoices', { n: afterMail.n }),
            share: share(afterMail.minor),
          })}
        </Figure>
        <Figure
          name={say('before_mail')}
          help="unmailed"
          value={money(unmailed.amount)}
          to={unmailed.n === 0 ? null : total('unmailed')}
        >
          {say('of_recovered', {
            invoices: shell('invoices', { n: unmailed.n }),
            share: share(unmailed.amount.minor),
          })}
        </Figure>
      </Figures>
      <BarsPanel
        title={say('last_mail')}
        help="last_mail"
        name={`last-mail-${currency}`}
        look="recovered"
        heads={[say('mail'), say('invoices'), say('amount')]}
        rows={after
          // It is a figure of its own here.
          .filter(({ name }) => name !== NO_MAIL)
          .map((one) => ({ ...one, name: mailName(one.name), to: total('after', one.name) }))}
        nothing={say('last_mail_none')}
      />
    </>
  );
};
