// Money that leaves again after it was recovered: refunds, disputes, returned debits, each one dated entry.
import { money, within } from '../money.ts';
import { addMs, earlier, later, type Instant } from '../time.ts';
import type {
  Adjustment,
  Customer,
  Departure,
  Facts,
  InvoiceBook,
  Ladder,
  RecoveredPart,
  Register,
  Tombstone,
  TombstoneMoney,
} from './customer.ts';
import { paidPartsOf, settledAtOf } from '../reports/failure.ts';
import type { Dispute, Fact, Refund, Reversal } from './fact.ts';
import { own, same } from './merge.ts';
import { SNAPSHOT_LEEWAY_MS } from './settle.ts';

/**
 * Single refunds, disputes and returns that one invoice remembers; of more refunds the charge's running total
 * tells.
 */
const MAX_DEPARTURES = 20;
const MAX_PAYMENT_IDS = 12;
const MAX_RECOVERED = 20;

const NO_MONEY: TombstoneMoney = { paymentIds: [], recovered: [], owedMinor: 0, left: {} };

/** Something that left, as it was told: nothing of it counts yet. */
type Left = Pick<Departure, 'kind' | 'at' | 'minor' | 'isTotal' | 'paymentIds' | 'backAt'> & {
  /** `<kind>:<the provider's id>` */
  readonly name: string;
  readonly currency: string;
};

const someIds = (...ids: readonly (string | null | undefined)[]): string[] =>
  [...new Set(ids.filter((id) => typeof id === 'string'))].sort();

const refundLeft = ({ at, value }: Pick<Register<Refund>, 'at' | 'value'>): Left => ({
  name: `refund:${value.id}`,
  kind: 'refund',
  currency: value.currency,
  minor: value.amountMinor,
  at: value.createdAt ?? at,
  isTotal: value.id === value.chargeId,
  paymentIds: someIds(value.chargeId, value.paymentIntentId),
  backAt: value.failedAt ?? (value.failed ? at : null),
});

/** null: it takes no money, or it was not told when it did. */
const disputeLeft = ({ value }: Pick<Register<Dispute>, 'value'>): Left | null =>
  value.amountMinor === null || value.currency === null || !value.takenAt
    ? null
    : {
        name: `dispute:${value.id}`,
        kind: 'dispute',
        currency: value.currency,
        minor: value.amountMinor,
        at: value.takenAt,
        isTotal: false,
        paymentIds: someIds(value.chargeId, value.paymentIntentId),
        backAt: value.backAt ?? null,
      };

const reversalLeft = ({ id, at, amountMinor, currency, paymentIntentId }: Reversal): Left => ({
  name: `reversal:${id}`,
  kind: 'reversal',
  currency,
  minor: amountMinor,
  at,
  isTotal: false,
  paymentIds: someIds(id, paymentIntentId),
  backAt: null,
});

const newDeparture = (left: Left): Departure => ({
  kind: left.kind,
  at: left.at,
  minor: left.minor,
  isTotal: left.isTotal,
  paymentIds: left.paymentIds,
  backAt: left.backAt,
  countedMinor: 0,
  subjectId: null,
  entries: 0,
  isBack: false,
});

/**
 * Of a running total the newest counts, of all else the greatest amount and the earliest time: the order does
 * not matter.
 */
const joined = (known: Departure, left: Left): Departure => {
  const paymentIds = someIds(...known.paymentIds, ...left.paymentIds);
  if (!known.isTotal) {
    const at = earlier(known.at, left.at) as Instant;
    const minor = Math.max(known.minor, left.minor);
    return { ...known, at, minor, paymentIds, backAt: earlier(known.backAt, left.backAt) };
  }
  const isNewer = left.at > known.at || (left.at === known.at && left.minor > known.minor);
  return { ...known, paymentIds, ...(isNewer && { at: left.at, minor: left.minor }) };
};

/** What is remembered once something that left was told; the very same when that is no news. */
const withLeft = (standing: TombstoneMoney, left: Left): TombstoneMoney => {
  const known = own(standing.left, left.name);
  const isFull = Object.values(standing.left).filter(({ isTotal }) => !isTotal).length >= MAX_DEPARTURES;
  if (left.minor <= 0 || (known === null && isFull && !left.isTotal)) return standing;
  const next = known === null ? newDeparture(left) : joined(known, left);
  if (known !== null && same(next, known)) return standing;
  return { ...standing, left: { ...standing.left, [left.name]: next } };
};

const isOf = ({ currency, money: standing }: Tombstone, left: Left): boolean =>
  currency === left.currency && left.paymentIds.some((id) => standing?.paymentIds.includes(id));

/**
 * Whether money that left by this fact was recovered in a closed case, and the tombstone does not know of it
 * yet.
 */
export const isLateDeparture = (fact: Fact, tombstones: Facts['tombstones']): boolean => {
  const left =
    fact.kind === 'refund'
      ? refundLeft({ at: fact.at, value: fact.refund })
      : fact.kind === 'dispute'
        ? disputeLeft({ value: fact.dispute })
        : null;
  if (left === null) return false;
  return Object.values(tombstones).some(
    (tombstone) =>
      tombstone.money !== undefined &&
      isOf(tombstone, left) &&
      withLeft(tombstone.money, left) !== tombstone.money,
  );
};

/** The working copy of what left of one invoice. */
type Ledger = Map<string, Departure>;

const areOfOnePayment = (a: Departure, b: Departure): boolean =>
  a.paymentIds.some((id) => b.paymentIds.includes(id));

/** The single refunds that a charge's running total may hold: those that were made before it was told. */
const singlesIn = (ledger: Ledger, total: Departure): [string, Departure][] =>
  [...ledger].filter(
    ([, one]) =>
      one.kind === 'refund' &&
      !one.isTotal &&
      areOfOnePayment(one, total) &&
      one.at <= addMs(total.at, SNAPSHOT_LEEWAY_MS),
  );

/** What there is to count: of a charge's running total only what exceeds the single refunds in it. */
const wantedOf = (ledger: Ledger, departure: Departure): number => {
  if (!departure.isTotal) return departure.minor;
  const held = singlesIn(ledger, departure)
    .filter(([, { backAt }]) => backAt === null || backAt > departure.at)
    .reduce((sum, [, { minor }]) => sum + minor, 0);
  return Math.max(0, departure.minor - held);
};

/**
 * What a running total has counted and single refunds explain now counts as theirs: it is in the books
 * already.
 */
const withExplained = (ledger: Ledger): void => {
  for (const [name, total] of ledger) {
    if (!total.isTotal) continue;
    let surplus = total.countedMinor - wantedOf(ledger, total);
    for (const [singleName, single] of singlesIn(ledger, total)) {
      const moved = within(single.minor - single.countedMinor, Math.max(0, surplus));
      if (moved === 0 || single.isBack || (single.subjectId ?? total.subjectId) !== total.subjectId) continue;
      surplus -= moved;
      ledger.set(singleName, {
        ...single,
        countedMinor: single.countedMinor + moved,
        subjectId: total.subjectId,
      });
      const standing = ledger.get(name) ?? total;
      ledger.set(name, { ...standing, countedMinor: standing.countedMinor - moved });
    }
  }
};

/**
 * How much more may leave of what was recovered of a failure at a time: by then and at each later departure,
 * no more than had been recovered until then. So it does not matter in which order departures are told.
 */
const roomOf = (
  ledger: Ledger,
  recovered: readonly RecoveredPart[],
  subjectId: string,
  at: Instant,
): number => {
  const counted = [...ledger.values()].filter((one) => one.subjectId === subjectId && !one.isBack);
  const parts = recovered.filter((part) => part.subjectId === subjectId);
  const until = (time: Instant): number =>
    parts.filter((part) => part.at <= time).reduce((sum, { minor }) => sum + minor, 0) -
    counted.filter((one) => one.at <= time).reduce((sum, { countedMinor }) => sum + countedMinor, 0);
  const times = [at, ...counted.map((one) => one.at).filter((time) => time > at)];
  return Math.max(0, Math.min(...times.map(until)));
};

/**
 * The failure that money which left had recovered: of several the latest of which any is left. null = none.
 */
const subjectFor = (
  ledger: Ledger,
  recovered: readonly RecoveredPart[],
  { at, subjectId }: Departure,
): string | null => {
  if (subjectId !== null) return subjectId;
  const before = recovered.filter((part) => part.at <= at).sort((a, b) => (a.at > b.at ? -1 : 1));
  return before.find((part) => roomOf(ledger, recovered, part.subjectId, at) > 0)?.subjectId ?? null;
};

type Entry = Pick<Adjustment, 'id' | 'kind' | 'subjectId' | 'at'> & { readonly minor: number };

const BACK = { refund: 'refund_failed', dispute: 'dispute_won', reversal: null } as const;

/** Counts what left, as far as it was recovered, and then what came back of it. */
const counted = (ledger: Ledger, name: string, recovered: readonly RecoveredPart[]): Entry[] => {
  const departure = ledger.get(name);
  if (departure === undefined || departure.isBack) return [];
  const { kind, at, backAt, countedMinor, entries } = departure;
  const subjectId = subjectFor(ledger, recovered, departure);
  const room = subjectId === null ? 0 : roomOf(ledger, recovered, subjectId, at);
  const minor = within(wantedOf(ledger, departure) - countedMinor, room);
  const made: Entry[] = [];
  let next: Departure = departure;
  if (subjectId !== null && minor > 0) {
    made.push({ id: entries === 0 ? name : `${name}:${entries + 1}`, kind, subjectId, at, minor });
    next = { ...next, subjectId, countedMinor: countedMinor + minor, entries: entries + 1 };
  }
  const back = BACK[kind];
  if (backAt !== null && back !== null) {
    const id = `${back}:${name.slice(kind.length + 1)}`;
    // It cannot have come back before it left, whatever the stamps say.
    const when = backAt < at ? at : backAt;
    if (next.subjectId !== null && next.countedMinor > 0)
      made.push({ id, kind: back, subjectId: next.subjectId, at: when, minor: next.countedMinor });
    next = { ...next, isBack: true };
  }
  ledger.set(name, next);
  return made;
};

/** One tombstone with everything counted that can be, and the entries that it comes to. */
const settledLedger = (standing: TombstoneMoney): { money: TombstoneMoney; entries: Entry[] } => {
  const ledger: Ledger = new Map(Object.entries(standing.left));
  withExplained(ledger);
  const inOrder = [...ledger].sort(([a, one], [b, other]) =>
    one.at < other.at || (one.at === other.at && a < b) ? -1 : 1,
  );
  const entries = inOrder.flatMap(([name]) => counted(ledger, name, standing.recovered));
  return { money: { ...standing, left: Object.fromEntries(ledger) }, entries };
};

const toldLeft = ({ refunds, disputes }: Facts): Left[] => [
  ...Object.values(refunds).map(refundLeft),
  ...Object.values(disputes).flatMap((dispute) => disputeLeft(dispute) ?? []),
];

/**
 * The payments of an invoice that came back. None can have done so before the invoice was recovered: a
 * refresh knows only when it was at the earliest, and perhaps not when the invoice was paid either.
 */
const returnedOf = (
  { reversals }: Facts,
  invoiceId: string,
  currency: string,
  { recovered }: TombstoneMoney,
): Left[] => {
  const paidAt = recovered
    .filter(({ subjectId }) => subjectId === invoiceId)
    .reduce<Instant | null>((last, { at }) => later(last, at), null);
  return Object.values(reversals)
    .filter((reversal) => reversal.invoiceId === invoiceId && reversal.currency === currency)
    .map((reversal) => reversalLeft({ ...reversal, at: later(reversal.at, paidAt) as Instant }));
};

const settledMoney = (customer: Customer, invoiceId: string, tombstone: Tombstone, told: readonly Left[]) => {
  if (tombstone.money === undefined) return { tombstone, adjustments: [] };
  const back = returnedOf(customer.facts, invoiceId, tombstone.currency, tombstone.money);
  const known = [...told.filter((left) => isOf(tombstone, left)), ...back].reduce(withLeft, tombstone.money);
  if (Object.keys(known.left).length === 0) return { tombstone, adjustments: [] };
  const { money: settled, entries } = settledLedger(known);
  const adjustments = entries.map(({ minor, subjectId, ...entry }): Adjustment => {
    const part = settled.recovered.find((one) => one.subjectId === subjectId);
    return {
      ...entry,
      subjectId,
      caseId: part?.caseId ?? tombstone.caseId,
      key: customer.key,
      amount: money(minor, tombstone.currency),
    };
  });
  return { tombstone: { ...tombstone, money: settled }, adjustments };
};

/**
 * What left again of money that was recovered in a closed case, or came in late for one: an adjustment each,
 * dated when it left, and the tombstones that know of it. Together they never come to more than was recovered
 * of the failure by then. A refund in another currency than the invoice's cannot be told in its money and
 * counts nowhere.
 */
export const lateDepartures = (customer: Customer): { customer: Customer; adjustments: Adjustment[] } => {
  const { facts } = customer;
  const told = toldLeft(facts);
  const adjustments: Adjustment[] = [];
  const tombstones = Object.entries(facts.tombstones).map(([invoiceId, tombstone]) => {
    const settled = settledMoney(customer, invoiceId, tombstone, told);
    adjustments.push(...settled.adjustments);
    return [invoiceId, settled.tombstone] as const;
  });
  return {
    customer: { ...customer, facts: { ...facts, tombstones: Object.fromEntries(tombstones) } },
    adjustments,
  };
};

/**
 * The ids of the payments that an invoice may have been paid by. Charges that were declined took no money, so
 * none leaves; payment intents come first, for they stand behind several tries.
 */
const paymentIdsOf = (facts: Facts, invoiceId: string): readonly string[] => {
  const tries = Object.values(facts.attempts).filter((attempt) => attempt.invoiceId === invoiceId);
  const declined = new Set(
    Object.values(facts.attempts).flatMap(({ id, result, paymentIntentId }) =>
      result === 'declined' && id !== paymentIntentId ? [id] : [],
    ),
  );
  const intents = tries.map(({ paymentIntentId }) => paymentIntentId);
  const charges = tries.flatMap(({ id, result }) => (result === 'succeeded' ? [id] : []));
  const all = someIds(...(own(facts.invoices, invoiceId)?.paymentIds ?? []), ...intents, ...charges);
  return all
    .filter((id) => !declined.has(id))
    .sort((a, b) => Number(intents.includes(b)) - Number(intents.includes(a)));
};

const withIds = (standing: TombstoneMoney, ids: readonly string[]): TombstoneMoney => {
  const paymentIds = [...new Set([...standing.paymentIds, ...ids])].slice(0, MAX_PAYMENT_IDS);
  return { ...standing, paymentIds };
};

/** Of more parts than are remembered the last of the failure takes the rest. */
const withPart = (standing: TombstoneMoney, part: RecoveredPart): TombstoneMoney => {
  if (part.minor <= 0) return standing;
  const { recovered } = standing;
  const last = recovered.findLastIndex(({ subjectId }) => subjectId === part.subjectId);
  const isFull = recovered.length >= MAX_RECOVERED && last >= 0;
  const next = isFull
    ? recovered.map((one, i) => (i === last ? { ...part, minor: one.minor + part.minor } : one))
    : [...recovered, part];
  return { ...standing, recovered: next };
};

/**
 * The tombstone of an invoice with what was recovered of one of its failures in the case that is being closed
 * at `now`.
 */
export const withBook = (
  tombstone: Tombstone,
  facts: Facts,
  ladder: Ladder,
  book: InvoiceBook,
  caseId: string,
  now: Instant,
): Tombstone => {
  const { subjectId, invoiceId, reversalId } = ladder;
  const invoice = reversalId === null ? own(facts.invoices, invoiceId) : null;
  const settledAt = settledAtOf(facts, ladder, invoice, book, now) ?? now;
  const restAt = book.outcome === 'recovered' ? settledAt : ladder.anchor;
  const known = withIds(tombstone.money ?? NO_MONEY, paymentIdsOf(facts, invoiceId));
  const owedMinor = reversalId === null ? book.lostMinor + book.withdrawnMinor : known.owedMinor;
  const paid = paidPartsOf(facts, ladder, book, restAt).map((part) => ({ subjectId, caseId, ...part }));
  return { ...tombstone, money: paid.reduce(withPart, { ...known, owedMinor }) };
};

/**
 * The tombstone after a late payment of one of its failures, by which the invoice was recovered no further
 * than it had been lost or withdrawn. One that was written before this was counted stays as it is: nobody
 * knows what is still owed of it.
 */
export const withLatePayment = (
  tombstone: Tombstone,
  facts: Facts,
  invoiceId: string,
  part: RecoveredPart,
): Tombstone => {
  const { money: standing } = tombstone;
  if (standing === undefined) return tombstone;
  const known = withIds(standing, paymentIdsOf(facts, invoiceId));
  // What is paid again of a returned payment was bounded by what is owed of that one.
  if (part.subjectId !== invoiceId) return { ...tombstone, money: withPart(known, part) };
  const minor = within(part.minor, known.owedMinor);
  const owedMinor = known.owedMinor - minor;
  return { ...tombstone, money: withPart({ ...known, owedMinor }, { ...part, minor }) };
};
