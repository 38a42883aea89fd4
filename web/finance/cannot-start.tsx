// What is shown when the page cannot begin at all.
import { Button } from './parts/basics.tsx';
import { Notice } from './parts/states.tsx';
import { useShell } from './words.ts';

export const CannotStart = ({ why, detail }: { why: 'config' | 'sign_in'; detail: string }) => {
  const say = useShell();
  return (
    <main class="alone">
      <Notice title={say(`${why}_title`)} look="wrong" isWhole>
        <p lang="en">{detail}</p>
        <Button look="main" onClick={() => location.assign(location.pathname)}>
          {say(why === 'sign_in' ? 'sign_in_again' : 'reload')}
        </Button>
      </Notice>
    </main>
  );
};
