// The finance page in a browser: every view can be read by everybody, says nothing on the console, and asks nobody else.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LANGUAGES } from '../../web/finance/language.ts';
import { CHROMIUM } from './chromium.ts';
import { startFinance, type FinanceRig } from './finance-rig.ts';
import { LOOKS } from './looking.ts';

/** One place of each view. */
const PLACES = {
  overview: '#/overview?from=2026-01&to=2026-03',
  'overview.nothing': '#/overview?from=2020-01&to=2020-01',
  'overview.refused': '#/overview?from=tomorrow',
  'no-view': '#/nowhere',
} as const;

describe.skipIf(CHROMIUM === null)('the finance page', () => {
  let finance: FinanceRig;
  beforeAll(async () => {
    finance = await startFinance();
  }, 60_000);
  afterAll(() => finance.stop());

  const textOf = (selector: string): Promise<string> => finance.looker.page.innerText(selector);

  describe.each(Object.entries(PLACES))('%s', (name, hash) => {
    test('can be read by everybody, on a phone and at a desk, light and dark', async () => {
      await finance.open(hash);
      expect(await finance.inspect(name)).toEqual([]);
    });

    test('does nothing by itself but ask its own server', async () => {
      await finance.open(hash);
      // What Chromium itself says of an answer with a problem.
      const said = finance.misdeeds().filter((deed) => !deed.includes('status of 400'));
      expect(said).toEqual([]);
    });
  });

  test.each(Object.keys(LANGUAGES))(
    'in %s it fits on a phone and says no name of a message',
    async (language) => {
      await finance.open(PLACES.overview, language);
      expect(await finance.looker.overflow()).toBeLessThanOrEqual(0);
      expect(await finance.looker.page.getAttribute('html', 'lang')).toBe(language);
      expect(await textOf('body')).not.toMatch(/\b[a-z]+_[a-z_]+\b|\{\w+\}/);
      await finance.looker.set(LOOKS[1]);
      await finance.looker.photograph(`finance.overview.${language}`);
    },
  );

  test('the money of the overview is that of the API', async () => {
    await finance.open(PLACES.overview);
    const { page } = finance.looker;
    const asked = await fetch(`${finance.rig.url}/api/reports/recovery?from=2026-01&to=2026-03`);
    const { currencies } = (await asked.json()) as {
      currencies: {
        currency: string;
        cell: { failed: { n: number }; recovered: { amount: { decimal: string } } };
      }[];
    };
    const [most] = currencies.toSorted((a, b) => b.cell.failed.n - a.cell.failed.n);
    const shown = (await textOf('.lead .huge')).replaceAll(/[^\d.]/g, '');
    expect(shown).toBe(most?.cell.recovered.amount.decimal);
    expect(await page.locator('.tabs a').count()).toBe(currencies.length);
  });

  test('a period is a place: it can be chosen, gone back from, and opened by its link', async () => {
    await finance.open('#/overview');
    const { page } = finance.looker;
    await page.setViewportSize({ width: 1200, height: 800 });
    const before = await textOf('.view-head .quiet');
    await page.click('.filter-bar .menu .button');
    await page.click('.choices a >> nth=0');
    await page.waitForURL(/from=2026-03&to=2026-03/);
    await finance.settled();
    expect(await textOf('.view-head .quiet')).toContain('March 2026');
    await page.goBack();
    await finance.settled();
    expect(await textOf('.view-head .quiet')).toBe(before);
    await page.goForward();
    await finance.settled();
    expect(await textOf('.view-head .quiet')).toContain('March 2026');
  });

  test('what a figure means opens by the keyboard and closes with Escape', async () => {
    await finance.open(PLACES.overview);
    const { page } = finance.looker;
    await page.focus('.lead .help button');
    await page.keyboard.press('Enter');
    expect(await page.isVisible('.bubble:popover-open')).toBe(true);
    expect(await textOf('.bubble:popover-open')).toContain('Paid since');
    await page.keyboard.press('Escape');
    expect(await page.locator('.bubble:popover-open').count()).toBe(0);
  });

  test('every chart is a table too', async () => {
    await finance.open(PLACES.overview);
    const { page } = finance.looker;
    const buttons = page.locator('.panel .actions button:has-text("Table")');
    const n = await buttons.count();
    expect(n).toBeGreaterThan(0);
    for (let i = 0; i < n; i++) await buttons.first().click();
    expect(await page.locator('.panel .chart').count()).toBe(0);
    expect(await page.locator('.panel table').count()).toBeGreaterThanOrEqual(n);
  });

  test('language and theme are remembered by this browser', async () => {
    await finance.open(PLACES.overview);
    const { page } = finance.looker;
    await page.setViewportSize({ width: 1200, height: 800 });
    await page.selectOption('.reader select >> nth=0', 'de');
    await page.waitForSelector('h1:has-text("Überblick")');
    await page.selectOption('.reader select >> nth=1', 'dark');
    await page.goto('about:blank');
    await page.goto(`${finance.rig.url}/${PLACES.overview}`);
    await page.waitForSelector('h1:has-text("Überblick")');
    expect(await page.getAttribute('html', 'data-theme')).toBe('dark');
    await page.evaluate('localStorage.clear()');
  });
});
