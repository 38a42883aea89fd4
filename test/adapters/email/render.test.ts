// Holds what every mail promises: whole, honest, readable, and closed to foreign text.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createComposer, MAX_PREHEADER, MAX_ROWS, MAX_SUBJECT } from '../../../adapters/email/render.ts';
import { pluralFormsOf } from '../../../adapters/email/catalogues.ts';
import type { Catalogue, Templates } from '../../../adapters/email/templates.ts';
import { LANGUAGES, MESSAGES } from '../../../core/ports.ts';
import type { Mail, MailRequest } from '../../../core/ports.ts';
import { anyCharacter } from '../../support/characters.ts';
import {
  A_NOTICE,
  AHEAD,
  aMailRequest,
  anInvoice,
  at,
  SENDER,
  shippedTemplates,
} from '../../support/mails.ts';
import { tagsOf, unbalanced, wordsOf } from './markup.ts';

const templates = shippedTemplates();
const compose = createComposer(templates);

const everyMessage = MESSAGES.map((message) => ({ message }));
const asking = everyMessage.filter(({ message }) => message !== 'recovered');
const about = (messages: readonly string[]) =>
  everyMessage.filter(({ message }) => messages.includes(message));
/** What was subscribed to has ended: nothing is asked for any more. */
const AFTER_THE_END = ['cancelled', 'win-back'];
const ahead = about(AHEAD);
/** These say when the payment is tried again; an overdue invoice is for the reader to pay. */
const promising = asking.filter(
  ({ message }) =>
    ![...AHEAD, ...AFTER_THE_END, 'final-notice', 'invoice-due', 'invoice-overdue'].includes(message),
);
/** No card stands behind these. */
const cardless = about(['bank-debit-failed', 'invoice-due', 'invoice-overdue', ...AFTER_THE_END]);
const owing = asking.filter(({ message }) => ![...AHEAD, ...AFTER_THE_END].includes(message));

const severalCurrencies = [
  anInvoice(4900, 'EUR'),
  anInvoice(5000, 'JPY', { number: 'R-1002' }),
  anInvoice(12_340, 'KWD', { number: null, payUrl: null }),
  anInvoice(100, 'EUR', { number: 'R-1004' }),
];
const many = Array.from({ length: 200 }, (_, i) => anInvoice(1000 + i, 'USD', { number: `R-${i}` }));

const SCENARIOS: Readonly<Record<string, Partial<MailRequest>>> = {
  'everything known': {},
  'no name': { customerName: null },
  'no page to pay on': { payUrl: null },
  'no card': { cardLast4: null },
  'no next try': { nextAttemptAt: null },
  'no end date unless it is needed': { endsAt: null },
  'a page for each invoice': {
    invoices: [anInvoice(4900, 'EUR'), anInvoice(100, 'EUR', { payUrl: null })],
    payUrl: 'https://pay.example/i/1001',
  },
  'no invoice': { invoices: [], totals: [] },
  'no number': { invoices: [anInvoice(4900, 'EUR', { number: null, payUrl: null })] },
  'several currencies': { invoices: severalCurrencies },
  'two hundred invoices': { invoices: many },
  'nothing known': {
    customerName: null,
    payUrl: null,
    cardLast4: null,
    nextAttemptAt: null,
    endsAt: null,
    invoices: [],
    totals: [],
  },
  'a long company name': {
    sender: { ...SENDER, name: 'The Extraordinarily Long-Winded Acme Radio Company' },
  },
  'another time zone': { timeZone: 'Pacific/Kiritimati' },
  'no amount ahead': { notice: { ...A_NOTICE, amount: null } },
  'nothing known ahead': {
    notice: { ...A_NOTICE, amount: null },
    customerName: null,
    cardLast4: null,
    payUrl: null,
    invoices: [],
    totals: [],
  },
};

const requestFor = (message: Mail['message'], scenario: string): MailRequest => {
  const request = aMailRequest({ message, ...SCENARIOS[scenario] });
  return message === 'final-notice' ? { ...request, endsAt: at('2026-03-30T12:00:00Z') } : request;
};

const HOLES =
  /undefined|\bnull\b|\[object|\{\{|\{%|NaN|Invalid|href=""|mailto:"|\(\)| ,| \.(\s|$)|\bon \.|until [,;.]/;
const table = Object.keys(SCENARIOS).flatMap((scenario) =>
  MESSAGES.map((message) => ({ scenario, message })),
);

describe('every message is whole in every scenario', () => {
  test.each(table)('$message, $scenario', ({ scenario, message }) => {
    const mail = compose(requestFor(message, scenario));
    expect(mail.subject).not.toMatch(HOLES);
    expect(mail.html).not.toMatch(HOLES);
    expect(mail.text).not.toMatch(HOLES);
    expect(mail.subject.length).toBeLessThanOrEqual(MAX_SUBJECT);
    expect(mail.subject).toMatch(/^\S[^\r\n]*\S$/);
    expect(unbalanced(mail.html)).toBeNull();
    expect(Buffer.byteLength(mail.html)).toBeLessThan(100_000);
    expect(mail.text).not.toMatch(/[<>]|&(amp|#)|\n{3}/);
    expect(mail.text).toContain(SENDER.supportEmail);
    expect(wordsOf(mail.html)).toContain(SENDER.supportEmail);
  });

  test.each(everyMessage)('$message has a preheader of 40 to 110 characters', ({ message }) => {
    const preheader =
      /mso-hide:all;">([^<]*)<\/div>/.exec(compose(aMailRequest({ message })).html)?.[1] ?? '';
    expect(preheader.length).toBeGreaterThanOrEqual(40);
    expect(preheader.length).toBeLessThanOrEqual(MAX_PREHEADER);
  });

  test('the mail carries what it is about', () => {
    const request = aMailRequest();
    expect(compose(request)).toMatchObject({
      to: request.to,
      from: { name: SENDER.name, email: SENDER.email },
      replyTo: SENDER.replyTo,
      message: 'payment-failed',
      language: 'en',
      caseId: request.caseId,
      stepId: request.stepId,
    });
  });

  test('the same request gives the same mail', () => {
    const request = requestFor('final-notice', 'several currencies');
    expect(compose(request)).toEqual(createComposer(templates)(request));
  });
});

const bothParts = (mail: Mail): string[] => [wordsOf(mail.html), mail.text];

describe('amounts are what they are', () => {
  test.each([
    [4900, 'EUR', '€49.00'],
    [123_456, 'USD', '$1,234.56'],
    [5000, 'JPY', '¥5,000'],
    [5000, 'KRW', '₩5,000'],
    [12_340, 'KWD', 'KWD 12.340'],
  ])('B19: %i %s minor units are shown as %s, in the subject too', (minor, currency, shown) => {
    const mail = compose(aMailRequest({ invoices: [anInvoice(minor, currency)] }));
    for (const part of [...bothParts(mail), mail.subject]) expect(part).toContain(shown);
  });

  test('B20: several currencies are each listed and totalled, never added', () => {
    const mail = compose(aMailRequest({ invoices: severalCurrencies }));
    for (const part of bothParts(mail)) {
      for (const total of ['EUR: €50.00', 'JPY: ¥5,000', 'KWD: KWD 12.340']) {
        expect(part.replaceAll(/(Total in [A-Z]{3}) /g, '$1: ')).toContain(`Total in ${total}`);
      }
      expect(part.match(/Total/g)).toHaveLength(3);
    }
    expect(mail.text).toContain('- Invoice R-1001: €49.00\n');
    expect(mail.text).toContain('- Invoice: KWD 12.340\n');
  });

  test('B20: without totals the invoices are added up, each currency on its own', () => {
    const request = aMailRequest({ invoices: severalCurrencies });
    expect(compose({ ...request, totals: [] })).toEqual(compose(request));
  });

  test('one invoice has no total; several in one currency have one', () => {
    expect(compose(aMailRequest()).text).not.toContain('Total');
    const two = compose(aMailRequest({ invoices: [anInvoice(1, 'EUR'), anInvoice(2, 'EUR')] }));
    expect(two.text.match(/Total.*/g)).toEqual(['Total: €0.03']);
  });

  test('what is too much to list is counted, and the total is of all', () => {
    const mail = compose(aMailRequest({ invoices: many }));
    expect(mail.text.match(/- Invoice /g)).toHaveLength(MAX_ROWS);
    for (const part of bothParts(mail)) {
      expect(part).toContain('and 180 more invoices');
      expect(part).toContain('$2,199.00');
    }
    expect(compose(aMailRequest({ invoices: many.slice(0, 21) })).text).toContain('and 1 more invoice\n');
  });
});

describe('subjects are short and our own', () => {
  test('the limits are 78 and 110', () => expect([MAX_SUBJECT, MAX_PREHEADER]).toEqual([78, 110]));

  test.each(everyMessage)('$message: a name of any length fits, and stays readable', ({ message }) => {
    const lengths = Array.from({ length: 120 }, (_, i) =>
      'Acme '
        .repeat(60)
        .slice(0, i + 1)
        .trim(),
    );
    for (const name of ['A'.repeat(300), '株式会社'.repeat(40), '🎧📻'.repeat(80), ...lengths]) {
      const { subject } = compose(aMailRequest({ message, sender: { ...SENDER, name } }));
      expect(subject.length).toBeLessThanOrEqual(MAX_SUBJECT);
      expect(subject.isWellFormed()).toBe(true);
      expect(subject).toContain(name.slice(0, 2));
    }
  });

  test('an amount that leaves no room gives way to the name', () => {
    const { subject } = compose(aMailRequest({ invoices: severalCurrencies }));
    expect(subject).toBe('Your payment to Acme Radio did not go through');
  });

  test("a company's name is cut between words", () => {
    const name = 'The Extraordinarily Long Acme Radio Company of Berlin';
    const { subject } = compose(aMailRequest({ sender: { ...SENDER, name } }));
    expect(subject).toBe('Your payment of €49.00 to The Extraordinarily Long Acme… did not go through');
  });

  test("a sender's name with a line break breaks no header", () => {
    const name = 'Acme\r\nBcc: all@evil.example';
    const mail = compose(aMailRequest({ sender: { ...SENDER, name } }));
    for (const header of [mail.subject, mail.from.name]) expect(header).not.toMatch(/[\r\n]/);
  });

  test.each(['to', 'email', 'replyTo', 'supportEmail'])(
    'an address with a line break is refused: %s',
    (field) => {
      const address = 'a@b.example\r\nBcc: c@d.example';
      const sender = { ...SENDER, [field]: address };
      const request = aMailRequest(field === 'to' ? { to: address } : { sender });
      expect(() => compose(request)).toThrow(/not a single plain email address$/);
      expect(() => compose(request)).not.toThrow(/b\.example/);
    },
  );
});

describe('a mail promises only what will come', () => {
  const PROMISE = /\b(try|retry|attempt|charge)\b.*\bagain\b|March/i;

  test.each(asking)('$message promises no try when none is coming', ({ message }) => {
    const mail = compose(aMailRequest({ message, nextAttemptAt: null, endsAt: at('2026-05-30T12:00:00Z') }));
    for (const part of bothParts(mail)) expect(part).not.toMatch(PROMISE);
  });

  test.each(promising)('$message names the day of the next try when it is known', ({ message }) => {
    for (const part of bothParts(compose(aMailRequest({ message })))) {
      expect(part).toContain('We will try the payment again on March 16, 2026');
    }
  });

  test.each([
    ['Pacific/Kiritimati', 'March 17, 2026'],
    ['Pacific/Pago_Pago', 'March 16, 2026'],
    ['UTC', 'March 16, 2026'],
  ])("B15: the day is the sender's, in %s %s", (timeZone, day) => {
    expect(compose(aMailRequest({ timeZone })).text).toContain(`again on ${day}.`);
  });

  test.each([
    ['2026-03-30T12:00:00Z', 'Europe/Berlin', 'March 30, 2026 at 2:00 PM GMT+2'],
    ['2026-03-30T22:00:00Z', 'Europe/Berlin', 'March 30, 2026;'],
    ['2026-03-31T00:00:00Z', 'UTC', 'March 30, 2026;'],
    ['2026-03-30T10:00:00Z', 'Pacific/Kiritimati', 'March 30, 2026;'],
    ['2026-02-28T23:00:00Z', 'Europe/Berlin', 'February 28, 2026;'],
  ])('B15: a final notice for %s in %s says until %s', (endsAt, timeZone, shown) => {
    const mail = compose(aMailRequest({ message: 'final-notice', endsAt: at(endsAt), timeZone }));
    for (const part of bothParts(mail)) expect(part.replaceAll(' ;', ';')).toContain(`until ${shown}`);
  });

  test('a final notice says it is the last, and promises no try whatever it was given', () => {
    const mail = compose(aMailRequest({ message: 'final-notice' }));
    expect(mail.subject).toMatch(/last reminder/i);
    for (const part of bothParts(mail)) {
      expect(part).toMatch(/last reminder/i);
      expect(part).not.toMatch(/try the payment again/i);
    }
  });

  test('a final notice without its date is refused before it is sent', () => {
    expect(() => compose(aMailRequest({ message: 'final-notice', endsAt: null }))).toThrow(/endsAt/);
  });

  test('no mail gives a reason, blames or threatens', () => {
    const words = JSON.stringify(templates.catalogues['en']);
    expect(words).not.toMatch(
      /declin|insufficient|funds|stolen|\blost\b|fraud|suspend|legal|collection|debt|immediate|failure|must\b/i,
    );
  });
});

const linksOf = (mail: Mail): string[] =>
  tagsOf(mail.html)
    .filter(({ name, close }) => name === 'a' && !close)
    .map(({ attributes }) => attributes.find((a) => a.startsWith('href='))?.slice('href='.length) ?? '');
const pagesOf = (mail: Mail): string[] => linksOf(mail).filter((href) => !href.startsWith('mailto:'));

describe('there is one thing to do', () => {
  test.each(asking)('$message has one button, and the same page in its text', ({ message }) => {
    const mail = compose(aMailRequest({ message }));
    expect(mail.html.match(/class="button"/g)).toHaveLength(1);
    expect(pagesOf(mail)).toEqual(['https://pay.example/p/abc?x=1&amp;y=2']);
    expect(mail.text).toContain('\nhttps://pay.example/p/abc?x=1&y=2\n');
  });

  test.each(asking)('$message without a page says whom to write to instead', ({ message }) => {
    const mail = compose(aMailRequest({ message, payUrl: null }));
    expect(mail.html).not.toContain('class="button"');
    expect(mail.text).toMatch(
      AHEAD.includes(message) && !message.startsWith('card-')
        ? /, reply to this email or write to support@acme.example before May 31, 2026\./
        : /reply to this email or write to support@acme.example, and we will help you/,
    );
    expect(mail.text).not.toContain('https:');
  });

  test.each(['http://pay.example', 'javascript:alert(1)', 'https://a:b@pay.example'])(
    'an address that is not plain https is no button: %s',
    (payUrl) => {
      const mail = compose(
        aMailRequest({
          payUrl,
          invoices: [anInvoice(1, 'EUR', { payUrl }), anInvoice(1, 'EUR', { payUrl })],
        }),
      );
      expect(pagesOf(mail)).toEqual([]);
      expect(mail.text).not.toContain(payUrl);
    },
  );

  test('of several invoices each links to its own page', () => {
    const invoices = [anInvoice(1, 'EUR'), anInvoice(2, 'EUR', { payUrl: 'https://pay.example/i/2' })];
    const mail = compose(aMailRequest({ invoices }));
    expect(pagesOf(mail)).toEqual([
      'https://pay.example/i/1001',
      'https://pay.example/i/2',
      expect.any(String),
    ]);
    expect(mail.text).toContain('- Invoice R-1001: €0.02\n  https://pay.example/i/2\n');
  });

  test.each(owing)(
    '$message says so when its button pays only the first of several invoices',
    ({ message }) => {
      const first = anInvoice(1, 'EUR');
      const invoices = [first, anInvoice(2, 'EUR', { payUrl: 'https://pay.example/i/2' })];
      const said = (more: Partial<MailRequest>): boolean =>
        compose(aMailRequest({ message, invoices, ...more })).text.includes('for the first of these');
      expect(said({ payUrl: first.payUrl })).toBe(true);
      expect(said({ payUrl: first.payUrl, invoices: [first] })).toBe(false);
      expect(said({ payUrl: 'https://pay.example/all' })).toBe(false);
      expect(said({ payUrl: null, invoices: [{ ...first, payUrl: null }, first] })).toBe(false);
    },
  );

  test.each(Object.keys(SCENARIOS))('recovered asks for nothing: %s', (scenario) => {
    const mail = compose(requestFor('recovered', scenario));
    expect(pagesOf(mail)).toEqual([]);
    expect(mail.html).not.toContain('class="button"');
    for (const part of bothParts(mail)) {
      expect(part).toMatch(/thank you/i);
      expect(part).not.toMatch(/https?:|\bpay\b|\bopen\b|still|again|please|update|confirm/i);
    }
  });

  test('recovered says what was paid', () => {
    const mail = compose(aMailRequest({ message: 'recovered' }));
    expect(mail.text).toContain('Paid:\n- Invoice R-1001: €49.00\n');
  });

  test('the last four digits are shown when they are known, and nothing else ever is', () => {
    for (const { message } of asking.filter((one) => !cardless.includes(one))) {
      const shown = (cardLast4: string | null): string => compose(aMailRequest({ message, cardLast4 })).text;
      expect(shown('4242')).toContain('ending in 4242');
      for (const odd of [null, '4242424242424242', '<b>'])
        expect(shown(odd)).not.toMatch(/ending in|4242|<b>/);
    }
  });
});

const HOSTILE: Readonly<Record<string, string>> = {
  markup: '<script>alert(1)</script>',
  'an attribute': '" onload="alert(1)',
  liquid: '{{7*7}}{% if true %}x{% endif %}',
  'right-to-left override': 'Anna \u202Egnp.exe',
  '300 characters': 'Anna '.repeat(60),
  'a header': 'Anna\r\nBcc: all@evil.example',
  'a header without address': 'Anna\r\nBcc: all',
  'an address': 'http://evil.example/pay',
  'a telephone number': 'Call +1 900…',
  emoji: '🎉 Anna 🎉',
  'a mail address': 'win@evil.example',
};
const MARK = /script|onload|7\*7|evil|900|Bcc|\u202E|🎉|Anna/;

describe('foreign text comes out inert', () => {
  test.each(Object.entries(HOSTILE))('%s as a name', (_, customerName) => {
    for (const { message } of everyMessage) {
      const mail = compose(aMailRequest({ message, customerName }));
      const nameless = compose(aMailRequest({ message, customerName: null }));
      expect(tagsOf(mail.html)).toEqual(tagsOf(nameless.html));
      expect(mail.subject).toBe(nameless.subject);
      expect(mail.subject).not.toMatch(MARK);
      for (const part of bothParts(mail)) {
        expect(part).not.toMatch(/script|onload|7\*7|evil|900|[\u202A-\u202E\u2066-\u2069]/);
        expect(part).not.toContain('Anna '.repeat(13));
      }
      expect(mail.text.split('\n')).toHaveLength(nameless.text.split('\n').length);
      expect(mail.text).not.toMatch(/^Bcc:/m);
    }
  });

  test.each(Object.entries(HOSTILE))('%s as an invoice number', (_, number) => {
    for (const { message } of everyMessage) {
      const mail = compose(
        aMailRequest({ message, invoices: [anInvoice(4900, 'EUR', { number })], customerName: null }),
      );
      for (const part of bothParts(mail)) expect(part).not.toMatch(/script|onload|7\*7|evil|900|Bcc|\u202E/);
      expect(mail.subject).not.toMatch(MARK);
    }
  });

  test.each(["O'Brien & Söhne", '李小龍', 'محمد بن سلمان', 'Anna 🎉', 'Zoë "Z" van der Berg'])(
    'a real name survives: %s',
    (customerName) => {
      const mail = compose(aMailRequest({ customerName }));
      for (const part of bothParts(mail)) expect(part).toContain(`Hello ${customerName},`);
      expect(mail.subject).not.toContain(customerName);
    },
  );

  test('without a name the greeting does without', () => {
    for (const part of bothParts(compose(aMailRequest({ customerName: null }))))
      expect(part).toContain('Hello,');
  });

  test('whatever the name, it adds no tag and no attribute', () => {
    const nameless = tagsOf(compose(aMailRequest({ customerName: null })).html);
    const fragment = fc.constantFrom(
      '<',
      '>',
      '"',
      "'",
      '=',
      '&',
      '<b ',
      '/>',
      '&lt;',
      '{{',
      '}}',
      '<!--',
      '-->',
      '\n',
    );
    const name = fc.oneof(
      fc.string({ unit: anyCharacter, maxLength: 80 }),
      fc.string({ unit: fc.oneof(fragment, fc.string({ minLength: 1, maxLength: 3 })), maxLength: 20 }),
    );
    fc.assert(
      fc.property(name, (customerName) => {
        expect(tagsOf(compose(aMailRequest({ customerName })).html)).toEqual(nameless);
      }),
      { numRuns: 500 },
    );
  });

  test('a company name is escaped too', () => {
    const mail = compose(aMailRequest({ sender: { ...SENDER, name: 'A & B <i>"x"</i> {{ support }}' } }));
    expect(unbalanced(mail.html)).toBeNull();
    expect(tagsOf(mail.html).some(({ name }) => name === 'i')).toBe(false);
    expect(mail.text).toContain('A & B <i>"x"</i> {{ support }}');
  });
});

const luminance = (hex: string): number => {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((i) => {
    const c = Number.parseInt(hex.slice(i, i + 2), 16) / 255;
    return c <= 0.040_45 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (a: string, b: string): number => {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].toSorted((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
};
const lightColour = (name: string): string =>
  new RegExp(`assign ${name} = '(#[0-9a-f]{6})'`).exec(templates.html)?.[1] ?? `no ${name}`;
const darkColour = (selector: string, property: string): string =>
  new RegExp(`\\n\\.${selector}[ ,][^{\\n]*\\{[^}]*\\b${property}: (#[0-9a-f]{6})`).exec(
    templates.html,
  )?.[1] ?? `no ${selector}`;

describe('the HTML can be read by everyone', () => {
  test.each([
    ['ink', 'card'],
    ['ink', 'page'],
    ['muted', 'card'],
    ['muted', 'page'],
    ['accent', 'card'],
    ['on_accent', 'accent'],
  ])('light: %s on %s has a contrast of 4.5 or more', (ink, ground) => {
    expect(contrast(lightColour(ink), lightColour(ground))).toBeGreaterThanOrEqual(4.5);
  });

  test.each([
    ['ink', 'card'],
    ['ink', 'page'],
    ['muted', 'card'],
    ['muted', 'page'],
    ['link', 'card'],
    ['button a', 'button'],
  ])('dark: %s on %s has a contrast of 4.5 or more', (ink, ground) => {
    expect(contrast(darkColour(ink, 'color'), darkColour(ground, 'background-color'))).toBeGreaterThanOrEqual(
      4.5,
    );
  });

  test.each(everyMessage)(
    '$message: language, one heading, a title, no image, nothing fetched',
    ({ message }) => {
      const { html, subject } = compose(aMailRequest({ message, invoices: severalCurrencies, payUrl: null }));
      const tags = tagsOf(html).filter(({ close }) => !close);
      const names = tags.map(({ name }) => name);
      expect(tags[0]?.attributes.slice(0, 2)).toEqual(['lang=en', 'dir=ltr']);
      expect(names.filter((name) => /^h\d$/.test(name))).toEqual(['h1']);
      expect(html).toContain(`<title>${subject}</title>`);
      expect(names).not.toContain('img');
      expect(names).not.toContain('link');
      expect(html).not.toMatch(/url\(|@import|src=/);
      expect(html).toContain('<meta name="color-scheme" content="light dark">');
      expect(html).toContain('prefers-color-scheme: dark');
    },
  );

  test('only the table of invoices is a table to a screen reader, and it has headings', () => {
    const tables = tagsOf(compose(aMailRequest()).html).filter(
      ({ name, close }) => name === 'table' && !close,
    );
    const data = tables.filter(({ attributes }) => !attributes.includes('role=presentation'));
    expect(data).toHaveLength(1);
    expect(compose(aMailRequest()).html.match(/<th scope="col"/g)).toHaveLength(2);
  });
});

/** The shipped templates with another language, which speaks English. */
const withLanguage = (language: string): Templates => {
  const forms = pluralFormsOf(language);
  const words = (_: string, entry: unknown): unknown => {
    const { one, other } = Object(entry) as Record<string, string>;
    if (one === undefined || other === undefined) return entry;
    return Object.fromEntries([...forms, 'other'].map((form) => [form, form === 'one' ? one : other]));
  };
  const own = JSON.parse(JSON.stringify(templates.catalogues['en'], words)) as Catalogue;
  return { ...templates, catalogues: { ...templates.catalogues, [language]: own } };
};

describe('a message about what lies ahead', () => {
  test.each(ahead)('$message without its notice is refused before it is sent', ({ message }) => {
    expect(() => compose(aMailRequest({ message, notice: null }))).toThrow(
      `the message ${message} must say when it comes: notice is null`,
    );
  });

  test.each(asking.filter(({ message }) => !AHEAD.includes(message)))(
    '$message says nothing of a notice it was given',
    ({ message }) => {
      const request = aMailRequest({ message });
      expect(compose({ ...request, notice: A_NOTICE })).toEqual(compose(request));
    },
  );

  test.each(ahead)(
    '$message owes nothing: no amount due, no list, no try, whatever it was given',
    ({ message }) => {
      const bare = compose(aMailRequest({ message }));
      const more = { nextAttemptAt: at('2026-03-16T13:00:00Z'), endsAt: at('2026-03-30T12:00:00Z') };
      expect(compose(aMailRequest({ message, ...more }))).toEqual(bare);
      const none = compose(aMailRequest({ message, ...SCENARIOS['nothing known ahead'] }));
      for (const part of [...bothParts(bare), ...bothParts(none), bare.subject, none.subject]) {
        expect(part).not.toMatch(
          /\bpay now|you owe|still open|overdue|try the payment|did not go|Invoice|Total/i,
        );
        expect(part).not.toMatch(/\b0\b|0\.00/);
      }
      for (const part of bothParts(none)) expect(part).not.toMatch(/charged to|ending in|€/);
    },
  );

  test.each(about(['card-expiring', 'card-expired']))(
    '$message says the month, its last day, and that nothing is owed',
    ({ message }) => {
      for (const part of bothParts(compose(aMailRequest({ message })))) {
        expect(part).toContain('at the end of May 2026. Its last day');
        expect(part.replaceAll(' .', '.')).toMatch(/last day (is|was) May 31, 2026\./);
        expect(part).toMatch(/Nothing was charged,? and nothing is owed/);
      }
    },
  );

  test.each([
    ['2028-02-29T08:00:00Z', 'Europe/Berlin', 'February 2028', 'February 29, 2028'],
    ['2027-02-28T08:00:00Z', 'UTC', 'February 2027', 'February 28, 2027'],
    ['2026-12-31T20:00:00Z', 'America/Los_Angeles', 'December 2026', 'December 31, 2026'],
    ['2026-12-30T20:00:00Z', 'Pacific/Kiritimati', 'December 2026', 'December 31, 2026'],
    ['2026-04-01T06:00:00Z', 'America/Los_Angeles', 'March 2026', 'March 31, 2026'],
    ['2026-01-10T12:00:00Z', 'UTC', 'January 2026', 'January 31, 2026'],
  ])('the month of %s in %s is %s', (date, timeZone, month, day) => {
    const notice = { ...A_NOTICE, date: at(date) };
    const { text } = compose(aMailRequest({ message: 'card-expiring', notice, timeZone }));
    expect(text).toContain(`expires at the end of ${month}. Its last day is ${day}.`);
  });

  test('in French the first of a month is counted', () => {
    const dueOn = (date: string) =>
      compose(aMailRequest({ message: 'payment-failed', language: 'fr', nextAttemptAt: at(date) })).text;
    expect(dueOn('2026-04-01T12:00:00Z')).toContain('le 1er avril 2026');
    expect(dueOn('2026-04-11T12:00:00Z')).toContain('le 11 avril 2026');
  });

  test('the month is in the language of the mail', () => {
    const { text } = compose(aMailRequest({ message: 'card-expiring', language: 'de' }));
    expect(text).toContain('läuft Ende Mai 2026 ab. Sie ist bis zum 31. Mai 2026 gültig.');
  });

  test.each([
    [
      'renewal-notice',
      {},
      /renews on May 31, 2026\.\n\nOn that day its price of €29\.00 .* to your card ending in 4242, with taxes/,
    ],
    [
      'renewal-notice',
      { cardLast4: null },
      /renews on May 31, 2026\.\n\nOn that day its price of €29\.00 will be charged, with taxes/,
    ],
    ['renewal-notice', { notice: { ...A_NOTICE, amount: null } }, /The payment .* card ending in 4242\./],
    [
      'renewal-notice',
      { cardLast4: null, notice: { ...A_NOTICE, amount: null } },
      /2026\.\n\nIf you would like/,
    ],
    [
      'trial-ending',
      {},
      /trial .* ends on May 31, 2026, .*\n\n.*: its price of €29\.00 .* card ending in 4242, with taxes/,
    ],
    [
      'trial-ending',
      { cardLast4: null },
      /From then on your plan is paid: its price of €29\.00 will be charged, with taxes/,
    ],
    ['trial-ending', { notice: { ...A_NOTICE, amount: null } }, /is paid, with your card ending in 4242\./],
    [
      'trial-ending',
      { cardLast4: null, notice: { ...A_NOTICE, amount: null } },
      /From then on your plan is paid\./,
    ],
  ] as const)('%s %j says what is charged as far as it is known', (message, more, words) => {
    expect(compose(aMailRequest({ message, ...more })).text).toMatch(words);
  });

  test.each(['renewal-notice', 'trial-ending'] as const)(
    '%s of an amount of nothing says no amount',
    (message) => {
      const free = { ...A_NOTICE, amount: { minor: 0, currency: 'EUR' } };
      const none = { ...A_NOTICE, amount: null };
      expect(compose(aMailRequest({ message, notice: free }))).toEqual(
        compose(aMailRequest({ message, notice: none })),
      );
    },
  );
});

describe('who pays without a card', () => {
  const HAND_OVER = /\bcards?\b|we tried|take your payment|able to take/i;

  test.each([...cardless, ...about(['reminder', 'final-notice'])])(
    '$message speaks of no card and of no charge when there is none',
    ({ message }) => {
      const more = { cardLast4: null, nextAttemptAt: null };
      for (const scenario of [
        'everything known',
        'no page to pay on',
        'a page for each invoice',
        'no invoice',
      ]) {
        const mail = compose({ ...requestFor(message, scenario), ...more });
        for (const part of [...bothParts(mail), mail.subject]) expect(part).not.toMatch(HAND_OVER);
      }
    },
  );

  test.each(cardless)('$message speaks of no card that it was told of', ({ message }) => {
    expect(compose(aMailRequest({ message, cardLast4: '4242' })).text).not.toMatch(/\bcards?\b|4242/i);
  });

  test('a direct debit that came back says what to do, and names a next try only when one will come', () => {
    const mail = compose(aMailRequest({ message: 'bank-debit-failed' }));
    expect(mail.text).toContain('Please check the balance of the account');
    expect(mail.text).toContain('We will try the payment again on March 16, 2026. If the account is ready');
    const none = compose(aMailRequest({ message: 'bank-debit-failed', nextAttemptAt: null }));
    expect(none.text).not.toMatch(/again|March/);
  });

  test('an overdue invoice is named with its amount, and who has just paid is thanked', () => {
    const mail = compose(aMailRequest({ message: 'invoice-overdue' }));
    expect(mail.subject).toBe('Your invoice for €49.00 from Acme Radio is past its due date');
    expect(mail.text).toContain('- Invoice R-1001: €49.00\n');
    expect(mail.text).toMatch(
      /If you have paid in the last few days, thank you, and please ignore this email/,
    );
    expect(mail.text).not.toMatch(/try|again|charge|failed|March/i);
    const two = compose(
      aMailRequest({ message: 'invoice-overdue', invoices: [anInvoice(1, 'EUR'), anInvoice(2, 'EUR')] }),
    );
    expect(two.subject).toBe('Your invoices for €0.03 from Acme Radio are past their due date');
  });
});

describe('languages', () => {
  test('every language that the core writes in has a catalogue, and every catalogue is one of them', () => {
    expect(Object.keys(templates.catalogues).toSorted()).toEqual([...LANGUAGES].toSorted());
  });

  test.each(['en', 'en-GB', 'EN', 'xx', '', 'nl', 'not a language'])(
    '%j falls back to English',
    (language) => {
      expect(compose(aMailRequest({ language })).language).toBe('en');
    },
  );

  test.each([
    ['de', 'de', '49,00 €'],
    ['de-AT', 'de', '49,00 €'],
    ['de_CH', 'de', '49,00 €'],
  ])('%s is served by the catalogue %s, amounts and all', (wanted, used, amount) => {
    const mail = compose(aMailRequest({ language: wanted }));
    expect(mail.language).toBe(used);
    expect(mail.html).toContain('<html lang="de" dir="ltr" ');
    expect(mail.text).toContain(amount);
    expect(mail.text).toContain('16. März 2026');
  });

  test('a language written from right to left is set so', () => {
    const mail = createComposer(withLanguage('he'))(aMailRequest({ language: 'he' }));
    expect(mail.html).toContain('<html lang="he" dir="rtl" ');
    expect(mail.html).toMatch(/<h1[^>]*>/);
    expect(mail.html).toContain('align="right"');
  });
});

describe('who writes', () => {
  const ADDRESS = 'Acme & Söhne, <1> High Street, Exampleton';

  test.each(everyMessage)('$message has the postal address at its foot, in both forms', ({ message }) => {
    const mail = compose(aMailRequest({ message, sender: { ...SENDER, postalAddress: ADDRESS } }));
    expect(mail.text.trimEnd().split('\n').slice(-6).join('\n')).toContain(ADDRESS);
    expect(mail.html).toContain('Acme &amp; Söhne, &lt;1&gt; High Street');
    expect(mail.html.indexOf('Acme &amp; Söhne')).toBeGreaterThan(mail.html.length / 2);
  });

  test('without one there is no line for it', () => {
    const { html, text } = compose(aMailRequest());
    expect(`${html}${text}`).not.toContain('undefined');
    expect(text).not.toMatch(/\n\n\n/);
  });

  test('an address of several lines stays on one', () => {
    const mail = compose(aMailRequest({ sender: { ...SENDER, postalAddress: 'Acme\r\n1 High Street' } }));
    expect(mail.text).toContain('Acme 1 High Street');
  });

  test('a copy goes where the sender says, to an address that is one', () => {
    expect(compose(aMailRequest()).bcc).toBeUndefined();
    expect(compose(aMailRequest({ sender: { ...SENDER, bcc: 'copies@acme.example' } })).bcc).toBe(
      'copies@acme.example',
    );
    expect(() =>
      compose(aMailRequest({ sender: { ...SENDER, bcc: 'a@b.example\r\nCc: x@y.example' } })),
    ).toThrow(/address for copies/);
  });

  test('the mails before it go with it as they are, and a first one has none', () => {
    const thread = ['<m-1@b.example>'];
    expect(compose(aMailRequest({ thread })).thread).toEqual(thread);
    expect(compose(aMailRequest({ thread: [] }))).not.toHaveProperty('thread');
  });
});
