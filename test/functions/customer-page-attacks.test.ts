// The customer's door under attack: links, methods, bodies and values that no browser and no mail of ours would send.
import { describe, expect, test } from 'vitest';
import { signLink } from '../../adapters/links/token.ts';
import { caseIdFor } from '../../core/ids.ts';
import { OutsideError } from '../../core/ports.ts';
import type { Customer } from '../../core/recovery/customer.ts';
import { addDays } from '../../core/time.ts';
import { erase } from '../../core/workflows/operate.ts';
import { isPaymentPage } from '../../functions/customer-page.ts';
import type { HttpResult } from '../../functions/middleware.ts';
import { WORDS } from '../../web/customer-page/words.ts';
import { closedCaseOf } from '../support/customers.ts';
import { BASE, debtor, HOSTED, KEY, KEYS, NOW, openPage, PAYABLE } from '../support/customer-page.ts';
import { ANNA } from '../support/operating.ts';

const EN = WORDS.en;
const DE = WORDS.de;

const locationOf = ({ headers }: HttpResult): unknown => headers?.['location'];
const form = (fields: Record<string, string>): string => new URLSearchParams(fields).toString();
const OTHER = form({ answer: 'other' });
const ONE_CLICK = 'List-Unsubscribe=One-Click';

/** The debtor, whose invoice is described in other words. */
const described = (changes: Partial<typeof PAYABLE.details.value>): Customer => {
  const customer = debtor();
  const details = { ...PAYABLE.details, value: { ...PAYABLE.details.value, ...changes } };
  return { ...customer, facts: { ...customer.facts, invoices: { in_1: { ...PAYABLE, details } } } };
};

describe('a link', () => {
  test('is refused in every other form of the same bytes', async () => {
    const rig = await openPage();
    const token = rig.token();
    const [id = '', said = '', mac = ''] = token.split('.');
    const forms = [
      `${token}=`,
      `${token}.`,
      `${id}.${said}=.${mac}`,
      `${id}.${Buffer.from(said, 'base64url').toString('base64')}.${mac}`,
      `${id.toUpperCase()}.${said}.${mac}`,
      ` ${token}`,
      `${token}\n`,
      `${token}\u0000`,
      `${token}\u200B`,
      `../c/${token}`,
      `${id}.${said}.${mac}.${mac}`,
      `${id}..${mac}`,
      token.slice(0, -1),
      'x'.repeat(1_000_000),
    ];
    // Of the last letter of a MAC two bits are no part of its bytes: three other letters say the same.
    for (const letter of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_') {
      if (!token.endsWith(letter)) forms.push(token.slice(0, -1) + letter);
    }
    for (const one of forms) {
      const answer = await rig.ask('GET', '/c/x', { pathParameters: { token: one } });
      expect(answer.statusCode).toBe(404);
    }
    expect(rig.metrics).not.toContain('page_opened');
  });

  test('is good while its key is in the secret, and for nothing once it was taken out', async () => {
    const next = { id: 'k2', key: 'n'.repeat(32) } as const;
    const rolling = await openPage(debtor(), {}, async () => [next, ...KEYS]);
    expect((await rolling.get(`/c/${rolling.token()}`)).statusCode).toBe(200);
    const rolled = await openPage(debtor(), {}, async () => [next]);
    const token = rolled.token();
    for (const answer of [
      await rolled.get(`/c/${token}`),
      await rolled.post(`/c/${token}/pay`, form({ invoice: 'in_1' })),
      await rolled.post(`/c/${token}/card`, ''),
      await rolled.post(`/c/${token}/answer`, OTHER),
    ]) {
      expect(answer.statusCode).toBe(404);
    }
    expect(rolled.writes).toEqual([]);
    expect(rolled.portals).toEqual([]);
  });

  test('is not good for somebody whose id begins alike, nor for another connection', async () => {
    const rig = await openPage();
    for (const key of ['stripe/cus_11', 'stripe/cus', 'stripe-2/cus_1'] as (typeof KEY)[]) {
      const token = signLink(KEYS, { purpose: 'case', key, about: 'case_in_1', issuedAt: NOW });
      expect((await rig.get(`/c/${token}`)).statusCode).toBe(404);
      expect((await rig.post(`/c/${token}/answer`, OTHER)).headers?.['location']).toBe(`${BASE}/c/${token}`);
    }
    expect(rig.writes).toEqual([]);
  });

  test('of an older case of the same customer shows that case, and presses nothing of the newer one', async () => {
    const rig = await openPage();
    await rig.store.closeCase(closedCaseOf(KEY, 'case_in_0', { closedAt: addDays(NOW, -3) }));
    const token = rig.token({ about: 'case_in_0' });
    const page = await rig.get(`/c/${token}`);
    expect(page.statusCode).toBe(200);
    expect(page.body).not.toContain('R-1001');
    expect(page.body).not.toContain('<form');
    for (const [act, body] of [
      ['pay', form({ invoice: 'in_1' })],
      ['card', ''],
      ['answer', form({ answer: 'promise', day: '2026-03-20' })],
    ] as const) {
      expect(locationOf(await rig.post(`/c/${token}/${act}`, body))).toBe(`${BASE}/c/${token}`);
    }
    expect(rig.writes).toEqual([]);
    expect(rig.portals).toEqual([]);
  });

  test('of somebody who was erased while their page was open takes nothing any more', async () => {
    const rig = await openPage();
    const token = rig.token();
    expect((await rig.get(`/c/${token}`)).statusCode).toBe(200);
    await erase({ store: rig.store, backOff: async () => {} }, KEY, ANNA, NOW);
    const before = await rig.stored();
    rig.writes.length = 0;
    for (const [path, body] of [
      ['pay', form({ invoice: 'in_1' })],
      ['card', ''],
      ['answer', OTHER],
    ] as const) {
      expect((await rig.post(`/c/${token}/${path}`, body)).statusCode).toBe(404);
    }
    const unsubscribing = rig.token({ purpose: 'unsubscribe', about: 'notices' });
    expect((await rig.post(`/u/${unsubscribing}`, ONE_CLICK)).statusCode).toBe(404);
    expect([rig.writes, await rig.stored()]).toEqual([[], before]);
  });

  test('stands in no log, whatever is pressed and whatever fails', async () => {
    const rig = await openPage(debtor(), {
      portal: async () => {
        throw new OutsideError('Stripe, opening the billing portal: it did not answer', 'later');
      },
    });
    const token = rig.token();
    const unsubscribing = rig.token({ purpose: 'unsubscribe', about: 'notices' });
    await rig.get(`/c/${token}`);
    for (const act of ['pay', 'card', 'answer', 'steal']) {
      await rig.post(`/c/${token}/${act}`, form({ invoice: 'in_1', answer: 'other', text: 'words' }));
    }
    await rig.post(`/u/${unsubscribing}`, ONE_CLICK);
    rig.fault.error = new Error('broken');
    await rig.post(`/c/${token}/answer`, OTHER);
    const logged = JSON.stringify([
      rig.counted,
      rig.errors.map(String),
      (await rig.stored()).recovery.journal,
    ]);
    for (const secret of [token, unsubscribing, token.split('.')[2] ?? '', 'words']) {
      expect(logged).not.toContain(secret);
    }
  });
});

describe('a request', () => {
  test.each(['HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'post', 'constructor', ''])(
    'by %j is answered as a link that leads nowhere',
    async (method) => {
      const rig = await openPage();
      const unsubscribing = rig.token({ purpose: 'unsubscribe', about: 'notices' });
      for (const path of [`/c/${rig.token()}`, `/c/${rig.token()}/pay`, `/u/${unsubscribing}`]) {
        const answer = await rig.ask(method, path, { body: `${form({ invoice: 'in_1' })}&${ONE_CLICK}` });
        expect(answer.statusCode).toBe(404);
      }
      expect(rig.writes).toEqual([]);
    },
  );

  test('without parameters, headers or a body is one too', async () => {
    const rig = await openPage();
    const bare = { routeKey: 'POST /c/{token}/{act}', requestContext: {} } as never;
    expect((await rig.ask('POST', '/c/x/pay', { ...(bare as object), pathParameters: {} })).statusCode).toBe(
      404,
    );
    const token = rig.token();
    const noBody = await rig.ask('POST', `/c/${token}/answer`);
    expect(locationOf(noBody)).toBe(`${BASE}/c/${token}?told=not-an-answer`);
  });

  test.each([
    ['fields that come twice: the last counts', 'answer=free&answer=other'],
    ['names that every object has', '__proto__=x&constructor=y&toString=z&answer=other&hasOwnProperty=1'],
    ['fields of their own', 'answer=other&held=true&promisedDay=2026-03-20&who=Anna&until=9999-12-31'],
  ])('with %s', async (_, body) => {
    const rig = await openPage();
    await rig.post(`/c/${rig.token()}/answer`, body);
    const { recovery } = await rig.stored();
    expect(recovery.hold).toBeNull();
    expect(recovery.answers).toEqual([
      { at: NOW, kind: 'other', promisedDay: null, held: false, text: null },
    ]);
  });

  test.each([
    ['a form of several parts', '--b\r\nContent-Disposition: form-data; name="answer"\r\n\r\nother\r\n--b--'],
    ['XML', '<answer>other</answer>'],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00]).toString('latin1')],
  ])('whose body is %s leads back and writes nothing', async (_, body) => {
    const rig = await openPage();
    const answer = await rig.post(`/c/${rig.token()}/answer`, body);
    expect(locationOf(answer)).toBe(`${BASE}/c/${rig.token()}?told=not-an-answer`);
    expect(rig.writes).toEqual([]);
  });

  test('of ten megabytes is refused on every path that takes a body', async () => {
    const rig = await openPage();
    const huge = 'a'.repeat(10_000_000);
    const unsubscribing = rig.token({ purpose: 'unsubscribe', about: 'notices' });
    for (const path of [`/c/${rig.token()}/pay`, `/c/${rig.token()}/answer`, `/u/${unsubscribing}`]) {
      expect((await rig.post(path, huge)).statusCode).toBe(413);
    }
    expect(rig.writes).toEqual([]);
  });

  test('in languages that are an attack is answered in one that we speak', async () => {
    const rig = await openPage(null);
    for (const header of ['de-'.repeat(50_000), '"><script>', 'de;q=NaN,,;;=,*', '__proto__', '\u0000']) {
      const { body = '', statusCode } = await rig.get('/c/forged', { 'accept-language': header });
      expect(statusCode).toBe(404);
      expect(body).not.toContain('<script');
    }
  });
});

describe('an answer', () => {
  test.each([
    ['nothing but white space', ' \t\r\n\u00A0\u2003\u200B\u202E ', null],
    ['halves of characters', 'a%ED%A0%BDb%FFc', 'a\uFFFD\uFFFD\uFFFDb\uFFFDc'],
    ['markup and a template', '<script>alert(1)</script>{{7*7}}', '<script>alert(1)</script>{{7*7}}'],
    ['words turned round', '\u202Etxt.exe\u2066', 'txt.exe'],
  ])('of %s is kept as plain words on one line', async (_, text, kept) => {
    const rig = await openPage();
    const value = text.includes('%ED') ? text : encodeURIComponent(text);
    await rig.post(`/c/${rig.token()}/answer`, `answer=other&text=${value}`);
    const { answers, journal } = (await rig.stored()).recovery;
    expect(answers[0]?.text).toBe(kept);
    expect(JSON.stringify(journal)).not.toMatch(/script|exe/);
    const page = await rig.get(`/c/${rig.token()}?told=noted`);
    expect(page.body).not.toContain('alert(1)');
  });

  test('that promises twice at the same time holds once', async () => {
    const rig = await openPage();
    const path = `/c/${rig.token()}/answer`;
    const days = ['2026-03-12', '2026-03-20', '2026-03-24'];
    const results = await Promise.all(days.map((day) => rig.post(path, form({ answer: 'promise', day }))));
    const told = results.map((result) => String(locationOf(result)).split('?told=')[1]);
    expect(told.toSorted((a = '', b = '') => a.localeCompare(b))).toEqual([
      'held',
      'promised-before',
      'promised-before',
    ]);
    const { answers, hold, retries } = (await rig.stored()).recovery;
    expect(answers.filter(({ held }) => held)).toHaveLength(1);
    expect(hold?.until?.slice(0, 10)).toBe(answers.find(({ held }) => held)?.promisedDay);
    expect(retries).toHaveLength(1);
  });
});

describe('a press', () => {
  test('that cannot be written down leads on: nobody is kept from paying', async () => {
    const rig = await openPage();
    rig.fault.error = new OutsideError('DynamoDB refuses the item', 'never');
    expect(locationOf(await rig.post(`/c/${rig.token()}/pay`, form({ invoice: 'in_1' })))).toBe(HOSTED);
    expect((await rig.post(`/c/${rig.token()}/card`, '')).statusCode).toBe(303);
  });

  test('leads to nobody else’s invoice and to none that is settled', async () => {
    const rig = await openPage();
    for (const invoice of ['in_2', 'in_1 ', ' in_1', 'IN_1', 'in_1\u0000', 'in_1:re_1', HOSTED]) {
      const answer = await rig.post(`/c/${rig.token()}/pay`, form({ invoice }));
      expect(locationOf(answer)).toBe(`${BASE}/c/${rig.token()}`);
    }
    expect(rig.writes).toEqual([]);
  });

  test.each([
    'https://invoice.stripe.com/i\r\nSet-Cookie: a=b',
    'https://invoice.stripe.com/i\u0000',
    ' https://invoice.stripe.com/i',
    'ht\ntps://invoice.stripe.com/i',
    'https://invoice.stripe.com/\u202E',
    'https:\\\\invoice.stripe.com\\@evil.test/',
    'https://evil.test\\@invoice.stripe.com/',
    'https://evil.test#@invoice.stripe.com/',
    'https://invoice.stripe.com.',
    'https://stripe.com/',
    'data:text/html,https://invoice.stripe.com/',
    'https://invoice.stripe.com/a%s',
  ])('never leads to %j, and nothing of it comes into a header', async (address) => {
    const hostedUrl = address.replace('%s', 'a'.repeat(3000));
    expect(isPaymentPage(hostedUrl, [])).toBe(false);
    const rig = await openPage(described({ hostedUrl }));
    const token = rig.token();
    const answers = [
      await rig.post(`/c/${token}/pay`, form({ invoice: 'in_1' })),
      await (await openPage(debtor(), { portal: async () => hostedUrl })).post(`/c/${token}/card`, ''),
    ];
    for (const answer of answers) expect(locationOf(answer)).toBe(`${BASE}/c/${token}?told=no-page`);
    const { body = '' } = await rig.get(`/c/${token}`);
    expect(body).not.toContain(DE.pay_heading);
    expect(body).not.toContain('evil.test');
  });
});

describe('what the page shows', () => {
  test.each([
    ['markup', '<script>alert(1)</script>'],
    ['a template', '{{7*7}}'],
    ['words turned round', 'R-\u202E1001'],
    ['line ends', 'R-1\r\nSet-Cookie: a=b'],
    ['an address', 'pay at evil.test'],
    ['300 letters', 'R'.repeat(300)],
    ['a picture', '\u{1F4B3}'],
  ])('of a number that is %s is nothing', async (_, number) => {
    const rig = await openPage(described({ number }));
    const { body = '', headers } = await rig.get(`/c/${rig.token()}`);
    for (const text of ['alert', '{{', '49}}', '\u202E', 'Set-Cookie', 'evil.test', 'RRRR', '\u{1F4B3}']) {
      expect(body + JSON.stringify(headers)).not.toContain(text);
    }
    expect(body).toContain(DE.unnumbered);
  });
});

describe('the page of an invoice that falls due', () => {
  const notice = {
    subjectId: 'invoice_due:in_1:2026-03-20',
    kind: 'invoice_due',
    aboutId: 'in_1',
    campaignId: 'due',
    date: addDays(NOW, 10),
    openedAt: NOW,
    steps: [],
    over: null,
  } as const;
  const falling = (changes: Parameters<typeof described>[0]): Customer => {
    const customer = described(changes);
    return { ...customer, recovery: { ...customer.recovery, case: null, notices: [notice] } };
  };
  const ABOUT = { about: caseIdFor(notice.subjectId) };

  test('leads to Stripe, and nowhere else', async () => {
    const rig = await openPage(falling({}));
    const press = (one: typeof rig) => one.post(`/c/${one.token(ABOUT)}/pay`, form({ invoice: 'in_1' }));
    expect(locationOf(await press(rig))).toBe(HOSTED);
    const elsewhere = await openPage(falling({ hostedUrl: 'https://evil.test/i' }));
    expect((await elsewhere.get(`/c/${elsewhere.token(ABOUT)}`)).body).not.toMatch(/evil\.test|\/pay"/);
    expect(locationOf(await press(elsewhere))).toBe(`${BASE}/c/${elsewhere.token(ABOUT)}?told=no-page`);
  });

  test('shows no number that is none', async () => {
    const rig = await openPage(falling({ number: 'R-\u202E<b>1001</b>' }));
    const { body = '', statusCode } = await rig.get(`/c/${rig.token(ABOUT)}`);
    expect(statusCode).toBe(200);
    expect(body).not.toContain('1001');
    expect(body).toContain(DE.unnumbered);
  });
});

describe('every answer, whatever its status,', () => {
  test('has the headers that keep the link here and everything else out', async () => {
    const rig = await openPage();
    const broken = await openPage();
    broken.fault.error = new OutsideError('DynamoDB did not answer', 'later');
    const odd = await openPage();
    odd.fault.error = new Error('broken');
    const keyless = await openPage(debtor(), {}, async () => {
      throw new OutsideError('no key', 'later');
    });
    const token = rig.token();
    const unsubscribing = rig.token({ purpose: 'unsubscribe', about: 'notices' });
    const answers = [
      await rig.get(`/c/${token}`),
      await rig.post(`/c/${token}/pay`, form({ invoice: 'in_1' })),
      await rig.post(`/c/${token}/card`, ''),
      await rig.post(`/c/${token}/answer`, OTHER),
      await rig.post(`/u/${unsubscribing}`, 'x=1'),
      await rig.post(`/u/${unsubscribing}`, ONE_CLICK),
      await rig.get('/c/forged'),
      await rig.ask('PUT', `/c/${token}`),
      await rig.post(`/c/${token}/answer`, 'x'.repeat(9000)),
      await odd.post(`/c/${token}/answer`, OTHER),
      await broken.post(`/c/${token}/answer`, OTHER),
      await keyless.get(`/c/${token}`),
    ];
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([
      200, 303, 303, 303, 400, 200, 404, 404, 413, 500, 503, 503,
    ]);
    const commonIn = ({ headers }: HttpResult) => {
      const { location: _, ...rest } = { location: '', ...headers };
      return rest as Readonly<Record<string, unknown>>;
    };
    const common = commonIn(answers[0] as HttpResult);
    expect(Object.keys(common).toSorted((a, b) => a.localeCompare(b))).toEqual([
      'cache-control',
      'content-security-policy',
      'content-type',
      'referrer-policy',
      'strict-transport-security',
      'x-content-type-options',
      'x-frame-options',
      'x-robots-tag',
    ]);
    for (const answer of answers) {
      const { body = '' } = answer;
      expect(commonIn(answer)).toEqual(common);
      expect(locationOf(answer) ?? '').not.toMatch(/[^!-~]/);
      expect(body).not.toMatch(/<script|<img|<iframe|<link|javascript:|\son\w+=|\sstyle=/i);
      expect(body).not.toMatch(/(?:src|href)="(?!mailto:)/);
    }
    expect(common['content-security-policy']).not.toMatch(/unsafe|script-src|\*(?!\.stripe\.com)/);
    expect(common['referrer-policy']).toBe('no-referrer');
    expect(answers[9]?.body).toContain(EN.failed);
  });
});
