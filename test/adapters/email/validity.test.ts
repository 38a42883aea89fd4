// Every mail is HTML as the standard has it: each message in each language and situation passes a validator.
import { describe, expect, test } from 'vitest';
import { createComposer } from '../../../adapters/email/render.ts';
import { LANGUAGES, MESSAGES, type MailRequest, type Message } from '../../../core/ports.ts';
import { SCENARIO_NAMES, sampleRequest } from '../../../local/mail-samples.ts';
import { createValidator, MAIL_RULES, markupOf } from '../../support/html-validator.ts';
import { hostileMails } from '../../support/hostile-text.ts';
import { SENDER, shippedTemplates } from '../../support/mails.ts';

const compose = createComposer(shippedTemplates());
const faultsIn = createValidator(MAIL_RULES);

/** Mails that differ in their words only are one to a validator: what it said of the first holds for the others. */
const createReader = () => {
  const known = new Set<string>();
  return (request: MailRequest): string[] => {
    const { html } = compose(request);
    const markup = markupOf(html);
    if (known.has(markup)) return [];
    known.add(markup);
    return faultsIn(html);
  };
};

describe('a validator finds nothing', () => {
  const read = createReader();

  test.each(MESSAGES)('in %s, in every language and situation', (message) => {
    for (const language of LANGUAGES) {
      for (const scenario of SCENARIO_NAMES) {
        const faults = read(sampleRequest({ message, language, scenario, sender: SENDER }));
        expect({ language, scenario, faults }).toEqual({ language, scenario, faults: [] });
      }
    }
  });

  // One with invoices, one with a last day, one without anything owed: names take the same way into all of them.
  test.each<Message>(['payment-failed', 'final-notice', 'renewal-notice'])(
    'in %s, whatever names it is given',
    (message) => {
      for (const { text, request } of hostileMails(message)) {
        expect({ text, faults: read(request) }).toEqual({ text, faults: [] });
      }
    },
  );
});

describe('the validator would find', () => {
  const { html } = compose(
    sampleRequest({ message: 'payment-failed', language: 'en', scenario: 'usual', sender: SENDER }),
  );

  test.each<[string, string, string, string]>([
    ['a tag that is never closed', '</h1>', '', 'close-order'],
    ['an attribute that is there twice', '<h1 ', '<h1 style="" ', 'no-dup-attr'],
    ['an ampersand that stands alone', '<h1', '& <h1', 'no-raw-characters'],
    ['a mail without its language', ' lang="en"', '', 'element-required-attributes'],
    [
      'a link inside a link',
      'Pay now',
      '<a href="https://pay.example">Pay now</a>',
      'element-permitted-content',
    ],
    ['a picture without words', '<h1', '<img src="https://a.example/i.png"><h1', 'wcag/h37'],
    ['a heading without words', '<h1', '<h2></h2><h1', 'empty-heading'],
    ['a tag that there is not', '<h1', '<headline>x</headline><h1', 'element-name'],
  ])('%s', (_, from, to, rule) => {
    expect(html).toContain(from);
    const faults = faultsIn(html.replaceAll(from, to));
    expect(faults.map((fault) => fault.split(' ')[0])).toContain(rule);
  });
});
