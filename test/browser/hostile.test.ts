// The ugliest names in mails and on the page, in a real browser: nothing runs, nothing is asked for, and all of it is words.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createComposer } from '../../adapters/email/render.ts';
import type { Message } from '../../core/ports.ts';
import { customerPage } from '../../web/customer-page/page.ts';
import { hostileMails, HOSTILE_TEXTS } from '../support/hostile-text.ts';
import { shippedTemplates } from '../support/mails.ts';
import { invoice, OPEN, PATH, settingOf } from '../support/page-states.ts';
import { CHROMIUM } from './chromium.ts';
import { startLooker, type Looker } from './looking.ts';

describe.skipIf(CHROMIUM === null)('hostile names', () => {
  let looker: Looker;
  beforeAll(async () => {
    looker = await startLooker();
  });
  afterAll(() => looker.close());

  /** What a document does by itself, and when it is pointed at and clicked. */
  const deedsOf = async (html: string): Promise<string[]> => {
    await looker.show(html);
    await looker.page.hover('h1');
    return [...looker.deeds];
  };
  const scripts = () =>
    looker.page.locator('script, [onload], [onerror], [onmouseover], img, iframe').count();

  const compose = createComposer(shippedTemplates());

  // One with invoices, one with a last day, one without anything owed: names take the same way into all of them.
  test.each<Message>(['payment-failed', 'final-notice', 'renewal-notice'])(
    'in %s run no script, load nothing and fit a small screen',
    async (message) => {
      for (const { text, request } of hostileMails(message)) {
        const { html } = compose(request);
        expect({ text, deeds: await deedsOf(html) }).toEqual({ text, deeds: [] });
        expect({ text, scripts: await scripts() }).toEqual({ text, scripts: 0 });
        expect({ text, sticksOut: await looker.overflow() }).toEqual({ text, sticksOut: 0 });
        if (message === 'payment-failed') await looker.photograph(`hostile.mail.${text}`);
      }
    },
  );

  test.each(Object.entries(HOSTILE_TEXTS))(
    'on the page (%s) run no script, load nothing and fit a small screen',
    async (name, text) => {
      const owed = [
        { ...invoice('1', 4900), number: text, invoiceId: text },
        { ...invoice('2', 4900), number: text, invoiceId: text },
      ];
      const setting = { ...settingOf('en'), company: text, support: text };
      const html = customerPage(setting, { ...OPEN, owed, cardLast4: text }, PATH, null);
      expect(await deedsOf(html)).toEqual([]);
      expect(await scripts()).toBe(0);
      expect(await looker.overflow()).toBe(0);
      await looker.photograph(`hostile.page.${name}`);
    },
  );

  test('would be noticed, were they let through', async () => {
    const picture = '<img src="https://evil.test/x.png" onerror="alert(2)">';
    const html = `<!doctype html><h1>x</h1><script>alert(1)</script>${picture}<p style="width:400px">x</p>`;
    await looker.show(html);
    await expect.poll(() => looker.deeds).toContain('asked: 2');
    expect(looker.deeds).toContain('asked: 1');
    expect(looker.deeds).toContain('asked for https://evil.test/x.png');
    expect(await scripts()).toBe(2);
    expect(await looker.overflow()).toBeGreaterThan(0);
  });
});
