// Holds every language to the English one, and every mail in every language to what mails promise.
import { beforeAll, describe, expect, test } from 'vitest';
import { catalogueFaults, pluralFormsOf } from '../../../adapters/email/catalogues.ts';
import { createComposer } from '../../../adapters/email/render.ts';
import type { Catalogue, Words } from '../../../adapters/email/templates.ts';
import { LANGUAGES, MESSAGES, type Language, type Mail } from '../../../core/ports.ts';
import { SCENARIO_NAMES, sampleRequest, type Scenario } from '../../../local/mail-samples.ts';
import { SENDER, shippedTemplates } from '../../support/mails.ts';
import { unbalanced, wordsOf } from './markup.ts';

const templates = shippedTemplates();
const compose = createComposer(templates);
const english = templates.catalogues['en'] ?? {};
const others = LANGUAGES.filter((language) => language !== 'en');

/** How much room a text takes: a character of Chinese or Japanese as much as two of ours. */
const widthOf = (text: string): number =>
  text.length + (text.match(/[\u2E80-\u9FFF\uF900-\uFAFF\uFF00-\uFF60]/g)?.length ?? 0);

const preheaderOf = ({ html }: Mail): string => /mso-hide:all;">([^<]*)<\/div>/.exec(html)?.[1] ?? '';

describe('every catalogue is the English one in another language', () => {
  test.each(LANGUAGES)('%s: the same keys and values, and the plural forms that it has', (language) => {
    expect(catalogueFaults(language, templates.catalogues[language] ?? {}, english)).toEqual([]);
  });

  test.each<[string, string, Words | undefined, string]>([
    ['de', 'heading', undefined, '"reminder.heading" is missing'],
    ['de', 'title', 'x', '"reminder.title" is not in English'],
    [
      'de',
      'heading',
      'Hallo {{ name }}',
      '"reminder.heading" holds {{ name }}, which English does not have there',
    ],
    ['de', 'heading', 'Hallo {{name}', '"reminder.heading" holds {, which English does not have there'],
    [
      'de',
      'subject_short',
      'Noch offen',
      '"reminder.subject_short" lacks {{ company }}, which English has there',
    ],
    ['de', 'open', { other: 'x' }, '"reminder.open" lacks the plural form "one"'],
    [
      'ja',
      'open',
      { one: 'x', other: 'y' },
      '"reminder.open" has the plural form "one", which the language does not have',
    ],
    ['pl', 'open', { one: 'x', other: 'y' }, '"reminder.open" lacks the plural form "few"'],
  ])('%s, reminder.%s: %j is told', (language, key, words, told) => {
    const { [key]: _, ...reminder } = english['reminder'] ?? {};
    const changed = words === undefined ? reminder : { ...reminder, [key]: words };
    const faults = catalogueFaults(language, { ...english, reminder: changed }, english);
    expect(faults).toContain(told);
  });

  test.each<[Language, string[]]>([
    ['en', ['one', 'other']],
    ['de', ['one', 'other']],
    ['fr', ['one', 'other']],
    ['ja', ['other']],
    ['zh-TW', ['other']],
  ])('counts in %s take %j', (language, forms) => {
    expect([...pluralFormsOf(language)].toSorted()).toEqual(forms);
  });
});

const HOLES = /undefined|\bnull\b|\[object|\{\{|\{%|NaN|Invalid|href=""|mailto:"/;

describe.each(LANGUAGES)('%s', (language) => {
  const mails = new Map<string, Mail>();
  beforeAll(() => {
    for (const message of MESSAGES) {
      for (const scenario of SCENARIO_NAMES) {
        const mail = compose(sampleRequest({ message, language, scenario, sender: SENDER }));
        mails.set(`${message}, ${scenario}`, mail);
      }
    }
  });
  const mailOf = (message: string, scenario: Scenario = 'usual'): Mail =>
    mails.get(`${message}, ${scenario}`) as Mail;

  /** Of all mails those of which something does not hold, by name. */
  const mailsThat = (isWrong: (mail: Mail) => boolean): string[] =>
    [...mails].filter(([, mail]) => isWrong(mail)).map(([name]) => name);

  test('every message in every scenario has both parts, whole and below 100 KB', () => {
    expect(mails.size).toBe(MESSAGES.length * SCENARIO_NAMES.length);
    const parts = ({ html, text, subject }: Mail): string[] => [html, text, subject];
    expect(mailsThat((mail) => mail.language !== language)).toEqual([]);
    expect(mailsThat((mail) => parts(mail).some((part) => HOLES.test(part)))).toEqual([]);
    expect(mailsThat(({ html }) => unbalanced(html) !== null)).toEqual([]);
    expect(mailsThat(({ html }) => Buffer.byteLength(html) >= 100_000)).toEqual([]);
    expect(mailsThat(({ text }) => /[<>]|\n{3}/.test(text))).toEqual([]);
    expect(mailsThat(({ subject }) => subject.length > 78)).toEqual([]);
    const reachable = ({ html, text }: Mail): boolean =>
      [text, wordsOf(html)].every((part) => part.includes(SENDER.supportEmail));
    expect(mailsThat((mail) => !reachable(mail))).toEqual([]);
  });

  test.each(MESSAGES)('%s: subject and preheader fit what a mailbox shows', (message) => {
    const mail = mailOf(message);
    expect(mail.subject.length).toBeLessThanOrEqual(70);
    expect(mail.subject).toContain(SENDER.name);
    expect(widthOf(preheaderOf(mail))).toBeGreaterThanOrEqual(40);
    expect(widthOf(preheaderOf(mail))).toBeLessThanOrEqual(110);
  });

  test.each(MESSAGES.filter((message) => message !== 'recovered'))(
    '%s: the page of the button stands in both parts',
    (message) => {
      const { html, text } = mailOf(message);
      expect(html.match(/class="button"/g)).toHaveLength(1);
      for (const part of [html, text]) expect(part).toContain('https://pay.example.com/p/sample');
      expect(mailOf(message, 'no-page').html).not.toContain('class="button"');
    },
  );

  test('no try is named that will not come, and the end of a plan only when it ends', () => {
    const next = mailOf('payment-failed').text;
    const none = mailOf('payment-failed', 'no-next-try').text;
    expect(next).toMatch(/16/);
    expect(none).not.toMatch(/16/);
    expect(mailOf('final-notice', 'plan-ends').text.length).toBeGreaterThan(
      mailOf('final-notice').text.length,
    );
    for (const message of ['cancelled', 'win-back', 'final-notice', 'recovered'] as const) {
      expect(mailOf(message).text).toBe(mailOf(message, 'no-next-try').text);
    }
  });

  test('who may be taken off such mails finds where, in both parts and for the headers', () => {
    const url = 'https://mail.example.com/u/abc';
    const mail = mailOf('win-back', 'unsubscribe');
    for (const part of [mail.html, mail.text]) expect(part).toContain(url);
    expect(mail.unsubscribeUrl).toBe(url);
    expect(mailOf('win-back')).not.toHaveProperty('unsubscribeUrl');
  });
});

test.each(others)('%s says nothing as English does, but what is spelled alike', (language) => {
  const same = Object.entries(templates.catalogues[language] ?? {}).flatMap(([section, words]) =>
    Object.entries(words).flatMap(([key, entry]) =>
      JSON.stringify(entry) === JSON.stringify(english[section]?.[key]) ? [`${section}.${key}`] : [],
    ),
  );
  expect(same.filter((name) => !['shared.labelled', 'shared.total'].includes(name))).toEqual([]);
});

/** A language in which every text is its own name in brackets, with its values. */
const marked = (): Catalogue => {
  const mark = (name: string, text: string): string =>
    `⟦${name} ${[...new Set(text.match(/\{\{.*?\}\}/g) ?? [])].join(' ')}⟧`;
  const ofWords = (name: string, words: Words): Words =>
    typeof words === 'string'
      ? mark(name, words)
      : Object.fromEntries(Object.entries(words).map(([form, text]) => [form, mark(name, text)]));
  return Object.fromEntries(
    Object.entries(english).map(([section, entries]) => [
      section,
      Object.fromEntries(
        Object.entries(entries).map(([key, words]) => [key, ofWords(`${section}.${key}`, words)]),
      ),
    ]),
  );
};

describe('a language of marks', () => {
  const pseudo = createComposer({ ...templates, catalogues: { en: marked() } });
  const mails = MESSAGES.flatMap((message) =>
    SCENARIO_NAMES.map((scenario) =>
      pseudo(sampleRequest({ message, language: 'en', scenario, sender: SENDER })),
    ),
  );
  const partsOf = (mail: Mail): string[] => [mail.subject, preheaderOf(mail), wordsOf(mail.html), mail.text];

  test('no letter that a reader sees stands outside of the catalogue, but names, amounts and addresses', () => {
    for (const mail of mails.filter(({ from }) => from.name === SENDER.name)) {
      for (const part of partsOf(mail)) {
        let rest = part
          .replaceAll(/https:\S+/g, '')
          .replaceAll(SENDER.name, '')
          .replaceAll(/KWD|CHF/g, '');
        for (let last = ''; last !== rest;) {
          last = rest;
          rest = rest.replaceAll(/⟦[^⟦⟧]*⟧/g, '');
        }
        expect(rest).not.toMatch(/\p{L}/u);
      }
    }
  });

  test('no words stand there for nothing: some mail says each of them', () => {
    const said = new Set(mails.flatMap(partsOf).flatMap((part) => part.match(/(?<=⟦)[a-z-]+\.\w+/g) ?? []));
    const names = Object.entries(english).flatMap(([section, words]) =>
      Object.keys(words).map((key) => `${section}.${key}`),
    );
    expect(names.filter((name) => !said.has(name))).toEqual([]);
  });
});
