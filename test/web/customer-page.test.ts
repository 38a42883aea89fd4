// The customer's page as a reader gets it: every state in every language, small, without a script, and fit to be read.
import { describe, expect, test } from 'vitest';
import { LANGUAGES } from '../../core/ports.ts';
import { MAX_ANSWER_TEXT, MAX_PROMISE_DAYS } from '../../core/recovery/answers.ts';
import type { PageView } from '../../core/workflows/customer-page.ts';
import { customerPage } from '../../web/customer-page/page.ts';
import { COLOURS, STYLE } from '../../web/customer-page/style.ts';
import { PAGE_LANGUAGES, pageLanguage, WORDS } from '../../web/customer-page/words.ts';
import { at } from '../support/customers.ts';
import { everyPage, invoice, OPEN, PATH, settingOf } from '../support/page-states.ts';

const valuesOf = (html: string, attribute: string): string[] =>
  [...html.matchAll(new RegExp(`\\s${attribute}="([^"]*)"`, 'g'))].map(([, value = '']) => value);

describe.each(PAGE_LANGUAGES)('in %s, every state', (language) => {
  const pages = everyPage(language).map(({ html }) => html);

  test('is under 15 KB', () => {
    expect(Math.max(...pages.map((html) => Buffer.byteLength(html)))).toBeLessThan(15_000);
  });

  test('runs nothing and loads nothing', () => {
    for (const html of pages) {
      expect(html).not.toMatch(/<script|<img|<link|<iframe|\son\w+=|javascript:|url\(|@import|\sstyle=/i);
    }
  });

  test('names its language, its title, its one heading and its landmarks', () => {
    for (const html of pages) {
      expect(html).toContain(`<html lang="${language}">`);
      for (const tag of ['title', 'header', 'main', 'h1', 'footer']) {
        expect(html.match(new RegExp(`<${tag}[ >]`, 'g'))).toHaveLength(1);
      }
      expect(html).toMatch(/<title>[^<]{3,}<\/title>/);
    }
  });

  test('labels every field, and refers to nothing that is not there', () => {
    for (const html of pages) {
      const ids = valuesOf(html, 'id');
      expect(new Set(ids).size).toBe(ids.length);
      for (const attribute of ['for', 'aria-labelledby', 'aria-describedby']) {
        for (const id of valuesOf(html, attribute)) expect(ids).toContain(id);
      }
      const fields = [...html.matchAll(/<(?:input type="date"|textarea)[^>]*\sid="([^"]+)"/g)];
      for (const [, id] of fields) expect(valuesOf(html, 'for')).toContain(id);
      const radios = html.match(/<input type="radio"/g)?.length ?? 0;
      expect(html.match(/<label class="choice"><input type="radio"/g)?.length ?? 0).toBe(radios);
      expect(html).not.toMatch(/<button[^>]*><\/button>/);
    }
  });

  test('leaves no value unfilled and has every word', () => {
    for (const html of pages) expect(html).not.toMatch(/\{\w+\}|undefined|<bdi><\/bdi>/);
    expect(Object.keys(WORDS[language])).toEqual(Object.keys(WORDS.en));
    for (const [key, text] of Object.entries(WORDS[language])) {
      const values = (words: string) => (words.match(/\{\w+\}/g) ?? []).toSorted();
      expect(values(text)).toEqual(values(WORDS.en[key as keyof typeof WORDS.en]));
      expect(text.trim()).toBe(text);
      expect(text.length).toBeGreaterThan(0);
    }
  });

  test('says the limits as they are', () => {
    expect(WORDS[language].day_hint).toContain(String(MAX_PROMISE_DAYS));
    expect(WORDS[language]['told_not-a-day']).toContain(String(MAX_PROMISE_DAYS));
    expect(WORDS[language].text_hint).toContain(String(MAX_ANSWER_TEXT));
  });
});

test('every word of a language is its own: none is left in English', () => {
  for (const language of PAGE_LANGUAGES.filter((one) => one !== 'en')) {
    const same = Object.entries(WORDS[language]).filter(
      ([key, text]) => text === WORDS.en[key as keyof typeof WORDS.en] && text !== 'Total',
    );
    expect(same).toEqual([]);
  }
});

test('the page speaks every language that mails are written in', () => {
  for (const language of LANGUAGES) expect(PAGE_LANGUAGES).toContain(language);
});

test('hostile text comes out as text', () => {
  const evil = `"><script>alert('1')</script>{company}`;
  const setting = { ...settingOf('en'), company: evil, support: evil };
  const view: PageView = {
    ...OPEN,
    owed: [{ ...invoice('1', 1), number: evil, invoiceId: evil }],
    cardLast4: evil,
  };
  const html = customerPage(setting, view, `/c/${evil}`, null);
  expect(html).not.toContain('<script');
  expect(html).not.toContain(`"1'`);
  expect(html).toContain('&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;{company}');
});

test('an amount is written as the currency has it', () => {
  const html = customerPage(settingOf('ja'), { ...OPEN, owed: [invoice('1', 5000, 'JPY')] }, PATH, null);
  expect(html).toContain('￥5,000');
});

test.each(PAGE_LANGUAGES)(
  'in %s a list that is cut says how many there are, and no other list does',
  (language) => {
    const owed = Array.from({ length: 21 }, (_, i) => invoice(`${100 + i}`, 4900));
    const pageOf = (count: number) =>
      customerPage(settingOf(language), { ...OPEN, owed: owed.slice(0, count) }, PATH, null);
    const said = WORDS[language].more_invoices.split(/\{\w+\}/)[0] as string;
    expect(pageOf(20)).not.toContain(said);
    const html = pageOf(21);
    const [told = ''] = new RegExp(`${said}.*`).exec(html) ?? [];
    expect((told.match(/\d+/g) ?? []).toSorted()).toEqual(['20', '21']);
    expect(html.match(/<th scope="row"><bdi>R-/g)).toHaveLength(20);
  },
);

test('in French the first of a month is counted', () => {
  const on = (date: string) => {
    const due = { ...invoice('1', 4900), date: at(date), timeZone: 'Europe/Paris' };
    const view: PageView = { kind: 'notice', locales: [], about: 'invoice_due', cardLast4: null, due };
    return customerPage(settingOf('fr'), view, PATH, null);
  };
  expect(on('2026-03-01T12:00Z')).toContain('1er\u00A0mars\u00A02026');
  expect(on('2026-03-11T12:00Z')).toContain('<bdi>11\u00A0mars\u00A02026');
});

test.each<[readonly string[], string, string, string]>([
  [['de-AT'], '', 'en', 'de'],
  [['zh-Hant-HK'], '', 'en', 'zh-TW'],
  [['zh_TW'], '', 'en', 'zh-TW'],
  [['zh'], '', 'en', 'zh-CN'],
  [['pt-PT'], '', 'en', 'pt-BR'],
  [['sv'], 'ja', 'en', 'ja'],
  [[], 'sv, fr;q=0.4, es;q=0.8', 'en', 'es'],
  [[], 'de;q=0', 'fr', 'fr'],
  [[], '*', 'xx', 'en'],
  [[], `${'x,'.repeat(5000)}de`, 'en', 'en'],
  [['constructor'], '__proto__', 'en', 'en'],
])(
  'who speaks %j, with a browser that asks for "%.20s", where %s is the policy’s, reads %s',
  (locales, accept, fallback, language) => {
    expect(pageLanguage(locales, accept, fallback)).toBe(language);
  },
);

describe('the colours', () => {
  const light = (hex: string): number => {
    const [r = 0, g = 0, b = 0] = [1, 3, 5]
      .map((i) => Number.parseInt(hex.slice(i, i + 2), 16) / 255)
      .map((c) => (c <= 0.040_45 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a: string, b: string): number => {
    const [dark = 0, bright = 0] = [light(a), light(b)].toSorted((x, y) => x - y);
    return (bright + 0.05) / (dark + 0.05);
  };

  test.each(['light', 'dark'] as const)('of the %s scheme can be read: 4.5 to 1 at least', (scheme) => {
    const { ground, sheet, told, ink, quiet, act, 'on-act': onAct } = COLOURS[scheme];
    for (const paper of [ground, sheet, told]) expect(contrast(ink, paper)).toBeGreaterThan(4.5);
    for (const text of [quiet, act]) {
      for (const paper of [ground, sheet]) expect(contrast(text, paper)).toBeGreaterThan(4.5);
    }
    expect(contrast(onAct, act)).toBeGreaterThan(4.5);
  });

  test('are all in the sheet', () => {
    for (const colours of Object.values(COLOURS)) {
      for (const colour of Object.values(colours)) expect(STYLE).toContain(colour);
    }
  });
});
