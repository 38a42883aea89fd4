// What is kept of a mail makes the same words again, holds nothing of a person, and stays small.
import { describe, expect, test } from 'vitest';
import { createComposer } from '../../../adapters/email/render.ts';
import { madeWith, versionOf, wordsAgain } from '../../../adapters/email/said.ts';
import { LANGUAGES, MESSAGES, type MailRequest } from '../../../core/ports.ts';
import { aMailRequest, anInvoice, A_NOTICE, DATED, SENDER, shippedTemplates } from '../../support/mails.ts';

const templates = shippedTemplates();
const compose = createComposer(templates);

/** A mail as it went, and its words made again. */
const both = (request: MailRequest) => {
  const sent = compose(request);
  if (!sent.said) throw new Error('nothing is kept of it');
  const again = wordsAgain(compose, sent.said, request.message, request.sender);
  if (!again) throw new Error('its words cannot be made again');
  return { sent, said: sent.said, again };
};

const nameless = { customerName: null, cardLast4: null };
const noticeFor = (message: (typeof MESSAGES)[number]) =>
  DATED.includes(message) ? { notice: A_NOTICE } : {};

/** What our links become: nothing else of a mail is not kept, when it names nobody. */
const unlinked = (text: string): string => text.replaceAll(/https:\/\/[^\s"<]+/g, 'LINK');

describe('the words of a mail', () => {
  test.each(MESSAGES.flatMap((message) => LANGUAGES.map((language) => [message, language] as const)))(
    'of %s in %s are made again to the letter, but for its links',
    (message, language) => {
      const request = aMailRequest({ message, language, ...nameless, ...noticeFor(message) });
      const invoices = request.invoices.map((invoice) => ({ ...invoice, payUrl: null }));
      const { sent, again } = both({ ...request, invoices, timeZone: 'Asia/Tokyo' });
      expect(again.subject).toBe(sent.subject);
      expect(unlinked(again.text)).toBe(unlinked(sent.text));
      expect(unlinked(again.html)).toBe(unlinked(sent.html));
      expect(again.isAsSent).toBe(true);
    },
  );

  test('count what was not listed, with what all of it came to', () => {
    const invoices = Array.from({ length: 34 }, (_, i) => anInvoice(1000 + i, 'EUR', { payUrl: null }));
    const { sent, said, again } = both(aMailRequest({ invoices, ...nameless }));
    expect([said.invoices?.length, said.more]).toEqual([20, 14]);
    expect(unlinked(again.text)).toBe(unlinked(sent.text));
  });

  test('say what was left out, and neither a name nor the digits of a card', () => {
    const { sent, again } = both(aMailRequest());
    expect(sent.text).toContain('Anna');
    expect(sent.text).toContain('4242');
    expect(again.leftOut).toEqual(['name', 'card', 'links']);
    expect(again.text).toContain('••••');
    expect(again.html).not.toMatch(/Anna|4242|pay\.example/);
  });

  test('that are of other templates, or of another sender, are told from those that were sent', () => {
    const { said } = both(aMailRequest());
    const other = createComposer({ ...templates, text: `${templates.text}\n` });
    expect(wordsAgain(other, said, 'payment-failed', SENDER)?.isAsSent).toBe(false);
    const renamed = { ...SENDER, name: 'Acme Television' };
    expect(wordsAgain(compose, said, 'payment-failed', renamed)?.isAsSent).toBe(false);
    // Where a copy goes stands in no words.
    const copied = { ...SENDER, bcc: 'archive@acme.example' };
    expect(wordsAgain(compose, said, 'payment-failed', copied)?.isAsSent).toBe(true);
  });

  test('of a text that is there no more are not made up', () => {
    const { said } = both(aMailRequest());
    expect(wordsAgain(compose, said, 'reminder.shouting', SENDER)).toBeNull();
  });
});

describe('what is kept', () => {
  test('is nothing of the person, and no link', () => {
    const request = aMailRequest({ unsubscribeUrl: 'https://pay.example/u/abc' });
    const kept = JSON.stringify(compose(request).said);
    expect(kept).not.toMatch(/anna|berg|4242|https|@|cus_1|abc/i);
  });

  test('is about 200 bytes for a mail about one invoice, and 1.5 KB for one about hundreds', () => {
    const size = (request: MailRequest) => JSON.stringify(compose(request).said).length;
    expect(size(aMailRequest())).toBeLessThan(300);
    const invoices = Array.from({ length: 300 }, (_, i) => anInvoice(100_000 + i, 'EUR'));
    expect(size(aMailRequest({ invoices }))).toBeLessThan(1900);
  });

  test('names the version of every text: one letter changed is another', () => {
    const version = versionOf(templates);
    expect(version).toMatch(/^[0-9a-f]{12}$/);
    expect(versionOf({ ...templates })).toBe(version);
    const { en = {} } = templates.catalogues;
    const edited = { ...templates, catalogues: { ...templates.catalogues, en: { ...en, extra: {} } } };
    expect(versionOf(edited)).not.toBe(version);
    expect(madeWith(version, SENDER)).toMatch(/^[0-9a-f]{12}\.[0-9a-f]{1,8}$/);
  });
});
