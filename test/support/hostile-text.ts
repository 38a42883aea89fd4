// The ugliest text that a mail or a page may be given as a name, and mails that hold it wherever text from outside can stand.
import type { MailRequest, Message } from '../../core/ports.ts';
import { aMailRequest, anInvoice, SENDER } from './mails.ts';

const BELL = String.fromCharCode(7);
const OVERRIDE = String.fromCodePoint(0x20_2e);
const ISOLATE = String.fromCodePoint(0x20_67);

export const HOSTILE_TEXTS: Readonly<Record<string, string>> = {
  'a script': '<script>alert(1)</script>',
  'a picture that runs a script': '"><img src=https://evil.test/x.png onerror=alert(1)>',
  'a way out of an attribute': `' onmouseover='alert(1)' x="`,
  'a way out of the title': '</title></style></head><body onload=alert(1)>',
  'a comment for Outlook': '<!--[if mso]><script>alert(1)</script><![endif]-->-->',
  'a template': '{{7*7}}{% raw %}${7*7}<%= 7*7 %>',
  'lines of its own': 'Anna\r\nBcc: all@evil.test\r\n\r\n<p>Hello</p>',
  'a turn to the right': `${OVERRIDE}gnp.exe${ISOLATE}تجربة`,
  'bytes that are no text': `An${BELL}na\u0000\u200B\uFEFF\uD800`,
  emoji: '👩‍👩‍👧‍👦🏳️‍🌈'.repeat(20),
  'a name of 300 characters': 'W'.repeat(300),
  'an address': 'https://evil.test/pay?x=1&y=<b>',
  'a script behind a scheme': 'javascript:alert(1)',
};

/** A mail for each text, which stands as the name of the customer, of the company and of its invoices. */
export const hostileMails = (message: Message): { readonly text: string; readonly request: MailRequest }[] =>
  Object.entries(HOSTILE_TEXTS).map(([text, value]) => {
    const plain = aMailRequest({ message });
    const invoices =
      plain.invoices.length === 0 ? [] : [anInvoice(4900, 'EUR', { number: value, payUrl: value })];
    return {
      text,
      request: {
        ...plain,
        customerName: value,
        cardLast4: value,
        payUrl: text.startsWith('a script') ? value : plain.payUrl,
        sender: { ...SENDER, name: value },
        invoices: [...invoices, ...invoices],
      },
    };
  });
