// From what a mail may say to the mail itself: the words of a language in the two layouts, HTML and text.
import { invariant } from '../../core/assert.ts';
import { formatMoney, sumByCurrency } from '../../core/money.ts';
import type { Money } from '../../core/money.ts';
import { messageOf } from '../../core/ports.ts';
import type { Mail, MailInvoice, MailRequest, Message } from '../../core/ports.ts';
import { addMs, instantFromMs, localDay, toMs } from '../../core/time.ts';
import type { Instant } from '../../core/time.ts';
import {
  headerName,
  inertLast4,
  inertName,
  inertNumber,
  MAX_NAME,
  oneLine,
  safeUrl,
  shorten,
} from './inert.ts';
import { createCompiler } from './liquid.ts';
import { madeWith, saidOf, versionOf } from './said.ts';
import { FALLBACK_LANGUAGE, HTML_LAYOUT, TEXT_LAYOUT } from './templates.ts';
import type { Templates } from './templates.ts';
import { createSpeeches } from './words.ts';
import type { Speech, Values } from './words.ts';

/** The longest subject, in UTF-16 units. */
export const MAX_SUBJECT = 78;
/** The longest preheader: what a mailbox shows beside the subject. */
export const MAX_PREHEADER = 110;
/** More invoices than this are counted, not listed, so that no mailbox cuts the mail off. */
export const MAX_ROWS = 20;

// The company's name is never cut shorter than this to make room for an amount.
const MIN_COMPANY = 16;
// A listed invoice links to its own page only when the address is of a sane length.
const MAX_ROW_URL = 512;
const MAX_ADDRESS = 320;

/** About a card: it ends with the month of its date. */
const CARD_ENDS: ReadonlySet<Message> = new Set(['card-expiring', 'card-expired']);
/** About what lies ahead: each has its date. */
const AHEAD: ReadonlySet<Message> = new Set([...CARD_ENDS, 'renewal-notice', 'trial-ending', 'invoice-due']);

/** After the end nothing is asked for: the one page is that of the way back, and no list leads to a payment. */
const AFTER_THE_END: ReadonlySet<Message> = new Set(['cancelled', 'win-back']);

const RIGHT_TO_LEFT = new Set(['ar', 'ckb', 'dv', 'fa', 'he', 'ps', 'ug', 'ur', 'yi']);

const LAYOUT_VALUES = [
  'language',
  'direction',
  'start',
  'end',
  'subject',
  'preheader',
  'heading',
  'company',
  'support',
  'blocks',
  'footer',
  'postalAddress',
  'unsubscribe',
];

// What a block does not have is null and not left out: Liquid makes an error of everything that is not there, also where it is
// only asked for, and that is slow.
type Part = {
  readonly text: string;
  readonly address: string | null;
  readonly strong: boolean;
  /** Short enough to stand on one line. */
  readonly day: boolean;
};
/** `line` is label and amount as the text part has them. */
type Row = {
  readonly label: string;
  readonly amount: string;
  readonly line: string;
  readonly url: string | null;
};
type Block =
  | { readonly kind: 'paragraph'; readonly text: string; readonly parts: readonly Part[] }
  | { readonly kind: 'button'; readonly label: string; readonly line: string; readonly url: string }
  | {
      readonly kind: 'invoices';
      readonly title: string;
      readonly titleLine: string;
      readonly amount: string;
      readonly rows: readonly Row[];
      readonly more: string | null;
      readonly totals: readonly Row[];
    };

/** A request with everything from outside made inert, in the words' language. */
type Prepared = {
  readonly request: MailRequest;
  readonly language: string;
  readonly speech: Speech;
  readonly invoices: readonly MailInvoice[];
  readonly totals: readonly Money[];
  readonly payUrl: string | null;
  readonly values: Values;
};

const plainSpaces = (text: string): string => text.replaceAll(/[\u00A0\u202F]/g, ' ');

const dateFormats = new Map<string, Intl.DateTimeFormat>();

/** Making a format costs far more than using it: one is kept for each language, time zone and form. */
const formatWith = (
  at: Instant,
  language: string,
  timeZone: string,
  form: Readonly<Intl.DateTimeFormatOptions>,
): string => {
  const name = `${language} ${timeZone} ${Object.keys(form).join()}`;
  const format = dateFormats.get(name) ?? new Intl.DateTimeFormat(language, { ...form, timeZone });
  dateFormats.set(name, format);
  return plainSpaces(format.format(toMs(at)));
};

/** French counts the first of a month, which `Intl` does not know. */
const withFirst = (day: string, language: string): string =>
  /^fr\b/.test(language) ? day.replace(/^1 /, '1er ') : day;

const formatDate = (at: Instant, language: string, timeZone: string): string =>
  withFirst(formatWith(at, language, timeZone, { dateStyle: 'long' }), language);

const formatMoment = (at: Instant, language: string, timeZone: string): string => {
  const moment = formatWith(at, language, timeZone, {
    year: 'numeric',
    month: 'long',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    timeZoneName: 'short',
  });
  return withFirst(moment, language);
};

const formatMonth = (at: Instant, language: string, timeZone: string): string =>
  formatWith(at, language, timeZone, { year: 'numeric', month: 'long' });

/** The last day of the month of a moment in a time zone, as midnight of that day in UTC. */
const lastDayOfMonth = (at: Instant, timeZone: string): Instant => {
  const [year = 0, month = 0] = localDay(at, timeZone).split('-').map(Number);
  return instantFromMs(Date.UTC(year, month, 0));
};

/** Until when: at midnight the whole day before is meant, else the time of day matters and is said. */
const formatEnd = (at: Instant, language: string, timeZone: string): string => {
  const last = addMs(at, -1);
  const atMidnight = localDay(last, timeZone) !== localDay(at, timeZone);
  return atMidnight ? formatDate(last, language, timeZone) : formatMoment(at, language, timeZone);
};

const listOf = (amounts: readonly Money[], language: string): string | null =>
  amounts.length === 0
    ? null
    : new Intl.ListFormat(language).format(amounts.map((amount) => formatMoney(amount, language)));

/** Guards headers and links; says which address is wrong, never what it holds. */
const checkedAddress = (address: string, what: string): string => {
  const fits = address.length <= MAX_ADDRESS && /^[^\s\p{Cc}<>,;"\\]+@[^\s\p{Cc}<>,;"\\@]+$/u.test(address);
  invariant(fits, `${what} is not a single plain email address`);
  return address;
};

const languageFor = (wanted: string, speeches: ReadonlyMap<string, Speech>): string => {
  const known = [...speeches.keys()];
  const asTag = (tag: string): string | undefined =>
    known.find((language) => language.toLowerCase() === tag.toLowerCase());
  return asTag(wanted) ?? asTag(wanted.split(/[-_]/)[0] ?? '') ?? FALLBACK_LANGUAGE;
};

/** What a message about what lies ahead says of it; all null for any other. Throws when it is not said. */
const valuesAhead = (
  { message: text, notice, timeZone }: MailRequest,
  language: string,
): Readonly<Record<'date' | 'month' | 'amount', string | null>> => {
  const message = messageOf(text);
  if (!AHEAD.has(message)) return { date: null, month: null, amount: null };
  invariant(notice !== null, `the message ${message} must say when it comes: notice is null`);
  const { date, amount } = notice;
  // A month is the same everywhere: only which one it is depends on where the customer lives.
  const lastDay = lastDayOfMonth(date, timeZone);
  return {
    date: CARD_ENDS.has(message)
      ? formatDate(lastDay, language, 'UTC')
      : formatDate(date, language, timeZone),
    month: formatMonth(lastDay, language, 'UTC'),
    // Of nothing to be charged nothing is said.
    amount: amount !== null && amount.minor > 0 ? formatMoney(amount, language) : null,
  };
};

const prepare = (request: MailRequest, speeches: ReadonlyMap<string, Speech>): Prepared => {
  const { timeZone, nextAttemptAt, endsAt } = request;
  const message = messageOf(request.message);
  const isFinal = message === 'final-notice';
  invariant(
    !isFinal || endsAt !== null,
    'a final notice must say until when payment is taken: endsAt is null',
  );
  const language = languageFor(request.language, speeches);
  const speech = speeches.get(language);
  invariant(speech, `no words for "${language}"`);
  // A mail of thanks asks for nothing, whatever it was given.
  const asks = message !== 'recovered';
  const isOver = AFTER_THE_END.has(message);
  const payUrl = asks ? safeUrl(request.payUrl) : null;
  const invoices = request.invoices.map(({ number, amount, payUrl: url }) => ({
    number: inertNumber(number),
    amount,
    payUrl: asks && !isOver ? safeUrl(url) : null,
  }));
  const totals = request.totals.length > 0 ? request.totals : sumByCurrency(invoices.map((i) => i.amount));
  const values: Values = {
    company: shorten(oneLine(request.sender.name), MAX_NAME),
    support: checkedAddress(request.sender.supportEmail, "the sender's support address"),
    amounts: listOf(totals, language),
    name: inertName(request.customerName),
    last4: inertLast4(request.cardLast4),
    nextAttempt:
      asks && !isOver && nextAttemptAt !== null ? formatDate(nextAttemptAt, language, timeZone) : null,
    ends: isFinal && endsAt !== null ? formatEnd(endsAt, language, timeZone) : null,
    ...valuesAhead(request, language),
  };
  return { request, language, speech, invoices, totals, payUrl, values };
};

/** The words of a key, filled; `count` chooses the plural form and is the number of invoices unless told. */
const words = (mail: Prepared, key: string, more: Values = {}, count = mail.invoices.length): string =>
  mail.speech.say(mail.request.message, key, { ...mail.values, ...more }, count);

const length = (text: string): number => text.length;

/**
 * The first wording that leaves the company's name readable, cut to fit; one without amounts is the
 * second choice.
 */
const subjectOf = (mail: Prepared): string => {
  const company = String(mail.values['company']);
  const keys = mail.values['amounts'] === null ? ['subject_short', 'subject'] : ['subject', 'subject_short'];
  let last = '';
  for (const key of keys.filter((k) => mail.speech.has(mail.request.message, k))) {
    const bare = oneLine(words(mail, key, { company: '' }));
    const room = Math.max(MAX_SUBJECT - bare.length - 1, Math.min(company.length, MIN_COMPANY));
    last = oneLine(words(mail, key, { company: shorten(company, room, length) }));
    if (last.length <= MAX_SUBJECT) return last;
  }
  return shorten(last, MAX_SUBJECT, length);
};

/** Currency and figure stay on one line; in the text part every space is plain. */
const withWholeAmounts = (text: string): string =>
  text.replaceAll(/(?<=\d) (?=\p{Sc}|[A-Z]{3}\b)|(?<=\p{Sc}|\b[A-Z]{3}) (?=\d)/gu, '\u00A0');

/** A paragraph in pieces, so that the layout can link the support address and set dates off. */
const paragraph = (text: string, { support, ends, nextAttempt, date }: Values): Block => {
  const marks = [support, ends, nextAttempt, date].filter((mark) => typeof mark === 'string');
  const plain = { address: null, strong: false, day: false } as const;
  let parts: Part[] = [{ ...plain, text: withWholeAmounts(text) }];
  for (const mark of marks) {
    const marked: Part =
      mark === support
        ? { ...plain, text: mark, address: mark }
        : { ...plain, text: mark, strong: true, day: mark !== ends };
    parts = parts.flatMap((part) =>
      part.address || part.strong
        ? [part]
        : part.text
            .split(mark)
            .flatMap((piece, i) => [...(i > 0 ? [marked] : []), { ...plain, text: piece }]),
    );
  }
  return { kind: 'paragraph', text, parts: parts.filter((part) => part.text !== '') };
};

/** How the language sets a label before what it is of; alone, a label that is followed by a list or a link. */
const lineOf = (mail: Prepared, label: string, value = ''): string =>
  words(mail, 'labelled', { label, value });

const labelled = (mail: Prepared, label: string, amount: string): Row => ({
  label,
  amount,
  line: lineOf(mail, label, amount),
  url: null,
});

const buttonBlock = (mail: Prepared, url: string): Block => {
  const label = words(mail, 'button');
  return { kind: 'button', label, line: lineOf(mail, label), url };
};

/** Where the reader is taken off such mails, when there is such a place. */
const unsubscribeOf = (mail: Prepared): { label: string; line: string; url: string } | null => {
  const url = safeUrl(mail.request.unsubscribeUrl ?? null);
  if (url === null) return null;
  const label = words(mail, 'unsubscribe');
  return { label, line: lineOf(mail, label), url };
};

const invoicesBlock = (mail: Prepared): Block => {
  const { invoices, totals, language } = mail;
  const several = invoices.length > 1;
  const title = words(mail, 'list_title');
  const rows = invoices.slice(0, MAX_ROWS).map(({ number, amount, payUrl }): Row => {
    const label = number === null ? words(mail, 'invoice_unnumbered') : words(mail, 'invoice', { number });
    const linked = several && payUrl !== null && payUrl.length <= MAX_ROW_URL;
    return { ...labelled(mail, label, formatMoney(amount, language)), url: linked ? payUrl : null };
  });
  const hidden = invoices.length - rows.length;
  const totalRows = totals.map((total): Row => {
    const { currency } = total;
    const label = totals.length > 1 ? words(mail, 'total_in', { currency }) : words(mail, 'total');
    return labelled(mail, label, formatMoney(total, language));
  });
  return {
    kind: 'invoices',
    title,
    titleLine: lineOf(mail, title),
    amount: words(mail, 'amount'),
    rows,
    more: hidden > 0 ? words(mail, 'more_invoices', { more: hidden }, hidden) : null,
    totals: several ? totalRows : [],
  };
};

/** Whether the button opens the page of the first invoice only, so that paying there leaves others open. */
const paysFirstOnly = ({ payUrl, invoices }: Prepared): boolean =>
  payUrl !== null && invoices.length > 1 && invoices[0]?.payUrl === payUrl;

const blocksOf = (mail: Prepared): Block[] => {
  const { request, speech, payUrl, values, invoices } = mail;
  const conditions = {
    ...values,
    payUrl,
    endsPlan: request.endsPlan === true ? 1 : null,
    invoices: invoices.length > 0 ? invoices.length : null,
    firstOnly: paysFirstOnly(mail) ? 1 : null,
  };
  return speech.outline(request.message, conditions).flatMap((line): Block[] => {
    if (line === 'invoices') return invoices.length > 0 ? [invoicesBlock(mail)] : [];
    if (line === 'button') {
      return payUrl === null ? [] : [buttonBlock(mail, payUrl)];
    }
    return [paragraph(words(mail, line), values)];
  });
};

const tidyText = (text: string): string => {
  const trimmed = text.replaceAll(/[ \t]+$/gm, '').trim();
  return `${trimmed.replaceAll(/\n{3,}/g, '\n\n')}\n`;
};

/**
 * Makes the composer of all mails. Parses and cross-checks every template and catalogue once and throws a
 * `TemplateError` that names the file and key that does not fit.
 *
 * The composer is pure. It makes foreign text inert, shows amounts each in its currency, and uses the
 * catalogue of the request's language, of its base language, or English. Throws for an address that is
 * not one, a final notice without its date, a message about what lies ahead without its `notice`, and words
 * that use a value this request does not have.
 */
export const createComposer = (templates: Templates): ((request: MailRequest) => Mail) => {
  const html = createCompiler({ escape: 'html' })(templates.html, HTML_LAYOUT, LAYOUT_VALUES);
  const plain = createCompiler({ escape: 'none' });
  const text = plain(templates.text, TEXT_LAYOUT, LAYOUT_VALUES);
  const speeches = createSpeeches(plain, templates);
  const templatesVersion = versionOf(templates);

  return (request) => {
    const { sender, message, customerKey, caseId, subjectId, stepId, thread = [] } = request;
    const from = {
      name: headerName(sender.name) || sender.email,
      email: checkedAddress(sender.email, 'the sender'),
    };
    const mail = prepare(request, speeches);
    const { language, values } = mail;
    const unsubscribe = unsubscribeOf(mail);
    const isRightToLeft = RIGHT_TO_LEFT.has(language.split('-')[0] ?? '');
    const subject = subjectOf(mail);
    const scope = {
      language,
      direction: isRightToLeft ? 'rtl' : 'ltr',
      start: isRightToLeft ? 'right' : 'left',
      end: isRightToLeft ? 'left' : 'right',
      subject,
      preheader: shorten(oneLine(words(mail, 'preheader')), MAX_PREHEADER),
      heading: words(mail, 'heading'),
      company: values['company'],
      support: values['support'],
      blocks: blocksOf(mail),
      footer: words(mail, 'footer'),
      postalAddress: sender.postalAddress === undefined ? null : oneLine(sender.postalAddress),
      unsubscribe,
    };
    return {
      to: checkedAddress(request.to, 'the recipient'),
      from,
      replyTo: checkedAddress(sender.replyTo, "the sender's reply address"),
      subject,
      html: `${html(scope).trim()}\n`,
      text: tidyText(text(scope)),
      ...(sender.bcc !== undefined && { bcc: checkedAddress(sender.bcc, "the sender's address for copies") }),
      ...(unsubscribe && { unsubscribeUrl: unsubscribe.url }),
      ...(thread.length > 0 && { thread }),
      message,
      language,
      customerKey,
      caseId,
      subjectId,
      stepId,
      said: saidOf(request, {
        version: madeWith(templatesVersion, sender),
        language,
        values,
        leads: mail.payUrl !== null,
        unsubscribes: unsubscribe !== null,
        listed: MAX_ROWS,
      }),
    };
  };
};
