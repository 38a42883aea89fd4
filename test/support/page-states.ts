// The customer's page in every state that it can be in, for tests that look at all of them.
import type { PageView } from '../../core/workflows/customer-page.ts';
import {
  customerPage,
  failedPage,
  LINK_STREAMS,
  NOTICES,
  unsubscribePage,
  type Setting,
} from '../../web/customer-page/page.ts';
import type { PageLanguage } from '../../web/customer-page/words.ts';
import { at } from './customers.ts';

const HOSTED = 'https://invoice.stripe.com/i/1';
export const PATH = `/c/${'t'.repeat(150)}`;

export const invoice = (id: string, minor: number, currency = 'EUR') => ({
  invoiceId: id,
  number: `R-${id}`,
  amount: { minor, currency },
  payUrl: HOSTED,
});

/** What is open, and can be paid. */
export const OPEN: Extract<PageView, { kind: 'open' }> = {
  kind: 'open',
  locales: [],
  owed: [invoice('1', 4900)],
  totals: [{ minor: 4900, currency: 'EUR' }],
  cardLast4: '4242',
  isLive: true,
  isBlocked: false,
  promisedUntil: null,
  days: { from: '2026-03-10', to: '2026-03-24' },
  timeZone: 'Europe/Vienna',
};

const many = Array.from({ length: 60 }, (_, i) => invoice(`${1000 + i}`, 100_000 + i, i % 2 ? 'EUR' : 'JPY'));

const VIEWS: Readonly<Record<string, PageView>> = {
  'one invoice': OPEN,
  'two invoices and a promise': {
    ...OPEN,
    owed: [invoice('1', 4900), { ...invoice('2', 500), number: null, payUrl: null }],
    totals: [{ minor: 5400, currency: 'EUR' }],
    promisedUntil: at('2026-03-20T22:59:59.999Z'),
  },
  'more invoices than are shown': {
    ...OPEN,
    owed: many,
    totals: [
      { minor: 3_000_870, currency: 'EUR' },
      { minor: 3_000_900, currency: 'JPY' },
    ],
  },
  'what may be out of date': { ...OPEN, isLive: false },
  'a payment on its way': { ...OPEN, isBlocked: true },
  'a card that expires': { kind: 'notice', locales: [], about: 'card_expiry', cardLast4: '4242', due: null },
  'a plan that renews': { kind: 'notice', locales: [], about: 'renewal_notice', cardLast4: null, due: null },
  'an invoice that falls due': {
    kind: 'notice',
    locales: [],
    about: 'invoice_due',
    cardLast4: null,
    due: { ...invoice('1', 4900), date: at('2026-03-31T12:00Z'), timeZone: 'Europe/Berlin' },
  },
  'everything paid': { kind: 'paid', locales: [] },
  'nothing open': { kind: 'nothing', locales: [] },
  'a link that leads nowhere': { kind: 'unknown' },
};

export const settingOf = (language: PageLanguage): Setting => ({
  language,
  company: 'Acme & Söhne',
  support: 'help@acme.test',
});

/** A page with a name for people. */
export type PageState = { readonly name: string; readonly html: string };

/** What the page says after each thing that can be done, in one state of the case. */
export const toldPages = (language: PageLanguage, name: string, view: PageView): PageState[] =>
  NOTICES.map((told) => ({
    name: `${name}, ${told}`,
    html: customerPage(settingOf(language), view, PATH, told),
  }));

/** Each state once, with nothing done yet, and all pages that are no state of a case. */
export const plainPages = (language: PageLanguage): PageState[] => {
  const setting = settingOf(language);
  return [
    ...Object.entries(VIEWS).map(([name, view]) => ({ name, html: customerPage(setting, view, PATH, null) })),
    { name: 'a failure of ours', html: failedPage(setting) },
    ...LINK_STREAMS.flatMap((stream) =>
      [false, true].map((done) => ({
        name: `unsubscribe ${stream}${done ? ', done' : ''}`,
        html: unsubscribePage(setting, stream, PATH, done),
      })),
    ),
  ];
};

/** All there is. */
export const everyPage = (language: PageLanguage): PageState[] => [
  ...plainPages(language),
  ...Object.entries(VIEWS).flatMap(([name, view]) => toldPages(language, name, view)),
];
