// What the business reads of a case, and what it never reads there.
import { expect, test } from 'vitest';
import { operatorMail } from '../../../adapters/operator/mail.ts';
import { anInvoice, SENDER } from '../../support/mails.ts';
import { anOperatorNotice } from '../../support/notices.ts';

const mailOf = (more: Parameters<typeof anOperatorNotice>[0] = {}) =>
  operatorMail(anOperatorNotice(more), 'finance@acme.example');

test('the mail says which case, since when, why, how much, which step, and the note', () => {
  expect(mailOf()).toEqual({
    to: 'finance@acme.example',
    from: { name: SENDER.name, email: SENDER.email },
    replyTo: SENDER.replyTo,
    subject: 'Recoup: call-them, stripe/cus_1, €49.00 open',
    text: `A case has come to a step of its campaign at which you wanted to be told.

Note: Call them, and ask for another way to pay.

Customer       stripe/cus_1
Case           case_in_1
About          in_1
Failing since  2026-03-02 10:00 UTC
Why            soft_funds (insufficient_funds)
Still open     R-1001: €49.00
Campaign       companies, step call-them

Everything that was done so far, and what comes next:
npx recoup case stripe/cus_1
`,
  });
});

test('without a note, a number or a code of its own there is no hole', () => {
  const { text } = mailOf({
    note: null,
    fails: { class: 'unknown', because: 'unknown' },
    invoices: [anInvoice(5000, 'JPY', { number: null })],
  });
  expect(text).toContain('wanted to be told.\n\nCustomer       stripe/cus_1\n');
  expect(text).toContain('Why            unknown\nStill open     without a number: ¥5,000\nCampaign ');
  expect(text).not.toMatch(/null|undefined|\(\)|\n{3}/);
});

test('several invoices are each listed, and their sums by currency', () => {
  const invoices = [anInvoice(4900, 'EUR'), anInvoice(100, 'EUR'), anInvoice(5000, 'JPY')];
  const { text, subject } = mailOf({ invoices });
  expect(text).toContain('               R-1001: ¥5,000\n               in all: €50.00, ¥5,000\nCampaign');
  expect(subject).toBe('Recoup: call-them, stripe/cus_1, €50.00, ¥5,000 open');
});

test('of very many invoices the first twenty are listed and the others counted', () => {
  const { text } = mailOf({ invoices: Array.from({ length: 60 }, () => anInvoice(100, 'EUR')) });
  expect(text.match(/R-1001/g)).toHaveLength(20);
  expect(text).toContain('               and 40 more\n               in all: €60.00\n');
});

test('nothing of it can break a line or a header, and no pay link is in it', () => {
  const evil = 'x\r\nBcc: all@evil.example';
  const mail = mailOf({
    note: evil,
    sender: { ...SENDER, name: evil },
    invoices: [anInvoice(1, 'EUR', { number: 'see evil.example' })],
  });
  for (const header of [mail.subject, mail.from.name]) expect(header).not.toMatch(/[\r\n]/);
  expect(mail.text).not.toMatch(/^Bcc:/m);
  expect(mail.text).not.toMatch(/https?:|see evil/);
});

test('the subject stays short, however many currencies there are', () => {
  const invoices = ['EUR', 'JPY', 'USD', 'GBP', 'KWD', 'CHF', 'SEK', 'NOK', 'DKK', 'PLN'].map((currency) =>
    anInvoice(99_999_999, currency),
  );
  expect(mailOf({ invoices }).subject.length).toBeLessThanOrEqual(120);
});
