// The outside world as core sees it. Adapters implement these; each has one real and one in-memory form.
import type { CustomerKey } from './ids.ts';
import type { Money } from './money.ts';
import type {
  Adjustment,
  ArmedAction,
  CaseRecord,
  Customer,
  JournalEntry,
  Said,
  Stream,
  Unrouted,
} from './recovery/customer.ts';
import type { Fact, Reference } from './recovery/fact.ts';
import type { CaseSummary } from './reports/outcome.ts';
import type { CaseRef, Kept, Rollup } from './reports/rollup.ts';
import type { Instant } from './time.ts';
import type { Told } from './workflows/receive-event.ts';

/** Another writer was first: reload and try again. The only error that is retried in place. */
export class VersionConflictError extends Error {
  override readonly name = 'VersionConflictError';
}

/** Something outside did not answer as it should. `later`: worth another try. `throttled`: it asked us to slow down. */
export class OutsideError extends Error {
  override readonly name = 'OutsideError';
  readonly retry: 'later' | 'never';
  readonly throttled: boolean;

  constructor(message: string, retry: 'later' | 'never', throttled = false, cause?: unknown) {
    super(message, { cause });
    this.retry = retry;
    this.throttled = throttled;
  }
}

/** A stored item cannot be read: it is put aside for a person, and the others go on. */
export class DamagedItemError extends Error {
  override readonly name = 'DamagedItemError';
}

/** One entry of the due index, which is the only queue. */
export type DueEntry =
  | { readonly kind: 'customer'; readonly key: CustomerKey; readonly dueAt: Instant }
  | { readonly kind: 'unrouted'; readonly id: string; readonly dueAt: Instant };

/** What was set aside for a person, since when and why. No personal data: the rest stands at the provider. */
export type StuckEntry =
  | {
      readonly kind: 'customer';
      readonly key: CustomerKey;
      readonly setAsideAt: Instant;
      readonly why: string;
      /** Visits that failed in a row; 0 when that is not why. */
      readonly tries: number;
    }
  | {
      readonly kind: 'unrouted';
      readonly id: string;
      readonly setAsideAt: Instant;
      readonly why: string;
      readonly tries: number;
      /** What it names instead of a customer; null when its item cannot be read. */
      readonly reference: Reference | null;
    };

/** A case as it is kept: as it was closed, with what amends it by time and id; else its customer, who may have it open. */
export type KeptCase =
  | { readonly kind: 'closed'; readonly record: CaseRecord; readonly adjustments: readonly Adjustment[] }
  | { readonly kind: 'customer'; readonly customer: Customer };

/**
 * Where everything is kept. Every change of a customer is one conditional write on `version`.
 * Throws {@link OutsideError} when the store does not answer, {@link DamagedItemError} for an item it cannot read.
 */
export type Store = {
  /** Never null: an unknown or expired customer comes back empty (`isKnown` is false), an expired one with its version. */
  load(key: CustomerKey, now: Instant): Promise<Customer>;
  /** Writes `customer`, whose version must be the stored one + 1; else throws {@link VersionConflictError}. */
  save(customer: Customer): Promise<void>;
  /** Takes a customer that cannot be read off the due index and marks it for a person, with the reason. */
  setAside(key: CustomerKey, why: string, now: Instant): Promise<void>;
  /** What is due in a shard at `now`, the earliest first, at most `limit`. May lag behind what was written. */
  due(shard: number, now: Instant, limit: number): Promise<DueEntry[]>;
  /** What was set aside for a person, the longest first, at most `limit`; damaged items too. May lag behind. */
  listStuck(limit: number): Promise<StuckEntry[]>;
  /** Puts a closed case; the same case again is no change. */
  closeCase(record: CaseRecord): Promise<void>;
  /** Puts an adjustment of a closed case under its id; the same id again is no change. */
  putAdjustment(adjustment: Adjustment): Promise<void>;
  /**
   * Puts a full page of a customer's journal; the same page again is no change. Who was forgotten begins at page 0 again, so a
   * page is told by its number and by when its first line was written.
   */
  putJournalPage(key: CustomerKey, page: number, entries: readonly JournalEntry[]): Promise<void>;
  /** The page of that number of a customer's journal that begins last, and not after `until`; or null. */
  loadJournalPage(key: CustomerKey, page: number, until: Instant): Promise<readonly JournalEntry[] | null>;
  /** The cases opened in a month (`YYYY-MM`, UTC), or in it from a moment on, open and closed, each once: closed wins. */
  listCases(month: string, from?: Instant): Promise<CaseSummary[]>;
  /** The cases opened last in a month, the newest first, at most `limit`, on the terms of {@link Store.listCases}. */
  newestCases(month: string, limit: number): Promise<CaseSummary[]>;
  /** The closed cases of a customer, whenever they were opened, by the time of opening and id. */
  listClosedCases(key: CustomerKey): Promise<CaseSummary[]>;
  /** A closed case, or null. */
  loadClosedCase(key: CustomerKey, caseId: string): Promise<CaseRecord | null>;
  /** The adjustments of a customer's closed cases, by time and id. */
  listAdjustments(key: CustomerKey): Promise<Adjustment[]>;
  /** Each of some cases, in their order: what reading them one by one would give, by far fewer requests. */
  loadCases(refs: readonly CaseRef[], now: Instant): Promise<KeptCase[]>;
  loadUnrouted(id: string): Promise<Unrouted | null>;
  /** Writes on the same terms as {@link Store.save}. */
  saveUnrouted(unrouted: Unrouted): Promise<void>;
  deleteUnrouted(id: string): Promise<void>;
  /** Never null: a connection whose log was never walked comes back with version 0. */
  loadCursor(connection: string): Promise<LogCursor>;
  /** Writes on the same terms as {@link Store.save}. */
  saveCursor(cursor: LogCursor): Promise<void>;
  /** Never null: a walk never begun comes back with version 0. */
  loadWalk(connection: string, task: AccountWalk['task']): Promise<AccountWalk>;
  /** Writes on the same terms as {@link Store.save}. */
  saveWalk(walk: AccountWalk): Promise<void>;
  /** Never null: a month (`YYYY-MM`) of which nothing is kept, or nothing as it is counted today, has no sums. */
  loadRollup(month: string): Promise<Rollup>;
  /** Writes on the same terms as {@link Store.save}; or nothing, where the sums do not fit into an item, and says so. */
  saveRollup(rollup: Rollup): Promise<Kept>;
  /** Forgets the sums of a month, and raises its version: what is being folded of it now cannot be kept. */
  markStale(month: string, now: Instant): Promise<void>;
};

/** How a log is walked: only what was not delivered (yet), or everything. */
export type Walk = 'undelivered' | 'all';

/** How far the event log of a connection has been walked: each walk's next one begins there; null = never. */
export type LogCursor = Readonly<Record<Walk, Instant | null>> & {
  readonly connection: string;
  readonly version: number;
};

/** The events made in `[from, to)`, both whole seconds. */
export type LogWindow = { readonly walk: Walk; readonly from: Instant; readonly to: Instant };

/** An event of the provider's log in our words. `ignored`: it is not ours or not used. */
export type LoggedEvent = {
  readonly id: string;
  readonly at: Instant;
  readonly told:
    | Told
    | { readonly kind: 'ignored'; readonly reason: string }
    | { readonly kind: 'refused'; readonly reason: string };
};

/** The newest events of a window come first; `next` goes on after this page, null = it was the last. */
export type LogPage = { readonly events: readonly LoggedEvent[]; readonly next: string | null };

/** The provider's own record of what it told. Each page is one request; throws {@link OutsideError}. */
export type EventLog = {
  read(connection: string, window: LogWindow, after: string | null): Promise<LogPage>;
};

/** What became of something asked of the provider or the mailer. Only `refused` is a definite no. */
export type ActOutcome =
  | {
      readonly kind: 'done';
      readonly why: string;
      readonly facts: readonly Fact[];
      /** Of a mail: its `Message-ID` as the reader's mail program sees it, with the angle brackets. */
      readonly messageId?: string;
    }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'throttled'; readonly why: string }
  | { readonly kind: 'unknown'; readonly why: string };

/** What a refresh is to bring besides: every stored payment method, every subscription. */
export type RefreshAlso = { readonly methods: boolean; readonly subscriptions: boolean };

/** The billing provider. Reads answer with facts; every act carries its idempotency key. */
export type Provider = {
  /**
   * The present state of a customer in at most two calls, and one for each thing wanted `also`: contact, subscriptions, open invoices and those of
   * `invoiceIds`, attempts with their declines. Facts are stamped with `now`, the start of the request.
   */
  refresh(
    key: CustomerKey,
    invoiceIds: readonly string[],
    now: Instant,
    also: RefreshAlso,
  ): Promise<readonly Fact[]>;
  /** Whose it is, as the provider's customer id; null when the provider does not say (yet). */
  resolve(connection: string, reference: Reference): Promise<string | null>;
  /** One try to take the money of an invoice. */
  retry(key: CustomerKey, action: ArmedAction): Promise<ActOutcome>;
  /** Ends what the campaign says is to end. */
  end(key: CustomerKey, action: ArmedAction): Promise<ActOutcome>;
  /** What became of an armed charge or end whose answer never came. */
  lookUp(key: CustomerKey, action: ArmedAction): Promise<ActOutcome>;
  /**
   * The address of a page of the provider's, made now for this customer, on which they change the card that is charged. It
   * leads back to `returnUrl`. Throws {@link OutsideError}.
   */
  portal(key: CustomerKey, returnUrl: string): Promise<string>;
};

/** The messages a customer can get. Each has a template in `emails/`. */
export const MESSAGES = [
  'payment-failed',
  'update-card',
  'confirm-payment',
  'reminder',
  'final-notice',
  'recovered',
  'bank-debit-failed',
  'invoice-overdue',
  'card-expiring',
  'card-expired',
  'renewal-notice',
  'trial-ending',
  'cancelled',
  'win-back',
  'invoice-due',
] as const;
export type Message = (typeof MESSAGES)[number];

/** A message, or another text of it: `reminder.short` says what `reminder` says in words of its own. */
export type MailText = Message | `${Message}.${string}`;

/** The message that a text is of. */
export const messageOf = (text: MailText): Message => text.split('.')[0] as Message;

/** The languages that mails are written in: each has a catalogue in `emails/`. */
export const LANGUAGES = ['en', 'zh-TW', 'zh-CN', 'ja', 'de', 'fr', 'es', 'pt-BR'] as const;
export type Language = (typeof LANGUAGES)[number];

/** What a notice is about: when it comes, and what is then charged (null = not known). */
export type MailNotice = { readonly date: Instant; readonly amount: Money | null };

/** An invoice as a mail shows it. */
export type MailInvoice = {
  readonly number: string | null;
  readonly amount: Money;
  readonly payUrl: string | null;
};

/** Everything a mail may say. Free text from outside (`customerName`, invoice numbers) is made inert by the renderer. */
export type MailRequest = {
  readonly to: string;
  readonly message: MailText;
  readonly language: string;
  readonly customerKey: CustomerKey;
  readonly caseId: string;
  readonly subjectId: string;
  readonly stepId: string;
  readonly customerName: string | null;
  /** What is owed now, the gravest first; for `recovered` what was paid; empty for a notice. */
  readonly invoices: readonly MailInvoice[];
  readonly totals: readonly Money[];
  readonly payUrl: string | null;
  readonly cardLast4: string | null;
  /** The next try that will really come; null = promise none. */
  readonly nextAttemptAt: Instant | null;
  /** The date until which payment is still taken; set for a final notice. */
  readonly endsAt: Instant | null;
  /** Whether what the customer subscribed to ends then; for a final notice. Absent = it does not. */
  readonly endsPlan?: boolean;
  /** Set for a message about what lies ahead: a card's end, a renewal, the end of a trial, a due date. */
  readonly notice: MailNotice | null;
  /** What its reader can be taken off; absent or null = it is about a debt, which goes on until it is settled. */
  readonly stream?: Stream | null;
  /** Where the reader is taken off mails of this kind by one press; absent = there is no such place. */
  readonly unsubscribeUrl?: string | null;
  /** The `Message-ID` of each mail of ours that this one goes on from, oldest first; absent = of none. */
  readonly thread?: readonly string[];
  readonly timeZone: string;
  readonly sender: Sender;
};

/** Who the mails come from. */
export type Sender = {
  readonly name: string;
  readonly email: string;
  readonly replyTo: string;
  readonly supportEmail: string;
  /** Who gets a copy that the reader does not see; absent = nobody. */
  readonly bcc?: string | undefined;
  /** Where the business can be written to by post, as the law asks of mails that advertise. */
  readonly postalAddress?: string | undefined;
};

/** A mail ready to go. */
export type Mail = {
  readonly to: string;
  readonly from: { readonly name: string; readonly email: string };
  readonly replyTo: string;
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  /** Who gets a copy that the reader does not see; absent = nobody. */
  readonly bcc?: string;
  /** For the headers of RFC 8058; absent = the mail is not one to be taken off. */
  readonly unsubscribeUrl?: string | null;
  /** For `In-Reply-To` and `References`, oldest first; absent = it begins a thread of its own. */
  readonly thread?: readonly string[];
  readonly message: MailText;
  readonly language: string;
  readonly customerKey: CustomerKey;
  readonly caseId: string;
  readonly subjectId: string;
  readonly stepId: string;
  /** What is kept of its words. */
  readonly said?: Said;
};

/** Sends mail. `compose` is pure and throws on a template that does not fit, before anything is armed. */
export type Mailer = {
  compose(request: MailRequest): Mail;
  send(mail: Mail): Promise<ActOutcome>;
};

/** What the business itself is told of a case by a `notify` step. No personal data: ids, money, and the reason. */
export type OperatorNotice = {
  readonly to: 'email' | 'webhook';
  /** The operator's address; null where the notice goes to the webhook. */
  readonly email: string | null;
  /** The same for every telling of one step. */
  readonly key: string;
  readonly customerKey: CustomerKey;
  readonly caseId: string;
  readonly subjectId: string;
  readonly stepId: string;
  readonly campaignId: string;
  /** What the policy says with this step; null = nothing. */
  readonly note: string | null;
  readonly failedAt: Instant;
  /** Why the payment fails, as a class and the code behind it. */
  readonly fails: { readonly class: string; readonly because: string };
  readonly invoices: readonly MailInvoice[];
  readonly totals: readonly Money[];
  readonly sender: Sender;
};

/** Tells the business itself. A webhook gets the key, so that it can leave out what it knows. */
export type Notifier = { notify(notice: OperatorNotice): Promise<ActOutcome> };

/** What of an account is gone through, page by page. */
export type AccountList = 'subscriptions' | 'due_invoices' | 'overdue_invoices' | 'failed_invoices';

/** Some customers of an account and what was told of them. `next` goes on after this page, null = it was the last. */
export type AccountPage = {
  readonly customers: readonly { readonly customerId: string; readonly facts: readonly Fact[] }[];
  readonly next: string | null;
};

/** The whole account. Each page is one request; throws {@link OutsideError}. */
export type Account = {
  /**
   * `subscriptions`: those that run, each with its customer and the card that it charges. `overdue_invoices`: open ones
   * that the customer was to pay by now. `failed_invoices`: open ones whose automatic payment was tried and failed.
   */
  read(connection: string, list: AccountList, after: string | null, now: Instant): Promise<AccountPage>;
};

/** How far the mails about the figures have gone: of `FIGURES`, never under way, done up to the end of what was told last. */
export type FiguresTask = 'weekly_digest' | 'monthly_digest' | 'alerts';

/** Stands for the connection of a {@link FiguresTask}: figures are of all connections. */
export const FIGURES = 'all';

/** A walk through an account that can be gone on with. */
export type AccountWalk = {
  readonly connection: string;
  readonly task: 'look_ahead' | 'backfill' | FiguresTask;
  readonly version: number;
  /** The list it is in, and after which of its pages; null = it is not under way. */
  readonly at: { readonly list: AccountList; readonly after: string | null } | null;
  readonly startedAt: Instant | null;
  /** When it last came to the end. */
  readonly doneAt: Instant | null;
  /** Customers seen since it began. */
  readonly seen: number;
};

/** Counts and notes for operators. Never addresses, names or payloads. */
export type Telemetry = {
  count(metric: Metric, fields?: Readonly<Record<string, string | number>>): void;
  /** A figure that rises and falls. */
  gauge(name: Gauge, value: number): void;
};

/** Everything that is counted, by name. */
export type Metric =
  | 'webhook_received'
  | 'signature_refused'
  | 'secret_stale'
  | 'fact_recorded'
  | 'fact_ignored'
  | 'fact_overflow'
  | 'case_opened'
  | 'case_closed'
  | 'step_done'
  | 'step_skipped'
  | 'step_uncertain'
  | 'claim_lost'
  | 'claim_stale'
  | 'conflict_exhausted'
  | 'two_owners'
  | 'customer_set_aside'
  | 'unrouted_set_aside'
  | 'visit_failed'
  | 'throttled'
  | 'invariant_broken'
  | 'reconcile_recorded'
  | 'reconcile_refused'
  | 'reconcile_failed'
  | 'reconcile_gap'
  | 'walk_failed'
  | 'page_opened'
  | 'page_used'
  | 'link_refused'
  | 'portal_failed';

/** Everything that is measured, by name with its unit. */
export type Gauge = 'sweep_lag_seconds' | 'reconcile_lag_seconds';
