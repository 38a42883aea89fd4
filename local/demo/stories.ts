// What becomes of a payment that fails: each story is one way it goes in real life, and how often.
import type { Bill } from './bill.ts';
import type { DeclineCodes } from './objects.ts';

/** What a story needs besides its own invoice. */
export type Cast = {
  readonly bill: Bill;
  /** Another invoice of the same customer, first tried `day` days after this one. */
  readonly another: (day: number) => Bill;
};

/** Plays a story; `gone` when the subscription does not renew any more. */
export type Story = (cast: Cast) => 'stays' | 'gone';

const soft = (reason: string): DeclineCodes => ({
  failureCode: 'card_declined',
  reason,
  advice: 'try_again_later',
});
const FUNDS = soft('insufficient_funds');
const EXPIRED: DeclineCodes = { failureCode: 'expired_card', reason: 'expired_card', advice: null };
const SOFT: readonly DeclineCodes[] = [FUNDS, FUNDS, FUNDS, soft('do_not_honor'), soft('generic_decline')];
const GATEWAY: DeclineCodes = {
  failureCode: 'processing_error',
  reason: 'processing_error',
  advice: 'try_again_later',
};
const STOLEN: DeclineCodes = {
  failureCode: 'card_declined',
  reason: 'stolen_card',
  advice: 'do_not_try_again',
};

/** The days of the provider's tries: the first, then closer or wider apart as its model sees fit, within two weeks. */
const ladderOf = ({ random }: Bill): number[] => {
  const days = [0, 2.6, 5.3, 8.1, 11.4, 13.7].map((day) => (day === 0 ? 0 : day + random.between(-0.6, 0.7)));
  return days.slice(0, random.whole(4, 6));
};

/** The tries of a ladder up to `count`, all declined; the last names the next one, unless it was the last of all. */
const declinedTimes = (bill: Bill, ladder: readonly number[], count: number, codes: DeclineCodes): void => {
  for (const [i, day] of ladder.slice(0, count).entries()) bill.failed(day, codes, ladder[i + 1] ?? null);
};

const softRecovers: Story = ({ bill }) => {
  const { random } = bill;
  const ladder = ladderOf(bill);
  const good = random.pick([1, 1, 2, 2, 3, 3]);
  declinedTimes(bill, ladder, good, random.pick(SOFT));
  bill.paid(ladder[good] ?? 9);
  return 'stays';
};

const gatewayHiccup: Story = ({ bill }) => {
  bill.failed(0, GATEWAY, 0.2);
  bill.paid(0.2);
  return 'stays';
};

const paysByLink: Story = ({ bill }) => {
  const ladder = ladderOf(bill);
  declinedTimes(bill, ladder, 2, bill.random.pick(SOFT));
  bill.paid(bill.random.between(4.1, 5));
  return 'stays';
};

const paysAfterFinalNotice: Story = ({ bill }) => {
  const ladder = ladderOf(bill);
  declinedTimes(bill, ladder, ladder.length, FUNDS);
  bill.paid((ladder.at(-1) ?? 14) + bill.random.between(1.2, 6));
  return 'stays';
};

const providerGivesUp: Story = ({ bill }) => {
  const ladder = ladderOf(bill);
  declinedTimes(bill, ladder, ladder.length, bill.random.pick(SOFT));
  bill.subscription('deleted', (ladder.at(-1) ?? 14) + 0.01, {
    status: 'canceled',
    cancellation_details: { comment: null, feedback: null, reason: 'payment_failed' },
  });
  return 'gone';
};

const neverPays: Story = ({ bill }) => {
  const ladder = ladderOf(bill);
  declinedTimes(bill, ladder, ladder.length, bill.random.pick(SOFT));
  return 'gone';
};

const newCardSoon: Story = ({ bill }) => {
  bill.failed(0, EXPIRED, 3);
  const day = bill.random.pick([0.3, 0.9, 3.2, 3.6, 7.3, 11.4]) + bill.random.between(0, 0.2);
  bill.newCard(day, 'attached');
  bill.paid(day + 0.001);
  return 'stays';
};

const cardReplacedByNetwork: Story = ({ bill }) => {
  bill.failed(0, EXPIRED, 2.4);
  bill.newCard(1.2, 'automatically_updated');
  bill.paid(2.4);
  return 'stays';
};

const expiredForGood: Story = ({ bill }) => {
  bill.failed(0, EXPIRED, null);
  return 'gone';
};

const paysTooLate: Story = ({ bill }) => {
  bill.failed(0, EXPIRED, null);
  bill.paid(bill.random.between(27, 29));
  return 'stays';
};

const stolenCard: Story = ({ bill }) => {
  bill.failed(0, STOLEN, 3);
  bill.newCard(bill.random.between(0.2, 4), 'attached');
  bill.paid(4.2);
  return 'stays';
};

const confirms: Story = ({ bill }) => {
  bill.needsConfirming(0);
  const day = bill.random.pick([0.2, 0.6, 3.1, 7.2]) + bill.random.between(0, 0.1);
  bill.inFlight(day, 'succeeded');
  bill.paid(day);
  return 'stays';
};

const neverConfirms: Story = ({ bill }) => {
  bill.needsConfirming(0);
  return 'gone';
};

const paysInParts: Story = ({ bill }) => {
  const ladder = ladderOf(bill);
  declinedTimes(bill, ladder, 1, FUNDS);
  bill.partPaid(1.8, Math.round(bill.amountMinor / 20) * 10);
  bill.paid(bill.random.between(5, 9));
  return 'stays';
};

const paysAPartOnly: Story = ({ bill }) => {
  bill.failed(0, FUNDS, null);
  bill.partPaid(2.2, Math.round(bill.amountMinor / 40) * 10);
  return 'gone';
};

const cancels: Story = ({ bill }) => {
  const ladder = ladderOf(bill);
  declinedTimes(bill, ladder, 1, bill.random.pick(SOFT));
  bill.subscription('deleted', bill.random.between(1.1, 2), {
    status: 'canceled',
    cancellation_details: { comment: null, feedback: 'unused', reason: 'cancellation_requested' },
  });
  return 'gone';
};

const leavesAtPeriodEnd: Story = ({ bill }) => {
  bill.failed(0, EXPIRED, 3);
  bill.subscription('updated', 1.3, {
    status: 'past_due',
    cancel_at_period_end: true,
    cancellation_details: { comment: null, feedback: 'too_expensive', reason: 'cancellation_requested' },
  });
  return 'gone';
};

const voided: Story = ({ bill }) => {
  bill.failed(0, bill.random.pick(SOFT), 2.5);
  bill.told('invoice.voided', 1.6, { status: 'void' });
  return 'stays';
};

const writtenOff: Story = ({ bill }) => {
  const ladder = ladderOf(bill);
  declinedTimes(bill, ladder, ladder.length, bill.random.pick(SOFT));
  bill.told('invoice.marked_uncollectible', (ladder.at(-1) ?? 14) + 2, { status: 'uncollectible' });
  return 'gone';
};

const disputes: Story = ({ bill }) => {
  const id = bill.random.id('dp');
  bill.failed(0, FUNDS, null);
  bill.disputed(1.5, id, 'needs_response');
  bill.disputed(9.5, id, bill.random.pick(['won', 'lost']));
  if (bill.random.chance(0.5)) bill.paid(12.3);
  return 'stays';
};

const refundedLater: Story = ({ bill }) => {
  const ladder = ladderOf(bill);
  declinedTimes(bill, ladder, 1, FUNDS);
  const day = ladder[1] ?? 2;
  bill.paid(day);
  bill.refunded(day + bill.random.between(1, 5), bill.amountMinor);
  return 'stays';
};

const creditedInPart: Story = ({ bill }) => {
  const ladder = ladderOf(bill);
  declinedTimes(bill, ladder, 1, bill.random.pick(SOFT));
  bill.credited(1.4, Math.round(bill.amountMinor / 50) * 10);
  bill.paid(ladder[1] ?? 3);
  return 'stays';
};

const severalInvoices: Story = ({ bill, another }) => {
  const second = another(bill.random.between(1, 3));
  bill.failed(0, EXPIRED, 3);
  second.failed(0, EXPIRED, 3);
  if (bill.random.chance(0.7)) {
    bill.newCard(5.1, 'attached');
    bill.paid(5.101);
    if (bill.random.chance(0.6)) second.paid(5.2);
  }
  return 'stays';
};

const debitReturned: Story = ({ bill }) => {
  bill.paid(0);
  bill.returned(3.5);
  if (bill.random.chance(0.6)) bill.paidAgain(8.4);
  return 'stays';
};

const debitOnItsWay: Story = ({ bill }) => {
  const ladder = ladderOf(bill);
  declinedTimes(bill, ladder, 1, FUNDS);
  bill.inFlight(1.6, 'processing');
  bill.inFlight(6.2, 'succeeded');
  bill.paid(6.2);
  return 'stays';
};

const accountDeleted: Story = ({ bill }) => {
  bill.failed(0, EXPIRED, null);
  bill.deleted(bill.random.between(2, 5));
  return 'gone';
};

/** What takes money from a bank account, by currency; elsewhere cards are charged. */
const DEBIT_OF: Readonly<Record<string, string>> = {
  eur: 'sepa_debit',
  gbp: 'bacs_debit',
  usd: 'us_bank_account',
};

/** A debit that the bank does not carry out is told of days later, and the next one takes days again. */
const debitFails: Story = ({ bill, another }) => {
  const debit = DEBIT_OF[bill.who().currency];
  if (debit === undefined) return softRecovers({ bill, another });
  bill.failed(
    3.4,
    { failureCode: 'insufficient_funds', reason: 'insufficient_funds', advice: null, debit },
    null,
  );
  if (bill.random.chance(0.3)) return 'gone';
  bill.inFlight(6.3, 'processing');
  bill.inFlight(10.1, 'succeeded');
  bill.paid(10.1);
  return 'stays';
};

const promises: Story = ({ bill }) => {
  declinedTimes(bill, ladderOf(bill), 1, FUNDS);
  bill.answered(bill.random.between(1.6, 2.4), 'promise', 5);
  bill.paid(bill.random.between(5.2, 6.8));
  return 'stays';
};

const tellsWhy: Story = ({ bill }) => {
  const ladder = ladderOf(bill);
  declinedTimes(bill, ladder, ladder.length, FUNDS);
  bill.answered(bill.random.between(1.6, 2.4), bill.random.pick(['too_expensive', 'not_using', 'other']));
  return 'gone';
};

/** What a business pays on its own is paid late, as a rule, and now and then not at all. */
const invoiceOverdue: Story = ({ bill }) => {
  bill.sent(7);
  bill.told('invoice.overdue', 7.1, {});
  if (bill.random.chance(0.35)) return 'gone';
  bill.paid(bill.random.between(9.5, 21));
  return 'stays';
};

/** Whoever minds the bills has left: the mail comes back, and the next one goes to the billing contact. */
const mailComesBack: Story = ({ bill }) => {
  bill.failed(0, EXPIRED, null);
  bill.bounced(0.9);
  bill.newCard(4.6, 'attached');
  bill.paid(4.601);
  return 'stays';
};

/** Who pays because a mail asked for it does not without one. */
const WITHOUT_MAILS: ReadonlyMap<Story, Story> = new Map([
  [paysByLink, neverPays],
  [paysInParts, neverPays],
  [promises, neverPays],
  [newCardSoon, expiredForGood],
  [mailComesBack, expiredForGood],
]);

/** How a story goes with a customer who gets no reminders. */
export const withoutMails = (story: Story): Story => WITHOUT_MAILS.get(story) ?? story;

/** How often each story is told among some sixty failures. */
const SHARES: readonly (readonly [Story, number])[] = [
  [softRecovers, 9],
  [newCardSoon, 5],
  [confirms, 3],
  [paysByLink, 3],
  [neverPays, 4],
  [providerGivesUp, 3],
  [expiredForGood, 3],
  [gatewayHiccup, 1],
  [paysAfterFinalNotice, 2],
  [paysTooLate, 1],
  [cardReplacedByNetwork, 1],
  [stolenCard, 1],
  [neverConfirms, 2],
  [paysInParts, 1],
  [paysAPartOnly, 1],
  [cancels, 1],
  [leavesAtPeriodEnd, 1],
  [voided, 1],
  [writtenOff, 1],
  [disputes, 1],
  [refundedLater, 1],
  [creditedInPart, 1],
  [severalInvoices, 2],
  [debitReturned, 1],
  [debitFails, 3],
  [promises, 2],
  [tellsWhy, 1],
  [debitOnItsWay, 1],
  [accountDeleted, 1],
];

/** The stories of businesses, which have a billing contact and mostly pay by invoice. */
export const COMPANY_STORIES: readonly Story[] = [
  invoiceOverdue,
  invoiceOverdue,
  mailComesBack,
  invoiceOverdue,
  softRecovers,
];

/** Every story as often as it happens among some sixty failures; drawn in turn, so that each is seen. */
export const STORIES: readonly Story[] = SHARES.flatMap(([story, share]) =>
  Array.from({ length: share }, () => story),
);
