// Invented mails to look at: each message in each language, in the situations that it can be sent in.
import { customerKey } from '../core/ids.ts';
import { money, sumByCurrency } from '../core/money.ts';
import { messageOf } from '../core/ports.ts';
import type { Language, MailInvoice, MailRequest, MailText, Message, Sender } from '../core/ports.ts';
import type { Stream } from '../core/recovery/customer.ts';
import { instantFromMs, type Instant } from '../core/time.ts';

const at = (text: string): Instant => instantFromMs(Date.parse(text));

/** A person and a currency as they are usual where the language is. */
const PEOPLE: Readonly<
  Record<
    Language,
    { readonly name: string; readonly zone: string; readonly currency: string; readonly minor: number }
  >
> = {
  en: { name: 'Anna Berg', zone: 'Europe/London', currency: 'USD', minor: 4900 },
  'zh-TW': { name: '林怡君', zone: 'Asia/Taipei', currency: 'TWD', minor: 149000 },
  'zh-CN': { name: '王芳', zone: 'Asia/Shanghai', currency: 'CNY', minor: 19900 },
  ja: { name: '佐藤 健', zone: 'Asia/Tokyo', currency: 'JPY', minor: 4900 },
  de: { name: 'Jörg Müller', zone: 'Europe/Berlin', currency: 'EUR', minor: 4900 },
  fr: { name: 'Zoé Lefèvre', zone: 'Europe/Paris', currency: 'EUR', minor: 4900 },
  es: { name: 'María Núñez', zone: 'Europe/Madrid', currency: 'EUR', minor: 4900 },
  'pt-BR': { name: 'João Araújo', zone: 'America/Sao_Paulo', currency: 'BRL', minor: 14900 },
};

const invoice = (number: string | null, minor: number, currency: string): MailInvoice => ({
  number,
  amount: money(minor, currency),
  payUrl: number === null ? null : `https://pay.example.com/i/${number}`,
});

/** About what lies ahead: nothing is owed then. */
const AHEAD: ReadonlySet<Message> = new Set([
  'card-expiring',
  'card-expired',
  'renewal-notice',
  'trial-ending',
]);
/** What tells of a date: those, and the due date of an invoice. */
const DATED: ReadonlySet<Message> = new Set([...AHEAD, 'invoice-due']);
/** No card stands behind these. */
const CARDLESS: ReadonlySet<Message> = new Set(['bank-debit-failed', 'invoice-due', 'invoice-overdue']);

type Change = (usual: MailRequest, currency: string) => Partial<MailRequest>;

const owing = (usual: MailRequest, invoices: readonly MailInvoice[]): Partial<MailRequest> =>
  usual.invoices.length === 0
    ? {}
    : { invoices, totals: sumByCurrency(invoices.map(({ amount }) => amount)) };

const three = (currency: string): readonly MailInvoice[] => [
  invoice('R-1001', 14_900, currency),
  invoice('R-1002', 9900, currency),
  invoice(null, 4900, currency),
];

/** What a mail may have to say, by a name for people. The first is the usual one. */
export const SCENARIOS = {
  usual: () => ({}),
  'several-invoices': (usual, currency) => owing(usual, three(currency)),
  'first-only': (usual, currency) => ({
    ...owing(usual, three(currency)),
    payUrl: 'https://pay.example.com/i/R-1001',
  }),
  'several-currencies': (usual, currency) =>
    owing(usual, [...three(currency), invoice('R-1003', 5000, 'KWD'), invoice('R-1004', 1200, 'CHF')]),
  'thirty-invoices': (usual, currency) =>
    owing(
      usual,
      Array.from({ length: 30 }, (_, i) => invoice(`R-${1001 + i}`, 4900 + i, currency)),
    ),
  'plan-ends': () => ({ endsPlan: true }),
  'no-next-try': () => ({ nextAttemptAt: null }),
  'no-page': () => ({ payUrl: null }),
  'no-card': () => ({ cardLast4: null, nextAttemptAt: null }),
  'no-name': () => ({ customerName: null }),
  'no-amount': (usual) => ({
    invoices: [],
    totals: [],
    ...(usual.notice && { notice: { ...usual.notice, amount: null } }),
  }),
  unsubscribe: () => ({ unsubscribeUrl: 'https://mail.example.com/u/abc' }),
  'long-names': (usual) => ({
    customerName: 'Maximiliane Freifrau von und zu Hohenstein-Wolkenburg',
    sender: { ...usual.sender, name: 'The Extraordinarily Long-Winded Example Company' },
  }),
  'nothing-known': (usual) => ({
    customerName: null,
    payUrl: null,
    cardLast4: null,
    nextAttemptAt: null,
    invoices: [],
    totals: [],
    ...(usual.notice && { notice: { ...usual.notice, amount: null } }),
  }),
} as const satisfies Readonly<Record<string, Change>>;

export type Scenario = keyof typeof SCENARIOS;
export const SCENARIO_NAMES = Object.keys(SCENARIOS) as readonly Scenario[];

/** What the reader of a message can be taken off, and whose sender it comes from; null = it is about a debt. */
export const streamOfSample = (text: MailText): Stream | null => {
  const message = messageOf(text);
  if (message === 'win-back') return 'win_back';
  return DATED.has(message) ? 'notices' : null;
};

/** Which invented mail. */
export type Sample = {
  readonly message: MailText;
  readonly language: Language;
  readonly scenario: Scenario;
  readonly sender: Sender;
  /** Who it is to; an address that nobody has unless given. */
  readonly to?: string;
};

/** The request for an invented mail. The same sample gives the same request. */
export const sampleRequest = ({ message: text, language, scenario, sender, to }: Sample): MailRequest => {
  const message = messageOf(text);
  const { name, zone, currency, minor } = PEOPLE[language];
  const isAhead = AHEAD.has(message);
  const invoices = isAhead || message === 'win-back' ? [] : [invoice('R-1001', minor, currency)];
  const usual: MailRequest = {
    to: to ?? 'customer@example.com',
    message: text,
    language,
    customerKey: customerKey('preview', 'sample'),
    caseId: 'case_sample',
    subjectId: 'sample',
    stepId: message,
    customerName: name,
    invoices,
    totals: sumByCurrency(invoices.map(({ amount }) => amount)),
    payUrl: 'https://pay.example.com/p/sample',
    cardLast4: CARDLESS.has(message) ? null : '4242',
    nextAttemptAt: at('2026-03-16T13:00:00Z'),
    endsAt: message === 'final-notice' ? at('2026-03-30T12:00:00Z') : null,
    notice: DATED.has(message) ? { date: at('2026-05-31T07:00:00Z'), amount: money(minor, currency) } : null,
    timeZone: zone,
    sender,
  };
  return { ...usual, ...SCENARIOS[scenario](usual, currency) };
};
