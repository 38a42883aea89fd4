// A provider that behaves like Stripe: tries, declines, retries, gives up; its customers act as people do.
import type { Provider } from '../../core/ports.ts';
import type { Subscriber } from '../demo/objects.ts';
import type { Random } from '../demo/random.ts';
import { bill } from './billing.ts';
import { payAll, read } from './customer-acts.ts';
import { createMarketState, type Logged, type Stage, type TrueCustomer } from './market-state.ts';
import { providerOf } from './provider.ts';

/** A market as the simulation uses it: what it drives, what it looks at, the port for the code under test. */
export type Market = {
  readonly provider: Provider;
  readonly customers: ReadonlyMap<string, TrueCustomer>;
  /** Everything the provider keeps in its event log. */
  readonly log: readonly Logged[];
  /** Fails the payment of a new invoice of a customer; all that follows comes about by itself. */
  readonly bill: (customerId: string, second: number) => void;
  /** A mail has reached its reader, who may act on it. */
  readonly read: (customerId: string, second: number) => void;
  /** A customer pays everything at once, this very moment. */
  readonly payAll: (customerId: string, second: number) => void;
};

/** Makes a market. All chance comes from `random`; nothing reads a clock. */
export const createMarket = (random: Random, people: readonly Subscriber[], stage: Stage): Market => {
  const state = createMarketState(random, people, stage);
  return {
    provider: providerOf(state),
    customers: state.customers,
    log: state.log,
    bill: (customerId, second) => bill(state, customerId, second),
    read: (customerId, second) => read(state, customerId, second),
    payAll: (customerId, second) => payAll(state, customerId, second),
  };
};
