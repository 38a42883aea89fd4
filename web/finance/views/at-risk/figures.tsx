// What is open now: how much, what of it is expected back, what nobody can tell, and how old it is.
import type { CurrencyFigures } from '../../api.ts';
import { endsIn, PRESETS, presetOf } from '../../filters.ts';
import { useFormat, useLinks, usePage } from '../../page.ts';
import { BarsPanel } from '../../parts/bars.tsx';
import { Figure, Figures } from '../../parts/basics.tsx';
import { useTotal } from '../../parts/totals.ts';
import { useShell } from '../../words.ts';
import { useAtRisk } from './words.ts';

type Props = { readonly figures: CurrencyFigures };

/** The period by whose failures something is expected, in words. */
const usePeriod = (): string => {
  const { place, now, format } = usePage();
  const { from, to } = endsIn(place.query, now());
  return format.period(from, to);
};

const Expected = ({ figures: { atRisk } }: Props) => {
  const say = useAtRisk();
  const shell = useShell();
  const { money } = useFormat();
  const period = usePeriod();
  const { expected } = atRisk;
  if (expected === null) {
    return (
      <Figure name={say('expected')} help="expected" value={say('expected_unknown')} look="text">
        {say('expected_unknown_text', { period })}
      </Figure>
    );
  }
  return (
    <Figure name={say('expected')} help="expected" value={money(expected.amount)}>
      {shell('interval', { low: money(expected.low), high: money(expected.high) })}
      <br />
      {say('expected_by', { period })}
    </Figure>
  );
};

/** Of what is older than any failure of the period was seen, nobody can tell. A longer period tells of more. */
const Untold = ({ figures: { atRisk } }: Props) => {
  const say = useAtRisk();
  const shell = useShell();
  const { place, now } = usePage();
  const { here } = useLinks();
  const { money } = useFormat();
  const { n, amount } = atRisk.untold;
  const isLongest = presetOf(endsIn(place.query, now()), now()) === 'twelve_months';
  return (
    <Figure name={say('untold')} help="untold" value={money(amount)}>
      {n === 0 ? say('untold_none') : say('untold_of', { invoices: shell('invoices', { n }) })}
      {n > 0 && !isLongest && (
        <>
          {' '}
          <a href={here({ ...PRESETS.twelve_months(now().slice(0, 7)) })}>{say('untold_longer')}</a>
        </>
      )}
    </Figure>
  );
};

const Imported = ({ figures: { atRisk, currency } }: Props) => {
  const say = useAtRisk();
  const shell = useShell();
  const total = useTotal(currency);
  const { money } = useFormat();
  const { n, amount } = atRisk.imported;
  if (n === 0) return null;
  return (
    <Figure
      name={say('imported')}
      help="imported_at_risk"
      value={money(amount)}
      to={total('imported_at_risk')}
    >
      {say('imported_of', { invoices: shell('invoices', { n }) })}
    </Figure>
  );
};

const Ages = ({ figures: { atRisk, currency } }: Props) => {
  const say = useAtRisk();
  const total = useTotal(currency);
  return (
    <BarsPanel
      title={say('ages')}
      help="ages"
      name={`at-risk-by-age-${currency}`}
      look="open"
      heads={[say('age'), say('invoices'), say('amount')]}
      rows={atRisk.ages.map(({ name, fromDays, toDays, n, amount }) => ({
        name:
          toDays === null
            ? say('age_over', { days: fromDays - 1 })
            : say('age_days', { from: fromDays, to: toDays }),
        n,
        amount,
        to: n === 0 ? null : total('at_risk_aged', name),
      }))}
      nothing={say('ages_none')}
    />
  );
};

export const AtRiskFigures = ({ figures }: Props) => {
  const say = useAtRisk();
  const shell = useShell();
  const total = useTotal(figures.currency);
  const { money } = useFormat();
  const { n, amount } = figures.atRisk.open;
  return (
    <>
      <Figures>
        <Figure name={say('open')} help="at_risk" value={money(amount)} to={total('at_risk')}>
          {say('open_of', { invoices: shell('invoices', { n }) })}
        </Figure>
        <Expected figures={figures} />
        <Untold figures={figures} />
        <Imported figures={figures} />
      </Figures>
      <Ages figures={figures} />
    </>
  );
};
