// The money of a case, invoice by invoice, and why each payment failed.
import { CsvButton } from '../../parts/csv-button.tsx';
import type { Case } from '../../api.ts';
import { useFormat } from '../../page.ts';
import { Badge, Card } from '../../parts/basics.tsx';
import type { Definition } from '../../parts/help.tsx';
import { Table, type Cell, type TableData } from '../../parts/table.tsx';
import { useNames } from '../../words.ts';
import { useMessageName, useReasonAlone } from './said.ts';
import { useCaseWords } from './words.ts';

type Invoice = Case['invoices'][number];

const SUMS = ['failed', 'recovered', 'withdrawn', 'lost', 'open', 'refunded'] as const;

/** An invoice by its number, with the provider's ids under it. */
const idOf = ({ invoice, number, subject }: Invoice): Cell => ({
  text: number ?? invoice,
  more: (
    <>
      {number !== null && <small class="id">{invoice}</small>}
      {subject !== invoice && <small class="id">{subject}</small>}
    </>
  ),
});

const useMoney = (invoices: readonly Invoice[]): TableData => {
  const say = useCaseWords();
  const names = useNames();
  const reason = useReasonAlone();
  const messageName = useMessageName();
  const { money, instant } = useFormat();
  return {
    caption: say('money_text'),
    heads: [
      { text: say('invoice') },
      { text: say('outcome') },
      ...SUMS.map((name) => ({ text: names('outcome', name), isFigure: true })),
      { text: say('cause') },
      { text: say('last_mail') },
      { text: say('settled_at') },
    ],
    rows: invoices.map((one) => [
      idOf(one),
      {
        text: '',
        csv: names('outcome', one.outcome),
        mark: <Badge outcome={one.outcome} />,
      },
      ...SUMS.map((name): Cell => ({ text: money(one[name]), csv: one[name].decimal })),
      { text: one.cause === null ? reason(one.why) : names('cause', one.cause) },
      {
        text: one.lastMail === null ? '–' : messageName(one.lastMail.message),
        more: one.lastMail && <small class="id">{one.lastMail.step}</small>,
      },
      { text: one.settledAt === null ? '–' : instant(one.settledAt) },
    ]),
  };
};

const useFailures = (invoices: readonly Invoice[]): TableData => {
  const say = useCaseWords();
  const names = useNames();
  const { instant, country } = useFormat();
  return {
    caption: say('failures_text'),
    heads: [
      say('invoice'),
      say('failed_at'),
      names('filter', 'kind'),
      names('filter', 'decline'),
      names('filter', 'brand'),
      names('filter', 'plan'),
      names('filter', 'country'),
      names('filter', 'campaign'),
    ].map((text) => ({ text })),
    rows: invoices.map((one) => [
      idOf(one),
      {
        text: instant(one.failedAt),
        more: one.cohort === 'imported' && <small>{say('imported')}</small>,
      },
      { text: names('kind', one.kind) },
      { text: names('decline', one.decline), more: <small class="id">{one.reason}</small> },
      { text: one.brand === null ? '–' : names('brand', one.brand) },
      { text: one.plans.join(', ') || '–' },
      { text: one.country === null ? '–' : country(one.country) },
      { text: one.campaign ?? '–' },
    ]),
  };
};

type SheetProps = {
  readonly title: string;
  readonly name: string;
  readonly table: TableData;
  readonly help?: Definition;
};

const Sheet = ({ title, name, table, help }: SheetProps) => {
  const save = <CsvButton title={title} name={name} table={table} />;
  return (
    <Card title={title} {...(help && { help })} actions={save} look="panel invoices-of-case">
      <Table data={table} stacks />
    </Card>
  );
};

export const Invoices = ({ one }: { one: Case }) => {
  const say = useCaseWords();
  return (
    <>
      <Sheet title={say('money')} name="case-money" table={useMoney(one.invoices)} help="case_money" />
      <Sheet title={say('failures')} name="case-failures" table={useFailures(one.invoices)} />
    </>
  );
};
