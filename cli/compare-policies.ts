// `recoup compare-policies`: the same simulated customers under several policies, and what each of them brings.
import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { Command } from 'commander';
import { wilson } from '../core/reports/interval.ts';
import { addTallies } from '../local/simulation/groups.ts';
import { simulateMany } from '../local/simulation/many-worlds.ts';
import type { Tally } from '../local/simulation/simulate.ts';
import { loadPolicy } from './load-policy.ts';
import { asJson, table } from './printed.ts';
import { wholeNumber } from './whole-number.ts';

type Options = {
  readonly customers: number;
  readonly days: number;
  readonly seeds: number;
  readonly json?: boolean;
};

const EXAMPLES = new URL('../examples/policies/', import.meta.url).pathname;
/** What several examples are made of, and no policy itself. */
const PARTS: ReadonlySet<string> = new Set(['ladder.ts']);

const examples = (): string[] =>
  readdirSync(EXAMPLES)
    .filter((name) => name.endsWith('.ts') && !PARTS.has(name))
    .sort()
    .map((name) => `${EXAMPLES}${name}`);

/** A policy and what it came to over all worlds. */
type Compared = { readonly policy: string; readonly tally: Tally };

const compare = async (file: string | undefined, options: Options): Promise<Compared> => {
  const { customers, days, seeds } = options;
  const policy = await loadPolicy(file);
  const worlds = Array.from({ length: seeds }, (_, i) => ({
    customers,
    days,
    seed: i + 1,
    faults: false,
    policy,
  }));
  const tallies: Tally[] = [];
  await simulateMany(worlds, { done: ({ tally }) => tallies.push(tally) });
  return { policy: file === undefined ? 'policy.ts' : basename(file), tally: addTallies(tallies) };
};

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

const rowOf = ({ policy, tally: { failures, recovered, mails, tries } }: Compared): string[] => {
  const share = wilson(recovered, failures);
  return [
    policy,
    String(failures),
    share ? percent(share.share) : 'none failed',
    share ? `${percent(share.low)} to ${percent(share.high)}` : '',
    failures > 0 ? (mails / failures).toFixed(2) : '',
    failures > 0 ? (tries / failures).toFixed(2) : '',
  ];
};

const HEAD = ['policy', 'failures', 'recovered', '95 % interval', 'mails a failure', 'tries a failure'];

const run = async (files: readonly string[], options: Options): Promise<void> => {
  const chosen = files.length > 0 ? files : [undefined, ...examples()];
  const compared: Compared[] = [];
  for (const file of chosen) compared.push(await compare(file, options));
  if (options.json) console.log(asJson(compared));
  else {
    console.log(table(HEAD, compared.map(rowOf)));
    console.log('Simulated customers, the same under each policy; not a promise about yours.');
  }
};

/** The command, ready to be added to the program. */
export const comparePoliciesCommand = (): Command =>
  new Command('compare-policies')
    .description('Runs the same simulated customers under several policies and compares what comes back.')
    .argument('[files...]', 'policies to compare; without any policy.ts and all of examples/policies')
    .option('--customers <n>', 'how many customers', wholeNumber(1, 100_000), 1000)
    .option('--days <n>', 'for how many days payments fail', wholeNumber(1, 3650), 60)
    .option('--seeds <k>', 'how many worlds a policy', wholeNumber(1, 1000), 4)
    .option('--json', 'print the counts as JSON')
    .action(run);
