// Why the case is where it is: each step behind and to come with the rule that decided it, invoice by invoice.
import { CsvButton } from '../../parts/csv-button.tsx';
import type { Case } from '../../api.ts';
import { useFormat } from '../../page.ts';
import { Card } from '../../parts/basics.tsx';
import { Empty } from '../../parts/states.tsx';
import { Table, type Cell, type TableData } from '../../parts/table.tsx';
import { useNames } from '../../words.ts';
import { useReasonAlone, useStepName } from './said.ts';
import { isAhead, isToCome } from './wish.ts';
import { useCaseWords } from './words.ts';

type Step = Case['steps'][number];

/** How a step stands. `dropped`: it was to come, and its invoice is settled. */
const statusOf = (step: Step, one: Case): Step['status'] | 'dropped' =>
  isToCome(step) && !isAhead(step, one) ? 'dropped' : step.status;

const Status = ({ status }: { status: ReturnType<typeof statusOf> }) => (
  <span class={`status ${status}`}>{useNames()('status', status)}</span>
);

const useStepsTable = (one: Case, steps: readonly Step[], caption: string): TableData => {
  const say = useCaseWords();
  const names = useNames();
  const reason = useReasonAlone();
  const stepName = useStepName();
  const { instant } = useFormat();
  const why = (step: Step): Cell => {
    if (step.status !== 'blocked') return { text: reason(step.why) };
    const told = reason(step.why);
    const until = step.until === null ? null : instant(step.until);
    return {
      // A hold says itself how long it lasts.
      text: until === null || told.includes(until) ? told : `${told} ${say('blocked_until', { until })}`,
      more: step.rule !== null && <small>{say('then_rule', { rule: reason(step.rule) })}</small>,
    };
  };
  return {
    caption,
    heads: [{ text: say('step') }, { text: say('status') }, { text: say('when') }, { text: say('rule') }],
    rows: steps.map((step) => {
      const status = statusOf(step, one);
      return [
        { text: stepName(step), more: <small class="id">{step.step}</small> },
        { text: '', csv: names('status', status), mark: <Status status={status} /> },
        { text: step.at === null ? '–' : instant(step.at), ...(step.at !== null && { csv: step.at }) },
        why(step),
      ];
    }),
  };
};

type OfInvoiceProps = { readonly one: Case; readonly steps: readonly Step[]; readonly title: string };

const OfInvoice = ({ one, steps, title }: OfInvoiceProps) => {
  const table = useStepsTable(one, steps, title);
  const save = <CsvButton title={title} name="steps" table={table} />;
  return (
    <Card title={title} actions={save} look="panel steps">
      <Table data={table} stacks />
    </Card>
  );
};

export const Steps = ({ one }: { one: Case }) => {
  const say = useCaseWords();
  const subjects = [...new Set(one.steps.map(({ subject }) => subject))];
  const numberOf = (subject: string): string =>
    one.invoices.find((invoice) => invoice.subject === subject)?.number ?? subject;
  if (subjects.length === 0) return <Empty title={say('no_steps')} />;
  return (
    <>
      {subjects.map((subject) => (
        <OfInvoice
          key={subject}
          one={one}
          title={say('steps_of', { invoice: numberOf(subject) })}
          steps={one.steps.filter((step) => step.subject === subject)}
        />
      ))}
      <p class="quiet foot">{say(one.closedAt === null ? 'steps_foretold' : 'steps_closed')}</p>
    </>
  );
};
