// The words of the customer's page: one catalogue a language, each with every word, and which of them a reader gets.
import de from './words/de.json' with { type: 'json' };
import en from './words/en.json' with { type: 'json' };
import es from './words/es.json' with { type: 'json' };
import fr from './words/fr.json' with { type: 'json' };
import ja from './words/ja.json' with { type: 'json' };
import ptBR from './words/pt-BR.json' with { type: 'json' };
import zhCN from './words/zh-CN.json' with { type: 'json' };
import zhTW from './words/zh-TW.json' with { type: 'json' };

/** The words of one language. The compiler holds every catalogue to the English one. */
export type Catalogue = Readonly<Record<keyof typeof en, string>>;

const CATALOGUES = {
  en,
  'zh-TW': zhTW,
  'zh-CN': zhCN,
  ja,
  de,
  fr,
  es,
  'pt-BR': ptBR,
} as const;

/** The languages that the page speaks: those of the mails, at least, which a test holds. */
export type PageLanguage = keyof typeof CATALOGUES;

/** All catalogues, by language. */
export const WORDS: Readonly<Record<PageLanguage, Catalogue>> = CATALOGUES;

export const PAGE_LANGUAGES = Object.keys(CATALOGUES) as readonly PageLanguage[];

/** Tags whose catalogue is another's: who reads one script of Chinese need not read the other. */
const NEAREST: readonly (readonly [RegExp, PageLanguage])[] = [
  [/^zh\b.*-(hant|tw|hk|mo)\b/i, 'zh-TW'],
  [/^zh\b/i, 'zh-CN'],
  [/^pt\b/i, 'pt-BR'],
];

const languageOf = (tag: string): PageLanguage | null => {
  const wanted = tag.replaceAll('_', '-');
  const exact = PAGE_LANGUAGES.find((one) => one.toLowerCase() === wanted.toLowerCase());
  const base = PAGE_LANGUAGES.find((one) => one.toLowerCase() === wanted.split('-', 1)[0]?.toLowerCase());
  return exact ?? NEAREST.find(([tags]) => tags.test(wanted))?.[1] ?? base ?? null;
};

const MAX_TAGS = 10;

/** The tags of an `Accept-Language` header, the dearest first. */
const acceptedTags = (header: string): readonly string[] =>
  header
    .slice(0, 400)
    .split(',')
    .slice(0, MAX_TAGS)
    .map((part) => {
      const [tag = '', weight = ''] = part.trim().split(/\s*;\s*q=/i);
      return { tag, weight: weight === '' ? 1 : Number(weight) || 0 };
    })
    .filter(({ tag, weight }) => /^[A-Za-z0-9-]{2,35}$/.test(tag) && weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .map(({ tag }) => tag);

/**
 * The first language of a reader that the page speaks: the customer's own, then what their browser asks for, then
 * `fallback`, the policy's, then English.
 */
export const pageLanguage = (
  locales: readonly string[],
  acceptLanguage: string,
  fallback: string,
): PageLanguage =>
  [...locales, ...acceptedTags(acceptLanguage), fallback]
    .map(languageOf)
    .find((language) => language !== null) ?? 'en';
