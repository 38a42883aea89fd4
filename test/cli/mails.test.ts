// The commands about mails: one is shown, one is sent to one address.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Templates } from '../../adapters/email/templates.ts';
import { sampleMail, textNamed } from '../../cli/mail-options.ts';
import { sendTest } from '../../cli/send-test.ts';
import { UserError } from '../../cli/user-error.ts';
import type { ActOutcome, Mail } from '../../core/ports.ts';
import { definePolicy } from '../../core/recovery/policy.ts';
import { loadEmails } from '../../local/emails.ts';
import shippedPolicy from '../../policy.ts';
import { freshBase, recoupHere } from '../support/recoup.ts';

describe('recoup preview', () => {
  test('prints the subject and the text, in the language that is asked for', async () => {
    const { stdout, status } = await recoupHere(freshBase(), ['preview', 'reminder', '--lang', 'de']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Subject: Noch offen: Ihre Zahlung über 49,00 € an Example Company\n\n/);
    expect(stdout).toContain('Guten Tag Jörg Müller,');
  });

  test('--out writes the HTML, or the text into a .txt', async () => {
    const base = freshBase();
    const [page, text] = [join(base, 'mail.html'), join(base, 'mail.txt')];
    await recoupHere(base, ['preview', 'cancelled', '--lang', 'zh-TW', '--out', page]);
    await recoupHere(base, ['preview', 'cancelled', '--scenario', 'no-page', '--out', text]);
    expect(readFileSync(page, 'utf8')).toMatch(/<html lang="zh-TW"/);
    expect(readFileSync(text, 'utf8')).toContain('Your plan has ended');
  });

  test.each([
    [['preview', 'hello'], /There is no such message\. Use one of payment-failed, /],
    [['preview', 'reminder', '--lang', 'xx'], /Allowed choices are en, zh-TW, /],
    [['preview', 'reminder', '--out', '/nowhere/mail.html'], /the mail cannot be written \(ENOENT\)/],
  ])('%j is refused in words', async (args, words) => {
    const { stderr, status } = await recoupHere(freshBase(), args);
    expect(status).toBe(1);
    expect(stderr).toMatch(words);
  });
});

describe('another text of a message', () => {
  /** The emails as they ship, with a short reminder. */
  const withShort = (): Templates => {
    const shipped = loadEmails();
    const { en = {} } = shipped.catalogues;
    const catalogues = { ...shipped.catalogues, en: { ...en, 'reminder.short': { heading: 'Still open' } } };
    const outlines = { ...shipped.outlines, 'reminder.short': shipped.outlines['reminder'] ?? '' };
    return { ...shipped, catalogues, outlines };
  };
  const policy = definePolicy(shippedPolicy);

  test('is known by its name as soon as the emails have it', () => {
    expect(textNamed('reminder.short', withShort())).toBe('reminder.short');
    expect(() => textNamed('reminder.short', loadEmails())).toThrow('There is no such message');
    expect(() => textNamed('reminder.long', withShort())).toThrow(
      /Use one of payment-failed, .*reminder\.short/,
    );
    expect(() => textNamed('constructor', withShort())).toThrow('There is no such message');
  });

  test.each(['usual', 'nothing-known', 'several-invoices'] as const)(
    'is composed like its message: %s',
    (scenario) => {
      const mail = sampleMail('reminder.short', { scenario }, policy, undefined, withShort());
      expect(mail).toMatchObject({ message: 'reminder.short', language: 'en' });
      expect(mail.html).toContain('Still open');
    },
  );

  test.each([
    ['win-back', 'hello@news.example.com'],
    ['card-expiring', 'notices@example.com'],
    ['reminder', 'billing@example.com'],
  ] as const)('%s comes from the sender of its stream: %s', (message, email) => {
    const senders = {
      notices: { email: 'notices@example.com' },
      win_back: { email: 'hello@news.example.com' },
    };
    const mail = sampleMail(message, { scenario: 'usual' }, definePolicy({ ...shippedPolicy, senders }));
    expect(mail.from.email).toBe(email);
  });

  test('that nobody has written is refused in words', async () => {
    const { stderr, status } = await recoupHere(freshBase(), ['preview', 'reminder.nobody']);
    expect(status).toBe(1);
    expect(stderr).toContain('There is no such message');
  });
});

describe('recoup send-test', () => {
  const to = 'me@example.com';
  const sending = (outcome: ActOutcome) => {
    const sent: Mail[] = [];
    const send = async (mail: Mail): Promise<ActOutcome> => {
      sent.push(mail);
      return outcome;
    };
    return { sent, send };
  };

  test('sends one mail, to the address and to nobody else', async () => {
    const { sent, send } = sending({ kind: 'done', why: 'accepted', facts: [] });
    const told = await sendTest('final-notice', { to, lang: 'ja', scenario: 'plan-ends' }, send);
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({
      to,
      language: 'ja',
      message: 'final-notice',
      from: { email: 'billing@example.com' },
    });
    expect(told).toMatch(/^sent to me@example\.com, from billing@example\.com: 【最後のお知らせ】/);
  });

  test.each([
    [
      'throttled',
      'the AWS credentials are missing or not accepted',
      /^it was not sent: the AWS credentials are missing/,
    ],
    ['unknown', 'SES did not answer as it should', /^it may or may not have been sent: SES did not answer/],
  ] as const)('%s is told with what to do, and not tried again', async (kind, why, words) => {
    const { sent, send } = sending({ kind, why });
    const failing = sendTest('reminder', { to, scenario: 'usual' }, send);
    await expect(failing).rejects.toThrow(UserError);
    await expect(failing).rejects.toThrow(words);
    await expect(failing).rejects.toThrow(/AWS_PROFILE, AWS_REGION.*verified identity/);
    expect(sent).toHaveLength(1);
  });

  test('a fault on the way is told in the same words', async () => {
    const send = () => Promise.reject(new Error('Region is missing'));
    await expect(sendTest('reminder', { to, scenario: 'usual' }, send)).rejects.toThrow(
      'it was not sent: Region is missing',
    );
  });

  test.each(['me', 'a@b', 'a@b.example, c@d.example', 'Me <a@b.example>', ''])(
    '%j is no address, and nothing is sent',
    async (address) => {
      const { sent, send } = sending({ kind: 'done', why: 'accepted', facts: [] });
      await expect(sendTest('reminder', { to: address, scenario: 'usual' }, send)).rejects.toThrow(
        'one plain e-mail address',
      );
      expect(sent).toEqual([]);
    },
  );
});
