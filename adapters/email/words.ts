// What a language says: its catalogue and the messages' outlines, parsed once and checked against each
// other.
import { MESSAGES } from '../../core/ports.ts';
import type { Message } from '../../core/ports.ts';
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
type Say = (message: Message, key: string, values: Values, count: number) => string;

/** One language, ready to speak. */
export type Speech = {
  readonly say: Say;
  readonly has: (message: Message, key: string) => boolean;
  /** What a message says, in order: the keys of its paragraphs, and `invoices` and `button`. */
  readonly outline: (message: Message, values: Values) => readonly string[];
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

const keysNeeded = (message: Message, source: string): string[] => {
  const lines = possibleLines(source);
  const odd = lines.find((line) => !/^[a-z][a-z0-9_]*$/.test(line));
  if (odd !== undefined) {
    throw new TemplateError(`${outlineFile(message)}: "${odd}" is not the key of any words; one key a line`);
  }
  return [
    ...EVERY_MESSAGE_NEEDS,
    ...lines.filter((line) => line !== 'invoices'),
    ...(lines.includes('invoices') ? INVOICES_NEED : []),
  ];
};

/** Every key that a message can come to say is there. */
const checkNeeds = (language: string, catalogue: Catalogue, needed: ReadonlyMap<Message, string[]>): void => {
  const file = catalogueFile(language);
  const need = (message: Message, key: string): void => {
    if (catalogue[message]?.[key] === undefined && catalogue[SHARED]?.[key] === undefined) {
      throw new TemplateError(`${file}: "${message}.${key}" is missing (and there is no "${SHARED}.${key}")`);
    }
  };
  for (const [message, keys] of needed) {
    for (const key of keys) need(message, key);
    const subject = catalogue[message]?.['subject'] ?? catalogue[SHARED]?.['subject'];
    if (/\bamounts\b/.test(JSON.stringify(subject))) need(message, 'subject_short');
  }
};

/**
 * Makes a speaker of each language. Throws a {@link TemplateError} naming the file and key that
 * does not fit.
 */
export const createSpeeches = (compile: Compile, templates: Templates): ReadonlyMap<string, Speech> => {
  const outlines = new Map<Message, Compiled>();
  const needed = new Map<Message, string[]>();
  for (const message of MESSAGES) {
    const source = templates.outlines[message];
    outlines.set(message, compile(source, outlineFile(message), OUTLINE_VALUES));
    needed.set(message, keysNeeded(message, source));
  }

  const english = templates.catalogues[FALLBACK_LANGUAGE] ?? {};
  const speech = (language: string, catalogue: Catalogue): Speech => {
    const phrases = phrasesOf(compile, language, catalogue);
    const find = (message: Message, key: string): Phrase | undefined =>
      phrases(message, key) ?? phrases(SHARED, key);
    const get = (message: Message, key: string): Phrase => {
      const phrase = find(message, key);
      if (phrase) return phrase;
      const file = catalogueFile(language);
      throw new TemplateError(`${file}: "${message}.${key}" is missing (and there is no "${SHARED}.${key}")`);
    };
    checkNeeds(language, catalogue, needed);
    checkWords(compile, language, catalogue, english);

    return {
      has: (message, key) => find(message, key) !== undefined,
      say: (message, key, values, count) => {
        const { rules, forms } = get(message, key);
        const form = forms.get(rules.select(count)) ?? forms.get('other');
        if (!form) throw new TemplateError(`${catalogueFile(language)}: "${message}.${key}" has no "other"`);
        return form(withoutNulls(values)).trim();
      },
      outline: (message, values) => linesOf(outlines.get(message)?.(withoutNulls(values)) ?? ''),
    };
  };

  // English first: what is wrong there is told as its own fault, not as one of the others.
  const others = Object.entries(templates.catalogues).filter(([tag]) => tag !== FALLBACK_LANGUAGE);
  const all: [string, Catalogue][] = [[FALLBACK_LANGUAGE, english], ...others];
  return new Map(all.map(([tag, words]) => [tag, speech(tag, words)]));
};
