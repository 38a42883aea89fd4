// `recoup simulate`: a simulated business under the real code, with or without faults, and the laws that must hold.
import { Command, InvalidArgumentError } from 'commander';
import { formatMoney } from '../core/money.ts';
import { simulate, type Simulated } from '../local/simulation/simulate.ts';
import { loadPolicy } from './load-policy.ts';

type Options = {
  readonly customers: number;
  readonly days: number;
  readonly seed: number;
  readonly faults?: boolean;
  readonly policy?: string;
  readonly json?: boolean;
};

const whole =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new InvalidArgumentError(`Write a whole number from ${least} to ${most}.`);
    }
    return value;
  };

const MOST_SHOWN = 20;

const printed = (result: Simulated): string => {
  const { seed, customers, days, events, actions, lawsChecked, violations, totals, faults } = result;
  const money = Object.entries(totals).map(([currency, { failed, recovered, withdrawn, lost, open }]) => {
    const [f, r, w, l, o] = [failed, recovered, withdrawn, lost, open].map((minor) =>
      formatMoney({ minor, currency }, 'en'),
    );
    return `  ${currency}: failed ${f} = recovered ${r} + withdrawn ${w} + lost ${l} + open ${o}`;
  });
  const happened = Object.entries(faults).map(([name, count]) => `  ${count} × ${name.replaceAll('_', ' ')}`);
  const breaches = violations
    .slice(0, MOST_SHOWN)
    .map(({ law, customer, at, detail }) => `  ${at} ${customer}: ${law}: ${detail}`);
  return [
    `${customers} customers, ${days} days, seed ${seed}: ${events} events delivered, ${actions} mails sent.`,
    ...money,
    ...(happened.length > 0 ? ['Faults:', ...happened] : []),
    violations.length === 0
      ? `No law was broken (checked ${lawsChecked} times).`
      : `${violations.length} times a law was broken; the same seed shows it again:`,
    ...breaches,
  ].join('\n');
};

const run = async (options: Options): Promise<void> => {
  const { customers, days, seed, faults = false } = options;
  const policy = await loadPolicy(options.policy);
  const start = performance.now();
  const result = await simulate({ customers, days, seed, faults, policy });
  const elapsedMs = Math.round(performance.now() - start);
  console.log(options.json ? JSON.stringify({ ...result, elapsedMs }, null, 2) : printed(result));
  if (result.violations.length > 0) process.exitCode = 1;
};

/** The command, ready to be added to the program. */
export const simulateCommand = (): Command =>
  new Command('simulate')
    .description(
      'Runs a simulated business under the real code and checks that no law is broken. Nothing is sent.',
    )
    .option('--customers <n>', 'how many customers', whole(1, 1_000_000), 300)
    .option('--days <n>', 'for how many days payments fail', whole(1, 3650), 60)
    .option('--seed <n>', 'the same seed gives the same world', whole(0, 2 ** 32 - 1), 1)
    .option('--faults', 'let things go wrong: lost and late webhooks, crashes, time-outs, races')
    .option('--policy <file>', 'a policy to run instead of policy.ts (.ts or .json)')
    .option('--json', 'print everything as JSON')
    .action(run);
