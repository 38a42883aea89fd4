// The list as it is shown: each invoice with its customer and the way to its case, and what all of them come to.
import type { TotalName } from '../../../../core/reports/totals.ts';
import type { Invoices } from '../../api.ts';
import { useFormat, useLinks } from '../../page.ts';
import { Badge, Card, Figure, Figures } from '../../parts/basics.tsx';
import { useMailName } from '../../parts/mail-label.ts';
import { Table, type TableData } from '../../parts/table.tsx';
import { useShell } from '../../words.ts';
import { mailName, useWhy, type Invoice } from './table.ts';
import { TOLD } from './totals.ts';
import { useInvoicesWords } from './words.ts';

/** The invoices of a page as a table. */
export const useShownTable = (caption: string): ((invoices: readonly Invoice[]) => TableData) => {
  const say = useInvoicesWords();
  const why = useWhy();
  const called = useMailName();
  const { to } = useLinks();
  const { money, day } = useFormat();
  const mailTold = (one: Invoice): string => {
    const mail = mailName(one);
    return mail === '' ? say('no_mail') : say('after_mail', { mail: called(mail) });
  };
  return (invoices) => ({
    caption,
    heads: [
      { text: say('invoice_customer') },
      { text: say('counted'), isFigure: true },
      { text: say('outcome') },
      { text: say('failed_at') },
      { text: say('why_mail') },
    ],
    rows: invoices.map((one) => [
      {
        text: one.number ?? one.invoice,
        to: to('case', { parts: [one.connection, one.customer, one.case] }),
        more: <small>{one.customer}</small>,
      },
      { text: money(one.counted) },
      { text: '', mark: <Badge outcome={one.outcome} /> },
      { text: day(one.failedAt) },
      { text: why(one), more: <small>{mailTold(one)}</small> },
    ]),
  });
};

type SumsProps = { readonly total: TotalName; readonly sum: Invoices['sum'] };

/** What the whole list comes to: one figure, or a row for each currency, which narrows the list down to it. */
export const Sums = ({ total, sum }: SumsProps) => {
  const say = useInvoicesWords();
  const shell = useShell();
  const { here } = useLinks();
  const { money, count, currencyName } = useFormat();
  const [only] = sum;
  if (only !== undefined && sum.length === 1) {
    return (
      <Figures>
        <Figure name={say('sum')} help={TOLD[total].help} value={money(only.amount)}>
          {shell('invoices', { n: only.n })}
        </Figure>
      </Figures>
    );
  }
  const table: TableData = {
    caption: say('sums'),
    heads: [
      { text: say('currency') },
      { text: say('invoices'), isFigure: true },
      { text: say('amount'), isFigure: true },
    ],
    rows: sum.map(({ n, amount }) => [
      {
        text: amount.currency,
        to: here({ currency: amount.currency }),
        more: <small>{currencyName(amount.currency)}</small>,
      },
      { text: count(n) },
      { text: money(amount) },
    ]),
  };
  return (
    <Card title={say('sums')} help={TOLD[total].help} look="sums">
      <Table data={table} />
    </Card>
  );
};
