// Holds that a folder of emails that does not fit is refused at once, with the file and the key named.
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createCompiler } from '../../../adapters/email/liquid.ts';
import { createComposer } from '../../../adapters/email/render.ts';
import { requireTexts, TemplateError } from '../../../adapters/email/templates.ts';
import { EMAILS, loadEmails } from '../../../local/emails.ts';
import { LANGUAGES, MESSAGES } from '../../../core/ports.ts';
import { aMailRequest } from '../../support/mails.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'emails-'));
  cpSync(EMAILS, dir, { recursive: true });
});
afterEach(() => rmSync(dir, { recursive: true }));

type Edit = Record<string, Record<string, unknown>>;
const editWords = (edit: (words: Edit) => void, file = 'en.json'): void => {
  const from = existsSync(join(dir, file)) ? file : 'en.json';
  const words = JSON.parse(readFileSync(join(dir, from), 'utf8')) as Edit;
  edit(words);
  writeFileSync(join(dir, file), JSON.stringify(words));
};
const setWords = (section: string, key: string, text: unknown, file?: string): void =>
  editWords((words) => {
    words[section] = { ...words[section], [key]: text };
  }, file);
const editLayout = (from: string, to: string): void => {
  const file = join(dir, 'layout.mjml');
  writeFileSync(file, readFileSync(file, 'utf8').replace(from, to));
};
const start = (): unknown => createComposer(loadEmails(dir));
const refusal = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(TemplateError);
    return error instanceof Error ? error.message : '';
  }
  throw new Error('nothing was refused');
};

const EN = JSON.parse(readFileSync(join(EMAILS, 'en.json'), 'utf8')) as Edit;
const keys = Object.entries(EN).flatMap(([section, words]) =>
  Object.keys(words).map((key) => [section, key] as const),
);

describe('a key that is missing is named with its file', () => {
  // These are said by `shared` when the message has none of its own.
  const replaceable = new Set(Object.keys(EN['shared'] ?? {}));
  const needed = keys.filter(([section, key]) => section === 'shared' || !replaceable.has(key));

  test.each(needed)('%s.%s', (section, key) => {
    editWords((words) => delete words[section]?.[key]);
    const message = refusal(start);
    expect(message).toMatch(/^en\.json: /);
    expect(message).toContain(`.${key}" is missing`);
    expect(message).toContain(section === 'shared' ? `"shared.${key}"` : `"${section}.${key}"`);
  });

  test('in another language too', () => {
    editWords((words) => delete words['reminder']?.['heading'], 'nl.json');
    expect(refusal(start)).toMatch(/^nl\.json: "reminder\.heading" is missing/);
  });

  test('a key that only the outline names', () => {
    writeFileSync(join(dir, 'reminder.liquid'), '{% if name %}greeting_named{% else %}gretting{% endif %}\n');
    expect(refusal(start)).toMatch(/^en\.json: "reminder\.gretting" is missing/);
  });
});

describe('a file that is missing or broken is named', () => {
  test.each([
    ...MESSAGES.map((message) => `${message}.liquid`),
    'layout.mjml',
    'layout.text.liquid',
    'en.json',
  ])('without %s nothing starts', (file) => {
    rmSync(join(dir, file));
    expect(refusal(start)).toMatch(new RegExp(`^${file.replaceAll('.', String.raw`\.`)} `));
  });

  test('no folder at all', () => expect(refusal(() => loadEmails(join(dir, 'none')))).toContain('none'));

  test.each([
    ['{ "shared": ', /^en\.json is not valid JSON/],
    ['[]', /^en\.json must be an object/],
    ['{ "shared": "x" }', /^en\.json: section "shared"/],
  ])('en.json holding %s', (source, message) => {
    writeFileSync(join(dir, 'en.json'), source);
    expect(refusal(start)).toMatch(message);
  });

  test('a catalogue that is named after no language', () => {
    writeFileSync(join(dir, 'English words.json'), '{}');
    expect(refusal(start)).toMatch(/^English words\.json must be named after a language/);
  });
});

describe('words that do not fit are refused', () => {
  test.each([
    [
      'reminder',
      'open',
      'Dear {{ customerName }}',
      /^en\.json: "reminder\.open": unknown variable "customerName"/,
    ],
    ['reminder', 'subject', 'Dear {{ name }}', /^en\.json: "reminder\.subject": unknown variable "name"/],
    ['reminder', 'heading', '{{ amounts }}', /^en\.json: "reminder\.heading": unknown variable "amounts"/],
    ['reminder', 'open', '{{ name | raw }}', /^en\.json: "reminder\.open": undefined filter: raw/],
    ['reminder', 'open', '{{ name | nothing }}', /^en\.json: "reminder\.open": undefined filter: nothing/],
    ['reminder', 'open', '{{ name', /^en\.json: "reminder\.open": output .* not closed/],
    ['reminder', 'open', '{% include "x" %}', /^en\.json: "reminder\.open": tag "include" not found/],
    ['reminder', 'open', 'Pay <b>now</b>', /^en\.json: "reminder\.open" holds markup/],
    ['reminder', 'open', '', /^en\.json: "reminder\.open" is empty/],
    ['reminder', 'open', { one: 'x' }, /^en\.json: "reminder\.open" must be a text/],
    ['reminder', 'open', { other: 'x', lots: 'y' }, /^en\.json: "reminder\.open" must be a text/],
    ['reminder', 'open', 7, /^en\.json: "reminder\.open" must be a text/],
  ])('%s.%s: %j', (section, key, text, message) => {
    setWords(section, key, text);
    expect(refusal(start)).toMatch(message);
  });

  test('a subject with amounts needs one without', () => {
    setWords('update-card', 'subject', 'Your card and {{ amounts }}');
    expect(refusal(start)).toMatch(/^en\.json: "update-card\.subject_short" is missing/);
  });

  test('an outline that is not a list of keys', () => {
    writeFileSync(join(dir, 'reminder.liquid'), 'greeting\nHello there!\n');
    expect(refusal(start)).toMatch(/^reminder\.liquid: "Hello there!" is not the key/);
  });

  test('an outline or layout that asks for what there is not', () => {
    writeFileSync(join(dir, 'reminder.liquid'), '{% if vip %}greeting{% endif %}\n');
    expect(refusal(start)).toMatch(/^reminder\.liquid: unknown variable "vip"/);
    cpSync(join(EMAILS, 'reminder.liquid'), join(dir, 'reminder.liquid'));
    editLayout('{{ heading }}', '{{ customerName }}');
    expect(refusal(start)).toMatch(/^layout\.mjml: unknown variable "customerName"/);
  });

  test('a layout that is no MJML is refused with its line, and so is one whose Liquid is not closed', () => {
    editLayout('<mj-text css-class="ink" padding="0 0 20px">', '<mj-text colour="red">');
    expect(refusal(start)).toMatch(/^layout\.mjml cannot be compiled: line \d+: .*colour/);
    cpSync(join(EMAILS, 'layout.mjml'), join(dir, 'layout.mjml'));
    editLayout('{% endcase %}', '');
    expect(refusal(start)).toMatch(/^layout\.mjml: /);
  });

  test('a promise without its date is an error, not a gap', () => {
    writeFileSync(join(dir, 'reminder.liquid'), 'greeting\nnext_try\nhelp\n');
    const compose = createComposer(loadEmails(dir));
    expect(compose(aMailRequest({ message: 'reminder' })).text).toContain('again on March 16');
    const request = aMailRequest({ message: 'reminder', nextAttemptAt: null });
    expect(refusal(() => compose(request))).toMatch(
      /^en\.json: "shared\.next_try": undefined variable: nextAttempt/,
    );
  });

  test('a button in a mail of thanks has no page to go to', () => {
    writeFileSync(join(dir, 'recovered.liquid'), 'thanks\nbutton\n');
    for (const language of LANGUAGES) setWords('recovered', 'button', 'Buy more', `${language}.json`);
    const mail = createComposer(loadEmails(dir))(aMailRequest({ message: 'recovered' }));
    expect(mail.html).not.toContain('Buy more');
  });
});

describe('the plural form is the language’s own', () => {
  test('one and other by the number of invoices', () => {
    setWords('reminder', 'open_card', { one: 'a single {{ last4 }}', other: 'more than one {{ last4 }}' });
    const compose = createComposer(loadEmails(dir));
    const request = aMailRequest({ message: 'reminder' });
    expect(compose(request).text).toContain('a single 4242');
    const two = { ...request, invoices: [...request.invoices, ...request.invoices] };
    expect(compose(two).text).toContain('more than one 4242');
  });
});

describe('another text of a message', () => {
  const short = (file?: string): void => setWords('reminder.short', 'heading', 'Still open', file);
  const REQUEST = aMailRequest({ message: 'reminder.short' });

  test('has words of its own, and for all else those of its message', () => {
    short();
    setWords('reminder.short', 'subject', 'Open: {{ amounts }}');
    const compose = createComposer(loadEmails(dir));
    const [mail, usual] = [compose(REQUEST), compose(aMailRequest({ message: 'reminder' }))];
    expect(mail).toMatchObject({ message: 'reminder.short', subject: 'Open: €49.00' });
    expect(mail.html).toMatch(/<h1 [^>]*>Still open<\/h1>/);
    expect(usual.html).not.toMatch(/<h1 [^>]*>Still open<\/h1>/);
    expect(mail.text.split('\n').at(-1)).toBe(usual.text.split('\n').at(-1));
    expect(mail.text).toContain('A short reminder');
  });

  test('says something else by a file of its own, whose words have to be in every language', () => {
    short();
    writeFileSync(join(dir, 'reminder.short.liquid'), 'greeting\nbrief\nbutton\n');
    expect(refusal(start)).toMatch(/^en\.json: "reminder\.short\.brief" is missing/);
    setWords('reminder.short', 'brief', 'Just this: {{ company }}.');
    expect(refusal(start)).toMatch(/^[a-zA-Z-]+\.json: "reminder\.short\.brief" is missing/);
    for (const language of LANGUAGES) setWords('reminder.short', 'brief', 'Just this.', `${language}.json`);
    const { text } = createComposer(loadEmails(dir))(REQUEST);
    expect(text).toContain('Just this.');
    expect(text).not.toContain('A short reminder');
  });

  test('in a language without words of its own says what its message says there', () => {
    short();
    const compose = createComposer(loadEmails(dir));
    const german = { ...REQUEST, language: 'de' };
    expect(compose(german).subject).toBe(compose({ ...german, message: 'reminder' }).subject);
    expect(compose(german)).toMatchObject({ language: 'de', message: 'reminder.short' });
  });

  test('in another language holds no value that English does not have there', () => {
    short();
    setWords('reminder.short', 'heading', '{{ last4 }}', 'de.json');
    expect(refusal(start)).toMatch(/^de\.json: "reminder\.short\.heading"/);
  });

  test('with amounts in its subject needs one without, be it that of its message', () => {
    setWords('update-card.x', 'subject', 'Your card and {{ amounts }}');
    expect(refusal(start)).toMatch(/^en\.json: "update-card\.x\.subject_short" is missing/);
    rmSync(join(dir, 'en.json'));
    cpSync(join(EMAILS, 'en.json'), join(dir, 'en.json'));
    setWords('reminder.x', 'subject', 'Open: {{ amounts }}');
    expect(start).not.toThrow();
  });

  test.each([
    'reminder.',
    'reminder.Short',
    'reminder.a.b',
    'reminders.short',
    '.short',
    'reminder.../x',
    'reminder.a b',
  ])('cannot be called %j', (section) => {
    setWords(section, 'heading', 'x');
    expect(refusal(start)).toMatch(
      /^en\.json: section ".*" must be a message and a name, as in reminder\.short/,
    );
  });

  test('that the policy sends and nobody has written is refused, with where it belongs', () => {
    const shipped = loadEmails(dir);
    expect(refusal(() => requireTexts(shipped, ['reminder', 'reminder.short']))).toBe(
      'en.json: section "reminder.short" is missing, and the policy sends it: add it there and in the other languages',
    );
    short();
    expect(() => requireTexts(loadEmails(dir), ['reminder', 'reminder.short'])).not.toThrow();
    // A name that every object has is the name of no text.
    expect(() => requireTexts(shipped, ['constructor' as 'reminder'])).toThrow(TemplateError);
  });

  test('of a final notice promises no try and has the date of the end', () => {
    setWords('final-notice.kind', 'heading', 'The last one');
    const { text } = createComposer(loadEmails(dir))(aMailRequest({ message: 'final-notice.kind' }));
    expect(text).toContain('March 30, 2026');
    expect(text).not.toContain('March 16');
  });

  test('of what lies ahead needs to say when it comes', () => {
    setWords('trial-ending.x', 'heading', 'Soon');
    const compose = createComposer(loadEmails(dir));
    expect(compose(aMailRequest({ message: 'trial-ending.x' })).subject).toContain('May 31, 2026');
    expect(() => compose(aMailRequest({ message: 'trial-ending.x', notice: null }))).toThrow(
      /notice is null/,
    );
  });
});

describe('templates can do little, and nothing to the machine', () => {
  const html = createCompiler({ escape: 'html' });
  const plain = createCompiler({ escape: 'none' });

  test.each([
    'include',
    'render',
    'layout',
    'block',
    'raw',
    'capture',
    'tablerow',
    'liquid',
    'echo',
    'cycle',
  ])('no tag %s', (tag) =>
    expect(() => html(`{% ${tag} 'x' %}`, 'a.liquid', [])).toThrow(`tag "${tag}" not found`),
  );

  test.each(['raw', 'escape_once', 'newline_to_br', 'url_decode', 'json', 'date'])(
    'no filter %s',
    (filter) => {
      expect(() => html(`{{ x | ${filter} }}`, 'a.liquid', ['x'])).toThrow(/undefined filter/);
    },
  );

  test('what is output is escaped, and plain text is not', () => {
    const x = `<a href="x">'&`;
    expect(html('{{ x }}', 'a.liquid', ['x'])({ x })).toBe('&lt;a href=&#34;x&#34;&gt;&#39;&amp;');
    expect(plain('{{ x }}', 'a.liquid', ['x'])({ x })).toBe(x);
  });

  test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])('no way to %s', (name) => {
    expect(() => plain(`{{ x.${name} }}`, 'a.liquid', ['x'])({ x: { y: 1 } })).toThrow(TemplateError);
  });

  test('an endless loop ends', () => {
    const template = plain(
      '{% for i in (1..100000000) %}{% for j in (1..100000000) %}x{% endfor %}{% endfor %}',
      'a.liquid',
      [],
    );
    expect(() => template({})).toThrow(/^a\.liquid: memory alloc limit exceeded/);
  });

  test('a template too long is refused', () => {
    expect(() => plain('x'.repeat(100_001), 'a.liquid', [])).toThrow(
      /^a\.liquid: parse length limit exceeded/,
    );
  });
});
