// The finance page as it is built: small, in one place, and nothing that its policy would have to forbid.
import { beforeAll, expect, test } from 'vitest';
import { createValidator, PAGE_RULES } from '../../support/html-validator.ts';
import { buildFinancePage, firstBytes, type FinancePage } from '../../../scripts/finance-page.ts';

/** What a first look may fetch, compressed: html, style, scripts and the words of one language. */
const MOST_BYTES = 120_000;

let page: FinancePage;
beforeAll(async () => {
  page = await buildFinancePage();
}, 60_000);

const text = (name: string): string => Buffer.from(page.files.get(name) ?? '').toString('utf8');
const named = (ending: string): string[] => [...page.files.keys()].filter((name) => name.endsWith(ending));

test('a first look fetches less than 120 KB', () => {
  for (const part of ['index.html', 'words-en', 'overview']) {
    expect(page.first.some((name) => name.includes(part))).toBe(true);
  }
  expect(page.first.some((name) => /sign-in|words-de/.test(name))).toBe(false);
  expect(firstBytes(page)).toBeLessThan(MOST_BYTES);
});

test('its HTML is as the standard has it', () => {
  // Vite writes some tags and the formatter others; all files come from where the page comes from.
  const faultsIn = createValidator({ ...PAGE_RULES, 'void-style': 'off', 'require-sri': 'off' });
  expect(faultsIn(text('index.html'))).toEqual([]);
});

test('nothing is inline, and nothing comes from elsewhere', () => {
  const html = text('index.html');
  expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/);
  expect([...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, to]) => to)).toSatisfy((all: string[]) =>
    all.every((to) => to.startsWith('./assets/')),
  );
  for (const name of named('.css')) expect(text(name)).not.toMatch(/url\(|@import/);
});

test('every file but the first has its content in its name', () => {
  const others = [...page.files.keys()].filter((name) => name !== 'index.html');
  for (const name of others) expect(name).toMatch(/^assets\/[\w.-]+-[\w-]{8}\.(js|css|svg)$/);
});
