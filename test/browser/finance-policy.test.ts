// The policy in a browser: every campaign and notice of the API stands there in words, in every language.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Policy } from '../../web/finance/api.ts';
import { LANGUAGES } from '../../web/finance/language.ts';
import { CHROMIUM } from './chromium.ts';
import { startFinance, type FinanceRig } from './finance-rig.ts';
import { LOOKS } from './looking.ts';

describe.skipIf(CHROMIUM === null)('the policy', () => {
  let finance: FinanceRig;
  beforeAll(async () => {
    finance = await startFinance();
  }, 60_000);
  afterAll(() => finance.stop());

  const textOf = (selector: string): Promise<string> => finance.looker.page.innerText(selector);

  test('can be read by everybody and asks nobody else', async () => {
    await finance.open('#/policy');
    expect(await finance.inspect('policy')).toEqual([]);
    expect(finance.misdeeds()).toEqual([]);
  });

  test('has every campaign with all its days, every notice, and where it is changed', async () => {
    await finance.open('#/policy');
    const { page } = finance.looker;
    const policy = (await (await fetch(`${finance.rig.url}/api/policy`)).json()) as Policy;
    const cards = page.locator('.campaign');
    expect(await cards.count()).toBe(policy.campaigns.length);
    for (const [i, { id, steps, finalNotice }] of policy.campaigns.entries()) {
      const card = cards.nth(i);
      expect(await card.locator('h2').innerText()).toBe(`${i + 1}. ${id}`);
      const days = await card.locator('.ladder .on').allInnerTexts();
      expect(days.slice(0, -1)).toEqual([...steps, finalNotice].map(({ delayDays }) => `Day ${delayDays}`));
    }
    expect(await page.locator('.notices > li').count()).toBe(policy.notices.length);
    expect(await textOf('main')).toContain('policy.ts');
  });

  test.each(Object.keys(LANGUAGES))('in %s it fits on a phone and says no code', async (language) => {
    await finance.open('#/policy', language);
    expect(await finance.looker.overflow()).toBeLessThanOrEqual(0);
    expect(await textOf('main')).not.toMatch(/\b[a-z]+_[a-z_]+\b|\{\w+\}/);
    await finance.looker.set(LOOKS[1]);
    await finance.looker.photograph(`finance.policy.${language}`);
  });
});
