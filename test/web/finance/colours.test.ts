// The colours of the finance page: text and pictures can be told from what they stand on, light and dark alike.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const TOKENS = readFileSync(join(import.meta.dirname, '../../../web/finance/style/tokens.css'), 'utf8');

const blockAfter = (selector: string): Record<string, string> => {
  const from = TOKENS.indexOf(selector);
  const text = TOKENS.slice(from, TOKENS.indexOf('}', from));
  return Object.fromEntries(
    [...text.matchAll(/--([\w-]+): (#[0-9a-f]{6})/g)].map(([, name, hex]) => [name, hex]),
  );
};

const THEMES = {
  light: blockAfter(':root {'),
  'dark by the system': blockAfter(":root:not([data-theme='light'])"),
  'dark by choice': blockAfter(":root[data-theme='dark']"),
};

/** Relative luminance: WCAG 2.2. */
const luminance = (hex: string): number => {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((i) => Number.parseInt(hex.slice(i, i + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};

const contrast = (a: string, b: string): number => {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].toSorted((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
};

const GROUNDS = ['ground', 'side', 'sheet', 'sunken', 'hover'];
const TEXTS: readonly (readonly [text: string, on: readonly string[]])[] = [
  ['ink', GROUNDS],
  ['soft', GROUNDS],
  ['link', [...GROUNDS, 'accent-soft']],
  ['wrong', ['sheet', 'wrong-soft']],
  ['note', ['note-soft']],
  ['accent-ink', ['accent']],
  ['soft', ['wrong-soft']],
  ...['recovered', 'lost', 'withdrawn', 'open'].map(
    (name) => [`${name}-ink`, [`${name}-soft`, 'sheet']] as const,
  ),
];

describe.each(Object.entries(THEMES))('%s', (_, colours) => {
  const of = (name: string): string => {
    const found = colours[name];
    if (found === undefined) throw new Error(`there is no colour "${name}"`);
    return found;
  };

  test('every text has a contrast of 4.5 to 1', () => {
    for (const [text, grounds] of TEXTS) {
      for (const ground of grounds) {
        expect({ text, ground, contrast: contrast(of(text), of(ground)) }).toMatchObject({
          contrast: expect.toSatisfy((n: number) => n >= 4.5),
        });
      }
    }
  });

  test('every picture has a contrast of 3 to 1', () => {
    for (const picture of ['recovered', 'lost', 'withdrawn', 'open', 'reversed', 'accent']) {
      expect({ picture, contrast: contrast(of(picture), of('sheet')) }).toMatchObject({
        contrast: expect.toSatisfy((n: number) => n >= 3),
      });
    }
  });
});

test('dark is the same by the system and by choice', () => {
  expect(THEMES['dark by choice']).toEqual(THEMES['dark by the system']);
  expect(Object.keys(THEMES['dark by choice']).toSorted()).toEqual(Object.keys(THEMES.light).toSorted());
});
