// The words of a language, fetched a file at a time when they are needed, and how a view says them.
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Language } from './language.ts';
import { messageOf, type Catalogue, type Say } from './message.ts';
import type names from './words/en/names.json';
import type shell from './words/en/shell.json';

const FILES = import.meta.glob<Catalogue>('./words/*/*.json', { import: 'default' });

/** The words that are there whatever the view: of the shell, the names of codes, what each figure means, and what goes wrong. */
const ALWAYS = ['shell', 'names', 'definitions', 'problems'] as const;

/** Catalogues by file. */
export type Words = { readonly language: Language; readonly files: Readonly<Record<string, Catalogue>> };

/** The words of the shell and of one view. Rejects when they cannot be fetched. */
export const loadWords = async (language: Language, view: string): Promise<Words> => {
  const found = [...ALWAYS, view].flatMap((file) => {
    const load = FILES[`./words/${language}/${file}.json`];
    return load === undefined ? [] : [{ file, load }];
  });
  const files = await Promise.all(found.map(async ({ file, load }) => [file, await load()] as const));
  return { language, files: Object.fromEntries(files) };
};

export const WordsContext = createContext<Words>({ language: 'en', files: {} });

/** The words of one file, as `useWords<typeof en>('overview')` with `en` the English file. */
export const useWords = <C>(file: string): Say<C> => {
  const { language, files } = useContext(WordsContext);
  const catalogue = files[file] ?? {};
  // The test holds every language to the English names, so a name of its own is only seen while words are written.
  return (name, values = {}) => messageOf(catalogue, name, values, language) ?? name;
};

export const useShell = (): Say<typeof shell> => useWords<typeof shell>('shell');

/** What a code says in the words of one file; null where there are none for it. */
export const useCoded = (file: string): ((name: string) => string | null) => {
  const { language, files } = useContext(WordsContext);
  const catalogue = files[file] ?? {};
  return (name) => messageOf(catalogue, name, {}, language);
};

type Group = keyof typeof names extends infer K ? (K extends `${infer G}.${string}` ? G : never) : never;

/** The name of a code, such as a cause or a class of decline; a code that has none is said as it is. */
export const useNames = (): ((group: Group, code: string) => string) => {
  const { language, files } = useContext(WordsContext);
  const catalogue = files['names'] ?? {};
  return (group, code) =>
    messageOf(catalogue, `${group}.${code}`, {}, language) ??
    messageOf(catalogue, `other.${code}`, {}, language) ??
    code;
};
