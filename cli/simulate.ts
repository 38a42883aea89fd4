// `recoup simulate`: simulated businesses under the real code, with or without faults, and the laws that must hold.
import { Command } from 'commander';
import { formatMoney } from '../core/money.ts';
import type { Policy } from '../core/recovery/policy.ts';
import { FAULTS } from '../local/simulation/faults.ts';
import { addWorlds, groupsOf, type GroupViolation, type Merged } from '../local/simulation/groups.ts';
import { simulateMany } from '../local/simulation/many-worlds.ts';
import type { SimulateOptions } from '../local/simulation/simulate.ts';
import { shortestHistory } from '../local/simulation/shorten.ts';
import { GroupError } from '../local/simulation/workers.ts';
import { loadPolicy } from './load-policy.ts';
import { reportWorld } from './simulate-report.ts';
import { UserError } from './user-error.ts';
import { wholeNumber } from './whole-number.ts';

type Options = {
  readonly customers: number;
  readonly days: number;
  readonly seed: number;
  readonly seeds?: number;
  readonly faults?: boolean;
  readonly policy?: string;
  readonly report?: string;
  readonly json?: boolean;
};

/** A world as it is printed: what became of it, and how long it took. */
type Ran = Merged & { readonly elapsedMs: number };

const MOST_SEED = 2 ** 32 - 1;

const MOST_SHOWN = 20;

const count = (n: number, what: string): string => `${n.toLocaleString('en')} ${what}${n === 1 ? '' : 's'}`;

const seconds = (ms: number): string => `${(ms / 1000).toLocaleString('en', { maximumFractionDigits: 1 })} s`;

const again = ({ seed, customers }: GroupViolation): string => `(--seed ${seed} --customers ${customers})`;

const faultLines = (faults: Merged['faults'], withFaults: boolean): string[] => {
  const happened = Object.entries(faults).map(([name, n]) => `  ${n} × ${name.replaceAll('_', ' ')}`);
  const never = withFaults ? FAULTS.filter((name) => !faults[name]) : [];
  return [
    ...(happened.length > 0 ? ['Faults:', ...happened] : []),
    ...(never.length > 0 ? [`Never happened: ${never.join(', ').replaceAll('_', ' ')}.`] : []),
  ];
};

type Figures = Pick<Merged, 'events' | 'actions' | 'faults' | 'lawsChecked' | 'violations' | 'totals'>;

/** Everything of one world, or of several together, under a title. */
const printed = (title: string, figures: Figures, withFaults: boolean): string => {
  const { events, actions, lawsChecked, violations, totals, faults } = figures;
  const money = Object.entries(totals).map(([currency, { failed, recovered, withdrawn, lost, open }]) => {
    const [f, r, w, l, o] = [failed, recovered, withdrawn, lost, open].map((minor) =>
      formatMoney({ minor, currency }, 'en'),
    );
    return `  ${currency}: failed ${f} = recovered ${r} + withdrawn ${w} + lost ${l} + open ${o}`;
  });
  const breaches = violations
    .slice(0, MOST_SHOWN)
    .map((one) => `  ${one.at} ${one.customer}: ${one.law}: ${one.detail} ${again(one)}`);
  return [
    `${title}: ${count(events, 'event')} delivered, ${count(actions, 'action')} taken.`,
    ...money,
    ...faultLines(faults, withFaults),
    violations.length === 0
      ? `No law was broken (checked ${count(lawsChecked, 'time')}).`
      : `${count(violations.length, 'time')} a law was broken; what is in brackets shows it again:`,
    ...breaches,
  ].join('\n');
};

/** One world on one line. */
const line = ({ seed, events, actions, faults, violations, elapsedMs }: Ran): string => {
  const faulty = Object.values(faults).reduce((sum, n) => sum + n, 0);
  const broken = violations.length === 0 ? 'no law broken' : count(violations.length, 'VIOLATION');
  const what = [count(events, 'event'), count(actions, 'action'), count(faulty, 'fault'), broken];
  return `seed ${seed}: ${what.join(', ')}, ${seconds(elapsedMs)}`;
};

const together = (worlds: readonly Ran[]): Figures & { readonly customers: number } => ({
  ...addWorlds(worlds),
  customers: worlds.reduce((sum, world) => sum + world.customers, 0),
  violations: worlds.flatMap((world) => world.violations),
});

/** A world as a program reads it; a law broken in a group tells in its detail how that group is run alone. */
const asJson = (ran: Ran) => {
  const { seed, customers, days, events, actions, faults, lawsChecked, totals, elapsedMs } = ran;
  const violations = ran.violations.map((one) => {
    const isWhole = one.seed === seed && one.customers === customers;
    const { law, customer, at, detail } = one;
    return { law, customer, at, detail: isWhole ? detail : `${detail} ${again(one)}` };
  });
  return { seed, customers, days, events, actions, faults, lawsChecked, violations, totals, elapsedMs };
};

const showProgress = (ended: number, all: number): void => {
  process.stderr.write(`\r\u001B[K${ended} of ${all} groups of customers`);
};

/** What is told of a world once it has ended, where its report is asked for: beside the figures when those are data. */
const reporting = ({ report, json }: Options, policy: Policy): Pick<SimulateOptions, 'ended'> | null =>
  report === undefined
    ? null
    : {
        ended: async (world) => {
          const text = await reportWorld(world, policy, report);
          (json ? console.error : console.log)(`${text}\n`);
        },
      };

/** Runs the worlds of these seeds; each is told as it ends, in order. */
const runSeeds = async (options: Options, seeds: readonly number[], tell: (ran: Ran) => void) => {
  const { customers, days, faults = false } = options;
  const policy = await loadPolicy(options.policy);
  const ended = reporting(options, policy);
  const worlds = seeds.map((seed) => ({ customers, days, seed, faults, policy, ...ended }));
  if (ended && worlds.some((world) => groupsOf(world).length > 1))
    throw new UserError('--report takes one world of at most 2000 customers for a year, or fewer for longer');
  const showsProgress = process.stderr.isTTY;
  const clear = (): void => void (showsProgress && process.stderr.write('\r\u001B[K'));
  const done = (result: Merged, elapsedMs: number): void => {
    clear();
    tell({ ...result, elapsedMs });
  };
  await simulateMany(worlds, { done, ...(showsProgress && { progress: showProgress }) })
    .catch((error: unknown) => {
      throw error instanceof GroupError ? new UserError(error.message) : error;
    })
    .finally(clear);
};

/** Shows how the first broken law comes about; beside the figures, so that those can still be read by a program. */
const tellHistory = async (options: Options, broken: GroupViolation): Promise<void> => {
  const { days, faults = false } = options;
  const { seed, customers, law, customer } = broken;
  const policy = await loadPolicy(options.policy);
  const lines = await shortestHistory({ seed, customers, days, faults, policy }, broken);
  const title = `"${law}" by ${customer}, seed ${seed}`;
  console.error(
    lines === null
      ? `${title}: it takes the other customers to show it.`
      : [`${title}, the shortest history found:`, ...lines.map(({ at, what }) => `  ${at} ${what}`)].join(
          '\n',
        ),
  );
};

const run = async (options: Options): Promise<void> => {
  const { seed, seeds, days, json = false, faults = false } = options;
  const many = seeds ?? 1;
  if (options.report !== undefined && many > 1)
    throw new UserError('--report is of one world: leave --seeds out, and write --seed for another');
  if (seed + many - 1 > MOST_SEED) throw new UserError(`the last seed would be over ${MOST_SEED}`);
  const start = performance.now();
  const worlds: Ran[] = [];
  const all = Array.from({ length: many }, (_, i) => seed + i);
  await runSeeds(options, all, (ran) => {
    worlds.push(ran);
    if (seeds === undefined && !json) {
      console.log(printed(`${count(ran.customers, 'customer')}, ${days} days, seed ${seed}`, ran, faults));
    } else if (!json) console.log(line(ran));
  });
  if (json) {
    const shown = worlds.map(asJson);
    console.log(JSON.stringify(seeds === undefined ? shown[0] : shown, null, 2));
  } else if (seeds !== undefined) {
    const sum = together(worlds);
    const elapsed = seconds(performance.now() - start);
    const title = `${count(many, 'world')}, ${count(sum.customers, 'customer')}, ${days} days, ${elapsed}`;
    console.log(printed(title, sum, faults));
  }
  const [first] = worlds.flatMap((world) => world.violations);
  if (first === undefined) return;
  process.exitCode = 1;
  await tellHistory(options, first);
};

/** The command, ready to be added to the program. */
export const simulateCommand = (): Command =>
  new Command('simulate')
    .description(
      'Runs a simulated business under the real code and checks that no law is broken. Nothing is sent.',
    )
    .option('--customers <n>', 'how many customers', wholeNumber(1, 1_000_000), 300)
    .option('--days <n>', 'for how many days payments fail', wholeNumber(1, 3650), 60)
    .option('--seed <n>', 'the same seed gives the same world', wholeNumber(0, MOST_SEED), 1)
    .option('--seeds <k>', 'run so many worlds, of this seed and those after it', wholeNumber(1, 100_000))
    .option('--faults', 'let things go wrong: lost and late webhooks, crashes, time-outs, races')
    .option('--policy <file>', 'a policy to run instead of policy.ts (.ts or .json)')
    .option(
      '--report <folder>',
      'the report of the world, beside the provider’s own events: printed, and written there as files',
    )
    .option('--json', 'print everything as JSON')
    .action(run);
