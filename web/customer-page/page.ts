// The customer's page as HTML: what is owed and three ways on, or one line on why there is nothing. No script. Pure.
import { formatMoney, type Money } from '../../core/money.ts';
import { ANSWER_KINDS, STREAMS } from '../../core/recovery/customer.ts';
import { MAX_ANSWER_TEXT } from '../../core/recovery/answers.ts';
import { toMs, type Instant } from '../../core/time.ts';
import type { OwedInvoice, PageView } from '../../core/workflows/customer-page.ts';
import { safe } from '../safe.ts';
import { STYLE } from './style.ts';
import { WORDS, type Catalogue, type PageLanguage } from './words.ts';

/** What the page says after something was done. */
export const NOTICES = [
  'held',
  'noted',
  'promised-before',
  'not-a-day',
  'not-an-answer',
  'enough',
  'card',
  'later',
  'no-page',
] as const;
export type Notice = (typeof NOTICES)[number];

/** Who speaks, and to whom. All of it is plain text: the page makes it safe. */
export type Setting = {
  readonly language: PageLanguage;
  readonly company: string;
  readonly support: string;
};

type Values = Readonly<Record<string, string>>;

/** The words of a key, filled and made safe. */
type Say = (key: keyof Catalogue, values?: Values) => string;

/** Each value stands apart, so that a name in Arabic does not turn the words around it. */
const speaker =
  ({ language, company, support }: Setting): Say =>
  (key, values = {}) => {
    const all: Values = { company, support, ...values };
    return WORDS[language][key]
      .split(/(\{\w+\})/)
      .map((part) => {
        const name = /^\{(\w+)\}$/.exec(part)?.[1];
        return name === undefined ? safe(part) : `<bdi>${safe(all[name] ?? '')}</bdi>`;
      })
      .join('');
  };

const withoutTags = (html: string): string => html.replaceAll(/<\/?bdi>/g, '');

const document = (setting: Setting, title: keyof Catalogue, main: string): string => {
  const say = speaker(setting);
  const address = safe(setting.support);
  const help = say('help').replace(`<bdi>${address}</bdi>`, `<a href="mailto:${address}">${address}</a>`);
  return `<!doctype html>
<html lang="${setting.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<title>${withoutTags(say(title))}</title>
<style>${STYLE}</style>
</head>
<body>
<header><bdi>${safe(setting.company)}</bdi></header>
<main>
<h1>${say(title)}</h1>
${main}
</main>
<footer><p class="quiet">${help}</p></footer>
</body>
</html>
`;
};

/** An amount or a day that no line breaks. */
const unbroken = (text: string): string => text.replaceAll(' ', '\u00A0');

const amountOf = (amount: Money, language: string): string => unbroken(formatMoney(amount, language));

const notice = (text: string): string => `<p class="told" role="status">${text}</p>`;

/** French counts the first of a month, which `Intl` does not know. */
const dayOf = (at: Instant, language: string, timeZone: string): string => {
  const day = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone }).format(toMs(at));
  return unbroken(language === 'fr' ? day.replace(/^1 /, '1er ') : day);
};

/** More invoices than this are counted and summed up only: the page stays small. */
const MAX_ROWS = 20;

type Open = Extract<PageView, { kind: 'open' }>;

const row = (label: string, amount: string): string =>
  `<tr><th scope="row">${label}</th><td>${amount}</td></tr>`;

const owedTable = (say: Say, { owed, totals }: Pick<Open, 'owed' | 'totals'>, language: string): string => {
  const rows = owed
    .slice(0, MAX_ROWS)
    .map(({ number, amount }) =>
      row(
        number === null ? say('unnumbered') : `<bdi>${safe(number)}</bdi>`,
        safe(amountOf(amount, language)),
      ),
    );
  const sums = totals.map((total) => row(say('total'), safe(amountOf(total, language))));
  const counts = { shown: String(MAX_ROWS), all: String(owed.length) };
  const more = owed.length > MAX_ROWS ? `\n<p class="quiet">${say('more_invoices', counts)}</p>` : '';
  return `<table><caption>${say('invoices')}</caption>
<thead><tr><th scope="col">${say('invoice')}</th><th scope="col">${say('amount')}</th></tr></thead>
<tbody>${rows.join('\n')}</tbody>${owed.length > 1 ? `<tfoot>${sums.join('\n')}</tfoot>` : ''}</table>${more}`;
};

const payPart = (say: Say, owed: readonly OwedInvoice[], path: string, language: string): string => {
  const payable = owed.filter(({ payUrl }) => payUrl !== null).slice(0, MAX_ROWS);
  if (payable.length === 0) return '';
  const buttons = payable.map(({ invoiceId, number, amount }) => {
    const words = { amount: amountOf(amount, language), ...(number !== null && { number }) };
    const label = owed.length > 1 && number !== null ? say('pay_number', words) : say('pay', words);
    return `<form method="post" action="${path}/pay">
<button type="submit" name="invoice" value="${safe(invoiceId)}">${label}</button></form>`;
  });
  return `<section aria-labelledby="pay"><h2 id="pay">${say('pay_heading')}</h2>
<p class="quiet">${say('pay_text')}</p>${buttons.join('\n')}</section>`;
};

const cardPart = (say: Say, path: string): string =>
  `<section aria-labelledby="card"><h2 id="card">${say('card_heading')}</h2>
<p class="quiet">${say('card_text')}</p>
<form method="post" action="${path}/card"><button type="submit" class="second">${say('card_button')}</button></form></section>`;

const tellPart = (say: Say, { days }: Open, path: string): string => {
  const choices = ANSWER_KINDS.map(
    (kind) => `<label class="choice"><input type="radio" name="answer" value="${kind}" required>
<span>${say(kind)}</span></label>`,
  );
  return `<section aria-labelledby="tell"><h2 id="tell">${say('tell_heading')}</h2>
<p class="quiet">${say('tell_text')}</p>
<form method="post" action="${path}/answer" accept-charset="utf-8">
<fieldset><legend>${say('tell_legend')}</legend>
${choices.join('\n')}</fieldset>
<div class="field when"><label for="day">${say('day')}</label>
<input type="date" id="day" name="day" min="${days.from}" max="${days.to}" aria-describedby="day-hint">
<small id="day-hint">${say('day_hint')}</small></div>
<div class="field"><label for="text">${say('text')}</label>
<textarea id="text" name="text" rows="3" maxlength="${MAX_ANSWER_TEXT}" aria-describedby="text-hint"></textarea>
<small id="text-hint">${say('text_hint')}</small></div>
<button type="submit" class="second">${say('send')}</button></form></section>`;
};

const openPage = (setting: Setting, view: Open, path: string, told: Notice | null): string => {
  const { language } = setting;
  const say = speaker(setting);
  const promised = view.promisedUntil && dayOf(view.promisedUntil, language, view.timeZone);
  const main = [
    told === null ? '' : notice(say(`told_${told}`)),
    view.isLive ? '' : notice(say('stale')),
    view.isBlocked ? notice(say('blocked')) : '',
    promised !== null && told !== 'held' ? notice(say('promised', { date: promised })) : '',
    `<p>${say('lead_open')}</p>`,
    `<section>${owedTable(say, view, language)}`,
    view.cardLast4 === null ? '' : `<p class="quiet">${say('card', { last4: view.cardLast4 })}</p>`,
    '</section>',
    // Who has paid and waits for the bank is not asked to pay once more.
    view.isBlocked ? '' : payPart(say, view.owed, path, language),
    view.isBlocked ? '' : cardPart(say, path),
    tellPart(say, view, path),
  ];
  return document(setting, 'title_open', main.filter(Boolean).join('\n'));
};

type Ahead = Extract<PageView, { kind: 'notice' }>;

/** An invoice before its due date: what it asks for, until when, and where it is paid. */
const duePage = (
  setting: Setting,
  due: NonNullable<Ahead['due']>,
  path: string,
  told: Notice | null,
): string => {
  const { language } = setting;
  const say = speaker(setting);
  const owed = [due];
  const main = [
    told === null ? '' : notice(say(`told_${told}`)),
    `<p>${say('lead_due', { date: dayOf(due.date, language, due.timeZone) })}</p>`,
    `<section>${owedTable(say, { owed, totals: [] }, language)}</section>`,
    payPart(say, owed, path, language),
  ];
  return document(setting, 'title_due', main.filter(Boolean).join('\n'));
};

const aheadPage = (setting: Setting, view: Ahead, path: string, told: Notice | null): string => {
  if (view.due !== null) return duePage(setting, view.due, path, told);
  const say = speaker(setting);
  const text = view.about === 'card_expiry' ? 'notice_card_expiry' : 'notice_ahead';
  const main = [
    told === null ? '' : notice(say(`told_${told}`)),
    `<p>${say(text)}</p>`,
    view.cardLast4 === null ? '' : `<p>${say('notice_card', { last4: view.cardLast4 })}</p>`,
    `<form method="post" action="${path}/card"><button type="submit">${say('card_button')}</button></form>`,
  ];
  return document(setting, 'title_notice', main.filter(Boolean).join('\n'));
};

/** A page that says one thing and how to reach somebody. */
const plainPage = (
  setting: Setting,
  title: keyof Catalogue,
  text: keyof Catalogue,
  told: Notice | null = null,
): string => {
  const say = speaker(setting);
  const done = told === null ? '' : `${notice(say(`told_${told}`))}\n`;
  return document(setting, title, `${done}<p>${say(text)}</p>`);
};

/**
 * The page of a link. `path` is where it stands, such as `/c/<token>`; `told` what was just done. Everything in `view` and
 * `setting` may be hostile text: it comes out as text.
 */
export const customerPage = (setting: Setting, view: PageView, path: string, told: Notice | null): string => {
  if (view.kind === 'open') return openPage(setting, view, safe(path), told);
  if (view.kind === 'notice') return aheadPage(setting, view, safe(path), told);
  if (view.kind === 'paid') return plainPage(setting, 'title_paid', 'paid', told === 'card' ? null : told);
  if (view.kind === 'nothing') return plainPage(setting, 'title_nothing', 'nothing');
  return plainPage(setting, 'title_unknown', 'unknown');
};

/** What is said when something broke; nothing of what. */
export const failedPage = (setting: Setting): string => plainPage(setting, 'title_failed', 'failed');

/** The streams that a link can be about. `dunning`: mails about a debt, which go on. */
export const LINK_STREAMS = [...STREAMS, 'dunning'] as const;
export type LinkStream = (typeof LINK_STREAMS)[number];

/** The page of a link to unsubscribe: one button, or what became of it. */
export const unsubscribePage = (
  setting: Setting,
  stream: LinkStream,
  path: string,
  done: boolean,
): string => {
  if (done) return plainPage(setting, 'title_unsubscribe', `unsubscribed_${stream}`);
  const say = speaker(setting);
  if (stream === 'dunning') return plainPage(setting, 'title_unsubscribe', 'unsubscribe_dunning');
  return document(
    setting,
    'title_unsubscribe',
    `<p>${say(`unsubscribe_${stream}`)}</p>
<form method="post" action="${safe(path)}">
<button type="submit" name="List-Unsubscribe" value="One-Click">${say('unsubscribe_button')}</button></form>`,
  );
};
