// The overview in a browser: where its figures lead, what fits, and what it shows of a period in which nothing failed.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../web/finance/api.ts';
import { CHROMIUM } from './chromium.ts';
import { startFinance, type FinanceRig } from './finance-rig.ts';

const PLACE = '#/overview?from=2026-01&to=2026-03';

describe.skipIf(CHROMIUM === null)('the overview', () => {
  let finance: FinanceRig;
  beforeAll(async () => {
    finance = await startFinance();
  }, 60_000);
  afterAll(() => finance.stop());
  afterEach(() => finance.honest());

  const textOf = (selector: string): Promise<string> => finance.looker.page.innerText(selector);

  test('money of debits that came back stands beside what was refunded and disputed', async () => {
    await finance.pretend<Report>('/reports/recovery', (report) => ({
      ...report,
      currencies: report.currencies.map((one) => ({
        ...one,
        moved: one.moved.flatMap((month) => [
          { ...month, reversed: { n: 1, amount: month.recovered.amount } },
          { ...month, month: '2026-04' },
        ]),
      })),
    }));
    await finance.open(PLACE);
    const { page } = finance.looker;
    expect(await page.locator('.column .reversed').count()).toBeGreaterThan(0);
    const panel = page.locator('.panel:has-text("Money by month")');
    await panel.getByRole('button', { name: 'as a table' }).click();
    expect(await panel.locator('thead').innerText()).toMatch(/Refunded\s+Disputed\s+Reversed\s+Net/);
    const recovered = await panel.locator('tbody tr td:nth-child(2)').first().innerText();
    expect(await panel.locator('tbody tr td:nth-child(5)').first().innerText()).toBe(recovered);
    expect(await textOf('.figure-card')).toContain(`${recovered} reversed`);
  });

  test('of one month the money is a sum, from what came in to what is left of it', async () => {
    await finance.pretend<Report>('/reports/recovery', (report) => ({
      ...report,
      currencies: report.currencies.map((one) => ({ ...one, moved: one.moved.slice(0, 1) })),
    }));
    await finance.open(PLACE);
    const panel = finance.looker.page.locator('.panel:has-text("Money by month")');
    expect(await panel.locator('.chart').count()).toBe(0);
    const heads = await panel.locator('tbody th, tfoot th').allInnerTexts();
    expect(heads).toEqual(['Recovered', 'Refunded', 'Disputed', 'Reversed', 'Net']);
    expect(await finance.inspect('overview.one-month', [])).toEqual([]);
  });

  test.each(['en', 'de'])(
    'no table of it is cut, on a phone or beside the menu at 1000 px, in %s',
    async (language) => {
      await finance.open(PLACE, language);
      const { page } = finance.looker;
      for (const width of [360, 1000]) {
        await page.setViewportSize({ width, height: 800 });
        const wide = await page.$$eval('.scroll', (boxes) =>
          boxes
            .filter((box) => box.scrollWidth > box.clientWidth)
            .map((box) => box.getAttribute('aria-label')),
        );
        expect(wide).toEqual([]);
      }
    },
  );

  test('what is at risk and what mails bring lead to their views, in the same currency and period', async () => {
    await finance.open(`${PLACE}&in=USD`);
    const { page } = finance.looker;
    expect(await page.getAttribute('.rates .huge a', 'href')).toBe(
      '#/at-risk?from=2026-01&to=2026-03&in=USD',
    );
    await page.click('.figure-card a:has-text("Not measured yet")');
    await page.waitForSelector('h1:has-text("Experiments")');
  });

  test('what running costs is told for so much recovered money as costs a cent or more', async () => {
    await finance.open(PLACE);
    const answer = await fetch(`${finance.rig.url}/api/reports/recovery?from=2026-01&to=2026-03`);
    const { cost } = (await answer.json()) as Report;
    const aUnit = cost.currencies.find(({ currency }) => currency === 'EUR')?.aUnit ?? 0;
    const told = /For €([\d,]+) recovered\s+\?\s+\$([\d.]+)/.exec(await textOf('.running-cost'));
    const [units, dollars] = [told?.[1], told?.[2]].map((text) => Number(text?.replaceAll(',', '')));
    expect(dollars).toBeGreaterThanOrEqual(0.01);
    expect((dollars ?? 0) / (units ?? 1) / aUnit).toBeCloseTo(1, 2);
  });

  test('of a period in which nothing failed it says so, and what is open of before is one press away', async () => {
    await finance.open('#/overview?from=2020-01&to=2020-01');
    expect(await textOf('.notice')).toContain('No payment failed');
    await finance.looker.page.click('.notice a');
    await finance.looker.page.waitForSelector('h1:has-text("At risk")');
  });
});
