// Causes and losses in a browser: every figure leads to its invoices, and groups can be switched and sorted.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../web/finance/api.ts';
import { DIMENSIONS } from '../../web/finance/filters.ts';
import { LANGUAGES } from '../../web/finance/language.ts';
import { CHROMIUM } from './chromium.ts';
import { startFinance, type FinanceRig } from './finance-rig.ts';
import { LOOKS } from './looking.ts';

const PLACES = {
  causes: '#/causes?from=2026-01&to=2026-03',
  'causes.country': '#/causes?from=2026-01&to=2026-03&by=country&sort=rate',
  'causes.nothing': '#/causes?from=2020-01',
} as const;

describe.skipIf(CHROMIUM === null)('causes and losses', () => {
  let finance: FinanceRig;
  beforeAll(async () => {
    finance = await startFinance();
  }, 60_000);
  afterAll(() => finance.stop());

  const textOf = (selector: string): Promise<string> => finance.looker.page.innerText(selector);
  const wide = () => finance.looker.page.setViewportSize({ width: 1300, height: 900 });

  test.each(Object.entries(PLACES))(
    '%s can be read by everybody and asks nobody else',
    async (name, hash) => {
      await finance.open(hash);
      expect(await finance.inspect(name)).toEqual([]);
      expect(finance.misdeeds()).toEqual([]);
    },
  );

  test('every figure of it leads to invoices that come to the same', async () => {
    await finance.open(PLACES.causes);
    await wide();
    const { page } = finance.looker;
    const links = await page.evaluate<{ href: string; shown: string }[]>(
      `[...document.querySelectorAll('main .figures a, main .bars tbody a, main .groups td a')].map((link) => ({
        href: link.hash,
        shown: (link.closest('.bars') ? link.closest('tr').querySelector('td:last-child bdi') : link).textContent,
      }))`,
    );
    expect(links.length).toBeGreaterThan(12);
    for (const { href, shown } of links) {
      await page.goto('about:blank');
      await page.goto(`${finance.rig.url}/?lang=en${href}`);
      await finance.settled();
      expect([href, await textOf('.figures .big')]).toEqual([href, shown]);
    }
  });

  test('what brought the money in comes to what was recovered, with what was only paid in part', async () => {
    await finance.pretend<Report>('/reports/recovery', (report) => ({
      ...report,
      currencies: report.currencies.map((one) => {
        const { n, amount } = one.cell.recovered;
        const more = (minor: number) => ({ ...amount, minor, decimal: (minor / 100).toFixed(2) });
        const recovered = { n, amount: more(amount.minor + 1450) };
        const inPart = { n: 1, amount: more(one.inPart.amount.minor + 1450) };
        return one.currency === 'EUR' ? { ...one, inPart, cell: { ...one.cell, recovered } } : one;
      }),
    }));
    for (const view of ['causes', 'overview']) {
      await finance.open(`#/${view}?from=2026-01&to=2026-03&currency=EUR`);
      await wide();
      const sheet = finance.looker.page.locator('main .bars', { hasText: 'What brought the money in' });
      const amounts = await sheet.locator('tbody td:last-child bdi').allInnerTexts();
      expect(await sheet.locator('tbody tr').last().innerText()).toMatch(/^Only paid in part\s+–\s+€14\.50/);
      const sum = amounts.reduce((all, text) => all + Number(text.slice(1)), 0);
      const shown = await textOf(view === 'causes' ? '.figures .big >> nth=0' : '.lead .huge');
      expect(sum.toFixed(2)).toBe(shown.slice(1));
    }
    await finance.honest();
  });

  test.each(DIMENSIONS)('failures are told apart by %s with a press, and back', async (by) => {
    await finance.open(`${PLACES.causes}&by=${by === 'kind' ? 'country' : 'kind'}`);
    await wide();
    const { page } = finance.looker;
    await page.click(`.groups .tabs a[href*="by=${by}"]`);
    await page.waitForURL((url) => url.hash.includes(`by=${by}`));
    await finance.settled();
    expect(await page.locator('.groups tbody tr').count()).toBeGreaterThan(0);
    expect(await page.getAttribute(`.groups .tabs a[href*="by=${by}"]`, 'aria-current')).toBe('true');
    await page.goBack();
    await finance.settled();
    expect(page.url()).not.toContain(`by=${by}`);
  });

  test('groups are sorted by what the head of a column says', async () => {
    await finance.open(PLACES.causes);
    await wide();
    const { page } = finance.looker;
    const names = () => page.locator('.groups tbody th').allInnerTexts();
    expect(await page.getAttribute('.groups th[aria-sort]', 'aria-sort')).toBe('descending');
    await page.click('.groups thead a >> nth=0');
    await page.waitForURL(/sort=name/);
    const shown = await names();
    expect(shown).toEqual(shown.toSorted((a, b) => a.localeCompare(b)));
    expect(await page.getAttribute('.groups th[aria-sort]', 'aria-sort')).toBe('ascending');
  });

  test('every column has its own head: a group comes to what the API says of it', async () => {
    await finance.open(`${PLACES.causes}&currency=EUR&by=country`);
    const { page } = finance.looker;
    const { currencies } = (await (
      await fetch(`${finance.rig.url}/api/reports/recovery?from=2026-01&to=2026-03&currency=EUR&by=country`)
    ).json()) as Report;
    const [largest] = (currencies[0]?.groups ?? []).toSorted(
      (a, b) => b.cell.failed.amount.minor - a.cell.failed.amount.minor || b.value.localeCompare(a.value),
    );
    const heads = await page.locator('.groups thead th').allInnerTexts();
    const row = page.locator('.groups tbody tr').filter({
      has: page.getByText(new Intl.DisplayNames('en', { type: 'region' }).of(largest?.value ?? '') ?? ''),
    });
    const cells = await row.locator('th, td').allInnerTexts();
    const under = (head: string): string => cells[heads.indexOf(head)] ?? '';
    for (const name of ['failed', 'recovered', 'lost', 'open'] as const) {
      const head = name[0]?.toUpperCase() + name.slice(1);
      expect([name, under(head).slice(1)]).toEqual([name, largest?.cell[name].amount.decimal]);
    }
    expect(under('Invoices')).toBe(String(largest?.cell.failed.n));
    expect(under('Recovery rate')).toContain(`${largest?.rate.hits} of ${largest?.rate.of}`);
  });

  test('every rate says what it is of and its interval', async () => {
    await finance.open(PLACES.causes);
    for (const row of await finance.looker.page.locator('.groups tbody tr').all()) {
      const rate = await row.locator('td').first().innerText();
      expect(rate).toMatch(
        /^(–\s+Nothing settled yet|\d+\.\d%\s+\d+ of \d+\s+(Few; )?95%: \d+\.\d% to \d+\.\d%)$/,
      );
    }
  });

  test.each(Object.keys(LANGUAGES))(
    'in %s it fits on a phone and says no name of a message',
    async (language) => {
      await finance.open(PLACES.causes, language);
      expect(await finance.looker.overflow()).toBeLessThanOrEqual(0);
      expect(await textOf('main')).not.toMatch(/\b[a-z]+_[a-z_]+\b|\{\w+\}/);
      await finance.looker.set(LOOKS[1]);
      await finance.looker.photograph(`finance.causes.${language}`);
    },
  );
});
