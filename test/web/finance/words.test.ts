// The words of the finance page: every language says all that English says, with the same values in it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LANGUAGES as MAIL_LANGUAGES, MESSAGES } from '../../../core/ports.ts';
import { ANSWER_KINDS, CAUSES, FAILURE_KINDS } from '../../../core/recovery/customer.ts';
import { DECLINE_CLASSES } from '../../../core/recovery/decline.ts';
import { REQUEST_KINDS } from '../../../core/reports/cost.ts';
import { DIMENSIONS, NO_MAIL, UNKNOWN } from '../../../core/reports/tally.ts';
import { ROUTES } from '../../../functions/finance-api.ts';
import { PROBLEM_CODES, RULE_CODES } from '../../../functions/finance/codes.ts';
import { FILTERS } from '../../../web/finance/filters.ts';
import { LANGUAGES } from '../../../web/finance/language.ts';
import { categoryOf, type Catalogue } from '../../../web/finance/message.ts';

const ROOT = join(import.meta.dirname, '../../../web/finance');
const FOLDER = join(ROOT, 'words');

const filesOf = (language: string): string[] => readdirSync(join(FOLDER, language)).toSorted();
const read = (language: string, file: string): Catalogue =>
  JSON.parse(readFileSync(join(FOLDER, language, file), 'utf8')) as Catalogue;

const CATEGORY = /_(zero|one|two|few|many|other)$/;
const baseOf = (name: string): string => name.replace(CATEGORY, '');
const valuesIn = (text: string): string[] =>
  [...new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? ''))].toSorted();

/** The values that a message takes, by its name without its plural category. */
const messagesOf = (catalogue: Catalogue): Record<string, string[]> => {
  const found: Record<string, Set<string>> = {};
  for (const [name, text] of Object.entries(catalogue)) {
    const values = (found[baseOf(name)] ??= new Set());
    for (const value of valuesIn(text)) values.add(value);
  }
  return Object.fromEntries(
    Object.entries(found)
      .map(([name, values]) => [name, [...values].toSorted()] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
};

/** Categories that whole counts up to a thousand can have. */
const categoriesOf = (language: string): string[] => [
  ...new Set(Array.from({ length: 1000 }, (_, n) => categoryOf(language, n))),
];

test('there are words for every language that mails are written in', () => {
  expect(Object.keys(LANGUAGES).toSorted()).toEqual([...MAIL_LANGUAGES].toSorted());
  expect(readdirSync(FOLDER).toSorted()).toEqual(Object.keys(LANGUAGES).toSorted());
});

describe.each(Object.keys(LANGUAGES))('%s', (language) => {
  test('has every file', () => {
    expect(filesOf(language)).toEqual(filesOf('en'));
  });

  test.each(filesOf('en'))('%s says the same with the same values', (file) => {
    const catalogue = read(language, file);
    expect(messagesOf(catalogue)).toEqual(messagesOf(read('en', file)));
    for (const [name, text] of Object.entries(catalogue)) {
      expect([name, text.trim()]).toEqual([name, text]);
      expect(text).not.toBe('');
    }
  });

  test.each(filesOf('en'))('%s has a text for every plural category of the language', (file) => {
    const catalogue = read(language, file);
    const counted = new Set(
      Object.keys(catalogue)
        .filter((name) => CATEGORY.test(name))
        .map(baseOf),
    );
    for (const base of counted) {
      for (const category of [...categoriesOf(language), 'other']) {
        expect(Object.keys(catalogue)).toContain(`${base}_${category}`);
      }
    }
  });
});

describe('codes have names', () => {
  const names = Object.keys(read('en', 'names.json'));
  test.each([
    ['cause', CAUSES],
    ['decline', DECLINE_CLASSES],
    ['kind', FAILURE_KINDS],
    ['answer', ANSWER_KINDS],
    ['filter', FILTERS],
    ['message', MESSAGES],
    ['request', REQUEST_KINDS],
    ['other', [UNKNOWN, NO_MAIL]],
  ] as const)('of %s', (group, codes) => {
    expect(names).toEqual(expect.arrayContaining(codes.map((code) => `${group}.${code}`)));
  });

  test('the filters of the page are the dimensions of a report, and the currency', () => {
    expect([...FILTERS].toSorted()).toEqual(['currency', ...DIMENSIONS].toSorted());
  });
});

describe('problems of the API have words', () => {
  const words = Object.keys(read('en', 'problems.json'));
  const without = (names: readonly string[]): string[] => names.filter((name) => !words.includes(name));

  test('each by its code', () => {
    expect(without(PROBLEM_CODES)).toEqual([]);
  });

  test('each rule that a field can break', () => {
    expect(without(RULE_CODES.map((code) => `rule_${code}`))).toEqual([]);
  });

  test('each field that can be asked for, and what has none', () => {
    const asked = Object.values(ROUTES).flatMap(({ query, parts, body }) => [
      ...Object.keys(query),
      ...parts,
      ...Object.keys(body?.entries ?? {}),
    ]);
    const filters: readonly string[] = FILTERS;
    const fields = [...new Set([...asked, 'query', 'path', 'body'])].filter(
      (name) => !filters.includes(name),
    );
    expect(fields.length).toBeGreaterThan(15);
    expect(without(fields.map((name) => `field_${name}`))).toEqual([]);
  });

  test('and nothing has that is no code any more', () => {
    const known = new Set<string>([...PROBLEM_CODES, ...RULE_CODES.map((code) => `rule_${code}`)]);
    const others = words.filter((name) => !known.has(name) && !name.startsWith('field_'));
    expect(others.toSorted()).toEqual(['fault', 'leave_out']);
  });
});

test('every view of the registry has a name in the menu, and words of its own', () => {
  const registry = readFileSync(join(ROOT, 'views/index.ts'), 'utf8');
  const views = [...registry.matchAll(/\{ name: '([\w-]+)'/g)].map(([, name]) => name ?? '');
  expect(views).toContain('overview');
  for (const view of views) {
    expect(Object.keys(read('en', 'shell.json'))).toContain(`view_${view}`);
    expect(filesOf('en')).toContain(`${view}.json`);
  }
});
