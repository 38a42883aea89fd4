// What is at risk, in a browser: the money of the API, the list under it to its last page, and the ways on.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Invoices, Report } from '../../web/finance/api.ts';
import { LANGUAGES } from '../../web/finance/language.ts';
import { CHROMIUM } from './chromium.ts';
import { startFinance, type FinanceRig } from './finance-rig.ts';
import { LOOKS } from './looking.ts';

const PLACE = '#/at-risk?from=2026-01&to=2026-03';

describe.skipIf(CHROMIUM === null)('what is at risk', () => {
  let finance: FinanceRig;
  beforeAll(async () => {
    finance = await startFinance();
  }, 60_000);
  afterAll(() => finance.stop());
  afterEach(() => finance.honest());

  const textOf = (selector: string): Promise<string> => finance.looker.page.innerText(selector);
  const ask = async <T>(path: string): Promise<T> =>
    (await (await fetch(`${finance.rig.url}/api${path}`)).json()) as T;
  const digits = (text: string): string => text.replaceAll(/[^\d.]/g, '');
  const most = async () => {
    const { currencies } = await ask<Report>('/reports/recovery?from=2026-01&to=2026-03');
    const [first] = currencies.toSorted((a, b) => b.atRisk.open.n - a.atRisk.open.n);
    if (first === undefined) throw new Error('the demonstration has nothing open');
    return first;
  };

  test('can be read by everybody, and does nothing by itself but ask its own server', async () => {
    await finance.open(PLACE);
    expect(await finance.inspect('at-risk')).toEqual([]);
    expect(finance.misdeeds()).toEqual([]);
  });

  test.each(Object.keys(LANGUAGES))(
    'in %s it fits on a phone and says no name of a message',
    async (language) => {
      await finance.open(PLACE, language);
      expect(await finance.looker.overflow()).toBeLessThanOrEqual(0);
      expect(await textOf('main')).not.toMatch(/\b[a-z]+_[a-z]+\b(?!\w)|\{\w+\}/);
      await finance.looker.set(LOOKS[1]);
      await finance.looker.photograph(`finance.at-risk.${language}`);
    },
  );

  test('its sum is that of the API, whatever the period', async () => {
    const { atRisk } = await most();
    for (const period of ['from=2026-01&to=2026-03', 'from=2025-06&to=2025-06']) {
      await finance.open(`#/at-risk?${period}`);
      expect(digits(await textOf('.figures .big'))).toBe(atRisk.open.amount.decimal);
    }
  });

  test('bands of age and the list come to the sum, and each invoice names its customer', async () => {
    const { currency, atRisk } = await most();
    await finance.open(PLACE);
    const { page } = finance.looker;
    const bands = await page.locator('.bars tbody td:nth-child(2)').allInnerTexts();
    expect(bands.reduce((sum, n) => sum + Number(n), 0)).toBe(atRisk.open.n);
    const { invoices, sum } = await ask<Invoices>(`/invoices?total=at_risk&currency=${currency}`);
    expect(sum).toEqual([atRisk.open]);
    const rows = page.locator('.stacks tbody tr');
    expect(await rows.count()).toBe(invoices.length);
    expect(await rows.first().innerText()).toContain(invoices[0]?.customer);
    const { connection, customer, case: caseId } = invoices[0] ?? {};
    const links = await rows
      .first()
      .locator('th a')
      .evaluateAll((all) => all.map((one) => one.getAttribute('href')?.replace(/\?.*/, '')));
    expect(links).toEqual([`#/case/${connection}/${customer}/${caseId}`]);
  });

  test('each band opens the invoices of its age, which come to its figures, and leads back', async () => {
    const { atRisk } = await most();
    await finance.open(PLACE);
    const { page } = finance.looker;
    const before = page.url();
    const linked = await page.locator('.bars tbody tr:has(th a) th').allInnerTexts();
    expect(linked.length).toBe(atRisk.ages.filter(({ n }) => n > 0).length);
    for (const [i, { n, fromDays, toDays, amount }] of atRisk.ages.entries()) {
      const link = page.locator('.bars tbody tr').nth(i).locator('th a');
      expect(await link.count()).toBe(n > 0 ? 1 : 0);
      if (n === 0) continue;
      await link.click();
      await page.waitForSelector('.invoices');
      await finance.settled();
      const days = toDays === null ? `over ${fromDays - 1}` : `${fromDays} to ${toDays}`;
      expect(await textOf('h1')).toContain(`failed ${days} days ago`);
      expect(digits(await textOf('.figures .big'))).toBe(amount.decimal);
      await page.click('.back');
      await page.waitForSelector('.bars');
      await finance.settled();
      expect(page.url()).toBe(before);
    }
  });

  test.each(Object.keys(LANGUAGES))('in %s the list says its band in words', async (language) => {
    for (const band of ['8-14', 'over-30']) {
      await finance.open(`#/invoices?total=at_risk_aged&value=${band}&currency=EUR`, language);
      const heading = await textOf('h1');
      expect(heading).toMatch(band === '8-14' ? /\b8\D+14\b/ : /30/);
      expect(heading).not.toMatch(/_|\{|over-30|8-14/);
    }
  });

  test('a list of several pages has a place for each, and another currency begins at its first', async () => {
    await finance.pretend<Invoices>('/invoices', (answer) => ({ ...answer, next: 'further' }));
    await finance.open(PLACE);
    const { page } = finance.looker;
    await page.click('.pages a:has-text("Next page")');
    await page.waitForURL(/after=further/);
    await page.waitForSelector('.pages a:has-text("First page")');
    const tabs = await page
      .locator('.tabs a')
      .evaluateAll((all) => all.map((one) => one.getAttribute('href')));
    for (const href of tabs) expect(href).not.toContain('after=');
  });

  test('what the curve says nothing of is told, with the way to a longer period', async () => {
    await finance.open('#/at-risk?from=2025-06&to=2025-06');
    expect(await textOf('.figures')).toContain('Not known yet');
    await finance.looker.page.click('.figures a:has-text("12 months")');
    await finance.looker.page.waitForURL(/from=2025-04&to=2026-03/);
  });

  test('what was imported stands apart', async () => {
    await finance.pretend<Report>('/reports/recovery', (report) => ({
      ...report,
      currencies: report.currencies.map((one) => ({
        ...one,
        atRisk: { ...one.atRisk, imported: one.atRisk.open },
      })),
    }));
    await finance.open(PLACE);
    expect(await textOf('.figures')).toContain('in none of the other figures');
  });

  test('where nothing is open, it says so', async () => {
    await finance.open(`${PLACE}&country=NOWHERE`);
    expect(await textOf('.notice')).toContain('Nothing is at risk');
    expect(await finance.inspect('at-risk.nothing')).toEqual([]);
  });
});
