// A big world in groups: customers share nothing but the process they are run in, so each group is run by itself.
import { hash32 } from '../../core/ids.ts';
import type { CaseTotals } from '../../core/reports/outcome.ts';
import type { Violation } from './laws.ts';
import type { SimulateOptions, Simulated, Tally } from './simulate.ts';

/** At most so many customers are one group, for so many days in all: it bounds what a group holds in memory. */
const MOST_CUSTOMERS = 2000;
const MOST_CUSTOMER_DAYS = MOST_CUSTOMERS * 365;

/** A broken law, and the world of one group that shows it again. */
export type GroupViolation = Violation & { readonly seed: number; readonly customers: number };

/** What became of a world that was run in groups. */
export type Merged = Omit<Simulated, 'violations'> & { readonly violations: readonly GroupViolation[] };

/**
 * The groups of a world, as even as can be; each is a world with a seed of its own. A world of one group is that
 * group, so a group's seed and number of customers show it again.
 */
export const groupsOf = (world: SimulateOptions, mostCustomers = MOST_CUSTOMERS): SimulateOptions[] => {
  const { customers, days, seed } = world;
  const size = Math.max(1, Math.min(mostCustomers, Math.floor(MOST_CUSTOMER_DAYS / days)));
  const count = Math.ceil(customers / size);
  if (count === 1) return [world];
  return Array.from({ length: count }, (_, i) => ({
    ...world,
    customers: Math.floor(customers / count) + (i < customers % count ? 1 : 0),
    seed: hash32(`${seed} group ${i}`),
  }));
};

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

/** The names of several records, each once, in the order they are first met. */
const namesOf = (records: readonly Readonly<Record<string, unknown>>[]): string[] => [
  ...new Set(records.flatMap((record) => Object.keys(record))),
];

/** How often each fault happened in several worlds. */
const addFaults = (parts: readonly Simulated['faults'][]): Simulated['faults'] =>
  Object.fromEntries(namesOf(parts).map((name) => [name, sum(parts.map((part) => part[name] ?? 0))]));

/** The money of several worlds, by currency, in the order of the currencies' codes. */
const addTotals = (parts: readonly Simulated['totals'][]): Simulated['totals'] =>
  Object.fromEntries(
    namesOf(parts)
      .sort()
      .map((currency) => {
        const of = (name: keyof CaseTotals): number => sum(parts.map((part) => part[currency]?.[name] ?? 0));
        const total: CaseTotals = {
          failed: of('failed'),
          recovered: of('recovered'),
          withdrawn: of('withdrawn'),
          lost: of('lost'),
          open: of('open'),
        };
        return [currency, total];
      }),
  );

/** What policies are compared by, of several worlds. */
export const addTallies = (parts: readonly Tally[]): Tally => ({
  failures: sum(parts.map((part) => part.failures)),
  recovered: sum(parts.map((part) => part.recovered)),
  mails: sum(parts.map((part) => part.mails)),
  tries: sum(parts.map((part) => part.tries)),
  overdue: sum(parts.map((part) => part.overdue)),
  overduePaid: sum(parts.map((part) => part.overduePaid)),
  notices: sum(parts.map((part) => part.notices)),
});

/** What can be added up of several worlds. */
export type Sums = Pick<Simulated, 'events' | 'actions' | 'faults' | 'lawsChecked' | 'totals' | 'tally'>;

/** Several worlds, or groups of one, together. */
export const addWorlds = (parts: readonly Sums[]): Sums => ({
  events: sum(parts.map((part) => part.events)),
  actions: sum(parts.map((part) => part.actions)),
  faults: addFaults(parts.map((part) => part.faults)),
  lawsChecked: sum(parts.map((part) => part.lawsChecked)),
  totals: addTotals(parts.map((part) => part.totals)),
  tally: addTallies(parts.map((part) => part.tally)),
});

/** What became of a world whose groups came to this, in the order of the groups. */
export const mergeGroups = (world: SimulateOptions, groups: readonly Simulated[]): Merged => ({
  ...addWorlds(groups),
  seed: world.seed,
  customers: world.customers,
  days: world.days,
  violations: groups.flatMap(({ violations, seed, customers }) =>
    violations.map((violation) => ({ ...violation, seed, customers })),
  ),
});
