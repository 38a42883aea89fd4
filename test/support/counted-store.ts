// Counts the requests that reach a store, at its port: what a run really took.
import type { Store } from '../../core/ports.ts';

/** Of one customer's life: what is read for sweeps, lists and reports is not counted. */
export type Counts = { reads: number; writes: number };

/** The store, whose reads and writes are counted into `counts`. */
export const countedStore = (store: Store, counts: Counts): Store => {
  const read =
    <A extends unknown[], R>(operation: (...args: A) => Promise<R>) =>
    (...args: A) => {
      counts.reads += 1;
      return operation(...args);
    };
  const write =
    <A extends unknown[], R>(operation: (...args: A) => Promise<R>) =>
    (...args: A) => {
      counts.writes += 1;
      return operation(...args);
    };
  return {
    ...store,
    load: read((...args) => store.load(...args)),
    loadUnrouted: read((...args) => store.loadUnrouted(...args)),
    save: write((...args) => store.save(...args)),
    saveUnrouted: write((...args) => store.saveUnrouted(...args)),
    deleteUnrouted: write((...args) => store.deleteUnrouted(...args)),
    closeCase: write((...args) => store.closeCase(...args)),
    putAdjustment: write((...args) => store.putAdjustment(...args)),
    putJournalPage: write((...args) => store.putJournalPage(...args)),
    markStale: write((...args) => store.markStale(...args)),
  };
};
