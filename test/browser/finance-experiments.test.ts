// Experiments in a browser: nobody held out, too few cases, and a verdict that its interval bears out.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { newcombe, wilson } from '../../core/reports/interval.ts';
import type { Policy, Report } from '../../web/finance/api.ts';
import { LANGUAGES } from '../../web/finance/language.ts';
import { CHROMIUM } from './chromium.ts';
import { startFinance, type FinanceRig } from './finance-rig.ts';
import { LOOKS } from './looking.ts';

const PLACE = '#/experiments?from=2026-01&to=2026-03';

type Side = readonly [hits: number, of: number];

const rate = ([hits, of]: Side) => ({ hits, of, share: wilson(hits, of) });

/** Customers who are held out: what no demonstration has. */
const withLift =
  (mailed: Side, held: Side) =>
  (report: Report): Report => ({
    ...report,
    lifts: [
      {
        experiment: 'mails',
        mailed: rate(mailed),
        heldOut: rate(held),
        difference: newcombe({ hits: mailed[0], all: mailed[1] }, { hits: held[0], all: held[1] }),
        isEnough: Math.min(mailed[1], held[1]) >= 30,
      },
    ],
  });

const holdingOut = (policy: Policy): Policy => ({ ...policy, holdout: { experiment: 'mails', share: 0.1 } });

describe.skipIf(CHROMIUM === null)('experiments', () => {
  let finance: FinanceRig;
  beforeAll(async () => {
    finance = await startFinance();
  }, 60_000);
  afterAll(() => finance.stop());
  afterEach(() => finance.honest());

  const textOf = (selector: string): Promise<string> => finance.looker.page.innerText(selector);
  const openWith = async (mailed: Side, held: Side, language = 'en'): Promise<void> => {
    await finance.pretend<Report>('/reports/recovery', withLift(mailed, held));
    await finance.pretend<Policy>('/policy', holdingOut);
    await finance.open(PLACE, language);
  };

  test('can be read by everybody in every state, and do nothing by themselves but ask their own server', async () => {
    await finance.open(PLACE);
    expect(await finance.inspect('experiments.nobody')).toEqual([]);
    expect(finance.misdeeds()).toEqual([]);
    await openWith([9, 12], [2, 3]);
    expect(await finance.inspect('experiments.early')).toEqual([]);
    await openWith([310, 480], [24, 55]);
    expect(await finance.inspect('experiments')).toEqual([]);
  });

  test.each(Object.keys(LANGUAGES))(
    'in %s they fit on a phone and say no name of a message',
    async (language) => {
      await openWith([310, 480], [24, 55], language);
      expect(await finance.looker.overflow()).toBeLessThanOrEqual(0);
      expect(await textOf('main')).not.toMatch(/\b[a-z]+_[a-z]+\b|\{\w+\}/);
      await finance.looker.set(LOOKS[1]);
      await finance.looker.photograph(`finance.experiments.${language}`);
      await finance.honest();
      await finance.open(PLACE, language);
      expect(await finance.looker.overflow()).toBeLessThanOrEqual(0);
      await finance.looker.set(LOOKS[1]);
      await finance.looker.photograph(`finance.experiments.nobody.${language}`);
    },
  );

  test('where nobody is held out, they say what somebody would write in the policy', async () => {
    await finance.open(PLACE);
    expect(await textOf('.verdict')).toContain('Nobody is held out');
    expect(await textOf('.snippet pre')).toBe("holdout: { experiment: 'mails', share: 0.1 },");
  });

  test('where customers are held out and no case counts yet, they say that', async () => {
    await finance.pretend<Policy>('/policy', holdingOut);
    await finance.open(PLACE);
    expect(await textOf('.verdict')).toContain('No case counts yet');
    expect(await textOf('.verdict')).toContain('10.0%');
  });

  test('with too few cases they say how many there are of how many, and no rate', async () => {
    await openWith([28, 29], [2, 31]);
    expect(await textOf('.progress')).toMatch(/With mails\s+29 of 30[^]*Without mails\s+31 of 30/);
    expect(await textOf('.verdict')).not.toMatch(/\d%/);
    expect(await finance.looker.page.locator('.intervals').count()).toBe(0);
  });

  test.each([
    ['more', [310, 480], [24, 55], 'The mails work'],
    ['less', [150, 480], [40, 55], 'Fewer cases'],
    ['same', [250, 480], [28, 55], 'No difference is shown'],
  ] as const)('the verdict goes by the interval of the difference: %s', async (_, mailed, held, words) => {
    await openWith(mailed, held);
    expect(await textOf('.verdict .plain-words')).toContain(words);
  });

  test('both rates and the difference have their interval, in the picture, in words, and as a table', async () => {
    await openWith([310, 480], [24, 55]);
    const { page } = finance.looker;
    expect(await page.locator('.intervals').count()).toBe(2);
    expect(await page.locator('.intervals .whisker').count()).toBe(3);
    expect(await textOf('ul.told')).toMatch(/With mails: 64\.6%, 310 of 480; 95%: \d+\.\d% to \d+\.\d%/);
    const buttons = page.locator('.panel button:has-text("Table")');
    await buttons.first().click();
    await buttons.first().click();
    expect(await page.locator('.intervals').count()).toBe(0);
    expect(await textOf('.pair')).toContain('310');
  });
});
