// The customer's page on the local server: reached by the link of a mail in the outbox, over real HTTP.
import { afterEach, describe, expect, test } from 'vitest';
import { heldBy } from '../../core/recovery/holds.ts';
import { localDay } from '../../core/time.ts';
import { startRig, tidyUp, type Rig } from './server-rig.ts';

afterEach(tidyUp);

/** The newest mail about a case that is open, with its link. */
const linked = (rig: Rig) => {
  const open = new Set(rig.system.books.all().flatMap(({ customer }) => customer?.recovery.case?.id ?? []));
  const mail = rig.system.mails.findLast(({ caseId, html }) => open.has(caseId) && html.includes('/c/'));
  const link = /http:\/\/localhost:\d+\/c\/[A-Za-z0-9._-]+/.exec(mail?.html ?? '')?.[0];
  if (!mail || !link) throw new Error('no mail of an open case has a link');
  return { mail, path: new URL(link).pathname };
};

/** As a browser posts a form on a page that tells no referrer. */
const post = (rig: Rig, path: string, fields: Record<string, string>) =>
  fetch(`${rig.url}${path}`, {
    method: 'POST',
    redirect: 'manual',
    headers: { origin: 'null' },
    body: new URLSearchParams(fields),
  });

describe('the link of a mail in the outbox', () => {
  test('opens the customer’s page, and what is told there holds the case back', async () => {
    const rig = await startRig();
    await rig.moveClock({ advance: '2d' });
    const { mail, path } = linked(rig);
    const page = await rig.get(path);
    expect(page.status).toBe(200);
    expect(page.text).toContain('action="/c/');
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    const day = localDay(rig.system.now(), 'UTC');
    const told = await post(rig, `${path}/answer`, { answer: 'promise', day });
    expect(told.status).toBe(303);
    expect(told.headers.get('location')).toMatch(/\?told=held$/);
    const store = await rig.system.useStore();
    const { recovery } = await store.load(mail.customerKey, rig.system.now());
    expect(heldBy(recovery, rig.system.now())?.why).toMatch(/by customer$/);
  });

  test('is refused when it was tampered with, and a GET of what is pressed does nothing', async () => {
    const rig = await startRig();
    await rig.moveClock({ advance: '2d' });
    const { path } = linked(rig);
    expect((await rig.get(`${path.slice(0, -2)}__`)).status).toBe(404);
    expect((await rig.get(`${path}/pay`)).status).toBe(404);
    expect((await post(rig, `${path}/answer`, { text: 'x'.repeat(100_000) })).status).toBe(413);
  });

  test('whatever stands in its place is a page that leads nowhere, and none of it comes into a header', async () => {
    const rig = await startRig();
    for (const odd of [
      '%',
      '%2e%2e%2f%2e%2e',
      'a%00b',
      'x%0d%0aSet-Cookie:%20a=b',
      '%F0%28',
      '<b>',
      'x'.repeat(9000),
    ]) {
      for (const path of [`/c/${odd}`, `/u/${odd}`]) {
        const { status, headers, text } = await rig.get(path);
        expect([path.slice(0, 40), status]).toEqual([path.slice(0, 40), 404]);
        expect(JSON.stringify([...headers])).not.toMatch(/set-cookie|<b>/i);
        expect(headers.get('cache-control')).toBe('no-store');
        expect(text).not.toContain('<b>');
      }
    }
  });
});
