// Holds what foreign text may look like in a mail.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  headerName,
  inertLast4,
  inertName,
  inertNumber,
  MAX_NAME,
  oneLine,
  safeUrl,
  shorten,
} from '../../../adapters/email/inert.ts';
import { anyCharacter } from '../../support/characters.ts';

const graphemesOf = (text: string): number => [...new Intl.Segmenter('en').segment(text)].length;

describe('a name that a person could have is shown as it is', () => {
  test.each([
    'Anna Berg',
    "O'Brien & Söhne",
    'Dr. J.R.R. Tolkien',
    'c/o Smith, Flat 12',
    'John "Jack" Doe',
    '李小龍',
    'محمد بن سلمان',
    'Παπαδόπουλος',
    'Anna 🎉',
    'Studio 54',
    'नरेन्द्र',
  ])('%s', (name) => expect(inertName(name)).toBe(name));
});

describe('a name that a mail program would make a link of, or that is no name, is not shown', () => {
  test.each([
    'http://evil.example/pay',
    'see https://evil.example',
    'evil.example',
    'www.evil.example',
    'Pay at evil。com',
    'evil．com now',
    'bit.ly/x1',
    'mailto:a',
    'javascript:alert(1)',
    'a@b.example',
    'a＠b',
    '//evil',
    '192.168.1.1/pay',
    'Call +1 900…',
    'Call 0900 555 0199',
    'Call ٠٩٠٠٥٥٥',
    '<script>alert(1)</script>',
    '&lt;b&gt;',
    '&#60;b',
    '{{7*7}}',
    '{% if %}',
    '[click](x)',
    '`x`',
    '" onload="alert(1)',
    'ev\u200Bil.exam\u00ADple',
    '',
    '   ',
    '\u2800',
    '\u202E\u200B',
    '!!!',
    '12345',
  ])('%j', (name) => expect(inertName(name)).toBeNull());

  test('null stays null', () => expect(inertName(null)).toBeNull());
});

describe('a name is one line of visible text', () => {
  test.each([
    ['Anna\r\nBcc: x', 'Anna Bcc: x'],
    ['  Anna \t Berg ', 'Anna Berg'],
    ['Anna\u2028Berg', 'Anna Berg'],
    ['\u202Egreb\u202C Anna', 'greb Anna'],
    ['A\u200Bn\u200Dn\uFEFFa', 'Anna'],
    ['A\u0000nna', 'A nna'],
    ['Jose\u0301', 'José'],
    ['e\u200D\u0301a', 'éa'],
    ['\uD800Anna', 'Anna'],
    ['\u{E0041}Anna', 'Anna'],
    [`Z${'\u0335'.repeat(50)}o`, `Z${'\u0335'.repeat(4)}o`],
  ])('%j is %j', (text, shown) => expect(inertName(text)).toBe(shown));

  test('300 characters come out as 60 at most, with an ellipsis', () => {
    expect(inertName('n'.repeat(300))).toBe(`${'n'.repeat(MAX_NAME - 1)}…`);
    expect(inertName('n'.repeat(MAX_NAME))).toBe('n'.repeat(MAX_NAME));
    expect(inertName('word '.repeat(60))).toMatch(/^(word )+word…$/);
  });

  test('a megabyte is no harder than a line', () => {
    const started = performance.now();
    expect(inertName('Anna '.repeat(200_000))).toMatch(/^Anna/);
    expect(performance.now() - started).toBeLessThan(200);
  });

  test('whatever comes in, what is shown is short, visible, composed and stable', () => {
    const text = fc.oneof(fc.string({ unit: anyCharacter }), fc.string({ unit: 'grapheme', maxLength: 200 }));
    fc.assert(
      fc.property(text, (raw) => {
        const name = inertName(raw);
        if (name === null) return;
        expect(graphemesOf(name)).toBeLessThanOrEqual(MAX_NAME);
        expect(name).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}<>{}@\\]|\/\//u);
        expect(name).toBe(name.normalize('NFC'));
        expect(inertName(name)).toBe(name);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('an invoice number shows only what cannot be anything else', () => {
  test.each(['R-1001', 'INV/2026.001', '#42', 'A_1 b', '20260001234'])('%s is shown', (number) =>
    expect(inertNumber(number)).toBe(number),
  );
  test.each([
    null,
    '',
    ' ',
    '---',
    'evil.example',
    'evil.example/pay',
    'https://x',
    '<b>',
    'R\n1',
    'R–1',
    '１',
    '1.2.3.4',
    'R'.repeat(41),
  ])('%j is not', (number) => expect(inertNumber(number)).toBeNull());
});

describe('only a plain https address becomes a link', () => {
  test.each([
    ['https://pay.example/i/1?a=b&c=d', 'https://pay.example/i/1?a=b&c=d'],
    ['https://pay.example/"><script>', 'https://pay.example/%22%3E%3Cscript%3E'],
    ['HTTPS://Pay.Example', 'https://pay.example/'],
  ])('%s', (text, url) => expect(safeUrl(text)).toBe(url));

  test.each([
    null,
    '',
    'http://pay.example',
    'javascript:alert(1)',
    'data:text/html,x',
    '/pay',
    'pay.example',
    'https://user:pass@pay.example',
    'https://paypal.example@evil.example',
    'https://',
    'https://pay.example/a b',
    'https://pay.example/\r\nBcc: x',
    `https://pay.example/${'a'.repeat(2048)}`,
    `https://pay.example/${'ü'.repeat(1000)}`,
  ])('%j is none', (text) => expect(safeUrl(text)).toBeNull());
});

test('the last four digits are four digits', () => {
  expect(inertLast4('4242')).toBe('4242');
  for (const text of [null, '', '424', '42424', '42a2', '٤٢٤٢', '4242\n'])
    expect(inertLast4(text)).toBeNull();
});

test("a sender's name cannot end its header", () => {
  expect(headerName('Acme\r\nBcc: all@evil.example')).toBe('Acme Bcc: all@evil.example');
  expect(headerName('Acme "Best" <a@b.example>\\')).toBe('Acme Best a@b.example');
  expect(headerName('Acme, Inc. & Söhne')).toBe('Acme, Inc. & Söhne');
});

test('cutting never splits a grapheme', () => {
  expect(shorten('👩‍🚀👩‍🚀👩‍🚀', 2)).toBe('👩‍🚀…');
  expect(shorten('abc', 3)).toBe('abc');
  expect(shorten('👍🏽👍🏽👍🏽', 9, (g) => g.length)).toBe('👍🏽👍🏽…');
  expect(oneLine('a\u0085b')).toBe('a b');
});
