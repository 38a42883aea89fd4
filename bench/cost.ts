// What a failed payment's whole life costs: requests counted at the ports, priced by a dated table.
import { createMemoryStore } from '../adapters/memory/store.ts';
import { FACTORS, PRICES, REQUEST_PRICES } from '../core/reports/cost.ts';
import { countedStore, type Counts } from '../test/support/counted-store.ts';
import { createRunner } from '../test/support/runner.ts';
import { story } from '../test/support/story.ts';

/** What a save takes, in write units. */
const A_SAVE = FACTORS.writeUnitsASave + FACTORS.indexUnitsASave;
const EVENTS = 5;

/** Requests and dollars of one event, one mail, and a whole case: five events and four mails. */
export const benchCost = async (): Promise<Record<string, number | string>> => {
  const counts: Counts = { reads: 0, writes: 0 };
  const since = (before: Counts): Counts => ({
    reads: counts.reads - before.reads,
    writes: counts.writes - before.writes,
  });
  const runner = createRunner({ store: countedStore(createMemoryStore(), counts) });
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
  // What is not an event is a look at an open case, by its heartbeat or for a mail.
  const dollars =
    EVENTS * REQUEST_PRICES.received +
    (counts.reads - EVENTS) * REQUEST_PRICES.visits +
    counts.writes * REQUEST_PRICES.writes;
  return {
    pricesAsOf: PRICES.asOf,
    readsAnEvent: event.reads,
    writesAnEvent: event.writes,
    writeUnitsAnEvent: event.writes * A_SAVE,
    readsAMail: mail.reads,
    writesAMail: mail.writes,
    writeUnitsAMail: mail.writes * A_SAVE,
    mailsACase: runner.mails.length,
    readsACase: counts.reads,
    writesACase: counts.writes,
    writeUnitsACase: counts.writes * A_SAVE,
    readUnitsACase: counts.reads * FACTORS.readUnitsALoad,
    dollarsACase: Number(dollars.toFixed(6)),
  };
};
