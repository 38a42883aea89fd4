// Who is signed in, asked once: what somebody may do decides what is shown to them.
import { useEffect, useState } from 'preact/hooks';
import type { Api, Me } from './api.ts';
import { usePage } from './page.ts';

const asked = new WeakMap<Api, Promise<Me>>();

const ask = (api: Api): Promise<Me> => {
  const under = asked.get(api) ?? api.get<Me>('/me', {});
  asked.set(api, under);
  return under;
};

/** Who is signed in; null while that is not known, or cannot be: then nothing is offered that needs a role. */
export const useMe = (): Me | null => {
  const { api } = usePage();
  const [me, setMe] = useState<Me | null>(null);
  useEffect(() => {
    let isWanted = true;
    ask(api).then(
      (told) => isWanted && setMe(told),
      // The next part that wants to know asks again.
      () => asked.delete(api),
    );
    return () => {
      isWanted = false;
    };
  }, [api]);
  return me;
};
