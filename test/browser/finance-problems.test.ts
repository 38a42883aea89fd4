// What goes wrong, in a browser: told in the reader's language, with the field and what to do, and the way on leads on.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { LANGUAGES } from '../../web/finance/language.ts';
import { CHROMIUM } from './chromium.ts';
import { startFinance, type FinanceRig } from './finance-rig.ts';
import { LOOKS } from './looking.ts';

const WORDS = join(import.meta.dirname, '../../web/finance/words');
const wordsOf = (language: string): Readonly<Record<string, string>> =>
  JSON.parse(readFileSync(join(WORDS, language, 'problems.json'), 'utf8')) as Record<string, string>;

/** Links that somebody may be sent, with the words that say what is wrong with each, and the part without which it is shown. */
const REFUSED = [
  ['#/overview?currency=euro&from=2026-03', 'rule_currency', 'currency'],
  ['#/overview?from=yesterday', 'rule_day_or_month', 'from'],
  ['#/at-risk?from=2026-03&to=2026-01', 'rule_backwards', 'to'],
  ['#/overview?from=2020-01&to=2026-03', 'rule_period_too_long', 'from'],
  ['#/causes?decline=bad', 'rule_choice', 'decline'],
  ['#/cohorts?kind=weather', 'rule_choice', 'kind'],
  ['#/cases?outcome=won', 'rule_choice', 'outcome'],
  ['#/cases?after=AAAA', 'rule_place', 'after'],
  ['#/invoices?total=failed&value=x', 'rule_value_unwanted', 'value'],
  ['#/invoices?total=moved_net&from=2026-03&value=2026-01', 'rule_value_month', 'value'],
] as const;

/** Links that name what is not there, or not all that is needed. */
const NOT_THERE = [
  ['#/case/stripe/cus_9/case_9', 'no_case'],
  ['#/case/paddle/cus_9/case_9', 'no_connection'],
  ['#/invoices?total=cause', 'rule_value_needed'],
  ['#/invoices?total=at_risk_aged&value=9-10', 'rule_value_age'],
] as const;

describe.skipIf(CHROMIUM === null)('what goes wrong', () => {
  let finance: FinanceRig;
  beforeAll(async () => {
    finance = await startFinance();
  }, 60_000);
  afterAll(() => finance.stop());
  afterEach(() => finance.honest());

  const notice = (): Promise<string> => finance.looker.page.innerText('.notice.wrong');
  const answerWith = (status: number, json: object, to = '**/api/reports/**') =>
    finance.looker.page.route(to, (route) => route.fulfill({ status, json }));

  test.each(Object.keys(LANGUAGES))('is told in %s, whatever is wrong with a link', async (language) => {
    const words = wordsOf(language);
    // Nothing of this is to wait for the store.
    await answerWith(404, { code: 'no_case', detail: 'in English' }, '**/api/cases/stripe/cus_9/case_9');
    for (const [hash, name] of [...REFUSED, ...NOT_THERE]) {
      await finance.open(hash, language);
      const told = await notice();
      expect([hash, told]).toEqual([hash, expect.stringContaining(words[name] ?? '(no words)')]);
      // The API's own English, or a name of a message.
      expect(await finance.looker.page.locator('.notice [lang=en]').count()).toBe(0);
      expect(told).not.toMatch(/\b[a-z]+_[a-z_]+\b(?<!cus_\w+|in_\w+)|\{\w+\}/);
    }
    await finance.open(REFUSED[0][0], language);
    expect(await finance.looker.overflow()).toBeLessThanOrEqual(0);
    await finance.looker.set(LOOKS[1]);
    await finance.looker.photograph(`finance.problem.${language}`);
  });

  test.each(REFUSED)(
    'of %s is left out by one press, and not refused any more',
    async (hash, rule, field) => {
      const { page } = finance.looker;
      await finance.open(hash);
      await page.click('.notice .button:has-text("Show it without this")');
      const refused = `.notice.wrong:has-text("${wordsOf('en')[rule]}")`;
      await page.waitForSelector(refused, { state: 'detached' });
      await finance.settled();
      expect(await page.locator(refused).count()).toBe(0);
      expect(page.url()).not.toMatch(new RegExp(`[?&]${field}=`));
    },
  );

  test('names the field as the page does', async () => {
    await finance.open('#/overview?currency=euro', 'de');
    expect(await notice()).toContain('Währung: Schreiben Sie einen Code aus drei Buchstaben, etwa EUR');
  });

  test.each([
    [429, {}, 'Zu viel auf einmal'],
    [503, {}, 'nicht geantwortet'],
    [500, { code: 'failed' }, 'Das Log sagt, was es war'],
    [403, { code: 'no_role' }, 'noch keine Rolle'],
  ])('%i is told in words, of the API or of what stands before it', async (status, more, said) => {
    await answerWith(status, { message: 'Too Many Requests', detail: 'in English', ...more });
    await finance.open('#/overview', 'de');
    expect(await notice()).toContain(said);
  });

  test('what the page has no words for is said as the API says it, as English', async () => {
    await answerWith(422, { code: 'of_tomorrow', detail: 'the moon is in the wrong house' });
    await finance.open('#/overview', 'ja');
    expect(await finance.looker.page.innerText('.notice [lang=en]')).toContain(
      'the moon is in the wrong house',
    );
  });

  test('can be read by everybody', async () => {
    await finance.open('#/overview?currency=euro&decline=bad');
    expect(await finance.inspect('problem')).toEqual([]);
  });
});
