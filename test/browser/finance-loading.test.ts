// The finance page while the local server is still loading: it says so, and shows the figures by itself once they are there.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRig, tidyUp, type Rig } from '../local/server-rig.ts';
import { CHROMIUM } from './chromium.ts';
import { LOOKS, startLooker, type Looker } from './looking.ts';

describe.skipIf(CHROMIUM === null)('the finance page of a demonstration that is being loaded', () => {
  let looker: Looker;
  let rig: Rig;
  beforeAll(async () => {
    looker = await startLooker({ takesUnclear: true });
    rig = await startRig({ source: { kind: 'demo', seed: 9, subscriptions: 60 }, started: false });
  });
  afterAll(async () => {
    await looker.close();
    await tidyUp();
  });

  test('says so, and then shows the figures of where the clock stands by then', async () => {
    const { page, deeds } = looker;
    await page.goto(`${rig.url}/?lang=en`);
    await page.waitForSelector('main progress');
    expect(await looker.inspect('finance.loading', LOOKS)).toEqual([]);
    const loading = rig.system.start();
    await page.waitForSelector('h1:has-text("Loading the demonstration")');
    await page.waitForSelector('main .lead .huge');
    await loading;
    expect(await page.innerText('.view-head')).toContain('January – March 2026');
    expect(deeds.filter((deed) => deed.startsWith('said') || deed.startsWith('failed'))).toEqual([]);
  });
});
