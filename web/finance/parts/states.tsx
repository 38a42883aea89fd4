// What stands where there is no figure: loading, nothing, not enough, and what went wrong with what to do.
import type { ComponentChildren } from 'preact';
import type { Answer } from '../page.ts';
import type { Problem } from '../problem.ts';
import type problems from '../words/en/problems.json';
import { useShell, useWords } from '../words.ts';
import { Button } from './basics.tsx';
import { useTold, useWithout } from './problem-words.ts';

/** A place where figures will be: grey where they will stand. */
export const Loading = ({ cards = 4 }: { cards?: number }) => (
  <div class="loading" role="status">
    <span class="unseen">{useShell()('loading')}</span>
    {Array.from({ length: cards }, (_, i) => (
      <div key={i} class="card" aria-hidden="true">
        <i class="bone short" />
        <i class="bone tall" />
        <i class="bone" />
      </div>
    ))}
  </div>
);

type NoticeProps = {
  readonly title: string;
  readonly children?: ComponentChildren;
  readonly look?: 'calm' | 'wrong';
  /** Whether it stands in place of a whole view, so that its title is that of the page. */
  readonly isWhole?: boolean;
};

/** A sheet that says why there is nothing to see, and what to do. */
export const Notice = ({ title, children, look = 'calm', isWhole = false }: NoticeProps) => (
  <section class={`card notice ${look}`} role={look === 'wrong' ? 'alert' : undefined}>
    {isWhole ? <h1 tabIndex={-1}>{title}</h1> : <h2>{title}</h2>}
    {children}
  </section>
);

export const Empty = ({ title, children }: { title: string; children?: ComponentChildren }) => (
  <Notice title={title}>{children}</Notice>
);

/** Said in place of a figure for which there is too little to go by. */
export const NotEnough = ({ children }: { children?: ComponentChildren }) => (
  <p class="not-enough">
    <strong>{useShell()('not_enough')}</strong> {children}
  </p>
);

/** What is wrong with each field of what was asked for. */
export const Faults = ({ all }: { all: readonly string[] }) =>
  all.length === 0 ? null : (
    <ul>
      {all.map((fault) => (
        <li key={fault}>
          <bdi>{fault}</bdi>
        </li>
      ))}
    </ul>
  );

/** What went wrong, in words, with the way on. */
export const Wrong = ({ problem, again }: { problem: Problem; again: () => void }) => {
  const say = useShell();
  const own = useWords<typeof problems>('problems');
  const { title, text, faults, detail } = useTold()(problem);
  const without = useWithout(problem);
  const isSignedOut = problem.kind === 'signed_out';
  return (
    <Notice title={title} look="wrong">
      <p>{text}</p>
      <Faults all={faults} />
      {detail !== null && (
        <p class="quiet" lang="en">
          {say('told', { detail })}
        </p>
      )}
      {without === null ? (
        <Button look="main" onClick={isSignedOut ? () => location.reload() : again}>
          {say(isSignedOut ? 'sign_in_again' : 'again')}
        </Button>
      ) : (
        <a class="button main" href={without}>
          {own('leave_out')}
        </a>
      )}
    </Notice>
  );
};

type LoadedProps<T> = {
  readonly answer: Answer<T>;
  readonly cards?: number;
  readonly children: (value: T) => ComponentChildren;
};

/** What was asked for once it is there; the last answer stands, paler, while a newer one is under way. */
export const Loaded = <T,>({ answer, cards, children }: LoadedProps<T>) => {
  if (answer.problem) return <Wrong problem={answer.problem} again={answer.again} />;
  if (answer.value === null) return <Loading {...(cards !== undefined && { cards })} />;
  return (
    <div class={answer.isLoading ? 'answer stale' : 'answer'} aria-busy={answer.isLoading}>
      {children(answer.value)}
    </div>
  );
};
