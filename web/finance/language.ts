// The languages that the page speaks, and which of them a reader gets. Pure.

/** Each with its own name, as a menu shows it. */
export const LANGUAGES = {
  en: 'English',
  'zh-TW': '繁體中文',
  'zh-CN': '简体中文',
  ja: '日本語',
  de: 'Deutsch',
  fr: 'Français',
  es: 'Español',
  'pt-BR': 'Português (Brasil)',
} as const;
export type Language = keyof typeof LANGUAGES;

const ALL = Object.keys(LANGUAGES) as readonly Language[];

/** Tags whose words are another's: who reads one script of Chinese need not read the other. */
const NEAREST: readonly (readonly [RegExp, Language])[] = [
  [/^zh\b.*-(hant|tw|hk|mo)\b/i, 'zh-TW'],
  [/^zh\b/i, 'zh-CN'],
  [/^pt\b/i, 'pt-BR'],
];

const languageOf = (tag: string): Language | null => {
  const wanted = tag.replaceAll('_', '-').toLowerCase();
  const base = wanted.split('-', 1)[0];
  return (
    ALL.find((one) => one.toLowerCase() === wanted) ??
    NEAREST.find(([tags]) => tags.test(wanted))?.[1] ??
    ALL.find((one) => one === base) ??
    null
  );
};

/** The first of some tags, the dearest first, that the page speaks; else English. */
export const chooseLanguage = (tags: readonly (string | null)[]): Language =>
  tags.map((tag) => (tag === null ? null : languageOf(tag))).find((one) => one !== null) ?? 'en';

/** The tag by which days are written: in English the day before the month, as in most of the world. */
export const dateLocaleOf = (language: Language): string => (language === 'en' ? 'en-GB' : language);
