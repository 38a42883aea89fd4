// Cases for people who look for some: pages of them, the newest first, and everything that is known of one.
import { caseIdFor, type CustomerKey } from '../ids.ts';
import type { Store } from '../ports.ts';
import type { Customer, JournalEntry, Outcome } from '../recovery/customer.ts';
import { caseOutcome, summaryOf, type CaseSummary } from '../reports/outcome.ts';
import type { Period } from '../reports/period.ts';
import { reportCase, type FailureRow, type ReportCase } from '../reports/rows.ts';
import { addMs, type Instant } from '../time.ts';
import { monthsBetween, openCaseOf, readEach } from './read-cases.ts';
import { takenBy, type ReportQuery } from './read-report.ts';
import { compare } from '../order.ts';

/** Which cases are meant: those opened in the period, and of them those of which one failure is taken by every filter. */
export type CaseQuery = Period &
  Pick<ReportQuery, 'currency' | 'only'> & {
    /** What the case came to, late payments counted in. */
    readonly outcome?: Outcome | undefined;
    /** The provider's id of an invoice that it has to hold. */
    readonly invoice?: string | undefined;
    /** Only of these customers; absent = of all. */
    readonly customers?: readonly CustomerKey[] | undefined;
  };

/** Where a list goes on: after this case. None of it ever changes, so pages hold while cases are written. */
export type CasePlace = Pick<CaseSummary, 'openedAt' | 'id' | 'key'>;

/** A page. It can hold fewer cases than asked for, even none: only `next` says whether it is the last. */
export type CasesPage = { readonly cases: readonly ReportCase[]; readonly next: CasePlace | null };

/** How many cases are read before it is looked whether the page is full, and for one page at most. */
const BATCH = 16;
export const MAX_LOOKED_AT = 800;

/** The newest first. Ids are told apart by the customer's key, as two connections may have the same. */
const byPlace = (a: CasePlace, b: CasePlace): number =>
  compare(b.openedAt, a.openedAt) || compare(b.id, a.id) || compare(b.key, a.key);

/** What a case of an outcome may stand in the index as: a payment that came later is not told there. */
const INDEXED_AS: Readonly<Record<Outcome, readonly Outcome[]>> = {
  open: ['open'],
  lost: ['lost'],
  withdrawn: ['withdrawn'],
  recovered: ['recovered', 'lost', 'withdrawn'],
};

/** Whether the index alone does not rule a case out, so that only the others are read. */
const mayBeMeant =
  ({ outcome, currency, invoice }: CaseQuery) =>
  (summary: CaseSummary): boolean =>
    (outcome === undefined || INDEXED_AS[outcome].includes(summary.outcome)) &&
    (currency === undefined || Object.hasOwn(summary.totals, currency)) &&
    // A case is named after the invoice, or the returned payment of one, that opened it.
    (invoice === undefined ||
      summary.invoices > 1 ||
      summary.id === caseIdFor(invoice) ||
      summary.id.startsWith(caseIdFor(`${invoice}:`)));

const isMeant = (query: CaseQuery): ((one: ReportCase) => boolean) => {
  const takes = takenBy(query);
  const { outcome, invoice } = query;
  const holds = ({ invoiceId }: FailureRow) => invoice === undefined || invoiceId === invoice;
  return ({ rows }) =>
    rows.some((row) => takes(row) && holds(row)) &&
    (outcome === undefined || caseOutcome(rows.map((row) => row.outcome)) === outcome);
};

/** The places of what may be meant, the newest first. */
const placesAmong = (
  summaries: readonly CaseSummary[],
  query: CaseQuery,
  after: CasePlace | null,
): readonly CasePlace[] =>
  summaries
    .filter((one) => one.openedAt >= query.from && one.openedAt < query.to && mayBeMeant(query)(one))
    .filter((one) => after === null || byPlace(after, one) < 0)
    .sort(byPlace);

/** The same month by month. */
async function* placesIn(store: Store, query: CaseQuery, after: CasePlace | null): AsyncGenerator<CasePlace> {
  const { from, to } = query;
  const last = addMs(after !== null && after.openedAt < to ? addMs(after.openedAt, 1) : to, -1);
  for (const month of monthsBetween(from, last).reverse()) {
    yield* placesAmong(await store.listCases(month), query, after);
  }
}

/** Every case of one customer: those that are closed, and the one that is open or is being closed. */
const summariesOf = async (store: Store, key: CustomerKey, now: Instant): Promise<readonly CaseSummary[]> => {
  const customer = await store.load(key, now);
  const closed = await store.listClosedCases(key);
  const current = [openCaseOf(customer), customer.outbox?.closed ?? null].flatMap((one) => one ?? []);
  return [...closed, ...current.filter(({ id }) => closed.every((one) => one.id !== id)).map(summaryOf)];
};

/** The same of some customers alone. */
const placesOf = async (
  store: Store,
  customers: readonly CustomerKey[],
  query: CaseQuery,
  after: CasePlace | null,
  now: Instant,
): Promise<readonly CasePlace[]> => {
  const all = await Promise.all(customers.map((key) => summariesOf(store, key, now)));
  return placesAmong(all.flat(), query, after);
};

/**
 * A page of at most `limit` cases, after a place, or from the newest on. What the index cannot say is read, {@link MAX_LOOKED_AT}
 * cases a page at most: a page of a rare filter may be short, and goes on all the same. Throws `OutsideError`.
 */
export const listCases = async (
  store: Store,
  query: CaseQuery,
  { after, limit }: { readonly after: CasePlace | null; readonly limit: number },
  now: Instant,
): Promise<CasesPage> => {
  const places = query.customers
    ? await placesOf(store, query.customers, query, after, now)
    : placesIn(store, query, after);
  const takes = isMeant(query);
  const found: ReportCase[] = [];
  let [looked, batch]: [number, CasePlace[]] = [0, []];
  const readBatch = async () => {
    for await (const { one } of readEach(store, batch, now)) if (one && takes(one)) found.push(one);
    looked += batch.length;
    batch = [];
  };
  for await (const place of places) {
    batch.push(place);
    if (batch.length < BATCH) continue;
    await readBatch();
    // One more than asked for tells that there are more.
    if (found.length > limit) break;
    if (looked >= MAX_LOOKED_AT) return { cases: found, next: placeOf(place) };
  }
  await readBatch();
  const cases = found.slice(0, limit);
  const last = cases.at(-1);
  return { cases, next: found.length > limit && last ? placeOf(last.record) : null };
};

const placeOf = ({ openedAt, id, key }: CasePlace): CasePlace => ({ openedAt, id, key });

/** One case with the customer it is of. */
export type CaseFile = { readonly customer: Customer; readonly one: ReportCase; readonly isOpen: boolean };

/** How many older pages of the journal a case has: those of the customer up to the lines that stand in it. */
export const olderPagesOf = ({ customer, one, isOpen }: CaseFile): number =>
  isOpen ? customer.recovery.journalPages : (one.record.journalPages ?? 0);

/**
 * An older page of the journal of a case, the oldest line first; 1 = the lines just before those that stand in the case. The
 * journal is the customer's, so the last pages may be of cases before it; those of a time after it, when the customer had been
 * forgotten and came back, are none of its own. Null when there is no such page. Throws `OutsideError`.
 */
export const readOlderPage = async (
  store: Store,
  file: CaseFile,
  page: number,
  now: Instant,
): Promise<readonly JournalEntry[] | null> => {
  const stored = olderPagesOf(file) - page;
  if (stored < 0) return null;
  const { key, outbox } = file.customer;
  const until = file.one.record.closedAt ?? now;
  // It was cut off in a visit that has not put it yet.
  const leaving = outbox?.journal ?? null;
  const isOwn = leaving?.page === stored && leaving.entries.every(({ at }) => at <= until);
  return isOwn ? leaving.entries : store.loadJournalPage(key, stored, until);
};

/** Reads one case, or null when there is none of that name. Throws `OutsideError`. */
export const readCaseFile = async (
  store: Store,
  key: CustomerKey,
  caseId: string,
  now: Instant,
): Promise<CaseFile | null> => {
  const customer = await store.load(key, now);
  const leaving = customer.outbox?.closed ?? null;
  const closed = leaving?.id === caseId ? leaving : await store.loadClosedCase(key, caseId);
  if (closed) {
    return { customer, one: reportCase(closed, await store.listAdjustments(key)), isOpen: false };
  }
  const open = openCaseOf(customer);
  return open?.id === caseId ? { customer, one: reportCase(open), isOpen: true } : null;
};
