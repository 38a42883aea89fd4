// The stream of a case, the newest first: what happened, when, and what it did.
import type { ComponentChildren } from 'preact';
import type { Case } from '../../api.ts';
import { useFormat, useLinks } from '../../page.ts';
import { Card } from '../../parts/basics.tsx';
import { useNames, useWords } from '../../words.ts';
import { actIn } from './acts.ts';
import { useReason, useReasonAlone, useStepName, useWhoName } from './said.ts';
import { timelineOf, type Moment } from './moments.ts';
import { useCaseWords } from './words.ts';

type EntryProps = {
  readonly at: string;
  readonly look: string;
  readonly title: ComponentChildren;
  readonly children?: ComponentChildren;
};

const Entry = ({ at, look, title, children }: EntryProps) => {
  const { instant } = useFormat();
  return (
    <li class={look}>
      <i class="dot" aria-hidden="true" />
      <div>
        <p class="title">{title}</p>
        {children}
      </div>
      <time dateTime={at}>{instant(at)}</time>
    </li>
  );
};

type Of<K extends Moment['kind']> = Extract<Moment, { kind: K }>;

const Failed = ({ at, invoice }: Of<'failed'>) => {
  const say = useCaseWords();
  const names = useNames();
  const { money } = useFormat();
  return (
    <Entry
      at={at}
      look="failed"
      title={say('failed_of', { amount: money(invoice.failed), invoice: invoice.number ?? invoice.invoice })}
    >
      <p>
        {names('kind', invoice.kind)} · {names('decline', invoice.decline)}{' '}
        {invoice.reason !== '' && <code>{invoice.reason}</code>}
      </p>
    </Entry>
  );
};

const SETTLED = { recovered: 'recovered_of', lost: 'lost_of', withdrawn: 'withdrawn_of' } as const;

const Settled = ({ at, invoice }: Of<'settled'>) => {
  const say = useCaseWords();
  const names = useNames();
  const reason = useReasonAlone();
  const { money } = useFormat();
  const { outcome, cause } = invoice;
  if (outcome === 'open') return null;
  const amount = money(invoice[outcome]);
  return (
    <Entry
      at={at}
      look={outcome}
      title={say(SETTLED[outcome], { amount, invoice: invoice.number ?? invoice.invoice })}
    >
      <p>{cause === null ? reason(invoice.why) : names('cause', cause)}</p>
    </Entry>
  );
};

/** What the mail service told of a mail, as small words behind each other. */
export const Told = ({ told }: { told: Case['mails'][number]['told'] }) => {
  const names = useNames();
  if (told.length === 0) return null;
  return (
    <ul class="told">
      {told.map((event) => (
        <li key={event} class={event}>
          {names('delivery', event)}
        </li>
      ))}
    </ul>
  );
};

const STEP_LOOKS = {
  done: 'did',
  skipped: 'idle',
  uncertain: 'unsure',
  waiting: 'idle',
  blocked: 'idle',
} as const;

const DONE = { email: 'mail_sent', retry: 'step_done', notify: 'step_done', end: 'step_done' } as const;

const Step = ({ at, step, mail }: Of<'step'>) => {
  const say = useCaseWords();
  const reason = useReason();
  const stepName = useStepName();
  const { here } = useLinks();
  const name = stepName(step);
  const title =
    mail === null ? (
      name
    ) : (
      <a href={here({ tab: 'mails', mail: `${mail.subject}/${mail.step}` })}>
        <bdi>{name}</bdi>
      </a>
    );
  return (
    <Entry at={at} look={`step ${step.kind} ${STEP_LOOKS[step.status]}`} title={title}>
      <p>
        {say(
          step.status === 'done'
            ? DONE[step.kind]
            : step.status === 'uncertain'
              ? 'step_uncertain'
              : 'step_skipped',
        )}
        {' · '}
        {reason(step.why)}
      </p>
      {mail?.words && (
        <p>
          <bdi lang={mail.language ?? undefined}>{mail.words.subject}</bdi>
        </p>
      )}
      {mail && <Told told={mail.told} />}
    </Entry>
  );
};

const Moved = ({ at, adjustment }: Of<'moved'>) => {
  const names = useNames();
  const { money } = useFormat();
  const { kind, amount, subject } = adjustment;
  const isGain = ['payment', 'refund_failed', 'dispute_won'].includes(kind);
  return (
    <Entry
      at={at}
      look={isGain ? 'recovered' : 'lost'}
      title={`${money(amount)} · ${names('adjustment', kind)}`}
    >
      <p>
        <code>{subject}</code>
      </p>
    </Entry>
  );
};

const Answered = ({ at, answer }: Of<'answer'>) => {
  const say = useCaseWords();
  const names = useNames();
  const { dayLong } = useFormat();
  const { kind, promisedDay, held, text } = answer;
  const told = names('answer', kind);
  return (
    <Entry
      at={at}
      look="answer"
      title={say('customer_told', {
        answer: promisedDay === null ? told : say('answer_on', { answer: told, day: dayLong(promisedDay) }),
      })}
    >
      {text !== null && (
        <blockquote>
          <bdi>{text}</bdi>
        </blockquote>
      )}
      <p>{say(held ? 'answer_held' : 'answer_noted')}</p>
    </Entry>
  );
};

const Act = ({ at, line }: Of<'act'>) => {
  const named = useWords<Readonly<Record<string, string>>>('case');
  const names = useNames();
  const { instant } = useFormat();
  const whoName = useWhoName();
  const act = actIn(line.what);
  if (act === null) return null;
  const { until, as, who = '' } = act.values;
  const told = {
    who: whoName(who),
    ...(until !== undefined && { until: instant(until) }),
    ...(as !== undefined && { as: names('outcome', as) }),
  };
  return (
    <Entry at={at} look="act" title={<bdi>{named(`act_${act.name}`, told)}</bdi>}>
      <blockquote>
        <bdi>{line.why}</bdi>
      </blockquote>
    </Entry>
  );
};

const Noted = ({ at, line }: Of<'noted'>) => {
  const say = useCaseWords();
  const reason = useReasonAlone();
  return (
    <Entry at={at} look="idle" title={<bdi>{reason(line.what)}</bdi>}>
      <p>
        <bdi>{reason(line.why)}</bdi>
        {line.count > 1 && ` ${say('times', { n: line.count })}`}
      </p>
    </Entry>
  );
};

const Shown = ({ moment }: { moment: Moment }) => {
  if (moment.kind === 'failed') return <Failed {...moment} />;
  if (moment.kind === 'settled') return <Settled {...moment} />;
  if (moment.kind === 'step') return <Step {...moment} />;
  if (moment.kind === 'moved') return <Moved {...moment} />;
  if (moment.kind === 'answer') return <Answered {...moment} />;
  return moment.kind === 'act' ? <Act {...moment} /> : <Noted {...moment} />;
};

export const Timeline = ({ one }: { one: Case }) => {
  const say = useCaseWords();
  return (
    <Card title={say('timeline')} look="panel">
      <ol class="timeline">
        {timelineOf(one).map((moment, i) => (
          <Shown key={`${moment.at} ${i}`} moment={moment} />
        ))}
      </ol>
      {one.olderJournalPages > 0 && <p class="quiet">{say('timeline_cut')}</p>}
    </Card>
  );
};
