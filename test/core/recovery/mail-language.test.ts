// Holds in which language a customer is written to.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LANGUAGES, type Language } from '../../../core/ports.ts';
import { mailLanguage } from '../../../core/recovery/mail-language.ts';
import { anyCharacter } from '../../support/characters.ts';

const languageOf = (
  locales: readonly string[],
  country: string | null,
  language: Language = 'en',
): Language => mailLanguage({ locales, country }, { language });

describe('what the customer prefers comes first', () => {
  test.each<[string, Language]>([
    ['zh-TW', 'zh-TW'],
    ['zh-Hant', 'zh-TW'],
    ['zh-HK', 'zh-TW'],
    ['zh-MO', 'zh-TW'],
    ['zh_TW', 'zh-TW'],
    ['zh-Hant-CN', 'zh-TW'],
    ['yue-HK', 'zh-TW'],
    ['zh', 'zh-CN'],
    ['zh-CN', 'zh-CN'],
    ['zh-Hans', 'zh-CN'],
    ['zh-SG', 'zh-CN'],
    ['zh-Hans-TW', 'zh-CN'],
    ['pt', 'pt-BR'],
    ['pt-PT', 'pt-BR'],
    ['pt-BR', 'pt-BR'],
    ['de-AT', 'de'],
    ['de-CH-1996', 'de'],
    ['DE', 'de'],
    ['fr-CA', 'fr'],
    ['es-419', 'es'],
    ['ja-JP', 'ja'],
    ['en-GB', 'en'],
    [' ja ', 'ja'],
  ])('%s is written in %s', (locale, language) => {
    expect(languageOf([locale], null, 'fr')).toBe(language);
  });

  test('in order: the first that we write in, before the country', () => {
    expect(languageOf(['ko-KR', 'nl', 'ja', 'de'], 'BR')).toBe('ja');
    expect(languageOf(['en-US'], 'DE')).toBe('en');
  });
});

describe('else the country says it, where it has one language', () => {
  test.each<[string, Language]>([
    ['TW', 'zh-TW'],
    ['HK', 'zh-TW'],
    ['CN', 'zh-CN'],
    ['JP', 'ja'],
    ['DE', 'de'],
    ['AT', 'de'],
    ['LI', 'de'],
    ['FR', 'fr'],
    ['MC', 'fr'],
    ['ES', 'es'],
    ['MX', 'es'],
    ['AR', 'es'],
    ['BR', 'pt-BR'],
    ['PT', 'pt-BR'],
    [' jp ', 'ja'],
  ])('%s is written to in %s', (country, language) => {
    expect(languageOf([], country)).toBe(language);
    expect(languageOf(['ko-KR'], country)).toBe(language);
  });

  test.each(['CH', 'BE', 'CA', 'LU', 'SG', 'MO', 'US', '', 'XX', 'Deutschland'])(
    '%j says nothing, so the policy does',
    (country) => {
      expect(languageOf([], country, 'es')).toBe('es');
    },
  );
});

test('without either the policy says it', () => {
  for (const language of LANGUAGES) expect(languageOf([], null, language)).toBe(language);
});

test('whatever a customer carries, it is one of ours', () => {
  const text = fc.oneof(
    fc.string({ unit: anyCharacter }),
    fc.constantFrom('zh-', 'de_', 'i-klingon', 'x-private'),
  );
  fc.assert(
    fc.property(fc.array(text), fc.option(text), (locales, country) => {
      expect(LANGUAGES).toContain(languageOf(locales, country));
    }),
  );
});
