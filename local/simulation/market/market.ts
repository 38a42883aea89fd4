// A provider that behaves like Stripe: tries, declines, retries, gives up; its customers act as people do.
import type { Account, Message, Provider } from '../../../core/ports.ts';
import type { Random } from '../../demo/random.ts';
import { accountOf } from './account.ts';
import { planBills } from './billing.ts';
import { heed, payAll, read, type SetAbout } from './customer-acts.ts';
import type { Person } from './people.ts';
import { providerOf, type Witness } from './provider.ts';
import { createMarketState, type Logged, type Stage, type TrueCustomer } from './state.ts';

/** A market as the simulation uses it: what it drives, what it looks at, the port for the code under test. */
export type Market = {
  readonly provider: Provider;
  /** The same market page by page, for whoever walks through it. */
  readonly account: Account;
  readonly customers: ReadonlyMap<string, TrueCustomer>;
  /** Everything the provider keeps in its event log. */
  readonly log: readonly Logged[];
  /** How many tries after the first were made so far. */
  readonly tries: () => number;
  /** Plans every bill of every subscription for so many days from a second on. */
  readonly planBills: (startSecond: number, days: number) => void;
  /** A mail about an invoice has reached its reader, who may act on it. */
  readonly read: (
    customerId: string,
    invoiceId: string,
    message: Message,
    second: number,
    setAbout: SetAbout,
  ) => void;
  /** A mail about what lies ahead has reached its reader; `aboutId` is a subscription or a card. */
  readonly heed: (
    customerId: string,
    aboutId: string,
    message: Message,
    second: number,
    setAbout: SetAbout,
  ) => void;
  /** A customer pays everything at once, this very moment. */
  readonly payAll: (customerId: string, second: number) => void;
};

/** What a market is made of besides chance. */
export type MarketOptions = {
  readonly people: readonly Person[];
  readonly stage: Stage;
  readonly witness: Witness;
  /** Whether the provider tries again by itself, or leaves that to the code under test. */
  readonly retriesItself: boolean;
  readonly secondNow: () => number;
};

/** Makes a market. All chance comes from `random`; nothing reads a clock. */
export const createMarket = (random: Random, options: MarketOptions): Market => {
  const { people, stage, witness, retriesItself, secondNow } = options;
  const state = createMarketState(random, people, stage, retriesItself);
  return {
    provider: providerOf(state, witness, secondNow),
    account: accountOf(state),
    customers: state.customers,
    log: state.log,
    tries: () => state.tries,
    planBills: (startSecond, days) => planBills(state, startSecond, days),
    read: (customerId, invoiceId, message, second, setAbout) => {
      const customer = state.customers.get(customerId);
      const invoice = customer?.invoices.find(({ id }) => id === invoiceId);
      if (customer && invoice) read(state, { customer, invoice }, message, second, setAbout);
    },
    heed: (customerId, aboutId, message, second, setAbout) => {
      const customer = state.customers.get(customerId);
      if (customer) heed(state, customer, message, aboutId, second, setAbout);
    },
    payAll: (customerId, second) => payAll(state, customerId, second),
  };
};
