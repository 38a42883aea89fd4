// The one item a customer: what the provider told us, and what we decided and did.
import { hash32, type CustomerKey } from '../ids.ts';
import type { Money } from '../money.ts';
import type { Instant } from '../time.ts';
import type { DeclineClass } from './decline.ts';
import { countedFrom, type RequestCount, type Requests } from './requests.ts';
import type {
  Attempt,
  AttemptSchedule,
  BillingInterval,
  CardDetails,
  Contact,
  DeliveryEvent,
  Dispute,
  Fact,
  InvoiceAmounts,
  InvoiceDetails,
  InvoiceStatus,
  PaymentMethod,
  Reference,
  Refund,
  Reversal,
  Source,
  SubscriptionSnapshot,
} from './fact.ts';

/** A value and where it came from; which of two is newer is decided in `merge.ts`. */
export type Register<T> = { readonly at: Instant; readonly source: Source; readonly value: T };

/** What is known of one invoice. */
export type Invoice = {
  readonly id: string;
  readonly currency: string;
  readonly status: InvoiceStatus;
  /** The earliest time at which it was known to have its status. */
  readonly statusAt: Instant;
  readonly amounts: Register<InvoiceAmounts>;
  readonly schedule: Register<AttemptSchedule>;
  readonly details: Register<InvoiceDetails>;
  /**
   * The earliest failure and what was owed and already settled then; null when no payment of it ever failed. `toldAt`: when these
   * amounts were told, if that was not at the failure itself.
   */
  readonly failure: {
    readonly at: Instant;
    readonly amounts: InvoiceAmounts;
    readonly toldAt?: Instant;
  } | null;
  /** The latest failure, and whether the provider then meant to try again. */
  readonly lastFailure: { readonly at: Instant; readonly schedule: AttemptSchedule } | null;
  readonly actionRequiredAt: Instant | null;
  readonly methodRequiredAt: Instant | null;
  readonly paymentIds: readonly string[];
};

/** A part of an invoice paid or credited between two snapshots, in minor units. */
export type InvoiceChange = {
  readonly invoiceId: string;
  readonly at: Instant;
  readonly paidMinor: number;
  readonly creditedMinor: number;
};

/** What is kept of a subscription. */
export type Subscription = Register<SubscriptionSnapshot> & {
  /** The latest time at which its very first payment was still missing. */
  readonly incompleteAt: Instant | null;
};

/** The first time at which each thing was told of the mail of one step. */
export type Delivered = Readonly<Partial<Record<DeliveryEvent, Instant>>>;

/** What stays of a returned payment once its case is closed: `owedMinor` of it had not been paid again. */
export type ReturnedTombstone = {
  readonly caseId: string;
  readonly at: Instant;
  readonly owedMinor: number;
};

/** Money of a failure that was recovered, in minor units: in its case, or as a late payment. */
export type RecoveredPart = {
  readonly subjectId: string;
  readonly caseId: string;
  readonly at: Instant;
  readonly minor: number;
};

/**
 * Money of an invoice that left again, as far as it was told, whether or not anything had been recovered by then: what was
 * told in another order is put right from here. Only `countedMinor` stands in adjustments.
 */
export type Departure = {
  readonly kind: 'refund' | 'dispute' | 'reversal';
  /** When it left; of a charge's running total, when that was told. */
  readonly at: Instant;
  /** What left, in minor units. */
  readonly minor: number;
  /** Whether it is the running total of a charge, of which single refunds may be told as well. */
  readonly isTotal: boolean;
  /** The charge and the payment intent that it is of. */
  readonly paymentIds: readonly string[];
  /** When the money came back; null = it did not. */
  readonly backAt: Instant | null;
  /** How much of it counts against what was recovered, and of which failure. */
  readonly countedMinor: number;
  readonly subjectId: string | null;
  /** How many adjustments it has become: each has an id of its own. */
  readonly entries: number;
  /** Whether that it came back is in the books too: then nothing more is counted. */
  readonly isBack: boolean;
};

/** What is remembered of the money of an invoice, by which what leaves later finds it. */
export type TombstoneMoney = {
  /** Charges and payment intents that may have paid it. */
  readonly paymentIds: readonly string[];
  readonly recovered: readonly RecoveredPart[];
  /** What was lost or withdrawn and not paid late, in minor units: a late payment recovers no more than that. */
  readonly owedMinor: number;
  /** By `<kind>:<the provider's id>`. */
  readonly left: Readonly<Record<string, Departure>>;
};

/** What stays of an invoice once its case is closed, so that a late event never opens a second case. */
export type Tombstone = {
  readonly status: InvoiceStatus;
  readonly caseId: string;
  readonly at: Instant;
  readonly currency: string;
  /** What had been paid of it by then, in minor units: only what comes on top is a late payment. */
  readonly paidMinor: number;
  /** The time up to which `paidMinor` is complete. */
  readonly paidAsOf: Instant;
  /** Part-payments that are in `paidMinor`, or in the books of a returned payment, already. */
  readonly partIds: readonly string[];
  /** The subscription that we ended with its case: who is let go of by us has not left. */
  readonly endedSubscriptionId?: string;
  /** When the customer lost what they subscribed to for want of this payment; absent = they did not. */
  readonly planLostAt?: Instant;
  /** Its payments that came back, by the provider's id of each; `at` is when. */
  readonly returned: Readonly<Record<string, ReturnedTombstone>>;
  /** Absent in what was written before money that leaves again was counted. */
  readonly money?: TombstoneMoney;
};

/** Everything the provider told us about one customer: a pure merge of facts. */
export type Facts = {
  readonly contact: Register<Contact> | null;
  /** The contact as an invoice froze it; it only fills gaps. */
  readonly invoiceContact: Register<Contact> | null;
  readonly defaultMethod: Register<string | null> | null;
  /** The earliest time since when the provider was said to know the customer. */
  readonly customerSince: Instant | null;
  /** When something was last said to lie ahead. */
  readonly aheadAt: Instant | null;
  /** When a backfill last saw the customer. */
  readonly importedAt: Instant | null;
  readonly subscriptions: Readonly<Record<string, Subscription>>;
  readonly invoices: Readonly<Record<string, Invoice>>;
  /** Parts of invoices paid or credited, by the provider's id of each. */
  readonly changes: Readonly<Record<string, InvoiceChange>>;
  readonly attempts: Readonly<Record<string, Attempt>>;
  readonly methods: Readonly<Record<string, Register<Omit<PaymentMethod, 'card'>>>>;
  /** The card of a stored method, apart from it: some events tell of a method and not of its card. */
  readonly cards: Readonly<Record<string, Register<CardDetails>>>;
  readonly mandates: Readonly<Record<string, Register<string>>>;
  readonly inFlight: Readonly<Record<string, Register<boolean>>>;
  readonly disputes: Readonly<Record<string, Register<Dispute>>>;
  readonly refunds: Readonly<Record<string, Register<Refund>>>;
  readonly reversals: Readonly<Record<string, Reversal>>;
  /** What became of mails, by `<subject>/<step>`. */
  readonly deliveries: Readonly<Record<string, Delivered>>;
  /** Mailboxes, by `mailboxName`, that are not to be written to again, and since when. */
  readonly unreachable: Readonly<Record<string, Instant>>;
  readonly deletedAt: Instant | null;
  readonly erasedAt: Instant | null;
  readonly tombstones: Readonly<Record<string, Tombstone>>;
};

/** The kinds of things a campaign's step does. */
export type StepKind = 'email' | 'retry' | 'notify' | 'end';

/** How a step ended. `uncertain`: asked for, and the answer never came; it is not repeated. */
export type StepStatus = 'done' | 'skipped' | 'uncertain';

/**
 * What a mail said, without whom it went to, the digits of a card and every link: enough to make its words again. Nothing of it is
 * a person's, so it stays with a closed case. What was not said is absent.
 */
export type Said = {
  /** Of the templates and the sender: with others its words would be others. */
  readonly version: string;
  readonly language: string;
  readonly timeZone: string;
  /** The first of them, as many as a mail lists; `more` is how many it counted besides, and then `totals` what all came to. */
  readonly invoices?: readonly { readonly number: string | null; readonly amount: Money }[];
  readonly more?: number;
  readonly totals?: readonly Money[];
  readonly nextAttemptAt?: Instant;
  readonly endsAt?: Instant;
  readonly endsPlan?: true;
  readonly notice?: { readonly date: Instant; readonly amount: Money | null };
  /** Whether it had a name in it, the digits of a card, a button, and a way to be taken off such mails. */
  readonly named?: true;
  readonly card?: true;
  readonly leads?: true;
  readonly unsubscribes?: true;
};

/** One step of a ladder that is behind us, with the rule and the inputs that decided it. */
export type StepRecord = {
  readonly id: string;
  readonly kind: StepKind;
  readonly at: Instant;
  readonly status: StepStatus;
  readonly why: string;
  readonly message: string | null;
  /** Of a mail that was taken: its `Message-ID`, so that the next one can answer it. */
  readonly messageId?: string;
  /** Of a mail that was asked for; absent in what was written before this was kept. */
  readonly said?: Said;
};

/** What became of an invoice that failed. */
export type Outcome = 'open' | 'recovered' | 'withdrawn' | 'lost';

/** Whether a failure came about while we looked after the account, or was found there by a backfill. */
export type Cohort = 'live' | 'imported';

/** What a failure is, as far as a campaign is chosen by it. */
export const FAILURE_KINDS = [
  'payment_failure',
  'authentication_required',
  'bank_debit',
  'invoice_overdue',
] as const;
export type FailureKind = (typeof FAILURE_KINDS)[number];

/**
 * What is written about without anything being asked for that has failed: what lies ahead of a paying customer, before it
 * comes; and to somebody whose plan was lost, some time after, that they are welcome back.
 */
export const NOTICE_KINDS = [
  'card_expiry',
  'renewal_notice',
  'trial_ending',
  'invoice_due',
  'win_back',
] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];

/** One thing ahead, on its own clock: it stands in no case and in no books. */
export type Notice = {
  /** `<kind>:<what it is about>:<date>`, so that another date is another notice. */
  readonly subjectId: string;
  readonly kind: NoticeKind;
  /** The payment method that expires; the subscription that renews, whose trial ends, or that was lost; the invoice. */
  readonly aboutId: string;
  readonly campaignId: string | null;
  /** When it comes. */
  readonly date: Instant;
  readonly openedAt: Instant;
  readonly steps: readonly StepRecord[];
  /** Why nothing more is written about it; null while something may be. */
  readonly over: string | null;
};

/** One failure on its own clock. Its subject is an invoice, or a returned payment of one. */
export type Ladder = {
  /** The invoice's id, or `<invoice>:<reversal>` for a returned payment. */
  readonly subjectId: string;
  readonly invoiceId: string;
  readonly reversalId: string | null;
  readonly kind: FailureKind;
  readonly campaignId: string | null;
  readonly anchor: Instant;
  /** When the clock first saw it; long after `anchor` when it was found late. */
  readonly openedAt: Instant;
  readonly steps: readonly StepRecord[];
  /** Set when the campaign's end was reached. */
  readonly endedAt: Instant | null;
  /** The subscription that we ended or changed at that end; null = none. */
  readonly endedSubscriptionId: string | null;
  /** What an operator closed it as; null = not closed by hand. */
  readonly closedAs: 'lost' | 'withdrawn' | null;
  /** Why it failed, as soon as that was known: what reports tell it apart by, for attempts are forgotten after a month. */
  readonly failedBy?: {
    readonly class: DeclineClass;
    readonly because: string;
    readonly brand: string | null;
  };
  /** The payment method that was charged by default when it opened; null or absent = not known. */
  readonly methodId?: string | null;
  /** The cards that were on file when it opened, as `cardsOnFile` of card-names.ts tells them; null = not known. */
  readonly onFile: readonly string[] | null;
  /** `imported`: it had failed before Recoup knew of the account. Apart from every rate, and never mailed about. */
  readonly cohort: Cohort;
};

/** Everything open about one customer: one case, one digest, one cap. */
export type RecoveryCase = {
  readonly id: string;
  readonly openedAt: Instant;
  readonly ladders: readonly Ladder[];
  /** The money of every ladder as the last visit saw it. */
  readonly books: readonly InvoiceBook[];
};

/** A time in which nothing of ours went out, and a campaign's clock stood still. */
export type Pause = { readonly at: Instant; readonly until: Instant };

/**
 * An operator's word that nothing of ours is sent or charged: until a date (a promised payment, say), or, `excluded`, until
 * it is taken back. The provider's own tries go on. It stays after it is over, as what stopped the campaigns of an open
 * case: whether it is in force, `heldBy` in holds.ts says.
 */
export type Hold = {
  readonly kind: 'hold' | 'excluded';
  /** null = until it is taken back, which sets the time of that. */
  readonly until: Instant | null;
  readonly at: Instant;
  readonly by: string;
  readonly note: string;
  /** The holds before it, each as long as it lasted. */
  readonly past: readonly Pause[];
};

/** A charge that an operator asks for: the clock makes it as soon as the limits allow, and lets go of the wish. */
export type OperatorRetry = {
  /** Becomes the step's id, so that each wish is one try. */
  readonly id: string;
  readonly subjectId: string;
  readonly at: Instant;
  readonly by: string;
};

/** Which side of an experiment a customer is on, and when a mail would first have gone: only from then on it counts. */
export type Exposure = { readonly arm: 'mailed' | 'held_out'; readonly at: Instant };

/** One line of what happened and why. A repeat of the last line only raises `count`. */
export type JournalEntry = {
  readonly at: Instant;
  readonly what: string;
  readonly why: string;
  readonly count: number;
};

/** What a customer can tell on their page. */
export const ANSWER_KINDS = ['too_expensive', 'not_using', 'promise', 'wrong_person', 'other'] as const;
export type AnswerKind = (typeof ANSWER_KINDS)[number];

/** One thing that a customer told on their page. */
export type Answer = {
  readonly at: Instant;
  readonly kind: AnswerKind;
  /** The day on which they mean to pay, `YYYY-MM-DD`; null for all but a promise. */
  readonly promisedDay: string | null;
  /** Whether the promise holds everything of ours back until its day. */
  readonly held: boolean;
  /** Their own words. They may hold anything, so they stand here only while the case is open. */
  readonly text: string | null;
};

/** The kinds of mails that a customer can be taken off. Mails about a debt are none of them. */
export const STREAMS = ['notices', 'win_back'] as const;
export type Stream = (typeof STREAMS)[number];

/** What we decided and did. One writer at a time. */
export type Recovery = {
  readonly case: RecoveryCase | null;
  readonly notices: readonly Notice[];
  /** When a mail last asked this customer for money, or told what lies ahead. */
  readonly lastAskedAt: Instant | null;
  readonly hold: Hold | null;
  readonly retries: readonly OperatorRetry[];
  /** What the customer told on the page of the open case, oldest first. */
  readonly answers: readonly Answer[];
  /** Since when the customer gets no mails of a stream any more. */
  readonly unsubscribed: Readonly<Partial<Record<Stream, Instant>>>;
  /** Links to the customer's page that were issued until then lead nowhere. */
  readonly linksRevokedAt: Instant | null;
  /** By the experiment's id. */
  readonly exposure: Readonly<Record<string, Exposure>>;
  readonly journal: readonly JournalEntry[];
  /** How many older pages of the journal stand in items of their own. */
  readonly journalPages: number;
};

/** An action about to be carried out, with all that is needed to carry it out again or to look up what became of it. */
export type ArmedAction = {
  readonly caseId: string;
  readonly subjectId: string;
  readonly stepId: string;
  readonly kind: StepKind;
  /** Idempotency key of a charge or an end: case, ladder, step. */
  readonly key: string;
  readonly why: string;
  readonly message: string | null;
  readonly endAction: string | null;
  /** The payment method that a charge is to use; null = the provider's own choice. */
  readonly methodId: string | null;
  /** Steps of other ladders that the same mail says as well; they are skipped once it is sent. */
  readonly carries: readonly {
    readonly subjectId: string;
    readonly stepId: string;
    readonly message: string;
  }[];
  readonly armedAt: Instant;
  /** What the mail says, once its words are made. */
  readonly said?: Said;
};

/** A claim on a customer. Only `leaseUntil` says whether it is stale. `token` is the version that took it. */
export type Pending = {
  readonly token: number;
  readonly leaseUntil: Instant;
  readonly armed: ArmedAction | null;
};

/** Visits that failed in a row, and the last reason. */
export type Trouble = { readonly count: number; readonly lastAt: Instant; readonly why: string };

/**
 * What a decision of the clock still has to write beside the customer's own item. It is saved with the decision in one
 * conditional write, then each part is put under its own id, which can be done again after a crash without harm.
 */
export type Outbox = {
  readonly closed: CaseRecord | null;
  readonly adjustments: readonly Adjustment[];
  readonly journal: { readonly page: number; readonly entries: readonly JournalEntry[] } | null;
};

/** The one item a customer. */
export type Customer = {
  readonly key: CustomerKey;
  /** Rises by one with every write and never restarts; 0 = not written yet. */
  readonly version: number;
  /** When this customer next needs thought; null = not before another fact arrives. */
  readonly dueAt: Instant | null;
  readonly pending: Pending | null;
  readonly trouble: Trouble | null;
  /** Set when the customer was put aside for a person to look at: nothing acts on it until it is put back. */
  readonly setAsideAt: Instant | null;
  readonly facts: Facts;
  readonly recovery: Recovery;
  readonly outbox: Outbox | null;
  /**
   * What was asked of the store since the last decision that found nothing failed; null = not counted since then, in an item
   * that is older than this count.
   */
  readonly requests: RequestCount | null;
  /** When the item may be forgotten; null while anything is open. One that was set aside is kept beyond it. */
  readonly expiresAt: Instant | null;
};

/** One failed invoice in the books: failed = recovered + withdrawn + lost + open, in minor units of one currency. */
export type InvoiceBook = {
  readonly subjectId: string;
  readonly invoiceId: string;
  readonly currency: string;
  readonly outcome: Outcome;
  readonly failedMinor: number;
  readonly recoveredMinor: number;
  readonly withdrawnMinor: number;
  readonly lostMinor: number;
  readonly openMinor: number;
  readonly why: string;
  readonly cohort: Cohort;
};

/** What brought the money of a failure in. Each has one, by the rule of core/reports/cause.ts. */
export const CAUSES = [
  'provider_try',
  'our_try',
  'new_card',
  'network_updater',
  'customer_link',
  'customer',
  'out_of_band',
] as const;
export type Cause = (typeof CAUSES)[number];

/** What reports tell a failure apart by, and how it came out. What is not known is null, or an empty list. */
export type FailureRecord = {
  readonly subjectId: string;
  readonly failedAt: Instant;
  readonly kind: FailureKind;
  readonly campaignId: string | null;
  readonly declineClass: DeclineClass;
  /** The code behind the class, or what was told instead of one. */
  readonly because: string;
  readonly cardBrand: string | null;
  readonly planIds: readonly string[];
  readonly productIds: readonly string[];
  /** ISO 3166-1 alpha-2. */
  readonly country: string | null;
  /** The invoice's number, as the provider gave it. */
  readonly number: string | null;
  /** The list price of a period of the subscription, in minor units of the book's currency; how long a period is. */
  readonly periodMinor: number | null;
  readonly interval: BillingInterval | null;
  /** When its outcome came about; null while it is open. */
  readonly settledAt: Instant | null;
  /**
   * What of the recovered money was paid in each month (`YYYY-MM`, UTC), in minor units. Absent: all of it when it was settled,
   * or written before it was taken down.
   */
  readonly paidIn?: Readonly<Record<string, number>>;
  /** Of recovered money only. */
  readonly cause: Cause | null;
  /** The last mail of the case before its outcome, or so far; null = there was none. */
  readonly afterMail: { readonly stepId: string; readonly message: string } | null;
};

/** A case as it stands in the books, open or closed. Once closed it is never changed: see {@link Adjustment}. */
export type CaseRecord = {
  readonly id: string;
  readonly key: CustomerKey;
  readonly openedAt: Instant;
  readonly closedAt: Instant | null;
  readonly invoices: readonly InvoiceBook[];
  /** One for each of `invoices`; none in what was closed before reports were made. */
  readonly failures: readonly FailureRecord[];
  /** `told`: what the mail service said of its mail. */
  readonly steps: readonly (StepRecord & {
    readonly subjectId: string;
    readonly told?: readonly DeliveryEvent[];
  })[];
  /** What the customer told, without their own words. */
  readonly answers: readonly Omit<Answer, 'text'>[];
  readonly exposure: Recovery['exposure'];
  readonly journal: readonly JournalEntry[];
  /** What it has taken; null = not counted, or not from its beginning. */
  readonly requests: Requests | null;
  /** How many older pages of the customer's journal there were by then; absent = none, or closed before this was kept. */
  readonly journalPages?: number;
};

/** What can happen to the money of a failure once its case is closed, or once it was recovered. */
export const ADJUSTMENT_KINDS = [
  'payment',
  'refund',
  'refund_failed',
  'dispute',
  'dispute_won',
  'reversal',
] as const;

/** Money that moved after a case was closed: a dated entry of its own, put once under `id`. */
export type Adjustment = {
  readonly id: string;
  readonly caseId: string;
  readonly key: CustomerKey;
  readonly subjectId: string;
  /**
   * `payment`: it came in after the case was closed. `refund`, `dispute`, `reversal`: after it had been recovered it was given
   * back, taken by the bank, or returned as a bank debit; `refund_failed` and `dispute_won` take the first two back. The
   * payment that returned is a failure of its own besides, in its own case: this entry takes out what was recovered first.
   */
  readonly kind: (typeof ADJUSTMENT_KINDS)[number];
  readonly at: Instant;
  readonly amount: Money;
};

/** A fact that names no customer, waiting for the clock to ask the provider whose it is. */
export type Unrouted = {
  readonly id: string;
  readonly connection: string;
  readonly version: number;
  readonly dueAt: Instant | null;
  readonly tries: number;
  readonly reference: Reference;
  readonly fact: Fact;
  readonly receivedAt: Instant;
  /** Set when nobody could say whose it is: it is tried no more until a person puts it back. */
  readonly setAsideAt: Instant | null;
  readonly setAsideWhy: string | null;
};

export const NO_FACTS: Facts = {
  contact: null,
  invoiceContact: null,
  defaultMethod: null,
  customerSince: null,
  aheadAt: null,
  importedAt: null,
  subscriptions: {},
  invoices: {},
  changes: {},
  attempts: {},
  methods: {},
  cards: {},
  mandates: {},
  inFlight: {},
  disputes: {},
  refunds: {},
  reversals: {},
  deliveries: {},
  unreachable: {},
  deletedAt: null,
  erasedAt: null,
  tombstones: {},
};

/** Whether anything is known of a customer; the store gives back {@link newCustomer} for one it does not hold. */
export const isKnown = (customer: Customer): boolean => customer.facts !== NO_FACTS;

/** A customer we have never heard of; of one who is forgotten the version goes on. */
export const newCustomer = (key: CustomerKey, version = 0): Customer => ({
  key,
  version,
  dueAt: null,
  pending: null,
  trouble: null,
  setAsideAt: null,
  facts: NO_FACTS,
  recovery: {
    case: null,
    notices: [],
    lastAskedAt: null,
    hold: null,
    retries: [],
    answers: [],
    unsubscribed: {},
    linksRevokedAt: null,
    exposure: {},
    journal: [],
    journalPages: 0,
  },
  outbox: null,
  requests: countedFrom(version),
  expiresAt: null,
});

/** The name under which the deliveries of a step's mail are kept. */
export const deliveryName = (subjectId: string, stepId: string): string => `${subjectId}/${stepId}`;

const PLAIN_ASCII = /^[ -~]*$/;

/**
 * The mailbox that an address means, to tell one from another and not to write to: without a name around it, in lower case,
 * the domain as DNS has it. What comes back of a mail names its reader in any of these forms.
 */
export const mailboxOf = (address: string): string => {
  const bare = (/<([^<>]*)>\s*$/.exec(address)?.[1] ?? address).trim().normalize('NFC').toLowerCase();
  const at = bare.lastIndexOf('@');
  const domain = bare.slice(at + 1).replace(/\.$/, '');
  const isOfDns = PLAIN_ASCII.test(domain) || /[\s/?#:\\%]/.test(domain);
  const known = isOfDns ? domain : (URL.parse(`https://${domain}`)?.hostname ?? domain);
  return `${bare.slice(0, at + 1)}${known}`;
};

/**
 * The name under which a mailbox is kept that is not to be written to again: a hash of 32 bits, which says nothing of the
 * person, for it stays when everything else about them goes.
 */
export const mailboxName = (address: string): string => hash32(mailboxOf(address)).toString(16);

/** Whether a mail to this address came back for good, or its reader complained. */
export const isUnreachable = (facts: Facts, address: string): boolean =>
  Object.hasOwn(facts.unreachable, mailboxName(address));

/** The keys of metadata under which businesses note who else is written to about bills: one address or several. */
const BILLING_KEYS = [
  'billing_email',
  'billing_emails',
  'billing_contact',
  'billing_contacts',
  'accounts_email',
  'finance_email',
] as const;

const ADDRESS = /^[^\s@<>,;"]{1,64}@[^\s@<>,;"]{1,190}\.[^\s@<>,;".]{2,63}$/;

/** Every address to write to, the customer's own first, then the billing contacts that the business noted, each mailbox once. */
export const addressesOf = (facts: Facts): readonly string[] => {
  const { email, metadata } = contactOf(facts);
  const noted = BILLING_KEYS.flatMap((key) =>
    Object.hasOwn(metadata, key) ? (metadata[key] ?? '').split(/[\s,;]+/) : [],
  );
  const all = [...(email === null ? [] : [email]), ...noted.filter((one) => ADDRESS.test(one))];
  const mailboxes = new Map<string, string>();
  for (const address of all) {
    const mailbox = mailboxOf(address);
    if (!mailboxes.has(mailbox)) mailboxes.set(mailbox, address);
  }
  return [...mailboxes.values()];
};

/** The first address that mail still reaches; null = there is none (left). */
export const addressOf = (facts: Facts): string | null =>
  addressesOf(facts).find((address) => !isUnreachable(facts, address)) ?? null;

const NOBODY: Contact = {
  email: null,
  name: null,
  locales: [],
  country: null,
  timeZone: null,
  metadata: {},
};

/** Who to write to: the customer object first, the invoice's frozen copy for what it has of the gaps; nobody once deleted or erased. */
export const contactOf = (facts: Facts): Contact => {
  if (facts.deletedAt || facts.erasedAt) return NOBODY;
  const own = facts.contact?.value;
  const frozen = facts.invoiceContact?.value;
  return {
    email: own?.email ?? frozen?.email ?? null,
    name: own?.name ?? frozen?.name ?? null,
    locales: own?.locales.length ? own.locales : (frozen?.locales ?? []),
    country: own?.country ?? frozen?.country ?? null,
    timeZone: own?.timeZone ?? null,
    metadata: own?.metadata ?? {},
  };
};
