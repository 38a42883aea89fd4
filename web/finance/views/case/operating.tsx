// What an operator can do with a case: the buttons, the question, and what became of it. Nobody else is shown any of it.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Case } from '../../api.ts';
import { useMe } from '../../me.ts';
import type { Answer } from '../../page.ts';
import { Button, Menu } from '../../parts/basics.tsx';
import { useShell } from '../../words.ts';
import { ActionDialog } from './action-dialog.tsx';
import { useReasonAlone } from './said.ts';
import { offeredFor, type Action } from './wish.ts';
import { useCaseWords } from './words.ts';

/** What became of what somebody did here. */
type News = { readonly kind: 'done'; readonly told: readonly string[] } | { readonly kind: 'raced' };

const Told = ({ news, onClose }: { news: News; onClose: () => void }) => {
  const say = useCaseWords();
  const shell = useShell();
  const reason = useReasonAlone();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), [news]);
  return (
    <div
      ref={box}
      class={`remark ${news.kind === 'done' ? 'done' : 'wrong'}`}
      role={news.kind === 'done' ? 'status' : 'alert'}
      tabIndex={-1}
    >
      <p>
        <strong>{say(news.kind === 'done' ? 'done' : 'raced')}</strong>{' '}
        {say(news.kind === 'done' ? 'done_text' : 'raced_text')}
      </p>
      {news.kind === 'done' && news.told.length > 0 && (
        <ul>
          {news.told.map((line) => (
            <li key={line}>
              <bdi>{reason(line)}</bdi>
            </li>
          ))}
        </ul>
      )}
      <Button look="quiet" icon="close" label={shell('close')} onClick={onClose}>
        {null}
      </Button>
    </div>
  );
};

/** How many of what is offered stand as buttons of their own. */
const SHOWN = 2;

const Actions = ({ one, ask }: { one: Case; ask: (action: Action) => void }) => {
  const say = useCaseWords();
  const offered = offeredFor(one);
  const first = offered.filter((action) => ['hold', 'resume', 'retry-now'].includes(action)).slice(0, SHOWN);
  const rest = offered.filter((action) => !first.includes(action));
  return (
    <>
      {first.map((action, i) => (
        <Button key={action} look={i === 0 ? 'main' : 'plain'} onClick={() => ask(action)}>
          {say(`action_${action}`)}
        </Button>
      ))}
      {rest.length > 0 && (
        <Menu label={say('more_actions')} name={say('more_actions')}>
          {(close) => (
            <ul class="choices">
              {rest.map((action) => (
                <li key={action}>
                  <button
                    type="button"
                    class={action === 'erase' ? 'danger' : ''}
                    onClick={() => {
                      close();
                      ask(action);
                    }}
                  >
                    {say(`action_${action}`)}
                    <small>{say(`does_${action}`)}</small>
                  </button>
                </li>
              ))}
            </ul>
          )}
        </Menu>
      )}
    </>
  );
};

/** The parts by which somebody acts on the case that was asked for: empty for who may not. */
export const useOperating = (answer: Answer<Case>) => {
  const me = useMe();
  const [asking, setAsking] = useState<Action | null>(null);
  const [news, setNews] = useState<News | null>(null);
  const [draft, setDraft] = useState('');
  const one = answer.value;
  const settle = (told: News, note: string) => {
    setAsking(null);
    setDraft(note);
    setNews(told);
    answer.again();
  };
  const ask = (action: Action) => {
    setNews(null);
    setAsking(action);
    // As it is now: the clock and the provider change customers as well.
    answer.again();
  };
  const mayAct = one !== null && me?.role === 'operator';
  return {
    actions: mayAct && <Actions one={one} ask={ask} />,
    told: news && <Told news={news} onClose={() => setNews(null)} />,
    question: mayAct && (
      <ActionDialog
        action={asking}
        one={one}
        draft={draft}
        onClose={() => setAsking(null)}
        onDone={(told) => settle({ kind: 'done', told }, '')}
        onRaced={(note) => settle({ kind: 'raced' }, note)}
      />
    ),
  };
};
