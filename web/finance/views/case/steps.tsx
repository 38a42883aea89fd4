// Why the case is where it is: each step behind and to come with the rule that decided it, invoice by invoice.
import { CsvButton } from '../../parts/chart-panel.tsx';
import type { Case } from '../../api.ts';
import { useFormat } from '../../page.ts';
import { Card } from '../../parts/basics.tsx';
import { Empty } from '../../parts/states.tsx';
import { Table, type Cell, type TableData } from '../../parts/table.tsx';
import { useNames } from '../../words.ts';
import { useReasonAlone, useStepName } from './said.ts';
import { useCaseWords } from './words.ts';

type Step = Case['steps'][number];

const Status = ({ status }: Pick<Step, 'status'>) => (
  <span class={`status ${status}`}>{useNames()('status', status)}</span>
);

const useStepsTable = (steps: readonly Step[], caption: string): TableData => {
  const say = useCaseWords();
  const names = useNames();
  const reason = useReasonAlone();
  const stepName = useStepName();
  const { instant } = useFormat();
  const why = (step: Step): Cell => {
    if (step.status !== 'blocked') return { text: reason(step.why) };
    const until = step.until === null ? '' : ` ${say('blocked_until', { until: instant(step.until) })}`;
    return {
      text: `${reason(step.why)}${until}`,
      more: step.rule !== null && <small>{say('then_rule', { rule: reason(step.rule) })}</small>,
    };
  };
  return {
    caption,
    heads: [{ text: say('step') }, { text: say('status') }, { text: say('when') }, { text: say('rule') }],
    rows: steps.map((step) => [
      { text: stepName(step), more: <small class="id">{step.step}</small> },
      { text: '', csv: names('status', step.status), mark: <Status status={step.status} /> },
      { text: step.at === null ? '–' : instant(step.at), ...(step.at !== null && { csv: step.at }) },
      why(step),
    ]),
  };
};

const OfInvoice = ({ steps, title }: { steps: readonly Step[]; title: string }) => {
  const table = useStepsTable(steps, title);
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
          title={say('steps_of', { invoice: numberOf(subject) })}
          steps={one.steps.filter((step) => step.subject === subject)}
        />
      ))}
      <p class="quiet foot">{say(one.closedAt === null ? 'steps_foretold' : 'steps_closed')}</p>
    </>
  );
};
