// The customer's door: the page behind the link of a mail, what is pressed there, and taking oneself off mails.
import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { inertLast4, inertNumber, oneLine } from '../adapters/email/inert.ts';
import type { LinkKeys } from '../adapters/links/keys.ts';
import { verifyLink, type Link, type LinkPurpose } from '../adapters/links/token.ts';
import type { Telemetry } from '../core/ports.ts';
import { MAX_ANSWER_TEXT, type Told } from '../core/recovery/answers.ts';
import { ANSWER_KINDS } from '../core/recovery/customer.ts';
import type { Instant } from '../core/time.ts';
import {
  answerPage,
  goChangeCard,
  goPay,
  readersOf,
  unsubscribe,
  viewPage,
  type Answered,
  type Asker,
  type Gone,
  type OwedInvoice,
  type PageDeps,
  type PageView,
} from '../core/workflows/customer-page.ts';
import {
  customerPage,
  failedPage,
  LINK_STREAMS,
  NOTICES,
  unsubscribePage,
  type Notice,
  type Setting,
} from '../web/customer-page/page.ts';
import { STYLE } from '../web/customer-page/style.ts';
import { pageLanguage } from '../web/customer-page/words.ts';
import { httpDoor, type HttpEvent, type HttpResult, type OnError } from './middleware.ts';

export type CustomerPageDeps = PageDeps & {
  /** The keys that are valid now. */
  readonly keys: () => Promise<LinkKeys>;
  /** Where the page is reached, without a slash at its end: the only place of ours that is led back to. */
  readonly baseUrl: () => string;
  /** Hosts besides those of Stripe on which invoices are paid. */
  readonly paymentHosts: readonly string[];
  readonly telemetry: Telemetry;
  readonly now: () => Instant;
  readonly onError: OnError;
};

/** 500 characters, each at most twelve bytes once it is encoded, and the other fields. */
const MAX_BODY_BYTES = 8192;

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/** Chrome holds the redirect after a form to `form-action` too, so the provider's pages are named. */
const headersOf = (paymentHosts: readonly string[]): Readonly<Record<string, string>> => ({
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': [
    "default-src 'none'",
    `style-src 'sha256-${STYLE_HASH}'`,
    ["form-action 'self' https://*.stripe.com", ...paymentHosts.map((host) => `https://${host}`)].join(' '),
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-robots-tag': 'noindex, nofollow',
  'strict-transport-security': 'max-age=31536000',
  'cache-control': 'no-store',
});

/** Whether a customer may be sent to an address: a page of Stripe's over https, or of a host that is configured. */
export const isPaymentPage = (address: string, paymentHosts: readonly string[]): boolean => {
  // Parsing forgives line ends, spaces and backslashes, and what is led to stands in a header as it came.
  if (!/^https:\/\/[!-[\]-~]{1,2040}$/.test(address)) return false;
  const url = URL.parse(address);
  if (url === null || url.port !== '') return false;
  if (url.username !== '' || url.password !== '') return false;
  return url.hostname.endsWith('.stripe.com') || paymentHosts.includes(url.hostname);
};

/** The body of a request as text; null when it is too long. */
const bodyOf = (event: HttpEvent): string | null => {
  const bytes = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  return bytes.byteLength > MAX_BODY_BYTES ? null : bytes.toString('utf8');
};

const headerOf = (event: HttpEvent, name: string): string =>
  Object.entries(event.headers ?? {}).find(([key]) => key.toLowerCase() === name)?.[1] ?? '';

/** The fields of a form. The body of any other kind has none. */
const fieldsOf = (body: string): Readonly<Record<string, string>> =>
  Object.fromEntries(new URLSearchParams(body));

const INVOICE = v.object({ invoice: v.pipe(v.string(), v.regex(/^[!-~]{1,128}$/)) });

/** Browsers count a line's end once and send it as two characters. */
const ANSWER = v.pipe(
  v.object({
    answer: v.picklist(ANSWER_KINDS),
    day: v.optional(v.pipe(v.string(), v.maxLength(10)), ''),
    text: v.optional(
      v.pipe(
        v.string(),
        v.transform((text) => text.replaceAll('\r\n', '\n')),
        v.maxLength(MAX_ANSWER_TEXT),
        v.transform(oneLine),
      ),
      '',
    ),
  }),
  v.transform(({ answer, day, text }): Told => ({
    kind: answer,
    promisedDay: answer === 'promise' && /^\d{4}-\d\d-\d\d$/.test(day) ? day : null,
    text: text === '' ? null : text,
  })),
);

const TOLD = v.optional(v.picklist(NOTICES));

/** What the query says was just done; it only chooses among our own words. */
const toldIn = (event: HttpEvent): Notice | null => {
  const parsed = v.safeParse(TOLD, event.queryStringParameters?.['told']);
  return parsed.success ? (parsed.output ?? null) : null;
};

const STREAM = v.picklist(LINK_STREAMS);

/** RFC 8058, 3.1: mail services send a form, of either kind, with this one field. */
const isOneClick = (body: string): boolean =>
  fieldsOf(body)['List-Unsubscribe'] === 'One-Click' ||
  (body.includes('name="List-Unsubscribe"') && /\n\r?\nOne-Click\r?\n/.test(body));

/** What a door answers with: pages in the reader's language, and ways on. */
const createAnswers = (deps: CustomerPageDeps) => {
  const headers = headersOf(deps.paymentHosts);
  const { name: company, supportEmail: support } = deps.policy.sender;
  const settingFor = (event: HttpEvent, locales: readonly string[]): Setting => ({
    language: pageLanguage(locales, headerOf(event, 'accept-language'), deps.policy.language),
    company,
    support,
  });
  const html = (statusCode: number, body: string): HttpResult => ({ statusCode, headers, body });
  const to = (location: string): HttpResult => ({
    statusCode: 303,
    headers: { ...headers, location },
    body: '',
  });
  return {
    html,
    to,
    settingFor,
    /** The same for whatever is wrong with a link, whoever it is about: by what the browser asks for only. */
    unknown: (event: HttpEvent) =>
      html(404, customerPage(settingFor(event, []), { kind: 'unknown' }, '', null)),
    failed: (statusCode: number, event: HttpEvent) => html(statusCode, failedPage(settingFor(event, []))),
    back: (token: string, told: Notice | null) =>
      to(`${deps.baseUrl()}/c/${token}${told === null ? '' : `?told=${told}`}`),
  };
};

type Answers = ReturnType<typeof createAnswers>;

/** A request whose link was found good. */
type Asked = {
  readonly event: HttpEvent;
  readonly link: Link;
  readonly token: string;
  readonly now: Instant;
};

/** A view without what is not to be shown: pages elsewhere, and numbers that are none, as in the mails. */
const withSafeParts = (view: PageView, isAllowed: (url: string) => boolean): PageView => {
  if (view.kind !== 'open' && view.kind !== 'notice') return view;
  const safe = <T extends OwedInvoice>(one: T): T => ({
    ...one,
    number: inertNumber(one.number),
    payUrl: one.payUrl !== null && isAllowed(one.payUrl) ? one.payUrl : null,
  });
  const cardLast4 = inertLast4(view.cardLast4);
  return view.kind === 'notice'
    ? { ...view, due: view.due && safe(view.due), cardLast4 }
    : { ...view, owed: view.owed.map(safe), cardLast4 };
};

const show = async (
  deps: CustomerPageDeps,
  answers: Answers,
  { event, link, token, now }: Asked,
): Promise<HttpResult> => {
  deps.telemetry.count('page_opened');
  const view = await viewPage(deps, link, now);
  if (view.kind === 'unknown') return answers.unknown(event);
  const shown = withSafeParts(view, (url) => isPaymentPage(url, deps.paymentHosts));
  const setting = answers.settingFor(event, view.locales);
  return answers.html(200, customerPage(setting, shown, `/c/${token}`, toldIn(event)));
};

const BACK: Readonly<Record<Answered, Notice | null>> = {
  held: 'held',
  noted: 'noted',
  'promised-before': 'promised-before',
  'not-a-day': 'not-a-day',
  enough: 'enough',
  'open-nothing': null,
  unknown: null,
};

const leadTo = (answers: Answers, { event, token }: Asked, gone: Gone): HttpResult => {
  if (gone.kind === 'unknown') return answers.unknown(event);
  if (gone.kind === 'to') return answers.to(gone.url);
  return answers.back(token, gone.why === 'open-nothing' ? null : gone.why);
};

type Act = (deps: CustomerPageDeps, answers: Answers, asked: Asked, body: string) => Promise<HttpResult>;

const ACTS: Readonly<Record<string, Act>> = {
  pay: async (deps, answers, asked, body) => {
    const fields = v.safeParse(INVOICE, fieldsOf(body));
    if (!fields.success) return answers.back(asked.token, null);
    const isAllowed = (url: string) => isPaymentPage(url, deps.paymentHosts);
    return leadTo(answers, asked, await goPay(deps, asked.link, fields.output.invoice, isAllowed, asked.now));
  },
  card: async (deps, answers, asked) => {
    const { link, token, now } = asked;
    const returnUrl = `${deps.baseUrl()}/c/${token}?told=card`;
    const gone = await goChangeCard(deps, link, {
      returnUrl,
      isAllowed: (url) => isPaymentPage(url, deps.paymentHosts),
      failed: ({ message }) => deps.telemetry.count('portal_failed', { why: message }),
      now,
    });
    return leadTo(answers, asked, gone);
  },
  answer: async (deps, answers, { event, link, token, now }, body) => {
    const told = v.safeParse(ANSWER, fieldsOf(body));
    if (!told.success) return answers.back(token, 'not-an-answer');
    const answered = await answerPage(deps, link, told.output, now);
    return answered === 'unknown' ? answers.unknown(event) : answers.back(token, BACK[answered]);
  },
};

const act = async (deps: CustomerPageDeps, answers: Answers, asked: Asked): Promise<HttpResult> => {
  const name = asked.event.pathParameters?.['act'] ?? '';
  const carryOut = Object.hasOwn(ACTS, name) ? ACTS[name] : undefined;
  if (!carryOut) return answers.unknown(asked.event);
  const body = bodyOf(asked.event);
  if (body === null) return answers.failed(413, asked.event);
  deps.telemetry.count('page_used', { what: name });
  return carryOut(deps, answers, asked, body);
};

const unsubscribing = async (
  deps: CustomerPageDeps,
  answers: Answers,
  { event, link, token, now }: Asked,
  isPost: boolean,
): Promise<HttpResult> => {
  const stream = v.safeParse(STREAM, link.about);
  const asker: Omit<Asker, 'about'> = link;
  const locales = stream.success ? await readersOf(deps, asker, now) : null;
  if (!stream.success || locales === null) return answers.unknown(event);
  const setting = answers.settingFor(event, locales);
  const page = (done: boolean) => unsubscribePage(setting, stream.output, `/u/${token}`, done);
  if (!isPost) return answers.html(200, page(false));
  const body = bodyOf(event);
  if (body === null) return answers.failed(413, event);
  if (!isOneClick(body)) return answers.html(400, page(false));
  deps.telemetry.count('page_used', { what: 'unsubscribe' });
  const done = await unsubscribe(deps, asker, stream.output === 'dunning' ? null : stream.output, now);
  // No redirect: mail services press this button and follow none.
  return done === 'unknown' ? answers.unknown(event) : answers.html(200, page(true));
};

type Route = {
  readonly purpose: LinkPurpose;
  readonly answer: (deps: CustomerPageDeps, answers: Answers, asked: Asked) => Promise<HttpResult>;
};

/** The routes, as API Gateway names them. */
const ROUTES: Readonly<Record<string, Route>> = {
  'GET /c/{token}': { purpose: 'case', answer: show },
  'POST /c/{token}/{act}': { purpose: 'case', answer: act },
  'GET /u/{token}': {
    purpose: 'unsubscribe',
    answer: (deps, answers, asked) => unsubscribing(deps, answers, asked, false),
  },
  'POST /u/{token}': {
    purpose: 'unsubscribe',
    answer: (deps, answers, asked) => unsubscribing(deps, answers, asked, true),
  },
};

/**
 * Makes the handler. A GET writes nothing: mail services open every link. What is pressed is a POST with the token in its
 * path, answered with 303; to unsubscribe with 200 (RFC 8058). A link that is forged, revoked, too old or about nobody
 * gets one and the same 404. 5xx when the store or the keys cannot be had, told in words.
 */
export const makeCustomerPage = (deps: CustomerPageDeps): ((event: HttpEvent) => Promise<HttpResult>) => {
  const answers = createAnswers(deps);
  return httpDoor(
    deps.onError,
    async (event) => {
      const route = Object.hasOwn(ROUTES, event.routeKey) ? ROUTES[event.routeKey] : undefined;
      const token = event.pathParameters?.['token'] ?? '';
      const now = deps.now();
      const link = route ? verifyLink(await deps.keys(), route.purpose, token, now) : null;
      if (!route || link === null) {
        deps.telemetry.count('link_refused');
        return answers.unknown(event);
      }
      return route.answer(deps, answers, { event, link, token, now });
    },
    answers.failed,
  );
};
