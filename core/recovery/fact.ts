// What a billing provider can tell us, in our own words. Adapters make facts; `merge` takes them in.
import type { Instant } from '../time.ts';

/** How a fact was learnt. A refresh asked the provider for the present state; an event reported a change. */
export type Source = 'event' | 'refresh';

/** Where an invoice stands. The order is total and only ever climbs: open < uncollectible < void < paid. */
export type InvoiceStatus = 'open' | 'uncollectible' | 'void' | 'paid';

/**
 * Why money that did not come needs attention: the bank declined, the customer must confirm, there is nothing to charge,
 * or an invoice that the customer was to pay is past its due date.
 */
export type FailureReason = 'declined' | 'action_required' | 'method_required' | 'overdue';

/** The amounts of an invoice in minor units. `credited` counts credit notes issued before payment. */
export type InvoiceAmounts = {
  readonly due: number;
  readonly paid: number;
  readonly remaining: number;
  readonly credited: number;
};

/** What rarely changes about an invoice. */
export type InvoiceDetails = {
  readonly number: string | null;
  readonly hostedUrl: string | null;
  readonly collectionMethod: 'charge_automatically' | 'send_invoice';
  readonly billingReason: string | null;
  readonly subscriptionId: string | null;
  readonly dueAt: Instant | null;
  readonly createdAt: Instant;
  /** Of its lines the ids of the products, and of the prices or plans: sorted, at most 20 each. */
  readonly productIds: readonly string[];
  readonly planIds: readonly string[];
};

/** The provider's own plan for charging an invoice. `attemptCount` counts its automatic tries only. */
export type AttemptSchedule = { readonly attemptCount: number; readonly nextAttemptAt: Instant | null };

/** An invoice as the provider described it at one moment. */
export type InvoiceSnapshot = {
  readonly id: string;
  readonly currency: string;
  readonly status: InvoiceStatus;
  /** When it came to its status; absent where the provider does not say: then when it was told. */
  readonly statusAt?: Instant;
  readonly amounts: InvoiceAmounts;
  readonly schedule: AttemptSchedule;
  readonly details: InvoiceDetails;
  /** Ids of the charges and payment intents known to belong to it. */
  readonly paymentIds: readonly string[];
};

/** Who to write to. Every field may be unknown. */
export type Contact = {
  readonly email: string | null;
  readonly name: string | null;
  readonly locales: readonly string[];
  readonly country: string | null;
  /** An IANA time zone. */
  readonly timeZone: string | null;
  /**
   * What the business itself noted of the customer, at most 20 entries. A key may be any word, `__proto__`
   * too: look one up with `own` of merge.ts.
   */
  readonly metadata: Readonly<Record<string, string>>;
};

/** The raw codes of a decline; the class is derived from them by `classifyDecline`. */
export type Decline = {
  readonly code: string | null;
  readonly declineCode: string | null;
  readonly adviceCode: string | null;
  readonly networkAdviceCode: string | null;
  readonly networkDeclineCode: string | null;
};

/** A card as far as it may be shown or counted. Never a full number. */
export type CardDetails = {
  readonly fingerprint: string | null;
  readonly brand: string | null;
  readonly last4: string | null;
  readonly expMonth: number | null;
  readonly expYear: number | null;
};

/** Who asked for a payment attempt. Only `ladder` uses up a retry ladder. */
export type AttemptTrigger = 'provider' | 'ladder' | 'customer' | 'card_update' | 'operator';

/** One try to take money. A field not known is null; two tellings of one attempt fill each other's gaps. */
export type Attempt = {
  readonly id: string;
  readonly at: Instant;
  readonly invoiceId: string | null;
  readonly paymentIntentId: string | null;
  readonly amountMinor: number | null;
  readonly currency: string | null;
  readonly result: 'declined' | 'succeeded';
  readonly decline: Decline | null;
  readonly card: CardDetails | null;
  /** The provider's word for what was charged, such as `card`, `sepa_debit` or `us_bank_account`. */
  readonly methodType: string | null;
  readonly trigger: AttemptTrigger | null;
  /** False when the provider blocked it before the card network saw it: it counts to no network limit. */
  readonly sentToNetwork: boolean | null;
};

/** How often a subscription bills: every `count` units. */
export type BillingInterval = {
  readonly unit: 'day' | 'week' | 'month' | 'year';
  readonly count: number;
};

/** A subscription as the provider described it at one moment. */
export type SubscriptionSnapshot = {
  readonly id: string;
  readonly status: string;
  readonly cancelAtPeriodEnd: boolean;
  readonly cancellationReason: string | null;
  readonly endedAt: Instant | null;
  /** Why the provider paused it, such as `final_payment_failure`; null when not paused or not said. */
  readonly pauseReason: string | null;
  readonly defaultMethodId: string | null;
  /** What it is to: the ids of its items' prices or plans and of their products, sorted, at most 20 each. */
  readonly planIds: readonly string[];
  readonly productIds: readonly string[];
  /** That of its first item. */
  readonly interval: BillingInterval | null;
  readonly startedAt: Instant | null;
  /** When it bills next: of several items the earliest. */
  readonly currentPeriodEnd: Instant | null;
  readonly trialEndsAt: Instant | null;
  readonly collectionMethod: 'charge_automatically' | 'send_invoice' | null;
  /** The list price of a period over all items; both null unless known for every one, in one currency. */
  readonly amountMinor: number | null;
  readonly currency: string | null;
};

/** A stored payment method. */
export type PaymentMethod = {
  readonly id: string;
  readonly type: string;
  readonly card: CardDetails | null;
  readonly attached: boolean;
};

/**
 * A chargeback, an inquiry, or a warning of fraud: while open, nobody is asked for money. What is absent was not told, or
 * written before it was asked for.
 */
export type Dispute = {
  readonly id: string;
  readonly open: boolean;
  readonly status: string;
  readonly chargeId: string | null;
  readonly amountMinor: number | null;
  readonly currency: string | null;
  readonly paymentIntentId?: string | null;
  /** When the bank took the money: never, for a mere inquiry or a warning. The earliest that was told. */
  readonly takenAt?: Instant | null;
  /** When it was given back, if it had been taken. The earliest that was told. */
  readonly backAt?: Instant | null;
};

/**
 * Money given back. A charge's running total comes under the charge's id, a single refund under its own. What is absent was
 * not told, or written before it was asked for.
 */
export type Refund = {
  readonly id: string;
  readonly chargeId: string | null;
  readonly amountMinor: number;
  readonly currency: string;
  readonly failed: boolean;
  readonly paymentIntentId?: string | null;
  /** When a single refund was made; a running total has no such time. */
  readonly createdAt?: Instant | null;
  /** When it was first told that it failed or was cancelled, so that the money stayed. */
  readonly failedAt?: Instant | null;
};

/** A payment that had succeeded and was taken back by the bank. */
export type Reversal = {
  readonly id: string;
  readonly at: Instant;
  readonly amountMinor: number;
  readonly currency: string;
  readonly invoiceId: string | null;
  readonly paymentIntentId: string | null;
};

/** What the mail service can say of a mail. */
export const DELIVERY_EVENTS = [
  'sent',
  'delivered',
  'delayed',
  'opened',
  'clicked',
  'bounced',
  'complained',
  'rejected',
] as const;
export type DeliveryEvent = (typeof DELIVERY_EVENTS)[number];

/** What became of the mail of one step. `unreachable`: this address is not to be written to again. */
export type Delivery = {
  readonly caseId: string;
  readonly subjectId: string;
  readonly stepId: string;
  readonly event: DeliveryEvent;
  readonly address: string | null;
  readonly unreachable: boolean;
};

type Stamped = { readonly at: Instant; readonly source: Source };

/** One thing a provider told us about one customer. `at` is the provider's time, or for a refresh the start of the request. */
export type Fact =
  | (Stamped & {
      readonly kind: 'invoice';
      readonly invoice: InvoiceSnapshot;
      /** Set when a payment of the invoice failed: when, and why it needs attention. */
      readonly failure: { readonly at: Instant; readonly reason: FailureReason } | null;
      /** The invoice's frozen copy of the contact; it only fills gaps. */
      readonly contact: Contact | null;
    })
  /** A part of an invoice paid, credited, or a credit taken back: a change between two snapshots. Keyed by `id`. */
  | (Stamped & {
      readonly kind: 'invoice-changed';
      readonly id: string;
      readonly invoiceId: string;
      readonly paidMinor: number;
      readonly creditedMinor: number;
    })
  | (Stamped & { readonly kind: 'attempt'; readonly attempt: Attempt })
  | (Stamped & {
      readonly kind: 'customer';
      readonly contact: Contact;
      readonly defaultMethodId: string | null;
      /** Since when the provider knows the customer. */
      readonly since: Instant | null;
    })
  /** Something lies ahead of a paying customer, such as the end of a card: the clock is to look. */
  | (Stamped & { readonly kind: 'ahead' })
  /** A backfill saw the account: what had failed by `at` and is not known yet was there before us. */
  | (Stamped & { readonly kind: 'imported' })
  | (Stamped & { readonly kind: 'customer-deleted' })
  | (Stamped & { readonly kind: 'customer-erased' })
  | (Stamped & { readonly kind: 'subscription'; readonly subscription: SubscriptionSnapshot })
  | (Stamped & { readonly kind: 'payment-method'; readonly method: PaymentMethod })
  | (Stamped & { readonly kind: 'mandate'; readonly methodId: string; readonly mandateStatus: string })
  /** A bank debit on its way: neither paid nor failed yet. */
  | (Stamped & { readonly kind: 'in-flight'; readonly paymentIntentId: string; readonly processing: boolean })
  | (Stamped & { readonly kind: 'dispute'; readonly dispute: Dispute })
  | (Stamped & { readonly kind: 'refund'; readonly refund: Refund })
  | (Stamped & { readonly kind: 'reversal'; readonly reversal: Reversal })
  | (Stamped & { readonly kind: 'delivery'; readonly delivery: Delivery });

/** What a fact that names no customer points at; the provider can say whose it is. Exactly one is set. */
export type Reference =
  | { readonly kind: 'charge'; readonly id: string }
  | { readonly kind: 'payment_intent'; readonly id: string }
  | { readonly kind: 'invoice'; readonly id: string }
  | { readonly kind: 'payment_method'; readonly id: string };

/**
 * Whether a fact can start something on its own: a recovery, or a notice of what lies ahead. Everything else about a customer we do not know is dropped at the
 * door; the refresh brings it back before anything is opened.
 */
export const opensRecovery = (fact: Fact): boolean =>
  (fact.kind === 'invoice' && fact.failure !== null && fact.invoice.amounts.due > 0) ||
  fact.kind === 'reversal' ||
  fact.kind === 'ahead';

/** When a fact that can start a recovery says that the money failed to come. */
export const failedAt = (fact: Fact): Instant =>
  fact.kind === 'invoice' && fact.failure
    ? fact.failure.at
    : fact.kind === 'reversal'
      ? fact.reversal.at
      : fact.at;
