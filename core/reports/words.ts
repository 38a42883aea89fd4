// The words of a report for people: names of codes, and what each figure means.
import { exponentOf, formatMoney } from '../money.ts';
import type { AnswerKind, Cause, FailureKind, Outcome } from '../recovery/customer.ts';
import type { DeclineClass } from '../recovery/decline.ts';
import { own } from '../recovery/merge.ts';
import type { RequestKind } from './cost.ts';
import { MIN_SETTLED, type Lift } from './report.ts';
import { NO_MAIL, UNKNOWN, type Dimension } from './tally.ts';

const CAUSE: Readonly<Record<Cause, string>> = {
  provider_try: 'A try of the billing provider',
  our_try: 'A try of ours',
  new_card: 'A new card',
  network_updater: 'A card that its network renewed',
  customer_link: 'The customer, by our link',
  customer: 'The customer, on their own',
  out_of_band: 'Paid outside the provider',
};

const DECLINE: Readonly<Record<DeclineClass, string>> = {
  soft_funds: 'Not enough money',
  soft_later: 'Declined for now',
  technical: 'A technical fault',
  authentication: 'Confirmation needed',
  expired: 'Card expired',
  invalid_data: 'Wrong card data',
  hard: 'Declined for good',
  fraud_lost_stolen: 'Card lost, stolen or misused',
  no_method: 'No card on file',
  unknown: 'No reason told',
};

const KIND: Readonly<Record<FailureKind, string>> = {
  payment_failure: 'Card declined',
  authentication_required: 'Confirmation needed',
  bank_debit: 'Bank debit returned',
  invoice_overdue: 'Invoice overdue',
};

const ANSWER: Readonly<Record<AnswerKind, string>> = {
  too_expensive: 'Too expensive',
  not_using: 'Not using it any more',
  promise: 'Promised to pay',
  wrong_person: 'The wrong person',
  other: 'Something else',
};

/** What failures are told apart by, as a heading says it: "By decline class". */
export const DIMENSION_WORDS: Readonly<Record<Dimension, string>> = {
  campaign: 'campaign',
  kind: 'kind of failure',
  decline: 'decline class',
  reason: 'reason of the decline',
  brand: 'card brand',
  plan: 'plan',
  country: 'country',
  step: 'last mail',
};

const OTHERS: Readonly<Record<string, string>> = { [UNKNOWN]: 'Not known', [NO_MAIL]: 'No mail before it' };

const wordFor = (words: Readonly<Record<string, string>>, code: string): string =>
  own(words, code) ?? own(OTHERS, code) ?? code;

/** A cause in words; what has none stays as it is. So with the others. */
export const causeWords = (code: string): string => wordFor(CAUSE, code);
export const answerWords = (code: string): string => wordFor(ANSWER, code);
export const mailWords = (code: string): string => wordFor({}, code);

/** A value that failures are told apart by. */
export const valueWords = (by: Dimension, code: string): string =>
  wordFor(by === 'decline' ? DECLINE : by === 'kind' ? KIND : {}, code);

/** Requests by kind, as a table of costs names them. */
export const REQUEST_WORDS: Readonly<Record<RequestKind, string>> = {
  received: 'Events and presses taken in',
  visits: 'Visits of the clock',
  writes: 'Writes',
  mails: 'Mails',
  uncounted: 'Cases that were not counted',
};

/** The outcomes in the order in which they are told. They are named as they are in every file. */
export const OUTCOMES = ['recovered', 'lost', 'withdrawn', 'open'] as const satisfies readonly Outcome[];

/** What each figure means, in a sentence or two. */
export const MEANINGS = {
  Failure:
    'One invoice whose payment failed, counted once however often it was tried, on the day on which it first failed (UTC).',
  Failed: 'What remained to be paid at the first failure. It is always recovered + lost + withdrawn + open.',
  Recovered: 'Paid since, in part or in whole, whoever made it come: provider, mail or customer.',
  Lost: 'Given up: the campaign or the provider’s tries came to their end, or somebody marked it so.',
  Withdrawn: 'Not owed any more: credited, voided, or the customer left of their own will.',
  Open: 'None of these yet.',
  'At risk now':
    'All that is open at the time of the report, whenever it failed: also of failures before the period or after it. The filters hold.',
  'Recovery rate':
    'Recovered ÷ (recovered + lost). Open and withdrawn failures are in neither. While many are open it says little.',
  '95 %':
    'The interval in which the true share lies with 95 % confidence: the fewer cases, the wider. Shares of money have none, for ' +
    'invoices are not alike.',
  'Share by day':
    'The share recovered by so many days after the failure (Kaplan and Meier). A lost failure counts as never recovered and ' +
    'stays in the denominator, an open one for as long as it has been open.',
  Expected:
    'What of the open money will come back, if it goes as it did with failures of the period when they were as old. Of what is ' +
    'older than they were seen nothing is expected. The interval is too narrow while there are few cases.',
  'Time to recover': 'From failure to payment, of recovered failures only.',
  Lift:
    'Some customers, drawn by lot, get no reminders. Compared are settled cases of both groups in which a mail would have gone, by ' +
    `recovered ÷ (recovered + lost). With fewer than ${MIN_SETTLED} on a side nothing is said.`,
  'Last mail':
    'The last mail that had gone before the money came. That does not say that the mail was the cause.',
  'Money by month':
    'Money counts in the month in which it moved, whenever the payment had failed. Net = recovered − refunded − disputed − ' +
    'reversed, which is a bank debit that had paid and came back.',
  'Recurring revenue kept':
    'What the plans of recovered invoices cost a month at list price, without taxes and discounts.',
  'Running costs':
    'The requests that the books count for these cases, each at its price of the date that is given, in US dollars. A currency ' +
    'has the share of its failures. The bill of AWS is the truth.',
  Imported: 'Failures that were there before Recoup knew of the account. They are in no other figure.',
} as const;

/** A share to the tenth of a hundredth: `91.7 %`. */
export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** A difference of shares: `+12.3 points`. */
export const points = (difference: number): string =>
  `${difference < 0 ? '−' : '+'}${Math.abs(difference * 100).toFixed(1)} points`;

/** Hours as people say them: days from two of them on. */
export const hoursInWords = (hours: number): string =>
  hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;

/** How long something has been open: `8 to 14 days`. */
export const ageInWords = (from: number, to: number | null): string =>
  to === null ? `over ${from - 1} days` : `${from} to ${to} days`;

const whole = new Intl.NumberFormat('en');

/** A count with its thousands apart: `1,229`. */
export const counted = (n: number): string => whole.format(n);

export const invoicesInWords = (n: number): string => `${counted(n)} ${n === 1 ? 'invoice' : 'invoices'}`;

const twoDigits = new Intl.NumberFormat('en', { maximumSignificantDigits: 2 });

/** US dollars; less than a cent in as many decimals as say something: `$12.30`, `$0.0021`. */
export const dollarsInWords = (dollars: number): string =>
  dollars >= 0.01 || dollars === 0
    ? formatMoney({ minor: Math.round(dollars * 100), currency: 'USD' }, 'en')
    : `$${twoDigits.format(dollars)}`;

/** What each major unit of a currency has cost: `0.0021 US cents for each €1.00 recovered`. */
export const aUnitInWords = (dollars: number, currency: string): string =>
  `${twoDigits.format(dollars * 100)} US cents for each ${formatMoney({ minor: 10 ** exponentOf(currency), currency }, 'en')} recovered`;

/** That some cases are not counted, as a sentence: what they took is an estimate. */
export const uncountedInWords = (n: number): string =>
  n === 1
    ? 'One of these cases ran before requests were counted: but for its mails, what it took is an estimate.'
    : `${counted(n)} of these cases ran before requests were counted: but for their mails, what they took is an estimate.`;

/** What an experiment says, in a word; null while it says nothing. */
export const liftVerdict = ({ difference, isEnough }: Lift): 'more' | 'less' | 'none' | null => {
  if (difference === null || !isEnough) return null;
  return difference.low > 0 ? 'more' : difference.high < 0 ? 'less' : 'none';
};
