// Links to the customer's page: what a token says, who can make one, and what of a mail leads there.
import { createHmac } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LINK_KEYS_SECRET, type LinkKeys } from '../../../adapters/links/keys.ts';
import { linksFor, withLinks } from '../../../adapters/links/mails.ts';
import { MAX_LINK_DAYS, MAX_TOKEN, signLink, verifyLink, type Link } from '../../../adapters/links/token.ts';
import type { Mail, MailRequest } from '../../../core/ports.ts';
import { addDays, addMs } from '../../../core/time.ts';
import { at, keyOf } from '../../support/customers.ts';

const NOW = at('2026-03-10T09:00:00.900Z');
const ISSUED = at('2026-03-10T09:00:00Z');
const KEYS: LinkKeys = [{ id: 'k2', key: 'b'.repeat(32) }];
const LINK: Link = { purpose: 'case', key: keyOf('cus_1'), about: 'case_in_1', issuedAt: ISSUED };
const TOKEN = signLink(KEYS, LINK);

describe('a token', () => {
  test('says whose it is, about what, and when it was issued, to the second', () => {
    expect(verifyLink(KEYS, 'case', signLink(KEYS, { ...LINK, issuedAt: NOW }), NOW)).toEqual(LINK);
  });

  test('may stand in an address as it is, and holds nothing of a person', () => {
    expect(TOKEN).toMatch(/^[A-Za-z0-9._-]+$/);
    const [, said = ''] = TOKEN.split('.');
    expect(Buffer.from(said, 'base64url').toString()).toMatch(/^c [0-9a-z]+ stripe cus_1 case_in_1$/);
  });

  test('with the longest ids is still taken', () => {
    const long = { ...LINK, key: keyOf('~'.repeat(128)), about: `case_${'x'.repeat(300)}` };
    const token = signLink(KEYS, long);
    expect(token.length).toBeLessThanOrEqual(MAX_TOKEN);
    expect(verifyLink(KEYS, 'case', token, NOW)).toEqual(long);
  });

  test('is refused with any one character changed, taken out or put in', () => {
    const letters = 'AZaz09_-.+/=% '.split('');
    for (let i = 0; i < TOKEN.length; i += 1) {
      const [before, after] = [TOKEN.slice(0, i), TOKEN.slice(i + 1)];
      const changed = letters
        .filter((letter) => letter !== TOKEN[i])
        .map((letter) => before + letter + after);
      const longer = letters.map((letter) => before + letter + TOKEN[i] + after);
      for (const token of [before + after, ...changed, ...longer]) {
        expect(verifyLink(KEYS, 'case', token, NOW)).toBeNull();
      }
    }
  });

  test.each([
    ['nothing', ''],
    ['two dots', '..'],
    ['a name every object has', 'constructor.YQ.YQ'],
    ['bytes that are no text', `k2.${Buffer.from([255, 254]).toString('base64url')}.${'A'.repeat(43)}`],
    ['an endless one', `k2.${'A'.repeat(100_000)}.${'A'.repeat(43)}`],
  ])('is refused: %s', (_, token) => expect(verifyLink(KEYS, 'case', token, NOW)).toBeNull());

  test('is one of its own kind: the same words signed by the same key for anything else are none', () => {
    const signed = TOKEN.slice(0, TOKEN.lastIndexOf('.'));
    for (const label of ['', 'recoup-link-0\n', 'recoup-link-2\n', 'recoup-link-1', 'RECOUP-LINK-1\n']) {
      const mac = createHmac('sha256', KEYS[0].key).update(`${label}${signed}`).digest('base64url');
      expect(verifyLink(KEYS, 'case', `${signed}.${mac}`, NOW)).toBeNull();
    }
  });

  test('that was signed and says what no link of ours says is refused, and nothing is thrown', () => {
    const sayings = [
      'c t stripe cus_1',
      'c t stripe cus_1 case_in_1 more',
      'x t stripe cus_1 case_in_1',
      'c -1 stripe cus_1 case_in_1',
      'c zzzzzzzzz stripe cus_1 case_in_1',
      'c zzzzzzzz stripe cus_1 case_in_1',
      'c t Stripe cus_1 case_in_1',
      `c t stripe ${'x'.repeat(129)} case_in_1`,
      'c t stripe cus_1 case\u0000',
      'c  t stripe cus_1 case_in_1',
      '__proto__ t stripe cus_1 case_in_1',
      '',
    ];
    for (const said of sayings) {
      const signed = `k2.${Buffer.from(said).toString('base64url')}`;
      const mac = createHmac('sha256', KEYS[0].key).update(`recoup-link-1\n${signed}`).digest('base64url');
      expect(verifyLink(KEYS, 'case', `${signed}.${mac}`, NOW)).toBeNull();
    }
  });

  test('is never made out of chance', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.nat(TOKEN.length), (text, cut) => {
        for (const one of [text, `k2.${text}`, TOKEN.slice(0, cut) + text, text + TOKEN.slice(cut)]) {
          fc.pre(one !== TOKEN);
          expect(verifyLink(KEYS, 'case', one, NOW)).toBeNull();
        }
      }),
    );
  });

  test('of one purpose is none of the other', () => {
    expect(verifyLink(KEYS, 'unsubscribe', TOKEN, NOW)).toBeNull();
  });

  test('signed with another key of the same name is refused', () => {
    expect(verifyLink([{ id: 'k2', key: 'c'.repeat(32) }], 'case', TOKEN, NOW)).toBeNull();
  });

  test('is good while its key is in the set, and no longer', () => {
    const rolled: LinkKeys = [{ id: 'k3', key: 'd'.repeat(32) }, ...KEYS];
    expect(verifyLink(rolled, 'case', TOKEN, NOW)).toEqual(LINK);
    expect(signLink(rolled, LINK)).toMatch(/^k3\./);
    expect(verifyLink([rolled[0]], 'case', TOKEN, NOW)).toBeNull();
  });

  test(`is good for ${MAX_LINK_DAYS} days at most, and not before it was issued`, () => {
    const end = addDays(ISSUED, MAX_LINK_DAYS);
    expect(verifyLink(KEYS, 'case', TOKEN, addMs(end, -1))).toEqual(LINK);
    expect(verifyLink(KEYS, 'case', TOKEN, end)).toBeNull();
    expect(verifyLink(KEYS, 'case', TOKEN, addDays(ISSUED, -1))).toBeNull();
    expect(verifyLink(KEYS, 'case', TOKEN, addMs(ISSUED, -60_000))).toEqual(LINK);
  });
});

describe('the secret of the keys', () => {
  test('holds one key a line, the first of which signs', () => {
    const text = `k2:${'b'.repeat(32)}\r\n\n k1 : ${'a'.repeat(44)}= \n`;
    expect(LINK_KEYS_SECRET.parse(text)).toEqual({
      value: [
        { id: 'k2', key: 'b'.repeat(32) },
        { id: 'k1', key: `${'a'.repeat(44)}=` },
      ],
    });
  });

  test.each([
    ['nothing', '', /no key/],
    ['a key without an id', 'b'.repeat(64), /no colon/],
    ['an id of other letters', `K_2:${'b'.repeat(32)}`, /1 to 16 lower-case/],
    ['a short key', 'k2:short', /"k2" is shorter than 32/],
    ['white space in a key', `k2:${'b'.repeat(32)} ${'b'.repeat(32)}`, /white space/],
    ['one id twice', `k2:${'b'.repeat(32)}\nk2:${'c'.repeat(32)}`, /"k2" twice/],
    ['a file', Array.from({ length: 11 }, (_, i) => `k${i}:${'b'.repeat(32)}`).join('\n'), /more than 10/],
  ])('refused: %s, without quoting a key', (_, text, words) => {
    const parsed = LINK_KEYS_SECRET.parse(text);
    expect(parsed).toEqual({ wrong: expect.stringMatching(words) as string });
    expect(JSON.stringify(parsed)).not.toContain('bbbb');
  });
});

describe('the links of a mail', () => {
  const linkFor = linksFor({ keys: () => KEYS, baseUrl: () => 'https://pay.acme.test', now: () => NOW });
  const asked: MailRequest[] = [];
  const compose = (request: MailRequest): Mail => {
    asked.push(request);
    return { text: request.payUrl ?? '' } as Mail;
  };
  const mailOf = (changes: Partial<MailRequest>) => {
    asked.length = 0;
    const request = {
      message: 'reminder',
      customerKey: LINK.key,
      caseId: LINK.about,
      payUrl: 'https://invoice.stripe.com/i/1',
      invoices: [
        { number: 'R-1', amount: { minor: 1, currency: 'EUR' }, payUrl: 'https://invoice.stripe.com/i/1' },
      ],
      notice: null,
      ...changes,
    } as unknown as MailRequest;
    return withLinks(compose, linkFor)(request);
  };

  test('that asks for money lead to our page only, and there is nothing to be taken off', () => {
    const mail = mailOf({});
    expect(mail.text).toBe(`https://pay.acme.test/c/${TOKEN}`);
    expect(asked[0]?.invoices).toEqual([
      { number: 'R-1', amount: { minor: 1, currency: 'EUR' }, payUrl: null },
    ]);
    expect(asked[0]?.unsubscribeUrl).toBeNull();
  });

  const takenOff = () => {
    const token = asked[0]?.unsubscribeUrl?.replace('https://pay.acme.test/u/', '') ?? '';
    return verifyLink(KEYS, 'unsubscribe', token, NOW);
  };

  test('about what lies ahead lead to our page, and to where one is taken off these mails', () => {
    const mail = mailOf({ message: 'card-expiring', payUrl: null, stream: 'notices' });
    expect(mail.text).toBe(`https://pay.acme.test/c/${TOKEN}`);
    expect(takenOff()).toEqual({ ...LINK, purpose: 'unsubscribe', about: 'notices' });
  });

  test('that win back lead to the business, and to where one is taken off these and no others', () => {
    const mail = mailOf({ message: 'win-back', payUrl: 'https://acme.test/back', stream: 'win_back' });
    expect(mail.text).toBe('https://acme.test/back');
    expect(takenOff()).toEqual({ ...LINK, purpose: 'unsubscribe', about: 'win_back' });
  });

  test('of a mail of thanks are none', () => {
    expect(mailOf({ message: 'recovered', payUrl: null }).text).toBe('');
  });
});
