// The shell: the menu at the side, the view in the middle, and what a view is given.
import { Component, type ComponentChildren, type ComponentType } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Api } from './api.ts';
import type { Config } from './config.ts';
import { createFormat } from './format.ts';
import type { Language } from './language.ts';
import { useAskedMe } from './me.ts';
import { Button } from './parts/basics.tsx';
import { Loading, Notice } from './parts/states.tsx';
import { PageContext, type Page } from './page.ts';
import { remember } from './remembered.ts';
import { placeIn, type Place } from './router.ts';
import { Sidebar } from './sidebar.tsx';
import { HOME, loadView, VIEWS } from './views/index.ts';
import { loadWords, useShell, WordsContext, type Words } from './words.ts';

const hasView = (name: string): boolean => VIEWS.some((view) => view.name === name);

/** Where the page is, as the address says it. */
const usePlace = (): Place => {
  const [place, setPlace] = useState(() => placeIn(location.hash, HOME));
  useEffect(() => {
    const follow = () => setPlace(placeIn(location.hash, HOME));
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return place;
};

/** A view with the words it says; what was shown stays until both are there. */
type Shown = { readonly view: string; readonly words: Words; readonly View: ComponentType | null };

const useShown = (view: string, language: Language): { shown: Shown | null; failed: boolean } => {
  const [shown, setShown] = useState<Shown | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let isWanted = true;
    setFailed(false);
    Promise.all([loadWords(language, view), loadView(view)]).then(
      ([words, module]) => isWanted && setShown({ view, words, View: module?.default ?? null }),
      () => isWanted && setFailed(true),
    );
    return () => {
      isWanted = false;
    };
  }, [view, language]);
  return { shown, failed };
};

/** A part that fails takes its view along, and never the whole page. */
class Guard extends Component<
  { children: ComponentChildren; fallback: ComponentChildren },
  { failed: boolean }
> {
  override state = { failed: false };

  override componentDidCatch(error: unknown): void {
    console.error(error);
    this.setState({ failed: true });
  }

  override render() {
    return this.state.failed ? this.props.fallback : this.props.children;
  }
}

const Broken = () => {
  const say = useShell();
  return (
    <Notice title={say('broken_title')} look="wrong" isWhole>
      <p>{say('broken_text')}</p>
      <Button look="main" onClick={() => location.reload()}>
        {say('reload')}
      </Button>
    </Notice>
  );
};

const NoView = () => {
  const say = useShell();
  return (
    <Notice title={say('no_view_title')} isWhole>
      <p>{say('no_view_text')}</p>
      <a class="button main" href={`#/${HOME}`}>
        {say('to_overview')}
      </a>
    </Notice>
  );
};

/** The view takes the focus and the top of the window when it is gone to, and the window its name. */
const useArrival = (shown: Shown | null): void => {
  const isFirst = useRef(true);
  useEffect(() => {
    if (shown === null) return;
    const name = shown.words.files['shell']?.[`view_${shown.view}`] ?? 'Recoup';
    document.title = (shown.words.files['shell']?.['page_title'] ?? '{view}').replace('{view}', name);
    document.documentElement.lang = shown.words.language;
    if (!isFirst.current) {
      scrollTo(0, 0);
      document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
    }
    isFirst.current = false;
  }, [shown?.view, shown?.words.language]);
};

type AppProps = Pick<Page, 'now' | 'signOut'> & {
  readonly config: Config;
  readonly api: Api;
  readonly first: Language;
};

export const App = ({ config, api, now, first, signOut }: AppProps) => {
  const place = usePlace();
  const [language, setLanguage] = useState(first);
  const { shown, failed } = useShown(place.view, language);
  const me = useAskedMe(api, place.view);
  useArrival(shown);
  const page = useMemo<Page>(
    () => ({
      config,
      api,
      place,
      me,
      now,
      signOut,
      hasView,
      language,
      // Figures and words change together.
      format: createFormat(shown?.words.language ?? language),
      speak: (next) => {
        remember('language', next);
        setLanguage(next);
      },
    }),
    [place, me, language, shown?.words],
  );
  if (shown === null) return failed ? <Broken /> : null;
  const { View } = shown;
  return (
    <WordsContext.Provider value={shown.words}>
      <PageContext.Provider value={page}>
        <Sidebar />
        <main id="main" tabIndex={-1}>
          {failed ? (
            <Broken />
          ) : shown.view !== place.view ? (
            <Loading />
          ) : View === null ? (
            <NoView />
          ) : (
            <Guard key={place.view} fallback={<Broken />}>
              <View />
            </Guard>
          )}
        </main>
      </PageContext.Provider>
    </WordsContext.Provider>
  );
};
