// Months of failure in a browser: a year of them, the youngest marked, and one that stands out in the chart.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Cohorts } from '../../web/finance/api.ts';
import { monthBy } from '../../web/finance/filters.ts';
import { LANGUAGES } from '../../web/finance/language.ts';
import { CHROMIUM } from './chromium.ts';
import { startFinance, type FinanceRig } from './finance-rig.ts';
import { LOOKS } from './looking.ts';

const PLACE = '#/cohorts?from=2025-04&to=2026-03';

type Cohort = Cohorts['cohorts'][number];

const euros = (minor: number) => ({ minor, currency: 'EUR', decimal: (minor / 100).toFixed(2) });
const sum = (n: number) => ({ n, amount: euros(n * 4900) });

/** A month of a business of some size, the newer the better: what no demonstration of a month has. */
const cohortOf = (i: number): Cohort => {
  const month = monthBy('2025-04', i);
  const failed = 180 + 7 * i;
  const open = i === 11 ? 40 : i === 10 ? 60 : i === 9 ? 8 : 0;
  const recovered = Math.round((failed - open) * (0.55 + i / 60));
  const of = failed - open;
  const share = recovered / of;
  const seenDays = i === 11 ? 1 : i === 10 ? 29 : i === 9 ? 57 : 90;
  const days = [1, 3, 7, 14, 30, 60, 90].filter((day) => day <= seenDays);
  const byDay = [...new Set([...days, seenDays])].map((day) => {
    const by = share * (1 - Math.exp(-day / 9));
    return { day, share: by, low: by * 0.9, high: Math.min(1, by * 1.1) };
  });
  return {
    month,
    currency: 'EUR',
    cell: {
      failed: sum(failed),
      recovered: sum(recovered),
      lost: sum(of - recovered),
      withdrawn: sum(0),
      open: sum(open),
    },
    rate: { hits: recovered, of, share: { share, low: share - 0.05, high: share + 0.05 } },
    moneyRate: { amount: euros(recovered * 4900), of: euros(of * 4900), share },
    byDay,
    seenDays,
  };
};

const aYear = (answer: Cohorts): Cohorts => ({
  ...answer,
  cohorts: Array.from({ length: 12 }, (_, i) => cohortOf(i)),
});

describe.skipIf(CHROMIUM === null)('months of failure', () => {
  let finance: FinanceRig;
  beforeAll(async () => {
    finance = await startFinance();
  }, 60_000);
  afterAll(() => finance.stop());
  afterEach(() => finance.honest());

  const textOf = (selector: string): Promise<string> => finance.looker.page.innerText(selector);
  const openYear = async (language = 'en', more = ''): Promise<void> => {
    await finance.pretend<Cohorts>('/reports/cohorts', aYear);
    await finance.open(`${PLACE}${more}`, language);
  };

  test('of a year can be read by everybody, and do nothing by themselves but ask their own server', async () => {
    await openYear();
    expect(await finance.inspect('cohorts')).toEqual([]);
    expect(finance.misdeeds()).toEqual([]);
  });

  test('of the demonstration, which are few and young, can be read by everybody', async () => {
    await finance.open(PLACE);
    expect(await finance.inspect('cohorts.demo')).toEqual([]);
  });

  test.each(Object.keys(LANGUAGES))(
    'in %s they fit on a phone and say no name of a message',
    async (language) => {
      await openYear(language);
      expect(await finance.looker.overflow()).toBeLessThanOrEqual(0);
      expect(await textOf('main')).not.toMatch(/\b[a-z]+_[a-z]+\b|\{\w+\}/);
      await finance.looker.set(LOOKS[1]);
      await finance.looker.photograph(`finance.cohorts.${language}`);
    },
  );

  test('the heat table writes every share, and marks what only a part is known of', async () => {
    await openYear();
    const { page } = finance.looker;
    const row = (i: number) => page.locator('.heat-table tbody tr').nth(i).locator('td.heat').allInnerTexts();
    expect(await page.locator('.heat-table tbody tr').count()).toBe(12);
    for (const text of await row(0)) expect(text).toMatch(/^\d+\.\d%$/);
    const youngest = await row(11);
    expect(youngest[0]).toMatch(/^\d+\.\d%\*/);
    expect(youngest.slice(1)).toEqual(['–', '–', '–', '–', '–', '–']);
    expect(await page.locator('.heat-table .young').count()).toBe(3);
  });

  test('another month can be made to stand out, and its place can be sent to a colleague', async () => {
    await openYear();
    const { page } = finance.looker;
    expect(await textOf('.choice [aria-current]')).toBe('December 2025');
    const before = await page.getAttribute('.lines .curve', 'd');
    await page.click('.choice a:has-text("June 2025")');
    await page.waitForURL(/month=2025-06/);
    await page.waitForSelector('.choice [aria-current]:has-text("June 2025")');
    expect(await page.getAttribute('.lines .curve', 'd')).not.toBe(before);
    expect(await page.locator('.lines .other').count()).toBe(11);
  });

  test('what became of the months is what the API says, with the denominator of each rate', async () => {
    await finance.open(PLACE);
    const answer = await fetch(`${finance.rig.url}/api/reports/cohorts?from=2025-04&to=2026-03`);
    const { cohorts } = (await answer.json()) as Cohorts;
    const shown = (await textOf('.tabs [aria-current]')).slice(0, 3);
    const own = cohorts.filter(({ currency }) => currency === shown);
    const rows = await finance.looker.page.locator('.cohort-months tbody tr').allInnerTexts();
    expect(rows.length).toBe(own.length);
    own.forEach(({ rate, cell }, i) => {
      expect(rows[i]).toMatch(new RegExp(`\\n${cell.failed.n}\\b`));
      expect(rows[i]).toContain(rate.of > 0 ? `${rate.hits} of ${rate.of}` : '–');
    });
  });

  test('days are asked for as their months, and twelve months are one press away', async () => {
    await finance.open('#/cohorts?from=2026-02-10&to=2026-03-02');
    expect(await textOf('.view-head .quiet')).toContain('February – March 2026');
    await finance.looker.page.click('.longer a');
    await finance.looker.page.waitForURL(/from=2025-04&to=2026-03/);
    await finance.looker.page.waitForSelector('.longer', { state: 'detached' });
  });

  test('where nothing failed, it says so', async () => {
    await finance.open('#/cohorts?from=2020-01&to=2020-02');
    expect(await textOf('.notice')).toContain('No payment failed');
  });
});
