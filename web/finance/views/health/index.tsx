// Health: how late the system is, what waits for a person, and how much of its limits is used up.
import type { Health as Answer } from '../../api.ts';
import { useAnswer, useFormat, usePage } from '../../page.ts';
import { Button, Card } from '../../parts/basics.tsx';
import type { Definition } from '../../parts/help.tsx';
import { Loaded } from '../../parts/states.tsx';
import { ViewHead } from '../../parts/view-head.tsx';
import { useShell, useWords } from '../../words.ts';
import { Budgets } from './budgets.tsx';
import { CheckRow, StateBadge } from './check.tsx';
import { checksOf, type Check, type CheckName } from './checks.ts';
import { Stuck, Uncertain } from './waiting.tsx';
import { useHealth } from './words.ts';
import './health.css';

const HELP: Readonly<Partial<Record<CheckName, Definition>>> = {
  lag: 'lag',
  stuck: 'stuck',
  uncertain: 'uncertain',
  heard: 'heard',
  missed: 'event_log',
  log: 'event_log',
  ahead: 'look_ahead',
};

/** Sentences are named by the rules that say them: a test holds that each has words. */
const useSaid = () => useWords<Readonly<Record<string, string>>>('health');

const Checks = ({ checks, health }: { checks: readonly Check[]; health: Answer }) => {
  const said = useSaid();
  const { span } = useFormat();
  const counts: Readonly<Partial<Record<CheckName, number>>> = {
    stuck: health.stuck.length,
    uncertain: health.uncertain.length,
  };
  return (
    <ul class="checks">
      {checks.map(({ name, connection, state, says, seconds }) => (
        <CheckRow
          key={`${name} ${connection ?? ''}`}
          state={state}
          name={connection === null ? said(`name_${name}`) : `${said(`name_${name}`)} · ${connection}`}
          {...(HELP[name] !== undefined && { help: HELP[name] })}
          says={said(says, { time: span(seconds ?? 0), n: counts[name] ?? 0 })}
        />
      ))}
    </ul>
  );
};

const All = ({ health }: { health: Answer }) => {
  const say = useHealth();
  const { config } = usePage();
  const checks = checksOf(health, config.local !== null);
  const n = checks.filter(({ state }) => state === 'attention').length;
  return (
    <>
      <section class={`card verdict ${n === 0 ? 'good' : 'attention'}`}>
        <StateBadge state={n === 0 ? 'good' : 'attention'} />
        <h2>{n === 0 ? say('all_good') : say('attention', { n })}</h2>
      </section>
      <Card title={say('checks')} look="panel">
        <Checks checks={checks} health={health} />
      </Card>
      <Stuck health={health} />
      <Uncertain health={health} />
      <Budgets health={health} />
    </>
  );
};

export default function Health() {
  const say = useHealth();
  const shell = useShell();
  const { instant } = useFormat();
  const answer = useAnswer<Answer>('/health', {});
  return (
    <>
      <ViewHead
        title={say('title')}
        lead={
          <span role="status">
            {answer.value === null ? say('lead') : shell('as_of', { at: instant(answer.value.at) })}
          </span>
        }
        actions={
          <Button icon="again" disabled={answer.isLoading} onClick={answer.again}>
            {say('refresh')}
          </Button>
        }
      />
      <Loaded answer={answer} cards={3}>
        {(health) => <All health={health} />}
      </Loaded>
    </>
  );
}
