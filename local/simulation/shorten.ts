// From a broken law in a world of many to the shortest history found in which one customer shows it.
import { splitKey, type CustomerKey } from '../../core/ids.ts';
import { simulate, type SimulateOptions } from './simulate.ts';

/** Which law was broken, and by whose item. */
export type Broken = { readonly law: string; readonly customer: string };

/** One line of a history: when, whose (`''` = nobody's), what. */
export type HistoryLine = { readonly at: string; readonly customer: string; readonly what: string };

/** How often the world of one customer is run at most to find a shorter history. */
const MOST_RUNS = 300;

type Search = {
  /** Whether the law is still broken when these happenings do not come about. */
  readonly shows: (leftOut: ReadonlySet<string>, onHappening?: (name: string) => void) => Promise<boolean>;
  runs: number;
};

/** Leaves out whatever the law is broken without: half of all happenings at first, then ever smaller parts of them. */
const leaveOut = async (
  search: Search,
  happened: readonly string[],
  out: ReadonlySet<string>,
): Promise<ReadonlySet<string>> => {
  let without = out;
  for (let size = Math.ceil(happened.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < happened.length && search.runs < MOST_RUNS; from += size) {
      const part = happened.slice(from, from + size).filter((name) => !without.has(name));
      const more = new Set([...without, ...part]);
      if (part.length > 0 && (await search.shows(more))) without = more;
    }
  }
  return without;
};

/** Everything that may be left out and comes about all the same. */
const happenings = async (search: Search, out: ReadonlySet<string>): Promise<string[]> => {
  const names: string[] = [];
  await search.shows(out, (name) => names.push(name));
  return names;
};

/**
 * Looks for the shortest history that shows a broken law: the world of this one customer, with every bill, act of the
 * customer and fault left out that it does not need. null = the customer alone does not show it.
 */
export const shortestHistory = async (
  options: SimulateOptions,
  { law, customer }: Broken,
): Promise<readonly HistoryLine[] | null> => {
  const only = splitKey(customer as CustomerKey).customerId;
  const search: Search = {
    runs: 0,
    shows: async (leftOut, onHappening) => {
      search.runs += 1;
      const { violations } = await simulate({
        ...options,
        only,
        leftOut,
        ...(onHappening && { onHappening }),
      });
      return violations.some((one) => one.law === law && one.customer === customer);
    },
  };
  if (!(await search.shows(new Set()))) return null;
  let out: ReadonlySet<string> = new Set();
  // What is left out changes what comes after it, so look again until nothing more can go.
  for (let before = -1; before !== out.size && search.runs < MOST_RUNS;) {
    before = out.size;
    out = await leaveOut(search, await happenings(search, out), out);
  }
  const lines: HistoryLine[] = [];
  await simulate({ ...options, only, leftOut: out, trace: (line) => lines.push(line) });
  return lines;
};
