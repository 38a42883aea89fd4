// The question before something is done to a customer: its choices, why, and in words what will come of it.
import { useId, useState } from 'preact/hooks';
import type { Case, Done, Policy } from '../../api.ts';
import { useAnswer, useFormat, usePage } from '../../page.ts';
import { Dialog } from '../../parts/basics.tsx';
import { useTold } from '../../parts/problem-words.ts';
import { Faults } from '../../parts/states.tsx';
import { AskError, wordsOf, type Problem } from '../../problem.ts';
import { useNames, useShell, useWords } from '../../words.ts';
import { DAYS, dayBy, dayIn, isHoldable, type DayName } from './days.ts';
import { useCaseWords } from './words.ts';
import { bodyOf, foretold, openOf, type Action, type Rules, type Wish } from './wish.ts';

/** The longest note that the API takes. */
const MAX_NOTE = 500;

type Choose = (changes: Partial<Wish>) => void;

const useRules = (): Rules => {
  const { value } = useAnswer<Policy>('/policy', {});
  return value && { timeZone: value.timeZone, triesOwner: value.retries.owner };
};

const Until = ({ until, today, choose }: { until: string; today: string; choose: Choose }) => {
  const say = useCaseWords();
  const { weekday } = useFormat();
  return (
    <fieldset>
      <legend>{say('until_when')}</legend>
      <div class="days">
        {(Object.keys(DAYS) as DayName[]).map((name) => {
          const day = DAYS[name](today);
          return (
            <button
              key={name}
              type="button"
              class="button plain"
              aria-pressed={until === day}
              onClick={() => choose({ until: day })}
            >
              {say(`day_${name}`)}
              <small>{weekday(day)}</small>
            </button>
          );
        })}
      </div>
      <label>
        {say('until_day')}
        <input
          type="date"
          min={today}
          max={dayBy(today, 365)}
          value={until}
          onInput={(event) => choose({ until: event.currentTarget.value })}
        />
      </label>
    </fieldset>
  );
};

const WhichInvoice = ({ one, wish, choose }: { one: Case; wish: Wish; choose: Choose }) => {
  const say = useCaseWords();
  const { money } = useFormat();
  const open = openOf(one);
  if (open.length < 2) return null;
  return (
    <label>
      {say('which_invoice')}
      <select
        value={wish.invoice ?? ''}
        onChange={(event) => choose({ invoice: event.currentTarget.value || null })}
      >
        <option value="">{say('all_open', { n: open.length })}</option>
        {open.map(({ subject, invoice, number, open: amount }) => (
          <option key={subject} value={invoice}>
            {number ?? invoice} · {money(amount)}
          </option>
        ))}
      </select>
    </label>
  );
};

const CountAs = ({ as, choose }: { as: Wish['as']; choose: Choose }) => {
  const say = useCaseWords();
  const names = useNames();
  const name = useId();
  return (
    <fieldset>
      <legend>{say('count_as')}</legend>
      {(['lost', 'withdrawn'] as const).map((one) => (
        <label key={one} class="choice">
          <input type="radio" name={name} checked={as === one} onChange={() => choose({ as: one })} />
          <span>
            <strong>{names('outcome', one)}</strong>
            <small>{say(`as_${one}`)}</small>
          </span>
        </label>
      ))}
    </fieldset>
  );
};

const Consequences = ({ wish, one, rules }: { wish: Wish; one: Case; rules: Rules }) => {
  const say = useCaseWords();
  const named = useWords<Readonly<Record<string, string>>>('case');
  const format = useFormat();
  return (
    <section class="will" aria-live="polite">
      <h3>{say('what_will')}</h3>
      <ul>
        {foretold(wish, one, format, rules).map(({ name, values }) => (
          <li key={name}>
            <bdi>{named(name, values)}</bdi>
          </li>
        ))}
      </ul>
    </section>
  );
};

const Fault = ({ problem }: { problem: Problem }) => {
  const say = useCaseWords();
  const { title, text, faults, detail } = useTold()(problem);
  // Who is refused has changed nothing. Of a fault on our side nobody knows that.
  const isRefused = problem.kind === 'told' && problem.status < 500;
  return (
    <div class="remark wrong" role="alert">
      <strong>{isRefused ? say('refused') : title}</strong> {text}
      <Faults all={faults} />
      {detail !== null && (
        <p class="quiet" lang="en">
          {detail}
        </p>
      )}
    </div>
  );
};

/** What stands against sending it, as a name of a message; null = nothing. */
type Faults = { readonly note: boolean; readonly until: boolean; readonly typed: boolean };

const DANGEROUS: ReadonlySet<Action> = new Set(['close', 'erase', 'exclude']);

type WhyProps = {
  readonly note: string;
  readonly write: (text: string) => void;
  readonly isMissing: boolean;
};

const Why = ({ note, write, isMissing }: WhyProps) => {
  const say = useCaseWords();
  const id = useId();
  return (
    <>
      <label>
        {say('note')}
        <textarea
          rows={2}
          maxLength={MAX_NOTE}
          value={note}
          aria-describedby={id}
          aria-invalid={isMissing}
          onInput={(event) => write(event.currentTarget.value)}
        />
      </label>
      <p id={id} class={isMissing ? 'field-fault' : 'quiet'} role={isMissing ? 'alert' : undefined}>
        {say(isMissing ? 'note_missing' : 'note_text')}
      </p>
    </>
  );
};

type TypedIdProps = {
  readonly id: string;
  readonly typed: string;
  readonly type: (text: string) => void;
  readonly isWrong: boolean;
};

/** What cannot be undone asks for the id: nobody types it by accident. */
const TypedId = ({ id, typed, type, isWrong }: TypedIdProps) => {
  const say = useCaseWords();
  const fault = useId();
  return (
    <>
      <label>
        <span>{say('type_id', { id })}</span>
        <input
          type="text"
          autocomplete="off"
          spellcheck={false}
          value={typed}
          aria-invalid={isWrong}
          aria-describedby={fault}
          onInput={(event) => type(event.currentTarget.value)}
        />
      </label>
      <p id={fault} class="field-fault" role="alert">
        {isWrong ? say('type_id_wrong') : ''}
      </p>
    </>
  );
};

type AskProps = {
  readonly action: Action;
  readonly one: Case;
  /** What was written before somebody else was first. */
  readonly draft: string;
  readonly onDone: (told: readonly string[]) => void;
  readonly onRaced: (note: string) => void;
  readonly onClose: () => void;
};

/** Sends a wish once, and tells what became of it. */
const useSend = ({ one, onDone, onRaced }: Pick<AskProps, 'one' | 'onDone' | 'onRaced'>) => {
  const { api } = usePage();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const send = async (wish: Wish, note: string): Promise<void> => {
    setBusy(true);
    setProblem(null);
    const path = ['customers', one.connection, one.customer, wish.action].map(encodeURIComponent).join('/');
    try {
      const { told } = await api.post<Done>(`/${path}`, bodyOf(wish, note, one.version));
      onDone(told);
    } catch (error) {
      const found: Problem = error instanceof AskError ? error.problem : { kind: 'unreachable' };
      if (wordsOf(found) === 'raced') onRaced(note);
      else setProblem(found);
    } finally {
      setBusy(false);
    }
  };
  return { send, problem, isBusy };
};

const Asked = ({ action, one, draft, onDone, onRaced, onClose }: AskProps) => {
  const say = useCaseWords();
  const shell = useShell();
  const { now, format } = usePage();
  const rules = useRules();
  const today = dayIn(now(), rules?.timeZone ?? 'UTC');
  const [wish, setWish] = useState<Wish>({ action, until: DAYS.friday(today), invoice: null, as: 'lost' });
  const [note, setNote] = useState(draft);
  const [typed, setTyped] = useState('');
  const [faults, setFaults] = useState<Faults | null>(null);
  const { send, problem, isBusy } = useSend({ one, onDone, onRaced });
  const choose: Choose = (changes) => setWish({ ...wish, ...changes });
  const submit = (event: Event) => {
    event.preventDefault();
    const found = {
      note: note.trim() === '',
      until: action === 'hold' && !isHoldable(wish.until, today),
      typed: action === 'erase' && typed.trim() !== one.customer,
    };
    setFaults(found);
    if (!found.note && !found.until && !found.typed && !isBusy) void send(wish, note.trim());
  };
  const day = isHoldable(wish.until, today) ? format.weekday(wish.until) : '…';
  return (
    <form class="asked" noValidate onSubmit={submit}>
      {action === 'hold' && <Until until={wish.until} today={today} choose={choose} />}
      {faults?.until && (
        <p class="field-fault" role="alert">
          {say('until_wrong')}
        </p>
      )}
      {action === 'close' && <CountAs as={wish.as} choose={choose} />}
      {(action === 'close' || action === 'retry-now') && (
        <WhichInvoice one={one} wish={wish} choose={choose} />
      )}
      {(action !== 'hold' || isHoldable(wish.until, today)) && (
        <Consequences wish={wish} one={one} rules={rules} />
      )}
      <Why note={note} write={setNote} isMissing={faults?.note ?? false} />
      {action === 'erase' && (
        <TypedId id={one.customer} typed={typed} type={setTyped} isWrong={faults?.typed ?? false} />
      )}
      {problem && <Fault problem={problem} />}
      <div class="actions">
        <button type="submit" class={`button ${DANGEROUS.has(action) ? 'danger' : 'main'}`} disabled={isBusy}>
          {isBusy ? say('sending') : say(`do_${action}`, { day })}
        </button>
        <button type="button" class="button quiet" onClick={onClose}>
          {shell('cancel')}
        </button>
      </div>
    </form>
  );
};

/** The dialog of an action; none while `action` is null. */
export const ActionDialog = ({ action, ...props }: Omit<AskProps, 'action'> & { action: Action | null }) => {
  const say = useCaseWords();
  return (
    <Dialog
      title={action === null ? '' : say(`ask_${action}`)}
      isOpen={action !== null}
      onClose={props.onClose}
    >
      {action !== null && (
        <>
          <p class="quiet about">{say('about', { id: props.one.customer })}</p>
          <Asked key={action} action={action} {...props} />
        </>
      )}
    </Dialog>
  );
};
