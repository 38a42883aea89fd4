// The list of cases in a browser: found by an id whatever the period, filtered, and gone through page by page to its end.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LANGUAGES } from '../../web/finance/language.ts';
import { CHROMIUM } from './chromium.ts';
import { startFinance, type FinanceRig } from './finance-rig.ts';
import { LOOKS } from './looking.ts';

const ALL = '#/cases?from=2026-01&to=2026-03';
const HOSTILE = '<img src=x onerror=alert(1)>';

const PLACES = {
  cases: ALL,
  'cases.nothing': '#/cases?from=2020-01&to=2020-01',
  'cases.unknown': '#/cases?customer=cus_nobody',
  'cases.refused': '#/cases?from=tomorrow',
};

describe.skipIf(CHROMIUM === null)('the list of cases', () => {
  let finance: FinanceRig;
  beforeAll(async () => {
    finance = await startFinance();
  }, 60_000);
  afterAll(() => finance.stop());

  const page = () => finance.looker.page;
  const textOf = (selector: string): Promise<string> => page().innerText(selector);
  const customers = (): Promise<string[]> => page().locator('.case-list tbody th a').allInnerTexts();

  /** Every case there is, as the API has them. */
  const known = async () => {
    const answer = await fetch(`${finance.rig.url}/api/cases?from=2026-01&to=2026-03&limit=100`);
    const { cases } = (await answer.json()) as {
      cases: { customer: string; outcome: string; invoices: { invoice: string }[] }[];
    };
    return cases;
  };

  const searchFor = async (text: string): Promise<void> => {
    await page().fill('.search input', text);
    await page().press('.search input', 'Enter');
    await finance.settled();
  };

  describe.each(Object.entries(PLACES))('%s', (name, hash) => {
    test('can be read by everybody, and asks nobody but its own server', async () => {
      await finance.open(hash);
      expect(await finance.inspect(name)).toEqual([]);
      expect(finance.misdeeds().filter((deed) => !deed.includes('status of 400'))).toEqual([]);
    });
  });

  test.each(Object.keys(LANGUAGES))(
    'in %s it fits on a phone and says no name of a message',
    async (language) => {
      await finance.open(ALL, language);
      expect(await finance.looker.overflow()).toBeLessThanOrEqual(0);
      expect(await textOf('main')).not.toMatch(/\b[a-z]+_[a-z_]+\b|\{\w+\}/);
      await finance.looker.set(LOOKS[0]);
      await finance.looker.photograph(`finance.cases.${language}`);
    },
  );

  test.each([
    ['a customer', (one: { customer: string }) => one.customer, /customer=/],
    ['a customer with the connection', (one: { customer: string }) => `stripe/${one.customer}`, /customer=/],
    [
      'the address of a customer at the provider',
      (one: { customer: string }) => `https://dashboard.stripe.com/customers/${one.customer}`,
      /customer=/,
    ],
    [
      'an invoice',
      (one: { invoices: { invoice: string }[] }) => one.invoices[0]?.invoice ?? '',
      /invoice=in_/,
    ],
  ])('%s is found although the period has nothing of it', async (_, idOf, place) => {
    const [, one] = await known();
    if (!one) throw new Error('the demonstration has cases');
    await finance.open('#/cases?from=2020-01&to=2020-01&currency=XXX');
    await searchFor(idOf(one));
    expect(page().url()).toMatch(place);
    expect(await customers()).toEqual([one.customer]);
  });

  test('what is no id is told in words, and nothing is asked', async () => {
    await finance.open(ALL);
    const before = page().url();
    await searchFor('Grace Hopper');
    expect(await textOf('.search .field-fault')).toContain('no id');
    expect(page().url()).toBe(before);
  });

  test('who is not known is told so, as text, with the way back', async () => {
    await finance.open(`#/cases?customer=${encodeURIComponent(HOSTILE.replaceAll(' ', ''))}`);
    expect(await textOf('main .notice h2')).toContain('<imgsrc=xonerror=alert(1)>');
    expect(await page().locator('main img').count()).toBe(0);
    expect(finance.misdeeds()).toEqual([]);
    await page().click('main .notice a');
    await page().waitForSelector('.case-list');
  });

  test('an outcome shows the cases of it and no others', async () => {
    await finance.open(ALL);
    await page().click('.tabs a:has-text("Lost")');
    await page().waitForURL(/outcome=lost/);
    await finance.settled();
    const lost = (await known()).filter(({ outcome }) => outcome === 'lost').map((one) => one.customer);
    expect(lost.length).toBeGreaterThan(0);
    expect((await customers()).toSorted()).toEqual(lost.toSorted());
  });

  test('pages have every case once, and the last one says that it is', async () => {
    await page().route('**/api/cases?*', (route) =>
      route.continue({ url: route.request().url().replace('limit=25', 'limit=10') }),
    );
    await finance.open(ALL);
    const seen: string[] = [];
    for (;;) {
      seen.push(...(await customers()));
      const next = page().locator('.pages a[rel=next]');
      if ((await next.count()) === 0) break;
      const before = page().url();
      await next.click();
      await page().waitForURL((url) => url.href !== before);
      await finance.settled();
    }
    await page().unroute('**/api/cases?*');
    expect(seen.toSorted()).toEqual((await known()).map((one) => one.customer).toSorted());
    expect(await textOf('.pages')).toContain('last page');
    // Another filter begins with its own first page.
    await page().click('.tabs a:has-text("Open")');
    await page().waitForURL((url) => url.href.includes('outcome=open') && !url.href.includes('after='));
  });

  test('a page that is short, or empty, and goes on all the same says so and leads on', async () => {
    const answer = (cases: unknown[]) => ({ json: { cases, next: 'more' } });
    const [one] = await known();
    await page().route('**/api/cases?*', (route) => route.fulfill(answer([one])));
    await finance.open(ALL);
    expect(await textOf('.pages')).toContain('only some of the cases were looked at');
    await finance.looker.photograph('finance.cases.short');
    await page().unroute('**/api/cases?*');
    await page().route('**/api/cases?*', (route) => route.fulfill(answer([])));
    await finance.open(ALL);
    expect(await textOf('.notice h2')).toBe('None among the cases looked at so far');
    expect(await page().getAttribute('.pages a[rel=next]', 'href')).toContain('after=more');
    expect(await textOf('.pages a[rel=next]')).toContain('Look further');
    await page().unroute('**/api/cases?*');
  });

  test('a row leads to its case, with the filters that were set', async () => {
    await finance.open(`${ALL}&decline=expired`);
    const [customer = ''] = await customers();
    await page().click('.case-list tbody th a');
    await page().waitForSelector(`h1:has-text("${customer}")`);
    expect(page().url()).toMatch(/#\/case\/stripe\/cus_\w+\/case_in_\w+\?.*decline=expired/);
  });
});
