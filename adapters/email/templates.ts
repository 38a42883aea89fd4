// Reads the folder `emails/` into a plain record: two layouts, an outline a message, a catalogue a
// language.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MESSAGES, messageOf } from '../../core/ports.ts';
import type { Language, MailText } from '../../core/ports.ts';

/**
 * The folder `emails/` does not fit together; the message names the file, what is wrong, and what
 * to change.
 */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}

/** Words as people edit them: one text, or one a plural form of the language (`one`, `other`, …). */
export type Words = string | Readonly<Record<string, string>>;

/** All words of one language: `shared` and one section a message, each from key to words. */
export type Catalogue = Readonly<Record<string, Readonly<Record<string, Words>>>>;

/** What `emails/` holds. Plain data, so that it can be carried beside a bundle and edited in a test. */
export type Templates = {
  readonly html: string;
  readonly text: string;
  /** By message, and by each other text of one that the English catalogue has a section for. */
  readonly outlines: Readonly<Record<string, string>>;
  /** By language tag, as the file is named: `en`, `de`, `pt-BR`. */
  readonly catalogues: Readonly<Record<string, Catalogue>>;
};

/** The language that is always there. */
export const FALLBACK_LANGUAGE: Language = 'en';

/** The layout as people edit it. */
export const HTML_LAYOUT = 'layout.mjml';
/** What the layout is compiled to; it stands in the folder only where it was put on the way to Lambda. */
export const COMPILED_LAYOUT = 'layout.html.liquid';
export const TEXT_LAYOUT = 'layout.text.liquid';
export const outlineFile = (text: MailText): string => `${text}.liquid`;
export const catalogueFile = (language: string): string => `${language}.json`;

const read = (dir: string, file: string): string => {
  try {
    return readFileSync(join(dir, file), 'utf8');
  } catch (cause) {
    throw new TemplateError(
      `${file} cannot be read: every message needs its file in the folder of the emails`,
      {
        cause,
      },
    );
  }
};

const parse = (file: string, source: string): unknown => {
  try {
    return JSON.parse(source);
  } catch (cause) {
    throw new TemplateError(`${file} is not valid JSON: look for a missing comma or quotation mark`, {
      cause,
    });
  }
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const PLURAL_FORMS = new Set(['zero', 'one', 'two', 'few', 'many', 'other']);

const isWords = (value: unknown): value is Words =>
  typeof value === 'string' ||
  (isRecord(value) &&
    typeof value['other'] === 'string' &&
    Object.entries(value).every(([form, text]) => PLURAL_FORMS.has(form) && typeof text === 'string'));

const hasMarkup = (words: Words): boolean =>
  (typeof words === 'string' ? [words] : Object.values(words)).some((text) => /<[/a-z!]/i.test(text));

const asCatalogue = (file: string, value: unknown): Catalogue => {
  if (!isRecord(value)) throw new TemplateError(`${file} must be an object of sections`);
  const catalogue: Record<string, Record<string, Words>> = {};
  for (const [section, entries] of Object.entries(value)) {
    if (!isRecord(entries))
      throw new TemplateError(`${file}: section "${section}" must be an object of words`);
    const words: Record<string, Words> = {};
    for (const [key, entry] of Object.entries(entries)) {
      const name = `${file}: "${section}.${key}"`;
      if (!isWords(entry)) {
        throw new TemplateError(
          `${name} must be a text, or texts for "one" and "other" (and other plural forms)`,
        );
      }
      if (hasMarkup(entry))
        throw new TemplateError(`${name} holds markup: words are plain text, the layout styles`);
      words[key] = entry;
    }
    catalogue[section] = words;
  }
  return catalogue;
};

const isLanguageTag = (tag: string): boolean => {
  try {
    return Intl.getCanonicalLocales(tag)[0] === tag;
  } catch {
    return false;
  }
};

const languagesIn = (dir: string): string[] => {
  let names: string[];
  try {
    names = readdirSync(dir);
  } catch (cause) {
    throw new TemplateError(`the folder of the emails cannot be read: ${dir}`, { cause });
  }
  return names
    .filter((name) => name.endsWith('.json'))
    .map((name) => {
      const tag = name.slice(0, -'.json'.length);
      if (!isLanguageTag(tag)) {
        throw new TemplateError(`${name} must be named after a language, such as en.json or pt-BR.json`);
      }
      return tag;
    })
    .toSorted();
};

/** The other texts of messages that a catalogue has: a section `reminder.short` is one of `reminder`. */
const variantsIn = (catalogue: Catalogue): MailText[] =>
  Object.keys(catalogue)
    .filter((section) => section.includes('.'))
    .map((section) => {
      const text = section as MailText;
      if (MESSAGES.includes(messageOf(text)) && /^[a-z-]+\.[a-z0-9][a-z0-9-]*$/.test(section)) return text;
      const file = catalogueFile(FALLBACK_LANGUAGE);
      throw new TemplateError(
        `${file}: section "${section}" must be a message and a name, as in reminder.short`,
      );
    });

/** Another text of a message has a file of its own where it says something else, and not only in other words. */
const outlinesIn = (dir: string, texts: readonly MailText[]): Templates['outlines'] => {
  const files = new Set(readdirSync(dir));
  return Object.fromEntries(
    texts.map((text) => [
      text,
      read(dir, outlineFile(files.has(outlineFile(text)) ? text : messageOf(text))),
    ]),
  );
};

/** Throws a {@link TemplateError} for the first of some texts that the folder does not hold. */
export const requireTexts = ({ outlines }: Templates, texts: readonly MailText[]): void => {
  const missing = texts.find((text) => !Object.hasOwn(outlines, text));
  if (missing === undefined) return;
  const file = catalogueFile(FALLBACK_LANGUAGE);
  throw new TemplateError(
    `${file}: section "${missing}" is missing, and the policy sends it: add it there and in the other languages`,
  );
};

/**
 * Reads the folder of the emails once. `html` is the compiled layout where it does not stand in the folder. Throws
 * a {@link TemplateError} for a file that is missing or misshapen.
 */
export const loadTemplates = (dir: string, html: string = read(dir, COMPILED_LAYOUT)): Templates => {
  const languages = languagesIn(dir);
  if (!languages.includes(FALLBACK_LANGUAGE)) {
    throw new TemplateError(
      `${catalogueFile(FALLBACK_LANGUAGE)} is missing: it is the language to fall back to`,
    );
  }
  const catalogues = Object.fromEntries(
    languages.map((language): [string, Catalogue] => {
      const file = catalogueFile(language);
      return [language, asCatalogue(file, parse(file, read(dir, file)))];
    }),
  );
  const texts = [...MESSAGES, ...variantsIn(catalogues[FALLBACK_LANGUAGE] ?? {})];
  return { html, text: read(dir, TEXT_LAYOUT), outlines: outlinesIn(dir, texts), catalogues };
};
