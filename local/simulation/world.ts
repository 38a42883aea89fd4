// One simulated world: its clock, its chance, its store, and what is still to happen in it.
import TinyQueue from 'tinyqueue';
import { createMemoryStore } from '../../adapters/memory/store.ts';
import type { Store, Telemetry } from '../../core/ports.ts';
import type { Customer } from '../../core/recovery/customer.ts';
import { instantFromSeconds, toMs } from '../../core/time.ts';
import { START_S } from './business.ts';
import { createVirtualClock, watchDue, type DueWatch, type VirtualClock } from '../clock.ts';
import { createRandom, type Random } from '../demo/random.ts';
import { createFaults, type Faults, type Process } from './faults.ts';
import { createInspection, inspectedStore, type Inspection } from './inspection.ts';

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

/** Told of everything that befalls a customer, as a history to be read. */
export type Trace = (line: { readonly at: string; readonly customer: string; readonly what: string }) => void;

/** What a world is made of. */
export type WorldOptions = {
  readonly seed: number;
  readonly faults: boolean;
  /** Happenings that do not come about: bills, acts of customers, faults, by their names. */
  readonly leftOut?: ReadonlySet<string>;
  /** Told the name of each happening that may be left out, as it comes about. */
  readonly onHappening?: (happening: string) => void;
  readonly trace?: Trace;
  /** Events of the mail service that never come, by the names of their types. */
  readonly unheard?: ReadonlySet<string>;
};

/** Everything one run holds and counts. */
export type World = {
  readonly random: Random;
  readonly faults: Faults;
  readonly clock: VirtualClock;
  readonly queue: TinyQueue<Happening>;
  /** The life of the door and the sweepers. */
  readonly process: Process;
  readonly inspection: Inspection;
  /** The store itself, where no fault happens and nothing is inspected. */
  readonly memory: Store;
  /** The same store, inspected at every save and watched for what is due. */
  readonly watch: DueWatch;
  readonly leftOut: (happening: string) => boolean;
  readonly unheard: ReadonlySet<string>;
  /** Writes a line of a customer's history. */
  readonly tell: (customer: string, what: string) => void;
  /** The chance of what befalls a customer's webhooks. */
  readonly luckOf: (customerId: string) => Random;
  /** How many happenings were ever asked for. */
  asked: number;
  /** How many events were delivered, how many mails were sent, retries made and ends carried out. */
  events: number;
  actions: number;
};

/** What a save says to a reader of the history; null = nothing new. */
const savedLine = (customer: Customer, before: Customer | undefined): string | null => {
  const [is, was] = [customer.recovery.case, before?.recovery.case ?? null];
  const armed = customer.pending?.armed;
  if (armed && armed !== before?.pending?.armed) return `armed ${armed.kind} ${armed.key}`;
  if (is && !was) return `case ${is.id} opened`;
  if (!is && was) return `case ${was.id} let go of`;
  if (customer.setAsideAt && !before?.setAsideAt) return `set aside: ${customer.trouble?.why ?? ''}`;
  return null;
};

/** A world in which nothing has happened yet. */
export const createWorld = (options: WorldOptions): World => {
  const { seed, faults: enabled, leftOut, onHappening, trace, unheard = new Set() } = options;
  const random = createRandom(seed);
  const clock = createVirtualClock(instantFromSeconds(START_S));
  const isLeftOut = (happening: string): boolean => {
    if (leftOut?.has(happening)) return true;
    onHappening?.(happening);
    return false;
  };
  const tell = (customer: string, what: string) => trace?.({ at: clock.now(), customer, what });
  const faults = createFaults(random.fork('faults'), {
    enabled,
    leftOut: (happening) => {
      const out = isLeftOut(happening);
      if (!out) tell('', happening);
      return out;
    },
  });
  const inspection = createInspection();
  const memory = createMemoryStore({ indexLag: () => faults.happens('index_lag') });
  const saved = (customer: Customer, before: Customer | undefined): void => {
    const line = trace && savedLine(customer, before);
    if (line) tell(customer.key, line);
  };
  const luck = new Map<string, Random>();
  return {
    random,
    faults,
    clock,
    queue: new TinyQueue<Happening>([], (a, b) => a.at - b.at || a.order - b.order),
    process: { dead: false },
    inspection,
    memory,
    watch: watchDue(inspectedStore(memory, inspection, clock.now, saved)),
    leftOut: isLeftOut,
    unheard,
    tell,
    luckOf: (customerId) => {
      const own = luck.get(customerId) ?? random.fork(`luck ${customerId}`);
      luck.set(customerId, own);
      return own;
    },
    asked: 0,
    events: 0,
    actions: 0,
  };
};

/** Makes something come about at a second. */
export const later = (world: World, at: number, happen: Happening['happen']): void => {
  world.asked += 1;
  world.queue.push({ at, order: world.asked, happen });
};

/** The second it is in a world. */
export const secondOf = ({ clock }: World): number => Math.floor(toMs(clock.now()) / 1000);
