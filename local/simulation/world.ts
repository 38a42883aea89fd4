// One simulated world: its clock, its chance, its store, and what is still to happen in it.
import TinyQueue from 'tinyqueue';
import { createMemoryStore } from '../../adapters/memory/store.ts';
import type { Store, Telemetry } from '../../core/ports.ts';
import { instantFromSeconds, toMs } from '../../core/time.ts';
import { createVirtualClock, watchDue, type DueWatch, type VirtualClock } from '../clock.ts';
import { createRandom, type Random } from '../demo/random.ts';
import { createFaults, type Faults, type Process } from './faults.ts';
import { createInspection, inspectedStore, type Inspection } from './inspection.ts';

/** When every world begins. */
export const START_S = Date.UTC(2026, 0, 5, 8) / 1000;
/** The one connection of a simulated business. */
export const CONNECTION = 'stripe';
/** Counts nothing: a simulation looks at the store and the books. */
export const SILENT: Telemetry = { count: () => {}, gauge: () => {} };

/** Waits for nothing: only the clock's run moves time on. */
export const noBackOff = async (): Promise<void> => {};

/** Something that comes about outside at a second; within one second in the order it was asked for. */
export type Happening = {
  readonly at: number;
  readonly order: number;
  readonly happen: (second: number) => Promise<void> | void;
};

/** Everything one run holds and counts. */
export type World = {
  readonly random: Random;
  readonly faults: Faults;
  readonly clock: VirtualClock;
  readonly queue: TinyQueue<Happening>;
  readonly process: Process;
  readonly inspection: Inspection;
  /** The store itself, where no fault happens and nothing is inspected. */
  readonly memory: Store;
  /** The same store, inspected at every save and watched for what is due. */
  readonly watch: DueWatch;
  /** How many happenings were ever asked for. */
  asked: number;
  /** How many events were delivered, and how many mails were sent. */
  events: number;
  mails: number;
};

/** A world in which nothing has happened yet. */
export const createWorld = (seed: number, withFaults: boolean): World => {
  const random = createRandom(seed);
  const faults = createFaults(random.fork('faults'), withFaults);
  const clock = createVirtualClock(instantFromSeconds(START_S));
  const inspection = createInspection();
  const memory = createMemoryStore({ indexLag: () => faults.happens('index_lag') });
  return {
    random,
    faults,
    clock,
    queue: new TinyQueue<Happening>([], (a, b) => a.at - b.at || a.order - b.order),
    process: { dead: false },
    inspection,
    memory,
    watch: watchDue(inspectedStore(memory, inspection, clock.now)),
    asked: 0,
    events: 0,
    mails: 0,
  };
};

/** Makes something come about at a second. */
export const later = (world: World, at: number, happen: Happening['happen']): void => {
  world.asked += 1;
  world.queue.push({ at, order: world.asked, happen });
};

/** The second it is in a world. */
export const secondOf = ({ clock }: World): number => Math.floor(toMs(clock.now()) / 1000);
