// Who looks at the page, and what they may do: asked once, when the page begins.
import { useEffect, useState } from 'preact/hooks';
import type { Api, Me } from './api.ts';
import { usePage } from './page.ts';

/** Asks for it; what stood in the way is told by the view, and it is asked again with the next one. */
export const useAskedMe = (api: Api, view: string): Me | null => {
  const [me, setMe] = useState<Me | null>(null);
  const isKnown = me !== null;
  useEffect(() => {
    if (!isKnown) void api.get<Me>('/me', {}).then(setMe, () => {});
  }, [api, view, isKnown]);
  return me;
};

/** Who is signed in, with the role: `operator` may act, `finance` reads. Null until it is known, and to who has no role. */
export const useMe = (): Me | null => usePage().me;
