// Mails and variants in a browser: what became of each mail, two texts compared honestly, and what came after which mail.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { wilson } from '../../core/reports/interval.ts';
import type { Policy, Report } from '../../web/finance/api.ts';
import { LANGUAGES } from '../../web/finance/language.ts';
import { CHROMIUM } from './chromium.ts';
import { startFinance, type FinanceRig } from './finance-rig.ts';
import { LOOKS } from './looking.ts';

const PLACE = '#/mails?from=2026-01&to=2026-03';

type Mail = Report['mails'][number];

const mailOf = (step: string, sent: number, hits: number, of: number): Mail => ({
  step,
  sent,
  delivered: sent - Math.round(sent / 40),
  opened: Math.round(sent * 0.6),
  clicked: Math.round(sent * 0.2),
  bounced: Math.round(sent / 40),
  complained: 1,
  paid: Math.round(sent * 0.15),
  rate: { hits, of, share: wilson(hits, of) },
});

/** Mails of which the mail service told, and texts between which lots were drawn: what no demonstration has. */
const withTexts =
  (short: readonly [hits: number, of: number]) =>
  (report: Report): Report => ({
    ...report,
    mails: [
      mailOf('payment-failed', 900, 540, 860),
      mailOf('reminder-1 (reminder)', 420, 216, 400),
      mailOf('reminder-1 (reminder.short)', 410, ...short),
      mailOf('recovered', 500, 500, 500),
      mailOf('final-notice', 180, 40, 170),
    ],
  });

/** Every campaign has the short text; or only the one that is named. */
const withVariants =
  (only: string | null) =>
  (policy: Policy): Policy => ({
    ...policy,
    campaigns: policy.campaigns.map((campaign) => ({
      ...campaign,
      steps: campaign.steps.map((step) =>
        step.id === 'reminder-1' && (only === null || campaign.id === only)
          ? { ...step, texts: [...step.texts, { message: 'reminder.short', weight: 1 }] }
          : step,
      ),
    })),
  });

describe.skipIf(CHROMIUM === null)('mails and variants', () => {
  let finance: FinanceRig;
  beforeAll(async () => {
    finance = await startFinance();
  }, 60_000);
  afterAll(() => finance.stop());
  afterEach(() => finance.honest());

  const textOf = (selector: string): Promise<string> => finance.looker.page.innerText(selector);
  const openWith = async (
    short: readonly [number, number],
    {
      only = null,
      language = 'en',
      place = PLACE,
    }: { only?: string | null; language?: string; place?: string } = {},
  ): Promise<void> => {
    await finance.pretend<Report>('/reports/recovery', withTexts(short));
    await finance.pretend<Policy>('/policy', withVariants(only));
    await finance.open(place, language);
    await finance.looker.page.waitForSelector('.judged');
  };

  test('can be read by everybody, with texts to compare and without', async () => {
    await finance.open(PLACE);
    expect(await finance.inspect('mails.demo')).toEqual([]);
    expect(finance.misdeeds()).toEqual([]);
    await openWith([270, 395]);
    expect(await finance.inspect('mails')).toEqual([]);
  });

  test.each(Object.keys(LANGUAGES))(
    'in %s they fit on a phone and say no name of a message',
    async (language) => {
      await openWith([270, 395], { only: 'soft-decline', language });
      expect(await finance.looker.overflow()).toBeLessThanOrEqual(0);
      expect(await textOf('main')).not.toMatch(/\b[a-z]+_[a-z]+\b|\{\w+\}/);
      await finance.looker.set(LOOKS[1]);
      await finance.looker.photograph(`finance.mails.${language}`);
    },
  );

  test('every mail that went is there, with what was paid after it, which leads to its invoices', async () => {
    await finance.open(PLACE);
    const answer = await fetch(`${finance.rig.url}/api/reports/recovery?from=2026-01&to=2026-03`);
    const { mails } = (await answer.json()) as Report;
    const rows = finance.looker.page.locator('.funnel tbody tr');
    expect(await rows.count()).toBe(mails.length);
    for (const [i, { sent, paid }] of mails.entries()) {
      const cells = await rows.nth(i).locator('td').allInnerTexts();
      expect(Number.parseInt(cells[0] ?? '', 10)).toBe(sent);
      expect(Number.parseInt(cells.at(-1)?.replace('–', '0') ?? '', 10)).toBe(paid);
    }
  });

  test('what the mail service told nothing of is no zero', async () => {
    await finance.pretend<Report>('/reports/recovery', (report) => ({
      ...report,
      mails: report.mails.map((mail) => ({
        ...mail,
        delivered: 0,
        opened: 0,
        clicked: 0,
        bounced: 0,
        complained: 0,
      })),
    }));
    await finance.open(PLACE);
    expect(await textOf('.figures')).toContain('Not reported');
    expect(await textOf('.funnel tbody tr >> nth=0')).toMatch(/–/);
  });

  test.each([
    ['more', [330, 395], 'does better'],
    ['less', [120, 395], 'does worse'],
    ['same', [215, 395], 'No difference is shown'],
    ['early', [10, 12], 'Not enough cases yet'],
  ] as const)('two texts are judged by their interval: %s', async (_, short, words) => {
    await openWith(short);
    expect(await textOf('.judged')).toContain(words);
    expect(await finance.looker.page.locator('.texts .intervals .whisker').count()).toBe(2);
  });

  test('the thanks for what is paid are never compared, though their cases are all recovered', async () => {
    await openWith([270, 395]);
    expect(await finance.looker.page.locator('.texts').count()).toBe(1);
    expect(await textOf('.funnel tbody tr:has-text("Thank you") td >> nth=-1')).toBe('–');
  });

  test('texts that went to customers of other campaigns are told apart by a filter', async () => {
    await openWith([270, 395], { only: 'soft-decline' });
    expect(await textOf('.judged')).toContain('different customers');
    expect(await textOf('.judged')).not.toContain('does better');
    await finance.looker.page.click('.only');
    await finance.looker.page.waitForURL(/campaign=soft-decline/);
    await finance.looker.page.waitForSelector('.judged:has-text("does better")');
  });

  test('what came after a mail and before any is what came back', async () => {
    await finance.open(PLACE);
    const answer = await fetch(`${finance.rig.url}/api/reports/recovery?from=2026-01&to=2026-03`);
    const { currencies } = (await answer.json()) as Report;
    const [most] = currencies.toSorted((a, b) => b.cell.recovered.n - a.cell.recovered.n);
    const sums = await finance.looker.page.locator('.part .figures .big').allInnerTexts();
    const minor = sums.map((text) => Math.round(Number(text.replaceAll(/[^\d.]/g, '')) * 100));
    expect(minor.reduce((sum, one) => sum + one, 0)).toBe(most?.cell.recovered.amount.minor);
    expect(minor[1]).toBe(most?.unmailed.amount.minor);
  });

  test('where no mail went, it says so', async () => {
    await finance.open('#/mails?from=2020-01&to=2020-01');
    expect(await textOf('.notice')).toContain('No mail went');
  });
});
