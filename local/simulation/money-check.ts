// The money of a report by month against the provider's own account: what came in, what left again, and what stayed.
import { isDeepStrictEqual } from 'node:util';
import type { CaseRecord } from '../../core/recovery/customer.ts';
import type { Report } from '../../core/reports/report.ts';
import type { TrueDeparture, TruePayment } from './market/ledger.ts';
import type { TrueCustomer, TrueInvoice } from './market/state.ts';
import { heardOf } from './laws.ts';

/** Money of a month in one currency, in minor units. */
type Money = { recovered: number; refunded: number; disputed: number; reversed: number; net: number };
/** By currency and month. */
type Months = Map<string, Money>;

type Book = CaseRecord['invoices'][number];
type Part = Pick<TruePayment, 'second' | 'minor'>;

const monthOfSecond = (second: number): string => new Date(second * 1000).toISOString().slice(0, 7);

const put = (months: Months, name: string, what: Exclude<keyof Money, 'net'>, minor: number): void => {
  const money = months.get(name) ?? { recovered: 0, refunded: 0, disputed: 0, reversed: 0, net: 0 };
  money[what] += minor;
  money.net += what === 'recovered' ? minor : -minor;
  months.set(name, money);
};

/** The payments that a failure was recovered by: of an invoice that was sent, those since it was first heard of. */
const partsOf = (invoice: TrueInvoice, book: Book): readonly Part[] => {
  const own = invoice.ledger.payments.filter(({ subjectId }) => subjectId === book.subjectId);
  let before =
    invoice.dueSecond === null || book.subjectId !== invoice.id ? 0 : (heardOf(invoice, book)?.paid ?? 0);
  return own.map(({ second, minor }) => {
    const passed = Math.min(before, minor);
    before -= passed;
    return { second, minor: minor - passed };
  });
};

const LEFT_AS = { refund: 'refunded', dispute: 'disputed', reversal: 'reversed' } as const;

/** A departure as far as it counts. */
type Counted = TrueDeparture & { readonly counted: number };

/**
 * What left of a failed invoice, by the rules that are published: only what was recovered by then, and is not needed for what left
 * later and was told before. Told in the order of time the order decides nothing else.
 */
const countedOf = (parts: readonly Part[], departures: readonly TrueDeparture[]): readonly Counted[] => {
  const counted: Counted[] = [];
  const leftAt = (second: number): number => {
    const came = parts.filter((part) => part.second <= second).reduce((sum, part) => sum + part.minor, 0);
    return counted
      .filter((one) => one.second <= second && (one.backSecond === null || one.backSecond > second))
      .reduce((rest, one) => rest - one.counted, came);
  };
  for (const departure of departures) {
    const { second, minor } = departure;
    const later = counted.map((one) => one.second).filter((time) => time > second);
    const room = Math.min(...[second, ...later].map(leftAt));
    counted.push({ ...departure, counted: Math.max(0, Math.min(minor, room)) });
  }
  return counted;
};

/** What left when it left: a refund when it was made, a dispute when the bank took the money; and what came back when it came. */
const putDepartures = (months: Months, currency: string, departures: readonly Counted[]): void => {
  for (const { kind, second, counted, backSecond } of departures) {
    const what = LEFT_AS[kind];
    put(months, `${currency} ${monthOfSecond(second)}`, what, counted);
    if (backSecond !== null) put(months, `${currency} ${monthOfSecond(backSecond)}`, what, -counted);
  }
};

const byTime = (departures: readonly TrueDeparture[]): readonly TrueDeparture[] =>
  departures.toSorted((a, b) => a.second - b.second);

const isSome = ([, money]: readonly [string, Money]): boolean =>
  Object.values(money).some((minor) => minor !== 0);

/** In which order what left of an invoice was told. */
type OrderOf = (invoice: TrueInvoice) => readonly TrueDeparture[];

const inTime: OrderOf = ({ ledger }) => byTime(ledger.departures);

const partsIn = (books: readonly Book[], invoice: TrueInvoice): readonly Part[] =>
  books.filter(({ invoiceId }) => invoiceId === invoice.id).flatMap((book) => partsOf(invoice, book));

/** What the provider's account comes to, of the failures that are in the books. */
const truly = (
  records: readonly CaseRecord[],
  customers: Iterable<TrueCustomer>,
  orderOf: OrderOf = inTime,
): Months => {
  const books = Map.groupBy(
    records.flatMap(({ invoices }) => invoices),
    ({ invoiceId }) => invoiceId,
  );
  const months: Months = new Map();
  for (const invoice of [...customers].flatMap(({ invoices }) => invoices)) {
    const { currency, id } = invoice;
    const parts = partsIn(books.get(id) ?? [], invoice);
    for (const { second, minor } of parts)
      put(months, `${currency} ${monthOfSecond(second)}`, 'recovered', minor);
    putDepartures(months, currency, countedOf(parts, orderOf(invoice)));
  }
  return months;
};

const permutations = <T>(items: readonly T[]): readonly (readonly T[])[] =>
  items.length < 2
    ? [items]
    : items.flatMap((item, i) => permutations(items.toSpliced(i, 1)).map((rest) => [item, ...rest]));

/** The orders in which what left may have been told, of the invoices of which more left than had been recovered. */
const ordersOf = (records: readonly CaseRecord[], { invoices }: TrueCustomer): readonly OrderOf[] => {
  const books = records.flatMap((record) => record.invoices);
  return invoices
    .filter((invoice) =>
      countedOf(partsIn(books, invoice), inTime(invoice)).some(({ minor, counted }) => counted < minor),
    )
    .reduce<readonly OrderOf[]>(
      (orders, invoice) =>
        permutations(inTime(invoice)).flatMap((order) =>
          orders.map(
            (of): OrderOf =>
              (one) =>
                one === invoice ? order : of(one),
          ),
        ),
      [inTime],
    );
};

const told = ({ currencies }: Report): Months =>
  new Map(
    currencies.flatMap(({ currency, moved }) =>
      moved.map((one): [string, Money] => [
        `${currency} ${one.month}`,
        {
          recovered: one.recovered.minor,
          refunded: one.refunded.minor,
          disputed: one.disputed.minor,
          reversed: one.reversed.minor,
          net: one.netMinor,
        },
      ]),
    ),
  );

/** Without the months in which nothing moved. */
const some = (months: Months): Months => new Map([...months].filter(isSome));

const differences = (ours: Months, theirs: Months): string[] => {
  const names = [...new Set([...some(ours).keys(), ...some(theirs).keys()])].sort();
  return names
    .filter((name) => !isDeepStrictEqual(some(ours).get(name), some(theirs).get(name)))
    .map((name) => `${name}: ${JSON.stringify(ours.get(name))}, truly ${JSON.stringify(theirs.get(name))}`);
};

/** What of the money by month is not as the provider has it, in words, told in the order of time. */
export const faultsOfMoney = (
  report: Report,
  records: readonly CaseRecord[],
  customers: ReadonlyMap<string, TrueCustomer>,
): string[] => differences(told(report), truly(records, customers.values()));

/** Whether the money by month of one customer is as the provider has it, if what left was told in some other order. */
export const isToldInAnotherOrder = (
  report: Report,
  records: readonly CaseRecord[],
  customer: TrueCustomer,
): boolean =>
  ordersOf(records, customer).some(
    (orderOf) => differences(told(report), truly(records, [customer], orderOf)).length === 0,
  );
