// Holds every catalogue to the English one: the same keys, the same values in them, the plural forms of its language.
import { catalogueFile, TemplateError } from './templates.ts';
import type { Catalogue, Words } from './templates.ts';

/** Counts up to here take every form but those for numbers such as a million. */
const MANY = 120;

/** The plural forms that counts of invoices take in a language. */
export const pluralFormsOf = (language: string): ReadonlySet<string> => {
  const rules = new Intl.PluralRules(language);
  // Not from 0: no mail speaks of the number of invoices when there are none.
  return new Set(Array.from({ length: MANY }, (_, i) => rules.select(i + 1)));
};

const formsOf = (words: Words): Readonly<Record<string, string>> =>
  typeof words === 'string' ? { other: words } : words;

/** Everything in braces as it is written, so that what is not written as in English is no value either. */
const valuesIn = (text: string): ReadonlySet<string> =>
  new Set((text.match(/\{[{%].*?[%}]\}|[{}]/gs) ?? []).map((mark) => mark.replaceAll(/\s+/g, ' ')));

const keysOf = (catalogue: Catalogue): string[] =>
  Object.entries(catalogue).flatMap(([section, words]) =>
    Object.keys(words).map((key) => `${section}.${key}`),
  );

const wordsAt = (catalogue: Catalogue, name: string): Words | undefined => {
  // The section of another text of a message has a dot in its own name.
  const end = name.lastIndexOf('.');
  return catalogue[name.slice(0, end)]?.[name.slice(end + 1)];
};

/** A value that English does not have there, if any: nobody has made sure that such a mail has it. */
const strangeValue = (own: Words, english: Words): string | undefined => {
  const known = valuesIn(Object.values(formsOf(english)).join('\n'));
  return [...valuesIn(Object.values(formsOf(own)).join('\n'))].find((value) => !known.has(value));
};

/** Throws a {@link TemplateError} for words that would be filled with what English does not ask for at the same place. */
export const checkValues = (language: string, catalogue: Catalogue, english: Catalogue): void => {
  for (const name of keysOf(catalogue)) {
    const [own, theirs] = [wordsAt(catalogue, name), wordsAt(english, name)];
    const strange = own === undefined || theirs === undefined ? undefined : strangeValue(own, theirs);
    if (strange !== undefined) {
      const file = catalogueFile(language);
      throw new TemplateError(`${file}: "${name}" holds ${strange}, which English does not have there`);
    }
  }
};

const faultsOf = (name: string, own: Words, english: Words, forms: ReadonlySet<string>): string[] => {
  const strange = strangeValue(own, english);
  // A form such as `one` may do without the number.
  const used = valuesIn(formsOf(own)['other'] ?? '');
  const gone = [...valuesIn(formsOf(english)['other'] ?? '')].filter((value) => !used.has(value));
  const plural = typeof own === 'string' ? null : Object.keys(own);
  const missing = plural === null ? [] : [...forms].filter((form) => !plural.includes(form));
  const idle = plural?.filter((form) => form !== 'other' && !forms.has(form)) ?? [];
  return [
    ...(strange === undefined ? [] : [`"${name}" holds ${strange}, which English does not have there`]),
    ...gone.map((value) => `"${name}" lacks ${value}, which English has there`),
    ...missing.map((form) => `"${name}" lacks the plural form "${form}"`),
    ...idle.map((form) => `"${name}" has the plural form "${form}", which the language does not have`),
  ];
};

/** Everything in a catalogue that is not as English has it, one line each. */
export const catalogueFaults = (
  language: string,
  catalogue: Catalogue,
  english: Catalogue,
): readonly string[] => {
  const forms = pluralFormsOf(language);
  const names = new Set([...keysOf(english), ...keysOf(catalogue)]);
  return [...names].flatMap((name) => {
    const [own, theirs] = [wordsAt(catalogue, name), wordsAt(english, name)];
    if (own === undefined) return [`"${name}" is missing`];
    return theirs === undefined ? [`"${name}" is not in English`] : faultsOf(name, own, theirs, forms);
  });
};
