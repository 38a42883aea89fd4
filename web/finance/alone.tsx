// What is shown in place of the whole page: it cannot begin, somebody has signed out, or the local server is busy.
import type { Busy } from './config.ts';
import { Button } from './parts/basics.tsx';
import { Notice } from './parts/states.tsx';
import { useShell } from './words.ts';

type Why = 'config' | 'sign_in' | 'signed_out';

/** `detail`: what was found, in English; null = nothing is wrong. */
export const CannotStart = ({ why, detail }: { why: Why; detail: string | null }) => {
  const say = useShell();
  return (
    <main class="alone">
      <Notice title={say(`${why}_title`)} look={detail === null ? 'calm' : 'wrong'} isWhole>
        <p>{say(`${why}_text`)}</p>
        {detail !== null && (
          <p class="quiet" lang="en">
            {detail}
          </p>
        )}
        <Button look="main" onClick={() => location.reload()}>
          {say(why === 'config' ? 'reload' : 'sign_in_again')}
        </Button>
      </Notice>
    </main>
  );
};

const DOING = { loading: 'busy_loading', catching_up: 'busy_catching_up', moving: 'busy_moving' } as const;

/** How far the clock of the local server is on its way. */
export const Waiting = ({ busy, now }: { busy: Busy; now: string }) => {
  const say = useShell();
  const [from, to, at] = [busy.from, busy.to, now].map((instant) => Date.parse(instant)) as [
    number,
    number,
    number,
  ];
  const title = say(DOING[busy.what as keyof typeof DOING] ?? 'busy_moving');
  return (
    <main class="alone">
      <Notice title={title} isWhole>
        <progress max={Math.max(1, to - from)} value={Math.max(0, at - from)} aria-label={title} />
        <p>{say('busy_text')}</p>
      </Notice>
    </main>
  );
};
