// What every part of the page can ask for: where it is, how figures are written, the API, and links to other views.
import { createContext } from 'preact';
import { useContext, useEffect, useRef, useState } from 'preact/hooks';
import type { Api, Me } from './api.ts';
import type { Config } from './config.ts';
import { askedIn, filtersIn } from './filters.ts';
import type { Format } from './format.ts';
import type { Language } from './language.ts';
import { AskError, type Problem } from './problem.ts';
import { hashOf, type Place, type Query } from './router.ts';

export type Page = {
  readonly config: Config;
  readonly api: Api;
  readonly place: Place;
  /** Who is signed in; see `useMe` of me.ts. */
  readonly me: Me | null;
  readonly format: Format;
  /** The present, an instant: the local server's clock can be moved. */
  readonly now: () => string;
  readonly language: Language;
  readonly speak: (language: Language) => void;
  readonly signOut: (() => void) | null;
  /** Whether there is such a view: links lead to no other. */
  readonly hasView: (name: string) => boolean;
};

export const PageContext = createContext<Page | null>(null);

export const usePage = (): Page => {
  const page = useContext(PageContext);
  if (page === null) throw new Error('a part of the page stands outside of it');
  return page;
};

export const useFormat = (): Format => usePage().format;

/** What the API is asked for here: the period and the filters of the place. */
export const useAsked = (): Query => {
  const { place, now } = usePage();
  return askedIn(place.query, now());
};

type To = {
  readonly parts?: readonly string[];
  /** Beside the period and the filters of this place, which go along; undefined takes one away. */
  readonly query?: Readonly<Record<string, string | undefined>>;
};

/** Links to views: the hash that leads there, with the filters of this place; null when there is no such view. */
export const useLinks = () => {
  const { place, hasView } = usePage();
  const to = (view: string, { parts = [], query = {} }: To = {}): string | null =>
    hasView(view) ? hashOf({ view, parts, query: { ...filtersIn(place.query), ...query } }) : null;
  /** This place with some of its query changed. A place in a list (`after`, `page`) is one of that list alone. */
  const here = (query: Readonly<Record<string, string | undefined>>): string =>
    hashOf({ ...place, query: { ...place.query, after: undefined, page: undefined, ...query } });
  return { to, here };
};

/** Goes to a place, as a link does. */
export const go = (hash: string): void => {
  location.hash = hash;
};

/** What was asked for. `value` is the last answer, which is shown while a newer one is under way. */
export type Answer<T> = {
  readonly value: T | null;
  readonly isLoading: boolean;
  readonly problem: Problem | null;
  readonly again: () => void;
};

/** Asks the API and asks again when the path or the query change; what nobody waits for any more is given up. */
export const useAnswer = <T>(path: string, query: Query): Answer<T> => {
  const { api } = usePage();
  const [told, setTold] = useState<{ path: string; key: string; value: T | null; problem: Problem | null }>({
    path,
    key: '',
    value: null,
    problem: null,
  });
  const [round, setRound] = useState(0);
  const asked = useRef(query);
  asked.current = query;
  const key = `${path} ${new URLSearchParams(query).toString()} ${round}`;
  useEffect(() => {
    const end = new AbortController();
    api.get<T>(path, asked.current, end.signal).then(
      (value) => setTold({ path, key, value, problem: null }),
      (error: unknown) => {
        if (end.signal.aborted) return;
        const problem: Problem = error instanceof AskError ? error.problem : { kind: 'unreachable' };
        setTold({ path, key, value: null, problem });
      },
    );
    return () => end.abort();
  }, [key]);
  const isLoading = told.key !== key;
  return {
    // Another path is another thing: its answer says nothing of this one.
    value: told.path === path ? told.value : null,
    isLoading,
    problem: isLoading ? null : told.problem,
    again: () => setRound(round + 1),
  };
};
