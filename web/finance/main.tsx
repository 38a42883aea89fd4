// The page begins: its settings, who is signed in, the reader's language, and then the first view.
import { render, type ComponentChildren } from 'preact';
import { CannotStart, Waiting } from './alone.tsx';
import { createApi, type Session } from './api.ts';
import { App } from './app.tsx';
import { ConfigError, loadConfig, type Config } from './config.ts';
import { chooseLanguage } from './language.ts';
import { recall } from './remembered.ts';
import { placeIn } from './router.ts';
import { startTheme } from './theme.ts';
import { HOME, loadView } from './views/index.ts';
import { loadWords, WordsContext } from './words.ts';
import './style/tokens.css';
import './style/base.css';
import './style/shell.css';
import './style/parts.css';
import './style/charts.css';
import './style/print.css';

type Begun = Session & { readonly signOut: (() => void) | null };

const NOBODY: Begun = { token: () => null, renew: () => Promise.resolve(null), signOut: null };

/** How often the local server is asked whether there is something to show by now, in milliseconds. */
const BUSY_MS = 400;

const root = document.querySelector('#page') as HTMLElement;

const asked = new URLSearchParams(location.search).get('lang');
const language = chooseLanguage([asked, recall('language'), ...navigator.languages]);

/** Shows something in place of the page. */
const show = async (what: ComponentChildren): Promise<void> => {
  const words = await loadWords(language, 'shell');
  render(<WordsContext.Provider value={words}>{what}</WordsContext.Provider>, root);
};

/** Fetched while the settings are, and somebody signs in: it is there by then. What fails is told when it is needed. */
const fetchAhead = (): void => {
  const { view } = placeIn(location.hash, HOME);
  Promise.all([loadWords(language, view), loadView(view)]).catch(() => {});
};

/** In the local demonstration the clock stands elsewhere, and runs along from there. */
const clockOf = (config: Config): (() => string) => {
  const ahead = config.local === null ? 0 : Date.parse(config.local.now) - Date.now();
  return () => new Date(Date.now() + ahead).toISOString();
};

/** The settings, once the local server has something to show. */
const loadConfigOnceReady = async (): Promise<Config> => {
  let config = await loadConfig();
  while (config.local?.busy) {
    await show(<Waiting busy={config.local.busy} now={config.local.now} />);
    await new Promise((resolve) => setTimeout(resolve, BUSY_MS));
    config = await loadConfig();
  }
  return config;
};

const signedInBy = async ({ signIn: how }: Config): Promise<Begun> => {
  if (how === null) return NOBODY;
  const { signIn } = await import('./sign-in.ts');
  return signIn(how);
};

const start = async (): Promise<void> => {
  startTheme();
  fetchAhead();
  let why: 'config' | 'sign_in' = 'config';
  try {
    const config = await loadConfigOnceReady();
    why = 'sign_in';
    const session = await signedInBy(config);
    const { signOut } = session;
    const leave = () => {
      // Before the provider's page comes, if it does: a browser may keep this one as it was for who goes back.
      void show(<CannotStart why="signed_out" detail={null} />);
      signOut?.();
    };
    const api = createApi(config.api, session);
    render(
      <App
        config={config}
        api={api}
        now={clockOf(config)}
        first={language}
        signOut={signOut === null ? null : leave}
      />,
      root,
    );
  } catch (error) {
    const isTold = error instanceof Error && (why === 'sign_in' || error instanceof ConfigError);
    const detail = isTold ? error.message : 'config.json cannot be fetched';
    await show(<CannotStart why={why} detail={detail} />);
  }
};

void start();
