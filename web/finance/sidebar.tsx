// The menu: at the side of a wide screen, a bar with a button on a phone. Below the views what belongs to the reader.
import { useEffect, useState } from 'preact/hooks';
import { LANGUAGES, type Language } from './language.ts';
import { useMe } from './me.ts';
import { Icon, isIcon } from './parts/icons.tsx';
import { useLinks, usePage } from './page.ts';
import { setTheme, themeNow, THEMES, type Theme } from './theme.ts';
import { HOME, VIEWS } from './views/index.ts';
import { useShell, useWords } from './words.ts';

const GROUPS = ['figures', 'work', 'setup'] as const;

/** Names that are put together of data: the test of the words holds that each view and each local page has one. */
const useNamed = () => useWords<Readonly<Record<string, string>>>('shell');

const Views = () => {
  const say = useShell();
  const named = useNamed();
  const { place } = usePage();
  const { to } = useLinks();
  return (
    <>
      {GROUPS.map((group) => {
        const views = VIEWS.filter((view) => view.group === group);
        return views.length === 0 ? null : (
          <div key={group} class="nav-group">
            <p>{say(`group_${group}`)}</p>
            <ul>
              {views.map(({ name }) => (
                <li key={name}>
                  <a href={to(name) ?? ''} aria-current={place.view === name ? 'page' : undefined}>
                    {isIcon(name) && <Icon name={name} />}
                    {named(`view_${name}`)}
                  </a>
                </li>
              ))}
            </ul>
          </div>
        );
      })}
    </>
  );
};

const LocalPages = () => {
  const say = useShell();
  const named = useNamed();
  const { local } = usePage().config;
  if (local === null) return null;
  return (
    <div class="nav-group">
      <p>{say('local_pages')}</p>
      <ul>
        {Object.entries(local.links).map(([name, address]) => (
          <li key={name}>
            <a href={address}>{named(`link_${name}`)}</a>
          </li>
        ))}
      </ul>
    </div>
  );
};

/** Who is signed in, with the role; where nobody need be, whoever is at this machine. */
const Reader = () => {
  const say = useShell();
  const { config } = usePage();
  const me = useMe();
  if (me === null) return null;
  return (
    <p class="who">
      <bdi>{config.signIn === null ? say('this_machine') : me.who}</bdi>
      <small>{say(`role_${me.role}`)}</small>
    </p>
  );
};

const Choices = () => {
  const say = useShell();
  const { language, speak, signOut } = usePage();
  const [theme, setShown] = useState(themeNow());
  return (
    <div class="reader">
      <Reader />
      <label>
        {say('language')}
        <select value={language} onChange={(event) => speak(event.currentTarget.value as Language)}>
          {Object.entries(LANGUAGES).map(([tag, name]) => (
            <option key={tag} value={tag} lang={tag}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label>
        {say('theme')}
        <select
          value={theme}
          onChange={(event) => {
            const next = event.currentTarget.value as Theme;
            setTheme(next);
            setShown(next);
          }}
        >
          {THEMES.map((name) => (
            <option key={name} value={name}>
              {say(`theme_${name}`)}
            </option>
          ))}
        </select>
      </label>
      {signOut && (
        <button type="button" class="button quiet" onClick={signOut}>
          {say('sign_out')}
        </button>
      )}
    </div>
  );
};

const Data = () => {
  const say = useShell();
  const { local } = usePage().config;
  if (local === null) return null;
  const kind = local.data === 'demo' ? 'demo' : 'stripe';
  return <p class={`data ${kind}`}>{say(kind)}</p>;
};

/** The hash is the route, so the link to the content goes there by hand. */
const skip = (event: Event): void => {
  event.preventDefault();
  document.querySelector<HTMLElement>('#main')?.focus();
};

export const Sidebar = () => {
  const say = useShell();
  const { place } = usePage();
  const { to } = useLinks();
  const [isOpen, setOpen] = useState(false);
  useEffect(() => setOpen(false), [place]);
  return (
    <header class={isOpen ? 'side open' : 'side'}>
      <a class="skip" href="#main" onClick={skip}>
        {say('skip')}
      </a>
      <div class="side-top">
        <a class="brand" href={to(HOME) ?? ''}>
          <svg viewBox="0 0 32 32" width="24" height="24" aria-hidden="true">
            <rect width="32" height="32" rx="7" />
            <path d="M10 24V8h7a5 5 0 0 1 0 10h-7m7 0 5 6" />
          </svg>
          Recoup
        </a>
        <button
          type="button"
          class="button quiet menu-button"
          aria-expanded={isOpen}
          aria-controls="menu"
          onClick={() => setOpen(!isOpen)}
        >
          <Icon name="menu" />
          {say('menu')}
        </button>
      </div>
      <div id="menu" class="side-menu">
        <Data />
        <nav aria-label={say('views')}>
          <Views />
          <LocalPages />
        </nav>
        <Choices />
      </div>
    </header>
  );
};
