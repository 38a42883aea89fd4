// The pages: each renders, nothing from outside is markup, and nothing is fetched from elsewhere.
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toMs } from '../../core/time.ts';
import type { Source } from '../../local/server/system.ts';
import { createValidator, LOCAL_PAGE_RULES, markupOf } from '../support/html-validator.ts';
import { story } from '../support/story.ts';
import { MACHINE, startRig, tidyUp, type Rig } from './server-rig.ts';

/** Both are only looked at: a test that tells something starts a server of its own. */
let demo: Rig;
let empty: Rig;
const NO_EVENTS: Source = { kind: 'demo', seed: 1, subscriptions: 0 };

beforeAll(async () => {
  [demo, empty] = [await startRig(), await startRig({ source: NO_EVENTS })];
});
afterAll(tidyUp);

const START = toMs(MACHINE) / 1000;

const linksIn = (text: string, prefix: string): string[] =>
  [...text.matchAll(/href="([^"]+)"/g)]
    .map((match) => match[1] ?? '')
    .filter((href) => href.startsWith(prefix));

/** A request under another name, which `fetch` does not allow. */
const getAs = (rig: Rig, host: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const asked = request(`${rig.url}/`, { headers: { host, connection: 'close' } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.on('error', reject).end();
  });

describe('the demonstration', () => {
  test('every page that is linked renders, says that it is a demonstration, and asks nobody else for anything', async () => {
    const outbox = await demo.get('/outbox');
    const paths = new Set(['/outbox', '/outbox?page=9', '/clock', ...linksIn(outbox.text, '/outbox/')]);
    expect(paths.size).toBeGreaterThan(12);
    for (const path of paths) {
      const { status, text, headers } = await demo.get(path);
      expect([path, status]).toEqual([path, 200]);
      expect(text).toContain('Demonstration data.');
      expect(text).not.toMatch(/<script|\sstyle=|\son\w+=|(src|action)="(https?:)?\/\/|<link[^>]+href="http/);
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    }
  });

  test('every page that a link leads to passes a validator', async () => {
    const faultsIn = createValidator(LOCAL_PAGE_RULES);
    const paths = new Set(['/outbox', '/no-such-page']);
    const markups = new Set<string>();
    // A set that grows while it is walked through goes on to what was added.
    for (const path of paths) {
      const { text, headers } = await demo.get(path);
      // A mail by itself is validated as a mail, and the finance page as it is built.
      if (!headers.get('content-type')?.startsWith('text/html') || /\/html$|^\/(#|$)/.test(path)) continue;
      for (const found of linksIn(text, '/')) paths.add(found.replaceAll('&amp;', '&'));
      const faults = markups.has(markupOf(text)) ? [] : faultsIn(text);
      markups.add(markupOf(text));
      expect({ path, faults }).toEqual({ path, faults: [] });
    }
    for (const path of ['/outbox', '/clock', '/preview']) expect([...paths]).toContain(path);
    expect(markups.size).toBeGreaterThan(10);
  });

  test('a mail shows its headers, its HTML and its text, and leads to its case', async () => {
    const mail = await demo.get('/outbox/1');
    const [sent] = demo.system.mails;
    expect(mail.text).toContain('Reply-To');
    expect(linksIn(mail.text, '/#/case/')).toEqual([`/#/case/${sent?.customerKey}/${sent?.caseId}`]);
    expect(mail.text).toMatch(/<iframe[^>]+src="\/outbox\/1\/html"[^>]*\ssandbox/);
    const shown = await demo.get('/outbox/1/html');
    expect(shown.text).toBe(demo.system.mails[0]?.html);
    expect(shown.headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'/);
  });

  test.each([
    ['/cases', '/#/cases'],
    ['/cases?outcome=open&page=2', '/#/cases'],
    ['/cases/stripe/cus_1/case_in_1', '/#/case/stripe/cus_1/case_in_1'],
    ['/cases/stripe/cus_%2F%22%3F/case_%23', '/#/case/stripe/cus_%2F%22%3F/case_%23'],
  ])('%s leads to where the finance page shows it', async (path, to) => {
    const { status, headers } = await empty.get(path);
    expect([status, headers.get('location')]).toEqual([302, to]);
  });

  test.each(['/nowhere', '/outbox/0', '/outbox/999999', '/outbox/1e3'])('%s is not found', async (path) => {
    const { status, text } = await empty.get(path);
    expect([status, text.includes('Not found')]).toEqual([404, true]);
  });

  test('only names of this machine are answered', async () => {
    const port = new URL(empty.url).port;
    expect(await getAs(empty, `localhost:${port}`)).toBe(200);
    expect(await getAs(empty, `rebound.example:${port}`)).toBe(403);
  });
});

describe('what comes from outside', () => {
  const HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(2)>';
  const ODD_ID = `cus_"'><b>/..%2F?#&`;

  test('names, numbers and ids are text and never markup, and their links lead to their own page', async () => {
    const rig = await startRig({ source: NO_EVENTS });
    const s = story({
      n: 1,
      start: START,
      customerId: ODD_ID,
      name: HOSTILE,
      email: "o'b&co@example.com",
      invoice: { number: HOSTILE },
    });
    for (const event of s.failed(0, { code: 'expired_card' })) {
      expect((await rig.deliver(event)).status).toBe(200);
    }
    await rig.system.tick();
    const outbox = await rig.get('/outbox');
    const mail = await rig.get('/outbox/1');
    for (const { status, text } of [outbox, mail]) {
      expect(status).toBe(200);
      expect(text).not.toMatch(/<script|<img|<b>/);
    }
    expect(mail.text).toContain('<bdi>o&#39;b&amp;co@example.com</bdi>');
    expect(linksIn(mail.text, '/#/case/')[0]).toContain(encodeURIComponent(ODD_ID).replaceAll("'", '&#39;'));
  });

  test('a query that makes no sense is shown the first page of everything', async () => {
    const [plain, odd] = [await demo.get('/outbox'), await demo.get('/outbox?page=%3Cscript%3E')];
    expect(odd.text).toBe(plain.text);
  });
});
