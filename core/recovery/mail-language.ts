// In which of our languages a customer is written to: their own wish first, then where they live, then the policy's.
import { LANGUAGES, type Language } from '../ports.ts';
import type { Contact } from './fact.ts';
import type { Policy } from './policy.ts';

const isOurs = (tag: string): tag is Language => LANGUAGES.some((language) => language === tag);

/** Where one of our languages alone is nearly everybody's. A country of several languages is not here. */
const BY_COUNTRY: Readonly<Record<Language, readonly string[]>> = {
  en: [],
  'zh-TW': ['TW', 'HK'],
  'zh-CN': ['CN'],
  ja: ['JP'],
  de: ['DE', 'AT', 'LI'],
  fr: ['FR', 'MC'],
  es: 'ES MX GT HN SV NI CR PA CU DO CO VE EC PE BO CL AR UY PY'.split(' '),
  'pt-BR': ['BR', 'PT'],
};

const LANGUAGE_OF: ReadonlyMap<string, Language> = new Map(
  LANGUAGES.flatMap((language) => BY_COUNTRY[language].map((country) => [country, language] as const)),
);

/** A tag from outside, which may be anything; null when it is no language tag. */
const localeOf = (tag: string): Intl.Locale | null => {
  try {
    return new Intl.Locale(tag.trim().replaceAll('_', '-'));
  } catch {
    return null;
  }
};

/** Chinese and Cantonese go by their script, which a region implies (`zh-HK`), Portuguese is Brazil's. */
const ofLocale = (tag: string): Language | null => {
  const locale = localeOf(tag);
  if (locale === null) return null;
  const { language } = locale;
  if (language === 'zh' || language === 'yue') return locale.maximize().script === 'Hant' ? 'zh-TW' : 'zh-CN';
  if (language === 'pt') return 'pt-BR';
  return isOurs(language) ? language : null;
};

/**
 * The language of a customer's mails: the first of their preferred locales that we write in, else that of their
 * country (ISO 3166, two letters), else the policy's. Never throws for what a customer's data holds.
 */
export const mailLanguage = (
  { locales, country }: Pick<Contact, 'locales' | 'country'>,
  policy: Pick<Policy, 'language'>,
): Language => {
  for (const locale of locales) {
    const language = ofLocale(locale);
    if (language !== null) return language;
  }
  return LANGUAGE_OF.get(country?.trim().toUpperCase() ?? '') ?? policy.language;
};
