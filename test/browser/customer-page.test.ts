// The customer's page as it is used: every state by eye and by a screen reader, and all that it is for without a script.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { heldBy } from '../../core/recovery/holds.ts';
import { localDay } from '../../core/time.ts';
import { COLOURS } from '../../web/customer-page/style.ts';
import { PAGE_LANGUAGES, WORDS } from '../../web/customer-page/words.ts';
import { startRig, tidyUp } from '../local/server-rig.ts';
import { OPEN, plainPages, toldPages } from '../support/page-states.ts';
import { CHROMIUM } from './chromium.ts';
import { LOOKS, startLooker, type Looker } from './looking.ts';

/** What a page says after something was done is a line at its top, so that it is looked at in some languages only. */
const TOLD_IN: ReadonlySet<string> = new Set(['en', 'de', 'zh-TW']);

describe.skipIf(CHROMIUM === null)('the customer’s page', () => {
  let looker: Looker;
  beforeAll(async () => {
    looker = await startLooker();
  });
  afterAll(() => looker.close());

  test.each(PAGE_LANGUAGES)('can be read and used by everybody in every state, in %s', async (language) => {
    const told = TOLD_IN.has(language) ? toldPages(language, 'one invoice', OPEN) : [];
    for (const { name, html } of [...plainPages(language), ...told]) {
      await looker.show(html);
      const promise = looker.page.locator('[value=promise]');
      // With a day to choose the form has all of its fields.
      if ((await promise.count()) > 0) await promise.check();
      const pictures = language === 'en' ? LOOKS : [LOOKS[0]];
      expect(await looker.inspect(`page.${language}.${name}`, pictures)).toEqual([]);
      expect({ name, deeds: looker.deeds }).toEqual({ name, deeds: [] });
    }
  });
});

describe.skipIf(CHROMIUM === null)('without JavaScript', () => {
  let looker: Looker;
  beforeAll(async () => {
    looker = await startLooker({ javaScriptEnabled: false });
  });
  afterAll(async () => {
    await looker.close();
    await tidyUp();
  });

  /** A customer who has followed the link of the newest mail about an open case. */
  const openLink = async () => {
    const rig = await startRig();
    await rig.moveClock({ advance: '2d' });
    const open = new Set(rig.system.books.all().flatMap(({ customer }) => customer?.recovery.case?.id ?? []));
    const mail = rig.system.mails.findLast(({ caseId, html }) => open.has(caseId) && html.includes('/c/'));
    const link = /http:\/\/localhost:\d+\/c\/[A-Za-z0-9._-]+/.exec(mail?.html ?? '')?.[0];
    if (!mail || link === undefined) throw new Error('no mail of an open case has a link');
    await looker.page.goto(link);
    return { rig, mail };
  };

  test('the page shows its style under its own policy, and takes an answer', async () => {
    const { rig, mail } = await openLink();
    const { page } = looker;
    await looker.set(LOOKS[0]);
    const ground = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const [red, green, blue] = [1, 3, 5].map((i) =>
      Number.parseInt(COLOURS.light.ground.slice(i, i + 2), 16),
    );
    expect(ground).toBe(`rgb(${red}, ${green}, ${blue})`);
    const day = localDay(rig.system.now(), 'UTC');
    expect(await page.locator('#day').isVisible()).toBe(false);
    await page.check('[value=promise]');
    await page.fill('#day', day);
    await page.fill('#text', 'On pay day.');
    await page.click('form[action$="/answer"] button');
    await page.waitForURL(/\?told=held$/);
    expect(await page.textContent('[role=status]')).toBe(WORDS.en.told_held);
    const store = await rig.system.useStore();
    const { recovery } = await store.load(mail.customerKey, rig.system.now());
    expect(heldBy(recovery, rig.system.now())?.why).toMatch(/by customer$/);
    expect(looker.deeds.filter((deed) => deed.startsWith('said'))).toEqual([]);
  });

  test('an answer without a choice is asked for by the browser, and nothing is sent', async () => {
    await openLink();
    looker.deeds.length = 0;
    await looker.page.click('form[action$="/answer"] button');
    expect(looker.deeds).toEqual([]);
    expect(await looker.page.locator('[value=promise]:invalid').count()).toBe(1);
  });
});
