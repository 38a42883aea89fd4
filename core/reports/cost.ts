// What it costs to run Recoup: the requests that stand on the books, each at its price in a dated table.
import { exponentOf } from '../money.ts';
import type { Cell, Tally } from './tally.ts';

/**
 * US dollars, us-east-1, on demand, from the public price pages of DynamoDB, Lambda, API Gateway and SES as known in November
 * 2026; free tiers left out.
 */
export const PRICES = {
  asOf: '2026-11',
  writeRequestUnit: 0.625 / 1e6,
  readRequestUnit: 0.125 / 1e6,
  lambdaRequest: 0.2 / 1e6,
  lambdaGbSecond: 0.0000133334,
  httpApiRequest: 1 / 1e6,
  mail: 0.1 / 1e3,
} as const;

/** What one request is taken for where it is not measured: constants, the same for every case. */
export const FACTORS = {
  /** A customer's item with one case and its index entries: 1 KB a write unit, 4 KB a strong read unit. */
  writeUnitsASave: 4,
  /** A save that moves `dueAt` deletes one entry of the due index and puts another. */
  indexUnitsASave: 2,
  readUnitsALoad: 1,
  /** A generous guess for a warm invocation of 512 MB; each visit is taken for one of its own. */
  secondsARequest: 0.1,
  memoryGb: 0.5,
} as const;

const invocation = PRICES.lambdaRequest + FACTORS.secondsARequest * FACTORS.memoryGb * PRICES.lambdaGbSecond;
const load = FACTORS.readUnitsALoad * PRICES.readRequestUnit;
const save = (FACTORS.writeUnitsASave + FACTORS.indexUnitsASave) * PRICES.writeRequestUnit;

/** The kinds of requests that are counted, and what has no count of its own. */
export const REQUEST_KINDS = ['received', 'visits', 'writes', 'mails', 'uncounted'] as const;
export type RequestKind = (typeof REQUEST_KINDS)[number];

/**
 * What one request of each kind costs, in US dollars. `received` and `visits` have their read in them, and every write is taken
 * for a save of the customer's item. `uncounted`: a case that ran before requests were counted, without its mails, at what
 * `npm run bench` counts for one of five events and four mails.
 */
export const REQUEST_PRICES: Readonly<Record<RequestKind, number>> = {
  received: PRICES.httpApiRequest + invocation + load,
  visits: invocation + load,
  writes: save,
  mails: PRICES.mail,
  uncounted: 0.0002,
};

/** What some cases cost, in US dollars. */
export type RunningCost = {
  readonly asOf: string;
  readonly cases: number;
  /** By kind: how many, and what they come to. */
  readonly requests: Readonly<Record<RequestKind, { readonly n: number; readonly dollars: number }>>;
  readonly dollars: number;
  /** Of each invoice that was recovered; null when none was. */
  readonly anInvoice: number | null;
  /**
   * Each currency's share of `dollars`, by its share of the failures in number; and what each major unit of it that was
   * recovered has cost: null when nothing was.
   */
  readonly currencies: readonly {
    readonly currency: string;
    readonly dollars: number;
    readonly aUnit: number | null;
  }[];
};

type OfCurrency = { readonly currency: string; readonly cell: Cell };

const total = (all: readonly OfCurrency[], part: 'failed' | 'recovered'): number =>
  all.reduce((sum, { cell }) => sum + cell[part].n, 0);

/** What the cases of a report cost, with everything that was recovered by them. Currencies are never added. */
export const costOf = (
  { cases, requests: { counted, ...numbers } }: Pick<Tally, 'cases' | 'requests'>,
  currencies: readonly OfCurrency[],
): RunningCost => {
  const all = { ...numbers, uncounted: cases - counted };
  const requests = Object.fromEntries(
    REQUEST_KINDS.map((kind) => [kind, { n: all[kind], dollars: all[kind] * REQUEST_PRICES[kind] }]),
  ) as RunningCost['requests'];
  const dollars = REQUEST_KINDS.reduce((sum, kind) => sum + requests[kind].dollars, 0);
  const [failed, recovered] = [total(currencies, 'failed'), total(currencies, 'recovered')];
  return {
    asOf: PRICES.asOf,
    cases,
    requests,
    dollars,
    anInvoice: recovered === 0 ? null : dollars / recovered,
    currencies: currencies.map(({ currency, cell }) => {
      const share = failed === 0 ? 0 : (dollars * cell.failed.n) / failed;
      const units = cell.recovered.minor / 10 ** exponentOf(currency);
      return { currency, dollars: share, aUnit: units === 0 ? null : share / units };
    }),
  };
};
