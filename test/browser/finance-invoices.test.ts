// The invoices under a total in a browser: they sum to the figure that one came from, and lead back to it.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TOTAL_NAMES } from '../../core/reports/totals.ts';
import { LANGUAGES } from '../../web/finance/language.ts';
import { CHROMIUM } from './chromium.ts';
import { startFinance, type FinanceRig } from './finance-rig.ts';
import { LOOKS } from './looking.ts';

const PERIOD = 'from=2026-01&to=2026-03';
const PLACES = {
  invoices: `#/invoices?total=recovered&currency=EUR&${PERIOD}&back=overview%3F${encodeURIComponent(PERIOD)}`,
  'invoices.currencies': `#/invoices?total=failed&${PERIOD}`,
  'invoices.nothing': '#/invoices?total=lost&currency=EUR&from=2020-01',
  'invoices.refused': `#/invoices?total=cause&${PERIOD}`,
  'invoices.no-total': '#/invoices',
} as const;

/** What a total that is one of several is asked for by. */
const VALUES: Readonly<Record<string, string>> = {
  cause: '&value=provider_try',
  after: '&value=reminder-1%20(reminder)',
  paid: '&value=reminder-1%20(reminder)',
  lost_because: '&value=marked%20uncollectible',
  lost_answered: '&value=too_expensive',
  at_risk_aged: '&value=8-14',
  group: '&value=insufficient_funds&by=reason',
  moved_recovered: '&value=2026-03',
};

describe.skipIf(CHROMIUM === null)('the invoices under a total', () => {
  let finance: FinanceRig;
  beforeAll(async () => {
    finance = await startFinance();
  }, 60_000);
  afterAll(() => finance.stop());

  const textOf = (selector: string): Promise<string> => finance.looker.page.innerText(selector);
  const wide = () => finance.looker.page.setViewportSize({ width: 1200, height: 900 });

  test.each(Object.entries(PLACES))(
    '%s can be read by everybody and asks nobody else',
    async (name, hash) => {
      await finance.open(hash);
      expect(await finance.inspect(name)).toEqual([]);
      expect(finance.misdeeds().filter((deed) => !deed.includes('status of 400'))).toEqual([]);
    },
  );

  test.each(TOTAL_NAMES)('%s opens with a heading in words', async (total) => {
    await finance.open(`#/invoices?total=${total}&currency=EUR&${PERIOD}${VALUES[total] ?? ''}`);
    expect(await finance.looker.page.locator('.notice.wrong').count()).toBe(0);
    expect(await textOf('h1')).toContain('in EUR, ');
    expect(await textOf('body')).not.toMatch(/\bw(?:hat|hen|hich)_[a-z_]+\b|\{\w+\}/);
  });

  test('the heading says which total it is', async () => {
    await finance.open(`#/invoices?total=cause&value=provider_try&currency=EUR&${PERIOD}`);
    expect(await textOf('h1')).toBe(
      'Recovered in EUR, failed January – March 2026, by: A try of the billing provider',
    );
  });

  test.each(['.lead .huge a', '.bars tbody th a', '.figures .big a'])(
    'the sum is the figure that one came from (%s), and the way back leads there',
    async (figure) => {
      await finance.open(`#/overview?${PERIOD}`);
      await wide();
      const { page } = finance.looker;
      const link = page.locator(figure).first();
      const before = page.url();
      const shown = await page.evaluate<string>(
        `((one) => (one.closest('.bars') ? one.closest('tr').querySelector('td:last-child bdi') : one).textContent)(
          document.querySelector(${JSON.stringify(figure)}))`,
      );
      await link.click();
      await page.waitForSelector('.invoices');
      await finance.settled();
      expect(await textOf('.figures .big')).toBe(shown);
      await page.click('.back');
      await finance.settled();
      await page.waitForSelector('.overview');
      expect(page.url()).toBe(before);
    },
  );

  /** Pages of so few that the demonstration has several. */
  const inSmallPages = () =>
    finance.looker.page.route('**/api/invoices?*', (route, request) => {
      const url = new URL(request.url());
      if (!url.searchParams.has('limit')) url.searchParams.set('limit', '10');
      return route.continue({ url: url.href });
    });

  test('goes on page by page, and the file has every invoice once', async () => {
    await inSmallPages();
    await finance.open(PLACES['invoices.currencies']);
    await wide();
    const { page } = finance.looker;
    const seen: string[] = [];
    for (;;) {
      seen.push(...(await page.locator('.invoices tbody th bdi').allInnerTexts()));
      const next = page.locator('.pages a:has-text("Next page")');
      if ((await next.count()) === 0) break;
      const before = page.url();
      await next.click();
      await page.waitForURL((url) => url.href !== before);
      await finance.settled();
    }
    expect(seen.length).toBeGreaterThan(20);
    expect(new Set(seen).size).toBe(seen.length);
    const waits = page.waitForEvent('download');
    await page.click('.view-head .button:has-text("Whole list")');
    const file = readFileSync(await (await waits).path(), 'utf8');
    expect(file.trimEnd().split('\r\n').length - 1).toBe(seen.length);
    for (const number of seen) expect(file).toContain(number);
    await page.unroute('**/api/invoices?*');
  });

  test('another filter begins the list anew', async () => {
    await inSmallPages();
    await finance.open(`${PLACES['invoices.currencies']}&kind=payment_failure`);
    await wide();
    const { page } = finance.looker;
    await page.click('.pages a:has-text("Next page")');
    await page.waitForURL(/after=/);
    await finance.settled();
    await page.click('.chip');
    await page.waitForURL((url) => !url.hash.includes('kind='));
    expect(page.url()).not.toContain('after=');
    await page.unroute('**/api/invoices?*');
  });

  test.each(Object.keys(LANGUAGES))(
    'in %s it fits on a phone and says no name of a message',
    async (language) => {
      await finance.open(`#/invoices?total=lost_because&value=marked%20uncollectible&${PERIOD}`, language);
      expect(await finance.looker.overflow()).toBeLessThanOrEqual(0);
      expect(await textOf('main')).not.toMatch(/\b[a-z]+_[a-z_]+\b(?<!\bcus_\w+)|\{\w+\}/);
      await finance.looker.set(LOOKS[1]);
      await finance.looker.photograph(`finance.invoices.${language}`);
    },
  );
});
