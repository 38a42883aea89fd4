// The body of an item: one JSON text with a format number, checked as it is read back.
import * as v from 'valibot';
import type { CustomerKey } from '../../core/ids.ts';
import { DamagedItemError, OutsideError } from '../../core/ports.ts';
import type { AccountWalk, LogCursor } from '../../core/ports.ts';
import { ADJUSTMENT_KINDS } from '../../core/recovery/customer.ts';
import type {
  Adjustment,
  Answer,
  ArmedAction,
  CaseRecord,
  Customer,
  Facts,
  Hold,
  Invoice,
  InvoiceBook,
  JournalEntry,
  Ladder,
  Notice,
  OperatorRetry,
  Outbox,
  Recovery,
  RecoveryCase,
  Register,
  Unrouted,
} from '../../core/recovery/customer.ts';
import type {
  Attempt,
  Contact,
  Fact,
  InvoiceDetails,
  Reference,
  SubscriptionSnapshot,
} from '../../core/recovery/fact.ts';
import type { RequestCount, Requests } from '../../core/recovery/requests.ts';
import type { CaseSummary } from '../../core/reports/outcome.ts';
import type { Instant } from '../../core/time.ts';

/** The format written today. A change of the shape raises it and teaches {@link readBody} the older one. */
export const BODY_FORMAT = 1;

/** DynamoDB takes 400 KB an item; what is left is room for the keys, the index attributes and the summary. */
const MAX_BODY_BYTES = 380 * 1024;

/**
 * An item that cannot be read. It names the field, never what stands there: a log is no place for contacts.
 */
export const damaged = (what: string, field: string): DamagedItemError =>
  new DamagedItemError(`${what} cannot be read: its field "${field}" is missing or not what it should be`);

/** The body of `value` as text. Throws an {@link OutsideError} (`never`) when it would be over 380 KB. */
export const writeBody = (what: string, value: object): string => {
  const body = JSON.stringify({ v: BODY_FORMAT, ...value });
  const bytes = Buffer.byteLength(body);
  if (bytes <= MAX_BODY_BYTES) return body;
  throw new OutsideError(
    `${what} is too large to store: ${Math.ceil(bytes / 1024)} KB, and at most 380 KB fit in an item. ` +
      'Nothing was written. Look at which of its lists has grown without bound, and shorten it.',
    'never',
  );
};

const parse = (what: string, field: string, text: string | undefined): unknown => {
  try {
    return JSON.parse(text ?? '');
  } catch {
    // The parser's own message quotes the text, so it is not passed on.
    throw damaged(what, field);
  }
};

const check = <T>(what: string, value: unknown, schema: v.GenericSchema<unknown, T>): T => {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  throw damaged(what, v.getDotPath(result.issues[0]) ?? 'body');
};

/**
 * The value in the body `text` of the item `what`. Throws {@link DamagedItemError} when it is not JSON or not
 * of the shape, and an {@link OutsideError} (`later`) when a newer version of Recoup wrote it: that is no
 * damage.
 */
export const readBody = <T>(
  what: string,
  text: string | undefined,
  schema: v.GenericSchema<unknown, T>,
): T => {
  const value = parse(what, 'body', text);
  const format = isObject(value) && 'v' in value ? value.v : undefined;
  if (typeof format === 'number' && format > BODY_FORMAT) {
    throw new OutsideError(
      `${what} was written by a newer version of Recoup (format ${format}, this one reads ${BODY_FORMAT}): ` +
        'finish the deployment, or deploy the newer version again',
      'later',
    );
  }
  if (format !== BODY_FORMAT) throw damaged(what, 'v');
  return check(what, value, schema);
};

/** The summary in the index of cases. Throws {@link DamagedItemError}. */
export const readSummary = (what: string, text: string | undefined): CaseSummary =>
  check(what, parse(what, 'summary', text), SUMMARY);

// Shapes. They go as deep as core relies on without looking: every field of an item, every record and list in
// it, and the books. What stands inside one fact was shaped by `merge` and is taken as it was written. The
// compiler holds them to core's types: a field that core adds is a mistake here until its shape is given.

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** Whether a text is an instant in the one form that sorts by time. */
export const isInstant = (value: unknown): value is Instant =>
  typeof value === 'string' && INSTANT.test(value);

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isRegister = (value: unknown): boolean =>
  isObject(value) && 'at' in value && isInstant(value.at) && 'source' in value && 'value' in value;

const isInvoice = (value: unknown): boolean => {
  if (!isObject(value)) return false;
  const invoice: Partial<Invoice> = value;
  return (
    [invoice.id, invoice.currency, invoice.status].every((field) => typeof field === 'string') &&
    [invoice.amounts, invoice.schedule, invoice.details].every(isRegister)
  );
};

const MINOR_FIELDS: readonly (keyof InvoiceBook)[] = [
  'failedMinor',
  'recoveredMinor',
  'withdrawnMinor',
  'lostMinor',
  'openMinor',
];

const isBook = (value: unknown): boolean => {
  if (!isObject(value)) return false;
  const book: Partial<InvoiceBook> = value;
  return (
    [book.subjectId, book.invoiceId, book.currency, book.outcome].every(
      (field) => typeof field === 'string',
    ) && MINOR_FIELDS.every((field) => Number.isSafeInteger(book[field]))
  );
};

const isLadder = (value: unknown): boolean => {
  if (!isObject(value)) return false;
  const ladder: Partial<Ladder> = value;
  return (
    typeof ladder.subjectId === 'string' &&
    typeof ladder.invoiceId === 'string' &&
    isInstant(ladder.anchor) &&
    Array.isArray(ladder.steps) &&
    ladder.steps.every(isObject)
  );
};

const isNotice = (value: unknown): boolean => {
  if (!isObject(value)) return false;
  const notice: Partial<Notice> = value;
  return (
    [notice.subjectId, notice.kind, notice.aboutId].every((field) => typeof field === 'string') &&
    isInstant(notice.date) &&
    Array.isArray(notice.steps) &&
    notice.steps.every(isObject)
  );
};

const one = <T extends object>(fits: (value: unknown) => boolean = isObject) => v.custom<T>(fits);

const list = <T extends object>(fits: (value: unknown) => boolean = isObject) =>
  v.custom<readonly T[]>((value) => Array.isArray(value) && value.every(fits));

const record = <T extends object>(fits: (value: unknown) => boolean = isObject) =>
  v.custom<T>((value) => isObject(value) && Object.values(value).every(fits));

const register = <T>() => v.nullable(v.custom<Register<T>>(isRegister));

const instant = v.custom<Instant>(isInstant);
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const key = v.custom<CustomerKey>((value) => typeof value === 'string');

// What older items do not hold is not known: facts came to have these fields later.
const UNKNOWN_CONTACT = { timeZone: null, metadata: {} } satisfies Partial<Contact>;
const UNKNOWN_PLANS = { productIds: [], planIds: [] } satisfies Partial<InvoiceDetails>;
const UNKNOWN_SUBSCRIPTION = {
  planIds: [],
  productIds: [],
  interval: null,
  currentPeriodEnd: null,
  amountMinor: null,
  currency: null,
  startedAt: null,
  trialEndsAt: null,
  collectionMethod: null,
} satisfies Partial<SubscriptionSnapshot>;

const UNKNOWN_ATTEMPT = { methodType: null } satisfies Partial<Attempt>;

/** The register with what its value lacks of `unknown`; the very same when it lacks nothing. */
const completed = <R extends Register<object>>(told: R, unknown: Partial<R['value']>): R => {
  const { value } = told;
  if (!isObject(value)) return told;
  const missing = Object.entries(unknown).filter(([field]) => !Object.hasOwn(value, field));
  return missing.length === 0 ? told : { ...told, value: { ...value, ...Object.fromEntries(missing) } };
};

const contact = () =>
  v.pipe(
    register<Contact>(),
    v.transform((told) => told && completed(told, UNKNOWN_CONTACT)),
  );

/** A record each of whose entries is made what it is today. */
const renewed = <T extends object>(all: Readonly<Record<string, T>>, renew: (each: T) => T) =>
  Object.fromEntries(Object.entries(all).map(([id, each]) => [id, renew(each)]));

const FACTS = v.object({
  contact: contact(),
  invoiceContact: contact(),
  defaultMethod: register<string | null>(),
  customerSince: v.optional(v.nullable(instant), null),
  aheadAt: v.optional(v.nullable(instant), null),
  importedAt: v.optional(v.nullable(instant), null),
  subscriptions: v.pipe(
    record<Facts['subscriptions']>(isRegister),
    v.transform((all) => renewed(all, (each) => completed(each, UNKNOWN_SUBSCRIPTION))),
  ),
  invoices: v.pipe(
    record<Facts['invoices']>(isInvoice),
    v.transform((all) =>
      renewed(all, (each) => ({ ...each, details: completed(each.details, UNKNOWN_PLANS) })),
    ),
  ),
  changes: record<Facts['changes']>(),
  attempts: v.pipe(
    record<Facts['attempts']>(),
    v.transform((all) => renewed(all, (each) => ({ ...UNKNOWN_ATTEMPT, ...each }))),
  ),
  methods: record<Facts['methods']>(isRegister),
  cards: record<Facts['cards']>(isRegister),
  mandates: record<Facts['mandates']>(isRegister),
  inFlight: record<Facts['inFlight']>(isRegister),
  disputes: record<Facts['disputes']>(isRegister),
  refunds: record<Facts['refunds']>(isRegister),
  reversals: record<Facts['reversals']>(),
  deliveries: record<Facts['deliveries']>(),
  unreachable: record<Facts['unreachable']>(isInstant),
  deletedAt: v.nullable(instant),
  erasedAt: v.nullable(instant),
  tombstones: record<Facts['tombstones']>(),
}) satisfies v.GenericSchema<unknown, Facts>;

const CASE = v.object({
  id: v.string(),
  openedAt: instant,
  // A ladder's own time of opening came later; before, none was found late. So did the cards on file.
  ladders: v.pipe(
    list<Ladder>(isLadder),
    v.transform((all) =>
      all.map((each) => ({
        ...each,
        openedAt: each.openedAt ?? each.anchor,
        onFile: each.onFile ?? null,
      })),
    ),
  ),
  books: list<InvoiceBook>(isBook),
}) satisfies v.GenericSchema<unknown, RecoveryCase>;

const RECOVERY = v.object({
  case: v.nullable(CASE),
  // Not in what was written before there were notices.
  notices: v.optional(list<Notice>(isNotice), []),
  lastAskedAt: v.nullable(instant),
  hold: v.nullable(one<Hold>()),
  retries: list<OperatorRetry>(),
  // Not in what was written before customers had a page.
  answers: v.optional(list<Answer>(), []),
  unsubscribed: v.optional(record<Recovery['unsubscribed']>(isInstant), {}),
  linksRevokedAt: v.optional(v.nullable(instant), null),
  exposure: record<Recovery['exposure']>(),
  journal: list<JournalEntry>(),
  journalPages: count,
}) satisfies v.GenericSchema<unknown, Recovery>;

const REQUESTS = v.object({ received: count, visits: count, writes: count }) satisfies v.GenericSchema<
  unknown,
  Requests
>;

const REQUEST_COUNT = v.object({
  received: count,
  visits: count,
  // Below 0 where more was put beside a new item than it was written.
  before: v.pipe(v.number(), v.safeInteger()),
}) satisfies v.GenericSchema<unknown, RequestCount>;

/** The body of a closed case. */
export const CLOSED_CASE = v.object({
  id: v.string(),
  key,
  openedAt: instant,
  closedAt: v.nullable(instant),
  invoices: list<InvoiceBook>(isBook),
  // Not in what was written before there were reports.
  failures: v.optional(list<CaseRecord['failures'][number]>(), []),
  steps: list<CaseRecord['steps'][number]>(),
  answers: v.optional(list<CaseRecord['answers'][number]>(), []),
  // Not in what was written before cases had it.
  exposure: v.optional(record<CaseRecord['exposure']>(), {}),
  journal: list<JournalEntry>(),
  // Not in what was written before requests were counted; so in the customer's item.
  requests: v.optional(v.nullable(REQUESTS), null),
  journalPages: v.exactOptional(count),
}) satisfies v.GenericSchema<unknown, CaseRecord>;

/** The body of a page of a customer's journal. */
export const JOURNAL_PAGE = v.object({ key, page: count, entries: list<JournalEntry>() });

/** The body of an adjustment. */
export const ADJUSTMENT = v.object({
  id: v.string(),
  caseId: v.string(),
  key,
  subjectId: v.string(),
  kind: v.picklist(ADJUSTMENT_KINDS),
  at: instant,
  amount: v.object({ minor: v.pipe(v.number(), v.safeInteger()), currency: v.string() }),
}) satisfies v.GenericSchema<unknown, Adjustment>;

const OUTBOX = v.object({
  closed: v.nullable(CLOSED_CASE),
  adjustments: v.array(ADJUSTMENT),
  journal: v.nullable(v.object({ page: count, entries: list<JournalEntry>() })),
}) satisfies v.GenericSchema<unknown, Outbox>;

/** What was armed before charges could name a method names none. */
const ARMED = v.pipe(
  one<ArmedAction>(),
  v.transform((armed) => ({ ...armed, methodId: armed.methodId ?? null })),
);

/** The body of a customer's item. */
export const CUSTOMER = v.object({
  key,
  version: count,
  dueAt: v.nullable(instant),
  pending: v.nullable(v.object({ token: count, leaseUntil: instant, armed: v.nullable(ARMED) })),
  trouble: v.nullable(v.object({ count, lastAt: instant, why: v.string() })),
  setAsideAt: v.nullable(instant),
  facts: FACTS,
  recovery: RECOVERY,
  outbox: v.nullable(OUTBOX),
  requests: v.optional(v.nullable(REQUEST_COUNT), null),
  expiresAt: v.nullable(instant),
}) satisfies v.GenericSchema<unknown, Customer>;

/** The body of a fact that names no customer. */
export const UNROUTED = v.object({
  id: v.string(),
  connection: v.string(),
  version: count,
  dueAt: v.nullable(instant),
  tries: count,
  reference: one<Reference>(),
  fact: one<Fact>(),
  receivedAt: instant,
  // Not in what was written before facts had it.
  setAsideAt: v.optional(v.nullable(instant), null),
  setAsideWhy: v.nullable(v.string()),
}) satisfies v.GenericSchema<unknown, Unrouted>;

/** The body of a cursor. */
export const CURSOR = v.object({
  connection: v.string(),
  version: count,
  undelivered: v.nullable(instant),
  all: v.nullable(instant),
}) satisfies v.GenericSchema<unknown, LogCursor>;

/** The body of a walk through an account. */
export const WALK = v.object({
  connection: v.string(),
  task: v.picklist(['look_ahead', 'backfill', 'weekly_digest', 'monthly_digest', 'alerts']),
  version: count,
  at: v.nullable(
    v.object({
      list: v.picklist(['subscriptions', 'due_invoices', 'overdue_invoices', 'failed_invoices']),
      after: v.nullable(v.string()),
    }),
  ),
  startedAt: v.nullable(instant),
  doneAt: v.nullable(instant),
  seen: count,
}) satisfies v.GenericSchema<unknown, AccountWalk>;

const SUMMARY = v.object({
  id: v.string(),
  key,
  openedAt: instant,
  closedAt: v.nullable(instant),
  outcome: v.picklist(['open', 'recovered', 'withdrawn', 'lost']),
  invoices: count,
  totals: record<CaseSummary['totals']>(),
}) satisfies v.GenericSchema<unknown, CaseSummary>;
