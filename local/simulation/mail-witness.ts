// What is looked at when a mail goes out: is it so at that moment, as the provider knows it?
import { splitKey } from '../../core/ids.ts';
import { messageOf, type Mail, type OperatorNotice } from '../../core/ports.ts';
import { addressesOf } from '../../core/recovery/customer.ts';
import { check } from './inspection.ts';
import type { Violation } from './laws.ts';
import { isAsking, isNotice, streamOfMail } from './messages.ts';
import type { Market } from './market/market.ts';
import { chargedFor, expiresAt } from './market/methods.ts';
import { awaited, DAY_S, type TrueCustomer, type TrueSubscription } from './market/state.ts';
import { heldTruly, HELD_LAW } from './operators.ts';
import { addressName } from './post-office.ts';
import { secondOf, type World } from './world.ts';

const PAYING: ReadonlySet<unknown> = new Set(['active', 'trialing', 'past_due']);

const dayOf = (second: unknown): string =>
  typeof second === 'number' ? new Date(second * 1000).toISOString().slice(0, 10) : '';

const goesOn = ({ object }: TrueSubscription): boolean =>
  PAYING.has(object['status']) && object['cancel_at_period_end'] !== true;

const endOfPeriod = ({ object }: TrueSubscription): unknown => {
  const { data } = object['items'] as { readonly data: readonly { readonly current_period_end: number }[] };
  return data[0]?.current_period_end;
};

/** When that is over what a notice tells of: a card is good to the end of its last day, wherever its holder lives. */
const comesAt = (customer: TrueCustomer, subjectId: string): number => {
  const [kind, aboutId = '', date = ''] = subjectId.split(':');
  if (kind !== 'card_expiry') return Date.parse(date) / 1000 + DAY_S;
  const card = customer.methods.get(aboutId);
  return card ? expiresAt(card) + DAY_S / 2 : 0;
};

/** Whether what a notice tells of lies ahead indeed: `<kind>:<card, subscription, invoice or case>:<date>`. */
const isTrue = (customer: TrueCustomer, subjectId: string): boolean => {
  const [kind, aboutId, date = ''] = subjectId.split(':');
  const running = customer.subscriptions.filter(goesOn);
  if (customer.deleted) return false;
  if (kind === 'win_back') return !customer.subscriptions.some(({ object }) => PAYING.has(object['status']));
  if (kind === 'invoice_due') {
    const invoice = customer.invoices.find(({ id }) => id === aboutId);
    return invoice?.status === 'open' && dayOf(invoice.dueSecond) === date;
  }
  if (kind === 'card_expiry') {
    const card = customer.methods.get(aboutId ?? '');
    const month = card && `${card.expYear}-${String(card.expMonth).padStart(2, '0')}`;
    const charged = running.some(
      (one) => one.terms.netDays === null && chargedFor(customer, one).id === aboutId,
    );
    return month === date && charged;
  }
  const about = running.find(({ id }) => id === aboutId);
  if (kind === 'renewal_notice')
    return about?.object['status'] === 'active' && dayOf(endOfPeriod(about)) === date;
  return about?.object['status'] === 'trialing' && dayOf(about.object['trial_end']) === date;
};

type Tell = (law: string, detail: string) => void;

const checkNotice = (
  world: World,
  customer: TrueCustomer,
  { customerKey, subjectId, stepId, message }: Mail,
  tell: Tell,
): void => {
  const name = `${customerKey} ${subjectId} ${stepId}`;
  const { told } = world.inspection;
  if (told.has(name)) tell('no notice twice', name);
  told.add(name);
  const comesAfter = ['card-expired', 'win-back'].includes(messageOf(message));
  if (!comesAfter && comesAt(customer, subjectId) < secondOf(world)) tell('no notice after its date', name);
  if (!isTrue(customer, subjectId)) tell('no notice of what lies ahead no more', name);
};

/** An overdue invoice is one that is due and open; what is paid in the very moment may still be asked for. */
const checkSent = (world: World, customer: TrueCustomer, { subjectId, stepId }: Mail, tell: Tell): void => {
  const [invoiceId = ''] = subjectId.split(':');
  const invoice = subjectId.includes(':') ? null : customer.invoices.find(({ id }) => id === invoiceId);
  if (!invoice || invoice.dueSecond === null) return;
  const now = secondOf(world);
  const isOpen = invoice.status === 'open' || invoice.settledSecond === now;
  if (now < invoice.dueSecond || !isOpen)
    tell('an overdue mail only for what is due and open', `${stepId} of ${subjectId}: ${invoice.status}`);
};

/** A plan is told to have ended only when it has, and while the payment for it has not come. */
const checkCancelled = (customer: TrueCustomer, { subjectId, stepId }: Mail, tell: Tell): void => {
  const [invoiceId = ''] = subjectId.split(':');
  const invoice = customer.invoices.find(({ id }) => id === invoiceId);
  const isOver = invoice?.subscription.object['status'] === 'canceled';
  if (!isOver || (invoice.status === 'paid' && !subjectId.includes(':')))
    tell('no plan is told to have ended that has not', `${stepId} of ${subjectId}: ${invoice?.status}`);
};

/** Nobody is written to who is known not to be there, complained, or wants no mails of this kind. */
const checkReader = ({ inspection }: World, mail: Mail, tell: Tell): void => {
  const { customerKey: key, to, message, stepId, subjectId } = mail;
  const what = `${stepId} of ${subjectId}`;
  if (inspection.cameBack.has(addressName(key, to)))
    tell('no mail to an address that came back', `${what} to ${to}`);
  const stream = streamOfMail(message);
  if (stream !== null && inspection.unsubscribed.has(`${key} ${stream}`))
    tell('nobody is written to who is unsubscribed', `${what}: ${stream}`);
};

/** The business is told that no mail reaches a customer any more: once a case, and only where that is so. */
export const watchNobodyLeft = (world: World, { customerKey: key, caseId }: OperatorNotice): void => {
  const { inspection, clock } = world;
  const found: Violation[] = [];
  const tell: Tell = (law, detail) => found.push({ law, customer: key, at: clock.now(), detail });
  const name = `${key} ${caseId}`;
  if (inspection.nobodyLeft.has(name)) tell('told once a case that nobody is left', name);
  inspection.nobodyLeft.add(name);
  const facts = inspection.latest.get(key)?.facts;
  const reached = facts
    ? addressesOf(facts).filter((to) => !inspection.toldBack.has(addressName(key, to)))
    : [];
  if (reached.length > 0) tell('told that nobody is left only where nobody is', reached.join());
  check(inspection, found);
};

/** Looks at a mail as it goes out. */
export const watchMail = (world: World, market: Market, mail: Mail): void => {
  const { customerKey: key, message, subjectId, stepId } = mail;
  const customer = market.customers.get(splitKey(key).customerId);
  if (!customer) return;
  const found: Violation[] = [];
  const tell: Tell = (law, detail) => found.push({ law, customer: key, at: world.clock.now(), detail });
  const held = heldTruly(world, key);
  if (held) tell(HELD_LAW, `${stepId} of ${subjectId}: ${held}`);
  checkReader(world, mail, tell);
  if (isNotice(message)) checkNotice(world, customer, mail, tell);
  if (message === 'cancelled') checkCancelled(customer, mail, tell);
  if (isAsking(message)) {
    checkSent(world, customer, mail, tell);
    const awaiting = awaited(customer);
    if (awaiting.length > 0)
      tell(
        'nothing asks for money while a debit is in flight',
        `${stepId} of ${subjectId}: ${awaiting.join()}`,
      );
  }
  check(world.inspection, found);
};
