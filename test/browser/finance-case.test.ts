// One case in a browser: everything about it can be read, its mails look as they were sent, and an operator acts knowing what will come.
import type { Browser, Route } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Case, Cases } from '../../web/finance/api.ts';
import { LANGUAGES } from '../../web/finance/language.ts';
import { caseWith, eur, invoiceWith, stepWith } from '../web/finance/a-case.ts';
import { CHROMIUM } from './chromium.ts';
import { startFinance, type FinanceRig } from './finance-rig.ts';
import { LOOKS } from './looking.ts';

const HOSTILE = `<script>alert(1)</script><img src=x onerror=alert(2)> "'`;

type Line = Cases['cases'][number];

describe.skipIf(CHROMIUM === null)('a case', () => {
  let finance: FinanceRig;
  /** An open case with mails, which nobody touches; those that are acted upon; a closed one. */
  let mailed: Line;
  let open: Line[];
  let closed: Line;
  beforeAll(async () => {
    finance = await startFinance();
    const listed = async (outcome: string) =>
      (await ask<Cases>(`/cases?from=2026-01&to=2026-03&limit=100&outcome=${outcome}`)).cases;
    const all = await listed('open');
    const mails = await Promise.all(all.map(async (line) => (await caseOf(line)).mails.length));
    const most = all[mails.indexOf(Math.max(...mails))];
    const [lost] = await listed('lost');
    if (!most || !lost) throw new Error('the demonstration has open cases and lost ones');
    [mailed, closed] = [most, lost];
    open = all.filter((line) => line !== mailed);
  }, 60_000);
  afterAll(() => finance.stop());
  afterEach(() => finance.looker.page.unrouteAll());

  const page = () => finance.looker.page;
  const textOf = (selector: string): Promise<string> => page().innerText(selector);
  const ask = async <T>(path: string): Promise<T> =>
    (await (await fetch(`${finance.rig.url}/api${path}`)).json()) as T;
  const caseOf = ({ connection, customer, case: id }: Line): Promise<Case> =>
    ask(`/cases/${connection}/${customer}/${id}`);
  const hashOf = ({ connection, customer, case: id }: Line, query = ''): string =>
    `#/case/${connection}/${customer}/${id}${query}`;
  /** Each test that acts takes a case of its own. */
  const anOpen = (): Line => {
    const line = open.pop();
    if (!line) throw new Error('the demonstration has too few open cases');
    return line;
  };
  const post = (line: Line, action: string, body: object) =>
    fetch(`${finance.rig.url}/api/customers/${line.connection}/${line.customer}/${action}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  /** Shows this in place of what the API says of every case. */
  const instead = (one: Case) =>
    page().route('**/api/cases/stripe/**', (route) => route.fulfill({ json: one }));
  const choose = async (action: string): Promise<void> => {
    const button = page().locator(`.view-head .actions > button:has-text("${action}")`);
    if ((await button.count()) > 0) await button.click();
    else {
      await page().click('.view-head .menu > button');
      await page().click(`.choices button:has-text("${action}")`);
    }
    await page().waitForSelector('dialog[open] form');
    await finance.settled();
  };
  const submit = () => page().click('dialog[open] button[type=submit]');

  describe.each([
    ['timeline', ''],
    ['steps', '?tab=steps'],
    ['money', '?tab=money'],
    ['mails', '?tab=mails'],
    ['mail-text', '?tab=mails&as=text'],
    ['journal', '?tab=journal'],
  ])('its %s', (name, query) => {
    test('can be read by everybody, and asks nobody but its own server', async () => {
      await finance.open(hashOf(mailed, query));
      expect(await finance.inspect(`case.${name}`)).toEqual([]);
      expect(finance.misdeeds()).toEqual([]);
    });
  });

  test('that is closed, held, set aside, erased or not there can be read by everybody', async () => {
    await finance.open(hashOf(closed));
    expect(await finance.inspect('case.closed')).toEqual([]);
    expect(await textOf('h1')).toContain('Lost');
    await instead(EVERYTHING);
    await finance.open(hashOf(closed));
    expect(await finance.inspect('case.everything')).toEqual([]);
    expect(await textOf('main')).toMatch(/On hold until 13 Mar 2026, 23:59 UTC, by Ana/);
    expect(await textOf('main')).toMatch(/Waits for a person since 5 Mar 2026/);
    expect(await textOf('main')).toMatch(/Who this customer was is forgotten since 6 Mar 2026/);
    await page().unrouteAll();
    await finance.open('#/case/stripe/cus_nobody/case_in_1');
    expect(await finance.inspect('case.missing')).toEqual([]);
    await finance.open('#/case/stripe');
    expect(await textOf('main')).toContain('Look for the customer among the cases');
  });

  test.each(Object.keys(LANGUAGES))(
    'in %s it fits on a phone and says no name of a message',
    async (language) => {
      await instead(EVERYTHING);
      for (const tab of ['timeline', 'steps', 'money', 'mails', 'journal']) {
        await finance.open(hashOf(closed, `?tab=${tab}`), language);
        expect([tab, await finance.looker.overflow()]).toEqual([tab, 0]);
        expect(await textOf('main')).not.toMatch(/\b(why|will|act|do|ask|does|left|as)_[a-z_]+\b|\{\w+\}/);
      }
      await finance.open(hashOf(closed), language);
      await finance.looker.set(LOOKS[1]);
      await finance.looker.photograph(`finance.case.${language}`);
    },
  );

  test('tells as one stream what happened: failures, mails with what became of them, money, answers, acts', async () => {
    await instead(EVERYTHING);
    await finance.open(hashOf(closed));
    const stream = (await textOf('.timeline')).replaceAll(/\s+/g, ' ');
    for (const told of [
      'Refunded',
      'Held until 13 Mar 2026, 23:59 UTC by Ana promised by phone',
      'The customer told: Promised to pay, on 13 March 2026',
      'Delivered Opened Clicked',
      'A payment failed: €49.00 of invoice R-1',
    ]) {
      expect(stream).toContain(told);
    }
    expect(stream.indexOf('Refunded')).toBeLessThan(stream.indexOf('A payment failed'));
  });

  test('whatever stands in it is text: nothing runs, nothing is asked for', async () => {
    const one = EVERYTHING;
    await instead({
      ...one,
      invoices: one.invoices.map((invoice) => ({
        ...invoice,
        number: HOSTILE,
        why: HOSTILE,
        reason: HOSTILE,
      })),
      answers: one.answers.map((answer) => ({ ...answer, text: HOSTILE })),
      journal: one.journal.map((line) => ({ ...line, why: HOSTILE })),
      steps: one.steps.map((step) => ({ ...step, why: HOSTILE, rule: HOSTILE })),
    });
    for (const tab of ['timeline', 'steps', 'money', 'journal']) {
      await finance.open(hashOf(closed, `?tab=${tab}`));
      expect(await textOf('main')).toContain(HOSTILE);
      expect(await page().locator('main :is(script, img)').count()).toBe(0);
      expect(finance.misdeeds()).toEqual([]);
    }
  });

  test('older lines of its journal come page by page', async () => {
    const line = (text: string) => ({ at: '2026-02-01T09:00:00.000Z', what: text, why: 'x', count: 1 });
    await instead({ ...EVERYTHING, olderJournalPages: 2 });
    await page().route('**/journal?page=*', (route) => {
      const asked = new URL(route.request().url()).searchParams.get('page');
      return route.fulfill({ json: { page: Number(asked), pages: 2, journal: [line(`old ${asked}`)] } });
    });
    await finance.open(hashOf(closed, '?tab=journal'));
    await page().click('a:has-text("Older lines (2 more pages)")');
    await page().waitForSelector('.journal >> text=old 1');
    await page().click('a:has-text("Older lines (1 more page)")');
    await page().waitForSelector('.journal >> text=old 2');
    expect(await page().locator('a:has-text("Older lines")').count()).toBe(0);
    const lines = await page().locator('.journal strong').allInnerTexts();
    expect(lines.slice(-2)).toEqual(['old 1', 'old 2']);
  });

  describe('its mails', () => {
    /** Every element of a mail with where it stands and how it is drawn. */
    const DRAWN = `(root, view) => [...root.querySelectorAll('*')].map((one) => {
      const { x, y, width, height } = one.getBoundingClientRect();
      const style = view.getComputedStyle(one);
      const names = ['color', 'backgroundColor', 'fontFamily', 'fontSize', 'fontWeight', 'lineHeight', 'display',
        'padding', 'margin', 'border', 'borderRadius', 'textDecoration', 'textAlign', 'whiteSpace', 'textWrap'];
      return [one.localName, ...[x, y, width, height].map(Math.round), ...names.map((name) => style[name])].join(' ');
    })`;
    const inFrame = () =>
      page().evaluate<string[]>(
        `(${DRAWN})(document.querySelector('iframe').contentDocument.body, document.querySelector('iframe').contentWindow)`,
      );

    test.each(LOOKS)('look exactly as they were sent ($name)', async (look) => {
      const one = await caseOf(mailed);
      const mail = one.mails.at(-1);
      await finance.open(hashOf(mailed, `?tab=mails&mail=${mail?.subject}/${mail?.step}`));
      await finance.looker.set(look);
      await page().waitForSelector('iframe.mail');
      const width = await page().evaluate<number>(`document.querySelector('iframe').clientWidth`);
      const alone = await (page().context().browser() as Browser).newPage();
      // The scheme of a frame is that of the page around it.
      await alone.emulateMedia({ colorScheme: look.theme });
      await alone.setViewportSize({ width, height: 800 });
      await alone.setContent(mail?.words?.html ?? '');
      const plain = await alone.evaluate<string[]>(`(${DRAWN})(document.body, window)`);
      await alone.close();
      expect(plain.length).toBeGreaterThan(20);
      await expect.poll(inFrame).toEqual(plain);
      expect(finance.misdeeds()).toEqual([]);
    });

    test('do nothing, whatever stands in them', async () => {
      const html = `<!doctype html><html lang="en"><head><meta http-equiv="refresh" content="0;url=https://evil.test/m">
        <base href="https://evil.test/"><link rel="stylesheet" href="https://evil.test/a.css">
        <style>@import url(https://evil.test/i.css); p { color: rgb(1, 2, 3); background: url(https://evil.test/b.png) }</style>
        <style media="print">p { color: rgb(9, 9, 9) }</style></head>
        <body onload="alert(1)"><h1 onclick="alert(2)">Pay</h1><p style="font-size: 19px; background: url(https://evil.test/s.png)">x</p>
        <script>alert(3)</script><img src="https://evil.test/x.png" onerror="alert(4)"><svg onload="alert(5)"></svg>
        <iframe src="https://evil.test/f"></iframe><object data="https://evil.test/o"></object>
        <form action="https://evil.test/"><button>Send</button></form>
        <a href="javascript:alert(6)">here</a> <a href="https://evil.test/" target="_top">there</a></body></html>`;
      const words = { subject: HOSTILE, text: HOSTILE, html, isAsSent: false, leftOut: [] };
      await instead({ ...EVERYTHING, mails: EVERYTHING.mails.map((mail) => ({ ...mail, words })) });
      await finance.open(hashOf(closed, '?tab=mails'));
      const frame = page().frameLocator('iframe.mail');
      await frame.locator('p').waitFor();
      const [style] = await page().evaluate<[string]>(`(() => {
        const p = document.querySelector('iframe').contentDocument.querySelector('p');
        const { color, fontSize, backgroundImage } = getComputedStyle(p);
        return [[color, fontSize, backgroundImage].join(' ')];
      })()`);
      expect(style).toBe('rgb(1, 2, 3) 19px none');
      expect(
        await frame
          .locator('script, svg, iframe, object, form, button, meta, base, link, [src], [href]')
          .count(),
      ).toBe(0);
      const before = page().url();
      await frame.locator('a >> nth=0').click();
      await frame.locator('a >> nth=1').click();
      await frame.locator('h1').click();
      expect(page().url()).toBe(before);
      expect(finance.misdeeds()).toEqual([]);
      expect(await textOf('.mail-shown')).toContain('Not word for word');
    });

    test('say what of them is not kept, and when their words cannot be shown', async () => {
      await finance.open(hashOf(mailed, '?tab=mails'));
      expect(await textOf('.mail-shown')).toContain('Its links lead nowhere here.');
      await instead({ ...EVERYTHING, mails: EVERYTHING.mails.map((mail) => ({ ...mail, words: null })) });
      await finance.open(hashOf(closed, '?tab=mails'));
      expect(await textOf('.mail-shown')).toContain('Its words cannot be shown');
    });
  });

  describe('an operator', () => {
    test('holds somebody until Friday in a few presses, knowing what will come, and is told what was done', async () => {
      const line = anOpen();
      const before = await caseOf(line);
      await finance.open(hashOf(line));
      await choose('Hold back');
      // It is Monday, 2 March 2026.
      expect(await textOf('dialog[open] [aria-pressed=true]')).toContain('Friday');
      expect(await textOf('.will')).toContain('before the end of 6 March 2026 (UTC)');
      expect(await textOf('.will')).toMatch(/is charged once|nothing is charged/);
      expect(await finance.inspect('case.hold')).toEqual([]);
      await submit();
      expect(await textOf('dialog[open]')).toContain('Say why');
      await page().fill('dialog[open] textarea', 'promised by phone');
      const [sent] = await Promise.all([page().waitForRequest('**/hold'), submit()]);
      expect(sent.postDataJSON()).toEqual({
        note: 'promised by phone',
        until: '2026-03-06',
        ifVersion: before.version,
      });
      await page().waitForSelector('.remark.done');
      expect(await textOf('.remark.done')).toContain('On that date');
      await page().waitForSelector('button:has-text("Resume")');
      expect((await caseOf(line)).held).toMatchObject({ until: '2026-03-06T23:59:59.999Z' });
      expect(await textOf('.timeline')).toContain('promised by phone');
      await choose('Resume');
      await page().fill('dialog[open] textarea', 'paid half');
      await submit();
      await page().waitForSelector('.remark.done');
      expect((await caseOf(line)).held).toBeNull();
      expect(finance.misdeeds()).toEqual([]);
    });

    test('chooses another day, and none that has passed', async () => {
      await finance.open(hashOf(mailed));
      await choose('Hold back');
      await page().click('.days button:has-text("In a week")');
      expect(await page().inputValue('dialog[open] input[type=date]')).toBe('2026-03-09');
      await page().fill('dialog[open] input[type=date]', '2026-03-01');
      await page().fill('dialog[open] textarea', 'x');
      await submit();
      expect(await textOf('dialog[open]')).toContain('Choose a day from today on');
      await page().keyboard.press('Escape');
      expect(await page().locator('dialog[open]').count()).toBe(0);
    });

    test('is told when somebody else was first, sees the case anew, and keeps what was written', async () => {
      const line = anOpen();
      await finance.open(hashOf(line));
      await choose('Hold back');
      await page().fill('dialog[open] textarea', 'promised by phone');
      expect((await post(line, 'exclude', { note: 'key account' })).status).toBe(200);
      await submit();
      await page().waitForSelector('.remark.wrong');
      expect(await textOf('.remark.wrong')).toContain('look again');
      await page().waitForSelector('.remark:has-text("Excluded by somebody at this machine")');
      expect((await caseOf(line)).held).toMatchObject({ until: null });
      await choose('Resume');
      expect(await page().inputValue('dialog[open] textarea')).toBe('promised by phone');
      await finance.looker.photograph('finance.case.raced');
    });

    test('is told why something is refused, with the dialog left open', async () => {
      const line = anOpen();
      await finance.open(hashOf(line));
      await choose('Try now');
      expect(await textOf('.will')).toMatch(/is charged once, for .+, within minutes/);
      const detail = 'stripe/cus_1 is on hold until 2026-03-13 23:59 UTC by Ana: resume first';
      await page().route('**/retry-now', (route: Route) =>
        route.fulfill({ status: 422, json: { status: 422, code: 'held', detail } }),
      );
      await page().fill('dialog[open] textarea', 'says there is money');
      await submit();
      await page().waitForSelector('dialog[open] .remark');
      expect(await textOf('dialog[open] .remark')).toBe(
        'Nothing was changed. The customer is held back or excluded, so nothing is charged. Resume first.',
      );
      await page().unroute('**/retry-now');
      // Words of the API are for what the page does not know yet.
      await page().route('**/retry-now', (route: Route) =>
        route.fulfill({ status: 422, json: { status: 422, code: 'of_tomorrow', detail } }),
      );
      await submit();
      await page().waitForSelector('dialog[open] .remark [lang=en]');
      expect(await textOf('dialog[open] .remark')).toContain(detail);
    });

    test('closes as withdrawn, and reads before that it cannot be opened again', async () => {
      const line = anOpen();
      await finance.open(hashOf(line));
      await choose('Close');
      expect(await textOf('.will')).toContain('counts as lost from now on');
      await page().click('dialog[open] label:has-text("Withdrawn")');
      expect(await textOf('.will')).toContain('counts as withdrawn from now on');
      expect(await textOf('.will')).toContain('cannot be opened again');
      await finance.inspect('case.close');
      await page().fill('dialog[open] textarea', 'credited by hand');
      await submit();
      await page().waitForSelector('.remark.done');
      expect(await textOf('.remark.done')).toContain('counts as: Withdrawn');
      await finance.rig.system.tick();
      expect((await caseOf(line)).outcome).toBe('withdrawn');
    });

    test('erases only who was typed in full', async () => {
      const line = anOpen();
      await finance.open(hashOf(line));
      await choose('Erase');
      await page().fill('dialog[open] textarea', 'asked for by letter');
      await page().fill('dialog[open] input[type=text]', line.customer.slice(0, -1));
      await submit();
      expect(await textOf('dialog[open]')).toContain('not the id of this customer');
      expect((await caseOf(line)).erasedAt).toBeNull();
      expect(await finance.inspect('case.erase')).toEqual([]);
      await page().fill('dialog[open] input[type=text]', line.customer);
      await submit();
      await page().waitForSelector('.remark:has-text("forgotten since")');
      expect((await caseOf(line)).erasedAt).not.toBeNull();
    });

    test('is who may act: to somebody in finance nothing is offered', async () => {
      await page().route('**/api/me', async (route) => {
        const answer = await route.fetch();
        await route.fulfill({ json: { ...((await answer.json()) as object), role: 'finance' } });
      });
      await finance.open(hashOf(mailed));
      expect(await page().locator('.view-head .actions button').allInnerTexts()).toEqual(['Copy link']);
    });
  });
});

/** A case in which everything that can be told is told. */
const EVERYTHING: Case = caseWith({
  held: { why: 'on hold until 2026-03-13 23:59 UTC by Ana', until: '2026-03-13T23:59:59.999Z' },
  setAside: { at: '2026-03-05T09:00:00.000Z', why: 'something outside did not answer' },
  erasedAt: '2026-03-06T09:00:00.000Z',
  next: {
    kind: 'act',
    at: '2026-03-09T09:00:00.000Z',
    step: 'reminder-2',
    subject: 'in_1',
    why: 'day 8 of campaign soft-decline; 3 tries left',
  },
  nextLook: '2026-03-07T09:00:00.000Z',
  invoices: [
    invoiceWith({ cohort: 'imported', lastMail: { step: 'reminder-1', message: 'reminder.short' } }),
    invoiceWith({
      subject: 'in_2:re_1',
      invoice: 'in_2',
      number: null,
      kind: 'bank_debit',
      refunded: eur(900),
    }),
  ],
  steps: [
    stepWith({ status: 'done', at: '2026-03-02T09:00:00.000Z', why: 'day 1 of campaign soft-decline' }),
    stepWith({
      step: 'retry-1',
      kind: 'retry',
      message: null,
      status: 'skipped',
      why: 'too soon after the last try',
    }),
    stepWith({
      step: 'told',
      kind: 'notify',
      message: null,
      status: 'uncertain',
      why: 'asked for, and the answer never came',
    }),
    stepWith({ step: 'reminder-2', status: 'waiting' }),
    stepWith({
      step: 'end',
      kind: 'end',
      message: null,
      status: 'blocked',
      at: null,
      why: 'on hold until 2026-03-13 23:59 UTC by Ana',
      rule: 'campaign soft-decline reached its end',
      until: '2026-03-13T23:59:59.999Z',
    }),
  ],
  mails: [
    {
      subject: 'in_1',
      step: 'reminder-1',
      message: 'reminder.short',
      at: '2026-03-02T09:00:00.000Z',
      status: 'done',
      messageId: '<case_in_1.in_1.reminder-1@example.com>',
      told: ['sent', 'delivered', 'opened', 'clicked', 'bounced', 'complained'],
      language: 'pt-BR',
      words: {
        subject: 'Seu pagamento de € 49,00 continua em aberto',
        text: 'Olá,\n\nhttps://link.invalid/',
        html: '<!doctype html><title>x</title><p style="color: #102030">Olá</p>',
        isAsSent: false,
        leftOut: ['name', 'card', 'links'],
      },
    },
  ],
  adjustments: [
    { id: 'a', subject: 'in_1', kind: 'refund', at: '2026-03-20T09:00:00.000Z', amount: eur(900) },
    { id: 'b', subject: 'in_1', kind: 'payment', at: '2026-03-19T09:00:00.000Z', amount: eur(900) },
  ],
  answers: [
    {
      at: '2026-03-04T09:00:00.000Z',
      kind: 'promise',
      promisedDay: '2026-03-13',
      held: true,
      text: 'After payday, sorry',
    },
  ],
  journal: [
    { at: '2026-03-01T09:00:00.000Z', what: 'case opened', why: 'payment of in_1 failed', count: 1 },
    {
      at: '2026-03-01T09:00:00.000Z',
      what: 'campaign soft-decline picked for in_1',
      why: 'soft_funds (insufficient_funds)',
      count: 1,
    },
    {
      at: '2026-03-05T09:00:00.000Z',
      what: 'held until 2026-03-13T23:59:59.999Z by Ana',
      why: 'promised by phone',
      count: 1,
    },
    { at: '2026-03-05T10:00:00.000Z', what: 'the customer went to pay', why: 'in_1', count: 3 },
  ],
  olderJournalPages: 1,
});
