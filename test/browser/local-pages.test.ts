// The pages of the local server in a browser: each can be read by everybody, on a phone and at a desk, light and dark.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRig, tidyUp, type Rig } from '../local/server-rig.ts';
import { CHROMIUM } from './chromium.ts';
import { LOOKS, startLooker, type Looker } from './looking.ts';

describe.skipIf(CHROMIUM === null)('the local server', () => {
  let looker: Looker;
  let rig: Rig;
  beforeAll(async () => {
    // A table that scrolls has a shadow at its edge, and its letters stand on it.
    looker = await startLooker({ takesUnclear: true });
    rig = await startRig();
  });
  afterAll(async () => {
    await looker.close();
    await tidyUp();
  });

  /** One page of each kind that a link leads to. */
  const pages = async (): Promise<Map<string, string>> => {
    const found = new Map([['outbox', '/outbox']]);
    for (const path of found.values()) {
      const { text } = await rig.get(path);
      for (const [, to = ''] of text.matchAll(/\shref="(\/[a-z]+[^"#.]*)"/g)) {
        const kind = to.split('/').length > 2 ? `one of ${to.split('/')[1]}` : (to.split(/[/?]/)[1] ?? '');
        if (!to.endsWith('/html') && !found.has(kind)) found.set(kind, to.replaceAll('&amp;', '&'));
      }
    }
    return found;
  };

  test('shows pages that can be read by everybody', async () => {
    const found = await pages();
    for (const kind of ['outbox', 'one of outbox', 'clock', 'preview']) {
      expect([...found.keys()]).toContain(kind);
    }
    for (const [kind, path] of found) {
      await looker.page.goto(`${rig.url}${path}`);
      expect(await looker.inspect(`local.${kind}`, LOOKS)).toEqual([]);
    }
  });
});
