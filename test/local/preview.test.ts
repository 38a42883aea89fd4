// The preview: every mail as it would look, from the files as they are now.
import { cpSync, readFileSync, rmSync, writeFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { definePolicy } from '../../core/recovery/policy.ts';
import { instantFromMs } from '../../core/time.ts';
import { EMAILS } from '../../local/emails.ts';
import { previewRoutes } from '../../local/server/preview.ts';
import type { LocalSystem } from '../../local/server/system.ts';
import policyInput from '../../policy.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'preview-'));
  cpSync(EMAILS, dir, { recursive: true });
});
afterEach(() => rmSync(dir, { recursive: true }));

/** As much of a system as a page is drawn with. */
const SYSTEM = {
  kind: 'demo',
  policy: definePolicy(policyInput),
  now: () => instantFromMs(0),
  activity: () => null,
  troubles: [],
  sendsTo: null,
} as unknown as LocalSystem;

const open = () => {
  const app = previewRoutes(SYSTEM, 'sandbox', dir);
  const get = async (path: string) => {
    const answer = await app.request(path);
    return {
      status: answer.status,
      text: await answer.text(),
      policy: answer.headers.get('content-security-policy'),
    };
  };
  return { get };
};

const CHOSEN = 'message=card-expiring&language=ja&scenario=no-card';
const edit = (file: string, from: string, to: string): void => {
  const path = join(dir, file);
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll(from, to));
};

describe('the preview', () => {
  test('shows another text of a message as soon as it is written, and none that is not', async () => {
    const { get } = open();
    expect((await get('/')).text).not.toContain('reminder.short');
    const before = await get('/?message=reminder.short');
    expect(before.text).toContain('<option value="payment-failed" selected>');
    edit('en.json', '"final-notice": {', '"reminder.short": { "heading": "Still open" },\n"final-notice": {');
    const { text } = await get('/?message=reminder.short&language=en');
    expect(text).toContain('<option value="reminder.short" selected>');
    expect((await get('/html?message=reminder.short&language=en')).text).toMatch(/<h1 [^>]*>Still open</);
    // Whoever goes through all of them comes by it.
    expect((await get('/?message=invoice-due')).text).toContain('message=reminder.short');
  });

  test('shows what is chosen: subject, text, and the HTML in a frame that may do nothing', async () => {
    const { get } = open();
    const { text, policy } = await get(`/?${CHOSEN}`);
    expect(text).toContain('<option value="card-expiring" selected>');
    expect(text).toContain('<option value="ja" selected>日本語</option>');
    expect(text).toContain('カードの有効期限が近づいています');
    expect(text).toMatch(/<iframe[^>]*\ssandbox[\s>]/);
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; connect-src 'self'/);
    const mail = await get(`/html?${CHOSEN}`);
    expect(mail.text).toMatch(/^<!doctype html>\n<html lang="ja"/);
    expect(mail.policy).toBe('sandbox');
  });

  test('what is not known is the usual one', async () => {
    const { text } = await open().get('/?message=%3Cscript%3E&language=xx&scenario=constructor');
    expect(text).toContain('<option value="payment-failed" selected>');
    expect(text).not.toContain('<script>');
  });

  test('follows what is saved, and says what does not fit', async () => {
    const { get } = open();
    expect((await get('/')).text).toContain('Pay now');
    edit('en.json', '"Pay now"', '"Settle it"');
    expect((await get('/')).text).toContain('Settle it');
    edit('en.json', '"Settle it"', '"{{ settle }}"');
    expect((await get('/')).text).toContain('unknown variable &quot;settle&quot;');
    expect((await get('/html')).status).toBe(500);
    edit('en.json', '"{{ settle }}"', '"Pay at last"');
    expect((await get('/')).text).toContain('Pay at last');
  });

  test('tells a page that waits as soon as something is saved, and another state at once', async () => {
    const { get } = open();
    const stateOf = async (query: string) =>
      (JSON.parse((await get(`/state${query}`)).text) as { state: string }).state;
    const known = await stateOf('');
    const waiting = stateOf(`?known=${known}`);
    edit('layout.text.liquid', '--', '==');
    const now = await waiting;
    expect(now).not.toBe(known);
    expect(await stateOf(`?known=${known}`)).toBe(now);
  });
});
