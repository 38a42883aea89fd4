// What readers do with their mails: scanners open every link, people press, answer, take themselves off; some forge.
import { splitKey, type CustomerKey } from '../../core/ids.ts';
import { messageOf, type Mail, type MailRequest } from '../../core/ports.ts';
import { zoneOfCustomer } from '../../core/recovery/customer-zone.ts';
import type { Policy } from '../../core/recovery/policy.ts';
import { addLocalDays, endOfLocalDay, localDay, toMs } from '../../core/time.ts';
import type { Random } from '../demo/random.ts';
import { forge } from './forged-links.ts';
import { check } from './inspection.ts';
import type { SetAbout } from './market/customer-acts.ts';
import type { Market } from './market/market.ts';
import { isAsking, isNotice, streamOfMail } from './messages.ts';
import { heldTruly } from './operators.ts';
import { BASE_URL, openPage, type AskPage, type PageAnswer } from './page-door.ts';
import type { Mailbox } from './post-office.ts';
import { later, secondOf, type World } from './world.ts';

const DAY_S = 86_400;
/** The share of those who act on a mail and do so by its link. */
const BY_LINK = 0.75;
/** Who presses looks at the page first; only some of that is simulated, as nothing but an answer comes of it. */
const LOOKS = 0.2;
const GIVES_UP = 0.1;
const ANSWERS = 0.1;
const UNSUBSCRIBES = 0.12;

/** A mail and who reads it, with a chance of its own. */
type Reading = {
  readonly world: World;
  readonly market: Market;
  readonly policyNow: () => Policy;
  readonly ask: AskPage;
  readonly mail: Mail;
  readonly luck: Random;
};

/** A mail with only what the laws and its readers look at: to render it would take most of the time. */
export const compose = (request: MailRequest): Mail => ({
  to: request.to,
  from: { name: request.sender.name, email: request.sender.email },
  replyTo: request.sender.replyTo,
  subject: request.message,
  html: '',
  text: request.payUrl ?? '',
  unsubscribeUrl: request.unsubscribeUrl ?? null,
  message: request.message,
  language: 'en',
  customerKey: request.customerKey,
  caseId: request.caseId,
  subjectId: request.subjectId,
  stepId: request.stepId,
});

const pathIn = (url: string | null | undefined): string | null =>
  url?.startsWith(`${BASE_URL}/`) ? url.slice(BASE_URL.length) : null;

/** What a mail is about, as the market knows it: an invoice, a subscription or a card. */
const aboutOf = ({ subjectId, message }: Mail): string =>
  subjectId.split(':')[isNotice(message) ? 1 : 0] ?? '';

const breach = ({ world, mail }: Reading, law: string, detail: string): void =>
  check(world.inspection, [{ law, customer: mail.customerKey, at: world.clock.now(), detail }]);

/** Whether an invoice is owed as it is recorded, in the case that the mail is about, and can be paid somewhere. */
const isOwed = ({ world, mail }: Reading): boolean => {
  const known = world.inspection.latest.get(mail.customerKey);
  const open = known?.recovery.case;
  const invoiceId = aboutOf(mail);
  if (!known || open?.id !== mail.caseId || (known.facts.erasedAt ?? known.facts.deletedAt)) return false;
  const book = open.books.find(({ subjectId }) => subjectId === invoiceId);
  return book?.outcome === 'open' && known.facts.invoices[invoiceId]?.details.value.hostedUrl !== null;
};

/** Presses a button, then does at the provider what it leads to; some give up there, and some find their own way. */
const press = async (
  reading: Reading,
  path: string,
  what: 'pay' | 'card',
  carryOut: (second: number) => void,
): Promise<void> => {
  const { world, ask, mail, luck } = reading;
  const { customerKey: key } = mail;
  if (luck.chance(LOOKS)) await ask(key, { method: 'GET', path });
  const isToBeLed = what === 'pay' && isOwed(reading);
  const body = what === 'pay' ? new URLSearchParams({ invoice: aboutOf(mail) }).toString() : '';
  const { status, to } = await ask(key, { method: 'POST', path: `${path}/${what}`, body });
  const isLed = status === 303 && to !== null && !to.startsWith(BASE_URL);
  if (isToBeLed && !isLed && status < 500)
    breach(reading, 'who presses pay for what is owed is led to the provider', `${status} ${to ?? ''}`);
  const goesOn = isLed ? !luck.chance(GIVES_UP) : luck.chance(0.5);
  if (goesOn) later(world, secondOf(world) + luck.whole(20, 900), carryOut);
};

/** How the reader of this mail sets about paying or changing the card. */
const setAboutBy =
  (reading: Reading, path: string | null): SetAbout =>
  (what, second, carryOut) => {
    const { world, luck } = reading;
    if (path === null || !luck.chance(BY_LINK)) return later(world, second, carryOut);
    return later(world, second, () => press(reading, path, what, carryOut));
  };

/** What a promise was answered with, and what holds from now on. */
const hearPromise = (reading: Reading, day: string, zone: string, answers: readonly PageAnswer[]): void => {
  const { world, market, mail, luck } = reading;
  const { customerKey: key, caseId } = mail;
  const { inspection, clock } = world;
  const hold = inspection.latest.get(key)?.recovery.hold;
  const until = endOfLocalDay(day, zone);
  const taken = answers.filter(({ told }) => told === 'held').length;
  const isFirst = !inspection.promised.has(`${key} ${caseId}`);
  if (taken > (isFirst ? 1 : 0)) breach(reading, 'one promise a case holds', `${day}, ${taken} at once`);
  // An answer may have been lost after it was taken in.
  const isTaken = taken > 0 || (hold?.by === 'customer' && hold.at === clock.now());
  if (!isTaken || until === null) return;
  inspection.promised.add(`${key} ${caseId}`);
  inspection.words.set(key, { kind: 'hold', caseId, until });
  if (!luck.chance(0.6)) return;
  const before = Math.floor(toMs(until) / 1000) - luck.whole(60, 12 * 3600);
  later(world, Math.max(secondOf(world) + 1, before), (second) =>
    market.payAll(splitKey(key).customerId, second),
  );
};

/** Whether a promise of this day must hold everything back: the first of a case in which something is open, nobody held. */
const mustHold = ({ world, mail }: Reading, days: number): boolean => {
  const { customerKey: key, caseId } = mail;
  const known = world.inspection.latest.get(key);
  const open = known?.recovery.case;
  if (!known || open?.id !== caseId || (known.facts.erasedAt ?? known.facts.deletedAt)) return false;
  const isOpen = open.ladders.some(
    ({ subjectId, endedAt }) =>
      endedAt === null && open.books.some((one) => one.subjectId === subjectId && one.outcome === 'open'),
  );
  const { answers } = known.recovery;
  return (
    isOpen &&
    days <= 14 &&
    heldTruly(world, key) === null &&
    answers.length < 10 &&
    answers.every(({ kind }) => kind !== 'promise')
  );
};

const promise = async (reading: Reading, path: string): Promise<void> => {
  const { world, policyNow, ask, mail, luck } = reading;
  const { customerKey: key } = mail;
  const facts = world.inspection.latest.get(key)?.facts;
  if (!facts) return;
  const now = world.clock.now();
  const zone = zoneOfCustomer(facts, policyNow());
  const days = luck.whole(0, 15);
  const day = localDay(addLocalDays(now, days, zone), zone);
  const isDue = mustHold(reading, days);
  const body = new URLSearchParams({ answer: 'promise', day, text: '' }).toString();
  const times = world.faults.happens('page_pressed_twice', key) ? 2 : 1;
  const request = { method: 'POST', path: `${path}/answer`, body } as const;
  const answers = await Promise.all(Array.from({ length: times }, () => ask(key, request)));
  const isHeld = answers.some(({ told }) => told === 'held');
  if (isDue && !isHeld && answers.every(({ status }) => status < 500))
    breach(reading, 'the first promise of a case holds', `${day}: ${answers[0]?.told ?? ''}`);
  if (days > 14 && isHeld) breach(reading, 'no promise beyond two weeks holds', day);
  hearPromise(reading, day, zone, answers);
};

/** Tells the business why it is not paid. Who promises may do so twice. */
const answer = (reading: Reading, path: string): void => {
  const { world, ask, mail, luck } = reading;
  const at = secondOf(world) + Math.round(luck.between(0.01, 3) * DAY_S);
  const kind = luck.pick([
    'promise',
    'promise',
    'promise',
    'too_expensive',
    'not_using',
    'wrong_person',
    'other',
  ]);
  if (kind !== 'promise') {
    const body = new URLSearchParams({ answer: kind, text: kind === 'other' ? 'call me' : '' }).toString();
    later(world, at, async () => {
      await ask(mail.customerKey, { method: 'POST', path: `${path}/answer`, body });
    });
    return;
  }
  later(world, at, () => promise(reading, path));
  if (luck.chance(0.3)) later(world, at + luck.whole(60, 4 * DAY_S), () => promise(reading, path));
};

/** Wants no more mails of this kind: the mail service presses for the reader, as RFC 8058 has it. */
const unsubscribe = (reading: Reading, path: string): void => {
  const { world, ask, mail, luck } = reading;
  const { customerKey: key } = mail;
  later(world, secondOf(world) + luck.whole(5, 2 * DAY_S), async () => {
    const body = 'List-Unsubscribe=One-Click';
    const { status } = await ask(key, { method: 'POST', path, body });
    if (status === 200)
      world.inspection.unsubscribed.add(`${key} ${streamOfMail(mail.message) ?? 'dunning'}`);
  });
};

/** Somebody finds a mail months later and presses what there is. */
const useOldLink = ({ world, ask, mail, luck }: Reading, path: string): void => {
  const { customerKey: key } = mail;
  const body = new URLSearchParams({ invoice: aboutOf(mail) }).toString();
  later(world, secondOf(world) + luck.whole(10, 120) * DAY_S, async () => {
    await ask(key, { method: 'GET', path });
    await ask(key, { method: 'POST', path: `${path}/pay`, body });
    await ask(key, { method: 'POST', path: `${path}/answer`, body: 'answer=not_using' });
  });
};

/** What comes of the links of a mail besides what it asks for. */
const useLinks = (reading: Reading, { isScanned }: Mailbox, page: string | null): void => {
  const { world, ask, mail, luck } = reading;
  const { customerKey: key } = mail;
  const { faults } = world;
  const leave = pathIn(mail.unsubscribeUrl);
  const links = [page, leave].filter((path) => path !== null);
  const apart = (name: string): Reading => ({ ...reading, luck: luck.fork(name) });
  if (isScanned) {
    later(world, secondOf(world) + 1, async () => {
      for (const path of links) await ask(key, { method: 'GET', path });
    });
  }
  if (page !== null && isAsking(mail.message) && luck.chance(ANSWERS)) answer(apart('answers'), page);
  if (leave !== null && luck.chance(UNSUBSCRIBES)) unsubscribe(apart('unsubscribes'), leave);
  if (page !== null && faults.happens('link_old', key)) useOldLink(apart('old'), page);
  for (const path of links) {
    if (faults.happens('link_forged', key))
      later(world, secondOf(world) + luck.whole(1, DAY_S), () => forge(ask, key, path, luck.fork('forged')));
  }
};

/** The readers of a world. */
export type Readers = {
  /** A mail is in a mailbox: what comes of it at the provider, most of it by the page. */
  readonly arrived: (mail: Mail, mailbox: Mailbox) => void;
  /** Who may promise to pay in the middle of a visit, on the page of the mail they got last. */
  readonly promiseNow: (key: CustomerKey) => Promise<void>;
};

/** Seats the readers before their mailboxes. */
export const createReaders = (world: World, market: Market, policyNow: () => Policy): Readers => {
  const ask = openPage(world, market, policyNow);
  const last = new Map<CustomerKey, Reading>();
  return {
    arrived: (mail, mailbox) => {
      const { customerKey, caseId, subjectId, stepId, message } = mail;
      const { customerId } = splitKey(customerKey);
      const luck = world.luckOf(`reader ${customerId}`).fork(`${caseId} ${subjectId} ${stepId}`);
      const reading = { world, market, policyNow, ask, mail, luck };
      const page = pathIn(mail.text);
      last.set(customerKey, reading);
      const setAbout = setAboutBy({ ...reading, luck: luck.fork('presses') }, page);
      const tell = isNotice(message) ? market.heed : market.read;
      tell(customerId, aboutOf(mail), messageOf(message), secondOf(world), setAbout);
      useLinks(reading, mailbox, page);
    },
    promiseNow: async (key) => {
      const reading = last.get(key);
      const page = reading ? pathIn(reading.mail.text) : null;
      if (!reading || page === null) return;
      if (!world.faults.happens('promised_between_refresh_and_arm', key)) return;
      await promise({ ...reading, luck: reading.luck.fork('promises now') }, page);
    },
  };
};
