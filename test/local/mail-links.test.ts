// Every link of every mail in the outbox of a demonstration: it opens, a look changes nothing, a press leads on and is noted.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SentMail } from '../../adapters/memory/outbox.ts';
import { LANGUAGES } from '../../core/ports.ts';
import { startRig, tidyUp, type Rig } from './server-rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig({ source: { kind: 'demo', seed: 6, subscriptions: 110 } });
}, 60_000);
afterAll(tidyUp);

/** Where the links of a mail lead on this server: to the page and, of some mails, to where its reader is taken off. */
const pathsIn = ({ html, text, unsubscribeUrl = '' }: SentMail): string[] => [
  ...new Set(
    [...`${html} ${text} ${unsubscribeUrl}`.matchAll(/http:\/\/localhost:\d+(\/[cu]\/[\w.-]+)/g)].map(
      ([, path = '']) => path,
    ),
  ),
];

const linkOf = (mail: SentMail, kind: '/c/' | '/u/'): string | undefined =>
  pathsIn(mail).find((path) => path.startsWith(kind));

/** As a browser posts a form on a page that tells no referrer. */
const press = (path: string, fields: Record<string, string> = {}) =>
  fetch(`${rig.url}${path}`, {
    method: 'POST',
    redirect: 'manual',
    headers: { origin: 'null' },
    body: new URLSearchParams(fields),
  });

const customerOf = async ({ customerKey }: SentMail) =>
  (await rig.system.useStore()).load(customerKey, rig.system.now());

const journalOf = async (mail: SentMail): Promise<string[]> =>
  (await customerOf(mail)).recovery.journal.map(({ what }) => what);

/** The newest mail of each customer whose page shows this. */
const mailsWith = async (shown: RegExp): Promise<{ mail: SentMail; path: string; page: string }[]> => {
  const newest = new Map(rig.system.mails.map((mail) => [mail.customerKey, mail]));
  const pages = [...newest.values()].map(async (mail) => {
    const path = linkOf(mail, '/c/') ?? '';
    return { mail, path, page: path && (await rig.get(path)).text };
  });
  return (await Promise.all(pages)).filter(({ page }) => shown.test(page));
};

test('the mails are in every language, and of every message that this policy sends', () => {
  const { mails } = rig.system;
  expect(new Set(mails.map(({ language }) => language))).toEqual(new Set(LANGUAGES));
  const messages = [
    'payment-failed',
    'update-card',
    'confirm-payment',
    'bank-debit-failed',
    'invoice-overdue',
    'reminder',
    'final-notice',
    'recovered',
    'cancelled',
    'card-expiring',
    'renewal-notice',
  ];
  expect([...new Set(mails.map(({ message }) => message))].toSorted()).toEqual(messages.toSorted());
});

test('every link of every mail opens, in the language of the mail, and a look writes nothing', async () => {
  const keys = [...new Set(rig.system.mails.map(({ customerKey }) => customerKey))];
  const store = await rig.system.useStore();
  const stored = () => Promise.all(keys.map((key) => store.load(key, rig.system.now())));
  const before = await stored();
  let opened = 0;
  for (const mail of rig.system.mails) {
    for (const path of pathsIn(mail)) {
      const { status, text, headers } = await rig.get(path);
      // Also what a notice was about whose day is past: such mails are often read late.
      expect([path.slice(0, 3), mail.message, status]).toEqual([path.slice(0, 3), mail.message, 200]);
      expect(text).toContain('<h1>');
      expect(text).not.toMatch(/\{\w+\}|undefined/);
      expect(headers.get('cache-control')).toBe('no-store');
      opened += 1;
    }
  }
  expect(opened).toBeGreaterThan(rig.system.mails.length / 2);
  expect(await stored()).toEqual(before);
});

test('what asks for something has a page to do it on, and what asks for nothing has none', () => {
  const without = rig.system.mails.filter((mail) => linkOf(mail, '/c/') === undefined);
  expect([...new Set(without.map(({ message }) => message))].toSorted()).toEqual(['cancelled', 'recovered']);
  // Whoever owes something cannot be taken off the mails about it.
  const unsubscribed = rig.system.mails.filter((mail) => linkOf(mail, '/u/') !== undefined);
  for (const { message } of unsubscribed) expect(['card-expiring', 'renewal-notice']).toContain(message);
});

describe('what is pressed', () => {
  test('pay leads to the invoice at the provider, and is noted', async () => {
    const owing = (await mailsWith(/\/pay"/)).slice(0, 4);
    expect(owing.length).toBeGreaterThan(2);
    for (const { mail, path, page } of owing) {
      const invoice = /name="invoice" value="([^"]+)"/.exec(page)?.[1] ?? '';
      const { status, headers } = await press(`${path}/pay`, { invoice });
      expect([status, headers.get('location')]).toEqual([303, `https://pay.example.com/i/${invoice}`]);
      expect(await journalOf(mail)).toContain('the customer went to pay');
    }
  });

  test('another card leads back with a word where the provider has no page for it', async () => {
    const [one] = await mailsWith(/\/card"/);
    const { status, headers } = await press(`${one?.path}/card`);
    expect(status).toBe(303);
    expect(headers.get('location')).toMatch(/^http:\/\/localhost:\d+\/c\/[\w.-]+\?told=later$/);
    const told = await rig.get(new URL(headers.get('location') ?? '').pathname + '?told=later');
    expect(told.text).toContain('role="status"');
  });

  test('an answer leads back with thanks, and is noted', async () => {
    const asked = (await mailsWith(/name="answer"/)).slice(-2);
    expect(asked).toHaveLength(2);
    for (const { mail, path } of asked) {
      const { status, headers } = await press(`${path}/answer`, { answer: 'too_expensive' });
      expect(status).toBe(303);
      expect(headers.get('location')).toMatch(/\?told=noted$/);
      expect((await customerOf(mail)).recovery.answers.map(({ kind }) => kind)).toContain('too_expensive');
      expect(await journalOf(mail)).toContain('the customer answered');
    }
  });

  test('unsubscribing is answered with 200, and is noted', async () => {
    const mail = rig.system.mails.find((one) => linkOf(one, '/u/'));
    const { status } = await press(`${mail && linkOf(mail, '/u/')}`, { 'List-Unsubscribe': 'One-Click' });
    expect(status).toBe(200);
    expect(Object.keys((await customerOf(mail as SentMail)).recovery.unsubscribed)).toEqual(['notices']);
    expect(await journalOf(mail as SentMail)).toContain('the customer unsubscribed');
  });

  test('on the page of a case that is over there is nothing to press', async () => {
    const over = await mailsWith(/<main>\n<h1>[^<]+<\/h1>\n<p>[^<]+<\/p>\n<\/main>/);
    expect(over.length).toBeGreaterThan(0);
    for (const { page } of over) expect(page).not.toMatch(/<form|<button/);
  });
});
