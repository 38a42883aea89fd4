// The customer's door: what each state shows, what a press does, what a GET must not do, and everything that is hostile.
import { describe, expect, test } from 'vitest';
import { MAX_ANSWERS } from '../../core/recovery/answers.ts';
import { NO_FACTS, type Customer } from '../../core/recovery/customer.ts';
import { VersionConflictError, type Provider } from '../../core/ports.ts';
import { plan } from '../../core/recovery/plan.ts';
import { addDays, addMs, DAY_MS } from '../../core/time.ts';
import { erase, resume } from '../../core/workflows/operate.ts';
import { isPaymentPage } from '../../functions/customer-page.ts';
import type { HttpResult } from '../../functions/middleware.ts';
import { WORDS } from '../../web/customer-page/words.ts';
import { bookOf, closedCaseOf, openCaseOf } from '../support/customers.ts';
import { AWAY, BASE, debtor, HOSTED, KEY, NOW, openPage, PAYABLE } from '../support/customer-page.ts';
import { ANNA, policyOf } from '../support/operating.ts';

const EN = WORDS.en;
const DE = WORDS.de;

const shown = ({ body = '' }: HttpResult): string =>
  body.replaceAll(/<\/?bdi>/g, '').replaceAll('\u00A0', ' ');
const locationOf = ({ headers }: HttpResult): unknown => headers?.['location'];
const form = (fields: Record<string, string>): string => new URLSearchParams(fields).toString();
const promise = (day: string) => form({ answer: 'promise', day, text: '' });

const paidInFull: Partial<Provider> = {
  refresh: async () => [
    {
      kind: 'invoice',
      at: NOW,
      source: 'refresh',
      invoice: {
        id: 'in_1',
        currency: 'EUR',
        status: 'paid',
        amounts: { due: 4900, paid: 4900, remaining: 0, credited: 0 },
        schedule: { attemptCount: 2, nextAttemptAt: null },
        details: PAYABLE.details.value,
        paymentIds: ['ch_1', 'ch_2'],
      },
      failure: null,
      contact: null,
    },
  ],
};

const notice = {
  subjectId: 'card_expiry:pm_1:2026-03-31',
  kind: 'card_expiry',
  aboutId: 'pm_1',
  campaignId: 'card',
  date: addDays(NOW, 21),
  openedAt: NOW,
  steps: [],
  over: null,
} as const;
const ABOUT_NOTICE = 'case_card_expiry-pm_1-2026-03-31';

const withNotice = (): Customer => debtor({ case: null, notices: [notice] });

describe('the page', () => {
  test('shows what is owed, in the customer’s language, with three ways on', async () => {
    const rig = await openPage();
    const result = await rig.get(`/c/${rig.token()}`);
    expect(result.statusCode).toBe(200);
    expect(result.body).toContain('<html lang="de">');
    for (const words of ['R-1001', '49,00 €', DE.pay_heading, DE.card_heading, DE.tell_heading]) {
      expect(shown(result)).toContain(words);
    }
    expect(shown(result)).not.toContain(DE.stale);
    expect(result.body).not.toContain('ana@example.com');
    expect(result.body).not.toContain('Ana');
  });

  test('asks the provider: what was paid a minute ago is paid', async () => {
    const rig = await openPage(debtor(), paidInFull);
    expect(shown(await rig.get(`/c/${rig.token()}`))).toContain(DE.paid);
  });

  test('shows what is stored when the provider does not answer, and says so', async () => {
    const rig = await openPage(debtor(), { refresh: AWAY });
    const result = await rig.get(`/c/${rig.token()}`);
    expect(result.statusCode).toBe(200);
    expect(shown(result)).toContain(DE.stale);
    expect(shown(result)).toContain('R-1001');
  });

  test('asks nobody for money whose bank looks into a payment', async () => {
    const customer = debtor();
    const dispute = {
      id: 'dp_1',
      open: true,
      status: 'needs_response',
      chargeId: 'ch_1',
      amountMinor: 4900,
      currency: 'EUR',
    };
    const disputes = { dp_1: { at: NOW, source: 'event', value: dispute } } as const;
    const rig = await openPage({ ...customer, facts: { ...customer.facts, disputes } });
    const text = shown(await rig.get(`/c/${rig.token()}`));
    expect(text).toContain(DE.blocked);
    expect(text).not.toContain(DE.pay_heading);
  });

  test('has no button for an invoice that would be paid elsewhere than at Stripe', async () => {
    const customer = debtor();
    const elsewhere = {
      ...PAYABLE.details,
      value: { ...PAYABLE.details.value, hostedUrl: 'https://stripe.com.evil.test/i' },
    };
    const invoices = { in_1: { ...PAYABLE, details: elsewhere } };
    const rig = await openPage({ ...customer, facts: { ...customer.facts, invoices } });
    const page = await rig.get(`/c/${rig.token()}`);
    expect(page.body).not.toContain('evil.test');
    expect(shown(page)).not.toContain(DE.pay_heading);
    const pressed = await rig.post(`/c/${rig.token()}/pay`, form({ invoice: 'in_1' }));
    expect(locationOf(pressed)).toBe(`${BASE}/c/${rig.token()}?told=no-page`);
  });

  test('of a notice offers another card and asks for no money', async () => {
    const rig = await openPage(withNotice());
    const result = await rig.get(`/c/${rig.token({ about: ABOUT_NOTICE })}`);
    expect(shown(result)).toContain('Karte bei');
    expect(shown(result)).toContain(DE.card_button);
    expect(shown(result)).not.toContain(DE.pay_heading);
  });

  test.each([
    ['recovered', EN.paid],
    ['lost', EN.nothing],
    ['withdrawn', EN.nothing],
  ] as const)('of a case that was closed as %s asks for nothing', async (outcome, words) => {
    const rig = await openPage(null);
    await rig.store.closeCase(closedCaseOf(KEY, 'case_in_1', { invoices: [bookOf('in_1', { outcome })] }));
    const result = await rig.get(`/c/${rig.token()}`);
    expect(result.statusCode).toBe(200);
    expect(shown(result)).toContain(words);
  });

  test('of a closed case is there for 60 days, then as if it had never been', async () => {
    const rig = await openPage(null);
    await rig.store.closeCase(closedCaseOf(KEY, 'case_in_1', { closedAt: addDays(NOW, -60) }));
    expect((await rig.get(`/c/${rig.token()}`)).statusCode).toBe(404);
    rig.pass(-1);
    expect((await rig.get(`/c/${rig.token({ issuedAt: addDays(NOW, -1) })}`)).statusCode).toBe(200);
  });

  test('speaks the browser’s language to somebody of whom nothing is known', async () => {
    const rig = await openPage(null);
    await rig.store.closeCase(closedCaseOf(KEY, 'case_in_1', { closedAt: NOW }));
    const page = await rig.get(`/c/${rig.token()}`, { 'Accept-Language': 'xx,zh-Hant-HK;q=0.9,fr;q=0.5' });
    expect(page.body).toContain('<html lang="zh-TW">');
  });
});

describe('a GET', () => {
  const paths = (token: string, other: string) => [
    `/c/${token}`,
    `/c/${token}?told=held`,
    `/c/${token}?told=<script>`,
    `/c/${token}/pay`,
    `/c/${token}/answer?answer=promise&day=2026-03-12`,
    `/c/${other}`,
    `/u/${token}`,
    `/u/${other}`,
    `/u/${other}?List-Unsubscribe=One-Click`,
    '/c/',
    '/x/y',
  ];

  test.each([
    ['an open case', debtor()],
    ['a notice', withNotice()],
    ['somebody who is not known', null],
    [
      'a held customer',
      debtor({ answers: [{ at: NOW, kind: 'other', promisedDay: null, held: false, text: 'x' }] }),
    ],
  ])('writes nothing whatever is asked, of %s', async (_, customer) => {
    const rig = await openPage(customer);
    const before = await rig.stored();
    const unsubscribing = rig.token({ purpose: 'unsubscribe', about: 'notices' });
    for (const path of paths(rig.token(), unsubscribing)) await rig.get(path);
    expect(rig.writes).toEqual([]);
    expect(await rig.stored()).toEqual(before);
    expect(rig.metrics).toContain('page_opened');
  });
});

describe('a link that leads nowhere', () => {
  test('is one and the same 404, whether it is forged, unknown, of another case, too old, revoked or of somebody gone', async () => {
    const rig = await openPage();
    const token = (changes: Parameters<typeof rig.token>[0] = {}) => rig.token(changes);
    const answers = [
      await rig.get('/c/forged'),
      await rig.get(`/c/${token().slice(0, -1)}A`),
      await rig.get(`/c/${token({ about: 'case_in_2' })}`),
      await rig.get(`/c/${token({ key: `${KEY}x` as typeof KEY })}`),
      await rig.get(`/c/${token({ issuedAt: addDays(NOW, -400) })}`),
      await rig.get(`/c/${token({ purpose: 'unsubscribe', about: 'notices' })}`),
      await (await openPage(debtor({ linksRevokedAt: NOW }))).get(`/c/${token()}`),
      await (await openPage({ ...debtor(), facts: { ...NO_FACTS, erasedAt: NOW } })).get(`/c/${token()}`),
      await (await openPage({ ...debtor(), facts: { ...NO_FACTS, deletedAt: NOW } })).get(`/c/${token()}`),
      await rig.post('/c/forged/pay', form({ invoice: 'in_1' })),
      await rig.post(`/c/${token()}/steal`, ''),
      await rig.get('/u/forged'),
      await rig.post('/u/forged', 'List-Unsubscribe=One-Click'),
    ];
    expect(answers[0]).toMatchObject({ statusCode: 404, body: expect.stringContaining(EN.title_unknown) });
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });

  test('is what every link becomes once the customer is erased; one issued later is not revoked', async () => {
    const rig = await openPage();
    await erase({ store: rig.store, backOff: async () => {} }, KEY, ANNA, NOW);
    expect((await rig.get(`/c/${rig.token()}`)).statusCode).toBe(404);
    const revoked = await openPage(debtor({ linksRevokedAt: addDays(NOW, -1) }));
    expect((await revoked.get(`/c/${rig.token()}`)).statusCode).toBe(200);
  });
});

describe('pay', () => {
  test('leads to the provider’s own page, and the journal has when', async () => {
    const rig = await openPage();
    const result = await rig.post(`/c/${rig.token()}/pay`, form({ invoice: 'in_1' }));
    expect(result).toMatchObject({ statusCode: 303, body: '' });
    expect(locationOf(result)).toBe(HOSTED);
    expect((await rig.stored()).recovery.journal).toEqual([
      { at: NOW, what: 'the customer went to pay', why: 'in_1', count: 1 },
    ]);
  });

  test('pressed again and again is noted once an hour, and carried out each time', async () => {
    const rig = await openPage();
    for (let i = 0; i < 200; i += 1) {
      const result = await rig.post(`/c/${rig.token()}/pay`, form({ invoice: 'in_1' }));
      expect(locationOf(result)).toBe(HOSTED);
      rig.pass(30 * 60_000);
    }
    expect((await rig.stored()).recovery.journal).toHaveLength(40);
  });

  test.each([
    '',
    'invoice=',
    'invoice=in_2',
    'invoice=constructor',
    `invoice=${'x'.repeat(200)}`,
    '{"invoice":"in_1"}',
  ])(
    'of what is no open invoice of the case (%j) leads back to the page and writes nothing',
    async (body) => {
      const rig = await openPage();
      const result = await rig.post(`/c/${rig.token()}/pay`, body);
      expect(locationOf(result)).toBe(`${BASE}/c/${rig.token()}`);
      expect(rig.writes).toEqual([]);
    },
  );
});

describe('another card', () => {
  test('is stored on a page made at the press, which leads back to ours', async () => {
    const rig = await openPage();
    const result = await rig.post(`/c/${rig.token()}/card`, '');
    expect(result.statusCode).toBe(303);
    expect(locationOf(result)).toBe('https://billing.stripe.com/p/session/test_1');
    expect(rig.portals).toEqual([`${BASE}/c/${rig.token()}?told=card`]);
    expect((await rig.stored()).recovery.journal).toMatchObject([
      { what: 'the customer went to change the card' },
    ]);
  });

  test('can be stored ahead of time from the mail that says that one expires', async () => {
    const rig = await openPage(withNotice());
    const result = await rig.post(`/c/${rig.token({ about: ABOUT_NOTICE })}/card`, '');
    expect(locationOf(result)).toBe('https://billing.stripe.com/p/session/test_1');
  });

  test('when the provider makes no page the customer is told to write, and it is counted', async () => {
    const rig = await openPage(debtor(), { portal: AWAY });
    const result = await rig.post(`/c/${rig.token()}/card`, '');
    expect(locationOf(result)).toBe(`${BASE}/c/${rig.token()}?told=later`);
    expect(rig.metrics).toContain('portal_failed');
    expect(rig.writes).toEqual([]);
  });

  test('is never stored anywhere but at Stripe', async () => {
    const rig = await openPage(debtor(), { portal: async () => 'https://evil.test/' });
    const result = await rig.post(`/c/${rig.token()}/card`, '');
    expect(locationOf(result)).toBe(`${BASE}/c/${rig.token()}?told=no-page`);
  });
});

describe('a promise', () => {
  test('holds everything back until the end of its day where the customer lives, then makes one try', async () => {
    const rig = await openPage();
    const result = await rig.post(`/c/${rig.token()}/answer`, promise('2026-03-20'));
    expect(locationOf(result)).toBe(`${BASE}/c/${rig.token()}?told=held`);
    const { recovery } = await rig.stored();
    // Vienna, one hour ahead of UTC.
    const until = '2026-03-20T22:59:59.999Z';
    expect(recovery.hold).toMatchObject({ kind: 'hold', until, by: 'customer' });
    expect(recovery.retries).toMatchObject([{ subjectId: 'in_1', at: until, by: 'customer' }]);
    expect(recovery.answers).toEqual([
      { at: NOW, kind: 'promise', promisedDay: '2026-03-20', held: true, text: null },
    ]);
    expect(shown(await rig.get(`/c/${rig.token()}`))).toContain('bis zum 20. März 2026');
  });

  test('of a case a second time is written down, holds nothing, and is answered kindly', async () => {
    const rig = await openPage();
    await rig.post(`/c/${rig.token()}/answer`, promise('2026-03-12'));
    rig.pass(4 * DAY_MS);
    const again = await rig.post(`/c/${rig.token()}/answer`, promise('2026-03-20'));
    expect(locationOf(again)).toBe(`${BASE}/c/${rig.token()}?told=promised-before`);
    const { recovery } = await rig.stored();
    expect(recovery.hold?.until).toBe('2026-03-12T22:59:59.999Z');
    expect(recovery.answers.map(({ held }) => held)).toEqual([true, false]);
    const page = await rig.get(`/c/${rig.token()}?told=promised-before`);
    expect(shown(page)).toContain(DE['told_promised-before']);
  });

  test('after an operator has taken the first back holds nothing either: then a person decides', async () => {
    const rig = await openPage();
    await rig.post(`/c/${rig.token()}/answer`, promise('2026-03-12'));
    await resume({ store: rig.store, backOff: async () => {} }, KEY, ANNA, addMs(NOW, 1));
    await rig.post(`/c/${rig.token()}/answer`, promise('2026-03-20'));
    expect((await rig.stored()).recovery.answers.map(({ held }) => held)).toEqual([true, false]);
  });

  test('does not move what an operator has held', async () => {
    const hold = { kind: 'excluded', until: null, at: NOW, by: 'Anna', note: '', past: [] } as const;
    const rig = await openPage(debtor({ hold }));
    const result = await rig.post(`/c/${rig.token()}/answer`, promise('2026-03-20'));
    expect(locationOf(result)).toBe(`${BASE}/c/${rig.token()}?told=noted`);
    expect((await rig.stored()).recovery.hold).toEqual(hold);
  });

  test.each([
    ['2026-03-10', 'held'],
    ['2026-03-24', 'held'],
    ['2026-03-09', 'not-a-day'],
    ['2026-03-25', 'not-a-day'],
    ['2026-02-30', 'not-a-day'],
    ['9999-99-99', 'not-a-day'],
    ['tomorrow', 'not-a-day'],
    ['', 'not-a-day'],
  ])('of %j on 10 March is answered: %s', async (day, told) => {
    const rig = await openPage();
    const result = await rig.post(`/c/${rig.token()}/answer`, promise(day));
    expect(locationOf(result)).toBe(`${BASE}/c/${rig.token()}?told=${told}`);
    expect((await rig.stored()).recovery.hold === null).toBe(told !== 'held');
  });
});

describe('an answer', () => {
  test.each(['too_expensive', 'not_using', 'wrong_person', 'other'])(
    '"%s" is written down and stops nothing',
    async (answer) => {
      const rig = await openPage();
      const result = await rig.post(`/c/${rig.token()}/answer`, form({ answer, day: '2026-03-12' }));
      expect(locationOf(result)).toBe(`${BASE}/c/${rig.token()}?told=noted`);
      const { recovery } = await rig.stored();
      expect(recovery).toMatchObject({ hold: null, retries: [] });
      expect(recovery.answers).toEqual([
        { at: NOW, kind: answer, promisedDay: null, held: false, text: null },
      ]);
      expect(recovery.journal).toMatchObject([{ what: 'the customer answered' }]);
    },
  );

  test('keeps its text on one line while the case is open, and never in the journal', async () => {
    const rig = await openPage();
    const text = 'lost my\r\njob\u202E\u0000 ';
    await rig.post(`/c/${rig.token()}/answer`, form({ answer: 'other', text }));
    const { recovery } = await rig.stored();
    expect(recovery.answers[0]?.text).toBe('lost my job');
    expect(JSON.stringify(recovery.journal)).not.toContain('lost');
  });

  test('goes into the closed case without its text', async () => {
    const rig = await openPage();
    await rig.post(`/c/${rig.token()}/answer`, form({ answer: 'other', text: 'my secret' }));
    const customer = await rig.stored();
    const book = { ...openCaseOf('case_in_1'), ladders: customer.recovery.case?.ladders ?? [] };
    const paid = {
      ...PAYABLE,
      status: 'paid',
      amounts: { ...PAYABLE.amounts, value: { due: 4900, paid: 4900, remaining: 0, credited: 0 } },
    } as const;
    const settled = {
      ...customer,
      facts: { ...customer.facts, invoices: { in_1: paid } },
      recovery: { ...customer.recovery, case: book },
    };
    const { outbox, recovery } = plan(settled, policyOf(), addDays(NOW, 1)).customer;
    expect(outbox?.closed?.answers).toEqual([{ at: NOW, kind: 'other', promisedDay: null, held: false }]);
    expect(JSON.stringify(outbox)).not.toContain('my secret');
    expect(recovery.answers).toEqual([]);
  });

  test('loses its text when the customer is erased', async () => {
    const rig = await openPage();
    await rig.post(`/c/${rig.token()}/answer`, form({ answer: 'other', text: 'my secret' }));
    await erase({ store: rig.store, backOff: async () => {} }, KEY, ANNA, NOW);
    expect(JSON.stringify(await rig.stored())).not.toContain('my secret');
  });

  test(`is taken ${MAX_ANSWERS} times a case; after that people are asked to write`, async () => {
    const rig = await openPage();
    for (let i = 0; i < MAX_ANSWERS + 3; i += 1) {
      await rig.post(`/c/${rig.token()}/answer`, form({ answer: 'other', text: `no. ${i}` }));
    }
    expect((await rig.stored()).recovery.answers).toHaveLength(MAX_ANSWERS);
    const more = await rig.post(`/c/${rig.token()}/answer`, form({ answer: 'other' }));
    expect(locationOf(more)).toBe(`${BASE}/c/${rig.token()}?told=enough`);
  });

  test.each([
    ['no answer', ''],
    ['an answer nobody offers', form({ answer: 'free' })],
    ['a text that is too long', form({ answer: 'other', text: 'x'.repeat(501) })],
    ['JSON', '{"answer":"other"}'],
    ['a name every object has', form({ answer: '__proto__' })],
  ])('that is none (%s) leads back and writes nothing', async (_, body) => {
    const rig = await openPage();
    const result = await rig.post(`/c/${rig.token()}/answer`, body);
    expect(locationOf(result)).toBe(`${BASE}/c/${rig.token()}?told=not-an-answer`);
    expect(rig.writes).toEqual([]);
  });

  test('of 500 characters of the dearest kind fits; a longer body is refused unread', async () => {
    const rig = await openPage();
    const text = '\u{1F4B3}'.repeat(250);
    const fits = await rig.post(`/c/${rig.token()}/answer`, form({ answer: 'other', text }));
    expect(locationOf(fits)).toBe(`${BASE}/c/${rig.token()}?told=noted`);
    const long = await rig.post(`/c/${rig.token()}/answer`, `answer=other&text=${'x'.repeat(9000)}`);
    expect(long.statusCode).toBe(413);
    const encoded = Buffer.from('x'.repeat(9000)).toString('base64');
    expect((await rig.post(`/c/${rig.token()}/answer`, encoded, { isBase64Encoded: true })).statusCode).toBe(
      413,
    );
  });

  test('to a case that is closed meanwhile leads to the page, which says that nothing is open', async () => {
    const rig = await openPage(debtor({ case: null }));
    const result = await rig.post(`/c/${rig.token()}/answer`, form({ answer: 'other' }));
    expect(locationOf(result)).toBe(`${BASE}/c/${rig.token()}`);
    expect(rig.writes).toEqual([]);
  });
});

describe('unsubscribing', () => {
  const ONE_CLICK = 'List-Unsubscribe=One-Click';
  const MULTIPART =
    '--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n';

  test.each([
    ['as a form', ONE_CLICK],
    ['as mail services may send it too', MULTIPART],
  ])('takes one POST %s, no login and no redirect', async (_, body) => {
    const rig = await openPage(withNotice());
    const token = rig.token({ purpose: 'unsubscribe', about: 'notices' });
    const result = await rig.post(`/u/${token}`, body);
    expect(result.statusCode).toBe(200);
    expect(shown(result)).toContain(DE.unsubscribed_notices);
    expect((await rig.stored()).recovery.unsubscribed).toEqual({ notices: NOW });
  });

  test('works for somebody of whom nothing is known any more, and a second time', async () => {
    const rig = await openPage(null);
    const token = rig.token({ purpose: 'unsubscribe', about: 'notices' });
    await rig.post(`/u/${token}`, ONE_CLICK);
    rig.pass(1000);
    expect((await rig.post(`/u/${token}`, ONE_CLICK)).statusCode).toBe(200);
    expect(await rig.stored()).toMatchObject({
      version: 1,
      expiresAt: null,
      recovery: { unsubscribed: { notices: NOW } },
    });
    // A look of the clock, which lets go of whoever has nothing at risk, does not forget it.
    const { customer } = plan(await rig.stored(), policyOf(), addDays(NOW, 1));
    expect(customer).toMatchObject({ expiresAt: null, recovery: { unsubscribed: { notices: NOW } } });
  });

  test('from mails about a debt stops none of them, and the page says so', async () => {
    const rig = await openPage();
    const token = rig.token({ purpose: 'unsubscribe', about: 'dunning' });
    expect(shown(await rig.get(`/u/${token}`))).toContain(DE.unsubscribe_dunning);
    const result = await rig.post(`/u/${token}`, ONE_CLICK);
    expect(shown(result)).toContain(DE.unsubscribed_dunning);
    expect((await rig.stored()).recovery.unsubscribed).toEqual({});
  });

  test('by a GET shows one button; a POST that is not the one click changes nothing', async () => {
    const rig = await openPage(withNotice());
    const token = rig.token({ purpose: 'unsubscribe', about: 'notices' });
    const page = await rig.get(`/u/${token}`);
    expect(page.body?.match(/<button/g)).toHaveLength(1);
    expect((await rig.post(`/u/${token}`, 'x=1')).statusCode).toBe(400);
    expect(rig.writes).toEqual([]);
  });

  test('from a stream that there is none of is a link that leads nowhere', async () => {
    const rig = await openPage();
    const token = rig.token({ purpose: 'unsubscribe', about: 'constructor' });
    expect((await rig.post(`/u/${token}`, ONE_CLICK)).statusCode).toBe(404);
  });
});

describe('every answer', () => {
  test('is kept by nobody, runs nothing, tells no referrer and stands in no frame', async () => {
    const rig = await openPage();
    const answers = [
      await rig.get(`/c/${rig.token()}`),
      await rig.get('/c/forged'),
      await rig.post(`/c/${rig.token()}/pay`, form({ invoice: 'in_1' })),
      await rig.get(`/u/${rig.token({ purpose: 'unsubscribe', about: 'notices' })}`),
    ];
    for (const { headers } of answers) {
      expect(headers).toMatchObject({
        'content-security-policy': expect.stringMatching(
          /^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]+'; form-action 'self' https:\/\/\*\.stripe\.com; base-uri 'none'; frame-ancestors 'none'$/,
        ),
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      });
    }
  });

  test('is one that helps when the store does not answer, and tells nothing of it', async () => {
    const rig = await openPage(debtor(), {
      refresh: async () => {
        throw new Error('secret words');
      },
    });
    const result = await rig.get(`/c/${rig.token()}`);
    expect(result.statusCode).toBe(500);
    expect(shown(result)).toContain(EN.failed);
    expect(result.body).not.toContain('secret words');
    expect(rig.errors).toHaveLength(1);
  });

  test('to an answer that other writers keep from being written down asks to try again', async () => {
    const rig = await openPage();
    rig.fault.error = new VersionConflictError('raced');
    const result = await rig.post(`/c/${rig.token()}/answer`, form({ answer: 'other' }));
    expect(result.statusCode).toBe(503);
    expect(shown(result)).toContain(EN.failed);
  });

  test('to a press that other writers keep from being noted leads on: nobody is kept from paying', async () => {
    const rig = await openPage();
    rig.fault.error = new VersionConflictError('raced');
    expect(locationOf(await rig.post(`/c/${rig.token()}/pay`, form({ invoice: 'in_1' })))).toBe(HOSTED);
  });
});

describe('where customers may be sent', () => {
  test.each<[string, boolean]>([
    [HOSTED, true],
    ['https://billing.stripe.com/p/session/x', true],
    ['https://pay.acme.test/i', true],
    ['http://invoice.stripe.com/i', false],
    ['https://stripe.com.evil.test/', false],
    ['https://evilstripe.com/', false],
    ['https://invoice.stripe.com:8443/', false],
    ['https://user@invoice.stripe.com/', false],
    ['https://invoice.stripe.com@evil.test/', false],
    ['//invoice.stripe.com/', false],
    ['javascript:alert(1)', false],
    ['', false],
  ])('%s: %s', (address, allowed) => expect(isPaymentPage(address, ['pay.acme.test'])).toBe(allowed));
});
