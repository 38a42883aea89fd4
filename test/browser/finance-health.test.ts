// Health in a browser: what is good and what is not stands there in words, and a button asks again.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Health } from '../../web/finance/api.ts';
import { LANGUAGES } from '../../web/finance/language.ts';
import { CHROMIUM } from './chromium.ts';
import { startFinance, type FinanceRig } from './finance-rig.ts';
import { LOOKS } from './looking.ts';

const at = '2026-03-02T10:00:00.000Z';
const AILING: Pick<Health, 'lagSeconds' | 'stuck' | 'isAllStuck' | 'uncertain'> = {
  lagSeconds: 2700,
  stuck: [
    {
      kind: 'customer',
      connection: 'stripe',
      customer: 'cus_1',
      event: null,
      since: '2026-03-01T08:00:00.000Z',
      why: 'the API key is refused',
      tries: 10,
    },
    {
      kind: 'unrouted',
      connection: null,
      customer: null,
      event: 'stripe/charge.dispute.created:dp_1:1772355600',
      since: '2026-03-01T09:00:00.000Z',
      why: 'fact about charge ch_1',
      tries: 12,
    },
  ],
  isAllStuck: true,
  uncertain: [
    {
      connection: 'stripe',
      customer: 'cus_2',
      case: 'case_in_2',
      subject: 'in_2',
      step: 'final-notice',
      kind: 'email',
      status: 'uncertain',
      at,
      why: 'no answer of the mail service',
    },
  ],
};

describe.skipIf(CHROMIUM === null)('health', () => {
  let finance: FinanceRig;
  beforeAll(async () => {
    finance = await startFinance();
  }, 60_000);
  afterAll(() => finance.stop());

  const textOf = (selector: string): Promise<string> => finance.looker.page.innerText(selector);

  /** Answers as a system does on which somebody has to look. */
  const ail = async (): Promise<void> => {
    await finance.looker.page.route('**/api/health', async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, json: { ...(await answer.json()), ...AILING } });
    });
  };

  test('of a system that is well can be read by everybody and asks nobody else', async () => {
    await finance.open('#/health');
    expect(await finance.inspect('health')).toEqual([]);
    expect(finance.misdeeds()).toEqual([]);
    expect(await textOf('.verdict')).toContain('Nothing waits for a person');
    expect(await finance.looker.page.locator('.state.attention').count()).toBe(0);
  });

  test('says what waits for a person, why, and what to do, and not by colour alone', async () => {
    await ail();
    await finance.open('#/health');
    expect(await finance.inspect('health.ailing')).toEqual([]);
    expect(await textOf('.verdict')).toContain('3 things need attention');
    expect(await textOf('.checks')).toContain('45 minutes');
    expect(
      await finance.looker.page.locator('.checks .state.attention:has-text("Needs attention")').count(),
    ).toBe(3);
    const waiting = (await finance.looker.page.locator('.waiting').allInnerTexts()).join(' ');
    expect(waiting).toContain('npx recoup stuck --again stripe/cus_1 ');
    expect(waiting).toContain('--again stripe/charge.dispute.created:dp_1:1772355600 ');
    expect(waiting).toContain('final-notice');
    await finance.looker.page.unroute('**/api/health');
  });

  test('asks again when it is told to, and says as of when it is', async () => {
    await finance.open('#/health');
    const before = await textOf('.view-head .quiet');
    expect(before).toMatch(/^As of .* UTC$/);
    await ail();
    await finance.looker.page.click('.view-head .button:has-text("Refresh")');
    await finance.looker.page.waitForSelector('.verdict.attention');
    await finance.looker.page.unroute('**/api/health');
  });

  test('tells who asks in vain what is wrong', async () => {
    const { page } = finance.looker;
    await page.route('**/api/health', (route) => route.abort());
    await finance.open('#/health');
    expect(await textOf('.notice.wrong')).toContain('does not answer');
    await page.unroute('**/api/health');
    await page.click('.notice .button');
    await page.waitForSelector('.verdict');
  });

  test.each(Object.keys(LANGUAGES))(
    'in %s it fits on a phone and says no name of a message',
    async (language) => {
      await ail();
      await finance.open('#/health', language);
      expect(await finance.looker.overflow()).toBeLessThanOrEqual(0);
      const said = (await textOf('main')).replaceAll(/\b(cus|ch|dp|case|in)_\w+/g, '');
      expect(said).not.toMatch(/\b[a-z]+_[a-z_]+\b|\{\w+\}/);
      await finance.looker.set(LOOKS[1]);
      await finance.looker.photograph(`finance.health.${language}`);
      await finance.looker.page.unroute('**/api/health');
    },
  );
});
