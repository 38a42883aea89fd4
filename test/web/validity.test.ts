// Every page that a customer can see is HTML as the standard has it: each state in each language passes a validator.
import { describe, expect, test } from 'vitest';
import { customerPage } from '../../web/customer-page/page.ts';
import { PAGE_LANGUAGES } from '../../web/customer-page/words.ts';
import { HOSTILE_TEXTS } from '../support/hostile-text.ts';
import { createValidator, markupOf, PAGE_RULES } from '../support/html-validator.ts';
import { everyPage, invoice, OPEN, PATH, settingOf } from '../support/page-states.ts';

const faultsIn = createValidator(PAGE_RULES);

describe('a validator finds nothing', () => {
  const known = new Set<string>();

  test.each(PAGE_LANGUAGES)('in any state of the page in %s', (language) => {
    for (const { name, html } of everyPage(language)) {
      const markup = markupOf(html);
      // Pages that differ in their words only are one to a validator.
      if (known.has(markup)) continue;
      known.add(markup);
      expect({ name, faults: faultsIn(html) }).toEqual({ name, faults: [] });
    }
  });

  test.each(Object.entries(HOSTILE_TEXTS))('in a page whose names are %s', (_, text) => {
    const setting = { ...settingOf('en'), company: text, support: text };
    const owed = [
      { ...invoice('1', 4900), number: text },
      { ...invoice('2', 4900), number: text },
    ];
    const html = customerPage(setting, { ...OPEN, owed, cardLast4: text }, PATH, null);
    expect(faultsIn(html)).toEqual([]);
    // Such a character would turn or hide the words around the name: an element does not hold it in.
    expect(html.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202A-\u202E\u2066-\u2069]/u);
  });
});

test('the validator would find a field without a label, a heading left out and an id that is there twice', () => {
  const html = customerPage(settingOf('en'), OPEN, PATH, null);
  const rulesOf = (text: string) => faultsIn(text).map((fault) => fault.split(' ')[0]);
  expect(rulesOf(html.replace('<label for="day">', '<label>'))).toContain('input-missing-label');
  expect(rulesOf(html.replaceAll('h2', 'h3'))).toContain('heading-level');
  expect(rulesOf(html.replace('id="text"', 'id="day"'))).toContain('no-dup-id');
});
