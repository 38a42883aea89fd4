// What a customer's page shows and what comes of it: read live without a write; pay, new card, answers, unsubscribing.
import { caseIdFor, type CustomerKey } from '../ids.ts';
import { sumByCurrency, type Money } from '../money.ts';
import { OutsideError, type Provider } from '../ports.ts';
import { blockedBy, newestAttempt } from '../recovery/agenda.ts';
import {
  hasPromised,
  MAX_ANSWERS,
  promiseDays,
  promisedUntil,
  withAnswer,
  withPress,
  type Told,
} from '../recovery/answers.ts';
import { zoneOfCustomer } from '../recovery/customer-zone.ts';
import {
  contactOf,
  NOTICE_KINDS,
  type Customer,
  type Facts,
  type Invoice,
  type Ladder,
  type Notice,
  type NoticeKind,
  type Stream,
} from '../recovery/customer.ts';
import { heldBy } from '../recovery/holds.ts';
import { note } from '../recovery/journal.ts';
import { invoiceOf, outcomeIn, withBooks } from '../recovery/ladders.ts';
import { owedOf } from '../recovery/mail-request.ts';
import { mergeAll, own } from '../recovery/merge.ts';
import type { Policy } from '../recovery/policy.ts';
import { amountsOf } from '../recovery/settle.ts';
import { caseOutcome } from '../reports/outcome.ts';
import { addDays, type Instant } from '../time.ts';
import { change, heldUntil, refused, type OperateDeps } from './operate.ts';
import { invoiceIdsOf } from './visit-customer.ts';

export type PageDeps = OperateDeps & {
  readonly provider: Pick<Provider, 'refresh' | 'portal'>;
  readonly policy: Policy;
};

/** Who asks: a link that was found good. `about` is the id of a case, or of what a notice is about. */
export type Asker = {
  readonly key: CustomerKey;
  readonly about: string;
  readonly issuedAt: Instant;
};

/** So long after a case its links are still answered. */
const ANSWERED_DAYS = 60;

/** An invoice as the page shows it. `payUrl`: the provider's own page; null = it cannot be paid there. */
export type OwedInvoice = {
  readonly invoiceId: string;
  readonly number: string | null;
  readonly amount: Money;
  readonly payUrl: string | null;
};

/** What the page of a link shows. `unknown`: nothing, and nobody learns why. */
export type PageView =
  | {
      readonly kind: 'open';
      readonly locales: readonly string[];
      readonly owed: readonly OwedInvoice[];
      readonly totals: readonly Money[];
      readonly cardLast4: string | null;
      /** False: the provider did not answer, and this is what was known before. */
      readonly isLive: boolean;
      /** A payment is on its way, or the bank looks into one: nobody is asked for money. */
      readonly isBlocked: boolean;
      /** Until when a promise of the customer's own holds everything back. */
      readonly promisedUntil: Instant | null;
      readonly days: { readonly from: string; readonly to: string };
      readonly timeZone: string;
    }
  | {
      readonly kind: 'notice';
      readonly locales: readonly string[];
      readonly about: NoticeKind;
      readonly cardLast4: string | null;
      /** The invoice that falls due, and on which day; null for all else. */
      readonly due: (OwedInvoice & { readonly date: Instant; readonly timeZone: string }) | null;
    }
  | { readonly kind: 'paid' | 'nothing'; readonly locales: readonly string[] }
  | { readonly kind: 'unknown' };

/** Whether a link no longer leads anywhere, whatever the case. */
const isRevoked = ({ facts, recovery }: Customer, { issuedAt }: Pick<Asker, 'issuedAt'>): boolean =>
  facts.erasedAt !== null ||
  facts.deletedAt !== null ||
  (recovery.linksRevokedAt !== null && issuedAt <= recovery.linksRevokedAt);

const noticeOf = ({ recovery }: Customer, { about }: Asker): Notice | null =>
  recovery.notices.find(({ subjectId }) => caseIdFor(subjectId) === about) ?? null;

/** The invoice that a notice is about, while it is to be paid. */
const dueInvoice = ({ facts }: Customer, { kind, aboutId, over }: Notice): Invoice | null => {
  const invoice = kind === 'invoice_due' && over === null ? own(facts.invoices, aboutId) : null;
  return invoice?.status === 'open' && amountsOf(facts, invoice).remaining > 0 ? invoice : null;
};

const isOpenCase = ({ recovery }: Customer, { about }: Asker): boolean => recovery.case?.id === about;

const payUrlOf = (facts: Facts, ladder: Ladder): string | null =>
  invoiceOf(facts, ladder)?.details.value.hostedUrl ?? null;

/** The present state of a customer, if the provider tells it; else as it is stored. Nothing is written. */
const refreshed = async (
  { provider }: PageDeps,
  customer: Customer,
  now: Instant,
): Promise<{ readonly customer: Customer; readonly isLive: boolean }> => {
  try {
    const told = await provider.refresh(customer.key, invoiceIdsOf(customer), now, {
      methods: false,
      subscriptions: false,
    });
    return { customer: { ...customer, facts: mergeAll(customer.facts, told) }, isLive: true };
  } catch (error) {
    if (error instanceof OutsideError) return { customer, isLive: false };
    throw error;
  }
};

const openView = async (deps: PageDeps, stored: Customer, now: Instant): Promise<PageView> => {
  const seen = await refreshed(deps, stored, now);
  const { facts, recovery } = withBooks(seen.customer, deps.policy);
  const { locales } = contactOf(facts);
  const { ladders = [], books = [] } = recovery.case ?? {};
  const open = ladders.flatMap((ladder) => {
    const book = books.find(({ subjectId }) => subjectId === ladder.subjectId);
    return book?.outcome === 'open' && book.openMinor > 0 ? [{ ladder, book }] : [];
  });
  if (open.length === 0) {
    const isPaid = caseOutcome(books.map(({ outcome }) => outcome)) === 'recovered';
    return { kind: isPaid ? 'paid' : 'nothing', locales };
  }
  const owed = open.map(({ ladder, book }) => ({
    invoiceId: book.invoiceId,
    number: own(facts.invoices, book.invoiceId)?.details.value.number ?? null,
    amount: { minor: owedOf(facts, book), currency: book.currency },
    payUrl: payUrlOf(facts, ladder),
  }));
  const [first] = open;
  const timeZone = zoneOfCustomer(facts, deps.policy);
  const held = heldBy(recovery, now);
  return {
    kind: 'open',
    locales,
    owed,
    totals: sumByCurrency(owed.map(({ amount }) => amount)),
    cardLast4: first ? (newestAttempt(facts, first.book.invoiceId)?.card?.last4 ?? null) : null,
    isLive: seen.isLive,
    isBlocked: blockedBy(facts, now) !== null,
    promisedUntil: recovery.hold?.by === BY ? (held?.until ?? null) : null,
    days: promiseDays(now, timeZone),
    timeZone,
  };
};

/** What a link was about whose notice has been let go of; null = a notice of none, or too long ago. */
const lapsedKind = ({ about, issuedAt }: Asker, now: Instant): NoticeKind | null =>
  addDays(issuedAt, ANSWERED_DAYS) > now
    ? (NOTICE_KINDS.find((kind) => about.startsWith(caseIdFor(`${kind}:`))) ?? null)
    : null;

/** Mails about a card are often read late: it can be changed by their link for a while after its day. */
const offersCard = (kind: NoticeKind | null): boolean =>
  kind === 'card_expiry' || kind === 'renewal_notice' || kind === 'trial_ending';

const noticeView = async (
  deps: PageDeps,
  stored: Customer,
  notice: Notice,
  now: Instant,
): Promise<PageView> => {
  const about = notice.kind;
  const { locales } = contactOf(stored.facts);
  if (about !== 'invoice_due') {
    if (notice.over !== null) return { kind: 'nothing', locales };
    const card = about === 'card_expiry' ? own(stored.facts.cards, notice.aboutId) : null;
    return { kind: 'notice', locales, about, cardLast4: card?.value.last4 ?? null, due: null };
  }
  const { customer } = await refreshed(deps, stored, now);
  const { facts } = customer;
  const invoice = dueInvoice(customer, notice);
  if (invoice === null) {
    const isPaid = own(facts.invoices, notice.aboutId)?.status === 'paid';
    return { kind: isPaid ? 'paid' : 'nothing', locales };
  }
  const { number, hostedUrl } = invoice.details.value;
  const due = {
    invoiceId: invoice.id,
    number,
    amount: { minor: amountsOf(facts, invoice).remaining, currency: invoice.currency },
    payUrl: hostedUrl,
    date: notice.date,
    timeZone: zoneOfCustomer(facts, deps.policy),
  };
  return { kind: 'notice', locales, about, cardLast4: null, due };
};

/**
 * What the page of a link shows at `now`, asked of the provider where something is open. Writes nothing. Throws
 * {@link OutsideError} when the store does not answer; a provider that does not is told by `isLive`.
 */
export const viewPage = async (deps: PageDeps, asker: Asker, now: Instant): Promise<PageView> => {
  const customer = await deps.store.load(asker.key, now);
  if (isRevoked(customer, asker)) return { kind: 'unknown' };
  if (isOpenCase(customer, asker)) return openView(deps, customer, now);
  const { locales } = contactOf(customer.facts);
  const notice = noticeOf(customer, asker);
  if (notice !== null) return noticeView(deps, customer, notice, now);
  const lapsed = lapsedKind(asker, now);
  if (lapsed !== null) {
    return offersCard(lapsed)
      ? { kind: 'notice', locales, about: lapsed, cardLast4: null, due: null }
      : { kind: 'nothing', locales };
  }
  const left = customer.outbox?.closed ?? null;
  const closed = left?.id === asker.about ? left : await deps.store.loadClosedCase(asker.key, asker.about);
  if (closed?.closedAt == null || addDays(closed.closedAt, ANSWERED_DAYS) <= now) return { kind: 'unknown' };
  const isPaid = caseOutcome(closed.invoices.map(({ outcome }) => outcome)) === 'recovered';
  return { kind: isPaid ? 'paid' : 'nothing', locales };
};

/** The languages of who stands behind a link, as far as they are known; null = the link leads nowhere any more. */
export const readersOf = async (
  { store }: Pick<PageDeps, 'store'>,
  asker: Omit<Asker, 'about'>,
  now: Instant,
): Promise<readonly string[] | null> => {
  const customer = await store.load(asker.key, now);
  return isRevoked(customer, asker) ? null : contactOf(customer.facts).locales;
};

/** Where a customer goes next. `back`: to the page again, which tells what is the matter. */
export type Gone =
  | { readonly kind: 'to'; readonly url: string }
  | { readonly kind: 'back'; readonly why: 'no-page' | 'later' | 'open-nothing' }
  | { readonly kind: 'unknown' };

/**
 * Notes a press. That it is noted already, that other writers keep winning, or that it cannot be written down, stops nobody
 * from paying.
 */
const press = async (
  deps: PageDeps,
  asker: Asker,
  what: string,
  why: string,
  now: Instant,
): Promise<void> => {
  try {
    await change(deps, asker.key, { ifVersion: null }, now, (customer) => {
      const noted = withPress(customer, what, why, now);
      return noted === null ? refused('noted', 'noted already') : { customer: noted, told: [] };
    });
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error;
  }
};

/** Whether what a notice is about is charged to a card, so that another one can be stored for it. */
const isCharged = (notice: Notice | null): boolean =>
  notice !== null && notice.over === null && offersCard(notice.kind);

/** The open invoice of this id that a link lets somebody pay: one of the case, or the one that falls due. */
const payableBy = (customer: Customer, asker: Asker, invoiceId: string): Invoice | null => {
  const open = isOpenCase(customer, asker) ? customer.recovery.case : null;
  const ladder = open?.ladders.find((one) => one.subjectId === invoiceId && outcomeIn(open, one) === 'open');
  if (ladder) return invoiceOf(customer.facts, ladder);
  const notice = noticeOf(customer, asker);
  const invoice = notice && dueInvoice(customer, notice);
  return invoice?.id === invoiceId ? invoice : null;
};

/**
 * Where an invoice of the case is paid, as long as it is open, and the provider's page passes `isAllowed`. Journalled,
 * where that can be.
 * Throws {@link OutsideError} when the store does not answer.
 */
export const goPay = async (
  deps: PageDeps,
  asker: Asker,
  invoiceId: string,
  isAllowed: (url: string) => boolean,
  now: Instant,
): Promise<Gone> => {
  const customer = await deps.store.load(asker.key, now);
  if (isRevoked(customer, asker)) return { kind: 'unknown' };
  const invoice = payableBy(customer, asker, invoiceId);
  if (invoice === null) return { kind: 'back', why: 'open-nothing' };
  const url = invoice.details.value.hostedUrl;
  if (url === null || !isAllowed(url)) return { kind: 'back', why: 'no-page' };
  await press(deps, asker, 'went to pay', invoiceId, now);
  return { kind: 'to', url };
};

type ChangingCard = {
  readonly returnUrl: string;
  readonly isAllowed: (url: string) => boolean;
  readonly failed: (error: OutsideError) => void;
  readonly now: Instant;
};

/**
 * A page of the provider's, made now, on which the customer changes the card; it leads back to `returnUrl`. Journalled.
 * Throws {@link OutsideError} when the store does not answer; `failed` is told when the provider made none.
 */
export const goChangeCard = async (
  deps: PageDeps,
  asker: Asker,
  { returnUrl, isAllowed, failed, now }: ChangingCard,
): Promise<Gone> => {
  const customer = await deps.store.load(asker.key, now);
  if (isRevoked(customer, asker)) return { kind: 'unknown' };
  const notice = noticeOf(customer, asker);
  const isLapsed = notice === null && offersCard(lapsedKind(asker, now));
  if (!isOpenCase(customer, asker) && !isCharged(notice) && !isLapsed) {
    return { kind: 'back', why: 'open-nothing' };
  }
  let url: string;
  try {
    url = await deps.provider.portal(asker.key, returnUrl);
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error;
    failed(error);
    return { kind: 'back', why: 'later' };
  }
  if (!isAllowed(url)) return { kind: 'back', why: 'no-page' };
  await press(deps, asker, 'went to change the card', asker.about, now);
  return { kind: 'to', url };
};

/** What became of an answer. `held`: a promise that holds everything back. `noted`: written down, and no more. */
export type Answered =
  | 'held'
  | 'noted'
  | 'promised-before'
  | 'not-a-day'
  | 'enough'
  | 'open-nothing'
  | 'unknown';

const BY = 'customer';

/** A promise that can hold everything back, held; else the customer as they were. */
const kept = (customer: Customer, day: string, until: Instant, now: Instant): Customer | null => {
  const stands = hasPromised(customer.recovery) || heldBy(customer.recovery, now) !== null;
  if (stands) return null;
  const by = { who: BY, note: `promised to pay on ${day}`, ifVersion: null };
  const held = heldUntil(customer, until, by, now);
  return 'kind' in held ? null : held.customer;
};

const answerOf = (
  customer: Customer,
  told: Told,
  policy: Policy,
  now: Instant,
): { readonly customer: Customer; readonly answered: Answered } | Answered => {
  const { recovery, facts } = customer;
  if (recovery.answers.length >= MAX_ANSWERS) return 'enough';
  if (told.kind !== 'promise') return { customer: withAnswer(customer, told, false, now), answered: 'noted' };
  const until = promisedUntil(told.promisedDay, now, zoneOfCustomer(facts, policy));
  if (until === null || told.promisedDay === null) return 'not-a-day';
  const before = hasPromised(recovery);
  const held = kept(customer, told.promisedDay, until, now);
  return {
    customer: withAnswer(held ?? customer, told, held !== null, now),
    answered: held !== null ? 'held' : before ? 'promised-before' : 'noted',
  };
};

/**
 * Takes an answer into the open case. The first promise of a case holds everything of ours back until its day, as an
 * operator's hold would, unless somebody holds the customer already. Throws {@link OutsideError} when the store does not
 * answer, or other writers keep winning.
 */
export const answerPage = async (
  deps: PageDeps,
  asker: Asker,
  told: Told,
  now: Instant,
): Promise<Answered> => {
  const became: { answered: Answered } = { answered: 'unknown' };
  const done = await change(deps, asker.key, { ifVersion: null }, now, (customer) => {
    const made = isRevoked(customer, asker)
      ? 'unknown'
      : isOpenCase(customer, asker)
        ? answerOf(customer, told, deps.policy, now)
        : 'open-nothing';
    became.answered = typeof made === 'string' ? made : made.answered;
    return typeof made === 'string' ? refused(made, made) : { customer: made.customer, told: [] };
  });
  if (done.kind === 'refused' && done.code === 'contended') throw new OutsideError(done.why, 'later');
  return became.answered;
};

/** What became of a wish for no more mails. `debt`: mails about a debt go on until it is settled. */
export type Unsubscribed = 'done' | 'debt' | 'unknown';

/**
 * Takes a customer off a stream of mails, also one of whom nothing is known (any more): the wish is kept for good. Mails
 * about a debt (`stream` null) go on. Throws {@link OutsideError} when it could not be written down.
 */
export const unsubscribe = async (
  deps: Pick<PageDeps, 'store' | 'backOff'>,
  asker: Omit<Asker, 'about'>,
  stream: Stream | null,
  now: Instant,
): Promise<Unsubscribed> => {
  const became: { outcome: Unsubscribed } = { outcome: 'unknown' };
  const done = await change(deps, asker.key, { ifVersion: null }, now, (customer) => {
    const { recovery } = customer;
    const isGone = isRevoked(customer, asker);
    became.outcome = isGone ? 'unknown' : stream === null ? 'debt' : 'done';
    if (isGone) return refused('unknown', 'revoked');
    if (stream === null) {
      const noted = recovery.case && withPress(customer, 'wants no mails', 'those about a debt go on', now);
      return noted === null ? refused('noted', 'noted already') : { customer: noted, told: [] };
    }
    if (recovery.unsubscribed[stream] !== undefined) return refused('noted', 'unsubscribed already');
    const noted = note(recovery, now, 'the customer unsubscribed', stream);
    const unsubscribed = { ...recovery.unsubscribed, [stream]: now };
    // Kept for good: who is forgotten would be written to again.
    return { customer: { ...customer, recovery: { ...noted, unsubscribed }, expiresAt: null }, told: [] };
  });
  if (done.kind === 'refused' && done.code === 'contended') throw new OutsideError(done.why, 'later');
  return became.outcome;
};
