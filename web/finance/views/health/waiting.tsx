// What waits for a person: what was set aside, with the command that puts it back, and steps whose outcome nobody knows.
import type { Health } from '../../api.ts';
import { useFormat, useLinks } from '../../page.ts';
import { Card } from '../../parts/basics.tsx';
import { CsvButton } from '../../parts/csv-button.tsx';
import { Table, type TableData } from '../../parts/table.tsx';
import { useNames } from '../../words.ts';
import { commandFor, trulyUncertain } from './checks.ts';
import { useHealth } from './words.ts';

type Props = { readonly health: Health };

const Save = ({ name, table }: { name: string; table: TableData }) => (
  <CsvButton title={table.caption} name={name} table={table} />
);

/** Where somebody's cases are. */
const useCasesOf = () => {
  const { to } = useLinks();
  return (connection: string | null, customer: string | null): string | null =>
    connection === null || customer === null
      ? null
      : to('cases', { query: { customer: `${connection}/${customer}`, from: undefined, to: undefined } });
};

export const Stuck = ({ health: { stuck, isAllStuck } }: Props) => {
  const say = useHealth();
  const casesOf = useCasesOf();
  const { instant, count } = useFormat();
  if (stuck.length === 0) return null;
  const table: TableData = {
    caption: say('stuck'),
    heads: [
      { text: say('who') },
      { text: say('since') },
      { text: say('tries'), isFigure: true },
      { text: say('reason') },
    ],
    rows: stuck.map((one) => {
      const { connection, customer, event, since, why, tries } = one;
      return [
        { text: customer ?? event ?? '', to: casesOf(connection, customer) },
        { text: instant(since) },
        { text: count(tries), csv: String(tries) },
        { text: why },
      ];
    }),
  };
  const commands = stuck.flatMap((one) => commandFor(one) ?? []);
  return (
    <Card
      title={say('stuck')}
      help="stuck"
      look="panel waiting"
      actions={<Save name="set-aside" table={table} />}
    >
      <Table data={table} />
      {!isAllStuck && <p class="quiet">{say('stuck_more')}</p>}
      <h3>{say('what_to_do')}</h3>
      <p>{say('stuck_do')}</p>
      <ul class="commands">
        {commands.slice(0, 5).map((command) => (
          <li key={command}>
            <code>{command}</code>
          </li>
        ))}
        {commands.length > 5 && (
          <li>
            <code>npx recoup stuck</code>
          </li>
        )}
      </ul>
    </Card>
  );
};

export const Uncertain = ({ health }: Props) => {
  const say = useHealth();
  const names = useNames();
  const { to } = useLinks();
  const { instant } = useFormat();
  const steps = trulyUncertain(health);
  if (steps.length === 0) return null;
  const table: TableData = {
    caption: say('uncertain'),
    heads: [say('who'), say('step'), say('kind'), say('since'), say('reason')].map((text) => ({ text })),
    rows: steps.map((one) => [
      { text: one.customer, to: to('case', { parts: [one.connection, one.customer, one.case] }) },
      { text: one.step },
      { text: names('step', one.kind) },
      { text: instant(one.at) },
      { text: one.why },
    ]),
  };
  return (
    <Card
      title={say('uncertain')}
      help="uncertain"
      look="panel waiting"
      actions={<Save name="uncertain" table={table} />}
    >
      <Table data={table} />
      <h3>{say('what_to_do')}</h3>
      <p>{say('uncertain_do')}</p>
    </Card>
  );
};
