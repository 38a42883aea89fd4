// What failed, group by group: by class of decline, card brand and whatever else failures can be told apart by.
import type { CurrencyFigures } from '../../api.ts';
import { DIMENSIONS } from '../../filters.ts';
import { useFormat, useLinks, usePage } from '../../page.ts';
import { Card, Key } from '../../parts/basics.tsx';
import { SaveButton } from '../../parts/csv-button.tsx';
import { Bar } from '../../parts/charts.tsx';
import { useValueName } from '../../parts/filter-bar.tsx';
import { saveTable, Table, type Cell, type TableData } from '../../parts/table.tsx';
import { useTotal } from '../../parts/totals.ts';
import { Tabs } from '../../parts/tabs.tsx';
import { useNames, useShell } from '../../words.ts';
import { dimensionIn, FEW, ORDERS, orderIn, sorted, type Group, type Order } from './sorted.ts';
import { Parts } from './parts.tsx';
import { useCauses } from './words.ts';

type Props = { readonly figures: CurrencyFigures };

const AMOUNTS = ['failed', 'recovered', 'lost', 'open'] as const;

/** What each failure is told apart by: a tab each. */
const Dimensions = ({ shown }: { shown: string }) => {
  const say = useCauses();
  const names = useNames();
  const { here } = useLinks();
  return (
    <Tabs label={say('by')}>
      {DIMENSIONS.map((name) => (
        <a
          key={name}
          href={here({ by: name, sort: undefined })}
          aria-current={name === shown ? 'true' : undefined}
        >
          {names('filter', name)}
        </a>
      ))}
    </Tabs>
  );
};

/** The rate of a group with its interval and what it is of. */
const useRateCell = (): ((group: Group) => Cell) => {
  const say = useCauses();
  const shell = useShell();
  const { percent } = useFormat();
  return ({ rate: { hits, of, share } }) => {
    if (share === null) return { text: '–', more: <small>{say('rate_none')}</small> };
    const interval = shell('interval', { low: percent(share.low), high: percent(share.high) });
    return {
      text: percent(share.share),
      more: (
        <>
          <Bar share={share.share} look="recovered" />
          <small>{shell('of', { hits, of })}</small>
          <small>{of < FEW ? say('few', { interval }) : interval}</small>
        </>
      ),
    };
  };
};

/** Heads that sort: the one by which it is sorted says so. */
const useHeads = (order: Order): TableData['heads'] => {
  const say = useCauses();
  const names = useNames();
  const { place } = usePage();
  const { here } = useLinks();
  const text = (name: Order): string =>
    name === 'name'
      ? names('filter', dimensionIn(place.query))
      : name === 'rate'
        ? say('rate')
        : names('outcome', name);
  const head = (name: Order) => ({
    text: text(name),
    isFigure: name !== 'name',
    to: here({ sort: name === ORDERS[0] ? undefined : name }),
    sort: name !== order ? undefined : name === 'name' ? ('ascending' as const) : ('descending' as const),
  });
  return [head('name'), head('rate'), { text: say('invoices'), isFigure: true }, ...AMOUNTS.map(head)];
};

const useGroupTable = ({ groups, currency }: CurrencyFigures): TableData => {
  const say = useCauses();
  const { place } = usePage();
  const { money, count } = useFormat();
  const valueName = useValueName();
  const rate = useRateCell();
  const total = useTotal(currency);
  const [by, order] = [dimensionIn(place.query), orderIn(place.query)];
  const heads = useHeads(order);
  /** The group as a filter takes its other amounts. */
  const link = (name: (typeof AMOUNTS)[number], value: string): string | null =>
    name === 'failed' ? total('group', value, { by }) : total(name, undefined, { only: { [by]: value } });
  const most = Math.max(1, ...groups.map(({ cell }) => cell.failed.amount.minor));
  return {
    caption: say('groups_text'),
    heads,
    rows: sorted(groups, order, (value) => valueName(by, value)).map((group) => [
      { text: valueName(by, group.value), more: <Parts cell={group.cell} most={most} /> },
      rate(group),
      { text: count(group.cell.failed.n), csv: String(group.cell.failed.n) },
      ...AMOUNTS.map((name) => {
        const { amount } = group.cell[name];
        return {
          text: money(amount),
          csv: amount.decimal,
          to: amount.minor === 0 ? null : link(name, group.value),
        };
      }),
    ]),
  };
};

const number = (value: number | string | undefined): Cell =>
  value === undefined ? { text: '' } : { text: String(value), csv: String(value) };

/** The same with every number in a column of its own, for a spreadsheet. */
const useSaved = ({ groups, currency }: CurrencyFigures): (() => void) => {
  const say = useCauses();
  const names = useNames();
  const { place } = usePage();
  const valueName = useValueName();
  const by = dimensionIn(place.query);
  const outcomes = ['failed', 'recovered', 'lost', 'withdrawn', 'open'] as const;
  return () =>
    saveTable(`by-${by}-${currency}`, {
      caption: say('groups'),
      heads: [
        names('filter', by),
        say('code'),
        ...outcomes.flatMap((name) => [
          say('amount_in', { name: names('outcome', name), currency }),
          say('invoices_of', { name: names('outcome', name) }),
        ]),
        say('rate'),
        say('low'),
        say('high'),
        say('hits'),
        say('settled'),
      ].map((text) => ({ text })),
      rows: groups.map(({ value, cell, rate }) => [
        { text: valueName(by, value) },
        { text: value },
        ...outcomes.flatMap((name) => [number(cell[name].amount.decimal), number(cell[name].n)]),
        number(rate.share?.share),
        number(rate.share?.low),
        number(rate.share?.high),
        number(rate.hits),
        number(rate.of),
      ]),
    });
};

const Legend = () => {
  const names = useNames();
  return (
    <ul class="legend">
      {(['recovered', 'lost', 'withdrawn', 'open'] as const).map((name) => (
        <li key={name}>
          <Key look={name} />
          {names('outcome', name)}
        </li>
      ))}
    </ul>
  );
};

export const Groups = ({ figures }: Props) => {
  const say = useCauses();
  const { place } = usePage();
  const table = useGroupTable(figures);
  const save = useSaved(figures);
  const title = say('groups');
  const saving = <SaveButton title={title} onClick={save} />;
  return (
    <Card title={title} help="groups" actions={figures.groups.length > 0 && saving} look="panel groups">
      <Dimensions shown={dimensionIn(place.query)} />
      {figures.groups.length === 0 ? (
        <p class="quiet">{say('groups_none')}</p>
      ) : (
        <>
          <Table data={table} stacks />
          <Legend />
        </>
      )}
    </Card>
  );
};
