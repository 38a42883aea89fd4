// What a language says: its catalogue and the messages' outlines, parsed once and checked against each
// other.
import { messageOf } from '../../core/ports.ts';
import type { MailText } from '../../core/ports.ts';
import { checkValues } from './catalogues.ts';
import type { Compile, Compiled } from './liquid.ts';
import { catalogueFile, FALLBACK_LANGUAGE, outlineFile, TemplateError } from './templates.ts';
import type { Catalogue, Templates, Words } from './templates.ts';

/**
 * The values that words are filled with. What is null or absent may be asked for with `if`, but not
 * be written.
 */
export type Values = Readonly<Record<string, string | number | null>>;

/** The words of a key in a message, filled; those of the message come before those shared. */
type Say = (text: MailText, key: string, values: Values, count: number) => string;

/** One language, ready to speak. */
export type Speech = {
  readonly say: Say;
  readonly has: (text: MailText, key: string) => boolean;
  /** What a message says, in order: the keys of its paragraphs, and `invoices` and `button`. */
  readonly outline: (text: MailText, values: Values) => readonly string[];
};

// What stands out is ours alone: nothing in it comes from the customer or the provider. Amounts are in
// the subject only, because each message also has a form without them.
const HEADLINE_VALUES: Readonly<Record<string, readonly string[]>> = {
  subject: ['company', 'amounts', 'date'],
  subject_short: ['company'],
  preheader: ['company'],
  heading: ['company', 'date'],
  button: ['company'],
};
const VALUES = [
  'company',
  'amounts',
  'name',
  'support',
  'last4',
  'nextAttempt',
  'ends',
  'date',
  'month',
  'amount',
  'number',
  'currency',
  'more',
  'label',
  'value',
];
const OUTLINE_VALUES = [
  'name',
  'last4',
  'nextAttempt',
  'ends',
  'endsPlan',
  'amount',
  'payUrl',
  'invoices',
  'firstOnly',
];

const EVERY_MESSAGE_NEEDS = ['subject', 'preheader', 'heading', 'footer', 'labelled', 'unsubscribe'];
const INVOICES_NEED = [
  'invoice',
  'invoice_unnumbered',
  'list_title',
  'amount',
  'total',
  'total_in',
  'more_invoices',
];

const SHARED = 'shared';

type Phrase = { readonly rules: Intl.PluralRules; readonly forms: ReadonlyMap<string, Compiled> };

const withoutNulls = (values: Values): Record<string, string | number> =>
  Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string | number] => entry[1] !== null),
  );

const phraseOf = (compile: Compile, language: string, name: string, key: string, words: Words): Phrase => {
  const where = `${catalogueFile(language)}: "${name}"`;
  const variables = HEADLINE_VALUES[key] ?? VALUES;
  const forms = typeof words === 'string' ? { other: words } : words;
  const compiled = Object.entries(forms).map(([form, text]): [string, Compiled] => [
    form,
    compile(text, where, variables),
  ]);
  return { rules: new Intl.PluralRules(language), forms: new Map(compiled) };
};

/** The phrases of a catalogue, each compiled when it is first said: a mail says one in twenty. */
const phrasesOf = (compile: Compile, language: string, catalogue: Catalogue) => {
  const made = new Map<string, Phrase>();
  return (section: string, key: string): Phrase | undefined => {
    const name = `${section}.${key}`;
    const known = made.get(name);
    const words = catalogue[section]?.[key];
    if (known !== undefined || words === undefined) return known;
    const phrase = phraseOf(compile, language, name, key, words);
    made.set(name, phrase);
    return phrase;
  };
};

/** A catalogue without gaps: empty texts are refused, and English is compiled once to know that all of it can be. */
const checkWords = (compile: Compile, language: string, catalogue: Catalogue, english: Catalogue): void => {
  for (const [section, entries] of Object.entries(catalogue)) {
    for (const [key, words] of Object.entries(entries)) {
      const texts = typeof words === 'string' ? [words] : Object.values(words);
      if (texts.some((text) => text.trim() === '')) {
        throw new TemplateError(`${catalogueFile(language)}: "${section}.${key}" is empty`);
      }
      if (language === FALLBACK_LANGUAGE) phraseOf(compile, language, `${section}.${key}`, key, words);
    }
  }
  checkValues(language, catalogue, english);
};

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** Every line an outline could have, whichever way its conditions go. */
const possibleLines = (source: string): string[] =>
  linesOf(source.replaceAll(/\{%-?\s*comment\s*-?%\}.*?\{%-?\s*endcomment\s*-?%\}|\{%.*?%\}/gs, '\n'));

const keysNeeded = (text: MailText, source: string): string[] => {
  const lines = possibleLines(source);
  const odd = lines.find((line) => !/^[a-z][a-z0-9_]*$/.test(line));
  if (odd !== undefined) {
    throw new TemplateError(`${outlineFile(text)}: "${odd}" is not the key of any words; one key a line`);
  }
  return [
    ...EVERY_MESSAGE_NEEDS,
    ...lines.filter((line) => line !== 'invoices'),
    ...(lines.includes('invoices') ? INVOICES_NEED : []),
  ];
};

/** Where the words of a key stand: those of a text come before those of its message, and these before those shared. */
const sectionsOf = (text: MailText): readonly string[] => [...new Set([text, messageOf(text), SHARED])];

/** Every key that a message can come to say is there. */
const checkNeeds = (
  language: string,
  catalogue: Catalogue,
  needed: ReadonlyMap<MailText, string[]>,
): void => {
  const file = catalogueFile(language);
  const find = (text: MailText, key: string): Words | undefined =>
    sectionsOf(text)
      .map((section) => catalogue[section]?.[key])
      .find((words) => words !== undefined);
  const need = (text: MailText, key: string): void => {
    if (find(text, key) === undefined) {
      throw new TemplateError(`${file}: "${text}.${key}" is missing (and there is no "${SHARED}.${key}")`);
    }
  };
  for (const [text, keys] of needed) {
    for (const key of keys) need(text, key);
    if (/\bamounts\b/.test(JSON.stringify(find(text, 'subject')))) need(text, 'subject_short');
  }
};

/**
 * Makes a speaker of each language. Throws a {@link TemplateError} naming the file and key that
 * does not fit.
 */
export const createSpeeches = (compile: Compile, templates: Templates): ReadonlyMap<string, Speech> => {
  const outlines = new Map<MailText, Compiled>();
  const needed = new Map<MailText, string[]>();
  for (const [name, source] of Object.entries(templates.outlines)) {
    const text = name as MailText;
    outlines.set(text, compile(source, outlineFile(text), OUTLINE_VALUES));
    needed.set(text, keysNeeded(text, source));
  }

  const english = templates.catalogues[FALLBACK_LANGUAGE] ?? {};
  const speech = (language: string, catalogue: Catalogue): Speech => {
    const phrases = phrasesOf(compile, language, catalogue);
    const find = (text: MailText, key: string): Phrase | undefined => {
      for (const section of sectionsOf(text)) {
        const phrase = phrases(section, key);
        if (phrase) return phrase;
      }
      return undefined;
    };
    const get = (text: MailText, key: string): Phrase => {
      const phrase = find(text, key);
      if (phrase) return phrase;
      const file = catalogueFile(language);
      throw new TemplateError(`${file}: "${text}.${key}" is missing (and there is no "${SHARED}.${key}")`);
    };
    checkNeeds(language, catalogue, needed);
    checkWords(compile, language, catalogue, english);

    return {
      has: (text, key) => find(text, key) !== undefined,
      say: (text, key, values, count) => {
        const { rules, forms } = get(text, key);
        const form = forms.get(rules.select(count)) ?? forms.get('other');
        if (!form) throw new TemplateError(`${catalogueFile(language)}: "${text}.${key}" has no "other"`);
        return form(withoutNulls(values)).trim();
      },
      outline: (text, values) => {
        const outline = outlines.get(text);
        if (!outline) throw new TemplateError(`there is no text "${text}" in the folder of the emails`);
        return linesOf(outline(values));
      },
    };
  };

  // English first: what is wrong there is told as its own fault, not as one of the others.
  const others = Object.entries(templates.catalogues).filter(([tag]) => tag !== FALLBACK_LANGUAGE);
  const all: [string, Catalogue][] = [[FALLBACK_LANGUAGE, english], ...others];
  return new Map(all.map(([tag, words]) => [tag, speech(tag, words)]));
};
