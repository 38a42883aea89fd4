// What a failed payment's whole life costs: requests counted at the ports, priced by a dated table.
import { createMemoryStore } from '../adapters/memory/store.ts';
import type { Store } from '../core/ports.ts';
import { createRunner } from '../test/support/runner.ts';
import { story } from '../test/support/story.ts';

/** US dollars, us-east-1, on-demand, from AWS's public price pages as known in November 2026; free tiers left out. */
export const PRICES = {
  asOf: '2026-11',
  writeRequestUnit: 0.625 / 1e6,
  readRequestUnit: 0.125 / 1e6,
  lambdaRequest: 0.2 / 1e6,
  lambdaGbSecond: 0.0000133334,
  httpApiRequest: 1 / 1e6,
} as const;

/** A customer's item with one case and its index entries: 1 KB a write unit, 4 KB a strong read unit. */
const WRITE_UNITS_A_SAVE = 4;
/** A save that moves `dueAt` deletes one entry of the due index and puts another. */
const INDEX_UNITS_A_SAVE = 2;
const READ_UNITS_A_LOAD = 1;
/** A generous guess for a warm invocation of 512 MB. */
const SECONDS_A_REQUEST = 0.1;
const MEMORY_GB = 0.5;

type Counts = { reads: number; writes: number };

const counting = (store: Store, counts: Counts): Store => {
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

const dollars = ({ reads, writes }: Counts, invocations: number, webhooks: number): number =>
  writes * (WRITE_UNITS_A_SAVE + INDEX_UNITS_A_SAVE) * PRICES.writeRequestUnit +
  reads * READ_UNITS_A_LOAD * PRICES.readRequestUnit +
  invocations * (PRICES.lambdaRequest + SECONDS_A_REQUEST * MEMORY_GB * PRICES.lambdaGbSecond) +
  webhooks * PRICES.httpApiRequest;

/** Requests and dollars of one event, one mail, and a whole case: five events and four mails. */
export const benchCost = async (): Promise<Record<string, number | string>> => {
  const counts: Counts = { reads: 0, writes: 0 };
  const since = (before: Counts): Counts => ({
    reads: counts.reads - before.reads,
    writes: counts.writes - before.writes,
  });
  const runner = createRunner({ store: counting(createMemoryStore(), counts) });
  const s = story();
  const told = { told: false } as const;
  await runner.tell(...s.failed(0, { ...told, next: 3 }));
  const event = { ...counts };
  await runner.toDay(0.9);
  const beforeMail = { ...counts };
  await runner.toDay(1.1);
  const mail = since(beforeMail);
  await runner.toDay(3);
  await runner.tell(...s.failed(3, { ...told, attempt: 2, next: 5 }));
  await runner.toDay(5);
  await runner.tell(
    ...s.failed(5, { ...told, attempt: 3, next: 9 }),
    ...s.subscription('updated', 5, { status: 'past_due' }),
  );
  await runner.toDay(9);
  await runner.tell(...s.paid(9));
  await runner.toDay(40);
  // Five events of their own, four mails, and the daily looks at an open case, each its own invocation.
  const invocations = 5 + counts.reads;
  return {
    pricesAsOf: PRICES.asOf,
    readsAnEvent: event.reads,
    writesAnEvent: event.writes,
    writeUnitsAnEvent: event.writes * (WRITE_UNITS_A_SAVE + INDEX_UNITS_A_SAVE),
    readsAMail: mail.reads,
    writesAMail: mail.writes,
    writeUnitsAMail: mail.writes * (WRITE_UNITS_A_SAVE + INDEX_UNITS_A_SAVE),
    mailsACase: runner.mails.length,
    readsACase: counts.reads,
    writesACase: counts.writes,
    writeUnitsACase: counts.writes * (WRITE_UNITS_A_SAVE + INDEX_UNITS_A_SAVE),
    readUnitsACase: counts.reads * READ_UNITS_A_LOAD,
    dollarsACase: Number(dollars(counts, invocations, 5).toFixed(6)),
  };
};
