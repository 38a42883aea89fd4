// What running all of it cost: in all, for each invoice that was recovered, and for the money of the currency that is shown.
import { CsvButton } from '../../parts/csv-button.tsx';
import type { CurrencyFigures, Report } from '../../api.ts';
import { useFormat } from '../../page.ts';
import { Card } from '../../parts/basics.tsx';
import { Help, type Definition } from '../../parts/help.tsx';
import { Table, type TableData } from '../../parts/table.tsx';
import { useNames, useShell } from '../../words.ts';
import { unitCostOf } from './unit-cost.ts';
import { useOverview } from './words.ts';

type Props = { readonly report: Report; readonly shown: CurrencyFigures };

type OneProps = {
  readonly name: string;
  readonly help?: Definition;
  readonly value: string;
  readonly of?: string;
};

const One = ({ name, help, value, of }: OneProps) => (
  <div>
    <dt>
      {name}
      {help && <Help of={help} name={name} />}
    </dt>
    <dd class="big">{value}</dd>
    {of && <dd class="more">{of}</dd>}
  </div>
);

/** The cost of so much recovered money as makes a figure that can be read. */
const OfMoney = ({ report: { cost }, shown: { currency } }: Props) => {
  const say = useOverview();
  const { money, dollars } = useFormat();
  const own = cost.currencies.find((one) => one.currency === currency);
  if (own === undefined || own.aUnit === null) return null;
  const unit = unitCostOf(own.aUnit);
  return (
    <One
      name={say('cost_unit', { amount: money({ minor: 0, currency, decimal: String(unit.units) }) })}
      help="cost_unit"
      value={dollars(unit.dollars)}
      of={say('cost_unit_share', { dollars: dollars(own.dollars) })}
    />
  );
};

const useMadeOf = ({ cost }: Report): TableData => {
  const say = useOverview();
  const names = useNames();
  const { count, dollars } = useFormat();
  return {
    caption: say('cost_what'),
    heads: [
      { text: say('cost_requests') },
      { text: say('cost_number'), isFigure: true },
      { text: say('cost_dollars'), isFigure: true },
    ],
    rows: cost.requests
      .filter(({ n }) => n > 0)
      .map((one) => [
        { text: names('request', one.kind) },
        { text: count(one.n), csv: String(one.n) },
        { text: dollars(one.dollars), csv: one.dollars.toFixed(9) },
      ]),
  };
};

export const RunningCost = (props: Props) => {
  const { report } = props;
  const { cost, cases } = report;
  const say = useOverview();
  const shell = useShell();
  const { dollars, month } = useFormat();
  const table = useMadeOf(report);
  const uncounted = cost.requests.find(({ kind }) => kind === 'uncounted')?.n ?? 0;
  const save = <CsvButton title={say('cost')} name="cost" table={table} />;
  return (
    <Card title={say('cost')} help="cost" look="panel running-cost" actions={save}>
      <dl>
        <One
          name={say('cost_total')}
          value={dollars(cost.dollars)}
          of={say('cost_total_of', { cases: shell('cases', { n: cases }), asOf: month(cost.asOf) })}
        />
        <One
          name={say('cost_invoice')}
          value={cost.anInvoice === null ? '–' : dollars(cost.anInvoice)}
          {...(cost.anInvoice === null && { of: say('cost_none') })}
        />
        <OfMoney {...props} />
      </dl>
      <div>
        {table.rows.length > 0 && <Table data={table} />}
        {uncounted > 0 && <p class="more">{say('cost_uncounted', { n: uncounted })}</p>}
      </div>
    </Card>
  );
};
