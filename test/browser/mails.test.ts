// Every mail as it is read: on a phone and at a desk, light and dark, by eye and by a screen reader, with nothing loaded.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createComposer } from '../../adapters/email/render.ts';
import { LANGUAGES, MESSAGES, type Language, type Message } from '../../core/ports.ts';
import { sampleRequest, SCENARIO_NAMES, type Scenario } from '../../local/mail-samples.ts';
import { SENDER, shippedTemplates } from '../support/mails.ts';
import { CHROMIUM } from './chromium.ts';
import { LOOKS, startLooker, type Look, type Looker } from './looking.ts';

/** The landmarks are those of the page in which a mail program shows the mail. */
const NOT_OF_A_MAIL = ['landmark-one-main', 'region'];

const NOT_WORDS = 'img, picture, svg, video, audio, canvas, object, embed, iframe, input, [background]';

describe.skipIf(CHROMIUM === null)('a mail', () => {
  let looker: Looker;
  const compose = createComposer(shippedTemplates());
  const htmlOf = (message: Message, language: Language, scenario: Scenario): string =>
    compose(sampleRequest({ message, language, scenario, sender: SENDER })).html;

  beforeAll(async () => {
    looker = await startLooker({ ignored: NOT_OF_A_MAIL });
  });
  afterAll(() => looker.close());

  const faultsOf = async (name: string, html: string, pictures: readonly Look[]): Promise<string[]> => {
    await looker.show(html);
    const faults = await looker.inspect(`mail.${name}`, pictures);
    // All is said in words: who sees no pictures misses nothing.
    const notWords = await looker.page.locator(NOT_WORDS).count();
    if (notWords > 0) faults.push(`${name}: ${notWords} pictures`);
    return [...faults, ...looker.deeds.map((deed) => `${name}: ${deed}`)];
  };

  test.each(MESSAGES)('%s can be read by everybody in every language, and loads nothing', async (message) => {
    for (const language of LANGUAGES) {
      const pictures = language === 'en' ? LOOKS : [LOOKS[0]];
      const faults = await faultsOf(`${message}.${language}`, htmlOf(message, language, 'usual'), pictures);
      expect(faults).toEqual([]);
    }
  });

  test.each(MESSAGES)('%s can be read by everybody in every situation', async (message) => {
    // The usual one is looked at with its language.
    const known = new Set([htmlOf(message, 'en', 'usual')]);
    for (const scenario of SCENARIO_NAMES) {
      const html = htmlOf(message, 'en', scenario);
      if (known.has(html)) continue;
      known.add(html);
      expect(await faultsOf(`${message}.en.${scenario}`, html, [LOOKS[0]])).toEqual([]);
    }
  });
});
