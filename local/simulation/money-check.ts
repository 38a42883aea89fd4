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

/**
 * What left of a failed invoice, by the rules that are published: only what was recovered by then and had not left before; a
 * refund when it was made, a dispute when the bank took the money; and what came back when it came.
 */
const putDepartures = (
  months: Months,
  currency: string,
  parts: readonly Part[],
  departures: readonly TrueDeparture[],
): void => {
  const counted: { readonly minor: number; readonly backSecond: number | null }[] = [];
  for (const { kind, second, minor, backSecond } of departures.toSorted((a, b) => a.second - b.second)) {
    const came = parts.filter((part) => part.second <= second).reduce((sum, part) => sum + part.minor, 0);
    const gone = counted
      .filter((one) => one.backSecond === null || one.backSecond > second)
      .reduce((sum, one) => sum + one.minor, 0);
    const left = Math.max(0, Math.min(minor, came - gone));
    const what = LEFT_AS[kind];
    put(months, `${currency} ${monthOfSecond(second)}`, what, left);
    if (backSecond !== null) put(months, `${currency} ${monthOfSecond(backSecond)}`, what, -left);
    counted.push({ minor: left, backSecond });
  }
};

const isSome = ([, money]: readonly [string, Money]): boolean =>
  Object.values(money).some((minor) => minor !== 0);

/** What the provider's account comes to, of the failures that are in the books. */
const truly = (records: readonly CaseRecord[], customers: Iterable<TrueCustomer>): Months => {
  const books = new Map<string, Book[]>();
  for (const book of records.flatMap(({ invoices }) => invoices))
    books.set(book.invoiceId, [...(books.get(book.invoiceId) ?? []), book]);
  const months: Months = new Map();
  for (const invoice of [...customers].flatMap(({ invoices }) => invoices)) {
    const { currency, ledger } = invoice;
    const parts = (books.get(invoice.id) ?? []).flatMap((book) => partsOf(invoice, book));
    for (const { second, minor } of parts)
      put(months, `${currency} ${monthOfSecond(second)}`, 'recovered', minor);
    putDepartures(months, currency, parts, ledger.departures);
  }
  return months;
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

/** What of the money by month is not as the provider has it, in words. */
export const faultsOfMoney = (
  report: Report,
  records: readonly CaseRecord[],
  customers: ReadonlyMap<string, TrueCustomer>,
): string[] => {
  const [ours, theirs] = [told(report), truly(records, customers.values())];
  const names = [...new Set([...some(ours).keys(), ...some(theirs).keys()])].sort();
  return names
    .filter((name) => !isDeepStrictEqual(some(ours).get(name), some(theirs).get(name)))
    .map((name) => `${name}: ${JSON.stringify(ours.get(name))}, truly ${JSON.stringify(theirs.get(name))}`);
};
