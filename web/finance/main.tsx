// The page begins: its settings, who is signed in, the reader's language, and then the first view.
import { render } from 'preact';
import { createApi, type Session } from './api.ts';
import { App } from './app.tsx';
import { ConfigError, loadConfig, type Config } from './config.ts';
import { chooseLanguage } from './language.ts';
import { recall } from './remembered.ts';
import { startTheme } from './theme.ts';
import { CannotStart } from './cannot-start.tsx';
import { loadWords, WordsContext } from './words.ts';
import './style/tokens.css';
import './style/base.css';
import './style/shell.css';
import './style/parts.css';
import './style/charts.css';
import './style/print.css';

const NOBODY: Session = { token: () => null, renew: () => Promise.resolve(null) };

const root = document.querySelector('#page') as HTMLElement;

/** In the local demonstration the clock stands elsewhere, and runs along from there. */
const clockOf = (config: Config): (() => string) => {
  const ahead = config.local === null ? 0 : Date.parse(config.local.now) - Date.now();
  return () => new Date(Date.now() + ahead).toISOString();
};

const start = async (): Promise<void> => {
  startTheme();
  const asked = new URLSearchParams(location.search).get('lang');
  const language = chooseLanguage([asked, recall('language'), ...navigator.languages]);
  const words = loadWords(language, 'shell');
  const cannot = async (why: 'config' | 'sign_in', error: unknown) =>
    render(
      <WordsContext.Provider value={await words}>
        <CannotStart why={why} detail={error instanceof Error ? error.message : String(error)} />
      </WordsContext.Provider>,
      root,
    );
  let config: Config;
  try {
    config = await loadConfig();
  } catch (error) {
    await cannot('config', error instanceof ConfigError ? error : new Error('config.json cannot be fetched'));
    return;
  }
  let session: Session & { readonly signOut?: () => void } = NOBODY;
  if (config.signIn !== null) {
    try {
      const { signIn } = await import('./sign-in.ts');
      session = await signIn(config.signIn);
    } catch (error) {
      await cannot('sign_in', error);
      return;
    }
  }
  const api = createApi(config.api, session);
  render(
    <App
      config={config}
      api={api}
      now={clockOf(config)}
      first={language}
      signOut={session.signOut ?? null}
    />,
    root,
  );
};

void start();
